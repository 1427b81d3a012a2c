"""Which publications the rows of a table came from, and when they were published or collected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import compress

from generator.datasets.descriptor import Source, Via
from generator.datasets.read import Table
from generator.values import NumberStyle


def publications(
    table: Table, lines: Iterable[int], first_day: dt.date | None = None
) -> list[tuple[Source, frozenset[int]]]:
    """The sources that can have given these rows, with the lines each gave.

    One published before the first day that the rows speak of cannot have given them.
    """
    wanted = tuple(lines)
    numbers = table.numbers(wanted)
    return [
        (source, frozenset(compress(wanted, _gave(table, source, numbers))))
        for source in publishers(table, wanted, first_day)
    ]


def publishers(table: Table, lines: Iterable[int], first_day: dt.date | None = None) -> list[Source]:
    """The sources alone."""
    numbers = table.numbers(lines)
    given = [source for source in table.resource.sources if any(_gave(table, source, numbers))]
    early = {
        source.title
        for source in given
        if first_day is not None and (day := as_day(source.published)) is not None and day < first_day
    }
    return [source for source in given if source.title not in early] or given


def _gave(table: Table, source: Source, numbers: Iterable[int]) -> Iterator[bool]:
    """Of each of these rows, whether a source gave it."""
    where = [(table.columns[field], values) for field, values in source.where.items()]
    return (all(str(cells[number]) in values for cells, values in where) for number in numbers)


def as_day(text: str) -> dt.date | None:
    """A date as the descriptor writes it; None for words or nothing."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def dates_of(source: Source, style: NumberStyle) -> str:
    """In words: when it was published and retrieved, and the mirror it came through."""
    published = as_day(source.published)
    found = [
        style.say("published {date}", date=published or source.published) if source.published else "",
        style.say("retrieved {date}", date=source.retrieved) if source.retrieved else "",
        mirror(source.via, style) if source.via else "",
    ]
    return ", ".join(filter(None, found))


def mirror(via: Via, style: NumberStyle) -> str:
    """In words: which mirror, in which version, collected when."""
    version = style.say(", version {version}", version=via.version[:10]) if via.version else ""
    when = style.say(" on {date}", date=via.collected) if via.collected else ""
    return style.say("collected from a mirror, {title}", title=via.title) + version + when
