"""The engine that draws, held against vl-convert, which draws the same with another V8."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import altair as alt
import pytest
import vega_bundle
from chart_samples import over_time, sample

from generator.charts import KINDS, ChartError, Shape, Style, VlConvert, compile_shape, draw, engine
from generator.charts.engine import Engine, default_renderer
from generator.charts.vega import ENGINE, LIVE
from generator.frames import Frame
from generator.theme import MEASURED, default_theme

FONTS = default_theme() / MEASURED
STYLE = Style(font_directory=FONTS)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def own(data: Any, shape: Shape) -> Any:
    """A chart whose axes, legend and title Vega lays out by the width of its text."""
    return (
        alt.Chart(data, title="Loans of three libraries, a title of some length")
        .mark_line(point=True)
        .encode(x=alt.X("x:T", title=None), y=alt.Y("y:Q", title="Loans a month"), color="series:N")
    )


def both(function: Any, data: Frame, options: dict[str, Any], width: int, **given: Any) -> tuple[str, str]:
    compiled = compile_shape(function, Shape(data.columns, options, width, STYLE), name="it")
    words = {"id": "fig", "title": "Loans", "description": "A chart."}
    first, second = (
        draw(compiled, data, **words, renderer=renderer, **given) for renderer in (Engine(FONTS), VlConvert(FONTS))
    )
    return first, second


@pytest.mark.parametrize("width", [340, 680])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_the_plan_lays_out_is_the_same_to_the_byte(kind: str, width: int) -> None:
    data, options = sample(kind)
    links = {key: f"../{key}/" for key in ("a", "bo", "am")} if any(c.type == "key" for c in data.columns) else {}
    ours, theirs = both(KINDS[kind], data, options, width, links=links)
    assert ours == theirs


def test_what_vega_lays_out_by_its_text_is_the_same_within_a_pixel() -> None:
    ours, theirs = both(own, over_time("Fiction", "Travel", "Children & young people"), {}, 680)
    assert NUMBER.split(ours) == NUMBER.split(theirs)
    pairs = zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True)
    assert max(abs(float(a) - float(b)) for a, b in pairs) < 1


def test_other_rows_of_one_shape_are_drawn_with_what_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    call = Engine._call

    def heard(self: Engine, name: str, *arguments: Any) -> Any:
        asked.append(name)
        return call(self, name, *arguments)

    monkeypatch.setattr(Engine, "_call", heard)
    frames = [over_time("Ambridge", months=months) for months in (30, 12, 60)]
    compiled = compile_shape(KINDS["line"], Shape(frames[0].columns, {}, 680, STYLE), name="it")
    one = Engine(FONTS)
    words = {"id": "fig", "title": "Loans", "description": "A chart."}
    for data in (*frames, frames[0]):
        assert draw(compiled, data, **words, renderer=one) == draw(compiled, data, **words, renderer=Engine(FONTS))
    assert asked.count("draw") == 8
    assert asked.count("compile") == 5, "one of them compiled it once"


def test_shapes_that_are_let_go_of_are_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_SHAPES", 1)
    one = Engine(FONTS)
    data, _ = sample("line")
    made = []
    for width in (340, 680, 340):
        compiled = compile_shape(KINDS["line"], Shape(data.columns, {}, width, STYLE), name="it")
        made.append(draw(compiled, data, id="fig", title="Loans", description="A chart.", renderer=one))
    assert made[0] == made[2] != made[1]
    assert len(one._shapes) == 1


def test_what_vega_cannot_draw_is_one_line() -> None:
    def wrong(data: Any, shape: Shape) -> Any:
        return alt.Chart(data).mark_line().encode(x="x:T", y="y:Q").transform_calculate(z="datum.y +* 2")

    data = over_time("Ambridge")
    compiled = compile_shape(wrong, Shape(data.columns, {}, 680, STYLE), name="figure wrong")
    with pytest.raises(ChartError, match=r"^Vega cannot draw the chart: [^\n]{5,300}$"):
        draw(compiled, data, id="fig", title="Loans", description="A chart.", renderer=Engine(FONTS))


def test_it_goes_on_after_a_failure() -> None:
    one = Engine(FONTS)
    with pytest.raises(ChartError):
        one.svg({"mark": "line", "data": {"name": "rows"}, "transform": [{"calculate": "1 +* 2", "as": "z"}]})
    assert "Ambridge" in drawn_by(one)


def test_threads_may_share_it() -> None:
    one, frames = Engine(FONTS), [over_time("Ambridge", months=months) for months in (12, 24, 36, 48)]
    compiled = compile_shape(KINDS["line"], Shape(frames[0].columns, {}, 680, STYLE), name="it")
    words = {"id": "fig", "title": "Loans", "description": "A chart."}
    alone = [draw(compiled, data, **words, renderer=Engine(FONTS)) for data in frames]
    made: dict[int, list[str]] = {}

    def work(number: int) -> None:
        made[number] = [draw(compiled, frames[number], **words, renderer=one) for _ in range(5)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == {number: [alone[number]] * 5 for number in range(4)}


def test_it_draws_from_a_coroutine() -> None:
    async def work() -> list[str]:
        one = Engine(FONTS)
        made = [drawn_by(one)]
        await asyncio.sleep(0)
        return [*made, drawn_by(one)]

    with ThreadPoolExecutor(1) as pool:  # where nobody else has a loop
        assert pool.submit(asyncio.run, work()).result() == [drawn_by(Engine(FONTS))] * 2


def drawn_by(one: Engine) -> str:
    data, options = sample("bars")
    compiled = compile_shape(KINDS["bars"], Shape(data.columns, options, 680, STYLE), name="it")
    return draw(compiled, data, id="fig", title="Loans", description="A chart.", renderer=one)


def test_without_a_v8_vl_convert_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_renderers", {})
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    assert isinstance(default_renderer(FONTS), VlConvert)
    assert isinstance(default_renderer(None), VlConvert)


def test_a_chart_has_no_network_and_no_files() -> None:
    one = Engine(FONTS)
    for name in ("fetch", "XMLHttpRequest", "require", "process", "Deno"):
        assert one._v8.eval(f"typeof {name}") == "undefined"


def test_a_program_that_has_drawn_ends() -> None:
    """However it ends, nothing of it waits for a thread that is no more."""
    here = Path(__file__).parent
    program = "from chart_samples import drawn, sample\nprint(len(drawn('line', *sample('line'))))\n"
    for end in ("", "raise SystemExit(0)", "import sys; sys.exit(0)"):
        done = subprocess.run(
            [sys.executable, "-c", program + end],
            env={"PYTHONPATH": f"{here}:{here.parents[1]}"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert int(done.stdout) > 1000
        assert done.stderr == ""


@pytest.mark.parametrize(("path", "made"), [(ENGINE, vega_bundle.engine), (LIVE, vega_bundle.live)])
def test_the_vega_that_is_shipped_is_the_one_that_vl_convert_holds(path: Path, made: Callable[[], bytes]) -> None:
    import vl_convert

    assert vl_convert.get_vega_version() == vega_bundle.VEGA
    assert ".".join(vega_bundle.VEGA_LITE.split(".")[:2]) == vl_convert.get_vegalite_versions()[-1]
    assert path.read_bytes() == made(), "run: python tests/vega_bundle.py"


def test_the_first_line_says_which_versions_draw() -> None:
    first, _, _ = ENGINE.read_text(encoding="utf-8").partition("\n")
    assert vega_bundle.VEGA in first
    assert vega_bundle.VEGA_LITE in first
