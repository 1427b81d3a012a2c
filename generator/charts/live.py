"""Charts that a reader can look into: Vega specifications, and Vega itself, which run in the browser.

A specification here has no rows; a script of the page puts them in. It is compiled when the site is built, so that
neither Vega-Lite nor a compiler of expressions is published: Vega interprets them, as the policy of a page demands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.charts.compiled import CompiledChart
from generator.charts.kinds import KINDS
from generator.charts.parts import as_given
from generator.charts.shape import ROWS, Shape
from generator.charts.style import sentinels, vega_config

if TYPE_CHECKING:
    import altair as alt

ENDS = "ends"
"""The rows of the names at the ends of lines: x, y, text (lines), colour, and dy in px."""
WINDOW = "window"
"""The selection that moves the axes; Vega has the signals ``window_x`` and ``window_y`` of it."""

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

# Built-in kinds ---------------------------------------------------------------------------------------------


def _moved(encodings: list[str]) -> Any:
    """Drag to move along the axes; the wheel changes the scale only with a key, or nobody could scroll past."""
    import altair as alt

    zoom = "wheel![event.ctrlKey || event.metaKey || event.shiftKey]"
    return alt.selection_interval(name=WINDOW, bind="scales", encodings=encodings, zoom=zoom)  # type: ignore[arg-type]


def _over_time(shape: Shape, *, stacked: bool) -> Any:
    import altair as alt

    x = alt.X("x:T", scale=alt.Scale(type="utc"), axis=alt.Axis(title=None, labelOverlap=True, labelFlush=False))
    axis = alt.Axis(title=None, grid=True, tickCount=5)
    zero = bool(shape.options.get("zero", True))
    base = alt.Chart(alt.NamedData(ROWS))
    bent = "step-after" if shape.options["step"] else "linear"
    if stacked:
        chart = base.mark_area(interpolate=bent, clip=True, strokeWidth=0.8, stroke=shape.colour("paper")).encode(
            x=x, y=alt.Y("y:Q", axis=axis, stack=None), y2="y0:Q", fill=as_given(alt.Fill, "colour"), detail="run:N",
        )  # fmt: skip
    else:
        chart = base.mark_line(interpolate=bent, clip=True).encode(
            x=x, y=alt.Y("y:Q", axis=axis, scale=alt.Scale(zero=zero)), stroke=as_given(alt.Stroke, "colour"), detail="run:N",
            strokeDash=as_given(alt.StrokeDash, "dash"),
        )  # fmt: skip
    # Names at the ends of lines, as far as these are in the window.
    seen = alt.ExprRef("inrange(datum.x, domain('x')) ? 1 : 0")
    named = alt.Chart(alt.NamedData(ENDS)).mark_text(
        align="left", baseline="middle", clip=False, dx=8, yOffset=alt.ExprRef("datum.dy"), fontWeight=600, lineHeight=14,
        opacity=seen,
    ).encode(x=x, y=alt.Y("y:Q", axis=axis), text="text:N", color=as_given(alt.Color, "colour"))  # fmt: skip
    return alt.layer(chart.add_params(_moved(["x"])), named)


def _scatter(shape: Shape) -> Any:
    import altair as alt

    def axis(name: str) -> tuple[alt.Scale, alt.Axis]:
        log = shape.options[f"{name}_log"]
        scale = alt.Scale(type="log" if log else "linear", zero=shape.options["zero"] and not log, nice=log, padding=8)
        return scale, alt.Axis(title=f"@{name}", grid=True, tickCount=6)

    (x, of_x), (y, of_y) = axis("x"), axis("y")
    chart = alt.Chart(alt.NamedData(ROWS)).mark_circle(opacity=1, clip=True, strokeWidth=1).encode(
        x=alt.X("x:Q", scale=x, axis=of_x), y=alt.Y("y:Q", scale=y, axis=of_y),
        fill=as_given(alt.Fill, "colour"), stroke=alt.value(shape.colour("paper")),
        size=as_given(alt.Size, "size", "Q"), order=alt.Order("size:Q"),
    )  # fmt: skip
    return chart.add_params(_moved(["x", "y"]))


_CHARTS: Mapping[str, Callable[[Shape], Any]] = {
    "line": lambda shape: _over_time(shape, stacked=False),
    "area": lambda shape: _over_time(shape, stacked=False),
    "multiples": lambda shape: _over_time(shape, stacked=False),
    "stacked": lambda shape: _over_time(shape, stacked=True),
    "scatter": _scatter,
}
LIVE = frozenset(_CHARTS)
"""The built-in kinds with axes that a reader can move along."""


def live_chart(kind: str, shape: Shape) -> bytes:
    """The specification of a built-in kind with these options, for any rows: a JSON object with ``spec``.

    Its titles of axes are ``@x`` and ``@y``, to be replaced by those of the figure. ``shape`` needs no columns.
    """
    options = KINDS[kind].resolve(shape.options)
    given = Shape((), {"step": False, **options}, shape.width, shape.style, shape.separators, shape.months)
    spec = _CHARTS[kind](given).to_dict(validate=True)
    config = vega_config(shape.style, shape.separators.thousands, shape.separators.decimal, shape.width)
    # What has no ground at all hears no pointer where there is no mark.
    config["view"] = {**config["view"], "fill": "transparent"}
    own = {"width": shape.width, "height": 320, "autosize": {"type": "fit", "contains": "padding"}}
    return _packed(_compiled({**spec, **own, "config": config}, shape))


def live_own(compiled: CompiledChart) -> bytes:
    """The same of a story's own chart, with ``columns``: name and type of each. Empty where it needs more of Vega."""
    vega = _compiled(dict(compiled.spec), compiled.shape)
    if set(_transforms(vega)) - TRANSFORMS:
        return b""
    return _packed(vega, [[column.name, column.type] for column in compiled.shape.columns if column.type != "key"])


def _packed(vega: Mapping[str, Any], columns: list[list[str]] | None = None) -> bytes:
    made = {"columns": columns, "spec": vega} if columns else {"spec": vega}
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    for colour, role in sentinels():
        text = text.replace(colour, f"var(--chart-{role})")
    return text.encode()


def _compiled(spec: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """Vega-Lite → Vega. Its rows come later, the names of months from the site."""
    import vl_convert

    spec.pop("$schema", None)
    config = {**spec["config"]}
    config["locale"] = {**config.get("locale", {}), "time": _calendar(shape)}
    vega: dict[str, Any] = vl_convert.vegalite_to_vega({**spec, "config": config})
    vega.pop("$schema", None)
    vega.pop("usermeta", None)
    return vega


def _calendar(shape: Shape) -> dict[str, Any]:
    months = list(shape.months)
    return {
        "dateTime": "%Y-%m-%d %H:%M", "date": "%Y-%m-%d", "time": "%H:%M", "periods": ["", ""],
        "days": list(_DAYS), "shortDays": [day[:3] for day in _DAYS], "months": months, "shortMonths": months,
    }  # fmt: skip


def _transforms(vega: Any) -> Iterator[str]:
    """The kinds of transforms of data, anywhere in a specification."""
    if isinstance(vega, Mapping):
        for name, value in vega.items():
            if name == "transform" and isinstance(value, list):
                yield from (str(each.get("type")).lower() for each in value)
            if name == "type" and value == "shape":
                yield "geoshape"
            yield from _transforms(value)
    elif isinstance(vega, list):
        for value in vega:
            yield from _transforms(value)


# Vega itself ------------------------------------------------------------------------------------------------

_PACKAGES: Mapping[str, Mapping[str, str]] = {
    "6.2.0": {
        "dataflow": "6.1.0", "parser": "7.1.0", "view": "6.1.0", "interpreter": "2.0.0", "transforms": "5.1.0",
        "view-transforms": "5.1.0", "encode": "5.1.0", "regression": "2.1.0", "voronoi": "5.1.0",
    },
}  # fmt: skip
"""Version of Vega → those of its packages, as vl-convert holds them.

Vega has five packages more; with them, Vega-Lite and vega-embed it is twice as large. Another version of Vega goes
without live charts until its packages are written here; a test says so.
"""

TRANSFORMS = frozenset(
    "aggregate bin collect countpattern cross density dotbin extent filter flatten fold formula identifier impute "
    "joinaggregate kde loess lookup pie pivot project quantile regression sample sequence stack timeunit voronoi "
    "window".split()
)
"""What of the data's transforms is in the packages that are published."""

_LICENCES = Path(__file__).parent / "vega-licences.txt"
_ADDRESS = "https://cdn.jsdelivr.net/npm/vega-{}@{}/+esm"
"""The name by which vl-convert knows a package that it holds. Nothing is fetched."""


@cache
def has_vega() -> bool:
    """Whether live charts can be made with the vl-convert that is installed."""
    return bool(_known())


def _known() -> Mapping[str, str]:
    return _PACKAGES.get(vega_version(), {})


def vega_version() -> str:
    import vl_convert

    return str(vl_convert.get_vega_version())


def vega_recipe() -> list[str]:
    """What :func:`vega_module` is made from: the version of what makes it, and how."""
    from importlib.metadata import version

    return [version("vl-convert-python"), repr(_PACKAGES)]


@cache
def vega_module() -> bytes:
    """Vega as one module that exports ``parse``, ``View`` and ``expressionInterpreter``: the same bytes each time.

    b"" where :func:`has_vega` says no.
    """
    import vl_convert

    if not has_vega():
        return b""
    packages = _known()
    adding = [name for name in packages if name not in ("dataflow", "parser", "view", "interpreter")]
    taken = {
        "dataflow": "{transforms}", "parser": "{parse}", "view": "{View}", "interpreter": "{expressionInterpreter}",
        **{name: f"* as t{index}" for index, name in enumerate(adding)},
    }  # fmt: skip
    lines = [f'import {what} from "{_ADDRESS.format(name, packages[name])}";' for name, what in taken.items()]
    lines.append(f"Object.assign(transforms,{','.join(f't{index}' for index in range(len(adding)))});")
    lines.append("export{parse,View,expressionInterpreter};")
    notice = f"/* Vega {vega_version()} and what it is made of; its licences are beside this file. */\n"
    return (notice + str(vl_convert.javascript_bundle("\n".join(lines)))).encode()




def licences() -> bytes:
    """The terms of everything in :func:`vega_module`, to be published beside it."""
    return _LICENCES.read_bytes()
