"""Block specs → sheets: the expressions are evaluated for one entity, nothing is drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from generator.figures.spec import OVER_TIME, BlockSpec, ColumnSpec, EventsSpec, FigureSpec, TableSpec
from generator.frames import Column
from generator.languages import Message
from generator.letters import without_accents
from generator.model import Cell, Period
from generator.problems import Location, Problem, SourceError, did_you_mean, one_of
from generator.prose.views import EntityView, RowView, Value
from generator.prose.views.rows import origin
from generator.tables import Sheet, SheetEvent, SheetRow, column_for, plain
from generator.values import Numeric, QuantityError

Evaluate = Callable[[str, Mapping[str, Any]], Any]
"""An expression and further names → what it gives."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "bars": ("value",),
    "dots": ("value",),
    "scatter": ("x", "y"),
    "slope": ("before", "after"),
    "tiles": ("value",),
    "map": ("value",),
}
"""The expressions over ``row`` that a kind of chart needs."""
_NAME, _DATE = Message("Name"), Message("Date")
_GRAINS = {"month": Message("Month"), "year": Message("Year"), "range": Message("From")}


class SheetMaker:
    """Makes the sheet of one block on one page."""

    def __init__(
        self, evaluate: Evaluate, own: EntityView | None, places: Callable[[str], Location] | None = None
    ) -> None:
        """``places`` says where an expression is written; without it what is wrong is told without a place."""
        self.evaluate = evaluate
        self.own = own
        self.places = places

    # --- tables -----------------------------------------------------------------------------------------

    def table(self, spec: TableSpec) -> Sheet:
        things = self._things(spec)
        columns = spec.columns
        rows = [
            SheetRow(
                tuple(self._cell(column, thing) for column in columns),
                spec.own and self._is_own(thing),
                rows=(origin(thing),) if isinstance(thing, RowView) else (),
            )
            for thing in things
        ]
        described = [
            self._describe(column, f"c{index}", [row.cells[index] for row in rows])
            for index, column in enumerate(columns)
        ]
        return Sheet(tuple(described), tuple(rows))

    def _cell(self, column: ColumnSpec, thing: Any) -> Any:
        found = self.evaluate(column.value, {"row": thing})
        if column.labels and isinstance(found, str):
            return column.labels.get(found, found)
        if column.decimals is not None and isinstance(found, Numeric):
            return replace(found.quantity, decimals=column.decimals)
        return found

    def _describe(self, column: ColumnSpec, name: str, cells: Sequence[Any]) -> Column:
        made = column_for(name, column.label or _label_of(column), cells)
        unit = made.unit if column.unit is None else column.unit
        decimals = made.decimals if column.decimals is None else column.decimals
        return replace(made, unit=unit, decimals=decimals)

    def _is_own(self, thing: Any) -> bool:
        return self.own is not None and isinstance(thing, EntityView) and thing == self.own

    def _things(self, spec: BlockSpec) -> list[Any]:
        if not spec.of:
            raise QuantityError(
                "no-rows-named", "the block does not say 'of' what", "Write for example 'of: towns'."
            )
        given = self.evaluate(spec.of, {})
        try:
            things = list(given)
        except TypeError:
            raise QuantityError("not-a-list", f"'of: {spec.of}' gives no list of entities or rows") from None
        if not spec.sort:
            return things[: spec.top] if spec.top else things
        keyed = self._sorted(things, spec)
        top = spec.top or len(keyed)
        if top < len(keyed) and keyed[top - 1][0] == keyed[top][0] is not None:
            raise QuantityError(
                "tie-at-the-cut",
                f"rows {top} and {top + 1} are equal by {spec.sort}, so there is no first {top}",
                "Show more or fewer rows, or those above a number.",
            )
        return [thing for _, thing in keyed[:top]]

    def _sorted(self, things: list[Any], spec: BlockSpec) -> list[tuple[Any, Any]]:
        """Each thing after what it is sorted by; missing last."""
        keyed = [(plain(self.evaluate(spec.sort, {"row": thing})), thing) for thing in things]
        known = [(key, thing) for key, thing in keyed if key is not None]
        texts = [isinstance(key, str) for key, _ in known]
        dates = [isinstance(key, dt.date) for key, _ in known]
        if known and (any(texts) != all(texts) or any(dates) != all(dates)):
            raise QuantityError(
                "mixed-sort",
                f"'sort: {spec.sort}' gives texts for some rows and numbers or dates for others",
                "Sort by one kind of thing; where there is none, give None.",
            )
        if any(texts):
            known.sort(key=lambda pair: _alphabetical(str(pair[0])))
        else:
            known.sort(key=lambda pair: pair[0], reverse=not spec.ascending)
        return known + [(key, thing) for key, thing in keyed if key is None]

    # --- figures ----------------------------------------------------------------------------------------

    def figure(self, kind: str, spec: FigureSpec) -> Sheet:
        if kind in OVER_TIME:
            sheet = self._over_time(kind, spec)
            return replace(sheet, events=self._events(spec.events, sheet)) if spec.events else sheet
        if kind in ROLES:
            return self._one_each(kind, spec)
        return self._own_columns(spec)

    def _own_columns(self, spec: FigureSpec) -> Sheet:
        """For a story's own chart function: the columns are named as written."""
        if not spec.columns:
            raise QuantityError("no-columns", "a figure with a chart function of the story needs 'columns'")
        made = self.table(
            TableSpec(
                title=spec.title,
                of=spec.of,
                sort=spec.sort,
                ascending=spec.ascending,
                top=spec.top,
                columns=spec.columns,
            )
        )
        named = [
            replace(column, name=given.name or column.name)
            for column, given in zip(made.columns, spec.columns, strict=True)
        ]
        return Sheet(tuple(named), made.rows)

    def _one_each(self, kind: str, spec: FigureSpec) -> Sheet:
        roles = ROLES[kind]
        for role in roles:
            if not getattr(spec, role):
                raise QuantityError("no-expression", f"a {kind} figure needs '{role}', an expression over row")
        things = self._things(spec)
        table: list[list[Any]] = []
        for thing in things:
            label = self.evaluate(spec.label, {"row": thing}) if spec.label else getattr(thing, "name", "")
            cells = [_quantity(self.evaluate(getattr(spec, role), {"row": thing})) for role in roles]
            place = self._grid_place(kind, thing)
            table.append([label, *cells, self._key(spec, thing), self._is_own(thing), *place])
        rows = tuple(
            SheetRow(tuple(cells), bool(cells[len(roles) + 2]), str(cells[len(roles) + 1]), _url(thing))
            for cells, thing in zip(table, things, strict=True)
        )
        of = _one_name(things)
        columns = [Column("label", spec.labels.get("label", of), "text")]
        for index, role in enumerate(roles, start=1):
            columns.append(column_for(role, spec.labels.get(role, ""), [row[index] for row in table]))
        columns += [Column("key", "", "key"), Column("own", "", "key")]
        if kind == "tiles":
            columns += [Column("row", "", "key"), Column("col", "", "key")]
        return Sheet(tuple(columns), rows)

    def _key(self, spec: FigureSpec, thing: Any) -> str:
        found = self.evaluate(spec.key, {"row": thing}) if spec.key else getattr(thing, "key", "")
        if found is None:  # an empty cell: there is no place for it
            return ""
        if not isinstance(found, str):
            raise QuantityError("bad-key", f"'key: {spec.key}' gives no text", "Name a text column of the row.")
        return found

    def _grid_place(self, kind: str, thing: Any) -> list[Any]:
        if kind != "tiles":
            return []
        facts = thing._entity.facts if isinstance(thing, EntityView) else {}
        if "tile_row" not in facts or "tile_col" not in facts:
            raise QuantityError(
                "no-tile-grid", "a tiles figure needs the columns tile_row and tile_col in the collection's dataset"
            )
        return [facts["tile_row"], facts["tile_col"]]

    # --- over time --------------------------------------------------------------------------------------

    def _over_time(self, kind: str, spec: FigureSpec) -> Sheet:
        if not spec.measure:
            raise QuantityError("no-measure", f"a {kind} figure needs 'measure'")
        series = self._series(spec)
        rows: list[SheetRow] = []
        partial = False
        for name, own, value in series:
            for period, cell in self._kept(spec, value.series()):
                quantity = value(at=str(period)).quantity
                partial = partial or cell.partial
                cells = (period if period.grain != "day" else period.start, quantity, name, own, cell.partial)
                rows.append(SheetRow(cells, own))
        first = rows[0].cells if rows else (None, None)
        grain = first[0].grain if isinstance(first[0], Period) else "day"
        heading = _GRAINS.get(grain, _DATE)
        x = Column("x", spec.labels.get("x", heading), "date" if grain == "day" else "month")
        columns = [x, column_for("y", spec.labels.get("y", ""), [row.cells[1] for row in rows])]
        single = not (spec.by or spec.entities)
        picked = [0, 1] if single else [0, 1, 2]
        if not single:
            columns.append(Column("series", spec.labels.get("series", _by_label(spec)), "category"))
        columns.append(Column("own", "", "key"))
        picked.append(3)
        if partial:
            columns.append(Column("partial", "", "key"))
            picked.append(4)
        return Sheet(tuple(columns), tuple(replace(r, cells=tuple(r.cells[i] for i in picked)) for r in rows))

    def _events(self, spec: EventsSpec, sheet: Sheet) -> tuple[SheetEvent, ...]:
        """What happened between the first and the last day of the sheet, in order of the days."""
        try:
            things = list(self.evaluate(spec.of, {}))
        except TypeError:
            raise self._wrong(
                spec.of,
                "not-a-list",
                f"'events: {spec.of}' gives no list of rows",
                "Name rows of a dataset, such as 'data.events'.",
            ) from None
        found = [self._event(spec, thing) for thing in things]
        days = [day for row in sheet.rows if isinstance(day := plain(row.cells[0]), dt.date)]
        kept = [event for event in found if days and min(days) <= event.day <= max(days)]
        return tuple(sorted(kept, key=lambda event: event.day))

    def _event(self, spec: EventsSpec, thing: Any) -> SheetEvent:
        where = (origin(thing),) if isinstance(thing, RowView) else ()
        row = f"{where[0].dataset}, line {where[0].lines[0]}" if where else "a row"
        given = self.evaluate(spec.date, {"row": thing})
        when = _day_or_month(given)
        if when is None:
            said = "is empty" if given in (None, "") else f"gives {plain(given)!r}, which is no day and no month"
            raise self._wrong(
                spec.date, "bad-event", f"{row}: the date of an event, '{spec.date}', {said}",
                "Give a day like 2025-06-06 or a month like 2025-06, or leave the row out of 'of'.",
            )  # fmt: skip
        label = self.evaluate(spec.label, {"row": thing})
        if not str(plain(label) or "").strip():
            raise self._wrong(
                spec.label, "bad-event", f"{row}: the label of an event, '{spec.label}', is empty",
                "Say in two or three words what happened.",
            )  # fmt: skip
        text = self.evaluate(spec.text, {"row": thing}) if spec.text else None
        return SheetEvent(when, str(plain(label)), text or label, where)

    def _wrong(self, expression: str, code: str, message: str, hint: str) -> Exception:
        """What is wrong with what an expression gives, told where it stands."""
        if self.places is None:
            return QuantityError(code, message, hint)
        return SourceError(Problem(code, message, self.places(expression), hint))

    def _series(self, spec: FigureSpec) -> list[tuple[str, bool, Value]]:
        """Name, whether it is the page's own, and the measure of each line."""
        owner = self._owner(spec)
        if spec.entities:
            found = [thing for thing in self.evaluate(spec.entities, {}) if isinstance(thing, EntityView)]
            return [(thing.name, self._is_own(thing), _measure(thing, spec)) for thing in found]
        value = _measure(owner, spec)
        if not spec.by:
            return [("", owner == self.own, value)]
        cube = value._views.selector.cube(spec.measure)
        if spec.by not in cube.levels:
            raise QuantityError(
                "unknown-dimension",
                f"{spec.measure} has no dimension {spec.by!r}{did_you_mean(spec.by, cube.levels)}",
                f"Its dimensions: {one_of(cube.levels) or 'none'}.",
            )
        labels = cube.spec.dimensions[spec.by].levels
        made: list[tuple[str, bool, Value]] = []
        for level in cube.levels[spec.by]:
            chosen = value(**{spec.by: level})
            if any(cell.number for _, cell in chosen.series()):
                made.append((Message(labels.get(level, level)), False, chosen))
        return made

    def _owner(self, spec: FigureSpec) -> EntityView:
        owner = self.evaluate(spec.entity, {}) if spec.entity else self.own
        if not isinstance(owner, EntityView) and not spec.entities:
            raise QuantityError(
                "no-entity",
                "whose figure is this? this page is about no entity",
                "Write 'entity: …' or 'entities: …'.",
            )
        return owner  # type: ignore[return-value]

    def _kept(self, spec: FigureSpec, series: list[tuple[Period, Cell]]) -> list[tuple[Period, Cell]]:
        """Within the dates asked for; the last of each month, quarter or year when asked."""
        if spec.since:
            start = _period("since", spec.since).start
            series = [item for item in series if item[0].end >= start]
        if spec.until:
            end = _period("until", spec.until).end
            series = [item for item in series if item[0].start <= end]
        for date in spec.skip:
            _period("skip", date)
        if spec.skip:
            series = [item for item in series if str(item[0]) not in spec.skip]
        if not spec.every:
            return series
        size = {"month": 1, "quarter": 3, "year": 12}[spec.every]
        kept: dict[tuple[int, int], tuple[Period, Cell]] = {}
        for period, cell in series:
            kept[period.end.year, (period.end.month - 1) // size] = (period, cell)
        first = [series[0]] if series and series[0] not in kept.values() else []
        return first + list(kept.values())


def _measure(entity: EntityView, spec: FigureSpec) -> Value:
    """The measure of an entity, in the selection that the figure asks for."""
    found = entity._look(spec.measure)
    if not isinstance(found, Value):
        raise QuantityError("unknown-measure", f"{spec.measure!r} is no measure")
    return found(**spec.select) if spec.select else found


def _day_or_month(given: Any) -> Period | None:
    """A date, a period or a text as a day or a month; None when it is neither."""
    if isinstance(given, dt.date):
        given = given.isoformat()
    try:
        period = given if isinstance(given, Period) else Period.parse(str(plain(given)))
    except (ValueError, QuantityError):
        return None
    return period if period.grain in ("day", "month") else None


def _period(key: str, text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise QuantityError(
            "bad-date", f"{key}: {error}", 'Write it like "2025-06-06", "2025-06" or "2025".'
        ) from None


def _alphabetical(text: str) -> tuple[str, str]:
    """Order of names that does not depend on the machine: accents and case count last."""
    return without_accents(text.casefold()), text


def _quantity(found: Any) -> Any:
    """A category is drawn and listed by its label, not by the phrase for sentences."""
    if isinstance(found, Value):
        quantity = found.quantity
        return replace(quantity, text=found.label) if quantity.code else quantity
    if isinstance(found, Numeric | int | float | str) or found is None:
        return found
    raise QuantityError("not-a-value", f"a {type(found).__name__} cannot be drawn", "Give a value of a measure.")


def _url(thing: Any) -> str:
    return thing.link.url if isinstance(thing, EntityView) else ""


def _one_name(things: Sequence[Any]) -> str:
    for thing in things:
        if isinstance(thing, EntityView):
            one = thing._views.story.collections[thing._entity.collection].one
            return Message(one).capitalized()
    return _NAME


def _by_label(spec: FigureSpec) -> str:
    return Message(spec.by.replace("_", " ")).capitalized() if spec.by else _NAME


def _label_of(column: ColumnSpec) -> str:
    return Message((column.name or "").replace("_", " ")).capitalized()
