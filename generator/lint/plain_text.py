"""Segments of a Markdown text → what a reader reads, letter for letter at the same offsets.

What is no prose (code, expressions, addresses, list numbers, attributes …) is covered by signs that no number
can hold, so that an offset in the plain text is the offset in the file's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from msgspec import Struct

from generator.prose.scanner import Segment

BREAK = "\x01"
"""Ends a paragraph, list item, cell or heading: nothing is read across it."""
VALUE = "\x02"
"""Stands where something is computed, asserted, attributed or code."""

Span = tuple[int, int]


class Plain(Struct, frozen=True):
    """``text`` is as long as the source; ``quoted`` are the block quotes' paragraphs in it."""

    text: str
    quoted: tuple[Span, ...] = ()


def plain(segments: Sequence[Segment]) -> Plain:
    """The prose of a Markdown text."""
    text = "".join(_cover(segment) for segment in segments)
    for pattern, sign in _NOT_READ:
        text = pattern.sub(partial(_covered, sign), text)
    return _by_lines(text)


def plain_words(text: str) -> Plain:
    """A text without Markdown: of a setting, or of an expression."""
    return Plain(re.sub(r"\n(?=[ \t]*\n)", BREAK, text))


def _cover(segment: Segment) -> str:
    if segment.kind == "text":
        return segment.text
    sign = " " if segment.kind in ("statement", "comment") else BREAK if segment.kind == "block" else VALUE
    return re.sub(r"[^\n]", sign, segment.text)


def _covered(sign: str, match: re.Match[str]) -> str:
    """The match with its group covered; line breaks stay."""
    before = match.group()[: match.start(1) - match.start()]
    after = match.group()[match.end(1) - match.start() :]
    return before + re.sub(r"[^\n]", sign, match[1]) + after


_ADDRESS = r"(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\([^\s()]*\))*)"
_NOT_READ: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(?:[ \t]*>)*[ ]{0,3}(\[\^[^\]\s]+\]:)", re.MULTILINE), BREAK),
    (re.compile(rf"^[ ]{{0,3}}(\[[^\]\n]+\]:[ \t]*{_ADDRESS})", re.MULTILINE), VALUE),
    (re.compile(r"(\[\^[^\]\s]+\])"), VALUE),
    (re.compile(rf"\](\([ \t]*{_ADDRESS})"), VALUE),
    (re.compile(r"\](\[[^\]\n]*\])"), VALUE),
    (re.compile(r"(\{:?[ \t]*[#.][^{}\n]*\})"), VALUE),
    (re.compile(r"(<(?:https?://|mailto:)[^\s<>]*>)"), VALUE),
    (re.compile(r"((?:https?://|www\.)[^\s<>|)\]]+)"), VALUE),
    (re.compile(r"((?<![\w.+-])[\w.+-]{1,64}@[\w-]+\.[\w.-]+)"), VALUE),
    (re.compile(r"(&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);)"), VALUE),
    (re.compile(r"(\|)"), BREAK),
)

_MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])(?=[ \t])")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]")


def _by_lines(text: str) -> Plain:
    """Takes off what begins a line (quote signs, list markers) and ends paragraphs where Markdown does."""
    made: list[str] = []
    quoted: list[Span] = []
    offset = 0
    begins, numbered, ended = True, False, True  # whether the next line may begin a list, or go on with one
    for line in text.split("\n"):
        signs = re.match(r"(?:[ \t]*>)*", line)
        quote = signs.end() if signs else 0
        rest = line[quote:]
        marker = _MARKER.match(rest)
        heading = _HEADING.match(rest)
        is_item = bool(marker and (begins or numbered or marker.group().strip() in ("-", "*", "+")))
        ends = not rest.strip(" \t") or heading is not None
        if is_item and marker:
            rest = BREAK * marker.end() + rest[marker.end() :]
        if quote:
            same = quoted and not begins and quoted[-1][1] == offset - 1
            start = quoted.pop()[0] if same else offset
            quoted.append((start, offset + len(line)))
        if made and (ends or is_item):
            made[-1] = made[-1][:-1] + BREAK
        made.append(" " * quote + rest + (BREAK if ends else "\n"))
        offset += len(line) + 1
        begins = ends or is_item
        inside = not rest.strip(" \t") or rest[:1] in " \t"
        numbered = is_item or (numbered and (inside or not ended))
        ended = ends
    return Plain("".join(made)[:-1], tuple(span for span in quoted if text[slice(*span)].strip("> \t")))


def sentence(text: str, offset: int) -> str:
    """The sentence of a plain text that an offset lies in, in one line and without Markdown's signs."""
    first, last = max(0, offset - _LONGEST), offset + _LONGEST
    start = max((match.end() for match in _SENTENCE_END.finditer(text, first, offset)), default=first)
    stop = _SENTENCE_END.search(text, offset, last)
    words = text[start : stop.start() + 1 if stop else last]
    return re.sub(rf"[\s{BREAK}{VALUE}]+", " ", re.sub(r"[*_\[\]]|\(?\x02[\x02 ]*\)?", " ", words)).strip()


_LONGEST = 600
_SENTENCE_END = re.compile(rf"[.!?][”’\")]*(?=\s+[A-Z{VALUE}“‘(])|{BREAK}")
