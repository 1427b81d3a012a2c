"""The output folder: which of its files are ours, in what state they are, and who may change them."""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct

from generator.problems import Location, Problem, SourceError
from generator.write.paths import STATE, is_sound

KEPT = frozenset({".DS_Store", ".git", ".gitignore", ".gitkeep", ".nojekyll", "CNAME"})
"""Names that may lie at the top of an output folder before the first build; they are never touched."""

VERSION = 1


class Words(Struct, frozen=True):
    """What a folder that is replaced as a whole is called to those who use it."""

    last: str = "the last good site"
    again: str = "build again"
    another: str = "another build"
    otherwise: str = "name another folder"
    mixture: str = "files of two builds"

    @property
    def unfinished(self) -> str:
        return f"it holds {self.mixture} until the next command puts it right"


class _Manifest(Struct, frozen=True):
    """``files``: path → SHA-256 of the bytes, in hex."""

    version: int
    files: dict[str, str]


class Site:
    """The output folder: where it is, and which of its files are ours."""

    def __init__(self, out: Path, words: Words | None = None) -> None:
        self.words = words or Words()
        self.name = out.name or out.resolve().name or str(out)
        self.root = out.resolve()
        self._dangling = out.is_symlink() and not out.exists()
        self.state = self.root / STATE
        self.staged = self.state / "staged"
        self.saved = self.state / "saved"
        self.journal = self.state / "journal.json"
        self.undo = self.state / "undo.json"
        self.draft = self.state / "journal.part"

    def problem(self, code: str, message: str, hint: str = "") -> SourceError:
        """A problem of the folder as a whole."""
        return SourceError(Problem(code, message, Location(self.name), hint))

    def manifest(self) -> Mapping[str, str]:
        """The files builds made here, by path: the SHA-256 of the bytes as they were written, in hex.

        Empty when no build finished here. Raises SourceError when the list is damaged: a path in it that
        leads elsewhere must never be removed.
        """
        try:
            found = msgspec.json.decode((self.state / "manifest.json").read_bytes(), type=_Manifest)
            if found.version != VERSION or not is_sound(found.files):
                raise ValueError
        except FileNotFoundError:
            return {}
        except ValueError:
            raise self.damaged() from None
        return found.files

    def damaged(self) -> SourceError:
        """What to raise when nobody can say which files are ours."""
        message = f"'{STATE}/manifest.json', the list of the files Broadsheet made here, can't be read"
        hint = f"Move what is not part of the site out of '{self.name}', delete it and build again."
        return self.problem("output-manifest", message, hint)

    def files(self) -> tuple[str, ...]:
        """The paths of the site as last committed, sorted: what there is to publish."""
        return tuple(sorted(self.manifest()))

    def require_folder(self) -> None:
        """Raise SourceError unless the folder is one, or can become one."""
        if self._dangling:
            message = f"'{self.name}' is a link to a folder that does not exist"
            raise self.problem("output-not-folder", message, "Make that folder, or remove the link.")
        if self.root.exists() and not self.root.is_dir():
            hint = "Name a folder for the site, or move the file away."
            raise self.problem("output-not-folder", f"'{self.name}' is a file, not a folder", hint)
        if self.state.is_symlink() or (self.state.exists() and not self.state.is_dir()):
            hint = "Remove it; Broadsheet makes a folder of that name."
            raise self.problem("output-foreign", f"'{STATE}' in '{self.name}' is not a folder", hint)

    def require_ours(self) -> None:
        """Raise SourceError when there are files of somebody else's and no build ever finished here."""
        if (self.state / "manifest.json").exists():
            return
        foreign = list(self._foreign(most=4))
        if foreign:
            shown = ", ".join(repr(path) for path in foreign[:3]) + (", …" if len(foreign) > 3 else "")
            message = f"'{self.name}' holds files that no build of Broadsheet made: {shown}"
            hint = "Name an empty folder for the site, or move these files away; nothing was changed."
            raise self.problem("output-foreign", message, hint)

    def _foreign(self, most: int) -> Iterator[str]:
        for folder, folders, files in os.walk(self.root):
            top = Path(folder) == self.root
            folders[:] = sorted(n for n in folders if not (top and (n in KEPT or n == STATE)))
            links = [name for name in folders if Path(folder, name).is_symlink()]
            for name in sorted([*files, *links]):
                if not (top and name in KEPT):
                    yield Path(folder, name).relative_to(self.root).as_posix()
                    most -= 1
                    if not most:
                        return


@contextmanager
def told(site: Site, doing: str, outcome: str = "") -> Iterator[None]:
    """What the operating system refuses, in plain words: what was being done, why not, and what is left."""
    words = site.words
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            hint = f"Free some space and {words.again}."
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = f"Allow writing there, close programs that use the file, or {words.otherwise}."
        else:
            hint = f"Put that right and {words.again}."
        reason = error.strerror or str(error)
        outcome = outcome or f"{words.last} was kept"
        message = f"{doing} failed: {reason[:1].lower()}{reason[1:]}; {outcome}"
        raise site.problem("output-failed", message, hint) from error


Signature = bytes
"""The state of a file, by which it is seen that nobody has touched it: device, inode, size, modification time."""

_SIGNATURE = struct.Struct("<QQQq")
_WHOLE = (1 << 64) - 1  # on some systems an inode has more bits


def signature_of(status: os.stat_result) -> Signature:
    return _SIGNATURE.pack(status.st_dev & _WHOLE, status.st_ino & _WHOLE, status.st_size, status.st_mtime_ns)


SIZE_IN = slice(16, 24)
"""Where the size of a file is in its signature, as ``<Q``."""


def sizes_in(signatures: bytes) -> Iterator[int]:
    """The size in bytes of each file in these states, which are one after the other."""
    return chain.from_iterable(struct.iter_unpack("<16xQ8x", signatures))


GONE: Signature = bytes(_SIGNATURE.size)
"""Of a file that is not there."""


class Left(Struct, frozen=True, array_like=True):
    """The files of a site as a build left them, maybe hundreds of thousands: hence in as few things as possible.

    Raises ValueError where there are not as many signatures as paths.
    """

    paths: str
    """A line each."""
    signatures: bytes
    """Of each, one after the other."""

    def __post_init__(self) -> None:
        lines = self.paths.count("\n") + 1 if self.paths else 0
        if len(self.signatures) != lines * _SIGNATURE.size:
            raise ValueError("not the files of a site")

    @classmethod
    def of(cls, files: Iterable[tuple[str, Signature]]) -> Self:
        signatures = bytearray()

        def path_of(file: tuple[str, Signature]) -> str:
            signatures.extend(file[1])
            return file[0]

        return cls("\n".join(map(path_of, files)), bytes(signatures))

    def lists(self, paths: Collection[str]) -> bool:
        """Whether the files are those of these paths, in this order."""
        return len(self) == len(paths) and self.paths == "\n".join(paths)

    def __len__(self) -> int:
        return len(self.signatures) // _SIGNATURE.size

    def __iter__(self) -> Iterator[tuple[str, Signature]]:
        each = struct.iter_unpack(f"{_SIGNATURE.size}s", self.signatures)
        return zip(self.paths.split("\n") if self.paths else (), chain.from_iterable(each), strict=True)


def untouched(out: Path, files: Iterable[tuple[str, Signature]]) -> bool:
    """Whether a folder holds these files as they were left, and no commit is to be finished."""
    root = out.resolve()
    state = root / STATE
    if any((state / name).exists() for name in ("journal.json", "undo.json", "journal.part")):
        return False
    if not (state / "manifest.json").is_file():
        return False
    try:
        return next(altered(str(root), files), None) is None
    except OSError:
        return False


def altered(base: str, files: Iterable[tuple[str, Signature]]) -> Iterator[str]:
    """The paths below ``base`` of the files that are not in the state in which they were left. Raises OSError."""
    for path, signature in files:
        status = lstat(f"{base}/{path}")
        if status is None or signature_of(status) != signature or not stat.S_ISREG(status.st_mode):
            yield path


def lstat(path: Path | str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
