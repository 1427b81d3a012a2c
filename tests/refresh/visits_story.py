"""A small story with a loader of its own: visits to the towns of a land, from workbooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from books import book
from small_stories import write_story

LOADER = '''\
"""The visitor office's workbooks → visits and totals."""

import datetime as dt

from .names import code_of

LOADS = ("visits", "totals")
READS = ("visits*.xlsx",)


def load(received, tables, report):
    rows = {(row["town"], row["day"]): row for row in all_of(tables["visits"])}
    codes = {row["name"]: row["code"] for row in all_of(tables["towns"])}
    for file in received:
        for sheet in report.attempt(lambda: file.workbook.sheets, ()):
            for row in report.attempt(lambda: file.rows(sheet), ())[1:]:
                town = code_of(row[0], codes)
                if town is None:
                    hint = "Write the name as in towns.csv."
                    report.error(file.at(sheet, row.number, 0), f"{row[0]!r} is no town", hint)
                    continue
                if row[2] == 0:
                    report.warning(file.at(sheet, row.number, 2), "nobody came")
                key = town, row[1].date()
                rows[key] = {"town": town, "day": key[1], "visits": row[2], "said_by": row[3]}
                report.took("visits", file)
    listed = [rows[key] for key in sorted(rows)]
    days = sorted({row["day"] for row in listed})
    totals = [{"day": day, "visits": sum(row["visits"] for row in listed if row["day"] == day)} for day in days]
    if days:
        report.covers("visits", days[0], days[-1])
        report.published("visits", "Counts of visitors", days[-1])
    return {"visits": listed, "totals": totals}


def all_of(table):
    return [table.row(index) for index in range(len(table))]
'''
NAMES = '''\
"""What loaders share."""


def code_of(name, codes):
    return codes.get(str(name).strip())
'''
CHECKS = """\
def check(tables):
    for row, visits in enumerate(tables["visits"].columns["visits"]):
        if visits == 13:
            yield "visits", row, "nobody counts thirteen", "visits"
"""
MEASURES = """\
visits:
  label: visits
  from: visits
  value: visits
  entity: {town: town}
  time: {at: day, type: stock}
  unit: visits
"""
VISITS = """\
town,day:date,visits:integer,said_by
ASH,2025-01-01,10,
BIR,2025-01-01,20,
"""
SETTINGS = """\
title: Visits
description: Of towns.
collections:
  towns: {one: town, from: towns, key: code, name: name}
"""
HEAD = ("Town", "Day", "Visits", "Said by")


def visits_story(root: Path) -> Path:
    """Two towns on one day, in two tables, with a description that has dates to be moved."""
    root.mkdir(parents=True, exist_ok=True)
    write_story(root, {"visits": VISITS, "totals": "day:date,visits:integer\n2025-01-01,30\n"}, MEASURES, SETTINGS)
    path = root / "data/datapackage.json"
    package = json.loads(path.read_text())
    for resource in package["resources"]:
        if resource["name"] == "visits":
            resource["schema"]["primaryKey"] = ["town", "day"]
            resource["schema"]["foreignKeys"] = [
                {"fields": ["town"], "reference": {"resource": "towns", "fields": ["code"]}}
            ]
            resource["coverage"] = {"start": "2025-01-01", "end": "2025-01-01"}
            resource["sources"] = [{"title": "Counts of visitors", "published": "2025-01-01"}]
        elif resource["name"] == "totals":
            resource["schema"]["primaryKey"] = ["day"]
    path.write_text(json.dumps(package, indent=2) + "\n")
    (root / "data/checks.py").write_text(CHECKS)
    (root / "data/loaders").mkdir()
    (root / "data/loaders/visits.py").write_text(LOADER)
    (root / "data/loaders/names.py").write_text(NAMES)
    (root / "content/index.md").write_text("---\ntitle: Visits\ndescription: Of towns.\n---\nVisits.\n")
    return root


def visits_book(*rows: tuple[Any, ...], **more: Any) -> bytes:
    return book([HEAD, *rows], **more)
