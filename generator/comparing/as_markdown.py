"""A difference as a comment on a pull request.

All that comes from data or documents stands in code, fenced or between backticks: there nothing is markup, a
mention or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from generator.comparing.changes import Difference
from generator.comparing.wording import (
    Entry,
    assertion_entries,
    claim_line,
    clean,
    counted,
    page_line,
    rank_lines,
    sentence_entries,
    sheet_entries,
    side,
    summary,
)

MOST = 60_000
"""Characters of the whole; GitHub takes 65,536."""
OPEN = 5
"""A section of more entries than these is folded."""
_RESERVE = 400
"""Characters kept for the heading of a section, and for saying what is left out of it."""


class _Section(Struct, frozen=True):
    title: str
    chunks: tuple[str, ...]
    sizes: tuple[int, ...]
    """How many changes each chunk tells."""


def as_markdown(found: Difference) -> str:
    """Shorter than ``MOST`` characters; what is left out is counted."""
    lines = ["## What the data changes", "", f"From {code(side(found.before))} to {code(side(found.after))}, "
             f"{counted(found.pages, 'page')} compared.", ""]  # fmt: skip
    nothing = "No difference in what the pages print." if found.pages else "Nothing could be compared."
    lines += [f"- {text}" for text in summary(found)] or [nothing]
    if found.not_compared:
        lines.append(f"- {counted(len(found.not_compared), 'page')} not compared, because of problems")
    sections = [section for section in _sections(found) if section.chunks]
    left = MOST - sum(map(len, lines)) - len(lines) - _RESERVE * (len(sections) + 1)
    for section in sections:
        text = _section(section, left)
        left -= len(text) - _RESERVE
        lines += ["", text]
    return "\n".join(lines) + "\n"


def _section(section: _Section, most: int) -> str:
    shown: list[str] = []
    used = told = 0
    for chunk, size in zip(section.chunks, section.sizes, strict=True):
        if used + len(chunk) > most - _RESERVE:
            break
        shown.append(chunk)
        used += len(chunk) + 2
        told += size
    rest = sum(section.sizes) - told
    if rest:
        shown.append(f"… and {rest:,} more")
    body = "\n\n".join(shown)
    if len(section.chunks) <= OPEN:
        return f"### {section.title}\n\n{body}"
    count = counted(sum(section.sizes), "change")
    return f"### {section.title}\n\n<details><summary>{count}</summary>\n\n{body}\n\n</details>"


def _sections(found: Difference) -> Iterator[_Section]:
    problems = [f"{each.side}: {each.problem.location}: {clean(each.problem.sentence)}" for each in found.problems]
    yield _listed("Problems", problems)
    yield _entries("Assertions that are no longer true", assertion_entries(found, holding=False))
    yield _entries("Assertions that are now true", assertion_entries(found, holding=True))
    yield _listed("Claims whose verdict changes", map(claim_line, found.claims))
    yield _listed("Ranks that change", _ranks(found))
    yield _entries("Sentences that change", sentence_entries(found))
    yield _entries("Tables, figures and lists that change", sheet_entries(found))
    yield _listed("Pages", map(page_line, found.page_changes))


def _ranks(found: Difference) -> Iterator[str]:
    for ranking in found.rankings:
        own, moved = rank_lines(ranking, found.style)
        yield from own
        yield from (f"{line}, moved by others" for line in moved)


def _listed(title: str, lines: Iterable[str]) -> _Section:
    """Lines in fences, twenty to each, so that part of them can be left out."""
    listed = list(lines)
    chunks = [listed[start : start + 20] for start in range(0, len(listed), 20)]
    return _Section(title, tuple(fenced("text", chunk) for chunk in chunks), tuple(map(len, chunks)))


def _entries(title: str, entries: Iterable[Entry]) -> _Section:
    made = list(entries)
    return _Section(title, tuple(map(_entry, made)), tuple(len(e.variants) + e.more for e in made))


def _entry(entry: Entry) -> str:
    lines = []
    for variant in entry.variants:
        if variant.whose:
            lines.append(f"# {variant.whose}")
        if variant.was == variant.now:
            lines.append(f"  {variant.now} (at another place)")
        else:
            of = f"{variant.of}: " if variant.of else ""
            lines += [f"- {of}{variant.was}"] if variant.was else []
            lines += [f"+ {of}{variant.now}"] if variant.now else []
        lines += [f"! {variant.note}"] if variant.note else []
    lines += [f"… and {entry.more:,} more"] if entry.more else []
    return f"{code(str(entry.where))} {code(entry.title)}\n\n{fenced('diff', lines)}"


# --- code, in which nothing is markup -------------------------------------------------------------------


def code(text: str) -> str:
    """A text between more backticks than it has in a row."""
    text = clean(text)
    ticks = "`" * (_longest(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fenced(language: str, lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    ticks = "`" * max(3, _longest(text) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def _longest(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
