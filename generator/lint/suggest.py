"""What a typed number could be bound to: the figures of the story that are equal to it, as expressions to paste.

Nothing is worked out before the first question; then the story's cells are gone through once. What is offered has
been evaluated and gives the number.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from msgspec import Struct

from generator.lint.number_words import Number
from generator.lint.unbound import Found
from generator.measures.cube import ELSEWHERE, Cube
from generator.measures.select import Slice
from generator.model import Collection, Coordinate, Entity, Period
from generator.problems import Location, SourceError
from generator.prose.render import Language
from generator.prose.views import Views
from generator.story import Story
from generator.values import QuantityError, as_quantity

MOST_OFFERED = 3
_SMALL_COLLECTION = 300
"""Collections up to this size are looked at in groups: the first ten, those with none."""

Levels = tuple[str | None, ...]
"""One level of every dimension of a measure, or None for all of them together."""


class _Figure(Struct, frozen=True):
    """One number of the story: of which entity, in which selection of a measure."""

    number: float
    cube: Cube
    collection: str
    key: str
    levels: Levels
    period: Period


class _Offer(Struct, frozen=True):
    """An expression, what it is, and what it has to do with the sentence."""

    expression: str
    what: str
    score: int
    filter: str = ""
    asserted: bool = False

    @property
    def figure(self) -> str:
        """The expression without its dates: the same figure of several dates is offered once."""
        without = re.sub(r'(?:, )?(?:at=)?"\d{4}(?:-\d\d){0,2}(?:/[\d-]+)?"', "", self.expression)
        return without.replace("()", "")

    def told(self, text: str) -> str:
        if self.asserted:
            return f"{text} may be {self.what}: write `[{text}]{{= {self.expression} }}`"
        return f"{text} equals {self.what}: write `{{{{ {self.expression}{self.filter} }}}}`"


def suggestions(found: Found, index: Index, entity: Entity | None = None) -> list[str]:
    """At most three for a typed number, the best first; ``entity`` is that of the page, if it has one."""
    if found.number.value is None:
        return []
    asked = _Question(found, index, entity)
    text = re.sub(r"\s+", " ", found.text)
    made: dict[str, str] = {}
    best = 0
    for offer in sorted(asked.offers(), key=lambda offer: (-offer.score, len(offer.expression), offer.expression)):
        if len(made) == MOST_OFFERED or offer.score < best - 2:
            break
        if offer.figure not in made and asked.gives(offer.expression):
            best = best or offer.score
            made[offer.figure] = offer.told(text)
    return list(made.values())


class Index:
    """The figures of a story, found by their number. Made once for all questions."""

    def __init__(self, story: Story, language: Language) -> None:
        self.story = story
        self.language = language
        self.views = Views(story)
        self._defaults: dict[tuple[str, str, Levels], Period | None] = {}

    @cached_property
    def names(self) -> dict[str, Any]:
        return self.views.globals()

    @cached_property
    def figures(self) -> list[_Figure]:
        """Every known figure above zero, by number."""
        found = [figure for cube in self.story.cubes.values() for figure in self._of(cube)]
        return sorted(found, key=lambda figure: figure.number)

    @cached_property
    def wholes(self) -> dict[tuple[str, str, Levels, Period], float]:
        """Measure, collection, levels, period → the sum of all, those of no entity included."""
        sums: dict[tuple[str, str, Levels, Period], float] = {}
        for cube in self.story.cubes.values():
            if cube.spec.kind != "category" and cube.spec.adds_up and cube.spec.coverage == "complete":
                for collection in cube.collections:
                    for grid in (collection, ELSEWHERE, ELSEWHERE + collection):
                        for levels, period, _, number in _cells(cube, grid):
                            key = (cube.name, collection, levels, period)
                            sums[key] = sums.get(key, 0) + number
        return sums

    def near(self, number: Number) -> list[_Figure]:
        """The figures that round to a number."""
        value, half = abs(float(number.value or 0)), float(number.step) / 2
        start = bisect.bisect_left(self.figures, value - half, key=lambda figure: figure.number)
        stop = bisect.bisect_right(self.figures, value + half, key=lambda figure: figure.number)
        return self.figures[start:stop]

    def default_period(self, cube: Cube, collection: str, levels: Levels) -> Period | None:
        """The date that is meant when none is named; None when one must be."""
        key = (cube.name, collection, levels)
        if key not in self._defaults:
            asked = tuple(sorted((name, level) for name, level in zip(cube.levels, levels, strict=True) if level))
            self._defaults[key] = self._period(cube, collection, asked)
        return self._defaults[key]

    def _period(self, cube: Cube, collection: str, asked: tuple[tuple[str, str], ...]) -> Period | None:
        try:
            return self.story.selector.slice(cube.name, collection, asked).period
        except QuantityError:
            return None

    def default_slice(self, cube: Cube, collection: str) -> Slice | None:
        """The measure in all entities, nothing selected; None where something must be."""
        try:
            return self.story.selector.slice(cube.name, collection)
        except QuantityError:
            return None

    def _of(self, cube: Cube) -> Iterator[_Figure]:
        if cube.spec.kind == "category":
            return
        for collection in cube.collections:
            sums: dict[tuple[Levels, Period, str], float] = {}
            for levels, period, key, number in _cells(cube, collection):
                at = (levels, period, key)
                sums[at] = sums.get(at, 0) + number
            for (levels, period, key), number in sums.items():
                if number:
                    yield _Figure(number, cube, collection, key, levels, period)
        for (name, collection, levels, period), number in self.wholes.items():
            for above in self.story.selector.above(collection) if name == cube.name and number else ():
                if len(self.story.collections[above]) == 1 and above not in cube.collections:
                    key = self.story.collections[above].entities[0].key
                    yield _Figure(number, cube, above, key, levels, period)

    @cached_property
    def groups(self) -> list[tuple[float, str, str, str, Cube | None]]:
        """Counts, sums and shares of groups: number, kind, expression, what it is, and the measure."""
        found: list[tuple[float, str, str, str, Cube | None]] = []
        for name, collection in self.story.collections.items():
            if len(collection) > 1:
                found.append((len(collection), "number", f"{name}.count", f"the number of {name}", None))
                for cube in self.story.cubes.values():
                    found += self._groups_of(cube, collection)
        for name, table in self.story.tables.items():
            found.append((len(table), "number", f"data.{name}.count", f"the rows of the table {name}", None))
        return found

    def _groups_of(self, cube: Cube, collection: Collection) -> Iterator[tuple[float, str, str, str, Cube | None]]:
        picked = self.default_slice(cube, collection.name)
        if picked is None:
            return
        name, label = collection.name, cube.spec.label or cube.name
        known = [cell for cell in picked.cells.values() if cell.status == "known"]
        yield (
            len(known),
            "number",
            f'{name}.known("{cube.name}").count',
            f"the {name} with a figure of {label}",
            cube,
        )
        if len(collection) > _SMALL_COLLECTION:
            return
        if cube.spec.kind == "category":
            for code, category in cube.spec.categories.items():
                count = sum(cell.text == code for cell in known)
                what = f"the {name} with {label} “{category.label}”"
                yield count, "number", f'{name}.where("{cube.name}", "{code}").count', what, cube
            return
        numbers = sorted((float(cell.number or 0) for cell in known), reverse=True)
        some = sum(number > 0 for number in numbers)
        yield some, "number", f'{name}.with_any("{cube.name}").count', f"the {name} that have {label}", cube
        what = f"the {name} that have no {label}"
        yield len(numbers) - some, "number", f'{name}.with_none("{cube.name}").count', what, cube
        whole = float(picked.whole.number or 0) if picked.whole else 0.0
        for size in range(2, min(10, len(numbers)) + 1):
            total, first = sum(numbers[:size]), f'{name}.top("{cube.name}", {size})'
            what = f"the first {size} {name} by {label}"
            yield total, "number", f"{first}.total()", f"the sum of {what}", cube
            if whole:
                yield 100 * total / whole, "percent", f"{first}.share", f"the share of {what}", cube


def _cells(cube: Cube, grid: str) -> Iterator[tuple[Levels, Period, str, float]]:
    """The known numbers of a grid: once as they are, once for the additive dimensions together."""
    additive = [cube.spec.dimensions[name].additive for name in cube.levels]
    for coordinate, periods in cube.grids.get(grid, {}).items():
        selections: set[Levels] = {coordinate, _opened(coordinate, additive)}
        for period, cells in periods.items():
            for key, cell in cells.items():
                if cell.number is not None and cell.status == "known":
                    for levels in selections:
                        yield levels, period, key, float(cell.number)


def _opened(coordinate: Coordinate, additive: list[bool]) -> Levels:
    return tuple(None if adds else level for level, adds in zip(coordinate, additive, strict=True))


class _Question:
    """One typed number in its sentence, on the page of an entity."""

    def __init__(self, found: Found, index: Index, entity: Entity | None) -> None:
        self.number = found.number
        self.value = found.number.value or Decimal(0)
        self.text = found.text
        self.index = index
        self.own = entity
        self.sentence = found.sentence.casefold()
        self.words = {_stem(word) for word in re.findall(r"[^\W\d_]+", self.sentence)}
        self.names = index.names | index.views.scope(entity)

    def offers(self) -> Iterator[_Offer]:
        match self.number.kind:
            case "number":
                yield from self._figures()
                yield from self._rates()
                yield from self._changes("number")
                yield from self._groups("number")
            case "percent" | "share":
                yield from self._shares()
                yield from self._groups("percent")
            case "ordinal":
                yield from self._ranks()
            case "times":
                yield from self._changes("times")

    def gives(self, expression: str) -> bool:
        """Whether the expression gives the number, as exactly as it is typed."""
        language = self.index.language
        try:
            compiled = language.expression(expression, Location("suggestion", 1, 1))
            quantity = as_quantity(language.evaluate(compiled, self.names))
            return quantity.known and self._equals(abs(float(quantity.need())))
        except (SourceError, QuantityError):
            return False

    def _equals(self, number: float) -> bool:
        value, step = abs(float(self.value)), float(self.number.step)
        if self.number.kind == "share":
            return abs(number - value) <= 1
        return value - step / 2 <= number < value + step / 2 + (1e-9 if number == value else 0)

    # --- what may be meant ------------------------------------------------------------------------------

    def _figures(self) -> Iterator[_Offer]:
        for figure in self.index.near(self.number):
            subject, measure = self._subject(figure.collection, figure.key), self._said_of(figure.cube)
            when, unsaid = self._when(figure), self._unsaid(figure)
            if self._is_rare or (subject + min(when, 2) >= 4 and measure >= 2 and not unsaid):
                score = subject + measure + when - 2 * unsaid
                yield _Offer(self._expression(figure), self._named(figure), score)

    def _rates(self) -> Iterator[_Offer]:
        if not self.words & {"per", "every", "each", "rate"}:
            return
        for entity in self._mentioned():
            for cube in self.index.story.cubes.values():
                measure = self._said_of(cube) if cube.spec.rates else 0
                for name, rule in cube.spec.rates.items() if measure >= 2 else ():
                    what = f"{rule.unit or f'{cube.spec.label} ({name})'} of {entity.name}"
                    score = measure + self._subject(entity.collection, entity.key) + 1
                    yield _Offer(f"{self._reference(entity)}.{cube.name}.{name}", what, score)

    def _shares(self) -> Iterator[_Offer]:
        asserted = self.number.kind == "share"
        for figure in self.index.figures:
            whole = self.index.wholes.get((figure.cube.name, figure.collection, figure.levels, figure.period), 0)
            if whole and self._equals(100 * figure.number / whole):
                subject, measure = self._subject(figure.collection, figure.key), self._said_of(figure.cube)
                if subject >= 3 and measure >= 2:
                    score = subject + measure + self._when(figure) - 2 * self._unsaid(figure)
                    what = f"the share of {self._named(figure)}"
                    yield _Offer(f"{self._expression(figure)}.share", what, score, asserted=asserted)

    def _groups(self, kind: str) -> Iterator[_Offer]:
        for number, of_kind, expression, what, cube in self.index.groups:
            if of_kind == kind and self._equals(number):
                noun = 4 if _stem(expression.partition(".")[0]) in self.words else 0
                measure = self._said_of(cube) if cube else noun
                if self._is_rare or (noun and measure >= 2):
                    yield _Offer(expression, what, noun + measure, asserted=self.number.kind == "share")

    def _ranks(self) -> Iterator[_Offer]:
        extreme = re.search(r"[\s-](\w+)$", self.text)
        words = f' | rank_phrase("{extreme[1]}")' if extreme and extreme[1].endswith("t") else " | ordinal"
        for entity in self._mentioned():
            for cube in self.index.story.cubes.values():
                picked = self.index.default_slice(cube, entity.collection) if cube.spec.kind == "number" else None
                if picked is None or cube.spec.rank.order == "never":
                    continue
                ref, label = self._reference(entity), cube.spec.label or cube.name
                measure = self._said_of(cube)
                if measure < 2:
                    continue
                score = measure + self._subject(entity.collection, entity.key)
                yield _Offer(f"{ref}.{cube.name}.rank", f"the place of {entity.name} by {label}", score, words)
                for rate, rule in cube.spec.rates.items():
                    what = f"the place of {entity.name} by {rule.unit or rate}"
                    yield _Offer(f'{ref}.{cube.name}.rate_rank("{rate}")', what, score - 1, words)

    def _changes(self, kind: str) -> Iterator[_Offer]:
        """Between the date that is meant when none is named and another, of entities in the sentence."""
        keys = {(entity.collection, entity.key): entity for entity in self._mentioned()}
        series: dict[tuple[str, str, str, Levels], list[_Figure]] = {}
        for figure in self.index.figures:
            if (figure.collection, figure.key) in keys:
                at = (figure.cube.name, figure.collection, figure.key, figure.levels)
                series.setdefault(at, []).append(figure)
        for figures in series.values():
            first = figures[0]
            now = self.index.default_period(first.cube, first.collection, first.levels)
            latest = next((figure for figure in figures if figure.period == now), None)
            for then in figures if latest else ():
                if latest is None or then is latest:
                    continue
                made = latest.number / then.number if kind == "times" else abs(latest.number - then.number)
                is_named = self._when(then) >= 2
                if self._equals(made) and self._said_of(then.cube) >= 2 and (is_named or kind == "times"):
                    method, said = ("ratio", "how many times") if kind == "times" else ("change", "the change of")
                    since = self._date(then.period)
                    what = f"{said} {self._named(latest)}, against {since}"
                    expression = f'{self._expression(latest)}.{method}("{then.period}")'
                    score = self._subject(then.collection, then.key) + self._said_of(then.cube) + 2 * is_named
                    yield _Offer(expression, what, score, " | times" if kind == "times" else " | size")

    # --- how likely it is -------------------------------------------------------------------------------

    @property
    def _is_rare(self) -> bool:
        """A small number is equal to many figures; it is offered where the sentence speaks of them."""
        return abs(self.value) >= 100

    def _subject(self, collection: str, key: str) -> int:
        """4 for an entity that the sentence names, 3 for the page's own and for one alone in its collection."""
        entity = self.index.views.at(collection, key)
        if self._is_named(entity):
            return 4
        own = self.own is not None and (self.own.collection, self.own.key) == (collection, key)
        return 3 if own or len(self.index.story.collections[collection]) == 1 else 0

    def _is_named(self, entity: Entity) -> bool:
        return re.search(rf"(?<!\w){re.escape(entity.name.casefold())}(?!\w)", self.sentence) is not None

    def _said_of(self, cube: Cube) -> int:
        """How much of a measure's name or label the sentence has, up to 4; 1 more for its unit."""
        spoken = max(self._said(cube.name.replace("_", " ")), self._said(cube.spec.label))
        return round(4 * spoken) + round(self._said(cube.spec.unit))

    def _said(self, text: str) -> float:
        """Which part of a text's words is in the sentence."""
        words = {_stem(word) for word in re.findall(r"[^\W\d_]{3,}", text.casefold())} - _COMMON
        return len(words & self.words) / len(words) if words else 0.0

    def _when(self, figure: _Figure) -> int:
        period = figure.period
        if self._date(period).casefold() in self.sentence or str(period) in self.sentence:
            return 3
        style = self.index.language.style
        if style.month_year(period.start).casefold() in self.sentence:
            return 2
        is_default = period == self.index.default_period(figure.cube, figure.collection, figure.levels)
        return 1 if is_default or str(period.start.year) in self.sentence else 0

    def _mentioned(self) -> list[Entity]:
        """The page's entity, those named in the sentence, and the ones that are alone in their collection."""
        found = [self.own] if self.own else []
        for collection in self.index.story.collections.values():
            if len(collection) == 1:
                found.append(collection.entities[0])
            elif len(collection) <= _SMALL_COLLECTION:
                found += [entity for entity in collection if entity is not self.own and self._is_named(entity)]
        return found

    # --- in words and as an expression ------------------------------------------------------------------

    def _reference(self, entity: Entity) -> str:
        one = self.index.story.collections[entity.collection].one
        here = self.names.get(one)
        if here is not None and getattr(here, "key", None) == entity.key:
            return one
        return f'{entity.collection}["{entity.key}"]'

    def _expression(self, figure: _Figure) -> str:
        cube = figure.cube
        arguments = [f'{name}="{level}"' for name, level in self._chosen(figure)]
        if figure.period != self.index.default_period(cube, figure.collection, figure.levels):
            arguments.append(f'at="{figure.period}"')
        made = f"{self._reference(self.index.views.at(figure.collection, figure.key))}.{cube.name}"
        return f"{made}({', '.join(arguments)})" if arguments else made

    def _chosen(self, figure: _Figure) -> list[tuple[str, str]]:
        """Dimension and level, where they are not what is meant when nothing is said."""
        default = figure.cube.spec.default
        pairs = zip(figure.cube.levels, figure.levels, strict=True)
        return [(name, level) for name, level in pairs if level is not None and level != default.get(name)]

    def _unsaid(self, figure: _Figure) -> int:
        """How many levels are chosen of which the sentence does not speak."""
        dimensions = figure.cube.spec.dimensions
        labels = [dimensions[name].levels.get(level, level) for name, level in self._chosen(figure)]
        return sum(self._said(label) == 0 and _stem(label) not in self.words for label in labels)

    def _named(self, figure: _Figure) -> str:
        cube, entity = figure.cube, self.index.views.at(figure.collection, figure.key)
        labels = [cube.spec.dimensions[name].levels.get(level, level) for name, level in self._chosen(figure)]
        chosen = f" ({', '.join(labels)})" if labels else ""
        return f"{cube.spec.label or cube.name}{chosen} of {entity.name}, {self._date(figure.period)}"

    def _date(self, period: Period) -> str:
        return self.index.language.style.period(period)


_COMMON = frozenset(
    ["the", "and", "for", "with", "not", "per", "that", "have", "one", "its", "number", "figure", "rate"]
)


def _stem(word: str) -> str:
    word = word.casefold()
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
