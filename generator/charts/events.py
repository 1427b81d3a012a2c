"""Events on charts over time: a thin rule at the day, and what happened in few words above it.

Where the words of all events find room they stand at the rules; where they do not, all rules are numbered, as the
list below the figure is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from generator.charts.parts import LABELS, as_given, in_px, word
from generator.charts.scales import days, spread
from generator.charts.shape import Box, Plan, Shape
from generator.charts.text import LINE_HEIGHT

if TYPE_CHECKING:
    pass

EVENTS = "events"
"""The data of the rules: x, y, y2, colour and width, in px."""

_GAP = 5
"""Between a rule and its words, and the least between two words, px."""


class Event(Struct, frozen=True):
    """Something that happened on a day, in few words."""

    day: dt.date
    label: str


def rules() -> Any:
    """The layer of the rules."""
    import altair as alt

    return alt.Chart(alt.NamedData(EVENTS)).mark_rule().encode(
        x=in_px(alt.X, "x"), y=in_px(alt.Y, "y"), y2="y2:Q",
        stroke=as_given(alt.Stroke, "colour"), size=as_given(alt.Size, "width", "Q"),
    )  # fmt: skip


def with_events(plan: Plan, events: Sequence[Event], shape: Shape) -> Plan:
    """The plan with those of the events, in order of their days, that lie on its axis of time."""
    time = plan.timeline
    if time is None:
        return plan
    shown = [event for event in events if time.first <= days(event.day) <= time.last]
    if not shown:
        return replace(plan, data={**plan.data, EVENTS: []})
    drawn: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    left, top, right, bottom = plan.padding or (0.0, 0.0, 0.0, 0.0)
    alone = len(time.boxes) == 1
    above = 0.0
    for box in time.boxes:
        places = [round(time.place(event.day, box), 1) for event in shown]
        levels = _levels(places, [event.label for event in shown], box, left, shape) if alone else None
        if levels is None:
            levels = [0] * len(shown)
            written += _numbers(places, box, left, shape)
        else:
            written += [
                _words(x, box.top - _line(level + 0.5), event.label, left, shape)
                for x, event, level in zip(places, shown, levels, strict=True)
            ]
        for x, level in zip(places, levels, strict=True):
            # In panels the room above is the heading's.
            drawn += _rule(x, box.top - (_line(level) if alone else 0), box.top + box.tall, shape)
        above = _line(max(levels) + 1) if alone else 0.0
    # Some room is above the plotting area already, but half a line of that is the axis's.
    more = max(0.0, above - (top - LINE_HEIGHT / 2))
    return replace(
        plan,
        data={**plan.data, EVENTS: drawn, LABELS: [*plan.data[LABELS], *written]},
        padding=(left, top + more, right, bottom),
    )


def _line(number: float) -> float:
    """How far above the plotting area a line of words is, px."""
    return 2 + number * LINE_HEIGHT


def _rule(x: float, top: float, bottom: float, shape: Shape) -> list[dict[str, Any]]:
    """A thin line with an edge of paper, so that it is seen on every ground."""
    line = {"x": x, "y": round(top, 1), "y2": round(bottom, 1)}
    return [
        {**line, "colour": shape.colour("paper"), "width": 3},
        {**line, "colour": shape.colour("ink"), "width": 1},
    ]


def _levels(
    places: Sequence[float], labels: Sequence[str], box: Box, left: float, shape: Shape
) -> list[int] | None:
    """How many lines up the words of each event stand; None when there is no room for all of them.

    Words stand to the left of their rule, so that no later one runs through them.
    """
    most = 2 if shape.narrow else 3
    levels: list[int] = []
    ends = [float("-inf")] * most
    for index, (x, label) in enumerate(zip(places, labels, strict=True)):
        start, end = _span(x, label, left, shape)
        if end > max(x, box.left + box.wide) or any(start - 2 < other < end + 2 for other in places[index + 1 :]):
            return None
        level = next((level for level in range(most) if ends[level] <= start - _GAP), None)
        if level is None or any(x < ends[lower] for lower in range(level)):
            return None
        ends[level] = end
        levels.append(level)
    return levels


def _span(x: float, label: str, left: float, shape: Shape) -> tuple[float, float]:
    """Where the words of a rule begin and end: before it, or behind it where there is no room before."""
    wide = shape.metrics.width(label)
    return (x - _GAP - wide, x - _GAP) if x - _GAP - wide >= -left else (x + _GAP, x + _GAP + wide)


def _words(x: float, y: float, label: str, left: float, shape: Shape) -> dict[str, Any]:
    before = _span(x, label, left, shape)[0] < x
    ink = shape.colour("ink")
    return word(x - _GAP if before else x + _GAP, y, label, ink, align="right" if before else "left")


def _numbers(places: Sequence[float], box: Box, left: float, shape: Shape) -> list[dict[str, Any]]:
    """The events' numbers above their rules, moved apart where they would touch."""
    texts = [str(number) for number in range(1, len(places) + 1)]
    widths = [shape.bold.width(text) + 3 for text in texts]
    placed = spread(places, widths, box.left - min(left, 6), box.left + box.wide + 6)
    return [
        word(x, box.top - 8, text, shape.colour("ink"), align="center", bold=True)
        for x, text in zip(placed, texts, strict=True)
    ]
