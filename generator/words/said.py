"""What words can say of a figure, read and not yet judged."""

from __future__ import annotations

import math
from typing import Literal

from msgspec import Struct

from generator.values import Interval, round_half_up

Unit = Literal["", "percent", "points", "part", "times"]
Rule = Literal["typed", "fraction", "multiple", "size"]
Hedge = Literal[
    "", "exactly", "precisely", "about", "roughly", "nearly", "just under", "just over", "more than", "well over",
    "well under", "at least", "fewer than", "at most", "between",
]  # fmt: skip

TOLERANCE = {"about": 0.05, "roughly": 0.10, "nearly": 0.10, "just under": 0.05, "just over": 0.05}
"""How far from the number a hedge may be, as a part of it."""
FAR = 0.2
"""How far "well over" and "well under" are at least."""
FRACTION = (1.0, 0.05)
"""How far a share may be from a fraction without a hedge: points, and a part of it; the smaller counts."""
MULTIPLE = 0.05
EXACT = {"fraction": 0.05, "multiple": 0.005}
"""How far a share may be from "exactly a quarter", in points, and a ratio from "exactly doubled"."""


class Amount(Struct, frozen=True):
    """A number in words or digits, with its hedge: where the figure must lie.

    A ``part`` is in percent. ``step`` is the value of the last digit typed; ``upto`` the other end of a range.
    """

    number: float
    unit: Unit = ""
    rule: Rule = "typed"
    step: float = 1.0
    hedge: Hedge = ""
    upto: float | None = None

    @property
    def allowed(self) -> Interval:
        number, size = self.number, abs(self.number)
        if self.upto is not None:
            open_ends = self.hedge == "more than"  # "more than 300 but fewer than 400"
            return Interval(number, self.upto, open_ends, open_ends)
        match self.hedge:
            case "about" | "roughly":
                reach = max(size * TOLERANCE[self.hedge], self._reach())
                return Interval(_plain(number - reach), _plain(number + reach))
            case "nearly" | "just under":
                return Interval(_plain(number - size * TOLERANCE[self.hedge]), number, False, True)
            case "just over":
                return Interval(number, _plain(number + size * TOLERANCE[self.hedge]), True, False)
            case "more than":
                return Interval(number, math.inf, True, True)
            case "well over":
                return Interval(_plain(number + size * FAR), math.inf, False, True)
            case "well under":
                return Interval(-math.inf, _plain(number - size * FAR), True, False)
            case "at least":
                return Interval(number, math.inf, False, True)
            case "fewer than":
                return Interval(-math.inf, number, True, True)
            case "at most":
                return Interval(-math.inf, number, True, False)
        reach = EXACT.get(self.rule, self._reach()) if self.hedge == "precisely" else self._reach()
        return Interval(_plain(number - reach), _plain(number + reach), False, self.rule == "typed")

    def _reach(self) -> float:
        """Half of what may lie between the words and the figure when nothing hedges them."""
        match self.rule:
            case "fraction":
                return min(FRACTION[0], FRACTION[1] * self.number)
            case "multiple":
                return MULTIPLE * self.number
        return self.step / 2

    def admits(self, span: Interval) -> bool | None:
        """Whether a figure in ``span`` bears the words out; None when it cannot be told."""
        exact = self.rule == "typed" and self.hedge in ("", "exactly", "precisely") and self.upto is None
        if span.is_point and exact:
            return round_half_up(span.low / self.step) == round_half_up(self.number / self.step)
        allowed, span = self.allowed, Interval(_plain(span.low), _plain(span.high), span.low_open, span.high_open)
        if _inside(span, allowed):
            return True
        return False if span.below(allowed) or allowed.below(span) else None


def _plain(number: float) -> float:
    """Without what binary fractions add: the ends of tolerances are meant as they are written."""
    return number if math.isinf(number) else float(f"{number:.12g}")


def _inside(span: Interval, allowed: Interval) -> bool:
    low = span.low > allowed.low or (span.low == allowed.low and (span.low_open or not allowed.low_open))
    high = span.high < allowed.high or (span.high == allowed.high and (span.high_open or not allowed.high_open))
    return low and high


class Number(Struct, frozen=True):
    """So much or so many; ``among`` is the N of "six of N"."""

    amount: Amount
    among: int | None = None


class Part(Struct, frozen=True):
    """A part of a whole: a fraction, a majority, all."""

    amount: Amount


class Direction(Struct, frozen=True):
    """Which way a change went (1, −1, 0), by how much, from what to what; an end that was not said is None."""

    sign: int
    amount: Amount | None = None
    ends: tuple[Amount | None, Amount | None] | None = None


class Rank(Struct, frozen=True):
    """A place, 0 when none was said. ``end`` is the end it is counted from, when the words name one.

    ``within``: among the first N.
    """

    place: int
    end: Literal["top", "bottom", ""] = ""
    tied: bool = False
    among: int | None = None
    within: bool = False
    word: str = ""
    """The superlative that was used, with its article."""
    above: tuple[str, ...] = ()
    """All that are said to stand above it: "second only to Aldford"."""
    level: tuple[str, ...] = ()
    """All that are said to share its place: "tied with Aldford"."""


class Members(Struct, frozen=True):
    """A list: how many, and which. ``rest`` others are not named; ``but``: all except these."""

    count: Amount | None = None
    names: tuple[str, ...] = ()
    rest: Amount | None = None
    including: bool = False
    but: bool = False


class PartialDate(Struct, frozen=True):
    """A date as far as it was said."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    months: int = 1
    """How many months, from ``month`` on: 3 for a quarter."""
    weekday: int | None = None
    """0 for Monday."""


class When(Struct, frozen=True):
    """A date or period: within ``start``, from it, to it, or from it to ``end``."""

    how: Literal["in", "since", "until", "between", "before", "after"]
    start: PartialDate
    end: PartialDate | None = None
    whole: bool = False
    """All of it was meant: "throughout 2026", "to the end of May"."""
    bare: bool = False
    """Without a preposition."""


Meaning = Number | Part | Direction | Rank | Members | When


class Reading(Struct, frozen=True):
    """One meaning of a phrase, and the words beside it that must be the figure's own."""

    meaning: Meaning
    nouns: tuple[str, ...] = ()
    by: bool = False
    """It stands behind "by": a difference is meant."""
