"""One build at a time into one folder."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from generator.write.folder import Site

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def _try_lock(descriptor: int) -> None:
    """Take the lock or raise OSError. A lock ends with its process, so there are no stale ones."""
    if sys.platform == "win32":
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # beyond the text, which others must be able to read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD: set[int] = set()
"""The descriptors of this process's locks."""


def _let_go_in_copy() -> None:
    """A copy of the process that outlives it by a moment must not hold what it held."""
    while _HELD:
        os.close(_HELD.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go_in_copy)


class Lock:
    """The right to change one output folder; taking it makes the folder and our private one."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._path = site.state / "lock"
        self._made = [folder for folder in (site.root, *site.root.parents) if not folder.exists()]
        self._descriptor = self._take()
        _HELD.add(self._descriptor)

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
                words = self._site.words
                who = f"{words.another} (process {owner})" if owner else words.another
                hint = f"Wait until it has finished, or {words.otherwise}."
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
        _HELD.discard(self._descriptor)
        os.close(self._descriptor)
        if first:
            for folder in (self._site.state, *self._made):
                with suppress(OSError):
                    folder.rmdir()
