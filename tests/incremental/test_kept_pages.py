"""The records of pages, kept one by one and many together."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from test_builds import published
from test_jobs import TOWNS, story  # noqa: F401 - a fixture

from generator.build import build, check
from generator.pages import PageMaker, kept
from generator.pages.records import FileList
from generator.problems import SourceError
from generator.run import Run


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


def test_a_command_that_does_not_get_to_know_the_pages_forgets_none(
    story: Path,  # noqa: F811
    tmp_path: Path,
    rendered: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How much may be kept depends on how many there are: a wrong setting must not cost all that is kept."""
    monkeypatch.setattr("generator.store.LIMIT", 1000)
    build(story, tmp_path / "site")
    with Run(story) as run:
        assert run.store
        run.store.put("look", "something", bytes(2000), sure=True)
    write(story, "A word.")
    rendered.clear()
    build(story, tmp_path / "site")
    assert rendered == [""]


def others(site: dict[str, bytes]) -> list[str]:
    """The pages that are no town's."""
    return [path for path in site if path.endswith("index.html") and not path.startswith("towns/town-")]


def refused(root: Path, out: Path, *, cache: bool = True) -> list[tuple[str, str, int]]:
    """What a build says is wrong: code, message, and on how many pages."""
    with pytest.raises(SourceError) as caught:
        build(root, out, cache=cache)
    return [(each.code, each.message, len(each.entities)) for each in caught.value.problems]


@pytest.mark.parametrize("change", ["a part is gone", "a page is gone", "a page leads nowhere"])
def test_links_of_kept_pages_are_still_looked_through(
    story: Path,  # noqa: F811
    tmp_path: Path,
    rendered: list[str],
    monkeypatch: pytest.MonkeyPatch,
    change: str,
) -> None:
    root = tmp_path / "story"
    shutil.copytree(story, root, ignore=shutil.ignore_patterns(".broadsheet", "site"))
    monkeypatch.setattr(kept, "_TOGETHER", 25)
    town = root / "content/towns/[town].md"
    town.write_text(town.read_text() + "\n[Told](/#told-apart), [found](/found/).\n", encoding="utf-8")
    found = root / "content/found.md"
    found.write_text("---\ntitle: Found\ndescription: What was found.\n---\nNothing.\n", encoding="utf-8")
    write(root, "## Told apart\n\nAll of it.")
    for _ in range(2):  # and one that is kept with others no more
        build(root, tmp_path / "site")
        write(root, "And more.")
    build(root, tmp_path / "site")
    before = published(tmp_path / "site")
    index, rendered[:] = root / "content/index.md", []
    if change == "a part is gone":
        index.write_text(index.read_text().replace("## Told apart", "## Told"), encoding="utf-8")
    elif change == "a page is gone":
        found.unlink()
    else:
        write(root, "[Elsewhere](/elsewhere/)")
    said = refused(root, tmp_path / "site")
    assert change == "a page is gone" or len(rendered) == 1, "the others were kept"
    assert said == refused(root, tmp_path / "other", cache=False)
    assert said[0][0] == ("link-fragment" if change == "a part is gone" else "bad-address")
    assert (said[0][2] >= TOWNS) is (change != "a page leads nowhere")
    assert published(tmp_path / "site") == before


def test_what_is_wrong_with_kept_pages_is_told_each_time(
    story: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = tmp_path / "story"
    shutil.copytree(story, root, ignore=shutil.ignore_patterns(".broadsheet", "site"))
    monkeypatch.setattr(kept, "_TOGETHER", 25)
    with (root / "content/towns/[town].md").open("a", encoding="utf-8") as file:
        file.write("\n##### Far too deep\n")
    told = []
    for words in ("Nothing.", "And more.", "Yet more."):
        write(root, words)
        told.append([(each.code, each.location, each.entities) for each in build(root, tmp_path / "site").warnings])
    assert [code for code, _, _ in told[0]].count("html-heading") > 0
    assert told[0] == told[1] == told[2]


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


def test_the_files_of_a_page_are_kept_as_few_bytes() -> None:
    digests = [hashlib.sha256(bytes([number])).hexdigest() for number in range(3)]
    for paths in (
        ["a/b/index.html", "a/b/map.svg", "a/b.html"],
        ["404.html", "404.png", "404/deep.csv"],
        ["é/x", "/y", "z"],
    ):
        files = list(zip(paths, digests, [0, 5, 2**40], strict=True))
        listed = FileList.of(files)
        assert list(listed) == files
        assert listed.paths == paths
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(listed), type=FileList) == listed


@pytest.mark.parametrize(
    "spoilt",
    [
        ["", [], b"", b""],
        ["", [""], bytes(32), bytes(8)],
        ["", ["a", "b"], bytes(32), bytes(16)],
        ["", ["a"], bytes(32), bytes(7)],
        ["", [b"a"], bytes(32), bytes(8)],
    ],
)
def test_files_that_nobody_kept_are_refused(spoilt: list[object]) -> None:
    with pytest.raises(ValueError, match=r"not the files|Expected"):
        msgspec.msgpack.decode(msgspec.msgpack.encode(spoilt), type=FileList)
