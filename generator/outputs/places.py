"""``assets/places-….js``: every place that has a page, the names readers may know it by, and what finds it.

``GROUPS`` is a list of groups, one for each collection and each place above its places: the address of their pages,
in which ``*`` stands for the last part; the names of the place above, if there are several such; and the places.
A place is its name, or a list of its name, the last part of its address and its other names. The last part is left
out (``0``) where it is the name's letters and digits with hyphens between, which the script works out anyway as it
folds the name. Behind it stands the theme's ``scripts/later/find.js``: one file, so that both are fetched at once
and always fit each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container

from msgspec import Struct

from generator.letters import without_accents
from generator.model import Collection, Entity
from generator.story import Story
from generator.theme import fingerprinted


class PlacesFile(Struct, frozen=True):
    """Its path in the site, named after its content, and its bytes."""

    path: str
    data: bytes


def places_file(story: Story, routes: Container[str], script: str) -> PlacesFile:
    """The places whose pages are among the routes, also those that are left out of indexes."""
    groups = [group for collection in story.collections.values() for group in _groups(story, collection, routes)]
    data = f"const GROUPS={json.dumps(groups, ensure_ascii=False, separators=(',', ':'))};\n{script}\n".encode()
    return PlacesFile(fingerprinted("places.js", data), data)


def _groups(story: Story, collection: Collection, routes: Container[str]) -> list[list[object]]:
    parents = {entity.key: entity for entity in story.collections[collection.parent]} if collection.parent else {}
    address = story.config.spec.collections[collection.name].path.replace("{slug}", "*")
    found: dict[str, list[object]] = {}
    for entity in collection:
        if entity.url and entity.url in routes:
            found.setdefault(entity.parent, []).append(_place(entity))
    made: list[list[object]] = []
    for key, places in found.items():
        above = parents.get(key)
        names = [above.name, *above.other_names] if above and len(parents) > 1 else []
        made.append([address.replace("{parent}", above.slug if above else ""), names, places])
    return made


def _place(entity: Entity) -> object:
    others = [name for name in entity.other_names if name != entity.name]
    slug = 0 if folded(entity.name).replace(" ", "-") == entity.slug and entity.slug.isascii() else entity.slug
    return [entity.name, slug, *others] if slug or others else entity.name


def folded(text: str) -> str:
    """Letters without accents and digits, in lower case, in words; as ``fold`` in ``scripts/find.js`` has it."""
    plain = without_accents(text)
    return re.sub(r"[\W_]+", " ", re.sub(r"[’'`ʻ]", "", plain.upper().lower())).strip()
