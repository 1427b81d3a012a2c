"""The kind for amounts by name: bars, in the order given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.charts.kind import Kind, Option, Role
from generator.charts.parts import LABELS, as_given, in_px, word, words
from generator.charts.shape import ROWS, Places, Plan, Shape, is_true, named_value, number_or_none
from generator.frames import Frame, Scalar

if TYPE_CHECKING:
    import altair as alt

_ROW = 24
_BAR = 15
_STACKED_ROW = 40
_GAP = 6


def bars(data: alt.NamedData, _shape: Shape) -> alt.TopLevelMixin:
    """Horizontal bars from zero, names at the left, values at their ends."""
    import altair as alt

    rects = alt.Chart(data).mark_rect().encode(
        x=in_px(alt.X, "x"), x2="x2:Q", y=in_px(alt.Y, "y"), y2="y2:Q", fill=as_given(alt.Fill, "colour"),
    )  # fmt: skip
    return alt.layer(rects, words()).properties(width=100, height=100, autosize="none")


def plan_bars(frame: Frame, shape: Shape) -> Plan:
    """Names beside the bars, or above them where they would take more than two fifths of the width."""
    records = frame.records()
    labels = [str(row["label"]) for row in records]
    texts = [_value_text(row["value"], shape) for row in records]
    longest = max(shape.bold.width(label) for label in labels)
    above = longest > shape.width * 0.4
    left = 0.0 if above else longest + 10
    scale = _Scale(records, texts, shape, left)
    pitch = _STACKED_ROW if above else _ROW
    rects: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    spots: list[tuple[float, ...]] = []
    for index, row in enumerate(records):
        top = index * pitch + (18 if above else (pitch - _BAR) / 2)
        middle = top + _BAR / 2
        own = is_true(row.get("own"))
        ink, value = shape.colour("accent" if own else "ink"), number_or_none(row["value"])
        label = shape.bold.shorten(labels[index], shape.width)
        at = index * pitch + 8 if above else middle
        written.append(word(0, at, label, ink, bold=own, key=str(row.get("key") or "")))
        if value is None:
            written.append(word(scale.zero + _GAP, middle, texts[index], shape.colour("muted")))
            spots.append((scale.zero, middle))
            continue
        spots.append((scale.zero, middle, scale.place(value), middle))
        start, end = sorted((scale.zero, scale.place(value)))
        colour = shape.colour("accent" if own else "grey")
        rects.append({"x": start, "x2": max(end, start + 1), "y": top, "y2": top + _BAR, "colour": colour})
        side = scale.place(value) - _GAP if value < 0 else end + _GAP
        align = "right" if value < 0 else "left"
        written.append(word(side, middle, texts[index], ink, align=align, bold=own))
    height = len(records) * pitch
    # The line that bars start from does not run through names above the bars.
    spans = [(i * pitch + 18, i * pitch + 18 + _BAR) for i in range(len(records))] if above else [(0, height)]
    line = {"x": scale.zero - 0.5, "x2": scale.zero + 0.5, "colour": shape.colour("ink")}
    rects += [{**line, "y": start, "y2": end} for start, end in spans]
    names = {
        str(row["key"]): named_value(shape, str(row["label"]), row["value"]) for row in records if row.get("key")
    }
    return Plan(
        {ROWS: rects, LABELS: written},
        width=shape.width,
        height=height,
        padding=(0, 1, 0, 1),
        names=names,
        places=Places(spots, "y"),
    )


class _Scale:
    """Values to px, with room for the value labels on both sides."""

    def __init__(self, records: list[dict[str, Scalar]], texts: list[str], shape: Shape, left: float) -> None:
        pairs = list(zip((number_or_none(row["value"]) for row in records), texts, strict=True))
        known = [(value, shape.bold.width(text)) for value, text in pairs if value is not None]
        after = max((wide for value, wide in known if value >= 0), default=0.0) + _GAP + 2
        before = max((wide + _GAP + 2 for value, wide in known if value < 0), default=0.0)
        low = min(0.0, *(value for value, _ in known), 0.0)
        high = max(0.0, *(value for value, _ in known), 0.0)
        self._unit = (shape.width - left - before - after) / ((high - low) or 1.0)
        self.zero = round(left + before - low * self._unit, 1)

    def place(self, value: float) -> float:
        """Where a value is, px from the left."""
        return round(self.zero + value * self._unit, 1)


def _value_text(value: Scalar, shape: Shape) -> str:
    number = number_or_none(value)
    return shape.options["missing"] if number is None else shape.number(number, "value")


BARS = Kind(
    "bars", "Amounts by name, in the order given.", bars, plan_bars,
    (
        Role("label", "text, what the bar is called"),
        Role("value", "number; a missing one is said in words"),
        Role("key", "key of the entity, for links", required=False),
        Role("own", "true for the page's own place, drawn in the accent", required=False),
    ),
    {"missing": Option("word", "no data", "what is written for a missing value")}, (LABELS,),
)  # fmt: skip
