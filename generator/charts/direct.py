"""An SVG of boxes and lines of text alone, drawn by PDFium as it is.

Cards are nearly all like that. By way of a PDF, vl-convert would open the file of a font anew for every letter, and
take ten times as long as all that is done here. HarfBuzz says which glyphs stand where, as it does there.
"""

from __future__ import annotations

import atexit
import ctypes
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ALONE = threading.Lock()
"""PDFium must not be called by two threads at once."""

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_WEIGHTS = {"400": "Regular", "600": "SemiBold"}
_WORD = re.compile(r"\s*\S+\s*")


class _OtherError(Exception):
    """A drawing of another kind."""


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class _Line:
    """Text whose first letter, or with ``from_end`` whose last one, stands at ``x``. All lengths in px."""

    x: float
    y: float
    text: str
    font: Path
    size: float
    spaced: float
    from_end: bool
    colour: str


def pixels(svg: str, fonts: Sequence[Path], *, scale: int = 1) -> Any | None:
    """Rows of pixels of four bytes: red, green, blue, and one of no meaning; None for a drawing of another kind.

    ``fonts`` are folders with TrueType files such as ``BroadsheetSans-SemiBold.ttf``. A text in any other font,
    with a letter that its font lacks, or that is written from the right, makes it another kind, and so does
    everything that is neither a box nor a line of text in one colour.
    """
    try:
        width, height, parts = _read(svg, fonts)
        with ALONE:
            return _canvas().drawn(width, height, parts, scale)
    except _OtherError:
        return None


# --- reading ------------------------------------------------------------------------------------------------


def _read(svg: str, fonts: Sequence[Path]) -> tuple[float, float, list[_Box | _Line]]:
    """Width and height in px, and what is in it from the back to the front."""
    if any(other in svg for other in ("<g", "<path", "<!", "<style")):  # most others, without reading them
        raise _OtherError
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314 - it is our own, and has no document type
    except ElementTree.ParseError:
        raise _OtherError from None
    given = _Attributes(root, {"width", "height", "viewBox"})
    width, height = given.number("width"), given.number("height")
    if root.tag != f"{_NAMESPACE}svg" or given.text("viewBox", f"0 0 {width:g} {height:g}") != (
        f"0 0 {width:g} {height:g}"
    ):
        raise _OtherError
    return width, height, [_part(element, fonts) for element in root]


def _part(element: ElementTree.Element, fonts: Sequence[Path]) -> _Box | _Line:
    if len(element) or (element.tail or "").strip():
        raise _OtherError
    if element.tag == f"{_NAMESPACE}rect":
        given = _Attributes(element, {"x", "y", "width", "height", "fill"})
        return _Box(
            given.number("x", 0), given.number("y", 0), given.number("width"), given.number("height"), given.colour
        )
    if element.tag != f"{_NAMESPACE}text":
        raise _OtherError
    given = _Attributes(
        element, {"x", "y", "font-family", "font-size", "font-weight", "fill", "letter-spacing", "text-anchor"}
    )
    anchor, text = given.text("text-anchor", "start"), element.text or ""
    if anchor not in ("start", "end") or "  " in text or text != text.strip(" \t\n"):
        raise _OtherError
    if any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in text):
        raise _OtherError
    return _Line(
        given.number("x", 0), given.number("y", 0), text, given.font(fonts), given.number("font-size"),
        given.number("letter-spacing", 0), anchor == "end", given.colour,
    )  # fmt: skip


class _Attributes:
    """What an element is given. Raises _OtherError for one that it is not said to have, or does not understand."""

    def __init__(self, element: ElementTree.Element, known: set[str]) -> None:
        self._given: Mapping[str, str] = element.attrib
        if not known.issuperset(self._given):
            raise _OtherError

    def text(self, name: str, default: str) -> str:
        return self._given.get(name, default)

    def number(self, name: str, default: float | None = None) -> float:
        text = self._given.get(name)
        if text is None and default is not None:
            return default
        if text is None or not _NUMBER.fullmatch(text):
            raise _OtherError
        return float(text)

    @property
    def colour(self) -> str:
        colour = self._given.get("fill", "")
        if not _COLOUR.fullmatch(colour):
            raise _OtherError
        return colour

    def font(self, folders: Sequence[Path]) -> Path:
        family = self.text("font-family", "").split(",")[0].strip().strip("\"'")
        name = f"{family.replace(' ', '')}-{_WEIGHTS.get(self.text('font-weight', '400'), '')}.ttf"
        found = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if found is None or not re.fullmatch(r"[\w ]+", family):
            raise _OtherError
        return found


# --- drawing ------------------------------------------------------------------------------------------------


@cache
def _canvas() -> _Canvas:
    return _Canvas()


class _Canvas:
    """An open document of PDFium's in which the fonts stay; each drawing is a page of it for a moment."""

    def __init__(self) -> None:
        import pypdfium2
        import pypdfium2.raw

        self._document = pypdfium2.PdfDocument.new()
        atexit.register(self._document.close)  # or else pypdfium2 says at the end that it was left open
        self._raw: Any = pypdfium2.raw
        self._fonts: dict[Path, _Font] = {}

    def drawn(self, width: float, height: float, parts: Sequence[_Box | _Line], scale: int) -> Any:
        page = self._document.new_page(width, height)
        try:
            for part in parts:
                made = self._box(part, height) if isinstance(part, _Box) else self._line(part, height)
                for each in made:
                    red, green, blue = bytes.fromhex(part.colour[1:])
                    self._raw.FPDFPageObj_SetFillColor(each, red, green, blue, 255)
                    self._raw.FPDFPage_InsertObject(page, each)
            return page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True).to_numpy().copy()
        finally:
            page.close()
            self._document.del_page(0)

    def _box(self, box: _Box, height: float) -> Iterator[Any]:
        made = self._raw.FPDFPageObj_CreateNewRect(box.x, height - box.y - box.height, box.width, box.height)
        self._raw.FPDFPath_SetDrawMode(made, self._raw.FPDF_FILLMODE_WINDING, False)
        yield made

    def _line(self, line: _Line, height: float) -> Iterator[Any]:
        """One text for each run of glyphs that stand where the font's own widths put them."""
        font = self._font(line.font)
        runs, width = font.runs(line.text, line.size, line.spaced)
        start = line.x - width if line.from_end else line.x
        for at, up, glyphs in runs:
            made = self._raw.FPDFPageObj_CreateTextObj(self._document, font.handle, line.size)
            codes = (ctypes.c_uint32 * len(glyphs))(*glyphs)
            self._raw.FPDFText_SetCharcodes(made, codes, len(glyphs))
            self._raw.FPDFPageObj_Transform(made, 1, 0, 0, 1, start + at, height - line.y + up)
            yield made

    def _font(self, path: Path) -> _Font:
        if path not in self._fonts:
            data = path.read_bytes()
            held = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
            handle = self._raw.FPDFText_LoadFont(
                self._document, held, len(data), self._raw.FPDF_FONT_TRUETYPE, True
            )
            if not handle:
                raise _OtherError
            self._fonts[path] = _Font(data, handle)
        return self._fonts[path]


class _Font:
    """A font by both that use it. ``handle`` is PDFium's; there the code of a letter is that of its glyph."""

    def __init__(self, data: bytes, handle: Any) -> None:
        self._data = data
        self.handle = handle

    @cached_property
    def _shaper(self) -> Any:
        import uharfbuzz

        return uharfbuzz.Font(uharfbuzz.Face(self._data))

    def runs(self, text: str, size: float, spaced: float) -> tuple[list[tuple[float, float, list[int]]], float]:
        """Of each run where it begins, right and up from where the line does, and its glyphs; and the line's width.

        A run ends where letters are moved together or apart, and with each word: widths are rounded there.
        Raises _OtherError for a letter that the font lacks.
        """
        import uharfbuzz

        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(self._shaper, buffer, {"liga": not spaced, "clig": not spaced})
        em = size / self._shaper.face.upem
        breaks = {match.start() for match in _WORD.finditer(text)}
        runs: list[tuple[float, float, list[int]]] = []
        at, whole = 0.0, False
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyph = info.codepoint
            if not glyph:
                raise _OtherError
            placed = position.x_offset or position.y_offset
            if whole and not placed and info.cluster not in breaks:
                runs[-1][2].append(glyph)
            else:
                runs.append((at + position.x_offset * em, position.y_offset * em, [glyph]))
            at += position.x_advance * em + spaced
            whole = not placed and not spaced and position.x_advance == self._shaper.get_glyph_h_advance(glyph)
        return runs, at
