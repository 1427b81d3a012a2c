"""The kind for many series side by side: multiples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from generator.charts.events import EVENTS
from generator.charts.events import rules as event_rules
from generator.charts.kind import Kind, Option, Role
from generator.charts.parts import (
    LABELS,
    Axis,
    Series,
    as_given,
    in_px,
    plain_x,
    read_series,
    runs,
    timeline,
    value_axis,
    word,
    words,
)
from generator.charts.shape import NO_DATA, NOTHING, ROWS, Box, ChartError, Places, Plan, Shape, number_or_none
from generator.frames import Frame

if TYPE_CHECKING:
    import altair as alt

RULES = "rules"
ENDS = "ends"
_HEAD = 34
_FOOT = 20
_GUTTER = 18
_DOT = 3


def multiples(data: alt.NamedData, _shape: Shape) -> alt.TopLevelMixin:
    """One small panel a series, all on the same scales."""
    import altair as alt

    x, y = in_px(alt.X, "x"), in_px(alt.Y, "y")
    rules = alt.Chart(alt.NamedData(RULES)).mark_rule().encode(
        x=x, x2="x2:Q", y=y, stroke=as_given(alt.Stroke, "colour")
    )  # fmt: skip
    lines = alt.Chart(data).mark_line().encode(
        x=x, y=y, detail="run:N", stroke=as_given(alt.Stroke, "colour"),
        size=as_given(alt.Size, "width"),
    )  # fmt: skip
    ends = alt.Chart(alt.NamedData(ENDS)).mark_circle(opacity=1, size=22).encode(
        x=x, y=y, fill=as_given(alt.Fill, "colour")
    )  # fmt: skip
    return alt.layer(rules, event_rules(), lines, ends, words()).properties(width=100, height=100, autosize="none")


def plan_multiples(frame: Frame, shape: Shape) -> Plan:
    """Panels row by row in the order given; each says its name and its last value."""
    series = read_series(frame)
    values = [point.y for one in series for point in one.points if point.y is not None]
    if not values:
        raise ChartError(NOTHING)
    columns = shape.options["columns"] or _columns(len(series), shape)
    axis = value_axis(values, shape, "y", zero=True, count=2)
    wide = (shape.width - axis.room - _DOT - _GUTTER * (columns - 1)) / columns
    tall = round(wide * 0.56)
    pitch = _HEAD + tall + _FOOT
    panel = _Panel(shape, wide, tall, axis, _span(series), any(one.own for one in series))
    for index, one in enumerate(series):
        last_in_column = index + columns >= len(series)
        left, top = (index % columns) * (wide + _GUTTER), (index // columns) * pitch + _HEAD
        panel.add(one, round(left, 1), top, scaled=index % columns == 0, dated=last_in_column)
    height = -(-len(series) // columns) * pitch
    return Plan(
        {ROWS: panel.rows, RULES: panel.rules, ENDS: panel.ends, LABELS: panel.words},
        width=shape.width - axis.room - _DOT,
        height=height,
        padding=(axis.room, 0, _DOT, 0),
        places=Places(_places(frame, panel), "x", (-_GUTTER / 2, _HEAD, tall, wide + _GUTTER, pitch)),
        timeline=timeline(panel.span, [Box(*corner, wide, tall) for corner in panel.corners.values()], shape),
    )


def _places(frame: Frame, panel: _Panel) -> list[tuple[float, ...]]:
    """The point of each row in its own panel; none where the value is missing."""
    at: list[tuple[float, ...]] = []
    for row in frame.records():
        y = number_or_none(row["y"])
        left, top = panel.corners[str(row.get("series") or "")]
        at.append(() if y is None else (panel.x(number_or_none(row["x"]) or 0.0, left), panel.y(y, top)))
    return at


def _columns(count: int, shape: Shape) -> int:
    most = 2 if shape.narrow else 4
    if most == 4 and count in (3, 5, 6, 9):
        return 3
    return min(most, count)


def _span(series: Sequence[Series]) -> tuple[float, float]:
    xs = [point.x for one in series for point in one.points]
    low, high = min(xs), max(xs)
    return (low, high) if low < high else (low - 1, high + 1)


class _Panel:
    """Collects the marks of all panels, in px of the whole drawing."""

    def __init__(
        self, shape: Shape, wide: float, tall: float, axis: Axis, span: tuple[float, float], one_is_own: bool
    ) -> None:
        self.one_is_own = one_is_own
        self.shape, self.wide, self.tall, self.axis, self.span = shape, wide, tall, axis, span
        self.rows: list[dict[str, Any]] = []
        self.rules: list[dict[str, Any]] = []
        self.ends: list[dict[str, Any]] = []
        self.words: list[dict[str, Any]] = []
        self.corners: dict[str, tuple[float, float]] = {}

    def add(self, series: Series, left: float, top: float, *, scaled: bool, dated: bool) -> None:
        """One panel whose plotting area begins at ``left``, ``top``; labels of the axes where wanted."""
        self.corners[series.name] = (left, top)
        colour = self.shape.colour("accent" if series.own else "ink")
        self._heading(series, left, top, colour)
        self._grid(left, top, scaled=scaled)
        monthly = self.shape.column("x").type == "month"
        stroke = self.shape.colour("accent" if series.own else "muted")
        for number, run in enumerate(runs(series, monthly=monthly)):
            look = {"run": f"{series.name}/{number}", "colour": stroke, "width": 2.6 if series.own else 1.6}
            placed = [(self.x(p.x, left), self.y(p.y or 0.0, top)) for p in run]
            self.rows += [{"x": x, "y": y, **look} for x, y in placed]
            if len(run) == 1 or run[-1] is series.last:
                self.ends.append({"x": placed[-1][0], "y": placed[-1][1], "colour": stroke})
        if dated:
            self._dates(left, top + self.tall)

    def x(self, value: float, left: float) -> float:
        low, high = self.span
        return round(left + self.wide * (value - low) / (high - low), 1)

    def y(self, value: float, top: float) -> float:
        return round(top + self.axis.place(value, self.tall, upwards=True), 1)

    def _heading(self, series: Series, left: float, top: float, colour: str) -> None:
        last = series.last
        value = self.shape.number(last.y, "y") if last and last.y is not None else self.shape.say(NO_DATA)
        wide = self.shape.bold.width(value)
        name = self.shape.bold.shorten(series.name, self.wide - wide - 8)
        at = top - _HEAD + 12
        # Where one is the page's own its name alone is bold, so that the accent is not all that tells it.
        self.words.append(word(left, at, name, colour, bold=series.own or not self.one_is_own))
        self.words.append(word(left + self.wide, at, value, colour, align="right", bold=series.own))

    def _grid(self, left: float, top: float, *, scaled: bool) -> None:
        for tick in self.axis.ticks:
            y = self.y(tick.value, top)
            role = "faint" if tick.value else "muted"
            self.rules.append({"x": left, "x2": left + self.wide, "y": y, "colour": self.shape.colour(role)})
            if scaled:
                self.words.append(word(left - 7, y, tick.label[0], self.shape.colour("muted"), align="right"))

    def _dates(self, left: float, bottom: float) -> None:
        first, last = (self._date(value) for value in self.span)
        muted = self.shape.colour("muted")
        self.words.append(word(left, bottom + 11, first, muted))
        if first != last:
            self.words.append(word(left + self.wide, bottom + 11, last, muted, align="right"))

    def _date(self, value: float) -> str:
        if self.shape.column("x").type not in ("date", "month"):
            return plain_x(value, self.shape)
        date = dt.date(1970, 1, 1) + dt.timedelta(days=int(value))
        return f"{self.shape.months[date.month - 1]} {date.year}"


MULTIPLES = Kind(
    "multiples", "One small panel a series, all on the same scales.", multiples, plan_multiples,
    (
        Role("x", "date, month or number"),
        Role("y", "number; a missing one is a gap"),
        Role("series", "text; one panel each, in the order given"),
        Role("own", "true for the page's own place, drawn in the accent", required=False),
    ),
    {"columns": Option("whole number", None, "panels in a row; by default what the width allows")},
    (RULES, ENDS, LABELS, EVENTS),
)  # fmt: skip
