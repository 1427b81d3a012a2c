"""Numbers as editors type them: what each is called in words, and what a typed one means.

Patterns here are pieces of regular expressions in lower case; they are compiled without regard to case.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from generator.words import numerals
from generator.words.numerals import ONES as UNITS
from generator.words.numerals import ORDINALS, TENS

BEGIN, END = r"(?<![^\W_])", r"(?![^\W_])"
"""Where a word may begin and end; the underscore of an emphasis is no letter."""

SCALES = {"dozen": 12, **numerals.SCALES}
PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "hundredth": 100,
}  # fmt: skip
SIGNS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}
MULTIPLES = {"doubl": 2, "twice": 2, "tripl": 3, "trebl": 3, "quadrupl": 4, "quintupl": 5}
LETTERS = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000, "tn": 1_000_000_000_000}


def either(words: object) -> str:
    """One of the words, the longest first."""
    return f"(?:{'|'.join(sorted(map(str, words), key=len, reverse=True))})"  # type: ignore[call-overload]


UNIT, TEN, SCALE, ORDINAL = either(UNITS), either(TENS), either(SCALES), either(ORDINALS)
SMALL = rf"(?:{TEN}(?:[\s-]+{UNIT}{END})?|{UNIT})"
"""From zero to ninety-nine."""
WORDS = (
    rf"(?:{SMALL}|(?:half[\s-]an?|half|several|a\s+few|an?)(?=[\s-]+{SCALE}{END})){END}"
    rf"(?:[\s-]+{SCALE}{END}(?:\s+(?:and\s+)?{SMALL}{END})?)*(?:\s+and\s+a\s+half{END})?"
)
DIGITS = r"(?:\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3}(?!\d))+(?:\.\d+)?|\d+(?:[.,]\d+)*)"
FRACTION = (
    rf"(?:{SMALL}|an?)[\s-]+(?:half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?"
    r"|tenths?|hundredths?)"
)


class Number(Struct, frozen=True):
    """What a typed number means. ``value`` is None for words of no certain size ("most", "dozens").

    ``step`` is the worth of the last digit typed (0.1 for "86.1", 100,000 for "2.5 million"). A share and a
    percentage are in percent, a multiple is how many times.
    """

    value: Decimal | None
    step: Decimal = Decimal(1)
    kind: Literal["number", "percent", "points", "ordinal", "times", "share"] = "number"


_OF_NO_SIZE = Number(None)


def read(text: str) -> Number:
    """The number in a piece of prose that holds one, such as "2.5 million", "two-thirds" or "second-highest"."""
    said = re.sub(r"\s+", " ", text.casefold()).strip()
    for reader in (_sign, _multiple, _part, _ratio, _ordinal):
        found = reader(said)
        if found:
            return found
    value, step, rest = _amount(said)
    if value is None:
        return _OF_NO_SIZE
    if re.match(r"\s*(?:%|per ?cent\b)", rest):
        return Number(value, step, "percent")
    if re.match(r"\s*(?:percentage )?points?", rest):
        return Number(value, step, "points")
    if re.match(r"[\s-]*(?:times|fold|x\b|×)", rest):
        return Number(value, step, "times")
    return Number(value, step)


def _sign(said: str) -> Number | None:
    if said in SIGNS:
        part, whole = SIGNS[said]
        return Number(Decimal(100) * part / whole, kind="share")
    return None


def _multiple(said: str) -> Number | None:
    if said.startswith("halv"):
        return Number(Decimal("0.5"), Decimal("0.1"), "times")
    fold = re.fullmatch(rf"(?P<count>{DIGITS}|{SMALL})[ -]?fold", said)
    if fold:
        return Number(_amount(fold["count"])[0], kind="times")
    times = next((times for word, times in MULTIPLES.items() if said.startswith(word)), None)
    return Number(Decimal(times), kind="times") if times else None


def _part(said: str) -> Number | None:
    """Fractions in words, as a share in percent."""
    match = re.fullmatch(rf"(?:(?P<count>{SMALL}|an?)[ -])?(?P<part>{either(PARTS)})s?", said)
    if match is None or (match["part"] != "half" and not match["count"]):
        return None
    count = _words(match["count"])[0] if match["count"] and match["count"] not in ("a", "an") else Decimal(1)
    return Number(Decimal(100) * (count or Decimal(1)) / PARTS[match["part"]], kind="share")


def _ratio(said: str) -> Number | None:
    match = re.fullmatch(r"(?P<part>[\w-]+) (?:in|out of) (?:every )?(?P<whole>[\w ]+)", said)
    if match is None:
        return None
    part, whole = _amount(match["part"])[0], _amount(match["whole"])[0]
    return Number(100 * part / whole, kind="share") if part is not None and whole else None


def _ordinal(said: str) -> Number | None:
    match = re.match(rf"(?:(?P<ten>{TEN})[ -])?(?P<word>{ORDINAL})\b", said)
    if match:
        return Number(Decimal(TENS.get(match["ten"], 0) + ORDINALS[match["word"]]), kind="ordinal")
    match = re.match(r"(?:no\. ?|number |#)(?P<number>\w+)|(?P<digits>\d+(?:,\d{3})*)(?:st|nd|rd|th)\b", said)
    if match:
        value = _amount(match["number"] or match["digits"])[0]
        return Number(value, kind="ordinal") if value is not None else None
    return None


def _amount(said: str) -> tuple[Decimal | None, Decimal, str]:
    """The amount that begins a text, the worth of its last digit, and what follows."""
    match = re.match(rf"(?P<sign>[−–+-])?[$€£¥]?(?P<digits>{DIGITS})", said)
    if match is None:
        value, used = _words(said)
        return value, Decimal(1), said[used:]
    digits = re.sub(r"[ \u00a0\u202f\u2009]", "", match["digits"])
    digits = digits.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits) else digits
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", digits):
        digits = digits.replace(".", "")
    if not re.fullmatch(r"\d+(?:\.\d+)?", digits):
        return None, Decimal(1), said[match.end() :]
    value = Decimal(digits) * (-1 if match["sign"] in ("−", "–", "-") else 1)
    step = Decimal(1).scaleb(-len(digits.partition(".")[2]))
    scale = re.compile(rf"(?:\s+(?P<word>{SCALE})|(?P<letter>{either(LETTERS)}))\b").match(said, match.end())
    if scale is None:
        return value, step, said[match.end() :]
    times = SCALES[scale["word"]] if scale["word"] else LETTERS[scale["letter"]]
    return value * times, step * times, said[scale.end() :]


def _words(said: str) -> tuple[Decimal | None, int]:
    """The number in words that begins a text, and how many letters it takes."""
    match = re.match(WORDS, said)
    if match is None:
        return None, 0
    total = current = Decimal(0)
    for word in re.split(r"[ -]+", match.group()):
        if word in ("a", "an", "and", "several", "few"):
            current = current or (Decimal(1) if word in ("a", "an") else current)
        elif word == "half":
            current += Decimal("0.5")
        elif word == "hundred":
            current = (current or Decimal(1)) * 100
        elif word in SCALES:
            total, current = total + (current or Decimal(1)) * SCALES[word], Decimal(0)
        else:
            current += UNITS.get(word, 0) + TENS.get(word, 0)
    if match.group().startswith(("several", "a few")):
        return None, match.end()
    return total + current, match.end()
