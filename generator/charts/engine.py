"""Vega in a V8 of this process: read once, each shape compiled once, and given other rows for each drawing.

It draws what vl-convert draws, in a tenth of the time where text is measured: by the advances of the fonts that
charts are set in. The two are held against each other by tests.
"""

from __future__ import annotations

import atexit
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generator.charts.renderer import Filled, Renderer, VlConvert, filled
from generator.charts.shape import ChartError
from generator.charts.text import Metrics, font_metrics
from generator.charts.vega import ENGINE

_ASKED = Path(__file__).parent / "engine.js"
_SHAPES = 64
"""How many are kept."""
_WAIT = 120.0
"""Seconds after which a drawing is given up."""
_PRELUDE = """
const window = undefined, document = undefined;
const console = Object.fromEntries(["log", "warn", "error", "info", "debug"].map(name => [name, () => {}]));
const structuredClone = thing => {
  if (Array.isArray(thing)) return thing.map(structuredClone);
  if (thing instanceof Date) return new Date(+thing);
  if (thing === null || typeof thing !== "object") return thing;
  return Object.fromEntries(Object.entries(thing).map(([name, value]) => [name, structuredClone(value)]));
};
"""
"""What Vega takes for granted and a V8 alone does not have."""


def default_renderer(fonts: Path | None) -> Renderer:
    """Vega in this process, or where there is no V8 for it, in vl-convert's."""
    if fonts not in _renderers:
        _renderers[fonts] = Engine(fonts) if find_spec("py_mini_racer") else VlConvert(fonts)
    return _renderers[fonts]


_renderers: dict[Path | None, Renderer] = {}


class Engine:
    """A :class:`~generator.charts.renderer.Renderer`. It starts when the first chart is drawn.

    Threads may share it. Never fork a process that has drawn: its V8 has threads, by which that is known. Raises
    :class:`ChartError` for what Vega cannot draw.
    """

    def __init__(self, font_directory: Path | None = None) -> None:
        self._fonts = font_directory
        self._shapes: OrderedDict[str, int] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def svg(self, spec: dict[str, Any]) -> str:
        given = filled(spec)
        with self._lock:
            number = self._shape(given)
            rows = {"rows": given.rows, "signals": given.signals}
            return str(self._call("draw", number, json.dumps(rows, ensure_ascii=False)))

    def vega(self, lite: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            return dict(json.loads(self._call("compile", json.dumps(lite))))

    def _shape(self, given: Filled) -> int:
        known = self._shapes.get(given.key)
        if known is None:
            vega = given.ready(json.loads(self._call("compile", given.key)))
            vega["data"] = given.data(vega, "rows of {}".format)
            known = self._count = self._count + 1
            self._call("shape", known, json.dumps(vega))
            self._shapes[given.key] = known
            if len(self._shapes) > _SHAPES:
                self._call("forget", self._shapes.popitem(last=False)[1])
        self._shapes.move_to_end(given.key)
        return known

    def _call(self, name: str, *arguments: int | str) -> Any:
        from py_mini_racer import JSEvalException

        try:
            with _no_loop():
                return self._v8.eval(_asked(name, *arguments), timeout_sec=_WAIT)
        except JSEvalException as error:
            raise ChartError(f"Vega cannot draw the chart: {_first_line(str(error))}") from None

    @cached_property
    def _v8(self) -> Any:
        from py_mini_racer import MiniRacer

        made = MiniRacer()
        atexit.register(made.close)  # later its thread is no more, and it would wait for that for ever
        parts = [_PRELUDE, *(path.read_text(encoding="utf-8") for path in (ENGINE, _ASKED))]
        made.eval("(() => {" + "\n".join(parts) + "})()")
        made.eval(_asked("measure", json.dumps(self._advances())))
        return made

    def _advances(self) -> dict[str, list[tuple[dict[int, float], float]]]:
        """Of each family that is there, regular and semi-bold; of any other under ''."""
        files = sorted(self._fonts.glob("*-Regular.ttf")) if self._fonts else []
        families = [path.name.removesuffix("-Regular.ttf") for path in files]
        made = {
            name: [_plain(font_metrics(self._fonts, name, bold)) for bold in (False, True)] for name in families
        }
        usual = families[0] if families else ""
        made[""] = made.get(usual) or [_plain(font_metrics(None, "", bold)) for bold in (False, True)]
        return made


def _asked(name: str, *arguments: int | str) -> str:
    """As one text: each thing that is handed over otherwise costs a way to the V8 and back."""
    return f"engine.{name}({', '.join(map(json.dumps, arguments))})"


@contextmanager
def _no_loop() -> Iterator[None]:
    """Whoever draws from a coroutine waits for the drawing, as for any function; the V8 has a loop of its own."""
    import asyncio

    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)


def _plain(metrics: Metrics) -> tuple[dict[int, float], float]:
    return dict(metrics.advances), metrics.default


def _first_line(said: str) -> str:
    """What went wrong, without the source that V8 quotes behind it."""
    found = re.search(r"(?:Error|Exception): (.*)", said)
    return (found[1] if found else said.partition("\n")[0])[:300]
