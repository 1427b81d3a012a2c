"""The guides lead where they say: each step is done in a new story, and every picture is there and described.

``docs/pictures/steps.py`` does what the guides say, for the pictures and for these tests.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from generator.build import build, check
from generator.cli import main

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs/pictures"
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(ROOT / folder / "README.md" for folder in ("content", "data", "templates")),
    *sorted((ROOT / "docs").glob("*.md")),
]
LARGEST = {"guide": 60_000, "pages": 320_000}
"""Bytes that a picture may have, by its folder; 120,000 elsewhere."""


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PICTURES / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


steps: Any = _module("steps")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A story as ``broadsheet new`` writes it."""
    return Path(steps.begin(tmp_path))


def says(story: Path, *arguments: str) -> tuple[int, str]:
    """The exit status of a command in a story, and what it says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(story)
        done = CliRunner().invoke(main, [*arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


def is_clean(story: Path) -> None:
    checked = check(story, rendered=True)
    assert not checked.problems, "\n".join(map(str, checked.problems))


# --- editors ------------------------------------------------------------------------------------------------


def test_the_steps_of_the_editors_guide_hold(story: Path) -> None:
    steps.edit(story)
    is_clean(story)
    page = (story / steps.PAGE).read_text(encoding="utf-8")
    for part in ("{{ ", "]{= ", "]{claim=", "```figure", "```table"):
        assert part in page


def test_a_typed_number_is_told_as_the_guide_says(story: Path) -> None:
    steps.begin_page(story, steps.TYPED)
    status, said = says(story, "check", "--suggest")
    assert status == 1
    [shown] = steps.blocks(steps.EDITORS, "A number from the tables", "")
    assert shown in said


def test_words_that_do_not_hold_are_told_as_the_guide_says(story: Path) -> None:
    steps.begin_page(story, steps.FALSE_WORDS)
    status, said = says(story, "check")
    assert status == 1
    reading = steps.section(steps.EDITORS, "When something is wrong")
    for place in re.findall(r"^- `(\S+:\d+:\d+)`", reading, re.MULTILINE):
        assert f"{place}: error[claim-share]" in said
    assert "`error[claim-share]`" in reading


def test_a_draft_is_noted_only(story: Path) -> None:
    steps.begin_page(story, steps.TYPED, draft=True)
    status, said = says(story, "check", "--strict")
    assert status == 0
    assert "note[typed-number]" in said
    assert "no problems; 1 note in drafts, which are not published" in said


def test_the_frequent_messages_are_messages_of_the_generator() -> None:
    rows = re.findall(r"^\| (`.*?) \|", steps.section(steps.EDITORS, "When something is wrong"), re.MULTILINE)
    codes = {code for row in rows for code in re.findall("`([a-z-]+)`", row)}
    assert len(codes) > 6
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "generator").rglob("*.py"))
    assert [name for name in sorted(codes) if f'"{name}"' not in code] == []


def test_the_check_of_a_pull_request_has_the_name_that_the_guide_says() -> None:
    text = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    assert "pull_request:" in text
    assert re.search(
        r"^  story:\n(?:    .*\n|\n)*?      - run: make check ARGS='.*--format github'", text, re.MULTILINE
    )


# --- data ---------------------------------------------------------------------------------------------------


def test_a_changed_cell_is_told_as_the_guide_says(story: Path) -> None:
    steps.break_a_cell(story)
    status, said = says(story, "check")
    assert status == 1
    [described] = re.findall(r"!\[.*?: (data/supply\.csv.*?)\]\(", steps.section(steps.TABLES, "Change a cell"))
    place, _, message = described.partition(": ")
    file, line = place.split(", line ")
    assert said.startswith(f"{file}:{line}:")
    assert message in said


@pytest.mark.usefixtures("_git")
def test_a_corrected_cell_is_compared_as_the_guide_says(story: Path) -> None:
    steps.commit(story)
    steps.correct_a_cell(story)
    is_clean(story)
    status, said = says(story, "diff", "--against", "HEAD")
    assert status == 0
    assert "\n7 sentences on 3 pages, 4 cells in " in said
    assert "each with the old number and the new one, and four cells" in steps.section(
        steps.TABLES, "Change a cell"
    )


@pytest.mark.usefixtures("_git")
def test_a_row_that_is_added_is_told_as_the_guide_says(story: Path) -> None:
    steps.commit(story)
    steps.add_a_row(story)
    status, said = says(story, "check")
    assert status == 0, "a warning"
    [shown] = steps.blocks(steps.TABLES, "Add a row", "")
    assert shown in said
    steps.change(story / "data/datapackage.json", '"end": "2018-01-01"', '"end": "2019-01-01"')
    is_clean(story)
    _, said = says(story, "diff", "--against", "HEAD")
    [told] = re.findall("“(.+?)”", steps.section(steps.TABLES, "Add a row"), re.DOTALL)
    assert " ".join(told.split()) in said
    path = story / "data/measures.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("at: latest", "at: 2018-01-01", 1), encoding="utf-8")
    is_clean(story)
    assert "Austria: 15th" not in says(story, "diff", "--against", "HEAD")[1]


def test_a_newer_file_is_loaded_as_the_guide_says(story: Path) -> None:
    before, after = steps.blocks(steps.TABLES, "A publisher has a new file", "")
    run = ["refresh", "--story", str(story)]
    assert CliRunner().invoke(main, run).output == before
    [(old, new)] = re.findall(
        r"change `(\d+)` to `(\d+)`", steps.section(steps.TABLES, "A publisher has a new file")
    )
    steps.change(story / "data/loaders/received/tps00001.tsv", old, new)
    assert CliRunner().invoke(main, run).output == after
    is_clean(story)


def test_a_table_and_its_measure_are_added_as_the_guide_says(story: Path) -> None:
    steps.add_a_table(story)
    is_clean(story)
    steps.add_a_measure(story)
    is_clean(story)
    build(story, story / "site")
    page = (story / "site/seats/index.html").read_text(encoding="utf-8")
    assert ">13 seats<" in page
    assert ">2.2<" in page


def test_a_large_table_is_added_as_the_guide_says(story: Path) -> None:
    steps.add_a_large_table(story)
    is_clean(story)
    build(story, story / "site")
    said = steps.section(steps.TABLES, steps.LARGE)
    [(groups, rows)] = re.findall(r"the (\d+) groups of ([\d,]+) rows", said)
    published = (story / "site/data/hours_by_the_hour.csv").read_text(encoding="utf-8").splitlines()
    assert len(published) == int(groups) + 1
    assert f"hours.parquet, {rows} rows" in (story / "site/data/hours_by_the_hour.sql").read_text(encoding="utf-8")
    assert len((story / "site/data/peaks.csv").read_text(encoding="utf-8").splitlines()) == 30
    [in_a_group] = re.findall(r"`(rows \d+)`", said)
    page = (story / "site/hours/index.html").read_text(encoding="utf-8")
    assert in_a_group in page
    assert f"the result of a query over hours.parquet ({rows} rows)" in page


@pytest.fixture
def _git() -> None:
    try:
        subprocess.run(["git", "--version"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")


# --- designers ----------------------------------------------------------------------------------------------


def test_the_steps_of_the_designers_guide_are_seen(story: Path) -> None:
    steps.change_the_colour(story)
    steps.change_the_footer(story)
    steps.change_the_template(story)
    build(story, story / "site")
    page = (story / "site/countries/norway/index.html").read_text(encoding="utf-8")
    assert "is made by the energy desk of the city library" in page
    assert page.index("What it is made from") < page.index('<dl class="numbers">')
    assert 'class="rail"' not in page
    [sheet] = (story / "site/assets").glob("style-*.css")
    style = sheet.read_text(encoding="utf-8")
    wanted = "".join(steps.blocks(steps.DESIGNERS, "Change a colour", "css"))
    for name, value in re.findall(r"(--[\w-]+): (light-dark\(#\w+), ", wanted):
        assert re.search(rf"{name}: ?{re.escape(value)},", style)
    assert not re.search(r"--accent: ?(light-dark\()?#b3341e", style)


# --- pictures and links -------------------------------------------------------------------------------------


def _pictures(document: Path) -> Iterator[tuple[str, Path]]:
    """What is said of each picture of a document, and where it is."""
    text = re.sub(
        r"^(`{3,})[^\n]*\n.*?^\1$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    for words, target in re.findall(r"!\[(.*?)\]\((\S+?)\)", text):
        yield words, (document.parent / target).resolve()


NAMED = [
    pytest.param(words, path, id=f"{document.parent.name}-{path.name}")
    for document in DOCUMENTS
    for words, path in _pictures(document)
]


@pytest.mark.parametrize(("words", "path"), NAMED)
def test_a_picture_is_there_described_and_small(words: str, path: Path) -> None:
    assert path.is_file()
    in_a_table = path.parent.name == "kinds"  # whose row says the rest
    assert len(words.split()) > (0 if in_a_table else 4), "say what is seen in it"
    assert path.stat().st_size <= LARGEST.get(path.parent.name, 120_000)
    if path.suffix == ".svg":
        assert path.read_text(encoding="utf-8").startswith("<svg")
        return
    with Image.open(path) as picture:
        picture.load()


def test_every_picture_is_used() -> None:
    used = {path for document in DOCUMENTS for _, path in _pictures(document)}
    there = {path for suffix in ("png", "svg", "jpg", "gif") for path in PICTURES.rglob(f"*.{suffix}")}
    assert used
    assert sorted(path.relative_to(ROOT).as_posix() for path in there - used) == []


def _anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    text = re.sub(
        r"^(`{3,})[^\n]*\n.*?^\1$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    headings = (heading.lower() for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_headings_lead_to_one(document: Path) -> None:
    text = re.sub(
        r"^(`{3,})[^\n]*\n.*?^\1$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    text = re.sub(r"`[^`\n]*`", "", text)
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
        assert anchor in _anchors((document.parent / target) if target else document), f"{target}#{anchor}"


def test_a_step_that_a_guide_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="no heading"):
        steps.section(steps.EDITORS, "Change a number that is not there")
