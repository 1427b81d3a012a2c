"""Documents that nobody may see before a moment.

What a site holds follows from its inputs alone, so a page does not appear by itself when the clock strikes: an
author takes it out of the drafts, and until its moment no site that holds it is made. The moment is handed in, as
the day is to :mod:`generator.freshness`; nothing here, and no page, asks the clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from generator.problems import Location, Problem
from generator.source import Document, Scalar, locate

KEY = "embargo"
EMBARGOED = "embargoed"
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?: ?(?:Z|[+-]\d{2}:\d{2}))?)?")


def moment(text: str) -> dt.datetime:
    """``2026-12-01``, ``2026-12-01 06:00`` or ``2026-12-01T06:00+01:00``; UTC where no zone is given.

    Raises ValueError for anything else.
    """
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        found = dt.datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-").replace(" Z", "Z"))
    except ValueError:
        raise ValueError(f"{text!r} is not a moment like '2026-12-01' or '2026-12-01T06:00+01:00'") from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def embargoed(documents: Mapping[str, Document], drafts: frozenset[str], now: dt.datetime) -> Iterator[Problem]:
    """An error for each document that is no draft, though its moment is ahead."""
    for path, until, place in _dated(documents):
        if path not in drafts and now < until:
            message = f"under embargo until {said(until)}: nothing that holds this page may be made before"
            hint = "Until then, make it a draft (draft: true); broadsheet serve shows it meanwhile."
            yield Problem(EMBARGOED, message, place, hint)


def over(documents: Mapping[str, Document], drafts: frozenset[str], now: dt.datetime) -> Iterator[Problem]:
    """A warning for each draft whose moment has passed."""
    for path, until, place in _dated(documents):
        if path in drafts and until <= now:
            message = f"the embargo ended {said(until)}, and the page is a draft still"
            yield Problem("embargo-over", message, place, "Take out draft: true.", severity="warning")


def has_embargo(documents: Mapping[str, Document]) -> bool:
    """Whether the moment makes a difference."""
    return any(True for _ in _dated(documents))


def said(until: dt.datetime) -> str:
    """ "2026-12-01, 06:00 UTC"."""
    zone = "%z" if until.utcoffset() else "UTC"
    return until.strftime(f"%Y-%m-%d, %H:%M {zone}")


def _dated(documents: Mapping[str, Document]) -> Iterator[tuple[str, dt.datetime, Location]]:
    """Path, moment and place of each embargo that can be read; of others the front matter tells."""
    for path, document in documents.items():
        given = document.front.entries.get(KEY)
        if isinstance(given, Scalar) and given.text:
            try:
                yield path, moment(given.text), locate(document.front, (KEY,))
            except ValueError:
                continue
