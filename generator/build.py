"""Load → render → check → write: the only composer."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generator.charts import KINDS
from generator.checks.html import PageFacts, scan
from generator.checks.links import check_links, check_pages
from generator.documents import Compiler
from generator.measures.consistency import inconsistencies
from generator.outputs.artifacts import artifacts
from generator.pages import Page, PageMaker
from generator.pages.survey import Survey
from generator.problems import Location, Problem, Problems, SourceError
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.routes import Route, find_routes
from generator.story import load, read_documents
from generator.story_code import chart_functions, data_problems
from generator.theme import Theme
from generator.values import NumberStyle

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did."""

    pages: int
    figures: int
    values: int
    written: int
    unchanged: int
    removed: int
    seconds: float
    warnings: tuple[Problem, ...] = ()


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


def prepare(root: Path, *, base_url: str | None = None, drawing: bool = True) -> PageMaker:
    """A story, its routes and everything compiled once.

    What is wrong with documents and data rules is in the maker's ``problems``, so that the pages which can be
    made are still looked at. Raises SourceError when the settings or the data leave nothing to look at.
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
    problems = Problems()
    functions = problems.attempt(lambda: chart_functions(root), None)
    known = functions is not None  # which kinds of figure there are
    functions = functions or {}
    theme = Theme(root)
    try:
        story = load(root, base_url=base_url)
    except SourceError as error:
        problems.absorb(error)
        _compile_alone(root, theme, functions, problems)
        if not known:
            problems.drop("unknown-kind")
        raise SourceError(*problems) from None
    problems.extend([*inconsistencies(story.root, story.tables, story.selector), *data_problems(story)])
    routes = problems.attempt(lambda: find_routes(story), {})
    maker = PageMaker(story, routes, theme, functions, drawing=drawing)
    problems.attempt(maker.compile, None)
    if not known:
        problems.drop("unknown-kind")
    maker.problems.extend(problems)
    if problems.errors:
        maker.shop.blocks.drawing = False  # nothing will be written
    return maker


def _compile_alone(root: Path, theme: Theme, functions: Mapping[str, Any], problems: Problems) -> None:
    """What can be told of the documents while the data or the settings are broken: their syntax."""
    language = Language(NumberStyle(), lambda _id, words, _where: Slot("text", words))
    compiler = Compiler(language, {**KINDS, **functions}, theme.templates)
    for document in read_documents(root, Problems()).values():
        if not document.unread:
            problems.attempt(lambda d=document: compiler.compile(d), None)  # type: ignore[misc]


class Rendering:
    """Renders every route, collecting problems instead of stopping at one."""

    def __init__(self, maker: PageMaker, progress: Progress | None = None) -> None:
        self.maker = maker
        self.progress = progress
        self.problems = Problems()
        drafts = maker.drafts
        self.problems.extend(p for p in maker.problems if p.location.path not in drafts)
        self.facts: dict[str, PageFacts] = {}
        self.figures = self.values = 0
        self.files: set[str] = set()

    def pages(self) -> Iterator[Page]:
        routes = list(self.maker.routes.values())
        for number, route in enumerate(routes, start=1):
            page = self._page(route)
            if self.progress:
                self.progress(number, len(routes))
            if page is None:
                continue
            self.figures += page.figures
            self.values += page.values
            self.facts[route.file] = scan(page.html)
            yield page

    def _page(self, route: Route) -> Page | None:
        if not self.maker.compiled(route):
            return None
        try:
            return self.maker.page(route)
        except SourceError as error:
            self.problems.absorb(error)
            return None

    def check_pages(self) -> None:
        """What only rendered pages show. Links wait until every page is there for them to lead to."""
        found = list(check_pages(self.facts))
        if len(self.facts) == len(self.maker.routes):
            base = self.maker.story.config.base_path
            found += check_links(self.facts, self.files | set(self.facts), base_path=base)
        self.problems.extend(found)
        self.problems.count(_served(self.maker.routes.values()))


def _served(routes: Iterable[Route]) -> Counter[str]:
    """How many pages each document makes."""
    return Counter(path for route in routes for path in (route.document, route.override) if path)


def page_files(page: Page) -> Iterator[tuple[str, bytes]]:
    yield page.route.file, page.html.encode()
    folder = page.route.file.rpartition("/")[0]
    for name, data in page.files.items():
        yield (f"{folder}/{name}" if folder else name), data


def build(root: Path, out: Path, *, base_url: str | None = None, progress: Progress | None = None) -> Report:
    """Render everything, check it, then write it. Raises SourceError; then nothing has been written."""
    from generator.write import Staging

    started = time.perf_counter()
    maker = prepare(root, base_url=base_url)
    maker.leave_out_drafts()
    rendering = Rendering(maker, progress)
    with Staging(out) as stage:
        listed: list[Page] = []
        for page in rendering.pages():
            for name, data in page_files(page):
                stage.add(name, data)
                rendering.files.add(name)
            listed.append(_light(page))
        for name, data in artifacts(maker.story, maker.theme, listed, maker.claims):
            stage.add(name, data)
            rendering.files.add(name)
        rendering.check_pages()
        rendering.problems.extend(_typed(maker))
        rendering.problems.raise_if_any()
        written = stage.commit()
    return Report(
        len(listed),
        rendering.figures,
        rendering.values,
        written.written,
        written.unchanged,
        written.removed,
        time.perf_counter() - started,
        tuple(rendering.problems),
    )


def _typed(maker: PageMaker) -> Iterator[Problem]:
    """Numbers that are bound to nothing: an error to ``check``, and no reason not to look at the site."""
    for found in maker.typed:
        if found.location.path not in maker.drafts:
            yield replace(found.problem, severity="warning")


def _light(page: Page) -> Page:
    """A page without its content, which waits on disk."""
    return Page(page.route, page.title, "", {}, page.datasets, page.noindex, page.figures, page.values)


def check(
    root: Path,
    *,
    rendered: bool = False,
    suggest: bool = False,
    base_url: str | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Every expression and every claim of every page, without Markdown, drawing or writing.

    ``rendered`` adds what only a rendered page shows: links, headings, ids, weight. ``suggest`` says of each
    number that is typed what it could be bound to.
    """
    started = time.perf_counter()
    try:
        maker = prepare(root, base_url=base_url, drawing=False)
    except SourceError as error:
        return Checked(0, error.problems)
    problems = Problems()
    problems.extend(_noted(maker.problems, maker.drafts))
    typed = suggested(maker) if suggest else (found.problem for found in maker.typed)
    problems.extend(_noted(typed, maker.drafts))
    said, numbers = surveyed(maker, None if rendered else progress)
    problems.extend(said)
    count = len(maker.routes)
    if rendered:
        maker.leave_out_drafts()
        problems.extend(_rendered(maker, progress))
    asserted, attributed = numbers["asserted"], numbers["claim"]
    bound = numbers["data"] + asserted + attributed
    return Checked(count, tuple(problems), bound, asserted, attributed, time.perf_counter() - started)


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
    for found in maker.typed:
        notes = tuple(("perhaps", text) for text in suggestions(found, index))
        yield replace(found.problem, notes=notes)


def _noted(problems: Iterable[Problem], drafts: Collection[str]) -> Iterator[Problem]:
    """What is wrong with a draft is only noted."""
    for problem in problems:
        yield replace(problem, severity="note") if problem.location.path in drafts else problem


def _rendered(maker: PageMaker, progress: Progress | None) -> Problems:
    rendering = Rendering(maker, progress)
    listed = []
    for page in rendering.pages():
        rendering.files.update(name for name, _ in page_files(page))
        listed.append(_light(page))
    rendering.files.update(name for name, _ in artifacts(maker.story, maker.theme, listed, maker.claims))
    rendering.check_pages()
    return rendering.problems
