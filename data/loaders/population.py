"""The Census Bureau's population estimates → population.

    broadsheet refresh population --from NST-EST2024-ALLDATA.csv --from co-est2025-alldata.csv

A file is of one vintage, which its name says, and has one column for each year. Vintages are series of their own:
a state's figure of a year stays that of the vintage it was first taken from, so that a newer one adds its newest
year alone. Counties have the newest year of the newest vintage.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .printed import rows_of

LOADS = ("population",)
READS = ("nst-est*-alldata*.csv", "co-est*-alldata*.csv")

LEVELS = {"40": "state", "50": "county"}
YEAR = re.compile(r"POPESTIMATE([0-9]{4})")

Key = tuple[str, str, str, dt.date]
"""Level, state, code of the county or '', date."""


@dataclass(frozen=True)
class Figure:
    level: str
    state: str
    county: str
    date: dt.date
    vintage: int
    people: int

    @property
    def key(self) -> Key:
        return self.level, self.state, self.county, self.date

    @property
    def row(self) -> dict[str, Any]:
        return {
            "level": self.level,
            "state": self.state,
            "county_fips": self.county or None,
            "date": self.date,
            "vintage": self.vintage,
            "population": self.people,
        }


def load(received: Sequence[Any], tables: Mapping[str, Any], report: Any) -> dict[str, Iterable[Mapping[str, Any]]]:
    """The table with the files received. What cannot be read surely is told, and is an error."""
    codes = {row["fips"]: row["code"] for row in rows_of(tables["areas"]) if row["kind"] in ("state", "district")}
    held = [
        Figure(row["level"], row["state"], row["county_fips"] or "", row["date"], row["vintage"], row["population"])
        for row in rows_of(tables["population"])
    ]
    found = [figure for file in received for figure in _figures(file, codes, report)]
    states: dict[Key, Figure] = {}
    for figure in [
        *(each for each in held if each.level == "state"),
        *sorted(found, key=lambda each: each.vintage),
    ]:
        known = states.get(figure.key)
        if figure.level == "state" and (known is None or known.vintage == figure.vintage):
            states[figure.key] = figure
    counties = [each for each in (*held, *found) if each.level == "county"]
    newest = max(((each.vintage, each.date) for each in counties), default=None)
    latest = {each.key: each for each in counties if (each.vintage, each.date) == newest}
    figures = [
        *sorted(states.values(), key=lambda each: each.key),
        *sorted(latest.values(), key=lambda each: each.county),
    ]
    if figures:
        report.covers("population", min(each.date for each in figures), max(each.date for each in figures))
    return {"population": [each.row for each in figures]}


def _figures(file: Any, codes: Mapping[str, str], report: Any) -> list[Figure]:
    """Every state and county of a file in every year that it has; others of its areas are left out."""
    named = re.search(r"est([0-9]{4})", file.name, re.IGNORECASE)
    if named is None:
        report.error(
            file, "its name does not say of which vintage it is", "The Census Bureau's own begin so: co-est2025-…"
        )
        return []
    vintage = int(named[1])
    found: list[Figure] = []
    rows = report.attempt(lambda: _records(file))
    if rows == []:
        report.error(file, "the file has no row below its header", "Get it again from the publisher.")
    for number, row in enumerate(rows or [], start=2):
        at = file.at(row=number)
        years = {int(match[1]): name for name in row if (match := YEAR.fullmatch(name))}
        if not years or "SUMLEV" not in row or "STATE" not in row:
            report.error(file, "this is no file of estimates: it lacks SUMLEV, STATE or POPESTIMATE…")
            return []
        level = LEVELS.get(row["SUMLEV"].lstrip("0"))
        state = codes.get(row["STATE"].zfill(2))
        county = row.get("COUNTY", "").zfill(3)
        if level is None or state is None or (level == "state" and county != "000"):
            continue  # the nation, a region, Puerto Rico
        for year, name in years.items():
            if not row[name].isascii() or not row[name].isdigit():
                report.error(at, f"{name}: {row[name]!r} is no number of residents")
                return []
            fips = f"{row['STATE'].zfill(2)}{county}" if level == "county" else ""
            found.append(Figure(level, state, fips, dt.date(year, 7, 1), vintage, int(row[name])))
    return found if _adds_up(file, found, report) else []


def _adds_up(file: Any, found: Sequence[Figure], report: Any) -> bool:
    """Whether the counties of each state add up to it: a file that was cut off between two rows looks whole."""
    counties: Counter[tuple[str, dt.date]] = Counter()
    for each in found:
        if each.level == "county":
            counties[each.state, each.date] += each.people
    for each in found:
        people = counties[each.state, each.date]
        if each.level == "state" and people != each.people and counties:
            message = f"{each.state}, {each.date}: the counties add up to {people:,}, the state has {each.people:,}"
            report.error(file, message, "If the file is not whole, get it again from the publisher.")
            return False
    return True


def _records(file: Any) -> list[dict[str, str]]:
    """The rows of a file that is UTF-8 in some copies and Latin-1 as the bureau writes it."""
    try:
        file.data.decode("utf-8")
    except UnicodeDecodeError:
        return file.records(encoding="latin-1")  # type: ignore[no-any-return]
    return file.records()  # type: ignore[no-any-return]
