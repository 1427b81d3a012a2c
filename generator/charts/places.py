"""The kinds that show every place where it lies: tiles and map."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from generator.charts.geometry import shapes
from generator.charts.kind import Kind, Option, Role
from generator.charts.parts import LABELS, as_given, in_px, linked, word, words
from generator.charts.scales import nice_breaks
from generator.charts.shape import ROWS, ChartError, Plan, Shape, is_true, named_value, number_or_none
from generator.charts.style import CATEGORIES, STEPS, text_role_on
from generator.frames import Frame, Scalar

if TYPE_CHECKING:
    import altair as alt

SWATCHES = "swatches"
OUTLINES = "outlines"
_STEPS_OF = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
_SWATCH = 12
_LEGEND_ROW = 18


@dataclass(frozen=True)
class Classes:
    """Which colour role a value has, and what the legend says of each."""

    roles: Mapping[Any, str]
    breaks: tuple[float, ...]
    legend: tuple[tuple[str, str], ...]

    def role(self, value: Scalar) -> str:
        """The role of a cell; ``missing`` where nobody knows."""
        if value is None or value == "":
            return "missing"
        if self.roles:
            return self.roles[str(value)]
        number = number_or_none(value)
        return "missing" if number is None else self._step(bisect_right(self.breaks, number))

    def _step(self, index: int) -> str:
        return STEPS[_STEPS_OF[len(self.breaks) + 1][index]]


def classes(frame: Frame, shape: Shape) -> Classes:
    """Steps for numbers, categories for words, as the option ``scale`` says or the values are."""
    values = frame.values("value")
    words_given = any(isinstance(value, str) and value for value in values)
    scale = shape.options["scale"] or ("categories" if words_given else "steps")
    missing = [("missing", shape.options["missing"])] if any(value in (None, "") for value in values) else []
    if scale == "categories":
        return _categories(values, shape, missing)
    if words_given:
        raise ChartError("scale: steps need numbers; the values are words")
    numbers = [number for value in values if (number := number_or_none(value)) is not None]
    breaks = shape.options["breaks"]
    breaks = tuple(sorted(breaks)) if breaks is not None else tuple(nice_breaks(numbers, len(STEPS)))
    if len(breaks) >= len(STEPS):
        raise ChartError(f"breaks: at most {len(STEPS) - 1} breaks, which make {len(STEPS)} steps")
    found = Classes({}, breaks, ())
    legend = [(found._step(i), text) for i, text in enumerate(_ranges(breaks, numbers, shape))] if numbers else []
    return Classes({}, breaks, (*legend, *missing))


def _categories(values: Sequence[Scalar], shape: Shape, missing: list[tuple[str, str]]) -> Classes:
    present = sorted({str(value) for value in values if value not in (None, "")})
    order = list(shape.options["categories"] or present)
    order += [name for name in present if name not in order]
    quiet = shape.options["quiet"]
    if quiet in order and not shape.options["categories"]:
        order.sort(key=lambda name: name == quiet)
    loud = [name for name in order if name != quiet]
    if len(loud) > len(CATEGORIES):
        raise ChartError(f"a map tells at most {len(CATEGORIES)} categories apart; there are {len(loud)}")
    roles = dict(zip(loud, CATEGORIES, strict=False))
    if quiet is not None:
        roles[quiet] = "faint"
    return Classes(roles, (), (*((roles[name], name) for name in order), *missing))


def _ranges(breaks: Sequence[float], numbers: Sequence[float], shape: Shape) -> list[str]:
    """What each step holds: "0–4", "5–19", "20 or more"; without whole numbers "under 2.5", "2.5 to 5"."""
    if not breaks:
        low, high = (shape.number(value, "value") for value in (min(numbers), max(numbers)))
        return [low if low == high else f"{low}–{high}"]
    column = shape.column("value")
    decimals = next(d for d in range(7) if all(round(b, d) == b for b in breaks) or d == 6)
    texts = [shape.number(value, "value", decimals=decimals) for value in breaks]
    whole = column.decimals == 0 and decimals == 0
    least = f"under {texts[0]}"
    if whole and min(numbers) >= 0:
        least = "0" if breaks[0] == 1 else f"0–{shape.number(breaks[0] - 1, 'value', decimals=0)}"
    ranges = [least]
    for index, (start, end) in enumerate(pairwise(breaks)):
        if whole:
            last = shape.number(end - 1, "value", decimals=0)
            ranges.append(texts[index] if end - 1 == start else f"{texts[index]}–{last}")
        else:
            ranges.append(f"{texts[index]}–{texts[index + 1]}")
    return [*ranges, f"{texts[-1]} or more"]


def _legend(found: Classes, shape: Shape) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """Swatches and words in rows above the drawing, and the height they take."""
    swatches: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    x, y = 0.0, 0.0
    for role, text in found.legend:
        text = shape.metrics.shorten(text, shape.width - _SWATCH - 6)
        wide = _SWATCH + 5 + shape.metrics.width(text)
        if x and x + wide > shape.width:
            x, y = 0.0, y + _LEGEND_ROW
        box = {"x": round(x + 0.5, 1), "x2": round(x + 0.5 + _SWATCH, 1), "y": y + 2, "y2": y + 2 + _SWATCH}
        swatches.append({**box, "colour": shape.colour(role)})
        written.append(word(x + _SWATCH + 5, y + 2 + _SWATCH / 2, text, shape.colour("ink")))
        x += wide + (12 if shape.narrow else 16)
    return swatches, written, y + _LEGEND_ROW + 8 if found.legend else 0.0


def _rects(name: str | alt.NamedData) -> Any:
    import altair as alt

    data = alt.NamedData(name) if isinstance(name, str) else name
    return alt.Chart(data).mark_rect(aria=True).encode(
        x=in_px(alt.X, "x"), x2="x2:Q", y=in_px(alt.Y, "y"), y2="y2:Q", fill=as_given(alt.Fill, "colour"),
    )  # fmt: skip


# Tiles --------------------------------------------------------------------------------------------------


def tiles(data: alt.NamedData, shape: Shape) -> alt.TopLevelMixin:
    """A square for each place, about where it lies, all of one size."""
    import altair as alt

    squares = _rects(data).encode(description="name:N", href=linked())
    outlines = alt.Chart(alt.NamedData(OUTLINES)).mark_rect(filled=False, strokeWidth=2.5).encode(
        x=in_px(alt.X, "x"), x2="x2:Q", y=in_px(alt.Y, "y"), y2="y2:Q", stroke=alt.value(shape.colour("accent")),
    )  # fmt: skip
    swatches = _rects(SWATCHES)
    return alt.layer(swatches, squares, outlines, words()).properties(width=100, height=100, autosize="none")


def plan_tiles(frame: Frame, shape: Shape) -> Plan:
    """A legend, then the squares with their keys, and their values where all of them fit."""
    found = classes(frame, shape)
    records = frame.records()
    cells = [_cell(row) for row in records]
    first_row, first_column = min(r for r, _ in cells), min(c for _, c in cells)
    columns = max(c for _, c in cells) - first_column + 1
    rows = max(r for r, _ in cells) - first_row + 1
    gap = 2 if shape.narrow else 3
    size = min(54, (shape.width - gap * (columns - 1)) // columns)
    swatches, written, top = _legend(found, shape)
    texts = [_tile_text(row["value"], shape) for row in records]
    valued = size >= 32 and all(shape.metrics.width(text) <= size - 4 for text in texts)
    squares, outlines = [], []
    for row, (r, c), text in zip(records, cells, texts, strict=True):
        x, y = (c - first_column) * (size + gap), top + (r - first_row) * (size + gap)
        role = found.role(row["value"])
        own = is_true(row.get("own"))
        name = named_value(shape, str(row["label"]), row["value"])
        box = {"x": x, "x2": x + size, "y": y, "y2": y + size}
        squares.append({**box, "colour": shape.colour(role), "name": name, "key": str(row["key"])})
        if own:
            inset = {"x": x + 1.25, "x2": x + size - 1.25, "y": y + 1.25, "y2": y + size - 1.25}
            outlines.append(inset)
        ink = shape.colour(text_role_on(role))
        middle = x + size / 2
        key = shape.bold.shorten(str(row["key"]), size - 2)
        up = 8 if valued and text else 0
        written.append(word(middle, y + size / 2 - up, key, ink, align="center", bold=own or valued))
        if valued and text:
            written.append(word(middle, y + size / 2 + 8, text, ink, align="center"))
    return Plan(
        {ROWS: squares, SWATCHES: swatches, OUTLINES: outlines, LABELS: written},
        width=shape.width,
        height=top + rows * (size + gap) - gap,
        padding=(0, 0, 0, 0),
        names={str(row["key"]): str(row["name"]) for row in squares},
    )


def _cell(row: Mapping[str, Scalar]) -> tuple[int, int]:
    r, c = number_or_none(row["row"]), number_or_none(row["col"])
    if r is None or c is None:
        raise ChartError(f"{row['label']}: row and col must say where the tile lies")
    return int(r), int(c)


def _tile_text(value: Scalar, shape: Shape) -> str:
    number = number_or_none(value)
    return "" if number is None else shape.number(number, "value")


# Map ----------------------------------------------------------------------------------------------------


def prepare_map(shape: Shape) -> dict[str, Any]:
    """The options with the geometry cut down to polygons in px, once for all drawings."""
    options = dict(shape.options)
    if options["geometry"] is None:
        raise ChartError("a map needs a geometry")
    polygons, height = shapes(options["geometry"], options["feature"], options["feature_key"], shape.width)
    return {**options, "geometry": {"polygons": polygons, "height": height}}


def map_(data: alt.NamedData, _shape: Shape) -> alt.TopLevelMixin:
    """Each place in its outline, coloured by its value."""
    import altair as alt

    def drawn(source: Any) -> Any:
        chart = alt.Chart(source).mark_geoshape(aria=True).project(type="identity", scale=1, translate=[0, 0])
        return chart.encode(
            fill=as_given(alt.Fill, "colour"), stroke=as_given(alt.Stroke, "stroke"),
            strokeWidth=as_given(alt.StrokeWidth, "width"),
        )  # fmt: skip

    places = drawn(data).encode(description="name:N", href=linked())
    layers = (_rects(SWATCHES), places, drawn(alt.NamedData(OUTLINES)), words())
    return alt.layer(*layers).properties(width=100, height=100, autosize="none")


def plan_map(frame: Frame, shape: Shape) -> Plan:
    """A legend, then the outlines; a place without a row is hatched like one without a value."""
    polygons = shape.options["geometry"]["polygons"]
    rows = {str(row["key"]): row for row in frame.records()}
    if unknown := [key for key in rows if key not in polygons]:
        raise ChartError(f"the geometry has no outline for {', '.join(sorted(unknown)[:3])}")
    found = classes(frame, shape)
    unmatched = [key for key in polygons if key not in rows]
    if unmatched and ("missing", shape.options["missing"]) not in found.legend:
        found = Classes(found.roles, found.breaks, (*found.legend, ("missing", shape.options["missing"])))
    swatches, written, top = _legend(found, shape)
    outlines, drawn = [], []
    names = {}
    for key in [*rows, *unmatched]:
        row = rows.get(key)
        value = row["value"] if row else None
        geometry = {"type": "MultiPolygon", "coordinates": _moved(polygons[key], top)}
        one: dict[str, Any] = {"type": "Feature", "geometry": geometry, "key": key}
        if row:
            names[key] = named_value(shape, str(row.get("label") or key), value)
        one["name"] = names.get(key, f"{key}: {shape.options['missing']}")
        look = {"colour": shape.colour(found.role(value)), "stroke": shape.colour("paper"), "width": 0.7}
        drawn.append({**one, **look})
        if row and is_true(row.get("own")):
            edge = {"colour": "none", "stroke": shape.colour("accent"), "width": 2}
            outlines.append({"type": "Feature", "geometry": geometry, **edge})
    return Plan(
        {ROWS: drawn, SWATCHES: swatches, OUTLINES: outlines, LABELS: written},
        width=shape.width,
        height=top + shape.options["geometry"]["height"],
        padding=(0, 0, 0, 0),
        names=names,
    )


def _moved(polygons: Sequence[Sequence[Sequence[Sequence[float]]]], down: float) -> list[Any]:
    return [[[[x, y + down] for x, y in ring] for ring in polygon] for polygon in polygons]


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
    (_KEY, Role("label", "text, the place's name"), _VALUE, Role("row", "row, counted downwards"),
     Role("col", "column, counted to the right"), _OWN),
    _SCALED, (SWATCHES, OUTLINES, LABELS),
)  # fmt: skip
MAP = Kind(
    "map", "Each place in its outline, coloured by its value.", map_, plan_map,
    (_KEY, _VALUE, Role("label", "text, the place's name", required=False), _OWN),
    {
        **_SCALED,
        "geometry": Option("geometry", None, "parsed TopoJSON or GeoJSON, already projected, y downwards"),
        "feature": Option("word", None, "the object of a topology"),
        "feature_key": Option("word", None, "the property that holds the key, instead of the id"),
    },
    (SWATCHES, OUTLINES, LABELS), prepare=prepare_map,
)  # fmt: skip
