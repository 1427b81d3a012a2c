"""One entity, as templates see it: its name, facts, measures and relations."""

from __future__ import annotations

from typing import Any

from generator.model import Collection, Entity, Rows
from generator.problems import did_you_mean, one_of
from generator.prose.slots import Link
from generator.prose.views.base import Lookup, View
from generator.prose.views.rows import Relation, fact
from generator.prose.views.value import find_value
from generator.values import QuantityError


class EntityView(View):
    """One entity: its name, its facts, its measures, its relations, what is above and below it."""

    def __init__(self, views: Lookup, entity: Entity) -> None:
        self._views = views
        self._entity = entity

    @property
    def key(self) -> str:
        return self._entity.key

    @property
    def name(self) -> str:
        return self._entity.name

    @property
    def slug(self) -> str:
        return self._entity.slug

    @property
    def url(self) -> str:
        return self._entity.url

    @property
    def link(self) -> Link:
        return Link(self._entity.name, f"/{self._entity.url}" if self._entity.url else "")

    @property
    def _origin(self) -> Rows:
        dataset = self._views.story.collections[self._entity.collection].dataset
        return Rows(dataset, (self._entity.line,))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EntityView) and self._entity == other._entity

    def __hash__(self) -> int:
        return hash((self._entity.collection, self._entity.key))

    def _look(self, name: str) -> Any:
        views, entity = self._views, self._entity
        if name in views.selector.cubes:
            return find_value(views, name, entity)
        collections = views.story.collections
        own = collections[entity.collection]
        spec = views.specs[own.name]
        if name in spec.relations:
            rule = spec.relations[name]
            return Relation(views, rule.dataset, views.related(rule.dataset, rule.field, entity.key))
        if own.parent and name == collections[own.parent].one:
            return views.view(views.at(own.parent, entity.parent))
        if name in collections and collections[name].parent == own.name:
            return views.group(collections[name], views.children(name, entity))
        if name in entity.facts:
            rows = Rows(own.dataset, (entity.line,))
            return fact(views, own.dataset, name, entity.facts[name], rows)
        known = [*self._measures(), *spec.relations, *entity.facts, "key", "name", "slug", "url", "link"]
        known += [c.name for c in collections.values() if c.parent == own.name]
        raise QuantityError(
            "unknown-name",
            f"{own.one} has no {name!r}{did_you_mean(name, known)}",
            f"It has: {one_of(known, most=40)}.",
        )

    def _measures(self) -> list[str]:
        """The measures that have figures of such entities."""
        found = []
        for name, cube in self._views.selector.cubes.items():
            try:
                self._views.selector.base(cube, self._entity.collection)
            except QuantityError:
                continue
            found.append(name)
        return found


def collection_of(view: EntityView) -> Collection:
    """The collection an entity belongs to."""
    return view._views.story.collections[view._entity.collection]
