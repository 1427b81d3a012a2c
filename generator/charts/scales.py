"""Arithmetic of axes: round ticks, ticks on calendar dates, class breaks, labels moved apart.

Pure functions of numbers, so that a chart's layout is the same in every process.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

EPOCH = dt.date(1970, 1, 1)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def nice_step(span: float, count: int, *, least: float = 0.0) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that cuts ``span`` into at most ``count`` parts."""
    if span <= 0 or count < 1:
        return max(1.0, least)
    raw = max(span / count, least)
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        step = factor * power
        if step >= raw * (1 - 1e-9) and (least < 1 or step == round(step)):
            return step
    return 10.0 * power


def nice_ticks(low: float, high: float, count: int, *, whole: bool = False) -> list[float]:
    """Round values from ``low`` to ``high``, about ``count`` steps apart; ``whole`` allows integers only."""
    step = nice_step(high - low, count, least=1.0 if whole else 0.0)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(index * step, 10) + 0.0 for index in range(first, last + 1)]


def log_ticks(low: float, high: float, count: int) -> list[float]:
    """Powers of ten between two positive values, with 2 and 5 (or 3) between them when there is room."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [factor * 10.0**decade for decade in decades for factor in factors]
        inside = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
        if len(inside) <= count:
            break
    return inside


def decimals_of(ticks: Sequence[float]) -> int:
    """How many decimals the ticks need to be told apart."""
    for decimals in range(6):
        if all(abs(round(tick, decimals) - tick) < 1e-9 for tick in ticks):
            return decimals
    return 6


def nice_breaks(values: Sequence[float], count: int = 5) -> list[float]:
    """Round class breaks that put about the same number of values into each of ``count`` classes.

    Returns at most ``count - 1`` increasing inner breaks; a value equal to a break belongs to the class
    above it. Fewer come back when few values differ. Depends on the values only, not on their order.
    """
    ordered = sorted(values)
    distinct = sorted(set(ordered))
    if len(distinct) <= 1:
        return []
    whole = all(value == round(value) for value in distinct)
    breaks: list[float] = []
    for index in range(1, count):
        place = index * len(ordered) / count
        at = min(len(ordered) - 1, max(1, round(place)))
        below, above = ordered[at - 1], ordered[at]
        if below == above:
            # The quantile falls into a run of equal values: break at the run's end if there is one.
            later = [value for value in distinct if value > below]
            if not later:
                continue
            above = later[0]
        candidate = _roundest_between(below, above, whole=whole)
        if (not breaks or candidate > breaks[-1]) and candidate > distinct[0]:
            breaks.append(candidate)
    return breaks


def _roundest_between(below: float, above: float, *, whole: bool) -> float:
    """The number with the fewest digits in (below, above], near the middle; ``whole`` allows integers only.

    A little slack (a fifth) is allowed below: a class that holds one value more is a better class than one
    that begins at 1,387.
    """
    slack = 0.0 if below <= 0 < above else min(0.2 * abs(above), 0.2 * abs(below))
    low = below - slack
    high = above
    middle = (low + high) / 2
    magnitude = math.floor(math.log10(max(abs(low), abs(high))))
    for power in range(magnitude, magnitude - 12, -1):
        for factor in (5, 2.5, 2, 1):
            step = factor * 10.0**power
            if whole and step != round(step):
                continue
            nearest = round(middle / step) * step
            if low < nearest <= high:
                return round(nearest, 10) + 0.0
    return float(high)


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in the axis's own numbers, and the lines of its label."""

    value: float
    label: tuple[str, ...]


def days(date: dt.date) -> int:
    """A date as a number: days since 1970."""
    return (date - EPOCH).days


def date_ticks(
    first: dt.date, last: dt.date, width: float, measure: Callable[[str], float], months: Sequence[str] = MONTHS
) -> list[Tick]:
    """Ticks on the calendar, as close as labels ``width`` px apart in all allow, but few.

    The year stands under the month, once a year; axes of several years have years only.
    """
    span = max(1, (last - first).days)
    gap = 40 if width < 450 else 56
    for step in (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200):
        spacing = width * step * 30.44 / span
        label = measure("2000") if step >= 12 else max(measure(month) for month in months)
        if spacing >= max(label + 12, gap):
            break
    if span < 46:
        return _day_ticks(first, last, width, months)
    ticks: list[Tick] = []
    month = -(-(first.year * 12 + first.month - 1 + (first.day > 1)) // step) * step
    year = None
    while (date := dt.date(month // 12, month % 12 + 1, 1)) <= last:
        if step >= 12:
            ticks.append(Tick(days(date), (str(date.year),)))
        else:
            name = months[date.month - 1]
            ticks.append(Tick(days(date), (name,) if date.year == year else (name, str(date.year))))
        year = date.year
        month += step
    return ticks


def _day_ticks(first: dt.date, last: dt.date, width: float, months: Sequence[str]) -> list[Tick]:
    span = max(1, (last - first).days)
    step = next((s for s in (1, 2, 7, 14) if width * s / span >= 56), 28)
    ticks = []
    year = None
    for offset in range(0, span + 1, step):
        date = first + dt.timedelta(days=offset)
        name = f"{months[date.month - 1]} {date.day}"
        ticks.append(Tick(days(date), (name,) if date.year == year else (name, str(date.year))))
        year = date.year
    return ticks


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres for labels that must not overlap, each as near to the wanted one as its neighbours allow.

    Labels keep their order; the block is pushed back inside ``low`` to ``high`` px where it fits.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    blocks: list[tuple[float, float, list[int]]] = []  # top, height, members
    for i in order:
        block = (wanted[i] - heights[i] / 2, heights[i], [i])
        while blocks and blocks[-1][0] + blocks[-1][1] > block[0]:
            top, height, members = blocks.pop()
            joined = members + block[2]
            whole = height + block[1]
            # The block sits where its members on average want to be.
            offsets, reached = [], 0.0
            for member in joined:
                offsets.append(wanted[member] - (reached + heights[member] / 2))
                reached += heights[member]
            block = (sum(offsets) / len(offsets), whole, joined)
        top = min(max(block[0], low), max(low, high - block[1]))
        blocks.append((top, block[1], block[2]))
    # Pushing the last block inside may have made it touch the one before it.
    limit = high
    placed = [0.0] * len(wanted)
    for top, height, members in reversed(blocks):
        reached = min(top, limit - height)
        limit = reached
        for member in members:
            placed[member] = reached + heights[member] / 2
            reached += heights[member]
    return placed
