"""Load → render → check → write: the only composer."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.checks.html import PageFacts, scan
from generator.checks.links import check_links, check_pages
from generator.outputs.artifacts import artifacts
from generator.pages import Page, PageMaker
from generator.problems import Location, Problem, Problems, SourceError
from generator.routes import Route, find_routes
from generator.story import Story, load
from generator.theme import Theme

Progress = Callable[[int, int], None]
CHARTS = "content/charts.py"
CHECKS = "data/checks.py"


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


def prepare(root: Path, *, base_url: str | None = None, drawing: bool = True) -> PageMaker:
    """A story, its routes and everything compiled once. Raises SourceError with every problem found."""
    if not (root / "content").is_dir():
        raise SourceError(
            Problem(
                "no-story",
                f"{root.name or root} holds no story: it has no folder 'content'",
                Location("content"),
                "Name the story's folder: broadsheet build STORY.",
            )
        )
    story = load(root, base_url=base_url)
    problems = Problems()
    problems.extend(data_problems(story))
    try:
        routes = find_routes(story)
    except SourceError as error:
        problems.absorb(error)
        routes = {}
    functions = chart_functions(root)
    maker = PageMaker(story, routes, Theme(root), functions, drawing=drawing)
    try:
        maker.compile()
    except SourceError as error:
        problems.absorb(error)
    problems.raise_if_any()
    return maker


def data_problems(story: Story) -> Iterator[Problem]:
    """What the story's own rules (``check(tables)`` in data/checks.py) find."""
    module = _story_module(story.root, CHECKS)
    if module is None:
        return
    rules = getattr(module, "check", None)
    if not callable(rules):
        yield Problem("no-check", "data/checks.py has no function check(tables)", Location(CHECKS))
        return
    for found in rules(story.tables):
        table, row, message = found
        yield Problem(
            "data-rule", message, story.tables[table].location(row) if row is not None else Location(CHECKS)
        )


def chart_functions(root: Path) -> Mapping[str, Callable[..., Any]]:
    """The public functions that content/charts.py defines."""
    module = _story_module(root, CHARTS)
    if module is None:
        return {}
    return {
        name: thing
        for name, thing in vars(module).items()
        if callable(thing) and not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__
    }


def _story_module(root: Path, name: str) -> Any:
    """A Python file of the story. It is the story's own code, trusted like the generator's."""
    path = root / name
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"story_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        line = error.lineno or 0 if isinstance(error, SyntaxError) else _line_in(error, path)
        raise SourceError(Problem("story-code", f"{type(error).__name__}: {error}", Location(name, line))) from None
    return module


def _line_in(error: BaseException, path: Path) -> int:
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


class Rendering:
    """Renders every route, collecting problems instead of stopping at one."""

    def __init__(self, maker: PageMaker, progress: Progress | None = None) -> None:
        self.maker = maker
        self.progress = progress
        self.problems = Problems()
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
    rendering = Rendering(maker, progress)
    with Staging(out) as stage:
        listed: list[Page] = []
        for page in rendering.pages():
            for name, data in page_files(page):
                stage.add(name, data)
                rendering.files.add(name)
            listed.append(_light(page))
        for name, data in artifacts(maker.story, maker.theme, listed):
            stage.add(name, data)
            rendering.files.add(name)
        rendering.check_pages()
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


def _light(page: Page) -> Page:
    """A page without its content, which waits on disk."""
    return Page(page.route, page.title, "", {}, page.datasets, page.noindex, page.figures, page.values)


def check(root: Path, *, base_url: str | None = None, progress: Progress | None = None) -> Checked:
    """Everything a build would object to, without drawing or writing."""
    try:
        maker = prepare(root, base_url=base_url, drawing=False)
    except SourceError as error:
        return Checked(0, error.problems)
    rendering = Rendering(maker, progress)
    listed = []
    for page in rendering.pages():
        rendering.files.update(name for name, _ in page_files(page))
        listed.append(_light(page))
    rendering.files.update(name for name, _ in artifacts(maker.story, maker.theme, listed))
    rendering.check_pages()
    return Checked(len(listed), tuple(rendering.problems))
