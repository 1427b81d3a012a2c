"""What is known of a page without its content: all that other files, the checks of a site and later builds need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from generator.checks.facts import scan
from generator.checks.links import Brief, Leads, brief, leads_of
from generator.pages.maker import Page
from generator.problems import as_plain, from_plain


class PageRecord(Struct, frozen=True):
    """A page without its content.

    ``files`` are path in the site, SHA-256 in hex and size of each, itself first; ``framed`` the paths in the site
    of those that are pages, too, for frames on other sites.
    """

    url: str
    noindex: bool
    figures: int
    values: int
    modified: str
    searched: bool
    files: tuple[tuple[str, str, int], ...]
    framed: tuple[str, ...]
    each_brief: tuple[Brief, ...] | PackedBriefs
    """The brief of itself and of each page that is framed, in this order."""

    @property
    def pages(self) -> tuple[str, ...]:
        """The paths in the site of itself and of the pages among its files."""
        return (self.files[0][0], *self.framed)

    @property
    def briefs(self) -> Iterator[tuple[str, Brief]]:
        """Of each of these pages, by path in the site."""
        briefs = self.each_brief if isinstance(self.each_brief, tuple) else self.each_brief.read()
        return zip(self.pages, briefs, strict=True)

    def thrifty(self) -> PageRecord:
        """The same, taking little room: there may be one of each page of a large site."""
        return replace(self, each_brief=tuple([each.thrifty() for _, each in self.briefs]))


def page_files(page: Page) -> Iterator[tuple[str, bytes]]:
    """Path in the site and bytes of a page and of what belongs to it."""
    yield page.route.file, page.html.encode()
    folder = page.route.file.rpartition("/")[0]
    for name, data in page.files.items():
        yield (f"{folder}/{name}" if folder else name), data


def record_of(page: Page, files: Mapping[str, bytes], *, base_path: str) -> PageRecord:
    """``base_path`` as for :func:`~generator.checks.links.check_links`."""
    listed = tuple((path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in files.items())
    pages = tuple(path for path in files if path.endswith(".html"))
    briefs = tuple(brief(scan(files[path].decode()), path, base_path=base_path) for path in pages)
    return PageRecord(
        page.route.url, page.noindex, page.figures, page.values, page.modified, page.searched, listed, pages[1:],
        briefs,
    )  # fmt: skip


def block_ids(record: PageRecord) -> frozenset[str]:
    """The ids of the figures and tables of a page; each has a file of its name."""
    names = (path.rpartition("/")[2] for path, _, _ in record.files[1:])
    return frozenset(name.removesuffix(".csv") for name in names if name.endswith(".csv"))


# --- as bytes -----------------------------------------------------------------------------------------------


class PackedBriefs(Struct, frozen=True):
    """The briefs of a page, not read yet: most builds ask for none."""

    texts: tuple[str, ...]
    packed: msgspec.Raw

    def read(self) -> tuple[Brief, ...]:
        text = self.texts.__getitem__

        def one(packed: _PackedBrief) -> Brief:
            parts = _in_words(packed.parts, self.texts)
            problems = from_plain(packed.problems) if packed.problems else ()
            return Brief(
                tuple(map(text, packed.ids)), tuple(map(text, packed.targets)), parts, packed.odd, problems
            )

        return tuple(map(one, _BRIEFS(self.packed)))


def _in_words(parts: Sequence[tuple[int, int]], texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple([(texts[target], texts[fragment]) for target, fragment in parts])


class _PackedBrief(Struct, frozen=True, array_like=True):
    """With numbers in the place of texts."""

    ids: tuple[int, ...]
    targets: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]
    odd: bool
    problems: list[Any]


_Known = tuple[str, bool, int, int, str, bool, tuple[tuple[str, str, int], ...], tuple[str, ...]]
"""All of a record but its briefs."""


class _Packed(Struct, frozen=True, array_like=True):
    """Records of pages, with each text of their briefs once: most are on all pages."""

    texts: tuple[str, ...]
    targets: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]
    fine: bool
    pages: tuple[tuple[_Known, msgspec.Raw], ...]


_ENCODER = msgspec.msgpack.Encoder()
_UNPACK = msgspec.msgpack.Decoder(_Packed).decode
_BRIEFS = msgspec.msgpack.Decoder(tuple[_PackedBrief, ...]).decode


def pack(records: Sequence[PageRecord]) -> bytes:
    texts: dict[str, int] = {}

    def number(text: str) -> int:
        return texts.setdefault(text, len(texts))

    def pairs(parts: Sequence[tuple[str, str]]) -> tuple[tuple[int, int], ...]:
        return tuple([(number(target), number(fragment)) for target, fragment in parts])

    def plain(each: Brief) -> _PackedBrief:
        ids, targets = tuple(map(number, each.ids)), tuple(map(number, each.targets))
        return _PackedBrief(ids, targets, pairs(each.parts), each.odd, as_plain(each.problems))

    def page(record: PageRecord) -> tuple[_Known, msgspec.Raw]:
        known = (
            record.url, record.noindex, record.figures, record.values, record.modified, record.searched,
            record.files, record.framed,
        )  # fmt: skip
        return known, msgspec.Raw(_ENCODER.encode([plain(each) for _, each in record.briefs]))

    leads = leads_of(each for record in records for _, each in record.briefs)
    targets, parts = tuple(map(number, leads.targets)), pairs(leads.parts)
    pages = tuple(map(page, records))
    return _ENCODER.encode(_Packed(tuple(texts), targets, parts, leads.fine, pages))


def unpack(data: bytes) -> tuple[list[PageRecord], Leads]:
    """The records, and where the addresses on all of these pages lead.

    Raises ValueError, LookupError or TypeError for what are none; the briefs are looked at when they are asked for.
    """
    packed = _UNPACK(data)
    text = packed.texts.__getitem__
    leads = Leads(tuple(map(text, packed.targets)), _in_words(packed.parts, packed.texts), packed.fine)
    return [PageRecord(*known, PackedBriefs(packed.texts, briefs)) for known, briefs in packed.pages], leads
