"""The kinds that show many places as points: dots, scatter, slope."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from generator.charts.kind import Kind, Option, Role
from generator.charts.parts import (
    LABELS,
    Axis,
    as_given,
    axis_params,
    in_px,
    inside,
    linked,
    position,
    value_domain,
    word,
    words,
)
from generator.charts.scales import Tick, decimals_of, log_ticks, nice_ticks, spread
from generator.charts.shape import (
    NOTHING,
    ROWS,
    ChartError,
    Places,
    Plan,
    Shape,
    is_true,
    named_value,
    number_or_none,
)
from generator.charts.text import LINE_HEIGHT
from generator.frames import Frame, Scalar

if TYPE_CHECKING:
    import altair as alt

_RADIUS = 4.0
_OWN_RADIUS = 5.5
_MOST_PUSHED = 11.0
"""How far a name of a slope may stand from its line's end, px."""


def _circles(data: alt.NamedData, x: Any, y: Any) -> Any:
    import altair as alt

    return alt.Chart(data).mark_circle(opacity=1, aria=True).encode(
        x=x, y=y, fill=as_given(alt.Fill, "colour"), size=as_given(alt.Size, "size", "Q"),
        stroke=as_given(alt.Stroke, "stroke"), description="name:N", href=linked(),
    )  # fmt: skip


def _circle(shape: Shape, own: bool, name: str, key: Scalar) -> dict[str, Any]:
    radius = _OWN_RADIUS if own else _RADIUS
    return {
        "colour": shape.colour("accent" if own else "grey"),
        # A rim of paper keeps points apart where they overlap.
        "stroke": shape.colour("paper"),
        "size": round(math.pi * radius**2, 1),
        "name": name,
        "key": str(key or ""),
    }


def number_axis(values: Sequence[float], shape: Shape, column: str, *, log: bool, zero: bool, count: int) -> Axis:
    """An axis of numbers that begins and ends a little outside the values."""
    described = shape.column(column)
    if log:
        low, high = min(values) / 1.15, max(values) * 1.15
        ticks = log_ticks(low, high, count)
    else:
        low, high = value_domain(values, zero=zero)
        margin = (high - low) * 0.03
        low, high = (low if low == 0 and zero else low - margin), high + margin
        ticks = nice_ticks(low, high, count, whole=described.decimals == 0)
    decimals = decimals_of(ticks)
    labels = [Tick(t, (shape.number(t, column, decimals=0 if log and t >= 1 else decimals),)) for t in ticks]
    room = max((shape.metrics.width(tick.label[0]) for tick in labels), default=0.0) + 7
    return Axis((low, high), tuple(labels), room)


# Dots ---------------------------------------------------------------------------------------------------


def dots(data: alt.NamedData, shape: Shape) -> alt.TopLevelMixin:
    """One dot a place on one axis, the own one in the accent."""
    import altair as alt

    x = position("x", "x", shape, grid=True)
    chart = alt.layer(_circles(data, x, in_px(alt.Y, "y")), words()).add_params(*axis_params())
    return chart.properties(width=100, height=100, autosize="none")


def plan_dots(frame: Frame, shape: Shape) -> Plan:
    """Dots side by side where they would overlap; the own one and both extremes are named."""
    records = frame.records()
    known = [(row, v) for row in records if (v := number_or_none(row["value"])) is not None]
    if not known:
        raise ChartError(NOTHING)
    side = 10.0
    width = shape.width - 2 * side
    values = [value for _, value in known]
    axis = number_axis(
        values, shape, "value", log=False, zero=shape.options["zero"], count=4 if shape.narrow else 7
    )
    axis = inside(axis, width, shape, side, side)
    places = [axis.place(value, width) for value in values]
    offsets = _swarm(places, [is_true(row.get("own")) for row, _ in known])
    reach = math.ceil(max(_OWN_RADIUS, *(abs(offset) for offset in offsets)) + _RADIUS + 4)
    middle = reach
    rows, written = [], []
    for (row, value), offset in zip(known, offsets, strict=True):
        own = is_true(row.get("own"))
        name = named_value(shape, str(row["label"]), value)
        rows.append({"x": value, "y": round(middle + offset, 1), **_circle(shape, own, name, row.get("key"))})
    rows.sort(key=lambda row: row["size"])
    written = _dot_labels(known, places, shape, width, side)
    levels = max((entry["level"] for entry in written), default=0) + 1
    top = 6 + levels * LINE_HEIGHT
    for entry in written:
        entry["y"] = -(entry.pop("level") + 0.5) * LINE_HEIGHT - 2
    return Plan(
        {ROWS: rows, LABELS: written},
        {**axis.params("x"), "y_domain": [0, 1], "y_ticks": [], "y_labels": []},
        width,
        2 * reach,
        (side, top, side, 22),
        {str(row["key"]): named_value(shape, str(row["label"]), value) for row, value in known if row.get("key")},
        Places(
            _in_order(
                records, [row for row, _ in known], [(x, middle + y) for x, y in zip(places, offsets, strict=True)]
            )
        ),
    )


def _in_order(
    records: Sequence[Mapping[str, Scalar]],
    drawn: Sequence[Mapping[str, Scalar]],
    places: Sequence[tuple[float, ...]],
) -> list[tuple[float, ...]]:
    """A place for each record: that of the drawn one, none for those that are not drawn."""
    found = {id(row): place for row, place in zip(drawn, places, strict=True)}
    return [found.get(id(row), ()) for row in records]


def _swarm(places: Sequence[float], own: Sequence[bool]) -> list[float]:
    """Offsets from the middle line at which no two dots overlap; own dots stay on the line."""
    offsets = [0.0] * len(places)
    done: list[int] = []
    for i in sorted(range(len(places)), key=lambda n: (not own[n], places[n], n)):

        def gap(j: int, i: int = i) -> float:
            return (_OWN_RADIUS if own[i] else _RADIUS) + (_OWN_RADIUS if own[j] else _RADIUS) + 0.5

        near = [j for j in done if abs(places[i] - places[j]) < gap(j)]
        candidates = [0.0]
        for j in near:
            rise = math.sqrt(gap(j) ** 2 - (places[i] - places[j]) ** 2)
            candidates += [offsets[j] + rise, offsets[j] - rise]
        free = [
            c for c in candidates
            if all(math.hypot(places[i] - places[j], c - offsets[j]) >= gap(j) - 1e-6 for j in near)
        ]  # fmt: skip
        offsets[i] = min(free, key=lambda c: (abs(c), c))
        done.append(i)
    return offsets


def _dot_labels(
    known: Sequence[tuple[Mapping[str, Scalar], float]],
    places: Sequence[float],
    shape: Shape,
    width: float,
    side: float,
) -> list[dict[str, Any]]:
    """Names above the dots, the own first; a level higher where two would meet."""
    lowest = min(range(len(known)), key=lambda i: (places[i], i))
    highest = max(range(len(known)), key=lambda i: (places[i], -i))
    mine = [i for i, (row, _) in enumerate(known) if is_true(row.get("own"))]
    spans: list[tuple[float, float, int]] = []
    entries = []
    for i in dict.fromkeys([*mine, highest, lowest]):
        own = i in mine
        row, value = known[i]
        text = f"{row['label']} {shape.number(value, 'value')}"
        wide = (shape.bold if own else shape.metrics).width(text)
        start = min(max(places[i] - wide / 2, -side), width + side - wide)
        level = 0
        while any(at == level and start < b + 10 and start + wide > a - 10 for a, b, at in spans):
            level += 1
        spans.append((start, start + wide, level))
        entry = word(start, 0, text, shape.colour("accent" if own else "muted"), bold=own)
        entries.append({**entry, "level": level})
    return entries


# Scatter ------------------------------------------------------------------------------------------------


def scatter(data: alt.NamedData, shape: Shape) -> alt.TopLevelMixin:
    """Two numbers a place; the own one and the extremes are named."""
    import altair as alt

    x = position("x", "x", shape, grid=True, log=shape.options["x_log"])
    y = position("y", "y", shape, grid=True, log=shape.options["y_log"])
    chart = alt.layer(_circles(data, x, y), words()).add_params(*axis_params())
    return chart.properties(width=100, height=100, autosize="none")


def plan_scatter(frame: Frame, shape: Shape) -> Plan:
    """Points with both values; rows that lack one are left out."""
    options = shape.options
    records = frame.records()
    points = []
    for row in records:
        x, y = number_or_none(row["x"]), number_or_none(row["y"])
        if x is None or y is None:
            continue
        if (options["x_log"] and x <= 0) or (options["y_log"] and y <= 0):
            raise ChartError(
                f"{row['label']}: a logarithmic axis can't show {x:g} and {y:g}; both must be above zero"
            )
        points.append((row, x, y))
    if not points:
        raise ChartError("no row has both values; say in words that there is no figure")
    few = 4 if shape.narrow else 6
    axis_x = number_axis([p[1] for p in points], shape, "x", log=options["x_log"], zero=options["zero"], count=few)
    axis_y = number_axis([p[2] for p in points], shape, "y", log=options["y_log"], zero=options["zero"], count=5)
    left, right, top = axis_y.room, 12.0, 28.0
    width = shape.width - left - right
    height = 260.0 if shape.narrow else 380.0
    axis_x = inside(axis_x, width, shape, left, right)
    places = [
        (_at(axis_x, x, width, options["x_log"]), height - _at(axis_y, y, height, options["y_log"]))
        for _, x, y in points
    ]
    rows = [
        {"x": x, "y": y, **_circle(shape, is_true(row.get("own")), _pair_name(row, x, y, shape), row.get("key"))}
        for row, x, y in points
    ]
    rows.sort(key=lambda row: row["size"])
    titles = [
        word(-left, -top + 8, _axis_title(shape, "y"), shape.colour("muted")),
        word(width + right, height + 38, _axis_title(shape, "x"), shape.colour("muted"), align="right"),
    ]
    written = _point_labels([p[0] for p in points], places, shape, width + right, height)
    return Plan(
        {ROWS: rows, LABELS: titles + written},
        {**axis_x.params("x"), **axis_y.params("y")},
        width,
        height,
        (left, top, right, 46),
        {str(row["key"]): _pair_name(row, x, y, shape) for row, x, y in points if row.get("key")},
        Places(_in_order(records, [point[0] for point in points], places)),
    )


def _at(axis: Axis, value: float, length: float, log: bool) -> float:
    if not log:
        return axis.place(value, length)
    low, high = (math.log(bound) for bound in axis.domain)
    return length * (math.log(value) - low) / (high - low)


def _axis_title(shape: Shape, column: str) -> str:
    text = shape.column(column).label + (", logarithmic" if shape.options[f"{column}_log"] else "")
    return shape.metrics.shorten(f"↑ {text}" if column == "y" else f"{text} →", shape.width)


def _pair_name(
    row: Mapping[str, Scalar], x: float, y: float, shape: Shape, first: str = "x", second: str = "y"
) -> str:
    return (
        f"{row['label']}: {shape.column(first).label} {shape.number(x, first)}, "
        f"{shape.column(second).label} {shape.number(y, second)}"
    )


def _point_labels(
    rows: Sequence[Mapping[str, Scalar]],
    places: Sequence[tuple[float, float]],
    shape: Shape,
    right: float,
    height: float,
) -> list[dict[str, Any]]:
    """Names beside the own point and the extremes, where they touch no point and no other name."""
    mine = [i for i, row in enumerate(rows) if is_true(row.get("own"))]
    order = range(len(rows))
    extremes = [
        max(order, key=lambda i: (places[i][0], -i)), min(order, key=lambda i: (places[i][1], i)),
        max(order, key=lambda i: (places[i][0] / max(right, 1) - places[i][1] / height, -i)),
        min(order, key=lambda i: (places[i][0], i)), max(order, key=lambda i: (places[i][1], -i)),
    ]  # fmt: skip
    if shape.options["label"] == "own":
        extremes = []
    boxes = [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in places]
    written = []
    for i in dict.fromkeys([*mine, *extremes]):
        own = i in mine
        text = str(rows[i]["label"])
        wide = (shape.bold if own else shape.metrics).width(text)
        others = [box for j, box in enumerate(boxes) if j != i]
        # Farther off, where a name could be taken for another point's, only the own one is written.
        for x, y in _sides(places[i], wide)[: None if own else 4]:
            box = (x - 3, y - 9, x + wide + 3, y + 9)
            fits = box[0] >= 0 and box[2] <= right and box[1] >= -14 and box[3] <= height
            if fits and not any(_overlap(box, other) for other in others):
                break
        else:
            if not own:
                continue
            x, y = _sides(places[i], wide)[0 if places[i][0] + wide + 10 <= right else 1]
            box = (x, y - 7, x + wide, y + 7)
        boxes.append(box)
        written.append(word(x, y, text, shape.colour("accent" if own else "ink"), bold=own))
    return written


def _sides(place: tuple[float, float], wide: float) -> list[tuple[float, float]]:
    x, y = place
    return [
        (x + 9, y), (x - 9 - wide, y), (x - wide / 2, y - 14), (x - wide / 2, y + 14),
        (x + 7, y - 11), (x + 7, y + 11), (x - 7 - wide, y - 11), (x - 7 - wide, y + 11),
    ]  # fmt: skip


def _overlap(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


# Slope --------------------------------------------------------------------------------------------------


def slope(data: alt.NamedData, _shape: Shape) -> alt.TopLevelMixin:
    """Two values a place, joined by a line."""
    import altair as alt

    x, y = in_px(alt.X, "x"), in_px(alt.Y, "y")
    lines = alt.Chart(data).mark_line(aria=True).encode(
        x=x, y=y, detail="run:N", description="name:N", stroke=as_given(alt.Stroke, "colour"),
        size=as_given(alt.Size, "width"),
    )  # fmt: skip
    ends = alt.Chart(data).mark_circle(opacity=1, size=26).encode(x=x, y=y, fill=as_given(alt.Fill, "colour"))
    return alt.layer(lines, ends, words()).properties(width=100, height=100, autosize="none")


def plan_slope(frame: Frame, shape: Shape) -> Plan:
    """Rows with both values; labels on both sides, as many as fit, the own first, then the largest."""
    records = frame.records()
    pairs = []
    for row in records:
        before, after = number_or_none(row["before"]), number_or_none(row["after"])
        if before is not None and after is not None:
            pairs.append((row, before, after, is_true(row.get("own"))))
    if not pairs:
        raise ChartError("no row has both values; say in words that there is no figure")
    top, height = 22.0, 300.0
    low, high = value_domain([v for _, a, b, _ in pairs for v in (a, b)], zero=shape.options["zero"])
    axis = Axis((low, high), (), 0.0)
    ends = [(axis.place(a, height, upwards=True), axis.place(b, height, upwards=True)) for _, a, b, _ in pairs]
    named = _slope_names(pairs, ends, height)
    most = shape.width * 0.36
    left_words, left = _slope_side([(pairs[i], ends[i][0]) for i in named], "before", shape, most, height)
    right_words, right = _slope_side([(pairs[i], ends[i][1]) for i in named], "after", shape, most, height)
    # Room for headings longer than the names below them.
    left = max(left, shape.metrics.width(shape.column("before").label))
    right = max(right, shape.metrics.width(shape.column("after").label))
    width = min(shape.width - left - right, 420.0)
    rows = []
    for index in sorted(range(len(pairs)), key=lambda i: pairs[i][3]):
        row, before, after, own = pairs[index]
        look = {
            "colour": shape.colour("accent" if own else "grey"),
            "width": 2.4 if own else 1.2,
            "run": str(index),
            "name": _pair_name(row, before, after, shape, "before", "after"),
        }
        rows += [{"x": 0, "y": ends[index][0], **look}, {"x": width, "y": ends[index][1], **look}]
    for entry in right_words:
        entry["x"] += width
    heads = [
        word(0, -14, shape.column("before").label, shape.colour("muted"), align="right"),
        word(width, -14, shape.column("after").label, shape.colour("muted")),
    ]
    return Plan(
        {ROWS: rows, LABELS: heads + left_words + right_words},
        width=width,
        height=height,
        padding=(left, top, shape.width - left - width, 10),
        names={
            str(row["key"]): _pair_name(row, before, after, shape, "before", "after")
            for row, before, after, _ in pairs
            if row.get("key")
        },
        places=Places(_in_order(records, [pair[0] for pair in pairs], [(0, a, width, b) for a, b in ends])),
    )


def _slope_names(
    pairs: Sequence[tuple[Mapping[str, Scalar], float, float, bool]],
    ends: Sequence[tuple[float, float]],
    height: float,
) -> list[int]:
    """Which rows are named: the own, then the largest, as long as every name stays beside its line's end."""
    order = sorted(range(len(pairs)), key=lambda i: (not pairs[i][3], -max(pairs[i][1], pairs[i][2]), i))
    named: list[int] = []
    for i in order:
        tried = [*named, i]
        pushed = 0.0
        for side in (0, 1):
            wanted = [ends[j][side] for j in tried]
            placed = spread(wanted, [float(LINE_HEIGHT)] * len(tried), *_slope_bounds(height))
            pushed = max(pushed, *(abs(a - b) for a, b in zip(wanted, placed, strict=True)))
        if pushed <= _MOST_PUSHED or pairs[i][3]:
            named = tried
    return named


def _slope_bounds(height: float) -> tuple[float, float]:
    return -6, height + 8


def _slope_side(
    entries: Sequence[tuple[tuple[Mapping[str, Scalar], float, float, bool], float]],
    side: str,
    shape: Shape,
    most: float,
    height: float,
) -> tuple[list[dict[str, Any]], float]:
    """The labels of one side and the room they take."""
    centres = spread([at for _, at in entries], [float(LINE_HEIGHT)] * len(entries), *_slope_bounds(height))
    written, room = [], 0.0
    for ((row, before, after, own), _), y in zip(entries, centres, strict=True):
        value = shape.number(before if side == "before" else after, side)
        measure = shape.bold if own else shape.metrics
        label = measure.shorten(str(row["label"]), most - measure.width(value) - 12)
        text = f"{label} {value}" if side == "before" else f"{value} {label}"
        colour = shape.colour("accent" if own else "muted")
        x, align = (-8, "right") if side == "before" else (8, "left")
        key = str(row.get("key") or "") if side == "after" else None
        written.append(word(x, y, text, colour, align=align, bold=own, key=key))
        room = max(room, measure.width(text) + 10)
    return written, room


_LABEL = Role("label", "text, the place's name")
_KEY = Role("key", "key of the entity, for links", required=False)
_OWN = Role("own", "true for the page's own place, drawn in the accent", required=False)

DOTS = Kind(
    "dots", "One dot a place on one axis.", dots, plan_dots,
    (_LABEL, Role("value", "number; rows without are left out"), _KEY, _OWN),
    {"zero": Option("yes or no", True, "whether the axis begins at zero")}, (LABELS,),
)  # fmt: skip
SCATTER = Kind(
    "scatter", "Two numbers a place.", scatter, plan_scatter,
    (_LABEL, Role("x", "number"), Role("y", "number"), _KEY, _OWN),
    {
        "label": Option("choice", "extremes", "which points are named", ("extremes", "own")),
        "x_log": Option("yes or no", False, "whether x is logarithmic"),
        "y_log": Option("yes or no", False, "whether y is logarithmic"),
        "zero": Option("yes or no", True, "whether both axes begin at zero"),
    },
    (LABELS,),
)  # fmt: skip
SLOPE = Kind(
    "slope", "Before and after, one line a place.", slope, plan_slope,
    (_LABEL, Role("before", "number"), Role("after", "number"), _KEY, _OWN),
    {"zero": Option("yes or no", True, "whether the scale begins at zero")}, (LABELS,),
)  # fmt: skip
