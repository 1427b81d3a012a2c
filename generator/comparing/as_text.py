"""A difference for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from generator.comparing.changes import Difference
from generator.comparing.wording import (
    Entry,
    Variant,
    assertion_entries,
    claim_line,
    counted,
    page_line,
    pieces,
    rank_lines,
    sentence_entries,
    sheet_entries,
    side,
    summary,
)

MOST_RANKS = 60
"""Entities with a figure of their own that changed, told for one ranking."""
MOST_MOVED = 10
"""Entities that only moved because others did, told for one ranking."""
CONTEXT = 60
"""Characters kept on either side of what differs in a long sentence."""

Strong = Callable[[str], str]


def as_text(found: Difference, strong: Strong = str) -> str:
    """Grouped, what matters most first. ``strong`` sets headings and what differs apart."""
    lines = [f"from {side(found.before)} to {side(found.after)}, {counted(found.pages, 'page')} compared"]
    nothing = "no difference in what the pages print" if found.pages else "nothing could be compared"
    lines.append(", ".join(summary(found)) or nothing)
    if found.not_compared:
        lines.append(f"{counted(len(found.not_compared), 'page')} not compared, because of problems")
    for title, body in _sections(found, strong):
        told = list(body)
        if told:
            lines += ["", strong(title), *told]
    return "\n".join(lines) + "\n"


def _sections(found: Difference, strong: Strong) -> Iterator[tuple[str, Iterable[str]]]:
    yield "Assertions that are no longer true", _entries(assertion_entries(found, holding=False), strong)
    yield "Assertions that are now true", _entries(assertion_entries(found, holding=True), strong)
    yield "Claims whose verdict changes", (f"  {claim_line(change)}" for change in found.claims)
    yield "Ranks that change", _ranks(found)
    yield "Sentences that change", _entries(sentence_entries(found), strong, "new: ")
    yield "Tables, figures and lists that change", _entries(sheet_entries(found), strong, "new: ")
    yield "Pages", (f"  {page_line(change)}" for change in found.page_changes)


def _ranks(found: Difference) -> Iterator[str]:
    for ranking in found.rankings:
        own, moved = rank_lines(ranking, found.style)
        yield from _some(own, MOST_RANKS, "  ")
        if moved:
            yield "  moved because of that:"
            yield from _some(moved, MOST_MOVED, "    ")


def _some(lines: Sequence[str], most: int, indent: str) -> Iterator[str]:
    for line in lines[:most]:
        yield indent + line
    if len(lines) > most:
        yield f"{indent}… and {len(lines) - most:,} more"


def _entries(entries: Iterable[Entry], strong: Strong, new: str = "") -> Iterator[str]:
    for entry in entries:
        yield f"  {entry.where}: {entry.title}"
        for variant in entry.variants:
            yield from _variant(variant, strong, new)
        if entry.more:
            yield f"      … and {entry.more:,} more"


def _variant(variant: Variant, strong: Strong, new: str) -> Iterator[str]:
    whose = f"{variant.whose}: " if variant.whose else ""
    was, now = variant.was, variant.now
    if was == now:
        yield f"      {whose}{now} (at another place)"
    elif variant.of:
        yield f"      {whose}{variant.of}: {strong(_differing(was, now))}"
    elif was and now:
        yield f"      {whose}{_inline(was, now, strong)}"
    elif was:
        yield f"      {whose}no longer there: {was}"
    else:
        yield f"      {whose}{new}{now}"
        if variant.note:
            yield f"      {variant.note}"


def _inline(was: str, now: str, strong: Strong) -> str:
    parts = pieces(was, now)
    made = []
    for index, (old, new) in enumerate(parts):
        if old != new:
            made.append(strong(_differing(old.strip(), new.strip())))
            made.append(" " if (old or new).endswith(" ") else "")
        else:
            made.append(_shortened(old, first=index == 0, last=index == len(parts) - 1))
    return "".join(made)


def _differing(old: str, new: str) -> str:
    return f"[{old} → {new}]" if old and new else f"[+ {new}]" if new else f"[− {old}]"


def _shortened(text: str, *, first: bool, last: bool) -> str:
    """Words that are the same on both sides, far from what differs, are left out."""
    most = CONTEXT if first or last else 2 * CONTEXT
    if len(text) <= most + 20:
        return text
    if first:
        return "…" + text[-CONTEXT:].partition(" ")[2].join((" ", ""))
    if last:
        return text[:CONTEXT].rpartition(" ")[0] + " …"
    return text[:CONTEXT].rpartition(" ")[0] + " … " + text[-CONTEXT:].partition(" ")[2]
