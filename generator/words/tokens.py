"""Words → tokens: typography folded, numerals read, everything else in lower case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from generator.values import NumberStyle

TokenKind = Literal["number", "ordinal", "word", "sign"]


class Token(Struct, frozen=True, eq=False):
    """One word, numeral or sign. ``number`` is what a numeral or ordinal ("3rd") says."""

    kind: TokenKind
    text: str
    number: Decimal | None = None
    decimals: int = 0
    raw: str = ""
    """A word as typed."""
    start: int = 0
    """Where it stands in the folded text; the same word in two places is one."""
    end: int = 0

    @property
    def _said(self) -> tuple[object, ...]:
        return self.kind, self.text, self.number, self.decimals, self.raw

    def __eq__(self, other: object) -> bool:
        return self._said == other._said if isinstance(other, Token) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._said)


_FOLDED = str.maketrans(
    {
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u2060": "", "\u200b": "", "\u00ad": "",
        "’": "'", "‘": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "–", "—": "–", "−": "-",
    }
)  # fmt: skip
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")


_MIXED = re.compile(r"(?<=\d)\s?(½|¼|¾)|(?<=\d)\s(1/2|1/4|3/4)(?![\d/])")
_MIXED_WORDS = {"½": "a half", "1/2": "a half", "¼": "a quarter", "1/4": "a quarter", "¾": "three quarters",
                "3/4": "three quarters"}  # fmt: skip


def _mixed(match: re.Match[str]) -> str:
    return f" and {_MIXED_WORDS[match[1] or match[2]]}"


PLAIN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*|[0-9]+")
"""A text of such words alone is folded as it is, and each of them is a token; most names are like that."""


def fold(text: str) -> str:
    """Typography that means nothing made alike: blanks, quotes, dashes, emphasis, "3½"."""
    if PLAIN.fullmatch(text):
        return text
    return " ".join(_MIXED.sub(_mixed, _EMPHASIS.sub(r"\2", text)).translate(_FOLDED).split())


@lru_cache(maxsize=8)
def _pattern(thousands: str, decimal: str) -> re.Pattern[str]:
    thousands, decimal = re.escape(thousands.translate(_FOLDED)), re.escape(decimal)
    grouped = rf"\d{{1,3}}(?:{thousands}\d{{3}})+(?!\d)|" if thousands else ""
    return re.compile(
        rf"(?P<number>[-+]?(?:{grouped}\d+)(?:{decimal}\d+)?)(?P<scale>bn|pc|[kmx×])?(?![\w(])"
        rf"|(?P<ordinal>(?:{grouped}\d+)(?=st\b|nd\b|rd\b|th\b))(?P<ending>st|nd|rd|th)\b"
        r"|(?P<word>\d*[^\W\d_][\w]*(?:\([a-z0-9]\))?(?:'[^\W\d_]+|')?(?:\.(?=[^\W\d_]\.))?|\d+\([a-z]\)|[\w]+)"
        r"|(?P<sign>[^\w\s])",
        re.IGNORECASE,
    )


_SCALES = {"k": "thousand", "m": "million", "bn": "billion", "pc": "percent", "x": "times", "×": "times"}


def tokens(text: str, style: NumberStyle) -> tuple[Token, ...]:
    """The tokens of a phrase, numerals written in the site's style."""
    return tuple(_tokens(fold(text), style))


def _tokens(text: str, style: NumberStyle) -> Iterator[Token]:
    last_end, last_kind = 0, ""
    for match in _pattern(style.thousands, style.decimal).finditer(text):
        kind = str(match.lastgroup)
        glued = match.start() == last_end
        start, end = match.span()
        if match["number"]:
            written = match["number"]
            # a hyphen between two numerals, or after a word, is no sign of a negative number
            if written[0] in "-+" and glued and last_kind in ("number", "word", "ordinal"):
                yield Token("sign", "–", start=start, end=start + 1)
                written, start = written[1:], start + 1
            digits = start + len(written)
            yield replace(_numeral(written, style), start=start, end=digits)
            if match["scale"]:
                yield Token("word", _SCALES[match["scale"].lower()], start=digits, end=end)
            kind = "number"
        elif match["ordinal"]:
            yield replace(_numeral(match["ordinal"], style, "ordinal"), start=start, end=end)
            kind = "ordinal"
        elif match["word"]:
            yield Token("word", match["word"].lower(), raw=match["word"], start=start, end=end)
            kind = "word"
        else:
            kind = "sign"
            if match["sign"] != "-" or not glued:  # the hyphen of a compound joins words as a blank does
                yield Token("sign", match["sign"], start=start, end=end)
        last_end, last_kind = match.end(), kind


def _numeral(written: str, style: NumberStyle, kind: TokenKind = "number") -> Token:
    plain = written.replace(style.thousands.translate(_FOLDED), "") if style.thousands else written
    whole, _, fraction = plain.partition(style.decimal)
    number = Decimal(f"{whole}.{fraction}" if fraction else whole)
    return Token(kind, written, number, len(fraction))
