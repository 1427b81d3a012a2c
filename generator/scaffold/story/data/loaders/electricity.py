"""From the files as received to three of the story's tables: by_source.csv, supply.csv and population.csv.

    broadsheet refresh

The files in ``received/`` are kept byte for byte as they came; newer ones may be given instead with ``--from``.
Nothing is fetched and nothing depends on the day, so that the same files always give the same tables. What is made
here takes the place of the tables only when it is valid, and of all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LOADS = ("by_source", "supply", "population")
"""The tables of data/datapackage.json that it makes."""
READS = ("country_totals.csv", "energy_types.csv", "tps00001.tsv")
"""What the files are called that it reads; ``*.csv`` would be any."""

YEARS = ("2016", "2017", "2018")
KINDS = {
    "Conventional thermal": "fuel",
    "Nuclear": "nuclear",
    "Hydro": "water",
    "Wind": "wind",
    "Solar": "sun",
    "Geothermal": "earth",
    "Other": "other",
}
"""What the file calls each way of making electricity, and what we call it. Pumped hydro is a part of Hydro."""
FLOWS = {
    "Total net production": "production",
    "Imports": "imports",
    "Exports": "exports",
    "Energy absorbed by pumping": "pumping",
    "Energy supplied": "supplied",
}

Rows = list[dict[str, str]]


def load(received: Sequence[Any], tables: Mapping[str, Any], report: Any) -> dict[str, Iterable[dict[str, str]]]:
    """The rows of each table.

    ``received`` are the files given that it reads, ``tables`` those of the story as it is. What is wrong with a
    file is said with ``report.error(file, message)``; then nothing is replaced.
    """
    files = {file.name: file for file in received}
    missing = [name for name in READS if name not in files]
    if missing:
        report.error(received[0], f"{' and '.join(missing)} is to come with it")
        return {}
    places = tables["places"].columns
    countries = [code for code, kind in zip(places["code"], places["kind"], strict=True) if kind == "country"]
    totals = files["country_totals.csv"].records()
    sources = by_source(files["energy_types.csv"].records(), totals, countries)
    return {
        "by_source": sources,
        "supply": supply(totals, sources, countries),
        "population": population(files["tps00001.tsv"].records("\t"), countries),
    }


def by_source(received: Rows, totals: Rows, countries: list[str]) -> Rows:
    """One row for each country, year and source: GWh, and percent of all that the country made.

    The figures of 2018 are first results. Some have a zero where the year before had a GWh or more, such as the sun
    in Malta; a whole kind of power station does not vanish within a year. Those zeros are left empty: missing is
    not zero.
    """
    whole = {row["country"]: row for row in totals if row["type"] == "Total net production"}
    found = []
    for row in received:
        country = row["country"]
        if country not in countries or row["type"] not in KINDS:
            continue
        for year in YEARS:
            missing = year == "2018" and float(row["2018"]) == 0 and float(row["2017"]) >= 1
            gwh = "" if missing else _number(row[year])
            percent = _number(str(100 * float(gwh) / float(whole[country][year]))) if gwh else ""
            source = KINDS[row["type"]]
            found.append({"country": country, "year": year, "source": source, "gwh": gwh, "percent": percent})
    order = list(KINDS.values())
    return sorted(found, key=lambda row: (row["country"], row["year"], order.index(row["source"])))


def supply(received: Rows, sources: Rows, countries: list[str]) -> Rows:
    """One row for each country and year: what it made, bought and sold, in GWh, and its largest source."""
    found = []
    for country in sorted(countries):
        flows = {FLOWS[row["type"]]: row for row in received if row["country"] == country}
        for year in YEARS:
            own = [row for row in sources if (row["country"], row["year"]) == (country, year) and row["gwh"]]
            amounts = {name: _number(flows[name][year]) for name in FLOWS.values()}
            largest = max(own, key=lambda row: float(row["gwh"]))["source"]
            found.append({"country": country, "year": year, **amounts, "largest": largest})
    return found


def population(received: Rows, countries: list[str]) -> Rows:
    """One row for each country and year: the residents on 1 January."""
    found = []
    for row in received:
        cells = {name.strip(): cell.strip() for name, cell in row.items()}
        country = cells["indic_de,geo\\time"].removeprefix("JAN,")
        if country in countries:
            for year in YEARS:
                found.append({"country": country, "date": f"{year}-01-01", "residents": cells[year]})
    return sorted(found, key=lambda row: (row["country"], row["date"]))


def _number(text: str) -> str:
    """As few digits as say the same: the file has 983.1900000000002 for 983.19. "NA" is missing."""
    return "" if text == "NA" else f"{round(float(text), 3):.15g}"
