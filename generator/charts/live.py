"""Charts that a reader can look into: Vega specifications that run in the browser.

A specification here has no rows; a script of the page puts them in. It is compiled when the site is built, so that
neither Vega-Lite nor a compiler of expressions is published: Vega interprets them, as the policy of a page demands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from generator.charts.compiled import CompiledChart
from generator.charts.engine import default_renderer
from generator.charts.kinds import KINDS
from generator.charts.parts import as_given
from generator.charts.shape import ROWS, Shape
from generator.charts.style import sentinels, vega_config
from generator.charts.text import LINE_HEIGHT
from generator.charts.vega import TRANSFORMS

if TYPE_CHECKING:
    import altair as alt

EVENTS = "events"
"""What happened meanwhile: x, and text, the number that it has in the list below the figure."""
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
    bent: Literal["step-after", "linear"] = "step-after" if shape.options["step"] else "linear"
    if stacked:
        chart = base.mark_area(interpolate=bent, clip=True, strokeWidth=0.8, stroke=shape.colour("paper")).encode(
            x=x, y=alt.Y("y:Q", axis=axis, stack=None), y2="y0:Q", detail="run:N",
            fill=as_given(alt.Fill, "colour"),
        )  # fmt: skip
    else:
        chart = base.mark_line(interpolate=bent, clip=True).encode(
            x=x, y=alt.Y("y:Q", axis=axis, scale=alt.Scale(zero=zero)), detail="run:N",
            stroke=as_given(alt.Stroke, "colour"), strokeDash=as_given(alt.StrokeDash, "dash"),
        )  # fmt: skip
    # Names at the ends of lines: the script puts them where lines end in the window.
    named = alt.Chart(alt.NamedData(ENDS)).mark_text(
        align="left", baseline="middle", clip=False, dx=8, yOffset=alt.ExprRef("datum.dy"), fontWeight=600,
        lineHeight=LINE_HEIGHT,
    ).encode(x=x, y=alt.Y("y:Q", axis=axis), text="text:N", color=as_given(alt.Color, "colour"))  # fmt: skip
    happened = alt.Chart(alt.NamedData(EVENTS)).encode(x=x)
    seen = alt.ExprRef("inrange(datum.x, domain('x')) ? 1 : 0")
    rules = happened.mark_rule(clip=True, stroke=shape.colour("grey"), strokeWidth=1)
    numbers = happened.mark_text(
        align="left", baseline="top", dx=4, fontWeight=600, fill=shape.colour("muted"), opacity=seen
    ).encode(y=alt.value(0), text="text:N")
    return alt.layer(chart.add_params(_moved(["x"])), rules, named, numbers)


def _scatter(shape: Shape) -> Any:
    import altair as alt

    def axis(name: str) -> tuple[alt.Scale, alt.Axis]:
        log = shape.options[f"{name}_log"]
        scale = alt.Scale(
            type="log" if log else "linear", zero=shape.options["zero"] and not log, nice=log, padding=8
        )
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
    import altair as alt

    options = KINDS[kind].resolve(shape.options)
    given = Shape((), {"step": False, **options}, shape.width, shape.style, shape.separators, shape.months)
    with alt.theme.enable("default"):  # whatever a story's own code has enabled: this is kept for all stories
        spec = _CHARTS[kind](given).to_dict(validate=True)
    config = vega_config(shape.style, shape.separators.thousands, shape.separators.decimal, shape.width)
    # What has no ground at all hears no pointer where there is no mark.
    config["view"] = {**config["view"], "fill": "transparent"}
    own = {"width": shape.width, "height": 320, "autosize": {"type": "fit", "contains": "padding"}}
    return _packed(_compiled({**spec, **own, "config": config}, shape))


def live_own(compiled: CompiledChart) -> bytes:
    """The same of a story's own chart, with ``columns``: name and type of each. Empty if it needs more of Vega."""
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
    spec.pop("$schema", None)
    config = {**spec["config"]}
    config["locale"] = {**config.get("locale", {}), "time": _calendar(shape)}
    vega = default_renderer(shape.style.font_directory).vega({**spec, "config": config})
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
