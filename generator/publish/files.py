"""What is published: the files that the build made, each read again and held against its digest, and a CNAME."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from generator.config import SETTINGS
from generator.moved import MOST_NAMED
from generator.problems import Location, Problem, Problems, SourceError
from generator.write import Site

NOT_FOUND = "404.html"
LONGEST_PATH = 1024
"""In bytes, the longest path that macOS opens (``PATH_MAX`` of its ``sys/syslimits.h``); git itself takes 4,096."""
HEAVY = 50 * 1024 * 1024
"""In bytes: of larger files GitHub warns when they are pushed, and it takes none of more than 100 MiB:
https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github
The build itself refuses what is too large for a host (:mod:`generator.outputs.weight`)."""


class Files(Struct, frozen=True):
    """The files of a site: those of the build in ``out``, by path with their digest, and ``more`` as they are."""

    out: Path
    built: Mapping[str, str]
    more: Mapping[str, bytes]

    def paths(self) -> list[str]:
        return sorted({*self.built, *self.more})

    def each(self) -> Iterator[tuple[str, bytes]]:
        """Every path with its bytes. Raises SourceError when a file is no longer what the build made."""
        for path in self.paths():
            yield path, self.more[path] if path in self.more else self._read(path)

    def _read(self, path: str) -> bytes:
        try:
            data = (self.out / path).read_bytes()
        except OSError:
            data = None
        if data is None or hashlib.sha256(data).hexdigest() != self.built[path]:
            message = "this file is no longer what the build made"
            raise SourceError(Problem("output-changed", message, Location(path), "Build again."))
        return data


def files_of(out: Path, domain: str) -> Files:
    """What the last build left in ``out``, and a ``CNAME`` where the site has a domain. Raises SourceError."""
    built = {path: digest for path, digest in Site(out).manifest().items() if not path.startswith(".broadsheet/")}
    more = {"CNAME": f"{domain}\n".encode()} if domain else {}
    problems = Problems()
    if NOT_FOUND not in built:
        message = "the site has no page for addresses that do not exist"
        problems.add("no-not-found-page", message, Location("content/404.md"), hint="Write content/404.md.")
    problems.extend(_unfit(built))
    problems.raise_if_any()
    return Files(out, built, more)


def _unfit(built: Mapping[str, str]) -> Iterator[Problem]:
    for path in sorted(built):
        if (length := len(path.encode())) > LONGEST_PATH:
            message = f"the path has {length:,} bytes, and not every system opens more than {LONGEST_PATH:,}"
            yield Problem("path-too-long", message, Location(f"{path[:60]}…"), "Give its page a shorter address.")


def heavy(sizes: Mapping[str, int]) -> Iterator[Problem]:
    """Files of which GitHub warns, though it takes them."""
    for path, size in sorted(sizes.items()):
        if size > HEAVY:
            message = f"the file has {size / 1_000_000:.0f} MB; GitHub advises against files of more than 50 MiB"
            yield Problem("heavy-file", message, Location(path), "Publish less of it.", severity="warning")


def gone(removed: Iterable[str]) -> Iterator[Problem]:
    """A warning of pages that readers could open, and that have neither a redirect nor a notice in their place."""
    pages = sorted(path.removesuffix("index.html") for path in removed if path.endswith("/index.html"))
    if pages:
        named = ", ".join(map(repr, pages[:MOST_NAMED])) + (", …" if len(pages) > MOST_NAMED else "")
        what = "a published page is" if len(pages) == 1 else f"{len(pages):,} published pages are"
        hint = (
            f"Say in 'redirects' where that is now, '{pages[0]}: NEW ADDRESS', or '{pages[0]}: {{gone: …}}' with "
            "words for the reader; then publish again."
        )
        yield Problem("page-gone", f"{what} gone: {named}", Location(SETTINGS), hint, severity="warning")


def write_folder(files: Files, folder: Path) -> dict[str, int]:
    """Writes the site into a folder that does not exist yet or is empty, whole or not at all; gives path → bytes.

    Raises SourceError.
    """
    place = Location(str(folder))
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        hint = "Name a folder that does not exist yet, or empty it."
        raise SourceError(Problem("folder-exists", "there is something already", place, hint))
    if not folder.absolute().parent.is_dir():
        message = f"there is no folder {str(folder.parent)!r} to put it into"
        raise SourceError(Problem("no-folder", message, place, "Make that folder first."))
    staging = folder.absolute().parent / f".broadsheet-publish-{secrets.token_hex(4)}"
    sizes = {}
    try:
        for path, data in files.each():
            target = staging / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            sizes[path] = len(data)
        if folder.exists():
            folder.rmdir()
        staging.rename(folder)
    except BaseException as error:
        shutil.rmtree(staging, ignore_errors=True)
        if isinstance(error, OSError):
            message = f"it cannot be written: {error.strerror}"
            raise SourceError(Problem("cannot-write", message, place, "Free space, or name another.")) from None
        raise
    return sizes
