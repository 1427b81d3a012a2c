"""One page being written: its document's texts, blocks and expressions, for its entity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from generator.cards import Card
from generator.documents import BlockProgram, Program
from generator.figures.files import Files
from generator.figures.kept import MadeBlock
from generator.figures.live import Others
from generator.figures.render import BlockMaker, Place, Texts
from generator.figures.sheets import SheetMaker
from generator.pages.addresses import Addresses
from generator.pages.programs import Programs
from generator.pages.receipts import Ledger, Receipts
from generator.problems import Location, Problems, SourceError
from generator.prose.markdown import (
    BACKLINK,
    Converter,
    Heading,
    fill_plain,
    left_over,
    plain_text,
    slot_html,
    slugify_heading,
)
from generator.prose.render import Compiled, Language, Rendered
from generator.prose.slots import Slot, Slots
from generator.prose.views import Views
from generator.routes import Route
from generator.story import Story
from generator.tables import printed
from generator.values import NumberStyle, Phrase, QuantityError

Key = tuple[str | int, ...]
"""Where a text stands in the front matter: ``("numbers", 0, "label")``."""


class Workshop(Struct, frozen=True, dict=True):
    """What all pages share; nothing of it changes while pages are made."""

    story: Story
    routes: Mapping[str, Route]
    views: Views
    names: Mapping[str, Any]
    """The names every template has."""
    language: Language
    converter: Converter
    blocks: BlockMaker
    addresses: Addresses
    programs: Programs
    ledger: Ledger
    titles: dict[str, str] = field(default_factory=dict)
    """Short titles of the pages that others lie below, each worked out once."""

    @cached_property
    def _spoken(self) -> dict[str, Workshop]:
        """Language → itself in it."""
        return {}

    @property
    def style(self) -> NumberStyle:
        """How numbers, dates and words are written on its pages."""
        return self.language.style

    def speaking(self, language: str) -> Workshop:
        """The same for pages in a language; '' for the site's own.

        Raises SourceError for a catalogue that cannot be read, ValueError for a language that nobody knows.
        """
        if language in ("", self.style.language):
            return self
        made = self._spoken.get(language)
        if made is None:
            style = self.story.config.style_in(language)
            made = self._spoken[language] = replace(
                self,
                language=self.language.speaking(style),
                converter=Converter(style.say(BACKLINK)),
                blocks=self.blocks.speaking(style),
                ledger=self.ledger.speaking(style),
            )
        return made


_HEADING = re.compile(r"<h([1-6])\b([^>]*)>(.*?)</h\1>", re.DOTALL)


def graded(html: str, above: int = 1) -> str:
    """The headings of figures, whatever their level, one below the heading that they stand under.

    ``above`` is the level of what stands before the text: 0 for a figure that is all of a page.
    """
    if "figure-title" not in html:
        return html

    def grade(match: re.Match[str]) -> str:
        nonlocal above
        if "figure-title" not in match[2]:
            above = int(match[1])
            return match[0]
        level = min(above + 1, 6)
        return f"<h{level}{match[2]}>{match[3]}</h{level}>"

    return _HEADING.sub(grade, html)


def language_of(programs: Mapping[str, Program], route: Route) -> str:
    """The language that a page's documents say it is in; '' when they say none."""
    own, shared = programs.get(route.override), programs.get(route.document)
    return next((p.front.language for p in (own, shared) if p is not None and p.front.language), "")


class WrittenBlock(Struct, frozen=True):
    """A figure or table of a page; ``caption`` says what it shows, in plain text."""

    block: BlockProgram
    made: MadeBlock
    title: str
    caption: str


def bodies(shared: Program, own: Program | None = None) -> list[Program]:
    """The documents whose texts make a page: an entity's own text replaces, precedes or follows the shared one."""
    if own is None or not any(segment.text.strip() for segment in own.body.segments):
        return [shared]
    return {"replace": [own], "before": [own, shared], "after": [shared, own]}[own.front.body]


class Writer:
    """Writes the parts of one page, and gathers what they need and what is wrong with them.

    ``files`` are what its figures and tables offer, ``embedded`` the figures that get a page of their own for
    frames on other sites, ``datasets`` the tables its numbers came from, in the order they were met, ``values``
    counts the bound numbers.
    """

    def __init__(self, shop: Workshop, route: Route) -> None:
        shop = self.shop = shop.speaking(language_of(shop.programs, route))
        self.route = route
        self.shared = shop.programs[route.document]
        self.own = shop.programs.get(route.override)
        self.names: Mapping[str, Any] = {**shop.names, **shop.views.scope(route.entity)}
        self.resolve = shop.addresses.resolver(route)
        self.files = Files()
        self.embedded: list[Mapping[str, Any]] = []
        self.datasets: dict[str, None] = {}
        self.figures = self.values = 0
        self.problems = Problems()
        self.unborne = Problems()
        """Asserted words that the data does not bear out; a draft may have them."""
        self.receipts = Receipts(shop.ledger)
        self.blocks: list[WrittenBlock] = []
        """The figures and tables of the page, once its text is written."""
        self.card: Card | None = None
        """What the picture of the page shows, once it has been written."""
        self._ids: set[str] = set()

    def program(self, key: str) -> Program:
        """The document whose front matter says ``key``: the entity's own, or the shared one."""
        return self.own if self.own is not None and key in self.own.given else self.shared

    # --- texts and values -------------------------------------------------------------------------------

    def line(self, *key: str | int, prose: bool = True) -> str:
        """A text of the front matter as HTML; '' when it is not there."""
        rendered = self._text(key, prose=prose)
        return self._inline(rendered) if rendered else ""

    def plain(self, *key: str | int, prose: bool = True) -> str:
        """A text of the front matter as plain text, for titles and descriptions."""
        rendered = self._text(key, prose=prose)
        return fill_plain(rendered.text, rendered.slots).strip() if rendered else ""

    def evaluate(self, program: Program, text: str, names: Mapping[str, Any] | None = None) -> Any:
        """An expression of the front matter."""
        return self.shop.language.evaluate(program.expressions[text], {**self.names, **(names or {})})

    def cell(self, thing: Any) -> str:
        """A value as HTML, written as in tables and followable."""
        try:
            slot = printed(thing, self.shop.style)
        except QuantityError as error:
            self.problems.add(error.code, error.message, Location(self.route.document), hint=error.hint)
            return ""
        return self._slot(slot)

    def cell_text(self, thing: Any) -> str:
        """The same as plain text, for what is drawn."""
        try:
            slot = printed(thing, self.shop.style)
        except QuantityError as error:
            self.problems.add(error.code, error.message, Location(self.route.document), hint=error.hint)
            return ""
        self._count([slot])
        return slot.text

    def phrase(self, phrase: Phrase) -> str:
        """Words bound to a value, as HTML."""
        return self._slot(Slots(self.shop.style).slot(phrase))

    def _slot(self, slot: Slot) -> str:
        self._count([slot])
        return slot_html(slot, self.resolve, self.receipts.follow(slot) if slot.kind == "data" else "")

    def _text(self, key: Key, *, prose: bool = True) -> Rendered | None:
        compiled = self.program(str(key[0])).texts.get(key)
        return self._rendered(compiled, prose=prose) if compiled is not None else None

    def _rendered(self, compiled: Compiled, *, prose: bool = True) -> Rendered | None:
        try:
            made = self.shop.language.render(compiled, self.names, prose=prose)
        except SourceError as error:
            self.problems.absorb(error)
            return None
        self._count(made.slots)
        self.unborne.extend(made.unborne)
        return made

    def _inline(self, rendered: Rendered, *, followed: bool = True) -> str:
        follow = self.receipts.follower(rendered.places) if followed else None
        made = self.shop.converter.inline(rendered.text, rendered.slots, self.resolve, follow)
        self._refuse(made.refused, Location(self.route.document), "")
        return made.html

    def _count(self, slots: Sequence[Slot]) -> None:
        for slot in slots:
            self.values += slot.kind in ("data", "asserted")
            self._came_from(rows.dataset for rows in slot.rows)

    def _came_from(self, datasets: Iterable[str]) -> None:
        for name in datasets:
            if name in self.shop.story.tables:  # a claim's row is a line of claims.yml
                self.datasets.setdefault(name, None)

    def _refuse(self, refused: Sequence[tuple[str, str]], where: Location, text: str) -> None:
        """Addresses that may not stand, at their place in the text when they are written there as they are."""
        for written, why in refused:
            self.problems.add("bad-address", f"{written!r}: {why}", _place(text, written, where))

    # --- updates ------------------------------------------------------------------------------------------

    def update(self, index: int, key: str, *, followed: bool = True) -> str:
        """The title or the text of an update as HTML; without ``followed`` its numbers lead to no receipts."""
        compiled = self.shop.programs.updates.get(("updates", index, key))
        rendered = self._rendered(compiled) if compiled is not None else None
        if compiled is None or rendered is None:
            return ""
        if key == "title":
            return self._inline(rendered, followed=followed)
        follow = self.receipts.follower(rendered.places) if followed else None
        made = self.shop.converter.convert(rendered.text, rendered.slots, self.resolve, follow)
        self._refuse(made.refused, Location(compiled.path), "")
        return made.html

    # --- the body ---------------------------------------------------------------------------------------

    def body(self) -> tuple[str, list[Heading]]:
        """The HTML of the text, and its headings. The entity's own text replaces, precedes or follows."""
        made = [self._one_body(part) for part in bodies(self.shared, self.own)]
        return graded("\n".join(html for html, _ in made)), [heading for _, toc in made for heading in toc]

    def block_ids(self) -> set[str]:
        """The ids of the figures and tables in the text, none of which is made. Raises SourceError."""
        found: set[str] = set()

        def block(program: Program, number: int) -> str:
            made = program.blocks[number]
            if not made.spec.when or self._evaluated(made, made.spec.when):
                found.add(self._block_id(made))
            return ""

        for program in bodies(self.shared, self.own):
            self.shop.language.render(program.body, self.names, partial(block, program))
        return found

    def _evaluated(self, block: BlockProgram, text: str, names: Mapping[str, Any] | None = None) -> Any:
        return self.shop.language.evaluate(block.expressions[text], {**self.names, **(names or {})})

    def _one_body(self, program: Program) -> tuple[str, list[Heading]]:
        spot = replace(self._spot, others=self._others) if program is self.shared else self._spot

        def block(number: int) -> str:
            return self._block(program.blocks[number], spot)

        try:
            rendered = self.shop.language.render(program.body, self.names, block)
        except SourceError as error:
            self.problems.absorb(error)
            return "", []
        self._count(rendered.slots)
        self.unborne.extend(rendered.unborne)
        follow = self.receipts.follower(rendered.places)
        made = self.shop.converter.convert(rendered.text, rendered.slots, self.resolve, follow)
        document = self.shop.story.documents[program.path]
        where = Location(program.path, document.body_line)
        self._refuse(made.refused, where, document.body)
        for left in left_over(made.html):
            self.problems.add(left.code, left.message, _place(document.body, left.written, where), hint=left.hint)
        return made.html, made.toc

    def _block(self, block: BlockProgram, spot: Place) -> str:
        if block.spec.when and not self._evaluated(block, block.spec.when):
            return ""
        texts, labels = self._block_texts(block)
        block = replace(block, spec=block.spec.with_labels(labels)) if labels else block
        maker = SheetMaker(
            partial(self._evaluated, block), self._own_entity(), lambda text: block.expressions[text].where
        )
        made = self.shop.blocks.make(block, maker, texts, self._block_id(block), self.resolve, spot)
        caption = (texts.subtitle and plain_text(texts.subtitle)) or texts.title_plain
        self.blocks.append(WrittenBlock(block, made, texts.title_plain, caption))
        self.files.update(made.files)
        if made.embedded is not None:
            self.embedded.append(made.embedded)
        self._came_from(made.datasets)
        self.figures += block.what == "figure"
        return made.html

    @cached_property
    def noindex(self) -> bool:
        """Whether the page is left out of indexes. Raises what evaluating an expression raises."""
        program = self.program("noindex")
        text = program.front.noindex
        if text in ("", "true", "false"):
            return text == "true"
        return bool(self.evaluate(program, text))

    @cached_property
    def _spot(self) -> Place:
        """Figures are for other sites where the page itself is to be found."""
        try:
            shared = not (self.noindex or self.route.url.endswith(".html"))
        except (QuantityError, SourceError):  # told when the page is made
            shared = False
        return Place(self.route.url, shared)

    @property
    def _others(self) -> Others:
        """The entities whose pages the same document makes, where there are any."""
        entity = self.route.entity
        collection = self.shop.story.collections[entity.collection] if entity else None
        return Others(collection.one, collection.name) if collection and len(collection) > 1 else Others()

    def _own_entity(self) -> Any:
        entity = self.route.entity
        return self.names[self.shop.story.collections[entity.collection].one] if entity else None

    def _block_texts(self, block: BlockProgram) -> tuple[Texts, dict[str, str]]:
        """The block's own words, and the headings of its columns that had to be worked out."""
        made: dict[str, str] = {}
        plain: dict[str, str] = {}
        problems = Problems()
        for key, compiled in block.texts.items():
            try:
                rendered = self.shop.language.render(compiled, self.names)
            except SourceError as error:
                problems.absorb(error)
                continue
            self._count(rendered.slots)
            self.unborne.extend(rendered.unborne)
            if "." not in key:
                made[key] = self._inline(rendered, followed=key != "description")
            plain[key] = fill_plain(rendered.text, rendered.slots).strip()
        problems.raise_if_any()
        texts = Texts(
            title=made.get("title", ""),
            title_plain=plain.get("title", ""),
            description=plain.get("description", ""),
            note=made.get("note", ""),
            subtitle=made.get("subtitle", ""),
        )
        return texts, {key: text for key, text in plain.items() if "." in key}

    def _block_id(self, block: BlockProgram) -> str:
        """From the id or the title's own words; a second one of that name gets a number."""
        base = block.spec.id
        if not base:
            words = " ".join(s.text for s in block.texts["title"].segments if s.kind == "text")
            base = "-".join(slugify_heading(words, "-").split("-")[:6])
        base = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in base)
        if not base[:1].isalpha():
            base = f"{block.what}-{base}"
        name, number = base, 2
        while name in self._ids:
            name, number = f"{base}-{number}", number + 1
        self._ids.add(name)
        return name


def _place(text: str, written: str, where: Location) -> Location:
    """Where something stands in a text that begins at ``where``; ``where`` itself when it is not found."""
    offset = text.find(written)
    if offset < 0:
        return where
    line = where.line + text.count("\n", 0, offset)
    return Location(where.path, line, offset - text.rfind("\n", 0, offset))
