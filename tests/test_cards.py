"""The picture that goes with a shared link: what it says, where it stands, and that it is the same everywhere."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from PIL import Image

from generator.cards import Bar, Card, CardNumber, Look, alternative, drawn, rasterised
from generator.cards.layout import BOTTOM, LEFT, RIGHT, TOP
from generator.prepare import prepare
from generator.run import Run
from generator.theme import Theme, default_theme, properties

SVG = "{http://www.w3.org/2000/svg}"

CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="chart" id="c" width="340" height="236" viewBox="0 0 340 236" '
    'font-family="var(--chart-font)" font-size="12" fill="none"><title id="c-title">Loans</title>'
    '<path d="M0,200L340,20" stroke="var(--chart-accent)"/><text x="9" y="9" fill="var(--chart-ink)">Ashby</text></svg>'
)

CARD = Card(
    site="Borrowed",
    heading="Ashby",
    address="example.org/borrowed",
    kicker="Northmark",
    lead="Ashby lent 1,843 books in 2025. No town lent more.",
    number=CardNumber("1,843", "Loans", "books", "1st of 6", "in 2025"),
    caption="Loans in Ashby",
    chart=CHART,
    place=True,
)

BARS = (Bar("Ashby", "1,843", 1.0, own=True), Bar("Corwen", "921", 0.5), Bar("Eskdale", "0", 0.0))

LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch " * 12


@pytest.fixture(scope="module")
def look() -> Look:
    return Theme(Path("nowhere")).look


def texts(svg: str) -> list[str]:
    return ["".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def boxes(svg: str, look: Look) -> Iterator[tuple[str, float, float, float, float]]:
    """Each text of the card itself with its left, right, top and bottom, by the font's own widths."""
    for each in ElementTree.fromstring(svg).findall(f"{SVG}text"):
        size, text = float(each.get("font-size", "0")), "".join(each.itertext())
        bold = each.get("font-weight") == "600"
        width = look.metrics(each.get("font-family", ""), bold=bold).width(text, size)
        width += float(each.get("letter-spacing", "0")) * len(text)
        left = float(each.get("x", "0")) - (width if each.get("text-anchor") == "end" else 0)
        yield text, left, left + width, float(each.get("y", "0")) - 0.72 * size, float(each.get("y", "0"))


# --- what stands on it ----------------------------------------------------------------------------------


def test_a_card_shows_finding_number_chart_and_site(look: Look) -> None:
    svg = drawn(CARD, look)
    said = texts(svg)
    for text in ("Ashby", "NORTHMARK", "1,843", "books", "Loans", "1st of 6; in 2025", "Borrowed"):
        assert text in said
    assert "Ashby lent 1,843 books in 2025. No town lent more." in " ".join(said)
    assert "example.org/borrowed" in said
    assert "var(" not in svg
    assert look.colour("chart-accent") in svg


def test_the_accent_is_the_place_and_nothing_else(look: Look) -> None:
    accent = look.colour("accent")
    assert accent in drawn(replace(CARD, chart=""), look)
    assert accent not in drawn(replace(CARD, chart="", place=False), look)
    bars = drawn(replace(CARD, chart="", bars=BARS, place=False, number=None), look)
    assert bars.count(accent) == 3, "the own row: its name, its bar, its figure"


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        replace(CARD, chart=""),
        replace(CARD, chart="", bars=BARS),
        replace(CARD, number=None, chart=""),
        replace(CARD, heading=LONG, lead=LONG, kicker=LONG, caption=LONG, site=LONG, address=LONG),
        replace(CARD, heading=LONG, lead=LONG, chart="", number=None),
        replace(CARD, number=CardNumber("123,456,789,012,345", LONG, "millions of books", LONG, LONG)),
        replace(CARD, chart="", bars=tuple(Bar(LONG, "123,456,789", 1.0) for _ in range(6))),
        replace(CARD, heading="", lead="", kicker="", caption="", number=CardNumber("0")),
        replace(CARD, heading="Many short words of a finding that goes on and on " * 3),
    ],
    ids=str,
)
def test_no_word_leaves_the_card_or_lies_on_another(card: Card, look: Look) -> None:
    svg = drawn(card, look)
    found = list(boxes(svg, look))
    for text, left, right, top, bottom in found:
        assert left >= LEFT - 6, text
        assert right <= RIGHT + 1, text
        assert top >= 46, text
        assert bottom <= 610, text
    for index, (text, left, right, top, bottom) in enumerate(found):
        for other, left2, right2, top2, bottom2 in found[index + 1 :]:
            apart = right <= left2 + 1 or right2 <= left + 1 or bottom <= top2 + 1 or bottom2 <= top + 1
            assert apart, f"{text!r} and {other!r}"


def test_a_sentence_is_shown_whole_or_not_at_all(look: Look) -> None:
    first = "Ashby lent 1,843 books in 2025, more than any other of the six towns whose libraries tell."
    more = " ".join(f"Another sentence, number {n}, that says something else of its books." for n in "abcdefgh")
    said = " ".join(texts(drawn(replace(CARD, lead=f"{first} {more}"), look)))
    assert first in said
    assert "…" not in said
    endless = "Ashby lent " + "more and more " * 40 + "books."
    assert "more and more" not in " ".join(texts(drawn(replace(CARD, lead=endless), look)))
    # where there is nothing but words, a beginning is better than nothing
    alone = texts(drawn(replace(CARD, lead=endless, number=None, chart=""), look))
    assert any(text.endswith("…") for text in alone)


def test_abbreviations_and_decimals_end_no_sentence(look: Look) -> None:
    lead = "It is 2.5 times as much as in 2024, i.e. more. " + "Then follows what there is no room for at all. " * 9
    said = " ".join(texts(drawn(replace(CARD, lead=lead), look)))
    assert "It is 2.5 times as much as in 2024, i.e. more." in said


def test_a_chart_too_tall_to_be_read_is_left_out(look: Look) -> None:
    tall = CHART.replace('height="236"', 'height="900"')
    assert "M0,200L340,20" not in drawn(replace(CARD, chart=tall), look)
    assert "M0,200L340,20" in drawn(CARD, look)


def test_markup_in_words_stays_words(look: Look) -> None:
    nasty = '</text><script>alert(1)</script>&"\u0000\u2028'
    card = replace(
        CARD, heading=nasty, site=nasty, kicker=nasty, number=CardNumber(nasty, nasty, nasty, nasty, nasty)
    )
    tree = ElementTree.fromstring(drawn(card, look))
    assert {each.tag for each in tree.iter()} <= {f"{SVG}{tag}" for tag in ("svg", "rect", "text", "path", "title")}


def test_letters_without_a_glyph_are_written_plainly(look: Look) -> None:
    assert look.drawable("Dvo\u0159\u00e1k", look.serif, bold=True) == "Dvo\u0159\u00e1k"
    assert look.drawable("Hu\u1ebf", look.serif, bold=True) in ("Hu\u1ebf", "Hu\u00ea", "Hue")
    assert look.drawable("\u6771\u4eac 7", look.serif, bold=True) == "?? 7"
    assert look.drawable("a\u200bb\u0301", look.serif, bold=True) == "ab"
    assert look.drawable("e\u0301te\u0301", look.serif, bold=True) == "\u00e9t\u00e9"
    assert look.drawable("1\u202f843", look.sans, bold=True) == "1\u202f843"


# --- for those who do not see it --------------------------------------------------------------------------


def test_the_alternative_says_what_the_picture_says() -> None:
    assert alternative(CARD) == (
        "Ashby. Ashby lent 1,843 books in 2025. No town lent more. Loans: 1,843 books (1st of 6; in 2025). "
        "Chart: Loans in Ashby."
    )
    bars = alternative(replace(CARD, chart="", bars=BARS, number=None, lead=""))
    assert bars == "Ashby. Loans in Ashby: Ashby 1,843, Corwen 921, Eskdale 0."
    cut = alternative(replace(CARD, lead="word " * 200))
    assert len(cut) <= 420
    assert cut.endswith("word…")


# --- the theme ------------------------------------------------------------------------------------------


def test_the_properties_of_light_pages_are_read() -> None:
    css = (
        ":root { --a: #111; --b: var(--a); --c: var(--b) }\n"
        "/* :root { --a: #999 } */ @media (prefers-color-scheme: dark) { :root { --a: #eee } }\n"
        '.x:root{--a:#222} :root{--d:"Some Serif", serif}'
    )
    assert properties(css) == {"a": "#111", "b": "#111", "c": "#111", "d": '"Some Serif", serif'}


def test_a_card_is_in_the_colours_of_the_story(tmp_path: Path) -> None:
    (tmp_path / "templates/assets").mkdir(parents=True)
    style = (default_theme() / "assets/style.css").read_text(encoding="utf-8").replace("#b3341e", "#00639a")
    (tmp_path / "templates/assets/style.css").write_text(style, encoding="utf-8")
    assert "#00639a" in drawn(CARD, Theme(tmp_path).look)


def test_a_colour_that_a_drawing_cannot_take_is_the_usual_one() -> None:
    look = Look({"accent": "color-mix(in srgb, red, blue)", "ink": '"><script>'}, ())
    assert look.colour("accent") == "#b3341e"
    assert look.colour("ink") == "#1c1a17"


def test_a_story_brings_its_own_letters(tmp_path: Path) -> None:
    measure = tmp_path / "templates/assets/fonts/measure"
    measure.mkdir(parents=True)
    for weight in ("Regular", "SemiBold"):
        font = default_theme() / f"assets/fonts/measure/BroadsheetSans-{weight}.ttf"
        (measure / f"TownSerif-{weight}.ttf").write_bytes(font.read_bytes())
    style = (default_theme() / "assets/style.css").read_text(encoding="utf-8")
    style = style.replace('--serif: "Broadsheet Serif"', '--serif: "Town Serif"')
    (tmp_path / "templates/assets/style.css").write_text(style, encoding="utf-8")
    assert Theme(tmp_path).look.serif == "Town Serif"
    assert Theme(tmp_path / "nothing").look.serif == "Broadsheet Serif"


# --- the picture ----------------------------------------------------------------------------------------


def test_a_picture_is_small_exact_and_always_the_same(look: Look) -> None:
    svg = drawn(CARD, look)
    data = rasterised(svg, look.folders)
    assert data == rasterised(svg, look.folders)
    assert len(data) < 60_000
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (1200, 630)
        full = picture.convert("RGB")
    for at, name in (((5, 5), "paper"), ((LEFT + 200, 36), "ink"), ((LEFT + 5, TOP + 2), "accent")):
        shown = "#{:02x}{:02x}{:02x}".format(*full.getpixel(at))  # type: ignore[misc]
        assert shown == look.colour(name)


def test_every_letter_of_a_card_is_drawn_in_a_font_that_is_shipped(look: Look) -> None:
    """What is measured is what is drawn: no font of the machine stands in."""
    families = set(re.findall(r'font-family="([^"]+)"', drawn(CARD, look)))
    assert families == {look.serif, look.sans}
    for family in families:
        for weight in ("Regular", "SemiBold"):
            assert any((f / f"{family.replace(' ', '')}-{weight}.ttf").is_file() for f in look.folders)
    assert BOTTOM < 562


def test_a_picture_is_drawn_once_by_each_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version of it drew may look otherwise."""
    story = Path(shutil.copytree(Path(__file__).parent / "story", tmp_path / "story"))
    drawn_now: list[str] = []
    monkeypatch.setattr(
        "generator.pages.maker.rasterised", lambda svg, _: drawn_now.append(svg) or str(len(drawn_now)).encode()
    )

    def picture() -> bytes:
        with Run(story) as run:
            return prepare(story, run=run).picture(CARD)

    assert [picture(), picture()] == [b"1", b"1"]
    monkeypatch.setattr("generator.pages.maker.generator", lambda: "another")
    assert [picture(), picture()] == [b"2", b"2"]
