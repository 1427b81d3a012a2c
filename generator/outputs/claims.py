"""``claims.json``: every claim, what was found and the verdict, for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from generator.claims.held import Held
from generator.claims.verdicts import VERDICTS, Finding
from generator.values import Quantity


def claims_json(claims: Mapping[str, Held], base_url: str, page: str) -> bytes:
    """UTF-8, in the order of claims.yml."""
    records = [_claim(held, base_url, page) for held in claims.values()]
    text = json.dumps({"version": 1, "claims": records}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode()


def _claim(held: Held, base_url: str, page: str) -> dict[str, Any]:
    claim = held.claim
    return {
        "id": claim.id,
        "url": f"{base_url}{page}#{claim.id}",
        "claim": claim.claim,
        "who": claim.who,
        "where": claim.where,
        "source_url": claim.url,
        "published": claim.published.isoformat() if claim.published else None,
        "figure": claim.figure,
        "source": claim.source,
        "verdict": held.code,
        "verdict_text": VERDICTS[held.code],
        "reason": claim.reason,
        "note": claim.note,
        "checks": [_finding(finding) for finding in held.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "words": finding.words,
        "outcome": finding.outcome,
        "data": finding.says,
        "mismatches": list(finding.mismatches),
        "independent": finding.independent,
        "reason": finding.reason,
        "value": _value(finding.quantity) if finding.quantity is not None else None,
    }


def _value(quantity: Quantity) -> dict[str, Any]:
    return {
        "number": quantity.number if quantity.known else None,
        "unit": quantity.unit,
        "exactness": quantity.precision,
        "of": quantity.of,
        "period": str(quantity.period) if quantity.period else None,
        "definition": quantity.definition,
        "formula": quantity.formula,
        "rows": {rows.dataset: list(rows.lines) for rows in quantity.rows if len(rows.lines) <= 100},
    }
