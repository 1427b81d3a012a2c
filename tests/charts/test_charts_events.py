"""Events on charts over time: at their day, told in words or by number, never one upon the other."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from chart_samples import LOANS, OWN, STYLE, month, over_time
from test_charts_reading import at

from generator.charts import KINDS, Event, Shape, compile_shape, draw
from generator.charts.text import metrics
from generator.frames import Column, Frame

SVG = "{http://www.w3.org/2000/svg}"
TIMED = ("line", "area", "stacked", "multiples")
FLOOD = Event(month(10), "Flood")


def drawn(kind: str, events: Sequence[Event], *, width: int = 680, data: Frame | None = None) -> str:
    data = data or over_time("Fiction", "Travel", "Children")
    compiled = compile_shape(KINDS[kind], Shape(data.columns, {}, width, STYLE), name=kind)
    return draw(compiled, data, id="fig", title="T", description="D", events=events)


def _corner(svg: str) -> tuple[float, float]:
    move = re.search(r"translate\(([\d.]+),([\d.]+)\)", svg)
    assert move
    return float(move[1]), float(move[2])


def rules(svg: str) -> list[tuple[float, float, float]]:
    """x, upper and lower end of each rule of an event, on the drawing."""
    left, top = _corner(svg)
    return [
        (left + float(node.get("x1", "0")), top + float(node.get("y1", "0")), top + float(node.get("y2", "0")))
        for parent in ET.fromstring(svg).iter()
        for node in parent
        if node.tag == f"{SVG}line" and "ink" in (node.get("stroke") or parent.get("stroke") or "")
    ]


def words(svg: str) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right and bottom of each text in the drawing."""
    left, top = _corner(svg)
    boxes = {}
    for parent in ET.fromstring(svg).iter():
        for node in parent:
            if node.tag != f"{SVG}text" or node.get("transform"):
                continue
            text = "".join(node.itertext())
            given = {**parent.attrib, **node.attrib}
            wide = metrics(STYLE, bold=given.get("font-weight") == "600").width(text)
            x, y = left + float(node.get("x", "0")), top + float(node.get("y", "0"))
            start = x - {"end": wide, "middle": wide / 2}.get(given.get("text-anchor", ""), 0.0)
            boxes[text] = (start, y - 9, start + wide, y + 2)
    return boxes


@pytest.mark.parametrize("kind", TIMED)
@pytest.mark.parametrize("width", [340, 680])
def test_a_rule_is_where_its_day_is(kind: str, width: int) -> None:
    svg = drawn(kind, [FLOOD], width=width)
    panels = 3 if kind == "multiples" else 1
    data = over_time("Fiction", "Travel", "Children")
    places = [place[0] for row, place in zip(data.rows, at(svg), strict=True) if row[0] == FLOOD.day]
    assert len(rules(svg)) == panels
    for (x, high, low), place in zip(rules(svg), places[:panels], strict=True):
        assert abs(x - place) < 0.2
        assert low - high > 70


@pytest.mark.parametrize("width", [340, 680])
def test_few_events_are_told_in_words_that_nothing_runs_through(width: int) -> None:
    events = [Event(month(8), "Flood"), Event(month(20), "New building"), Event(month(26), "Fair")]
    svg = drawn("line", events, width=width)
    boxes = words(svg)
    assert {"Flood", "New building", "Fair"} <= set(boxes)
    _apart(svg, [boxes[event.label] for event in events], width)


@pytest.mark.parametrize("kind", TIMED)
@pytest.mark.parametrize("width", [340, 680])
def test_many_events_are_numbered(kind: str, width: int) -> None:
    events = [Event(month(20) + dt.timedelta(days=9 * n), f"What happened as number {n}") for n in range(6)]
    svg = drawn(kind, events, width=width)
    boxes = words(svg)
    assert not any(text.startswith("What") for text in boxes)
    assert {"1", "2", "3", "4", "5", "6"} <= set(boxes)
    if kind != "multiples":
        _apart(svg, [boxes[str(number)] for number in range(1, 7)], width, crossed=True)


def _apart(svg: str, boxes: Sequence[tuple[float, ...]], width: int, *, crossed: bool = False) -> None:
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= width
        assert top >= 0
        assert crossed or not any(left < x < right and high < bottom and low > top for x, high, low in rules(svg))
    for one, two in combinations(boxes, 2):
        assert one[2] <= two[0] + 0.2 or two[2] <= one[0] + 0.2 or one[3] <= two[1] or two[3] <= one[1]
    others = [box for text, box in words(svg).items() if box not in boxes]
    for one in boxes:
        assert not any(
            one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3] for two in others
        )


def test_events_beyond_the_axis_are_not_drawn() -> None:
    plain = drawn("area", [])
    assert (
        drawn(
            "area",
            [Event(month(0) - dt.timedelta(days=1), "Before"), Event(month(29) + dt.timedelta(days=1), "After")],
        )
        == plain
    )
    assert rules(plain) == []


def test_without_days_there_is_nothing_to_draw_them_at() -> None:
    years = Column("x", "Year", "number", "year")
    data = Frame((years, LOANS, OWN), tuple((2000 + n, 10.0 * n, True) for n in range(5)))
    assert drawn("line", [FLOOD], data=data) == drawn("line", [], data=data)


def test_the_words_of_an_event_stay_words() -> None:
    svg = drawn("line", [Event(month(20), "</text><script>1 & 2")])
    assert "<script" not in svg
    assert "</text><script>1 & 2" in words(svg)
