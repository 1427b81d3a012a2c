"""``updates.xml``: the updates of a site as an Atom feed (RFC 4287).

Nothing in it depends on when it is made. Ids are tag URIs (RFC 4151): of the site's host, the day of the update and
its id, so that they stay when the site moves to another path.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from msgspec import Struct

from generator.charts.text import legible

FEED = "updates.xml"


class Entry(Struct, frozen=True):
    """One update: plain title, HTML with absolute addresses, where it stands, and the pages it concerns."""

    id: str
    day: dt.date
    title: str
    html: str
    url: str
    related: tuple[str, ...] = ()


def feed(entries: Sequence[Entry], *, base_url: str, page: str, title: str, language: str, author: str) -> bytes:
    """The newest entry first, as given. ``page`` is the absolute address of the page that shows them."""
    newest = max((entry.day for entry in entries), default=dt.date(1970, 1, 1))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={_quoted(language)}>',
        f"<title>{_text(title)}</title>",
        f"<id>{_text(base_url + FEED)}</id>",
        f'<link rel="self" type="application/atom+xml" href={_quoted(base_url + FEED)}/>',
        f'<link rel="alternate" type="text/html" href={_quoted(page)}/>',
        f"<updated>{_moment(newest)}</updated>",
        f"<author><name>{_text(author)}</name></author>",
    ]
    for entry in entries:
        lines += [
            "<entry>",
            f"<title>{_text(entry.title)}</title>",
            f"<id>{_text(tag(base_url, entry))}</id>",
            f'<link rel="alternate" type="text/html" href={_quoted(entry.url)}/>',
            *(f'<link rel="related" type="text/html" href={_quoted(url)}/>' for url in entry.related),
            f"<published>{_moment(entry.day)}</published>",
            f"<updated>{_moment(entry.day)}</updated>",
            f'<content type="html">{_text(entry.html)}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""]).encode()


def tag(base_url: str, entry: Entry) -> str:
    """``tag:example.org,2026-05-18:updates/2026-05-18``."""
    host = urlsplit(base_url).hostname or "localhost"
    return f"tag:{host},{entry.day.isoformat()}:updates/{entry.id}"


def _moment(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _text(text: str) -> str:
    return escape(legible(text), quote=False)


def _quoted(text: str) -> str:
    return f'"{escape(legible(text))}"'
