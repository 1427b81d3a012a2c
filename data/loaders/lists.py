"""One list of agreements, as a workbook has it: which list it is, of which day, and its rows."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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

NEEDED = ("STATE", "LAW ENFORCEMENT AGENCY", "SUPPORT TYPE")
READ = (*NEEDED, "TYPE", "COUNTY", "SIGNED", "MOA")
KNOWN = (*READ, "ADDENDUM")
HEADER_WITHIN = 20
"""The header is one of so many first rows."""
MODELS = {"Jail Enforcement Model": "JEM", "Task Force Model": "TFM", "Warrant Service Officer": "WSO"}
UNKNOWN = "unknown"
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
MOST_DAYS = 100_000
"""A number in the column of days that is larger is something else."""
TITLES = {
    ("signed", "workbook"): "287(g) participating agencies, workbooks",
    ("pending", "workbook"): "287(g) pending agencies, workbooks",
    ("signed", "web_page"): "287(g) participating entities, table on the web page, from archived captures",
}
OTHER_NAME = "Published under the name of the other list"
WRONG_DATE = "The date in the file name is wrong"
HEADER_ONLY = "Header only"


Key = tuple[str, str, str]


def key_of(state: str, agency: str, model: str) -> Key:
    """What makes an agreement the same one on another list, as far as spelling lets us see."""
    return state, agency.casefold(), model


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
    def key(self) -> Key:
        return key_of(self.state, self.agency, self.model)


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
        book = self.corrections.workbook(file, self.report)
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
        named, listed.order = named_in(listed.file.name)
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


def named_in(name: str) -> tuple[dt.date | None, tuple[Any, ...]]:
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
