"""How numbers, ordinals and dates are written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from generator.model import Period


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers and dates are written, once for the whole site."""

    thousands: str = ","
    decimal: str = "."
    minus: str = "−"
    spell_out_below: int = 10
    percent: str = "percent"
    less_than: str = "less than"
    percent_decimals: int = 1
    date: str = "{day} {month} {year}"
    month: str = "{month} {year}"
    serial_comma: bool = False
    months: tuple[str, ...] = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )

    def number(self, value: float, decimals: int = 0) -> str:
        """Digits with separators; halves are rounded away from zero, as readers do."""
        rounded = _rounded(value, decimals)
        text = f"{abs(rounded):,.{decimals}f}"
        text = text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)
        return f"{self.minus}{text}" if rounded < 0 else text

    def words(self, value: float) -> str:
        """A number that is printed whole and small spelled out, anything else in digits."""
        whole = int(_rounded(value, 0))
        if 0 <= whole < min(self.spell_out_below, len(_SMALL)):
            return _SMALL[whole]
        return self.number(value)

    def day(self, date: dt.date) -> str:
        return self.date.format(day=date.day, month=self.months[date.month - 1], year=date.year)

    def month_year(self, date: dt.date) -> str:
        return self.month.format(month=self.months[date.month - 1], year=date.year)

    def period(self, period: Period) -> str:
        match period.grain:
            case "day":
                return self.day(period.start)
            case "month":
                return self.month_year(period.start)
            case "year":
                return str(period.start.year)
        whole = Period.month(period.start).start == period.start and Period.month(period.end).end == period.end
        write = self.month_year if whole else self.day
        return f"{write(period.start)} to {write(period.end)}"

    def join(self, words: list[str], last: str = "and") -> str:
        if len(words) < 3:
            return f" {last} ".join(words)
        comma = "," if self.serial_comma else ""
        return f"{', '.join(words[:-1])}{comma} {last} {words[-1]}"


_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_ORDINALS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
)  # fmt: skip


def round_half_up(value: float, decimals: int = 0) -> float:
    """Halves away from zero, of the number as it is written: 2.675 → 2.68, −0.5 → −1. Never a minus zero."""
    return float(_rounded(value, decimals))


def _rounded(value: float, decimals: int) -> Decimal:
    if isinstance(value, int) and decimals >= 0:
        return Decimal(value)
    # fifteen digits undo what binary fractions lose: 0.285 × 100 is meant as 28.5
    written = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    with localcontext() as context:
        context.prec = 400
        return written.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0


def ordinal_words(number: int, style: NumberStyle) -> str:
    if 0 < number < min(style.spell_out_below, len(_ORDINALS)):
        return _ORDINALS[number]
    return ordinal_digits(number, style)


def ordinal_digits(number: int, style: NumberStyle) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{style.number(number)}{ending}"
