"""The tables and maps of a story, published as they are kept, so that any figure can be checked."""

from __future__ import annotations

from collections.abc import Iterator

from generator.datasets.descriptor import DESCRIPTOR
from generator.source import read_text
from generator.story import Story

CLAIMS_JSON = "claims.json"


def downloads(story: Story) -> Iterator[tuple[str, bytes]]:
    """Every table as it is kept, with its descriptor, so that any figure can be checked."""
    for name, path in download_paths(story).items():
        yield name, read_text(story.root, path).encode()


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
