"""Artifacts: what a site has besides its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol
from xml.sax.saxutils import escape

from generator.claims.held import Held
from generator.outputs.claims import claims_json
from generator.outputs.downloads import CLAIMS_JSON, downloads
from generator.story import Story
from generator.theme import Theme


class Listed(Protocol):
    """What is asked of a page: its address below the site's root, and whether it is left out of indexes."""

    @property
    def url(self) -> str: ...

    @property
    def noindex(self) -> bool: ...


def artifacts(story: Story, theme: Theme, pages: Sequence[Listed], claims: bytes) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the theme's assets, the published tables, the claims and the sitemap."""
    yield from theme.assets.items()
    yield from downloads(story)
    if claims:
        yield CLAIMS_JSON, claims
    if story.config.base_url:
        yield "sitemap.xml", sitemap(story.config.base_url, pages)
        yield "robots.txt", f"User-agent: *\nAllow: /\nSitemap: {story.config.base_url}sitemap.xml\n".encode()
    yield ".nojekyll", b""


def claims_file(story: Story, claims: Mapping[str, Held]) -> bytes:
    """``claims.json``; nothing when there are no claims."""
    return claims_json(claims, story.config.base_url, story.config.spec.claims_page) if claims else b""


def sitemap(base_url: str, pages: Sequence[Listed]) -> bytes:
    """The pages that readers should find, in the order of their addresses."""
    urls = sorted(page.url for page in pages if not page.noindex and page.url != "404.html")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ]
    lines += [f"<url><loc>{escape(base_url + url)}</loc></url>" for url in urls]
    return "\n".join([*lines, "</urlset>", ""]).encode()
