"""What a page says to machines that read no sentences: schema.org, as JSON-LD.

A page of prose is a ``NewsArticle`` that names the tables it is based on; a ranking is a ``Dataset`` of its own;
the page that describes the tables (or the front page, where none does) has a ``Dataset`` for each. All have their
``BreadcrumbList``. Nothing is said that the story does not say: no date that is not known, no author without name.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from generator.config import Config
from generator.datasets.descriptor import Licence, Resource, Source, is_web_address
from generator.pages.addresses import absolute
from generator.pages.writer import Writer
from generator.story import Story

Thing = dict[str, Any]

LONGEST_HEADLINE = 110


def linked(writer: Writer, page: Mapping[str, Any]) -> str:
    """The data block of a page, safe inside a ``script`` element; '' for one that is not to be found.

    ``page`` is what its template is given. All addresses are absolute, so a site without one has none.
    """
    config = writer.shop.story.config
    if not config.base_url or page["noindex"] or page["kind"] == "404":
        return ""
    things = [_dataset(writer, page) if page["kind"] == "ranking" else _article(writer, page)]
    if writer.route.url == config.spec.sources_page:
        things += _tables(writer.shop.story)
    if len(page["breadcrumbs"]) > 1:
        things.append(_breadcrumbs(page, config))
    return embedded({"@context": "https://schema.org", "@graph": things})


def embedded(thing: Any) -> str:
    """JSON that no HTML or JavaScript parser takes for anything else."""
    text = json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _filled(**given: Any) -> Thing:
    named = {f"@{name[:-1]}" if name in ("type_", "id_") else name: value for name, value in given.items()}
    return {name: value for name, value in named.items() if value not in ("", None, [], {})}


# --- pages ------------------------------------------------------------------------------------------------


def _article(writer: Writer, page: Mapping[str, Any]) -> Thing:
    story, spec = writer.shop.story, writer.shop.story.config.spec
    organization = _organization(spec.publisher)
    card = page["card"]
    entity = writer.route.entity
    return _filled(
        type_="NewsArticle",
        url=page["url"],
        headline=_short(page["title"]),
        description=page["description"],
        inLanguage=spec.language,
        image=_filled(type_="ImageObject", url=card["url"], width=card["width"], height=card["height"])
        if card
        else None,
        dateModified=page["modified"],
        author=organization,
        publisher=organization,
        about=_filled(type_="Thing", name=entity.name) if entity else None,
        isPartOf=_filled(type_="WebSite", name=spec.title, url=story.config.base_url),
        isBasedOn=_based_on(story, writer.datasets),
    )


def _dataset(writer: Writer, page: Mapping[str, Any]) -> Thing:
    story, spec = writer.shop.story, writer.shop.story.config.spec
    resources = [story.resource(name) for name in sorted(writer.datasets)]
    columns = [column for block in writer.blocks for column in block.made.numbers]
    return _filled(
        type_="Dataset",
        url=page["url"],
        name=page["title"],
        description=page["description"],
        inLanguage=spec.language,
        dateModified=page["modified"],
        publisher=_organization(spec.publisher),
        creator=_creators(source for resource in resources for source in resource.sources),
        license=_licences(licence for resource in resources for licence in resource.licenses),
        temporalCoverage=_coverage(resources),
        variableMeasured=_unique(_variable(label, unit.strip()) for label, unit in columns),
        distribution=[_file(urljoin(page["url"], block.made.csv_name)) for block in writer.blocks],
        isBasedOn=_based_on(story, writer.datasets),
        isAccessibleForFree=True,
    )


def _breadcrumbs(page: Mapping[str, Any], config: Config) -> Thing:
    base = page["url"] or config.base_url
    items = [
        _filled(type_="ListItem", position=number, name=crumb["title"], item=urljoin(base, crumb["url"]))
        for number, crumb in enumerate(page["breadcrumbs"], start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


# --- tables -----------------------------------------------------------------------------------------------


def _tables(story: Story) -> Iterator[Thing]:
    for resource in story.package.resources:
        numbers = [f for f in resource.schema_.fields if f.type in ("number", "integer")]
        yield _filled(
            type_="Dataset",
            id_=_identity(story, resource.name),
            url=_identity(story, resource.name),
            name=resource.title or resource.name,
            description=resource.description,
            creator=_creators(resource.sources),
            license=_licences(resource.licenses),
            temporalCoverage=_coverage([resource]),
            variableMeasured=[_variable(f.label, f.unit, f.description) for f in numbers],
            distribution=[_file(absolute(story.config, f"data/{resource.path}"))],
            isBasedOn=_unique(source.path for source in resource.sources if is_web_address(source.path)),
            isAccessibleForFree=True,
        )


def _identity(story: Story, name: str) -> str:
    """Where a table is described; the file itself, where no page does."""
    described = story.config.spec.sources_page
    if described:
        return absolute(story.config, f"{described}#{name}")
    return absolute(story.config, f"data/{story.resource(name).path}")


def _based_on(story: Story, names: Iterable[str]) -> list[Thing]:
    return [
        _filled(type_="Dataset", id_=_identity(story, name), name=story.resource(name).title or name)
        for name in sorted(names)
    ]


def _file(url: str) -> Thing:
    return {"@type": "DataDownload", "encodingFormat": "text/csv", "contentUrl": url}


def _variable(name: str, unit: str = "", description: str = "") -> Thing:
    return _filled(type_="PropertyValue", name=name, unitText=unit, description=description)


def _creators(sources: Iterable[Source]) -> list[Thing]:
    return _unique(_organization(source.publisher) for source in sources if source.publisher)


def _licences(licences: Iterable[Licence]) -> list[Any]:
    """Addresses where there are any; a licence without one by its name."""
    return _unique(
        licence.path if is_web_address(licence.path) else _filled(type_="CreativeWork", name=name)
        for licence in licences
        if (name := licence.title or licence.name) or licence.path
    )


def _coverage(resources: Sequence[Resource]) -> str:
    """The days that tables speak of, from the first to the last, as ISO 8601 writes it."""
    starts = [day for resource in resources if isinstance(day := resource.coverage.start, dt.date)]
    ends = [day for resource in resources if isinstance(day := resource.coverage.end, dt.date)]
    if not ends:
        return f"{min(starts).isoformat()}/.." if starts else ""
    return f"{min(starts).isoformat()}/{max(ends).isoformat()}" if starts else max(ends).isoformat()


def _organization(name: str) -> Thing | None:
    return {"@type": "Organization", "name": name} if name else None


def _short(text: str) -> str:
    if len(text) <= LONGEST_HEADLINE:
        return text
    return text[: LONGEST_HEADLINE - 1].rpartition(" ")[0] + "…"


def _unique(things: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for thing in things:
        if thing and thing not in found:
            found.append(thing)
    return found
