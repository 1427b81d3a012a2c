"""A cube and a selection → one figure for every entity of a collection.

A selection names a level for the dimensions that do not add up, and a date or period. What is left open must
have a default, add up, or be the only choice; else the selection is ambiguous and says between what.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property

from msgspec import Struct, field

from generator.measures.cube import SELECTORS, Cube
from generator.model import Cell, Collection, Coordinate, Entity, Grid, Period, Precision, Rows
from generator.problems import did_you_mean, one_of
from generator.values import Interval, QuantityError, interval

Selection = tuple[tuple[str, str], ...]
"""What was asked: dimension or ``at`` → level or period, sorted."""


class Slice(Struct, frozen=True, dict=True):
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
    find_whole: Callable[[], Cell | None]

    @cached_property
    def whole(self) -> Cell | None:
        """All rows of the selection together, those of no entity included; None when there is no such thing."""
        return self.find_whole()

    @cached_property
    def ranks(self) -> Mapping[str, tuple[int, int]]:
        """Key → (rank, how many others share it), among the entities with a known figure.

        Raises QuantityError when the measure is not one to rank, or its figures are not exact enough.
        """
        self.require_order()
        known = {key: c for key, c in self.cells.items() if c.status == "known" and c.number is not None}
        figures = {key: (float(cell.number or 0), cell_interval(cell)) for key, cell in known.items()}
        return places(figures, self.cube.spec.rank.order, self.cube.name)

    @cached_property
    def ranked_rows(self) -> tuple[Rows, ...]:
        """The rows of all that are ranked."""
        lines: dict[str, set[int]] = {}
        for key in self.ranks:
            rows = self.cells[key].rows
            lines.setdefault(rows.dataset, set()).update(rows.lines)
        return tuple(Rows(name, tuple(sorted(found))) for name, found in lines.items())

    def require_order(self) -> None:
        """Raises QuantityError when nothing can be said about who is first and who is last."""
        spec, name = self.cube.spec, self.cube.name
        if spec.kind == "category":
            raise QuantityError("never-ranked", f"{name} has categories, which have no rank")
        if spec.rank.order == "never":
            raise QuantityError(
                "never-ranked",
                f"{name} is declared never to be ranked",
                "Print the figures without a place; the declaration, 'rank: never', is in data/measures.yml.",
            )
        if self.period is None:
            raise QuantityError(
                "period-mismatch",
                f"{name} has figures of different dates here, which cannot be ranked",
                'Select one date with at="…".',
            )
        if spec.coverage == "partial":
            raise QuantityError(
                "partial-coverage",
                f"{name} covers only some {self.collection.name}, so a rank would mislead",
                "Name a column with the source's own rank: 'rank: {reported: COLUMN}'.",
            )

    @cached_property
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


Figure = tuple[float, Interval]
"""A number, and where the true one lies."""


def places(figures: Mapping[str, Figure], order: str, name: str) -> dict[str, tuple[int, int]]:
    """As ``rank``. Raises QuantityError when a figure is not exact enough to stand before or after another."""
    ordered = sorted(figures.items(), key=lambda item: item[1][0])
    reach: tuple[str, Figure] | None = None
    for key, figure in ordered:
        if reach and not _apart(reach[1], figure):
            raise QuantityError(
                "undecided",
                f"{name} has figures that are not exact ({reach[0]} and {key}); they have no rank",
                "Print the figures; of what is only 'at least' or 'about' nobody knows the order.",
            )
        if reach is None or figure[1].high >= reach[1][1].high:
            reach = (key, figure)
    return rank({key: number for key, (number, _) in figures.items()}, order)


def _apart(lower: Figure, upper: Figure) -> bool:
    """Whether two figures, in order, are equal as published, or certainly in that order."""
    if lower[0] == upper[0]:
        return lower[1] == upper[1] and lower[1].high < math.inf
    return lower[1].below(upper[1])


def cell_interval(cell: Cell) -> Interval:
    """Where the true number of a known cell lies.

    Figures that are about right and were added up are about right by nobody knows how much.
    """
    added = len(cell.rows.lines) > 1 and cell.precision in ("rounded", "approximate", "just under")
    return Interval(-math.inf, math.inf) if added else interval(cell.number or 0, cell.precision)


class Nesting:
    """The collections of a story, and which of them belong to which."""

    def __init__(self, collections: Mapping[str, Collection]) -> None:
        self.collections = collections

    @cached_property
    def parents(self) -> Mapping[str, Mapping[str, str]]:
        """Of each collection: key of an entity → key of its parent."""
        return {name: {e.key: e.parent for e in collection} for name, collection in self.collections.items()}

    def above(self, collection: str) -> list[str]:
        """The collections above one, the nearest first."""
        found: list[str] = []
        parent = self.collections[collection].parent
        while parent:
            found.append(parent)
            parent = self.collections[parent].parent
        return found

    def base(self, cube: Cube, collection: str) -> str:
        """The collection whose rows a figure of ``collection`` is made of: itself, or one below it."""
        if collection in cube.grids:
            return collection
        below = [name for name in self.collections if collection in self.above(name)]
        for name in sorted(below, key=lambda name: len(self.above(name))):
            if name in cube.grids and cube.spec.coverage == "complete" and cube.spec.adds_up:
                return name
        raise QuantityError(
            "no-figures",
            f"{cube.name} has no figures of {collection}",
            f"It has figures of: {one_of(cube.collections)}.",
        )


_Asked = tuple[str, Selection]
"""Collection, selection."""


class Answers(Struct):
    """What was asked of one measure, each answered once. It is of one cube and one nesting, and of no story."""

    slices: dict[_Asked, Slice] = field(default_factory=dict)
    series: dict[_Asked, tuple[tuple[Period, Slice], ...]] = field(default_factory=dict)
    pickers: dict[_Asked, _Picker] = field(default_factory=dict)


class Selector:
    """Answers selections."""

    def __init__(
        self, cubes: Mapping[str, Cube], nesting: Nesting, answers: Callable[[str], Answers] = lambda _: Answers()
    ) -> None:
        """``answers`` gives what is known of a measure already, as a cube of the same content answered it."""
        self.cubes = cubes
        self.nesting = nesting
        self.collections = nesting.collections
        self._known = answers
        self._answers: dict[str, Answers] = {}

    def cube(self, measure: str) -> Cube:
        cube = self.cubes.get(measure)
        if cube is None:
            raise QuantityError(
                "unknown-measure",
                f"there is no measure {measure!r}{did_you_mean(measure, self.cubes)}",
                f"Measures: {one_of(self.cubes, most=30)}.",
            )
        return cube

    def answers(self, measure: str) -> Answers:
        known = self._answers.get(measure)
        if known is None:
            known = self._answers[measure] = self._known(measure) if measure in self.cubes else Answers()
        return known

    def let_go(self) -> None:
        """Of what was answered."""
        self._answers.clear()

    def slice(self, measure: str, collection: str, asked: Selection = ()) -> Slice:
        """Raises QuantityError when the selection is unknown, empty or ambiguous."""
        slices, key = self.answers(measure).slices, (collection, asked)
        known = slices.get(key)
        if known is None:
            known = slices[key] = self._picker(measure, collection, asked).slice(dict(asked).get("at", ""))
        return known

    def _picker(self, measure: str, collection: str, asked: Selection) -> _Picker:
        """What answers a selection at any date."""
        pickers, key = self.answers(measure).pickers, (collection, without_date(asked))
        known = pickers.get(key)
        if known is None:
            known = pickers[key] = _Picker(self.cube(measure), collection, self.nesting, dict(key[1]))
        return known

    @property
    def parents(self) -> Mapping[str, Mapping[str, str]]:
        return self.nesting.parents

    def above(self, collection: str) -> list[str]:
        return self.nesting.above(collection)

    def base(self, cube: Cube, collection: str) -> str:
        return self.nesting.base(cube, collection)

    def periods(self, measure: str, collection: str, asked: Selection = ()) -> tuple[Period, ...]:
        """All periods of a selection (its ``at`` left aside), in order."""
        return self._picker(measure, collection, asked).available

    def series(self, measure: str, collection: str, asked: Selection = ()) -> tuple[tuple[Period, Slice], ...]:
        """A selection (its ``at`` left aside) on each of its dates, in order."""
        every, key = self.answers(measure).series, (collection, without_date(asked))
        known = every.get(key)
        if known is None:
            periods = self.periods(measure, collection, asked)
            known = tuple((period, self.slice(measure, collection, dated(asked, period))) for period in periods)
            every[key] = known
        return known

    def answered(self) -> Iterator[tuple[str, str, Selection, Slice]]:
        """Every selection that was asked for: measure, collection, selection and the answer."""
        for measure, answers in self._answers.items():
            for (collection, asked), picked in list(answers.slices.items()):
                yield measure, collection, asked, picked


def without_date(asked: Selection) -> Selection:
    return tuple(item for item in asked if item[0] != "at")


def dated(asked: Selection, period: Period) -> Selection:
    """The same selection at another date."""
    return tuple(sorted([*without_date(asked), ("at", str(period))]))


class _Moment(Struct, frozen=True):
    """What a table has of a selection in one of its periods: the cells of each coordinate, by entity."""

    period: Period
    there: list[Mapping[str, Cell]]
    unlisted: Cell | None
    """Of whom the list does not name that was kept then of everything; None when there was no list."""


_AT_HAND = 1_024
"""Of how many entities a selection has cells at hand: those that a page shows, and not those of all pages."""


class _Cells(Mapping[str, Cell]):
    """The cell of every entity, each worked out when it is asked for: a series asks every date for one."""

    def __init__(self, keys: Mapping[str, object], make: Callable[[str], Cell]) -> None:
        self._keys = keys
        self._make = make
        self._made: dict[str, Cell] = {}

    def __getitem__(self, key: str) -> Cell:
        made = self._made.get(key)
        if made is None:
            if key not in self._keys:
                raise KeyError(key)
            made = self._make(key)
            if len(self._made) >= _AT_HAND:
                self._made.clear()
            self._made[key] = made
        return made

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class _Picker:
    """One selection of a measure over a collection, whose date is still open."""

    def __init__(self, cube: Cube, collection: str, nesting: Nesting, asked: dict[str, str]) -> None:
        self.cube = cube
        self.nesting = nesting
        self.collection = nesting.collections[collection]
        self.base = nesting.base(cube, collection)
        self.levels = self._levels(asked)
        self.grid = cube.grids.get(self.base, {})
        self._list_rows: dict[Period, Rows] = {}
        grids = [self.grid, *cube.elsewhere(self.base)]
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
                labels = cube.spec.dimensions[name].levels
                shown = [
                    f"{code} ({labels[code]})" if labels.get(code, code).casefold() != code.casefold() else code
                    for code in cube.levels[name]
                ]
                raise QuantityError(
                    "unknown-level",
                    f"{cube.name} has no {name} {level!r}{did_you_mean(level, cube.levels[name])}",
                    f"Choices: {one_of(shown)}.",
                )
        return {name: asked.get(name, cube.spec.default.get(name)) for name in cube.levels}

    def _matches(self, coordinate: Coordinate) -> bool:
        return all(
            level is None or there == level for level, there in zip(self.levels.values(), coordinate, strict=True)
        )

    @cached_property
    def _to_be_chosen(self) -> list[tuple[int, str]]:
        """Place and name of each dimension that is left open and does not add up."""
        dimensions = self.cube.spec.dimensions
        return [
            (index, name)
            for index, (name, level) in enumerate(self.levels.items())
            if level is None and not dimensions[name].additive
        ]

    def _check_open_dimensions(self, periods: Sequence[Period]) -> None:
        if not self._to_be_chosen:
            return
        there = [c for c in self.coordinates if any(period in self.grid.get(c, {}) for period in periods)]
        for index, name in self._to_be_chosen:
            found = list(dict.fromkeys([*(c[index] for c in there), *self._listed_at(name, periods)]))
            if len(found) > 1:
                raise QuantityError(
                    "ambiguous-selection",
                    f"{self.cube.name} has several figures here, by {name}, which do not add up",
                    f"Choose one: {self.cube.name}({name}=…) with {one_of(map(repr, found))}.",
                )

    @cached_property
    def available(self) -> tuple[Period, ...]:
        """Every date of the selection, in order."""
        found = {period for c in self.coordinates for period in self.grid.get(c, {})}
        return tuple(sorted(found | self._listed))

    @cached_property
    def _available(self) -> frozenset[Period]:
        return frozenset(self.available)

    @cached_property
    def _listed(self) -> set[Period]:
        """Periods in which a list was kept of everything that is selected."""
        listed = self.cube.listed
        if listed is None:
            return set()
        wanted = [self._listed_levels(key) for key in self.cube.listed_by]
        kept = [listed.get(coordinate, frozenset()) for coordinate in itertools.product(*wanted)]
        return set(frozenset.intersection(*kept)) if kept else set()

    def _listed_at(self, dimension: str, periods: Sequence[Period]) -> list[str]:
        """The levels of a dimension for which a list was kept, empty ones too."""
        if self.cube.listed is None or dimension not in self.cube.listed_by:
            return []
        index = self.cube.listed_by.index(dimension)
        return sorted(c[index] for c, kept in self.cube.listed.items() if not kept.isdisjoint(periods))

    def _listed_levels(self, dimension: str) -> tuple[str, ...]:
        level = self.levels[dimension]
        return self.cube.levels[dimension] if level is None else (level,)

    # --- when -------------------------------------------------------------------------------------------

    def slice(self, at: str) -> Slice:
        """The figures of a date, or of the measure's own when ``at`` is empty."""
        at = at or self.cube.spec.default.get("at", "")
        available = self.available
        if not available:
            raise QuantityError("no-figures", f"{self.cube.name} has no figures in this selection")
        if at == "latest_reported":
            self._check_open_dimensions(available)
            return self._latest_reported(available)
        chosen, together = self._period(at, available)
        self._check_open_dimensions(together)
        return self._at(chosen, together)

    def _period(self, at: str, available: Sequence[Period]) -> tuple[Period, list[Period]]:
        """The period asked for, and the periods of the table that make it up."""
        cube = self.cube
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
                f"at={at!r} is no date{did_you_mean(at, SELECTORS)}",
                "Write a date '2026-05-18', a month '2026-05', a year '2026', a period"
                f" '2025-01-01/2026-07-31', or one of: {one_of(SELECTORS)}.",
            ) from None
        if wanted in self._available:
            return wanted, [wanted]
        return wanted, self._tiles(wanted, available)

    def _tiles(self, wanted: Period, available: Sequence[Period]) -> list[Period]:
        """The periods that together make up ``wanted``, without gap or overlap."""
        cube = self.cube
        time = cube.spec.time
        if time is not None and time.type != "stock":
            inner = _chain(wanted, [p for p in available if wanted.covers(p)])
            partial = [p for p in inner if self._partial(p)]
            if partial:
                raise QuantityError(
                    "incomplete-period", f"{cube.name} is incomplete in {partial[0]}, a part of {wanted}"
                )
            if inner:
                return inner
        near = sorted(available, key=lambda p: (abs((p.start - wanted.start).days), p))[:2]
        raise QuantityError(
            "no-such-date",
            f"{cube.name} has no figures of {wanted}",
            f"The nearest are of {' and '.join(str(p) for p in sorted(near))};"
            f" there are {len(available)}, from {available[0]} to {available[-1]}.",
        )

    def _partial(self, period: Period) -> bool:
        return any(cell.partial for c in self.coordinates for cell in self.grid.get(c, {}).get(period, {}).values())

    # --- cells ------------------------------------------------------------------------------------------

    def _at(self, chosen: Period, together: list[Period]) -> Slice:
        moments = [self._moment(period) for period in together]
        made = _Cells(self._base_keys, lambda key: self._over(key, moments))

        @cache
        def whole() -> Cell | None:
            return self._whole([self._over(key, moments) for key in self._base_keys], together)

        cells = made
        if self.base != self.collection.name:  # it is made of the entities below
            unknown = Cell(None, self._no_rows(), "unknown")
            alone = len(self.collection) == 1

            def rolled_up(key: str) -> Cell:
                return (whole() if alone else _sum([made[part] for part in self._parts[key]])) or unknown

            cells = _Cells(dict.fromkeys(e.key for e in self.collection), rolled_up)
        periods = dict.fromkeys(cells, chosen)
        return Slice(self.cube, self.collection, self.levels, chosen, cells, periods, whole)

    @cached_property
    def _parts(self) -> Mapping[str, list[str]]:
        """Key of an entity → the keys of those that it is made of."""
        parts: dict[str, list[str]] = {e.key: [] for e in self.collection}
        for entity in self._base_entities():
            parts.setdefault(self._ancestor(entity), []).append(entity.key)
        return parts

    def _ancestor(self, entity: Entity) -> str:
        """The key of what an entity belongs to in the collection asked for."""
        parents = self.nesting.parents
        place, key = entity.collection, entity.key
        while place != self.collection.name:
            key = parents[place].get(key, "")
            place = self.nesting.collections[place].parent
        return key

    @cached_property
    def _base_keys(self) -> Mapping[str, None]:
        return dict.fromkeys(e.key for e in self._base_entities())

    def _base_entities(self) -> Collection:
        return self.nesting.collections[self.base]

    def _no_rows(self) -> Rows:
        return Rows(self.cube.spec.from_, ())

    def _over(self, key: str, moments: list[_Moment]) -> Cell:
        """One entity's figure over the periods asked for."""
        if len(moments) == 1:
            return self._cell(key, moments[0])
        cells = [self._cell(key, moment) for moment in moments]
        return self._together(cells, [moment.period for moment in moments])

    def _together(self, cells: list[Cell], together: list[Period]) -> Cell:
        time = self.cube.spec.time
        if time is None or time.type == "flow":
            return _sum(cells) or Cell(None, self._no_rows(), "unknown")
        missing = next((cell for cell in cells if cell.number is None), None)
        if missing:
            return missing
        weights = [c.weight if time.weight else float(p.days) for c, p in zip(cells, together, strict=True)]
        precision = _precision(cells)
        if precision is None:
            return Cell(None, _rows(cells), "unknown")
        total = sum((cell.number or 0) * weight for cell, weight in zip(cells, weights, strict=True))
        return Cell(total / sum(weights), _rows(cells), precision=precision, weight=sum(weights))

    def _moment(self, period: Period) -> _Moment:
        at = [self.grid.get(coordinate, {}) for coordinate in self.coordinates]
        there = [cells[period] for cells in at if period in cells]
        return _Moment(period, there, Cell(0, self._list_row(period)) if period in self._listed else None)

    def _cell(self, key: str, moment: _Moment) -> Cell:
        """The sum over the open dimensions; a missing row is what the measure says it is."""
        if len(moment.there) == 1 and key in moment.there[0]:
            return moment.there[0][key]
        found = [cells[key] for cells in moment.there if key in cells]
        if moment.unlisted is not None:
            return _sum(found) or moment.unlisted
        if not found or len(found) < len(moment.there):
            status = self.cube.spec.no_row.else_
            if status == "zero":
                return _sum(found) or Cell(0, self._no_rows())
            return Cell(None, _rows(found) if found else self._no_rows(), status)
        return _sum(found) or found[0]

    def _list_row(self, period: Period) -> Rows:
        """The rows of the lists that name nobody."""
        known = self._list_rows.get(period)
        if known is None:
            known = self._list_rows[period] = self._list_row_of(period)
        return known

    def _list_row_of(self, period: Period) -> Rows:
        wanted = itertools.product(*(self._listed_levels(key) for key in self.cube.listed_by))
        found = [self.cube.listed_rows.get((coordinate, period)) for coordinate in wanted]
        lines = {line for rows in found if rows for line in rows.lines}
        dataset = next((rows.dataset for rows in found if rows), self.cube.spec.from_)
        return Rows(dataset, tuple(sorted(lines)))

    def _whole(self, parts: list[Cell], together: list[Period]) -> Cell | None:
        spec = self.cube.spec
        if not spec.adds_up or spec.coverage == "partial":
            return None
        published = self._published_whole(together)
        if published is not None:
            return published
        loose = [
            cells[key]
            for grid in self._elsewhere()
            for period in together
            for coordinate in self.coordinates
            if (cells := grid.get(coordinate, {}).get(period, {}))
            for key in sorted(cells)
        ]
        if loose and len(together) > 1 and spec.time and spec.time.type == "mean":
            return None
        return _sum([*parts, *loose])

    def _elsewhere(self) -> list[Grid]:
        """Codes that are no entities belong to the finest collection there is."""
        finer = any(self.base in self.nesting.above(name) for name in self.cube.collections)
        return [] if finer else self.cube.elsewhere(self.base)

    def _published_whole(self, together: list[Period]) -> Cell | None:
        """The figure of the one entity above, where the table has it: better than a sum of its parts."""
        there = self._above
        if any(period not in there for period in together):
            return None
        cells = [there[period] for period in together]
        return cells[0] if len(cells) == 1 else self._together(cells, together)

    @cached_property
    def _above(self) -> Mapping[Period, Cell]:
        """The figures of the one entity above, where the table has them."""
        above = [self.nesting.collections[name] for name in self.nesting.above(self.collection.name)]
        parent = next((c for c in above if len(c) == 1 and c.name in self.cube.grids), None)
        if parent is None:
            return {}
        grid = self.cube.grids[parent.name]
        key = parent.entities[0].key
        there = [periods for c, periods in grid.items() if self._matches(c)]
        if len(there) != 1:
            return {}
        return {period: cells[key] for period, cells in there[0].items() if key in cells}

    def _latest_reported(self, available: Sequence[Period]) -> Slice:
        if self.base != self.collection.name:
            raise QuantityError(
                "period-mismatch",
                f"{self.cube.name} has figures of different dates, which do not add up for {self.collection.name}",
                'Select one date with at="…".',
            )
        cells: dict[str, Cell] = {}
        periods: dict[str, Period] = {}
        moments = [self._moment(period) for period in reversed(available)]
        for entity in self._base_entities():
            for moment in moments:
                cell = self._cell(entity.key, moment)
                if cell.status == "known":
                    cells[entity.key], periods[entity.key] = cell, moment.period
                    break
            else:
                cells[entity.key] = Cell(None, self._no_rows(), "unknown")
        return Slice(self.cube, self.collection, self.levels, None, cells, periods, lambda: None)


def _sum(cells: Iterable[Cell]) -> Cell | None:
    """Added up; unknown as soon as one is unknown. None for no cells at all."""
    listed = list(cells)
    if len(listed) < 2:
        return listed[0] if listed else None
    rows = _rows(listed)
    missing = next((cell for cell in listed if cell.number is None), None)
    if missing is not None:
        return Cell(None, rows, missing.status)
    precision = _precision(listed)
    if precision is None:
        return Cell(None, rows, "unknown")
    total = sum(cell.number or 0 for cell in listed)
    partial = any(cell.partial for cell in listed)
    return Cell(total, rows, "known", precision, weight=listed[0].weight, partial=partial)


def _rows(cells: Sequence[Cell]) -> Rows:
    first = next((cell.rows.dataset for cell in cells if cell.rows.lines), cells[0].rows.dataset)
    lines = (line for cell in cells if cell.rows.dataset == first for line in cell.rows.lines)
    return Rows(first, tuple(sorted(set(lines))))


def _precision(cells: Sequence[Cell]) -> Precision | None:
    """How exact a sum or an average of known cells is; None when nothing is known of it."""
    kinds = {cell.precision for cell in cells} - {"exact"}
    lower, upper, about = kinds & {"at least", "more than"}, kinds & {"at most", "just under"}, kinds & _ABOUT
    if (lower and upper) or (about and (lower or upper)):
        return None
    if lower:
        return "more than" if "more than" in lower else "at least"
    if about:
        return "rounded" if {cell.precision for cell in cells} == {"rounded"} else "approximate"
    return "at most" if upper else "exact"


_ABOUT = {"rounded", "approximate"}


def _chain(wanted: Period, inner: Sequence[Period]) -> list[Period]:
    """Those of ``inner`` that follow one another from the first day of ``wanted`` to its last, the longest first.

    Empty when there is a gap.
    """
    if not inner:
        return []
    one_day = dt.timedelta(days=1)
    starts: dict[dt.date, list[Period]] = {}
    for period in sorted(inner, key=lambda p: p.end, reverse=True):
        starts.setdefault(period.start, []).append(period)
    rest: dict[dt.date, list[Period] | None] = {wanted.end + one_day: []}
    for start in sorted(starts, reverse=True):
        tails = ((period, rest.get(period.end + one_day)) for period in starts[start])
        rest[start] = next(([period, *tail] for period, tail in tails if tail is not None), None)
    return rest.get(wanted.start) or []
