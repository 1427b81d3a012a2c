"""How often a table is renewed: ``accrualPeriodicity`` of DCAT, as the descriptor writes it."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re

from msgspec import Struct

WORDS = {"daily": "P1D", "weekly": "P1W", "monthly": "P1M", "quarterly": "P3M", "annual": "P1Y", "irregular": ""}

_DURATION = re.compile(
    r"(?:R/)?P(?=[0-9])(?:(?P<years>[0-9]{1,2})Y)?(?:(?P<months>[0-9]{1,3})M)?"
    r"(?:(?P<weeks>[0-9]{1,3}(?:\.[0-9]{1,3})?)W)?(?:(?P<days>[0-9]{1,4}(?:\.[0-9]{1,3})?)D)?"
)


class Rhythm(Struct, frozen=True):
    """A span of time, above zero: calendar months, and days."""

    months: int
    days: float

    def after(self, day: dt.date) -> dt.date:
        """The day so much later; the last of its month where the month has no such day. Begun days are whole."""
        above, month = divmod(day.month - 1 + self.months, 12)
        year = day.year + above
        last = calendar.monthrange(year, month + 1)[1]
        return dt.date(year, month + 1, min(day.day, last)) + dt.timedelta(days=math.ceil(self.days))

    def days_from(self, day: dt.date) -> int:
        return (self.after(day) - day).days

    def half(self, day: dt.date) -> Rhythm:
        """Half of the span that begins on a day, in days."""
        return Rhythm(0, math.ceil(self.days_from(day) / 2))

    def __str__(self) -> str:
        """ "every 2 weeks", "every year"."""
        spans = []
        if self.months:
            years = self.months % 12 == 0
            spans.append(_counted(self.months / 12 if years else self.months, "year" if years else "month"))
        if self.days:
            weeks = self.days % 7 == 0
            spans.append(_counted(self.days / 7 if weeks else self.days, "week" if weeks else "day"))
        return f"every {' and '.join(spans)}"


def _counted(count: float, unit: str) -> str:
    return unit if count == 1 else f"{count:g} {unit}s"


def rhythm(text: str) -> Rhythm | None:
    """A word or a duration of ISO 8601, repeating (``R/P1W``) or not; None for ``irregular`` and for nothing.

    Raises ValueError for anything else.
    """
    given = WORDS.get(text, text)
    if not given:
        return None
    match = _DURATION.fullmatch(given)
    found = Rhythm(0, 0)
    if match:
        years, months, weeks, days = (float(match[name] or 0) for name in ("years", "months", "weeks", "days"))
        found = Rhythm(int(years) * 12 + int(months), weeks * 7 + days)
    if not found.months and not found.days:
        listed = ", ".join(f"'{word}'" for word in WORDS)
        raise ValueError(f"{text!r} is not a rhythm: {listed}, or a duration like 'R/P2W', every two weeks")
    return found
