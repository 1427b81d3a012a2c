"""Claims held against a story's values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.claims.spec import CLAIMS, CheckSpec, ClaimFile, ClaimSpec
from generator.claims.verdicts import Code, Finding, verdict_of
from generator.model import Period, Rows
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean, one_of
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.source import MapNode
from generator.story import Story
from generator.values import Interval, NumberStyle, Numeric, Quantity, QuantityError, as_quantity
from generator.words import UNDERSTOOD, Group, Verdict, read, shown
from generator.words.amounts import bare, single
from generator.words.cursor import Cursor
from generator.words.lexicon import NOBODY, head, stem, stems
from generator.words.said import Number, Part, Rank
from generator.words.tokens import fold, tokens

MISSPELT = 0.75
"""How alike a kind of place must be to one of the story's to be a slip, and no other kind."""


class Held(Struct, frozen=True):
    """A claim with what was found and the verdict. ``line`` is its line in claims.yml."""

    claim: ClaimSpec
    findings: tuple[Finding, ...]
    code: Code
    line: int


class Claims:
    """The claims of a story, held against its data when somebody first asks."""

    def __init__(self, file: ClaimFile | None, language: Language, names: Mapping[str, Any], story: Story) -> None:
        self._file = file or ClaimFile((), MapNode({}, {}, Location(CLAIMS)))
        self._language = language
        self._names = names
        self._story = story
        self._style = story.config.style

    @property
    def held(self) -> Mapping[str, Held]:
        """By id, in the file's order."""
        return self._held[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Checks that cannot be worked out."""
        return self._held[1]

    @cached_property
    def _held(self) -> tuple[Mapping[str, Held], tuple[Problem, ...]]:
        problems = Problems()
        problems.extend(self._file.problems)
        held = {claim.id: self._hold(index, claim, problems) for index, claim in enumerate(self._file.claims)}
        return held, tuple(problems)

    def _hold(self, index: int, claim: ClaimSpec, problems: Problems) -> Held:
        if claim.declared:
            finding = Finding(claim.figure, claim.declared, reason=claim.reason)
            return Held(claim, (finding,), verdict_of([finding]), self._file.line(index))
        findings = tuple(self._finding(index, number, check, problems) for number, check in enumerate(claim.checks))
        return Held(claim, findings, verdict_of(findings), self._file.line(index))

    # --- one check --------------------------------------------------------------------------------------

    def _finding(self, index: int, number: int, check: CheckSpec, problems: Problems) -> Finding:
        if check.declared:
            return Finding(check.words, check.declared, reason=check.reason)
        key = "value" if check.value else "part_of"
        where = self._file.where(index, "checks", number, key)
        words = self._file.where(index, "checks", number, "words")
        problems.extend(self._unknown(check, partial(self._file.where, index, "checks", number)))
        made = problems.attempt(lambda: self._worked_out(check, where, words), None)
        return made or Finding(check.words, "unknown")

    def _worked_out(self, check: CheckSpec, where: Location, words: Location) -> Finding:
        expression = self._language.expression(check.value or check.part_of, where)
        try:
            found = self._language.evaluate(expression, self._names)
            return self._part(check, found, words) if check.part_of else self._against(check, found, words)
        except QuantityError as error:
            raise SourceError(Problem(error.code, error.message, where, error.hint)) from None

    def _against(self, check: CheckSpec, found: Any, words: Location) -> Finding:
        quantity = _quantity(found)
        make = partial(
            Finding, check.words, quantity=quantity, mismatches=self._mismatches(check, quantity),
            independent=check.independent, named_source=check.named_source, reason=check.reason,
        )  # fmt: skip
        if quantity is not None and not quantity.known:
            return make("unknown", quantity.status, quantity=None)
        verdict = self._language.assertions.hold(check.words, found)
        if verdict.outcome == "refused":
            place = replace(words, width=len(check.words))
            raise SourceError(Problem(verdict.code, verdict.says, place, _how_to_say(verdict)))
        says = verdict.says or self._says(found, quantity) or check.words
        return make(verdict.outcome, says)

    def _part(self, check: CheckSpec, found: Any, words: Location) -> Finding:
        """The figure claimed cannot be above what it is a part of; below it nothing is learned."""
        whole_quantity = as_quantity(found)
        amount = single(Cursor(tokens(check.words, self._style)))
        if amount is None:
            message = f"the words “{check.words}” are no number"
            place = replace(words, width=len(check.words))
            raise SourceError(Problem("claim-words", message, place, "Write the figure claimed."))
        says = f"the whole is {self._shown(whole_quantity)} {whole_quantity.unit}".rstrip()
        above = whole_quantity.bounds.below(Interval(amount.number, amount.number))
        return Finding(
            check.words, "fails" if above else "unsure", says, whole_quantity,
            tuple(filter(None, [self._counts(check, whole_quantity)])),
            reason=check.reason, named_source=check.named_source,
        )  # fmt: skip

    def _says(self, found: Any, quantity: Quantity | None) -> str:
        """What the data says, in full: a list with its names, a number with its unit."""
        thing = self._language.assertions.thing(found)
        if isinstance(thing, Group):
            return self._style.join([thing.names.get(key, key) for key in thing.keys])
        if quantity is None:
            return ""
        plain = quantity.kind in ("number", "count") and quantity.unit
        return f"{self._shown(quantity)} {quantity.unit}" if plain else self._shown(quantity)

    def _shown(self, quantity: Quantity) -> str:
        return shown(quantity, self._style)

    # --- names that nobody has ---------------------------------------------------------------------------

    def _unknown(self, check: CheckSpec, where: Callable[[str], Location]) -> Iterator[Problem]:
        """A place, a kind of place or a date that is misspelt would be told to readers as a difference."""
        kinds = [
            word for collection in self._story.collections.values() for word in (collection.one, collection.name)
        ]
        own_kind = stem(check.level) in map(stem, kinds)
        if check.level and not own_kind and (meant := did_you_mean(check.level, kinds, alike=MISSPELT)):
            hint = f"Kinds of place in this story: {one_of(kinds)}."
            yield self._about(
                check.level, where("level"), f"there is no kind of place {check.level!r}{meant}", hint
            )
        if check.place and (own_kind or not check.level) and not self._has_place(check.place):
            names = [entity.name for collection in self._story.collections.values() for entity in collection]
            message = f"the story has no place {check.place!r}{did_you_mean(check.place, names)}"
            hint = (
                "Write its name as the story has it; for a place of a kind that the story does not have, say the"
                " kind, such as 'level: city'."
            )
            yield self._about(check.place, where("place"), message, hint)
        if check.period and not _is_period(check.period) and re.search(r"\d", check.period):
            hint = (
                "Write a day 2026-05-18, a month 2026-05, a year 2026, a period 2025-01-01/2026-07-31, or words"
                " without a number."
            )
            yield self._about(check.period, where("period"), f"{check.period!r} is no date", hint)

    def _about(self, text: str, where: Location, message: str, hint: str) -> Problem:
        return Problem("claim-terms", message, replace(where, width=len(text)), hint)

    def _has_place(self, place: str) -> bool:
        """Whether it is the name of a place, a further name, or the beginning of one in whole words."""
        said = fold(place).casefold()
        return any(name == said or name.startswith(f"{said} ") for name in self._places)

    @cached_property
    def _places(self) -> frozenset[str]:
        return frozenset(
            fold(text).casefold()
            for collection in self._story.collections.values()
            for entity in collection
            for text in (
                entity.name,
                entity.key,
                *entity.other_names,
            )
        )

    # --- of what, whose, where, when --------------------------------------------------------------------

    def _mismatches(self, check: CheckSpec, quantity: Quantity | None) -> tuple[str, ...]:
        if quantity is None:
            return ()
        found = [
            self._counts(check, quantity), self._level(check, quantity), self._place(check, quantity),
            self._period(check, quantity),
        ]  # fmt: skip
        return tuple(filter(None, found))

    def _counts(self, check: CheckSpec, quantity: Quantity) -> str:
        unit = quantity.unit or quantity.label
        named = head(check.counts) in {head(unit), head(quantity.unit_one or unit)}
        if not check.counts or (named and stems(check.counts) <= stems(unit, quantity.label)):
            return ""
        return self._differ(check.counts, self._style.say(unit))

    def _level(self, check: CheckSpec, quantity: Quantity) -> str:
        level = self._level_of(quantity.of)
        if not check.level or not level or stem(level) == stem(check.level):
            return ""
        return self._style.say(
            "the claim is of a {claimed}, the figure of a {held}", claimed=check.level, held=level
        )

    def _level_of(self, name: str) -> str:
        for collection in self._story.collections.values():
            if any(entity.name == name for entity in collection):
                return collection.one
        return ""

    def _place(self, check: CheckSpec, quantity: Quantity) -> str:
        said, own = fold(check.place).casefold(), fold(quantity.of).casefold()
        if not said or own == said or own.startswith(f"{said} "):
            return ""
        return self._differ(check.place, quantity.of)

    def _period(self, check: CheckSpec, quantity: Quantity) -> str:
        if not check.period or quantity.period is None:
            return ""
        own = self._style.period(quantity.period)
        try:
            said = Period.parse(check.period)
        except ValueError:
            return self._differ(f"“{check.period}”", own)
        if said == quantity.period or (quantity.period.grain == "day" and said.covers(quantity.period)):
            return ""
        return self._differ(self._style.period(said), own)

    def _differ(self, claimed: str, held: str) -> str:
        return self._style.say("the claim is of {claimed}, the figure of {held}", claimed=claimed, held=held)


def _how_to_say(verdict: Verdict) -> str:
    """What to do about words of a claim that are refused; they stay the claim's, whatever the data says."""
    if verdict.code != "claim-words":
        return verdict.advice
    meant = f"Did you mean “{verdict.instead}”? " if verdict.instead else ""
    return f"{meant}Write only what is claimed of the figure. Understood: {UNDERSTOOD}."


def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True


def _quantity(found: Any) -> Quantity | None:
    if isinstance(found, Numeric):
        return found.quantity
    count = getattr(found, "count", None)
    return count if isinstance(count, Quantity) else None


# --- attributed words ----------------------------------------------------------------------------------


def attribution(file: ClaimFile | None, page: str, style: NumberStyle) -> Callable[[str, str, Location], Slot]:
    """``[words]{claim=id}`` → the words, leading to the claim on its page.

    Raises SourceError for an id that no claim has, and for a number that is not the claim's.
    """
    claims = {claim.id: (index, claim) for index, claim in enumerate(file.claims)} if file else {}

    def slot(identity: str, words: str, where: Location) -> Slot:
        if identity not in claims and file is not None and file.may_have(identity):
            return Slot("text", words)
        if identity not in claims:
            hint = (
                f"Claims are listed in {CLAIMS}."
                if file
                else f"There is no {CLAIMS}: write one, with the claim in it."
            )
            message = f"there is no claim {identity!r}{did_you_mean(identity, claims)}"
            raise SourceError(Problem("unknown-claim", message, where, hint))
        index, claim = claims[identity]
        _require_its_figure(words, claim, where, style)
        assert file is not None
        rows = (Rows(CLAIMS, (file.line(index),)),)
        return Slot("claim", words, f"/{page}#{identity}", rows=rows) if page else Slot("text", words, rows=rows)

    return slot


def _require_its_figure(words: str, claim: ClaimSpec, where: Location, style: NumberStyle) -> None:
    """Numbers in attributed words are those of the claim, and so are places, parts and multiples."""
    theirs = _numbers(f"{claim.figure} {claim.claim}", style)
    wrong = next((written for number, written in _numbers(words, style).items() if number not in theirs), "")
    said = _said(words, style)
    if not wrong and said:
        own = [_said(part, style) for part in (claim.claim, *claim.figure.split(";"))]
        wrong = (
            "" if said & frozenset().union(*own) or words.casefold() in claim.claim.casefold() else words.strip()
        )
    if wrong:
        lead = len(words) - len(words.lstrip())
        place = Location(where.path, where.line, where.column + 1 + lead, len(words.strip()))
        message = f"the words say {wrong}, the claim {claim.id} says “{claim.figure or claim.claim}”"
        hint = "Write the figure as it was claimed, or correct the claim."
        raise SourceError(Problem("claim-figure", message, place, hint))


def _said(text: str, style: NumberStyle) -> frozenset[object]:
    """What a text says of a place, a part or a multiple, hedges included; nothing when it says something else."""
    found: set[object] = set()
    for reading in read(text, style, NOBODY):
        meaning = reading.meaning
        if isinstance(meaning, Rank):
            found.add(replace(meaning, word=""))
        elif isinstance(meaning, Part) or (
            isinstance(meaning, Number) and meaning.amount.unit in ("percent", "times")
        ):
            found.add((round(meaning.amount.number, 6), meaning.amount.hedge, meaning.amount.unit == "times"))
    return frozenset(found)


def _numbers(text: str, style: NumberStyle) -> dict[float, str]:
    """Every number that a text names, in digits or words."""
    found: dict[float, str] = {}
    cursor = Cursor(tokens(text, style))
    while not cursor.done:
        start = cursor.at
        amount = bare(cursor, nothing=False)
        if amount is None or cursor.at == start:
            cursor.at = start + 1
        else:
            found[amount.number] = " ".join(token.text for token in cursor.tokens[start : cursor.at])
    return found
