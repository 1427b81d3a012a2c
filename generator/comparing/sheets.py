"""Figures and tables: which cells differ, row by row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from msgspec import Struct

from generator.comparing.changes import At, CellChange, RowMove, SheetChange
from generator.pages.survey import Line, Shown
from generator.prose.slots import Slot
from generator.tables import heading

MOST_GUESSES = 400
"""Rows without a counterpart of their name, up to which one is looked for by the other cells."""


class Row(Struct, frozen=True, dict=True):
    """A row as printed; ``number`` counts from 1."""

    number: int
    cells: tuple[Slot, ...]
    key: str

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(slot.text for slot in self.cells)

    def whole(self) -> tuple[str, ...]:
        return (self.key, *self.texts)

    def identity(self) -> tuple[str, ...]:
        """What does not come from a figure: names and dates."""
        return (self.key, *(f"{i} {slot.text}" for i, slot in enumerate(self.cells) if slot.kind in _NAMES))

    def names(self) -> tuple[str, ...]:
        """Its names; nothing for a row that has none."""
        named = [f"{i} {slot.text}" for i, slot in enumerate(self.cells) if slot.kind in _NAMES[:2] and slot.text]
        return (self.key, *named) if self.key or named else ()

    @property
    def name(self) -> str:
        """What an editor would call it: its first words and dates."""
        named = [slot.text for slot in self.cells if slot.kind in _NAMES and slot.text]
        return ", ".join(named[:2]) or f"row {self.number}"


_NAMES = ("text", "link", "time")


def compare_sheets(before: Shown | None, after: Shown | None, at: At, name: str) -> SheetChange | None:
    """What differs between two sides of one figure or table; None when nothing that is printed does."""
    one = after or before
    assert one is not None
    what = one.block.what
    if before is None or after is None:
        return SheetChange(at, what, name, "gone" if after is None else "new")
    headings, there = _headings(before), _headings(after)
    if headings == there and _texts(before) == _texts(after):
        return None
    cells = [CellChange("", now, was, now) for was, now in zip(headings, there, strict=False) if was != now]
    pairs, gone, new = _paired(_rows(before), _rows(after))
    for was, now in pairs:
        changed = zip(there, was.texts, now.texts, strict=False)
        cells += [CellChange(_name(was, now), column, a, b) for column, a, b in changed if a != b]
    moves = [RowMove(now.name, was.number, now.number) for was, now in _moved(pairs)]
    new_rows, gone_rows = tuple(row.name for row in new), tuple(row.name for row in gone)
    return SheetChange(at, what, name, "changed", tuple(cells), new_rows, gone_rows, tuple(moves))


def _name(was: Row, now: Row) -> str:
    """What a row is called on both sides."""
    both = [a.text for a, b in zip(was.cells, now.cells, strict=False) if a.text == b.text and a.kind in _NAMES]
    return ", ".join(list(filter(None, both))[:2]) or now.name


def compare_lists(before: Sequence[Line], after: Sequence[Line], at: At) -> SheetChange | None:
    """The same for a list of places, each with a figure or note beside it."""
    if before == after:
        return None
    pairs, gone, new = _paired(*([_listed(n, line) for n, line in enumerate(side, 1)] for side in (before, after)))
    changed = [(was, now) for was, now in pairs if was.texts != now.texts]
    columns = ("", "", "rank")
    cells = tuple(
        CellChange(now.name, column, a, b)
        for was, now in changed
        for column, a, b in zip(columns, was.texts, now.texts, strict=True)
        if a != b
    )
    moves = tuple(RowMove(now.name, was.number, now.number) for was, now in _moved(pairs))
    new_rows, gone_rows = tuple(row.name for row in new), tuple(row.name for row in gone)
    return SheetChange(at, "list", at.part, "changed", cells, new_rows, gone_rows, moves)


def _listed(number: int, line: Line) -> Row:
    return Row(number, (Slot("link", line.name), Slot("data", line.text), Slot("data", line.rank)), "")


def _texts(shown: Shown) -> list[tuple[str, ...]]:
    return [tuple(slot.text for slot in cells) for cells in shown.cells]


def _headings(shown: Shown) -> list[str]:
    return [heading(column) for column in shown.sheet.columns if column.type != "key"]


def _rows(shown: Shown) -> list[Row]:
    rows = zip(shown.cells, shown.sheet.rows, strict=True)
    return [Row(number, cells, row.key) for number, (cells, row) in enumerate(rows, start=1)]


# --- which row is which --------------------------------------------------------------------------------

Pair = tuple[Row, Row]


def _paired(before: Sequence[Row], after: Sequence[Row]) -> tuple[list[Pair], list[Row], list[Row]]:
    """Rows that are each other's counterpart, in the order of ``after``; those of one side only.

    By all that they say, then by their names and dates, then by their names, then by most of their cells.
    """
    pairs: list[Pair] = []
    gone, new = list(before), list(after)
    for key in (Row.whole, Row.identity, Row.names):
        there = defaultdict(list)
        for row in reversed(new):
            there[key(row)].append(row)
        for row in gone:
            if key(row) and there[key(row)]:
                pairs.append((row, there[key(row)].pop()))
        gone, new = _left(before, after, pairs)
    if len(gone) * len(new) <= MOST_GUESSES**2:
        pairs += _alike(gone, new)
    return (sorted(pairs, key=lambda pair: pair[1].number), *_left(before, after, pairs))


def _left(before: Iterable[Row], after: Iterable[Row], pairs: Sequence[Pair]) -> tuple[list[Row], list[Row]]:
    ours, theirs = {was.number for was, _ in pairs}, {now.number for _, now in pairs}
    return [row for row in before if row.number not in ours], [row for row in after if row.number not in theirs]


def _alike(gone: Iterable[Row], new: Iterable[Row]) -> list[Pair]:
    """Rows that agree in more than half of their cells, each taken once."""
    left = list(new)
    found = []
    for row in gone:
        best = max(left, key=lambda other: _agreement(row, other), default=None)
        if best is not None and 2 * _agreement(row, best) > len(row.cells):
            left.remove(best)
            found.append((row, best))
    return found


def _agreement(one: Row, other: Row) -> int:
    return sum(a == b for a, b in zip(one.texts, other.texts, strict=False))


def _moved(pairs: Sequence[Pair]) -> list[Pair]:
    """The fewest rows that, taken out, leave the others in their order; rather those of which more cells differ."""
    ordered = sorted(pairs, key=lambda pair: pair[0].number)
    if all(one[1].number < other[1].number for one, other in pairwise(ordered)):
        return []
    kept = set(_rising([now.number for _, now in ordered], [_agreement(*pair) for pair in ordered]))
    return [pair for index, pair in enumerate(ordered) if index not in kept]


def _rising(numbers: Sequence[int], dear: Sequence[int]) -> list[int]:
    """Indexes of the longest rising run of different numbers; of several, the one that is dearest in all."""
    place = {number: index for index, number in enumerate(sorted(numbers), start=1)}
    best: list[tuple[tuple[int, int], int]] = [((0, 0), -1)] * (len(numbers) + 1)  # a Fenwick tree of maxima
    before = []
    for index, number in enumerate(numbers):
        (length, weight), last = max((best[at] for at in _below(place[number] - 1)), default=((0, 0), -1))
        before.append(last)
        made = ((length + 1, weight + dear[index]), index)
        at = place[number]
        while at < len(best):
            best[at] = max(best[at], made)
            at += at & -at
    run, index = [], max(best[at] for at in _below(len(numbers)))[1]
    while index >= 0:
        run.append(index)
        index = before[index]
    return run[::-1]


def _below(at: int) -> Iterator[int]:
    """The nodes of a Fenwick tree that together hold all up to ``at``."""
    while at:
        yield at
        at &= at - 1
