"""Fixed words → the expression that makes such words for every page of a document that many places share."""

from __future__ import annotations

import re
from typing import Any

from generator.prose.views import CollectionView, Relation, Value
from generator.values import QuantityError, as_quantity
from generator.words.amounts import HEDGES
from generator.words.grammar import BOTTOM, TOP
from generator.words.said import Direction, Meaning, Members, Number, Rank, When
from generator.words.tokens import fold

_OPERATORS = re.compile(r"\s(?:[-+*/%|~]|if|or|and|not|in|is|[<>=!]=?)\s")
_ABOUT = re.compile(rf"(?:{'|'.join(sorted(map(re.escape, HEDGES), key=len, reverse=True))})\b")
_COMPARED = ("than", "ahead", "behind", "above", "below", "outnumber", "exceed")


def computed(inner: str, words: str, found: Any, means: type[Meaning] | None) -> str:
    """What to write in the place of ``[words]{= inner}``; ``found`` is what the expression gave on one page."""
    text = fold(words).casefold()
    expression = f"({inner.strip()})" if _OPERATORS.search(inner) else inner.strip()
    if isinstance(found, CollectionView | Relation):
        return f"{{{{ {expression} | {'and_list' if means is Members else 'length'} }}}}"
    if means is When:
        return f"{{{{ {expression} | date }}}}"
    if means is Rank:
        return _rank(expression, text, found)
    try:
        kind = as_quantity(found).kind
    except QuantityError:
        return f"{{{{ {expression} }}}}"
    if kind == "rank":
        return _rank(expression, text, found)
    if kind == "ratio":
        return f"{{{{ {expression} | times }}}}"
    if means is Direction and kind == "change":
        return _direction(expression, text)
    if means is Number and _ABOUT.match(text) and kind in ("number", "count"):
        return f"{{{{ {expression} | hedge }}}}"
    return f"{{{{ {expression} }}}}"


def _rank(expression: str, text: str, found: Any) -> str:
    if isinstance(found, Value):
        expression = f"{expression}.rank"
    named = next((word for word in text.replace("-", " ").split() if word in TOP or word in BOTTOM), "")
    high = {"lowest": "highest", "smallest": "largest", "fewest": "most", "last": "highest", "least": "most",
            "bottom": "highest", "top": "highest"}.get(named, named)  # fmt: skip
    return (
        f"{{{{ {expression} | rank_phrase({high!r}) }}}}".replace("'", '"')
        if named
        else f"{{{{ {expression} | ordinal }}}}"
    )


def _direction(expression: str, text: str) -> str:
    if any(word in text.split() for word in _COMPARED):
        return f'{{{{ {expression} | direction("more than", "fewer than", "as many as") }}}}'
    size = f" by {{{{ {expression} | size }}}}" if re.search(r"\d|\bby\b", text) else ""
    return f"{{{{ {expression} | direction }}}}{size}"
