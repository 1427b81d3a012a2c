"""The picture that goes with a shared link: a page's own finding, number and small chart, as SVG and as PNG.

:class:`Card` is what it says, :func:`drawn` makes SVG of it in the theme's type and colours, :func:`rasterised`
makes the PNG. The first two are pure and light; the third imports the rasteriser.
"""

from generator.cards.card import HEIGHT, WIDTH, Bar, Card, CardNumber, alternative
from generator.cards.layout import drawn, fits
from generator.cards.look import Look
from generator.charts.raster import rasterised

__all__ = [
    "HEIGHT", "WIDTH", "Bar", "Card", "CardNumber", "Look", "alternative", "drawn", "fits", "rasterised",
]  # fmt: skip
