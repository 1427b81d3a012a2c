"""Bringing to the disk what the system still holds in memory, so that it is there after the power was cut."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

MANY = 100
"""Files for which the whole file system is flushed at once: a file by itself takes a tenth of a millisecond."""
_TELLS_OF_ERRORS = (5, 8)
"""The first Linux on which flushing a file system says that bytes were lost."""
_KINDS = frozenset({"ext4", "xfs", "btrfs", "f2fs", "tmpfs"})
"""File systems that do say it: those of containers and networks may not."""
_LOST = frozenset({errno.EIO, errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def flush(folder: Path, names: Sequence[str]) -> None:
    """Bring the bytes of these files of a folder to the disk."""
    together = _file_system_flush() if len(names) >= MANY and _kind_of(folder) in _KINDS else None
    if together is None or not _flushed_all(folder, together):
        _flush_each(folder, names)


def flush_folders(*folders: Path) -> None:
    """Bring the names in folders to the disk, where the system can do that."""
    if sys.platform != "win32":
        for folder in folders:
            _on(folder, os.O_RDONLY, os.fsync)


def _flush_each(folder: Path, names: Sequence[str]) -> None:
    """In threads: a disk flushes many files in the time of a few."""
    from concurrent.futures import ThreadPoolExecutor  # not needed where nothing is written

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: _on(folder / name, os.O_RDWR, os.fsync), names))


def _flushed_all(folder: Path, together: Callable[[int], int]) -> bool:
    """Whether the system did it. Raises OSError when it says that bytes were lost."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if together(descriptor) == 0:
            return True
        from ctypes import get_errno

        number = get_errno()
    finally:
        os.close(descriptor)
    if number in _LOST:
        raise OSError(number, os.strerror(number), str(folder))
    return False


def _kind_of(folder: Path) -> str:
    """Of file system, as Linux calls it; '' where that cannot be known."""
    if sys.platform == "win32":
        return ""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        for line in mounts.splitlines():
            mounted, _, kind = line.partition(" - ")
            if mounted.split()[2] == wanted:
                return kind.split()[0]
    except (OSError, LookupError):
        pass
    return ""


def _on(path: Path, how: int, do: Callable[[int], None]) -> None:
    descriptor = os.open(path, how)
    try:
        do(descriptor)
    finally:
        os.close(descriptor)


@cache
def _file_system_flush() -> Callable[[int], int] | None:
    """``syncfs`` of the C library; None where there is none, or one that keeps silent about lost bytes."""
    if sys.platform != "linux" or _version(os.uname().release) < _TELLS_OF_ERRORS:
        return None
    import ctypes  # only many files need it

    try:
        found: Callable[[int], int] = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return None
    return found


def _version(release: str) -> tuple[int, ...]:
    """``6.1.0-13-amd64`` → (6, 1)."""
    return tuple(int(part) if part.isdecimal() else 0 for part in release.split(".")[:2])
