"""Stories of any size: what a build costs, and how that grows with the number of pages.

    python -m tests.benchmarks.synthetic [--pages 51 500 3143] [--jobs 1 2] [--script 51] [--eleventy 51] [--out FILE]

Each page is a school district's: two charts as SVG, a table of 24 months, words with numbers. Prints for each size and
number of processes the seconds of a cold build, the time for one more page, the largest memory of any process, then
what it takes after one district's own document was edited and with nothing to do. ``--script`` builds as many pages
with ``peers/script/script.py``, in the same run: what a competent colleague writes with Altair, Markdown and Jinja;
``--eleventy`` with Eleventy and Vega, which come from npm. ``--out`` keeps the figures as CSV; ``python -m
tests.benchmarks.plot`` draws them.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tests.benchmarks.costs import Cost, measured

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).parent / "peers"
SCRIPT = PEERS / "script/script.py"
ELEVENTY = ("@11ty/eleventy@3.1.2", "vega@6", "vega-lite@6")
MONTHS = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]

SETTINGS = """\
title: Schools
description: Pupils and absences by district.
numbers: {percent: percent}
png: false
collections:
  districts:
    one: district
    from: districts
    key: id
    name: name
    path: districts/{slug}/
    relations:
      months: {from: pupils, field: district}
"""
MEASURES = """\
pupils:
  label: pupils
  from: pupils
  value: pupils
  entity: {district: district}
  unit: pupils
  time: {at: counted, type: stock}
  default: {at: latest}
absences:
  label: days of absence
  from: pupils
  value: absences
  entity: {district: district}
  unit: days
  time: {month: month, type: flow}
  default: {at: latest}
  rates:
    per_pupil: {by: pupils, year: 2025-12-01, per: 100, unit: days per 100 pupils, decimals: 1}
"""
INDEX = """\
---
title: Schools
description: Pupils and absences by district.
---
{{ districts.count | with_unit | upper_first }} report every month.
"""
DISTRICT = """\
---
title: "{{ district.name }}"
description: "Pupils and absences in {{ district.name }}."
---
{{ district.name }} had {{ district.pupils | with_unit }} on {{ district.pupils | date }}, {% if district.pupils.change(since="2024-01-01") > 0 %}more{% else %}no more{% endif %} than the {{ district.pupils(at="2024-01-01") }} of January 2024. It is the {{ district.pupils.rank | rank_phrase("largest") }}.

## Pupils

```figure line
measure: pupils
id: pupils-line
title: Pupils in {{ district.name }}
description: "A line from {{ district.pupils(at='2024-01-01') }} to {{ district.pupils }}."
```

## Absence

In {{ district.absences | date }} pupils were absent on {{ district.absences | with_unit }}: {{ district.absences.per_pupil }}.

```figure line
measure: absences
id: absences-line
title: Days of absence in {{ district.name }}
description: "A line that ends at {{ district.absences }}."
```

```table
title: Month by month
of: district.months
columns:
  - {value: row.month, label: Month}
  - {value: row.pupils, label: Pupils}
  - {value: row.absences, label: Days of absence}
```
"""
EDITED = "Its school board meets in public.\n"


def districts(pages: int) -> list[tuple[str, str]]:
    """Key and name of each."""
    return [(f"D{number:06}", f"District {number}") for number in range(pages)]


def rows(pages: int) -> Iterable[tuple[str, str, str, int, int]]:
    """District, month, its first day, pupils on that, days of absence: the same for the same number of pages."""
    dice = random.Random(pages)
    for key, _ in districts(pages):
        pupils = dice.randrange(200, 40_000)
        for month in MONTHS:
            pupils = max(20, pupils + dice.randrange(-pupils // 50, pupils // 45))
            yield key, month, f"{month}-01", pupils, int(pupils * dice.uniform(0.4, 1.6))


def write(root: Path, pages: int) -> Path:
    """A story of so many districts, in this project's own format."""
    tables = {
        "districts": (["id", "name"], districts(pages)),
        "pupils": (["district", "month", "counted", "pupils", "absences"], rows(pages)),
    }
    kinds = {"month": "yearmonth", "counted": "date", "pupils": "integer", "absences": "integer"}
    (root / "content/districts").mkdir(parents=True)
    (root / "data").mkdir()
    resources = []
    for name, (header, lines) in tables.items():
        with (root / f"data/{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(lines)
        fields = [{"name": field, "type": kinds.get(field, "string")} for field in header]
        resources.append({"name": name, "path": f"{name}.csv", "title": name.title(), "schema": {"fields": fields}})
    documents = {
        "content/site.yml": SETTINGS,
        "content/index.md": INDEX,
        "content/districts/[district].md": DISTRICT,
        "content/districts/district-7.md": "---\ntitle: District 7\n---\n" + EDITED,
        "data/measures.yml": MEASURES,
        "data/datapackage.json": json.dumps({"name": "schools", "resources": resources}, indent=1),
    }
    for path, text in documents.items():
        (root / path).write_text(text, encoding="utf-8")
    return root


def build(story: Path, jobs: int) -> Cost:
    return measured([sys.executable, "-m", "generator", "build", story, "--jobs", str(jobs)])


@cache
def eleventy(tools: Path) -> Path:
    """The folder of the peer with what it needs installed."""
    folder = tools / "eleventy"
    shutil.copytree(PEERS / "eleventy", folder)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, *ELEVENTY]
    subprocess.run(command, check=True)
    return folder


def build_with_eleventy(folder: Path, story: Path) -> Cost:
    shutil.rmtree(folder / "_site", ignore_errors=True)
    data = {"STORY_DATA": str(story / "data")}
    command = ["node", folder / "node_modules/@11ty/eleventy/cmd.cjs", "--quiet"]
    cost = measured(command, cwd=folder, environment=data)
    assert len(list((folder / "_site/districts").iterdir())) == len(list((story / "site/districts").iterdir()))
    return cost


class Told:
    """What was measured, printed as it comes."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, int, Cost]] = []

    def add(self, name: str, pages: int, cost: Cost) -> None:
        """With the time for one more page than in the last smaller story, where there was one."""
        smaller = [(size, known) for what, size, known in self.rows if what == name and size < pages]
        self.rows.append((name, pages, cost))
        more = ""
        if smaller:
            size, known = smaller[-1]
            more = f"{1000 * (cost.used - known.used) / (pages - size):6.1f} ms of processor a page"
        print(
            f"{name:34}{pages:7,} pages {cost.seconds:8.2f} s {cost.used:8.2f} s of processor {cost.memory:6} MB {more}",
            flush=True,
        )

    def write(self, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["what", "pages", "seconds", "processor", "megabytes"])
            for name, pages, cost in self.rows:
                writer.writerow([name, pages, f"{cost.seconds:.2f}", f"{cost.used:.2f}", cost.memory])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[51, 500, 3143])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--script", type=int, nargs="*", default=[51], help="sizes at which the script is measured, too"
    )
    parser.add_argument("--eleventy", type=int, nargs="*", default=[], help="the same of Eleventy with Vega")
    parser.add_argument("--out", type=Path, help="a CSV file for the figures")
    given = parser.parse_args()
    told = Told()
    with tempfile.TemporaryDirectory() as tools:
        for pages in sorted(given.pages):
            with tempfile.TemporaryDirectory() as folder:
                story = write(Path(folder) / "story", pages)
                for jobs in given.jobs:
                    for name in ("site", ".broadsheet"):
                        shutil.rmtree(story / name, ignore_errors=True)
                    told.add(f"cold, {jobs} process{'es' if jobs > 1 else ''}", pages, build(story, jobs))
                with (story / "content/districts/district-7.md").open("a", encoding="utf-8") as file:
                    file.write("\nIt has a swimming pool.\n")
                told.add("one district's document edited", pages, build(story, 1))
                told.add("nothing to do", pages, build(story, 1))
                if pages in given.script:
                    script = [sys.executable, SCRIPT, story / "data", Path(folder) / "script"]
                    told.add("the script", pages, measured(script))
                if pages in given.eleventy:
                    told.add("Eleventy and Vega", pages, build_with_eleventy(eleventy(Path(tools)), story))
    if given.out:
        told.write(given.out)


if __name__ == "__main__":
    main()
