"""Where a drawing says that the rows of its table are: on the marks that show them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from chart_samples import GEOMETRY, KEY, LABEL, LOANS, MONTH, VALUE, drawn, frame, month, over_time, sample, square

from generator.charts import KINDS, Shape, compile_shape, draw
from generator.charts.reading import NUMBERED
from generator.frames import Column, Frame

ALL = sorted(KINDS)
SVG = "{http://www.w3.org/2000/svg}"
Point = tuple[float, ...]


def at(svg: str) -> list[Point]:
    """The places of the rows, as the page's script reads them."""
    lists = [part.split(" ") for part in (ET.fromstring(svg).get("data-at") or "").split(";")]
    return [tuple(float(cell) for cell in row if cell) for row in zip(*lists, strict=True)]


def by(svg: str) -> list[str]:
    return (ET.fromstring(svg).get("data-by") or "").split()


@dataclass
class Mark:
    """A painted path or circle: its name, its stroke or fill, its points on the drawing."""

    name: str
    paint: str
    points: list[Point]


def marks(svg: str) -> list[Mark]:
    def walk(node: Any, x: float, y: float, paint: str) -> Iterator[Mark]:
        if move := re.search(r"translate\((-?[\d.]+),(-?[\d.]+)\)", node.get("transform") or ""):
            x, y = x + float(move[1]), y + float(move[2])
        paint = node.get("stroke") or node.get("fill") or paint
        name = node.findtext(f"{SVG}title") or ""
        if node.tag == f"{SVG}circle":
            yield Mark(name, paint, [(x + float(node.get("cx")), y + float(node.get("cy")))])
        if node.tag == f"{SVG}path":
            yield Mark(name, paint, [(x + px, y + py) for px, py in _points(node.get("d"))])
        for child in node:
            yield from walk(child, x, y, paint)

    return list(walk(ET.fromstring(svg), 0, 0, ""))


def _points(path: str) -> Iterator[Point]:
    x = y = 0.0
    for command, numbers in re.findall(r"([MLlhHvVzZ])([^MLlhHvVzZ]*)", path):
        first, *second = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)] or [0.0]
        if command in "ML":
            x, y = first, second[0]
        elif command == "l":
            x, y = x + first, y + second[0]
        elif command in "hH":
            x = first + (x if command == "h" else 0)
        elif command in "vV":
            y = first + (y if command == "v" else 0)
        yield x, y


def near(one: Point, two: Point) -> bool:
    """The same, but for what rounding to tenths of px has added up to along a path."""
    return all(abs(a - b) <= 0.25 for a, b in zip(one, two, strict=True))


def marked(svg: str, place: Point, paint: str = "") -> bool:
    return any(near(place, point) for mark in marks(svg) if paint in mark.paint for point in mark.points)


def holds(points: list[Point], place: Point) -> bool:
    """Whether a polygon holds a point."""
    x, y = place
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return (
        sum((a[1] <= y) != (b[1] <= y) and x < a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]) for a, b in pairs)
        % 2
        == 1
    )


# --- each kind -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("width", [340, 680])
def test_every_row_has_a_place_on_the_drawing(kind: str, width: int) -> None:
    data, options = sample(kind)
    svg = drawn(kind, data, options, width=width)
    places, height = at(svg), float(ET.fromstring(svg).get("height") or 0)
    assert len(places) == len(data)
    for place in places:
        assert len(place) in (2, 4)
        assert all(0 <= x <= width for x in place[::2])
        assert all(0 <= y <= height for y in place[1::2])


@pytest.mark.parametrize("kind", ["line", "area", "multiples"])
@pytest.mark.parametrize("width", [340, 680])
def test_over_time_it_is_a_point_of_the_line(kind: str, width: int) -> None:
    data = over_time("Fiction", "Travel", "Children", own="Travel")
    svg = drawn(kind, data, width=width)
    for row, place in zip(data.rows, at(svg), strict=True):
        assert marked(svg, place, "accent" if row[2] == "Travel" else ""), row
    assert by(svg)[0] == "x"


@pytest.mark.parametrize("width", [340, 680])
def test_in_a_stack_it_is_from_the_lower_to_the_upper_edge_of_the_band(width: int) -> None:
    data = over_time("Fiction", "Travel", "Children")
    svg = drawn("stacked", data, width=width)
    bands = [mark for mark in marks(svg) if len(mark.points) > 40]
    assert len(bands) == 3
    for number, place in enumerate(at(svg)):
        x, low, x2, high = place
        assert x == x2
        assert low > high
        for edge in ((x, low), (x, high)):
            assert any(near(edge, point) for point in bands[number // 30].points)


@pytest.mark.parametrize("width", [340, 680])
def test_of_bars_it_is_from_the_start_to_the_end_of_the_bar(width: int) -> None:
    data, _ = sample("bars")
    svg = drawn("bars", data, width=width)
    bars = [mark.points for mark in marks(svg) if re.search("grey|accent", mark.paint)]
    for points, (x1, y1, x2, y2) in zip(bars, at(svg), strict=True):
        xs, ys = [x for x, _ in points], [y for _, y in points]
        middle = (min(ys) + max(ys)) / 2
        assert near((x1, y1, x2, y2), (min(xs), middle, max(xs), middle))
    assert by(svg) == ["y"]


@pytest.mark.parametrize("kind", ["dots", "scatter"])
@pytest.mark.parametrize("width", [340, 680])
def test_of_points_it_is_the_point_of_that_name(kind: str, width: int) -> None:
    data, options = sample(kind)
    svg = drawn(kind, data, options, width=width)
    named = {mark.name.split(":")[0]: mark.points[0] for mark in marks(svg) if mark.name}
    for row, place in zip(data.rows, at(svg), strict=True):
        assert near(place, named[str(row[data.names.index("label")])])


@pytest.mark.parametrize("width", [340, 680])
def test_of_a_slope_it_is_both_ends_of_the_line(width: int) -> None:
    data, options = sample("slope")
    svg = drawn("slope", data, options, width=width)
    named = {mark.name.split(":")[0]: mark.points for mark in marks(svg) if mark.name and len(mark.points) == 2}
    for row, place in zip(data.rows, at(svg), strict=True):
        (x1, y1), (x2, y2) = named[str(row[0])]
        assert near(place, (x1, y1, x2, y2))


@pytest.mark.parametrize("kind", ["tiles", "map"])
@pytest.mark.parametrize("width", [340, 680])
def test_of_areas_it_is_inside_the_one_of_that_name(kind: str, width: int) -> None:
    data, options = sample(kind)
    svg = drawn(kind, data, options, width=width)
    named = {mark.name.split(":")[0]: mark.points for mark in marks(svg) if mark.name}
    for row, place in zip(data.rows, at(svg), strict=True):
        assert holds(named[str(row[1])], place)


def test_a_place_that_winds_is_pointed_at_inside() -> None:
    hook = [[0, 0], [30, 0], [30, 30], [0, 30], [0, 20], [20, 20], [20, 10], [0, 10], [0, 0]]
    shape = {"type": "Feature", "id": "a", "geometry": {"type": "Polygon", "coordinates": [hook]}}
    geometry = {"type": "FeatureCollection", "features": [shape, square("b", 40, 0)]}
    svg = drawn("map", frame((KEY, LABEL, VALUE), ("a", "Ambridge", 3)), {"geometry": geometry})
    outline = next(mark.points for mark in marks(svg) if mark.name.startswith("Ambridge"))
    assert holds(outline, at(svg)[0])


def test_areas_bear_the_number_of_their_row_where_no_address_tells_it() -> None:
    data, options = sample("map")
    numbered = re.findall(r'<path[^>]* data-row="(\d)"[^>]*><title>(\w+)', drawn("map", data, options))
    assert numbered == [("0", "Ambridge"), ("1", "Borchester")]
    assert 'data-row="1"' in drawn("map", data, options, links={"a": "towns/a/"})
    assert "data-row" not in drawn("map", data, options, links={"a": "towns/a/", "b": "towns/b/"})


def test_rows_are_where_their_shapes_are_whatever_their_order() -> None:
    rows = (
        ("zz", "Felpersham", 9),
        ("b", "Borchester", 30),
        ("c", "Cap", 3),
        ("a", "Ambridge", 3),
        ("c", "Cup", 90),
    )
    svg = drawn("map", frame((KEY, LABEL, VALUE), *rows), {"geometry": GEOMETRY, "breaks": [10, 60]})
    assert [bool(place) for place in at(svg)] == [False, True, True, True, True]
    named = {mark.name.split(":")[0]: mark.points for mark in marks(svg) if mark.name}
    assert holds(named["Borchester"], at(svg)[1])
    assert holds(named["Ambridge"], at(svg)[3])
    numbered = re.findall(r'<path[^>]* data-row="(\d)"[^>]*><title>(\w+)', svg)
    assert numbered == [("1", "Borchester"), ("2", "Cap"), ("3", "Ambridge")]


def test_rows_without_a_tile_have_no_place() -> None:
    columns = (KEY, LABEL, VALUE, Column("row", "", "key"), Column("col", "", "key"))
    svg = drawn("tiles", frame(columns, ("bo", "Borchester", 30, None, None), ("am", "Ambridge", 3, 1, 1)))
    assert [bool(place) for place in at(svg)] == [False, True]


# --- what is not drawn ---------------------------------------------------------------------------------------------


def test_a_row_without_a_value_has_no_place() -> None:
    rows = [(month(i), None if i == 4 else 100 + i) for i in range(8)]
    places = at(drawn("line", Frame((MONTH, LOANS), tuple(rows))))
    assert [bool(place) for place in places] == [True] * 4 + [False] + [True] * 3
    data, _ = sample("dots")
    holed = Frame(data.columns, (data.rows[0], ("Nowhere", None, "no", False), *data.rows[1:]))
    assert [bool(place) for place in at(drawn("dots", holed))] == [True, False] + [True] * 6


def test_where_a_part_is_missing_the_whole_stack_has_no_place() -> None:
    rows = [
        (month(i), None if name == "Travel" and i == 1 else 5, name)
        for name in ("Fiction", "Travel")
        for i in range(3)
    ]
    places = at(drawn("stacked", Frame((MONTH, LOANS, Column("series", "Kind")), tuple(rows))))
    assert [bool(place) for place in places] == [True, False, True] * 2


def test_a_missing_bar_is_where_its_words_begin() -> None:
    places = at(drawn("bars", frame((LABEL, VALUE), ("Ambridge", 3), ("Borchester", None))))
    assert places[1][0] == places[0][0]
    assert len(places[1]) == 2


# --- charts of a story's own ---------------------------------------------------------------------------------------

DATA = frame((LABEL, VALUE, KEY), ("Ambridge", 3, "am"), ("Borchester", None, "bo"), ("Felpersham", 5, "fe"))


def own(make: Any, data: Frame = DATA) -> str:
    compiled = compile_shape(lambda rows, shape: make(rows), Shape(data.columns), name="own")
    return draw(compiled, data, id="f", title="T", description="D")


def test_bars_of_an_own_function_know_their_rows() -> None:
    import altair as alt

    across = own(lambda rows: alt.Chart(rows).mark_bar().encode(x="value:Q", y="label:N"))
    lengths = [place[2] - place[0] if place else 0 for place in at(across)]
    assert [round(length / max(lengths), 2) for length in lengths] == [0.6, 0, 1]
    assert by(across) == ["y"]
    upright = own(lambda rows: alt.Chart(rows).mark_bar().encode(y="value:Q", x="label:N"))
    assert [len(place) for place in at(upright)] == [4, 0, 4]
    assert by(upright)[0] == "x"


def test_lines_and_points_of_an_own_function_know_their_rows_in_every_panel() -> None:
    import altair as alt

    line = own(lambda rows: alt.Chart(rows).mark_line(point=True).encode(x="label:N", y="value:Q"))
    assert [bool(place) for place in at(line)] == [True, False, True]
    assert all(marked(line, place) for place in at(line) if place)
    assert by(line)[0] == "x"
    panels = own(lambda rows: alt.Chart(rows).mark_circle().encode(y="value:Q", column="key:N"))
    circles = [mark.points[0] for mark in marks(panels) if len(mark.points) == 1]
    assert [place for place in at(panels) if place]
    assert all(any(near(place, circle) for circle in circles) for place in at(panels) if place)


def test_rows_that_were_summed_up_have_no_place() -> None:
    import altair as alt

    svg = own(lambda rows: alt.Chart(rows).mark_bar().encode(x="sum(value):Q", y="key:N"))
    assert "data-at" not in svg
    svg = own(lambda rows: alt.Chart(rows).mark_text().encode(text="label:N"))
    assert "data-at" not in svg


def test_no_double_stays_in_the_drawing() -> None:
    import altair as alt

    def chart(rows: Any) -> Any:
        return alt.Chart(rows).mark_bar().encode(x="value:Q", y="label:N", description="label:N")

    svg = own(chart)
    assert NUMBERED not in svg
    assert "row 0" not in svg
    assert svg.count("<path") == 2
    assert own(chart) == svg
