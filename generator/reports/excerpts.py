"""The line of a file that a problem is about, and the signs below it that point at the place."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

from msgspec import Struct, field

from generator.problems import Location

WIDTH = 96
"""How many columns an excerpt may take, without its indentation."""
TAB = 4
CUT = "…"


class Sources(Struct):
    """The lines of a story's files, read when they are asked for; nothing outside of its folder is opened."""

    root: Path
    _lines: dict[str, list[str] | None] = field(default_factory=dict)

    def take(self, path: str, text: str) -> None:
        """A file that is not in the folder, or is otherwise there than problems are told of it."""
        self._lines[path] = text.split("\n")

    def line(self, where: Location) -> str | None:
        """The line that ``where`` names, without its break; None when there is none or it cannot be read."""
        if where.line < 1:
            return None
        if where.path not in self._lines:
            self._lines[where.path] = self._read(where.path)
        lines = self._lines[where.path]
        return lines[where.line - 1] if lines is not None and where.line <= len(lines) else None

    def _read(self, path: str) -> list[str] | None:
        pure = PurePosixPath(path)
        if not path or pure.is_absolute() or ".." in pure.parts or "\x00" in path:
            return None
        try:
            file = (self.root / path).resolve(strict=True)
            if not file.is_relative_to(self.root.resolve()) or not file.is_file():
                return None
            text = file.read_bytes().decode("utf-8", errors="replace")
        except (OSError, ValueError):
            return None
        if "\x00" in text:  # another encoding, or no text at all
            return None
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def excerpt(line: str, column: int, width: int) -> tuple[str, str]:
    """The line as a terminal shows it, and the carets below; the latter empty when no column is known.

    ``column`` counts characters from 1, ``width`` is how many the problem is about. What is too long is cut
    around them, with … on either side.
    """
    cells = [_cell(character) for character in line]
    first = min(column - 1, len(cells)) if column else 0
    last = min(first + max(width, 1), len(cells)) if column else 0
    start, end = _window([taken for _, taken in cells], first, last)
    before, after = CUT if start else "", CUT if end < len(cells) else ""
    shown = before + "".join(text for text, _ in cells[start:end]).rstrip() + after
    if not column:
        return shown, ""
    blank = len(before) + sum(taken for _, taken in cells[start:first])
    marked = sum(taken for _, taken in cells[first : min(last, end)])
    return shown, " " * blank + "^" * max(marked, 1)


def _cell(character: str) -> tuple[str, int]:
    """What stands for a character, and how many columns it takes."""
    if character == "\t":
        return " " * TAB, TAB
    return safe(character), columns(character)


def columns(character: str) -> int:
    """How wide a terminal shows a character: 0 when it joins the one before, 2 for wide signs."""
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def safe(text: str) -> str:
    """Text without what would steer a terminal or turn the order of the letters: each such character as �."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("�" if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _window(widths: list[int], first: int, last: int) -> tuple[int, int]:
    """From which to which character to show, so that the place is seen and no more than WIDTH columns are taken."""
    if sum(widths) <= WIDTH:
        return 0, len(widths)
    room = WIDTH - 2 * len(CUT)
    start = end = first
    taken = 0
    while end < last and taken + widths[end] <= room:  # the place itself, as much of it as fits
        taken += widths[end]
        end += 1
    while True:  # then as much on either side, in turn
        grown = False
        for left in (True, False):
            at = start - 1 if left else end
            if 0 <= at < len(widths) and taken + widths[at] <= room:
                taken += widths[at]
                start, end = (start - 1, end) if left else (start, end + 1)
                grown = True
        if not grown:
            return start, end
