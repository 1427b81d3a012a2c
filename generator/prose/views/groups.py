"""Several entities: chosen, ordered and added up by a measure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from generator.measures.select import Selection, Slice
from generator.model import Collection, Entity, Rows
from generator.problems import did_you_mean, one_of
from generator.prose.views.base import Lookup, View, as_selection, merged
from generator.prose.views.entities import EntityView
from generator.prose.views.value import share_of, value_of
from generator.values import Quantity, QuantityError

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
    ) -> None:
        self._views = views
        self._collection = collection
        self._entities = tuple(entities)
        self._made_by = made_by

    def __len__(self) -> int:
        return len(self._entities)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self._some(self._entities[index], self._made_by)
        if isinstance(index, str):
            for entity in self._entities:
                if entity.key == index:
                    return EntityView(self._views, entity)
            keys = [entity.key for entity in self._entities]
            raise QuantityError(
                "unknown-entity", f"{self._collection.name} has no {index!r}{did_you_mean(index, keys)}"
            )
        return EntityView(self._views, self._entities[index])

    def __iter__(self) -> Iterator[EntityView]:
        return (EntityView(self._views, entity) for entity in self._entities)

    def _look(self, name: str) -> Any:
        if any(entity.key == name for entity in self._entities):
            return self[name]
        raise QuantityError(
            "unknown-name",
            f"{self._collection.name} has no {name!r}",
            f'Ask for: {one_of(_GROUP_NAMES)}; or for one of them by key: {self._collection.name}["…"].',
        )

    def _some(self, entities: Sequence[Entity], made_by: tuple[str, Selection] | None = None) -> CollectionView:
        return CollectionView(self._views, self._collection, entities, made_by)

    def _slice(self, measure: str, selection: dict[str, Any]) -> Slice:
        return self._views.selector.slice(measure, self._collection.name, as_selection(selection))

    # --- choosing ---------------------------------------------------------------------------------------

    def sorted(self, measure: str, *, lowest_first: bool = False, by: str = "", **selection: Any) -> CollectionView:
        """Those with a known figure, highest first; equal figures by name."""
        values = {e.key: value_of(self._views, measure, e, selection, by) for e in self._entities}
        known = [e for e in self._entities if values[e.key].known]
        sign = 1 if lowest_first else -1
        known.sort(key=lambda e: (sign * values[e.key].need(), e.name))
        return self._some(known, (measure, as_selection(selection)))

    def top(self, measure: str, n: int = 5, *, by: str = "", **selection: Any) -> CollectionView:
        """The first ``n`` by a measure. Raises QuantityError when a tie makes "the first n" a matter of luck."""
        ordered = self.sorted(measure, by=by, **selection)
        return ordered._cut(n, measure, by, selection)

    def bottom(self, measure: str, n: int = 5, *, by: str = "", **selection: Any) -> CollectionView:
        ordered = self.sorted(measure, lowest_first=True, by=by, **selection)
        return ordered._cut(n, measure, by, selection)

    def _cut(self, n: int, measure: str, by: str, selection: dict[str, Any]) -> CollectionView:
        chosen = self._entities[:n]
        if len(self._entities) > n > 0:
            last, after = (value_of(self._views, measure, e, selection, by) for e in self._entities[n - 1 : n + 1])
            if last.need() == after.need():
                raise QuantityError(
                    "tie-at-the-cut",
                    f"{self._entities[n - 1].name} and {self._entities[n].name} are tied by {measure},"
                    f" so there is no first {n}",
                    'Ask for more or fewer, or for all above a number: .above("measure", number).',
                )
        return self._some(chosen, (measure, as_selection(selection)))

    def _compared(self, sign: str, measure: str, number: Any, by: str, selection: dict[str, Any]) -> CollectionView:
        compare = _SIGNS[sign]
        kept = []
        for entity in self._entities:
            value = value_of(self._views, measure, entity, selection, by)
            if value.known and compare(value, number):
                kept.append(entity)
        return self._some(kept, (measure, as_selection(selection)))

    def above(self, measure: str, number: Any, *, by: str = "", **selection: Any) -> CollectionView:
        """Those with a known figure above ``number``."""
        return self._compared(">", measure, number, by, selection)

    def below(self, measure: str, number: Any, *, by: str = "", **selection: Any) -> CollectionView:
        return self._compared("<", measure, number, by, selection)

    def with_any(self, measure: str, **selection: Any) -> CollectionView:
        """Those with a known figure above zero."""
        return self.above(measure, 0, **selection)

    def with_none(self, measure: str, **selection: Any) -> CollectionView:
        """Those whose figure is known to be zero."""
        cells = self._slice(measure, selection).cells
        return self._some(
            [e for e in self._entities if cells[e.key].number == 0], (measure, as_selection(selection))
        )

    def unknown(self, measure: str, **selection: Any) -> CollectionView:
        cells = self._slice(measure, selection).cells
        return self._some(
            [e for e in self._entities if cells[e.key].status != "known"], (measure, as_selection(selection))
        )

    def known(self, measure: str, **selection: Any) -> CollectionView:
        """Those with a known figure."""
        cells = self._slice(measure, selection).cells
        return self._some(
            [e for e in self._entities if cells[e.key].status == "known"], (measure, as_selection(selection))
        )

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
        return self._some(kept, (measure, as_selection(selection)))

    def tied_with(self, other: EntityView, measure: str, **selection: Any) -> CollectionView:
        """The others with exactly the same figure."""
        cells = self._slice(measure, selection).cells
        own = cells[other.key].number
        return self._some(
            [e for e in self._entities if e.key != other.key and own is not None and cells[e.key].number == own],
            (measure, as_selection(selection)),
        )

    # --- figures of the group ---------------------------------------------------------------------------

    @property
    def count(self) -> Quantity:
        """How many they are, bound to the rows that made the choice."""
        name = self._collection.name
        if self._made_by is None:
            lines = tuple(entity.line for entity in self._entities)
            return Quantity(
                len(self), name, "count", label=f"number of {name}", rows=(Rows(self._collection.dataset, lines),)
            )
        measure, asked = self._made_by
        picked = self._views.selector.slice(measure, name, asked)
        rows = merged([picked.cells[e.key].rows for e in self._entities])
        return Quantity(
            len(self), name, "count", label=f"number of {name} by {measure}", period=picked.period, rows=rows
        )

    def _measure(self, measure: str) -> str:
        if measure:
            return measure
        if self._made_by is None:
            raise QuantityError("no-measure", 'which measure? name it: .total("measure")')
        return self._made_by[0]

    def total(self, measure: str = "", **selection: Any) -> Quantity:
        """Their sum. Raises QuantityError when one of them has no figure."""
        name = self._measure(measure)
        asked = as_selection(selection) or (self._made_by[1] if self._made_by else ())
        picked = self._views.selector.slice(name, self._collection.name, asked)
        total: int | float = 0
        for entity in self._entities:
            cell = picked.cells[entity.key]
            if cell.number is None:
                raise QuantityError("value-unknown", f"{name} of {entity.name} is {cell.status}; there is no sum")
            total += cell.number
        spec = picked.cube.spec
        return Quantity(
            total,
            spec.unit,
            decimals=spec.decimals,
            period=picked.period,
            definition=picked.definition,
            label=spec.label or name,
            of=f"{len(self)} {self._collection.name}",
            rows=merged([picked.cells[e.key].rows for e in self._entities]),
            unit_one=spec.unit_one,
        )

    @property
    def share(self) -> Quantity:
        """Their share of the whole, in percent, by the measure that chose them."""
        total = self.total()
        measure, asked = self._made_by or ("", ())
        picked = self._views.selector.slice(measure, self._collection.name, asked)
        return share_of(self._views, picked, total)


_GROUP_NAMES = (
    "top", "bottom", "sorted", "above", "below", "with_any", "with_none", "known", "unknown", "where", "tied_with",
    "count", "total", "share",
)  # fmt: skip
