"""A Parquet resource: the file, or the files of a folder, and what their bytes are. Nothing is read into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from generator.datasets.descriptor import Resource
from generator.inputs import digest, file_digest
from generator.problems import Location, Problem, SourceError
from generator.source import inside


class Parquet(Struct, frozen=True, dict=True):
    """One Parquet resource, found. ``files`` are below ``root``, in the order of their paths.

    ``known`` has the SHA-256 of the story's files, as far as somebody has worked them out.
    """

    resource: Resource
    root: Path
    path: str
    partitioned: bool
    files: tuple[str, ...]
    place: Location
    """Where the descriptor names it."""
    known: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.resource.name

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the file; of a folder, of the paths and checksums of its files. Raises SourceError."""
        sums = [self.known.get(file) or self._sum(file) for file in self.files]
        if not self.partitioned:
            return sums[0]
        return digest(*(part for file, made in zip(self.files, sums, strict=True) for part in (file, made)))

    def _sum(self, file: str) -> str:
        try:
            return file_digest(self.root / file)
        except OSError as error:
            message = f"{file!r} cannot be read: {error.strerror}"
            raise SourceError(Problem("file-unreadable", message, self.place)) from None

    @cached_property
    def size(self) -> int:
        """Bytes of all files."""
        return sum((self.root / file).stat().st_size for file in self.files)

    @property
    def real_files(self) -> list[str]:
        """As the engine is to be given them."""
        return [str((self.root / file).resolve()) for file in self.files]


def find_parquet(root: Path, folder: str, resource: Resource, place: Location, known: Mapping[str, str]) -> Parquet:
    """Raises SourceError when there is no such file or folder, or when a link is on the way to it or in it."""
    path = f"{folder}/{resource.path}"
    target = inside(root, path, place)
    steps = [root / step for step in (Path(path), *Path(path).parents)]
    links = [step for step in steps if step != root and step.is_symlink()]
    if target.is_dir() and not links:
        found = list(_below(target))
        links = [file for file in found if file.is_symlink()]
    else:
        found = [target] if target.is_file() else []
    if links:
        message = f"{links[0].relative_to(root).as_posix()!r} is a link, which is not followed to Parquet"
        raise SourceError(Problem("path-outside", message, place, "Put the file itself into the folder 'data'."))
    if not found:
        said = "no file whose name ends in .parquet is in" if target.is_dir() else "there is no file"
        raise SourceError(Problem("file-missing", f"{said} {path!r}", place))
    files = tuple(sorted(file.relative_to(root).as_posix() for file in found))
    return Parquet(resource, root, path, target.is_dir(), files, place, known)


def _below(folder: Path) -> Iterator[Path]:
    """The Parquet files of a folder and of its folders, and every link, hidden ones left out."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_symlink() or (entry.is_file() and entry.suffix == ".parquet"):
            yield entry
        elif entry.is_dir():
            yield from _below(entry)
