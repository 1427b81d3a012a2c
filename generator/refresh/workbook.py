"""A workbook that somebody sent → its cells and links, and nothing that it could do to us.

A workbook is a zip archive of XML. Before anything in it is parsed, its size, the number of its parts and how far
they unpack are held against limits, and a document type, which could define entities, is refused wherever it
stands. Then openpyxl reads it without holding a sheet as a whole. Formulas are never evaluated: a cell has the
value that its publisher's program left there. Links are addresses apart from the cells; nothing follows them.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

from msgspec import Struct, field

MOST_PARTS = 2_000
MOST_UNPACKED = 100_000_000
"""Bytes of all parts together."""
MOST_RATIO = 250
"""How far a part larger than SMALL may unpack: the XML of real sheets is up to some 50 times as long as packed."""
SMALL = 1_000_000
MOST_CELLS = 2_000_000
"""Cells of one sheet, counted as its XML has them, and as a table that is as wide as its rows."""
LAST_ROW = 1_048_576
"""A sheet has no row below; openpyxl would hand out every empty one above it."""

Value = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None


class UnreadableError(Exception):
    """Why a file is no workbook that can be read, in plain words, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Row(Struct, frozen=True):
    """A row that holds something: its number in the sheet, from 1, and its cells up to the last that does."""

    number: int
    cells: tuple[Value, ...]

    def __getitem__(self, column: int) -> Value:
        """A cell by its column, from 0; None beyond the last."""
        return self.cells[column] if column < len(self.cells) else None


class Sheet(Struct, dict=True):
    """One sheet of cells; read when it is first looked at."""

    title: str
    hidden: bool
    _read: Callable[[], tuple[tuple[Row, ...], Survey]]

    @cached_property
    def _content(self) -> tuple[tuple[Row, ...], Survey]:
        return self._read()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that hold something. Raises UnreadableError."""
        return self._content[0]

    @property
    def links(self) -> Mapping[tuple[int, int], str]:
        """Row (from 1) and column (from 0) → the address behind a cell, http or https; others are left out."""
        return self._content[1].links

    @property
    def uncomputed(self) -> frozenset[tuple[int, int]]:
        """Cells with a formula whose value nobody left there: what they say is not known."""
        return frozenset(self._content[1].uncomputed)


class Workbook(Struct, frozen=True):
    """The sheets in their order, and when the file says it was begun and last saved."""

    sheets: tuple[Sheet, ...]
    created: dt.datetime | None = None
    modified: dt.datetime | None = None
    epoch: dt.date = dt.date(1899, 12, 30)
    """Day 0 of its days: a day in a cell that is not formatted as one is so many days after it."""


class Survey(Struct):
    """What a sheet's XML holds besides values."""

    links: dict[tuple[int, int], str] = field(default_factory=dict)
    uncomputed: set[tuple[int, int]] = field(default_factory=set)


def read_workbook(data: bytes) -> Workbook:
    """Raises UnreadableError for what is no workbook, is damaged, or unpacks to more than can be meant."""
    _require_archive(data)
    with _told():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _require_limits(archive)
            _require_no_document_type(archive)
        book = _opened(data)
        try:
            sheets = tuple(
                Sheet(str(sheet.title), sheet.sheet_state != "visible", lambda at=at: _sheet(data, at))  # type: ignore[misc]
                for at, sheet in enumerate(book.worksheets)
            )
            return Workbook(sheets, book.properties.created, book.properties.modified, book.epoch.date())
        finally:
            book.close()


def _require_archive(data: bytes) -> None:
    beginning = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(b"PK\x03\x04"):
        return
    if not data:
        raise UnreadableError("the file is empty", "Get it again from the publisher.")
    if beginning.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<")):
        message = "this is a web page, not a workbook; a server answers so when it refuses or has moved a file"
        raise UnreadableError(message, "Open the address in a browser, and save the workbook itself.")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        message = "this is an old workbook (.xls), or one with a password"
        raise UnreadableError(message, "Open it in a spreadsheet, and save it as .xlsx without a password.")
    raise UnreadableError("this is not a workbook (.xlsx)", "Get it again from the publisher.")


def _require_limits(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    hint = "No list of a publisher looks like that. Do not open it; ask where it comes from."
    if len(parts) > MOST_PARTS:
        raise UnreadableError(f"the workbook has {len(parts):,} parts, more than {MOST_PARTS:,}", hint)
    whole = sum(part.file_size for part in parts)
    if whole > MOST_UNPACKED:
        most = MOST_UNPACKED // 1_000_000
        raise UnreadableError(f"the workbook unpacks to {whole / 1e6:,.0f} MB, more than {most} MB", hint)
    for part in parts:
        if part.file_size > SMALL and part.file_size > MOST_RATIO * part.compress_size:
            times = part.file_size // max(part.compress_size, 1)
            raise UnreadableError(f"a part of the workbook unpacks to {times:,} times its size", hint)
    names = [part.filename for part in parts]
    if len(set(names)) < len(names):
        raise UnreadableError("the workbook has two parts of one name", hint)
    if not any(name.lower() == "[content_types].xml" for name in names):
        raise UnreadableError("this is a zip archive, not a workbook", "Unpack it, and name the workbook inside.")


def _require_no_document_type(archive: zipfile.ZipFile) -> None:
    """Looked for with the parser that will read the parts: whatever encoding it is written in, it is seen."""
    for part in archive.infolist():
        with archive.open(part) as file:
            _look_at_beginning(file)


class _SeenError(Exception):
    pass


def _look_at_beginning(file: Any) -> None:
    """A document type stands before the root element, or nowhere."""

    def refuse(*_: object) -> None:
        message = "the workbook defines XML entities, which no spreadsheet writes"
        raise UnreadableError(message, "Do not open it; ask where it comes from.")

    def begun(*_: object) -> None:
        raise _SeenError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begun
    try:
        while piece := file.read(4096):
            parser.Parse(piece, False)
    except (expat.ExpatError, LookupError, ValueError, _SeenError):
        return  # its root element, or something that is not XML: a picture


@contextmanager
def _told() -> Iterator[None]:
    """Whatever the libraries raise about a file is one thing: it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: colours, drawings, validation
            yield
    except (UnreadableError, MemoryError):
        raise
    except ModuleNotFoundError as error:
        message = f"reading workbooks needs {error.name}"
        raise UnreadableError(message, "Install it: pip install 'broadsheet[refresh]'.") from None
    except Exception as error:
        said = " ".join(str(error).split())[:200]
        message = f"the workbook is damaged, and cannot be read ({type(error).__name__}: {said})"
        raise UnreadableError(message, "Get it again from the publisher.") from None


def _opened(data: bytes) -> Any:
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)


def _sheet(data: bytes, at: int) -> tuple[tuple[Row, ...], Survey]:
    with _told():
        book = _opened(data)
        try:
            sheet = book.worksheets[at]
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                survey = _surveyed(archive, sheet._worksheet_path)
            sheet.reset_dimensions()  # the range that it says it has may be a million empty rows
            rows = tuple(
                Row(number, cells)
                for number, found in enumerate(sheet.iter_rows(values_only=True), start=1)
                if (cells := _trimmed(found))
            )
            return rows, survey
        finally:
            book.close()


def _trimmed(cells: tuple[Value, ...]) -> tuple[Value, ...]:
    """Without the cells after the last that holds something."""
    end = len(cells)
    while end and (cells[end - 1] is None or cells[end - 1] == ""):
        end -= 1
    return cells[:end]


# --- what openpyxl does not tell ------------------------------------------------------------------------


def _surveyed(archive: zipfile.ZipFile, path: str) -> Survey:
    """The links of a sheet, and its formulas without a value. Raises UnreadableError for a sheet too large."""
    reader = _SheetReader()
    with archive.open(path.lstrip("/")) as file:
        reader.read(file)
    targets = _targets(archive, path.lstrip("/"))
    survey = Survey(uncomputed=reader.uncomputed)
    for cell, name in reader.names.items():
        address = targets.get(name, "")
        if re.match(r"https?://", address, re.IGNORECASE):
            survey.links[cell] = address
    return survey


def _targets(archive: zipfile.ZipFile, path: str) -> dict[str, str]:
    """The outer addresses that a part refers to, by the names it has for them."""
    pure = PurePosixPath(path)
    name = str(pure.parent / "_rels" / f"{pure.name}.rels")
    if name not in archive.namelist():
        return {}
    found = {}

    def begin(element: str, attributes: Mapping[str, str]) -> None:
        if _local(element) == "Relationship" and attributes.get("TargetMode") == "External":
            found[attributes.get("Id", "")] = attributes.get("Target", "")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    with archive.open(name) as file:
        parser.ParseFile(file)
    return found


class _SheetReader:
    """One pass through the XML of a sheet."""

    def __init__(self) -> None:
        self.names: dict[tuple[int, int], str] = {}
        self.uncomputed: set[tuple[int, int]] = set()
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._cells = 0
        self._area = 0
        self._width = 0
        self._row = self._column = 0
        """Where the cell stands that is being read, both from 1: a part may leave out that it is the next one."""
        self._formula = self._valued = self._text = False

    def read(self, file: Any) -> None:
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.ParseFile(file)

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        element = _local(name)
        if element == "row":
            self._begin_row(attributes.get("r", ""))
        elif element == "c":
            self._cells += 1
            place = _place(attributes.get("r", ""))
            self._column = place[1] + 1 if place else self._column + 1
            self._formula = self._valued = False
            self._text = attributes.get("t") == "str"
            if self._cells > MOST_CELLS:
                self._refuse()
        elif element == "f":
            self._formula = True
        elif element == "v" and self._formula and not self._text:
            self._parser.CharacterDataHandler = self._value  # programs write <v/> for a value not worked out
        elif element in ("v", "is"):
            self._valued = True
        elif element == "hyperlink":
            names = [text for key, text in attributes.items() if key.endswith("relationships id")]
            cell = _place(attributes.get("ref", "").partition(":")[0])
            if names and cell:
                self.names[cell] = names[0]

    def _begin_row(self, printed: str) -> None:
        """A row has the number that it says, or the next one. Rows out of order would be passed over silently."""
        number = int(float(printed)) if printed else self._row + 1
        if not self._row < number <= LAST_ROW:
            message = f"the workbook is damaged: row {printed or number} of a sheet comes after row {self._row}"
            raise UnreadableError(message, "Get it again from the publisher.")
        self._row, self._column = number, 0

    def _value(self, _: str) -> None:
        self._valued = True
        self._parser.CharacterDataHandler = None

    def _end(self, name: str) -> None:
        element = _local(name)
        if element == "c":
            self._parser.CharacterDataHandler = None
            if self._valued:
                self._width = max(self._width, self._column)
            elif self._formula:
                self.uncomputed.add((self._row, self._column - 1))
        elif element == "row":
            self._area += self._width
            self._width = 0
            if self._area > MOST_CELLS:
                self._refuse()

    def _refuse(self) -> None:
        hint = "Delete the empty rows and columns after the list in a spreadsheet, and save it anew."
        raise UnreadableError(f"a sheet of the workbook has more than {MOST_CELLS:,} cells", hint)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def _place(reference: str) -> tuple[int, int] | None:
    """ "C7" → row 7 and column 2."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1


def column_name(column: int) -> str:
    """2 → "C"."""
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
