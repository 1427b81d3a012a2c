"""A drawing that leaves the site: an SVG that needs no style sheet, with the words that must go with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from msgspec import Struct

from generator.charts.style import TEXT_SIZE, Style
from generator.charts.text import Metrics, legible, metrics

MARGIN = 24
"""Space around everything, in px."""
GAP = 16
"""Space above and below the drawing, in px."""
MOST_LINES = 12
"""Of any one text; the rest of it is cut."""

_OPENING = re.compile(r"<svg\b[^>]*>")
_SIZE = re.compile(r' (width|height)="([\d.]+)"')
_OWN_WORDS = re.compile(r"<title id=[^>]*>[^<]*</title>|<desc id=[^>]*>[^<]*</desc>")
_PROPERTY = re.compile(r'="var\(--chart-([a-z0-9-]+)\)"')
_LINK = re.compile(r'<a href="[^"]*"')


class Caption(Struct, frozen=True):
    """What is written around a drawing, as plain text; what is empty is left out.

    ``description`` is for those who cannot see it, ``source`` says who says so and as of when, ``address`` where
    the figure stands; ``events`` are what the rules in the drawing mark, each with its number.
    """

    title: str
    subtitle: str = ""
    description: str = ""
    note: str = ""
    source: str = ""
    address: str = ""
    events: tuple[str, ...] = ()


def standalone(drawing: str, caption: Caption, colours: Mapping[str, str], style: Style, *, fonts: str = "") -> str:
    """A whole SVG file: an inline drawing of :func:`~generator.charts.draw.draw`, with its words above and below.

    ``colours`` gives each role a plain colour. ``fonts`` are the families to ask for, as a style sheet lists them;
    those of ``style`` when left out, in whose fonts text is measured. Links are left out, since they lead nowhere
    from elsewhere. The same arguments give the same bytes.
    """
    opening = _OPENING.match(drawing)
    assert opening is not None, "a drawing begins with its svg element"
    width, height = drawing_size(drawing)
    sheet = _Sheet(width, colours)
    text = metrics(style)
    heading = f' font-family="{_quoted(style.heading_stack)}" font-weight="600"'
    sheet.set(caption.title, 22, 28, "ink", metrics(style, heading=True), heading)
    sheet.set(caption.subtitle, 14, 20, "muted", text, before=4)
    inner = _unbound(drawing[opening.end() :].removesuffix("</svg>"), colours)
    sheet.draw(inner, height)
    for event in caption.events:
        sheet.set(event, 13, 18, "ink", text)
    sheet.set(caption.note, 13, 18, "ink", text, before=4 if caption.events else 0)
    sheet.set(caption.source, 12, 17, "muted", text, before=4)
    sheet.set(caption.address, 12, 17, "muted", text)
    outer, whole = width + 2 * MARGIN, sheet.y + MARGIN
    size = f'width="{outer}" height="{whole}"'
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {outer} {whole}"'
            f' role="img" aria-labelledby="title desc" font-family="{_quoted(fonts or style.font_stack)}">\n',
            f'<title id="title">{_words(caption.title)}</title>\n',
            f'<desc id="desc">{_words(caption.description)}</desc>\n',
            f'<rect {size} fill="{colours["paper"]}"/>\n',
            *sheet.parts,
            "</svg>\n",
        ]
    )


def drawing_size(drawing: str) -> tuple[int, int]:
    """Width and height of an inline drawing in whole px."""
    opening = _OPENING.match(drawing)
    size = dict(_SIZE.findall(opening.group())) if opening else {}
    return round(float(size["width"])), round(float(size["height"]))


class _Sheet:
    """Texts and a drawing, one below the other; ``y`` is where the next begins, in px."""

    def __init__(self, width: int, colours: Mapping[str, str]) -> None:
        self.width = width
        self.colours = colours
        self.y = MARGIN
        self.parts: list[str] = []

    def set(
        self, text: str, size: int, leading: int, role: str, font: Metrics, attributes: str = "", *, before: int = 0
    ) -> None:
        """A text of ``size`` px on lines that are ``leading`` px apart, ``before`` px below what is above it."""
        if not text:
            return
        self.y += before
        for line in font.wrap(text, self.width * TEXT_SIZE / size, MOST_LINES):
            baseline = self.y + round((leading + size * 0.7) / 2)  # so that capitals stand in the middle of a line
            self.parts.append(
                f'<text x="{MARGIN}" y="{baseline}" font-size="{size}" fill="{self.colours[role]}"{attributes}>'
                f"{_words(line)}</text>\n"
            )
            self.y += leading

    def draw(self, inner: str, height: int) -> None:
        self.y += GAP
        place = f"translate({MARGIN},{self.y})"
        self.parts.append(f'<g transform="{place}" font-size="{TEXT_SIZE}" fill="none">{inner}</g>\n')
        self.y += height + GAP


def _unbound(inner: str, colours: Mapping[str, str]) -> str:
    """What is in a drawing, without links, and with colours in place of custom properties."""
    inner = _LINK.sub("<g", _OWN_WORDS.sub("", inner)).replace("</a>", "</g>").replace(' pointer-events="none"', "")
    return _PROPERTY.sub(lambda match: f'="{colours[match[1]]}"', inner)


def _words(text: str) -> str:
    return escape(legible(text), quote=False)


def _quoted(text: str) -> str:
    return escape(legible(text))
