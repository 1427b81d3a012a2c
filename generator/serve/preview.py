"""The story as it now is, and what its site would answer at any address.

A page is made when it is asked for, by what makes it in a build. What cannot be made is shown as it last could,
with what is wrong.
"""

from __future__ import annotations

import gc
import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from generator.claims.verdicts import VERDICTS
from generator.figures.files import Files
from generator.lint.unbound import Found
from generator.memory import Memory
from generator.outputs.artifacts import artifacts, claims_file, feed_file
from generator.outputs.downloads import download, download_paths
from generator.outputs.requested import requested
from generator.pages import Page, PageMaker
from generator.pages.card import FILE as CARD
from generator.pages.moved import moved_pages
from generator.pages.receipts import rows_words
from generator.prepare import looked_at, prepare
from generator.problems import Problem, Problems, SourceError
from generator.releases import Archives
from generator.reports import Sources
from generator.routes import Route
from generator.run import Run
from generator.serve.annotate import Mark, Total, Typed, annotate
from generator.serve.blocks import RememberingBlocks
from generator.serve.panel import Panel, assets, bare, inserted
from generator.serve.watch import concerns
from generator.source import Document, read_text, split_front_matter
from generator.story_code import CHARTS
from generator.theme import Theme

Kind = Literal["nothing", "pages", "styles", "files"]
"""What a change changes: nothing that is shown, pages, their styles alone, or other files that pages load."""

HTML = "text/html; charset=utf-8"
MOST_KEPT = 60
"""Answers, and last good pages, that are kept."""

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".geojson": "application/geo+json",
    ".html": HTML,
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}


class Change(Struct, frozen=True):
    """What became of changed files."""

    kind: Kind
    paths: tuple[str, ...] = ()
    errors: int = 0
    """Errors of the story as a whole and its documents, as far as they are known without making pages."""
    whole: bool = False
    """Whether all of the story was read again."""


class Shown(Struct, frozen=True):
    """An answer. ``digest`` and ``errors`` are a page's, styles left out; ``address`` says where to go instead."""

    status: int
    body: bytes
    type: str
    digest: str = ""
    address: str = ""
    errors: int = 0


class Preview:
    """Reads the story when it is made. ``refresh`` is for one thread, ``page`` for any."""

    def __init__(self, root: Path, *, base_url: str = "") -> None:
        self.root = root
        self.base_url = base_url
        self._lock = threading.RLock()
        self._maker: PageMaker | None = None
        self._failure: tuple[Problem, ...] = ()
        """Why the story cannot be read as it now is; then ``_maker`` is that of before."""
        self._files: dict[str, Route] = {}
        """By the path of its file, every page of the site."""
        self._shown: OrderedDict[str, Shown] = OrderedDict()
        self._good: OrderedDict[str, tuple[Page, tuple[Problem, ...]]] = OrderedDict()
        """By address, the pages that could be made last, with what the data does not bear out in them."""
        self._artifacts: Files | None = None
        self._own = assets()
        self._memory = Memory()
        self._run: Run | None = None
        """The last reading of the story, to which belongs what is worked out until the next."""
        self._read_times = 0
        self._settled = False
        self._read()

    @property
    def errors(self) -> int:
        """How many are known of the story and its documents; those of pages are found when they are made."""
        maker = self._maker
        drafts = maker.drafts if maker else frozenset[str]()
        listed = [*self._failure, *(maker.problems if maker else ())]
        return sum(problem.severity == "error" and problem.location.path not in drafts for problem in listed)

    @property
    def stylesheet(self) -> str:
        """The address of the styles below the site's root; '' without a story."""
        return self._maker.theme.stylesheet if self._maker else ""

    def close(self) -> None:
        """Keeps what was worked out for the next time."""
        if self._run is not None:
            self._run.close()

    def settle(self) -> Change:
        """For when nothing is to be done. What is wrong with the data is found out, for which no page waits.

        Then what is known is kept, and a story, being large, is left alone by the search for garbage.
        """
        if self._settled:
            return Change("nothing")
        self._settled = True
        change = self._look_at_data()
        self.close()
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        return change

    def _look_at_data(self) -> Change:
        maker, run = self._maker, self._run
        if maker is None or run is None or self._failure:
            return Change("nothing")
        with self._lock:
            found = looked_at(run, maker)
            if not found:
                return Change("nothing")
            maker.problems.extend(found)
            self._shown.clear()
        return Change("pages", errors=self.errors)

    # --- taking up changes ------------------------------------------------------------------------------

    def refresh(self, changed: Collection[str]) -> Change:
        """Takes up what has changed in files, given as paths below the story's folder."""
        paths = tuple(sorted(path for path in changed if concerns(path)))
        read = self._read_times
        kind = self._take_up(paths) if paths else "nothing"
        return Change(kind, paths, self.errors, self._read_times > read)

    def _take_up(self, paths: tuple[str, ...]) -> Kind:
        maker = self._maker
        texts = [path for path in paths if self._is_text(path)]
        looks = [path for path in paths if path.startswith("templates/")]
        theme = (
            Theme(self.root, self._run.bytecode if self._run else None) if looks or maker is None else maker.theme
        )
        everything = len(texts) + len(looks) < len(paths) or self._wants_all(texts)
        if maker is None or everything or theme.templates != maker.theme.templates:
            self._read()
            return "pages"
        templates = any(path.endswith(".html") for path in looks)
        with self._lock:
            if looks:
                maker = maker.with_theme(theme)
            if templates:  # those of figures and tables among them
                maker = maker.with_blocks(RememberingBlocks(maker.shop.blocks))
            if texts:
                maker = maker.with_documents(self._documents(texts))
                self._failure = tuple(p for p in self._failure if p.location.path not in texts)
            self._show(maker)
        if texts or templates:
            return "pages"
        return "styles" if all(path.endswith(".css") for path in looks) else "files"

    def _is_text(self, path: str) -> bool:
        """Whether it is a document of before that is still there, so that addresses and data stay the same."""
        known = self._maker is not None and path in self._maker.story.documents
        return known and (self.root / path).is_file()

    def _wants_all(self, texts: Collection[str]) -> bool:
        """Whether more than these documents is to be read: nothing else may stand in the story's way any more."""
        wrong = {problem.location.path for problem in self._failure}
        unknown = self._maker and any(p.location.path == CHARTS for p in self._maker.problems)
        return bool(unknown) or (bool(wrong) and wrong <= {*texts})

    def _documents(self, paths: Collection[str]) -> Mapping[str, Document | SourceError]:
        found: dict[str, Document | SourceError] = {}
        for path in paths:
            try:
                found[path] = split_front_matter(read_text(self.root, path), path)
            except SourceError as error:
                found[path] = error
        return found

    def _read(self) -> None:
        """The whole story. While it is read, pages are answered as before."""
        maker: PageMaker | None = None
        self._read_times += 1
        self._settled = False
        try:
            self.close()
            self._run = Run(self.root, base_url=self.base_url, memory=self._memory)
            maker = prepare(self.root, base_url=self.base_url, run=self._run, look=False)
            failure = () if maker.routes or self._maker is None else tuple(maker.problems)
        except SourceError as error:
            failure = error.problems
        with self._lock:
            self._failure = failure
            if maker is None or failure:
                self._shown.clear()
            else:
                self._show(maker.with_blocks(RememberingBlocks(maker.shop.blocks)))

    def _show(self, maker: PageMaker) -> None:
        self._maker = maker
        self._files = {route.file: route for route in maker.routes.values()}
        self._shown.clear()
        self._artifacts = None

    # --- answering --------------------------------------------------------------------------------------

    def page(self, url: str) -> Shown:
        """What the site answers at an address below its root: '', 'towns/ashby/', 'assets/icon.svg'."""
        with self._lock:
            if url not in self._shown:
                self._shown[url] = self._answer(url)
                while len(self._shown) > MOST_KEPT:
                    self._shown.popitem(last=False)
            self._shown.move_to_end(url)
            return self._shown[url]

    def _answer(self, url: str) -> Shown:
        if url in self._own:
            return _file(url, self._own[url])
        maker = self._maker
        if maker is None:
            return self._no_story() if _may_be_page(url) else _missing()
        route = self._files.get(f"{url}index.html" if url == "" or url.endswith("/") else url)
        if route is not None:
            return self._html(maker, route, 200)
        if f"{url}/index.html" in self._files:
            return Shown(301, b"", HTML, address=f"/{quote(url)}/")
        path = f"{url}index.html" if url.endswith("/") else url
        data = self._data(maker, path)
        if data is not None:
            return _file(path, data)
        missing = self._files.get("404.html")
        return self._html(maker, missing, 404) if missing is not None and _may_be_page(url) else _missing()

    def _data(self, maker: PageMaker, url: str) -> bytes | None:
        """A file that no document makes. Only names that the site knows lead to one."""
        frozen = maker.story.releases.at(url)
        if frozen is not None:
            with Archives(maker.story.root) as archives, suppress(SourceError):
                return archives.read(*frozen)
            return None
        if url in maker.theme.assets:
            return maker.theme.assets[url]
        if url in download_paths(maker.story):
            try:
                return download(maker.story, url)
            except SourceError:
                return None
        folder, slash, name = url.rpartition("/")
        for owner in (f"{folder}{slash}index.html", f"{folder}{slash}404.html"):
            page = self._made(maker, self._files[owner])[0] if owner in self._files else None
            if page is not None and name in page.files:
                return page.files[name]
            if page is not None and page.card is not None and name == CARD:  # only for who asks for it
                return maker.picture(page.card)
        if self._artifacts is None:
            claims, updates = claims_file(maker.story, maker.claims), feed_file(maker.story, maker.updates())
            pages = list(_listed(maker))
            self._artifacts = requested(maker, maker.block_ids)
            for path, data in artifacts(maker.story, maker.theme, pages, claims, updates, maker.places):
                self._artifacts.add(path, data)
            for path, data in moved_pages(maker):
                self._artifacts.add(path, data)
        return self._artifacts.get(url)

    def _made(self, maker: PageMaker, route: Route) -> tuple[Page | None, tuple[Problem, ...]]:
        return maker.attempt(route) if maker.compiled(route) else (None, ())

    def _html(self, maker: PageMaker, route: Route, status: int) -> Shown:
        page, found = self._made(maker, route)
        if page is not None:
            self._good[route.url] = (page, found)
            while len(self._good) > MOST_KEPT:
                self._good.popitem(last=False)
        shown, contradicted = self._good.get(route.url, (None, ()))
        sources = Sources(self.root)
        problems, elsewhere = self._told(maker, route, found, made=page is not None)
        total = Total()
        if shown is None:
            html, status = bare("This page cannot be made yet", "It will be shown as soon as it can."), 500
        else:
            typed = list(self._typed(maker, route, sources)) if page is not None else []
            marks = _marks(maker, shown, contradicted)
            html, total = annotate(shown.html, marks, lambda claim: _claim(maker, claim), typed)
        panel = Panel(
            problems,
            elsewhere,
            str(total) if shown is not None else "",
            total.in_tables,
            draft=not maker.drafts.isdisjoint((route.document, route.override)),
            stale=shown is not None and (page is None or bool(self._failure)),
        )
        return self._finished(html, panel, sources, status)

    def _no_story(self) -> Shown:
        html = bare("The story cannot be shown yet", "It will be as soon as this is mended.")
        return self._finished(html, Panel(self._failure), Sources(self.root), 500)

    def _finished(self, html: str, panel: Panel, sources: Sources, status: int) -> Shown:
        style = self.stylesheet
        told = panel.html(sources, digest="", stylesheet="")
        digest = hashlib.sha256(f"{html.replace(style, '') if style else html}{told}".encode()).hexdigest()[:16]
        body = inserted(html, panel.html(sources, digest=digest, stylesheet=style))
        errors = sum(problem.severity == "error" for problem in panel.problems)
        return Shown(status, body.encode(), HTML, digest, errors=errors)

    # --- what is told -----------------------------------------------------------------------------------

    def _told(
        self, maker: PageMaker, route: Route, found: tuple[Problem, ...], *, made: bool
    ) -> tuple[list[Problem], list[tuple[str, int]]]:
        """The problems of all pages and of this one, and how many errors other documents have."""
        own, drafts = {route.document, route.override}, maker.drafts
        problems, others = Problems(), Counter[str]()
        problems.extend(self._failure)
        for problem in maker.problems:
            path = problem.location.path
            if path in own or path not in maker.story.documents:
                problems.extend([problem])
            elif problem.severity == "error" and path not in drafts:
                others[path] += 1
        problems.extend(found)
        for typed in (*maker.programs.settings, *_typed_in(maker, route)):
            problems.extend([replace(typed.problem, severity="warning")])
        noted = drafts if made else ()
        listed = [replace(p, severity="note") if p.location.path in noted else p for p in problems]
        return listed, sorted(others.items())

    def _typed(self, maker: PageMaker, route: Route, sources: Sources) -> Iterator[Typed]:
        """The numbers that are bound to nothing on a page, with the words around them."""
        for found in _typed_in(maker, route):
            where = found.location
            lines = [sources.line(replace(where, line=where.line + step)) or "" for step in (-1, 0, 1, 2)]
            start = len(lines[0]) + where.column
            text = "\n".join(lines)
            why = "Typed: no row of the data stands behind it."
            yield Typed(found.text, text[:start], text[start + found.length :], why)


def _typed_in(maker: PageMaker, route: Route) -> list[Found]:
    """The numbers that are typed in the documents of a page."""
    paths = filter(None, (route.document, route.override))
    return [found for path in paths for found in maker.programs.found_in(path)]


def _marks(maker: PageMaker, page: Page, contradicted: Collection[Problem]) -> dict[str, Mark]:
    """What is to be said of each number that has a receipt, by the receipt's id."""
    style = maker.story.config.style
    found: dict[str, Mark] = {}
    for receipt in (receipt for group in page.receipts for receipt in group.receipts):
        wrong = next((p for place in receipt.places for p in contradicted if _stands_at(p, place)), None)
        if wrong is not None:
            why = f"Contradicted: {wrong.sentence}. {wrong.hint}".strip()
            found[receipt.id] = Mark("contradicted", why, receipt.asserted)
            continue
        figure = " ".join(filter(None, (receipt.figure, receipt.unit_to_say)))
        said = ", ".join(filter(None, (figure, receipt.about(style), receipt.worked_out)))
        rows = "; ".join(f"{item.path}, {rows_words(item, style)}" for item in receipt.evidence)
        how = "Asserted, and borne out by" if receipt.asserted else "Computed:"
        found[receipt.id] = Mark("verified", f"{how} {said}. {rows}".strip(), receipt.asserted)
    return found


def _stands_at(problem: Problem, place: str) -> bool:
    """Whether a problem is about the words that begin at ``path:line:column``, behind a bracket and blanks."""
    path, line, column = place.rsplit(":", 2) if place.count(":") >= 2 else ("", "0", "0")
    where = problem.location
    return (where.path, where.line) == (path, int(line)) and 0 <= where.column - int(column) <= 3


def _claim(maker: PageMaker, claim: str) -> Mark | None:
    """Of an attributed number; all claims are held when the first is asked for."""
    held = maker.claims.get(claim)
    if held is None:
        return None
    who = held.claim.who or "somebody"
    return Mark("unverified", f"Attributed to {who}; the claim is {VERDICTS[held.code]}.")


class _Listing(NamedTuple):
    url: str
    noindex: bool
    modified: str


def _listed(maker: PageMaker) -> Iterator[_Listing]:
    """The pages that are published, for what lists them."""
    drafts = maker.drafts
    for route in maker.routes.values():
        if route.document not in drafts and maker.compiled(route):
            with suppress(SourceError):
                yield _Listing(route.url, maker.noindex(route), maker.modified(route))


def _may_be_page(url: str) -> bool:
    return url.endswith("/") or PurePosixPath(url).suffix in ("", ".html")


def _file(url: str, data: bytes) -> Shown:
    suffix = PurePosixPath(url).suffix.lower()
    plain = "text/plain; charset=utf-8" if not suffix else "application/octet-stream"
    return Shown(200, data, TYPES.get(suffix, plain))


def _missing() -> Shown:
    return Shown(404, b"There is no such page or file.\n", "text/plain; charset=utf-8")
