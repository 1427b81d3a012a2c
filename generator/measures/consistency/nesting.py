"""What is part of what among the figures of a measure.

A whole is the figure of an entity above, of the levels that an additive dimension splits, or, of a flow, of a
period that holds the part's. Levels of a dimension that does not add up are compared with their equal only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct, field

from generator.measures.cells import BadCellError, as_text, number_cell, row_period
from generator.measures.consistency.findings import Figure, Measured
from generator.model import Cell, Coordinate, Grid, Period, Rows


class At(NamedTuple):
    """A cell and where in the cube it is; lighter than a :class:`Figure`, which also knows its name."""

    grid: str
    key: str
    coordinate: Coordinate
    period: Period
    cell: Cell


class Group(Struct):
    """A whole and the parts of it that do not overlap, of one period."""

    collection: str
    """Of the parts."""
    owner: tuple[str, str]
    """Collection and key of the whole's entity."""
    coordinate: Coordinate
    period: Period
    whole: Figure | None
    parts: list[Figure] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    """Names of the entities that have no row where others do."""


class Nesting:
    """Parts and wholes of one measure."""

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self.cube = measured.cube
        self.selector = measured.selector

    def figure(self, at: At | Figure) -> Figure:
        return at if isinstance(at, Figure) else self.measured.figure(*at)

    def levels(self) -> list[tuple[str, str]]:
        """Collections of parts and of wholes, both with figures; a collection's levels are parts of itself."""
        names = self.cube.collections
        pairs = [(part, whole) for part in names for whole in [part, *self.selector.above(part)] if whole in names]
        finest = [name for name in names if not any(name in self.selector.above(other) for other in names)]
        return sorted(pairs, key=lambda pair: pair[0] not in finest)

    def names(self, part: str, whole: str) -> list[tuple[str, str]]:
        """What a rule of sums may call these parts: their collection or, of the same entity, the dimension."""
        return [(part, whole)] if part != whole else [(dimension, whole) for dimension in self.cube.levels]

    def _owner(self, part: str, key: str, whole: str) -> str:
        """The key of what an entity belongs to in a collection above."""
        while part != whole:
            key = self.selector.parents[part].get(key, "")
            part = self.selector.collections[part].parent
        return key

    def _within(self, part: Coordinate, whole: Coordinate) -> bool:
        """Whether figures of these levels are part of those, or of the same."""
        dimensions = self.measured.spec.dimensions
        return all(
            mine == other or (not other and dimensions[name].additive)
            for name, mine, other in zip(self.cube.levels, part, whole, strict=True)
        )

    def _grids(self, part: str, whole: str) -> list[tuple[str, Grid]]:
        """The parts' grid; with those of what is no entity, where the whole is the one thing above all."""
        found = [(part, self.cube.grids[part])]
        finer = any(part in self.selector.above(name) for name in self.cube.collections)
        if part != whole and not finer and len(self.selector.collections[whole]) == 1:
            found += [(name, grid) for name, grid in self.cube.grids.items() if name in ("~", f"~{part}")]
        return found

    # --- pairs ----------------------------------------------------------------------------------------

    def pairs(self) -> Iterator[tuple[At | Figure, At]]:
        """Every part with every whole of it; for each part the nearest whole first."""
        covers = self._covers()
        for part, whole in self.levels():
            for name, grid in self._grids(part, whole):
                for mine in grid:
                    for other in self.cube.grids[whole]:
                        if self._within(mine, other):
                            yield from self._pairs_at(name, mine, whole, other, covers)
        yield from self._elsewhere()

    def _pairs_at(
        self, part: str, mine: Coordinate, whole: str, other: Coordinate, covers: Mapping[Period, list[Period]]
    ) -> Iterator[tuple[At, At]]:
        above = self.cube.grids[whole]
        entities = part in self.cube.collections
        only = "" if entities else self.selector.collections[whole].entities[0].key
        itself = part == whole and mine == other
        for period, cells in self.cube.grids[part][mine].items():
            for longer in covers.get(period, [period]):
                owners = above[other].get(longer)
                if owners is None or (itself and longer == period):
                    continue
                for key, cell in cells.items():
                    owner = self._owner(part, key, whole) if entities else only
                    if owner in owners:
                        yield At(part, key, mine, period, cell), At(whole, owner, other, longer, owners[owner])

    def _covers(self) -> dict[Period, list[Period]]:
        """Of a flow: each period, and those that hold it, the shortest first. Empty where none holds another."""
        time = self.measured.spec.time
        if time is None or time.type != "flow":
            return {}
        periods = {p for grid in self.cube.grids.values() for there in grid.values() for p in there}
        periods.update(period for _, period, _ in self._rows_of_other_kinds)
        found: dict[Period, list[Period]] = {}
        open_: list[Period] = []
        for period in sorted(periods, key=lambda p: (p.start, -p.days)):
            open_ = [p for p in open_ if p.end >= period.start]
            found[period] = [period, *sorted((p for p in open_ if p.end >= period.end), key=lambda p: p.days)]
            open_.append(period)
        return found

    # --- rows of kinds that are no entities: a city among towns ---------------------------------------------

    def _elsewhere(self) -> Iterator[tuple[Figure, At]]:
        covers = self._covers()
        for row, period, part in self._rows_of_other_kinds:
            for collection, key in self._owners(row):
                grid = self.cube.grids.get(collection, {})
                for other in (other for other in grid if self._within(part.coordinate, other)):
                    for longer in covers.get(period, [period]):
                        cell = grid[other].get(longer, {}).get(key)
                        if cell is not None:
                            yield part, At(collection, key, other, longer, cell)

    @cached_property
    def _rows_of_other_kinds(self) -> list[tuple[int, Period, Figure]]:
        spec = self.measured.spec
        kinds = {*spec.entity.outside, *spec.entity.unallocated} - spec.entity.columns.keys()
        if not spec.entity.by or spec.count or not kinds:
            return []
        table = self.measured.tables[spec.from_]
        rows = [row for row, kind in enumerate(table.columns[spec.entity.by]) if as_text(kind) in kinds]
        made = [(row, self._figure_of_row(row)) for row in rows]
        return [(row, figure.period, figure) for row, figure in made if figure is not None]

    def _figure_of_row(self, row: int) -> Figure | None:
        spec = self.measured.spec
        table = self.measured.tables[spec.from_]
        cells = table.row(row)
        if any(as_text(cells[column]) not in allowed for column, allowed in spec.where.items()):
            return None
        period = row_period(spec.time, tuple(cells[c] for c in spec.time.columns)) if spec.time else ""
        wanted = (spec.value, spec.time.weight if spec.time else "", spec.incomplete, spec.precision, "")
        try:
            values = [cells[column] if column else None for column in wanted]
            cell = number_cell(wanted, values, Rows(table.name, (table.lines[row],)))
        except BadCellError:
            return None
        if isinstance(period, str):
            return None
        coordinate = tuple(as_text(cells[d.column or name]) for name, d in spec.dimensions.items())
        return Figure("", "", self._name_of_row(cells), coordinate, period, cell)

    def _name_of_row(self, cells: Mapping[str, object]) -> str:
        """What names a row that is no entity: a text of its key that says neither its kind, nor its levels."""
        spec = self.measured.spec
        schema = self.measured.tables[spec.from_].resource.schema_
        said_ = {spec.entity.by, *spec.entity.columns.values()}
        said_ |= {dimension.column or name for name, dimension in spec.dimensions.items()}
        texts = [field.name for field in schema.fields if field.type == "string"]
        keys = [name for name in texts if name in schema.primary_key]
        named = [as_text(cells[key]) for key in keys if key not in said_]
        return " ".join(filter(None, named)) or f"the {as_text(cells[spec.entity.by])}"

    def _owners(self, row: int) -> list[tuple[str, str]]:
        """Collection and key of every entity that a row says it lies in, the nearest first."""
        table = self.measured.tables[self.measured.spec.from_]
        by_one = {collection.one: name for name, collection in self.selector.collections.items()}
        found: dict[tuple[str, str], int] = {}
        for one, column in self.measured.spec.entity.columns.items():
            name = by_one.get(one, "")
            if not name:
                continue
            keys = {key.casefold(): key for key in self.selector.parents[name]}
            said_ = as_text(table.columns[column][row]) if column in table.columns else column
            key = keys.get(said_.casefold(), "")
            for above in [name, *self.selector.above(name)] if key else []:
                found[above, self._owner(name, key, above)] = -len(self.selector.above(above))
        return sorted((owner for owner in found if owner[1]), key=lambda owner: found[owner])

    # --- groups ---------------------------------------------------------------------------------------

    def groups(self, part: str, whole: str) -> Iterator[Group]:
        """The parts of each whole, by its levels and period. Each stands once: in one figure, or in its levels."""
        for other in self.cube.grids[whole]:
            for period in self.cube.grids[whole][other]:
                grids = self._grids(part, whole)
                found = {name: self._parts_at(name, grid, part == whole, other, period) for name, grid in grids}
                if any(found.values()):
                    yield from self._grouped(part, whole, other, period, found)

    def _parts_at(
        self, name: str, grid: Grid, itself: bool, other: Coordinate, period: Period
    ) -> dict[str, list[Figure]]:
        """Entity key → its figures that together are its part of a whole at ``other``."""
        found: dict[str, list[Figure]] = {}
        same = {} if itself else grid.get(other, {}).get(period, {})
        for key, cell in same.items():
            found[key] = [self.measured.figure(name, key, other, period, cell)]
        for mine in (mine for mine in grid if mine != other and self._within(mine, other)):
            for key, cell in grid[mine].get(period, {}).items():
                if key not in same:
                    found.setdefault(key, []).append(self.measured.figure(name, key, mine, period, cell))
        return found

    def _grouped(
        self, part: str, whole: str, other: Coordinate, period: Period, found: dict[str, dict[str, list[Figure]]]
    ) -> Iterator[Group]:
        groups: dict[str, Group] = {}
        for entity in self.selector.collections[whole]:
            cell = self.cube.grids[whole][other][period].get(entity.key)
            figure = self.measured.figure(whole, entity.key, other, period, cell) if cell else None
            groups[entity.key] = Group(part, (whole, entity.key), other, period, figure)
        for entity in self.selector.collections[part]:
            group = groups.get(self._owner(part, entity.key, whole))
            if group is None:
                continue
            figures = found[part].get(entity.key)
            group.parts.extend(figures or ())
            group.absent.extend(() if figures else (entity.name,))
        for loose in (figures for name in found if name != part for figures in found[name].values()):
            next(iter(groups.values())).parts.extend(loose)
        yield from (group for group in groups.values() if group.parts)
