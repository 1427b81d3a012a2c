"""What one finished page says about itself.

:func:`scan` reads a page once; everything else asks its :class:`PageFacts`, which are small, plain and can be
sent between processes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from msgspec import Struct

from generator.checks.tags import PLAIN, RAW, VOID, Lines, OddError, Parser, start_tag

LEFTOVER = re.compile(r"\{\{|\{%|\]\{=|\{claim=|%7[Bb]%7[Bb]|[\ue000-\uf8ff]")
"""Syntax of documents and templates, and the private characters that stand for it on its way through Markdown."""

_MAY_HOLD_LEFTOVERS = re.compile(
    LEFTOVER.pattern + r"|&(?:#(?!3[49];|x27;)|l(?:cub|brace)|r(?:sqb|brack)|percnt|equals)"
)
"""The same for raw HTML, where each of these characters can be written as a reference. Those of
quotation marks can't be."""

_QUIET = frozenset({"code", "pre", "script", "style"})
_FRAMES = frozenset({"iframe", "frame", "object", "embed", "base"})
_TEXTS = frozenset({"title", "h1", "h2", "h3", "h4", "h5", "h6"})
_ELEMENTS = frozenset({"html", "meta", "link", "script", "style", "img", "svg"}) | _FRAMES | _TEXTS
_TOLD = _ELEMENTS | _QUIET

_PAINTS = frozenset({"clip-path", "mask", "filter", "fill", "stroke", "marker-start", "marker-mid", "marker-end"})
_HREFS = frozenset({"href", "xlink:href"})
_ACTIONS = frozenset({"action", "formaction"})
_SOURCES = frozenset({"src", "poster", "data"})
_SOURCE_SETS = frozenset({"srcset", "imagesrcset"})
_ID_LISTS = frozenset(
    ["aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details", "headers", "for", "list"]
)
_HIDING = frozenset({("aria-hidden", "true"), ("role", "img")})
"""Attributes below which nothing needs a name: it is not told, or only the whole is."""
_ATTRIBUTES = (
    _PAINTS | _HREFS | _ACTIONS | _SOURCES | _SOURCE_SETS | _ID_LISTS | {"id", "name", "style"}
    | {name for name, _ in _HIDING}
)  # fmt: skip

_LINKING = frozenset(
    [
        "alternate",
        "author",
        "canonical",
        "cite-as",
        "describedby",
        "help",
        "license",
        "me",
        "next",
        "prev",
        "search",
    ]
)
"""Relations of link elements that make no browser fetch anything."""

_URL = re.compile(r"url\(\s*['\"]?([^'\")]*)")
_REFRESH = re.compile(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=)?\s*['\"]?([^'\"]*)", re.IGNORECASE)


class Found(NamedTuple):
    """Something on a page: what, and where its tag begins (both count from 1)."""

    text: str
    line: int
    column: int


class Reference(NamedTuple):
    """An address on a page, as it is written there, the tag that holds it, and where that begins."""

    url: str
    tag: str
    line: int
    column: int


class PageFacts(Struct, frozen=True):
    """What the checks need to know of one page."""

    lang: str
    title: str
    policy: str | None
    """The content of the security policy's meta element; None when there is none."""
    policy_first: bool
    """Whether it comes before everything that it governs."""
    headings: tuple[tuple[int, Found], ...]
    """Level and text of each heading, in order."""
    ids: frozenset[str]
    repeated_ids: tuple[Found, ...]
    named_ids: tuple[Found, ...]
    """Ids that attributes such as ``for`` and ``aria-labelledby`` name."""
    links: tuple[Reference, ...]
    """Addresses a reader or a crawler may follow."""
    loads: tuple[Reference, ...]
    """Addresses the browser fetches or draws with: scripts, styles, pictures, fonts, ``url(#...)`` in SVG."""
    inline: tuple[Found, ...]
    """Style attributes, style and script elements, event handlers, frames; ``text`` says which."""
    images_without_alt: tuple[Found, ...]
    svgs_without_name: tuple[Found, ...]
    leftovers: tuple[Found, ...]

    @property
    def h1_count(self) -> int:
        return sum(level == 1 for level, _ in self.headings)

    def heading_skips(self) -> Iterator[tuple[int, int, Found]]:
        """(level before, level, heading) wherever a level was left out."""
        before = 0
        for level, heading in self.headings:
            if before and level > before + 1:
                yield before, level, heading
            before = level


def scan(html: str) -> PageFacts:
    """The facts of one page. Never fails: whatever is not well formed is read as a browser would guess."""
    look = bool(_MAY_HOLD_LEFTOVERS.search(html))
    if not look:
        scanner = _Scanner()
        try:
            scanner.read(html)
            return scanner.facts()
        except OddError:
            pass
    scanner = _Scanner(look_for_leftovers=look)
    scanner.parse(html)
    return scanner.facts()


class _Drawing(Struct):
    """An SVG element that is still open. ``depth`` is the number of open elements, itself included."""

    at: Found
    depth: int
    named: bool


@lru_cache(maxsize=4096)
def _start(inside: str) -> tuple[str, list[tuple[str, str | None]], bool, bool]:
    """As :func:`~generator.checks.tags.start_tag`, and whether the tag says anything that is asked for."""
    tag, attributes, empty = start_tag(inside)
    says = tag in _TOLD or any(name in _ATTRIBUTES or name.startswith("on") for name, _ in attributes)
    return tag, attributes, empty or tag in VOID, says


class _Scanner:
    """Collects facts. Runs once for every tag of every page, so it asks for positions only when they matter."""

    def __init__(self, *, look_for_leftovers: bool = False) -> None:
        self._look = look_for_leftovers
        self._place: Callable[[], tuple[int, int]] = lambda: (1, 0)
        """Where what is told of begins: its line, counted from 1, and the offset in it, counted from 0."""
        self._open: list[str] = []
        self._quiet = 0  # how many elements were open when the outermost code, pre, script or style began; or 0
        self._hidden = 0  # the same for what assistive technology is not told in parts
        self._drawing: _Drawing | None = None
        self._lang = self._title = ""
        self._policy: str | None = None
        self._policy_first = True
        self._headings: list[tuple[int, Found]] = []
        self._text: list[str] | None = None  # pieces of the title or heading being read
        self._ids: dict[str, None] = {}
        self._repeated: list[Found] = []
        self._named: list[Found] = []
        self._links: list[Reference] = []
        self._loads: list[Reference] = []
        self._inline: list[Found] = []
        self._no_alt: list[Found] = []
        self._no_name: list[Found] = []
        self._leftovers: list[Found] = []

    def facts(self) -> PageFacts:
        if self._drawing:
            self._end_drawing()
        return PageFacts(
            lang=self._lang,
            title=self._title,
            policy=self._policy,
            policy_first=self._policy_first,
            headings=tuple(self._headings),
            ids=frozenset(self._ids),
            repeated_ids=tuple(self._repeated),
            named_ids=tuple(self._named),
            links=tuple(self._links),
            loads=tuple(self._loads),
            inline=tuple(self._inline),
            images_without_alt=tuple(self._no_alt),
            svgs_without_name=tuple(self._no_name),
            leftovers=tuple(self._leftovers),
        )

    # --- reading ---

    def parse(self, html: str) -> None:
        parser = Parser(self)
        self._place = parser.getpos
        parser.feed(html)
        parser.close()

    def read(self, html: str) -> None:
        """The same of HTML in which nothing is odd, without leftovers. Raises OddError."""
        lines, opened, raw, waits = Lines(html), self._open, "", False
        self._place = lambda: lines.place(found.start())
        for found in PLAIN.finditer(html, max(html.find("<"), 0)):
            inside, closed, text, odd = found.groups()
            if odd or (raw and (closed is None or closed.lower() != raw)):
                raise OddError
            raw = ""
            if closed is not None:
                if not waits and opened and opened[-1] == closed:
                    opened.pop()
                    continue
                self.end(closed.lower())
                waits = self._waits()
            elif inside is not None:
                tag, attributes, empty, says = _start(inside)
                if says:
                    self.begin(tag, attributes)
                    if empty and tag not in VOID:
                        self.end(tag)
                    waits = self._waits()
                elif not empty:
                    opened.append(tag)
                if tag in RAW and not empty:
                    raw = tag
            if waits and text and self._text is not None:
                self._text.append(unescape(text))
        if raw:
            raise OddError

    def _waits(self) -> bool:
        """Whether something is over when an element ends."""
        return bool(self._quiet or self._hidden or self._drawing or self._text is not None)

    # --- tags ---

    def begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._open.append(tag)
        for name, value in attrs:
            if name in _ATTRIBUTES:
                self._attribute(tag, name, value or "")
            elif name.startswith("on"):
                self._inline.append(self._found("event handler"))
        if tag in _ELEMENTS:
            self._element(tag, {name: value or "" for name, value in attrs})
        if self._look and not self._quiet:
            for name, value in attrs:
                if value and (left := LEFTOVER.search(value)):
                    self._leftovers.append(self._found(f"{name}: {value[left.start() :][:40]}"))
        if tag in _QUIET and not self._quiet:
            self._quiet = len(self._open)

    def end(self, tag: str) -> None:
        opened = self._open
        if opened and opened[-1] == tag:
            opened.pop()
        elif tag in opened:  # something in between was never closed: it ends here too
            while opened.pop() != tag:
                pass
        else:
            return
        depth = len(opened)
        if self._quiet > depth:
            self._quiet = 0
        if self._hidden > depth:
            self._hidden = 0
        if self._drawing and self._drawing.depth > depth:
            self._end_drawing()
        if self._text is not None and tag in _TEXTS:
            self._end_text(tag)

    def data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)
        if self._look and not self._quiet:
            for left in LEFTOVER.finditer(data):
                line, column = self._place()
                before = data[: left.start()]
                breaks = before.count("\n")
                column = len(before) - before.rfind("\n") if breaks else column + left.start() + 1
                self._leftovers.append(Found(data[left.start() :][:40].rstrip(), line + breaks, column))

    def _found(self, text: str) -> Found:
        line, offset = self._place()
        return Found(text, line, offset + 1)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        """One attribute out of _ATTRIBUTES; the element is on the stack already."""
        if name in _PAINTS:
            if "url(" in value:
                for match in _URL.finditer(value):
                    self._refer(self._loads, tag, match[1])
        elif name in _HREFS:
            if tag not in ("link", "base"):  # what a link element does with it depends on its rel
                self._refer(self._links if tag in ("a", "area") else self._loads, tag, value)
        elif name == "id" or (name == "name" and tag == "a"):
            if name == "id" and value in self._ids:
                self._repeated.append(self._found(value))
            self._ids[value] = None
        elif name == "style":
            self._inline.append(self._found("style attribute"))
        elif name in _ID_LISTS:
            self._named.extend(self._found(each) for each in value.split())
        elif name in _SOURCES:
            if name != "data" or tag == "object":
                self._refer(self._loads, tag, value)
        elif name in _SOURCE_SETS:
            for candidate in filter(None, map(str.strip, value.split(", "))):
                self._refer(self._loads, tag, candidate.split()[0])
        elif name in _ACTIONS:
            self._refer(self._links, tag, value)
        elif (name, value) in _HIDING and not self._hidden and tag not in VOID:
            drawing = (tag, name) == ("svg", "role")  # it is what needs the name
            self._hidden = 0 if drawing else len(self._open)

    def _refer(self, kind: list[Reference], tag: str, url: str) -> None:
        line, offset = self._place()
        kind.append(Reference(url.strip(), tag, line, offset + 1))

    def _element(self, tag: str, attrs: dict[str, str]) -> None:
        """One element out of _ELEMENTS, after its attributes."""
        if tag in _TEXTS:
            self._begin_text(tag)
        elif tag == "svg":
            self._begin_drawing(attrs)
        elif tag == "meta":
            self._meta(attrs)
        elif tag == "link":
            relations = attrs.get("rel", "").lower().split()
            followed = bool(relations) and _LINKING.issuperset(relations)
            self._refer(self._links if followed else self._loads, tag, attrs.get("href", ""))
        elif tag == "img":
            if "alt" not in attrs and not self._hidden and attrs.get("aria-hidden") != "true":
                self._no_alt.append(self._found(attrs.get("src", "")))
        elif tag == "html":
            self._lang = attrs.get("lang", "")
        elif tag == "script":
            if "src" not in attrs and not attrs.get("type", "").lower().endswith("json"):
                self._inline.append(self._found("script element without src"))
        elif tag != "base" or "href" in attrs:  # one without only says where links open
            self._inline.append(self._found(f"{tag} element"))

    def _meta(self, attrs: dict[str, str]) -> None:
        kind, content = attrs.get("http-equiv", "").lower(), attrs.get("content", "")
        if kind == "content-security-policy" and self._policy is None:
            self._policy = content
            self._policy_first = not (self._loads or self._inline)
        elif kind == "refresh" and (match := _REFRESH.match(content)) and match[1]:
            self._refer(self._links, "meta", match[1])

    def _begin_drawing(self, attrs: dict[str, str]) -> None:
        if self._drawing is None:  # a drawing within a drawing shares its name
            label = attrs.get("aria-label", "") + attrs.get("aria-labelledby", "")
            decorative = attrs.get("role") in ("presentation", "none") or self._hidden
            named = bool(label.strip() or decorative)
            self._drawing = _Drawing(self._found(attrs.get("id", "")), len(self._open), named)

    def _end_drawing(self) -> None:
        if self._drawing and not self._drawing.named:
            self._no_name.append(self._drawing.at)
        self._drawing = None

    def _begin_text(self, tag: str) -> None:
        self._text = []
        if tag != "title":
            self._headings.append((int(tag[1]), self._found("")))

    def _end_text(self, tag: str) -> None:
        text = " ".join("".join(self._text or ()).split())
        self._text = None
        if tag != "title":
            level, heading = self._headings[-1]
            self._headings[-1] = (level, heading._replace(text=text))
        elif self._drawing is None:
            self._title = self._title or text
        elif text and len(self._open) == self._drawing.depth:
            self._drawing.named = True
