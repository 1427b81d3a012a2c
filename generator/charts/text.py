"""Measuring and writing the words in a chart: text widths from the font's own metrics, numbers, labels."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator.charts.style import TEXT_SIZE, Style
from generator.values import round_half_up

LINE_HEIGHT = 14
"""Distance between two lines of text in a chart, in px."""


_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def legible(text: str) -> str:
    """The text without the characters that no XML may hold; vl-convert aborts the whole process on them."""
    return _FORBIDDEN.sub("", text)


def legible_in(value: Any) -> Any:
    """The same for all text inside lists and dictionaries."""
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, Mapping):
        return {legible(name): legible_in(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [legible_in(inner) for inner in value]
    return value


class Separators(Struct, frozen=True):
    """How the site writes numbers; ``thousands`` may be empty or a thin space."""

    thousands: str = ","
    decimal: str = "."
    group_from: int = 1_000
    """The least number that has one between its thousands."""


def format_number(value: float, decimals: int, separators: Separators) -> str:
    """A number as printed: fixed decimals, separators of the site, a real minus sign."""
    text = f"{abs(round_half_up(value, decimals)):,.{decimals}f}"
    thousands = separators.thousands if abs(value) >= separators.group_from else ""
    text = text.translate({ord(","): thousands, ord("."): separators.decimal})
    return f"−{text}" if value < 0 and any(c in "123456789" for c in text) else text


class Metrics(Struct, frozen=True):
    """Advance widths of one font, in em, by code point; ``default`` for characters it lacks."""

    advances: Mapping[int, float]
    default: float

    def width(self, text: str, size: float = TEXT_SIZE) -> float:
        """The width of one line of text, in px."""
        return size * sum(self.advances.get(ord(c), self.default) for c in text)

    def shorten(self, text: str, most: float) -> str:
        """The text, cut with an ellipsis where it would be wider than ``most`` px."""
        if self.width(text) <= most:
            return text
        while text and self.width(text + "…") > most:
            text = text[:-1].rstrip()
        return text + "…"

    def wrap(self, text: str, most: float, lines: int = 2) -> list[str]:
        """The text on at most ``lines`` lines of ``most`` px; the last one is cut when it must be."""
        wrapped = [""]
        for word in text.split():
            longer = f"{wrapped[-1]} {word}".strip()
            if wrapped[-1] and len(wrapped) < lines and self.width(longer) > most:
                wrapped.append(word)
            else:
                wrapped[-1] = longer
        return [self.shorten(line, most) for line in wrapped]


def metrics(style: Style, *, bold: bool = False, heading: bool = False) -> Metrics:
    """The metrics of the style's font, or of the bold one of its headings; an estimate when there is no file."""
    family = style.heading_family if heading else style.font_family
    return font_metrics(style.font_directory, family, bold or heading)


def font_file(family: str, *, bold: bool) -> str:
    """The name of the file of a font that text is measured with and drawn in."""
    return f"{family.replace(' ', '')}-{'SemiBold' if bold else 'Regular'}.ttf"


@lru_cache(maxsize=16)
def font_metrics(directory: Path | None, family: str, bold: bool) -> Metrics:
    """The metrics of a font whose file, such as ``BroadsheetSans-Regular.ttf``, is there; else an estimate."""
    path = directory / font_file(family, bold=bold) if directory else None
    if path is None or not path.is_file():
        return _estimate(bold)
    return read_metrics(path.read_bytes())


def _estimate(bold: bool) -> Metrics:
    # Rather too wide than too narrow: a label that is cut too early is better than one that overlaps.
    narrow = {ord(c): 0.28 for c in " .,;:!'|iIjl()[]·−-"}
    wide = {ord(c): 0.66 for c in "ABCDEGHKNOPQRUVXYZ&"} | {ord(c): 0.88 for c in "MWmw@%—"}
    digits = {ord(c): 0.52 for c in "0123456789"}
    factor = 1.06 if bold else 1.0
    return Metrics({point: w * factor for point, w in (narrow | wide | digits).items()}, 0.55 * factor)


def read_metrics(font: bytes) -> Metrics:
    """Read the advance widths out of a TrueType file's ``head``, ``hmtx`` and ``cmap`` tables.

    Raises ValueError for a file without a Unicode character map of format 4 or 12.
    """
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {}
    for index in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * index)
        tables[tag] = offset
    units = struct.unpack_from(">H", font, tables[b"head"] + 18)[0]
    measured = struct.unpack_from(">H", font, tables[b"hhea"] + 34)[0]

    def advance(glyph: int) -> float:
        offset = tables[b"hmtx"] + 4 * min(glyph, measured - 1)
        return float(struct.unpack_from(">H", font, offset)[0] / units)

    advances = {point: advance(glyph) for point, glyph in _character_map(font, tables[b"cmap"]).items()}
    return Metrics(advances, max(0.6, advance(0)))


def _character_map(font: bytes, table: int) -> dict[int, int]:
    for index in range(struct.unpack_from(">H", font, table + 2)[0]):
        offset = table + struct.unpack_from(">I", font, table + 8 + 8 * index)[0]
        kind = struct.unpack_from(">H", font, offset)[0]
        if kind == 12:
            groups = struct.unpack_from(">I", font, offset + 12)[0]
            ranges = (struct.unpack_from(">III", font, offset + 16 + 12 * n) for n in range(groups))
            return {first + i: glyph + i for first, last, glyph in ranges for i in range(last - first + 1)}
        if kind == 4:
            return _segments(font, offset)
    raise ValueError("the font has no Unicode character map")


def _segments(font: bytes, offset: int) -> dict[int, int]:
    """A ``cmap`` subtable of format 4."""
    double = struct.unpack_from(">H", font, offset + 6)[0]
    found: dict[int, int] = {}
    for at in range(0, double, 2):
        last = struct.unpack_from(">H", font, offset + 14 + at)[0]
        first = struct.unpack_from(">H", font, offset + 16 + double + at)[0]
        delta = struct.unpack_from(">H", font, offset + 16 + 2 * double + at)[0]
        place = offset + 16 + 3 * double + at
        shift = struct.unpack_from(">H", font, place)[0]
        for point in range(first, min(last, 0xFFFE) + 1):
            glyph = point
            if shift:
                glyph = struct.unpack_from(">H", font, place + shift + 2 * (point - first))[0]
                if not glyph:
                    continue
            found[point] = (glyph + delta) & 0xFFFF
    return found
