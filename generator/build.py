"""Load → render → check → write: the only composer."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from generator.embargoes import embargoed, has_embargo
from generator.freshness import STALE, has_rhythm, stale
from generator.inputs import generator
from generator.moved import published, wrong_addresses
from generator.outputs.artifacts import artifacts, claims_file, feed_file
from generator.outputs.downloads import download, download_paths, downloads
from generator.outputs.requested import requested
from generator.outputs.weight import overweight
from generator.pages import PageMaker
from generator.pages.moved import moved_pages
from generator.pages.records import PageRecord, block_ids
from generator.prepare import prepare
from generator.problems import Problem, Problems, SourceError
from generator.releases import Archives
from generator.rendering import Made, Progress, Rendering
from generator.routes import Route
from generator.run import Report, Run, Stages
from generator.searching import lacking, search_files
from generator.write import Staging

__all__ = ["Checked", "Progress", "Report", "build", "check", "prepare"]


Sum = tuple[str, str, int]
"""Of a file its path in the site, its SHA-256 in hex and its size in bytes."""


class Checked(Struct):
    """What a check found."""

    pages: int
    problems: tuple[Problem, ...] = field(default=())
    numbers: int = 0
    """All that are bound, on every page: computed, asserted and attributed."""
    asserted: int = 0
    attributed: int = 0
    seconds: float = 0.0

    def fails(self, *, strict: bool = False, fresh: bool = False) -> bool:
        """Whether it is not to be published.

        Stale data comes with time and not with a change of the story, so it fails only those that ask for it.
        """
        failing = ("error", "warning") if strict else ("error",)
        return any(fresh if problem.code == STALE else problem.severity in failing for problem in self.problems)


def build(
    root: Path,
    out: Path,
    *,
    base_url: str | None = None,
    today: dt.date | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
    cache: bool = True,
    jobs: int = 1,
    cluster: str | None = None,
    run: Run | None = None,
) -> Report:
    """Render everything, check it, then write it. Raises SourceError; then nothing has been written.

    ``jobs`` is the number of processes that make pages, where there are enough of them; what they make is the same.
    ``cluster`` is the address of the scheduler of a Dask cluster that makes them instead, but for what it leaves.

    Without ``cache`` nothing that an earlier build worked out is used, and nothing is kept; the bytes are the same.
    A ``run`` that has begun takes the place of both ``base_url`` and ``cache``. ``today`` is what tables with
    a rhythm are held against, and ``now`` what embargoes are: on another day a build may warn or refuse, and what
    it writes is the same.
    """
    if run is None:
        with Run(root, base_url=base_url, cache=cache) as own:
            return own.unchanged(out, today) or build(
                root, out, today=today, now=now, progress=progress, jobs=jobs, cluster=cluster, run=own
            )
    clock = Stages()
    with clock("reading"):
        maker = prepare(root, base_url=run.base_url, run=run)
        maker.leave_out_drafts()
    rendering = Rendering(maker, progress, run, jobs=jobs, cluster=cluster)
    with Staging(out, run.left(out)) as stage:
        records: list[PageRecord] = []
        with clock("pages"), closing(rendering.pages()) as pages:
            for made in pages:
                _stage(stage, made)
                records.append(made.record)
        with clock("other files"):
            for name, data in _others(maker, records, run):
                stage.add(name, data)
            _stage_tables(stage, maker, run)
            _stage_frozen(stage, maker)
        with clock("checks"):
            rendering.problems.extend(lacking(maker.story.config))
            rendering.problems.extend(_wrong_addresses(maker))
            rendering.check_pages(stage.paths)
            rendering.problems.extend(_typed(maker))
            rendering.problems.extend(_stale(maker, today))
            rendering.problems.extend(_embargoed(maker, now))
            rendering.problems.extend(overweight(stage.sizes(), most=maker.story.config.size_limit))
            rendering.problems.raise_if_any()
        with clock("text search"):
            for name, data in _search(maker, rendering, run):
                stage.add(name, data)
        with clock("writing"):
            written = stage.commit()
        report = Report(
            len(records),
            sum(record.figures for record in records),
            sum(record.values for record in records),
            written.written,
            written.unchanged,
            written.removed,
            time.perf_counter() - run.started,
            tuple(rendering.problems),
            stage.size,
            clock.seconds,
            tuple(rendering.remarks),
        )
        timed = has_rhythm(maker.story) or has_embargo(maker.story.documents)
        run.stands(out, report, stage.signatures(), timed=timed, today=today)
    return report


def _stage(stage: Staging, made: Made) -> None:
    """The files of a page: those that are in place already are not needed."""
    listed = made.record.files
    others: Sequence[int] = range(len(listed))
    if made.lasting:
        others = stage.expect(listed.paths, listed.digests, listed.sizes, made.files)
    if not others:
        return
    each = list(listed)
    missing = [each[number] for number in others if not stage.keep(*each[number])]
    if missing:
        files = made.files()
        for path, digest, _ in missing:
            stage.add_known(path, files[path], digest)


def _stage_frozen(stage: Staging, maker: PageMaker) -> None:
    """The files of the releases, staged; of those that are in place already nothing is read."""
    with Archives(maker.story.root) as archives:
        for release, path, (checksum, size) in maker.story.releases.files:
            name = f"{release.folder}{path}"
            if not stage.keep(name, checksum, size):
                stage.add_known(name, archives.read(release, path), checksum)


def _stage_tables(stage: Staging, maker: PageMaker, run: Run) -> None:
    """The tables and maps, staged; of those that are in place already nothing is read."""
    parts = [run.inputs.data, run.inputs.address]
    known = run.memory.recalled("downloads", parts, _unpacked)
    for path, checksum, size in known or ():
        if not stage.keep(path, checksum, size):
            stage.add(path, download(maker.story, path))
    if known is None:
        made: list[Sum] = []
        for path, data in downloads(maker.story):
            made.append((path, hashlib.sha256(data).hexdigest(), len(data)))
            stage.add_known(path, data, made[-1][1])
        run.memory.keep("downloads", parts, made, lambda sums: json.dumps(sums).encode())


def _unpacked(data: bytes) -> list[Sum]:
    return [(str(path), str(checksum), int(size)) for path, checksum, size in json.loads(data)]


def _wrong_addresses(maker: PageMaker) -> Iterator[Problem]:
    return wrong_addresses(maker.story, published(maker.routes, maker.drafts))


def _others(maker: PageMaker, records: list[PageRecord], run: Run) -> Iterator[tuple[str, bytes]]:
    """The files that belong to no page, and those that pages ask for."""
    claims, feed = _claims(maker, run), _feed(maker, run)
    known = {record.url: record for record in records}

    def having(route: Route) -> Collection[str]:
        return block_ids(known[route.url]) if route.url in known else ()  # that could not be made

    yield from artifacts(maker.story, maker.theme, records, claims, feed, maker.places)
    yield from requested(maker, having, [run.inputs.surroundings, run.inputs.address]).items()
    yield from moved_pages(maker)


def _search(maker: PageMaker, rendering: Rendering, run: Run) -> Iterable[tuple[str, bytes]]:
    """The files of the text search, made anew only when a page that it looks into has changed."""
    config = maker.story.config
    if not config.spec.search_page:
        return ()
    looked_into = {
        path: made
        for path, made in sorted(rendering.made.items())
        if made.record.searched and path == made.record.path  # and none of those for frames on other sites
    }
    parts = [part for path, made in looked_into.items() for part in (path, made.record.digest)]
    pages = {path: partial(rendering.words, path) for path in looked_into}

    return run.memory.files("search", [generator(), *parts], lambda: search_files(pages, config)).items()


def _claims(maker: PageMaker, run: Run) -> bytes:
    """The file of claims, worked out anew only when something but a document has changed."""
    if run.store is None:
        return claims_file(maker.story, maker.claims)
    parts = [run.inputs.surroundings, run.inputs.address]
    return run.memory.on_disk("claims", parts, lambda: claims_file(maker.story, maker.claims))


def _feed(maker: PageMaker, run: Run) -> bytes:
    """The feed of updates, kept like the claims; its addresses are those of the pages that are there."""
    if run.store is None:
        return feed_file(maker.story, maker.updates())
    parts = [run.inputs.surroundings, run.inputs.address, *maker.routes]
    return run.memory.on_disk("feed", parts, lambda: feed_file(maker.story, maker.updates()))


def _typed(maker: PageMaker) -> Iterator[Problem]:
    """Numbers that are bound to nothing: an error to ``check``, and no reason not to look at the site."""
    for problem in maker.programs.typed:
        if problem.location.path not in maker.drafts:
            yield replace(problem, severity="warning")


def _stale(maker: PageMaker, today: dt.date | None) -> Iterable[Problem]:
    return stale(maker.story, today) if today else ()


def _embargoed(maker: PageMaker, now: dt.datetime | None) -> Iterable[Problem]:
    return embargoed(maker.story.documents, maker.drafts, now) if now else ()


def check(
    root: Path,
    *,
    rendered: bool = False,
    suggest: bool = False,
    base_url: str | None = None,
    today: dt.date | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
    cache: bool = True,
    run: Run | None = None,
) -> Checked:
    """Every expression and every claim of every page, without Markdown, drawing or writing.

    ``rendered`` adds what only a rendered page shows: links, headings, ids, weight. ``suggest`` says of each
    number that is typed what it could be bound to. Tables with a rhythm are held against ``today``, embargoes
    against ``now``.
    ``cache`` and ``run`` as for :func:`build`.
    """
    from generator.surveying import survey  # what builds do without

    try:
        begun = nullcontext(run) if run else Run(root, base_url=base_url, cache=cache)
    except SourceError as error:  # a refresh is at work
        return Checked(0, error.problems)
    with begun as run:
        try:
            maker = prepare(root, base_url=run.base_url, drawing=False, run=run)
        except SourceError as error:
            return Checked(0, error.problems)
        problems = Problems()
        problems.extend(_noted(maker.problems, maker.drafts))
        problems.extend(_stale(maker, today))
        problems.extend(_embargoed(maker, now))
        problems.extend(lacking(maker.story.config))
        problems.extend(_wrong_addresses(maker))
        problems.extend(_noted(suggested(maker) if suggest else maker.programs.typed, maker.drafts))
        said = survey(maker, None if rendered else progress, run)
        problems.extend(_noted(said.problems, maker.drafts))
        count = len(maker.routes)
        if rendered:
            maker.leave_out_drafts()
            problems.extend(_rendered(maker, progress, run))
        asserted, attributed = said.numbers["asserted"], said.numbers["claim"]
        bound = said.numbers["data"] + asserted + attributed
        return Checked(count, tuple(problems), bound, asserted, attributed, time.perf_counter() - run.started)


def suggested(maker: PageMaker) -> Iterator[Problem]:
    """Numbers that are typed, each with the values it could be bound to."""
    from generator.lint.suggest import Index, suggestions

    index = Index(maker.story, maker.shop.language)
    for found in maker.programs.found:
        notes = tuple(("perhaps", text) for text in suggestions(found, index))
        yield replace(found.problem, notes=notes)


def _noted(problems: Iterable[Problem], drafts: Collection[str]) -> Iterator[Problem]:
    """What is wrong with a draft is only noted."""
    for problem in problems:
        yield replace(problem, severity="note") if problem.location.path in drafts else problem


def _rendered(maker: PageMaker, progress: Progress | None, run: Run) -> Problems:
    rendering = Rendering(maker, progress, run)
    records = [made.record for made in rendering.pages()]
    claims, updates = claims_file(maker.story, maker.claims), feed_file(maker.story, maker.updates())
    files = artifacts(maker.story, maker.theme, records, claims, updates, maker.places)
    paths = {path for record in records for path in record.files.paths}
    paths.update(name for name, _ in files)
    paths.update(download_paths(maker.story))
    paths.update(f"{release.folder}{path}" for release, path, _ in maker.story.releases.files)
    paths.update(name for name, _ in moved_pages(maker))
    rendering.check_pages(paths)
    return rendering.problems
