"""Typed numbers in a language other than English: numerals, and the small numbers that its catalogue spells out.

Dates and years in the language's own form pass, and so does what passes in English (names with digits in them,
references). Other words that count (fractions, multiples, ordinals) are known in English only.
"""

from __future__ import annotations

import re
from functools import lru_cache

from generator.lint.dates_and_names import YEAR, passes
from generator.lint.number_words import BEGIN, END, Number, read
from generator.lint.plain_text import Span
from generator.values import NumberStyle, spelled_numbers


def typed_numbers_in(text: str, style: NumberStyle) -> list[Span]:
    """Start and end of each, in order."""
    passed, number = _patterns(style)
    covered = text
    for pattern in (passed, *passes()):
        covered = pattern.sub(lambda match: "\x03" * len(match.group()), covered)
    return [match.span() for match in number.finditer(covered)]


def read_in(text: str, style: NumberStyle) -> Number:
    """What one of them means."""
    words = {word.casefold(): str(number) for number, word in enumerate(spelled_numbers(style))}
    plain = words.get(text.strip().casefold(), text)
    if style.thousands:
        plain = re.sub(rf"(?<=\d){re.escape(style.thousands)}(?=\d{{3}})", "", plain)
    return read(plain.replace(style.decimal, "."))


@lru_cache(maxsize=8)
def _patterns(style: NumberStyle) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What passes, and what is a number."""
    months = "|".join(re.escape(name) for name in {*style.months, *style.months_alone})
    parts = {"day": r"\d{1,2}", "month": f"(?:{months})", "year": YEAR}
    dates = [_written(form, parts) for form in (style.date, style.month)]
    dates.append(rf"\d{{1,2}}\W+(?:\w{{1,2}}\W+)?(?:{months})")  # without its year
    names = r"(?=\w*[^\W\d_])\w*\d\w*|\d+\(\w+\)"
    passed = "|".join(f"{BEGIN}(?:{part}){END}" for part in (*dates, YEAR, names) if part)
    thousands, decimal = re.escape(style.thousands), re.escape(style.decimal)
    digits = rf"\d{{1,3}}(?:{thousands}\d{{3}})+(?!\d)|\d+" if thousands else r"\d+"
    words = "|".join(re.escape(word) for word in spelled_numbers(style)[2:] if word.isalpha())
    spelled = rf"|{BEGIN}(?:{words}){END}" if words else ""
    numeral = rf"(?<![\d.,])[−–+-]?(?:{digits})(?:{decimal}\d+)?(?:[\s\u00a0]?%)?"
    return re.compile(passed, re.IGNORECASE), re.compile(numeral + spelled, re.IGNORECASE)


def _written(form: str, parts: dict[str, str]) -> str:
    """A form such as ``{day} de {month}`` as a pattern; '' for one that names no month."""
    if "{month}" not in form:
        return ""
    pattern = r"\s+".join(re.escape(word) for word in form.split())
    for name, part in parts.items():
        pattern = pattern.replace(rf"\{{{name}\}}", part)
    return pattern
