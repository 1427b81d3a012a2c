"""``serve(root)``: a story in the browser while it is written."""

from __future__ import annotations

import threading
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

from generator.serve.preview import Change, Preview
from generator.serve.server import Server
from generator.serve.watch import Watcher

__all__ = ["Change", "Preview", "Server", "Watcher", "serve"]

Say = Callable[[str], None]


def serve(
    root: Path,
    *,
    port: int = 8000,
    open_browser: bool = False,
    say: Say = print,
    stop: threading.Event | None = None,
) -> None:
    """Shows the story until ``stop`` is set or the keyboard interrupts; then the port is free again.

    ``say`` is given one line when it begins, and one for every change.
    """
    stop = stop or threading.Event()
    watching: threading.Thread | None = None
    preview: Preview | None = None
    server = Server(port)
    try:
        started = time.perf_counter()
        watcher = Watcher(root)
        preview = Preview(root, base_url=server.address)
        server.start(preview)
        watching = threading.Thread(target=_follow, args=(watcher, server, preview, say, stop), name="watch")
        watching.start()
        if port not in (0, server.server_port):
            say(f"Port {port} is taken; this is another one.")
        problems = f", {_count(preview.errors, 'error')}" if preview.errors else ""
        say(f"{server.address} (read in {time.perf_counter() - started:.1f} s{problems}; Ctrl-C ends it)")
        if open_browser:
            webbrowser.open(server.address)
        while not stop.wait(3600):
            pass
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        server.stop()
        if watching is not None:
            watching.join()
        if preview is not None:
            preview.close()


def _follow(watcher: Watcher, server: Server, preview: Preview, say: Say, stop: threading.Event) -> None:
    for paths in watcher.changes(stop):
        try:
            if paths:
                _take_up(paths, server, preview, say)
            else:
                _settle(server, preview, say)
        except Exception as error:  # what nobody foresaw ends one change, and not the preview
            say(f"{', '.join(sorted(paths))}: cannot be taken up: {error!r}")


def _take_up(paths: frozenset[str], server: Server, preview: Preview, say: Say) -> None:
    started = time.perf_counter()
    change = preview.refresh(paths)
    if change.kind != "nothing":
        server.tell(change.kind)
        pages = server.pages if change.kind == "pages" else ()
        errors = max((preview.page(url).errors for url in pages), default=change.errors)
        say(told(change, pages, errors, time.perf_counter() - started))


def _settle(server: Server, preview: Preview, say: Say) -> None:
    """In a pause: what is wrong with the data, which takes longer to find out than to show."""
    change = preview.settle()
    if change.kind != "nothing":
        server.tell(change.kind)
        if change.errors:
            say(f"The data was looked at: {_count(change.errors, 'error')} in all")


def told(change: Change, pages: tuple[str, ...], errors: int, seconds: float) -> str:
    """ "content/index.md: / made again in 41 ms; 1 error"; of many files the first and how many more."""
    files = change.paths[0] + (f" and {_count(len(change.paths) - 1, 'more file')}" if change.paths[1:] else "")
    what = {"styles": "styles", "files": "files of the theme"}.get(change.kind, "story")
    shown = ", ".join(f"/{url}" for url in pages[:3]) + (" …" if pages[3:] else "")
    wrong = f"; {_count(errors, 'error')}" if errors else ""
    took = f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
    return f"{files}: {shown or what} made again in {took}{wrong}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
