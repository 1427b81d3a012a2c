"""A whole SVG file as a PNG."""

from __future__ import annotations

import io
from pathlib import Path

from generator.charts.renderer import register

_MOST_COLOURS = 256


def rasterised(svg: str, fonts: Path | None, *, scale: int) -> bytes:
    """``scale`` pixels for each px, drawn by resvg, which vl-convert brings along, with the fonts of a folder.

    The image must be opaque. The same SVG gives the same bytes.
    """
    import vl_convert

    register(fonts)
    return _with_palette(bytes(vl_convert.svg_to_png(svg, scale=scale)))


def _with_palette(png: bytes) -> bytes:
    """The image in the colours that most of it has; others, on the edges of letters, become the nearest of them.

    A seventh as large: charts have few colours, and resvg packs in haste.
    """
    from PIL import Image

    with Image.open(io.BytesIO(png)) as read:
        image = read.convert("RGB")
    found = image.getcolors(image.width * image.height)
    most = sorted(found or [], reverse=True)[:_MOST_COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in most if isinstance(colour, tuple) for part in colour])
    out = io.BytesIO()
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()
