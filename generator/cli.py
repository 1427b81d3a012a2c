"""The command. Thin: signatures, docstrings and one call each; heavy imports are inside."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator import __version__

if TYPE_CHECKING:
    from generator.build import Checked, Progress
    from generator.problems import Problem

STORY = click.argument(
    "story", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="[STORY]"
)
BASE_URL = click.option(
    "--base-url", metavar="URL", help="Where the site will be published, e.g. https://example.org/story/."
)
FORMATS = ["text", "json", "github", "sarif"]
FORMATS_HELP = "For people, for programs, as annotations of a GitHub workflow, or for code scanning."


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
        _fail(error.problems, story)
    _clear()
    _tell(report.warnings, story, err=True)
    made = f"{report.pages} pages, {report.figures} figures, {report.values} values in {report.seconds:.1f} s"
    click.echo(f"{made}: {report.written} files written, {report.unchanged} unchanged, {report.removed} removed")


@main.command()
@STORY
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True, help=FORMATS_HELP)
@click.option("--rendered", is_flag=True, help="Render the pages, too: links and all that only a page shows.")
@click.option("--strict", is_flag=True, help="Warnings fail, too, as is right before publishing.")
@click.option("--suggest", is_flag=True, help="Say of each number that is typed what it could be bound to.")
@BASE_URL
def check(story: Path, style: str, rendered: bool, strict: bool, suggest: bool, base_url: str | None) -> None:
    """Check STORY without writing anything: tables, documents, expressions and what the words say.

    Exit status: 0 clean, 1 errors found (with --strict, or warnings), 2 wrong usage.
    """
    from generator.build import check as run

    _check_base_url(base_url)
    progress = _progress() if style == "text" else None
    with _uncollected():
        checked = run(story, rendered=rendered, suggest=suggest, base_url=base_url, progress=progress)
    _clear()
    if style == "text":
        _tell(checked.problems, story)
        click.echo(_outcome(checked))
    else:
        click.echo(_for_programs(checked.problems, style, story), nl=style != "github")
    failing = ("error", "warning") if strict else ("error",)
    if any(problem.severity in failing for problem in checked.problems):
        sys.exit(1)


@main.command()
@click.argument("asked", metavar="PAGE[#ID]|NUMBER")
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
        _fail(error.problems, story)
    click.echo(explanation.text, err=not explanation.found)
    if not explanation.found:
        sys.exit(1)


@main.command()
@STORY
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="A free one if taken.")
@click.option("--open", "open_browser", is_flag=True, help="Open the browser, too.")
def serve(story: Path, port: int, open_browser: bool) -> None:
    """Show STORY in the browser while it is written.

    A page is made when it is asked for, and again when something changes that it is made from. Only this machine
    can see it, and nothing is written. Ctrl-C ends it.

    Exit status: 0 ended, 2 wrong usage.
    """
    from generator.serve import serve as run

    run(story, port=port, open_browser=open_browser, say=click.echo)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles: a loaded story is large, lives to the end, and would be walked each time."""
    import gc

    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _check_base_url(base_url: str | None) -> None:
    from generator.config import check_base_url

    try:
        check_base_url(base_url or "")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--base-url") from None


# --- telling of problems ---------------------------------------------------------------------------------


def _fail(problems: Iterable[Problem], story: Path) -> None:
    from generator.reports import summary

    listed = list(problems)
    _tell(listed, story, err=True)
    click.echo(f"{summary(listed)}; nothing was written", err=True)
    sys.exit(1)


def _tell(problems: Iterable[Problem], story: Path, *, err: bool = False) -> None:
    """Each problem with the line that it is about, and a blank line after it."""
    from generator.reports import Palette, Sources, told

    stream = sys.stderr if err else sys.stdout
    colours = stream.isatty() and not os.environ.get("NO_COLOR")
    for text in told(problems, Sources(story), Palette(colours), below=_below(story)):
        click.echo(f"{text}\n", err=err, color=colours)


def _for_programs(problems: Sequence[Problem], style: str, story: Path) -> str:
    from generator.reports import Sources, records, sarif, workflow_commands

    if style == "github":
        return "".join(f"{command}\n" for command in workflow_commands(problems, below=_below(story)))
    log = sarif(problems, __version__, sources=Sources(story), below=_below(story))
    return json.dumps(log if style == "sarif" else records(problems), ensure_ascii=False, indent=2)


def _below(story: Path) -> str:
    """The story's folder as seen from the current one, when it lies below it: so that paths lead to the files."""
    here, there = Path.cwd().resolve(), story.resolve()
    return there.relative_to(here).as_posix() if there != here and there.is_relative_to(here) else ""


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


# --- diff -----------------------------------------------------------------------------------------------


@main.command()
@STORY
@click.option("--against", metavar="REV", help="A git revision: from its data to the data as it is now.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder like data/, or with some of its files: from the data as it is now to that.",
)
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True
)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when anything differs, as git diff does.")
def diff(story: Path, against: str | None, data: Path | None, style: str, exit_code: bool) -> None:
    """Tell what other data changes in what the pages of STORY say.

    The words stay those of today. Listed are assertions that are no longer true, claims with another verdict,
    ranks, sentences, and cells of tables and figures. Nothing is written.

    Exit status: 0 compared, 1 the data of a side has problems (or, with --exit-code, something differs), 2 wrong
    usage or no such data.
    """
    from generator.comparing import SideError, as_json, as_markdown, as_text
    from generator.diff import diff as run

    if bool(against) == (data is not None):
        raise click.UsageError("Name the other data: either --against REV or --data DIR.")
    try:
        found = run(story, against=against or "", data=data, progress=_progress() if style == "text" else None)
    except SideError as error:
        _clear()
        raise click.UsageError(str(error)) from None
    _clear()
    if style == "text":
        click.echo(as_text(found, lambda words: click.style(words, bold=True)), nl=False)
        sides = {"before": found.before.name, "after": found.after.name, "both": "either data"}
        for each in found.problems:
            click.echo(f"with {sides[each.side]}: {each.problem}", err=True)
    else:
        click.echo(as_json(found) if style == "json" else as_markdown(found), nl=False)
    if found.problems or (exit_code and found):
        sys.exit(1)
