"""How long it takes from saving a file of the whole story to what the browser shows: ``make benchmark-preview``.

Measured on a copy of the story, in Chromium, with the clock of this machine on both sides: from just before the file
is written to the change of the page's document (for styles: to the first frame that has them). Prints medians.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SENTENCES, STYLES, CELLS = 20, 20, 5
QUIET = 2.0
"""Seconds without work after which the first preview has looked at the data, as it does when nothing is to be done."""

SEEN = """mark => new Promise(done => {
  const there = () => document.body.textContent.includes(mark);
  if (there()) return done(performance.timeOrigin + performance.now());
  const observer = new MutationObserver(() => {
    if (!there()) return;
    observer.disconnect();
    done(performance.timeOrigin + performance.now());
  });
  observer.observe(document.documentElement, { subtree: true, childList: true, characterData: true });
})"""
"""When a text is in the document, in milliseconds since the epoch."""

DRESSED = """colour => new Promise(done => {
  const look = () => getComputedStyle(document.querySelector("h1")).outlineColor === colour
    ? done(performance.timeOrigin + performance.now()) : requestAnimationFrame(look);
  look();
})"""


def _first_page(story: Path, url: str) -> tuple[subprocess.Popen[str], str, float]:
    """A preview, its address, and the seconds from its start to the first page's last byte."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "serve", str(story), "--port", "0"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = next(line for line in process.stdout if line.startswith("http")).split()[0]
    _get(f"{address}{url}")
    return process, address, time.perf_counter() - started


def _settle(process: subprocess.Popen[str]) -> None:
    """Waits until a preview has nothing more to do."""
    watched, used = psutil.Process(process.pid), -1.0
    while (now := sum(watched.cpu_times()[:2])) - used > QUIET / 20:
        used = now
        time.sleep(QUIET)


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        found: bytes = answer.read()
        return found


def _milliseconds(page: Page, script: str, mark: str, save: Callable[[], None]) -> float:
    """From saving to when the script says it is there."""
    page.evaluate(f"mark => {{ window.seen = ({script})(mark) }}", mark)
    saved = time.time() * 1000
    save()
    return float(page.evaluate("() => window.seen")) - saved


def _told(name: str, found: list[float], unit: str = "ms") -> None:
    print(f"{name:<36} median {statistics.median(found):7.0f} {unit}, worst {max(found):7.0f} {unit}", flush=True)


def measure(story: Path, document: str, url: str) -> None:
    """``document`` makes the page at ``url``, which prints a cell of a table as it is."""
    for name in ("start to first page, cold", "start to first page, warm"):
        process, address, seconds = _first_page(story, url)
        print(f"{name:<36} {seconds:14.1f} s", flush=True)
        if name.endswith("cold"):
            _settle(process)
            process.terminate()
            process.wait()
    executable = next(filter(None, map(shutil.which, CHROMIUM)))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, chromium_sandbox=False)
            page = browser.new_page()
            page.goto(f"{address}{url}")
            page.wait_for_timeout(1500)
            _sentences(page, story / document)
            _styles(page, story)
            _cells(page, story, json.loads(_get(f"{address}{url}values.json"))["values"])
            browser.close()
    finally:
        process.terminate()
        process.wait()


def _sentences(page: Page, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    found = []
    for number in range(SENTENCES):
        mark = f"Benchmark {chr(ord('a') + number)}x."
        found.append(_milliseconds(page, SEEN, mark, lambda m=mark: _write(file, f"{text}\n{m}\n")))  # type: ignore[misc]
        page.wait_for_timeout(150)
    _write(file, text)
    page.wait_for_timeout(1500)
    _told("a saved sentence", found)


def _styles(page: Page, story: Path) -> None:
    file = story / "templates/assets/style.css"
    text = file.read_text(encoding="utf-8")
    found = []
    for number in range(STYLES):
        colour = f"rgb(1, 2, {number + 3})"
        found.append(
            _milliseconds(
                page, DRESSED, colour, lambda c=colour: _write(file, f"{text}\nh1 {{ outline-color: {c} }}\n")
            )  # type: ignore[misc]
        )
        page.wait_for_timeout(150)
    _write(file, text)
    page.wait_for_timeout(1000)
    _told("a saved style", found)


def _cells(page: Page, story: Path, numbers: list[dict[str, Any]]) -> None:
    """A number that the page prints as it stands in one cell of a table, each time greater by one."""
    file, line, value = next(filter(None, (_cell(story, number) for number in numbers)))
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    found = []
    for step in range(1, CELLS + 1):
        row = re.sub(rf"(?<![^,]){value}(?![^,\r\n])", str(value + step), lines[line - 1], count=1)
        text = "".join([*lines[: line - 1], row, *lines[line:]])
        found.append(_milliseconds(page, SEEN, f"{value + step:,}", lambda t=text: _write(file, t)))  # type: ignore[misc]
        page.wait_for_timeout(1500)
    _told(f"a changed cell ({file.name})", found)


def _cell(story: Path, number: dict[str, Any]) -> tuple[Path, int, int] | None:
    """The file, line and number of a value that is one cell, large enough to be found by its words."""
    rows, value = number.get("rows", []), number["value"]
    if "worked_out" in number or len(rows) != 1 or not str(rows[0]["lines"]).isdigit():
        return None
    if not isinstance(value, int) or value < 1000 or number["text"] != f"{value:,}":
        return None
    file, line = story / rows[0]["file"], int(rows[0]["lines"])
    cells = file.read_text(encoding="utf-8").splitlines()[line - 1].split(",")
    return (file, line, value) if cells.count(str(value)) == 1 else None


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Path(folder) / "story"
        for name in ("content", "data", "templates"):
            shutil.copytree(ROOT / name, story / name)
        measure(story, "content/states/[state].md", "states/texas/")


if __name__ == "__main__":
    main()
