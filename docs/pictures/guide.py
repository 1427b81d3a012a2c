"""The pictures of the guides, below ``docs/pictures/guide``: of the steps, done in a story made for it.

``make.py`` takes them together with its own; ``python docs/pictures/guide.py`` takes them alone. Each is a part of
a real page in Chromium, or what the command says in a terminal.
"""

from __future__ import annotations

import html
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import steps
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

HERE = Path(__file__).parent / "guide"
Scheme = Literal["light", "dark"]
LARGEST = 60_000
"""Bytes that a picture may have."""
COLOURS = (96, 64, 48, 32, 24, 16)
"""Sizes of palette, of which the first is taken with which a picture is small enough."""
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
MARGIN = 16
"""Pixels of the page that are seen around what is shown."""

TERMINAL = """
body { margin: 0; background: #fbf9f4; }
pre { margin: 0; padding: 18px 22px; display: inline-block; max-width: 122ch; white-space: pre-wrap; color: #1c1a17;
  font: 14px/1.5 "DejaVu Sans Mono", monospace; }
.b { font-weight: 700; } .d { color: #645d54; }
.c31 { color: #b3341e; } .c32 { color: #2f6b2f; } .c33 { color: #8a5a00; }
.c34 { color: #1f4f99; } .c35 { color: #7a2f7a; } .c36 { color: #0b6470; }
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder while it is served, with its last ``/``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def page_of(
    browser: Browser,
    address: str,
    width: int = 760,
    height: int = 900,
    scale: float = 1.75,
    scheme: Scheme = "light",
) -> Iterator[Page]:
    """A page, ``width`` by ``height`` in px of the page, ``scale`` of the picture to each."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=scale, color_scheme=scheme
    )
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    yield page
    context.close()


def save(name: str, picture: bytes) -> None:
    """Writes a picture in so many colours that it is small enough. Raises ValueError when none does it."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        made = BytesIO()
        image.quantize(colours).save(made, "PNG", optimize=True)
        if made.tell() <= LARGEST:
            HERE.mkdir(exist_ok=True)
            (HERE / f"{name}.png").write_bytes(made.getvalue())
            return
    raise ValueError(f"{name}.png has {made.tell():,} bytes, in {colours} colours; show less")


def crop(page: Page, *parts: Locator, margin: int = MARGIN) -> bytes:
    """The part of a page that holds all of these, with a margin."""
    page.evaluate("window.scrollTo(0, 0)")  # boxes are measured from the window's corner
    boxes = [box for part in parts if (box := part.bounding_box())]
    left, top = (min(box[side] for box in boxes) - margin for side in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes) + margin
    bottom = max(box["y"] + box["height"] for box in boxes) + margin
    width = page.viewport_size["width"] if page.viewport_size else right
    left, top, right = max(left, 0), max(top, 0), min(right, width)
    clip: Any = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return page.screenshot(clip=clip, full_page=True)


def receipt(page: Page, words: str, height: int) -> bytes:
    """The text of a page with its numbers underlined, and the receipt of one of them below; ``height`` px."""
    page.set_viewport_size({"width": 760, "height": height})
    page.get_by_label("Show sources").check()
    page.locator("a.bound", has_text=words).first.click()
    page.wait_for_timeout(300)
    page.locator(".show-sources").evaluate(f"part => window.scrollTo(0, part.offsetTop - {MARGIN})")
    return page.screenshot()


# --- a terminal -------------------------------------------------------------------------------------------


def said(folder: Path, *arguments: str) -> str:
    """What ``broadsheet`` says to a terminal, with its colours."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(steps.ROOT), "TERM": "xterm-256color", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "generator", *arguments]
    # progress is told on the other channel, and gone when the command is done
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    pieces = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not piece:
            break
        pieces.append(piece)
    process.wait()
    os.close(ours)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def as_html(text: str) -> str:
    """Text with the escape sequences of a terminal for colours, as HTML."""
    made, classes = [], set[str]()
    for index, piece in enumerate(re.split(r"\x1b\[([\d;]*)m", text)):
        if index % 2:
            for code in piece.split(";"):
                classes = set() if code in ("", "0") else classes | {{"1": "b", "2": "d"}.get(code, f"c{code}")}
        elif piece:
            made.append(f'<span class="{" ".join(sorted(classes))}">{html.escape(piece)}</span>')
    return "".join(made)


def terminal(browser: Browser, folder: Path, *arguments: str) -> bytes:
    """A picture of the command and of what it says."""
    answer = as_html(said(folder, *arguments).rstrip())
    shown = f"<pre><b>$ broadsheet {html.escape(' '.join(arguments))}</b>\n{answer}</pre>"
    context = browser.new_context(viewport={"width": 1200, "height": 400}, device_scale_factor=1.2)
    page = context.new_page()
    page.set_content(f"<!doctype html><meta charset=utf-8><style>{TERMINAL}</style>{shown}")
    picture = page.locator("pre").screenshot()
    context.close()
    return picture


# --- the guides -------------------------------------------------------------------------------------------


def of_editors(browser: Browser, parent: Path) -> None:
    story = steps.begin(parent, "edited")
    steps.edit(story)
    steps.run(story, "build")
    with served(story / "site") as address:
        with page_of(browser, address, width=900, height=620, scale=1.25) as page:
            save("story", page.screenshot())
        with page_of(browser, f"{address}denmark-and-the-wind/", height=800) as page:
            save("receipt", receipt(page, "28,939", 340))
            save("asserted", receipt(page, "Nearly half", 408))
            page.goto(f"{address}denmark-and-the-wind/")
            figure = page.locator("figure").first
            save("figure", crop(page, figure))
            save("table", crop(page, page.locator(".prose > :last-child")))
        with page_of(browser, f"{address}claims/") as page:
            save("claim", crop(page, page.locator("#c01"), page.locator("#c01 + p"), page.locator("#c01 + p + ul")))
        with page_of(browser, f"{address}rankings/imports/", width=900, height=760, scale=1.25) as page:
            save("ranking", page.screenshot())
        with page_of(browser, f"{address}countries/norway/", width=390, height=830, scale=1) as page:
            save("phone", page.screenshot())
        with page_of(browser, f"{address}countries/norway/") as page:
            save("one", crop(page, page.locator("#rivers"), page.locator("#rivers + p")))

    story = steps.begin(parent, "wrong")
    steps.begin_page(story, f"{steps.FALSE_WORDS}\n{steps.MISSPELT}")
    save("check", terminal(browser, story, "check"))
    story = steps.begin(parent, "draft")
    steps.begin_page(story, steps.TYPED, draft=True)
    save("draft", terminal(browser, story, "check"))


def of_tables(browser: Browser, parent: Path) -> None:
    story = steps.begin(parent, "contradicted")
    steps.break_a_cell(story)
    save("rule", terminal(browser, story, "check"))

    story = steps.begin(parent, "corrected")
    steps.commit(story)
    steps.correct_a_cell(story)
    save("diff", terminal(browser, story, "diff", "--against", "HEAD"))

    story = steps.begin(parent, "seats")
    steps.add_a_table(story)
    steps.add_a_measure(story)
    steps.run(story, "build")
    with served(story / "site") as address, page_of(browser, f"{address}seats/", height=800) as page:
        save("seats", receipt(page, "2.2", 388))


def of_designers(browser: Browser, parent: Path) -> None:
    plain = steps.begin(parent, "plain")
    shown: tuple[tuple[str, Callable[[Path], None], tuple[int, int]], ...] = (
        ("colour", steps.change_the_colour, (400, 760)),
        ("footer", steps.change_the_footer, (760, 900)),
        ("entity", steps.change_the_template, (1200, 1000)),
    )
    for name, change, (width, height) in shown:
        changed = parent / name
        shutil.copytree(plain, changed)
        change(changed)
        for story, state in ((plain, "before"), (changed, "after")):
            steps.run(story, "build")
            with (
                served(story / "site") as address,
                page_of(browser, f"{address}countries/norway/", width, height, scale=1) as page,
            ):
                footer = name == "footer"
                save(f"{name}-{state}", crop(page, page.locator("footer")) if footer else page.screenshot())


def take(browser: Browser) -> None:
    """Takes all pictures of the guides, anew."""
    shutil.rmtree(HERE, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, of in (("editors", of_editors), ("tables", of_tables), ("designers", of_designers)):
            (parent := Path(folder, name)).mkdir()
            of(browser, parent)


def main() -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("no Chromium on this machine: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        take(browser)
        browser.close()


if __name__ == "__main__":
    main()
