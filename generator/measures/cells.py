"""Cells of one row → a figure: what each must be, and what it says when it is not a plain number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from generator.measures.spec import Category, TimeSpec
from generator.model import MISSING, PRECISIONS, Cell, Period, Precision, Rows, Status
from generator.problems import did_you_mean, one_of


class BadCellError(Exception):
    """A cell that is not what the measure needs.

    ``at`` is its place among the cells that were given, where the cell is wrong; None where its whole column is.
    """

    def __init__(self, code: str, message: str, hint: str = "", at: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.at = at


def number_cell(fields: Sequence[str], row: Sequence[Any], rows: Rows) -> Cell:
    """``row``: the value, its weight, whether it is partial, its precision, its rank; None where not said.

    ``fields`` are what these are called. Raises BadCellError.
    """
    value, weight, partial, said, reported = row
    if value is None:  # why is told by the word, if it is one of those; else it is just not known
        return Cell(None, rows, next((status for status in MISSING if status == said), "unknown"))
    status, precision = _said(said)
    if status != "known":
        return Cell(None, rows, status)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCellError("not-a-number", f"{fields[0]} is no number", "Give the field a type of numbers.")
    if partial is not None and not isinstance(partial, bool):
        raise BadCellError(
            "not-a-boolean", f"{fields[2]} says neither true nor false", "Give the field the type boolean."
        )
    if fields[1] and not (isinstance(weight, int | float) and weight > 0):
        raise BadCellError("bad-weight", f"{fields[1]} is no number above zero to weigh with", at=1)
    if reported is not None and (isinstance(reported, bool) or not isinstance(reported, int)):
        raise BadCellError("not-a-number", f"{fields[4]} is no whole number")
    weighed = float(weight) if weight else 1.0  # one object for all that are not weighed
    return Cell(value, rows, "known", precision, "", weighed, bool(partial), reported)


def category_cell(categories: Mapping[str, Category], row: Sequence[Any], rows: Rows) -> Cell:
    """``row`` as for :func:`number_cell`. Raises BadCellError."""
    code = as_text(row[0])
    status, _ = _said(row[3])
    if not code or status != "known":
        return Cell(None, rows, status if status != "known" else "unknown")
    if code not in categories:
        raise BadCellError(
            "unknown-category", f"{code!r} is not among its categories{did_you_mean(code, categories)}", at=0
        )
    return Cell(None, rows, "known", "exact", code)


def _said(said: Any) -> tuple[Status, Precision]:
    """What the precision column says: that there is no figure, and why; or how exact it is."""
    word = as_text(said) or "exact"
    for status in MISSING:
        if word == status:
            return status, "exact"
    for precision in PRECISIONS:
        if word == precision:
            return "known", precision
    choices = (*PRECISIONS, *MISSING)
    raise BadCellError(
        "bad-precision",
        f"precision {word!r} is not understood{did_you_mean(word, choices)}",
        f"Write one of: {one_of(choices)}.",
        at=3,
    )


NEVER = Period.parse("1970-01-01")
"""Stands where a problem has been reported."""


def row_period(time: TimeSpec, row: tuple[Any, ...]) -> Period | str:
    """The period of a row, or what is wrong with it."""
    if None in row:
        return "has no date"
    if time.year:
        return Period.year(row[0]) if isinstance(row[0], int) else f"has no year in {time.year}"
    if not all(isinstance(cell, dt.date) for cell in row):
        return f"has no date in {' and '.join(time.columns)}: give the field the type date"
    if time.from_:
        return Period(*row) if row[0] <= row[1] else "ends before it begins"
    return Period.month(row[0]) if time.month else Period.day(row[0])


def parse_period(text: str) -> Period | None:
    """None for what is no period."""
    try:
        period = Period.parse(text)
    except ValueError:
        return None
    return period if period.start <= period.end else None


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
