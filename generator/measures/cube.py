"""Tables and measure specs → cubes of frozen cells. The only module that uses pandas.

A cube holds one cell for every entity, period and level of every dimension that the table has a row for,
with the lines it came from. Nothing is added up, ranked or divided here: that needs a selection
(:mod:`generator.measures.select`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.datasets.read import Table
from generator.measures.spec import EntitySpec, MeasureSpec, TimeSpec
from generator.model import MISSING, PRECISIONS, Cell, Collection, Coordinate, Grid, Period, Rows
from generator.problems import Location, Problems, did_you_mean, one_of

if TYPE_CHECKING:
    import pandas as pd

ELSEWHERE = "~"
"""The grid of codes that are no entities; they count in the whole."""


@dataclass(frozen=True, slots=True)
class Cube:
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
    def dimensions(self) -> tuple[str, ...]:
        return tuple(self.levels)


@dataclass(frozen=True, slots=True)
class _Part:
    table: Table
    value: str
    entity: EntitySpec
    time: TimeSpec | None
    incomplete: str
    dimensions: bool


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
        grids: dict[str, dict[Coordinate, dict[Period, dict[str, Cell]]]] = {}
        for part, frame in zip(parts, frames, strict=True):
            assert frame is not None
            self._fill(name, spec, part, frame, levels, grids, place)
        listed, listed_by, listed_rows = self._listed(name, spec, place)
        if len(self.problems) > before:
            return None
        datasets = tuple(dict.fromkeys(part.table.name for part in parts))
        return Cube(name, spec, grids, levels, listed, listed_by, listed_rows, datasets)

    # --- what the spec refers to -----------------------------------------------------------------------

    def _parts(self, name: str, spec: MeasureSpec, place: Location) -> list[_Part] | None:
        main = self._table(name, spec.from_, place)
        parts = [_Part(main, spec.value, spec.entity, spec.time, spec.incomplete, True)] if main else []
        for extra in spec.parts:
            table = self._table(name, extra.from_, place)
            if table:
                parts.append(_Part(table, extra.value, extra.entity, extra.time, extra.incomplete, False))
        if len(parts) != 1 + len(spec.parts):
            return None
        ok = [self._columns_exist(name, spec, part, place) for part in parts]
        return parts if all(ok) else None

    def _table(self, name: str, dataset: str, place: Location) -> Table | None:
        table = self.tables.get(dataset)
        if table is None:
            hint = did_you_mean(dataset, self.tables)
            self.problems.add("unknown-dataset", f"{name}: there is no dataset {dataset!r}{hint}", place)
        return table

    def _columns_exist(self, name: str, spec: MeasureSpec, part: _Part, place: Location) -> bool:
        wanted = list(part.time.columns if part.time else ())
        wanted += [part.entity.by, *part.entity.columns.values(), part.incomplete]
        if not spec.count:
            wanted.append(part.value)
        if part.dimensions:
            wanted += [d.column or key for key, d in spec.dimensions.items()]
            wanted += [*spec.where, spec.precision, spec.confidence, spec.rank.reported]
        known = part.table.columns
        good = True
        for column in filter(None, wanted):
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

    # --- rows → one frame with collection, key, period and value ---------------------------------------

    def _frame(self, name: str, spec: MeasureSpec, part: _Part, place: Location) -> pd.DataFrame | None:
        import pandas as pd

        frame = pd.DataFrame({key: pd.Series(cells, dtype=object) for key, cells in part.table.columns.items()})
        frame["~line"] = part.table.lines
        if part.dimensions:
            for column, allowed in spec.where.items():
                frame = frame[frame[column].map(_text).isin(allowed)]
        if frame.empty:
            self.problems.add("empty-measure", f"{name}: no row of {part.table.name} is left to measure", place)
            return None
        frame = frame.copy()
        self._place(name, part, frame, place)
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
            chosen = frame[entity.by].map(_text) == one if entity.by else frame["~collection"] == ""
            constant = self._constant(entity, column) if column not in part.table.columns else ""
            keys: Any = None if constant else frame[column].map(_text)
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
        column = entity.by or next(iter(entity.columns.values()))
        if column not in frame:
            return
        loose = frame["~collection"] == ""
        codes = frame.loc[loose, column].map(_text)
        for code in dict.fromkeys(codes):
            if code and code not in declared:
                rows = codes[codes == code]
                line = frame.loc[rows.index[0], "~line"]
                self.problems.add(
                    "unknown-entity",
                    f"{name}: {code!r} in {part.table.name}.{column} ({len(rows)} rows, first on line {line})"
                    " is no entity",
                    place,
                    hint="Declare it in 'entity' under 'outside' or 'unallocated', or mend the rows.",
                )
        frame.loc[loose, "~collection"] = ELSEWHERE
        # several rows may share a code that is no entity (or have none): each counts
        frame.loc[loose, "~key"] = codes + "#" + frame.loc[loose, "~line"].map(str)

    def _periods(
        self, name: str, spec: MeasureSpec, part: _Part, frame: pd.DataFrame, place: Location
    ) -> list[Period]:
        time = part.time
        if time is None:
            if not spec.at:
                self.problems.add(
                    "no-time",
                    f"{name}: neither 'time' nor 'at' says when this was so",
                    place,
                    hint="Write 'at: 2026-05-18', the date the table speaks of.",
                )
                return [Period.parse("1970-01-01")] * len(frame)
            return [Period.parse(spec.at)] * len(frame)
        if time.from_:
            pairs = zip(frame[time.from_], frame[time.to], strict=True)
            return self._dated(name, frame, place, [None if None in p else Period(*p) for p in pairs])
        if time.at:
            return self._dated(name, frame, place, [d and Period.day(d) for d in frame[time.at]])
        if time.month:
            return self._dated(name, frame, place, [d and Period.month(d) for d in frame[time.month]])
        return self._dated(name, frame, place, [y and Period.year(y) for y in frame[time.year]])

    def _dated(self, name: str, frame: Any, place: Location, periods: list[Period | None]) -> list[Period]:
        for period, line in zip(periods, frame["~line"], strict=True):
            if period is None:
                self.problems.add("no-time", f"{name}: the row on line {line} has no date", place)
        return [period for period in periods if period is not None] if None not in periods else []

    # --- frame → cells ---------------------------------------------------------------------------------

    def _levels(self, spec: MeasureSpec, frames: Sequence[pd.DataFrame]) -> dict[str, tuple[str, ...]]:
        levels = {}
        for key, dimension in spec.dimensions.items():
            found = list(dict.fromkeys(frames[0][dimension.column or key].map(_text)))
            declared = [level for level in dimension.levels if level in found]
            levels[key] = tuple(declared + sorted(level for level in found if level not in declared))
        return levels

    def _fill(
        self,
        name: str,
        spec: MeasureSpec,
        part: _Part,
        frame: pd.DataFrame,
        levels: Mapping[str, tuple[str, ...]],
        grids: dict[str, dict[Coordinate, dict[Period, dict[str, Cell]]]],
        place: Location,
    ) -> None:
        columns = [spec.dimensions[key].column or key for key in levels] if part.dimensions else []
        coordinates: Any = list(zip(*(frame[c].map(_text) for c in columns), strict=True))
        if not columns:
            # a further table has figures of the whole, so it stands at every level that needs no choice
            coordinates = [tuple("" for _ in levels)] * len(frame)
        cells = self._cells(name, spec, part, frame, place)
        where = zip(coordinates, frame["~collection"], frame["~period"], frame["~key"], cells, strict=True)
        for coordinate, collection, period, key, cell in where:
            at = grids.setdefault(collection, {}).setdefault(coordinate, {}).setdefault(period, {})
            known = at.get(key)
            if known is None:
                at[key] = cell
            elif spec.count:
                lines = known.rows.lines + cell.rows.lines
                at[key] = Cell(len(lines), Rows(part.table.name, lines))
            else:
                self.problems.add(
                    "two-rows",
                    f"{name}: lines {known.rows.lines[0]} and {cell.rows.lines[0]} of {part.table.name} both"
                    f" give {key}, {', '.join((*filter(None, coordinate), str(period)))}",
                    place,
                    hint="Name the column that tells them apart under 'dimensions', or remove one row.",
                )
                return

    def _cells(self, name: str, spec: MeasureSpec, part: _Part, frame: pd.DataFrame, place: Location) -> list[Cell]:
        dataset = part.table.name
        lines = frame["~line"].tolist()
        if spec.count:
            return [Cell(1, Rows(dataset, (line,))) for line in lines]
        values = frame[part.value].tolist()
        size = len(values)
        weight = part.time.weight if part.time else ""
        weights = frame[weight].tolist() if weight else [1.0] * size
        partial = frame[part.incomplete].tolist() if part.incomplete else [False] * size
        said = frame[spec.precision].map(_text).tolist() if spec.precision and part.dimensions else [""] * size
        ranks = frame[spec.rank.reported].tolist() if spec.rank.reported and part.dimensions else [None] * size
        cells = []
        for value, line, factor, part_of, word, rank in zip(
            values, lines, weights, partial, said, ranks, strict=True
        ):
            rows = Rows(dataset, (line,))
            if spec.kind == "category":
                cells.append(self._category(name, spec, part, value, rows, place))
                continue
            if value is None or word in MISSING:
                status: Any = word if word in MISSING else "unknown"
                cells.append(Cell(None, rows, status))
                continue
            if word and word not in PRECISIONS:
                self.problems.add(
                    "bad-precision",
                    f"{name}: precision {word!r} on line {line} of {dataset} is not understood"
                    f"{did_you_mean(word, PRECISIONS + MISSING)}",
                    place,
                    hint=f"Write one of: {one_of((*PRECISIONS, *MISSING))}.",
                )
            if isinstance(value, bool | str) or not isinstance(value, int | float):
                self.problems.add(
                    "not-a-number", f"{name}: {part.value} on line {line} of {dataset} is no number", place
                )
                continue
            precision: Any = word or "exact"
            cells.append(Cell(value, rows, "known", precision, "", float(factor or 0), bool(part_of), rank))
        return cells

    def _category(self, name: str, spec: MeasureSpec, part: _Part, value: Any, rows: Rows, place: Location) -> Cell:
        code = _text(value)
        if not code:
            return Cell(None, rows, "unknown")
        if code not in spec.categories:
            self.problems.add(
                "unknown-category",
                f"{name}: {code!r} on line {rows.lines[0]} of {part.table.name} is not among its categories"
                f"{did_you_mean(code, spec.categories)}",
                place,
            )
        return Cell(None, rows, "known", "exact", code)

    def _listed(
        self, name: str, spec: MeasureSpec, place: Location
    ) -> tuple[dict[Coordinate, frozenset[Period]] | None, tuple[str, ...], dict[Any, Rows]]:
        rule = spec.no_row.zero_if
        if rule is None:
            return None, (), {}
        table = self._table(name, rule.in_, place)
        if table is None or spec.time is None:
            return None, (), {}
        when = spec.time.at
        missing = [key for key in rule.keys if key not in table.columns]
        if when not in rule.keys or missing:
            self.problems.add(
                "bad-zero-rule",
                f"{name}: no_row.zero_if needs keys of {table.name}, {when!r} among them",
                place,
                hint=f"Fields of {table.name}: {one_of(table.columns, most=30)}.",
            )
            return None, (), {}
        by = tuple(key for key in rule.keys if key != when)
        found: dict[Coordinate, set[Period]] = {}
        rows: dict[Any, Rows] = {}
        for index, date in enumerate(table.columns[when]):
            coordinate = tuple(_text(table.columns[key][index]) for key in by)
            period = Period.day(date)  # type: ignore[arg-type]
            found.setdefault(coordinate, set()).add(period)
            rows[coordinate, period] = Rows(table.name, (table.lines[index],))
        return {key: frozenset(periods) for key, periods in found.items()}, by, rows


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
