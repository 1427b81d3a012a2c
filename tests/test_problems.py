"""docs/problems.md: every code that can be reported, what it means, and an example that is reproduced here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from made_examples import EXAMPLES, WARNINGS, problem_of
from problem_codes import codes, sources
from problem_reference import REFERENCE, groups, reference
from test_cases import CASES

LISTED = [code for group in groups() for code in group.meanings]


def test_every_code_is_documented_and_no_other() -> None:
    assert len(LISTED) == len(set(LISTED)), "documented twice"
    there = codes(sources())
    missing = {code: sorted(there[code]) for code in sorted(set(there) - set(LISTED))}
    assert not missing, f"say in docs/problems.yml what these codes mean, then run `make docs`: {missing}"
    assert not set(LISTED) - set(there), "take these codes out of docs/problems.yml; nothing reports them"


def test_what_the_cases_say_is_documented() -> None:
    said = {
        code
        for expected in CASES.glob("*/expected.txt")
        for code in re.findall(
            r"(?m)^\S.*?: (?:error|warning|note)\[([^\]]+)\]: ", expected.read_text(encoding="utf-8")
        )
    }
    assert said <= set(LISTED)


def test_the_reference_is_what_the_cases_say() -> None:
    """The examples are those of the cases, which test_cases.py runs, and of made_examples.py, run here."""
    assert REFERENCE.read_text(encoding="utf-8") == reference(), "docs/problems.md is out of date: run `make docs`"


@pytest.mark.parametrize("code", EXAMPLES)
def test_what_no_story_shows_is_told(code: str) -> None:
    assert problem_of(code).severity == ("warning" if code in WARNINGS else "error")


def test_codes_are_words_with_hyphens() -> None:
    assert [code for code in LISTED if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", code)] == []


# --- no code escapes ------------------------------------------------------------------------------------------

TAKERS = """
class Problem:
    code: str
    message: str
class Told(Exception):
    def __init__(self, code: str, message: str) -> None: ...
class Other(Told):
    pass
class Collector:
    def add(self, code: str, message: str, *, hint: str = "") -> None:
        Problem(code, message)
"""


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("Problem('dry-well', 'm')", {"dry-well"}),
        ("Problem(message='m', code='dry-well')", {"dry-well"}),
        ("Told('dry-well', 'm')", {"dry-well"}),
        ("Other('dry-well', 'm')", {"dry-well"}),
        ("Collector().add('dry-well', 'm', hint='h')", {"dry-well"}),
        ("Problem('dry-well' if x else 'wet-well', 'm')", {"dry-well", "wet-well"}),
        ("kind = 'dry-well' if x else 'wet-well'\nProblem(kind, 'm')", {"dry-well", "wet-well"}),
        ("kind, sign = ('dry-well', 1) if x else ('wet-well', 2)\nProblem(kind, 'm')", {"dry-well", "wet-well"}),
        ("Problem(error.code, 'm')", set()),
        ("{1}.add(2)", set()),
    ],
)
def test_codes_are_found_however_they_are_written(call: str, found: set[str]) -> None:
    assert set(codes({"a.py": TAKERS, "b.py": call})) == found


@pytest.mark.parametrize("call", ["Problem(f'{x}-well', 'm')", "Problem(made(), 'm')", "Problem(unknown, 'm')"])
def test_a_code_that_cannot_be_read_is_an_error(call: str) -> None:
    with pytest.raises(AssertionError, match=re.escape("b.py:1: Problem(")):
        codes({"a.py": TAKERS, "b.py": call})


def test_each_case_says_what_it_is_named_for() -> None:
    """A case that is named as an example is there."""
    named = [case for group in groups() for case in group.cases.values()]
    assert [case for case in named if not Path(CASES / case / "expected.txt").is_file()] == []
