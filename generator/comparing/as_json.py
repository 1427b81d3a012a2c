"""A difference for machines: everything, in one document whose shape is described in content/README.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import asdict

from generator.comparing.changes import (
    AssertionChange,
    Difference,
    RankChange,
    RankingChange,
    SentenceChange,
    SheetChange,
    Side,
    SideProblem,
    Standing,
    grouped,
    pages_of,
)
from generator.problems import Location

VERSION = 1
"""Raised when a key is renamed or means something else."""


def as_json(found: Difference) -> str:
    return json.dumps(record(found), ensure_ascii=False, indent=2) + "\n"


def record(found: Difference) -> dict[str, Any]:
    """The document as plain data."""
    return {
        "version": VERSION,
        "before": _side(found.before),
        "after": _side(found.after),
        "pages_compared": found.pages,
        "pages_not_compared": list(found.not_compared),
        "assertions": _groups(found, found.assertions, _assertion),
        "claims": [asdict(change) for change in found.claims],
        "rankings": [_ranking(ranking) for ranking in found.rankings],
        "sentences": _groups(found, found.sentences, _sentence),
        "sheets": _groups(found, found.sheets, _sheet),
        "pages": [asdict(change) for change in found.page_changes],
        "problems": [_problem(each) for each in found.problems],
    }


def _side(side: Side) -> dict[str, str | None]:
    return {"name": side.name, "revision": side.revision or None}


def _place(where: Location) -> dict[str, Any]:
    return {"path": where.path, "line": where.line, "column": where.column}


def _groups(found: Difference, changes: Sequence[Any], told: Any) -> list[dict[str, Any]]:
    made = []
    for (where, part), group in grouped(changes).items():
        served = found.served.get(where.path, 1)
        about = {"part": part, "pages": pages_of(group), "pages_of_document": served}
        made.append({**_place(where), **about, "changes": [{**_page(c), **told(c)} for c in group]})
    return made


def _page(change: SentenceChange | AssertionChange | SheetChange) -> dict[str, Any]:
    return {"page": change.at.page, "entity": change.at.entity or None}


def _assertion(change: AssertionChange) -> dict[str, Any]:
    return {
        "words": change.words,
        "held": change.held,
        "holds": change.holds,
        "data_says": change.says,
        "advice": change.advice,
        "sentence": change.sentence,
    }


def _sentence(change: SentenceChange) -> dict[str, Any]:
    numbers = [{**_place(number.where), "was": number.was, "now": number.now} for number in change.numbers]
    return {"was": change.was, "now": change.now, "numbers": numbers}


def _sheet(change: SheetChange) -> dict[str, Any]:
    return {
        "what": change.what,
        "name": change.name,
        "state": change.state,
        "cells": [asdict(cell) for cell in change.cells],
        "new_rows": list(change.new_rows),
        "gone_rows": list(change.gone_rows),
        "moved_rows": [asdict(move) for move in change.moves],
    }


def _ranking(ranking: RankingChange) -> dict[str, Any]:
    return {
        "measure": ranking.measure,
        "collection": ranking.collection,
        "selection": dict(ranking.selection),
        "rate": ranking.rate or None,
        "by": ranking.by,
        "among": {"was": ranking.among_was, "now": ranking.among_now},
        "refused": {"was": ranking.refused_was, "now": ranking.refused_now},
        "changes": [_rank(change) for change in ranking.changes],
    }


def _rank(change: RankChange) -> dict[str, Any]:
    sides = {"was": _standing(change.was), "now": _standing(change.now)}
    return {"entity": change.entity, "page": change.page, "own_figure_changed": change.own, **sides}


def _standing(standing: Standing | None) -> Mapping[str, Any] | None:
    if standing is None:
        return None
    number = int(standing.number) if standing.number.is_integer() else standing.number
    return {"place": standing.place, "ties": standing.ties, "figure": standing.figure, "number": number}


def _problem(each: SideProblem) -> dict[str, Any]:
    problem = each.problem
    about = {"code": problem.code, "severity": problem.severity, **_place(problem.location)}
    return {"side": each.side, **about, "message": problem.sentence, "hint": problem.hint}
