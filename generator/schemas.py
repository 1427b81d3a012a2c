"""JSON Schemas of what an author writes, made from the types that read it, for editors that complete and check.

The generator reads every scalar as text and converts it by its declared type; an editor has resolved YAML's numbers
and booleans before it looks. So where text is wanted a number will do, and where a number is wanted its digits
in quotes. A schema knows shapes, keys and choices; whether names exist and the data agrees is for ``check`` to say.
"""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import json
import textwrap
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from generator.claims.spec import CLAIMS, FileSpec
from generator.config import SETTINGS, SiteSpec
from generator.datasets.descriptor import DESCRIPTOR, Package
from generator.documents import FrontSpec
from generator.figures.spec import ColumnSpec, FigureSpec, TableSpec
from generator.measures.spec import EntitySpec, MeasureSpec, Range
from generator.specs import ALONE, Spec, default_of, keys_of
from generator.story import MEASURES
from generator.updates import UPDATES, UpdatesSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


class Kind(Struct, frozen=True):
    """Something an author writes: its type, and the file that is all of it, if one is."""

    model: type[Spec]
    title: str
    file: str = ""
    named: bool = False
    """The file is a mapping of names to such entries."""


KINDS: Mapping[str, Kind] = {
    "site": Kind(SiteSpec, "The settings of a Broadsheet story", SETTINGS),
    "measures": Kind(MeasureSpec, "What a Broadsheet story measures", MEASURES, named=True),
    "claims": Kind(FileSpec, "What others said, and how a Broadsheet story checks it", CLAIMS),
    "updates": Kind(UpdatesSpec, "What changed on the site of a Broadsheet story", UPDATES),
    "front-matter": Kind(FrontSpec, "The front matter of a document of a Broadsheet story"),
    "figure": Kind(FigureSpec, "A figure block of a Broadsheet story"),
    "table": Kind(TableSpec, "A table block of a Broadsheet story"),
    "datapackage": Kind(Package, "The tables of a Broadsheet story", DESCRIPTOR),
}


def schema(name: str) -> Schema:
    """The schema of a kind, by its name in ``KINDS``."""
    kind = KINDS[name]
    writer = _Writer()
    ref = writer.spec(kind.model)
    root = {"type": "object", "additionalProperties": ref} if kind.named else ref
    return {"$schema": DIALECT, "title": kind.title, **root, "$defs": dict(sorted(writer.defs.items()))}


def as_text(name: str) -> str:
    return json.dumps(schema(name), ensure_ascii=False, indent=2) + "\n"


def file_name(name: str) -> str:
    return f"{name}.schema.json"


def write(folder: Path, names: Sequence[str] = tuple(KINDS)) -> list[Path]:
    """Writes the schemas into a folder, which is made if it is not there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in names:
        target = folder / file_name(name)
        target.write_text(as_text(name), encoding="utf-8", newline="\n")
        written.append(target)
    return written


def editor_settings(folder: str) -> str:
    """``.vscode/settings.json`` that applies the schemas in ``folder``, as seen from the story's own."""
    at = folder if Path(folder).is_absolute() else f"./{folder.removeprefix('./')}"
    yaml = {f"{at}/{file_name(name)}": kind.file for name, kind in KINDS.items() if kind.file.endswith(".yml")}
    json_ = [
        {"fileMatch": [kind.file], "url": f"{at}/{file_name(name)}"}
        for name, kind in KINDS.items()
        if kind.file.endswith(".json")
    ]
    return json.dumps({"yaml.schemas": yaml, "json.schemas": json_}, indent=2)


# --- scalars: as an editor sees them, and as text -----------------------------------------------------------

_TRUTH = "[Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|[TtFfYyNn01]"
_NUMBER = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?"

_SCALARS: Mapping[type, tuple[str, Schema]] = {
    str: ("text", {"type": ["string", "number", "boolean"]}),
    int: ("whole", {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[+-]?[0-9]+(_[0-9]+)*$"}]}),
    float: ("number", {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{_NUMBER}$"}]}),
    bool: (
        "truth",
        {"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, {"type": "string", "pattern": f"^({_TRUTH})$"}]},
    ),
    dt.date: ("date", {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
}

_LIMITS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""How the types name a limit → how a schema does."""


class _Writer:
    """Writes one schema; what it refers to gathers in ``defs``."""

    def __init__(self) -> None:
        self.defs: dict[str, Schema] = {}

    def spec(self, model: type[Spec]) -> Schema:
        """A reference to a declared shape, in each form it may be written."""
        name = model.__name__
        if name not in self.defs:
            self.defs[name] = {}  # a shape may hold itself
            whole = self.object(model)
            forms = [self.short(model)] if model.short else []
            if model in FORMS:
                made = FORMS[model](self, whole)
            else:
                made = [*forms, whole]
            about = _plain(model.__dict__.get("__doc__") or "")
            self.defs[name] = _with(made[0] if len(made) == 1 else {"anyOf": made}, description=about)
        return {"$ref": f"#/$defs/{name}"}

    def object(self, model: type[Spec]) -> Schema:
        said = descriptions(model)
        keys = keys_of(model)
        return {
            "type": "object",
            "properties": {
                key: _with(self.value(info.type), description=said.get(info.name, ""), **_default(info))
                for key, info in keys.items()
            },
            "required": [key for key, info in keys.items() if info.required],
            "additionalProperties": False,
        }

    def short(self, model: type[Spec]) -> Schema:
        """What may be written in place of the whole mapping."""
        return self.value(keys_of(model)[model.short].type)

    def value(self, annotation: Any, metadata: Sequence[Any] = ()) -> Schema:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            return self.value(arguments[0], annotation.__metadata__)
        if annotation is Any:
            return {}
        if annotation in _SCALARS:
            return self.scalar(annotation, metadata)
        if origin is typing.Literal:
            return {"enum": list(arguments)}
        if origin in (typing.Union, types.UnionType):
            return {"anyOf": [self.value(part) for part in arguments]}
        if annotation is type(None):
            return {"type": "null"}
        if origin is tuple:
            items = self.value(arguments[0])
            many = {"type": "array", "items": items} | _least(metadata)
            return {"anyOf": [items, many]} if ALONE in metadata else many
        if origin is dict:
            return {"type": "object", "additionalProperties": self.value(arguments[1])}
        if isinstance(annotation, type) and issubclass(annotation, Spec):
            return self.spec(annotation)
        raise TypeError(f"no schema for {annotation!r}")

    def scalar(self, kind: type, metadata: Sequence[Any]) -> Schema:
        name, made = _SCALARS[kind]
        limits = {
            _LIMITS[given]: limit
            for each in metadata
            for given in _LIMITS
            if isinstance(each, Meta) and (limit := getattr(each, given)) is not None
        }
        if limits:
            number, *others = made["anyOf"]
            return {"anyOf": [number | limits, *others]}
        self.defs[name] = made
        return {"$ref": f"#/$defs/{name}"}


def _with(made: Schema, **more: Any) -> Schema:
    return made | {key: given for key, given in more.items() if given != ""}


def _least(metadata: Sequence[Any]) -> Schema:
    return next(({"minItems": each.min_length} for each in metadata if isinstance(each, Meta)), {})


def _default(info: FieldInfo) -> Schema:
    """What holds when the key is left out, where that says something."""
    given = default_of(info)
    return {"default": given} if isinstance(given, bool | int | float | str) and given != "" else {}


# --- shapes that are written in further ways ------------------------------------------------------------------


def _entity(writer: _Writer, whole: Schema) -> list[Schema]:
    """A column; or what one entity is called and its column, beside the other keys or below ``columns``."""
    text = writer.value(str)
    own = {key: made for key, made in whole["properties"].items() if key != "columns"}
    named = {
        "type": "object",
        "properties": own,
        "additionalProperties": text,
        "not": {"required": ["columns"]},
    }
    return [text, named, whole]


def _range(writer: _Writer, whole: Schema) -> list[Schema]:
    """The least and the greatest, as a list."""
    return [whole, {"type": "array", "items": writer.value(float), "minItems": 2, "maxItems": 2}]


def _column(writer: _Writer, whole: Schema) -> list[Schema]:
    """An expression alone."""
    return [writer.value(str), whole]


FORMS: Mapping[type[Spec], Callable[[_Writer, Schema], list[Schema]]] = {
    EntitySpec: _entity,
    Range: _range,
    ColumnSpec: _column,
}
"""For shapes with a reading of their own before the declared one (:meth:`~generator.specs.Spec.rewritten`)."""


# --- what the code says of its fields ---------------------------------------------------------------------------


def descriptions(model: type[Spec]) -> dict[str, str]:
    """Field → the text below it in the code, of the model and those it builds on."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Spec) and each is not Spec:
            [declared] = ast.parse(textwrap.dedent(inspect.getsource(each))).body
            assert isinstance(declared, ast.ClassDef)
            for field, below in zip(declared.body, declared.body[1:], strict=False):
                if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                    continue
                if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                    found[field.target.id] = _plain(str(below.value.value))
    return found


def _plain(docstring: str) -> str:
    return " ".join(docstring.replace("``", "`").split())
