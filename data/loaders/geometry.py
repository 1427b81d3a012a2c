"""us-atlas → the outlines of counties in data/geo: no finer than any map of them is drawn.

    npm pack us-atlas@3.0.1 && tar xzf us-atlas-3.0.1.tgz
    python data/loaders/geometry.py package data/geo

Writes ``counties.json``, in degrees, for maps of one state, and ``nation.json``, projected for a view 975 px wide,
for the map of all counties. Borders lose points only, the same on both sides, so that neighbours still touch. Both
are TopoJSON with the ids of the source; its terms, in LICENSE there, are ours too. Needs nothing but Python.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TERRITORIES = ("60", "66", "69", "72", "78")
"""Not on the maps: no table names a county of them."""
DRAWN = 680
"""The width of a map, in px, at most; it is at most 0.72 as high."""
FINEST = 0.35
"""How far a border may be moved, in px of the largest map that shows it."""
VIEW = 975
"""The width of the projected view."""
GRID = 0.1
"""The projected coordinates are rounded to so many units of the view."""

Line = list[list[int]]


def main(source: Path, target: Path) -> None:
    for made, name, projected in (
        ("counties.json", "counties-10m.json", False),
        ("nation.json", "counties-albers-10m.json", True),
    ):
        topology = json.loads((source / name).read_text(encoding="utf-8"))
        text = json.dumps(smaller(topology, projected=projected), separators=(",", ":"))
        (target / made).write_text(f"{text}\n", encoding="utf-8")


def smaller(topology: dict[str, Any], *, projected: bool) -> dict[str, Any]:
    """The topology with simpler arcs, without names, and without what is not drawn."""
    arcs, transform = [list(absolute(arc)) for arc in topology["arcs"]], topology["transform"]
    if projected:
        arcs, transform = rounded(arcs, transform)
    objects = {
        name: [one for one in topology["objects"][name]["geometries"] if one["id"][:2] not in TERRITORIES]
        for name in (("counties", "states") if projected else ("counties",))
    }
    if projected:
        by = FINEST * VIEW / DRAWN / GRID
        tolerance = dict.fromkeys(range(len(arcs)), (by, by))
    else:
        tolerance = by_state(objects["counties"], arcs, transform)
    used = sorted({number for found in objects.values() for one in found for number in arcs_of(one)})
    place = {number: index for index, number in enumerate(used)}

    def renumbered(node: Any) -> Any:
        if isinstance(node, list):
            return [renumbered(inner) for inner in node]
        return place[node] if node >= 0 else ~place[~node]

    return {
        "type": "Topology",
        "transform": transform,
        "objects": {
            name: {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": one["type"], "id": one["id"], "arcs": renumbered(one["arcs"])} for one in found
                ],
            }
            for name, found in objects.items()
        },
        "arcs": [list(relative(simplified(arcs[number], *tolerance[number]))) for number in used],
    }


def rounded(arcs: list[Line], transform: Any) -> tuple[list[Line], dict[str, Any]]:
    """The arcs on a coarser grid; where two ends met they still do."""
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    made = [[[round((x * sx + tx) / GRID), round((y * sy + ty) / GRID)] for x, y in arc] for arc in arcs]
    return made, {"scale": [GRID, GRID], "translate": [0, 0]}


def by_state(counties: list[Any], arcs: list[Line], transform: Any) -> dict[int, tuple[float, float]]:
    """Arc → units of x and of y that it may be moved by: as the map of its state, the finer of two, allows."""
    (sx, sy), (_, ty) = transform["scale"], transform["translate"]
    by: dict[str, set[int]] = {}
    for one in counties:
        by.setdefault(one["id"][:2], set()).update(arcs_of(one))
    found: dict[int, tuple[float, float]] = {}
    for numbers in by.values():
        points = [point for number in numbers for point in arcs[number]]
        narrow = math.cos(math.radians(middle(y for _, y in points) * sy + ty))
        across, down = spread(x for x, _ in points) * sx * narrow, spread(y for _, y in points) * sy
        if across > 180:  # over the date line
            across = spread(x % (360 / sx) for x, _ in points) * sx * narrow
        per_px = max(across / DRAWN, down / (DRAWN * 0.72))
        new = FINEST * per_px / (sx * narrow), FINEST * per_px / sy
        for number in numbers:
            found[number] = min(new, found.get(number, new))
    return found


def arcs_of(geometry: Any) -> Iterator[int]:
    def inside(node: Any) -> Iterator[int]:
        if isinstance(node, list):
            for inner in node:
                yield from inside(inner)
        else:
            yield node if node >= 0 else ~node

    return inside(geometry.get("arcs", []))


def absolute(arc: Line) -> Iterator[list[int]]:
    x = y = 0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield [x, y]


def relative(line: Line) -> Iterator[list[int]]:
    x = y = 0
    for to_x, to_y in line:
        yield [to_x - x, to_y - y]
        x, y = to_x, to_y


def simplified(line: Line, by_x: float, by_y: float) -> Line:
    """Douglas and Peucker's line, in units of how far a point may be moved; both ends stay."""
    points = [(x / by_x, y / by_y) for x, y in line]
    keep = {0, len(line) - 1}
    if len(line) > 3 and line[0] == line[-1]:
        far = max(range(len(line)), key=lambda i: (math.dist(points[0], points[i]), -i))
        keep.add(far)
        todo = [(0, far), (far, len(line) - 1)]
    else:
        todo = [(0, len(line) - 1)]
    while todo:
        first, last = todo.pop()
        between = [(distance(points[i], points[first], points[last]), -i) for i in range(first + 1, last)]
        if between and max(between)[0] > 1:
            worst = -max(between)[1]
            keep.add(worst)
            todo += [(first, worst), (worst, last)]
    return [line[i] for i in sorted(keep)]


def distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if not length:
        return math.dist(point, start)
    return abs(dy * (point[0] - start[0]) - dx * (point[1] - start[1])) / length


def spread(values: Iterable[float]) -> float:
    found = list(values)
    return max(found) - min(found)


def middle(values: Iterable[float]) -> float:
    found = list(values)
    return (max(found) + min(found)) / 2


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
