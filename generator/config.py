"""``content/site.yml`` → Config: loose input resolved once into a strict type."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta
from msgspec import field as entry

from generator import __version__
from generator.languages import Message, default_theme, theme_folders
from generator.languages.formats import formats
from generator.languages.pofiles import catalogue
from generator.problems import Location, Problem, SourceError, did_you_mean
from generator.reading import read_spec
from generator.source import MapNode, Node, Scalar, locate, locate_key, node_at, parse_yaml, read_text
from generator.specs import Spec, Words, looks_at
from generator.values import NumberStyle

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

SETTINGS = "content/site.yml"

REQUIRES = "requires-broadsheet"

SIZE_LIMIT = "900 MB"
"""GitHub Pages publishes at most 1 GB; `outputs.weight`, which commands load at once, has the same as a number."""

LESS_THAN = Message("less than")
_OVERRULED = {"months": "months_", "percent": "percent_gap"}
"""What is the language's own only with what goes before it."""
KNOWN_LANGUAGES = "Write its code, such as 'es' or 'es-MX': one that the Unicode locale data (CLDR) knows."

_IN_ADDRESSES = r"[^\s<>\"'\\^`{|}]+"


class ParentSpec(Spec):
    """The collection an entity belongs to, and the column with its key."""

    short = "collection"
    collection: str
    """The name of the collection above."""
    field: str = ""
    """The column with its key."""


class RelationSpec(Spec):
    """The rows of a dataset that belong to an entity: those whose ``field`` holds its key."""

    dataset: str = entry(name="from")
    """The dataset."""
    field: str
    """The column with the entity's key."""


class CollectionSpec(Spec):
    """A dataset whose rows are entities."""

    one: str
    """What one of them is called in templates."""
    dataset: str = entry(name="from")
    """The dataset."""
    key: str
    """The column with the key."""
    name: str
    """The column with the name."""
    where: dict[str, Words] = entry(default_factory=dict)
    """Only rows that hold these: ``{kind: town}``."""
    slug: str = ""
    """A column with the last part of the address; made from the name when empty."""
    path: str = ""
    """Address below the site's root, with ``{slug}`` and ``{parent}``; empty: no pages."""
    parent: ParentSpec | None = None
    """The collection above, or ``{collection: …, field: …}``."""
    relations: dict[str, RelationSpec] = entry(default_factory=dict)
    """Name: the rows of a dataset that belong to an entity."""
    other_names: tuple[str, ...] = ()
    """Columns with further names and codes that a reader may look for; ``;`` stands between several in a cell."""

    @staticmethod
    @looks_at("path")
    def _address(value: str) -> str:
        if value and not re.fullmatch(r"([\w-]+/|\{parent\}/)*([\w-]*\{slug\}[\w-]*/)([\w-]+/)*", value):
            raise ValueError(f"{value!r} is not an address like 'towns/{{slug}}/' or 'towns/{{parent}}/{{slug}}/'")
        return value


class NumberStyleSpec(Spec):
    thousands: str = ","
    """Between thousands."""
    group_from: Annotated[int, Meta(ge=1_000)] = 1_000
    """The least number that has it: 10000 where 1234 is written without."""
    decimal: str = "."
    """Before decimals."""
    minus: str = "−"
    """The sign of what is below zero."""
    spell_out_below: Annotated[int, Meta(ge=0, le=13)] = 10
    """Whole numbers below this are words in sentences; 0 for none."""
    percent: str = "percent"
    """After a percentage: ``percent`` or ``%``."""
    percent_gap: str = " "
    """Between a percentage and that."""
    less_than: str = "less than"
    """Before the smallest figure that can be shown, for what is not zero and would round to it."""
    percent_decimals: Annotated[int, Meta(ge=0, le=6)] = 1
    """Decimals of percentages."""
    date: str = "{day} {month} {year}"
    """How a date is written, with ``{day}``, ``{month}``, ``{year}``."""
    month: str = "{month} {year}"
    """How a month is written, with ``{month}``, ``{year}``."""
    serial_comma: bool = False
    """``true``: a comma before the last “and”."""
    months: tuple[str, ...] = NumberStyle().months
    """The twelve names of the months."""

    @staticmethod
    @looks_at("months")
    def _twelve(value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) != 12:
            raise ValueError(f"a year has twelve months, not {len(value)}")
        return value

    @staticmethod
    @looks_at("date", "month")
    def _formats(value: str) -> str:
        if re.search(r"[{}]", re.sub(r"\{(day|month|year)\}", "", value)):
            raise ValueError(f"{value!r} may use only {{day}}, {{month}} and {{year}}")
        return value


class NavItem(Spec):
    title: str
    """The words of the link."""
    page: str
    """The address below the site's root."""


class AllowSpec(Spec):
    """A name with a number in it that prose may hold: as a text or a pattern, with the reason."""

    text: str = ""
    """The name, as it is written."""
    pattern: str = ""
    """A regular expression."""
    reason: str
    """Why the number needs no row of the data; needed."""

    @staticmethod
    @looks_at("reason")
    def _said(value: str) -> str:
        if not value.strip():
            raise ValueError("nothing is written; say why the number needs no row of the data")
        return value

    def __post_init__(self) -> None:
        if bool(self.text.strip()) == bool(self.pattern.strip()):
            raise ValueError("write either 'text' or 'pattern'")


class RedirectSpec(Spec):
    """What stands where a page was: the way to another, or a notice."""

    short = "to"
    to: str | None = None
    """The address of the page that took its place, below the site's root."""
    gone: str = ""
    """Words for the reader, when nothing took its place."""

    def __post_init__(self) -> None:
        if (self.to is None) == (not self.gone.strip()):
            raise ValueError("write either the new address, or 'gone' with words for the reader")


class SiteSpec(Spec):
    """site.yml, as written."""

    requires: str = entry(default="", name=REQUIRES)
    """The versions of Broadsheet that can build this story: ``0.2`` for that one or a newer, or ``">=0.2,<1"``."""
    title: str
    """The site's name."""
    description: str
    """One sentence, in the footer and for search engines."""
    language: str = "en"
    """The language of the texts, such as ``en`` or ``es-MX``: of the theme's words, numbers and dates, too."""
    base_url: str = ""
    """Where the site is published, with ``https://`` and a last ``/``; may be left empty."""
    publisher: str = ""
    """Who publishes."""
    report: str = ""
    """Where to report a mistake, ``https://`` or ``mailto:``; ``{page}`` in it is the page's address, ``{title}``
    its title. A mail and a new issue of GitHub or GitLab have both without that."""
    licence: str = ""
    """The terms of the text."""
    numbers: NumberStyleSpec = NumberStyleSpec()
    """How numbers and dates are written."""
    collections: dict[str, CollectionSpec] = entry(default_factory=dict)
    """What gets a page each, by name."""
    navigation: tuple[NavItem, ...] = ()
    """The links in the masthead, a list."""
    allow: tuple[AllowSpec, ...] = ()
    """What prose may leave unbound."""
    claims_page: str = ""
    """The page that lists the claims, each under its id; attributed words lead there."""
    sources_page: str = ""
    """The page that describes the datasets, each under its name as id; pages lead there."""
    places_page: str = ""
    """The page that lists the places; the masthead of every page then has a field that finds one by its name."""
    search_page: str = ""
    """The page that searches the text of all others; needs the extra: ``pip install "broadsheet[search]"``."""
    updates_page: str = ""
    """The page that shows the updates of ``updates.yml``, each under its id; the feed leads there."""
    png: bool = True
    """Whether figures are offered as PNG, too, and not as SVG alone."""
    size_limit: str = SIZE_LIMIT
    """The most that the site may weigh, such as ``5 GB``; GitHub Pages has room for what it is when left out."""
    geometry: dict[str, str] = entry(default_factory=dict)
    """Name → file of TopoJSON or GeoJSON in the story, for maps."""
    redirects: dict[str, RedirectSpec] = entry(default_factory=dict)
    """Address of a page that was: that of the page in its place, or ``{gone: …}`` with words for the reader; with a
    last ``*`` all below it."""

    @staticmethod
    @looks_at("requires")
    def _versions(value: str) -> str:
        if value:
            versions(value)
        return value

    @staticmethod
    @looks_at("base_url")
    def _address(value: str) -> str:
        return check_base_url(value)

    @staticmethod
    @looks_at("size_limit")
    def _size(value: str) -> str:
        bytes_of(value)
        return value

    @staticmethod
    @looks_at("language")
    def _tag(value: str) -> str:
        if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
            raise ValueError(f"{value!r} is not a language like 'en' or 'pt-BR'")
        return value

    @staticmethod
    @looks_at("report")
    def _reachable(value: str) -> str:
        filled = value.replace("{page}", "x").replace("{title}", "x")
        if "{" in filled or "}" in filled:
            raise ValueError(f"{value!r} may hold no braces but {{page}} and {{title}}")
        if value and not re.fullmatch(rf"(https?://|mailto:){_IN_ADDRESSES}", filled):
            raise ValueError(f"{value!r} is not an address that begins with https:// or mailto:")
        return value


def bytes_of(text: str) -> int:
    """``900 MB`` or ``1.5 GB`` in bytes, a thousand of each in the next. Raises ValueError."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(kB|MB|GB)", text)
    if not found:
        raise ValueError(f"{text!r} is not a size like '900 MB' or '5 GB'")
    return round(float(found[1]) * _UNITS[found[2]])


_UNITS = {"kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def check_base_url(value: str) -> str:
    """An absolute http(s) address ending in '/', or ''. Raises ValueError."""
    if not value:
        return ""
    parts = urlsplit(value)
    well_formed = re.fullmatch(rf"https?://[\w.-]+(:[0-9]+)?(/{_IN_ADDRESSES}|/?)", value)
    if not well_formed or parts.query or parts.fragment:
        raise ValueError(f"{value!r} is not an address like 'https://example.org/story/'")
    return value if value.endswith("/") else value + "/"


# --- which generator ------------------------------------------------------------------------------------


def versions(text: str) -> SpecifierSet:
    """Versions as an author writes them: a bare ``0.2`` is at least that, else as in PEP 440. Raises ValueError."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    parts = [part.strip() for part in text.split(",")]
    try:
        if not all(parts):
            raise InvalidSpecifier(text)
        return SpecifierSet(",".join(f">={part}" if part[0].isalnum() else part for part in parts))
    except InvalidSpecifier:
        raise ValueError(f"{text!r} is not a version like '0.2' or versions like '>=0.2,<1'") from None


def refused(root: Path) -> Problem | None:
    """Why this generator should not go on to read the story, if the settings say which ones may."""
    try:
        return _refused(parse_yaml(read_text(root, SETTINGS), SETTINGS))
    except SourceError:  # told when the settings are read
        return None


def _refused(node: Node) -> Problem | None:
    asked = node.entries.get(REQUIRES) if isinstance(node, MapNode) else None
    if not isinstance(asked, Scalar) or not asked.text:
        return None
    try:
        fitting = versions(asked.text)
    except ValueError:  # told when the settings are read
        return None
    if fitting.contains(__version__, prereleases=True):
        return None
    newest = all(one.operator in (">=", ">") for one in fitting)
    bare = re.fullmatch(r"[\w.+!-]+", asked.text)
    return Problem(
        "other-generator",
        f"the story needs broadsheet {asked.text}{' or newer' if bare else ''}, and this is {__version__}",
        locate_key(node, (REQUIRES,)),
        "Run: pip install -U broadsheet" if newest else f'Run: pip install -U "broadsheet{fitting}"',
    )


class Config:
    """The settings of a site, all resolved."""

    __slots__ = ("_folders", "_node", "_styles", "base_path", "base_url", "spec")

    def __init__(self, spec: SiteSpec, node: Node, base_url: str | None = None, root: Path | None = None) -> None:
        self._node = node
        self.spec = spec
        self.base_url = spec.base_url if base_url is None else check_base_url(base_url)
        self.base_path = urlsplit(self.base_url).path or "/"
        self._folders = [root / "content", *theme_folders(root)] if root else [default_theme()]
        self._styles: dict[str, NumberStyle] = {}

    @property
    def style(self) -> NumberStyle:
        """How the site writes numbers, dates and words."""
        return self.style_in(self.spec.language)

    @property
    def _numbers(self) -> dict[str, Any]:
        """What is written of numbers, without what is left to the language."""
        given = node_at(self._node, ("numbers",))
        return {key: getattr(self.spec.numbers, key) for key in given.entries} if isinstance(given, MapNode) else {}

    def style_in(self, language: str) -> NumberStyle:
        """The same in another language; what site.yml says of numbers is meant for the site's own.

        Raises SourceError for a catalogue that cannot be read, ValueError for a language that nobody knows.
        """
        if language not in self._styles:
            given = self._numbers if language == self.spec.language else {}
            words = catalogue(self._folders, language)
            usual = formats(language)
            less_than = {} if words.is_english else {"less_than": words.gettext(LESS_THAN)}
            hidden = [alone for name, alone in _OVERRULED.items() if name in given]
            usual = {name: value for name, value in usual.items() if not name.startswith(tuple(hidden))}
            self._styles[language] = NumberStyle(
                **{**usual, **less_than, **given, "language": language, "catalogue": words}
            )
        return self._styles[language]

    @property
    def size_limit(self) -> int:
        """The most that the site may weigh, in bytes."""
        return bytes_of(self.spec.size_limit)

    @property
    def folders(self) -> list[Path]:
        """Where words in other languages lie, those of the story first, then those of its theme."""
        return self._folders

    @property
    def node(self) -> Node:
        """The settings as they are written."""
        return self._node

    def place(self, path: tuple[str | int, ...]) -> Location:
        """Where a setting stands in site.yml."""
        return locate(self._node, path)


def read_config(
    text: str, path: str = SETTINGS, *, base_url: str | None = None, root: Path | None = None
) -> Config:
    """Raises SourceError with every problem found, or with one if the story is for another generator.

    Words in other languages come from the theme of the story in ``root``, and from the one that ships.
    """
    node = parse_yaml(text, path)
    if other := _refused(node):
        raise SourceError(other)
    spec = read_spec(node, SiteSpec, "site.yml")
    problems = []
    for name, collection in spec.collections.items():
        parent = collection.parent
        place = locate(node, ("collections", name, "parent", "collection"))
        if parent and parent.collection not in spec.collections:
            hint = did_you_mean(parent.collection, spec.collections)
            message = f"{name}: there is no collection {parent.collection!r}{hint}"
            problems.append(Problem("unknown-collection", message, place))
        if parent and parent.collection == name:
            problems.append(Problem("bad-parent", f"{name} cannot be its own parent", place))
        if not name.isidentifier() or not collection.one.isidentifier() or name == collection.one:
            problems.append(
                Problem(
                    "bad-name",
                    f"{name!r} and {collection.one!r} must be two different names of letters, digits and _",
                    locate(node, ("collections", name)),
                )
            )
        if "{parent}" in collection.path and parent is None:
            message = f"{name}: the path has {{parent}}, but the collection has no 'parent'"
            problems.append(Problem("bad-parent", message, locate(node, ("collections", name, "path"))))
    if problems:
        raise SourceError(*problems)
    config = Config(spec, node, base_url, root)
    try:
        _ = config.style
    except ValueError as error:
        place = locate(node, ("language",))
        raise SourceError(Problem("unknown-language", str(error), place, KNOWN_LANGUAGES)) from None
    return config
