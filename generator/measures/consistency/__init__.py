"""What must hold among the figures of a story, and where it does not.

Each rule looks at the cubes as built and yields :class:`Finding`; here they become problems, each at the cell it
concerns. Part and whole are compared without anybody asking; the other rules are declared under ``consistency``
in measures.yml.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.datasets.read import Table, broken_rows
from generator.measures.consistency.declared import mixed_up
from generator.measures.consistency.findings import Finding, Measured, told
from generator.measures.consistency.series import series
from generator.measures.consistency.totals import totals
from generator.measures.consistency.wholes import wholes
from generator.measures.select import Selector
from generator.problems import Problem

RULES = (mixed_up, wholes, totals, series)


def inconsistencies(root: Path, tables: Mapping[str, Table], selector: Selector) -> Iterator[Problem]:
    """Everything that contradicts a rule of the tables or of the measures. The story has been loaded."""
    yield from broken_rows(tables)
    found: list[Finding] = []
    for cube in selector.cubes.values():
        measured = Measured(root, cube, tables, selector)
        for rule in RULES:
            found.extend(rule(measured))
    yield from told(found, tables)


__all__ = ["inconsistencies"]
