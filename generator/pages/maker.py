"""route → page.

A page is its HTML, the files that belong to it (the CSV of each figure and table), and the datasets it used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from generator import __version__
from generator.charts import Renderer
from generator.documents import Compiler, Program
from generator.figures.render import BlockMaker
from generator.model import Rows
from generator.outputs.downloads import download_names
from generator.pages import around
from generator.pages.addresses import Addresses, Resolve
from generator.pages.writer import Workshop, Writer
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean
from generator.prose.markdown import Converter
from generator.prose.render import Language
from generator.prose.slots import Slot
from generator.prose.views import Views
from generator.routes import Route, relative
from generator.story import Story
from generator.theme import Theme, safe
from generator.values import QuantityError


@dataclass(frozen=True, slots=True)
class Page:
    """One rendered page. ``files`` are below the page's own folder; ``values`` counts the bound numbers."""

    route: Route
    title: str
    html: str
    files: Mapping[str, bytes]
    datasets: tuple[str, ...]
    noindex: bool
    figures: int
    values: int


class PageMaker:
    """Renders the pages of one story. Holds what is compiled once; keeps nothing of a page."""

    def __init__(
        self,
        story: Story,
        routes: Mapping[str, Route],
        theme: Theme,
        functions: Mapping[str, Callable[..., Any]],
        *,
        renderer: Renderer | None = None,
        drawing: bool = True,
    ) -> None:
        self.story = story
        self.routes = routes
        self.theme = theme
        self.problems = Problems()
        """What was found wrong before any page is made."""
        self._programs: dict[str, Program] = {}
        style = story.config.style
        views = Views(story)
        self.shop = Workshop(
            story,
            routes,
            views,
            views.globals(),
            Language(style, _claims(story)),
            Converter(),
            BlockMaker(
                theme, story.package, story.tables, style, story.geometry, functions, renderer, drawing=drawing
            ),
            Addresses(story.config, routes, download_names(story)),
            self._programs,
        )

    def compile(self) -> None:
        """Every document. Raises SourceError with every problem found."""
        problems = Problems()
        compiler = Compiler(self.shop.language, self.shop.blocks.kinds, self.theme.templates)
        for path, document in self.story.documents.items():
            try:
                self._programs[path] = compiler.compile(document)
            except SourceError as error:
                problems.absorb(error)
        problems.raise_if_any()

    def compiled(self, route: Route) -> bool:
        """Whether the documents of a page could be compiled."""
        return all(path in self._programs for path in (route.document, route.override) if path)

    def page(self, route: Route) -> Page:
        """Raises SourceError with every problem of the page."""
        writer = Writer(self.shop, route)
        try:
            page = self._page(writer)
        except SourceError as error:
            writer.problems.absorb(error)
        except QuantityError as error:
            writer.problems.add(error.code, error.message, Location(route.document), hint=error.hint)
        if writer.problems:
            entity = route.entity
            raise SourceError(*(p.with_entities([entity.name]) if entity else p for p in writer.problems))
        resolve = self.shop.addresses.resolver(route, checked=False)
        html = self.theme.render(f"{page['template']}.html", {"site": self._site(route, resolve), "page": page})
        datasets = tuple(writer.datasets)
        return Page(
            route, page["title"], html, writer.files, datasets, page["noindex"], writer.figures, writer.values
        )

    # --- what templates are given -----------------------------------------------------------------------

    def _page(self, writer: Writer) -> dict[str, Any]:
        route, config = writer.route, self.story.config
        resolve = self.shop.addresses.resolver(route, checked=False)
        title = writer.plain("title") or config.spec.title
        heading = writer.line("heading") or writer.line("title") or title
        body, toc = writer.body()
        template = writer.program("template").front.template
        previous, following = around.sequence(self.shop, route, resolve)
        page = {
            "kind": _kind(route, template),
            "template": template or _kind(route, ""),
            "path": route.url,
            "url": config.base_url + route.url if config.base_url else "",
            "root": config.base_path if route.url.endswith(".html") else relative("", route.url).removeprefix("./"),
            "title": title,
            "heading": safe(heading),
            "kicker": writer.plain("kicker"),
            "lead": safe(writer.line("lead")),
            "description": writer.plain("description"),
            "body": safe(body),
            "toc": [{"id": h.id, "title": h.title, "level": h.level} for h in toc]
            if writer.shared.front.toc
            else [],
            "breadcrumbs": around.breadcrumbs(self.shop, route, title, resolve),
            "previous": previous,
            "next": following,
            "neighbours": around.neighbours(writer),
            "children": around.children(writer),
            "numbers": around.numbers(writer),
            "updated": writer.program("updated").front.updated,
            "noindex": _noindex(writer),
            "assets": resolve("/assets/"),
            "stylesheet": resolve(f"/{self.theme.stylesheet}"),
        }
        # last, when every number of the page has been met
        return {**page, "sources": around.sources(writer, resolve)}

    def _site(self, route: Route, resolve: Resolve) -> dict[str, Any]:
        config, spec = self.story.config, self.story.config.spec
        nav = []
        for item in spec.navigation:
            current = route.url == item.page or (item.page != "" and route.url.startswith(item.page))
            nav.append({"title": item.title, "url": resolve(f"/{item.page}"), "current": current})
        return {
            "title": spec.title,
            "description": spec.description,
            "language": spec.language,
            "base_url": config.base_url,
            "base_path": config.base_path,
            "nav": nav,
            "publisher": spec.publisher,
            "report": spec.report,
            "licence": spec.licence,
            "generator": f"Broadsheet {__version__}",
        }


def _kind(route: Route, template: str) -> str:
    if route.url == "404.html":
        return "404"
    if route.entity is not None:
        return "entity"
    return "index" if route.url == "" else "ranking" if template == "ranking" else "page"


def _noindex(writer: Writer) -> bool:
    program = writer.program("noindex")
    text = program.front.noindex
    if text in ("", "true", "false"):
        return text == "true"
    return bool(writer.evaluate(program, text))


def _claims(story: Story) -> Callable[[str, str, Location], Slot]:
    """``[words]{claim=id}`` → the words, leading to the claim on its page."""
    spec = story.config.spec.claims
    table = story.tables[spec.dataset] if spec else None
    known = [str(cell) for cell in table.columns[spec.key]] if spec and table else []

    def claim(identity: str, words: str, where: Location) -> Slot:
        if spec is None or identity not in known:
            hint = f"Claims are the rows of {spec.dataset}." if spec else "site.yml names no table of claims."
            message = f"there is no claim {identity!r}{did_you_mean(identity, known)}"
            raise SourceError(Problem("unknown-claim", message, where, hint))
        assert table is not None
        rows = Rows(table.name, (table.lines[known.index(identity)],))
        return Slot("claim", words, f"/{spec.page}#{identity}", rows=(rows,))

    return claim
