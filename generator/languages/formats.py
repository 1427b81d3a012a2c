"""How a language writes numbers and dates, from the Unicode locale data (CLDR) that Babel brings.

Gregorian months and Western digits. What CLDR does not say in a form that a page can print is left out, and then
written as in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from generator.languages.catalogue import is_english

_TOKEN = re.compile(r"'([^']*)'|(d+)|(M+|L+)|(y+)|([A-Za-z]+)|([^A-Za-z']+)")
_FOUR_DIGITS_TOGETHER = frozenset(("bg", "es", "it", "lv", "pl", "pt-PT"))
"""Languages in which 1234 is written without a separator and 12.345 with one (CLDR's minimumGroupingDigits)."""
_BY_TERRITORY = frozenset(("es",))
"""Of these only where the language stands alone or with Spain: elsewhere four digits are grouped, too."""


def formats(language: str) -> Mapping[str, Any]:
    """The fields of a NumberStyle that are not as in English; nothing for English. Raises ValueError."""
    if is_english(language):
        return {}
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"it is not known how numbers and dates are written in {language!r}") from None
    symbols: Any = locale.number_symbols["latn"]
    percent = str(locale.percent_formats[None].pattern)
    months: Any = locale.months
    alone = _names(months["stand-alone"]["wide"])
    found: dict[str, Any] = {
        "thousands": symbols["group"],
        "decimal": symbols["decimal"],
        "group_from": 10_000 if _groups_late(language) else 1_000,
        "percent": "%",
        "percent_gap": percent.rstrip("%").lstrip("#,0.") if percent.endswith("%") else "\u00a0",
        "months": _names(months["format"]["wide"]),
        "months_alone": alone,
        "months_short": tuple(name.rstrip(".") for name in _names(months["format"]["abbreviated"])),
        "date": _pattern(locale.date_formats["long"].pattern),
        "month": _pattern(str(locale.datetime_skeletons["yMMMM"])) if "yMMMM" in locale.datetime_skeletons else "",
    }
    return {name: value for name, value in found.items() if value is not None and value != ""} | {
        "percent_gap": found["percent_gap"]
    }


def _names(given: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(str(given[number]) for number in range(1, 13))


def _groups_late(language: str) -> bool:
    own = language.partition("-")[0].lower()
    if own in _BY_TERRITORY:
        return language.lower() in (own, f"{own}-{own}")
    return own in _FOUR_DIGITS_TOGETHER or language in _FOUR_DIGITS_TOGETHER


def _pattern(pattern: str) -> str:
    """``d 'de' MMMM 'de' y`` → ``{day} de {month} de {year}``; '' for what has other parts or bare numbers."""
    made = ""
    for quoted, day, month, year, other, between in _TOKEN.findall(pattern):
        if other or (month and len(month) < 4):
            return ""
        made += quoted or between or ("{day}" if day else "{month}" if month else "{year}" if year else "")
    return made
