"""The kinds that show every place where it lies: tiles and map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.charts.geometry import Box, Geometry, Layer, Placed, area, middle
from generator.charts.kind import Kind, Option, Role
from generator.charts.parts import LABELS, as_given, in_px, linked, word, words
from generator.charts.shape import ROWS, ChartError, Places, Plan, Shape, is_true, named_value, number_or_none
from generator.charts.steps import MISSING, Classes, classes, legend
from generator.charts.style import text_role_on
from generator.frames import Frame, Scalar

if TYPE_CHECKING:
    import altair as alt

SWATCHES = "swatches"
OUTLINES = "outlines"
SIGNS = "signs"
"""Small shapes that tell categories apart for those who cannot tell the colours: x, y, shape, colour."""
MOST_SHAPES = 300
"""A map of more shapes is drawn as areas of one colour each, for a file beside the page."""
_TALLEST = 0.72
"""The height of a map by its width, at most; on a phone it may be :data:`_TALLEST_NARROW`."""
_TALLEST_NARROW = 1.2


def _rects(name: str | alt.NamedData) -> Any:
    import altair as alt

    data = alt.NamedData(name) if isinstance(name, str) else name
    return alt.Chart(data).mark_rect(aria=True).encode(
        x=in_px(alt.X, "x"), x2="x2:Q", y=in_px(alt.Y, "y"), y2="y2:Q", fill=as_given(alt.Fill, "colour"),
    )  # fmt: skip


def _signs() -> Any:
    import altair as alt

    chart = alt.Chart(alt.NamedData(SIGNS)).mark_point(filled=True, size=32, opacity=1, strokeWidth=0)
    return chart.encode(
        x=in_px(alt.X, "x"),
        y=in_px(alt.Y, "y"),
        fill=as_given(alt.Fill, "colour"),
        shape=as_given(alt.Shape, "shape"),
    )


def _swatches(shape: Shape) -> Any:
    """The legend's squares, with an edge: the lightest step is hardly seen on paper without one."""
    import altair as alt

    return _rects(SWATCHES).encode(stroke=alt.value(shape.colour("grey")), strokeWidth=alt.value(_EDGE))


_SIGNED = 160.0
"""The least area, in px², of an outline with a sign in it."""
_EDGE = 0.6
"""The width of the edge around a shape, in px."""
_HAIR = 0.3
"""The same where shapes are many and small."""
_TORN = ""
"""Instead of a colour role: several rows share a shape and would colour it differently."""


# Tiles --------------------------------------------------------------------------------------------------


def tiles(data: alt.NamedData, shape: Shape) -> alt.TopLevelMixin:
    """A square for each place, about where it lies, all of one size."""
    import altair as alt

    edge = {"stroke": alt.value(shape.colour("grey")), "strokeWidth": alt.value(_EDGE)}
    squares = _rects(data).encode(description="name:N", href=linked(), **edge)
    outlines = alt.Chart(alt.NamedData(OUTLINES)).mark_rect(filled=False).encode(
        x=in_px(alt.X, "x"), x2="x2:Q", y=in_px(alt.Y, "y"), y2="y2:Q",
        stroke=as_given(alt.Stroke, "stroke"), strokeWidth=as_given(alt.StrokeWidth, "width"),
    )  # fmt: skip
    layers = (_swatches(shape), squares, outlines, _signs(), words())
    return alt.layer(*layers).properties(width=100, height=100, autosize="none")


def plan_tiles(frame: Frame, shape: Shape) -> Plan:
    """A legend, then the squares with their keys, and their values where all of them fit."""
    left_out = untiled(frame, shape)
    records = [row for index, row in enumerate(frame.records()) if index not in left_out]
    found = classes(frame, shape)
    cells = [cell for row in records if (cell := _cell(row))]
    first_row, first_column = min(r for r, _ in cells), min(c for _, c in cells)
    columns = max(c for _, c in cells) - first_column + 1
    rows = max(r for r, _ in cells) - first_row + 1
    gap = 2 if shape.narrow else 3
    size = min(54, (shape.width - gap * (columns - 1)) // columns)
    swatches, written, signs, top = legend(found, shape)
    texts = [_tile_text(row["value"], shape) for row in records]
    valued = size >= 32 and all(shape.metrics.width(text) <= size - 4 for text in texts)
    squares, outlines = [], []
    at: list[tuple[float, ...]] = [()] * len(frame)
    numbers = [index for index in range(len(frame)) if index not in left_out]
    for number, row, (r, c), text in zip(numbers, records, cells, texts, strict=True):
        x, y = (c - first_column) * (size + gap), top + (r - first_row) * (size + gap)
        role = found.role(row["value"])
        own = is_true(row.get("own"))
        name = named_value(shape, str(row["label"]), row["value"])
        rim = _EDGE / 2  # so that the edge is inside
        box = {"x": x + rim, "x2": x + size - rim, "y": y + rim, "y2": y + size - rim}
        squares.append({**box, "colour": shape.colour(role), "name": name, "key": str(row["key"])})
        if own:
            for inset, ink_role, width in ((2, "paper", 4), (1, "accent", 2)):
                edges = {"x": x + inset, "x2": x + size - inset, "y": y + inset, "y2": y + size - inset}
                outlines.append({**edges, "stroke": shape.colour(ink_role), "width": width})
        ink = shape.colour(text_role_on(role))
        across, down = x + size / 2, y + size / 2
        at[number] = (across, down)
        sign = found.sign(across, down + (9 if size >= 32 else 8), role, shape)
        signs += sign
        key = shape.bold.shorten(str(row["key"]), size - 2)
        up = 8 if valued and text else 5 if sign else 0
        written.append(word(across, down - up, key, ink, align="center", bold=own or valued))
        if valued and text:
            written.append(word(across, down + 8, text, ink, align="center"))
    return Plan(
        {ROWS: squares, SWATCHES: swatches, OUTLINES: outlines, SIGNS: signs, LABELS: written},
        width=shape.width,
        height=top + rows * (size + gap) - gap,
        padding=(0, 0, 0, 0),
        names={str(row["key"]): str(row["name"]) for row in squares},
        places=Places(at, "rows"),
    )


def untiled(frame: Frame, _shape: Shape) -> tuple[int, ...]:
    """The rows that say no place for a tile, by number. Raises ChartError when none does."""
    found = tuple(index for index, row in enumerate(frame.records()) if not _cell(row))
    if len(found) == len(frame):
        raise ChartError("no row says where its tile lies, in tile_row and tile_col")
    return found


def _cell(row: Mapping[str, Scalar]) -> tuple[int, int] | None:
    r, c = number_or_none(row["row"]), number_or_none(row["col"])
    return None if r is None or c is None else (int(r), int(c))


def _tile_text(value: Scalar, shape: Shape) -> str:
    number = number_or_none(value)
    return "" if number is None else shape.number(number, "value")


# Map ----------------------------------------------------------------------------------------------------


def prepare_map(shape: Shape) -> dict[str, Any]:
    """The options with the geometry as one that keeps what it has worked out."""
    given = shape.options["geometry"]
    if given is None:
        raise ChartError("a map needs a geometry")
    return {**shape.options, "geometry": given if isinstance(given, Geometry) else Geometry(given)}


def map_(data: alt.NamedData, shape: Shape) -> alt.TopLevelMixin:
    """Each place in its outline, coloured by its value."""
    import altair as alt

    def drawn(source: Any) -> Any:
        chart = alt.Chart(source).mark_geoshape(aria=True).project(type="identity", scale=1, translate=[0, 0])
        return chart.encode(
            fill=as_given(alt.Fill, "colour"), stroke=as_given(alt.Stroke, "stroke"),
            strokeWidth=as_given(alt.StrokeWidth, "width"),
        )  # fmt: skip

    places = drawn(data).encode(description="name:N", href=linked())
    layers = (_swatches(shape), places, drawn(alt.NamedData(OUTLINES)), _signs(), words())
    return alt.layer(*layers).properties(width=100, height=100, autosize="none")


class _Matched(Struct, frozen=True):
    """The rows of a map by the key of their shape: those of one shape, and those that have none, by number."""

    rows: Mapping[str, Sequence[int]]
    shapeless: Sequence[int]


def _matched(frame: Frame, shape: Shape) -> _Matched:
    """Raises ChartError when no row has a shape."""
    keys = frame.values("key")
    known = _geometry(shape).shapes(_layer(shape))
    rows: dict[str, list[int]] = {}
    shapeless = []
    for index, key in enumerate(map(_key, keys)):
        if key in known:
            rows.setdefault(key, []).append(index)
        else:
            shapeless.append(index)
    if not rows:
        few = ", ".join(dict.fromkeys(key or "an empty one" for key in map(_key, keys[:3])))
        there = ", ".join(list(known)[:3])
        raise ChartError(
            f"the geometry has a shape for none of the rows: their keys are like {few}, its own like {there}"
        )
    return _Matched(rows, shapeless)


def _key(value: Scalar) -> str:
    return "" if value is None else str(value)


def _geometry(shape: Shape) -> Geometry:
    found: Geometry = shape.options["geometry"]
    return found


def _layer(shape: Shape) -> Layer:
    return Layer(shape.options["feature"], shape.options["feature_key"])


def unshaped(frame: Frame, shape: Shape) -> tuple[int, ...]:
    """The rows that the map does not show, by number: without a shape, or in one with others of another colour."""
    matched, found = _matched(frame, shape), classes(frame, shape)
    values = frame.values("value")
    torn = [i for rows in matched.rows.values() if _role_of(rows, values, found) is None for i in rows]
    return tuple(sorted([*matched.shapeless, *torn]))


def _role_of(rows: Sequence[int], values: Sequence[Scalar], found: Classes) -> str | None:
    """The colour role of a shape; None when several rows share it and would colour it differently."""
    roles = {found.role(values[index]) for index in rows}
    return roles.pop() if len(roles) == 1 else None


def plan_map(frame: Frame, shape: Shape) -> Plan:
    """A legend, then the outlines; a place without a row is hatched like one without a value."""
    matched, found = _matched(frame, shape), classes(frame, shape)
    geometry, layer, options = _geometry(shape), _layer(shape), shape.options
    all_shapes = geometry.shapes(layer) if options["shapes"] == "all" else ()
    unmatched = [key for key in all_shapes if key not in matched.rows]
    if unmatched:
        found = found.with_missing(options["missing"])
    swatches, written, signs, top = legend(found, shape, spare=0.2 if many(frame, shape) else 0)
    tallest = _TALLEST_NARROW if shape.narrow else _TALLEST
    box = Box(shape.width, shape.width * tallest, bool(options["degrees"]))
    values, records = frame.values("value"), frame.records()
    roles = {key: _role_of(rows, values, found) or _TORN for key, rows in matched.rows.items()}
    roles.update(dict.fromkeys(unmatched, MISSING))
    names: dict[str, str] = {}
    at: list[tuple[float, ...]] = [()] * len(frame)
    if many(frame, shape):
        groups = {role: [key for key in roles if roles[key] == role] for role in sorted(set(roles.values()))}
        placed = geometry.merged(layer, box, groups, options["borders"])
        said = dict(found.legend)
        drawn = [
            {**_area(placed.polygons[role], role, shape, top), "width": _HAIR, "name": said.get(role, "")}
            for role in groups
        ]
    else:
        placed = geometry.placed(layer, box, None if unmatched else roles, options["borders"])
        drawn = []
        for key, role in roles.items():
            rows = matched.rows.get(key, ())
            named = [named_value(shape, str(records[i].get("label") or key), values[i]) for i in rows]
            name = "; ".join(named) or f"{key}: {options['missing']}"
            linked = {} if len(named) > 1 else {"key": key}  # one link cannot lead to two places
            drawn.append({**_area(placed.polygons[key], role, shape, top), **linked, "name": name})
            names.update({key: name} if named else {})
            x, y = middle(placed.polygons[key])
            for index in rows:
                at[index] = (x, y + top)
            if area(placed.polygons[key]) >= _SIGNED:
                signs += found.sign(x, y + top, role, shape)
    own = [key for key, rows in matched.rows.items() if any(is_true(records[i].get("own")) for i in rows)]
    over = list(_lines(placed, own, shape, top))
    return Plan(
        {ROWS: drawn, SWATCHES: swatches, OUTLINES: over, SIGNS: signs, LABELS: written},
        width=shape.width,
        height=top + placed.height,
        padding=(0, 0, 0, 0),
        names=names,
        places=Places(at, "area", areas=[rows[0] for rows in matched.rows.values()]),
    )


def many(frame: Frame, shape: Shape) -> bool:
    """Whether the map has more than :data:`MOST_SHAPES`, so that it is drawn as areas of one colour each."""
    count = len(frame) if shape.options["shapes"] == "rows" else len(_geometry(shape).shapes(_layer(shape)))
    return count > MOST_SHAPES


def _area(polygons: Sequence[Any], role: str | None, shape: Shape, top: float) -> dict[str, Any]:
    """One shape, or all of one colour; without a role it is an edge around nothing."""
    geometry = {
        "type": "MultiPolygon",
        "coordinates": [[_moved(ring, top) for ring in rings] for rings in polygons],
    }
    look = {"colour": shape.colour(role) if role else "none", "stroke": shape.colour("grey"), "width": _EDGE}
    return {"type": "Feature", "geometry": geometry, **look}


def _lines(placed: Placed, own: Sequence[str], shape: Shape, top: float) -> Iterator[dict[str, Any]]:
    """What lies over the shapes: borders, and the outline of the page's own place."""
    if placed.borders:
        borders = {"type": "MultiLineString", "coordinates": [_moved(line, top) for line in placed.borders]}
        yield {
            "type": "Feature",
            "geometry": borders,
            "colour": "none",
            "stroke": shape.colour("muted"),
            "width": 0.8,
        }
    for key in own:
        if key in placed.polygons:
            one = _area(placed.polygons[key], _TORN, shape, top)
            # a rim of paper keeps the accent apart from a dark step, whose lightness may be the same
            yield {**one, "stroke": shape.colour("paper"), "width": 4.5}
            yield {**one, "stroke": shape.colour("accent"), "width": 2.2}


def _moved(line: Sequence[Sequence[float]], down: float) -> list[list[float]]:
    return [[x, round(y + down, 1)] for x, y in line]


_KEY = Role("key", "key of the entity, for links")
_VALUE = Role("value", "number, or the name of a category; a missing one is hatched")
_OWN = Role("own", "true for the page's own place, outlined in the accent", required=False)
_SCALED = {
    "scale": Option("choice", None, "steps for numbers, categories for words", ("steps", "categories")),
    "breaks": Option("list of numbers", None, "where one step ends and the next begins"),
    "categories": Option("list of words", None, "the categories in the legend's order"),
    "quiet": Option("word", None, "the category that is drawn faintly"),
    "missing": Option("word", "no data", "what the legend calls a missing value"),
}

TILES = Kind(
    "tiles", "A square for each place, about where it lies.", tiles, plan_tiles,
    (_KEY, Role("label", "text, the place's name"), _VALUE, Role("row", "row, counted downwards; may be missing"),
     Role("col", "column, counted to the right"), _OWN),
    _SCALED, (SWATCHES, OUTLINES, SIGNS, LABELS), left_out=untiled, tab_stops=False,
)  # fmt: skip
MAP = Kind(
    "map", "Each place in its outline, coloured by its value.", map_, plan_map,
    (_KEY, _VALUE, Role("label", "text, the place's name", required=False), _OWN),
    {
        **_SCALED,
        "geometry": Option("geometry", None, "TopoJSON or GeoJSON, projected with y downwards, or in degrees"),
        "degrees": Option("yes or no", False, "whether its coordinates are longitudes and latitudes"),
        "feature": Option("word", None, "the object of a topology"),
        "feature_key": Option("word", None, "the property that holds the key, instead of the id"),
        "shapes": Option("choice", "all", "all that the geometry has, or those that have a row", ("all", "rows")),
        "borders": Option("word", None, "the object of a topology whose outlines are drawn over the shapes"),
    },
    (SWATCHES, OUTLINES, SIGNS, LABELS), prepare=prepare_map, left_out=unshaped, tab_stops=False, apart=many,
)  # fmt: skip
