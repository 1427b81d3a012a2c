"""Documents and collections → routes: one address for everything that is rendered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from msgspec import Struct

from generator.config import SETTINGS
from generator.model import Collection, Entity
from generator.problems import Location, Problems, did_you_mean
from generator.story import Story
from generator.updates import UPDATES, Updates

_SERVES_MANY = re.compile(r"\[(\w+)\]\.md")


class Route(Struct, frozen=True):
    """One page: its address below the site's root (``""``, ``towns/ash/``, ``404.html``) and what makes it.

    ``override`` is the entity's own document, if it has one.
    """

    url: str
    document: str
    entity: Entity | None = None
    override: str = ""

    @property
    def file(self) -> str:
        return self.url if self.url.endswith(".html") else f"{self.url}index.html"


def find_routes(story: Story) -> dict[str, Route]:
    """All routes by address, documents first, then entities in their collection's order.

    Raises SourceError for two documents at one address, and for documents that belong to nothing.
    """
    problems = Problems()
    routes: dict[str, Route] = {}
    taken: dict[str, Route] = {}
    owners = _documents_of_collections(story, problems)
    overrides = _overrides(story, owners, problems)
    for path in story.documents:
        if path in owners.values() or path in overrides:
            continue
        _add(routes, taken, Route(_url(path), path), problems)
    for name, document in owners.items():
        own = {entity: path for path, (owner, entity) in overrides.items() if owner == name}
        for entity in story.collections[name]:
            _add(routes, taken, Route(entity.url, document, entity, own.get(entity.key, "")), problems)
    _check_collections(story, owners, problems)
    _check_navigation(story, taken, problems)
    problems.raise_if_any()
    return routes


def _check_collections(story: Story, owners: Mapping[str, str], problems: Problems) -> None:
    """A collection whose entities have addresses needs the document that makes their pages."""
    for name, collection in story.collections.items():
        if name not in owners and any(entity.url for entity in collection):
            problems.add(
                "no-document",
                f"{name} have addresses ('path'), but no document makes their pages",
                story.config.place(("collections", name)),
                hint=f"Name it after what one of them is called: content/{name}/[{collection.one}].md.",
            )


def _check_navigation(story: Story, taken: Mapping[str, Route], problems: Problems) -> None:
    if "" not in taken:
        hint = "Write content/index.md: front matter with a title, and some text."
        problems.add("no-index", "the story has no front page", Location("content/index.md"), hint=hint)
    spec = story.config.spec
    pages: list[tuple[tuple[str | int, ...], str]] = [
        (("navigation", index, "page"), item.page) for index, item in enumerate(spec.navigation)
    ]
    if spec.claims_page:
        pages.append((("claims_page",), spec.claims_page))
    if spec.sources_page:
        pages.append((("sources_page",), spec.sources_page))
    if spec.places_page:
        pages.append((("places_page",), spec.places_page))
    if spec.search_page:
        pages.append((("search_page",), spec.search_page))
    if spec.updates_page:
        pages.append((("updates_page",), spec.updates_page))
    for path, page in pages:
        route = taken.get(page.casefold())
        if route is None or (route.url != page and not problems):
            known = [each.url for each in taken.values()]
            message = f"{path[0]}: there is no page {page!r}{did_you_mean(page, known)}"
            problems.add("dead-link", message, story.config.place(path))
    if story.updates is not None and not story.updates.problems:
        _check_updates(story, story.updates, taken, problems)


def _check_updates(story: Story, updates: Updates, taken: Mapping[str, Route], problems: Problems) -> None:
    """There is a page that shows them, and the pages that they concern are there."""
    if not story.config.spec.updates_page:
        problems.add(
            "missing-key",
            f"there is {UPDATES}, and site.yml has no 'updates_page'",
            Location(SETTINGS),
            hint="Add a line 'updates_page: …' with the address of the page that shows the updates.",
        )
    for index, entry in enumerate(updates.entries):
        for number, page in enumerate(entry.pages):
            route = taken.get(page.casefold())
            if route is None or route.url != page:
                known = [each.url for each in taken.values()]
                message = f"pages: there is no page {page!r}{did_you_mean(page, known)}"
                problems.add("dead-link", message, updates.place(index, "pages", number))


def _add(routes: dict[str, Route], taken: dict[str, Route], route: Route, problems: Problems) -> None:
    """``taken`` holds the routes by address in one letter case: some systems know no other."""
    other = taken.setdefault(route.url.casefold(), route)
    if other is route:
        routes[route.url] = route
        return
    hint = "Rename or remove one of the files."
    second = route.document
    if route.entity is not None and other.entity is None:
        own = f"{PurePosixPath(route.document).parent}/{route.entity.slug}.md"
        hint += f" A document for {route.entity.name} alone would be {own}."
        second = other.document
    problems.add(
        "address-collision",
        f"{_named_route(route)} and {_named_route(other)} would both be at /{route.url}",
        Location(second),
        hint=hint,
    )


def _named_route(route: Route) -> str:
    return f"{route.document} ({route.entity.name})" if route.entity else route.document


def _url(path: str) -> str:
    """``content/rankings/size.md`` → ``rankings/size/``."""
    inner = PurePosixPath(path).relative_to("content").with_suffix("")
    if inner.name == "404" and len(inner.parts) == 1:
        return "404.html"
    parts = inner.parts[:-1] if inner.name == "index" else inner.parts
    return "".join(f"{part}/" for part in parts)


def _documents_of_collections(story: Story, problems: Problems) -> dict[str, str]:
    """Collection → the document that serves all its entities."""
    by_one = {collection.one: collection for collection in story.collections.values()}
    found: dict[str, str] = {}
    for path in story.documents:
        match = _SERVES_MANY.fullmatch(PurePosixPath(path).name)
        if match is None:
            continue
        collection = by_one.get(match[1])
        if collection is None:
            problems.add(
                "unknown-collection",
                f"no collection calls its entities {match[1]!r}{did_you_mean(match[1], by_one)}",
                Location(path),
                hint=f"Name the file {' or '.join(f'[{one}].md' for one in by_one)}, or declare it in site.yml.",
            )
            continue
        if collection.name in found:
            message = f"{collection.name} already has a document: {found[collection.name]}"
            problems.add("address-collision", message, Location(path))
            continue
        if not any(entity.url for entity in collection):
            problems.add(
                "no-address",
                f"the collection {collection.name!r} has no 'path' in site.yml, so its pages have no address",
                Location(path),
                hint=f"Add for example 'path: {collection.name}/{{slug}}/' to it.",
            )
            continue
        found[collection.name] = path
    return found


def _overrides(story: Story, owners: Mapping[str, str], problems: Problems) -> dict[str, tuple[str, str]]:
    """Document → the collection and key of the one entity it is for."""
    found: dict[str, tuple[str, str]] = {}
    for name, document in owners.items():
        folder = PurePosixPath(document).parent
        collection = story.collections[name]
        for path in story.documents:
            inner = PurePosixPath(path)
            if inner.parent != folder or path == document or inner.stem == "index":
                continue
            entity = _named(inner.stem, collection, path, problems)
            if entity:
                other = next((at for at, owner in found.items() if owner == (name, entity.key)), "")
                if other:
                    message = f"{path} and {other} are both for {entity.name}"
                    problems.add("address-collision", message, Location(path), hint="Remove one of them.")
                found[path] = (name, entity.key)
    return found


def _named(stem: str, collection: Collection, path: str, problems: Problems) -> Entity | None:
    by_key = [entity for entity in collection if entity.key == stem]
    hits = by_key or [entity for entity in collection if entity.slug == stem]
    if len(hits) == 1:
        return hits[0]
    if hits:
        problems.add(
            "ambiguous-entity",
            f"{len(hits)} {collection.name} are called {stem!r}",
            Location(path),
            hint=f"Name the file after the key: {hits[0].key}.md or {hits[1].key}.md.",
        )
    else:
        known = [entity.slug for entity in collection]
        problems.add(
            "unknown-entity",
            f"there is no {collection.one} {stem!r} for this document{did_you_mean(stem, known)}",
            Location(path),
            hint=f"Name the file after the last part of the {collection.one}'s address, or after its key.",
        )
    return None


def relative(target: str, page: str) -> str:
    """An address below the site's root as seen from a page (both like ``a/b/``; an ``#id`` may follow)."""
    path, mark, fragment = target.partition("#")
    here = page.split("/")[:-1]
    there = path.split("/")
    common = 0
    while common < min(len(here), len(there) - 1) and here[common] == there[common]:
        common += 1
    steps = "../" * (len(here) - common) + "/".join(there[common:])
    if mark and path == page:
        return f"#{fragment}"
    return (steps or "./") + mark + fragment
