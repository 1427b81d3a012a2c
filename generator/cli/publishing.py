"""``release``, ``publish`` and ``doctor``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import BASE_URL, JOBS, STORY, check_base_url, moment, ready_for
from generator.cli.telling import clear_line, fail, progress_shown, tell

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("name")
@STORY
@click.option(
    "--pages",
    multiple=True,
    metavar="PATTERN",
    help="Freeze only pages whose addresses fit, e.g. 'towns/*'; repeatable.",
)
@BASE_URL
@JOBS
def release(name: str, story: Path, pages: tuple[str, ...], base_url: str | None, jobs: int) -> None:
    """Freeze what STORY says now as the release NAME, in content/releases, to be published at releases/NAME/.

    Numbers, figures and embeds of the release stay the same at their addresses, whatever is built later. The story
    must check clean, warnings included. Commit what is written; it is never changed.

    Exit status: 0 frozen, 1 there is such a release already or the story has problems, 2 wrong usage.
    """
    from generator.freezing import PatternError
    from generator.freezing import release as run
    from generator.outputs.weight import in_words
    from generator.problems import SourceError
    from generator.releases import is_name
    from generator.write.paths import path_trouble

    check_base_url(base_url)
    if not is_name(name):
        raise click.BadParameter(f"{name!r} is not a name of letters, digits and hyphens, such as 2026-06.")
    if trouble := path_trouble(name):  # or no later build could write its pages
        raise click.BadParameter(f"no site can have a folder {name!r}: it {trouble}; name it otherwise.")
    now = moment()
    try:
        done = run(
            story,
            name,
            today=now.date(),
            now=now,
            pages=pages,
            base_url=base_url,
            progress=progress_shown(),
            jobs=ready_for(jobs),
        )
    except SourceError as error:
        clear_line()
        fail(error.problems, story)
    except PatternError as error:
        raise click.BadParameter(str(error), param_hint="--pages") from None
    except OSError as error:
        raise click.UsageError(f"the release cannot be written: {error.strerror or error}") from None
    clear_line()
    click.echo(
        f"release {name}: {done.pages:,} pages, {done.files:,} files, of which {done.stored:,} are new;"
        f" {in_words(done.stored_bytes)} to commit, and {in_words(done.site_bytes)} more on the site"
    )


@click.command()
@STORY
@click.option("--to", "branch", metavar="BRANCH", help="The branch of the site; gh-pages by default.")
@click.option("--remote", metavar="NAME", help="The git remote to push to; origin by default.")
@click.option("--over", default="", metavar="COMMIT", help="Put the site over this commit of the branch.")
@click.option(
    "--to-folder", type=click.Path(path_type=Path), metavar="DIR", help="Write into a new folder instead."
)
@click.option("--dry-run", is_flag=True, help="List what would change, and write nothing at all.")
@BASE_URL
@JOBS
def publish(
    story: Path,
    branch: str | None,
    remote: str | None,
    over: str,
    to_folder: Path | None,
    dry_run: bool,
    base_url: str | None,
    jobs: int,
) -> None:
    """Publish the site of STORY as a commit on a branch of its git repository.

    What is published is the site of a commit: nothing may differ from it, and everything must pass
    check --strict --rendered. Nothing of the working tree, the index or the repository is changed, and what
    others pushed is never overwritten. With --to-folder, the same into DIR, for a workflow that deploys it.

    Exit status: 0 published, or nothing to publish, 1 refused and nothing was published, 2 wrong usage.
    """
    from generator.problems import SourceError
    from generator.publish import Asked, publish_to_folder
    from generator.publish import publish as run
    from generator.publish.said import said

    check_base_url(base_url)
    if to_folder and (branch or remote or over):
        raise click.UsageError("Name either a folder, with --to-folder, or a branch.")
    asked = Asked(story, moment(), base_url, dry_run, ready_for(jobs), progress_shown())
    try:
        made = (
            publish_to_folder(asked, to_folder)
            if to_folder
            else run(asked, branch=branch or "gh-pages", remote=remote or "origin", over=over)
        )
    except SourceError as error:
        clear_line()
        fail(error.problems, story, outcome="nothing was published")
    clear_line()
    tell(made.warnings, story, err=True)
    click.echo(said(made, dry=dry_run))


@click.command()
@STORY
@BASE_URL
def doctor(story: Path, base_url: str | None) -> None:
    """Say what would go wrong with STORY, its git repository and its workflows, and what to do.

    Nothing is fetched and nothing is written. What is wrong with the texts and the data is for check to say.

    Exit status: 0 nothing was found, 1 something was, 2 wrong usage.
    """
    from generator.doctor import doctor as run
    from generator.reports import summary

    check_base_url(base_url)
    found = run(story, moment(), base_url=base_url)
    tell(found, story)
    click.echo(summary(found) if found else "nothing found that would go wrong")
    if found:
        sys.exit(1)
