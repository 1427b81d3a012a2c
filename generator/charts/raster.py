"""A whole SVG file as a PNG.

One of boxes and lines of text is drawn by PDFium at once (:mod:`generator.charts.direct`). Of any other vl-convert
makes a PDF, which PDFium draws: its pixels are at hand as they are, and need not go through a PNG first. PDFium
sets the tiles of a pattern side by side with seams, and resvg takes long over each shape that has one; so resvg
draws the pattern once, and PDFium where it is to be.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from generator.charts.direct import ALONE, pixels
from generator.charts.renderer import register

_MADE_WITH = ("vl-convert-python", "pypdfium2", "uharfbuzz", "pillow")
_MOST_COLOURS = 64
_STEP = 512
"""Pixels; images whose sizes have the same number of these share a pattern."""


@cache
def rasteriser() -> str:
    """What must be in the key of a picture that is kept."""
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in _MADE_WITH)


def rasterised(svg: str, fonts: Sequence[Path], *, scale: int = 1) -> bytes:
    """``scale`` pixels for each px. ``fonts`` are the folders with the files of every font that it names.

    The picture must be opaque. The same SVG gives the same bytes.
    """
    drawn = pixels(svg, fonts, scale=scale)
    if drawn is None:
        for folder in fonts:
            register(folder)
        drawn = _with_patterns(svg, scale) if "<pattern" in svg else _by_pdfium(svg, scale)
    return _with_palette(_Runs.of(drawn))


@dataclass(frozen=True, slots=True)
class _Runs:
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


def _by_pdfium(svg: str, scale: int) -> Any:
    """Rows of pixels: red, green, blue, and one of no meaning."""
    import pypdfium2
    import vl_convert

    pdf = bytes(vl_convert.svg_to_pdf(svg))
    with ALONE:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return document[0].render(scale=scale, rev_byteorder=True, prefer_bgrx=True).to_numpy().copy()
        finally:
            document.close()


_PATTERN = re.compile(r'<pattern id="([^"]+)"([^>]*)>(.*?)</pattern>', re.DOTALL)


def _with_patterns(svg: str, scale: int) -> Any:
    """The same of a drawing with patterns: how much of each pixel has a pattern is the difference between two
    drawings in which it is black and white."""
    import numpy as np

    patterns = {found[1]: (found[2], found[3]) for found in _PATTERN.finditer(svg)}
    bare = _PATTERN.sub("", svg)

    def drawn(white: str) -> Any:
        return _by_pdfium(_filled(bare, {name: "#fff" if name == white else "#000" for name in patterns}), scale)

    black = drawn("")
    made = black.astype(np.uint32)
    for name, (attributes, inside) in patterns.items():
        part = drawn(name).astype(np.uint32) - black
        if part.any():
            made += (part * _pattern(attributes, inside, black.shape, scale) + 127) // 255
    return np.minimum(made, 255).astype(np.uint8)


def _filled(svg: str, colours: Mapping[str, str]) -> str:
    """With a colour in the place of each pattern."""
    return re.sub(r"url\(#([^)]+)\)", lambda found: colours.get(found[1], found[0]), svg)


def _pattern(attributes: str, inside: str, shape: tuple[int, ...], scale: int) -> Any:
    """A pattern over a whole image, as rows of pixels. It takes long, so it is drawn for several images at once."""
    height, width = shape[:2]
    up = [_STEP * -(-size // _STEP) for size in (width, height)]
    return _tiled(attributes, inside, *up, scale)[:height, :width]


@lru_cache(maxsize=4)
def _tiled(attributes: str, inside: str, width: int, height: int, scale: int) -> Any:
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
