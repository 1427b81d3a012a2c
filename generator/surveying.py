"""What the pages of a story say, held against the data: worked out, or found among what is kept.

The pages of one document are kept together, since it is a document that an editor changes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from generator.inputs import digest
from generator.pages import PageMaker
from generator.pages.kept import PageKeys
from generator.pages.survey import Survey
from generator.problems import Problem, Problems, as_plain, from_plain
from generator.rendering import Progress, served
from generator.routes import Route
from generator.run import Run


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with what some pages say, and how many numbers they bind, by the kind of slot."""

    problems: tuple[Problem, ...]
    numbers: Counter[str]


def survey(maker: PageMaker, progress: Progress | None = None, run: Run | None = None) -> Findings:
    """Of every page whose documents compile. With a ``run`` nothing is worked out that it remembers."""
    keys = PageKeys.of(maker, run.inputs) if run and run.store else None
    problems, numbers, done = Problems(), Counter[str](), 0
    for pages in _by_document(maker.routes.values()):
        ahead = _ahead(progress, done, len(maker.routes))

        def make(pages: list[Route] = pages, ahead: Callable[[int], None] = ahead) -> Findings:
            return _survey(maker, pages, ahead)

        if run and keys:
            key = digest(*map(keys.page, pages))
            found = run.memory.stored("survey", [key], make, _packed, _unpacked)
        else:
            found = make()
        problems.extend(found.problems)
        numbers += found.numbers
        done += len(pages)
        ahead(len(pages))
    problems.count(served(maker.routes.values()))
    return Findings(tuple(problems), numbers)


def _by_document(routes: Iterable[Route]) -> Iterable[list[Route]]:
    groups: dict[str, list[Route]] = {}
    for route in routes:
        groups.setdefault(route.document, []).append(route)
    return groups.values()


def _ahead(progress: Progress | None, done: int, total: int) -> Callable[[int], None]:
    return lambda number: progress(done + number, total) if progress else None


def _survey(maker: PageMaker, routes: Iterable[Route], ahead: Callable[[int], None]) -> Findings:
    problems, numbers = Problems(), Counter[str]()
    for number, route in enumerate(routes, start=1):
        if maker.compiled(route):
            made = Survey(maker.shop, route).run()
            numbers += made.numbers
            for problem in made.problems:
                problems.extend([problem.with_entities([route.entity.name]) if route.entity else problem])
        ahead(number)
    return Findings(tuple(problems), numbers)


def _packed(found: Findings) -> bytes:
    return json.dumps([as_plain(found.problems), found.numbers], ensure_ascii=False).encode()


def _unpacked(data: bytes) -> Findings:
    problems, numbers = json.loads(data)
    return Findings(from_plain(problems), Counter(numbers))
