"""Files as received: what was given to the command, before anybody has looked into it.

A file is read once, whole, and has a limit; everything a loader sees of it is of those bytes.
"""

from __future__ import annotations

import csv
import fnmatch
import hashlib
import io
import os
import re
import stat
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from generator.problems import Location, Problem, SourceError
from generator.refresh.workbook import Row, Sheet, UnreadableError, Workbook, column_name, read_workbook

MOST_BYTES = 100_000_000
MOST_FILES = 20_000


class Place(Struct, frozen=True):
    """Where in a file something stands; ``column`` counts from 0, ``row`` from 1, and 0 names none."""

    shown: str
    sheet: str = ""
    row: int = 0
    column: int = -1

    @property
    def location(self) -> Location:
        return Location(self.shown, self.row, self.column + 1)

    @property
    def named(self) -> str:
        """Sheet and cell, as a spreadsheet names them: "Sheet1!F618"; empty for a file as a whole."""
        if self.row and self.column >= 0:
            return f"{self.sheet}!{column_name(self.column)}{self.row}".lstrip("!")
        return ", ".join(filter(None, [self.sheet, f"row {self.row}" if self.row else ""]))


class Received(Struct, frozen=True, dict=True):
    """One file. ``shown`` is its path as problems print it, ``address`` where it was downloaded from, if it was."""

    path: Path
    shown: str
    address: str = ""
    retrieved: str = ""
    """The day (ISO 8601) on which it was retrieved; empty where nobody said."""
    name: str = ""
    """As the publisher calls it."""

    @cached_property
    def data(self) -> bytes:
        """Raises SourceError for a file that cannot be read, or is too large to be meant."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise self.problem("file-unreadable", f"the file cannot be read: {error.strerror}") from None
        if len(data) > MOST_BYTES:
            size = self.path.stat().st_size / 1e6
            message = f"the file has {size:,.0f} MB, more than the {MOST_BYTES // 1_000_000} MB that are read"
            raise self.problem("unreadable-file", message, "No list of a publisher is that large; look what it is.")
        return data

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def workbook(self) -> Workbook:
        """Its sheets. Raises SourceError for what is no workbook, is damaged or too large."""
        with self._readable():
            return read_workbook(self.data)

    def rows(self, sheet: Sheet) -> tuple[Row, ...]:
        """The rows of one of its sheets. Raises SourceError where the sheet is damaged or too large."""
        with self._readable(sheet.title):
            return sheet.rows

    def text(self, encoding: str = "utf-8") -> str:
        """Its text, ends of lines as ``\\n``. Raises SourceError where it is none in this encoding."""
        try:
            text = self.data.decode(encoding)
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            message = f"byte 0x{self.data[error.start]:02X} is no text in {encoding}"
            raise SourceError(Problem("unreadable-file", message, Location(self.shown, line))) from None
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    def records(self, delimiter: str = ",", encoding: str = "utf-8") -> list[dict[str, str]]:
        """The rows of a text file under its header. Raises SourceError where one has more or fewer cells."""
        reader = csv.reader(io.StringIO(self.text(encoding), newline=""), delimiter=delimiter, strict=True)
        found: list[dict[str, str]] = []
        header: list[str] = []
        try:
            for row in reader:
                if not header:
                    header = row
                elif row and len(row) != len(header):
                    message = f"{len(row)} cells, where the header has {len(header)}"
                    raise SourceError(Problem("unreadable-file", message, Location(self.shown, reader.line_num)))
                elif row:
                    found.append(dict(zip(header, row, strict=True)))
        except csv.Error as error:
            where = Location(self.shown, reader.line_num)
            raise SourceError(Problem("unreadable-file", f"this is not valid CSV: {error}", where)) from None
        return found

    def at(self, sheet: Sheet | str = "", row: int = 0, column: int = -1) -> Place:
        """A place in it, to be told of: the sheet, the row from 1, the column from 0."""
        return Place(self.shown, sheet.title if isinstance(sheet, Sheet) else sheet, row, column)

    def problem(self, code: str, message: str, hint: str = "") -> SourceError:
        return SourceError(Problem(code, message, Location(self.shown), hint))

    def _readable(self, sheet: str = "") -> _Readable:
        return _Readable(self, sheet)


class _Readable(Struct, frozen=True):
    """What a reader refuses becomes a problem of the file."""

    file: Received
    sheet: str

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UnreadableError):
            where = f"sheet {self.sheet!r}: " if self.sheet else ""
            raise self.file.problem("unreadable-file", f"{where}{error}", error.hint) from None


def gathered(root: Path, path: Path, retrieved: str = "") -> list[Received]:
    """A file that was given, or those of a folder in order of their paths, without hidden ones and links.

    Raises SourceError for what is not there or is something else, and for a folder that holds more files than can
    be meant.
    """
    shown = shown_path(root, path)
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError) as error:  # a name that is too long, or that no file can have
        message = "there is no such file or folder"
        if not isinstance(error, FileNotFoundError):
            message += f": {getattr(error, 'strerror', None) or error}"
        raise SourceError(Problem("file-missing", message, Location(shown))) from None
    if stat.S_ISREG(kind):
        return [Received(path, shown, retrieved=retrieved, name=_printable(path.name))]
    if not stat.S_ISDIR(kind):
        message = "this is neither a file nor a folder, but a device or a pipe, which may never end"
        hint = "Write what comes out of it into a file, and name that."
        raise SourceError(Problem("unreadable-file", message, Location(shown), hint))
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith((".", "~$")) and not file.is_symlink() and file.is_file():
                found.append(Received(file, shown_path(root, file), retrieved=retrieved, name=_printable(name)))
        if len(found) > MOST_FILES:
            message = f"the folder holds more than {MOST_FILES:,} files"
            raise SourceError(Problem("unreadable-file", message, Location(shown), "Name the one that you mean."))
    return found


def shown_path(root: Path, path: Path) -> str:
    """A path as seen from the story's folder, with forward slashes."""
    try:
        return _printable(Path(os.path.relpath(path.resolve(), root.resolve())).as_posix())
    except (OSError, ValueError):  # another drive, or no name of a file
        return _printable(path.as_posix())


def _printable(name: str) -> str:
    """A name as a line of text, as a table holds it: bytes that are no UTF-8, and what steers, as ``\\x0a``."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return re.sub(r"[\x00-\x1f\x7f]", lambda sign: f"\\x{ord(sign[0]):02x}", text)


def matching(files: Iterable[Received], patterns: Sequence[str]) -> list[Received]:
    """The files whose names fit one of the patterns, in any case; all of them when there are no patterns."""
    folded = [pattern.casefold() for pattern in patterns]
    return [
        file
        for file in files
        if not folded or any(fnmatch.fnmatchcase(file.name.casefold(), pattern) for pattern in folded)
    ]
