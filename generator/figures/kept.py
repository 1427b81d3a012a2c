"""Finished figures and tables, and those of earlier builds: a sentence that changes beside them makes none anew.

What a block comes out as depends on what all pages share, and on what is written in it for its page; not on the
sentences around it. It is kept with its page, when that is whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from generator.figures.files import Files
from generator.inputs import digest
from generator.store import NOT_OURS, Store
from generator.tables import Sheet


class MadeBlock(Struct, frozen=True):
    """The HTML of a block, the files it offers, the datasets its rows came from, and label and unit of each of its
    columns of numbers.

    ``sheet`` gives its rows and ``chart`` a figure's drawing for phones ('' where there is none): few pages ask for
    them. ``embedded`` is what a page of its own is made from, for frames on other sites; None where there is to be
    none. ``key`` is what it is to be kept under; '' where it is not, or is already.
    """

    html: str
    csv_name: str
    files: Files
    datasets: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]
    sheet: Callable[[], Sheet]
    chart: Callable[[], str]
    embedded: Mapping[str, Any] | None = None
    key: str = ""


class KeptBlocks:
    """The blocks that are kept of one story as it now is; none before it is opened."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._shared = ""
        self.unchanged: set[str] = set()
        """The checksums of files that were read here, and so need not be kept again."""

    def open(self, store: Store, shared: str) -> None:
        """``shared`` is the digest of what all pages share."""
        self._store, self._shared = store, shared

    def block(self, parts: Callable[[], tuple[object, ...]], make: Callable[[], MadeBlock]) -> MadeBlock:
        """What was kept of a block, else what ``make`` makes of it. ``parts`` are all that tells it from others."""
        if self._store is None:
            return make()
        key = digest(self._shared, *map(repr, parts()))
        anew = cache(make)
        data = self._store.get("block", key)
        if data is not None:
            try:
                return self._unpacked(self._store, data, anew)
            except NOT_OURS:
                pass  # not what we put there: made anew
        return replace(anew(), key=key)

    def keep(self, block: MadeBlock, checksums: Mapping[str, str]) -> None:
        """``checksums`` are those of its files, by name, each of which is kept under its own."""
        if self._store is None or not block.key:
            return
        chart = block.chart().encode()
        drawn = hashlib.sha256(chart).hexdigest() if chart else ""
        if drawn:
            self._store.put("file", drawn, chart, sure=True)
        files = [[name, checksums[name]] for name in block.files]
        made = [block.html, block.csv_name, files, block.datasets, block.numbers, drawn, _plain(block.embedded)]
        self._store.put("block", block.key, json.dumps(made, ensure_ascii=False).encode())

    def _unpacked(self, store: Store, data: bytes, anew: Callable[[], MadeBlock]) -> MadeBlock:
        html, csv_name, listed, datasets, numbers, drawn, embedded = json.loads(data)
        files = Files()
        for name, checksum in listed:
            files.add(name, partial(self._file, store, name, checksum, anew))
        chart = partial(_chart, store, drawn, anew) if drawn else str
        return MadeBlock(
            html,
            csv_name,
            files,
            tuple(datasets),
            tuple((label, unit) for label, unit in numbers),
            lambda: anew().sheet(),
            chart,
            _as_before(embedded),
        )

    def _file(self, store: Store, name: str, checksum: str, anew: Callable[[], MadeBlock]) -> bytes:
        data = store.get("file", checksum)
        if data is None:
            return anew().files[name]
        self.unchanged.add(checksum)
        return data


def _chart(store: Store, checksum: str, anew: Callable[[], MadeBlock]) -> str:
    data = store.get("file", checksum)
    return anew().chart() if data is None else data.decode()


_HTML = "html"
"""The one key of an object that stands for finished HTML. What templates are given has none of that name alone."""


def _plain(thing: Any) -> Any:
    """As JSON has it; HTML is told from text."""
    if isinstance(thing, Markup):
        return {_HTML: str(thing)}
    if isinstance(thing, Mapping):
        return {key: _plain(each) for key, each in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(each) for each in thing]
    return thing


def _as_before(plain: Any) -> Any:
    if isinstance(plain, dict):
        return Markup(plain[_HTML]) if plain.keys() == {_HTML} else {k: _as_before(v) for k, v in plain.items()}  # noqa: S704
    return [_as_before(each) for each in plain] if isinstance(plain, list) else plain
