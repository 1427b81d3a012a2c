"""Problems as SARIF 2.1.0, the format in which code hosts take what a checker found."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from generator.problems import Location, Problem
from generator.reports.excerpts import Sources
from generator.reports.records import full_text
from generator.reports.text import at

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "%SRCROOT%"

ASSERTED = "An editor's words, [words]{= expression }, are held against what the expression gives."

HELP: Mapping[str, str] = {
    "claim-number": f"{ASSERTED} The number is another one.",
    "claim-share": f"{ASSERTED} The share or the part of all is another one.",
    "claim-unit": f"{ASSERTED} The unit is another one, such as percent for percentage points.",
    "claim-ratio": f"{ASSERTED} The multiple is another one.",
    "claim-rank": f"{ASSERTED} The place in the ranking is another one.",
    "claim-tie": f"{ASSERTED} The place is shared and the words do not say so, or the other way round.",
    "claim-direction": f"{ASSERTED} The figure went another way.",
    "claim-list": f"{ASSERTED} One of those listed does not belong there, or one is missing.",
    "claim-count": f"{ASSERTED} They are more or fewer.",
    "claim-date": f"{ASSERTED} The figure is of another date or period.",
    "claim-noun": f"{ASSERTED} The figure counts something else than the words.",
    "claim-precision": f"{ASSERTED} The figure is known too roughly to decide whether the words hold.",
    "claim-unknown": f"{ASSERTED} There is no figure, and so nothing holds, “none” neither.",
    "claim-words": f"{ASSERTED} These words are not understood. The editor's guide has a table of what is.",
    "claim-kind": f"{ASSERTED} The words and the expression are of two kinds, such as a rank and a number.",
    "typed-number": "A number is typed that is neither computed, nor asserted, nor attributed.",
    "unknown-claim": "Words are attributed to a claim that does not exist.",
    "value-unknown": "A figure is printed that is not known, without words to stand in its place.",
}  # fmt: skip
"""What a rule is about, by code; the others are told by their results."""

_HELP = "Every result says what is wrong and, where that is known, what to write instead."


def sarif(
    problems: Iterable[Problem], version: str, *, sources: Sources | None = None, below: str = ""
) -> dict[str, Any]:
    """One log with one run. ``below``: the story's folder as seen from the folder that ``%SRCROOT%`` stands for."""
    listed = list(problems)
    codes = sorted({problem.code for problem in listed})
    marks = _fingerprints(listed, sources)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "broadsheet", "version": version, "rules": [_rule(code) for code in codes]}
                },
                "originalUriBaseIds": {
                    BASE: {"description": {"text": "The folder in which the check was started."}}
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(problem, codes.index(problem.code), mark, below)
                    for problem, mark in zip(listed, marks, strict=True)
                ],
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    words = code.replace("-", " ")
    return {
        "id": code,
        "shortDescription": {"text": f"{words[:1].upper()}{words[1:]}"},
        "help": {"text": HELP.get(code, _HELP)},
    }


def _result(problem: Problem, rule: int, mark: str, below: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": _message(problem)},
        "locations": [{"physicalLocation": _place(at(problem.location, below))}],
        "partialFingerprints": {"primaryLocationLineHash": mark},
    }
    if problem.entities:
        made["properties"] = {"entities": list(problem.entities), "among": problem.among}
    return made


def _message(problem: Problem) -> str:
    """All that is told, with every entity that it was seen with."""
    text = full_text(problem)
    return text if len(problem.entities) <= 3 else f"{text}\nSeen with: {', '.join(problem.entities)}"


def _place(where: Location) -> dict[str, Any]:
    made: dict[str, Any] = {"artifactLocation": {"uri": quote(where.path or ".", safe="/"), "uriBaseId": BASE}}
    region = {"startLine": where.line or 1}  # what concerns a whole file is shown at its beginning
    if where.column:
        region["startColumn"] = where.column
        if where.width:
            region["endColumn"] = where.column + where.width
    made["region"] = region
    return made


def _fingerprints(problems: Iterable[Problem], sources: Sources | None) -> Iterator[str]:
    """What stays the same when lines move: made from the file, the code and the line's words, numbered if alike."""
    seen: Counter[str] = Counter()
    for problem in problems:
        line = sources.line(problem.location) if sources else None
        words = " ".join((problem.message if line is None else line).split())
        mark = hashlib.sha256("\n".join((problem.code, problem.location.path, words)).encode()).hexdigest()[:16]
        seen[mark] += 1
        yield f"{mark}:{seen[mark]}"
