"""Everything that a page says, worked out and held against the data, without Markdown, drawing or HTML.

This is what ``check`` and ``diff`` look at. It goes through the same texts, blocks and expressions as the
:class:`~generator.pages.writer.Writer`, in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.documents import BlockProgram, CardSpec, NeighboursSpec, Program
from generator.figures.sheets import SheetMaker
from generator.figures.spec import FigureSpec
from generator.pages.around import PLACE_OF, near, place_words
from generator.pages.card import chosen, unknown_figure
from generator.pages.writer import Workshop, bodies, language_of
from generator.problems import Location, Problem, Problems, SourceError
from generator.prose.markdown import fill_plain
from generator.prose.render import Compiled, Expression, Rendered
from generator.prose.slots import Slot
from generator.routes import Route
from generator.tables import Sheet, printed
from generator.values import Numeric, QuantityError


class Reading(Struct, frozen=True):
    """One bound number, or one editor's words, as one page says it.

    ``text`` is what is printed, ``borne`` whether the data bears it out (True for what is computed), ``around``
    the sentence it stands in.
    """

    where: Location
    page: str
    entity: str
    slot: Slot
    borne: bool
    around: str

    @property
    def text(self) -> str:
        return self.slot.text


class Passage(Struct, frozen=True):
    """A text of a page as it came out: ``part`` says which (``title``, ``numbers.0.note``, ``body``).

    ``block`` is the figure or table that it belongs to.
    """

    part: str
    compiled: Compiled
    made: Rendered
    block: BlockProgram | None = None


class Line(Struct, frozen=True):
    """What a page prints that is no text of a document: a key number, its rank, a place in a list with its note."""

    part: str
    where: Location
    name: str
    text: str
    rank: str = ""
    """Among neighbours in a ranking: its place there."""


class Shown(Struct, frozen=True):
    """A figure or table, its cells as printed: one slot for every cell of a column that is shown."""

    block: BlockProgram
    sheet: Sheet
    cells: tuple[tuple[Slot, ...], ...]


Said = Passage | Line | Shown


class Survey:
    """One page. ``readings`` are in the order they are met; ``problems`` are all that was found.

    With ``keep``, ``said`` is everything that the page says, and ``noindex`` whether it is left out of indexes.
    """

    def __init__(self, shop: Workshop, route: Route, *, keep: bool = False) -> None:
        self.shop = shop.speaking(language_of(shop.programs, route))
        self.route = route
        self.names: Mapping[str, Any] = {**shop.names, **shop.views.scope(route.entity)}
        self.problems = Problems()
        self.keep = keep
        self.readings: list[Reading] = []
        self.numbers: Counter[str] = Counter()
        """How many are bound, by the kind of their slot: data, asserted, claim."""
        self.said: list[Said] = []
        self.noindex = False

    def run(self) -> Survey:
        """Goes through the page; never raises for what an author wrote."""
        for program in self._programs:
            self._index(program)
        for program in self._programs:
            self._front(program)
        for program in self._bodies():
            self._body(program)
        if self.route.url == self.shop.story.config.spec.updates_page:
            for (_, index, key), compiled in self.shop.programs.updates.items():
                self._text(compiled, part=f"updates.{index}.{key}")
        return self

    # --- which documents --------------------------------------------------------------------------------

    @cached_property
    def _programs(self) -> list[Program]:
        paths = [path for path in (self.route.document, self.route.override) if path]
        return [self.shop.programs[path] for path in paths if path in self.shop.programs]

    def _bodies(self) -> list[Program]:
        programs = self._programs
        return bodies(*programs) if programs else []

    def _says(self, program: Program, key: str) -> bool:
        """Whether it is this document's front matter that says ``key`` here."""
        programs = self._programs
        own = programs[-1] if len(programs) > 1 else None
        return program is own if own is not None and key in own.given else program is programs[0]

    # --- front matter -----------------------------------------------------------------------------------

    def _front(self, program: Program) -> None:
        silent = {
            index
            for index, number in enumerate(program.front.numbers)
            if self._says(program, "numbers") and number.when and not self._asked(program, number.when)
        }
        unseen = ("card",) if self.noindex else ()
        for key, compiled in program.texts.items():
            if (
                key[0] not in unseen
                and self._says(program, str(key[0]))
                and not (key[0] == "numbers" and key[1] in silent)
            ):
                part = ".".join(map(str, key)) if self.keep else ""
                small = key[0] in ("numbers", "card") and key[-1] == "note"
                self._text(compiled, prose=not small, part=part)
        if self._says(program, "numbers"):
            for index in range(len(program.front.numbers)):
                if index not in silent:
                    self._key_number(program, index)
        if self._says(program, "neighbours"):
            for index, spec in enumerate(program.front.neighbours):
                where = program.places(("neighbours", index, "measure"))
                self._guarded(where, lambda s=spec, i=index, w=where: self._around(s, f"neighbours.{i}", w))  # type: ignore[misc]
        self._rest(program)

    def _key_number(self, program: Program, index: int) -> None:
        number = program.front.numbers[index]
        for key, text in (("value", number.value), ("rank", number.rank)):
            if text:
                where = program.places(("numbers", index, key))
                found = self._printed(program, text, where)
                if self.keep and key == "rank":
                    self._line(f"numbers.{index}.rank", where, number.label, lambda f=found: self._rank(f))  # type: ignore[misc]
                elif self.keep:
                    self._line(f"numbers.{index}.value", where, number.label, lambda f=found: self._cell(f))  # type: ignore[misc]

    def _rest(self, program: Program) -> None:
        children = program.front.children
        if children and self._says(program, "children"):
            places = self._asked(program, children.of) or ()
            if children.note or self.keep:
                where = program.places(("children", "note" if children.note else "of"))
                for thing in places:
                    note = self._asked(program, children.note, {"row": thing}) if children.note else None
                    if self.keep:
                        self._line("children", where, getattr(thing, "name", ""), lambda n=note: self._note(n))  # type: ignore[misc]
        if program.front.card and self._says(program, "card") and not self.noindex:
            self._card(program, program.front.card)

    def _index(self, program: Program) -> None:
        noindex = program.front.noindex
        if self._says(program, "noindex"):
            plain = noindex in ("", "true", "false")
            self.noindex = noindex == "true" if plain else bool(self._asked(program, noindex))

    def _card(self, program: Program, spec: CardSpec) -> None:
        unknown = unknown_figure(self._programs, program, spec)
        self.problems.extend([unknown] if unknown else [])
        if spec.number:
            self._printed(program, spec.number, program.places(("card", "number")))
        if spec.of:
            own = self.route.entity.key if self.route.entity else ""
            for thing in chosen(self._asked(program, spec.of) or (), own):
                self._asked(program, spec.value, {"row": thing})

    def _around(self, spec: NeighboursSpec, part: str, where: Location) -> None:
        if self.route.entity is None:
            return
        ordered = self.names[self.route.entity.collection].sorted(spec.measure, by=spec.by, **spec.select)
        if self.keep:
            for other, value, rank in near(list(ordered), self.route.entity, spec):
                self._line(part, where, other.name, lambda v=value: self._cell(v), self._cell(rank))  # type: ignore[misc]

    def _line(self, part: str, where: Location, name: str, text: Callable[[], str], rank: str = "") -> None:
        made = self._guarded(where, text)
        if made is not None:
            self.said.append(Line(part, where, name, made, rank))

    def _cell(self, thing: Any) -> str:
        return printed(thing, self.shop.style).text

    def _note(self, note: Any) -> str:
        """What stands beside a place in a list, as ``children`` of the page prints it."""
        return "" if note is None or note == "" else self._cell(note)

    def _rank(self, rank: Any) -> str:
        """The line below a key number, without emphasis."""
        if not isinstance(rank, Numeric) or not rank.quantity.known:
            return ""
        quantity = rank.quantity
        place = place_words(quantity, self.shop.style)
        return self.shop.style.say(PLACE_OF, place=place, count=str(quantity.among)) if quantity.among else place

    def _asked(self, program: Program, text: str, names: Mapping[str, Any] | None = None) -> Any:
        expression = program.expressions[text]
        return self._guarded(expression.where, lambda: self._evaluated(expression, names))

    def _evaluated(self, expression: Expression, names: Mapping[str, Any] | None) -> Any:
        return self.shop.language.evaluate(expression, {**self.names, **names} if names else self.names)

    def _printed(self, program: Program, text: str, where: Location) -> Any:
        found = self._asked(program, text)
        slot = self._guarded(where, lambda: printed(found, self.shop.style))
        if isinstance(slot, Slot):
            self.numbers[slot.kind] += 1
            self._read(slot, where, slot.text, borne=True)
        return found

    # --- bodies and blocks ------------------------------------------------------------------------------

    def _body(self, program: Program) -> None:
        def block(number: int) -> str:
            self._block(program.blocks[number])
            return ""

        self._text(program.body, block)

    def _block(self, block: BlockProgram) -> None:
        def evaluate(text: str, names: Mapping[str, Any]) -> Any:
            return self._evaluated(block.expressions[text], names)

        if block.spec.when and not evaluate(block.spec.when, {}):
            return
        described = True
        labels: dict[str, str] = {}
        for key, compiled in block.texts.items():
            made = self._text(compiled, part=key, of=block)
            if self.keep and "." in key and made is not None:
                labels[key] = fill_plain(made.text, made.slots).strip()
            if key == "description" and made is not None:
                described = bool(fill_plain(made.text, made.slots).strip())
        block = replace(block, spec=block.spec.with_labels(labels)) if labels else block
        maker = SheetMaker(evaluate, self._own_entity(), lambda text: block.expressions[text].where)
        try:
            if isinstance(block.spec, FigureSpec):
                sheet = maker.figure(block.kind, block.spec)
            else:
                sheet = maker.table(block.spec)
            self.shop.blocks.require(block, sheet, described=described)
            shown: list[tuple[Slot, ...]] = []
            for row in sheet.rows:
                slots: list[Slot] = []
                for index, cell in enumerate(row.cells):
                    if sheet.columns[index].type != "key":
                        slot = printed(cell, self.shop.style)
                        self.numbers[slot.kind] += 1
                        if self.keep:
                            slots.append(slot)
                            if slot.kind == "data":
                                self._read(slot, block.place, slot.text, borne=True)
                if self.keep:
                    shown.append(tuple(slots))
            for event in sheet.events:
                self.numbers[printed(event.text, self.shop.style).kind] += 1
            if self.keep:
                self.said.append(Shown(block, sheet, tuple(shown)))
        except QuantityError as error:
            self.problems.extend([Problem(error.code, error.message, block.place, error.hint)])
        except SourceError as error:
            self.problems.absorb(error)

    def _own_entity(self) -> Any:
        entity = self.route.entity
        return self.names[self.shop.story.collections[entity.collection].one] if entity else None

    # --- texts ------------------------------------------------------------------------------------------

    def _text(
        self,
        compiled: Compiled,
        block: Callable[[int], str] | None = None,
        *,
        prose: bool = True,
        part: str = "body",
        of: BlockProgram | None = None,
    ) -> Rendered | None:
        made: Rendered | None = self._guarded(
            Location(compiled.path), lambda: self.shop.language.render(compiled, self.names, block, prose=prose)
        )
        if made is None:
            return None
        self.problems.extend(made.unborne)
        self.numbers.update(slot.kind for slot in made.slots)
        if self.keep:
            self._read_all(made)
            self.said.append(Passage(part, compiled, made, of))
        return made

    def _read_all(self, made: Rendered) -> None:
        failed = {(p.location.line, p.location.column) for p in made.unborne}
        for number, slot in enumerate(made.slots):
            if slot.kind in ("data", "asserted", "stand-in", "time") and number in made.places:
                path, line, column = made.places[number]
                borne = not any(at == line and column <= place <= column + 3 for at, place in failed)
                self._read(slot, Location(path, line, column), _around(made, number), borne=borne)

    def _read(self, slot: Slot, where: Location, around: str, *, borne: bool) -> None:
        if self.keep:
            entity = self.route.entity
            reading = Reading(where, self.route.url, entity.name if entity else "", slot, borne, around)
            self.readings.append(reading)

    def _guarded(self, where: Location, step: Callable[[], Any]) -> Any:
        """What a step gives; None when something is wrong with it, which is kept."""
        try:
            return step()
        except SourceError as error:
            self.problems.absorb(error)
        except QuantityError as error:
            self.problems.extend([Problem(error.code, error.message, where, error.hint)])
        return None


def _around(made: Rendered, number: int) -> str:
    """The paragraph's sentence in which a mark stands, as plain text."""
    mark = f"\ue000{number}\ue001"
    offset = made.text.find(mark)
    if offset < 0:
        return made.slots[number].text
    start = max(made.text.rfind(end, 0, offset) for end in ("\n\n", ". ", "? ", "! ", ".\n"))
    stops = [found for end in ("\n\n", ". ", "? ", "! ", ".\n") if (found := made.text.find(end, offset)) >= 0]
    piece = made.text[start + 1 if start >= 0 else 0 : min(stops, default=len(made.text)) + 1]
    return " ".join(fill_plain(piece, made.slots).split())
