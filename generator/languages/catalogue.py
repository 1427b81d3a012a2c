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

    As a text it is the English, in which a period stands as ISO 8601. A pattern without names is an ordinary word,
    of the generator or of the story (a unit, the label of a measure).
    """

    pattern: str
    names: Mapping[str, Any]

    def __new__(cls, pattern: str, /, **names: Any) -> Message:
        made = super().__new__(cls, filled(pattern, {name: str(value) for name, value in names.items()}))
        made.pattern = pattern
        made.names = names
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return (_message, (self.pattern, dict(self.names)))


def _message(pattern: str, names: Mapping[str, Any]) -> Message:
    return Message(pattern, **names)


def english_plural(number: int) -> int:
    return int(number != 1)


class Catalogue:
    """The translations into one language; what has none is said in English.

    ``messages`` are context and message → the translation, of plurals all its forms; ``plural`` gives the number of
    the form that goes with a number.
    """

    def __init__(
        self,
        language: str = "en",
        messages: Mapping[Key, tuple[str, ...]] | None = None,
        plural: Callable[[int], int] = english_plural,
    ) -> None:
        self.language = language
        self.messages = messages or {}
        self._plural = plural

    def gettext(self, message: str) -> str:
        found = self.messages.get(("", message))
        return found[0] if found else message

    def pgettext(self, context: str, message: str) -> str:
        """With a word that tells it from the same English meant otherwise."""
        found = self.messages.get((context, message))
        return found[0] if found else message

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The form that goes with a number."""
        found = self.messages.get(("", one))
        if not found:
            return one if number == 1 else many
        return found[min(self._plural(number), len(found) - 1)]

    def has(self, message: str) -> bool:
        return ("", message) in self.messages


ENGLISH = Catalogue()
