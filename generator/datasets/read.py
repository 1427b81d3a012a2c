"""A table's file, or the result of its query → validated columns.

Every cell is held against its field; nothing is guessed from how a column looks. Cells that do not fit are
reported one by one, with the line they stand on.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.datasets.cells import Cell, ColumnReader
from generator.datasets.csv_text import Piece, UnevenError, read_pieces, read_rows
from generator.datasets.descriptor import (
    DESCRIPTOR,
    Package,
    Resource,
    read_descriptor,
)
from generator.datasets.formula import Formula, FormulaError, parse
from generator.datasets.origin import SCRIPT, Origin, unpacked
from generator.datasets.parquet import Parquet, find_parquet
from generator.inputs import digest, generator
from generator.memory import Memory
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean, one_of
from generator.source import Node, locate, position, read_text, refuse_characters
from generator.specs import as_json


class Source(Struct, frozen=True):
    """The text of a CSV file, to say where in it a cell stands."""

    path: str
    text: str
    header: tuple[str, ...]

    def place(self, line: int, field: str = "") -> Location:
        """The beginning of the row that begins on ``line``, or of one of its cells."""
        if field not in self.header:
            return Location(self.path, line, 1)
        return self.cell(line, self.header.index(field))

    def cell(self, line: int, index: int) -> Location:
        offset = 0
        for _ in range(line - 1):
            offset = self.text.find("\n", offset) + 1
        quoted = False
        while index and offset < len(self.text):
            char = self.text[offset]
            quoted ^= char == '"'
            if char == "," and not quoted:
                index -= 1
            elif char == "\n" and not quoted:
                break
            offset += 1
        return Location(self.path, *position(self.text, offset))


class Result(Source, frozen=True):
    """The text of a query's result, whose rows stand in no file: what is wrong with one is told at the query."""

    at: Location

    def place(self, line: int, field: str = "") -> Location:  # noqa: ARG002
        return replace(self.at, inside=f"line {line} of {self.path}, which the query gives")

    def cell(self, line: int, index: int) -> Location:  # noqa: ARG002
        return self.place(line)


class Table(Struct, frozen=True):
    """A validated dataset: one tuple of converted cells a field, all of the same length.

    ``lines[i]`` is the line of the file on which row ``i`` begins. Missing cells are ``None``; a yearmonth
    and a date are a ``date`` (the first of the month), a year is an ``int``.
    """

    resource: Resource
    path: str
    columns: dict[str, tuple[Cell, ...]]
    lines: Sequence[int]
    source: Source
    origin: Origin | None = None
    """What its rows were made from, when they are what a query gives. Then ``path`` is where they are published."""

    def __bool__(self) -> bool:
        return True  # a table without rows is still there

    @property
    def name(self) -> str:
        return self.resource.name

    def __len__(self) -> int:
        return len(self.lines)

    def number(self, line: int) -> int:
        """The row that begins on a line of the file."""
        return bisect.bisect_left(self.lines, line)

    def numbers(self, lines: Iterable[int]) -> list[int]:
        """The same of many lines."""
        if isinstance(self.lines, range):  # no row goes on in a next line
            first = self.lines.start
            return [line - first for line in lines]
        return [bisect.bisect_left(self.lines, line) for line in lines]

    def location(self, row: int, field: str = "") -> Location:
        """Where a row begins, or one of its cells."""
        return self.source.place(self.lines[row], field)

    def row(self, index: int) -> dict[str, Cell]:
        return {name: cells[index] for name, cells in self.columns.items()}


class Tables(Mapping[str, Table]):
    """The tables of a story by name, in the descriptor's order, each made when it is first asked for.

    Raises SourceError, then, with every problem of the table. Parquet files are not among them; ``known`` has the
    SHA-256 of the story's files as far as somebody has worked them out, so that large ones are read once;
    ``sound`` is as for :func:`read_table`.
    """

    def __init__(
        self,
        root: Path,
        package: Package,
        node: Node,
        folder: str,
        memory: Memory,
        known: Mapping[str, str] | None = None,
        *,
        sound: bool = False,
    ) -> None:
        self._sound = sound
        self._root = root
        self._resources: dict[str, Resource] = {}
        self._parquet: dict[str, Resource] = {}
        self._places: dict[str, Location] = {}
        """Where each is named: the path of a file, or the query."""
        for index, resource in enumerate(package.resources):
            key = "query" if resource.query else "path"
            self._places[resource.name] = locate(node, ("resources", index, key))
            (self._resources if resource.is_table else self._parquet)[resource.name] = resource
        self._folder = folder
        self._memory = memory
        self._known = known or {}
        self._files: dict[str, Parquet] = {}
        self._texts: dict[str, str] = {}
        self._origins: dict[str, Origin] = {}
        self._digests: dict[str, str] = {}
        self._made: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._made:
            resource = self._resources[name]
            text, path, origin = self._text(name), self._path(resource), self._origins.get(name)
            result = None if origin is None else (origin, self._places[name])
            parts = self.digest(name), path, str(result)

            def make() -> Table:
                return read_table(self._resources[name], text, path, result, sound=self._sound)

            self._made[name] = self._memory.thing("table", parts, make)
        return self._made[name]

    def digest(self, name: str) -> str:
        """Of the text of a table's file, or of its result, and its description: known without making the table."""
        if name not in self._digests:
            text = self._text(name)
            self._digests[name] = digest(text, as_json(self._resources[name]))
        return self._digests[name]

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Of all tables; those of results name the publications of what they were made from."""
        return tuple(self._resources.values())

    def resource(self, name: str) -> Resource | None:
        """Of one table, which is not read for that; None where there is none."""
        return self._resources.get(name)

    @property
    def parquet(self) -> Mapping[str, Resource]:
        """The resources that are no tables, by name."""
        return self._parquet

    def include(self, resource: Resource, place: Location) -> None:
        """A further result; ``place`` is where the story asks for it."""
        self._resources[resource.name] = resource
        self._places[resource.name] = place

    def _path(self, resource: Resource) -> str:
        return f"{self._folder}/{resource.path}"

    def _text(self, name: str) -> str:
        if name not in self._texts:
            resource = self._resources[name]
            if resource.query:
                self._texts[name], self._origins[name] = self._result(resource)
            else:
                self._texts[name] = read_text(self._root, self._path(resource), named_at=self._places[name])
        return self._texts[name]

    def read(self) -> None:
        """Reads every file now, so that what is made of them later is of the same moment."""
        for name in self._resources:
            self._text(name)

    def let_go(self) -> None:
        """What was made is made again, of the texts that were read, when it is asked for."""
        self._made.clear()

    def __contains__(self, name: object) -> bool:
        return name in self._resources

    def __iter__(self) -> Iterator[str]:
        return iter(self._resources)

    def __len__(self) -> int:
        return len(self._resources)

    # --- results ----------------------------------------------------------------------------------------

    def _result(self, resource: Resource) -> tuple[str, Origin]:
        """The text of what a query gives and what it was made from, worked out when one of these has changed."""
        name, place = resource.name, self._places[resource.name]
        if (self._root / self._path(resource)).exists():
            message = f"{name} is published as {resource.path!r}, and there is a file of that name"
            hint = "Remove the file, which is not read; or give the result another 'path'."
            raise SourceError(Problem("path-taken", message, place, hint))
        sql, place = self._statement(resource, place)
        reads, ordered = self._understood(name, sql, place)
        self._inherit(resource, reads)
        files = [self.file(each) for each in reads if each in self._parquet]
        tables = [each for each in reads if each not in self._parquet]
        parts = [generator(), sql, as_json(resource.schema_)]
        parts += [part for file in files for part in (file.name, as_json(file.resource), file.checksum)]
        parts += [part for each in tables for part in (each, self.digest(each))]

        def make() -> tuple[str, Origin]:
            from generator.datasets.query import Given, Statement, run

            self._need_engine(name, place)
            read = [self[each] for each in tables]
            given = [Given(table.resource, table.path, table.columns, table.source.text) for table in read]
            made = run(resource, Statement(sql, reads, ordered), files, given, place)
            _refuse_characters(made.text, self._path(resource), place)
            return made.text, made.origin

        def unpack(data: bytes) -> tuple[str, Origin]:
            text, origin = json.loads(data)
            return text, unpacked(origin)

        return self._memory.stored(
            "result", parts, make, lambda made: json.dumps([made[0], made[1].packed()]).encode(), unpack
        )

    def _statement(self, resource: Resource, place: Location) -> tuple[str, Location]:
        """The query of a resource, and where it stands: in the descriptor, or in a file of its own."""
        if not resource.query.endswith(SCRIPT):
            return resource.query, place
        path = f"{self._folder}/{resource.query}"
        return read_text(self._root, path, named_at=place), Location(path, 1, 1)

    def _understood(self, name: str, sql: str, place: Location) -> tuple[tuple[str, ...], bool]:
        """Which tables and Parquet files a query reads, and whether it says an order; remembered by its words."""
        known = [*self._parquet, *(each.name for each in self._resources.values() if not each.query)]

        def make() -> tuple[tuple[str, ...], bool]:
            from generator.datasets.query import understood

            self._need_engine(name, place)
            found = understood(name, sql, known, place)
            return found.reads, found.ordered

        def unpack(data: bytes) -> tuple[tuple[str, ...], bool]:
            reads, ordered = json.loads(data)
            return tuple(reads), bool(ordered)

        parts = [generator(), name, sql, *known]
        return self._memory.stored(
            "statement", parts, make, lambda made: json.dumps(made).encode(), unpack, sure=True
        )

    def _inherit(self, resource: Resource, reads: Iterable[str]) -> None:
        """A result that names no sources or licences has those of what it was made from."""
        read = [self._parquet.get(each) or self._resources[each] for each in reads]
        sources, licences = list(resource.sources), list(resource.licenses)
        for each in read:
            if not resource.sources:
                whole = [replace(source, where={}) for source in each.sources]
                sources += [source for source in whole if source not in sources]
            if not resource.licenses:
                licences += [licence for licence in each.licenses if licence not in licences]
        given = {"sources": tuple(sources), "licenses": tuple(licences)}
        self._resources[resource.name] = replace(resource, **given)

    def _need_engine(self, name: str, place: Location) -> None:
        from generator.datasets.query import lacking

        if problem := lacking(name, place):
            raise SourceError(problem)

    def file(self, name: str) -> Parquet:
        """A Parquet resource, found. Raises SourceError when it is not there."""
        if name not in self._files:
            resource, place = self._parquet[name], self._places[name]
            self._files[name] = find_parquet(self._root, self._folder, resource, place, self._known)
        return self._files[name]

    def look_at(self, name: str) -> None:
        """Holds a Parquet file against its schema, when it or that has changed. Raises SourceError."""
        file = self.file(name)

        def make() -> bool:
            from generator.datasets.query import look_at

            self._need_engine(name, file.place)
            look_at(file)
            return True

        parts = [generator(), as_json(file.resource), file.checksum]
        self._memory.stored("parquet", parts, make, lambda _: b"1", lambda _: True)


def _refuse_characters(text: str, path: str, place: Location) -> None:
    """What no file of the story may hold is not in a result either. Raises SourceError."""
    try:
        refuse_characters(text, path)
    except SourceError as error:
        raise SourceError(
            *(
                replace(problem, location=replace(place, inside=f"line {problem.location.line} of {path}"))
                for problem in error.problems
            )
        ) from None


def no_dataset(name: str, tables: Mapping[str, Table]) -> str:
    """What is said of a name that is no table's."""
    if name in getattr(tables, "parquet", ()):
        return f"{name} is a Parquet file, not a table: let a query give the rows that pages need"
    return f"there is no dataset {name!r}{did_you_mean(name, tables)}"


def read_datasets(
    root: Path,
    descriptor: str,
    folder: str,
    *,
    memory: Memory | None = None,
    sound: bool = False,
    known: Mapping[str, str] | None = None,
) -> tuple[Package, Tables]:
    """All tables of the story, each valid in itself and against the tables it refers to.

    With ``sound`` it is known that they are, and each is made when it is needed. ``known`` as for :class:`Tables`.
    Raises SourceError with every problem of every table.
    """
    package, node = read_descriptor(read_text(root, descriptor), descriptor)
    tables = Tables(root, package, node, folder, memory or Memory(), known, sound=sound)
    if sound:
        tables.read()
        return package, tables
    problems = Problems()
    _check_formulas(package, node, problems)
    for name in tables.parquet:
        problems.attempt(lambda each=name: tables.look_at(each))  # type: ignore[misc]
    good = {}
    for name in tables:
        try:
            good[name] = tables[name]
        except SourceError as error:
            problems.absorb(error)
    for table in good.values():
        _check_foreign_keys(table, good, problems)
    problems.raise_if_any()
    return package, tables


def look_at_table(tables: Tables, name: str, problems: Problems) -> bool:
    """Whether a table that was added to good ones is good, too; says what is wrong with it."""
    before = len(problems)
    try:
        _check_foreign_keys(tables[name], tables, problems)
    except SourceError as error:
        problems.absorb(error)
    return len(problems) == before


def read_table(
    resource: Resource,
    text: str,
    path: str,
    result: tuple[Origin, Location] | None = None,
    *,
    sound: bool = False,
) -> Table:
    """One table from the text of its CSV file; of a ``result``, what it was made from and where the query stands.

    With ``sound`` it is known that its keys are there and unique, and that no cell breaks a constraint. Raises
    SourceError with every problem found.
    """
    reading = _Reading(resource, text, path, result, sound=sound)
    try:
        return reading.table(*read_pieces(text), None, Problems())
    except UnevenError:  # or there is something wrong with it: then all of that is told
        problems = Problems()
        fields = [field.name for field in resource.schema_.fields]
        header, rows, lines = read_rows(text, path, fields, problems)
        return reading.table(header, [rows], lines, problems)


class _Reading(Struct, frozen=True):
    """A table that is being read, for :func:`read_table`."""

    resource: Resource
    text: str
    path: str
    result: tuple[Origin, Location] | None
    sound: bool

    def table(
        self, header: Sequence[str], pieces: Iterable[Piece], lines: Sequence[int] | None, problems: Problems
    ) -> Table:
        """The table from its rows; ``lines`` say where they begin if not each on its own.

        Raises SourceError with all problems, or UnevenError when more may be found with ``lines``.
        """
        origin, source = None, Source(self.path, self.text, tuple(header))
        if self.result:
            origin, source = self.result[0], Result(self.path, self.text, tuple(header), self.result[1])
        _check_header(self.resource, header, source, problems)
        if problems and lines is None:
            raise UnevenError
        problems.raise_if_any()
        missing = frozenset(self.resource.schema_.missing_values)
        columns = {
            field.name: ColumnReader(field, missing, sound=self.sound) for field in self.resource.schema_.fields
        }
        for piece in pieces:
            for name, texts in zip(header, piece, strict=False):
                columns[name].extend(texts)
        count = max((len(column.cells) for column in columns.values()), default=0)
        where = range(2, 2 + count) if lines is None else lines
        for column in columns.values():
            column.report(where, source, problems)
        made = {name: tuple(column.cells) for name, column in columns.items()}
        table = Table(self.resource, self.path, made, where, source, origin)
        if not self.sound:
            _check_unique(table, {name: column.bad for name, column in columns.items()}, problems)
        problems.raise_if_any()
        return table


def _check_header(resource: Resource, header: Sequence[str], source: Source, problems: Problems) -> None:
    fields = [field.name for field in resource.schema_.fields]
    known = [name for name in header if name in fields]
    if not header:
        return
    hint = f"Its fields: {one_of(fields, most=30)}."
    if not known and len(fields) > 1:
        separator = next((sign for sign in (";", "\t", "|") if len(header) == 1 and sign in header[0]), "")
        if separator:
            message = f"the cells are separated by {separator!r}, not by commas"
            hint = "Save the table as CSV with commas."
            problems.add("wrong-separator", message, source.place(1), hint=hint)
        else:
            message = "the first line names none of the schema's fields"
            problems.add("no-header", message, source.place(1), hint=hint)
        return
    for index, name in enumerate(header):
        if name in header[:index]:
            problems.add("duplicate-field", f"the header has {name!r} twice", source.cell(1, index))
        elif name not in fields:
            message = f"the schema has no field {name!r}{did_you_mean(name, fields)}"
            problems.add("unknown-field", message, source.cell(1, index), hint=hint)
    for name in fields:
        if name not in header:
            problems.add("missing-field", f"the header lacks {name!r}, which the schema has", source.place(1))


# --- keys ----------------------------------------------------------------------------------------------


def _check_unique(table: Table, wrong: Mapping[str, frozenset[int]], problems: Problems) -> None:
    """Keys are there and unique; rows with a ``wrong`` cell in the key have been reported."""
    schema = table.resource.schema_
    keys = [("primary key", schema.primary_key)] if schema.primary_key else []
    keys += [("unique key", key) for key in schema.unique_keys]
    keys += [("field", (field.name,)) for field in schema.fields if field.constraints.unique]
    for what, names in keys:
        if any(name not in table.columns for name in names):
            continue
        seen: dict[tuple[Cell, ...], int] = {}
        skipped = frozenset().union(*(wrong[name] for name in names))
        for row, cells in enumerate(zip(*(table.columns[name] for name in names), strict=True)):
            if row in skipped:
                continue
            if what == "primary key" and None in cells:
                empty = names[cells.index(None)]
                message = f"{empty}: an empty cell in the primary key"
                problems.add("bad-key", message, table.location(row, empty))
            first = seen.setdefault(cells, row)
            if first != row and None not in cells:
                shown = ", ".join(f"{n} {_shown(c)}" for n, c in zip(names, cells, strict=True))
                where = table.lines[first]
                place = table.location(row, names[0])
                hint = "Remove one of the rows, or name a further column in the key." if len(names) > 1 else ""
                problems.add("duplicate-row", f"{what}: {shown} is already on line {where}", place, hint=hint)


def _check_foreign_keys(table: Table, tables: Mapping[str, Table], problems: Problems) -> None:
    for foreign in table.resource.schema_.foreign_keys:
        target = tables.get(foreign.reference.resource or table.name)
        if target is None:  # its own problems have been reported
            continue
        if not len(target):
            message = f"{', '.join(foreign.fields)}: nothing can be in {target.name}, which has no rows"
            if len(table):
                problems.add("foreign-key", message, table.location(0, foreign.fields[0]))
            continue
        there = set(_cells(target, foreign.reference.fields))
        bad: dict[tuple[Cell, ...], list[int]] = {}
        for row, cells in enumerate(_cells(table, foreign.fields)):
            if None not in cells and cells not in there:
                bad.setdefault(cells, []).append(row)
        for cells, rows in bad.items():
            names = ", ".join(foreign.fields)
            shown = ", ".join(_shown(cell) for cell in cells)
            known = [str(key[0]) for key in there] if len(cells) == 1 else []
            many = f" ({len(rows)} rows)" if len(rows) > 1 else ""
            problems.add(
                "foreign-key",
                f"{names}: {shown} is not in {target.name}{many}{did_you_mean(str(cells[0]), known)}",
                table.location(rows[0], foreign.fields[0]),
            )


# --- what must hold in a row -----------------------------------------------------------------------------

MOST_PER_FORMULA = 3
"""Rows that break a formula told one by one; of more, these many are named and the rest counted."""


def _check_formulas(package: Package, node: Node, problems: Problems) -> None:
    """Each formula is one, over fields that its table has."""
    for index, resource in enumerate(package.resources):
        for number, check in enumerate(resource.checks):
            try:
                parse(check.formula, resource.schema_.fields)
            except FormulaError as error:
                place = locate(node, ("resources", index, "checks", number, "formula"))
                problems.add("bad-formula", f"{resource.name}: {error}", place, hint=error.hint)


def broken_rows(tables: Mapping[str, Table]) -> Iterator[Problem]:
    """Rows that break a formula of their table; the tables can be read all the same."""
    for table in tables.values():
        for check in table.resource.checks:
            yield from _broken_rows(table, parse(check.formula, table.resource.schema_.fields))


def _broken_rows(table: Table, formula: Formula) -> Iterator[Problem]:
    rows = list(formula.broken(table.columns))
    said = [f"{formula.said(table.columns, row)}" for row in rows[:MOST_PER_FORMULA]]
    hint = f"Mend the row; the rule is among the 'checks' of {table.name} in {DESCRIPTOR}."
    if len(rows) > MOST_PER_FORMULA:
        places = [str(table.location(row, formula.names[0])) for row in rows[:MOST_PER_FORMULA]]
        shown = "; ".join(f"{text} ({place})" for text, place in zip(said, places, strict=True))
        message = f"{formula.text} does not hold in {len(rows)} rows. The first three: {shown}"
        yield Problem("row-constraint", message, table.location(rows[0], formula.names[0]), hint)
        return
    for row, text in zip(rows, said, strict=True):
        message = f"{formula.text} does not hold: {text}"
        yield Problem("row-constraint", message, table.location(row, formula.names[0]), hint)


def _cells(table: Table, names: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    return zip(*(table.columns[name] for name in names), strict=True)


def _shown(cell: Cell) -> str:
    return repr(cell) if isinstance(cell, str) else str(cell)
