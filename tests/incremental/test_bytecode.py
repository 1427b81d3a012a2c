"""What was compiled in an earlier run is not compiled again; nobody else can have put it there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from jinja2 import Environment
from test_builds import BASE, clean, published

from generator.build import build
from generator.bytecode import of_the_user
from generator.charts import compiled as charts
from generator.charts import live
from generator.store import FILE, FOLDER, Store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for caches that nothing has been kept in."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches/broadsheet"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(BASE, tmp_path / "story", ignore=shutil.ignore_patterns("site", FOLDER, "__pycache__"))
    )


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What Jinja compiles."""
    found: list[object] = []
    anew = Environment.compile

    def heard(environment: Environment, source: object, *rest: object, **more: object) -> object:
        found.append(source)
        return anew(environment, source, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Environment, "compile", heard)
    return found


@pytest.mark.usefixtures("home")
def test_nothing_is_compiled_twice(story: Path, compiled: list[object]) -> None:
    build(story, story / "site")
    assert len(compiled) > 20
    compiled.clear()
    shutil.rmtree(story / FOLDER)  # what is known of the pages
    build(story, story / "site")
    assert compiled == []
    assert published(story / "site") == clean(story)


@pytest.mark.usefixtures("home")
def test_no_kind_of_chart_is_asked_twice_for_a_shape(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def listen(module: ModuleType, name: str) -> None:
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given: (asked.append(given), real(*given))[1])

    listen(charts, "_specification_of")
    listen(live, "_compiled")
    build(story, story / "site")
    assert len(asked) > 3
    asked.clear()
    shutil.rmtree(story / FOLDER)  # the drawings
    build(story, story / "site")
    assert asked == []
    assert published(story / "site") == clean(story)


@pytest.mark.usefixtures("home")
def test_lines_that_are_moved_are_not_compiled_again(story: Path, compiled: list[object]) -> None:
    build(story, story / "site")
    compiled.clear()
    page = story / "content/index.md"
    head, mark, body = page.read_text().partition("\n---\n")
    page.write_text(f"{head}{mark}\nWords above all others.\n\n## And a heading\n{body}")
    build(story, story / "site")
    assert len(compiled) <= 1
    assert published(story / "site") == clean(story)


def test_without_a_cache_nothing_is_kept_or_used(story: Path, home: Path, compiled: list[object]) -> None:
    build(story, story / "site", cache=False)
    assert not home.exists()
    build(story, story / "site")
    compiled.clear()
    build(story, story / "site", cache=False)
    assert len(compiled) > 20


def test_what_a_story_brings_is_not_run(story: Path, home: Path) -> None:
    build(story, story / "site")
    before = published(story / "site")
    with Store(home.parent, name=home.name) as theirs, Store(story) as ours:
        for kind, key in every(home / FILE):
            assert kind == "code"
            assert ours.get("code", key) is None
            ours.put("code", key, theirs.get("code", key) or b"", sure=True)
    shutil.rmtree(home)
    page = story / "content/index.md"
    page.write_text(f"{page.read_text()}\nOne more sentence.\n")
    build(story, story / "site")
    assert set(published(story / "site")) == set(before)
    assert {kind for kind, _ in every(home / FILE)} == {"code"}


def every(file: Path) -> list[tuple[str, str]]:
    import sqlite3

    connection = sqlite3.connect(file)
    try:
        return connection.execute("SELECT kind, key FROM entries").fetchall()
    finally:
        connection.close()


def test_what_is_spoilt_is_made_anew(home: Path) -> None:
    with Store(home.parent, name=home.name) as store:
        store.put("code", "x", b"", sure=True)
    code = of_the_user()
    assert code.kept(("a",), lambda: "made") == "made"
    code.close()
    assert of_the_user().kept(("a",), lambda: "anew") == "made"
    with Store(home.parent, name=home.name) as store:
        for kind, key in every(home / FILE):
            store.put(kind, key, b"\xff not marshalled", sure=True)
    assert of_the_user().kept(("a",), lambda: "anew") == "anew"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="who may write a folder is told by its mode on Unix alone")
def test_a_folder_that_others_may_write_is_not_used(home: Path) -> None:
    code = of_the_user()
    code.kept(("a",), lambda: "made")
    code.close()
    assert home.stat().st_mode & 0o777 == 0o700
    home.chmod(0o777)
    assert of_the_user().kept(("a",), lambda: "anew") == "anew"
    home.chmod(0o700)
    assert of_the_user().kept(("a",), lambda: "anew") == "made"
    home.rename(home.with_name("elsewhere"))
    home.symlink_to(home.with_name("elsewhere"))
    assert of_the_user().kept(("a",), lambda: "anew") == "anew"


def test_no_folder_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    code = of_the_user()
    assert code.kept(("a",), lambda: "made") == "made"
    code.close()
