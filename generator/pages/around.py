"""What stands around a page's text: key numbers, neighbours in a ranking, children, crumbs, sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urljoin

from generator.datasets.descriptor import Resource, Source
from generator.datasets.origin import script_path
from generator.datasets.publications import dates_of, mirror
from generator.documents import NeighboursSpec, Program
from generator.languages import Message, filled
from generator.model import Entity
from generator.outputs.feed import Entry
from generator.pages.addresses import Resolve, absolute
from generator.pages.receipts import Evidence, Receipt, cells_words, origin_words, rows_words
from generator.pages.writer import Workshop, Writer
from generator.prose.markdown import plain_text
from generator.prose.views import EntityView, Value
from generator.routes import Route
from generator.tables import printed
from generator.theme import safe
from generator.updates import as_day
from generator.values import NumberStyle, Numeric, Phrase, Quantity, QuantityError, ordinal_digits

NEIGHBOURS = 5
"""Rows of a ranking shown around an entity, itself included."""


def numbers(writer: Writer) -> list[dict[str, Any]]:
    """The strip of key numbers below the heading."""
    program = writer.program("numbers")
    made = []
    for index, number in enumerate(program.front.numbers):
        if number.when and not writer.evaluate(program, number.when):
            continue
        rank = writer.evaluate(program, number.rank) if number.rank else None
        made.append(
            {
                "label": safe(writer.line("numbers", index, "label")),
                "value": safe(writer.cell(writer.evaluate(program, number.value))),
                "unit": writer.plain("numbers", index, "unit"),
                "note": safe(writer.line("numbers", index, "note", prose=False)),
                "rank": safe(_rank(rank, writer)),
            }
        )
    return made


def _rank(rank: Any, writer: Writer) -> str:
    """ "2nd of 51", "tied 4th of 51"; '' where there is no rank."""
    if not isinstance(rank, Numeric) or not rank.quantity.known:
        return ""
    quantity = rank.quantity
    shown = writer.phrase(Phrase(place_words(quantity, writer.shop.style), quantity))
    if not quantity.among:
        return shown
    pattern = escape(writer.shop.style.catalogue.gettext(PLACE_OF))
    return filled(pattern, {"place": shown, "count": str(quantity.among)})


def place_words(rank: Quantity, style: NumberStyle) -> str:
    """ "2nd", "tied 4th"."""
    place = ordinal_digits(int(rank.need()), style)
    return style.say(_TIED, place=place) if rank.tied else place


PLACE_OF = Message("{place} of {count}")
_TIED = Message("tied {place}")


def neighbours(writer: Writer) -> list[dict[str, Any]]:
    """For each ranking the front matter names, the entities next to this one."""
    entity = writer.route.entity
    if entity is None:
        return []
    program = writer.program("neighbours")
    made = []
    for index, spec in enumerate(program.front.neighbours):
        rows = _ranking_around(writer, program, index, spec, entity)
        if rows:
            made.append({"label": writer.plain("neighbours", index, "label"), "rows": rows})
    return made


def _ranking_around(
    writer: Writer, program: Program, index: int, spec: NeighboursSpec, entity: Entity
) -> list[dict[str, Any]]:
    """As many above as below where there are; entities tied with this one come in order of their names."""
    try:
        ordered = list(writer.names[entity.collection].sorted(spec.measure, by=spec.by, **spec.select))
        return [_neighbour(writer, *found, entity) for found in near(ordered, entity, spec)]
    except QuantityError as error:
        place = program.places(("neighbours", index, "measure"))
        writer.problems.add(error.code, error.message, place, hint=error.hint)
        return []


def near(
    ordered: Sequence[EntityView], entity: Entity, spec: NeighboursSpec
) -> Iterator[tuple[EntityView, Value | Quantity, Quantity]]:
    """Those around an entity in a ranking, each with its figure and its rank."""
    position = next((index for index, other in enumerate(ordered) if other.key == entity.key), None)
    if position is None:
        return
    start = max(0, min(position - NEIGHBOURS // 2, len(ordered) - NEIGHBOURS))
    for other in ordered[start : start + NEIGHBOURS]:
        value = getattr(other, spec.measure)
        assert isinstance(value, Value)
        value = value(**spec.select)
        yield (other, value.rate(spec.by), value.rate_rank(spec.by)) if spec.by else (other, value, value.rank)


def _neighbour(
    writer: Writer, other: EntityView, figure: Value | Quantity, rank: Quantity, entity: Entity
) -> dict[str, Any]:
    return {
        "title": other.name,
        "url": writer.resolve(f"/{other.url}"),
        "value": safe(writer.cell(figure)),
        "rank": f"{'=' if rank.tied else ''}{rank.number}",
        "own": other.key == entity.key,
    }


def children(writer: Writer) -> dict[str, Any] | None:
    """The list of places below this page."""
    program = writer.program("children")
    spec = program.front.children
    if spec is None:
        return None
    places = []
    for thing in writer.evaluate(program, spec.of):
        note = writer.evaluate(program, spec.note, {"row": thing}) if spec.note else None
        blank = note is None or (isinstance(note, str) and not note)
        text = "" if blank else printed(note, writer.shop.style).text
        places.append({"title": thing.name, "url": writer.resolve(f"/{thing.url}"), "note": text})
    return {"title": writer.plain("children", "title"), "places": places}


def breadcrumbs(shop: Workshop, route: Route, title: str, resolve: Resolve) -> list[dict[str, str]]:
    """From the front page down to this one; folders without a page are left out."""
    if route.url in ("", "404.html"):
        return []
    crumbs = [{"title": shop.style.say(shop.story.config.spec.title), "url": resolve("/")}]
    parts = route.url.split("/")[:-2]
    for depth in range(1, len(parts) + 1):
        above = shop.routes.get("".join(f"{part}/" for part in parts[:depth]))
        if above is not None:
            crumbs.append({"title": _short_title(shop, above), "url": resolve(f"/{above.url}")})
    return [*crumbs, {"title": route.entity.name if route.entity else title, "url": ""}]


def _short_title(shop: Workshop, route: Route) -> str:
    if route.entity is not None:
        return route.entity.name
    if route.document not in shop.programs:  # its own problem is told elsewhere
        return ""
    if route.url not in shop.titles:
        writer = Writer(shop, route)
        shop.titles[route.url] = writer.plain("kicker") or writer.plain("title")
    return shop.titles[route.url]


def sequence(shop: Workshop, route: Route, resolve: Resolve) -> tuple[Any, Any]:
    """The entity before and the one after, by name, among those with the same parent."""
    if route.entity is None:
        return None, None
    before, after = shop.views.beside(route.entity)

    def step(entity: Entity | None) -> dict[str, str] | None:
        return {"title": entity.name, "url": resolve(f"/{entity.url}")} if entity else None

    return step(before), step(after)


def updated(writer: Writer) -> str:
    """The date that the page shows as that of its last change, in words."""
    said = writer.program("updated").front.updated
    day = as_day(said or modified(writer))
    return writer.shop.style.day(day) if day else said


def modified(writer: Writer) -> str:
    """The day of the last change that is known, of the front matter and of the updates: ISO 8601, or ''."""
    said = as_day(writer.program("updated").front.updated)
    told = writer.shop.story.updates.newest(writer.route.url) if writer.shop.story.updates else None
    days = [day for day in (said, told) if day is not None]
    return max(days).isoformat() if days else ""


def releases(writer: Writer, resolve: Resolve) -> list[dict[str, str]]:
    """The releases in which the page has a record, the newest first."""
    url, shop = writer.route.url, writer.shop
    return [
        {
            "name": release.name,
            "date": shop.style.day(release.date),
            "day": release.date.isoformat(),
            "url": resolve(f"/{release.folder}{url}"),
        }
        for release in shop.story.releases.recording(url)
    ]


def updates(writer: Writer, resolve: Resolve) -> list[dict[str, Any]]:
    """The updates of the story, the newest first, for the page that shows them."""
    shop, story = writer.shop, writer.shop.story
    if story.updates is None or writer.route.url != story.config.spec.updates_page:
        return []
    return [
        {
            "id": entry.name,
            "date": writer.shop.style.day(entry.date),
            "day": entry.date.isoformat(),
            "title": safe(writer.update(index, "title")),
            "text": safe(writer.update(index, "text")),
            "pages": [
                {"title": _short_title(shop, shop.routes[page]), "url": resolve(f"/{page}")}
                for page in entry.pages
                if page in shop.routes
            ],
        }
        for index, entry in enumerate(story.updates.entries)
    ]


def entries(writer: Writer) -> tuple[Entry, ...]:
    """The same for a feed, whose addresses are absolute; ``writer`` is that of the page."""
    story, config = writer.shop.story, writer.shop.story.config
    page = absolute(config, writer.route.url)
    writer.resolve = _far(page, writer.resolve)
    return tuple(
        Entry(
            entry.name,
            entry.date,
            plain_text(writer.update(index, "title", followed=False)),
            writer.update(index, "text", followed=False),
            f"{page}#{entry.name}",
            tuple(absolute(config, url) for url in entry.pages),
        )
        for index, entry in enumerate(story.updates.entries if story.updates else ())
    )


def _far(page: str, near: Resolve) -> Resolve:
    """Addresses as they are from anywhere."""
    return lambda written: urljoin(page, near(written))


def sources(writer: Writer, resolve: Resolve) -> list[dict[str, str]]:
    """Every table the page's numbers came from, with publisher, date, mirror, licence and download."""
    story, style = writer.shop.story, writer.shop.style
    described = story.config.spec.sources_page
    found = []
    for name in sorted(writer.datasets):
        resource = story.resource(name)
        source = resource.sources[0] if resource.sources else None
        found.append(
            {
                "title": style.say(resource.title or name),
                "publisher": source.publisher if source else "",
                "url": resolve(f"/{described}#{name}") if described else "",
                "address": source.path if source else "",
                "date": _date(resource, style),
                "via": mirror(source.via, style) if source and source.via else "",
                "licence": "; ".join(licence.title or licence.name for licence in resource.licenses),
                "download_url": resolve(f"/data/{resource.path}"),
                "query_url": resolve(f"/data/{script_path(resource.path)}") if resource.query else "",
            }
        )
    return found


def receipts(writer: Writer, resolve: Resolve) -> list[dict[str, Any]]:
    """Where the page's numbers come from, by what they are about."""
    style, tables = writer.shop.style, writer.shop.story.tables
    return [
        {
            "title": style.say(group.subject.title),
            "definition": style.say(group.subject.definition),
            "sources": [_publication(source, style) for source in group.subject.publications],
            "entries": [_receipt(receipt, tables, resolve, style) for receipt in group.receipts],
        }
        for group in writer.receipts.groups
    ]


def _publication(source: Source, style: NumberStyle) -> dict[str, str]:
    return {
        "publisher": source.publisher,
        "title": source.title,
        "url": source.path,
        "date": dates_of(source, style),
    }


def _receipt(receipt: Receipt, tables: Mapping[str, Any], resolve: Resolve, style: NumberStyle) -> dict[str, Any]:
    """``says`` is the number as printed, or the words asserted; ``about`` what it is and whose, as of when."""
    return {
        "id": receipt.id,
        "back": receipt.back,
        "says": receipt.text,
        "asserted": receipt.asserted,
        "figure": receipt.behind,
        "unit": style.say(receipt.unit_to_say),
        "about": receipt.about(style),
        "worked_out": receipt.worked_out,
        "precision": style.say(receipt.precision) if receipt.precision != "exact" else "",
        "rows": [
            {
                "file": item.path.removeprefix("data/"),
                "url": resolve(f"/{item.path}") if item.dataset in tables else "",
                "lines": rows_words(item, style),
                "cells": cells_words(item, style),
                "query": _query(item, resolve, style),
            }
            for item in receipt.evidence
        ],
    }


def _query(item: Evidence, resolve: Resolve, style: NumberStyle) -> dict[str, str]:
    """Of rows that a query gives: what they are, and the address of the query."""
    if item.origin is None:
        return {}
    return {"url": resolve(f"/{script_path(item.path)}"), "words": origin_words(item.origin, style)}


def _date(resource: Resource, style: NumberStyle) -> str:
    end = resource.coverage.end
    return style.day(end) if isinstance(end, dt.date) else ""
