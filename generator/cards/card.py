"""What a card says, in plain text; nothing of how it looks."""

from __future__ import annotations

from msgspec import Struct

WIDTH, HEIGHT = 1200, 630
"""In px: the size that every network shows whole."""

MOST_BARS = 6
LONGEST_ALTERNATIVE = 420
"""Letters, as the networks allow them."""


class CardNumber(Struct, frozen=True):
    """A number as the page prints it, what is counted, and what stands below it: rank, date."""

    value: str
    label: str = ""
    unit: str = ""
    rank: str = ""
    note: str = ""


class Bar(Struct, frozen=True):
    """One row of a small ranking: a name, its figure as printed, and as a part of the largest (0 to 1)."""

    name: str
    shown: str
    part: float
    own: bool = False


class Card(Struct, frozen=True):
    """Everything that the picture shows.

    ``chart`` is an inline ``<svg>`` of :mod:`generator.charts`, in colours of the theme; where there is none
    ``bars`` may stand in its place. ``place``: the page is about one place, whose number has the accent.
    """

    site: str
    heading: str
    address: str = ""
    kicker: str = ""
    lead: str = ""
    number: CardNumber | None = None
    caption: str = ""
    chart: str = ""
    bars: tuple[Bar, ...] = ()
    place: bool = False


def alternative(card: Card) -> str:
    """What the picture says, for those who do not see it."""
    parts = [_sentence(card.heading), _sentence(card.lead)]
    if card.number:
        number = card.number
        said = " ".join(filter(None, (number.value, number.unit)))
        more = "; ".join(filter(None, (number.rank, number.note)))
        parts.append(_sentence(f"{number.label}: {said}" if number.label else said, f" ({more})" if more else ""))
    if card.chart and card.caption:
        parts.append(_sentence(f"Chart: {card.caption}"))
    elif card.bars:
        shown = ", ".join(f"{bar.name} {bar.shown}" for bar in card.bars)
        parts.append(_sentence(f"{card.caption}: {shown}" if card.caption else shown))
    text = " ".join(filter(None, parts))
    if len(text) <= LONGEST_ALTERNATIVE:
        return text
    return text[: LONGEST_ALTERNATIVE - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"


def _sentence(text: str, more: str = "") -> str:
    whole = f"{text}{more}".strip()
    return whole if not whole or whole[-1] in ".?!…" else f"{whole}."
