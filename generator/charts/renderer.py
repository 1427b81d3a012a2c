"""The seam to the engine that draws: a Vega-Lite specification in, SVG out."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any, Protocol

from generator.charts.reading import ROW, with_doubles

_COMPILED_SHAPES = 64


class Renderer(Protocol):
    """Draws. ``spec`` is a Vega-Lite specification whose rows are under ``datasets``.

    Where its ``usermeta`` asks for them, marks are doubled by :func:`generator.charts.reading.with_doubles`.

    The SVG is the engine's own and is trusted for nothing: :mod:`generator.charts.svg` cleans it.
    """

    version: str

    def svg(self, spec: dict[str, Any]) -> str: ...


class VlConvert:
    """Vega in a bundled V8, by vl-convert. Vega-Lite is compiled once a shape and kept.

    Fonts are registered once a process, when the first chart is drawn. Never fork a process that has drawn:
    the copy hangs. Use spawn.
    """

    def __init__(self, font_directory: Path | None = None) -> None:
        self._fonts = font_directory
        self._shapes: OrderedDict[str, dict[str, Any]] = OrderedDict()

    @property
    def version(self) -> str:
        """What must be in the key of a cached drawing."""
        from importlib.metadata import version

        return f"vl-convert {version('vl-convert-python')}"

    def svg(self, spec: dict[str, Any]) -> str:
        import vl_convert

        register(self._fonts)
        # No address may be fetched, whatever the specification says.
        return str(vl_convert.vega_to_svg(self._vega(spec), allowed_base_urls=[]))

    def _vega(self, spec: dict[str, Any]) -> dict[str, Any]:
        """The Vega specification of the shape, with this chart's rows, parameters and size in it."""
        rows: dict[str, Any] = spec.get("datasets", {})
        params = {param["name"]: param["value"] for param in spec.get("params", ()) if "value" in param}
        vega = dict(self._compiled(_blank(spec)))
        vega.update({name: spec[name] for name in _SIZE if name in spec and (name in vega or name == "padding")})
        vega["data"] = [
            {**data, "values": rows[data["name"]]} if data["name"] in rows and "source" not in data else data
            for data in vega["data"]
        ]
        vega["signals"] = [
            {**signal, "value": params[signal["name"]]} if signal["name"] in params else signal
            for signal in vega.get("signals", ())
        ]
        return vega

    def _compiled(self, blank: dict[str, Any]) -> dict[str, Any]:
        import vl_convert

        key = json.dumps(blank, sort_keys=True)
        if key not in self._shapes:
            vega = vl_convert.vegalite_to_vega(blank)
            if blank.get("usermeta", {}).get(ROW):
                vega["marks"] = with_doubles(vega["marks"])
            self._shapes[key] = vega
            if len(self._shapes) > _COMPILED_SHAPES:
                self._shapes.popitem(last=False)
        self._shapes.move_to_end(key)
        return self._shapes[key]


_registered: set[Path] = set()
"""The folders whose fonts vl-convert knows; its own registry is as wide as the process."""


def register(fonts: Path | None) -> None:
    """Make the fonts of a folder known to vl-convert."""
    import vl_convert

    if fonts and fonts not in _registered and fonts.is_dir():
        vl_convert.register_font_directory(str(fonts))
        _registered.add(fonts)


_SIZE = ("width", "height", "padding")


def _blank(spec: dict[str, Any]) -> dict[str, Any]:
    """The specification without what differs from one entity to the next."""
    blank = {name: value for name, value in spec.items() if name not in ("datasets", "padding")}
    if "params" in spec:
        blank["params"] = [{**param, "value": 0} if "value" in param else param for param in spec["params"]]
    if spec.get("autosize") == "none":
        # The layout is the plan's, so that the compiler need not know the size.
        blank.update({name: 1 for name in ("width", "height") if name in spec})
    return blank
