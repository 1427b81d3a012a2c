"""A table is read in pieces, and says the same of every file as if it were read at once."""

from __future__ import annotations

import json

import pytest

from generator.datasets import csv_text
from generator.datasets.descriptor import Resource, read_package
from generator.datasets.read import read_table
from generator.problems import SourceError

FIELDS = [{"name": "code"}, {"name": "count", "type": "integer"}, {"name": "note"}]
HEADER = "code,count,note\n"


def resource(**schema: object) -> Resource:
    given = {"resources": [{"name": "visits", "path": "visits.csv", "schema": {"fields": FIELDS, **schema}}]}
    return read_package(json.dumps(given)).resources[0]


def told(text: str, **schema: object) -> list[str]:
    with pytest.raises(SourceError) as caught:
        read_table(resource(**schema), text, "visits.csv")
    return [f"{problem.location}: {problem.message}" for problem in caught.value.problems]


@pytest.fixture(params=[(2, 7), (3, 1), (10_000, 1 << 20)], ids=["small", "tiny", "usual"], autouse=True)
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "_PIECE", request.param[0])
    monkeypatch.setattr(csv_text, "_WINDOW", request.param[1])


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_row_on_each_line(end: str) -> None:
    rows = [(f"A{number}", number, "" if number % 3 else "one, two") for number in range(7)]
    text = HEADER + "\n".join(f'{code},{count},"{note}"' for code, count, note in rows) + end
    table = read_table(resource(primaryKey=["code"]), text, "visits.csv")
    assert list(zip(*table.columns.values(), strict=True)) == [(a, b, c or None) for a, b, c in rows]
    assert list(table.lines) == list(range(2, 9))
    assert table.location(5, "count").line == 7
    assert table.number(7) == 5


def test_a_row_of_several_lines_late_in_the_file() -> None:
    text = HEADER + "A,1,\nB,2,\nC,3,\nD,4,\nE,5,\n" + 'F,6,"one\n\ntwo"\nG,7,\n'
    table = read_table(resource(), text, "visits.csv")
    assert table.columns["note"] == (None, None, None, None, None, "one\n\ntwo", None)
    assert list(table.lines) == [2, 3, 4, 5, 6, 7, 10]


def test_rows_without_lines_between() -> None:
    table = read_table(resource(), HEADER + "A,1,\n\nB,2,\n\n", "visits.csv")
    assert (table.columns["count"], list(table.lines)) == ((1, 2), [2, 4])


def test_a_header_alone() -> None:
    assert len(read_table(resource(), HEADER, "visits.csv")) == 0
    assert len(read_table(resource(), HEADER.strip(), "visits.csv")) == 0


@pytest.mark.parametrize("text", ["", "\n", "\n\n"])
def test_an_empty_file(text: str) -> None:
    assert any("the file is empty" in message for message in told(text))


def test_wrong_cells_are_told_at_their_lines() -> None:
    text = HEADER + "A,1,\nB,x,\nC,2,\nD,y,\nE,x,\n"
    assert told(text) == [
        "visits.csv:3:3: count: 'x' is not an integer; the schema allows an empty cell",
        "visits.csv:5:3: count: 'y' is not an integer; the schema allows an empty cell",
        "visits.csv:6:3: count: 'x' is not an integer; the schema allows an empty cell",
    ]


def test_a_row_that_is_too_short_is_told_with_the_wrong_cells_before_it_left_for_later() -> None:
    text = HEADER + "A,x,\nB,1,\nC,2,\nD,3,\nE,4\n"
    assert told(text) == ["visits.csv:6:1: 2 cells, where the header has 3"]


def test_a_wrong_header_is_told_with_the_rows_that_are_uneven() -> None:
    assert told("code,counts,note\nA,1,\nB,1,\nC,2\n") == [
        "visits.csv:1:1: the header lacks 'count', which the schema has",
        "visits.csv:1:6: the schema has no field 'counts'; did you mean 'count'?",
        "visits.csv:4:1: 2 cells, where the header has 3",
    ]


def test_a_quote_that_is_never_closed() -> None:
    assert told(HEADER + "A,1,\nB,2,\nC,3,\n" + 'D,4,"never\nE,5,\n') == [
        "visits.csv:5:5: the quote that is opened here is never closed"
    ]


def test_a_row_that_is_there_twice_in_different_pieces() -> None:
    text = HEADER + "A,1,\nB,2,\nC,3,\nD,4,\nA,5,\n"
    assert told(text, primaryKey=["code"]) == ["visits.csv:6:1: primary key: code 'A' is already on line 2"]


@pytest.mark.parametrize("quoted", [False, True])
def test_a_cell_that_is_far_too_long_is_told_with_and_without_quotes(quoted: bool) -> None:
    text = HEADER + "A,1," + "x" * 200_000 + "\n" + ('B,1,"a"\n' if quoted else "B,1,a\n")
    [said] = told(text)
    assert said.startswith("visits.csv:2:1: this is not valid CSV: field larger than field limit")


@pytest.mark.parametrize("sign", ["\u2028", "\x0b", "\x85", "\ufeff", "'", "\t", " "])
def test_signs_that_are_no_ends_of_lines(sign: str) -> None:
    table = read_table(resource(), f"{HEADER}A,1,one{sign}two\nB,2,\n", "visits.csv")
    assert table.columns["note"] == (f"one{sign}two", None)


@pytest.mark.parametrize("rows", ["A\nB\n", "A\nB", 'A\n"B"\n', "A\n\nB\n"])
def test_a_table_of_one_column(rows: str) -> None:
    given = {"resources": [{"name": "visits", "path": "visits.csv", "schema": {"fields": [{"name": "code"}]}}]}
    table = read_table(read_package(json.dumps(given)).resources[0], f"code\n{rows}", "visits.csv")
    assert table.columns["code"] == ("A", "B")


@pytest.mark.parametrize(
    "rows", ["A,1,one\nB,2,two\nC,3,\n", 'A,1,"one\nmore"\nB,2,two\nC,3,\n', "A,1,one\n\nB,2,\nC,3,\n"]
)
def test_rows_are_found_by_their_lines(rows: str) -> None:
    table = read_table(resource(), HEADER + rows, "visits.csv")
    assert table.numbers(table.lines) == [0, 1, 2] == [table.number(line) for line in table.lines]
    assert table.numbers([table.lines[2], table.lines[0]]) == [2, 0]
