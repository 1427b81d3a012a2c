"""Arithmetic of axes: round ticks, ticks on calendar dates, class breaks, labels moved apart.

Pure functions of numbers, so that a chart's layout is the same in every process.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from msgspec import Struct

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


def class_breaks(values: Sequence[float], count: int = 5, decimals: int = 0) -> list[float]:
    """Where one step of a colour scale ends and the next begins: at most ``count - 1`` increasing breaks.

    The rule, in this order:

    1. Zero is a step of its own where some values are zero and all others are above: none is not little.
    2. At most ``count`` values that follow each other, such as 1, 2, 3, are a step each.
    3. Steps are equally wide between round numbers where that leaves none of them empty and puts no more than
       half of the values into one.
    4. Otherwise steps hold about as many values each, between round numbers.
    5. Where values lie on both sides of zero, zero is a break.

    ``values`` are as they are printed, with so many ``decimals``; breaks have no more. A value equal to a break
    belongs to the step above it. No step is empty. Depends on the values only, not on their order.
    """
    unit = 10**decimals
    ordered = sorted(round(value * unit) for value in values)
    if not ordered or ordered[0] == ordered[-1]:
        return []
    if ordered[0] == 0:
        breaks = [1.0, *_breaks_of([value for value in ordered if value], count - 1)]
    else:
        breaks = _breaks_of(ordered, count)
    if ordered[0] < 0 < ordered[-1]:
        breaks = _through_zero(breaks, ordered)
    return [round(value / unit, decimals) + 0.0 for value in breaks]


def _breaks_of(ordered: Sequence[int], count: int) -> list[float]:
    distinct = sorted(set(ordered))
    if len(distinct) <= count and distinct[-1] - distinct[0] == len(distinct) - 1:
        return [float(value) for value in distinct[1:]]
    return _even_breaks(ordered, count) or _full_breaks(ordered, count)


def _even_breaks(ordered: Sequence[int], count: int) -> list[float]:
    """Breaks an equal round distance apart, at least three steps, if that tells the values apart; else none."""
    low, high = ordered[0], ordered[-1]
    for parts in range(count, 1, -1):
        step = nice_step(high - low, parts, least=1.0)
        breaks = [index * step for index in range(math.floor(low / step) + 1, math.ceil(high / step))]
        if 2 <= len(breaks) < count:
            sizes = _sizes(ordered, breaks)
            return breaks if min(sizes) and max(sizes) * 2 <= len(ordered) else []
    return []


def _sizes(ordered: Sequence[float], breaks: Sequence[float]) -> list[int]:
    """How many values each step holds."""
    edges = [0, *(bisect_left(ordered, value) for value in breaks), len(ordered)]
    return [b - a for a, b in pairwise(edges)]


def _through_zero(breaks: Sequence[float], ordered: Sequence[int]) -> list[float]:
    """The breaks with zero among them, in the place of the nearest one."""
    nearest = min(breaks, key=lambda value: (abs(value), value))
    return _without_empty(sorted({0.0 if value == nearest else value for value in breaks}), ordered)


def _without_empty(breaks: Sequence[float], ordered: Sequence[int]) -> list[float]:
    """The breaks without those that leave a step empty; zero stays where it parts values."""
    kept: list[float] = []
    for value in breaks:
        if not (_sizes(ordered, [*kept, value])[-2]):
            if value != 0:
                continue
            kept.pop()
        kept.append(value)
    return [value for value in kept if value <= ordered[-1]]


def _full_breaks(ordered: Sequence[int], count: int) -> list[float]:
    """Round breaks between steps of about as many values each; equal values stay together."""
    breaks: list[float] = []
    rest = ordered
    for steps in range(count, 1, -1):
        if rest[0] == rest[-1]:
            break
        size = len(rest) / steps
        second = bisect_right(rest, rest[0])  # where the second of the different values begins
        # a step may hold a third more or less than its share if its end is rounder for it
        low, near, high = (min(max(round(size * part), second), len(rest) - 1) for part in (2 / 3, 1, 4 / 3))
        if rest[low - 1] == rest[high]:  # all of them are equal: the next step begins with them
            low = bisect_left(rest, rest[high])
        breaks.append(float(_roundest(rest[low - 1], rest[high], rest[near])))
        rest = rest[bisect_left(rest, breaks[-1]) :]
    return breaks


def _roundest(below: int, high: int, near: int) -> int:
    """The whole number with the fewest digits above ``below`` and up to ``high``, as near as may be to ``near``."""
    power: int = 10 ** len(str(max(abs(below), abs(high))))
    while power > 1:
        for factor in (5, 2, 1):
            step = power * factor // 10
            first, last = (below // step + 1) * step, high // step * step
            if first <= last:
                return min(max(round(near / step) * step, first), last)
        power //= 10
    return high


class Tick(Struct, frozen=True):
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
