"""What a build costs: from nothing, with nothing changed, after one sentence, after one lost file.

    python -m tests.benchmarks.builds [STORY] [--runs 5]

Works on a copy of STORY (this repository's own by default), each run in a process of its own; prints the median of
the processor's seconds and of the seconds on the clock.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import costs

ROOT = Path(__file__).resolve().parents[2]


def measured(story: Path, *arguments: str) -> tuple[float, float]:
    """Seconds of the processor and of the clock of one command."""
    cost = costs.measured([sys.executable, "-m", "generator", *arguments], cwd=story)
    return cost.used, cost.seconds


READING = "from pathlib import Path; from generator.build import prepare; prepare(Path('.'), drawing=False)"
"""What a check does before it looks at a page."""


def reading(story: Path) -> tuple[float, float]:
    """What that costs."""
    cost = costs.measured([sys.executable, "-c", READING], cwd=story)
    return cost.used, cost.seconds


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
        told("reading alone, nothing remembered", [reading(story) for _ in range(given.runs)])
        told("check --no-cache", [measured(story, "check", ".", "--no-cache") for _ in range(given.runs)])


def each(change: Callable[[int], None], number: int, story: Path) -> tuple[float, float]:
    change(number)
    return measured(story, "build", ".")


def lost(story: Path) -> Callable[[int], None]:
    pages = sorted((story / "site").rglob("index.html"))
    return lambda number: pages[number * 7 % len(pages)].unlink()


if __name__ == "__main__":
    main()
