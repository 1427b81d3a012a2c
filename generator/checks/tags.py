"""HTML as tags and text: by one expression where it is written as templates write it, else by Python's parser.

The expression takes a tenth of the parser's time, and understands only what can be understood in one way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from html import unescape
from html.parser import HTMLParser
from itertools import accumulate
from typing import Protocol

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
"""Elements that have no end."""
RAW = frozenset(
    ["iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"]
)
"""Elements in which a tag is not always one."""

PLAIN = re.compile(
    r"""<(?:
      (?P<start> [a-zA-Z] (?: [^<>"']++ | "[^"]*+" )*+ )
    | / (?P<end> [a-zA-Z] [a-zA-Z0-9:-]*+ ) [ \t\n\r\f]*+
    | !-- (?!-?>) [^<>]*? --
    | ! (?i:doctype) [ ] [a-zA-Z]++
    )> (?P<text> [^<]*+ )
    | (?P<odd> [^\n] | \n )""",
    re.VERBOSE,
)
"""A tag, a comment or the declaration, and the text behind it; or the first character of something else."""
_START = re.compile(
    r"""(?P<tag> [a-zA-Z] [a-zA-Z0-9:-]*+ )
    (?P<attributes> (?: [ \t\n\r\f]++ [a-zA-Z_:] [a-zA-Z0-9_:.-]*+ (?: ="[^"]*+" )? )*+ )
    [ \t\n\r\f]*+ (?P<empty> /? )""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:.-]*+)(?:=\"([^\"]*+)\")?")
_HALF_REFERENCE = re.compile(r"&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);)")


class OddError(Exception):
    """HTML that is not written as templates write it."""


def start_tag(inside: str) -> tuple[str, list[tuple[str, str | None]], bool]:
    """The element, the attributes as Python's parser gives them, and whether it is closed at once.

    ``inside`` is what stands between the angle brackets. Raises OddError.
    """
    found = _START.fullmatch(inside)
    if found is None:
        raise OddError
    attributes: list[tuple[str, str | None]] = []
    for one in _ATTRIBUTE.finditer(found["attributes"]):
        name, value = one.groups()
        if value and "&" in value:
            if _HALF_REFERENCE.search(value):
                raise OddError
            value = unescape(value)
        attributes.append((name.lower(), value))
    return found["tag"].lower(), attributes, bool(found["empty"])


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]

    def place(self, offset: int) -> tuple[int, int]:
        """The line, counted from 1, and the offset in it, counted from 0."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]


class Listener(Protocol):
    """Whoever is told of tags and texts, in their order."""

    def begin(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """A start tag; names are in lower case, and references in values are resolved."""

    def end(self, tag: str) -> None:
        """An end tag, or the end of an element that is closed at once."""

    def data(self, text: str) -> None:
        """Text between tags, in one piece or in several."""


class Parser(HTMLParser):
    """Python's parser, which makes something of everything."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(convert_charrefs=True)
        self.handle_starttag = listener.begin  # type: ignore[method-assign, assignment]
        self.handle_endtag = listener.end  # type: ignore[method-assign]
        self.handle_data = listener.data  # type: ignore[method-assign, assignment]

    def parse_html_declaration(self, i: int) -> int:
        """As browsers do, what begins like a declaration and is none (``<![1``) is a comment."""
        try:
            return super().parse_html_declaration(i)
        except AssertionError:
            return self.parse_bogus_comment(i)
