"""The frozen types that everything else speaks in: periods, entities, collections, cells, cubes."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

from msgspec import Struct, field

TimeType = Literal["stock", "flow", "mean"]
Status = Literal["known", "unknown", "suppressed", "disputed"]
Precision = Literal["exact", "rounded", "approximate", "at least", "more than", "at most", "just under"]

PRECISIONS: tuple[Precision, ...] = (
    "exact",
    "rounded",
    "approximate",
    "at least",
    "more than",
    "at most",
    "just under",
)
MISSING: tuple[Status, ...] = ("unknown", "suppressed", "disputed")


class Period(Struct, frozen=True, order=True):
    """First and last day, both included. A stock's date is a period of one day."""

    start: dt.date
    end: dt.date

    @staticmethod
    def day(date: dt.date) -> Period:
        return Period(date, date)

    @staticmethod
    def month(date: dt.date) -> Period:
        last = calendar.monthrange(date.year, date.month)[1]
        return Period(date.replace(day=1), date.replace(day=last))

    @staticmethod
    def year(year: int) -> Period:
        return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))

    @staticmethod
    def parse(text: str) -> Period:
        """``2026-05-18``, ``2026-05``, ``2026`` or ``2025-01-01/2026-07-31``. Raises ValueError."""
        first, slash, last = text.strip().partition("/")
        start = _parse_part(first)
        return Period(start.start, _parse_part(last).end) if slash else start

    @property
    def grain(self) -> Literal["day", "month", "year", "range"]:
        start, end = self.start, self.end
        if start == end:
            return "day"
        if start.day != 1:
            return "range"
        if start.year == end.year and start.month == end.month:
            return "month" if end.day == calendar.monthrange(end.year, end.month)[1] else "range"
        return "year" if start.month == 1 and (end.year, end.month, end.day) == (start.year, 12, 31) else "range"

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def covers(self, other: Period) -> bool:
        return self.start <= other.start and other.end <= self.end

    def __str__(self) -> str:
        """ISO 8601, as it is written in an expression."""
        match self.grain:
            case "day":
                return self.start.isoformat()
            case "month":
                return self.start.isoformat()[:7]
            case "year":
                return self.start.isoformat()[:4]
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


@lru_cache(maxsize=4096)
def _parse_part(text: str) -> Period:
    if re.fullmatch(r"\d{4}", text):
        return Period.year(int(text))
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return Period.month(dt.date.fromisoformat(text + "-01"))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return Period.day(dt.date.fromisoformat(text))
    raise ValueError(f"{text!r} is no date, month, year or period")


class Entity(Struct, frozen=True):
    """One row of a collection's dataset: what gets a page."""

    collection: str
    key: str
    name: str
    slug: str
    url: str
    """Path of its page below the site's root, ``""`` when the collection has no pages."""
    line: int
    parent: str = ""
    """Key of the entity it belongs to, in the parent collection."""
    other_names: tuple[str, ...] = ()
    """What else it is called: further names, codes."""
    facts: Mapping[str, str | int | float | bool | dt.date | None] = field(default_factory=dict)
    """The other cells of its row."""

    def __hash__(self) -> int:
        return hash((self.collection, self.key))


class Collection(Struct, frozen=True):
    """A dataset whose rows get a page each."""

    name: str
    one: str
    """What one of them is called in templates and in measures (``town``)."""
    dataset: str
    entities: tuple[Entity, ...]
    parent: str = ""

    def __len__(self) -> int:
        return len(self.entities)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self.entities)


class Rows(Struct, frozen=True):
    """Which rows of a dataset a figure came from: lines of its file."""

    dataset: str
    lines: tuple[int, ...]

    @property
    def runs(self) -> list[tuple[int, int]]:
        """First and last of each run of lines that follow one another."""
        found: list[tuple[int, int]] = []
        for line in sorted(self.lines):
            if found and line == found[-1][1] + 1:
                found[-1] = (found[-1][0], line)
            else:
                found.append((line, line))
        return found

    @property
    def written(self) -> str:
        """All lines, as ``17,20..24``."""
        return ",".join(str(a) if a == b else f"{a}..{b}" for a, b in self.runs)


class Cell(Struct, frozen=True):
    """One figure as published: a number or a category, how exact it is, and the rows it came from."""

    number: int | float | None
    rows: Rows
    status: Status = "known"
    precision: Precision = "exact"
    text: str = ""
    """The category's code, for a measure whose values are words."""
    weight: float = 1.0
    """What a mean is weighted by (days of the period)."""
    partial: bool = False
    """The period had not ended when this was counted."""
    rank: int | None = None
    """The rank as its source reports it."""


Coordinate = tuple[str, ...]
"""One level of every dimension, in the measure's order."""

Grid = Mapping[Coordinate, Mapping[Period, Mapping[str, Cell]]]
"""Cells by coordinate, period and entity key."""
