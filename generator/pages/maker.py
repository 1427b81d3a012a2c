"""route → page.

A page is its HTML, the files that belong to it (the CSV of each figure and table), and the datasets it used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from generator import __version__
from generator.charts import Renderer
from generator.claims.held import Claims, Held, attribution
from generator.claims.views import claims_view
from generator.documents import Compiler, allowances
from generator.figures.render import BlockMaker
from generator.lint.unbound import Allowances
from generator.memory import Memory
from generator.outputs.downloads import download_names
from generator.outputs.values import FILE, values_json, values_names
from generator.pages import around
from generator.pages.addresses import Addresses, Resolve
from generator.pages.programs import Programs
from generator.pages.receipts import Group, Ledger, anchored
from generator.pages.writer import Workshop, Writer
from generator.problems import Location, Problem, Problems, SourceError
from generator.prose.assertions import Assertions
from generator.prose.markdown import Converter
from generator.prose.render import Language
from generator.prose.views import Views
from generator.routes import Route, relative
from generator.source import Document, Scalar
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
    receipts: tuple[Group, ...] = ()


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
        memory: Memory | None = None,
        words: str = "",
        code: str = "",
    ) -> None:
        """``words`` is the digest of what compiling a document depends on, where it is known: what was found in a
        document is then remembered. ``code`` is that of all that the story's own functions may read."""
        self.story = story
        self.routes = dict(routes)
        self.theme = theme
        self.problems = Problems()
        """What was found wrong before any page is made."""
        memory = memory or Memory()
        style = story.config.style
        views = Views(story)
        names, page = views.globals(), story.config.spec.claims_page
        language = Language(style, attribution(story.claims, page, style), Assertions(style, story))
        self.problems.extend(story.problems)
        self._claims = Claims(story.claims, language, names, story)
        blocks = BlockMaker(
            theme,
            story.package,
            story.tables,
            style,
            story.geometry,
            functions,
            renderer,
            drawing=drawing,
            memory=memory,
            code=code,
        )
        allow = self.problems.attempt(lambda: allowances(story.config), Allowances(()))
        compiler = Compiler(language, blocks.kinds, theme.templates, lint=True, allow=allow)
        self.programs = Programs(compiler, story.documents, memory, words)
        self.shop = Workshop(
            story,
            self.routes,
            views,
            {**names, "claims": claims_view(self._claims, page)},
            language,
            Converter(),
            blocks,
            Addresses(story.config, self.routes, download_names(story) | values_names(self.routes)),
            self.programs,
            Ledger(story),
        )

    @property
    def claims(self) -> Mapping[str, Held]:
        """The story's claims by id, each with its verdict."""
        return self._claims.held

    def compile(self) -> None:
        """Look at every document. What is wrong is among the ``problems`` afterwards."""
        self.programs.look(self.story.config)
        self.problems.extend(self.programs.problems)
        self.problems.extend(self.programs.unused)

    def hold_claims(self) -> tuple[Problem, ...]:
        """Hold every claim against the data; gives what cannot be worked out."""
        return self._claims.problems

    def with_documents(self, changed: Mapping[str, Document | SourceError]) -> PageMaker:
        """The same story with another text in some of its documents; only these are compiled.

        The files are those of before, so that every address stays; a document that cannot be read is given as what
        is wrong with it. ``problems`` are those of the new texts, but for entries of ``allow`` that no text holds
        any more: that takes all documents.
        """
        texts = {path: given for path, given in changed.items() if isinstance(given, Document)}
        made = copy(self)
        made.story = replace(self.story, documents={**self.story.documents, **texts})
        made.programs = self.programs.with_documents(made.story.documents, changed)
        made.shop = replace(self.shop, story=made.story, programs=made.programs, titles={})
        made.problems = Problems()
        made.problems.extend(problem for problem in self.problems if problem.location.path not in changed)
        made.problems.extend(problem for problem in made.programs.problems if problem.location.path in changed)
        return made

    def with_theme(self, theme: Theme) -> PageMaker:
        """The same story in another dress, whose templates have the same names."""
        made = self.with_blocks(self.shop.blocks.with_theme(theme))
        made.theme = theme
        return made

    def with_blocks(self, blocks: BlockMaker) -> PageMaker:
        """The same story with another maker of its figures and tables."""
        made = copy(self)
        made.shop = replace(self.shop, blocks=blocks)
        return made

    @property
    def drafts(self) -> frozenset[str]:
        """The documents that are not to be published, those among them too that do not compile."""
        return frozenset(path for path, document in self.story.documents.items() if is_draft(document))

    def leave_out_drafts(self) -> None:
        """From here on drafts are not there; an entity's own document that is one leaves the shared document."""
        drafts = self.drafts
        for url, route in list(self.routes.items()):
            if route.document in drafts:
                del self.routes[url]
            elif route.override in drafts:
                self.routes[url] = replace(route, override="")

    def compiled(self, route: Route) -> bool:
        """Whether the documents of a page could be compiled."""
        return all(path in self.programs for path in (route.document, route.override) if path)

    def page(self, route: Route) -> Page:
        """Raises SourceError with every problem of the page."""
        page, problems = self.attempt(route)
        if page is None or problems:
            raise SourceError(*problems)
        return page

    def attempt(self, route: Route) -> tuple[Page | None, tuple[Problem, ...]]:
        """The page, if it can be made, and every problem of it.

        Words that the data does not bear out stand in the way of publishing a page, and not of making it.
        """
        writer = Writer(self.shop, route)
        page: Page | None = None
        try:
            names = self._page(writer)
            if not writer.problems:
                page = self._finished(writer, names)
        except SourceError as error:
            writer.problems.absorb(error)
        except QuantityError as error:
            writer.problems.add(error.code, error.message, Location(route.document), hint=error.hint)
        writer.problems.extend(writer.unborne)
        entity = route.entity
        return page, tuple(p.with_entities([entity.name]) if entity else p for p in writer.problems)

    def noindex(self, route: Route) -> bool:
        """Whether a page is left out of indexes. Raises SourceError when that cannot be worked out."""
        return _noindex(Writer(self.shop, route))

    def _finished(self, writer: Writer, page: dict[str, Any]) -> Page:
        route = writer.route
        resolve = self.shop.addresses.resolver(route, checked=False)
        html = self.theme.render(f"{page['template']}.html", {"site": self._site(route, resolve), "page": page})
        datasets, groups = tuple(writer.datasets), writer.receipts.groups
        if page["values_url"]:
            writer.files[page["values_url"]] = values_json(route.url, page["title"], groups)
        return Page(
            route, page["title"], anchored(html), writer.files, datasets, page["noindex"], writer.figures,
            writer.values, groups,
        )  # fmt: skip

    # --- what templates are given -----------------------------------------------------------------------

    def _page(self, writer: Writer) -> dict[str, Any]:
        route, config = writer.route, self.story.config
        resolve = self.shop.addresses.resolver(route, checked=False)
        title = writer.plain("title") or config.spec.title
        heading = writer.line("heading") or writer.line("title") or title
        lead, numbers = writer.line("lead"), around.numbers(writer)
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
            "lead": safe(lead),
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
            "numbers": numbers,
            "updated": writer.program("updated").front.updated,
            "noindex": _noindex(writer),
            "assets": resolve("/assets/"),
            "stylesheet": resolve(f"/{self.theme.stylesheet}"),
            "script": resolve(f"/{self.theme.script}") if self.theme.script else "",
        }
        # last, when every number of the page has been met
        receipts = around.receipts(writer, resolve)
        values_url = FILE if receipts and not route.url.endswith(".html") else ""
        return {**page, "sources": around.sources(writer, resolve), "receipts": receipts, "values_url": values_url}

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


def is_draft(document: Document) -> bool:
    """Whether a document is not to be published; also of one that does not compile."""
    given = document.front.entries.get("draft")
    return isinstance(given, Scalar) and given.text.casefold() in ("true", "yes", "on", "y", "t", "1")


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
