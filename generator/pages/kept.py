"""Pages of earlier builds, each under a digest of all that it depends on.

A page depends on what all pages share (settings, data, theme, the story's code, the generator, and every page's
address, short title and draft flag), on its own document, and on the document of its entity alone. Which entity it
is for, its address says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial

from generator.checks.links import Leads
from generator.figures.files import Files
from generator.figures.kept import KeptBlocks, MadeBlock
from generator.inputs import Inputs, digest
from generator.pages.card import says_no_card
from generator.pages.maker import PageMaker, is_draft
from generator.pages.records import PageRecord, pack, unpack
from generator.routes import Route
from generator.source import Document, Scalar
from generator.store import NOT_OURS, Store

_TOGETHER = 250
"""Pages whose records are kept as one, besides each by itself."""

_OUTLINE = ("title", "kicker", "noindex")
"""What of a document's front matter other pages may show, or go by."""


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
        self._leads: dict[str, Leads] = {}
        """By the key of each page that is kept together with others; one for all of them."""
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
            records, leads = unpack(data)
            self._records.update(zip(keys, records, strict=True))
        except NOT_OURS:
            return False
        self._leads.update(dict.fromkeys(keys, leads))
        return True

    def keep_together(self) -> None:
        """The pages that are all kept now, so that they are found at one look."""
        for keys in self._apart:
            records = [self._records[key] for key in keys if key in self._records]
            if 1 < len(records) == len(keys):
                self._store.put("pages", digest(*keys), pack(records))
        self._apart = []

    def record(self, route: Route) -> PageRecord | None:
        return self._records.get(self.key(route))

    def leads(self, route: Route) -> Leads | None:
        """Where the addresses on this page lead, and those on the pages that are kept with it, as one."""
        return self._leads.get(self.key(route))

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
        self._leads.pop(self.key(route), None)

    def keep(
        self, route: Route, record: PageRecord, files: Mapping[str, bytes], blocks: Sequence[MadeBlock] = ()
    ) -> None:
        self._store.put("page", self.key(route), pack([record]))
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
