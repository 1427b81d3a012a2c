"""What a page costs does not grow with the number of pages, counted instead of timed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.build import prepare
from generator.model import Collection, Entity
from tests.benchmarks import synthetic


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
