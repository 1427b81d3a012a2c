"""How much a site weighs: said at the end of a build, and where it is too much, what weighs most."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_cases import BASE

from generator.cli import main
from generator.config import SIZE_LIMIT, bytes_of
from generator.outputs.weight import MOST, heaviest, in_words, overweight

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
    assert problem.message == "the site has 1.7 kB, more than the 1.7 kB of its 'size_limit'"
    assert problem.hint.startswith("Most of it: pages 900 bytes, ")
    assert "The largest file: towns/ash/index.html, 500 bytes." in problem.hint
    [usual] = overweight({"index.html": 80_000_000, **{f"{n}/index.html": 90_000_000 for n in range(10)}})
    assert usual.message == "the site has 980 MB, more than the 900 MB that leave room on GitHub Pages"
    assert usual.hint.endswith("write 'size_limit: 5 GB' in content/site.yml.")


@pytest.mark.parametrize(
    ("text", "limit"), [("900 MB", 900_000_000), ("1.5GB", 1_500_000_000), ("20 kB", 20_000), ("0.5 MB", 500_000)]
)
def test_sizes_as_written(text: str, limit: int) -> None:
    assert bytes_of(text) == limit


@pytest.mark.parametrize("text", ["", "5", "5 TB", "five GB", "-1 MB", "5 gb"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size like '900 MB' or '5 GB'"):
        bytes_of(text)


@pytest.mark.parametrize(("limit", "code"), [("20 kB", 1), ("1 GB", 0)])
def test_a_site_may_weigh_what_its_settings_say(tmp_path: Path, limit: str, code: int) -> None:
    shutil.copytree(BASE, tmp_path / "story")
    with (tmp_path / "story/content/site.yml").open("a", encoding="utf-8") as settings:
        settings.write(f"\nsize_limit: {limit}\n")
    done = CliRunner().invoke(main, ["build", str(tmp_path / "story")], catch_exceptions=False)
    assert done.exit_code == code
    assert ("more than the 20.0 kB of its 'size_limit'" in done.output) == bool(code)


def test_the_usual_limit_is_one() -> None:
    assert bytes_of(SIZE_LIMIT) == MOST


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
    monkeypatch.setattr("generator.build.overweight", lambda sizes, most: overweight(sizes, most=most // 900_000))
    (tmp_path / "story/content/method.md").write_text(
        "---\ntitle: Method\ndescription: How.\n---\n", encoding="utf-8"
    )
    refused = CliRunner().invoke(main, words, catch_exceptions=False)
    assert refused.exit_code == 1
    assert re.search(r"error\[site-too-large\]: the site has .*\n +Most of it: ", refused.output)
    assert "How loans are counted" in (tmp_path / "story/site/method/index.html").read_text(encoding="utf-8")
