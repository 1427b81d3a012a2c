"""ICE's detention statistics → book_ins, ice_removals_fy and detention_adp_fy.

    broadsheet refresh book_ins --from FY26_detentionStats_04092026.xlsx

One workbook holds one fiscal year as far as it has gone; the newest of a year replaces what an earlier one said of
it, and other years stay. Sheets and tables are found by what they are called and by their headings, wherever they
stand: rows and columns move from year to year.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .printed import Corrections, Spellings, clean, correction, day_in, line_to_add, rows_of, spelling

LOADS = ("book_ins", "ice_removals_fy", "detention_adp_fy")
READS = ("*detentionstat*.xlsx",)

MONTHS = ("OCT", "NOV", "DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP")
AGENCIES = ("CBP", "ICE")
BOOK_INS = "ICE INITIAL BOOK-INS BY ARRESTING AGENCY"
REMOVALS = "ICE REMOVALS"
PARTS = ("MALE CRIM", "MALE NON-CRIM", "FEMALE CRIM", "FEMALE NON-CRIM")
"""The four columns of criminality, which add up to a facility's average daily population."""
HEADER_WITHIN = 30
SAVED_WITHIN = dt.timedelta(days=14)


class _RefusedError(Exception):
    """A table that cannot be read surely: where, why."""

    def __init__(self, place: Any, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.place, self.hint = place, hint


@dataclass(frozen=True)
class Statistics:
    """One workbook, read."""

    file: Any
    year: int
    """The fiscal year, named after the calendar year in which it ends."""
    day: dt.date
    """Of the file; the last of the year for one of the whole year."""
    dated: bool
    """Whether its name has a date."""
    book_ins: list[dict[str, Any]]
    removals: int
    facilities: list[dict[str, Any]]

    @property
    def begins(self) -> dt.date:
        return dt.date(self.year - 1, 10, 1)


def load(received: Sequence[Any], tables: Mapping[str, Any], report: Any) -> dict[str, Iterable[Mapping[str, Any]]]:
    """The three tables with the years received. What cannot be read surely is told, and is an error."""
    reader = Reader(tables, report)
    newest: dict[int, Statistics] = {}
    for file in received:
        found = reader.read(file)
        if found is not None and (found.year not in newest or _age(found) > _age(newest[found.year])):
            newest[found.year] = found
    held = {row["fiscal_year"]: row for row in rows_of(tables["ice_removals_fy"])}
    taken = {
        year: found for year, found in newest.items() if year not in held or held[year]["file_date"] <= found.day
    }
    for name in LOADS:
        report.took(name, *(found.file for found in taken.values()))
    for year, found in taken.items():
        if year not in held or held[year]["source_file"] != found.file.name:
            _tell_dates(found, max([*held, *taken]), report)
    begins = {found.begins: year for year, found in taken.items()}
    book_ins = [row for row in rows_of(tables["book_ins"]) if _year_begins(row["month"]) not in begins]
    removals = [row for year, row in held.items() if year not in taken]
    facilities = [row for row in rows_of(tables["detention_adp_fy"]) if row["fiscal_year"] not in taken]
    for year, found in taken.items():
        book_ins += found.book_ins
        facilities += found.facilities
        removals.append(
            {
                "fiscal_year": year,
                "period_start": found.begins,
                "file_date": found.day,
                "ice_removals": found.removals,
                "source_file": found.file.name,
            }
        )
    return {
        "book_ins": sorted(book_ins, key=lambda row: (row["month"], row["arresting_agency"])),
        "ice_removals_fy": sorted(removals, key=lambda row: row["fiscal_year"]),
        "detention_adp_fy": sorted(facilities, key=lambda row: (row["fiscal_year"], row["state"])),
    }


def _age(found: Statistics) -> tuple[Any, ...]:
    saved = found.file.workbook.modified
    return found.day, saved.isoformat() if saved else ""


def _year_begins(month: dt.date) -> dt.date:
    return dt.date(month.year if month.month >= 10 else month.year - 1, 10, 1)


def _tell_dates(found: Statistics, last: int, report: Any) -> None:
    """A file that takes the place of another: its day, and by what its rows are known."""
    for name in LOADS:
        if found.year == last:
            report.covers(name, end=found.day)
        title = f"Detention statistics, fiscal year {found.year}"
        day = found.day if found.dated else None
        report.published(name, title, day, where={"source_file": found.file.name})
    if not found.dated:
        message = "its name has no date; see whether 'published' of its source in datapackage.json is still right"
        report.warning(found.file, message)


@dataclass
class Reader:
    """Reads workbooks with the areas, the spellings and the corrections of the story."""

    tables: Mapping[str, Any]
    report: Any

    def __post_init__(self) -> None:
        self._spellings = Spellings(self.tables["spellings"])
        areas = [row for row in rows_of(self.tables["areas"]) if row["kind"] != "nation"]
        self._states = {row["code"].casefold(): row["code"] for row in areas}
        self.corrections = Corrections(self.tables["corrections"])

    def read(self, file: Any) -> Statistics | None:
        """None for a file that is left out, or that cannot be read, which is told."""
        book, line = self.corrections.workbook(file, self.report), self.corrections.line(file)
        if book is None:
            return None
        try:
            return self._statistics(file, book, line["date"] if line else None)
        except _RefusedError as error:
            self.report.error(error.place, str(error), error.hint)
            return None

    def _statistics(self, file: Any, book: Any, settled: dt.date | None) -> Statistics:
        detention = self._sheet(file, book, "DETENTION")
        row, column, title = _titled(file, detention, BOOK_INS)
        year, whole = _fiscal_year(file.at(detention, row, column), title)
        day, dated = _day(file, book, year, whole, settled)
        facilities = self._sheet(file, book, "FACILITIES")
        return Statistics(
            file,
            year,
            day,
            dated,
            list(_book_ins(file, detention, row, column, year, whole)),
            _removals(file, detention, year),
            list(self._facilities(file, facilities, year)),
        )

    def _sheet(self, file: Any, book: Any, called: str) -> Any:
        """The sheet whose name begins so: "Facilities EOFY24", " Facilities FY25"."""
        found = [sheet for sheet in book.sheets if re.match(rf"{called}\b(?!.*POP)", clean(sheet.title).upper())]
        if len(found) != 1:
            names = ", ".join(repr(sheet.title) for sheet in book.sheets)
            message = f"{len(found) or 'no'} sheets are called {called.title()} …; the workbook has {names}"
            raise _RefusedError(file, message)
        return found[0]

    def _facilities(self, file: Any, sheet: Any, year: int) -> Iterator[dict[str, Any]]:
        """One row for each state: its facilities, and their average daily populations together."""
        header, columns = _header(file, sheet, ("NAME", "STATE", *PARTS))
        sums: dict[str, list[float]] = {}
        for row in file.rows(sheet):
            if row.number <= header:
                continue
            cells = [_cell(file, sheet, row, columns[name]) for name in PARTS]
            if not any(isinstance(value, (int, float)) for _, value in cells):
                continue  # a footnote
            place = file.at(sheet, row.number, columns["STATE"])
            state = self._state(place, clean(row[columns["NAME"]]), clean(row[columns["STATE"]]))
            if state is None:
                continue
            sums.setdefault(state, []).append(sum(_number(place, value) for place, value in cells))
        for state, each in sums.items():
            yield {
                "fiscal_year": year,
                "state": state,
                "average_daily_population": f"{sum(each):.1f}",
                "facilities": len(each),
                "source_file": file.name,
            }

    def _state(self, place: Any, name: str, printed: str) -> str | None:
        """As printed; where the cell is empty, as a line of the spellings says of the facility; else None, told."""
        if not printed:
            state = self._states.get((self._spellings.meant("facility", name) or "").casefold())
            if state is None:
                message = f"{name} has no state, and is in no state's figure"
                line = spelling("facility", name, "…")
                hint = f"If it is known where it is, add a line to data/spellings.csv:\n{line}"
                self.report.warning(place, message, hint)
            return state
        state = self._spellings.read("state", printed, self._states)
        if not state:
            raise _RefusedError(
                place, f"{printed!r} is no state", line_to_add("state", printed, self._states.values())
            )
        return state


def _titled(file: Any, sheet: Any, title: str) -> tuple[int, int, str]:
    """Row, column and text of the cell that begins with a table's title; several tables stand side by side."""
    found = [
        (row.number, column, clean(value))
        for row in file.rows(sheet)
        for column, value in enumerate(row.cells)
        if isinstance(value, str) and re.match(rf"{re.escape(title)}\b", clean(value).upper())
    ]
    if len(found) != 1:
        count = "no table is" if not found else f"{len(found)} tables are"
        raise _RefusedError(file.at(sheet), f"{count} called {title.capitalize()} …")
    return found[0]


def _fiscal_year(place: Any, title: str) -> tuple[int, bool]:
    """ "…: EOFY2024" → 2024, and that it is the whole year; "FY26" → 2026, and that it is not."""
    found = re.search(r"\b(EO)?FY ?([0-9]{4}|[0-9]{2})\b", title, re.IGNORECASE)
    if found is None:
        raise _RefusedError(place, f"the title names no fiscal year: {title!r}")
    return int(found[2][-2:]) + 2000, bool(found[1])


def _day(file: Any, book: Any, year: int, whole: bool, settled: dt.date | None) -> tuple[dt.date, bool]:
    """The day of the file, and whether its name has it. A name that contradicts the file is refused."""
    if settled is not None:
        return settled, True
    hint = f"Add a line to data/corrections.csv:\n{correction(file, 'YYYY-MM-DD')}"
    day, _, _ = day_in(file.name)
    digits = re.search("[0-9]{5,}", file.name)
    if day is None and digits:
        raise _RefusedError(file, f"{digits[0]} in its name is no date (MMDDYYYY)", hint)
    if day is None:
        if whole:
            return dt.date(year, 9, 30), False
        raise _RefusedError(file, "its name has no date, and it is not of a whole year", hint)
    if not dt.date(year - 1, 10, 1) <= day:
        raise _RefusedError(file, f"its name says {day}, before the fiscal year {year} that it counts", hint)
    begun, saved = book.created, book.modified
    if begun and saved and begun.date() != saved.date() and abs(saved.date() - day) > SAVED_WITHIN:
        raise _RefusedError(file, f"its name says {day}, but it was last saved on {saved.date()}", hint)
    return day, True


def _book_ins(file: Any, sheet: Any, row: int, column: int, year: int, whole: bool) -> Iterator[dict[str, Any]]:
    """One row for each month and agency, up to the last month that has begun: later ones are 0 or empty."""
    rows = {each.number: each for each in file.rows(sheet)}
    header = rows.get(row + 1)
    months = [clean(header[column + 1 + index]).upper()[:3] for index in range(12)] if header else []
    if tuple(months) != MONTHS:
        raise _RefusedError(
            file.at(sheet, row + 1, column), f"the months from October to September are not here: {months}"
        )
    counts: dict[str, list[int]] = {}
    number = row + 2
    while number in rows and (name := clean(rows[number][column]).upper()):
        if name not in ("TOTAL", *AGENCIES):
            raise _RefusedError(file.at(sheet, number, column), f"{name!r} is no arresting agency that is known")
        cells = [_cell(file, sheet, rows[number], at) for at in range(column + 1, column + 13)]
        counts[name] = [_whole(place, value) for place, value in cells]
        number += 1
    missing = [name for name in ("TOTAL", *AGENCIES) if name not in counts]
    if missing:
        raise _RefusedError(file.at(sheet, row, column), f"the table has no row {' or '.join(missing)}")
    for index, total in enumerate(counts["TOTAL"]):
        parts = sum(counts[name][index] for name in AGENCIES)
        if parts != total:
            place = file.at(sheet, row + 2, column + 1 + index)
            raise _RefusedError(place, f"the agencies add up to {parts:,}, the total says {total:,}")
    last = max((index for index, total in enumerate(counts["TOTAL"]) if total), default=-1)
    for index in range(last + 1):
        month = dt.date(year - 1 + (index > 2), (index + 9) % 12 + 1, 1)
        for name in AGENCIES:
            yield {
                "month": month,
                "arresting_agency": name,
                "initial_book_ins": counts[name][index],
                "partial_month": index == last and not whole,
                "source_file": file.name,
            }


def _removals(file: Any, sheet: Any, year: int) -> int:
    """What the row Total says, in the column Total."""
    row, column, title = _titled(file, sheet, REMOVALS)
    place = file.at(sheet, row, column)
    if _fiscal_year(place, title)[0] != year:
        raise _RefusedError(place, f"{title!r} is of another year than the rest, {year}")
    rows = {each.number: each for each in file.rows(sheet)}
    header = rows.get(row + 1)
    found = [at for at in range(column, column + 6) if header and clean(header[at]).upper() == "TOTAL"]
    totals = [
        number
        for number in range(row + 2, row + 5)
        if number in rows and clean(rows[number][column]).upper() == "TOTAL"
    ]
    if not found or not totals:
        raise _RefusedError(place, "the table has no row or no column Total")
    return _whole(*_cell(file, sheet, rows[totals[0]], found[0]))


def _header(file: Any, sheet: Any, needed: Sequence[str]) -> tuple[int, dict[str, int]]:
    """The row with these headings, and where each stands."""
    for row in file.rows(sheet)[:HEADER_WITHIN]:
        names = [clean(value).upper() for value in row.cells]
        if all(name in names for name in needed):
            return row.number, {name: names.index(name) for name in needed}
    raise _RefusedError(file.at(sheet), f"no row has the headings {', '.join(needed)}")


def _cell(file: Any, sheet: Any, row: Any, column: int) -> tuple[Any, Any]:
    """Where a cell is, and what it holds. A formula that nobody has worked out would pass as an empty one, as 0."""
    place = file.at(sheet, row.number, column)
    if (row.number, column) in sheet.uncomputed:
        hint = "Open the workbook in a spreadsheet and save it: that works the formulas out."
        raise _RefusedError(place, "a formula stands here, and no value that it came to", hint)
    return place, row[column]


def _whole(place: Any, value: object) -> int:
    number = _number(place, value)
    if number != int(number):
        raise _RefusedError(place, f"{value!r} is no whole number")
    return int(number)


def _number(place: Any, value: object) -> float:
    """A number, also one written as text; an empty cell is 0."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    else:
        text = clean(value).replace(",", "")
        if text and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
            raise _RefusedError(place, f"{clean(value)!r} is no number")
        number = float(text or 0)
    if not 0 <= number < 1e9:
        raise _RefusedError(place, f"{value!r} cannot be a number of people")
    return number
