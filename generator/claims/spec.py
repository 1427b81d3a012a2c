"""``content/claims.yml``, as written: who said what, where, when, and how it is checked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field as Key
from pydantic import field_validator, model_validator

from generator.problems import Location, Problems, SourceError
from generator.source import MapNode, Node, Sequence, locate, parse_yaml, read_text
from generator.specs import Spec, read_spec

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

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [bool(self.value), bool(self.part_of), bool(self.declared)]
        if sum(ways) != 1:
            raise ValueError("a check has either 'value', or 'part_of', or 'declared'")
        if (self.declared or not self.independent) and not self.reason:
            raise ValueError("say why: 'reason: …'")
        return self


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

    @field_validator("id")
    @classmethod
    def _identifier(cls, value: str) -> str:
        if not value.replace("-", "").replace("_", "").isalnum() or not value[:1].isalpha():
            raise ValueError(f"{value!r} is not an id: a letter, then letters, digits, '-' or '_'")
        return value

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError(f"{value!r} is not an address that begins with https://")
        return value

    @model_validator(mode="after")
    def _judged(self) -> Self:
        if bool(self.checks) == bool(self.declared):
            raise ValueError("a claim has either 'checks' or 'declared' (not checkable, not about data)")
        if self.declared and not self.reason:
            raise ValueError("say why it is declared so: 'reason: …'")
        return self


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
    claims: tuple[ClaimSpec, ...] = Key(default=())
    """The claims, a list."""


@dataclass(frozen=True)
class ClaimFile:
    """The claims with their places: ``where(index, key…)`` is the location of a claim or of one of its keys."""

    claims: tuple[ClaimSpec, ...]
    node: Node

    def where(self, index: int, *path: str | int) -> Location:
        return locate(self.node, ("claims", index, *path))

    def line(self, index: int) -> int:
        return self.where(index).line


def read_claims(root: Path) -> ClaimFile | None:
    """None when the story has none. Raises SourceError with every problem found."""
    if not (root / CLAIMS).is_file():
        return None
    node = parse_yaml(read_text(root, CLAIMS), CLAIMS)
    spec = read_spec(node, FileSpec, "claims.yml")
    problems = Problems()
    seen: dict[str, int] = {}
    made = []
    for index, claim in enumerate(spec.claims):
        if claim.id in seen:
            first = locate(node, ("claims", seen[claim.id], "id"))
            message = f"the id {claim.id!r} is already taken by the claim in line {first.line}"
            problems.add("duplicate-id", message, locate(node, ("claims", index, "id")))
        seen.setdefault(claim.id, index)
        shared = {
            key: getattr(spec, key) for key in ("who", "where", "url", "published") if not getattr(claim, key)
        }
        made.append(claim.model_copy(update=shared))
    if problems.errors:
        raise SourceError(*problems)
    assert isinstance(node, MapNode | Sequence)
    return ClaimFile(tuple(made), node)
