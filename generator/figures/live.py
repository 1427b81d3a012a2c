"""What a figure offers those who ask for more: other entities in it, and a closer look.

Nothing here is drawn. Which way of comparing fits a figure is told from its sheet; the drawing is done by a script
that a page loads when it is asked to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator.figures.sheets import ROLES
from generator.figures.spec import OVER_TIME, FigureSpec
from generator.tables import Sheet

Way = Literal["", "lines", "panels", "stack", "bars", "rows", "marks"]
"""How others come into a figure: as further lines, as lines in a panel for each part (``stack``: and one for
all of them), as bars beside the own ones; or, where a figure has a row for every entity, as bars of those alone or
as marks that are picked out in place. '' is not at all."""

DRAWN_WITH = ("step", "zero")
"""Settings of a kind of figure that hold for a comparison, too."""

SPECS = "assets/charts"
LICENCES = f"{SPECS}/vega-licences.txt"
PLACES = "assets/compare"
"""The folder with the names of each collection's entities."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What the bar of a figure offers. ``explore`` is the address of the live chart as the page prints it."""

    compare: Way = ""
    step: bool = False
    cut: bool = False
    """Whether the scale need not begin at zero."""
    explore: str = ""


NOTHING_OFFERED = Offered()


def may_compare(kind: str, spec: FigureSpec, one: str) -> bool:
    """Whether a figure of a page about a ``one`` can be about another, whatever its rows are."""
    if not spec.compare or spec.entities:
        return False
    return spec.entity in ("", one) if kind in OVER_TIME else kind in ROLES


def way(kind: str, sheet: Sheet) -> Way:
    """How a figure that may compare does so, as its rows are."""
    if kind in OVER_TIME:
        parts = any(column.name == "series" for column in sheet.columns)
        return "stack" if kind == "stacked" else "panels" if parts else "lines"
    if any(row.own for row in sheet.rows):
        return "rows" if kind == "bars" else "marks"
    # Rows with pages of their own are other ones on every page, so that they would not meet.
    return "bars" if kind == "bars" and not any(row.url for row in sheet.rows) else ""


def places_file(collection: str) -> str:
    """Where the names of a collection's entities are published, below the site's root."""
    return f"{PLACES}/{collection}.json"


def offered(compare: Way, explore: str, options: Mapping[str, Any]) -> Offered:
    """``options`` are those of :data:`DRAWN_WITH` that the kind has."""
    return Offered(compare, bool(options.get("step")), options.get("zero") is False, explore)
