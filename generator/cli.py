"""The command. Thin: signatures, docstrings and one call each; heavy imports are inside."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from click.core import ParameterSource

from generator import __version__

if TYPE_CHECKING:
    from generator.build import Checked, Progress
    from generator.comparing import Difference
    from generator.problems import Problem
    from generator.run import Report, Run

STORY = click.argument(
    "story", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="[STORY]"
)
BASE_URL = click.option(
    "--base-url", metavar="URL", help="Where the site will be published, e.g. https://example.org/story/."
)
CACHE = click.option(
    "--no-cache", "cache", flag_value=False, default=True, help="Use and keep nothing of other runs; same result."
)


def _jobs(context: click.Context, parameter: click.Parameter, given: str) -> int:
    """The number of processes; 0 means as many as there are processors."""
    if given == "auto":
        return 0
    if not given.isascii() or not given.isdigit() or not 0 < int(given) <= MOST_JOBS:
        raise click.BadParameter(
            f"{given!r} is neither 'auto' nor a number from 1 to {MOST_JOBS}.", context, parameter
        )
    return int(given)


MOST_JOBS = 256
JOBS = click.option(
    "--jobs", metavar="N|auto", default="auto", show_default=True, callback=_jobs,
    help="Make pages in N processes, or in as many as there are processors where that pays; same result.",
)  # fmt: skip


def _cluster(context: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    """The address of a scheduler, with its protocol."""
    if given is None:
        return None
    import importlib.util
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(given if "://" in given else f"tcp://{given}")
        said = parts.hostname and parts.port and given.isascii() and f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        said = None
    if not said or parts.scheme not in ("tcp", "tls") or parts.geturl() != said or "@" in said:
        message = f"{given!r} is no address of a scheduler; write it like tcp://10.0.0.5:8786, or tls://…"
        raise click.BadParameter(message, context, parameter)
    if importlib.util.find_spec("distributed") is None:
        message = 'it needs Dask, which is not installed. Run: pip install "broadsheet[dask]"'
        raise click.BadParameter(message, context, parameter)
    return said


CLUSTER = click.option(
    "--dask", "cluster", metavar="ADDRESS", callback=_cluster,
    help="Make pages on the Dask cluster whose scheduler is at ADDRESS, tcp://HOST:PORT or tls://HOST:PORT, where "
    "there are more than a few; same result. The story's code runs there.",
)  # fmt: skip
FORMATS = ["text", "json", "github", "sarif"]
SCHEMAS = ["site", "measures", "claims", "updates", "front-matter", "figure", "table", "datapackage"]
FORMATS_HELP = "For people, for programs, as annotations of a GitHub workflow, or for code scanning."


def _pages(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
    from generator.completion import pages

    return pages(context, parameter, typed)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="broadsheet")
def main() -> None:
    """Make a static site from datasets and Markdown, every number bound to its row."""


@main.command()
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
    from generator.run import Run, seldom_collected

    _check_base_url(base_url)
    if cluster and click.get_current_context().get_parameter_source("jobs") is not ParameterSource.DEFAULT:
        raise click.UsageError(
            "--jobs is for processes on this machine and --dask for others: leave one of them out."
        )
    out = out or story / "site"
    try:
        now = _now()
        with seldom_collected(), Run(story, base_url=base_url, cache=cache) as run:
            report = run.unchanged(out, now.date()) or _built(run, out, now, jobs, cluster)
    except SourceError as error:
        _clear()
        _fail(error.problems, story)
    _clear()
    _tell(report.warnings, story, err=True)
    for remark in report.remarks:
        click.echo(remark, err=True)
    made = f"{report.pages} pages, {report.figures} figures, {report.values} values in {report.seconds:.1f} s"
    done = f"{report.written} files written, {report.unchanged} unchanged, {report.removed} removed"
    click.echo(f"{made}: {done}; {in_words(report.bytes)} in all")
    for name, seconds in report.stages.items() if timings else ():
        click.echo(f"{name:14}{seconds:8.2f} s")


def _built(run: Run, out: Path, now: datetime, jobs: int, cluster: str | None) -> Report:
    from generator.build import build as make
    from generator.processes import processors

    today, processes = now.date(), jobs or processors()
    progress = _progress()
    return make(run.root, out, today=today, now=now, progress=progress, jobs=processes, cluster=cluster, run=run)


@main.command()
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

    _check_base_url(base_url)
    now, progress = _now(), _progress() if style == "text" else None
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
    _clear()
    if style == "text":
        _tell(checked.problems, story)
        click.echo(_outcome(checked))
    else:
        click.echo(_for_programs(checked.problems, style, story), nl=style != "github")
    if checked.fails(strict=strict, fresh=fresh):
        sys.exit(1)


@main.command()
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
        _fail(error.problems, story)
    click.echo(explanation.text, err=not explanation.found)
    if not explanation.found:
        sys.exit(1)


@main.command()
@click.argument("name", type=click.Choice(SCHEMAS), required=False, metavar="[NAME]")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write into this folder."
)
def schema(name: str | None, out: Path | None) -> None:
    """Make JSON Schemas for editors that complete and check YAML.

    With a NAME, prints one: site, measures, claims, updates, front-matter, figure, table or datapackage. Without,
    writes all into .broadsheet/schemas of the current folder, or the folder named by --out, and prints the settings
    by which Visual Studio Code finds them.

    Exit status: 0 done, 2 wrong usage or a folder that cannot be written to.
    """
    from generator.schemas import as_text, editor_settings, write

    if name and not out:
        click.echo(as_text(name), nl=False)
        return
    folder = out or Path(".broadsheet/schemas")
    try:
        written = write(folder, [name] if name else SCHEMAS)
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written to: {error.strerror}") from None
    for path in written:
        click.echo(path.as_posix(), err=True)
    if not name:
        click.echo("\nFor .vscode/settings.json, with the extension YAML (redhat.vscode-yaml):\n", err=True)
        click.echo(editor_settings(folder.as_posix()))


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
def completion(shell: str) -> None:
    """Print what SHELL has to read to complete this command: bash, zsh or fish.

    For bash, in ~/.bashrc: eval "$(broadsheet completion bash)". For zsh, in ~/.zshrc the same with zsh. For fish:
    broadsheet completion fish > ~/.config/fish/completions/broadsheet.fish

    Exit status: 0 printed, 2 wrong usage.
    """
    from generator.completion import script

    click.echo(script(main, shell, "broadsheet"), nl=False)


@main.command()
@STORY
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="A free one if taken.")
@click.option("--open", "open_browser", is_flag=True, help="Open the browser, too.")
def serve(story: Path, port: int, open_browser: bool) -> None:
    """Show STORY in the browser while it is written.

    A page is made when it is asked for, and again when something changes that it is made from. Only this machine
    can see it, and none of the story's files is touched. Ctrl-C ends it.

    Exit status: 0 ended, 2 wrong usage.
    """
    import signal
    import threading

    from generator.serve import serve as run

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())  # as programs end it that started it
    run(story, port=port, open_browser=open_browser, say=click.echo, stop=stop)


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
    if not base_url:
        return
    from generator.config import check_base_url

    try:
        check_base_url(base_url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--base-url") from None


def _now() -> datetime:
    """The moment; that of SOURCE_DATE_EPOCH (seconds since 1970) where it is set, as reproducible builds do."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        return datetime.fromtimestamp(int(given), UTC) if given else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {given!r}, not a number of seconds since 1970.") from None


# --- telling of problems ---------------------------------------------------------------------------------


def _fail(
    problems: Iterable[Problem],
    story: Path,
    texts: Mapping[str, str] | None = None,
    *,
    outcome: str = "nothing was written",
) -> NoReturn:
    from generator.reports import summary

    listed = list(problems)
    _tell(listed, story, texts, err=True)
    click.echo(f"{summary(listed)}; {outcome}", err=True)
    sys.exit(1)


def _tell(
    problems: Iterable[Problem], story: Path, texts: Mapping[str, str] | None = None, *, err: bool = False
) -> None:
    """Each problem with the line that it is about, and a blank line after it; ``texts``: files as they would be."""
    from generator.reports import Palette, Sources, told

    sources = Sources(story)
    for path, text in (texts or {}).items():
        sources.take(path, text)
    stream = sys.stderr if err else sys.stdout
    colours = stream.isatty() and not os.environ.get("NO_COLOR")
    for text in told(problems, sources, Palette(colours), below=_below(story)):
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
        found = run(story, against=against or "", data=data, progress=_progress() if style == "text" else None)
    except SideError as error:
        _clear()
        raise click.UsageError(str(error)) from None
    _clear()
    if style == "text":
        _tell_difference(found)
    elif style == "update":
        known = read_updates(story)
        draft = as_update(found, _now().date(), [entry.name for entry in known.entries] if known else [])
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


# --- refresh --------------------------------------------------------------------------------------------


@main.command()
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
        done = run(story, datasets, given, retrieved=retrieved, today=_now().date(), dry=dry, compared=compared)
    except RefusedError as error:
        _fail(error.problems, story, {f"data/{path}": data.decode() for path, data in error.files.items()})
    except SourceError as error:
        _fail(error.problems, story)
    _tell(done.warnings, story, {f"data/{path}": data.decode() for path, data in done.files.items()}, err=True)
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


MOST_UNREAD = 3


# --- new ------------------------------------------------------------------------------------------------


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


@main.group(cls=_FolderOrPart, context_settings={"ignore_unknown_options": True}, subcommand_metavar="DIR|PART")
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
        _fail(error.problems, Path())
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
        _fail(error.problems, story)
    for name in written:
        click.echo(Path(_below(story), name).as_posix())


# --- release --------------------------------------------------------------------------------------------


@main.command()
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
    from generator.processes import processors
    from generator.releases import is_name
    from generator.write.paths import path_trouble

    _check_base_url(base_url)
    if not is_name(name):
        raise click.BadParameter(f"{name!r} is not a name of letters, digits and hyphens, such as 2026-06.")
    if trouble := path_trouble(name):  # or no later build could write its pages
        raise click.BadParameter(f"no site can have a folder {name!r}: it {trouble}; name it otherwise.")
    now = _now()
    try:
        done = run(
            story,
            name,
            today=now.date(),
            now=now,
            pages=pages,
            base_url=base_url,
            progress=_progress(),
            jobs=jobs or processors(),
        )
    except SourceError as error:
        _clear()
        _fail(error.problems, story)
    except PatternError as error:
        raise click.BadParameter(str(error), param_hint="--pages") from None
    except OSError as error:
        raise click.UsageError(f"the release cannot be written: {error.strerror or error}") from None
    _clear()
    click.echo(
        f"release {name}: {done.pages:,} pages, {done.files:,} files, of which {done.stored:,} are new;"
        f" {in_words(done.stored_bytes)} to commit, and {in_words(done.site_bytes)} more on the site"
    )


# --- publish --------------------------------------------------------------------------------------------


@main.command()
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
    from generator.processes import processors
    from generator.publish import Asked, publish_to_folder
    from generator.publish import publish as run
    from generator.publish.said import said

    _check_base_url(base_url)
    if to_folder and (branch or remote or over):
        raise click.UsageError("Name either a folder, with --to-folder, or a branch.")
    asked = Asked(story, _now(), base_url, dry_run, jobs or processors(), _progress())
    try:
        made = (
            publish_to_folder(asked, to_folder)
            if to_folder
            else run(asked, branch=branch or "gh-pages", remote=remote or "origin", over=over)
        )
    except SourceError as error:
        _clear()
        _fail(error.problems, story, outcome="nothing was published")
    _clear()
    _tell(made.warnings, story, err=True)
    click.echo(said(made, dry=dry_run))


# --- doctor ---------------------------------------------------------------------------------------------


@main.command()
@STORY
@BASE_URL
def doctor(story: Path, base_url: str | None) -> None:
    """Say what would go wrong with STORY, its git repository and its workflows, and what to do.

    Nothing is fetched and nothing is written. What is wrong with the texts and the data is for check to say.

    Exit status: 0 nothing was found, 1 something was, 2 wrong usage.
    """
    from generator.doctor import doctor as run
    from generator.reports import summary

    _check_base_url(base_url)
    found = run(story, _now(), base_url=base_url)
    _tell(found, story)
    click.echo(summary(found) if found else "nothing found that would go wrong")
    if found:
        sys.exit(1)
