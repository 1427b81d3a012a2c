"""Charts of this story that the built-in kinds cannot draw: ``(data, shape) -> chart``."""

from __future__ import annotations

from typing import Any

import altair as alt


def against_goal(data: alt.NamedData, shape: Any) -> alt.TopLevelMixin:
    """Bars with a line at a goal.

    Columns: ``label`` (text, one bar each, in the given order), ``value`` (number), ``goal`` (the same number in
    every row), in the unit of ``value``.
    """
    thin = 26 if shape.narrow else 30
    base = alt.Chart(data).encode(y=alt.Y("label:N", sort=None, axis=_names()))
    length = alt.X("value:Q", scale=alt.Scale(zero=True, nice=False), axis=_amounts(shape))
    bars = base.mark_bar(size=thin * 0.62, color=shape.colour("grey")).encode(x=length)
    amounts = base.mark_text(align="left", dx=6, color=shape.colour("ink")).encode(
        x=length, text=alt.Text("value:Q", format=",d")
    )
    goal = alt.Chart(data).encode(x=alt.X("max(goal):Q"))
    line = goal.mark_rule(color=shape.colour("ink"), strokeWidth=1.5, strokeDash=[4, 3])
    name = goal.mark_text(align="right", dx=-6, baseline="bottom", y=-4, color=shape.colour("ink")).encode(
        text=alt.Text("max(goal):Q", format=",d")
    )
    return alt.layer(bars, amounts, line, name).properties(height=alt.Step(thin))


def _names() -> alt.Axis:
    return alt.Axis(title=None, ticks=False, domain=False, grid=False, labelPadding=8)


def _amounts(shape: Any) -> alt.Axis:
    return alt.Axis(title=None, format=",d", tickCount=3 if shape.narrow else 5, domain=False, ticks=False)
