"""The figures of one entity: each within the range declared, and from period to period as declared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.measures.consistency.findings import Figure, Finding, Measured, number, said, when
from generator.measures.cube import ELSEWHERE
from generator.measures.spec import ConsistencySpec, Range
from generator.model import Cell, Period
from generator.values import Interval


def series(measured: Measured) -> Iterator[Finding]:
    """Everything out of range, and steps that go the wrong way or too far."""
    rules = measured.rules
    if rules.range is not None:
        yield from _out_of_range(measured, rules.range)
    if rules.within and rules.within not in measured.tables[measured.spec.from_].columns:
        return  # which is told where rules are looked at
    if rules.monotone or rules.change is not None:
        for figures in _over_time(measured):
            for run in _runs(measured, figures):
                yield from _wrong_way(measured, run)
                yield from _too_far(measured, run)


def _over_time(measured: Measured) -> Iterator[list[Figure]]:
    """The figures of each entity and levels, in order of time, where anything may be wrong.

    What is no entity has no series.
    """
    for grid, coordinates in measured.cube.grids.items():
        for coordinate, periods in coordinates.items():
            listed = sorted(periods)
            for key in () if grid.startswith(ELSEWHERE) else _restless(measured.rules, listed, periods):
                there = [(period, periods[period][key]) for period in listed if key in periods[period]]
                known = [(period, cell) for period, cell in there if cell.number is not None]
                yield [measured.figure(grid, key, coordinate, period, cell) for period, cell in known]


def _restless(
    rules: ConsistencySpec, listed: Sequence[Period], periods: Mapping[Period, Mapping[str, Cell]]
) -> Iterable[str]:
    """Keys of which the plain numbers break a rule somewhere: hardly any, and only those are looked at closely."""
    last: dict[str, Cell] = {}
    found: dict[str, None] = {}
    for period in listed:
        for key, cell in periods[period].items():
            before = last.get(key)
            if before is not None and _may_break(rules, before, cell):
                found[key] = None
            if cell.number is not None:
                last[key] = cell
    return found


def _may_break(rules: ConsistencySpec, earlier: Cell, later: Cell) -> bool:
    if rules.within or earlier.partial or later.partial:
        return True  # neighbours in time need not be neighbours in the series
    if earlier.precision != "exact" or later.precision != "exact":
        return True
    before, after = earlier.number or 0, later.number or 0
    if rules.monotone and (after < before if rules.monotone == "increasing" else after > before):
        return True
    change = rules.change
    return change is not None and max(before, after) > change.factor * min(before, after)


def _runs(measured: Measured, figures: Sequence[Figure]) -> list[list[Figure]]:
    """The figures between one new beginning of the count and the next."""
    column = measured.rules.within
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(measured.cell_of(figure.cell, column) if column else "", []).append(figure)
    return list(found.values())


# --- range -----------------------------------------------------------------------------------------------


def _out_of_range(measured: Measured, limits: Range) -> Iterator[Finding]:
    low = -math.inf if limits.minimum is None else limits.minimum
    high = math.inf if limits.maximum is None else limits.maximum
    for grid, coordinates in measured.cube.grids.items():
        for coordinate, periods in coordinates.items():
            for period, cells in periods.items():
                for key, cell in cells.items():
                    if cell.number is None or (cell.precision == "exact" and low <= cell.number <= high):
                        continue
                    figure, bounds = measured.figure(grid, key, coordinate, period, cell), measured.bounds(cell)
                    if Interval(high, high).below(bounds):
                        yield _outside(measured, figure, f"above the maximum, {number(high)}")
                    elif bounds.below(Interval(low, low)):
                        yield _outside(measured, figure, f"below the minimum, {number(low)}")


def _outside(measured: Measured, figure: Figure, how: str) -> Finding:
    asked = measured.sources(figure.cell)
    levels = measured.levels(figure.coordinate)
    limit = measured.declared_at("consistency", "range", key=True)
    return Finding(
        "out-of-range",
        measured.name,
        "figures are out of range",
        measured.spot(figure.cell),
        f"{figure.name} has {measured.counted(figure.cell)}{levels} {when(figure.period)}, {how}",
        f"{figure.name} {when(figure.period)}: {said(figure.cell)}",
        f"Look it up at its source{asked}; if it is right, move the limit: {limit}",
    )


# --- monotone ----------------------------------------------------------------------------------------------


def _wrong_way(measured: Measured, run: Sequence[Figure]) -> Iterator[Finding]:
    """Steps against the direction. Of the two figures the one is told without which the others are in order."""
    if measured.rules.monotone:
        for index in range(1, len(run)):
            if _against(measured, run[index - 1].cell, run[index].cell):
                yield _step_back(measured, run, index)


def _against(measured: Measured, earlier: Cell, later: Cell) -> bool:
    first, second = measured.bounds(earlier), measured.bounds(later)
    return second.below(first) if measured.rules.monotone == "increasing" else first.below(second)


def _step_back(measured: Measured, run: Sequence[Figure], index: int) -> Finding:
    earlier, later = run[index - 1], run[index]
    without_earlier = index < 2 or not _against(measured, run[index - 2].cell, later.cell)
    without_later = index + 1 >= len(run) or not _against(measured, earlier.cell, run[index + 1].cell)
    suspect, other = (earlier, later) if without_earlier and not without_later else (later, earlier)
    falls = measured.rules.monotone == "increasing"
    column = measured.rules.within
    same = f" within {column} {measured.cell_of(later.cell, column)}" if column else ""
    asked = measured.sources(earlier.cell, later.cell)
    return Finding(
        "not-monotone",
        measured.name,
        f"figures {'fall' if falls else 'rise'} that are declared never to",
        measured.spot(suspect.cell),
        f"{later.name} {'falls' if falls else 'rises'}{same} from {measured.counted(earlier.cell)}"
        f"{measured.levels(later.coordinate)} {when(earlier.period)} to {said(later.cell)} {when(later.period)};"
        f" it is declared never to {'fall' if falls else 'rise'}",
        f"{later.name}{same}, {said(earlier.cell)} {when(earlier.period)}, {said(later.cell)} {when(later.period)}",
        f"The other figure is at {{0}}. Look both up at their source{asked} and mend the one that is wrong; if both"
        f" are right, the count is not {measured.rules.monotone}:"
        f" {measured.declared_at('consistency', 'monotone', key=True)}",
        (measured.spot(other.cell),),
    )


# --- change ------------------------------------------------------------------------------------------------


def _too_far(measured: Measured, figures: Sequence[Figure]) -> Iterator[Finding]:
    """Steps by more than the factor. A figure that sticks out alone is told once, not for both of its steps."""
    if measured.rules.change is None:
        return
    run = [figure for figure in figures if not figure.cell.partial]
    index = 1
    while index < len(run):
        if _leaps(measured, run[index - 1].cell, run[index].cell):
            yield _leap(measured, run[index - 1], run[index])
            alone = index + 1 < len(run) and not _leaps(measured, run[index - 1].cell, run[index + 1].cell)
            index += alone and _leaps(measured, run[index].cell, run[index + 1].cell)
        index += 1


def _leaps(measured: Measured, earlier: Cell, later: Cell) -> bool:
    """Whether one is certainly more than the factor away from the other, and no row says why."""
    rule = measured.rules.change
    assert rule is not None
    smaller, larger = sorted((earlier.number or 0, later.number or 0))
    if larger < rule.floor or larger <= rule.factor * smaller:
        return False  # far the most; the true numbers lie no further apart for certain
    less, more = sorted((measured.bounds(earlier), measured.bounds(later)), key=lambda bounds: bounds.low)
    if more.low < rule.floor or less.low < 0 or more.low <= rule.factor * less.high:
        return False
    return not any(measured.cell_of(cell, rule.explained_in).strip() for cell in (earlier, later))


def _leap(measured: Measured, earlier: Figure, later: Figure) -> Finding:
    rule = measured.rules.change
    assert rule is not None
    before, after = float(earlier.cell.number or 0), float(later.cell.number or 0)
    times = f"{max(before, after) / min(before, after):.1f} times" if min(before, after) > 0 else "from or to zero"
    asked = measured.sources(earlier.cell, later.cell)
    why = f", or say why in the column {rule.explained_in!r} of its row" if rule.explained_in else ""
    return Finding(
        "large-change",
        measured.name,
        f"figures change by more than a factor of {rule.factor:g}",
        measured.spot(later.cell),
        f"{later.name} goes from {measured.counted(earlier.cell)}{measured.levels(later.coordinate)}"
        f" {when(earlier.period)} to {said(later.cell)} {when(later.period)}, {times}; more than a factor of"
        f" {rule.factor:g} is to be looked at",
        f"{later.name}, {said(earlier.cell)} {when(earlier.period)}, {said(later.cell)} {when(later.period)}",
        f"The figure before is at {{0}}. Look both up at their source{asked}{why}.",
        (measured.spot(earlier.cell),),
        "warning",
    )
