"""Runs one of the first story's loaders on files, with its tables as they are or with empty ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generator.datasets.descriptor import DESCRIPTOR, Package, read_package
from generator.datasets.read import Table, read_table
from generator.refresh.received import Received, gathered, matching
from generator.refresh.report import Report
from generator.refresh.tables import as_text
from generator.story_code import Loader, loaders

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared/data"
NOT_THERE = "the publishers' files, ../shared/data/raw, are not beside this checkout"


@cache
def package() -> Package:
    return read_package((ROOT / DESCRIPTOR).read_text(encoding="utf-8"))


@cache
def loader(dataset: str) -> Loader:
    return next(each for each in loaders(ROOT) if dataset in each.loads)


@cache
def kept(dataset: str) -> str:
    """The story's own table."""
    return (ROOT / f"data/{dataset}.csv").read_text(encoding="utf-8")


def header(dataset: str) -> str:
    return kept(dataset).split("\n", 1)[0] + "\n"


@dataclass
class Outcome:
    """What a loader made, as CSV, and what it said."""

    texts: dict[str, str]
    report: Report

    def rows(self, dataset: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.texts[dataset])))

    @property
    def errors(self) -> list[str]:
        return [str(problem) for problem in self.report.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[str]:
        return [str(problem) for problem in self.report.problems if problem.severity == "warning"]


def load(dataset: str, files: Iterable[Received], texts: Mapping[str, str] | None = None) -> Outcome:
    """``texts``: tables that are otherwise than the story's own."""
    own = loader(dataset)
    tables: dict[str, Table] = _Tables(texts or {})
    report = Report()
    made = report.attempt(lambda: own.load(tuple(matching(files, own.reads)), tables, report), {})
    found = {}
    for name, rows in (made or {}).items():
        resource = package().resource(name)
        assert resource is not None
        found[name] = as_text(resource, rows)
        if not report.problems.errors:
            read_table(resource, found[name], f"data/{name}.csv")  # valid in itself
    return Outcome(found, report)


class _Tables(dict[str, Any]):
    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self._texts = texts

    def __missing__(self, name: str) -> Table:
        if name not in self._texts:
            return _kept(name)
        resource = package().resource(name)
        assert resource is not None
        return read_table(resource, self._texts[name], f"data/{name}.csv")


@cache
def _kept(name: str) -> Table:
    resource = package().resource(name)
    assert resource is not None
    return read_table(resource, kept(name), f"data/{name}.csv")


def received(folder: Path, files: Mapping[str, bytes]) -> list[Received]:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return gathered(folder, folder)


def raw(under: str) -> list[Received]:
    return gathered(ROOT, SHARED / "raw" / under)


def derived(name: str) -> list[dict[str, str]]:
    with (SHARED / f"derived/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
