"""Words → every meaning they can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec.structs import replace

from generator.values import NumberStyle
from generator.words import amounts, dates
from generator.words.cursor import Cursor
from generator.words.numerals import ordinal
from generator.words.said import Amount, Direction, Meaning, Members, Number, Part, Rank, Reading
from generator.words.tokens import Token, tokens

Names = Mapping[tuple[str, ...], str]

RISING = ("rose", "rise", "rises", "risen", "rising", "grew", "grow", "grown", "growing", "increased", "increase",
          "increasing", "climbed", "climb", "went up", "gone up", "going up", "gained", "gain", "up", "higher",
          "more",
          "more than", "ahead of", "ahead", "added", "larger", "larger than",
          "greater than", "higher than", "has risen", "has grown", "expanded", "above", "outnumber", "outnumbered",
          "exceeded", "exceeds", "exceed", "passed", "overtook")  # fmt: skip
FALLING = ("fell", "fall", "falls", "fallen", "falling", "declined", "decline", "declining", "dropped", "drop",
           "decreased", "decrease", "decreasing", "shrank", "shrunk", "shrinking", "went down", "gone down", "lost",
           "loss", "down", "lower", "fewer", "fewer than", "less", "less than", "behind", "sank", "slipped", "slid",
           "smaller", "smaller than", "lower than", "below", "has fallen", "cut",
           "trailed", "trails")  # fmt: skip
STILL = ("unchanged", "did not change", "has not changed", "have not changed", "no change", "stayed the same",
         "remained the same", "stayed flat", "flat", "stable", "steady", "held steady", "as many as", "as many",
         "as much as", "the same as", "the same number as", "the same", "the same number", "equal to", "equal",
         "level with", "level", "was unchanged", "remained unchanged", "stood still", "neither rose nor fell",
         "just as many as", "didn't change", "exactly as many as", "tied with", "on a par with", "no different",
         "did not move", "hasn't changed", "haven't changed", "has not moved", "hasn't moved")  # fmt: skip
VIVID_UP = ("jumped", "surged", "swelled", "leapt", "shot up", "edged up", "ticked up", "crept up")
VIVID_DOWN = ("plunged", "tumbled", "slumped", "dipped", "edged down", "ticked down", "dwindled")
"""Verbs that say how fast, too: that can be read only where they say the size, or from what to what."""
_MORE = ("more", "fewer", "less", "higher", "lower", "larger", "smaller")
_COMPARED = (*_MORE, "up", "down", "above", "below")
_UPWARD = tuple(phrase for phrase in (*RISING, *VIVID_UP) if phrase not in amounts.HEDGES and phrase not in _MORE)
_DOWNWARD = tuple(
    phrase for phrase in (*FALLING, *VIVID_DOWN) if phrase not in amounts.HEDGES and phrase not in _MORE
)
_CHANGES_UP = ("increase", "rise", "gain", "jump", "growth", "surge", "climb", "uptick")
_CHANGES_DOWN = ("decrease", "decline", "drop", "fall", "loss", "dip", "reduction")

TOP = ("highest", "largest", "biggest", "most", "greatest", "top", "top ranked", "top ranking", "leading",
       "number one")  # fmt: skip
BOTTOM = ("lowest", "smallest", "fewest", "least", "last", "bottom", "dead last")
TIED = ("tied for", "tied", "joint", "jointly", "in a tie for", "equal", "tied in", "tied at", "shares", "shared",
        "sharing", "tie for")  # fmt: skip


def read(words: str, style: NumberStyle, names: Names) -> tuple[Reading, ...]:
    """Every meaning of the words, none when they are not understood. ``names``: what may be listed."""
    found = tokens(words, style)
    paired = sum(token.text == "–" for token in found) == 2  # "three towns – Corwen, Aldford and Bryn –"
    while found and found[-1].kind == "sign" and found[-1].text in (",.;:–" if paired else ",.;:"):
        found = found[:-1]
    reader = _Reader(found, style, names)
    made: dict[Reading, None] = {}
    for rule in (
        reader.when,
        reader.members,
        reader.rank,
        reader.direction,
        reader.multiple,
        reader.part,
        reader.number,
    ):
        for reading in _attempt(rule, found):
            made.setdefault(reading)
    return tuple(made)


def _attempt(rule: Callable[[Cursor], Meaning | None], found: Sequence[Token]) -> Iterator[Reading]:
    """What a rule makes of the words, with or without the filling words before them."""
    for start in _starts(found):
        cursor = Cursor(found)
        cursor.at = start
        meaning = rule(cursor)
        if meaning is None:
            continue
        passed = [cursor.tokens[index] for index in cursor.passed]
        rest = cursor.tokens[cursor.at :]
        words = all(found[index].kind == "word" or _of_a_rate(found, index) for index in cursor.passed)
        if words and all(token.kind == "word" or _of_a_rate(rest, index) for index, token in enumerate(rest)):
            before = [token.text for token in found[:start]]
            told = [word for word in before if word in (_TOLD - _RANKED if isinstance(meaning, Rank) else _TOLD)]
            nouns = (*(token.text for token in (*passed, *rest)), *(("of", *told) if told else ()))
            if not (isinstance(meaning, Rank) and not meaning.within and {"a", "an"} & set(before)):
                yield Reading(meaning, nouns, "by" in before)
                return


def _of_a_rate(rest: Sequence[Token], index: int) -> bool:
    """Whether it is the numeral of "per 100,000 residents"."""
    return rest[index].kind == "number" and index > 0 and rest[index - 1].text in ("per", "every", "each")


_BEFORE = frozenset(
    "the a an its their his her of total with by in on was were is are been be had has have "  # noqa: SIM905
    "altogether there were only just ranked ranks rank came comes come placed places stands stood "
    "number share population average rate".split()
)


_RANKED = frozenset(("rank", "ranks", "ranked"))
_TOLD = frozenset(("number", "share", "population", "average", "rate")) | _RANKED
"""Those of them that say what the figure is."""


def _starts(found: Sequence[Token]) -> Iterator[int]:
    yield 0
    if [token.text for token in found[:3]] == ["in", "all", ","]:
        yield 3
    for index, token in enumerate(found[:-1]):
        if token.kind != "word" or token.text not in _BEFORE:
            return
        yield index + 1


_NO_THING = frozenset(
    ("number", "count", "share", "figure", "total", "rate", "lot", "range", "handful", "part", "few", "bit",
     "great", "good", "large", "small", "big", "half", "first", "second", "third", "quarter", "fourth", "fifth",
     "sixth", "seventh", "eighth", "ninth", "tenth")
)  # fmt: skip
"""What may follow "a" where no single thing is meant."""


class _Reader:
    def __init__(self, found: Sequence[Token], style: NumberStyle, names: Names) -> None:
        self.found = found
        self.style = style
        self.names = names
        self.longest = max(map(len, names), default=0)

    # --- amounts ----------------------------------------------------------------------------------------

    def number(self, cursor: Cursor) -> Meaning | None:
        amount = amounts.amount(cursor) or self._all_of(cursor)
        if amount is None:
            if cursor.word() in ("a", "an") and cursor.word(1) and cursor.word(1) not in _NO_THING:
                cursor.at += 1
                return Number(Amount(1))
            return None
        return Number(self._hedged_behind(cursor, amount), self._among(cursor))

    def _hedged_behind(self, cursor: Cursor, amount: Amount) -> Amount:
        """The amount with the hedge that ends the words: "40 towns or fewer"."""
        start = cursor.at
        for nouns in (1, 2):
            if not all(cursor.word(ahead) for ahead in range(nouns)):
                break
            cursor.step_over(nouns)
            made = amounts.suffix(cursor, amount)
            if made != amount and cursor.done:
                return made
            cursor.at = start
        return amount

    def _all_of(self, cursor: Cursor) -> Amount | None:
        """The number of "all three"."""
        start = cursor.at
        if cursor.take("all", "all the", "all of the"):
            found = cursor.numeral()
            if found and found[0] == int(found[0]):
                return Amount(float(found[0]))
        cursor.at = start
        return None

    def _among(self, cursor: Cursor) -> int | None:
        """The N of "six of N states"."""
        start = cursor.at
        if cursor.take("of the", "of all", "of", "out of", "out of the", "among", "among the"):
            found = cursor.numeral()
            if found and found[0] == int(found[0]):
                return int(found[0])
        cursor.at = start
        return None

    def part(self, cursor: Cursor) -> Meaning | None:
        amount = amounts.part(cursor)
        return Part(amount) if amount else None

    def multiple(self, cursor: Cursor) -> Meaning | None:
        amount = amounts.multiple(cursor)
        return Number(amount) if amount else None

    # --- direction --------------------------------------------------------------------------------------

    def direction(self, cursor: Cursor) -> Meaning | None:
        return self._from_to(cursor) or self._verb(cursor) or self._noun(cursor) or self._comparison(cursor)

    def _from_to(self, cursor: Cursor) -> Direction | None:
        """ "rose from 30 to 91", "up from 30", "doubled to 60", "fell by a third, from 30 to 20"."""
        start = cursor.at
        size: Amount | None = None
        taken = cursor.take(*_UPWARD)
        sign = 1 if taken else -1 if cursor.take(*_DOWNWARD) else 0
        moved = bool(sign)
        if sign:
            by = cursor.take("by")
            size = self._size(cursor) if by or cursor.word() not in ("from", "to") else None
            if size and size.unit == "times" and by:
                cursor.at = start
                return None
        else:
            moved = bool(cursor.take("went", "moved", "changed", "came", "gone", "going"))
            size = None if moved else amounts.multiple(cursor)
            moved = moved or size is not None
        for _ in range(2 if size and size.unit == "" else 0):  # the nouns of "gained 61 towns, from 30 to 91"
            if cursor.word() and cursor.word() not in ("from", "to"):
                cursor.step_over()
        if size:
            cursor.sign(",")
        ends = self._ends(cursor)
        hedged = taken == "up" and ends is not None and ends[0] is None  # "up to 91"
        if ends is None or hedged or (not moved and None in ends):
            cursor.at = start
            return None
        return Direction(sign, size, ends)

    def _ends(self, cursor: Cursor) -> tuple[Amount | None, Amount | None] | None:
        """ "from 30 to 91", "to 91 from 30", "from 30", "to 91"."""
        found: dict[str, Amount] = {}
        start = cursor.at
        while len(found) < 2:
            word = cursor.take("from", "to")
            end = amounts.single(cursor) if word and word not in found else None
            if not word or end is None:
                cursor.at = start
                break
            found[word] = end
            start = cursor.at
            if cursor.word(1) in ("from", "to") and cursor.word() not in ("", "from", "to"):
                cursor.step_over()  # the noun of "from 30 towns to 91"
        return (found.get("from"), found.get("to")) if found else None

    def _verb(self, cursor: Cursor) -> Direction | None:
        """ "rose", "fell by 12", "up 4.6 percent", "more than"."""
        start = cursor.at
        still = cursor.take(*STILL)
        if still:
            if still.endswith(" as"):
                cursor.at -= 1  # what it is held against
            return Direction(0)
        taken = cursor.take(*RISING, *VIVID_UP)
        sign = 1
        if taken is None:
            taken, sign = cursor.take(*FALLING, *VIVID_DOWN), -1
        if taken is None:
            return None
        by = cursor.take("by")
        whole = self._all_of(cursor) if taken in ("lost", "shed") else None
        if whole is not None:  # "lost all seven"
            return Direction(-1, ends=(whole, Amount(0)))
        amount = self._size(cursor)
        if taken.endswith((" as", " than")) and amount is None:
            cursor.at -= 1  # what it is held against
        if (
            amount and by and amount.unit == "times" and amount.number > 1
        ):  # "rose by 2.8 times" is read in two ways
            return None
        if amount and taken in amounts.HEDGES:  # "more than 300" is a hedge and no direction
            cursor.at = start
            return None
        if amount is None and taken in (*VIVID_UP, *VIVID_DOWN):
            cursor.at = start
            return None
        return Direction(sign, amount)

    def _size(self, cursor: Cursor) -> Amount | None:
        return amounts.multiple(cursor) or amounts.part(cursor) or amounts.amount(cursor)

    def _noun(self, cursor: Cursor) -> Direction | None:
        """ "an increase of 61", "a 12 percent decline"."""
        start = cursor.at
        cursor.take("a", "an", "the")
        amount = self._size(cursor)
        taken = cursor.take(*_CHANGES_UP, *_CHANGES_DOWN)
        if taken:
            if amount is None and cursor.take("of"):
                amount = self._size(cursor)
            return Direction(1 if taken in _CHANGES_UP else -1, amount)
        cursor.at = start
        return None

    def _comparison(self, cursor: Cursor) -> Direction | None:
        """ "61 more than", "12 percent fewer loans", "a third less"."""
        start = cursor.at
        amount = amounts.part(cursor) or amounts.amount(cursor)
        if amount is not None and amount.unit != "times":
            noun = cursor.at
            if cursor.word() not in _COMPARED:
                cursor.step_over()  # the noun of "61 towns more"
            if cursor.take("more", "higher", "larger", "up", "above"):
                return Direction(1, amount)
            if cursor.take("fewer", "less", "lower", "smaller", "down", "below"):
                return Direction(-1, amount)
            cursor.at = noun
        cursor.at = start
        return None

    # --- ranks ------------------------------------------------------------------------------------------

    def rank(self, cursor: Cursor) -> Meaning | None:
        return self._beside(cursor) or self._beyond(cursor) or self._within(cursor) or self._place(cursor)

    def _beside(self, cursor: Cursor) -> Rank | None:
        """ "second only to Aldford", "third, behind Aldford and Corwen", "tied with Aldford"."""
        start = cursor.at
        if cursor.take("second only to"):
            names = self._names(cursor)
            if names:
                return Rank(2, above=names)
        cursor.at = start
        if cursor.take("tied with", "level with", "in a tie with", "on a par with", "equal with"):
            names = self._names(cursor)
            place = self._place(cursor) if names and cursor.take("for", "at", "in") else None
            if place is not None:
                return replace(place, tied=True, level=names)
            if names:
                return Rank(0, tied=True, level=names)
        cursor.at = start
        made = self._place(cursor)
        if made is not None and not made.within:
            cursor.sign(",")
            behind = cursor.take(
                "behind only", "only behind", "behind", "after", "just behind", "only after", "after only"
            )
            shared = None if behind else cursor.take("with", "together with", "along with")
            names = self._names(cursor) if behind or shared else ()
            if names and behind:
                return replace(made, above=names)
            if names and made.tied:
                return replace(made, level=names)
        cursor.at = start
        return None

    def _beyond(self, cursor: Cursor) -> Rank | None:
        """ "more than any other", "fewer than any other"."""
        start = cursor.at
        end: Literal["top", "bottom"] = "top" if cursor.take("more", "higher", "larger") else "bottom"
        if end == "top" or cursor.take("fewer", "less", "lower", "smaller"):
            for skipped in range(7):  # nouns, "loans per 1,000 residents"
                cursor.at = start + 1
                cursor.step_over(skipped)
                if cursor.take("than any other", "than anybody else", "than anywhere else", "than all others"):
                    return Rank(1, end, word="more than any other")
        cursor.at = start
        return None

    def _within(self, cursor: Cursor) -> Rank | None:
        """ "in the top five", "among the ten highest", "one of the five lowest"."""
        start = cursor.at
        lead = cursor.take("in the", "among the", "one of the", "within the", "the", "in", "among")
        end = "top" if cursor.take("top", "first") else "bottom" if cursor.take("bottom", "last") else ""
        if lead or end:
            dozen = cursor.take("dozen")
            found = None if dozen else cursor.numeral()
            if dozen or found is not None:
                if not end:
                    end = "top" if cursor.take(*TOP) else "bottom" if cursor.take(*BOTTOM) else ""
                bare = cursor.tokens[start + 1].text if lead == "the" else ""
                if end in ("top", "bottom") and (lead != "the" or bare in ("top", "bottom")):
                    place = int(found[0]) if found else 12
                    return Rank(place, "top" if end == "top" else "bottom", within=True)
        cursor.at = start
        return None

    def _place(self, cursor: Cursor) -> Rank | None:
        start = cursor.at
        tied = cursor.sign("=") or bool(cursor.take(*TIED))
        cursor.take("the", "in", "for the", "at the")
        article = cursor.at > start or (start > 0 and cursor.tokens[start - 1].text == "the")
        place = self._ordinal(cursor)
        if place is None:
            top = cursor.take(*TOP)
            bottom = None if top else cursor.take(*BOTTOM)
            if not top and not bottom:
                return None
            if top == "most" and cursor.word() == "of" and cursor.word(1) not in ("any", ""):
                return None  # "most of the loans" is a part, and no place
            word = f"{'the ' if article else ''}{top or bottom}"
            return self._rest(cursor, Rank(1, "top" if top else "bottom", tied, word=word))
        cursor.take("place", "spot", "position", "rank", "most highly")
        if cursor.take("to last", "from last", "from the bottom", "from bottom", "to the last"):
            return self._rest(cursor, Rank(place, "bottom", tied))
        if cursor.take("from the top"):
            return self._rest(cursor, Rank(place, "top", tied))
        top = cursor.take(*TOP)
        bottom = None if top else cursor.take(*BOTTOM)
        word = f"the {top or bottom}" if top or bottom else ""
        return self._rest(cursor, Rank(place, "top" if top else "bottom" if bottom else "", tied, word=word))

    def _ordinal(self, cursor: Cursor) -> int | None:
        start = cursor.at
        if cursor.take("next to last"):
            cursor.at -= 2
            return 2
        if cursor.take("no", "number", "nr", "place", "rank"):
            cursor.sign(".")
            found = cursor.numeral()
            if found and found[0] == int(found[0]):
                return int(found[0])
            cursor.at = start
            return None
        if cursor.sign("#"):
            found = cursor.numeral()
            return int(found[0]) if found else None
        token = cursor.peek()
        if token and token.kind == "ordinal" and token.number is not None:
            cursor.at += 1
            return int(token.number)
        spelled = ordinal(cursor.words())
        if spelled:
            cursor.at += spelled[1]
            return spelled[0]
        return None

    def _rest(self, cursor: Cursor, made: Rank) -> Rank:
        """What may follow: "place", "of 51", "(tied)"."""
        cursor.take("place", "spot", "position", "rank")
        cursor.take("of the list", "of the table", "of the ranking", "of the rankings")
        among = self._among(cursor)
        cursor.sign(",", "(")
        tied = made.tied or bool(cursor.take("tied"))
        cursor.sign(")")
        return replace(made, among=among, tied=tied)

    # --- lists ------------------------------------------------------------------------------------------

    def members(self, cursor: Cursor) -> Meaning | None:
        return self._all_but(cursor) or self._none_but(cursor) or self._only(cursor) or self._listed(cursor)

    def _all_but(self, cursor: Cursor) -> Members | None:
        start = cursor.at
        if cursor.take(*amounts.WHOLE):
            noun = cursor.at
            for skipped in (0, 1, 2):
                cursor.at = noun
                cursor.step_over(skipped)
                if cursor.take(
                    "but", "except", "except for", "other than", "save", "save for", "apart from", "bar"
                ):
                    names = self._names(cursor)
                    if names:
                        return Members(names=names, but=True)
                    amount = amounts.amount(cursor)
                    if amount:
                        return Members(rest=amount, but=True)
        cursor.at = start
        return None

    def _none_but(self, cursor: Cursor) -> Members | None:
        """ "no town but Corwen", "no state other than Corwen"."""
        start = cursor.at
        if cursor.take("no"):
            for skipped in (0, 1, 2):
                cursor.at = start + 1
                cursor.step_over(skipped)
                if cursor.take("but", "except", "other than", "save", "apart from"):
                    names = self._names(cursor)
                    if names:
                        return Members(names=names)
        cursor.at = start
        return None

    def _only(self, cursor: Cursor) -> Members | None:
        """ "only Corwen", "Corwen alone", "the only state"."""
        start = cursor.at
        if cursor.take("only", "nobody but", "no one but", "just"):
            names = self._names(cursor)
            if names:
                return Members(names=names)
            if start == cursor.at - 1 and cursor.word() and cursor.numeral() is None:
                return Members(count=Amount(1))
        cursor.at = start
        if cursor.take("the only one", "the only"):
            if cursor.numeral() is None:
                return Members(count=Amount(1))
            cursor.at = start
        names = self._names(cursor)
        if names and cursor.take("alone", "only"):
            return Members(names=names)
        cursor.at = start
        return None

    def _listed(self, cursor: Cursor) -> Members | None:
        start = cursor.at
        both = self._names(cursor) if cursor.word() == "both" else ()
        if both:
            return Members(names=both)
        if cursor.word(1) == "of" and cursor.word():  # "the towns of Corwen and Aldford"
            cursor.step_over()
            cursor.at += 1
            named = self._names(cursor)
            if len(named) > 1:
                return Members(names=named)
            cursor.at = start
        count = amounts.amount(cursor, nothing=False)
        if count is not None:
            for _ in range(6):  # nouns
                if self._lead(cursor):
                    including = self._including(cursor)
                    names = self._names(cursor)
                    return Members(count, names, including=including) if names else None
                including = self._including(cursor)
                if including:
                    names = self._names(cursor)
                    return Members(count, names, including=True) if names else None
                if cursor.done or not cursor.word():
                    break
                cursor.step_over()
            cursor.at = start
            return None
        including = self._including(cursor)
        names = self._names(cursor)
        if not names:
            cursor.at = start
            return None
        rest = self._others(cursor)
        return Members(names=names, rest=rest, including=including)

    def _lead(self, cursor: Cursor) -> bool:
        return cursor.sign(":", "–", ",", "(") or bool(cursor.take("namely"))

    def _including(self, cursor: Cursor) -> bool:
        found = cursor.take("including", "among them", "such as", "like", "with", "included", "among which",
                            "they include", "for example", "e g")  # fmt: skip
        if found:
            cursor.sign(":", ",")
        return bool(found)

    def _others(self, cursor: Cursor) -> Amount | None:
        """The "four others" of "Corwen and four others"."""
        start = cursor.at
        cursor.sign(",")
        if cursor.take("and", "plus"):
            amount = amounts.amount(cursor, nothing=False)
            if amount is not None:
                cursor.take("others", "other", "more", "further")
                return amount
        cursor.at = start
        return None

    def _names(self, cursor: Cursor) -> tuple[str, ...]:
        found: list[str] = []
        start = cursor.at
        both = bool(cursor.take("both"))
        while True:
            before = cursor.at
            if found and not self._joined(cursor):
                break
            key = self._name(cursor)
            if key is None:
                cursor.at = before
                break
            found.append(key)
        if both and len(found) != 2:
            cursor.at = start
            return ()
        if found:
            cursor.sign(")")
        return tuple(found)

    def _joined(self, cursor: Cursor) -> bool:
        comma = cursor.sign(",", ";", "/")
        return bool(cursor.take("and", "as well as", "plus")) or cursor.sign("&") or comma

    def _name(self, cursor: Cursor) -> str | None:
        for skip in (0, 1):
            if skip and not cursor.take("the"):
                return None
            for length in range(min(self.longest, len(cursor.tokens) - cursor.at), 0, -1):
                there = cursor.tokens[cursor.at : cursor.at + length]
                key = self.names.get(tuple(t.text for t in there))
                if key is None and length == 1 and there[0].raw.isupper():
                    key = self.names.get((there[0].raw,))
                if key is not None:
                    cursor.at += length
                    return key
        return None

    # --- dates ------------------------------------------------------------------------------------------

    def when(self, cursor: Cursor) -> Meaning | None:
        return dates.when(cursor, self.style.months)
