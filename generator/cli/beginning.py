"""``new``: a story, or a part of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import STORY
from generator.cli.telling import below_here, fail

if TYPE_CHECKING:
    pass


FOLDER = "DIR"
"""What the part is called that is no part."""


class _FolderOrPart(click.Group):
    """``new page …`` begins a part; whatever is no part's name is the folder of a new story (``./page``, too)."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands and args[0] != FOLDER:
            return super().resolve_command(ctx, args)
        return "", self.commands[FOLDER], args

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "DIR [--title TITLE]")
        formatter.write_usage(ctx.command_path, "page|ranking|collection|entity NAME… [STORY]")


@click.group(cls=_FolderOrPart, context_settings={"ignore_unknown_options": True}, subcommand_metavar="DIR|PART")
def new() -> None:
    """Begin a story in DIR, or a part of a story: a page, a ranking, a collection, an entity's own document.

    The story is small and complete: it builds, it is checked, and its comments say what each file is for. DIR must
    not exist yet, or be empty. No file is ever written over.

    Exit status: 0 written, 1 nothing was written, 2 wrong usage.
    """


@new.command(FOLDER)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--title", default="", metavar="TITLE", help="The title of the new story.")
def new_story(folder: Path, title: str) -> None:
    """Begin a story in DIR: a small complete one, to be changed from there."""
    from generator.new import new_story as run
    from generator.problems import SourceError

    try:
        written = run(folder, title)
    except SourceError as error:
        fail(error.problems, Path())
    click.echo(f"{folder}: a story in {len(written)} files\n")
    steps = [
        *([f"cd {folder}"] if folder.resolve() != Path.cwd().resolve() else []),
        "broadsheet build            # into site/",
        "broadsheet check --strict   # before publishing",
        "README.md                   # where to start",
    ]
    click.echo("\n".join(["Next:", *(f"    {step}" for step in steps)]))


@new.command()
@click.argument("title")
@STORY
def page(title: str, story: Path) -> None:
    """Begin a page: content/how-we-count.md for "How we count"; "about/How we count" for one in a folder."""
    from generator.new import new_page

    _begin(story, lambda: new_page(story, title))


@new.command()
@click.argument("measure")
@STORY
@click.option("--of", default="", metavar="COLLECTION", help="Whom to rank, where several have figures.")
def ranking(measure: str, story: Path, of: str) -> None:
    """Begin the table that ranks by a MEASURE of data/measures.yml: content/rankings/MEASURE.md."""
    from generator.new import new_ranking

    _begin(story, lambda: new_ranking(story, measure, of))


@new.command()
@click.argument("dataset")
@STORY
def collection(dataset: str, story: Path) -> None:
    """Give each row of a DATASET a page: its block in site.yml, a document for all, and the list of them."""
    from generator.new import new_collection

    _begin(story, lambda: new_collection(story, dataset))


@new.command()
@click.argument("collection")
@click.argument("name")
@STORY
def entity(collection: str, name: str, story: Path) -> None:
    """Begin what is different for one entity: its document, by the NAME, key or address of one of COLLECTION."""
    from generator.new import new_entity

    _begin(story, lambda: new_entity(story, collection, name))


def _begin(story: Path, write: Callable[[], Sequence[str]]) -> None:
    from generator.problems import SourceError

    try:
        written = write()
    except SourceError as error:
        fail(error.problems, story)
    for name in written:
        click.echo(Path(below_here(story), name).as_posix())
