"""A store only ever saves time: whatever is wrong with its file is a miss."""

from __future__ import annotations

import math
import os
import random
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from generator.store import FILE, FOLDER, Store

ROOT = Path(__file__).resolve().parents[2]
VALUE = bytes(range(256)) * 40


def kept(root: Path, *keys: str) -> list[bytes | None]:
    with Store(root) as store:
        return [store.get("page", key) for key in keys]


def keep(root: Path, *keys: str, limit: int = 10**9) -> None:
    with Store(root, limit=limit) as store:
        for key in keys:
            store.put("page", key, VALUE)


def test_what_was_put_in_comes_out(tmp_path: Path) -> None:
    keep(tmp_path, "a", "b")
    assert kept(tmp_path, "a", "b", "c") == [VALUE, VALUE, None]
    with Store(tmp_path) as store:
        assert store.get("other", "a") is None
        store.put("page", "a", b"new")
        assert store.get("page", "a") == b"new"
        assert store.get_all("page", [*"abc", *map(str, range(2000))]) == {"a": b"new", "b": VALUE}


@pytest.mark.parametrize("like", ["text", "noise"])
def test_a_large_value_is_made_smaller_where_that_is_worth_it(
    tmp_path: Path, like: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = b"words and words " * 20_000 if like == "text" else os.urandom(320_000)
    whole, compress = [], zlib.compress

    def heard(data: bytes, level: int) -> bytes:
        if data == value:
            whole.append(level)
        return compress(data, level)

    monkeypatch.setattr(zlib, "compress", heard)
    with Store(tmp_path) as store:
        store.put("page", "large", value)
    assert whole == [1 if like == "text" else 0]
    assert kept(tmp_path, "large") == [value]


def test_asking_makes_no_file(tmp_path: Path) -> None:
    assert kept(tmp_path, "a") == [None]
    assert list(tmp_path.iterdir()) == []


def test_the_folder_says_what_it_is(tmp_path: Path) -> None:
    keep(tmp_path, "a")
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"
    assert (
        (tmp_path / FOLDER / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )


@pytest.mark.parametrize("length", [0, 1, 17, 100, 4096, 5000, 9000])
def test_a_file_cut_short_is_a_miss_and_made_anew(tmp_path: Path, length: int) -> None:
    keep(tmp_path, *map(str, range(20)))
    file = tmp_path / FOLDER / FILE
    file.write_bytes(file.read_bytes()[:length])
    assert set(kept(tmp_path, *map(str, range(20)))) <= {None, VALUE}
    keep(tmp_path, "a")
    keep(tmp_path, "a")  # the first may only have found out that the file is spoilt
    assert kept(tmp_path, "a") == [VALUE]


def test_damage_anywhere_never_gives_other_bytes(tmp_path: Path) -> None:
    keep(tmp_path, *map(str, range(8)))
    file = tmp_path / FOLDER / FILE
    whole = file.read_bytes()
    for offset in range(0, len(whole), 211):
        file.write_bytes(whole[:offset] + bytes([whole[offset] ^ 0xFF]) + whole[offset + 1 :])
        assert set(kept(tmp_path, *map(str, range(8)))) <= {None, VALUE}
        if not file.exists():
            file.write_bytes(whole)


@pytest.mark.parametrize("data", [b"not a database", b"SQLite format 3\x00" + b"\x00" * 200, b"\x00" * 5000])
def test_a_foreign_file_is_a_miss_and_made_anew(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / FILE).write_bytes(data)
    assert kept(tmp_path, "a") == [None]
    keep(tmp_path, "a")
    keep(tmp_path, "a")
    assert kept(tmp_path, "a") == [VALUE]


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE other (name TEXT)",
        "CREATE TABLE entries (kind TEXT)",
        "CREATE TABLE entries (kind TEXT, key TEXT, value, size INTEGER, used INTEGER); PRAGMA user_version = 99",
    ],
)
def test_a_database_of_another_version_is_made_anew(tmp_path: Path, script: str) -> None:
    (tmp_path / FOLDER).mkdir()
    connection = sqlite3.connect(tmp_path / FOLDER / FILE)
    connection.executescript(script)
    connection.close()
    assert kept(tmp_path, "a") == [None]
    keep(tmp_path, "a")
    assert kept(tmp_path, "a") == [VALUE]


@pytest.mark.parametrize("value", [None, 7, "text", b"", b"bs1", b"bs1" + b"x" * 40])
def test_values_that_we_did_not_put_there_are_misses(tmp_path: Path, value: object) -> None:
    keep(tmp_path, "a")
    connection = sqlite3.connect(tmp_path / FOLDER / FILE)
    connection.execute("UPDATE entries SET value = ?", [value])
    connection.commit()
    connection.close()
    assert kept(tmp_path, "a") == [None]


def test_the_value_of_another_key_is_a_miss(tmp_path: Path) -> None:
    keep(tmp_path, "a")
    connection = sqlite3.connect(tmp_path / FOLDER / FILE)
    connection.execute("UPDATE entries SET key = 'b'")
    connection.commit()
    connection.close()
    assert kept(tmp_path, "a", "b") == [None, None]


def test_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / FOLDER).symlink_to(elsewhere)
    (tmp_path / "two" / FOLDER).mkdir(parents=True)
    (tmp_path / "two" / FOLDER / FILE).symlink_to(elsewhere / "file")
    for story in ("one", "two"):
        keep(tmp_path / story, "a")
        assert kept(tmp_path / story, "a") == [None]
    assert list(elsewhere.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder would be")
    keep(tmp_path, "a")
    assert kept(tmp_path, "a") == [None]


def test_what_is_used_stays_when_the_store_is_full(tmp_path: Path) -> None:
    values = {str(number): random.Random(number).randbytes(1000) for number in range(30)}
    for name, value in values.items():
        with Store(tmp_path, limit=10_000) as store:
            store.get("page", "0")
            store.put("page", name, value)
    with Store(tmp_path) as store:
        left = store.get_all("page", values)
    assert "0" in left
    assert "29" in left
    assert "1" not in left
    assert sum(map(len, left.values())) <= 10_000
    size = (tmp_path / FOLDER / FILE).stat().st_size
    assert size < 60_000, "the file shrinks with what it holds"


def test_of_what_was_used_last_at_once_the_largest_goes(tmp_path: Path) -> None:
    with Store(tmp_path, limit=9_000) as store:
        for number, size in enumerate([100, 5000, 200, 4000]):
            store.put("page", str(number), random.Random(number).randbytes(size))
    with Store(tmp_path) as store:
        assert sorted(store.get_all("page", "0123")) == ["0", "2", "3"]


@pytest.mark.parametrize(("pages", "left"), [(1, 1), (3, 3), (None, 3)], ids=["few", "many", "not known yet"])
def test_a_story_of_many_pages_has_room_for_them(
    pages: int | None, left: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.store.LIMIT", 60_000)
    with Store(tmp_path, limit=math.inf) as store:
        if pages is not None:
            store.make_room(pages)
        for key in "abc":
            store.put("page", key, random.Random(key).randbytes(45_000))
    with Store(tmp_path) as store:
        assert len(store.get_all("page", "abc")) == left


def test_nothing_is_kept_of_a_story_that_changed_meanwhile(tmp_path: Path) -> None:
    with Store(tmp_path, still=lambda: False) as store:
        store.put("page", "a", VALUE)
    assert kept(tmp_path, "a") == [None]


def test_somebody_who_holds_the_file_is_waited_for_and_then_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.store._PATIENCE", 0.05)
    keep(tmp_path, "a")
    connection = sqlite3.connect(tmp_path / FOLDER / FILE, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    keep(tmp_path, "b")
    assert kept(tmp_path, "a") == [None]
    connection.execute("COMMIT")
    connection.close()
    assert kept(tmp_path, "a", "b") == [VALUE, None]


def test_many_processes_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from generator.store import Store\n"
        "for n in range(20):\n"
        "    with Store(Path(sys.argv[1])) as store:\n"
        "        assert store.get('page', 'shared') in (None, b'same' * 500)\n"
        "        store.put('page', 'shared', b'same' * 500)\n"
        "        store.put('page', f'{sys.argv[2]}-{n}', sys.argv[2].encode() * 900)\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), str(number)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for number in range(4)
    ]
    assert [process.wait(60) for process in started] == [0] * 4
    with Store(tmp_path) as store:
        assert store.get("page", "shared") == b"same" * 500
        for number in range(4):
            for n in range(20):
                assert store.get("page", f"{number}-{n}") in (None, str(number).encode() * 900)


@pytest.mark.parametrize(
    "data", [None, b"", b"not a database", b"SQLite format 3\x00" + b"\x00" * 200, b"\x00" * 5000]
)
def test_one_that_is_only_read_changes_no_file(tmp_path: Path, data: bytes | None) -> None:
    keep(tmp_path, "a")
    file = tmp_path / FOLDER / FILE
    if data is not None:
        file.write_bytes(data)
    before = {path: path.read_bytes() for path in (tmp_path / FOLDER).iterdir()}
    with Store(tmp_path, writing=False) as store:
        assert store.get("page", "a") == (VALUE if data is None else None)
        store.put("page", "b", VALUE)
        assert store.get("page", "b") is None
    assert {path: path.read_bytes() for path in (tmp_path / FOLDER).iterdir()} == before


def test_one_that_is_only_read_makes_no_folder(tmp_path: Path) -> None:
    with Store(tmp_path, writing=False) as store:
        store.put("page", "a", VALUE)
    assert list(tmp_path.iterdir()) == []
