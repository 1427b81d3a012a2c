"""Claims, as templates see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from generator.claims.held import Claims, Held
from generator.claims.spec import CLAIMS
from generator.claims.verdicts import VERDICTS, Finding
from generator.languages import Message
from generator.model import Rows
from generator.problems import did_you_mean, one_of
from generator.prose.slots import Cited, Link
from generator.prose.views import View
from generator.values import Phrase, Quantity, QuantityError


class _Named(View):
    """A view with a fixed list of names."""

    _what = ""

    def _names(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def _look(self, name: str) -> Any:
        names = self._names()
        if name not in names:
            raise QuantityError(
                "unknown-name",
                f"{self._what} has no {name!r}{did_you_mean(name, names)}",
                f"It has: {one_of(names, most=30)}.",
            )
        return names[name]


class FindingView(_Named):
    """One thing that a claim says, and what was found of it."""

    _what = "a check of a claim"

    def __init__(self, finding: Finding, rows: Rows) -> None:
        self._finding = finding
        self._rows = rows

    def _names(self) -> Mapping[str, Any]:
        finding = self._finding
        return {
            "words": Cited(finding.words, self._rows),
            "outcome": finding.outcome,
            "holds": finding.outcome == "holds",
            "says": self._says(),
            "value": finding.quantity,
            "of": finding.quantity.of if finding.quantity is not None else "",
            "date": finding.quantity.period if finding.quantity is not None else None,
            "mismatches": [Cited(text, self._rows) for text in finding.mismatches],
            "independent": finding.independent,
            "reason": Cited(finding.reason, self._rows),
        }

    def _says(self) -> Phrase | Cited:
        """What the data says, bound to the figure behind it where there is one."""
        finding = self._finding
        if finding.quantity is not None and finding.quantity.rows and finding.says:
            return Phrase(finding.says, finding.quantity)
        return Cited(finding.says, self._rows)


class ClaimView(_Named):
    """One claim: what was said, by whom, and the verdict."""

    _what = "a claim"

    def __init__(self, held: Held, page: str) -> None:
        self._held = held
        self._page = page
        self._rows = Rows(CLAIMS, (held.line,))

    def _names(self) -> Mapping[str, Any]:
        claim, held, rows = self._held.claim, self._held, self._rows
        published: dt.date | None = claim.published
        return {
            "id": claim.id,
            "claim": Cited(claim.claim, rows),
            "who": claim.who,
            "where": claim.where,
            "url": claim.url,
            "published": published,
            "figure": Cited(claim.figure, rows),
            "source": claim.source,
            "verdict": VERDICTS[held.code],
            "code": held.code,
            "checks": [FindingView(finding, rows) for finding in held.findings],
            "reason": Cited(claim.reason, rows),
            "note": Cited(claim.note, rows),
            "link": Link(claim.id, f"/{self._page}#{claim.id}"),
        }


class ClaimsView(_Named):
    """All claims, or those with one verdict: ``claims.with_verdict("contradicted")``."""

    _what = "claims"

    def __init__(self, claims: Claims, page: str, codes: tuple[str, ...] | None = None) -> None:
        self._claims = claims
        self._page = page
        self._codes = codes

    @property
    def _held(self) -> Mapping[str, Held]:
        """What was found of them: worked out only when a page asks."""
        held = self._claims.held
        if self._codes is None:
            return held
        return {key: each for key, each in held.items() if each.code in self._codes}

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[ClaimView]:
        return (ClaimView(held, self._page) for held in self._held.values())

    def __getitem__(self, key: str) -> ClaimView:
        held = self._held
        if key not in held:
            raise QuantityError("unknown-claim", f"there is no claim {key!r}{did_you_mean(str(key), held)}")
        return ClaimView(held[key], self._page)

    def with_verdict(self, *codes: str) -> ClaimsView:
        """Those with one of these verdicts, by code."""
        for code in codes:
            if code not in VERDICTS:
                raise QuantityError(
                    "unknown-verdict",
                    f"there is no verdict {code!r}{did_you_mean(code, VERDICTS)}",
                    f"Verdicts: {one_of(VERDICTS)}.",
                )
        wanted = codes if self._codes is None else tuple(code for code in codes if code in self._codes)
        return ClaimsView(self._claims, self._page, wanted)

    @property
    def count(self) -> Quantity:
        """How many, bound to their lines in claims.yml."""
        lines = tuple(held.line for held in self._held.values())
        return Quantity(
            len(lines),
            Message("claims"),
            "count",
            label=Message("number of claims"),
            rows=(Rows(CLAIMS, lines),),
            unit_one=Message("claim"),
        )

    def _names(self) -> Mapping[str, Any]:
        return {key: ClaimView(held, self._page) for key, held in self._held.items()} | {
            "with_verdict": self.with_verdict, "count": self.count,
        }  # fmt: skip


def claims_view(claims: Claims, page: str) -> ClaimsView:
    return ClaimsView(claims, page)
