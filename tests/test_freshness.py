"""Tables that were to be renewed and were not: held against a day that is handed in, and on no page."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from generator.build import build, check
from generator.cli import main
from generator.datasets.rhythm import rhythm
from generator.freshness import stale
from generator.problems import Problem
from generator.story import load

ROOT = Path(__file__).resolve().parents[1]
BASE = Path(__file__).parent / "story"
DAY = dt.date.fromisoformat


def epoch(day: str) -> str:
    """A day as SOURCE_DATE_EPOCH says it."""
    return str(int(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()))


@pytest.fixture
def story(tmp_path: Path) -> Path:
    folder = tmp_path / "story"
    shutil.copytree(BASE, folder, ignore=shutil.ignore_patterns("site"))
    return folder


def declare(story: Path, dataset: str, **keys: Any) -> None:
    """Sets keys of a resource; None removes one."""
    path = story / "data/datapackage.json"
    package = json.loads(path.read_text())
    [resource] = [each for each in package["resources"] if each["name"] == dataset]
    for key, given in keys.items():
        resource.pop(key, None)
        if given is not None:
            resource[key] = given
    path.write_text(json.dumps(package, indent=2))


def found(story: Path, today: str) -> list[Problem]:
    return list(stale(load(story), DAY(today)))


# --- rhythms --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "from_", "next_"),
    [
        ("daily", "every day", "2024-02-28", "2024-02-29"),
        ("weekly", "every week", "2024-12-30", "2025-01-06"),
        ("R/P1W", "every week", "2024-12-30", "2025-01-06"),
        ("R/P3.5D", "every 3.5 days", "2025-01-01", "2025-01-05"),
        ("P2W", "every 2 weeks", "2025-01-01", "2025-01-15"),
        ("monthly", "every month", "2025-01-31", "2025-02-28"),
        ("quarterly", "every 3 months", "2024-11-30", "2025-02-28"),
        ("annual", "every year", "2024-02-29", "2025-02-28"),
        ("R/P2Y", "every 2 years", "2024-12-31", "2026-12-31"),
        ("P1M10D", "every month and 10 days", "2025-01-01", "2025-02-11"),
    ],
)
def test_rhythms(text: str, words: str, from_: str, next_: str) -> None:
    found = rhythm(text)
    assert found is not None
    assert str(found) == words
    assert found.after(DAY(from_)) == DAY(next_)


def test_what_promises_nothing() -> None:
    assert rhythm("") is None
    assert rhythm("irregular") is None


@pytest.mark.parametrize("text", ["often", "P", "R/P", "P0D", "PT1H", "P1W2", "1W", "R5/P1W", "week", "-P1D"])
def test_what_is_no_rhythm_is_said_plainly(text: str) -> None:
    with pytest.raises(ValueError, match="is not a rhythm: 'daily', 'weekly'"):
        rhythm(text)


# --- tables ---------------------------------------------------------------------------------------------


def test_a_table_is_stale_when_rhythm_and_grace_have_passed(story: Path) -> None:
    declare(story, "loans", accrualPeriodicity="annual", grace="P10D")  # covers the time to 2025-12-31
    assert found(story, "2026-12-31") == []
    assert found(story, "2027-01-10") == []
    [problem] = found(story, "2027-01-11")
    assert (problem.code, problem.severity) == ("stale-data", "warning")
    assert problem.message == (
        "loans is stale: its newest date is 2025-12-31, 376 days before 2027-01-11; "
        "a new one was to come every year, and 10 days of grace have passed"
    )
    line = (story / problem.location.path).read_text().splitlines()[problem.location.line - 1]
    assert line[problem.location.column - 1 :].startswith('"annual"')


def test_the_grace_is_half_the_rhythm_when_none_is_stated(story: Path) -> None:
    declare(story, "loans", accrualPeriodicity="R/P10D")
    assert found(story, "2026-01-15") == []
    assert len(found(story, "2026-01-16")) == 1


@pytest.mark.parametrize(
    ("keys", "newest"),
    [
        ({"coverage": {"end": "2025-06-30"}}, "2025-06-30"),
        ({"coverage": {"end": "2025-06-30"}, "sources": [{"title": "A", "published": "2026-02-01"}]}, "2026-02-01"),
        ({"coverage": {"end": "2025-06-30"}, "sources": [{"title": "A", "published": "2024-02-01"}]}, "2025-06-30"),
        ({"sources": [{"title": "A", "published": "in spring"}]}, "2025-12-31"),
        ({"sources": [{"title": "A", "published": "2031-01-01"}]}, "2025-12-31"),
        ({}, "2025-12-31"),
    ],
)
def test_the_newest_date_of_a_table(story: Path, keys: Mapping[str, Any], newest: str) -> None:
    declare(story, "members", **{"coverage": None, "sources": None, "accrualPeriodicity": "weekly", **keys})
    [problem] = found(story, "2030-01-01")
    assert f"its newest date is {newest}," in problem.message


def test_a_year_that_runs_counts_up_to_today(story: Path) -> None:
    declare(story, "loans", coverage=None, accrualPeriodicity="monthly")
    assert found(story, "2025-09-01") == []  # the table has rows of 2025
    assert len(found(story, "2026-03-01")) == 1


def test_a_rhythm_without_any_date_is_told(story: Path) -> None:
    declare(story, "provinces", accrualPeriodicity="annual")
    [problem] = found(story, "2026-01-01")
    assert (problem.code, problem.severity) == ("no-date", "warning")


def test_no_rhythm_no_warning(story: Path) -> None:
    assert found(story, "2999-01-01") == []
    declare(story, "loans", accrualPeriodicity="irregular")
    assert found(story, "2999-01-01") == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"accrualPeriodicity": "often"}, "'often' is not a rhythm: 'daily', 'weekly', 'monthly'"),
        ({"grace": "ten days"}, "'ten days' is not a duration like 'P10D'"),
        ({"grace": "weekly"}, "'weekly' is not a duration like 'P10D'"),
    ],
)
def test_a_rhythm_misspelt_is_an_error(story: Path, keys: Mapping[str, Any], said: str) -> None:
    declare(story, "loans", **keys)
    [problem] = check(story).problems
    assert (problem.code, problem.severity) == ("bad-value", "error")
    assert said in problem.message


# --- the commands ---------------------------------------------------------------------------------------


def run(day: str, *words: str) -> Result:
    return CliRunner().invoke(main, list(words), env={"SOURCE_DATE_EPOCH": epoch(day)}, catch_exceptions=False)


def test_check_warns_and_only_fresh_fails(story: Path) -> None:
    declare(story, "loans", accrualPeriodicity="annual")
    for words, status in (([], 0), (["--strict"], 0), (["--fresh"], 1), (["--strict", "--fresh"], 1)):
        result = run("2028-01-01", "check", str(story), *words)
        assert "warning[stale-data]: loans is stale" in result.output
        assert result.exit_code == status, words
    result = run("2026-06-01", "check", str(story), "--strict", "--fresh")
    assert result.exit_code == 0
    assert "no problems" in result.output


def test_a_build_warns_and_writes_the_same_on_any_day(story: Path, tmp_path: Path) -> None:
    declare(story, "loans", accrualPeriodicity="annual")
    early, late = tmp_path / "early", tmp_path / "late"
    first = run("2026-06-01", "build", str(story), "--out", str(early))
    assert "stale" not in first.output
    second = run("2028-01-01", "build", str(story), "--out", str(late))
    assert second.exit_code == 0
    assert "warning[stale-data]: loans is stale" in second.output
    files = {path.relative_to(early): path.read_bytes() for path in early.rglob("*") if path.is_file()}
    assert files
    assert files == {path.relative_to(late): path.read_bytes() for path in late.rglob("*") if path.is_file()}


def test_without_a_day_nothing_is_held_against_it(story: Path, tmp_path: Path) -> None:
    declare(story, "loans", accrualPeriodicity="daily")
    assert check(story).problems == ()
    assert build(story, tmp_path / "site").warnings == ()


@pytest.mark.parametrize("given", ["yesterday", "1e9", "99999999999999999"])
def test_a_clock_that_is_none_is_wrong_usage(story: Path, given: str) -> None:
    result = CliRunner().invoke(main, ["check", str(story)], env={"SOURCE_DATE_EPOCH": given})
    assert result.exit_code == 2
    assert "seconds since 1970" in result.output


def test_the_message_of_the_readme_is_the_message_given(story: Path) -> None:
    declare(story, "loans", accrualPeriodicity="annual")
    [problem] = found(story, "2027-08-23")
    text = (ROOT / "data/README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```\n(data/datapackage\.json:.*?)```", text, re.DOTALL)
    assert shown.partition(": warning")[2] == str(problem).partition(": warning")[2] + "\n"
