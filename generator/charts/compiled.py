"""A chart's shape, compiled once: the chart function is called, its specification is checked and kept."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from generator.bytecode import Bytecode
from generator.charts.kind import Kind
from generator.charts.kinds import KINDS
from generator.charts.shape import ROWS, ChartError, Shape
from generator.charts.style import vega_config
from generator.charts.text import legible_in
from generator.problems import one_of


class CompiledChart(Struct, frozen=True):
    """The specification of a chart without its rows.

    ``spec`` is a plain Vega-Lite dictionary; do not change it. ``kind`` is the built-in kind that lays the
    chart out, or "" for a story's own function. Can be pickled.
    """

    name: str
    spec: Mapping[str, Any]
    shape: Shape
    kind: str = ""

    def key(self) -> str:
        """A digest of all the drawing depends on besides the rows, the renderer and the fonts' files."""
        parts = {
            "spec": self.spec,
            "kind": self.kind,
            "width": self.shape.width,
            "columns": [(c.name, c.label, c.type, c.unit, c.decimals) for c in self.shape.columns],
            "options": dict(self.shape.options),
            "separators": [self.shape.separators.thousands, self.shape.separators.decimal],
            "months": self.shape.months,
            "font": self.shape.style.font_family,
        }
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=repr)
        return hashlib.sha256(text.encode()).hexdigest()


def compile_shape(
    function: Kind | Callable[..., Any], shape: Shape, *, name: str, bytecode: Bytecode | None = None
) -> CompiledChart:
    """Call a chart function once and check what it returns.

    ``function`` is a built-in kind (or its function) or a story's own ``(data, shape) -> chart``; ``name`` is
    what messages call it. What a built-in kind made in an earlier run is taken from ``bytecode``. Raises
    :class:`ChartError` when columns or options are wrong, when the function returns something else than a chart, or
    when the specification asks for anything but the rows.
    """
    kind = next((k for k in KINDS.values() if function is k or function is k.function), None)
    if kind is None:
        assert callable(function)
        return CompiledChart(name, _specification(function, shape, name), shape)
    shape = kind.ready(shape)
    parts = ("chart", kind.name, *shape.described())
    made = (bytecode or Bytecode()).kept(parts, lambda: json.dumps(_specification_of(kind, shape, name)))
    return CompiledChart(name, json.loads(made), shape, kind.name)


def _specification(function: Callable[..., Any], shape: Shape, name: str) -> dict[str, Any]:
    """Of a story's own chart."""
    spec = _made(function, shape, name, {ROWS}, validate=True)
    _fit(spec, shape.width)
    _use_utc(spec)
    return spec


def _specification_of(kind: Kind, shape: Shape, name: str) -> dict[str, Any]:
    import altair as alt

    names = {ROWS, *kind.extra_data}
    with alt.theme.enable("default"):  # whatever a story's own code has enabled: this is kept for all stories
        return _made(kind.function, shape, name, names, validate=False)  # tests know that it is valid


def _made(
    function: Callable[..., Any], shape: Shape, name: str, names: set[str], *, validate: bool
) -> dict[str, Any]:
    """What a chart function gives, checked, in the site's style."""
    import altair as alt

    chart = function(alt.NamedData(ROWS), shape)
    if not hasattr(chart, "to_dict"):
        raise ChartError(f"{name} must return an Altair chart; it returned {type(chart).__name__}")
    spec: dict[str, Any] = legible_in(chart.to_dict(validate=validate))
    _check(spec, names, name)
    config = vega_config(shape.style, shape.separators.thousands, shape.separators.decimal, shape.width)
    spec["config"] = _merged(config, _own_config(spec))
    spec.pop("$schema", None)
    spec.pop("usermeta", None)
    return spec


def _fit(spec: dict[str, Any], width: int) -> None:
    """A story's own chart takes the width it is drawn for, unless it sets another."""
    view = spec["config"].setdefault("view", {})
    view.setdefault("continuousHeight", round(width * 0.55))
    if "mark" in spec or "layer" in spec:
        spec.setdefault("width", width)
        spec.setdefault("autosize", {"type": "fit-x", "contains": "padding"})


def _own_config(spec: Mapping[str, Any]) -> dict[str, Any]:
    # Altair's default theme gives every chart a size; the site's style must win over it.
    config = copy.deepcopy(spec.get("config", {}))
    view = config.get("view", {})
    for name in ("continuousWidth", "continuousHeight"):
        if view.get(name) == 300:
            view.pop(name)
    return dict(config)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = _merged(merged[name], value) if both else value
    return merged


def _walk(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, node
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _walk(value, (*path, str(key)))
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value, path)


_LINKED = {"value": {"expr": "datum.href"}}
_DATA_GENERATORS = ("sequence", "sphere", "graticule")


def _check(spec: Mapping[str, Any], names: set[str], name: str) -> None:
    if spec.get("datasets"):
        raise ChartError(
            f"{name}: the chart brings its own rows; use the data the function is given, alt.NamedData('rows')"
        )
    for path, node in _walk(spec):
        if not isinstance(node, Mapping):
            continue
        where = ".".join(path) or "the chart"
        if "url" in node and path[-1:] != ("field",):
            raise ChartError(f"{name}: {where} asks for an address; a chart may use the figure's rows only")
        if node.get("type") == "image" or node.get("mark") == "image":
            raise ChartError(f"{name}: {where} draws images, which a chart may not")
        if path[-1:] == ("data",):
            _check_data(node, names, f"{name}: {where}")
        if path[-1:] == ("href",) and not (node.get("field") == "href" or node == _LINKED):
            raise ChartError(
                f"{name}: {where} sets an address; encode href='href' and give the links by key with the figure"
            )
        if path[-1:] == ("href",) and "condition" in node:
            raise ChartError(f"{name}: {where} has a condition; leave the key out of the links instead")


def _check_data(data: Mapping[str, Any], names: set[str], where: str) -> None:
    if "values" in data or any(generator in data for generator in _DATA_GENERATORS):
        raise ChartError(f"{where} holds rows of its own; use the data the function is given")
    if data.get("name") not in names:
        raise ChartError(f"{where} names {data.get('name')!r}; the data is called {one_of(sorted(names))}")


def _use_utc(node: Any) -> None:
    """Draw dates in UTC: a date must not move with the time zone of the machine."""
    if isinstance(node, dict):
        if node.get("type") == "temporal" and "field" in node and node.get("scale", {}) is not None:
            scale = node.setdefault("scale", {})
            if isinstance(scale, dict):
                scale.setdefault("type", "utc")
        unit = node.get("timeUnit")
        if isinstance(unit, str) and not unit.startswith(("utc", "binned")):
            node["timeUnit"] = f"utc{unit}"
        for value in node.values():
            _use_utc(value)
    elif isinstance(node, list):
        for value in node:
            _use_utc(value)
