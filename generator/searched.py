"""What the text search looks into of a page: its words, with what says where they stand.

A page is mostly drawings, receipts and addresses. Without these it is a sixth as long, and the index made three
times as fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from html.parser import HTMLParser

from generator.checks.tags import PLAIN, RAW, VOID, OddError, start_tag

IGNORED = frozenset(
    [
        "receipts", "sources", "source-line", "onward", "ranks", "toc", "figure-bar", "figure-table",
        "show-sources", "table-filter",
    ]
)  # fmt: skip
"""Classes of what is no text of a page: repeated from elsewhere, about the page, or the numbers of a chart."""

ELSEWHERE = frozenset(["footer", "link", "meta", "nav"])
"""Tags of what leads to other pages, or is on all of them."""

INLINE = frozenset(
    [
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q",
        "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
    ]
)  # fmt: skip
"""Tags inside a line, of which only the words count; in a heading, Pagefind would leave out what is linked."""

SENTENCES = {"dt": "p", "dd": "p"}
"""What Pagefind would run into one sentence with what follows, and what it takes for one of its own."""

_DRAWN = re.compile(r"<(svg|script|style|thead)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_HEADING = re.compile("h[1-6]")
_TABLE = re.compile("<table>.*?</table>", re.DOTALL)
_CELL = re.compile("<t([dh])>(.*?)</t\\1>", re.DOTALL)
_LISTED = re.compile(r'<li>\s*(?:<p>)?<a href="[^"#?:]*/"[^>]*>[^<]*</a>(?:</p>)?\s*</li>')
"""An item of a list that is a link to another page and nothing else: that page is found itself, or by the name of
its place, and lists of thousands of places are full of them."""
_BARE = re.compile(r"<td\b[^>]*>\s*<(data|time)\b[^>]*>[^<]*</\1>\s*</td>")
"""A cell that is a number or a day and nothing else: nobody looks for these, and long tables are full of them."""


def searched(html: str) -> str:
    """A page as HTML with its language, title and main text alone. Never fails."""
    return _TABLE.sub(_each_once, _words(_LISTED.sub("", _BARE.sub("", _DRAWN.sub("", html)))))


def _words(html: str) -> str:
    try:
        return "".join(_read(html))
    except OddError:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        return "".join(reader.found)


def _each_once(table: re.Match[str]) -> str:
    """A table without the cells that say what one before them said: a kind, a date, nothing."""
    seen: set[str] = set()

    def cell(found: re.Match[str]) -> str:
        told = found[2] in seen
        seen.add(found[2])
        return "" if told else found[0]

    return _CELL.sub(cell, table[0])


def _copied(tag: str, attributes: Iterable[tuple[str, str | None]]) -> str | None:
    """What of a start tag is copied; None when neither it nor what is in it is looked into."""
    if tag in ELSEWHERE:
        return None
    kept = ""
    for name, value in attributes:
        if name == "class" and value and not IGNORED.isdisjoint(value.split()):
            return None
        if name == "lang" or (name == "id" and _HEADING.fullmatch(tag)):
            kept += f' {name}="{escape(value or "")}"'
    return "" if tag in INLINE else f"<{SENTENCES.get(tag, tag)}{kept}>"


@lru_cache(maxsize=4096)
def _start(inside: str) -> tuple[str, str | None]:
    """The element, and what of its start tag is copied."""
    tag, attributes, _ = start_tag(inside)
    return tag, _copied(tag, attributes)


def _read(html: str) -> Iterator[str]:
    """What is copied of HTML in which nothing is odd. Raises OddError."""
    opened: list[str] = []
    left_out = 0  # how many elements were open when the outermost began that is not looked into
    raw = ""
    begins = max(html.find("<"), 0)
    yield html[:begins]
    for found in PLAIN.finditer(html, begins):
        inside, closed, text, odd = found.groups()
        if odd or (raw and closed != raw):
            raise OddError
        raw = ""
        if inside is not None:
            tag, copied = _start(inside)
            if tag not in VOID:
                opened.append(tag)
                raw = tag if tag in RAW else ""
                if copied is None and not left_out:
                    left_out = len(opened)
            if copied and not left_out:
                yield copied
        elif closed is not None:
            if not opened or opened.pop() != closed:
                raise OddError
            if not left_out and closed not in INLINE:
                yield f"</{SENTENCES.get(closed, closed)}>"
            if left_out > len(opened):
                left_out = 0
        if text and not left_out:
            yield text


class _Reader(HTMLParser):
    """The same of any HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []  # of each: its name, and whether what is in it is copied

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        copied = _copied(tag, attrs) if not self._open or self._open[-1][1] else None
        if copied:
            self.found.append(copied)
        if tag not in VOID:
            self._open.append((tag, copied is not None))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # HTML knows no other end of what is not void

    def handle_endtag(self, tag: str) -> None:
        if not any(name == tag for name, _ in self._open):
            return
        while self._open:
            name, copied = self._open.pop()
            if copied and name not in INLINE:
                self.found.append(f"</{SENTENCES.get(name, name)}>")
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1][1]:
            self.found.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")
