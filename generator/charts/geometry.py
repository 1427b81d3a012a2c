"""Shapes of places for the map kind: TopoJSON or GeoJSON, already projected, into small polygons in px."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.charts.shape import ChartError
from generator.problems import one_of

Ring = list[list[float]]
_TOLERANCE = 0.4
"""How far, in px, a simplified border may be from the real one."""


def features(geometry: Mapping[str, Any], name: str | None) -> list[Mapping[str, Any]]:
    """The GeoJSON-like features of a FeatureCollection, or of one object of a topology.

    Coordinates of a topology come as lists of arcs; :func:`shapes` resolves them.
    """
    if geometry.get("type") == "Topology":
        objects = geometry.get("objects", {})
        if name is None and len(objects) == 1:
            name = next(iter(objects))
        if name not in objects:
            raise ChartError(f"feature: {name!r} is not in the geometry; it has {one_of(sorted(objects))}")
        found = objects[name]
        return [
            {"id": one.get("id"), "properties": one.get("properties") or {}, "geometry": one}
            for one in found.get("geometries", [found])
        ]
    if geometry.get("type") == "FeatureCollection":
        return list(geometry["features"])
    raise ChartError("the geometry must be a TopoJSON topology or a GeoJSON FeatureCollection")


def shapes(
    geometry: Mapping[str, Any], name: str | None, key: str | None, width: float
) -> tuple[dict[str, list[list[Ring]]], float]:
    """The polygons of each feature, in px of a drawing ``width`` wide, and the drawing's height.

    ``key`` is the property that holds a feature's key, otherwise its id. Detail finer than
    :data:`_TOLERANCE` is dropped, along shared borders in the same way on both sides.
    """
    found = features(geometry, name)
    raw_arcs = list(_absolute_arcs(geometry))
    rings = [(_key_of(one, key), list(_polygons(one["geometry"]))) for one in found]
    points = [
        p for _, polygons in rings for polygon in polygons for ring in polygon for p in _points(ring, raw_arcs)
    ]
    if not points:
        raise ChartError("the geometry has no polygons")
    left, top = min(p[0] for p in points), min(p[1] for p in points)
    across, down = max(p[0] for p in points) - left, max(p[1] for p in points) - top
    scale = (width - 2) / across

    def in_px(line: Sequence[Sequence[float]]) -> Ring:
        return _simplified([[1 + (x - left) * scale, 1 + (y - top) * scale] for x, y, *_ in line], _TOLERANCE)

    arcs = [in_px(arc) for arc in raw_arcs]
    placed: dict[str, list[list[Ring]]] = {}
    for feature_key, polygons in rings:
        whole = [[_ring(ring, arcs, in_px) for ring in polygon] for polygon in polygons]
        placed.setdefault(feature_key, []).extend(_visible(whole))
    return placed, math.ceil(down * scale + 2)


def _key_of(feature: Mapping[str, Any], key: str | None) -> str:
    value = (feature.get("properties") or {}).get(key) if key else feature.get("id")
    if value is None:
        raise ChartError(f"a feature of the geometry has no {key or 'id'}")
    return str(value)


def _polygons(geometry: Mapping[str, Any]) -> Iterator[Any]:
    coordinates = geometry.get("arcs", geometry.get("coordinates", []))
    if geometry.get("type") == "Polygon":
        yield coordinates
    elif geometry.get("type") == "MultiPolygon":
        yield from coordinates
    elif geometry.get("type") is not None:
        raise ChartError(f"a map is drawn from polygons; the geometry holds a {geometry['type']}")


def _absolute_arcs(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    transform = geometry.get("transform")
    for arc in geometry.get("arcs", ()):
        if not transform:
            yield [list(point[:2]) for point in arc]
            continue
        (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
        x = y = 0
        line = []
        for dx, dy, *_ in arc:
            x, y = x + dx, y + dy
            line.append([x * sx + tx, y * sy + ty])
        yield line


def _points(ring: Sequence[Any], arcs: Sequence[Ring]) -> Iterator[Sequence[float]]:
    for part in ring:
        if isinstance(part, int):
            yield from arcs[part if part >= 0 else ~part]
        else:
            yield part


def _ring(ring: Sequence[Any], arcs: Sequence[Ring], in_px: Any) -> Ring:
    if not ring or not isinstance(ring[0], int):
        return list(in_px(ring))
    line: Ring = []
    for part in ring:
        arc = arcs[part] if part >= 0 else arcs[~part][::-1]
        line += arc[1:] if line else arc
    return line


def _visible(polygons: list[list[Ring]]) -> list[list[Ring]]:
    """The polygons without islands smaller than a pixel; the largest one always stays."""
    sizes = [abs(_area(polygon[0])) for polygon in polygons]
    most = max(sizes, default=0.0)
    return [polygon for polygon, size in zip(polygons, sizes, strict=True) if size >= min(1.2, most)]


def _area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def _simplified(line: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker's line, rounded to a tenth of a px; both ends stay."""
    keep = [False] * len(line)
    if line:
        keep[0] = keep[-1] = True
    if len(line) > 3 and line[0] == line[-1]:
        # A closed line has no chord: cut it where it is farthest from its ends.
        far = max(range(len(line)), key=lambda i: (math.dist(line[0], line[i]), -i))
        keep[far] = True
        stack = [(0, far), (far, len(line) - 1)]
    else:
        stack = [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        distances = [_distance(line[i], line[first], line[last]) for i in range(first + 1, last)]
        worst = max(range(len(distances)), key=lambda i: (distances[i], -i))
        if distances[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            stack += [(first, middle), (middle, last)]
    return [[round(x, 1), round(y, 1)] for (x, y), kept in zip(line, keep, strict=True) if kept]


def _distance(point: Sequence[float], start: Sequence[float], end: Sequence[float]) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if not length:
        return math.dist(point, start)
    return abs(dy * (point[0] - start[0]) - dx * (point[1] - start[1])) / length
