"""What the shell offers while a command is typed, beyond names of commands, options and files."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import get_completion_class

from generator.problems import SourceError
from generator.write import Site


def pages(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """The addresses that begin with what is typed, of the site as last built in the story's own folder.

    Nothing is loaded and nothing is told: where no site was built, or its list is damaged, there are none.
    """
    story = Path(context.params.get("story") or ".")
    try:
        files = Site(story / "site").files()
    except (SourceError, OSError):
        return []
    slash = "/" if typed.startswith("/") else ""
    found = [slash + file.removesuffix("index.html") for file in files if f"/{file}".endswith("/index.html")]
    return [address for address in (each or "/" for each in found) if address.startswith(typed)]


def script(main: click.Command, shell: str, program: str) -> str:
    """What a shell has to read so that it completes the command. ``shell`` is one that Click knows."""
    kind = get_completion_class(shell)
    if kind is None:
        raise ValueError(f"{shell!r} is no shell that Click knows")
    return kind(main, {}, program, f"_{program.upper()}_COMPLETE").source()
