"""Shapes in px: projected, fitted, simplified alike on both sides of a border, joined."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.charts import ChartError, Geometry
from generator.charts.geometry import Box, Layer

WIDE = Box(680, 490)
DEGREES = Box(680, 490, degrees=True)


def squares(*corners: tuple[float, float], side: float = 10) -> dict[str, Any]:
    """A FeatureCollection of squares, called by their number, each from its corner to the right and upwards in y."""

    def ring(x: float, y: float) -> list[list[float]]:
        return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]

    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": str(i), "geometry": {"type": "Polygon", "coordinates": [ring(*corner)]}}
            for i, corner in enumerate(corners)
        ],
    }


TOPOLOGY: dict[str, Any] = {
    "type": "Topology",
    "arcs": [
        [[10, 0], [10, 10]],  # the border between the two
        [[10, 10], [0, 10], [0, 0], [10, 0]],  # around the left one
        [[10, 0], [20, 0], [20, 10], [10, 10]],  # around the right one
    ],
    "objects": {
        "towns": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "id": "left", "arcs": [[0, 1]]},
                {"type": "Polygon", "id": "right", "arcs": [[2, -1]]},
            ],
        },
        "land": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "id": "all", "arcs": [[1, 2]]}]},
    },
}


def bounds(polygons: list[Any]) -> tuple[float, float, float, float]:
    xs = [x for rings in polygons for ring in rings for x, _ in ring]
    ys = [y for rings in polygons for ring in rings for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def area(ring: list[list[float]]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def test_shapes_fill_the_width_or_the_height_in_the_middle() -> None:
    wide = Geometry(squares((0, 0), (90, 0))).placed(Layer(), WIDE)
    assert wide.polygons["0"][0][0][0][0] == 1.5
    assert bounds(wide.polygons["1"])[2] == 678.5
    assert wide.height == 71
    tall = Geometry(squares((0, 0), (0, 90))).placed(Layer(), WIDE)
    assert tall.height == 490
    left, _, right, _ = bounds(tall.polygons["0"])
    assert left - 0 == pytest.approx(680 - right, abs=0.2)


def test_only_some_shapes_are_as_large_as_the_drawing_allows() -> None:
    geometry = Geometry(squares((0, 0), (90, 0)))
    left, top, right, bottom = bounds(geometry.placed(Layer(), WIDE, ["1"]).polygons["1"])
    assert (right - left, bottom - top) == (487, 487)


def test_degrees_are_drawn_with_north_up_and_areas_true() -> None:
    placed = Geometry(squares((10, 40), (30, 40), (10, 60), (30, 60), side=5)).placed(Layer(), DEGREES)
    south_west, south_east, north_west, north_east = (placed.polygons[str(i)] for i in range(4))
    assert bounds(north_west)[1] < bounds(south_west)[1]
    assert bounds(south_west)[1] == pytest.approx(bounds(south_east)[1], abs=0.2)
    assert bounds(north_west)[0] + bounds(north_east)[2] == pytest.approx(680, abs=0.5)

    def true(south: float) -> float:
        return math.sin(math.radians(south + 5)) - math.sin(math.radians(south))

    drawn = area(north_west[0][0]) / area(south_west[0][0])
    assert drawn == pytest.approx(true(60) / true(40), rel=0.02)


def test_a_region_on_both_sides_of_the_date_line_is_drawn_in_one_piece() -> None:
    placed = Geometry(squares((170, 50), (-180, 50), side=10)).placed(Layer(), DEGREES)
    assert bounds(placed.polygons["0"])[0] < bounds(placed.polygons["1"])[0]
    assert bounds(placed.polygons["1"])[0] == pytest.approx(bounds(placed.polygons["0"])[2], abs=12)


@given(st.floats(-170, 160), st.floats(-80, 70), st.floats(0.01, 9))
def test_any_place_on_earth_fits(west: float, south: float, side: float) -> None:
    placed = Geometry(squares((west, south), side=side)).placed(Layer(), DEGREES)
    left, top, right, bottom = bounds(placed.polygons["0"])
    assert 0 <= left <= right <= 680
    assert 0 <= top <= bottom <= placed.height <= 490


def test_neighbours_keep_one_border() -> None:
    wavy = [[10 + (i % 3) * 0.005, i / 10] for i in range(101)]
    topology = {**TOPOLOGY, "arcs": [[[10, 0], *wavy[1:-1], [10, 10]], *TOPOLOGY["arcs"][1:]]}
    placed = Geometry(topology).placed(Layer("towns"), WIDE)
    left, right = ({tuple(point) for point in placed.polygons[key][0][0]} for key in ("left", "right"))
    border = {point for point in left if 330 < point[0] < 350}
    assert border == {point for point in right if 330 < point[0] < 350}
    assert len(border) < 20


def test_places_of_one_colour_have_no_border_between_them() -> None:
    geometry = Geometry(TOPOLOGY)
    joined = geometry.merged(Layer("towns"), WIDE, {"s1": ["left", "right"]})
    assert bounds(joined.polygons["s1"]) == (1.5, 1.5, 678.5, 340.0)
    assert not any(100 < x < 600 for rings in joined.polygons["s1"] for ring in rings for x, _ in ring if x != 340)
    assert sum(area(ring) for rings in joined.polygons["s1"] for ring in rings) == pytest.approx(
        677 * 338.5, rel=0.01
    )
    apart = geometry.merged(Layer("towns"), WIDE, {"s1": ["left"], "s2": ["right"]})
    assert bounds(apart.polygons["s1"])[2] == bounds(apart.polygons["s2"])[0] == 340


def test_a_hole_stays_a_hole() -> None:
    """The middle of three by three squares has another colour: what is around it has two outlines."""
    topology = {
        "type": "Topology",
        "arcs": [
            [[0, 0], [30, 0], [30, 30], [0, 30], [0, 0]],
            [[10, 10], [10, 20], [20, 20], [20, 10], [10, 10]],
        ],
        "objects": {
            "t": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "id": "around", "arcs": [[0], [1]]},
                    {"type": "Polygon", "id": "inside", "arcs": [[-2]]},
                ],
            }
        },
    }
    geometry = Geometry(topology)
    assert len(geometry.merged(Layer(), WIDE, {"s1": ["around"], "s2": ["inside"]}).polygons["s1"]) == 2
    assert len(geometry.merged(Layer(), WIDE, {"s1": ["around", "inside"]}).polygons["s1"]) == 1


def test_borders_are_lines_of_their_own() -> None:
    placed = Geometry(TOPOLOGY).placed(Layer("towns"), WIDE, borders="land")
    assert len(placed.borders) == 2
    with pytest.raises(ChartError, match="borders: 'lands' is not in the geometry; it has land, towns"):
        Geometry(TOPOLOGY).placed(Layer("towns"), WIDE, borders="lands")


def test_equal_geometries_print_alike() -> None:
    assert repr(Geometry(squares((0, 0)))) == repr(Geometry(squares((0, 0))))
    assert repr(Geometry(squares((0, 0)))) != repr(Geometry(squares((0, 1))))


@pytest.mark.parametrize(
    ("raw", "layer", "box", "said"),
    [
        ({"type": "Point"}, Layer(), WIDE, "must be a TopoJSON topology or a GeoJSON"),
        (TOPOLOGY, Layer(), WIDE, "feature: the geometry has several objects; it has land, towns"),
        (TOPOLOGY, Layer("town"), WIDE, "feature: 'town' is not in the geometry"),
        (TOPOLOGY, Layer("towns", "code"), WIDE, "a feature of the geometry has no code"),
        (squares((0, 100)), Layer(), DEGREES, "degrees: the geometry's coordinates are no longitudes"),
        ({"type": "FeatureCollection", "features": []}, Layer(), WIDE, "has no polygons"),
        ({"type": "FeatureCollection"}, Layer(), WIDE, "is no TopoJSON or GeoJSON that can be read"),
        ({"type": "FeatureCollection", "features": ["a"]}, Layer(), WIDE, "is no TopoJSON or GeoJSON"),
        ({**TOPOLOGY, "arcs": []}, Layer("towns"), WIDE, "is no TopoJSON or GeoJSON that can be read"),
        (squares((0, 0), side=0), Layer(), WIDE, "have no area"),
    ],
)
def test_what_cannot_be_read_is_said(raw: Any, layer: Layer, box: Box, said: str) -> None:
    with pytest.raises(ChartError, match=said):
        Geometry(raw).placed(layer, box)
