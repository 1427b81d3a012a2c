"""A page's HTML → the facts that checks need, read once with the standard library's parser."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""The security policy of every page, word for word."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An address on a page, and where it stands in the HTML."""

    url: str
    tag: str
    attribute: str
    line: int
    column: int


@dataclass(slots=True)
class PageFacts:
    """What a page holds. ``ids`` are in order, with repeats; ``headings`` are levels in order."""

    ids: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    """Inline styles, scripts and handlers, as ``tag attribute``."""
    policy: str = ""
    language: str = ""
    title: str = ""
    headings: list[int] = field(default_factory=list)
    images_without_alt: int = 0
    drawings_without_name: int = 0
    leftovers: list[str] = field(default_factory=list)
    """Template syntax and marks that should have been replaced."""


_LEFTOVER = re.compile(r"\{\{|\}\}|\{%|%\}|\]\{=|\{=|\{claim=|[\ue000-\uf8ff]")
_URLS = frozenset(
    (("a", "href"), ("link", "href"), ("img", "src"), ("script", "src"), ("source", "src"), ("use", "href"),
     ("iframe", "src"), ("image", "href"), ("form", "action"))
)  # fmt: skip
_LITERAL = frozenset(("code", "pre", "script"))


def scan(html: str) -> PageFacts:
    """The facts of one page; never fails, whatever the HTML is."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.facts


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.facts = PageFacts()
        self.literal = 0
        self.in_title = False
        self.svg_depth = 0
        self.svg_named = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = self.facts
        given = {name: value or "" for name, value in attrs}
        line, column = self.getpos()
        if "id" in given:
            facts.ids.append(given["id"])
        for name, value in given.items():
            if (tag, name) in _URLS:
                facts.references.append(Reference(value, tag, name, line, column + 1))
            if name == "style" or name.startswith("on"):
                facts.inline.append(f"{tag} {name}")
            if not self.literal:
                self._leftover(value)
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") != "application/ld+json"
        ):
            facts.inline.append(f"{tag} element")
        if tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            facts.policy = given.get("content", "")
        elif tag == "html":
            facts.language = given.get("lang", "")
        elif tag == "title" and not self.svg_depth:
            self.in_title = True
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            facts.headings.append(int(tag[1]))
        elif tag == "img" and "alt" not in given:
            facts.images_without_alt += 1
        elif tag == "svg":
            self.svg_depth += 1
            self.svg_named = bool({"aria-label", "aria-labelledby"} & given.keys()) or "aria-hidden" in given
        if tag in _LITERAL:
            self.literal += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _LITERAL:
            self.literal = max(0, self.literal - 1)
        elif tag == "title":
            self.in_title = False
        elif tag == "svg" and self.svg_depth:
            self.svg_depth -= 1
            self.facts.drawings_without_name += not self.svg_named

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.facts.title += data
        if not self.literal:
            self._leftover(data)

    def _leftover(self, text: str) -> None:
        if "{" in text or "}" in text or _LEFTOVER.search(text):
            for match in _LEFTOVER.finditer(text):
                around = text[max(0, match.start() - 20) : match.end() + 20].strip()
                self.facts.leftovers.append(around)
