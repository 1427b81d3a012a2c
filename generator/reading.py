"""What an author wrote, read as a spec: each fault is a problem at the line and column of the key it concerns."""

from __future__ import annotations

from generator.problems import Problem, SourceError, did_you_mean, one_of
from generator.source import MapNode, Node, Scalar, locate, locate_key, node_at, plain
from generator.specs import Fault, FaultError, Path, Spec, SpecT, convert, keys_of


def read_spec(node: Node, model: type[SpecT], what: str) -> SpecT:
    """``node`` as ``model``; ``what`` names it in messages ("site.yml", "the measure 'visitors'").

    Raises SourceError with every problem found.
    """
    if not isinstance(node, MapNode):
        raise SourceError(
            Problem("wrong-shape", f"{what} is not a list of 'key: value' lines", node.location, _keys_hint(model))
        )
    try:
        return convert(plain(node), model)
    except FaultError as error:
        raise SourceError(*_problems(error.faults, node, what)) from None


def _problems(faults: list[Fault], node: Node, what: str) -> list[Problem]:
    """A key that is missing because it is misspelt is one problem, the misspelling."""
    found = [_problem(fault, node, what) for fault in faults]
    meant = {p.message.rpartition("did you mean ")[2] for p in found if p.code == "unknown-key"}
    return [p for p in found if p.code != "missing-key" or f"{p.message.rpartition(' has no ')[2]}?" not in meant]


def _problem(fault: Fault, node: Node, what: str) -> Problem:
    path = _written(node, fault.path)
    place = locate(node, path)
    name = _in_words(node, path) or what
    if fault.code == "missing-key":
        key, parent = fault.path[-1], _in_words(node, path)
        owner = f"{parent!r} in {what}" if parent else what
        return Problem("missing-key", f"{owner} has no {key!r}", place, f"Add a line '{key}: …'.")
    if fault.code == "unknown-key":
        key = str(fault.path[-1])
        message = f"unknown key {key!r} in {what}{did_you_mean(key, fault.choices)}"
        hint = f"Keys that are understood here: {one_of(fault.choices, most=40)}."
        return Problem("unknown-key", message, locate_key(node, path), hint)
    if fault.code == "bad-choice":
        shown = _shown(fault.given)
        message = f"{name}: {shown} is not one of the choices{did_you_mean(str(fault.given), fault.choices)}"
        return Problem("bad-choice", message, place, f"Write one of: {one_of(fault.choices, most=30)}.")
    said = fault.said or f"{_shown(fault.given)} is not {fault.wanted}"
    return Problem("bad-value", f"{name}: {said}", place)


def _shown(value: object) -> str:
    return "nothing" if value is None else "a list or mapping" if isinstance(value, list | dict) else repr(value)


def _in_words(node: Node, path: Path) -> str:
    """``resources[towns].path``: a path, its list items by name where they have one, else by number from 1."""
    text = ""
    for depth, step in enumerate(path, start=1):
        if isinstance(step, str):
            text += f".{step}" if text else step
        else:
            item = node_at(node, path[:depth])
            name = item.entries.get("name") if isinstance(item, MapNode) else None
            text += f"[{name.text if isinstance(name, Scalar) and name.text else step + 1}]"
    return text


def _written(node: Node, path: Path) -> Path:
    """The part of a path that the author wrote: a shorter form stands for keys that are not there."""
    steps: list[str | int] = []
    for step in path:
        if node_at(node, (*steps, step)) is not None:
            steps.append(step)
    return tuple(steps)


def _keys_hint(model: type[Spec]) -> str:
    return f"Keys that are understood here: {one_of(sorted(keys_of(model)), most=40)}."
