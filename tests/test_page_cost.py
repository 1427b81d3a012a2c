"""What a page costs does not grow with the number of pages, counted instead of timed; and what a row takes of memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.build import prepare
from generator.model import Collection, Entity
from tests.benchmarks import synthetic

ROOT = Path(__file__).resolve().parents[1]


def test_no_page_goes_through_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What concerns all of them is worked out for the first one that needs it, and known to the rest."""
    walks = 0

    def counted(collection: Collection) -> Iterator[Entity]:
        nonlocal walks
        walks += 1
        return iter(collection.entities)

    sorts = 0

    def counted_sort(things: object, **how: object) -> list[object]:
        nonlocal sorts
        found: list[object] = sorted(things, **how)  # type: ignore[call-overload]
        sorts += len(found) >= 20
        return found

    maker = prepare(synthetic.write(tmp_path / "story", 20), drawing=False)
    pages = [route for route in maker.routes.values() if route.entity is not None]
    assert len(pages) == 20
    for route in pages[:2]:
        maker.page(route)
    monkeypatch.setattr(Collection, "__iter__", counted)
    for name in ("pages.around", "prose.views.base"):
        monkeypatch.setattr(f"generator.{name}.sorted", counted_sort, raising=False)
    for route in pages[2:]:
        maker.page(route)
    assert (walks, sorts) == (0, 0)


PEAK = """
import resource, sys
from pathlib import Path
from generator.build import prepare
import pandas
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
maker = prepare(Path(sys.argv[1]), drawing=False)
figures = sum(len(cells) for cube in maker.story.cubes.values() for grid in cube.grids.values()
              for times in grid.values() for cells in times.values())
print(figures, peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory in other units")
def test_a_row_takes_little_memory(tmp_path: Path) -> None:
    """A third of what a row took as objects, table and figures together."""
    story = synthetic.write(tmp_path / "story", 6000)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(story)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    figures, megabytes = map(float, done.stdout.split())
    assert figures == 2 * 6000 * 24
    assert megabytes < 110
