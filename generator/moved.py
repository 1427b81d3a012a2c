"""Addresses that stay true: pages that releases know and the site has no more, and what stands in their places."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from generator.config import SETTINGS, RedirectSpec
from generator.problems import Location, Problem, did_you_mean
from generator.routes import Route
from generator.source import locate_key
from generator.story import Story

ALL = "*"
"""At the end of an old address: every page of releases that was below it; of a new one: the same below that."""
MOST_NAMED = 3

_ADDRESS = re.compile(r"([^\s/\\<>\"|?*#%:.][^\s/\\<>\"|?*#%:]*/)+")


class Way(Struct, frozen=True):
    """What stands at one old address: ``to``, where a page is, or else words. ``key`` is its line in site.yml."""

    key: str
    to: str | None
    words: str

    @property
    def page(self) -> str | None:
        """The address of the page, without the part of it that is meant."""
        return None if self.to is None else self.to.partition("#")[0]


def published(routes: Mapping[str, Route], drafts: Collection[str]) -> frozenset[str]:
    """The addresses of the pages that readers get, without those of drafts."""
    return frozenset(url for url, route in routes.items() if route.document not in drafts)


def declared(story: Story, pages: Collection[str]) -> dict[str, Way]:
    """Old address → what site.yml says of it; a line for all below an address says it of each that releases know.

    ``pages`` are those of the site, of which such a line says nothing; nor does it of what has a line of its own.
    """
    given = story.config.spec.redirects
    found = {old: Way(old, spec.to, spec.gone) for old, spec in given.items() if not old.endswith(f"/{ALL}")}
    known = sorted({url for release in story.releases for url in release.pages}.difference(pages, found))
    for old, spec in given.items():
        above = old.removesuffix(ALL)
        for url in known if above != old else ():
            if url.startswith(above) and url != above:
                found.setdefault(url, Way(old, _below(spec, url.removeprefix(above)), spec.gone))
    return found


def _below(spec: RedirectSpec, rest: str) -> str | None:
    return f"{spec.to.removesuffix(ALL)}{rest}" if spec.to and spec.to.endswith(ALL) else spec.to


def ways(story: Story, pages: Collection[str]) -> dict[str, Way]:
    """Old address → where it leads in the end, to a page or a notice; what leads in a circle is left out."""
    said = declared(story, pages)
    found: dict[str, Way] = {}
    for old in said:
        passed = _passed(said, old)
        last = said[passed[-1]]
        if last.page not in passed:
            found[old] = last
    return found


def _passed(said: Mapping[str, Way], old: str) -> list[str]:
    """The old addresses on the way from one of them, itself first; each once."""
    passed, following = [old], said[old].page
    while following is not None and following in said and following not in passed:
        passed.append(following)
        following = said[following].page
    return passed


def wrong_addresses(story: Story, pages: Collection[str]) -> Iterator[Problem]:
    """Redirects that cannot be, and pages of releases that nothing is left of; ``pages`` are those of the site."""
    said, told = declared(story, pages), set[str]()
    for old in story.config.spec.redirects:
        if not _ADDRESS.fullmatch(old.removesuffix(ALL)):
            told.add(old)
            hint = "Write it below the site's root, such as 'towns/ashby/', or 'towns/*' for all that was below it."
            yield _bad(story, old, f"{old!r} is not the address of a page that was", hint)
    for old, way in said.items():
        if way.key not in told and (found := _wrong(said, old, pages)):
            told.add(way.key)
            yield _bad(story, way.key, *found)
    yield from _gone(story, {*pages, *said})


def _bad(story: Story, key: str, message: str, hint: str) -> Problem:
    return Problem("bad-redirect", message, locate_key(story.config.node, ("redirects", key)), hint)


def _wrong(said: Mapping[str, Way], old: str, pages: Collection[str]) -> tuple[str, str] | None:
    """What is wrong at an old address, and what to do about it."""
    if old in pages:
        return f"{old!r} is a page of the site", "Remove this line, or give the page another address."
    passed = _passed(said, old)
    if (last := said[passed[-1]].page) in passed:
        circle = " → ".join([*passed, str(last)])
        return f"{old!r} leads in a circle: {circle}", "Let one of them lead to a page."
    page = said[old].page
    if page is None or page in pages or page in said:
        return None
    hint = "Write the address of a page of the site, or 'gone: …' with words for the reader."
    return f"{old!r} leads to {page!r}, where there is no page{did_you_mean(page, pages)}", hint


def _gone(story: Story, there: Collection[str]) -> Iterator[Problem]:
    """The pages of all releases of which nothing is said: one problem for each folder of them."""
    folders: dict[str, dict[str, str]] = {}
    for release in story.releases:
        for url in release.pages:
            if url not in there:
                folder = url[:-1].rpartition("/")[0]
                folders.setdefault(folder, {}).setdefault(url, release.name)
    node = story.config.node
    place = locate_key(node, ("redirects",)) if story.config.spec.redirects else Location(SETTINGS)
    for folder, gone in folders.items():
        first = f"{folder}/{ALL}" if folder and len(gone) > 1 else min(gone)
        new = f"NEW/{ALL}" if first.endswith(ALL) else "NEW ADDRESS"
        way = f"'{first}: {new}', or '{first}: {{gone: …}}' with words for the reader"
        yield Problem("address-gone", _told(gone), place, f"Say in 'redirects' where that is now: {way}.")


def _told(gone: Mapping[str, str]) -> str:
    named = sorted(gone)
    if len(named) == 1:
        return f"the release {gone[named[0]]!r} has a page at {named[0]!r}, and the site has none there any more"
    shown = ", ".join(map(repr, named[:MOST_NAMED])) + (", …" if len(named) > MOST_NAMED else "")
    return f"releases have {len(named)} pages that the site has no more: {shown}"
