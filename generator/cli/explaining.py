"""``explain``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import STORY
from generator.cli.telling import fail

if TYPE_CHECKING:
    pass


def _pages(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    from generator.completion import pages

    return pages(context, parameter, typed)


@click.command()
@click.argument("asked", metavar="PAGE[#ID]|NUMBER", shell_complete=_pages)
@STORY
def explain(asked: str, story: Path) -> None:
    """Say where numbers come from: all of a PAGE, one of them by its ID, or a NUMBER wherever it is printed.

    PAGE is an address such as towns/ashby/ or / for the front page, NUMBER is as a page prints it: 1,843 or
    "21.0 percent".

    Exit status: 0 found, 1 not found or the story has problems, 2 wrong usage.
    """
    from generator.explain import explain as run
    from generator.problems import SourceError

    try:
        explanation = run(story, asked)
    except SourceError as error:
        fail(error.problems, story)
    click.echo(explanation.text, err=not explanation.found)
    if not explanation.found:
        sys.exit(1)
