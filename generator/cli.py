"""The command. Thin: signatures, docstrings and one call each; heavy imports are inside."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator import __version__

if TYPE_CHECKING:
    from generator.build import Progress
    from generator.problems import Problem

STORY = click.argument(
    "story", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="[STORY]"
)
BASE_URL = click.option(
    "--base-url", metavar="URL", help="Where the site will be published, e.g. https://example.org/story/."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="broadsheet")
def main() -> None:
    """Make a static site from datasets and Markdown, every number bound to its row."""


@main.command()
@STORY
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Output folder; STORY/site by default.")
@BASE_URL
def build(story: Path, out: Path | None, base_url: str | None) -> None:
    """Build the site of STORY (the current folder by default).

    Exit status: 0 built, 1 the story has problems and the last good site stays as it was, 2 wrong usage.
    """
    from generator.build import build as run
    from generator.problems import SourceError

    _check_base_url(base_url)
    try:
        report = run(story, out or story / "site", base_url=base_url, progress=_progress())
    except SourceError as error:
        _clear()
        _fail(error.problems)
    _clear()
    for problem in report.warnings:
        click.echo(str(problem), err=True)
    made = f"{report.pages} pages, {report.figures} figures, {report.values} values in {report.seconds:.1f} s"
    click.echo(f"{made}: {report.written} files written, {report.unchanged} unchanged, {report.removed} removed")


@main.command()
@STORY
@click.option("--format", "style", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@BASE_URL
def check(story: Path, style: str, base_url: str | None) -> None:
    """Check STORY without writing anything: tables, documents, expressions, links.

    Exit status: 0 clean, 1 problems found, 2 wrong usage.
    """
    from generator.build import check as run

    _check_base_url(base_url)
    checked = run(story, base_url=base_url, progress=_progress() if style == "text" else None)
    _clear()
    problems = checked.problems
    if style == "json":
        click.echo(json.dumps([_record(problem) for problem in problems], ensure_ascii=False, indent=2))
    elif style == "github":
        for problem in problems:
            click.echo(_annotation(problem))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(_summary(problems) if problems else f"{checked.pages} pages checked, no problems")
    if any(problem.severity == "error" for problem in problems):
        sys.exit(1)


def _check_base_url(base_url: str | None) -> None:
    from generator.config import check_base_url

    try:
        check_base_url(base_url or "")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--base-url") from None


def _fail(problems: Iterable[Problem]) -> None:
    listed = list(problems)
    for problem in listed:
        click.echo(str(problem), err=True)
    click.echo(f"{_summary(listed)}; nothing was written", err=True)
    sys.exit(1)


def _summary(problems: Iterable[Problem]) -> str:
    count = len(list(problems))
    return f"{count} problem{'' if count == 1 else 's'}"


def _record(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "path": problem.location.path,
        "line": problem.location.line,
        "column": problem.location.column,
        "message": problem.message,
        "hint": problem.hint,
        "entities": list(problem.entities),
    }


def _annotation(problem: Problem) -> str:
    """A workflow command that GitHub shows at the line."""

    def escaped(text: str, *, attribute: bool = False) -> str:
        text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        return text.replace(":", "%3A").replace(",", "%2C") if attribute else text

    place = problem.location
    where = [f"file={escaped(place.path, attribute=True)}"]
    where += [f"line={place.line}"] if place.line else []
    where += [f"col={place.column}"] if place.column else []
    message = problem.message + (f"\n{problem.hint}" if problem.hint else "")
    title = escaped(problem.code, attribute=True)
    return f"::{problem.severity} {','.join(where)},title={title}::{escaped(message)}"


# --- progress on a terminal ----------------------------------------------------------------------------


def _progress() -> Progress | None:
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


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
