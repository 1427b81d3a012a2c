"""Dates and periods in words: "in March 2025", "since January", "between June 6 and July 2026"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from msgspec.structs import replace

from generator.model import Period
from generator.words.cursor import Cursor
from generator.words.numerals import ORDINALS
from generator.words.said import PartialDate, When

_SHORT = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10,
          "nov": 11, "dec": 12}  # fmt: skip


def when(cursor: Cursor, months: Sequence[str]) -> When | None:
    """A date with its preposition; ``months`` are the site's twelve names."""
    start = cursor.at
    made = _when(cursor, months)
    if made is None:
        cursor.at = start
    return made


def _when(cursor: Cursor, months: Sequence[str]) -> When | None:
    between = cursor.take("between", "from", "from between")
    if between:
        first = _beginning(cursor, months)
        cursor.sign(",")
        joined = cursor.take("and", "to", "until", "through", "till") or cursor.sign("–")
        if first and joined:
            last = date(cursor, months)
            return When("between", first, last, whole=between == "from") if last else None
        return When("since", first) if first and between == "from" and not joined else None
    side = cursor.take("before", "prior to", "after", "later than")
    if side:
        bound = date(cursor, months)
        how: Literal["before", "after"] = "before" if side in ("before", "prior to") else "after"
        return When(how, bound) if bound and bound.year and bound.months == 1 else None
    if cursor.take("since", "starting in", "beginning in", "as from", "from"):
        first = _beginning(cursor, months)
        return When("since", first) if first else None
    if cursor.take("until the end of", "by the end of", "to the end of", "through the end of", "through"):
        last = date(cursor, months)
        return When("until", last, whole=True) if last else None
    if cursor.take("until", "till", "by", "no later than", "up to", "to"):
        last = date(cursor, months)
        return When("until", last) if last else None
    if cursor.take("throughout", "all of", "the whole of", "all through"):
        during = date(cursor, months)
        return When("in", during, whole=True) if during else None
    before = cursor.take("in", "on", "as of", "during", "of", "for", "at", "dated", "in the month of")
    first = date(cursor, months)
    if first is None:
        return None
    if cursor.take("to", "through", "until") or cursor.sign("–"):
        last = date(cursor, months)
        return When("between", first, last) if last else None
    return When("in", first, bare=before is None)


def _beginning(cursor: Cursor, months: Sequence[str]) -> PartialDate | None:
    """A date that something begins with; of "the start of 2025" its first day."""
    first_day = cursor.take("the start of", "the beginning of")
    found = date(cursor, months)
    if found and first_day:
        return replace(found, month=found.month or 1, day=1) if found.year and found.day is None else None
    return found


def date(cursor: Cursor, months: Sequence[str]) -> PartialDate | None:
    start = cursor.at
    cursor.take("the")
    found = _iso(cursor) or _named(cursor, months) or _quarter(cursor) or _year(cursor)
    if found is None:
        cursor.at = start
    return found


def _month(cursor: Cursor, months: Sequence[str]) -> int | None:
    word = cursor.word()
    for number, name in enumerate(months, start=1):
        if word == name.casefold():
            cursor.at += 1
            return number
    if word in _SHORT:
        cursor.at += 1
        cursor.sign(".")
        return _SHORT[word]
    return None


def _day(cursor: Cursor) -> int | None:
    token = cursor.peek()
    if not token or token.kind not in ("number", "ordinal") or token.number is None or token.decimals:
        return None
    if not 1 <= token.number <= 31 or len(token.text) > 2:
        return None
    cursor.at += 1
    return int(token.number)


def _year_number(cursor: Cursor) -> int | None:
    token = cursor.peek()
    if token and token.kind == "number" and token.text.isdigit() and len(token.text) == 4:
        cursor.at += 1
        return int(token.text)
    return None


def _year(cursor: Cursor) -> PartialDate | None:
    cursor.take("year", "calendar year", "the year", "all of")
    year = _year_number(cursor)
    return PartialDate(year) if year else None


def _named(cursor: Cursor, months: Sequence[str]) -> PartialDate | None:
    """ "6 June 2025", "June 6, 2025", "June 6", "June 2025", "June"."""
    start = cursor.at
    named = cursor.take(*_WEEKDAYS)
    weekday = _WEEKDAYS.index(named) if named else None
    cursor.sign(",")
    day = _day(cursor)
    if day:
        cursor.take("of")
    month = _month(cursor, months)
    if month is None:
        cursor.at = start
        return None
    if day is None:
        at = cursor.at
        day = _day(cursor)
        if day is not None and cursor.word() in ("of",):
            cursor.at, day = at, None
    comma = cursor.at
    cursor.sign(",")
    cursor.take("of")
    year = _year_number(cursor)
    if year is None:
        cursor.at = comma
    return PartialDate(year, month, day, weekday=weekday)


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _iso(cursor: Cursor) -> PartialDate | None:
    """2025-06-06 and 2025-06, which come as numerals with a dash between them."""
    start = cursor.at
    parts: list[str] = []
    while len(parts) < 3:
        token = cursor.peek()
        if token is None or token.kind != "number" or not token.text.isdigit():
            break
        parts.append(token.text)
        cursor.at += 1
        if len(parts) < 3 and not cursor.sign("–", "-"):
            break
    if len(parts) > 1 and len(parts[0]) == 4 and all(len(part) == 2 for part in parts[1:]):
        return PartialDate(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) == 3 else None)
    cursor.at = start
    return None


def _quarter(cursor: Cursor) -> PartialDate | None:
    """ "the first quarter of 2025", "Q1 2025", "the first half of 2025"."""
    start = cursor.at
    word, size = cursor.word(), 3
    number = int(word[1]) if len(word) == 2 and word[0] == "q" and word[1] in "1234" else None
    if number:
        cursor.at += 1
    else:
        number = ORDINALS.get(word)
        if number and cursor.word(1) in ("quarter", "half"):
            size = 3 if cursor.word(1) == "quarter" else 6
            cursor.at += 2
        else:
            cursor.at = start
            return None
    cursor.take("of")
    year = _year_number(cursor)
    if year is None or number * size > 12:
        cursor.at = start
        return None
    return PartialDate(year, (number - 1) * size + 1, None, size)


def holds(said: When, period: Period) -> bool:
    """Whether the period is the one that the words name."""
    starts, ends = _fits(said.start, period.start), _fits(said.start, period.end)
    next_day = period.end + dt.timedelta(days=1)
    last_of_it = not _fits(replace(said.start, weekday=None), next_day)
    match said.how:
        case "in":
            first_of_it = not _fits(replace(said.start, weekday=None), period.start - dt.timedelta(days=1))
            within = starts and ends and (said.start.year is not None or period.start.year == period.end.year)
            return within and (not said.whole or (first_of_it and last_of_it))
        case "since":
            return starts
        case "before":
            return not ends and (period.end.year, period.end.month, period.end.day) < _bound(said.start, 0)
        case "after":
            return not starts and (period.start.year, period.start.month, period.start.day) > _bound(said.start, 99)
        case "until":
            return ends and (not said.whole or last_of_it)
    return _from_to(said, period)


def _bound(said: PartialDate, missing: int) -> tuple[int, int, int]:
    """The date as something to compare with; what was not said is ``missing``."""
    return said.year or 0, said.month or missing, said.day or missing


def _from_to(said: When, period: Period) -> bool:
    """A year that only the end names is the start's as well; years alone are meant whole."""
    start, end = said.start, said.end
    if end is None:
        return False
    if start.year is None and end.year is not None and start.month and end.month:
        start = replace(start, year=end.year - (start.month > end.month))
    if start.year is None and end.year is None and period.start.year != period.end.year:
        return False
    if said.whole and end.month is None and (period.end.month, period.end.day) != (12, 31):
        return False
    return _fits(start, period.start) and _fits(end, period.end)


def _fits(said: PartialDate, day: dt.date) -> bool:
    if said.year is not None and said.year != day.year:
        return False
    if said.month is not None and not said.month <= day.month < said.month + said.months:
        return False
    if said.weekday is not None and said.weekday != day.weekday():
        return False
    return said.day is None or said.day == day.day
