"""An SVG of the kind that charts and cards are → its outlines and lines of text, with everything where it is drawn.

Read is what our own drawings consist of: groups that are moved, nested drawings, boxes, circles, lines, paths of
straight lines, and text in fonts whose files are there; every colour as six digits. Anything else makes a drawing
one of another kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from msgspec import Struct
from msgspec.structs import replace

from generator.charts.text import font_file

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_STEPS = re.compile(rf"[MLHVZ]|{_NUMBER.pattern}", re.IGNORECASE | re.ASCII)
_BETWEEN = re.compile(r"[\s,]*", re.ASCII)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}|none")
_MOVED = re.compile(r"translate\(([^,()]+)(?:,([^,()]+))?\)")
_REFERENCE = re.compile(r"url\(#([^()]+)\)")
_FAMILY = re.compile(r"""\s*(["']?)([\w ]{1,80})\1\s*(?:,|$)""")
_BLANKS = re.compile(r"\s\s|[\t\n\r]")
_FROM_RIGHT = frozenset(["R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"])
"""Of text with one of these, the order of letters is not that of reading."""
_MOST = 1e6
"""Lengths beyond this are not exact."""
_LARGEST = 1e8
"""The size of a whole drawing, in square px."""
MITRE = 4.0
"""How far a corner of a stroke may stick out, in widths of the stroke, where SVG says nothing else."""
_BOLD = {"400": False, "600": True}
_ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}
_ARC = 0.5522847498307936
"""How far from the ends of a quarter of a circle, in radii, the two points lie that bend a curve into it."""

_NOT_SEEN = frozenset(["class", "href", "id", "pointer-events", "role", "tabindex"])
_NOT_DRAWN = frozenset(["title", "desc"])

Step = tuple[float, ...]
"""To where a line goes (two numbers), or a curve by way of two other points (six)."""


class OtherError(Exception):
    """A drawing of another kind."""


class Part(NamedTuple):
    """Of an outline what is drawn without lifting the pen: where it begins, and where it goes."""

    start: Step
    steps: Sequence[Step]
    closed: bool = False

    @property
    def is_curved(self) -> bool:
        return any(len(step) > 2 for step in self.steps)

    @property
    def has_length(self) -> bool:
        return self.is_curved or any(step != self.start for step in self.steps)

    @property
    def is_point(self) -> bool:
        """Whether a stroke with round ends shows it all the same, as a dot."""
        return not self.has_length and (self.closed or bool(self.steps))

    @property
    def is_flat(self) -> bool:
        """Whether all of it lies on one line, so that it has no area."""
        if self.is_curved:
            return False
        away = [(x - self.start[0], y - self.start[1]) for x, y in self.steps]
        along = max(away, key=lambda each: abs(each[0]) + abs(each[1]), default=(0.0, 0.0))
        return all(abs(x * along[1] - y * along[0]) < 1e-9 for x, y in away)


class Outline(Struct, frozen=True):
    """What is filled and stroked in one colour each; '' for neither. All lengths in px."""

    parts: Sequence[Part]
    fill: str = ""
    stroke: str = ""
    width: float = 1.0
    dashes: Sequence[float] = ()
    round_joins: bool = False
    round_ends: bool = False


class Line(Struct, frozen=True):
    """A line of text of which ``anchor``, from 0 at its beginning to 1 at its end, stands at ``x``."""

    x: float
    y: float
    text: str
    font: Path
    size: float
    spaced: float
    anchor: float
    colour: str


class Pieces(Struct, frozen=True):
    """A drawing in px, from the back to the front."""

    width: float
    height: float
    pieces: Sequence[Outline | Line]


def pieces(svg: str, fonts: Sequence[Path]) -> Pieces:
    """``fonts`` are folders with TrueType files such as ``BroadsheetSans-SemiBold.ttf``.

    Raises OtherError for a drawing of another kind; one with text that is written from the right is that, too.
    """
    if "<!" in svg:  # no document type is read
        raise OtherError
    try:
        return _Reader(ElementTree.fromstring(svg), fonts).read()  # noqa: S314 - it has none
    except (ElementTree.ParseError, ValueError, RecursionError):
        raise OtherError from None


class _Style(Struct, frozen=True):
    """What elements inherit, as SVG has it where nothing is said."""

    fill: str = "#000000"
    stroke: str = "none"
    stroke_width: str = "1"
    stroke_dasharray: str = "none"
    stroke_linejoin: str = "miter"
    stroke_linecap: str = "butt"
    font_family: str = ""
    font_size: str = "16"
    font_weight: str = "400"
    letter_spacing: str = "0"
    text_anchor: str = "start"


_STYLES = {name.replace("_", "-"): name for name in _Style.__struct_fields__}


class _Frame(Struct, frozen=True):
    """Where the origin of an element is, and how long one of its units; in px."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + self.scale * x, self.y + self.scale * y

    def moved(self, x: float, y: float, scale: float = 1.0) -> _Frame:
        return _Frame(*self.at(x, y), self.scale * scale)


class _Element:
    """An element's attributes. Raises OtherError for one that it is not said to have, or does not understand."""

    def __init__(self, element: ElementTree.Element, *own: str) -> None:
        self.kind = _kind(element)
        self._given: Mapping[str, str] = element.attrib
        for name in self._given:
            seen = name not in _NOT_SEEN and not name.startswith(("data-", "aria-"))
            if seen and name not in own and name not in _STYLES:
                raise OtherError

    def text(self, name: str) -> str | None:
        return self._given.get(name)

    def number(self, name: str, default: float | None = 0.0) -> float:
        text = self._given.get(name)
        if text is None and default is not None:
            return default
        return _number(text or "")

    def style(self, style: _Style) -> _Style:
        own = {_STYLES[name]: value for name, value in self._given.items() if name in _STYLES}
        return replace(style, **own) if own else style

    def frame(self, frame: _Frame) -> _Frame:
        said = self._given.get("transform")
        if said is None:
            return frame
        moved = _MOVED.fullmatch(said)
        if moved is None:
            raise OtherError
        return frame.moved(_number(moved[1].strip(" ")), _number((moved[2] or "0").strip(" ")))


def _kind(element: ElementTree.Element) -> str:
    if not element.tag.startswith(_NAMESPACE):
        raise OtherError
    return element.tag.removeprefix(_NAMESPACE)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text) or abs(number := float(text)) > _MOST:
        raise OtherError
    return number


def _length(text: str) -> float:
    number = _number(text)
    if number < 0:
        raise OtherError
    return number


def _colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        raise OtherError
    return "" if text == "none" else text


class _Reader:
    def __init__(self, root: ElementTree.Element, fonts: Sequence[Path]) -> None:
        self._root = root
        self._folders = fonts
        self._fonts: dict[tuple[str, str], Path] = {}
        self._clips = {each.attrib.get("id", ""): each for each in root.iter(f"{_NAMESPACE}clipPath")}

    def read(self) -> Pieces:
        root = self._root
        given = _Element(root, "width", "height", "viewBox")
        width, height = given.number("width", None), given.number("height", None)
        if given.kind != "svg" or given.text("viewBox") not in (None, f"0 0 {width:g} {height:g}"):
            raise OtherError
        if min(width, height) <= 0 or width * height > _LARGEST:
            raise OtherError
        return Pieces(width, height, list(self._all(root, given.style(_Style()), _Frame())))

    def _all(self, parent: ElementTree.Element, style: _Style, frame: _Frame) -> Iterator[Outline | Line]:
        if (parent.text or "").strip():
            raise OtherError
        for element in parent:
            if (element.tail or "").strip():
                raise OtherError
            yield from self._piece(element, style, frame)

    def _piece(self, element: ElementTree.Element, style: _Style, frame: _Frame) -> Iterator[Outline | Line]:
        kind = _kind(element)
        if kind in _NOT_DRAWN:
            return
        if kind == "defs":
            if any(each.tag != f"{_NAMESPACE}clipPath" for each in element):
                raise OtherError
        elif kind in ("g", "a"):
            given = _Element(element, "transform", "clip-path")
            frame = given.frame(frame)
            inner = self._all(element, given.style(style), frame)
            yield from self._clipped(list(inner), given, frame) if given.text("clip-path") else inner
        elif kind == "svg":
            given = _Element(element, "x", "y", "width", "height", "viewBox")
            yield from self._nested(element, given, style, frame)
        elif kind == "text":
            yield from self._text(element, style, frame)
        elif kind in _SHAPES and all(_kind(each) in _NOT_DRAWN for each in element):
            names, shape = _SHAPES[kind]
            given = _Element(element, "transform", *names)
            style = given.style(style)
            if kind == "line":
                style = replace(style, fill="none")
            yield from _outlines(shape(given, given.frame(frame)), style, frame.scale)
        else:
            raise OtherError

    # --- clips -------------------------------------------------------------------------------------------

    def _clipped(self, inner: list[Outline | Line], given: _Element, frame: _Frame) -> list[Outline | Line]:
        """The same, where its clip takes nothing of it."""
        named = _REFERENCE.fullmatch(given.text("clip-path") or "")
        clip = self._clips.get(named[1]) if named else None
        if clip is None or len(clip) != 1 or clip[0].tag != f"{_NAMESPACE}rect":
            raise OtherError
        _Element(clip)  # which says nothing else
        box = _Element(clip[0], *_SHAPES["rect"][0])
        left, top = frame.at(box.number("x"), box.number("y"))
        right, bottom = frame.at(box.number("x") + box.number("width"), box.number("y") + box.number("height"))
        if any(isinstance(piece, Line) for piece in inner):
            raise OtherError
        _within(inner, left, top, right, bottom)
        return inner

    def _nested(
        self, element: ElementTree.Element, given: _Element, style: _Style, frame: _Frame
    ) -> Iterator[Outline | Line]:
        """A drawing in a drawing: as large as fits into its place, in the middle of that, and cut off at its edges.

        Its text is taken to be within: a chart's is.
        """
        left, top = frame.at(given.number("x"), given.number("y"))
        width, height = (given.number(name, None) * frame.scale for name in ("width", "height"))
        box = [_number(each) for each in (given.text("viewBox") or "").split(" ")]
        if len(box) != 4 or box[:2] != [0, 0] or min(width, height, *box[2:]) <= 0:
            raise OtherError
        scale = min(width / box[2], height / box[3])
        across, down = (width - scale * box[2]) / 2, (height - scale * box[3]) / 2
        inner = list(self._all(element, given.style(style), _Frame(left + across, top + down, scale)))
        _within(inner, left, top, left + width, top + height)
        yield from inner

    # --- text --------------------------------------------------------------------------------------------

    def _text(self, element: ElementTree.Element, style: _Style, frame: _Frame) -> Iterator[Line]:
        given = _Element(element, "x", "y", "transform")
        style, frame = given.style(style), given.frame(frame)
        x, y = given.number("x"), given.number("y")
        if element.text:
            yield self._line(element.text, x, y, style, frame)
        for number, part in enumerate(element):
            own = _Element(part, "x", "dy")
            follows = own.text("x") is None and (number > 0 or bool(element.text))
            if own.kind != "tspan" or len(part) or part.tail or not part.text or follows:
                raise OtherError
            x, y = own.number("x", x), y + own.number("dy")
            yield self._line(part.text, x, y, own.style(style), frame)

    def _line(self, text: str, x: float, y: float, style: _Style, frame: _Frame) -> Line:
        if any(unicodedata.bidirectional(char) in _FROM_RIGHT for char in text):
            raise OtherError
        if text != text.strip() or _BLANKS.search(text) or style.stroke != "none":
            raise OtherError
        colour, size, spaced = _colour(style.fill), _length(style.font_size), _number(style.letter_spacing)
        anchor = _ANCHORS.get(style.text_anchor)
        if not colour or not size or anchor is None or (anchor and spaced):  # of which each has its own view
            raise OtherError
        return Line(
            *frame.at(x, y), text, self._font(style), size * frame.scale, spaced * frame.scale, anchor, colour
        )

    def _font(self, style: _Style) -> Path:
        """The file of the first family that is named."""
        key = style.font_family, style.font_weight
        if key not in self._fonts:
            family, bold = _FAMILY.match(style.font_family), _BOLD.get(style.font_weight)
            if family is None or bold is None:
                raise OtherError
            name = font_file(family[2], bold=bold)
            found = next((folder / name for folder in self._folders if (folder / name).is_file()), None)
            if found is None:
                raise OtherError
            self._fonts[key] = found
        return self._fonts[key]


# --- outlines -----------------------------------------------------------------------------------------------


def _outlines(parts: Sequence[Part], style: _Style, scale: float) -> Iterator[Outline]:
    """None of what has no size: SVG shows nothing of it, and PDFium a hairline."""
    if style.stroke_linejoin not in ("miter", "round") or style.stroke_linecap not in ("butt", "round"):
        raise OtherError
    dashes = [] if style.stroke_dasharray == "none" else re.split(r"[ ,]+", style.stroke_dasharray)
    width, round_ends = _length(style.stroke_width) * scale, style.stroke_linecap == "round"
    fill, stroke = _colour(style.fill), _colour(style.stroke) if width else ""
    if stroke and round_ends and any(part.is_point for part in parts):
        raise OtherError  # it is a dot
    seen = [part for part in parts if (part.has_length if stroke or not fill else not part.is_flat)]
    if seen and (fill or stroke):
        lengths = [_length(each) * scale for each in dashes]
        yield Outline(seen, fill, stroke, width, lengths, style.stroke_linejoin == "round", round_ends)


def _within(pieces: Sequence[Outline | Line], left: float, top: float, right: float, bottom: float) -> None:
    """Raises OtherError where an outline is cut off by an edge; text is not looked at."""
    for piece in pieces:
        if isinstance(piece, Line):
            continue
        edge = piece.width / 2 if piece.stroke else 0.0
        for part in piece.parts:
            points = [
                (step[at], step[at + 1]) for step in (part.start, *part.steps) for at in range(0, len(step), 2)
            ]
            corners = len(points) > 2 and not piece.round_joins
            upright = all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))
            reach = edge * (MITRE if corners and not upright else 1.0)
            across, down = [x for x, _ in points], [y for _, y in points]
            if min(across) - reach < left or max(across) + reach > right:
                raise OtherError
            if min(down) - reach < top or max(down) + reach > bottom:
                raise OtherError


def _rect(given: _Element, frame: _Frame) -> list[Part]:
    left, top, width, height = (given.number(name) for name in ("x", "y", "width", "height"))
    if width <= 0 or height <= 0:
        return []
    corners = [(left + width, top), (left + width, top + height), (left, top + height)]
    return [Part(frame.at(left, top), [frame.at(*corner) for corner in corners], closed=True)]


def _circle(given: _Element, frame: _Frame) -> list[Part]:
    x, y, r = given.number("cx"), given.number("cy"), given.number("r")
    if r <= 0:
        return []
    bend = _ARC * r
    quarters = [
        ((x + r, y + bend), (x + bend, y + r), (x, y + r)),
        ((x - bend, y + r), (x - r, y + bend), (x - r, y)),
        ((x - r, y - bend), (x - bend, y - r), (x, y - r)),
        ((x + bend, y - r), (x + r, y - bend), (x + r, y)),
    ]
    curves = [tuple(chain.from_iterable(frame.at(*point) for point in quarter)) for quarter in quarters]
    return [Part(frame.at(x + r, y), curves, closed=True)]


def _straight(given: _Element, frame: _Frame) -> list[Part]:
    ends = [frame.at(given.number(f"x{end}"), given.number(f"y{end}")) for end in (1, 2)]
    return [Part(ends[0], ends[1:])]


def _path(given: _Element, frame: _Frame) -> list[Part]:
    """A path of straight lines."""
    said = given.text("d") or ""
    if _BETWEEN.sub("", _STEPS.sub("", said)):
        raise OtherError
    tokens = _STEPS.findall(said)
    parts: list[Part] = []
    steps: list[Step] = []
    command, at, x, y, begun = "", 0, 0.0, 0.0, (0.0, 0.0)
    try:
        while at < len(tokens):
            if tokens[at].isalpha():
                command = tokens[at]
                at += 1
            kind, away = command.upper(), command.islower()
            if kind == "Z":
                parts[-1] = parts[-1]._replace(closed=True)
                x, y = begun
                command = "z!"  # another command must follow
                continue
            if kind == "H":
                x = float(tokens[at]) + (x if away else 0)
                at += 1
            elif kind == "V":
                y = float(tokens[at]) + (y if away else 0)
                at += 1
            else:
                x, y = float(tokens[at]) + (x if away else 0), float(tokens[at + 1]) + (y if away else 0)
                at += 2
            if kind == "M":
                begun = x, y
                parts.append(Part(frame.at(x, y), steps := []))
                command = "l" if away else "L"
            elif kind in ("L", "H", "V"):
                if parts[-1].closed:  # the next one begins where that did
                    parts.append(Part(frame.at(*begun), steps := []))
                steps.append(frame.at(x, y))
            else:
                raise OtherError
    except IndexError:
        raise OtherError from None
    if any(abs(number) > _MOST for part in parts for step in (part.start, *part.steps) for number in step):
        raise OtherError
    return parts


_SHAPES = {
    "rect": (("x", "y", "width", "height"), _rect),
    "circle": (("cx", "cy", "r"), _circle),
    "line": (("x1", "y1", "x2", "y2"), _straight),
    "path": (("d",), _path),
}
"""Of each its own attributes, and what makes its outline."""
