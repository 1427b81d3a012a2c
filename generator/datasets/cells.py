"""The cells of one column: their texts → values of the field's type, and what is wrong with them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from generator.datasets.descriptor import Constraints, Field, is_web_address
from generator.problems import Location, Problems, did_you_mean, one_of

MOST_PER_FIELD = 5
"""Wrong cells of one field shown one by one; the rest are counted."""

Cell = str | int | float | bool | dt.date | None


class Places(Protocol):
    """What says where a row stands."""

    def place(self, line: int, field: str = "") -> Location: ...


_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARMONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_YEAR = re.compile(r"[0-9]{4}")


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError
    return int(text)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _date(text: str) -> dt.date:
    if not _DATE.fullmatch(text):
        raise ValueError
    return dt.date.fromisoformat(text)


def _yearmonth(text: str) -> dt.date:
    if not _YEARMONTH.fullmatch(text):
        raise ValueError
    return dt.date.fromisoformat(text + "-01")


def _year(text: str) -> int:
    if not _YEAR.fullmatch(text):
        raise ValueError
    return int(text)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


_CONVERTERS: dict[str, tuple[Callable[[str], Cell], str]] = {
    "string": (str, "text"),
    "integer": (_integer, "an integer"),
    "number": (_number, "a number"),
    "date": (_date, "a date like 2026-05-18"),
    "yearmonth": (_yearmonth, "a month like 2026-05"),
    "year": (_year, "a year like 2026"),
    "boolean": (_boolean, "'true' or 'false'"),
}


class _Remembering(dict[str, Cell]):
    """What was made of each text, made when it is first asked for."""

    def __init__(self, make: Callable[[str], Cell]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> Cell:
        cell = self[text] = self._make(text)
        return cell


class ColumnReader:
    """One column as it is read. Distinct texts are converted once."""

    def __init__(self, field: Field, missing: frozenset[str], *, sound: bool = False) -> None:
        """``sound``: it is known that no cell breaks a constraint."""
        self.cells: list[Cell] = []
        self.field = field
        self._missing = missing
        self._convert, self._expected = _CONVERTERS[field.type]
        self._rule = None if sound else _constraint_rule(field)
        self._known = _Remembering(self._cell)
        self._wrong: dict[str, str] = {}
        self._hits: list[tuple[int, str]] = []
        """The rows whose cell is wrong, and what stands there."""

    @property
    def bad(self) -> frozenset[int]:
        return frozenset(row for row, _ in self._hits)

    def extend(self, texts: Sequence[str]) -> None:
        start = len(self.cells)
        self.cells.extend(map(self._known.__getitem__, texts))
        if self._wrong:
            self._hits += [(start + row, text) for row, text in enumerate(texts) if text in self._wrong]

    def _cell(self, text: str) -> Cell:
        required = self.field.constraints.required
        if text in self._missing:
            if required:
                self._wrong[text] = f"{repr(text) if text else 'an empty cell'}, where the schema requires a value"
            return None
        try:
            value = self._convert(text)
        except (ValueError, KeyError):
            allows = "" if required else "; the schema allows an empty cell"
            self._wrong[text] = f"{text!r} is not {self._expected}{allows}"
            return None
        if self._rule and (broken := self._rule(text, value)):
            self._wrong[text] = broken
        return value

    def report(self, lines: Sequence[int], source: Places, problems: Problems) -> None:
        for row, text in self._hits[:MOST_PER_FIELD]:
            place = source.place(lines[row], self.field.name)
            message = f"{self.field.name}: {self._wrong[text]}"
            problems.add("bad-cell", message, place, hint=_cell_hint(self.field, text))
        if len(self._hits) > MOST_PER_FIELD:
            more = len(self._hits) - MOST_PER_FIELD
            few, many = "1 more cell is wrong, this one", f"{more} more cells are wrong, the last one here"
            place = source.place(lines[self._hits[-1][0]], self.field.name)
            problems.add("bad-cell", f"{self.field.name}: {few if more == 1 else many}", place)


def _cell_hint(field: Field, text: str) -> str:
    if field.type in ("integer", "number") and re.search(r"[0-9]", text) and not _NUMBER.fullmatch(text):
        return "Write a number with digits only, '-' for minus and a point before decimals."
    return ""


_NO_RULES = Constraints()


def _constraint_rule(field: Field) -> Callable[[str, Cell], str] | None:
    """A function that says in words which constraint a cell breaks, or ''; None when there is none to break."""
    rules: Constraints = field.constraints
    if field.format != "uri" and rules == _NO_RULES:
        return None
    convert = _CONVERTERS[field.type][0]

    def limit(text: str | None) -> Any:
        return None if text is None else convert(text)

    low, high = limit(rules.minimum), limit(rules.maximum)
    over, under = limit(rules.exclusive_minimum), limit(rules.exclusive_maximum)
    shortest, longest = rules.min_length, rules.max_length
    pattern = re.compile(rules.pattern) if rules.pattern else None
    choices = rules.enum

    def broken(text: str, value: Any) -> str:
        if choices is not None and text not in choices:
            return f"{text!r} is not one of {one_of(choices)}{did_you_mean(text, choices)}"
        if low is not None and value < low:
            return f"{text} is below the minimum, {rules.minimum}"
        if high is not None and value > high:
            return f"{text} is above the maximum, {rules.maximum}"
        if over is not None and value <= over:
            return f"{text} is not above the exclusive minimum, {rules.exclusive_minimum}"
        if under is not None and value >= under:
            return f"{text} is not below the exclusive maximum, {rules.exclusive_maximum}"
        if shortest is not None and len(text) < shortest:
            return f"{text!r} has {len(text)} characters, fewer than {shortest}"
        if longest is not None and len(text) > longest:
            return f"{text!r} has {len(text)} characters, more than {longest}"
        if pattern is not None and not pattern.fullmatch(text):
            return f"{text!r} does not match the pattern {rules.pattern}"
        if field.format == "uri" and not is_web_address(text):
            return f"{text!r} is not an http or https address"
        return ""

    return broken
