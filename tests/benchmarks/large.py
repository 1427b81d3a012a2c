"""A table larger than memory: what a story costs that is fed by a Parquet file of any number of rows.

    python -m tests.benchmarks.large [--rows 1000000 10000000 100000000] [--towns 200] [--folder DIR]

The file has a row for each visit to a library: town, day, kind, how many came, for how long. DuckDB makes it, the same
each time. The story measures it in two ways: a measure that reads the file, of which the visits of each town, month
and kind are grouped, and a query that gives each town's busiest day. Prints the size of the file, then, for a cold
build, one after a sentence has changed, and one with nothing to do, seconds and the largest memory of the process. The
files are made in a folder that is removed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.costs import Cost, measured

DAYS = 1_461
"""From 2022 to 2025."""

SETTINGS = """\
title: Libraries
description: Visits to libraries, from a table of every one.
collections:
  towns:
    one: town
    from: towns
    key: code
    name: name
    path: towns/{slug}/
    relations:
      busiest: {from: busiest, field: town}
"""
MEASURES = """\
visitors:
  label: visitors
  description: People who came to the libraries of a town.
  from: visits
  value: visitors
  entity: town
  unit: visitors
  time: {month: day, type: flow}
  default: {at: latest}
  dimensions: {kind: {additive: true}}
visits:
  label: visits
  description: Visits that were noted.
  from: visits
  value: visitors
  count: true
  entity: town
  unit: visits
  time: {month: day, type: flow}
  default: {at: latest}
hours:
  label: hours
  description: Hours that visitors stayed.
  from: visits
  value: hours
  entity: town
  unit: hours
  time: {month: day, type: flow}
  default: {at: latest}
"""
QUERY = """\
SELECT town, max_by(day, (visitors, day)) AS day, max(visitors) AS visitors
FROM (SELECT town, day, sum(visitors) AS visitors FROM visits GROUP BY ALL)
GROUP BY town
ORDER BY town
"""
INDEX = """\
---
title: Libraries
description: Visits to libraries.
---
{{ towns.count | with_unit | upper_first }} have libraries.
"""
TOWN = """\
---
title: "{{ town.name }}"
description: "Visits to the libraries of {{ town.name }}."
---
In {{ town.visitors | date }} the libraries of {{ town.name }} had {{ town.visitors | with_unit }} in {{ town.visits | with_unit }},
who stayed {{ town.hours | with_unit }}. {% for row in town.busiest %}Its busiest day was {{ row.day | date }}, with {{ row.visitors }}.{% endfor %}

```figure line
measure: visitors
id: visitors-line
title: Visitors of {{ town.name }}
description: "A line that ends at {{ town.visitors }}."
```
"""


def parquet(path: Path, rows: int, towns: int) -> None:
    """So many visits, one after the other by day. Numbers are made of the row's own, and never by chance."""
    import duckdb

    scattered = "hash(i * 7919)"
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "1GB"}) as connection:
        connection.execute(
            f"""COPY (
                SELECT 'T' || lpad(CAST({scattered} % {towns} AS VARCHAR), 4, '0') AS town,
                    DATE '2022-01-01' + CAST(i * {DAYS} // {rows} AS INTEGER) AS day,
                    ['adult', 'child', 'group'][1 + CAST({scattered} // 10007 % 3 AS INTEGER)] AS kind,
                    CAST({scattered} // 30011 % 40 AS INTEGER) AS visitors,
                    CAST({scattered} // 70001 % 1000 AS DOUBLE) / 100 AS hours
                FROM range({rows}) made(i)
            ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"""
        )


def write(root: Path, rows: int, towns: int) -> Path:
    """A story of so many towns, fed by a Parquet file of so many rows."""
    (root / "content/towns").mkdir(parents=True)
    (root / "data").mkdir()
    listed = "".join(f"T{number:04},Town {number}\n" for number in range(towns))
    town = {"name": "town", "constraints": {"required": True}}
    keys = {"foreignKeys": [{"fields": ["town"], "reference": {"resource": "towns", "fields": ["code"]}}]}
    source = {"title": "Visits", "publisher": "Library Board", "path": "https://example.org/visits"}
    visitors = {"name": "visitors", "type": "integer", "unit": "visitors"}
    package = {
        "name": "libraries",
        "resources": [
            {
                "name": "towns",
                "path": "towns.csv",
                "title": "Towns",
                "schema": {"fields": [{"name": "code"}, {"name": "name"}], "primaryKey": ["code"]},
            },
            {
                "name": "visits",
                "path": "visits.parquet",
                "format": "parquet",
                "title": "Visits",
                "description": "One row is a visit.",
                "schema": {
                    "fields": [
                        town,
                        {"name": "day", "type": "date", "constraints": {"minimum": "2022-01-01"}},
                        {"name": "kind", "constraints": {"enum": ["adult", "child", "group"]}},
                        {**visitors, "constraints": {"minimum": "0"}},
                        {"name": "hours", "type": "number", "unit": "hours"},
                    ],
                    **keys,
                },
                "sources": [source],
            },
            {
                "name": "busiest",
                "title": "Busiest days",
                "description": "One row is a town.",
                "query": "busiest.sql",
                "schema": {"fields": [town, {"name": "day", "type": "date"}, visitors], **keys},
            },
        ],
    }
    files = {
        "content/site.yml": SETTINGS,
        "content/index.md": INDEX,
        "content/towns/[town].md": TOWN,
        "data/measures.yml": MEASURES,
        "data/busiest.sql": QUERY,
        "data/towns.csv": f"code,name\n{listed}",
        "data/datapackage.json": json.dumps(package, indent=1),
    }
    for path, text in files.items():
        (root / path).write_text(text, encoding="utf-8")
    parquet(root / "data/visits.parquet", rows, towns)
    return root


def build(story: Path) -> Cost:
    return measured([sys.executable, "-m", "generator", "build", story, "--jobs", "1"])


def told(name: str, cost: Cost) -> None:
    print(f"  {name:24}{cost.seconds:8.2f} s {cost.used:8.2f} s of processor {cost.memory:6} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000, 100_000_000])
    parser.add_argument("--towns", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where to make the files; needs 1 GB for 100 million rows")
    given = parser.parse_args()
    for rows in given.rows:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            story = write(Path(folder) / "story", rows, given.towns)
            size = (story / "data/visits.parquet").stat().st_size
            free = shutil.disk_usage(folder).free
            print(
                f"{rows:,} rows, {size / 1e6:,.0f} MB of Parquet ({free / 1e9:,.0f} GB of disk are free)",
                flush=True,
            )
            told("cold build", build(story))
            with (story / "content/index.md").open("a", encoding="utf-8") as file:
                file.write("\nThey are open to all.\n")
            told("a sentence changed", build(story))
            told("nothing to do", build(story))


if __name__ == "__main__":
    main()
