"""What a template sees: entities, collections, measures and rows, without anything to break.

Views look things up when asked and refuse what cannot be answered, with a suggestion. Nothing here prints.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from generator.measures.select import Selection, Slice
from generator.model import Cell, Collection, Entity, Period, Rows
from generator.problems import did_you_mean, one_of
from generator.prose.slots import Link
from generator.story import Story
from generator.values import Numeric, Quantity, QuantityError


class Views:
    """The views of a story, shared by all pages. ``link`` addresses are below the site's root."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.selector = story.selector
        self.specs = story.config.spec.collections
        self._by_key = {
            name: {entity.key: entity for entity in collection} for name, collection in story.collections.items()
        }
        self._children: dict[tuple[str, str], list[Entity]] = {}
        for collection in story.collections.values():
            for entity in collection:
                self._children.setdefault((collection.name, entity.parent), []).append(entity)
        self._related: dict[tuple[str, str], dict[str, list[int]]] = {}

    def collection(self, name: str) -> CollectionView:
        return CollectionView(self, self.story.collections[name], self.story.collections[name].entities)

    def entity(self, collection: str, key: str) -> EntityView:
        return EntityView(self, self._by_key[collection][key])

    def find(self, collection: str, key: str) -> Entity | None:
        return self._by_key[collection].get(key)

    def children(self, collection: str, of: Entity) -> list[Entity]:
        return self._children.get((collection, of.key), [])

    def related(self, dataset: str, column: str, key: str) -> list[int]:
        """Row numbers of a dataset whose ``column`` holds ``key``; the index is made once."""
        index = self._related.get((dataset, column))
        if index is None:
            index = {}
            for row, cell in enumerate(self.story.tables[dataset].columns[column]):
                index.setdefault(str(cell), []).append(row)
            self._related[dataset, column] = index
        return index.get(key, [])

    def globals(self) -> dict[str, Any]:
        """The names every template has: each collection, and the single entity of a collection of one."""
        names: dict[str, Any] = {}
        for name, collection in self.story.collections.items():
            names[name] = self.collection(name)
            if len(collection) == 1:
                names[collection.one] = self.entity(name, collection.entities[0].key)
        return names

    def scope(self, entity: Entity | None) -> dict[str, Any]:
        """The names a page about ``entity`` has besides: itself and the entities above it."""
        names: dict[str, Any] = {}
        while entity is not None:
            collection = self.story.collections[entity.collection]
            names[collection.one] = EntityView(self, entity)
            entity = self.find(collection.parent, entity.parent) if collection.parent and entity.parent else None
        return names


class View:
    """Names are looked up by ``_look``, which says what there is instead of what was asked for."""

    def _look(self, name: str) -> Any:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._look(name)
        except QuantityError as error:
            raise AttributeError(error.message) from error


class EntityView(View):
    """One entity: its name, its facts, its measures, its relations, what is above and below it."""

    def __init__(self, views: Views, entity: Entity) -> None:
        self._views = views
        self._entity = entity

    @property
    def key(self) -> str:
        return self._entity.key

    @property
    def name(self) -> str:
        return self._entity.name

    @property
    def slug(self) -> str:
        return self._entity.slug

    @property
    def url(self) -> str:
        return self._entity.url

    @property
    def link(self) -> Link:
        return Link(self._entity.name, f"/{self._entity.url}" if self._entity.url else "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EntityView) and self._entity == other._entity

    def __hash__(self) -> int:
        return hash((self._entity.collection, self._entity.key))

    def _look(self, name: str) -> Any:
        views, entity = self._views, self._entity
        if name in views.selector.cubes:
            return Value(views, name, entity, ())
        collections = views.story.collections
        own = collections[entity.collection]
        spec = views.specs[own.name]
        if name in spec.relations:
            rule = spec.relations[name]
            return Relation(views, rule.dataset, views.related(rule.dataset, rule.field, entity.key))
        if own.parent and name == collections[own.parent].one:
            return views.entity(own.parent, entity.parent)
        if name in collections and collections[name].parent == own.name:
            return CollectionView(views, collections[name], views.children(name, entity))
        if name in entity.facts:
            rows = Rows(own.dataset, (entity.line,))
            return _fact(views, own.dataset, name, entity.facts[name], rows)
        known = [*self._measures(), *spec.relations, *entity.facts, "key", "name", "slug", "url", "link"]
        known += [c.name for c in collections.values() if c.parent == own.name]
        raise QuantityError(
            "unknown-name",
            f"{own.one} has no {name!r}{did_you_mean(name, known)}",
            f"It has: {one_of(known, most=40)}.",
        )

    def _measures(self) -> list[str]:
        """The measures that have figures of such entities."""
        found = []
        for name, cube in self._views.selector.cubes.items():
            try:
                self._views.selector.base(cube, self._entity.collection)
            except QuantityError:
                continue
            found.append(name)
        return found


def _fact(views: Views, dataset: str, column: str, cell: Any, rows: Rows) -> Any:
    """A cell of a row: numbers stay bound to the row, the rest is text and dates; None stays None."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, str):
        return cell
    field = views.story.package.resource(dataset)
    described = field.schema_.field(column) if field else None
    label = described.label if described else column
    if isinstance(cell, dt.date):
        return Period.month(cell) if described and described.type == "yearmonth" else cell
    if described and described.type == "year":
        return str(cell)
    decimals = 0 if cell == int(cell) else 1
    return Quantity(cell, described.unit if described else "", decimals=decimals, label=label, rows=(rows,))


class RowView(View):
    """One row of a dataset; a field is an attribute."""

    def __init__(self, views: Views, dataset: str, row: int) -> None:
        self._views = views
        self._dataset = dataset
        self._row = row

    def _look(self, name: str) -> Any:
        table = self._views.story.tables[self._dataset]
        if name not in table.columns:
            known = list(table.columns)
            raise QuantityError(
                "unknown-field",
                f"{self._dataset} has no field {name!r}{did_you_mean(name, known)}",
                f"Its fields: {one_of(known, most=40)}.",
            )
        rows = Rows(self._dataset, (table.lines[self._row],))
        return _fact(self._views, self._dataset, name, table.columns[name][self._row], rows)


class Relation:
    """The rows of a dataset that belong to an entity, in the file's order."""

    def __init__(self, views: Views, dataset: str, rows: Sequence[int]) -> None:
        self._views = views
        self._dataset = dataset
        self._rows = tuple(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return Relation(self._views, self._dataset, self._rows[index])
        return RowView(self._views, self._dataset, self._rows[index])

    @property
    def dataset(self) -> str:
        return self._dataset

    @property
    def indices(self) -> tuple[int, ...]:
        return self._rows

    @property
    def count(self) -> Quantity:
        """How many rows, bound to them."""
        return _count(self._views, self._dataset, self._rows)

    def where(self, **wanted: Any) -> Relation:
        """The rows whose fields hold these values (compared as the file writes them)."""
        table = self._views.story.tables[self._dataset]
        for name in wanted:
            if name not in table.columns:
                raise QuantityError(
                    "unknown-field", f"{self._dataset} has no field {name!r}{did_you_mean(name, table.columns)}"
                )
        kept = [
            row
            for row in self._rows
            if all(_same(table.columns[name][row], value) for name, value in wanted.items())
        ]
        return Relation(self._views, self._dataset, kept)


def _same(cell: Any, value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_same(cell, item) for item in value)
    if value is None or cell is None:
        return value is cell
    if isinstance(cell, bool) or isinstance(value, bool):
        return cell is value
    return str(cell) == str(value)


def _count(views: Views, dataset: str, rows: Sequence[int]) -> Quantity:
    table = views.story.tables[dataset]
    lines = tuple(table.lines[row] for row in rows)
    return Quantity(
        len(rows), "rows", "count", label=f"rows of {table.resource.title or dataset}", rows=(Rows(dataset, lines),)
    )


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
        views: Views,
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
        return self._views.selector.slice(measure, self._collection.name, _asked(selection))

    # --- choosing ---------------------------------------------------------------------------------------

    def sorted(self, measure: str, *, lowest_first: bool = False, by: str = "", **selection: Any) -> CollectionView:
        """Those with a known figure, highest first; equal figures by name."""
        values = {e.key: _value_of(self._views, measure, e, selection, by) for e in self._entities}
        known = [e for e in self._entities if values[e.key].known]
        sign = 1 if lowest_first else -1
        known.sort(key=lambda e: (sign * values[e.key].need(), e.name))
        return self._some(known, (measure, _asked(selection)))

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
            last, after = (_value_of(self._views, measure, e, selection, by) for e in self._entities[n - 1 : n + 1])
            if last.need() == after.need():
                raise QuantityError(
                    "tie-at-the-cut",
                    f"{self._entities[n - 1].name} and {self._entities[n].name} are tied by {measure},"
                    f" so there is no first {n}",
                    'Ask for more or fewer, or for all above a number: .above("measure", number).',
                )
        return self._some(chosen, (measure, _asked(selection)))

    def _compared(self, sign: str, measure: str, number: Any, by: str, selection: dict[str, Any]) -> CollectionView:
        compare = _SIGNS[sign]
        kept = []
        for entity in self._entities:
            value = _value_of(self._views, measure, entity, selection, by)
            if value.known and compare(value, number):
                kept.append(entity)
        return self._some(kept, (measure, _asked(selection)))

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
        return self._some([e for e in self._entities if cells[e.key].number == 0], (measure, _asked(selection)))

    def unknown(self, measure: str, **selection: Any) -> CollectionView:
        cells = self._slice(measure, selection).cells
        return self._some(
            [e for e in self._entities if cells[e.key].status != "known"], (measure, _asked(selection))
        )

    def known(self, measure: str, **selection: Any) -> CollectionView:
        """Those with a known figure."""
        cells = self._slice(measure, selection).cells
        return self._some(
            [e for e in self._entities if cells[e.key].status == "known"], (measure, _asked(selection))
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
        return self._some(kept, (measure, _asked(selection)))

    def tied_with(self, other: EntityView, measure: str, **selection: Any) -> CollectionView:
        """The others with exactly the same figure."""
        cells = self._slice(measure, selection).cells
        own = cells[other.key].number
        return self._some(
            [e for e in self._entities if e.key != other.key and own is not None and cells[e.key].number == own],
            (measure, _asked(selection)),
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
        rows = _merged([picked.cells[e.key].rows for e in self._entities])
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
        asked = _asked(selection) or (self._made_by[1] if self._made_by else ())
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
            rows=_merged([picked.cells[e.key].rows for e in self._entities]),
            unit_one=spec.unit_one,
        )

    @property
    def share(self) -> Quantity:
        """Their share of the whole, in percent, by the measure that chose them."""
        total = self.total()
        measure, asked = self._made_by or ("", ())
        picked = self._views.selector.slice(measure, self._collection.name, asked)
        return _share(self._views, picked, total)


_GROUP_NAMES = (
    "top", "bottom", "sorted", "above", "below", "with_any", "with_none", "known", "unknown", "where", "tied_with",
    "count", "total", "share",
)  # fmt: skip


def _merged(rows: Sequence[Rows]) -> tuple[Rows, ...]:
    lines: dict[str, set[int]] = {}
    for item in rows:
        lines.setdefault(item.dataset, set()).update(item.lines)
    return tuple(Rows(name, tuple(sorted(found))) for name, found in lines.items())


def _asked(selection: dict[str, Any]) -> Selection:
    """What a template asked for, as text. Dates may be texts, dates, periods or another value's period."""
    made = []
    for name, given in selection.items():
        if name == "period":
            name = "at"
        if isinstance(given, dt.date):
            text = given.isoformat()
        elif isinstance(given, Period | str | int) and not isinstance(given, bool):
            text = str(given)
        elif isinstance(given, bool):
            text = "true" if given else "false"
        else:
            raise QuantityError("bad-selection", f"{name}= takes a text, not {type(given).__name__}")
        made.append((name, text))
    return tuple(sorted(made))


def _value_of(views: Views, measure: str, entity: Entity, selection: dict[str, Any], by: str) -> Quantity:
    value = Value(views, measure, entity, _asked(selection))
    return value.rate(by) if by else value.quantity


def _share(views: Views, picked: Slice, part: Quantity) -> Quantity:
    whole, spec, name = picked.whole, picked.cube.spec, picked.cube.name
    if whole is None or whole.number is None:
        why = "covers only some" if spec.coverage == "partial" else "has no whole"
        raise QuantityError("no-whole", f"{name} {why}, so there is nothing to take a share of")
    number = part.need()
    if whole.number == 0:
        raise QuantityError("no-whole", f"the whole of {name} is zero, so there are no shares")
    return Quantity(
        number / whole.number * 100,
        "percent",
        "share",
        views.story.config.style.percent_decimals,
        precision=part.precision if part.precision == whole.precision else "approximate",
        period=picked.period,
        definition=f"share, {picked.definition}",
        label=f"share of {spec.label or name}",
        of=part.of,
        rows=_merged([*part.rows, whole.rows]),
        formula=f"{number:,} ÷ {whole.number:,} × 100",
    )


class Value(Numeric, View):
    """One measure of one entity. Call it to select: ``town.visitors(at="2025", kind="adult")``.

    It is looked up when it is used, so that a measure with several figures can be selected from.
    """

    def __init__(self, views: Views, measure: str, entity: Entity, asked: Selection) -> None:
        self._views = views
        self._measure = measure
        self._entity = entity
        self._asked = asked
        self._found: Quantity | None = None

    def __call__(self, **selection: Any) -> Value:
        merged = dict(self._asked) | dict(_asked(selection))
        return Value(self._views, self._measure, self._entity, tuple(sorted(merged.items())))

    # --- looking up -------------------------------------------------------------------------------------

    @property
    def _slice(self) -> Slice:
        return self._views.selector.slice(self._measure, self._entity.collection, self._asked)

    @property
    def _cell(self) -> Cell:
        return self._slice.cells.get(self._entity.key) or Cell(None, Rows(self._slice.cube.spec.from_, ()), "unknown")

    @property
    def quantity(self) -> Quantity:
        if self._found is None:
            picked, cell = self._slice, self._cell
            spec = picked.cube.spec
            category = spec.categories.get(cell.text)
            self._found = Quantity(
                cell.number,
                spec.unit,
                "category" if spec.kind == "category" else "number",
                spec.decimals,
                cell.status,
                cell.precision,
                picked.periods.get(self._entity.key, picked.period),
                picked.definition,
                spec.label or self._measure,
                self._entity.name,
                (cell.rows,),
                text=(category.phrase or category.label) if category else cell.text,
                code=cell.text,
                unit_one=spec.unit_one,
            )
        return self._found

    @property
    def known(self) -> bool:
        return self.quantity.known

    @property
    def number(self) -> int | float:
        """The bare number, for an 'if'; print the value itself instead."""
        return self.quantity.need()

    @property
    def code(self) -> str:
        """The category's code, '' when unknown."""
        return self.quantity.code

    @property
    def label(self) -> str:
        spec = self._slice.cube.spec
        category = spec.categories.get(self._cell.text)
        return category.label if category else self.quantity.text

    @property
    def date(self) -> Period | None:
        """When this was so."""
        return self.quantity.period

    @property
    def dates(self) -> tuple[Period, ...]:
        return self._views.selector.periods(self._measure, self._entity.collection, self._asked)

    @property
    def row(self) -> RowView | None:
        """The row it came from, when it came from one."""
        rows = self._cell.rows
        if len(rows.lines) != 1:
            return None
        table = self._views.story.tables[rows.dataset]
        return RowView(self._views, rows.dataset, table.lines.index(rows.lines[0]))

    @property
    def across(self) -> Quantity:
        return self.quantity.across

    # --- derived ----------------------------------------------------------------------------------------

    @property
    def rank(self) -> Quantity:
        """Its place among the collection's entities with a known figure, ties sharing the better one."""
        picked, cell, spec = self._slice, self._cell, self._slice.cube.spec
        name = f"rank by {spec.label or self._measure}"
        base = {"kind": "rank", "label": name, "of": self._entity.name, "rows": (cell.rows,)}
        period = picked.periods.get(self._entity.key, picked.period)
        if spec.rank.reported:
            status = "known" if cell.rank is not None else "unknown"
            return Quantity(cell.rank, status=status, period=period, **base)  # type: ignore[arg-type]
        found = picked.ranks.get(self._entity.key)
        if found is None:
            return Quantity(None, status=cell.status if cell.status != "known" else "unknown", **base)  # type: ignore[arg-type]
        formula = f"{found[0]} of {len(picked.ranks)}"
        return Quantity(
            found[0],
            period=period,
            tied=found[1],
            among=len(picked.ranks),
            formula=formula,
            **base,  # type: ignore[arg-type]
        )

    @property
    def share(self) -> Quantity:
        """Its share of the whole, in percent."""
        return _share(self._views, self._slice, self.quantity)

    def rate(self, name: str) -> Quantity:
        """A declared rate. Raises QuantityError when it is not declared or its denominator is unknown."""
        spec = self._slice.cube.spec
        rule = spec.rates.get(name)
        if rule is None:
            raise QuantityError(
                "unknown-rate",
                f"{self._measure} has no rate {name!r}{did_you_mean(name, spec.rates)}",
                f"Its rates: {one_of(spec.rates) or 'none'}.",
            )
        own = self.quantity
        by = Value(self._views, rule.by, self._entity, (("at", rule.at),) if rule.at else ()).quantity
        known = own.known and by.known and by.need() > 0
        return Quantity(
            own.need() / by.need() * rule.per if known else None,
            rule.unit or f"{own.unit} per {rule.per:,} {by.unit}",
            "rate",
            rule.decimals,
            "known" if known else own.status if own.status != "known" else "unknown",
            own.precision,
            own.period,
            f"{name}, {own.definition}",
            f"{own.label} per {rule.per:,} {by.unit}",
            own.of,
            _merged([*own.rows, *by.rows]),
            f"{own.number:,} ÷ {by.number:,} × {rule.per:,}" if known else "",
        )

    def rate_rank(self, name: str) -> Quantity:
        """Its place by a declared rate."""
        from generator.measures.select import rank

        spec = self._slice.cube.spec
        collection = self._views.story.collections[self._entity.collection]
        rates = {e.key: Value(self._views, self._measure, e, self._asked).rate(name) for e in collection}
        known = {key: float(r.need()) for key, r in rates.items() if r.known}
        if spec.rank.order == "never":
            raise QuantityError("never-ranked", f"{self._measure} is declared never to be ranked")
        places = rank(known, spec.rank.order)
        own = rates[self._entity.key]
        if self._entity.key not in places:
            return Quantity(None, kind="rank", status="unknown", label=f"rank by {own.label}", of=own.of)
        place, tied = places[self._entity.key]
        return Quantity(
            place, kind="rank", period=own.period, label=f"rank by {own.label}", of=own.of, rows=own.rows,
            tied=tied, among=len(places), formula=f"{place} of {len(places)}",
        )  # fmt: skip

    def change(self, since: Any = None, **selection: Any) -> Quantity:
        """The difference from the same figure at another date: now − then."""
        now, then = self.quantity, self._then(since, selection)
        made = now.across.plus(then, -1)
        label = f"change of {now.label} since {then.period}"
        return Quantity(
            made.number, now.unit, "change", now.decimals, precision=made.precision, period=now.period,
            label=label, of=now.of, rows=_merged([*now.rows, *then.rows]),
            formula=f"{now.number:,} − {then.number:,}", unit_one=now.unit_one,
        )  # fmt: skip

    def ratio(self, since: Any = None, **selection: Any) -> Quantity:
        """How many times the figure at another date: now ÷ then."""
        return self.quantity.across.over(self._then(since, selection))

    def percent_change(self, since: Any = None, **selection: Any) -> Quantity:
        now, then = self.quantity, self._then(since, selection)
        if then.need() == 0:
            raise QuantityError("divided-by-zero", f"{then.name} is zero; a change in percent has no meaning")
        style = self._views.story.config.style
        return Quantity(
            (now.need() - then.need()) / then.need() * 100, "percent", "share", style.percent_decimals,
            period=now.period, label=f"change of {now.label} since {then.period}", of=now.of,
            rows=_merged([*now.rows, *then.rows]),
            formula=f"({now.number:,} − {then.number:,}) ÷ {then.number:,} × 100",
        )  # fmt: skip

    def _then(self, since: Any, selection: dict[str, Any]) -> Quantity:
        if since is None and "at" not in selection:
            raise QuantityError("no-date", 'since when? write .change(since="2025-06-06")')
        if since is not None:
            selection = selection | {"at": since}
        return self(**selection).quantity

    # --- over time --------------------------------------------------------------------------------------

    def _on(self, period: Period) -> Quantity:
        return self(at=period).quantity

    @property
    def peak(self) -> Quantity:
        """The highest figure on any date, the first time it was reached."""
        known = [(cell.number, period) for period, cell in self.series() if cell.number is not None]
        if not known:
            raise QuantityError("no-figures", f"{self._measure} of {self._entity.name} is known for no date")
        highest = max(number for number, _ in known)
        return self._on(next(period for number, period in known if number == highest))

    @property
    def ever(self) -> bool:
        """Whether any date has a figure above zero."""
        return any(cell.number for _, cell in self.series())

    @property
    def first_seen(self) -> Quantity:
        """The first figure above zero."""
        return self._on(next(p for p, cell in self._seen()))

    @property
    def last_seen(self) -> Quantity:
        """The last figure above zero."""
        return self._on(self._seen()[-1][0])

    def _seen(self) -> list[tuple[Period, Cell]]:
        seen = [(period, cell) for period, cell in self.series() if cell.number]
        if not seen:
            raise QuantityError(
                "no-figures",
                f"{self._measure} of {self._entity.name} was never above zero",
                "Ask 'if … .ever' first.",
            )
        return seen

    def overtook(self, other: Any) -> Period:
        """The first date from which it has been above another one's figure on every date since."""
        if not isinstance(other, Value):
            raise QuantityError("not-a-value", "only the same measure of another entity can be overtaken")
        theirs = dict(other.series())
        since: Period | None = None
        for period, cell in self.series():
            their = theirs.get(period)
            ahead = their is not None and (cell.number or 0) > (their.number or 0)
            since = (since or period) if ahead else None
        if since is None:
            raise QuantityError("not-ahead", f"{self._measure} of {self._entity.name} is not ahead of that")
        return since

    def series(self, **selection: Any) -> list[tuple[Period, Cell]]:
        """Every period with its cell, in order; for figures."""
        chosen = self(**selection)
        found = []
        for period in chosen.dates:
            asked = tuple(sorted({**dict(chosen._asked), "at": str(period)}.items()))
            picked = self._views.selector.slice(self._measure, self._entity.collection, asked)
            cell = picked.cells.get(self._entity.key)
            if cell is not None:
                found.append((period, cell))
        return found

    def _look(self, name: str) -> Any:
        spec = self._slice.cube.spec
        if name in spec.rates:
            return self.rate(name)
        known = [*spec.rates, *_VALUE_NAMES]
        raise QuantityError(
            "unknown-name",
            f"{self._measure} has no {name!r}{did_you_mean(name, known)}",
            f"It has: {one_of(known, most=30)}.",
        )

    # --- as a number ------------------------------------------------------------------------------------

    def __bool__(self) -> bool:
        quantity = self.quantity
        return bool(quantity.code) if quantity.code else quantity.need() != 0



_VALUE_NAMES = (
    "rank", "rate_rank", "share", "change", "ratio", "percent_change", "known", "number", "code", "label", "date",
    "row", "across", "peak", "ever", "first_seen", "last_seen", "overtook",
)  # fmt: skip
