"""Frames about towns, rivers and libraries for the chart tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from generator.charts import Shape, Style, compile_shape, draw
from generator.charts.kinds import KINDS
from generator.frames import Column, Frame, Scalar

STYLE = Style()

LABEL = Column("label", "Town")
KEY = Column("key", "Key", "key")
OWN = Column("own", "Own")
VALUE = Column("value", "Loans", "number", "loans")
LOANS = Column("y", "Loans", "number", "loans")
MONTH = Column("x", "Month", "month")
SERIES = Column("series", "Library", "text")

TOWNS = ("Ambridge", "Borchester", "Felpersham", "Penny Hassett", "Loxley Barrett", "Darrington", "Waterley Cross")


def month(index: int) -> dt.date:
    return dt.date(2022 + index // 12, index % 12 + 1, 1)


def frame(columns: tuple[Column, ...], *rows: tuple[Scalar, ...]) -> Frame:
    return Frame(columns, rows)


def over_time(*names: str, months: int = 30, own: str = "") -> Frame:
    rows = [
        (month(i), 100.0 * (n + 1) + (i * 37 + n * 11) % 90, name, name == own)
        for n, name in enumerate(names)
        for i in range(months)
    ]
    return Frame((MONTH, LOANS, SERIES, OWN), tuple(rows))


def square(key: str, south: float, west: float) -> dict[str, Any]:
    ring = [[west, south], [west + 10, south], [west + 10, south + 10], [west, south + 10], [west, south]]
    return {
        "type": "Feature",
        "id": key,
        "properties": {"code": f"code-{key}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


GEOMETRY = {"type": "FeatureCollection", "features": [square("a", 0, 0), square("b", 0, 10), square("c", 10, 0)]}

PLACES = tuple((name, 900 - 130 * i, name[:2].lower(), i == 2) for i, name in enumerate(TOWNS))


def sample(kind: str) -> tuple[Frame, dict[str, Any]]:
    """A realistic frame for a kind, and the options it needs."""
    if kind in ("line", "area"):
        return over_time("Ambridge"), {}
    if kind in ("stacked", "multiples"):
        return over_time("Fiction", "Travel", "Children", own="Travel"), {}
    if kind in ("bars", "dots"):
        return Frame((LABEL, VALUE, KEY, OWN), PLACES), {}
    if kind == "scatter":
        columns = (LABEL, Column("x", "Members", "number"), LOANS, KEY, OWN)
        return Frame(columns, tuple((name, v / 3, v, key, own) for name, v, key, own in PLACES)), {}
    if kind == "slope":
        columns = (LABEL, Column("before", "2020", "number"), Column("after", "2025", "number"), KEY, OWN)
        return Frame(columns, tuple((name, v / 3, v, key, own) for name, v, key, own in PLACES)), {}
    if kind == "tiles":
        columns = (KEY, LABEL, VALUE, Column("row", "Row", "number"), Column("col", "Column", "number"), OWN)
        rows = tuple((key, name, v, i // 3 + 1, i % 3 + 1, own) for i, (name, v, key, own) in enumerate(PLACES))
        return Frame(columns, rows), {}
    assert kind == "map"
    return Frame((KEY, LABEL, VALUE), (("a", "Ambridge", 3), ("b", "Borchester", 30))), {"geometry": GEOMETRY}


def drawn(
    kind: str,
    data: Frame,
    options: Mapping[str, Any] | None = None,
    *,
    width: int = 680,
    id: str = "fig",
    links: Mapping[str, str] | None = None,
    title: str = "Loans a month",
    style: Style = STYLE,
) -> str:
    compiled = compile_shape(KINDS[kind], Shape(data.columns, options or {}, width, style), name=kind)
    return draw(compiled, data, id=id, title=title, description="A chart.", links=links or {})
