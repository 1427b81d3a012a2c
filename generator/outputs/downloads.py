"""The tables and maps of a story, published as they are kept, so that any figure can be checked.

Only a text that a spreadsheet would take for a formula, and run, gets an apostrophe before it. The tables'
descriptor, a Data Package, is published with what only the files themselves say: the size and the checksum of each,
and where it was published.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from generator.datasets.descriptor import DESCRIPTOR, Resource
from generator.source import read_text
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


def _descriptor(story: Story, text: str) -> bytes:
    """The descriptor as written, its tables with their ``bytes`` and ``hash``."""
    written: dict[str, Any] = json.loads(text)
    made = {"$schema": PROFILE, **written}
    if story.config.base_url:
        made.setdefault("homepage", story.config.base_url)
    made["resources"] = [
        {**resource, **_stamped(download(story, f"data/{resource['path']}"))} for resource in written["resources"]
    ]
    return f"{json.dumps(made, ensure_ascii=False, indent=2)}\n".encode()


def _stamped(data: bytes) -> dict[str, Any]:
    return {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}


def download_paths(story: Story) -> dict[str, str]:
    """Address below the site's root → file of the story."""
    tables = [f"data/{resource.path}" for resource in story.package.resources]
    return {path: path for path in (DESCRIPTOR, *tables, *geometry_files(story))}


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
