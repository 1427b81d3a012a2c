"""How much a site weighs: said at the end of a build, and where it is too much, what weighs most."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_cases import BASE

from generator.cli import main
from generator.outputs.weight import heaviest, in_words, overweight

SIZES = {
    "index.html": 400, "towns/ash/index.html": 500, "towns/ash/values.json": 300, "towns/ash/growth.csv": 100,
    "towns/ash/card.png": 250, "data/towns.csv": 90, "assets/style.css": 60,
}  # fmt: skip


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 kB"), (79_691_292, "79.7 MB"), (912_000_000, "912 MB"), (1_200_000_000, "1.2 GB")],
)  # fmt: skip
def test_sizes_in_words(size: int, words: str) -> None:
    assert in_words(size) == words


def test_what_weighs_most_is_said() -> None:
    assert heaviest(SIZES) == (
        "pages 900 bytes, values.json 300 bytes, card.png 250 bytes, CSV of figures and tables 100 bytes"
    )


def test_a_site_as_large_as_allowed_is_good() -> None:
    assert list(overweight(SIZES, most=1_700, most_of_a_file=500)) == []
    assert list(overweight({})) == []


def test_a_site_that_is_too_large() -> None:
    [problem] = overweight(SIZES, most=1_699)
    assert problem.code == "site-too-large"
    assert problem.message == "the site has 1.7 kB, more than the 1.7 kB that leave room on GitHub Pages"
    assert problem.hint.startswith("Most of it: pages 900 bytes, ")
    assert problem.hint.endswith("The largest file: towns/ash/index.html, 500 bytes.")


def test_a_file_that_is_too_large() -> None:
    [problem] = overweight(SIZES, most_of_a_file=450)
    assert (problem.code, problem.location.path) == ("file-too-large", "towns/ash/index.html")
    assert problem.message == "the file has 500 bytes, and hosts take none of more than 450 bytes"


def test_a_build_says_the_size_and_writes_nothing_that_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(BASE, tmp_path / "story")
    words = ["build", str(tmp_path / "story"), "--base-url", ""]
    first = CliRunner().invoke(main, words, catch_exceptions=False)
    again = CliRunner().invoke(main, words, catch_exceptions=False)
    size = sum(
        path.stat().st_size for path in (tmp_path / "story/site").rglob("*") if path.is_file() and ".broadsheet" not in path.parts
    )  # fmt: skip
    for result in (first, again):
        assert result.output.endswith(f"; {in_words(size)} in all\n")
    monkeypatch.setattr("generator.build.overweight", lambda sizes: overweight(sizes, most=1_000))
    (tmp_path / "story/content/method.md").write_text(
        "---\ntitle: Method\ndescription: How.\n---\n", encoding="utf-8"
    )
    refused = CliRunner().invoke(main, words, catch_exceptions=False)
    assert refused.exit_code == 1
    assert re.search(r"error\[site-too-large\]: the site has .*\n +Most of it: ", refused.output)
    assert "How loans are counted" in (tmp_path / "story/site/method/index.html").read_text(encoding="utf-8")
