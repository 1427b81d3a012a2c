"""What is written down beside the tables: the files they came from, and the dates in their description."""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from generator.datasets.descriptor import DESCRIPTOR, Package, Source
from generator.problems import Location, Problem, Problems
from generator.refresh.received import Received
from generator.refresh.report import Published, Report
from generator.source import Node, Scalar, locate, node_at

PROVENANCE = "data/provenance.csv"
COLUMNS = ("dataset", "file", "sha256", "bytes", "address", "retrieved")


def provenance(before: str, taken: Mapping[str, Iterable[Received]]) -> str:
    """The list of files that rows came from, with those of this refresh: dataset → its files.

    A file is known by its checksum; one that is taken again keeps the address and the day it was first given with,
    unless it comes with its own.
    """
    rows = {
        (row["dataset"], row["file"], row["sha256"]): row
        for row in csv.DictReader(io.StringIO(before, newline=""), restval="")
        if all(row.get(name) is not None for name in COLUMNS)
    }
    for dataset, files in taken.items():
        for file in files:
            key = (dataset, file.name, file.sha256)
            known = rows.get(key, {})
            rows[key] = {
                "dataset": dataset,
                "file": file.name,
                "sha256": file.sha256,
                "bytes": str(len(file.data)),
                "address": file.address or known.get("address", ""),
                "retrieved": file.retrieved or known.get("retrieved", ""),
            }
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([rows[key][name] for name in COLUMNS] for key in sorted(rows))
    return made.getvalue()


class Dates:
    """The text of the descriptor with some of its dates replaced; everything else stays as somebody wrote it."""

    def __init__(self, text: str, package: Package, node: Node) -> None:
        self.problems = Problems()
        self._text = text
        self._package = package
        self._node = node
        self._edits: dict[tuple[int, int], tuple[int, str]] = {}
        """Line and column of a value → how long it is there, and the new one."""

    def take(self, report: Report) -> None:
        for dataset, (start, end) in report.coverage.items():
            for name, day in (("start", start), ("end", end)):
                if day is not None:
                    self._put(dataset, ("coverage", name), day.isoformat())
        for each in report.dated:
            index = self._index(each.dataset)
            listed = self._package.resources[index].sources
            titles = [source.title for source in listed]
            if each.title in titles:
                source = ("sources", titles.index(each.title))
                if each.day is not None:
                    self._put(each.dataset, (*source, "published"), each.day.isoformat())
                for field, value in each.where.items():
                    self._put(each.dataset, (*source, "where", field, 0), value)
            else:
                message = f"{each.dataset} has no source {each.title!r} whose day a loader could write"
                line = json.dumps(_like_the_others(each, listed), ensure_ascii=False)
                hint = (
                    f"Name it in the loader as it is called here or, if it is new, put it into this list:\n{line}"
                )
                where = locate(self._node, ("resources", index, "sources"))
                self.problems.extend([Problem("missing-key", message, where, hint)])

    def text(self) -> str:
        lines = self._text.split("\n")
        for (line, column), (length, new) in sorted(self._edits.items(), reverse=True):
            row = lines[line - 1]
            lines[line - 1] = row[: column - 1] + new + row[column - 1 + length :]
        return "\n".join(lines)

    def _index(self, dataset: str) -> int:
        return [resource.name for resource in self._package.resources].index(dataset)

    def _put(self, dataset: str, path: tuple[str | int, ...], value: str) -> None:
        whole = ("resources", self._index(dataset), *path)
        found = node_at(self._node, whole)
        if not isinstance(found, Scalar):
            message = f"{dataset}: there is no {'.'.join(map(str, path))} here, where a loader writes {value!r}"
            hint = "Write the key with any value; a refresh puts in its own."
            self.problems.extend([Problem("missing-key", message, locate(self._node, whole), hint)])
            return
        where = found.location
        token = re.match(r'"(?:[^"\\]|\\.)*"|[^\s,}\]]+', self._line(where)[where.column - 1 :])
        new = json.dumps(value, ensure_ascii=False)
        if token is not None and new != token[0]:
            self._edits[where.line, where.column] = (len(token[0]), new)

    def _line(self, where: Location) -> str:
        return self._text.split("\n")[where.line - 1]


def _like_the_others(new: Published, listed: Iterable[Source]) -> dict[str, Any]:
    """The entry of a source that is not listed yet; publisher and address of the one that is called most alike."""
    alike = max(
        listed,
        key=lambda each: difflib.SequenceMatcher(None, each.title, new.title).ratio(),
        default=Source(title=new.title),
    )
    entry: dict[str, Any] = {
        "title": new.title,
        "path": alike.path or "…",
        "publisher": alike.publisher or "…",
        "published": new.day.isoformat() if new.day else "",
        "where": {field: [value] for field, value in new.where.items()},
    }
    return {key: value for key, value in entry.items() if value}


def descriptor_path(name: str) -> str:
    """The file of a dataset as the story has it."""
    return f"{DESCRIPTOR.rpartition('/')[0]}/{name}"
