"""Asserted words against the story's data: a corpus with known truth, written without sight of the judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.claims.held import Claims, attribution
from generator.claims.views import claims_view
from generator.problems import SourceError
from generator.prose.assertions import Assertions
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.prose.views import Views
from generator.story import Story, load

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(__file__).parent / "corpus"
EITHER = "false; refusing is as good"
"""What the corpus says of words that are false and that were not understood when it was written."""


def _cases() -> Iterator[Any]:
    for path in sorted(CORPUS.glob("assertions-*.yml")):
        for number, case in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))):
            yield pytest.param(case["page"], case, id=f"{path.stem}-{number}")


@pytest.fixture(scope="module")
def story() -> Story:
    return load(ROOT)


@pytest.fixture(scope="module")
def language(story: Story) -> Language:
    style = story.config.style
    return Language(style, lambda _id, words, _where: Slot("text", words), Assertions(style, story))


class _Names:
    """The names that the texts of a page have."""

    def __init__(self, story: Story) -> None:
        self.views = Views(story)
        style = story.config.style
        assert story.claims is not None
        language = Language(style, attribution(story.claims, "claims/", style), Assertions(style, story))
        claims = Claims(story.claims, language, self.views.globals(), story)
        self.shared = {**self.views.globals(), "claims": claims_view(claims, "claims/")}


@pytest.fixture(scope="module")
def views(story: Story) -> _Names:
    return _Names(story)


def _names(names: _Names, page: str) -> Mapping[str, Any]:
    collection, _, key = page.partition("/")
    entity = names.views.find(collection, key) if key else None
    assert entity or page == "index.md", f"no page {page}"
    return {**names.shared, **names.views.scope(entity)}


def verdict(language: Language, names: Mapping[str, Any], text: str) -> tuple[str, str]:
    """'true', 'false' or 'refused', and what an editor reads."""
    try:
        rendered = language.render(language.compile(text, "case.md"), names)
    except SourceError as error:
        return "refused", str(error)
    if not rendered.unborne:
        return "true", ""
    refused = any(not problem.detail for problem in rendered.unborne)
    return "refused" if refused else "false", "\n".join(map(str, rendered.unborne))


@pytest.mark.parametrize(("page", "case"), list(_cases()))
def test_the_corpus_is_judged_without_one_error(
    language: Language, views: _Names, page: str, case: dict[str, Any]
) -> None:
    judged, said = verdict(language, _names(views, page), case["text"])
    wanted = str(case["holds"]).lower()
    either = ("false", "refused") if EITHER in case["why"] and wanted == "refused" else (wanted,)
    assert judged in either, f"{case['text']}\n{case['why']}\n{said}"
