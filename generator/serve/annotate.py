"""Marks on a previewed page: which of its numbers are borne out, whose they are, and which are bound to nothing.

The page's HTML is gone through once more after it has been made, so that a build knows nothing of this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape, unescape
from typing import Literal

from msgspec import Struct, field

Kind = Literal["verified", "unverified", "contradicted"]


class Mark(Struct, frozen=True):
    """What is said of a number: its kind, and why."""

    kind: Kind
    why: str
    asserted: bool = False


class Typed(Struct, frozen=True):
    """A number that is bound to nothing, with the words around it in its document, blanks as single ones."""

    text: str
    before: str
    after: str
    why: str


class Total(Struct):
    """How many numbers of each sort the page's text has; ``in_tables`` counts cells of figures and tables."""

    computed: int = 0
    asserted: int = 0
    contradicted: int = 0
    attributed: int = 0
    typed: int = 0
    in_tables: int = 0

    def __str__(self) -> str:
        """ "34 computed · 5 asserted · 2 attributed · 1 typed"; contradicted ones are among the asserted."""
        parts = [f"{self.computed} computed", f"{self.asserted} asserted"]
        parts += [f"{self.contradicted} contradicted"] if self.contradicted else []
        parts += [f"{self.attributed} attributed"] if self.attributed else []
        parts += [f"{self.typed} typed"] if self.typed else []
        return " · ".join(parts)


_APART = "head|script|style|svg|textarea|template"
"""Elements whose content is no text of the page."""
_WHOLE = rf"<!--.*?-->|<({_APART})\b.*?</\1\s*>"
_ATTRIBUTES = r"(?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+"
_TOKEN = re.compile(rf"{_WHOLE}|</?[a-z]{_ATTRIBUTES}>|<![^>]*>", re.DOTALL | re.IGNORECASE)
"""Comments, tags, and elements apart in one piece; between them is text."""
_NUMBERS = re.compile(rf"{_WHOLE}|</?(?:a|data|time|table)\b{_ATTRIBUTES}>", re.DOTALL | re.IGNORECASE)
"""Of these only what can be a bound number, for when no text is looked at."""
_NAME = re.compile(r"</?([a-zA-Z][\w-]*)")
_RECEIPT = re.compile(r"\b(?:href=\"#|data-receipt=\")(receipt-[0-9]+)\"")
_CLAIM = re.compile(r"\bclass=\"claim\"(?=.*\bhref=\"[^\"]*#([^\"]*)\")?", re.DOTALL)
_BOUND = frozenset(("data", "time"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


def annotate(
    html: str,
    receipts: Mapping[str, Mark],
    claims: Callable[[str], Mark | None],
    typed: Sequence[Typed] = (),
) -> tuple[str, Total]:
    """The page with attributes on its numbers, and how many there are.

    ``receipts`` and ``claims`` say by id what is to be said of the numbers that lead there. An attribute
    ``data-preview`` holds the kind, ``data-preview-why`` the reason; typed numbers are put into a ``<span>``.
    """
    marker = _Marker(receipts, claims)
    for token in _tokens(html, _TOKEN if typed else _NUMBERS):
        marker.take(token)
    marker.total.typed = len(typed)
    _mark_typed(marker, typed)
    return "".join(marker.parts), marker.total


def _tokens(html: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """What the pattern finds, and what stands between."""
    start = 0
    for match in pattern.finditer(html):
        if match.start() > start:
            yield html[start : match.start()]
        yield match[0]
        start = match.end()
    if start < len(html):
        yield html[start:]


class _Marker(Struct):
    receipts: Mapping[str, Mark]
    claims: Callable[[str], Mark | None]
    parts: list[str] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    """Which of the parts are the page's words, bound to nothing."""
    total: Total = field(default_factory=Total)
    _bound: list[str] = field(default_factory=list)
    _within: list[str] = field(default_factory=list)

    def take(self, token: str) -> None:
        name = match[1].lower() if (match := _NAME.match(token)) else ""
        if not name:
            if not token.startswith("<!") and not self._bound:
                self.texts.append(len(self.parts))
        elif token.startswith("</"):
            self._closes(name)
        elif name not in _VOID and name not in _APART.split("|"):
            token = self._opens(name, token)
        self.parts.append(token)

    def _closes(self, name: str) -> None:
        for stack in (self._bound, self._within):
            if stack and stack[-1] == name:
                stack.pop()

    def _opens(self, name: str, token: str) -> str:
        claim = _CLAIM.search(token) if name == "a" else None
        bound = name == "a" and 'class="bound"' in token
        if name in _BOUND or bound or claim or self._bound:
            self._bound.append(name)
        if name == "table":
            self._within.append(name)
        if bound or (name == "data" and "data-receipt=" in token):
            return self._number(token, _RECEIPT.search(token))
        if name == "data" and ' value="' in token and len(self._bound) == 1:  # it leads nowhere, as cells do
            self.total.in_tables += bool(self._within)
            self.total.computed += not self._within
        if claim:
            self.total.attributed += 1
            mark = self.claims(unescape(claim[1] or "")) or Mark("unverified", "Attributed to somebody.")
            return _with(token, mark)
        return token

    def _number(self, token: str, receipt: re.Match[str] | None) -> str:
        mark = self.receipts.get(receipt[1]) if receipt else None
        if mark is None:
            self.total.computed += 1
            return token
        self.total.asserted += mark.asserted
        self.total.contradicted += mark.kind == "contradicted"
        self.total.computed += not mark.asserted
        return _with(token, mark)


def _with(token: str, mark: Mark) -> str:
    focus = "" if token.startswith("<a") else ' tabindex="0"'
    return f'{token[:-1]} data-preview="{mark.kind}" data-preview-why="{escape(mark.why)}"{focus}>'


# --- typed numbers ------------------------------------------------------------------------------------------

LEAST_ALIKE = 6
"""Letters around a number that must be those around it in its document, so that it is taken for the same."""
_LOOK_BACK = 60


def _mark_typed(marker: _Marker, typed: Sequence[Typed]) -> None:
    """Finds each typed number among the page's words by what stands around it there."""
    taken: dict[int, list[tuple[int, int, Typed]]] = {}
    for found in typed:
        words = r"\s+".join(re.escape(escape(word, quote=False)) for word in found.text.split())
        pattern = re.compile(rf"(?<!\w){words}(?!\w)")
        best: tuple[int, int, int, int] | None = None
        for place, index in enumerate(marker.texts):
            for match in pattern.finditer(marker.parts[index]):
                if any(start < match.end() and match.start() < end for start, end, _ in taken.get(index, ())):
                    continue
                alike = _alike(marker, place, match, found)
                if alike >= LEAST_ALIKE and (best is None or alike > best[0]):
                    best = (alike, index, match.start(), match.end())
        if best:
            taken.setdefault(best[1], []).append((best[2], best[3], found))
    for index, spans in taken.items():
        text = marker.parts[index]
        for start, end, found in sorted(spans, key=lambda span: -span[0]):
            opening = _with("<span>", Mark("unverified", found.why))
            text = f"{text[:start]}{opening}{text[start:end]}</span>{text[end:]}"
        marker.parts[index] = text


def _alike(marker: _Marker, place: int, match: re.Match[str], found: Typed) -> int:
    """How many letters before and after the number are those of the document."""
    text = marker.parts[marker.texts[place]]
    before = text[: match.start()]
    while place > 0 and len(before) < _LOOK_BACK and marker.texts[place] - marker.texts[place - 1] <= 2:
        place -= 1
        before = marker.parts[marker.texts[place]] + before
    return _common(_plain(before)[::-1], _plain(found.before)[::-1]) + _common(
        _plain(text[match.end() :]), _plain(found.after)
    )


_TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(text).translate(_TYPOGRAPHIC))


def _common(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
