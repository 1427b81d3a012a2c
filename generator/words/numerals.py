"""Numbers in words: "twenty-one", "two dozen", "a third", "three in ten"."""

from __future__ import annotations

from decimal import Decimal

ONES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
          "trillion": 1_000_000_000_000}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
    "fortieth": 40, "fiftieth": 50, "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90,
}  # fmt: skip
PARTS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
    "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7, "eighth": 8, "eighths": 8,
    "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10, "twentieth": 20, "hundredth": 100, "hundredths": 100,
}  # fmt: skip
MULTIPLES = {"once": 1, "twice": 2, "double": 2, "doubled": 2, "doubling": 2, "thrice": 3, "triple": 3,
             "tripled": 3,
             "tripling": 3, "treble": 3, "trebled": 3, "quadruple": 4, "quadrupled": 4, "quadrupling": 4,
             "quintuple": 5, "quintupled": 5, "quintupling": 5, "sextupled": 6}  # fmt: skip
HALVES_AND_QUARTERS = {
    "and a half": ("0.5", "0.1"), "and one half": ("0.5", "0.1"), "and a quarter": ("0.25", "0.05"),
    "and three quarters": ("0.75", "0.05"), "and three quarter": ("0.75", "0.05"),
}  # fmt: skip
"""What follows a whole number in "three and a half million": its size, and to what it is meant."""
SIZES: dict[str, tuple[int, int]] = {
    "dozens": (24, 99), "hundreds": (200, 999), "thousands": (2_000, 9_999),
    "tens of thousands": (20_000, 99_999), "hundreds of thousands": (200_000, 999_999),
    "millions": (2_000_000, 9_999_999), "tens of millions": (20_000_000, 99_999_999),
    "several": (3, 9), "several hundred": (300, 999),
    "several thousand": (3_000, 9_999), "a few hundred": (200, 599), "a few": (3, 5), "a handful": (3, 6),
}  # fmt: skip
"""Words for a size, and from what to what they go, both included."""


def whole(words: list[str]) -> tuple[Decimal, int] | None:
    """The number that begins the list of words, and how many words it takes: "one hundred and two" → 102, 4."""
    total = current = Decimal(0)
    used = index = 0
    while index < len(words):
        word = words[index]
        if word in ONES:
            if index and words[index - 1] in ONES:
                break
            current += ONES[word]
        elif word in TENS:
            if index and words[index - 1] in (ONES | TENS):
                break
            current += TENS[word]
        elif word == "hundred" and used:
            current *= 100
        elif word in SCALES and used:
            total += current * SCALES[word]
            current = Decimal(0)
        elif word == "and" and used and words[index - 1] in SCALES and _goes_on(words, index + 1):
            index += 1
            continue
        else:
            break
        index += 1
        used = index
    return (total + current, used) if used else None


def _goes_on(words: list[str], index: int) -> bool:
    return index < len(words) and words[index] in (ONES | TENS)


def ordinal(words: list[str]) -> tuple[int, int] | None:
    """The ordinal that begins the list: "twenty-first" → 21, 2."""
    if words and words[0] in ORDINALS:
        return ORDINALS[words[0]], 1
    if len(words) > 1 and words[0] in TENS and words[1] in ORDINALS and ORDINALS[words[1]] < 10:
        return TENS[words[0]] + ORDINALS[words[1]], 2
    return None


def spelled(number: int) -> str:
    """A small whole number in words, for advice; digits from 100 on."""
    if number < 20:
        return next(word for word, value in ONES.items() if value == number)
    if number < 100:
        tens, one = divmod(number, 10)
        word = next(word for word, value in TENS.items() if value == tens * 10)
        return f"{word}-{spelled(one)}" if one else word
    return f"{number:,}"
