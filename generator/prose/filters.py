"""Filters and tests: words that vary with a value, and stay bound to it.

Each takes a value (or something that has one) and gives a :class:`Phrase`, so that "third-highest", "rose"
and "nearly 300" can be followed to the row like the number itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import pass_environment

from generator.model import Period
from generator.problems import one_of
from generator.prose.slots import Joined, Link, Slot
from generator.values import (
    NumberStyle,
    Phrase,
    Quantity,
    QuantityError,
    StandIn,
    as_quantity,
    ordinal_words,
    round_half_up,
)


def _style(environment: Any) -> NumberStyle:
    style = environment.globals["_style"]
    assert isinstance(style, NumberStyle)
    return style


def or_say(value: Any, words: str) -> Any:
    """The value, or these words where there is no figure (unknown, suppressed, disputed)."""
    if value is None or (isinstance(value, str) and not value):
        return StandIn(words, "empty")
    if isinstance(value, str | StandIn | Phrase):
        return value
    quantity = as_quantity(value)
    return quantity if quantity.known else StandIn(words, quantity.status)


@pass_environment
def ordinal(environment: Any, value: Any) -> Phrase:
    """first, second … ninth, 10th: the words up to where the site spells numbers out."""
    quantity = as_quantity(value)
    return Phrase(ordinal_words(_whole(quantity), _style(environment)), quantity)


@pass_environment
def rank_phrase(environment: Any, value: Any, highest: str = "highest", lowest: str = "") -> Phrase:
    """A rank in words: "highest", "second-highest", "tied for third-highest".

    With ``lowest``, the last three places are counted from the other end ("second-lowest").
    """
    quantity = as_quantity(value)
    if quantity.kind != "rank":
        raise QuantityError("not-a-rank", f"{quantity.name} is no rank", "Write {{ value.rank | rank_phrase }}.")
    place, style = _whole(quantity), _style(environment)
    from_below = quantity.among - place - quantity.tied + 1
    end = highest
    if lowest and from_below <= 3 and from_below < place:
        place, end = from_below, lowest
    words = end if place == 1 else f"{ordinal_words(place, style)}-{end}"
    return Phrase(f"tied for {words}" if quantity.tied else words, quantity)


def direction(value: Any, up: str = "rose", down: str = "fell", same: str = "did not change") -> Phrase:
    """Which way a change went, in words; a change that would print as zero is none."""
    quantity = as_quantity(value)
    if quantity.kind not in ("change", "share"):
        raise QuantityError(
            "not-a-change", f"{quantity.name} is no change", "Write {{ value.change(since=…) | direction }}."
        )
    number = round_half_up(quantity.need(), quantity.decimals)
    return Phrase(up if number > 0 else down if number < 0 else same, quantity)


@pass_environment
def size(environment: Any, value: Any) -> Phrase:
    """A change without its sign, for a sentence that says the direction in words."""
    quantity = as_quantity(value)
    style, number = _style(environment), abs(quantity.need())
    if quantity.kind == "share":
        return Phrase(f"{style.number(number, quantity.decimals)} {style.percent}", quantity)
    return Phrase(
        style.words(number) if not quantity.decimals else style.number(number, quantity.decimals), quantity
    )


def plural(value: Any, one: str, many: str = "") -> Phrase:
    """The noun that goes with a number: ``{{ n }} {{ n | plural("agency", "agencies") }}``."""
    quantity = _counted(value)
    number = quantity.need()
    single = round_half_up(number, quantity.decimals) == 1 or 0 < number < 1
    return Phrase(one if single else many or f"{one}s", quantity)


@pass_environment
def with_unit(environment: Any, value: Any) -> Phrase:
    """The number and its unit: "one visitor", "348 visitors"."""
    quantity = as_quantity(value)
    number = quantity.need()
    single = round_half_up(number, quantity.decimals) == 1 or 0 < number < 1
    unit = (quantity.unit_one or quantity.unit.removesuffix("s")) if single else quantity.unit
    return Phrase(f"{quantity.print(_style(environment))} {unit}", quantity)


@pass_environment
def digits(environment: Any, value: Any, decimals: int | None = None) -> Phrase:
    """Always in digits, never spelled out; with so many decimals if asked."""
    quantity = as_quantity(value)
    if decimals is None or quantity.number is None:
        return Phrase(quantity.print(_style(environment), prose=False).lstrip("+"), quantity)
    style = _style(environment)
    text = style.number(quantity.need(), decimals)
    return Phrase(f"{text} {style.percent}" if quantity.kind == "share" else text, quantity)


@pass_environment
def signed(environment: Any, value: Any) -> Phrase:
    """With its sign: +71, −12, 0."""
    quantity = as_quantity(value)
    style = _style(environment)
    number = round_half_up(quantity.need(), quantity.decimals)
    text = style.number(number, quantity.decimals)
    text = f"+{text}" if number > 0 else text
    return Phrase(f"{text} {style.percent}" if quantity.kind == "share" else text, quantity)


@pass_environment
def times(environment: Any, value: Any) -> Phrase:
    """A ratio in words: "twice", "4.6 times"."""
    quantity = as_quantity(value)
    number = round_half_up(quantity.need(), 1)
    shown = _style(environment).number(number, 0 if number == int(number) else 1)
    return Phrase("twice" if number == 2 else f"{shown} times", quantity)


@pass_environment
def hedge(environment: Any, value: Any, to: float | None = None) -> Phrase:
    """A round number with the hedge that is true of it: "nearly 300", "just over half".

    ``to`` is the round number (0.5 is half of a share); without it, two leading digits. Raises QuantityError
    when the value is more than a tenth away from ``to``.
    """
    quantity = as_quantity(value)
    style, number = _style(environment), quantity.need()
    is_share = quantity.kind == "share"
    target = to * 100 if is_share and to is not None else to if to is not None else _leading(number, 2)
    if target == 0 or abs(number - target) / abs(target) > 0.1:
        raise QuantityError("hedge-too-far", f"{quantity.name} is {number:,}, too far from {target:,} to hedge")
    gap = (number - target) / target
    word = "" if gap == 0 else "nearly " if gap < 0 else "just over " if gap <= 0.05 else "more than "
    fractions = {50: "half", 25: "a quarter", 75: "three quarters", 33.333: "a third", 66.667: "two thirds"}
    named = next((name for share, name in fractions.items() if is_share and abs(share - target) < 0.5), "")
    shown = named or style.number(target, 0 if target == int(target) else 1)
    return Phrase(f"{word}{shown}{f' {style.percent}' if is_share and not named else ''}", quantity)


def _leading(number: float, digits_kept: int) -> float:
    if number == 0:
        return 0
    unit = 1.0
    while abs(number) / unit >= 10**digits_kept:
        unit *= 10
    return round_half_up(number / unit) * unit


def comparison(
    value: Any, other: Any, more: str = "more than", less: str = "fewer than", same: str = "as many as"
) -> Phrase:
    """Which of two is larger, in words. They must be of one date, unit and definition."""
    quantity = as_quantity(value)
    if quantity > other:
        return Phrase(more, quantity)
    return Phrase(less if quantity < other else same, quantity)


def and_list(things: Iterable[Any], last: str = "and") -> Joined:
    """Names (or values) in one sentence: "Ash, Birch and Cedar". Entities lead to their pages."""
    return Joined(tuple(_named(thing) for thing in things), last)


def names(things: Iterable[Any]) -> list[str]:
    """The bare names, without links."""
    return [thing.name for thing in things]


def link(thing: Any, text: str = "") -> Link:
    """An entity's name (or these words) leading to its page."""
    found = thing.link
    if not isinstance(found, Link):
        raise QuantityError("not-an-entity", "only an entity has a page to link to")
    return Link(text or found.text, found.url)


@pass_environment
def date(environment: Any, value: Any, form: str = "") -> Slot:
    """A date, month or period in the site's style; also from a text like "2025-06-06".

    ``form`` "month" or "year" leaves the rest out.
    """
    style = _style(environment)
    found = getattr(value, "period", None) or getattr(value, "date", None) or value
    if isinstance(found, str):
        try:
            found = Period.parse(found)
        except ValueError as error:
            raise QuantityError(
                "bad-date", str(error), 'Write it like "2025-06-06", "2025-06" or "2025".'
            ) from None
    if not isinstance(found, Period):
        found = Period.day(found)
    if form not in ("", "month", "year"):
        raise QuantityError("bad-date", f"a date has no form {form!r}", 'Write date("month") or date("year").')
    shown = Period.month(found.start) if form == "month" else Period.year(found.start.year) if form else found
    return Slot("time", style.period(shown), str(shown))


@pass_environment
def upper_first(environment: Any, thing: Any) -> Any:
    """A text or number at the beginning of a sentence: "the coast" → "The coast", 3 → "Three"."""
    if isinstance(thing, str):
        return thing[:1].upper() + thing[1:]
    phrase = thing if isinstance(thing, Phrase) else None
    quantity = phrase.quantity if phrase else as_quantity(thing)
    words = phrase.text if phrase else quantity.print(_style(environment))
    return Phrase(words[:1].upper() + words[1:], quantity)


def _named(thing: Any) -> Any:
    return thing.link if hasattr(type(thing), "link") else thing


def _whole(quantity: Quantity) -> int:
    number = quantity.need()
    if number != int(number):
        raise QuantityError("not-whole", f"{quantity.name} is {number}, which has no ordinal")
    return int(number)


def _counted(value: Any) -> Quantity:
    return as_quantity(len(value) if isinstance(value, list | tuple) else value)


def is_known(value: Any) -> bool:
    """Whether there is a figure to print."""
    if value is None or isinstance(value, str):
        return bool(value)
    return as_quantity(value).known


def is_zero(value: Any) -> bool:
    return as_quantity(value).number == 0


FILTERS: dict[str, Callable[..., Any]] = {
    "and_list": and_list,
    "comparison": comparison,
    "date": date,
    "digits": digits,
    "direction": direction,
    "hedge": hedge,
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
    "abs", "capitalize", "default", "first", "groupby", "join", "last", "length", "list", "lower", "map", "max",
    "min", "reject", "rejectattr", "replace", "reverse", "select", "selectattr", "slice", "string", "title",
    "trim", "unique", "upper",
)  # fmt: skip
"""Jinja's own filters that documents may use; the rest prints numbers that are bound to nothing."""


def explain_filters() -> str:
    return f"Filters: {one_of(sorted([*FILTERS, *KEPT_BUILTINS]), most=50)}."
