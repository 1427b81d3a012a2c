"""route → page: a pure function of the story.

A page is its HTML, the files that belong to it (the CSV of each figure and table), and the datasets it used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator import __version__
from generator.charts import Renderer
from generator.documents import BlockProgram, ChildrenSpec, Compiler, NeighboursSpec, Program
from generator.figures.render import BlockMaker, Texts
from generator.figures.sheets import SheetMaker
from generator.model import Entity, Period, Rows
from generator.outputs import download_names
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean
from generator.prose.markdown import Converter, fill_plain, safe_address, slot_html, slugify_heading
from generator.prose.render import Compiled, Language, Rendered
from generator.prose.slots import Slot, Slots
from generator.prose.views import EntityView, Value, Views
from generator.routes import Route, relative
from generator.story import Story
from generator.tables import printed
from generator.theme import Theme, safe
from generator.values import Numeric, QuantityError


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


@dataclass
class _Work:
    """What gathers while one page is made."""

    route: Route
    names: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, None] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    figures: int = 0
    values: int = 0
    problems: Problems = field(default_factory=Problems)

    def used(self, rows: Sequence[Rows]) -> None:
        for item in rows:
            self.rows.setdefault(item.dataset, None)


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
        self.views = Views(story)
        self.globals = self.views.globals()
        self.language = Language(story.config.style, self._claim)
        self.blocks = BlockMaker(
            theme, story.package, story.config.style, story.geometry, functions, renderer, drawing=drawing
        )
        self.converter = Converter()
        self.programs: dict[str, Program] = {}
        self._titles: dict[str, str] = {}
        self.files = download_names(story)
        self._by_document = {route.document: route.url for route in routes.values() if route.entity is None}
        claims = story.config.spec.claims
        self._claim_ids = set(map(str, story.tables[claims.dataset].columns[claims.key])) if claims else set()

    def compile(self) -> None:
        """Every document. Raises SourceError with every problem found."""
        problems = Problems()
        compiler = Compiler(self.language, self.blocks.kinds)
        for path, document in self.story.documents.items():
            try:
                self.programs[path] = compiler.compile(document)
            except SourceError as error:
                problems.absorb(error)
        problems.raise_if_any()

    # --- addresses --------------------------------------------------------------------------------------

    def resolver(self, route: Route, *, checked: bool = True) -> Callable[[str], str]:
        """Addresses as written in this page's document → addresses to print.

        The function raises ValueError for an address that may not be printed, and, unless it is told that the
        address was not written by an author, for one within the site that leads nowhere.
        """

        def resolve(written: str) -> str:
            if written.startswith("/") and not written.startswith("//"):
                if checked:
                    self._check_target(written)
                return relative_to(written[1:])
            path, _, fragment = written.partition("#")
            if path.endswith(".md") and ":" not in path:
                target = self._document_url(route.document, path)
                return relative_to(target + (f"#{fragment}" if fragment else ""))
            return safe_address(written)

        def relative_to(target: str) -> str:
            if route.url.endswith(".html"):
                return self.story.config.base_path + target
            return safe_address(relative(target, route.url))

        return resolve

    def _check_target(self, written: str) -> None:
        """A link within the site must lead to a page or a file of it. Raises ValueError."""
        target = written[1:].partition("#")[0]
        if target in self.routes or target in self.files or target.startswith("assets/"):
            return
        if f"{target}/" in self.routes:
            raise ValueError(f"there is no page at {written!r}; write '/{target}/', with a slash at the end")
        known = [f"/{url}" for url in (*self.routes, *self.files)]
        raise ValueError(f"there is no page or file at {written!r}{did_you_mean(written, known)}")

    def _document_url(self, document: str, path: str) -> str:
        folder = document.rpartition("/")[0].split("/")
        for part in path.split("/"):
            if part == "..":
                folder = folder[:-1]
            elif part != ".":
                folder = [*folder, part]
        name = "/".join(folder)
        if name not in self._by_document:
            raise ValueError(f"there is no document {path!r}{did_you_mean(name, self._by_document)}")
        return self._by_document[name]

    def _claim(self, identity: str, words: str, where: Location) -> Slot:
        claims = self.story.config.spec.claims
        if claims is None or identity not in self._claim_ids:
            known = sorted(self._claim_ids)
            raise SourceError(
                Problem(
                    "unknown-claim",
                    f"there is no claim {identity!r}{did_you_mean(identity, known)}",
                    where,
                    f"Claims are the rows of {claims.dataset}." if claims else "site.yml names no table of claims.",
                )
            )
        return Slot("claim", words, f"/{claims.page}#{identity}")

    # --- a page -----------------------------------------------------------------------------------------

    def page(self, route: Route) -> Page:
        """Raises SourceError with every problem of the page."""
        program, extra = self._program(route)
        work = _Work(route, {**self.globals, **self.views.scope(route.entity)})
        try:
            context = self._context(program, extra, work)
        except SourceError as error:
            work.problems.absorb(error)
            context = {}
        if work.problems:
            raise SourceError(*self._named(work.problems, route.entity))
        template = f"{context['page']['template']}.html"
        html = self.theme.render(template, context)
        page = context["page"]
        return Page(
            route, page["title"], html, work.files, tuple(work.rows), page["noindex"], work.figures, work.values
        )

    def _named(self, problems: Problems, entity: Entity | None) -> list[Problem]:
        if entity is None:
            return list(problems)
        return [problem.with_entities([entity.name]) for problem in problems]

    def _program(self, route: Route) -> tuple[Program, Program | None]:
        return self.programs[route.document], self.programs.get(route.override)

    def _context(self, program: Program, extra: Program | None, work: _Work) -> dict[str, Any]:
        route = work.route
        resolve = self.resolver(route, checked=False)
        title = self._plain(program, extra, ("title",), work)
        heading = self._line(program, extra, ("heading",), work) or self._line(program, extra, ("title",), work)
        body, toc = self._body(program, extra, work)
        front = extra.front if extra and "template" in extra.given else program.front
        numbers = self._numbers(extra if extra and "numbers" in extra.given else program, work)
        neighbours = self._neighbours(extra if extra and "neighbours" in extra.given else program, work)
        children = self._children(extra if extra and "children" in extra.given else program, work)
        sequence = self._sequence(route, resolve)
        prefix = relative("", route.url) if not route.url.endswith(".html") else self.story.config.base_path
        page = {
            "kind": self._kind(route, front.template),
            "template": front.template or self._kind(route, ""),
            "path": route.url,
            "url": self.story.config.base_url + route.url if self.story.config.base_url else "",
            "root": "" if prefix == "./" else prefix,
            "title": title or self.story.config.spec.title,
            "heading": safe(heading or title),
            "kicker": self._plain(program, extra, ("kicker",), work),
            "lead": safe(self._line(program, extra, ("lead",), work)),
            "description": self._plain(program, extra, ("description",), work),
            "body": safe(body),
            "toc": [{"id": h.id, "title": h.title, "level": h.level} for h in toc] if program.front.toc else [],
            "breadcrumbs": self._breadcrumbs(route, title, resolve),
            "previous": sequence[0],
            "next": sequence[1],
            "neighbours": neighbours,
            "children": children,
            "numbers": numbers,
            "sources": self._sources(work, resolve),
            "updated": program.front.updated,
            "noindex": self._noindex(program, extra, work),
            "assets": resolve("/assets/"),
            "stylesheet": resolve(f"/{self.theme.stylesheet}"),
        }
        return {"site": self._site(route, resolve), "page": page}

    def _kind(self, route: Route, template: str) -> str:
        if route.url == "404.html":
            return "404"
        if route.entity is not None:
            return "entity"
        return "index" if route.url == "" else "ranking" if template == "ranking" else "page"

    def _site(self, route: Route, resolve: Callable[[str], str]) -> dict[str, Any]:
        spec = self.story.config.spec
        nav = []
        for item in spec.navigation:
            current = route.url == item.page or (item.page != "" and route.url.startswith(item.page))
            nav.append({"title": item.title, "url": resolve(f"/{item.page}"), "current": current})
        return {
            "title": spec.title,
            "description": spec.description,
            "language": spec.language,
            "base_url": self.story.config.base_url,
            "base_path": self.story.config.base_path,
            "nav": nav,
            "publisher": spec.publisher,
            "report": spec.report,
            "licence": spec.licence,
            "generator": f"Broadsheet {__version__}",
        }

    # --- texts ------------------------------------------------------------------------------------------

    def _text(
        self,
        program: Program,
        extra: Program | None,
        key: tuple[str | int, ...],
        work: _Work,
        *,
        prose: bool = True,
    ) -> Rendered | None:
        owner = extra if extra and key[0] in extra.given else program
        compiled = owner.texts.get(key)
        return self._render(compiled, work, prose=prose) if compiled else None

    def _render(
        self, compiled: Compiled, work: _Work, names: Mapping[str, Any] | None = None, *, prose: bool = True
    ) -> Rendered | None:
        try:
            made = self.language.render(compiled, {**work.names, **(names or {})}, prose=prose)
        except SourceError as error:
            work.problems.absorb(error)
            return None
        self._count(made.slots, work)
        return made

    def _count(self, slots: Sequence[Slot], work: _Work) -> None:
        for slot in slots:
            if slot.kind == "data":
                work.values += 1
                work.used(slot.rows)

    def _line(
        self,
        program: Program,
        extra: Program | None,
        key: tuple[str | int, ...],
        work: _Work,
        *,
        prose: bool = True,
    ) -> str:
        """A line of front matter as HTML."""
        rendered = self._text(program, extra, key, work, prose=prose)
        return self._inline(rendered, work) if rendered else ""

    def _inline(self, rendered: Rendered, work: _Work) -> str:
        made = self.converter.inline(rendered.text, rendered.slots, self.resolver(work.route))
        self._refused(made.refused, work, Location(work.route.document), "")
        return made.html

    def _plain(self, program: Program, extra: Program | None, key: tuple[str | int, ...], work: _Work) -> str:
        """A line of front matter as plain text, for titles and descriptions."""
        rendered = self._text(program, extra, key, work)
        return fill_plain(rendered.text, rendered.slots).strip() if rendered else ""

    def _refused(self, refused: Sequence[tuple[str, str]], work: _Work, where: Location, text: str) -> None:
        for written, why in refused:
            offset = text.find(written)
            place = where
            if offset >= 0:
                line = where.line + text.count("\n", 0, offset)
                place = Location(where.path, line, offset - text.rfind("\n", 0, offset))
            work.problems.add("bad-address", f"{written!r}: {why}", place)

    def _body(self, program: Program, extra: Program | None, work: _Work) -> tuple[str, list[Any]]:
        shown = [program]
        if extra is not None and extra.body.segments and any(s.text.strip() for s in extra.body.segments):
            shown = {"replace": [extra], "before": [extra, program], "after": [program, extra]}[extra.front.body]
        html, toc = [], []
        for part in shown:
            made, headings = self._one_body(part, work)
            html.append(made)
            toc += headings
        return "\n".join(html), toc

    def _one_body(self, program: Program, work: _Work) -> tuple[str, list[Any]]:
        def block(number: int) -> str:
            return self._block(program.blocks[number], work)

        try:
            rendered = self.language.render(program.body, work.names, block)
        except SourceError as error:
            work.problems.absorb(error)
            return "", []
        self._count(rendered.slots, work)
        made = self.converter.convert(rendered.text, rendered.slots, self.resolver(work.route))
        document = self.story.documents[program.path]
        self._refused(made.refused, work, Location(program.path, document.body_line), document.body)
        return made.html, made.toc

    # --- blocks -----------------------------------------------------------------------------------------

    def _block(self, block: BlockProgram, work: _Work) -> str:
        def evaluate(text: str, names: Mapping[str, Any]) -> Any:
            return self.language.evaluate(block.expressions[text], {**work.names, **names})

        if block.spec.when and not evaluate(block.spec.when, {}):
            return ""
        own = work.names.get(self._one(work.route)) if work.route.entity else None
        texts = self._block_texts(block, work)
        name = self._block_id(block, work)
        made = self.blocks.make(
            block, SheetMaker(evaluate, own), texts, name, self.resolver(work.route), work.route.url
        )
        work.files[made.csv_name] = made.csv
        work.used(made.rows)
        work.figures += block.what == "figure"
        return made.html

    def _one(self, route: Route) -> str:
        return self.story.collections[route.entity.collection].one if route.entity else ""

    def _block_texts(self, block: BlockProgram, work: _Work) -> Texts:
        made: dict[str, str] = {}
        plain: dict[str, str] = {}
        problems = Problems()
        for key, compiled in block.texts.items():
            try:
                rendered = self.language.render(compiled, work.names)
            except SourceError as error:
                problems.absorb(error)
                continue
            self._count(rendered.slots, work)
            made[key] = self._inline(rendered, work)
            plain[key] = fill_plain(rendered.text, rendered.slots).strip()
        problems.raise_if_any()
        return Texts(
            made.get("title", ""),
            plain.get("title", ""),
            plain.get("description", ""),
            made.get("note", ""),
            made.get("subtitle", ""),
        )

    def _block_id(self, block: BlockProgram, work: _Work) -> str:
        """From the id or the title's own words; a second one of that name gets a number."""
        base = block.spec.id
        if not base:
            words = " ".join(s.text for s in block.texts["title"].segments if s.kind == "text")
            base = "-".join(slugify_heading(words, "-").split("-")[:6])
        if not base[:1].isalpha():
            base = f"{block.what}-{base}"
        base = "".join(char if char.isascii() else "-" for char in base)
        name, number = base, 2
        while name in work.ids:
            name, number = f"{base}-{number}", number + 1
        work.ids.add(name)
        return name

    # --- around the text --------------------------------------------------------------------------------

    def _numbers(self, program: Program, work: _Work) -> list[dict[str, Any]]:
        made = []
        for index, number in enumerate(program.front.numbers):
            if number.when and not self._evaluate(program, number.when, work):
                continue
            value = self._evaluate(program, number.value, work)
            rank = self._evaluate(program, number.rank, work) if number.rank else None
            made.append(
                {
                    "label": safe(self._line(program, None, ("numbers", index, "label"), work)),
                    "value": safe(self._cell(value, work)),
                    "unit": self._plain(program, None, ("numbers", index, "unit"), work),
                    "note": safe(self._line(program, None, ("numbers", index, "note"), work, prose=False)),
                    "rank": safe(self._rank_line(rank, work)) if rank is not None else "",
                }
            )
        return made

    def _rank_line(self, rank: Any, work: _Work) -> str:
        """ "2nd of 51", "=4th of 51" when tied."""
        if not isinstance(rank, Numeric) or not rank.quantity.known:
            return ""
        quantity = rank.quantity
        from generator.values import Phrase, ordinal_digits

        place = ordinal_digits(int(quantity.need()), self.story.config.style)
        tied = "tied " if quantity.tied else ""
        slot = Slots(self.story.config.style).slot(Phrase(f"{tied}{place}", quantity))
        self._count([slot], work)
        return f"{slot_html(slot, self.resolver(work.route))} of {quantity.among}"

    def _cell(self, thing: Any, work: _Work) -> str:
        try:
            slot = printed(thing, self.story.config.style)
        except QuantityError as error:
            work.problems.add(error.code, error.message, Location(work.route.document), hint=error.hint)
            return ""
        self._count([slot], work)
        return slot_html(slot, self.resolver(work.route))

    def _evaluate(self, program: Program, text: str, work: _Work, names: Mapping[str, Any] | None = None) -> Any:
        return self.language.evaluate(program.expressions[text], {**work.names, **(names or {})})

    def _neighbours(self, program: Program, work: _Work) -> list[dict[str, Any]]:
        entity = work.route.entity
        if entity is None:
            return []
        return [
            made
            for index, spec in enumerate(program.front.neighbours)
            if (made := self._ranking_around(program, index, spec, entity, work))
        ]

    def _ranking_around(
        self, program: Program, index: int, spec: NeighboursSpec, entity: Entity, work: _Work
    ) -> dict[str, Any] | None:
        """Two above and two below; entities tied with this one come in order of their names."""
        place = program.places(("neighbours", index, "measure"))
        try:
            ordered = list(self.globals[entity.collection].sorted(spec.measure, by=spec.by, **spec.select))
            position = next((i for i, other in enumerate(ordered) if other.key == entity.key), None)
            if position is None:
                return None
            start = max(0, min(position - 2, len(ordered) - 5))
            rows = [self._neighbour(other, spec, entity, work) for other in ordered[start : start + 5]]
        except QuantityError as error:
            work.problems.add(error.code, error.message, place, hint=error.hint)
            return None
        return {"label": self._plain(program, None, ("neighbours", index, "label"), work), "rows": rows}

    def _neighbour(self, other: EntityView, spec: NeighboursSpec, entity: Entity, work: _Work) -> dict[str, Any]:
        value = getattr(other, spec.measure)
        assert isinstance(value, Value)
        value = value(**spec.select)
        rank = value.rate_rank(spec.by) if spec.by else value.rank
        shown = value.rate(spec.by) if spec.by else value
        tied = "=" if rank.tied else ""
        return {
            "title": other.name,
            "url": self.resolver(work.route)(f"/{other.url}"),
            "value": safe(self._cell(shown, work)),
            "rank": f"{tied}{rank.number}",
            "own": other.key == entity.key,
        }

    def _children(self, program: Program, work: _Work) -> dict[str, Any] | None:
        spec: ChildrenSpec | None = program.front.children
        if spec is None:
            return None
        resolve = self.resolver(work.route)
        places = []
        for thing in self._evaluate(program, spec.of, work):
            note = self._evaluate(program, spec.note, work, {"row": thing}) if spec.note else None
            text = printed(note, self.story.config.style).text if note is not None else ""
            places.append({"title": thing.name, "url": resolve(f"/{thing.url}"), "note": text})
        return {"title": self._plain(program, None, ("children", "title"), work), "places": places}

    def _breadcrumbs(self, route: Route, title: str, resolve: Callable[[str], str]) -> list[dict[str, str]]:
        if route.url in ("", "404.html"):
            return []
        crumbs = [{"title": self.story.config.spec.title, "url": resolve("/")}]
        parts = route.url.split("/")[:-2]
        for depth in range(1, len(parts) + 1):
            above = self.routes.get("".join(f"{part}/" for part in parts[:depth]))
            if above is not None:
                crumbs.append({"title": self._title_of(above), "url": resolve(f"/{above.url}")})
        own = route.entity.name if route.entity else title
        return [*crumbs, {"title": own, "url": ""}]

    def _title_of(self, route: Route) -> str:
        if route.entity is not None:
            return route.entity.name
        if route.url not in self._titles:
            program = self.programs[route.document]
            work = _Work(route, dict(self.globals))
            self._titles[route.url] = self._plain(program, None, ("kicker",), work) or self._plain(
                program, None, ("title",), work
            )
        return self._titles[route.url]

    def _sequence(self, route: Route, resolve: Callable[[str], str]) -> tuple[Any, Any]:
        """The entity before and after this one, by name, among those with the same parent."""
        entity = route.entity
        if entity is None:
            return None, None
        siblings = self._siblings(entity)
        here = siblings.index(entity)

        def step(index: int) -> dict[str, str] | None:
            if not 0 <= index < len(siblings):
                return None
            return {"title": siblings[index].name, "url": resolve(f"/{siblings[index].url}")}

        return step(here - 1), step(here + 1)

    def _siblings(self, entity: Entity) -> list[Entity]:
        collection = self.story.collections[entity.collection]
        parent = self.views.find(collection.parent, entity.parent) if collection.parent else None
        found = self.views.children(collection.name, parent) if parent else list(collection)
        return sorted(found, key=lambda e: (e.name, e.key))

    def _sources(self, work: _Work, resolve: Callable[[str], str]) -> list[dict[str, str]]:
        style = self.story.config.style
        found = []
        for name in sorted(work.rows):
            resource = self.story.package.resource(name)
            if resource is None:
                continue
            source = resource.sources[0] if resource.sources else None
            via = source.via if source else None
            end = resource.coverage.end
            licence = "; ".join(licence.title or licence.name for licence in resource.licenses)
            collected = ""
            if via:
                when = f" on {style.day(via.collected)}" if via.collected else ""
                version = f", version {via.version[:10]}" if via.version else ""
                collected = f"collected from a mirror, {via.title}{version}{when}"
            found.append(
                {
                    "title": resource.title or name,
                    "publisher": source.publisher if source else "",
                    "url": resolve(f"/sources/#{name}") if "sources/" in self.routes else "",
                    "date": style.period(Period.day(end)) if isinstance(end, dt.date) else "",
                    "via": collected,
                    "licence": licence,
                    "download_url": resolve(f"/data/{resource.path}"),
                }
            )
        return found

    def _noindex(self, program: Program, extra: Program | None, work: _Work) -> bool:
        owner = extra if extra and "noindex" in extra.given else program
        text = owner.front.noindex
        if text in ("", "true", "false"):
            return text == "true"
        return bool(self._evaluate(owner, text, work))
