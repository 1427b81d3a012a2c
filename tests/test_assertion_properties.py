"""What the generator itself prints of a figure holds against that figure, and against no other."""

from __future__ import annotations

import datetime as dt

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.model import PRECISIONS, Period, Precision, Rows
from generator.prose import filters
from generator.values import NumberStyle, Quantity, Tally
from generator.words import Fact, Place, judge

ROWS = (Rows("towns", (2,)),)
STYLES = (
    NumberStyle(),
    NumberStyle(spell_out_below=0),
    NumberStyle(spell_out_below=13, percent="%"),
    NumberStyle(thousands="\u202f", minus="-"),
    NumberStyle(thousands=".", decimal=","),
    NumberStyle(thousands=""),
)
styles = st.sampled_from(STYLES)
counts = st.integers(-10_000_000, 10_000_000)
decimals = st.integers(0, 4)


def _outcome(words: str, quantity: Quantity, style: NumberStyle) -> str:
    return judge(words, Fact(quantity), style).outcome


def _count(number: float, places: int = 0, precision: Precision = "exact") -> Quantity:
    return Quantity(number, "loans", decimals=places, precision=precision, label="loans", rows=ROWS)


@given(counts, styles, st.booleans())
def test_a_printed_count_holds_and_its_neighbours_do_not(number: int, style: NumberStyle, prose: bool) -> None:
    printed = _count(number).print(style, prose=prose)
    assert _outcome(printed, _count(number), style) == "holds"
    for other in (number - 1, number + 1):
        assert _outcome(printed, _count(other), style) == "fails"


@given(st.floats(-1e7, 1e7).map(lambda number: round(number, 9)), decimals, styles)
def test_a_printed_number_holds_to_the_precision_typed(number: float, places: int, style: NumberStyle) -> None:
    quantity = _count(number, places)
    printed = quantity.print(style)
    assert _outcome(printed, quantity, style) == "holds"
    assume("than" not in printed)  # "less than 0.1" leaves room
    for step in (-1.02, 1.02):
        other = replace(quantity, number=number + step * 10.0**-places)
        assert _outcome(printed, other, style) == "fails"


@given(st.integers(1, 10_000_000), st.sampled_from(PRECISIONS), styles)
def test_a_figure_that_is_not_exact_holds_in_its_own_words(
    number: int, precision: Precision, style: NumberStyle
) -> None:
    quantity = _count(number, precision=precision)
    assert _outcome(quantity.print(style), quantity, style) == "holds"
    if precision != "exact":
        assert _outcome(_count(number).print(style), quantity, style) != "holds"


@given(st.floats(0, 100), decimals, styles)
def test_a_printed_share_holds_and_needs_its_percent(number: float, places: int, style: NumberStyle) -> None:
    share = Quantity(number, "percent", "share", places, label="share of loans", rows=ROWS)
    printed = share.print(style)
    assert _outcome(printed, share, style) == "holds"
    bare = printed.removesuffix(style.percent).strip()
    assert _outcome(bare, share, style) != "holds"
    points = replace(share, unit="percentage points", kind="change")
    assert _outcome(printed, points, style) == "fails"


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 5), st.booleans(), styles)
def test_a_printed_rank_holds(place: int, below: int, tied: int, lowest: bool, style: NumberStyle) -> None:
    among = place + tied + below
    ranked = Quantity(among, "towns", "count", rows=ROWS)
    rank = Quantity(place, kind="rank", tied=tied, among=Tally(ranked), rows=ROWS, lowest_first=lowest)
    environment = {"_style": style}
    phrase = filters.rank_phrase(environment, rank, "highest", "lowest")  # type: ignore[arg-type]
    assert _outcome(phrase.text, rank, style) == "holds", phrase.text
    ordinal = filters.ordinal(environment, rank).text  # type: ignore[arg-type]
    assert _outcome(f"tied for {ordinal}" if tied else ordinal, rank, style) == "holds"
    other = replace(rank, number=place + 1)
    assert _outcome(ordinal, other, style) == "fails"


@given(st.integers(1, 1_000_000), st.floats(0.9, 1.1), styles)
def test_a_hedge_that_is_computed_holds(target: int, part: float, style: NumberStyle) -> None:
    number = round(target * part)
    assume(0.9 * target <= number <= 1.1 * target)
    quantity = _count(number)
    made = filters.hedge({"_style": style}, quantity, target)  # type: ignore[arg-type]
    assert _outcome(made.text, quantity, style) == "holds", made.text


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)), st.integers(1, 400), styles)
def test_a_printed_date_holds_and_the_next_day_does_not(day: dt.date, length: int, style: NumberStyle) -> None:
    one_day = dt.timedelta(days=1)
    for period in (Period.day(day), Period.month(day), Period.year(day.year), Period(day, day + length * one_day)):
        printed = style.period(period)
        assert judge(printed, Place(period), style).outcome == "holds", printed
        later = Period(period.start + one_day, period.end + one_day)
        if period.grain == "day":
            assert judge(printed, Place(later), style).outcome == "fails"


@given(st.text(max_size=40), styles)
def test_no_words_break_the_judge(words: str, style: NumberStyle) -> None:
    judge(words, Fact(_count(17)), style)
    judge(words, Place(Period.year(2025)), style)
