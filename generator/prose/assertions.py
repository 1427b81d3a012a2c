"""What an expression gave, as something that words can be held against."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

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
from generator.words.said import Reading
from generator.words.tokens import tokens

_COUNTED = re.compile(r"^(?:share of|change of|rank by|rows of) | since \d.*$")
_PER = re.compile(r"\s*(?:per|a|for every|for each|in every|to every)\b", re.IGNORECASE)
_TAIL = re.compile(r"\b(?:per|of|that|whose|which)\b")
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

    def hold(self, words: str, found: Any, after: str = "") -> Verdict:
        """``after`` is what follows in the text. Raises QuantityError when the value cannot be looked up."""
        thing = self.thing(found)
        if thing.lexicon.per and _PER.match(after):  # "[452 loans]{= … } for every 100,000 residents"
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
        lexicon = replace(self._lexicon(quantity), names=self._names_in(asked_of(value)[2].collection))
        return Fact(quantity, lexicon, lambda: value.rank, texts)

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
        ways = stems("rate" if rate else "number count share figure total")
        ways |= stems("many much often high large big")
        heads |= ways if quantity.kind == "ratio" else frozenset()
        per = quantity.unit.partition(" per ")[2] if quantity.kind == "rate" else ""
        per_words = tuple(word.replace(",", "") if word[:1].isdigit() else stem(word) for word in per.split())
        per_words += ("person", "inhabitant") if set(per_words) & _PEOPLE else ()
        levels = stems(quantity.definition.replace("_", " ")) - own
        kinds = self._kinds_of.get(quantity.of, frozenset())
        called = counted if quantity.is_percentage and counted else quantity.unit or quantity.label
        return Lexicon(
            own | levels, self._words - own, called=called, heads=heads, kinds=kinds,
            units=units, ways=ways, per=per_words, levels=levels, names=self._names_in(quantity.ranked_in),
        )  # fmt: skip

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

    def _names_of(self, collection: Collection) -> Names:
        """Words of a name → key; a name that several have names none of them. Codes must be in capitals."""
        made = self._names.get(collection.name)
        if made is None:
            columns = self.story.config.spec.collections[collection.name].other_names if self.story else ()
            found: dict[tuple[str, ...], str] = {}
            shared: set[tuple[str, ...]] = set()
            for entity in collection:
                for text in dict.fromkeys(
                    [entity.name, *(str(entity.facts.get(name) or "") for name in columns), entity.key]
                ):
                    words = self._name_words(text)
                    if words and found.setdefault(words, entity.key) != entity.key:
                        shared.add(words)
            made = self._names[collection.name] = {
                words: key for words, key in found.items() if words not in shared
            }
        return made

    def _name_words(self, text: str) -> tuple[str, ...]:
        if text.isupper() and len(text) < 4:
            return (text,)
        return tuple(token.text for token in tokens(text, self.style))


def _as_period(text: str) -> Period | None:
    """A date that a column of texts holds, as 2025-07-14, 2025-07 or 2025."""
    try:
        return Period.parse(text)
    except ValueError:
        return None
