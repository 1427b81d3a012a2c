"""The tables and maps of a story, published as they are kept, so that any figure can be checked."""

from __future__ import annotations

from collections.abc import Iterator

from generator.datasets.descriptor import DESCRIPTOR
from generator.source import read_text
from generator.story import Story

CLAIMS_JSON = "claims.json"


def downloads(story: Story) -> Iterator[tuple[str, bytes]]:
    """Every table as it is kept, with its descriptor, so that any figure can be checked."""
    yield "data/datapackage.json", read_text(story.root, DESCRIPTOR).encode()
    for resource in story.package.resources:
        path = f"data/{resource.path}"
        yield path, read_text(story.root, path).encode()
    for path in geometry_files(story):
        yield path, read_text(story.root, path).encode()


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
    tables = {f"data/{resource.path}" for resource in story.package.resources}
    claims = {CLAIMS_JSON} if story.claims else set()
    return tables | set(geometry_files(story)) | claims | {"data/datapackage.json"}
