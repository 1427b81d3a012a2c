"""The names that a story's templates have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.model import Collection, Entity
from generator.prose.views.base import Lookup
from generator.prose.views.entities import EntityView
from generator.prose.views.groups import CollectionView
from generator.prose.views.rows import Datasets, DataView


class Views(Lookup):
    """The views of a story, shared by all pages. ``link`` addresses are below the site's root."""

    def view(self, entity: Entity) -> EntityView:
        return EntityView(self, entity)

    def group(self, collection: Collection, entities: Sequence[Entity]) -> CollectionView:
        return CollectionView(self, collection, entities)

    def collection(self, name: str) -> CollectionView:
        return self.group(self.story.collections[name], self.story.collections[name].entities)

    def entity(self, collection: str, key: str) -> EntityView:
        return self.view(self.at(collection, key))

    def globals(self) -> dict[str, Any]:
        """The names every template has: each collection, and the single entity of a collection of one."""
        names: dict[str, Any] = {
            "data": DataView(self),
            "datasets": Datasets(self.story),
        }
        for name, collection in self.story.collections.items():
            names[name] = self.collection(name)
            if len(collection) == 1:
                names[collection.one] = self.entity(name, collection.entities[0].key)
        return names

    def scope(self, entity: Entity | None) -> dict[str, Any]:
        """The names a page about ``entity`` has besides: itself and the entities above it."""
        names: dict[str, Any] = {}
        while entity is not None:
            collection = self.story.collections[entity.collection]
            names[collection.one] = self.view(entity)
            entity = self.find(collection.parent, entity.parent) if collection.parent and entity.parent else None
        return names
