"""A block on a page: its sheet, its drawings and its table as finished HTML, and the files that it offers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from html import escape
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from generator.bytecode import Bytecode
from generator.charts import (
    KINDS,
    WIDE,
    Caption,
    ChartError,
    CompiledChart,
    Event,
    Geometry,
    Kind,
    Renderer,
    Separators,
    Shape,
    compile_shape,
    draw,
    drawing_size,
    rasterised,
    standalone,
    standing_alone,
)
from generator.charts.live import LIVE
from generator.config import Config
from generator.datasets.descriptor import Package, Resource, Source
from generator.datasets.publications import as_day, publications
from generator.datasets.read import Table
from generator.documents import BlockProgram
from generator.figures.embeds import Embed
from generator.figures.files import Files, data_json, json_name
from generator.figures.kept import KeptBlocks, MadeBlock
from generator.figures.live import DRAWN_WITH, NOBODY, Asking, Offered, Others, places_file, way
from generator.figures.live_files import LiveFiles, Named
from generator.figures.sheets import SheetMaker
from generator.figures.spec import ColumnSpec, FigureSpec, TableSpec
from generator.frames import Frame
from generator.inputs import generator
from generator.memory import Memory
from generator.problems import Problem, SourceError
from generator.prose.markdown import plain_text, slot_html
from generator.releases import Releases
from generator.routes import relative
from generator.source import JsonFile
from generator.tables import Sheet, SheetEvent, plain, printed, to_csv
from generator.theme import Theme, safe
from generator.values import NumberStyle, QuantityError

Resolve = Callable[[str], str]

IMAGE_SCALE = 2
"""Pixels of an image for each px of a drawing."""

LONG = 80
"""A table of more rows shows the first of them until all are asked for, unless it says otherwise."""
FIRST = 25
"""How many those are."""
FILTERED = 25
"""A table of more rows has a field that leaves only some, unless it says otherwise."""


class Texts(Struct, frozen=True):
    """The block's own words for this page: HTML, and plain where it lands in attributes."""

    title: str
    title_plain: str
    description: str
    note: str
    subtitle: str


class Place(Struct, frozen=True):
    """Where a block stands: the address of its page below the site's root.

    ``shared`` says whether its figures are for other sites, too: with images, and to be embedded; ``others`` whose
    pages have the same figures.
    """

    page: str
    shared: bool
    others: Others = NOBODY


class Drawn(Struct, frozen=True):
    """What shows a drawing in wide columns and on phones, the drawing itself, and one that can stand alone.

    All are empty when nothing is drawn.
    """

    wide: str = ""
    narrow: str = ""
    drawing: str = ""
    alone: str = ""


def told_apart(block: BlockProgram, maker: SheetMaker, texts: Texts, name: str, place: Place) -> tuple[object, ...]:
    """What a block is known by: its document, its entity, what is written in it, and its words here."""
    entity = (maker.own.url, maker.own.key) if maker.own is not None else ()
    return block.place.path, entity, block.kind, repr(block.spec), texts, name, place


_TWIN = TableSpec(title="twin", columns=(ColumnSpec(value="row"),), compact=True, filter=False, show=0)
"""How the table of a figure's own numbers is set."""


class BlockMaker:
    """Makes blocks; compiled shapes are kept, so that a chart function is called once for a figure."""

    def __init__(
        self,
        theme: Theme,
        package: Package,
        tables: Mapping[str, Table],
        config: Config,
        geometry: Mapping[str, JsonFile],
        functions: Mapping[str, Callable[..., Any]],
        renderer: Renderer | None,
        *,
        drawing: bool = True,
        memory: Memory | None = None,
        code: str = "",
        releases: Releases | None = None,
        bytecode: Bytecode | None = None,
    ) -> None:
        """``code`` is the digest of what the story's own functions may read; '' where it is not known."""
        self.releases = releases or Releases()
        self.theme = theme.speaking(config.style.catalogue)
        self.package = package
        self.tables = tables
        self.config = config
        self.style = config.style
        self.geometry = {name: Geometry(lambda f=file: f.held, file.digest) for name, file in geometry.items()}  # type: ignore[misc]
        self.functions = functions
        self.renderer = renderer
        self.drawing = drawing
        self.memory = memory or Memory()
        self.code = code
        self.bytecode = bytecode or Bytecode()
        self.kept = KeptBlocks()
        self._shapes: dict[Any, CompiledChart] = {}
        self.live = LiveFiles(self.theme, self.style, self.memory, self.bytecode)

    def with_theme(self, theme: Theme) -> BlockMaker:
        """The same with other templates; the drawings' look is no part of a theme."""
        made = copy(self)
        made.theme = theme.speaking(self.style.catalogue)
        made.live = LiveFiles(made.theme, made.style, made.memory, made.bytecode)
        return made

    def speaking(self, style: NumberStyle) -> BlockMaker:
        """The same in the language of a style."""
        made = copy(self)
        made.style, made.theme, made._shapes = style, self.theme.speaking(style.catalogue), {}
        made.live = LiveFiles(made.theme, made.style, made.memory, made.bytecode)
        return made

    @property
    def kinds(self) -> Mapping[str, object]:
        return {**KINDS, **self.functions}

    def make(
        self, block: BlockProgram, maker: SheetMaker, texts: Texts, name: str, resolve: Resolve, place: Place
    ) -> MadeBlock:
        """Raises SourceError at the block's place in its document."""

        def parts() -> tuple[object, ...]:
            return self.style.language, *told_apart(block, maker, texts, name, place)

        return self.kept.block(parts, lambda: self._anew(block, maker, texts, name, resolve, place))

    def _anew(
        self, block: BlockProgram, maker: SheetMaker, texts: Texts, name: str, resolve: Resolve, place: Place
    ) -> MadeBlock:
        try:
            if isinstance(block.spec, FigureSpec):
                sheet = maker.figure(block.kind, block.spec)
            else:
                sheet = maker.table(block.spec)
            self.require(block, sheet, described=bool(texts.description.strip()))
            return self._made(block, sheet.said(self.style), texts, name, resolve, place)
        except QuantityError as error:
            raise SourceError(Problem(error.code, error.message, block.place, error.hint)) from None
        except ChartError as error:
            raise SourceError(Problem("chart", str(error), block.place)) from None

    def require(self, block: BlockProgram, sheet: Sheet, *, described: bool) -> None:
        """What every figure and table must come out with. Raises QuantityError, or SourceError at its place."""
        if isinstance(block.spec, FigureSpec) and not described:
            raise QuantityError(
                "no-description",
                "the figure's 'description' comes out empty here",
                "Write one that says what the chart shows, whatever is left out of it.",
            )
        if not sheet.rows:
            raise QuantityError(
                "empty-figure",
                f"there is nothing to show in the {block.what}",
                "Say when it is to be shown: 'when: …'; and say in words that there is no figure.",
            )
        try:
            self._unplaced(block, sheet)
        except ChartError as error:
            raise SourceError(Problem("chart", str(error), block.place)) from None

    def _made(
        self, block: BlockProgram, sheet: Sheet, texts: Texts, name: str, resolve: Resolve, place: Place
    ) -> MadeBlock:
        sources = self.source_lines(sheet)
        csv_name, files = f"{name}.csv", Files()
        files.add(csv_name, to_csv(sheet, rows=True))
        files.add(json_name(name), self._json(sheet, texts, f"{place.page}#{name}", sources))
        if isinstance(block.spec, TableSpec):
            urls = {"csv_url": csv_name, "json_url": json_name(name)}
            html = self._table(sheet, texts, name, resolve, sources, block.spec, urls)
            return MadeBlock(html, csv_name, files, *_about(sheet), lambda: sheet, str)
        twin = Texts(texts.title, texts.title_plain, "", "", "")
        drawn = self._drawings(block, sheet, texts, name, resolve, files)
        figure = {
            "id": name,
            "kind": block.kind,
            "title": texts.title_plain,
            "heading": safe(texts.title),
            "subtitle": safe(texts.subtitle) if texts.subtitle else "",
            "description": texts.description,
            "events": [self._event(event, resolve) for event in sheet.events],
            "note": safe(texts.note) if texts.note else "",
            "sources": sources,
            "csv_url": csv_name,
            "json_url": json_name(name),
            **dict.fromkeys(("svg_url", "png_url", "embed_url", "embed_code", "oembed_url"), ""),
            "pinned": None,
            "embedded": False,
            "table": safe(self._table(sheet, twin, f"{name}-table", resolve, [], _TWIN, {})),
            "left_out": self._left_out(block, sheet, resolve),
            "offered": asdict(self._offered(block, sheet, name, resolve, place, files)),
            "wide": drawn.wide,
            "narrow": drawn.narrow,
        }
        if place.shared:
            figure |= self._shared(figure, drawn.drawing, texts, name, place, files)
        html = self.theme.render("partials/figure.html", {"figure": figure})
        embedded = {**figure, "embedded": True} if figure["embed_url"] else None
        return MadeBlock(html, csv_name, files, *_about(sheet), lambda: sheet, lambda: drawn.alone, embedded)

    def _event(self, event: SheetEvent, resolve: Resolve) -> dict[str, Any]:
        date, text = (
            slot_html(printed(cell, self.style), resolve, rows=False) for cell in (event.when, event.text)
        )
        return {"date": safe(date), "text": safe(text)}

    # --- files ------------------------------------------------------------------------------------------

    def _json(self, sheet: Sheet, texts: Texts, address: str, sources: list[dict[str, str]]) -> bytes:
        """The numbers of a block for machines, with what a CSV cannot say."""
        base = self.config.base_url
        resources = {rows.dataset: self.tables[rows.dataset].resource for rows in sheet.sources}
        return data_json(
            sheet,
            title=texts.title_plain,
            subtitle=plain_text(texts.subtitle),
            description=texts.description,
            note=plain_text(texts.note),
            page=address,
            url=f"{base}{address}" if base else "",
            licence=self.config.spec.licence,
            sources=[{key: text for key, text in source.items() if text} for source in sources],
            tables={name: _described(resource) for name, resource in resources.items()},
        )

    def _shared(
        self, figure: Mapping[str, Any], drawing: str, texts: Texts, name: str, place: Place, files: Files
    ) -> dict[str, Any]:
        """The files of a figure that other sites may show: images and, where the site has an address, its embed."""
        base, with_png = self.config.base_url, self.config.spec.png
        size = (WIDE, WIDE)
        if drawing:
            theme, caption = self.theme, self._caption(figure, texts, place)
            svg = standalone(drawing, caption, theme.chart_colours, theme.style, fonts=theme.chart_fonts)
            files.add(f"{name}.svg", svg.encode())
            if with_png:
                files.add(f"{name}.png", lambda: self._image(drawing, caption))
            size = drawing_size(svg)
        else:  # nothing will be written, and yet links lead to them
            files.add(f"{name}.svg", b"")
            if with_png:
                files.add(f"{name}.png", b"")
        urls = {"svg_url": f"{name}.svg", "png_url": f"{name}.png" if with_png else ""}
        if not base:
            return urls
        address = f"{base}{place.page}{name}"
        embed = Embed(
            self.style.say(self.config.spec.title),
            base,
            texts.title_plain,
            f"{address}.embed.html",
            f"{address}.png" if with_png else "",
            size,
        )
        files.add(f"{name}.oembed.json", embed.oembed(IMAGE_SCALE))
        urls |= {"embed_url": f"{name}.embed.html", "oembed_url": f"{address}.oembed.json"}
        return {**urls, "embed_code": embed.code, "pinned": self._pinned(embed, base, place, name)}

    def _pinned(self, embed: Embed, base: str, place: Place, name: str) -> dict[str, str] | None:
        """The embed of the newest release that has the figure: what it shows is never another."""
        path = f"{place.page}{name}.embed.html"
        release = self.releases.having(path)
        if release is None:
            return None
        folder = f"{base}{release.folder}"
        code = replace(embed, site_url=folder, url=f"{folder}{path}").code
        return {
            "date": self.style.day(release.date),
            "code": code,
            "url": relative(f"{release.folder}{path}", place.page),
        }

    def _caption(self, figure: Mapping[str, Any], texts: Texts, place: Place) -> Caption:
        base = self.config.base_url
        left_out = self.theme.render("partials/left-out.html", {"figure": figure}) if figure["left_out"] else ""
        return Caption(
            texts.title_plain,
            plain_text(texts.subtitle),
            texts.description,
            " ".join(text for text in (plain_text(left_out), plain_text(texts.note)) if text),
            plain_text(self.theme.render("partials/image-source.html", {"sources": figure["sources"]})),
            re.sub(r"^https?://", "", f"{base}{place.page}") if base else "",
            tuple(
                plain_text(f"{number}. {event['date']}: {event['text']}")
                for number, event in enumerate(figure["events"], start=1)
            ),
        )

    def _image(self, drawing: str, caption: Caption) -> bytes:
        """The PNG, in the fonts that text was measured with: those of a story are not at hand."""
        style = self.theme.style
        svg = standalone(drawing, caption, self.theme.chart_colours, style)
        fonts = [style.font_directory] if style.font_directory else []

        def make() -> bytes:
            return rasterised(svg, fonts, scale=IMAGE_SCALE)

        key = [generator(), str(IMAGE_SCALE), svg]
        return self.memory.on_disk("image", key, make, sure=True)

    # --- what is there for those who ask -----------------------------------------------------------------

    def _offered(
        self, block: BlockProgram, sheet: Sheet, name: str, resolve: Resolve, place: Place, files: Files
    ) -> Offered:
        """What a figure offers. The live chart of a story's own function is added to the page's ``files``."""
        assert isinstance(block.spec, FigureSpec)
        asking, kind = Asking.of(block.kind, block.spec), KINDS.get(block.kind)
        if not self.theme.live:
            return Offered()
        compare = way(block.kind, sheet) if asking.may_compare(place.others.one) else ""
        explore = ""
        if self.drawing and kind is not None and (chart := self.live_chart(asking)):
            explore = resolve(f"/{chart[0]}")
        elif self.drawing and kind is None and asking.explore and (data := self._live_own(block, sheet.columns)):
            explore = f"{name}.live.json"
            files.add(explore, data)
        if not (compare or explore):
            return Offered()
        options = self._drawn_with(asking, kind)
        return Offered(
            compare,
            bool(options.get("step")),
            options.get("zero") is False,
            explore,
            resolve(f"/{self.live.script[0]}"),
            resolve(f"/{places_file(place.others.collection)}") if compare else "",
        )

    def live_chart(self, asking: Asking) -> Named | None:
        """The live chart of a figure of a built-in kind; None if it has none."""
        if not asking.explore or asking.kind not in LIVE:
            return None
        return self.live.chart(asking.kind, self._shape(asking.options, KINDS[asking.kind], (), WIDE))

    def _live_own(self, block: BlockProgram, columns: Any) -> bytes:
        assert isinstance(block.spec, FigureSpec)
        shape = self._shape(block.spec.options, None, columns, WIDE)
        return self.live.own_chart(block.kind, self.code, shape, lambda: self._compiled(block, None, columns, WIDE))

    def _drawn_with(self, asking: Asking, kind: Kind | None) -> Mapping[str, Any]:
        """The settings of the kind that a comparison is drawn with, too."""
        if kind is None:
            return {}
        defaults = {name: option.default for name, option in kind.options.items() if name in DRAWN_WITH}
        written = {name: given for name, given in asking.options.items() if name in defaults}
        return {**defaults, **self._options(written, kind)}

    # --- drawing ----------------------------------------------------------------------------------------

    def _left_out(self, block: BlockProgram, sheet: Sheet, resolve: Resolve) -> list[dict[str, Any]]:
        """What the drawing has no place for: each value, and the places that have it."""
        unplaced = self._unplaced(block, sheet)
        if not unplaced:
            return []
        missing = self._ready(block, KINDS[block.kind], sheet.columns).options["missing"]
        at = {column.name: index for index, column in enumerate(sheet.columns)}
        groups: dict[str, list[dict[str, str]]] = {}
        for index in unplaced:
            row = sheet.rows[index]
            label, value = row.cells[at["label"]], row.cells[at["value"]]
            known = plain(value) is not None
            html = slot_html(printed(value, self.style), resolve, rows=False) if known else escape(missing)
            place = {"label": str(plain(label)), "url": resolve(row.url) if row.url else ""}
            groups.setdefault(html, []).append(place)
        return [{"value": safe(html), "places": places} for html, places in groups.items()]

    def _unplaced(self, block: BlockProgram, sheet: Sheet) -> Sequence[int]:
        """The rows, by number, that the drawing has no place for. Raises ChartError when it has for none."""
        kind = KINDS.get(block.kind)
        if kind is None or kind.left_out is None:
            return ()
        return kind.left_out(sheet.frame(), self._ready(block, kind, sheet.columns))

    def _ready(self, block: BlockProgram, kind: Kind, columns: Any) -> Shape:
        assert isinstance(block.spec, FigureSpec)
        return kind.ready(self._shape(block.spec.options, kind, columns, WIDE))

    def _drawings(
        self, block: BlockProgram, sheet: Sheet, texts: Texts, name: str, resolve: Resolve, files: Files
    ) -> Drawn:
        kind = KINDS.get(block.kind)
        widths = sorted(kind.widths if kind else (340, WIDE), reverse=True)
        if not self.drawing:
            if kind is None:  # a function of the story's own can fail in its own way
                self._compiled(block, kind, sheet.columns, WIDE)
            return Drawn()
        links = {row.key: resolve(row.url) for row in sheet.rows if row.key and row.url}
        links = links if block.kind in ("tiles", "map", "bars") else {}
        frame = sheet.frame()
        apart = kind is not None and kind.apart and kind.apart(frame, self._ready(block, kind, frame.columns))
        events = tuple(Event(event.day, event.label) for event in sheet.events)
        drawn: list[str] = []
        shown: list[str] = []
        for width in widths:
            id = f"{name}-{'w' if width == WIDE else 'n'}" if len(widths) > 1 else f"{name}-c"
            labels = {"id": id, "title": texts.title_plain, "description": texts.description}
            svg = self._drawing(block, kind, frame, width, labels, {} if apart else links, events)
            drawn.append(svg)
            if apart:
                files.add(f"{id}.svg", standing_alone(svg, self.theme.chart_sheet).encode())
                shown.append(_picture(f"{id}.svg", svg, texts.description))
            else:
                shown.append(svg)
        alone = drawn[-1]
        if any(escape(event.label, quote=False) not in alone for event in events):  # numbers stand for them
            alone = self._drawing(block, kind, frame, widths[-1], labels, links, ())
        return Drawn(safe(shown[0]), safe(shown[1]) if len(shown) > 1 else "", drawn[0], alone)

    def _drawing(
        self,
        block: BlockProgram,
        kind: Kind | None,
        frame: Frame,
        width: int,
        labels: Mapping[str, str],
        links: Mapping[str, str],
        events: tuple[Event, ...],
    ) -> str:
        """One drawing. What makes it is all in the key, so that it is drawn once for all builds."""

        def make() -> bytes:
            compiled = self._compiled(block, kind, frame.columns, width)
            drawing = draw(compiled, frame, **labels, links=links, events=events, renderer=self.renderer)
            return drawing.encode()

        if self.renderer is not None or not (kind or self.code):
            return make().decode()
        assert isinstance(block.spec, FigureSpec)
        shape = self._shape(block.spec.options, kind, frame.columns, width)
        code = "" if kind else self.code
        drawn = [
            block.kind,
            *shape.described(),
            repr(frame.rows),
            *labels.values(),
            repr(sorted(links.items())),
            repr(events),
        ]
        return self.memory.on_disk("drawing", [generator(), code, *drawn], make, sure=kind is not None).decode()

    def _shape(self, written: Mapping[str, Any], kind: Kind | None, columns: Any, width: int) -> Shape:
        options = self._options(written, kind)
        separators = Separators(self.style.thousands, self.style.decimal, self.style.group_from)
        months, catalogue = self.style.short_months, self.style.catalogue
        return Shape(columns, options, width, self.theme.style, separators, months, catalogue)

    def _compiled(self, block: BlockProgram, kind: Kind | None, columns: Any, width: int) -> CompiledChart:
        assert isinstance(block.spec, FigureSpec)
        key = (block.kind, repr(block.spec.options), columns, width)
        known = self._shapes.get(key)
        if known is None:
            shape = self._shape(block.spec.options, kind, columns, width)
            function = kind or self.functions[block.kind]

            def make() -> CompiledChart:
                return compile_shape(function, shape, name=f"figure {block.kind}", bytecode=self.bytecode)

            told_apart = kind is not None or bool(self.code)
            parts = [generator(), "" if kind else self.code, block.kind, *shape.described()]
            known = self._shapes[key] = self.memory.thing("shape", parts, make) if told_apart else make()
        return known

    def _options(self, written: Mapping[str, Any], kind: Kind | None) -> dict[str, Any]:
        """Options as the kind wants them; YAML gave texts."""
        made: dict[str, Any] = {}
        missing = kind.options.get("missing") if kind else None
        if missing is not None and not self.style.catalogue.is_english:
            made["missing"] = self.style.say(missing.default)
        for name, given in written.items():
            option = kind.options.get(name) if kind else None
            if option is not None and option.type == "geometry":
                if given not in self.geometry:
                    raise ChartError(f"geometry: site.yml names no geometry {given!r}")
                made[name] = self.geometry[given]
            else:
                made[name] = converted(name, given, option.type if option else "")
        return made

    # --- tables -----------------------------------------------------------------------------------------

    def _table(
        self,
        sheet: Sheet,
        texts: Texts,
        name: str,
        resolve: Resolve,
        sources: list[dict[str, str]],
        spec: TableSpec,
        urls: Mapping[str, str],
    ) -> str:
        shown = [index for index, column in enumerate(sheet.columns) if column.type != "key"]
        partial = next((index for index, column in enumerate(sheet.columns) if column.name == "partial"), None)
        rows = []
        told_apart = not all(row.own for row in sheet.rows)
        for row in sheet.rows:
            cells = [safe(slot_html(printed(row.cells[index], self.style), resolve, rows=False)) for index in shown]
            url = resolve(row.url) if row.url else ""
            incomplete = partial is not None and bool(row.cells[partial])
            rows.append({"own": row.own and told_apart, "url": url, "cells": cells, "partial": incomplete})
        columns = []
        for index in shown:
            column = sheet.columns[index]
            unit = column.unit if column.unit and column.unit.casefold() not in column.label.casefold() else ""
            columns.append(
                {"label": column.label, "unit": unit, "numeric": column.type == "number", "name": column.name}
            )
        table = {
            "id": name,
            "caption": safe(texts.title),
            "columns": columns,
            "header": next((index for index, column in enumerate(columns) if not column["numeric"]), 0),
            "rows": rows,
            "note": safe(texts.note) if texts.note else "",
            "sources": sources,
            "csv_url": urls.get("csv_url", ""),
            "json_url": urls.get("json_url", ""),
            "compact": spec.compact,
            "sortable": spec.sortable and len(rows) > 1,
            "filter": len(rows) > FILTERED if spec.filter is None else spec.filter,
            "show": _first(spec, len(rows)),
        }
        return self.theme.render("partials/table.html", {"table": table})

    # --- where it comes from ----------------------------------------------------------------------------

    def source_lines(self, sheet: Sheet) -> list[dict[str, str]]:
        """The publications a sheet's rows came from, each once, with its date."""
        found: dict[tuple[str, str], dict[str, str]] = {}
        for item in sheet.sources:
            resource = self.tables[item.dataset].resource
            for source, lines in publications(self.tables[item.dataset], item.lines, sheet.first_day):
                last_day = (
                    sheet.last_day_of(item.dataset, lines) if source.where or len(resource.sources) == 1 else None
                )
                line = {
                    "title": source.title,
                    "publisher": source.publisher,
                    "url": source.path,
                    "date": self._source_date(source, resource, last_day),
                }
                found.setdefault((source.publisher, source.title), line)
        return list(found.values())

    def _source_date(self, source: Source, resource: Resource, last_day: dt.date | None) -> str:
        """When it was published; where that is not known, the last day that is used of it."""
        published = as_day(source.published)
        if published is not None:
            return self.style.day(published)
        end = resource.coverage.end if len(resource.sources) == 1 or last_day else None
        days = [day for day in (end, last_day) if day is not None]
        return self.style.day(min(days)) if days else source.published


def _about(sheet: Sheet) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The datasets its rows came from; label and unit of its columns of numbers."""
    numbers = tuple((column.label, column.unit) for column in sheet.columns if column.type == "number")
    return tuple(rows.dataset for rows in sheet.sources), numbers


def _described(resource: Resource) -> dict[str, str]:
    """A published table, for those who hold one of its figures: what it is, where, and on what terms."""
    licence = "; ".join(licence.title or licence.name for licence in resource.licenses)
    made = {"title": resource.title, "file": f"data/{resource.path}", "licence": licence}
    return {key: text for key, text in made.items() if text}


def _picture(file: str, svg: str, description: str) -> str:
    """The element that shows a drawing which is a file; readers fetch it when they come near."""
    width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg).groups()  # type: ignore[union-attr]
    alt = escape(description)
    return f'<img src="{file}" width="{width}" height="{height}" alt="{alt}" loading="lazy" decoding="async">'


def _first(spec: TableSpec, rows: int) -> int:
    """How many rows are seen at first; 0 for all of them."""
    show = (FIRST if rows > LONG else 0) if spec.show is None else spec.show
    return show if show < rows else 0


def converted(name: str, given: Any, wanted: str) -> Any:
    """An option's text as the type it is declared to have. Raises ChartError."""
    if wanted == "yes or no":
        if given in ("true", "false"):
            return given == "true"
        raise ChartError(f"{name}: {given!r} is not true or false")
    if wanted == "whole number":
        try:
            return int(given)
        except (TypeError, ValueError):
            raise ChartError(f"{name}: {given!r} is not a whole number") from None
    if wanted == "list of numbers":
        try:
            return [float(item) if "." in item else int(item) for item in given]
        except (TypeError, ValueError):
            raise ChartError(f"{name}: {given!r} is not a list of numbers") from None
    return given
