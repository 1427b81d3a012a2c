"""Charts of this story that the built-in kinds cannot draw: ``(data, shape) -> chart``, an Altair chart.

A function is used by its name: ```` ```figure in_and_out ````. Its rows are what ``of`` and ``columns`` of the
figure say; they are put in later, so that a chart is made once and not for each page.
"""

from __future__ import annotations

from typing import Any

import altair as alt


def in_and_out(data: alt.NamedData, shape: Any) -> alt.TopLevelMixin:
    """Bars to both sides of zero: what is sold to the left, what is bought to the right.

    Columns: ``label`` (text, one pair of bars each, in the given order), ``bought`` and ``sold`` (TWh, or any other
    unit, above zero).
    """
    names = alt.Axis(title=None, ticks=False, domain=False, grid=False, labelPadding=8)
    amounts = alt.Axis(
        title=None,
        labelExpr="format(abs(datum.value), ',')",  # to the left of zero, too, amounts are above zero
        labelOverlap=True,
        labelSeparation=6,
        tickCount=3 if shape.narrow else 5,
        domain=False,
        ticks=False,
    )
    base = alt.Chart(data).encode(y=alt.Y("label:N", sort=None, axis=names))
    thin = 22 if shape.narrow else 20
    bought = base.mark_bar(size=thin * 0.6, color=shape.colour("accent")).encode(x=alt.X("bought:Q", axis=amounts))
    sold = (
        base.transform_calculate(left="-datum.sold")
        .mark_bar(size=thin * 0.6, color=shape.colour("grey"))
        .encode(x=alt.X("left:Q", axis=amounts))
    )
    zero = alt.Chart(data).mark_rule(color=shape.colour("ink")).encode(x=alt.datum(0))
    return alt.layer(sold, bought, zero).properties(height=alt.Step(thin))
