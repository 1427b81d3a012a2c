"""Pages made by several hands: here, by processes beside this one.

They are copies of this one, which has read the story: they begin at once. Where there can be no copies, on other
systems than Linux and when a library has started threads, each is started anew and reads the story for itself. What
is asked of them and what they answer is small: addresses go out, finished pages come back, and are handed on in the
order of the routes, so that a build is the same with any number of hands, and holds few pages at a time. A process
that is lost, or finds the story changed, takes nothing along: what was asked of it is made here. One whose parent
is gone ends by itself.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from generator.collecting import collect_seldom
from generator.making import Outcome, kept_pages, made
from generator.pages import PageMaker
from generator.prepare import prepare
from generator.problems import SourceError
from generator.processes import end_with_parent, start_copy, uninterrupted
from generator.routes import Route
from generator.run import Run

AT_ONCE = 4
"""Pages that are asked for together, where there are many: of few, each hand is to have as many as the others."""
AHEAD = 8
"""How many such requests for each hand may be answered before the one that is to be handed on next."""

Alone = Callable[[Route], Outcome]
"""Makes a page in this process."""


class Task(Struct, frozen=True):
    """What a process that is started anew begins with: the story, and the digest of all that it is made from."""

    root: Path
    base_url: str | None
    cache: bool
    whole: str

    @classmethod
    def of(cls, run: Run) -> Task:
        return cls(run.root.resolve(), run.base_url, run.store is not None, run.inputs.whole)


Item = tuple[int, Sequence[Route]]
"""What is asked of a hand at once, by its number."""


class Hands(Protocol):
    """Whoever makes pages when asked to: processes, or the workers of a cluster."""

    @property
    def count(self) -> int:
        """How many there are now."""

    @property
    def left(self) -> bool:
        """Whether an answer may come yet."""

    def ask(self, item: Item) -> bool:
        """Ask one that is free for some pages; whether there is one."""

    def answers(self) -> Iterable[tuple[int, list[Outcome] | None]]:
        """Wait for the next answers: what was asked, and what came of it; None when that is to be made here."""


def in_order(hands: Hands, routes: Sequence[Route], alone: Alone) -> Generator[Outcome, None, int]:
    """What comes of each route, in their order; ``alone`` makes what a hand lets fall.

    Returns for how many of the routes, which is not all of them when no hand is left.
    """
    size = min(AT_ONCE, max(1, len(routes) // (4 * max(1, hands.count))))
    chunks = [routes[start : start + size] for start in range(0, len(routes), size)]
    waiting = deque(enumerate(chunks))
    done: dict[int, list[Outcome]] = {}
    for number in range(len(chunks)):
        while number not in done:
            while waiting and waiting[0][0] < number + AHEAD * hands.count and hands.ask(waiting[0]):
                waiting.popleft()
            if not hands.left:
                return number * size
            for asked, outcomes in hands.answers():
                done[asked] = outcomes if outcomes is not None else [*map(alone, chunks[asked])]
        yield from done.pop(number)
    return len(routes)


def in_processes(
    run: Run, count: int, routes: Sequence[Route], alone: Alone, let_go: Callable[[], None], *, copied: bool
) -> Generator[Outcome, None, int]:
    """The same as :func:`in_order` from ``count`` processes at most, copies of this one or started anew.

    Once they are there, this one needs little of the story: it is told to ``let_go`` of the rest.
    """
    with _Workers() as workers:
        run.close()  # what was found out until here is there for them, and no file of the store is open in a copy
        wanted = min(count, -(-len(routes) // AT_ONCE))
        if copied:
            known = {route.url: route for route in routes}
            workers.start(wanted, lambda end: start_copy(_work_as_copy, end, run, known, alone))
        else:
            task = Task.of(run)
            workers.start(wanted, lambda end: _started(end, task))
        let_go()
        return (yield from in_order(workers, routes, alone))


class _Workers:
    """The processes, and what each is doing."""

    def __init__(self) -> None:
        self._processes: list[BaseProcess] = []
        self._free: list[Connection] = []
        self.busy: dict[Connection, int] = {}
        """The number of what is asked of each."""

    def start(self, count: int, begin: Callable[[Connection], BaseProcess]) -> None:
        """So many, or as many as the system gives; ``begin`` starts one with its end of what leads to it."""
        with uninterrupted(), suppress(OSError):
            for _ in range(count):
                ours, theirs = Pipe()
                with theirs:
                    self._processes.append(begin(theirs))
                self._free.append(ours)

    @property
    def count(self) -> int:
        return len(self._processes)

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let them write what they keep, and wait for that; after an error they stop where they are."""
        for end in (*self._free, *self.busy) if kind is None else ():
            with suppress(OSError):
                end.send(None)
        for process in self._processes:
            if kind is not None:
                process.terminate()
            process.join()
        for end in (*self._free, *self.busy):
            end.close()

    @property
    def left(self) -> bool:
        return bool(self.busy)

    def ask(self, item: Item) -> bool:
        number, chunk = item
        while self._free:
            end = self._free.pop()
            try:
                end.send([route.url for route in chunk])
            except OSError:
                end.close()
                continue
            self.busy[end] = number
            return True
        return False

    def answers(self) -> Iterator[tuple[int, list[Outcome] | None]]:
        """None from a process that is lost."""
        there = wait(list(self.busy))
        for end in [end for end in self.busy if end in there]:
            number = self.busy.pop(end)
            try:
                outcomes: list[Outcome] = end.recv()
            except (EOFError, OSError):
                end.close()
                yield number, None
                continue
            self._free.append(end)
            yield number, outcomes


def _started(end: Connection, task: Task) -> BaseProcess:
    """A process that knows nothing of this one."""
    process = get_context("spawn").Process(target=_work, args=(end, task), daemon=True)
    process.start()
    return process


def _work(end: Connection, task: Task) -> None:
    """Read the story, and make pages until there are no more to be made."""
    end_with_parent()
    collect_seldom()  # whatever command has started it
    run = Run(task.root, base_url=task.base_url, cache=task.cache)
    with run, suppress(OSError, SourceError):  # of a story that changes just now
        if run.inputs.whole != task.whole:
            return
        maker = ready(run)
        kept = kept_pages(maker, run)
        _answer(end, lambda url: made(maker, maker.routes[url], kept))


def _work_as_copy(end: Connection, run: Run, routes: Mapping[str, Route], alone: Alone) -> None:
    gc.enable()  # whatever the command did; there may be thousands of pages
    with run:
        _answer(end, lambda url: alone(routes[url]))


def _answer(end: Connection, make: Callable[[str], Outcome]) -> None:
    with suppress(EOFError, OSError):
        while (urls := end.recv()) is not None:
            end.send([make(url) for url in urls])


def ready(run: Run) -> PageMaker:
    """What makes the pages of a story that another process has looked at and found fit."""
    maker = prepare(run.root, base_url=run.base_url, look=False, run=run)
    maker.leave_out_drafts()
    return maker
