"""The Deportation Data Project's daily population of facilities → detention_state_month, detention_national_month.

    broadsheet refresh detention_state_month --from DIR     (both files, as the project calls them)

The Parquet file has one row for each facility and day; the summary says in which state a facility is. A facility
that it does not have is UNKNOWN, unless ``spellings`` says (kind ``facility``: its code, the state). The file holds
the whole time, so both tables are made anew. Needs duckdb: pip install 'broadsheet[duckdb]'.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .printed import Spellings, spelling

LOADS = ("detention_state_month", "detention_national_month")
READS = ("*daily-population*.parquet", "ddp*summary*.csv")

UNKNOWN = "UNKNOWN"
WHOLE = ("INTEGER", "TINYINT", "SMALLINT", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
COLUMNS = {
    "detention_facility_code": ("VARCHAR",),
    "date": ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"),
    "n_detained_at_midnight": (*WHOLE, "FLOAT", "DOUBLE"),
}
"""What each may be stored as, first what it is now: some programs write days as points in time, and fractions."""
MOST_ROWS = 10_000_000
"""Ten times as many as three years have: a small file can unpack to any number of them."""
SHOWN = 3

Nights = Mapping[tuple[dt.date, str], int]
"""Day and facility → people held at midnight."""


def load(received: Sequence[Any], tables: Mapping[str, Any], report: Any) -> dict[str, Iterable[Mapping[str, Any]]]:
    """Both tables, of the file that reaches furthest. What is missing is told, and is an error."""
    files = [file for file in received if file.name.casefold().endswith(".parquet")]
    summaries = [file for file in received if file not in files]
    if not files or not summaries:
        hint = "Name both files: the daily population (.parquet) and the summary with the states (.csv)."
        report.error(received[0], "the other of the two files is missing", hint)
        return {}
    found = [(file, nights) for file in files if (nights := _nights(file, report))]
    states = _states(summaries, tables, report)
    if len(found) < len(files) or states is None:
        return {}
    file, nights = max(found, key=lambda pair: max(day for day, _ in pair[1]))
    for name in LOADS:
        report.took(name, file, *summaries)
    days = sorted({day for day, _ in nights})
    for name in LOADS:
        report.covers(name, days[0], days[-1])
    _tell_unknown(file, nights, states, days[-1].replace(day=1), report)
    return {
        "detention_state_month": _by_state(nights, states, days),
        "detention_national_month": _national(nights, days),
    }


def _nights(file: Any, report: Any) -> Nights | None:
    """What the Parquet file holds; None where it cannot be read, which is told."""
    if report.attempt(lambda: len(file.data)) is None:
        return None
    try:
        import duckdb
    except ModuleNotFoundError:
        report.error(file, "reading Parquet needs duckdb", "Install it: pip install 'broadsheet[duckdb]'.")
        return None
    try:
        with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as database:
            database.execute("SET memory_limit = '2GB'")
            database.execute("SET threads = 1")
            described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file.path)]).fetchall()
            types = {name: kind for name, kind, *_ in described}
            wrong = [name for name, kinds in COLUMNS.items() if types.get(name) not in kinds]
            if wrong:
                there = f"it has {', '.join(f'{name} {kind}' for name, kind in types.items())}"
                report.error(file, f"the file has no column {wrong[0]} of the type {COLUMNS[wrong[0]][0]}; {there}")
                return None
            ((count,),) = database.execute("SELECT count(*) FROM read_parquet(?)", [str(file.path)]).fetchall()
            if count > MOST_ROWS:
                report.error(file, f"the file has {count:,} rows, more than the {MOST_ROWS:,} that are read")
                return None
            rows = database.execute(
                "SELECT CASE WHEN date = CAST(date AS DATE) THEN CAST(date AS DATE) END, "
                "detention_facility_code, n_detained_at_midnight FROM read_parquet(?)",
                [str(file.path)],
            ).fetchall()
    except duckdb.Error as error:
        report.error(file, f"the file cannot be read: {' '.join(str(error).split())[:200]}")
        return None
    return _checked(file, rows, report)


def _checked(
    file: Any, rows: Sequence[tuple[dt.date | None, str | None, float | None]], report: Any
) -> Nights | None:
    nights: dict[tuple[dt.date, str], int] = {}
    for number, (day, facility, people) in enumerate(rows, start=1):
        at = file.at(row=number)
        if day is None or not facility:
            report.error(at, "the row names no day or no facility")
        elif people is None or people < 0 or (isinstance(people, float) and not people.is_integer()):
            report.error(at, f"{facility}, {day}: {people} is no number of people")
        elif (day, facility) in nights:
            report.error(at, f"{facility} is there twice on {day}")
        else:
            nights[day, facility] = int(people)
            continue
        return None
    days = sorted({day for day, _ in nights})
    if not days:
        report.error(file, "the file has no row")
        return None
    if (days[-1] - days[0]).days + 1 != len(days):
        report.error(file, f"days are missing between {days[0]} and {days[-1]}: it has {len(days)} of them")
        return None
    return nights


def _states(summaries: Sequence[Any], tables: Mapping[str, Any], report: Any) -> dict[str, str] | None:
    """Facility → its state; None where the summary cannot be read, which is told."""
    areas = {str(code) for code in tables["areas"].columns["code"]}
    found: dict[str, str] = {}
    for file in summaries:
        for number, row in enumerate(report.attempt(file.records, []), start=2):
            facility, state = row.get("detention_facility_code"), row.get("state")
            if facility is None or state is None:
                report.error(file, "the file has no column detention_facility_code or no column state")
                return None
            if state in areas:
                found[facility] = state
            elif state not in ("", "NA"):
                report.error(file.at(row=number), f"{facility}: {state!r} is no state")
                return None
    return States(found, Spellings(tables["spellings"]))


def _tell_unknown(file: Any, nights: Nights, states: Mapping[str, str], month: dt.date, report: Any) -> None:
    """The facilities of the newest month of which no file says where they are."""
    people: Counter[str] = Counter()
    for (day, facility), number in nights.items():
        if day >= month:
            people[facility] += number
    unknown = [facility for facility, number in people.most_common() if number and states[facility] == UNKNOWN]
    if unknown:
        share = sum(people[facility] for facility in unknown) / people.total()
        message = (
            f"of {len(unknown)} facilities used in {month:%Y-%m} no file says the state; {share:.1%} of the nights"
        )
        lines = [spelling("facility", facility, "…") for facility in unknown[:SHOWN]]
        hint = "If it is known, add lines to data/spellings.csv, of the largest for example:"
        report.warning(file, f"{message} are UNKNOWN", "\n".join([hint, *lines]))


class States(dict[str, str]):
    """Facility → state; one that no file has is looked for in the spellings."""

    def __init__(self, known: Mapping[str, str], spellings: Spellings) -> None:
        super().__init__(known)
        self._spellings = spellings

    def __missing__(self, facility: str) -> str:
        return self._spellings.meant("facility", facility) or UNKNOWN


def _by_state(nights: Nights, states: Mapping[str, str], days: Sequence[dt.date]) -> list[Mapping[str, Any]]:
    sums: Counter[tuple[dt.date, str]] = Counter()
    there = {facility: states[facility] for facility in {facility for _, facility in nights}}
    for (day, facility), people in nights.items():
        sums[day.replace(day=1), there[facility]] += people
    months = Counter(day.replace(day=1) for day in days)
    return [
        {
            "month": month,
            "state": state,
            "avg_midnight_population": f"{sums[month, state] / months[month]:.1f}",
            "days": months[month],
            "partial_month": _is_partial(month, months[month]),
        }
        for month, state in sorted(sums)
    ]


def _national(nights: Nights, days: Sequence[dt.date]) -> list[Mapping[str, Any]]:
    each: Counter[dt.date] = Counter()
    for (day, _), people in nights.items():
        each[day] += people
    months: dict[dt.date, list[dt.date]] = {}
    for day in days:
        months.setdefault(day.replace(day=1), []).append(day)
    return [
        {
            "month": month,
            "avg_midnight_population": f"{sum(each[day] for day in listed) / len(listed):.1f}",
            "last_day_midnight_population": each[listed[-1]],
            "days": len(listed),
            "partial_month": _is_partial(month, len(listed)),
        }
        for month, listed in months.items()
    ]


def _is_partial(month: dt.date, days: int) -> bool:
    return days < calendar.monthrange(month.year, month.month)[1]
