"""What was found of each thing a claim says → the verdict on the claim, by stated rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from generator.languages import Message
from generator.values import Quantity

Outcome = Literal["holds", "fails", "unsure", "unknown", "not checkable", "not about data"]

Code = Literal["supported", "matches-source", "partly", "contradicted", "unsupported", "unknown", "not-checkable",
               "not-data"]  # fmt: skip

VERDICTS: dict[Code, str] = {
    "supported": Message("supported"),
    "matches-source": Message("matches its source but not independently checked"),
    "partly": Message("partly supported"),
    "contradicted": Message("contradicted"),
    "unsupported": Message("not supported by the source named"),
    "unknown": Message("cannot be told from the data held"),
    "not-checkable": Message("not checkable"),
    "not-data": Message("not about data"),
}
"""Code → the words on the page."""


class Finding(Struct, frozen=True):
    """One check: whether the words hold, what the data says, and in what else claim and data differ.

    ``mismatches`` names each: of what, whose, of which kind of place, of when.
    """

    words: str
    outcome: Outcome
    says: str = ""
    quantity: Quantity | None = None
    mismatches: tuple[str, ...] = ()
    independent: bool = True
    named_source: bool = False
    reason: str = ""


def verdict_of(findings: Sequence[Finding]) -> Code:
    """The rules, first that fits:

    - some things hold and some do not: partly
    - nothing holds and something does not: contradicted; if that was read from the source that the claim names, and
      from nothing else, not supported by the source named
    - nothing can be told of any: unknown, or not checkable where a person has said so of all
    - all hold, but of something else than was claimed, or more was claimed than can be told: partly
    - all hold: supported, or, when what we hold of one is a reprint of the same count, matches its source
    """
    outcomes = [finding.outcome for finding in findings]
    failed = [finding for finding in findings if finding.outcome == "fails"]
    held = [finding for finding in findings if finding.outcome == "holds"]
    if failed:
        if held:
            return "partly"
        return "unsupported" if all(finding.named_source for finding in failed) else "contradicted"
    if not held:
        if outcomes and all(outcome == "not about data" for outcome in outcomes):
            return "not-data"
        return "not-checkable" if outcomes and all(o.startswith("not ") for o in outcomes) else "unknown"
    if len(held) < len(findings) or any(finding.mismatches for finding in held):
        return "partly"
    return "supported" if all(finding.independent for finding in held) else "matches-source"
