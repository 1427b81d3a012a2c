"""A whole SVG file as a PNG.

vl-convert makes a PDF of it, which PDFium draws: its pixels are at hand as they are, and need not go through a PNG
first, which takes longer than all else. PDFium sets the tiles of a pattern side by side with seams, so resvg draws
what has a pattern.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generator.charts.renderer import register

_MOST_COLOURS = 64
_ALONE = threading.Lock()
"""PDFium must not be called by two threads at once."""


@cache
def rasteriser() -> str:
    """What must be in the key of a picture that is kept."""
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("vl-convert-python", "pypdfium2", "pillow"))


def rasterised(svg: str, fonts: Sequence[Path], *, scale: int = 1) -> bytes:
    """``scale`` pixels for each px. ``fonts`` are the folders with the files of every font that it names.

    The picture must be opaque. The same SVG gives the same bytes.
    """
    for folder in fonts:
        register(folder)
    return _with_palette(_by_resvg(svg, scale) if "<pattern" in svg else _by_pdfium(svg, scale))


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


def _by_pdfium(svg: str, scale: int) -> _Runs:
    import pypdfium2
    import vl_convert

    pdf = bytes(vl_convert.svg_to_pdf(svg))
    with _ALONE:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return _Runs.of(document[0].render(scale=scale, rev_byteorder=True, prefer_bgrx=True).to_numpy())
        finally:
            document.close()


def _by_resvg(svg: str, scale: int) -> _Runs:
    import numpy as np
    import vl_convert
    from PIL import Image

    with Image.open(io.BytesIO(bytes(vl_convert.svg_to_png(svg, scale=scale)))) as read:
        return _Runs.of(np.asarray(read.convert("RGBA")))


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
