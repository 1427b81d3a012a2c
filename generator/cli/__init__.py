"""The command. Thin: signatures, docstrings and one call each; heavy imports are inside."""

from __future__ import annotations

import click

from generator import __version__
from generator.cli.beginning import new
from generator.cli.building import build, check
from generator.cli.data import diff, refresh
from generator.cli.editors import completion, schema
from generator.cli.explaining import explain
from generator.cli.publishing import doctor, publish, release
from generator.cli.serving import serve

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="broadsheet")
def main() -> None:
    """Make a static site from datasets and Markdown, every number bound to its row."""


for command in (build, check, completion, diff, doctor, explain, new, publish, refresh, release, schema, serve):
    main.add_command(command)
