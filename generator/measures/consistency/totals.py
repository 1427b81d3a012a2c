"""The rows of a measure against totals published in another table.

The two tables share the columns named as ``keys``; of each combination of what they hold, the rows must add up
to the total there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from generator.datasets.cells import Cell
from generator.datasets.read import Table
from generator.measures.cells import as_text
from generator.measures.consistency.findings import (
    Finding,
    Measured,
    Spot,
    count,
    nothing_compared,
    number,
    whom_to_ask,
)
from generator.measures.spec import SumRule

CODE = "sum-mismatch"

Key = tuple[Cell, ...]

_Groups = Mapping[Key, Sequence[int]]
"""Rows by key."""


class _Side(NamedTuple):
    """The rows of one of the tables that have the same key, and what they add up to."""

    rows: Sequence[int] = ()
    number: float = 0
    known: bool = True


def totals(measured: Measured) -> Iterator[Finding]:
    """Sums that differ from the total another table gives."""
    own = measured.tables[measured.spec.from_]
    grouped: dict[tuple[str, tuple[str, ...]], _Groups] = {}
    for rule in measured.rules.sums:
        table = measured.tables.get(rule.in_)
        if table is None or not _complete(rule, table, own):
            continue  # what is wrong with the rule is told where rules are looked at
        for each in (own, table):
            if (each.name, rule.keys) not in grouped:
                grouped[each.name, rule.keys] = _grouped(each, rule.keys, _held(measured, rule, each))
        mine, published = grouped[own.name, rule.keys], grouped[table.name, rule.keys]
        yield from _compare(measured, rule, (own, mine), (table, published))


def _complete(rule: SumRule, table: Table, own: Table) -> bool:
    columns = {rule.value, *rule.keys}
    return columns <= table.columns.keys() and set(rule.keys) <= own.columns.keys()


def _held(measured: Measured, rule: SumRule, table: Table) -> Mapping[str, set[Cell]]:
    """The times to compare: those that the measure's table speaks of, or all where no row means zero there."""
    spec = measured.spec
    if table.name == spec.from_ or (spec.no_row.zero_if is not None and spec.no_row.zero_if.in_ == rule.in_):
        return {}
    own = measured.tables[spec.from_]
    times = [column for column in (spec.time.columns if spec.time else ()) if column in rule.keys]
    return {column: set(own.columns[column]) for column in times}


def _grouped(table: Table, keys: Sequence[str], held: Mapping[str, set[Cell]]) -> _Groups:
    chosen: Sequence[int] = range(len(table))
    for column, times in held.items():
        cells = table.columns[column]
        chosen = [row for row in chosen if cells[row] in times]
    columns = [table.columns[column] for column in keys]
    found: dict[Key, list[int]] = {}
    for row in chosen:
        found.setdefault(tuple(cells[row] for cells in columns), []).append(row)
    return found


def _compare(
    measured: Measured, rule: SumRule, own: tuple[Table, _Groups], published: tuple[Table, _Groups]
) -> Iterator[Finding]:
    spec = measured.spec
    added = _Adder(own[0], "" if spec.count else spec.value, spec.where, rule.where)
    total = _Adder(published[0], rule.value, {}, rule.where)
    half = 0.0 if spec.count else measured.half(own[0].name)
    if rule.at_most and not own[1].keys() & published[1].keys():
        yield nothing_compared(measured, rule)
    for key in dict.fromkeys([*own[1], *published[1]]):
        mine, theirs = added(own[1].get(key, ())), total(published[1].get(key, ()))
        if rule.at_most and not theirs.rows:
            continue
        difference = mine.number - theirs.number
        allowed = rule.tolerance + half * (len(mine.rows) + 1)
        too_few = -difference > allowed and mine.known and not rule.at_most
        if theirs.known and (difference > allowed or too_few):
            yield _finding(measured, rule, (own[0], mine), (published[0], theirs), key)


class _Adder:
    """Adds up the numbers of those of some rows that are wanted; without a column it counts them."""

    def __init__(self, table: Table, value: str, *wheres: Mapping[str, tuple[str, ...]]) -> None:
        self.numbers = table.columns.get(value)
        self.wanted: list[tuple[Sequence[Cell], set[Cell]]] = []
        for column, allowed in (item for where in wheres for item in where.items()):
            if column in table.columns:
                cells = table.columns[column]
                self.wanted.append((cells, {cell for cell in set(cells) if as_text(cell) in allowed}))

    def __call__(self, rows: Sequence[int]) -> _Side:
        for cells, wanted in self.wanted:
            rows = [row for row in rows if cells[row] in wanted]
        if self.numbers is None:
            return _Side(rows, len(rows))
        known = [cell for row in rows if isinstance(cell := self.numbers[row], int | float)]
        return _Side(rows, sum(known), len(known) == len(rows))


def _finding(
    measured: Measured, rule: SumRule, mine: tuple[Table, _Side], total: tuple[Table, _Side], key: Key
) -> Finding:
    """Told at the total; at the row, where only one should come to it."""
    (own, added), (table, published) = mine, total
    named = ", ".join(f"{column} {as_text(cell)}" for column, cell in zip(rule.keys, key, strict=True))
    named += "".join(f", {name} {' or '.join(levels)}" for name, levels in rule.where.items())
    sum_, says = _n(added.number), _n(published.number)
    apart = f"{_n(abs(added.number - published.number))} too {'many' if added.number > published.number else 'few'}"
    adds = (
        f"{count(len(added.rows), 'row', 'rows')} of {own.name} {'adds' if len(added.rows) == 1 else 'add'} up to"
    )
    there = f"{table.name}.{rule.value} says {says}" if published.rows else f"{table.name} has no row of that"
    at, also, where = _spots(measured, rule, mine, total)
    rows = [(each, each.lines[row]) for each, side in (mine, total) for row in side.rows]
    return Finding(
        CODE,
        measured.name,
        f"rows do not add up to {table.name}.{rule.value}",
        at,
        f"{named}: {adds} {sum_} {measured.spec.unit}, {there}: {apart}",
        f"{named}: {sum_}, not {says}",
        f"{where}Look both up at their source{whom_to_ask(rows)} and mend the one that is wrong.",
        also,
    )


def _spots(
    measured: Measured, rule: SumRule, mine: tuple[Table, _Side], total: tuple[Table, _Side]
) -> tuple[Spot, tuple[Spot, ...], str]:
    """Where it is told, where the other number stands, and the sentence that says so."""
    (own, added), (table, published) = mine, total
    rows = [Spot(own.name, own.lines[row], measured.column(own.name)) for row in added.rows]
    if not published.rows:
        return rows[0], (), ""
    there = Spot(table.name, table.lines[published.rows[0]], rule.value)
    if len(rows) == 1:
        return rows[0], (there,), "The other number is at {0}. "
    begin = f"The {len(rows):,} rows begin at {{0}}. " if rows else ""
    return there, tuple(rows[:1]), begin


def _n(value: float) -> str:
    return number(round(value, 6))
