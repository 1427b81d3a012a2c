"""What the pages of a story say, held against the data: worked out, or found among what is kept.

The pages of one document are kept together, since it is a document that an editor changes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from msgspec import Struct

from generator.inputs import digest
from generator.pages import PageMaker
from generator.pages.kept import PageKeys
from generator.pages.survey import Survey
from generator.problems import Problem, Problems, as_plain, from_plain
from generator.processes import beside
from generator.rendering import Progress, served
from generator.routes import Route
from generator.run import Run

MANY = 400
"""Pages that are worth another process, which takes a while to copy."""


class Findings(Struct, frozen=True):
    """What is wrong with what some pages say, and how many numbers they bind, by the kind of slot."""

    problems: tuple[Problem, ...]
    numbers: Counter[str]


def survey(maker: PageMaker, progress: Progress | None = None, run: Run | None = None) -> Findings:
    """Of every page whose documents compile. With a ``run`` nothing is worked out that it remembers."""
    groups = _by_document(maker.routes.values())
    kept = _Kept(maker, run) if run and run.store else None
    known = [kept.recall(pages) if kept else None for pages in groups]
    missing = [pages for pages, found in zip(groups, known, strict=True) if found is None]
    total = len(maker.routes)
    done = total - sum(map(len, missing))

    def ahead(pages: int) -> None:
        nonlocal done
        done = min(done + pages, total)
        if progress:
            progress(done, total)

    made = iter(_made(maker, missing, ahead))
    problems, numbers = Problems(), Counter[str]()
    for pages, remembered in zip(groups, known, strict=True):
        found = remembered or next(made)
        if kept and not remembered:
            kept.keep(pages, found)
        problems.extend(found.problems)
        numbers += found.numbers
    problems.count(served(maker.routes.values()))
    return Findings(tuple(problems), numbers)


def _by_document(routes: Iterable[Route]) -> list[list[Route]]:
    groups: dict[str, list[Route]] = {}
    for route in routes:
        groups.setdefault(route.document, []).append(route)
    return [*groups.values()]


class _Kept:
    """What earlier surveys found on the pages of each document."""

    def __init__(self, maker: PageMaker, run: Run) -> None:
        self._keys = PageKeys.of(maker, run.inputs)
        self._memory = run.memory

    def recall(self, pages: Iterable[Route]) -> Findings | None:
        return self._memory.recalled("survey", self._parts(pages), lambda data: _unpacked(data)[0])

    def keep(self, pages: Iterable[Route], found: Findings) -> None:
        self._memory.keep("survey", self._parts(pages), found, lambda found: _packed([found]))

    def _parts(self, pages: Iterable[Route]) -> list[str]:
        return [digest(*map(self._keys.page, pages))]


def _made(maker: PageMaker, groups: Sequence[Sequence[Route]], ahead: Callable[[int], None]) -> list[Findings]:
    """Of each group of pages, in their order. Of many pages a copy of this process goes through half."""
    if sum(map(len, groups)) < MANY:
        return [_gone_through(maker, pages, partial(ahead, 1)) for pages in groups]
    middles = [(len(pages) + number % 2) // 2 for number, pages in enumerate(groups)]  # single ones by turns
    halves = [(pages[:middle], pages[middle:]) for pages, middle in zip(groups, middles, strict=True)]
    with beside(lambda: _packed(_gone_through(maker, half) for _, half in halves)) as other:
        mine = [_gone_through(maker, half, partial(ahead, 2)) for half, _ in halves]
        return [*map(_joined, mine, _unpacked(other()))]


def _gone_through(maker: PageMaker, routes: Iterable[Route], ahead: Callable[[], None] = lambda: None) -> Findings:
    problems, numbers = Problems(), Counter[str]()
    for route in routes:
        if maker.compiled(route):
            made = Survey(maker.shop, route).run()
            numbers += made.numbers
            for problem in made.problems:
                problems.extend([problem.with_entities([route.entity.name]) if route.entity else problem])
        ahead()
    return Findings(tuple(problems), numbers)


def _joined(one: Findings, other: Findings) -> Findings:
    problems = Problems()
    for found in (one, other):
        problems.extend(found.problems)
    return Findings(tuple(problems), one.numbers + other.numbers)


def _packed(findings: Iterable[Findings]) -> bytes:
    plain = [[as_plain(found.problems), found.numbers] for found in findings]
    return json.dumps(plain, ensure_ascii=False).encode()


def _unpacked(data: bytes) -> list[Findings]:
    return [Findings(from_plain(problems), Counter(numbers)) for problems, numbers in json.loads(data)]
