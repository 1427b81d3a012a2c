"""Which Python the generator is for."""

from __future__ import annotations

from collections.abc import Iterator

from generator.problems import Location, Problem

OLDEST = (3, 11)


def old_python(version: tuple[int, ...], place: Location) -> Iterator[Problem]:
    """A Python that the generator is not for."""
    if version < OLDEST:
        this, oldest = (".".join(map(str, each)) for each in (version, OLDEST))
        message = f"this is Python {this}, and Broadsheet is for {oldest} or newer"
        yield Problem("old-python", message, place, f"Use Python {oldest} or newer.")
