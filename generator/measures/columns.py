"""The cells of a measure in one period, kept as columns: a cell is an object only while somebody looks at it.

A measure of a hundred thousand places over years has millions of cells. As objects each takes half a kilobyte, as
columns a dozen bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import cast

from msgspec.structs import astuple

from generator.model import Cell, Rows

Numbers = Sequence[int | float | None]
Further = tuple[str | int | float | bool | None, ...]
"""Of a cell what follows its rows, without what is as it usually is at the end: status, precision, text, …"""

_USUAL = Cell.__struct_defaults__


class CellColumns(Mapping[str, Cell]):
    """Entity key → cell, in the order of ``places``: key → its place in the columns, which others may share.

    ``lines`` is the line of the table ``dataset`` that a cell came from, ``more`` all lines of those that came from
    several, ``elsewhere`` the table of those that came from another, ``further`` what else is unusual of some.
    """

    __slots__ = ("dataset", "elsewhere", "further", "lines", "more", "numbers", "places")

    def __init__(
        self,
        places: Mapping[str, int],
        numbers: Numbers,
        dataset: str,
        lines: Sequence[int],
        more: Mapping[int, tuple[int, ...]],
        elsewhere: Mapping[int, str],
        further: Mapping[int, Further],
    ) -> None:
        self.places = places
        self.numbers = numbers
        self.dataset = dataset
        self.lines = lines
        self.more = more
        self.elsewhere = elsewhere
        self.further = further

    def __getitem__(self, key: str) -> Cell:
        place = self.places[key]
        return Cell(self.numbers[place], self.rows(place), *self.further.get(place, ()))  # type: ignore[arg-type]

    def rows(self, place: int) -> Rows:
        """What the cell at a place of the columns came from."""
        lines = self.more.get(place) or (self.lines[place],)
        return Rows(self.elsewhere.get(place, self.dataset), lines)

    def __contains__(self, key: object) -> bool:
        return key in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


class Gathering:
    """Cells as they are found, row by row."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._numbers: list[int | float | None] = []
        self._dataset = ""
        self._lines = array("I")
        self._more: dict[int, tuple[int, ...]] = {}
        self._elsewhere: dict[int, str] = {}
        self._further: dict[int, Further] = {}

    def add(self, key: str, cell: Cell) -> Rows | None:
        """Takes a cell in; or, where there is one of this key already, gives the rows of that."""
        place = self._places.setdefault(key, len(self._numbers))
        if place < len(self._numbers):
            return self._rows(place)
        self._numbers.append(cell.number)
        self._dataset = self._dataset or cell.rows.dataset
        self._lines.append(cell.rows.lines[0])
        if len(cell.rows.lines) > 1:
            self._more[place] = cell.rows.lines
        if cell.rows.dataset != self._dataset:
            self._elsewhere[place] = cell.rows.dataset
        further = list(astuple(cell)[2:])
        while further and further[-1] == _USUAL[len(further) - 1]:
            further.pop()
        if further:
            self._further[place] = tuple(further)
        return None

    def _rows(self, place: int) -> Rows:
        lines = self._more.get(place) or (self._lines[place],)
        return Rows(self._elsewhere.get(place, self._dataset), lines)

    def count(self, key: str, lines: tuple[int, ...]) -> None:
        """Counts further rows of a key that is there."""
        place = self._places[key]
        self._more[place] = all_lines = self._rows(place).lines + lines
        self._numbers[place] = len(all_lines)

    def columns(self, shared: SharedPlaces) -> CellColumns:
        numbers, rest = numbers_of(self._numbers), (self._more, self._elsewhere, self._further)
        return CellColumns(shared.of(self._places), numbers, self._dataset, self._lines, *rest)


def gathered(cells: Mapping[str, Cell]) -> CellColumns:
    """Any cells as columns."""
    made = Gathering()
    for key, cell in cells.items():
        made.add(key, cell)
    return made.columns(SharedPlaces())


class SharedPlaces:
    """The same keys in the same order once, however often they come: they do in every period of most measures."""

    def __init__(self) -> None:
        self._known: dict[int, list[dict[str, int]]] = {}

    def of(self, places: dict[str, int]) -> dict[str, int]:
        same = self._known.setdefault(hash(tuple(places)), [])
        for known in same:
            if list(known) == list(places):
                return known
        same.append(places)
        return places


def numbers_of(numbers: list[int | float | None]) -> Numbers:
    """The same numbers, in as little room as they take."""
    kinds = set(map(type, numbers))
    if len(kinds) == 1 and (letter := _LETTERS.get(kinds.pop())):
        with suppress(OverflowError):
            return array(letter, cast(list[float], numbers))
    return numbers


_LETTERS: Mapping[type, str] = {int: "q", float: "d"}
