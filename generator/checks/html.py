"""What is wrong with one finished page by itself.

It asks the page's :class:`~generator.checks.facts.PageFacts`. Links need the whole site: see
:mod:`generator.checks.links`.

================  ==========================================================================================
code              meaning
================  ==========================================================================================
``html-lang``     the page does not say which language it is in
``html-title``    the page has no title
``html-policy``   the security policy is missing, comes too late, or allows more than the theme needs
``html-inline``   a style, script or frame inside the page, which the security policy will not let run
``html-h1``       the page has no main heading, or several
``html-heading``  a heading is more than one level below the one before it (a warning)
``html-alt``      a picture without a text for those who can't see it
``html-svg``      a drawing without a name
``html-id``       two elements with one id
``html-idref``    an attribute names an id that is not on the page
``html-leftover`` the page shows or holds syntax that should have become something else
================  ==========================================================================================
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from generator.checks.facts import Found, PageFacts
from generator.problems import Location, Problem

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

_POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'", "'wasm-unsafe-eval'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "base-uri": {"'none'"},
    "form-action": {"'none'"},
}
"""The most a page's policy may allow. Compiling WebAssembly is for the page that searches."""

_REQUIRED = ("default-src", "base-uri", "form-action")  # the last two do not follow the first


def check_page(facts: PageFacts, path: str) -> Iterator[Problem]:
    """What is wrong with a page by itself; ``path`` is its path in the site.

    Things of one kind are one problem, at the first of them.
    """
    whole = Location(path)
    if not _LANGUAGE.fullmatch(facts.lang):
        told = f"says its language is {facts.lang!r}" if facts.lang else "does not say which language it is in"
        yield Problem("html-lang", f"the page {told}", whole, 'Write <html lang="en">, or your language.')
    if not facts.title:
        yield Problem("html-title", "the page has no title", whole, "Give the document a title.")
    yield from _check_policy(facts, whole)
    yield from _check_headings(facts, path)
    yield from _check_names(facts, path)
    for kind, many in Counter(each.text for each in facts.inline).items():
        first = next(each for each in facts.inline if each.text == kind)
        message = f"the page has {_some(many, kind)}, which its security policy forbids"
        hint = "Use a class and the style sheet, or a script file of the site."
        yield Problem("html-inline", message, _at(path, first), hint)
    if facts.leftovers:
        first = facts.leftovers[0]
        more = f" (and {len(facts.leftovers) - 1} more)" if len(facts.leftovers) > 1 else ""
        message = f"syntax is left over in the finished page: {_visible(first.text)}{more}"
        hint = "Close the expression, or put it into backquotes if it is meant to be read."
        yield Problem("html-leftover", message, _at(path, first), hint)


def joined(problems: Iterable[Problem]) -> Iterator[Problem]:
    """What is wrong with the pages of a site; what many have in common is one problem that names them all."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.code, problem.message), []).append(problem)
    for same in found.values():
        paths = dict.fromkeys(problem.location.path for problem in same)
        yield replace(same[0], entities=tuple(paths)) if len(paths) > 1 else same[0]


def _check_policy(facts: PageFacts, whole: Location) -> Iterator[Problem]:
    hint = "Keep the policy of the theme's base.html."
    if facts.policy is None:
        yield Problem("html-policy", "the page has no security policy", whole, hint)
        return
    if not facts.policy_first:
        message = "the security policy comes after things it should govern"
        yield Problem("html-policy", message, whole, "Make it the first element of the head but the charset.")
    rules = {words[0].lower(): words[1:] for part in facts.policy.split(";") if (words := part.split())}
    for name in _REQUIRED:
        if name not in rules:
            yield Problem("html-policy", f"the security policy has no rule {name}", whole, hint)
    for name, allowed in rules.items():
        known = _POLICY.get(name, set()) | {"'none'"}
        if wrong := [word for word in allowed if word not in known]:
            yield Problem("html-policy", f"the security policy allows {name} {' '.join(wrong)}", whole, hint)


def _check_headings(facts: PageFacts, path: str) -> Iterator[Problem]:
    if facts.h1_count != 1:
        count = "no main heading" if not facts.h1_count else f"{facts.h1_count} main headings"
        firsts = [heading for level, heading in facts.headings if level == 1]
        where = _at(path, firsts[1]) if firsts else Location(path)
        yield Problem("html-h1", f"the page has {count} (h1); it needs one", where, "Begin sections with ##.")
    for before, level, heading in facts.heading_skips():
        message = f"the heading {heading.text!r} is of level {level}, right below one of level {before}"
        hint = f"Write it with {'#' * (before + 1)}."
        yield Problem("html-heading", message, _at(path, heading), hint, "warning")


def _check_names(facts: PageFacts, path: str) -> Iterator[Problem]:
    if facts.images_without_alt:
        first, many = facts.images_without_alt[0], len(facts.images_without_alt)
        message = f"the page has {_some(many, 'picture')} without alternative text"
        hint = 'Say in words what it shows; alt="" if it only decorates.'
        yield Problem("html-alt", message, _at(path, first), hint)
    if facts.svgs_without_name:
        first, many = facts.svgs_without_name[0], len(facts.svgs_without_name)
        message = f"the page has {_some(many, 'drawing')} (svg) without a name"
        hint = 'Give it a title element or an aria-label, or aria-hidden="true" if it only decorates.'
        yield Problem("html-svg", message, _at(path, first), hint)
    for name in dict.fromkeys(each.text for each in facts.repeated_ids):
        first = next(each for each in facts.repeated_ids if each.text == name)
        message = f"the id {name!r} is on the page more than once"
        yield Problem("html-id", message, _at(path, first), "Give the second heading or figure another id.")
    missing = {each.text: each for each in reversed(facts.named_ids) if each.text not in facts.ids}
    for name, each in sorted(missing.items()):
        message = f"an attribute names the id {name!r}, which is not on the page"
        yield Problem("html-idref", message, _at(path, each))


def _at(path: str, found: Found) -> Location:
    return Location(path, found.line, found.column)


def _some(many: int, what: str) -> str:
    article = "an" if what[0] in "aeiou" else "a"
    return f"{article} {what}" if many == 1 else f"{many} {what}s"


def _visible(text: str) -> str:
    """Text with private characters spelled out, on one line."""
    shown = "".join(f"U+{ord(c):04X}" if "\ue000" <= c <= "\uf8ff" else c for c in text)
    return repr(" ".join(shown.split()))
