"""What a chart function may look at, and what drawing it for one entity needs."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from generator.charts.scales import MONTHS
from generator.charts.style import Style, sentinel
from generator.charts.text import Metrics, Separators, format_number, metrics
from generator.frames import Column, Frame, Scalar
from generator.languages import ENGLISH, Catalogue, Message, filled

if TYPE_CHECKING:
    import altair as alt

ROWS = "rows"
"""The name of the data every chart is drawn from."""

NOTHING = "no row has a value to draw; say in words that there is no figure"

NO_DATA, OR_MORE, UNDER = Message("no data"), Message("{number} or more"), Message("under {number}")
FROM_TO, FROM_TO_UNDER = Message("{low} to {high}"), Message("{low} to under {high}")
WORDS = (NO_DATA, OR_MORE, UNDER, FROM_TO, FROM_TO_UNDER)
"""What charts say themselves."""

WIDE = 680
NARROW = 340


class ChartError(ValueError):
    """What is wrong with a chart, in plain words; the caller knows which figure it is."""


class Shape(Struct, frozen=True):
    """Everything a chart function may depend on: not the rows, not the entity.

    ``width`` is the drawing's width in px. ``options`` are the figure's settings, complete for a built-in
    kind. ``months`` are the twelve short month names, in the language of the page.
    """

    columns: tuple[Column, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    width: int = WIDE
    style: Style = field(default_factory=Style)
    separators: Separators = field(default_factory=Separators)
    months: tuple[str, ...] = MONTHS
    catalogue: Catalogue = ENGLISH
    """What the charts' own few words are said with."""

    def described(self) -> list[str]:
        """All of it as text, but for the folder that the fonts are in: equal for equal shapes."""
        style = replace(self.style, font_directory=None)
        options = json.dumps(self.options, sort_keys=True, default=repr)
        words = [self.catalogue.gettext(message) for message in WORDS]
        return [repr(self.columns), options, repr((self.width, style, self.separators, self.months, words))]

    def say(self, message: Message, **names: str) -> str:
        """One of :data:`WORDS` in the language of the page."""
        return filled(self.catalogue.gettext(message), names)

    @property
    def narrow(self) -> bool:
        """Drawn for a phone."""
        return self.width < 480

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def metrics(self) -> Metrics:
        return metrics(self.style)

    @property
    def bold(self) -> Metrics:
        return metrics(self.style, bold=True)

    def column(self, name: str) -> Column:
        """The column of that name; raises ChartError when the chart has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ChartError(f"this chart needs a column {name!r}; it has {', '.join(self.names)}")

    def colour(self, role: str) -> str:
        """The colour to draw a role of :data:`generator.charts.style.ROLES` with."""
        return sentinel(role)

    def number(self, value: float, column: str, *, decimals: int | None = None) -> str:
        """A number as the site prints it: the decimals of its column, a sign for percentages."""
        described = self.column(column)
        text = format_number(value, described.decimals if decimals is None else decimals, self.separators)
        return f"{text}%" if described.unit == "percent" else text


class Places(Struct, frozen=True):
    """Where the rows of a frame are drawn, so that a reader who points at a mark is told its row.

    ``at`` has an entry for each row, in their order: ``(x, y)`` of its point, ``(x, y, x, y)`` of the ends of its
    bar, band or line, the last of them where its number is, ``()`` where it is not drawn. All is in px from the
    plotting area's left and top. ``by`` says what is near: ``x`` (along it first), ``y``, ``area`` (the mark that
    holds the pointer), ``rows`` (distance, and the marks stand in rows) or ``""`` (distance). ``plot`` is left, top
    and height of the area in which the x of a mark is shown; where there are panels, those of the first, and how
    far it is to the next, across and down. ``areas`` are the rows of the marks that hold the pointer, in the order
    in which the marks are drawn.
    """

    at: Sequence[tuple[float, ...]] = ()
    by: Literal["", "x", "y", "area", "rows"] = ""
    plot: tuple[float, ...] = ()
    areas: Sequence[int] = ()


class Box(Struct, frozen=True):
    """A part of the plotting area, in px."""

    left: float
    top: float
    wide: float
    tall: float


class Timeline(Struct, frozen=True):
    """The axis of time: its first and last day, counted from 1970, and the boxes that it runs through."""

    first: float
    last: float
    boxes: tuple[Box, ...]

    def place(self, day: dt.date, box: Box) -> float:
        """Where a day is in one of the boxes, px from the left of the plotting area."""
        share = ((number_or_none(day) or 0.0) - self.first) / (self.last - self.first)
        return box.left + box.wide * share


class Plan(Struct, frozen=True):
    """One entity's drawing: the data by name, values of the chart's parameters, and the size in px.

    ``width`` and ``height`` are those of the plotting area, ``padding`` the space around it (left, top,
    right, bottom). ``names`` gives each linked key its accessible name; ``places`` says where the rows are,
    ``timeline`` where the days are, when x is time.
    """

    data: Mapping[str, Sequence[Mapping[str, Any]]]
    params: Mapping[str, Any] = field(default_factory=dict)
    width: float | None = None
    height: float | None = None
    padding: tuple[float, float, float, float] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    timeline: Timeline | None = None


class ChartFunction(Protocol):
    """The signature of a chart function, a kind's or a story's own: ``(data, shape) -> chart``."""

    def __call__(self, data: alt.NamedData, shape: Shape) -> Any: ...


Planner = Callable[[Frame, Shape], Plan]


def number_or_none(value: Scalar) -> float | None:
    """A cell as a number; dates as days since 1970; None where it is missing."""
    if value is None or isinstance(value, str):
        return None
    if isinstance(value, dt.date):
        return float((value - dt.date(1970, 1, 1)).days)
    return float(value) if math.isfinite(value) else None


def is_true(value: Scalar) -> bool:
    """Whether a boolean-like cell says yes."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() == "true")


def named_value(shape: Shape, label: str, value: Scalar) -> str:
    """What a mark is called: its label, its value, the value's unit."""
    if "value" not in shape.names:
        return label
    if value is None:
        return f"{label}: {shape.options.get('missing') or shape.say(NO_DATA)}"
    column = shape.column("value")
    if isinstance(value, int | float) and not isinstance(value, bool):
        unit = column.unit_one if value == 1 and column.unit_one else column.unit
        unit = "" if column.unit == "percent" else unit
        return f"{label}: {shape.number(value, 'value')} {unit}".rstrip()
    return f"{label}: {value}"
