"""What the text search looks into of a page: its words, with what says where they stand.

A page is mostly drawings, receipts and addresses. Without these it is a sixth as long, and the index made three
times as fast.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from generator.checks.tags import VOID

IGNORED = frozenset(
    ["receipts", "sources", "onward", "ranks", "toc", "figure-bar", "figure-table", "show-sources", "table-filter"]
)
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


def searched(html: str) -> str:
    """A page as HTML with its language, title and main text alone. Never fails."""
    reader = _Reader()
    reader.feed(_DRAWN.sub("", html))
    reader.close()
    return "".join(reader.found)


class _Reader(HTMLParser):
    """Copies the tags and text of the elements that are looked into."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []  # of each: its name, and whether what is in it is copied

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        copied = (self._open[-1][1] if self._open else True) and tag not in ELSEWHERE
        for name, value in attrs:
            if name == "class" and value and not IGNORED.isdisjoint(value.split()):
                copied = False
        if copied and tag not in INLINE:
            names = ("id", "lang") if _HEADING.fullmatch(tag) else ("lang",)
            kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if name in names)
            self.found.append(f"<{SENTENCES.get(tag, tag)}{kept}>")
        if tag not in VOID:
            self._open.append((tag, copied))

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
