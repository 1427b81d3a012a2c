"""What is known of a page without its content: all that other files, the checks of a site and later builds need."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from generator.checks.facts import scan
from generator.checks.links import Brief, Leads, brief, leads_of
from generator.pages.maker import Page
from generator.problems import as_plain, from_plain


class FileList(Struct, frozen=True, array_like=True):
    """Path in the site, SHA-256 in hex and size in bytes of each file of a page, itself first.

    It takes little room: there may be one of each page of a large site. ``names`` are paths below ``folder``, but
    for those that begin with a slash. Raises ValueError when there are not as many digests or sizes as names.
    """

    folder: str
    names: tuple[str, ...]
    digests: bytes
    sizes: bytes

    def __post_init__(self) -> None:
        count = len(self.names)
        if (
            not count
            or not all(self.names)
            or len(self.digests) != count * _DIGEST
            or len(self.sizes) != count * _SIZE
        ):
            raise ValueError("not the files of a page")
        force_setattr(self, "names", _shared(self.names))

    @classmethod
    def of(cls, files: Iterable[tuple[str, str, int]]) -> Self:
        paths, digests, sizes = zip(*files, strict=True)
        folder = paths[0][: paths[0].rfind("/") + 1]
        names = tuple([p[len(folder) :] if p.startswith(folder) else f"/{p}" for p in paths])
        return cls(folder, names, bytes.fromhex("".join(digests)), struct.pack(f"<{len(sizes)}Q", *sizes))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def paths(self) -> list[str]:
        return [name[1:] if name[0] == "/" else self.folder + name for name in self.names]

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        digests, size = self.digests.hex(), 2 * _DIGEST
        each = [digests[at : at + size] for at in range(0, len(digests), size)]
        return zip(self.paths, each, struct.unpack(f"<{len(self.names)}Q", self.sizes), strict=True)


_DIGEST, _SIZE = 32, 8
"""Bytes of a digest and of a size."""


@lru_cache(maxsize=1000)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same for all pages whose files have the same names."""
    return names


class PageRecord(Struct, frozen=True):
    """A page without its content. ``framed`` are the paths in the site of those of its ``files`` that are pages,
    too, for frames on other sites.
    """

    url: str
    noindex: bool
    figures: int
    values: int
    modified: str
    searched: bool
    files: FileList
    framed: tuple[str, ...]
    each_brief: tuple[Brief, ...] | PackedBriefs
    """The brief of itself and of each page that is framed, in this order."""

    @property
    def path(self) -> str:
        """Its own in the site."""
        return self.files.folder + self.files.names[0]

    @property
    def digest(self) -> str:
        """The SHA-256 of the page itself, in hex."""
        return self.files.digests[:_DIGEST].hex()

    @property
    def pages(self) -> tuple[str, ...]:
        """The paths in the site of itself and of the pages among its files."""
        return (self.path, *self.framed)

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
    listed = FileList.of((path, hashlib.sha256(data).hexdigest(), len(data)) for path, data in files.items())
    pages = tuple(path for path in files if path.endswith(".html"))
    briefs = tuple(brief(scan(files[path].decode()), path, base_path=base_path) for path in pages)
    return PageRecord(
        page.route.url, page.noindex, page.figures, page.values, page.modified, page.searched, listed, pages[1:],
        briefs,
    )  # fmt: skip


def block_ids(record: PageRecord) -> frozenset[str]:
    """The ids of the figures and tables of a page; each has a file of its name."""
    names = (name.rpartition("/")[2] for name in record.files.names[1:])
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


_Known = tuple[str, bool, int, int, str, bool, FileList, tuple[str, ...]]
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
