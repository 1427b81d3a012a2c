"""Cells kept as columns are the same cells."""

from __future__ import annotations

import pickle
from array import array

import pytest

from generator.measures.columns import CellColumns, Gathering, SharedPlaces, gathered, numbers_of
from generator.model import Cell, Rows

CELLS = {
    "plain": Cell(3, Rows("visits", (2,))),
    "missing": Cell(None, Rows("visits", (3,)), "suppressed"),
    "rounded": Cell(2.5, Rows("visits", (4,)), "known", "rounded"),
    "several": Cell(2, Rows("visits", (5, 9))),
    "word": Cell(None, Rows("visits", (6,)), "known", "exact", "closed"),
    "weighed": Cell(0, Rows("visits", (7,)), weight=31.0, partial=True),
    "elsewhere": Cell(10**30, Rows("nation", (2,)), rank=1),
    "true weight": Cell(1, Rows("visits", (8,)), weight=1.0, rank=None),
}


def test_what_went_in_comes_out() -> None:
    columns = gathered(CELLS)
    assert dict(columns) == CELLS == columns
    assert list(columns) == list(CELLS)
    assert len(columns) == len(CELLS)
    assert "plain" in columns
    assert "other" not in columns
    assert columns.get("other") is None
    assert dict(pickle.loads(pickle.dumps(columns))) == CELLS
    with pytest.raises(KeyError):
        columns["other"]


def test_only_the_unusual_takes_room_of_its_own() -> None:
    columns = gathered(CELLS)
    assert set(columns.further) == {1, 2, 4, 5, 6}
    assert columns.more == {3: (5, 9)}
    assert columns.elsewhere == {6: "nation"}


def test_a_key_that_is_there_keeps_its_cell() -> None:
    found = Gathering()
    assert found.add("a", Cell(1, Rows("visits", (2,)))) is None
    assert found.add("b", Cell(1, Rows("visits", (3,)))) is None
    assert found.add("a", Cell(5, Rows("visits", (4,)))) == Rows("visits", (2,))
    assert found.columns(SharedPlaces())["a"] == Cell(1, Rows("visits", (2,)))


def test_rows_of_one_key_are_counted() -> None:
    found = Gathering()
    for key, line in (("a", 2), ("b", 3), ("a", 4), ("a", 5)):
        if found.add(key, Cell(1, Rows("visits", (line,)))) is not None:
            found.count(key, (line,))
    columns = found.columns(SharedPlaces())
    assert dict(columns) == {"a": Cell(3, Rows("visits", (2, 4, 5))), "b": Cell(1, Rows("visits", (3,)))}


def test_the_same_keys_are_there_once() -> None:
    shared = SharedPlaces()

    def columns(*keys: str) -> CellColumns:
        found = Gathering()
        for line, key in enumerate(keys, start=2):
            found.add(key, Cell(line, Rows("visits", (line,))))
        return found.columns(shared)

    first, again, other, turned = columns("a", "b"), columns("a", "b"), columns("a", "c"), columns("b", "a")
    assert first.places is again.places
    assert list(other) == ["a", "c"]
    assert list(turned) == ["b", "a"]
    assert turned["b"].number == 2


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [([1, -2], "q"), ([1.5, 2.0], "d"), ([1, 2.0], ""), ([1, None], ""), ([2**63], ""), ([-(2**63)], "q"), ([], "")],
)  # fmt: skip
def test_numbers_stay_what_they_are(numbers: list[int | float | None], kind: str) -> None:
    made = numbers_of(numbers)
    assert (made.typecode if isinstance(made, array) else "") == kind
    assert [(number, type(number)) for number in made] == [(number, type(number)) for number in numbers]
