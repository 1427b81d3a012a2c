"""A build on a Dask cluster: the same bytes and the same problems, whatever becomes of the cluster.

The scheduler and its workers are real processes on the loopback interface, each test's own but for those that leave
them as they were.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from small_stories import write_story
from test_builds import published
from test_jobs import PAGE, TOWNS, alone, marked, slowly, story, waited  # noqa: F401 - two of them are fixtures

from generator import cluster, rendering, workers
from generator.build import build
from generator.cli import main
from generator.inputs import installed
from generator.making import Outcome, made
from generator.pages.records import FileList
from generator.problems import Problem, SourceError
from generator.run import Report, Run
from generator.workers import ready

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.aside


class Cluster:
    """A scheduler and workers below a folder; what they write there stays when they are gone."""

    def __init__(self, folder: Path, protocol: str = "tcp", path: Path | None = None) -> None:
        """``path`` is one more folder for the scheduler to import from, before others."""
        self.folder = folder
        self.protocol = protocol
        self.folder.mkdir(exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"{protocol}://127.0.0.1:{self.port}"
        self.running: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.schedule(path)

    def schedule(self, path: Path | None = None) -> subprocess.Popen[bytes]:
        said = ("--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard", "--idle-timeout", "600 s")
        said = (*said, "--protocol", self.protocol)
        process = self._start("dask_scheduler", *said, path=path)
        waited(lambda: self._listens(), "the scheduler listens")
        return process

    def work(self, *more: str, path: Path | None = None) -> subprocess.Popen[bytes]:
        """A worker; ``path`` is one more folder to import from."""
        said = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder))
        process = self._start("dask_worker", self.address, *said, *more, path=path)
        log = self.folder / f"{len(self.running) - 1}.log"
        waited(lambda: b"Registered to:" in log.read_bytes(), "the worker is known to the scheduler")
        return process

    def _start(self, module: str, *said: str, path: Path | None = None) -> subprocess.Popen[bytes]:
        places = os.pathsep.join(map(str, filter(None, [path, ROOT])))
        with (self.folder / f"{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *said],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": places},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def copies(self) -> list[Path]:
        """The copies of stories that workers hold."""
        return list(self.folder.glob("dask-scratch-space/*/broadsheet-*"))

    def end(self) -> None:
        for process in self.running:  # and those that they have started
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    made = Cluster(tmp_path / "cluster")
    yield made
    made.end()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers, which are not to be harmed."""
    made = Cluster(tmp_path_factory.mktemp("two") / "cluster")
    made.work()
    made.work()
    yield made
    made.end()


@pytest.fixture(autouse=True)
def fresh(story: Path) -> None:  # noqa: F811
    """Nothing is remembered of other tests."""
    shutil.rmtree(story / ".broadsheet", ignore_errors=True)


class Asking:
    """What is asked of workers, and what is to happen when something is, each by its number."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.then: dict[int, Callable[[Any], object]] = {}

    @property
    def again(self) -> bool:
        """Whether anything was asked twice."""
        return len(self.asked) > len(set(self.asked))


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> Asking:
    ask, made = cluster._Workers._ask, Asking()

    def listen(self: Any, item: Any) -> bool:
        if happens := made.then.pop(item[0], None):
            happens(self)
        taken = ask(self, item)
        made.asked.extend([item[0]] * taken)
        return taken

    monkeypatch.setattr(cluster._Workers, "_ask", listen)
    return made


def by_workers(report: Report) -> int:
    """How many pages workers made."""
    return sum(
        int(made) for made in re.findall(r"^made by .*: (\d+) of \d+ pages$", "\n".join(report.remarks), re.M)
    )


ALL = TOWNS + 1  # with the front page


# --- the same site --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cache", [True, False])
def test_the_same_bytes(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    two: Cluster,
    tmp_path: Path,
    cache: bool,
) -> None:
    report = build(story, tmp_path / "site", cache=cache, cluster=two.address)
    assert published(tmp_path / "site") == alone
    assert report.remarks == (f"made by 2 workers of the cluster at {two.address}: {ALL} of {ALL} pages",)
    assert report.warnings == ()
    waited(lambda: not two.copies(), "the copies go")
    again = build(story, tmp_path / "again", cache=cache, cluster=two.address)
    assert published(tmp_path / "again") == alone
    assert by_workers(again) == (0 if cache else ALL), "what came back is kept"


def test_pages_that_are_kept_are_not_sent(
    story: Path,  # noqa: F811
    two: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "FEW", 0)
    build(story, tmp_path / "site", cluster=two.address)
    front = story / "content/index.md"
    text = front.read_text()
    front.write_text(text + "\nAnd one more sentence.\n")
    try:
        report = build(story, tmp_path / "site", cluster=two.address)
        assert by_workers(report) == 1
        assert report.remarks[0].endswith(": 1 of 1 pages")
        build(story, tmp_path / "clean", cache=False)
        assert published(tmp_path / "site") == published(tmp_path / "clean")
    finally:
        front.write_text(text)


def test_few_pages_need_no_cluster(
    story: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "FEW", ALL)
    report = build(story, tmp_path / "site", cluster="tcp://127.0.0.1:1")
    assert report.remarks == (f"{ALL} pages to make are too few for a cluster: they were made here",)


def test_the_same_problems(story: Path, two: Cluster, tmp_path: Path) -> None:  # noqa: F811
    page = story / "content/towns/[town].md"
    page.write_text(PAGE + "\n[At least a hundred]{= town.visits } came. {{ town.name.foo }}\n")
    found = []
    try:
        for address in (None, two.address):
            with pytest.raises(SourceError) as error:
                build(story, tmp_path / "site", cache=False, cluster=address)
            found.append(error.value.problems)
    finally:
        page.write_text(PAGE)
    assert found[0] == found[1]
    assert not (tmp_path / "site/index.html").exists()


def test_a_story_that_cannot_be_sent_is_built_here(
    story: Path,  # noqa: F811
    tmp_path: Path,
    alone: dict[str, bytes],  # noqa: F811
) -> None:
    """Nothing outside of its folder is sent anywhere."""
    (tmp_path / "secret.txt").write_text("secret")
    link = story / "data/notes.txt"
    link.symlink_to(tmp_path / "secret.txt")
    try:
        with pytest.raises(cluster.UnpackableError, match=r"'data/notes\.txt' leads out of its folder"):
            cluster.pack(Run(story, cache=False))
        report = build(story, tmp_path / "site", cache=False, cluster="tcp://127.0.0.1:1")
    finally:
        link.unlink()
    assert "all pages were made here: 'data/notes.txt' leads out of its folder" in report.remarks[0]
    assert published(tmp_path / "site") == alone


def test_a_story_that_changes_while_it_is_packed_is_not_sent(story: Path) -> None:  # noqa: F811
    run = Run(story, cache=False)
    assert run.inputs.files
    page = story / "content/towns/[town].md"
    page.write_text(PAGE + "\n")
    try:
        with pytest.raises(cluster.UnpackableError, match="was changed meanwhile"):
            cluster.pack(run)
    finally:
        page.write_text(PAGE)


# --- what is lost ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nanny", [True, False])
@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_a_worker_that_ends_takes_nothing_along(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    own: Cluster,
    tmp_path: Path,
    asking: Asking,
    nanny: bool,
    how: signal.Signals,
) -> None:
    """But its copy, which one that is killed can leave to nobody but the process that minds it."""
    worker = own.work(*([] if nanny else ["--no-nanny"]))
    own.work()
    victim = minded(worker.pid) if nanny and how is signal.SIGKILL else worker.pid
    asking.then[6] = lambda _: os.kill(victim, how)
    report = build(story, tmp_path / "site", cache=False, cluster=own.address)
    assert published(tmp_path / "site") == alone
    assert by_workers(report) == ALL
    assert asking.again
    if nanny or how is signal.SIGTERM:
        waited(lambda: not own.copies(), "the copies go")


@pytest.mark.long
def test_the_last_worker_that_is_killed_leaves_the_rest(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    own: Cluster,
    tmp_path: Path,
    asking: Asking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 3)
    worker = own.work("--no-nanny")
    asking.then[6] = lambda _: worker.kill()
    report = build(story, tmp_path / "site", cache=False, cluster=own.address)
    assert published(tmp_path / "site") == alone
    assert report.remarks[0] == f"the cluster at {own.address} was lost, so the other pages were made here"
    assert 0 < by_workers(report) < ALL


@pytest.mark.long
def test_another_worker_takes_the_place_of_the_last(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    own: Cluster,
    tmp_path: Path,
    asking: Asking,
) -> None:
    worker = own.work("--no-nanny")

    def replaced(_: Any) -> None:
        worker.kill()
        threading.Thread(target=own.work).start()

    asking.then[6] = replaced
    report = build(story, tmp_path / "site", cache=False, cluster=own.address)
    assert published(tmp_path / "site") == alone
    assert by_workers(report) == ALL


def test_a_connection_that_comes_back(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    two: Cluster,
    tmp_path: Path,
    asking: Asking,
) -> None:
    """Everything goes through a gate, which is closed for a moment."""
    gate = Gate(two.port)
    try:
        asking.then[6] = lambda _: gate.cut()
        report = build(story, tmp_path / "site", cache=False, cluster=gate.address)
    finally:
        gate.end()
    assert gate.cuts
    assert published(tmp_path / "site") == alone
    assert by_workers(report) == ALL


@pytest.mark.long
@pytest.mark.parametrize("comes_back", [True, False])
def test_a_scheduler_that_is_killed(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    own: Cluster,
    tmp_path: Path,
    asking: Asking,
    monkeypatch: pytest.MonkeyPatch,
    comes_back: bool,
) -> None:
    """Its workers end with it; with those of one that comes back the build goes on."""
    monkeypatch.setattr(cluster, "PATIENCE", 30 if comes_back else 3)
    own.work()
    begun: list[threading.Thread] = []

    def killed(_: Any) -> None:
        own.scheduler.kill()
        own.scheduler.wait()
        if comes_back:
            begun.append(threading.Thread(target=lambda: (own.schedule(), own.work())))
            begun[0].start()

    asking.then[6] = killed
    report = build(story, tmp_path / "site", cache=False, cluster=own.address)
    for thread in begun:
        thread.join()
    assert published(tmp_path / "site") == alone
    assert by_workers(report) == ALL if comes_back else 0 < by_workers(report) < ALL
    assert any("was lost" in remark for remark in report.remarks) is not comes_back


class Gate:
    """Hands on what goes to and from a port of this machine, until it is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"
        self.cuts = 0
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    self._threads.append(threading.Thread(target=self._hand_on, args=(one, other)))
                    self._threads[-1].start()

    @staticmethod
    def _hand_on(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """All connections; new ones are taken."""
        self.cuts += 1
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join()
        for end in (self._listening, *self._open):
            end.close()


def minded(pid: int) -> int:
    """The worker that a process minds."""
    found = [
        int(each) for path in Path(f"/proc/{pid}/task").glob("*/children") for each in path.read_text().split()
    ]
    [worker] = [each for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
    return worker


# --- what is left behind --------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_build_that_is_ended(
    story: Path,  # noqa: F811
    two: Cluster,
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    site = tmp_path / "site"
    build(story, site, cache=False)
    before = published(site)
    with slowly(story, 2):
        process = subprocess.Popen(
            [sys.executable, "-m", "generator", "build", str(story), "--out", str(site), "--dask", two.address],
            env={**os.environ, "PYTHONPATH": str(ROOT), "MARK": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            waited(lambda: len(two.copies()) == 2, "the workers begin")
            process.send_signal(how)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
    assert process.returncode != 0
    assert "Traceback" not in said
    assert not marked(tmp_path)
    waited(lambda: not two.copies(), "the copies go")
    assert published(site) == before
    assert [*story.rglob("broadsheet-*")] == []
    build(story, site, cache=False)  # what it had begun to write is cleared away
    assert published(site) == before
    assert not [path for path in (site / ".broadsheet").rglob("*") if path.is_dir() and any(path.iterdir())]


# --- what is refused ------------------------------------------------------------------------------------------


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Path]:
    """A site that was built before and stays as it is."""
    site = tmp_path / "site"
    before = write_story(tmp_path / "before", {}, settings="title: Before\ndescription: One page.\n")
    (before / "content/index.md").write_text("---\ntitle: Before\ndescription: Before.\n---\nBefore.\n")
    build(before, site, cache=False)
    was = published(site)
    yield site
    assert published(site) == was


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def refused(story: Path, site: Path, address: str) -> Problem:  # noqa: F811
    with pytest.raises(SourceError) as error:
        build(story, site, cluster=address)
    [problem] = error.value.problems
    return problem


def test_nobody_listens(story: Path, standing: Path) -> None:  # noqa: F811
    problem = refused(story, standing, "tcp://127.0.0.1:1")
    assert problem.code == "no-cluster"
    assert problem.message == "no Dask scheduler answers at tcp://127.0.0.1:1: Connection refused"


def test_no_such_machine(story: Path, standing: Path) -> None:  # noqa: F811
    problem = refused(story, standing, "tcp://scheduler.invalid:8786")
    assert problem.code == "no-cluster"


@pytest.mark.parametrize(
    ("protocol", "said", "why"),
    [
        ("tcp", b"", "whoever listens there does not say anything"),
        ("tcp", b"SSH-2.0-OpenSSH_9.2\r\n" + 100 * b"x", "whoever listens there is none"),
        ("tls", b"", "Dask's settings name no certificates for TLS"),
    ],
)
def test_somebody_else_listens(
    story: Path,  # noqa: F811
    standing: Path,
    monkeypatch: pytest.MonkeyPatch,
    protocol: str,
    said: bytes,
    why: str,
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 2)

    def speak(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                taken.append(server.accept()[0])
                taken[-1].sendall(said)

    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as other:
        speaking = threading.Thread(target=speak, args=(other,))
        speaking.start()
        try:
            problem = refused(story, standing, f"{protocol}://127.0.0.1:{other.getsockname()[1]}")
        finally:
            other.shutdown(socket.SHUT_RDWR)
            speaking.join()
            for each in taken:
                each.close()
    assert problem.code == "no-cluster"
    assert problem.message.partition(": ")[2] == why


def test_nobody_works(
    story: Path,  # noqa: F811
    standing: Path,
    own: Cluster,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 2)
    problem = refused(story, standing, own.address)
    assert (problem.code, problem.message) == ("no-workers", f"the cluster at {own.address} has no worker")


def test_a_worker_that_would_make_other_pages(
    story: Path,  # noqa: F811
    standing: Path,
    own: Cluster,
    tmp_path: Path,
) -> None:
    (tmp_path / "more/drawing-1.0.dist-info").mkdir(parents=True)
    own.work(path=tmp_path / "more")
    problem = refused(story, standing, own.address)
    assert problem.code == "worker-differs"
    assert re.fullmatch(
        r"the worker tcp://127\.0\.0\.1:\d+ would not make the same pages: it has drawing-1\.0", problem.message
    )


@pytest.mark.long
def test_a_worker_that_comes_later_and_would_make_other_pages(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    own: Cluster,
    tmp_path: Path,
    asking: Asking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "more/drawing-1.0.dist-info").mkdir(parents=True)
    own.work()

    def comes(there: Any) -> None:
        own.work(path=tmp_path / "more")
        there._look()
        waited(lambda: all(future.done() for future in there._coming.values()), "it says what it is")

    asking.then[6] = comes
    report = build(story, tmp_path / "site", cache=False, cluster=own.address)
    assert published(tmp_path / "site") == alone
    assert report.remarks[0].startswith("nothing was asked of the worker tcp://127.0.0.1:")
    assert report.remarks[0].endswith(": it has drawing-1.0")
    assert report.remarks[1].startswith("made by 1 worker of")


def test_a_worker_without_broadsheet_goes_on(
    story: Path,  # noqa: F811
    standing: Path,
    tmp_path: Path,
) -> None:
    """It may be there for others."""
    own = Cluster(tmp_path / "cluster", path=without(tmp_path))
    try:
        worker = own.work(path=without(tmp_path))
        problem = refused(story, standing, own.address)
        assert worker.poll() is None
    finally:
        own.end()
    assert problem.code == "worker-differs"
    assert problem.message.endswith(f"would not make the same pages: {cluster.NOT_THERE}")


@pytest.mark.long
def test_a_scheduler_without_broadsheet(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    tmp_path: Path,
) -> None:
    """It only hands on."""
    own = Cluster(tmp_path / "cluster", path=without(tmp_path))
    try:
        own.work()
        report = build(story, tmp_path / "site", cache=False, cluster=own.address)
    finally:
        own.end()
    assert by_workers(report) == ALL
    assert published(tmp_path / "site") == alone


def without(folder: Path) -> Path:
    """A folder to import from, in which there is a package of that name, and nothing in it."""
    (folder / "without/generator").mkdir(parents=True, exist_ok=True)
    (folder / "without/generator/__init__.py").touch()
    return folder / "without"


def test_how_a_worker_differs() -> None:
    here = {"broadsheet": ("0.1.0",), **installed()}
    assert cluster._difference(here, here) == ""
    there = {
        **here,
        "Python": ("3.9.1",),
        "libraries": (*here["libraries"][1:], *(f"p{n}.dist-info" for n in range(4))),
    }
    assert cluster._difference(there, here) == (
        f"it has Python 3.9.1, and here is {sys.version}; it has p0, p1, p2, …; "
        f"it lacks {here['libraries'][0].removesuffix('.dist-info')}"
    )
    assert cluster._difference({**here, "files": ("x",)}, here) == "files of the generator itself are not the same"


def test_what_a_worker_sends_is_what_was_asked_for(story: Path) -> None:  # noqa: F811
    with Run(story, cache=False) as run:
        maker = ready(run)
        first, second = list(maker.routes.values())[-2:]
        outcomes = [made(maker, route, None) for route in (first, second)]
    assert cluster._right([first, second], outcomes)
    assert not cluster._right([second, first], outcomes)
    assert not cluster._right([first], outcomes)
    assert not cluster._right([first, second], None)
    record, files = outcomes[0].record, outcomes[0].files
    assert record
    path, *_ = files
    spoilt = Outcome(record, {**files, path: b"<p>other"})
    more = Outcome(record, {**files, "more.html": b""})
    foreign = [
        Outcome(
            replace(record, files=FileList.of([*record.files, (elsewhere, digest(b""), 0)])),
            {**files, elsewhere: b""},
        )
        for elsewhere in ("more.html", f"{first.url}../more.html", "/more.html")
    ]
    for wrong in (spoilt, more, *foreign, Outcome(None, files), Outcome(replace(record, files=())), object()):
        assert not cluster._right([first, second], [wrong, outcomes[1]])


def test_no_path_from_a_worker_leaves_the_folder(
    story: Path,  # noqa: F811
    standing: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def elsewhere(_address: str, _run: Run, routes: Any, alone: Any, *_: Any) -> Any:  # noqa: F811
        for route in routes:
            outcome: Outcome = alone(route)
            assert outcome.record
            record = replace(
                outcome.record, files=FileList.of([*outcome.record.files, ("../more.csv", digest(b""), 0)])
            )
            yield replace(outcome, record=record, files={**outcome.files, "../more.csv": b""})
        return len(routes)

    monkeypatch.setattr(cluster, "on_cluster", elsewhere)
    with pytest.raises(SourceError) as error:
        build(story, standing, cache=False, cluster="tcp://127.0.0.1:1")
    assert "output-path" in {problem.code for problem in error.value.problems}
    assert not (standing.parent / "more.csv").exists()


def test_the_numbers_of_the_guide_are_those_of_the_code() -> None:
    guide = " ".join((ROOT / "docs/scale.md").read_text(encoding="utf-8").split())
    assert f"No more than {rendering.FEW} pages to make are made here" in guide
    assert workers.AT_ONCE == 4
    assert "is asked for up to four pages at a time" in guide
    assert cluster.TRIES == 3
    assert "over which three workers were lost" in guide
    assert cluster.PATIENCE == 30
    assert "waits half a minute for it and for workers" in guide


# --- the command ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        "", "scheduler", "tcp://scheduler", "http://scheduler:8786", "scheduler:http", "scheduler:99999",
        "tcp://me@scheduler:8786", "tcp://scheduler:8786/status", "tcp://:8786",
    ],
)  # fmt: skip
def test_what_is_no_address(story: Path, given: str) -> None:  # noqa: F811
    answer = CliRunner().invoke(main, ["build", str(story), "--dask", given])
    assert answer.exit_code == 2
    assert f"{given!r} is no address of a scheduler" in answer.output


def test_processes_or_a_cluster(story: Path) -> None:  # noqa: F811
    for words in (["--jobs", "2", "--dask", "scheduler:8786"], ["--dask", "scheduler:8786", "--jobs", "auto"]):
        answer = CliRunner().invoke(main, ["build", str(story), *words])
        assert answer.exit_code == 2
        assert "leave one of them out" in answer.output


def test_without_the_extra_it_is_told_what_to_install(
    story: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    answer = CliRunner().invoke(main, ["build", str(story), "--dask", "scheduler:8786"])
    assert answer.exit_code == 2
    assert 'pip install "broadsheet[dask]"' in answer.output


def test_the_command(story: Path, two: Cluster, standing: Path, tmp_path: Path) -> None:  # noqa: F811
    words = ["build", str(story), "--out", str(tmp_path / "made"), "--dask", two.address.removeprefix("tcp://")]
    answer = CliRunner().invoke(main, words, catch_exceptions=False)
    assert answer.exit_code == 0
    assert answer.stderr == f"made by 2 workers of the cluster at {two.address}: {ALL} of {ALL} pages\n"
    answer = CliRunner().invoke(
        main, ["build", str(story), "--out", str(standing), "--no-cache", "--dask", "127.0.0.1:1"]
    )
    assert answer.exit_code == 1
    assert "--dask: error[no-cluster]: no Dask scheduler answers at tcp://127.0.0.1:1" in answer.stderr
    assert "nothing was written" in answer.stderr


# --- over TLS -------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("openssl"), reason="makes certificates with openssl, which is not installed")
def test_over_tls(
    story: Path,  # noqa: F811
    alone: dict[str, bytes],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the guide says: one file for everybody who takes part."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run(
        [*command, "-days", "2", "-subj", "/CN=broadsheet", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    both = tmp_path / "both.pem"
    both.write_text(key.read_text() + certificate.read_text())
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", str(certificate))
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{who}__CERT", str(both))
    own = Cluster(tmp_path / "cluster", protocol="tls")
    words = ["build", str(story), "--out", str(tmp_path / "site"), "--dask", own.address]
    try:
        own.work()
        done = subprocess.run(
            [sys.executable, "-m", "generator", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    finally:
        own.end()
    assert done.stderr == f"made by 1 worker of the cluster at {own.address}: {ALL} of {ALL} pages\n"
    assert published(tmp_path / "site") == alone
