"""Releases: what the site said and showed on a day, frozen in ``content/releases``.

A release is a folder there, named as it is called, with two files. ``release.json`` says when it was made, which
addresses the site had, and lists what is frozen; ``files.zip`` holds the frozen files, each under its SHA-256 and
only those that no earlier release holds. Every build writes them anew, the same bytes, below ``releases/NAME/``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from msgspec import Struct

from generator.problems import Location, Problem, Problems, SourceError
from generator.source import read_text

RELEASES = "content/releases"
LIST = "release.json"
ARCHIVE = "files.zip"
ADDRESS = "releases"
"""The folder of the site that they are in."""
VERSION = 1

_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_DIGEST = re.compile(r"[0-9a-f]{64}")

File = tuple[str, int]
"""SHA-256 in hex and size in bytes."""


class Release(Struct, frozen=True):
    """One release. Addresses and paths are below the site's root, as they were; files now lie below ``folder``."""

    name: str
    number: int
    """Its place in the order of releases, from 1."""
    date: dt.date
    generator: str
    """The version that made it."""
    base_url: str
    """Where the site was, or ''."""
    archive: File
    """Of its own ``files.zip``; a size of 0 when nothing was new."""
    earlier: tuple[str, ...]
    """The releases whose archives hold files of this one, too."""
    pages: tuple[str, ...]
    """The addresses of every page of the site, frozen or not."""
    records: Mapping[str, str]
    """Page → the release since which its record is the same; frozen are these pages."""
    files: Mapping[str, File]

    @property
    def folder(self) -> str:
        return f"{ADDRESS}/{self.name}/"

    def as_json(self) -> bytes:
        """One line a page and one a file, so that two releases can be compared."""
        about = {
            "version": VERSION,
            "number": self.number,
            "date": self.date.isoformat(),
            "generator": self.generator,
            "base_url": self.base_url,
            "archive": self.archive,
            "earlier": self.earlier,
        }
        lines = [f" {_line(key)}: {_line(value)}," for key, value in about.items()]
        listed = [f' "pages": {_block("[]", [_line(page) for page in self.pages])}']
        listed += [
            f' "records": {_block("{}", _entries(self.records))}',
            f' "files": {_block("{}", _entries(self.files))}',
        ]
        return "\n".join(["{", *lines, ",\n".join(listed), "}", ""]).encode()


def _line(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":"))


def _entries(given: Mapping[str, Any]) -> list[str]:
    return [f"{_line(key)}: {_line(value)}" for key, value in given.items()]


def _block(brackets: str, lines: Sequence[str]) -> str:
    inner = ",\n".join(f"  {line}" for line in lines)
    return f"{brackets[0]}\n{inner}\n {brackets[1]}" if lines else brackets


def is_name(text: str) -> bool:
    """Whether a release can be called so: letters, digits, and hyphens between them."""
    return bool(_NAME.fullmatch(text)) and len(text) <= 60


class Releases(Struct, frozen=True):
    """The releases of a story, the newest first. What is wrong with others is in ``problems``."""

    entries: tuple[Release, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __iter__(self) -> Iterator[Release]:
        return iter(self.entries)

    def having(self, path: str) -> Release | None:
        """The newest in which a file of the site is frozen."""
        return next((release for release in self.entries if path in release.files), None)

    def at(self, path: str) -> tuple[Release, str] | None:
        """The release that a path of the site lies in, and the path that the frozen file had."""
        for release in self.entries:
            inner = path.removeprefix(release.folder)
            if inner != path and inner in release.files:
                return release, inner
        return None

    def recording(self, page: str) -> Iterator[Release]:
        """Those in which a page has a record, the newest first."""
        return (release for release in self.entries if page in release.records)

    @property
    def files(self) -> Iterator[tuple[Release, str, File]]:
        """Every frozen file: its release, path as it was, checksum and size."""
        for release in self.entries:
            for path, file in release.files.items():
                yield release, path, file


def read_releases(root: Path) -> Releases:
    """The releases of a story; none of those that are not as they were made is among them."""
    problems = Problems()
    found: dict[str, Release] = {}
    for name in _names(root):
        release = problems.attempt(partial(_read, root, name))
        if release is not None:
            found[name] = release
    for release in found.values():
        for name in release.earlier:
            if name not in found and not (root / RELEASES / name).is_dir():
                problems.extend(
                    [
                        _damaged(
                            f"{release.name}/{LIST}", f"files of it are in the release {name!r}, which is not there"
                        )
                    ]
                )
    if problems:
        return Releases(problems=tuple(problems))
    return Releases(
        tuple(sorted(found.values(), key=lambda each: (each.number, each.date, each.name), reverse=True))
    )


def _names(root: Path) -> list[str]:
    try:
        entries = sorted(os.scandir(root / RELEASES), key=lambda entry: entry.name)
    except OSError:
        return []
    return [
        entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
    ]


def _damaged(path: str, message: str) -> Problem:
    hint = "Bring it back as it was committed; a release is made once, and never changed."
    return Problem("release-damaged", message, Location(f"{RELEASES}/{path}"), hint)


def _read(root: Path, name: str) -> Release:
    """Raises SourceError for what is none."""
    text = read_text(root, f"{RELEASES}/{name}/{LIST}")
    try:
        release = _release(name, json.loads(text))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise SourceError(_damaged(f"{name}/{LIST}", "this is not the list that a release wrote")) from None
    checksum, size = release.archive
    if size and _of_archive(root / RELEASES / name / ARCHIVE) != (checksum, size):
        raise SourceError(
            _damaged(f"{name}/{ARCHIVE}", "the frozen files are missing, or not those that were frozen")
        )
    return release


def _release(name: str, given: Any) -> Release:
    """Raises ValueError, LookupError, TypeError or AttributeError for what is none."""
    files = {path: _file(file) for path, file in given["files"].items()}
    pages, records, earlier = given["pages"], given["records"], given["earlier"]
    texts = [given["generator"], given["base_url"], *pages, *records.values(), *earlier]
    if given["version"] != VERSION or not is_name(name) or not all(isinstance(text, str) for text in texts):
        raise ValueError
    return Release(
        name, int(given["number"]), dt.date.fromisoformat(given["date"]), given["generator"], given["base_url"],
        _file(given["archive"]), tuple(earlier), tuple(pages), records, files,
    )  # fmt: skip


def _file(given: Any) -> File:
    checksum, size = given
    if not _DIGEST.fullmatch(checksum) or not isinstance(size, int) or size < 0:
        raise ValueError
    return checksum, size


def _of_archive(path: Path) -> File | None:
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


class Archives:
    """The bytes of frozen files, each read when it is asked for. Use it in a ``with`` statement."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, zipfile.ZipFile] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for archive in self._open.values():
            archive.close()
        self._open = {}

    def read(self, release: Release, path: str) -> bytes:
        """Raises SourceError when it is not there, or not as it was."""
        checksum, size = release.files[path]
        for name in (release.name, *release.earlier):
            data = self._member(name, checksum, size)
            if data is not None and hashlib.sha256(data).hexdigest() == checksum:
                return data
        raise SourceError(_damaged(f"{release.name}/{LIST}", f"no archive holds {path!r} as it was frozen"))

    def _member(self, name: str, checksum: str, size: int) -> bytes | None:
        try:
            if name not in self._open:
                self._open[name] = zipfile.ZipFile(self._root / RELEASES / name / ARCHIVE)
            archive = self._open[name]
            if archive.getinfo(checksum).file_size != size:  # so that no small archive fills the memory
                return None
            with archive.open(checksum) as member:
                return member.read(size + 1)
        except (
            KeyError,
            OSError,
            ValueError,
            EOFError,
            NotImplementedError,
            RuntimeError,
            zipfile.BadZipFile,
            zlib.error,
        ):
            return None
