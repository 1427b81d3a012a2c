"""Which colour a value has on a map, and what the legend says of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from chart_samples import KEY, LABEL
from hypothesis import given
from hypothesis import strategies as st

from generator.charts import ChartError, Shape
from generator.charts.kinds import KINDS
from generator.charts.steps import Classes, classes
from generator.frames import Column, Frame, Scalar
from generator.languages.folders import default_theme
from generator.languages.pofiles import catalogue


def told(values: Sequence[Scalar], *, decimals: int = 0, **options: object) -> Classes:
    columns = (KEY, LABEL, Column("value", "Loans", "number", "loans", decimals))
    frame = Frame(columns, tuple((str(i), f"Town {i}", value) for i, value in enumerate(values)))
    kind = KINDS["tiles"]
    return classes(frame, Shape(columns, kind.resolve(options)))


def legend(values: Sequence[Scalar], *, decimals: int = 0, **options: object) -> list[str]:
    return [text for _, text in told(values, decimals=decimals, **options).legend]


def test_the_legend_says_what_each_step_holds() -> None:
    values = [0, 0, 0, 1, 2, 2, 5, 6, 8, 10, 12, 14, 16, 19, 29, 34, 49, 61, 86, 103, 348, 1387]
    assert legend(values) == ["0", "1–9", "10–19", "20–99", "100 or more"]
    assert legend([1, 2, 3]) == ["1", "2", "3"]
    assert legend([7, 7]) == ["7"]
    assert legend([0, 0]) == ["0"]
    assert legend([-40, -30, -5, 5, 8, 20]) == ["−40 to −21", "−20 to −1", "0 or more"]
    assert legend([1.5, 2.5, 9.5, 12.5, 14.0], decimals=1, breaks=[5, 10]) == ["1.5–4.9", "5.0–9.9", "10.0 or more"]


def test_the_legend_speaks_the_language_of_the_page() -> None:
    columns = (KEY, LABEL, Column("value", "Loans", "number", "loans"))
    frame = Frame(columns, tuple((str(i), f"Town {i}", value) for i, value in enumerate((-9, 3, 14))))
    spanish = catalogue([default_theme()], "es")
    found = classes(frame, Shape(columns, KINDS["tiles"].resolve({"breaks": [-5, 10.5]}), catalogue=spanish))
    assert [text for _, text in found.legend] == [
        "de −9.0 a menos de −5.0", "de −5.0 a menos de 10.5", "10.5 o más",
    ]  # fmt: skip


def test_breaks_of_the_author_stand_wherever_the_values_lie() -> None:
    assert legend([12, 14], breaks=[10, 20]) == ["under 10", "10–19", "20 or more"]
    assert legend([3, 14], breaks=[10.5]) == ["3.0 to under 10.5", "10.5 or more"]
    with pytest.raises(ChartError, match="at most 4 breaks"):
        legend([3, 14], breaks=[1, 2, 3, 4, 5])


def test_a_value_on_a_break_is_in_the_step_above() -> None:
    found = told([1, 50, 99], breaks=[50, 80])
    assert [found.role(value) for value in (49, 50, 79, 80)] == ["s1", "s3", "s3", "s5"]


def test_a_value_has_the_colour_of_what_is_printed() -> None:
    """99.6 is printed as 100, and must not be in the step "50–99"."""
    found = told([20.2, 99.6, 180.0], breaks=[50, 100])
    assert found.role(99.6) == found.role(100) != found.role(99.4)
    assert [text for _, text in found.legend] == ["20–49", "50–99", "100 or more"]


def test_zero_has_a_colour_beside_the_steps() -> None:
    assert told([0, 0, 3, 40, 500]).role(0) == "faint"
    assert told([0, 0]).role(0) == "faint"
    assert told([0, 1], breaks=[1]).role(0) == "faint"
    assert told([0, 1, 7], breaks=[5]).role(0) != "faint"
    assert told([-3, 0, 3]).role(0) != "faint"


def test_missing_is_named_only_where_something_is_missing() -> None:
    assert "no data" not in legend([1, 2])
    assert legend([1, None], missing="not counted") == ["1", "not counted"]
    assert legend([None, None]) == ["no data"]
    assert told([1, None]).role(None) == "missing"


def test_words_cannot_be_steps() -> None:
    with pytest.raises(ChartError, match="steps need numbers"):
        told(["high", "low"], scale="steps")


@given(st.lists(st.integers(0, 10**5), min_size=1, max_size=60), st.integers(0, 2))
def test_every_value_is_in_the_range_that_its_colour_stands_for(numbers: list[int], decimals: int) -> None:
    values = [number / 10**decimals for number in numbers]
    found = told(values, decimals=decimals)
    ranges = []
    for role, text in found.legend:
        ends = [float(part.replace(",", "")) for part in re.findall(r"[\d,.]*\d", text)]
        ranges.append((role, ends[0], float("inf") if "more" in text else ends[-1]))
    assert all(one[2] < two[1] for one, two in pairwise(ranges))
    for value in values:
        assert [role for role, low, high in ranges if low <= value <= high] == [found.role(value)]
