"""Charts and cards are drawn at once, and look as they do by way of a PDF."""

from __future__ import annotations

import io
from html import escape
from typing import Any

import numpy as np
import pytest
import vl_convert
from PIL import Image

from generator.charts.direct import pixels
from generator.charts.raster import by_way_of_pdf
from generator.charts.text import font_metrics
from generator.theme import default_theme

FONTS = [default_theme() / "assets/fonts/measure"]
SANS = 'font-family="Broadsheet Sans" font-size="22" font-weight="400" fill="#645d54"'
GROUND = '<rect x="0" y="0" width="600" height="120" fill="#fbf9f4"/>'


def drawing(inner: str, size: str = 'width="600" height="120" viewBox="0 0 600 120"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{GROUND}{inner}</svg>'


def text(words: str, given: str = SANS, x: float = 20) -> str:
    return f'<text x="{x:g}" y="80" {given}>{escape(words)}</text>'


def by_resvg(svg: str, scale: int) -> Any:
    with Image.open(io.BytesIO(bytes(vl_convert.svg_to_png(svg, scale=scale)))) as read:
        return np.asarray(read.convert("RGB"))


ALIKE = {
    "boxes": '<rect x="20.5" y="10" width="300.25" height="1.5" fill="#1c1a17"/>'
    '<rect y="30" width="80" height="20" fill="#b3341e" stroke="#1f5a8c" stroke-width="3"/>',
    "circles": '<circle cx="50" cy="50" r="30" fill="#91b1b6"/>'
    '<circle cx="150" cy="50" r="3.5" fill="none" stroke="#1c1a17"/>',
    "lines": '<g stroke="#1c1a17"><line x1="5" y1="5" x2="580" y2="90"/><line x2="580" y2="60" stroke-width="2.2"/>'
    '<line x1="20" y1="100" x2="500" y2="100" stroke-width="9" stroke-linecap="round"/></g>',
    "dashes": '<path d="M10,60H590" stroke="#b3341e" stroke-width="2" stroke-dasharray="4,3"/>',
    "a path": '<path d="M10,10l50,80l50-80h40v40H200V20L250,110,300,10z m300,20l10.5,.5-.5,60Zl-100,50" fill="#628d98"'
    ' stroke="#1c1a17"/>',
    "a path in which another is left out": '<path d="M10,10H200V110H10ZM50,40V90H150V40Z" fill="#628d98"/>',
    "sharp corners": '<path d="M20,100L60,10L100,100L104,10L108,100" fill="none" stroke="#1c1a17"/>',
    "round corners": '<path d="M20,100L60,10L100,100L104,10" fill="none" stroke="#1c1a17" stroke-width="6"'
    ' stroke-linejoin="round"/>',
    "nothing to be seen": '<rect width="0" height="90" fill="#000000"/><rect width="90" height="0" stroke="#000000"/>'
    '<circle cx="9" cy="9" r="0" stroke="#000000"/><path d="" stroke="#000000"/><rect width="9" height="9" fill="none"/>'
    '<rect x="20" width="9" height="9" fill="none" stroke="#000000" stroke-width="0"/><circle r="3" cx="9" cy="9"/>',
    "a line that is not filled": '<line x1="5" y1="5" x2="580" y2="90" fill="#ff0000"/><circle r="9" cx="9" cy="9"/>',
    "nothing with an area": '<path d="M10,40H100"/><path d="M10,60H100H50Z"/><path d="M10,20M100,20"/>'
    '<path d="M10,10H50V30H10ZM10,80L100,85"/>',
    "nothing with a length": '<g stroke="#000000" stroke-width="8"><line x1="60" y1="40" x2="60" y2="40"/>'
    '<path d="M90,40h0"/><path d="M120,40M150,60l0,0z"/></g><circle r="9" cx="9" cy="9"/>',
    "groups": '<g transform="translate(100,20)" fill="#1f7a66"><g transform="translate(30)">'
    '<rect width="50" height="50"/><g stroke="#000000" fill="none"><circle r="20" cx="99" cy="9"/></g></g>'
    '<rect width="9" height="9"/></g>',
    "a drawing in a drawing": '<svg x="300" y="10" width="200" height="100" viewBox="0 0 50 50" font-size="9"'
    ' font-family="Broadsheet Sans"><rect width="50" height="50" fill="#c4d5d5"/><text x="5" y="20">within</text>'
    '<path d="M5,5L45,45" stroke="#1c1a17" stroke-width="2"/></svg>',
    "lines of one text": f'<text {SANS} text-anchor="middle" transform="translate(200,40)"><tspan>Apr</tspan>'
    '<tspan x="0" dy="24">2025</tspan></text>',
    "what is only said": '<title>Not drawn</title><desc>Nor this</desc><a href="elsewhere/" class="x" data-at="1">'
    '<circle cx="50" cy="50" r="30" tabindex="-1"><title>told</title></circle></a>',
    "a clip that takes nothing": '<defs><clipPath id="c"><rect width="100" height="50"/></clipPath></defs>'
    '<g transform="translate(50,50)" clip-path="url(#c)"><path d="M1,1L99,49" stroke="#000000" stroke-width="2"/>'
    '<path d=""/></g>',
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
    ours = pixels(svg, FONTS, scale=scale)
    assert ours is not None
    assert ours.shape == (120 * scale, 600 * scale, 4)
    theirs = (by_way_of_pdf(svg, FONTS, scale), by_resvg(svg, scale))  # which smooth edges otherwise
    apart = min((np.abs(ours[..., :3].astype(int) - each[..., :3]).max(axis=2) for each in theirs), key=np.mean)
    assert apart.mean() < 0.2
    assert (apart > 90).mean() < 0.0001  # edges of letters, by less than half a pixel, and ends of sharp corners
    assert len(np.unique(ours.reshape(-1, 4), axis=0)) > 1


def test_letters_are_moved_together_where_the_font_says_so() -> None:
    words, size = "To Ta Te Yo Va Wa", 48
    found = pixels(drawing(text(words, SANS.replace("Sans", "Serif").replace('"22"', f'"{size}"'))), FONTS)
    assert found is not None
    inked = np.flatnonzero((found != found[0, 0]).any(axis=(0, 2)))
    apart = font_metrics(FONTS[0], "Broadsheet Serif", bold=False).width(words, size)
    assert 0.8 * apart < inked.max() - inked.min() < apart - size / 4


OTHERS = {
    "a curve": '<path d="M0,0C10,10,20,10,30,0" stroke="#000000"/>',
    "a path that begins nowhere": '<path d="L10,10" stroke="#000000"/>',
    "half a path": '<path d="M0,0L10" stroke="#000000"/>',
    "a path that goes on after its end": '<path d="M0,0L10,10Z5,5" stroke="#000000"/>',
    "no path": '<path d="round" stroke="#000000"/>',
    "an ellipse": '<ellipse rx="10" ry="20"/>',
    "an image": '<image href="elsewhere.png" width="10" height="10"/>',
    "a pattern": '<defs><pattern id="p"/></defs><rect width="9" height="9" fill="url(#p)"/>',
    "a clip that takes something": '<defs><clipPath id="c"><rect width="100" height="50"/></clipPath></defs>'
    '<g clip-path="url(#c)"><path d="M0.5,1L99,49" stroke="#000000" stroke-width="2"/></g>',
    "a clip of text": '<defs><clipPath id="c"><rect width="600" height="120"/></clipPath></defs>'
    f'<g clip-path="url(#c)">{text("within")}</g>',
    "a clip beyond which a corner sticks out": '<defs><clipPath id="c"><rect y="18" width="90" height="90"/></clipPath>'
    '</defs><g clip-path="url(#c)"><path d="M40,70L60,21L80,70" fill="none" stroke="#000000" stroke-width="6"/></g>',
    "a clip that is moved": '<defs><clipPath id="c" transform="translate(40)"><rect width="90" height="90"/></clipPath>'
    '</defs><g clip-path="url(#c)"><rect width="9" height="9"/></g>',
    "a drawing that is cut off": '<svg x="20" y="20" width="40" height="40" viewBox="0 0 40 40">'
    '<rect x="-10" y="-10" width="100" height="30" fill="#ff0000"/></svg>',
    "a drawing that is turned over": '<svg x="20" width="-40" height="40" viewBox="0 0 40 40"/>',
    "a dot": '<path d="M60,40h0" stroke="#000000" stroke-width="8" stroke-linecap="round"/>',
    "a stroke of less than nothing": '<path d="M10,10L60,40" stroke="#000000" stroke-width="-8"/>',
    "dashes of less than nothing": '<path d="M10,10L60,40" stroke="#000000" stroke-dasharray="-5,3"/>',
    "text of less than nothing": text("Rag", SANS.replace('"22"', '"-22"')),
    "no text": f'<text x="1" y="9" {SANS}><tspan/></text>',
    "letters apart from an end": text("FIRST", f'{SANS} letter-spacing="1.2" text-anchor="end"'),
    "another order of letters": text("ab\u202ecdef"),
    "lines in one text": f'<text x="1" y="9" {SANS}>a\nb</text>',
    "a family with a comma": text("Rag", SANS.replace('"Broadsheet Sans"', "\"'Broadsheet Sans, Rag'\"")),
    "a family with a long name": text("Rag", SANS.replace("Broadsheet", "B" * 5000)),
    "other digits": '<rect width="\u0663\u0660" height="9"/>',
    "too far away": '<path d="M-100000000000,40H1000000000000" stroke="#000000"/>',
    "no namespace": '<rect xmlns="" width="9" height="9"/>',
    "groups within groups": "<g>" * 2000 + "</g>" * 2000,
    "half a letter": text("Rag \ud800"),
    "a clip that is not there": '<g clip-path="url(#c)"><rect width="9" height="9"/></g>',
    "something that is seen through": '<rect width="9" height="9" opacity="0.5"/>',
    "a style": '<rect width="9" height="9" style="fill:red"/>',
    "words of no text": "<g>words</g>",
    "one text in another": f'<text x="1" y="9" {SANS}>a<tspan>b</tspan></text>',
    "text after a part": f'<text x="1" y="9" {SANS}><tspan>a</tspan>b</text>',
    "text with an outline": text("Rag", f'{SANS} stroke="#ffffff"'),
    "two blanks": text("a  b"),
    "a name of a colour": '<rect width="9" height="9" fill="black"/>',
    "a short colour": '<rect width="9" height="9" fill="#000"/>',
    "a share": '<rect width="50%" height="9" fill="#000000"/>',
    "turned": text("turned", f'{SANS} transform="rotate(90)"'),
    "a corner that is cut off, in a wide stroke": '<path d="M20,100L60,10L64,100" stroke="#000000" stroke-width="4"/>',
    "bevelled": '<path d="M0,0L9,9L0,9" stroke="#000000" stroke-linejoin="bevel"/>',
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
        drawing("", 'width="0" height="120"'),
        drawing("", 'width="-5" height="120"'),
        drawing("", 'width="200000" height="200000"'),
        drawing("", f'width="{"9" * 400}" height="120"'),
        drawing("").replace("<svg", '<!DOCTYPE svg [<!ENTITY a "a">]><svg'),
    ],
)
def test_what_cannot_be_read_so_is_left_to_others(svg: str) -> None:
    assert pixels(svg, FONTS) is None


def test_a_file_that_is_no_font_is_left_to_others(tmp_path: Any) -> None:
    (tmp_path / "TownSans-Regular.ttf").write_bytes(b"no font")
    assert pixels(drawing(text("Rag", SANS.replace("Broadsheet", "Town"))), [tmp_path]) is None
