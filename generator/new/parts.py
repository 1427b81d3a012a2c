"""A page, a ranking, a document for one entity: texts that build as they are and say what may be added."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from generator.lint.typed_numbers import typed_numbers
from generator.measures.cube import Cube
from generator.measures.select import Selection
from generator.model import Collection, Entity
from generator.new.files import fill, quoted, refuse_existing, write_new
from generator.problems import Location, Problem, SourceError, did_you_mean, one_of
from generator.routes import Route, find_routes
from generator.story import MEASURES, Story, load, slugify
from generator.values import QuantityError

PAGE = """\
---
# The page's name, in the browser's tab, in links and as its heading. Texts may have expressions; then they need
# quotes around them.
title: @title@
# One sentence for search engines and link previews.
description: @description@
# The sentence under the heading:
# lead: …
---
<!-- Write here: Markdown; no reader sees this note. A number is computed in double braces, or typed and held
     against the data as [words]{= … }, or somebody else's as [words]{claim=…}. -->
"""

RANKING = """\
---
title: @title@
description: @description@
# A sentence under the heading, for example who is first:
# lead: …
template: ranking
---
```table
id: ranking
# What is ranked and of when; the date comes from the data.
title: "@heading@, {{ @first@.date | date }}"
of: @collection@
sort: row.@value@
@order@@levels@# One line a column: an expression over `row`, one of the @collection@, and its heading.
columns:
@columns@
note: The same figure shares a place (=); what has no figure has no place.
```
"""

ENTITY = """\
---
# What is different for @name@ alone. A key given here takes the place of the same key in
# @document@; the text below stands after the text there (or `before` it, or `replace`s it).
body: after
# lead: …
---
<!-- Write here what only this page says. @one@ is @name@: its measures, columns and relations are there as in
     the document for all @collection@. -->
"""


def new_page(root: Path, wanted: str) -> list[str]:
    """Begins the page of a title, ``How we count``, below folders if it names some: ``about/How we count``."""
    *folders, title = (part.strip() for part in wanted.split("/"))
    slug = slugify(title.removesuffix(".md"))
    place = Location("content")
    if not slug or any(not re.fullmatch(r"[\w-]+", part) for part in folders):
        hint = 'Give its title, or folders and its title: broadsheet new page "about/How we count".'
        raise SourceError(Problem("bad-name", f"{wanted!r} cannot be the address of a page", place, hint))
    if title == title.casefold() and slug == title.removesuffix(".md"):  # a file's name was given
        title = slug.replace("-", " ").capitalize()
    _no_numbers(title, place)
    name = "/".join(["content", *folders, f"{slug}.md"])
    _check_free(root, load(root), name, "/".join([*folders, slug, ""]))
    return write_new(root, {name: fill(PAGE, title=quoted(title), description=quoted(_sentence(title)))})


def new_ranking(root: Path, measure: str, of: str = "") -> list[str]:
    """Begins the table that ranks a collection by a measure."""
    story = load(root)
    cube = story.cubes.get(measure)
    if cube is None:
        message = f"there is no measure {measure!r}{did_you_mean(measure, story.cubes)}"
        raise SourceError(
            Problem("unknown-measure", message, Location(MEASURES), f"It has: {one_of(story.cubes)}.")
        )
    collection = _ranked(story, cube, of)
    asked = selection(cube)
    try:
        picked = story.selector.slice(measure, collection.name, asked)
        known = len(picked.ranks)
        whole = picked.whole
    except QuantityError as error:
        raise SourceError(Problem(error.code, str(error), Location(MEASURES), error.hint)) from None
    if not known:
        message = f"{measure} has no figure of any of the {collection.name}"
        raise SourceError(Problem("value-unknown", message, Location(MEASURES)))
    slug = slugify(measure)
    name = f"content/rankings/{slug}.md"
    _check_free(root, story, name, f"rankings/{slug}/")
    label = _label(cube, asked)
    value = f"{measure}({', '.join(f'{key}={quoted(level)}' for key, level in asked)})" if asked else measure
    shared = cube.spec.adds_up and whole is not None and whole.status == "known" and bool(whole.number)
    columns = [(f"row.{value}.rank", "Rank"), ("row", collection.one.replace("_", " ").capitalize())]
    columns.append((f"row.{value}", _upper(label)))
    share = (
        f"row.{value}.share" if known == len(collection) else f'row.{value}.share if row.{value} is known else ""'
    )
    columns += [(share, "Share")] if shared else []
    columns += [(f"row.{value}.{rate}", _rate_label(rate)) for rate in cube.spec.rates]
    lines = [f"  - {{value: {_plain(value)}, label: {quoted(words)}}}" for value, words in columns]
    lowest = cube.spec.rank.order == "lowest"
    named = collection.name.replace("_", " ")
    first = f"{collection.name}.known({_arguments(measure, asked)})[0].{value}"
    text = fill(
        RANKING,
        title=quoted(f"{_upper(named)} by {label}"),
        description=quoted(f"All {named}, ranked by {label}."),
        columns="\n".join(lines),
        order="ascending: true\n" if lowest else "",
        levels="".join(_levels(cube, asked)),
        heading=_upper(label).replace('"', "”"),
        first=first.replace('"', "'"),
        collection=collection.name,
        value=value,
    )
    return write_new(root, {name: text})


def selection(cube: Cube) -> Selection:
    """What must be said so that a measure gives one figure: a level, a date, where neither has a default."""
    spec = cube.spec
    asked = {}
    for name, dimension in spec.dimensions.items():
        if name not in spec.default and not dimension.additive and cube.levels.get(name):
            asked[name] = cube.levels[name][0]
    if spec.time and spec.time.type != "flow" and "at" not in spec.default:
        asked["at"] = "latest"
    return tuple(sorted(asked.items()))


def _label(cube: Cube, asked: Selection) -> str:
    """What is ranked, in words that hold no number: ``members (Active)``."""
    label = cube.spec.label or cube.name.replace("_", " ")
    levels = [cube.spec.dimensions[name].levels.get(level, level) for name, level in asked if name != "at"]
    said = f"{label} ({', '.join(levels)})" if levels else label
    return said if not typed_numbers(said) else cube.name.replace("_", " ")


def _rate_label(name: str) -> str:
    """The heading of a rate; where its name has a number (per_100k), its unit, which stands below, says it."""
    words = name.replace("_", " ")
    return "Rate" if typed_numbers(words) else _upper(words)


def _levels(cube: Cube, asked: Selection) -> Iterator[str]:
    """A comment for each level that was chosen for want of a default: what else there is."""
    for name, level in asked:
        if name != "at":
            yield f"# {name}={quoted(level)} was chosen here; there is also {one_of(cube.levels[name][1:])}.\n"


def new_entity(root: Path, collection: str, wanted: str) -> list[str]:
    """Begins the document of one entity, named by its name, its key or the last part of its address."""
    story = load(root)
    found = story.collections.get(collection) or next(
        (each for each in story.collections.values() if each.one == collection), None
    )
    place = Location("content/site.yml")
    if found is None:
        message = f"there is no collection {collection!r}{did_you_mean(collection, story.collections)}"
        raise SourceError(Problem("unknown-collection", message, place, f"It has: {one_of(story.collections)}."))
    entity = _named(found, wanted)
    route = find_routes(story).get(entity.url) if entity.url else None
    if route is None or route.entity != entity:
        message = f"{found.name} have no pages, so that none can be different"
        raise SourceError(Problem("no-address", message, story.config.place(("collections", found.name))))
    if route.override:
        refuse_existing(root, {route.override: ""})
    same = [each for each in found if each.slug == entity.slug]
    name = f"{PurePosixPath(route.document).parent}/{entity.slug if len(same) == 1 else entity.key}.md"
    text = fill(ENTITY, name=entity.name, document=route.document, one=found.one, collection=found.name)
    return write_new(root, {name: text})


def _named(collection: Collection, wanted: str) -> Entity:
    """Raises SourceError when none or several are called so."""
    for names in ("key", "name", "slug"):
        hits = [each for each in collection if getattr(each, names).casefold() == wanted.strip().casefold()]
        if len(hits) == 1:
            return hits[0]
        if hits:
            message = f"{len(hits)} {collection.name} are called {wanted!r}"
            hint = f"Name it by its key: {one_of(each.key for each in hits)}."
            raise SourceError(Problem("ambiguous-entity", message, Location("content/site.yml"), hint))
    message = f"there is no {collection.one} {wanted!r}{did_you_mean(wanted, [each.name for each in collection])}"
    hint = "Call it by its name, its key or the last part of its address."
    raise SourceError(Problem("unknown-entity", message, Location("content/site.yml"), hint))


def _ranked(story: Story, cube: Cube, of: str) -> Collection:
    """The collection to rank: the one asked for, or the first that has figures and more than one entity."""
    if of and of not in story.collections:
        message = f"there is no collection {of!r}{did_you_mean(of, story.collections)}"
        raise SourceError(Problem("unknown-collection", message, Location("content/site.yml")))
    if of:
        return story.collections[of]
    having = [each for each in story.collections.values() if each.name in cube.collections and len(each) > 1]
    if not having:
        message = f"{cube.name} has figures of one entity alone; there is nothing to rank"
        raise SourceError(Problem("never-ranked", message, Location(MEASURES)))
    return having[0]


# --- addresses and words -----------------------------------------------------------------------------------


def _check_free(root: Path, story: Story, name: str, url: str) -> None:
    """Raises SourceError when the file is there, or another document is at the address it would have."""
    refuse_existing(root, {name: ""})
    routes: Iterable[Route] = find_routes(story).values()
    other = next((route for route in routes if route.url.casefold() == url.casefold()), None)
    if other is not None:
        message = f"the page would be at /{url}, where that of {other.document} is"
        raise SourceError(Problem("address-collision", message, Location(name), "Give it another title."))


def _no_numbers(title: str, place: Location) -> None:
    """A title is held to what every text is held to: no number that is bound to nothing."""
    if found := typed_numbers(title):
        start, end = found[0]
        message = f"{title[start:end]} in the title would be a number that is typed and bound to nothing"
        hint = "Leave it out; in the file, it can be computed or held against the data."
        raise SourceError(Problem("typed-number", message, place, hint))


def _arguments(measure: str, asked: Selection) -> str:
    return ", ".join([quoted(measure), *(f"{key}={quoted(level)}" for key, level in asked)])


def _plain(expression: str) -> str:
    """An expression as YAML reads it inside braces."""
    return f"'{expression}'" if re.search(r"""[,"':{}\[\]#]""", expression) else expression


def _sentence(title: str) -> str:
    return title if title.endswith((".", "?", "!")) else f"{title}."


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
