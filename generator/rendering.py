"""Every page of a story: made, or found among those that are kept; and what only rendered pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.checks.html import PageFacts, joined, scan
from generator.checks.links import astray, check_links
from generator.pages import Page, PageMaker
from generator.pages.card import FILE as CARD
from generator.pages.kept import KeptPages, PageKeys, PageRecord, page_files, record_of
from generator.prepare import failing
from generator.problems import Problems, SourceError
from generator.routes import Route
from generator.run import Run

Progress = Callable[[int, int], None]


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
        """By path of the page in the site, and of the pages among its files; bytes only of those that are kept
        elsewhere."""
        self._count = 0
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
                again = Made(made.record, lambda route=route: self._again(route))  # type: ignore[misc]
                self.made.update((path, again) for path, _ in made.record.briefs)
                self._count += 1
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
        files = self._files(page)
        record = record_of(page, files, base_path=self._base)
        if self.kept and self.maker.shop.blocks.drawing:
            self.kept.keep(route, record, files)
        return Made(record, lambda: files)

    def _again(self, route: Route) -> Mapping[str, bytes]:
        """The bytes of a page that has been made before. Making it again gives the same ones."""
        record = self.kept.record(route) if self.kept else None

        def make() -> Mapping[str, bytes]:
            return self._files(self.maker.page(route))

        return self.kept.files(record, make) if self.kept and record else make()

    def _files(self, page: Page) -> dict[str, bytes]:
        """Of a page and what belongs to it; with its card, where the site has an address at which to find it."""
        files = dict(page_files(page))
        if page.card is not None and self.maker.shop.blocks.drawing and self.maker.story.config.base_url:
            files[f"{page.route.url}{CARD}"] = self.maker.picture(page.card)
        return files

    @property
    def _base(self) -> str:
        return self.maker.story.config.base_path

    def check_pages(self) -> None:
        """What only rendered pages show. Links wait until every page is there for them to lead to."""
        found = {path: brief for made in self.made.values() for path, brief in made.record.briefs}
        briefs = {path: found[path] for path in sorted(found)}
        self.problems.extend(joined(problem for each in briefs.values() for problem in each.problems))
        if self._count == len(self.maker.routes):
            facts = {path: self._facts(path) for path in astray(briefs, self.files)}
            ids = {path: each.ids for path, each in briefs.items()}
            self.problems.extend(check_links(facts, self.files, base_path=self._base, ids=ids))
        self.problems.count(served(self.maker.routes.values()))

    def _facts(self, path: str) -> PageFacts:
        return scan(self.made[path].files()[path].decode())


def _kept_pages(maker: PageMaker, run: Run | None) -> KeptPages | None:
    if run is None or run.store is None or failing(maker):
        return None
    return KeptPages(run.store, PageKeys.of(maker, run.inputs))


def served(routes: Iterable[Route]) -> Counter[str]:
    """How many pages each document makes."""
    return Counter(path for route in routes for path in (route.document, route.override) if path)
