"""Who stands where, by every measure that is ranked: by default, and in each selection that a page ranks by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from generator.comparing.changes import RankChange, RankingChange, Standing
from generator.measures.select import Selection, Slice
from generator.pages import PageMaker
from generator.prose.views import Value
from generator.story import Story
from generator.values import QuantityError


class Asked(Struct, frozen=True):
    """One ranking: a measure of a collection in one selection, or its ``rate``."""

    measure: str
    collection: str
    selection: Selection = ()
    rate: str = ""


class Ranking(Struct, frozen=True):
    """Standings by key; ``refused`` says why there are none. ``chosen`` is what the selection came to."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


def asked_for(maker: PageMaker) -> Iterator[Asked]:
    """Every ranking of a story: by default, and, once its pages were surveyed, as they ask for it."""
    for measure, cube in maker.story.cubes.items():
        if cube.spec.kind != "category" and cube.spec.rank.order != "never":
            for collection in maker.story.collections:
                yield Asked(measure, collection)
    for measure, collection, selection, picked in maker.story.selector.answered():
        if "ranks" in vars(picked):  # somebody's rank was asked for
            yield Asked(measure, collection, selection)
    for measure, collection, selection, rate in list(maker.shop.views.rate_ranks):
        yield Asked(measure, collection, selection, rate)


def ranking(maker: PageMaker, asked: Asked) -> Ranking:
    """The standings of a collection. Whoever has no figure has no place."""
    story = maker.story
    try:
        picked = story.selector.slice(asked.measure, asked.collection, asked.selection)
        if len(story.collections[asked.collection]) < 2:
            return Ranking(refused="there is only one")
        standings = {}
        for entity in story.collections[asked.collection]:
            standing = _standing(Value(maker.shop.views, asked.measure, entity, asked.selection), asked.rate, story)
            if standing is not None:
                standings[entity.key] = standing
    except QuantityError as error:
        return Ranking(refused=error.message)
    return Ranking(standings, _chosen(picked))


def _standing(value: Value, rate: str, story: Story) -> Standing | None:
    own: Any = value.rate(rate) if rate else value.quantity
    rank = value.rate_rank(rate) if rate else value.rank
    if not own.known or not rank.known:
        return None
    return Standing(int(rank.need()), rank.tied, own.print(story.config.style, prose=False), float(own.need()))


def _chosen(picked: Slice) -> dict[str, str]:
    levels = {name: level for name, level in picked.levels.items() if level}
    return {**levels, "at": str(picked.period) if picked.period else ""}


def compare_rankings(before: PageMaker, after: PageMaker) -> Iterator[RankingChange]:
    """Every ranking in which somebody has another place, each told once."""
    told = set()
    for asked in dict.fromkeys((*asked_for(after), *asked_for(before))):
        if not all(_known(maker.story, asked) for maker in (before, after)):
            continue
        ours, theirs = ranking(before, asked), ranking(after, asked)
        choice = [(asked.measure, asked.collection, asked.rate), ours.chosen.items(), theirs.chosen.items()]
        key = tuple(map(tuple, choice))
        if key in told:
            continue
        told.add(key)
        if bool(ours.refused) != bool(theirs.refused):
            yield _change(asked, after, ours, theirs, ())
        elif changes := tuple(_changes(asked, before, after, ours, theirs)):
            yield _change(asked, after, ours, theirs, changes)


def _known(story: Story, asked: Asked) -> bool:
    return asked.measure in story.cubes and asked.collection in story.collections


def _changes(
    asked: Asked, before: PageMaker, after: PageMaker, ours: Ranking, theirs: Ranking
) -> Iterator[RankChange]:
    """First those whose own figure is another, then those who moved because of them; each in order of place."""
    found = []
    entities = {}
    for maker in (before, after):
        entities.update({e.key: e for e in maker.story.collections[asked.collection]})
    for key, entity in entities.items():
        was, now = ours.standings.get(key), theirs.standings.get(key)
        if _place(was) != _place(now):
            found.append(RankChange(entity.name, entity.url, was, now))
    return iter(sorted(found, key=lambda c: (not c.own, c.now.place if c.now else 10**9, c.entity)))


def _place(standing: Standing | None) -> tuple[int, bool] | None:
    return (standing.place, standing.ties > 0) if standing else None


def _change(
    asked: Asked, maker: PageMaker, ours: Ranking, theirs: Ranking, changes: tuple[RankChange, ...]
) -> RankingChange:
    return RankingChange(
        asked.measure, asked.collection, dict(asked.selection), asked.rate, _words(maker, asked),
        len(ours.standings), len(theirs.standings), changes, ours.refused, theirs.refused,
    )  # fmt: skip


def _words(maker: PageMaker, asked: Asked) -> str:
    """The measure as a reader would call it, with what was selected of it."""
    spec = maker.story.cubes[asked.measure].spec
    by = spec.rates[asked.rate].unit or asked.rate if asked.rate in spec.rates else spec.label or asked.measure
    chosen = []
    for name, level in asked.selection:
        labels = spec.dimensions[name].levels if name in spec.dimensions else {}
        chosen.append(level if name == "at" else f"{name}: {labels.get(level, level)}")
    return f"{by} ({', '.join(chosen)})" if chosen else by
