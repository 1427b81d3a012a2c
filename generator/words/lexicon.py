"""The nouns and names that may stand beside a number: the figure's own, and what else the story speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct, field

from generator.words.numerals import SCALES

FILLERS = frozenset(
    "the a an of all its their these those them in on for by with at this that and or as it total "  # noqa: SIM905
    "overall "
    "altogether there were was is are have has had been only just".split()
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


_TAIL = re.compile(r"\b(?:per|of|that|whose|which|who|with|by|for)\b|,")


def head(text: str) -> str:
    """The stem of the noun that a phrase ends in; of "loans per 1,000 residents" it is the loans."""
    words = _WORD.findall(_TAIL.split(text.casefold(), maxsplit=1)[0] or text.casefold())
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


_PREPOSITIONS = frozenset(
    ("of", "in", "for", "among", "from", "by", "across", "with", "than", "per", "on", "every", "each")
)
_EVERYWHERE = frozenset(("nationwide", "nationally"))
_TOGETHER = frozenset(("total", "whole", "all", "it", "them", "these", "those"))
"""What a part can be of, besides what is counted."""


class Faults(Struct, frozen=True):
    """Words that name something else in the story, and words that name nothing."""

    foreign: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()


class Lexicon(Struct, frozen=True):
    """The words that may stand beside a figure.

    The noun right behind a number is one of ``heads``: "books" of "rare books". Before it, and behind a
    preposition, ``own`` may stand. ``other`` are stems of what else the story counts. ``names`` leads from the
    words of a name to the key of what it names.
    """

    own: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    names: Mapping[tuple[str, ...], str] = field(default_factory=lambda: NOBODY)
    called: str = ""
    """What the figure counts, for messages."""
    heads: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    """What places are called whose figure it is; behind a preposition, or in "one of the top three towns"."""
    units: frozenset[str] = frozenset()
    """Those of the heads that are the unit's."""
    ways: frozenset[str] = frozenset()
    """What an order may be by: "number", "share", "rate"."""
    per: tuple[str, ...] = ()
    """Of a rate, the words that say per what."""
    levels: frozenset[str] = frozenset()
    """What was selected: "signed"."""
    subject: frozenset[str] = frozenset()
    """Whose figure it is, which cannot stand behind "than"."""
    against: frozenset[str] = frozenset()
    """Whose figure it is held against."""
    against_named: frozenset[str] = frozenset()
    """Of that what must be said when some of it is: "West Bryn" is no "Bryn", but "Bryn Town" may be."""
    paced: frozenset[str] = frozenset()
    """Of "held per night" the night, which may also be said "a night"."""

    def faults(
        self, nouns: Iterable[str], *, direct: frozenset[str] | None = None, of: bool = False, place: bool = False
    ) -> Faults:
        """``direct``: the nouns that may end what stands right behind the number, if not ``heads``.

        ``of``: what follows "of" is what a part is taken of. ``place``: it is a bare ordinal, as in "third of 51",
        and not "the third of the loans". A place among rates has ``direct``, too.
        """
        wrong: list[str] = []
        nouns = self._per_pace(_without_phrases(tuple(nouns)))
        allowed = self.heads if direct is None else direct
        for number, (before, words) in enumerate(_chunks(nouns)):
            said = [word for word in words if word not in FILLERS]
            while said and said[-1] in _EVERYWHERE and stem(said[-1]) in self.own:
                said.pop()
            if not said:
                wrong += [before] if before in ("every", "each") else []
                continue
            if before in ("per", "every", "each") and self.per:
                by_head = direct is not None and "person" in self.per and said in (["capita"], ["head"])
                wrong += [] if by_head or self._is_per(said) else said
                continue
            if before in ("than", "as"):
                wrong += [word for word in said if not self._fits_against(word)] or self._half_named(said)
                continue
            wrong += [word for word in said if not self._fits(word, context=number > 0)]
            last = stem(said[-1])
            if number == 0 and allowed and last not in allowed | self.levels:
                wrong.append(said[-1])
            if place and before == "of" and last in self.heads:
                wrong.append(said[-1])
            if of and before == "of" and self.heads and last not in self.heads | self.ways | _TOGETHER:
                wrong.append(said[-1])
        counted = [noun for noun in nouns if stem(noun) in self.heads]
        by_rate = direct is not None and "rate" in nouns  # "the lowest rate of loans"
        if self.per and not wrong and counted and not by_rate and not {"per", "every", "each"} & set(nouns):
            wrong.append(counted[0])  # "452 loans" of what is 452 for every 1,000 residents
        known = [word for word in wrong if stem(word) in self.other | self.own | self.kinds | self.heads]
        return Faults(tuple(known), tuple(word for word in wrong if word not in known))

    def _fits(self, noun: str, *, context: bool) -> bool:
        found = stem(noun)
        if context and (found in self.kinds or found in self.ways):
            return True
        return found in self.own or found in self.heads or found in self.ways

    def _fits_against(self, noun: str) -> bool:
        """What stands behind "than": "than Corwen", "than those in Corwen"."""
        found = stem(noun)
        return found in self.against or (found not in self.subject and self._fits(noun, context=True))

    def _half_named(self, said: list[str]) -> list[str]:
        """The words of a name that says only a part of what the figure is held against, and may be another's."""
        named = [word for word in said if stem(word) in self.against]
        return named if named and not self.against_named <= {stem(word) for word in named} else []

    def _per_pace(self, nouns: tuple[str, ...]) -> tuple[str, ...]:
        """ "people a night", where they are so many per night."""
        followed = zip(nouns, (*nouns, "")[1:], strict=True)
        return tuple("per" if noun in ("a", "an") and stem(then) in self.paced else noun for noun, then in followed)

    def _is_per(self, said: Iterable[str]) -> bool:
        """ "100,000 residents" of "per 100,000 residents": the number must be the same."""
        numbers = [word.replace(",", "") for word in said if word[:1].isdigit()]
        own = [word for word in self.per if word[:1].isdigit()]
        scaled = [word for word in said if word in SCALES] == [word for word in self.per if word in SCALES]
        numbers = [] if scaled and not own and numbers == ["1"] else numbers
        return numbers == own and scaled and all(stem(word) in self.per for word in said if not word[:1].isdigit())


_AS = frozenset(("many", "much", "high", "large", "big", "often", "a", "the", "of", "in", "on", "at"))
"""What follows the first "as" of "as many as Corwen", and what the second is not followed by."""


def _chunks(nouns: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """The words up to the first preposition, then those behind each, with it."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for index, noun in enumerate(nouns):
        held = noun == "as" and (index + 1 == len(nouns) or nouns[index + 1] not in _AS)
        if noun in _PREPOSITIONS or held:
            found.append((noun, []))
        else:
            found[-1][1].append(noun)
    return found
