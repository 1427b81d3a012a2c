"""Tables larger than memory: Parquet files and queries, whose results are tables like any other."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from generator.build import build, check
from generator.cli import main
from generator.datasets.descriptor import read_package
from generator.datasets.parquet import Parquet
from generator.datasets.read import Tables
from generator.freshness import stale
from generator.outputs.downloads import download, download_paths
from generator.problems import Problem, SourceError
from generator.story import load
from tests.benchmarks.large import write

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.aside
SHARED = ROOT.parent / "shared/data"

SETTINGS = """\
title: Small
description: A story in a test.
collections:
  towns: {one: town, from: towns, key: code, name: name}
"""
INDEX = "---\ntitle: Small\ndescription: A story in a test.\n---\n{{ towns.count | with_unit | upper_first }}.\n"
ROWS = """\
SELECT * FROM (VALUES
  ('ASH', DATE '2025-01-03', 'book', 3, 0.5::DOUBLE), ('ASH', DATE '2025-01-09', 'book', 4, 0.25),
  ('ASH', DATE '2025-01-09', 'film', 1, 1.0), ('BIR', DATE '2025-02-01', 'book', 9, 0.1),
  ('BIR', DATE '2025-02-02', 'film', NULL, 0.2)
) made(town, day, kind, loans, hours)
"""
FIELDS: list[dict[str, Any]] = [
    {"name": "town"},
    {"name": "day", "type": "date"},
    {"name": "kind"},
    {"name": "loans", "type": "integer", "unit": "loans"},
    {"name": "hours", "type": "number", "unit": "hours"},
]
TOWN_KEY = [{"fields": ["town"], "reference": {"resource": "towns", "fields": ["code"]}}]
LENT = """\
lent:
  label: loans
  from: loans
  value: loans
  entity: town
  unit: loans
  time: {month: day, type: flow}
  default: {at: 2025-01}
  dimensions: {kind: {additive: true}}
"""


def parquet(path: Path, sql: str = ROWS, options: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet{options})")


def story(
    root: Path,
    *,
    query: str = "",
    fields: list[dict[str, Any]] | None = None,
    measures: str = "",
    files: Mapping[str, str] | None = None,
    index: str = INDEX,
    **parquet_keys: Any,
) -> Path:
    """A story with towns, the Parquet file ``loans`` and, if one is given, the result ``lately`` of a query."""
    resources: list[dict[str, Any]] = [
        {"name": "towns", "path": "towns.csv", "schema": {"fields": [{"name": "code"}, {"name": "name"}]}},
        {
            "name": "loans",
            "path": "loans.parquet",
            "format": "parquet",
            "title": "Loans",
            "schema": {"fields": FIELDS, "foreignKeys": TOWN_KEY},
            "sources": [
                {"title": "Register", "path": "https://example.org/register", "publisher": "Library Board"}
            ],
            **parquet_keys,
        },
    ]
    if query:
        resources.append({"name": "lately", "query": query, "schema": {"fields": fields or []}})
    texts = {
        "content/site.yml": SETTINGS,
        "content/index.md": index,
        "data/towns.csv": "code,name\nASH,Ashby\nBIR,Birch\n",
        "data/measures.yml": measures,
        "data/datapackage.json": json.dumps({"name": "small", "resources": resources}, indent=1),
        **(files or {}),
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    if not (root / "data/loans.parquet").exists():
        parquet(root / "data/loans.parquet")
    return root


def problems(root: Path) -> tuple[Problem, ...]:
    return check(root, cache=False).problems


def only(root: Path) -> Problem:
    found = problems(root)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def queried(root: Path, query: str, names: str = "town") -> Problem:
    """What is wrong with a query; its place is that of the query in the descriptor."""
    fields = [{"name": name} for name in names.split()]
    problem = only(story(root, query=query, fields=fields))
    lines = (root / "data/datapackage.json").read_text(encoding="utf-8").split("\n")
    where = problem.location
    assert where.path == "data/datapackage.json"
    assert lines[where.line - 1][where.column - 1 :].startswith(json.dumps(query))
    assert lines[where.line - 1].strip().startswith('"query":')
    return problem


# --- the result of a query is a table -----------------------------------------------------------------------

LATELY = "SELECT town, strftime(day, '%Y-%m') AS month, sum(loans) AS loans FROM loans GROUP BY ALL"
LATELY_FIELDS: list[dict[str, Any]] = [
    {"name": "town"},
    {"name": "month", "type": "yearmonth"},
    {"name": "loans", "type": "integer", "unit": "loans"},
]


def test_a_result_is_an_ordinary_table(tmp_path: Path) -> None:
    made = load(story(tmp_path, query=LATELY, fields=LATELY_FIELDS))
    table = made.tables["lately"]
    assert table.source.text == "town,month,loans\nASH,2025-01,8\nBIR,2025-02,9\n"
    assert list(table.lines) == [2, 3]
    assert table.path == "data/lately.csv"
    assert [source.publisher for source in table.resource.sources] == ["Library Board"]  # taken over
    assert list(made.tables) == ["towns", "lately"]
    assert [resource.name for resource in made.package.resources] == ["towns", "lately"]


def test_a_query_reads_tables_as_they_were_validated(tmp_path: Path) -> None:
    query = "SELECT name, max(kind) AS kind FROM loans JOIN towns ON town = code WHERE code <> 'BIR' GROUP BY name"
    made = load(story(tmp_path, query=query, fields=[{"name": "name"}, {"name": "kind"}]))
    assert made.tables["lately"].source.text == "name,kind\nAshby,film\n"
    assert [one.name for one in made.tables["lately"].origin.over] == ["loans", "towns"]  # type: ignore[union-attr]


def test_values_are_written_as_tables_have_them(tmp_path: Path) -> None:
    query = (
        "SELECT 'a,\"b' AS text, 170141183460469231731687303715884105727 AS whole, 0.1::DOUBLE + 0.2 AS number,"
        " 1.50::DECIMAL(5, 2) AS decimal, true AS truth, DATE '2024-02-29' AS day, DATE '2024-02-01' AS month,"
        " 2024 AS year, CAST(NULL AS INTEGER) AS nothing FROM loans LIMIT 1"
    )
    kinds = {
        "whole": "integer", "number": "number", "decimal": "number", "truth": "boolean", "day": "date",
        "month": "yearmonth", "year": "year", "nothing": "integer",
    }  # fmt: skip
    fields = [{"name": name, "type": kinds.get(name, "string")} for name in ("text", *kinds)]
    table = load(story(tmp_path, query=query, fields=fields)).tables["lately"]
    assert table.source.text.split("\n")[1] == (
        '"a,""b",170141183460469231731687303715884105727,0.30000000000000004,1.50,true,2024-02-29,2024-02,2024,'
    )
    assert table.row(0)["number"] == 0.1 + 0.2


def test_rows_have_an_order_the_querys_own_or_that_of_their_cells(tmp_path: Path) -> None:
    fields = [{"name": "kind"}, {"name": "loans", "type": "integer"}]
    sorted_by_cells = story(tmp_path / "a", query="SELECT kind, loans FROM loans", fields=fields)
    lines = load(sorted_by_cells).tables["lately"].source.text.split()
    assert lines == ["kind,loans", "book,3", "book,4", "book,9", "film,", "film,1"]
    its_own = story(tmp_path / "b", query="SELECT kind, loans FROM loans ORDER BY loans DESC", fields=fields)
    lines = load(its_own).tables["lately"].source.text.split()
    assert lines == ["kind,loans", "book,9", "book,4", "book,3", "film,1", "film,"]


def test_a_query_may_stand_in_a_file(tmp_path: Path) -> None:
    files = {"data/queries/lately.sql": f"-- by month\n{LATELY}\n"}
    made = load(story(tmp_path, query="queries/lately.sql", fields=LATELY_FIELDS, files=files))
    assert len(made.tables["lately"]) == 2
    broken = {"data/queries/lately.sql": "SELECT town,\n  mnth\nFROM loans\n"}
    problem = only(story(tmp_path, query="queries/lately.sql", fields=LATELY_FIELDS, files=broken))
    assert str(problem.location) == "data/queries/lately.sql:2:1"


def test_a_query_file_does_not_lead_out_of_data(tmp_path: Path) -> None:
    (tmp_path / "secret.sql").write_text("SELECT 'x' AS town\n", encoding="utf-8")
    problem = only(story(tmp_path / "story", query="../../secret.sql", fields=[{"name": "town"}]))
    assert problem.code == "path-outside"


def test_a_wrong_row_is_told_at_the_query_with_its_line(tmp_path: Path) -> None:
    fields = [{"name": "kind", "constraints": {"enum": ["book"]}}]
    problem = only(story(tmp_path, query="SELECT DISTINCT kind FROM loans", fields=fields))
    assert problem.code == "bad-cell"
    assert problem.sentence == (
        "kind: 'film' is not one of book (line 3 of data/lately.csv, which the query gives)"
    )
    assert problem.location.path == "data/datapackage.json"
    assert problem.location.line > 1


@pytest.mark.parametrize("sign", [0xE000, 0x0D, 0x00, 0xFFFD])
def test_characters_that_no_table_may_hold_are_in_no_result(tmp_path: Path, sign: int) -> None:
    problem = queried(tmp_path, f"SELECT town || chr({sign}) AS town FROM loans LIMIT 1")
    assert problem.code == "bad-character"
    assert problem.sentence.endswith("(line 2 of data/lately.csv)")


# --- partitions ---------------------------------------------------------------------------------------------


def test_a_folder_of_partitions_is_one_file(tmp_path: Path) -> None:
    parquet(tmp_path / "data/parts", options=", PARTITION_BY (town, kind)")
    (tmp_path / "data/parts/notes.csv").write_text("a\n1\n", encoding="utf-8")
    root = story(tmp_path, path="parts", measures=LENT)
    cells = {
        row: (row_cells["town"], row_cells["rows"], row_cells["loans"])
        for row, row_cells in rows(root, "loans_lent")
    }
    assert list(cells.values()) == [("ASH", 2, 7), ("ASH", 1, 1), ("BIR", 1, 9), ("BIR", 1, None)]


def rows(root: Path, name: str) -> list[tuple[int, dict[str, Any]]]:
    table = load(root).tables[name]
    return [(row, table.row(row)) for row in range(len(table))]


def test_a_partitions_column_has_the_type_of_its_field(tmp_path: Path) -> None:
    parquet(
        tmp_path / "data/parts", "SELECT 2020 + i % 2 AS year, i AS n FROM range(10) t(i)", ", PARTITION_BY (year)"
    )
    schema = {"fields": [{"name": "year", "type": "year"}, {"name": "n", "type": "integer"}]}
    fields = [{"name": "year", "type": "year"}, {"name": "n", "type": "integer"}]
    root = story(
        tmp_path,
        query="SELECT year, sum(n) AS n FROM loans GROUP BY year",
        fields=fields,
        path="parts",
        schema=schema,
    )
    assert load(root).tables["lately"].source.text == "year,n\n2020,20\n2021,25\n"


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    parquet(tmp_path / "elsewhere/secret.parquet")
    parquet(tmp_path / "story/data/parts/one.parquet")
    (tmp_path / "story/data/parts/two.parquet").symlink_to(tmp_path / "elsewhere/secret.parquet")
    problem = only(story(tmp_path / "story", path="parts"))
    assert problem.code == "path-outside"
    assert "'data/parts/two.parquet' is a link" in problem.message


@pytest.mark.parametrize("inside", [True, False])
def test_a_link_to_a_file_or_a_folder_is_refused(tmp_path: Path, inside: bool) -> None:
    root = tmp_path / "story"
    there = root / "data/kept" if inside else tmp_path / "kept"
    parquet(there / "loans.parquet")
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / "data/loans.parquet").symlink_to(there / "loans.parquet")
    assert only(story(root)).code == "path-outside"
    (root / "data/linked").symlink_to(there)
    assert only(story(root, path="linked")).code == "path-outside"


# --- measures are grouped -----------------------------------------------------------------------------------


def test_a_measure_is_of_the_groups_of_the_rows(tmp_path: Path) -> None:
    made = load(story(tmp_path, measures=LENT))
    table = made.tables["loans_lent"]
    assert table.source.text == (
        "town,day,kind,rows,loans\n"
        "ASH,2025-01,book,2,7\nASH,2025-01,film,1,1\nBIR,2025-02,book,1,9\nBIR,2025-02,film,1,\n"
    )
    assert made.measures["lent"].from_ == "loans_lent"
    assert made.cubes["lent"].datasets == ("loans_lent",)


def test_a_group_with_a_missing_value_has_no_sum(tmp_path: Path) -> None:
    """Missing is not zero: the film of Birch has no number, and so the town has none of all kinds."""
    index = INDEX + '{{ towns.BIR.lent(at="2025-02") | or_say("nobody knows") }}\n'
    root = story(tmp_path, measures=LENT, index=index)
    build(root, tmp_path / "site")
    assert "nobody knows" in (tmp_path / "site/index.html").read_text(encoding="utf-8")


def test_counted_rows_are_counted_in_groups(tmp_path: Path) -> None:
    counted = LENT.replace("  value: loans\n", "  value: loans\n  count: true\n")
    made = load(story(tmp_path, measures=counted))
    assert made.tables["loans_lent"].source.text.split()[:2] == ["town,day,kind,rows", "ASH,2025-01,book,2"]
    assert made.measures["lent"].value == "rows"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ("time: {month: day, type: mean}", "it is a mean"),
        ("time: {month: day, type: flow}\n  whole: none", "it is a percentage, or its 'whole' is 'none'"),
    ],
)
def test_what_does_not_add_up_is_not_added_up(tmp_path: Path, changed: str, why: str) -> None:
    measures = LENT.replace("time: {month: day, type: flow}", changed)
    problem = only(story(tmp_path, measures=measures))
    assert problem.code == "not-added-up"
    assert problem.message == f"lent: rows of loans cannot be added up to it: {why}"
    assert str(problem.location) == "data/measures.yml:3:9"


def test_a_column_that_the_file_lacks_is_told_at_the_measure(tmp_path: Path) -> None:
    problem = only(story(tmp_path, measures=LENT.replace("value: loans", "value: lones")))
    assert problem.message == "lent: loans has no field 'lones'; did you mean 'loans'?"


def test_codes_that_are_no_entities_are_found_in_the_groups(tmp_path: Path) -> None:
    parquet(tmp_path / "data/loans.parquet", f"{ROWS} UNION ALL SELECT 'XXX', DATE '2025-01-01', 'book', 1, 1")
    problem = only(story(tmp_path, measures=LENT))
    assert (problem.code, problem.location.path) == ("foreign-key", "data/measures.yml")
    assert "'XXX' is not in towns" in problem.sentence
    assert "line 6 of data/loans_lent.csv" in problem.sentence


def test_a_parquet_file_is_no_table(tmp_path: Path) -> None:
    root = story(tmp_path)
    settings = root / "content/site.yml"
    relation = "    relations: {loans: {from: loans, field: town}}\n"
    settings.write_text(
        "title: Small\ndescription: A story in a test.\ncollections:\n  towns:\n    one: town\n    from: towns\n"
        f"    key: code\n    name: name\n    path: '{{slug}}/'\n{relation}",
        encoding="utf-8",
    )
    problem = only(root)
    assert problem.message.endswith(
        "loans is a Parquet file, not a table: let a query give the rows that pages need"
    )


# --- what a number is bound to ------------------------------------------------------------------------------


def test_a_number_is_bound_to_the_groups_and_these_to_the_query(tmp_path: Path) -> None:
    index = INDEX + "Ashby lent {{ towns.ASH.lent | with_unit }}.\n"
    root, out = story(tmp_path / "story", measures=LENT, index=index), tmp_path / "site"
    build(root, out)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "lines 2–3 (all 2 rows with town ASH, day 2025-01: kind book, rows 2, loans 7; kind film, rows 1" in page
    assert '<a href="data/loans_lent.sql" download>the result of a query over loans.parquet (5 rows)</a>' in page
    values = json.loads((out / "values.json").read_text(encoding="utf-8"))
    value = next(one for one in values["values"] if one.get("unit") == "loans")
    checksum = hashlib.sha256((root / "data/loans.parquet").read_bytes()).hexdigest()
    assert value["rows"] == [
        {
            "dataset": "loans_lent",
            "file": "data/loans_lent.csv",
            "lines": "2..3",
            "query": "data/loans_lent.sql",
            "over": [{"file": "data/loans.parquet", "rows": 5, "sha256": checksum}],
        }
    ]
    published = list(csv.reader((out / "data/loans_lent.csv").read_text(encoding="utf-8").splitlines()))
    assert [int(published[line - 1][4]) for line in (2, 3)] == [7, 1]


def test_the_query_that_is_published_gives_the_table_that_is_published(tmp_path: Path) -> None:
    root, out = story(tmp_path / "story", measures=LENT), tmp_path / "site"
    build(root, out)
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"CREATE VIEW loans AS FROM '{root / 'data/loans.parquet'}'")
        made = connection.execute((out / "data/loans_lent.sql").read_text(encoding="utf-8")).fetchall()
    text = (out / "data/loans_lent.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert text == [
        ",".join(
            "" if cell is None else str(cell)[:7] if index == 1 else str(cell) for index, cell in enumerate(row)
        )
        for row in made
    ]


def test_the_published_package_says_what_made_a_result_and_can_be_read(tmp_path: Path) -> None:
    made = load(story(tmp_path, query=LATELY, fields=LATELY_FIELDS, measures=LENT))
    text = download(made, "data/datapackage.json").decode()
    published = json.loads(text)
    assert [one["path"] for one in published["resources"]] == ["towns.csv", "lately.csv", "loans_lent.csv"]
    size = (tmp_path / "data/loans.parquet").stat().st_size
    checksum = hashlib.sha256((tmp_path / "data/loans.parquet").read_bytes()).hexdigest()
    for one in published["resources"][1:]:
        assert "query" not in one
        assert one["hash"] == f"sha256:{hashlib.sha256(download(made, 'data/' + one['path'])).hexdigest()}"
        assert one["madeBy"]["from"] == [
            {"name": "loans", "path": "loans.parquet", "rows": 5, "bytes": size, "hash": f"sha256:{checksum}"}
        ]
        assert f"data/{one['madeBy']['query']}" in download_paths(made)
        assert one["sources"][0]["publisher"] == "Library Board"
    assert len(read_package(text).resources) == 3


# --- nothing but the rows -----------------------------------------------------------------------------------

REFUSED = {
    "SELECT '555,523' AS town": "it reads none of the story's tables and Parquet files",
    "SELECT * FROM read_csv('/etc/passwd')": "it reads read_csv(…), which is none of the story's tables",
    "SELECT * FROM '/etc/passwd'": "it reads '/etc/passwd', which is none of the story's tables and Parquet files",
    "SELECT * FROM glob('/etc/*')": "it reads glob(…), which is none of the story's tables",
    "SELECT content AS town FROM read_text('/etc/passwd')": "it reads read_text(…)",
    "SELECT * FROM read_parquet('data/loans.parquet')": "it reads read_parquet(…)",
    "SELECT town FROM (SELECT * FROM query('SELECT 1'))": "it reads query(…)",
    "SELECT name AS town FROM duckdb_settings()": "it reads duckdb_settings(…)",
    "SELECT view_name AS town FROM duckdb_views": "it reads 'duckdb_views'",
    "SELECT 1 AS town FROM (WITH pg_class AS (SELECT 1) SELECT 1), pg_class": "it reads 'pg_class'",
    "SELECT table_name AS town FROM information_schema.tables": "it reads 'tables'",
    "COPY (SELECT 1) TO 'broadsheet-leak.csv'": "the query is no SELECT",
    "ATTACH 'broadsheet-leak.db'": "the query is no SELECT",
    "INSTALL httpfs": "the query is no SELECT",
    "LOAD httpfs": "the query is no SELECT",
    "SET threads = 8": "the query is no SELECT",
    "PRAGMA threads = 8": "the query is no SELECT",
    "CREATE TABLE t AS SELECT 1": "the query is no SELECT",
    "EXPLAIN SELECT 1": "the query is no SELECT",
    "SELECT town FROM loans; SELECT town FROM loans": "the query has 2 statements",
    "SELECT town FROM loans; DROP VIEW loans": "the query is no SELECT",
    "DESCRIBE loans": "it asks for a description, not for rows",
    "SHOW TABLES": "it asks for a description, not for rows",
    "SELECT current_setting('temp_directory') AS town": "current_setting() is not the same each time",
    "SELECT CAST(now() AS VARCHAR) AS town": "now() is not the same each time",
    "SELECT CAST(age(day) AS VARCHAR) AS town FROM loans": "age() is not the same each time",
    "SELECT CAST(current_date AS VARCHAR) AS town": "current_date is not the same each time",
    "SELECT CAST(random() AS VARCHAR) AS town": "random() is not the same each time",
    "SELECT CAST(uuid() AS VARCHAR) AS town": "uuid() is not the same each time",
    "SELECT town FROM loans ORDER BY random()": "random() is not the same each time",
    "SELECT town FROM loans TABLESAMPLE 10%": "a sample is not the same each time",
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_is_more_than_a_look_at_rows_is_refused(tmp_path: Path, query: str) -> None:
    problem = queried(tmp_path, query)
    assert problem.code == "query-refused"
    assert REFUSED[query] in problem.message
    assert problem.hint
    assert not Path("broadsheet-leak.csv").exists()
    assert not Path("broadsheet-leak.db").exists()


def test_columns_may_be_called_like_functions(tmp_path: Path) -> None:
    parquet(tmp_path / "data/loans.parquet", "SELECT 7 AS age, 'x' AS user, 'y' AS version, 'z' AS random")
    query = "SELECT user, version, random, CAST(age(DATE '2025-01-08', DATE '2025-01-01') AS VARCHAR) AS age FROM loans WHERE age = 7"
    fields = [{"name": name} for name in ("user", "version", "random", "age")]
    made = load(
        story(tmp_path, query=query, fields=fields, schema={"fields": [{"name": "age", "type": "integer"}]})
    )
    assert made.tables["lately"].source.text == "user,version,random,age\nx,y,z,7 days\n"


def test_getenv_is_not_there(tmp_path: Path) -> None:
    problem = queried(tmp_path, "SELECT getenv('HOME') AS town FROM loans")
    assert problem.code == "bad-query"
    assert "getenv does not exist" in problem.message


@pytest.mark.parametrize("sql", ["SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM glob('/etc/*')", "COPY (SELECT 1) TO 'broadsheet-leak.csv'",
    "ATTACH 'broadsheet-leak.db'", "INSTALL httpfs", "LOAD httpfs", "SET threads = 8", "SET enable_external_access = true",
    "SET lock_configuration = false", "SELECT * FROM read_parquet('{other}')", "COPY (SELECT 1) TO '{own}'"])  # fmt: skip
def test_the_engine_itself_cannot_do_more_either(tmp_path: Path, sql: str) -> None:
    """Even where the look at the statement should let one through."""
    from generator.datasets.query import _engine

    root = story(tmp_path)
    parquet(root / "data/other.parquet")
    before = (root / "data/loans.parquet").read_bytes()
    with _engine([_file(root)]) as connection:
        assert connection.execute("SELECT count(*) FROM loans").fetchall() == [(5,)]
        with pytest.raises(duckdb.Error):
            connection.execute(sql.format(other=root / "data/other.parquet", own=root / "data/loans.parquet"))
    assert (root / "data/loans.parquet").read_bytes() == before
    assert not Path("broadsheet-leak.csv").exists()


def _file(root: Path) -> Parquet:
    tables = load(root).tables
    assert isinstance(tables, Tables)
    return tables.file("loans")


def test_the_folder_of_the_engine_is_its_own_and_is_removed(tmp_path: Path) -> None:
    from generator.datasets.query import _engine

    with _engine([_file(story(tmp_path))]) as connection:
        row = connection.execute("SELECT current_setting('temp_directory'), current_setting('threads')").fetchone()
        assert row is not None
        folder = Path(row[0])
        assert folder.stat().st_mode & 0o077 == 0
        assert row[1] == 1
    assert not folder.exists()


def test_what_does_not_fit_in_memory_goes_to_the_folder(tmp_path: Path) -> None:
    """A sort of 1.6 GB of text, with half a GB of memory."""
    query = (
        "SELECT count(*) AS n FROM (SELECT i, repeat(CAST(hash(i) AS VARCHAR), 20) AS text FROM towns, range(2000000) t(i)"
        " ORDER BY text OFFSET 1)"
    )
    table = load(story(tmp_path, query=query, fields=[{"name": "n", "type": "integer"}])).tables["lately"]
    assert table.row(0)["n"] == 3_999_999


# --- errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code", "said", "hint"),
    [
        ("SELEC town FROM loans", "bad-query", 'the query cannot be read: syntax error at or near "SELEC"', "Write one SELECT"),
        ("SELECT town FROM (SELECT kind FROM loans)", "bad-query", 'Referenced column "town" not found', "kind"),
        ("SELECT twn AS town FROM loans", "bad-query", 'Referenced column "twn" not found', "Columns it could mean: town"),
        ("SELECT town FROM lones", "query-refused", "it reads 'lones', which is none of the story's tables and Parquet files; did you mean 'loans'?", "towns"),
        ("SELECT kind FROM loans", "missing-field", "the query gives no column 'town'", "It gives: kind"),
        ("SELECT town, kind FROM loans", "unknown-field", "the query gives a column 'kind'", "leave it out"),
        ("SELECT town, town FROM loans", "duplicate-field", "the query gives 'town' twice", "AS"),
        ("SELECT loans AS town FROM loans", "wrong-type", "the query gives town as INTEGER, which is not text", "CAST(… AS VARCHAR) AS town"),
        ("SELECT CAST(CAST(town AS INTEGER) AS VARCHAR) AS town FROM loans", "bad-query", "Could not convert string 'ASH' to INT32", "Mend"),
        ("SELECT CAST(i AS VARCHAR) AS town FROM towns, range(50001) t(i)", "too-many-rows", "more than 100,000 rows", "GROUP BY"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_query_is_told_at_its_place(
    tmp_path: Path, query: str, code: str, said: str, hint: str
) -> None:
    if code == "missing-field":
        problem = next(
            one for one in problems(story(tmp_path, query=query, fields=[{"name": "town"}])) if one.code == code
        )
    else:
        problem = queried(tmp_path, query)
    assert (problem.code, said in problem.message, hint in problem.hint) == (code, True, True), str(problem)
    assert "LINE" not in str(problem)
    assert str(tmp_path) not in str(problem)


@pytest.mark.parametrize("spoil", ["cut", "text", "empty"])
def test_a_file_that_is_no_parquet_or_cut_short(tmp_path: Path, spoil: str) -> None:
    root = story(tmp_path)
    path = root / "data/loans.parquet"
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "text": b"town,day\n" * 9, "empty": b""}[spoil])
    problem = only(root)
    assert problem.code == "bad-parquet"
    assert problem.message.startswith("loans: data/loans.parquet cannot be read as Parquet: ")
    assert str(tmp_path) not in str(problem)
    line = (root / "data/datapackage.json").read_text(encoding="utf-8").split("\n")[problem.location.line - 1]
    assert line[problem.location.column - 1 :].startswith('"loans.parquet"')


def test_a_file_that_is_cut_short_in_its_middle(tmp_path: Path) -> None:
    """Head and foot are whole; what lies between is not."""
    root = story(tmp_path, measures=LENT)
    path = root / "data/loans.parquet"
    data = bytearray(path.read_bytes())
    data[8:120] = bytes(112)
    path.write_bytes(bytes(data))
    assert {problem.code for problem in problems(root)} <= {"bad-parquet", "bad-query"}
    assert problems(root)


def test_columns_of_a_file_are_held_against_its_schema(tmp_path: Path) -> None:
    schema = {"fields": [{"name": "twn"}, {"name": "day", "type": "integer"}]}
    found = problems(story(tmp_path, schema=schema))
    assert [(problem.code, problem.message) for problem in found] == [
        ("missing-field", "loans: data/loans.parquet has no column 'twn'; did you mean 'town'?"),
        ("wrong-type", "loans: data/loans.parquet has day as DATE, which is not an integer"),
    ]


def test_rows_of_a_file_are_held_against_its_constraints(tmp_path: Path) -> None:
    rules = {"loans": {"required": True, "maximum": "8"}, "kind": {"enum": ["book"]}, "day": {"minimum": "2025-01-09"}, "town": {"maxLength": "2"}}  # fmt: skip
    fields = [{**field, "constraints": rules.get(field["name"], {})} for field in FIELDS]
    found = problems(story(tmp_path, schema={"fields": fields}))
    assert sorted(problem.message for problem in found) == [
        "loans: day: 1 row of data/loans.parquet are below the minimum, 2025-01-09",
        "loans: kind: 2 rows of data/loans.parquet hold none of book",
        "loans: loans: 1 row of data/loans.parquet are above the maximum, 8",
        "loans: loans: 1 row of data/loans.parquet have no value, where the schema requires one",
        "loans: town: 5 rows of data/loans.parquet have more than 2 characters",
    ]


def test_what_is_not_held_over_a_file_cannot_be_declared(tmp_path: Path) -> None:
    fields = [{"name": "town", "constraints": {"pattern": "[A-Z]+", "unique": True}}, *FIELDS[1:]]
    found = problems(story(tmp_path, schema={"fields": fields, "primaryKey": ["town"]}))
    assert len(found) == 3
    assert all("this is not held over the rows of a Parquet file" in problem.message for problem in found)


def test_a_result_takes_no_place_of_another_file(tmp_path: Path) -> None:
    root = story(tmp_path, query=LATELY, fields=LATELY_FIELDS, files={"data/lately.csv": "town\n"})
    assert only(root).code == "path-taken"


def test_parquet_that_is_described_as_csv(tmp_path: Path) -> None:
    problem = only(story(tmp_path, format="csv"))
    assert problem.hint == 'Write "format": "parquet" beside it.'


def test_without_the_extra_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "duckdb" else found(name))
    told = problems(story(tmp_path, measures=LENT))
    assert {problem.code for problem in told} == {"duckdb-not-installed"}
    assert told[0].hint == 'Run: pip install "broadsheet[duckdb]"'


# --- the same each time -------------------------------------------------------------------------------------


ON_ONE = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))});"
"""For a build that sees a single processor, where the system lets it be so."""


def site(root: Path, out: Path, begin: str = "", **environment: str) -> dict[str, bytes]:
    """What a build publishes of the tables, in a process of its own."""
    code = f"{begin}from generator.cli import main; main()"
    command = [sys.executable, "-c", code, "build", str(root), "--out", str(out), "--no-cache", "--jobs", "1"]
    said = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("data/*"))}


def test_the_same_bytes_in_any_zone_and_locale_and_with_any_processors(tmp_path: Path) -> None:
    root = write(tmp_path / "story", 200_000, 6)
    here = site(root, tmp_path / "a", TZ="UTC", LC_ALL="C")
    alone = ON_ONE if hasattr(os, "sched_setaffinity") else ""
    there = site(root, tmp_path / "b", alone, TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8")
    assert here == there
    assert "data/visits_hours.csv" in here


def test_groups_of_200_000_rows_are_exact(tmp_path: Path) -> None:
    """Each group as Python adds it up with exact numbers."""
    root = write(tmp_path / "story", 200_000, 6)
    with duckdb.connect(":memory:") as connection:
        made = connection.execute(
            f"SELECT town, strftime(day, '%Y-%m'), kind, visitors, hours FROM '{root / 'data/visits.parquet'}'"
        ).fetchall()
    people: dict[tuple[str, str, str], int] = defaultdict(int)
    hours: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for town, month, kind, visitors, stayed in made:
        people[town, month, kind] += visitors
        hours[town, month] += Decimal(repr(stayed))
    tables = load(root).tables
    found = tables["visits_visitors"]
    for row in range(len(found)):
        cells = found.row(row)
        assert people.pop((cells["town"], f"{cells['day']:%Y-%m}", cells["kind"])) == cells["visitors"]  # type: ignore[arg-type]
    assert not people
    found = tables["visits_hours"]
    for row in range(len(found)):
        cells = found.row(row)
        assert float(hours.pop((cells["town"], f"{cells['day']:%Y-%m}"))) == pytest.approx(
            cells["hours"], rel=1e-15
        )  # type: ignore[arg-type]
    assert not hours


# --- what is kept -------------------------------------------------------------------------------------------

BUILD = """\
import sys
from pathlib import Path
from generator.build import build
build(Path(sys.argv[1]), Path(sys.argv[2]))
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"duckdb", "_duckdb", "pandas", "numpy"}))
"""


def imported(root: Path, out: Path) -> str:
    command = [sys.executable, "-c", BUILD, str(root), str(out)]
    said = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


def test_a_build_in_which_only_words_changed_imports_no_engine(tmp_path: Path) -> None:
    root, out = story(tmp_path / "story", query=LATELY, fields=LATELY_FIELDS, measures=LENT), tmp_path / "site"
    assert "duckdb" in imported(root, out)
    (root / "content/index.md").write_text(f"{INDEX}\nOther words.\n", encoding="utf-8")
    assert imported(root, out) == ""
    assert "Other words." in (out / "index.html").read_text(encoding="utf-8")


def test_other_bytes_with_the_same_time_and_size_are_noticed(tmp_path: Path) -> None:
    root, out = story(tmp_path / "story", measures=LENT), tmp_path / "site"
    build(root, out)
    path = root / "data/loans.parquet"
    before = path.stat()
    parquet(path, ROWS.replace("'book', 3", "'book', 5"))
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    build(root, out)
    assert "ASH,2025-01,book,2,9" in (out / "data/loans_lent.csv").read_text(encoding="utf-8")


def test_a_query_is_run_again_only_for_what_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import generator.datasets.query as query

    ran: list[str] = []
    real = query.run

    def run(resource: Any, *rest: Any) -> Any:
        ran.append(resource.name)
        return real(resource, *rest)

    monkeypatch.setattr(query, "run", run)
    root, out = story(tmp_path / "story", query=LATELY, fields=LATELY_FIELDS, measures=LENT), tmp_path / "site"
    build(root, out)
    assert ran == ["lately", "loans_lent"]
    ran.clear()
    (root / "data/towns.csv").write_text("code,name\nASH,Ashby\nBIR,Birchmere\n", encoding="utf-8")
    build(root, out)
    assert ran == []
    parquet(root / "data/loans.parquet", ROWS.replace("'book', 3", "'book', 5"))
    build(root, out)
    assert ran == ["lately", "loans_lent"]


def test_a_large_file_can_go_stale(tmp_path: Path) -> None:
    """Its newest day is that of the groups, which have no rhythm of their own."""
    root = story(tmp_path, measures=LENT, accrualPeriodicity="annual")
    [problem] = stale(load(root), dt.date(2027, 8, 23))
    assert problem.message.startswith("loans is stale: its newest date is 2025-02-28, ")
    line = (root / "data/datapackage.json").read_text(encoding="utf-8").split("\n")[problem.location.line - 1]
    assert line.strip().startswith('"accrualPeriodicity"')


def test_what_other_rows_change_is_told(tmp_path: Path) -> None:
    index = INDEX + "Ashby lent {{ towns.ASH.lent | with_unit }}.\n"
    root = story(tmp_path / "story", measures=LENT, index=index)
    parquet(tmp_path / "newer/loans.parquet", ROWS.replace("'book', 3", "'book', 5"))
    told = CliRunner().invoke(main, ["diff", str(root), "--data", str(tmp_path / "newer")]).output
    assert "Ashby lent [eight → 10] loans." in told


# --- more than memory ---------------------------------------------------------------------------------------


def _memory(command: list[str]) -> int:
    """Of a command, at most, in MB. A process between keeps out what the tests themselves hold: children inherit that."""
    asked = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    )
    given = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", asked, *command], env=given, check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def test_a_large_table_needs_little_memory(tmp_path: Path) -> None:
    """A million rows as Python objects alone would be some 400 MB more."""
    few, many = (write(tmp_path / str(rows), rows, 3) for rows in (20_000, 1_000_000))
    command = [sys.executable, "-m", "generator", "build", "--jobs", "1", "--no-cache"]
    less, more = (_memory([*command, str(root)]) for root in (few, many))
    assert more < less + 150
    assert more < 700


# --- the real case ------------------------------------------------------------------------------------------

FACILITIES = SHARED / "raw/ddp_detention/facilities-daily-population-latest.parquet"


@pytest.mark.skipif(not FACILITIES.is_file(), reason="the publisher's file lies in ../shared, which is not there")
def test_a_query_over_the_publishers_file_reproduces_the_table_by_month(tmp_path: Path) -> None:
    query = """\
SELECT strftime(date, '%Y-%m') AS month,
  round(CAST(sum(n_detained_at_midnight) AS DECIMAL(18, 6)) / count(DISTINCT date), 1) AS avg_midnight_population,
  CAST(sum(n_detained_at_midnight) FILTER (WHERE date = last_day) AS BIGINT) AS last_day_midnight_population,
  count(DISTINCT date) AS days
FROM (SELECT *, max(date) OVER (PARTITION BY date_trunc('month', date)) AS last_day FROM loans)
GROUP BY month
"""
    root = tmp_path
    (root / "data").mkdir()
    shutil.copyfile(FACILITIES, root / "data/loans.parquet")
    fields: list[dict[str, Any]] = [
        {"name": "month", "type": "yearmonth"},
        {"name": "avg_midnight_population", "type": "number"},
        {"name": "last_day_midnight_population", "type": "integer"},
        {"name": "days", "type": "integer"},
    ]
    schema = {"fields": [{"name": "date", "type": "date"}, {"name": "n_detained_at_midnight", "type": "integer"}]}
    made = load(story(root, query=query, fields=fields, schema=schema)).tables["lately"]
    derived = (SHARED / "derived/detention_national_month.csv").read_text(encoding="utf-8")
    assert made.source.text == derived
    assert made.origin is not None
    assert [(one.name, one.rows) for one in made.origin.over] == [("loans", 888_699)]


@pytest.mark.skipif(not FACILITIES.is_file(), reason="the publisher's file lies in ../shared, which is not there")
def test_a_query_with_the_facilities_reproduces_the_table_by_state(tmp_path: Path) -> None:
    """To the digit, with halves rounded to even as there. A state that is not known is NA in the one and UNKNOWN here."""
    listed = (FACILITIES.parent / "ddp-fy25-summary.csv").read_text(encoding="utf-8")
    fields = [{"name": name} for name in listed.partition("\n")[0].split(",")]
    query = """\
WITH nights AS (
  SELECT strftime(date, '%Y-%m') AS month, sum(n_detained_at_midnight) AS held,
    CASE detention_facility_code WHEN 'OKDBACK' THEN 'OK' WHEN 'DILLSAF' THEN 'TX' WHEN 'NEMCCOI' THEN 'NE'
      ELSE coalesce(nullif(state, 'NA'), 'UNKNOWN') END AS state
  FROM loans LEFT JOIN facilities USING (detention_facility_code)
  GROUP BY month, 3
),
days AS (SELECT strftime(date, '%Y-%m') AS month, count(DISTINCT date) AS days FROM loans GROUP BY month)
SELECT month, state, round_even(held / days, 1) AS avg_midnight_population, days,
  days < day(last_day(CAST(month || '-01' AS DATE))) AS partial_month
FROM nights JOIN days USING (month)
"""
    (tmp_path / "data").mkdir()
    shutil.copyfile(FACILITIES, tmp_path / "data/loans.parquet")
    schema = {
        "fields": [{"name": "detention_facility_code"}, {"name": "n_detained_at_midnight", "type": "integer"}]
    }
    wanted: list[dict[str, Any]] = [
        {"name": "month", "type": "yearmonth"},
        {"name": "state"},
        {"name": "avg_midnight_population", "type": "number"},
        {"name": "days", "type": "integer"},
        {"name": "partial_month", "type": "boolean"},
    ]
    root = story(tmp_path, query=query, fields=wanted, schema=schema, files={"data/facilities.csv": listed})
    package = json.loads((root / "data/datapackage.json").read_text(encoding="utf-8"))
    package["resources"].append({"name": "facilities", "path": "facilities.csv", "schema": {"fields": fields}})
    (root / "data/datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    made = load(root).tables["lately"]
    derived = list(
        csv.reader((SHARED / "derived/detention_by_state_month.csv").read_text(encoding="utf-8").splitlines())
    )
    assert list(csv.reader(made.source.text.splitlines())) == [derived[0], *sorted(derived[1:])]


def test_a_problem_with_a_result_survives_a_process(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        load(
            story(
                tmp_path, query="SELECT kind FROM loans", fields=[{"name": "kind", "constraints": {"enum": ["x"]}}]
            )
        )
    from generator.problems import packed_problems, unpacked_problems

    told = caught.value.problems
    assert unpacked_problems(packed_problems(told)) == told
