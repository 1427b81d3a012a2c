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
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from .printed import (
    LAST_YEAR,
    Corrections,
    Spellings,
    clean,
    correction,
    day_in,
    line_to_add,
    nearest,
    rows_of,
    spelling,
)

LOADS = ("agreement_lists", "agreements", "agencies")
READS = ("*participating*.xlsx", "*pending*.xlsx")

NEEDED = ("STATE", "LAW ENFORCEMENT AGENCY", "SUPPORT TYPE")
READ = (*NEEDED, "TYPE", "COUNTY", "SIGNED", "MOA")
KNOWN = (*READ, "ADDENDUM")
HEADER_WITHIN = 20
"""The header is one of so many first rows."""

MODELS = {"Jail Enforcement Model": "JEM", "Task Force Model": "TFM", "Warrant Service Officer": "WSO"}
UNKNOWN = "unknown"
TYPES = {"County": "county", "Municipality": "municipality", "State Agency": "state_agency"}
NOTHING = ("", "#n/a", "#na", "n/a", "na")
"""A county or a kind of agency that is left open."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

FIRST_YEAR = 1996
"""The programme's law is of 1996: a signing before it is a slip, as is one of the next century."""
SLIPS = 0.01
"""Of the rows of a list whose day somebody has settled, so many may be signed after it: their cells are wrong."""
SAVED_AFTER = dt.timedelta(days=1)
"""A list of the evening is saved on the next day in UTC."""
OLD = dt.timedelta(days=30)
"""Lists come out twice a week: one that nobody has touched for so long is an older one."""
FALL = 0.8
MOST_DAYS = 100_000
"""A number in the column of days that is larger is something else."""
SHOWN = 3
"""Rows that are named where many lack the same thing; the rest is counted."""

TITLES = {
    ("signed", "workbook"): "287(g) participating agencies, workbooks",
    ("pending", "workbook"): "287(g) pending agencies, workbooks",
    ("signed", "web_page"): "287(g) participating entities, table on the web page, from archived captures",
}
OTHER_NAME = "Published under the name of the other list"
WRONG_DATE = "The date in the file name is wrong"
HEADER_ONLY = "Header only"


@dataclass(frozen=True)
class Agreement:
    """One row. ``signed`` is None where the list leaves it out or prints no date."""

    row: int
    state: str
    agency: str
    kind: str
    county: str
    model: str
    signed: dt.date | None
    signed_at: int
    """The column of the date, from 0; -1 where the list has none."""
    moa: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same agreement on another list, as far as spelling lets us see."""
        return self.state, self.agency.casefold(), self.model


@dataclass
class Listed:
    """One workbook, read."""

    file: Any
    sheet: Any
    signed: bool
    origin: str
    agreements: list[Agreement]
    saved_at: dt.datetime | None
    """When somebody last saved it (UTC); None when the file does not show that."""
    as_of: dt.date = dt.date.min
    order: tuple[Any, ...] = ()
    """Where it comes among the lists of its date."""
    note: str = ""

    @property
    def status(self) -> str:
        return "signed" if self.signed else "pending"

    @property
    def saved(self) -> dt.date | None:
        return self.saved_at.date() if self.saved_at else None

    @property
    def newest(self) -> dt.date | None:
        return max((each.signed for each in self.agreements if each.signed), default=None)

    @property
    def content(self) -> tuple[Any, ...]:
        return self.status, tuple((*each.key, each.signed) for each in self.agreements)

    def counts(self) -> Counter[tuple[str, str]]:
        return Counter((each.state, each.model) for each in self.agreements)


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
    agencies = _agencies(tables, left, rows, taken, lists, reader, report)
    _tell_dates(rows, report)
    return {
        "agreement_lists": [rows[key] for key in sorted(rows)],
        "agreements": sorted(counts, key=lambda row: (row["as_of"], row["status"], row["state"], row["model"])),
        "agencies": agencies,
    }


# --- one workbook ---------------------------------------------------------------------------------------


@dataclass
class Reader:
    """Reads workbooks with the names of the areas, the spellings and the corrections of the story."""

    tables: Mapping[str, Any]
    report: Any
    spellings: Spellings = field(init=False)
    corrections: Corrections = field(init=False)
    states: dict[str, str] = field(init=False)
    """Name of a state, in small letters, or its postal code → the code."""
    names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.spellings = Spellings(self.tables["spellings"])
        areas = [row for row in rows_of(self.tables["areas"]) if row["kind"] in ("state", "district", "territory")]
        self.states = {row[column].casefold(): row["code"] for row in areas for column in ("name", "code")}
        self.names = [row["name"].upper() for row in areas]
        self.corrections = Corrections(self.tables["corrections"])

    def read(self, file: Any) -> Listed | None:
        """The list in a file; None for one that is left out, or that cannot be read, which is told."""
        line = self.corrections.line(file)
        if line is not None and line["date"] is None:
            return None
        book = self.report.attempt(lambda: file.workbook)
        if book is None:
            return None
        shown = [sheet for sheet in book.sheets if not sheet.hidden]
        found = self._best(self._headers(file, shown))
        for sheet, _, _ in self._headers(file, [sheet for sheet in book.sheets if sheet.hidden]):
            self.report.warning(file.at(sheet), "this sheet is hidden and holds a list; it is not read")
        if len(found) != 1:
            self._tell_sheets(file, shown, found)
            return None
        sheet, header, columns = found[0]
        if not self._knows_columns(file, sheet, header, columns):
            return None
        agreements = [
            read
            for row in file.rows(sheet)
            if row.number > header.number and (read := self._agreement(file, sheet, row, columns)) is not None
        ]
        origin = "workbook" if "TYPE" in columns else "web_page"
        return Listed(file, sheet, "SIGNED" in columns, origin, agreements, _saved(book))

    def _headers(self, file: Any, sheets: Iterable[Any]) -> list[tuple[Any, Any, dict[str, int]]]:
        """The sheets that hold a list, each with its header and where its columns are."""
        found = []
        for sheet in sheets:
            for row in self.report.attempt(lambda sheet=sheet: file.rows(sheet), ())[:HEADER_WITHIN]:
                columns = self._columns(row)
                if all(name in columns for name in NEEDED):
                    found.append((sheet, row, columns))
                    break
        return found

    @staticmethod
    def _best(found: Sequence[tuple[Any, Any, dict[str, int]]]) -> list[tuple[Any, Any, dict[str, int]]]:
        """Those with the most columns of a list: a pivot table beside it has some of them."""
        known = [len(set(columns) & set(KNOWN)) for _, _, columns in found]
        return [each for each, count in zip(found, known, strict=True) if count == max(known)]

    def _columns(self, row: Any) -> dict[str, int]:
        """The names that a row prints, as they are meant → column, the first of each name."""
        found: dict[str, int] = {}
        for column, value in enumerate(row.cells):
            printed = clean(value).upper()
            if printed:
                found.setdefault(self.spellings.meant("column", printed) or printed, column)
        return found

    def _tell_sheets(self, file: Any, sheets: Sequence[Any], found: Sequence[Any]) -> None:
        if found:
            named = " and ".join(repr(sheet.title) for sheet, _, _ in found)
            message = f"the sheets {named} both hold a list; nothing says which one counts"
            self.report.error(file, message, "Delete one of them in a copy of the workbook, and load the copy.")
            return
        headers = [
            (file.at(sheet, row.number), self._columns(row))
            for sheet in sheets
            for row in self.report.attempt(lambda sheet=sheet: file.rows(sheet), ())[:HEADER_WITHIN]
        ]
        if not headers:
            self.report.error(file, "the workbook is empty: not even a header", "Get it again from the publisher.")
            return
        place, columns = max(headers, key=lambda each: len(set(each[1]) & set(KNOWN)))
        missing = [name for name in NEEDED if name not in columns]
        others = [name for name in columns if name not in KNOWN]
        hint = _renamed(others, missing) if others and len(missing) < len(NEEDED) else ""
        self.report.error(place, f"this is no list: the header lacks {' and '.join(missing)}", hint)

    def _knows_columns(self, file: Any, sheet: Any, header: Any, columns: Mapping[str, int]) -> bool:
        """Whether no column may be a missing one under another name. What nobody reads is told."""
        others = {
            name: column
            for name, column in columns.items()
            if name not in KNOWN and self.spellings.meant("column", name) != ""
        }
        missing = [name for name in READ if name not in columns]
        known = True
        for name, column in others.items():
            place, unneeded = file.at(sheet, header.number, column), spelling("column", name, "")
            like = next((each for each in missing if _is_like(name, each)), "")
            if like:
                message = f"the column {name!r} is not known, and the list has no column {like}"
                hint = f"{_renamed([name], [like])}\n(or {unneeded} if it is not, and nobody needs it)"
                self.report.error(place, message, hint)
                known = False
            else:
                hint = f"If nobody needs it, a line in data/spellings.csv says so:\n{unneeded}"
                self.report.warning(place, f"the column {name!r} is not known, and is not read", hint)
        read = set(columns.values())
        for row in file.rows(sheet):
            for column, value in enumerate(row.cells):
                if column not in read and row.number != header.number and clean(value):
                    message = f"{clean(value)[:40]!r} stands in a column without a name of its own, and is not read"
                    self.report.warning(file.at(sheet, row.number, column), message)
                    return known
        return known

    def _agreement(self, file: Any, sheet: Any, row: Any, columns: Mapping[str, int]) -> Agreement | None:
        """One row; None for an empty one, the header again, or one that cannot be read, which is told."""
        texts = {name: clean(row[columns[name]]) if name in columns else "" for name in KNOWN}
        if not any(texts.values()) or texts["STATE"].upper() == "STATE":
            return None
        place = file.at(sheet, row.number, columns["STATE"])
        for name in columns.values():
            if (row.number, name) in sheet.uncomputed:
                message = "a formula stands here, and no value that it came to"
                hint = "Open the workbook in a spreadsheet and save it: that works the formulas out."
                self.report.error(file.at(sheet, row.number, name), message, hint)
                return None
        alone = [text for text in texts.values() if text]
        state = self.spellings.read("state", alone[0] if len(alone) == 1 else texts["STATE"], self.states)
        if state == "":
            return None  # a line of the spellings says that the row is none
        if len(alone) == 1:
            message = f"{alone[0]!r} stands alone in its row, which is no agreement then"
            line = spelling("state", alone[0], "")
            self.report.error(place, message, f"If it is a note, this line in data/spellings.csv says so:\n{line}")
            return None
        if state is None:
            message = f"{texts['STATE']!r} is no state" if texts["STATE"] else "the row names no state"
            hint = line_to_add("state", texts["STATE"].upper(), self.names) if texts["STATE"] else ""
            self.report.error(place, message, hint)
        if not texts["LAW ENFORCEMENT AGENCY"]:
            at = file.at(sheet, row.number, columns["LAW ENFORCEMENT AGENCY"])
            self.report.error(at, "the row names no agency", "See what the publisher says the next time.")
        model = self._model(file, sheet, row, columns, texts["SUPPORT TYPE"])
        signed_at = columns.get("SIGNED", -1)
        signed = self._day(file, sheet, row, signed_at) if signed_at >= 0 else None
        if state is None or model is None or not texts["LAW ENFORCEMENT AGENCY"]:
            return None
        county, kind = ("" if texts[name].casefold() in NOTHING else texts[name] for name in ("COUNTY", "TYPE"))
        agency, moa = texts["LAW ENFORCEMENT AGENCY"], texts["MOA"]
        return Agreement(row.number, state, agency, kind, county, model, signed, signed_at, moa)

    def _model(self, file: Any, sheet: Any, row: Any, columns: Mapping[str, int], printed: str) -> str | None:
        place = file.at(sheet, row.number, columns["SUPPORT TYPE"])
        if not printed:
            self.report.warning(place, "the model is left blank; the agreement is counted as one of unknown model")
            return UNKNOWN
        model = self.spellings.read("model", printed, {name.casefold(): code for name, code in MODELS.items()})
        if not model:
            self.report.error(place, f"{printed!r} is no model", line_to_add("model", printed, MODELS))
        return model or None

    def _day(self, file: Any, sheet: Any, row: Any, column: int) -> dt.date | None:
        """The day of signing; None for an empty cell, and for what is no day, which is told."""
        value = row[column]
        if isinstance(value, (int, float)) and 0 < value < MOST_DAYS:  # the cell is formatted as a number
            value = dt.datetime.combine(file.workbook.epoch + dt.timedelta(days=int(value)), dt.time())
        printed = value.date().isoformat() if isinstance(value, dt.datetime) else clean(value)
        if not printed:
            return None
        meant = self.spellings.meant("signed", printed)
        day = _day_of(meant if meant is not None else printed)
        if day is None and meant != "":
            line = spelling("signed", printed, "YYYY-MM-DD")
            hint = f"If it is known, add a line to data/spellings.csv:\n{line}"
            self.report.warning(file.at(sheet, row.number, column), f"{printed!r} is no day of signing", hint)
        return day

    # --- its date ---------------------------------------------------------------------------------------

    def date(self, listed: Listed) -> bool:
        """Gives the list its date, and says whether it has one; why not is told."""
        named, listed.order = _named(listed.file.name)
        line = self.corrections.line(listed.file)
        if line is not None:
            listed.as_of = line["date"]
            listed.note = WRONG_DATE if named != line["date"] else ""
        elif named is None:
            hint = _settle(listed, listed.saved or listed.newest)
            self.report.error(listed.file, "its name holds no date that can be read", hint)
            return False
        else:
            listed.as_of = named
        if not self._holds(listed, corrected=line is not None):
            return False
        name = listed.file.name.casefold()
        said = ("participat" in name, "pending" in name)
        if said == ((not listed.signed), listed.signed):
            listed.note = OTHER_NAME
            return self._under_the_others_name(listed)
        if not listed.agreements:
            listed.note = HEADER_ONLY
            self.report.warning(listed.file, "the list has a header and no row: no agreement of its kind")
        return True

    def _under_the_others_name(self, listed: Listed) -> bool:
        """A list that its name takes for the other: not when it is as long as that, and has only lost a column."""
        kinds = {True: "participating", False: "pending"}
        has, own = "has" if listed.signed else "lacks", kinds[listed.signed]
        message = f"the list {has} the column SIGNED, so it is that of {own} agencies, whatever its name says"
        before = {
            row["status"] == "signed": row["total"]
            for row in rows_of(self.tables["agreement_lists"])
            if row["as_of"] <= listed.as_of and row["origin"] == "workbook"
        }
        total = len(listed.agreements)
        if len(before) == 2 and abs(total - before[listed.signed]) > abs(total - before[not listed.signed]):
            other = kinds[not listed.signed]
            message = f"the list {has} the column SIGNED, but is as long as that of {other} agencies: {total} rows"
            hint = "See in the workbook which of the two it is; a column that is called otherwise has a line in "
            self.report.error(listed.file, message, f"{hint}data/spellings.csv:\ncolumn,…,SIGNED")
            return False
        self.report.warning(listed.file, message)
        return True

    def _holds(self, listed: Listed, *, corrected: bool) -> bool:
        """Whether what is inside allows the date; what does not is told."""
        as_of, saved = listed.as_of, listed.saved
        late = [each for each in listed.agreements if each.signed and each.signed > as_of]
        by = "the line in data/corrections.csv" if corrected else "its name"
        few = len(late) <= SLIPS * len(listed.agreements)

        def is_slip(signed: dt.date) -> bool:
            """Whether the list was there before, so that it is the cell that is wrong."""
            if saved is None:
                return corrected and few
            return saved <= as_of + SAVED_AFTER or signed > saved + SAVED_AFTER

        for each in late:
            if each.signed and is_slip(each.signed):
                at = listed.file.at(listed.sheet, each.row, each.signed_at)
                self.report.warning(at, f"signed on {each.signed}, says the list, which is of {as_of}")
        late = [each for each in late if each.signed and not is_slip(each.signed)]
        if late:
            newest = max(late, key=lambda each: each.signed or as_of)
            message = f"{by} says {as_of}, but it lists an agreement signed on {newest.signed}"
            at = listed.file.at(listed.sheet, newest.row, newest.signed_at)
            other = _of_another_year(as_of, newest.signed)
            self.report.error(at, message, _settle(listed, other or (as_of if few and saved is None else None)))
            return False
        if saved is None or listed.origin == "web_page":
            return True
        if saved > as_of + SAVED_AFTER:
            near = listed.newest is not None and listed.newest >= as_of - OLD
            other = _of_another_year(as_of, saved)
            message = f"{by} says {as_of}, but it was last saved on {saved}"
            if other is not None and not near and not corrected:
                self.report.error(listed.file, message, _settle(listed, other))
                return False
            if not near and not corrected:  # or somebody has opened and saved it since
                self.report.warning(listed.file, message, "See whether it is of that day.")
        elif saved < as_of - OLD:
            listed.note = listed.note or f"Repeats the list of {saved} under a newer name; not a count of that day"
            message = (
                f"{by} says {as_of}, but it was last saved on {saved}: perhaps an older list under a newer name"
            )
            self.report.warning(listed.file, message, "It is kept with a note; see what the next list says.")
        return True


def _is_like(name: str, known: str) -> bool:
    """Whether a heading may be one that we know: it has its words, or is written much alike."""
    return set(known.split()) <= set(re.findall(r"\w+", name)) or nearest(name, [known]) is not None


def _renamed(others: Sequence[str], missing: Sequence[str]) -> str:
    """The hint: which line would say that a heading is one that is missing."""
    pairs = [(other, name) for other in others for name in missing]
    other, name = max(pairs, key=lambda pair: (_is_like(*pair), difflib.SequenceMatcher(None, *pair).ratio()))
    if not _is_like(other, name) and len(pairs) > 1:
        several = " or ".join(repr(each) for each in others)
        line = spelling("column", "…", missing[0] if len(missing) == 1 else "…")
        return f"If it is {several}, add a line to data/spellings.csv:\n{line}"
    return f"If that is meant, add this line to data/spellings.csv:\n{spelling('column', other, name)}"


def _saved(book: Any) -> dt.datetime | None:
    """When the publisher last saved a workbook; None for one that a program has written anew, mirror's or ours."""
    if book.modified is None or book.created is None or book.modified.date() == book.created.date():
        return None
    return book.modified.replace(tzinfo=None)  # type: ignore[no-any-return]


def _settle(listed: Listed, day: dt.date | None) -> str:
    """The hint: the line that would settle the date."""
    line = correction(listed.file, day or "YYYY-MM-DD")
    return (
        f"Find out of which day it is, and add a line to data/corrections.csv:\n{line}\n"
        "(or without the date, to leave it out)"
    )


def _of_another_year(as_of: dt.date, witness: dt.date | None) -> dt.date | None:
    """The same day of the year that a witness is of: a year typed by habit is the commonest slip.

    A witness is the newest signing, or the day the list was saved: a little before the list is out.
    """
    for year in (as_of.year + 1, as_of.year + 2):
        try:
            day = as_of.replace(year=year)
        except ValueError:
            return None
        if witness is not None and day - OLD <= witness <= day + SAVED_AFTER:
            return day
    return None


def _day_of(printed: str) -> dt.date | None:
    """2025-05-08, 5/8/2025, May 8, 2025, and with a slash forgotten: 05/082025 and 7/72025. None for anything else.

    The last four digits are the year. What is left must have its slash, so that there is one way to read it.
    """
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00:00)?", printed)
    slashed = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/?([0-9]{4})", printed)
    named = re.fullmatch(r"([a-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})", printed.casefold())
    if iso:
        year, month, day = map(int, iso.groups())
    elif named and named[1][:3] in MONTHS:
        month, day, year = MONTHS.index(named[1][:3]) + 1, int(named[2]), int(named[3])
    elif slashed:
        month, day, year = map(int, slashed.groups())
    else:
        return None
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None
    return found if FIRST_YEAR <= year <= LAST_YEAR else None


# --- what a name says -----------------------------------------------------------------------------------

_CLOCK = re.compile(r"(?<![0-9])([0-9]{1,2})[.:h_-]?([0-9]{2})(?:[.:_-]?([0-9]{2}))?(?![0-9])")


def _named(name: str) -> tuple[dt.date | None, tuple[Any, ...]]:
    """The date in a file's name, and where the name puts it among the lists of its date.

    After the date come am, mid, pm, a time, and B, _b, 2 for a second one.
    """
    day, rest, clock = day_in(name)
    return day, _order(rest, clock)


def _order(rest: str, clock: str) -> tuple[Any, ...]:
    """The part of the day (0 when nothing says), which version of it, and the time."""
    text = rest.casefold()
    half = re.match(r"[ _-]*(am|mid|noon|pm)", text)
    part = {"am": 1, "mid": 2, "noon": 2, "pm": 3}[half[1]] if half else 0
    left = text[half.end() :] if half else text
    time = ""
    if clock:
        time = clock
    elif found := _CLOCK.search(left):
        hours = int(found[1]) + (12 if "pm" in left and int(found[1]) < 12 else 0)
        time = f"{hours:02}{found[2]}{found[3] or '00'}"
        left = left[: found.start()] + left[found.end() :]
    if time and not part:
        part = 1 if time < "12" else 3
    version = re.search(r"(?<![a-z0-9])[ _(-]*([b-h]|[2-9])\)?$", left.strip())
    return part, version[1] if version else "", time


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
    order = _named(held["source_file"])[1]
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
        named = _named(listed.file.name)[0]
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


# --- the agencies of some lists -------------------------------------------------------------------------


def _agencies(
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


Key = tuple[str, str, str]


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
    return row["state"], row["agency"].casefold(), row["model"]


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
