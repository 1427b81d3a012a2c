"""Where everything stands on a card, measured with the theme's own fonts, as one SVG.

Two columns where there is a chart: words and number on the left, the chart on the right. One without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from msgspec import Struct

from generator.cards.card import HEIGHT, WIDTH, Bar, Card, CardNumber
from generator.cards.look import Look

LEFT, RIGHT = 64, WIDTH - 64
TOP, BOTTOM = 84, 540
"""Between these stands what is said; above the masthead's rules, below the site's name."""
COLUMN, GAP = 548, 48
"""The width of the words beside a chart, and what is between them and it."""

_HEADINGS = ((72, 1), (66, 2), (58, 2), (50, 3), (44, 4))
"""Sizes for a heading, the largest first, each with the most lines it may take."""
_ALONE = ((92, 2), (80, 3), (66, 4), (54, 5))
"""The same where there are only words."""
_LEADS = ((28, 37), (25, 33), (22, 29))
_LEADS_ALONE = ((34, 45), (28, 37))
"""Sizes for the lead, each with the distance of its lines."""
_SMALLEST_SCALE = 0.95
"""A chart is not drawn smaller than on the page; one too tall for that is left out."""

_SENTENCE = re.compile(r"(?<=[.!?…”’\"')])(?<![\w][”’\"')])\s+(?=[^\W\d_a-z]|[“‘\"(])")
"""Between two sentences; not behind a word in quotes, nor before a small letter or a digit."""
_NUMBER = re.compile(r'(?<= )(?:width|height)="[\d.]+"')
_SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)" height="([\d.]+)"')
_VARIABLE = re.compile(r"var\(--(chart-[\w-]+)\)")


class _Type(Struct, frozen=True):
    """Text of one family, weight, size and colour, and the distance of its lines."""

    family: str
    size: float
    line: float
    bold: bool = False
    colour: str = "ink"
    spaced: float = 0


def drawn(card: Card, look: Look) -> str:
    """The card as SVG: same arguments, same text."""
    return _Drawing(card, look).svg()


def fits(chart: str) -> bool:
    """Whether a chart has a size at which it can be read on a card."""
    return _scale(chart, RIGHT - LEFT - COLUMN - GAP, BOTTOM - TOP - 64) >= _SMALLEST_SCALE


def _scale(chart: str, width: float, height: float) -> float:
    size = _SIZE.match(chart)
    return min(width / float(size[1]), height / float(size[2])) if size else 0.0


class _Drawing:
    def __init__(self, card: Card, look: Look) -> None:
        self.card = card
        self.look = look
        self.parts: list[str] = []
        self.own = "accent" if card.place else "ink"
        self.beside = bool(card.bars) or (bool(card.chart) and fits(card.chart))
        self.alone = not self.beside and card.number is None
        self.width = COLUMN if self.beside else RIGHT - LEFT

    def svg(self) -> str:
        number = self._number_height()
        end = self._words(TOP, BOTTOM - number)
        if self.alone:  # a little above the middle
            self.parts.clear()
            end = self._words(TOP + (BOTTOM - end) * 0.4, BOTTOM)
        self._ground()
        if self.card.number:
            self._number(self.card.number, BOTTOM - number)
        if self.beside:
            self._beside()
        inner = "".join(self.parts)
        size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{inner}</svg>'

    # --- the frame ---------------------------------------------------------------------------------------

    def _ground(self) -> None:
        words, self.parts = self.parts, []
        self._box(0, 0, WIDTH, HEIGHT, "paper")
        self._box(LEFT, 34, RIGHT - LEFT, 6, "ink")
        self._box(LEFT, 44, RIGHT - LEFT, 1.5, "ink")
        self._box(LEFT, 562, RIGHT - LEFT, 1, "rule")
        name = _Type(self.look.serif, 27, 0, bold=True)
        address = _Type(self.look.sans, 22, 0, colour="muted")
        given = self._clean(self.card.address, address)
        most = RIGHT - LEFT - (self._wide(given, address) + 40 if given else 0)
        self._text(LEFT, 600, self._shorten(self._clean(self.card.site, name), name, max(most, 420)), name)
        if given and most >= 420:
            self._text(RIGHT, 600, given, address, anchor="end")
        self.parts += words

    def _words_above(self, at: float) -> float:
        """The accent and the small line above the heading; gives where the heading begins."""
        if self.card.place:
            self._box(LEFT, at, 56, 6, "accent")
            at += 18
        if self.card.kicker:
            small = _Type(self.look.sans, 20, 0, bold=True, colour="muted", spaced=1.2)
            text = self._shorten(self._clean(self.card.kicker.upper(), small), small, self.width)
            self._text(LEFT, at + 20, text, small)
            at += 34
        return at

    # --- words -------------------------------------------------------------------------------------------

    def _words(self, at: float, end: float) -> float:
        at = self._words_above(at)
        at = self._heading(at, end)
        return self._lead(at, end)

    def _heading(self, at: float, end: float) -> float:
        """The heading as large as it fits; where that leaves no room for any of the lead, smaller, if that does."""
        fitting: list[tuple[list[str], _Type]] = []
        for size, most in _ALONE if self.alone else _HEADINGS:
            style = _Type(self.look.serif, size, round(size * 1.1), bold=True)
            lines = self._balanced(self.card.heading, style, self.width)
            if len(lines) <= most and len(lines) * style.line <= end - at:
                fitting.append((lines, style))
                if not self.card.lead or self._lead_there(at + len(lines) * style.line + 14, end):
                    return self._lines(LEFT, at, lines, style) + 14
        if fitting:
            return self._lines(LEFT, at, *fitting[0]) + 14
        count = max(1, min(most, int((end - at) // style.line)))
        return self._lines(LEFT, at, self._cut(lines, style, count, self.width), style) + 14

    def _lead(self, at: float, end: float) -> float:
        """As many whole sentences as there is room for, in smaller type where not even the first one fits.

        Half a sentence may say something else than the whole one: beside a number it is left out.
        """
        found = self._lead_there(at, end)
        if found:
            return self._lines(LEFT, at, *found)
        style = _Type(self.look.serif, *_LEADS_ALONE[-1])
        most = int((end - at - 18) // style.line)
        if not self.alone or not self.card.lead or most < 1:
            return at
        lines = self._wrapped(self.card.lead, style, self.width)
        return self._lines(LEFT, at, self._cut(lines, style, most, self.width), style)

    def _lead_there(self, at: float, end: float) -> tuple[list[str], _Type] | None:
        for size, line in _LEADS_ALONE if self.alone else _LEADS:
            style = _Type(self.look.serif, size, line)
            kept = self._sentences(style, min(int((end - at - 18) // line), 5))
            if kept:
                return self._wrapped(kept, style, self.width), style
        return None

    def _sentences(self, style: _Type, most: int) -> str:
        """The first sentences of the lead, those that fit on so many lines."""
        kept = ""
        for sentence in _SENTENCE.split(self.card.lead.strip()):
            longer = f"{kept} {sentence}".strip()
            if len(self._wrapped(longer, style, self.width)) > most:
                break
            kept = longer
        return kept

    # --- the number --------------------------------------------------------------------------------------

    _LABEL = 24
    _NOTE = 22

    def _number_lines(self, number: CardNumber) -> tuple[list[str], list[str]]:
        label = _Type(self.look.sans, self._LABEL, 30, bold=True)
        note = _Type(self.look.sans, self._NOTE, 28)
        above = self._wrapped(number.label, label, self.width)
        below = self._wrapped("; ".join(filter(None, (number.rank, number.note))), note, self.width)
        return self._cut(above, label, 2, self.width), self._cut(below, note, 2, self.width)

    def _number_height(self) -> float:
        if self.card.number is None:
            return 0
        above, below = self._number_lines(self.card.number)
        return len(above) * 30 + 96 + len(below) * 28

    def _number(self, number: CardNumber, at: float) -> None:
        label = _Type(self.look.sans, self._LABEL, 30, bold=True)
        note = _Type(self.look.sans, self._NOTE, 28, colour="muted")
        above, below = self._number_lines(number)
        at = self._lines(LEFT, at, above, label)
        size = 104.0
        figure = _Type(self.look.sans, size, 0, bold=True, colour=self.own)
        value = self._clean(number.value, figure)
        unit = _Type(self.look.sans, 34, 0, colour="ink")
        after = self._clean(number.unit, unit)
        room = self.width - (self._wide(after, unit) + 14 if after else 0)
        if self._wide(value, figure) > room:
            size = max(40.0, size * room / self._wide(value, figure))
            figure = _Type(self.look.sans, round(size, 1), 0, bold=True, colour=self.own)
            value = self._shorten(value, figure, room)
        baseline = at + 82
        self._text(LEFT - 0.04 * size, baseline, value, figure)
        if after:
            self._text(LEFT + self._wide(value, figure) + 14, baseline, after, unit)
        self._lines(LEFT, at + 96, below, note)

    # --- the chart ---------------------------------------------------------------------------------------

    def _beside(self) -> None:
        left = LEFT + COLUMN + GAP
        small = _Type(self.look.sans, 21, 27, colour="muted")
        lines = self._caption(small, RIGHT - left)
        above = len(lines) * small.line + 14
        if self.card.bars:
            row = min(58.0, (BOTTOM - TOP - above) / len(self.card.bars))
            height = row * len(self.card.bars)
        else:
            width, height = self._size(RIGHT - left, BOTTOM - TOP - above)
        at = TOP + max(0.0, BOTTOM - TOP - above - height) * 0.4
        top = self._lines(left, at, lines, small) + 14
        if self.card.bars:
            self._bars(left, top, row, self.card.bars)
        else:
            self._chart(RIGHT - width, top, width, height)

    def _caption(self, style: _Type, most: float) -> list[str]:
        """On two lines; where that is not enough, without what follows a semicolon."""
        for text in (self.card.caption, self.card.caption.partition(";")[0]):
            lines = self._balanced(text, style, most)
            if len(lines) <= 2:
                return self._cut(lines, style, 2, most)
        return self._cut(lines, style, 2, most)

    def _size(self, width: float, height: float) -> tuple[float, float]:
        """The size of the chart in a space: as large as fits, but never so large that it is coarse."""
        size = _SIZE.match(self.card.chart)
        assert size is not None
        scale = min(_scale(self.card.chart, width, height), 1.6)
        return float(size[1]) * scale, float(size[2]) * scale

    def _chart(self, x: float, y: float, width: float, height: float) -> None:
        head, end, rest = self.card.chart.partition(">")
        head = _NUMBER.sub("", head)
        box = f' x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        self.parts.append(_VARIABLE.sub(self._literal, f"{head}{box}{end}{rest}"))

    def _literal(self, match: re.Match[str]) -> str:
        return self.look.sans if match[1] == "chart-font" else self.look.colour(match[1])

    def _bars(self, left: float, top: float, row: float, bars: Sequence[Bar]) -> None:
        name = _Type(self.look.sans, 24, 0)
        figure = _Type(self.look.sans, 24, 0, bold=True)
        values = [self._clean(bar.shown, figure) for bar in bars]
        names = [self._clean(bar.name, name) for bar in bars]
        aside = min(236.0, max(self._wide(text, name) for text in names) + 16)
        longest = RIGHT - left - aside - max(self._wide(text, figure) for text in values) - 12
        for index, bar in enumerate(bars):
            middle = top + row * (index + 0.5)
            colour = "accent" if bar.own else "chart-grey"
            shown = _Type(name.family, 24, 0, bold=bar.own, colour="accent" if bar.own else "ink")
            value = _Type(name.family, 24, 0, bold=True, colour="accent" if bar.own else "ink")
            self._text(left, middle + 8, self._shorten(names[index], shown, aside - 10), shown)
            length = max(2.0, longest * min(1.0, max(0.0, bar.part)))
            self._box(left + aside, middle - 13, length, 26, colour)
            self._text(left + aside + length + 10, middle + 8, values[index], value)

    # --- pieces ------------------------------------------------------------------------------------------

    def _box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        fill = escape(self.look.colour(colour))
        self.parts.append(f'<rect x="{x:g}" y="{y:.5g}" width="{width:.6g}" height="{height:.5g}" fill="{fill}"/>')

    def _text(self, x: float, y: float, text: str, style: _Type, *, anchor: str = "start") -> None:
        given = {
            "x": f"{x:.6g}",
            "y": f"{y:.6g}",
            "font-family": style.family,
            "font-size": f"{style.size:g}",
            "font-weight": "600" if style.bold else "400",
            "fill": self.look.colour(style.colour),
        }
        if style.spaced:
            given["letter-spacing"] = f"{style.spaced:g}"
        if anchor != "start":
            given["text-anchor"] = anchor
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in given.items())
        self.parts.append(f"<text{attributes}>{escape(text, quote=False)}</text>")

    def _lines(self, x: float, at: float, lines: Sequence[str], style: _Type) -> float:
        """Lines of text below ``at``; gives where they end."""
        for text in lines:
            self._text(x, at + style.line * 0.5 + style.size * 0.34, text, style)
            at += style.line
        return at

    def _clean(self, text: str, style: _Type) -> str:
        return self.look.drawable(text, style.family, bold=style.bold)

    def _wide(self, text: str, style: _Type) -> float:
        return self.look.metrics(style.family, bold=style.bold).width(text, style.size) + style.spaced * len(text)

    def _shorten(self, text: str, style: _Type, most: float) -> str:
        if self._wide(text, style) <= most:
            return text
        while text and self._wide(f"{text}…", style) > most:
            text = text[:-1].rstrip()
        return f"{text}…"

    def _wrapped(self, text: str, style: _Type, most: float) -> list[str]:
        """The text on as many lines as it takes; a word that is wider than a line stands alone on one."""
        lines: list[str] = []
        for word in self._clean(text, style).split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._wide(longer, style) <= most:
                lines[-1] = longer
            elif word:
                lines.append(word)
        return lines

    def _balanced(self, text: str, style: _Type, most: float) -> list[str]:
        """The same on lines of about one length, and no more of them."""
        lines = self._wrapped(text, style, most)
        count, least = len(lines), most / 2
        if count < 2:
            return lines
        for _ in range(5):
            middle = (least + most) / 2
            narrower = self._wrapped(text, style, middle)
            if len(narrower) > count or any(self._wide(line, style) > middle for line in narrower):
                least = middle
            else:
                most, lines = middle, narrower
        return lines

    def _cut(self, lines: Sequence[str], style: _Type, count: int, most: float) -> list[str]:
        """The first lines, with a sign that there were more."""
        kept = [self._shorten(line, style, most) for line in lines[:count]]
        if len(lines) > count and kept:
            kept[-1] = self._ended(kept[-1].rstrip("… ,;:"), style, most)
        return kept

    def _ended(self, text: str, style: _Type, most: float) -> str:
        while text and self._wide(f"{text}…", style) > most:
            text = text.rpartition(" ")[0] or text[:-1]
        return f"{text.rstrip(' ,;:')}…"
