"""Slots: what an expression gave, carried through Markdown as one opaque mark and filled in where it lands.

A mark is a number between two private-use characters. No source file may hold those (the reader refuses
them), Markdown does not touch them, and a mark that survives to the output is a bug that a check finds.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Literal

from msgspec import Struct, field

from generator.languages import Message
from generator.model import Period, Rows
from generator.values import NumberStyle, Numeric, Phrase, Quantity, QuantityError, StandIn, as_quantity

OPEN, CLOSE = "\ue000", "\ue001"
MARK = re.compile(f"{OPEN}([0-9]+){CLOSE}")

SlotKind = Literal["text", "data", "asserted", "stand-in", "link", "claim", "block", "time", "inline"]


class Slot(Struct, frozen=True):
    """One value on its way to the page: its words, and what they are bound to.

    ``value`` is the machine-readable value of ``data`` and ``time``, the address of ``link`` and ``claim``;
    a ``block``'s text is finished HTML, and so is that of an ``inline``.
    """

    kind: SlotKind
    text: str
    value: str = ""
    rows: tuple[Rows, ...] = ()
    quantity: Quantity | None = None
    """What stands behind the words, for its receipt."""


class Cited(str):
    """A text from a cell, which remembers the row."""

    rows: tuple[Rows, ...]

    def __new__(cls, text: str, *rows: Rows) -> Cited:
        made = super().__new__(cls, text)
        made.rows = rows
        return made


class Link(Struct, frozen=True):
    """A name that leads to a page of the site."""

    text: str
    url: str

    def __str__(self) -> str:
        return self.text


class Joined(Struct, frozen=True):
    """Several things in one sentence, with their commas and 'and'."""

    parts: tuple[Any, ...]
    last: str = "and"


class Slots(Struct):
    """The slots of one rendering, in order, and every row they were made from."""

    style: NumberStyle
    found: list[Slot] = field(default_factory=list)
    prose: bool = True

    def mark(self, slot: Slot) -> str:
        self.found.append(slot)
        return f"{OPEN}{len(self.found) - 1}{CLOSE}"

    def fill(self, thing: Any) -> str:
        """What an expression gave → marked text. Raises QuantityError for what cannot be printed."""
        if isinstance(thing, Message):
            return self.mark(Slot("text", self.style.say(thing)))
        if isinstance(thing, str):
            return self.mark(Slot("text", thing, rows=getattr(thing, "rows", ()))) if thing else ""
        if isinstance(thing, Joined):
            if not thing.parts:
                raise QuantityError(
                    "empty-list",
                    "this is a list of nobody and nothing, which cannot be printed",
                    'Say what to print instead: {{ … | and_list | or_say("none") }}.',
                )
            parts = [self.fill(part) for part in thing.parts]
            return self.style.join(parts, thing.last, self.found[-1].text if self.found else "")
        return self.mark(self.slot(thing))

    def slot(self, thing: Any) -> Slot:
        if isinstance(thing, Numeric):
            return self._number(thing.quantity)
        if isinstance(thing, Phrase):
            return _data(thing.quantity, thing.text)
        if isinstance(thing, StandIn):
            return Slot("stand-in", thing.text)
        if isinstance(thing, Link):
            return Slot("link" if thing.url else "text", thing.text, thing.url)
        if isinstance(thing, Slot):
            return thing
        if isinstance(thing, dt.date):
            return Slot("time", self.style.day(thing), thing.isoformat())
        if isinstance(thing, Period):
            return Slot("time", self.style.period(thing), str(thing))
        if hasattr(type(thing), "link") and isinstance(thing.link, Link):
            return Slot("text", thing.link.text)
        several = hasattr(type(thing), "__getitem__") and not isinstance(thing, str)
        if thing is None or isinstance(thing, bool) or several:
            shown = "nothing" if thing is None else str(thing).lower() if isinstance(thing, bool) else "a list"
            raise QuantityError(
                "not-printable",
                f"this gives {shown}, which cannot be printed",
                'Say what to print instead: {{ … | or_say("–") }}.'
                if thing is None
                else "Print a value, a name or a text; a list with '| and_list'.",
            )
        return self._number(as_quantity(thing))

    def _number(self, quantity: Quantity) -> Slot:
        return _data(quantity, quantity.print(self.style, prose=self.prose))


def _data(quantity: Quantity, text: str) -> Slot:
    if not quantity.rows:
        raise QuantityError(
            "unbound-number",
            f"{text!r} comes from no row of a dataset",
            "Print the value itself, without '.number'; a number that is nobody's figure is written as text.",
        )
    return Slot("data", text, quantity.machine, quantity.rows, quantity)
