"""A build that is killed, or runs out of space, leaves every file wholly old or wholly new."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_builds import published
from test_cases import BASE

from generator.build import build
from generator.problems import Problem, SourceError

ROOT = Path(__file__).resolve().parents[2]
KILLS = 50


def with_title(story: Path, title: str) -> None:
    """Every page changes."""
    path = story / "content/site.yml"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines = [f"title: {title}" if line.startswith("title:") else line for line in lines]
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, bytes]]]:
    """The small story with a warm cache, and its site under either title."""
    story = tmp_path_factory.mktemp("editions") / "story"
    shutil.copytree(BASE, story, ignore=shutil.ignore_patterns("site", ".broadsheet"))
    made = {}
    for title in ("Borrowed", "Lent", "Borrowed"):
        with_title(story, title)
        build(story, story / "site")
        made[title] = published(story / "site")
    return story, made


def start(story: Path, out: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "generator", "build", str(story), "--out", str(out)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def refusal(story: Path, out: Path) -> tuple[Problem, ...]:
    """Why a build was refused; nothing when it was not."""
    try:
        build(story, out)
    except SourceError as error:
        return error.problems
    return ()


def committing(out: Path) -> bool:
    """Whether a build has said what it is going to do: from here on it can be finished."""
    return (out / ".broadsheet/journal.json").exists()


def test_killed_at_any_moment(editions: tuple[Path, dict[str, dict[str, bytes]]]) -> None:
    story, made = editions
    out = story / "site"
    dice = random.Random(7)
    now, cut_short = "Borrowed", 0
    started = time.perf_counter()
    start(story, story / "elsewhere").wait(60)
    usual = time.perf_counter() - started
    for number in range(KILLS):
        following = "Lent" if now == "Borrowed" else "Borrowed"
        with_title(story, following)
        process = start(story, out)
        if number % 2:
            while process.poll() is None and not committing(out):
                time.sleep(0.0005)
            time.sleep(dice.uniform(0, 0.02))
        else:
            time.sleep(dice.uniform(0, usual))
        begun = committing(out)
        process.send_signal(signal.SIGKILL)
        cut_short += process.wait(60) == -signal.SIGKILL
        for name, data in published(out).items():
            assert data in (made[now].get(name), made[following].get(name)), name
        if not begun and not committing(out) and process.returncode:
            assert published(out) in (made[now], made[following]), "nothing changes before all pages are rendered"
        build(story, out)
        assert published(out) == made[following]
        now = following
    assert cut_short > KILLS // 3


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A file system with so much room; skips where this process may not make one."""
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_keeps_the_old_site(editions: tuple[Path, dict[str, dict[str, bytes]]], tmp_path: Path) -> None:
    story, made = editions
    size = sum(len(data) for data in made["Lent"].values()) // 1024
    with small_disk(tmp_path / "disk", size * 5 // 3 + 400) as disk:
        out = disk / "site"
        with_title(story, "Borrowed")
        build(story, out)
        filler = disk / "filler"
        with_title(story, "Lent")
        for left in (4, 40, 120, 200, 300):
            free = shutil.disk_usage(disk).free // 1024
            filler.write_bytes(b"x" * 1024 * max(0, free - left))
            problems = refusal(story, out)
            if problems:
                assert [problem.code for problem in problems] == ["output-failed"]
                assert "space" in problems[0].message
                assert published(out) == made["Borrowed"]
            else:
                assert published(out) == made["Lent"]
                with_title(story, "Borrowed")
                filler.unlink()
                build(story, out)
                with_title(story, "Lent")
            filler.unlink(missing_ok=True)
        build(story, out)
        assert published(out) == made["Lent"]


def test_a_full_disk_below_the_cache_costs_only_time(
    editions: tuple[Path, dict[str, dict[str, bytes]]], tmp_path: Path
) -> None:
    original, made = editions
    with small_disk(tmp_path / "disk", 3000) as disk:
        story = disk / "story"
        shutil.copytree(original, story, ignore=shutil.ignore_patterns("site", ".broadsheet", "elsewhere"))
        free = shutil.disk_usage(disk).free // 1024
        (disk / "filler").write_bytes(b"x" * 1024 * (free - 24))
        with_title(story, "Lent") if free > 100 else None
        for _ in range(2):
            build(story, tmp_path / "site")
            assert published(tmp_path / "site") == made["Lent"]
        (disk / "filler").unlink()
        build(story, tmp_path / "site", base_url="https://example.org/other/")
        report = build(story, tmp_path / "site", base_url="https://example.org/other/")
        assert report.written == 0


@pytest.mark.parametrize("nth", [1, 2, 5, 20, 60])
def test_no_space_at_any_write(
    editions: tuple[Path, dict[str, dict[str, bytes]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """The same where nobody may mount anything: the n-th file that is written into the output folder fails."""
    story, made = editions
    out = tmp_path / "site"
    with_title(story, "Borrowed")
    build(story, out)
    with_title(story, "Lent")
    count, whole = 0, Path.write_bytes

    def refused(self: Path, data: bytes) -> int:
        nonlocal count
        if self.is_relative_to(out):
            count += 1
            if count == nth:
                whole(self, data[: len(data) // 2])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", refused)
        problems = refusal(story, out)
    assert bool(problems) == (count >= nth)
    if problems:
        assert [problem.code for problem in problems] == ["output-failed"]
        assert published(out) == made["Borrowed"]
    build(story, out)
    assert published(out) == made["Lent"]
