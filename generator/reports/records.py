"""Problems for programs: plain records, and the workflow commands that GitHub shows at the lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from generator.problems import Problem
from generator.reports.text import at

Record = dict[str, object]
"""code, severity (error, warning, note), path (from the story's folder), line and column (from 1; 0 when not
known), width (characters it is about, 0 when not known), message, detail (what was found, with the first entity),
hint, notes (a list of label and text), entities (a list of name and detail), among (how many entities the document
serves, 0 when that is not known)."""

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def records(problems: Iterable[Problem]) -> list[Record]:
    """One record a problem, in the order given; its keys are those of Record, all of them always there."""
    return [_record(problem) for problem in problems]


def _record(problem: Problem) -> Record:
    where = problem.location
    return {
        "code": problem.code,
        "severity": problem.severity,
        "path": where.path,
        "line": where.line,
        "column": where.column,
        "width": where.width,
        "message": f"{problem.message} ({where.inside})" if where.inside else problem.message,
        "detail": problem.detail,
        "hint": problem.hint,
        "notes": [{"label": label, "text": text} for label, text in problem.notes],
        "entities": [
            {"name": name, "detail": detail}
            for name, detail in zip_longest(problem.entities, problem.details, fillvalue="")
        ],
        "among": problem.among,
    }


def workflow_commands(problems: Iterable[Problem], *, below: str = "") -> Iterator[str]:
    """One workflow command a problem; ``below``: the story's folder as seen from the repository's."""
    for problem in problems:
        yield _annotation(problem, below)


def _annotation(problem: Problem, below: str) -> str:
    place = at(problem.location, below)
    where = [f"file={_escaped(place.path, attribute=True)}"]
    where += [f"line={place.line}"] if place.line else []
    where += [f"col={place.column}"] if place.column else []
    where += [f"endColumn={place.column + place.width}"] if place.column and place.width else []
    title = _escaped(problem.code, attribute=True)
    return f"::{_COMMANDS[problem.severity]} {','.join(where)},title={title}::{_escaped(full_text(problem))}"


def full_text(problem: Problem) -> str:
    """The sentence, the labelled notes and the hint, a line each."""
    lines = [problem.sentence, *(f"{label}: {text}" for label, text in problem.notes)]
    return "\n".join([*lines, problem.hint] if problem.hint else lines)


def _escaped(text: str, *, attribute: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if attribute else text
