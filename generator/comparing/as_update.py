"""A difference as the draft of an entry of ``updates.yml``: what the pages said, and what they say now.

Sentences are quoted as readers saw them, so that their numbers are somebody's words. What the tables and figures
show is not told again. An editor shortens it and says why.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection

from generator.comparing.changes import Difference
from generator.comparing.wording import Variant, claim_line, clean, counted, sentence_entries
from generator.lint.typed_numbers import other_words, typed_numbers
from generator.lint.unbound import LEAST_SAID

MOST_SENTENCES = 12
MOST_PAGES = 60

_MARKDOWN = re.compile(r"([\\`*_\[\]()>#+!-])")
_BRACES = str.maketrans("{}", "()")
"""No page may hold what reads as an expression."""


def as_update(found: Difference, day: dt.date, taken: Collection[str] = ()) -> str:
    """YAML to stand below ``updates:``; '' when no page reads otherwise. ``taken`` are the ids that there are."""
    pages = _pages(found)
    if not pages:
        return ""
    lines = ["  # Drafted from what the data changes: shorten it, say why, and look at it with 'broadsheet serve'."]
    lines.append(f"  - date: {day.isoformat()}")
    lines += [f"    id: {name}" for name in _free(day, taken)]
    lines += ["    title: New data", "    text: |", *(f"      {text}" if text else "" for text in _text(found))]
    lines.append(f"    pages: [{', '.join(map(_quoted, pages[:MOST_PAGES]))}]")
    if len(pages) > MOST_PAGES:
        lines.append(f"    # and {counted(len(pages) - MOST_PAGES, 'page')} more")
    return "\n".join(lines) + "\n"


def _pages(found: Difference) -> list[str]:
    """Those that read otherwise and are there now; what is said in words comes before what tables show."""
    gone = {change.page for change in found.page_changes if change.fate == "gone"}
    said = [change.at.page for change in found.sentences] + [change.at.page for change in found.assertions]
    shown = [change.at.page for change in found.sheets]
    new = [change.page for change in found.page_changes]
    return [page for page in dict.fromkeys([*sorted(said), *sorted(shown), *sorted(new)]) if page not in gone]


def _free(day: dt.date, taken: Collection[str]) -> list[str]:
    """The id that the entry needs besides its date: none, where it is the first of its day."""
    name, number = day.isoformat(), 2
    if name not in taken:
        return []
    while f"{name}-{number}" in taken:
        number += 1
    return [f"{name}-{number}"]


def _text(found: Difference) -> list[str]:
    entries = sorted(sentence_entries(found), key=lambda entry: _rank(entry.where.path))
    variants = [each for entry in entries for each in entry.variants if _is_said(each.was) and _is_said(each.now)]
    told = [line for line in map(_line, variants) if line]
    lines = [f"- {line}" for line in told[:MOST_SENTENCES]]
    lines += [f"- The verdict on {_words(claim_line(change))}" for change in found.claims]
    if not lines:
        return ["The tables and figures of these pages show other numbers."]
    if len(found.sentences) > MOST_SENTENCES or found.sheets:
        lines += ["", "More sentences, tables and figures of these pages follow the same data."]
    return lines


def _rank(document: str) -> tuple[int, bool, str]:
    """What the story says on its front page comes first, and what one document says of many places last."""
    return document.count("/"), not document.endswith("/index.md"), document


def _line(variant: Variant) -> str:
    whose = f"{_words(variant.whose)}: " if variant.whose else ""
    was, now = _quotation(variant.was), _quotation(variant.now)
    if was and now:
        return f"{whose}{was} is now {now}" if was != now else ""
    return f"{whose}{was} is no longer said" if was else f"{whose}now it says {now}"


def _quotation(text: str) -> str:
    return f"“{_words(_inner(text))}”" if text else ""


def _inner(text: str) -> str:
    return clean(text).replace("“", "‘").replace("”", "’")


def _is_said(text: str) -> bool:
    """Whether it has words enough to be quoted: a key number alone would be one that somebody has typed."""
    inner = _inner(text)
    words = other_words(inner) - sum(other_words(inner[start:end]) for start, end in typed_numbers(inner))
    return not text or words >= LEAST_SAID


def _words(text: str) -> str:
    """As Markdown and the expressions in it leave it alone."""
    return _MARKDOWN.sub(r"\\\1", clean(text).translate(_BRACES))


def _quoted(page: str) -> str:
    return '"' + page.replace("\\", "\\\\").replace('"', '\\"') + '"'
