"""Words that are not understood → the nearest that are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cache

from generator.values import NumberStyle
from generator.words import amounts, grammar, numerals
from generator.words.lexicon import FILLERS, Lexicon, stem
from generator.words.tokens import Token, fold, tokens

CUTOFF = 0.75
"""How alike a misspelt word and the one that was meant must be, from 0 to 1."""

_RISES = (
    "soared surged jumped skyrocketed ballooned rocketed spiked swelled mushroomed exploded leapt leaped soaring"
    " surging jumping"
)
_FALLS = (
    "plunged plummeted tumbled crashed collapsed sagged dwindled slumped nosedived plunging plummeting tumbling"
)
OTHER_WORDS: dict[str, str] = {
    **dict.fromkeys(_RISES.split(), "rose"),
    **dict.fromkeys(_FALLS.split(), "fell"),
    "ca": "about", "c": "about", "odd": "or so", "underneath": "under", "topping": "more than",
    "topped": "more than", "surpassing": "more than", "surpassed": "more than", "lot": "", "runner": "second",
    "least": "fewest", "halfway": "half", "priciest": "highest",
}  # fmt: skip
"""What editors write and the language does not have, and what says the same. They only lead to advice."""

_UNSURE_DATES = re.compile(
    r"\b(?:(?:mid|early|late|(?:middle|beginning|start|end) of)\b|spring|summer|autumn|fall of|winter|season"
    r"|christmas|easter)",
    re.IGNORECASE,
)


def unsure_date(words: str) -> bool:
    """Whether a date is said by a season or a part of a month, whose days nobody can name."""
    return _UNSURE_DATES.search(fold(words).replace("-", " ")) is not None


@cache
def _vocabulary() -> frozenset[str]:
    phrases = (
        *amounts.HEDGES, *amounts.SUFFIXES, *amounts.PERCENT, *amounts.POINTS, *amounts.WHOLE, *amounts.NOTHING,
        *amounts.MORE_THAN_HALF, *amounts.LESS_THAN_HALF, *amounts.VAST, *amounts.HARDLY, *grammar.RISING,
        *grammar.FALLING, *grammar.STILL, *grammar.TOP, *grammar.BOTTOM, *grammar.TIED, *numerals.ONES,
        *numerals.TENS, *numerals.SCALES, *numerals.ORDINALS, *numerals.PARTS, *numerals.MULTIPLES, *numerals.SIZES,
        *FILLERS, "times", "fold", "dozen", "between", "since", "until", "through", "by", "including", "among",
        "except", "any", "many", "much", "often", "but", "alone", "others", "other", "namely", "place", "to", "or",
        "fewer", "halved", "percentage",
    )  # fmt: skip
    return frozenset(word for phrase in phrases for word in phrase.split())


_JOINED = {
    f"{place}{word}": f"{place}-{word}"
    for place in ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    for word in ("highest", "largest", "biggest", "most", "lowest", "smallest", "fewest")
}


def corrected(words: str, style: NumberStyle, lexicon: Lexicon, odd: str = "") -> Iterator[str]:
    """What may have been meant: misspelt words put right, one word of the language for another, words left out.

    ``odd`` is a word that is known and has no meaning here.
    """
    text = fold(words)
    found = tokens(text, style)
    known = _vocabulary() | {month.casefold() for month in style.months}
    names = {word for name in lexicon.names for word in name}
    own = {word.casefold() for word in lexicon.called.split()} | lexicon.own | lexicon.heads | lexicon.ways
    strange = [
        token for token in found
        if token.kind == "word" and token.raw
        and (token.text == odd or (token.text not in known | names and stem(token.text) not in own))
    ]  # fmt: skip
    numbers = re.sub(r"(?<=\d)[  .,’'](?=\d{3}\b)", style.thousands, text)
    if numbers != text:
        yield numbers
    for nearest in (0, 1):
        put = {token: _near(token.text, known | own | names, style, nearest) for token in strange}
        put = {token: word for token, word in put.items() if word}
        if put:
            yield _replaced(text, put)
    others = {token: OTHER_WORDS[token.text] for token in found if token.text in OTHER_WORDS}
    if others:
        yield _replaced(text, others)
        yield _replaced(text, {token: others.get(token, "") for token in [*strange, *others]})
        yield next(iter(others.values()))
    if strange:
        yield _DANGLING.sub("", _replaced(text, dict.fromkeys(strange, "")))
        yield _DANGLING.sub("", text[: strange[0].start].strip())


_DANGLING = re.compile(r"\s+(?:by|of|in|and|the|a|with)\Z")


def _near(word: str, known: frozenset[str] | set[str], style: NumberStyle, number: int) -> str:
    if word in _JOINED:
        return _JOINED[word]
    swapped = [other for other in sorted(known) if len(other) == len(word) and _swapped(word, other)]
    close = [*swapped, *difflib.get_close_matches(word, sorted({*known, *_JOINED}), n=3, cutoff=CUTOFF)]
    listed = list(dict.fromkeys(close))
    if number >= len(listed):
        return ""
    made = listed[number]
    months = {month.casefold(): month for month in style.months}
    made = _JOINED.get(made, months.get(made, made))
    return f"{made}s" if word.endswith("s") and not made.endswith("s") and made not in _vocabulary() else made


def _swapped(word: str, other: str) -> bool:
    """Whether two neighbouring letters changed places."""
    wrong = [index for index in range(len(word)) if word[index] != other[index]]
    match wrong:
        case [first, second]:
            return second == first + 1 and word[first] == other[second] and word[second] == other[first]
    return False


def _replaced(text: str, put: dict[Token, str]) -> str:
    for token in sorted(put, key=lambda token: -token.start):
        word = put[token]
        word = word[:1].upper() + word[1:] if token.raw[:1].isupper() and word else word
        text = text[: token.start] + word + text[token.end :]
    return " ".join(text.split())


def adds_no_word(words: str, other: str, style: NumberStyle) -> bool:
    """Whether the other text has no word that the first does not have, numbers aside."""
    typed = {token.text for token in tokens(words, style) if token.kind == "word"}
    return all(token.text in typed for token in tokens(other, style) if token.kind == "word")
