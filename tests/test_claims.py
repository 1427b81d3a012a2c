"""Claims: the verdicts by their rules, those of the story, and what machines get."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from generator.claims.held import Claims, attribution
from generator.claims.verdicts import VERDICTS, Finding, Outcome, verdict_of
from generator.outputs.claims import claims_json
from generator.prose.assertions import Assertions
from generator.prose.render import Language
from generator.prose.views import Views
from generator.story import load

ROOT = Path(__file__).resolve().parents[1]


def _held(root: Path) -> Claims:
    story = load(root)
    style = story.config.style
    assert story.claims is not None
    language = Language(style, attribution(story.claims, "claims/", style), Assertions(style, story))
    return Claims(story.claims, language, Views(story).globals(), story)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (["holds"], "supported"),
        (["fails"], "contradicted"),
        (["unsure"], "unknown"),
        (["unknown"], "unknown"),
        (["not checkable"], "not-checkable"),
        (["not about data"], "not-data"),
        (["holds", "fails"], "partly"),
        (["fails", "unknown"], "contradicted"),
        (["holds", "unknown"], "partly"),
        (["holds", "not checkable"], "partly"),
        (["unknown", "not checkable"], "unknown"),
        (["not about data", "not checkable"], "not-checkable"),
        ([], "unknown"),
    ],
)
def test_verdicts_follow_from_what_was_found(outcomes: list[Outcome], verdict: str) -> None:
    assert verdict_of([Finding("words", outcome) for outcome in outcomes]) == verdict


def test_a_reprint_or_another_place_is_no_support() -> None:
    assert verdict_of([Finding("words", "holds", independent=False)]) == "matches-source"
    assert verdict_of([Finding("words", "holds", mismatches=("another place",))]) == "partly"
    assert verdict_of([Finding("words", "fails", named_source=True)]) == "unsupported"
    both = [Finding("words", "fails", named_source=True), Finding("words", "fails")]
    assert verdict_of(both) == "contradicted"


def test_every_combination_has_a_verdict() -> None:
    outcomes: tuple[Outcome, ...] = ("holds", "fails", "unsure", "unknown", "not checkable", "not about data")
    for some in product(outcomes, repeat=3):
        assert verdict_of([Finding("words", outcome) for outcome in some]) in VERDICTS


@pytest.mark.story
def test_the_articles_claims_get_the_right_verdicts() -> None:
    claims = _held(ROOT)
    assert not list(claims.problems)
    assert {key: held.code for key, held in claims.held.items()} == {
        "c01": "contradicted",
        "c02": "not-checkable",
        "c03": "not-checkable",
        "c04": "supported",
        "c05": "contradicted",
        "c06": "supported",
        "c07": "supported",
        "c08": "partly",
        "c09": "matches-source",
        "c10": "matches-source",
        "c11": "matches-source",
        "c12": "partly",
        "c13": "unsupported",
        "c14": "partly",
        "c15": "matches-source",
        "c16": "not-checkable",
        "c17": "unknown",
        "c18": "not-data",
        "c19": "partly",
    }


@pytest.mark.story
def test_what_differs_is_named() -> None:
    houston = _held(ROOT).held["c08"].findings[0]
    assert houston.mismatches == (
        "the claim is of a city, the figure of a county",
        "the claim is of Houston, the figure of Harris County",
        "the claim is of “so far”, the figure of March 2025",
    )


@pytest.mark.story
def test_machines_get_every_claim_with_the_datas_figure() -> None:
    made = json.loads(claims_json(_held(ROOT).held, "https://example.org/story/", "claims/"))
    first = made["claims"][4]
    assert len(made["claims"]) == 19
    assert first["verdict"] == "contradicted"
    assert first["url"] == "https://example.org/story/claims/#c05"
    assert first["checks"][0]["value"]["formula"] == "277 ÷ 649 × 100"
    assert first["checks"][0]["value"]["rows"]["agreements"]
