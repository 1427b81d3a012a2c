"""Artifacts: what a site has besides its pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from generator.datasets.descriptor import DESCRIPTOR
from generator.source import read_text
from generator.story import Story
from generator.theme import Theme

if TYPE_CHECKING:
    from generator.pages import Page


def artifacts(story: Story, theme: Theme, pages: Sequence[Page]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the theme's assets, the published tables and the sitemap."""
    yield from theme.assets.items()
    yield from downloads(story)
    if story.config.base_url:
        yield "sitemap.xml", sitemap(story.config.base_url, pages)
        yield "robots.txt", f"User-agent: *\nAllow: /\nSitemap: {story.config.base_url}sitemap.xml\n".encode()
    yield ".nojekyll", b""


def downloads(story: Story) -> Iterator[tuple[str, bytes]]:
    """Every table as it is kept, with its descriptor, so that any figure can be checked."""
    yield "data/datapackage.json", read_text(story.root, DESCRIPTOR).encode()
    for table in story.tables.values():
        yield f"data/{table.resource.path}", read_text(story.root, table.path).encode()
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
    tables = {f"data/{table.resource.path}" for table in story.tables.values()}
    return tables | set(geometry_files(story)) | {"data/datapackage.json"}


def sitemap(base_url: str, pages: Sequence[Page]) -> bytes:
    """The pages that readers should find, in the order of their addresses."""
    urls = sorted(page.route.url for page in pages if not page.noindex and page.route.url != "404.html")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ]
    lines += [f"<url><loc>{escape(base_url + url)}</loc></url>" for url in urls]
    return "\n".join([*lines, "</urlset>", ""]).encode()
