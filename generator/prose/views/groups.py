"""Several entities: chosen, ordered and added up by a measure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, NoReturn

from generator.languages import Message
from generator.measures.select import Selection, Slice, cell_interval
from generator.model import Collection, Entity, Rows
from generator.problems import did_you_mean, one_of
from generator.prose.views.base import Lookup, View, as_selection, merged
from generator.prose.views.entities import EntityView
from generator.prose.views.value import share_of, value_of
from generator.values import Interval, Numeric, Quantity, QuantityError

_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class CollectionView(View):
    """A collection, or some of its entities."""

    def __init__(
        self,
        views: Lookup,
        collection: Collection,
        entities: Sequence[Entity],
        made_by: tuple[str, Selection] | None = None,
        base: CollectionView | None = None,
        maybe: int = 0,
        rule: str = "",
    ) -> None:
        self._views = views
        self._collection = collection
        self._entities = tuple(entities)
        self._made_by = made_by
        self._base = base
        self._maybe = maybe
        self._rule = rule

    def __len__(self) -> int:
        return len(self._entities)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._some(self._entities[index], self._made_by)
        if isinstance(index, str):
            for entity in self._entities:
                if entity.key == index:
                    return EntityView(self._views, entity)
            self._refuse(index)
        return EntityView(self._views, self._entities[index])

    def __iter__(self) -> Iterator[EntityView]:
        return (EntityView(self._views, entity) for entity in self._entities)

    def _look(self, name: str) -> Any:
        if any(entity.key == name for entity in self._entities):
            return self[name]
        if self._named(name):
            self._refuse(name)
        raise QuantityError(
            "unknown-name",
            f"{self._collection.name} has no {name!r}{did_you_mean(name, _GROUP_NAMES)}",
            f'Ask for: {one_of(_GROUP_NAMES)}; or for one of them by key: {self._collection.name}["…"].',
        )

    def _named(self, name: str) -> list[Entity]:
        """Those that a person may mean by a name: it is theirs, or theirs begins with it."""
        folded = name.casefold()
        exact = [entity for entity in self._entities if entity.name.casefold() == folded]
        return exact or [entity for entity in self._entities if entity.name.casefold().startswith(folded)]

    def _refuse(self, name: str) -> NoReturn:
        collection = self._collection.name
        meant = self._named(name)
        shown = one_of([f'{collection}["{entity.key}"] ({entity.name})' for entity in meant], most=4)
        keys = [entity.key for entity in self._entities]
        raise QuantityError(
            "unknown-entity",
            f"{collection} has no {name!r}{'' if meant else did_you_mean(name, keys)}",
            f"They are asked for by key. Write {shown}." if meant else "",
        )

    def _some(
        self,
        entities: Sequence[Entity],
        made_by: tuple[str, Selection] | None = None,
        maybe: int = 0,
        rule: str = "",
    ) -> CollectionView:
        base = group_base(self)
        rule = " and ".join(filter(None, (self._rule, rule)))
        return CollectionView(self._views, self._collection, entities, made_by, base, self._maybe + maybe, rule)

    def _said(self, measure: str, selection: dict[str, Any], rule: str, by: str = "") -> str:
        """A rule in words: ``rule`` with the measure in the place of "…", then its levels and its date."""
        picked = self._slice(measure, selection)
        spec = picked.cube.spec
        levels = [spec.dimensions[name].levels.get(level, level) for name, level in picked.levels.items() if level]
        when = [self._views.story.config.style.period(picked.period)] if picked.period else []
        label = f"{spec.label or measure}{f' {by}'.replace('_', ' ') if by else ''}"
        return ", ".join([rule.replace("…", label), *levels, *when])

    def _slice(self, measure: str, selection: dict[str, Any]) -> Slice:
        return self._views.selector.slice(measure, self._collection.name, as_selection(selection))

    # --- choosing ---------------------------------------------------------------------------------------

    def sorted(self, measure: str, *, lowest_first: bool = False, by: str = "", **selection: Any) -> CollectionView:
        """Those with a known figure, highest first; equal figures by name."""
        figures = {e.key: value_of(self._views, measure, e, selection, by) for e in self._entities}
        known = [e for e in self._entities if figures[e.key].known]
        sign = 1 if lowest_first else -1
        known.sort(key=lambda e: (sign * figures[e.key].need(), e.name))
        made_by = (measure, as_selection(selection))
        return Ranking(self._views, self._collection, known, made_by, figures, group_base(self))

    def top(self, measure: str, n: int = 5, *, by: str = "", **selection: Any) -> CollectionView:
        """The first ``n`` by a measure. Raises QuantityError when a tie makes "the first n" a matter of luck."""
        return self._first(n, self.sorted(measure, by=by, **selection))

    def bottom(self, measure: str, n: int = 5, *, by: str = "", **selection: Any) -> CollectionView:
        """The last ``n`` by a measure, the very last first."""
        return self._first(n, self.sorted(measure, lowest_first=True, by=by, **selection))

    def _first(self, n: int, ordered: CollectionView) -> CollectionView:
        if n < 1:
            raise QuantityError("bad-number", f"there is no first {n}", "Ask for one or more.")
        first: CollectionView = ordered[:n]
        return first

    def _compared(
        self, sign: str, measure: str, number: Any, by: str, selection: dict[str, Any], rule: str
    ) -> CollectionView:
        compare = _SIGNS[sign]
        kept = []
        maybe = 0
        for entity in self._entities:
            value = value_of(self._views, measure, entity, selection, by)
            if not value.known:
                maybe += 1
            elif compare(value, number):
                kept.append(entity)
        rule = self._said(measure, selection, rule, by)
        return self._some(kept, (measure, as_selection(selection)), maybe, rule)

    def above(self, measure: str, number: Any, *, by: str = "", **selection: Any) -> CollectionView:
        """Those with a known figure above ``number``."""
        return self._compared(">", measure, number, by, selection, f"… above {self._number(number)}")

    def below(self, measure: str, number: Any, *, by: str = "", **selection: Any) -> CollectionView:
        return self._compared("<", measure, number, by, selection, f"… below {self._number(number)}")

    def _number(self, number: Any) -> str:
        """A bound, for a rule in words."""
        style = self._views.story.config.style
        if isinstance(number, Numeric):
            return number.quantity.print(style, prose=False)
        return style.number(number, 0 if number == int(number) else 1) if isinstance(number, int | float) else "…"

    def with_any(self, measure: str, **selection: Any) -> CollectionView:
        """Those with a known figure above zero."""
        return self._compared(">", measure, 0, "", selection, "any …")

    def with_none(self, measure: str, **selection: Any) -> CollectionView:
        """Those whose figure is known to be zero."""
        values = [(e, value_of(self._views, measure, e, selection, "")) for e in self._entities]
        kept = [e for e, value in values if value.known and value == 0]
        maybe = sum(not value.known for _, value in values)
        rule = self._said(measure, selection, "no … (the figure is known to be 0)")
        return self._some(kept, (measure, as_selection(selection)), maybe, rule)

    def unknown(self, measure: str, **selection: Any) -> CollectionView:
        cells = self._slice(measure, selection).cells
        kept = [e for e in self._entities if cells[e.key].status != "known"]
        rule = self._said(measure, selection, "no known figure of …")
        return self._some(kept, (measure, as_selection(selection)), rule=rule)

    def known(self, measure: str, **selection: Any) -> CollectionView:
        """Those with a known figure."""
        cells = self._slice(measure, selection).cells
        kept = [e for e in self._entities if cells[e.key].status == "known"]
        rule = self._said(measure, selection, "a known figure of …")
        return self._some(kept, (measure, as_selection(selection)), rule=rule)

    def where(self, measure: str, *codes: str, **selection: Any) -> CollectionView:
        """Those in one of these categories of a measure."""
        picked = self._slice(measure, selection)
        known = picked.cube.spec.categories
        for code in codes:
            if code not in known:
                raise QuantityError(
                    "unknown-category",
                    f"{measure} has no category {code!r}{did_you_mean(code, known)}",
                    f"Categories: {one_of(known)}.",
                )
        kept = [e for e in self._entities if picked.cells[e.key].text in codes]
        maybe = sum(picked.cells[e.key].status != "known" for e in self._entities)
        rule = self._said(measure, selection, f"…: {' or '.join(known[code].label for code in codes)}")
        return self._some(kept, (measure, as_selection(selection)), maybe, rule)

    def tied_with(self, other: EntityView, measure: str, **selection: Any) -> CollectionView:
        """The others with the same rank."""
        ranks = self._slice(measure, selection).ranks
        own = ranks.get(other.key)
        kept = [e for e in self._entities if e.key != other.key and own is not None and ranks.get(e.key) == own]
        rule = self._said(measure, selection, f"as many … as {other.name}")
        return self._some(kept, (measure, as_selection(selection)), rule=rule)

    # --- figures of the group ---------------------------------------------------------------------------

    @property
    def count(self) -> Quantity:
        """How many they are, bound to the rows that made the choice."""
        name = self._collection.name
        if self._made_by is None:
            lines = tuple(entity.line for entity in self._entities)
            return Quantity(
                len(self),
                name,
                "count",
                label=Message("number of {things}", things=Message(name)),
                rows=(Rows(self._collection.dataset, lines),),
            )
        measure, asked = self._made_by
        picked = self._views.selector.slice(measure, name, asked)
        rows = merged([picked.cells[e.key].rows for e in self._entities])
        return Quantity(
            len(self),
            name,
            "count",
            label=Message("number of {things} by {label}", things=Message(name), label=measure),
            period=picked.period,
            rows=rows,
        )

    def _measure(self, measure: str) -> str:
        if measure:
            return measure
        if self._made_by is None:
            raise QuantityError("no-measure", 'which measure? name it: .total("measure")')
        return self._made_by[0]

    def total(self, measure: str = "", **selection: Any) -> Quantity:
        """Their sum. Raises QuantityError when one of them has no figure, or they do not add up."""
        name = self._measure(measure)
        asked = as_selection(selection)
        if not asked and self._made_by and name == self._made_by[0]:
            asked = self._made_by[1]
        picked = self._views.selector.slice(name, self._collection.name, asked)
        spec = picked.cube.spec
        if not spec.adds_up or picked.period is None:
            why = "has figures of different dates here" if spec.adds_up else "is not a measure that adds up"
            raise QuantityError("no-sum", f"{name} {why}; there is no sum")
        cells = [picked.cells[e.key] for e in self._entities]
        for entity, cell in zip(self._entities, cells, strict=True):
            if cell.number is None:
                raise QuantityError("value-unknown", f"{name} of {entity.name} is {cell.status}; there is no sum")
        spans = [cell_interval(cell) for cell in cells]
        made = Quantity(
            sum(cell.number or 0 for cell in cells),
            spec.unit,
            decimals=spec.decimals,
            period=picked.period,
            definition=picked.definition,
            label=spec.label or name,
            of=Message("{count} {things}", count=str(len(self)), things=Message(self._collection.name)),
            rows=merged([cell.rows for cell in cells] or [Rows(spec.from_, ())]),
            unit_one=spec.unit_one,
        )
        return made.spanning(reduce(lambda total, span: total.plus(span, 1), spans, Interval(0, 0)))

    @property
    def share(self) -> Quantity:
        """Their share of the whole, in percent, by the measure that chose them."""
        total = self.total()
        measure, asked = self._made_by or ("", ())
        picked = self._views.selector.slice(measure, self._collection.name, asked)
        return share_of(self._views, picked, total)


def group_base(group: CollectionView) -> CollectionView:
    """The whole that a group was chosen from: a collection, or the entities below one."""
    return group._base or group


def group_facts(group: CollectionView) -> tuple[Collection, str, int]:
    """Its collection, the measure that chose it ('' for none), and how many others might belong to it.

    Those have no figure, so that nobody knows.
    """
    return group._collection, group._made_by[0] if group._made_by else "", group._maybe


def group_rule(group: CollectionView) -> str:
    """By which rule they were chosen, in words; nothing for all of a collection, or the first by a measure."""
    return group._rule


class Ranking(CollectionView):
    """Entities in the order of a measure. To pick some of them by their place, the order must be certain."""

    def __init__(
        self,
        views: Lookup,
        collection: Collection,
        entities: Sequence[Entity],
        made_by: tuple[str, Selection],
        figures: Mapping[str, Quantity],
        base: CollectionView | None = None,
    ) -> None:
        super().__init__(views, collection, entities, made_by, base)
        self._measure_name, self._asked = made_by
        self._figures = figures

    def __getitem__(self, index: Any) -> Any:
        size = len(self._entities)
        if isinstance(index, slice):
            start, stop, step = index.indices(size)
            if step == 1:
                self._require_cut(start)
                self._require_cut(stop)
                kept = self._entities[index]
                made_by = (self._measure_name, self._asked)
                return Ranking(self._views, self._collection, kept, made_by, self._figures, group_base(self))
        elif isinstance(index, int) and -size <= index < size:
            self._require_cut(index % size)
            self._require_cut(index % size + 1)
        return super().__getitem__(index)

    def _require_cut(self, place: int) -> None:
        """Raises QuantityError when one before ``place`` may have as much as one from there on."""
        self._views.selector.slice(self._measure_name, self._collection.name, self._asked).require_order()
        before, after = self._entities[:place], self._entities[place:]
        if not before or not after:
            return
        exact = all(self._figures[e.key].bounds.is_point for e in self._entities)
        for one in before[-1:] if exact else before:
            for other in after[:1] if exact else after:
                self._require_apart(one, other, place)

    def _require_apart(self, one: Entity, other: Entity, place: int) -> None:
        ours, theirs = self._figures[one.key].bounds, self._figures[other.key].bounds
        if ours.below(theirs) or theirs.below(ours):
            return
        tied = self._figures[one.key].need() == self._figures[other.key].need()
        why = "are tied" if tied else "are not known exactly enough to be told apart"
        raise QuantityError(
            "tie-at-the-cut",
            f"{one.name} and {other.name} {why} by {self._measure_name}, so there is no first {place}",
            'Ask for more or fewer, or for all above a number: .above("measure", number).',
        )


_GROUP_NAMES = (
    "top", "bottom", "sorted", "above", "below", "with_any", "with_none", "known", "unknown", "where", "tied_with",
    "count", "total", "share",
)  # fmt: skip
