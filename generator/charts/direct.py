"""An SVG of the kind that charts and cards are, drawn by PDFium as it is.

By way of a PDF, vl-convert would open the file of a font anew for every letter, and take several times as long as
all that is done here. HarfBuzz says which glyphs stand where, as it does there.
"""

from __future__ import annotations

import atexit
import ctypes
import math
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from generator.charts.pieces import MITRE, Line, OtherError, Outline, Part, Pieces, pieces

ALONE = threading.Lock()
"""PDFium must not be called by two threads at once."""

_WORD = re.compile(r"\s*\S+\s*")
_THIN = 1.5
"""The width of a stroke, in px, up to which nobody sees that all its corners are cut off where one is to be."""


def pixels(svg: str, fonts: Sequence[Path], *, scale: int = 1) -> Any | None:
    """Rows of pixels of four bytes: red, green, blue, and one of no meaning; None for a drawing of another kind.

    ``fonts`` as for :func:`~generator.charts.pieces.pieces`. A letter that its font lacks makes it one, too.
    """
    try:
        read = pieces(svg, fonts)
        with ALONE:
            return _canvas().drawn(read, scale)
    except OtherError:
        return None


def rendered(page: Any, scale: int) -> Any:
    """The pixels of a page of PDFium's, as :func:`pixels` gives them. The caller holds :data:`ALONE`."""
    return page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True).to_numpy().copy()


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

    def drawn(self, drawing: Pieces, scale: int) -> Any:
        page = self._document.new_page(drawing.width, drawing.height)
        try:
            for piece in drawing.pieces:
                for made in self._objects(piece, drawing.height):
                    self._raw.FPDFPage_InsertObject(page, made)
            return rendered(page, scale)
        finally:
            page.close()
            self._document.del_page(0)

    def _objects(self, piece: Outline | Line, height: float) -> Iterable[Any]:
        return [self._outline(piece, height)] if isinstance(piece, Outline) else self._line(piece, height)

    def _outline(self, outline: Outline, height: float) -> Any:
        raw = self._raw
        join = self._join(outline) if outline.stroke else None  # before anything is made
        x, y = outline.parts[0].start
        made = raw.FPDFPageObj_CreateNewPath(x, height - y)
        for number, part in enumerate(outline.parts):
            if number:
                x, y = part.start
                raw.FPDFPath_MoveTo(made, x, height - y)
            for step in part.steps:
                if len(step) == 2:
                    raw.FPDFPath_LineTo(made, step[0], height - step[1])
                else:
                    x1, y1, x2, y2, x3, y3 = step
                    raw.FPDFPath_BezierTo(made, x1, height - y1, x2, height - y2, x3, height - y3)
            if part.closed:
                raw.FPDFPath_Close(made)
        raw.FPDFPath_SetDrawMode(
            made, raw.FPDF_FILLMODE_WINDING if outline.fill else raw.FPDF_FILLMODE_NONE, bool(outline.stroke)
        )
        if outline.fill:
            raw.FPDFPageObj_SetFillColor(made, *_rgb(outline.fill), 255)
        if outline.stroke:
            raw.FPDFPageObj_SetStrokeColor(made, *_rgb(outline.stroke), 255)
            raw.FPDFPageObj_SetStrokeWidth(made, outline.width)
            raw.FPDFPageObj_SetLineCap(
                made, raw.FPDF_LINECAP_ROUND if outline.round_ends else raw.FPDF_LINECAP_BUTT
            )
            raw.FPDFPageObj_SetLineJoin(made, join)
            if outline.dashes:
                dashes = (ctypes.c_float * len(outline.dashes))(*outline.dashes)
                raw.FPDFPageObj_SetDashArray(made, dashes, len(dashes), 0)
        return made

    def _join(self, outline: Outline) -> int:
        """How the corners of a stroke are drawn. PDF lets them stick out further than SVG, and can't be told."""
        if outline.round_joins:
            return int(self._raw.FPDF_LINEJOIN_ROUND)
        if not any(map(_is_sharp, outline.parts)):
            return int(self._raw.FPDF_LINEJOIN_MITER)
        if outline.width > _THIN:
            raise OtherError
        return int(self._raw.FPDF_LINEJOIN_BEVEL)

    def _line(self, line: Line, height: float) -> Iterator[Any]:
        """One text for each run of glyphs that stand where the font's own widths put them."""
        font = self._font(line.font)
        runs, width = font.runs(line.text, line.size, line.spaced)
        start = line.x - line.anchor * width
        for at, up, glyphs in runs:
            made = self._raw.FPDFPageObj_CreateTextObj(self._document, font.handle, line.size)
            codes = (ctypes.c_uint32 * len(glyphs))(*glyphs)
            self._raw.FPDFText_SetCharcodes(made, codes, len(glyphs))
            self._raw.FPDFPageObj_SetFillColor(made, *_rgb(line.colour), 255)
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
                raise OtherError
            self._fonts[path] = _Font(data, handle)
        return self._fonts[path]


def _rgb(colour: str) -> bytes:
    return bytes.fromhex(colour[1:])


def _is_sharp(part: Part) -> bool:
    """Whether a corner of straight lines is so sharp that SVG cuts it off."""
    points = [part.start, *(step[-2:] for step in part.steps)]
    points = [point for point, last in zip(points, [None, *points], strict=False) if point != last]
    if part.closed and len(points) > 2:
        points += points[:2]
    for (x1, y1), (x2, y2), (x3, y3) in zip(points, points[1:], points[2:], strict=False):
        before, after = math.hypot(x2 - x1, y2 - y1), math.hypot(x3 - x2, y3 - y2)
        turn = ((x2 - x1) * (x3 - x2) + (y2 - y1) * (y3 - y2)) / (before * after) if before and after else 1.0
        if (1 + turn) / 2 < 1 / MITRE**2:  # the sine of half the angle between the lines, squared
            return True
    return False


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
        Raises OtherError for a letter that the font lacks.
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
                raise OtherError
            placed = position.x_offset or position.y_offset
            if whole and not placed and info.cluster not in breaks:
                runs[-1][2].append(glyph)
            else:
                runs.append((at + position.x_offset * em, position.y_offset * em, [glyph]))
            at += position.x_advance * em + spaced
            whole = not placed and not spaced and position.x_advance == self._shaper.get_glyph_h_advance(glyph)
        return runs, at
