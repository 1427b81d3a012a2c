"""The interval in which a figure that is not exact must lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from generator.model import Precision


class Interval(Struct, frozen=True):
    """Where the true number lies; ends that are ``open`` are not part of it, and may be infinite."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    @property
    def is_point(self) -> bool:
        return self.low == self.high

    def below(self, other: Interval) -> bool:
        """Certainly less than the other."""
        return self.high < other.low or (self.high == other.low and (self.high_open or other.low_open))

    def up_to(self, other: Interval) -> bool:
        """Certainly not more than the other."""
        return self.high <= other.low

    def plus(self, other: Interval, sign: int) -> Interval:
        if sign < 0:
            other = Interval(-other.high, -other.low, other.high_open, other.low_open)
        return Interval(
            self.low + other.low,
            self.high + other.high,
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )

    def over(self, other: Interval) -> Interval:
        """The quotient. Of figures that may be negative nothing is known, unless both are exact."""
        if self.is_point and other.is_point:
            return Interval(self.low / other.low, self.low / other.low)
        if -math.inf < min(self.low, other.low) < 0 or min(self.high, other.high) < 0:
            return Interval(-math.inf, math.inf)
        low = self.low / other.high if self.low > -math.inf else -math.inf
        high = self.high / other.low if other.low > 0 else math.inf
        return Interval(low, high, self.low_open or other.high_open, self.high_open or other.low_open)

    def times(self, factor: float) -> Interval:
        return Interval(self.low * factor, self.high * factor, self.low_open, self.high_open)

    def word(self, number: float) -> Precision | None:
        """How exact ``number`` is, when the true one lies in here; None when no word says so."""
        if self.is_point:
            return "exact"
        if math.isclose(number, self.low):
            return "more than" if self.low_open else "at least"
        if math.isclose(number, self.high):
            return "at most"
        return "approximate" if math.inf > self.high and self.low > -math.inf else None


def interval(number: float, precision: Precision) -> Interval:
    """What a published figure means.

    Rounded and approximate figures are taken to half a unit of their last digit that is not zero; "just under"
    to five percent.
    """
    match precision:
        case "exact":
            return Interval(number, number)
        case "rounded" | "approximate":
            half = _last_digit(number) / 2
            return Interval(number - half, number + half)
        case "at least" | "more than":
            return Interval(number, math.inf, precision == "more than", True)
        case "at most":
            return Interval(-math.inf, number, True)
    return Interval(number * 0.95, number, False, True)


def _last_digit(number: float) -> float:
    """The value of the last digit that is not zero: 1000 for 42,000, 0.1 for 3.2."""
    digits = Decimal(str(number)).normalize()
    return float(Decimal(1).scaleb(int(digits.as_tuple().exponent))) if digits else 1.0


Decide = Callable[[Interval, Interval], tuple[bool, bool]]

DECIDE: dict[str, Decide] = {
    "<": lambda a, b: (a.below(b), b.up_to(a)),
    ">": lambda a, b: (b.below(a), a.up_to(b)),
    "<=": lambda a, b: (a.up_to(b), b.below(a)),
    ">=": lambda a, b: (b.up_to(a), a.below(b)),
    "==": lambda a, b: (a.is_point and a == b, a.below(b) or b.below(a)),
}
"""Sign → whether it certainly holds, and whether it certainly does not."""
