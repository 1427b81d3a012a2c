"""What the doctor finds, each in a story that has that alone; and that it finds nothing in one that is well."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner
from repositories import IGNORED, NEEDS_GIT, commit, git

from generator import __version__
from generator.cli import main
from generator.doctor import doctor
from generator.doctor.python import old_python
from generator.problems import Location, Problem

ROOT = Path(__file__).resolve().parents[1]
BASE = ROOT / "tests/story"
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
URL = "git@github.com:owner/borrowed.git"
FITTING = "https://owner.github.io/borrowed/"

pytestmark = list(NEEDS_GIT)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A story that is well: on GitHub, with our workflows, its address that of its pages."""
    made = tmp_path / "borrowed"
    shutil.copytree(BASE, made, ignore=shutil.ignore_patterns("site", ".broadsheet", "__pycache__"))
    settings = made / "content/site.yml"
    settings.write_text(settings.read_text().replace("https://example.org/borrowed/", FITTING))
    (made / ".gitignore").write_text(IGNORED)
    (made / "requirements.txt").write_text(f"broadsheet=={__version__}\n")
    workflows = made / ".github/workflows"
    workflows.mkdir(parents=True)
    for path in (ROOT / "generator/scaffold/around").glob("*.yml"):
        shutil.copy(path, workflows)
    git(made, "init", "-q")
    git(made, "remote", "add", "origin", URL)
    commit(made)
    return made


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")


def found(story: Path) -> list[Problem]:
    return list(doctor(story, NOW))


def test_nothing_is_found_in_a_story_that_is_well_and_nothing_is_written(story: Path) -> None:
    before = {path: path.lstat().st_mtime_ns for path in story.rglob("*")}
    done = CliRunner().invoke(main, ["doctor", str(story)], env={"SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))})
    assert done.exit_code == 0, done.output
    assert done.output == "nothing found that would go wrong\n"
    assert {path: path.lstat().st_mtime_ns for path in story.rglob("*")} == before


def _no_git(story: Path) -> None:
    shutil.rmtree(story / ".git")


def _pages(story: Path) -> Path:
    return story / ".github/workflows/pages.yml"


def _committed_site(story: Path) -> None:
    (story / "site").mkdir()
    (story / "site/index.html").write_text("x")
    git(story, "add", "--force", "site/index.html")


def _ignored(story: Path) -> None:
    (story / ".git/info/exclude").write_text("extra.csv\n")
    (story / "data/extra.csv").write_text("a\n1\n")


def _clash(story: Path) -> None:
    (story / "data/Loans.CSV").write_text("a\n1\n")
    (story / "data/loans.csv.txt").write_text("a\n1\n")


def _crlf(story: Path) -> None:
    (story / ".gitattributes").write_text("data/towns.csv text eol=crlf\n")
    commit(story)
    (story / "data/towns.csv").unlink()
    git(story, "checkout", "data/towns.csv")
    assert b"\r\n" in (story / "data/towns.csv").read_bytes()


def _pointer(story: Path) -> None:
    (story / "data/geo.json").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n")


def _stored(story: Path) -> None:
    (story / ".gitattributes").write_text("data/towns.csv filter=lfs\n")


def _stale(story: Path) -> None:
    package = json.loads((story / "data/datapackage.json").read_text())
    next(r for r in package["resources"] if r["name"] == "loans")["accrualPeriodicity"] = "daily"
    (story / "data/datapackage.json").write_text(json.dumps(package))


def _heavy(story: Path) -> None:
    from generator.write import Staging

    with Staging(story / "site") as stage:
        stage.add("data.csv", b"0" * 1000)
        stage.commit()
    with (story / "site/data.csv").open("r+b") as file:
        file.truncate(101_000_000)  # takes no room on the disk


def _http(story: Path) -> None:
    with (story / "content/method.md").open("a", encoding="utf-8") as file:
        file.write("\n[A](http://example.net/a) [B](http://example.net/b)\n")


CASES: dict[str, tuple[Callable[[Path], object], list[tuple[str, str]]]] = {
    "no repository": (_no_git, [("no-repository", ".git")]),
    "no remote": (lambda s: git(s, "remote", "remove", "origin"), [("no-remote", "--remote")]),
    "another address": (
        lambda s: edit(s / "content/site.yml", FITTING, "https://owner.github.io/"),
        [("wrong-base-url", "content/site.yml")],
    ),
    "no address": (
        lambda s: (
            edit(s / "content/site.yml", f"base_url: {FITTING}\n", ""),
            edit(_pages(s), "${{ steps.pages.outputs.base_url }}/", ""),
        ),
        [("wrong-base-url", "content/site.yml")],
    ),
    "site in git": (_committed_site, [("site-committed", "site")]),
    "no workflow": (lambda s: shutil.rmtree(s / ".github"), [("no-workflow", ".github/workflows")]),
    "not pinned": (
        lambda s: _pages(s).write_text(
            "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: ./own\n"
            "      - run: broadsheet publish\n"
        ),
        [("unpinned-action", ".github/workflows/pages.yml")],
    ),
    "an old action": (
        lambda s: _pages(s).write_text(
            "jobs:\n  a:\n    steps:\n      - run: broadsheet publish\n"
            f"      - uses: actions/checkout@{'0' * 40} # v3.0.0\n"
        ),
        [("old-action", ".github/workflows/pages.yml")],
    ),
    "an old generator": (
        lambda s: (s / "requirements.txt").write_text("broadsheet[search]==0.0.1\n"),
        [("old-generator", "requirements.txt")],
    ),
    "an old Python": (
        lambda s: edit(_pages(s), 'python-version: "3.13"', 'python-version: "3.9"'),
        [("old-python", ".github/workflows/pages.yml")],
    ),
    "an ignored input": (_ignored, [("ignored-input", "data/extra.csv")]),
    "a pointer": (_pointer, [("lfs-pointer", "data/geo.json")]),
    "stored by LFS": (_stored, [("lfs-pointer", "data/towns.csv")]),
    "letter case": (_clash, [("name-clash", "data/loans.csv")]),
    "line ends": (_crlf, [("line-ends", "data/towns.csv")]),
    "http": (
        _http,
        [("plain-http", "content/method.md")],
    ),
    "overdue": (_stale, [("stale-data", "data/datapackage.json")]),
    "too large": (_heavy, [("file-too-large", "data.csv"), ("heavy-file", "data.csv")]),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_what_would_go_wrong_is_told_with_what_to_do(
    story: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(story.parent))
    change, expected = CASES[what]
    change(story)
    problems = found(story)
    assert [(problem.code, problem.location.path) for problem in problems] == expected
    assert all(problem.hint for problem in problems)
    assert CliRunner().invoke(main, ["doctor", str(story)]).exit_code == 1


def test_the_place_in_a_workflow_is_the_line_and_the_column(story: Path) -> None:
    _pages(story).write_text("a:\n      - uses: actions/checkout@v4\n      - run: broadsheet publish\n")
    [problem] = found(story)
    assert (problem.location.line, problem.location.column, problem.location.width) == (2, 32, 2)


def test_a_story_that_has_just_begun_is_well(tmp_path: Path) -> None:
    """It has no address of its own: its workflow asks GitHub for one."""
    from generator.new import new_story

    new_story(tmp_path / "rivers")
    git(tmp_path / "rivers", "init", "-q")
    git(tmp_path / "rivers", "remote", "add", "origin", URL)
    commit(tmp_path / "rivers")
    assert found(tmp_path / "rivers") == []


def test_files_that_lfs_stores_are_well_where_a_workflow_fetches_them(story: Path) -> None:
    _stored(story)
    edit(_pages(story), "persist-credentials: false", "persist-credentials: false\n          lfs: true")
    assert found(story) == []


def test_a_branch_that_was_published_to_needs_no_workflow(story: Path) -> None:
    shutil.rmtree(story / ".github")
    git(story, "update-ref", "refs/remotes/origin/gh-pages", "HEAD")
    assert found(story) == []


def test_the_cname_of_the_branch_is_held_against_the_address(story: Path) -> None:
    (story / "CNAME").write_text("stories.example.org\n")
    commit(story)
    git(story, "update-ref", "refs/remotes/origin/gh-pages", "HEAD")
    [problem] = found(story)
    assert problem.code == "wrong-base-url"
    assert "https://stories.example.org/" in problem.message


def test_a_story_in_a_folder_of_the_repository(story: Path, tmp_path: Path) -> None:
    top = tmp_path / "top"
    shutil.copytree(story, top / "stories/borrowed", ignore=shutil.ignore_patterns(".git", ".github"))
    shutil.copytree(story / ".github", top / ".github")
    git(top, "init", "-q")
    git(top, "remote", "add", "origin", URL)
    commit(top)
    assert found(top / "stories/borrowed") == []
    edit(top / ".github/workflows/pages.yml", "actions/checkout@", "actions/checkout@v")
    [problem] = found(top / "stories/borrowed")
    assert problem.location.path == "../../.github/workflows/pages.yml"


def test_an_extra_that_the_settings_need(story: Path) -> None:
    edit(story / "content/site.yml", "language: en\n", "language: en\nsearch_page: method/\n")
    with patch("importlib.util.find_spec", return_value=None):
        assert "search-not-installed" in [problem.code for problem in found(story)]


def test_without_git(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(story))
    assert [problem.code for problem in found(story)] == ["git-missing"]


def test_the_oldest_python_is_that_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = tuple(map(int, project["requires-python"].removeprefix(">=").split(".")))
    assert not list(old_python(oldest, Location("x")))
    assert list(old_python((oldest[0], oldest[1] - 1), Location("x")))
    assert not list(old_python((oldest[0] + 1, 0), Location("x")))
