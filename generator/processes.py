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
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    """Whether a copy of this process is cheap and of use: on Linux, with two processors and no threads of ours.

    Where libraries have threads, the copy must not call these.
    """
    return sys.platform == "linux" and threading.active_count() == 1 and processors() > 1


def start_no_threads() -> None:
    """From now on libraries that are imported start none by themselves, so that this process can be copied.

    None of ours needs more than one to multiply matrices.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def has_threads() -> bool:
    """Whether there is a thread besides this one, be it a library's: what it does no copy goes on with."""
    try:
        return len(list(Path("/proc/self/task").iterdir())) > 1
    except OSError:  # nobody can say
        return True


def can_copy() -> bool:
    """The same for a copy that may call whatever this process may: no library has a thread."""
    return can_fork() and not has_threads()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until the body has ended.

    While a process is copied it would be lost, for what is raised just then is ignored; or it would meet the copy
    before that is one of its own, which would then undo what this process has begun.
    """
    if not hasattr(signal, "pthread_sigmask"):  # nor is there a copy
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_copy(target: Callable[..., None], *args: Any) -> ForkProcess:
    """Start a copy of this process that calls ``target``, and ends with it or with this process. Raises OSError."""
    from multiprocessing import get_context

    process = get_context("fork").Process(target=_as_copy, args=(target, *args), daemon=True)
    gc.freeze()  # a collection in the copy would copy all that it looks at
    try:
        with uninterrupted(), warnings.catch_warnings():
            # Later Pythons warn of threads that libraries have started: where there are any, the copy calls none.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
    finally:
        gc.unfreeze()
    return process


def _as_copy(target: Callable[..., None], *args: Any) -> None:
    end_with_parent()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    target(*args)


def end_with_parent() -> None:
    """From now on this process ends, whatever it is doing, when its parent is no more: nobody waits for its work.

    Ctrl-C is for the parent, which ends this one, too.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not _killed_with_parent():
        threading.Thread(target=_follow, daemon=True).start()


_SET_DEATH_SIGNAL = 1
"""Of prctl(2)."""


def _killed_with_parent() -> bool:
    """Have the system do it, where it can: it waits for no lock, and for no other process that lives."""
    from multiprocessing import parent_process

    parent = parent_process()
    if sys.platform != "linux" or parent is None:
        return False
    import ctypes

    if ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0):
        return False
    if os.getppid() != parent.pid:  # it was too late for that
        os._exit(1)
    return True


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
    copy: _Copy | None = None

    def result() -> bytes:
        said = copy.result() if copy else None
        return step() if said is None else said

    try:
        with uninterrupted(), suppress(OSError):  # the system may give no more processes
            copy = _Copy(step) if can_fork() else None
        yield result
    finally:
        if copy:
            copy.end()


class _Copy:
    """The copy of a process that takes one step and says what came of it."""

    def __init__(self, step: Callable[[], bytes]) -> None:
        from multiprocessing import Pipe

        self._ours, theirs = Pipe(duplex=False)
        try:
            self._process = start_copy(_take, theirs, step)
        finally:
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
    with suppress(Exception):  # the parent meets it in taking the step itself
        end.send_bytes(step())
