"""Receipts: every bound number leads to what it is, how it was worked out and where it stands; for programs, too."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small_stories import write_story

from generator.build import build, prepare
from generator.cli import main
from generator.model import Rows
from generator.pages import Page
from generator.pages.maker import PageMaker
from generator.pages.receipts import _FEW_QUESTIONS, Evidence, Receipt, _Counts, anchored, cells_words, rows_words
from generator.prose.slots import Slot
from generator.values import NumberStyle, Quantity

TABLES = {
    "loans": """\
        town,year:year,kind,loans:integer
        ASH,2024,book,5
        ASH,2024,film,7
        ASH,2025,book,9
        ASH,2025,film,12
        BIR,2025,book,4
        CED,2025,book,20
        DOV,2025,book,6
        """,
    "people": """\
        town,year:year,people:integer
        ASH,2025,2000
        BIR,2025,1000
        CED,2025,3000
        DOV,2025,1500
        """,
}
MEASURES = """\
    loans:
      label: loans of libraries
      description: What was lent, by the end of the year.
      from: loans
      value: loans
      entity: {town: town}
      unit: loans
      time: {year: year, type: flow}
      default: {at: latest}
      dimensions: {kind: {additive: true}}
      no_row: zero
      rates: {per_1000: {by: people, year: 2025, per: 1000, unit: "loans per 1,000 people", decimals: 1}}
    people:
      from: people
      value: people
      entity: {town: town}
      unit: people
      time: {year: year, type: stock}
      default: {at: latest}
    """
FRONT = """\
---
title: Libraries
lead: "In all {{ towns.total('loans') }} loans, {{ towns['ASH'].loans }} of them in Ashby."
description: Libraries of four towns.
numbers:
  - {label: Loans in Ashby, value: "towns['ASH'].loans", rank: "towns['ASH'].loans.rank"}
---
Ashby lent {{ towns["ASH"].loans }}, after {{ towns["ASH"].loans(at="2024") }}: [more than a third]{= towns["ASH"].loans.share } of all.
For every 1,000 people that is {{ towns["ASH"].loans.per_1000 }}. [It had {{ towns["ASH"].people }} people](/n/ash/).
All {{ towns.count }} towns lend.

```table
of: towns
title: "{{ towns.count }} towns"
columns:
  - {value: row.name, label: Town}
  - {value: row.loans, label: Loans}
```
"""
TOWN = """\
---
title: "{{ town.name }}"
description: A town.
---
{{ town.name }} lent {{ town.loans }}.
"""
SETTINGS_PATH = "{parent}/{slug}/"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    folder = tmp_path / "story"
    folder.mkdir()
    write_story(folder, TABLES, MEASURES)
    package = json.loads((folder / "data/datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        resource["title"] = resource["name"].capitalize()
        if resource["name"] == "loans":
            via = {"title": "a mirror", "version": "0123456789abcdef", "collected": "2026-02-01"}
            resource["sources"] = [
                {"title": "Yearbook", "publisher": "Library Board", "path": "https://example.org/y", "via": via}
            ]
        if resource["name"] == "people":
            resource["sources"] = [{"title": "Register", "published": "2025-12-31", "retrieved": "2026-01-05"}]
    (folder / "data/datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (folder / "content/index.md").write_text(FRONT, encoding="utf-8")
    (folder / "content/towns").mkdir()
    (folder / "content/towns/[town].md").write_text(TOWN.replace("/n/ash/", ""), encoding="utf-8")
    settings = (folder / "content/site.yml").read_text(encoding="utf-8")
    settings = settings.replace('path: "{slug}/", ', "").replace('path: "{parent}/{slug}/"', 'path: "{slug}/"')
    (folder / "content/site.yml").write_text(settings, encoding="utf-8")
    front = FRONT.replace("/n/ash/", "/ashby/")
    (folder / "content/index.md").write_text(front, encoding="utf-8")
    return folder


@pytest.fixture
def maker(story: Path) -> PageMaker:
    made = prepare(story)
    made.problems.raise_if_any()
    return made


@pytest.fixture
def front(maker: PageMaker) -> Page:
    return maker.page(maker.routes[""])


def receipts(page: Page) -> dict[str, Receipt]:
    """By what the page says; the first of those that say the same."""
    found: dict[str, Receipt] = {}
    for group in page.receipts:
        for receipt in group.receipts:
            found.setdefault(receipt.text, receipt)
    return found


def value_of(page: Page, text: str) -> dict[str, Any]:
    values = json.loads(page.files["values.json"])["values"]
    return next(value for value in values if value["text"] == text)


# --- what a receipt says -----------------------------------------------------------------------------------


def test_a_number_from_rows_says_which_and_that_it_is_their_sum(front: Page) -> None:
    receipt = receipts(front)["21"]
    assert receipt.worked_out == "the sum of loans"
    assert (receipt.of, receipt.unit, str(receipt.period)) == ("Ashby", "loans", "2025")
    [evidence] = receipt.evidence
    assert (evidence.path, evidence.rows.lines) == ("data/loans.csv", (4, 5))
    assert rows_words(evidence, NumberStyle()) == "lines 4–5"
    said = "all 2 rows with town ASH, year 2025: kind book, loans 9; kind film, loans 12"
    assert cells_words(evidence, NumberStyle()) == said
    assert receipt.subject.title == "Loans of libraries"
    assert receipt.subject.definition == "What was lent, by the end of the year."


def test_a_share_shows_its_formula_and_asserted_words_what_they_were_held_against(front: Page) -> None:
    receipt = receipts(front)["more than a third"]
    assert receipt.asserted
    assert receipt.worked_out == "21 ÷ 51 × 100"
    assert receipt.behind == "41.176471 percent"
    assert "<q>more than a third</q> was held against <b>41.176471 percent</b>" in front.html
    assert value_of(front, "more than a third")["asserted"] is True


def test_a_rank_says_from_which_end_and_among_how_many(front: Page) -> None:
    assert receipts(front)["1st"].worked_out == "1 of 4, counted from the highest"


def test_a_rate_names_the_rows_and_publications_of_both_tables(front: Page) -> None:
    receipt = receipts(front)["10.5"]
    assert receipt.worked_out == "21 ÷ 2,000 × 1,000"
    assert [item.path for item in receipt.evidence] == ["data/loans.csv", "data/people.csv"]
    assert [source.title for source in receipt.subject.publications] == ["Yearbook", "Register"]
    mirror = "collected from a mirror, a mirror, version 0123456789 on 1 February 2026"
    assert f'Library Board, <a href="https://example.org/y">Yearbook</a>, {mirror}; Register, ' in front.html
    assert "Register, published 31 December 2025, retrieved 5 January 2026." in front.html


def test_rows_that_were_counted(front: Page) -> None:
    receipt = receipts(front)["four"]
    assert (receipt.label, receipt.worked_out, receipt.behind) == ("number of towns", "the number of rows", "4")
    assert receipt.subject.title == "Towns"


def test_zero_is_a_figure(story: Path) -> None:
    table = story / "data/loans.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace("BIR,2025,book,4", "BIR,2025,book,0"), encoding="utf-8"
    )
    maker = prepare(story)
    receipt = receipts(maker.page(maker.routes["birch/"]))["zero"]
    assert (receipt.figure, receipt.of) == ("0", "Birch")


def test_those_that_were_counted_are_named_when_they_are_few(story: Path) -> None:
    index = story / "content/index.md"
    more = '\n\n{{ towns.above("loans", 10).count }} towns lent more than ten, {{ towns.with_any("loans").count }} any.\n'
    index.write_text(index.read_text(encoding="utf-8") + more, encoding="utf-8")
    maker = prepare(story)
    assert (
        receipts(maker.page(maker.routes[""]))["two"].worked_out
        == "the number of different values of town (ASH, CED)"
    )


def test_rows_of_a_file_that_is_no_table(maker: PageMaker) -> None:
    quantity = Quantity(2, "notes", "count", label="number of notes", rows=(Rows("content/notes.yml", (3, 9)),))
    receipt = maker.shop.ledger.receipt(Slot("data", "two", "2", rows=quantity.rows, quantity=quantity), 7)
    assert (receipt.id, receipt.subject.title) == ("receipt-7", "notes.yml")
    assert rows_words(receipt.evidence[0], NumberStyle()) == "lines 3 and 9"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "the whole table"),
        ((7,), "line 7"),
        ((7, 8, 9), "lines 7–9"),
        ((2, 4, 5), "lines 2 and 4–5"),
        ((2, 4, 6, 8), "lines 2, 4, 6 and 8"),
        (tuple(range(2, 2400, 2)), "1,199 lines between 2 and 2398"),
    ],
)
def test_lines_in_words(lines: tuple[int, ...], said: str) -> None:
    assert rows_words(Evidence("loans", "Loans", "data/loans.csv", Rows("loans", lines)), NumberStyle()) == said


# --- on the page -------------------------------------------------------------------------------------------


def test_every_number_leads_to_a_receipt_and_every_receipt_back(maker: PageMaker) -> None:
    for route in maker.routes.values():
        html = maker.page(route).html
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        leads = re.findall(r'<a class="bound" href="#([^"]+)"', html)
        backs = re.findall(r'<a class="back" href="#([^"]+)"', html)
        assert leads
        assert set(leads) <= set(ids)
        assert set(backs) <= set(ids)
        assert len(backs) == len(set(re.findall(r'id="(receipt-\d+)"', html)))


def test_numbers_that_are_the_same_share_a_receipt(front: Page) -> None:
    # the lead, the key number and the text, each within <main>
    assert len(re.findall(r'href="#receipt-2"[^>]*><data value="21">21</data>', front.html)) == 3
    assert sum(receipt.text == "21" for group in front.receipts for receipt in group.receipts) == 1
    assert front.html.count('id="number-2"') == 1
    assert front.html.index('id="number-2"') == front.html.index('href="#receipt-2"') + len('href="#receipt-2" ')


def test_a_number_within_a_link_is_no_link_of_its_own_but_has_a_receipt(front: Page) -> None:
    number = re.search(r'<a href="ashby/">It had <data data-receipt="receipt-\d+" id="(number-\d+)"', front.html)
    assert number
    assert f'class="back" href="#{number[1]}"' in front.html


def test_tables_are_no_lists_of_links_and_their_csv_names_the_rows(front: Page) -> None:
    table = front.html[front.html.index("<table") : front.html.index("</table>")]
    assert "<tbody>" in table
    assert 'class="bound"' not in table[table.index("<tbody>") :]
    assert "data-rows" not in front.html
    [name] = [name for name in front.files if name.endswith(".csv")]
    rows = list(csv.reader(io.StringIO(front.files[name].decode())))
    assert rows[0] == ["Town", "Loans", "Rows"]
    assert rows[1] == ["Ashby", "21", "loans:4..5"]


def test_the_title_of_a_figure_leads_to_its_receipt_once(story: Path) -> None:
    figure = """
```figure bars
of: towns
value: row.loans
title: "{{ towns.total('loans') }} loans"
description: Bars.
```
"""
    index = story / "content/index.md"
    index.write_text(index.read_text(encoding="utf-8") + figure, encoding="utf-8")
    maker = prepare(story)
    html = maker.page(maker.routes[""]).html
    assert re.search(
        r'figure-title"[^>]*><a class="bound" href="#receipt-1"><data value="51">51</data></a> loans', html
    )
    assert html.count('id="number-1"') == 1


def test_a_template_without_receipts_prints_plain_numbers() -> None:
    text = '<p><a class="bound" href="#receipt-1"><data value="5">5</data></a></p>'
    assert anchored(text) == '<p><data value="5">5</data></p>'
    listed = f'{text}<li id="receipt-1">5 <a class="back" href="#number-1">In the text</a></li>'
    assert anchored(listed).startswith('<p><a class="bound" href="#receipt-1" id="number-1"><data')
    assert 'class="back"' in anchored(listed)
    assert anchored(listed.removeprefix(text)) == '<li id="receipt-1">5</li>'


def test_the_switch_and_the_policy(front: Page) -> None:
    assert '<input type="checkbox" id="show-sources">' in front.html
    assert not re.search(r"<script(?! src=| type=.application/ld)|<style|\sstyle=|\son\w+=", front.html)
    assert '<link rel="alternate" type="application/json" href="values.json"' in front.html


# --- for programs ------------------------------------------------------------------------------------------


def test_values_json_says_what_the_page_says(front: Page) -> None:
    made = json.loads(front.files["values.json"])
    assert (made["page"], made["title"]) == ("", "Libraries")
    assert [value["id"] for value in made["values"]] == [f"receipt-{n + 1}" for n in range(len(made["values"]))]
    for value in made["values"]:
        assert f'id="{value["id"]}"' in front.html
        assert made["subjects"][value["subject"]]["title"]
        assert all(rows["file"] == f"data/{rows['dataset']}.csv" for rows in value["rows"])
    value = value_of(front, "21")
    assert value["value"] == 21
    assert value["rows"] == [{"dataset": "loans", "file": "data/loans.csv", "lines": "4..5"}]
    assert value["places"][0] == "content/index.md:3:49"
    assert (value["entity"], value["period"], value["unit"], value["precision"]) == (
        "Ashby",
        "2025",
        "loans",
        "exact",
    )
    [source] = made["subjects"][value["subject"]]["sources"]
    assert source["via"] == {"title": "a mirror", "version": "0123456789abcdef", "collected": "2026-02-01"}


def test_two_builds_are_the_same_bytes(story: Path, tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        build(story, tmp_path / name)
        files = sorted(
            path for path in (tmp_path / name).rglob("*") if path.is_file() and ".broadsheet" not in path.parts
        )
        made.append({path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in files})
    assert "values.json" in made[0]
    assert "ashby/values.json" in made[0]
    assert made[0] == made[1]


def test_sums_of_the_real_story_are_the_sums_of_the_lines_named(site: Path) -> None:
    """Whoever downloads a table and adds up the lines of a receipt gets the number on the page."""
    tables: dict[str, list[dict[str, str]]] = {}
    checked = 0
    for path in [site / "values.json", *sorted((site / "states").glob("*/values.json"))]:
        for value in json.loads(path.read_text(encoding="utf-8"))["values"]:
            column = value.get("worked_out", "").partition("the sum of ")[2]
            if not column:
                continue
            [rows] = value["rows"]
            if rows["file"] not in tables:
                with (site / rows["file"]).open(encoding="utf-8", newline="") as file:
                    tables[rows["file"]] = list(csv.DictReader(file))
            runs = [run.partition("..") for run in rows["lines"].split(",")]
            lines = [line for first, _, last in runs for line in range(int(first), int(last or first) + 1)]
            assert sum(float(tables[rows["file"]][line - 2][column]) for line in lines) == value["value"], (
                path,
                value,
            )
            checked += 1
    assert checked > 200


# --- in the terminal ---------------------------------------------------------------------------------------


@pytest.fixture
def explain(story: Path) -> Callable[[str], tuple[int, str]]:
    def run(asked: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["explain", asked, str(story)])
        return done.exit_code, done.output

    return run


def test_explain_lists_the_numbers_of_a_page(explain: Callable[[str], tuple[int, str]]) -> None:
    status, said = explain("/")
    assert status == 0
    assert re.search(r"^receipt-2 +21 +loans, Ashby, 2025 +loans:4\.\.5$", said, re.MULTILINE)
    assert explain("ashby")[0] == explain("ashby/")[0] == explain("/ashby/index.html")[0] == 0


def test_explain_prints_one_receipt(explain: Callable[[str], tuple[int, str]]) -> None:
    status, said = explain("/#receipt-2")
    assert status == 0
    assert said.splitlines()[0] == "21 loans, Ashby, 2025"
    assert "  rows        data/loans.csv, lines 4–5 (all 2 rows with town ASH" in said
    assert explain("/#2") == explain("/#number-2") == (status, said)


@pytest.mark.parametrize("asked", ["41.176471", "nothing of the kind", "9,999"])
def test_explain_says_that_a_number_is_not_printed(explain: Callable[[str], tuple[int, str]], asked: str) -> None:
    status, said = explain(asked)
    assert status == 1
    assert "no page prints it as a bound number" in said


def test_explain_finds_a_number_wherever_it_is_printed(explain: Callable[[str], tuple[int, str]]) -> None:
    status, said = explain("21")
    assert status == 0
    assert said.splitlines()[0] == "'21' is printed 5 times on 2 pages, for one figure"
    assert "/#receipt-2  content/index.md:3:49\n        In all 51 loans, 21 of them in Ashby." in said
    assert "/ashby/#receipt-1" in said
    assert "    /, in a table or figure  content/index.md:12:1\n    /cedar/#receipt-1" in explain("20")[1]
    assert explain("more than a third")[0] == 0


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("ashbi/", "did you mean 'ashby/'?"),
        ("towns/ashby/", "did you mean 'ashby/'?"),
        ("/#receipt-99", "receipt-1 to"),
    ],
)
def test_explain_suggests(explain: Callable[[str], tuple[int, str]], asked: str, hint: str) -> None:
    status, said = explain(asked)
    assert status == 1
    assert hint in said


def test_explain_without_arguments_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["explain"]).exit_code == 2


# --- in a browser ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
def test_a_receipt_comes_up_where_the_reader_is(
    story: Path, tmp_path: Path, browser: Any, serve: Any, width: int
) -> None:
    """Without JavaScript: the text stays where it is, the keyboard goes on in the receipt, Close closes it."""
    words = "\n\nAnd so on, from one year to the next, in every town and at all hours.\n" * 40
    index = story / "content/index.md"
    index.write_text(
        index.read_text(encoding="utf-8") + words + "\nAshby lent {{ towns['ASH'].loans }} again.\n" + words,
        encoding="utf-8",
    )
    build(story, tmp_path / "site")
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    tab = context.new_page()
    tab.goto(serve(tmp_path / "site"))
    number = tab.locator(".prose .bound", has_text="21").last
    number.scroll_into_view_if_needed()
    receipt = tab.locator("#receipt-2")
    place = number.bounding_box()["y"]
    assert receipt.bounding_box()["y"] > 800
    number.click()
    assert receipt.bounding_box()["y"] < 800
    assert abs(number.bounding_box()["y"] - place) < 1
    tab.keyboard.press("Tab")
    assert tab.locator(":focus").inner_text() == "loans.csv"
    tab.locator(".receipt:has(:target) .close").click()
    assert receipt.bounding_box()["y"] > 800
    assert abs(number.bounding_box()["y"] - place) < 1
    context.close()


def test_the_switch_underlines_each_kind_in_its_own_way(
    story: Path, tmp_path: Path, browser: Any, serve: Any
) -> None:
    build(story, tmp_path / "site")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.goto(serve(tmp_path / "site"))

    def line(selector: str) -> str:
        return str(
            tab.locator(selector).first.evaluate(
                "e => getComputedStyle(e).textDecorationLine + ' ' + getComputedStyle(e).textDecorationStyle"
            )
        )

    assert line(".prose .bound data").startswith("none")
    assert line(".prose .bound .asserted").startswith("none")
    assert not tab.locator(".show-sources p").is_visible()
    tab.get_by_label("Show sources").check()
    assert line(".prose .bound data").startswith("underline")
    assert "double" not in line(".prose .bound data")
    assert "double" in line(".prose .bound .asserted")
    assert tab.locator(".show-sources p").is_visible()
    tab.emulate_media(media="print")
    assert line(".prose .bound data").startswith("none")
    assert tab.locator("#receipt-1").is_visible()
    assert not tab.locator(".show-sources").is_visible()
    context.close()


def test_few_and_many_questions_of_how_many_rows_are_alike_have_the_same_answers() -> None:
    counts = _Counts([("a", "a", "b", None, None, "a"), (1, 1, 1, 2, 2, 3)])
    for _ in range(_FEW_QUESTIONS):
        assert [counts.like(row) for row in range(6)] == [2, 2, 1, 2, 2, 1]
    assert counts.known is not None
