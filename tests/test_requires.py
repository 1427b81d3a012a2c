"""A story says which versions of the generator can build it; any other says so first and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.build import build
from generator.cli import main
from generator.config import refused, versions
from generator.problems import SourceError

BASE = Path(__file__).parent / "story"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """The base story with what a newer generator would understand in every one of its files."""
    folder = tmp_path / "story"
    shutil.copytree(BASE, folder, ignore=shutil.ignore_patterns("site"))
    return folder


def ask(story: Path, versions: str, monkeypatch: pytest.MonkeyPatch, running: str = "0.1.0") -> None:
    """Makes the story ask for versions, with ``running`` as the version that runs."""
    monkeypatch.setattr("generator.config.__version__", running)
    settings = story / "content/site.yml"
    settings.write_text(f"{settings.read_text()}requires-broadsheet: {versions}\n")


def spoil(story: Path) -> None:
    """Everything else is such that this generator would complain of it."""
    settings = story / "content/site.yml"
    settings.write_text(f"{settings.read_text()}key_of_the_future: yes\n")
    (story / "content/index.md").write_text("---\nfuture: 1\n---\n{{ nothing }}\n")
    (story / "content/charts.py").write_text("raise RuntimeError('this code is not run')\n")
    (story / "data/datapackage.json").write_text("{")


@pytest.mark.parametrize(
    "words",
    [
        ["build"],
        ["check"],
        ["check", "--strict", "--rendered"],
        ["explain", "/"],
        ["diff", "--data", str(BASE / "data")],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_an_older_generator_tells_that_and_nothing_else(
    story: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(story, '">=0.2"', monkeypatch)
    spoil(story)
    words = [words[0], str(story), *words[1:]] if words[0] != "explain" else [*words, str(story)]
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    assert result.exit_code == 1
    told = [line for line in result.output.splitlines() if "[" in line]
    assert len(told) == 1
    assert told[0].endswith(
        "content/site.yml:36:1: error[other-generator]: the story needs broadsheet >=0.2, and this is 0.1.0"
    )
    assert "    Run: pip install -U broadsheet\n" in result.output
    assert not (story / "site").exists()


def test_the_code_of_the_story_is_not_run(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(story, "0.2", monkeypatch)
    (story / "content/charts.py").write_text(f"open({str(story / 'run')!r}, 'w')\n")
    with pytest.raises(SourceError) as caught:
        build(story, story / "site")
    [problem] = caught.value.problems
    assert problem.message == "the story needs broadsheet 0.2 or newer, and this is 0.1.0"
    assert not (story / "run").exists()


@pytest.mark.parametrize(
    ("asked", "running"),
    [
        ("0.2", "0.2.0"),
        ("0.2", "0.10"),
        ('">=0.2"', "1.0"),
        ('">=0.2, <1"', "0.9.3"),
        ("0.2, <1", "0.9.3"),
        ("~=0.2.1", "0.2.4"),
        ("0.2", "0.3.0.dev1"),
        ('"==0.2.*"', "0.2.7"),
    ],
)
def test_a_generator_that_fits_goes_on(
    asked: str, running: str, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(story, asked, monkeypatch, running)
    assert refused(story) is None
    result = CliRunner().invoke(main, ["check", str(story)], catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("asked", "running", "hint"),
    [
        ("0.2", "0.1.9", "Run: pip install -U broadsheet"),
        ("0.2", "0.2.0.dev1", "Run: pip install -U broadsheet"),
        ("0.10", "0.9", "Run: pip install -U broadsheet"),
        ('"<1"', "1.0", 'Run: pip install -U "broadsheet<1"'),
        ('">=0.2,<1"', "1.2", 'Run: pip install -U "broadsheet<1,>=0.2"'),
        ('"==0.2"', "0.3", 'Run: pip install -U "broadsheet==0.2"'),
    ],
)
def test_one_that_does_not_fit_says_which_would(
    asked: str, running: str, hint: str, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(story, asked, monkeypatch, running)
    problem = refused(story)
    assert problem is not None
    assert problem.hint == hint
    assert f"and this is {running}" in problem.message


@pytest.mark.parametrize("text", ["newest", ">>0.2", "0.2,", ",", ">=", "0.2 or newer", "=0.2", "0.2.*"])
def test_what_is_no_version_is_said_plainly(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a version like '0\.2' or versions like '>=0\.2,<1'"):
        versions(text)
