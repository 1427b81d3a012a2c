"""A cube and a selection → one figure for every entity of a collection.

A selection names a level for the dimensions that do not add up, and a date or period. What is left open must
have a default, add up, or be the only choice; else the selection is ambiguous and says between what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from generator.measures.cube import ELSEWHERE, Cube
from generator.model import Cell, Collection, Coordinate, Period, Precision, Rows
from generator.problems import did_you_mean, one_of
from generator.values import QuantityError

Selection = tuple[tuple[str, str], ...]
"""What was asked: dimension or ``at`` → level or period, sorted."""

WORDS = ("latest", "first", "latest_complete", "latest_reported")


@dataclass(frozen=True)
class Slice:
    """One selection of a measure over a whole collection.

    ``cells`` has one cell for every entity. ``period`` is None when entities have different ones
    (``latest_reported``); ``periods`` then says which.
    """

    cube: Cube
    collection: Collection
    levels: Mapping[str, str | None]
    period: Period | None
    cells: Mapping[str, Cell]
    periods: Mapping[str, Period]
    whole: Cell | None
    """All rows of the selection together, those of no entity included; None when there is no such thing."""

    @cached_property
    def ranks(self) -> Mapping[str, tuple[int, int]]:
        """Key → (rank, how many others share it), among the entities with a known figure.

        Raises QuantityError when the measure is not one to rank.
        """
        spec = self.cube.spec
        if spec.rank.order == "never":
            raise QuantityError("never-ranked", f"{self.cube.name} is declared never to be ranked")
        if self.period is None:
            raise QuantityError(
                "period-mismatch",
                f"{self.cube.name} has figures of different dates here, which cannot be ranked",
                'Select one date with at="…".',
            )
        if spec.coverage == "partial":
            raise QuantityError(
                "partial-coverage",
                f"{self.cube.name} covers only some {self.collection.name}, so a rank would mislead",
                "Name a column with the source's own rank: 'rank: {reported: COLUMN}'.",
            )
        known = {key: c for key, c in self.cells.items() if c.status == "known" and c.number is not None}
        vague = [key for key, cell in known.items() if cell.precision not in ("exact", "rounded")]
        if vague:
            raise QuantityError(
                "undecided",
                f"{self.cube.name} has figures that are not exact ({vague[0]}); they have no rank",
            )
        return rank({key: float(cell.number or 0) for key, cell in known.items()}, spec.rank.order)

    @property
    def definition(self) -> str:
        """What figures must share to be added or compared; parts of an additive dimension belong together."""
        dimensions = self.cube.spec.dimensions
        fixed = [(name, level) for name, level in self.levels.items() if level and not dimensions[name].additive]
        return ", ".join([self.cube.name, *(f"{name} {level}" for name, level in fixed)])


def rank(numbers: Mapping[str, float], order: str = "highest") -> dict[str, tuple[int, int]]:
    """Key → (rank from 1, how many others are tied with it). Equal numbers share the better rank."""
    ordered = sorted(numbers.values(), reverse=order == "highest")
    first: dict[float, int] = {}
    count: dict[float, int] = {}
    for position, number in enumerate(ordered, start=1):
        first.setdefault(number, position)
        count[number] = count.get(number, 0) + 1
    return {key: (first[number], count[number] - 1) for key, number in numbers.items()}


@dataclass
class Selector:
    """Answers selections, each computed once."""

    cubes: Mapping[str, Cube]
    collections: Mapping[str, Collection]
    _slices: dict[tuple[str, str, Selection], Slice] = field(default_factory=dict)

    def cube(self, measure: str) -> Cube:
        cube = self.cubes.get(measure)
        if cube is None:
            raise QuantityError(
                "unknown-measure",
                f"there is no measure {measure!r}{did_you_mean(measure, self.cubes)}",
                f"Measures: {one_of(self.cubes, most=30)}.",
            )
        return cube

    def slice(self, measure: str, collection: str, asked: Selection = ()) -> Slice:
        """Raises QuantityError when the selection is unknown, empty or ambiguous."""
        key = (measure, collection, asked)
        known = self._slices.get(key)
        if known is None:
            known = self._slices[key] = _Picker(self.cube(measure), collection, self, dict(asked)).slice()
        return known

    def base(self, cube: Cube, collection: str) -> str:
        """The collection whose rows a figure of ``collection`` is made of: itself, or one below it."""
        if collection in cube.grids:
            return collection
        below = [c.name for c in self.collections.values() if c.parent == collection]
        for name in below:
            if name in cube.grids and cube.spec.coverage == "complete" and cube.spec.kind == "number":
                return name
        raise QuantityError(
            "no-figures",
            f"{cube.name} has no figures of {collection}",
            f"It has figures of: {one_of(name for name in cube.grids if name != ELSEWHERE)}.",
        )

    def periods(self, measure: str, collection: str, asked: Selection = ()) -> tuple[Period, ...]:
        """All periods of a selection (its ``at`` left aside), in order."""
        asked = tuple(item for item in asked if item[0] != "at")
        return tuple(sorted(_Picker(self.cube(measure), collection, self, dict(asked)).available()))


class _Picker:
    def __init__(self, cube: Cube, collection: str, selector: Selector, asked: dict[str, str]) -> None:
        self.cube = cube
        self.selector = selector
        self.collection = selector.collections[collection]
        self.base = selector.base(cube, collection)
        self.at = asked.pop("at", "") or cube.spec.default.get("at", "")
        self.levels = self._levels(asked)
        grids = [cube.grids.get(self.base, {}), cube.grids.get(ELSEWHERE, {})]
        self.coordinates = [c for c in dict.fromkeys(c for g in grids for c in g) if self._matches(c)]

    # --- which cells ------------------------------------------------------------------------------------

    def _levels(self, asked: dict[str, str]) -> dict[str, str | None]:
        cube = self.cube
        for name, level in asked.items():
            if name not in cube.levels:
                known = [*cube.levels, "at"]
                raise QuantityError(
                    "unknown-dimension",
                    f"{cube.name} cannot be selected by {name!r}{did_you_mean(name, known)}",
                    f"It can be selected by: {one_of(known)}.",
                )
            if level not in cube.levels[name]:
                raise QuantityError(
                    "unknown-level",
                    f"{cube.name} has no {name} {level!r}{did_you_mean(level, cube.levels[name])}",
                    f"Choices: {one_of(cube.levels[name])}.",
                )
        return {name: asked.get(name, cube.spec.default.get(name)) for name in cube.levels}

    def _matches(self, coordinate: Coordinate) -> bool:
        return all(
            level is None or there == level for level, there in zip(self.levels.values(), coordinate, strict=True)
        )

    def _check_open_dimensions(self, periods: Sequence[Period]) -> None:
        grid = self.cube.grids.get(self.base, {})
        there = [c for c in self.coordinates if any(period in grid.get(c, {}) for period in periods)]
        for index, (name, level) in enumerate(self.levels.items()):
            found = list(dict.fromkeys(c[index] for c in there))
            if level is None and len(found) > 1 and not self.cube.spec.dimensions[name].additive:
                raise QuantityError(
                    "ambiguous-selection",
                    f"{self.cube.name} has several figures here, by {name}, which do not add up",
                    f"Choose one: {self.cube.name}({name}=…) with {one_of(map(repr, found))}.",
                )

    def available(self) -> set[Period]:
        grid = self.cube.grids.get(self.base, {})
        found = {period for c in self.coordinates for period in grid.get(c, {})}
        return found | self._listed

    @cached_property
    def _listed(self) -> set[Period]:
        if self.cube.listed is None:
            return set()
        keys = self.cube.listed_by
        return {
            period
            for coordinate, periods in self.cube.listed.items()
            if all(self.levels.get(k) in (None, v) for k, v in zip(keys, coordinate, strict=True))
            for period in periods
        }

    # --- when -------------------------------------------------------------------------------------------

    def slice(self) -> Slice:
        available = sorted(self.available())
        if not available:
            raise QuantityError("no-figures", f"{self.cube.name} has no figures in this selection")
        if self.at == "latest_reported":
            self._check_open_dimensions(available)
            return self._latest_reported(available)
        chosen, together = self._period(available)
        self._check_open_dimensions(together)
        return self._at(chosen, together)

    def _period(self, available: Sequence[Period]) -> tuple[Period, list[Period]]:
        """The period asked for, and the periods of the table that make it up."""
        cube, at = self.cube, self.at
        if not at:
            if len(available) == 1:
                return available[0], [available[0]]
            raise QuantityError(
                "ambiguous-selection",
                f"{cube.name} has figures of {len(available)} dates or periods",
                f"Choose one: {cube.name}(at=…) with {one_of([repr(str(p)) for p in available], most=5)};"
                " or give the measure a default 'at'.",
            )
        if at in ("latest", "first"):
            chosen = available[-1] if at == "latest" else available[0]
            return chosen, [chosen]
        if at == "latest_complete":
            whole = [p for p in available if not self._partial(p)]
            if not whole:
                raise QuantityError("no-figures", f"{cube.name} has no complete period")
            return whole[-1], [whole[-1]]
        try:
            wanted = Period.parse(at)
        except ValueError:
            raise QuantityError(
                "bad-date",
                f"at={at!r} is no date{did_you_mean(at, WORDS)}",
                "Write a date '2026-05-18', a month '2026-05', a year '2026', a period"
                f" '2025-01-01/2026-07-31', or one of: {one_of(WORDS)}.",
            ) from None
        if wanted in available:
            return wanted, [wanted]
        return wanted, self._tiles(wanted, available)

    def _tiles(self, wanted: Period, available: Sequence[Period]) -> list[Period]:
        """The periods that together make up ``wanted``, without gap or overlap."""
        cube = self.cube
        time = cube.spec.time
        if time is not None and time.type != "stock":
            inner = [p for p in available if wanted.covers(p)]
            if inner and sum(p.days for p in inner) == wanted.days:
                partial = [p for p in inner if self._partial(p)]
                if partial:
                    raise QuantityError(
                        "incomplete-period", f"{cube.name} is incomplete in {partial[0]}, a part of {wanted}"
                    )
                return inner
        near = sorted(available, key=lambda p: (abs((p.start - wanted.start).days), p))[:2]
        raise QuantityError(
            "no-such-date",
            f"{cube.name} has no figures of {wanted}",
            f"The nearest are of {' and '.join(str(p) for p in sorted(near))};"
            f" there are {len(available)}, from {available[0]} to {available[-1]}.",
        )

    def _partial(self, period: Period) -> bool:
        grid = self.cube.grids.get(self.base, {})
        return any(cell.partial for c in self.coordinates for cell in grid.get(c, {}).get(period, {}).values())

    # --- cells ------------------------------------------------------------------------------------------

    def _at(self, chosen: Period, together: list[Period]) -> Slice:
        made = {e.key: self._over(e.key, together, self.base) for e in self._base_entities()}
        whole = self._whole(made, together)
        if self.base != self.collection.name:
            made = {e.key: whole or Cell(None, self._no_rows(), "unknown") for e in self.collection}
            if len(self.collection) != 1:
                made = self._rolled_up(together)
        periods = dict.fromkeys(made, chosen)
        return Slice(self.cube, self.collection, self.levels, chosen, made, periods, whole)

    def _rolled_up(self, together: list[Period]) -> dict[str, Cell]:
        groups: dict[str, list[Cell]] = {}
        for entity in self._base_entities():
            groups.setdefault(entity.parent, []).append(self._over(entity.key, together, self.base))
        return {
            e.key: _sum(groups.get(e.key, [])) or Cell(None, self._no_rows(), "unknown") for e in self.collection
        }

    def _base_entities(self) -> Collection:
        return self.selector.collections[self.base]

    def _no_rows(self) -> Rows:
        return Rows(self.cube.spec.from_, ())

    def _over(self, key: str, together: list[Period], grid: str) -> Cell:
        """One entity's figure over the periods asked for."""
        cells = [self._cell(key, period, grid) for period in together]
        return cells[0] if len(cells) == 1 else self._together(cells, together)

    def _together(self, cells: list[Cell], together: list[Period]) -> Cell:
        time = self.cube.spec.time
        if time is None or time.type == "flow":
            return _sum(cells) or Cell(None, self._no_rows(), "unknown")
        missing = next((cell for cell in cells if cell.number is None), None)
        if missing:
            return missing
        weights = [c.weight if time.weight else float(p.days) for c, p in zip(cells, together, strict=True)]
        total = sum((cell.number or 0) * weight for cell, weight in zip(cells, weights, strict=True))
        return Cell(total / sum(weights), _rows(cells), precision=_precision(cells), weight=sum(weights))

    def _cell(self, key: str, period: Period, grid: str) -> Cell:
        """The sum over the open dimensions; a missing row is what the measure says it is."""
        levels = self.cube.grids.get(grid, {})
        there = [c for c in self.coordinates if period in levels.get(c, {})]
        found = [levels[c][period][key] for c in there if key in levels[c][period]]
        if self._zero_where_missing(period):
            return _sum(found) or Cell(0, self._list_row(period))
        if not found or len(found) < len(there):
            status = self.cube.spec.no_row.else_
            if status == "zero":
                return _sum(found) or Cell(0, self._no_rows())
            return Cell(None, _rows(found) if found else self._no_rows(), status)
        return _sum(found) or found[0]

    def _zero_where_missing(self, period: Period) -> bool:
        return self.cube.listed is not None and period in self._listed

    def _list_row(self, period: Period) -> Rows:
        return self._list_rows.get(period) or self._no_rows()

    @cached_property
    def _list_rows(self) -> Mapping[Period, Rows]:
        """The row of the list kept on each date, in this selection."""
        keys = self.cube.listed_by
        return {
            period: rows
            for (coordinate, period), rows in self.cube.listed_rows.items()
            if all(self.levels.get(k) in (None, v) for k, v in zip(keys, coordinate, strict=True))
        }

    def _whole(self, made: Mapping[str, Cell], together: list[Period]) -> Cell | None:
        spec = self.cube.spec
        if spec.whole.value == "none" or spec.coverage == "partial" or spec.kind == "category":
            return None
        published = self._published_whole(together)
        if published is not None:
            return published
        elsewhere = self.cube.grids.get(ELSEWHERE, {})
        keys = {k for c in self.coordinates for p in together for k in elsewhere.get(c, {}).get(p, {})}
        loose = [
            cell
            for key in sorted(keys)
            for period in together
            for coordinate in self.coordinates
            if (cell := elsewhere.get(coordinate, {}).get(period, {}).get(key)) is not None
        ]
        if loose and len(together) > 1 and spec.time and spec.time.type == "mean":
            return None
        return _sum([*made.values(), *loose])

    def _published_whole(self, together: list[Period]) -> Cell | None:
        """The figure of the one entity above, where the table has it: better than a sum of its parts."""
        parent = self.selector.collections.get(self.collection.parent)
        if parent is None or len(parent) != 1 or parent.name not in self.cube.grids:
            return None
        grid = self.cube.grids[parent.name]
        key = parent.entities[0].key
        there = [c for c in grid if self._matches(c) or not any(c)]
        if len(there) != 1 or any(key not in grid[there[0]].get(period, {}) for period in together):
            return None
        cells = [grid[there[0]][period][key] for period in together]
        return cells[0] if len(cells) == 1 else self._together(cells, together)

    def _latest_reported(self, available: Sequence[Period]) -> Slice:
        cells: dict[str, Cell] = {}
        periods: dict[str, Period] = {}
        for entity in self._base_entities():
            for period in reversed(available):
                cell = self._cell(entity.key, period, self.base)
                if cell.status == "known":
                    cells[entity.key], periods[entity.key] = cell, period
                    break
            else:
                cells[entity.key] = Cell(None, self._no_rows(), "unknown")
        return Slice(self.cube, self.collection, self.levels, None, cells, periods, None)


def _sum(cells: Iterable[Cell]) -> Cell | None:
    """Added up; unknown as soon as one is unknown. None for no cells at all."""
    listed = list(cells)
    if len(listed) < 2:
        return listed[0] if listed else None
    rows = _rows(listed)
    missing = next((cell for cell in listed if cell.number is None), None)
    if missing is not None:
        return Cell(None, rows, missing.status)
    total = sum(cell.number or 0 for cell in listed)
    partial = any(cell.partial for cell in listed)
    return Cell(total, rows, "known", _precision(listed), weight=listed[0].weight, partial=partial)


def _rows(cells: Sequence[Cell]) -> Rows:
    first = next((cell.rows.dataset for cell in cells if cell.rows.lines), cells[0].rows.dataset)
    lines = (line for cell in cells if cell.rows.dataset == first for line in cell.rows.lines)
    return Rows(first, tuple(sorted(set(lines))))


def _precision(cells: Sequence[Cell]) -> Precision:
    kinds = {cell.precision for cell in cells}
    return kinds.pop() if len(kinds) == 1 else "approximate"
