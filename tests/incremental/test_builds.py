"""A build does again only what its inputs ask for, and its bytes are those of a build that does everything."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from test_cases import BASE

from generator.build import build, check
from generator.problems import SourceError
from generator.run import Run
from generator.store import FILE, FOLDER

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("altair", "jinja2", "markdown", "numpy", "pandas", "vl_convert", "yaml")
DATA = ("altair", "pandas", "numpy", "vl_convert")


def published(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and ".broadsheet" not in path.parts
    }


def clean(story: Path, **given: str) -> Mapping[str, bytes]:
    """What a build that knows nothing of other builds makes."""
    out = story.parent / "clean"
    shutil.rmtree(out, ignore_errors=True)
    build(story, out, cache=False, **given)  # type: ignore[arg-type]
    return published(out)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small story, built once, with its cache."""
    folder = tmp_path_factory.mktemp("prepared") / "story"
    shutil.copytree(BASE, folder, ignore=shutil.ignore_patterns("site", ".broadsheet"))
    build(folder, folder / "site")
    return folder


@pytest.fixture
def story(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "story"))


def imported(story: Path, *arguments: str) -> list[str]:
    """The heavy libraries that a build in a process of its own has imported at its end."""
    script = (
        "import sys, json\nfrom generator.cli import main\n"
        "main(['build', *sys.argv[1:]], standalone_mode=False)\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(story), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_nothing_to_do_imports_nothing(story: Path) -> None:
    imported(story)  # the first one after the folder moved
    assert imported(story) == []


def test_nothing_to_do_is_told_with_the_warnings_of_the_last_build(story: Path) -> None:
    with (story / "content/method.md").open("a", encoding="utf-8") as file:
        file.write("\nSeventeen towns took part.\n")
    first = build(story, story / "site")
    second = build(story, story / "site")
    assert [problem.code for problem in first.warnings] == ["typed-number"]
    assert second.warnings == first.warnings
    assert (second.pages, second.figures, second.values) == (first.pages, first.figures, first.values)
    assert (second.written, second.unchanged, second.removed) == (0, len(published(story / "site")), 0)


def test_a_changed_sentence_needs_no_data_library(story: Path) -> None:
    edit(story / "content/index.md", "\n\n", "\n\nA sentence that was not here before.\n\n")
    assert not set(imported(story)) & set(DATA)
    assert b"not here before" in (story / "site/index.html").read_bytes()
    assert published(story / "site") == clean(story)


def test_a_changed_sentence_rewrites_one_page(story: Path) -> None:
    build(story, story / "site")
    with (story / "content/method.md").open("a", encoding="utf-8") as file:
        file.write("\nA sentence that was not here before.\n")
    report = build(story, story / "site")
    assert (report.written, report.removed) == (1, 0)


@pytest.mark.parametrize(
    "name", ["index.html", "towns/birchmere/index.html", "data/loans.csv", "towns/birchmere/values.json"]
)
def test_a_deleted_file_is_restored(story: Path, name: str) -> None:
    build(story, story / "site")
    before = published(story / "site")
    assert name in before
    (story / "site" / name).unlink()
    report = build(story, story / "site")
    assert report.written == 1
    assert published(story / "site") == before


def test_tables_that_are_in_place_are_not_made_again(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(story, story / "site")
    with monkeypatch.context() as patch:
        patch.setattr("generator.outputs.downloads.read_text", lambda *_: pytest.fail("a table was read again"))
        edit(story / "content/index.md", "\n\n", "\n\nA sentence that was not here before.\n\n")
        build(story, story / "site")
    assert published(story / "site") == clean(story)
    edit(story / "data/towns.csv", "Birchmere", "Birchmoor")
    (story / "site/data/loans.csv").write_text("somebody else's")
    build(story, story / "site")
    assert published(story / "site") == clean(story)


def test_a_deleted_file_is_restored_without_the_cache_of_bytes(story: Path) -> None:
    build(story, story / "site")
    before = published(story / "site")
    (story / FOLDER / FILE).unlink()
    (story / "site/towns/birchmere/index.html").unlink()
    assert build(story, story / "site").written == 1
    assert published(story / "site") == before


def test_a_file_that_somebody_changed_is_put_right(story: Path) -> None:
    build(story, story / "site")
    page = story / "site/index.html"
    data = page.read_bytes()
    page.write_bytes(data[:-1] + b"X")
    assert build(story, story / "site").written == 1
    assert page.read_bytes() == data


def test_touching_files_changes_nothing(story: Path) -> None:
    build(story, story / "site")
    for path in [*story.rglob("*.md"), *story.rglob("*.csv"), *(story / "site").rglob("*.html")]:
        os.utime(path, (10**9, 10**9))
    report = build(story, story / "site")
    assert report.written == 0


def test_another_address_is_another_site(story: Path) -> None:
    build(story, story / "site")
    build(story, story / "site", base_url="https://example.org/elsewhere/")
    assert published(story / "site") == clean(story, base_url="https://example.org/elsewhere/")
    build(story, story / "site")
    assert published(story / "site") == clean(story)


def test_two_folders_from_one_cache(story: Path) -> None:
    build(story, story / "one")
    report = build(story, story / "two")
    assert report.written == len(published(story / "two"))
    assert published(story / "one") == published(story / "two")


def test_no_cache_keeps_nothing_and_uses_nothing(tmp_path: Path) -> None:
    story = Path(shutil.copytree(BASE, tmp_path / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))
    build(story, story / "site", cache=False)
    assert not (story / FOLDER).exists()
    (story / FOLDER).mkdir()
    (story / FOLDER / FILE).write_bytes(b"not ours to touch")
    build(story, story / "site", cache=False)
    assert (story / FOLDER / FILE).read_bytes() == b"not ours to touch"


def test_check_and_build_share_what_they_know(story: Path) -> None:
    assert check(story).problems == check(story, cache=False).problems == ()
    numbers = {check(story, cache=cache).numbers for cache in (True, False)}
    assert len(numbers) == 1
    assert check(story, rendered=True).problems == ()
    assert build(story, story / "site").written == 0


def test_pages_checked_without_drawings_are_not_kept(tmp_path: Path) -> None:
    story = Path(shutil.copytree(BASE, tmp_path / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))
    check(story, rendered=True)
    build(story, story / "site")
    assert published(story / "site") == clean(story)


def test_problems_are_told_again_each_time(story: Path) -> None:
    before = published(story / "site")
    with (story / "content/method.md").open("a", encoding="utf-8") as file:
        file.write("\n{{ nobody }} [x](/nowhere/)\n")
    said = []
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            build(story, story / "site")
        said.append(caught.value.problems)
    with pytest.raises(SourceError) as caught:
        build(story, story / "other", cache=False)
    assert said[0] == said[1] == caught.value.problems
    assert published(story / "site") == before


def test_a_dead_link_from_a_page_that_is_kept_is_found(story: Path) -> None:
    """The page that links is not rendered again when the page that it leads to loses a heading."""
    with (story / "content/index.md").open("a", encoding="utf-8") as file:
        file.write("\n[There](/method/#a-part)\n")
    with (story / "content/method.md").open("a", encoding="utf-8") as file:
        file.write("\n## A part {#a-part}\n\nText.\n")
    build(story, story / "site")
    edit(story / "content/method.md", "## A part {#a-part}", "## Another part")
    said = []
    for cache in (True, False):
        with pytest.raises(SourceError) as caught:
            build(story, story / "site", cache=cache)
        said.append(caught.value.problems)
    assert [problem.code for problem in said[0]] == ["link-fragment"]
    assert said[0] == said[1]


def test_nothing_is_kept_when_the_story_changes_while_it_is_built(story: Path) -> None:
    with Run(story) as run:
        run.unchanged(story / "site")
        with (story / "content/method.md").open("a", encoding="utf-8") as file:
            file.write("\nWritten meanwhile.\n")
        build(story, story / "site", run=run)
    assert b"Written meanwhile." in (story / "site/method/index.html").read_bytes()
    edit(story / "content/method.md", "\nWritten meanwhile.\n", "")
    build(story, story / "site")
    assert published(story / "site") == clean(story)


def test_two_builds_at_once_into_two_folders(story: Path) -> None:
    edit(story / "content/site.yml", "title: Borrowed", "title: Lent")
    command = [sys.executable, "-m", "generator", "build", str(story), "--out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen([*command, str(story / name)], env=environment, stdout=subprocess.PIPE) for name in "abc"
    ]
    assert [process.wait(120) for process in started] == [0, 0, 0]
    for process in started:
        assert process.stdout is not None
        process.stdout.close()
    expected = clean(story)
    assert all(published(story / name) == expected for name in "abc")
    build(story, story / "site")
    assert published(story / "site") == expected


def test_stale_data_is_told_on_the_day_though_nothing_changed(story: Path) -> None:
    descriptor = story / "data/datapackage.json"
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    next(r for r in package["resources"] if r["name"] == "loans")["accrualPeriodicity"] = "monthly"
    descriptor.write_text(json.dumps(package), encoding="utf-8")

    def told(today: dt.date | None) -> list[str]:
        return [problem.code for problem in build(story, story / "site", today=today).warnings]

    assert told(None) == []
    assert told(dt.date(2100, 1, 1)) == ["stale-data"]
    assert told(dt.date(2100, 1, 1)) == ["stale-data"]
    assert told(dt.date(1990, 1, 1)) != ["stale-data"]
    assert build(story, story / "site", today=dt.date(2100, 1, 2)).written == 0
