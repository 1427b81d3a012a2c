"""Links, accessibility and policy of rendered pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from generator.checks.html import POLICY, PageFacts, Reference
from generator.problems import Location, Problem, did_you_mean

_LOADED = frozenset(("link", "script", "img", "source", "use", "iframe", "image"))


def check_links(pages: Mapping[str, PageFacts], files: Collection[str], *, base_path: str) -> Iterator[Problem]:
    """Every internal link leads to a page, file and fragment of the site; nothing is loaded from elsewhere.

    ``pages`` maps file (``a/b/index.html``) to facts. One dead target is one problem; its entities are the
    pages that link to it.
    """
    names = set(files) | set(pages)
    ids = {page: set(facts.ids) for page, facts in pages.items()}
    dead: dict[tuple[str, str, str], list[str]] = {}
    for page, facts in pages.items():
        seen: set[str] = set()
        for reference in facts.references:
            if reference.url in seen:
                continue
            seen.add(reference.url)
            wrong = _wrong(reference, page, names, ids, base_path)
            if wrong:
                dead.setdefault(wrong, []).append(page)
    for (code, message, hint), where in dead.items():
        yield Problem(code, message, Location(where[0]), hint, "error", tuple(where) if len(where) > 1 else ())


def _wrong(
    reference: Reference, page: str, names: set[str], ids: Mapping[str, set[str]], base_path: str
) -> tuple[str, str, str] | None:
    url = reference.url
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") or url.startswith("//"):
        if reference.tag in _LOADED and not (reference.tag == "link" and url.startswith("http")):
            return "third-party", f"{url!r} would be loaded from elsewhere", "Keep the file in the story."
        return None
    if parts.scheme:
        if parts.scheme == "mailto" or (parts.scheme == "data" and reference.tag == "img"):
            return None
        return "bad-address", f"{url!r} is not an address a page may link to", ""
    target = _target(parts.path, page, base_path)
    if target is None:
        return "dead-link", f"the link {url!r} leads out of the site", "Write an address below the site's root."
    if target not in names:
        shown = target.removesuffix("index.html")
        known = [name.removesuffix("index.html") for name in names if name.endswith(".html")]
        return (
            "dead-link",
            f"the link {url!r} leads to {shown!r}, which is not there{did_you_mean(shown, known)}",
            "",
        )
    if parts.fragment and target in ids and unquote(parts.fragment) not in ids[target]:
        hint = did_you_mean(parts.fragment, ids[target])
        return "dead-fragment", f"the link {url!r} leads to an id that is not on the page{hint}", ""
    return None


def _target(path: str, page: str, base_path: str) -> str | None:
    path = unquote(path)
    if path.startswith("/"):
        if not path.startswith(base_path):
            return None
        steps = path[len(base_path) :].split("/")
        folder: list[str] = []
    elif path:
        folder = page.split("/")[:-1]
        steps = path.split("/")
    else:
        return page
    for step in steps[:-1]:
        if step == "..":
            if not folder:
                return None
            folder = folder[:-1]
        elif step not in ("", "."):
            folder = [*folder, step]
    last = steps[-1] if steps[-1] not in ("", ".", "..") else "index.html"
    if steps[-1] == "..":
        folder = folder[:-1]
    return "/".join([*folder, last])


def check_page(facts: PageFacts, path: str) -> Iterator[Problem]:
    """What one page must have, for readers, assistive technology and the security policy."""
    where = Location(path)
    if facts.policy != POLICY:
        yield Problem("policy", "the page does not carry the security policy, word for word", where)
    for what in dict.fromkeys(facts.inline):
        yield Problem("policy", f"an inline style or script ({what}) is forbidden by the page's policy", where)
    for text in dict.fromkeys(facts.leftovers):
        yield Problem("leftover-syntax", f"template syntax is left over on the page: {text!r}", where)
    for identity in sorted({i for i in facts.ids if facts.ids.count(i) > 1}) if _repeats(facts.ids) else ():
        yield Problem("duplicate-id", f"the id {identity!r} is on the page more than once", where)
    if not facts.language:
        yield Problem("no-language", "the page does not say its language", where)
    if not facts.title.strip():
        yield Problem("no-title", "the page has no title", where, "Add 'title: …' to the front matter.")
    if facts.headings.count(1) != 1:
        yield Problem("headings", f"the page has {facts.headings.count(1)} main headings; it must have one", where)
    for before, after in zip(facts.headings, facts.headings[1:], strict=False):
        if after > before + 1:
            yield Problem("headings", f"a heading of level {after} follows one of level {before}", where)
            break
    if facts.images_without_alt:
        yield Problem("no-alt", f"{facts.images_without_alt} images have no description", where)
    if facts.drawings_without_name:
        yield Problem("no-alt", f"{facts.drawings_without_name} drawings have no name", where)


def _repeats(ids: list[str]) -> bool:
    return len(set(ids)) != len(ids)
