"""What must hold among the tables of this story and is not declared in measures.yml or datapackage.json.

Read by ``check`` and ``build``. ``check(tables)`` yields ``(dataset, row index or None, message)`` for each rule
that is broken, and as a fourth element the field of the cell that it concerns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.datasets.read import Table

Finding = tuple[str, int | None, str] | tuple[str, int | None, str, str]
Tables = Mapping[str, "Table"]

NATIONAL_POPULATION = {
    "2020-07-01": 331_577_720,
    "2021-07-01": 332_099_760,
    "2022-07-01": 334_017_321,
    "2023-07-01": 336_806_231,
    "2024-07-01": 340_110_988,
    "2025-07-01": 341_784_857,
}
"""Published by the Census Bureau: Vintage 2024 to 2024, Vintage 2025 for 2025."""
ARRESTS = 565_539
"""In all, as counted by the compiler of the table."""
PLACES = 51


def check(tables: Tables) -> Iterator[Finding]:
    """All rules. A message names the place and both numbers."""
    yield from _state_populations(tables["population"])
    yield from _county_states(tables)
    yield from _arrests(tables["arrests"])
    yield from _tiles(tables["areas"])


# --- places and residents ------------------------------------------------------------------------------


def _state_populations(table: Table) -> Iterator[Finding]:
    totals: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for _, cells in _rows(table):
        if cells["level"] == "state":
            totals[str(cells["date"])] += cells["population"]
            counted[str(cells["date"])] += 1
    for date, published in NATIONAL_POPULATION.items():
        if totals[date] != published:
            message = f"{date}: the states have {_n(totals[date])} residents, the nation {_n(published)}"
            yield "population", None, message
    for date, states in counted.items():
        if states != PLACES:
            yield "population", None, f"{date}: {states} states and districts have a population, not {PLACES}"


def _county_states(tables: Tables) -> Iterator[Finding]:
    fips = {cells["code"]: cells["fips"] for _, cells in _rows(tables["areas"])}
    for row, cells in _rows(tables["counties"]):
        own = fips.get(cells["state"])
        if own is None:
            yield "counties", row, f"{cells['name']}: there is no state {cells['state']!r}", "state"
        elif not cells["fips"].startswith(own):
            message = f"{cells['name']}: code {cells['fips']} does not begin with that of {cells['state']}, {own}"
            yield "counties", row, message, "fips"


def _tiles(table: Table) -> Iterator[Finding]:
    taken: dict[tuple[Any, Any], str] = {}
    for row, cells in _rows(table):
        if cells["kind"] not in ("state", "district"):
            continue
        place = (cells["tile_row"], cells["tile_col"])
        if None in place:
            yield "areas", row, f"{cells['name']} has no place in the tile grid", "tile_row"
        elif place in taken:
            where = f"row {place[0]}, column {place[1]}"
            yield "areas", row, f"{cells['name']} and {taken[place]} have the same tile, {where}", "tile_row"
        else:
            taken[place] = cells["name"]
    if len(taken) != PLACES:
        yield "areas", None, f"the tile grid has {len(taken)} places, not {PLACES}"


# --- arrests -------------------------------------------------------------------------------------------


def _arrests(table: Table) -> Iterator[Finding]:
    total = sum(cells["arrests"] for _, cells in _rows(table))
    if total != ARRESTS:
        yield "arrests", None, f"the states have {_n(total)} arrests, the compiler counted {_n(ARRESTS)}"
    if len(table) != PLACES:
        yield "arrests", None, f"{len(table)} states and districts have arrests, not {PLACES}"


def _rows(table: Table) -> Iterable[tuple[int, dict[str, Any]]]:
    return ((index, table.row(index)) for index in range(len(table)))


def _n(number: int) -> str:
    return f"{number:,}"
