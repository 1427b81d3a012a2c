"""A draft may hold anything; the pages that are published are as if it were not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_cases import BASE

from generator.build import build


@pytest.mark.parametrize(
    "body", ["{{ broken", "{{ nobody }}", "[seventeen]{= towns | length }", "```figure nothing\n```"]
)
def test_a_mistake_in_a_draft_changes_no_page(tmp_path: Path, body: str) -> None:
    story = Path(shutil.copytree(BASE, tmp_path / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))
    build(story, tmp_path / "without", cache=False)
    (story / "content/extra.md").write_text(f"---\ntitle: Extra\ndraft: true\n---\n{body}\n", encoding="utf-8")
    build(story, tmp_path / "with", cache=False)
    pages = [path.relative_to(tmp_path / "without") for path in (tmp_path / "without").rglob("*.html")]
    assert any(b"<svg" in (tmp_path / "with" / page).read_bytes() for page in pages)
    for page in pages:
        assert (tmp_path / "with" / page).read_bytes() == (tmp_path / "without" / page).read_bytes()
