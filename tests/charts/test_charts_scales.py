"""Ticks, breaks and labels moved apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.charts.scales import class_breaks, date_ticks, log_ticks, nice_ticks, spread
from generator.charts.text import Separators, format_number

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 3))


@pytest.mark.parametrize(
    ("values", "breaks"),
    [
        ([], []),
        ([3, 3, 3], []),
        ([0, 0, 0], []),
        ([3, 4], [4]),
        ([1, 2, 3, 4, 5], [2, 3, 4, 5]),
        ([0, 1, 2, 3], [1, 2, 3]),
        ([0, 0, 0, 7], [1]),
        (range(1, 101), [20, 40, 60, 80]),
        (range(100, 201), [120, 140, 160, 180]),
        ([1, 2, 2, 5, 6, 8, 10, 12, 14, 16, 19, 29, 34, 49, 61, 86, 103, 348, 387], [5, 10, 20, 100]),
        ([0, 0, 0, 1, 2, 2, 5, 6, 8, 10, 12, 14, 16, 19, 29, 34, 49, 61, 86, 103, 348, 387], [1, 10, 20, 100]),
        ([1] * 60 + [2] * 20 + [3] * 10 + [4] * 4 + [9, 12, 30], [2, 3, 4, 10]),
        ([-40, -30, -5, 5, 8, 20], [-20, 0]),
        ([-3, 3], [0]),
        ([-9, -8, -1], [-8, -5]),
    ],
)
def test_the_steps_of_a_map(values: Sequence[int], breaks: list[float]) -> None:
    assert class_breaks(values) == breaks


def test_zero_stands_alone_only_beside_what_is_above_it() -> None:
    assert class_breaks([0, 0, 4, 90])[0] == 1
    assert class_breaks([0.0, 0.3, 2.5, 9.1], decimals=1)[0] == 0.1
    assert 1 not in class_breaks([-7, 0, 0, 5, 30])


def test_breaks_are_no_finer_than_what_is_printed() -> None:
    breaks = class_breaks([2.1, 2.2, 2.3, 2.5, 2.6, 2.9, 3.3, 3.4], decimals=1)
    assert breaks == [round(value, 1) for value in breaks]


WHOLE = st.integers(-(10**6), 10**6) | st.integers(-3, 12)


@settings(deadline=None)
@given(st.lists(WHOLE, max_size=60), st.integers(2, 5), st.integers(0, 2))
def test_no_step_is_empty_whatever_the_order(numbers: list[int], count: int, decimals: int) -> None:
    values = [round(number / 10**decimals, decimals) for number in numbers]
    breaks = class_breaks(values, count, decimals)
    assert breaks == class_breaks(values[::-1], count, decimals)
    assert len(breaks) < count
    assert breaks == sorted(set(breaks))
    assert breaks == [round(value, decimals) for value in breaks]
    edges = [float("-inf"), *breaks, float("inf")]
    assert not values or all(any(low <= v < high for v in values) for low, high in pairwise(edges))
    if values and min(values) < 0 < max(values):
        assert 0 in breaks
    if values and min(values) == 0 < max(values):
        assert all(value == 0 for value in values if value < breaks[0])


@given(NUMBERS, NUMBERS, st.integers(2, 8))
def test_ticks_lie_inside_and_are_few(a: float, b: float, count: int) -> None:
    low, high = min(a, b), max(a, b)
    ticks = nice_ticks(low, high, count)
    assert len(ticks) <= count + 1
    assert ticks == sorted(ticks)


def test_whole_numbers_have_whole_ticks() -> None:
    assert nice_ticks(0, 2, 5, whole=True) == [0, 1, 2]
    assert nice_ticks(0, 1843, 5) == [0, 500, 1000, 1500]


def test_log_ticks_thin_out() -> None:
    assert log_ticks(1, 100, 7) == [1, 2, 5, 10, 20, 50, 100]
    assert log_ticks(1, 1000, 4) == [1, 10, 100, 1000]


@given(st.lists(st.floats(0, 200, allow_nan=False), max_size=12))
def test_labels_do_not_overlap(wanted: list[float]) -> None:
    placed = spread(wanted, [14.0] * len(wanted), -10, 210)
    ordered = sorted(placed)
    assert all(b - a >= 14 - 1e-6 for a, b in pairwise(ordered))
    assert all(-3.1 <= centre <= 203.1 for centre in placed)


def test_labels_with_room_stay_where_they_are() -> None:
    assert spread([10, 100, 50], [14, 14, 14], 0, 200) == [10, 100, 50]


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (dt.date(2020, 1, 1), dt.date(2025, 12, 1), ["2020", "2021", "2022", "2023", "2024", "2025"]),
        (dt.date(2024, 11, 1), dt.date(2025, 2, 1), ["Nov 2024", "Dec", "Jan 2025", "Feb"]),
        (
            dt.date(2024, 1, 3),
            dt.date(2024, 1, 10),
            ["Jan 3 2024", "Jan 4", "Jan 5", "Jan 6", "Jan 7", "Jan 8", "Jan 9", "Jan 10"],
        ),
    ],
)
def test_dates_have_calendar_ticks(first: dt.date, last: dt.date, labels: list[str]) -> None:
    ticks = date_ticks(first, last, 500, lambda text: 6.0 * len(text))
    assert [" ".join(tick.label) for tick in ticks] == labels


def test_numbers_are_printed_with_the_sites_separators() -> None:
    assert format_number(1234567.891, 2, Separators(".", ",")) == "1.234.567,89"
    assert format_number(-0.04, 1, Separators()) == "0.0"
    assert format_number(-1234, 0, Separators()) == "−1,234"
