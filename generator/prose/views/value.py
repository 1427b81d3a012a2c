"""One measure of one entity: selected, ranked, divided, compared with itself at another date."""

from __future__ import annotations

from typing import Any

from generator.measures.select import Selection, Slice, rank
from generator.model import Cell, Entity, Period, Rows
from generator.problems import did_you_mean, one_of
from generator.prose.views.base import Lookup, View, as_selection, merged
from generator.prose.views.rows import RowView
from generator.values import Numeric, Quantity, QuantityError


class Value(Numeric, View):
    """One measure of one entity. Call it to select: ``town.visitors(at="2025", kind="adult")``.

    It is looked up when it is used, so that a measure with several figures can be selected from.
    """

    def __init__(self, views: Lookup, measure: str, entity: Entity, asked: Selection) -> None:
        self._views = views
        self._measure = measure
        self._entity = entity
        self._asked = asked
        self._found: Quantity | None = None

    def __call__(self, **selection: Any) -> Value:
        asked = dict(self._asked) | dict(as_selection(selection))
        return Value(self._views, self._measure, self._entity, tuple(sorted(asked.items())))

    # --- looking up -------------------------------------------------------------------------------------

    @property
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
        return share_of(self._views, self._slice, self.quantity)

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
            merged([*own.rows, *by.rows]),
            f"{own.number:,} ÷ {by.number:,} × {rule.per:,}" if known else "",
        )

    def rate_rank(self, name: str) -> Quantity:
        """Its place by a declared rate."""
        spec = self._slice.cube.spec
        collection = self._views.story.collections[self._entity.collection]
        if spec.rank.order == "never":
            raise QuantityError("never-ranked", f"{self._measure} is declared never to be ranked")
        memo = (self._measure, collection.name, self._asked, name)
        places = self._views.rate_ranks.get(memo)
        if places is None:
            rates = {e.key: Value(self._views, self._measure, e, self._asked).rate(name) for e in collection}
            known = {key: float(r.need()) for key, r in rates.items() if r.known}
            places = self._views.rate_ranks[memo] = rank(known, spec.rank.order)
        own = self.rate(name)
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
            label=label, of=now.of, rows=merged([*now.rows, *then.rows]),
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
            rows=merged([*now.rows, *then.rows]),
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


def value_of(views: Lookup, measure: str, entity: Entity, selection: dict[str, Any], by: str) -> Quantity:
    value = Value(views, measure, entity, as_selection(selection))
    return value.rate(by) if by else value.quantity


def share_of(views: Lookup, picked: Slice, part: Quantity) -> Quantity:
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
        rows=merged([*part.rows, whole.rows]),
        formula=f"{number:,} ÷ {whole.number:,} × 100",
    )
