"""Shapes of places for the map kind: TopoJSON or GeoJSON into small polygons in px.

A geometry is projected already, y downwards, or in degrees; those are drawn equal-area about their own middle.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise
from typing import Any

from msgspec import Struct

from generator.charts.shape import ChartError
from generator.problems import one_of

Ring = list[list[float]]
Point = Sequence[float]
_TOLERANCE = 0.5
"""How far, in px, a simplified border may be from the real one."""
_ISLAND = 1.2
"""Parts of a place that are smaller, in square px, are not drawn; its largest always is."""
_SPECK = 0.3
"""The same where many places are drawn as one area: a town among regions may be as small."""
_MARGIN = 1.5
"""Room for the strokes at the edges, in px."""


class Layer(Struct, frozen=True):
    """Which shapes of a geometry: the object of a topology, and the property that holds a shape's key."""

    feature: str | None = None
    feature_key: str | None = None


class Box(Struct, frozen=True):
    """Where shapes are to be put: so wide and at most so high, in px; ``degrees`` as of the geometry."""

    width: float
    height: float
    degrees: bool = False


class Placed(Struct, frozen=True):
    """Shapes in px: the polygons of each place by key, border lines, and the height that they take."""

    polygons: Mapping[str, list[list[Ring]]]
    borders: list[Ring]
    height: float


class Geometry:
    """The shapes of a story's file, read once. Equal files print alike, so that drawings can be told apart."""

    def __init__(self, raw: Mapping[str, Any] | Callable[[], Mapping[str, Any]], digest: str = "") -> None:
        """``raw`` may be what reads the file; ``digest`` is then that of the file."""
        self._raw = raw
        self._digest = digest
        self._layers: dict[Layer, dict[str, list[Any]]] = {}
        self._placed: dict[Any, Placed] = {}

    @cached_property
    def raw(self) -> Mapping[str, Any]:
        return self._raw() if callable(self._raw) else self._raw

    @cached_property
    def digest(self) -> str:
        return self._digest or hashlib.sha256(json.dumps(self.raw, sort_keys=True).encode()).hexdigest()

    def __repr__(self) -> str:
        return f"Geometry({self.digest})"

    def placed(
        self, layer: Layer, box: Box, only: Iterable[str] | None = None, borders: str | None = None
    ) -> Placed:
        """The shapes, or ``only`` some of them, as large as the box allows.

        Detail finer than :data:`_TOLERANCE` is dropped, along shared borders in the same way on both sides.
        ``borders`` names an object of the topology whose outlines come as lines. Raises ChartError.
        """
        found = self.shapes(layer)
        if only is not None:
            return self._fitted({key: found[key] for key in only}, box, borders)
        if (layer, box, borders) not in self._placed:
            self._placed[layer, box, borders] = self._fitted(found, box, borders)
        return self._placed[layer, box, borders]

    def merged(
        self, layer: Layer, box: Box, groups: Mapping[str, Iterable[str]], borders: str | None = None
    ) -> Placed:
        """The shapes of each group as one, without the borders inside of it, by the group's name.

        Raises ChartError.
        """
        found = self.shapes(layer)
        joined = {
            name: [[ring] for ring in self._joined(ring for key in keys for rings in found[key] for ring in rings)]
            for name, keys in groups.items()
        }
        return self._fitted(joined, box, borders, least=_SPECK)

    def _fitted(
        self, shapes: Mapping[str, Sequence[Any]], box: Box, borders: str | None, least: float = _ISLAND
    ) -> Placed:
        with _understood():
            parts = [part for polygons in shapes.values() for rings in polygons for ring in rings for part in ring]
            lines = {
                number: self._arcs[number] for number in {_arc(part) for part in parts if isinstance(part, int)}
            }
            points = [point for line in lines.values() for point in line]
            points += [part for part in parts if not isinstance(part, int)]
            if not points:
                raise ChartError("the geometry has no polygons")
            project = _equal_area(points) if box.degrees else _as_it_is
            fit = _Fit([project(point) for point in points], box)

            def in_px(line: Iterable[Point]) -> Ring:
                return _simplified([fit(project(point)) for point in line], _TOLERANCE)

            arcs = {number: in_px(line) for number, line in lines.items()}
            polygons = {
                key: _visible([[_ring(ring, arcs, in_px) for ring in rings] for rings in whole], least)
                for key, whole in shapes.items()
            }
            edges = self._edges(borders) if borders else []
            drawn = [arcs[number] if number in arcs else in_px(self._arcs[number]) for number in edges]
        return Placed(polygons, [line for line in drawn if len(line) > 1], fit.height)

    def _joined(self, rings: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The outline of polygons that touch: an arc that is followed both ways is a border inside, and goes."""
        arcs: dict[int, None] = {}
        for ring in rings:
            if ring and not isinstance(ring[0], int):
                yield ring  # GeoJSON does not say what is shared
                continue
            for part in ring:
                if ~part in arcs:
                    del arcs[~part]
                else:
                    arcs[part] = None
        starts: dict[tuple[float, ...], list[int]] = {}
        for part in arcs:
            starts.setdefault(tuple(self._ends(part)[0]), []).append(part)
        for first in list(arcs):
            if first not in arcs:
                continue
            ring, part = [], first
            while part in arcs:
                del arcs[part]
                ring.append(part)
                following = [one for one in starts.get(tuple(self._ends(part)[1]), ()) if one in arcs]
                part = following[0] if following else part
            yield ring

    def _ends(self, part: int) -> tuple[Point, Point]:
        line = self._arcs[_arc(part)]
        return (line[0], line[-1]) if part >= 0 else (line[-1], line[0])

    def shapes(self, layer: Layer) -> Mapping[str, Sequence[Any]]:
        """Key → polygons, whose rings are lists of arcs or of points, in the file's order. Raises ChartError."""
        if layer not in self._layers:
            shapes: dict[str, list[Any]] = {}
            with _understood():
                for one in self._features(layer.feature):
                    shapes.setdefault(_key_of(one, layer.feature_key), []).extend(_polygons(one["geometry"]))
            self._layers[layer] = shapes
        return self._layers[layer]

    def _features(self, name: str | None) -> list[Mapping[str, Any]]:
        """The GeoJSON-like features of a FeatureCollection, or of one object of a topology."""
        if self.raw.get("type") == "Topology":
            objects = self.raw.get("objects", {})
            if name is None and len(objects) == 1:
                name = next(iter(objects))
            found = self._object("feature", name)
            return [
                {"id": one.get("id"), "properties": one.get("properties") or {}, "geometry": one}
                for one in found.get("geometries", [found])
            ]
        if self.raw.get("type") == "FeatureCollection":
            return list(self.raw["features"])
        raise ChartError("the geometry must be a TopoJSON topology or a GeoJSON FeatureCollection")

    def _object(self, option: str, name: str | None) -> Mapping[str, Any]:
        objects: Mapping[str, Any] = self.raw.get("objects", {})
        if name not in objects:
            named = f"{name!r} is not in the geometry" if name else "the geometry has several objects"
            raise ChartError(f"{option}: {named}; it has {one_of(sorted(objects)) or 'none'}")
        found: Mapping[str, Any] = objects[str(name)]
        return found

    def _edges(self, name: str) -> list[int]:
        """The arcs that outline an object of the topology, each once."""
        found = self._object("borders", name)
        rings = (
            ring
            for one in found.get("geometries", [found])
            for polygon in _polygons(one)
            for ring in polygon
        )  # fmt: skip
        return sorted({_arc(part) for ring in rings for part in ring})

    @cached_property
    def _arcs(self) -> list[Ring]:
        return list(_absolute_arcs(self.raw))


@contextmanager
def _understood() -> Iterator[None]:
    """What is missing or of another shape in a story's file is the author's to mend."""
    try:
        yield
    except ChartError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ChartError("the geometry is no TopoJSON or GeoJSON that can be read") from error


def middle(polygons: Sequence[Sequence[Ring]]) -> tuple[float, float]:
    """A point inside the largest of the polygons, in the middle of one of its widest lines across."""
    ring = max((polygon[0] for polygon in polygons), key=lambda ring: abs(_area(ring)))
    low, high = min(point[1] for point in ring), max(point[1] for point in ring)
    spans: list[tuple[float, float, float]] = []
    for share in (0.5, 0.4, 0.6, 0.3, 0.7):
        y = low + (high - low) * share
        crossings = sorted(
            x1 + (y - y1) * (x2 - x1) / (y2 - y1)
            for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)
            if (y1 <= y) != (y2 <= y)
        )
        pairs = zip(crossings[::2], crossings[1::2], strict=True)
        spans += [(end - start, (start + end) / 2, y) for start, end in pairs]
    if not spans:  # flat
        return ring[0][0], ring[0][1]
    widest = max(wide for wide, _, _ in spans)
    return next((x, y) for wide, x, y in spans if wide >= 0.9 * widest)


def area(polygons: Sequence[Sequence[Ring]]) -> float:
    """Of the largest of the polygons, px²; 0 without any."""
    return max((abs(_area(polygon[0])) for polygon in polygons), default=0.0)


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


def _arc(part: int) -> int:
    """The number of an arc, whichever way it is followed."""
    return part if part >= 0 else ~part


def _ring(ring: Sequence[Any], arcs: Mapping[int, Ring], in_px: Callable[[Iterable[Point]], Ring]) -> Ring:
    if not ring or not isinstance(ring[0], int):
        return in_px(ring)
    line: Ring = []
    for part in ring:
        arc = arcs[part] if part >= 0 else arcs[~part][::-1]
        line += arc[1:] if line else arc
    return line


# --- where a point lies ---------------------------------------------------------------------------------


def _as_it_is(point: Point) -> tuple[float, float]:
    return point[0], point[1]


def _equal_area(points: Sequence[Point]) -> Callable[[Point], tuple[float, float]]:
    """Albers' conic for these longitudes and latitudes: north up in their middle, areas true, y downwards."""
    if any(not (-180.001 <= x <= 180.001 and -90.001 <= y <= 90.001) for x, y, *_ in points):
        raise ChartError("degrees: the geometry's coordinates are no longitudes and latitudes")
    middle = _middle_meridian([point[0] for point in points])
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    one, two = (math.radians(south + (north - south) * part) for part in (1 / 6, 5 / 6))
    n = (math.sin(one) + math.sin(two)) / 2
    if abs(n) < 1e-6:  # about the equator the cone is a cylinder
        return lambda point: (math.radians(_turned(point[0] - middle)), -math.sin(math.radians(point[1])))
    c = math.cos(one) ** 2 + 2 * n * math.sin(one)

    def project(point: Point) -> tuple[float, float]:
        angle = n * math.radians(_turned(point[0] - middle))
        radius = math.sqrt(max(0.0, c - 2 * n * math.sin(math.radians(point[1])))) / n
        return radius * math.sin(angle), radius * math.cos(angle)

    return project


def _middle_meridian(longitudes: Sequence[float]) -> float:
    """The middle of the narrowest span that holds all of them, across the date line where that is narrower."""
    ordered = sorted({longitude % 360 for longitude in longitudes})
    gaps = [(b - a, b) for a, b in pairwise([*ordered, ordered[0] + 360])]
    widest, start = max(gaps)
    return _turned(start + (360 - widest) / 2)


def _turned(longitude: float) -> float:
    """The same longitude from -180 to 180."""
    return (longitude + 180) % 360 - 180


class _Fit:
    """Scales points into a box, in the middle of its width; ``height`` is what they take of it, in whole px."""

    def __init__(self, points: Sequence[Point], box: Box) -> None:
        self.left, self.top = min(p[0] for p in points), min(p[1] for p in points)
        across, down = max(p[0] for p in points) - self.left, max(p[1] for p in points) - self.top
        if not (across and down):
            raise ChartError("the geometry's shapes have no area")
        self.scale = min((box.width - 2 * _MARGIN) / across, (box.height - 2 * _MARGIN) / down)
        self.x = (box.width - across * self.scale) / 2
        self.height = math.ceil(round(down * self.scale + 2 * _MARGIN, 6))

    def __call__(self, point: Point) -> list[float]:
        x, y = point
        return [self.x + (x - self.left) * self.scale, _MARGIN + (y - self.top) * self.scale]


# --- fewer points ---------------------------------------------------------------------------------------


def _visible(polygons: list[list[Ring]], least: float) -> list[list[Ring]]:
    """The polygons without those too small to see, in square px; the largest one always stays."""
    sizes = [abs(_area(polygon[0])) for polygon in polygons]
    most = max(sizes, default=0.0)
    return [polygon for polygon, size in zip(polygons, sizes, strict=True) if size >= min(least, most)]


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
