"""What a build costs: from nothing, with nothing changed, after one sentence, after one lost file.

    python tests/benchmarks/builds.py [STORY] [--runs 5]

Works on a copy of STORY (this repository's own by default), each run in a process of its own; prints the median of
the processor's seconds and of the seconds on the clock.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def measured(story: Path, *arguments: str) -> tuple[float, float]:
    """Seconds of the processor and of the clock of one command, waited for to its end.

    Compiled modules may be kept, as they are for everybody who has not asked for another thing.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", *arguments],
        cwd=story,
        env={**kept, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"broadsheet {' '.join(arguments)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - started


def sentence(path: Path) -> Callable[[int], None]:
    """One more sentence at the end of a document."""

    def write(number: int) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\nA further sentence{' indeed' * number}.\n")

    return write


def told(name: str, runs: list[tuple[float, float]]) -> None:
    used = statistics.median(used for used, _ in runs)
    clock = statistics.median(clock for _, clock in runs)
    print(f"{name:44} {used:7.2f} s of processor {clock:7.2f} s  ({len(runs)} runs)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("story", nargs="?", type=Path, default=ROOT)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        story = Path(folder) / "story"
        for name in ("content", "data", "templates"):
            if (given.story / name).is_dir():
                shutil.copytree(given.story / name, story / name)
        told("broadsheet --help", [measured(story, "--help") for _ in range(given.runs)])
        told("build, from nothing", [measured(story, "build", ".")])
        told("build, nothing changed", [measured(story, "build", ".") for _ in range(given.runs)])
        documents = sorted((story / "content").glob("*.md"), key=lambda path: path.stat().st_size)
        documents = [path for path in documents if path.name not in ("README.md", "404.md")]
        for path in (documents[len(documents) // 2], documents[-1]):
            name = f"build, a sentence in {path.name} ({path.stat().st_size:,} bytes)"
            told(name, [each(sentence(path), number, story) for number in range(given.runs)])
        told("build, one page deleted", [each(lost(story), number, story) for number in range(given.runs)])
        told("check", [measured(story, "check", ".") for _ in range(given.runs)])
        told("check --no-cache", [measured(story, "check", ".", "--no-cache") for _ in range(given.runs)])


def each(change: Callable[[int], None], number: int, story: Path) -> tuple[float, float]:
    change(number)
    return measured(story, "build", ".")


def lost(story: Path) -> Callable[[int], None]:
    pages = sorted((story / "site").rglob("index.html"))
    return lambda number: pages[number * 7 % len(pages)].unlink()


if __name__ == "__main__":
    main()
