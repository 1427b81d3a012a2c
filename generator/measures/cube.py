"""Tables and measure specs → cubes of frozen cells. The only module that uses pandas.

A cube holds one cell for every entity, period and level of every dimension that the table has a row for,
with the lines it came from. Nothing is added up, ranked or divided here: that needs a selection
(:mod:`generator.measures.select`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.datasets.read import Table, no_dataset
from generator.measures.cells import (
    NEVER,
    BadCellError,
    as_text,
    category_cell,
    number_cell,
    parse_period,
    row_period,
)
from generator.measures.columns import Gathering, SharedPlaces
from generator.measures.spec import EntitySpec, MeasureSpec, TimeSpec
from generator.model import Cell, Collection, Coordinate, Grid, Period, Rows
from generator.problems import Location, Problems, did_you_mean, one_of

if TYPE_CHECKING:
    import pandas as pd

_Gathered = dict[str, dict[Coordinate, dict[Period, Gathering]]]

ELSEWHERE = "~"
"""The grid of codes that are no entities; they count in the whole. With a collection's name after it: its own."""

SELECTORS = ("latest", "first", "latest_complete", "latest_reported")
"""Words that say which date or period is meant."""


class Cube(Struct, frozen=True):
    """All cells of one measure."""

    name: str
    spec: MeasureSpec
    grids: Mapping[str, Grid]
    """By collection name, and ELSEWHERE."""
    levels: Mapping[str, tuple[str, ...]]
    """The levels of each dimension, in the order declared, then in that of the table."""
    listed: Mapping[Coordinate, frozenset[Period]] | None
    """Periods in which a list was kept, by the levels of ``listed_by``; None when no row means unknown."""
    listed_by: tuple[str, ...]
    listed_rows: Mapping[tuple[Coordinate, Period], Rows]
    datasets: tuple[str, ...]

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections it has figures of."""
        return tuple(name for name in self.grids if not name.startswith(ELSEWHERE))

    def elsewhere(self, collection: str) -> list[Grid]:
        """The figures of codes that are no entities of ``collection``."""
        return [self.grids[name] for name in (ELSEWHERE, ELSEWHERE + collection) if name in self.grids]


class _Part(Struct, frozen=True):
    table: Table
    value: str
    entity: EntitySpec
    time: TimeSpec | None
    incomplete: str
    dimensions: bool
    partial: bool
    """The measure covers only some entities, so that nothing is missed in a whole."""


class CubeBuilder:
    """Builds the cubes of a story; collects what is wrong with the specs and their tables."""

    def __init__(
        self, tables: Mapping[str, Table], collections: Mapping[str, Collection], problems: Problems
    ) -> None:
        self.tables = tables
        self.collections = collections
        self.by_one = {collection.one: collection for collection in collections.values()}
        self.keys = {name: {e.key for e in collection} for name, collection in collections.items()}
        self.problems = problems

    def build(self, name: str, spec: MeasureSpec, place: Location) -> Cube | None:
        parts = self._parts(name, spec, place)
        if parts is None:
            return None
        before = len(self.problems)
        frames = [self._frame(name, spec, part, place) for part in parts]
        if len(self.problems) > before or any(frame is None for frame in frames):
            return None
        levels = self._levels(spec, [frame for frame in frames if frame is not None])
        self._check_default(name, spec, levels, place)
        gathered: _Gathered = {}
        for part, frame in zip(parts, frames, strict=True):
            assert frame is not None
            self._fill(name, spec, part, frame, levels, gathered, place)
        listed, listed_by, listed_rows = self._listed(name, spec, place)
        if len(self.problems) > before:
            return None
        return Cube(name, spec, _grids(gathered), levels, listed, listed_by, listed_rows, spec.datasets)

    # --- what the spec refers to -----------------------------------------------------------------------

    def _parts(self, name: str, spec: MeasureSpec, place: Location) -> list[_Part] | None:
        main = self._table(name, spec.from_, place)
        partial = spec.coverage == "partial"
        parts = [_Part(main, spec.value, spec.entity, spec.time, spec.incomplete, True, partial)] if main else []
        for extra in spec.parts:
            table = self._table(name, extra.from_, place)
            if table:
                parts.append(_Part(table, extra.value, extra.entity, extra.time, extra.incomplete, False, partial))
        if len(parts) != 1 + len(spec.parts):
            return None
        ok = [self._columns_exist(name, spec, part, place) for part in parts]
        return parts if all(ok) else None

    def _table(self, name: str, dataset: str, place: Location) -> Table | None:
        table = self.tables.get(dataset)
        if table is None:
            self.problems.add("unknown-dataset", f"{name}: {no_dataset(dataset, self.tables)}", place)
        return table

    @staticmethod
    def _wanted(spec: MeasureSpec, part: _Part) -> list[str]:
        """The columns that figures are made of."""
        wanted = [*part.time.columns, part.time.weight] if part.time else []
        wanted += [part.entity.by, *part.entity.columns.values(), part.incomplete]
        if not spec.count:
            wanted.append(part.value)
        if part.dimensions:
            wanted += [d.column or key for key, d in spec.dimensions.items()]
            wanted += [*spec.where, spec.precision, spec.confidence, spec.rank.reported]
        return list(dict.fromkeys(filter(None, wanted)))

    def _columns_exist(self, name: str, spec: MeasureSpec, part: _Part, place: Location) -> bool:
        known = part.table.columns
        good = True
        for column in self._wanted(spec, part):
            constant = self._constant(part.entity, column)
            if column not in known and not constant:
                good = False
                self.problems.add(
                    "unknown-field",
                    f"{name}: {part.table.name} has no field {column!r}{did_you_mean(column, known)}",
                    place,
                    hint=f"Its fields: {one_of(known, most=30)}.",
                )
        return good

    def _constant(self, entity: EntitySpec, column: str) -> str:
        """``nation: us`` names the entity itself, not a column."""
        for one, named in entity.columns.items():
            if named == column and one in self.by_one:
                folded = {key.casefold(): key for key in self.keys[self.by_one[one].name]}
                if column.casefold() in folded:
                    return folded[column.casefold()]
        return ""

    def _check_default(
        self, name: str, spec: MeasureSpec, levels: Mapping[str, tuple[str, ...]], place: Location
    ) -> None:
        for key, given in spec.default.items():
            if key == "at":
                if given not in SELECTORS and parse_period(given) is None:
                    self.problems.add(
                        "bad-date",
                        f"{name}: default at: {given!r} is no date{did_you_mean(given, SELECTORS)}",
                        place,
                    )
            elif key not in levels:
                self.problems.add(
                    "unknown-dimension",
                    f"{name}: default names {key!r}, which is no dimension{did_you_mean(key, [*levels, 'at'])}",
                    place,
                )
            elif given not in levels[key]:
                self.problems.add(
                    "unknown-level",
                    f"{name}: default {key}: no row has {given!r}{did_you_mean(given, levels[key])}",
                    place,
                    hint=f"Choices: {one_of(levels[key])}.",
                )

    # --- rows → one frame with collection, key, period and value ---------------------------------------

    def _frame(self, name: str, spec: MeasureSpec, part: _Part, place: Location) -> pd.DataFrame | None:
        import pandas as pd

        columns = part.table.columns
        wanted = [column for column in self._wanted(spec, part) if column in columns]
        frame = pd.DataFrame({column: pd.Series(columns[column], dtype=object) for column in wanted}, copy=False)
        frame["~line"] = part.table.lines
        if part.dimensions:
            for column, allowed in spec.where.items():
                frame = frame[frame[column].map(as_text).isin(allowed)].copy()
        if frame.empty:
            self.problems.add("empty-measure", f"{name}: no row of {part.table.name} is left to measure", place)
            return None
        self._place(name, part, frame, place)
        placed = frame["~collection"] != ""
        if not placed.all():
            frame = frame[placed].copy()
        frame["~period"] = pd.Series(
            self._periods(name, spec, part, frame, place) or None, index=frame.index, dtype=object
        )
        return frame

    def _place(self, name: str, part: _Part, frame: pd.DataFrame, place: Location) -> None:
        """Adds ``~collection`` and ``~key``; codes that are no entities go to ELSEWHERE, if declared."""
        frame["~collection"] = ""
        frame["~key"] = None
        entity = part.entity
        for one, column in entity.columns.items():
            chosen = frame[entity.by].map(as_text) == one if entity.by else frame["~collection"] == ""
            constant = self._constant(entity, column) if column not in part.table.columns else ""
            keys: Any = None if constant else frame[column].map(as_text)
            for collection in self._candidates(name, one, column, part, place):
                known = self.keys[collection]
                hit = chosen if constant else chosen & (frame["~collection"] == "") & keys.isin(known)
                frame.loc[hit, "~collection"] = collection
                frame.loc[hit, "~key"] = constant if constant else keys[hit]
        self._place_elsewhere(name, part, frame, place)

    def _candidates(self, name: str, one: str, column: str, part: _Part, place: Location) -> Sequence[str]:
        if one:
            collection = self.by_one.get(one)
            if collection is None:
                self.problems.add(
                    "unknown-collection",
                    f"{name}: no collection calls its entities {one!r}{did_you_mean(one, self.by_one)}",
                    place,
                    hint=f"They are called: {one_of(self.by_one)}.",
                )
                return ()
            return (collection.name,)
        targets = {
            key.reference.resource or part.table.name
            for key in part.table.resource.schema_.foreign_keys
            if key.fields == (column,)
        } | {part.table.name}
        found = [c.name for c in self.collections.values() if c.dataset in targets]
        if not found:
            self.problems.add(
                "unknown-collection",
                f"{name}: {part.table.name}.{column} refers to no collection",
                place,
                hint="Give the column a foreign key to the collection's dataset, "
                "or write 'entity: {NAME: COLUMN}'.",
            )
        return found

    def _place_elsewhere(self, name: str, part: _Part, frame: pd.DataFrame, place: Location) -> None:
        entity = part.entity
        declared = {*entity.unallocated, *entity.outside}
        loose = frame["~collection"] == ""
        if not entity.by:
            column = next(iter(entity.columns.values()))
            if column not in part.table.columns:  # every row is of the one entity that it names
                return
            self._codes(name, part, frame, loose, column, declared, ELSEWHERE, place)
            return
        kinds = frame[entity.by].map(as_text)
        for one, column in entity.columns.items():
            if one in self.by_one and column in part.table.columns:
                home = ELSEWHERE + self.by_one[one].name
                self._codes(name, part, frame, loose & (kinds == one), column, declared, home, place)
        # rows of a kind declared to be outside are of another level: they are part of no whole here
        other = loose & ~kinds.isin(list(entity.columns))
        self._codes(name, part, frame, other, entity.by, declared, "", place)

    def _codes(
        self,
        name: str,
        part: _Part,
        frame: pd.DataFrame,
        loose: Any,
        column: str,
        declared: set[str],
        home: str,
        place: Location,
    ) -> None:
        """Rows whose code is no entity go to the grid ``home``; each code must be declared."""
        codes = frame.loc[loose, column].map(as_text)
        for code in dict.fromkeys(codes):
            if code in declared or (not code and part.partial):
                continue
            rows = codes[codes == code]
            line = frame.loc[rows.index[0], "~line"]
            said = f"{code!r} in {part.table.name}.{column}" if code else f"an empty {part.table.name}.{column}"
            self.problems.add(
                "unknown-entity",
                f"{name}: {said} ({_how_many(len(rows), line)}) is no entity",
                place,
                hint="Declare it in 'entity' under 'outside' or 'unallocated', or mend the rows.",
            )
        frame.loc[loose, "~collection"] = home
        # several rows may share a code that is no entity (or have none): each counts
        frame.loc[loose, "~key"] = codes + "#" + frame.loc[loose, "~line"].map(str)

    def _periods(
        self, name: str, spec: MeasureSpec, part: _Part, frame: pd.DataFrame, place: Location
    ) -> list[Period]:
        time = part.time
        if time is None:
            at = parse_period(spec.at)
            if at is None:
                said = f"at: {spec.at!r} is no date" if spec.at else "neither 'time' nor 'at' says when this was so"
                self.problems.add(
                    "no-time",
                    f"{name}: {said}",
                    place,
                    hint="Write 'at: 2026-05-18', the date the table speaks of.",
                )
            return [at or NEVER] * len(frame)
        cells = zip(*(frame[column] for column in time.columns), strict=True)
        found = []
        known: dict[tuple[Any, ...], Period | str] = {}
        for line, row in zip(frame["~line"], cells, strict=True):
            period = known.get(row)
            if period is None:
                period = known[row] = row_period(time, row)
            if isinstance(period, str):
                self.problems.add("no-time", f"{name}: the row on line {line} of {part.table.name} {period}", place)
            found.append(NEVER if isinstance(period, str) else period)
        return found

    # --- frame → cells ---------------------------------------------------------------------------------

    def _levels(self, spec: MeasureSpec, frames: Sequence[pd.DataFrame]) -> dict[str, tuple[str, ...]]:
        levels = {}
        for key, dimension in spec.dimensions.items():
            found = list(dict.fromkeys(frames[0][dimension.column or key].map(as_text)))
            declared = list(dimension.levels)
            levels[key] = tuple(declared + sorted(level for level in found if level not in declared))
        return levels

    def _fill(
        self,
        name: str,
        spec: MeasureSpec,
        part: _Part,
        frame: pd.DataFrame,
        levels: Mapping[str, tuple[str, ...]],
        gathered: _Gathered,
        place: Location,
    ) -> None:
        columns = [spec.dimensions[key].column or key for key in levels] if part.dimensions else []
        coordinates: Any = list(zip(*(frame[c].map(as_text) for c in columns), strict=True))
        if not columns:
            # a further table has figures of the whole, so it stands at every level that needs no choice
            coordinates = [tuple("" for _ in levels)] * len(frame)
        cells = self._cells(name, spec, part, frame, place)
        where = zip(coordinates, frame["~collection"], frame["~period"], frame["~key"], cells, strict=True)
        for coordinate, collection, period, key, cell in where:
            times = gathered.setdefault(collection, {}).setdefault(coordinate, {})
            at = times.get(period)
            if at is None:
                at = times[period] = Gathering()
            known = at.add(key, cell)
            if known is None:
                continue
            if spec.count:
                at.count(key, cell.rows.lines)
            else:
                self.problems.add(
                    "two-rows",
                    f"{name}: lines {known.lines[0]} and {cell.rows.lines[0]} of {part.table.name} both"
                    f" give {key}, {', '.join((*filter(None, coordinate), str(period)))}",
                    place,
                    hint="Name the column that tells them apart under 'dimensions', or remove one row.",
                )
                return

    def _cells(
        self, name: str, spec: MeasureSpec, part: _Part, frame: pd.DataFrame, place: Location
    ) -> Iterator[Cell]:
        dataset = part.table.name
        if spec.count:
            yield from (Cell(1, Rows(dataset, (line,))) for line in frame["~line"])
            return
        said = spec.precision if part.dimensions else ""
        ranks = spec.rank.reported if part.dimensions else ""
        wanted = (part.value, part.time.weight if part.time else "", part.incomplete, said, ranks)
        columns = [frame[column] if column else repeat(None, len(frame)) for column in wanted]
        for line, *row in zip(frame["~line"], *columns, strict=True):
            rows = Rows(dataset, (line,))
            try:
                made = (
                    category_cell(spec.categories, row, rows)
                    if spec.kind == "category"
                    else number_cell(wanted, row, rows)
                )
            except BadCellError as error:
                if error.at is None:
                    message, where = f"{name}: {error} (line {line} of {dataset})", place
                else:
                    cell = part.table.location(part.table.number(line), wanted[error.at])
                    message, where = f"{name}: {error}", cell
                self.problems.add(error.code, message, where, hint=error.hint)
                made = Cell(None, rows, "unknown")
            yield made

    def _listed(
        self, name: str, spec: MeasureSpec, place: Location
    ) -> tuple[dict[Coordinate, frozenset[Period]] | None, tuple[str, ...], dict[Any, Rows]]:
        rule = spec.no_row.zero_if
        if rule is None:
            return None, (), {}
        table = self._table(name, rule.in_, place)
        if table is None:
            return None, (), {}
        when = spec.time.at if spec.time else ""
        by = tuple(key for key in rule.keys if key != when)
        missing = [key for key in rule.keys if key not in table.columns]
        missing += [key for key in by if key not in spec.dimensions]
        if not when or when not in rule.keys or missing:
            self.problems.add(
                "bad-zero-rule",
                f"{name}: no_row.zero_if needs the measure's date"
                + (f" {when!r}" if when else " (time: {at: …})")
                + f" and dimensions of it as keys, all of them fields of {table.name}",
                place,
                hint=f"Fields of {table.name}: {one_of(table.columns, most=30)}.",
            )
            return None, (), {}
        found: dict[Coordinate, set[Period]] = {}
        rows: dict[Any, Rows] = {}
        for index, date in enumerate(table.columns[when]):
            coordinate = tuple(as_text(table.columns[key][index]) for key in by)
            if not isinstance(date, dt.date):
                message = f"{name}: {table.name}.{when} is no date on line {table.lines[index]}"
                self.problems.add("bad-zero-rule", message, place)
                continue
            period = Period.day(date)
            found.setdefault(coordinate, set()).add(period)
            rows[coordinate, period] = Rows(table.name, (table.lines[index],))
        return {key: frozenset(periods) for key, periods in found.items()}, by, rows


def _grids(gathered: _Gathered) -> dict[str, Grid]:
    shared = SharedPlaces()
    return {
        collection: {
            coordinate: {period: found.columns(shared) for period, found in times.items()}
            for coordinate, times in grid.items()
        }
        for collection, grid in gathered.items()
    }


def _how_many(rows: int, first: int) -> str:
    return f"{rows} rows, first on line {first}" if rows > 1 else f"line {first}"
