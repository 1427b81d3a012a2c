"""Workbooks for tests, made here: never a publisher's."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import openpyxl

Rows = Iterable[Sequence[Any]]


def book(
    rows: Rows,
    *,
    sheet: str = "Sheet1",
    more: Mapping[str, Rows] | None = None,
    links: Mapping[str, str] | None = None,
    begun: dt.date | None = None,
    saved: dt.date | None = None,
) -> bytes:
    """A workbook with one sheet, and ``more`` of them; ``links``: cell → address. ``begun`` and ``saved``: its dates."""
    made = openpyxl.Workbook()
    first = made.active
    first.title = sheet
    for row in rows:
        first.append(list(row))
    for cell, address in (links or {}).items():
        first[cell].hyperlink = address
    for title, listed in (more or {}).items():
        other = made.create_sheet(title)
        for row in listed:
            other.append(list(row))
    data = io.BytesIO()
    made.save(data)
    day = saved or dt.date(2025, 1, 1)
    return dated(data.getvalue(), begun or day, day)


def dated(data: bytes, begun: dt.date, saved: dt.date) -> bytes:
    """The same workbook as if it had been begun and last saved on these days."""
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{begun}T10:00:00Z</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{saved}T12:00:00Z</dcterms:modified></cp:coreProperties>'
    )
    return changed(data, {"docProps/core.xml": core.encode()})


def changed(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The workbook with some of its parts replaced, or added; the same bytes at any time of day."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
        for name, content in parts.items():
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)
