"""The steps of a commit: written down before they are done, so that they can be finished or taken back."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from json.encoder import encode_basestring
from pathlib import Path

from msgspec import Struct

from generator.write.disk import flush, flush_folders
from generator.write.folder import VERSION, Site, Words, told
from generator.write.lock import Lock
from generator.write.paths import STATE, all_folders, path_trouble

_AT_ONCE = 5000
"""Lines of a list that are written together."""


class Step(Struct, frozen=True):
    """One file to put in place or to set aside.

    ``new`` is the name of its bytes in the staged folder and ``digest`` their SHA-256; empty: the file goes.
    ``old`` is the name under which the present bytes are saved; empty: there are none.
    """

    path: str
    new: str = ""
    digest: str = ""
    old: str = ""


class Steps:
    """The steps of a commit in their order.

    There may be hundreds of thousands: those that put files in place, between the ``first`` and the ``last``, are
    made of their ``paths`` each time they are gone through.
    """

    def __init__(
        self, first: Sequence[Step], paths: Sequence[str], put: Callable[[str], Step], last: Sequence[Step]
    ) -> None:
        self._first, self._paths, self._put, self._last = first, paths, put, last

    def __len__(self) -> int:
        return len(self._first) + len(self._paths) + len(self._last)

    def __iter__(self) -> Iterator[Step]:
        return chain(self._first, map(self._put, self._paths), self._last)

    def __reversed__(self) -> Iterator[Step]:
        return chain(reversed(self._last), map(self._put, reversed(self._paths)), reversed(self._first))


AnySteps = Steps | tuple[Step, ...]


def read_steps(path: Path) -> tuple[Step, ...]:
    """The steps of a journal; none if it was not completely written, when nothing can have been renamed."""
    try:
        steps = tuple(Step(*row) for row in json.loads(path.read_bytes())["steps"])
        for step in steps:
            names_are_ours = all(name == "" or name.isalnum() for name in (step.new, step.old))
            sealing = step.path == f"{STATE}/manifest.json"
            if not names_are_ours or not (sealing or not path_trouble(step.path)):
                return ()
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return ()
    return steps


def digest_of(path: Path) -> str:
    """The SHA-256 of a regular file, in hex; empty when there is none."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return ""
        return sum_of(path)
    except OSError:
        return ""


def sum_of(path: Path) -> str:
    """The SHA-256 of what can be read there, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_journal(site: Site, steps: AnySteps) -> None:
    """From here on the new site can be finished, whatever happens."""
    rows = (json.dumps([step.path, step.new, step.digest, step.old]) for step in steps)
    _write_lines(site.draft, f'{{"version": {VERSION},\n"steps": [', rows, "]}\n")
    flush(site.state, [site.draft.name])
    site.draft.replace(site.journal)
    flush_folders(site.state)


def write_manifest(path: Path, digests: Iterable[tuple[str, str]]) -> str:
    """The list of a site's files with the digest of each, in their order; returns the digest of the list."""
    rows = (f'{encode_basestring(name)}: "{digest}"' for name, digest in digests)
    return _write_lines(path, '{"files": {', rows, f'}},\n"version": {VERSION}}}\n')


def _write_lines(path: Path, head: str, rows: Iterable[str], tail: str) -> str:
    """JSON with each thing on a line of its own, never whole in memory; returns its SHA-256 in hex."""
    seen = hashlib.sha256()
    with path.open("wb") as file:
        for text in chain((head,), _between(rows), (tail,)):
            data = text.encode()
            seen.update(data)
            file.write(data)
    return seen.hexdigest()


def _between(rows: Iterable[str]) -> Iterator[str]:
    """With commas, some thousands at a time."""
    comma, left = "", iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield comma + ",\n".join(some)
        comma = ",\n"


def _prune(site: Site, paths: Iterable[str]) -> None:
    """Remove the folders of these paths that are empty now, innermost first."""
    folders = all_folders(paths)
    for folder in sorted(folders, key=lambda name: (-name.count("/"), name)):
        with suppress(OSError):  # not empty, or not there
            (site.root / folder).rmdir()


def _make_folders(site: Site, steps: AnySteps) -> None:
    """Make the folders of new files, but for those whose place is still taken.

    Folders first: they are what a full disk can refuse, and until the first rename there is nothing to undo.
    """
    for folder in sorted({step.path.rpartition("/")[0] for step in steps if step.new}):
        with suppress(FileExistsError, NotADirectoryError):
            (site.root / folder).mkdir(parents=True, exist_ok=True)


def forward(site: Site, steps: AnySteps) -> None:
    """Do what the journal says; what is done already is left alone."""
    _make_folders(site, steps)
    emptied: list[str] = []
    for step in steps:
        if not step.new:
            target, saved = site.root / step.path, site.saved / step.old
            if not os.path.lexists(saved) and os.path.lexists(target):
                target.replace(saved)
            emptied.append(step.path)
            continue
        if emptied:  # a file may be about to take the place of its folder
            _prune(site, emptied)
            emptied = []
        _put(f"{site.staged}/{step.new}", f"{site.root}/{step.path}")
    _prune(site, emptied)


def _put(staged: str, target: str) -> None:
    """Give staged bytes their place, unless they have it."""
    try:
        os.replace(staged, target)  # noqa: PTH105 - of thousands, paths as objects take half of the time
    except FileNotFoundError:
        if os.path.lexists(staged):  # it is the folder that was missing: its place was taken
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            Path(staged).replace(target)


def _back(site: Site, steps: AnySteps) -> None:
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


def _can_finish(site: Site, steps: AnySteps) -> bool:
    """Whether all new bytes are there, in place or staged."""
    return all(
        step.digest in (digest_of(site.staged / step.new), digest_of(site.root / step.path))
        for step in steps
        if step.new
    )


def settle(site: Site) -> None:
    """End a commit that was cut short, forwards if possible, and clear up. The caller holds the lock."""
    if site.undo.exists():
        _back(site, read_steps(site.undo))
    elif steps := read_steps(site.journal):
        if _can_finish(site, steps):
            forward(site, steps)
        else:
            site.journal.replace(site.undo)
            _back(site, steps)
    clear(site)


def clear(site: Site) -> None:
    """Remove what a commit needs only while it runs. Journals first: without them the rest means nothing."""
    for file in (site.undo, site.journal, site.draft):
        file.unlink(missing_ok=True)
    for folder in (site.staged, site.saved):
        shutil.rmtree(folder, ignore_errors=True)


def take_back(site: Site, steps: AnySteps) -> None:
    """Put the old site back after a failed commit."""
    with told(site, f"Putting {site.words.last} back into '{site.name}'", site.words.unfinished):
        site.journal.replace(site.undo)
        _back(site, steps)
        clear(site)


def carry_out(site: Site, steps: AnySteps) -> None:
    """Save what is about to be replaced, write the journal, and do the steps; all of them or, on an error, none."""
    for step in steps:
        if step.new and step.old:
            _save(site.root / step.path, site.saved / step.old)
    waiting = [step.new for step in steps if step.new]
    if len(waiting) != _count(site.staged):  # first, for the names of hundreds of thousands take room
        lost = set(waiting) - {path.name for path in site.staged.iterdir()}
        if lost:  # once there is a journal, it would be taken for one that is in place
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), min(lost))
    flush(site.staged, waiting)
    del waiting  # may be hundreds of thousands
    flush_folders(site.staged, site.saved)
    write_journal(site, steps)
    try:
        forward(site, steps)
    except BaseException:
        take_back(site, steps)
        raise
    with suppress(OSError):  # what is new is complete; what stays is cleared by the next command
        clear(site)


def _count(folder: Path) -> int:
    with os.scandir(folder) as there:
        return sum(1 for _ in there)


def _save(present: Path, saved: Path) -> None:
    """A second name for a file's bytes, or a copy where the file system has no hard links."""
    try:
        os.link(present, saved)
    except OSError:
        shutil.copy2(present, saved)


def recover(out: Path, words: Words | None = None) -> None:
    """Finish or roll back a commit that was cut short; afterwards the site is wholly new or wholly old.

    Does nothing, and creates nothing, where there is nothing to do. Raises SourceError when another process
    is at work there, or when the file system refuses; the next call then tries again.
    """
    site = Site(out, words)
    site.require_folder()
    if not site.state.is_dir():
        return
    with told(site, f"Putting '{site.name}' right", site.words.unfinished):
        lock = Lock(site)
        try:
            settle(site)
        finally:
            lock.release()
