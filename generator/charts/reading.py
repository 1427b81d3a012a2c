"""Where a drawing has the rows of its table: written for the page's script, and found in charts of a story's own.

What a reader points at is one row of the table below the figure. The built-in kinds know where they put each row.
Of another chart nothing is known until it is drawn: every mark in it that still has its row is doubled by one that
paints nothing and bears the row's number, which is taken out of the drawing again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.charts.shape import Places

ROW = "_row"
"""The field of a row that holds its number, counted from 0."""

NUMBERED = "\ue000row "
"""What the names of doubles begin with; no text of a story may hold that sign."""

_POSITIONS = ("x", "x2", "xc", "y", "y2", "yc", "width", "height")
_DOUBLED = {"rect": "rect", "symbol": "symbol", "line": "symbol", "area": "symbol"}


def attributes(places: Places, left: float, top: float) -> dict[str, str]:
    """The places as attributes of the ``<svg>``, from its own corner; nothing when no row is drawn.

    ``data-at`` lists x of every row, y of every row, and where they have one the same of their other end:
    ``x x …;y y …;x x …;y y …``, nothing for a row that is not drawn. (Like stands beside like, so that this is half
    as long as pairs when it is compressed.) ``data-by`` is what :class:`Places` says of nearness and of the area.
    """
    if not any(places.at):
        return {}
    moves = (left, top)
    lists = [
        " ".join(_short(place[index] + moves[index % 2]) if index < len(place) else "" for place in places.at)
        for index in range(max(map(len, places.at)))
    ]
    plot = [_short(value + (moves[index] if index < 2 else 0)) for index, value in enumerate(places.plot)]
    by = " ".join([places.by, *plot]).strip()
    return {"data-at": ";".join(lists), **({"data-by": by} if by else {})}


def _short(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def with_doubles(marks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Vega's marks, each that shows rows followed by its double."""
    made: list[dict[str, Any]] = []
    for mark in marks:
        inner = {"marks": with_doubles(mark["marks"])} if "marks" in mark else {}
        made.append({**mark, **inner})
        if mark.get("type") in _DOUBLED and "data" in mark.get("from", {}):
            made.append(_double(mark))
    return made


def _double(mark: Mapping[str, Any]) -> dict[str, Any]:
    encoded = mark.get("encode", {}).get("update", {})
    kind = _DOUBLED[mark["type"]]
    names = _POSITIONS if kind == "rect" else ("x", "xc", "y", "yc")
    drawn = encoded.get("defined", {}).get("signal", "true")
    # A row that was summed up with others is no row of the table any more, and has lost its number.
    number = f"isValid(datum.{ROW}) && ({drawn}) ? datum.{ROW} : ''"
    update = {name: encoded[name] for name in names if name in encoded}
    update["description"] = {"signal": f"'{NUMBERED}' + ({number})"}
    if kind == "symbol":
        update["size"] = {"value": 0}
    return {"type": kind, "from": mark["from"], "aria": True, "interactive": False, "encode": {"update": update}}


def found(doubles: Mapping[int, tuple[float, ...]], count: int, *, lines: bool) -> Places:
    """The places of ``count`` rows from what their doubles were found to be: points, or x, y, width, height."""
    given = [doubles.get(row, ()) for row in range(count)]
    boxes = [place for place in given if len(place) == 4]
    lying = len({x for x, _, _, _ in boxes}) == 1
    standing = not lying and len({round(y + height, 1) for _, y, _, height in boxes}) == 1
    at = [
        _ends(place, lying or (not standing and place[2] >= place[3])) if len(place) == 4 else place
        for place in given
    ]
    if lying:
        return Places(at, "y")
    return Places(at, "x", _around(at)) if standing or (lines and any(at)) else Places(at)


def _ends(box: tuple[float, ...], lying: bool) -> tuple[float, ...]:
    """The ends of the line through the middle of a box, along it or upwards."""
    x, y, width, height = box
    if lying:
        return (x, y + height / 2, x + width, y + height / 2)
    return (x + width / 2, y + height, x + width / 2, y)


def _around(at: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Left, top and height of all places together."""
    ys = [value for place in at for value in place[1::2]]
    return (min(place[0] for place in at if place), min(ys), max(ys) - min(ys))
