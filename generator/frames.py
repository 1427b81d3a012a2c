"""A frame: the rows of one chart or table, as plain values.

The only shape in which data reaches a chart, an HTML table or a CSV download, so that the three can never
differ. Pure data: no pandas, no formatting.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from msgspec import Struct

Scalar = str | int | float | bool | dt.date | None
"""One plain cell. ``None`` is missing; it is never zero."""

ColumnType = Literal["text", "number", "date", "month", "category", "key"]


class Column(Struct, frozen=True):
    """What one column holds.

    ``unit`` is the unit's plural as printed ("visitors", "percent"), ``unit_one`` its singular where it is known;
    ``decimals`` how many to print.
    ``month`` columns hold the first day of the month. ``key`` columns identify an entity and are not shown.
    """

    name: str
    label: str
    type: ColumnType = "text"
    unit: str = ""
    decimals: int = 0
    unit_one: str = ""


class Frame(Struct, frozen=True):
    """Columns and rows; every row has one cell a column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Scalar, ...], ...]

    def __post_init__(self) -> None:
        width = len(self.columns)
        if any(len(row) != width for row in self.rows):
            raise ValueError(f"every row must have {width} cells")

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return self.columns[self.names.index(name)]

    def values(self, name: str) -> tuple[Scalar, ...]:
        index = self.names.index(name)
        return tuple(row[index] for row in self.rows)

    def records(self) -> list[dict[str, Scalar]]:
        names = self.names
        return [dict(zip(names, row, strict=True)) for row in self.rows]
