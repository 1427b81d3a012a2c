"""What is wrong, where, and what to write instead.

Everything that can be wrong with a story is a :class:`Problem`. Problems are collected, so that one run
shows all of them; :class:`SourceError` carries them across a function boundary (and a process boundary).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import total_ordering
from typing import Any, Literal, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

T = TypeVar("T")

Severity = Literal["error", "warning", "note"]
"""Errors keep a site from being built; warnings keep it from being published (``--strict``); notes nothing."""


@total_ordering
class Location(Struct, frozen=True, eq=False):
    """A place in a file of the story.

    ``path`` is relative to the story's folder, with forward slashes. ``line`` and ``column`` count from 1;
    0 means that the problem concerns the whole file (or the whole line).
    """

    path: str
    line: int = 0
    column: int = 0
    width: int = 0
    """How many characters it is about, from ``column`` on; 0 when that is not known. It makes no other place."""
    inside: str = ""
    """Which part of what is made there: a line of a query's result. It ends a problem's message."""

    @property
    def _place(self) -> tuple[str, int, int, str]:
        return self.path, self.line, self.column, self.inside

    def __eq__(self, other: object) -> bool:
        return self._place == other._place if isinstance(other, Location) else NotImplemented

    def __lt__(self, other: Location) -> bool:
        return self._place < other._place

    def __hash__(self) -> int:
        return hash(self._place)

    def __str__(self) -> str:
        text = self.path
        if self.line:
            text += f":{self.line}"
            if self.column:
                text += f":{self.column}"
        return text


class Problem(Struct, frozen=True):
    """One cause, told once.

    ``message`` says what is wrong in plain words, ``hint`` what to write instead. ``entities`` names the
    entities it was seen with, when one document serves many, ``detail`` what was found with the first of them and
    ``details`` with each. ``varying`` takes the place of a hint that is not the same for all, or not right where
    the problem was not seen. ``notes`` are further lines, each with a label.
    """

    code: str
    message: str
    location: Location
    hint: str = ""
    severity: Severity = "error"
    entities: tuple[str, ...] = ()
    detail: str = ""
    details: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    varying: str = ""
    among: int = 0
    """How many entities the document serves, when that is known."""

    def with_entities(self, entities: Iterable[str]) -> Problem:
        named = tuple(entities)
        return replace(self, entities=named, details=(self.detail,) * len(named) if self.detail else ())

    def joined(self, other: Problem) -> Problem:
        """This, seen with the entities of the other as well."""
        seen = dict(zip(self.entities, self.details or ("",) * len(self.entities), strict=True))
        for name, detail in zip(other.entities, other.details or ("",) * len(other.entities), strict=True):
            seen.setdefault(name, detail)
        alike = self.hint == other.hint or not self.varying
        return replace(
            self,
            entities=tuple(seen),
            details=tuple(seen.values()) if any(seen.values()) else (),
            hint=self.hint if alike else self.varying,
            notes=self.notes if len(seen) < 2 else (),
        )

    @property
    def sentence(self) -> str:
        """The message with what was found, in how many of the entities, and in which part of what is made there."""
        return f"{self._sentence} ({self.location.inside})" if self.location.inside else self._sentence

    @property
    def _sentence(self) -> str:
        many = len(self.entities)
        if not self.detail:
            shown = ", ".join(self.entities[:3])
            where = f" (in {shown})" if 0 < many <= 3 else f" (in {many} of them: {shown}, …)" if many else ""
            return self.message + where
        if many < 2 and self.among < 2:
            return f"{self.message}, {self.detail}" + (f" ({self.entities[0]})" if many else "")
        seen = [f"{name} ({detail})" for name, detail in zip(self.entities, self.details, strict=True)]
        rest = ", …" if many > 3 else ""
        return f"{self.message}; not so in {self._count}: {', '.join(seen[:3])}{rest}"

    @property
    def _count(self) -> str:
        return f"{len(self.entities)} of {self.among}" if self.among else str(len(self.entities))

    def __str__(self) -> str:
        text = f"{self.location}: {self.severity}[{self.code}]: {self.sentence}"
        width = max((len(label) for label, _ in self.notes), default=0)
        for label, note in self.notes:
            text += f"\n    {label.ljust(width)}  {note}"
        if self.hint:
            text += f"\n    {self.hint}"
        return text


def as_plain(problems: Iterable[Problem]) -> list[Any]:
    """Problems as lists, texts and numbers, to be kept as JSON."""
    made = []
    for problem in problems:
        fields = [getattr(problem, name) for name in Problem.__struct_fields__]
        where = problem.location
        fields[Problem.__struct_fields__.index("location")] = [
            where.path, where.line, where.column, where.width, where.inside
        ]  # fmt: skip
        made.append(fields)
    return made


def from_plain(given: Iterable[Any]) -> tuple[Problem, ...]:
    """The reverse of :func:`as_plain`. Raises TypeError or ValueError for anything else."""
    made = []
    for fields in given:
        code, message, where, hint, severity, entities, detail, details, notes, varying, among = fields
        named = tuple((label, text) for label, text in notes)
        made.append(
            Problem(
                code, message, Location(*where), hint, severity, tuple(entities), detail, tuple(details), named,
                varying, among,
            )
        )  # fmt: skip
    return tuple(made)


def packed_problems(problems: Iterable[Problem]) -> bytes:
    return json.dumps(as_plain(problems), ensure_ascii=False).encode()


def unpacked_problems(data: bytes) -> tuple[Problem, ...]:
    """Raises TypeError or ValueError for anything but packed problems."""
    return from_plain(json.loads(data))


class SourceError(Exception):
    """One or more problems in what the author wrote.

    Survives pickling, so that a worker process can report it.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), self.problems)


class Problems(Struct):
    """A collector: the same problem in many entities is one problem."""

    _found: dict[tuple[str, str, Location], Problem] = field(default_factory=dict)

    def add(
        self,
        code: str,
        message: str,
        location: Location,
        *,
        hint: str = "",
        severity: Severity = "error",
        entity: str | None = None,
    ) -> None:
        entities = (entity,) if entity else ()
        self.extend([Problem(code, message, location, hint, severity, entities)])

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            key = (problem.code, _unnamed(problem), problem.location)
            known = self._found.get(key)
            if known is None:
                self._found[key] = problem
            else:
                self._found[key] = known.joined(problem)

    def attempt(self, step: Callable[[], T], otherwise: Any = None) -> T | Any:
        """What ``step`` gives; ``otherwise`` when it raises SourceError, whose problems are kept."""
        try:
            return step()
        except SourceError as error:
            self.absorb(error)
            return otherwise

    def drop(self, code: str) -> None:
        """Forget problems that only follow from another one."""
        self._found = {key: problem for key, problem in self._found.items() if problem.code != code}

    def count(self, among: Mapping[str, int]) -> None:
        """Says of each problem how many entities its document serves; ``among`` by the document's path."""
        for key, problem in self._found.items():
            served = among.get(problem.location.path, 0)
            if problem.entities and served > 1:
                everywhere = len(problem.entities) == served or not problem.varying
                hint = problem.hint if everywhere else problem.varying
                self._found[key] = replace(problem, among=served, hint=hint)

    def absorb(self, error: SourceError) -> None:
        self.extend(error.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._found.values(), key=lambda p: (p.location, p.code, p.message)))

    def __len__(self) -> int:
        return len(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self if p.severity == "error")

    def raise_if_any(self) -> None:
        if self.errors:
            raise SourceError(*self)


def _unnamed(problem: Problem) -> str:
    """The message without the names of the entities it was seen with: one cause is one problem."""
    message = problem.message
    for name in problem.entities:
        message = message.replace(name, "…")
    return message


def did_you_mean(wrong: str, known: Iterable[str], *, alike: float = 0.6) -> str:
    """A suggestion that ends a message: ``; did you mean 'title'?``, or nothing.

    ``alike`` is how alike the two must be, from 0 to 1.
    """
    names = list(known)
    folded = {name.casefold(): name for name in reversed(names)}
    match = folded.get(wrong.casefold())
    if match is None:
        close = difflib.get_close_matches(wrong.casefold(), folded, n=1, cutoff=alike)
        match = folded[close[0]] if close else None
    return f"; did you mean {match!r}?" if match else ""


def one_of(names: Iterable[str], *, most: int = 12) -> str:
    """The choices, in the order given, shortened when there are many."""
    listed = list(dict.fromkeys(names))
    text = ", ".join(listed[:most])
    return text if len(listed) <= most else f"{text}, … ({len(listed)} in all)"
