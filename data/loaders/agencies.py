"""The agencies of some lists, each with its county, and the first list that it was on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .lists import TITLES, Agreement, Key, Listed, Reader, key_of
from .printed import clean, line_to_add, nearest, rows_of, spelling

TYPES = {"County": "county", "Municipality": "municipality", "State Agency": "state_agency"}
SHOWN = 3
"""Rows that are named where many lack the same thing; the rest is counted."""


def agencies(
    tables: Mapping[str, Any],
    held: Sequence[Mapping[str, Any]],
    rows: Mapping[tuple[dt.date, str], Mapping[str, Any]],
    taken: Mapping[tuple[dt.date, str], Listed],
    lists: Sequence[Listed],
    reader: Reader,
    report: Any,
) -> list[Mapping[str, Any]]:
    """The agencies of the newest signed list, and of the lists that the table keeps to compare it with.

    Of the dates in the table the newest gives way to a newer one; the others stay. The one that its description
    names as the start of its coverage is always one of them, when its list is there.
    """
    start = tables["agencies"].resource.coverage.start
    kept = {start} if (start, "signed") in taken else set()
    dates = sorted({row["as_of"] for row in held} | kept)
    signed = [as_of for (as_of, status), row in rows.items() if (status, row["origin"]) == ("signed", "workbook")]
    newest = max(signed, default=None)
    if newest is not None and newest not in dates and (newest, "signed") in taken:
        dates = [*(as_of for as_of in dates if as_of == start or as_of != dates[-1]), newest]
    first = _first_listed(held, lists)
    counties = Counties.of(tables["counties"])
    found: list[Mapping[str, Any]] = []
    report.took("agencies")
    for as_of in dates:
        listed = taken.get((as_of, "signed"))
        if listed is None or listed.origin != "workbook":
            found += [_earlier(row, first) for row in held if row["as_of"] == as_of]
            continue
        found += _agency_rows(listed, first, counties, reader, report)
        report.took("agencies", listed.file)
    if dates:
        report.covers("agencies", end=max(dates))
        report.published("agencies", TITLES["signed", "workbook"], max(dates))
    order = ("as_of", "state", "agency", "model", "source_row")
    return sorted(found, key=lambda row: [row[name].lower() if name == "agency" else row[name] for name in order])


def _first_listed(held: Iterable[Mapping[str, Any]], lists: Iterable[Listed]) -> dict[Key, dt.date]:
    """Agreement → the first workbook with it, of those in the table and of those received."""
    first: dict[Key, dt.date] = {}
    seen = [(_key(row), row["first_listed"]) for row in held]
    for listed in lists:
        if listed.signed and listed.origin == "workbook":
            seen += [(each.key, listed.as_of) for each in listed.agreements]
    for key, day in seen:
        first[key] = min(day, first.get(key, day))
    return first


def _key(row: Mapping[str, Any]) -> Key:
    return key_of(row["state"], row["agency"], row["model"])


def _earlier(row: Mapping[str, Any], first: Mapping[Key, dt.date]) -> Mapping[str, Any]:
    return {**row, "first_listed": min(row["first_listed"], first.get(_key(row), row["first_listed"]))}


def _agency_rows(
    listed: Listed, first: Mapping[Key, dt.date], counties: Counties, reader: Reader, report: Any
) -> Iterator[Mapping[str, Any]]:
    kinds = {name.casefold(): code for name, code in TYPES.items()}
    unmatched, undated, open_ = [], [], []
    for each in listed.agreements:
        at = listed.file.at(listed.sheet, each.row)
        kind = reader.spellings.read("type", each.kind, kinds) if each.kind else ""
        if kind is None:
            report.error(at, f"{each.kind!r} is no kind of agency", line_to_add("type", each.kind, TYPES))
            continue
        signed = each.signed if each.signed and each.signed <= listed.as_of else None
        if signed is None:
            undated.append(each)
        if not kind:
            open_.append(each)
        meant = reader.spellings.meant("county", each.county) or ""
        fips = counties.find(each.state, each.county) or counties.find(each.state, meant)
        if each.county and fips is None:
            unmatched.append(each)
        yield {
            "as_of": listed.as_of,
            "state": each.state,
            "agency": each.agency,
            "agency_type": kind or None,
            "county": each.county or None,
            "county_fips": fips,
            "model": each.model,
            "date_signed": signed,
            "first_listed": first[each.key],
            "moa_status": _moa(each.moa),
            "source_row": each.row,
        }
    for rows, what in ((undated, "a day of signing that can be"), (open_, "a kind of agency")):
        _tell_kept(listed, [(each, each.agency) for each in rows], f"{len(rows)} listed without {what}", report)
    what = f"{len(unmatched)} counties printed are none of their state, and get no code"
    _tell_kept(listed, [(each, each.county) for each in unmatched], what, report, _lines(unmatched, counties))


def _tell_kept(
    listed: Listed, rows: Sequence[tuple[Agreement, str]], what: str, report: Any, hint: str = ""
) -> None:
    """One warning for all rows that lack the same thing: they are kept, with an empty cell."""
    if rows:
        shown = "; ".join(f"row {each.row}: {name}, {each.state}" for each, name in rows[:SHOWN])
        more = f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        report.warning(listed.file.at(listed.sheet, rows[0][0].row), f"{what}: {shown}{more}", hint)


def _lines(unmatched: Iterable[Agreement], counties: Counties) -> str:
    """The hint: what the counties may mean. One that some state has is not misspelt, but wrong or unclear."""
    lines: dict[str, str] = {}
    for each in unmatched:
        meant = None if counties.is_one(each.county) else nearest(each.county, counties.listed.get(each.state, ()))
        if meant is not None:
            lines.setdefault(each.county.casefold(), spelling("county", each.county, meant))
    if not lines:
        return ""
    return "\n".join(["If that is meant, add these lines to data/spellings.csv:", *lines.values()])


_KINDS_OF_COUNTY = re.compile(r" (county|parish|borough|census area|municipality|city|city and borough)$")


@dataclass(frozen=True)
class Counties:
    """The counties of each state by their names."""

    names: Mapping[tuple[str, str], str]
    """State and name in small letters → code."""
    stems: Mapping[tuple[str, str], frozenset[str]]
    """The same without what kind it is: a city and a county may share that."""
    listed: Mapping[str, Sequence[str]]
    """State → its counties, as they are written."""

    @classmethod
    def of(cls, table: Any) -> Counties:
        names: dict[tuple[str, str], str] = {}
        stems: dict[tuple[str, str], set[str]] = {}
        listed: dict[str, list[str]] = {}
        for row in rows_of(table):
            state, name = row["state"], clean(row["name"])
            names[state, name.casefold()] = row["fips"]
            stems.setdefault((state, _stem(name.casefold())), set()).add(row["fips"])
            listed.setdefault(state, []).append(name)
        return cls(names, {key: frozenset(found) for key, found in stems.items()}, listed)

    def find(self, state: str, printed: str) -> str | None:
        """The code of a county by its name, or by that without its kind where only one has it: "Decatur", GA."""
        name = printed.casefold()
        alike = self.stems.get((state, _stem(name)), frozenset())
        return self.names.get((state, name)) or (min(alike) if len(alike) == 1 else None)

    def is_one(self, printed: str) -> bool:
        """Whether any state has a county of that name, or several that it may be."""
        return any((state, _stem(printed.casefold())) in self.stems for state in self.listed)


def _stem(name: str) -> str:
    return _KINDS_OF_COUNTY.sub("", re.sub(r"^saint ", "st. ", name))


def _moa(printed: str) -> str:
    """Whether the list links to the memorandum, announces the link, or has neither."""
    text = printed.casefold()
    if "pending" in text:
        return "pending"
    return "linked" if "link" in text or text.startswith(("http://", "https://")) else "none"
