"""``diff`` and ``refresh``: other data, and what it changes."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import STORY, moment
from generator.cli.telling import clear_line, fail, progress_shown, tell

if TYPE_CHECKING:
    from generator.comparing import Difference


@click.command()
@STORY
@click.option("--against", metavar="REV", help="A git revision: from its data to the data as it is now.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder like data/, or with some of its files: from the data as it is now to that.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "markdown", "update"]),
    default="text",
    show_default=True,
    help="For people, for programs, as a comment on a pull request, or as the draft of an entry of updates.yml.",
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when anything differs, as git diff does.")
def diff(story: Path, against: str | None, data: Path | None, style: str, exit_code: bool) -> None:
    """Tell what other data changes in what the pages of STORY say.

    The words stay those of today. Listed are assertions that are no longer true, claims with another verdict,
    ranks, sentences, and cells of tables and figures. Nothing is written.

    Exit status: 0 compared, 1 the data of a side has problems (or, with --exit-code, something differs), 2 wrong
    usage or no such data.
    """
    from generator.comparing import SideError, as_json, as_markdown, as_update
    from generator.diff import diff as run
    from generator.updates import read_updates

    if bool(against) == (data is not None):
        raise click.UsageError("Name the other data: either --against REV or --data DIR.")
    try:
        found = run(story, against=against or "", data=data, progress=progress_shown() if style == "text" else None)
    except SideError as error:
        clear_line()
        raise click.UsageError(str(error)) from None
    clear_line()
    if style == "text":
        _tell_difference(found)
    elif style == "update":
        known = read_updates(story)
        draft = as_update(found, moment().date(), [entry.name for entry in known.entries] if known else [])
        click.echo(draft, nl=False)
        _tell_sides(found)
        if not draft and not found.problems:
            click.echo("no page reads otherwise, so there is nothing to draft", err=True)
    else:
        click.echo(as_json(found) if style == "json" else as_markdown(found), nl=False)
    if found.problems or (exit_code and found):
        sys.exit(1)


def _tell_difference(found: Difference) -> None:
    from generator.comparing import as_text

    click.echo(as_text(found, lambda words: click.style(words, bold=True)), nl=False)
    _tell_sides(found)


def _tell_sides(found: Difference) -> None:
    """What is wrong with either side."""
    sides = {"before": found.before.name, "after": found.after.name, "both": "either data"}
    for each in found.problems:
        click.echo(f"with {sides[each.side]}: {each.problem}", err=True)


MOST_UNREAD = 3


@click.command()
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@click.option(
    "--from", "given", multiple=True, metavar="FILE|DIR|URL", help="What to load; may be given several times."
)
@click.option(
    "--story", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="STORY"
)
@click.option(
    "--retrieved", default="", metavar="DATE", help="The day on which the files were retrieved, if known."
)
@click.option("--dry-run", "dry", is_flag=True, help="Say what would change, and replace nothing.")
@click.option("--diff/--no-diff", "compared", default=True, help="Say what changes in what the pages say, or not.")
def refresh(
    datasets: tuple[str, ...], given: tuple[str, ...], story: Path, retrieved: str, dry: bool, compared: bool
) -> None:
    """Make tables anew from the publishers' files, by the loaders in data/loaders: of each DATASET, or all.

    The tables are validated first, and replaced together or not at all. Files that are given are read and never
    changed; an address is downloaded (https). Without --from, the loaders read data/loaders/received and what they
    themselves say to download. What changes is listed table by table.

    Exit status: 0 done, or nothing to do; 1 something received cannot be read, or what comes of it is not valid,
    and nothing was replaced; 2 wrong usage.
    """
    from generator.problems import SourceError
    from generator.refresh import RefusedError
    from generator.refresh import refresh as run
    from generator.reports import safe

    if retrieved:
        try:
            date.fromisoformat(retrieved)
        except ValueError:
            raise click.BadParameter(
                f"{retrieved!r} is no day like 2026-05-18.", param_hint="--retrieved"
            ) from None

    try:
        done = run(story, datasets, given, retrieved=retrieved, today=moment().date(), dry=dry, compared=compared)
    except RefusedError as error:
        fail(error.problems, story, {f"data/{path}": data.decode() for path, data in error.files.items()})
    except SourceError as error:
        fail(error.problems, story)
    tell(done.warnings, story, {f"data/{path}": data.decode() for path, data in done.files.items()}, err=True)
    for change in done.changes:
        click.echo(safe(str(change)))
    if done.difference is not None:
        click.echo()
        _tell_difference(done.difference)
        click.echo()
    if given:
        for name in done.unread[:MOST_UNREAD]:
            click.echo(f"no loader reads {safe(name)}", err=True)
        if len(done.unread) > MOST_UNREAD:
            click.echo(f"no loader reads {len(done.unread) - MOST_UNREAD} more of the files", err=True)
    files = f"{done.read} file{'' if done.read == 1 else 's'} read"
    if not done.files:
        click.echo(f"{files}; the data is as it was")
    else:
        written = ", ".join(f"data/{path}" for path in sorted(done.files))
        click.echo(f"{files}; {'would replace' if dry else 'replaced'} {written}")
