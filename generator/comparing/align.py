"""Two sequences side by side: which item of the one is which of the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

T = TypeVar("T")

Pair = tuple[T | None, T | None]
"""An item before and after; None on the side that does not have it."""
Key = Callable[[T], Hashable]


def aligned(
    before: Sequence[T], after: Sequence[T], keys: Sequence[Key[T]], alike: Callable[[T, T], bool] | None = None
) -> list[Pair[T]]:
    """Pairs in the order of both sequences.

    What is equal by the first key belongs together; between such pairs the second key decides, and so on. What no
    key pairs is paired in order where the two are ``alike``, and stands alone otherwise.
    """
    if not before or not after:
        return [*((item, None) for item in before), *((None, item) for item in after)]
    if not keys:
        return _in_order(before, after, alike)
    key, further = keys[0], keys[1:]
    matcher = SequenceMatcher(None, [key(item) for item in before], [key(item) for item in after], autojunk=False)
    pairs: list[Pair[T]] = []
    at = there = 0
    for start, other, size in matcher.get_matching_blocks():
        gap: list[Pair[T]] = aligned(before[at:start], after[there:other], further, alike)
        pairs += gap
        pairs += zip(before[start : start + size], after[other : other + size], strict=True)
        at, there = start + size, other + size
    return pairs


def _in_order(before: Sequence[T], after: Sequence[T], alike: Callable[[T, T], bool] | None) -> list[Pair[T]]:
    pairs: list[Pair[T]] = []
    there = 0
    for item in before:
        found = next((i for i in range(there, len(after)) if alike and alike(item, after[i])), None)
        if found is None:
            pairs.append((item, None))
        else:
            pairs += [(None, other) for other in after[there:found]]
            pairs.append((item, after[found]))
            there = found + 1
    return pairs + [(None, other) for other in after[there:]]
