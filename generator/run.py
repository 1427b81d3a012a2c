"""The beginning of a command: what the story is made from now, what is remembered, whether there is anything to do.

Light, so that a build with nothing to do imports nothing that it does not need.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from generator.bytecode import Bytecode, of_the_user
from generator.inputs import Inputs, digest, read_inputs
from generator.memory import Memory
from generator.problems import Problem, as_plain, from_plain
from generator.store import NOT_OURS, Store
from generator.write import Left, Signature, recover_data, untouched


class Report(Struct, frozen=True):
    """What a build did."""

    pages: int
    figures: int
    values: int
    written: int
    unchanged: int
    removed: int
    seconds: float
    warnings: tuple[Problem, ...] = ()
    bytes: int = 0
    """The size of the whole site."""
    stages: Mapping[str, float] = field(default_factory=dict)
    """Seconds on the clock of each stage, in order."""
    remarks: tuple[str, ...] = ()
    """What else is to be told of this build, and of none that finds its site unchanged."""


class Stages:
    """How long each stage of a command takes, on the clock."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


class Standing(Struct, frozen=True):
    """A site as a build left it: the digest of what it was made from, what was told, the state of every file."""

    whole: str
    report: Report
    files: Left
    day: str = ""
    """The day that what was told depends on (ISO 8601); '' when no day makes a difference."""


class Run:
    """One command on one story. Use it in a ``with`` statement: what is worth keeping is written at the end.

    With ``cache`` off nothing is remembered from earlier runs and nothing is kept for later ones; with ``keep`` off
    only the latter.
    """

    def __init__(
        self,
        root: Path,
        *,
        base_url: str | None = None,
        cache: bool = True,
        keep: bool = True,
        memory: Memory | None = None,
    ) -> None:
        """``memory`` is that of the run before, in a process that has several."""
        self.root = root
        self.base_url = base_url
        self.started = time.perf_counter()
        recover_data(root)  # a refresh that was cut short
        kept = cache and root.is_dir()
        self.store = Store(root, still=self._still, limit=math.inf, writing=keep) if kept else None
        """Its limit is known with the story's pages: until then nothing is let go of."""
        self._keep = keep
        self._standing: dict[str, Standing | None] = {}
        self.memory = memory or Memory()
        self.memory.turn(self.store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is worth keeping; what is found out afterwards waits until the next call."""
        if self.store is not None:
            self.store.close()
        if "bytecode" in vars(self):
            self.bytecode.close()

    @cached_property
    def bytecode(self) -> Bytecode:
        """What was compiled in earlier runs; nothing where nothing is remembered of them."""
        return of_the_user(writing=self._keep) if self.store else Bytecode()

    @cached_property
    def inputs(self) -> Inputs:
        """As they were when first asked for."""
        return read_inputs(self.root, base_url=self.base_url)

    def _still(self) -> bool:
        """Whether the story is as it was when it was read: what was made of a mixture must not be kept."""
        return read_inputs(self.root, base_url=self.base_url) == self.inputs

    # --- the site that is there ---------------------------------------------------------------------------

    def unchanged(self, out: Path, today: dt.date | None = None) -> Report | None:
        """What to tell when the site in ``out`` is what a build would make now; None when it has to be built."""
        standing = self._standing_in(out)
        if standing is None or standing.whole != self.inputs.whole or not untouched(out, standing.files):
            return None
        if standing.day and standing.day != _day(today):  # the same site, but perhaps other warnings
            return None
        seconds = time.perf_counter() - self.started
        known, stages = len(standing.files), {"comparing": seconds}
        return replace(standing.report, written=0, unchanged=known, removed=0, seconds=seconds, stages=stages)

    def left(self, out: Path) -> Left | None:
        """The files that the last build left in ``out``. This run lets go of them, since they may be many."""
        standing = self._standing_in(out)
        self._standing.pop(_place(out), None)
        return standing.files if standing else None

    def _standing_in(self, out: Path) -> Standing | None:
        """What the last build into ``out`` left there; None when nobody knows."""
        place = _place(out)
        if place not in self._standing:
            data = self.store.get("site", place) if self.store else None
            with suppress(*NOT_OURS):
                self._standing[place] = _unpacked(data) if data is not None else None
        return self._standing.get(place)

    def stands(
        self,
        out: Path,
        report: Report,
        files: Iterable[tuple[str, Signature]],
        *,
        timed: bool,
        today: dt.date | None,
    ) -> None:
        """A build has just left a site in ``out``; ``timed``: what it warns of depends on the day."""
        if self.store is not None:
            left = Left.of(files)
            standing = Standing(self.inputs.whole, report, left, _day(today) if timed else "")
            self.store.put("site", _place(out), _packed(standing))
            self._standing.pop(_place(out), None)


def _day(today: dt.date | None) -> str:
    return today.isoformat() if today else "none given"


def _place(out: Path) -> str:
    return digest(str(out.resolve()))


class _Kept(Struct, frozen=True, array_like=True):
    """A :class:`Standing`, as it is kept."""

    whole: str
    day: str
    pages: int
    figures: int
    values: int
    warnings: list[Any]
    bytes: int
    files: Left


def _packed(standing: Standing) -> bytes:
    report = standing.report
    numbers = (report.pages, report.figures, report.values)
    told = as_plain(report.warnings)
    return msgspec.msgpack.encode(_Kept(standing.whole, standing.day, *numbers, told, report.bytes, standing.files))


def _unpacked(data: bytes) -> Standing:
    kept = msgspec.msgpack.decode(data, type=_Kept)
    report = Report(kept.pages, kept.figures, kept.values, 0, 0, 0, 0.0, from_plain(kept.warnings), kept.bytes)
    return Standing(kept.whole, report, kept.files, kept.day)
