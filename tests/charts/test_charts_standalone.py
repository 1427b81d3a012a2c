"""A drawing that leaves the site needs nothing of it, and carries the words that must go with it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import vl_convert
from chart_samples import drawn, sample
from PIL import Image

from generator.charts import (
    KINDS,
    Caption,
    Style,
    drawing_size,
    raster,
    rasterised,
    standalone,
)
from generator.charts.renderer import register
from generator.theme import Theme, default_theme

SVG = "{http://www.w3.org/2000/svg}"
FONTS = [default_theme() / "assets/fonts/measure"]
STYLE = Style(font_directory=FONTS[0])
CAPTION = Caption(
    "Aldford lends more than <any> other & all",
    "Loans in 2025",
    'A "line" that ends at 12.',
    "A renewal is not a loan.",
    "Source: Library Board, Annual returns, 31 December 2025.",
    "example.org/towns/aldford/",
)


def drawing(kind: str) -> str:
    rows, options = sample(kind)
    linked = {"a": "ambridge/"} if kind in ("bars", "tiles", "map") else {}
    return drawn(kind, rows, options, style=STYLE, links=linked)


def alone(name: str, caption: Caption = CAPTION) -> str:
    return standalone(drawing(name), caption, STYLE.light, STYLE)


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_stands_alone(name: str) -> None:
    svg = alone(name)
    root = ET.fromstring(svg)
    assert "var(" not in svg
    assert {node.tag for node in root.iter()}.isdisjoint(
        {f"{SVG}{tag}" for tag in ("script", "style", "a", "image")}
    )
    attributes = {attribute for node in root.iter() for attribute in node.attrib}
    assert attributes.isdisjoint({"href", "class", "style", "pointer-events"})
    assert not any(attribute.startswith("on") for attribute in attributes)
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]*)\)", svg)) <= set(ids)
    assert root.find(f"{SVG}title").text == CAPTION.title  # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text == CAPTION.description  # type: ignore[union-attr]
    assert root.attrib["role"] == "img"


def test_its_words_are_around_the_drawing_in_their_order() -> None:
    said = texts(alone("bars"))
    inner = texts(drawing("bars"))
    before, after = said[: said.index(inner[0])], said[said.index(inner[-1]) + 1 :]
    assert before == [CAPTION.title, CAPTION.subtitle]
    assert after == [CAPTION.note, CAPTION.source, CAPTION.address]


def test_what_the_rules_in_it_mark_is_listed_below() -> None:
    said = texts(
        alone("line", Caption("A", note="B", events=("1. 6 June 2025: A library opened", "2. July 2025: Another")))
    )
    assert said[-3:] == ["1. 6 June 2025: A library opened", "2. July 2025: Another", "B"]


def test_what_is_empty_takes_no_room() -> None:
    height = {
        len(words): drawing_size(alone("line", Caption(**words)))[1]
        for words in ({"title": "A"}, {"title": "A", "note": "B"})
    }
    assert height[2] == height[1] + 18


def test_long_words_are_wrapped_within_the_margins() -> None:
    caption = Caption(
        "A finding that is told at such a length that no line of it can be wide enough " * 2, note="x " * 400
    )
    svg = alone("line", caption)
    assert len([text for text in texts(svg) if text.startswith("x ")]) > 1
    title = [text for text in texts(svg) if "finding" in text or "enough" in text]
    assert len(title) > 1
    assert " ".join(title) == caption.title.strip()


def test_the_fonts_asked_for_are_in_the_file() -> None:
    svg = standalone(drawing("line"), CAPTION, STYLE.light, STYLE, fonts='"Fira Sans", sans-serif')
    assert ET.fromstring(svg).attrib["font-family"] == '"Fira Sans", sans-serif'
    assert f"{STYLE.heading_family}" in svg


# --- pixels ------------------------------------------------------------------------------------------------


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


@pytest.mark.parametrize("name", ["line", "map"])
def test_a_png_is_the_same_every_time_and_small(name: str) -> None:
    svg = alone(name)
    first = rasterised(svg, FONTS, scale=2)
    assert first == rasterised(svg, FONTS, scale=2)
    assert opened(first).size == tuple(2 * length for length in drawing_size(svg))
    assert len(first) < 120_000


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"map"}))
def test_a_png_shows_what_resvg_shows(name: str) -> None:
    """Edges are smoothed otherwise; nothing is missing, moved or of another colour. Hatches are resvg's in any case."""
    svg = alone(name)
    ours = opened(rasterised(svg, FONTS, scale=2)).convert("RGB")
    register(FONTS[0])
    theirs = opened(bytes(vl_convert.svg_to_png(svg, scale=2))).convert("RGB")
    assert ours.size == theirs.size
    apart = np.abs(np.asarray(ours, dtype=int) - np.asarray(theirs, dtype=int)).max(axis=2)
    assert apart.mean() < 1
    assert (apart > 80).mean() < 0.002


def test_flat_colours_are_kept_to_the_last_bit() -> None:
    image = opened(rasterised(alone("tiles"), FONTS, scale=2)).convert("RGB")
    colours = {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in image.getcolors(1 << 20) or []}  # type: ignore[misc]
    assert {STYLE.light["paper"], STYLE.light["ink"], STYLE.light["s5"]} <= colours
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((1, 1))) == STYLE.light["paper"]  # type: ignore[misc]


@pytest.mark.parametrize("family", ["Broadsheet Sans", "Broadsheet Serif"])
def test_text_is_set_in_the_fonts_it_was_measured_with(family: str) -> None:
    def shown(families: str) -> bytes:
        text = f'<text x="4" y="30" font-size="24" font-weight="600" font-family="{families}">Rag 123</text>'
        ground = '<rect width="120" height="40" fill="#fff"/>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40">{ground}{text}</svg>'
        return rasterised(svg, FONTS, scale=1)

    assert shown(family) == shown(f"{family}, serif")
    assert shown(family) != shown("No Such Family, serif")


# --- the style sheet's colours ------------------------------------------------------------------------------


def test_the_default_sheet_says_what_the_style_says(tmp_path: Path) -> None:
    theme = Theme(tmp_path)
    assert theme.chart_colours == Style().light
    assert theme.chart_fonts.replace(", ", ",") == Style().font_stack.replace(", ", ",")


def own(tmp_path: Path, css: str) -> Theme:
    sheet = tmp_path / "templates/assets/style.css"
    sheet.parent.mkdir(parents=True)
    sheet.write_text(css, encoding="utf-8")
    return Theme(tmp_path)


def test_a_storys_own_sheet_is_heard(tmp_path: Path) -> None:
    css = """
    :root { --accent: light-dark(#00639a, #7cc0ee); --chart-accent: var(--accent); --chart-font: "Fira Sans", serif; }
    @media (prefers-color-scheme: dark) { :root { --chart-c1: #000 } }
    """
    theme = own(tmp_path, css)
    assert (theme.chart_colours["accent"], theme.chart_colours["c1"]) == ("#00639a", Style().light["c1"])
    svg = standalone(drawing("line"), CAPTION, theme.chart_colours, theme.style, fonts=theme.chart_fonts)
    assert ET.fromstring(svg).attrib["font-family"].startswith('"Fira Sans"')
    assert "#00639a" in svg


def test_a_style_sheet_cannot_write_into_the_file(tmp_path: Path) -> None:
    theme = own(tmp_path, ":root { --chart-ink: \"/><script>x</script>; --chart-font: \"/><script>, 'x'; }")
    svg = standalone(drawing("line"), CAPTION, theme.chart_colours, theme.style, fonts=theme.chart_fonts)
    assert theme.chart_colours["ink"] == Style().light["ink"]
    assert "script" not in {node.tag for node in ET.fromstring(svg).iter()}
    assert "<script" not in svg


def test_patterns_look_as_another_rasteriser_draws_them() -> None:
    """Each where it is to be, without seams, and mixed with what is around it at its edges."""
    stripes = '<rect width="5" height="5" fill="#fff"/><path d="M0,0V5" stroke="#a33"/>'
    dots = '<rect width="6" height="6" fill="#eef"/><rect width="3" height="3" fill="#225"/>'
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200" viewBox="0 0 300 200">'
        f'<pattern id="a" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">{stripes}'
        f'</pattern><pattern id="b" width="6" height="6" patternUnits="userSpaceOnUse">{dots}</pattern>'
        '<rect width="300" height="200" fill="#fbf9f4"/><circle cx="90" cy="90" r="70" fill="url(#a)"/>'
        '<path d="M150,20L280,60L170,180Z" fill="url(#b)" stroke="#000"/><rect x="20" y="170" width="90" height="20"/>'
        "</svg>"
    )
    ours = np.asarray(Image.open(io.BytesIO(rasterised(svg, [], scale=2))).convert("RGB")).astype(int)
    other = Image.open(io.BytesIO(bytes(vl_convert.svg_to_png(svg, scale=2)))).convert("RGB")
    theirs = np.asarray(other).astype(int)
    assert ours.shape == theirs.shape == (400, 600, 3)
    apart = np.abs(ours - theirs).max(axis=2)
    assert apart.mean() < 3
    assert (apart > 60).mean() < 0.005, "at most a few pixels on the edges"
    assert rasterised(svg, [], scale=2) == rasterised(svg, [], scale=2)


def test_a_pattern_is_the_same_wherever_it_was_drawn_first() -> None:
    """It is kept, and drawn anew where a larger one is needed."""

    def hatched(width: int, height: int) -> bytes:
        size = f'width="{width}" height="{height}"'
        return rasterised(
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}><defs><pattern id="h" width="5" height="5"'
            ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="#fbf9f4"/>'
            f'<path d="M0,0V5" stroke="#958d81"/></pattern></defs><rect {size} fill="#1c1a17"/>'
            f'<rect x="10" y="10" width="{width - 30}" height="{height - 30}" fill="url(#h)"/></svg>',
            FONTS,
        )

    first = hatched(300, 120)
    raster._pattern.cache_clear()
    large = hatched(900, 700)
    assert hatched(300, 120) == first
    raster._pattern.cache_clear()
    assert hatched(900, 700) == large
