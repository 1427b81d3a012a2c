"""Some files of a folder of the story's own, replaced as one: the tables of a refresh.

The steps are those of the output folder, with their journal; what is not named stays as it is, and no list of
files is kept. The private folder is there only while the files are replaced, or after that was cut short.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from generator.problems import Location, Problem, SourceError
from generator.write.folder import Site, Words, lstat, told
from generator.write.journal import Step, carry_out, clear, digest_of, recover, settle
from generator.write.lock import Lock
from generator.write.paths import folders_of, path_trouble

DATA = "data"
WORDS = Words(
    last="the data as it was",
    again="refresh again",
    another="another refresh",
    otherwise="ask again later",
    mixture="tables of before and after a refresh",
)


def replace_files(folder: Path, files: Mapping[str, bytes], before: Mapping[str, str] | None = None) -> None:
    """Each file below the folder gets its bytes: all of them or, when anything fails, none.

    ``before``: path → SHA-256 in hex of what it held when the new bytes were made from it, '' for nothing. Raises
    SourceError for one that holds something else by now, for a path that leads elsewhere, and with what the
    operating system refused.
    """
    site = Site(folder, WORDS)
    problems = [*_misplaced(site, files)]
    if problems:
        raise SourceError(*problems)
    with told(site, f"Replacing files in '{site.name}'"):
        lock = Lock(site)
        try:
            settle(site)
            _require_unchanged(site, {path: digest for path, digest in (before or {}).items() if path in files})
            (site.state / ".gitignore").write_bytes(b"*\n")
            site.staged.mkdir()
            site.saved.mkdir()
            carry_out(site, tuple(_steps(site, files)))
        finally:
            if not site.journal.exists() and not site.undo.exists():
                with suppress(OSError):  # what stays is cleared by the next command
                    clear(site)
            lock.release()


def recover_data(root: Path) -> None:
    """Finish or take back a refresh that was cut short. Raises SourceError as :func:`recover` does."""
    if (root / DATA).is_dir():
        recover(root / DATA, WORDS)


def _require_unchanged(site: Site, before: Mapping[str, str]) -> None:
    changed = [path for path, digest in before.items() if digest_of(site.root / path) != digest]
    if changed:
        message = "somebody changed this file while its tables were being made anew"
        hint = "Refresh again."
        raise SourceError(
            *(Problem("output-changed", message, Location(f"{site.name}/{path}"), hint) for path in changed)
        )


def _steps(site: Site, files: Mapping[str, bytes]) -> list[Step]:
    steps = []
    for number, (path, data) in enumerate(sorted(files.items())):
        name = f"n{number}"
        (site.staged / name).write_bytes(data)
        old = name if lstat(site.root / path) is not None else ""
        steps.append(Step(path, name, hashlib.sha256(data).hexdigest(), old))
    return steps


def _misplaced(site: Site, files: Mapping[str, bytes]) -> list[Problem]:
    """Paths that lead out of the folder, or through a link, or to what is no file."""
    found = []
    for path in sorted(files):
        where = Location(f"{site.name}/{path}")
        if trouble := path_trouble(path):
            found.append(Problem("output-path", f"the address of this file {trouble}", where))
            continue
        for name in (*folders_of(path), path):
            status = lstat(site.root / name)
            if status is not None and stat.S_ISLNK(status.st_mode):
                message = "a symbolic link is where a table is to be written"
                found.append(Problem("output-link", message, where, "Remove the link; nothing was changed."))
                break
            if status is not None and name == path and not stat.S_ISREG(status.st_mode):
                message = f"{path!r} is a folder, and a table is to be written there"
                found.append(Problem("output-foreign", message, where))
    return found
