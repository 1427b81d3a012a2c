"""The editor's guide to asserted words is true: every phrase in its tables is understood, every example is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.problems import Problem
from generator.prose.assertions import Assertions
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.prose.views import Views
from generator.story import Story, load
from generator.values import NumberStyle
from generator.words.amounts import HEDGES
from generator.words.grammar import read

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "content/README.md"
PLACES: dict[tuple[str, ...], str] = {
    ("texas",): "TX",
    ("florida",): "FL",
    ("georgia",): "GA",
    ("vermont",): "VT",
    ("maine",): "ME",
}


class Row(NamedTuple):
    """One row of the guide's tables: phrases, and an example that holds and one that does not."""

    subject: str
    phrases: tuple[str, ...]
    true: str
    false: str


def _rows() -> Iterator[Row]:
    section = GUIDE.read_text(encoding="utf-8").partition("\n## Words held against the data\n")[2]
    subject = ""
    for line in section.partition("\n## ")[0].splitlines():
        if line.startswith("### "):
            subject = line.removeprefix("### ")
        elif line.startswith("| `"):
            words, _, true, false = (cell.strip() for cell in line.strip("|").split(" | "))
            yield Row(subject, tuple(re.findall(r"`([^`]+)`", words)), true.strip("`| "), false.strip("`| "))


ROWS = list(_rows())
PHRASES = [pytest.param(phrase, id=phrase) for row in ROWS for phrase in row.phrases]


@pytest.fixture(scope="module")
def story() -> Story:
    return load(ROOT)


@pytest.fixture(scope="module")
def hold(story: Story) -> Holding:
    return Holding(story)


class Holding:
    """Holds a sentence against the data as the page of Texas would."""

    def __init__(self, story: Story) -> None:
        style, views = story.config.style, Views(story)
        self.language = Language(style, lambda _id, words, _where: Slot("text", words), Assertions(style, story))
        self.names = {**views.globals(), **views.scope(views.find("states", "TX"))}

    def __call__(self, sentence: str) -> tuple[Problem, ...]:
        return self.language.render(self.language.compile(sentence, "guide.md"), self.names).unborne


def test_the_guide_has_its_tables() -> None:
    subjects = ["Numbers", "Shares", "Multiples", "Direction", "Ranks", "Lists and groups", "Dates"]
    assert list(dict.fromkeys(row.subject for row in ROWS)) == subjects
    assert len(ROWS) > 45


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.true)
def test_the_example_holds(row: Row, hold: Holding) -> None:
    assert hold(row.true) == ()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.false)
def test_the_counterexample_fails(row: Row, hold: Holding) -> None:
    (problem,) = hold(row.false)
    assert problem.detail, f"understood and false, not refused: {problem}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.false)
def test_what_is_advised_then_holds(row: Row, hold: Holding) -> None:
    (problem,) = hold(row.false)
    advised = re.match(r"Write \[(.+?)\]\{= … \}", problem.hint)
    if advised:
        expression = row.false.partition("]{= ")[2]
        assert hold(f"[{advised[1]}]{{= {expression}") == ()
    else:
        assert problem.code in ("claim-noun", "claim-list")


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_of_the_guide_is_understood(phrase: str) -> None:
    assert read(phrase.replace("…", "300"), NumberStyle(), PLACES)


def test_the_hedges_of_one_row_mean_the_same() -> None:
    for row in ROWS:
        hedges = {phrase.removesuffix(" …") for phrase in row.phrases if phrase.endswith(" …")}
        meant = {HEDGES[hedge] for hedge in hedges & HEDGES.keys()}
        assert len(meant) <= 1 or row.subject == "Direction", row.phrases


def test_every_rule_for_hedges_has_a_row() -> None:
    phrases = {phrase.removesuffix(" …") for row in ROWS for phrase in row.phrases}
    missing = {rule for rule in HEDGES.values() if not any(HEDGES.get(phrase) == rule for phrase in phrases)}
    assert not missing
