"""The card of a page: what the picture says that goes with a shared link, or whose card goes with it instead.

A page that search engines are asked to leave out has none of its own, nor one that says ``card: none``; with them
goes that of the place above, and at last that of the front page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from generator.cards import Bar, Card, CardNumber, fits
from generator.cards.card import MOST_BARS
from generator.documents import CardSpec, Program
from generator.pages.writer import Workshop, Writer, WrittenBlock
from generator.problems import Problem, did_you_mean, one_of
from generator.prose.markdown import plain_text
from generator.routes import Route
from generator.source import Document, MapNode, Scalar
from generator.tables import SheetRow, printed
from generator.values import Numeric

FILE = "card.png"


def has_card(writer: Writer) -> bool:
    """Whether a page has a card of its own."""
    spec = writer.program("card").front.card
    silent = spec is not None and spec.show == "none"
    return not silent and not writer.route.url.endswith(".html") and not writer.noindex


def says_no_card(document: Document) -> bool:
    """Whether a document says ``card: none``, in one of its forms; also of one that does not compile."""
    given = document.front.entries.get("card")
    shown = given.entries.get("show") if isinstance(given, MapNode) else given
    return isinstance(shown, Scalar) and shown.text == "none"


def lender(shop: Workshop, route: Route) -> Route | None:
    """The page whose card goes with one that has none: that of the nearest place above, else the front page."""
    entity = route.entity
    while entity is not None:
        collection = shop.story.collections[entity.collection]
        entity = shop.views.find(collection.parent, entity.parent) if collection.parent else None
        if entity is not None and _can_lend(shop, entity.url):
            return shop.routes[entity.url]
    return shop.routes[""] if _can_lend(shop, "") else None


def _can_lend(shop: Workshop, url: str) -> bool:
    route = shop.routes.get(url)
    if route is None or any(path and path not in shop.programs for path in (route.document, route.override)):
        return False
    return has_card(Writer(shop, route))


def card(writer: Writer, page: Mapping[str, Any]) -> Card:
    """``page`` is what its template is given; ``writer`` has written its text."""
    program = writer.program("card")
    spec = program.front.card or CardSpec()
    config = writer.shop.story.config
    block, bars = _shown(writer, program, spec)
    caption = writer.plain("card", "caption") or (block.caption if block else "")
    parts = urlsplit(config.base_url)
    return Card(
        site=config.spec.title,
        address=f"{parts.netloc}{parts.path}".rstrip("/"),
        kicker=page["kicker"],
        heading=writer.plain("card", "heading") or plain_text(page["heading"]),
        lead=writer.plain("card", "lead") or plain_text(page["lead"]) or page["description"],
        number=_number(writer, program, spec, page["numbers"]),
        caption=caption,
        chart=block.made.chart() if block and not bars else "",
        bars=bars,
        place=writer.route.entity is not None,
    )


def _number(
    writer: Writer, program: Program, spec: CardSpec, numbers: Sequence[Mapping[str, Any]]
) -> CardNumber | None:
    if spec.number:
        value = writer.evaluate(program, spec.number)
        blank = value is None or (isinstance(value, str) and not value)
        if blank or (isinstance(value, Numeric) and not value.quantity.known):
            return None
        texts = {key: writer.plain("card", key, prose=key != "note") for key in ("label", "unit", "note")}
        return CardNumber(writer.cell_text(value), **texts)
    if not numbers:
        return None
    first = numbers[0]
    told = {key: plain_text(str(first[key])) for key in ("value", "label", "rank", "note")}
    return CardNumber(unit=first["unit"], **told)


# --- the chart ------------------------------------------------------------------------------------------


def _shown(writer: Writer, program: Program, spec: CardSpec) -> tuple[WrittenBlock | None, tuple[Bar, ...]]:
    """The figure whose chart is shown; or bars, and the table that they are of, if they are of one."""
    if spec.of:
        return None, _own_bars(writer, program, spec)
    if spec.figure == "none":
        return None, ()
    figures = [block for block in writer.blocks if block.block.what == "figure"]
    named = [block for block in figures if spec.figure and block.block.spec.id == spec.figure]
    for block in named or figures:
        chart = block.made.chart()
        if chart and fits(chart):
            return block, ()
    if not figures:
        for block in writer.blocks:
            bars = _bars_of(writer, block)
            if bars:
                return block, bars
    return None, ()


def unknown_figure(programs: Sequence[Program], program: Program, spec: CardSpec | None) -> Problem | None:
    """What is wrong when the card names a figure that none of the documents of the page has."""
    if spec is None or spec.figure in ("", "none"):
        return None
    known = [b.spec.id for each in programs for b in each.blocks if b.what == "figure" and b.spec.id]
    if spec.figure in known:
        return None
    return Problem(
        "unknown-figure",
        f"card: there is no figure with the id {spec.figure!r}{did_you_mean(spec.figure, known)}",
        program.places(("card", "figure")),
        f"Figures that have an id: {one_of(known)}." if known else "Give the figure a line 'id: …'.",
    )


def _own_bars(writer: Writer, program: Program, spec: CardSpec) -> tuple[Bar, ...]:
    """Of the places that the document names, the first ones, and the page's own among them."""
    own = writer.route.entity
    cells = []
    for thing in chosen(writer.evaluate(program, spec.of), own.key if own else ""):
        mine = own is not None and thing.key == own.key
        cells.append((str(thing.name), writer.evaluate(program, spec.value, {"row": thing}), mine))
    return _bars(writer, cells)


def chosen(places: Iterable[Any], own: str) -> list[Any]:
    """Those of many places for which there are bars."""
    listed = list(places)
    return _first(listed, [getattr(place, "key", None) == own for place in listed])


def _bars_of(writer: Writer, block: WrittenBlock) -> tuple[Bar, ...]:
    """The first rows of a table of places, by its first column of amounts."""
    sheet = block.made.sheet()
    columns = range(len(sheet.columns))
    amounts = [i for i in columns if all(_is_amount(row.cells[i]) for row in sheet.rows)]
    names = [i for i in columns if all(_is_place(row.cells[i]) for row in sheet.rows)]
    if not amounts or not names or not _falls([row.cells[amounts[0]] for row in sheet.rows]):
        return ()
    rows: list[SheetRow] = _first(list(sheet.rows), [row.own for row in sheet.rows])
    style = writer.shop.style
    return _bars(
        writer, [(printed(row.cells[names[0]], style).text, row.cells[amounts[0]], row.own) for row in rows]
    )


def _is_amount(cell: Any) -> bool:
    return isinstance(cell, Numeric) and cell.quantity.kind not in ("rank", "category") and not cell.quantity.code


def _falls(cells: Sequence[Numeric]) -> bool:
    """Whether it is a ranking, from the largest to the smallest."""
    known = [float(cell.quantity.need()) for cell in cells if cell.quantity.known]
    return all(one >= other for one, other in pairwise(known))


def _is_place(cell: Any) -> bool:
    return hasattr(type(cell), "link") and not isinstance(cell, Numeric)


def _first(rows: list[Any], own: list[bool]) -> list[Any]:
    """The first ones; the page's own takes the place of the last."""
    if True in own and own.index(True) >= MOST_BARS:
        return [*rows[: MOST_BARS - 1], rows[own.index(True)]]
    return rows[:MOST_BARS]


def _bars(writer: Writer, cells: Sequence[tuple[str, Any, bool]]) -> tuple[Bar, ...]:
    """Nothing unless all of them are known and none is below zero."""
    numbers = []
    for _, cell, _ in cells:
        if not isinstance(cell, Numeric) or not cell.quantity.known:
            return ()
        numbers.append(float(cell.quantity.need()))
    most = max(numbers, default=0.0)
    if len(numbers) < 2 or most <= 0 or min(numbers) < 0:
        return ()
    return tuple(
        Bar(name, writer.cell_text(cell), number / most, own)
        for (name, cell, own), number in zip(cells, numbers, strict=True)
    )
