"""Pages of earlier builds, each under a digest of all that it depends on.

A page depends on what all pages share (settings, data, theme, the story's code, the generator, and every page's
address, short title and draft flag), on its own document, and on the document of its entity alone. Which entity it
is for, its address says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from generator.checks.facts import scan
from generator.checks.links import Brief, brief
from generator.figures.files import Files
from generator.figures.kept import KeptBlocks, MadeBlock
from generator.inputs import Inputs, digest
from generator.pages.card import says_no_card
from generator.pages.maker import Page, PageMaker, is_draft
from generator.problems import as_plain, from_plain
from generator.routes import Route
from generator.source import Document, Scalar
from generator.store import NOT_OURS, Store

_TOGETHER = 250
"""Pages whose records are kept as one, besides each by itself."""

_OUTLINE = ("title", "kicker", "noindex")
"""What of a document's front matter other pages may show, or go by."""


class PageRecord(Struct, frozen=True):
    """A page without its content.

    ``files`` are path in the site, SHA-256 in hex and size of each, itself first; ``framed`` path in the site and
    brief of each that is a page, too, for frames on other sites.
    """

    url: str
    noindex: bool
    figures: int
    values: int
    modified: str
    searched: bool
    files: tuple[tuple[str, str, int], ...]
    brief: Brief
    framed: tuple[tuple[str, Brief], ...] = ()

    @property
    def briefs(self) -> Iterator[tuple[str, Brief]]:
        """Of itself and of the pages among its files, by path in the site."""
        yield self.files[0][0], self.brief
        yield from self.framed

    def thrifty(self) -> PageRecord:
        """The same, taking little room: there may be one of each page of a large site."""
        framed = tuple([(path, each.thrifty()) for path, each in self.framed])
        return replace(self, brief=self.brief.thrifty(), framed=framed)


def page_files(page: Page) -> Iterator[tuple[str, bytes]]:
    """Path in the site and bytes of a page and of what belongs to it."""
    yield page.route.file, page.html.encode()
    folder = page.route.file.rpartition("/")[0]
    for name, data in page.files.items():
        yield (f"{folder}/{name}" if folder else name), data


def record_of(page: Page, files: Mapping[str, bytes], *, base_path: str) -> PageRecord:
    """``base_path`` as for :func:`~generator.checks.links.check_links`."""
    listed = tuple((path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in files.items())
    (_, own), *framed = (
        (path, brief(scan(data.decode()), path, base_path=base_path))
        for path, data in files.items()
        if path.endswith(".html")
    )
    return PageRecord(
        page.route.url, page.noindex, page.figures, page.values, page.modified, page.searched, listed, own,
        tuple(framed),
    )  # fmt: skip


def block_ids(record: PageRecord) -> frozenset[str]:
    """The ids of the figures and tables of a page; each has a file of its name."""
    names = (path.rpartition("/")[2] for path, _, _ in record.files[1:])
    return frozenset(name.removesuffix(".csv") for name in names if name.endswith(".csv"))


class PageKeys:
    """The digests of all that each page of a story depends on, as the story now is."""

    def __init__(self, surroundings: Sequence[str], documents: Mapping[str, Document]) -> None:
        """``surroundings`` are the digests of everything that is no document."""
        self._documents = {path: digest(path, document.text) for path, document in documents.items()}
        self.shared = digest(*surroundings, *_outline(documents))
        """Of all that no page has to itself."""
        self._known: dict[str, str] = {}

    @classmethod
    def of(cls, maker: PageMaker, inputs: Inputs) -> PageKeys:
        return cls([inputs.surroundings, inputs.address], maker.story.documents)

    def page(self, route: Route) -> str:
        found = self._known.get(route.url)
        if found is None:
            own = [self._documents[path] for path in (route.document, route.override) if path]
            found = self._known[route.url] = digest(self.shared, route.url, *own)
        return found


class KeptPages:
    """The pages that are kept of one story as it now is."""

    def __init__(self, store: Store, keys: PageKeys, blocks: KeptBlocks) -> None:
        self._store = store
        self._blocks = blocks
        self._blocks.open(store, keys.shared)
        self.key = keys.page
        self._records: dict[str, PageRecord] = {}
        self._apart: list[list[str]] = []
        """The keys of pages that are not kept together but could be."""

    def find(self, routes: Sequence[Route]) -> None:
        """Look for the pages of these routes: for many together, or else for each by itself."""
        keys = [self.key(route) for route in routes]
        together = {digest(*some): some for some in _together(routes, keys)}
        known = self._store.get_all("pages", [name for name, some in together.items() if len(some) > 1])
        self._apart = [some for name, some in together.items() if not self._know_all(some, known.get(name))]
        for key, data in self._store.get_all("page", [key for keys in self._apart for key in keys]).items():
            self._know_all([key], data)

    def _know_all(self, keys: Sequence[str], data: bytes | None) -> bool:
        if data is None:
            return False
        try:
            self._records.update(zip(keys, _unpacked(data), strict=True))
        except NOT_OURS:
            return False
        return True

    def keep_together(self) -> None:
        """The pages that are all kept now, so that they are found at one look."""
        for keys in self._apart:
            records = [self._records[key] for key in keys if key in self._records]
            if 1 < len(records) == len(keys):
                self._store.put("pages", digest(*keys), _packed(records))
        self._apart = []

    def record(self, route: Route) -> PageRecord | None:
        return self._records.get(self.key(route))

    def files(self, record: PageRecord, make: Callable[[], Mapping[str, bytes]]) -> Mapping[str, bytes]:
        """The bytes of a page's files, each read when it is asked for; ``make`` makes them where one is lost.

        Each lies under its own digest, so that one can be had without the rest.
        """
        made = cache(make)
        files = Files()
        for path, checksum, _ in record.files:
            files.add(path, partial(self._file, path, checksum, made))
        return files

    def _file(self, path: str, checksum: str, make: Callable[[], Mapping[str, bytes]]) -> bytes:
        data = self._store.get("file", checksum)
        if data is None or hashlib.sha256(data).hexdigest() != checksum:
            return make()[path]
        return data

    def know(self, route: Route, record: PageRecord) -> None:
        """A page that has just been made, and is kept by whoever made it."""
        self._records[self.key(route)] = record

    def keep(
        self, route: Route, record: PageRecord, files: Mapping[str, bytes], blocks: Sequence[MadeBlock] = ()
    ) -> None:
        self._store.put("page", self.key(route), _packed([record]))
        for path, checksum, _ in record.files:
            if checksum not in self._blocks.unchanged:
                self._store.put("file", checksum, files[path], sure=True)
        checksums = {path.rpartition("/")[2]: checksum for path, checksum, _ in record.files}
        for block in blocks:
            self._blocks.keep(block, checksums)


def _together(routes: Sequence[Route], keys: Sequence[str]) -> Iterator[list[str]]:
    """The keys of pages that are kept together: few enough for a page that changes to cost little."""
    documents: dict[str, list[str]] = {}
    for route, key in zip(routes, keys, strict=True):
        documents.setdefault(route.document, []).append(key)
    for own in documents.values():
        for start in range(0, len(own), _TOGETHER):
            yield own[start : start + _TOGETHER]


def _outline(documents: Mapping[str, Document]) -> Iterator[str]:
    """What all pages share of all documents."""
    for path, document in documents.items():
        yield path
        yield "draft" if is_draft(document) else ""
        for name in _OUTLINE:
            node = document.front.entries.get(name)
            yield f"={node.text}" if isinstance(node, Scalar) else repr(node)
        yield "no card" if says_no_card(document) else ""


class _PackedBrief(Struct, frozen=True, array_like=True):
    """The brief of a page of the site, with numbers in the place of texts."""

    path: str
    ids: tuple[int, ...]
    targets: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]
    odd: bool
    problems: list[Any]


_Known = tuple[str, bool, int, int, str, bool, tuple[tuple[str, str, int], ...]]
"""All of a record but its briefs."""


class _PackedPage(Struct, frozen=True, array_like=True):
    known: _Known
    briefs: tuple[_PackedBrief, ...]


class _Packed(Struct, frozen=True, array_like=True):
    """Records of pages, with each text of their briefs once: most are on all pages."""

    texts: tuple[str, ...]
    pages: tuple[_PackedPage, ...]


def _packed(records: Sequence[PageRecord]) -> bytes:
    texts: dict[str, int] = {}

    def number(text: str) -> int:
        return texts.setdefault(text, len(texts))

    def plain(path: str, brief: Brief) -> _PackedBrief:
        ids, targets = tuple(map(number, brief.ids)), tuple(map(number, brief.targets))
        parts = tuple([(number(target), number(fragment)) for target, fragment in brief.parts])
        return _PackedBrief(path, ids, targets, parts, brief.odd, as_plain(brief.problems))

    pages = tuple(
        [_PackedPage(_known(record), tuple(plain(*each) for each in record.briefs)) for record in records]
    )
    return msgspec.msgpack.encode(_Packed(tuple(texts), pages))


def _known(record: PageRecord) -> _Known:
    known = (record.url, record.noindex, record.figures, record.values, record.modified, record.searched)
    return (*known, record.files)


_UNPACK = msgspec.msgpack.Decoder(_Packed).decode


def _unpacked(data: bytes) -> Iterator[PageRecord]:
    """Raises ValueError, LookupError, TypeError or AttributeError for what are none."""
    packed = _UNPACK(data)
    text = packed.texts.__getitem__

    def read(brief: _PackedBrief) -> Brief:
        parts = tuple([(text(target), text(fragment)) for target, fragment in brief.parts])
        problems = from_plain(brief.problems) if brief.problems else ()
        return Brief(tuple(map(text, brief.ids)), tuple(map(text, brief.targets)), parts, brief.odd, problems)

    for page in packed.pages:
        own, *framed = page.briefs
        yield PageRecord(*page.known, read(own), tuple([(each.path, read(each)) for each in framed]))
