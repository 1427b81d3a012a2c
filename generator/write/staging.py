"""The next site, waiting to take the place of the present one."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from generator.problems import Location, Problem, SourceError
from generator.write.folder import GONE, Left, Signature, Site, altered, lstat, signature_of, told
from generator.write.journal import (
    Step,
    Steps,
    carry_out,
    clear,
    digest_of,
    settle,
    sum_of,
    write_manifest,
)
from generator.write.listing import Before, Files, Make, Staged
from generator.write.lock import Lock
from generator.write.paths import (
    CONTROL,
    STATE,
    all_folders,
    collisions,
    folders_of,
    key_of,
    path_trouble,
    spellings,
    trunk_of,
)


class Written(Struct, frozen=True):
    """What a commit did: numbers of files, and the size in bytes of those written."""

    written: int
    unchanged: int
    removed: int
    bytes: int


class Staging:
    """The next site, waiting to take the place of the present one. Holds the folder's lock while open.

    Entering settles an interrupted commit first. Raises SourceError when the folder can't be ours.
    """

    def __init__(self, out: Path, known: Left | None = None) -> None:
        """``known`` is the state in which the last build left its files, as far as that is known."""
        self._site = Site(out)
        self._base = str(self._site.root)
        self._known = known
        self._lock: Lock | None = None
        self._before = Before({})
        self._spellings: dict[str, dict[str, str]] = {}
        self._files = Files(self._before)
        self._numbers = count(1)
        self._found: list[Problem] = []
        self._refused: set[str] = set()
        self._open = False

    def __enter__(self) -> Self:
        site = self._site
        site.require_folder()
        if not site.state.exists():
            site.require_ours()  # before even our private folder appears in somebody else's
        with told(site, f"Opening '{site.name}'"):
            self._lock = Lock(site)
            try:
                settle(site)
                site.require_ours()
                self._before = self._read_manifest()
                self._files = Files(self._before)
                (site.state / ".gitignore").write_bytes(b"*\n")
                site.staged.mkdir()
                site.saved.mkdir()
            except BaseException:
                self._close()
                raise
        self._open = True
        return self

    def _read_manifest(self) -> Before:
        known, self._known = self._known, None  # it may be long
        digests = self._site.manifest()
        try:
            return Before(digests, known)
        except ValueError:
            raise self._site.damaged() from None

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
                    clear(self._site)
        finally:
            self._lock.release()
            self._lock = None

    def add(self, path: str, data: bytes) -> None:
        """Stage one file: ``path`` below the output folder, with forward slashes, and its bytes.

        A path that can't be is kept as a problem for :meth:`problems`, so that a run can show all of them.
        Raises SourceError when the bytes can't be stored.
        """
        if self._may_be(path):
            self._add(path, data, hashlib.sha256(data).hexdigest())

    def add_known(self, path: str, data: bytes, digest: str) -> None:
        """The same of bytes whose SHA-256 in hex is known already."""
        if self._may_be(path):
            self._add(path, data, digest)

    def _may_be(self, path: str) -> bool:
        """Whether a file may have this path; why not is kept."""
        if not self._open:
            raise RuntimeError("files are added inside the with statement and before commit")
        if trouble := path_trouble(path):
            where = Location(CONTROL.sub("?", path).encode("utf-8", "replace").decode() or self._site.name)
            self._found.append(Problem("output-path", f"the address of this file {trouble}", where))
            self._refused.add(path)
            return False
        if path in self._files:
            message, hint = "two things want to be this file", "Give one of the two another address."
            self._found.append(Problem("output-twice", message, Location(path), hint))
            return False
        return True

    def _add(self, path: str, data: bytes, digest: str) -> None:
        with told(self._site, f"Keeping '{path}' for the new site"):
            seen = self._in_place(path, data)
            file = Staged(digest, len(data), 0 if seen else next(self._numbers), seen)
            if file.number:
                (self._site.staged / file.name).write_bytes(data)
        self._files[path] = file

    def expect(self, paths: Iterable[str], digests: bytes, sizes: bytes, make: Make) -> list[int]:
        """Stage the files that the last build left in place with these bytes.

        ``digests`` are the SHA-256 of each, one after the other, ``sizes`` those in bytes as ``<Q``. Returns the
        numbers of the others, which have to be kept or added. Whether a file still is there is seen at the commit;
        where it is not, ``make`` gives its bytes by its path.
        """
        if not self._open:
            raise RuntimeError("files are expected inside the with statement and before commit")
        return self._files.expect(paths, digests, sizes, make)

    def _look_for_expected(self) -> None:
        """Stages the bytes of what is not as the last build left it."""
        for path in list(altered(self._base, self._files.expected)):
            file, make = self._files.give_up(path)
            if not self.keep(path, file.digest, file.size):
                self._add(path, make()[path], file.digest)

    def keep(self, path: str, digest: str, size: int) -> bool:
        """Stage a file that is in place with these bytes already; False when it is not, and has to be added.

        A file in the state in which the last build left it has the bytes that build gave it; any other is read.
        """
        if not self._open:
            raise RuntimeError("files are kept inside the with statement and before commit")
        if path in self._files or self._before.digest(path) != digest:
            return False
        try:
            seen = self._seen(path, digest, size)
        except OSError:
            with told(self._site, f"Looking at '{path}'"):
                raise
        if seen:
            self._files[path] = Staged(digest, size, seen=seen)
        return bool(seen)

    def _seen(self, path: str, digest: str, size: int) -> Signature:
        """The state of the file at this path if it has these bytes; otherwise empty."""
        status = self._status(path)
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return b""
        seen = signature_of(status)
        known = seen == self._before.state(path) or digest_of(self._site.root / path) == digest
        return seen if known else b""

    def _spelled(self, path: str) -> dict[str, str]:
        """How the files that are there and can be taken for this one, and their folders, are spelled."""
        trunk = trunk_of(path)
        if trunk not in self._spellings:
            self._spellings[trunk] = spellings(self._by_trunk.get(trunk, ()))
        return self._spellings[trunk]

    @cached_property
    def _by_trunk(self) -> dict[str, list[str]]:
        """The files that are there."""
        found: dict[str, list[str]] = {}
        for path in self._before:
            found.setdefault(trunk_of(path), []).append(path)
        return found

    def signatures(self) -> Iterator[tuple[str, Signature]]:
        """The state of every file of the site, after it was committed."""
        for path, seen in self._files.states:
            yield path, seen or self._state(path) or GONE

    @property
    def paths(self) -> Collection[str]:
        """Those of every file of the next site, and those that no file may have."""
        return self._refused.union(self._files) if self._refused else self._files

    def sizes(self) -> dict[str, int]:
        """The size in bytes of every file of the next site, by path."""
        return dict(self._files.sizes)

    @property
    def size(self) -> int:
        """That of the next site, in bytes."""
        return sum(size for _, size in self._files.sizes)

    def _in_place(self, path: str, data: bytes) -> Signature:
        """The state of the file at this path if it holds these bytes already; otherwise empty.

        A file made under another spelling (About, about) is never in place, even where the two are one file:
        it goes, and comes back under the new name.
        """
        if path not in self._before and self._respelled(path, self._spelled(path)):
            return b""
        target = self._site.root / path
        status = self._status(path)
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size != len(data):
            return b""
        return signature_of(status) if target.read_bytes() == data else b""

    @staticmethod
    def _respelled(path: str, spelled: Mapping[str, str]) -> bool:
        """Whether the path or a folder of it is spelled otherwise there."""
        return any(spelled.get(key_of(name), name) != name for name in (*folders_of(path), path))

    def problems(self) -> Iterator[Problem]:
        """Everything that forbids a commit, sorted; empty when it may go ahead."""
        found = list(self._found)
        if trunks := set(map(trunk_of, self._files.coming)):  # all others stood side by side
            found += collisions(path for path in self._files if trunk_of(path) in trunks)
        with told(self._site, f"Looking through '{self._site.name}'"):
            changed = list(altered(self._base, self._files.in_place))
            fresh = self._files.waiting
            links = self._links([*all_folders(self._files), *fresh, *changed])
            found += [*links, *self._foreign(), *self._changed(changed)]
        return iter(sorted(found, key=lambda problem: (problem.location, problem.code, problem.message)))

    def _state(self, path: str) -> Signature:
        """The state of what is there; empty where nothing is."""
        status = self._status(path)
        return signature_of(status) if status else b""

    def _status(self, name: str) -> os.stat_result | None:
        return lstat(f"{self._base}/{name}")

    def _links(self, names: Iterable[str]) -> Iterator[Problem]:
        """Those that are symbolic links. We make none, so they are somebody else's."""
        for name in names:
            status = self._status(name)
            if status is None or not stat.S_ISLNK(status.st_mode):
                continue
            message = "a symbolic link is where the site needs a file or folder of its own"
            yield Problem("output-link", message, Location(name), "Remove the link; nothing was changed.")

    def _foreign(self) -> Iterator[Problem]:
        """Files of somebody else that are where ours would go; up to three are named."""
        fresh = self._files.waiting
        in_the_way = sorted({name for path in fresh if (name := self._obstacle(path))})
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
        for folder in folders_of(path):
            status = self._status(folder)
            if status is None or stat.S_ISLNK(status.st_mode):  # links are told by themselves
                return ""
            if not stat.S_ISDIR(status.st_mode):
                return "" if self._is_ours(folder, status) else folder
        status = self._status(path)
        if status is None or stat.S_ISLNK(status.st_mode):
            return ""
        if stat.S_ISDIR(status.st_mode):
            return self._not_ours_in(path)
        return "" if self._is_ours(path, status) else path

    def _not_ours_in(self, folder: str) -> str:
        """Something of somebody else in a folder, or the folder itself if it is theirs; otherwise empty."""
        ours = {name for path in self._before for name in (*folders_of(path), path)}
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
        other = self._spelled(path).get(key_of(path), path)
        known = self._status(other) if other in self._before else None
        return known is not None and os.path.samestat(status, known)

    @staticmethod
    def _changed(paths: Iterable[str]) -> Iterator[Problem]:
        """Files that needed no writing when they were staged, and have changed since."""
        for path in paths:
            message = "somebody changed this file while the site was being built"
            yield Problem("output-changed", message, Location(path), "Build again.")

    def commit(self) -> Written:
        """Make the staged files the site: all of them, or, when anything fails, none.

        Raises SourceError with every problem, or with what the operating system refused.
        """
        if not self._open:
            raise RuntimeError("commit is called once, inside the with statement")
        with told(self._site, f"Looking through '{self._site.name}'"):
            self._look_for_expected()
        found = tuple(self.problems())
        if found:
            raise SourceError(*found)
        self._open = False
        with told(self._site, f"Writing '{self._site.name}'"):
            in_the_way, left_over = self._leaving()
            coming = self._coming()
            steps = Steps(in_the_way, coming, self._put_of(coming), (*left_over, *self._seal()))
            if steps:
                carry_out(self._site, steps)
        return Written(
            written=len(coming),
            unchanged=len(self._files) - len(coming),
            removed=len(in_the_way) + len(left_over),
            bytes=sum(self._files[path].size for path in coming),
        )

    def _leaving(self) -> tuple[list[Step], list[Step]]:
        """Files we made and need no more: those which must go before new ones come, and the others."""
        leaving = self._files.leaving
        # what is neither coming nor leaving stood beside all of these
        coming = sorted(self._files.coming) if leaving else []
        spelled, new_folders = spellings(coming), all_folders(coming)
        in_the_way: list[Step] = []
        left_over: list[Step] = []
        for number, path in enumerate(leaving):
            if self._is_file_of_ours(path):
                blocks = path in new_folders or any(folder in self._files for folder in folders_of(path))
                first = blocks or self._respelled(path, spelled)
                (in_the_way if first else left_over).append(Step(path, old=f"r{number}"))
        return in_the_way, left_over

    def _is_file_of_ours(self, path: str) -> bool:
        """Whether a path we once wrote still leads to a plain file inside the folder, by no link."""
        status = [self._status(name) for name in (*folders_of(path), path)]
        plain = all(found is not None and stat.S_ISDIR(found.st_mode) for found in status[:-1])
        return plain and status[-1] is not None and stat.S_ISREG(status[-1].st_mode)

    def _coming(self) -> list[str]:
        """The paths of the files to put in place. Pages last: none is there before its styles and pictures."""
        return sorted(self._files.waiting, key=lambda path: (path.endswith(".html"), path))

    def _put_of(self, coming: Iterable[str]) -> Callable[[str], Step]:
        """What gives the step that puts a file in place of one of ours, or where none is, as it is now."""
        ours = {path for path in coming if path in self._before and self._is_file_of_ours(path)}

        def put(path: str) -> Step:
            file = self._files[path]
            return Step(path, file.name, file.digest, file.name if path in ours else "")

        return put

    def _seal(self) -> list[Step]:
        """The new list of our files, put in place last; nothing if it stays as it is."""
        site = self._site
        digest = write_manifest(site.staged / "manifest", self._files.digests)
        present = site.state / "manifest.json"
        exists = present.exists()
        if exists and sum_of(present) == digest:
            return []
        return [Step(f"{STATE}/manifest.json", "manifest", digest, "manifest" if exists else "")]
