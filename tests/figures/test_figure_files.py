"""The files of a figure, its embed, and its heading's place among others."""

from __future__ import annotations

import json
import re

import pytest

from generator.figures.embeds import Embed
from generator.figures.files import Files, data_json, json_name
from generator.figures.render import plain_text
from generator.frames import Column
from generator.pages.embedded import alone
from generator.pages.writer import graded
from generator.tables import Sheet, SheetRow

SHEET = Sheet(
    (Column("label", "Town"), Column("v", "Open", "text")), (SheetRow(("Ashby", 1.5)), SheetRow(("Bír", None)))
)


def test_a_file_is_made_when_it_is_wanted_and_once() -> None:
    made: list[str] = []

    def image() -> bytes:
        made.append("image")
        return b"png"

    files, more = Files(), Files()
    files.add("a.csv", b"csv")
    files.add("a.png", image)
    more.update(files)
    assert (list(more), len(more), made) == (["a.csv", "a.png"], 2, [])
    assert (more["a.png"], more["a.png"], dict(more)) == (b"png", b"png", {"a.csv": b"csv", "a.png": b"png"})
    assert made == ["image"]
    with pytest.raises(KeyError):
        more["b.png"]


def test_json_says_what_there_is_to_say() -> None:
    data = data_json(SHEET, title="A “title”", note="", sources=[{"title": "Returns"}])
    assert data.decode() == (
        '{\n "title": "A “title”",\n "sources": [{"title":"Returns"}],\n "columns": [\n'
        '  {"name":"label","label":"Town","type":"text"},\n  {"name":"v","label":"Open","type":"text"}\n ],\n "rows": [\n'
        '  ["Ashby",1.5],\n  ["Bír",null]\n ]\n}\n'
    )
    assert json.loads(data)["rows"] == [["Ashby", 1.5], ["Bír", None]]


def test_the_pages_own_file_of_values_stays_what_it_is() -> None:
    assert (json_name("loans"), json_name("values"), json_name("Values")) == (
        "loans.json", "values-data.json", "Values.json",
    )  # fmt: skip


def test_an_embed_is_code_that_a_page_can_hold() -> None:
    title = 'Loans "rose" & <fell>'
    embed = Embed(
        "Borrowed",
        "https://example.org/b/",
        title,
        "https://example.org/b/a.embed.html",
        "https://example.org/b/a.png",
        (728, 490),
    )
    assert embed.code == (
        '<iframe src="https://example.org/b/a.embed.html" title="Loans &quot;rose&quot; &amp; &lt;fell&gt;" width="100%"'
        ' height="534" style="border:0" loading="lazy"></iframe>\n'
        '<script src="https://example.org/b/assets/embed.js" async></script>\n'
    )
    answer = json.loads(embed.oembed(2))
    assert (answer["version"], answer["type"], answer["title"]) == ("1.0", "rich", title)
    assert (answer["width"], answer["height"], answer["html"]) == (680, 534, embed.frame)
    assert (answer["thumbnail_width"], answer["thumbnail_height"]) == (1456, 980)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("A <a href='x'>link</a> and\n <data value=\"5\">5</data>", "A link and 5"),
        ("Q &amp; A, &lt;b&gt;", "Q & A, <b>"),
        ("", ""),
    ],
)
def test_the_words_of_html(html: str, words: str) -> None:
    assert plain_text(html) == words


TITLE = '<h3 class="figure-title" id="{}">T</h3>'


@pytest.mark.parametrize(
    ("before", "above", "level"),
    [
        ("", 1, 2),
        ("", 0, 1),
        ("<h2>A</h2>", 1, 3),
        ("<h2>A</h2><h3 id='x'>B</h3>", 1, 4),
        ("<h2>A</h2><h3>B</h3><h2>C</h2>", 1, 3),
        (f"<h2>A</h2>{TITLE.format('other')}", 1, 3),
        ("<h6>A</h6>", 1, 6),
    ],
)
def test_a_figure_is_one_level_below_where_it_stands(before: str, above: int, level: int) -> None:
    html = graded(f"{before}<p>…</p>{TITLE.format('own')}<h2>after</h2>", above)
    assert f'<h{level} class="figure-title" id="own">T</h{level}>' in html
    assert html.endswith("<h2>after</h2>")
    assert len(re.findall(r"<h\d", html)) == len(re.findall(r"</h\d", html))


def test_a_page_of_its_own_leads_to_the_page_of_the_figure() -> None:
    number = '<a class="bound" href="#receipt-3"><data value="5">5</data></a>'
    html = f'<figure id="a">{TITLE.format("a-heading")}{number} <a href="#a">here</a> <a href="#method">there</a></figure>'
    assert alone(html) == (
        '<figure id="a"><h1 class="figure-title" id="a-heading">T</h1><data value="5">5</data> '
        '<a href="#a">here</a> <a href="./#method">there</a></figure>'
    )
