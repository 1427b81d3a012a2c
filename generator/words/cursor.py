"""A place in a phrase's tokens, and how it moves on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from generator.words.numerals import HALVES_AND_QUARTERS, SCALES, whole
from generator.words.tokens import Token

Beginning = Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]
"""First word → the phrases that begin with it and their words, the longest first."""


@lru_cache(maxsize=256)
def _by_first_word(phrases: tuple[str, ...]) -> Beginning:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for phrase in phrases:
        parts = tuple(phrase.split())
        found.setdefault(parts[0], []).append((phrase, parts))
    return {word: sorted(listed, key=lambda pair: -len(pair[1])) for word, listed in found.items()}


class Cursor:
    """Reads tokens from left to right; ``at`` can be set back.

    ``passed`` are the places of the words that a rule stepped over without reading them: nouns, which somebody
    else has to look at. Setting ``at`` back forgets those behind it.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tuple(tokens)
        self.passed: tuple[int, ...] = ()
        self._at = 0

    @property
    def at(self) -> int:
        return self._at

    @at.setter
    def at(self, place: int) -> None:
        if place < self._at and self.passed:
            self.passed = tuple(index for index in self.passed if index < place)
        self._at = place

    def step_over(self, words: int = 1) -> None:
        """Leaves so many words to be looked at as nouns."""
        self.passed += tuple(range(self._at, min(self._at + words, len(self.tokens))))
        self._at += words

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token | None:
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else None

    def word(self, ahead: int = 0) -> str:
        token = self.peek(ahead)
        return token.text if token and token.kind == "word" else ""

    def words(self) -> list[str]:
        """The words from here to the next numeral or sign."""
        found = []
        for token in self.tokens[self.at :]:
            if token.kind != "word":
                break
            found.append(token.text)
        return found

    def take(self, *phrases: str) -> str | None:
        """The longest of the phrases that stands here, passed over; words are divided by blanks."""
        if self.done:
            return None
        for phrase, parts in _by_first_word(phrases).get(self.tokens[self.at].text, ()):
            there = self.tokens[self.at : self.at + len(parts)]
            if len(there) == len(parts) and all(t.text == part for t, part in zip(there, parts, strict=True)):
                self.at += len(parts)
                return phrase
        return None

    def sign(self, *signs: str) -> bool:
        token = self.peek()
        if token and token.kind == "sign" and token.text in signs:
            self.at += 1
            return True
        return False

    def numeral(self) -> tuple[Decimal, Decimal, bool] | None:
        """A number in digits or words with its scale: the number, its last digit's value, whether in digits."""
        token = self.peek()
        if token and token.kind == "number" and token.number is not None:
            self.at += 1
            number, step, typed = token.number, Decimal(1).scaleb(-token.decimals), True
        else:
            found = whole(self.words())
            if found is None:
                return None
            number, used = found
            self.at += used
            step, typed = Decimal(1), False
        start = self.at
        more = self.take(*HALVES_AND_QUARTERS)
        if more:
            if self.word() not in SCALES and self.word() not in ("times", "fold", "percent", "per"):
                self.at = start
            else:
                size, meant = HALVES_AND_QUARTERS[more]
                number, step, typed = number + Decimal(size), Decimal(meant), True
        scale = self.scale()
        return number * scale, step * scale, typed

    def scale(self) -> int:
        """What the words of scale that stand here multiply a number by: "hundred thousand"; 1 for none."""
        scale = 1
        while self.word() in SCALES:
            scale *= SCALES[self.word()]
            self.at += 1
        return scale
