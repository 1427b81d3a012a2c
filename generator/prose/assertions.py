"""What an expression gave, as something that words can be held against."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property, lru_cache
from typing import Any

from msgspec.structs import replace

from generator.languages import is_english
from generator.model import Collection, Period
from generator.prose.bearings import bearings, elsewhere
from generator.prose.slots import Cited, Joined, Slot
from generator.prose.views import CollectionView, EntityView, Relation, Value
from generator.prose.views.entities import collection_of
from generator.prose.views.groups import group_base, group_facts, group_rule
from generator.prose.views.rows import origin
from generator.prose.views.value import asked_of
from generator.story import Story
from generator.values import NumberStyle, Numeric, Phrase, Quantity, QuantityError, Tally, as_quantity
from generator.words import Fact, Group, Lexicon, Place, Verdict, judge, read
from generator.words.lexicon import NOBODY, head, stem, stems
from generator.words.numerals import SCALES
from generator.words.said import Reading
from generator.words.tokens import PLAIN, tokens

_COUNTED = re.compile(r"^(?:share of|change of|rank by|rows of) | since \d.*$")
_BASE = re.compile(
    r"\s*(?:[\w’'()-]+\s+){0,3}?(?P<lead>per|for every|for each|in every|to every|an?)\s+(?P<base>[^.;:!?{\[]+)",
    re.IGNORECASE,
)
"""What a rate is for, behind the words: " for every 100,000 residents", " loans per million people"."""
_FOR_ITS_SIZE = re.compile(
    r"\s*(?:for (?:its|their) (?:size|population)|per capita|per head|per person)\b", re.IGNORECASE
)
"""The same of a place by a rate, where it does not matter for how many."""
_PACE = re.compile(r"\bper ([a-z]+)")
_TAIL = re.compile(r"\b(?:per|of|that|whose|which)\b")
_DIGITS_ALONE = re.compile(r"[-+−–]?\d[\d.,’'\s]*(?:%|percent)?")
_NOT_ENGLISH = "asserted words are understood in English only, and this page is in '{}'"
_DIGITS = "Assert the digits alone, as this language writes them, [{}]{{= … }}; or compute the words: {{{{ … }}}}."
_PEOPLE = frozenset(("resident",))

Names = Mapping[tuple[str, ...], str]


class Assertions:
    """Holds an editor's words against values; knows the nouns and names of one story."""

    def __init__(self, style: NumberStyle, story: Story | None = None) -> None:
        self.style = style
        self.story = story
        self._names: dict[str, Names] = {}
        self._read: dict[tuple[str, int], tuple[Reading, ...]] = {}
        """What words can mean, by the words and the names that may be listed in them."""

    def speaking(self, style: NumberStyle) -> Assertions:
        """The same for words that are written in another language."""
        made = copy(self)
        made.style, made._names, made._read = style, {}, {}
        return made

    def hold(self, words: str, found: Any, after: str = "") -> Verdict:
        """``after`` is what follows in the text. Raises QuantityError when the value cannot be looked up.

        Words are understood in English; in other languages digits are, as the language writes them.
        """
        if not is_english(self.style.language) and not _DIGITS_ALONE.fullmatch(words.strip()):
            shown = self.style.number(12345.6, 1)
            return Verdict(
                "refused", "assertion-language", _NOT_ENGLISH.format(self.style.language), _DIGITS.format(shown)
            )
        thing = self.thing(found)
        if thing.lexicon.per and isinstance(thing, Fact):  # "[452 loans]{= … } for every 100,000 residents"
            base = self._base(after, thing.lexicon.per, ranked=thing.quantity.kind == "rank")
            if base is False:
                says = f"{thing.quantity.unit or thing.quantity.label}, and what follows says another base"
                return Verdict("fails", "claim-noun", says, f"Write what it is for: per {_per(thing.quantity)}.")
            if base:
                thing = replace(thing, lexicon=replace(thing.lexicon, per=()))
        names = thing.lexicon.names
        readings = self._read.get((words, id(names)))
        if readings is None:
            readings = self._read[words, id(names)] = read(words, self.style, names)
        verdict = judge(words, thing, self.style, readings)
        if verdict.outcome in ("fails", "unsure") and isinstance(thing, Fact) and not verdict.more:
            notes = bearings(thing.quantity, self.story, self.style)
            if verdict.code == "claim-number" and isinstance(found, Value):
                notes += elsewhere(found, readings, self.style)
            verdict = replace(verdict, more=notes)
        return verdict

    def _base(self, after: str, per: tuple[str, ...], *, ranked: bool) -> bool | None:
        """Whether what follows the words says what the rate is for; None when it says nothing of it."""
        if ranked and _FOR_ITS_SIZE.match(after):
            return True
        found = _BASE.match(after)
        if not found:
            return None
        said = tokens(found["base"], self.style)
        size, rest = _size_of([token.text.replace(self.style.thousands, "") for token in said])
        own, _ = _size_of(per)
        noun = next((stem(word) for word in rest), "")
        if found["lead"].casefold() in ("a", "an") and (size != 1 or noun not in per):
            return None  # "12 loans in a town"
        if size != own:
            return False
        return True if size != 1 or noun in per else False if noun else None

    def slot(self, words: str, found: Any) -> Slot:
        """The words, bound to what they were held against."""
        if isinstance(found, CollectionView):
            found = found.count
        elif isinstance(found, Relation):
            found = found.count
        if isinstance(found, EntityView):
            return Slot("asserted", words, rows=(origin(found),))
        if isinstance(found, Numeric | Phrase | Tally):
            quantity = as_quantity(found)
            return Slot("asserted", words, quantity.machine, quantity.rows, quantity)
        return Slot("asserted", words, rows=getattr(found, "rows", ()))

    def thing(self, found: Any) -> Fact | Place | Group:
        if isinstance(found, CollectionView):
            return self._group(found)
        if isinstance(found, EntityView):
            return self._one(found)
        if isinstance(found, Relation):
            return self._rows(found)
        if isinstance(found, Period):
            return Place(found)
        if isinstance(found, dt.date):
            return Place(Period.day(found))
        if isinstance(found, Joined):
            raise QuantityError(
                "claim-kind", "and_list makes a text for the page", "Give the group itself, without filters."
            )
        if isinstance(found, Value):
            return self._value(found)
        if isinstance(found, Cited) and (period := _as_period(found)):
            return Place(period)
        if isinstance(found, Cited):
            return Fact(Quantity(None, kind="category", code=str(found), rows=found.rows), texts=(str(found),))
        if isinstance(found, str | bool) or found is None:
            shown = "nothing" if found is None else f"the text {found!r}" if isinstance(found, str) else "yes or no"
            raise QuantityError(
                "claim-kind", f"the expression gives {shown}, which words cannot be held against",
                "Give a value, its rank or share, a change, a group of places or a date.",
            )  # fmt: skip
        count = getattr(found, "count", None)  # of a list that says how many it has
        quantity = count if isinstance(count, Quantity) else as_quantity(found)
        return Fact(quantity, self._lexicon(quantity))

    # --- figures ----------------------------------------------------------------------------------------

    def _value(self, value: Value) -> Fact:
        quantity = value.quantity
        texts: tuple[str, ...] = ()
        if quantity.kind == "category":
            texts = (quantity.text, str(value.label), quantity.code)
        lexicon = self._lexicon(quantity)
        own = lexicon.own | self._selected(value)
        names = self._names_in(asked_of(value)[2].collection)
        lexicon = replace(lexicon, own=own, other=lexicon.other - own, names=names)
        return Fact(quantity, lexicon, lambda: value.rank, texts)

    def _selected(self, value: Value) -> frozenset[str]:
        """Words for what was selected ("task force" of the model TFM), and for a mean "average"."""
        views, measure, _, asked = asked_of(value)
        spec = views.selector.cube(measure).spec
        labels = [spec.dimensions[name].levels.get(level, "") for name, level in asked if name in spec.dimensions]
        mean = ("average",) if spec.time is not None and spec.time.type == "mean" else ()
        return stems(*labels, *mean)

    def _names_in(self, collection: str) -> Names:
        """What those of a collection are called, for "second only to …"."""
        return self._names_of(self.story.collections[collection]) if self.story and collection else NOBODY

    def _lexicon(self, quantity: Quantity) -> Lexicon:
        counted = _COUNTED.sub("", quantity.label).removesuffix(" ratio")
        of = quantity.of if quantity.kind != "count" else ""
        own = stems(quantity.unit, quantity.unit_one, counted, of)
        if quantity.kind in ("share", "rank"):
            own |= stems("country nation national nationwide nationally")
        heads = frozenset(head(text) for text in (quantity.unit, quantity.unit_one, counted) if text)
        units = frozenset(head(text) for text in (quantity.unit, quantity.unit_one) if text)
        if quantity.kind == "rank":  # it has no unit: whatever its label counts
            heads |= stems(_TAIL.split(counted, maxsplit=1)[0])
        if heads & _PEOPLE:
            heads, units = heads | _PEOPLE | {"person"}, units | _PEOPLE | {"person"}
        if quantity.kind in ("share", "change"):  # percent is not what is counted
            heads -= {"percent", "point"}
        rate = " per " in f" {quantity.unit} {counted} "
        if quantity.kind == "ratio":  # it has no unit, either: the people of "people held per night"
            heads |= stems(_TAIL.split(counted, maxsplit=1)[0]) & self._unit_words
        ways = stems("rate" if rate else "number count share figure total")
        ways |= stems("many much often high large big")
        heads |= ways if quantity.kind == "ratio" else frozenset()
        per = _per(quantity)
        per_words = tuple(word.replace(",", "") if word[:1].isdigit() else stem(word) for word in per.split())
        per_words += ("person", "inhabitant") if set(per_words) & _PEOPLE else ()
        levels = stems(quantity.definition.replace("_", " ")) - own
        if quantity.kind in ("share", "rank"):
            own |= self._whole_names
        against = stems(quantity.against)
        own |= against
        paced = frozenset(stem(word) for word in _PACE.findall(counted))
        kinds = self._kinds_of.get(quantity.of, frozenset())
        called = counted if quantity.is_percentage and counted else quantity.unit or quantity.label
        return Lexicon(
            own | levels, self._words - own, called=called, heads=heads, kinds=kinds,
            units=units, ways=ways, per=per_words, levels=levels, names=self._names_in(quantity.ranked_in),
            subject=stems(quantity.of) - against if quantity.kind in ("change", "ratio") else frozenset(),
            against=against, against_named=against - self._collection_words, paced=paced,
        )  # fmt: skip

    @cached_property
    def _unit_words(self) -> frozenset[str]:
        """Stems of what the story's measures count."""
        cubes = self.story.selector.cubes.values() if self.story else ()
        return frozenset(head(text) for cube in cubes for text in (cube.spec.unit, cube.spec.unit_one) if text)

    @cached_property
    def _whole_names(self) -> frozenset[str]:
        """Stems of what the only one of a collection is called: the whole that its places belong to."""
        collections = self.story.collections.values() if self.story else ()
        return stems(*(entity.name for found in collections if len(found) == 1 for entity in found))

    @cached_property
    def _kinds_of(self) -> dict[str, frozenset[str]]:
        """Name → what those of that name are called."""
        found: dict[str, frozenset[str]] = {}
        for collection in self.story.collections.values() if self.story else ():
            called = stems(collection.name, collection.one)
            for entity in collection:
                found[entity.name] = found.get(entity.name, frozenset()) | called
        return found

    # --- groups -----------------------------------------------------------------------------------------

    def _group(self, view: CollectionView) -> Group:
        collection, measure, maybe = group_facts(view)
        base = group_base(view)
        keys = tuple(entity.key for entity in view)
        heads = stems(collection.name, collection.one)
        own = heads | stems(measure.replace("_", " "))
        if self.story and measure in self.story.selector.cubes:
            own |= self._measure_words(measure)
        lexicon = Lexicon(own, self._words - own, self._names_of(collection), collection.name, heads)
        if len(base) < len(collection):  # names that others have as well can be told apart
            among = frozenset(entity.key for entity in base)
            lexicon = replace(lexicon, names=self._names_of(collection, among))
        names = {entity.key: entity.name for entity in base}
        return Group(len(keys), keys, names, len(base), maybe, lexicon, rule=group_rule(view))

    def _one(self, view: EntityView) -> Group:
        collection = collection_of(view)
        lexicon = Lexicon(
            stems(collection.name, collection.one), self._words, self._names_of(collection), collection.one
        )
        return Group(1, (view.key,), {view.key: view.name}, None, 0, lexicon, single=True)

    def _rows(self, relation: Relation) -> Group:
        own = stems(relation.dataset.replace("_", " "), relation.count.label, "row rows entry entries")
        own |= {stem for name, stem in self._relation_words.items() if name == relation.dataset}
        title = relation.count.label.removeprefix("rows of ")
        heads = stems("row entry") | {head(title)}
        heads |= {stem for name, stem in self._relation_words.items() if name == relation.dataset}
        return Group(len(relation), lexicon=Lexicon(own, self._words - own, called=f"rows of {title}", heads=heads))

    # --- the story's words ------------------------------------------------------------------------------

    @cached_property
    def _words(self) -> frozenset[str]:
        """Stems of everything the story counts or lists, and of the ways to count it."""
        if self.story is None:
            return frozenset()
        found = self._collection_words | stems("number rate share")
        for name, cube in self.story.selector.cubes.items():
            found |= stems(name.replace("_", " "), cube.spec.unit, cube.spec.unit_one)
        for spec in self.story.config.spec.collections.values():
            found |= stems(*(name.replace("_", " ") for name in spec.relations))
        return found

    @cached_property
    def _collection_words(self) -> frozenset[str]:
        collections = self.story.collections.values() if self.story else ()
        return stems(*(collection.name for collection in collections), *(c.one for c in collections))

    @cached_property
    def _relation_words(self) -> dict[str, str]:
        if self.story is None:
            return {}
        return {
            rule.dataset: stem
            for spec in self.story.config.spec.collections.values()
            for name, rule in spec.relations.items()
            for stem in stems(name)
        }

    def _measure_words(self, measure: str) -> frozenset[str]:
        assert self.story is not None
        spec = self.story.selector.cube(measure).spec
        return stems(measure.replace("_", " "), spec.unit, spec.unit_one, spec.label)

    def _names_of(self, collection: Collection, among: frozenset[str] = frozenset()) -> Names:
        """Words of a name → key; a name that several have names none of them.

        ``among`` are the keys of those that are meant first, where others have the same name.
        """
        memo = " ".join((collection.name, *sorted(among)))
        made = self._names.get(memo)
        if made is None:
            called = tuple(
                (entity.key, entity.name, *entity.other_names)
                for entity in collection
                if not among or entity.key in among
            )
            others = self._names_of(collection) if among else NOBODY
            made = self._names[memo] = {**others, **_names(called, collection.one, self.style)}
        return made


@lru_cache(maxsize=64)
def _names(called: tuple[tuple[str, ...], ...], one: str, style: NumberStyle) -> Names:
    """Of each entity its key and its names → words of a name → key. Codes must be in capitals.

    The name without what the collection calls ``one`` of them ("Aldford" of "Aldford Town") is theirs where no
    other has it.
    """
    found: dict[tuple[str, ...], str] = {}
    shared: set[tuple[str, ...]] = set()
    short: list[tuple[str, str]] = []
    kind = f" {one}"
    for key, name, *others in called:
        for text in dict.fromkeys([name, *others, key]):
            words = _name_words(text, style)
            if words and found.setdefault(words, key) != key:
                shared.add(words)
        if name.casefold().endswith(kind.casefold()):
            short.append((name[: -len(kind)], key))
    taken = set(found)
    for text, key in short:
        words = _name_words(text, style)
        if words and words not in taken and found.setdefault(words, key) != key:
            shared.add(words)
    return {words: key for words, key in found.items() if words not in shared}


def _name_words(text: str, style: NumberStyle) -> tuple[str, ...]:
    if text.isupper() and len(text) < 4:
        return (text,)
    if PLAIN.fullmatch(text):
        return tuple(text.lower().split(" "))
    return tuple(token.text for token in tokens(text, style))


def _per(quantity: Quantity) -> str:
    """ "100,000 residents" of a rate per 100,000 residents, or of a place by one; nothing of what is none."""
    said = quantity.unit if quantity.kind == "rate" else quantity.label if quantity.kind == "rank" else ""
    return said.partition(" per ")[2]


def _size_of(words: Sequence[str]) -> tuple[int, list[str]]:
    """The number that the words begin with, 1 for none, and the rest: "100,000 residents"."""
    size, rest = 1, list(words)
    while rest and (rest[0].isdigit() or rest[0] in SCALES or rest[0] in ("a", "one")):
        word = rest.pop(0)
        size *= int(word) if word.isdigit() else SCALES.get(word, 1)
    return size, rest


def _as_period(text: str) -> Period | None:
    """A date that a column of texts holds, as 2025-07-14, 2025-07 or 2025."""
    try:
        return Period.parse(text)
    except ValueError:
        return None
