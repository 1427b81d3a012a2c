"""Whether every address on every page leads somewhere, and nothing is fetched from elsewhere.

=================  =========================================================================================
code               meaning
=================  =========================================================================================
``link-dead``      a link to a page or file the site does not have
``link-fragment``  a link to a part (``#...``) that its page does not have
``link-absolute``  a link that begins with a slash: it breaks as soon as the site lives in another folder
``link-relative``  the reverse on 404.html, which is served for addresses of any depth
``link-outside``   a link that leads out of the site's folder
``link-scheme``    a link that is neither http, https, mailto nor within the site
``link-address``   something that is no address: spaces or backslashes in it, or no host
``load-dead``      a script, style, picture or font the site does not have
``load-foreign``   one that is fetched from another host, or by a scheme the security policy forbids
=================  =========================================================================================
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from functools import cache, cached_property
from itertools import starmap
from sys import intern
from typing import NamedTuple
from urllib.parse import quote, unquote

from msgspec import Struct, field

from generator.checks.facts import PageFacts, Reference
from generator.checks.html import check_page, joined
from generator.problems import Location, Problem, did_you_mean

__all__ = ["Brief", "Leads", "all_lead", "astray", "brief", "check_links", "check_page", "joined", "leads_of"]

NOT_FOUND = "404.html"
"""The page a host serves for every address it does not know."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_NOT_IN_ADDRESSES = re.compile(r"[\s\\<>\"\x00-\x1f]")
_HOST = re.compile(r"https?://[^/?#:@]+(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)
_PICTURES = frozenset({"img", "image", "source", "link", "feimage", "video", "input"})
_MOST_SUGGESTIONS = 30
"""Finding the closest of thousands of names takes a while; after this many the pattern is plain."""


class Brief(Struct, frozen=True):
    """What a whole site's checks need to know of one page; small enough to be kept."""

    ids: tuple[str, ...]
    targets: tuple[str, ...]
    """The files of the site that its addresses mean."""
    parts: tuple[tuple[str, str], ...]
    """Those of which they mean a part: file and fragment; without its own parts that it has."""
    odd: bool
    """Whether an address on it is wrong whatever else the site has."""
    problems: tuple[Problem, ...]
    """What is wrong with the page by itself."""

    def thrifty(self) -> Brief:
        """The same, sharing with other pages the texts that they hold, too: most are on all of them."""
        return Brief(
            tuple(map(intern, self.ids)),
            tuple(map(intern, self.targets)),
            tuple([(intern(target), intern(fragment)) for target, fragment in self.parts]),
            self.odd,
            self.problems,
        )


def brief(facts: PageFacts, path: str, *, base_path: str) -> Brief:
    """``path`` is the page's in the site; ``base_path`` as for :func:`check_links`."""
    base = _folder(base_path)
    leads = [_lead(path, reference, load, base) for load, reference in _references(facts)]
    inside = {(lead.target, lead.fragment) for lead in leads if lead.inside}
    odd = any(lead.code for lead in leads)
    targets = tuple(sorted({target for target, _ in inside}))
    parts = tuple(sorted((to, part) for to, part in inside if part and (to != path or part not in facts.ids)))
    return Brief(tuple(sorted(facts.ids)), targets, parts, odd, tuple(check_page(facts, path)))


class Leads(Struct, frozen=True):
    """Where the addresses on several pages lead, each once; ``fine``: none of these pages is wrong by itself."""

    targets: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]
    fine: bool


def leads_of(briefs: Iterable[Brief]) -> Leads:
    targets: set[str] = set()
    parts: set[tuple[str, str]] = set()
    fine = True
    for each in briefs:
        targets.update(each.targets)
        parts.update(each.parts)
        fine = fine and not each.odd and not each.problems
    return Leads(tuple(sorted(targets)), tuple(sorted(parts)), fine)


def all_lead(leads: Iterable[Leads], files: Collection[str], ids: Callable[[str], Set[str] | None]) -> bool:
    """Whether all is well with these pages and every address on them leads somewhere.

    ``files`` are the paths of everything the site has; ``ids`` gives those of a page, None for what is no page.
    """
    known = cache(ids)

    def leads_to(target: str, fragment: str) -> bool:
        there = known(target)
        return there is None or fragment in there

    return all(
        each.fine and all(target in files for target in each.targets) and all(starmap(leads_to, each.parts))
        for each in leads
    )


def astray(briefs: Mapping[str, Brief], files: Collection[str]) -> list[str]:
    """The pages on which an address leads nowhere, for :func:`check_links` to say which."""
    there = {*files, *briefs}

    @cache
    def ids(target: str) -> frozenset[str]:
        return frozenset(briefs[target].ids)

    def leads(target: str, fragment: str) -> bool:
        return target not in briefs or fragment in ids(target)

    return [
        path
        for path, each in briefs.items()
        if each.odd or not there.issuperset(each.targets) or not all(leads(*part) for part in each.parts)
    ]


def check_links(
    pages: Mapping[str, PageFacts],
    files: Collection[str],
    *,
    base_path: str,
    ids: Mapping[str, Collection[str]] | None = None,
) -> Iterator[Problem]:
    """What is wrong with the addresses on a site's pages.

    ``pages`` are the facts by path in the site (``towns/aldford/index.html``), ``files`` the paths of everything
    the site has (pages may be left out), ``base_path`` the path the site is published below (``/``, ``/story/``),
    ``ids`` the ids of every page, when ``pages`` are not all that the site has.

    A dead target is one problem, however many pages link to it: it is located at the first of them, in order
    of their paths, and ``entities`` holds the paths of all of them when there are several.
    """
    known = ids if ids is not None else {path: facts.ids for path, facts in pages.items()}
    checker = _Checker({*files, *pages}, known, base_path)
    for page in sorted(pages):
        for load, reference in _references(pages[page]):
            checker.check(page, reference, load=load)
    yield from checker.problems()


def _references(facts: PageFacts) -> Iterator[tuple[bool, Reference]]:
    """Every address of a page, and whether the browser loads what is there."""
    yield from ((False, reference) for reference in facts.links)
    yield from ((True, reference) for reference in facts.loads)


# --- where one address leads ------------------------------------------------------------------------------


class _Lead(NamedTuple):
    """Where an address leads, or what is wrong with it by itself (``code``, with what to name)."""

    code: str
    target: str
    fragment: str = ""
    inside: bool = False


def _folder(base_path: str) -> str:
    inner = base_path.strip("/")
    return f"/{inner}/" if inner else "/"


def _lead(page: str, reference: Reference, load: bool, base: str) -> _Lead:
    url = reference.url
    if url.startswith("#"):
        return _Lead("", page, _fragment(url[1:]), inside=True)
    if _NOT_IN_ADDRESSES.search(url) and not (load and url.startswith("data:")):
        return _Lead("link-address", url)
    if url.startswith("//") or _SCHEME.match(url):
        return _elsewhere(reference, load)
    address, _, fragment = url.partition("#")
    path = unquote(address.partition("?")[0])
    if not path:  # "" or "?query": the page itself
        return _Lead("", page, _fragment(fragment), inside=True)
    if path.startswith("/") != (page == NOT_FOUND):
        return _Lead("link-relative" if page == NOT_FOUND else "link-absolute", address)
    target = _target(page, path, base)
    if target is None:
        return _Lead("link-outside", address)
    return _Lead("", target, _fragment(fragment), inside=True)


def _fragment(written: str) -> str:
    """The part of a page that is meant; '' for the whole of it."""
    name = unquote(written.partition(":~:")[0])
    return "" if name == "top" else name


def _elsewhere(reference: Reference, load: bool) -> _Lead:
    """An address that has a scheme or a host."""
    url = reference.url
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else ""
    if load:
        fine = scheme == "data" and reference.tag in _PICTURES
        return _Lead("", url) if fine else _Lead("load-foreign", url)
    if scheme not in ("http", "https", "mailto"):
        return _Lead("link-scheme", url)
    complete = url != "mailto:" if scheme == "mailto" else _HOST.match(url)
    return _Lead("", url) if complete else _Lead("link-address", url)


def _target(page: str, path: str, base: str) -> str | None:
    """The file an address means; None when that is outside the site."""
    if path.startswith("/"):
        if not path.startswith(base):
            return None
        whole = path[len(base) :]
    else:
        whole = posixpath.join(posixpath.dirname(page), path)
    target = posixpath.normpath(whole) if whole else "."
    if target == ".." or target.startswith(("../", "/")):
        return None
    if whole.endswith(("/", "/.", "/..")) or whole in ("", ".", "..") or target == ".":
        return "index.html" if target == "." else f"{target}/index.html"
    return target


# --- what leads nowhere -----------------------------------------------------------------------------------


class _Cause(Struct):
    """One thing that is wrong, and where it was seen: the first reference, and all pages."""

    code: str
    target: str
    first: Reference
    location: Location
    fragment: str = ""
    pages: dict[str, None] = field(default_factory=dict)


class _Checker:
    """Collects causes; says them in words at the end, when it is known how often each occurs."""

    def __init__(self, files: Collection[str], ids: Mapping[str, Collection[str]], base_path: str) -> None:
        self._ids = ids
        self._files = files
        self._base = _folder(base_path)
        self._causes: dict[tuple[str, str, str], _Cause] = {}
        self._suggestions = 0

    def check(self, page: str, reference: Reference, *, load: bool) -> None:
        code, target, fragment, inside = _lead(page, reference, load, self._base)
        if inside and target not in self._files:
            code, fragment = "load-dead" if load else "link-dead", ""
        elif inside and fragment and target in self._ids and fragment not in self._ids[target]:
            code = "link-fragment"
        if code:
            self._wrong(code, page, reference, target, fragment)

    def _wrong(self, code: str, page: str, reference: Reference, target: str, fragment: str = "") -> None:
        location = Location(page, reference.line, reference.column)
        cause = _Cause(code, target, reference, location, fragment)
        self._causes.setdefault((code, target, fragment), cause).pages[page] = None

    # --- in words ---

    def problems(self) -> Iterator[Problem]:
        for cause in sorted(self._causes.values(), key=lambda cause: (cause.location, cause.code, cause.target)):
            message, hint = self._words(cause)
            pages = tuple(cause.pages) if len(cause.pages) > 1 else ()
            yield Problem(cause.code, message, cause.location, hint, entities=pages)

    def _words(self, cause: _Cause) -> tuple[str, str]:
        """Message and hint."""
        url, target = cause.first.url, cause.target
        match cause.code:
            case "link-dead" | "load-dead":
                return self._dead(cause)
            case "link-fragment":
                there = "this page" if target == cause.location.path else f"the page {_shown(target)!r}"
                near = did_you_mean(cause.fragment, sorted(self._ids[target]))
                message = f"{url!r} links to the part {cause.fragment!r}, which {there} does not have{near}"
                return message, "Link to the id of a heading, figure or table of that page."
            case "link-absolute":
                return f"{url!r} begins with a slash, which only works in one folder", self._relative(cause)
            case "link-relative":
                hint = f"Write it with {self._base!r} at the beginning: this page is served at any depth."
                return f"{url!r} is a relative address on {NOT_FOUND}", hint
            case "link-outside":
                return f"{url!r} leads out of the site", "Link to a page of the site, or write https: and the host."
            case "link-scheme":
                hint = "Write an address that begins with https:, http: or mailto:, or one within the site."
                return f"{url!r} is not a kind of address pages may link to", hint
            case "load-foreign":
                message = f"{url[:80]!r} would be fetched from outside the site ({cause.first.tag} element)"
                return message, "Put the file into the site and load it from there."
        return f"{url!r} is not an address", "Write spaces as %20, slashes as /, and name the host after https://."

    def _dead(self, cause: _Cause) -> tuple[str, str]:
        shown = _shown(cause.target)
        does = "is linked to" if cause.code == "link-dead" else "is loaded"
        written = "" if cause.first.url == shown else f" (as {cause.first.url!r})"
        folder = f"{cause.target}/index.html"
        message = f"{shown!r} {does}{written}, but the site has no such page or file"
        if folder in self._files:
            return f"{message}; did you mean {_shown(folder)!r}?", "Write the slash at the end."
        return message + self._closest(shown), ""

    def _closest(self, wrong: str) -> str:
        """The most similar target: in the same folder, else of the same name, else anywhere."""
        if self._suggestions >= _MOST_SUGGESTIONS:
            return ""
        self._suggestions += 1
        targets = self._targets
        folder, name = posixpath.split(wrong.rstrip("/"))
        neighbours = [each for each in targets if posixpath.dirname(each.rstrip("/")) == folder]
        namesakes = [each for each in targets if posixpath.basename(each.rstrip("/")) == name]
        return next(filter(None, (did_you_mean(wrong, some) for some in (neighbours, namesakes, targets))), "")

    @cached_property
    def _targets(self) -> list[str]:
        return sorted(map(_shown, self._files))

    def _relative(self, cause: _Cause) -> str:
        """What to write instead of an absolute address."""
        target = _target(NOT_FOUND, unquote(cause.target.partition("?")[0]), self._base)
        if target is None or target not in self._files:
            return "Write it relative to the page it is on."
        folder = posixpath.dirname(cause.location.path) or "."
        shown = "./" if target == "index.html" else _shown(target)
        relative = posixpath.relpath(shown, folder) + ("/" if shown.endswith("/") else "")
        return f"Write {quote(relative)!r} here."


def _shown(path: str) -> str:
    """The path of a page as its address has it: without the index.html."""
    return path.removesuffix("index.html") if path.endswith("/index.html") else path
