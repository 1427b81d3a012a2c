"""Loose input → strict types: what an author wrote, read into a declared shape.

A spec is a frozen pydantic model. Unknown keys are errors with a suggestion, every scalar is converted by its
declared type, and each error stands at the line and column of the key it concerns.
"""

from __future__ import annotations

import os
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from generator.problems import Location, Problem, SourceError, did_you_mean, one_of
from generator.source import MapNode, Node, Scalar, locate, locate_key, plain

SpecT = TypeVar("SpecT", bound="Spec")

# what happens to be installed beside has no part in what a story says, and is not looked for
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


Words = Annotated[tuple[str, ...], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)]
"""A list of words; a single one may be written without its list."""


class Spec(BaseModel):
    """A declared shape: frozen, and closed to keys it does not know."""

    # built when first asked for: a command reads few of these shapes, and none that is but a part of another
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)
    short: ClassVar[str] = ""
    """The key that a plain text in the place of the whole mapping stands for."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {cls.short: value} if cls.short and isinstance(value, str) else value


def read_spec(node: Node, model: type[SpecT], what: str) -> SpecT:
    """``node`` as ``model``; ``what`` names it in messages ("site.yml", "the measure 'visitors'").

    Raises SourceError with every problem found.
    """
    if not isinstance(node, MapNode):
        raise SourceError(
            Problem("wrong-shape", f"{what} is not a list of 'key: value' lines", node.location, _keys_hint(model))
        )
    try:
        return model.model_validate(plain(node))
    except ValidationError as error:
        raise SourceError(*_problems(error, node, model, what)) from None


def _problems(error: ValidationError, node: Node, model: type[Spec], what: str) -> list[Problem]:
    """The branches of a union complain one by one of the same value; the first is enough."""
    found: dict[tuple[Location, str, str], Problem] = {}
    for item in error.errors(include_url=False):
        problem = _problem(dict(item), node, model, what)
        told = problem.message if problem.code in ("missing-key", "unknown-key") else ""
        found.setdefault((problem.location, problem.code, told), problem)
    return _without_consequences(list(found.values()))


def _without_consequences(problems: list[Problem]) -> list[Problem]:
    """A key that is missing because it is misspelt is one problem, the misspelling."""
    meant = {p.message.rpartition("did you mean ")[2] for p in problems if p.code == "unknown-key"}
    return [
        p for p in problems if p.code != "missing-key" or f"{p.message.rpartition(' has no ')[2]}?" not in meant
    ]


def _problem(item: dict[str, Any], node: Node, model: type[Spec], what: str) -> Problem:
    path = _written(node, item["loc"])
    kind, context, value = item["type"], item.get("ctx", {}), item.get("input")
    name = _in_words(node, path) or what
    place = locate(node, path)
    if kind == "missing":
        key = str(item["loc"][-1])
        parent = _in_words(node, path)
        owner = f"{parent!r} in {what}" if parent else what
        return Problem("missing-key", f"{owner} has no {key!r}", place, f"Add a line '{key}: …'.")
    if kind == "extra_forbidden":
        key = str(path[-1])
        known = _known_keys(model, path[:-1])
        return Problem(
            "unknown-key",
            f"unknown key {key!r} in {what}{did_you_mean(key, known)}",
            locate_key(node, path),
            f"Keys that are understood here: {one_of(known, most=40)}." if known else "",
        )
    if kind in ("literal_error", "enum"):
        listed = str(context["expected"]).replace(" or ", ", ").split(", ")
        choices = [part.strip("'") for part in listed if part != "''"]
        return Problem(
            "bad-choice",
            f"{name}: {value!r} is not one of the choices{did_you_mean(str(value), choices)}",
            place,
            f"Write one of: {one_of(choices, most=30)}.",
        )
    said = _PLAIN.get(kind) or _limit(kind, context) or None
    if said is None:
        said = str(item["msg"]).removeprefix("Value error, ")
        return Problem("bad-value", f"{name}: {said}", place)
    shown = "nothing" if value is None else repr(value) if isinstance(value, str) else "a list or mapping"
    return Problem("bad-value", f"{name}: {shown} is not {said}", place)


def _limit(kind: str, context: Mapping[str, Any]) -> str:
    """A limit that a number breaks."""
    words = {
        "greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most"),
        "greater_than": ("gt", "more than"), "less_than": ("lt", "less than"),
    }.get(kind)  # fmt: skip
    return f"{words[1]} {context[words[0]]}" if words else ""


_PLAIN = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "'true' or 'false'",
    "bool_type": "'true' or 'false'",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a list of 'key: value' lines",
    "model_type": "a list of 'key: value' lines",
    "model_attributes_type": "a list of 'key: value' lines",
    "date_from_datetime_parsing": "a date like 2026-05-18",
    "date_parsing": "a date like 2026-05-18",
    "date_type": "a date like 2026-05-18",
}


def _in_words(node: Node, path: tuple[str | int, ...]) -> str:
    """``resources[towns].path``: a path, its list items by name where they have one, else by number from 1."""
    text = ""
    for depth, step in enumerate(path, start=1):
        if isinstance(step, str):
            text += f".{step}" if text else step
        else:
            item = _descend(node, list(path[:depth]))
            name = item.entries.get("name") if isinstance(item, MapNode) else None
            text += f"[{name.text if isinstance(name, Scalar) and name.text else step + 1}]"
    return text


def _written(node: Node, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of pydantic's path that the author wrote (union branches and validators add steps)."""
    path: list[str | int] = []
    for step in loc:
        current = _descend(node, path)
        if isinstance(current, MapNode) and step in current.entries:
            path.append(step)
        elif not isinstance(current, MapNode | Scalar) and current is not None and isinstance(step, int):
            path.append(step)
    return tuple(path)


def _descend(node: Node, path: list[str | int]) -> Node | None:
    current: Node | None = node
    for step in path:
        if isinstance(current, MapNode):
            current = current.entries.get(str(step))
        elif current is not None and not isinstance(current, Scalar) and isinstance(step, int):
            current = current.items[step] if step < len(current.items) else None
    return current


def _known_keys(model: type[Spec], path: tuple[str | int, ...]) -> list[str]:
    """The keys a model knows at ``path``, following its annotations."""
    current: Any = model
    for step in path:
        candidates = [m for m in _models(current) if isinstance(step, str) and step in _names(m)]
        if candidates:
            current = _field(candidates[0], str(step))
        else:  # a list item, or an entry of a free mapping
            current = _item(current)
    return sorted({name for m in _models(current) for name in _names(m)})


def _names(model: type[BaseModel]) -> dict[str, str]:
    return {info.alias or name: name for name, info in model.model_fields.items()}


def _field(model: type[BaseModel], name: str) -> Any:
    return model.model_fields[_names(model)[name]].annotation


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        return [m for part in typing.get_args(annotation) for m in _models(part)]
    return []


def _item(annotation: Any) -> Any:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        inner = [_item(part) for part in arguments]
        return next((part for part in inner if part is not None), None)
    if origin in (dict, typing.Mapping) or str(origin).endswith("Mapping'>"):
        return arguments[1]
    if origin in (list, tuple):
        return arguments[0]
    return None


def _keys_hint(model: type[Spec]) -> str:
    return f"Keys that are understood here: {one_of(sorted(_names(model)), most=40)}."
