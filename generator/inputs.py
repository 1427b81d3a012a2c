"""What a site is made from, told by content: the story's files, the generator, the libraries. Never by a time.

Two builds whose inputs have the same digest make the same bytes, so that the second has nothing to do.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

from msgspec import Struct

FOLDERS = ("content", "data", "templates")
NOT_READ = ("data/loaders",)
"""Folders that no build looks into."""
GUIDE = "README.md"
"""A guide for those who work on the folder; never part of a site."""
_PIECE = 1024 * 1024
"""Bytes of a file that are read at once."""
_SHORT = 1024
"""Bytes that are sooner copied than told of by themselves."""


def digest(*parts: str | bytes) -> str:
    """SHA-256, in hex, of parts that stay apart: ``("ab", "c")`` and ``("a", "bc")`` differ."""
    made = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        size = b"%d:" % len(data)
        if len(data) < _SHORT:
            made.update(size + data)
        else:
            made.update(size)
            made.update(data)
    return made.hexdigest()


class Inputs(Struct, frozen=True, dict=True):
    """The digests of all that a site is made from: path below the story's folder → SHA-256 in hex.

    ``base_url`` is the address given to the command, None when the settings say it.
    """

    files: Mapping[str, str]
    base_url: str | None
    generator: str

    @cached_property
    def whole(self) -> str:
        """Of everything: the same as in an earlier build, and there is nothing to do."""
        return self._of(self.files, self.address)

    @cached_property
    def surroundings(self) -> str:
        """Of everything but the documents and the address: settings, data, claims, templates, code, generator."""
        return self._of(path for path in self.files if not is_document(path))

    @cached_property
    def data(self) -> str:
        """Of what the figures come from: the tables, their measures, the settings, and the story's code."""
        return self._of(path for path in self.files if not is_document(path) and not path.startswith("templates/"))

    @cached_property
    def words(self) -> str:
        """Of what decides whether a document compiles: settings, claims, kinds of figure, templates."""
        return self._of(path for path in self.files if not is_document(path) and not path.startswith("data/"))

    @property
    def address(self) -> str:
        """The address given to the command, as a part of a key."""
        return "" if self.base_url is None else f"={self.base_url}"

    def _of(self, paths: Iterable[str], *more: str) -> str:
        listed = [part for path in sorted(paths) for part in (path, self.files[path])]
        return digest(self.generator, *more, *listed)


def is_document(path: str) -> bool:
    """Whether a file of the story is a Markdown document, whose words belong to its own pages."""
    return path.startswith("content/") and path.endswith(".md") and not path.endswith(f"/{GUIDE}")


def read_inputs(root: Path, *, base_url: str | None = None) -> Inputs:
    """The inputs of a story as they are on disk now."""
    found = {path: _of_file(file) for name in FOLDERS for path, file in _files(root / name, name)}
    return Inputs(found, base_url, generator())


def _files(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """Path below the story → file, in order. Links to folders are not followed; nothing else does either."""
    if name in NOT_READ:
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{name}/{entry.name}"
        if entry.name.startswith(".") or entry.name in ("__pycache__", GUIDE):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path), path)
        else:
            yield path, entry.path


def _of_file(path: str) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        return f"unreadable: {error.errno}"


def file_digest(path: str | Path) -> str:
    """SHA-256 of a file, in hex, a piece at a time: it may be larger than memory. Raises OSError."""
    made = hashlib.sha256()
    with open(path, "rb") as file:  # noqa: PTH123 - thousands of them
        while piece := file.read(_PIECE):
            made.update(piece)
    return made.hexdigest()


@cache
def generator() -> str:
    """The digest of the generator's own files, of Python and of every library that is installed.

    A story's code may import any of them.
    """
    return digest(*(part for parts in installed().values() for part in parts))


def installed() -> Mapping[str, tuple[str, ...]]:
    """All that :func:`generator` is the digest of, by what it is."""
    here = Path(__file__).parent
    theme = here.parent / "templates"
    own = [*_files(here, "generator"), *(_files(theme, "theme") if theme.is_dir() else ())]
    return {
        "Python": (sys.version,),
        "system": (sys.platform,),
        "libraries": tuple(sorted(_libraries())),
        "files": tuple(part for path, file in own for part in (path, _of_file(file))),
    }


def _libraries() -> set[str]:
    """Name and version of what is installed, as the folders of their descriptions say."""
    found: set[str] = set()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208
        except OSError:
            continue
        found.update(name for name in names if name.endswith((".dist-info", ".egg-info")))
    return found
