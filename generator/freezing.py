"""Makes a release: what the site says and shows now, frozen as inputs of every later build.

Frozen are the numbers of each page (``values.json``), the CSV, JSON, SVG and embed of each of its figures and
tables, a plain record of the page at its address, and whatever any of these load.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import posixpath
import re
import shutil
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from fnmatch import fnmatchcase
from functools import cached_property
from html import escape, unescape
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from msgspec import Struct, field

from generator import __version__
from generator.build import Progress, check
from generator.checks.facts import scan
from generator.figures.files import json_name
from generator.model import Period
from generator.outputs.values import FILE as VALUES
from generator.pages import PageMaker
from generator.pages.records import PageRecord, block_ids
from generator.prepare import prepare
from generator.problems import Location, Problem, SourceError
from generator.releases import ARCHIVE, LIST, RELEASES, File, Release, Releases, read_releases
from generator.rendering import Rendering
from generator.routes import Route
from generator.run import Run
from generator.values import NumberStyle

EMBED = ".embed.html"
_KEPT = (".csv", ".json", ".svg", EMBED)
_NOT_KEPT = ".oembed.json"
"""It would lead to the figure as it is now."""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive, which depends on nothing."""


class PatternError(Exception):
    """No page has an address like the one asked for."""


class Released(Struct, frozen=True):
    """What a release came to: numbers of pages and files, and sizes in bytes."""

    name: str
    pages: int
    files: int
    stored: int
    """Files that no release before held."""
    stored_bytes: int
    """Of its folder."""
    site_bytes: int
    """By which the site grows."""


def release(
    root: Path,
    name: str,
    *,
    today: dt.date,
    now: dt.datetime | None = None,
    pages: Collection[str] = (),
    base_url: str | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
) -> Released:
    """Freeze the site as a build would make it now. ``name`` is one that :func:`~generator.releases.is_name` takes.

    ``pages`` are patterns of the addresses of the pages to freeze, all when there are none; the front page is.
    Raises SourceError when there is such a release already or the story does not check clean, PatternError for a
    pattern that fits no page, and OSError when the files cannot be written.
    """
    known = read_releases(root)
    refuse_taken(root, name)
    checked = check(root, rendered=True, base_url=base_url, today=today, now=now)
    if checked.fails(strict=True):
        raise SourceError(*checked.problems)
    with Folder(root, name) as folder:
        with Run(root, base_url=base_url) as run:
            maker = prepare(root, base_url=base_url, run=run)
            maker.leave_out_drafts()
            rendering = Rendering(maker, progress, run, jobs=jobs)
            with closing(rendering.pages()) as pages_made:
                records = [each.record for each in pages_made]
            rendering.problems.raise_if_any()
            freezing = Freezing(rendering, folder, known, name, today)
            freezing.freeze(_wanted(records, pages))
        made_release = freezing.release()
        stored = folder.finish(made_release)
    whole = sum(size for _, size in made_release.files.values())
    return Released(name, len(made_release.records), len(made_release.files), len(folder.stored), stored, whole)


def refuse_taken(root: Path, name: str) -> None:
    """Names that differ in letter case alone would be one address on some systems."""
    folder = root / RELEASES
    taken = next((each.name for each in folder.glob("*") if each.name.casefold() == name.casefold()), "")
    if taken:
        hint = "A release is never changed; choose another name."
        raise SourceError(
            Problem(
                "release-exists", f"there is a release {taken!r} already", Location(f"{RELEASES}/{taken}"), hint
            )
        )


def _wanted(records: Collection[PageRecord], patterns: Collection[str]) -> list[PageRecord]:
    """The front page, which is at the address of the release itself, and those that say or show something."""
    for pattern in patterns:
        if not any(fnmatchcase(record.url, pattern) for record in records):
            raise PatternError(f"no page has an address like {pattern!r}")
    return [record for record in records if record.url == "" or _is_wanted(record, patterns)]


def _is_wanted(record: PageRecord, patterns: Collection[str]) -> bool:
    if record.url.endswith(".html") or not any(_is_kept(path) for path in record.files.paths):
        return False
    return not patterns or any(fnmatchcase(record.url, pattern) for pattern in patterns)


def _is_kept(path: str) -> bool:
    return path.endswith(_KEPT) and not path.endswith(_NOT_KEPT)


class Folder:
    """The folder of a release while it is made: hidden, and in its place when it is finished, or gone."""

    def __init__(self, root: Path, name: str) -> None:
        self._place = root / RELEASES / name
        self._draft = root / RELEASES / f".{name}.part"
        self.stored: set[str] = set()

    def __enter__(self) -> Self:
        shutil.rmtree(self._draft, ignore_errors=True)
        self._draft.mkdir(parents=True)
        self._archive = zipfile.ZipFile(self._draft / ARCHIVE, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()
        shutil.rmtree(self._draft, ignore_errors=True)

    def store(self, checksum: str, data: bytes) -> None:
        if checksum in self.stored:
            return
        self.stored.add(checksum)
        member = zipfile.ZipInfo(checksum, _LONG_AGO)
        member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        self._archive.writestr(member, data, compresslevel=9)

    def sealed(self) -> File:
        """Checksum and size of the archive, to which nothing is added any more."""
        self._archive.close()
        if not self.stored:
            (self._draft / ARCHIVE).unlink(missing_ok=True)
            return hashlib.sha256(b"").hexdigest(), 0
        with (self._draft / ARCHIVE).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), (self._draft / ARCHIVE).stat().st_size

    def finish(self, release: Release) -> int:
        """Put the release in its place, whole; gives its size in bytes."""
        data = release.as_json()
        (self._draft / LIST).write_bytes(data)
        os.rename(self._draft, self._place)  # noqa: PTH104 - refuses a folder that is there and not empty
        return release.archive[1] + len(data)


class Freezing(Struct, dict=True):
    """Chooses, rewrites and stores the files of one release."""

    rendering: Rendering
    folder: Folder
    known: Releases
    name: str
    today: dt.date
    files: dict[str, File] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    _there: set[str] = field(default_factory=set)
    """The files of pages that are or will be frozen."""
    _loaded: set[str] = field(default_factory=set)
    """What frozen pages load."""

    @cached_property
    def _holders(self) -> dict[str, str]:
        """Checksum → the latest release that keeps such a file."""
        holders: dict[str, str] = {}
        for earlier in reversed(self.known.entries):
            for checksum, _ in earlier.files.values():
                holders.setdefault(checksum, earlier.name)
        return holders

    @cached_property
    def _dates(self) -> dict[str, dt.date]:
        return {earlier.name: earlier.date for earlier in self.known}

    @property
    def _assets(self) -> Mapping[str, bytes]:
        return self.maker.theme.assets

    @property
    def maker(self) -> PageMaker:
        return self.rendering.maker

    def release(self) -> Release:
        """What has been frozen; nothing is added afterwards."""
        config = self.maker.story.config
        held = {self._holders[checksum] for checksum, _ in self.files.values() if checksum in self._holders}
        return Release(
            self.name,
            1 + max((earlier.number for earlier in self.known), default=0),
            self.today,
            __version__,
            config.base_url,
            self.folder.sealed(),
            tuple(sorted(held)),
            tuple(sorted(url for url in self.maker.routes if not url.endswith(".html"))),
            dict(sorted(self.records.items())),
            dict(sorted(self.files.items())),
        )

    def freeze(self, pages: list[PageRecord]) -> None:
        self._there = {path for page in pages for path in page.files.paths if _is_kept(path) or path == page.path}
        for page in pages:
            self._page(page)
        for path in sorted(self._loaded):
            self._load(path)

    def _page(self, page: PageRecord) -> None:
        path = page.path
        made = self.rendering.made[path].files()
        for name in filter(_is_kept, page.files.paths[1:]):
            if name.endswith(EMBED):
                self._html(name, self._alone(made[name].decode(), page.url))
            else:
                self._keep(name, made[name])
        self._record(page, made)

    def _keep(self, path: str, data: bytes) -> None:
        checksum = hashlib.sha256(data).hexdigest()
        self.files[path] = (checksum, len(data))
        if checksum not in self._holders:
            self.folder.store(checksum, data)

    def _html(self, path: str, data: bytes) -> None:
        """A page; what it loads is to be kept as well."""
        self._keep(path, data)
        for reference in scan(data.decode()).loads:
            self._needs(path, reference.url)

    def _needs(self, path: str, address: str) -> None:
        inner = _inside(path, address)
        if inner:
            self._loaded.add(inner)

    def _load(self, path: str) -> None:
        """Something that is loaded, and what a style sheet loads in its turn."""
        if path in self.files:
            return
        if path not in self._assets:
            hint = "Put it into templates/assets, or show it otherwise in the templates of releases and embeds."
            message = f"a frozen page loads {path!r}, which is no file of the theme and not frozen"
            raise SourceError(Problem("release-incomplete", message, Location(f"{RELEASES}/{self.name}"), hint))
        data = self._assets[path]
        self._keep(path, data)
        if path.endswith(".css"):
            for address in _STYLE_LOADS.findall(data.decode()):
                inner = _inside(path, address)
                if inner:
                    self._load(inner)

    # --- what is made for the release --------------------------------------------------------------------

    def _alone(self, html: str, url: str) -> bytes:
        """An embed, whose links lead to what is frozen or, from where it will be, to the pages as they are now."""
        up = "../" * (url.count("/") + 2)

        def lead(link: re.Match[str]) -> str:
            address = unescape(link[2])
            target = _inside(f"{url}index.html", address)
            if target is None or target in self._there:
                return link[0]
            path, mark, part = address.partition("#")
            end = (
                ""
                if target == "index.html"
                else target.removesuffix("index.html")
                if path.endswith("/")
                else target
            )
            return f"{link[1]}{escape(f'{up}{end}{mark}{part}')}{link[3]}"

        return _OEMBED.sub("", _LINK.sub(lead, html)).encode()

    def _record(self, page: PageRecord, made: Mapping[str, bytes]) -> None:
        """The record of a page: that of the last release, when it would say the same."""
        path, route = page.path, self.maker.routes[page.url]
        before = next(self.known.recording(page.url), None) if page.url else None
        since = before.records[page.url] if before else ""
        if before and since in self._dates:
            data = self._recorded(route, page, made, self._dates[since])
            if before.files[path][0] == hashlib.sha256(data).hexdigest():
                self.records[page.url] = since
                return self._html(path, data)
        self.records[page.url] = self.name
        return self._html(path, self._recorded(route, page, made, self.today))

    def _recorded(self, route: Route, page: PageRecord, made: Mapping[str, bytes], day: dt.date) -> bytes:
        style = self.maker.style_of(route)
        values = f"{route.url}{VALUES}"
        release = {
            "date": style.day(day),
            "day": day.isoformat(),
            "now": f"{'../' * (route.url.count('/') + 2)}{route.url}",
            "figures": [_figure(route.url, name, made) for name in sorted(block_ids(page))],
            "numbers": list(_numbers(made[values], style)) if values in made else [],
            "values_url": VALUES if values in made else "",
        }
        return self.maker.aside(
            "release", f"releases/-/{route.url}", self.maker.title(route), {"release": release}, of=route
        )


_STYLE_LOADS = re.compile(r"url\(\s*['\"]?([^'\")]*)")
_LINK = re.compile(r'(<a\b[^>]*?\s(?:xlink:)?href=")([^"]*)(")')
_OEMBED = re.compile(r'<link rel="alternate" type="application/json\+oembed"[^>]*>\n?')
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#|\Z")


def _inside(path: str, address: str) -> str | None:
    """The file of the site that an address on the page or style sheet at ``path`` means; None for any other."""
    if _ELSEWHERE.match(address):
        return None
    written = unquote(re.split("[?#]", address, maxsplit=1)[0])
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    if target.startswith(("../", "/")) or target == "..":
        return None
    if written.endswith(("/", "/.", "/..")) or written in (".", "..", ""):
        return "index.html" if target == "." else f"{target}/index.html"
    return target


def _figure(url: str, name: str, made: Mapping[str, bytes]) -> dict[str, str]:
    """A figure or table of a page: what it is called, and what is kept of it."""
    about = json.loads(made[f"{url}{json_name(name)}"])

    def offered(file: str) -> str:
        return file if f"{url}{file}" in made else ""

    return {
        "id": name,
        "title": about.get("title", name),
        "description": about.get("description", ""),
        "csv_url": f"{name}.csv",
        "json_url": json_name(name),
        "svg_url": offered(f"{name}.svg"),
        "embed_url": offered(f"{name}{EMBED}"),
    }


def _numbers(values: bytes, style: NumberStyle) -> Iterator[dict[str, Any]]:
    """The numbers of a page's ``values.json``: what it said, and what that was, whose, as of when."""
    for value in json.loads(values)["values"]:
        period = style.period(Period.parse(value["period"])) if "period" in value else ""
        parts = (value.get("label", ""), value.get("entity", ""), period)
        yield {"text": value.get("text", ""), "about": ", ".join(filter(None, parts))}
