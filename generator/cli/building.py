"""``build`` and ``check``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from generator import __version__
from generator.cli.options import BASE_URL, CACHE, CLUSTER, JOBS, STORY, check_base_url, moment, ready_for
from generator.cli.telling import below_here, clear_line, fail, progress_shown, tell

if TYPE_CHECKING:
    from generator.build import Checked
    from generator.problems import Problem
    from generator.run import Report, Run


FORMATS = ["text", "json", "github", "sarif"]
FORMATS_HELP = "For people, for programs, as annotations of a GitHub workflow, or for code scanning."


@click.command()
@STORY
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Output folder; STORY/site by default.")
@BASE_URL
@JOBS
@CLUSTER
@click.option("--timings", is_flag=True, help="Say how long each stage took.")
@CACHE
def build(
    story: Path,
    out: Path | None,
    base_url: str | None,
    jobs: int,
    cluster: str | None,
    timings: bool,
    cache: bool,
) -> None:
    """Build the site of STORY (the current folder by default).

    Exit status: 0 built, 1 the story has problems and the last good site stays as it was, 2 wrong usage.
    """
    from generator.outputs.weight import in_words
    from generator.problems import SourceError
    from generator.run import Run

    check_base_url(base_url)
    if cluster and click.get_current_context().get_parameter_source("jobs") is not ParameterSource.DEFAULT:
        raise click.UsageError(
            "--jobs is for processes on this machine and --dask for others: leave one of them out."
        )
    out = out or story / "site"
    try:
        now = moment()
        with Run(story, base_url=base_url, cache=cache) as run:
            report = run.unchanged(out, now.date()) or _built(run, out, now, jobs, cluster)
    except SourceError as error:
        clear_line()
        fail(error.problems, story)
    clear_line()
    tell(report.warnings, story, err=True)
    for remark in report.remarks:
        click.echo(remark, err=True)
    made = f"{report.pages} pages, {report.figures} figures, {report.values} values in {report.seconds:.1f} s"
    done = f"{report.written} files written, {report.unchanged} unchanged, {report.removed} removed"
    click.echo(f"{made}: {done}; {in_words(report.bytes)} in all")
    for name, seconds in report.stages.items() if timings else ():
        click.echo(f"{name:14}{seconds:8.2f} s")


def _built(run: Run, out: Path, now: datetime, jobs: int, cluster: str | None) -> Report:
    from generator.build import build as make

    today, progress, count = now.date(), progress_shown(), ready_for(jobs)
    return make(run.root, out, today=today, now=now, progress=progress, jobs=count, cluster=cluster, run=run)


@click.command()
@STORY
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True, help=FORMATS_HELP)
@click.option("--rendered", is_flag=True, help="Render the pages, too: links and all that only a page shows.")
@click.option("--strict", is_flag=True, help="Warnings fail, too, as is right before publishing.")
@click.option("--fresh", is_flag=True, help="Stale data fails, too: for a check that runs by the clock.")
@click.option("--suggest", is_flag=True, help="Say of each number that is typed what it could be bound to.")
@BASE_URL
@CACHE
def check(
    story: Path,
    style: str,
    rendered: bool,
    strict: bool,
    fresh: bool,
    suggest: bool,
    base_url: str | None,
    cache: bool,
) -> None:
    """Check STORY without writing anything: tables, documents, expressions and what the words say.

    Exit status: 0 clean, 1 errors found (with --strict, or warnings; with --fresh, or stale data), 2 wrong usage.
    """
    from generator.build import check as run

    check_base_url(base_url)
    now, progress = moment(), progress_shown() if style == "text" else None
    with _uncollected():
        checked = run(
            story,
            rendered=rendered,
            suggest=suggest,
            base_url=base_url,
            today=now.date(),
            now=now,
            progress=progress,
            cache=cache,
        )
    clear_line()
    if style == "text":
        tell(checked.problems, story)
        click.echo(_outcome(checked))
    else:
        click.echo(_for_programs(checked.problems, style, story), nl=style != "github")
    if checked.fails(strict=strict, fresh=fresh):
        sys.exit(1)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles: a loaded story is large, lives to the end, and would be walked each time."""
    import gc

    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _for_programs(problems: Sequence[Problem], style: str, story: Path) -> str:
    from generator.reports import Sources, records, sarif, workflow_commands

    if style == "github":
        return "".join(f"{command}\n" for command in workflow_commands(problems, below=below_here(story)))
    log = sarif(problems, __version__, sources=Sources(story), below=below_here(story))
    return json.dumps(log if style == "sarif" else records(problems), ensure_ascii=False, indent=2)


def _outcome(checked: Checked) -> str:
    """ "3,209 pages, 25,648 numbers (312 asserted, 40 attributed) checked in 4.1 s, no problems"."""
    from generator.reports import summary

    if any(problem.severity != "note" for problem in checked.problems):
        return summary(checked.problems)
    others = [(checked.asserted, "asserted"), (checked.attributed, "attributed")]
    kinds = ", ".join(f"{count:,} {name}" for count, name in others if count)
    numbers = f"{checked.numbers:,} numbers" + (f" ({kinds})" if kinds else "")
    notes = f"; {summary(checked.problems)}" if checked.problems else ""
    return f"{checked.pages:,} pages, {numbers} checked in {checked.seconds:.1f} s, no problems{notes}"
