"""A text as it came out → its sentences, and what differs between those of two sides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.comparing.align import aligned
from generator.comparing.changes import AssertionChange, At, NumberChange, SentenceChange
from generator.pages.survey import Passage
from generator.problems import Location
from generator.prose.assertions import Assertions
from generator.prose.scanner import Segment
from generator.prose.slots import MARK, Slot
from generator.words import Verdict

# --- what the words were held against ------------------------------------------------------------------


class HeldSlot(Slot, frozen=True):
    """Asserted words that know whether the data bears them out."""

    verdict: Verdict | None = None


class Witness(Assertions):
    """Holds words as ever, and leaves the verdict with the words: in a loop it may differ from turn to turn."""

    _last: Verdict | None = None

    def hold(self, words: str, found: Any, after: str = "") -> Verdict:
        self._last = super().hold(words, found, after)
        return self._last

    def slot(self, words: str, found: Any) -> Slot:
        made = super().slot(words, found)
        return HeldSlot(made.kind, made.text, made.value, made.rows, made.quantity, verdict=self._last)


# --- sentences -----------------------------------------------------------------------------------------


class Bit(Struct, frozen=True):
    """A mark of a sentence: what an expression printed, and where the expression stands."""

    slot: Slot
    place: tuple[str, int, int]

    @property
    def text(self) -> str:
        return _shown(self.slot)

    @property
    def where(self) -> Location:
        return Location(*self.place)


class Sentence(Struct, frozen=True, dict=True):
    """``marked`` is its text without Markdown, with marks for ``bits`` in order."""

    passage: Passage
    marked: str
    bits: tuple[Bit, ...]

    @cached_property
    def text(self) -> str:
        bits = iter(self.bits)
        return " ".join(MARK.sub(lambda _: next(bits).text, self.marked).split())

    @cached_property
    def skeleton(self) -> str:
        """Its own words, and where the rest comes from."""
        bits = iter(self.bits)
        return MARK.sub(lambda _: f"\0{next(bits).place}\0", self.marked)

    @cached_property
    def names(self) -> str:
        """The skeleton with its names: what tells two turns of a loop apart."""
        named = [bit.text if bit.slot.kind in ("text", "link") else "" for bit in self.bits]
        return "\0".join((self.skeleton, *named))

    @property
    def where(self) -> Location:
        """Where it begins in the file, as well as that can be told."""
        own = MARK.split(self.marked)[0].strip()
        if not own and self.bits:
            return self.bits[0].where
        return _find(self.passage, own) or (self.bits[0].where if self.bits else begins(self.passage))


def sentences(passage: Passage) -> list[Sentence]:
    """Those that print something, in order."""
    found = []
    made = passage.made
    nowhere = (passage.compiled.path, 0, 0)
    for marked in _split(made.text):
        numbers = [int(number) for number in MARK.findall(marked)]
        bits = tuple(Bit(made.slots[number], made.places.get(number, nowhere)) for number in numbers)
        sentence = Sentence(passage, marked, bits)
        if sentence.text:
            found.append(sentence)
    return found


def begins(passage: Passage) -> Location:
    segments = passage.compiled.segments
    return Location(passage.compiled.path, *((segments[0].line, segments[0].column) if segments else (0, 0)))


_BEGINS_UNIT = re.compile(r"\s*(?:#{1,6}\s|>|[-*+]\s|\d+[.)]\s|\||\[\^?[^\]]+\]:|:\s)")
_HEADING = re.compile(r"\s*#{1,6}\s")


def _units(text: str) -> Iterator[str]:
    """Paragraphs, headings, list items, table rows."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and (not line.strip() or _BEGINS_UNIT.match(line) or _HEADING.match(lines[0])):
            yield "\n".join(lines)
            lines = []
        if line.strip():
            lines.append(line)
    if lines:
        yield "\n".join(lines)


_SENTENCE_END = re.compile(r"(?<!\b[A-Z])[.!?…][\"”’»)\]]*\s+")


def _split(text: str) -> Iterator[str]:
    for unit in _units(text):
        plain = _legible(unit)
        start = 0
        for match in _SENTENCE_END.finditer(plain):
            yield plain[start : match.end()]
            start = match.end()
        yield plain[start:]


_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_MARKUP = (
    (re.compile(r"^(?:\s*(?:#{1,6}\s+|>\s?|[-*+]\s+|\d+[.)]\s+|\[\^[^\]]+\]:\s*|:\s+))+"), ""),
    (re.compile(r"^\[[^\]]+\]:\s.*", re.DOTALL), ""),  # where a link leads
    (re.compile(r"^\s*\|?[\s|:-]+\|[\s|:-]*$"), ""),  # the line below a table's headings
    (re.compile(r"^\s*\|\s*|\s*\|\s*$"), ""),
    (re.compile(r"\s+\|\s+"), " · "),
    (re.compile(r"\[\^[^\]]+\]"), ""),
    (re.compile(r"\{:?\s*[#.][^{}]*\}"), ""),
    (re.compile(r"(?<!\\)(\*{1,3})(?=\S)(.+?)(?<=[^\s\\])\1", re.DOTALL), r"\2"),
    (re.compile(r"(?<![\w\\])(_{1,3})(?=\S)(.+?)(?<=[^\s\\])\1(?!\w)", re.DOTALL), r"\2"),
    (re.compile(r"`+"), ""),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])"), r"\1"),
)


def _legible(unit: str) -> str:
    """Without what Markdown would make of it; marks in a link's address go with the address."""
    while (shorter := _LINK.sub(r"\1", unit)) != unit:
        unit = shorter
    for pattern, kept in _MARKUP:
        unit = pattern.sub(kept, unit)
    return unit


_TAG = re.compile(r"<[^<>]*>")


def _shown(slot: Slot) -> str:
    if slot.kind == "block":
        return ""
    return _TAG.sub("", slot.text) if slot.kind == "inline" else slot.text


def _find(passage: Passage, words: str) -> Location | None:
    """The first place in the file where a text of the passage has these words, or their beginning."""
    listed = words.split()
    for count in sorted({len(listed), 8, 4, 2, 1} & set(range(1, len(listed) + 1)), reverse=True):
        pattern = re.compile(r"[\s*_`]+".join(map(re.escape, listed[:count])))
        for segment in passage.compiled.segments:
            match = pattern.search(segment.text) if segment.kind == "text" else None
            if match:
                return _place(passage, segment, match.start())
    return None


def _place(passage: Passage, segment: Segment, offset: int) -> Location:
    before = segment.text[:offset]
    down = before.count("\n")
    column = len(before) - before.rfind("\n") if down else segment.column + offset
    return Location(passage.compiled.path, segment.line + down, column)


# --- two sides -----------------------------------------------------------------------------------------


def same(before: Passage, after: Passage) -> bool:
    """Whether a passage prints the same on both sides, and its words are as true."""
    ours, theirs = before.made, after.made
    return ours.text == theirs.text and [_seen(s) for s in ours.slots] == [_seen(s) for s in theirs.slots]


def _seen(slot: Slot) -> tuple[str, bool]:
    return _shown(slot), _holds(slot)


def _holds(slot: Slot) -> bool:
    verdict = slot.verdict if isinstance(slot, HeldSlot) else None
    return verdict is None or verdict.outcome == "holds"


def pairs(before: Sequence[Sentence], after: Sequence[Sentence]) -> list[tuple[Sentence | None, Sentence | None]]:
    """Which sentence is which. In the same sentences of the same names each is its counterpart."""
    if [s.names for s in before] == [s.names for s in after]:
        return list(zip(before, after, strict=True))
    return aligned(before, after, (lambda s: s.text, lambda s: s.names, lambda s: s.skeleton), _alike)


def _alike(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences of different words are one, in which a condition chose other words."""
    if {bit.place for bit in one.bits} & {bit.place for bit in other.bits}:
        return True
    return SequenceMatcher(None, one.text.split(), other.text.split(), autojunk=False).ratio() > 0.5


def compare_passages(
    before: Passage | None, after: Passage | None, at: At
) -> tuple[list[SentenceChange], list[AssertionChange]]:
    """What differs between two sides of one text; ``at`` says which text of which page."""
    if before and after and same(before, after):
        return [], []
    ours, theirs = (sentences(side) if side else [] for side in (before, after))
    changed: list[SentenceChange] = []
    asserted: list[AssertionChange] = []
    for was, now in pairs(ours, theirs):
        one = now or was
        assert one is not None
        asserted += _verdicts(was, now, at)
        if was is None or now is None or was.text != now.text:
            numbers = _numbers(was, now) if was and now else ()
            where = numbers[0].where if numbers else one.where
            texts = (was.text if was else "", now.text if now else "")
            changed.append(SentenceChange(replace(at, where=where), *texts, numbers))
    return _moves(changed), asserted


def _moves(changed: list[SentenceChange]) -> list[SentenceChange]:
    """One that is gone here and appears there has only moved."""
    twins = Counter(c.was for c in changed if not c.now) & Counter(c.now for c in changed if not c.was)
    gone, new = twins.copy(), twins.copy()
    made = []
    for change in changed:
        if not change.now and gone[change.was]:
            gone[change.was] -= 1
            continue
        if not change.was and new[change.now]:
            new[change.now] -= 1
            change = replace(change, was=change.now)
        made.append(change)
    return made


def _bit_pairs(was: Sentence, now: Sentence) -> list[tuple[Bit | None, Bit | None]]:
    if [bit.place for bit in was.bits] == [bit.place for bit in now.bits]:
        return list(zip(was.bits, now.bits, strict=True))
    return aligned(was.bits, now.bits, (lambda bit: (bit.place, bit.text), lambda bit: bit.place))


def _numbers(was: Sentence, now: Sentence) -> tuple[NumberChange, ...]:
    found = []
    for old, new in _bit_pairs(was, now):
        texts = (old.text if old else "", new.text if new else "")
        if texts[0] != texts[1]:
            found.append(NumberChange((new or old).where, *texts))  # type: ignore[union-attr]
    return tuple(found)


def _verdicts(was: Sentence | None, now: Sentence | None, at: At) -> Iterator[AssertionChange]:
    """Words that are no longer true, or now are; and new ones that are not."""
    if now is None:
        return
    for old, new in _bit_pairs(was, now) if was else [(None, bit) for bit in now.bits]:
        if new is None or not isinstance(new.slot, HeldSlot):
            continue
        held, holds = _holds(old.slot) if old else None, _holds(new.slot)
        if holds == (held is None or held):
            continue
        verdict = (old if holds and old else new).slot.verdict  # type: ignore[attr-defined]
        place = replace(at, where=new.where)
        advice = "" if holds else verdict.advice
        yield AssertionChange(place, new.text, held, holds, verdict.says, advice, now.text)
