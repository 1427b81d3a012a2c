"""The output folder: the only code that writes the site.

A site is replaced as a whole or not at all. Rendered files wait in a private folder inside the output folder
(the same file system, so that a rename is atomic); ``commit`` then compares, refuses what it must not do,
writes down what it is going to do, and does it with renames alone::

    with Staging(out) as stage:
        stage.add("towns/aldford/index.html", b"...")
        result = stage.commit()          # leaving without it discards everything

What lies in the private folder, ``STATE`` below the output folder (hidden, and never to be published)::

    lock           held by the process that builds; the system lets go of it when that process dies
    manifest.json  {"version": 1, "files": {path: sha256}}: the files we made, and nobody else's
    staged/        the bytes of the next site, as far as they differ from what is there
    saved/         what those bytes are about to replace (hard links, so they cost no space)
    journal.json   the steps of a commit in progress, from before the first rename till after the last
    undo.json      the same steps, when a commit failed half way and is being taken back

Every step is one rename, and each can be repeated or reversed without harm. After a kill at any moment
:func:`recover` therefore ends with the new site if the journal was complete, and with the old one otherwise;
after an error (a full disk, a file that may not be replaced) the commit itself puts the old site back.
File contents are flushed to the disk before the journal is; the order of renames is left to the file system's
own journal. Nothing here depends on the clock, on the order of ``add`` calls, or on the folder's address.

What an author can cause is a :class:`SourceError`; its problems are located at the staged path, or at the
output folder's name:

=====================  =====================================================================================
code                   meaning
=====================  =====================================================================================
``output-path``        a path no site may have: empty, absolute, with ``..``, backslashes, control characters,
                       names that Windows reserves, names that are too long, or inside a private folder
``output-twice``       two things want to be the same file
``output-collision``   two paths that some systems take for one (letter case, Unicode normalisation), or a
                       path that would be both a file and a folder
``output-foreign``     a file that no build made is in the way, or fills the output folder
``output-link``        a symbolic link is in the way; what is written through it would land elsewhere
``output-not-folder``  the output folder is a file, or a link to nothing
``output-locked``      another process is building into the same folder
``output-manifest``    the list of files we made was damaged, so that nobody can say which are ours
``output-changed``     somebody changed a file while the site was being built
``output-failed``      the system refused: no space, no permission; the last good site is still there
=====================  =====================================================================================
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import stat
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from generator.problems import Location, Problem, SourceError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

STATE = ".broadsheet"
"""Our private folder inside the output folder. Whoever publishes the site leaves it out."""

KEPT = frozenset({".DS_Store", ".git", ".gitignore", ".gitkeep", ".nojekyll", "CNAME"})
"""Names that may lie at the top of an output folder before the first build; they are never touched."""

_VERSION = 1
_UNFINISHED = "it holds files of two builds until the next command puts it right"
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³")]
)
_FORBIDDEN = re.compile('[<>:"|?*\\\\]')
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_NAME = 255  # bytes of one name, on every file system in use


@dataclass(frozen=True, slots=True)
class Written:
    """What a commit did: numbers of files, and the size in bytes of those written."""

    written: int
    unchanged: int
    removed: int
    bytes: int


# --- paths -----------------------------------------------------------------------------------------------


def _path_trouble(path: str) -> str:
    """Why no file of a site can have this path, as the end of a sentence; empty when it can."""
    if not path:
        return "is empty"
    try:
        path.encode()
    except UnicodeEncodeError:
        return "is not valid Unicode"
    if found := _CONTROL.search(path):
        return f"contains the control character U+{ord(found[0]):04X}"
    if found := _FORBIDDEN.search(path):
        return f"contains {found[0]!r}, which Windows does not allow in file names"
    if path.startswith("/"):
        return "begins with a slash"
    names = path.split("/")
    if names[0].lower() in (STATE, ".git"):
        return f"lies in the private folder {names[0]!r}"
    return next(filter(None, map(_name_trouble, names)), "")


def _name_trouble(name: str) -> str:
    """The same for one name between slashes."""
    if name in ("", ".", ".."):
        return f"contains the part {name!r}"
    if name[-1] in ". ":
        return f"has the part {name!r}, which ends with a dot or a space"
    if name.partition(".")[0].rstrip().upper() in _DEVICES:
        return f"has the part {name!r}, the name of a device on Windows"
    if len(name) > _LONGEST_NAME // 4 and len(name.encode()) > _LONGEST_NAME:
        return f"has a part of more than {_LONGEST_NAME} bytes"
    return ""


def _key(path: str) -> str:
    """What paths have in common that macOS or Windows take for one file."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def _folders(path: str) -> Iterator[str]:
    """The folders a path lies in, outermost first."""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)


def _spellings(paths: Iterable[str]) -> dict[str, str]:
    """From the key of each path, and of each folder of it, to the way it is spelled there first."""
    spelled: dict[str, str] = {}
    for path in paths:
        for name in (*_folders(path), path):
            spelled.setdefault(_key(name), name)
    return spelled


def _collisions(paths: Iterable[str]) -> Iterator[Problem]:
    """Paths of one site that can't exist side by side everywhere; each pair of names once."""
    ordered = sorted(paths)
    spelled = _spellings(ordered)
    files = {_key(path): path for path in reversed(ordered)}
    told: set[str] = set()
    for path in ordered:
        for name in (*_folders(path), path):
            first = spelled[_key(name)]
            if first != name:
                message = f"{name!r} and {first!r} are one and the same on macOS and Windows"
                hint = "Give one of the two pages another name."
            elif name != path and _key(name) in files:
                message = f"{name!r} would have to be a file and a folder at once (for {path!r})"
                hint = "Give the file or the folder another name."
            else:
                continue
            if name not in told:
                told.add(name)
                yield Problem("output-collision", message, Location(path), hint)
            break


# --- the output folder -----------------------------------------------------------------------------------


class Site:
    """The output folder: where it is, and which of its files are ours."""

    def __init__(self, out: Path) -> None:
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
            found = json.loads((self.state / "manifest.json").read_bytes())
            files = found["files"]
            if found["version"] != _VERSION or not all(
                isinstance(path, str) and isinstance(digest, str) and not _path_trouble(path)
                for path, digest in files.items()
            ):
                raise ValueError
        except FileNotFoundError:
            return {}
        except (ValueError, LookupError, TypeError, AttributeError):
            message = f"'{STATE}/manifest.json', the list of the files Broadsheet made here, can't be read"
            hint = f"Move what is not part of the site out of '{self.name}', delete it and build again."
            raise self.problem("output-manifest", message, hint) from None
        return dict(files)

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
def _told(site: Site, doing: str, outcome: str = "the last good site was kept") -> Iterator[None]:
    """What the operating system refuses, in plain words: what was being done, why not, and what is left."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            hint = "Free some space and build again."
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = "Allow writing there, close programs that use the file, or name another folder."
        else:
            hint = "Put that right and build again."
        reason = error.strerror or str(error)
        message = f"{doing} failed: {reason[:1].lower()}{reason[1:]}; {outcome}"
        raise site.problem("output-failed", message, hint) from error


# --- one build at a time ---------------------------------------------------------------------------------


def _try_lock(descriptor: int) -> None:
    """Take the lock or raise OSError. A lock ends with its process, so there are no stale ones."""
    if sys.platform == "win32":
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # beyond the text, which others must be able to read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class _Lock:
    """The right to change one output folder; taking it makes the folder and our private one."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._path = site.state / "lock"
        self._made = [folder for folder in (site.root, *site.root.parents) if not folder.exists()]
        self._descriptor = self._take()

    def _take(self) -> int:
        while True:
            self._site.state.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            except FileNotFoundError:
                continue  # its last owner has just removed the folder
            try:
                _try_lock(descriptor)
            except (BlockingIOError, PermissionError):
                owner = os.read(descriptor, 20).decode("ascii", "replace").strip()
                os.close(descriptor)
                who = f"another build (process {owner})" if owner else "another build"
                hint = "Wait until it has finished, or name another folder."
                message = f"{who} is writing into '{self._site.name}'"
                raise self._site.problem("output-locked", message, hint) from None
            except OSError:
                os.close(descriptor)
                raise
            if self._is_current(descriptor):
                os.truncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
                return descriptor
            os.close(descriptor)

    def _is_current(self, descriptor: int) -> bool:
        """Whether the file we locked is still the one others will try to lock."""
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let go; where no build ever finished, leave the folder as it was found."""
        first = not any(self._site.state.glob("*.json"))
        if first:
            for name in (".gitignore", "lock"):
                with suppress(OSError):  # Windows does not remove an open file: the folder then stays
                    (self._site.state / name).unlink(missing_ok=True)
        os.close(self._descriptor)
        if first:
            for folder in (self._site.state, *self._made):
                with suppress(OSError):
                    folder.rmdir()


# --- the journal -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    """One file to put in place or to set aside.

    ``new`` is the name of its bytes in the staged folder and ``digest`` their SHA-256; empty: the file goes.
    ``old`` is the name under which the present bytes are saved; empty: there are none.
    """

    path: str
    new: str = ""
    digest: str = ""
    old: str = ""


def _read_steps(path: Path) -> tuple[_Step, ...]:
    """The steps of a journal; none if it was not completely written, when nothing can have been renamed."""
    try:
        steps = tuple(_Step(*row) for row in json.loads(path.read_bytes())["steps"])
        for step in steps:
            names_are_ours = all(name == "" or name.isalnum() for name in (step.new, step.old))
            sealing = step.path == f"{STATE}/manifest.json"
            if not names_are_ours or not (sealing or not _path_trouble(step.path)):
                return ()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return ()
    return steps


def _digest(path: Path) -> str:
    """The SHA-256 of a regular file, in hex; empty when there is none."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _flush(paths: Iterable[Path]) -> None:
    """Bring files' bytes to the disk. In threads: a disk flushes many files in the time of a few."""

    def flush(path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(flush, paths))


def _flush_folders(*folders: Path) -> None:
    """Bring the names in folders to the disk, where the system can do that."""
    if sys.platform != "win32":
        for folder in folders:
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _write_journal(site: Site, steps: tuple[_Step, ...]) -> None:
    """From here on the new site can be finished, whatever happens."""
    rows = [[step.path, step.new, step.digest, step.old] for step in steps]
    site.draft.write_bytes(_json({"version": _VERSION, "steps": rows}))
    _flush([site.draft])
    site.draft.replace(site.journal)
    _flush_folders(site.state)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _prune(site: Site, paths: Iterable[str]) -> None:
    """Remove the folders of these paths that are empty now, innermost first."""
    folders = {folder for path in paths for folder in _folders(path)}
    for folder in sorted(folders, key=lambda name: (-name.count("/"), name)):
        with suppress(OSError):  # not empty, or not there
            (site.root / folder).rmdir()


def _make_folders(site: Site, steps: tuple[_Step, ...]) -> None:
    """Make the folders of new files, but for those whose place is still taken.

    Folders first: they are what a full disk can refuse, and until the first rename there is nothing to undo.
    """
    for folder in sorted({step.path.rpartition("/")[0] for step in steps if step.new}):
        with suppress(FileExistsError, NotADirectoryError):
            (site.root / folder).mkdir(parents=True, exist_ok=True)


def _forward(site: Site, steps: tuple[_Step, ...]) -> None:
    """Do what the journal says; what is done already is left alone."""
    _make_folders(site, steps)
    emptied: list[str] = []
    for step in steps:
        target = site.root / step.path
        if not step.new:
            saved = site.saved / step.old
            if not os.path.lexists(saved) and os.path.lexists(target):
                target.replace(saved)
            emptied.append(step.path)
            continue
        if emptied:  # a file may be about to take the place of its folder
            _prune(site, emptied)
            emptied = []
        staged = site.staged / step.new
        if os.path.lexists(staged):
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(target)
    _prune(site, emptied)


def _back(site: Site, steps: tuple[_Step, ...]) -> None:
    """Take back what the journal says, the last step first; what was not done is left alone."""
    emptied: list[str] = []
    for step in reversed(steps):
        target = site.root / step.path
        if step.old:
            saved = site.saved / step.old
            _prune(site, emptied)
            emptied = []
            if os.path.lexists(saved):
                target.parent.mkdir(parents=True, exist_ok=True)
                saved.replace(target)
        else:
            staged = site.staged / step.new
            if not os.path.lexists(staged) and os.path.lexists(target):
                target.replace(staged)
            emptied.append(step.path)
    _prune(site, emptied)


def _can_finish(site: Site, steps: tuple[_Step, ...]) -> bool:
    """Whether all new bytes are there, in place or staged."""
    return all(
        step.digest in (_digest(site.staged / step.new), _digest(site.root / step.path))
        for step in steps
        if step.new
    )


def _settle(site: Site) -> None:
    """End a commit that was cut short, forwards if possible, and clear up. The caller holds the lock."""
    if site.undo.exists():
        _back(site, _read_steps(site.undo))
    elif steps := _read_steps(site.journal):
        if _can_finish(site, steps):
            _forward(site, steps)
        else:
            site.journal.replace(site.undo)
            _back(site, steps)
    _clear(site)


def _clear(site: Site) -> None:
    """Remove what a commit needs only while it runs. Journals first: without them the rest means nothing."""
    for file in (site.undo, site.journal, site.draft):
        file.unlink(missing_ok=True)
    for folder in (site.staged, site.saved):
        shutil.rmtree(folder, ignore_errors=True)


def _take_back(site: Site, steps: tuple[_Step, ...]) -> None:
    """Put the old site back after a failed commit."""
    with _told(site, f"Putting the last good site back into '{site.name}'", _UNFINISHED):
        site.journal.replace(site.undo)
        _back(site, steps)
        _clear(site)


def recover(out: Path) -> None:
    """Finish or roll back a commit that was cut short; afterwards the site is wholly new or wholly old.

    Does nothing, and creates nothing, where there is nothing to do. Raises SourceError when another process
    is at work there, or when the file system refuses; the next call then tries again.
    """
    site = Site(out)
    site.require_folder()
    if not site.state.is_dir():
        return
    with _told(site, f"Putting '{site.name}' right", _UNFINISHED):
        lock = _Lock(site)
        try:
            _settle(site)
        finally:
            lock.release()


# --- staging and committing ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Staged:
    """One file of the next site. ``name`` is where its bytes wait; empty when they are in place already.

    ``seen`` is then the state of the file in place (device, inode, size, modification time).
    """

    digest: str
    size: int
    name: str
    seen: tuple[int, ...] = ()


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _lstat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


class Staging:
    """The next site, waiting to take the place of the present one. Holds the folder's lock while open.

    Entering settles an interrupted commit first. Raises SourceError when the folder can't be ours.
    """

    def __init__(self, out: Path) -> None:
        self._site = Site(out)
        self._lock: _Lock | None = None
        self._before: Mapping[str, str] = {}
        self._spelled: dict[str, str] = {}
        self._files: dict[str, _Staged] = {}
        self._found: list[Problem] = []
        self._open = False

    def __enter__(self) -> Self:
        site = self._site
        site.require_folder()
        if not site.state.exists():
            site.require_ours()  # before even our private folder appears in somebody else's
        with _told(site, f"Opening '{site.name}'"):
            self._lock = _Lock(site)
            try:
                _settle(site)
                site.require_ours()
                self._before = site.manifest()
                self._spelled = _spellings(self._before)
                (site.state / ".gitignore").write_bytes(b"*\n")
                site.staged.mkdir()
                site.saved.mkdir()
            except BaseException:
                self._close()
                raise
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        self._open = False
        if self._lock is None:
            return
        try:
            if not self._site.journal.exists() and not self._site.undo.exists():
                with suppress(OSError):  # what stays is cleared by the next build
                    _clear(self._site)
        finally:
            self._lock.release()
            self._lock = None

    def add(self, path: str, data: bytes) -> None:
        """Stage one file: ``path`` below the output folder, with forward slashes, and its bytes.

        A path that can't be is kept as a problem for :meth:`problems`, so that a run can show all of them.
        Raises SourceError when the bytes can't be stored.
        """
        if not self._open:
            raise RuntimeError("files are added inside the with statement and before commit")
        if trouble := _path_trouble(path):
            where = Location(_CONTROL.sub("?", path).encode("utf-8", "replace").decode() or self._site.name)
            self._found.append(Problem("output-path", f"the address of this file {trouble}", where))
            return
        if path in self._files:
            message, hint = "two things want to be this file", "Give one of the two another address."
            self._found.append(Problem("output-twice", message, Location(path), hint))
            return
        digest = hashlib.sha256(data).hexdigest()
        with _told(self._site, f"Keeping '{path}' for the new site"):
            seen = self._in_place(path, data)
            name = "" if seen else f"n{len(self._files)}"
            if name:
                (self._site.staged / name).write_bytes(data)
        self._files[path] = _Staged(digest, len(data), name, seen)

    def _in_place(self, path: str, data: bytes) -> tuple[int, ...]:
        """The state of the file at this path if it holds these bytes already; otherwise empty.

        A file made under another spelling (About, about) is never in place, even where the two are one file:
        it goes, and comes back under the new name.
        """
        if path not in self._before and self._respelled(path, self._spelled):
            return ()
        target = self._site.root / path
        status = _lstat(target)
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size != len(data):
            return ()
        return _signature(status) if target.read_bytes() == data else ()

    @staticmethod
    def _respelled(path: str, spelled: Mapping[str, str]) -> bool:
        """Whether the path or a folder of it is spelled otherwise there."""
        return any(spelled.get(_key(name), name) != name for name in (*_folders(path), path))

    def problems(self) -> Iterator[Problem]:
        """Everything that forbids a commit, sorted; empty when it may go ahead."""
        found = [*self._found, *_collisions(self._files)]
        with _told(self._site, f"Looking through '{self._site.name}'"):
            found += [*self._links(), *self._foreign(), *self._changed()]
        return iter(sorted(found, key=lambda problem: (problem.location, problem.code, problem.message)))

    def _links(self) -> Iterator[Problem]:
        """Symbolic links on the way to a staged file. We make none, so they are somebody else's."""
        names = {name for path in self._files for name in (*_folders(path), path)}
        for name in sorted(names):
            status = _lstat(self._site.root / name)
            if status is not None and stat.S_ISLNK(status.st_mode):
                message = "a symbolic link is where the site needs a file or folder of its own"
                yield Problem("output-link", message, Location(name), "Remove the link; nothing was changed.")

    def _foreign(self) -> Iterator[Problem]:
        """Files of somebody else that are where ours would go; up to three are named."""
        in_the_way = sorted({name for path in self._files if (name := self._obstacle(path))})
        if not in_the_way:
            return
        shown = ", ".join(repr(name) for name in in_the_way[:3])
        if len(in_the_way) > 3:
            shown += f" and {len(in_the_way) - 3} more"
        message = f"no build of Broadsheet made {shown}, and the site needs the place"
        hint = f"Move it out of '{self._site.name}', or give the page another address; nothing was changed."
        yield Problem("output-foreign", message, Location(in_the_way[0]), hint)

    def _obstacle(self, path: str) -> str:
        """What at or above this path is not ours and must not be overwritten; empty when nothing is."""
        root = self._site.root
        for folder in _folders(path):
            status = _lstat(root / folder)
            if status is None or stat.S_ISLNK(status.st_mode):  # links are told by themselves
                return ""
            if not stat.S_ISDIR(status.st_mode):
                return "" if self._is_ours(folder, status) else folder
        status = _lstat(root / path)
        if status is None or stat.S_ISLNK(status.st_mode) or self._files[path].seen:
            return ""
        if stat.S_ISDIR(status.st_mode):
            return self._not_ours_in(path)
        return "" if self._is_ours(path, status) else path

    def _not_ours_in(self, folder: str) -> str:
        """Something of somebody else in a folder, or the folder itself if it is theirs; otherwise empty."""
        ours = {name for path in self._before for name in (*_folders(path), path)}
        for here, folders, files in os.walk(self._site.root / folder):
            for name in ("", *sorted(folders), *sorted(files)):
                path = Path(here, name).relative_to(self._site.root).as_posix()
                if path not in ours:
                    return path
        return ""

    def _is_ours(self, path: str, status: os.stat_result) -> bool:
        """Whether the file found at a path was made by us, perhaps under another spelling of its name."""
        if not stat.S_ISREG(status.st_mode):
            return False
        if path in self._before:
            return True
        other = self._spelled.get(_key(path), path)
        known = _lstat(self._site.root / other) if other in self._before else None
        return known is not None and os.path.samestat(status, known)

    def _changed(self) -> Iterator[Problem]:
        """Files that needed no writing when they were staged, and have changed since."""
        for path, file in sorted(self._files.items()):
            if file.seen:
                status = _lstat(self._site.root / path)
                if status is None or _signature(status) != file.seen:
                    message = "somebody changed this file while the site was being built"
                    yield Problem("output-changed", message, Location(path), "Build again.")

    def commit(self) -> Written:
        """Make the staged files the site: all of them, or, when anything fails, none.

        Raises SourceError with every problem, or with what the operating system refused.
        """
        if not self._open:
            raise RuntimeError("commit is called once, inside the with statement")
        found = tuple(self.problems())
        if found:
            raise SourceError(*found)
        self._open = False
        with _told(self._site, f"Writing '{self._site.name}'"):
            in_the_way, left_over = self._leaving()
            puts = self._coming()
            steps = (*in_the_way, *puts, *left_over, *self._seal())
            if steps:
                self._carry_out(steps)
        return Written(
            written=len(puts),
            unchanged=len(self._files) - len(puts),
            removed=len(in_the_way) + len(left_over),
            bytes=sum(file.size for file in self._files.values() if file.name),
        )

    def _leaving(self) -> tuple[list[_Step], list[_Step]]:
        """Files we made and need no more: those which must go before new ones come, and the others."""
        spelled = _spellings(sorted(self._files))
        new_folders = {folder for path in self._files for folder in _folders(path)}
        in_the_way: list[_Step] = []
        left_over: list[_Step] = []
        for number, path in enumerate(sorted(self._before.keys() - self._files.keys())):
            if self._is_file_of_ours(path):
                blocks = path in new_folders or any(folder in self._files for folder in _folders(path))
                first = blocks or self._respelled(path, spelled)
                (in_the_way if first else left_over).append(_Step(path, old=f"r{number}"))
        return in_the_way, left_over

    def _is_file_of_ours(self, path: str) -> bool:
        """Whether a path we once wrote still leads to a plain file inside the folder, by no link."""
        status = [_lstat(self._site.root / name) for name in (*_folders(path), path)]
        plain = all(found is not None and stat.S_ISDIR(found.st_mode) for found in status[:-1])
        return plain and status[-1] is not None and stat.S_ISREG(status[-1].st_mode)

    def _coming(self) -> list[_Step]:
        """The files to put in place; pages last, so that none is there before its styles and pictures."""
        fresh = sorted(
            ((path, file) for path, file in self._files.items() if file.name),
            key=lambda item: (item[0].endswith(".html"), item[0]),
        )
        ours = {path for path, _ in fresh if path in self._before and self._is_file_of_ours(path)}
        return [_Step(path, file.name, file.digest, file.name if path in ours else "") for path, file in fresh]

    def _seal(self) -> list[_Step]:
        """The new list of our files, put in place last; nothing if it stays as it is."""
        site = self._site
        files = {path: file.digest for path, file in self._files.items()}
        data = _json({"version": _VERSION, "files": files})
        present = site.state / "manifest.json"
        exists = present.exists()
        if exists and present.read_bytes() == data:
            return []
        (site.staged / "manifest").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        return [_Step(f"{STATE}/manifest.json", "manifest", digest, "manifest" if exists else "")]

    def _carry_out(self, steps: tuple[_Step, ...]) -> None:
        """Save what is about to be replaced, write the journal, and do the steps."""
        site = self._site
        for step in steps:
            if step.new and step.old:
                _save(site.root / step.path, site.saved / step.old)
        _flush(site.staged / step.new for step in steps if step.new)
        _flush_folders(site.staged, site.saved)
        _write_journal(site, steps)
        try:
            _forward(site, steps)
        except BaseException:
            _take_back(site, steps)
            raise
        with suppress(OSError):  # the site is complete; what stays is cleared by the next build
            _clear(site)


def _save(present: Path, saved: Path) -> None:
    """A second name for a file's bytes, or a copy where the file system has no hard links."""
    try:
        os.link(present, saved)
    except OSError:
        shutil.copy2(present, saved)
