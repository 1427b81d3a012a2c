"""Loose input → strict types: what an author may write, declared as shapes, and its conversion to these.

A spec is a frozen struct. What was written comes as a tree of mappings, lists and texts; every text is converted by
the type that is declared for its place, and keys that are not declared are faults. A conversion goes on after a
fault, so that one run tells all of them.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar, dataclass_transform

import msgspec
from msgspec import NODEFAULT, Meta, Struct, StructMeta, field
from msgspec.structs import FieldInfo, fields

Path = tuple[str | int, ...]
"""Keys and places in lists, from the top of what was written."""
SpecT = TypeVar("SpecT", bound="Spec")
CheckT = TypeVar("CheckT", bound=Callable[[Any], Any])

ALONE = "one of them may be written without its list"
Words = Annotated[tuple[str, ...], ALONE]
"""A list of words; a single one may be written without its list."""


class _SpecMeta(StructMeta):
    """Makes every shape frozen, and its fields to be named."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **given: Any) -> _SpecMeta:
        return super().__new__(mcls, name, bases, namespace, **{**given, "frozen": True, "kw_only": True})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Spec(Struct, metaclass=_SpecMeta, frozen=True):
    """A declared shape: frozen, and closed to keys it does not know. A ``__post_init__`` may raise ValueError."""

    short: ClassVar[str] = ""
    """The key that a plain text in the place of the whole mapping stands for."""

    @classmethod
    def rewritten(cls, value: Any) -> Any:
        """The mapping that a shorter form stands for; anything else as it is."""
        return {cls.short: value} if cls.short and isinstance(value, str) else value


def looks_at(*names: str) -> Callable[[CheckT], CheckT]:
    """For a static method that looks at what stands in some fields: it returns the value, or raises ValueError."""

    def mark(function: CheckT) -> CheckT:
        function.checked = names  # type: ignore[attr-defined]
        return function

    return mark


class Fault(Struct, frozen=True):
    """One thing that is wrong, at its path in what was written."""

    code: Literal["missing-key", "unknown-key", "bad-choice", "bad-value"]
    path: Path
    given: Any = None
    wanted: str = ""
    """What should stand there, in words (``a whole number``)."""
    said: str = ""
    """What is wrong, where that is more."""
    choices: tuple[str, ...] = ()
    """What may stand there: keys, or values."""


class FaultError(Exception):
    """What was written is not of the shape."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


def convert(value: Any, model: type[SpecT]) -> SpecT:
    """A tree of mappings, lists and texts as a spec. Raises FaultError with everything that is wrong with it."""
    faults: list[Fault] = []
    made = _shape(model)(value, (), faults)
    if faults:
        raise FaultError(faults)
    return typing.cast(SpecT, made)


@cache
def keys_of(model: type[Spec]) -> Mapping[str, FieldInfo]:
    """The keys of a shape as an author writes them, each with its field."""
    return {info.encode_name: info for info in fields(model)}


def default_of(info: FieldInfo) -> Any:
    """What holds where a key is left out; ``NODEFAULT`` where it must not be."""
    made = info.default_factory is not NODEFAULT
    return typing.cast(Callable[[], Any], info.default_factory)() if made else info.default


def written(spec: Spec) -> dict[str, Any]:
    """A spec as it might have been written, with what differs from the defaults alone; for JSON."""
    given = ((key, info, getattr(spec, info.name)) for key, info in keys_of(type(spec)).items())
    return {key: _plain(value) for key, info, value in given if value != default_of(info)}


def _plain(value: Any) -> Any:
    if isinstance(value, Spec):
        return written(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value.isoformat() if isinstance(value, dt.date) else value


def as_json(spec: Spec) -> str:
    """All of a spec as one text, equal for equal specs."""
    return msgspec.json.encode(spec).decode()


# --- conversion -----------------------------------------------------------------------------------------------

_FAILED: Any = object()
_Reader = Callable[[Any, Path, list[Fault]], Any]


class _Shape:
    """Reads a mapping as a spec."""

    def __init__(self, model: type[Spec]) -> None:
        self._model = model
        looked_at = dict(_checks(model))
        self._fields = [
            (key, info.name, _reader(info.type), info.required, looked_at.get(info.name))
            for key, info in keys_of(model).items()
        ]
        self._keys = {key: None for key, *_ in self._fields}

    def __call__(self, value: Any, at: Path, faults: list[Fault]) -> Any:
        value = self._model.rewritten(value)
        if not isinstance(value, dict):
            faults.append(Fault("bad-value", at, value, "a list of 'key: value' lines"))
            return _FAILED
        before = len(faults)
        made: dict[str, Any] = {}
        for key, name, read, required, check in self._fields:
            if key in value:
                got = read(value[key], (*at, key), faults)
                made[name] = _checked(check, got, (*at, key), faults) if check else got
            elif required:
                faults.append(Fault("missing-key", (*at, key)))
        if value.keys() - self._keys.keys():
            known = tuple(sorted(self._keys))
            faults += [Fault("unknown-key", (*at, key), choices=known) for key in value if key not in self._keys]
        if len(faults) > before:
            return _FAILED
        try:
            return self._model(**made)
        except ValueError as error:
            faults.append(Fault("bad-value", at, said=str(error)))
            return _FAILED


@cache
def _shape(model: type[Spec]) -> _Shape:
    return _Shape(model)


def _checks(model: type[Spec]) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Field → what looks at it."""
    for each in reversed(model.__mro__):
        for value in vars(each).values():
            function = getattr(value, "__func__", value)
            for name in getattr(function, "checked", ()):
                yield name, function


def _checked(check: Callable[[Any], Any], value: Any, at: Path, faults: list[Fault]) -> Any:
    if value is _FAILED:
        return value
    try:
        return check(value)
    except ValueError as error:
        faults.append(Fault("bad-value", at, said=str(error)))
        return _FAILED


def _reader(annotation: Any, limits: Meta | None = None, *, alone: bool = False) -> _Reader:
    """What reads a value of a type. Raises TypeError for one that an author cannot write."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        marks = annotation.__metadata__
        limits = next((mark for mark in marks if isinstance(mark, Meta)), None)
        return _reader(arguments[0], limits, alone=ALONE in marks)
    if annotation is Any:
        return _anything
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return lambda value, at, faults: _shape(annotation)(value, at, faults)  # it may be a part of itself
    if annotation in _SCALARS:
        return _scalar(annotation, limits)
    if origin is Literal:
        return _choice(arguments)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is tuple:
        return _several(_reader(arguments[0]), limits, alone=alone)
    if origin is dict:
        return _mapping(_reader(arguments[1]))
    raise TypeError(f"nothing that is written can be read as {annotation!r}")


def _anything(value: Any, at: Path, faults: list[Fault]) -> Any:  # noqa: ARG001
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


_WHOLE = re.compile(r"[+-]?[0-9]+(_[0-9]+)*")
_NUMBER = re.compile(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUTH = {
    **dict.fromkeys(("true", "yes", "on", "t", "y", "1"), True),
    **dict.fromkeys(("false", "no", "off", "f", "n", "0"), False),
}


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value.strip()) else None
    finite = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if finite else None


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return _TRUTH.get(value.strip().lower())
    return value if value in (True, False) else None


def _day(value: Any) -> dt.date | None:
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        return dt.date.fromisoformat(value.strip())
    return value if isinstance(value, dt.date) else None


_SCALARS: Mapping[type, tuple[Callable[[Any], Any], str]] = {
    str: (_text, "text"),
    int: (_whole, "a whole number"),
    float: (_number, "a number"),
    bool: (_truth, "'true' or 'false'"),
    dt.date: (_day, "a date like 2026-05-18"),
}
"""Type → what makes one, or None or a ValueError where it cannot; and what it is called."""


def _scalar(kind: type, limits: Meta | None) -> _Reader:
    make, called = _SCALARS[kind]
    bounds = list(_bounds(limits)) if limits else []

    def read(value: Any, at: Path, faults: list[Fault]) -> Any:
        try:
            made = make(value)
        except (ValueError, OverflowError):
            made = None
        wanted = called if made is None else next((words for holds, words in bounds if not holds(made)), "")
        if wanted:
            faults.append(Fault("bad-value", at, value, wanted))
            return _FAILED
        return made

    return read


def _bounds(limits: Meta) -> Iterator[tuple[Callable[[Any], bool], str]]:
    if (least := limits.ge) is not None:
        yield (lambda number: number >= least), f"at least {least}"
    if (most := limits.le) is not None:
        yield (lambda number: number <= most), f"at most {most}"
    if (above := limits.gt) is not None:
        yield (lambda number: number > above), f"more than {above}"


def _choice(choices: tuple[str, ...]) -> _Reader:
    def read(value: Any, at: Path, faults: list[Fault]) -> Any:
        if isinstance(value, str) and value in choices:
            return value
        faults.append(Fault("bad-choice", at, value, choices=tuple(filter(None, choices))))
        return _FAILED

    return read


def _union(parts: tuple[Any, ...]) -> _Reader:
    """One of several types, in this order; of what is none of them, what is wrong with it as the first."""
    readers = [_reader(part) for part in parts if part is not type(None)]
    optional = len(readers) < len(parts)

    def read(value: Any, at: Path, faults: list[Fault]) -> Any:
        if value is None and optional:
            return None
        first: list[Fault] = []
        for reader in readers:
            own: list[Fault] = []
            made = reader(value, at, own)
            if not own:
                return made
            first = first or own
        faults += first
        return _FAILED

    return read


def _several(item: _Reader, limits: Meta | None, *, alone: bool) -> _Reader:
    least = (limits.min_length if limits else None) or 0

    def read(value: Any, at: Path, faults: list[Fault]) -> Any:
        if alone and isinstance(value, str):
            value = [value]
        if not isinstance(value, list | tuple):
            faults.append(Fault("bad-value", at, value, "a list"))
            return _FAILED
        if len(value) < least:
            faults.append(Fault("bad-value", at, said="nothing is in this list"))
            return _FAILED
        return tuple([item(each, (*at, index), faults) for index, each in enumerate(value)])

    return read


def _mapping(item: _Reader) -> _Reader:
    def read(value: Any, at: Path, faults: list[Fault]) -> Any:
        if not isinstance(value, dict):
            faults.append(Fault("bad-value", at, value, "a list of 'key: value' lines"))
            return _FAILED
        return {key: item(each, (*at, key), faults) for key, each in value.items()}

    return read
