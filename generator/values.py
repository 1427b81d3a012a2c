"""Quantities: a number with its unit, precision, period and rows, and how it is printed.

Everything a page prints as a number is a :class:`Quantity`, or a :class:`Phrase` made from one. Arithmetic
and comparison refuse what does not belong together: other units, other periods, other definitions.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from generator.model import Period, Precision, Rows, Status

Kind = Literal["number", "rank", "share", "rate", "change", "ratio", "count", "category"]


class QuantityError(Exception):
    """Something an expression asked for that cannot be answered honestly."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.code, self.message, self.hint))


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
        rounded = round_half_up(value, decimals)
        text = f"{abs(rounded):,.{decimals}f}"
        text = text.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)
        return f"{self.minus}{text}" if rounded < 0 else text

    def words(self, value: float) -> str:
        """A small whole number spelled out, anything else in digits."""
        if value == int(value) and 0 <= value < min(self.spell_out_below, len(_SMALL)):
            return _SMALL[int(value)]
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
    factor = 10**decimals
    scaled = abs(value) * factor
    # the nudge undoes what binary fractions lose: 2.675 is meant as written
    return math.copysign(math.floor(scaled + 0.5 + 1e-9) / factor, value)


def ordinal_words(number: int, style: NumberStyle) -> str:
    if 0 < number < min(style.spell_out_below, len(_ORDINALS)):
        return _ORDINALS[number]
    return ordinal_digits(number, style)


def ordinal_digits(number: int, style: NumberStyle) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{style.number(number)}{ending}"


_HEDGES: dict[Precision, str] = {
    "approximate": "about ",
    "rounded": "about ",
    "at least": "at least ",
    "more than": "more than ",
    "at most": "at most ",
    "just under": "just under ",
}


class Numeric:
    """Arithmetic and comparison for whatever stands for a quantity."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def quantity(self) -> Quantity: ...

    def __lt__(self, other: Any) -> bool:
        return self.quantity.compare(other, "<")

    def __gt__(self, other: Any) -> bool:
        return self.quantity.compare(other, ">")

    def __le__(self, other: Any) -> bool:
        return self.quantity.compare(other, "<=")

    def __ge__(self, other: Any) -> bool:
        return self.quantity.compare(other, ">=")

    def __eq__(self, other: object) -> bool:
        return self.same(other)

    __hash__ = object.__hash__

    def same(self, other: Any) -> bool:
        """Equal as figures; a category equals its code; nothing equals None."""
        if other is None:
            return False
        if isinstance(other, str):
            return bool(other) and self.quantity.code == other
        return self.quantity.compare(other, "==")

    def __add__(self, other: Any) -> Quantity:
        return self.quantity.plus(other, 1)

    def __radd__(self, other: Any) -> Quantity:
        return self.quantity.plus(other, 1)

    def __sub__(self, other: Any) -> Quantity:
        return self.quantity.plus(other, -1)

    def __truediv__(self, other: Any) -> Quantity:
        return self.quantity.over(other)

    def __str__(self) -> str:
        raise QuantityError(
            "binding-lost",
            f"{self.quantity.name} would become mere text here",
            "Print it in braces of its own, {{ … }}, next to the words.",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Quantity(Numeric):
    """One number (or category) that can be printed, compared and followed to its rows.

    ``definition`` says what was measured, in which selection; two quantities belong together only when
    definition, unit and period agree. ``text`` is the category's words.
    """

    number: int | float | None
    unit: str = ""
    kind: Kind = "number"
    decimals: int = 0
    status: Status = "known"
    precision: Precision = "exact"
    period: Period | None = None
    definition: str = ""
    label: str = ""
    of: str = ""
    """Whose it is."""
    rows: tuple[Rows, ...] = ()
    formula: str = ""
    text: str = ""
    code: str = ""
    unit_one: str = ""
    tied: int = 0
    """For a rank: how many others share it."""
    among: int = 0
    """For a rank: how many are ranked."""
    loose: bool = False
    """The author said that other periods and definitions are meant."""

    # --- what it is -------------------------------------------------------------------------------------

    @property
    def quantity(self) -> Quantity:
        return self

    @property
    def known(self) -> bool:
        return self.status == "known" and (self.number is not None or bool(self.code))

    def need(self) -> int | float:
        """The number. Raises QuantityError when there is none."""
        if self.number is None or self.status != "known":
            raise QuantityError(
                f"value-{self.status}" if self.status != "known" else "value-no-number",
                f"{self.name} is {self.status if self.status != 'known' else 'no number'}",
                "State what to print instead: {{ … | or_say(\"no figure\") }}, or ask 'if … is known' first.",
            )
        return self.number

    @property
    def name(self) -> str:
        parts = [self.label or self.unit or "the value"]
        if self.of:
            parts.append(f"of {self.of}")
        if self.period:
            parts.append(f"({self.period})")
        return " ".join(parts)

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval the true number lies in; open ends are infinite.

        Rounded and approximate figures are taken to half a unit of their last digit that is not zero;
        "just under" to five percent.
        """
        number = self.need()
        half = _last_digit(number) / 2
        match self.precision:
            case "exact":
                return number, number
            case "rounded" | "approximate":
                return number - half, number + half
            case "at least" | "more than":
                return number, math.inf
            case "at most":
                return -math.inf, number
        return number * 0.95, number

    # --- arithmetic and comparison ----------------------------------------------------------------------

    @property
    def across(self) -> Quantity:
        """The same, declared comparable with other periods and definitions of its unit."""
        return replace(self, loose=True)

    def _fits(self, other: Quantity, what: str) -> None:
        if self.unit != other.unit:
            raise QuantityError(
                "unit-mismatch",
                f"{what} {self.name} in {self.unit or 'no unit'} and {other.name} in {other.unit or 'no unit'}",
                "Only figures of one unit can be added or compared.",
            )
        if self.loose or other.loose:
            return
        if self.period != other.period:
            raise QuantityError(
                "period-mismatch",
                f"{what} figures of different dates: {self.name} and {other.name}",
                'Select the same date with at="…", use .change(since="…"), or say so with .across.',
            )
        if self.definition != other.definition:
            raise QuantityError(
                "definition-mismatch",
                f"{what} figures with different definitions: {self.definition} and {other.definition}",
                "Select the same things, or say that it is meant with .across.",
            )

    def compare(self, other: Any, sign: str) -> bool:
        if isinstance(other, int | float):
            low = high = float(other)
            shown = str(other)
        else:
            theirs = as_quantity(other)
            self._fits(theirs, "comparing")
            (low, high), shown = theirs.bounds, theirs.name
        a, b = self.bounds
        certain = {"<": b < low, ">": a > high, "<=": b <= low, ">=": a >= high, "==": a == b == low == high}
        opposite = {"<": a >= high, ">": b <= low, "<=": a > high, ">=": b < low, "==": b < low or a > high}
        if certain[sign]:
            return True
        if opposite[sign] or (a == b and low == high):
            return False
        raise QuantityError(
            "undecided",
            f"{self.name} is {self.precision} {self.number:,}, which does not decide a comparison with {shown}",
            "Compare with a number that the precision decides.",
        )

    def plus(self, other: Any, sign: int) -> Quantity:
        if isinstance(other, int | float):
            return replace(self, number=self.need() + sign * other)
        theirs = as_quantity(other)
        self._fits(theirs, "adding" if sign > 0 else "subtracting")
        mark = "+" if sign > 0 else "−"
        exact = self.precision == theirs.precision == "exact"
        return Quantity(
            self.need() + sign * theirs.need(),
            self.unit,
            "number" if sign > 0 else "change",
            max(self.decimals, theirs.decimals),
            period=self.period if self.period == theirs.period else None,
            precision="exact" if exact else "approximate",
            label=self.label,
            of=self.of,
            rows=self.rows + theirs.rows,
            formula=f"{self.number} {mark} {theirs.number}",
            unit_one=self.unit_one,
            loose=self.loose or theirs.loose,
        )

    def over(self, other: Any) -> Quantity:
        if isinstance(other, int | float):
            return replace(self, number=self.need() / other, formula=f"{self.number} ÷ {other}", decimals=1)
        theirs = as_quantity(other)
        self._fits(theirs, "dividing")
        if theirs.need() == 0:
            raise QuantityError("divided-by-zero", f"{theirs.name} is zero; nothing can be divided by it")
        return Quantity(
            self.need() / theirs.need(),
            "",
            "ratio",
            1,
            label=f"{self.label} ratio",
            of=self.of,
            rows=self.rows + theirs.rows,
            formula=f"{self.number} ÷ {theirs.number}",
        )

    # --- print ------------------------------------------------------------------------------------------

    def print(self, style: NumberStyle, *, prose: bool = True) -> str:
        """The words on the page. Raises QuantityError when there is nothing to print."""
        if self.code and self.status == "known":
            return self.text
        number = self.need()
        hedge = _HEDGES.get(self.precision, "")
        if number and not round_half_up(number, self.decimals) and self.kind not in ("change", "ratio"):
            return self._tiny(style, prose=prose)
        if self.kind == "share":
            return f"{hedge}{style.number(number, self.decimals)} {style.percent}"
        if self.kind == "change" and not prose and round_half_up(number, self.decimals) > 0:
            return f"+{style.number(number, self.decimals)}"
        if prose and not self.decimals and not hedge and self.kind != "rank":
            return style.words(number)
        return hedge + style.number(number, self.decimals)

    def _tiny(self, style: NumberStyle, *, prose: bool) -> str:
        """What is not zero is not printed as zero."""
        least = style.number(10.0**-self.decimals, self.decimals)
        if not prose:
            return f"<{least}"
        if self.kind == "share":
            return f"{style.less_than} {least} {style.percent}"
        return f"{style.less_than} {least if self.decimals else style.words(1)}"

    @property
    def machine(self) -> str:
        """The value attribute: the plain number, unrounded."""
        if self.number is None:
            return self.code
        if isinstance(self.number, float):
            return repr(round(self.number, 10)).removesuffix(".0")
        return str(self.number)


def _last_digit(number: float) -> float:
    """The value of the last digit that is not zero: 1000 for 42,000."""
    if number == 0 or number != int(number):
        return 1.0
    size = 1.0
    while number % (size * 10) == 0:
        size *= 10
    return size


def as_quantity(thing: Any) -> Quantity:
    """What an expression gave, as a quantity. Raises QuantityError for what is none."""
    if isinstance(thing, Numeric):
        return thing.quantity
    if getattr(thing, "muted", False) is True:
        return Quantity(1)
    if isinstance(thing, int | float) and not isinstance(thing, bool):
        return Quantity(thing, kind="count", decimals=0 if thing == int(thing) else 1)
    shown = type(thing).__name__ if not isinstance(thing, str) else repr(thing)
    raise QuantityError("not-a-value", f"{shown} is no value of a measure")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that a computed quantity stands behind: "third-highest", "rose", "nearly 300"."""

    text: str
    quantity: Quantity

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class StandIn:
    """What the author wants printed where there is no figure."""

    text: str
    why: str

    def __str__(self) -> str:
        return self.text
