"""One sheet of things → the chart's frame, the HTML table and the CSV, so that the three cannot differ."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.frames import Column, Frame, Scalar
from generator.languages import Message
from generator.model import Period, Rows
from generator.prose.slots import Cited, Joined, Link, Slot, Slots
from generator.values import NumberStyle, Numeric, Phrase, Quantity, QuantityError, StandIn, Tally, as_quantity

MISSING_WORDS = {
    "unknown": Message("not known"), "suppressed": Message("suppressed"), "disputed": Message("disputed"),
}  # fmt: skip
_YES, _NO = Message("yes"), Message("no")


class SheetRow(Struct, frozen=True):
    """Cells as expressions gave them: quantities, texts, periods, links; None is missing."""

    cells: tuple[Any, ...]
    own: bool = False
    key: str = ""
    url: str = ""
    rows: tuple[Rows, ...] = ()
    """The row of a dataset that it shows as it is."""


class SheetEvent(Struct, frozen=True):
    """What happened on a day or in a month: in few words for the drawing, and as the page tells it."""

    when: Period
    label: str
    text: Any
    rows: tuple[Rows, ...] = ()

    @property
    def day(self) -> dt.date:
        """Where it is drawn: the day, or the middle of the month."""
        return self.when.start + (self.when.end - self.when.start) / 2


class Sheet(Struct, frozen=True, dict=True):
    """What a figure or a table shows."""

    columns: tuple[Column, ...]
    rows: tuple[SheetRow, ...]
    events: tuple[SheetEvent, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def row_sources(self) -> tuple[tuple[Rows, ...], ...]:
        """Of each row, every row of a dataset that its cells came from, by dataset."""
        return tuple(map(_all_rows, self.rows))

    @cached_property
    def sources(self) -> tuple[Rows, ...]:
        """Every row of a dataset that a cell came from, by dataset."""
        found: dict[str, set[int]] = {}
        told = [rows for row in self.row_sources for rows in row]
        for rows in [*told, *(rows for event in self.events for rows in event.rows)]:
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

    def last_day_of(self, dataset: str, lines: frozenset[int]) -> dt.date | None:
        """The last day that the figures from these lines of a dataset speak of."""
        days = [
            cell.quantity.period.end
            for row in self.rows
            for cell in row.cells
            if isinstance(cell, Numeric)
            and cell.quantity.period is not None
            and any(rows.dataset == dataset and not lines.isdisjoint(rows.lines) for rows in cell.quantity.rows)
        ]
        return max(days, default=None)

    def said(self, style: NumberStyle) -> Sheet:
        """The same with its headings, units and categories in the language of a style."""
        if style.catalogue.is_english:
            return self
        columns = tuple(replace(c, label=style.say(c.label), unit=style.say(c.unit)) for c in self.columns)
        rows = (replace(row, cells=tuple(_said(cell, style) for cell in row.cells)) for row in self.rows)
        return Sheet(columns, tuple(rows))

    def frame(self) -> Frame:
        """Plain values for drawing: unknown figures are None, categories their label."""
        return Frame(self.columns, tuple(tuple(map(plain, row.cells)) for row in self.rows))


def _said(cell: Any, style: NumberStyle) -> Any:
    """A category's words, in the language of a style; anything else as it is."""
    quantity = cell.quantity if isinstance(cell, Numeric) else None
    if quantity is None or not (quantity.code and quantity.known):
        return style.say(cell) if isinstance(cell, Message) else cell
    return replace(quantity, text=style.say(quantity.text))


def _rows_of(cell: Any) -> tuple[Rows, ...]:
    if isinstance(cell, Joined):
        return tuple(rows for part in cell.parts for rows in _rows_of(part))
    if isinstance(cell, Slot | Cited):
        return cell.rows
    return cell.quantity.rows if isinstance(cell, Numeric | Phrase | Tally) else ()


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
        return Slot("text", style.say(_YES if cell else _NO))
    if isinstance(cell, str):
        return Slot("text", cell)
    if hasattr(type(cell), "link") and not isinstance(cell, Numeric):
        cell = cell.link
    if isinstance(cell, Joined):
        return Slot("text", style.join([printed(part, style).text for part in cell.parts], cell.last))
    if isinstance(cell, Numeric | int | float):
        quantity = as_quantity(cell)
        if not quantity.known:
            return Slot("stand-in", style.say(MISSING_WORDS.get(quantity.status, "not known")), rows=quantity.rows)
        if quantity.kind == "rank" and quantity.tied:
            slot = slots.slot(quantity)
            return Slot("data", f"={slot.text}", slot.value, slot.rows, quantity)
        if quantity.is_percentage:  # the column's heading says percent
            text = quantity.print(style, prose=False).removesuffix(f"{style.percent_gap}{style.percent}")
            return Slot("data", text, quantity.machine, quantity.rows, quantity)
        return slots.slot(quantity)
    return slots.slot(cell)


def machine(cell: Any) -> str:
    """A cell as a file gives it: the bare number, an ISO date, the text guarded against spreadsheets."""
    if isinstance(cell, Numeric):
        quantity = cell.quantity
        if not quantity.known:
            return ""
        return guard(quantity.text) if quantity.code else quantity.machine
    if isinstance(cell, Period):
        return str(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return as_quantity(cell).machine
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, Joined):
        return guard("; ".join(machine(part).removeprefix("'") for part in cell.parts))
    if isinstance(cell, Slot) and cell.kind in ("data", "time"):
        return cell.value
    if isinstance(cell, Phrase) and _IN_DIGITS.fullmatch(cell.text):
        return cell.quantity.machine
    value = plain(cell)
    return guard(str(value)) if value is not None else ""


_IN_DIGITS = re.compile(r"[+−-]?[0-9][0-9.,\s]*")


def typed(cell: Any) -> str | int | float | bool | None:
    """A cell as JSON has it: a number as a number, a date as ISO text, a text as it is; None is missing."""
    if isinstance(cell, Numeric):
        quantity = cell.quantity
        if not quantity.known:
            return None
        return quantity.text if quantity.code else _number(quantity.machine)
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, int | float):
        return _number(as_quantity(cell).machine)
    if isinstance(cell, Period):
        return str(cell)
    if isinstance(cell, Joined):
        return "; ".join(str(typed(part)) for part in cell.parts)
    if isinstance(cell, Slot) and cell.kind in ("data", "time"):
        return _number(cell.value) if cell.kind == "data" else cell.value
    if isinstance(cell, Phrase) and _IN_DIGITS.fullmatch(cell.text):
        return _number(cell.quantity.machine)
    value = plain(cell)
    return value.isoformat() if isinstance(value, dt.date) else value


def _number(written: str) -> int | float | str:
    """A number as :func:`machine` writes it; the text itself when it is none."""
    if not _JSON_NUMBER.fullmatch(written):
        return written
    return float(written) if "." in written or "e" in written else int(written)


_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?")


def remark(cell: Any) -> str:
    """What a bare number in a file cannot say: that it is "at least" so many, or why there is none."""
    if not isinstance(cell, Numeric):
        return ""
    quantity = cell.quantity
    if quantity.known:
        return quantity.precision if quantity.hedge else ""
    return quantity.status


def guard(text: str) -> str:
    """A text that a spreadsheet would take for a formula, made a text again by an apostrophe."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def to_csv(sheet: Sheet, *, rows: bool = False) -> bytes:
    """Exactly the rows and columns shown, in order; key columns left out.

    A column that holds figures which are not exact, or withheld, has another after it that says so. ``rows`` adds
    a last column: the lines of the published tables that each row came from, as ``loans:17,20..24 towns:3``.
    """
    table = _shown(sheet)
    if rows and sheet.sources:
        _append(table, ["Rows", *map(lines_of, sheet.row_sources)])
    return csv_bytes(table)


def to_records(sheet: Sheet) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """Columns and rows of what is shown, for JSON; key columns left out, as in the CSV.

    A column is ``name``, ``label``, ``type`` and, for numbers, ``unit``. The type is ``number``, ``date`` (ISO
    8601: a day, a month, a year, or a first and a last day), ``boolean``, ``text`` or ``category``; ``remark``,
    right after a column some of whose figures are not exact, or withheld, says so; ``rows``, the last one, gives
    dataset → lines of its file.
    """
    columns: list[dict[str, Any]] = []
    rows: list[list[Any]] = [[] for _ in sheet.rows]
    for index, column in enumerate(sheet.columns):
        if column.type == "key":
            continue
        cells = [row.cells[index] for row in sheet.rows]
        columns.append(_described(column, cells))
        for row, cell in zip(rows, cells, strict=True):
            row.append(typed(cell))
        remarks = [remark(cell) for cell in cells]
        if set(remarks) - {"", "unknown"}:
            columns.append({"name": f"{column.name}_remark", "label": f"{column.label}: remark", "type": "remark"})
            for row, said in zip(rows, remarks, strict=True):
                row.append(said or None)
    if sheet.sources:
        columns.append({"name": "rows", "label": "Rows", "type": "rows"})
        for row, sources in zip(rows, sheet.row_sources, strict=True):
            row.append({item.dataset: item.written for item in sources})
    return columns, rows


def _described(column: Column, cells: Sequence[Any]) -> dict[str, Any]:
    kind = "date" if column.type == "month" else str(column.type)
    known = [cell for cell in map(typed, cells) if cell is not None]
    if known and all(isinstance(cell, bool) for cell in known):
        kind = "boolean"
    made = {"name": column.name, "label": column.label, "type": kind}
    return {**made, "unit": column.unit} if kind == "number" else made


def lines_of(rows: Iterable[Rows]) -> str:
    """``loans:17,20..24 towns:3``; a table without lines is meant as a whole."""
    return " ".join(f"{item.dataset}:{item.written}" if item.lines else item.dataset for item in rows)


def _all_rows(row: SheetRow) -> tuple[Rows, ...]:
    """Those of itself and of its cells, one for each dataset."""
    found: dict[str, set[int]] = {}
    for rows in (*row.rows, *(rows for cell in row.cells for rows in _rows_of(cell))):
        found.setdefault(rows.dataset, set()).update(rows.lines)
    return tuple([Rows(name, tuple(sorted(lines))) for name, lines in sorted(found.items())])


def _shown(sheet: Sheet) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(len(sheet) + 1)]
    for index, column in enumerate(sheet.columns):
        if column.type == "key":
            continue
        cells = [row.cells[index] for row in sheet.rows]
        remarks = [remark(cell) for cell in cells]
        _append(rows, [heading(column), *map(machine, cells)])
        if set(remarks) - {"", "unknown"}:
            _append(rows, [f"{column.label}: remark", *remarks])
    return rows


def _append(rows: list[list[str]], column: Iterable[str]) -> None:
    for row, cell in zip(rows, column, strict=True):
        row.append(cell)


def heading(column: Column) -> str:
    unit = column.unit if column.unit and column.unit.casefold() not in column.label.casefold() else ""
    return f"{column.label} ({unit})" if unit else column.label


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8, comma, line feed; cells are quoted where they must be."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()


def column_for(name: str, label: str, cells: Iterable[Any]) -> Column:
    """A column described by what it holds. Raises QuantityError when its figures are in different units."""
    cells = list(cells)
    figures: list[Quantity] = [cell.quantity for cell in cells if isinstance(cell, Numeric)]
    if figures:
        return _column_of(name, label, figures)
    for cell in cells:
        if isinstance(cell, bool):
            return Column(name, label, "text")
        if isinstance(cell, int | float):
            return Column(name, label, "number", "", 0 if cell == int(cell) else 1)
        if isinstance(cell, Period):
            return Column(name, label, "month" if cell.grain == "month" else "date")
        if isinstance(cell, dt.date):
            return Column(name, label, "date")
    return Column(name, label, "text")


def _column_of(name: str, label: str, figures: Sequence[Quantity]) -> Column:
    first = figures[0]
    if first.kind == "category":
        return Column(name, label or first.label, "category")
    units = list(dict.fromkeys("" if f.kind in ("rank", "count", "ratio") else f.unit for f in figures))
    if len(units) > 1:
        shown = " and ".join(unit or "no unit" for unit in units[:2])
        raise QuantityError(
            "unit-mismatch",
            f"the column {label or name!r} has figures in {shown}",
            "One column, one unit: show them in two.",
        )
    decimals = max(f.decimals for f in figures)
    return Column(
        name, label or _capital(first.label), "number", units[0], decimals, first.unit_one if units[0] else ""
    )


def _capital(text: str) -> str:
    return Message(text).capitalized()
