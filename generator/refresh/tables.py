"""Rows of a loader → the text of a table; two texts of a table → what differs."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from generator.datasets.descriptor import Field, Resource

SHOWN = 3
"""Rows of each sort that are named; the rest is counted."""


def as_text(resource: Resource, rows: Iterable[Mapping[str, Any]]) -> str:
    """The CSV of a table. Raises ValueError for a row with a field that the table does not have, or none at all."""
    fields = resource.schema_.fields
    names = {field.name for field in fields}
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow([field.name for field in fields])
    for row in rows:
        unknown = [name for name in row if name not in names]
        if unknown:
            raise ValueError(f"{resource.name} has no field {unknown[0]!r}")
        writer.writerow([_cell(row.get(field.name), field) for field in fields])
    return made.getvalue()


def _cell(value: Any, field: Field) -> str:
    """A value as its field is written. Raises ValueError for what no table holds."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        raise ValueError(f"{field.name}: {value} is a point in time; give its date")
    if isinstance(value, dt.date):
        return f"{value:%Y-%m}" if field.type == "yearmonth" else value.isoformat()
    if isinstance(value, (str, int, float, Decimal)):
        return str(value)
    raise ValueError(f"{field.name}: {value!r} is neither text, number nor date")


# --- what differs -----------------------------------------------------------------------------------------

Key = tuple[str, ...]


class Altered(Struct, frozen=True):
    key: Key
    field: str
    before: str
    after: str


class Change(Struct, frozen=True):
    """What a refresh does to one table."""

    name: str
    rows: tuple[int, int]
    added: tuple[Key, ...]
    gone: tuple[Key, ...]
    altered: tuple[Altered, ...]
    totals: tuple[tuple[str, Decimal, Decimal], ...]
    """Of each column of numbers that is no key: before and after."""
    reordered: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.altered or self.reordered)

    def __str__(self) -> str:
        before, after = self.rows
        if not self:
            return f"{self.name}: {after:,} rows, as before"
        keys = {altered.key for altered in self.altered}
        parts = [(len(self.added), "added"), (len(self.gone), "gone"), (len(keys), "altered")]
        counts = ", ".join(f"{number:,} {what}" for number, what in parts)
        lines = [f"{self.name}: {before:,} → {after:,} rows: {counts}"]
        if self.reordered:
            lines.append("    in another order")
        lines += [f"    {name}: {was:,} → {now:,} in all" for name, was, now in self.totals if was != now]
        lines += _listed("added", [" ".join(key) for key in self.added])
        lines += _listed("gone", [" ".join(key) for key in self.gone])
        lines += _listed(
            "altered",
            [f"{' '.join(each.key)}: {each.field} {each.before!r} → {each.after!r}" for each in self.altered],
        )
        return "\n".join(lines)


def _listed(what: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        more = f"; and {len(texts) - SHOWN:,} more" if len(texts) > SHOWN else ""
        yield f"    {what}: {'; '.join(texts[:SHOWN])}{more}"


def change(resource: Resource, before: str, after: str) -> Change:
    """What differs between two texts of a table; ``before`` may be empty, or have had other columns."""
    schema = resource.schema_
    key = schema.primary_key or next(iter(schema.unique_keys), ()) or tuple(field.name for field in schema.fields)
    old, new = _rows(before), _rows(after)
    one, other = _by_key(old, key), _by_key(new, key)
    altered = [
        Altered(name, field.name, one[name].get(field.name, ""), row[field.name])
        for name, row in other.items()
        if name in one
        for field in schema.fields
        if one[name].get(field.name, "") != row[field.name]
    ]
    common = [name for name in one if name in other], [name for name in other if name in one]
    return Change(
        resource.name,
        (len(old), len(new)),
        tuple(name for name in other if name not in one),
        tuple(name for name in one if name not in other),
        tuple(altered),
        tuple(
            (field.name, _total(old, field.name), _total(new, field.name))
            for field in schema.fields
            if field.type in ("integer", "number") and field.name not in key
        ),
        reordered=common[0] != common[1],
    )


def _rows(text: str) -> list[dict[str, str]]:
    """Cells that a row lacks are empty; those that are too many are left out."""
    found = csv.DictReader(io.StringIO(text, newline=""), restval="")
    return [{name: cell for name, cell in row.items() if name is not None} for row in found]


def _by_key(rows: Sequence[Mapping[str, str]], key: Sequence[str]) -> dict[Key, Mapping[str, str]]:
    return {tuple(row.get(name, "") for name in key): row for row in rows}


def _total(rows: Iterable[Mapping[str, str]], name: str) -> Decimal:
    whole = Decimal(0)
    for row in rows:
        try:
            whole += Decimal(row.get(name) or 0)
        except InvalidOperation:
            continue  # of a table that had something else there before
    return whole
