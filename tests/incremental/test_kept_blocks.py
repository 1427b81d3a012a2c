"""Figures and tables stay as they are while the sentences around them are written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_builds import ROOT, clean, edit, published
from test_kept_pages import forget

from generator.build import build
from generator.documents import BlockProgram
from generator.figures.render import BlockMaker
from generator.store import Store

ADDRESS = "https://example.org/current/"
"""With an address there are cards, which show a chart, and frames for other sites."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "story"
    shutil.copytree(ROOT / "generator/scaffold/story", folder, ignore=shutil.ignore_patterns("__pycache__"))
    build(folder, folder / "site", base_url=ADDRESS)
    return folder


@pytest.fixture
def story(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "story"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the blocks that are made."""
    kinds: list[str] = []
    anew = BlockMaker._anew

    def heard(maker: BlockMaker, block: BlockProgram, *rest: object) -> object:
        kinds.append(block.kind)
        return anew(maker, block, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(BlockMaker, "_anew", heard)
    return kinds


def after(story: Path, made: list[str]) -> list[str]:
    """The kinds of the blocks that an incremental build makes, of the front page if of no other."""
    build(story, story / "site", base_url=ADDRESS)
    return sorted(made)


def write(story: Path) -> None:
    with (story / "content/index.md").open("a", encoding="utf-8") as file:
        file.write("\nThat is all.\n")


def test_a_sentence_makes_no_figure_anew(story: Path, made: list[str]) -> None:
    write(story)
    assert after(story, made) == []
    assert published(story / "site") == clean(story, base_url=ADDRESS)


def test_a_figure_is_made_anew_when_its_words_change(story: Path, made: list[str]) -> None:
    edit(story / "content/index.md", "note: Some of what", "note: Much of what")
    assert after(story, made) == ["in_and_out"]


def test_all_are_made_anew_when_data_changes(story: Path, made: list[str]) -> None:
    edit(story / "data/population.csv", "AT,2016-01-01,8700471", "AT,2016-01-01,8700472")
    assert {"slope", "tiles", "in_and_out", "bars", "dots"} <= set(after(story, made))


def test_lost_files_are_made_anew(story: Path, made: list[str]) -> None:
    assert forget(story, "file")
    write(story)
    assert after(story, made) == ["in_and_out", "slope", "tiles"]
    assert published(story / "site") == clean(story, base_url=ADDRESS)


def test_lost_blocks_are_made_anew(story: Path, made: list[str]) -> None:
    assert forget(story, "block")
    write(story)
    assert after(story, made) == ["in_and_out", "slope", "tiles"]


def test_what_is_not_ours_is_made_anew(story: Path, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    get = Store.get
    monkeypatch.setattr(Store, "get", lambda store, kind, key: b"[1]" if kind == "block" else get(store, kind, key))
    write(story)
    assert after(story, made) == ["in_and_out", "slope", "tiles"]
