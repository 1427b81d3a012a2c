"""Drawings of boxes and lines of text are drawn at once, and look as they do by way of a PDF."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pytest

from generator.charts.direct import pixels
from generator.charts.raster import _by_pdfium
from generator.charts.renderer import register
from generator.charts.text import font_metrics
from generator.theme import default_theme

FONTS = [default_theme() / "assets/fonts/measure"]
SANS = 'font-family="Broadsheet Sans" font-size="22" font-weight="400" fill="#645d54"'
GROUND = '<rect x="0" y="0" width="600" height="120" fill="#fbf9f4"/>'


def drawing(inner: str, size: str = 'width="600" height="120" viewBox="0 0 600 120"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{GROUND}{inner}</svg>'


def text(words: str, given: str = SANS, x: float = 20) -> str:
    return f'<text x="{x:g}" y="80" {given}>{escape(words)}</text>'


def by_way_of_a_pdf(svg: str, scale: int = 1) -> Any:
    register(FONTS[0])
    return _by_pdfium(svg, scale)


ALIKE = {
    "boxes": '<rect x="20.5" y="10" width="300.25" height="1.5" fill="#1c1a17"/>'
    '<rect y="30" width="80" height="20" fill="#b3341e"/>',
    "kerning": text("AVATAR To Yukon, Texas", SANS.replace("Sans", "Serif").replace('"22"', '"48"')),
    "bold": text("Tell County 1,004½ – “7 %”", SANS.replace("400", "600")),
    "ligatures": text("first office, fjord, affluent"),
    "spaced": text("FIRST OFFICE, AV", f'{SANS} letter-spacing="1.2"'),
    "from the end": text("example.org/offices", f'{SANS} text-anchor="end"', x=580),
    "accents": text("Żółć, Łódź, Cañón, Århus, Çeşme"),
    "signs": text("R&D <under> 3 & “over” 4"),
}


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("name", ALIKE)
def test_it_is_the_same_picture(name: str, scale: int) -> None:
    svg = drawing(ALIKE[name])
    ours, theirs = pixels(svg, FONTS, scale=scale), by_way_of_a_pdf(svg, scale)
    assert ours is not None
    assert ours.shape == theirs.shape == (120 * scale, 600 * scale, 4)
    apart = np.abs(ours[..., :3].astype(int) - theirs[..., :3]).max(axis=2)
    assert apart.mean() < 0.1
    assert apart.max() < 90  # an edge of a letter, by less than half a pixel
    assert len(np.unique(ours.reshape(-1, 4), axis=0)) > 1


def test_letters_are_moved_together_where_the_font_says_so() -> None:
    words, size = "To Ta Te Yo Va Wa", 48
    found = pixels(drawing(text(words, SANS.replace("Sans", "Serif").replace('"22"', f'"{size}"'))), FONTS)
    assert found is not None
    inked = np.flatnonzero((found != found[0, 0]).any(axis=(0, 2)))
    apart = font_metrics(FONTS[0], "Broadsheet Serif", bold=False).width(words, size)
    assert 0.8 * apart < inked.max() - inked.min() < apart - size / 4


OTHERS = {
    "a path": '<path d="M0,0L10,10" stroke="#000"/>',
    "a group": f"<g>{text('in a group')}</g>",
    "part of a text": '<text x="1" y="9" font-family="Broadsheet Sans" font-size="9" fill="#000000">a<tspan>b</tspan></text>',
    "an outline": '<rect width="9" height="9" fill="#000000" stroke="#ffffff"/>',
    "a name of a colour": '<rect width="9" height="9" fill="black"/>',
    "no colour": '<rect width="9" height="9"/>',
    "a share": '<rect width="50%" height="9" fill="#000000"/>',
    "turned": text("turned", f'{SANS} transform="rotate(90)"'),
    "in the middle": text("middle", f'{SANS} text-anchor="middle"'),
    "a font that is not there": text("Rag", SANS.replace("Sans", "Script")),
    "a font elsewhere": text("Rag", SANS.replace("Broadsheet Sans", "../measure/Broadsheet Sans")),
    "a weight that is not there": text("Rag", SANS.replace("400", "900")),
    "a letter that is not there": text("Rag 東京"),
    "from the right": text("Rag שלום"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_kind_of_drawing_is_left_to_others(name: str) -> None:
    assert pixels(drawing(OTHERS[name]), FONTS) is None


@pytest.mark.parametrize(
    "svg",
    [
        "no SVG",
        "<svg/>",
        drawing("", 'width="600" height="120" viewBox="0 0 300 60"'),
        drawing("", 'width="100%" height="120"'),
        drawing("").replace("<svg", '<!DOCTYPE svg [<!ENTITY a "a">]><svg'),
    ],
)
def test_what_cannot_be_read_so_is_left_to_others(svg: str) -> None:
    assert pixels(svg, FONTS) is None


def test_a_file_that_is_no_font_is_left_to_others(tmp_path: Any) -> None:
    (tmp_path / "TownSans-Regular.ttf").write_bytes(b"no font")
    assert pixels(drawing(text("Rag", SANS.replace("Broadsheet", "Town"))), [tmp_path]) is None
