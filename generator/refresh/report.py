"""What a loader says besides its rows: what is wrong with what it received, and how far its tables reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from generator.problems import Location, Problem, Problems, Severity
from generator.refresh.received import Place, Received


class Published(Struct, frozen=True):
    """The day on which, or as of which, a source of a dataset put out what a loader has read."""

    dataset: str
    title: str
    day: dt.date | None
    where: Mapping[str, str]


class Report(Struct):
    """Handed to a loader. An error keeps every table as it is; a warning is told, and nothing more."""

    problems: Problems = field(default_factory=Problems)
    coverage: dict[str, tuple[dt.date | None, dt.date | None]] = field(default_factory=dict)
    dated: list[Published] = field(default_factory=list)
    taken: dict[str, dict[str, Received]] = field(default_factory=dict)
    """Dataset → checksum → file."""

    def error(self, place: Received | Place | Location, message: str, hint: str = "") -> None:
        """What cannot be read: at a file (``file.at(sheet, row, column)``), or at a row of a table of the story."""
        self._tell(place, message, hint, "error")

    def warning(self, place: Received | Place | Location, message: str, hint: str = "") -> None:
        """What was read, and may not be what it seems."""
        self._tell(place, message, hint, "warning")

    def attempt(self, step: Callable[[], Any], otherwise: Any = None) -> Any:
        """What ``step`` gives; ``otherwise`` when a file of it cannot be read, which is told."""
        return self.problems.attempt(step, otherwise)

    def covers(self, dataset: str, start: dt.date | None = None, end: dt.date | None = None) -> None:
        """The first and the last day that a table now speaks of; None leaves what its description says."""
        self.coverage[dataset] = (start, end)

    def published(
        self, dataset: str, title: str, day: dt.date | None, where: Mapping[str, str] | None = None
    ) -> None:
        """The day of the source of that title, in the description of a dataset; None leaves what is there.

        ``where``: of a source that names the one value of a field by which its rows are known, that value.
        """
        self.dated.append(Published(dataset, title, day, where or {}))

    def took(self, dataset: str, *files: Received) -> None:
        """Rows of a table came from these files. Of a table of which this is never said, they came from all."""
        self.taken.setdefault(dataset, {}).update({file.sha256: file for file in files})

    def _tell(self, place: Received | Place | Location, message: str, hint: str, severity: Severity) -> None:
        if isinstance(place, Received):
            place = place.at()
        where = place.location if isinstance(place, Place) else place
        named = place.named if isinstance(place, Place) else ""
        text = f"{named}: {message}" if named else message
        self.problems.extend([Problem("received-data", text, where, hint, severity)])
