"""A build in several processes: the same bytes and the same problems, whatever becomes of the processes."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small_stories import SETTINGS, VISITS_BY_KIND, write_story
from test_builds import published

from generator import rendering, workers
from generator.build import build
from generator.cli import main
from generator.making import Outcome
from generator.measures.cube import Cube
from generator.prepare import prepare
from generator.problems import SourceError
from generator.processes import processors
from generator.routes import Route
from generator.run import Run
from generator.write.folder import Site
from generator.write.lock import Lock

ROOT = Path(__file__).resolve().parents[2]
TOWNS = 60
PAGE = """\
---
title: "{{ town.name }}"
description: "Visits to {{ town.name }}."
---
{{ town.visits | with_unit }} in January 2025.

```figure line
measure: visits
id: months
title: Visits to {{ town.name }}
description: A line.
```
"""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("jobs")
    towns = "".join(f"T{n},Town {n},{'NS'[n % 2]}\n" for n in range(TOWNS))
    visits = "".join(
        f"T{n},2025-0{month},{kind},{n * month + len(kind)},false\n"
        for n in range(TOWNS) for month in (1, 2, 3) for kind in ("adult", "child")
    )  # fmt: skip
    tables = {
        "towns": f"code,name,province\n{towns}",
        "visits": f"town,month:yearmonth,kind,visits:integer,partial:boolean\n{visits}",
    }
    settings = SETTINGS.replace('path: "{slug}/", ', "").replace("{parent}/{slug}/", "towns/{slug}/")
    write_story(root, tables, VISITS_BY_KIND, settings=settings)
    (root / "content/towns").mkdir()
    (root / "content/towns/[town].md").write_text(PAGE)
    (root / "content/index.md").write_text("---\ntitle: Towns\ndescription: All.\n---\nAll towns.\n")
    return root


@pytest.fixture(scope="module")
def alone(story: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one process makes."""
    out = tmp_path_factory.mktemp("alone") / "site"
    build(story, out, cache=False)
    made = published(out)
    assert len([name for name in made if name.endswith("index.html")]) > TOWNS
    return made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What was asked of other processes: the number of each request."""
    requests: list[int] = []
    ask = workers._Workers.ask

    def listen(self: Any, item: tuple[int, Any]) -> bool:
        taken = ask(self, item)
        requests.extend([item[0]] * taken)
        return taken

    monkeypatch.setattr(workers._Workers, "ask", listen)
    return requests


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("jobs", [2, 3])
def test_the_same_bytes(
    story: Path, alone: dict[str, bytes], asked: list[int], tmp_path: Path, jobs: int, cache: bool
) -> None:
    remembered = story / ".broadsheet"
    for file in remembered.glob("*") if remembered.is_dir() else ():
        file.unlink()
    build(story, tmp_path / "site", cache=cache, jobs=jobs)
    assert published(tmp_path / "site") == alone
    assert len(asked) * workers.AT_ONCE > TOWNS
    asked.clear()
    build(story, tmp_path / "again", cache=cache, jobs=jobs)
    assert published(tmp_path / "again") == alone
    assert bool(asked) is not cache, "what the processes made is kept"


BEGUN = """
import sys
from generator import workers
from generator.__main__ import run

copied, anew = workers.start_copy, workers._started

def told(word, start, *args):
    print(word, file=sys.stderr)
    return start(*args)

workers.start_copy = lambda *args: told("copied", copied, *args)
workers._started = lambda *args: told("anew", anew, *args)
if __name__ == "__main__":
    run()
"""
"""The command, telling how each process begins."""

LOST = BEGUN.replace(
    "if __name__",
    """
ask, doomed = workers._Workers.ask, [3, 9]

def kill(self, item):
    if item[0] in doomed:
        process = self._processes[doomed.index(item[0])]
        process.kill()
        process.join()
    return ask(self, item)

workers._Workers.ask = kill
if __name__""",
)
"""The same, with both processes lost on the way."""

copies = pytest.mark.skipif(
    sys.platform != "linux" or processors() < 2, reason="a process is copied on Linux, with two processors"
)
EITHER = [pytest.param("", "copied", marks=copies, id="copied"), pytest.param("2", "anew", id="anew")]
"""How many threads numpy is told to start by whoever calls, and how processes begin then."""


def with_threads(threads: str) -> dict[str, str]:
    """The environment of a command."""
    said = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    return {**said, "PYTHONPATH": str(ROOT), **({"OPENBLAS_NUM_THREADS": threads} if threads else {})}


def told(program: str, root: Path, threads: str, *more: str) -> list[str]:
    """How each process of a build in two began."""
    words = [sys.executable, "-c", program, "build", str(root), "--jobs", "2", *more]
    return subprocess.run(
        words, env=with_threads(threads), capture_output=True, text=True, check=True
    ).stderr.split()


@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize(("threads", "begin"), EITHER)
def test_the_same_bytes_of_copies_and_of_processes_that_read_the_story(
    story: Path, alone: dict[str, bytes], tmp_path: Path, threads: str, begin: str, cache: bool
) -> None:
    root = tmp_path / "story"
    shutil.copytree(story, root, ignore=shutil.ignore_patterns(".broadsheet"))
    more = [] if cache else ["--no-cache"]
    for made in (True, not cache):
        assert told(BEGUN, root, threads, *more) == [begin] * (2 * made), "what they made is kept"
        assert published(root / "site") == alone


@copies
def test_copies_that_are_lost_take_nothing_along(story: Path, alone: dict[str, bytes], tmp_path: Path) -> None:
    root = tmp_path / "story"
    shutil.copytree(story, root, ignore=shutil.ignore_patterns(".broadsheet"))
    assert told(LOST, root, "") == ["copied", "copied"]
    assert published(root / "site") == alone


@copies
@pytest.mark.parametrize(("towns", "begun"), [(rendering.FEW_COPIED - 1, 0), (rendering.FEW_COPIED, 2)])
def test_for_how_many_pages_copies_begin(story: Path, tmp_path: Path, towns: int, begun: int) -> None:
    """The front page is one of them."""
    root = tmp_path / "story"
    shutil.copytree(story, root, ignore=shutil.ignore_patterns(".broadsheet"))
    for name in ("towns", "visits"):
        table = root / f"data/{name}.csv"
        rows = table.read_text(encoding="utf-8").splitlines()
        keep = {f"T{number}" for number in range(towns)}
        kept = [rows[0], *(row for row in rows[1:] if row.partition(",")[0] in keep)]
        table.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert told(BEGUN, root, "", "--no-cache") == ["copied"] * begun


@copies
def test_a_copy_holds_no_lock(tmp_path: Path) -> None:
    """Of a build that was killed: the next one need not wait for what it leaves."""
    program = f"""
import os, pathlib, time
from generator.write.folder import Site
from generator.write.lock import Lock
site = Site(pathlib.Path({str(tmp_path)!r}))
Lock(site)
if os.fork() == 0:
    time.sleep(60)
os._exit(0)
"""
    left = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, start_new_session=True)
    try:
        left.wait(30)
        Lock(Site(tmp_path)).release()
    finally:
        os.killpg(left.pid, signal.SIGKILL)


def test_few_pages_are_made_here(
    story: Path, asked: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "FEW", 10 * TOWNS)
    monkeypatch.setattr(rendering, "can_copy", lambda: False)
    build(story, tmp_path / "site", cache=False, jobs=2)
    assert asked == []


class _Two:
    """Two hands that answer at once, and note how many pages each request has."""

    count = 2

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._done: list[tuple[int, list[Outcome] | None]] = []

    @property
    def left(self) -> bool:
        return bool(self._done)

    def ask(self, item: tuple[int, Sequence[Route]]) -> bool:
        if len(self._done) == self.count:
            return False
        self.asked.append(len(item[1]))
        self._done.append((item[0], [Outcome(words=route.url.encode()) for route in item[1]]))
        return True

    def answers(self) -> list[tuple[int, list[Outcome] | None]]:
        done, self._done = self._done, []
        return done


@pytest.mark.parametrize(("pages", "most"), [(1, 1), (9, 1), (17, 2), (100, workers.AT_ONCE)])
def test_few_pages_are_asked_for_one_by_one(story: Path, pages: int, most: int) -> None:
    """So that no hand waits for long while another goes on."""
    with Run(story, cache=False) as run:
        known = list(prepare(story, run=run).routes.values())
    routes = [known[number % len(known)] for number in range(pages)]
    hands = _Two()
    made = list(workers.in_order(hands, routes, lambda route: Outcome()))
    assert [outcome.words.decode() for outcome in made] == [route.url for route in routes]
    assert max(hands.asked) == most
    assert sum(hands.asked) == pages


def _cells(cube: Cube) -> dict[object, object]:
    return {
        (collection, levels, period, key): cell
        for collection, grid in cube.grids.items()
        for levels, periods in grid.items()
        for period, cells in periods.items()
        for key, cell in cells.items()
    }


def test_what_was_let_go_is_made_again(story: Path) -> None:
    with Run(story) as run:
        told = prepare(story, run=run).story
        tables, cubes = dict(told.tables), dict(told.cubes)
        run.close()
        told.let_go()
        run.memory.let_go()
        for name, table in told.tables.items():
            assert table is not tables[name]
            assert (table.columns, table.lines) == (tables[name].columns, tables[name].lines)
        for name, cube in told.cubes.items():
            assert cube is not cubes[name]
            assert _cells(cube) == _cells(cubes[name])


def test_processes_that_are_lost_take_nothing_along(
    story: Path, alone: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, doomed, killed = workers._Workers.ask, {3: 0, 9: 1}, []

    def kill(self: Any, item: tuple[int, Any]) -> bool:
        if item[0] in doomed:
            process = self._processes[doomed.pop(item[0])]
            killed.append(process.pid)
            process.kill()
            process.join()
        return ask(self, item)

    monkeypatch.setattr(workers._Workers, "ask", kill)
    build(story, tmp_path / "site", cache=False, jobs=2)
    assert len(set(killed)) == 2
    assert published(tmp_path / "site") == alone


@pytest.mark.parametrize("copied", [True, False])
def test_what_the_system_gives_no_process_for_is_made_here(
    story: Path, alone: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: bool
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(rendering, "can_copy", lambda: copied)
    monkeypatch.setattr(workers, "start_copy" if copied else "_started", refused)
    build(story, tmp_path / "site", cache=False, jobs=2)
    assert published(tmp_path / "site") == alone


def test_processes_that_find_another_story_make_nothing(
    story: Path, alone: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = workers.Task.of

    def other(run: Any) -> workers.Task:
        made = task(run)
        return workers.Task(made.root, made.base_url, made.cache, "of another moment")

    monkeypatch.setattr(rendering, "can_copy", lambda: False)
    monkeypatch.setattr(workers.Task, "of", other)
    build(story, tmp_path / "site", cache=False, jobs=2)
    assert published(tmp_path / "site") == alone


def test_the_same_problems(story: Path, tmp_path: Path) -> None:
    page = story / "content/towns/[town].md"
    text = page.read_text()
    page.write_text(text + "\n[At least a hundred]{= town.visits } came. {{ town.name.foo }}\n")
    found = []
    try:
        for jobs in (1, 2):
            with pytest.raises(SourceError) as error:
                build(story, tmp_path / "site", cache=False, jobs=jobs)
            found.append(error.value.problems)
    finally:
        page.write_text(text)
    assert found[0] == found[1]
    assert not (tmp_path / "site/index.html").exists()


# --- what is left behind ----------------------------------------------------------------------------------


@contextmanager
def slowly(story: Path, seconds: int) -> Iterator[None]:
    """Meanwhile the story's pages take a while."""
    slow = story / "content/charts.py"
    slow.write_text(  # a story's own function, met first of all
        f"import time\n\n\ndef slow(data, shape):\n    time.sleep({seconds})\n"
    )
    page = story / "content/towns/[town].md"
    text = page.read_text()
    own = "figure slow\nof: towns\ncolumns: [{value: row.visits, name: visits, label: Visits}]"
    page.write_text(text.replace("figure line\nmeasure: visits", own))
    try:
        yield
    finally:
        page.write_text(text)
        slow.unlink()


HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
"""Tests that are started in the background of a shell ignore Ctrl-C, and so does all that they start."""


@pytest.fixture(params=[pytest.param("", marks=copies), "2"], ids=["copied", "anew"])
def started(
    story: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a build in two processes whose pages take a while, and waits until both are there."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"{HEARING}from generator.__main__ import run; run()",
                "build",
                str(story),
                "--out",
                str(tmp_path / "site"),
                "--jobs",
                "2",
            ],
            env={**with_threads(request.param), "MARK": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        running.append(process)
        waited(lambda: len(marked(tmp_path)) >= 3, "the processes come")
        return process

    with slowly(story, 30):
        yield start
    for process in running:
        process.kill()
        process.wait()


def marked(folder: Path) -> list[int]:
    """The processes of a build that was started so, by what is in their environment; not what only keeps count."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"MARK={folder}".encode() in environ.read_bytes().split(b"\0"):
                command = (environ.parent / "cmdline").read_bytes()
                if command and b"resource_tracker" not in command:
                    found.append(int(environ.parent.name))
        except OSError:
            continue
    return found


def waited(until: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left(
    started: Callable[[], subprocess.Popen[bytes]], tmp_path: Path, how: signal.Signals
) -> None:
    process = started()
    time.sleep(1)
    if how is signal.SIGINT:  # a terminal says it to all of them
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    process.wait(60)
    waited(lambda: not marked(tmp_path), "the processes go")
    assert not (tmp_path / "site/index.html").exists()


def test_the_stages_are_told(story: Path, tmp_path: Path) -> None:
    words = ["build", str(story), "--out", str(tmp_path / "site"), "--jobs", "1", "--timings"]
    first, again = (CliRunner().invoke(main, words, catch_exceptions=False).stdout for _ in range(2))
    told = [line.rpartition("  ")[0].strip() for line in first.splitlines()[1:]]
    assert told == ["reading", "pages", "other files", "checks", "text search", "writing"]
    assert re.fullmatch(r"\d+ pages, .*\ncomparing +\d\.\d\d s\n", again)


# --- the command ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5", "9999", ""])
def test_what_is_no_number_of_jobs(story: Path, given: str) -> None:
    answer = CliRunner().invoke(main, ["build", str(story), "--jobs", given])
    assert answer.exit_code == 2
    assert f"{given!r} is neither 'auto' nor a number from 1 to 256." in answer.output
