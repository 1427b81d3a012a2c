"""The digest of what a site is made from: everything that matters is in it, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from test_cases import BASE

from generator import inputs
from generator.inputs import digest, read_inputs


@pytest.fixture
def story(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))


def test_parts_stay_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")
    assert digest("a", "") != digest("", "a") != digest("a")
    assert digest("é") == digest("é".encode())


CHANGES: dict[str, Callable[[Path], object]] = {
    "a sentence": lambda s: (s / "content/index.md").write_text((s / "content/index.md").read_text() + "More.\n"),
    "a cell": lambda s: (s / "data/loans.csv").write_text((s / "data/loans.csv").read_text().replace("1", "2", 1)),
    "a new document": lambda s: (s / "content/extra.md").write_text("---\ntitle: Extra\n---\n"),
    "a template": lambda s: (
        (s / "templates/partials").mkdir(parents=True),
        (s / "templates/partials/footer.html").write_text("."),
    ),
    "a helper of the story's code": lambda s: (s / "content/helpers.py").write_text("x = 1\n"),
    "a document gone": lambda s: (s / "content/method.md").unlink(),
    "a document moved": lambda s: (s / "content/method.md").rename(s / "content/methods.md"),
    "a name in capitals": lambda s: (s / "content/method.md").rename(s / "content/Method.md"),
    "an empty file": lambda s: (s / "data/empty.csv").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_changes_it(story: Path, change: str) -> None:
    before = read_inputs(story)
    CHANGES[change](story)
    after = read_inputs(story)
    assert after != before
    assert after.whole != before.whole
    words_only = change in (
        "a sentence",
        "a new document",
        "a document gone",
        "a document moved",
        "a name in capitals",
    )
    assert (after.surroundings == before.surroundings) is words_only
    assert (after.data == before.data) is (words_only or change == "a template")


def test_the_address_counts(story: Path) -> None:
    given = {read_inputs(story, base_url=url).whole for url in (None, "", "https://example.org/a/")}
    assert len(given) == 3


def test_what_no_build_reads_does_not_count(story: Path) -> None:
    before = read_inputs(story)
    (story / "content/README.md").write_text("For editors.")
    (story / "content/.hidden.md").write_text("x")
    (story / "data/loaders").mkdir()
    (story / "data/loaders/loans.py").write_text("x")
    (story / "content/__pycache__").mkdir()
    (story / "content/__pycache__/charts.pyc").write_bytes(b"x")
    (story / "notes.txt").write_text("x")
    (story / "site").mkdir(exist_ok=True)
    (story / "site/index.html").write_text("x")
    for path in story.rglob("*"):
        os.utime(path, (1, 1))
    assert read_inputs(story) == before


def test_links_to_folders_are_not_followed(story: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/a.md").write_text("x")
    (story / "content/there").symlink_to(tmp_path / "secret")
    (story / "content/self").symlink_to(story / "content")
    read_inputs(story)


def test_an_installed_library_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = inputs.generator()
    (tmp_path / "elsewhere-2.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    inputs.generator.cache_clear()
    try:
        assert inputs.generator() != before
    finally:
        inputs.generator.cache_clear()
