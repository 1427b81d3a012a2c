"""What a table was made from, when its rows are what a query gives: the query, and each file as it was then."""

from __future__ import annotations

import json

from msgspec import Struct

SCRIPT = ".sql"
"""How the name of a file ends that holds a query."""
COMMENT = "-- "


class Over(Struct, frozen=True):
    """A table or a Parquet file that a query reads: path below the story's folder, rows, size, SHA-256 in hex.

    Size and checksum of a folder are those of its files together.
    """

    name: str
    path: str
    rows: int
    size: int
    checksum: str

    def __str__(self) -> str:
        """``stays.parquet, 1,250 rows``."""
        return f"{self.path.removeprefix('data/')}, {self.rows:,} rows"


class Origin(Struct, frozen=True):
    """A query with all that it read, and the engine that ran it (``DuckDB 1.0``)."""

    query: str
    engine: str
    over: tuple[Over, ...]

    def script(self, path: str) -> str:
        """The query as it is published beside its result, which is at ``path``."""
        lines = [f"{path} is what this query gives, run by {self.engine} over"]
        for one in self.over:
            lines.append(f"  {one.name}: {one}, {one.size:,} bytes, sha256:{one.checksum}")
        return "".join(f"{COMMENT}{line}\n" for line in lines) + f"\n{self.query.strip()}\n"

    def packed(self) -> str:
        over = [[one.name, one.path, one.rows, one.size, one.checksum] for one in self.over]
        return json.dumps([self.query, self.engine, over], ensure_ascii=False)


def script_path(path: str) -> str:
    """Where the query is published whose result is at a path: ``stays.csv`` → ``stays.sql``."""
    return path.removesuffix(".csv") + SCRIPT


def unpacked(text: str) -> Origin:
    """Raises ValueError or TypeError for anything but a packed origin."""
    query, engine, over = json.loads(text)
    return Origin(query, engine, tuple(Over(*one) for one in over))
