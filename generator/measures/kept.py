"""Cubes as bytes and back, so that figures need to be worked out only when their tables change.

What comes back is equal to what went in, floats to the last bit. Nothing of it is run.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from array import array
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache, partial
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from generator.datasets.read import Tables
from generator.inputs import digest
from generator.measures.columns import CellColumns, Further, gathered
from generator.measures.cube import Cube
from generator.measures.spec import MeasureSpec
from generator.model import Cell, Collection, Grid, Period, Rows
from generator.specs import as_json


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


class _PackedCells(Struct, frozen=True, array_like=True):
    """:class:`CellColumns` with numbers in the place of texts; ``letter`` is the type of an array, or empty."""

    places: int
    dataset: int
    letter: str
    numbers: bytes
    lines: bytes
    more: dict[int, tuple[int, ...]]
    elsewhere: dict[int, int]
    further: dict[int, Further]


_Day = tuple[str, str]
_At = tuple[str, ...]
_PackedRows = tuple[int, tuple[int, ...]]


_PackedGrid = tuple[tuple[_At, tuple[tuple[_Day, _PackedCells], ...]], ...]


class _PackedCube(Struct, frozen=True, array_like=True):
    byte_order: str
    names: tuple[str, ...]
    """Of datasets."""
    keys: tuple[tuple[str, ...], ...]
    grids: tuple[tuple[str, _PackedGrid], ...]
    levels: tuple[tuple[str, tuple[str, ...]], ...]
    listed: tuple[tuple[_At, tuple[_Day, ...]], ...] | None
    listed_by: tuple[str, ...]
    listed_rows: tuple[tuple[_At, _Day, _PackedRows], ...]
    datasets: tuple[str, ...]


def packed(cube: Cube) -> bytes:
    """All of a cube but its spec."""
    names: dict[str, int] = {}
    keys: dict[int, tuple[int, Mapping[str, int]]] = {}  # by identity: they are shared, and long

    def named(dataset: str) -> int:
        return names.setdefault(dataset, len(names))

    def places(given: Mapping[str, int]) -> int:
        return keys.setdefault(id(given), (len(keys), given))[0]

    def cells(given: Mapping[str, Cell]) -> _PackedCells:
        found = given if isinstance(given, CellColumns) else gathered(given)
        letter, numbers = "", found.numbers
        if isinstance(numbers, array):
            letter, written = numbers.typecode, numbers.tobytes()
        else:
            written = json.dumps(numbers, separators=(",", ":")).encode()
        elsewhere = {place: named(dataset) for place, dataset in found.elsewhere.items()}
        return _PackedCells(
            places(found.places), named(found.dataset), letter, written, array("I", found.lines).tobytes(),
            dict(found.more), elsewhere, dict(found.further),
        )  # fmt: skip

    def grid(given: Grid) -> _PackedGrid:
        return tuple(
            (at, tuple((_period(period), cells(each)) for period, each in times.items()))
            for at, times in given.items()
        )

    grids = tuple((name, grid(given)) for name, given in cube.grids.items())
    listed = cube.listed
    rows = tuple((at, _period(p), (named(each.dataset), each.lines)) for (at, p), each in cube.listed_rows.items())
    made = _PackedCube(
        sys.byteorder,
        tuple(names),
        tuple(tuple(each) for _, each in keys.values()),
        grids,
        tuple(cube.levels.items()),
        None if listed is None else tuple((at, tuple(sorted(map(_period, times)))) for at, times in listed.items()),
        cube.listed_by,
        rows,
        cube.datasets,
    )
    return msgspec.msgpack.encode(made)


_UNPACK = msgspec.msgpack.Decoder(_PackedCube).decode


def unpacked(data: bytes, name: str, spec: MeasureSpec) -> Cube:
    """Raises ValueError, LookupError or TypeError for what is no cube."""
    given = _UNPACK(data)
    if given.byte_order != sys.byteorder:
        raise ValueError("a cube of another machine")
    keys = [cache(partial(_places, each)) for each in given.keys]
    period = cache(_as_period)

    def cells(kept: _PackedCells) -> CellColumns:
        numbers = _array(kept.letter, kept.numbers) if kept.letter else json.loads(kept.numbers)
        elsewhere = {place: given.names[dataset] for place, dataset in kept.elsewhere.items()}
        return CellColumns(
            keys[kept.places](), numbers, given.names[kept.dataset], _array("I", kept.lines), kept.more, elsewhere,
            kept.further,
        )  # fmt: skip

    def grid(kept: _PackedGrid) -> Grid:
        return {at: Unpacked({period(day): each for day, each in times}, cells) for at, times in kept}

    return Cube(
        name,
        spec,
        {collection: grid(kept) for collection, kept in given.grids},
        dict(given.levels),
        None if given.listed is None else {at: frozenset(map(period, times)) for at, times in given.listed},
        given.listed_by,
        {(at, period(day)): Rows(given.names[dataset], lines) for at, day, (dataset, lines) in given.listed_rows},
        given.datasets,
    )


def _places(keys: tuple[str, ...]) -> dict[str, int]:
    return {key: place for place, key in enumerate(keys)}


def _array(letter: str, data: bytes) -> array[Any]:
    made: array[Any] = array(letter)
    made.frombytes(data)
    return made


def _as_period(day: _Day) -> Period:
    return Period(*map(dt.date.fromisoformat, day))


def _period(period: Period) -> tuple[str, str]:
    return period.start.isoformat(), period.end.isoformat()
