"""Blocks → sheets: which rows, in which order, in which columns, for each kind of figure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from small_stories import VISITS_BY_KIND, Small, small

from generator.figures.sheets import SheetMaker
from generator.figures.spec import FigureSpec, TableSpec
from generator.frames import Column
from generator.problems import SourceError
from generator.specs import convert
from generator.tables import Sheet, machine, plain, printed, to_csv
from generator.values import NumberStyle, QuantityError

VISITS = """\
    town,month:yearmonth,kind,visits:integer,partial:boolean
    ASH,2025-01,adult,10,false
    ASH,2025-01,child,5,false
    ASH,2025-02,adult,12,false
    ASH,2025-02,child,5,false
    ASH,2025-03,adult,3,true
    ASH,2025-03,child,1,false
    BIR,2025-01,adult,10,false
    BIR,2025-01,child,5,false
    BIR,2025-02,adult,,false
    BIR,2025-02,child,2,false
    CED,2025-01,adult,40,false
    CED,2025-01,child,2,false
    CED,2025-02,adult,9,false
    CED,2025-02,child,0,false
"""
HEADS = "town,heads:integer,how\nASH,1000,exact\nBIR,300,at least\nCED,,suppressed\n"
LAW = "town,effect\nASH,free\nBIR,paid\n"
NOTES = "town,what,since:date,url\nASH,=mill,2025-03-01,https://example.org/\nASH,Éa,,\nASH,dam,2024-01-01,\n"
DAYS = """\
town,date,label,text
ASH,2025-01-01,Opening,The bridge opened
ASH,2025-03-01,Fair,The fair
ASH,2024-12-31,Too early,It was before
BIR,2025-02,Flood,
CED,2025-03-02,Too late,It was after
"""
MEASURES = (
    VISITS_BY_KIND
    + """\
    heads: {label: residents, from: heads, value: heads, precision: how, entity: {town: town}, unit: residents, at: "2025-01-01"}
    law:
      from: law
      value: effect
      kind: category
      entity: {town: town}
      at: "2025-01-01"
      categories: {free: {label: Free entry, phrase: lets all in}, paid: Paid entry}
"""
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Small:
    tables = {"visits": VISITS, "heads": HEADS, "law": LAW, "notes": NOTES, "days": DAYS}
    folder: Path = tmp_path_factory.mktemp("sheets")
    return small(folder, tables, MEASURES, relations="{notes: {from: notes, field: town}}")


def maker(story: Small, town: str = "ASH") -> SheetMaker:
    def evaluate(text: str, names: Mapping[str, Any]) -> Any:
        return story.ask(text, town, **names)

    return SheetMaker(evaluate, story.names(town)["town"])


def table(story: Small, of: str, *columns: Any, **more: Any) -> Sheet:
    return maker(story).table(convert({"title": "T", "of": of, "columns": columns, **more}, TableSpec))


def figure(story: Small, kind: str, **given: Any) -> Sheet:
    spec = convert({"title": "T", "description": "D", **given}, FigureSpec)
    return maker(story).figure(kind, spec)


def shown(sheet: Sheet) -> list[list[str]]:
    style = NumberStyle()
    return [[printed(cell, style).text for cell in row.cells] for row in sheet.rows]


def frame(sheet: Sheet) -> list[tuple[Any, ...]]:
    return [tuple(str(cell) if hasattr(cell, "year") else cell for cell in row) for row in sheet.frame().rows]


# --- tables --------------------------------------------------------------------------------------------------------


def test_page_file_and_frame_agree_cell_by_cell(story: Small) -> None:
    sheet = table(
        story, "towns", {"value": "row.link", "label": "Town"}, "visits", {"value": "row.visits.rank", "label": "Rank"},
        "heads", {"value": "row.law", "label": "Law"},
    )  # fmt: skip
    assert shown(sheet) == [
        ["Ashby", "15", "=2", "1,000", "lets all in"],
        ["Birch", "15", "=2", "at least 300", "Paid entry"],
        ["Cedar", "42", "1", "suppressed", "not known"],
        ["Dover", "not known", "not known", "not known", "not known"],
    ]
    assert frame(sheet) == [
        ("Ashby", 15, 2, 1000, "lets all in"),
        ("Birch", 15, 2, 300, "Paid entry"),
        ("Cedar", 42, 1, None, None),
        ("Dover", None, None, None, None),
    ]
    assert to_csv(sheet).decode().splitlines() == [
        "Town,Visits,Rank,Heads (residents),Heads: remark,Law",
        "Ashby,15,2,1000,,lets all in",
        "Birch,15,2,300,at least,Paid entry",
        "Cedar,42,1,,suppressed,",
        "Dover,,,,unknown,",
    ]
    for row, line in zip(sheet.rows, frame(sheet), strict=True):
        for cell, value in zip(row.cells, line, strict=True):
            assert (machine(cell) == "") == (value is None) == (plain(cell) is None)


def test_columns_take_label_and_unit_from_what_they_show(story: Small) -> None:
    sheet = table(
        story,
        "towns",
        "heads",
        "row.visits.days",
        {"value": "row.visits", "label": "N", "unit": "a", "decimals": 2},
    )
    assert sheet.columns[0] == Column("c0", "Heads", "number", "residents")
    assert (sheet.columns[1].label, sheet.columns[1].unit, sheet.columns[1].decimals) == ("Days", "", 0)
    assert (sheet.columns[2].label, sheet.columns[2].unit, sheet.columns[2].decimals) == ("N", "a", 2)


def test_the_page_s_own_row_is_marked(story: Small) -> None:
    assert [row.own for row in table(story, "towns", "name").rows] == [True, False, False, False]
    assert not any(row.own for row in table(story, "towns", "name", own="false").rows)


@pytest.mark.parametrize(
    ("sort", "more", "order"),
    [
        ("row.visits", {}, "Cedar Ashby Birch Dover"),
        ("row.visits", {"ascending": "true"}, "Ashby Birch Cedar Dover"),
        ("row.heads", {}, "Ashby Birch Cedar Dover"),
        ("row.name", {}, "Ashby Birch Cedar Dover"),
        ("row.law", {}, "Ashby Birch Cedar Dover"),
        ("row.visits", {"top": "1"}, "Cedar"),
        ("row.visits", {"top": "3"}, "Cedar Ashby Birch"),
        ("row.visits", {"top": "9"}, "Cedar Ashby Birch Dover"),
        ("", {"top": "2"}, "Ashby Birch"),
    ],
)
def test_rows_are_sorted_with_the_missing_last(story: Small, sort: str, more: dict[str, str], order: str) -> None:
    sheet = table(story, "towns", {"value": "row.name", "label": "Town"}, sort=sort, **more)
    assert [row.cells[0] for row in sheet.rows] == order.split()


def test_a_tie_at_the_cut_is_not_left_to_luck(story: Small) -> None:
    with pytest.raises(QuantityError, match="rows 2 and 3 are equal by row"):
        table(story, "towns", "name", sort="row.visits", top="2")


def test_names_are_sorted_the_same_everywhere(story: Small) -> None:
    sheet = table(
        story,
        "town.notes",
        {"value": "row.what", "label": "What"},
        {"value": "row.since", "label": "Since"},
        sort="row.what",
    )
    assert shown(sheet) == [["=mill", "1 March 2025"], ["dam", "1 January 2024"], ["Éa", "–"]]
    assert to_csv(sheet).decode() == "What,Since\n'=mill,2025-03-01\ndam,2024-01-01\nÉa,\n"
    assert [rows.lines for rows in sheet.sources] == [(2, 3, 4)]
    newest = table(story, "town.notes", {"value": "row.what", "label": "What"}, sort="row.since")
    assert [row.cells[0] for row in newest.rows] == ["=mill", "dam", "Éa"]


def test_what_is_not_of_one_kind_is_not_sorted(story: Small) -> None:
    for sort in ("row.name if row.key == 'ASH' else row.heads", "row.visits.date.start if row.key == 'ASH' else 5"):
        with pytest.raises(QuantityError, match="texts for some rows"):
            table(story, "towns", "name", sort=sort)


def test_codes_are_shown_as_readers_know_them(story: Small) -> None:
    sheet = table(story, "towns", {"value": "row.law.code", "label": "Law", "labels": {"free": "all may enter"}})
    assert shown(sheet)[:3] == [["all may enter"], ["paid"], ["–"]]


@pytest.mark.parametrize(
    ("of", "column", "message"),
    [
        ("", "name", "does not say 'of' what"),
        ("town.visits.number", "name", "gives no list"),
        (
            "towns",
            {"value": "row.visits if row.key == 'ASH' else row.heads", "label": "X"},
            "has figures in visits and residents",
        ),
    ],
)
def test_tables_that_cannot_be(story: Small, of: str, column: Any, message: str) -> None:
    with pytest.raises(QuantityError, match=message):
        table(story, of, column)


def test_a_cell_that_cannot_be_is_refused(story: Small) -> None:
    sheet = table(story, "towns", {"value": "row.province.towns", "label": "X"})
    with pytest.raises(QuantityError, match="a cell cannot hold"):
        to_csv(sheet)
    with pytest.raises(SourceError, match="has no 'vists'"):
        table(story, "towns", {"value": "row.vists", "label": "X"})


# --- figures of several entities -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bars", "dots", "map"])
def test_one_row_for_each_entity(story: Small, kind: str) -> None:
    sheet = figure(story, kind, of="towns", value="row.visits", sort="row.visits")
    assert [column.name for column in sheet.columns] == ["label", "value", "key", "own"]
    assert [column.type for column in sheet.columns] == ["text", "number", "key", "key"]
    assert (sheet.columns[0].label, sheet.columns[1].label, sheet.columns[1].unit) == ("Town", "Visits", "visits")
    assert frame(sheet) == [
        ("Cedar", 42, "CED", False),
        ("Ashby", 15, "ASH", True),
        ("Birch", 15, "BIR", False),
        ("Dover", None, "DOV", False),
    ]
    assert [row.url for row in sheet.rows][:2] == ["/south/cedar/", "/north/ashby/"]


def test_categories_are_drawn_by_their_label(story: Small) -> None:
    sheet = figure(story, "map", of="towns", value="row.law")
    assert sheet.columns[1].type == "category"
    assert [row[1] for row in frame(sheet)] == ["Free entry", "Paid entry", None, None]


def test_two_values_for_each_entity(story: Small) -> None:
    sheet = figure(
        story, "scatter", of="towns", x="row.visits", y="row.heads", label="row.key", labels={"x": "Seen"}
    )
    assert [column.name for column in sheet.columns] == ["label", "x", "y", "key", "own"]
    assert sheet.columns[1].label == "Seen"
    assert frame(sheet)[:3] == [
        ("ASH", 15, 1000, "ASH", True),
        ("BIR", 15, 300, "BIR", False),
        ("CED", 42, None, "CED", False),
    ]
    slope = figure(story, "slope", of="towns", before="row.visits", after='row.visits(at="2025-02")')
    assert frame(slope)[:3] == [
        ("Ashby", 15, 17, "ASH", True), ("Birch", 15, None, "BIR", False), ("Cedar", 42, 9, "CED", False),
    ]  # fmt: skip


def test_tiles_need_a_grid(story: Small) -> None:
    with pytest.raises(QuantityError, match="needs the columns tile_row and tile_col"):
        figure(story, "tiles", of="towns", value="row.visits")


@pytest.mark.parametrize(
    ("kind", "role"), [("bars", "value"), ("scatter", "x"), ("slope", "before"), ("map", "value")]
)
def test_a_figure_says_what_it_shows(story: Small, kind: str, role: str) -> None:
    with pytest.raises(QuantityError, match=f"needs '{role}', an expression over row"):
        figure(story, kind, of="towns")


# --- figures over time -----------------------------------------------------------------------------------------------


def test_a_line_of_the_page_s_own_entity(story: Small) -> None:
    sheet = figure(story, "line", measure="visits")
    assert [column.name for column in sheet.columns] == ["x", "y", "own", "partial"]
    assert (sheet.columns[0].type, sheet.columns[0].label) == ("month", "Month")
    assert (sheet.columns[1].label, sheet.columns[1].unit) == ("Visits", "visits")
    assert frame(sheet) == [
        ("2025-01-01", 15, True, False),
        ("2025-02-01", 17, True, False),
        ("2025-03-01", 4, True, True),
    ]


def test_the_selection_of_a_figure_is_what_it_draws(story: Small) -> None:
    sheet = figure(story, "line", measure="visits", select={"kind": "child"})
    assert [row[1] for row in frame(sheet)] == [5, 5, 1]
    by = figure(story, "stacked", measure="visits", by="kind", entity="towns.BIR")
    assert frame(by) == [
        ("2025-01-01", 10, "Adults", False),
        ("2025-02-01", None, "Adults", False),
        ("2025-03-01", None, "Adults", False),
        ("2025-01-01", 5, "Children", False),
        ("2025-02-01", 2, "Children", False),
        ("2025-03-01", None, "Children", False),
    ]
    assert by.columns[2].label == "Kind"


def test_a_line_for_each_of_several(story: Small) -> None:
    sheet = figure(story, "multiples", measure="visits", entities="[towns.ASH, towns.CED]", until="2025-02")
    assert [column.name for column in sheet.columns] == ["x", "y", "series", "own"]
    assert frame(sheet) == [
        ("2025-01-01", 15, "Ashby", True),
        ("2025-02-01", 17, "Ashby", True),
        ("2025-01-01", 42, "Cedar", False),
        ("2025-02-01", 9, "Cedar", False),
    ]


@pytest.mark.parametrize(
    ("more", "months"),
    [
        ({"since": "2025-02"}, ["2025-02-01", "2025-03-01"]),
        ({"until": "2025-01-15"}, ["2025-01-01"]),
        ({"skip": ["2025-02"]}, ["2025-01-01", "2025-03-01"]),
        ({"every": "quarter"}, ["2025-01-01", "2025-03-01"]),
        ({"every": "month"}, ["2025-01-01", "2025-02-01", "2025-03-01"]),
    ],
)
def test_dates_are_chosen(story: Small, more: dict[str, Any], months: list[str]) -> None:
    assert [row[0] for row in frame(figure(story, "line", measure="visits", **more))] == months


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "needs 'measure'"),
        ({"measure": "visits", "by": "age"}, "visits has no dimension 'age'"),
        ({"measure": "visits", "since": "soon"}, "since: 'soon' is no date"),
        ({"measure": "visits", "until": "soon"}, "until: 'soon' is no date"),
        ({"measure": "visits", "skip": ["soon"]}, "skip: 'soon' is no date"),
        ({"measure": "vists"}, "town has no 'vists'; did you mean 'visits'?"),
        ({"measure": "name"}, "is no measure|has no 'name'"),
        ({"measure": "visits", "select": {"kind": "old"}}, "visits has no kind 'old'"),
    ],
)
def test_figures_over_time_that_cannot_be(story: Small, given: dict[str, Any], message: str) -> None:
    with pytest.raises(QuantityError, match=message.replace("?", r"\?")):
        figure(story, "line", **given)


# --- events --------------------------------------------------------------------------------------------------------


def test_events_are_those_between_the_first_and_the_last_day_in_order(story: Small) -> None:
    sheet = figure(story, "line", measure="visits", events={"of": "data.days", "text": "row.text"})
    assert [(str(event.when), event.label, str(event.day)) for event in sheet.events] == [
        ("2025-01-01", "Opening", "2025-01-01"),
        ("2025-02", "Flood", "2025-02-14"),
        ("2025-03-01", "Fair", "2025-03-01"),
    ]
    style = NumberStyle()
    assert [printed(event.text, style).text for event in sheet.events] == ["The bridge opened", "Flood", "The fair"]
    assert [rows.dataset for rows in sheet.sources] == ["days", "visits"]
    assert next(rows.lines for rows in sheet.sources if rows.dataset == "days") == (2, 3, 5)
    assert b"Flood" not in to_csv(sheet)


def test_events_may_be_one_expression_and_of_the_entity_only(story: Small) -> None:
    sheet = figure(story, "area", measure="visits", events='data.days.where(town="ASH")')
    assert [event.label for event in sheet.events] == ["Opening", "Fair"]
    assert figure(story, "area", measure="visits", events='data.days.where(town="CED")').events == ()


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (
            {"of": "data.days", "date": "row.label"},
            "days, line 2: the date of an event, 'row.label', gives 'Opening'",
        ),
        ({"of": "data.days", "date": "'2025'"}, "gives '2025', which is no day and no month"),
        ({"of": "data.days", "date": "none"}, "the date of an event, 'none', is empty"),
        ({"of": "data.days", "label": "row.text"}, "days, line 5: the label of an event, 'row.text', is empty"),
        ({"of": "town.heads.number"}, "gives no list of rows"),
    ],
)
def test_events_that_cannot_be(story: Small, events: dict[str, str], message: str) -> None:
    with pytest.raises(QuantityError, match=message):
        figure(story, "line", measure="visits", events=events)


def test_a_story_s_own_function_gets_columns_as_named(story: Small) -> None:
    columns = [{"value": "row.name", "name": "place"}, {"value": "row.visits", "name": "n"}]
    sheet = figure(story, "own", of="towns", columns=columns, sort="row.visits", ascending="true", top="2")
    assert [column.name for column in sheet.columns] == ["place", "n"]
    assert frame(sheet) == [("Ashby", 15), ("Birch", 15)]
    with pytest.raises(QuantityError, match="needs 'columns'"):
        figure(story, "own", of="towns")
