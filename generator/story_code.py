"""The story's own Python: chart functions (content/charts.py) and data rules (data/checks.py).

It is the story's code, trusted like the generator's; what it raises is told with its file and line.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import GeneratorType, ModuleType
from typing import Any

from generator.problems import Location, Problem, SourceError, did_you_mean
from generator.story import Story

CHARTS = "content/charts.py"
CHECKS = "data/checks.py"

MOST = 3
"""Findings of one rule told one by one; of more, these many are shown and the rest counted."""


def chart_functions(root: Path) -> dict[str, Callable[..., Any]]:
    """The public functions that content/charts.py defines. Raises SourceError when it cannot be loaded."""
    module = _module(root, CHARTS)
    if module is None:
        return {}
    return {
        name: _guarded(lambda thing=thing: thing, root, name)  # type: ignore[misc]
        for name, thing in vars(module).items()
        if callable(thing) and not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__
    }


def named_functions(root: Path, names: Iterable[str]) -> dict[str, Callable[..., Any]]:
    """The same, where it is known which there are: charts.py is loaded when one of them is called."""
    module = functools.cache(lambda: _module(root, CHARTS))
    return {name: _guarded(lambda name=name: getattr(module(), name), root, name) for name in names}  # type: ignore[misc]


def _guarded(find: Callable[[], Callable[..., Any]], root: Path, name: str) -> Callable[..., Any]:
    """The function, its errors told with the line of charts.py they come from."""

    def call(*arguments: Any) -> Any:
        function = find()
        try:
            return function(*arguments)
        except Exception as error:
            if isinstance(error, ValueError) and type(error) is not ValueError:
                raise  # a chart's own refusal is told where the figure stands
            begins = getattr(getattr(function, "__code__", None), "co_firstlineno", 0)
            raise _problem(error, root / CHARTS, CHARTS, f"{name} fails: ", begins) from None

    return call


def data_problems(story: Story) -> Iterator[Problem]:
    """What the story's own rules (``check(tables)`` in data/checks.py) find."""
    try:
        module = _module(story.root, CHECKS)
    except SourceError as error:
        yield from error.problems
        return
    if module is None:
        return
    rules = getattr(module, "check", None)
    if not callable(rules):
        yield Problem("no-check", "data/checks.py has no function check(tables)", Location(CHECKS))
        return
    try:
        found = list(_found(rules(story.tables), story))
    except Exception as error:
        yield from _problem(error, story.root / CHECKS, CHECKS, "check fails: ").problems
        return
    yield from _told(found)


Finding = tuple[tuple[int, str, str], str, Location]
"""A rule (the line that yields it, its table and its field), what it says and where."""


def _found(findings: Iterable[Sequence[Any]], story: Story) -> Iterator[Finding]:
    """What a story's rules yield: table, row or None, message and, where it concerns one cell, its field."""
    for table, row, message, *more in findings:
        field = str(more[0]) if more else ""
        there = story.tables[table]
        if field and field not in there.columns:
            raise ValueError(f"{table} has no field {field!r}{did_you_mean(field, there.columns)}")
        place = Location(there.path) if row is None else there.location(row, field)
        yield (_line_of_yield(findings), table, field), str(message), place


def _line_of_yield(findings: object) -> int:
    """Where in checks.py the finding comes from, so that one rule is told once; 0 when nobody can say."""
    inner = findings
    while isinstance(inner, GeneratorType) and isinstance(inner.gi_yieldfrom, GeneratorType):
        inner = inner.gi_yieldfrom
    frame = inner.gi_frame if isinstance(inner, GeneratorType) else None
    return frame.f_lineno if frame else 0


def _told(found: Iterable[Finding]) -> Iterator[Problem]:
    """Each finding as a problem; more than three of the same rule as one, with the first three."""
    groups: dict[tuple[int, str, str], list[tuple[str, Location]]] = {}
    for rule, message, place in found:
        groups.setdefault(rule, []).append((message, place))
    for (line, _, _), listed in groups.items():
        if not line or len(listed) <= MOST:
            yield from (Problem("data-rule", message, place) for message, place in listed)
            continue
        shown = "; ".join(f"{message} ({place})" for message, place in listed[:MOST])
        hint = f"The rule is at {Location(CHECKS, line)}."
        yield Problem("data-rule", f"in {len(listed)} places. The first three: {shown}", listed[0][1], hint)


def _module(root: Path, name: str) -> ModuleType | None:
    path = root / name
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"story_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _problem(error, path, name, "") from None
    return module


def _problem(error: Exception, path: Path, name: str, doing: str, otherwise: int = 0) -> SourceError:
    if isinstance(error, SyntaxError):
        where = Location(name, error.lineno or 0, error.offset or 0)
        return SourceError(Problem("story-code", f"this is not valid Python: {error.msg}", where))
    where = Location(name, _line(error, path) or otherwise)
    return SourceError(Problem("story-code", f"{doing}{type(error).__name__}: {error}", where))


def _line(error: BaseException, path: Path) -> int:
    """The last line of the file that the error passed through."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
