"""Colours for values on a map: steps for numbers, categories for words, and the legend that says which is which."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.charts.parts import word
from generator.charts.scales import class_breaks, decimals_of
from generator.charts.shape import FROM_TO, FROM_TO_UNDER, OR_MORE, UNDER, ChartError, Shape, number_or_none
from generator.charts.style import CATEGORIES, STEPS, text_role_on
from generator.frames import Frame, Scalar
from generator.values import round_half_up

MISSING = "missing"
_SHAPES = dict(
    zip(CATEGORIES, ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down"), strict=True)
)
_STEPS_OF = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
_SWATCH = 12
_LEGEND_ROW = 18


class Classes(Struct, frozen=True):
    """Which colour role a value has, and what the legend says of each role that occurs.

    Numbers are told apart as they are printed, with ``decimals``, so that map, legend and table agree.
    """

    roles: Mapping[Any, str]
    breaks: tuple[float, ...] = ()
    decimals: int = 0
    zero_apart: bool = False
    """The first step is zero alone, which has a colour beside those that go from little to much."""
    legend: tuple[tuple[str, str], ...] = ()

    def role(self, value: Scalar) -> str:
        """The role of a cell; ``missing`` where nobody knows."""
        if value is None or value == "":
            return MISSING
        if self.roles:
            return self.roles[str(value)]
        number = number_or_none(value)
        return (
            MISSING
            if number is None
            else self.step(bisect_right(self.breaks, round_half_up(number, self.decimals)))
        )

    def step(self, index: int) -> str:
        """The role of a step, counted from 0."""
        if self.zero_apart and index == 0:
            return "faint"
        return STEPS[_STEPS_OF[len(self.breaks) + 1 - self.zero_apart][index - self.zero_apart]]

    def sign(self, x: float, y: float, role: str, shape: Shape) -> list[dict[str, Any]]:
        """A small shape for a mark in the colour of a category; none for steps and quiet ones."""
        if not self.roles or role not in _SHAPES:
            return []
        ink = shape.colour(text_role_on(role))
        return [{"x": round(x, 1), "y": round(y, 1), "shape": _SHAPES[role], "colour": ink}]

    def with_missing(self, text: str) -> Classes:
        """The same with a legend that names what is hatched."""
        if any(role == MISSING for role, _ in self.legend):
            return self
        return replace(self, legend=(*self.legend, (MISSING, text)))


def classes(frame: Frame, shape: Shape) -> Classes:
    """Steps for numbers, categories for words, as the option ``scale`` says or the values are."""
    values = frame.values("value")
    words_given = any(isinstance(value, str) and value for value in values)
    scale = shape.options["scale"] or ("categories" if words_given else "steps")
    if scale == "categories":
        found = _categories(values, shape)
    elif words_given:
        raise ChartError("scale: steps need numbers; the values are words")
    else:
        found = _steps(values, shape)
    missing = any(found.role(value) == MISSING for value in values)
    return found.with_missing(shape.options["missing"]) if missing else found


def _steps(values: Sequence[Scalar], shape: Shape) -> Classes:
    decimals = shape.column("value").decimals
    known = [number for value in values if (number := number_or_none(value)) is not None]
    numbers = sorted(round_half_up(number, decimals) for number in known)
    given = shape.options["breaks"]
    breaks = class_breaks(numbers, len(STEPS), decimals) if given is None else sorted(given)
    if len(breaks) >= len(STEPS):
        raise ChartError(f"breaks: at most {len(STEPS) - 1} breaks, which make {len(STEPS)} steps")
    least = [number for number in numbers if not breaks or number < breaks[0]]
    found = Classes({}, tuple(breaks), decimals, zero_apart=bool(least) and not any(least))
    texts = _ranges(breaks, numbers, shape) if numbers else []
    return replace(found, legend=tuple((found.step(index), text) for index, text in enumerate(texts)))


def _categories(values: Sequence[Scalar], shape: Shape) -> Classes:
    present = sorted({str(value) for value in values if value not in (None, "")})
    order = list(shape.options["categories"] or present)
    order += [name for name in present if name not in order]
    quiet = shape.options["quiet"]
    if quiet in order and not shape.options["categories"]:
        order.sort(key=lambda name: name == quiet)
    loud = [name for name in order if name != quiet]
    if len(loud) > len(CATEGORIES):
        raise ChartError(f"a map tells at most {len(CATEGORIES)} categories apart; there are {len(loud)}")
    roles = dict(zip(loud, CATEGORIES, strict=False))
    if quiet is not None:
        roles[quiet] = "faint"
    return Classes(roles, legend=tuple((roles[name], name) for name in order))


def _ranges(breaks: Sequence[float], numbers: Sequence[float], shape: Shape) -> list[str]:
    """What each step holds, in numbers as they are printed: "0", "1–4", "5–19", "20 or more".

    No number is in two of them. A step of one number is that number; the lowest and the highest value stand
    where steps begin and end with them, unless the author's breaks lie outside of them.
    """
    decimals = shape.column("value").decimals
    needed = decimals_of(breaks)
    text = _Text(shape, max(needed, decimals))
    unit = 10.0**-decimals if needed <= decimals else 0.0
    low, high = numbers[0], numbers[-1]
    if not breaks:
        return [text.span(low, high)]
    made = [shape.say(UNDER, number=text(breaks[0]))]
    if low < breaks[0]:
        zero_alone = max(number for number in numbers if number < breaks[0]) == low == 0
        made = [text(low) if zero_alone else text.step(low, breaks[0], unit)]
    made += [text.step(start, end, unit) for start, end in pairwise(breaks)]
    last = text(breaks[-1])
    return [*made, last if high == breaks[-1] else shape.say(OR_MORE, number=last)]


class _Text(Struct, frozen=True):
    """How a legend writes numbers."""

    shape: Shape
    decimals: int

    def __call__(self, value: float) -> str:
        return self.shape.number(value, "value", decimals=self.decimals)

    def span(self, low: float, high: float) -> str:
        """A dash between numbers; before a minus sign it would not be seen as one."""
        if low >= high:
            return self(low)
        return f"{self(low)}–{self(high)}" if low >= 0 else self.shape.say(FROM_TO, low=self(low), high=self(high))

    def step(self, low: float, end: float, unit: float) -> str:
        """A step from ``low`` to before ``end``; ``unit`` is one of the last digit; 0 when ends are finer."""
        if unit:
            return self.span(low, round_half_up(end - unit, self.decimals))
        return self.shape.say(FROM_TO_UNDER, low=self(low), high=self(end))


def legend(
    found: Classes, shape: Shape, *, spare: float = 0.0
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]], float]:
    """Swatches, words and signs in rows above the drawing, and the height they take.

    ``spare`` is the part by which words may come out wider: a drawing that is a file has not the site's type.
    """
    swatches: list[dict[str, Any]] = []
    signs: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    x, y = 0.0, 0.0
    for role, text in found.legend:
        text = shape.metrics.shorten(text, shape.width - _SWATCH - 6)
        wide = _SWATCH + 5 + shape.metrics.width(text) * (1 + spare)
        if x and x + wide > shape.width:
            x, y = 0.0, y + _LEGEND_ROW
        box = {"x": round(x + 0.5, 1), "x2": round(x + 0.5 + _SWATCH, 1), "y": y + 2, "y2": y + 2 + _SWATCH}
        swatches.append({**box, "colour": shape.colour(role)})
        signs += found.sign(box["x"] + _SWATCH / 2, y + 2 + _SWATCH / 2, role, shape)
        written.append(word(x + _SWATCH + 5, y + 2 + _SWATCH / 2, text, shape.colour("ink")))
        x += wide + (12 if shape.narrow else 16)
    return swatches, written, signs, y + _LEGEND_ROW + 8 if found.legend else 0.0
