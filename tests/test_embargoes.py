"""What is under embargo is in no site before its moment, and a site is the same whenever it is made."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.build import build, check
from generator.cli import main
from generator.doctor import doctor
from generator.embargoes import moment, said
from generator.problems import SourceError

BASE = Path(__file__).parent / "story"
BEFORE, AFTER = dt.datetime(2026, 12, 1, 4, 59, 59, tzinfo=dt.UTC), dt.datetime(2026, 12, 1, 5, tzinfo=dt.UTC)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    made = tmp_path / "story"
    shutil.copytree(BASE, made, ignore=shutil.ignore_patterns("site", ".broadsheet"))
    return made


def write(story: Path, front: str) -> None:
    text = f"---\ntitle: Lists\ndescription: Lists.\n{front}---\nWords.\n"
    (story / "content/lists.md").write_text(text, encoding="utf-8")


EMBARGO = "embargo: 2026-12-01T06:00+01:00\n"


def run(command: str, story: Path, now: dt.datetime) -> Result:
    return CliRunner().invoke(main, [command, str(story)], env={"SOURCE_DATE_EPOCH": str(int(now.timestamp()))})


def test_before_the_moment_nothing_is_made_and_it_says_until_when(story: Path) -> None:
    write(story, EMBARGO)
    for command in ("build", "check"):
        done = run(command, story, BEFORE)
        assert done.exit_code == 1
        assert "content/lists.md:4:10: error[embargoed]: under embargo until 2026-12-01, 06:00 +0100" in done.output
        assert "draft: true" in done.output
    assert not (story / "site/index.html").exists()
    assert run("build", story, AFTER).exit_code == 0
    assert (story / "site/lists/index.html").exists()


def test_a_draft_may_wait(story: Path) -> None:
    write(story, f"draft: true\n{EMBARGO}")
    assert run("build", story, BEFORE).exit_code == 0
    assert not (story / "site/lists").exists()
    assert [problem.code for problem in doctor(story, BEFORE) if "embargo" in problem.code] == []
    assert [problem.code for problem in doctor(story, AFTER) if "embargo" in problem.code] == ["embargo-over"]


def test_what_is_made_afterwards_is_the_same_as_without(story: Path, tmp_path: Path) -> None:
    write(story, "")
    build(story, tmp_path / "without", cache=False)
    write(story, EMBARGO)
    build(story, tmp_path / "with", cache=False, now=AFTER)
    build(story, tmp_path / "later", cache=False, now=AFTER + dt.timedelta(days=400))
    page = "lists/index.html"
    first = (tmp_path / "with" / page).read_bytes()
    assert first == (tmp_path / "later" / page).read_bytes() == (tmp_path / "without" / page).read_bytes()


def test_a_site_that_stands_is_looked_at_again_on_another_day(story: Path) -> None:
    write(story, EMBARGO)
    assert run("build", story, AFTER).exit_code == 0
    assert "0 files written" in run("build", story, AFTER).output
    assert run("build", story, BEFORE - dt.timedelta(days=1)).exit_code == 1


def test_all_that_is_wrong_is_told_with_it(story: Path) -> None:
    write(story, EMBARGO)
    with (story / "content/lists.md").open("a", encoding="utf-8") as file:
        file.write("\n{{ nobody }}\n")
    codes = {problem.code for problem in check(story, now=BEFORE).problems}
    assert codes == {"embargoed", "undefined-name"}
    with pytest.raises(SourceError) as caught:
        build(story, story.parent / "site", now=BEFORE, cache=False)
    assert {problem.code for problem in caught.value.problems} == codes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-12-01", "2026-12-01T00:00:00+00:00"),
        ("2026-12-01T06:00", "2026-12-01T06:00:00+00:00"),
        ("2026-12-01 06:00", "2026-12-01T06:00:00+00:00"),
        ("2026-12-01T06:00+01:00", "2026-12-01T06:00:00+01:00"),
        ("2026-12-01 06:00 -05:00", "2026-12-01T06:00:00-05:00"),
        ("2026-12-01T06:00:30Z", "2026-12-01T06:00:30+00:00"),
    ],
)
def test_a_moment_is_read(text: str, found: str) -> None:
    assert moment(text).isoformat() == found


@pytest.mark.parametrize(
    "text", ["1 December 2026", "2026-13-01", "2026-12-01T25:00", "2026-12", "20261201", "noon"]
)
def test_what_is_no_moment_is_told_at_its_place(story: Path, text: str) -> None:
    with pytest.raises(ValueError, match="is not a moment like"):
        moment(text)
    write(story, f'embargo: "{text}"\n')
    [problem] = check(story, now=BEFORE).problems
    assert (problem.code, problem.location.line) == ("bad-value", 4)
    assert "2026-12-01T06:00+01:00" in problem.message


def test_a_moment_is_said_with_its_zone() -> None:
    assert said(moment("2026-12-01")) == "2026-12-01, 00:00 UTC"
    assert said(moment("2026-12-01T06:00-05:00")) == "2026-12-01, 06:00 -0500"
