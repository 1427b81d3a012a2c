"""Numbers, fractions and multiples with their hedges, read from words."""

from __future__ import annotations

import math
from decimal import Decimal

from msgspec.structs import replace

from generator.words.cursor import Cursor
from generator.words.numerals import MULTIPLES, PARTS, SCALES, SIZES, ordinal, whole
from generator.words.said import Amount, Hedge

HEDGES: dict[str, Hedge] = {
    **dict.fromkeys(("exactly", "precisely", "no fewer and no more than"), "precisely"),
    **dict.fromkeys(("just", "only", "a mere", "merely"), "exactly"),
    **dict.fromkeys(("about", "around", "approximately", "some", "circa"), "about"),
    **dict.fromkeys(("roughly", "very roughly", "close to", "near", "in the region of", "in the neighborhood of",
                     "in the neighbourhood of", "or thereabouts"), "roughly"),
    **dict.fromkeys(
        ("nearly", "almost", "approaching", "virtually", "practically", "not quite", "very nearly"),
        "nearly",
    ),
    **dict.fromkeys(
        ("just under", "just below", "a touch under", "a shade under",
         "just short of", "just shy of", "a little under",
         "a little less than",
         "a little fewer than", "a little below", "slightly under", "slightly less than", "slightly fewer than",
         "slightly below", "just less than", "just fewer than", "a bit less than", "a bit under"),
        "just under",
    ),
    **dict.fromkeys(
        ("just over", "just above", "a touch over", "a shade over",
         "just more than", "a little over",
         "a little more than", "a little above",
         "slightly over", "slightly more than", "slightly above", "a bit more than", "a bit over"),
        "just over",
    ),
    **dict.fromkeys(
        ("more than", "over", "above", "in excess of", "upward of", "upwards of", "exceeding", "north of",
         "greater than", "higher than", "larger than", "beyond"),
        "more than",
    ),
    **dict.fromkeys(
        ("well over", "well above", "far more than", "far over", "far above", "many more than", "much more than",
         "well in excess of"),
        "well over",
    ),
    **dict.fromkeys(
        ("well under", "well below", "far fewer than", "far less than", "far below", "far under", "much less than"),
        "well under",
    ),
    **dict.fromkeys(
        ("at least", "no fewer than", "no less than", "as few as", "not less than",
         "not fewer than", "a minimum of"), "at least"
    ),
    **dict.fromkeys(
        ("fewer than", "less than", "under", "below", "short of", "smaller than", "lower than", "south of",
         "not even"),
        "fewer than",
    ),
    **dict.fromkeys(
        ("at most", "no more than", "not more than", "up to", "a maximum of", "at the most", "as many as"),
        "at most",
    ),
}  # fmt: skip

SUFFIXES: dict[str, Hedge] = {
    "or more": "at least", "or above": "at least", "or higher": "at least", "or over": "at least",
    "at least": "at least", "or fewer": "at most", "or less": "at most", "or under": "at most",
    "at most": "at most",
    "or below": "at most", "or so": "about", "or thereabouts": "about", "give or take": "about",
    "exactly": "precisely", "plus": "at least",
}  # fmt: skip

PERCENT = ("percent", "per cent", "pct", "pc", "percentage")
POINTS = ("percentage points", "percentage point", "points", "point", "percent points")

WHOLE = ("all", "every", "each", "everyone", "everybody", "the whole", "the whole of", "all of", "every one of",
         "each of", "every single", "every one", "the entire")  # fmt: skip
NOTHING = ("no", "none", "none of", "zero", "nobody", "no one", "not one", "not one of", "not a single",
           "not a single one of", "not any", "nothing", "none at all", "not a")  # fmt: skip
MORE_THAN_HALF = ("majority", "a majority", "the majority", "a majority of", "the majority of", "majority of",
                  "most", "most of", "the bulk of", "the bulk", "the lion's share of", "the lion's share",
                  "a clear majority", "a clear majority of", "the greater part of",
                  "the better part of")  # fmt: skip
LESS_THAN_HALF = ("a minority", "minority", "the minority", "a minority of", "a minority of the",
                  "only a minority of",
                  "only a minority")  # fmt: skip
VAST = ("the vast majority", "the vast majority of", "a vast majority", "a vast majority of", "vast majority",
        "vast majority of", "the overwhelming majority", "the overwhelming majority of", "an overwhelming majority",
        "an overwhelming majority of", "overwhelming majority")  # fmt: skip
HARDLY = ("hardly any", "hardly any of", "almost none", "almost none of", "almost no", "scarcely any", "barely any",
          "virtually none", "virtually no", "very few", "very few of", "next to no", "next to none")  # fmt: skip


def hedge(cursor: Cursor) -> Hedge:
    found = cursor.take(*HEDGES)
    return HEDGES[found] if found else ""


def suffix(cursor: Cursor, amount: Amount) -> Amount:
    """The amount with the hedge behind it; one that has a hedge already leaves the words where they are."""
    start = cursor.at
    if cursor.sign("+") and not amount.hedge and amount.rule == "typed":
        return replace(amount, hedge="at least")
    cursor.at = start
    found = cursor.take(*SUFFIXES)
    if found and amount.rule == "size" and SUFFIXES[found] == "at least":
        return replace(amount, upto=math.inf)
    if found and not amount.hedge and amount.rule != "size":
        return replace(amount, hedge=SUFFIXES[found])
    if found and SUFFIXES[found] != amount.hedge:
        cursor.at = start
    return amount


def amount(cursor: Cursor, *, nothing: bool = True) -> Amount | None:
    """A number with its hedge and unit, or a range of two; None (the cursor is where it was) if there is none."""
    start = cursor.at
    made = _range(cursor) or _within(cursor) or _hedged(cursor, nothing=nothing)
    if made is None:
        cursor.at = start
    return made


def single(cursor: Cursor) -> Amount | None:
    """A number with its hedge and unit, and no range."""
    start = cursor.at
    made = _hedged(cursor, nothing=True)
    if made is None:
        cursor.at = start
    return made


def _hedged(cursor: Cursor, *, nothing: bool) -> Amount | None:
    hedged = hedge(cursor)
    made = sized(cursor) if not hedged else None
    made = made or bare(cursor, nothing=nothing and not hedged)
    if made is None:
        return None
    if hedged:
        made = replace(made, hedge=hedged)
    made = suffix(cursor, made)
    made = unit(cursor, made)
    return suffix(cursor, made)


def _range(cursor: Cursor) -> Amount | None:
    """ "between 300 and 400", "300 to 400", "300–400"."""
    start = cursor.at
    between = bool(cursor.take("between", "from between", "somewhere between", "anywhere between"))
    low = bare(cursor, nothing=False)
    if low is not None:
        low = unit(cursor, low)
        joined = cursor.take("and") if between else (cursor.take("to") or cursor.sign("–"))
        high = bare(cursor, nothing=False) if joined else None
        if high is not None:
            high = unit(cursor, high)
            if not low.unit and low.number < high.number and low.step == 1 and high.step > 1:
                low = replace(low, number=low.number * high.step, step=high.step)  # "2 to 3 million"
            if low.unit in ("", high.unit) and low.number <= high.number:
                return replace(high, number=low.number, upto=high.number, hedge="between" if between else "")
    cursor.at = start
    return None


def _within(cursor: Cursor) -> Amount | None:
    """ "more than 300 but fewer than 400"."""
    start = cursor.at
    if hedge(cursor) == "more than":
        low = bare(cursor, nothing=False)
        if low is not None and cursor.take("but") and hedge(cursor) == "fewer than":
            high = bare(cursor, nothing=False)
            if high is not None and low.number < high.number:
                return unit(cursor, replace(high, number=low.number, upto=high.number, hedge="more than"))
    cursor.at = start
    return None


def sized(cursor: Cursor) -> Amount | None:
    """ "dozens", "several", "hundreds of thousands of"."""
    found = cursor.take(*SIZES)
    if found is None:
        return None
    cursor.take("of")
    low, high = SIZES[found]
    return Amount(low, rule="size", upto=high)


def bare(cursor: Cursor, *, nothing: bool = True) -> Amount | None:
    """A number without hedge."""
    start = cursor.at
    if nothing and cursor.take(*NOTHING):
        return Amount(0, step=1e-9)  # 0.2 on average are not nobody
    scaled = _part_of_a_scale(cursor)
    if scaled is not None:
        return scaled
    if cursor.take("half a dozen", "half dozen", "a half dozen"):
        return Amount(6)
    if cursor.take("a couple of", "a couple", "both", "both of", "a pair of", "a pair"):
        return Amount(2)
    if cursor.take("a single", "one single", "just the one", "a lone", "a sole"):
        return Amount(1)
    if cursor.take("a dozen", "dozen", "a full dozen"):
        return Amount(12)
    if cursor.word() in ("a", "an") and cursor.word(1) in SCALES:
        cursor.at += 1
        number = step = Decimal(cursor.scale())
        if step <= 1000 and cursor.word() == "and":  # "a hundred and two"
            more = whole(cursor.words()[1:])
            if more and more[0] < step:
                cursor.at += 1 + more[1]
                number += more[0]
        return Amount(float(number), step=1.0 if step <= 1000 else float(step))
    cursor.take("the")
    found = cursor.numeral()
    if found is None:
        cursor.at = start
        return None
    number, step, typed = found
    if cursor.take("dozen"):
        return Amount(float(number * 12))
    if not typed and step < 1_000_000:
        step = Decimal(1)  # "two hundred" is meant to the last one
    return Amount(float(number), step=float(step))


_TO_SCALE = {
    "half a": (0.5, 0.1), "half": (0.5, 0.1), "a half": (0.5, 0.1),
    **{f"{lead}{word}{of}": (size, 0.01)
       for word, size in (("quarter", 0.25), ("third", 1 / 3)) for lead in ("a ", "one ", "")
       for of in (" of a", "")},
    **{f"{words}{of}": (size, 0.01)
       for words, size in (("three quarters", 0.75), ("two thirds", 2 / 3)) for of in (" of a",)},
}  # fmt: skip
"""What may stand before "million": its size, and to what part of the million it is meant."""


def _part_of_a_scale(cursor: Cursor) -> Amount | None:
    """ "half a million", "a quarter of a million"."""
    start = cursor.at
    found = cursor.take(*_TO_SCALE)
    if found and SCALES.get(cursor.word(), 0) >= 1_000_000:
        size, step = _TO_SCALE[found]
        scale = cursor.scale()
        return Amount(size * scale, step=step * scale)
    cursor.at = start
    return None


def unit(cursor: Cursor, made: Amount) -> Amount:
    """The unit behind a number: percent, percentage points, times."""
    if made.unit:
        return made
    if cursor.take(*POINTS):
        return replace(made, unit="points")
    if cursor.sign("%") or cursor.take(*PERCENT):
        points = cursor.take("points", "point")
        return replace(made, unit="points" if points else "percent")
    if cursor.word() in ("times", "fold"):
        cursor.at += 1
        return as_multiple(made)
    return made


def as_multiple(made: Amount) -> Amount:
    return replace(made, unit="times", rule="typed" if made.step < 1 else "multiple")


def part(cursor: Cursor) -> Amount | None:
    """A fraction, a majority, all, none; in percent."""
    start = cursor.at
    nth = _every_nth(cursor)
    if nth is not None:
        return nth
    fixed = _quantifier(cursor)
    if fixed is not None:
        return fixed
    hedged = hedge(cursor)
    if hedged == "nearly" and cursor.take(*WHOLE):
        return Amount(100, "part", "fraction", hedge="nearly")
    made = fraction(cursor)
    if made is None:
        cursor.at = start
        return None
    if hedged:
        made = replace(made, hedge=hedged)
    return suffix(cursor, made)


def _quantifier(cursor: Cursor) -> Amount | None:
    if cursor.take(*HARDLY):
        return Amount(_TINY, "part", upto=5.0)
    if cursor.take(*VAST):
        return Amount(80, "part", hedge="at least")
    if cursor.take(*LESS_THAN_HALF):
        return Amount(_TINY, "part", upto=_LESS)
    if cursor.take(*MORE_THAN_HALF):
        return Amount(50, "part", hedge="more than")
    if cursor.take(*WHOLE):
        return Amount(100, "part", step=1e-9)
    if cursor.take(*NOTHING):
        return Amount(0, "part", step=1e-9)
    return None


_TINY = 1e-9
"""More than nothing, of a hundred."""
_LESS = 50 - 1e-9


def _every_nth(cursor: Cursor) -> Amount | None:
    """ "every fourth town"."""
    start = cursor.at
    if cursor.take("every"):
        token = cursor.peek()
        found = ordinal(cursor.words())
        if token and token.kind == "ordinal" and token.number is not None:
            found = int(token.number), 1
        if found and found[0] > 1:
            cursor.at += found[1]
            return Amount(100 / found[0], "part", "fraction")
    cursor.at = start
    return None


def fraction(cursor: Cursor) -> Amount | None:
    """ "half", "a third", "two-thirds", "3 in 10", "nine out of ten", "2/3"."""
    start = cursor.at
    if cursor.take("half of", "a half of", "one half of", "half", "a half", "one half"):
        return Amount(50, "part", "fraction")
    if cursor.word() in ("a", "one") and cursor.word(1) in PARTS:
        below = PARTS[cursor.word(1)]
        cursor.at += 2
        return Amount(100 / below, "part", "fraction")
    cursor.take("the")
    found = cursor.numeral()
    if found is None:
        cursor.at = start
        return None
    over = float(found[0])
    below_word = cursor.word()
    if below_word in PARTS and over < PARTS[below_word]:
        cursor.at += 1
        return Amount(100 * over / PARTS[below_word], "part", "fraction")
    if cursor.word(1) in ("in", "out") and cursor.word() and cursor.word() not in SCALES:
        cursor.step_over()  # the noun of "one town in four"
    if cursor.sign("/") or cursor.take("in", "out of", "out of every", "of every", "in every", "of each"):
        below_found = cursor.numeral()
        if below_found and float(below_found[0]) > over:
            return Amount(100 * over / float(below_found[0]), "part", "fraction")
    cursor.at = start
    return None


def multiple(cursor: Cursor) -> Amount | None:
    """ "doubled", "more than tripled", "4.6 times", "tenfold", "halved"."""
    start = cursor.at
    hedged = hedge(cursor)
    made = _multiple(cursor)
    if made is None:
        cursor.at = start
        return None
    if hedged:
        made = replace(made, hedge=hedged)
    if cursor.word() == "as" and cursor.word(1) in ("many", "much", "high", "large", "big", "often"):
        cursor.step_over(2)  # as many is no rate, and as high is
    else:
        cursor.take("that of")
    return made


def _multiple(cursor: Cursor) -> Amount | None:
    word = cursor.word()
    if word in MULTIPLES:
        cursor.at += 1
        return Amount(MULTIPLES[word], "times", "multiple")
    if cursor.take("halved", "halving", "half"):
        return Amount(0.5, "times", "multiple")
    fold = whole([word.removesuffix("fold")]) if word.endswith("fold") else None
    if fold:
        cursor.at += 1
        return Amount(float(fold[0]), "times", "multiple")
    if word == "hundredfold" or cursor.take("a hundredfold"):
        cursor.at += word == "hundredfold"
        return Amount(100, "times", "multiple")
    factor = cursor.take("a factor of", "by a factor of")
    found = bare(cursor, nothing=False)
    if found is None:
        return None
    if factor:
        return as_multiple(found)
    if cursor.word() in ("times", "fold"):
        cursor.at += 1
        return None if cursor.word() in ("more", "fewer", "less", "higher", "larger") else as_multiple(found)
    return None
