"""The engine's SVG made safe, small and themable: an inline element that any page may hold.

What the engine wrote is trusted for nothing. It is parsed with entities refused, and only known elements and
attributes come through; anything that could load, run or link is an error, never silently dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from msgspec import Struct, field

from generator.charts.reading import NUMBERED, attributes, found
from generator.charts.shape import ChartError
from generator.charts.style import TEXT_SIZE, sentinels
from generator.charts.text import legible

LINK_PREFIX = "https://chart.invalid/"
"""Stands for an address while a chart is drawn; engines rewrite relative ones."""

NO_LINK = f"{LINK_PREFIX}none"
"""Stands for no address; the engine would write "undefined" for a row without one."""

_TAGS = {
    "svg", "g", "path", "line", "rect", "circle", "text", "tspan", "a", "defs", "clipPath",
    "linearGradient", "radialGradient", "stop",
}  # fmt: skip
_NUMERIC = {
    "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "width", "height", "dx", "dy",
    "stroke-width", "stroke-dashoffset",
}  # fmt: skip
_PLAIN = {
    "text-anchor", "font-weight", "font-style", "font-size", "font-family", "stroke-linecap", "stroke-linejoin",
    "stroke-miterlimit", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity", "offset", "stop-opacity",
    "gradientUnits", "clip-rule", "fill-rule",
}  # fmt: skip
_COLOURS = {"fill", "stroke", "stop-color"}
_NOISE = {
    "class", "role", "aria-hidden", "aria-roledescription", "pointer-events", "version", "viewBox", "cursor",
    "xmlns", "xmlns:xlink", "target", "dir",
}  # fmt: skip
_DEFAULTS = {
    "opacity": "1", "fill-opacity": "1", "stroke-opacity": "1", "stroke-width": "1", "transform": "translate(0,0)",
    "font-weight": "400", "font-style": "normal", "text-anchor": "start", "stroke-linecap": "butt",
    "stroke-linejoin": "miter", "stroke-miterlimit": "10", "stroke-dasharray": "1,0",
}  # fmt: skip
_INHERITED = (
    "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "font-size",
    "font-weight", "text-anchor",
)  # fmt: skip
_NUMBER = re.compile(r"-?\d*\.?\d+(?:e[-+]?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)\"'\s]+)\)")
_TRANSFORM = re.compile(r"(?:(?:translate|rotate|scale)\([-\d.,e\s]*\)\s*)*")
_TRANSLATE = re.compile(r"translate\((-?[\d.]+)[,\s](-?[\d.]+)\)")
_PATH = re.compile(r"[MLHVCSQTAZmlhvcsqtaz\d.,e\s+-]*")
_CIRCLE = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0Z?")
_BOX = re.compile(r"M(-?[\d.]+),(-?[\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+Z")
_SENTINELS = dict(sentinels())
_LITERALS = {"#000": "ink", "#000000": "ink", "black": "ink", "#fff": "paper", "#ffffff": "paper", "white": "paper"}


def clean(
    svg: str,
    *,
    id: str,
    title: str,
    description: str,
    links: Sequence[tuple[str, str]] = (),
    places: Mapping[str, str] | None = None,
    rows: int = 0,
    areas: Sequence[int] = (),
    tab_stops: bool = True,
) -> str:
    """The engine's drawing as an inline element.

    ``links`` holds address and accessible name of each link in the drawing, by its number after
    :data:`LINK_PREFIX`; without ``tab_stops`` the Tab key passes them by. ``places`` says where the rows are, as
    attributes; when it is None they are looked for, by the doubles of their marks, for ``rows`` rows. ``areas``
    says which row each named mark is of that holds the pointer, in the order of the marks. Raises
    :class:`ChartError` for anything a page must not hold.
    """
    root = _parse(svg)
    state = _Cleaner(id, links, tab_stops, areas)
    children = [child for one in root if (child := state.element(one)) is not None]
    group = Element("g")
    group.extend(children)
    _hoist(group)
    out = Element("svg")
    width, height = (_size(root, name) for name in ("width", "height"))
    out.attrib = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "chart",
        "id": id,
        "width": width,
        "height": height,
        "viewBox": f"0 0 {width} {height}",
        # An image hides its parts from assistive technology; links must stay reachable.
        "role": "group" if state.linked else "img",
        "aria-labelledby": f"{id}-title",
        "aria-describedby": f"{id}-desc",
        "font-family": "var(--chart-font)",
        "font-size": str(TEXT_SIZE),
        "fill": "none",
        **(state.places(rows) if places is None else places),
    }
    if not state.linked:
        out.attrib["aria-labelledby"] = f"{id}-title {id}-desc"
        del out.attrib["aria-describedby"]
    out.append(_text_element("title", title, f"{id}-title"))
    out.append(_text_element("desc", description, f"{id}-desc"))
    if state.hatched:
        out.append(_hatch(state.hatch_id))
    out.extend([group] if set(group.attrib) else list(group))
    if state.linked:
        _let_through(out)
    return _written(out)


def _let_through(element: Element, *, over: bool = False) -> bool:
    """Let clicks pass through what lies upon linked marks: words, and signs without a name of their own.

    ``over`` says whether links lie below; the answer is whether there are any now.
    """
    for child in element:
        parts = {part.tag for part in child.iter()}
        if child.tag == "a":
            over = True
        elif parts <= {"g", "text", "tspan"} or (over and not parts & {"a", "title", "defs"}):
            child.set("pointer-events", "none")
        else:
            over = _let_through(child, over=over)
    return over


def _parse(svg: str) -> Element:
    """The tree of an XML text without document type, entities or processing instructions."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()

    def refuse(*_: object) -> int:
        raise ChartError("the drawing holds a document type or an instruction, which no chart needs")

    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(svg, True)
    except expat.ExpatError as error:
        raise ChartError(f"the drawing is not well-formed: {error}") from error
    root = builder.close()
    if root.tag != "svg":
        raise ChartError(f"the drawing is a <{root.tag}>, not an <svg>")
    return root


def _size(root: Element, name: str) -> str:
    value = root.get(name, "")
    if not re.fullmatch(r"\d+(\.\d+)?", value):
        raise ChartError(f"the drawing has no {name}")
    return _round(float(value))


def _round(value: float) -> str:
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text in ("-0", "") else text


def _rounded(text: str) -> str:
    return _NUMBER.sub(lambda m: _round(float(m.group())), text)


class _Cleaner(Struct):
    """Copies elements, keeping what is known and safe."""

    id: str
    links: Sequence[tuple[str, str]]
    tab_stops: bool = True
    areas: Sequence[int] = ()
    """The rows of the named marks that are areas, in their order: their numbers are written on them."""
    named: int = 0
    linked: bool = False
    hatched: bool = False
    doubles: dict[int, tuple[float, ...]] = field(default_factory=dict)
    lines: bool = False
    _ids: dict[str, str] = field(default_factory=dict)

    @property
    def hatch_id(self) -> str:
        return f"{self.id}-hatch"

    def places(self, rows: int) -> dict[str, str]:
        """Where the rows are whose doubles were met."""
        return attributes(found(self.doubles, rows, lines=self.lines), 0, 0)

    def element(self, source: Element, at: tuple[float, float] = (0.0, 0.0)) -> Element | None:
        """The element without noise; None when it draws nothing. ``at`` is where its parent has been moved to."""
        tag, given = source.tag, source.attrib
        if tag not in _TAGS:
            raise ChartError(f"the drawing holds a <{tag}>, which a page must not")
        if move := _moved(given.get("transform", "")):
            at = (at[0] + move[0], at[1] + move[1])
        label = given.get("aria-label")
        if label is not None and label.startswith(NUMBERED):
            self._meet(source, at)
            return None
        if given.get("display") == "none" or (tag == "path" and _paints_nothing(source)):
            return None
        kind = given.get("class", "")
        self.lines = self.lines or "mark-line" in kind or "mark-area" in kind
        out = Element(tag)
        for attribute, value in given.items():
            if attribute != "aria-label" and (kept := self._attribute(tag, attribute, value)) is not None:
                out.set(*kept)
        if tag in ("text", "tspan"):
            out.text = source.text
            out.attrib.pop("stroke", None) if out.get("stroke") == "none" else None
        out.extend([child for one in source if (child := self.element(one, at)) is not None])
        if tag == "a":
            return self._link(out)
        if label and tag not in ("svg", "g", "text"):
            out.insert(0, _text_element("title", label))
            if self.named < len(self.areas):
                out.set("data-row", str(self.areas[self.named]))
            self.named += 1
        return _simplified(out)

    def _meet(self, double: Element, at: tuple[float, float]) -> None:
        """Remember where a row is; of several marks for one row the first counts."""
        number = double.get("aria-label", "").removeprefix(NUMBERED)
        box = _BOX.fullmatch(double.get("d", ""))
        if number.isdigit():
            place = (at[0] + float(box[1]), at[1] + float(box[2]), float(box[3]), float(box[4])) if box else at
            self.doubles.setdefault(int(number), place)

    def _attribute(self, tag: str, name: str, value: str) -> tuple[str, str] | None:
        """What is written for an attribute; None for one that says nothing."""
        if name == "id":
            return name, self._renamed(value)
        if name == "clip-path" or (name in _COLOURS and value.startswith("url")):
            return name, self._reference(name, value)
        if name == "fill" and _role(value) == "missing":
            self.hatched = True
            return name, f"url(#{self.hatch_id})"
        return _known_attribute(tag, name, value) if len(value) < _LONG else _attribute(tag, name, value)

    def _renamed(self, name: str) -> str:
        return self._ids.setdefault(name, f"{self.id}-{len(self._ids) + 1}")

    def _reference(self, name: str, value: str) -> str:
        match = _REFERENCE.fullmatch(value)
        if not match:
            raise ChartError(f"the drawing holds {name}={value!r}; a chart may refer to its own parts only")
        return f"url(#{self._renamed(match.group(1))})"

    def _link(self, out: Element) -> Element:
        address = out.get("href", "")
        if address == NO_LINK:
            group = Element("g")
            group.extend(out)
            return group
        number = address.removeprefix(LINK_PREFIX)
        if number == address or not number.isdigit() or int(number) >= len(self.links):
            raise ChartError(f"the drawing links to {address!r}; give links by key with the figure")
        self.linked = True
        target, name = self.links[int(number)]
        link = Element("a", {"href": target} if self.tab_stops else {"href": target, "tabindex": "-1"})
        link.append(_text_element("title", name))
        for child in out:
            child.attrib.pop("data-row", None)  # it is told by its address
            for inner in [grandchild for grandchild in child if grandchild.tag == "title"]:
                child.remove(inner)
            for inherited in _INHERITED:
                if (value := child.get(inherited)) is not None and not value.startswith("url"):
                    link.set(inherited, child.attrib.pop(inherited))
            link.append(child)
        return link


def _attribute(tag: str, name: str, value: str) -> tuple[str, str] | None:
    """What is written for an attribute that means the same in every drawing; None for one that says nothing."""
    if name in _NOISE or _DEFAULTS.get(name) == value:
        return None
    if name in _COLOURS:
        if tag == "g" and value == "none":
            return None  # as everything inherits from the root
        return name, _colour(value)
    if name in _NUMERIC:
        return name, value if value.endswith("%") else _rounded(_matching(_NUMBER, name, value))
    if name == "d":
        return name, _short_path(_matching(_PATH, name, value))
    if name == "transform":
        return name, _rounded(_matching(_TRANSFORM, name, value))
    if name == "font-size":
        return None if value == f"{TEXT_SIZE}px" else (name, value.removesuffix("px"))
    if name in ("font-family", "display"):
        return None
    if name == "xlink:href" and tag == "a":
        return "href", value
    if name in _PLAIN and re.fullmatch(r"[\w\s.,%-]*", value):
        return name, value
    raise ChartError(f"the drawing holds {name}={value!r} on a <{tag}>, which a page must not")


_known_attribute = lru_cache(maxsize=8192)(_attribute)
"""Most are those of axes, and the same in thousands of drawings."""
_LONG = 64
"""Letters of a value that no other drawing has."""


def _role(value: str) -> str | None:
    """What a colour stands for; None for one that has no meaning here."""
    return _SENTINELS.get(value.lower()) or _LITERALS.get(value.lower())


def _colour(value: str) -> str:
    if value in ("none", "transparent"):
        return "none"
    role = _role(value)
    if role is None:
        raise ChartError(
            f"the drawing uses the colour {value!r}, which has no dark counterpart; use shape.colour(role), "
            "and scales with steps instead of continuous ones"
        )
    return f"var(--chart-{role})"


@lru_cache(maxsize=4096)
def _moved(transform: str) -> tuple[float, float] | None:
    """How far an element is moved by what does nothing but move it."""
    move = _TRANSLATE.fullmatch(transform)
    return (float(move[1]), float(move[2])) if move else None


def _matching(pattern: re.Pattern[str], name: str, value: str) -> str:
    if not pattern.fullmatch(value):
        raise ChartError(f"the drawing holds {name}={value[:60]!r}, which is not understood")
    return value


def _paints_nothing(source: Element) -> bool:
    """Backgrounds and foregrounds of groups, which the engine writes even when they are not painted."""
    if source.get("class") in ("background", "foreground"):
        return source.get("fill", "none") in ("none", "transparent") and source.get("stroke", "none") in (
            "none",
            "transparent",
        )
    return not source.get("d")


def _simplified(out: Element) -> Element | None:
    """The element in its shortest form, or nothing when it is an empty group."""
    if out.tag == "g":
        flat: list[Element] = []
        for child in out:
            flat.extend(child if child.tag == "g" and not child.attrib else [child])
        out[:] = flat
        if not flat:
            return None
        _hoist(out)
        if len(flat) == 1 and flat[0].tag == "g":
            return _joined(out, flat[0])
        return out
    if out.tag == "text" and not out.text and not len(out):
        return None
    if out.tag in ("text", "line", "path", "rect"):
        _place(out)
    return out


def _joined(outer: Element, inner: Element) -> Element:
    """Two groups, one inside the other, as one."""
    if outer.get("clip-path") or inner.get("clip-path"):
        return outer
    transform = _added(outer.attrib.pop("transform", ""), inner.attrib.pop("transform", ""))
    inner.attrib = {**outer.attrib, **inner.attrib}
    if transform:
        inner.set("transform", transform)
    return inner


def _added(first: str, second: str) -> str:
    one, two = _TRANSLATE.fullmatch(first), _TRANSLATE.fullmatch(second)
    if one and two:
        x, y = (float(one.group(n)) + float(two.group(n)) for n in (1, 2))
        return f"translate({_round(x)},{_round(y)})"
    return first + second


def _place(out: Element) -> None:
    """A translation written as coordinates, where that is the same and shorter."""
    match = _TRANSLATE.fullmatch(out.get("transform", ""))
    circle = _CIRCLE.fullmatch(out.get("d", "")) if out.tag == "path" else None
    if circle:
        x, y = (match.group(1), match.group(2)) if match else ("0", "0")
        rest = {name: value for name, value in out.attrib.items() if name not in ("d", "transform")}
        if match or "transform" not in out.attrib:
            out.tag = "circle"
            out.attrib = {"cx": x, "cy": y, "r": circle.group(1), **rest}
        return
    if not match or out.tag == "path" or (out.tag == "text" and any(child.get("x") for child in out)):
        return
    x, y = float(match.group(1)), float(match.group(2))
    out.attrib.pop("transform")
    pairs = {"line": (("x1", x), ("y1", y), ("x2", x), ("y2", y))}.get(out.tag, (("x", x), ("y", y)))
    for name, by in pairs:
        value = _round(float(out.get(name, "0")) + by)
        out.set(name, value)


def _hoist(group: Element) -> None:
    """Attributes that all children share, written once on the group."""
    children = [child for child in group if child.tag not in ("title", "desc", "defs")]
    if len(children) < 2:
        return
    first = children[0].attrib
    for name in _INHERITED:
        value = first.get(name)
        if value is not None and not value.startswith("url") and all(c.get(name) == value for c in children):
            group.set(name, value)
            for child in children:
                del child.attrib[name]


_POINT = re.compile(r"([MLZ])(?:(-?[\d.]+(?:e-?\d+)?)[,\s](-?[\d.]+(?:e-?\d+)?))?")


def _short_path(path: str) -> str:
    """A path with one decimal; long polygons as relative moves, which are half as long."""
    if path.count("L") < 3 or re.search(r"[^MLZ\d.,e\s-]", path):
        return _rounded(path)
    parts: list[str] = []
    at_x = at_y = start_x = start_y = 0
    for command, x, y in _POINT.findall(path):
        if command == "Z":
            parts.append("z")
            at_x, at_y = start_x, start_y
            continue
        to_x, to_y = round(float(x) * 10), round(float(y) * 10)
        if command == "M":
            parts.append(f"M{_tenths(to_x)},{_tenths(to_y)}")
            start_x, start_y = to_x, to_y
        elif (to_x, to_y) != (at_x, at_y):
            step = _tenths(to_y - at_y)
            parts.append(f"l{_tenths(to_x - at_x)}{'' if step.startswith('-') else ','}{step}")
        at_x, at_y = to_x, to_y
    return "".join(parts)


def _tenths(value: int) -> str:
    sign = "-" if value < 0 else ""
    whole, rest = divmod(abs(value), 10)
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole or ''}.{rest}"


def _hatch(id: str) -> Element:
    defs = Element("defs")
    pattern = Element("pattern")
    pattern.attrib = {
        "id": id, "width": "5", "height": "5", "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)",
    }  # fmt: skip
    ground = Element("rect", {"width": "5", "height": "5", "fill": "var(--chart-paper)"})
    line = Element("path", {"d": "M0,0V5", "stroke": "var(--chart-missing)"})
    pattern.extend([ground, line])
    defs.append(pattern)
    return defs


def _text_element(tag: str, text: str, id: str = "") -> Element:
    element = Element(tag, {"id": id} if id else {})
    element.text = text
    return element


_MARKED = re.compile('[&<>"]|[^ -~]')


def _escaped(text: str) -> str:
    if not _MARKED.search(text):
        return text
    return legible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _written(element: Element) -> str:
    attributes = "".join(f' {name}="{_escaped(value)}"' for name, value in element.attrib.items())
    inner = _escaped(element.text or "") + "".join(map(_written, element))
    if not inner:
        return f"<{element.tag}{attributes}/>"
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"
