"""Cost against size, as a picture for the documentation.

    python -m tests.benchmarks.plot FIGURES PICTURE

FIGURES is what ``python -m tests.benchmarks.synthetic --out`` has written, PICTURE an SVG file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import altair as alt
import pandas as pd
import vl_convert

SHOWN = {
    "cold, 1 process": "Broadsheet, one process",
    "cold, 2 processes": "Broadsheet, two processes",
    "one district's document edited": "Broadsheet, one page edited",
    "nothing to do": "Broadsheet, nothing to do",
    "the script": "A script: Altair, Jinja",
    "Eleventy and Vega": "Eleventy and Vega",
}
"""What is measured, and what it is called beside its line."""
OTHERS = ("A script: Altair, Jinja", "Eleventy and Vega")


def picture(figures: pd.DataFrame) -> str:
    """Seconds on the clock by the number of pages, both on a logarithmic scale, as SVG."""
    known = figures[figures["what"].isin(list(SHOWN))].assign(name=figures["what"].map(SHOWN))
    last = known.sort_values("pages").groupby("name").tail(1)
    x = alt.X("pages:Q", scale=alt.Scale(type="log", nice=False), axis=alt.Axis(values=sorted(set(known["pages"])), format=","), title="Pages")  # fmt: skip
    y = alt.Y("seconds:Q", scale=alt.Scale(type="log", nice=False), axis=alt.Axis(values=[0.1, 0.3, 1, 3, 10, 30, 100, 300], format="~g"), title="Seconds on the clock")  # fmt: skip
    colour = alt.condition(alt.FieldOneOfPredicate("name", list(OTHERS)), alt.value("#777"), alt.value("#9b2d1f"))
    lines = alt.Chart(known).mark_line(point=True).encode(x, y, color=colour, detail="name:N")
    last = last.assign(ends=last["pages"] == known["pages"].max())
    beside = alt.Chart(last[last["ends"]]).mark_text(align="left", dx=8, baseline="middle")
    above = alt.Chart(last[~last["ends"]]).mark_text(align="right", dx=4, dy=-10)  # other lines go on beside it
    labels = [each.encode(x, y, text="name:N", color=colour) for each in (beside, above)]
    chart = alt.layer(lines, *labels).properties(
        width=420, height=300, padding={"right": 170, "left": 5, "top": 10, "bottom": 5}
    )
    chart = chart.configure(font="Helvetica, Arial, sans-serif", background="white").configure_view(stroke=None)
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", type=Path)
    parser.add_argument("picture", type=Path)
    given = parser.parse_args()
    given.picture.write_text(picture(pd.read_csv(given.figures)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
