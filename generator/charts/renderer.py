"""The seam to the engine that draws: a Vega-Lite specification in, SVG out."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from generator.charts.reading import ROW, with_doubles

_COMPILED_SHAPES = 64


class Renderer(Protocol):
    """Draws. ``spec`` is a Vega-Lite specification whose rows are under ``datasets``.

    Where its ``usermeta`` asks for them, marks are doubled by :func:`generator.charts.reading.with_doubles`.

    The SVG is the engine's own and is trusted for nothing: :mod:`generator.charts.svg` cleans it.
    """

    def svg(self, spec: dict[str, Any]) -> str: ...

    def vega(self, lite: Mapping[str, Any]) -> dict[str, Any]:
        """A Vega-Lite specification → the Vega specification."""


class Filled(Struct, frozen=True):
    """A specification as its shape, and what differs from one entity to the next.

    ``key`` is the Vega-Lite specification without that, as JSON; ``signals`` are parameters and the size.
    """

    key: str
    rows: Mapping[str, Any]
    signals: Mapping[str, Any]
    doubles: bool

    def ready(self, vega: dict[str, Any]) -> dict[str, Any]:
        """The Vega specification that was compiled of it, with the doubles of marks that it asks for."""
        return {**vega, "marks": with_doubles(vega["marks"])} if self.doubles else vega

    def data(self, vega: Mapping[str, Any], values: Callable[[str], Any]) -> list[dict[str, Any]]:
        """The data of a Vega specification, with ``values`` of its name in each that has rows of its own."""
        return [
            {**data, "values": values(data["name"])} if data["name"] in self.rows and "source" not in data else data
            for data in vega["data"]
        ]


def filled(spec: Mapping[str, Any]) -> Filled:
    """``spec`` as a :class:`Renderer` is given it."""
    signals = {param["name"]: param["value"] for param in spec.get("params", ()) if "value" in param}
    signals |= {name: spec[name] for name in _SIZE if name in spec}
    doubles = bool(spec.get("usermeta", {}).get(ROW))
    return Filled(json.dumps(_blank(spec), sort_keys=True), spec.get("datasets", {}), signals, doubles)


class VlConvert:
    """Vega in a bundled V8, by vl-convert. Vega-Lite is compiled once a shape and kept.

    Fonts are registered once a process, when the first chart is drawn. Never fork a process that has drawn:
    the copy hangs. Use spawn.
    """

    def __init__(self, font_directory: Path | None = None) -> None:
        self._fonts = font_directory
        self._shapes: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def svg(self, spec: dict[str, Any]) -> str:
        import vl_convert

        register(self._fonts)
        # No address may be fetched, whatever the specification says.
        return str(vl_convert.vega_to_svg(self._vega(filled(spec)), allowed_base_urls=[]))

    def vega(self, lite: Mapping[str, Any]) -> dict[str, Any]:
        import vl_convert

        return dict(vl_convert.vegalite_to_vega(dict(lite)))

    def _vega(self, given: Filled) -> dict[str, Any]:
        """The Vega specification of the shape, with this chart's rows, parameters and size in it."""
        vega = dict(self._compiled(given))
        size = {name: given.signals[name] for name in _SIZE if name in given.signals}
        vega.update({name: value for name, value in size.items() if name in vega or name == "padding"})
        vega["data"] = given.data(vega, given.rows.__getitem__)
        vega["signals"] = [
            {**signal, "value": given.signals[signal["name"]]} if signal["name"] in given.signals else signal
            for signal in vega.get("signals", ())
        ]
        return vega

    def _compiled(self, given: Filled) -> dict[str, Any]:
        if given.key not in self._shapes:
            self._shapes[given.key] = given.ready(self.vega(json.loads(given.key)))
            if len(self._shapes) > _COMPILED_SHAPES:
                self._shapes.popitem(last=False)
        self._shapes.move_to_end(given.key)
        return self._shapes[given.key]


_registered: set[Path] = set()
"""The folders whose fonts vl-convert knows; its own registry is as wide as the process."""


def register(fonts: Path | None) -> None:
    """Make the fonts of a folder known to vl-convert."""
    import vl_convert

    if fonts and fonts not in _registered and fonts.is_dir():
        vl_convert.register_font_directory(str(fonts))
        _registered.add(fonts)


_SIZE = ("width", "height", "padding")


def _blank(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The specification without what differs from one entity to the next."""
    blank = {name: value for name, value in spec.items() if name not in ("datasets", "padding")}
    if "params" in spec:
        blank["params"] = [{**param, "value": 0} if "value" in param else param for param in spec["params"]]
    if spec.get("autosize") == "none":
        # The layout is the plan's, so that the compiler need not know the size.
        blank.update({name: 1 for name in ("width", "height") if name in spec})
    return blank
