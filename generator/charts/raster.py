"""A whole SVG file as a PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator.charts.renderer import register

_MOST_COLOURS = 256


def rasteriser() -> str:
    """What must be in the key of a picture that is kept."""
    from importlib.metadata import version

    return f"vl-convert {version('vl-convert-python')}, Pillow {version('pillow')}"


def rasterised(svg: str, fonts: Sequence[Path], *, scale: int = 1) -> bytes:
    """``scale`` pixels for each px, drawn by resvg, which vl-convert brings along.

    ``fonts`` are the folders with the files of every font that it names. The picture must be opaque. The same SVG
    gives the same bytes.
    """
    import vl_convert

    for folder in fonts:
        register(folder)
    return _with_palette(bytes(vl_convert.svg_to_png(svg, scale=scale)))


def _with_palette(png: bytes) -> bytes:
    """The image in the colours that most of it has; others, on the edges of letters, become the nearest of them.

    A seventh as large: charts have few colours, and resvg packs in haste. Pillow finds near colours by itself, but
    not those that are there already.
    """
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(png)) as read:
        image = read.convert("RGB")
    counted = image.getcolors(image.width * image.height) or []
    colours = np.array([colour for _, colour in sorted(counted, reverse=True)], dtype=np.int32)
    most = colours[:_MOST_COLOURS]
    places = np.zeros(1 << 24, dtype=np.uint8)  # a colour → its place in the palette
    rest = colours[_MOST_COLOURS:]
    if len(rest):
        apart = ((rest[:, None, :] - most[None, :, :]) ** 2).sum(axis=2)
        places[_numbers(rest)] = apart.argmin(axis=1)
    places[_numbers(most)] = np.arange(len(most))
    pixels = places[_numbers(np.asarray(image, dtype=np.int32))]
    packed = Image.fromarray(pixels)
    packed.putpalette(most.astype(np.uint8).tobytes())
    out = io.BytesIO()
    packed.save(out, "PNG")
    return out.getvalue()


def _numbers(colours: Any) -> Any:
    """Colours, along the last axis, each as one number."""
    return (colours[..., 0] << 16) | (colours[..., 1] << 8) | colours[..., 2]
