"""Where the numbers of a page, or one number wherever it is printed, come from: receipts for the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from generator.datasets.publications import dates_of
from generator.pages.maker import PageMaker
from generator.pages.receipts import Receipt, cells_words, evidence_lines, identity, origin_words, rows_words
from generator.pages.survey import Reading, Survey
from generator.prepare import prepare
from generator.problems import did_you_mean
from generator.prose.slots import Slot
from generator.routes import Route
from generator.values import NumberStyle

MOST_FIGURES = 8
"""Different figures that are shown for one number."""
MOST_PLACES = 10
"""Places that are shown for one figure."""
WIDEST = 110


class Explanation(Struct, frozen=True):
    """What was found, or why nothing was."""

    found: bool
    text: str


def explain(root: Path, asked: str) -> Explanation:
    """``asked`` is the address of a page (``towns/ashby/``, ``/`` for the front page), one with the id of a
    receipt behind ``#``, or a number or words as a page prints them. Raises SourceError with what is wrong with the
    story.
    """
    maker = prepare(root, drawing=False)
    maker.problems.raise_if_any()
    address, mark, fragment = asked.partition("#")
    route = _route(maker, address)
    if route is not None:
        return _of_page(maker, route, fragment if mark else "")
    if "/" in address or mark:
        hint = did_you_mean(_address(maker, address), maker.routes) or _meant(maker, _last(address))
        return Explanation(False, f"there is no page at {address!r}{hint}")
    return _of_number(maker, asked)


def _last(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def _address(maker: PageMaker, written: str) -> str:
    """An address as routes have it, however it was copied."""
    base = maker.story.config.base_url
    path = written.removeprefix(base) if base else written
    return path.removeprefix("./").lstrip("/").removesuffix("index.html")


def _route(maker: PageMaker, written: str) -> Route | None:
    path = _address(maker, written)
    if not path and not written:
        return None
    return maker.routes.get(path) or maker.routes.get(f"{path}/")


# --- a page ---------------------------------------------------------------------------------------------


def _of_page(maker: PageMaker, route: Route, fragment: str) -> Explanation:
    receipts = _receipts(maker, route)
    style = maker.story.config.style
    if not fragment:
        return Explanation(True, "\n".join(_listed(route, receipts, style)))
    name = f"receipt-{fragment.removeprefix('receipt-').removeprefix('number-')}"
    for receipt in receipts:
        if receipt.id == name:
            return Explanation(True, "\n".join(_full(receipt, style)))
    known = [receipt.id for receipt in receipts]
    hint = f"; it has {known[0]} to {known[-1]}" if known else "; it prints no bound number"
    return Explanation(False, f"/{route.url} has no receipt {fragment!r}{hint}")


def _receipts(maker: PageMaker, route: Route) -> list[Receipt]:
    """In the order of their ids."""
    found = [receipt for group in maker.page(route).receipts for receipt in group.receipts]
    return sorted(found, key=lambda receipt: int(receipt.id.rpartition("-")[2]))


def _listed(route: Route, receipts: Sequence[Receipt], style: NumberStyle) -> Iterator[str]:
    count = len(receipts)
    yield f"/{route.url}: {count} number{'' if count == 1 else 's'} that can be followed"
    says = [_quoted(receipt) for receipt in receipts]
    names, width = max(map(len, (r.id for r in receipts)), default=0), min(24, max(map(len, says), default=0))
    for receipt, words in zip(receipts, says, strict=True):
        about = ", ".join(filter(None, (_shown(receipt), receipt.about(style))))
        line = f"{receipt.id.ljust(names)}  {words.ljust(width)}  {about}"
        yield f"{line}  {_shortened(evidence_lines(receipt), 48)}".rstrip()


def _quoted(receipt: Receipt) -> str:
    return f"“{receipt.text}”" if receipt.asserted else receipt.text


def _shown(receipt: Receipt) -> str:
    """The figure behind words, with its unit: ``(9) loans``."""
    return " ".join(filter(None, (f"({receipt.behind})" if receipt.behind else "", receipt.unit_to_say)))


def _full(receipt: Receipt, style: NumberStyle) -> Iterator[str]:
    held = " held against" if receipt.asserted else ""
    unit = f" {receipt.unit_to_say}" if receipt.unit_to_say else ""
    figure = (f" {receipt.behind}" if receipt.asserted else f" ({receipt.behind})") if receipt.behind else ""
    about = receipt.about(style)
    yield f"{_quoted(receipt)}{held}{figure}{unit}{f', {about}' if about else ''}"
    subject = receipt.subject
    definition = f"{subject.title}. {subject.definition}" if subject.definition else subject.title
    lines = [
        ("measure", definition),
        ("selection", receipt.selection),
        ("worked out", receipt.worked_out),
        ("exactness", receipt.precision),
    ]
    for item in receipt.evidence:
        cells = cells_words(item, style)
        lines.append(("rows", f"{item.path}, {rows_words(item, style)}{f' ({cells})' if cells else ''}"))
        if item.origin is not None:
            lines.append(("made by", f"{origin_words(item.origin, style)}: {' '.join(item.origin.query.split())}"))
    for source in subject.publications:
        told = ", ".join(filter(None, (source.publisher, source.title, dates_of(source, style), source.path)))
        lines.append(("source", told))
    lines += [("printed", place) for place in receipt.places if place]
    yield from (f"  {label:<10}  {text}" for label, text in lines if text)


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


# --- a number -------------------------------------------------------------------------------------------


class _Figure(Struct):
    """One figure, and every place that prints it in the words asked for."""

    slot: Slot
    readings: list[Reading] = field(default_factory=list)


def _of_number(maker: PageMaker, asked: str) -> Explanation:
    figures: dict[object, _Figure] = {}
    texts: set[str] = set()
    for reading in _readings(maker):
        texts.add(reading.text)
        if _says(reading.text, asked, maker.story.config.style):
            figures.setdefault(identity(reading.slot), _Figure(reading.slot)).readings.append(reading)
    if not figures:
        hint = _meant(maker, asked) or ("" if _TOKEN.search(asked) else did_you_mean(asked, texts))
        return Explanation(False, f"there is no page at {asked!r}, and no page prints it as a bound number{hint}")
    return Explanation(True, "\n".join(_told(maker, asked, list(figures.values()))))


def _meant(maker: PageMaker, asked: str) -> str:
    """A page whose address ends in what was asked for."""
    ending = asked.casefold().replace(" ", "-")
    found = [url for url in maker.routes if _last(url) == ending]
    return f"; did you mean {found[0]!r}?" if found else ""


def _readings(maker: PageMaker) -> Iterator[Reading]:
    for route in maker.routes.values():
        for reading in Survey(maker.shop, route, keep=True).run().readings:
            if reading.slot.kind in ("data", "asserted"):
                yield reading


_TOKEN = re.compile(r"[0-9](?:[0-9.,\s\u00a0\u202f]*[0-9])?")


def _says(text: str, asked: str, style: NumberStyle) -> bool:
    """Whether a page's words are those asked for, or hold that number; thousands may be left unseparated."""
    wanted = asked.strip().casefold().replace("%", f" {style.percent}").replace("  ", " ")
    if text.casefold() == wanted:
        return True
    tokens = _TOKEN.findall(text)
    return wanted in tokens or wanted in [token.replace(style.thousands, "") for token in tokens]


def _told(maker: PageMaker, asked: str, figures: Sequence[_Figure]) -> Iterator[str]:
    places = sum(len(figure.readings) for figure in figures)
    pages = len({reading.page for figure in figures for reading in figure.readings})
    stands = "one figure" if len(figures) == 1 else f"{len(figures)} different figures"
    yield f"{asked!r} is printed {_times(places)} on {pages} page{'' if pages == 1 else 's'}, for {stands}"
    ranked = sorted(figures, key=lambda figure: -len(figure.readings))
    known: dict[str, Mapping[object, str]] = {}
    for figure in ranked[:MOST_FIGURES]:
        yield ""
        receipt = maker.shop.ledger.receipt(figure.slot)
        yield from _full(receipt, maker.story.config.style)
        shown = figure.readings[: MOST_PLACES if len(figures) == 1 else 3]
        for reading in shown:
            yield from _place(maker, reading, known)
        if len(figure.readings) > len(shown):
            yield f"    and {_times(len(figure.readings) - len(shown))} more"
    if len(figures) > MOST_FIGURES:
        yield f"\nand {len(figures) - MOST_FIGURES} further figures; name a page to see all of its numbers"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _place(maker: PageMaker, reading: Reading, known: dict[str, Mapping[object, str]]) -> Iterator[str]:
    """The page with the receipt's id, the place in its document, the sentence."""
    if reading.page not in known:
        known[reading.page] = {_same(r): r.id for r in _receipts(maker, maker.routes[reading.page])}
    receipt = known[reading.page].get(_same(maker.shop.ledger.receipt(reading.slot)))
    where = f"/{reading.page}#{receipt}" if receipt else f"/{reading.page}, in a table or figure"
    yield f"    {where}  {reading.where}"
    if reading.around and reading.around != reading.text:
        yield f"        {_shortened(reading.around.removeprefix('- '), WIDEST)}"


def _same(receipt: Receipt) -> object:
    """A receipt without what is of its page."""
    words = receipt.text if receipt.asserted else ""
    return words, receipt.value, receipt.label, receipt.of, receipt.period, evidence_lines(receipt)
