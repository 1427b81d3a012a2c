"""What the data says of each claim that somebody else made."""

from __future__ import annotations

from collections.abc import Mapping

from generator.claims.verdicts import VERDICTS
from generator.comparing.changes import ClaimChange
from generator.pages import PageMaker


def claims(maker: PageMaker) -> Mapping[str, str]:
    """The claims of a story by id, each with its verdict in words."""
    return {claim: VERDICTS[held.code] for claim, held in maker.claims.items()}


def compare_claims(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[ClaimChange, ...]:
    return tuple(
        ClaimChange(claim, before.get(claim, ""), after.get(claim, ""))
        for claim in dict.fromkeys((*before, *after))
        if before.get(claim) != after.get(claim)
    )
