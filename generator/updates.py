"""``content/updates.yml``: what changed on the site and what was wrong, each with its day."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from msgspec import Struct

from generator.problems import Location, Problem, Problems
from generator.reading import read_spec
from generator.source import MapNode, Node, locate, parse_yaml, read_text
from generator.specs import Spec, Words, looks_at

UPDATES = "content/updates.yml"


class UpdateSpec(Spec):
    """One update or correction."""

    date: dt.date
    """The day it was published, a date."""
    title: str
    """Text: what changed, in a few words."""
    text: str = ""
    """Markdown: what stood there, what stands there now, and why."""
    pages: Words = ()
    """The addresses of the pages it concerns, below the site's root: ``towns/ashby/``."""
    id: str = ""
    """Its address on the page of updates (``#2026-05-18``) and in the feed, which must not change afterwards; the
    date when left out."""

    @staticmethod
    @looks_at("title")
    def _said(value: str) -> str:
        if not value.strip():
            raise ValueError("nothing is written; say what changed")
        return value

    @staticmethod
    @looks_at("id")
    def _address(value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", value):
            raise ValueError(f"{value!r} is not a name of letters, digits and hyphens")
        return value

    @property
    def name(self) -> str:
        return self.id or self.date.isoformat()


class UpdatesSpec(Spec):
    """updates.yml, as written."""

    updates: tuple[UpdateSpec, ...]
    """What changed, a list; shown with the newest first."""


class Updates(Struct, frozen=True):
    """The updates of a story, the newest first; ``numbers`` are their places in the file."""

    entries: tuple[UpdateSpec, ...]
    node: Node
    numbers: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()

    def place(self, index: int, *path: str | int) -> Location:
        """Where a key of an entry stands in updates.yml."""
        return locate(self.node, ("updates", self.numbers[index], *path))

    def newest(self, page: str) -> dt.date | None:
        """The day of the newest update that concerns a page."""
        return next((entry.date for entry in self.entries if page in entry.pages), None)


def as_day(text: str) -> dt.date | None:
    """A date as it is written for machines, ``2026-05-18``; None for any other words."""
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def read_updates(root: Path) -> Updates | None:
    """None when the story has none. What is wrong with the file is in its ``problems``; then it has no entries."""
    if not (root / UPDATES).is_file():
        return None
    problems = Problems()
    node: Node | None = problems.attempt(lambda: parse_yaml(read_text(root, UPDATES), UPDATES), None)
    spec = problems.attempt(lambda: read_spec(node, UpdatesSpec, "updates.yml"), None) if node is not None else None
    if node is None or spec is None:
        return Updates((), node or MapNode({}, {}, Location(UPDATES)), problems=tuple(problems))
    seen: dict[str, int] = {}
    for number, entry in enumerate(spec.updates):
        if entry.name in seen:
            first = locate(
                node, ("updates", seen[entry.name], "id" if spec.updates[seen[entry.name]].id else "date")
            )
            place = locate(node, ("updates", number, "id" if entry.id else "date"))
            message = f"the id {entry.name!r} is already taken by the update in line {first.line}"
            hint = f"Give the later one an id of its own: 'id: {entry.date}-…'."
            problems.add("duplicate-id", message, place, hint=hint)
        seen.setdefault(entry.name, number)
    order = sorted(range(len(spec.updates)), key=lambda number: spec.updates[number].date, reverse=True)
    entries = tuple(spec.updates[number] for number in order)
    return Updates(entries, node, tuple(order), tuple(problems))
