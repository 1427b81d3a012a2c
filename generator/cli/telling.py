"""What commands say on a terminal: problems with their lines, and how far they are."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from generator.build import Progress
    from generator.problems import Problem


def fail(
    problems: Iterable[Problem],
    story: Path,
    texts: Mapping[str, str] | None = None,
    *,
    outcome: str = "nothing was written",
) -> NoReturn:
    """Tells the problems and ends the command with status 1. ``texts``: files as they would be, by path."""
    from generator.reports import summary

    listed = list(problems)
    tell(listed, story, texts, err=True)
    click.echo(f"{summary(listed)}; {outcome}", err=True)
    sys.exit(1)


def tell(
    problems: Iterable[Problem], story: Path, texts: Mapping[str, str] | None = None, *, err: bool = False
) -> None:
    """Each problem with the line that it is about, and a blank line after it; ``texts``: files as they would be."""
    from generator.reports import Palette, Sources, told

    sources = Sources(story)
    for path, text in (texts or {}).items():
        sources.take(path, text)
    stream = sys.stderr if err else sys.stdout
    colours = stream.isatty() and not os.environ.get("NO_COLOR")
    for text in told(problems, sources, Palette(colours), below=below_here(story)):
        click.echo(f"{text}\n", err=err, color=colours)


def below_here(story: Path) -> str:
    """The story's folder as seen from the current one, when it lies below it: so that paths lead to the files."""
    here, there = Path.cwd().resolve(), story.resolve()
    return there.relative_to(here).as_posix() if there != here and there.is_relative_to(here) else ""


def progress_shown() -> Progress | None:
    """What shows how far a command is; None where nobody looks on."""
    if not sys.stderr.isatty():
        return None
    import time

    started = time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() - started > 1 and (done % 10 == 0 or done == total):
            rate = done / (time.monotonic() - started)
            left = (total - done) / rate
            sys.stderr.write(f"\r{done} of {total} pages, {rate:.0f} a second, {left:.0f} s left \033[K")
            sys.stderr.flush()

    return show


def clear_line() -> None:
    """Takes away what was last shown of that."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
