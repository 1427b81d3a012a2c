"""Pieces that several kinds share: axes held by parameters, labels in px, the reading of series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.charts.scales import Tick, date_ticks, decimals_of, nice_ticks
from generator.charts.shape import Box, ChartError, Shape, Timeline, is_true, number_or_none
from generator.charts.style import CATEGORIES
from generator.frames import Frame

if TYPE_CHECKING:
    import altair as alt

LABELS = "labels"
"""Words at places in px: x, y, text, align, weight, colour."""


def axis_params() -> list[alt.Parameter]:
    """What a plan sets for two axes: domain, ticks and labels of each."""
    import altair as alt

    numbers = [alt.param(name=f"{axis}_{part}", value=[0, 1]) for axis in "xy" for part in ("domain", "ticks")]
    return numbers + [alt.param(name=f"{axis}_labels", value=["", ""]) for axis in "xy"]


def position(axis: str, field: str, shape: Shape, *, grid: bool, log: bool = False) -> Any:
    """The x or y channel on the plan's domain, with the plan's ticks."""
    import altair as alt

    zero = shape.colour("muted")
    return (alt.X if axis == "x" else alt.Y)(
        f"{field}:Q",
        scale=alt.Scale(
            type="log" if log else "linear", domain=alt.ExprRef(f"{axis}_domain"), nice=False, zero=False
        ),
        axis=alt.Axis(
            values=alt.ExprRef(f"{axis}_ticks"),
            labelExpr=f"{axis}_labels[indexof({axis}_ticks, datum.value)]",
            labelOverlap=False,
            # Vega thins out even the ticks it is given, down to this count.
            tickCount=100,
            labelFlush=False,
            labelLineHeight=14,
            title=None,
            grid=grid,
            ticks=axis == "x",
            tickColor=shape.colour("grey"),
            # The line that marks are measured from is darker than the others.
            gridColor=alt.condition("datum.value === 0", alt.value(zero), alt.value(shape.colour("faint"))),
        ),
    )


def in_px(channel: Any, field: str) -> Any:
    """A position the plan has worked out in px."""
    return channel(f"{field}:Q", scale=None, axis=None)


def as_given(channel: Any, field: str, type: str = "N") -> Any:
    """A colour, width or dash the plan has chosen."""
    return channel(f"{field}:{type}", scale=None, legend=None)


def linked() -> Any:
    """The mark's link, where :func:`generator.charts.draw` has given its row one."""
    import altair as alt

    return alt.HrefValue(alt.ExprRef("datum.href"))


def words() -> Any:
    """The layer of all labels a plan places."""
    import altair as alt

    chart = alt.Chart(alt.NamedData(LABELS)).mark_text(
        baseline="middle", align=alt.ExprRef("datum.align"), fontWeight=alt.ExprRef("datum.bold ? 600 : 400")
    )
    return chart.encode(
        x=in_px(alt.X, "x"),
        y=in_px(alt.Y, "y"),
        text="text:N",
        color=as_given(alt.Color, "colour"),
        href=linked(),
    )


def word(
    x: float, y: float, text: str, colour: str, *, align: str = "left", bold: bool = False, key: str | None = None
) -> dict[str, Any]:
    """One row of :data:`LABELS`."""
    row: dict[str, Any] = {"x": round(x, 1), "y": round(y, 1), "text": text, "colour": colour, "align": align}
    row["bold"] = bold
    if key is not None:
        row["key"] = key
    return row


class Point(Struct, frozen=True):
    """One value of a series; ``x`` in days or in the column's own numbers."""

    x: float
    y: float | None
    partial: bool


class Series(Struct, frozen=True):
    """A named run of points in order of x."""

    name: str
    points: tuple[Point, ...]
    own: bool

    @property
    def last(self) -> Point | None:
        """The last point with a value."""
        return next((point for point in reversed(self.points) if point.y is not None), None)


def read_series(frame: Frame) -> list[Series]:
    """The frame's rows by series, in order of first appearance.

    Raises ChartError for a cell of x that is missing or text, and for two rows with one x in one series.
    """
    found: dict[str, list[Point]] = {}
    own: dict[str, bool] = {}
    for row in frame.records():
        name = str(row.get("series") or "")
        x = number_or_none(row["x"])
        if x is None:
            raise ChartError(f"x is {row['x']!r}; it must be a date, a month or a number in every row")
        point = Point(x, number_or_none(row["y"]), is_true(row.get("partial")))
        found.setdefault(name, []).append(point)
        own[name] = own.get(name, False) or is_true(row.get("own"))
    for name, points in found.items():
        if len({point.x for point in points}) < len(points):
            raise ChartError(f"two rows have one x in the series {name!r}")
    return [
        Series(name, tuple(sorted(points, key=lambda point: point.x)), own[name]) for name, points in found.items()
    ]


def series_roles(series: Sequence[Series]) -> dict[str, str]:
    """The colour role of each series: the own in the accent; the rest grey, or categories without an own."""
    if len(series) == 1:
        return {series[0].name: "accent"}
    if any(one.own for one in series) or len(series) > len(CATEGORIES):
        return {one.name: "accent" if one.own else "grey" for one in series}
    return {one.name: CATEGORIES[index] for index, one in enumerate(series)}


def value_domain(values: Sequence[float], *, zero: bool) -> tuple[float, float]:
    """From the lowest to the highest value, with zero when wanted, never empty."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return (low, low + 1.0) if zero else (low - 1.0, low + 1.0)
    return low, high


class Axis(Struct, frozen=True):
    """An axis worked out: its domain, its ticks, the width or height its labels take in px."""

    domain: tuple[float, float]
    ticks: tuple[Tick, ...]
    room: float

    def params(self, axis: str) -> dict[str, Any]:
        """The values of the parameters of :func:`axis_params`."""
        return {
            f"{axis}_domain": list(self.domain),
            f"{axis}_ticks": [tick.value for tick in self.ticks],
            f"{axis}_labels": [list(tick.label) if len(tick.label) > 1 else tick.label[0] for tick in self.ticks],
        }

    def place(self, value: float, length: float, *, upwards: bool = False) -> float:
        """Where a value is, in px from the left (or, upwards, from the top)."""
        low, high = self.domain
        share = (value - low) / (high - low)
        return length * (1 - share if upwards else share)


def value_axis(values: Sequence[float], shape: Shape, column: str, *, zero: bool, count: int) -> Axis:
    """A vertical axis of numbers."""
    described = shape.column(column)
    low, high = value_domain(values, zero=zero)
    ticks = nice_ticks(low, high, count, whole=described.decimals == 0)
    if not zero and ticks:
        # A cut axis begins at a gridline, so that its first label says where it is cut.
        step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
        low = ticks[0] if ticks[0] <= low else round(ticks[0] - step, 10)
        ticks = ticks if ticks[0] == low else [low, *ticks]
    decimals = decimals_of(ticks)
    labels = [Tick(tick, (shape.number(tick, column, decimals=decimals),)) for tick in ticks]
    room = max((shape.metrics.width(tick.label[0]) for tick in labels), default=0.0) + 7
    return Axis((low, high), tuple(labels), room)


def time_axis(xs: Sequence[float], shape: Shape, width: float) -> Axis:
    """A horizontal axis of dates, or of numbers when x is one; ``width`` in px."""
    low, high = min(xs), max(xs)
    column = shape.column("x")
    if column.type in ("date", "month"):
        first, last = (dt.date(1970, 1, 1) + dt.timedelta(days=int(value)) for value in (low, high))
        if low == high:
            tick = Tick(low, (f"{shape.months[first.month - 1]} {first.year}",))
            return Axis((low - 15, high + 15), (tick,), 22)
        ticks = date_ticks(first, last, width, shape.metrics.width, shape.months)
        return Axis((low, high), tuple(ticks), 36 if any(len(t.label) > 1 for t in ticks) else 22)
    if low == high:
        return Axis((low - 1, high + 1), (Tick(low, (plain_x(low, shape),)),), 22)
    numbers = nice_ticks(low, high, 4 if shape.narrow else 8, whole=column.decimals == 0)
    return Axis((low, high), tuple(Tick(value, (plain_x(value, shape),)) for value in numbers), 22)


def timeline(domain: tuple[float, float], boxes: Sequence[Box], shape: Shape) -> Timeline | None:
    """The axis of time, when x is one."""
    if shape.column("x").type not in ("date", "month"):
        return None
    return Timeline(*domain, tuple(boxes))


def plain_x(value: float, shape: Shape) -> str:
    """A number of a horizontal axis; a column of the unit "year" has no separators."""
    if shape.column("x").unit == "year":
        return str(int(value))
    return shape.number(value, "x")


def inside(axis: Axis, width: float, shape: Shape, left: float, right: float) -> Axis:
    """The axis without the ticks whose centred labels would leave the drawing."""
    kept = []
    for tick in axis.ticks:
        half = max(shape.metrics.width(line) for line in tick.label) / 2
        at = axis.place(tick.value, width)
        if at - half >= -left and at + half <= width + right:
            kept.append(tick)
    return Axis(axis.domain, tuple(kept), axis.room)


def runs(series: Series, *, monthly: bool) -> list[list[Point]]:
    """The series cut where values are missing; in monthly series also where months have no row."""
    gaps = [b.x - a.x for a, b in zip(series.points, series.points[1:], strict=False)]
    usual = sorted(gaps)[len(gaps) // 2] if gaps else 0.0
    cut: list[list[Point]] = [[]]
    for index, point in enumerate(series.points):
        if index and monthly and gaps[index - 1] > 1.5 * usual:
            cut.append([])
        if point.y is None:
            cut.append([])
        else:
            cut[-1].append(point)
    return [run for run in cut if run]
