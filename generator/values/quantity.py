"""Quantities: a number with its unit, precision, period and rows, and how it is printed.

Everything a page prints as a number is a :class:`Quantity`, or a :class:`Phrase` made from one. Arithmetic
and comparison refuse what does not belong together: other units, other periods, other definitions.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from generator.languages import Message
from generator.model import Period, Precision, Rows, Status
from generator.values.errors import QuantityError
from generator.values.intervals import DECIDE, Interval, interval
from generator.values.style import NumberStyle, round_half_up

Kind = Literal["number", "rank", "share", "rate", "change", "ratio", "count", "category"]


PERCENT, PERCENTAGE_POINTS = Message("percent"), Message("percentage points")
_TOLD = (Message("rounded"), Message("approximate"))
"""How exact a figure is, where a receipt says so in other words than its hedge; for catalogues."""
HEDGES: dict[Precision, Message] = {
    "approximate": Message("about"),
    "rounded": Message("about"),
    "at least": Message("at least"),
    "more than": Message("more than"),
    "at most": Message("at most"),
    "just under": Message("just under"),
}


_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "==": operator.eq,
}  # fmt: skip


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

    def __ne__(self, other: object) -> bool:
        if isinstance(other, str) and other and not self.quantity.known:
            self.quantity.need()  # what is unknown is not known to be something else
        return not self.same(other)

    def __hash__(self) -> int:
        raise QuantityError(
            "not-a-key",
            f"{self.quantity.name} cannot be looked up in a mapping or told apart from others like a word",
            "Compare it: ==, <, >. A category is looked up by its code: value.code.",
        )

    def __bool__(self) -> bool:
        """Whether it is other than zero; a category always is. Raises QuantityError where there is no figure."""
        quantity = self.quantity
        return True if quantity.code and quantity.known else not quantity.same(0)

    def same(self, other: Any) -> bool:
        """Equal as figures; a category equals its code; nothing equals None or an empty text."""
        if other is None:
            return False
        if isinstance(other, str) and not isinstance(other, Numeric):
            return bool(other) and self.quantity.has_code(other)
        return self.quantity.compare(other, "==")

    def __add__(self, other: Any) -> Quantity:
        return self.quantity.plus(other, 1)

    def __radd__(self, other: Any) -> Quantity:
        return self.quantity.plus(other, 1)

    def __sub__(self, other: Any) -> Quantity:
        return self.quantity.plus(other, -1)

    def __mul__(self, other: Any) -> Quantity:
        raise QuantityError(
            "not-calculated",
            f"{self.quantity.name} cannot be multiplied",
            "A share in percent is .share; a rate is declared in measures.yml.",
        )

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Quantity:
        return self.quantity.over(other)

    def __str__(self) -> str:
        raise QuantityError(
            "binding-lost",
            f"{self.quantity.name} would become mere text here",
            "Print it in braces of its own, {{ … }}, next to the words.",
        )


class Peers(Struct, frozen=True):
    """Who is ranked with an entity: the collection, and key → name of those above it and level with it."""

    collection: str
    above: Mapping[str, str]
    level: Mapping[str, str]


class Quantity(Numeric, Struct, frozen=True, eq=False):
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
    """For a rank: how many are ranked; a :class:`Tally`."""
    lowest_first: bool = False
    """For a rank: the lowest figure is the first."""
    loose: bool = False
    """The author said that other periods and definitions are meant."""
    span: Interval | None = None
    """Where the true number of a derived figure lies, when its own digits do not say."""
    against: str = ""
    """For a difference or a ratio of two: whose figure it is held against."""
    ends: tuple[Quantity, Quantity] | None = None
    """For a change or a ratio over time: from what to what."""
    near: Callable[[], tuple[tuple[str, str], ...]] | None = None
    """For a rank: who stands above and below it, in words, for messages."""
    peers: Callable[[], Peers] | None = None
    """For a rank: who exactly stands above it and level with it."""
    ranked_in: str = ""
    """For a rank: the collection."""

    def __call__(self, *_: Any, **__: Any) -> Quantity:
        raise QuantityError("not-callable", f"{self.name} takes no parentheses", "Leave '(…)' out.")

    # --- what it is -------------------------------------------------------------------------------------

    @property
    def quantity(self) -> Quantity:
        return self

    @property
    def known(self) -> bool:
        return self.status == "known" and (self.number is not None or bool(self.code))

    @property
    def date(self) -> Period | None:
        """When this was so."""
        return self.period

    def need(self) -> int | float:
        """The number. Raises QuantityError when there is none."""
        if self.status == "known" and self.number is None:
            raise QuantityError("value-no-number", f"{self.name} is no number", "Print it as it is: {{ … }}.")
        if self.number is None or self.status != "known":
            raise QuantityError(
                f"value-{self.status}",
                f"{self.name} is {self.status}",
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
    def bounds(self) -> Interval:
        """The interval the true number lies in. Raises QuantityError when there is no number."""
        number = self.need()
        return self.span or interval(number, self.precision)

    def has_code(self, code: str) -> bool:
        """Whether it is known to be in that category. Raises QuantityError when it is no category at all."""
        if self.kind != "category":
            raise QuantityError(
                "not-a-category",
                f"{self.name} is a number, and {code!r} a text; they cannot be compared",
                "Write the number without quotes.",
            )
        return self.known and self.code == code

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
        """Raises QuantityError when they do not belong together, or are not exact enough to tell."""
        if isinstance(other, int | float) and not isinstance(other, bool):
            if self.precision == "exact" and self.span is None:
                return _SIGNS[sign](self.need(), other)
            theirs, shown = Interval(other, other), str(other)
        else:
            quantity = as_quantity(other)
            self._fits(quantity, "comparing")
            theirs, shown = quantity.bounds, quantity.name
        ours = self.bounds
        certain, excluded = DECIDE[sign](ours, theirs)
        if certain or excluded:
            return certain
        raise QuantityError(
            "undecided",
            f"{self.name} is {self.precision} {self.number:,}, which does not decide a comparison with {shown}",
            "Compare with a number that the precision decides.",
        )

    def plus(self, other: Any, sign: int) -> Quantity:
        """Raises QuantityError when they do not belong together, or are not exact enough to say anything."""
        if isinstance(other, int | float) and not isinstance(other, bool):
            span = self.bounds.plus(Interval(other, other), sign)
            mark = "+" if sign > 0 else "−"
            made = replace(self, number=self.need() + sign * other, formula=f"{self.number} {mark} {other}")
            # a place less one is a count of places, and no place itself
            made = replace(made, kind="count", tied=0, among=0) if self.kind == "rank" else made
            return made.spanning(span)
        theirs = as_quantity(other)
        self._fits(theirs, "adding" if sign > 0 else "subtracting")
        mark = "+" if sign > 0 else "−"
        percent = self.unit == "percent"
        return Quantity(
            self.need() + sign * theirs.need(),
            PERCENTAGE_POINTS if percent and sign < 0 else self.unit,
            "change" if sign < 0 else "share" if self.kind == theirs.kind == "share" else "number",
            max(self.decimals, theirs.decimals),
            period=self.period if self.period == theirs.period else None,
            definition=self.definition if self.definition == theirs.definition and sign > 0 else "",
            label=self.label,
            of=self.of if self.of == theirs.of else Message("{one} and {other}", one=self.of, other=theirs.of),
            against=theirs.of if sign < 0 and self.of != theirs.of else "",
            rows=_both(self.rows, theirs.rows),
            formula=f"{self.number} {mark} {theirs.number}",
            unit_one="" if percent and sign < 0 else self.unit_one,
            loose=self.loose or theirs.loose,
        ).spanning(self.bounds.plus(theirs.bounds, sign))

    def over(self, other: Any) -> Quantity:
        """How many times the other it is. Raises QuantityError as ``plus`` does, and for a divisor of zero."""
        if isinstance(other, int | float) and not isinstance(other, bool):
            if other == 0:
                raise QuantityError("divided-by-zero", f"{self.name} cannot be divided by zero")
            span = self.bounds.times(1 / other) if other > 0 else None
            made = replace(self, number=self.need() / other, formula=f"{self.number} ÷ {other}", decimals=1)
            return made.spanning(span) if span else made
        theirs = as_quantity(other)
        self._fits(theirs, "dividing")
        if theirs.need() == 0:
            raise QuantityError("divided-by-zero", f"{theirs.name} is zero; nothing can be divided by it")
        made = Quantity(
            self.need() / theirs.need(),
            "",
            "ratio",
            1,
            definition=f"ratio of {self.definition} to {theirs.definition} of {theirs.period}",
            period=self.period,
            label=Message("{label} ratio", label=Message(self.label)),
            of=self.of,
            against=theirs.of if self.of != theirs.of else "",
            rows=_both(self.rows, theirs.rows),
            formula=f"{self.number} ÷ {theirs.number}",
        )
        return made.spanning(self.bounds.over(theirs.bounds))

    def spanning(self, span: Interval) -> Quantity:
        """The same, as exact as ``span``. Raises QuantityError when that is not exact at all."""
        word = span.word(self.need())
        if word is None:
            raise QuantityError(
                "undecided",
                f"{self.name} cannot be worked out: the figures in {self.formula} are not exact enough",
                "Print the figures themselves.",
            )
        return replace(self, precision=word, span=None if span.is_point else span)

    # --- print ------------------------------------------------------------------------------------------

    def print(self, style: NumberStyle, *, prose: bool = True) -> str:
        """The words on the page. Raises QuantityError when there is nothing to print."""
        if self.code and self.status == "known":
            return style.say(self.text)
        number = self.need()
        hedge = self.hedge_in(style)
        if number and not round_half_up(number, self.decimals) and self.kind not in ("change", "ratio"):
            return self._tiny(style, prose=prose)
        if self.is_percentage:
            return hedge + style.percentage(style.number(number, self.decimals))
        if self.kind == "change" and not prose and round_half_up(number, self.decimals) > 0:
            return f"{hedge}+{style.number(number, self.decimals)}"
        if prose and not self.decimals and not hedge and self.kind != "rank":
            return style.words(number)
        return hedge + style.number(number, self.decimals)

    def _tiny(self, style: NumberStyle, *, prose: bool) -> str:
        """What is not zero is not printed as zero."""
        number = self.need()
        if self.hedge or number < 0:  # "less than" would say something else
            decimals = max(self.decimals, -math.floor(math.log10(abs(number))))
            shown = style.number(number, decimals)
            return self.hedge_in(style) + (style.percentage(shown) if self.is_percentage and prose else shown)
        least = style.number(10.0**-self.decimals, self.decimals)
        if not prose:
            return f"<{least}"
        if self.kind == "share":
            return f"{style.less_than} {style.percentage(least)}"
        return f"{style.less_than} {least if self.decimals else style.words(1)}"

    @property
    def hedge(self) -> str:
        """The English words that say how exact it is, with a blank after them; nothing for an exact figure."""
        word = HEDGES.get(self.precision, "")
        return f"{word} " if word else ""

    def hedge_in(self, style: NumberStyle) -> str:
        """The same words in the language of a style."""
        word = HEDGES.get(self.precision, "")
        return f"{style.say(word)} " if word else ""

    @property
    def is_percentage(self) -> bool:
        """Whether it is printed with "percent": shares, and changes in percent."""
        return self.kind == "share" or (self.kind == "change" and self.unit == "percent")

    @property
    def machine(self) -> str:
        """The value attribute: the plain number, unrounded."""
        if self.number is None:
            return self.code
        if isinstance(self.number, float):
            return repr(round(self.number, 10) + 0.0).removesuffix(".0")
        return str(self.number)


def _both(rows: tuple[Rows, ...], more: tuple[Rows, ...]) -> tuple[Rows, ...]:
    """Rows of both, each dataset once."""
    lines: dict[str, set[int]] = {}
    for item in (*rows, *more):
        lines.setdefault(item.dataset, set()).update(item.lines)
    return tuple(Rows(name, tuple(sorted(found))) for name, found in lines.items())


class Tally(int):
    """A whole number for loops and conditions that stays bound to its rows when it is printed."""

    quantity: Quantity

    def __new__(cls, quantity: Quantity) -> Tally:
        made = super().__new__(cls, int(quantity.need()))
        made.quantity = quantity
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.quantity,))


def as_quantity(thing: Any) -> Quantity:
    """What an expression gave, as a quantity. Raises QuantityError for what is none."""
    if isinstance(thing, Numeric | Tally):
        return thing.quantity
    if isinstance(thing, Phrase):
        return thing.quantity
    if getattr(thing, "muted", False) is True:
        return Quantity(1, rows=(Rows("", ()),))
    if isinstance(thing, int | float) and not isinstance(thing, bool):
        return Quantity(thing, kind="count", decimals=0 if thing == int(thing) else 1)
    if callable(thing) and hasattr(thing, "__name__"):
        name = thing.__name__
        raise QuantityError("not-a-value", f"{name} is something to be asked for", f"Write .{name}(…).")
    if isinstance(thing, str) and thing.replace(".", "", 1).isdigit():
        raise QuantityError("not-a-value", f"{thing!r} is a text", f"Write the number without quotes: {thing}.")
    shown = type(thing).__name__ if not isinstance(thing, str) else repr(thing)
    raise QuantityError("not-a-value", f"{shown} is no value of a measure")


class Phrase(Struct, frozen=True):
    """Words that a computed quantity stands behind: "third-highest", "rose", "nearly 300"."""

    text: str
    quantity: Quantity

    def __str__(self) -> str:
        raise QuantityError(
            "binding-lost",
            f"the words {self.text!r} for {self.quantity.name} would become mere text here",
            "Print them in braces of their own, {{ … }}, next to the other words.",
        )


class StandIn(Struct, frozen=True):
    """What the author wants printed where there is no figure."""

    text: str
    why: str

    def __str__(self) -> str:
        return self.text
