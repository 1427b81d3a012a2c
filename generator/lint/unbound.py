"""The fourth kind of number: typed, and neither computed, asserted nor attributed.

Reported are numerals, number words, ordinals that rank, fractions, multiples, and words that say how large a
part is ("most towns", "the majority", "dozens"). Not reported: dates, years, names with digits, references,
quotations of somebody's words, turns of phrase (:mod:`generator.lint.dates_and_names`); "no", "none", "all",
"every", "both", "several", "a few" and superlatives, which stand in every other sentence; "first" where it orders
and does not rank ("the first list we hold"), "one" where it is a pronoun. What a rate is for ("per 1,000
residents") is its definition.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from generator.languages import is_english
from generator.lint.number_words import BEGIN, END, Number, read
from generator.lint.other_languages import read_in, typed_numbers_in
from generator.lint.plain_text import Plain, Span, plain, plain_words, sentence
from generator.lint.printed import Printed, printed_texts, prints_bare_numbers, written_texts
from generator.lint.typed_numbers import Find, other_words, quotations, typed_numbers
from generator.model import Period
from generator.problems import Location, Problem
from generator.prose.scanner import Segment
from generator.prose.statements import expression_of, word_of
from generator.values import NumberStyle


class Found(Struct, frozen=True):
    """A number that is typed: as it stands there, where it begins, how long it is, and what it means."""

    text: str
    location: Location
    length: int
    number: Number
    sentence: str
    """The sentence it stands in, in one line."""

    @property
    def problem(self) -> Problem:
        text = re.sub(r"\s+", " ", self.text)
        return Problem(
            "typed-number",
            f"{text} is typed here: no row of the data stands behind it",
            replace(self.location, width=len(self.text.partition("\n")[0])),
            f"Compute it: {{{{ … }}}}; hold it against the data: [{text}]{{= … }};"
            f" or say whose it is: [{text}]{{claim=ID}}.",
        )


Place = Callable[[int], Location]
"""Where an offset stands in the file."""


# --- what site.yml lets stand -------------------------------------------------------------------------------


class Allowed(Struct, frozen=True):
    """An entry of ``allow`` in site.yml: a text, or a pattern (a regular expression), and where it stands there."""

    text: str = ""
    pattern: str = ""
    place: Location = field(default=Location("content/site.yml"))


class Allowances:
    """The names that a story lets stand; remembers which of them were met."""

    def __init__(self, entries: Sequence[Allowed] = (), find: Find = typed_numbers) -> None:
        """``find`` is what finds numbers wherever these are asked."""
        self.entries = tuple(entries)
        self.find = find
        self._patterns = [_pattern(entry) for entry in self.entries]
        self.met: set[int] = set()

    def spans(self, text: str) -> list[Span]:
        """Where in a text they stand. What is nothing but a count never passes."""
        found: list[Span] = []
        for index, pattern in enumerate(self._patterns):
            for match in pattern.finditer(text) if pattern else ():
                if match.group() and not self._is_count(match.group()):
                    self.met.add(index)
                    found.append(match.span())
        return found

    def fits(self, text: str) -> bool:
        """Whether one of them stands in a text."""
        return any(pattern.search(text) for pattern in self._patterns if pattern)

    @contextmanager
    def apart(self) -> Iterator[set[int]]:
        """The entries that are met within the ``with`` statement, by their place in the list."""
        before, self.met = self.met, set()
        try:
            yield self.met
        finally:
            self.met = self.met | before

    def problems(self) -> Iterator[Problem]:
        """Entries that would hide a checkable figure, or cannot be read."""
        for entry, pattern in zip(self.entries, self._patterns, strict=True):
            said = entry.text or entry.pattern
            hint = "Write the whole name that the number is in, such as 'Route 66'; a figure must be bound."
            if pattern is None:
                message = f"allow: '{said}' is not a pattern that can be read"
                yield Problem("bad-pattern", message, entry.place, "Write the name itself, as 'text: …'.")
            elif self._is_count(entry.text or re.sub(r"\\(\W)", r"\1", entry.pattern)):
                yield Problem("allowed-number", f"allow: '{said}' is a figure and no name", entry.place, hint)
            elif entry.pattern and any(self._takes(pattern, figure) for figure in _FIGURES):
                yield Problem("allowed-number", f"allow: '{said}' fits any number", entry.place, hint)

    def unused(self) -> Iterator[Problem]:
        """Warnings for entries that nothing in the story matches; for when all of it has been looked at."""
        for index, entry in enumerate(self.entries):
            if index not in self.met:
                message = f"allow: '{entry.text or entry.pattern}' stands nowhere in the story"
                yield Problem("unused-allowance", message, entry.place, "Remove the entry.", "warning")

    def _takes(self, pattern: re.Pattern[str], figure: str) -> bool:
        """Whether the pattern covers the number in a figure."""
        numbers = self.find(figure)
        return any(
            match.start() <= start and end <= match.end() and match.group()
            for match in pattern.finditer(figure)
            for start, end in numbers
        )

    def _is_count(self, text: str) -> bool:
        """Whether a text is nothing but a number, or a number of something."""
        for start, end in self.find(text):
            after = text[end:].lstrip()
            if not text[:start].strip() and (not after or after[0].islower()):
                return True
        return bool(re.search(r"\d", text)) and not re.search(r"[^\W\d_]", text)


_FIGURES = (
    "7 towns", "12 towns", "348 towns", "2460 towns", "2,460 towns", "1,234,567 towns", "86.1 towns", "12 percent",
    "six towns", "half the towns", "two million towns", "second-highest", "3rd of 51",
)  # fmt: skip


def _pattern(entry: Allowed) -> re.Pattern[str] | None:
    if entry.text:
        words = r"\s+".join(map(re.escape, entry.text.split()))
        return re.compile(rf"{BEGIN}{words}{END}" if entry.text[-1:].isalnum() else rf"{BEGIN}{words}")
    try:
        return re.compile(entry.pattern)
    except re.error:
        return None


# --- finding ------------------------------------------------------------------------------------------------


def unbound(
    segments: Sequence[Segment],
    path: str,
    *,
    allow: Allowances,
    columns: Sequence[int] = (1,),
    style: NumberStyle | None = None,
) -> Iterator[Found]:
    """The typed numbers of a text that the scanner has divided, in order.

    ``columns`` are those in which its lines begin in the file, as for the scanner; ``style`` is that of the text's
    language, where it is not English.
    """
    if not segments:
        return
    source = "".join(segment.text for segment in segments)
    place = _places(source, path, segments[0].line, columns)
    look = _look_in(style, allow.find)
    found = list(_in_plain(plain(segments), source, 0, look, place_of=place, allow=allow))
    start = 0
    for segment in segments:
        found += _in_segment(segment, start, look, place, allow)
        start += len(segment.text)
    yield from sorted(found, key=lambda each: each.location)


def unbound_in_expression(
    text: str,
    path: str,
    line: int,
    columns: Sequence[int],
    *,
    allow: Allowances,
    style: NumberStyle | None = None,
) -> Iterator[Found]:
    """The typed numbers in those texts of a bare expression that reach the page; ``line`` is its first."""
    place = _places(text, path, line, columns)
    look = _look_in(style, allow.find)
    for start, printed in _texts(text, look, allow):
        yield from _in_plain(plain_words(printed), printed, start, look, place_of=place, allow=allow)


Look = tuple[Find, Callable[[str], Number]]
"""Where numbers stand in a plain text, and what one of them means."""


def _look_in(style: NumberStyle | None, find: Find) -> Look:
    if style is None or is_english(style.language):
        return find, read
    return partial(typed_numbers_in, style=style), partial(read_in, style=style)


def _places(source: str, path: str, first_line: int, columns: Sequence[int]) -> Place:
    starts = [0, *(match.end() for match in re.finditer("\n", source))]

    def place(offset: int) -> Location:
        line = bisect_right(starts, offset)
        begins = columns[min(line, len(columns)) - 1]
        return Location(path, line + first_line - 1, offset - starts[line - 1] + begins)

    return place


def _texts(expression: str, look: Look, allow: Allowances) -> Sequence[Printed]:
    """The texts that an expression may print, without days; none where nothing would be found in any text of it.

    Most expressions have only names and days in them, and to take them apart is slow.
    """

    def tells(text: str) -> bool:
        return allow.fits(text) or (not _is_day(text) and bool(look[0](plain_words(text).text)))

    if prints_bare_numbers(expression) or any(map(tells, written_texts(expression))):
        return [(at, text) for at, text in printed_texts(expression) if allow.fits(text) or not _is_day(text)]
    return ()


_DAY = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?")


def _is_day(text: str) -> bool:
    """Whether a text is a day or a month as expressions have them."""
    if not _DAY.fullmatch(text):
        return False
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True


def _in_segment(segment: Segment, start: int, look: Look, place: Place, allow: Allowances) -> Iterator[Found]:
    """In the texts that an expression or statement may print."""
    if segment.kind == "expression":
        text, begins = segment.inner, start + 2
    elif segment.kind == "statement" and word_of(segment) in ("set", "for"):
        text = expression_of(segment)
        begins = start + 2 + segment.inner.find(text)
    else:
        return
    for offset, printed in _texts(text, look, allow):
        yield from _in_plain(plain_words(printed), printed, begins + offset, look, place_of=place, allow=allow)


def _in_plain(
    words: Plain, source: str, shift: int, look: Look, *, place_of: Place, allow: Allowances
) -> Iterator[Found]:
    """``shift`` is the offset of ``source`` in what ``place_of`` knows."""
    find, meaning = look
    numbers = find(words.text)
    passed = allow.spans(words.text)  # asked of every text, so that it is known which entries are met
    if numbers:
        quoted = (*quotations(words.text), *words.quoted)
        passed += [span for span in quoted if _is_speech(words.text, span, numbers)]
    for start, end in numbers:
        if not any(a < end and start < b for a, b in passed):
            text = source[start:end]
            where = place_of(start + shift)
            yield Found(text, where, end - start, meaning(text), sentence(words.text, start))


LEAST_SAID = 3
"""A quotation has this many words besides its numbers; marks around a figure alone do not make it one."""


def _is_speech(text: str, span: Span, numbers: Sequence[Span]) -> bool:
    start, end = span
    count = other_words(text[start:end])
    count -= sum(other_words(text[a:b]) for a, b in numbers if start <= a and b <= end)
    return count >= LEAST_SAID
