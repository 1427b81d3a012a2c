"""What a chart function may ask for, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from chart_samples import KEY, LABEL, STYLE, VALUE, frame, sample

from generator.bytecode import Bytecode
from generator.charts import KINDS, NARROW, WIDE, ChartError, Shape, compile_shape, draw
from generator.charts.live import live_chart
from generator.store import Store

DATA = frame((LABEL, VALUE, KEY), ("Ambridge", 3, "am"), ("Borchester", None, "bo"))
SHAPE = Shape(DATA.columns)


def compiled(function: Any) -> Any:
    return compile_shape(function, SHAPE, name="own chart")


def test_a_storys_own_chart_is_themed_and_linked() -> None:
    calls = []

    def own(data: Any, shape: Shape) -> Any:
        import altair as alt

        calls.append(shape.width)
        return (
            alt.Chart(data).mark_bar(color=shape.colour("accent")).encode(x="value:Q", y="label:N", href="href:N")
        )

    chart = compiled(own)
    svg = draw(chart, DATA, id="f", title="T", description="D", links={"am": "towns/am/"})
    draw(chart, DATA, id="f", title="T", description="D")
    assert calls == [680]
    assert 'href="towns/am/"' in svg
    assert "undefined" not in svg
    assert "<title>Ambridge: 3 loans</title>" in svg
    assert 'fill="var(--chart-accent)"' in svg
    assert 'width="680"' in svg
    assert "#" not in svg.replace("&#", "")


@pytest.mark.parametrize("where", ["data", "lookup", "image", "href", "values", "other name"])
def test_addresses_and_rows_of_its_own_are_refused(where: str) -> None:
    import altair as alt

    def own(data: Any, shape: Shape) -> Any:
        chart = alt.Chart(data).mark_point().encode(x="value:Q")
        if where == "data":
            return alt.Chart("https://example.org/a.csv").mark_point().encode(x="value:Q")
        if where == "lookup":
            other = alt.LookupData(data=alt.UrlData("other.csv"), key="k", fields=["v"])
            return chart.transform_lookup(lookup="key", from_=other)
        if where == "image":
            return alt.Chart(data).mark_image(url="x.png").encode(x="value:Q")
        if where == "href":
            return chart.encode(href=alt.value("https://example.org/"))
        if where == "values":
            return alt.Chart(alt.InlineData(values=[{"value": 1}])).mark_point().encode(x="value:Q")
        return alt.Chart(alt.NamedData("others")).mark_point().encode(x="value:Q")

    with pytest.raises(ChartError, match="own chart"):
        compiled(own)


@pytest.mark.parametrize("kind", KINDS)
def test_a_shape_that_was_kept_is_as_if_it_were_made(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, options = sample(kind)

    def shaped(bytecode: Bytecode | None = None) -> Any:
        return compile_shape(KINDS[kind], Shape(rows.columns, options, WIDE, STYLE), name=kind, bytecode=bytecode)

    made = shaped()
    with Store(tmp_path) as store:
        assert shaped(Bytecode(store)).spec == made.spec
        monkeypatch.setitem(sys.modules, "altair", None)
        assert shaped(Bytecode(store)).spec == made.spec
        with pytest.raises(ImportError):
            shaped()


def test_the_theme_that_a_storys_code_enables_is_for_its_own_charts() -> None:
    import altair as alt

    rows, options = sample("bars")

    def shaped() -> Any:
        return compile_shape(KINDS["bars"], Shape(rows.columns, options, WIDE, STYLE), name="bars").spec

    def own(data: Any, _: Shape) -> Any:
        return alt.Chart(data).mark_bar().encode(x="value:Q")

    line = Shape((), sample("line")[1], WIDE, STYLE)
    plain, of_its_own = (shaped(), live_chart("line", line)), compiled(own)
    alt.theme.register("loud", enable=False)(lambda: alt.theme.ThemeConfig(config={"axis": {"labelFontSize": 30}}))
    with alt.theme.enable("loud"):
        assert (shaped(), live_chart("line", line)) == plain
        assert compiled(own).spec != of_its_own.spec


def test_what_is_no_chart_is_refused() -> None:
    with pytest.raises(ChartError, match="must return an Altair chart; it returned str"):
        compiled(lambda data, shape: "chart")


def test_a_colour_without_a_role_is_refused() -> None:
    def own(data: Any, shape: Shape) -> Any:
        import altair as alt

        return alt.Chart(data).mark_bar(color="#ff0000").encode(x="value:Q", y="label:N")

    with pytest.raises(ChartError, match="no dark counterpart"):
        draw(compiled(own), DATA, id="f", title="T", description="D")


def test_dates_are_drawn_in_utc() -> None:
    def own(data: Any, shape: Shape) -> Any:
        import altair as alt

        return alt.Chart(data).mark_line().encode(x="yearmonth(x):T", y="y:Q")

    data, _ = sample("line")
    spec = compile_shape(own, Shape(data.columns), name="own").spec
    assert spec["encoding"]["x"]["scale"]["type"] == "utc"
    assert spec["encoding"]["x"]["timeUnit"] == "utcyearmonth"


def test_options_are_checked() -> None:
    data, _ = sample("line")
    with pytest.raises(ChartError, match="did you mean 'step'"):
        compile_shape(KINDS["line"], Shape(data.columns, {"stp": True}), name="x")
    with pytest.raises(ChartError, match="not a yes or no"):
        compile_shape(KINDS["line"], Shape(data.columns, {"step": "yes"}), name="x")
    with pytest.raises(ChartError, match="not one of last, none"):
        compile_shape(KINDS["line"], Shape(data.columns, {"labels": "first"}), name="x")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_columns_are_checked(kind: str) -> None:
    _, options = sample(kind)
    with pytest.raises(ChartError, match="needs the columns"):
        compile_shape(KINDS[kind], Shape((KEY,), options), name="x")


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_built_in_kind_is_valid_vega_lite(name: str, width: int) -> None:
    """It is not looked at again each time: that takes as long as all else of it."""
    import altair as alt

    rows, options = sample(name)
    kind = KINDS[name]
    shape = kind.ready(Shape(rows.columns, options, width, STYLE))
    chart = kind.function(alt.NamedData("rows"), shape)
    assert chart.to_dict(validate=True) == chart.to_dict(validate=False)


def test_a_chart_of_a_storys_own_is_looked_at() -> None:
    def own(data: Any, shape: Shape) -> Any:
        import altair as alt

        chart = alt.Chart(data).mark_bar().encode(x="value:Q", y="label:N")
        chart.mark = "skyscraper"
        return chart

    with pytest.raises(Exception, match="skyscraper"):
        compiled(own)
