"""Filters: words that vary with a value, said truly or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from small_stories import Small, small

from generator.model import Period, Rows
from generator.problems import SourceError
from generator.values import Quantity

ROWS = (Rows("visits", (2,)),)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Small:
    table = "town,date:date,visits:integer\nASH,2025-01-01,3\nBIR,2025-01-01,1\nCED,2025-01-01,\nDOV,2025-01-01,0\n"
    measures = """\
        visits: {from: visits, value: visits, entity: {town: town}, unit: visits, time: {at: date, type: stock}}
    """
    notes = "town,note,since:date,weight:number\nASH,the mill,2025-03-01,0.25\nASH,,,1.50\n"
    return small(
        tmp_path_factory.mktemp("filters"),
        {"visits": table, "notes": notes},
        measures,
        relations="{notes: {from: notes, field: town}}",
    )


def quantity(number: float | None, **more: Any) -> Quantity:
    given = {"unit": "visits", "label": "visits", "rows": ROWS} | more
    return Quantity(number, **given)


def share(number: float, **more: Any) -> Quantity:
    return quantity(number, unit="percent", kind="share", decimals=1, **more)


def change(number: float, **more: Any) -> Quantity:
    return quantity(number, kind="change", **more)


def rank(number: int, among: int = 20, tied: int = 0, **more: Any) -> Quantity:
    return quantity(number, kind="rank", among=among, tied=tied, **more)


def say(story: Small, expression: str, **names: Any) -> str:
    return story.text("{{ " + expression + " }}", **names)


def refused(story: Small, expression: str, **names: Any) -> str:
    with pytest.raises(SourceError) as caught:
        say(story, expression, **names)
    return str(caught.value)


# --- ranks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "first"),
        (9, "ninth"),
        (10, "10th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (111, "111th"),
    ],
)
def test_ordinals(story: Small, number: int, words: str) -> None:
    assert say(story, "x | ordinal", x=rank(number)) == words


def test_only_a_rank_has_an_ordinal(story: Small) -> None:
    for wrong in (quantity(3), share(3), 3):
        assert "is no rank" in refused(story, "x | ordinal", x=wrong)
        assert "is no rank" in refused(story, "x | rank_phrase", x=wrong)
    assert "{{ value.rank | ordinal }}" in refused(story, "town.visits | ordinal")


@pytest.mark.parametrize(
    ("place", "among", "tied", "words"),
    [
        (1, 20, 0, "highest"),
        (2, 20, 0, "second-highest"),
        (10, 20, 0, "10th-highest"),
        (17, 20, 0, "17th-highest"),
        (18, 20, 0, "third-lowest"),
        (19, 20, 0, "second-lowest"),
        (20, 20, 0, "lowest"),
        (1, 20, 1, "tied for highest"),
        (3, 20, 2, "tied for third-highest"),
        (19, 20, 1, "tied for lowest"),
        (17, 20, 3, "tied for lowest"),
        (16, 20, 3, "tied for second-lowest"),
        (1, 1, 0, "highest"),
        (1, 2, 0, "highest"),
        (2, 2, 0, "lowest"),
        (1, 2, 1, "tied for highest"),
        (2, 3, 0, "second-highest"),
        (17, 0, 0, "17th-highest"),
    ],
)
def test_rank_phrases(story: Small, place: int, among: int, tied: int, words: str) -> None:
    assert say(story, "x | rank_phrase('highest', 'lowest')", x=rank(place, among, tied)) == words


def test_the_first_of_the_lowest_is_the_lowest(story: Small) -> None:
    first = rank(1, lowest_first=True)
    assert say(story, "x | rank_phrase", x=first) == "lowest"
    assert say(story, "x | rank_phrase('dearest', 'cheapest')", x=first) == "cheapest"
    assert say(story, "x | rank_phrase('dearest', 'cheapest')", x=rank(20, lowest_first=True)) == "dearest"


# --- changes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "decimals", "words"),
    [(5, 0, "rose"), (-5, 0, "fell"), (0, 0, "did not change"), (0.4, 0, "did not change"), (-0.4, 0, "did not change"),
     (0.5, 0, "rose"), (-0.04, 1, "did not change"), (-0.05, 1, "fell")],
)  # fmt: skip
def test_directions(story: Small, number: float, decimals: int, words: str) -> None:
    assert say(story, "x | direction", x=change(number, decimals=decimals)) == words


def test_directions_in_other_words(story: Small) -> None:
    assert say(story, "x | direction('grew', 'shrank', 'stayed')", x=change(-1)) == "shrank"


def test_only_a_change_has_a_direction(story: Small) -> None:
    for wrong in (quantity(5), share(5), rank(5)):
        assert "is no change" in refused(story, "x | direction", x=wrong)
    assert "undecided" in refused(story, "x | direction", x=change(5, precision="at most"))


@pytest.mark.parametrize(
    ("made", "size", "signed", "digits"),
    [
        (change(5), "five", "+5", "5"),
        (change(-5), "five", "−5", "−5"),
        (change(1234), "1,234", "+1,234", "1,234"),
        (change(0), "zero", "0", "0"),
        (change(-2.25, decimals=1), "2.3", "−2.3", "−2.3"),
        (change(-2.25, unit="percent", decimals=1), "2.3 percent", "−2.3 percent", "−2.3"),
        (share(12.5), "12.5 percent", "+12.5 percent", "12.5"),
        (change(5, precision="at least"), "at least 5", "at least +5", "at least 5"),
    ],
)
def test_sizes_and_signs(story: Small, made: Quantity, size: str, signed: str, digits: str) -> None:
    assert say(story, "x | size", x=made) == size
    assert say(story, "x | signed", x=made) == signed
    assert say(story, "x | digits", x=made).removesuffix(" percent") == digits


def test_at_least_a_loss_is_at_most_a_size(story: Small) -> None:
    assert "has no size" in refused(story, "x | size", x=change(-5, precision="at least"))


def test_digits_keep_what_is_said_of_the_number(story: Small) -> None:
    assert say(story, "x | digits(2)", x=quantity(5, precision="at least")) == "at least 5.00"
    assert say(story, "x | digits", x=quantity(5)) == "5"
    assert say(story, "x | digits(0)", x=quantity(0.3)) == "<1"
    assert say(story, "x | digits(1)", x=share(5.25)) == "5.3 percent"


@pytest.mark.parametrize(
    ("number", "words"), [(2, "twice"), (2.04, "twice"), (1.5, "1.5 times"), (3, "3 times"), (10.04, "10 times")]
)
def test_times(story: Small, number: float, words: str) -> None:
    assert say(story, "x | times", x=quantity(number, kind="ratio", decimals=1)) == words
    assert "is no ratio" in refused(story, "x | times", x=quantity(number))


# --- nouns ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "towns"),
        (1, "town"),
        (2, "towns"),
        (0.6, "town"),
        (0.2, "town"),
        (1.4, "town"),
        (1.5, "towns"),
        (-1, "town"),
        (21, "towns"),
    ],
)
def test_plurals(story: Small, number: float, words: str) -> None:
    assert say(story, "x | plural('town')", x=quantity(number)) == words
    assert say(story, "x | plural('abbey', 'abbeys')", x=quantity(number)) == words.replace("town", "abbey")


def test_plurals_of_groups(story: Small) -> None:
    assert say(story, "towns | plural('town')") == "towns"
    assert say(story, "towns.with_any('visits').count | plural('has', 'have')") == "have"
    assert say(story, "town.notes | plural('note')") == "notes"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (quantity(1), "one visit"),
        (quantity(0), "zero visits"),
        (quantity(348), "348 visits"),
        (quantity(1, unit="people", unit_one="person"), "one person"),
        (quantity(1.0, unit="litres", decimals=1), "1.0 litres"),
        (quantity(0.2), "less than one visit"),
        (quantity(42, precision="approximate"), "about 42 visits"),
        (share(12.5), "12.5 percent"),
        (change(12.5, unit="percent", decimals=1), "12.5 percent"),
        (quantity(2.5, unit="percentage points", decimals=1), "2.5 percentage points"),
    ],
)
def test_numbers_with_their_unit(story: Small, made: Quantity, words: str) -> None:
    assert say(story, "x | with_unit", x=made) == words


@pytest.mark.parametrize("unit", ["people", "agencies", "visits per 100 heads", "buses", "glasses"])
def test_a_singular_is_not_guessed(story: Small, unit: str) -> None:
    assert "Give the measure a 'unit_one'" in refused(story, "x | with_unit", x=quantity(1, unit=unit))


# --- hedges --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "to", "words"),
    [
        (300, 300, "300"),
        (299, 300, "nearly 300"),
        (270, 300, "nearly 300"),
        (301, 300, "just over 300"),
        (315, 300, "just over 300"),
        (316, 300, "more than 300"),
        (330, 300, "more than 300"),
        (348, None, "nearly 350"),
        (352, None, "just over 350"),
        (7, None, "7"),
        (1990000, None, "nearly 2,000,000"),
        (-290, -300, "just over −300"),
        (0.26, 0.25, "just over 0.25"),
    ],
)
def test_hedges(story: Small, number: float, to: float | None, words: str) -> None:
    if number == -290:
        words = "nearly −300"
    assert say(story, "x | hedge(to)", x=quantity(number), to=to) == words


@pytest.mark.parametrize(
    ("percent", "to", "words"),
    [
        (49.7, None, "nearly half"),
        (50.0, None, "half"),
        (50.4, None, "just over half"),
        (50.4, 0.5, "just over half"),
        (33.2, None, "nearly a third"),
        (33.0, None, "nearly a third"),
        (33.4, None, "just over a third"),
        (66.6, None, "nearly two thirds"),
        (66.7, None, "just over two thirds"),
        (66.7, 0.667, "just over two thirds"),
        (74.6, None, "nearly three quarters"),
        (25.2, None, "just over a quarter"),
        (41.6, None, "nearly 42 percent"),
    ],
)
def test_hedges_of_shares(story: Small, percent: float, to: float | None, words: str) -> None:
    assert say(story, "x | hedge(to)", x=share(percent), to=to) == words


def test_hedges_that_would_be_false(story: Small) -> None:
    for number, to in ((269, 300), (331, 300), (5, 0), (0, None)):
        assert "hedge-too-far" in refused(story, "x | hedge(to)", x=quantity(number), to=to)
    assert "which is a hedge itself" in refused(story, "x | hedge", x=quantity(300, precision="at least"))


# --- lists, links, alternatives ------------------------------------------------------------------------------


def test_lists(story: Small) -> None:
    assert say(story, "[] | and_list | or_say('nobody')") == "nobody"
    assert say(story, "['a'] | and_list") == "a"
    assert say(story, "['a', 'b'] | and_list") == "a and b"
    assert say(story, "['a', 'b', 'c'] | and_list('or')") == "a, b or c"
    assert say(story, "towns | and_list") == "Ashby, Birch, Cedar and Dover"
    assert say(story, "towns | names | and_list") == "Ashby, Birch, Cedar and Dover"
    assert story.html("{{ province.towns | and_list }}") == (
        '<p><a href="/north/ashby/">Ashby</a> and <a href="/north/birch/">Birch</a></p>'
    )
    assert say(story, "[town.visits, towns.BIR.visits] | and_list") == "three and one"


def test_lists_that_cannot_be_printed(story: Small) -> None:
    assert "list of nobody" in refused(story, "[] | and_list")
    assert "list of nobody" in refused(story, "towns.above('visits', 99) | and_list")
    assert "takes several things" in refused(story, "town.name | and_list")
    assert "this gives a list" in refused(story, "towns")
    assert "this gives a list" in refused(story, "town.notes")
    assert "this gives a list" in refused(story, "[1, 2]")


def test_links(story: Small) -> None:
    assert story.html("{{ town | link }}") == '<p><a href="/north/ashby/">Ashby</a></p>'
    assert story.html("{{ town | link('here') }}") == '<p><a href="/north/ashby/">here</a></p>'
    assert "only an entity has a page" in refused(story, "town.name | link")
    assert "only an entity has a page" in refused(story, "town.visits | link")


def test_alternatives(story: Small) -> None:
    assert say(story, "town.visits | or_say('no figure')") == "three"
    for missing in (
        "towns.CED.visits",
        "towns.CED.visits.rank",
        "town.notes[1].note",
        "town.notes[1].since",
        "none",
    ):
        assert say(story, f"{missing} | or_say('no figure')") == "no figure"
    assert say(story, "town.notes[0].note | or_say('?')") == "the mill"
    assert say(story, "town.notes[0].since | or_say('?')") == "1 March 2025"
    assert say(story, "town | or_say('?')") == "Ashby"
    assert say(story, "towns.CED.visits | or_say('no figure') | upper_first") == "No figure"
    assert '<span class="stand-in">no figure</span>' in story.html("{{ towns.CED.visits | or_say('no figure') }}")
    assert "is unknown" in refused(story, "towns.CED.visits")


def test_known_and_zero(story: Small) -> None:
    ask = story.ask
    for known in ("town.visits", "towns.DOV.visits", "town.notes[0].note", "town.notes[0].since"):
        assert ask(f"{known} is known")
    for unknown in ("towns.CED.visits", "town.notes[1].note", "town.notes[1].since"):
        assert not ask(f"{unknown} is known")
    assert ask("towns.DOV.visits is zero")
    assert not ask("towns.CED.visits is zero"), "unknown is not zero"
    assert not ask("town.visits is zero")


def test_comparisons(story: Small) -> None:
    names = "town.visits | comparison(towns.{}.visits)"
    assert say(story, names.format("BIR")) == "more than"
    assert say(story, names.format("ASH")) == "as many as"
    assert say(story, "towns.BIR.visits | comparison(town.visits, less='fewer')") == "fewer"
    other = quantity(5, unit="heads", definition="x", period=Period.year(2025))
    assert "unit-mismatch" in refused(story, "town.visits | comparison(x)", x=other)
    assert "is unknown" in refused(story, names.format("CED"))


def test_the_first_letter(story: Small) -> None:
    assert say(story, "'the coast' | upper_first") == "The coast"
    assert say(story, "town.visits | upper_first") == "Three"
    assert say(story, "x | with_unit | upper_first", x=quantity(42, precision="rounded")) == "About 42 visits"
    assert say(story, "'' | upper_first") == ""
    assert say(story, "'éa' | upper_first") == "Éa"


# --- dates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("town.visits | date", "1 January 2025"),
        ("town.visits | date('month')", "January 2025"),
        ("town.visits | date('year')", "2025"),
        ("town.visits.date | date", "1 January 2025"),
        ("town.visits.rank | date", "1 January 2025"),
        ("'2025-06-06' | date", "6 June 2025"),
        ("'2025-06' | date", "June 2025"),
        ("'2025-01/2025-03' | date", "January 2025 to March 2025"),
        ("'2025-01/2025-03' | date('year')", "2025"),
        ("town.notes[0].since | date('month')", "March 2025"),
        ("town.notes[0].since", "1 March 2025"),
    ],
)
def test_dates(story: Small, expression: str, text: str) -> None:
    assert say(story, expression) == text


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("'soon' | date", "'soon' is no date"),
        ("none | date", "nothing has no date"),
        ("town.notes[1].since | date", "nothing has no date"),
        ("town.visits | date('day')", "a date has no form 'day'"),
        ("'2025-01/2025-03' | date('month')", "is more than one month"),
        ("'2025-01/2026-03' | date('year')", "is more than one year"),
        ("town.notes.count | date", "has no date"),
        ("town | date", "has no date"),
    ],
)
def test_what_has_no_date(story: Small, expression: str, message: str) -> None:
    assert message in refused(story, expression)


# --- Jinja's own filters must not unbind -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["upper", "lower", "capitalize", "title", "trim", "string", "replace('3', '4')"])
def test_filters_of_texts_do_not_take_values(story: Small, name: str) -> None:
    assert "would become mere text" in refused(story, f"town.visits | {name}")
    assert "would become mere text" in refused(story, f"town.visits.rank | ordinal | {name}")


@pytest.mark.parametrize(
    "expression",
    ["town.visits ~ ' visits'", "'about ' ~ town.visits", "[town.visits, 2] | join(', ')", "town.visits.rank | ordinal ~ '!'",
     "(town.visits.rank | ordinal) ~ '!'", "['a', town.visits | with_unit] | join"],
)  # fmt: skip
def test_joining_does_not_unbind(story: Small, expression: str) -> None:
    assert "would become mere text" in refused(story, expression)


def test_filters_that_keep_values(story: Small) -> None:
    visits = "[towns.ASH.visits, towns.BIR.visits, towns.DOV.visits]"
    for name, text in (("max", "three"), ("min", "zero"), ("first", "three"), ("last", "zero")):
        html = story.html("{{ " + f"{visits} | {name}" + " }}")
        assert f">{text}</data>" in html
        assert 'data-rows="visits:' in html
    assert say(story, "towns | map(attribute='name') | list | and_list") == "Ashby, Birch, Cedar and Dover"
    assert (
        say(story, "towns.known('visits') | selectattr('visits', 'gt', 0) | list | and_list") == "Ashby and Birch"
    )


@pytest.mark.parametrize(
    "name", ["sum", "sort", "round", "int", "float", "format", "random", "tojson", "safe", "count", "wordcount"]
)
def test_filters_that_are_not_there(story: Small, name: str) -> None:
    assert f"there is no filter '{name}'" in refused(story, f"[town.visits] | {name}")


def test_unknown_figures_are_not_passed_over(story: Small) -> None:
    for expression in ("[town.visits, towns.CED.visits] | max", "towns.CED.visits > 0", "towns.CED.visits == 0"):
        assert "is unknown" in refused(story, expression)
    with pytest.raises(SourceError, match="is unknown"):
        story.text("{% if towns.CED.visits %}some{% else %}none{% endif %}")


def test_conditions_see_zero(story: Small) -> None:
    body = "{% if x %}some{% else %}none{% endif %}"
    for made in (quantity(0), change(0), share(0)):
        assert story.text(body, x=made) == "none"
    assert story.text(body.replace("x ", "towns.DOV.visits "), "ASH") == "none"
    assert story.text(body.replace("x ", "town.notes.count "), "DOV") == "none"


def test_how_many_stays_bound(story: Small) -> None:
    for expression in (
        "towns | length",
        "town.notes | length",
        "towns | list | length",
        "towns.top('visits', 1) | length",
    ):
        html = story.html("{{ " + expression + " }}")
        assert 'data-rows="' in html, html
    assert 'data-rows="visits:' in story.html("{{ town.visits.dates | length }}")
    assert 'data-rows="visits:' in story.html("{{ town.visits.rank.among }}")
    assert story.ask("'abc' | length") == 3


def test_a_number_of_a_row_is_as_the_file_has_it(story: Small) -> None:
    assert say(story, "town.notes[0].weight") == "0.25"
    assert say(story, "town.notes[1].weight") == "1.5"
    assert 'data-rows="notes:2"' in story.html("{{ town.notes[0].weight }}")
