"""The frozen types of a difference. Texts are as a reader sees them, without Markdown; '' is "not there"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeVar

from msgspec import Struct, field

from generator.problems import Location, Problem
from generator.values import NumberStyle

PageFate = Literal["new", "gone", "moved", "hidden", "listed"]
"""Of a page: one more, one less, at another address; indexes are told to leave it out, or no longer."""
State = Literal["changed", "new", "gone"]


class Side(Struct, frozen=True):
    """One state of the data, in words ("data as it is now") and, when it is out of git, its commit."""

    name: str
    revision: str = ""


class At(Struct, frozen=True):
    """Where something is printed: the file that says it, and the page. ``entity`` is its name, or ''."""

    where: Location
    part: str
    """Which text it is: ``lead``, ``body``, ``key number “Loans”``, ``title of the figure 'loans'``."""
    page: str
    entity: str


class NumberChange(Struct, frozen=True):
    """One computed number, name or phrase of a sentence."""

    where: Location
    was: str
    now: str


class SentenceChange(Struct, frozen=True):
    """A sentence that reads otherwise, appears (``was`` is '') or is gone (``now`` is '').

    One that only stands at another place in a list has ``was`` and ``now`` equal.
    """

    at: At
    was: str
    now: str
    numbers: tuple[NumberChange, ...] = ()


class AssertionChange(Struct, frozen=True):
    """Words that the data bears out on one side only. ``held`` is None where they did not stand there at all."""

    at: At
    words: str
    held: bool | None
    holds: bool
    says: str
    """What the data says now, or said before when the words now hold."""
    advice: str
    sentence: str


class CellChange(Struct, frozen=True):
    """One cell of a table, or of the table below a figure. ``row`` is '' for a heading."""

    row: str
    column: str
    was: str
    now: str


class RowMove(Struct, frozen=True):
    """A row at another place; places count from 1."""

    row: str
    was: int
    now: int


class SheetChange(Struct, frozen=True):
    """A figure or table of a page whose numbers differ, or that is there on one side only."""

    at: At
    what: str
    name: str
    state: State
    cells: tuple[CellChange, ...] = ()
    new_rows: tuple[str, ...] = ()
    gone_rows: tuple[str, ...] = ()
    moves: tuple[RowMove, ...] = ()


class Standing(Struct, frozen=True):
    """One entity in a ranking: its place, how many others share it, its figure as printed."""

    place: int
    ties: int
    figure: str
    number: float


class RankChange(Struct, frozen=True):
    """An entity at another place, or tied where it was not, or ranked on one side only."""

    entity: str
    page: str
    was: Standing | None
    now: Standing | None

    @property
    def own(self) -> bool:
        """Whether its own figure changed; if not, it moved because others did."""
        return self.was is None or self.now is None or self.was.number != self.now.number


class RankingChange(Struct, frozen=True):
    """One measure in one selection. ``refused`` says why nobody is ranked on that side, or is ''."""

    measure: str
    collection: str
    selection: Mapping[str, str]
    rate: str
    by: str
    """The measure in words, with what was selected."""
    among_was: int
    among_now: int
    changes: tuple[RankChange, ...]
    refused_was: str = ""
    refused_now: str = ""


class ClaimChange(Struct, frozen=True):
    """The verdict on a claim; '' where there is no such claim."""

    claim: str
    was: str
    now: str


class PageChange(Struct, frozen=True):
    """A page that appears, vanishes, moves, or is shown to indexes on one side only."""

    fate: PageFate
    page: str
    entity: str
    before: str = ""
    """Its address before, when it moved."""


class SideProblem(Struct, frozen=True):
    """What is wrong on one side, or on both."""

    side: Literal["before", "after", "both"]
    problem: Problem


class Difference(Struct, frozen=True):
    """Everything that differs. Pages with problems are not compared; ``pages`` counts those that were."""

    before: Side
    after: Side
    pages: int = 0
    assertions: tuple[AssertionChange, ...] = ()
    claims: tuple[ClaimChange, ...] = ()
    rankings: tuple[RankingChange, ...] = ()
    sentences: tuple[SentenceChange, ...] = ()
    sheets: tuple[SheetChange, ...] = ()
    page_changes: tuple[PageChange, ...] = ()
    problems: tuple[SideProblem, ...] = ()
    not_compared: tuple[str, ...] = ()
    served: Mapping[str, int] = field(default_factory=dict)
    """How many pages each document makes."""
    style: NumberStyle = field(default_factory=NumberStyle)

    def __bool__(self) -> bool:
        return bool(
            self.assertions or self.claims or self.rankings or self.sentences or self.sheets or self.page_changes
        )

    @property
    def places_changed(self) -> int:
        """How many entities have another rank, in all rankings together."""
        return sum(len(ranking.changes) for ranking in self.rankings)

    @property
    def cells_changed(self) -> int:
        """Cells that differ, on all pages together."""
        return sum(len(sheet.cells) for sheet in self.sheets)


C = TypeVar("C", bound=SentenceChange | AssertionChange | SheetChange)


def grouped(changes: Iterable[C]) -> dict[tuple[Location, str], list[C]]:
    """By their place in the documents: what one document says on many pages is one entry."""
    found: dict[tuple[Location, str], list[C]] = {}
    for change in changes:
        found.setdefault((change.at.where, change.at.part), []).append(change)
    return dict(sorted(found.items(), key=lambda item: item[0]))


def pages_of(changes: Sequence[C]) -> int:
    """On how many pages."""
    return len(Counter(change.at.page for change in changes))
