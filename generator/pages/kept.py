"""Pages of earlier builds, each under a digest of all that it depends on.

A page depends on what all pages share (settings, data, theme, the story's code, the generator, and every page's
address, short title and draft flag), on its own document, and on the document of its entity alone. Which entity it
is for, its address says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from generator.checks.html import scan
from generator.checks.links import Brief, brief
from generator.figures.files import Files
from generator.inputs import Inputs, digest
from generator.pages.card import says_no_card
from generator.pages.maker import Page, PageMaker, is_draft
from generator.problems import as_plain, from_plain
from generator.routes import Route
from generator.source import Document, Scalar
from generator.store import Store

_OUTLINE = ("title", "kicker", "noindex")
"""What of a document's front matter other pages may show, or go by."""


@dataclass(frozen=True, slots=True)
class PageRecord:
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
        self._shared = digest(*surroundings, *_outline(documents))

    @classmethod
    def of(cls, maker: PageMaker, inputs: Inputs) -> PageKeys:
        return cls([inputs.surroundings, inputs.address], maker.story.documents)

    def page(self, route: Route) -> str:
        own = [self._documents[path] for path in (route.document, route.override) if path]
        return digest(self._shared, route.url, *own)


class KeptPages:
    """The pages that are kept of one story as it now is."""

    def __init__(self, store: Store, keys: PageKeys) -> None:
        self._store = store
        self.key = keys.page
        self._records: dict[str, PageRecord] = {}

    def find(self, routes: Iterable[Route]) -> None:
        """Look for the pages of these routes, all at once."""
        keys = {self.key(route): route for route in routes}
        for key, data in self._store.get_all("page", keys).items():
            try:
                self._records[key] = _unpacked(data)
            except (ValueError, LookupError, TypeError, AttributeError):
                continue

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

    def keep(self, route: Route, record: PageRecord, files: Mapping[str, bytes]) -> None:
        self._store.put("page", self.key(route), _packed(record))
        for path, checksum, _ in record.files:
            self._store.put("file", checksum, files[path], sure=True)


def _outline(documents: Mapping[str, Document]) -> Iterator[str]:
    """What all pages share of all documents."""
    for path, document in documents.items():
        yield path
        yield "draft" if is_draft(document) else ""
        for name in _OUTLINE:
            node = document.front.entries.get(name)
            yield f"={node.text}" if isinstance(node, Scalar) else repr(node)
        yield "no card" if says_no_card(document) else ""


def _packed(record: PageRecord) -> bytes:
    known = [record.url, record.noindex, record.figures, record.values, record.modified, record.searched]
    made = [[*known, record.files], [[path, *_plain(brief)] for path, brief in record.briefs]]
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def _unpacked(data: bytes) -> PageRecord:
    (url, noindex, figures, values, modified, searched, files), briefs = json.loads(data)
    listed = tuple((path, checksum, size) for path, checksum, size in files)
    (_, own), *framed = ((path, _brief(*parts)) for path, *parts in briefs)
    return PageRecord(url, noindex, figures, values, modified, searched, listed, own, tuple(framed))


def _plain(brief: Brief) -> list[Any]:
    return [sorted(brief.ids), brief.targets, brief.parts, brief.odd, as_plain(brief.problems)]


def _brief(ids: list[str], targets: list[str], parts: list[list[str]], odd: bool, problems: Any) -> Brief:
    pairs = tuple((target, fragment) for target, fragment in parts)
    return Brief(frozenset(ids), tuple(targets), pairs, odd, from_plain(problems))
