"""The language of asserted words: what each phrase means, and that nothing passes unread."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Period
from generator.values import Interval, NumberStyle, Quantity
from generator.words import Fact, Group, Lexicon, Place, judge
from generator.words.grammar import read
from generator.words.lexicon import head, stem, stems
from generator.words.numerals import spelled, whole
from generator.words.said import Amount, Number
from generator.words.tokens import tokens

STYLE = NumberStyle()
TOWNS = {"A": "Aldford", "B": "Birchmere", "C": "Corwen", "D": "Dunmoor", "E": "Eskdale", "F": "Fairhaven"}
NAMES: dict[tuple[str, ...], str] = {(name.lower(),): key for key, name in TOWNS.items()}
WORDS = Lexicon(stems("loans loan"), stems("members", "towns", "rivers"), called="loans", heads=frozenset({"loan"}))


def number(value: float, **more: object) -> Fact:
    quantity = Quantity(value, unit="loans", unit_one="loan", label="loans", **more)  # type: ignore[arg-type]
    return Fact(quantity, WORDS)


def share(value: float) -> Fact:
    return Fact(Quantity(value, kind="share", unit="percent"), Lexicon(stems("percent"), called="percent"))


def rank(place: int, among: int, tied: int = 0) -> Fact:
    return Fact(Quantity(place, kind="rank", among=among, tied=tied), WORDS)


def group(keys: str, *, size: int = 6, maybe: int = 0) -> Group:
    own = stems("towns", "town")
    return Group(len(keys), tuple(keys), TOWNS, size, maybe, Lexicon(own, stems("rivers"), NAMES, "towns"))


def outcome(words: str, thing: Fact | Place | Group) -> str:
    return judge(words, thing, STYLE).outcome


# --- numbers ------------------------------------------------------------------------------------------------

BOUNDARIES = [
    ("about 100", (95, 105), (94.9, 105.1)),
    ("roughly 100", (90, 110), (89.9, 110.1)),
    ("nearly 100", (90, 99.9), (89.9, 100)),
    ("just under 100", (95, 99.9), (94.9, 100)),
    ("just over 100", (100.1, 105), (100, 105.1)),
    ("more than 100", (100.1, 10_000), (100, 99)),
    ("well over 100", (120, 1_000), (119.9, 100)),
    ("at least 100", (100, 1_000), (99.9, 0)),
    ("fewer than 100", (99.9, 0), (100, 101)),
    ("well under 100", (80, 0), (80.1, 100)),
    ("at most 100", (100, 0), (100.1, 200)),
    ("between 100 and 200", (100, 200), (99.9, 200.1)),
    ("several", (3, 9), (2, 10)),
    ("a few", (3, 5), (2, 6)),
    ("a handful", (3, 6), (2, 7)),
    ("dozens", (24, 99), (23, 100)),
    ("hundreds", (200, 999), (199, 1_000)),
    ("hundreds or more", (200, 5_000), (199, 0)),
    ("tens of thousands", (20_000, 99_999), (19_999, 100_000)),
    ("2.5 million", (2_450_000, 2_549_999), (2_449_999, 2_550_000)),
    ("two and a half million", (2_450_000, 2_549_999), (2_449_999, 2_550_000)),
    ("86.1", (86.05, 86.149), (86.04, 86.15)),
    ("a single", (1,), (0, 2)),
    ("none", (0,), (1,)),
]


@pytest.mark.parametrize(("words", "true", "false"), BOUNDARIES, ids=[row[0] for row in BOUNDARIES])
def test_the_boundaries_of_an_amount(words: str, true: tuple[float, ...], false: tuple[float, ...]) -> None:
    assert [outcome(words, number(value)) for value in true] == ["holds"] * len(true)
    assert [outcome(words, number(value)) for value in false] == ["fails"] * len(false)


@pytest.mark.parametrize(
    "hedge", ["about", "roughly", "nearly", "just over", "more than", "at least", "fewer than"]
)
def test_an_interval_holds_only_as_a_whole(hedge: str) -> None:
    meaning = next(
        reading.meaning for reading in read(f"{hedge} 100", STYLE, {}) if isinstance(reading.meaning, Number)
    )
    amount = meaning.amount
    allowed = amount.allowed
    inside = min(allowed.high, 150) - 0.5
    assert amount.admits(Interval(inside, inside)) is True
    assert amount.admits(Interval(inside, 10_000)) in (None, allowed.high > 10_000)


@given(st.integers(0, 10**9))
def test_what_is_printed_holds_against_itself_and_no_neighbour_does(value: int) -> None:
    printed = STYLE.number(value)
    assert outcome(printed, number(value)) == "holds"
    assert outcome(printed, number(value + 1)) == "fails"
    if value:
        assert outcome(printed, number(value - 1)) == "fails"


@given(st.integers(-(10**6), 10**6), st.integers(1, 3))
def test_decimals_hold_at_the_precision_typed(scaled: int, decimals: int) -> None:
    value, step = scaled / 10**decimals, 1 / 10**decimals
    words = f"{value:.{decimals}f}"
    assert outcome(words, number(value)) == "holds"
    assert outcome(words, number(value + step * 1.01)) == "fails"
    assert outcome(words, number(value - step * 1.01)) == "fails"


@given(st.integers(0, 99))
def test_spelled_numbers_are_read_back(value: int) -> None:
    assert whole(spelled(value).replace("-", " ").split()) is not None
    assert outcome(spelled(value), number(value)) == "holds"
    assert outcome(spelled(value).capitalize(), number(value + 1)) == "fails"


# --- what must not pass ---------------------------------------------------------------------------------------

UNREAD = [
    "91 or 92", "not 91", "91 each", "91 new loans", "91 more loans", "some",
    "many", "few", "91 in 2024", "91 (second)", "91, second", "between 92 and 90", "more than 90 and fewer than 92",
    "rose to 91", "91 loans in Corwen", "91 by far", "lots", "scores of", "91-something", "90 something",
    "three times more", "minus", "nearly", "about", "more than", "of", "the", "loans",
]  # fmt: skip


@pytest.mark.parametrize("words", UNREAD)
def test_words_that_are_not_wholly_understood_are_refused(words: str) -> None:
    assert outcome(words, number(91)) == "refused"


@pytest.mark.parametrize(
    "words",
    ["second by far", "second to none", "second only to Corwen", "highest but one", "not first", "top half"],
)
def test_ranks_with_more_in_them_are_refused(words: str) -> None:
    assert outcome(words, rank(2, 6)) == "refused"


@pytest.mark.parametrize(
    "words", ["91 so far", "91 in all", "a total of 91", "91 loans in total", "all 91", "91 loans overall"]
)
def test_words_that_say_nothing_may_stand_beside(words: str) -> None:
    assert outcome(words, number(91)) == "holds"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("61 members more", "claim-noun"),
        ("61 loans more", ""),
        ("a decrease of 61 members", "claim-direction"),
        ("61 members fewer", "claim-direction"),
    ],
)
def test_the_noun_within_a_comparison_is_read(words: str, code: str) -> None:
    change = Fact(Quantity(61, kind="change", unit="loans", label="loans"), WORDS)
    verdict = judge(words, change, STYLE)
    assert verdict.code == code or verdict.code == "claim-noun"
    assert (verdict.outcome == "holds") == (code == "")


@pytest.mark.parametrize(
    "words",
    [
        "two rivers: Corwen and Dunmoor",
        "two rivers, among them Corwen",
        "all rivers but four",
        "Corwen and one other river",
    ],
)
def test_the_noun_within_a_list_is_read(words: str) -> None:
    verdict = judge(words, group("CD"), STYLE)
    assert (verdict.outcome, verdict.code) == ("fails", "claim-noun")


def test_the_noun_before_than_any_other_is_read() -> None:
    assert outcome("more loans than any other", rank(1, 6)) == "holds"
    assert judge("more members than any other", rank(1, 6), STYLE).code == "claim-noun"
    assert outcome("more than any other", Fact(Quantity(3, kind="change", unit="loans"), WORDS)) == "refused"


# --- shares -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "value", "wanted"),
    [
        ("half", 50.9, "holds"), ("half", 51.1, "fails"), ("nearly half", 45, "holds"), ("nearly half", 50, "fails"),
        ("a third", 32.4, "holds"), ("a third", 32.2, "fails"), ("two-thirds", 67.6, "holds"),
        ("one in twenty", 5.2, "holds"), ("one in twenty", 5.5, "fails"), ("most", 50.1, "holds"),
        ("most", 50, "fails"), ("a minority", 50, "fails"), ("a minority", 0, "fails"), ("a minority", 49.9, "holds"),
        ("the vast majority", 80, "holds"), ("the vast majority", 79.9, "fails"), ("all", 100, "holds"),
        ("all", 99.9, "fails"), ("nearly all", 90, "holds"), ("nearly all", 100, "fails"), ("hardly any", 5, "holds"),
        ("hardly any", 0, "fails"), ("hardly any", 5.1, "fails"), ("none", 0, "holds"), ("none", 0.1, "fails"),
        ("48%", 48.4, "holds"), ("48 per cent", 48.5, "fails"), ("48", 48, "fails"), ("48 points", 48, "fails"),
        ("a majority of loans", 60, "refused"),
    ],
)  # fmt: skip
def test_shares(words: str, value: float, wanted: str) -> None:
    assert outcome(words, share(value)) == wanted


# --- ranks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "place", "tied", "wanted"),
    [
        ("second-highest", 2, 0, "holds"), ("Second highest", 2, 0, "holds"), ("second-lowest", 5, 0, "holds"),
        ("lowest", 6, 0, "holds"), ("next to last", 5, 0, "holds"), ("second to last", 5, 0, "holds"),
        ("second", 2, 1, "fails"), ("tied for second", 2, 1, "holds"), ("tied for second", 2, 0, "fails"),
        ("tied for last", 5, 1, "holds"), ("last", 5, 1, "fails"), ("in the top three", 3, 0, "holds"),
        ("in the top three", 3, 1, "fails"), ("among the bottom two", 5, 1, "holds"), ("third of 6", 3, 0, "holds"),
        ("third of 7", 3, 0, "fails"), ("No. 1", 1, 0, "holds"), ("#2", 1, 0, "fails"),
    ],
)  # fmt: skip
def test_ranks_among_six(words: str, place: int, tied: int, wanted: str) -> None:
    assert outcome(words, rank(place, 6, tied)) == wanted


# --- groups -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "keys", "wanted"),
    [
        ("Aldford and Birchmere", "AB", "holds"), ("Birchmere, Aldford", "AB", "holds"), ("Aldford", "AB", "fails"),
        ("Aldford, Birchmere, and Corwen", "AB", "fails"), ("Aldford, Aldford and Birchmere", "AB", "fails"),
        ("Aldford or Birchmere", "AB", "refused"), ("both", "AB", "holds"), ("all three", "ABC", "holds"),
        ("all three towns", "AB", "fails"), ("all six towns", "ABCDEF", "holds"), ("all towns", "ABCDE", "fails"),
        ("every town but Fairhaven", "ABCDE", "holds"), ("every town but Eskdale", "ABCDE", "fails"),
        ("all but one town", "ABCDE", "holds"), ("all but two", "ABCDE", "fails"), ("only Corwen", "C", "holds"),
        ("Corwen alone", "CD", "fails"), ("two towns, among them Corwen", "CD", "holds"),
        ("two towns, including Aldford", "CD", "fails"), ("two towns: Corwen and Dunmoor", "CD", "holds"),
        ("three towns: Corwen and Dunmoor", "CD", "fails"), ("Corwen and one other", "CD", "holds"),
        ("Corwen and two others", "CD", "fails"), ("two rivers", "CD", "fails"), ("a third of the towns", "CD", "holds"),
        ("most towns", "ABC", "fails"), ("most towns", "ABCD", "holds"), ("no town", "", "holds"), ("none", "A", "fails"),
        ("two of 6 towns", "AB", "holds"), ("two of the seven towns", "AB", "fails"), ("Mars", "A", "refused"),
    ],
)  # fmt: skip
def test_groups_of_six_towns(words: str, keys: str, wanted: str) -> None:
    assert outcome(words, group(keys)) == wanted


def test_those_without_a_figure_might_belong() -> None:
    assert outcome("most towns", group("ABC", maybe=0)) == "fails"
    assert outcome("most towns", group("ABC", maybe=1)) == "unsure"
    assert outcome("no town", group("", maybe=1)) == "unsure"
    assert outcome("all towns", group("ABCDE", maybe=1)) == "unsure"


# --- dates --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("6 June 2025", "holds"), ("June 6, 2025", "holds"), ("2025-06-06", "holds"), ("in June", "holds"),
        ("2025", "holds"), ("on Friday, June 6, 2025", "holds"), ("on Monday, June 6, 2025", "fails"),
        ("7 June 2025", "fails"), ("June 2024", "fails"), ("Q2 2025", "holds"), ("Q3 2025", "fails"),
        ("the first half of 2025", "holds"), ("before June 2025", "fails"), ("6/6/2025", "refused"),
        ("before July 2025", "holds"), ("before 6 June 2025", "fails"), ("before 7 June 2025", "holds"),
        ("before June", "refused"), ("after May 2025", "holds"), ("after June 2025", "fails"),
        ("after 5 June 2025", "holds"), ("after 6 June 2025", "fails"), ("after 2024", "holds"),
        ("early June 2025", "refused"), ("by June 2025", "holds"), ("until July 2025", "fails"),
    ],
)  # fmt: skip
def test_dates(words: str, wanted: str) -> None:
    assert outcome(words, Place(Period.day(dt.date(2025, 6, 6)))) == wanted


# --- advice and small parts ---------------------------------------------------------------------------------


def test_numbers_in_another_style_are_told_the_sites_own() -> None:
    for words in ("201 877", "49,4 percent", "1'000"):
        assert judge(words, number(1), STYLE).advice == "Numbers are written here like 12,460 and 86.1."
    assert judge("201,877 wonders", number(1), STYLE).advice.startswith("Put only the words")
    assert "Understood" in judge("201,877 –", number(1), STYLE).advice


def test_a_part_of_a_whole_is_no_number() -> None:
    for words in ("a majority", "half", "nine in ten", "all"):
        verdict = judge(words, number(91), STYLE)
        assert (verdict.outcome, verdict.code) == ("refused", "claim-kind"), words
        assert ".share" in verdict.advice


def moved(first: float, last: float) -> Fact:
    ends = number(first).quantity, number(last).quantity
    return Fact(Quantity(last - first, unit="loans", kind="change", label="change of loans", ends=ends), WORDS)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("tripled from 30 to 90", "holds"), ("tripled from 30 to 91", "fails"), ("doubled from 30 to 90", "fails"),
        ("rose to 90", "holds"), ("rose to 60", "fails"), ("fell to 90", "fails"), ("rose to 90 from 30", "holds"),
        ("rose to 30 from 90", "fails"), ("up from 30", "holds"), ("down from 30", "fails"), ("up from 31", "fails"),
        ("rose by 60, from 30 to 90", "holds"), ("rose by 61, from 30 to 90", "fails"),
        ("rose from 30 loans to 90", "holds"), ("gained 60 loans, from 30 to 90", "holds"),
        ("jumped by 60", "holds"), ("jumped by 61", "fails"), ("jumped", "refused"), ("surged to 90", "holds"),
        ("plunged from 90 to 30", "fails"), ("more than doubled to 90", "holds"), ("more than tripled to 90", "fails"),
        ("rose from nothing", "fails"), ("rose to", "refused"), ("from 30", "refused"), ("to 90", "refused"),
    ],
)  # fmt: skip
def test_the_ends_of_a_change(words: str, wanted: str) -> None:
    assert outcome(words, moved(30, 90)) == wanted


def test_all_that_was_lost() -> None:
    assert outcome("lost all seven", moved(7, 0)) == "holds"
    assert outcome("lost all eight", moved(7, 0)) == "fails"
    assert outcome("lost all seven", moved(14, 7)) == "fails"
    assert outcome("fell to zero", moved(7, 0)) == "holds"


@pytest.mark.parametrize(
    ("words", "figure", "wanted"),
    [
        ("none", 0.2, "fails"), ("nobody", 0.0, "holds"), ("300+", 300, "holds"), ("300+", 299, "fails"),
        ("more than 300 but fewer than 400", 300, "fails"), ("more than 300 but fewer than 400", 301, "holds"),
        ("more than 300 but fewer than 400", 400, "fails"), ("not even 400", 399, "holds"), ("not even 400", 400, "fails"),
        ("a quarter of a million", 251_000, "holds"), ("a quarter of a million", 271_000, "fails"),
        ("half a billion", 520_000_000, "holds"), ("half a billion", 560_000_000, "fails"), ("3½ million", 3_520_000, "holds"),
        ("3½ million", 3_560_000, "fails"), ("3 1/4 million", 3_260_000, "holds"), ("two and a quarter million", 2_300_000, "fails"),
        ("40 loans or fewer", 40, "holds"), ("40 loans or fewer", 41, "fails"), ("a half-dozen loans", 6, "holds"),
    ],
)  # fmt: skip
def test_numbers_in_further_words(words: str, figure: float, wanted: str) -> None:
    assert outcome(words, number(figure)) == wanted


def test_exactly_a_part_means_it() -> None:
    assert [outcome("exactly a quarter", share(value)) for value in (25.0, 25.04, 25.3)] == [
        "holds",
        "holds",
        "fails",
    ]
    assert outcome("just a quarter", share(25.3)) == "holds"
    assert outcome("every fourth", share(25.3)) == "holds"
    assert outcome("every third", share(25.3)) == "fails"


def test_typography_means_nothing() -> None:
    for words in ("“2,460”", "2,460", "2,460.", "**2,460**", "2,460\n loans"):
        assert outcome(words.strip("“”"), number(2460)) == "holds", words
    assert [token.text for token in tokens("second‑highest", STYLE)] == ["second", "highest"]


def test_stems() -> None:
    assert {stem(word) for word in ("town", "towns", "town's", "Towns’".replace("’", "'"))} == {"town"}
    assert (stem("libraries"), stem("branches"), stem("people")) == ("library", "branch", "person")
    assert (head("loans per resident"), head("lists of members")) == ("loan", "list")


def _amounts() -> Iterator[Amount]:
    for hedge in ("", "about", "nearly", "just over", "at least", "fewer than"):
        yield Amount(100, hedge=hedge)


@given(st.floats(1, 1_000), st.floats(0, 50))
def test_an_interval_is_never_both(low: float, wide: float) -> None:
    """What holds of an interval holds of its ends, so far as they are its own."""
    for amount in _amounts():
        admitted = amount.admits(Interval(low, low + wide))
        if admitted is not None:
            assert amount.admits(Interval(low, low)) == admitted or amount.hedge == ""
