"""``data/datapackage.json`` (Data Package v2) as strict types.

https://datapackage.org/standard/data-package/ . Read: resources, their table schema (fields, keys, foreign
keys, missing values), licences and sources. Beyond the standard, a field may have ``unit`` (the plural noun
of what it counts), a resource ``coverage`` (first and last day it speaks of), ``accrualPeriodicity`` (how often it
is renewed, as DCAT writes it) with ``grace``, ``checks`` (what must hold in every row, as Frictionless writes
it), and ``query`` (what gives its rows, of other resources), and a source ``publisher``,
``published``, ``via`` (the mirror it came through, with version and the date it was collected) and ``where``
(field → the values of the rows that came from it).
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cached_property
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from msgspec import Meta
from msgspec import field as entry
from msgspec.structs import force_setattr

from generator.datasets.rhythm import rhythm
from generator.problems import Location, Problems, did_you_mean, one_of
from generator.reading import read_spec
from generator.source import Node, locate, locate_key, parse_json
from generator.specs import Spec, Words, default_of, keys_of, looks_at

FieldType = Literal["string", "integer", "number", "boolean", "date", "yearmonth", "year"]

DESCRIPTOR = "data/datapackage.json"


class Constraints(Spec):
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] | None = None
    minimum: str | None = None
    maximum: str | None = None
    exclusive_minimum: str | None = entry(default=None, name="exclusiveMinimum")
    exclusive_maximum: str | None = entry(default=None, name="exclusiveMaximum")
    min_length: Annotated[int, Meta(ge=0)] | None = entry(default=None, name="minLength")
    max_length: Annotated[int, Meta(ge=0)] | None = entry(default=None, name="maxLength")
    pattern: str | None = None

    @staticmethod
    @looks_at("pattern")
    def _compiles(value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"{value!r} is not a regular expression: {error}") from None
        return value


class Field(Spec):
    """One column of a table."""

    name: str
    type: FieldType = "string"
    format: Literal["default", "uri", "email"] = "default"
    title: str = ""
    description: str = ""
    unit: str = ""
    precision: str = ""
    """The column that says how exact each number is: exact, rounded, approximate, at least …"""
    constraints: Constraints = Constraints()

    @property
    def label(self) -> str:
        return self.title or self.name.replace("_", " ").capitalize()


class Reference(Spec):
    resource: str = ""
    fields: Words


class ForeignKey(Spec):
    fields: Words
    reference: Reference


class Schema(Spec, dict=True):
    fields: tuple[Field, ...]
    primary_key: Words = entry(default=(), name="primaryKey")
    unique_keys: tuple[tuple[str, ...], ...] = entry(default=(), name="uniqueKeys")
    foreign_keys: tuple[ForeignKey, ...] = entry(default=(), name="foreignKeys")
    missing_values: tuple[str, ...] = entry(default=("",), name="missingValues")

    def field(self, name: str) -> Field | None:
        return self._fields.get(name)

    @cached_property
    def _fields(self) -> dict[str, Field]:
        return {field.name: field for field in reversed(self.fields)}  # of two of a name, the first


class Licence(Spec):
    name: str = ""
    title: str = ""
    path: str = ""


class Via(Spec):
    """The mirror a source was collected from, when its retrieval from the publisher is not dated."""

    title: str
    version: str = ""
    collected: dt.date | None = None
    path: str = ""


class Source(Spec):
    title: str
    path: str = ""
    publisher: str = ""
    published: str = ""
    retrieved: dt.date | None = None
    via: Via | None = None
    where: dict[str, Words] = entry(default_factory=dict)
    """Which rows came from it, by what their fields hold; all of them when it is empty."""


class Coverage(Spec):
    start: dt.date | None = None
    end: dt.date | None = None


class Check(Spec):
    """What must hold in every row, as a formula over its columns: ``opened <= closed``."""

    type: Literal["row-constraint"] = "row-constraint"
    formula: str


class Made(Spec):
    """One of what a published table was made from: its file, as it was then."""

    name: str
    path: str
    rows: int
    bytes: int
    hash: str


class MadeBy(Spec):
    """How a published table was made: the file of the query, what ran it, over what."""

    query: str
    engine: str
    over: tuple[Made, ...] = entry(default=(), name="from")


class Resource(Spec):
    """One table: what a row is, its columns, where it comes from and on what terms.

    It is kept as a CSV file; or it is the result of a ``query``, which is published as one. A Parquet file, or a
    folder of them, is no table: queries and measures read it, and what they make of it is.
    """

    name: str
    path: str = ""
    """The file; of a query's result, the one that it is published as."""
    type: Literal["table"] = "table"
    title: str = ""
    description: str = ""
    format: Literal["csv", "parquet"] = "csv"
    query: str = ""
    """One SELECT over the story's tables and Parquet files, or the ``.sql`` file below ``data`` that has it."""
    made_by: MadeBy | None = entry(default=None, name="madeBy")
    """As in a package that was published: how its rows were made."""
    mediatype: str = "text/csv"
    encoding: Literal["utf-8"] = "utf-8"
    schema_: Schema = entry(name="schema")
    bytes: Annotated[int, Meta(ge=0)] | None = None
    hash: str = ""
    """As in a package that was published; both are worked out anew when this one is."""
    licenses: tuple[Licence, ...] = ()
    sources: tuple[Source, ...] = ()
    coverage: Coverage = Coverage()
    periodicity: str = entry(default="", name="accrualPeriodicity")
    """How often it is renewed: a word (weekly, monthly, …) or a repeating duration of ISO 8601 (R/P2W)."""
    grace: str = ""
    """How much later than that it may be, a duration like P10D; half of the rhythm when left out."""
    checks: tuple[Check, ...] = ()
    note: str = ""

    @property
    def is_table(self) -> bool:
        """Whether pages can have its rows."""
        return self.format == "csv"

    def __post_init__(self) -> None:
        if not self.path and not self.query:
            raise ValueError("it has no 'path', the file with its rows; or a 'query', which gives them")
        if self.query and self.format != "csv":
            raise ValueError("the result of a 'query' is published as CSV: leave out 'format'")
        if not self.path:
            force_setattr(self, "path", f"{self.name}.csv")

    @staticmethod
    @looks_at("periodicity")
    def _rhythm(value: str) -> str:
        rhythm(value)
        return value

    @staticmethod
    @looks_at("grace")
    def _duration(value: str) -> str:
        if value:
            try:
                known = value.startswith("P") and rhythm(value)
            except ValueError:
                known = None
            if not known:
                raise ValueError(f"{value!r} is not a duration like 'P10D', ten days, or 'P2M', two months")
        return value


class Package(Spec):
    schema_uri: str = entry(default="", name="$schema")
    name: str = ""
    title: str = ""
    description: str = ""
    version: str = ""
    created: str = ""
    homepage: str = ""
    keywords: tuple[str, ...] = ()
    licenses: tuple[Licence, ...] = ()
    sources: tuple[Source, ...] = ()
    contributors: tuple[dict[str, Any], ...] = ()
    resources: tuple[Resource, ...]

    def resource(self, name: str) -> Resource | None:
        return next((resource for resource in self.resources if resource.name == name), None)


def read_package(text: str, path: str = DESCRIPTOR) -> Package:
    """The descriptor, checked within itself: names unique, keys and foreign keys over fields that exist.

    Raises SourceError with every problem found.
    """
    return read_descriptor(text, path)[0]


def read_descriptor(text: str, path: str = DESCRIPTOR) -> tuple[Package, Node]:
    """The descriptor, and its nodes, which say where in the file each thing stands."""
    node = parse_json(text, path)
    package = read_spec(node, Package, "the data package")
    problems = Problems()
    names = [resource.name for resource in package.resources]
    for index, resource in enumerate(package.resources):
        place = locate(node, ("resources", index, "name"))
        if names.index(resource.name) != index:
            problems.add("duplicate-dataset", f"two resources are called {resource.name!r}", place)
        _check_path(resource.path, locate(node, ("resources", index, "path")), problems)
        _check_kind(package, node, index, problems)
        _check_limits(resource, node, index, problems)
        _check_keys(package, resource, node, index, problems)
    _check_addresses(package, node, problems)
    _check_source_rows(package, node, problems)
    problems.raise_if_any()
    return package, node


def _check_path(path: str, place: Location, problems: Problems) -> None:
    """A table is a file below the folder of the tables."""
    pure = PurePosixPath(path)
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", path):
        hint = "Keep the table in the folder 'data', and write the name of its file here."
        problems.add("path-outside", f"{path!r} is an address, not a file of the story", place, hint=hint)
    elif not path or pure.is_absolute() or ".." in pure.parts or "\\" in path:
        hint = "Write a path below the folder 'data', with forward slashes and without '..'."
        problems.add("path-outside", f"{path!r} leads out of the folder 'data'", place, hint=hint)


_NOT_OF_PARQUET = ("primaryKey", "uniqueKeys", "missingValues")
_NOT_OF_ITS_FIELDS = ("unique", "pattern")


def _check_kind(package: Package, node: Node, index: int, problems: Problems) -> None:
    """A result takes no other table's place, and nothing is declared of Parquet that would not be held."""
    resource, at = package.resources[index], ("resources", index)
    if resource.query:
        others = [
            other.name for other in package.resources if other is not resource and other.path == resource.path
        ]
        if others:
            message = f"{resource.name} is published as {resource.path!r}, which is the file of {others[0]}"
            problems.add("path-taken", message, locate(node, (*at, "path")), hint="Give it a 'path' of its own.")
        return
    if resource.is_table:
        if resource.path.casefold().endswith(".parquet"):
            message = f"{resource.name}: {resource.path!r} is to be read as CSV"
            hint = 'Write "format": "parquet" beside it.'
            problems.add("bad-value", message, locate(node, (*at, "path")), hint=hint)
        return
    schema = resource.schema_
    hint = "Declare it of the result of a query over the file, which is a table."
    said: list[tuple[str, tuple[str | int, ...]]] = [
        (key, (*at, "schema", key))
        for key, info in keys_of(Schema).items()
        if key in _NOT_OF_PARQUET and getattr(schema, info.name) != default_of(info)
    ]
    for number, field in enumerate(schema.fields):
        path: tuple[str | int, ...] = (*at, "schema", "fields", number)
        said += [
            (f"{field.name}: {key}", (*path, "constraints", key))
            for key in _NOT_OF_ITS_FIELDS
            if getattr(field.constraints, key)
        ]
        if field.format != "default":
            said.append((f"{field.name}: format", (*path, "format")))
    said += [("checks", (*at, "checks"))] if resource.checks else []
    for key, where in said:
        message = f"{resource.name}: {key}: this is not held over the rows of a Parquet file"
        problems.add("bad-value", message, locate(node, where), hint=hint)


_LIMITS: dict[str, tuple[re.Pattern[str], str]] = {
    "integer": (re.compile(r"[+-]?[0-9]+"), "a whole number"),
    "year": (re.compile(r"[0-9]{4}"), "a year like 2026"),
    "number": (re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"), "a number"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a date like 2026-05-18"),
    "yearmonth": (re.compile(r"[0-9]{4}-[0-9]{2}"), "a month like 2026-05"),
}


def _check_limits(resource: Resource, node: Node, index: int, problems: Problems) -> None:
    """A minimum or maximum is of its field's type; only texts have a length."""
    for number, field in enumerate(resource.schema_.fields):
        rules = field.constraints
        at = ("resources", index, "schema", "fields", number, "constraints")
        for name, length in (("minLength", rules.min_length), ("maxLength", rules.max_length)):
            if length is not None and field.type != "string":
                message = f"{field.name}: a field of the type {field.type!r} has no {name}"
                problems.add("bad-value", message, locate(node, (*at, name)))
        limits = {
            "minimum": rules.minimum,
            "maximum": rules.maximum,
            "exclusiveMinimum": rules.exclusive_minimum,
            "exclusiveMaximum": rules.exclusive_maximum,
        }
        for name, limit in limits.items():
            if limit is None:
                continue
            place = locate(node, (*at, name))
            pattern, wanted = _LIMITS.get(field.type, (None, ""))
            if pattern is None:
                message = f"{field.name}: a field of the type {field.type!r} has no {name}"
                problems.add("bad-value", message, place)
            elif not pattern.fullmatch(limit):
                problems.add("bad-value", f"{field.name}: {name}: {limit!r} is not {wanted}", place)


def _check_keys(package: Package, resource: Resource, node: Any, index: int, problems: Problems) -> None:
    schema = resource.schema_
    base = ("resources", index, "schema")

    def known(names: tuple[str, ...], of: Resource, place: Location) -> None:
        fields = [field.name for field in of.schema_.fields]
        for name in names:
            if name not in fields:
                problems.add(
                    "unknown-field",
                    f"{of.name} has no field {name!r}{did_you_mean(name, fields)}",
                    place,
                    hint=f"Its fields: {one_of(fields, most=30)}.",
                )

    seen: set[str] = set()
    for number, field in enumerate(schema.fields):
        if field.name in seen:
            place = locate(node, (*base, "fields", number, "name"))
            problems.add("duplicate-field", f"{resource.name} has two fields {field.name!r}", place)
        seen.add(field.name)
        if field.precision:
            known((field.precision,), resource, locate(node, (*base, "fields", number, "precision")))
    known(schema.primary_key, resource, locate(node, (*base, "primaryKey")))
    for number, key in enumerate(schema.unique_keys):
        known(key, resource, locate(node, (*base, "uniqueKeys", number)))
    for number, foreign in enumerate(schema.foreign_keys):
        at = (*base, "foreignKeys", number)
        known(foreign.fields, resource, locate(node, (*at, "fields")))
        target = package.resource(foreign.reference.resource) if foreign.reference.resource else resource
        if target is None:
            wrong, names = foreign.reference.resource, [r.name for r in package.resources]
            message = f"there is no dataset {wrong!r}{did_you_mean(wrong, names)}"
            problems.add("unknown-dataset", message, locate(node, (*at, "reference", "resource")))
        else:
            if not target.is_table:
                message = f"{target.name} is a Parquet file, which no column can refer to"
                hint = "Refer to a table, or to the result of a query over the file."
                problems.add("not-a-table", message, locate(node, (*at, "reference", "resource")), hint=hint)
            known(foreign.reference.fields, target, locate(node, (*at, "reference", "fields")))
        if len(foreign.fields) != len(foreign.reference.fields):
            message = f"{len(foreign.fields)} fields refer to {len(foreign.reference.fields)}"
            problems.add("bad-foreign-key", message, locate(node, at))


def _check_source_rows(package: Package, node: Any, problems: Problems) -> None:
    """The fields that say which rows a source gave exist."""
    for index, resource in enumerate(package.resources):
        fields = [field.name for field in resource.schema_.fields]
        for number, source in enumerate(resource.sources):
            for name in source.where:
                if name not in fields:
                    place = locate_key(node, ("resources", index, "sources", number, "where", name))
                    message = f"{resource.name} has no field {name!r}{did_you_mean(name, fields)}"
                    problems.add("unknown-field", message, place, hint=f"Its fields: {one_of(fields, most=30)}.")


def _check_addresses(package: Package, node: Node, problems: Problems) -> None:
    """Every address that pages print as a link."""
    found: list[tuple[tuple[str | int, ...], str]] = []

    def gather(base: tuple[str | int, ...], of: Package | Resource) -> None:
        found.extend(((*base, "licenses", i, "path"), item.path) for i, item in enumerate(of.licenses))
        for number, source in enumerate(of.sources):
            found.append(((*base, "sources", number, "path"), source.path))
            if source.via:
                found.append(((*base, "sources", number, "via", "path"), source.via.path))

    gather((), package)
    for index, resource in enumerate(package.resources):
        gather(("resources", index), resource)
    for place, address in found:
        if address and not is_web_address(address) and not _is_local(address):
            message = f"{address!r} is not an http or https address, nor a file beside the tables"
            problems.add("bad-address", message, locate(node, place))


def _is_local(text: str) -> bool:
    """A file below the folder of the tables, which the standard allows as a path."""
    return re.fullmatch(r"(?!/)(?!.*\.\.)[\w./ -]+", text) is not None


def is_web_address(text: str) -> bool:
    """Whether a text is an http(s) address that may be printed as a link."""
    return re.fullmatch(r"https?://[^\s<>\"'\\^`{|}]+", text) is not None
