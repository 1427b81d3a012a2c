"""One sheet of things → the chart's frame, the HTML table and the CSV, so that the three cannot differ."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from generator.frames import Column, Frame, Scalar
from generator.model import Period, Rows
from generator.prose.slots import Joined, Link, Slot, Slots
from generator.values import NumberStyle, Numeric, Phrase, Quantity, QuantityError, StandIn, as_quantity

MISSING_WORDS = {"unknown": "not known", "suppressed": "suppressed", "disputed": "disputed"}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """Cells as expressions gave them: quantities, texts, periods, links; None is missing."""

    cells: tuple[Any, ...]
    own: bool = False
    key: str = ""
    url: str = ""
    rows: tuple[Rows, ...] = ()
    """The row of a dataset that it shows as it is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a figure or a table shows."""

    columns: tuple[Column, ...]
    rows: tuple[SheetRow, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sources(self) -> tuple[Rows, ...]:
        """Every row of a dataset that a cell came from, by dataset."""
        found: dict[str, set[int]] = {}
        for row in self.rows:
            for rows in (*row.rows, *(rows for cell in row.cells for rows in _rows_of(cell))):
                found.setdefault(rows.dataset, set()).update(rows.lines)
        return tuple(Rows(name, tuple(sorted(lines))) for name, lines in sorted(found.items()))

    @property
    def _periods(self) -> list[Period]:
        return [
            period
            for row in self.rows
            for cell in row.cells
            if (period := cell.quantity.period if isinstance(cell, Numeric) else None) is not None
        ]

    @property
    def first_day(self) -> dt.date | None:
        """The last day of the earliest period that any of its figures speaks of."""
        return min((period.end for period in self._periods), default=None)

    @property
    def last_day(self) -> dt.date | None:
        """The last day that any of its figures speaks of."""
        return max((period.end for period in self._periods), default=None)

    def frame(self) -> Frame:
        """Plain values for drawing: unknown figures are None, categories their label."""
        return Frame(self.columns, tuple(tuple(map(plain, row.cells)) for row in self.rows))


def _rows_of(cell: Any) -> tuple[Rows, ...]:
    if isinstance(cell, Phrase):
        return cell.quantity.rows
    return cell.quantity.rows if isinstance(cell, Numeric) else ()


def plain(cell: Any) -> Scalar:
    """A cell as a plain value."""
    if isinstance(cell, Numeric):
        quantity = cell.quantity
        if not quantity.known:
            return None
        return quantity.text if quantity.code else quantity.number
    if isinstance(cell, Period):
        return cell.start
    if isinstance(cell, Phrase | Link | StandIn | Slot):
        return cell.text
    if isinstance(cell, str | int | float | bool | dt.date) or cell is None:
        return cell
    if hasattr(type(cell), "link"):
        return str(cell.link.text)
    raise QuantityError(
        "not-printable", f"a cell cannot hold a {type(cell).__name__}", "Give a value, a name or a text."
    )


def printed(cell: Any, style: NumberStyle) -> Slot:
    """A cell as a reader sees it."""
    slots = Slots(style, prose=False)
    if cell is None or (isinstance(cell, str) and not cell):
        return Slot("stand-in", "–")
    if isinstance(cell, bool):
        return Slot("text", "yes" if cell else "no")
    if isinstance(cell, str):
        return Slot("text", cell)
    if hasattr(type(cell), "link") and not isinstance(cell, Numeric):
        cell = cell.link
    if isinstance(cell, Joined):
        return Slot("text", style.join([printed(part, style).text for part in cell.parts], cell.last))
    if isinstance(cell, Numeric | int | float):
        quantity = as_quantity(cell)
        if not quantity.known:
            return Slot("stand-in", MISSING_WORDS.get(quantity.status, "not known"), rows=quantity.rows)
        if quantity.kind == "rank" and quantity.tied:
            slot = slots.slot(quantity)
            return Slot("data", f"={slot.text}", slot.value, slot.title, slot.rows)
        if quantity.kind == "share":  # the column's heading says percent
            text = quantity.print(style, prose=False).removesuffix(f" {style.percent}")
            return Slot("data", text, quantity.machine, quantity.name, quantity.rows)
        return slots.slot(quantity)
    return slots.slot(cell)


def machine(cell: Any) -> str:
    """A cell as a file gives it: the bare number, an ISO date, the text guarded against spreadsheets."""
    if isinstance(cell, Numeric):
        quantity = cell.quantity
        return quantity.machine if quantity.number is not None and quantity.status == "known" else (
            guard(quantity.text) if quantity.known else ""
        )  # fmt: skip
    if isinstance(cell, Period):
        return str(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return str(cell)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, Joined):
        return "; ".join(machine(part) for part in cell.parts)
    value = plain(cell)
    return guard(str(value)) if value is not None else ""


def guard(text: str) -> str:
    """A text that a spreadsheet would take for a formula, made a text again by an apostrophe."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def to_csv(sheet: Sheet, style: NumberStyle | None = None) -> bytes:
    """Exactly the rows and columns shown, in order; key columns left out."""
    del style
    shown = [index for index, column in enumerate(sheet.columns) if column.type != "key"]
    rows = [[heading(sheet.columns[index]) for index in shown]]
    rows += [[machine(row.cells[index]) for index in shown] for row in sheet.rows]
    return csv_bytes(rows)


def heading(column: Column) -> str:
    unit = column.unit if column.unit and column.unit.casefold() not in column.label.casefold() else ""
    return f"{column.label} ({unit})" if unit else column.label


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8, comma, line feed; cells are quoted where they must be."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def column_for(name: str, label: str, cells: Iterable[Any]) -> Column:
    """A column described by what it holds: the first figure in it says unit and decimals."""
    for cell in cells:
        if isinstance(cell, Numeric):
            quantity: Quantity = cell.quantity
            if quantity.kind == "category":
                return Column(name, label or quantity.label, "category")
            unit = "" if quantity.kind in ("rank", "count", "ratio") else quantity.unit
            return Column(name, label or _capital(quantity.label), "number", unit, quantity.decimals)
        if isinstance(cell, bool):
            return Column(name, label, "text")
        if isinstance(cell, int | float):
            return Column(name, label, "number", "", 0 if cell == int(cell) else 1)
        if isinstance(cell, Period):
            return Column(name, label, "month" if cell.grain == "month" else "date")
        if isinstance(cell, dt.date):
            return Column(name, label, "date")
    return Column(name, label, "text")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
