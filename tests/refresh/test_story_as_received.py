"""The publishers' files, where they are beside the checkout: the loaders give every total that was counted of them."""

from __future__ import annotations

from functools import cache

import pytest
from story_loaders import NOT_THERE, SHARED, Outcome, derived, header, kept, load, raw

pytestmark = pytest.mark.skipif(not (SHARED / "raw").is_dir(), reason=NOT_THERE)

EMPTY = {name: header(name) for name in ("agreement_lists", "agreements", "agencies")}
COUNTS = ("jem", "tfm", "wso", "unknown_model", "total")


@cache
def _from_nothing(until: str) -> Outcome:
    """All lists of the raw folder up to a date, into empty tables."""
    files = [file for file in raw("ice_287g") if "web_captures" not in file.shown]
    lists = load("agreements", files, EMPTY).rows("agreement_lists")
    wanted = {row["source_file"] for row in lists if row["as_of"] <= until}
    return load("agreements", [file for file in files if file.name in wanted], EMPTY)


@pytest.mark.parametrize(
    ("dataset", "folder"),
    [
        ("agreements", "ice_287g"),
        ("book_ins", "ice_detention_stats"),
        ("population", "census"),
        ("detention_state_month", "ddp_detention"),
    ],
)
def test_the_files_received_give_the_tables_of_the_story(dataset: str, folder: str) -> None:
    if dataset == "detention_state_month":
        pytest.importorskip("duckdb", reason="duckdb is not installed: pip install 'broadsheet[duckdb]'")
    found = load(dataset, raw(folder))
    assert not found.errors
    assert found.texts
    for name, text in found.texts.items():
        assert text == kept(name), name


@pytest.mark.parametrize(("dataset", "folder"), [("book_ins", "ice_detention_stats"), ("population", "census")])
def test_they_give_them_from_nothing_too(dataset: str, folder: str) -> None:
    own = load(dataset, raw(folder)).texts
    empty = load(dataset, raw(folder), {name: header(name) for name in own})
    assert not empty.errors
    if dataset == "population":
        assert _without_the_district(empty.texts["population"]) == _without_the_district(own["population"])
    else:
        assert empty.texts == own


def _without_the_district(text: str) -> list[str]:
    """The copy of the file that is here lacks the district's row of 2025; it came from another."""
    return [line for line in text.split("\n") if "DC" not in line]


def test_every_list_has_the_totals_that_were_counted_by_state_and_model() -> None:
    found = _from_nothing("9999")
    assert not found.errors
    nation = {(row["as_of"], row["status"]): row for row in derived("agreements_national_snapshot")}
    states = {(row["as_of"], row["status"], row["state"]): row for row in derived("agreements_by_state_snapshot")}
    compared = []
    for row in found.rows("agreement_lists"):
        known = nation[row["as_of"], row["status"]]
        if known["source_file"] != row["source_file"]:  # the last list of that date is not among those held here
            continue
        compared.append(row["source_file"])
        assert [row[name] for name in COUNTS] == [known[name] for name in COUNTS], row
        here = [
            each
            for each in found.rows("agreements")
            if (each["as_of"], each["status"]) == (row["as_of"], row["status"])
        ]
        for state in {each["state"] for each in here}:
            own = {each["model"].lower(): each["count"] for each in here if each["state"] == state}
            counted = states[row["as_of"], row["status"], state]
            assert {name: counted[name] for name in ("jem", "tfm", "wso") if counted[name] != "0"} == {
                name: count for name, count in own.items() if name != "unknown"
            }
            assert own.get("unknown", "0") == counted["unknown_model"]
        assert len({each["state"] for each in here}) == int(known["states"])
    assert len(compared) > 30
    assert "pendingAgencies09222025pm.xlsx" in compared, "the list of signed agreements under the other's name"


@pytest.mark.parametrize("date", ["2025-06-06", "2026-05-18"])
def test_the_agencies_of_two_lists_are_those_that_were_listed(date: str) -> None:
    found = _from_nothing(date)
    assert not found.errors
    rows = [row for row in found.rows("agencies") if row["as_of"] == date]
    known = derived(f"agreements_list_{date}")
    columns = [name for name in known[0] if name not in ("state_fips", "first_listed")]
    own = [[row[name] for name in columns] for row in rows]
    assert sorted(own) == sorted([row[name] for name in columns] for row in known)
    first = {row["source_row"]: row["first_listed"] for row in known}
    dates = sorted({row["as_of"] for row in found.rows("agreement_lists") if row["status"] == "signed"})
    expected = [min(each for each in dates if each >= first[row["source_row"]]) for row in rows]
    found_first = [row["first_listed"] for row in rows]
    later = [pair for pair in zip(found_first, expected, strict=True) if pair[0] != pair[1]]
    assert all(own > known for own, known in later), "never before the first list that has it"
    assert len(later) < 0.02 * len(rows), "some had vanished from the only list held here of that time"


def test_both_lists_of_agencies_come_from_nothing() -> None:
    found = _from_nothing("9999").rows("agencies")
    assert {row["as_of"] for row in found} == {"2025-06-06", "2026-05-18"}


def test_the_one_new_list_is_added_to_what_is_there() -> None:
    """As every week: the tables without the last list, and that list alone."""
    last = "participatingAgencies05182026am.xlsx"
    before = {
        "agreement_lists": _without(kept("agreement_lists"), "2026-05-18"),
        "agreements": _without(kept("agreements"), "2026-05-18"),
    }
    found = load("agreements", [file for file in raw("ice_287g") if file.name == last], before)
    assert not found.errors
    for name in ("agreement_lists", "agreements", "agencies"):
        assert found.texts[name] == kept(name)


def _without(text: str, date: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(date))
