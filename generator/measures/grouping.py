"""Measures of Parquet files → measures of small tables: the groups that the engine makes of the rows.

Rows of such a file never come into memory. What a measure needs of them is grouped by whose they are, when, and by
every column that tells figures apart; each group is a row of a table of the story, with the number of rows in it
and what they add up to, and that table is what the measure is of from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from generator.datasets.descriptor import Constraints, Field, Resource, Schema
from generator.datasets.read import Tables, look_at_table
from generator.measures.spec import EntitySpec, MeasureSpec, TimeSpec
from generator.problems import Location, Problems, did_you_mean, one_of
from generator.source import Node, locate

ROWS = "rows"
"""The column that says how many rows are in a group."""


def grouped(
    specs: Mapping[str, MeasureSpec], node: Node, tables: Tables, problems: Problems, *, sound: bool
) -> dict[str, MeasureSpec]:
    """The measures with each Parquet file that they read replaced by its groups, which are added to the tables.

    One that cannot be grouped is left out, and why is among the problems. With ``sound`` it is known that all can.
    """
    made = {}
    for name, spec in specs.items():
        found = _Grouping(name, spec, node, tables, problems, sound).spec()
        if found is not None:
            made[name] = found
    return made


class _Grouping:
    """One measure; nothing happens to it when none of its tables is a Parquet file."""

    def __init__(
        self, name: str, spec: MeasureSpec, node: Node, tables: Tables, problems: Problems, sound: bool
    ) -> None:
        self.name = name
        self.given = spec
        self.node = node
        self.tables = tables
        self.problems = problems
        self.sound = sound

    def spec(self) -> MeasureSpec | None:
        spec = self.given
        columns = [dimension.column or key for key, dimension in spec.dimensions.items()]
        columns += [*spec.where, spec.precision, spec.confidence, spec.rank.reported]
        given: dict[str, Any] = {}
        if spec.from_ in self.tables.parquet:
            value = "" if spec.count else spec.value
            table = self._table(spec.from_, "", value, spec.entity, spec.time, [*columns, spec.incomplete])
            given |= {"from_": table, "count": False, "value": spec.value if value else ROWS}
        parts = []
        for number, part in enumerate(spec.parts, start=1):
            if part.from_ in self.tables.parquet:
                further = [part.incomplete]
                table = self._table(part.from_, f"_{number}", part.value, part.entity, part.time, further)
                parts.append(replace(part, from_=table))
            else:
                parts.append(part)
        named = [given.get("from_", "-"), *(part.from_ for part in parts)]
        if "" in named:
            return None
        return replace(spec, **given, parts=tuple(parts)) if given or parts else spec

    def _table(
        self, source: str, suffix: str, value: str, entity: EntitySpec, time: TimeSpec | None, columns: list[str]
    ) -> str:
        """The name of the table of the groups; '' when there can be none, and why has been told."""
        parquet = self.tables.parquet[source]
        place = locate(self.node, (self.name, "from"))
        wanted = [*entity.columns.values(), entity.by, *(time.columns if time else ()), *columns]
        keys = [field for column in dict.fromkeys(wanted) if (field := parquet.schema_.field(column)) is not None]
        name = f"{source}_{self.name}{suffix}"
        good = self._can_be(parquet, name, value, time, [*columns, *(time.columns if time else ())], place)
        if not good:
            return ""
        month = time.month if time else ""
        self.tables.include(_groups(parquet, name, self.given, value, keys, month), place)
        return name if self.sound or look_at_table(self.tables, name, self.problems) else ""

    def _can_be(
        self, parquet: Resource, name: str, value: str, time: TimeSpec | None, columns: list[str], place: Location
    ) -> bool:
        before = len(self.problems)
        known = [field.name for field in parquet.schema_.fields]
        for column in dict.fromkeys(filter(None, [value, *columns])):
            if column not in known:
                self.problems.add(
                    "unknown-field",
                    f"{self.name}: {parquet.name} has no field {column!r}{did_you_mean(column, known)}",
                    place,
                    hint=f"Its fields: {one_of(known, most=30)}.",
                )
        why = self._not_added(parquet, value, time)
        if why:
            hint = "Let a query of datapackage.json work it out, and measure its result."
            message = f"{self.name}: rows of {parquet.name} cannot be added up to it: {why}"
            self.problems.add("not-added-up", message, place, hint=hint)
        paths = [resource.path for resource in self.tables.resources]
        if name in self.tables or name in self.tables.parquet or f"{name}.csv" in paths or ROWS in known:
            taken = f"a field of {parquet.name}" if ROWS in known else "another dataset"
            message = (
                f"{self.name}: its groups need the name {ROWS if ROWS in known else name!r}, which {taken} has"
            )
            self.problems.add("path-taken", message, place, hint="Call one of them otherwise.")
        return len(self.problems) == before

    def _not_added(self, parquet: Resource, value: str, time: TimeSpec | None) -> str:
        """Why the numbers of several rows are none together; '' when they are."""
        field = parquet.schema_.field(value)
        if time is not None and time.type == "mean":
            return "it is a mean"
        if not value:
            return ""
        if self.given.kind == "category":
            return "it has categories"
        if not self.given.adds_up:
            return "it is a percentage, or its 'whole' is 'none'"
        return f"{value} is no number" if field and field.type not in ("integer", "number") else ""


def _groups(parquet: Resource, name: str, spec: MeasureSpec, value: str, keys: list[Field], month: str) -> Resource:
    """The table of the groups, with the query that gives it."""
    fields, chosen = [], []
    for key in keys:
        column = _quoted(key.name)
        whole = key.name == month and key.type == "date"
        fields.append(replace(key, type="yearmonth", constraints=Constraints()) if whole else key)
        chosen.append(f"CAST(date_trunc('month', {column}) AS DATE) AS {column}" if whole else column)
    note = f"Rows of {parquet.path} in the group."
    unit = ROWS if value else spec.unit
    fields.append(Field(name=ROWS, type="integer", title="Rows", description=note, unit=unit))
    chosen.append(f"count(*) AS {_quoted(ROWS)}")
    described = parquet.schema_.field(value)
    if described is not None:
        column, add = _quoted(value), "sum" if described.type == "integer" else "fsum"
        note = f"{described.description} Added up over the rows; empty where one of them has none.".strip()
        precision = described.precision if described.precision in {key.name for key in keys} else ""
        fields.append(replace(described, description=note, precision=precision, constraints=Constraints()))
        # missing is not zero: a group in which a value is missing has no sum
        chosen.append(f"CASE WHEN count({column}) = count(*) THEN {add}({column}) END AS {column}")
    numbers = ", ".join(str(number) for number in range(1, len(keys) + 1))
    ends = f"\nGROUP BY {numbers}\nORDER BY {numbers}" if keys else ""
    listed = ",\n  ".join(chosen)
    there = {key.name for key in keys}
    foreign = tuple(key for key in parquet.schema_.foreign_keys if there.issuperset(key.fields))
    return replace(
        parquet,
        name=name,
        path=f"{name}.csv",
        format="csv",
        mediatype="text/csv",
        title=f"{parquet.title or parquet.name}, grouped for {spec.label or name}",
        description=f"One row is a group of the rows of {parquet.path}. {parquet.description}".strip(),
        query=f"SELECT\n  {listed}\nFROM {_quoted(parquet.name)}{ends}",
        schema_=Schema(fields=tuple(fields), foreign_keys=foreign),
        sources=(),  # taken over, like the licences, without what says which rows each gave
        licenses=(),
        periodicity="",
        grace="",
        bytes=None,
        hash="",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
