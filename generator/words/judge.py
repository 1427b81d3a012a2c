"""Words and the data's figure → whether the one bears the other out, and what to say when not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from generator.model import Period
from generator.values import Interval, NumberStyle, Quantity, QuantityError, ordinal_words
from generator.words.dates import holds as date_holds
from generator.words.grammar import read
from generator.words.lexicon import FILLERS, Faults, Lexicon, stem
from generator.words.numerals import spelled
from generator.words.rewriting import Standing, Truth, rewritten
from generator.words.said import Amount, Direction, Meaning, Members, Number, Part, Rank, Reading, When
from generator.words.spelling import adds_no_word, corrected, unsure_date
from generator.words.tokens import fold

Outcome = Literal["holds", "fails", "unsure", "refused"]


class Fact(Struct, frozen=True):
    """A figure that words are held against. ``rank`` gives its place, where it has one, when it is asked."""

    quantity: Quantity
    lexicon: Lexicon = field(default_factory=Lexicon)
    rank: Callable[[], Quantity] | None = None
    texts: tuple[str, ...] = ()
    """The words for a category."""


class Place(Struct, frozen=True):
    """One date or period."""

    period: Period
    lexicon: Lexicon = field(default_factory=Lexicon)


class Group(Struct, frozen=True):
    """Some of a collection's entities, or of a dataset's rows (then without keys).

    ``size`` is how many the collection has, ``maybe`` how many of the others have no figure and might belong.
    """

    count: int
    keys: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None
    maybe: int = 0
    lexicon: Lexicon = field(default_factory=Lexicon)
    single: bool = False
    """It is one entity, asked for by itself."""
    rule: str = ""
    """By what they were chosen: "no loans, 2025"."""


class Verdict(Struct, frozen=True):
    """``says`` is what the data says, short; ``advice`` what to do; ``more`` labelled further lines.

    ``instead`` are words that would hold; ``means`` is what was read, by which a computed form can be advised.
    """

    outcome: Outcome
    code: str = ""
    says: str = ""
    advice: str = ""
    more: tuple[tuple[str, str], ...] = ()
    instead: str = ""
    means: type[Meaning] | None = None
    strange: str = ""
    """A word beside the number that is not understood there."""


HOLDS = Verdict("holds")
_AMBIGUOUS = re.compile(r"\b(times|fold) (more|higher|larger|greater|bigger|fewer|less|lower|smaller)\b")
_TIMES_MORE = "Some read “three times more” as three times as many, some as four. Write “three times as many”."
_ONLY_THE_WORDS = "Put only the words that the figure can bear out in the brackets"
_OTHER_STYLE = re.compile(r"\d[  .,’']\d")
MOST_TRIED = 30
"""Other words that are held against the data in search of advice."""
_ORDER: tuple[Outcome, ...] = ("holds", "fails", "unsure", "refused")
"""Of several meanings the one that speaks best for the words counts."""

UNDERSTOOD = (
    "numbers (2,460 · six · 2.5 million), hedges (about, nearly, just over, at least …), percent, fractions, most, "
    "all, none, doubled, ranks (second-highest), rose and fell, lists of names, dates"
)


def judge(
    words: str, thing: Fact | Place | Group, style: NumberStyle, readings: Sequence[Reading] | None = None
) -> Verdict:
    """Holds words against what an expression gave. Whatever cannot be judged is refused, never passed.

    ``readings`` are what :func:`read` makes of the words, where that is known already. What the verdict advises
    holds, and has the form of what was typed.
    """
    verdict = _judged(words, thing, style, readings)
    if verdict.outcome == "holds":
        return verdict
    if verdict.outcome == "refused" and isinstance(thing, Place) and unsure_date(words):
        said = f"the words “{' '.join(words.split())}” are not understood"
        return Verdict("refused", "claim-words", said, _exact_date(thing.period, style))
    if verdict.instead:
        others = rewritten(words, _truth(thing, style), verdict.means)
        fitting = (text for text in islice(others, MOST_TRIED) if _judged(text, thing, style).outcome == "holds")
        instead = next(fitting, verdict.instead)
        verdict = replace(verdict, instead=instead, advice=_write(instead))
    elif verdict.code == "claim-noun" and thing.lexicon.called:
        verdict = _other_noun(verdict, words, thing, style)
    elif verdict.code == "claim-words" and not verdict.advice:
        verdict = _nearest(verdict, words, thing, style, lambda other: _judged(other, thing, style))
    return verdict


def _judged(
    words: str, thing: Fact | Place | Group, style: NumberStyle, readings: Sequence[Reading] | None = None
) -> Verdict:
    lexicon = thing.lexicon
    if isinstance(thing, Fact) and thing.texts and fold(words).casefold() in map(str.casefold, thing.texts):
        return HOLDS
    readings = read(words, style, lexicon.names) if readings is None else readings
    court = _Court(style)
    if not readings:
        return _not_understood(words, style)
    results = [(court.try_one(reading, thing), reading) for reading in readings]
    fitting = [(verdict, reading) for verdict, reading in results if verdict is not None]
    if not fitting:
        return court.misfit(readings, thing)
    judged = [
        replace(_with_nouns(verdict, reading, lexicon), means=type(reading.meaning)) for verdict, reading in fitting
    ]
    others = [reading for verdict, reading in results if verdict is None and not _faults(reading, lexicon).strange]
    if any(verdict.outcome != "refused" for verdict in judged):
        return min(judged, key=lambda verdict: _ORDER.index(verdict.outcome))
    parts = [reading for reading in others if isinstance(reading.meaning, Part)]
    if parts or (others and all(verdict.code == "claim-words" for verdict in judged)):
        return court.misfit(parts or others, thing)  # "a majority" is a part, before it is "a" and a noun
    if judged[0].code == "claim-words" and _AMBIGUOUS.search(fold(words).casefold()):
        return replace(judged[0], says=f"the words “{' '.join(words.split())}” are ambiguous", advice=_TIMES_MORE)
    return judged[0]


def _not_understood(words: str, style: NumberStyle) -> Verdict:
    shown = " ".join(words.split())
    advice = ""
    if unsure_date(words):
        advice = _exact_date(None, style)
    elif _OTHER_STYLE.search(_without_numerals(shown, style)):
        advice = f"Numbers are written here like {style.number(12460)} and {style.number(86.1, 1)}."
    return Verdict("refused", "claim-words", f"the words “{shown}” are not understood", advice)


def _nearest(
    verdict: Verdict, words: str, thing: Fact | Place | Group, style: NumberStyle, judged: Callable[[str], Verdict]
) -> Verdict:
    """The words nearest to those that are not understood: such as hold, else such as are understood."""
    truth = _truth(thing, style)
    meant = understood = ""
    means: type[Meaning] | None = None
    for text in dict.fromkeys(corrected(words, style, thing.lexicon, verdict.strange)):
        found = judged(text)
        if found.outcome == "refused" or (found.means is When and adds_no_word(words, text, style)):
            continue
        understood, means = (understood, means) if understood else (text, found.means)
        fitting = (text, *islice(rewritten(text, truth, found.means), MOST_TRIED))
        meant = next((other for other in fitting if judged(other).outcome == "holds"), "")
        if meant:
            means = found.means
            break
    meant = meant or understood
    plain = "" if meant else _said_plainly(thing, style)
    plain = plain if plain and judged(plain).outcome == "holds" else ""
    if meant and adds_no_word(words, meant, style):
        advice = f"{_ONLY_THE_WORDS}: [{meant}]{{= … }}."
        return replace(verdict, advice=advice, instead=meant, means=means)
    rest = f"{_ONLY_THE_WORDS}." if verdict.strange else f"Understood: {UNDERSTOOD}."
    if meant:
        says = f"the words “{' '.join(words.split())}” are not understood"
        advice = f"Did you mean [{meant}]{{= … }}? Understood: {UNDERSTOOD}."
        return replace(verdict, says=says, advice=advice, instead=meant, means=means)
    return replace(
        verdict,
        advice=f"The data’s {'date' if isinstance(thing, Place) else 'figure'} is [{plain}]{{= … }}. {rest}"
        if plain
        else rest,
    )


def _other_noun(verdict: Verdict, words: str, thing: Fact | Place | Group, style: NumberStyle) -> Verdict:
    """The figure's own noun in the place of another, where the words then hold."""
    own = re.sub(rf"\b{re.escape(verdict.strange)}\b", thing.lexicon.called, fold(words), flags=re.IGNORECASE)
    others = (own, *islice(rewritten(own, _truth(thing, style), verdict.means), MOST_TRIED))
    found = next((text for text in others if _judged(text, thing, style).outcome == "holds"), "")
    if not found:
        return verdict
    return replace(verdict, advice=f"Write [{found}]{{= … }}, or bind a figure of what the words say.")


def _said_plainly(thing: Fact | Place | Group, style: NumberStyle) -> str:
    court = _Court(style)
    if isinstance(thing, Place):
        return style.period(thing.period)
    if isinstance(thing, Group):
        return court.counted_of(thing) if not thing.single else ""
    quantity = thing.quantity
    if quantity.kind == "category" or not quantity.known or quantity.number is None:
        return ""
    return court.moved(quantity) if quantity.kind == "change" else court.shown(quantity)


def _truth(thing: Fact | Place | Group, style: NumberStyle) -> Truth:
    """What the data has, for words in the form of those that were typed."""
    if isinstance(thing, Place):
        return Truth(style, period=thing.period)
    if isinstance(thing, Group):
        names = tuple(thing.names.get(key, key) for key in thing.keys)
        return Truth(style, thing.count, of=thing.size, names=names)
    quantity = thing.quantity
    if not quantity.known or quantity.number is None:
        return Truth(style)
    if quantity.kind == "rank":
        return Truth(style, standing=_standing(quantity))
    number = quantity.need()
    ratio = quantity.kind == "ratio"
    factor = (
        number if ratio else 1 + number / 100 if quantity.kind == "change" and quantity.unit == "percent" else None
    )
    ends = tuple(end.need() for end in quantity.ends) if quantity.ends else None
    unit = "percent" if quantity.unit == "percent" or quantity.kind == "share" else ""
    return Truth(
        style, None if ratio else number, quantity.unit if quantity.unit == "percentage points" else unit,
        quantity.decimals, factor, (ends[0], ends[1]) if ends else None, _place_of(thing), quantity.period,
    )  # fmt: skip


def _place_of(fact: Fact) -> Standing | None:
    """Where the figure itself stands, if it has a place."""
    try:
        return _standing(fact.rank()) if fact.rank else None
    except QuantityError:
        return None


def _standing(rank: Quantity) -> Standing | None:
    if not rank.known or rank.number is None:
        return None
    place, among, tied = int(rank.need()), int(rank.among), rank.tied
    last = among - place - tied + 1 if among else 0
    return Standing(*((last, place) if rank.lowest_first else (place, last)), tied, among)


def _exact_date(period: Period | None, style: NumberStyle) -> str:
    """What to write for "mid-March" or "last summer"; ``period`` is the figure's own, where it is a date."""
    said = "Nobody can say which days that is, so nothing is held against it. Write the "
    if period is None:
        month, day = style.month_year(_SOME_DAY), style.day(_SOME_DAY)
        return f"{said}month or the day, [in {month}]{{= … }}, [on {day}]{{= … }}."
    own = style.period(period)
    before = "from" if " to " in own else "on" if period.grain == "day" else "in"
    return f"{said}date of the figure, [{before} {own}]{{= … }}, or its month or year."


_SOME_DAY = dt.date(2025, 3, 14)


def _without_numerals(text: str, style: NumberStyle) -> str:
    """The text without the numerals that are written as the site writes them."""
    thousands, decimal = re.escape(style.thousands), re.escape(style.decimal)
    return re.sub(rf"\d{{1,3}}(?:{thousands}\d{{3}})+(?:{decimal}\d+)?(?!\d)|\d+{decimal}\d+", "", text)


def _with_nouns(verdict: Verdict, reading: Reading, lexicon: Lexicon) -> Verdict:
    faults = _faults(reading, lexicon)
    foreign, strange = faults.foreign, faults.strange
    called = lexicon.called or "something else"
    if strange:
        word = strange[0]
        said = f"the word “{word}” is not understood here: the expression gives {called}"
        return Verdict("refused", "claim-words", said, strange=word)
    if foreign and verdict.outcome in ("holds", "fails", "unsure"):
        advice = f"Call it “{called}”, or bind a figure of what the words say."
        return Verdict("fails", "claim-noun", f"{called}, not {foreign[0]}", advice, strange=foreign[0])
    return verdict


_COUNTED = ("most", "fewest", "least")


def _faults(reading: Reading, lexicon: Lexicon) -> Faults:
    """What the words beside a number or a place must not be."""
    meaning = reading.meaning
    if isinstance(meaning, Rank):
        reading = replace(reading, nouns=_of_any(reading.nouns))
        if meaning.within:
            return lexicon.faults(reading.nouns, direct=lexicon.heads | lexicon.kinds | lexicon.ways)
        counted = meaning.word.rpartition(" ")[2] in _COUNTED
        if meaning.word == "more than any other":
            nouns = [noun for noun in reading.nouns if stem(noun) not in lexicon.kinds]
            return lexicon.faults(nouns, direct=lexicon.heads)
        direct = lexicon.heads if counted else lexicon.heads - lexicon.units
        named = lexicon.ways | (direct if meaning.end else frozenset())
        return lexicon.faults(reading.nouns, direct=named, place=not meaning.end)
    share = isinstance(meaning, Part) or (isinstance(meaning, Number) and meaning.amount.unit == "percent")
    if not share and "share" in reading.nouns:  # "a share of 387"
        lexicon = replace(lexicon, ways=lexicon.ways - {"share"})
    return lexicon.faults(reading.nouns, of=share)


def _of_any(nouns: tuple[str, ...]) -> tuple[str, ...]:
    """ "of any town" among ranked towns says no more than "of all"."""
    return tuple(noun for index, noun in enumerate(nouns) if noun != "any" or not index or nouns[index - 1] != "of")


class _Court:
    def __init__(self, style: NumberStyle) -> None:
        self.style = style

    def try_one(self, reading: Reading, thing: Fact | Place | Group) -> Verdict | None:
        """The verdict of one meaning; None when it is no meaning for such a thing."""
        if isinstance(thing, Group):
            return self.group(reading, thing)
        if isinstance(thing, Place):
            return self.when(reading.meaning, thing.period) if isinstance(reading.meaning, When) else None
        return self.fact(reading, thing)

    def misfit(self, readings: Sequence[Reading], thing: Fact | Place | Group) -> Verdict:
        """Understood, but of another kind than what the expression gives."""
        meaning = readings[0].meaning
        said, gives = _KINDS[type(meaning)], _gives(thing)
        if isinstance(meaning, Members) and meaning.count is None and len(meaning.names) == 1:
            said = "a place"
        if isinstance(meaning, Number) and meaning.among is not None and said == gives:
            said, gives = f"how many of {meaning.among}", "a number that is no part of a group"
        return Verdict(
            "refused", "claim-kind", f"the words say {said}, the expression gives {gives}", _way(readings)
        )

    # --- figures ----------------------------------------------------------------------------------------

    def fact(self, reading: Reading, fact: Fact) -> Verdict | None:
        meaning, quantity = reading.meaning, fact.quantity
        if isinstance(meaning, When):
            # "2026" alone beside a figure is a number, and a date has no noun
            if (meaning.bare and meaning.start.month is None) or set(reading.nouns) - FILLERS:
                return None
            return self.when(meaning, quantity.period) if quantity.period and quantity.kind != "change" else None
        if isinstance(meaning, Rank):
            if quantity.kind != "rank" and meaning.word == "most":
                return None  # "most loans", which may well be a part
            ranked = quantity if quantity.kind == "rank" else fact.rank() if fact.rank else None
            return self.rank(meaning, ranked) if ranked is not None else None
        if isinstance(meaning, Members) or quantity.kind == "category":
            return None
        missing = self.missing(quantity)
        if missing:
            return missing
        if isinstance(meaning, Direction):
            return self.direction(meaning, quantity)
        if quantity.kind == "rank":
            amount = meaning.amount
            plain = isinstance(meaning, Number) and not amount.unit and not amount.hedge and amount.upto is None
            if not plain or amount.number != int(amount.number) or set(reading.nouns) - FILLERS:
                return None
            return self.rank(Rank(int(amount.number), among=_of(meaning)), quantity)
        if reading.by and quantity.kind not in ("change", "ratio"):
            return None
        if quantity.kind == "change" and isinstance(meaning, Number):
            return self.difference(meaning.amount, quantity)
        if reading.by and quantity.kind == "ratio":
            return self.direction(Direction(1, meaning.amount), quantity)
        if isinstance(meaning, Number) and meaning.among is not None:
            return None
        return self.amount(meaning.amount, quantity)

    def difference(self, amount: Amount, quantity: Quantity) -> Verdict | None:
        """A number without a direction is of a rise; of a fall the words must say that it is one."""
        if amount.upto is not None and amount.rule == "typed" and not amount.hedge:
            ends = replace(amount, upto=None), replace(amount, number=amount.upto, upto=None)
            return self.ends(Direction(0, ends=ends), quantity)
        if quantity.bounds.high < 0 <= amount.number and amount.unit != "times":
            says = self.moved(quantity)
            return Verdict("fails", "claim-direction", says, instead=says)
        return self.amount(amount, quantity)

    def missing(self, quantity: Quantity) -> Verdict | None:
        """What has no figure bears nothing out, "none" neither."""
        if quantity.known and quantity.number is not None:
            return None
        why = quantity.status if quantity.status != "known" else "no number"
        advice = "Ask first: {% if … is known %}, or say that there is no figure."
        return Verdict("refused", "claim-unknown", f"{quantity.name} is {why}", advice)

    def amount(self, amount: Amount, quantity: Quantity, *, unsigned: bool = False) -> Verdict | None:
        """A number against a figure, in the figure's unit."""
        span = quantity.bounds
        if unsigned and span.high <= 0:
            span = Interval(-span.high, -span.low, span.high_open, span.low_open)
        percent, points = (
            quantity.unit == "percent" or quantity.kind == "share",
            quantity.unit == "percentage points",
        )
        code = "claim-share" if percent or points else "claim-number"
        if quantity.kind == "ratio":
            return self._ratio(amount, span, quantity)
        if percent and amount.unit == "times" and quantity.kind == "change":
            grown = quantity.bounds.plus(Interval(100, 100), 1).times(0.01)
            return self.settle(amount.admits(grown), "claim-ratio", quantity)
        wanted: tuple[str, ...] = ("percent", "part") if percent else ("points",) if points else ("",)
        if amount.unit in wanted:
            if _as_published(amount, quantity):
                return HOLDS
            if _as_if_exact(amount, quantity):
                return self.settle(None, code, quantity)
            return self.settle(amount.admits(span), code, quantity)
        return self._other_unit(amount, quantity, percent=percent, points=points)

    def _other_unit(self, amount: Amount, quantity: Quantity, *, percent: bool, points: bool) -> Verdict | None:
        says = self.shown(quantity)
        if points and amount.unit in ("percent", "part"):
            says = f"{says} percentage points"
            return Verdict("fails", "claim-unit", f"{says}, a difference of two shares, not percent", instead=says)
        if percent and amount.unit == "points":
            return Verdict("fails", "claim-unit", f"{says}, which is no difference of two shares", instead=says)
        if (percent or points) and not amount.unit:
            return Verdict("fails", "claim-unit", f"{says}, and the words do not say percent", instead=says)
        if amount.unit == "times" and quantity.ends:
            return self._ratio(amount, quantity.ends[1].bounds.over(quantity.ends[0].bounds), quantity)
        if amount.unit == "part":
            return None
        kind = {"percent": "a percentage", "points": "percentage points", "times": "a multiple"}[amount.unit]
        says = f"the words say {kind}, the expression gives {says} {quantity.unit}".rstrip()
        return Verdict("refused", "claim-unit", says, _UNIT_WAYS.get(amount.unit, ""))

    def _ratio(self, amount: Amount, span: Interval, quantity: Quantity) -> Verdict | None:
        if amount.unit in ("percent", "part"):
            made = self.settle(amount.admits(span.times(100)), "claim-ratio", quantity)
            says = f"{self.style.number(quantity.need() * 100, 1)} {self.style.percent}"
            return made if made.outcome == "holds" else replace(made, says=says, instead=says)
        if amount.unit == "points":
            return None
        return self.settle(amount.admits(span), "claim-ratio", quantity)

    def settle(self, admitted: bool | None, code: str, quantity: Quantity) -> Verdict:
        if admitted:
            return HOLDS
        says = self.moved(quantity) if quantity.kind == "change" and quantity.need() <= 0 else self.shown(quantity)
        if quantity.unit == "percentage points" and not says.endswith("points"):
            says = f"{says} percentage points"
        if admitted is None:
            return Verdict("unsure", "claim-precision", f"{says}, which does not decide it", instead=says)
        return Verdict("fails", code, says, instead=says)

    def shown(self, quantity: Quantity) -> str:
        """The figure as a sentence would print it, with decimals enough to tell."""
        if quantity.kind == "rank":
            return self.place(quantity)
        if quantity.kind == "ratio" and 0 < quantity.need() < 0.5:  # less than half is a part, and no multiple
            return f"{self.style.number(quantity.need() * 100, 1)} {self.style.percent}"
        if quantity.kind == "ratio":
            return f"{quantity.print(self.style)} times"
        try:
            return quantity.print(self.style).removeprefix("+")
        except QuantityError as error:
            return error.message

    # --- directions -------------------------------------------------------------------------------------

    def direction(self, said: Direction, quantity: Quantity) -> Verdict | None:
        if quantity.kind not in ("change", "ratio"):
            return None
        span = quantity.bounds
        against = Interval(1, 1) if quantity.kind == "ratio" else Interval(0, 0)
        up, down, same = against.below(span), span.below(against), span == against
        if said.ends:
            reached = self.ends(said, quantity)
            if said.amount is None or reached is None or reached.outcome != "holds":
                return reached
        says = self.moved(quantity)
        if said.ends and not said.sign and said.amount:  # "doubled from six to 12"
            return self.amount(said.amount, quantity)
        true = up if said.sign > 0 else down if said.sign < 0 else same
        if not true:
            known = up or down or same
            return Verdict("fails" if known else "unsure", "claim-direction", says, instead=says)
        if said.amount is None:
            return HOLDS
        amount = said.amount
        if quantity.kind == "ratio" and amount.unit in ("percent", "part"):
            change = span.plus(Interval(1, 1), -1).times(100)
            change = Interval(-change.high, -change.low) if said.sign < 0 else change
            return self.settle(amount.admits(change), "claim-ratio", quantity)
        found = self.amount(amount, quantity, unsigned=True)
        return (
            replace(found, says=says, instead=says)
            if found and found.code in ("claim-number", "claim-ratio")
            else found
        )

    def ends(self, said: Direction, quantity: Quantity) -> Verdict | None:
        if quantity.ends is None or said.ends is None:
            return None
        first, last = quantity.ends
        told = [(amount, end) for amount, end in zip(said.ends, (first, last), strict=True) if amount]
        judged = [self.amount(amount, end) for amount, end in told]
        says = f"from {self.shown(first)} to {self.shown(last)}"
        wrong = next((v for v in judged if v is None or v.outcome != "holds"), None)
        if None in judged:
            return None
        up, down = last.bounds.low > first.bounds.high, last.bounds.high < first.bounds.low
        moved = not said.sign or (up if said.sign > 0 else down)
        if wrong is None and moved:
            return HOLDS
        return Verdict("fails", wrong.code if wrong else "claim-direction", says, instead=says)

    def moved(self, quantity: Quantity) -> str:
        if quantity.kind == "ratio":
            return f"{self.shown(quantity)} as much"
        number = quantity.need()
        size = self.shown(
            replace(
                quantity, number=abs(number), span=None, kind="number" if not quantity.is_percentage else "share"
            )
        )
        unit = " percentage points" if quantity.unit == "percentage points" else ""
        return "no change" if not number else f"{'up' if number > 0 else 'down'} by {size}{unit}"

    # --- ranks ------------------------------------------------------------------------------------------

    def rank(self, said: Rank, quantity: Quantity) -> Verdict:
        missing = self.missing(quantity)
        if missing:
            return missing
        place, tied, among = int(quantity.need()), quantity.tied, int(quantity.among)
        says = self.place(quantity)
        more = tuple((label, text) for label, text in (quantity.near() if quantity.near else ()))
        if said.among is not None and said.among != among:
            return Verdict(
                "fails",
                "claim-rank",
                says,
                more=more,
                instead=f"{self.advised(quantity, said.end)} of {among}" if among else "",
            )
        if said.above or said.level:
            beside = self.beside(said, quantity)
            if beside is not None or not said.place:
                return replace(beside or HOLDS, more=more if beside else ())
        end = said.end
        counted = place
        if end and (end == "bottom") != quantity.lowest_first:
            if not among:
                return Verdict(
                    "refused",
                    "claim-rank",
                    f"{says}; how many are ranked is not known",
                    "Count from the other end.",
                )
            counted = among - place - tied + 1
        if said.within:
            if counted + tied <= said.place:
                return HOLDS
            code = "claim-rank" if counted > said.place else "claim-tie"
            if code == "claim-tie":
                says = f"{says}, so that {self.many(counted + tied)} would be among them"
            return Verdict("fails", code, says, more=more, instead=self.advised(quantity, end))
        if counted != said.place:
            return Verdict("fails", "claim-rank", says, more=more, instead=self.advised(quantity, end))
        if bool(tied) != said.tied:
            return Verdict("fails", "claim-tie", says, more=more, instead=self.advised(quantity, end))
        return HOLDS

    def beside(self, said: Rank, quantity: Quantity) -> Verdict | None:
        """Whether exactly those that are named stand above it, or share its place; None when they do."""
        if quantity.peers is None:
            why = "who else is ranked is not known here"
            return Verdict("refused", "claim-rank", why, "Write .rank after the value.")
        peers = quantity.peers()
        named, actual = (said.above, peers.above) if said.above else (said.level, peers.level)
        if set(named) == set(actual) and len(set(named)) == len(named):
            return None
        names = _joined(list(actual.values())[:4]) if len(actual) < 5 else f"{len(actual)} others"
        if said.level:
            says = f"tied with {names}" if actual else f"{self.place(quantity)}, which it shares with nobody"
            instead = f"tied with {names}" if 0 < len(actual) < 5 else self.advised(quantity, said.end)
            return Verdict("fails", "claim-tie", says, instead=instead)
        place = int(quantity.need())
        tie = "joint " if quantity.tied else ""
        says = f"{self.place(quantity)}, behind {names}" if actual else self.place(quantity)
        instead = f"{tie}{ordinal_words(place, self.style)}, behind {names}"
        if place == 2 and not quantity.tied:
            instead = f"second only to {names}"
        elif not 0 < len(actual) < 5:
            instead = self.advised(quantity, said.end)
        return Verdict("fails", "claim-rank", says, instead=instead)

    def place(self, quantity: Quantity) -> str:
        """ "third of 51, shared by two"."""
        text = ordinal_words(int(quantity.need()), self.style)
        if quantity.among:
            text += f" of {int(quantity.among)}"
        return f"{text}, shared by {spelled(quantity.tied + 1)}" if quantity.tied else text

    def advised(self, quantity: Quantity, end: str) -> str:
        place, among = int(quantity.need()), int(quantity.among)
        tied = "tied for " if quantity.tied else ""
        if end and among:
            from_bottom = among - place - quantity.tied + 1
            other = from_bottom if not quantity.lowest_first else place
            top = place if not quantity.lowest_first else from_bottom
            near_bottom = other < top and end == "bottom"
            count, word = (other, "lowest") if near_bottom else (top, "highest")
            return f"{tied}{word}" if count == 1 else f"{tied}{ordinal_words(count, self.style)}-{word}"
        return f"{tied}{ordinal_words(place, self.style)}"

    # --- groups -----------------------------------------------------------------------------------------

    def group(self, reading: Reading, group: Group) -> Verdict | None:
        meaning = reading.meaning
        if isinstance(meaning, Members):
            return self.members(meaning, group)
        if group.single:
            return None
        if isinstance(meaning, Number):
            amount = meaning.amount
            if meaning.among is not None and (group.size is None or meaning.among != group.size):
                return Verdict("fails", "claim-count", self.counted(group), instead=self.counted_of(group))
            if amount.unit == "percent":
                return self.share_of_all(amount, group)
            if amount.unit:
                return None
            if amount.number == 0 and amount.rule != "size" and not amount.hedge:
                return (
                    self.share_of_all(Amount(0, "part", step=1e-9), group)
                    if group.size
                    else self.count(amount, group)
                )
            return self.count(amount, group)
        return self.share_of_all(meaning.amount, group) if isinstance(meaning, Part) else None

    def count(self, amount: Amount, group: Group) -> Verdict:
        if amount.admits(Interval(group.count, group.count)):
            return HOLDS
        return Verdict(
            "fails", "claim-count", self.counted(group), more=self.listing(group), instead=self.counted_of(group)
        )

    def counted(self, group: Group) -> str:
        """ "six of 51 towns", "none of the towns"."""
        called = f" {group.lexicon.called}" if group.lexicon.called else ""
        if not group.count:
            return f"none of the{called}" if called else "none"
        if group.count == group.size:
            return f"all {self.many(group.count)}{called}"
        total = f" of {group.size}" if group.size else ""
        called = called.replace(" rows of ", " row of ") if group.count == 1 else called
        return f"{self.many(group.count)}{total}{called}"

    def counted_of(self, group: Group) -> str:
        """The same, as a sentence has it: "three of the six towns"."""
        said, size = self.counted(group), group.size
        return said.replace(f" of {size} ", f" of the {self.many(size)} ") if size else said

    def many(self, count: int) -> str:
        """So many, as a sentence of the site writes it."""
        return spelled(count) if count < self.style.spell_out_below else self.style.number(count)

    def share_of_all(self, amount: Amount, group: Group) -> Verdict | None:
        """The part of the collection that the group is; those without a figure might belong."""
        if not group.size:
            return None
        scale = 100 / group.size
        span = Interval(group.count * scale, (group.count + group.maybe) * scale)
        admitted = amount.admits(span)
        if admitted:
            return HOLDS
        says = self.counted(group)
        if admitted is None:
            says = f"{says}, and {group.maybe} more have no figure"
            return Verdict(
                "unsure", "claim-unknown", says, "Say of how many nothing is known.", self.listing(group)
            )
        return Verdict("fails", "claim-share", says, more=self.listing(group), instead=self.counted_of(group))

    def members(self, said: Members, group: Group) -> Verdict | None:
        if said.names and not group.names:
            return None
        twice = next((key for key in said.names if said.names.count(key) > 1), "")
        once = Verdict("fails", "claim-list", f"{group.names.get(twice, twice)} once", "", self.listing(group))
        if said.but:
            return once if twice else self.all_but(said, group)
        if twice:
            return once
        own, named = set(group.keys), set(said.names)
        wrong = [key for key in said.names if key not in own]
        missing = [key for key in group.keys if key not in named]
        if said.count is not None and not said.count.admits(Interval(group.count, group.count)):
            return Verdict(
                "fails",
                "claim-count",
                self.counted(group),
                more=self.listing(group),
                instead=self.counted_of(group),
            )
        if wrong:
            return self._wrong(wrong, group, "is not among them", "are not among them")
        if said.names and said.rest is not None:
            if said.rest.admits(Interval(len(missing), len(missing))):
                return HOLDS
            says = f"{self.many(len(missing))} other{'' if len(missing) == 1 else 's'}"
            instead = f"{_joined([group.names[key] for key in said.names])} and {says}"
            return Verdict("fails", "claim-count", says, more=self.listing(group), instead=instead)
        if said.names and not said.including and missing:
            return self._wrong(missing, group, "belongs to them, too", "belong to them, too")
        return HOLDS

    def _wrong(self, keys: Sequence[str], group: Group, one: str, many: str) -> Verdict:
        names = _joined([group.names.get(key, key) for key in keys[:4]])
        says = f"{names} {one if len(keys) == 1 else many}"
        instead = _joined([group.names.get(key, key) for key in group.keys]) if 0 < group.count < 6 else ""
        return Verdict("fails", "claim-list", says, more=self.listing(group), instead=instead)

    def all_but(self, said: Members, group: Group) -> Verdict | None:
        if group.size is None:
            return None
        left = group.size - group.count
        if said.rest is not None:
            if said.rest.admits(Interval(left - group.maybe, left)):
                return HOLDS
            says = f"all but {self.many(left)}" if left else "all of them"
            return Verdict("fails", "claim-count", says, instead=says)
        outside = [key for key in group.names if key not in set(group.keys)]
        if set(outside) == set(said.names):
            return HOLDS
        names = _joined([group.names[key] for key in outside[:4]]) or "none"
        shown = names if len(outside) < 5 else f"{names} and {len(outside) - 4} more"
        says = f"all but {shown}" if outside else "all of them"
        return Verdict("fails", "claim-list", says, instead=says if len(outside) < 5 else "")

    def listing(self, group: Group) -> tuple[tuple[str, str], ...]:
        counted = (("counted are", f"{group.lexicon.called} with {group.rule}"),) if group.rule else ()
        if not group.keys:
            return counted
        names = [group.names.get(key, key) for key in group.keys]
        shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        return (*counted, ("they are", shown))

    # --- dates ------------------------------------------------------------------------------------------

    def when(self, said: When, period: Period) -> Verdict:
        if date_holds(said, period):
            return HOLDS
        says = self.style.period(period)
        return Verdict("fails", "claim-date", says, instead=says)


def shown(quantity: Quantity, style: NumberStyle) -> str:
    """A figure in the words of a verdict: "third of 51", "42.7 percent", "about 42,000"."""
    return _Court(style).shown(quantity)


def _as_if_exact(amount: Amount, quantity: Quantity) -> bool:
    """Whether a figure that its source gives as "just under 11,000" is said without its hedge."""
    if quantity.precision == "exact" or quantity.formula or amount.hedge not in ("", "exactly", "precisely"):
        return False
    return amount.rule == "typed" and amount.upto is None and amount.number == quantity.number


def _as_published(amount: Amount, quantity: Quantity) -> bool:
    """Whether an inexact figure is said as its source says it: "about 500,000", "at least 2,000"."""
    if quantity.precision == "exact" or (quantity.span is not None and quantity.formula):
        return False
    own = {"approximate": ("about", "roughly"), "rounded": ("about", "roughly")}.get(
        quantity.precision, (quantity.precision,)
    )
    plain = Amount(amount.number, amount.unit, amount.rule, amount.step)
    return amount.hedge in own and plain.admits(Interval(quantity.need(), quantity.need())) is True


def _write(words: str) -> str:
    """What would hold, and the two other ways out."""
    return f"Write [{words}]{{= … }}, or bind another figure, or attribute the words with {{claim=…}}."


def _of(meaning: object) -> int | None:
    return meaning.among if isinstance(meaning, Number) else None


def _joined(names: Iterable[str]) -> str:
    listed = list(names)
    return " and ".join(listed) if len(listed) < 3 else f"{', '.join(listed[:-1])} and {listed[-1]}"


_KINDS = {
    Number: "a number", Part: "a part of a whole", Direction: "a direction", Rank: "a rank", Members: "a list",
    When: "a date",
}  # fmt: skip

_WAYS = {
    Part: "Write .share after the value, or give a group of places.",
    Direction: 'Give a change: value.change(since="…"), or a difference: a - b.',
    Rank: "Write .rank after the value.",
    Members: 'Give a group of a collection: .top("…", 5), .above(…), .where(…).',
    When: "Write .date after the value.",
    Number: "Give a value, a count or a group.",
}
_UNIT_WAYS = {
    "percent": "Write .share, or .percent_change(since=…).",
    "points": "Percentage points are the difference of two shares.",
    "times": "Write .ratio(since=…), or divide one value by another.",
}


def _way(readings: Sequence[Reading]) -> str:
    return _WAYS[type(readings[0].meaning)]


def _gives(thing: Fact | Place | Group) -> str:
    if isinstance(thing, Group):
        return (
            f"one of the {thing.lexicon.called}" if thing.single else f"a list of {thing.lexicon.called or 'rows'}"
        )
    if isinstance(thing, Place):
        return "a date"
    kinds = {"number": "a number", "count": "a number", "rate": "a rate", "share": "a share", "rank": "a rank",
             "change": "a change", "ratio": "a ratio", "category": "a category"}  # fmt: skip
    return kinds[thing.quantity.kind]
