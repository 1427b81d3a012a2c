"""One page made, with all that belongs to it: what a build maps over its routes, in this process or in others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from generator.figures.kept import KeptBlocks, MadeBlock
from generator.pages import Page, PageMaker
from generator.pages.card import FILE as CARD
from generator.pages.kept import KeptPages, PageKeys
from generator.pages.records import PageRecord, page_files, record_of
from generator.prepare import failing
from generator.problems import Problem, SourceError
from generator.routes import Route
from generator.run import Run
from generator.searched import searched


class Outcome(Struct, frozen=True):
    """What came of a page: its record and the bytes of its files by path in the site, or what is wrong with it.

    Without record and problems it is a page whose documents do not compile, which was told before. ``words`` are
    what the text search looks into, where there is one that looks into this page.
    """

    record: PageRecord | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    words: bytes = b""


def made(maker: PageMaker, route: Route, kept: KeptPages | None) -> Outcome:
    """A page, made now, and kept: the same bytes each time."""
    if not maker.compiled(route):
        return Outcome()
    try:
        page = maker.page(route)
    except SourceError as error:
        return Outcome(problems=error.problems)
    files = all_files(maker, page)
    record = record_of(page, files, base_path=maker.story.config.base_path)
    looked_into = maker.story.config.spec.search_page and page.searched
    outcome = Outcome(record, files, words=searched(page.html).encode() if looked_into else b"")
    keep(maker, route, outcome, kept, page.blocks)
    return outcome


def keep(
    maker: PageMaker, route: Route, outcome: Outcome, kept: KeptPages | None, blocks: Sequence[MadeBlock] = ()
) -> None:
    """For later builds, where there is a place for it; with the page's figures and tables, where they are here."""
    if kept and outcome.record and maker.shop.blocks.drawing:
        kept.keep(route, outcome.record, outcome.files, blocks)


def all_files(maker: PageMaker, page: Page) -> dict[str, bytes]:
    """Of a page and what belongs to it; with its card, where the site has an address at which to find it."""
    files = dict(page_files(page))
    if page.card is not None and maker.shop.blocks.drawing and maker.story.config.base_url:
        files[f"{page.route.url}{CARD}"] = maker.picture(page.card)
    return files


def kept_pages(maker: PageMaker, run: Run | None) -> KeptPages | None:
    """Where pages of earlier builds are; None where nothing is kept."""
    if run is None or run.store is None or failing(maker):
        return None
    blocks = maker.shop.blocks.kept if maker.shop.blocks.drawing else KeptBlocks()
    return KeptPages(run.store, PageKeys.of(maker, run.inputs), blocks)
