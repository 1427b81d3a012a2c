"""What was typed, with the data's figure in it: the same form, other numbers.

``rewritten`` proposes, the judge decides: a text counts as advice only when it holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from generator.model import Period
from generator.values import NumberStyle, ordinal_words
from generator.values.style import ordinal_digits
from generator.words import amounts
from generator.words.cursor import Cursor
from generator.words.grammar import BOTTOM, FALLING, RISING, STILL, TIED, TOP
from generator.words.lexicon import stem
from generator.words.numerals import MULTIPLES, ORDINALS, SCALES, ordinal, spelled
from generator.words.said import Meaning, Rank, When
from generator.words.tokens import Token, fold, tokens


class Standing(Struct, frozen=True):
    """A place from the top and from the bottom, with how many others share it."""

    top: int
    bottom: int
    tied: int
    among: int


class Truth(Struct, frozen=True):
    """What the data has, as far as words can say it. A share is in percent, a change has its sign."""

    style: NumberStyle
    number: float | None = None
    unit: str = ""
    """ "percent", "percentage points", or nothing."""
    decimals: int = 0
    factor: float | None = None
    """How many times."""
    ends: tuple[float, float] | None = None
    standing: Standing | None = None
    period: Period | None = None
    of: int | None = None
    """Of a group: how many there are in all."""
    names: tuple[str, ...] = ()


def rewritten(words: str, truth: Truth, means: type[Meaning] | None) -> Iterator[str]:
    """Other texts of the same form, the likeliest first; which of them hold is for the judge to say.

    ``means`` is what the words were read as.
    """
    text = fold(words)
    seen = {text}
    for made in _all(text, truth, means):
        plain = _plural(text, _agreeing(" ".join(made.split())))
        plain = plain.upper() if text.isupper() else _capital(plain) if text[:1].isupper() else plain
        if plain and plain not in seen:
            seen.add(plain)
            yield plain


def _all(text: str, truth: Truth, means: type[Meaning] | None) -> Iterator[str]:
    found = tokens(text, truth.style)
    if means is When:
        if truth.period:
            yield from _dates(text, truth.period, truth.style)
        return
    if truth.standing and (means is Rank or truth.number is None):
        yield from _places(text, found, truth.standing, truth.style)
        return
    if truth.number is not None or truth.factor is not None:
        yield from _directions(text, found, truth)
        yield from _figures(text, found, truth)
    if truth.names:
        yield from _lists(text, truth)


# --- numbers -------------------------------------------------------------------------------------------


class _Span(Struct, frozen=True):
    """A number in the text: where, what it says, the worth of its last digit, and how it is written."""

    start: int
    end: int
    number: float
    written: str
    token: int
    """Its first token."""
    after: int
    """The first token behind it."""


_WORDS_FOR_NUMBERS = (
    "half a dozen", "a couple of", "a couple", "both of", "both", "a pair of", "a pair", "a single", "one single",
    "a dozen", "dozen", "half a million", *amounts.NOTHING,
)  # fmt: skip


def _spans(text: str, found: Sequence[Token]) -> list[_Span]:
    """The numbers of a text, from left to right."""
    made: list[_Span] = []
    cursor = Cursor(found)
    while not cursor.done:
        first = cursor.at
        if cursor.take(*_WORDS_FOR_NUMBERS):
            number = 0.0
        else:
            said = cursor.numeral()
            if said is None:
                cursor.at = first + 1
                continue
            number = float(said[0])
        start, end = found[first].start, found[cursor.at - 1].end
        made.append(_Span(start, end, number, text[start:end], first, cursor.at))
    return made


def _figures(text: str, found: Sequence[Token], truth: Truth) -> Iterator[str]:
    spans = _spans(text, found)
    if truth.ends and len(spans) == 2:
        yield _put(
            text, spans, [_like(span, end, truth.style) for span, end in zip(spans, truth.ends, strict=True)]
        )
    yield from _fractions(text, found, truth)
    yield from _multiples(text, found, truth)
    values = [value for value in (truth.number, truth.factor) if value is not None]
    values += [truth.factor * 100] if truth.factor is not None and truth.number is None else []
    plain = _without_hedge(text, found)
    for value in values:
        size = abs(value)
        for span in spans[:1]:
            others = [span.written for span in spans[1:]]
            others = [_like(spans[1], truth.of, truth.style)] if truth.of is not None and spans[1:] else others
            if plain != text:
                for number in _rounded(span, size):
                    yield _put(text, spans, [_like(span, number, truth.style), *others])
            own = truth.decimals if truth.decimals and not truth.unit and size < _SMALL else None
            for decimals in dict.fromkeys((own, None, truth.decimals)):
                written = _like(span, size, truth.style, decimals)
                yield _put(text, spans, [written, *others])
                if plain != text:
                    shifted = _spans(plain, tokens(plain, truth.style))
                    yield _put(plain, shifted[:1], [written])
                if truth.unit:
                    yield _put(text, spans[:1], [f"{written} {_unit(truth)}"])
                    yield _UNITS.sub(f" {_unit(truth)}", _put(text, spans[:1], [written]), count=1)


_SMALL = 10
"""A figure with decimals below this is advised with them, whatever was typed: "6.5" and not "6"."""
_UNITS = re.compile(r"\s*(?:%|percent(?:age points?)?|per cent|points?)")


def _unit(truth: Truth) -> str:
    return truth.style.percent if truth.unit == "percent" else truth.unit


def _put(text: str, spans: Sequence[_Span], written: Sequence[str]) -> str:
    for span, new in reversed(list(zip(spans, written, strict=False))):
        text = text[: span.start] + new + text[span.end :]
    return text


def _like(span: _Span, value: float, style: NumberStyle, decimals: int | None = None) -> str:
    """The value as the number there is written: digits for digits, words for words, with the same scale."""
    whole = value == int(value)
    match = re.match(r"(?P<digits>[-+]?[\d.,  ]*\d)(?P<scale>.*)\Z", span.written)
    if match is None:
        scaled = [word for word in span.written.split() if word in SCALES]
        if whole and value < 100 and not scaled:
            return spelled(int(value))
        return style.number(value, 0 if whole else 1)
    typed = _decimals(match["digits"], style)
    scale = math.prod(SCALES[word] for word in match["scale"].replace("-", " ").split() if word in SCALES)
    if scale > 1 and round(value / scale, typed) > 0:
        return f"{style.number(value / scale, typed)}{match['scale']}"
    places = typed if decimals is None else decimals
    if whole and places > 1 and typed == 3:  # a point between thousands
        return style.number(value)
    made = style.number(value, places)
    bare = style.thousands and style.thousands not in match["digits"] and len(match["digits"]) > 3
    return made.replace(style.thousands, "") if bare else made


def _decimals(digits: str, style: NumberStyle) -> int:
    return len(digits.rpartition(style.decimal)[2]) if style.decimal in digits else 0


def _rounded(span: _Span, value: float) -> Iterator[float]:
    """Round numbers near the value, as round as what was typed; for a hedge that is to be kept."""
    if span.number <= 0 or value < 1e-6:
        return
    digits = f"{span.number:.0f}".rstrip("0") if span.number >= 1 else "1"
    kept = max(1, min(len(digits), 3))
    unit = 10.0 ** (math.floor(math.log10(value)) - kept + 1)
    loose: list[float] = []
    for step in (unit, unit / 2, unit / 10):
        if step < 1 and value == int(value):
            continue
        for number in (round(value / step), math.floor(value / step), math.ceil(value / step)):
            made = round(number * step, 6)
            if made and abs(made - value) <= value / 7:
                yield made
            else:
                loose.append(made)
    yield from (number for number in loose if number)


def _without_hedge(text: str, found: Sequence[Token]) -> str:
    cursor = Cursor(found)
    for index in range(len(found)):
        cursor.at = index
        taken = cursor.take(*amounts.HEDGES) or cursor.take(*amounts.SUFFIXES)
        if taken and amounts.HEDGES.get(taken, "") not in ("exactly", "precisely"):
            return f"{text[: found[index].start]} {text[found[cursor.at - 1].end :]}"
    return text


# --- parts and multiples -------------------------------------------------------------------------------

_PARTS = (
    ("half", 50.0), ("a third", 100 / 3), ("two-thirds", 200 / 3), ("a quarter", 25.0), ("three quarters", 75.0),
    ("a fifth", 20.0), ("two-fifths", 40.0), ("three-fifths", 60.0), ("four-fifths", 80.0), ("a tenth", 10.0),
)  # fmt: skip
_CLOSE = ("nearly ", "just over ", "about ")
_QUANTIFIERS = (*amounts.MORE_THAN_HALF, *amounts.LESS_THAN_HALF, *amounts.VAST, *amounts.WHOLE, *amounts.HARDLY,
                *amounts.NOTHING)  # fmt: skip


def _fractions(text: str, found: Sequence[Token], truth: Truth) -> Iterator[str]:
    """Another fraction in the place of one, or of a quantifier; the percentage where no fraction is near."""
    if truth.unit != "percent" or truth.number is None:
        return
    place = _part_of(found)
    if place is None:
        return
    first, last, hedged = place
    number = truth.number
    typed = text[found[first].start : found[last - 1].end]
    rest = text[found[last - 1].end :]
    of = " of" if re.search(r"\bof\Z", typed) or re.match(r"\s+the\b", rest) else ""
    before, start = text[: found[hedged].start], text[found[hedged].start : found[first].start]
    hedges = dict.fromkeys(
        (start, *_CLOSE, "") if start.strip() or typed.casefold() in _QUANTIFIERS else ("", *_CLOSE)
    )
    tenths = re.fullmatch(r"(?P<part>[\w-]+)(?P<between> (?:in|out of) (?:every )?)(?P<whole>[\w-]+)", typed)
    if tenths:
        spans = _spans(typed, tokens(typed, truth.style))
        if len(spans) == 2 and spans[1].number > 1:
            part = round(number / 100 * spans[1].number)
            for kept in hedges:
                yield before + kept + _put(typed, spans[:1], [_like(spans[0], part, truth.style)]) + rest
    near = sorted(_PARTS, key=lambda part: abs(part[1] - number))[:2]
    for name, _ in near:
        for kept in hedges:
            yield f"{before}{kept}{name}{of}{rest}"
    yield f"{before}{truth.style.number(number, truth.decimals)} {truth.style.percent}{of}{rest}"


def _part_of(found: Sequence[Token]) -> tuple[int, int, int] | None:
    """Where a fraction or quantifier stands: its first token, the one behind it, and where its hedge begins."""
    for index in range(len(found)):
        cursor = Cursor(found)
        cursor.at = index
        amounts.hedge(cursor)
        first = cursor.at
        if amounts.fraction(cursor) or cursor.take(*_QUANTIFIERS):
            return first, cursor.at, index
    return None


_VERBS: dict[str, float] = {"doubled": 2, "tripled": 3, "quadrupled": 4, "halved": 0.5}
_ADVERBS: dict[str, float] = {"twice": 2, "three times": 3, "four times": 4, "five times": 5, "half": 0.5}


def _multiples(text: str, found: Sequence[Token], truth: Truth) -> Iterator[str]:
    """Another multiple that is near; where none is, the number: "3.3 times"."""
    factor = truth.factor
    if factor is None:
        return
    for index, token in enumerate(found):
        if token.text not in MULTIPLES and token.text != "halved":
            continue
        words = _VERBS if token.text.endswith("ed") else _ADVERBS
        hedge = _hedge_before(found, index)
        before, after = text[: found[hedge].start], text[token.end :]
        for name in sorted(words, key=lambda word: abs(words[word] - factor)):
            if abs(words[name] - factor) <= words[name] / 4:
                for kept in dict.fromkeys((text[found[hedge].start : token.start], "", "nearly ", "more than ")):
                    yield f"{before}{kept}{name}{after}"
        if not token.text.endswith("ed"):
            yield f"{before}{truth.style.number(factor, 1)} times{after}"


def _hedge_before(found: Sequence[Token], index: int) -> int:
    for start in range(index):
        cursor = Cursor(found)
        cursor.at = start
        if cursor.take(*amounts.HEDGES) and cursor.at == index:
            return start
    return index


# --- directions ----------------------------------------------------------------------------------------

_OPPOSITE = (
    ("rose", "fell"), ("rise", "fall"), ("rises", "falls"), ("risen", "fallen"), ("rising", "falling"),
    ("grew", "shrank"), ("grow", "shrink"), ("grown", "shrunk"), ("growing", "shrinking"),
    ("increased", "decreased"), ("increase", "decrease"), ("increasing", "decreasing"), ("climbed", "dropped"),
    ("climb", "drop"), ("went up", "went down"), ("gone up", "gone down"), ("going up", "going down"),
    ("gained", "lost"), ("gain", "loss"), ("up", "down"), ("higher", "lower"), ("more", "fewer"), ("more", "less"),
    ("more than", "fewer than"), ("more than", "less than"), ("ahead of", "behind"), ("ahead", "behind"),
    ("larger", "smaller"), ("larger than", "smaller than"), ("higher than", "lower than"), ("above", "below"),
    ("has risen", "has fallen"), ("passed", "trailed"), ("increased", "declined"), ("increase", "decline"),
    ("exceeded", "trailed"), ("growth", "decline"), ("jump", "drop"), ("added", "lost"), ("rose", "slipped"),
    ("rose", "sank"), ("rose", "slid"), ("rose", "cut"), ("rise", "dip"), ("rise", "reduction"),
)  # fmt: skip
_COMPARING = ("more than", "fewer than", "less than", "ahead of", "behind", "larger than", "smaller than",
              "higher than", "lower than", "as many as", "as much as", "equal to", "level with")  # fmt: skip


def _directions(text: str, found: Sequence[Token], truth: Truth) -> Iterator[str]:
    """The other direction, in the form of the one that was typed, and then with the figure."""
    turned = [*_turned(text, found, truth)]
    yield from turned
    for other in turned:
        if truth.number is not None:
            yield from _figures(other, tokens(other, truth.style), truth)


def _turned(text: str, found: Sequence[Token], truth: Truth) -> Iterator[str]:
    moved = truth.number if truth.factor is None or truth.number is not None else truth.factor - 1
    up: dict[str, str] = {}
    down: dict[str, str] = {}
    for rising, falling in _OPPOSITE:
        down.setdefault(rising, falling)
        up.setdefault(falling, rising)
    for index, token in enumerate(found):
        cursor = Cursor(found)
        cursor.at = index
        taken = cursor.take(*RISING, *FALLING, *STILL, *up, *down)
        if not taken:
            continue
        end, compared = found[cursor.at - 1].end, taken in _COMPARING
        if not moved:
            yield f"{text[: token.start]}{'as many as' if compared else 'unchanged'}"
        elif taken in STILL:
            ways = ("more than", "fewer than") if compared else ("rose", "fell")
            yield f"{text[: token.start]}{ways[moved < 0]}{text[end:]}"
        else:
            other = (down if moved < 0 else up).get(taken)
            if other:
                yield f"{text[: token.start]}{other}{text[end:]}"
        return


# --- places --------------------------------------------------------------------------------------------

_ENDS = {
    "highest": "lowest", "largest": "smallest", "biggest": "smallest", "most": "fewest", "greatest": "smallest",
    "top": "lowest", "leading": "smallest", "lowest": "highest", "smallest": "largest", "fewest": "most",
    "least": "most", "last": "highest", "bottom": "highest",
}  # fmt: skip
_AS_ADJECTIVE = {"top": "highest", "leading": "largest", "number one": "highest", "top ranked": "highest",
                 "top ranking": "highest", "bottom": "lowest"}  # fmt: skip


def _places(text: str, found: Sequence[Token], standing: Standing, style: NumberStyle) -> Iterator[str]:
    """A rank in the form of the one typed: noun or adjective, digits or words, from the end it was counted from."""
    yield from _among_first(text, found, standing, style)
    first, last, form, superlative = _place_of(found)
    if first is None:
        return
    before, after = text[: found[first].start], text[found[last - 1].end :]
    after = re.sub(r"\A[\s,(]*\btied\b\)?", "", after) if not standing.tied else after
    before = _without_tie(before, found, first)
    of = re.search(r"\b(of|out of|among)(?: the| all)? \d+", after)
    if of and standing.among:
        after = re.sub(r"\d+", str(standing.among), after, count=1)
    for word, count in _ways(superlative, standing):
        said = f"{_ordinal_like(form, count, style)}" if count > 1 or not word else ""
        place = f"{said}-{word}" if said and word else said or word
        if word == "last" and said:
            place = f"{said}-to-last"
        if standing.tied:
            yield (
                f"{before}joint {place}{after}"
                if word or re.match(r"\s+place\b", after)
                else f"{before}tied for {place}{after}"
            )
            yield f"{before}tied for {place}{after}"
        else:
            yield f"{before}{place}{after}"


def _ways(superlative: str, standing: Standing) -> Iterator[tuple[str, int]]:
    """The word that ends a place, and the place counted from its end, the likeliest first."""
    if not superlative:
        yield "", standing.top
        return
    word = _AS_ADJECTIVE.get(superlative, superlative)
    other = _ENDS.get(word, "")
    own, far = (standing.top, standing.bottom) if superlative in TOP else (standing.bottom, standing.top)
    if superlative in TOP or own <= far:
        yield (superlative if own == 1 else word), own
    if other:
        yield other, far
    yield word, own


def _place_of(found: Sequence[Token]) -> tuple[int | None, int, str, str]:
    """Where a place stands: its first token, the one behind it, its number as written, and the superlative."""
    for index, token in enumerate(found):
        cursor = Cursor(found)
        cursor.at = index
        form = ""
        if cursor.take("no", "number", "nr", "rank", "place"):
            cursor.sign(".")
            if cursor.numeral() is not None:
                return index, cursor.at, token.raw, ""
            cursor.at = index
        if cursor.sign("#"):
            if cursor.numeral() is not None:
                return index, cursor.at, "#", ""
            cursor.at = index
        if token.kind == "ordinal":
            cursor.at, form = index + 1, "digits"
        elif spelled_out := ordinal(cursor.words()):
            cursor.at, form = index + spelled_out[1], "words"
        if form and cursor.take("to last", "from last", "from the bottom", "to the last"):
            return index, cursor.at, form, "last"
        superlative = cursor.take(*TOP, *BOTTOM) or ""
        if form or superlative:
            return index, cursor.at, form or "words", superlative
    return None, 0, "", ""


def _ordinal_like(form: str, count: int, style: NumberStyle) -> str:
    match form.casefold():
        case "digits":
            return ordinal_digits(count, style)
        case "words":
            words = next((word for word, value in ORDINALS.items() if value == count), "")
            return words if words and count < 11 else ordinal_words(count, style)
        case "#":
            return f"#{count}"
        case "no" | "nr":
            return f"{form}. {count}"
    return f"{form} {spelled(count) if count < 10 else count}"


def _without_tie(before: str, found: Sequence[Token], first: int) -> str:
    cursor = Cursor(found[:first])
    for index in range(first):
        cursor.at = index
        if cursor.take(*TIED):
            return before[: found[index].start] + before[found[cursor.at - 1].end :].lstrip()
    return before


def _among_first(text: str, found: Sequence[Token], standing: Standing, style: NumberStyle) -> Iterator[str]:
    """ "among the top ten" for "among the top five"."""
    if not re.search(r"\b(?:top|bottom|first|last|highest|lowest|largest|smallest|most|fewest)\b", text.casefold()):
        return
    spans = _spans(text, found)
    if len(spans) != 1:
        return
    for size in (3, 5, 10, 15, 20, 25):
        if size > spans[0].number and size * 2 <= standing.among:
            yield _put(text, spans, [_like(spans[0], size, style)])


# --- dates ---------------------------------------------------------------------------------------------


def _dates(text: str, period: Period, style: NumberStyle) -> Iterator[str]:
    """The same date format with the data's day, month and year; the start's and the end's, where two are named."""
    months = "|".join(map(re.escape, style.months))
    short = {month[:3]: number for number, month in enumerate(style.months, start=1)}
    whole = re.compile(
        rf"(?P<iso>\d{{4}}-\d\d(?:-\d\d)?)|\b(?P<year>\d{{4}})\b|\b(?P<month>{months})\b|\b(?P<short>{'|'.join(short)})\b|\b(?P<day>\d{{1,2}})(?P<nth>st|nd|rd|th)?\b",
        re.IGNORECASE,
    )
    two = re.search(r"\b(?:and|to|until|through)\b|–", text)
    ends = re.match(r"\s*(?:by|until|through|till|up to|no later than)\b", text, re.IGNORECASE)
    for day in dict.fromkeys((period.end if ends else period.start, period.end, period.start)):
        place = two.start() if two and not ends else len(text)

        def put(match: re.Match[str], day: object = day, place: int = place) -> str:
            date = period.end if match.start() > place else day if place == len(text) else period.start
            return _date_piece(match, date, style)

        yield whole.sub(put, text)
    said = style.period(period)
    before = "from" if " to " in said else "on" if period.grain == "day" else "in"
    if re.match(r"(?:in|on|during|since|by|until|through|from|between|as of)\b", text, re.IGNORECASE):
        yield f"{before} {said}"


def _date_piece(match: re.Match[str], date: object, style: NumberStyle) -> str:
    import datetime as dt

    assert isinstance(date, dt.date)
    if match["iso"]:
        return date.isoformat()[: len(match["iso"])]
    if match["year"]:
        return str(date.year)
    if match["month"]:
        return style.months[date.month - 1]
    if match["short"]:
        return style.months[date.month - 1][:3]
    return ordinal_digits(date.day, style) if match["nth"] else str(date.day)


# --- lists ---------------------------------------------------------------------------------------------


def _lists(text: str, truth: Truth) -> Iterator[str]:
    if not 0 < len(truth.names) < 6:
        return
    listed = truth.style.join(list(truth.names))
    if ":" in text:
        yield f"{text.partition(':')[0]}: {listed}"
    if text.casefold().startswith("only "):
        yield f"only {listed}"
    if text.casefold().endswith(" alone") and len(truth.names) == 1:
        yield f"{listed} alone"


# --- grammar -------------------------------------------------------------------------------------------


def _agreeing(text: str) -> str:
    """Articles and nouns that go with the number before them: "a decrease", "one town", "two towns"."""
    text = re.sub(
        r"\b(an|An)(?= (?:decrease|decline|drop|fall|loss|dip|reduction|rise|gain|jump)\b)",
        lambda m: m[0][:1],
        text,
    )
    text = re.sub(r"\b([aA])(?= increase\b)", r"\1n", text)
    one = re.match(r"(?P<number>one|1|only one|just one) (?P<noun>[a-z]+s)\b(?!')", text, re.IGNORECASE)
    if one and stem(one["noun"]) != one["noun"].casefold():
        return f"{one['number']} {stem(one['noun'])}{text[one.end() :]}"
    return text


_ONE = re.compile(r"(?:(?:only|just|exactly) )?(?:one|1|a single|no) (?P<noun>[a-z]+)\b(?!')", re.IGNORECASE)


def _plural(typed: str, made: str) -> str:
    """Of "one town" that became "two town": "two towns"."""
    made = re.sub(r"\bzero(?= [a-z])", "no", made)
    one = _ONE.match(typed)
    if one is None or _ONE.match(made):
        return made
    noun = one["noun"]
    ending = (
        "ies"
        if noun.endswith("y") and noun[-2:-1] not in "aeiou"
        else "es"
        if noun.endswith(("ch", "sh", "x", "ss"))
        else "s"
    )
    many = "people" if noun == "person" else (noun[:-1] if ending == "ies" else noun) + ending
    return re.sub(rf"\b{noun}\b", many, made, count=1)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
