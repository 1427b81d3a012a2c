"""One chart for one entity: rows into the compiled shape, out comes inline SVG."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator.charts.compiled import CompiledChart
from generator.charts.engine import default_renderer
from generator.charts.events import Event, with_events
from generator.charts.kinds import KINDS
from generator.charts.reading import ROW, attributes
from generator.charts.renderer import Renderer
from generator.charts.shape import ROWS, ChartError, Plan, Shape, named_value
from generator.charts.svg import LINK_PREFIX, NO_LINK, clean
from generator.charts.text import legible, legible_in
from generator.frames import Frame, Scalar

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_LINK = re.compile(r"(?![a-zA-Z][a-zA-Z0-9+.-]*:)(?!//)(?!\\)[^\s\"'<>\\\x00-\x1f]+")


def draw(
    compiled: CompiledChart,
    frame: Frame,
    *,
    id: str,
    title: str,
    description: str,
    links: Mapping[str, str] = {},
    events: Sequence[Event] = (),
    renderer: Renderer | None = None,
) -> str:
    """The chart as an inline ``<svg>``: same arguments, same bytes.

    ``id`` begins every id in it and must be unique on the page. ``links`` gives a relative address or a
    fragment to each key that has a page. ``events``, in the order of their days, are drawn where x is time. Raises
    :class:`ChartError` for an empty frame, for columns other than those the shape was compiled for, for an address
    that is not relative, and for a drawing that holds anything a page must not.
    """
    if not _ID.fullmatch(id):
        raise ChartError(f"{id!r} is no id: letters, digits, - and _, a letter first")
    if not len(frame):
        raise ChartError(f"{compiled.name}: there are no rows to draw; say in words that there is no figure")
    if frame.names != compiled.shape.names:
        raise ChartError(
            f"{compiled.name}: the chart was made for the columns {', '.join(compiled.shape.names)}; "
            f"these rows have {', '.join(frame.names)}"
        )
    for address in links.values():
        if not _LINK.fullmatch(address):
            raise ChartError(f"{address!r} is not a relative address; a chart links within the site only")
    kind = KINDS.get(compiled.kind)
    plan = kind.plan(frame, compiled.shape) if kind else own_plan(frame, compiled.shape)
    plan = with_events(plan, events, compiled.shape)
    keys = sorted(links)
    spec = _filled(compiled, plan, {key: f"{LINK_PREFIX}{index}" for index, key in enumerate(keys)})
    engine = renderer if renderer is not None else default_renderer(compiled.shape.style.font_directory)
    targets = [(links[key], plan.names.get(key, key)) for key in keys]
    left, top = plan.padding[:2] if plan.padding else (0.0, 0.0)
    places = attributes(plan.places, left, top) if kind else None
    words = {"id": id, "title": title, "description": description}
    return clean(
        engine.svg(spec),
        **words,
        links=targets,
        places=places,
        rows=len(frame),
        areas=plan.places.areas,
        tab_stops=kind is None or kind.tab_stops,
    )


def _filled(compiled: CompiledChart, plan: Plan, addresses: Mapping[str, str]) -> dict[str, Any]:
    """The shape's specification with this entity's data, parameters, size and links."""
    spec = dict(compiled.spec)
    spec["datasets"] = {
        name: [{**_legible(row), **_linked(row, addresses)} for row in rows] for name, rows in plan.data.items()
    }
    if not compiled.kind:
        spec["usermeta"] = {ROW: True}
        spec["datasets"][ROWS] = [
            {"href": NO_LINK, **row, ROW: number} for number, row in enumerate(spec["datasets"][ROWS])
        ]
    params = [
        {**p, "value": legible_in(plan.params.get(p["name"], p.get("value")))} for p in spec.get("params", ())
    ]
    if params:
        spec["params"] = params
    if plan.width is not None:
        spec["width"] = plan.width
    if plan.height is not None:
        spec["height"] = plan.height
    if plan.padding is not None:
        spec["padding"] = dict(zip(("left", "top", "right", "bottom"), plan.padding, strict=True))
    return spec


def _legible(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: legible(value) if isinstance(value, str) else value for name, value in row.items()}


def _linked(row: Mapping[str, Any], addresses: Mapping[str, str]) -> dict[str, str]:
    address = addresses.get(str(row.get("key")))
    return {} if address is None else {"href": address}


def own_plan(frame: Frame, shape: Shape) -> Plan:
    """The plan of a story's own chart: the rows as they are, dates as ISO text."""
    rows = [{name: _plain(value) for name, value in row.items()} for row in frame.records()]
    names = {}
    if {"key", "label"} <= set(frame.names):
        for row in frame.records():
            names[str(row["key"])] = named_value(shape, str(row["label"]), row.get("value"))
    return Plan({ROWS: rows}, names=names)


def _plain(value: Scalar) -> str | int | float | bool | None:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, dt.date) else value
