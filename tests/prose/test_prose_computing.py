"""In a document of many places the computed form is advised, and it is right for every one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.problems import Problem, Problems, SourceError
from generator.prose.assertions import Assertions
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.prose.views import Views
from generator.story import Story, load

STORY = Path(__file__).resolve().parents[1] / "story"
WORDS = [
    ('[41,200]{= town.loans(at="2025") }', '{{ town.loans(at="2025") }}'),
    ("[about 40,000]{= town.loans }", "{{ town.loans | hedge }}"),
    ("[nearly half]{= town.loans.share }", "{{ town.loans.share }}"),
    ("[49.4 percent]{= town.loans.share }", "{{ town.loans.share }}"),
    ("[the third-largest]{= town.loans.rank }", '{{ town.loans.rank | rank_phrase("largest") }}'),
    ("[the most]{= town.loans }", '{{ town.loans.rank | rank_phrase("most") }}'),
    ("[third]{= town.loans.rank }", "{{ town.loans.rank | ordinal }}"),
    ('[rose]{= town.loans.change("2024") }', '{{ town.loans.change("2024") | direction }}'),
    (
        '[rose by 2,028]{= town.loans.change("2024") }',
        '{{ town.loans.change("2024") | direction }} by {{ town.loans.change("2024") | size }}',
    ),
    (
        '[more than]{= town.loans - towns["FAI"].loans }',
        '{{ (town.loans - towns["FAI"].loans) | direction("more than", "fewer than", "as many as") }}',
    ),
    ('[twice as many]{= town.loans / towns["FAI"].loans }', '{{ (town.loans / towns["FAI"].loans) | times }}'),
    ("[Aldford and Birchmere]{= province.towns }", "{{ province.towns | and_list }}"),
    ("[two libraries]{= town.libraries }", "{{ town.libraries | length }}"),
    ('[skyrocketed]{= town.loans.change("2024") }', '{{ town.loans.change("2024") | direction }}'),
]


@pytest.fixture(scope="module")
def story() -> Story:
    return load(STORY)


class _Pages:
    """One text on the page of every town."""

    def __init__(self, story: Story) -> None:
        style, self.views = story.config.style, Views(story)
        self.towns = list(story.collections["towns"])
        self.language = Language(style, lambda _id, words, _where: Slot("text", words), Assertions(style, story))

    def problems(self, text: str) -> list[Problem]:
        found = Problems()
        for town in self.towns:
            names = {**self.views.globals(), **self.views.scope(town)}
            try:
                made = self.language.render(self.language.compile(text, "content/[town].md"), names).unborne
            except SourceError as error:
                made = error.problems
            found.extend(problem.with_entities([town.name]) for problem in made)
        found.count({"content/[town].md": len(self.towns)})
        return list(found)


@pytest.mark.parametrize(("text", "computed"), WORDS, ids=[text for text, _ in WORDS])
def test_the_computed_form_is_advised_and_works_on_every_page(story: Story, text: str, computed: str) -> None:
    pages = _Pages(story)
    hints = {problem.hint for problem in pages.problems(text)}
    advised = {
        re.sub(r"What differs from page to page is computed: (.+?); or it stands.*", r"\1", h) for h in hints
    }
    assert advised == {computed}
    assert pages.problems(computed) == []


def test_what_is_wrong_in_the_same_way_on_every_page_is_put_right_in_fixed_words(story: Story) -> None:
    (problem,) = _Pages(story).problems("[Seven towns]{= towns }")
    assert problem.hint.startswith("Write [Six towns]{= … }")


def test_what_no_words_can_mend_keeps_its_own_advice(story: Story) -> None:
    found = _Pages(story).problems('[about 5,000]{= town.members(status="registered") }')
    assert {p.code: p.hint[:10] for p in found} == {"claim-unknown": "Ask first:", "claim-number": "What diffe"}
