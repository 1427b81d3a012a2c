"""The files behind what figures offer: live charts, Vega, and the script that a page loads when it is asked to."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property

from generator.bytecode import Bytecode
from generator.charts import CompiledChart, Shape
from generator.charts.live import live_chart, live_own
from generator.charts.vega import vega_module
from generator.figures.live import SPECS
from generator.inputs import digest, generator
from generator.memory import Memory
from generator.theme import Theme, fingerprinted
from generator.values import NumberStyle

Named = tuple[str, bytes]
"""A path below the site's root and the bytes that are there."""


class LiveFiles:
    """What the figures of a site lead to, in the language of a style. Each file is made once."""

    def __init__(self, theme: Theme, style: NumberStyle, memory: Memory, bytecode: Bytecode) -> None:
        self.theme = theme
        self.style = style
        self.memory = memory
        self.bytecode = bytecode
        self._charts: dict[tuple[str, ...], bytes] = {}

    @cached_property
    def script(self) -> Named:
        """``assets/live-….js``, which does what figures offer.

        Before the theme's scripts stand the parts that they put into a page, in the words of the language, and
        their style: one file, so that all is fetched at once, and no page has to carry it.
        """
        words = {
            "months": self.style.short_months,
            "thousands": self.style.thousands,
            "group_from": self.style.group_from,
            "decimal": self.style.decimal,
            "vega": self.vega_path.removeprefix("assets/"),
        }
        parts = {"PARTS": self.theme.render("partials/live.html", {"live": words}), "STYLE": self.theme.live_style}
        given = [f"{name}={json.dumps(text, ensure_ascii=False)}" for name, text in parts.items()]
        data = f"const {','.join(given)};\n{self.theme.live}\n".encode()
        return fingerprinted("live.js", data), data

    @cached_property
    def vega_path(self) -> str:
        """Where Vega is."""
        return f"{SPECS}/vega-{digest(self.vega)[:10]}.js"

    @property
    def vega(self) -> bytes:
        return vega_module()

    def chart(self, kind: str, shape: Shape) -> Named | None:
        """The live chart of figures of a built-in kind that have this shape, all of them; None if it has none."""
        parts = (kind, *shape.described())
        if parts not in self._charts:

            def make() -> bytes:
                return self.bytecode.kept(("live", *parts), lambda: live_chart(kind, shape))

            self._charts[parts] = self.memory.on_disk("live", [generator(), *parts], make, sure=True)
        data = self._charts[parts]
        return (f"{SPECS}/{kind}-{digest(data)[:10]}.json", data) if data else None

    def own_chart(self, name: str, code: str, shape: Shape, compiled: Callable[[], CompiledChart]) -> bytes:
        """The live chart of a story's own function; empty if it has none. ``code`` is the digest of its code."""

        def make() -> bytes:
            return live_own(compiled())

        return self.memory.on_disk("live", [generator(), code, name, *shape.described()], make) if code else make()
