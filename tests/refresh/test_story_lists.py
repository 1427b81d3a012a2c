"""The lists of 287(g) agreements, with every mess that they have come in. All workbooks are made here."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from books import book, changed, part
from story_loaders import Outcome, header, kept, load, received

HEAD = ("STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE", "SIGNED", "MOA", "ADDENDUM")
PENDING = HEAD[:5]
EMPTY = {name: header(name) for name in ("agreement_lists", "agreements", "agencies", "corrections")}
LINK = "https://www.ice.gov/doclib/287gMOA/a.pdf"
SAFELINK = "https://gcc02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.ice.gov%2Fa.pdf&data=05%7C02%7Csomebody%40example.org"


def day(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def signed(
    state: Any = "TEXAS",
    agency: Any = "Ector County Sheriff's Office",
    kind: Any = "County",
    county: Any = "Ector County",
    model: Any = "Jail Enforcement Model",
    on: Any = "2026-06-01",
    moa: Any = "link",
) -> tuple[Any, ...]:
    return (state, agency, kind, county, model, day(on) if isinstance(on, str) and len(on) == 10 else on, moa)


def lists(folder: Path, files: dict[str, bytes], **texts: str) -> Outcome:
    return load("agreements", received(folder, files), {**EMPTY, **texts})


def one(
    folder: Path,
    *rows: Sequence[Any],
    name: str = "participatingAgencies06052026pm.xlsx",
    head: Sequence[Any] = HEAD,
    **more: Any,
) -> Outcome:
    texts = {key: more.pop(key) for key in [*more] if isinstance(more[key], str) and key in (*EMPTY, "spellings")}
    return lists(folder, {name: book([head, *rows], **more)}, **texts)


def counts(found: Outcome) -> dict[tuple[str, str], int]:
    return {(row["state"], row["model"]): int(row["count"]) for row in found.rows("agreements")}


def dated(found: Outcome) -> list[tuple[str, str, str, str]]:
    return [
        (row["as_of"], row["status"], row["total"], row["source_file"]) for row in found.rows("agreement_lists")
    ]


def test_a_clean_list_is_read(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        signed(),
        signed(model="Task Force Model"),
        signed(
            "GUAM", "Guam Department of Corrections", "State Agency", "#N/A", on="2026-05-30", moa="link pending"
        ),
    )
    assert not found.errors
    assert not found.warnings
    assert counts(found) == {("TX", "JEM"): 1, ("TX", "TFM"): 1, ("GU", "JEM"): 1}
    assert dated(found) == [("2026-06-05", "signed", "3", "participatingAgencies06052026pm.xlsx")]
    guam = found.rows("agencies")[0]
    assert {name: guam[name] for name in ("agency_type", "county", "county_fips", "date_signed", "first_listed", "moa_status", "source_row")} == {
        "agency_type": "state_agency", "county": "", "county_fips": "", "date_signed": "2026-05-30",
        "first_listed": "2026-06-05", "moa_status": "pending", "source_row": "4",
    }  # fmt: skip
    assert found.rows("agencies")[1]["county_fips"] == "48135"
    assert found.report.coverage["agreements"] == (dt.date(2026, 6, 5), dt.date(2026, 6, 5))


# --- 1 and 2: names and dates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("participatingAgencies06052026am.xlsx", "2026-06-05"),
        ("ParticipatingAgencies06052026.xlsx", "2026-06-05"),
        ("participatingAgencies06052026mid.XLSX", "2026-06-05"),
        ("participatingAgencies06052026pm copy.xlsx", "2026-06-05"),
        ("participatingAgencies06052026 1430.xlsx", "2026-06-05"),
        ("participatingAgencies06052026pmB.xlsx", "2026-06-05"),
        ("287gParticipatingAgencies091526pm.xlsx", "2026-09-15"),
        ("ParticipatingAgency091826am.xlsx", "2026-09-18"),
        ("participatingAgencies-20260605231040.xlsx", "2026-06-05"),
    ],
)
def test_the_date_is_read_from_names_of_every_form(tmp_path: Path, name: str, date: str) -> None:
    found = one(tmp_path, signed(), name=name)
    assert not found.errors
    assert dated(found)[0][0] == date


def test_the_last_list_of_a_date_counts(tmp_path: Path) -> None:
    ordered = ["am", "amB", "mid", "pm", "pm2"]
    files = {
        f"participatingAgencies06052026{suffix}.xlsx": book(
            [HEAD, *[signed(agency=f"Agency {n}") for n in range(number)]]
        )
        for number, suffix in enumerate(ordered, start=1)
    }
    assert dated(lists(tmp_path, files)) == [("2026-06-05", "signed", "5", "participatingAgencies06052026pm2.xlsx")]
    del files["participatingAgencies06052026pm2.xlsx"]
    (tmp_path / "participatingAgencies06052026pm2.xlsx").unlink()
    assert dated(lists(tmp_path, files))[0][3] == "participatingAgencies06052026pm.xlsx"


def test_an_earlier_list_of_a_date_does_not_replace_the_later_one_in_the_table(tmp_path: Path) -> None:
    held = one(tmp_path / "a", signed(), signed(model="Task Force Model"))
    texts = {name: held.texts[name] for name in ("agreement_lists", "agreements", "agencies")}
    found = one(tmp_path / "b", signed(), name="participatingAgencies06052026am.xlsx", **texts)
    assert found.texts == held.texts
    later = one(tmp_path / "c", signed(), name="participatingAgencies06052026pm2.xlsx", **texts)
    assert dated(later)[0][2] == "1"


def _sum(found: Outcome, tmp_path: Path) -> str:
    return hashlib.sha256(next(tmp_path.glob("*.xlsx")).read_bytes()).hexdigest()


def test_a_name_of_last_year_is_refused_until_a_line_settles_it(tmp_path: Path) -> None:
    name = "participatingAgencies06052025pm.xlsx"
    found = one(tmp_path, signed(), name=name)
    checksum = _sum(found, tmp_path)
    assert found.errors == [
        f"{name}:2:6: error[received-data]: Sheet1!F2: its name says 2025-06-05, but it lists an agreement signed on 2026-06-01\n"
        "    Find out of which day it is, and add a line to data/corrections.csv:\n"
        f"{checksum},{name},2026-06-05,why\n(or without the date, to leave it out)"
    ]
    for line in (f"{checksum},{name},2026-06-05,why", f",{name},2026-06-05,why"):
        settled = one(tmp_path, signed(), name=name, corrections=f"{header('corrections')}{line}\n")
        assert not settled.errors
        assert dated(settled)[0][0] == "2026-06-05"
        assert settled.rows("agreement_lists")[0]["note"] == "The date in the file name is wrong"
    left = one(tmp_path, signed(), name=name, corrections=f"{header('corrections')}{checksum},{name},,why\n")
    assert not left.errors
    assert dated(left) == []
    worse = one(
        tmp_path, signed(), name=name, corrections=f"{header('corrections')}{checksum},{name},2026-01-01,why\n"
    )
    assert (
        "the line in data/corrections.csv says 2026-01-01, but it lists an agreement signed on" in worse.errors[0]
    )


@pytest.mark.parametrize(
    "name",
    [
        "participatingAgencies006052026am.xlsx",
        "participatingAgencies06053026am.xlsx",
        "participatingAgencies13452026.xlsx",
        "participatingAgencies.xlsx",
    ],
)
def test_a_name_without_a_date_that_can_be_is_refused(tmp_path: Path, name: str) -> None:
    found = one(tmp_path, signed(), name=name)
    assert "its name holds no date that can be read" in found.errors[0]
    assert f"{name},2026-06-01,why" in found.errors[0], "the newest signing is a beginning"


def test_a_pending_list_saved_long_after_its_name_is_refused(tmp_path: Path) -> None:
    """It has no days of signing; what its publisher's program wrote into it is the only witness."""
    rows = [signed()[:5]]
    more = {"name": "pendingAgencies01062025pm.xlsx", "head": PENDING, "begun": dt.date(2025, 2, 5)}
    found = one(tmp_path, *rows, saved=dt.date(2026, 1, 6), **more)
    assert "its name says 2025-01-06, but it was last saved on 2026-01-06" in found.errors[0]
    assert "pendingAgencies01062025pm.xlsx,2026-01-06,why" in found.errors[0]
    near = one(tmp_path, *rows, saved=dt.date(2025, 1, 9), **more)
    assert not near.errors
    assert "its name says 2025-01-06, but it was last saved on 2025-01-09" in near.warnings[0]
    opened = one(tmp_path, *rows, saved=dt.date(2025, 9, 1), **more)
    assert not opened.errors, "somebody may have opened and saved it since"
    assert "last saved on 2025-09-01" in opened.warnings[0]
    program = one(tmp_path, *rows, **{**more, "begun": dt.date(2026, 1, 6)}, saved=dt.date(2026, 1, 6))
    assert not program.errors, "a file that a program wrote anew says nothing about its list"


def test_a_list_of_signed_agreements_that_somebody_saved_again_is_read(tmp_path: Path) -> None:
    """Its own newest signing agrees with its name; when it was saved is no matter then."""
    found = one(tmp_path, signed(), begun=dt.date(2025, 2, 15), saved=dt.date(2027, 6, 1))
    assert not found.errors
    assert not found.warnings


def test_an_old_list_under_a_newer_name_is_kept_with_a_note(tmp_path: Path) -> None:
    found = one(tmp_path, signed(on="2026-03-01"), begun=dt.date(2025, 2, 15), saved=dt.date(2026, 3, 6))
    assert not found.errors
    assert "an older list under a newer name" in found.warnings[0]
    assert (
        found.rows("agreement_lists")[0]["note"]
        == "Repeats the list of 2026-03-06 under a newer name; not a count of that day"
    )


def test_a_list_much_shorter_than_the_one_before_is_told(tmp_path: Path) -> None:
    many = [signed(agency=f"Agency {number}") for number in range(60)]
    files = {
        "participatingAgencies06022026am.xlsx": book([HEAD, *many]),
        "participatingAgencies06052026am.xlsx": book([HEAD, *many[:30]]),
    }
    assert any("30 agreements, after 60 on 2026-06-02" in said for said in lists(tmp_path, files).warnings)


# --- 3 and 4: two lists under one name, lists under each other's -------------------------------------------------


def test_of_two_files_under_one_name_the_one_saved_later_counts(tmp_path: Path) -> None:
    name, begun = "participatingAgencies07032026pm.xlsx", dt.date(2025, 2, 15)
    early = book([HEAD, signed()], begun=begun, saved=dt.date(2026, 7, 2))
    late = book([HEAD, signed(), signed(model="Task Force Model")], begun=begun, saved=dt.date(2026, 7, 3))
    for files in ({f"a/{name}": early, f"b/{name}": late}, {f"a/{name}": late, f"b/{name}": early}):
        found = lists(tmp_path, files)
        assert not found.errors
        assert dated(found)[0][2] == "2"


def test_two_files_under_one_name_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    name = "participatingAgencies07032026pm.xlsx"
    found = lists(tmp_path, {f"a/{name}": book([HEAD, signed()]), f"b/{name}": book([HEAD, signed(), signed()])})
    assert len(found.errors) == 1
    assert "is another list of 2026-07-03" in found.errors[0]
    assert f",{name},,why" in found.errors[0]
    same = book([HEAD, signed()])
    assert not lists(tmp_path / "x", {f"a/{name}": same, f"b/{name}": same}).errors


def test_two_files_under_one_name_of_which_one_does_not_say_when_it_was_saved_go_by_their_newest_signing(
    tmp_path: Path,
) -> None:
    name = "participatingAgencies07032026pm.xlsx"
    saved = book([HEAD, signed()], begun=dt.date(2025, 2, 15), saved=dt.date(2026, 7, 3))
    for other, said in ((signed("OHIO"), "is another list of 2026-07-03"), (signed("OHIO", on="2026-06-30"), "")):
        folder = tmp_path / (said[:2] or "x")
        found = lists(folder, {f"a/{name}": saved, f"b/{name}": book([HEAD, other])})
        if said:
            assert said in found.errors[0]
        else:
            assert counts(found) == {("OH", "JEM"): 1}


def test_a_list_whose_date_is_settled_later_leaves_the_date_that_its_name_gave_it(tmp_path: Path) -> None:
    name = "participatingAgencies06052026pm.xlsx"
    held = one(tmp_path, signed(), name=name)
    texts = {table: held.texts[table] for table in ("agreement_lists", "agreements", "agencies")}
    for date in ("2026-06-09", "2026-06-03"):
        line = f"{_sum(held, tmp_path)},{name},{date},why\n"
        found = one(tmp_path, signed(), name=name, corrections=header("corrections") + line, **texts)
        for table in texts:
            assert {row["as_of"] for row in found.rows(table)} == {date}, table
        assert f"it was in the table as the list of 2026-06-05; now it is that of {date} alone" in found.warnings[0]


def test_lines_about_files_with_odd_names_are_rows_of_a_table(tmp_path: Path) -> None:
    name = 'participatingAgencies, "new" 06052025pm.xlsx'
    found = one(tmp_path, signed(), name=name)
    line = found.errors[0].split("\n")[2]
    assert not one(tmp_path, signed(), name=name, corrections=f"{header('corrections')}{line}\n").errors


def test_lists_under_each_others_names_are_told_apart_by_the_column_signed(tmp_path: Path) -> None:
    found = lists(
        tmp_path,
        {
            "pendingAgencies06052026pm.xlsx": book([HEAD, signed(), signed("OHIO")]),
            "participatingAgencies06052026pm.xlsx": book([PENDING, signed()[:5]]),
        },
    )
    assert not found.errors
    assert dated(found) == [
        ("2026-06-05", "pending", "1", "participatingAgencies06052026pm.xlsx"),
        ("2026-06-05", "signed", "2", "pendingAgencies06052026pm.xlsx"),
    ]
    assert {row["note"] for row in found.rows("agreement_lists")} == {"Published under the name of the other list"}
    assert sum("whatever its name says" in said for said in found.warnings) == 2


def test_a_list_that_lost_its_column_signed_is_not_taken_for_the_other(tmp_path: Path) -> None:
    many = [signed(agency=f"Agency {number}") for number in range(60)]
    held = lists(
        tmp_path / "a",
        {
            "participatingAgencies06022026am.xlsx": book([HEAD, *many]),
            "pendingAgencies06022026am.xlsx": book([PENDING, *[row[:5] for row in many[:3]]]),
        },
    )
    texts = {name: held.texts[name] for name in ("agreement_lists", "agreements", "agencies")}
    found = one(tmp_path / "b", *[row[:5] for row in many], head=PENDING, **texts)
    assert (
        "the list lacks the column SIGNED, but is as long as that of participating agencies: 60 rows"
        in found.errors[0]
    )
    assert "column,…,SIGNED" in found.errors[0]
    assert dated(one(tmp_path / "c", many[0][:5], head=PENDING, **texts))[1][:3] == ("2026-06-02", "signed", "60")


# --- 5: columns and sheets ------------------------------------------------------------------------------------


def test_columns_come_and_go(tmp_path: Path) -> None:
    before = ("STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "SUPPORT TYPE", "SIGNED", "MOA")
    row = signed()
    found = one(tmp_path, (*row[:3], *row[4:]), head=before)
    assert not found.errors
    assert found.rows("agencies")[0]["county"] == ""
    moa = one(tmp_path / "b", (*row[:5], "link"), head=(*PENDING, "MOA"), name="pendingAgencies06052026pm.xlsx")
    assert not moa.errors
    assert dated(moa)[0][1] == "pending"


def test_columns_without_a_name_are_left_alone_and_told_when_they_hold_something(tmp_path: Path) -> None:
    wide = (*HEAD, None, None, " ")
    assert not one(tmp_path, (*signed(), None, None, None, " "), head=wide).warnings
    told = one(tmp_path / "b", (*signed(), None, None, None, "see e-mail"), head=wide).warnings
    assert told == [
        "participatingAgencies06052026pm.xlsx:2:11: warning[received-data]: Sheet1!K2: 'see e-mail' stands in a column without a name of its own, and is not read"
    ]


def test_a_new_column_is_told_and_a_renamed_one_suggests_the_line(tmp_path: Path) -> None:
    found = one(tmp_path, (*signed(), None, "x"), head=(*HEAD, "EXPIRES"))
    assert "Sheet1!I1: the column 'EXPIRES' is not known, and is not read" in found.warnings[0]
    renamed = (HEAD[0], "LAW ENFORCEMENT AGENCIES", *HEAD[2:])
    refused = one(tmp_path / "b", signed(), head=renamed)
    assert "Sheet1, row 1: this is no list: the header lacks LAW ENFORCEMENT AGENCY" in refused.errors[0]
    assert "column,LAW ENFORCEMENT AGENCIES,LAW ENFORCEMENT AGENCY" in refused.errors[0]
    line = "column,LAW ENFORCEMENT AGENCIES,LAW ENFORCEMENT AGENCY\n"
    assert not one(tmp_path / "c", signed(), head=renamed, spellings=kept("spellings") + line).errors
    line = found.warnings[0].split("\n")[-1]
    assert line == "column,EXPIRES,"
    row = (*signed(), None, "x")
    assert not one(tmp_path / "d", row, head=(*HEAD, "EXPIRES"), spellings=f"{kept('spellings')}{line}\n").warnings


@pytest.mark.parametrize(
    ("column", "name"), [(2, "AGENCY TYPE"), (3, "COUNTY NAME"), (5, "DATE SIGNED"), (5, "SINGED"), (6, "MOA LINK")]
)
def test_a_column_that_may_be_a_missing_one_is_refused_until_a_line_settles_it(
    tmp_path: Path, column: int, name: str
) -> None:
    """Without its TYPE a list was taken for a capture of the web page, without SIGNED for the pending one."""
    head = [name if at == column else known for at, known in enumerate(HEAD)]
    found = one(tmp_path, signed(), head=head)
    assert f"the column {name!r} is not known, and the list has no column {HEAD[column]}" in found.errors[0]
    *_, line, other = found.errors[0].split("\n")
    assert line == f"column,{name},{HEAD[column]}"
    assert other == f"(or column,{name}, if it is not, and nobody needs it)"
    settled = one(tmp_path / "b", signed(), head=head, spellings=f"{kept('spellings')}{line}\n")
    assert settled.texts == one(tmp_path / "c", signed()).texts
    spare = one(tmp_path / "d", signed(), head=head, spellings=f"{kept('spellings')}column,{name},\n")
    assert not spare.errors


def test_the_heading_that_is_most_like_the_missing_one_is_suggested_wherever_the_list_stands(
    tmp_path: Path,
) -> None:
    head = ("NO.", *HEAD[:4], "SUPORT TYPE", *HEAD[5:])
    found = one(tmp_path, ("x", "y"), head=("Notes", "Date"), more={"List": [head, (1, *signed())]})
    assert "List, row 1: this is no list: the header lacks SUPPORT TYPE" in found.errors[0]
    assert found.errors[0].endswith(":\ncolumn,SUPORT TYPE,SUPPORT TYPE")
    other = one(tmp_path / "b", (1, *signed()), head=("NO.", *HEAD[:4], "MODEL", *HEAD[5:]))
    assert other.errors[0].endswith(
        "If it is 'NO.' or 'MODEL', add a line to data/spellings.csv:\ncolumn,…,SUPPORT TYPE"
    )


def test_a_hidden_sheet_is_told_and_not_read(tmp_path: Path) -> None:
    data = book([HEAD, signed()], more={"Old": [HEAD, signed("OHIO"), signed("IOWA")]})
    hidden = re.sub(rb'(name="Old"[^>]*) state="visible"', rb'\1 state="hidden"', part(data, "xl/workbook.xml"))
    assert b"hidden" in hidden
    found = lists(tmp_path, {"participatingAgencies06052026pm.xlsx": changed(data, {"xl/workbook.xml": hidden})})
    assert not found.errors
    assert counts(found) == {("TX", "JEM"): 1}
    assert "Old: this sheet is hidden and holds a list; it is not read" in found.warnings[0]
    broken = changed(
        book([HEAD[1:], signed()[1:]], more={"Old": [HEAD, signed("OHIO")]}), {"xl/workbook.xml": hidden}
    )
    refused = lists(tmp_path / "b", {"participatingAgencies06052026pm.xlsx": broken})
    assert "Sheet1, row 1: this is no list: the header lacks STATE" in refused.errors[0]


def test_a_title_above_the_header_and_a_second_sheet_are_no_matter(tmp_path: Path) -> None:
    pivot = [("Row Labels", "Count of STATE"), ("TEXAS", 900), ("Grand Total", 1843)]
    rows = [("287(g) agreements",), (None,), HEAD, signed(), (None,) * 8, (" ",) * 8, HEAD]
    data = book(rows, sheet="Sheet 1", more={"Sheet2": pivot})
    found = lists(tmp_path, {"participatingAgencies03022026am.xlsx": data}, spellings=kept("spellings"))
    assert "signed on 2026-06-01" in found.errors[0]
    found = lists(tmp_path / "b", {"participatingAgencies06022026am.xlsx": data})
    assert not found.errors
    assert dated(found)[0][2] == "1"


def test_a_pivot_table_with_some_of_the_columns_is_no_list(tmp_path: Path) -> None:
    found = one(
        tmp_path, signed(), more={"Sheet2": [(*HEAD[:2], HEAD[4], "Count"), (*signed()[:2], signed()[4], 1)]}
    )
    assert not found.errors
    assert dated(found)[0][2] == "1"


def test_two_sheets_that_hold_a_list_are_refused(tmp_path: Path) -> None:
    found = one(tmp_path, signed(), more={"Old": [HEAD, signed("OHIO")]})
    assert "the sheets 'Sheet1' and 'Old' both hold a list" in found.errors[0]


def test_a_capture_of_the_web_page_has_no_types_and_is_of_its_own_kind(tmp_path: Path) -> None:
    head = ("STATE", "LAW ENFORCEMENT AGENCY", "SUPPORT TYPE", "SIGNED", "MOA")
    row = ("ALABAMA", "Etowah County Sheriff's Office", "Jail Enforcement Model", "2016-06-08", LINK)
    found = one(
        tmp_path, row, head=head, name="ParticipatingEntities-20210213002027.xlsx", sheet="287(g) Agreements"
    )
    assert not found.errors
    assert [row["origin"] for row in found.rows("agreement_lists")] == ["web_page"]
    assert found.rows("agencies") == []


# --- 6, 7 and 8: words ----------------------------------------------------------------------------------------


def test_blanks_apostrophes_and_case_make_no_difference(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        signed(
            "TEXAS ",
            "Ector County Sheriff\u2019s Office ",
            "County ",
            "Ector County\u00a0",
            "Jail Enforcement Model\u00a0",
        ),
        signed(
            "tExas",
            "Ector County Sheriff's  Office",
            "COUNTY",
            "ector county",
            "warrant service officer",
            moa="Link Pending ",
        ),
    )
    assert not found.errors
    assert counts(found) == {("TX", "JEM"): 1, ("TX", "WSO"): 1}
    rows = found.rows("agencies")
    assert {row["agency"] for row in rows} == {"Ector County Sheriff's Office"}
    assert {row["county_fips"] for row in rows} == {"48135"}
    assert [row["moa_status"] for row in rows] == ["linked", "pending"]


@pytest.mark.parametrize("state", ["PENNSLYVANIA", "WEST VIRIGINIA", "WEST VIRIGINA", "UTAHJ", "MCHIGAN"])
def test_misspelt_states_that_are_known_are_read(tmp_path: Path, state: str) -> None:
    assert not one(tmp_path, signed(state)).errors


def test_an_unknown_state_suggests_the_line_to_add(tmp_path: Path) -> None:
    found = one(tmp_path, signed("OKLAHOMMA"), signed("XX"), signed(None))
    assert found.errors[0] == (
        "participatingAgencies06052026pm.xlsx:2:1: error[received-data]: Sheet1!A2: 'OKLAHOMMA' is no state\n"
        "    If that is meant, add this line to data/spellings.csv:\nstate,OKLAHOMMA,OKLAHOMA"
    )
    assert "Sheet1!A3: 'XX' is no state" in found.errors[1]
    assert "Sheet1!A4: the row names no state" in found.errors[2]
    line = "state,OKLAHOMMA,OKLAHOMA\n"
    assert counts(one(tmp_path / "b", signed("OKLAHOMMA"), spellings=kept("spellings") + line)) == {
        ("OK", "JEM"): 1
    }


@pytest.mark.parametrize("row", [("Updated 6/5/2026, links pending",), (None, "Total: 1,843")])
def test_a_note_below_the_list_is_one_problem_and_a_line_says_that_it_is_none(
    tmp_path: Path, row: tuple[Any, ...]
) -> None:
    found = one(tmp_path, signed(), row)
    assert len(found.errors) == 1
    assert not found.warnings
    assert f"Sheet1!A3: {row[-1]!r} stands alone in its row" in found.errors[0]
    line = found.errors[0].split("\n")[-1]
    assert line == f'state,"{row[-1]}",'
    settled = one(tmp_path / "b", signed(), row, spellings=f"{kept('spellings')}{line}\n")
    assert not settled.errors
    assert counts(settled) == {("TX", "JEM"): 1}


@pytest.mark.parametrize(
    ("printed", "model"),
    [
        ("Warrant Services Officer", "WSO"),
        ("Warrant Service Office", "WSO"),
        ("Task Force Officer", "TFM"),
        ("Jail Enforcment Model", "JEM"),
    ],
)
def test_misspelt_models_that_are_known_are_read(tmp_path: Path, printed: str, model: str) -> None:
    assert counts(one(tmp_path, signed(model=printed))) == {("TX", model): 1}


def test_an_unknown_model_is_refused_and_a_blank_one_counted_as_unknown(tmp_path: Path) -> None:
    found = one(tmp_path, signed(model="Task Farce Model"))
    assert "Sheet1!E2: 'Task Farce Model' is no model" in found.errors[0]
    assert "model,Task Farce Model,Task Force Model" in found.errors[0]
    blank = one(tmp_path / "b", signed(model=None)[:5], head=PENDING, name="pendingAgencies06052026pm.xlsx")
    assert not blank.errors
    assert "Sheet1!E2: the model is left blank" in blank.warnings[0]
    assert counts(blank) == {("TX", "unknown"): 1}
    assert blank.rows("agreement_lists")[0]["unknown_model"] == "1"
    listed = one(tmp_path / "c", signed(model=None))
    assert not listed.errors
    assert listed.rows("agencies")[0]["model"] == "unknown"


@pytest.mark.parametrize(
    ("printed", "kind"), [("Muncipality", "municipality"), ("Municipal", "municipality"), ("State", "state_agency")]
)
def test_kinds_of_agency_in_every_spelling(tmp_path: Path, printed: str, kind: str) -> None:
    assert one(tmp_path, signed(kind=printed)).rows("agencies")[0]["agency_type"] == kind


def test_a_kind_that_is_unknown_is_refused_and_one_left_open_is_kept_empty(tmp_path: Path) -> None:
    found = one(tmp_path, signed(kind="Tribe"))
    assert "Sheet1, row 2: 'Tribe' is no kind of agency" in found.errors[0]
    assert "type,Tribe,…" in found.errors[0]
    open_ = one(tmp_path / "b", signed(kind="#NA"), signed(kind=None), signed())
    assert not open_.errors
    assert (
        "2 listed without a kind of agency: row 2: Ector County Sheriff's Office, TX; row 3:" in open_.warnings[0]
    )
    assert [row["agency_type"] for row in open_.rows("agencies")] == ["", "", "county"]


@pytest.mark.parametrize("county", ["#N/A", "#NA", "N/A", None, " "])
def test_counties_that_are_none_are_empty(tmp_path: Path, county: Any) -> None:
    found = one(tmp_path, signed(county=county))
    assert not found.warnings
    assert found.rows("agencies")[0]["county"] == ""


def test_counties_that_match_none_are_kept_as_printed_and_told_together(tmp_path: Path) -> None:
    rows = [
        signed("ALABAMA", county="Frankin County"),
        signed("ARKANSAS", county="Bowie County"),
        signed("GUAM", county="Kattan District"),
        signed("GEORGIA", county="Decatur"),
        signed("MISSOURI", county="Saint Francois County"),
        signed("MARYLAND", county="Baltimore"),
    ]
    found = one(tmp_path, *rows)
    assert not found.errors
    assert len(found.warnings) == 1
    assert (
        "4 counties printed are none of their state, and get no code: row 2: Frankin County, AL; row 3:"
        in found.warnings[0]
    )
    assert found.warnings[0].endswith("data/spellings.csv:\ncounty,Frankin County,Franklin County"), (
        "Texas has a Bowie County: the state is wrong, or another is meant; Baltimore may be two; Guam has none"
    )
    codes = {row["county"]: row["county_fips"] for row in found.rows("agencies")}
    assert codes == {
        "Frankin County": "", "Bowie County": "", "Kattan District": "", "Baltimore": "",
        "Decatur": "13087", "Saint Francois County": "29187",
    }  # fmt: skip
    line = "county,Frankin County,Franklin County\n"
    settled = one(tmp_path / "b", rows[0], spellings=kept("spellings") + line).rows("agencies")[0]
    assert (settled["county"], settled["county_fips"]) == ("Frankin County", "01059"), (
        "as printed, and what is meant"
    )


def test_every_misspelt_county_has_its_line_and_a_right_name_is_never_respelt(tmp_path: Path) -> None:
    rows = [
        signed("ALABAMA", county="Frankin County"),
        signed("FLORIDA", county="Flager County"),
        signed(county="Ector"),
    ]
    found = one(tmp_path, *rows)
    lines = found.warnings[0].split("\n")[2:]
    assert lines == ["county,Frankin County,Franklin County", "county,Flager County,Flagler County"]
    added = [*lines, "county,Ector,Frankin County"]
    settled = one(tmp_path / "b", *rows, spellings=kept("spellings") + "\n".join(added) + "\n")
    assert not settled.warnings
    assert sorted(row["county_fips"] for row in settled.rows("agencies")) == ["01059", "12035", "48135"]


# --- 9: days of signing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("05/082025", "2025-05-08"),
        ("7/72025", "2025-07-07"),
        ("8/282025", "2025-08-28"),
        ("5/8/2025", "2025-05-08"),
        ("2025-05-08", "2025-05-08"),
        ("September 22, 2025", "2025-09-22"),
        ("Sept. 2 2025", "2025-09-02"),
        (45922, "2025-09-22"),
        (45922.5, "2025-09-22"),
        (dt.datetime.fromisoformat("2016-03-19"), "2016-03-19"),
    ],
)
def test_days_of_signing_in_every_form(tmp_path: Path, printed: Any, read: str) -> None:
    rows = [
        (
            "NEW YORK",
            "Broome County Sheriff's Office",
            "County",
            "Broome County",
            "Task Force Model",
            printed,
            "link",
        )
    ]
    found = one(tmp_path, *rows)
    assert not found.errors
    assert found.rows("agencies")[0]["date_signed"] == read


@pytest.mark.parametrize(
    "printed",
    [
        "5025-07-07", "13/8/2025", "7152025", 7152025, 2025, -1, "45922", "soon", "Smarch 1, 2025", "May 32, 2025",
        dt.datetime.fromisoformat("5025-07-07"),
    ],
)  # fmt: skip
def test_a_day_that_is_none_is_told_at_its_cell_and_never_guessed(tmp_path: Path, printed: Any) -> None:
    found = one(tmp_path, (*signed()[:5], printed, "link"))
    assert "Sheet1!F2: " in found.warnings[1]
    assert "is no day of signing" in found.warnings[1]
    assert "1 listed without a day of signing that can be: row 2: Ector County" in found.warnings[0]
    assert not found.errors
    assert found.rows("agencies")[0]["date_signed"] == ""
    assert counts(found) == {("TX", "JEM"): 1}, "it is an agreement all the same"


def test_a_day_left_blank_is_told_and_kept_empty(tmp_path: Path) -> None:
    found = one(tmp_path, signed(on=None), signed())
    assert not found.errors
    assert len(found.warnings) == 1
    assert "1 listed without a day of signing that can be: row 2: Ector County" in found.warnings[0]
    assert [row["date_signed"] for row in found.rows("agencies")] == ["", "2026-06-01"]


def test_days_as_numbers_count_from_the_day_that_the_workbook_says(tmp_path: Path) -> None:
    """Workbooks of old Macs count from 1904."""
    data = book([HEAD, signed(on=44460)])
    xml = part(data, "xl/workbook.xml").replace(b"<workbookPr", b'<workbookPr date1904="1"', 1)
    assert b"date1904" in xml
    found = lists(tmp_path, {"participatingAgencies06052026pm.xlsx": changed(data, {"xl/workbook.xml": xml})})
    assert found.rows("agencies")[0]["date_signed"] == "2025-09-22"


def test_a_line_says_what_day_is_meant(tmp_path: Path) -> None:
    row = (*signed()[:5], day("5025-07-07"), "link")
    found = one(tmp_path, row, spellings=kept("spellings") + "signed,5025-07-07,2025-07-07\n")
    assert not found.errors
    assert found.rows("agencies")[0]["date_signed"] == "2025-07-07"


def test_a_day_after_the_list_was_saved_is_a_slip_of_the_cell(tmp_path: Path) -> None:
    found = one(tmp_path, signed(), signed(on="2026-07-01"), begun=dt.date(2025, 2, 15), saved=dt.date(2026, 6, 5))
    assert "1 listed without a day of signing that can be: row 3" in found.warnings[0]
    assert "Sheet1!F3: signed on 2026-07-01, says the list, which is of 2026-06-05" in found.warnings[1]
    assert not found.errors
    assert sorted(row["date_signed"] for row in found.rows("agencies")) == ["", "2026-06-01"]


def test_a_day_after_a_list_that_was_saved_again_was_saved_is_a_slip_and_one_before_is_not(tmp_path: Path) -> None:
    rows = [signed(agency=f"Agency {number}") for number in range(150)]
    more = {"begun": dt.date(2025, 2, 15), "saved": dt.date(2026, 6, 20)}
    slip = one(tmp_path, *rows, signed(on="2026-12-01"), **more)
    assert not slip.errors
    assert any("F152: signed on 2026-12-01, says the list" in said for said in slip.warnings)
    late = one(tmp_path / "b", *rows, signed(on="2026-06-18"), **more)
    assert "its name says 2026-06-05, but it lists an agreement signed on 2026-06-18" in late.errors[0]
    line = late.errors[0].split("\n")[2]
    assert ",YYYY-MM-DD,why" in line, "of which day it is, nobody can say here"
    settled = header("corrections") + line.replace("YYYY-MM-DD", "2026-06-05") + "\n"
    assert one(tmp_path / "b", *rows, signed(on="2026-06-18"), corrections=settled, **more).errors


def test_a_line_that_says_the_day_of_a_list_settles_the_slips_of_a_few_cells(tmp_path: Path) -> None:
    """A program has written the workbook anew, so that nothing says when it was saved; advice is followed to the letter."""
    rows = [signed(agency=f"Agency {number}") for number in range(150)]
    rows[7] = signed(on="2026-12-01")
    found = one(tmp_path, *rows)
    assert "Sheet1!F9: its name says 2026-06-05, but it lists an agreement signed on 2026-12-01" in found.errors[0]
    line = found.errors[0].split("\n")[2]
    assert line.endswith(",participatingAgencies06052026pm.xlsx,2026-06-05,why")
    settled = one(tmp_path, *rows, corrections=f"{header('corrections')}{line}\n")
    assert not settled.errors
    assert "Sheet1!F9: signed on 2026-12-01, says the list, which is of 2026-06-05" in settled.warnings[1]
    assert sum(not row["date_signed"] for row in settled.rows("agencies")) == 1
    assert settled.rows("agreement_lists")[0]["note"] == ""


# --- 10: links ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("link", "linked"), ("link pending", "pending"), ("Link Pending", "pending"), ("link\u00a0|\u00a0addendum", "linked"),
        (LINK, "linked"), ("Cons", "none"), (None, "none"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_memorandum(tmp_path: Path, cell: Any, status: str) -> None:
    assert one(tmp_path, signed(moa=cell)).rows("agencies")[0]["moa_status"] == status


@pytest.mark.parametrize("address", [LINK, SAFELINK, "mailto:somebody@example.org", "chrome-extension://abc/a.pdf"])
def test_no_address_behind_a_cell_gets_into_a_table(tmp_path: Path, address: str) -> None:
    found = one(tmp_path, signed(), links={"G2": address})
    assert not found.errors
    for text in found.texts.values():
        for never in ("safelinks", "somebody", "http", "chrome-extension"):
            assert never not in text


# --- 11 and 12: lists and agreements that come and go ------------------------------------------------------------


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    found = one(tmp_path, head=PENDING, name="pendingAgencies11062025pm.xlsx")
    assert not found.errors
    assert dated(found) == [("2025-11-06", "pending", "0", "pendingAgencies11062025pm.xlsx")]
    assert found.rows("agreement_lists")[0]["note"] == "Header only"
    assert counts(found) == {}
    before = one(tmp_path / "x", signed(), name="participatingAgencies06022026am.xlsx")
    texts = {name: before.texts[name] for name in ("agreement_lists", "agreements", "agencies")}
    signed_ = one(tmp_path / "y", name="participatingAgencies06052026am.xlsx", **texts)
    assert any("0 agreements, after 1 on 2026-06-02" in said for said in signed_.warnings)
    nothing = lists(tmp_path / "b", {"pendingAgencies11062025pm.xlsx": book([])})
    assert "the workbook is empty: not even a header" in nothing.errors[0]


def test_an_agreement_that_returns_keeps_the_day_it_was_first_listed(tmp_path: Path) -> None:
    files = {
        "participatingAgencies06022026am.xlsx": book([HEAD, signed(), signed("OHIO")]),
        "participatingAgencies06032026am.xlsx": book([HEAD, signed("OHIO")]),
        "participatingAgencies06052026am.xlsx": book(
            [HEAD, signed(agency="Ector County Sheriff\u2019s Office "), signed("OHIO")]
        ),
    }
    rows = lists(tmp_path, files).rows("agencies")
    assert [(row["as_of"], row["state"], row["first_listed"]) for row in rows] == [
        ("2026-06-05", "OH", "2026-06-02"),
        ("2026-06-05", "TX", "2026-06-02"),
    ]


def test_the_table_of_agencies_keeps_its_older_list_and_gets_the_newest(tmp_path: Path) -> None:
    first = one(tmp_path / "a", signed(on="2026-01-01"), name="participatingAgencies01052026am.xlsx")
    second = one(tmp_path / "b", signed(), signed("OHIO"))
    table = first.texts["agencies"] + second.texts["agencies"].split("\n", 1)[1]
    texts = {
        "agreement_lists": second.texts["agreement_lists"],
        "agreements": second.texts["agreements"],
        "agencies": table,
    }
    third = one(
        tmp_path / "c",
        signed(),
        signed("OHIO"),
        signed("IOWA"),
        name="participatingAgencies06092026am.xlsx",
        **texts,
    )
    assert not third.errors
    found = [(row["as_of"], row["state"], row["first_listed"]) for row in third.rows("agencies")]
    assert found == [
        ("2026-01-05", "TX", "2026-01-05"),
        ("2026-06-09", "IA", "2026-06-09"),
        ("2026-06-09", "OH", "2026-06-05"),
        ("2026-06-09", "TX", "2026-01-05"),
    ]
    assert [row[:3] for row in dated(third)] == [("2026-06-05", "signed", "2"), ("2026-06-09", "signed", "3")]


# --- what cannot be read at all ---------------------------------------------------------------------------------


def test_a_formula_without_a_value_is_refused_at_its_cell(tmp_path: Path) -> None:
    data = book([HEAD, signed(agency="=A2&B2")])
    sheet = "xl/worksheets/sheet1.xml"
    data = changed(data, {sheet: part(data, sheet).replace(b"<v />", b"").replace(b"<v></v>", b"")})
    found = lists(tmp_path, {"participatingAgencies06052026pm.xlsx": data})
    assert "Sheet1!B2: a formula stands here, and no value that it came to" in found.errors[0]


def test_every_file_is_told_of_in_one_run(tmp_path: Path) -> None:
    found = lists(
        tmp_path,
        {
            "participatingAgencies06052026pm.xlsx": b"<html>404",
            "pendingAgencies06052026pm.xlsx": book([("A", "B"), (1, 2)]),
            "participatingAgencies06042026pm.xlsx": book([HEAD, signed("TEXSA")]),
        },
    )
    assert len(found.errors) == 3
    assert "a web page, not a workbook" in "".join(found.errors)
    assert "this is no list: the header lacks STATE and LAW ENFORCEMENT AGENCY and SUPPORT TYPE" in "".join(
        found.errors
    )
