"""``serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import STORY

if TYPE_CHECKING:
    pass


@click.command()
@STORY
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="A free one if taken.")
@click.option("--open", "open_browser", is_flag=True, help="Open the browser, too.")
def serve(story: Path, port: int, open_browser: bool) -> None:
    """Show STORY in the browser while it is written.

    A page is made when it is asked for, and again when something changes that it is made from. Only this machine
    can see it, and none of the story's files is touched. Ctrl-C ends it.

    Exit status: 0 ended, 2 wrong usage.
    """
    import signal
    import threading

    from generator.serve import serve as run

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())  # as programs end it that started it
    run(story, port=port, open_browser=open_browser, say=click.echo, stop=stop)
