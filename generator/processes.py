"""Work that another process does while this one goes on with its own."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # most builds need one process only
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess


def processors() -> int:
    """How many this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def can_fork() -> bool:
    """Whether a copy of this process is cheap, safe and of use: on Linux, without threads, with two processors."""
    return sys.platform == "linux" and threading.active_count() == 1 and processors() > 1


def end_with_parent() -> None:
    """From now on this process ends, whatever it is doing, when its parent is no more: nobody waits for its work.

    Ctrl-C is for the parent, which ends this one, too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def beside(step: Callable[[], bytes]) -> Iterator[Callable[[], bytes]]:
    """A copy of this process takes ``step`` while the body goes on; the body calls what it is given for the result.

    Where there can be no copy, or it is lost, the step is taken here when its result is asked for. What it changes
    in memory stays in the copy. Whatever it raises it raises here.
    """
    if not can_fork():
        yield step
        return
    copy = _Copy(step)

    def result() -> bytes:
        said = copy.result()
        return step() if said is None else said

    try:
        yield result
    finally:
        copy.end()


class _Copy:
    """The copy of a process that takes one step and says what came of it."""

    def __init__(self, step: Callable[[], bytes]) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self._ours, theirs = context.Pipe(duplex=False)
        self._process: ForkProcess = context.Process(target=_take, args=(theirs, step), daemon=True)
        gc.freeze()  # a collection in the copy would copy all that it looks at
        try:
            with warnings.catch_warnings():
                # Later Pythons warn of threads that libraries have started; the copy calls none of those.
                warnings.simplefilter("ignore", DeprecationWarning)
                self._process.start()
        finally:
            gc.unfreeze()
            theirs.close()

    def result(self) -> bytes | None:
        """None when the copy is lost, or the step raised."""
        with suppress(EOFError, OSError):
            return self._ours.recv_bytes()
        return None

    def end(self) -> None:
        """At once, if it has not said anything yet."""
        self._process.terminate()
        self._process.join()
        self._ours.close()


def _take(end: Connection, step: Callable[[], bytes]) -> None:
    end_with_parent()
    with suppress(Exception):  # the parent meets it in taking the step itself
        end.send_bytes(step())
