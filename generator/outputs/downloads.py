"""The tables and maps of a story, published as they are kept, so that any figure can be checked.

Only a text that a spreadsheet would take for a formula, and run, gets an apostrophe before it. The tables'
descriptor, a Data Package, is published with what only the files themselves say: the size and the checksum of each,
and where it was published. The result of a query is published as a CSV file, and beside it the query; of the
Parquet files it was made from, which may be too large to publish, the descriptor has size and checksum.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from generator.datasets.descriptor import DESCRIPTOR, Resource
from generator.datasets.origin import Origin, script_path
from generator.source import read_text
from generator.specs import written
from generator.story import Story
from generator.tables import guard

CLAIMS_JSON = "claims.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def downloads(story: Story) -> Iterator[tuple[str, bytes]]:
    """Every table as it is kept, with its descriptor, so that any figure can be checked."""
    for name in download_paths(story):
        yield name, download(story, name)


def download(story: Story, name: str) -> bytes:
    """The bytes at an address that :func:`download_paths` has. Raises SourceError when they cannot be read."""
    made = _made(story)
    if name in made:
        return made[name]().encode()
    text = read_text(story.root, download_paths(story)[name])
    if name == DESCRIPTOR:
        return _descriptor(story, text)
    table = next((table for table in story.package.resources if f"data/{table.path}" == name), None)
    return (_guarded(text, table) if table is not None else text).encode()


_RISKY = re.compile(r'(?m)(?:^|,)(?:"?[=+@\t-]|"\n)')
"""Where a cell may begin as a formula does."""


def _guarded(text: str, table: Resource) -> str:
    """The CSV with its texts made safe for spreadsheets; as it is kept where there is nothing to be made safe."""
    if not _RISKY.search(text):
        return text
    rows = list(csv.reader(io.StringIO(text, newline="")))
    texts = {field.name for field in table.schema_.fields if field.type == "string"}
    columns = [index for index, name in enumerate(rows[0]) if name in texts]
    made = [[guard(cell) if index in columns else cell for index, cell in enumerate(row)] for row in rows]
    if made == rows:
        return text
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(made)
    return out.getvalue()


def _made(story: Story) -> dict[str, Callable[[], str]]:
    """Address → what gives the text that the story does not keep: the results of queries, and the queries."""
    found: dict[str, Callable[[], str]] = {}
    for resource in story.package.resources:
        table = story.tables[resource.name] if resource.query else None
        if table is not None and table.origin is not None:
            found[f"data/{resource.path}"] = partial(_guarded, table.source.text, resource)
            found[f"data/{script_path(resource.path)}"] = partial(table.origin.script, resource.path)
    return found


def _descriptor(story: Story, text: str) -> bytes:
    """The descriptor as written, its tables with their ``bytes`` and ``hash``; results say what made them."""
    written: dict[str, Any] = json.loads(text)
    made = {"$schema": PROFILE, **written}
    if story.config.base_url:
        made.setdefault("homepage", story.config.base_url)
    known = {resource["name"]: resource for resource in written["resources"]}
    made["resources"] = [
        {
            **_written(resource, known.get(resource.name)),
            **_stamped(download(story, f"data/{resource.path}")),
            **_made_by(resource, story.tables[resource.name].origin if resource.query else None),
        }
        for resource in story.package.resources
    ]
    return f"{json.dumps(made, ensure_ascii=False, indent=2)}\n".encode()


def _written(resource: Resource, known: dict[str, Any] | None) -> dict[str, Any]:
    """A table as the descriptor has it, and what a result took over; groups, which it does not have, as made."""
    given = written(resource)
    if known is None:
        return {key: value for key, value in given.items() if key != "query"}
    if not resource.query:
        return known
    further: dict[str, Any] = {key: given[key] for key in ("path", "sources", "licenses") if key in given}
    return {**further, **{key: value for key, value in known.items() if key != "query"}}


def _made_by(resource: Resource, origin: Origin | None) -> dict[str, Any]:
    if origin is None:
        return {}
    over = [
        {"name": one.name, "path": one.path.removeprefix("data/"), "rows": one.rows, "bytes": one.size,
         "hash": f"sha256:{one.checksum}"}
        for one in origin.over
    ]  # fmt: skip
    return {"madeBy": {"query": script_path(resource.path), "engine": origin.engine, "from": over}}


def _stamped(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}


def download_paths(story: Story) -> dict[str, str]:
    """Address below the site's root → file of the story."""
    tables = [f"data/{resource.path}" for resource in story.package.resources]
    queries = [f"data/{script_path(resource.path)}" for resource in story.package.resources if resource.query]
    return {path: path for path in (DESCRIPTOR, *tables, *queries, *geometry_files(story))}


def geometry_files(story: Story) -> list[str]:
    """The map files and the licences beside them."""
    found: dict[str, None] = {}
    for path in story.config.spec.geometry.values():
        found[path] = None
        licence = f"{path.rpartition('/')[0]}/LICENSE"
        if (story.root / licence).is_file():
            found[licence] = None
    return list(found)


def download_names(story: Story) -> set[str]:
    """The addresses that downloads will have."""
    return {*download_paths(story), *((CLAIMS_JSON,) if story.claims else ())}
