"""What must hold between the tables of this story; read by ``check`` and ``build``.

``check(tables)`` yields ``(dataset, row index or None, message)`` for each rule that is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.datasets.read import Table

Finding = tuple[str, int | None, str]
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
MODELS = {"JEM": "jem", "TFM": "tfm", "WSO": "wso", "unknown": "unknown_model"}
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def check(tables: Tables) -> Iterator[Finding]:
    """All rules. A message names the place and both numbers."""
    yield from _county_populations(tables)
    yield from _state_populations(tables["population"])
    yield from _county_states(tables)
    yield from _list_totals(tables)
    yield from _agencies(tables)
    yield from _arrests(tables["arrests"])
    yield from _tiles(tables["areas"])
    for table in tables.values():
        yield from _damaged_text(table)


# --- places and residents ------------------------------------------------------------------------------


def _county_populations(tables: Tables) -> Iterator[Finding]:
    table = tables["population"]
    states: dict[tuple[Any, str], tuple[int, int]] = {}
    counties: Counter[tuple[Any, str]] = Counter()
    for row, cells in _rows(table):
        key = (cells["state"], str(cells["date"]))
        if cells["level"] == "state":
            states[key] = (row, cells["population"])
        elif cells["level"] == "county":
            counties[key] += cells["population"]
    for key, total in counties.items():
        if key not in states:
            yield (
                "population",
                None,
                f"{key[0]}, {key[1]}: the counties have {_n(total)} residents, the state no figure",
            )
            continue
        row, own = states[key]
        if own != total:
            message = f"{key[0]}, {key[1]}: the counties have {_n(total)} residents, the state {_n(own)}"
            yield "population", row, message


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
            yield "counties", row, f"{cells['name']}: there is no state {cells['state']!r}"
        elif not cells["fips"].startswith(own):
            message = f"{cells['name']}: code {cells['fips']} does not begin with that of {cells['state']}, {own}"
            yield "counties", row, message


def _tiles(table: Table) -> Iterator[Finding]:
    taken: dict[tuple[Any, Any], str] = {}
    for row, cells in _rows(table):
        if cells["kind"] not in ("state", "district"):
            continue
        place = (cells["tile_row"], cells["tile_col"])
        if None in place:
            yield "areas", row, f"{cells['name']} has no place in the tile grid"
        elif place in taken:
            where = f"row {place[0]}, column {place[1]}"
            yield "areas", row, f"{cells['name']} and {taken[place]} have the same tile, {where}"
        else:
            taken[place] = cells["name"]
    if len(taken) != PLACES:
        yield "areas", None, f"the tile grid has {len(taken)} places, not {PLACES}"


# --- agreements ----------------------------------------------------------------------------------------


def _list_totals(tables: Tables) -> Iterator[Finding]:
    """Each list's total is the sum of its models, and of its rows by state and model."""
    sums: Counter[tuple[str, Any]] = Counter()
    by_model: Counter[tuple[str, Any, Any]] = Counter()
    for _, cells in _rows(tables["agreements"]):
        key = (str(cells["as_of"]), cells["status"])
        sums[key] += cells["count"]
        by_model[(*key, cells["model"])] += cells["count"]
    listed = set()
    for row, cells in _rows(tables["agreement_lists"]):
        key = (str(cells["as_of"]), cells["status"])
        listed.add(key)
        name, total = f"list of {key[1]} agreements of {key[0]}", cells["total"]
        columns = sum(cells[column] for column in MODELS.values())
        if columns != total:
            yield "agreement_lists", row, f"{name}: the models add up to {_n(columns)}, the total is {_n(total)}"
        if sums[key] != total:
            yield "agreement_lists", row, f"{name}: the states add up to {_n(sums[key])}, the total is {_n(total)}"
        for model, column in MODELS.items():
            there = by_model[(*key, model)]
            if there != cells[column]:
                message = f"{name}, {model}: the states add up to {_n(there)}, the list says {_n(cells[column])}"
                yield "agreement_lists", row, message
    for key in sums.keys() - listed:
        yield "agreements", None, f"{key[1]} agreements of {key[0]} are of no list in agreement_lists"


def _agencies(tables: Tables) -> Iterator[Finding]:
    """The agencies of a list are as many, by state and model, as its agreements."""
    agencies: Counter[tuple[str, Any, Any]] = Counter()
    for _, cells in _rows(tables["agencies"]):
        agencies[str(cells["as_of"]), cells["state"], cells["model"] or "unknown"] += 1
    dates = {date for date, _, _ in agencies}
    agreements: Counter[tuple[str, Any, Any]] = Counter()
    for _, cells in _rows(tables["agreements"]):
        if cells["status"] == "signed" and str(cells["as_of"]) in dates:
            agreements[str(cells["as_of"]), cells["state"], cells["model"]] += cells["count"]
    for key in sorted(agencies.keys() | agreements.keys()):
        if agencies[key] != agreements[key]:
            date, state, model = key
            message = f"{state}, {model}, {date}: {_n(agencies[key])} agencies, {_n(agreements[key])} agreements"
            yield "agencies", None, message


# --- arrests, texts ------------------------------------------------------------------------------------


def _arrests(table: Table) -> Iterator[Finding]:
    total = sum(cells["arrests"] for _, cells in _rows(table))
    if total != ARRESTS:
        yield "arrests", None, f"the states have {_n(total)} arrests, the compiler counted {_n(ARRESTS)}"
    if len(table) != PLACES:
        yield "arrests", None, f"{len(table)} states and districts have arrests, not {PLACES}"


def _damaged_text(table: Table) -> Iterator[Finding]:
    for field, cells in table.columns.items():
        for row, cell in enumerate(cells):
            if isinstance(cell, str) and REPLACEMENT in cell:
                yield table.name, row, f"{field}: {cell!r} was damaged on its way here (U+FFFD)"


def _rows(table: Table) -> Iterable[tuple[int, dict[str, Any]]]:
    return ((index, table.row(index)) for index in range(len(table)))


def _n(number: int) -> str:
    return f"{number:,}"
