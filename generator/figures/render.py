"""A block on a page: its sheet, its drawings, its table and its CSV, as finished HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from generator.charts import (
    KINDS,
    WIDE,
    ChartError,
    CompiledChart,
    Kind,
    Renderer,
    Separators,
    Shape,
    compile_shape,
    draw,
)
from generator.datasets.descriptor import Package, Resource, Source
from generator.datasets.publications import as_day, publications
from generator.datasets.read import Table
from generator.documents import BlockProgram
from generator.figures.sheets import SheetMaker
from generator.figures.spec import FigureSpec, TableSpec
from generator.frames import Frame
from generator.inputs import generator
from generator.memory import Memory
from generator.model import Rows
from generator.problems import Problem, SourceError
from generator.prose.markdown import slot_html
from generator.tables import Sheet, printed, to_csv
from generator.theme import Theme, safe
from generator.values import NumberStyle, QuantityError

Resolve = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Texts:
    """The block's own words for this page: HTML, and plain where it lands in attributes."""

    title: str
    title_plain: str
    description: str
    note: str
    subtitle: str


@dataclass(frozen=True, slots=True)
class MadeBlock:
    """The HTML of a block, the CSV it offers, and the rows it came from."""

    html: str
    csv_name: str
    csv: bytes
    rows: tuple[Rows, ...]


class BlockMaker:
    """Makes blocks; compiled shapes are kept, so that a chart function is called once for a figure."""

    def __init__(
        self,
        theme: Theme,
        package: Package,
        tables: Mapping[str, Table],
        style: NumberStyle,
        geometry: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]],
        renderer: Renderer | None,
        *,
        drawing: bool = True,
        memory: Memory | None = None,
        code: str = "",
    ) -> None:
        """``code`` is the digest of what the story's own functions may read; '' where it is not known."""
        self.theme = theme
        self.package = package
        self.tables = tables
        self.style = style
        self.geometry = geometry
        self.functions = functions
        self.renderer = renderer
        self.drawing = drawing
        self.memory = memory or Memory()
        self.code = code
        self._shapes: dict[Any, CompiledChart] = {}

    def with_theme(self, theme: Theme) -> BlockMaker:
        """The same with other templates; the drawings' look is no part of a theme."""
        made = copy(self)
        made.theme = theme
        return made

    @property
    def kinds(self) -> Mapping[str, object]:
        return {**KINDS, **self.functions}

    def make(self, block: BlockProgram, maker: SheetMaker, texts: Texts, name: str, resolve: Resolve) -> MadeBlock:
        """Raises SourceError at the block's place."""
        try:
            if isinstance(block.spec, FigureSpec):
                sheet = maker.figure(block.kind, block.spec)
            else:
                sheet = maker.table(block.spec)
            self.require(block, described=bool(texts.description.strip()), rows=len(sheet))
            html = self._html(block, sheet, texts, name, resolve)
        except QuantityError as error:
            raise SourceError(Problem(error.code, error.message, block.place, error.hint)) from None
        except ChartError as error:
            raise SourceError(Problem("chart", str(error), block.place)) from None
        return MadeBlock(html, f"{name}.csv", to_csv(sheet, rows=True), sheet.sources)

    def require(self, block: BlockProgram, *, described: bool, rows: int) -> None:
        """What every figure and table must come out with. Raises QuantityError."""
        if isinstance(block.spec, FigureSpec) and not described:
            raise QuantityError(
                "no-description",
                "the figure's 'description' comes out empty here",
                "Write one that says what the chart shows, whatever is left out of it.",
            )
        if not rows:
            raise QuantityError(
                "empty-figure",
                f"there is nothing to show in the {block.what}",
                "Say when it is to be shown: 'when: …'; and say in words that there is no figure.",
            )

    def _html(self, block: BlockProgram, sheet: Sheet, texts: Texts, name: str, resolve: Resolve) -> str:
        sources = self.source_lines(sheet)
        if isinstance(block.spec, TableSpec):
            return self._table(sheet, texts, name, resolve, sources, block.spec.compact, f"{name}.csv")
        twin = Texts(texts.title, texts.title_plain, "", "", "")
        figure = {
            "id": name,
            "kind": block.kind,
            "heading": safe(texts.title),
            "subtitle": safe(texts.subtitle) if texts.subtitle else "",
            "description": texts.description,
            "note": safe(texts.note) if texts.note else "",
            "sources": sources,
            "csv_url": f"{name}.csv",
            "table": safe(self._table(sheet, twin, f"{name}-table", resolve, [], True, "")),
            **self._drawings(block, sheet, texts, name, resolve),
        }
        return self.theme.render("partials/figure.html", {"figure": figure})

    # --- drawing ----------------------------------------------------------------------------------------

    def _drawings(
        self, block: BlockProgram, sheet: Sheet, texts: Texts, name: str, resolve: Resolve
    ) -> dict[str, Any]:
        kind = KINDS.get(block.kind)
        widths = sorted(kind.widths if kind else (340, WIDE), reverse=True)
        if not self.drawing:
            if kind is None:  # a function of the story's own can fail in its own way
                self._compiled(block, kind, sheet.columns, WIDE)
            return {"wide": "", "narrow": ""}
        links = {row.key: resolve(row.url) for row in sheet.rows if row.key and row.url}
        links = links if block.kind in ("tiles", "map", "bars") else {}
        frame = sheet.frame()
        drawn = []
        for width in widths:
            id = f"{name}-{'w' if width == WIDE else 'n'}" if len(widths) > 1 else f"{name}-c"
            labels = {"id": id, "title": texts.title_plain, "description": texts.description}
            drawn.append(self._drawing(block, kind, frame, width, labels, links))
        return {"wide": safe(drawn[0]), "narrow": safe(drawn[1]) if len(drawn) > 1 else ""}

    def _drawing(
        self,
        block: BlockProgram,
        kind: Kind | None,
        frame: Frame,
        width: int,
        labels: Mapping[str, str],
        links: Mapping[str, str],
    ) -> str:
        """One drawing. What makes it is all in the key, so that it is drawn once for all builds."""

        def make() -> bytes:
            compiled = self._compiled(block, kind, frame.columns, width)
            return draw(compiled, frame, **labels, links=links, renderer=self.renderer).encode()

        if self.renderer is not None or not (kind or self.code):
            return make().decode()
        shape = self._shape(block, kind, frame.columns, width)
        code = "" if kind else self.code
        drawn = [block.kind, *shape.described(), repr(frame.rows), *labels.values(), repr(sorted(links.items()))]
        return self.memory.on_disk("drawing", [generator(), code, *drawn], make, sure=kind is not None).decode()

    def _shape(self, block: BlockProgram, kind: Kind | None, columns: Any, width: int) -> Shape:
        assert isinstance(block.spec, FigureSpec)
        options = self._options(block.spec.options, kind)
        separators = Separators(self.style.thousands, self.style.decimal)
        months = tuple(month[:3] for month in self.style.months)
        return Shape(columns, options, width, self.theme.style, separators, months)

    def _compiled(self, block: BlockProgram, kind: Kind | None, columns: Any, width: int) -> CompiledChart:
        assert isinstance(block.spec, FigureSpec)
        key = (block.kind, repr(block.spec.options), columns, width)
        known = self._shapes.get(key)
        if known is None:
            shape = self._shape(block, kind, columns, width)
            function = kind or self.functions[block.kind]

            def make() -> CompiledChart:
                return compile_shape(function, shape, name=f"figure {block.kind}")

            told_apart = kind is not None or bool(self.code)
            parts = [generator(), "" if kind else self.code, block.kind, *shape.described()]
            known = self._shapes[key] = self.memory.thing("shape", parts, make) if told_apart else make()
        return known

    def _options(self, written: Mapping[str, Any], kind: Kind | None) -> dict[str, Any]:
        """Options as the kind wants them; YAML gave texts."""
        made: dict[str, Any] = {}
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
        compact: bool,
        csv_url: str,
    ) -> str:
        shown = [index for index, column in enumerate(sheet.columns) if column.type != "key"]
        rows = []
        for row in sheet.rows:
            cells = [safe(slot_html(printed(row.cells[index], self.style), resolve, rows=False)) for index in shown]
            url = resolve(row.url) if row.url else ""
            rows.append({"own": row.own, "url": url, "cells": cells})
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
            "csv_url": csv_url,
            "compact": compact,
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
