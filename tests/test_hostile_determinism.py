"""The same inputs give the same bytes, wherever and whenever they are built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from test_cases import BASE

ROOT = Path(__file__).resolve().parents[1]
TEXTS = (".md", ".csv", ".json", ".yml")


def build(story: Path, out: Path, *, cwd: Path, umask: int = 0o022, **environment: str) -> dict[str, bytes]:
    """The published files of one build in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "generator", "build", str(story), "--out", str(out)],
        check=True,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        umask=umask,
        capture_output=True,
    )
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and ".broadsheet" not in path.parts
    }


def with_windows_line_ends(story: Path) -> None:
    for path in story.rglob("*"):
        if path.suffix in TEXTS and path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def test_two_builds_are_identical(tmp_path: Path) -> None:
    first = build(BASE, tmp_path / "a", cwd=tmp_path, PYTHONHASHSEED="0", TZ="UTC", LC_ALL="C", HOME=str(tmp_path))
    elsewhere = tmp_path / "where ünïcode lives"
    elsewhere.mkdir()
    shutil.copytree(BASE, elsewhere / "story")
    second = build(
        Path("story"),
        tmp_path / "b",
        cwd=elsewhere,
        umask=0o077,
        PYTHONHASHSEED="4711",
        TZ="Pacific/Kiritimati",
        LC_ALL="tr_TR.UTF-8",
        LANG="de_DE.UTF-8",
        PYTHONUTF8="0",
    )
    assert len(first) > 40
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_windows_line_ends_give_the_same_bytes(tmp_path: Path) -> None:
    story = tmp_path / "story"
    shutil.copytree(BASE, story)
    first = build(story, tmp_path / "a", cwd=tmp_path, PYTHONHASHSEED="1")
    with_windows_line_ends(story)
    assert b"\r\n" in (story / "content/index.md").read_bytes()
    second = build(story, tmp_path / "b", cwd=tmp_path, PYTHONHASHSEED="2")
    assert first == second
