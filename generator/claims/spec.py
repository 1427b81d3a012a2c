"""``content/claims.yml``, as written: who said what, where, when, and how it is checked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from generator.problems import Location, Problem, Problems
from generator.reading import read_spec
from generator.source import MapNode, Node, locate, parse_yaml, plain, read_text
from generator.specs import FaultError, Spec, convert, looks_at

CLAIMS = "content/claims.yml"

Declared = Literal["", "not checkable", "not about data"]


class CheckSpec(Spec):
    """One thing that a claim says. ``words`` are held against ``value``, or against the whole it is part of.

    What the claim says of whose, of when and of what the figure is, is compared with whose, of when and of what
    the data's figure is.
    """

    words: str
    """What is said, in words that can be held against the data."""
    value: str = ""
    """Expression: the data's figure."""
    part_of: str = ""
    """Expression: a whole that the figure claimed is a part of, where its own figure is not known."""
    counts: str = ""
    """What is counted, according to the claim (``loans``)."""
    place: str = ""
    """Whose it is, according to the claim (``Ashby``)."""
    level: str = ""
    """Which kind of place (``town``)."""
    period: str = ""
    """Of when: a date, month, year or period, or other words (``so far``)."""
    independent: bool = True
    """False: what we hold is a reprint of the same count."""
    named_source: bool = False
    """The expression reads the source that the claim names, which need not show all there is."""
    declared: Declared = ""
    """``not checkable`` or ``not about data``: said by a person, with the reason."""
    reason: str = ""
    """Why, or how; printed with the check."""

    def __post_init__(self) -> None:
        ways = [bool(self.value), bool(self.part_of), bool(self.declared)]
        if sum(ways) != 1:
            raise ValueError("a check has either 'value', or 'part_of', or 'declared'")
        if (self.declared or not self.independent) and not self.reason:
            raise ValueError("say why: 'reason: …'")


class ClaimSpec(Spec):
    """One claim, in our words."""

    id: str
    """A short name; its address on the claims page (``#c01``)."""
    claim: str
    """The claim, in our words."""
    who: str = ""
    """Who said it, if not who is named above all claims."""
    where: str = ""
    """In what it was said."""
    url: str = ""
    """The address of where it was said."""
    published: dt.date | None = None
    """When it was said, a date."""
    figure: str = ""
    """The figure claimed, as it was written."""
    source: str = ""
    """The source that the claim names."""
    checks: tuple[CheckSpec, ...] = ()
    """Each thing that it says, a list."""
    declared: Declared = ""
    """The same as in a check, for the whole claim, in place of ``checks``."""
    reason: str = ""
    """Why it is declared so."""
    note: str = ""
    """What else there is to say."""

    @staticmethod
    @looks_at("id")
    def _identifier(value: str) -> str:
        if not value.replace("-", "").replace("_", "").isalnum() or not value[:1].isalpha():
            raise ValueError(f"{value!r} is not an id: a letter, then letters, digits, '-' or '_'")
        return value

    @staticmethod
    @looks_at("url")
    def _address(value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError(f"{value!r} is not an address that begins with https://")
        return value

    def __post_init__(self) -> None:
        if bool(self.checks) == bool(self.declared):
            raise ValueError("a claim has either 'checks' or 'declared' (not checkable, not about data)")
        if self.declared and not self.reason:
            raise ValueError("say why it is declared so: 'reason: …'")


class FileSpec(Spec):
    """The file. What stands above the claims holds for each that does not say otherwise."""

    who: str = ""
    """Who said it."""
    where: str = ""
    """In what it was said."""
    url: str = ""
    """The address of where it was said."""
    published: dt.date | None = None
    """When it was said, a date."""
    claims: tuple[ClaimSpec, ...] = ()
    """The claims, a list."""


class ClaimFile(Struct, frozen=True):
    """The claims with their places: ``where(index, key…)`` is the location of a claim or of one of its keys.

    ``problems`` are what is wrong with the file. Claims that can be read although something is wrong with them are
    among ``claims``, so that their checks are looked at in the same run; ``unread`` are the ids of the others.
    """

    claims: tuple[ClaimSpec, ...]
    node: Node
    numbers: tuple[int, ...] = ()
    """Of each claim, which of the file's it is, from 0."""
    problems: tuple[Problem, ...] = ()
    unread: frozenset[str] = frozenset()
    broken: bool = False
    """It could not be read at all."""

    def where(self, index: int, *path: str | int) -> Location:
        return locate(self.node, ("claims", self.numbers[index], *path))

    def line(self, index: int) -> int:
        return self.where(index).line

    def may_have(self, identity: str) -> bool:
        """Whether a claim of this id may be among what could not be read."""
        return self.broken or identity in self.unread


def read_claims(root: Path) -> ClaimFile | None:
    """None when the story has none. What is wrong with it is in the file's ``problems``."""
    if not (root / CLAIMS).is_file():
        return None
    problems = Problems()
    node: Node | None = problems.attempt(lambda: parse_yaml(read_text(root, CLAIMS), CLAIMS), None)
    if node is None or not isinstance(node, MapNode):
        if node is not None:
            problems.attempt(lambda: read_spec(node, FileSpec, "claims.yml"), None)
        empty = MapNode({}, {}, Location(CLAIMS))
        return ClaimFile((), empty, problems=tuple(problems), broken=True)
    spec = problems.attempt(lambda: read_spec(node, FileSpec, "claims.yml"), None)
    claims, unread = (dict(enumerate(spec.claims)), frozenset()) if spec else _what_can_be_read(plain(node))
    seen: dict[str, int] = {}
    for number, claim in claims.items():
        if claim.id in seen:
            first = locate(node, ("claims", seen[claim.id], "id"))
            message = f"the id {claim.id!r} is already taken by the claim in line {first.line}"
            problems.add("duplicate-id", message, locate(node, ("claims", number, "id")))
        seen.setdefault(claim.id, number)
    claims = {number: claim for number, claim in claims.items() if seen[claim.id] == number}
    shared = {key: getattr(spec, key) for key in _SHARED} if spec else {}
    made = [
        replace(claim, **{key: value for key, value in shared.items() if not getattr(claim, key)})
        for claim in claims.values()
    ]
    return ClaimFile(tuple(made), node, tuple(claims), tuple(problems), unread)


_SHARED = ("who", "where", "url", "published")
_SOME_DAY = dt.date(2000, 1, 1)
"""In the place of a date that may be what is wrong, so that the pages which print it are not told about as well."""
_UNREAD_CHECK = {"declared": "not checkable", "reason": "It could not be read."}


def _what_can_be_read(file: Any) -> tuple[dict[int, ClaimSpec], frozenset[str]]:
    """Of a file with mistakes: the claims that remain when what is wrong is left out, and the ids of the others."""
    given = file.get("claims") if isinstance(file, dict) else None
    read: dict[int, ClaimSpec] = {}
    unread: set[str] = set()
    for number, claim in enumerate(given if isinstance(given, list) else ()):
        made = _without_mistakes(claim)
        if made is not None:
            read[number] = made if made.published else replace(made, published=_SOME_DAY)
        elif isinstance(claim, dict):
            unread.add(str(claim.get("id")))
    return read, frozenset(unread)


def _without_mistakes(claim: Any) -> ClaimSpec | None:
    """A claim without the keys that are wrong, its checks in their places; None when it is none without them."""
    for _ in range(_ROUNDS):
        try:
            return convert(claim, ClaimSpec)
        except FaultError as error:
            places = [fault.path for fault in error.faults]
            if not all(places):
                return None
            for place in places:
                _leave_out(claim, place)
    return None


_ROUNDS = 3
"""Mistakes come in layers: only when keys are right does it show whether they go together."""


def _leave_out(claim: Any, place: tuple[int | str, ...]) -> None:
    """Takes a key out of a claim or of one of its checks; a check that is wrong as a whole is put by."""
    match place:
        case ("checks", int(number)) if isinstance(claim["checks"], list):
            claim["checks"][number] = {"words": "?", **_UNREAD_CHECK}
        case ("checks", int(number), str(key)):
            check = claim["checks"][number]
            if key in check:
                del check[key]
            else:
                claim["checks"][number] = {"words": "?", **_UNREAD_CHECK}
        case (str(key), *_):
            claim.pop(key, None)
