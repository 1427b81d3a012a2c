"""A broken rule, before it is told; and a measure as the rules look at it.

Where a cell stands in its file is worked out only for what is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from generator.datasets.read import Table
from generator.measures.cells import as_text
from generator.measures.cube import ELSEWHERE, Cube
from generator.measures.select import Selector, cell_interval
from generator.measures.spec import ConsistencySpec, MeasureSpec, SumRule
from generator.model import Cell, Coordinate, Period
from generator.problems import Location, Problem, Severity
from generator.source import Node, locate, locate_key, parse_yaml, read_text
from generator.values import Interval

MEASURES = "data/measures.yml"

MOST = 3
"""Cells that break the same rule told one by one; of more, these many are named and the rest counted."""


class Spot(Struct, frozen=True, order=True):
    """A cell of a table: the row that begins on ``line`` and the column; no column is the whole row."""

    dataset: str
    line: int
    field: str = ""


class Finding(Struct, frozen=True):
    """One place where a rule does not hold.

    ``message`` says so of this place, ``short`` in a list of several, ``rule`` of all of them ("parts are above
    their whole"). ``also`` are the cells that a hint speaks of, written ``{0}``, ``{1}`` in it.
    """

    code: str
    measure: str
    rule: str
    at: Spot | Location
    message: str
    short: str = ""
    hint: str = ""
    also: tuple[Spot, ...] = ()
    severity: Severity = "error"


def told(findings: Iterable[Finding], tables: Mapping[str, Table]) -> Iterator[Problem]:
    """Each finding as a problem; more than three of the same rule as one, with the first three."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.measure, finding.code, finding.rule), []).append(finding)
    for group in groups.values():
        listed = sorted(group, key=_in_file)
        if len(listed) <= MOST:
            yield from (_problem(finding, tables) for finding in listed)
        else:
            yield _many(listed, tables)


def _in_file(finding: Finding) -> tuple[str, int, str]:
    at = finding.at
    return (at.path, at.line, "") if isinstance(at, Location) else (at.dataset, at.line, at.field)


def _problem(finding: Finding, tables: Mapping[str, Table]) -> Problem:
    message = f"{finding.measure}: {finding.message}"
    return Problem(finding.code, message, _place(finding.at, tables), _hint(finding, tables), finding.severity)


def _many(listed: list[Finding], tables: Mapping[str, Table]) -> Problem:
    first = listed[0]
    shown = "; ".join(f"{one.short or one.message} ({_place(one.at, tables)})" for one in listed[:MOST])
    message = f"{first.measure}: {first.rule} in {len(listed)} places. The first three: {shown}"
    return Problem(first.code, message, _place(first.at, tables), _hint(first, tables), first.severity)


def _hint(finding: Finding, tables: Mapping[str, Table]) -> str:
    hint = finding.hint
    for number, spot in enumerate(finding.also):
        hint = hint.replace(f"{{{number}}}", str(_place(spot, tables)))
    return hint


def _place(at: Spot | Location, tables: Mapping[str, Table]) -> Location:
    return at if isinstance(at, Location) else tables[at.dataset].source.place(at.line, at.field)


class Figure(Struct, frozen=True):
    """One cell of a cube and what it is of. ``collection`` is "" for what is no entity."""

    collection: str
    key: str
    name: str
    coordinate: Coordinate
    period: Period
    cell: Cell


class Measured(Struct, frozen=True, dict=True):
    """A measure with all that a rule asks about it."""

    root: Path
    cube: Cube
    tables: Mapping[str, Table]
    selector: Selector

    @property
    def name(self) -> str:
        return self.cube.name

    @property
    def spec(self) -> MeasureSpec:
        return self.cube.spec

    @property
    def rules(self) -> ConsistencySpec:
        return self.cube.spec.consistency

    # --- where things stand ---------------------------------------------------------------------------

    def declared_at(self, *path: str | int, key: bool = False) -> Location:
        """Where in measures.yml something of this measure stands."""
        find = locate_key if key else locate
        return find(self._node, (self.name, *path))

    @cached_property
    def _node(self) -> Node:
        return parse_yaml(read_text(self.root, MEASURES), MEASURES)

    def spot(self, cell: Cell) -> Spot:
        """The cell of the table that a figure was read from: the first, where it is made of several."""
        dataset = cell.rows.dataset
        return Spot(dataset, cell.rows.lines[0], self.column(dataset))

    def column(self, dataset: str) -> str:
        """The column of a table that holds the figures; of rows that are counted, the one that says whose."""
        spec = self.spec
        if dataset == spec.from_:
            return next(iter(spec.entity.columns.values())) if spec.count else spec.value
        return next((part.value for part in spec.parts if part.from_ == dataset), "")

    def cell_of(self, cell: Cell, column: str) -> str:
        """What another column says in a figure's first row, as text; "" where it says nothing."""
        table = self.tables[cell.rows.dataset]
        return _text(table, column, cell.rows.lines[0]) if column in table.columns else ""

    # --- figures --------------------------------------------------------------------------------------

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        collections = self.selector.collections.values()
        return {collection.name: {e.key: e.name for e in collection} for collection in collections}

    def figure(self, grid: str, key: str, coordinate: Coordinate, period: Period, cell: Cell) -> Figure:
        """A cell of a grid; keys of what is no entity hold their code and line."""
        if grid.startswith(ELSEWHERE):
            code = key.rpartition("#")[0]
            return Figure("", key, repr(code) if code else "what has no code", coordinate, period, cell)
        return Figure(grid, key, self._names[grid][key], coordinate, period, cell)

    def figures(self) -> Iterator[Figure]:
        """All that are known."""
        for grid, coordinates in self.cube.grids.items():
            for coordinate, periods in coordinates.items():
                for period, cells in periods.items():
                    for key, cell in cells.items():
                        if cell.number is not None:
                            yield self.figure(grid, key, coordinate, period, cell)

    def bounds(self, cell: Cell) -> Interval:
        """Where the true number lies; of one with decimals, within half of the last that its column has."""
        found = cell_interval(cell)
        half = self.half(cell.rows.dataset) if cell.precision == "exact" else 0.0
        if half:
            found = Interval(found.low - half, found.high + half, found.low_open, found.high_open)
        return found

    @cached_property
    def _halves(self) -> dict[str, float]:
        return {}

    def half(self, dataset: str) -> float:
        """Half of the last decimal of a table's figures, which is what rounding may have changed."""
        if dataset not in self._halves:
            cells = self.tables[dataset].columns.get(self.column(dataset), ())
            texts = (repr(cell) for cell in cells if isinstance(cell, float) and not cell.is_integer())
            decimals = max((_decimals(text) for text in texts), default=0)
            floats = any(isinstance(cell, float) for cell in cells)
            least = 1e-9 if floats else 0.0  # what binary fractions need
            self._halves[dataset] = 0.5 * 10.0**-decimals + least if decimals else least
        return self._halves[dataset]

    # --- words ----------------------------------------------------------------------------------------

    def counted(self, cell: Cell) -> str:
        """``182,340 loans``."""
        return f"{said(cell)} {self.unit(cell)}"

    def unit(self, cell: Cell) -> str:
        one = cell.number == 1 and cell.precision == "exact"
        return self.spec.unit_one if one and self.spec.unit_one else self.spec.unit

    def levels(self, coordinate: Coordinate) -> str:
        """`` (status active)``; nothing where there is nothing to choose."""
        named = zip(self.cube.levels, coordinate, strict=True)
        text = ", ".join(f"{name} {level}" for name, level in named if level)
        return f" ({text})" if text else ""

    def sources(self, *cells: Cell) -> str:
        """`` (Annual returns, Library Board)``: whom to ask; nothing where no table says."""
        rows = [(self.tables[c.rows.dataset], line) for c in cells for line in c.rows.lines[:1]]
        return whom_to_ask(rows)


def whom_to_ask(rows: Iterable[tuple[Table, int]]) -> str:
    """The sources of rows, each given by its table and its line; the first two of them."""
    found = {
        ", ".join(filter(None, (source.title, source.publisher))): None
        for table, line in rows
        for source in table.resource.sources
        if all(_text(table, column, line) in allowed for column, allowed in source.where.items())
    }
    listed = list(found)
    more = f"; … {len(listed)} in all" if len(listed) > 2 else ""
    return f" ({'; '.join(listed[:2])}{more})" if listed else ""


def _text(table: Table, column: str, line: int) -> str:
    return as_text(table.columns[column][table.number(line)])


def nothing_compared(measured: Measured, rule: SumRule) -> Finding:
    """That a rule looks at nothing, which is worth knowing where somebody relies on it."""
    path = ("consistency", "sums", measured.rules.sums.index(rule))
    other = rule.to or rule.in_
    message = f"the sums are compared with nothing: {other} and what should add up to it share no date or level"
    hint = "Look at the dates in both tables, or take the rule out."
    place = measured.declared_at(*path)
    return Finding("nothing-compared", measured.name, message, place, message, hint=hint, severity="warning")


def _decimals(text: str) -> int:
    """Decimals as written: 2 for '1.25'; '1e-07' has 7."""
    mantissa, _, exponent = text.partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0)


def number(value: float) -> str:
    """Digits in groups of three: ``182,340``, ``15.9``."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{round(value, 6):,}"


def said(cell: Cell) -> str:
    """A figure with how exact it is: ``about 42,000``."""
    words = {"exact": "", "rounded": "about ", "approximate": "about "}
    return f"{words.get(cell.precision, f'{cell.precision} ')}{number(cell.number or 0)}"


def between(bounds: Interval) -> str:
    """``42,000``, ``at least 8,000`` or ``between 41,500 and 42,500``."""
    if bounds.is_point:
        return number(bounds.low)
    if bounds.high == math.inf:
        return f"at least {number(bounds.low)}"
    if bounds.low == -math.inf:
        return f"at most {number(bounds.high)}"
    return f"between {number(bounds.low)} and {number(bounds.high)}"


def when(period: Period) -> str:
    """``on 2025-12-31``, ``in 2025-03``, ``from 2025-01-01 to 2026-07-31``."""
    if period.grain == "range":
        return f"from {period.start} to {period.end}"
    return f"{'on' if period.grain == 'day' else 'in'} {period}"


def count(many: int, one: str, plural: str) -> str:
    return f"{many:,} {one if many == 1 else plural}"
