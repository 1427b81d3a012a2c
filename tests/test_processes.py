"""Work beside this process: the same outcome, whatever becomes of the copy, and nothing of it is left."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_stories import SETTINGS, VISITS_BY_KIND, write_story

from generator import processes, surveying
from generator.build import Checked, check
from generator.processes import beside, can_fork

ROOT = Path(__file__).resolve().parents[1]
forks = pytest.mark.skipif(sys.platform != "linux", reason="a copy of a process is made on Linux only")


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However many processors there are, and whatever threads other tests have left."""
    monkeypatch.setattr(processes, "can_fork", lambda: True)
    yield
    assert not multiprocessing.active_children()


@forks
def test_a_copy_takes_the_step(forking: None) -> None:
    with beside(lambda: str(os.getpid()).encode()) as other:
        here = os.getpid()
        assert int(other()) != here


@forks
def test_without_a_copy_it_is_taken_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "can_fork", lambda: False)
    with beside(lambda: str(os.getpid()).encode()) as other:
        assert int(other()) == os.getpid()


def _no_more(*_: object) -> None:
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


@forks
def test_where_the_system_gives_no_copy_it_is_taken_here(forking: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", _no_more)
    with beside(lambda: str(os.getpid()).encode()) as other:
        assert int(other()) == os.getpid()


@forks
def test_a_copy_undoes_nothing_of_its_parent() -> None:
    """A Ctrl-C at once, when it still stands where the parent stood."""
    program = """
import os, signal
from generator import processes
signal.signal(signal.SIGINT, signal.default_int_handler)
processes.can_fork = lambda: True
fork, here = os.fork, os.getpid()
def interrupted():
    made = fork()
    if made == 0:
        os.kill(os.getpid(), signal.SIGINT)
    return made
os.fork = interrupted
try:
    with processes.beside(lambda: str(os.getpid() != here).encode()) as other:
        os.write(1, b"in a copy: " + other())
finally:
    if os.getpid() != here:
        os.write(1, b"the copy clears up")
"""
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("in a copy: True", "")


@forks
def test_what_interrupts_while_a_copy_begins_is_not_lost() -> None:
    """What is raised in a hook of fork() is ignored."""
    program = """
import multiprocessing, os, signal, time
from generator import processes
signal.signal(signal.SIGINT, signal.default_int_handler)
processes.can_fork = lambda: True
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
try:
    with processes.beside(lambda: time.sleep(60)):
        print("begun")
except KeyboardInterrupt:
    print("interrupted", multiprocessing.active_children())
"""
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("interrupted []\n", "")


@forks
def test_copies_end_with_their_parent_whatever_the_others_do() -> None:
    """The first has its end in all that began later; a regular expression lets no other thread go on."""
    program = """
import os, re, time
from generator.processes import start_copy
def busy():
    re.fullmatch("(a*)*b", "a" * 40)
copies = [start_copy(time.sleep, 600), start_copy(busy)]
time.sleep(0.5)
print(*(copy.pid for copy in copies), flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    copies = [Path(f"/proc/{pid}/cmdline") for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert len(copies) == 2
    for copy in copies:
        _until(lambda copy=copy: not copy.exists() or not copy.read_bytes())  # type: ignore[misc]


@forks
def test_a_thread_of_a_library_is_one() -> None:
    program = """
import _thread, time
from generator import processes
assert not processes.has_threads()
_thread.start_new_thread(time.sleep, (60,))
assert processes.has_threads() and not processes.can_copy()
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@forks
def test_a_copy_that_is_lost_takes_nothing_along(forking: None) -> None:
    here = os.getpid()

    def step() -> bytes:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"done"

    with beside(step) as other:
        assert other() == b"done"


@forks
def test_what_a_step_raises_it_raises_here(forking: None) -> None:
    def step() -> bytes:
        raise ValueError("of no use")

    with pytest.raises(ValueError, match="of no use"), beside(step) as other:
        other()


@forks
def test_a_copy_that_nobody_waits_for_ends(forking: None) -> None:
    def step() -> bytes:
        time.sleep(600)
        return b""

    with pytest.raises(KeyboardInterrupt), beside(step):
        raise KeyboardInterrupt


@forks
def test_a_copy_ends_with_its_parent(tmp_path: Path) -> None:
    """Even one that was killed, and could end nothing."""
    said = tmp_path / "pid"
    program = f"""
import os, pathlib, time
from generator import processes
processes.can_fork = lambda: True
def step():
    pathlib.Path({str(said)!r}).write_text(str(os.getpid()))
    time.sleep(600)
with processes.beside(step):
    time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    try:
        _until(lambda: said.exists() and said.read_text() != "")
    finally:
        parent.kill()
        parent.wait()
    copy = Path(f"/proc/{said.read_text()}/cmdline")
    _until(lambda: not copy.exists() or not copy.read_bytes())


def _until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


@forks
def test_nothing_is_copied_where_threads_run() -> None:
    """What another thread holds just then would be held in the copy for ever."""
    program = """
import threading
from generator.processes import can_fork
threading.Thread(target=threading.Event().wait, daemon=True).start()
assert not can_fork()
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


PAGE = """\
---
title: "{{ town.name }}"
description: "Visits to {{ town.name }}."
---
{{ town.visits }} visits in January 2025, [more than 20]{= town.visits }.
"""


@forks
@pytest.mark.parametrize("cache", [True, False])
def test_a_check_says_the_same(tmp_path: Path, forking: None, monkeypatch: pytest.MonkeyPatch, cache: bool) -> None:
    """Problems that both processes find on a page's document are one, and its places are named in order."""
    towns = "".join(f"T{n},Town {n},{'NS'[n % 2]}\n" for n in range(60))
    visits = "".join(f"T{n},2025-01,adult,{n},false\nT{n},2025-01,child,0,false\n" for n in range(60))
    tables = {
        "towns": f"code,name,province\n{towns}",
        "visits": f"town,month:yearmonth,kind,visits:integer,partial:boolean\n{visits}",
    }
    settings = SETTINGS.replace('path: "{slug}/", ', "").replace("{parent}/{slug}/", "towns/{slug}/")
    write_story(tmp_path, tables, VISITS_BY_KIND, settings=settings)
    (tmp_path / "content/towns").mkdir()
    (tmp_path / "content/towns/[town].md").write_text(PAGE)
    (tmp_path / "content/index.md").write_text("---\ntitle: Towns\ndescription: All.\n---\nAll [9]{= 3 + 5 }.\n")
    assert surveying.MANY > 61
    alone = _told(check(tmp_path, cache=False))
    assert "Town 0" in str(alone)
    assert "21 of 60" in str(alone)
    monkeypatch.setattr(surveying, "MANY", 2)
    copies: list[object] = []
    start = processes._Copy.__init__

    def counted(copy: processes._Copy, step: Callable[[], bytes]) -> None:
        copies.append(copy)
        start(copy, step)

    monkeypatch.setattr(processes._Copy, "__init__", counted)
    for _ in range(2):
        assert _told(check(tmp_path, cache=cache)) == alone
    assert len(copies) == (1 if cache else 2), "what was found is kept"


def _told(checked: Checked) -> list[object]:
    return [checked.numbers, checked.asserted, checked.pages, *map(str, checked.problems)]


def test_there_is_a_processor() -> None:
    assert processes.processors() >= 1
    assert can_fork() in (True, False)
