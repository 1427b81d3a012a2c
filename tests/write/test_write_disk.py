"""Bytes are brought to the disk: of many files at once, where the system can do that and tells of errors."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.write import disk
from generator.write.disk import MANY, flush


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    found = [f"n{number}" for number in range(MANY)]
    for name in found:
        (tmp_path / name).write_bytes(b"x")
    return found


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is flushed by itself."""
    found: list[str] = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: found.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
    )
    return found


def answer(monkeypatch: pytest.MonkeyPatch, together: Callable[[int], int] | None) -> None:
    monkeypatch.setattr(disk, "_file_system_flush", lambda: together)
    monkeypatch.setattr(disk, "_kind_of", lambda _: "ext4")


@pytest.mark.skipif(sys.platform != "linux", reason="file systems are flushed at once on Linux")
def test_many_files_are_flushed_at_once(
    tmp_path: Path, names: list[str], flushed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def together(descriptor: int) -> int:
        asked.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        return 0

    answer(monkeypatch, together)
    flush(tmp_path, names)
    assert (asked, flushed) == ([str(tmp_path)], [])
    flush(tmp_path, names[1:])
    assert len(asked) == 1
    assert sorted(flushed) == sorted(str(tmp_path / name) for name in names[1:])


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("why", ["refused", "kind"])
def test_a_file_system_that_may_not_do_it_is_not_relied_on(
    why: str, tmp_path: Path, names: list[str], flushed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def together(_: int) -> int:
        ctypes.set_errno(errno.ENOSYS)
        return -1 if why == "refused" else 0

    answer(monkeypatch, together)
    if why == "kind":
        monkeypatch.setattr(disk, "_kind_of", lambda _: "overlay")
    flush(tmp_path, names)
    assert sorted(flushed) == sorted(str(tmp_path / name) for name in names)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_kind_of_a_file_system() -> None:
    assert disk._kind_of(Path("/proc")) == "proc"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_where_they_cannot_be_flushed_at_once_each_is(
    tmp_path: Path, names: list[str], flushed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, None)
    flush(tmp_path, names)
    assert sorted(flushed) == sorted(str(tmp_path / name) for name in names)


def test_what_is_lost_on_the_way_is_told(tmp_path: Path, names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def together(_: int) -> int:
        ctypes.set_errno(errno.EIO)
        return -1

    answer(monkeypatch, together)
    with pytest.raises(OSError, match="error") as caught:
        flush(tmp_path, names)
    assert caught.value.errno == errno.EIO


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux has it")
@pytest.mark.parametrize(
    ("release", "there"),
    [("6.1.0-13-amd64", True), ("5.8.0", True), ("5.7.19", False), ("4.19-x", False), ("?", False)],
)
def test_a_system_that_keeps_silent_about_lost_bytes_is_not_asked(
    release: str, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((*real[:2], release, *real[3:])))
    found = disk._file_system_flush.__wrapped__()
    assert (found is not None) is there
    if found:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        assert found(descriptor) == 0
        os.close(descriptor)
        assert found(descriptor) == -1
