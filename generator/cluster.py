"""Pages made on other machines, by the workers of a Dask cluster.

Such a machine does not have the story's folder. So what the story is made from is sent once, packed into one piece
that the workers hand on among each other, and each unpacks it into a folder of its own. That :class:`Copy` is a
value which Dask holds for the build: when the build has ended, or is no more, Dask lets go of it, and its folder is
removed.

Each worker is asked by name, for few pages at a time. With a worker nothing is lost but time: what was asked of it
is asked of others. So it is with a connection that comes back; one that does not leaves the rest to whoever called.
Which workers there are is looked up now and then, so that they may come and go.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
import shutil
import socket
import tempfile
import threading
import time
import warnings
import weakref
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

from msgspec import Struct

from generator import __version__
from generator.inputs import installed
from generator.making import Outcome, made
from generator.pages import PageMaker
from generator.problems import Location, Problem, SourceError
from generator.routes import Route
from generator.run import Run
from generator.source import inside
from generator.workers import Alone, Item, in_order, ready
from generator.write.paths import path_trouble

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE = 30.0
"""Seconds to wait for a scheduler, for the first worker, for a connection or the last worker to come back."""
LOOK = 1.0
"""Seconds between two looks at which workers there are."""
GRACE = 3.0
"""Seconds that the first worker waits for the others before it begins."""
WAITING = 2
"""How many requests a worker has at once, so that it need not wait for the next."""
TRIES = 3
"""How many workers may be lost over the same pages before these are made here."""

HERE = "__import__('generator.cluster', fromlist=['*'])"
"""This module, in a text that any Python can read.

A worker that does not have what a task refers to ends when it is asked, though it may be there for others. So tasks
are made of what every Python has, and say in words what is to be imported.
"""

OPTION = Location("--dask")
NOT_THERE = "Broadsheet is not installed there, or another version of it"
SILENT = logging.CRITICAL + 1


def on_cluster(
    address: str,
    run: Run,
    routes: Sequence[Route],
    alone: Alone,
    keep: Callable[[Route, Outcome], None],
    tell: Callable[[str], None],
) -> Generator[Outcome, None, int]:
    """The same as :func:`~generator.workers.in_order` from the workers of a cluster, by its scheduler's address.

    ``keep`` is given each page that comes, ``tell`` what is to be told of the cluster. Raises SourceError when
    nobody is to be reached there, or what makes pages there is not what makes them here.
    """
    try:
        packed = pack(run)
    except UnpackableError as error:
        tell(f"the story could not be sent to the cluster, so all pages were made here: {error}")
        return 0
    story = Story(packed=packed, base_url=run.base_url, whole=run.inputs.whole)
    with _quiet(), _Workers(address, story, keep, tell) as workers:
        done = yield from in_order(workers, routes, alone)
    those = f"{len(workers.makers)} worker{'s' * (len(workers.makers) != 1)}"
    tell(f"made by {those} of the cluster at {address}: {workers.pages:,} of {len(routes):,} pages")
    return done


@contextmanager
def _quiet() -> Iterator[None]:
    """What Dask would log of a lost connection is told in plain words, or makes no difference."""
    import distributed  # noqa: F401 - it sets up its logging first

    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(SILENT)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


# --- the story, packed ----------------------------------------------------------------------------------------


class UnpackableError(Exception):
    """The story cannot be sent as it is."""


class Story(TypedDict):
    """A story as it is sent: its files in one piece, and the digest of all that its pages are made from."""

    packed: bytes
    base_url: str | None
    whole: str


def pack(run: Run) -> bytes:
    """The files that the run has found the story to be made from, as a ZIP. Raises UnpackableError."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, digest in run.inputs.files.items():
            try:
                data = inside(run.root, path, Location(path)).read_bytes()
                archive.writestr(path, data)
            except (OSError, UnicodeError):
                raise UnpackableError(f"{path!r} cannot be read") from None
            except SourceError:
                raise UnpackableError(f"{path!r} leads out of its folder") from None
            if hashlib.sha256(data).hexdigest() != digest:
                raise UnpackableError(f"{path!r} was changed meanwhile")
    return made.getvalue()


# --- on a worker ----------------------------------------------------------------------------------------------


class Copy:
    """A story as a worker has it: unpacked when pages are first asked of it, and removed with this object.

    It lies in the worker's own folder, which Dask removes with the worker. A copy of the copy begins packed.
    """

    def __init__(self, packed: bytes, base_url: str | None, whole: str) -> None:
        self._story = Story(packed=packed, base_url=base_url, whole=whole)
        self._maker: PageMaker | None = None
        self._lock = threading.Lock()  # a worker may have several threads

    def __reduce__(self) -> tuple[Any, ...]:
        return Copy, tuple(self._story.values())

    def made(self, urls: Sequence[str]) -> list[Outcome]:
        """What comes of the pages at these addresses."""
        with self._lock:
            self._maker = self._maker or self._ready()
            return [made(self._maker, self._maker.routes[url], None) for url in urls]

    def _ready(self) -> PageMaker:
        from distributed import get_worker

        folder = Path(tempfile.mkdtemp(prefix="broadsheet-", dir=get_worker().local_directory))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        with zipfile.ZipFile(io.BytesIO(self._story["packed"])) as archive:
            archive.extractall(folder)
        run = Run(folder, base_url=self._story["base_url"], cache=False)
        if run.inputs.whole != self._story["whole"]:
            raise RuntimeError("what was unpacked is not what was sent")
        return ready(run)


def _generator() -> dict[str, tuple[str, ...]]:
    """What makes pages on the machine where this is called."""
    return {"broadsheet": (__version__,), **installed()}


# --- the workers as they are seen from here -------------------------------------------------------------------


class _Asked(Struct, frozen=True):
    """Pages that are asked of a worker."""

    item: Item
    worker: str
    future: Future


class _Workers:
    """The workers of a cluster. Use it in a ``with`` statement: what they hold for this build they let go of at its
    end."""

    def __init__(
        self, address: str, story: Story, keep: Callable[[Route, Outcome], None], tell: Callable[[str], None]
    ) -> None:
        self._address = address
        self._story = story
        self._keep = keep
        self._tell = tell
        self._sent: Future | None = None
        self._coming: dict[str, Future] = {}
        """By worker: what makes pages there, which was asked for."""
        self._copies: dict[str, Future] = {}
        """By worker, of those that are fit."""
        self._unfit: set[str] = set()
        self._asked: list[_Asked] = []
        self._again: deque[Item] = deque()
        """What those it was asked of did not make."""
        self._losses: Counter[int] = Counter()
        self._looked = self._there = time.monotonic()
        self.left = True
        self.makers: set[str] = set()
        self.pages = 0
        """How many they have made."""

    def __enter__(self) -> _Workers:
        self._client = _connected(self._address)
        try:
            self._begin()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        """Dask lets go of all that it holds for a client that is gone."""
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=5)

    @property
    def count(self) -> int:
        return len(self._copies)

    # --- who is there -----------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Wait for the first of the workers. Raises SourceError when there is none, or one that is not fit."""
        self._look()
        while self._coming or not self._copies:
            waited = time.monotonic() - self._there
            if self._copies and waited > GRACE:
                break
            if waited > PATIENCE:
                message = f"the cluster at {self._address} has no worker"
                hint = f"Start one where this version of Broadsheet is installed: dask worker {self._address}"
                raise SourceError(Problem("no-workers", message, OPTION, hint))
            self._wait()
            if different := self._welcome():
                raise SourceError(_differing(different))
            self._look()

    def _look(self) -> None:
        """Which workers there are now: those that are new are asked what makes pages there."""
        self._looked = time.monotonic()
        present = self._present()
        if self._forgotten:
            self._sent = None
            self._coming.clear()
            self._copies.clear()
        for worker in [*self._coming.keys() - present, *self._copies.keys() - present]:
            self._coming.pop(worker, None)
            self._copies.pop(worker, None)
        for worker in sorted(present - self._coming.keys() - self._copies.keys() - self._unfit):
            future = self._submit(worker, eval, f"{HERE}._generator()")
            if future is not None:
                self._coming[worker] = future

    @property
    def _forgotten(self) -> bool:
        """Whether a connection was lost: with it goes all that Dask held for this build."""
        return self._sent is not None and bool(self._sent.cancelled())

    def _present(self) -> set[str]:
        """The addresses of the workers that take tasks; none when the scheduler does not say."""
        if self._client.status != "running":
            return set()
        try:
            said = self._client.sync(self._client.scheduler.identity, callback_timeout=PATIENCE)
        except (OSError, TimeoutError, AttributeError):  # the last when the connection is lost just now
            return set()
        return {address for address, worker in said["workers"].items() if worker["status"] == "running"}

    def _welcome(self) -> dict[str, str]:
        """Give a copy to each worker that makes pages as they are made here; of the others, how they differ."""
        different = {}
        for worker, future in list(self._coming.items()):
            if future.status == "pending":
                continue
            del self._coming[worker]
            if future.status == "finished" and (theirs := _result(future)):
                how = _difference(theirs, _generator())
            elif future.status == "error":
                missing = isinstance(future.exception(), ImportError | AttributeError)
                how = NOT_THERE if missing else f"{type(future.exception()).__name__}: {future.exception()}"
            else:
                continue
            if how:
                different[worker] = how
                self._unfit.add(worker)
            elif copy := self._submit(worker, eval, f"{HERE}.Copy(packed, base_url, whole)", {}, self._sending()):
                self._copies[worker] = copy
        return different

    def _sending(self) -> Future:
        """The packed story, which is sent to the scheduler once; workers have it from it, or from each other."""
        import dask

        if self._sent is None:
            # A task that gives what it is given, and not data scattered: that would be lost with those who hold it.
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"}):
                self._sent = self._client.submit(dict, **self._story, pure=False)
        return self._sent

    def _submit(self, worker: str, function: Callable[..., Any], *arguments: Any) -> Future | None:
        """A task for this worker alone; None when there is no connection just now."""
        if self._client.status != "running":
            return None
        here = {"workers": [worker], "allow_other_workers": False}
        with suppress(CancelledError):  # what it is to be made of was lost with a connection
            return self._client.submit(function, *arguments, **here, pure=False)
        return None

    # --- what is asked, and what comes of it --------------------------------------------------------------------

    def ask(self, item: Item) -> bool:
        return not self._again and self._ask(item)  # those come first: it is them that others wait for

    def _ask(self, item: Item) -> bool:
        busy = Counter(asked.worker for asked in self._asked)
        worker = min(self._copies, key=lambda worker: busy[worker], default=None)
        if worker is None or busy[worker] >= WAITING:
            return False
        urls = [route.url for route in item[1]]
        future = self._submit(worker, methodcaller("made", urls), self._copies[worker])
        if future is not None:
            self._asked.append(_Asked(item, worker, future))
        return future is not None

    def answers(self) -> Iterator[tuple[int, list[Outcome] | None]]:
        self._wait()
        if time.monotonic() - self._looked > LOOK or self._forgotten:
            self._look()
        for worker, how in self._welcome().items():
            self._tell(f"nothing was asked of the worker {worker}: {how}")
        asked, self._asked = self._asked, []
        for each in asked:
            if each.future.status == "pending" and each.worker in self._copies:
                self._asked.append(each)
            else:
                yield from self._answer(each)
        while self._again and self._ask(self._again[0]):
            self._again.popleft()
        if self._copies:
            self._there = time.monotonic()
        elif self._client.status == "closed" or time.monotonic() - self._there > PATIENCE:
            self._tell(f"the cluster at {self._address} was lost, so the other pages were made here")
            self._asked, self.left = [], False

    def _wait(self) -> None:
        """Until something that was asked is answered; not for long."""
        from distributed import wait

        futures = [*self._coming.values(), *(asked.future for asked in self._asked)]
        if not futures or self._client.status != "running":
            time.sleep(LOOK / 5)
            return
        with self._client.as_current(), suppress(TimeoutError, CancelledError):
            wait(futures, timeout=LOOK, return_when="FIRST_COMPLETED")

    def _answer(self, asked: _Asked) -> Iterator[tuple[int, list[Outcome] | None]]:
        number, routes = asked.item
        outcomes = None
        if asked.future.status == "finished" and asked.worker in self._copies:
            outcomes = _result(asked.future)
            if outcomes is not None and not _right(routes, outcomes):
                self._drop(asked.worker, "it sent other pages than were asked for")
                outcomes = None
        elif asked.future.status == "error":
            error = asked.future.exception()
            self._drop(asked.worker, f"{type(error).__name__}: {error}")
        if outcomes is not None:
            for route, outcome in zip(routes, outcomes, strict=True):
                self._keep(route, outcome)
            self.pages += len(routes)
            self.makers.add(asked.worker)
            yield number, outcomes
            return
        self._losses[number] += not asked.future.cancelled()  # a connection that was lost is not for the pages
        if self._losses[number] < TRIES:
            self._again.append(asked.item)
        else:
            yield number, None

    def _drop(self, worker: str, why: str) -> None:
        """Nothing more is asked of a worker, for that reason."""
        if self._copies.pop(worker, None) is not None:
            self._unfit.add(worker)
            self._tell(f"nothing more was asked of the worker {worker}: {why}")


def _connected(address: str) -> Client:
    """Raises SourceError when no scheduler answers."""
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    parts = urlsplit(address)
    try:
        socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=PATIENCE).close()
    except OSError as error:  # told at once, where Dask would try again and again
        raise SourceError(_unreachable(address, error.strerror or str(error))) from None
    try:
        asyncio.run(_greet(address))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # what makes pages is compared in full
            return Client(address, timeout=PATIENCE, set_as_default=False, name="broadsheet")
    except TimeoutError:
        said = "whoever listens there does not say anything"
    except OSError as error:
        said = " ".join(str(error).split())
    except Exception as error:  # whatever comes of taking for a scheduler's what somebody else says
        unset = isinstance(error, TypeError) and parts.scheme == "tls"
        said = "Dask's settings name no certificates for TLS" if unset else "whoever listens there is none"
    raise SourceError(_unreachable(address, said))


async def _greet(address: str) -> None:
    """Whoever listens there is to answer as Dask does; a client would wait for that without end."""
    from distributed.comm import connect
    from distributed.security import Security

    trusted = Security().get_connection_args("client")
    comm = await asyncio.wait_for(connect(address, timeout=PATIENCE, **trusted), PATIENCE)
    await comm.close()


def _unreachable(address: str, why: str) -> Problem:
    hint = f"Start one: dask scheduler --port {urlsplit(address).port}; or name the address that it tells."
    return Problem("no-cluster", f"no Dask scheduler answers at {address}: {why}", OPTION, hint)


def _result(future: Future) -> Any:
    """None when it is lost on the way."""
    with suppress(Exception):
        return future.result(timeout=PATIENCE)
    return None


def _right(routes: Sequence[Route], outcomes: object) -> bool:
    """Whether this is what was asked for, whole: a record says of each page what its files are."""
    return (
        isinstance(outcomes, list)
        and len(outcomes) == len(routes)
        and all(isinstance(outcome, Outcome) for outcome in outcomes)
        and all(map(_whole, routes, outcomes))
    )


def _whole(route: Route, outcome: Outcome) -> bool:
    record = outcome.record
    if record is None:
        return not outcome.files
    found = [(path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in outcome.files.items()]
    return record.url == route.url and [*record.files] == found and _own(route, outcome.files)


def _own(route: Route, paths: Iterable[str]) -> bool:
    """Whether these are the page and files beside it or below."""
    own, *others = *paths, ""
    folder = route.file.removesuffix(route.file.rpartition("/")[2])
    return own == route.file and all(path.startswith(folder) and not path_trouble(path) for path in others[:-1])


def _difference(there: Mapping[str, Sequence[str]], here: Mapping[str, Sequence[str]]) -> str:
    """How what makes pages there is not what makes them here, in words; empty when it is."""
    if there == here:
        return ""
    theirs, ours = set(there["libraries"]), set(here["libraries"])
    listed = [_names("it has", theirs - ours), _names("it lacks", ours - theirs)]
    for what in ("broadsheet", "Python", "system"):
        if there[what] != here[what]:
            listed.insert(0, f"it has {what} {there[what][0]}, and here is {here[what][0]}")
    return "; ".join(filter(None, listed)) or "files of the generator itself are not the same"


def _names(what: str, libraries: set[str]) -> str:
    listed = sorted(name.rpartition(".")[0] for name in libraries)
    return f"{what} {', '.join(listed[:3])}{', …' * (len(listed) > 3)}" if listed else ""


def _differing(different: Mapping[str, str]) -> Problem:
    (worker, how), *others = different.items()
    message = f"the worker {worker} would not make the same pages: {how}"
    hint = "Install on every worker what is installed here, in the same versions, and start the workers anew."
    notes = tuple((f"nor {worker}", how) for worker, how in others[:3])
    return Problem("worker-differs", message, OPTION, hint, notes=notes)
