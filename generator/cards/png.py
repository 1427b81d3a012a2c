"""A card's SVG as PNG: drawn by resvg, which vl-convert carries, in few colours.

Paper, ink, an accent and the steps between them are some hundreds of colours; the 256 that are met most, each
exactly as it is, make a file of a fifth of the size.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_COLOURS = 256

_registered: set[Path] = set()
"""vl-convert's own registry of fonts is as wide as the process."""


def rasteriser() -> str:
    """What must be in the key of a picture that is kept."""
    from importlib.metadata import version

    return f"vl-convert {version('vl-convert-python')}, Pillow {version('pillow')}"


def rasterised(svg: str, fonts: Sequence[Path]) -> bytes:
    """PNG of the SVG's own size. ``fonts`` are the folders with the files of every font that it names."""
    import vl_convert
    from PIL import Image

    for folder in fonts:
        if folder not in _registered and folder.is_dir():
            vl_convert.register_font_directory(str(folder))
            _registered.add(folder)
    with Image.open(io.BytesIO(vl_convert.svg_to_png(svg))) as picture:
        full = picture.convert("RGB")
    counted: list[Any] = sorted(full.getcolors(full.width * full.height) or (), reverse=True)
    palette = Image.new("P", (1, 1))
    palette.putpalette([level for _, colour in counted[:_COLOURS] for level in colour])
    few = full.quantize(palette=palette, dither=Image.Dither.NONE)
    made = io.BytesIO()
    few.save(made, "PNG", compress_level=6)
    return made.getvalue()
