"""Cuts commits short at every point, and tells what became of the site. Run by test_write_interrupted.py.

A process of its own, because it forks: each child counts the changes it is about to make to the output folder
(by Python's audit events) and, at the chosen one, is killed or told that the disk is full. Prints one JSON list
of outcomes, one for each point; "between" (right after) and "after" (recovery) name what lies in the folder.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator.problems import SourceError
from generator.write import STATE, Staging, recover

OLD = {
    "index.html": b"first edition",
    "about/index.html": b"unchanged",
    "towns/aldford/index.html": b"aldford 1",
    "towns/brent/index.html": b"brent, to be removed",
    "rivers/dane/index.html": b"dane 1",
    "notes": b"a file that becomes a folder",
    "maps/north/a.svg": b"a folder that becomes a file",
    "Lakes/index.html": b"a folder that is spelled otherwise",
}
NEW = {
    "index.html": b"second edition",
    "about/index.html": b"unchanged",
    "towns/aldford/index.html": b"aldford 2",
    "rivers/dane/index.html": b"dane 2",
    "rivers/weaver/index.html": b"weaver, added",
    "notes/index.html": b"notes",
    "maps": b"maps",
    "lakes/index.html": b"a folder that is spelled otherwise",
}
SWAPS = (
    "notes",
    "maps",
    "Lakes",
    "lakes",
)  # what is a file in one site and a folder, or spelled otherwise, in the other
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate"}
NEEDS_SPACE = {"os.mkdir", "os.link", "open"}


def build(out: Path, files: dict[str, bytes]) -> None:
    with Staging(out) as stage:
        for path, data in files.items():
            stage.add(path, data)
        stage.commit()


def contents(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file() and STATE not in path.relative_to(out).parts
    }


def name_of(found: dict[str, bytes]) -> str:
    """Which whole site this is; "mixed" if every file is wholly old or new; else "torn"."""
    if found == OLD:
        return "old"
    if found == NEW:
        return "new"
    whole = all(data in (OLD.get(path), NEW.get(path)) for path, data in found.items())
    return "mixed" if whole else "torn"


def interrupt(out: Path, point: int, how: str) -> Callable[[], bool]:
    """At the ``point``-th change to the folder: kill this process, or fail (once, or all that needs space).

    Returns a function that tells whether that point was reached.
    """
    count = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal count
        if event == "open":
            path, _, flags = args
            if not isinstance(path, str) or not path.startswith(str(out)):
                return
            if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event not in CHANGES or not str(args[0]).startswith(str(out)):
            return
        count += 1
        if how == "kill" and count == point:
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "fail" and count == point:
            raise OSError(errno.EIO, "Input/output error")
        if how.startswith("full") and count >= point and event in NEEDS_SPACE:
            raise OSError(errno.ENOSPC, "No space left on device")

    sys.addaudithook(hook)
    return lambda: count >= point


def in_child(out: Path, point: int, how: str, task: Callable[[], None]) -> tuple[bool, str]:
    """Run a task in a forked child and interrupt it; (was the point reached, what it said was wrong)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        said = ""
        reached = interrupt(out, point, how)
        try:
            task()
        except SourceError as error:
            said = str(error)
        except BaseException as error:
            said = f"unexpected {error!r}"
        os.write(writing, said.encode())
        os._exit(0 if reached() else 1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, said


def run_point(out: Path, point: int, how: str, again: int) -> dict[str, object] | None:
    """One commit, cut short at ``point``, and its recovery, cut short at ``again``; None when past the end."""
    reached, said = in_child(out, point, how, lambda: build(out, NEW))
    if not reached:
        return None
    between = name_of(contents(out))
    if again:
        in_child(out, again, "kill", lambda: recover(out))
    state = sorted(path.name for path in (out / STATE).iterdir())
    recover(out)
    after = name_of(contents(out))
    build(out, NEW)
    repaired = name_of(contents(out)) == "new"
    tidy = not any(path.is_dir() and not any(path.iterdir()) for path in out.rglob("*"))
    return {
        "point": point,
        "between": between,
        "after": after,
        "repaired": repaired,
        "tidy": tidy,
        "problem": said,
        "state": state,
    }


def main(folder: Path, how: str, recoveries: int) -> None:
    if how == "full":
        for files in (OLD, NEW):
            for path in [path for path in files if path.split("/")[0] in SWAPS]:
                del files[path]
    before, out = folder / "before", folder / "site"
    build(before, OLD)
    outcomes = []
    for point in range(1, 1000):
        shutil.copytree(before, out)
        outcome = run_point(out, point, how, again=(1 + point * 7 % recoveries) if recoveries else 0)
        shutil.rmtree(out)
        if outcome is None:
            break
        outcomes.append(outcome)
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
