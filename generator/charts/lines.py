"""The kinds whose x is time: line, area, stacked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from generator.charts.events import EVENTS, rules
from generator.charts.kind import Kind, Option, Role
from generator.charts.parts import (
    LABELS,
    Axis,
    Point,
    Series,
    as_given,
    axis_params,
    inside,
    position,
    read_series,
    runs,
    series_roles,
    time_axis,
    timeline,
    value_axis,
    word,
    words,
)
from generator.charts.scales import spread
from generator.charts.shape import NOTHING, ROWS, Box, ChartError, Places, Plan, Shape, number_or_none
from generator.charts.style import CATEGORIES
from generator.charts.text import LINE_HEIGHT
from generator.frames import Frame

if TYPE_CHECKING:
    import altair as alt

ENDS = "ends"
_DASH = [3, 3]
_TOP = 10
_GAP = 8
"""Between a line's end and its label, px."""


def _height(shape: Shape) -> float:
    return 190 if shape.narrow else 280


def line(data: alt.NamedData, shape: Shape) -> alt.TopLevelMixin:
    """Lines over time, labelled at their ends."""
    import altair as alt

    x, y = position("x", "x", shape, grid=False), position("y", "y", shape, grid=True)
    lines = (
        alt.Chart(data).mark_line(interpolate=_interpolation(shape), strokeCap="butt").encode(x=x, y=y, **_drawn())
    )
    return _layered([rules(), lines], x, y)


def area(data: alt.NamedData, shape: Shape) -> alt.TopLevelMixin:
    """Lines over time, filled down to zero."""
    import altair as alt

    x, y = position("x", "x", shape, grid=False), position("y", "y", shape, grid=True)
    base = alt.Chart(data)
    fills = base.mark_area(interpolate=_interpolation(shape), line=False).encode(
        x=x, y=y, y2="zero:Q", detail="run:N", fill=as_given(alt.Fill, "soft"),
        fillOpacity=as_given(alt.FillOpacity, "opacity", "Q"),
    )  # fmt: skip
    lines = base.mark_line(interpolate=_interpolation(shape), strokeCap="butt").encode(x=x, y=y, **_drawn())
    return _layered([fills, rules(), lines], x, y)


def stacked(data: alt.NamedData, shape: Shape) -> alt.TopLevelMixin:
    """Parts of a whole over time, one upon the other."""
    import altair as alt

    x, y = position("x", "x", shape, grid=False), position("y", "y", shape, grid=True)
    fills = alt.Chart(data).mark_area(interpolate=_interpolation(shape), line=False).encode(
        x=x, y=y, y2="y0:Q", detail="run:N", fill=as_given(alt.Fill, "colour"),
        # A hairline of paper keeps neighbours apart for those who cannot tell the colours.
        stroke=alt.value(shape.colour("paper")), strokeWidth=alt.value(0.8),
    )  # fmt: skip
    return _layered([fills, rules()], x, y)


def _interpolation(shape: Shape) -> Literal["step-after", "linear"]:
    return "step-after" if shape.options["step"] else "linear"


def _drawn() -> dict[str, Any]:
    import altair as alt

    return {
        "detail": "run:N",
        "stroke": as_given(alt.Stroke, "colour"),
        # Of a line, Vega-Lite takes the width from the size.
        "size": as_given(alt.Size, "width"),
        "strokeDash": as_given(alt.StrokeDash, "dash"),
    }


def _layered(marks: list[Any], x: Any, y: Any) -> alt.TopLevelMixin:
    import altair as alt

    ends = alt.Chart(alt.NamedData(ENDS)).mark_point(filled=True, opacity=1, strokeWidth=2).encode(
        x=x, y=y, fill=as_given(alt.Fill, "fill"), stroke=as_given(alt.Stroke, "colour"),
        size=as_given(alt.Size, "size", "Q"),
    )  # fmt: skip
    chart = alt.layer(*marks, ends, words()).add_params(*axis_params())
    return chart.properties(width=100, height=100, autosize="none")


def plan_line(frame: Frame, shape: Shape) -> Plan:
    """Lines: dashed where incomplete, cut where missing, labelled at their ends."""
    series = sorted(read_series(frame), key=lambda one: one.own)
    values = [point.y for one in series for point in one.points if point.y is not None]
    if not values:
        raise ChartError(NOTHING)
    zero = shape.options.get("zero", True)
    axis_y = value_axis(values, shape, "y", zero=zero, count=4 if shape.narrow else 5)
    roles = series_roles(series)
    height = _height(shape)
    labels = _end_labels(series, roles, shape, axis_y, height) if shape.options["labels"] == "last" else []
    right = max((row["wide"] for row in labels), default=0.0) + (_GAP + 2 if labels else 6)
    left = axis_y.room
    width = shape.width - left - right
    axis_x = inside(time_axis([p.x for one in series for p in one.points], shape, width), width, shape, left, right)
    end_x = {one.name: axis_x.place(one.last.x, width) for one in series if one.last}
    return Plan(
        data={
            ROWS: [row for one in series for row in _line_rows(one, roles[one.name], shape, len(series))],
            ENDS: _ends(series, roles, shape),
            LABELS: [
                word(end_x[row["series"]] + _GAP, row["y"], row["text"], row["colour"], bold=row["bold"])
                for row in labels
            ],
        },
        params={**axis_x.params("x"), **axis_y.params("y")},
        width=width,
        height=height,
        padding=(left, _TOP, right, axis_x.room),
        places=_places(frame, axis_x, axis_y, width, height),
        timeline=timeline(axis_x.domain, [Box(0, 0, width, height)], shape),
    )


def _places(frame: Frame, axis_x: Axis, axis_y: Axis, width: float, height: float) -> Places:
    """The point of each row; none where the value is missing."""
    pairs = [(number_or_none(row["x"]) or 0.0, number_or_none(row["y"])) for row in frame.records()]
    at = [() if y is None else (axis_x.place(x, width), axis_y.place(y, height, upwards=True)) for x, y in pairs]
    return Places(at, "x", (0, 0, height))


def _line_rows(series: Series, role: str, shape: Shape, count: int) -> list[dict[str, Any]]:
    """Rows of the paths of one series: whole ones solid, incomplete ends dashed."""
    quiet = role == "grey"
    look = {
        "colour": shape.colour(role),
        "soft": shape.colour("accent-soft" if role == "accent" and count == 1 else role),
        "opacity": 1 if role == "accent" and count == 1 else 0.15,
        "width": 1.3 if quiet else 2.2,
        "zero": 0,
    }
    rows = []
    monthly = shape.column("x").type == "month"
    for number, run in enumerate(runs(series, monthly=monthly)):
        for part, dashed in _dashed_parts(run, incomplete=shape.options["incomplete"]):
            name = f"{series.name}/{number}/{'dashed' if dashed else 'whole'}/{part[0].x}"
            dash = {"dash": _DASH if dashed else [1, 0]}
            rows += [{"x": p.x, "y": p.y, "run": name, **dash, **look} for p in part]
    return rows


def _dashed_parts(run: Sequence[Point], *, incomplete: bool) -> list[tuple[list[Point], bool]]:
    """A run cut into whole and incomplete stretches; an incomplete one begins at the last whole point."""
    parts: list[tuple[list[Point], bool]] = []
    for index, point in enumerate(run):
        dashed = incomplete and point.partial
        if parts and parts[-1][1] == dashed:
            parts[-1][0].append(point)
        elif index and dashed:
            parts.append(([run[index - 1], point], True))
        elif index:
            # From an incomplete point on to the next whole one the line is still uncertain.
            parts[-1][0].append(point)
            parts.append(([point], False))
        else:
            parts.append(([point], dashed))
    return parts


def _ends(series: Sequence[Series], roles: dict[str, str], shape: Shape) -> list[dict[str, Any]]:
    """A dot on each last point, and on each point that stands alone between gaps."""
    rows = []
    monthly = shape.column("x").type == "month"
    for one in series:
        colour = shape.colour(roles[one.name])
        alone = [run[0] for run in runs(one, monthly=monthly) if len(run) == 1]
        last = [one.last] if one.last and roles[one.name] != "grey" else []
        for point in dict.fromkeys([*alone, *last]):
            hollow = point.partial and shape.options["incomplete"]
            fill = shape.colour("paper") if hollow else colour
            rows.append({"x": point.x, "y": point.y, "fill": fill, "colour": colour, "size": 22})
    return rows


def _end_labels(
    series: Sequence[Series], roles: dict[str, str], shape: Shape, axis: Axis, height: float
) -> list[dict[str, Any]]:
    """The labels of the last points, moved apart; those that fit, the own first, then the highest."""
    most = shape.width * (0.3 if shape.narrow else 0.26)
    ended = [one for one in series if one.last is not None]
    ranked = sorted(ended, key=lambda one: (not one.own, -(one.last.y or 0.0) if one.last else 0.0, one.name))
    chosen: list[tuple[Series, list[str]]] = []
    room = height + _TOP
    named = [(one, _label_lines(one, shape, most)) for one in ranked]
    for fewer in (2, 1):
        # Colour alone would tell a line without a name, so each gets one, if only a shortened one.
        if "grey" not in roles.values() and sum(len(label) * LINE_HEIGHT + 2 for _, label in named) > room:
            named = [(one, _shortened(one, label, shape, most, fewer)) for one, label in named]
    for one, lines in named:
        if len(lines) * LINE_HEIGHT + 2 <= room and len(chosen) < 10:
            room -= len(lines) * LINE_HEIGHT + 2
            chosen.append((one, lines))
    wanted = [axis.place(one.last.y or 0.0, height, upwards=True) for one, _ in chosen if one.last]
    heights = [len(lines) * LINE_HEIGHT + 2.0 for _, lines in chosen]
    rows = []
    for (one, lines), centre in zip(chosen, spread(wanted, heights, -_TOP, height + 8), strict=True):
        role = roles[one.name]
        for index, text in enumerate(lines):
            y = centre + (index - (len(lines) - 1) / 2) * LINE_HEIGHT
            colour = shape.colour("muted" if role == "grey" else role)
            bold = role != "grey"
            wide = (shape.bold if bold else shape.metrics).width(text)
            rows.append({"series": one.name, "y": y, "text": text, "colour": colour, "bold": bold, "wide": wide})
    return rows


def _label_lines(series: Series, shape: Shape, most: float) -> list[str]:
    value = shape.number(series.last.y or 0.0, "y") if series.last else ""
    if not series.name:
        return [value]
    whole = f"{series.name} {value}"
    if shape.bold.width(whole) <= most:
        return [whole]
    *before, last = shape.bold.wrap(series.name, most)
    if shape.bold.width(f"{last} {value}") <= most:
        return [*before, f"{last} {value}"]
    return [*before, last, value]


def _shortened(series: Series, label: list[str], shape: Shape, most: float, lines: int) -> list[str]:
    """The lines of a label, or so many of them; the last one holds the value and of the name what it can."""
    if len(label) <= lines:
        return label
    value = shape.number(series.last.y or 0.0, "y") if series.last else ""
    words = shape.bold.wrap(series.name, most)
    rest = shape.bold.shorten(" ".join(words[lines - 1 :]), most - shape.bold.width(f" {value}"))
    return [*words[: lines - 1], f"{rest} {value}"]


def plan_stacked(frame: Frame, shape: Shape) -> Plan:
    """Bands in the order the series are given, the first at the bottom; labels at the right edge."""
    series = read_series(frame)
    if len(series) > len(CATEGORIES):
        raise ChartError(
            f"a stacked chart tells at most {len(CATEGORIES)} series apart; there are {len(series)}. "
            "Put the small ones together in the data."
        )
    if any((point.y or 0) < 0 for one in series for point in one.points):
        raise ChartError("a stacked chart adds its parts up; it can't show values below zero")
    bands = _bands(series, shape)
    if not bands:
        raise ChartError(NOTHING)
    tops = [row["y"] for row in bands]
    axis_y = value_axis(tops, shape, "y", zero=True, count=4 if shape.narrow else 5)
    height = _height(shape)
    labels = _band_labels(series, bands, shape, axis_y, height)
    right = max((row["wide"] for row in labels), default=0.0) + _GAP + 2
    left = axis_y.room
    width = shape.width - left - right
    axis_x = inside(time_axis([p.x for one in series for p in one.points], shape, width), width, shape, left, right)
    edges = {
        (row["of"], row["x"]): tuple(axis_y.place(row[edge], height, upwards=True) for edge in ("y0", "y"))
        for row in bands
    }
    at: list[tuple[float, ...]] = []
    for row in frame.records():
        days = number_or_none(row["x"]) or 0.0
        x, edge = axis_x.place(days, width), edges.get((str(row["series"] or ""), days))
        at.append((x, edge[0], x, edge[1]) if edge else ())
    return Plan(
        data={
            ROWS: bands,
            ENDS: [],
            LABELS: [word(width + _GAP, row["y"], row["text"], row["colour"], bold=row["bold"]) for row in labels],
        },
        params={**axis_x.params("x"), **axis_y.params("y")},
        width=width,
        height=height,
        padding=(left, _TOP, right, axis_x.room),
        places=Places(at, "x", (0, 0, height)),
        timeline=timeline(axis_x.domain, [Box(0, 0, width, height)], shape),
    )


def _bands(series: Sequence[Series], shape: Shape) -> list[dict[str, Any]]:
    """Lower and upper edge of each band at each x; a gap where any part is missing."""
    values = [{point.x: point.y for point in one.points} for one in series]
    xs = sorted({x for one in values for x in one})
    rows = []
    base = dict.fromkeys(xs, 0.0)
    whole = {x: all(one.get(x) is not None for one in values) for x in xs}
    for index, one in enumerate(series):
        run = 0
        for x in xs:
            value = values[index].get(x)
            if not whole[x] or value is None:
                run += 1
                continue
            top = base[x] + value
            colour = shape.colour(CATEGORIES[index])
            rows.append(
                {"x": x, "y": top, "y0": base[x], "run": f"{index}/{run}", "colour": colour, "of": one.name}
            )
            base[x] = top
    return rows


def _band_labels(
    series: Sequence[Series], bands: Sequence[dict[str, Any]], shape: Shape, axis: Axis, height: float
) -> list[dict[str, Any]]:
    most = shape.width * (0.3 if shape.narrow else 0.26)
    entries = []
    for index, one in enumerate(series):
        mine = [row for row in bands if row["of"] == one.name]
        if not mine or not one.last:
            continue
        middle = (mine[-1]["y"] + mine[-1]["y0"]) / 2
        lines = _label_lines(one, shape, most)
        entries.append((index, axis.place(middle, height, upwards=True), lines))
    placed = spread(
        [entry[1] for entry in entries],
        [len(entry[2]) * LINE_HEIGHT + 2.0 for entry in entries],
        -_TOP,
        height + 8,
    )
    rows = []
    for (index, _, lines), centre in zip(entries, placed, strict=True):
        for line_number, text in enumerate(lines):
            y = centre + (line_number - (len(lines) - 1) / 2) * LINE_HEIGHT
            colour = shape.colour(CATEGORIES[index])
            rows.append({"y": y, "text": text, "colour": colour, "bold": True, "wide": shape.bold.width(text)})
    return rows


_X = Role("x", "date, month or number; years are numbers of the unit year")
_Y = Role("y", "number; a missing one is a gap")
_OWN = Role("own", "true for the page's own place, drawn in the accent", required=False)
_SERIES = Role("series", "text; one line each", required=False)
_PARTIAL = Role("partial", "true where the period is incomplete, drawn dashed", required=False)
_ZERO = Option("yes or no", True, "whether the axis begins at zero")
_STEP = Option("yes or no", False, "steps instead of slopes, for stocks that change on a day")
_LABELS = Option("choice", "last", "what is written at the line's end", ("last", "none"))
_INCOMPLETE = Option("yes or no", True, "whether incomplete periods are drawn dashed")

LINE = Kind(
    "line", "Values over time as lines.", line, plan_line, (_X, _Y, _SERIES, _OWN, _PARTIAL),
    {"zero": _ZERO, "step": _STEP, "labels": _LABELS, "incomplete": _INCOMPLETE}, (ENDS, LABELS, EVENTS),
)  # fmt: skip
AREA = Kind(
    "area", "An amount over time, filled down to zero.", area, plan_line, (_X, _Y, _SERIES, _OWN, _PARTIAL),
    {"step": _STEP, "labels": _LABELS, "incomplete": _INCOMPLETE}, (ENDS, LABELS, EVENTS),
)  # fmt: skip
STACKED = Kind(
    "stacked", "Parts of a whole over time.", stacked, plan_stacked,
    (_X, _Y, Role("series", "text; one band each, the first at the bottom")),
    {"step": _STEP}, (ENDS, LABELS, EVENTS),
)  # fmt: skip
