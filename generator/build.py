"""Load → render → check → write: the only composer."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generator.charts import KINDS
from generator.checks.html import PageFacts, joined, scan
from generator.checks.links import astray, brief, check_links
from generator.config import refused
from generator.documents import Compiler
from generator.freshness import STALE, has_rhythm, stale
from generator.measures.consistency import inconsistencies
from generator.outputs.artifacts import artifacts, claims_file
from generator.pages import PageMaker
from generator.pages.kept import KeptPages, PageRecord, page_files, record_of
from generator.pages.survey import Survey
from generator.problems import Location, Problem, Problems, SourceError, as_plain, from_plain
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.routes import Route, find_routes
from generator.run import Report, Run
from generator.story import Story, load, read_documents
from generator.story_code import chart_functions, data_problems, named_functions
from generator.theme import Theme
from generator.values import NumberStyle
from generator.write import Staging

__all__ = ["Checked", "Report", "build", "check", "prepare"]

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Checked:
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


def prepare(root: Path, *, base_url: str | None = None, drawing: bool = True, run: Run | None = None) -> PageMaker:
    """A story and its routes, ready to make any page.

    What is wrong with documents and data rules is in the maker's ``problems``, so that the pages which can be
    made are still looked at. With a ``run`` (of the same base URL) nothing is worked out that it remembers. Raises
    SourceError when the settings or the data leave nothing to look at, or when the settings ask for another
    generator, which alone is told then.
    """
    if not (root / "content").is_dir():
        raise SourceError(
            Problem(
                "no-story",
                f"{root.name or root} holds no story: it has no folder 'content'",
                Location("content"),
                "Name the story's folder: broadsheet build STORY.",
            )
        )
    if other := refused(root):
        raise SourceError(other)
    run = run or Run(root, base_url=base_url, cache=False)
    inputs = run.inputs if run.store else None  # as they are before anything is read
    problems = Problems()
    sound = Sound.known(run)
    functions = problems.attempt(lambda: _functions(root, sound), None)
    known = functions is not None  # which kinds of figure there are
    functions = functions or {}
    theme = Theme(root)
    try:
        story = load(root, base_url=base_url, memory=run.memory, sound=sound is not None)
    except SourceError as error:
        problems.absorb(error)
        _compile_alone(root, theme, functions, problems)
        if not known:
            problems.drop("unknown-kind")
        raise SourceError(*problems) from None
    routes = problems.attempt(lambda: find_routes(story), {})
    maker = PageMaker(
        story,
        routes,
        theme,
        functions,
        drawing=drawing,
        memory=run.memory,
        words=inputs.words if inputs else "",
        code=inputs.data if inputs else "",
    )
    problems.extend(_found_in_data(run, story, maker) if sound is None else sound.warnings)
    maker.compile()
    maker.problems.extend(problems)
    if not known:
        maker.problems.drop("unknown-kind")
    if _failing(maker):
        maker.shop.blocks.drawing = False  # nothing will be written
    return maker


def _failing(maker: PageMaker) -> bool:
    """Whether something is wrong that keeps the site from being written; what is wrong with drafts does not."""
    return any(p.severity == "error" and p.location.path not in maker.drafts for p in maker.problems)


@dataclass(frozen=True, slots=True)
class Sound:
    """What an earlier run found of data, settings and code that it found no error in."""

    warnings: tuple[Problem, ...]
    functions: tuple[str, ...]
    """The names of the story's chart functions."""

    @staticmethod
    def known(run: Run) -> Sound | None:
        """None when nobody has looked at the data as it is now, or when it was wrong."""
        data = run.store.get("sound", run.inputs.data) if run.store else None
        if data is None:
            return None
        try:
            warnings, functions = json.loads(data)
            return Sound(from_plain(warnings), tuple(functions))
        except (ValueError, TypeError):
            return None

    def keep(self, run: Run) -> None:
        if run.store:
            made = [as_plain(self.warnings), self.functions]
            run.store.put("sound", run.inputs.data, json.dumps(made, ensure_ascii=False).encode())


def _functions(root: Path, sound: Sound | None) -> dict[str, Callable[..., Any]]:
    return chart_functions(root) if sound is None else named_functions(root, sound.functions)


def _found_in_data(run: Run, story: Story, maker: PageMaker) -> Problems:
    """What is wrong with the data and with what claims say of it."""
    problems = Problems()
    problems.extend([*inconsistencies(story.root, story.tables, story.selector), *data_problems(story)])
    problems.extend(maker.hold_claims())
    if not problems.errors:
        Sound(tuple(problems), tuple(maker.shop.blocks.functions)).keep(run)
    return problems


def _compile_alone(root: Path, theme: Theme, functions: Mapping[str, Any], problems: Problems) -> None:
    """What can be told of the documents while the data or the settings are broken: their syntax."""
    language = Language(NumberStyle(), lambda _id, words, _where: Slot("text", words))
    compiler = Compiler(language, {**KINDS, **functions}, theme.templates)
    for document in read_documents(root, Problems()).values():
        if not document.unread:
            problems.attempt(lambda d=document: compiler.compile(d), None)  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Made:
    """A page that is there: what is known of it, and its bytes by path in the site, at hand or to be had."""

    record: PageRecord
    files: Callable[[], Mapping[str, bytes]]


class Rendering:
    """Renders every route that is not kept, collecting problems instead of stopping at one."""

    def __init__(self, maker: PageMaker, progress: Progress | None = None, run: Run | None = None) -> None:
        self.maker = maker
        self.progress = progress
        self.problems = Problems()
        drafts = maker.drafts
        self.problems.extend(p for p in maker.problems if p.location.path not in drafts)
        self.kept = _kept_pages(maker, run)
        self.made: dict[str, Made] = {}
        """By path of the page in the site; bytes only of those that are kept elsewhere."""
        self.files: set[str] = set()

    def pages(self) -> Iterator[Made]:
        """Every page that can be made, in order of the routes."""
        routes = list(self.maker.routes.values())
        if self.kept:
            self.kept.find(routes)
        for number, route in enumerate(routes, start=1):
            made = self._made(route)
            if self.progress:
                self.progress(number, len(routes))
            if made is not None:
                self.made[route.file] = Made(made.record, lambda route=route: self._again(route))  # type: ignore[misc]
                self.files.update(path for path, _, _ in made.record.files)
                yield made

    def _made(self, route: Route) -> Made | None:
        record = self.kept.record(route) if self.kept else None
        if record is not None:
            return Made(record, lambda: self._again(route))
        if not self.maker.compiled(route):
            return None
        try:
            page = self.maker.page(route)
        except SourceError as error:
            self.problems.absorb(error)
            return None
        files = dict(page_files(page))
        facts = scan(page.html)
        record = record_of(page, files, brief(facts, route.file, base_path=self._base))
        if self.kept and self.maker.shop.blocks.drawing:
            self.kept.keep(route, record, files)
        return Made(record, lambda: files)

    def _again(self, route: Route) -> Mapping[str, bytes]:
        """The bytes of a page that has been made before. Making it again gives the same ones."""
        record = self.kept.record(route) if self.kept else None
        files = self.kept.files(route, record) if self.kept and record else None
        return files if files is not None else dict(page_files(self.maker.page(route)))

    @property
    def _base(self) -> str:
        return self.maker.story.config.base_path

    def check_pages(self) -> None:
        """What only rendered pages show. Links wait until every page is there for them to lead to."""
        briefs = {path: self.made[path].record.brief for path in sorted(self.made)}
        self.problems.extend(joined(problem for each in briefs.values() for problem in each.problems))
        if len(self.made) == len(self.maker.routes):
            facts = {path: self._facts(path) for path in astray(briefs, self.files)}
            ids = {path: each.ids for path, each in briefs.items()}
            self.problems.extend(check_links(facts, self.files, base_path=self._base, ids=ids))
        self.problems.count(_served(self.maker.routes.values()))

    def _facts(self, path: str) -> PageFacts:
        return scan(self.made[path].files()[path].decode())


def _kept_pages(maker: PageMaker, run: Run | None) -> KeptPages | None:
    if run is None or run.store is None or _failing(maker):
        return None
    surroundings = run.inputs.surroundings, run.inputs.address
    return KeptPages(run.store, surroundings, maker.story.documents)


def _served(routes: Iterable[Route]) -> Counter[str]:
    """How many pages each document makes."""
    return Counter(path for route in routes for path in (route.document, route.override) if path)


def build(
    root: Path,
    out: Path,
    *,
    base_url: str | None = None,
    today: dt.date | None = None,
    progress: Progress | None = None,
    cache: bool = True,
    run: Run | None = None,
) -> Report:
    """Render everything, check it, then write it. Raises SourceError; then nothing has been written.

    Without ``cache`` nothing that an earlier build worked out is used, and nothing is kept; the bytes are the same.
    A ``run`` that has begun takes the place of both ``base_url`` and ``cache``. ``today`` is what tables with
    a rhythm are held against, and only that: what is written is the same on any day.
    """
    if run is None:
        with Run(root, base_url=base_url, cache=cache) as own:
            return own.unchanged(out, today) or build(root, out, today=today, progress=progress, run=own)
    maker = prepare(root, base_url=run.base_url, run=run)
    maker.leave_out_drafts()
    rendering = Rendering(maker, progress, run)
    standing = run.standing(out)
    with Staging(out, standing.files if standing else {}) as stage:
        records: list[PageRecord] = []
        for made in rendering.pages():
            _stage(stage, made)
            records.append(made.record)
        for name, data in artifacts(maker.story, maker.theme, records, _claims(maker, run)):
            stage.add(name, data)
            rendering.files.add(name)
        rendering.check_pages()
        rendering.problems.extend(_typed(maker))
        rendering.problems.extend(_stale(maker, today))
        rendering.problems.raise_if_any()
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
        )
        run.stands(out, report, stage.signatures(), timed=has_rhythm(maker.story), today=today)
    return report


def _stage(stage: Staging, made: Made) -> None:
    """The files of a page: those that are in place already are not needed."""
    missing = [path for path, checksum, size in made.record.files if not stage.keep(path, checksum, size)]
    if missing:
        files = made.files()
        for path in missing:
            stage.add(path, files[path])


def _claims(maker: PageMaker, run: Run) -> bytes:
    """The file of claims, worked out anew only when something but a document has changed."""
    if run.store is None:
        return claims_file(maker.story, maker.claims)
    parts = [run.inputs.surroundings, run.inputs.address]
    return run.memory.on_disk("claims", parts, lambda: claims_file(maker.story, maker.claims))


def _typed(maker: PageMaker) -> Iterator[Problem]:
    """Numbers that are bound to nothing: an error to ``check``, and no reason not to look at the site."""
    for problem in maker.programs.typed:
        if problem.location.path not in maker.drafts:
            yield replace(problem, severity="warning")


def _stale(maker: PageMaker, today: dt.date | None) -> Iterable[Problem]:
    return stale(maker.story, today) if today else ()


def check(
    root: Path,
    *,
    rendered: bool = False,
    suggest: bool = False,
    base_url: str | None = None,
    today: dt.date | None = None,
    progress: Progress | None = None,
    cache: bool = True,
) -> Checked:
    """Every expression and every claim of every page, without Markdown, drawing or writing.

    ``rendered`` adds what only a rendered page shows: links, headings, ids, weight. ``suggest`` says of each
    number that is typed what it could be bound to. Tables with a rhythm are held against ``today``.
    ``cache`` as for :func:`build`.
    """
    with Run(root, base_url=base_url, cache=cache) as run:
        try:
            maker = prepare(root, base_url=base_url, drawing=False, run=run)
        except SourceError as error:
            return Checked(0, error.problems)
        problems = Problems()
        problems.extend(_noted(maker.problems, maker.drafts))
        problems.extend(_stale(maker, today))
        problems.extend(_noted(suggested(maker) if suggest else maker.programs.typed, maker.drafts))
        said, numbers = surveyed(maker, None if rendered else progress)
        problems.extend(said)
        count = len(maker.routes)
        if rendered:
            maker.leave_out_drafts()
            problems.extend(_rendered(maker, progress, run))
        asserted, attributed = numbers["asserted"], numbers["claim"]
        bound = numbers["data"] + asserted + attributed
        return Checked(count, tuple(problems), bound, asserted, attributed, time.perf_counter() - run.started)


def surveyed(maker: PageMaker, progress: Progress | None = None) -> tuple[Problems, Counter[str]]:
    """What is wrong with what the pages say, and how many numbers they bind, by the kind of slot."""
    problems, numbers = Problems(), Counter[str]()
    routes = [route for route in maker.routes.values() if maker.compiled(route)]
    drafts = maker.drafts
    for number, route in enumerate(routes, start=1):
        survey = Survey(maker.shop, route).run()
        numbers += survey.numbers
        for problem in _noted(survey.problems, drafts):
            problems.extend([problem.with_entities([route.entity.name]) if route.entity else problem])
        if progress:
            progress(number, len(routes))
    problems.count(_served(routes))
    return problems, numbers


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
    claims = claims_file(maker.story, maker.claims)
    rendering.files.update(name for name, _ in artifacts(maker.story, maker.theme, records, claims))
    rendering.check_pages()
    return rendering.problems
