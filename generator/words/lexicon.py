"""The nouns and names that may stand beside a number: the figure's own, and what else the story speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

FILLERS = frozenset(
    "the a an of all its their these those them in on for by with at this that and or as it total "  # noqa: SIM905
    "overall "
    "altogether so now then there were was is are have has had been only just".split()
)
"""Words that say nothing about a figure."""
FILLING_PHRASES = (("so", "far"),)
"""Words that say nothing together, and something apart, as in "by far"."""


def stem(word: str) -> str:
    """Singular and plural alike: states, state's and states' are one."""
    word = word.casefold().removesuffix("'s").removesuffix("'")
    if word in ("people", "person", "persons"):
        return "person"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def head(text: str) -> str:
    """The stem of the noun that a phrase ends in; of "loans per 1,000 residents" it is the loans."""
    words = _WORD.findall(re.split(r"\bper\b|\bof\b", text.casefold(), maxsplit=1)[0] or text.casefold())
    return stem(words[-1]) if words else ""


_WORD = re.compile(r"\d+\([a-z]\)|[^\W_]+(?:'[^\W_]+)?")


def stems(*texts: str) -> frozenset[str]:
    return frozenset(stem(word) for text in texts for word in _WORD.findall(text.casefold().replace("’", "'")))


def _without_phrases(nouns: tuple[str, ...]) -> tuple[str, ...]:
    for phrase in FILLING_PHRASES:
        for at in range(len(nouns) - len(phrase), -1, -1):
            if nouns[at : at + len(phrase)] == phrase:
                nouns = nouns[:at] + nouns[at + len(phrase) :]
    return nouns


NOBODY: Mapping[tuple[str, ...], str] = MappingProxyType({})
"""No names."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``own`` are stems that belong to the figure, ``other`` those of the story's other units and collections.

    ``names`` leads from the words of a name to the key of what it names.
    """

    own: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    names: Mapping[tuple[str, ...], str] = field(default_factory=lambda: NOBODY)
    called: str = ""
    """What the figure counts, for messages."""
    heads: frozenset[str] = frozenset()
    """The nouns at the end of the figure's unit and label: "books" of "rare books"."""
    units: frozenset[frozenset[str]] = frozenset()
    """Each unit of the story, as stems."""

    def foreign(self, nouns: Iterable[str]) -> list[str]:
        """Those that name something else in the story; a part of its own name can be such a thing, too."""
        nouns = [noun for noun in _without_phrases(tuple(nouns)) if noun not in FILLERS]
        said = frozenset(map(stem, nouns))
        if said in self.units and self.heads and not said & self.heads:
            return [" ".join(nouns)]
        return [noun for noun in nouns if stem(noun) in self.other and not self._fits(noun)]

    def strange(self, nouns: Iterable[str]) -> list[str]:
        """Those that name nothing here."""
        nouns = _without_phrases(tuple(nouns))
        return [noun for noun in nouns if stem(noun) not in self.other and not self._fits(noun)]

    def _fits(self, noun: str) -> bool:
        return noun in FILLERS or stem(noun) in self.own or (noun[:1].isdigit() and stems(noun) <= self.own)
