"""How numbers, ordinals, dates and the words around them are written, in one language."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from msgspec import Struct

from generator.languages import ENGLISH, Catalogue, Message, filled
from generator.model import Period


class NumberStyle(Struct, frozen=True):
    """How numbers, dates and the generator's own words are written: once for a language of the site."""

    thousands: str = ","
    decimal: str = "."
    group_from: int = 1_000
    """The least number that has a sign between its thousands."""
    minus: str = "−"
    spell_out_below: int = 10
    percent: str = "percent"
    percent_gap: str = " "
    """Between a number and ``percent``."""
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
    months_alone: tuple[str, ...] = ()
    """Where no day stands before them; when empty, as with one."""
    months_short: tuple[str, ...] = ()
    """On axes; when empty, the first three letters."""
    language: str = "en"
    catalogue: Catalogue = ENGLISH

    # --- words ------------------------------------------------------------------------------------------

    def say(self, message: str, /, **names: Any) -> str:
        """A message of the generator, or a word of the story, in this language.

        What stands for its names is said too: messages, periods and dates, numbers; texts are as they are.
        """
        said = {**message.names, **names} if isinstance(message, Message) else names
        pattern = message.pattern if isinstance(message, Message) else message
        text = filled(self.catalogue.gettext(pattern), {name: self._said(value) for name, value in said.items()})
        return text[:1].upper() + text[1:] if isinstance(message, Message) and message.capital else text

    def _said(self, value: Any) -> str:
        if isinstance(value, Message):
            return self.say(value)
        if isinstance(value, Period):
            return self.period(value)
        if isinstance(value, dt.date):
            return self.day(value)
        if isinstance(value, int | float):
            return self.number(value, len(f"{value:.6f}".rstrip("0").partition(".")[2]))
        return str(value)

    def join(self, words: list[str], last: str = "and", said: str = "") -> str:
        """Words with commas and a last "and"; ``said`` is how the last one reads, where it stands for something."""
        if not words:
            return ""
        last = self._conjunction(self.say(last), said or words[-1])
        if len(words) < 3:
            return f" {last} ".join(words)
        comma = "," if self.serial_comma else ""
        return f"{', '.join(words[:-1])}{comma} {last} {words[-1]}"

    def _conjunction(self, word: str, before: str) -> str:
        """Spanish "y" and "o" before their own sound: "Francia e Italia", "uno u otro"."""
        if self.language.partition("-")[0].lower() == "es":
            if word == "y" and _SOUNDS_LIKE_I.match(before):
                return "e"
            if word == "o" and _SOUNDS_LIKE_O.match(before):
                return "u"
        return word

    # --- numbers ----------------------------------------------------------------------------------------

    def number(self, value: float, decimals: int = 0) -> str:
        """Digits with separators; halves are rounded away from zero, as readers do."""
        rounded = _rounded(value, decimals)
        text = f"{abs(rounded):,.{decimals}f}"
        thousands = self.thousands if abs(rounded) >= self.group_from else ""
        text = text.replace(",", "\0").replace(".", self.decimal).replace("\0", thousands)
        return f"{self.minus}{text}" if rounded < 0 else text

    def percentage(self, number: str) -> str:
        """A number that is written already, with its "percent"."""
        return f"{number}{self.percent_gap}{self.percent}"

    def words(self, value: float) -> str:
        """A number that is printed whole and small spelled out, anything else in digits."""
        whole = int(_rounded(value, 0))
        if 0 <= whole < min(self.spell_out_below, len(_SMALL)):
            return self.say(_SMALL[whole])
        return self.number(value)

    # --- dates ------------------------------------------------------------------------------------------

    def day(self, date: dt.date) -> str:
        return self.date.format(day=date.day, month=self.months[date.month - 1], year=date.year)

    def month_year(self, date: dt.date) -> str:
        names = self.months_alone or self.months
        return self.month.format(month=names[date.month - 1], year=date.year)

    @property
    def short_months(self) -> tuple[str, ...]:
        """The names of the months on axes."""
        return self.months_short or tuple(month[:3] for month in self.months)

    def period(self, period: Period) -> str:
        match period.grain:
            case "day":
                return self.day(period.start)
            case "month":
                return self.month_year(period.start)
            case "year":
                return str(period.start.year)
        whole = Period.month(period.start).start == period.start and Period.month(period.end).end == period.end
        if whole:
            pattern, write = self.catalogue.pgettext("months", "{start} to {end}"), self.month_year
        else:
            pattern, write = self.catalogue.gettext("{start} to {end}"), self.day
        return filled(pattern, {"start": write(period.start), "end": write(period.end)})


def spelled_numbers(style: NumberStyle) -> tuple[str, ...]:
    """The words for zero, one and so on, as far as they are spelled out."""
    return tuple(style.say(word) for word in _SMALL)


_SOUNDS_LIKE_I = re.compile(r"h?[ií](?![aeoáéó])", re.IGNORECASE)
_SOUNDS_LIKE_O = re.compile(r"h?[oó]", re.IGNORECASE)


_SMALL = (
    Message("zero"), Message("one"), Message("two"), Message("three"), Message("four"), Message("five"),
    Message("six"), Message("seven"), Message("eight"), Message("nine"), Message("ten"), Message("eleven"),
    Message("twelve"),
)  # fmt: skip
_ORDINALS = (
    Message("zeroth"), Message("first"), Message("second"), Message("third"), Message("fourth"), Message("fifth"),
    Message("sixth"), Message("seventh"), Message("eighth"), Message("ninth"), Message("tenth"),
    Message("eleventh"), Message("twelfth"),
)  # fmt: skip
_PLACES = {
    "one": Message("{number}st"), "two": Message("{number}nd"), "few": Message("{number}rd"),
    "other": Message("{number}th"),
}  # fmt: skip
FEMININE = "feminine"
"""The gender of what is ranked, where a language asks for it; a context in catalogues."""


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


def ordinal_words(number: int, style: NumberStyle, gender: str = "") -> str:
    if 0 < number < min(style.spell_out_below, len(_ORDINALS)):
        return style.catalogue.pgettext(gender, _ORDINALS[number])
    return ordinal_digits(number, style, gender)


def ordinal_digits(number: int, style: NumberStyle, gender: str = "") -> str:
    message = _PLACES.get(style.catalogue.ordinal(number), _PLACES["other"])
    return filled(style.catalogue.pgettext(gender, message.pattern), {"number": style.number(number)})
