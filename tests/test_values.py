"""Quantities: how they are printed, compared, added and divided, and what is refused."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Period, Precision, Rows
from generator.values import (
    Interval,
    NumberStyle,
    Phrase,
    Quantity,
    QuantityError,
    Tally,
    as_quantity,
    interval,
    ordinal_digits,
    ordinal_words,
    round_half_up,
)

STYLE = NumberStyle()
DAY = Period.parse("2025-01-01")
ROWS = (Rows("visits", (2,)),)


def quantity(number: float | None, precision: Precision = "exact", **more: Any) -> Quantity:
    given = {"unit": "visits", "period": DAY, "definition": "visits", "label": "visits", "rows": ROWS} | more
    return Quantity(number, precision=precision, **given)


def refused(act: Any) -> str:
    with pytest.raises(QuantityError) as caught:
        act()
    return f"{caught.value.code}: {caught.value.message}"


# --- numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (-0.5, 0, "−1"),
        (-0.4, 0, "0"),
        (-0.04, 1, "0.0"),
        (2.675, 2, "2.68"),
        (1.005, 2, "1.01"),
        (0.285 * 100, 0, "29"),
        (0.45, 1, "0.5"),
        (999.95, 1, "1,000.0"),
        (1234567, 0, "1,234,567"),
        (-1234.5, 0, "−1,235"),
        (9007199254740993, 0, "9,007,199,254,740,993"),
        (1e15, 0, "1,000,000,000,000,000"),
        (1e-9, 2, "0.00"),
    ],
)
def test_numbers_are_rounded_half_up(value: float, decimals: int, text: str) -> None:
    assert STYLE.number(value, decimals) == text


def test_other_separators() -> None:
    style = NumberStyle(thousands=".", decimal=",", minus="-")
    assert style.number(-1234567.891, 2) == "-1.234.567,89"
    assert NumberStyle(thousands=" ").number(12345) == "12 345"


sizes = st.floats(-1e12, 1e12) | st.integers(-(10**12), 10**12)


@given(sizes, st.integers(0, 6), st.sampled_from([(",", "."), (".", ","), ("\u00a0", ","), ("", ".")]))
def test_printed_digits_are_the_number(value: float, decimals: int, signs: tuple[str, str]) -> None:
    text = NumberStyle(thousands=signs[0], decimal=signs[1]).number(value, decimals)
    assert not text.startswith("−") or set(text) & set("123456789"), "no minus zero"
    plain = text.replace(signs[0], "") if signs[0] else text
    back = float(plain.replace(signs[1], ".").replace("−", "-"))
    assert abs(back - value) <= 0.5 * 10**-decimals * (1 + 1e-9) + abs(value) * 1e-14


@given(st.integers(-(10**6), 10**6), st.integers(0, 3))
def test_exact_halves_go_away_from_zero(number: int, decimals: int) -> None:
    half = (number + 0.5) / 10**decimals
    away = (number + 1 if number >= 0 else number) / 10**decimals
    assert round_half_up(half, decimals) == pytest.approx(away, abs=1e-12)
    assert math.copysign(1, round_half_up(-0.0, decimals)) == 1


@pytest.mark.parametrize(
    ("number", "digits", "words"),
    [
        (1, "1st", "first"), (2, "2nd", "second"), (3, "3rd", "third"), (9, "9th", "ninth"), (10, "10th", "10th"),
        (11, "11th", "11th"), (12, "12th", "12th"), (13, "13th", "13th"), (21, "21st", "21st"), (22, "22nd", "22nd"),
        (23, "23rd", "23rd"), (101, "101st", "101st"), (111, "111th", "111th"), (112, "112th", "112th"),
        (113, "113th", "113th"), (121, "121st", "121st"), (1011, "1,011th", "1,011th"), (1001, "1,001st", "1,001st"),
    ],
)  # fmt: skip
def test_ordinals(number: int, digits: str, words: str) -> None:
    assert ordinal_digits(number, STYLE) == digits
    assert ordinal_words(number, STYLE) == words


def test_words_follow_what_would_be_printed() -> None:
    assert [STYLE.words(n) for n in (0, 1, 9, 10, 2.4, 2.5, 9.4, 9.5, -3)] == [
        "zero", "one", "nine", "10", "two", "three", "nine", "10", "−3",
    ]  # fmt: skip
    assert NumberStyle(spell_out_below=13).words(12) == "twelve"
    assert NumberStyle(spell_out_below=0).words(0) == "0"


@pytest.mark.parametrize(
    ("period", "text"),
    [
        ("2025-06-06", "6 June 2025"),
        ("2025-06", "June 2025"),
        ("2025", "2025"),
        ("2025-01/2026-07", "January 2025 to July 2026"),
        ("2025-01-05/2026-07-31", "5 January 2025 to 31 July 2026"),
    ],
)
def test_periods(period: str, text: str) -> None:
    assert STYLE.period(Period.parse(period)) == text


@pytest.mark.parametrize(
    ("words", "plain", "serial"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a and b", "a and b"),
        (["a", "b", "c"], "a, b and c", "a, b, and c"),
        (["a", "b", "c", "d"], "a, b, c and d", "a, b, c, and d"),
    ],
)
def test_lists(words: list[str], plain: str, serial: str) -> None:
    assert STYLE.join(words) == plain
    assert NumberStyle(serial_comma=True).join(words) == serial
    assert STYLE.join(words, "or") == plain.replace(" and ", " or ")


# --- printing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "prose", "table"),
    [
        (quantity(5), "five", "5"),
        (quantity(348), "348", "348"),
        (quantity(5, "at least"), "at least 5", "at least 5"),
        (quantity(42000, "rounded"), "about 42,000", "about 42,000"),
        (quantity(5.25, decimals=1), "5.3", "5.3"),
        (quantity(5, kind="change"), "five", "+5"),
        (quantity(5, "at least", kind="change"), "at least 5", "at least +5"),
        (quantity(-5, kind="change"), "−5", "−5"),
        (quantity(0, kind="change"), "zero", "0"),
        (quantity(0.4, kind="change"), "zero", "0"),
        (quantity(5, unit="percent", kind="share"), "5 percent", "5 percent"),
        (quantity(5, "at most", unit="percent", kind="share"), "at most 5 percent", "at most 5 percent"),
        (quantity(0.2), "less than one", "<1"),
        (quantity(-0.2), "−0.2", "−0.2"),
        (quantity(0.2, "at least"), "at least 0.2", "at least 0.2"),
        (quantity(0.02, unit="percent", kind="share", decimals=1), "less than 0.1 percent", "<0.1"),
        (quantity(3, kind="rank"), "3", "3"),
    ],
)
def test_printing(made: Quantity, prose: str, table: str) -> None:
    assert made.print(STYLE) == prose
    assert made.print(STYLE, prose=False) == table


@pytest.mark.parametrize("status", ["unknown", "suppressed", "disputed"])
def test_what_there_is_no_figure_of_is_not_printed(status: Any) -> None:
    made = quantity(None, status=status)
    assert refused(lambda: made.print(STYLE)) == f"value-{status}: visits (2025-01-01) is {status}"
    for act in (lambda: made > 1, lambda: made + 1, lambda: made / 2, lambda: bool(made), lambda: made == made):
        assert refused(act).startswith(f"value-{status}")
    assert not made.known


@pytest.mark.parametrize(
    ("number", "text"), [(5, "5"), (5.0, "5"), (-0.0, "0"), (0.1 + 0.2, "0.3"), (1 / 3, "0.3333333333"), (2**60, str(2**60))]
)  # fmt: skip
def test_the_machine_readable_value(number: float, text: str) -> None:
    assert quantity(number).machine == text


def test_a_value_never_becomes_mere_text() -> None:
    for made in (quantity(5), Phrase("five", quantity(5))):
        assert refused(lambda made=made: f"{made}").startswith("binding-lost")
        assert refused(lambda made=made: "".join([str(made)])).startswith("binding-lost")


def test_a_value_is_not_looked_up_like_a_word() -> None:
    """Equal figures would have different hashes, so that sets and mappings would tell them apart."""
    assert refused(lambda: {quantity(5)}).startswith("not-a-key")
    assert refused(lambda: {5: "five"}[quantity(5)]).startswith("not-a-key")
    assert quantity(5) in [quantity(4), quantity(5)]


def test_zero_is_false_and_only_zero() -> None:
    assert not quantity(0)
    assert not quantity(0, kind="change")
    assert quantity(0.001)
    assert quantity(None, kind="category", code="a", text="A")
    assert refused(lambda: bool(quantity(0, "at least"))).startswith("undecided")


def test_a_tally_is_a_number_that_stays_bound() -> None:
    tally = Tally(quantity(3, kind="count"))
    assert (tally, tally + 1, list(range(tally))) == (3, 4, [0, 1, 2])
    assert as_quantity(tally).rows == ROWS


@pytest.mark.parametrize("thing", ["5", None, True, [1], {"a": 1}, dt.date(2025, 1, 1)])
def test_what_is_no_value(thing: Any) -> None:
    assert refused(lambda: as_quantity(thing)).startswith("not-a-value")


# --- what belongs together -----------------------------------------------------------------------------------

OTHERS = {
    "unit-mismatch": quantity(5, unit="towns"),
    "period-mismatch": quantity(5, period=Period.parse("2026-01-01")),
    "definition-mismatch": quantity(5, definition="visits, status paid"),
}


@pytest.mark.parametrize("code", OTHERS)
def test_what_does_not_belong_together_is_neither_compared_nor_added(code: str) -> None:
    other = OTHERS[code]
    for act in (
        lambda: quantity(6) > other,
        lambda: quantity(6) <= other,
        lambda: quantity(6) == other,
        lambda: quantity(6) != other,
        lambda: other in [quantity(6)],
        lambda: max([quantity(6), other]),
        lambda: sorted([quantity(6), other]),
        lambda: sum([quantity(6), other]),
        lambda: quantity(6) - other,
        lambda: quantity(6) / other,
    ):
        assert refused(act).startswith(code)


def test_the_author_may_say_that_it_is_meant() -> None:
    assert (quantity(6).across - OTHERS["period-mismatch"]).number == 1
    assert quantity(6).across > OTHERS["definition-mismatch"]
    assert refused(lambda: quantity(6).across > OTHERS["unit-mismatch"]).startswith("unit-mismatch")


def test_a_number_is_not_a_text() -> None:
    assert refused(lambda: quantity(5) == "5").startswith("not-a-category")
    assert quantity(5) != ""
    assert quantity(5) != None  # noqa: E711
    law = quantity(None, kind="category", code="free", text="lets all in")
    assert law == "free"
    assert law != "paid"
    unknown = quantity(None, kind="category", status="unknown")
    assert not unknown == "free"  # noqa: SIM201
    assert refused(lambda: unknown != "free").startswith("value-unknown")


def test_sums_and_differences_keep_their_rows() -> None:
    other = quantity(2, rows=(Rows("visits", (7,)), Rows("heads", (1,))))
    made = quantity(5) + other
    assert (made.number, made.unit, made.kind, made.formula) == (7, "visits", "number", "5 + 2")
    assert made.rows == (Rows("visits", (2, 7)), Rows("heads", (1,)))
    assert (quantity(5) - other).kind == "change"
    assert sum([quantity(5), other]).number == 7


def test_a_difference_of_percentages_is_in_points() -> None:
    one, other = (quantity(n, unit="percent", kind="share", decimals=1) for n in (50.5, 40.25))
    difference = one - other
    assert (difference.unit, difference.print(STYLE)) == ("percentage points", "10.3")
    assert (one + other).print(STYLE) == "90.8 percent"


def test_a_rank_less_one_is_a_count() -> None:
    made = quantity(3, kind="rank", tied=2, among=10) - 1
    assert (made.number, made.kind, made.tied, made.among) == (2, "count", 0, 0)


def test_nothing_is_divided_by_zero() -> None:
    assert refused(lambda: quantity(5) / 0).startswith("divided-by-zero")
    assert refused(lambda: quantity(5) / quantity(0)).startswith("divided-by-zero")


# --- what is not exact ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "precision", "expected"),
    [
        (42000, "exact", Interval(42000, 42000)),
        (42000, "rounded", Interval(41500, 42500)),
        (42000, "approximate", Interval(41500, 42500)),
        (3.2, "rounded", Interval(3.15, 3.25)),
        (0, "rounded", Interval(-0.5, 0.5)),
        (500, "at least", Interval(500, math.inf, False, True)),
        (500, "more than", Interval(500, math.inf, True, True)),
        (500, "at most", Interval(-math.inf, 500, True, False)),
        (500, "just under", Interval(475, 500, False, True)),
    ],
)
def test_what_a_published_figure_means(number: float, precision: Precision, expected: Interval) -> None:
    found = interval(number, precision)
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert (found.low_open, found.high_open) == (expected.low_open, expected.high_open)


@pytest.mark.parametrize(
    ("precision", "sign", "other", "answer"),
    [
        ("at least", ">=", 500, True),
        ("at least", ">", 499, True),
        ("at least", ">", 500, None),
        ("at least", "<", 500, False),
        ("at least", "<=", 499, False),
        ("at least", "==", 500, None),
        ("at least", "==", 499, False),
        ("more than", ">", 500, True),
        ("more than", "<=", 500, False),
        ("more than", "==", 500, False),
        ("at most", "<=", 500, True),
        ("at most", "<", 500, None),
        ("just under", "<", 500, True),
        ("just under", ">=", 500, False),
        ("just under", "==", 500, False),
        ("just under", ">", 470, True),
        ("just under", ">", 480, None),
        ("approximate", ">", 449, True),
        ("approximate", ">", 460, None),
        ("approximate", "<", 551, True),
        ("rounded", "==", 500, None),
        ("rounded", "==", 600, False),
    ],
)
def test_comparisons_are_made_as_intervals(
    precision: Precision, sign: str, other: int, answer: bool | None
) -> None:
    made = quantity(500, precision)
    if answer is None:
        assert refused(lambda: made.compare(other, sign)).startswith("undecided")
    else:
        assert made.compare(other, sign) is answer


precisions = st.sampled_from(["exact", "rounded", "approximate", "at least", "more than", "at most", "just under"])
figures = st.builds(quantity, st.integers(1, 999), precisions)


def inside(made: Quantity) -> list[float]:
    """Some numbers that the true one may be."""
    bounds = made.bounds
    low, high = max(bounds.low, 0.0), min(bounds.high, 5000.0)
    found = [low + (high - low) * part for part in (0.001, 0.5, 0.999)]
    return found + [
        end for end, open_ in ((bounds.low, bounds.low_open), (bounds.high, bounds.high_open)) if not open_
    ]


def unless_undecided(act: Any) -> Any:
    try:
        return act()
    except QuantityError as error:
        if error.code != "undecided":
            raise
        return None


@given(figures, figures)
def test_a_decided_comparison_holds_for_all_that_it_may_be(one: Quantity, other: Quantity) -> None:
    for sign, holds in (("<", float.__lt__), (">", float.__gt__), ("<=", float.__le__), (">=", float.__ge__), ("==", float.__eq__)):  # fmt: skip
        answer = unless_undecided(lambda sign=sign: one.compare(other, sign))
        if answer is None:
            continue
        assert all(holds(float(a), float(b)) is answer for a in inside(one) for b in inside(other))


@given(figures, figures)
def test_what_is_worked_out_is_as_exact_as_it_says(one: Quantity, other: Quantity) -> None:
    for act, answer in ((one.plus, float.__add__), (lambda b, _: one.plus(b, -1), float.__sub__), (lambda b, _: one.over(b), float.__truediv__)):  # fmt: skip
        made = unless_undecided(lambda act=act: act(other, 1))
        if made is None:
            continue
        low, high = made.bounds.low, made.bounds.high
        for a in inside(one):
            for b in filter(None, inside(other)):
                true = answer(float(a), float(b))
                assert low - 1e-6 <= true <= high + 1e-6
        if made.precision in ("at least", "more than"):
            assert math.isclose(low, made.need())
        if made.precision == "at most":
            assert math.isclose(high, made.need())
        assert (made.precision == "exact") == (one.precision == other.precision == "exact")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (quantity(500, "at least") + quantity(7), "at least 507"),
        (quantity(500) - quantity(7, "at least"), "at most 493"),
        (quantity(500, "at least") - 1, "at least 499"),
        (quantity(500, "just under") + 1, "at most 501"),
        (quantity(42000, "rounded") + quantity(17), "about 42,017"),
        (quantity(500, "at least") / quantity(100), "at least 5.0"),
        (quantity(500) / quantity(100, "at least"), "at most 5.0"),
        (quantity(500, "at least") / 12, "at least 41.7"),
    ],
)
def test_what_is_worked_out_says_how_exact_it_is(made: Quantity, text: str) -> None:
    assert made.print(STYLE) == text


def test_a_sum_of_a_rounded_figure_is_no_more_exact_than_it() -> None:
    made = quantity(42000, "rounded") + quantity(17)
    assert refused(lambda: made > 42010).startswith("undecided")
    assert made > 41000


def test_what_says_nothing_is_refused() -> None:
    at_least = quantity(500, "at least")
    assert refused(lambda: at_least - at_least).startswith("undecided")
    assert refused(lambda: at_least / at_least).startswith("undecided")
    assert refused(lambda: at_least + quantity(3, "at most")).startswith("undecided")
