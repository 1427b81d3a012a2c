"""What is advised has the form of what was typed, and holds; words that are not understood lead to the nearest that are."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from test_words import STYLE, group, number, rank

from generator.model import Period
from generator.values import Quantity
from generator.words import Fact, Group, Lexicon, Place, judge
from generator.words.lexicon import stems


def change(value: float, *, ends: tuple[float, float] | None = None, unit: str = "loans") -> Fact:
    made = tuple(Quantity(end, unit=unit) for end in ends) if ends else None
    quantity = Quantity(value, unit=unit, kind="change", ends=(made[0], made[1]) if made else None)
    return Fact(quantity, Lexicon(stems("loans"), called="loans", heads=stems("loans")))


def ratio(value: float) -> Fact:
    return Fact(Quantity(value, kind="ratio", decimals=1), Lexicon(ways=stems("many")))


def share(value: float) -> Fact:
    lexicon = Lexicon(stems("percent loans"), called="percent", heads=stems("loans"))
    return Fact(Quantity(value, kind="share", unit="percent", decimals=1), lexicon)


def lowest_first(place: int, among: int) -> Fact:
    return Fact(Quantity(place, kind="rank", among=among, lowest_first=True))


def advised(words: str, thing: Fact | Place | Group) -> str:
    """The words that are advised; each is held against the data once more."""
    verdict = judge(words, thing, STYLE)
    found = re.search(r"\[(.+?)\]\{= … \}", verdict.advice)
    assert found, verdict.advice
    assert judge(found[1], thing, STYLE).outcome == "holds", found[1]
    return found[1]


DAY = Place(Period.day(dt.date(2025, 6, 6)))
MONTH = Place(Period.month(dt.date(2025, 3, 1)))

FORMS = [
    # digits stay digits, words stay words, scales and units stay
    ("201,887", number(201_877), "201,877"),
    ("201887", number(201_877), "201877"),
    ("201,887 loans", number(201_877), "201,877 loans"),
    ("seventeen", number(18), "eighteen"),
    ("Seventeen loans", number(18), "Eighteen loans"),
    ("One loan", number(3), "Three loans"),
    ("three loans", number(1), "one loan"),
    ("2.5 million", number(2_637_412), "2.6 million"),
    ("a dozen", number(9), "nine"),
    ("86.1", number(86.23), "86.2"),
    ("48 percent", share(49.4), "49 percent"),
    ("48.2%", share(49.41), "49.4%"),
    ("49.4", share(49.41), "49.4 percent"),
    ("49.4 percentage points", share(49.41), "49.4 percent"),
    # a hedge is kept where one is still right
    ("about 58,000", number(67_912), "about 68,000"),
    ("nearly 300", number(348), "nearly 350"),
    ("more than 400", number(348), "more than 300"),
    ("more than 9,004", number(9_004), "more than 9,000"),
    ("at least 20", number(17), "at least 15"),
    ("about a third", share(24.2), "about a quarter"),
    ("more than half", share(49.4), "nearly half"),
    ("most of the loans", share(21.9), "21.9 percent of the loans"),
    ("a third of the loans", share(49.7), "half of the loans"),
    ("half the loans", share(14.8), "14.8 percent of the loans"),
    ("six in ten", share(40.2), "four in ten"),
    # a direction as it was said
    ("fell", change(12), "rose"),
    ("rose by 61", change(-61), "fell by 61"),
    ("a decrease of 12", change(12), "an increase of 12"),
    ("Up 60 loans", change(61), "Up 61 loans"),
    ("more than", change(-4), "fewer than"),
    ("ahead of", change(-4), "behind"),
    ("rose", change(0), "unchanged"),
    ("more than", change(0), "as many as"),
    ("rose from 31 to 91", change(61, ends=(30, 91)), "rose from 30 to 91"),
    ("tripled", ratio(2.02), "doubled"),
    ("more than tripled", ratio(2.1), "more than doubled"),
    ("twice as many", ratio(3.32), "more than three times as many"),
    ("3.4 times", ratio(3.32), "3.3 times"),
    # a rank as noun or adjective, from the end it was counted from
    ("third-highest", rank(2, 6), "second-highest"),
    ("second-highest", rank(1, 6), "highest"),
    ("the most", rank(2, 6), "the second-most"),
    ("third", rank(2, 6), "second"),
    ("3rd", rank(2, 6), "2nd"),
    ("No. 3", rank(2, 6), "No. 2"),
    ("number three", rank(2, 6), "number two"),
    ("#3", rank(2, 6), "#2"),
    ("third of 7", rank(3, 6), "third of 6"),
    ("second-lowest", rank(6, 6), "lowest"),
    ("lowest", rank(5, 6), "second-lowest"),
    ("last", rank(5, 6), "second-to-last"),
    ("fewest", rank(2, 6), "second-most"),
    ("third-largest", rank(4, 9, tied=1), "joint fourth-largest"),
    ("third", rank(4, 9, tied=1), "tied for fourth"),
    ("tied for third", rank(3, 6), "third"),
    ("among the top five", rank(8, 51), "among the top ten"),
    ("highest", lowest_first(1, 6), "sixth-highest"),
    # dates in the form they were typed in
    ("on June 5, 2025", DAY, "on June 6, 2025"),
    ("5 June 2025", DAY, "6 June 2025"),
    ("June 5th, 2025", DAY, "June 6th, 2025"),
    ("in May 2025", DAY, "in June 2025"),
    ("2025-06-05", DAY, "2025-06-06"),
    ("in Apr. 2025", MONTH, "in Mar. 2025"),
    ("since 2024", MONTH, "since 2025"),
    # counts and lists
    ("Four towns", group("ABC"), "Three towns"),
    ("two towns", group("A"), "one town"),
    ("one town", group("AB"), "two towns"),
    ("Two towns", group(""), "No towns"),
    ("no town", group("AB"), "two towns"),
    ("four of the six towns", group("ABC"), "three of the six towns"),
    ("most towns", group("AB"), "two of the six towns"),
    ("two towns: Aldford and Corwen", group("AB"), "two towns: Aldford and Birchmere"),
    ("Aldford and three others", group("ABC"), "Aldford and two others"),
    ("only Corwen", group("A"), "only Aldford"),
]


@pytest.mark.parametrize(
    ("words", "thing", "wanted"), FORMS, ids=[f"{words}-{wanted}" for words, _, wanted in FORMS]
)
def test_the_advice_has_the_form_of_what_was_typed(words: str, thing: Fact | Place | Group, wanted: str) -> None:
    assert advised(words, thing) == wanted


MEANT = [
    ("nealry 60,000", number(59_100), "nearly 60,000"),
    ("abuot 60,000", number(60_355), "about 60,000"),
    ("201,877 loens", number(201_877), "201,877 loans"),
    ("secnd", rank(2, 6), "second"),
    ("second-higest", rank(2, 6), "second-highest"),
    ("secondhighest", rank(2, 6), "second-highest"),
    ("thrid-highest", rank(2, 6), "second-highest"),
    ("alomst half", share(48.0), "almost half"),
    ("two thrids", share(66.6), "two thirds"),
    ("incraesed by 61", change(61), "increased by 61"),
    ("skyrocketed", change(61), "rose"),
    ("plummeted", change(-61), "fell"),
    ("plummeted by 60", change(-61), "fell by 61"),
    ("duobled", ratio(2.0), "doubled"),
    ("in Febuary 2025", MONTH, "in March 2025"),
    ("Aldfrod and Birchmere", group("AB"), "Aldford and Birchmere"),
    ("201,877 wonderful loans", number(201_877), "201,877 loans"),
    ("second by far", rank(2, 6), "second"),
    ("oodles", number(201_877), "201,877"),
]


@pytest.mark.parametrize(("words", "thing", "wanted"), MEANT, ids=[words for words, _, _ in MEANT])
def test_words_that_are_not_understood_lead_to_the_nearest_that_are(
    words: str, thing: Fact | Place | Group, wanted: str
) -> None:
    assert judge(words, thing, STYLE).outcome == "refused"
    assert advised(words, thing) == wanted


def test_what_is_understood_is_said_besides() -> None:
    advice = judge("nealry 60,000", number(59_100), STYLE).advice
    assert advice.startswith("Did you mean [nearly 60,000]{= … }? Understood: numbers (")


@pytest.mark.parametrize("words", ["in mid-March 2025", "in spring 2025", "last summer", "early 2025", "late June"])
def test_seasons_and_parts_of_months_are_refused_and_what_to_write_is_said(words: str) -> None:
    for thing, date in ((DAY, "on 6 June 2025"), (MONTH, "in March 2025")):
        verdict = judge(words, thing, STYLE)
        assert (verdict.outcome, verdict.code) == ("refused", "claim-words")
        assert f"Write the date of the figure, [{date}]{{= … }}" in verdict.advice


@pytest.mark.parametrize(
    ("value", "words", "said"),
    [(0.44, "more than half", "44.0 percent"), (0.8, "doubled", "0.8 times"), (1.7, "tripled", "1.7 times")],
)
def test_less_than_half_is_told_as_a_part_and_not_as_a_multiple(value: float, words: str, said: str) -> None:
    assert said in judge(words, ratio(value), STYLE).says
