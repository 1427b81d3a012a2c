"""Artifacts: what a site has besides its pages and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Protocol

from generator.claims.held import Held
from generator.config import Config
from generator.outputs.claims import claims_json
from generator.outputs.downloads import CLAIMS_JSON
from generator.outputs.feed import FEED, Entry, feed
from generator.outputs.places import PlacesFile
from generator.pages.addresses import absolute
from generator.story import Story
from generator.theme import Theme


class Listed(Protocol):
    """What is asked of a page: its address below the site's root, whether it is left out of indexes, and the day of
    its last change that is known (ISO 8601), or ''."""

    @property
    def url(self) -> str: ...

    @property
    def noindex(self) -> bool: ...

    @property
    def modified(self) -> str: ...


def artifacts(
    story: Story,
    theme: Theme,
    pages: Sequence[Listed],
    claims: bytes,
    updates: bytes,
    places: PlacesFile | None,
) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the theme's assets, claims, places, the feed of updates and the sitemap."""
    yield from theme.assets.items()
    if places:
        yield places.path, places.data
    if story.config.spec.search_page:
        yield theme.search
    if claims:
        yield CLAIMS_JSON, claims
    if updates:
        yield FEED, updates
    if story.config.base_url:
        yield "sitemap.xml", sitemap(story.config, pages)
        yield "robots.txt", f"User-agent: *\nAllow: /\nSitemap: {story.config.base_url}sitemap.xml\n".encode()
    yield ".nojekyll", b""


def claims_file(story: Story, claims: Mapping[str, Held]) -> bytes:
    """``claims.json``; nothing when there are no claims."""
    return claims_json(claims, story.config.base_url, story.config.spec.claims_page) if claims else b""


def feed_file(story: Story, entries: Sequence[Entry]) -> bytes:
    """``updates.xml``; nothing for a site without an address, or without updates."""
    config, spec = story.config, story.config.spec
    if not config.base_url or not entries:
        return b""
    return feed(
        entries,
        base_url=config.base_url,
        page=absolute(config, spec.updates_page),
        title=spec.title,
        language=spec.language,
        author=spec.publisher or spec.title,
    )


def sitemap(config: Config, pages: Sequence[Listed]) -> bytes:
    """The pages that readers should find, in the order of their addresses, each with the day of a known change."""
    listed = sorted((page.url, page.modified) for page in pages if not page.noindex and page.url != "404.html")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ]
    for url, modified in listed:
        changed = f"<lastmod>{modified}</lastmod>" if modified else ""
        lines.append(f"<url><loc>{escape(absolute(config, url), quote=False)}</loc>{changed}</url>")
    return "\n".join([*lines, "</urlset>", ""]).encode()
