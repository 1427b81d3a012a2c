"""What the text and the Markdown of a difference share: counts, entries, and how untrusted text is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from generator.comparing.changes import (
    AssertionChange,
    ClaimChange,
    Difference,
    PageChange,
    RankChange,
    RankingChange,
    SentenceChange,
    SheetChange,
    Side,
    Standing,
    grouped,
    pages_of,
)
from generator.problems import Location
from generator.values import NumberStyle, ordinal_digits

SHOWN = 3
"""Of what one document says on many pages, and of the cells of a table, so many are shown."""

ABSENT = "–"


def clean(text: str, most: int = 1000) -> str:
    """One line, without what could steer a terminal or turn the direction of writing; cut when it is very long."""
    plain = "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") else c for c in _flat(text))
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _flat(text: str) -> str:
    return " ".join(text.split())


def counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def summary(found: Difference) -> list[str]:
    """How much of what, in the order in which it is told."""
    false = sum(not change.holds for change in found.assertions)
    true = len(found.assertions) - false
    touched = len(found.sheets)
    places = counted(found.places_changed, "rank")
    sheets = counted(touched, "table, figure or list", "tables, figures and lists")
    said = [
        (false, f"{counted(false, 'assertion')} no longer true"),
        (true, f"{counted(true, 'assertion')} now true"),
        (len(found.claims), counted(len(found.claims), "verdict") + " on claims"),
        (len(found.rankings), f"{places} in {counted(len(found.rankings), 'ranking')}"),
        (len(found.sentences), counted(len(found.sentences), "sentence") + _pages(found.sentences)),
        (touched, f"{counted(found.cells_changed, 'cell')} in {sheets}" + _pages(found.sheets)),
        (len(found.page_changes), counted(len(found.page_changes), "page") + " new, gone or shown otherwise"),
    ]
    return [text for count, text in said if count]


def _pages(changes: Sequence[SentenceChange] | Sequence[SheetChange]) -> str:
    return f" on {counted(pages_of(changes), 'page')}"


def side(one: Side) -> str:
    return clean(one.name, 200)


# --- entries -------------------------------------------------------------------------------------------


class Entry(Struct, frozen=True):
    """One place in a document: what is said of it, and the first few of its changes; ``more`` are not shown."""

    where: Location
    title: str
    variants: tuple[Variant, ...]
    more: int = 0


class Variant(Struct, frozen=True):
    """A change, and whose pages show it."""

    whose: str
    was: str
    now: str
    note: str = ""
    of: str = ""
    """For a cell: its row and column."""


def assertion_entries(found: Difference, *, holding: bool) -> Iterator[Entry]:
    chosen = [change for change in found.assertions if change.holds is holding]
    for (where, part), changes in grouped(chosen).items():
        first = changes[0]
        said = "; ".join(dict.fromkeys(clean(change.says) for change in changes[:SHOWN] if change.says))
        before = "the data said" if holding else "the data says"
        title = f"“{clean(first.words)}”" + (f": {before} {said}" if said else "")
        title += _on(found, where, part, changes)
        variants, more = _variants([(c.at.entity, "", c.sentence, c.advice) for c in changes])
        yield Entry(where, title, variants, more)


def sentence_entries(found: Difference) -> Iterator[Entry]:
    for (where, part), changes in grouped(found.sentences).items():
        variants, more = _variants([(c.at.entity, c.was, c.now, "") for c in changes])
        yield Entry(where, clean(part) + _on(found, where, "", changes), variants, more)


def sheet_entries(found: Difference) -> Iterator[Entry]:
    """For all pages together, each cell told once."""
    for (where, part), changes in grouped(found.sheets).items():
        lines: dict[tuple[str, str, str], list[str]] = {}
        for change in changes:
            for line in _sheet_lines(change):
                lines.setdefault(line, []).append(change.at.entity)
        listed = list(lines.items())[:SHOWN]
        variants = tuple(Variant(_names(names), was, now, of=of) for (of, was, now), names in listed)
        title = f"{_sheet_title(changes, part)}{_on(found, where, '', changes)}"
        yield Entry(where, title, variants, len(lines) - len(variants))


def _sheet_title(changes: Sequence[SheetChange], part: str) -> str:
    name = f"the {clean(part, 100)}"
    states = {change.state for change in changes}
    if states == {"new"}:
        return f"{name} appears"
    if states == {"gone"}:
        return f"{name} is no longer there"
    cells = {cell for change in changes for cell in change.cells}
    said = [f"{counted(len(cells), 'cell')} of {name}"] if cells else [name]
    for rows, word in (("new_rows", "new"), ("gone_rows", "gone"), ("moves", "moved")):
        number = len({row for change in changes for row in getattr(change, rows)})
        said += [f"{counted(number, 'row')} {word}"] if number else []
    return ", ".join(said)


def _sheet_lines(change: SheetChange) -> Iterator[tuple[str, str, str]]:
    """Of what, what stood there, what stands there."""
    for cell in change.cells:
        name = ", ".join(filter(None, (clean(cell.row, 80), clean(cell.column, 80)))) if cell.row else "heading"
        yield name, clean(cell.was, 200) or ABSENT, clean(cell.now, 200) or ABSENT
    for row in change.new_rows:
        yield "", "", f"row {clean(row, 200)}"
    for row in change.gone_rows:
        yield "", f"row {clean(row, 200)}", ""
    for move in change.moves:
        yield clean(move.row, 200), f"row {move.was}", f"row {move.now}"


def _variants(changes: Sequence[tuple[str, str, str, str]]) -> tuple[tuple[Variant, ...], int]:
    """What several pages say alike is one; the first few of them, and how many changes those leave out."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for entity, *rest in changes:
        was, now, note = (clean(text) for text in rest)
        alike.setdefault((was, now, note), []).append(entity)
    listed = list(alike.items())[:SHOWN]
    made = tuple(Variant(_names(names), *texts) for texts, names in listed)
    return made, len(changes) - sum(len(names) for _, names in listed)


def _names(entities: Sequence[str]) -> str:
    names = [clean(name, 80) for name in dict.fromkeys(entities) if name]
    rest = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + rest


def _on(
    found: Difference,
    where: Location,
    part: str,
    changes: Sequence[SentenceChange] | Sequence[AssertionChange] | Sequence[SheetChange],
) -> str:
    """In which text, and on how many of the document's pages."""
    text = f", {clean(part)}" if part and part != "body" else ""
    served = found.served.get(where.path, 1)
    if served == 1:
        return f"{text}, on /{clean(changes[0].at.page, 300)}"
    return f"{text}, on {pages_of(changes):,} of {served:,} pages"


# --- ranks, claims, pages ------------------------------------------------------------------------------


def rank_lines(ranking: RankingChange, style: NumberStyle) -> tuple[list[str], list[str]]:
    """One line for each whose own figure changed, and for each that moved because of them."""
    if not ranking.changes:
        now, before = clean(ranking.refused_now), clean(ranking.refused_was)
        by = clean(ranking.by, 200)
        return [f"nobody is ranked by {by} any more: {now}" if now else f"now ranked by {by}; before: {before}"], []
    own = [_rank_line(change, ranking, style) for change in ranking.changes if change.own]
    return own, [_rank_line(change, ranking, style) for change in ranking.changes if not change.own]


def _rank_line(change: RankChange, ranking: RankingChange, style: NumberStyle) -> str:
    name, by = clean(change.entity, 100), clean(ranking.by, 200)
    if change.was is None:
        assert change.now is not None
        return f"{name}: new, {_place(change.now, style)} of {ranking.among_now} by {by} ({change.now.figure})"
    if change.now is None:
        return f"{name}: {_place(change.was, style)} of {ranking.among_was} → no place by {by}"
    same = ranking.among_was == ranking.among_now
    before = _place(change.was, style) + ("" if same else f" of {ranking.among_was}")
    figures = f" ({change.was.figure} → {change.now.figure})" if change.own else f" ({change.now.figure})"
    return f"{name}: {before} → {_place(change.now, style)} of {ranking.among_now} by {by}{figures}"


def _place(standing: Standing, style: NumberStyle) -> str:
    return ("tied " if standing.ties else "") + ordinal_digits(standing.place, style)


def claim_line(change: ClaimChange) -> str:
    return f"{clean(change.claim, 100)}: {clean(change.was) or ABSENT} → {clean(change.now) or ABSENT}"


def page_line(change: PageChange) -> str:
    name = f" ({clean(change.entity, 100)})" if change.entity else ""
    page = f"/{clean(change.page, 300)}{name}"
    match change.fate:
        case "new":
            return f"{page} is new"
        case "gone":
            return f"{page} is gone"
        case "moved":
            return f"{page} was at /{clean(change.before, 300)}"
        case "hidden":
            return f"{page} is now left out of indexes (noindex)"
    return f"{page} is no longer left out of indexes (noindex)"


# --- words that differ ----------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s+|\w(?:[\w,.’'−-]*\w)?|[^\w\s]")


def pieces(was: str, now: str) -> list[tuple[str, str]]:
    """A sentence as stretches: equal on both sides, or what stood there and what stands there."""
    ours, theirs = _TOKEN.findall(was), _TOKEN.findall(now)
    made: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        old, new = "".join(ours[a:b]), "".join(theirs[c:d])
        if tag == "equal" and old.isspace() and made and made[-1][0] != made[-1][1]:
            made.append((old, old))  # may be taken back by what follows
        elif tag != "equal" and len(made) > 1 and made[-1][0].isspace() and made[-2][0] != made[-2][1]:
            (blank, _), (old_before, new_before) = made.pop(), made.pop()
            made.append((old_before + blank + old, new_before + blank + new))
        else:
            made.append((old, new))
    return made
