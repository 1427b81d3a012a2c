"""Filters and tests: words that vary with a value, and stay bound to it.

Each takes a value (or something that has one) and gives a :class:`Phrase`, so that "third-highest", "rose"
and "nearly 300" can be followed to the row like the number itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from jinja2 import pass_context
from msgspec.structs import replace

from generator.languages import Message
from generator.model import Period, Rows
from generator.problems import one_of
from generator.prose.slots import Joined, Link, Slot
from generator.prose.views import Dates, EntityView, RowView
from generator.prose.views.base import merged
from generator.prose.views.rows import origin
from generator.values import (
    HEDGES,
    Kind,
    NumberStyle,
    Numeric,
    Phrase,
    Quantity,
    QuantityError,
    StandIn,
    Tally,
    as_quantity,
    ordinal_words,
    round_half_up,
)


def _style(context: Any) -> NumberStyle:
    """How the page's language writes numbers and words."""
    style = context["_style"]
    assert isinstance(style, NumberStyle)
    return style


def or_say(value: Any, words: str) -> Any:
    """The value, or these words where there is no figure (unknown, suppressed, disputed), no text or nobody."""
    if isinstance(value, Numeric):
        quantity = value.quantity
        return quantity if quantity.known else StandIn(words, quantity.status)
    if value is None or (isinstance(value, str) and not value) or (isinstance(value, Joined) and not value.parts):
        return StandIn(words, "empty")
    return value


@pass_context
def ordinal(context: Any, value: Any, gender: str = "") -> Phrase:
    """A rank as first, second … ninth, 10th: the words up to where the site spells numbers out.

    ``gender`` is "feminine" where a language says that otherwise: "segunda".
    """
    quantity = _ranked(value, "ordinal")
    return Phrase(ordinal_words(_whole(quantity), _style(context), gender), quantity)


@pass_context
def rank_phrase(context: Any, value: Any, highest: str = "highest", lowest: str = "", gender: str = "") -> Phrase:
    """A rank in words: "highest", "second-highest", "tied for third-highest".

    With ``lowest``, the last three places are counted from the other end ("second-lowest"). ``gender`` as for
    ``ordinal``.
    """
    quantity = _ranked(value, "rank_phrase")
    place, style = _whole(quantity), _style(context)
    end, other = style.say(highest or "highest"), style.say(lowest)
    if quantity.lowest_first:
        # the first place is the lowest figure's
        end, other = style.say(lowest or "lowest"), style.say(highest) if lowest else ""
    from_below = quantity.among - place - quantity.tied + 1 if quantity.among else place
    if other and from_below <= 3 and from_below < place:
        place, end = from_below, other
    words = end if place == 1 else style.say("{place}-{end}", place=ordinal_words(place, style, gender), end=end)
    return Phrase(style.say("tied for {place}", place=words) if quantity.tied else words, quantity)


@pass_context
def direction(
    context: Any, value: Any, up: str = "rose", down: str = "fell", same: str = "did not change"
) -> Phrase:
    """Which way a change went, in words; a change that would print as zero is none."""
    quantity = as_quantity(value)
    if quantity.kind != "change":
        raise QuantityError(
            "not-a-change", f"{quantity.name} is no change", "Write {{ value.change(since=…) | direction }}."
        )
    number = round_half_up(quantity.need(), quantity.decimals)
    if quantity.precision != "exact":
        _ = quantity > 0 if number > 0 else quantity < 0  # raises where nobody can tell
    return Phrase(_style(context).say(up if number > 0 else down if number < 0 else same), quantity)


@pass_context
def size(context: Any, value: Any) -> Phrase:
    """A change without its sign, for a sentence that says the direction in words."""
    quantity = as_quantity(value)
    number = abs(quantity.need())
    if quantity.hedge not in ("", "about ") and number != quantity.number:
        raise QuantityError("undecided", f"{quantity.name} has no size: it is {quantity.hedge}{quantity.number:,}")
    return Phrase(replace(quantity, number=number, kind=_unsigned(quantity)).print(_style(context)), quantity)


def _unsigned(quantity: Quantity) -> Kind:
    return "share" if quantity.is_percentage else "number" if quantity.kind == "change" else quantity.kind


def plural(value: Any, one: str, many: str = "") -> Phrase | str:
    """The noun that goes with a number: ``{{ n }} {{ n | plural("agency", "agencies") }}``."""
    several = isinstance(value, list | tuple) or isinstance(getattr(value, "count", None), Quantity)
    quantity = as_quantity(length(value) if several else value)
    noun = one if _single(quantity) else many or f"{one}s"
    return Phrase(noun, quantity) if quantity.rows else noun


def _single(quantity: Quantity) -> bool:
    """Whether the number is printed as one, or as less than one."""
    number = abs(quantity.need())
    return not quantity.decimals and number > 0 and round_half_up(number) <= 1


@pass_context
def with_unit(context: Any, value: Any) -> Phrase:
    """The number and its unit: "one visitor", "348 visitors"."""
    quantity = as_quantity(value)
    style = _style(context)
    printed = quantity.print(style)
    if quantity.is_percentage or quantity.kind == "category":
        return Phrase(printed, quantity)
    if not _single(quantity):
        return Phrase(f"{printed} {style.say(quantity.unit)}".rstrip(), quantity)
    unit = _unit_of_one(quantity)
    one = Message("one {unit}", unit=Message(unit))  # which may have a gender: "un acuerdo"
    if not style.catalogue.is_english and printed == style.words(1) and style.catalogue.has(one):
        return Phrase(style.say(str(one)), quantity)
    return Phrase(f"{printed} {style.say(unit)}".rstrip(), quantity)


def _unit_of_one(quantity: Quantity) -> str:
    unit = quantity.unit
    if quantity.unit_one or not unit:
        return quantity.unit_one
    if " " not in unit and unit.endswith("s") and not unit.endswith(("ss", "ies", "ses", "xes", "ches", "shes")):
        return unit.removesuffix("s")
    raise QuantityError(
        "no-singular",
        f"{quantity.name} is one, and what one of {unit!r} is called is not known",
        "Give the measure a 'unit_one'.",
    )


@pass_context
def digits(context: Any, value: Any, decimals: int | None = None) -> Phrase:
    """Always in digits, never spelled out; with so many decimals if asked."""
    quantity = as_quantity(value)
    style = _style(context)
    if quantity.number is not None and decimals is not None:
        quantity = replace(quantity, decimals=decimals)
    if quantity.kind == "change":
        quantity = replace(quantity, kind="share" if quantity.is_percentage else "number")
    return Phrase(quantity.print(style, prose=False), as_quantity(value))


@pass_context
def signed(context: Any, value: Any) -> Phrase:
    """With its sign: +71, −12, 0."""
    quantity = as_quantity(value)
    style = _style(context)
    number = round_half_up(quantity.need(), quantity.decimals)
    text = f"{'+' if number > 0 else ''}{style.number(number, quantity.decimals)}"
    return Phrase(quantity.hedge_in(style) + (style.percentage(text) if quantity.is_percentage else text), quantity)


@pass_context
def times(context: Any, value: Any) -> Phrase:
    """A ratio in words: "twice", "4.6 times"."""
    quantity = as_quantity(value)
    if quantity.kind != "ratio":
        raise QuantityError(
            "not-a-ratio", f"{quantity.name} is no ratio", "Write {{ value.ratio(since=…) | times }}."
        )
    number = round_half_up(quantity.need(), 1)
    style = _style(context)
    shown = style.number(number, 0 if number == int(number) else 1)
    words = style.say("twice") if number == 2 else style.say("{number} times", number=shown)
    return Phrase(quantity.hedge_in(style) + words, quantity)


_NEARER = "Name a number within a tenth of it, or leave 'to' out."


@pass_context
def hedge(context: Any, value: Any, to: float | None = None) -> Phrase:
    """A round number with the hedge that is true of it: "nearly 300", "just over half".

    ``to`` is the round number (0.5 is half of a share); without it, two leading digits. Raises QuantityError
    when the value is more than a tenth away from ``to``.
    """
    quantity = as_quantity(value)
    style, number = _style(context), quantity.need()
    if quantity.precision != "exact":
        raise QuantityError(
            "undecided", f"{quantity.name} is {quantity.precision} {number:,}, which is a hedge itself", "Print it."
        )
    percent = quantity.is_percentage
    target = _leading(number, 2) if to is None else to * 100 if percent else to
    named = next((name for share, name in _FRACTIONS.items() if percent and abs(share - target) < 0.5), "")
    target = next((share for share, name in _FRACTIONS.items() if name == named), target)
    if target == 0 or abs(number - target) / abs(target) > 0.1:
        raise QuantityError(
            "hedge-too-far", f"{quantity.name} is {number:,}, too far from {target:,} to hedge", _NEARER
        )
    gap = (number - target) / target
    word = "" if abs(gap) < 1e-9 else _BELOW if gap < 0 else _JUST_ABOVE if gap <= 0.05 else HEDGES["more than"]
    shown = (
        style.say(named)
        if named
        else style.number(target, max(0, -int(Decimal(str(target)).normalize().as_tuple().exponent)))
    )
    shown = style.percentage(shown) if percent and not named else shown
    return Phrase(f"{style.say(word)} {shown}" if word else shown, quantity)


_BELOW, _JUST_ABOVE = Message("nearly"), Message("just over")
_FRACTIONS = {
    50.0: Message("half"), 25.0: Message("a quarter"), 75.0: Message("three quarters"), 100 / 3: Message("a third"),
    200 / 3: Message("two thirds"),
}  # fmt: skip


def _leading(number: float, digits_kept: int) -> float:
    if number == 0:
        return 0
    unit = 1.0
    while abs(number) / unit >= 10**digits_kept:
        unit *= 10
    return round_half_up(number / unit) * unit


@pass_context
def comparison(
    context: Any,
    value: Any,
    other: Any,
    more: str = "",
    less: str = "",
    same: str = "",
) -> Phrase:
    """Which of two is larger, in words: "more than", "fewer than", "as many as", unless it is told others.

    They must be of one date, unit and definition.
    """
    quantity = as_quantity(value)
    said = _style(context).catalogue
    if quantity > other:
        return Phrase(more or said.pgettext("comparison", "more than"), quantity)
    if quantity < other:
        return Phrase(less or said.pgettext("comparison", "fewer than"), quantity)
    return Phrase(same or said.pgettext("comparison", "as many as"), quantity)


def and_list(things: Iterable[Any], last: str = "and") -> Joined:
    """Names (or values) in one sentence: "Ash, Birch and Cedar". Entities lead to their pages."""
    if isinstance(things, str) or not isinstance(things, Iterable):
        raise QuantityError("not-a-list", "and_list takes several things, not one", "Print it as it is.")
    return Joined(tuple(_named(thing) for thing in things), last)


def names(things: Iterable[Any]) -> list[str]:
    """The bare names, without links."""
    return [thing.name for thing in things]


def length(things: Any) -> int:
    """How many; of entities, rows, dates and datasets bound to them, so that it can be printed."""
    count = things.counted if isinstance(things, Dates) else getattr(things, "count", None)
    if isinstance(count, Quantity):
        return Tally(count)
    rows = [_rows_of(thing) for thing in things] if isinstance(things, list | tuple) else []
    if not rows or None in rows:
        return len(things)
    return Tally(
        Quantity(len(rows), kind="count", label=Message("number of them"), rows=merged(list(filter(None, rows))))
    )


def _rows_of(thing: Any) -> Rows | None:
    """The row of an entity or a row; of a dataset, that it is one."""
    if isinstance(thing, EntityView | RowView):
        return origin(thing)
    count = getattr(thing, "count", None)
    return Rows(count.rows[0].dataset, ()) if isinstance(count, Quantity) else None


def link(thing: Any, text: str = "") -> Link:
    """An entity's name (or these words) leading to its page."""
    found = getattr(thing, "link", None)
    if not isinstance(found, Link):
        raise QuantityError(
            "not-an-entity", "only an entity has a page to link to", "Put the bar behind the entity itself."
        )
    return Link(text or found.text, found.url)


@pass_context
def date(context: Any, value: Any, form: str = "") -> Slot:
    """A date, month or period in the site's style; also from a text like "2025-06-06".

    ``form`` "month" or "year" leaves the rest out.
    """
    style, found = _style(context), _period_of(value)
    if form not in ("", "month", "year"):
        raise QuantityError("bad-date", f"a date has no form {form!r}", 'Write date("month") or date("year").')
    shown = found
    if form:
        shown = Period.month(found.start) if form == "month" else Period.year(found.start.year)
        if not shown.covers(found):
            raise QuantityError(
                "bad-date", f"{found} is more than one {form}", "Print it as it is: {{ … | date }}."
            )
    return Slot("time", style.period(shown), str(shown))


def _period_of(value: Any) -> Period:
    if isinstance(value, Numeric):
        period = value.quantity.period
        if period is None:
            raise QuantityError("bad-date", f"{value.quantity.name} has no date")
        return period
    if isinstance(value, Period):
        return value
    if isinstance(value, dt.date):
        return Period.day(value)
    if isinstance(value, str) and not getattr(value, "muted", False):
        try:
            return Period.parse(value)
        except ValueError as error:
            raise QuantityError(
                "bad-date", str(error), 'Write it like "2025-06-06", "2025-06" or "2025".'
            ) from None
    if getattr(value, "muted", False):
        return Period.parse("1970-01-01")
    shown = "nothing" if value is None else f"a {type(value).__name__}"
    raise QuantityError("bad-date", f"{shown} has no date", "Ask 'if … is known' first.")


@pass_context
def upper_first(context: Any, thing: Any) -> Any:
    """A text or number at the beginning of a sentence: "the coast" → "The coast", 3 → "Three"."""
    if isinstance(thing, StandIn):
        return StandIn(thing.text[:1].upper() + thing.text[1:], thing.why)
    if isinstance(thing, str):
        return thing[:1].upper() + thing[1:]
    phrase = thing if isinstance(thing, Phrase) else None
    quantity = phrase.quantity if phrase else as_quantity(thing)
    words = phrase.text if phrase else quantity.print(_style(context))
    return Phrase(words[:1].upper() + words[1:], quantity)


def _named(thing: Any) -> Any:
    return thing.link if hasattr(type(thing), "link") else thing


def _whole(quantity: Quantity) -> int:
    number = quantity.need()
    if number != int(number):
        raise QuantityError("not-whole", f"{quantity.name} is {number}, which has no ordinal")
    return int(number)


def _ranked(value: Any, filter_name: str) -> Quantity:
    quantity = as_quantity(value)
    if quantity.kind != "rank" and not getattr(value, "muted", False):
        hint = f"Write {{{{ value.rank | {filter_name} }}}}."
        raise QuantityError("not-a-rank", f"{quantity.name} is no rank", hint)
    return quantity


def is_known(value: Any) -> bool:
    """Whether there is something to print."""
    if isinstance(value, Numeric):
        return value.quantity.known
    return value is not None and value != ""


def is_zero(value: Any) -> bool:
    """Whether it is known to be zero."""
    quantity = as_quantity(value)
    return quantity.known and quantity == 0


_BY_DEFAULT = (
    Message("highest"), Message("lowest"), Message("rose"), Message("fell"), Message("did not change"),
    Message("and"), Message("or"),
)  # fmt: skip
"""Words that filters use when they are told no others, for catalogues."""

FILTERS: dict[str, Callable[..., Any]] = {
    "and_list": and_list,
    "comparison": comparison,
    "date": date,
    "digits": digits,
    "direction": direction,
    "hedge": hedge,
    "length": length,
    "link": link,
    "names": names,
    "or_say": or_say,
    "ordinal": ordinal,
    "plural": plural,
    "rank_phrase": rank_phrase,
    "signed": signed,
    "size": size,
    "times": times,
    "upper_first": upper_first,
    "with_unit": with_unit,
}

TESTS: dict[str, Callable[..., bool]] = {"known": is_known, "zero": is_zero}

KEPT_BUILTINS = (
    "abs", "capitalize", "default", "first", "groupby", "join", "last", "list", "lower", "map", "max",
    "min", "reject", "rejectattr", "replace", "reverse", "select", "selectattr", "slice", "string", "title",
    "trim", "unique", "upper",
)  # fmt: skip
"""Jinja's own filters that documents may use; the rest prints numbers that are bound to nothing."""


OTHER_WAYS = {
    "percent": "A share prints its own unit: {{ value.share }}.",
    "round": "Write '| digits(1)' for one decimal.",
    "percent_change": "Write {{ value.percent_change(since=…) }}.",
    "format": "Numbers are written in the site's style; '| digits(1)' sets decimals.",
    "sum": "Write {{ towns.total(…) }} for a sum of entities, or add with +.",
    "sort": "Write .sorted(\"measure\") for entities, 'sort: …' in a table.",
    "count": "Write '| length'.",
}
"""What does the job of a filter that is not there."""


def explain_filters(asked: str = "") -> str:
    if asked in OTHER_WAYS:
        return OTHER_WAYS[asked]
    return f"Filters: {one_of(sorted([*FILTERS, *KEPT_BUILTINS]), most=50)}."
