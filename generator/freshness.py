"""Tables that are to be renewed in a rhythm, held against the day: which of them have gone stale.

The day is handed in. Nothing here, and no page, asks the clock.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

from generator.datasets.descriptor import DESCRIPTOR, Resource, read_descriptor
from generator.datasets.publications import as_day
from generator.datasets.read import Table
from generator.datasets.rhythm import Rhythm, rhythm
from generator.problems import Location, Problem
from generator.source import locate, read_text
from generator.story import Story

STALE = "stale-data"


def stale(story: Story, today: dt.date) -> Iterator[Problem]:
    """A warning for each table whose newest date is further back than its rhythm allows."""
    declared = _declared(story)
    if not any(declared.values()):
        return
    package, node = read_descriptor(read_text(story.root, DESCRIPTOR))
    for index, resource in enumerate(package.resources):
        expected = declared.get(resource.name)
        if expected is None:
            continue
        place = locate(node, ("resources", index, "accrualPeriodicity"))
        newest = _newest(story, resource, today)
        if newest is None:
            yield _undated(resource, place)
        elif (problem := _stale(resource, expected, newest, today, place)) is not None:
            yield problem


def has_rhythm(story: Story) -> bool:
    """Whether the day makes a difference to what is told."""
    return any(_declared(story).values())


def _declared(story: Story) -> dict[str, Rhythm | None]:
    resources = (*story.package.resources, *story.parquet.values())
    return {resource.name: rhythm(resource.periodicity) for resource in resources}


def _newest(story: Story, resource: Resource, today: dt.date) -> dt.date | None:
    """Of a Parquet file, the newest day of what it says itself and of the tables that are made of it."""
    if resource.is_table:
        return newest_day(story.tables[resource.name], _columns_of_time(story, resource.name), today)
    days = _days_said(resource, today)
    for table in story.tables.values():
        if table.origin is not None and any(one.name == resource.name for one in table.origin.over):
            days.append(newest_day(table, _columns_of_time(story, table.name), today))
    return max((day for day in days if day is not None and day <= today), default=None)


def _days_said(resource: Resource, today: dt.date) -> list[dt.date | None]:
    """The days on which it was published, and the end of its coverage."""
    days: list[dt.date | None] = [as_day(source.published) for source in resource.sources]
    return [*days, min(resource.coverage.end, today)] if resource.coverage.end is not None else days


def _stale(
    resource: Resource, expected: Rhythm, newest: dt.date, today: dt.date, place: Location
) -> Problem | None:
    grace = rhythm(resource.grace) or expected.half(newest)
    if today <= grace.after(expected.after(newest)):
        return None
    return Problem(
        STALE,
        f"{resource.name} is stale: its newest date is {newest}, {(today - newest).days} days before {today}; "
        f"a new one was to come {expected}, and {grace.days_from(newest)} days of grace have passed",
        place,
        "Bring the table up to date; or, if nothing more is to come, write 'irregular' here.",
        severity="warning",
    )


def _undated(resource: Resource, place: Location) -> Problem:
    return Problem(
        "no-date",
        f"{resource.name} is to be renewed in a rhythm, but nothing says how new it is",
        place,
        "Give it a 'coverage' with an 'end', or a source of it a 'published' day.",
        severity="warning",
    )


def newest_day(table: Table, columns: tuple[str, ...], today: dt.date) -> dt.date | None:
    """The newest day that a table speaks of or was published on, none after ``today``.

    Its ``coverage`` says what it speaks of; without one, the columns that measures read as time do.
    """
    resource = table.resource
    days = [day for day in _days_said(resource, today) if day is not None]
    if resource.coverage.end is None:
        kinds = {field.name: field.type for field in resource.schema_.fields}
        for name in columns:
            days += [min(last, today) for first, last in _spans(table, name, kinds.get(name, "")) if first <= today]
    return max((day for day in days if day <= today), default=None)


def _spans(table: Table, name: str, kind: str) -> Iterator[tuple[dt.date, dt.date]]:
    """The first and last day of what each cell of a column names."""
    for cell in table.columns.get(name, ()):
        if isinstance(cell, dt.date):
            last = calendar.monthrange(cell.year, cell.month)[1] if kind == "yearmonth" else cell.day
            yield cell, cell.replace(day=last)
        elif kind == "year" and isinstance(cell, int) and 1 <= cell <= 9999:
            yield dt.date(cell, 1, 1), dt.date(cell, 12, 31)


def _columns_of_time(story: Story, dataset: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for cube in story.cubes.values():
        read = [(cube.spec.from_, cube.spec.time), *((part.from_, part.time) for part in cube.spec.parts)]
        for name, time in read:
            if name == dataset and time is not None:
                found |= dict.fromkeys(time.columns)
    return tuple(found)
