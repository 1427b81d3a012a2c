"""The story's own Python: chart functions (content/charts.py), data rules (data/checks.py), loaders (data/loaders).

It is the story's code, trusted like the generator's; what it raises is told with its file and line.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import GeneratorType, ModuleType
from typing import Any

from msgspec import Struct

from generator.problems import Location, Problem, Problems, SourceError, did_you_mean
from generator.story import Story

CHARTS = "content/charts.py"
CHECKS = "data/checks.py"
LOADERS = "data/loaders"

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


# --- loaders --------------------------------------------------------------------------------------------


class Loader(Struct, frozen=True):
    """A module of data/loaders that makes tables from files as received."""

    path: str
    loads: tuple[str, ...]
    """The datasets it makes (LOADS)."""
    reads: tuple[str, ...]
    """Patterns of the names of the files it reads (READS): *.csv; all files when there are none."""
    addresses: tuple[str, ...]
    """Where the files are when none are given (ADDRESSES)."""
    load: Callable[..., Mapping[str, Iterable[Mapping[str, Any]]]]
    """``load(received, tables, report)``: dataset → its rows. Raises SourceError with the line that fails."""


def loaders(root: Path) -> tuple[Loader, ...]:
    """The story's loaders: every module of data/loaders that says in LOADS what it makes, in order of their names.

    Modules import what they share from each other: ``from .spellings import meant``. Raises SourceError when one
    cannot be loaded or lacks what it needs, or when two make the same dataset.
    """
    folder = root / LOADERS
    problems = Problems()
    found: list[Loader] = []
    with _package(folder):
        for path in sorted(folder.glob("*.py")):
            loader = problems.attempt(functools.partial(_loader, root, f"{LOADERS}/{path.name}"))
            found += [loader] if loader else []
    makers: dict[str, str] = {}
    for loader in found:
        for dataset in loader.loads:
            first = makers.setdefault(dataset, loader.path)
            if first != loader.path:
                message = f"{first} makes {dataset!r}, too; one loader makes a dataset"
                problems.extend([Problem("bad-loader", message, Location(loader.path))])
    problems.raise_if_any()
    return tuple(found)


def _loader(root: Path, name: str) -> Loader | None:
    """None for a module that makes no table."""
    module = _module(root, name, f"{_PACKAGE}.{Path(name).stem}")
    if module is None or not hasattr(module, "LOADS"):
        return None
    said = {}
    for constant in ("LOADS", "READS", "ADDRESSES"):
        texts = getattr(module, constant, ())
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            message = f'{constant} is to be a tuple of texts: {constant} = ("…",)'
            raise SourceError(Problem("bad-loader", message, Location(name)))
        said[constant] = tuple(texts)
    load = getattr(module, "load", None)
    if not callable(load):
        message = "it says what it LOADS, and has no function load(received, tables, report)"
        raise SourceError(Problem("bad-loader", message, Location(name)))

    def call(*arguments: Any) -> Any:
        with _package(root / LOADERS, {module.__name__: module}):
            try:
                return load(*arguments)
            except SourceError:
                raise
            except Exception as error:
                begins = getattr(getattr(load, "__code__", None), "co_firstlineno", 0)
                raise _problem(error, root / name, name, "load fails: ", begins) from None

    return Loader(name, said["LOADS"], said["READS"], said["ADDRESSES"], call)


_PACKAGE = "story_loaders"


@contextmanager
def _package(folder: Path, known: Mapping[str, ModuleType] | None = None) -> Iterator[None]:
    """The loaders as a package, so that they can import from each other; of one story, and while this lasts."""
    package = ModuleType(_PACKAGE)
    package.__path__ = [str(folder)]
    _forget()
    sys.modules.update({_PACKAGE: package, **(known or {})})
    try:
        yield
    finally:
        _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]


def _module(root: Path, name: str, called: str = "") -> ModuleType | None:
    """The file as a module; one that is ``called`` something is found under that name by others that import it."""
    path = root / name
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(called or f"story_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    if called:
        sys.modules[called] = module
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
