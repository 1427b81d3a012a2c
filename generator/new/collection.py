"""A collection: its block in site.yml, one document for all its entities, and the page that lists them."""

from __future__ import annotations

import re
from pathlib import Path

from generator.config import SETTINGS
from generator.datasets.descriptor import Field, Resource
from generator.datasets.read import Table
from generator.lint.typed_numbers import typed_numbers
from generator.measures.cells import as_text
from generator.model import Collection
from generator.new.files import cannot_write, fill, quoted, refuse_existing, remove, write_new
from generator.problems import Location, Problem, SourceError, did_you_mean, one_of
from generator.routes import find_routes
from generator.source import read_text
from generator.story import RESERVED, Story, load, slugify

DOCUMENT = """\
---
# One document makes the page of each of the @collection@. `@one@` is the one whose page it is.
kicker: @kicker@
title: "{{ @one@.name }}"
description: "{{ @one@.name }}@among@."
---
<!-- Write here what each page says. Every page is checked; what holds for some alone stands between an `if` and its
     `endif`. -->

@fields@
"""

GLOBALS = frozenset(("claims", "data", "datasets", "row"))
"""Names with a meaning of their own in every document."""

INDEX = """\
---
title: @title@
description: @description@
toc: false
---
```table
id: table
title: @title@
of: @collection@
sort: row.name
columns:
  - {value: row, label: @kicker@}
@columns@
```
"""


def new_collection(root: Path, dataset: str) -> list[str]:
    """Makes the rows of a dataset entities with pages. Gives the paths written, site.yml the last.

    Raises SourceError when the dataset cannot be one, before anything is written, and when the story would have
    problems with it that it does not have now, after everything was taken back.
    """
    story = load(root)
    find_routes(story)
    resource = story.package.resource(dataset)
    if resource is None:
        known = [each.name for each in story.package.resources]
        message = f"there is no dataset {dataset!r}{did_you_mean(dataset, known)}"
        raise SourceError(
            Problem("unknown-dataset", message, Location("data/datapackage.json"), f"It has: {one_of(known)}.")
        )
    name, one = _names(dataset, story)
    before = (root / SETTINGS).read_bytes()
    block = _block(name, one, resource, story)
    changed = _with_block(read_text(root, SETTINGS), block, name).encode()
    if b"\r\n" in before:
        changed = changed.replace(b"\n", b"\r\n")
    files = _documents(name, one, resource, story)
    refuse_existing(root, files)
    made = [root / each for each in write_new(root, files)]
    try:
        _replace(root / SETTINGS, changed)
        find_routes(load(root))
    except BaseException as error:
        remove(made)
        if (root / SETTINGS).read_bytes() != before:
            _replace(root / SETTINGS, before)
        if isinstance(error, OSError):
            raise SourceError(cannot_write(SETTINGS, error)) from None
        raise
    return [*files, SETTINGS]


# --- names -------------------------------------------------------------------------------------------------


def _names(dataset: str, story: Story) -> tuple[str, str]:
    """What the collection is called, and what one of them is."""
    name = re.sub(r"\W", "_", dataset)
    one = singular(name)
    place = Location(SETTINGS)
    if name in story.collections:
        hint = f"Its pages are made by a document called [{story.collections[name].one}].md."
        raise SourceError(Problem("collection-exists", f"{name} is a collection already", place, hint))
    ones = {each.one for each in story.collections.values()}
    taken = RESERVED | GLOBALS | ones | story.cubes.keys() | story.collections.keys()
    for word in (name, one):
        if word in taken or not word.isidentifier():
            message = f"a collection of {dataset} would use the name {word!r}, which is taken or no name"
            hint = "Add its block to content/site.yml by hand, with names of its own."
            raise SourceError(Problem("bad-name", message, place, hint))
    return name, one


def singular(plural: str) -> str:
    """What one of them is called, by the rules of thumb of English: bridges → bridge, libraries → library."""
    if re.search(r"[^aeiou]ies$", plural):
        return f"{plural[:-3]}y"
    if re.search(r"(ch|sh|x|ss)es$", plural):
        return plural[:-2]
    if re.search(r"[^s]s$", plural):
        return plural[:-1]
    return f"one_{plural}"


# --- settings ----------------------------------------------------------------------------------------------


def _block(name: str, one: str, resource: Resource, story: Story) -> list[str]:
    """The lines of the collection in site.yml, not indented."""
    key = _key(resource, story.tables[resource.name])
    title = _title(resource, key)
    lines = [f"{name}:", f"  one: {one}", f"  from: {resource.name}", f"  key: {key}", f"  name: {title}"]
    address = name.replace("_", "-")
    lines.append(f"  path: {address}/{{slug}}/")
    if not _apart(story.tables[resource.name], title):
        lines[-1] += " # the key is in the address, since names are shared"
        lines.insert(-1, f"  slug: {key}")
    if parent := _parent(resource, story):
        lines.append(f"  parent: {{collection: {parent[0]}, field: {parent[1]}}}")
    return lines


def _key(resource: Resource, table: Table) -> str:
    """The column that tells rows apart. Raises SourceError when no single one does."""
    declared = resource.schema_.primary_key
    unique = [field.name for field in resource.schema_.fields if field.constraints.unique]
    if len(declared) == 1 or (not declared and unique):
        return declared[0] if declared else unique[0]
    message = f"a row of {table.name} is told apart by {one_of(declared)} together" if declared else ""
    message = message or f"{table.name} says of no column that it tells its rows apart"
    hint = "A collection needs a table with one row for each of them, and its key as 'primaryKey'."
    raise SourceError(Problem("no-key", message, Location("data/datapackage.json"), hint))


def _title(resource: Resource, key: str) -> str:
    """The column with the name."""
    texts = [field.name for field in resource.schema_.fields if field.type == "string" and field.name != key]
    liked = [name for name in texts if name in ("name", "title", "label")]
    return (liked or [name for name in texts if name.endswith("name")] or [key])[0]


def _apart(table: Table, column: str) -> bool:
    """Whether names, as parts of addresses, tell the rows apart."""
    slugs = [slugify(as_text(table.row(index)[column])) for index in range(len(table))]
    return len(set(slugs)) == len(slugs) and all(slugs)


def _parent(resource: Resource, story: Story) -> tuple[str, str] | None:
    """The collection that each row belongs to by a foreign key, and the column with its key."""
    table = story.tables[resource.name]
    for key in resource.schema_.foreign_keys:
        for collection in story.collections.values():
            spec = story.config.spec.collections[collection.name]
            fits = collection.dataset == key.reference.resource and key.reference.fields == (spec.key,)
            if not fits or len(key.fields) != 1:
                continue
            keys = {entity.key for entity in collection}
            if all(as_text(table.row(index)[key.fields[0]]) in keys for index in range(len(table))):
                return collection.name, key.fields[0]
    return None


def _with_block(settings: str, block: list[str], name: str) -> str:
    """The settings with a collection more, all that stands there left as it is."""
    lines = settings.splitlines()
    start = next((index for index, line in enumerate(lines) if re.match(r"collections\s*:", line)), None)
    if start is None:
        return "\n".join([*lines, "", "collections:", *(f"  {line}" for line in block)]) + "\n"
    if not re.fullmatch(r"collections\s*:\s*(#.*)?", lines[start]):
        text = "\n".join(f"  {line}" for line in block)
        hint = f"Put them one below the other, and this among them:\n{text}"
        message = f"{name} cannot be added: the collections stand on one line"
        raise SourceError(Problem("wrong-shape", message, Location(SETTINGS, start + 1, 1), hint))
    end = start + 1
    for index in range(start + 1, len(lines)):
        if lines[index].strip() and not lines[index].startswith((" ", "#")):
            break
        if lines[index].strip() and not lines[index].lstrip().startswith("#"):
            end = index + 1
    first = next((line for line in lines[start + 1 : end] if re.match(r"\s+[^\s#]", line)), "  ")
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join([*lines[:end], *(f"{indent}{line}" for line in block), *lines[end:]]) + "\n"


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


# --- documents ---------------------------------------------------------------------------------------------


def _documents(name: str, one: str, resource: Resource, story: Story) -> dict[str, str]:
    """The document for all, and the page that lists them unless there is one."""
    table = story.tables[resource.name]
    key = _key(resource, table)
    shown = [field for field in resource.schema_.fields if _is_shown(field, key, _title(resource, key), story)]
    words = name.replace("_", " ")
    kicker = one.replace("_", " ").capitalize()
    values = {"collection": name, "one": one, "kicker": quoted(kicker), "among": f", one of the {words}"}
    above = _parent(resource, story)
    owner = story.collections[above[0]] if above else None
    fields = "\n".join(
        _owner_line(field, owner) if owner and above and field.name == above[1] else _line(field, one)
        for field in shown
    )
    folder = name.replace("_", "-")
    files = {f"content/{folder}/[{one}].md": fill(DOCUMENT, fields=fields, **values).rstrip() + "\n"}
    if f"content/{folder}/index.md" not in story.documents and f"content/{folder}.md" not in story.documents:
        columns = "\n".join(f"  - {{value: row.{field.name}, label: {quoted(field.label)}}}" for field in shown[:5])
        title, description = quoted(words.capitalize()), quoted(f"All {words}, each with a page of its own.")
        text = fill(INDEX, title=title, description=description, columns=columns, **values)
        files[f"content/{folder}/index.md"] = text.replace("\n\n```", "\n```")
    return files


def _is_shown(field: Field, key: str, title: str, story: Story) -> bool:
    """Columns to print as ``one.column``: not what has another meaning there, nor a name with a number."""
    taken = RESERVED | story.cubes.keys() | story.collections.keys()
    return field.name not in {key, title} | taken and field.name.isidentifier() and not typed_numbers(field.label)


def _owner_line(field: Field, owner: Collection) -> str:
    """The entity above, by its name, with a link where it has a page."""
    shown = f"{owner.one} | link" if any(entity.url for entity in owner) else f"{owner.one}.name"
    return f"- {field.label}: {{{{ {shown} }}}}"


def _line(field: Field, one: str) -> str:
    value = f"{one}.{field.name}"
    if field.format == "uri":
        return f"{{% if {value} %}}- {field.label}: [{{{{ {one}.name }}}}]({{{{ {value} }}}}){{% endif %}}"
    if field.type in ("integer", "number"):
        return f'- {field.label}: {{{{ {value} | or_say("not known") }}}}'
    if field.type in ("date", "year", "yearmonth"):
        return f"- {field.label}: {{% if {value} %}}{{{{ {value} | date }}}}{{% else %}}not known{{% endif %}}"
    if field.type == "boolean":
        return f'- {field.label}: {{{{ "yes" if {value} else "no" }}}}'
    return f'- {field.label}: {{{{ {value} or "not known" }}}}'
