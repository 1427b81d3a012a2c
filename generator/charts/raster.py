"""A whole SVG file as a PNG.

A chart or a card is drawn by PDFium at once (:mod:`generator.charts.direct`). Of any other drawing vl-convert
makes a PDF, which PDFium draws: its pixels are at hand as they are, and need not go through a PNG first. PDFium
sets the tiles of a pattern side by side with seams, and resvg takes long over each shape that has one; so resvg
draws the pattern once, and PDFium where it is to be.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator.charts.direct import ALONE, pixels, rendered
from generator.charts.renderer import register

_MOST_COLOURS = 64
_STEP = 512
"""Pixels by which a pattern is made larger."""


def rasterised(svg: str, fonts: Sequence[Path], *, scale: int = 1) -> bytes:
    """``scale`` pixels for each px. ``fonts`` are the folders with the files of every font that it names.

    The picture must be opaque. The same SVG gives the same bytes.
    """
    draw = _with_patterns if "<pattern" in svg else _drawn
    return _with_palette(_Runs.of(draw(svg, fonts, scale)))


class _Runs(Struct, frozen=True):
    """An image as runs of one colour, row after row: in a chart there are few."""

    shape: tuple[int, int]
    colours: Any
    """Of each run: red, green and blue, from the lowest byte up."""
    lengths: Any
    """Of each run, in pixels."""

    @classmethod
    def of(cls, pixels: Any) -> _Runs:
        """``pixels`` are rows of pixels of four bytes, not kept: red, green, blue, and one of no meaning."""
        import numpy as np

        flat = np.ascontiguousarray(pixels).view("<u4").reshape(-1)
        starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
        return cls(pixels.shape[:2], flat[starts] & 0xFFFFFF, np.diff(starts, append=len(flat)))


def _drawn(svg: str, fonts: Sequence[Path], scale: int) -> Any:
    """Rows of pixels: red, green, blue, and one of no meaning."""
    made = pixels(svg, fonts, scale=scale)
    return by_way_of_pdf(svg, fonts, scale) if made is None else made


def by_way_of_pdf(svg: str, fonts: Sequence[Path], scale: int) -> Any:
    """The same of any drawing."""
    import pypdfium2
    import vl_convert

    for folder in fonts:
        register(folder)
    pdf = bytes(vl_convert.svg_to_pdf(svg))
    with ALONE:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return rendered(document[0], scale)
        finally:
            document.close()


_PATTERN = re.compile(r'<pattern id="([^"]+)"([^>]*)>(.*?)</pattern>', re.DOTALL)


def _with_patterns(svg: str, fonts: Sequence[Path], scale: int) -> Any:
    """The same of a drawing with patterns: how much of each pixel has a pattern is the difference between two
    drawings in which it is black and white."""
    import numpy as np

    patterns = {found[1]: (found[2], found[3]) for found in _PATTERN.finditer(svg)}
    bare = _PATTERN.sub("", svg)

    def drawn(white: str) -> Any:
        colours = {name: "#ffffff" if name == white else "#000000" for name in patterns}
        return _drawn(_filled(bare, colours), fonts, scale)

    black = drawn("")
    made = black.copy()
    for name, (attributes, inside) in patterns.items():
        part = drawn(name) - black
        rows, columns = (np.flatnonzero(part.any(axis=axes)) for axes in ((1, 2), (0, 2)))
        if len(rows):
            height, width = int(rows[-1]) + 1, int(columns[-1]) + 1
            where = slice(rows[0], height), slice(columns[0], width)
            pattern = _pattern(attributes, inside, scale).pixels(height, width)[where]
            more = (part[where].astype(np.uint16) * pattern + 127) // 255
            made[where] = np.minimum(made[where] + more, 255)
    return made


def _filled(svg: str, colours: Mapping[str, str]) -> str:
    """With a colour in the place of each pattern."""
    return re.sub(r"url\(#([^)]+)\)", lambda found: colours.get(found[1], found[0]), svg)


@lru_cache(maxsize=4)
def _pattern(attributes: str, inside: str, scale: int) -> _Pattern:
    return _Pattern(attributes, inside, scale)


class _Pattern:
    """A pattern from the upper left corner on. It takes long, so it is drawn once, as large as was ever needed."""

    def __init__(self, attributes: str, inside: str, scale: int) -> None:
        self._given = attributes, inside, scale
        self._drawn: Any = None

    def pixels(self, height: int, width: int) -> Any:
        """Rows of pixels of four bytes."""
        there = (0, 0) if self._drawn is None else self._drawn.shape[:2]
        if height > there[0] or width > there[1]:
            up = (_STEP * -(-size // _STEP) for size in (height, width))
            self._drawn = _tiled(*self._given, *map(max, there, up))
        return self._drawn[:height, :width]


def _tiled(attributes: str, inside: str, scale: int, height: int, width: int) -> Any:
    import numpy as np
    import vl_convert
    from PIL import Image

    size = f'width="{width / scale}" height="{height / scale}"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><pattern id="p"{attributes}>{inside}</pattern>'
        f'<rect {size} fill="url(#p)"/></svg>'
    )
    with Image.open(io.BytesIO(bytes(vl_convert.svg_to_png(svg, scale=scale)))) as read:
        return np.asarray(read.convert("RGBA"))


def _with_palette(image: _Runs) -> bytes:
    """The image in the colours that most of it has; others, on the edges of letters, become the nearest of them.

    A seventh as large: charts have few colours. Pillow finds near colours by itself, but not those that are there
    already.
    """
    import numpy as np
    from PIL import Image

    colours, each = np.unique(image.colours, return_inverse=True)
    counts = np.bincount(each, weights=image.lengths)
    order = np.lexsort((colours, counts))[::-1]
    most, rest = order[:_MOST_COLOURS], order[_MOST_COLOURS:]
    places = np.zeros(len(colours), dtype=np.uint8)  # the number of a colour → its place in the palette
    places[most] = np.arange(len(most))
    parts = np.stack([(colours >> shift) & 0xFF for shift in (0, 8, 16)], axis=-1).astype(np.int32)
    if len(rest):
        apart = ((parts[rest][:, None, :] - parts[most][None, :, :]) ** 2).sum(axis=2)
        places[rest] = apart.argmin(axis=1)
    packed = Image.fromarray(np.repeat(places[each], image.lengths).reshape(image.shape))
    packed.putpalette(parts[most].astype(np.uint8).tobytes())
    out = io.BytesIO()
    packed.save(out, "PNG")
    return out.getvalue()
