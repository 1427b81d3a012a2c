"""Queries over Parquet files and tables, run by DuckDB inside the process: a statement → the few rows it gives.

What contributors write is not trusted. A statement is one SELECT over the tables and files of the story, by their
names; it is taken apart before it runs, and what reads anything else, or is not the same each time (the clock,
chance, settings), is refused. The engine then sees those files alone, cannot be set otherwise, loads nothing and
writes only to a folder of its own, which is removed.

It has one thread, although it would be faster with several: what these add up of floating numbers, and the order in
which they meet rows, is not the same twice. Its memory is limited; what does not fit goes to that folder.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import importlib.util
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from generator.datasets.descriptor import Field, Resource
from generator.datasets.origin import SCRIPT, Origin, Over
from generator.datasets.parquet import Parquet
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean, one_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "512MB"
DISK = "16GB"
"""What a query may hold at once, in memory and in its folder on disk."""
MOST_ROWS = 100_000
"""Rows of a result; a page that needs more of them than this is none."""

_FUNCTIONS_OF_TABLES = frozenset(("generate_series", "range", "unnest"))
"""What may stand in the place of a table. The others read files, or the engine itself."""
_NOT_THE_SAME = re.compile(
    r"ago|current_.*|get_block_size|get_current_.*|getvariable|has_.*|in_search_path|inet_.*|now|pg_.*"
    r"|reservoir_quantile|today|transaction_timestamp|txid_.*|uuid.*|version"
)
"""Functions whose answer depends on more than the rows."""
_WORDS = re.compile(r"current_(?:catalog|date|role|schema|time|timestamp)|localtime|localtimestamp")
"""And those that are written like columns."""


class Given(Struct, frozen=True):
    """A table of the story, as it was validated, and the text of its file."""

    resource: Resource
    path: str
    columns: Mapping[str, Sequence[Any]]
    text: str


class Result(Struct, frozen=True):
    """Rows as the text of a CSV file with the schema's header, and what they were made from."""

    text: str
    origin: Origin


def lacking(name: str, place: Location) -> Problem | None:
    """What is to be told when there is no engine."""
    if importlib.util.find_spec("duckdb") is not None:
        return None
    message = f"{name}: Parquet files and queries are read by DuckDB, which is not installed"
    return Problem("duckdb-not-installed", message, place, 'Run: pip install "broadsheet[duckdb]"')


# --- what a statement reads ------------------------------------------------------------------------------


class Statement(Struct, frozen=True):
    """A query that may be run: which tables and files it reads, and whether it says the order of its rows."""

    sql: str
    reads: tuple[str, ...]
    ordered: bool


def understood(name: str, sql: str, known: Sequence[str], place: Location) -> Statement:
    """A query over some of the ``known`` tables and files, which keep their order.

    Raises SourceError when it cannot be read, or does what a query may not.
    """
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute("SET enable_external_access = false")
        row = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
        said = json.loads(row[0]) if row else {}
        if said.get("error"):
            raise SourceError(_not_one_select(name, sql, said, place))
        if len(said["statements"]) != 1:
            message = f"{name}: the query has {len(said['statements'])} statements"
            raise SourceError(Problem("query-refused", message, place, "Write one SELECT."))
        rows = connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability = 'VOLATILE' UNION ALL"
            " SELECT DISTINCT view_name FROM duckdb_views() WHERE internal"
        ).fetchall()
    node = said["statements"][0]["node"]
    reading = _Reading(name, sql, {each.casefold(): each for each in known}, {row[0] for row in rows}, place)
    reading.look(node)
    reading.problems.raise_if_any()
    if not reading.read:
        message = f"{name}: the query is not run: it reads none of the story's tables and Parquet files"
        hint = (
            f"Numbers that stand in the query itself came from no row. Those it can read: {one_of(known, most=30)}."
        )
        raise SourceError(Problem("query-refused", message, place, hint))
    ordered = any(each.get("type") == "ORDER_MODIFIER" for each in node.get("modifiers", ()))
    return Statement(sql, tuple(each for each in known if each in reading.read), ordered)


def _not_one_select(name: str, sql: str, said: Mapping[str, Any], place: Location) -> Problem:
    hint = "Write one SELECT over the story's tables and Parquet files."
    if said.get("error_type") == "not implemented":
        return Problem("query-refused", f"{name}: the query is no SELECT", place, hint)
    told, at = str(said.get("error_message", "it is empty")), str(said.get("position", ""))
    place, where = _at_line(place, sql, _line_of(sql, int(at)) if at.isdigit() else 1)
    return Problem("bad-query", f"{name}: the query cannot be read{where}: {told}", place, hint)


class _Reading:
    """A statement, gone through: the names it reads, and what it may not do."""

    def __init__(self, name: str, sql: str, known: Mapping[str, str], refused: set[str], place: Location) -> None:
        self.name = name
        self.sql = sql
        self.known = known
        self.refused = refused
        self.place = place
        self.read: set[str] = set()
        self.own: set[str] = set()
        """The names that the statement itself gives to parts of it."""
        self.problems = Problems()

    def look(self, node: Any) -> None:
        self.own |= {each["key"].casefold() for each in _entries(node)}
        for part in _parts(node):
            self._part(part)

    def _part(self, part: Mapping[str, Any]) -> None:
        match part.get("type"):
            case "BASE_TABLE":
                self._table(part)
            case "TABLE_FUNCTION":
                called = str(part["function"].get("function_name", "")).casefold()
                if called not in _FUNCTIONS_OF_TABLES:
                    hint = f"Read tables and Parquet files by their names: {one_of(self.known.values(), most=30)}."
                    self.refuse(f"it reads {called}(…), which is none of the story's tables", part, hint)
            case "SHOW_REF":
                self.refuse("it asks for a description, not for rows", part, "Write one SELECT.")
            case "FUNCTION":
                called = str(part.get("function_name", "")).casefold()
                since_today = called == "age" and len(part.get("arguments", ())) == 1
                if called in self.refused or _NOT_THE_SAME.fullmatch(called) or since_today:
                    self._not_the_same(f"{called}()", part)
            case "COLUMN_REF":
                names = part.get("column_names", [])
                if len(names) == 1 and _WORDS.fullmatch(names[0].casefold()):
                    self._not_the_same(names[0], part)
        if part.get("sample"):
            self._not_the_same("a sample", part)

    def _table(self, part: Mapping[str, Any]) -> None:
        named = str(part.get("table_name", ""))
        folded = named.casefold()
        qualified = part.get("schema_name") or part.get("catalog_name")
        if not qualified and folded not in self.refused and folded in self.own:
            return
        if not qualified and folded in self.known:
            self.read.add(self.known[folded])
            return
        hint = f"Those it can read: {one_of(self.known.values(), most=30)}."
        guess = did_you_mean(named, self.known.values())
        self.refuse(f"it reads {named!r}, which is none of the story's tables and Parquet files{guess}", part, hint)

    def _not_the_same(self, what: str, part: Mapping[str, Any]) -> None:
        hint = "Let the query depend on the rows alone: write a date out, for example."
        self.refuse(f"{what} is not the same each time, and a build must be", part, hint)

    def refuse(self, why: str, part: Mapping[str, Any], hint: str) -> None:
        at = part.get("query_location", 0)
        place, where = _at_line(self.place, self.sql, _line_of(self.sql, at) if isinstance(at, int) else 1)
        message = f"{self.name}: the query is not run{where}: {why}"
        self.problems.add("query-refused", message, place, hint=hint)


def _parts(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping in what JSON holds, from the outside in."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += reversed(part.values())
        elif isinstance(part, list):
            waiting += reversed(part)


def _entries(node: Any) -> Iterator[Mapping[str, Any]]:
    for part in _parts(node):
        yield from part.get("cte_map", {}).get("map", ())


def _line_of(sql: str, at: int) -> int:
    """On which line a byte of a query stands; the first for a place that there is not."""
    data = sql.encode()
    return data[:at].count(b"\n") + 1 if at <= len(data) else 1


def _at_line(place: Location, sql: str, line: int) -> tuple[Location, str]:
    """The line of a query: in a file of its own the place, otherwise said in words."""
    if place.path.endswith(SCRIPT):
        return replace(place, line=line), ""
    return place, f" (its line {line})" if "\n" in sql.strip() else ""


# --- the engine ------------------------------------------------------------------------------------------


@contextmanager
def _engine(files: Iterable[Parquet]) -> Iterator[DuckDBPyConnection]:
    """An engine that can read these files and nothing else, each as a view by its name."""
    import duckdb

    files = list(files)
    with tempfile.TemporaryDirectory(prefix="broadsheet-") as folder:
        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": 1,
                "memory_limit": MEMORY,
                "temp_directory": folder,
                "max_temp_directory_size": DISK,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "allow_persistent_secrets": False,
            },
        )
        try:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"SET allowed_paths = {_listed(path for one in files for path in one.real_files)}")
            connection.execute("SET enable_external_access = false")
            for one in files:
                _view(connection, one)
            connection.execute("SET lock_configuration = true")
            yield connection
        finally:
            connection.close()


def _view(connection: DuckDBPyConnection, one: Parquet) -> None:
    """Raises SourceError when it is no Parquet, when a column is missing, or is not of the type declared."""
    import duckdb

    options = ["union_by_name = false", f"hive_partitioning = {'true' if one.partitioned else 'false'}"]
    if one.partitioned:
        options.append("hive_types_autocast = false")
        folders = {part.partition("=")[0] for file in one.files for part in file.split("/")[:-1] if "=" in part}
        kinds = [
            f"{_name(field.name)}: {kind}"
            for field in one.resource.schema_.fields
            if field.name in folders and (kind := _OF_FOLDERS.get(field.type))
        ]
        options += [f"hive_types = {{{', '.join(kinds)}}}"] if kinds else []
    read = f"read_parquet({_listed(one.real_files)}, {', '.join(options)})"
    try:
        connection.execute(f"CREATE VIEW {_name(one.name)} AS FROM {read}")
        found = connection.execute(f"DESCRIBE FROM {_name(one.name)}").fetchall()
    except duckdb.Error as error:
        said = _without_paths(str(error), one)
        hint = "Is the file whole? It may have been cut short when it was copied, or be of another format."
        message = f"{one.name}: {one.path} cannot be read as Parquet: {said}"
        raise SourceError(Problem("bad-parquet", message, one.place, hint)) from None
    kinds_found = {row[0]: str(row[1]) for row in found}
    problems = Problems()
    for field in one.resource.schema_.fields:
        kind = kinds_found.get(field.name)
        if kind is None:
            message = f"{one.name}: {one.path} has no column {field.name!r}{did_you_mean(field.name, kinds_found)}"
            problems.add("missing-field", message, one.place, hint=f"Its columns: {one_of(kinds_found, most=30)}.")
        elif not _fits(field, kind):
            message = f"{one.name}: {one.path} has {field.name} as {kind}, which is not {_said(field)}"
            hint = "Declare what it is; or leave the field out here, and let a query make it what it is to be."
            problems.add("wrong-type", message, one.place, hint=hint)
    problems.raise_if_any()


_OF_FOLDERS = {"integer": "BIGINT", "year": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
"""What the name of a partition's folder is read as, by the type of its field; as text otherwise."""


def _load(connection: DuckDBPyConnection, table: Given) -> None:
    """A table of the story, as it was validated: nothing of it is guessed anew from the text of its file."""
    fields = table.resource.schema_.fields
    columns = ", ".join(f"{_name(field.name)} {_KINDS[field.type]}" for field in fields)
    connection.execute(f"CREATE TABLE {_name(table.resource.name)} ({columns})")
    lists = ", ".join(f"unnest(CAST(? AS {_KINDS[field.type]}[]))" for field in fields)
    connection.execute(
        f"INSERT INTO {_name(table.resource.name)} SELECT {lists}",
        [list(table.columns[field.name]) for field in fields],
    )


_KINDS = {
    "string": "VARCHAR", "integer": "HUGEINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE",
    "yearmonth": "DATE", "year": "BIGINT",
}  # fmt: skip


def _listed(paths: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, paths))}]"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _without_paths(said: str, one: Parquet) -> str:
    """What the engine says, without where on this machine the story is."""
    told = said.partition("\n")[0].partition("Error: ")[2] or said.partition("\n")[0]
    for file, real in zip(one.files, one.real_files, strict=True):
        told = told.replace(real, file)
    return told


# --- running ---------------------------------------------------------------------------------------------


def run(
    resource: Resource, statement: Statement, files: Sequence[Parquet], tables: Sequence[Given], place: Location
) -> Result:
    """What a statement gives, held against the fields of its resource; ``files`` and ``tables`` are what it reads.

    Rows have the order that the statement says; otherwise that of their cells. Raises SourceError.
    """
    import duckdb

    with _engine(files) as connection:
        for table in tables:
            _load(connection, table)
        over = [Over(one.name, one.path, _count(connection, one.name), one.size, one.checksum) for one in files]
        over += [_over(table, _count(connection, table.resource.name)) for table in tables]
        try:
            made = connection.execute(statement.sql)
            kinds = [(column[0], str(column[1])) for column in made.description or ()]
            order = _columns(resource, kinds, place)
            rows = made.fetchmany(MOST_ROWS + 1)
        except duckdb.Error as error:
            raise SourceError(_failed(resource.name, statement.sql, str(error), place)) from None
    if len(rows) > MOST_ROWS:
        message = f"{resource.name}: the query gives more than {MOST_ROWS:,} rows, too many for a table of pages"
        hint = "Group them: SELECT …, count(*) AS … FROM … GROUP BY …, so that a row is what a page prints."
        raise SourceError(Problem("too-many-rows", message, place, hint))
    cells = [[row[index] for index in order] for row in rows]
    if not statement.ordered:
        cells.sort(key=lambda row: [(cell is not None, 0 if cell is None else cell) for cell in row])
    text = _csv(resource, cells)
    return Result(text, Origin(statement.sql, f"DuckDB {duckdb.__version__}", tuple(over)))


def _count(connection: DuckDBPyConnection, name: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {_name(name)}").fetchone()  # noqa: S608
    return int(row[0]) if row else 0


def _over(table: Given, rows: int) -> Over:
    data = table.text.encode()
    return Over(table.resource.name, table.path, rows, len(data), hashlib.sha256(data).hexdigest())


def _columns(resource: Resource, kinds: Sequence[tuple[str, str]], place: Location) -> list[int]:
    """Where each field of the schema stands in the result. Raises SourceError."""
    problems, names = Problems(), [name for name, _ in kinds]
    fields = resource.schema_.fields
    for field in fields:
        if field.name not in names:
            message = f"{resource.name}: the query gives no column {field.name!r}{did_you_mean(field.name, names)}"
            hint = (
                f"It gives: {one_of(names, most=30)}. Name a column with AS, or take the field out of the schema."
            )
            problems.add("missing-field", message, place, hint=hint)
    for index, (name, kind) in enumerate(kinds):
        described = resource.schema_.field(name)
        if described is None:
            message = f"{resource.name}: the query gives a column {name!r}, which the schema has no field for"
            hint = "Describe it in the schema, or leave it out of the query."
            problems.add("unknown-field", message, place, hint=hint)
        elif name in names[:index]:
            message = f"{resource.name}: the query gives {name!r} twice"
            problems.add("duplicate-field", message, place, hint="Name one of them otherwise, with AS.")
        elif not _fits(described, kind):
            message = f"{resource.name}: the query gives {name} as {kind}, which is not {_said(described)}"
            wanted = _KINDS[described.type].replace("HUGE", "BIG")
            hint = f"Write CAST(… AS {wanted}) AS {name}, or declare another type in the schema."
            problems.add("wrong-type", message, place, hint=hint)
    problems.raise_if_any()
    return [names.index(field.name) for field in fields]


_WHOLE = frozenset(
    (
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "UHUGEINT",
    )
)


def _fits(field: Field, kind: str) -> bool:
    """Whether a column of the engine can be one of a table. A number is never read out of a text."""
    kind = kind.upper()
    match field.type:
        case "integer":
            return kind in _WHOLE
        case "number":
            return kind in _WHOLE or kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL")
        case "year":
            return kind in _WHOLE or kind == "VARCHAR"
        case "boolean":
            return kind == "BOOLEAN"
        case "date" | "yearmonth":
            return kind in ("DATE", "VARCHAR")
    return kind == "VARCHAR" or kind.startswith("ENUM")


def _said(field: Field) -> str:
    return {"string": "text", "integer": "an integer", "number": "a number", "boolean": "a boolean"}.get(
        field.type, f"a {field.type}"
    )


def _csv(resource: Resource, rows: Iterable[Sequence[Any]]) -> str:
    fields = resource.schema_.fields
    empty = next(iter(resource.schema_.missing_values), "")
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields])
    writer.writerows(
        [empty if cell is None else _cell(field, cell) for field, cell in zip(fields, row, strict=True)]
        for row in rows
    )
    return file.getvalue()


def _cell(field: Field, cell: Any) -> str:
    """A value as CSV files of the story have it. A float keeps its last bit."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, dt.date):
        whole = field.type == "yearmonth" and cell.day == 1
        return cell.isoformat()[:7] if whole else cell.isoformat()
    return repr(cell) if isinstance(cell, float) else str(cell)


def _failed(name: str, sql: str, said: str, place: Location) -> Problem:
    """What the engine could not do, in its words, without what it advises."""
    first, _, rest = said.partition("\n")
    kind, _, told = first.partition("Error: ")
    where = re.search(r"^LINE ([0-9]+):", rest, re.MULTILINE)
    place, line = _at_line(place, sql, int(where[1]) if where else 1)
    guess = re.search(r'^Candidate bindings: "(.*)"', rest, re.MULTILINE)
    hint = (
        f"Columns it could mean: {guess[1]}."
        if guess
        else "Mend the query; DuckDB's own documentation has its SQL."
    )
    if kind.startswith("Out of Memory"):
        told = f"it needs more than {MEMORY} of memory and {DISK} of disk"
        hint = "Group by fewer columns, or filter before joining."
    return Problem("bad-query", f"{name}: the query cannot be run{line}: {told.rstrip('!.')}", place, hint)


# --- what the rows of a file must be ----------------------------------------------------------------------


def look_at(one: Parquet) -> None:
    """Holds a Parquet file against its schema, in one pass over its rows. Raises SourceError."""
    rules = list(_rules(one))
    with _engine([one]) as connection:
        if not rules:
            return
        import duckdb

        counts = ", ".join(f"count(*) FILTER (WHERE {broken})" for _, broken, _ in rules)
        try:
            row = connection.execute(f"SELECT {counts} FROM {_name(one.name)}").fetchone() or ()  # noqa: S608
        except duckdb.Error as error:
            message = (
                f"{one.name}: the constraints cannot be held over {one.path}: {_without_paths(str(error), one)}"
            )
            raise SourceError(Problem("bad-parquet", message, one.place)) from None
    problems = Problems()
    for (field, _, said), count in zip(rules, row, strict=True):
        if count:
            rows = "1 row" if count == 1 else f"{count:,} rows"
            message = f"{one.name}: {field.name}: {rows} of {one.path} {said}"
            hint = "Mend the file, or the constraint; a query can leave rows out, too."
            problems.add("bad-cell", message, one.place, hint=hint)
    problems.raise_if_any()


def _rules(one: Parquet) -> Iterator[tuple[Field, str, str]]:
    """Field, the condition of a row that breaks it, and what is then said."""
    for field in one.resource.schema_.fields:
        column, rules = _name(field.name), field.constraints
        if rules.required:
            yield field, f"{column} IS NULL", "have no value, where the schema requires one"
        if rules.enum is not None:
            listed = ", ".join(map(_text, rules.enum))
            yield field, f"CAST({column} AS VARCHAR) NOT IN ({listed})", f"hold none of {one_of(rules.enum)}"
        for limit, sign, said in (
            (rules.minimum, "<", "are below the minimum"),
            (rules.maximum, ">", "are above the maximum"),
            (rules.exclusive_minimum, "<=", "are not above the exclusive minimum"),
            (rules.exclusive_maximum, ">=", "are not below the exclusive maximum"),
        ):
            if limit is not None:
                kind = _KINDS[field.type]
                written = f"{limit}-01" if field.type == "yearmonth" else limit
                held = f"CAST({column} AS {kind})" if field.type in ("date", "year") else column
                yield field, f"{held} {sign} CAST({_text(written)} AS {kind})", f"{said}, {limit}"
        if rules.min_length is not None:
            yield field, f"length({column}) < {rules.min_length}", f"have fewer than {rules.min_length} characters"
        if rules.max_length is not None:
            yield field, f"length({column}) > {rules.max_length}", f"have more than {rules.max_length} characters"
