"""``values.json``: the bound numbers of one page for machines, each with its receipt.

An object with ``page`` (its address below the site's root), ``title``, ``subjects`` and ``values``. A value names
its subject by its place in the list, from 0. Empty things are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from generator.datasets.descriptor import Source
from generator.datasets.origin import script_path
from generator.pages.receipts import Evidence, Group, Receipt, Subject

FILE = "values.json"


def values_json(page: str, title: str, groups: Sequence[Group]) -> bytes:
    """One line a value, in the order in which the page was written."""
    values = [(receipt, number) for number, group in enumerate(groups) for receipt in group.receipts]
    values.sort(key=lambda item: int(item[0].id.rpartition("-")[2]))
    lines = [
        "{",
        f' "page": {_line(page)},',
        f' "title": {_line(title)},',
        ' "subjects": [',
        ",\n".join(f"  {_line(_subject(group.subject))}" for group in groups),
        " ],",
        ' "values": [',
        ",\n".join(f"  {_line(_value(receipt, number))}" for receipt, number in values),
        " ]",
        "}",
        "",
    ]
    return "\n".join(lines).encode()


def values_names(urls: Iterable[str]) -> set[str]:
    """The addresses that the files of these pages may have. A page that is a file itself has none."""
    return {f"{url}{FILE}" for url in urls if not url.endswith(".html")}


_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _filled(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value not in ("", None, [], {}, False)}


def _subject(subject: Subject) -> dict[str, Any]:
    return _filled(
        name=subject.name,
        title=subject.title,
        definition=subject.definition,
        note=subject.note,
        sources=[_source(source) for source in subject.publications],
    )


def _source(source: Source) -> dict[str, Any]:
    via = source.via
    return _filled(
        publisher=source.publisher,
        title=source.title,
        url=source.path,
        published=source.published,
        retrieved=source.retrieved.isoformat() if source.retrieved else "",
        via=_filled(
            title=via.title,
            version=via.version,
            collected=via.collected.isoformat() if via.collected else "",
            url=via.path,
        )
        if via
        else {},
    )


def _value(receipt: Receipt, subject: int) -> dict[str, Any]:
    made = _filled(
        id=receipt.id,
        text=receipt.text,
        asserted=receipt.asserted,
        kind=receipt.kind,
        label=receipt.label,
        unit=receipt.unit,
        entity=receipt.of,
        period=str(receipt.period) if receipt.period else "",
        selection=receipt.selection,
        worked_out=receipt.worked_out,
        precision=receipt.precision,
        rows=[_rows(item) for item in receipt.evidence],
        places=[place for place in receipt.places if place],
    )
    return {**made, "value": _number(receipt.value), "subject": subject}


def _rows(item: Evidence) -> dict[str, Any]:
    """Lines of a table; of one that a query gives, also that query and what it was made from."""
    over = item.origin.over if item.origin else ()
    return _filled(
        dataset=item.dataset,
        file=item.path,
        lines=item.rows.written,
        query=script_path(item.path) if item.origin else "",
        over=[{"file": one.path, "rows": one.rows, "sha256": one.checksum} for one in over],
    )


def _number(value: str) -> int | float | str | None:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value or None
