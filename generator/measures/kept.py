"""Cubes as plain text and back, so that figures need to be worked out only when their tables change.

JSON: what comes back is equal to what went in, floats to the last bit. Nothing of it is run.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from generator.datasets.read import Tables
from generator.inputs import digest
from generator.measures.cube import Cube
from generator.measures.spec import MeasureSpec
from generator.model import Cell, Collection, Coordinate, Grid, Period, Rows
from generator.specs import as_json

_DEFAULTS = ("known", "exact", "", 1.0, False, None)
"""Of a cell: status, precision, text, weight, partial, rank."""


def sources(spec: MeasureSpec) -> tuple[str, ...]:
    """The datasets that the cube of a measure is made from."""
    rule = spec.no_row.zero_if
    return tuple(dict.fromkeys((*spec.datasets, *((rule.in_,) if rule else ()))))


def ingredients(name: str, spec: MeasureSpec, tables: Tables) -> list[str]:
    """What the cube of a measure depends on, besides the places and the generator."""
    parts = [name, as_json(spec)]
    for source in sources(spec):
        parts += [source, tables.digest(source)] if source in tables else [source]
    return parts


def places(collections: Mapping[str, Collection]) -> str:
    """The digest of what cubes depend on of all collections: the keys of their entities."""
    parts = []
    for collection in collections.values():
        parts += [collection.name, collection.one, collection.dataset, *(entity.key for entity in collection), ""]
    return digest(*parts)


def nested(collections: Mapping[str, Collection], tables: Tables) -> list[str]:
    """What answers depend on of all collections besides: what belongs to what, and all that is known of each."""
    parts = []
    for collection in collections.values():
        parts += [collection.parent, tables.digest(collection.dataset)]
        parts += [text for entity in collection for text in (entity.parent, entity.name, entity.url)]
    return parts


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Unpacked(Mapping[K, V]):
    """What is packed under each key, unpacked when it is first asked for: a page needs few of them."""

    def __init__(self, packed: Mapping[K, Any], unpack: Callable[[Any], V]) -> None:
        self._packed = packed
        self._unpack = unpack
        self._known: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        try:
            return self._known[key]
        except KeyError:
            made = self._known[key] = self._unpack(self._packed[key])
            return made

    def __contains__(self, key: object) -> bool:
        return key in self._packed

    def __iter__(self) -> Iterator[K]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


def packed(cube: Cube) -> bytes:
    """All of a cube but its spec, as UTF-8."""
    names: dict[str, int] = {}

    def rows(item: Rows) -> list[int]:
        return [names.setdefault(item.dataset, len(names)), *item.lines]

    def cell(item: Cell) -> list[Any]:
        further = [item.status, item.precision, item.text, item.weight, item.partial, item.rank]
        while further and further[-1] == _DEFAULTS[len(further) - 1]:
            further.pop()
        return [item.number, rows(item.rows), *further]

    def grid(given: Grid) -> list[Any]:
        return [
            [list(at), [[_period(p), {key: cell(c) for key, c in cells.items()}] for p, cells in times.items()]]
            for at, times in given.items()
        ]

    made = {
        "grids": [[name, grid(given)] for name, given in cube.grids.items()],
        "levels": [[key, list(levels)] for key, levels in cube.levels.items()],
        "listed": None
        if cube.listed is None
        else [[list(at), sorted(map(_period, periods))] for at, periods in cube.listed.items()],
        "listed_by": list(cube.listed_by),
        "listed_rows": [[list(at), _period(p), rows(item)] for (at, p), item in cube.listed_rows.items()],
        "datasets": list(cube.datasets),
    }
    made["names"] = list(names)
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False).encode()


def unpacked(data: bytes, name: str, spec: MeasureSpec) -> Cube:
    """Raises ValueError, LookupError or TypeError for what is no cube."""
    given = msgspec.json.decode(data)
    names: list[str] = given["names"]
    periods: dict[tuple[str, str], Period] = {}

    def period(written: list[str]) -> Period:
        start, end = written
        known = periods.get((start, end))
        if known is None:
            known = periods[start, end] = Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))
        return known

    def rows(written: list[int]) -> Rows:
        return Rows(names[written[0]], tuple(written[1:]))

    def cell(written: list[Any]) -> Cell:
        return Cell(written[0], rows(written[1]), *written[2:])

    def cells(written: dict[str, list[Any]]) -> Mapping[str, Cell]:
        return Unpacked(written, cell)

    def grid(written: list[Any]) -> Grid:
        return {tuple(at): Unpacked({period(p): each for p, each in times}, cells) for at, times in written}

    listed = given["listed"]
    listed_rows: dict[tuple[Coordinate, Period], Rows] = {
        (tuple(at), period(p)): rows(item) for at, p, item in given["listed_rows"]
    }
    return Cube(
        name,
        spec,
        {name: grid(written) for name, written in given["grids"]},
        {key: tuple(levels) for key, levels in given["levels"]},
        None if listed is None else {tuple(at): frozenset(map(period, times)) for at, times in listed},
        tuple(given["listed_by"]),
        listed_rows,
        tuple(given["datasets"]),
    )


def _period(period: Period) -> tuple[str, str]:
    return period.start.isoformat(), period.end.isoformat()
