"""Rows of datasets, as templates see them: bound to their lines, chosen by what their fields hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

from msgspec.structs import asdict, replace

from generator.languages import Message
from generator.model import PRECISIONS, Period, Precision, Rows
from generator.problems import did_you_mean, one_of
from generator.prose.slots import Cited
from generator.prose.views.base import Lookup, View
from generator.story import Story
from generator.values import Quantity, QuantityError


class RowView(View):
    """One row of a dataset; a field is an attribute."""

    def __init__(self, views: Lookup, dataset: str, row: int) -> None:
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
        cell = table.columns[name][self._row]
        if isinstance(cell, str):
            return Cited(cell, self._origin)
        found = fact(self._views, self._dataset, name, cell, self._origin)
        return replace(found, precision=self._precision(name)) if isinstance(found, Quantity) else found

    def _precision(self, name: str) -> Precision:
        """How exact a number is, where another column of the row says so."""
        table = self._views.story.tables[self._dataset]
        field = table.resource.schema_.field(name)
        told = table.columns[field.precision][self._row] if field and field.precision else "exact"
        return next((precision for precision in PRECISIONS if precision == told), "exact")

    @property
    def _origin(self) -> Rows:
        """The dataset and the line of its file."""
        return Rows(self._dataset, (self._views.story.tables[self._dataset].lines[self._row],))


def origin(view: Any) -> Rows:
    """The row that a view of a row or of an entity shows: the dataset and the line of its file."""
    rows: Rows = view._origin
    return rows


class Relation:
    """The rows of a dataset that belong to an entity, in the file's order."""

    def __init__(self, views: Lookup, dataset: str, rows: Sequence[int]) -> None:
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

    @cached_property
    def count(self) -> Quantity:
        """How many rows, bound to them."""
        return counted(self._views.story, self._dataset, self._rows)

    def where(self, **wanted: Any) -> Relation:
        """The rows whose fields hold these values (compared as the file writes them)."""
        table = self._views.story.tables[self._dataset]
        for name in wanted:
            if name not in table.columns:
                raise QuantityError(
                    "unknown-field", f"{self._dataset} has no field {name!r}{did_you_mean(name, table.columns)}"
                )
        kept: Sequence[int] = self._rows
        for name, value in wanted.items():
            column, holds = table.columns[name], _holding(value)
            right = {
                cell for cell in set(map(column.__getitem__, kept)) if holds(cell)
            }  # most are there many times
            kept = [row for row in kept if column[row] in right]
        return Relation(self._views, self._dataset, kept)


class DataView(View):
    """All rows of any dataset: ``data.rivers``."""

    def __init__(self, views: Lookup) -> None:
        self._views = views

    def _look(self, name: str) -> Any:
        tables = self._views.story.tables
        if name not in tables:
            raise QuantityError(
                "unknown-dataset",
                f"there is no dataset {name!r}{did_you_mean(name, tables)}",
                f"Datasets: {one_of(tables, most=40)}.",
            )
        return Relation(self._views, name, range(len(tables[name])))


def fact(views: Lookup, dataset: str, column: str, cell: Any, rows: Rows) -> Any:
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
    decimals = max(0, -int(Decimal(str(cell)).normalize().as_tuple().exponent))  # as the file has it
    return Quantity(cell, described.unit if described else "", decimals=decimals, label=label, rows=(rows,))


class Datasets:
    """The descriptions of a story's datasets, each made when it is asked for."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._listed = tuple(story.tables)

    def __len__(self) -> int:
        return len(self._listed)

    def __iter__(self) -> Iterator[SimpleNamespace]:
        return (described(self._story, name) for name in self._listed)

    def __getitem__(self, index: int) -> SimpleNamespace:
        return described(self._story, self._listed[index])

    @property
    def count(self) -> Quantity:
        rows = tuple(Rows(name, ()) for name in self._listed)
        return Quantity(len(rows), kind="count", label=Message("number of them"), rows=rows)


def described(story: Story, name: str) -> SimpleNamespace:
    """A dataset's description, as plain attributes."""
    resource = story.resource(name)
    sources = [
        SimpleNamespace(
            title=source.title,
            path=source.path,
            publisher=source.publisher,
            published=source.published,
            via=SimpleNamespace(**asdict(source.via)) if source.via else None,
        )
        for source in resource.sources
    ]
    fields = [
        SimpleNamespace(name=f.name, title=f.label, description=f.description, type=f.type, unit=f.unit)
        for f in resource.schema_.fields
    ]
    return SimpleNamespace(
        name=name,
        title=resource.title or name,
        description=resource.description,
        path=resource.path,
        sources=sources,
        fields=fields,
        licences=[SimpleNamespace(title=item.title or item.name, path=item.path) for item in resource.licenses],
        coverage=SimpleNamespace(start=resource.coverage.start, end=resource.coverage.end),
        count=counted(story, name, range(len(story.tables[name]))),
    )


def _holding(value: Any) -> Callable[[Any], bool]:
    """Whether a cell holds this, or one of these, as the file writes it."""
    if isinstance(value, list | tuple):
        tests = [_holding(item) for item in value]
        return lambda cell: any(test(cell) for test in tests)
    if value is None or isinstance(value, bool):
        return lambda cell: cell is value
    if isinstance(value, str | Period | dt.date):
        text = str(value)
        return lambda cell: cell == text if isinstance(cell, str) else _writes(cell, text)
    # what has no text of its own says so only when there is a cell to compare it with
    return lambda cell: cell is not None and not isinstance(cell, bool) and str(cell) == str(value)


@lru_cache(maxsize=65_536, typed=True)
def _writes(cell: Any, text: str) -> bool:
    """Whether a cell that is no text says this. There are few different ones, and each is met often."""
    return cell is not None and not isinstance(cell, bool) and str(cell) == text


def counted(story: Story, dataset: str, rows: Sequence[int]) -> Quantity:
    table = story.tables[dataset]
    lines = tuple([table.lines[row] for row in rows])
    label = _rows_of(table.resource.title or dataset)
    return Quantity(len(rows), _ROWS, "count", label=label, rows=(Rows(dataset, lines),))


_ROWS = Message("rows")


@lru_cache(maxsize=1024)
def _rows_of(title: str) -> Message:
    return Message("rows of {table}", table=Message(title))
