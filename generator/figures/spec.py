"""The YAML of a ``figure`` or ``table`` block as strict types.

Fields that hold an expression are Jinja expressions without braces (``of: towns.top("visitors", 10)``);
fields that hold text may have ``{{ … }}`` in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from msgspec import Meta
from msgspec import field as entry
from msgspec.structs import replace

from generator.specs import Spec

OVER_TIME = ("line", "area", "stacked", "multiples")
"""The kinds of figure whose x is time."""


class ColumnSpec(Spec):
    """One column: an expression over ``row``, and how it is headed."""

    value: str
    """Expression over ``row``."""
    label: str = ""
    """The heading."""
    name: str = ""
    """The column's name for a chart function."""
    unit: str | None = None
    """Printed under the heading; that of the figures when it is left out, none when it is empty."""
    decimals: int | None = None
    """How many to print."""
    labels: dict[str, str] = entry(default_factory=dict)
    """Code → what readers see instead."""

    @classmethod
    def rewritten(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return {
            "value": value if "." in value or "(" in value else f"row.{value}",
            "name": value.rpartition(".")[2],
        }


class BlockSpec(Spec):
    """What figures and tables have in common."""

    title: str
    """Text, needed: the finding of a figure, or what a table lists."""
    id: str = ""
    """Its address on the page and the name of its files."""
    note: str = ""
    """Text under it."""
    when: str = ""
    """An expression; the block is left out where it is false."""
    of: str = ""
    """An expression: the entities or rows to show, one row each."""
    sort: str = ""
    """An expression over ``row``; figures highest first, text in order; missing last."""
    ascending: bool = False
    """``true``: lowest first."""
    top: Annotated[int, Meta(ge=1)] | None = None
    """Only the first so many."""
    columns: tuple[ColumnSpec, ...] = ()
    """A table's columns, and those of a figure that a function of ``charts.py`` draws."""

    def with_labels(self, labels: Mapping[str, str]) -> Self:
        """The same with headings filled in: ``columns.0.label`` or ``labels.value`` → text."""
        columns = tuple(
            replace(column, label=labels.get(f"columns.{index}.label", column.label))
            for index, column in enumerate(self.columns)
        )
        return replace(self, columns=columns)


class TableSpec(BlockSpec):
    columns: Annotated[tuple[ColumnSpec, ...], Meta(min_length=1)]
    """Needed, a list; a bare name (``agency``) is a column of the row."""
    description: str = ""
    """Text for readers who cannot see it."""
    compact: bool = False
    """``true``: smaller type."""
    own: bool = True
    """Mark the page's own entity."""
    sortable: bool = True
    """``false``: its order means something, and headings do not sort it."""
    filter: bool | None = None
    """Whether a field above it leaves only the rows that hold what is typed; when left out, from 26 rows on."""
    show: Annotated[int, Meta(ge=0)] | None = None
    """How many rows are seen before all are asked for, 0 for all; when left out, 25 of more than 80."""


class EventsSpec(Spec):
    """What happened on the days of a chart over time: drawn at its day, and listed below the chart."""

    short = "of"

    of: str
    """An expression: rows of a dataset, one event each."""
    date: str = "row.date"
    """Expression over ``row``: the day or the month; the field ``date`` when left out."""
    label: str = "row.label"
    """Expression over ``row``: two or three words for the chart; the field ``label`` when left out."""
    text: str = ""
    """Expression over ``row``: what the list below the chart says; the label when left out."""


class FigureSpec(BlockSpec):
    """A chart. Those over time name a ``measure``; the others say ``of`` what and which values."""

    description: str
    """Text, needed: what somebody who cannot see the chart should know."""
    subtitle: str = ""
    """Text: what is shown, in which unit."""
    measure: str = ""
    """The measure over time."""
    entity: str = ""
    """An expression: whose, when it is not the page's own."""
    entities: str = ""
    """An expression: several entities, one line each."""
    by: str = ""
    """A dimension, one line for each of its levels."""
    select: dict[str, str] = entry(default_factory=dict)
    """A selection, such as ``{status: pending}``."""
    since: str = ""
    """First date or month."""
    until: str = ""
    """Last date or month."""
    every: Literal["", "month", "quarter", "year"] = ""
    """Keep the last figure of each month, quarter or year."""
    skip: tuple[str, ...] = ()
    """Dates left out, with the reason in the note."""
    events: EventsSpec | None = None
    """What happened meanwhile: an expression that gives rows with ``date`` and ``label``, or a mapping."""
    value: str = ""
    """Expression over ``row``."""
    x: str = ""
    """Expression over ``row``."""
    y: str = ""
    """Expression over ``row``."""
    before: str = ""
    """Expression over ``row``."""
    after: str = ""
    """Expression over ``row``."""
    label: str = ""
    """Expression over ``row``: what a place is called; its name when left out."""
    key: str = ""
    """What identifies the row in a map's geometry, when it is not the entity's own key."""
    labels: dict[str, str] = entry(default_factory=dict)
    """What the columns are called, by role."""
    options: dict[str, Any] = entry(default_factory=dict)
    """Settings of the kind of figure."""
    compare: bool = True
    """``false``: readers cannot put other entities beside the page's own."""
    explore: bool = True
    """``false``: readers cannot open it as a live chart."""

    def with_labels(self, labels: Mapping[str, str]) -> Self:
        named = {name: labels.get(f"labels.{name}", text) for name, text in self.labels.items()}
        return replace(super().with_labels(labels), labels=named)
