"""The text of a CSV file → its header and its columns, and what keeps it from having any."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from operator import methodcaller

from generator.problems import Location, Problem, Problems
from generator.source import position

Piece = Sequence[Sequence[str]]
"""Some rows: the cells of each column, in the order of the header."""


class UnevenError(Exception):
    """A file that has not a row on each line, or not as many cells in each."""


def read_rows(
    text: str, path: str, fields: Sequence[str], problems: Problems
) -> tuple[list[str], Piece, list[int]]:
    """The header, all rows, and the line on which each of these begins; ``fields`` are what a header would hold.

    What is wrong is added to the problems; then there may be no rows.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    begins = 1
    try:
        for row in reader:
            if not header:
                header = row
                if any(row) and begins > 1:
                    problems.add("empty-line", "the header stands on the first line", Location(path, begins, 1))
            elif row:
                rows.append(row)
                lines.append(begins)
                if len(row) != len(header):
                    problems.add(
                        "wrong-cell-count",
                        f"{len(row)} {'cell' if len(row) == 1 else 'cells'}, where the header has {len(header)}",
                        Location(path, begins, 1),
                        hint="A text that holds a comma stands in double quotes.",
                    )
            begins = reader.line_num + 1
    except csv.Error as error:
        problems.extend([_bad_csv(str(error), path, text, begins, reader.line_num)])
    if not header and not problems:
        problems.add(
            "empty-table",
            "the file is empty; a table has at least its header line",
            Location(path),
            hint=f"The header would be: {','.join(fields)}",
        )
    return header, [] if problems else list(zip(*rows, strict=True)), lines


_PIECE = 10_000  # rows
_WINDOW = 1 << 20  # characters


def read_pieces(text: str) -> tuple[list[str], Iterator[Piece]]:
    """The header, and all rows of a file that has one on each line, and as many cells in each.

    Nearly all are like that, and Python reads them several times as fast when it is not asked after each row. No
    more of the file than a piece is taken apart at once. Raises UnevenError for any other file, now or at a piece.
    """
    end = text.find("\n")
    first = text if end < 0 else text[:end]
    if '"' in text or "\r" in text or "," not in first:
        rows = _quoted(text)
        header = next(rows, [[]])[0]
        return header, (list(zip(*piece, strict=True)) for piece in rows)
    header = first.split(",")
    return header, _unquoted(text, len(header))


def _unquoted(text: str, width: int) -> Iterator[Piece]:
    """Where every comma is between two cells. The first piece is without the header."""
    begins = width
    for lines in _windows(text):
        if set(map(_COMMAS, lines)) != {width - 1} or max(map(len, lines)) > csv.field_size_limit():
            raise UnevenError  # perhaps
        cells = ",".join(lines).split(",")
        yield [cells[begins + column :: width] for column in range(width)]
        begins = 0


_COMMAS = methodcaller("count", ",")


def _quoted(text: str) -> Iterator[list[list[str]]]:
    """Rows, the header first and by itself."""
    reader = csv.reader(chain.from_iterable(_windows(text)), strict=True)
    width = read = 0
    try:
        while piece := list(islice(reader, _PIECE if read else 1)):
            read += len(piece)
            width = width or len(piece[0])
            if not width or set(map(len, piece)) != {width} or reader.line_num != read:
                raise UnevenError
            yield piece
    except csv.Error:
        raise UnevenError from None
    if not read:
        raise UnevenError


def _windows(text: str) -> Iterator[list[str]]:
    """The lines of a text without their ends, as many together as Python is not slowed down by."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _WINDOW)
        window = text[start:] if end < 0 else text[start : end + 1]
        yield window.removesuffix("\n").split("\n")
        start += len(window)


def _bad_csv(said: str, path: str, text: str, begins: int, line: int) -> Problem:
    """A quote that is not closed, or not where it should be; found again, since Python tells no place."""
    lines = text.split("\n")
    hint = "A text that holds a comma or a quote stands in double quotes; a quote within it is written twice."
    if "unexpected end" in said:
        row = "\n".join(lines[begins - 1 :])
        at_line, column = position(row, _open_quote(row))
        place = Location(path, begins + at_line - 1, column)
        return Problem("bad-csv", "the quote that is opened here is never closed", place, hint)
    if "expected after" in said:
        match = re.search(r'(?:^|,)("(?:[^"]|"")*")[^,"]', lines[line - 1])
        place = Location(path, line, match.end(1) + 1 if match else 1)
        return Problem("bad-csv", "the text goes on after its closing quote", place, hint)
    return Problem("bad-csv", f"this is not valid CSV: {said}", Location(path, begins, 1), hint)


def _open_quote(row: str) -> int:
    """The offset of the quote that the rest of the file is taken to stand in."""
    found, quoted, cell_begins = 0, False, True
    for offset, char in enumerate(row):
        if char == '"' and (quoted or cell_begins):
            quoted = not quoted
            found = offset if quoted and row[offset - 1 : offset] != '"' else found
        cell_begins = char in ",\n" and not quoted
    return found
