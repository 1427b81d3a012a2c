"""Where in a plain text a number is typed that counts, ranks or divides something."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache, partial

from generator.inputs import generator
from generator.lint.dates_and_names import MONTH, YEAR, passes
from generator.lint.number_words import (
    BEGIN,
    DIGITS,
    END,
    FRACTION,
    ORDINAL,
    SCALE,
    SIGNS,
    SMALL,
    TEN,
    UNIT,
    WORDS,
)
from generator.lint.plain_text import BREAK, VALUE, Span
from generator.memory import Memory

_PASSED = "\x03"
"""Covers dates, names and turns of phrase while numbers are looked for."""


Find = Callable[[str], list[Span]]
"""Start and end of each number in a text, in order. The text is plain: :mod:`generator.lint.plain_text`."""


def typed_numbers(text: str) -> list[Span]:
    """See :data:`Find`."""
    return _in_paragraphs(text, _in)


def remembering(memory: Memory) -> Find:
    """The same, which looks at no paragraph that it has seen in an earlier build."""

    def known(paragraph: str) -> list[Span]:
        key = [generator(), paragraph]
        return json.loads(memory.on_disk("typed", key, lambda: json.dumps(_in(paragraph)).encode(), sure=True))  # type: ignore[no-any-return]

    return partial(_in_paragraphs, look=known)


def _in_paragraphs(text: str, look: Find) -> list[Span]:
    found: list[Span] = []
    for paragraph in re.finditer(f"[^{BREAK}]+", text):
        if _ANY.search(paragraph.group()):
            at = paragraph.start()
            found += [(at + start, at + end) for start, end in look(paragraph.group())]
    return found


def _in(text: str) -> list[Span]:
    """In one paragraph."""
    return list(_those_that_count(text))


def _those_that_count(text: str) -> Iterator[Span]:
    left = _without_passes(text)
    for match in _number().finditer(left):
        kind, (start, end) = match.lastgroup or "", match.span()
        counts = _COUNTS.get(kind)
        if (counts is None or counts(text, start, end)) and not _is_name(text, start, end):
            yield start, end


def _without_passes(text: str) -> str:
    covered = bytearray(len(text))
    for pattern in passes():
        for match in pattern.finditer(text):
            covered[match.start() : match.end()] = b"\1" * len(match.group())
    return "".join(_PASSED if hide else char for char, hide in zip(text, covered, strict=True))


def quotations(text: str) -> list[Span]:
    """What stands in quotation marks, marks included."""
    return [match.span() for match in _QUOTED.finditer(text)]


def other_words(text: str) -> int:
    """How many words a text has."""
    return len(re.findall(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*", text))


_QUOTED = re.compile(rf"“[^“”{BREAK}]*”|\"[^\"{BREAK}]*\"|(?<!\w)‘[^‘{BREAK}]*?’(?!\w)")

# --- what a number looks like -------------------------------------------------------------------------------

_EXTREME = (
    "most|least|last|highest|lowest|largest|smallest|biggest|fewest|greatest|best|worst|oldest|youngest|newest|longest"
    "|shortest|busiest|richest|poorest|tallest|deepest|widest|heaviest|fastest|slowest|strongest|weakest"
)
_PERCENT = (
    rf"\s?%|[\s-]per\s?cent(?:age[\s-]points?)?{END}|\s+percentage\s+points?{END}|\s+points?{END}|\s+times{END}"
)
_COMPOUND = r"(?:-(?!(?:and|or|to)\b)[^\W\d_]+)+"
_AFTER = rf"(?:(?:{_PERCENT})|[\s-]?fold{END}|{_COMPOUND})?"
_SIGN = rf"(?:(?<![^\s(\[{{“\"‘:=|{BREAK}{VALUE}])[−–+-](?=[$€£¥]?\d))?"
_NUMERAL = (
    rf"(?<!\d[.,]){_SIGN}\#?[$€£¥]?(?<![^\W_]){DIGITS}"
    rf"(?:\s+{SCALE}{END}|(?:bn|tn|[kKmMBs]){END})?(?:x{END}|\s?×)?{_AFTER}"
)
_WHOLE = rf"(?:{SMALL}|a\s+hundred|[2-9]|10|20|100)(?![.,]?\d)(?!\s+{SCALE})"
_RATIO = rf"(?:{UNIT}|1?\d)\s+(?:in|out\s+of)\s+(?:every\s+)?{_WHOLE}"
_NTH = rf"(?:(?:{TEN}-)?{ORDINAL}|(?<!\d[.,])\d+(?:,\d{{3}})*(?:st|nd|rd|th))"
_PART = r"(?:(?:the|an?)\s+)?(?:(?:vast|large|great|overwhelming|slim|narrow|clear|absolute|simple|small|tiny)\s+)*"
_KINDS = {
    "ratio": rf"{BEGIN}{_RATIO}{END}",
    "fraction": rf"{BEGIN}{FRACTION}{END}",
    "first": rf"{BEGIN}first{END}(?!-(?:{_EXTREME}))",
    "ordinal": rf"{BEGIN}{_NTH}(?:[\s-]+(?:{_EXTREME}))?{END}",
    "place": rf"{BEGIN}(?:no\.\s?\d{{1,2}}(?!\d)|number\s+(?:{UNIT}|\d{{1,2}})){END}|\#\d+",
    "year": rf"{BEGIN}(?<!\d[.,]){YEAR}(?![,.]?\d){END}(?!-)",
    "numeral": _NUMERAL,
    "one": rf"{BEGIN}one{END}(?![\s-]+(?:{SCALE}){END}|{_PERCENT})",
    "zero": rf"{BEGIN}zero{END}",
    "words": rf"{BEGIN}{WORDS}{_AFTER}",
    "sign": f"[{''.join(SIGNS)}]",
    "half": rf"{BEGIN}(?:half|halves){END}",
    "sizes": rf"{BEGIN}(?:(?:tens|dozens|hundreds|thousands)\s+of\s+)?(?:dozens|hundreds|thousands|millions"
    rf"|billions|trillions|scores(?=\s+of)){END}",
    "scale": rf"{BEGIN}{SCALE}{END}",
    "majority": rf"{BEGIN}{_PART}majority{END}(?!-)|{BEGIN}{_PART}minority{END}(?=\s+of\b)",
    "most": rf"{BEGIN}most{END}",
    "multiple": rf"{BEGIN}(?:(?:doubl|tripl|trebl|quadrupl|quintupl|halv)(?:ed|es|ing)|(?:double|triple|treble"
    r"|quadruple)(?=\s+(?:the|that|those|what|its|their|as|last|this)\b)|(?:several|many|hundred|thousand)-?fold"
    rf"|(?:{UNIT})fold|twice(?=\s+(?:as|the|that|those|what|its|their|an?|in|this|last)\b)){END}",
}


@cache
def _number() -> re.Pattern[str]:
    """Compiled when it is first needed, like the patterns of what passes."""
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()), re.IGNORECASE)


_ANY = re.compile(
    rf"\d|[{''.join(SIGNS)}]|{BEGIN}(?:{SMALL}|{ORDINAL}|{SCALE}s?|half|halves|quarters?|majority|minority|most|scores"
    r"|dozens|doubl|tripl|trebl|quadrupl|quintupl|halv|twice)|fold\b",
    re.IGNORECASE,
)

# --- whether it counts, where that depends on its neighbours ------------------------------------------------


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _word_before(text: str, start: int) -> str:
    """The word right before, in lower case; nothing where a clause or paragraph begins."""
    match = re.search(r"([^\W\d_]+(?:[’'][^\W\d_]+)*)[\s*_(\[“\"]+$", text[max(0, start - 40) : start])
    return match[1].casefold() if match else ""


def _word_after(text: str, end: int) -> str:
    match = re.compile(r"[\s*_]+([^\W\d_]+(?:[’'-][^\W\d_]+)*)").match(text, end)
    return match[1].casefold() if match else ""


_PLURAL = re.compile(
    r"[\s*_]+(?:[a-z]+(?:al|ic|ed|ing|ous|ive|er|ern|ish|other|new|old|large|small|such)[\s*_]+)?"
    r"(?!(?:has|was|is|does|sees|brings|marks|looks|seems|shows|starts|begins|ends|as|us|its|this|means|counts|stands"
    r"|always|perhaps|towards|besides|across|less|unless|years)\b)"
    r"(?:[a-z]{2,}(?<![sui])s|people|men|women|children|percent)\b"
)
_TIME_BEFORE = _these(
    "in since until till before after during by through throughout early late mid year years around circa between"
    " spring summer autumn fall winter end start beginning middle back"
)
_HEDGES = _these("than nearly almost about roughly approximately least most only exactly just some fully")
_HAVING = _these("has have had with reached totalled totaled numbered counted lent holds contains")
_OWNING = _these("the this that its their our his her a an last next each")
_LIKELY_YEARS = range(1950, 2051)
"""Of these, "the 2025 cases" are those of a year; "the 1843 cases" are so many."""
_COUNTED_NOUN = re.compile(
    r"[\s*_]+(?:entries|rows|records|cases|people|persons|residents|inhabitants|members|items|objects|copies|pages|loans"
    r"|visitors|visits|agencies|households|signatures|names|students|workers|employees|beds|seats|votes|voters)\b"
)
_LIST_OF = re.compile(
    r"\ban?\s+(?:[a-z]+\s+)?(?:list|register|file|table|catalogue|catalog|database|dataset|collection|sample|set|survey|network)\s+of\s+$",
    re.IGNORECASE,
)
_SUMS = re.compile(
    r"\b(?:total|number|count|sum|maximum|minimum|average|all|out|some|(?<!first\s)(?<!second\s)half|each|one|any|group"
    r"|fleet)\s+of\s+$"
)
_MOVED = re.compile(
    r"\b(?:rose|fell|grew|climbed|dropped|rises|falls|grows|increased|decreased|shrank|jumped|sank)"
    r"\s+(?:to|from|by)\s+$"
)

_AFTER_A_YEAR = re.compile(
    rf"\b(?:the|this|that|its|their|our)\s+(?:{YEAR},\s+)*{YEAR},?\s+(?:and|or)\s+$", re.IGNORECASE
)
""" "the 2021 and 2022 lists"."""


def _is_no_year(text: str, start: int, end: int) -> bool:
    """Whether four digits that may be a year are a count: by what stands before and behind them."""
    before, after = text[max(0, start - 80) : start], text[end : end + 60]
    word = _word_before(text, start)
    plural = _PLURAL.match(after) is not None
    if re.search(r"[$€£¥#]$", before) or re.match(rf"\s?%|\s+per\s?cent\b|\s+times\b|\s+{SCALE}\b", after):
        return True
    if re.search(rf"\b(?:between\s+{YEAR}\s+and|from\s+{YEAR}\s+to)\s+$", before, re.IGNORECASE):
        return False
    if word in _TIME_BEFORE:
        return False
    if word in _HEDGES or word in _HAVING or _SUMS.search(before) or _MOVED.search(before):
        return True
    if word in ("is", "was", "are", "were") and re.search(r"\b(?:number|count|total|figure|sum)\b", before):
        return True
    if plural and _LIST_OF.search(before):
        return True
    if _COUNTED_NOUN.match(after) and int(text[start:end]) not in _LIKELY_YEARS and word != "in":
        return True
    owned = word in _OWNING or word == "of" or word.endswith(("’s", "'s", "s’"))
    listed = _AFTER_A_YEAR.search(before) is not None
    return (plural or bool(re.match(r"\s+of\b", after))) and not owned and not listed


_ONE_ALONE = _these("only just exactly but except save")
_ONE_OF_SOME = _these("no any every each which this that such another some the’")
_AFTER_PRONOUN = _these(
    "must can could should would may might will shall is was has had does did are were that which who whose for"
    " with by in on at of to from or and as than if when where but another thing things side hand way day time"
    " moment cannot not after before so too also then now it you we they he she i there here about over under into"
    " out up down"
)


def _one_counts(text: str, start: int, end: int) -> bool:
    """Whether "one" is a number ("one town") and no pronoun ("the one that closed", "one must not")."""
    before, after = _word_before(text, start), _word_after(text, end)
    compound = re.compile(r"-([a-z]+)").match(text, end)
    if compound:
        return compound[1] not in _ONE_COMPOUNDS
    if before in _ONE_ALONE:
        return True
    if _ONE_AND_THE_OTHER.match(text, end):
        return False
    if before == "the" and after.endswith(("ed", "ing", "en", "wn")):
        return False
    return bool(after) and after not in _AFTER_PRONOUN and before not in _ONE_OF_SOME


_ONE_AND_THE_OTHER = re.compile(r"\s+\w+(?:\s+[\w’'-]+){0,6}?\s+(?:another|the\s+(?:other|next)|at\s+a\s+time)\b")
_ONE_COMPOUNDS = _these(
    "time sided way off stop on to size hit man woman person party dimensional shot liner liners upmanship"
    " sidedness and"
)


def _zero_counts(text: str, start: int, end: int) -> bool:
    return _PLURAL.match(text, end) is not None or _word_before(text, start) in ("to", "at", "from", "reached")


_RANKED = re.compile(
    r"\b(?:is|are|was|were|be|been|ranks?|ranked|ranking|came|comes?|stands?|stood|places?|placed|finish(?:es|ed)?|for|joint"
    r"|remains?|remained)\s+(?:now\s+|again\s+|still\s+)?$",
    re.IGNORECASE,
)
_RANK_ENDS = re.compile(
    rf"\s*(?:[.,;:)!?]|$)|\s+(?:of|among|by|for|place|nationally|overall|and|in(?!\s+(?:{YEAR}|{MONTH})))\b"
)
_FIRST_TO = re.compile(
    r"(?:\s+(?!thing|step|chance|time|place)[a-z]+){0,3}?\s+to\s+(?!the\b|its\b|an?\b|be\b)[a-z]+\b"
)


def _first_ranks(text: str, start: int, end: int) -> bool:
    """Whether "first" is a place ("ranks first", "the first town to sign"), and not an order ("the first list")."""
    before, after = text[max(0, start - 40) : start], text[end : end + 60]
    if re.match(r"\s+place\b", after):
        turn = re.search(r"\bin\s+the\s+$", before, re.IGNORECASE) is not None
        return not turn or re.match(r"\s+place\s+(?:by|of|with|for|among)\b", after) is not None
    if re.match(rf"\s+of\s+(?:the\s+)?(?:\d|{SMALL}\b|{VALUE})", after, re.IGNORECASE):
        return True
    if re.search(r"\b(?:the|its|their)\s+$", before, re.IGNORECASE):
        return _FIRST_TO.match(after) is not None
    return _RANKED.search(before) is not None and _RANK_ENDS.match(after) is not None


_SUPERLATIVE_BEFORE = _these("the at its their his her our your my")
_AFTER_MOST = _these("of are were have had do did can could will would people men women children residents")
_MOST_OF_KIND = re.compile(
    r"\s+(?:other|such|these|those|large|small|big|local|southern|northern|eastern|western|new|old|young|rural|urban|poor"
    r"|rich|federal|public|private)\s+[a-z]+s\b"
)


def _most_is_a_part(text: str, start: int, end: int) -> bool:
    """Whether "most" is more than half ("most towns"), and no superlative ("has the most", "most recent")."""
    before, after = _word_before(text, start), _word_after(text, end)
    if before in _SUPERLATIVE_BEFORE or re.fullmatch(ORDINAL, before):
        return False
    if text[end : end + 1] == "-" or re.match(r"\s+of\s+all\b(?!\s)", text[end : end + 12]):
        return False
    if after in _AFTER_MOST or _MOST_OF_KIND.match(text, end):
        return True
    return bool(re.compile(r"\s+(?!others?\b)[a-z]+(?<![sui])s\b").match(text, end)) and after not in (
        "always",
        "perhaps",
    )


_BODIES = _these("senate house party republican democratic council ethnic racial religious absolute")
_OF_BODIES = _these(
    "leader leaders whip party opinion vote votes rule owner stake shareholder government member members caucus"
    " staff language"
)


def _majority_counts(text: str, start: int, end: int) -> bool:
    return _word_after(text, end) not in _OF_BODIES and _word_before(text, start) not in _BODIES


def _half_counts(text: str, _: int, end: int) -> bool:
    return text[end : end + 1] != "-" or text[end + 1 : end + 2].isdigit()


_COUNTS: dict[str, Callable[[str, int, int], bool]] = {
    "year": _is_no_year,
    "one": _one_counts,
    "zero": _zero_counts,
    "first": _first_ranks,
    "most": _most_is_a_part,
    "majority": _majority_counts,
    "half": _half_counts,
}


def _is_name(text: str, start: int, end: int) -> bool:
    """Whether number words are part of a name: "near Three Rivers", but not "Six Towns Sign" in a headline."""
    if not text[start].isupper() or text[start:end].isupper() or not re.compile(r"\s+[A-Z]").match(text, end):
        return False
    before = text[:start].rstrip()
    if not before or before[-1] in f'.!?:“"‘({VALUE}':
        return False
    return re.search(r"(?<![^\W_])[a-z]{4,}", text) is not None
