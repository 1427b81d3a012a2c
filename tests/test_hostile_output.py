"""What a build leaves alone: somebody else's files, and the last good site; and what the command answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_cases import BASE, CASES, lay_over

from generator.cli import main


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def story(tmp_path: Path) -> Path:
    lay_over(CASES / "bom-accepted", tmp_path / "story")
    return tmp_path / "story"


def run(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)
    return result.exit_code, re.sub(r" in \d+\.\d s,", " in SECONDS s,", result.output)


CLEAN = "13 pages, 145 numbers (7 asserted, 1 attributed) checked in SECONDS s, no problems\n"


def test_the_base_story_is_clean() -> None:
    assert run("check", BASE) == (0, CLEAN)


def test_a_folder_that_holds_files_of_somebody_else(story: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work", encoding="utf-8")
    (out / "index.html").write_text("another site", encoding="utf-8")
    code, said = run("build", story, "--out", out)
    assert code == 1
    assert "error[output-foreign]" in said
    assert said.endswith("nothing was written\n")
    published = {name: data for name, data in contents(out).items() if not name.startswith(".broadsheet/")}
    assert published == {"index.html": b"another site", "thesis.txt": b"years of work"}


def test_a_failing_build_leaves_the_last_good_site(story: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    assert run("build", story, "--out", out)[0] == 0
    before = contents(out)
    times = {name: (out / name).stat().st_mtime_ns for name in before if not name.startswith(".broadsheet/")}
    document = story / "content/method.md"
    good = document.read_text(encoding="utf-8")
    for bad in (
        "{{ twons }}",
        "{{ towns",
        "[x](nowhere.md)",
        "[x](#nowhere)",
        "[x](javascript:x)",
        "```figure pie\n```",
    ):
        document.write_text(f"{good}\n{bad}\n", encoding="utf-8")
        code, said = run("build", story, "--out", out)
        assert (code, said.endswith("1 error; nothing was written\n")) == (1, True), said
        assert contents(out) == before
    (story / "data/loans.csv").write_text("town,year,loans\nALD,2025,many\n", encoding="utf-8")
    assert run("build", story, "--out", out)[0] == 1
    assert contents(out) == before
    assert {name: (out / name).stat().st_mtime_ns for name in times} == times


def test_usage_is_answered_with_2(story: Path, tmp_path: Path) -> None:
    code, said = run("check", tmp_path / "nowhere")
    assert code == 2
    assert "does not exist" in said
    code, said = run("check", story / "content/site.yml")
    assert code == 2
    assert "is a file" in said
    wrong = (
        "example.org",
        "ftp://example.org/",
        "https://",
        "/story/",
        "https://example.org/?a=b",
        "javascript:x",
        "https://a b/",
    )
    for address in wrong:
        code, said = run("build", story, "--base-url", address, "--out", tmp_path / "site")
        assert code == 2, said
        assert f"{address!r} is not an address like 'https://example.org/story/'" in said
    assert not (tmp_path / "site").exists()
    assert run("check", story, "--format", "xml")[0] == 2


def test_problems_as_json_and_as_annotations(tmp_path: Path) -> None:
    lay_over(CASES / "undefined-name-body", tmp_path / "story")
    code, said = run("check", tmp_path / "story", "--format", "json")
    assert code == 1
    first = json.loads(said)[0]
    assert first == {
        "code": "undefined-name",
        "severity": "error",
        "path": "content/extra.md",
        "line": 5,
        "column": 5,
        "width": 0,
        "message": "there is no 'twons' here; did you mean 'towns'?",
        "detail": "",
        "hint": "Names that are known here: claims, data, datasets, provinces, towns.",
        "notes": [],
        "entities": [],
        "among": 0,
    }
    code, said = run("check", tmp_path / "story", "--format", "github")
    assert code == 1
    assert said.splitlines()[0] == (
        "::error file=content/extra.md,line=5,col=5,title=undefined-name::there is no 'twons' here; did you mean"
        " 'towns'?%0ANames that are known here: claims, data, datasets, provinces, towns."
    )


def test_a_story_may_live_below_a_hidden_folder(tmp_path: Path) -> None:
    lay_over(CASES / "bom-accepted", tmp_path / ".cache" / "_story")
    code, said = run("check", tmp_path / ".cache" / "_story")
    assert (code, said.endswith(", no problems\n")) == (0, True), said
