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
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote, unquote

from generator.checks.html import PageFacts, Reference, check_page, check_pages
from generator.problems import Location, Problem, did_you_mean

__all__ = ["check_links", "check_page", "check_pages"]

NOT_FOUND = "404.html"
"""The page a host serves for every address it does not know."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_NOT_IN_ADDRESSES = re.compile(r"[\s\\<>\"\x00-\x1f]")
_HOST = re.compile(r"https?://[^/?#:@]+(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)
_PICTURES = frozenset({"img", "image", "source", "link", "feimage", "video", "input"})
_MOST_SUGGESTIONS = 30
"""Finding the closest of thousands of names takes a while; after this many the pattern is plain."""


def check_links(pages: Mapping[str, PageFacts], files: Collection[str], *, base_path: str) -> Iterator[Problem]:
    """What is wrong with the addresses on a site's pages.

    ``pages`` are the facts by path in the site (``towns/aldford/index.html``), ``files`` the paths of everything
    the site has (pages may be left out), ``base_path`` the path the site is published below (``/``, ``/story/``).

    A dead target is one problem, however many pages link to it: it is located at the first of them, in order
    of their paths, and ``entities`` holds the paths of all of them when there are several.
    """
    checker = _Checker(pages, files, base_path)
    for page in sorted(pages):
        facts = pages[page]
        for reference in facts.links:
            checker.check(page, reference, load=False)
        for reference in facts.loads:
            checker.check(page, reference, load=True)
    yield from checker.problems()


@dataclass(slots=True)
class _Cause:
    """One thing that is wrong, and where it was seen: the first reference, and all pages."""

    code: str
    target: str
    first: Reference
    location: Location
    fragment: str = ""
    pages: dict[str, None] = field(default_factory=dict)


class _Checker:
    """Collects causes; says them in words at the end, when it is known how often each occurs."""

    def __init__(self, pages: Mapping[str, PageFacts], files: Collection[str], base_path: str) -> None:
        self._pages = pages
        self._files = {*files, *pages}
        inner = base_path.strip("/")
        self._base = f"/{inner}/" if inner else "/"
        self._causes: dict[tuple[str, str, str], _Cause] = {}
        self._suggestions = 0

    def check(self, page: str, reference: Reference, *, load: bool) -> None:
        url = reference.url
        if url.startswith("#"):
            self._check_fragment(page, reference, page, url[1:])
        elif _NOT_IN_ADDRESSES.search(url) and not (load and url.startswith("data:")):
            self._wrong("link-address", page, reference, url)
        elif url.startswith("//") or _SCHEME.match(url):
            self._check_elsewhere(page, reference, load)
        else:
            self._check_inside(page, reference, load)

    def _check_elsewhere(self, page: str, reference: Reference, load: bool) -> None:
        """An address with a scheme or a host."""
        url = reference.url
        match = _SCHEME.match(url)
        scheme = match[1].lower() if match else ""
        if load:
            if scheme != "data" or reference.tag not in _PICTURES:
                self._wrong("load-foreign", page, reference, url)
        elif scheme not in ("http", "https", "mailto"):
            self._wrong("link-scheme", page, reference, url)
        elif (scheme != "mailto" and not _HOST.match(url)) or url == "mailto:":
            self._wrong("link-address", page, reference, url)

    def _check_inside(self, page: str, reference: Reference, load: bool) -> None:
        """A relative address, or an absolute path."""
        address, _, fragment = reference.url.partition("#")
        path = unquote(address.partition("?")[0])
        if not path:  # "" or "?query": the page itself
            self._check_fragment(page, reference, page, fragment)
            return
        if path.startswith("/") != (page == NOT_FOUND):
            self._wrong("link-relative" if page == NOT_FOUND else "link-absolute", page, reference, address)
            return
        target = self._target(page, path)
        if target is None:
            self._wrong("link-outside", page, reference, address)
        elif target not in self._files:
            self._wrong("load-dead" if load else "link-dead", page, reference, target)
        else:
            self._check_fragment(page, reference, target, fragment)

    def _target(self, page: str, path: str) -> str | None:
        """The file an address means; None when that is outside the site."""
        if path.startswith("/"):
            if not path.startswith(self._base):
                return None
            whole = path[len(self._base) :]
        else:
            whole = posixpath.join(posixpath.dirname(page), path)
        target = posixpath.normpath(whole) if whole else "."
        if target == ".." or target.startswith(("../", "/")):
            return None
        if whole.endswith(("/", "/.", "/..")) or whole in ("", ".", "..") or target == ".":
            return "index.html" if target == "." else f"{target}/index.html"
        return target

    def _check_fragment(self, page: str, reference: Reference, target: str, fragment: str) -> None:
        name = unquote(fragment.partition(":~:")[0])
        if name in ("", "top") or target not in self._pages or name in self._pages[target].ids:
            return
        self._wrong("link-fragment", page, reference, target, name)

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
                near = did_you_mean(cause.fragment, sorted(self._pages[target].ids))
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
        target = self._target(NOT_FOUND, unquote(cause.target.partition("?")[0]))
        if target is None or target not in self._files:
            return "Write it relative to the page it is on."
        folder = posixpath.dirname(cause.location.path) or "."
        shown = "./" if target == "index.html" else _shown(target)
        relative = posixpath.relpath(shown, folder) + ("/" if shown.endswith("/") else "")
        return f"Write {quote(relative)!r} here."


def _shown(path: str) -> str:
    """The path of a page as its address has it: without the index.html."""
    return path.removesuffix("index.html") if path.endswith("/index.html") else path
