"""Detention statistics, population estimates and the daily population of facilities, as messy as they come.

All files are made here.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from books import book
from story_loaders import Outcome, header, kept, load, received

MONTHS = ["Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep"]
EMPTY = {name: header(name) for name in ("book_ins", "ice_removals_fy", "detention_adp_fy", "corrections")}
NAME = "FY27_detentionStats_01142027.xlsx"
FACILITY = (
    "Name",
    "Address",
    "City",
    "State",
    "Zip",
    "Male Crim",
    "Male Non-Crim",
    "Female Crim",
    "Female Non-Crim",
)


def detention(
    year: str = "FY2027",
    cbp: Any = (10, 20, 30, 4),
    ice: Any = (100, 200, 300, 40),
    total: Any = None,
    removals: Any = 5000,
    down: int = 3,
) -> list[list[Any]]:
    """A sheet with two tables side by side, somewhere; months that have not begun are 0 in one row, blank in another."""
    sums = list(total or [a + b for a, b in zip(cbp, ice, strict=True)])
    sums += [0] * (12 - len(sums))
    return [
        *([None] for _ in range(down)),
        [f"ICE Currently Detained by Criminality and Arresting Agency: {year}", None, None, f"ICE Initial Book-Ins by Arresting Agency and Month: {year}"],
        ["Criminality", "ICE", None, "Agency", *MONTHS, "Total"],
        ["Total", 1, None, "Total", *sums, sum(sums)],
        ["Other", 1, None, "CBP", *cbp, *[None] * (12 - len(cbp)), "…"],
        ["Other", 1, None, "ICE  ", *ice, *[None] * (12 - len(ice)), "…"],
        [None],
        [f"ICE Final Book Outs: {year}", None, None, None, f"ICE Removals: {year}"],
        ["Facility Type", "Total", None, None, "Removals", None, "Total"],
        ["Total", 7, None, None, "Total", None, removals],
    ]  # fmt: skip


def facilities(*rows: Any, down: int = 6) -> list[list[Any]]:
    return [["ICE FACILITIES DATA, FY27"], *([None] for _ in range(down)), list(FACILITY), *map(list, rows)]


ROWS = [
    ("A COUNTY JAIL", "1 A St", "X", "TX", 79901, 1.25, 2.5, 0, 0.25),
    ("B COUNTY JAIL", "1 B St", "X", "TX ", "01234", "10", 20, 0, None),
    ("C CENTER", "1 C St", "Y", "GU", "96910", 18.06, 0, 0, 0),
    ("Footnote: hospitals are left out",),
]


def statistics(folder: Path, sheet: Any = None, listed: Any = None, name: str = NAME, **texts: str) -> Outcome:
    data = book(
        sheet or detention(),
        sheet="Detention FY27",
        more={"Facilities FY27": listed or facilities(*ROWS), " ICLOS and Detainees": [("x",)]},
        begun=dt.date(2026, 10, 1),
        saved=dt.date(2027, 1, 14),
    )
    return load("book_ins", received(folder, {name: data}), {**EMPTY, **texts})


def test_tables_are_found_wherever_they_stand(tmp_path: Path) -> None:
    for down in (0, 9):
        found = statistics(tmp_path / str(down), detention(down=down), facilities(*ROWS, down=down))
        assert not found.errors
        assert [tuple(row.values()) for row in found.rows("book_ins")][-2:] == [
            ("2027-01", "CBP", "4", "true", NAME),
            ("2027-01", "ICE", "40", "true", NAME),
        ]
        assert len(found.rows("book_ins")) == 8, "months that have not begun are none"
        assert [tuple(row.values()) for row in found.rows("ice_removals_fy")] == [
            ("2027", "2026-10-01", "2027-01-14", "5000", NAME)
        ]
        assert [tuple(row.values()) for row in found.rows("detention_adp_fy")] == [
            ("2027", "GU", "18.1", "1", NAME),
            ("2027", "TX", "34.0", "2", NAME),
        ]


def test_the_last_month_with_figures_is_partial_but_in_a_file_of_the_whole_year(tmp_path: Path) -> None:
    twelve = tuple(range(1, 13))
    whole = statistics(tmp_path, detention("EOFY2026", twelve, twelve), name="FY26_detentionStats.xlsx")
    assert not whole.errors
    assert {row["partial_month"] for row in whole.rows("book_ins")} == {"false"}
    assert whole.rows("ice_removals_fy")[0]["file_date"] == "2026-09-30"
    assert [(each.day, each.where["source_file"]) for each in whole.report.dated[:1]] == [
        (None, "FY26_detentionStats.xlsx")
    ]
    assert "its name has no date; see whether 'published'" in whole.warnings[0]
    early = statistics(tmp_path / "b", detention(cbp=(1, 2, 3), ice=(1, 2, 3)))
    assert [row["partial_month"] for row in early.rows("book_ins")] == ["false"] * 4 + ["true"] * 2, (
        "of January nothing is there"
    )


def test_a_newer_file_of_a_year_replaces_the_older_one_and_no_other_year(tmp_path: Path) -> None:
    new = statistics(tmp_path, book_ins=kept("book_ins"), ice_removals_fy=kept("ice_removals_fy"))
    assert [row["fiscal_year"] for row in new.rows("ice_removals_fy")] == ["2024", "2025", "2026", "2027"]
    texts = dict(new.texts)
    newer = statistics(tmp_path / "b", detention(removals=6000), name="FY27_detentionStats_01212027.xlsx", **texts)
    assert newer.rows("ice_removals_fy")[-1]["ice_removals"] == "6000"
    assert len(newer.rows("book_ins")) == len(new.rows("book_ins"))
    older = statistics(tmp_path / "c", detention(removals=4000), name="FY27_detentionStats_01072027.xlsx", **texts)
    assert older.texts == new.texts


def test_the_description_follows_the_newer_file(tmp_path: Path) -> None:
    dated = [each for each in statistics(tmp_path).report.dated if each.dataset == "book_ins"]
    assert [(each.title, each.day, dict(each.where)) for each in dated] == [
        ("Detention statistics, fiscal year 2027", dt.date(2027, 1, 14), {"source_file": NAME})
    ]


@pytest.mark.parametrize(
    ("sheet", "listed", "name", "said"),
    [
        (detention(total=(110, 221, 330, 44)), None, NAME, "Detention FY27!F6: the agencies add up to 220, the total says 221"),
        (detention(cbp=("n/a", 20, 30, 4), total=(110, 220, 330, 44)), None, NAME, "Detention FY27!E7: 'n/a' is no number"),
        (detention(ice=(1.5, 20, 30, 4), total=(11, 40, 60, 8), cbp=(1, 2, 3, 4)), None, NAME, "is no whole number"),
        (detention(removals=None)[:-1], None, NAME, "the table has no row or no column Total"),
        ([["nothing"]], None, NAME, "Detention FY27: no table is called Ice initial book-ins by arresting agency"),
        (detention("2027"), None, NAME, "the title names no fiscal year"),
        (None, [["Name", "State"]], NAME, "Facilities FY27: no row has the headings NAME, STATE, MALE CRIM"),
        (None, facilities(("A JAIL", "", "", "ZZ", "", 1, 1, 1, 1)), NAME, "Facilities FY27!D9: 'ZZ' is no state"),
        (None, facilities(("A JAIL", "", "", "TX", "", 1, "-", 1, 1)), NAME, "Facilities FY27!G9: '-' is no number"),
        (None, None, "FY27_detentionStats.xlsx", "its name has no date, and it is not of a whole year"),
        (None, None, "FY27_detentionStats_13142027.xlsx", "13142027 in its name is no date (MMDDYYYY)"),
        (None, None, "FY27_detentionStats_01142026.xlsx", "its name says 2026-01-14, before the fiscal year 2027"),
        (None, None, "FY27_detentionStats_03142027.xlsx", "its name says 2027-03-14, but it was last saved on 2027-01-14"),
    ],
)  # fmt: skip
def test_what_is_not_sure_is_refused_at_its_cell(
    tmp_path: Path, sheet: Any, listed: Any, name: str, said: str
) -> None:
    found = statistics(tmp_path, sheet, listed, name)
    assert len(found.errors) == 1
    assert f"{name}:" in found.errors[0]
    assert said in found.errors[0]


def test_a_line_settles_the_date_of_a_file(tmp_path: Path) -> None:
    name = "FY27_detentionStats.xlsx"
    found = statistics(tmp_path, name=name, corrections=f"{header('corrections')},{name},2027-01-14,why\n")
    assert found.rows("ice_removals_fy")[0]["file_date"] == "2027-01-14"


def _with(rows: list[list[Any]], row: int, column: int, value: Any) -> list[list[Any]]:
    rows[row - 1][column - 1] = value
    return rows


@pytest.mark.parametrize(
    ("sheet", "listed", "cell"),
    [
        (_with(detention(), 6, 5, "=SUM(E7:E8)"), None, "Detention FY27!E6"),
        (_with(detention(), 7, 5, "=1+1"), None, "Detention FY27!E7"),
        (detention(removals="=SUM(G13:G14)"), None, "Detention FY27!G12"),
        (None, facilities(("A JAIL", "", "", "TX", "", *["=1+1"] * 4)), "Facilities FY27!F9"),
    ],
)
def test_a_formula_that_nobody_worked_out_is_no_zero(tmp_path: Path, sheet: Any, listed: Any, cell: str) -> None:
    found = statistics(tmp_path, sheet, listed)
    assert len(found.errors) == 1
    assert f"{cell}: a formula stands here, and no value that it came to" in found.errors[0]


def test_a_date_of_six_digits_is_read(tmp_path: Path) -> None:
    found = statistics(tmp_path, name="FY27_detentionStats_011427.xlsx")
    assert found.rows("ice_removals_fy")[0]["file_date"] == "2027-01-14"


def test_the_line_advised_for_a_facility_with_a_comma_in_its_name_works(tmp_path: Path) -> None:
    row = ('CCA, "FLORENCE" CENTER', "", "FLORENCE", None, "85132", 1, 1, 1, 1)
    line = statistics(tmp_path, None, facilities(*ROWS, row)).warnings[0].split("\n")[-1]
    assert line == 'facility,"CCA, ""FLORENCE"" CENTER",…'
    spellings = f"{kept('spellings')}{line.replace('…', 'AZ')}\n"
    assert not statistics(tmp_path, None, facilities(*ROWS, row), spellings=spellings).warnings


def test_a_facility_without_a_state_is_told_and_a_line_says_where_it_is(tmp_path: Path) -> None:
    row = ("D FACILITY", "", "CALEXICO", None, "92231", 1, 1, 1, 1)
    found = statistics(tmp_path, None, facilities(*ROWS, row))
    assert not found.errors
    assert "Facilities FY27!D13: D FACILITY has no state, and is in no state's figure" in found.warnings[0]
    assert "facility,D FACILITY,…" in found.warnings[0]
    settled = statistics(
        tmp_path / "b", None, facilities(*ROWS, row), spellings=kept("spellings") + "facility,D FACILITY,CA\n"
    )
    assert ("CA", "4.0") in [
        (each["state"], each["average_daily_population"]) for each in settled.rows("detention_adp_fy")
    ]


# --- population -------------------------------------------------------------------------------------------------


def census(folder: Path, name: str, rows: list[str], encoding: str = "utf-8", **texts: str) -> Outcome:
    data = "\n".join([*rows, ""]).encode(encoding)
    return load("population", received(folder, {name: data}), {"population": header("population"), **texts})


COUNTIES = "SUMLEV,STATE,COUNTY,CTYNAME,POPESTIMATE2025"
STATES = ["SUMLEV,STATE,NAME,POPESTIMATE2023,POPESTIMATE2024", "010,00,United States,300,400"]


def test_codes_come_with_and_without_zeros(tmp_path: Path) -> None:
    for folder, level, code in (("a", "040", "01"), ("b", "40", "1")):
        rows = [*STATES, f"{level},{code},Alabama,3,4", f"{level},72,Puerto Rico,9,9"]
        found = census(tmp_path / folder, "NST-EST2024-ALLDATA.csv", rows)
        assert not found.errors
        assert [tuple(row.values()) for row in found.rows("population")] == [
            ("state", "AL", "", "2023-07-01", "2024", "3"),
            ("state", "AL", "", "2024-07-01", "2024", "4"),
        ]


def test_states_and_counties_of_one_file_are_told_apart_in_either_encoding(tmp_path: Path) -> None:
    rows = [
        "SUMLEV,STATE,COUNTY,STNAME,CTYNAME,POPESTIMATE2024,POPESTIMATE2025",
        "40,35,0,New Mexico,New Mexico,7,8",
        "50,35,13,New Mexico,Doña Ana County,7,8",
    ]
    for folder, encoding in (("a", "utf-8"), ("b", "latin-1")):
        found = census(tmp_path / folder, "co-est2025-alldata.csv", rows, encoding)
        assert not found.errors
        assert [tuple(row.values()) for row in found.rows("population")] == [
            ("state", "NM", "", "2024-07-01", "2025", "7"),
            ("state", "NM", "", "2025-07-01", "2025", "8"),
            ("county", "NM", "35013", "2025-07-01", "2025", "8"),
        ]


def test_a_year_stays_of_the_vintage_it_was_first_taken_from(tmp_path: Path) -> None:
    old = census(tmp_path / "a", "NST-EST2024-ALLDATA.csv", [*STATES, "040,01,Alabama,3,4"])
    rows = ["SUMLEV,STATE,NAME,POPESTIMATE2024,POPESTIMATE2025", "040,01,Alabama,40,50"]
    new = census(tmp_path / "b", "NST-EST2025-ALLDATA.csv", rows, population=old.texts["population"])
    assert [(row["date"], row["vintage"], row["population"]) for row in new.rows("population")] == [
        ("2023-07-01", "2024", "3"),
        ("2024-07-01", "2024", "4"),
        ("2025-07-01", "2025", "50"),
    ]


@pytest.mark.parametrize(
    ("name", "rows", "said"),
    [
        ("co-est-alldata.csv", [*STATES, "040,01,Alabama,3,4"], "its name does not say of which vintage it is"),
        (
            "NST-EST2024-ALLDATA.csv",
            [*STATES, "040,01,Alabama,3,X"],
            "row 3: POPESTIMATE2024: 'X' is no number of residents",
        ),
        ("NST-EST2024-ALLDATA.csv", ["A,B", "1,2"], "this is no file of estimates"),
        ("NST-EST2024-ALLDATA.csv", ["<!DOCTYPE html><html>moved</html>"], "the file has no row below its header"),
        ("NST-EST2024-ALLDATA.csv", STATES[:1], "the file has no row below its header"),
        ("NST-EST2024-ALLDATA.csv", [], "the file has no row below its header"),
        (
            "co-est2025-alldata.csv",
            [COUNTIES, "40,35,0,New Mexico,10", "50,35,1,One County,4"],
            "NM, 2025-07-01: the counties add up to 4, the state has 10",
        ),
        (
            "co-est2025-alldata.csv",
            [COUNTIES, "40,35,0,New Mexico,4", "50,35,1,One County,4", "40,36,0,New York,10"],
            "NY, 2025-07-01: the counties add up to 0, the state has 10",
        ),
        ("NST-EST2024-ALLDATA.csv", [*STATES, "040,01,Alabama,3"], "4 cells, where the header has 5"),
    ],
)
def test_a_file_of_something_else_is_told(tmp_path: Path, name: str, rows: list[str], said: str) -> None:
    found = census(tmp_path, name, rows)
    assert len(found.errors) == 1
    assert said in found.errors[0]


# --- people held ------------------------------------------------------------------------------------------------

SUMMARY = b"detention_facility_code,detention_facility,state\nAAA,A Jail,TX\nBBB,B Jail,GU\nCCC,C Jail,NA\n"


def parquet(folder: Path, rows: str, name: str = "facilities-daily-population-latest.parquet") -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed: pip install 'broadsheet[duckdb]'")
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:") as database:
        database.execute(f"COPY ({rows}) TO '{folder / name}' (FORMAT parquet)")


NIGHTS = """
    SELECT code AS detention_facility_code, CAST(day AS DATE) AS date, CAST(n AS INTEGER) AS n_detained_at_midnight
    FROM (VALUES ('AAA', DATE '2026-01-30', 10), ('AAA', DATE '2026-01-31', 20), ('AAA', DATE '2026-02-01', 7),
                 ('BBB', DATE '2026-01-30', 1), ('BBB', DATE '2026-01-31', 1), ('BBB', DATE '2026-02-01', 1),
                 ('CCC', DATE '2026-01-30', 3), ('OKDBACK', DATE '2026-01-31', 5)) AS t(code, day, n)
"""


def held(folder: Path) -> Outcome:
    return load("detention_state_month", received(folder, {"ddp-fy25-summary.csv": SUMMARY}))


def test_nights_become_months(tmp_path: Path) -> None:
    parquet(tmp_path, NIGHTS)
    found = held(tmp_path)
    assert not found.errors
    assert [tuple(row.values()) for row in found.rows("detention_state_month")] == [
        ("2026-01", "GU", "1.0", "2", "true"),
        ("2026-01", "OK", "2.5", "2", "true"),  # by the line of the spellings
        ("2026-01", "TX", "15.0", "2", "true"),
        ("2026-01", "UNKNOWN", "1.5", "2", "true"),
        ("2026-02", "GU", "1.0", "1", "true"),
        ("2026-02", "TX", "7.0", "1", "true"),
    ]
    assert [tuple(row.values()) for row in found.rows("detention_national_month")] == [
        ("2026-01", "20.0", "26", "2", "true"),
        ("2026-02", "8.0", "8", "1", "true"),
    ]
    assert found.report.coverage["detention_state_month"] == (dt.date(2026, 1, 30), dt.date(2026, 2, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("n_detained_at_midnight", "n_detained"),
            "the file has no column n_detained_at_midnight of the type INTEGER",
        ),
        (("'2026-02-01'", "'2026-02-03'"), "days are missing between 2026-01-30 and 2026-02-03: it has 3 of them"),
        (("'2026-01-31', 20", "'2026-01-30', 20"), "AAA is there twice on 2026-01-30"),
        (("31', 20", "31', -1"), "-1 is no number of people"),
        (("31', 20", "31', NULL"), "None is no number of people"),
    ],
)
def test_a_daily_file_that_is_not_whole_is_refused(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    parquet(tmp_path, NIGHTS.replace(*change))
    found = held(tmp_path)
    assert len(found.errors) == 1
    assert said in found.errors[0]


@pytest.mark.parametrize(
    ("column", "kind"),
    [("n", "BIGINT"), ("n", "DOUBLE"), ("n", "USMALLINT"), ("day", "TIMESTAMP"), ("day", "TIMESTAMP_NS")],
)
def test_what_another_program_stores_otherwise_is_the_same(tmp_path: Path, column: str, kind: str) -> None:
    parquet(tmp_path / "a", NIGHTS)
    now = {"n": "INTEGER", "day": "DATE"}[column]
    parquet(tmp_path / "b", NIGHTS.replace(f"CAST({column} AS {now})", f"CAST({column} AS {kind})"))
    assert not held(tmp_path / "b").errors
    assert held(tmp_path / "b").texts == held(tmp_path / "a").texts


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        ("CAST(n AS INTEGER)", "n + 0.5::DOUBLE", "AAA, 2026-01-30: 10.5 is no number of people"),
        ("CAST(n AS INTEGER)", "'nan'::DOUBLE", "AAA, 2026-01-30: nan is no number of people"),
        ("CAST(day AS DATE)", "day + INTERVAL 1 HOUR", "row 1: the row names no day or no facility"),
        ("CAST(n AS INTEGER)", "CAST(n AS VARCHAR)", "no column n_detained_at_midnight of the type INTEGER"),
    ],
)
def test_what_is_no_whole_number_and_no_day_is_refused(tmp_path: Path, now: str, then: str, said: str) -> None:
    parquet(tmp_path, NIGHTS.replace(now, then))
    found = held(tmp_path)
    assert len(found.errors) == 1
    assert said in found.errors[0]


def test_a_small_file_of_very_many_rows_is_refused(tmp_path: Path) -> None:
    """They are all alike, and take no room in the file; in memory they would."""
    parquet(tmp_path, f"{NIGHTS.replace('FROM (', 'FROM range(1500000), (')}")
    found = held(tmp_path)
    assert found.errors[0].endswith("the file has 12,000,000 rows, more than the 10,000,000 that are read")


def test_facilities_of_the_newest_month_without_a_state_are_told_the_largest_first(tmp_path: Path) -> None:
    more = "('CCC', DATE '2026-02-01', 1), ('DDD', DATE '2026-02-01', 7), ('EEE', DATE '2026-02-01', 0),"
    parquet(tmp_path, NIGHTS.replace("('CCC',", f"{more} ('CCC',", 1))
    found = held(tmp_path)
    assert not found.errors
    assert found.warnings == [
        "facilities-daily-population-latest.parquet: warning[received-data]: of 2 facilities used in 2026-02 no file says "
        "the state; 50.0% of the nights are UNKNOWN\n    If it is known, add lines to data/spellings.csv, of the largest "
        "for example:\nfacility,DDD,…\nfacility,CCC,…"
    ]


def test_one_file_without_the_other_is_refused(tmp_path: Path) -> None:
    assert "the other of the two files is missing" in held(tmp_path).errors[0]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed: pip install 'broadsheet[duckdb]'")
    (tmp_path / "facilities-daily-population-latest.parquet").write_bytes(b"PAR1 and nothing more")
    found = held(tmp_path)
    assert len(found.errors) == 1
    assert "the file cannot be read" in found.errors[0]
