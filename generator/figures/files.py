"""What a figure or table offers beside the page: its numbers as JSON; and files that are made when wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.tables import Sheet, to_records

_TAKEN = "values"
"""The name of another file that pages have: the numbers of their text."""


class Files(Mapping[str, bytes]):
    """Name → bytes, in order; a file that costs something to make is made when somebody asks for it."""

    def __init__(self) -> None:
        self._files: dict[str, bytes | Callable[[], bytes]] = {}

    def add(self, name: str, data: bytes | Callable[[], bytes]) -> None:
        self._files[name] = data

    def update(self, more: Files) -> None:
        self._files.update(more._files)

    def __getitem__(self, name: str) -> bytes:
        data = self._files[name]
        if not isinstance(data, bytes):
            data = self._files[name] = data()
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._files))

    def __len__(self) -> int:
        return len(self._files)


def json_name(name: str) -> str:
    """The name of the JSON of the figure or table that is called ``name`` on its page."""
    return f"{name}-data.json" if name == _TAKEN else f"{name}.json"


def data_json(sheet: Sheet, **about: Any) -> bytes:
    """An object with what is said ``about`` the figure, where there is something to say, its columns and its rows.

    One line a column and one a row, so that two versions can be compared. See :func:`~generator.tables.to_records`.
    """
    columns, rows = to_records(sheet)
    lines = [f" {_line(name)}: {_line(value)}," for name, value in about.items() if value]
    listed = [f" {_line(name)}: [\n{_each(items)}\n ]" for name, items in (("columns", columns), ("rows", rows))]
    return "\n".join(["{", *lines, ",\n".join(listed), "}", ""]).encode()


def _each(items: list[Any]) -> str:
    return ",\n".join(f"  {_line(item)}" for item in items)


_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
