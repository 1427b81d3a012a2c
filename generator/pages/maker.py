"""route → page.

A page is its HTML, the files that belong to it (what each figure and table offers), and the datasets it used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator import __version__
from generator.bytecode import Bytecode
from generator.cards import HEIGHT, WIDTH, Card, alternative, drawn, rasterised
from generator.charts import Renderer
from generator.claims.held import Claims, Held, attribution
from generator.claims.views import claims_view
from generator.documents import Compiler, allowances
from generator.figures.files import Files
from generator.figures.kept import MadeBlock
from generator.figures.render import BlockMaker
from generator.inputs import generator
from generator.languages import is_english
from generator.languages.pofiles import LOCALE, NAME, TEMPLATE, names, untranslated
from generator.lint.typed_numbers import remembering
from generator.lint.unbound import Allowances
from generator.memory import Memory
from generator.outputs.downloads import download_names
from generator.outputs.feed import FEED, Entry
from generator.outputs.places import PlacesFile, places_file
from generator.outputs.values import FILE, values_json, values_names
from generator.pages import around
from generator.pages.addresses import Addresses, Resolve, absolute
from generator.pages.card import FILE as CARD
from generator.pages.card import card as make_card
from generator.pages.card import has_card, lender
from generator.pages.embedded import alone
from generator.pages.linked import linked
from generator.pages.programs import Programs
from generator.pages.receipts import Group, Ledger, anchored
from generator.pages.reporting import report_address
from generator.pages.writer import Workshop, Writer, language_of
from generator.problems import Location, Problem, Problems, SourceError, packed_problems, unpacked_problems
from generator.prose.assertions import Assertions
from generator.prose.markdown import BACKLINK, Converter
from generator.prose.render import Language
from generator.prose.views import Views
from generator.routes import Route, relative
from generator.source import Document, MapNode, Scalar
from generator.story import Story
from generator.theme import Theme, safe
from generator.values import NumberStyle, QuantityError


class Page(Struct, frozen=True):
    """One rendered page. ``files`` are below the page's own folder; ``values`` counts the bound numbers."""

    route: Route
    title: str
    html: str
    files: Files
    datasets: tuple[str, ...]
    noindex: bool
    figures: int
    values: int
    receipts: tuple[Group, ...] = ()
    card: Card | None = None
    """What its picture shows; None when it has none of its own."""
    modified: str = ""
    """The day of its last change that is known (ISO 8601), or empty."""
    searched: bool = True
    """Whether the text search looks into it."""
    blocks: tuple[MadeBlock, ...] = ()
    """Its figures and tables."""


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
        bytecode: Bytecode | None = None,
    ) -> None:
        """``words`` is the digest of what compiling a document depends on, where it is known: what was found in a
        document is then remembered. ``code`` is that of all that the story's own functions may read."""
        self.story = story
        self.routes = dict(routes)
        self.theme = theme
        self.problems = Problems()
        """What was found wrong before any page is made."""
        self.memory = memory = memory or Memory()
        self._words = words
        style = story.config.style
        views = Views(story)
        names, page = views.globals(), story.config.spec.claims_page
        language = Language(style, attribution(story.claims, page, style), Assertions(style, story), bytecode)
        self.problems.extend(story.problems)
        self._places: PlacesFile | None = None
        self._claims = Claims(story.claims, language, names, story)
        blocks = BlockMaker(
            theme,
            story.package,
            story.tables,
            story.config,
            story.geometry,
            functions,
            renderer,
            drawing=drawing,
            memory=memory,
            code=code,
            releases=story.releases,
            bytecode=bytecode,
        )
        find = remembering(memory)
        allow = self.problems.attempt(lambda: allowances(story.config, find), Allowances((), find))
        compiler = Compiler(
            language, blocks.kinds, theme.templates, lint=True, allow=allow, style_in=story.config.style_in
        )
        self.programs = Programs(compiler, story.documents, memory, words, story.updates)
        self.shop = Workshop(
            story,
            self.routes,
            views,
            {**names, "claims": claims_view(self._claims, page)},
            language,
            Converter(style.say(BACKLINK)),
            blocks,
            Addresses(
                story.config, self.routes, download_names(story) | values_names(self.routes) | _feed_name(story)
            ),
            self.programs,
            Ledger(story),
        )

    @property
    def claims(self) -> Mapping[str, Held]:
        """The story's claims by id, each with its verdict."""
        return self._claims.held

    @property
    def places(self) -> PlacesFile | None:
        """What the field in the masthead finds places by; nothing when the story has no such field."""
        if self._places is None and self.story.config.spec.places_page:
            self._places = places_file(self.story, self.routes, self.theme.later("find.js"))
        return self._places

    def compile(self) -> None:
        """Look at every document. What is wrong is among the ``problems`` afterwards."""
        self.programs.look(self.story.config)
        self.problems.extend(self.programs.problems)
        self.problems.extend(self.programs.unused)
        self.problems.extend(self._untranslated())

    def _untranslated(self) -> Iterable[Problem]:
        """Warnings for languages into which the theme is not, or not wholly, translated."""
        nodes = [self.story.config.node, *(document.front for document in self.story.documents.values())]
        asked: dict[str, Location] = {}
        for node in nodes:
            given = node.entries.get("language") if isinstance(node, MapNode) else None
            if isinstance(given, Scalar) and not is_english(given.text):
                asked.setdefault(given.text, given.location)
        if not self._words:
            return self._lacking(asked)
        parts = [self._words, repr(asked)]
        return self.memory.stored(
            "untranslated", parts, lambda: (*self._lacking(asked),), packed_problems, unpacked_problems
        )

    def _lacking(self, asked: Mapping[str, Location]) -> Iterator[Problem]:
        for language, place in asked.items():
            try:
                made = self.story.config.style_in(language).catalogue
            except (ValueError, SourceError):  # told where it is compiled
                continue
            missing = untranslated(self.story.config.folders, made)
            if missing:
                shown = ", ".join(f"“{message}”" for message in missing[:3])
                some = f"has no words for {shown}{', …' if len(missing) > 3 else ''}"
                yield Problem(
                    "untranslated",
                    f"the theme {some if made.messages else 'has no words'} in {language!r}, and prints English",
                    place,
                    f"Write templates/{LOCALE}/{names(language)[0]}/{NAME};"
                    f" the messages stand in {TEMPLATE} of the theme.",
                    "warning",
                )

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
        made._places = None
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
        self._places = None
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
        return Writer(self.shop, route).noindex

    def block_ids(self, route: Route) -> set[str]:
        """The ids of the figures and tables of a page, none of which is made; none where that cannot be told."""
        try:
            return Writer(self.shop, route).block_ids()
        except (QuantityError, SourceError):
            return set()

    def modified(self, route: Route) -> str:
        """The day on which a page last changed (ISO 8601), as far as its document or an update says so."""
        return around.modified(Writer(self.shop, route))

    def picture(self, card: Card) -> bytes:
        """A card as PNG, drawn once for all builds."""
        look = self.theme.look
        svg = drawn(card, look)
        parts = [generator(), svg, look.fonts]
        return self.memory.on_disk("card", parts, lambda: rasterised(svg, look.folders), sure=True)

    def updates(self) -> tuple[Entry, ...]:
        """The updates of the story for a feed; what is wrong with them is told of the page that shows them."""
        page = self.routes.get(self.story.config.spec.updates_page)
        if self.story.updates is None or page is None or not self.compiled(page):
            return ()
        return around.entries(Writer(self.shop, page))

    def _searched(self, writer: Writer) -> bool:
        route = writer.route
        if writer.noindex or route.url in (self.story.config.spec.search_page, "404.html"):
            return False
        return all(program.front.search for program in (writer.shared, writer.own) if program is not None)

    def _finished(self, writer: Writer, page: dict[str, Any]) -> Page:
        route = writer.route
        resolve = self.shop.addresses.resolver(route, checked=False)
        page["structured"] = safe(linked(writer, page))
        names = {"site": self._site(writer.shop.style, route, resolve), "page": page}
        theme = writer.shop.blocks.theme
        html = theme.render(f"{page['template']}.html", names)
        datasets, groups = tuple(writer.datasets), writer.receipts.groups
        if page["values_url"]:
            writer.files.add(page["values_url"], partial(values_json, route.url, page["title"], groups))
        for figure in writer.embedded:
            framed = theme.render("embed.html", {**names, "figure": figure})
            writer.files.add(figure["embed_url"], partial(_embedded, framed))
        return Page(
            route, page["title"], anchored(html), writer.files, datasets, page["noindex"], writer.figures,
            writer.values, groups, writer.card, page["modified"], self._searched(writer),
            tuple(block.made for block in writer.blocks),
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
        searches = route.url != "" and route.url == config.spec.search_page
        previous, following = around.sequence(self.shop, route, resolve)
        page = {
            "kind": _kind(route, template),
            "language": writer.shop.style.language,
            "template": template or ("search" if searches else _kind(route, "")),
            "path": route.url,
            "url": absolute(config, route.url) if config.base_url else "",
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
            "breadcrumbs": around.breadcrumbs(writer.shop, route, title, resolve),
            "previous": previous,
            "next": following,
            "neighbours": around.neighbours(writer),
            "children": around.children(writer),
            "numbers": numbers,
            "updated": around.updated(writer),
            "modified": around.modified(writer),
            "updates": around.updates(writer, resolve),
            "noindex": writer.noindex,
            "oembed_url": next((figure["oembed_url"] for figure in writer.embedded), ""),
            "search": {"script": resolve(f"/{self.theme.search[0]}"), "index": resolve("/pagefind/pagefind.js")}
            if searches
            else None,
            **self._loaded(resolve),
            "report": self._report(route, title),
            "releases": around.releases(writer, resolve),
        }
        writer.card = make_card(writer, page) if has_card(writer) else None
        page["card"] = self._card(writer, writer.card)
        # last, when every number of the page has been met
        receipts = around.receipts(writer, resolve)
        values_url = FILE if receipts and not route.url.endswith(".html") else ""
        return {**page, "sources": around.sources(writer, resolve), "receipts": receipts, "values_url": values_url}

    def aside(
        self, template: str, url: str, title: str, names: Mapping[str, Any], *, of: Route | None = None
    ) -> bytes:
        """A page at ``url`` that no document makes; ``names`` are what its template is given besides.

        One that is kept ``of`` a page is in its language, leads to nothing that another build may move, and finds
        styles and scripts from where the page would, as they are kept with it.
        """
        here = Route(url, "")
        shop = self.shop.speaking(language_of(self.shop.programs, of)) if of else self.shop
        near, resolve = (self.shop.addresses.resolver(route, checked=False) for route in (of or here, here))
        page = {
            **_EMPTY,
            "language": shop.style.language,
            "template": template,
            "path": url,
            "root": relative("", url),
            "title": title,
            "heading": title,
            **self._loaded(near),
            "report": self._report(of or here, title),
        }
        site = self._site(shop.style, here, resolve)
        if of:
            site |= {"nav": [], "places": None, "feed": ""}
        return shop.blocks.theme.render(f"{template}.html", {"site": site, "page": page, **names}).encode()

    def _loaded(self, resolve: Resolve) -> dict[str, str]:
        """What every page loads."""
        theme = self.theme
        return {
            "assets": resolve("/assets/"),
            "stylesheet": resolve(f"/{theme.stylesheet}"),
            "early_script": resolve(f"/{theme.early_script}") if theme.early_script else "",
            "script": resolve(f"/{theme.script}") if theme.script else "",
        }

    def style_of(self, route: Route) -> NumberStyle:
        """How a page writes numbers, dates and words."""
        return self.shop.speaking(language_of(self.shop.programs, route)).style

    def title(self, route: Route) -> str:
        """The title of a page, in plain words."""
        return Writer(self.shop, route).plain("title") or self.story.config.spec.title

    def _report(self, route: Route, title: str) -> str:
        config = self.story.config
        page = absolute(config, route.url) if config.base_url else f"/{route.url}"
        return report_address(config.spec.report, page=page, title=title, site=config.spec.title)

    def _card(self, writer: Writer, own: Card | None) -> dict[str, Any] | None:
        """The picture that goes with a link to a page: its own or another's; none without the site's address."""
        config = self.story.config
        if not config.base_url:
            return None
        lends = writer.route if own else lender(self.shop, writer.route)
        if lends is None:
            return None
        name = "" if own or not lends.entity else f"{lends.entity.name}. "
        return {
            "url": absolute(config, f"{lends.url}{CARD}"),
            "width": WIDTH,
            "height": HEIGHT,
            "alt": alternative(own) if own else f"{name}{config.spec.title}",
        }

    def _site(self, style: NumberStyle, route: Route, resolve: Resolve) -> dict[str, Any]:
        """The site's words: in the page's language where its catalogue has all of them, else in the site's."""
        config, spec = self.story.config, self.story.config.spec
        words = (spec.title, spec.description, spec.licence, *(item.title for item in spec.navigation))
        own = style.language == spec.language or all(style.catalogue.has(text) for text in words if text)
        say = style.say if own else str
        nav = []
        for item in spec.navigation:
            current = route.url == item.page or (item.page != "" and route.url.startswith(item.page))
            nav.append({"title": say(item.title), "url": resolve(f"/{item.page}"), "current": current})
        return {
            "title": say(spec.title),
            "description": say(spec.description),
            "language": style.language if own else spec.language,
            "base_url": config.base_url,
            "base_path": config.base_path,
            "nav": nav,
            "places": {"url": resolve(f"/{spec.places_page}"), "script": resolve(f"/{self.places.path}")}
            if self.places
            else None,
            "publisher": spec.publisher,
            "feed": resolve(f"/{FEED}") if _feed_name(self.story) else "",
            "report": spec.report,
            "licence": say(spec.licence),
            "generator": f"Broadsheet {__version__}",
        }


_EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(
        [
            "url",
            "kicker",
            "lead",
            "description",
            "body",
            "updated",
            "modified",
            "values_url",
            "structured",
            "oembed_url",
        ],
        "",
    ),
    **dict.fromkeys(["previous", "next", "children", "card", "search"]),
    **dict.fromkeys(
        ["toc", "breadcrumbs", "neighbours", "numbers", "sources", "receipts", "updates", "releases"], ()
    ),
    "kind": "page",
    "noindex": True,
}
"""What templates ask of every page, of one that has none of it."""


def _embedded(html: str) -> bytes:
    return alone(html).encode()


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


def _feed_name(story: Story) -> set[str]:
    """The address of the feed of updates, if there will be one."""
    return {FEED} if story.config.base_url and story.updates and story.updates.entries else set()
