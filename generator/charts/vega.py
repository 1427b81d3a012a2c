"""Vega as a site publishes it: the packages that live charts need, as one module for the browser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

_PACKAGES: Mapping[str, Mapping[str, str]] = {
    "6.2.0": {
        "dataflow": "6.1.0", "parser": "7.1.0", "view": "6.1.0", "interpreter": "2.0.0", "transforms": "5.1.0",
        "view-transforms": "5.1.0", "encode": "5.1.0", "regression": "2.1.0", "voronoi": "5.1.0",
    },
}  # fmt: skip
"""Version of Vega → those of its packages, as vl-convert holds them.

Vega has five packages more; with them, Vega-Lite and vega-embed it is twice as large. Another version of Vega goes
without live charts until its packages are written here; a test says so.
"""

TRANSFORMS = frozenset((
    "aggregate", "bin", "collect", "countpattern", "cross", "density", "dotbin", "extent", "filter",
    "flatten", "fold", "formula", "identifier", "impute", "joinaggregate", "kde", "loess", "lookup", "pie",
    "pivot", "project", "quantile", "regression", "sample", "sequence", "stack", "timeunit", "voronoi",
    "window",
))  # fmt: skip
"""What of the data's transforms is in the packages that are published."""

_LICENCES = Path(__file__).parent / "vega-licences.txt"
_ADDRESS = "https://cdn.jsdelivr.net/npm/vega-{}@{}/+esm"
"""The name by which vl-convert knows a package that it holds. Nothing is fetched."""


@cache
def has_vega() -> bool:
    """Whether live charts can be made with the vl-convert that is installed."""
    return bool(_known())


def _known() -> Mapping[str, str]:
    return _PACKAGES.get(vega_version(), {})


def vega_version() -> str:
    import vl_convert

    return str(vl_convert.get_vega_version())


def vega_recipe() -> list[str]:
    """What :func:`vega_module` is made from: the version of what makes it, and how."""
    from importlib.metadata import version

    return [version("vl-convert-python"), repr(_PACKAGES)]


@cache
def vega_module() -> bytes:
    """Vega as one module that exports ``parse``, ``View`` and ``expressionInterpreter``: the same bytes each time.

    b"" where :func:`has_vega` says no.
    """
    import vl_convert

    if not has_vega():
        return b""
    packages = _known()
    adding = [name for name in packages if name not in ("dataflow", "parser", "view", "interpreter")]
    taken = {
        "dataflow": "{transforms}", "parser": "{parse}", "view": "{View}", "interpreter": "{expressionInterpreter}",
        **{name: f"* as t{index}" for index, name in enumerate(adding)},
    }  # fmt: skip
    lines = [f'import {what} from "{_ADDRESS.format(name, packages[name])}";' for name, what in taken.items()]
    lines.append(f"Object.assign(transforms,{','.join(f't{index}' for index in range(len(adding)))});")
    lines.append("export{parse,View,expressionInterpreter};")
    notice = f"/* Vega {vega_version()} and what it is made of; its licences are beside this file. */\n"
    return (notice + str(vl_convert.javascript_bundle("\n".join(lines)))).encode()


def licences() -> bytes:
    """The terms of everything in :func:`vega_module`, to be published beside it."""
    return _LICENCES.read_bytes()
