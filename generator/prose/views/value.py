"""One measure of one entity: selected, ranked, divided, compared with itself at another date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.languages import Message
from generator.measures.select import Selection, Slice, cell_interval, dated, places
from generator.measures.spec import MeasureSpec
from generator.model import Cell, Entity, Period, Rows
from generator.problems import did_you_mean, one_of
from generator.prose.slots import Cited
from generator.prose.views.base import Lookup, UnknownNameError, View, as_selection, merged
from generator.prose.views.rows import RowView
from generator.values import PERCENT, Interval, Numeric, Peers, Quantity, QuantityError, Tally


class Dates(tuple[Period, ...]):
    """Periods, and how many they are."""

    counted: Quantity


class Value(Numeric, View):
    """One measure of one entity. Call it to select: ``town.visitors(at="2025", kind="adult")``.

    It is looked up when it is used, so that a measure with several figures can be selected from, and keeps
    what was found: all pages share it (see ``find_value``).
    """

    def __init__(self, views: Lookup, measure: str, entity: Entity, asked: Selection) -> None:
        self._views = views
        self._measure = measure
        self._entity = entity
        self._asked = asked
        self._found: Quantity | None = None
        self._place: Quantity | None = None
        self._rates: dict[str, Quantity] = {}

    def __call__(self, *unnamed: Any, **selection: Any) -> Value:
        if unnamed:
            shown = f"{unnamed[0]!r}" if isinstance(unnamed[0], str) else "…"
            raise QuantityError(
                "bad-selection",
                f"{self._measure}(…) must be told what is selected",
                f"Write for example {self._measure}(at={shown}).",
            )
        asked = dict(self._asked) | dict(as_selection(selection))
        return find_value(self._views, self._measure, self._entity, tuple(sorted(asked.items())))

    # --- looking up -------------------------------------------------------------------------------------

    @cached_property
    def _slice(self) -> Slice:
        return self._views.selector.slice(self._measure, self._entity.collection, self._asked)

    @property
    def _cell(self) -> Cell:
        return self._slice.cells.get(self._entity.key) or Cell(
            None, Rows(self._slice.cube.spec.from_, ()), "unknown"
        )

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
                span=cell_interval(cell) if cell.status == "known" and cell.precision != "exact" else None,
            )
        return self._found

    def same(self, other: Any) -> bool:
        """As for any quantity; a code that the measure does not have is an error, not just another one."""
        spec = self._slice.cube.spec
        if spec.kind == "category" and type(other) is str and other and other not in spec.categories:
            raise QuantityError(
                "unknown-category",
                f"{self._measure} has no category {other!r}{did_you_mean(other, spec.categories)}",
                f"Categories: {one_of(spec.categories)}.",
            )
        return super().same(other)

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
        return Cited(category.label if category else self.quantity.text, self._cell.rows)

    @property
    def date(self) -> Period | None:
        """When this was so."""
        return self.quantity.period

    @property
    def days(self) -> Quantity:
        """How many days its period has."""
        own = self.quantity
        if own.period is None:
            raise QuantityError("no-date", f"{own.name} has no period")
        label = Message("days of {label}", label=Message(own.label))
        return Quantity(
            own.period.days,
            Message("days"),
            "count",
            period=own.period,
            label=label,
            rows=own.rows,
            unit_one=Message("day"),
        )

    @property
    def dates(self) -> Dates:
        """Every date or period of this selection, in order."""
        cube = self._views.selector.cube(self._measure)
        found = Dates(self._views.selector.periods(self._measure, self._entity.collection, self._asked))
        rows = tuple(Rows(name, ()) for name in cube.datasets)
        found.counted = Quantity(
            len(found), Message("dates"), "count", label=Message("dates of {label}", label=self._measure), rows=rows
        )
        return found

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
        if self._place is None:
            self._place = self._ranked()
        return self._place

    def _ranked(self) -> Quantity:
        picked, cell = self._slice, self._cell
        own = replace(self.quantity, rows=(cell.rows,))
        if picked.cube.spec.rank.reported:
            number = cell.rank if picked.periods.get(self._entity.key) else None
            return _rank(own, picked.cube.spec, number)
        standing = Standing(picked.ranks, picked.ranked_rows)
        made = standing.rank(self._entity.key, own, picked.cube.spec)
        return self._among(made, standing, lambda e: self._sibling(e).quantity)

    @property
    def share(self) -> Quantity:
        """Its share of the whole, in percent."""
        return share_of(self._views, self._slice, self.quantity)

    def rate(self, name: str) -> Quantity:
        """A declared rate. Raises QuantityError when it is not declared or its denominator is unknown."""
        if name not in self._rates:
            self._rates[name] = self._rate(name)
        return self._rates[name]

    def _rate(self, name: str) -> Quantity:
        spec = self._slice.cube.spec
        rule = spec.rates.get(name)
        if rule is None:
            raise QuantityError(
                "unknown-rate",
                f"{self._measure} has no rate {name!r}{did_you_mean(name, spec.rates)}",
                f"Its rates: {one_of(spec.rates) or 'none'}.",
            )
        own = self.quantity
        by = find_value(self._views, rule.by, self._entity, (("at", rule.at),) if rule.at else ()).quantity
        missing = next((q.status for q in (own, by) if q.status != "known"), None)
        known = missing is None and by.need() > 0
        made = Quantity(
            own.need() / by.need() * rule.per if known else None,
            rule.unit or _per(own.unit, rule.per, by.unit),
            "rate",
            rule.decimals,
            "known" if known else missing or "unknown",
            period=own.period,
            definition=f"{name}, {own.definition}",
            label=_per(own.label, rule.per, by.unit),
            of=own.of,
            rows=merged([*own.rows, *by.rows]),
            formula=f"{own.number:,} ÷ {by.number:,} × {rule.per:,}" if known else "",
        )
        return made.spanning(own.bounds.over(by.bounds).times(rule.per)) if known else made

    def rate_rank(self, name: str) -> Quantity:
        """Its place by a declared rate."""
        picked = self._slice
        collection = self._views.story.collections[self._entity.collection]
        memo = (self._measure, collection.name, self._asked, name)
        standing = self._views.rate_ranks.get(memo)
        if standing is None:
            picked.require_order()
            rates = {e.key: self._sibling(e).rate(name) for e in collection}
            known = {key: r for key, r in rates.items() if r.known}
            figures = {key: (float(r.need()), r.bounds) for key, r in known.items()}
            ranks = places(figures, picked.cube.spec.rank.order, f"{self._measure}.{name}")
            rows = merged([rows for r in known.values() for rows in r.rows])
            standing = self._views.rate_ranks[memo] = Standing(ranks, rows)
        made = standing.rank(self._entity.key, self.rate(name), picked.cube.spec)
        return self._among(made, standing, lambda e: self._sibling(e).rate(name))

    def _sibling(self, entity: Entity) -> Value:
        return find_value(self._views, self._measure, entity, self._asked)

    def _among(self, made: Quantity, standing: Standing, figure: Callable[[Entity], Quantity]) -> Quantity:
        """A rank, with who else is ranked, to be looked up when it is asked."""
        return replace(
            made, near=lambda: self._near(standing, figure), peers=lambda: self._peers(standing),
            ranked_in=self._entity.collection,
        )  # fmt: skip

    def _peers(self, standing: Standing) -> Peers:
        collection = self._views.story.collections[self._entity.collection]
        names = {entity.key: entity.name for entity in collection if entity.key in standing.ranks}
        places = {key: standing.ranks[key][0] for key in names if key != self._entity.key}
        own = standing.ranks[self._entity.key][0]
        return Peers(
            collection.name,
            {key: names[key] for key, place in places.items() if place < own},
            {key: names[key] for key, place in places.items() if place == own},
        )

    def _near(self, standing: Standing, figure: Callable[[Entity], Quantity]) -> tuple[tuple[str, str], ...]:
        """Who stands just above and below it, for a message about its place."""
        collection = self._views.story.collections[self._entity.collection]
        ranked = [entity for entity in collection if entity.key in standing.ranks]
        ranked.sort(key=lambda entity: (standing.ranks[entity.key][0], entity.name))
        own = standing.ranks[self._entity.key][0]
        style = self._views.story.config.style

        def shown(entities: list[Entity]) -> str:
            return " · ".join(f"{e.name} {figure(e).print(style, prose=False)}" for e in entities)

        above = [e for e in ranked if standing.ranks[e.key][0] < own][-3:]
        level = [e for e in ranked if standing.ranks[e.key][0] == own and e.key != self._entity.key][:3]
        below = [e for e in ranked if standing.ranks[e.key][0] > own][:2]
        own_figure = figure(self._entity)
        path = self._views.story.resource(own_figure.rows[0].dataset).path if own_figure.rows else ""
        period = style.period(own_figure.period) if own_figure.period else ""
        found = [("its figure", f"{own_figure.print(style, prose=False)} {own_figure.unit}".rstrip())]
        found += [("above it", shown(above))] if above else []
        found += [("tied with it", shown(level))] if level else []
        found += [("below it", shown(below))] if below else []
        return (*found, ("from", ", ".join(filter(None, (f"data/{path}" if path else "", period)))))

    # --- against another date ---------------------------------------------------------------------------

    def change(self, since: Any = None, **selection: Any) -> Quantity:
        """The difference from the same figure at another date: now − then."""
        now, then = self._both(since, selection)
        made = now.across.plus(then, -1)
        return replace(
            made, definition=f"change since {then.period}, {now.definition}", period=now.period,
            label=_change(now, then), of=now.of, loose=False, ends=(then, now),
        )  # fmt: skip

    def ratio(self, since: Any = None, **selection: Any) -> Quantity:
        """How many times the figure at another date: now ÷ then."""
        now, then = self._both(since, selection)
        return replace(now.across.over(then), ends=(then, now))

    def percent_change(self, since: Any = None, **selection: Any) -> Quantity:
        """The difference from the same figure at another date, in percent of that."""
        now, then = self._both(since, selection)
        if then.need() == 0:
            raise QuantityError("divided-by-zero", f"{then.name} is zero; a change in percent has no meaning")
        made = Quantity(
            (now.need() - then.need()) / then.need() * 100, PERCENT, "change",
            self._views.story.config.style.percent_decimals, period=now.period,
            definition=f"change in percent since {then.period}, {now.definition}",
            label=_change(now, then), of=now.of, rows=merged([*now.rows, *then.rows]),
            formula=f"({now.number:,} − {then.number:,}) ÷ {then.number:,} × 100", ends=(then, now),
        )  # fmt: skip
        return made.spanning(now.bounds.over(then.bounds).plus(Interval(1, 1), -1).times(100))

    def _both(self, since: Any, selection: dict[str, Any]) -> tuple[Quantity, Quantity]:
        """The figure, and the same at another date. Raises QuantityError when they are not alike."""
        if since is None and "at" not in selection:
            raise QuantityError("no-date", 'since when? write .change(since="2025-06-06")')
        if since is not None:
            selection = selection | {"at": since}
        other = self(**selection)
        now, then = self.quantity, other.quantity
        if now.definition != then.definition:
            raise QuantityError(
                "definition-mismatch",
                f"{now.definition} and {then.definition} are different things, so this is no change over time",
                "Select the same on both sides: value(status=…).change(since=…).",
            )
        time = self._slice.cube.spec.time
        if time is not None and time.type == "flow":
            self._require_like_periods(other)
        return now, then

    def _require_like_periods(self, other: Value) -> None:
        """What is counted over a period is compared with what was counted over one as long."""
        now, then = self.quantity, other.quantity
        if not _as_long(now.period, then.period):
            raise QuantityError(
                "period-mismatch",
                f"{now.name} and {then.name} were counted over periods of different length",
                "Select a month and a month, or a year and a year.",
            )
        for value, quantity in ((self, now), (other, then)):
            if value._cell.partial:
                raise QuantityError(
                    "incomplete-period", f"{quantity.name} is incomplete, which tells nothing beside another period"
                )

    # --- over time --------------------------------------------------------------------------------------

    def _on(self, period: Period) -> Quantity:
        return find_value(self._views, self._measure, self._entity, dated(self._asked, period)).quantity

    @property
    def peak(self) -> Quantity:
        """The highest figure on any date, the first time it was reached; incomplete periods left aside."""
        kept = [(period, cell) for period, cell in self.series() if cell.number is not None and not cell.partial]
        if not kept:
            raise QuantityError("no-figures", f"{self._measure} of {self._entity.name} is known for no date")
        if all(cell.status == "known" and cell.precision == "exact" for _, cell in kept):
            return self._on(max(kept, key=lambda item: item[1].number or 0)[0])
        known = [self._on(period) for period, _ in kept]
        highest = max(known, key=lambda quantity: quantity.need())
        for other in known:
            if other is not highest and other.across > highest:  # raises where nobody can tell
                return other
        return highest

    @property
    def ever(self) -> bool:
        """Whether any date has a figure above zero. Raises QuantityError when nobody knows."""
        cells = [cell for _, cell in self.series()]
        if any(cell.number for cell in cells):
            return True
        if any(cell.status != "known" for cell in cells):
            raise QuantityError(
                "value-unknown",
                f"{self._measure} of {self._entity.name} is not known for every date, so 'ever' is not either",
                "Ask 'if … is known' first, or speak of one date.",
            )
        return False

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
        """The first date from which it has been above another one's figure on every date since.

        Raises QuantityError when it is not ahead now, or was ahead from the first date on which both are known.
        """
        if not isinstance(other, Value) or (other._measure, other._asked) != (self._measure, self._asked):
            raise QuantityError("not-a-value", "only the same measure of another entity can be overtaken")
        theirs = dict(other.series())
        since: Period | None = None
        behind = False
        for period, cell in self.series():
            their = theirs.get(period)
            if their is None or cell.number is None or their.number is None:
                since = None  # who was ahead then is not known
                continue
            ahead = cell.number > their.number
            behind = behind or not ahead
            since = (since or period) if ahead else None
        if since is None or not behind:
            how = "was ahead of it on every date" if since else "is not ahead of it"
            raise QuantityError("not-ahead", f"{self._measure} of {self._entity.name} {how}, so it did not pass it")
        return since

    def series(self, **selection: Any) -> list[tuple[Period, Cell]]:
        """Every period with its cell, in order; for figures."""
        chosen, key = self(**selection), self._entity.key
        dates = self._views.selector.series(self._measure, self._entity.collection, chosen._asked)
        return [(period, picked.cells[key]) for period, picked in dates if key in picked.cells]

    def _look(self, name: str) -> Any:
        spec = self._slice.cube.spec
        if name in spec.rates:
            return self.rate(name)
        known = [*spec.rates, *_VALUE_NAMES]

        def explain() -> tuple[str, str]:
            has = f"It has: {one_of(known, most=30)}."
            return f"{self._measure} has no {name!r}{did_you_mean(name, known)}", has

        raise UnknownNameError("unknown-name", explain)


def asked_of(value: Value) -> tuple[Lookup, str, Entity, Selection]:
    """What a value was asked for: where to look things up, the measure, whose, and in which selection."""
    return value._views, value._measure, value._entity, value._asked


_VALUE_NAMES = (
    "rank", "rate_rank", "share", "change", "ratio", "percent_change", "known", "number", "code", "label", "date",
    "row", "across", "days", Message("dates"), "peak", "ever", "first_seen", "last_seen", "overtook",
)  # fmt: skip


MOST_VALUES = 20_000
"""How many are remembered. Most are asked for by one page alone, and a site may have any number of pages."""


def find_value(views: Lookup, measure: str, entity: Entity, asked: Selection = ()) -> Value:
    """The value of an entity in a selection: the same one whenever it is asked for again soon."""
    key = (measure, entity.collection, entity.key, asked)
    found: Value | None = views.values.get(key)
    if found is None:
        found = views.values[key] = Value(views, measure, entity, asked)
        if len(views.values) > MOST_VALUES:
            for old in [*islice(views.values, MOST_VALUES // 2)]:
                views.values.pop(old, None)
    return found


def value_of(views: Lookup, measure: str, entity: Entity, selection: dict[str, Any], by: str) -> Quantity:
    value = find_value(views, measure, entity, as_selection(selection))
    return value.rate(by) if by else value.quantity


def share_of(views: Lookup, picked: Slice, part: Quantity) -> Quantity:
    """``part`` in percent of the whole. Raises QuantityError when there is none, or it is less than the part."""
    whole, spec, name = picked.whole, picked.cube.spec, picked.cube.name
    if whole is None or whole.number is None:
        why = "covers only some" if spec.coverage == "partial" else "has no whole"
        why = f"is {whole.status} for a part of the whole" if whole is not None else why
        raise QuantityError("no-whole", f"{name} {why}, so there is nothing to take a share of")
    number = part.need()
    if whole.number <= 0 or not 0 <= number <= whole.number:
        raise QuantityError("no-whole", f"{number:,} is no share of the whole of {name}, which is {whole.number:,}")
    made = Quantity(
        number / whole.number * 100,
        PERCENT,
        "share",
        views.story.config.style.percent_decimals,
        period=picked.period,
        definition=f"share, {picked.definition}",
        label=Message("share of {label}", label=Message(spec.label or name)),
        of=part.of,
        rows=merged([*part.rows, whole.rows]),
        formula=f"{number:,} ÷ {whole.number:,} × 100",
    )
    return made.spanning(part.bounds.over(cell_interval(whole)).times(100))


class Standing(Struct, frozen=True):
    """Who is where: key → (rank, how many others share it), and the rows that say so."""

    ranks: Mapping[str, tuple[int, int]]
    rows: tuple[Rows, ...]

    def rank(self, key: str, own: Quantity, spec: MeasureSpec) -> Quantity:
        """The rank of ``own``, which is the figure of ``key``; unknown where that is."""
        if key not in self.ranks:
            return _rank(own, spec, None)
        place, tied = self.ranks[key]
        label = Message("number ranked by {label}", label=Message(own.label))
        count = Quantity(len(self.ranks), kind="count", label=label, rows=self.rows)
        made = replace(_rank(own, spec, place), tied=tied, among=Tally(count))
        return replace(made, formula=Message("{place} of {count}", place=place, count=len(self.ranks)))


def _rank(own: Quantity, spec: MeasureSpec, number: int | None) -> Quantity:
    status = "known" if number is not None else own.status if own.status != "known" else "unknown"
    label = Message("rank by {label}", label=Message(own.label))
    return Quantity(
        number, kind="rank", status=status, period=own.period, definition=f"rank, {own.definition}", label=label,
        of=own.of, rows=own.rows, lowest_first=spec.rank.order == "lowest",
    )  # fmt: skip


def _per(what: str, per: int, unit: str) -> Message:
    return Message("{what} per {count} {unit}", what=Message(what), count=per, unit=Message(unit))


def _change(now: Quantity, then: Quantity) -> Message:
    return Message("change of {label} since {date}", label=Message(now.label), date=then.period)


def _as_long(one: Period | None, other: Period | None) -> bool:
    """Whether two periods are of the same kind, months counted as equal; ranges must have as many days."""
    if one is None or other is None:
        return False
    return one.grain == other.grain and (one.grain != "range" or one.days == other.days)
