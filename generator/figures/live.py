"""What a figure offers those who ask for more: other entities in it, and a closer look.

Nothing here is drawn. Which way of comparing fits a figure is told from its sheet; the drawing is done by a script
that a page loads when it is asked to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

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


class Others(Struct, frozen=True):
    """Whom a figure can be compared with: what one of them is called (``town``), and the collection of all."""

    one: str = ""
    collection: str = ""


NOBODY = Others()


class Asking(Struct, frozen=True):
    """What of a figure, as it is written, decides about what it offers and which files that takes."""

    kind: str
    id: str
    compare: bool
    explore: bool
    entity: str
    options: Mapping[str, Any]

    @classmethod
    def of(cls, kind: str, spec: FigureSpec) -> Asking:
        return cls(kind, spec.id, spec.compare and not spec.entities, spec.explore, spec.entity, spec.options)

    def may_compare(self, one: str) -> bool:
        """Whether a figure of a page about a ``one`` can be about another, whatever its rows are."""
        if not self.compare or not one:
            return False
        return self.entity in ("", one) if self.kind in OVER_TIME else self.kind in ROLES


class Offered(Struct, frozen=True):
    """What the bar of a figure offers, with addresses as the page prints them.

    ``explore`` is that of the live chart, ``script`` that of what does either, ``names`` that of whom there is to
    compare with.
    """

    compare: Way = ""
    step: bool = False
    cut: bool = False
    """Whether the scale need not begin at zero."""
    explore: str = ""
    script: str = ""
    names: str = ""


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
