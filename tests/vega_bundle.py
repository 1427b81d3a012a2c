"""Writes the Vega that is shipped, as vl-convert bundles it: python tests/vega_bundle.py

To be run when vl-convert, and with it Vega or Vega-Lite, has another version. Nothing is fetched: vl-convert holds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.charts.vega import ENGINE, LIVE

VEGA, VEGA_LITE = "6.2.0", "6.4.1"
"""Those that vl-convert draws and compiles with."""
PACKAGES = {
    "dataflow": "6.1.0", "parser": "7.1.0", "view": "6.1.0", "interpreter": "2.0.0", "transforms": "5.1.0",
    "view-transforms": "5.1.0", "encode": "5.1.0", "regression": "2.1.0", "voronoi": "5.1.0",
    "scenegraph": "5.1.0", "geo": "5.1.0", "force": "5.1.0", "hierarchy": "5.1.0", "label": "2.1.0",
    "wordcloud": "5.1.0", "crossfilter": "5.1.0",
}  # fmt: skip
"""The versions of Vega's packages, as vl-convert holds them."""
DRAWN_BY = {
    "dataflow": "transforms", "parser": "parse", "view": "View",
    "scenegraph": "SVGStringRenderer,textMetrics,resetSVGDefIds",
}  # fmt: skip
LIVE_BY = {"dataflow": "transforms", "parser": "parse", "view": "View", "interpreter": "expressionInterpreter"}
LIVE_PARTS = ("transforms", "view-transforms", "encode", "regression", "voronoi")
"""What is published: with the other packages, Vega-Lite and vega-embed it would be twice as large."""
ALL_PARTS = (*LIVE_PARTS, "geo", "force", "hierarchy", "label", "wordcloud", "crossfilter")


def engine() -> bytes:
    """A script that leaves ``vega`` behind."""
    compile_ = f'import {{compile}} from "{_address("vega-lite", VEGA_LITE)}";'
    names = ",".join(name for name in _names(DRAWN_BY) if name != "transforms")
    last = f"globalThis.vega={{{names},compile}};"
    notice = f"/* Vega {VEGA}, Vega-Lite {VEGA_LITE}; its licences: engine-licences.txt */"
    return f"{notice}\n{_bundled([*_imports(DRAWN_BY, ALL_PARTS), compile_, last])}\n".encode()


def live() -> bytes:
    """A module for browsers."""
    names = ",".join(name for name in _names(LIVE_BY) if name != "transforms")
    notice = f"/* Vega {VEGA} and what it is made of; its licences are beside this file. */"
    return f"{notice}\n{_bundled([*_imports(LIVE_BY, LIVE_PARTS), f'export{{{names}}};'])}\n".encode()


def _imports(named: Mapping[str, str], parts: Iterable[str]) -> list[str]:
    taken = {**{name: f"{{{what}}}" for name, what in named.items()}}
    taken |= {part: f"* as t{index}" for index, part in enumerate(parts)}
    lines = [f'import {what} from "{_address(f"vega-{name}", PACKAGES[name])}";' for name, what in taken.items()]
    return [*lines, f"Object.assign(transforms,{','.join(f't{index}' for index, _ in enumerate(parts))});"]


def _names(named: Mapping[str, str]) -> list[str]:
    return ",".join(named.values()).split(",")


def _address(package: str, version: str) -> str:
    """The name by which vl-convert knows a package that it holds."""
    return f"https://cdn.jsdelivr.net/npm/{package}@{version}/+esm"


def _bundled(lines: Iterable[str]) -> str:
    import vl_convert

    return str(vl_convert.javascript_bundle("\n".join(lines)))


if __name__ == "__main__":
    ENGINE.write_bytes(engine())
    LIVE.write_bytes(live())
