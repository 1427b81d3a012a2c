"""ICE's lists of 287(g) agreements → agreement_lists, agreements and agencies.

    broadsheet refresh agreements --from participatingAgencies05182026am.xlsx --from pendingAgencies05182026am.xlsx

Each workbook is one list. Lists that the tables hold already stay, unless a later one of the same date comes; so a
folder of all lists and one new list give the same tables. Nothing here knows a file by its name: what is odd about
one of them is a line of ``corrections`` or ``spellings``.

How a list gets its date: its name says it, and must not contradict what is inside. Nobody signs after the list is
out, and a list is not saved long after it. Where they disagree, the list is refused until ``corrections`` has a
line for it. Which of the two lists it is, the column SIGNED tells, never the name.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .agencies import agencies
from .lists import HEADER_ONLY, TITLES, UNKNOWN, Listed, Reader, named_in
from .printed import correction, rows_of

LOADS = ("agreement_lists", "agreements", "agencies")
READS = ("*participating*.xlsx", "*pending*.xlsx")

FALL = 0.8
"""A list with less than this share of the agreements of the one before it is told."""


def load(received: Sequence[Any], tables: Mapping[str, Any], report: Any) -> dict[str, Iterable[Mapping[str, Any]]]:
    """The three tables with the lists received. What cannot be read surely is told, and is an error."""
    reader = Reader(tables, report)
    lists = [listed for file in received if (listed := reader.read(file)) is not None]
    lists = [listed for listed in lists if reader.date(listed)]
    chosen = list(_last_of_each_date(lists, report))
    held = {(row["as_of"], row["status"]): row for row in rows_of(tables["agreement_lists"])}
    taken = {}
    for listed in chosen:
        key = (listed.as_of, listed.status)
        if not _is_later_in(held.get(key), listed):
            taken[key] = listed
    moved = _settled_otherwise(held, taken, report)
    for name in ("agreement_lists", "agreements"):
        report.took(name, *(listed.file for listed in taken.values()))
    rows = {key: row for key, row in held.items() if key not in moved}
    rows |= {key: _list_row(listed, held.get(key)) for key, listed in taken.items()}
    _tell_falls(rows, taken, report)
    made_anew = {*taken, *moved}
    counts = [row for row in rows_of(tables["agreements"]) if (row["as_of"], row["status"]) not in made_anew]
    for (as_of, status), listed in taken.items():
        for (state, model), count in listed.counts().items():
            counts.append({"as_of": as_of, "status": status, "state": state, "model": model, "count": count})
    left = [row for row in rows_of(tables["agencies"]) if (row["as_of"], "signed") not in moved]
    found = agencies(tables, left, rows, taken, lists, reader, report)
    _tell_dates(rows, report)
    return {
        "agreement_lists": [rows[key] for key in sorted(rows)],
        "agreements": sorted(counts, key=lambda row: (row["as_of"], row["status"], row["state"], row["model"])),
        "agencies": found,
    }


# --- several lists --------------------------------------------------------------------------------------


def _last_of_each_date(lists: Sequence[Listed], report: Any) -> Iterator[Listed]:
    """Of the lists of one date and kind the last one; an error where nothing says which that is."""
    groups: dict[tuple[dt.date, str], list[Listed]] = {}
    for listed in lists:
        groups.setdefault((listed.as_of, listed.status), []).append(listed)
    for group in groups.values():
        workbooks = [listed for listed in group if listed.origin == "workbook"] or group
        order = max(listed.order for listed in workbooks)
        latest = [listed for listed in workbooks if listed.order == order]
        rank = _by_saving if all(listed.saved_at for listed in latest) else _by_signing
        last = max(latest, key=lambda each: (rank(each), -len(each.file.name)))
        rivals = [each for each in latest if rank(each) == rank(last) and each.content != last.content]
        for rival in rivals:
            message = (
                f"{last.file.shown} is another list of {last.as_of} ({len(last.agreements)} rows, here "
                f"{len(rival.agreements)}), and nothing says which is the later one"
            )
            hint = f"Leave one out with a line in data/corrections.csv:\n{correction(rival.file, '')}"
            report.error(rival.file, message, hint)
        yield last


def _by_saving(listed: Listed) -> tuple[Any, ...]:
    return listed.saved_at, listed.newest or dt.date.min


def _by_signing(listed: Listed) -> tuple[Any, ...]:
    """Where not all files of one name say when they were saved."""
    return (listed.newest or dt.date.min,)


def _is_later_in(held: Mapping[str, Any] | None, listed: Listed) -> bool:
    """Whether the table holds a later list of that date, or the same one under another name."""
    if held is None:
        return False
    if held["origin"] != listed.origin:
        return bool(held["origin"] == "workbook")
    order = named_in(held["source_file"])[1]
    other_name = held["source_file"] != listed.file.name
    return order > listed.order or (order == listed.order and other_name and _has_its_counts(held, listed))


def _has_its_counts(held: Mapping[str, Any], listed: Listed) -> bool:
    made = _list_row(listed, None)
    return all(held[name] == made[name] for name in ("total", "jem", "tfm", "wso", "unknown_model"))


def _settled_otherwise(
    held: Mapping[tuple[dt.date, str], Mapping[str, Any]], taken: Mapping[tuple[dt.date, str], Listed], report: Any
) -> set[tuple[dt.date, str]]:
    """What the table has of lists by the date in their names, which ``corrections`` has settled otherwise since."""
    found = set()
    for listed in taken.values():
        named = named_in(listed.file.name)[0]
        row = held.get((named, listed.status)) if named and named != listed.as_of else None
        if row is None or (named, listed.status) in taken or row["source_file"] != listed.file.name:
            continue
        if _has_its_counts(row, listed):
            message = f"it was in the table as the list of {named}; now it is that of {listed.as_of} alone"
            report.warning(listed.file, message)
            found.add((named, listed.status))
    return found


def _list_row(listed: Listed, held: Mapping[str, Any] | None) -> dict[str, Any]:
    models = Counter(each.model for each in listed.agreements)
    same = held is not None and held["source_file"] == listed.file.name
    return {
        "as_of": listed.as_of,
        "status": listed.status,
        "origin": listed.origin,
        "total": len(listed.agreements),
        "jem": models["JEM"],
        "tfm": models["TFM"],
        "wso": models["WSO"],
        "unknown_model": models[UNKNOWN],
        "source_file": listed.file.name,
        "note": (held["note"] if same and held else None) or listed.note or None,
    }


def _tell_falls(rows: Mapping[Any, Mapping[str, Any]], taken: Mapping[Any, Listed], report: Any) -> None:
    """Lists of signed agreements that are much shorter than the one before them, and have no note that says why."""
    signed = [rows[key] for key in sorted(rows) if key[1] == "signed"]
    for before, after in pairwise(signed):
        listed = taken.get((after["as_of"], "signed"))
        if listed is not None and after["note"] in (None, HEADER_ONLY) and after["total"] < FALL * before["total"]:
            message = f"{after['total']} agreements, after {before['total']} on {before['as_of']}"
            report.warning(listed.file, message, "An older list under a newer name looks like that.")


def _tell_dates(rows: Mapping[tuple[dt.date, str], Mapping[str, Any]], report: Any) -> None:
    """How far the tables reach, and of which day the last list of each kind is."""
    newest: dict[tuple[str, str], dt.date] = {}
    for (as_of, status), row in rows.items():
        kind = (status, row["origin"])
        newest[kind] = max(as_of, newest.get(kind, as_of))
    days = [as_of for as_of, _ in rows]
    for name in ("agreement_lists", "agreements"):
        if days:
            report.covers(name, min(days), max(days))
        for kind, day in newest.items():
            report.published(name, TITLES[kind], day)
