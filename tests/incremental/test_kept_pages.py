"""The records of pages, kept one by one and many together."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from test_builds import published
from test_jobs import TOWNS, story  # noqa: F401 - a fixture

from generator.build import build, check
from generator.pages import PageMaker, kept


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of the pages that are made."""
    made: list[str] = []
    page = PageMaker.page

    def heard(maker: PageMaker, route: object) -> object:
        made.append(route.url)  # type: ignore[attr-defined]
        return page(maker, route)  # type: ignore[arg-type]

    monkeypatch.setattr(PageMaker, "page", heard)
    return made


def forget(root: Path, kind: str) -> int:
    """Delete what is kept of a kind; how many there were."""
    with closing(sqlite3.connect(root / ".broadsheet/cache.sqlite3")) as connection, connection:
        return connection.execute("DELETE FROM entries WHERE kind = ?", [kind]).rowcount


def write(root: Path, words: str) -> None:
    with (root / "content/index.md").open("a", encoding="utf-8") as file:
        file.write(f"\n{words}\n")


@pytest.mark.parametrize("gone", ["page", "pages"])
def test_pages_are_found_together_or_each_by_itself(
    story: Path,  # noqa: F811
    tmp_path: Path,
    rendered: list[str],
    monkeypatch: pytest.MonkeyPatch,
    gone: str,
) -> None:
    shutil.rmtree(story / ".broadsheet", ignore_errors=True)
    monkeypatch.setattr(kept, "_TOGETHER", 25)
    build(story, tmp_path / "site")
    before = published(tmp_path / "site")
    assert forget(story, gone) == (3 if gone == "pages" else TOWNS + len(others(before)))
    rendered.clear()
    write(story, f"Nothing is said of {gone} here.")
    build(story, tmp_path / "site")
    assert rendered == [""]
    assert published(tmp_path / "site").keys() == before.keys()
    write(story, "Nor here.")
    rendered.clear()
    build(story, tmp_path / "site")
    assert rendered == [""]


def others(site: dict[str, bytes]) -> list[str]:
    """The pages that are no town's."""
    return [path for path in site if path.endswith("index.html") and not path.startswith("towns/town-")]


def test_what_a_check_has_looked_at_is_not_kept_as_pages(
    story: Path,  # noqa: F811
    tmp_path: Path,
    rendered: list[str],
) -> None:
    write(story, "A check comes first.")
    check(story, rendered=True)
    rendered.clear()
    build(story, tmp_path / "site")
    build(story, tmp_path / "again", cache=False)
    assert published(tmp_path / "site") == published(tmp_path / "again")
