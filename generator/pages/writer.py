"""One page being written: its document's texts, blocks and expressions, for its entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.documents import BlockProgram, Program
from generator.figures.render import BlockMaker, Texts
from generator.figures.sheets import SheetMaker
from generator.model import Rows
from generator.pages.addresses import Addresses
from generator.pages.receipts import Ledger, Receipts
from generator.problems import Location, Problems, SourceError
from generator.prose.markdown import Converter, Heading, fill_plain, left_over, slot_html, slugify_heading
from generator.prose.render import Language, Rendered
from generator.prose.slots import Slot, Slots
from generator.prose.views import Views
from generator.routes import Route
from generator.story import Story
from generator.tables import printed
from generator.values import Phrase, QuantityError

Key = tuple[str | int, ...]
"""Where a text stands in the front matter: ``("numbers", 0, "label")``."""


@dataclass(frozen=True)
class Workshop:
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
    programs: Mapping[str, Program]
    ledger: Ledger
    titles: dict[str, str] = field(default_factory=dict)
    """Short titles of the pages that others lie below, each worked out once."""


def bodies(shared: Program, own: Program | None = None) -> list[Program]:
    """The documents whose texts make a page: an entity's own text replaces, precedes or follows the shared one."""
    if own is None or not any(segment.text.strip() for segment in own.body.segments):
        return [shared]
    return {"replace": [own], "before": [own, shared], "after": [shared, own]}[own.front.body]


class Writer:
    """Writes the parts of one page, and gathers what they need and what is wrong with them.

    ``files`` are the CSV of its figures and tables, ``datasets`` the tables its numbers came from, in the order
    they were met, ``values`` counts the bound numbers.
    """

    def __init__(self, shop: Workshop, route: Route) -> None:
        self.shop = shop
        self.route = route
        self.shared = shop.programs[route.document]
        self.own = shop.programs.get(route.override)
        self.names: Mapping[str, Any] = {**shop.names, **shop.views.scope(route.entity)}
        self.resolve = shop.addresses.resolver(route)
        self.files: dict[str, bytes] = {}
        self.datasets: dict[str, None] = {}
        self.figures = self.values = 0
        self.problems = Problems()
        self.unborne = Problems()
        """Asserted words that the data does not bear out; a draft may have them."""
        self.receipts = Receipts(shop.ledger)
        self._ids: set[str] = set()

    def program(self, key: str) -> Program:
        """The document whose front matter says ``key``: the entity's own, or the shared one."""
        return self.own if self.own is not None and key in self.own.given else self.shared

    # --- texts and values -------------------------------------------------------------------------------

    def line(self, *key: str | int, prose: bool = True) -> str:
        """A text of the front matter as HTML; '' when it is not there."""
        rendered = self._text(key, prose=prose)
        return self._inline(rendered) if rendered else ""

    def plain(self, *key: str | int) -> str:
        """A text of the front matter as plain text, for titles and descriptions."""
        rendered = self._text(key)
        return fill_plain(rendered.text, rendered.slots).strip() if rendered else ""

    def evaluate(self, program: Program, text: str, names: Mapping[str, Any] | None = None) -> Any:
        """An expression of the front matter."""
        return self.shop.language.evaluate(program.expressions[text], {**self.names, **(names or {})})

    def cell(self, thing: Any) -> str:
        """A value as HTML, written as in tables and followable."""
        try:
            slot = printed(thing, self.shop.story.config.style)
        except QuantityError as error:
            self.problems.add(error.code, error.message, Location(self.route.document), hint=error.hint)
            return ""
        return self._slot(slot)

    def phrase(self, phrase: Phrase) -> str:
        """Words bound to a value, as HTML."""
        return self._slot(Slots(self.shop.story.config.style).slot(phrase))

    def _slot(self, slot: Slot) -> str:
        self._count([slot])
        return slot_html(slot, self.resolve, self.receipts.follow(slot) if slot.kind == "data" else "")

    def _text(self, key: Key, *, prose: bool = True) -> Rendered | None:
        compiled = self.program(str(key[0])).texts.get(key)
        if compiled is None:
            return None
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
            self._used(slot.rows)

    def _used(self, rows: Sequence[Rows]) -> None:
        for item in rows:
            if item.dataset in self.shop.story.tables:  # a claim's row is a line of claims.yml
                self.datasets.setdefault(item.dataset, None)

    def _refuse(self, refused: Sequence[tuple[str, str]], where: Location, text: str) -> None:
        """Addresses that may not stand, at their place in the text when they are written there as they are."""
        for written, why in refused:
            self.problems.add("bad-address", f"{written!r}: {why}", _place(text, written, where))

    # --- the body ---------------------------------------------------------------------------------------

    def body(self) -> tuple[str, list[Heading]]:
        """The HTML of the text, and its headings. The entity's own text replaces, precedes or follows."""
        made = [self._one_body(part) for part in bodies(self.shared, self.own)]
        return "\n".join(html for html, _ in made), [heading for _, toc in made for heading in toc]

    def _one_body(self, program: Program) -> tuple[str, list[Heading]]:
        def block(number: int) -> str:
            return self._block(program.blocks[number])

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

    def _block(self, block: BlockProgram) -> str:
        def evaluate(text: str, names: Mapping[str, Any]) -> Any:
            return self.shop.language.evaluate(block.expressions[text], {**self.names, **names})

        if block.spec.when and not evaluate(block.spec.when, {}):
            return ""
        texts, labels = self._block_texts(block)
        block = replace(block, spec=block.spec.with_labels(labels)) if labels else block
        maker = SheetMaker(evaluate, self._own_entity())
        made = self.shop.blocks.make(block, maker, texts, self._block_id(block), self.resolve)
        self.files[made.csv_name] = made.csv
        self._used(made.rows)
        self.figures += block.what == "figure"
        return made.html

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
