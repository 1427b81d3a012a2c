"""Vega as it is shipped: for the engine that draws, and as one module for the browsers of readers.

Both are made by ``tests/vega_bundle.py`` of what vl-convert holds; a test says when it would make others.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
ENGINE = _HERE / "engine-vega.js"
"""A script that leaves behind what draws. Its first line says which versions it is of."""
LIVE = _HERE / "live-vega.js"
"""A module that exports ``parse``, ``View`` and ``expressionInterpreter``."""

TRANSFORMS = frozenset((
    "aggregate", "bin", "collect", "countpattern", "cross", "density", "dotbin", "extent", "filter",
    "flatten", "fold", "formula", "identifier", "impute", "joinaggregate", "kde", "loess", "lookup", "pie",
    "pivot", "project", "quantile", "regression", "sample", "sequence", "stack", "timeunit", "voronoi",
    "window",
))  # fmt: skip
"""What of the data's transforms is in the module."""


@cache
def vega_module() -> bytes:
    """The module that is published."""
    return LIVE.read_bytes()


def licences() -> bytes:
    """The terms of everything in :func:`vega_module`, to be published beside it."""
    return (_HERE / "vega-licences.txt").read_bytes()
