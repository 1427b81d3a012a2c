"""What earlier runs worked out, in one file: bytes by kind and digest.

A store can only ever save time. Whatever is wrong with its file (cut short, of another program, of an older
version, locked, on a full disk, in a folder that may not be written) is a miss, and never an error. It may be
deleted at any moment. Several processes and threads may use one at once; what one of them cannot write is not kept.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = ".broadsheet"
FILE = "cache.sqlite3"
VERSION = 2
LIMIT = 512 * 1024 * 1024
"""Bytes of all values together; what was not used for longest goes first."""
PER_PAGE = 50_000
"""Bytes for each page of a story of so many that the limit would not hold them: one with two charts has 26,000."""

NOT_OURS = (ValueError, LookupError, TypeError, AttributeError)
"""What comes of reading what was not put there by us."""

_TAG = "Signature: 8a477f597d28d172789f06886806bc55"  # by which backups know a cache: bford.info/cachedir
_MARK = b"bs1"
_BUFFER = 32 * 1024 * 1024  # bytes that wait for being written together
_PATIENCE = 3.0  # seconds to wait for another process that writes
_SAMPLE = 8 * 1024  # bytes that tell whether a large value can be made smaller
_AT_ONCE = 500  # keys in one question
_LATELY = 20  # writes: what was said to be in use since then need not be said to be in use again


class Store:
    """The store of a story, or of another folder. Open it with ``with``; what was put in is written at the end.

    ``still`` is asked before anything is written: values whose keys are digests of files are kept only when these
    have not changed meanwhile. One that is not ``writing`` is only read: it makes, changes and removes no file.
    """

    def __init__(
        self,
        root: Path,
        *,
        name: str = FOLDER,
        still: Callable[[], bool] = lambda: True,
        limit: float = LIMIT,
        writing: bool = True,
    ) -> None:
        """``limit`` is that of the bytes of all values together; infinite until it is known."""
        self._folder = root / name
        self._still = still
        self._limit = limit
        self._writing = writing
        self._connection: sqlite3.Connection | None = None
        self._off = self._folder.is_symlink() or (self._folder / FILE).is_symlink()
        self._waiting: dict[tuple[str, str], bytes] = {}
        self._sure: set[tuple[str, str]] = set()
        self._waiting_size = 0
        self._used: dict[tuple[str, str], int] = {}
        self._lock = threading.RLock()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def make_room(self, pages: int) -> None:
        """For a story of so many pages."""
        self._limit = max(LIMIT, pages * PER_PAGE)

    # --- reading ----------------------------------------------------------------------------------------

    def get(self, kind: str, key: str) -> bytes | None:
        return self.get_all(kind, [key]).get(key)

    def get_all(self, kind: str, keys: Iterable[str]) -> dict[str, bytes]:
        """Those of the keys that are there, each with its bytes."""
        wanted = list(keys)
        with self._lock:
            return self._get_all(kind, wanted)

    def _get_all(self, kind: str, wanted: list[str]) -> dict[str, bytes]:
        found = {key: self._waiting[kind, key] for key in wanted if (kind, key) in self._waiting}
        found = {key: opened for key, packed in found.items() if (opened := _opened(kind, key, packed)) is not None}
        left = [key for key in wanted if key not in found]
        for start in range(0, len(left), _AT_ONCE):
            for key, packed, age in self._select(kind, left[start : start + _AT_ONCE]):
                opened = _opened(kind, key, packed)
                if opened is not None:
                    found[key] = opened
                    self._used[kind, key] = age if isinstance(age, int) else 0
        return found

    def _select(self, kind: str, keys: list[str]) -> list[tuple[str, object, object]]:
        """Key, value and when it was last said to be in use."""
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value, used FROM entries WHERE kind = ? AND key IN ({marks})"  # noqa: S608
        with self._forgiving():
            connection = self._open(make=False)
            return connection.execute(query, [kind, *keys]).fetchall() if connection else []
        return []

    # --- writing ----------------------------------------------------------------------------------------

    def put(self, kind: str, key: str, value: bytes, *, sure: bool = False) -> None:
        """``sure``: the key is a digest of what the value was made from itself, and not of files."""
        if self._off or not self._writing:
            return
        packed = _packed(kind, key, value)
        with self._lock:
            self._waiting[kind, key] = packed
            if sure:
                self._sure.add((kind, key))
            self._waiting_size += len(packed)
            if self._waiting_size > _BUFFER:
                self._write()

    def close(self) -> None:
        """Write what waits, and let go of the file. It is opened again when something is asked for."""
        with self._lock:
            self._write()
            self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def forget(self) -> None:
        """Nothing that waits is written."""
        self._waiting, self._sure, self._waiting_size = {}, set(), 0

    def _write(self) -> None:
        waiting, sure = self._waiting, self._sure
        self.forget()
        if waiting.keys() - sure and not self._still():
            waiting = {key: value for key, value in waiting.items() if key in sure}
        if not waiting or self._off:
            return
        with self._forgiving():
            connection = self._open(make=True)
            if connection is None:
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                # one look over all of them, for both
                query = "SELECT coalesce(max(used), 0) + 1, coalesce(sum(size), 0) FROM entries"
                age, size = connection.execute(query).fetchone()
                rows = [(kind, key, len(value), age, value) for (kind, key), value in waiting.items()]
                connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)", rows)
                full = size + sum(map(len, waiting.values())) > self._limit
                used = [(age, *key) for key, said in sorted(self._used.items()) if full or said < age - _LATELY]
                connection.executemany("UPDATE entries SET used = ? WHERE kind = ? AND key = ?", used)
                if full:
                    self._shrink(connection)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            self._used.clear()

    def _shrink(self, connection: sqlite3.Connection) -> None:
        """Let go of what was not used for longest, until the rest is within the limit."""
        size = connection.execute("SELECT coalesce(sum(size), 0) FROM entries").fetchone()[0]
        if size <= self._limit:
            return
        gone = []
        # by the index alone: there may be a million
        for row, freed in connection.execute("SELECT rowid, size FROM entries ORDER BY used, size DESC"):
            if size <= self._limit * 0.9:
                break
            gone.append((row,))
            size -= freed
        connection.executemany("DELETE FROM entries WHERE rowid = ?", gone)

    # --- the file ---------------------------------------------------------------------------------------

    def _open(self, *, make: bool) -> sqlite3.Connection | None:
        """The open file; None when there is none and none is to be made."""
        path = self._folder / FILE
        if self._off or (self._connection is None and not make and not path.exists()):
            return None
        if self._connection is None:
            if make:
                self._make_folder()
            self._connection = _connected(path) if self._writing else _ours(path, writing=False)
        return self._connection

    def _make_folder(self) -> None:
        self._folder.mkdir(exist_ok=True)
        for name, text in ((".gitignore", "*"), ("CACHEDIR.TAG", _TAG)):
            if not (self._folder / name).exists():
                (self._folder / name).write_text(f"{text}\n", encoding="utf-8")

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Whatever fails here, the run goes on without the store."""
        try:
            yield
        except (sqlite3.Error, OSError, OverflowError, _ForeignError) as error:
            self._off = True
            self.forget()
            self._let_go()
            if self._writing and _is_spoilt(error):
                _remove(self._folder / FILE)


def _connected(path: Path) -> sqlite3.Connection:
    """The file, made anew when it is none of ours. Raises sqlite3.Error or OSError."""
    try:
        return _ours(path)
    except (sqlite3.DatabaseError, _ForeignError) as error:
        if not _is_spoilt(error):
            raise
        _remove(path)
        return _ours(path)


class _ForeignError(Exception):
    """A database of another version, or of somebody else."""


def _is_spoilt(error: Exception) -> bool:
    """Whether it is the file's own fault: not that of a lock, or of a full disk."""
    ours = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
    return ours or isinstance(error, _ForeignError)


def _remove(path: Path) -> None:
    for name in (path, path.with_name(f"{FILE}-journal")):
        with suppress(OSError):
            name.unlink(missing_ok=True)


def _ours(path: Path, *, writing: bool = True) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={'rwc' if writing else 'ro'}"
    connection = sqlite3.connect(
        address, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if writing and version == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            _set_up(connection)
        elif version != VERSION:
            raise _ForeignError
        connection.execute("SELECT kind, key, size, used, value FROM entries LIMIT 1").fetchall()
        connection.execute("PRAGMA synchronous = OFF")  # a file that a power cut spoils is only a miss
    except sqlite3.OperationalError as error:
        connection.close()
        if "no such" in str(error):
            raise _ForeignError from None
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = FULL")
    connection.execute("BEGIN IMMEDIATE")
    # what stands behind a value is read through the whole of it, so the value is last
    connection.execute(
        "CREATE TABLE IF NOT EXISTS entries (kind TEXT, key TEXT, size INTEGER, used INTEGER, value BLOB,"
        " PRIMARY KEY (kind, key))"
    )
    connection.execute("CREATE INDEX IF NOT EXISTS sizes ON entries (used, size)")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _sum(kind: str, key: str, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16, key=hashlib.sha256(f"{kind} {key}".encode()).digest()).digest()


def _packed(kind: str, key: str, value: bytes) -> bytes:
    middle = len(value) // 2
    sample = value[middle : middle + _SAMPLE] if len(value) > 8 * _SAMPLE else b""
    worth = not sample or len(zlib.compress(sample, 1)) < 0.9 * len(sample)  # what is compressed already is not
    data = zlib.compress(value, 1 if worth else 0)
    return _MARK + _sum(kind, key, data) + data


def _opened(kind: str, key: str, packed: object) -> bytes | None:
    """None for what is not as it was put in."""
    if not isinstance(packed, bytes) or not packed.startswith(_MARK):
        return None
    start = len(_MARK) + 16
    data = packed[start:]
    if packed[len(_MARK) : start] != _sum(kind, key, data):
        return None
    try:
        return zlib.decompress(data)
    except zlib.error:
        return None
