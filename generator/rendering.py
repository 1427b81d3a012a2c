"""Every page of a story: made, or found among those that are kept; and what only rendered pages show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial

from msgspec import Struct

from generator.checks.facts import PageFacts, scan
from generator.checks.html import joined
from generator.checks.links import Leads, all_lead, astray, check_links, leads_of
from generator.inputs import generator
from generator.making import Outcome, all_files, keep, kept_pages, made
from generator.pages import PageMaker
from generator.pages.records import PageRecord
from generator.problems import Problems
from generator.processes import can_copy
from generator.routes import Route
from generator.run import Run
from generator.searched import searched

Progress = Callable[[int, int], None]

FEW = 40
"""To make no more pages than this, processes that read the story are not worth their start, nor a cluster the way
there."""
FEW_COPIED = 8
"""To make no more than this, copies of this process are not worth theirs."""


class Made(Struct, frozen=True):
    """A page that is there: what is known of it, and its bytes by path in the site, at hand or to be had."""

    record: PageRecord
    files: Callable[[], Mapping[str, bytes]]
    lasting: bool = False
    """They can be had at any time, and take no room until then."""


class Rendering:
    """Renders every route that is not kept, collecting problems instead of stopping at one."""

    def __init__(
        self,
        maker: PageMaker,
        progress: Progress | None = None,
        run: Run | None = None,
        *,
        jobs: int = 1,
        cluster: str | None = None,
    ) -> None:
        """``jobs`` is the number of processes that make pages, ``cluster`` the address of the scheduler of a Dask
        cluster that does; neither makes a difference but in time."""
        self.maker = maker
        self.progress = progress
        self.run = run
        self.jobs = jobs
        self.cluster = cluster
        self.remarks: list[str] = []
        """What is to be told of who made the pages."""
        self.problems = Problems()
        drafts = maker.drafts
        self.problems.extend(p for p in maker.problems if p.location.path not in drafts)
        self.kept = kept_pages(maker, run)
        self.made: dict[str, Made] = {}
        """By path of the page in the site, and of the pages among its files; bytes only of those that are kept
        elsewhere."""
        self._words: dict[str, bytes] = {}
        """What the text search looks into, by path; of pages that are not kept elsewhere."""
        self._count = 0

    def pages(self) -> Generator[Made]:
        """Every page that can be made, in order of the routes."""
        routes = list(self.maker.routes.values())
        if self.kept:
            self.kept.find(routes)
        known = {route.url: record for route in routes if (record := self._record(route))}
        with closing(self._outcomes([route for route in routes if route.url not in known])) as outcomes:
            for number, route in enumerate(routes, start=1):
                again, record = partial(self._again, route), known.get(route.url)
                made = Made(record, again, lasting=True) if record else self._made(route, next(outcomes))
                if self.progress:
                    self.progress(number, len(routes))
                if made is not None:
                    later = Made(made.record, again, lasting=True)
                    self.made.update((path, later) for path in made.record.pages)
                    self._count += 1
                    yield made
            next(outcomes, None)  # there is none: whoever made them is let end in peace
        if self.kept and self.maker.shop.blocks.drawing:
            self.kept.keep_together()

    def _outcomes(self, routes: Sequence[Route]) -> Generator[Outcome]:
        """What comes of each, made by a cluster or several processes; what they leave is made here."""
        done = 0
        if self.cluster and self.run is not None and len(routes) > FEW:
            from generator.cluster import on_cluster  # what is for few builds is not worth its time to all

            keep_it = partial(keep, self.maker, kept=self.kept)
            done = yield from on_cluster(
                self.cluster, self.run, routes, self._outcome, keep_it, self.remarks.append
            )
        elif self.cluster and routes:
            self.remarks.append(f"{len(routes)} pages to make are too few for a cluster: they were made here")
        left = routes[done:]
        if self.jobs > 1 and self.run is not None and len(left) > FEW_COPIED:
            copied = can_copy()
            if copied or len(left) > FEW:
                from generator.workers import in_processes

                done += yield from in_processes(
                    self.run, self.jobs, left, self._outcome, self._let_go, copied=copied
                )
        yield from map(self._outcome, routes[done:])

    def _let_go(self) -> None:
        """Others make the pages. What is asked for all the same is found in the store."""
        if self.run is not None and self.run.store is not None:
            self.maker.story.let_go()
            self.run.memory.let_go()

    def _outcome(self, route: Route) -> Outcome:
        return made(self.maker, route, self.kept)

    def _record(self, route: Route) -> PageRecord | None:
        return self.kept.record(route) if self.kept else None

    def _made(self, route: Route, outcome: Outcome) -> Made | None:
        self.problems.extend(outcome.problems)
        if outcome.record is None:
            return None
        record = outcome.record.thrifty()
        if self.kept:
            self.kept.know(route, record)
        if outcome.words:
            self._keep_words(record, outcome.words)
        return Made(record, lambda: outcome.files)

    def _keep_words(self, record: PageRecord, words: bytes) -> None:
        if self.run and self.run.store:
            self._words_of(record, lambda: words)
        else:
            self._words[record.path] = words

    def words(self, path: str) -> bytes:
        """What the text search looks into of a page: reading it again takes longer than making the index."""
        made = self.made[path]
        return self._words_of(
            made.record, lambda: self._words.get(path) or searched(made.files()[path].decode()).encode()
        )

    def _words_of(self, record: PageRecord, make: Callable[[], bytes]) -> bytes:
        return self.maker.memory.on_disk("searched", [generator(), record.digest], make, sure=True)

    def _again(self, route: Route) -> Mapping[str, bytes]:
        """The bytes of a page that has been made before. Making it again gives the same ones."""
        record = self._record(route)

        def make() -> Mapping[str, bytes]:
            return all_files(self.maker, self.maker.page(route))

        return self.kept.files(record, make) if self.kept and record else make()

    @property
    def _base(self) -> str:
        return self.maker.story.config.base_path

    def check_pages(self, files: Collection[str]) -> None:
        """What only rendered pages show, in a site of these files. Links wait until every page is there for them to
        lead to."""
        if not (self._count == len(self.maker.routes) and all_lead(self._leads(), files, self._ids)):
            self._look_through_pages(files)
        self.problems.count(served(self.maker.routes.values()))

    def _leads(self) -> list[Leads]:
        """Where the addresses on all pages lead: as they are kept of many together, and of all others."""
        together: dict[int, Leads] = {}
        apart: list[PageRecord] = []
        for route in self.maker.routes.values():
            leads = self.kept.leads(route) if self.kept else None
            if leads is None:
                apart.append(self.made[route.file].record)
            else:
                together[id(leads)] = leads
        return [*together.values(), leads_of(each for record in apart for _, each in record.briefs)]

    def _ids(self, path: str) -> frozenset[str] | None:
        """Of a page of the site; None for another file of it."""
        made = self.made.get(path)
        return frozenset(dict(made.record.briefs)[path].ids) if made else None

    def _look_through_pages(self, files: Collection[str]) -> None:
        """What is wrong with each page, where something is."""
        found = {path: brief for made in self.made.values() for path, brief in made.record.briefs}
        briefs = {path: found[path] for path in sorted(found)}
        self.problems.extend(joined(problem for each in briefs.values() for problem in each.problems))
        if self._count == len(self.maker.routes):
            facts = {path: self._facts(path) for path in astray(briefs, files)}
            ids = {path: each.ids for path, each in briefs.items()}
            self.problems.extend(check_links(facts, files, base_path=self._base, ids=ids))

    def _facts(self, path: str) -> PageFacts:
        return scan(self.made[path].files()[path].decode())


def served(routes: Iterable[Route]) -> Counter[str]:
    """How many pages each document makes."""
    return Counter(path for route in routes for path in (route.document, route.override) if path)
