"""Pages of earlier builds, each under a digest of all that it depends on.

A page depends on what all pages share (settings, data, theme, the story's code, the generator, and every page's
address, short title and draft flag), on its own document, and on the document of its entity alone. Which entity it
is for, its address says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.checks.links import Brief
from generator.inputs import Inputs, digest
from generator.pages.maker import Page, PageMaker, is_draft
from generator.problems import as_plain, from_plain
from generator.routes import Route
from generator.source import Document, Scalar
from generator.store import Store

_OUTLINE = ("title", "kicker")
"""What of a document's front matter other pages may show."""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page without its content. ``files`` are path in the site, SHA-256 in hex and size of each, itself first."""

    url: str
    noindex: bool
    figures: int
    values: int
    files: tuple[tuple[str, str, int], ...]
    brief: Brief


def page_files(page: Page) -> Iterator[tuple[str, bytes]]:
    """Path in the site and bytes of a page and of what belongs to it."""
    yield page.route.file, page.html.encode()
    folder = page.route.file.rpartition("/")[0]
    for name, data in page.files.items():
        yield (f"{folder}/{name}" if folder else name), data


def record_of(page: Page, files: Mapping[str, bytes], brief: Brief) -> PageRecord:
    listed = tuple((path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in files.items())
    return PageRecord(page.route.url, page.noindex, page.figures, page.values, listed, brief)


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

    def files(self, route: Route, record: PageRecord) -> dict[str, bytes] | None:
        """The bytes of a page's files; None when they are not all there."""
        data = self._store.get("files", self.key(route))
        if data is None or len(data) != sum(size for _, _, size in record.files):
            return None
        found, at = {}, 0
        for path, checksum, size in record.files:
            found[path] = data[at : at + size]
            if hashlib.sha256(found[path]).hexdigest() != checksum:
                return None
            at += size
        return found

    def keep(self, route: Route, record: PageRecord, files: Mapping[str, bytes]) -> None:
        key = self.key(route)
        self._store.put("page", key, _packed(record))
        self._store.put("files", key, b"".join(files.values()))


def _outline(documents: Mapping[str, Document]) -> Iterator[str]:
    """What all pages share of all documents."""
    for path, document in documents.items():
        yield path
        yield "draft" if is_draft(document) else ""
        for name in _OUTLINE:
            node = document.front.entries.get(name)
            yield f"={node.text}" if isinstance(node, Scalar) else repr(node)


def _packed(record: PageRecord) -> bytes:
    brief = record.brief
    made = [
        [record.url, record.noindex, record.figures, record.values, record.files],
        [sorted(brief.ids), brief.targets, brief.odd, as_plain(brief.problems)],
    ]
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def _unpacked(data: bytes) -> PageRecord:
    (url, noindex, figures, values, files), (ids, targets, odd, problems) = json.loads(data)
    pairs = tuple((target, fragment) for target, fragment in targets)
    brief = Brief(frozenset(ids), pairs, odd, from_plain(problems))
    listed = tuple((path, checksum, size) for path, checksum, size in files)
    return PageRecord(url, noindex, figures, values, listed, brief)
