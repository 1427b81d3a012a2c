"""Messages and their translations. A message is its English text, with names in braces for what varies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Key = tuple[str, str]
"""Context (``""`` for none) and message."""

_NAME = re.compile(r"\{(\w+)\}")


def names_in(text: str) -> frozenset[str]:
    """The names in braces of a message."""
    return frozenset(_NAME.findall(text))


def filled(text: str, names: Mapping[str, str]) -> str:
    """A message with what stands for its names; nothing in it is a format, and other braces are left alone."""
    return _NAME.sub(lambda match: names.get(match[1], match[0]), text) if names else text


class Message(str):
    """A text in English that can be said in another language: its pattern, and what stands for the names in it.

    As a text it is the English, in which a date stands as ISO 8601. A pattern without names is an ordinary word, of
    the generator or of the story (a unit, the label of a measure).
    """

    pattern: str
    names: Mapping[str, Any]
    capital: bool
    """Whether it begins with a capital letter, whatever its words."""

    def __new__(cls, pattern: str, /, **names: Any) -> Message:
        made = super().__new__(cls, filled(pattern, {name: _english(value) for name, value in names.items()}))
        if isinstance(pattern, Message):
            names = {**pattern.names, **names}
            pattern = pattern.pattern
        made.pattern, made.names, made.capital = str(pattern), names, False
        return made

    def capitalized(self) -> Message:
        """The same as the beginning of a line."""
        made = super().__new__(Message, self[:1].upper() + self[1:])
        made.pattern, made.names, made.capital = self.pattern, self.names, True
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return (_message, (self.pattern, dict(self.names), self.capital))


def _message(pattern: str, names: Mapping[str, Any], capital: bool) -> Message:
    made = Message(pattern, **names)
    return made.capitalized() if capital else made


def _english(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def english_plural(number: int) -> int:
    return int(number != 1)


def english_ordinal(number: int) -> str:
    """The kind of a number among ordinals, as CLDR has it: ``one`` of 1st, ``two`` of 2nd, ``few`` of 3rd."""
    if number % 100 in (11, 12, 13):
        return "other"
    return {1: "one", 2: "two", 3: "few"}.get(number % 10, "other")


class Catalogue:
    """The translations into one language; what has none is said in English.

    ``messages`` are context and message → the translation, of plurals all its forms; ``plural`` gives the number of
    the form that goes with a number, ``ordinal`` the kind of an ordinal, as CLDR has it.
    """

    def __init__(
        self,
        language: str = "en",
        messages: Mapping[Key, tuple[str, ...]] | None = None,
        plural: Callable[[int], int] = english_plural,
        ordinal: Callable[[int], str] = english_ordinal,
    ) -> None:
        self.language = language
        self.messages = messages or {}
        self.ordinal = ordinal
        self._plural = plural

    @property
    def is_english(self) -> bool:
        return is_english(self.language)

    def gettext(self, message: str) -> str:
        found = self.messages.get(("", message))
        return found[0] if found else message

    def pgettext(self, context: str, message: str) -> str:
        """With a word that tells it from the same English meant otherwise; without one for it, as ``gettext``."""
        found = self.messages.get((context, message))
        return found[0] if found else self.gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The form that goes with a number."""
        found = self.messages.get(("", one))
        if not found:
            return one if number == 1 else many
        return found[min(self._plural(number), len(found) - 1)]

    def has(self, message: str) -> bool:
        return ("", message) in self.messages


def is_english(language: str) -> bool:
    """Whether it is English of any kind: ``en``, ``en-GB``."""
    return language.partition("-")[0].lower() == "en"


ENGLISH = Catalogue()
