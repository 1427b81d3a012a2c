"""Sheets: the chart's frame, the HTML table and the CSV say the same of every cell."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.frames import Column, Frame
from generator.model import Period, Rows
from generator.prose.slots import Joined, Link, Slot
from generator.tables import (
    Sheet,
    SheetRow,
    column_for,
    csv_bytes,
    guard,
    heading,
    machine,
    plain,
    printed,
    to_csv,
    to_records,
    typed,
)
from generator.values import NumberStyle, Phrase, Quantity, QuantityError, StandIn, Tally

STYLE = NumberStyle()
ROWS = (Rows("visits", (2,)),)


def quantity(number: float | None, **more: Any) -> Quantity:
    return Quantity(number, **({"unit": "visits", "label": "visits", "rows": ROWS} | more))


@pytest.mark.parametrize(
    ("cell", "html", "file", "frame"),
    [
        (quantity(1234), "1,234", "1234", 1234),
        (quantity(5), "5", "5", 5),
        (quantity(0), "0", "0", 0),
        (quantity(2.345, decimals=1), "2.3", "2.345", 2.345),
        (quantity(0.04, decimals=1), "<0.1", "0.04", 0.04),
        (quantity(-5, kind="change"), "−5", "-5", -5),
        (quantity(5, kind="change"), "+5", "5", 5),
        (quantity(12.5, unit="percent", kind="share", decimals=1), "12.5", "12.5", 12.5),
        (quantity(-12.5, unit="percent", kind="change", decimals=1), "−12.5", "-12.5", -12.5),
        (quantity(500, precision="at least"), "at least 500", "500", 500),
        (quantity(12.5, unit="percent", kind="share", precision="at most"), "at most 13", "12.5", 12.5),
        (quantity(5, kind="rank", among=9), "5", "5", 5),
        (quantity(5, kind="rank", tied=2, among=9), "=5", "5", 5),
        (quantity(None, status="unknown"), "not known", "", None),
        (quantity(None, status="suppressed"), "suppressed", "", None),
        (quantity(None, status="disputed"), "disputed", "", None),
        (quantity(None, kind="category", code="a", text="Free"), "Free", "Free", "Free"),
        (quantity(None, kind="category", code="a", text="=Free"), "=Free", "'=Free", "=Free"),
        (StandIn("no figure", "unknown"), "no figure", "no figure", "no figure"),
        (None, "–", "", None),
        ("", "–", "", ""),
        ("Ashby", "Ashby", "Ashby", "Ashby"),
        (True, "yes", "true", True),
        (False, "no", "false", False),
        (Tally(quantity(3)), "3", "3", 3),
        (dt.date(2025, 6, 6), "6 June 2025", "2025-06-06", dt.date(2025, 6, 6)),
        (Period.parse("2025-06"), "June 2025", "2025-06", dt.date(2025, 6, 1)),
        (Period.parse("2025"), "2025", "2025", dt.date(2025, 1, 1)),
        (Link("Ashby", "/ashby/"), "Ashby", "Ashby", "Ashby"),
        (Joined((Link("A", "/a/"), "B", "C")), "A, B and C", "A; B; C", None),
        (Phrase("rose", quantity(5, kind="change")), "rose", "rose", "rose"),
        (Phrase("+1,234", quantity(1234)), "+1,234", "1234", "+1,234"),
        (Slot("time", "June 2025", "2025-06"), "June 2025", "2025-06", "June 2025"),
    ],
)
def test_a_cell_in_the_page_in_the_file_and_in_the_chart(cell: Any, html: str, file: str, frame: Any) -> None:
    assert printed(cell, STYLE).text == html
    assert machine(cell) == file
    if not isinstance(cell, Joined):
        assert plain(cell) == frame


@pytest.mark.parametrize(
    ("cell", "json"),
    [
        (quantity(1234), 1234),
        (quantity(2.345, decimals=1), 2.345),
        (quantity(3.0), 3),
        (quantity(-0.0000001), -1e-07),
        (quantity(None, status="suppressed"), None),
        (quantity(None, kind="category", code="1", text="=Free"), "=Free"),
        (StandIn("no figure", "unknown"), "no figure"),
        (None, None),
        ("", ""),
        ("007", "007"),
        (True, True),
        (7, 7),
        (0.5, 0.5),
        (dt.date(2025, 6, 6), "2025-06-06"),
        (Period.parse("2025-06"), "2025-06"),
        (Period.parse("2025-01-01/2026-07-31"), "2025-01-01/2026-07-31"),
        (Link("Ashby", "/ashby/"), "Ashby"),
        (Joined((Link("=A", "/a/"), "B")), "=A; B"),
        (Phrase("rose", quantity(5, kind="change")), "rose"),
        (Phrase("+1,234", quantity(1234)), 1234),
        (Slot("time", "June 2025", "2025-06"), "2025-06"),
        (Slot("data", "5", "5"), 5),
        (Slot("data", "nan", "nan"), "nan"),
        (Slot("data", "1_000", "1_000"), "1_000"),
    ],
)
def test_a_cell_for_programs_has_a_type(cell: Any, json: Any) -> None:
    found = typed(cell)
    assert (found, type(found)) == (json, type(json))


def test_records_are_the_file_with_types() -> None:
    columns = (
        Column("label", "Town"), Column("x", "Month", "month"), Column("v", "Visits", "number", "visits"),
        Column("open", "Open", "text"), Column("key", "", "key"),
    )  # fmt: skip
    rows = (
        SheetRow(("Ashby", Period.parse("2025-06"), quantity(5), True, "ASH"), rows=(Rows("towns", (3,)),)),
        SheetRow(("Birch", Period.parse("2025-07"), quantity(9, precision="at least"), None, "BIR")),
        SheetRow(("=Cole", None, quantity(None, status="suppressed", rows=()), False, "COL")),
    )
    described, records = to_records(Sheet(columns, rows))
    assert described == [
        {"name": "label", "label": "Town", "type": "text"},
        {"name": "x", "label": "Month", "type": "date"},
        {"name": "v", "label": "Visits", "type": "number", "unit": "visits"},
        {"name": "v_remark", "label": "Visits: remark", "type": "remark"},
        {"name": "open", "label": "Open", "type": "boolean"},
        {"name": "rows", "label": "Rows", "type": "rows"},
    ]
    assert records == [
        ["Ashby", "2025-06", 5, None, True, {"towns": "3", "visits": "2"}],
        ["Birch", "2025-07", 9, "at least", None, {"visits": "2"}],
        ["=Cole", None, None, "suppressed", False, {}],
    ]
    file = [line.split(",") for line in to_csv(Sheet(columns, rows), rows=True).decode().splitlines()]
    assert [column["label"] for column in described] == file[0]
    assert {len(record) for record in records} == {len(file[0])}


def test_a_number_of_no_row_is_not_printed() -> None:
    with pytest.raises(QuantityError, match="comes from no row") as caught:
        printed(3, STYLE)
    assert caught.value.code == "unbound-number"


def test_missing_is_told_from_zero_and_withheld_everywhere() -> None:
    cells = [quantity(0), *(quantity(None, status=status) for status in ("unknown", "suppressed", "disputed"))]
    sheet = Sheet((Column("v", "Visits", "number", "visits"),), tuple(SheetRow((cell,)) for cell in cells))
    assert len({printed(cell, STYLE).text for cell in cells}) == 4
    assert [printed(cell, STYLE).kind for cell in cells] == ["data", "stand-in", "stand-in", "stand-in"]
    assert sheet.frame().values("v") == (0, None, None, None)
    assert to_csv(sheet).decode().splitlines() == [
        "Visits,Visits: remark", "0,", ",unknown", ",suppressed", ",disputed",
    ]  # fmt: skip


def test_a_file_says_what_is_not_exact() -> None:
    cells = [quantity(5), quantity(42000, precision="rounded"), quantity(None, status="unknown")]
    sheet = Sheet((Column("v", "Visits", "number"),), tuple(SheetRow((cell,)) for cell in cells))
    assert to_csv(sheet).decode() == "Visits,Visits: remark\n5,\n42000,rounded\n,unknown\n"
    exact = Sheet(sheet.columns, (sheet.rows[0], sheet.rows[2]))
    assert to_csv(exact).decode() == 'Visits\n5\n""\n'


def test_key_columns_are_for_charts_only() -> None:
    columns = (Column("label", "Town"), Column("v", "Visits", "number", "visits a year"), Column("key", "", "key"))
    sheet = Sheet(columns, (SheetRow(("Ashby", quantity(5), "ASH")),))
    assert to_csv(sheet).decode() == "Town,Visits (visits a year)\nAshby,5\n"
    assert sheet.frame().records() == [{"label": "Ashby", "v": 5, "key": "ASH"}]


def test_headings_say_the_unit_once() -> None:
    assert heading(Column("v", "Visits", "number", "visits")) == "Visits"
    assert heading(Column("v", "Share", "number", "percent")) == "Share (percent)"


# --- spreadsheets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_is_no_formula(sign: str) -> None:
    assert guard(f"{sign}cmd()") == f"'{sign}cmd()"
    for cell in (f"{sign}cmd()", Link(f"{sign}x", "/"), StandIn(f"{sign}x", ""), Joined((f"{sign}a", "b"))):
        assert machine(cell).startswith(f"'{sign}")


@given(st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9))
def test_a_number_is_never_guarded(number: float) -> None:
    assert float(machine(quantity(number))) == pytest.approx(number, abs=1e-9)
    assert float(machine(number)) == pytest.approx(number, abs=1e-9)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_cell_begins_a_formula(text: str) -> None:
    assert guard(text)[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=20)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1))
def test_files_are_read_back_as_written(rows: list[list[str]]) -> None:
    assert list(csv.reader(io.StringIO(csv_bytes(rows).decode(), newline=""))) == rows


# --- columns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_cells", "expected"),
    [
        ([quantity(5)], Column("c", "Visits", "number", "visits")),
        ([None, StandIn("–", ""), quantity(5, decimals=1)], Column("c", "Visits", "number", "visits", 1)),
        ([quantity(5), quantity(2.5, decimals=2)], Column("c", "Visits", "number", "visits", 2)),
        ([quantity(None, status="unknown")], Column("c", "Visits", "number", "visits")),
        ([quantity(5, kind="rank", unit="")], Column("c", "Visits", "number")),
        ([quantity(None, kind="category", code="a", text="A", unit="")], Column("c", "visits", "category")),
        ([Period.parse("2025-06")], Column("c", "", "month")),
        ([Period.parse("2025-06-01")], Column("c", "", "date")),
        ([dt.date(2025, 6, 1)], Column("c", "", "date")),
        ([1, 2], Column("c", "", "number")),
        ([True], Column("c", "", "text")),
        (["a"], Column("c", "", "text")),
        ([], Column("c", "", "text")),
    ],
)
def test_columns_are_described_by_what_they_hold(given_cells: list[Any], expected: Column) -> None:
    assert column_for("c", "", given_cells) == expected
    assert column_for("c", "Own", given_cells).label == "Own"


def test_a_column_has_one_unit() -> None:
    with pytest.raises(QuantityError, match="has figures in visits and percent"):
        column_for("c", "", [quantity(5), quantity(5, unit="percent", kind="share")])


# --- sheets ------------------------------------------------------------------------------------------------------


def test_a_sheet_knows_where_it_comes_from_and_until_when() -> None:
    day, year = Period.parse("2025-06-06"), Period.parse("2024")
    other = (Rows("heads", (7,)), Rows("visits", (9,)))
    rows = (
        SheetRow((quantity(5, period=day), Phrase("six", quantity(6, rows=other)), "text")),
        SheetRow(
            (quantity(None, status="unknown", period=year, rows=(Rows("visits", (4,)),)), None, None),
            rows=(Rows("names", (3,)),),
        ),
    )
    sheet = Sheet((Column("a", ""), Column("b", ""), Column("c", "")), rows)
    assert sheet.sources == (Rows("heads", (7,)), Rows("names", (3,)), Rows("visits", (2, 4, 9)))
    assert sheet.last_day == dt.date(2025, 6, 6)
    assert sheet.first_day == dt.date(2024, 12, 31)
    assert Sheet((), ()).last_day is None


def test_a_frame_has_a_cell_for_every_column() -> None:
    columns = (Column("a", "A"), Column("b", "B"))
    frame = Frame(columns, ((1, "x"), (None, "y")))
    assert (frame.values("a"), frame.column("b").label, len(frame)) == ((1, None), "B", 2)
    with pytest.raises(ValueError, match="every row must have 2 cells"):
        Frame(columns, ((1,),))
