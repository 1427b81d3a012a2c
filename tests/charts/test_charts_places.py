"""Tiles and maps: what has a place in the drawing, what has none, whose outline is drawn."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from chart_samples import GEOMETRY, KEY, LABEL, OWN, STYLE, VALUE, drawn, sample, square

from generator.charts import KINDS, ChartError, Shape, css_variables, standing_alone
from generator.frames import Column, Frame, Scalar

SVG = "{http://www.w3.org/2000/svg}"


def on_map(*rows: tuple[Scalar, ...], **options: Any) -> str:
    return drawn("map", Frame((KEY, LABEL, VALUE, OWN), rows), {"geometry": GEOMETRY, **options})


def test_a_map_may_show_the_places_of_its_rows_alone() -> None:
    svg = on_map(("a", "Ambridge", 3, False), ("b", "Borchester", 30, False), shapes="rows")
    assert "Ambridge: 3 loans" in svg
    assert "c: no data" not in svg
    assert "url(#fig-hatch)" not in svg


def test_a_row_without_a_shape_is_left_out_of_the_map() -> None:
    rows = [("a", "Ambridge", 3, False), ("zz", "Felpersham", 9, False), ("", "Penny Hassett", 9, False)]
    assert "Felpersham" not in on_map(*rows)
    kind, frame = KINDS["map"], Frame((KEY, LABEL, VALUE, OWN), tuple(rows))
    assert kind.left_out
    assert kind.left_out(frame, kind.ready(Shape(frame.columns, {"geometry": GEOMETRY}))) == (1, 2)


def test_rows_that_share_a_shape_colour_it_only_if_they_agree() -> None:
    kind = KINDS["map"]
    assert kind.left_out
    for values, left_out in (((4, 4), ()), ((4, 90), (1, 2)), ((None, None), ()), ((4, None), (1, 2))):
        shared = [("a", name, value, False) for name, value in zip(("Ambridge", "Borchester"), values, strict=True)]
        rows = (("b", "Felpersham", 50, False), *shared)
        frame = Frame((KEY, LABEL, VALUE, OWN), rows)
        options = {"geometry": GEOMETRY, "breaks": [10, 60]}
        assert kind.left_out(frame, kind.ready(Shape(frame.columns, options))) == left_out
        svg = drawn("map", frame, options)
        assert re.search(r"Ambridge: .*; Borchester: ", svg)
        named = next(
            node for node in ET.fromstring(svg).iter(f"{SVG}path") if "Ambridge" in "".join(node.itertext())
        )
        assert (named.get("fill", "none") == "none") == bool(left_out)


def test_a_geometry_for_other_places_is_refused() -> None:
    with pytest.raises(
        ChartError, match="a shape for none of the rows: their keys are like x, its own like a, b, c"
    ):
        on_map(("x", "Ambridge", 3, False))


def test_the_own_place_has_an_outline_that_stands_off_any_colour() -> None:
    svg = on_map(("a", "Ambridge", 3, True), ("b", "Borchester", 30, False))
    edges = re.findall(r'stroke="var\(--chart-(paper|accent)\)"', svg)
    assert edges == ["paper", "accent"]
    rows = (("am", "Ambridge", 3, 1, 1, True), ("bo", "Borchester", 30, 1, 2, False))
    columns = (KEY, LABEL, VALUE, Column("row", "", "key"), Column("col", "", "key"), OWN)
    assert re.findall(r'stroke="var\(--chart-(paper|accent)\)"', drawn("tiles", Frame(columns, rows))) == edges


def test_a_tile_without_a_place_is_left_out() -> None:
    columns = (KEY, LABEL, VALUE, Column("row", "", "key"), Column("col", "", "key"))
    rows = (("am", "Ambridge", 3, 1, 1), ("bo", "Borchester", 30, None, None))
    frame, kind = Frame(columns, rows), KINDS["tiles"]
    assert "Borchester" not in drawn("tiles", frame)
    assert kind.left_out
    assert kind.left_out(frame, kind.ready(Shape(columns))) == (1,)
    with pytest.raises(ChartError, match="no row says where its tile lies"):
        drawn("tiles", Frame(columns, rows[1:]))


@pytest.mark.parametrize(("kind", "stops"), [("tiles", False), ("map", False), ("bars", True), ("scatter", True)])
def test_the_tab_key_passes_hundreds_of_shapes_by(kind: str, stops: bool) -> None:
    data, options = sample(kind)
    key = str(data.rows[0][data.names.index("key")])
    svg = drawn(kind, data, options, links={key: "x/"})
    links = list(ET.fromstring(svg).iter(f"{SVG}a"))
    assert links
    assert all((link.get("tabindex") != "-1") == stops for link in links)


def test_many_shapes_are_areas_of_one_colour() -> None:
    places = [(f"{x}-{y}", x, y) for x in range(20) for y in range(20)]
    features = [{**square("", 10 * y, 10 * x), "id": key} for key, x, y in places]
    rows = tuple((key, key, x // 5, False) for key, x, _ in places)
    frame = Frame((KEY, LABEL, VALUE, OWN), rows)
    options = {"geometry": {"type": "FeatureCollection", "features": features}}
    kind = KINDS["map"]
    assert kind.apart
    assert kind.apart(frame, kind.ready(Shape(frame.columns, options)))
    assert not kind.apart(
        Frame(frame.columns, rows[:9]), kind.ready(Shape(frame.columns, {**options, "shapes": "rows"}))
    )
    paths = list(ET.fromstring(drawn("map", frame, options)).iter(f"{SVG}path"))
    assert len(paths) == 8  # four of the legend, four areas
    assert [node.findtext(f"{SVG}title") for node in paths[4:]] == ["0", "1", "2", "3"]


def test_a_drawing_alone_brings_its_colours() -> None:
    svg = standing_alone(drawn("map", *sample("map")), css_variables(STYLE))
    root = ET.fromstring(svg)
    style = root.find(f"{SVG}style")
    assert style is not None
    assert style.text
    used = set(re.findall(r"var\((--chart-[\w-]+)\)", svg))
    assert used
    assert all(f"{name}:" in style.text for name in used)
    assert "color-scheme:light dark" in style.text


def test_one_is_called_by_the_singular() -> None:
    column = Column("value", "Loans", "number", "loans", unit_one="loan")
    svg = drawn(
        "map", Frame((KEY, LABEL, column), (("a", "Ambridge", 1), ("b", "Borchester", 2))), {"geometry": GEOMETRY}
    )
    assert "Ambridge: 1 loan<" in svg
    assert "Borchester: 2 loans<" in svg
