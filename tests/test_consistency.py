"""Consistency of the data: what contradicts itself is found at its cell, and nothing else is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_stories import write_story

from generator.datasets.descriptor import Field
from generator.datasets.formula import FormulaError, parse
from generator.measures.consistency import inconsistencies
from generator.model import Precision
from generator.problems import Problem
from generator.story import load
from generator.story_code import data_problems
from generator.values import interval

ROOT = Path(__file__).resolve().parents[1]

Finder = Callable[..., list[Problem]]


def problems_of(root: Path) -> list[Problem]:
    story = load(root)
    return [*inconsistencies(story.root, story.tables, story.selector), *data_problems(story)]


@pytest.fixture
def find(tmp_path: Path) -> Finder:
    """``find(tables, measures)``: what contradicts itself in a small story of towns, provinces and a land."""

    def find(tables: Mapping[str, str], measures: str, resources: Mapping[str, Any] | None = None) -> list[Problem]:
        write_story(tmp_path, tables, measures)
        if resources:
            path = tmp_path / "data/datapackage.json"
            package = json.loads(path.read_text())
            for resource in package["resources"]:
                resource.update(resources.get(resource["name"], {}))
            path.write_text(json.dumps(package))
        return problems_of(tmp_path)

    return find


def places(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.code, str(problem.location)) for problem in problems]


LOANS = """\
loans:
  from: town_loans
  value: loans
  entity: {town: town}
  unit: loans
  time: {year: year, type: flow}
  parts:
    - {from: province_loans, value: loans, entity: {province: province}, time: {year: year, type: flow}}
    - {from: land_loans, value: loans, entity: {land: l}, time: {year: year, type: flow}}
"""


def loans(towns: str, provinces: str = "N,2020,1", land: str = "2020,1", type: str = "integer") -> dict[str, str]:
    def rows(text: str) -> str:
        return "\n".join(text.split())

    return {
        "town_loans": f"town,year:year,loans:{type}\n{rows(towns)}\n",
        "province_loans": f"province,year:year,loans:{type}\n{rows(provinces)}\n",
        "land_loans": f"year:year,loans:{type}\n{rows(land)}\n",
    }


# --- a part and its whole ---------------------------------------------------------------------------------


def test_a_part_above_its_whole_is_told_at_its_cell_with_the_whole_s(find: Finder) -> None:
    [problem] = find(loans("ASH,2024,91 BIR,2024,50", "N,2024,90", "2024,5000"), LOANS)
    assert (problem.code, str(problem.location)) == ("part-above-whole", "data/town_loans.csv:2:10")
    assert "Ashby has 91 loans in 2024, more than North, 90" in problem.message
    assert "data/province_loans.csv:2:8" in problem.hint


def test_a_part_is_held_against_wholes_further_up(find: Finder) -> None:
    [problem] = find(loans("ASH,2024,500 BIR,2024,5", "S,2024,10", "2024,400"), LOANS)
    assert "Ashby has 500 loans in 2024, more than Land, 400" in problem.message


def test_a_part_as_large_as_its_whole_is_no_contradiction(find: Finder) -> None:
    assert not find(loans("ASH,2024,90 BIR,2024,0", "N,2024,90", "2024,90"), LOANS)


def test_other_periods_and_other_wholes_are_not_compared(find: Finder) -> None:
    assert not find(loans("ASH,2024,90 CED,2023,5", "N,2023,5 S,2024,3", "2022,1"), LOANS)


def test_of_a_whole_below_most_of_its_parts_the_whole_is_told(find: Finder) -> None:
    found = find(loans("ASH,2024,80 BIR,2024,50", "N,2024,13", "2024,5000"), LOANS)
    assert places(found) == [("part-above-whole", "data/province_loans.csv:2:8")]
    assert "less than 2 of its parts" in found[0].message


def test_parts_that_are_together_above_the_whole_are_told_at_the_whole(find: Finder) -> None:
    found = find(loans("ASH,2024,80 BIR,2024,50", "N,2024,129", "2024,5000"), LOANS)
    assert places(found) == [("parts-above-whole", "data/province_loans.csv:2:8")]
    assert "together have 130 loans in 2024, more than North itself, 129" in found[0].message


def test_parts_whose_columns_mean_different_things_can_be_let_alone(find: Finder) -> None:
    rule = "  consistency: {part_of_whole: false, reason: Towns lend to each other.}\n"
    assert not find(loans("ASH,2024,91 BIR,2024,50", "N,2024,90", "2024,90"), LOANS + rule)


def test_more_than_three_of_a_rule_are_told_once(find: Finder) -> None:
    towns = "ASH,2020,9 ASH,2021,9 ASH,2022,9 ASH,2023,9 ASH,2024,9"
    years = " ".join(f"N,{year},3" for year in range(2020, 2025))
    [problem] = find(loans(towns, years, "2019,1"), LOANS)
    assert "parts are above their whole in 5 places. The first three: " in problem.message
    assert "Ashby in 2022: 9 of 3 (data/town_loans.csv:4:10)" in problem.message
    assert "data/town_loans.csv:5:10" not in problem.message


def test_what_does_not_add_up_is_not_compared(find: Finder) -> None:
    tables = loans("ASH,2024,91", "N,2024,90")
    assert not find(tables, LOANS.replace("unit: loans", "unit: percent"))
    assert not find(tables, LOANS + "  whole: none\n")


BOOKS = """\
books:
  from: books
  value: books
  entity: {by: level, town: town, province: province, land: l, outside: [village]}
  unit: books
  precision: how
  time: {from: start, to: end, type: flow}
  dimensions: {kind: {additive: false}}
"""


def books(*rows: str) -> dict[str, str]:
    head = "level,town,province,start:date,end:date,books:integer,how,kind"
    return {"books": "\n".join([head, *rows]) + "\n"}


YEAR, MARCH = "2024-01-01,2024-12-31", "2024-03-01,2024-03-31"


def test_the_case_that_nobody_s_tools_objected_to(find: Finder) -> None:
    found = find(books(f"land,,,{MARCH},42000,approximate,a", f"province,,N,{MARCH},555523,exact,a"), BOOKS)
    assert places(found) == [("part-above-whole", "data/books.csv:3:35")]
    assert "North has 555,523 books (kind a) in 2024-03, more than Land, about 42,000" in found[0].message


def test_levels_that_do_not_add_up_are_compared_with_their_equal_only(find: Finder) -> None:
    rows = [f"land,,,{MARCH},10,exact,a", f"land,,,{MARCH},90,exact,b", f"province,,N,{MARCH},50,exact,b"]
    assert not find(books(*rows), BOOKS)


def test_a_period_within_the_whole_s_is_a_part_of_a_flow(find: Finder) -> None:
    rows = [f"land,,,{YEAR},42,exact,a", f"land,,,{MARCH},43,exact,a", f"town,ASH,,{MARCH},43,exact,a"]
    found = find(books(*rows), BOOKS)
    assert places(found) == [("part-above-whole", "data/books.csv:2:30")]
    assert "less than 2 of its parts" in found[0].message
    assert not find(books(f"land,,,{MARCH},42,exact,a", f"town,ASH,,{YEAR},43,exact,a"), BOOKS)


def test_a_stock_is_of_its_date_alone(find: Finder) -> None:
    measures = BOOKS.replace("{from: start, to: end, type: flow}", "{at: start, type: stock}")
    assert not find(books(f"land,,,{YEAR},42,exact,a", f"land,,,{MARCH},43,exact,a"), measures)


def test_kinds_that_are_no_entities_are_parts_too(find: Finder) -> None:
    rows = [f"land,,,{MARCH},900,exact,a", f"province,,N,{MARCH},42,exact,a", f"village,,N,{MARCH},43,exact,a"]
    found = find(books(*rows), BOOKS)
    assert places(found) == [("part-above-whole", "data/books.csv:4:34")]
    assert "the village has 43 books (kind a) in 2024-03, more than North, 42" in found[0].message


def test_codes_that_are_no_entities_are_parts_of_the_whole(find: Finder) -> None:
    measures = LOANS.replace("entity: {town: town}\n", "entity: {town: town, unallocated: [ZZZ]}\n", 1)
    found = find(loans("ASH,2024,5 ZZZ,2024,91", "S,2024,1", "2024,90"), measures)
    assert places(found) == [("part-above-whole", "data/town_loans.csv:3:10")]
    found = find(loans("ASH,2024,50 ZZZ,2024,41", "S,2024,1", "2024,90"), measures)
    assert places(found) == [("parts-above-whole", "data/land_loans.csv:2:6")]
    assert "the one town of Land and 1 other row together have 91 loans" in found[0].message


def test_levels_that_add_up_are_parts_of_the_figure_of_all(find: Finder) -> None:
    measures = """\
        visits:
          from: visits
          value: visits
          entity: {town: town}
          unit: visits
          time: {at: date, type: stock}
          dimensions: {age: {additive: true}}
          parts:
            - {from: totals, value: visits, entity: {town: town}, time: {at: date, type: stock}}
    """
    tables = {
        "visits": "town,date:date,age,visits:integer\nASH,2024-01-01,young,30\nASH,2024-01-01,old,41\n",
        "totals": "town,date:date,visits:integer\nASH,2024-01-01,70\n",
    }
    [problem] = find(tables, measures)
    assert (problem.code, str(problem.location)) == ("parts-above-whole", "data/totals.csv:2:16")
    tables["totals"] = tables["totals"].replace("70", "40")
    [problem] = find(tables, measures)
    assert str(problem.location) == "data/visits.csv:3:20"
    assert "Ashby has 41 visits (age old) on 2024-01-01, more than all together, 40" in problem.message


def test_an_unfinished_whole_says_nothing_about_a_finished_part(find: Finder) -> None:
    measures = """\
        held:
          from: town_held
          value: held
          entity: {town: town}
          unit: people
          time: {month: month, type: mean, weight: days}
          incomplete: partial
          parts:
            - {from: land_held, value: held, entity: {land: l}, time: {month: month, type: mean, weight: days},
               incomplete: partial}
    """
    town = "town,month:yearmonth,held:number,days:integer,partial:boolean\nASH,2024-03,30.5,{}\n"
    land = "month:yearmonth,held:number,days:integer,partial:boolean\n2024-03,20.1,{}\n"
    one, other = "31,false", "10,true"
    assert not find({"town_held": town.format(one), "land_held": land.format(other)}, measures)
    assert find({"town_held": town.format(one), "land_held": land.format(one)}, measures)
    assert find({"town_held": town.format(other), "land_held": land.format(other)}, measures)


# --- precision ----------------------------------------------------------------------------------------------

PRECISE: tuple[Precision, ...] = (
    "exact",
    "rounded",
    "approximate",
    "at least",
    "more than",
    "at most",
    "just under",
)


@given(
    whole=st.integers(1, 10**6),
    part=st.integers(1, 10**6),
    whole_is=st.sampled_from(PRECISE),
    part_is=st.sampled_from(PRECISE),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_part_is_found_when_it_is_certainly_above_and_only_then(
    tmp_path: Path, whole: int, part: int, whole_is: Precision, part_is: Precision
) -> None:
    rows = [f"land,,,{MARCH},{whole},{whole_is},a", f"town,ASH,,{MARCH},{part},{part_is},a"]
    found = problems_of(write_story(tmp_path, books(*rows), BOOKS))
    above = interval(whole, whole_is).below(interval(part, part_is))
    assert places(found) == ([("part-above-whole", f"data/books.csv:3:{33}")] if above else [])


@given(whole=st.integers(1, 9_999), beyond=st.integers(-300, 300))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_decimals_may_be_off_by_half_of_the_last(tmp_path: Path, whole: int, beyond: int) -> None:
    tables = loans(
        f"ASH,2024,{(whole + beyond) / 10} BIR,2023,0.1", f"N,2024,{whole / 10} N,2023,0.1", type="number"
    )
    found = problems_of(write_story(tmp_path, tables, LOANS))
    assert bool(found) == (beyond > 1), "one unit of the last place can be rounding of both"


@given(parts=st.lists(st.integers(0, 1000), min_size=2, max_size=2), difference=st.integers(-3, 3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_are_exact_for_whole_numbers(tmp_path: Path, parts: list[int], difference: int) -> None:
    rule = "  consistency: {sums: [{of: towns, to: provinces}]}\n"
    total = max(sum(parts) + difference, max(parts))
    tables = loans(f"ASH,2024,{parts[0]} BIR,2024,{parts[1]}", f"N,2024,{total}", "2020,1")
    found = problems_of(write_story(tmp_path, tables, LOANS + rule))
    assert places(found) == ([("sum-mismatch", "data/province_loans.csv:2:8")] if total != sum(parts) else [])


# --- sums ---------------------------------------------------------------------------------------------------


def summed(rule: str) -> str:
    return LOANS + f"  consistency: {{sums: [{rule}]}}\n"


def test_a_missing_row_is_named(find: Finder) -> None:
    [problem] = find(loans("ASH,2024,80", "N,2024,130"), summed("{of: towns, to: provinces}"))
    assert "the one town of North adds up to 80 loans in 2024, North itself has 130: 50 too few" in problem.message
    assert "Without a row: Birch." in problem.hint


def test_a_missing_total_is_told(find: Finder) -> None:
    found = find(loans("ASH,2024,80 CED,2024,7", "S,2024,7"), summed("{of: towns, to: provinces}"))
    assert places(found) == [("sum-mismatch", "data/town_loans.csv:2:10")]
    assert "North has no row in 2024" in found[0].message


def test_a_figure_that_is_not_known_leaves_the_sum_open_above(find: Finder) -> None:
    rule = summed("{of: towns, to: provinces}")
    assert not find(loans("ASH,2024,80 BIR,2024,", "N,2024,130"), rule)
    assert find(loans("ASH,2024,80 BIR,2024,", "N,2024,79"), rule)


def test_a_tolerance_is_the_most_that_is_let_pass(find: Finder) -> None:
    rule = summed("{of: towns, to: provinces, tolerance: 2}")
    assert not find(loans("ASH,2024,80 BIR,2024,50", "N,2024,132"), rule)
    assert not find(loans("ASH,2024,80 BIR,2024,50", "N,2024,128"), rule)
    [problem] = find(loans("ASH,2024,80 BIR,2024,50", "N,2024,133"), rule)
    assert "3 too few, more than the tolerance explains" in problem.message


def test_parts_that_are_not_all_there_may_add_up_to_less(find: Finder) -> None:
    rule = summed("{of: towns, to: provinces, at_most: true}")
    assert not find(loans("ASH,2024,80 CED,2024,1", "N,2024,130"), rule)
    assert find(loans("ASH,2024,80 BIR,2024,51", "N,2024,130"), rule)


def test_sums_that_compare_nothing_are_told(find: Finder) -> None:
    [problem] = find(loans("ASH,2024,80", "N,2023,130"), summed("{of: towns, to: provinces}"))
    assert (problem.code, problem.severity) == ("nothing-compared", "warning")
    assert str(problem.location) == "data/measures.yml:10:24"


MEMBERS = """\
members:
  from: members
  value: members
  entity: {town: town}
  unit: members
  time: {at: as_of, type: stock}
  dimensions: {status: {additive: false}}
"""


def members(*rows: str) -> str:
    return "\n".join(["town,as_of:date,status,members:integer", *rows]) + "\n"


def test_totals_of_another_table_are_compared_by_the_columns_shared(find: Finder) -> None:
    own = members("ASH,2024-01-01,a,100", "BIR,2024-01-01,a,101", "ASH,2024-01-01,b,5", "ASH,2024-01-01,c,5")
    lists = "as_of:date,status,total:integer\n2024-01-01,a,210\n2024-01-01,b,6\n2025-01-01,b,6\n"
    rule = "  consistency: {sums: [{in: lists, value: total, keys: [as_of, status]}]}\n"
    found = find({"members": own, "lists": lists}, MEMBERS + rule)
    assert places(found) == [
        ("sum-mismatch", "data/lists.csv:2:14"),
        ("sum-mismatch", "data/members.csv:4:18"),  # where one row is compared, the row
        ("sum-mismatch", "data/members.csv:5:18"),  # where there is no total, its first row
    ]


def test_where_a_list_was_kept_no_row_is_a_zero(find: Finder) -> None:
    lists = "as_of:date,status,total:integer\n2024-01-01,a,100\n2025-01-01,a,6\n2026-01-01,a,0\n"
    rule = (
        "  no_row: {zero_if: {in: lists, keys: [as_of, status]}}\n"
        "  consistency: {sums: [{in: lists, value: total, keys: [as_of, status]}]}\n"
    )
    found = find({"members": members("ASH,2024-01-01,a,100"), "lists": lists}, MEMBERS + rule)
    assert places(found) == [("sum-mismatch", "data/lists.csv:3:14")]
    assert "0 rows of members add up to 0 members, lists.total says 6: 6 too few" in found[0].message


def test_columns_of_totals_are_chosen_by_where_and_rows_are_counted(find: Finder) -> None:
    clubs = "town,as_of:date,kind\nASH,2024-01-01,chess\nBIR,2024-01-01,chess\nBIR,2024-01-01,choir\n"
    counts = "as_of:date,chess:integer,choir:integer\n2024-01-01,2,2\n"
    measures = """\
        clubs:
          from: clubs
          value: town
          count: true
          entity: {town: town}
          unit: clubs
          time: {at: as_of, type: stock}
          consistency:
            sums:
              - {in: counts, value: chess, keys: as_of, where: {kind: chess}}
              - {in: counts, value: choir, keys: as_of, where: {kind: choir}}
    """
    [problem] = find({"clubs": clubs, "counts": counts}, measures)
    assert str(problem.location) == "data/clubs.csv:4:1"
    assert "as_of 2024-01-01, kind choir: 1 row of clubs adds up to 1 clubs, counts.choir says 2" in problem.message


# --- range, monotone, change --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "found"),
    [
        ("51,exact", True),
        ("50,exact", False),
        ("50,at least", False),
        ("50,more than", True),
        ("60,approximate", True),
        ("55,approximate", True),
        ("54,approximate", True),
        ("5,exact", False),
        ("5,at most", False),
        ("5,just under", True),
        ("4,at most", True),
        ("4,at least", False),
    ],
)
def test_a_figure_out_of_range_is_found_where_it_is_certain(find: Finder, figure: str, found: bool) -> None:
    rule = "  consistency: {range: {minimum: 5, maximum: 50}}\n"
    told = find(books(f"town,ASH,,{MARCH},{figure},a"), BOOKS + rule)
    assert places(told) == ([("out-of-range", "data/books.csv:2:33")] if found else [])


def in_time(*rows: str) -> dict[str, str]:
    return {"members": "\n".join(["town,as_of:date,year,members:integer,note", *rows]) + "\n"}


COUNTED = MEMBERS.replace("  dimensions: {status: {additive: false}}\n", "")


@pytest.mark.parametrize(
    ("numbers", "lines"),
    [
        ([1, 2, 2, 3], []),
        ([100, 910, 120, 130], [3]),  # the one that sticks out, not the one after it
        ([100, 10, 120, 130], [3]),
        ([100, 120, 110], [4]),
    ],
)
def test_of_a_count_that_never_falls_the_figure_in_the_way_is_told(
    find: Finder, numbers: list[int], lines: list[int]
) -> None:
    rows = [f"ASH,2024-0{month}-01,1,{number}," for month, number in enumerate(numbers, start=1)]
    found = find(in_time(*rows), COUNTED + "  consistency: {monotone: increasing}\n")
    assert places(found) == [("not-monotone", f"data/members.csv:{line}:18") for line in lines]
    rows = [f"ASH,2024-0{9 - month}-01,1,{number}," for month, number in enumerate(numbers, start=1)]
    assert len(find(in_time(*rows), COUNTED + "  consistency: {monotone: decreasing}\n")) == len(lines)


def test_a_count_may_begin_anew(find: Finder) -> None:
    rows = ["ASH,2024-01-01,1,100,", "ASH,2024-02-01,1,200,", "ASH,2024-03-01,2,10,", "ASH,2024-04-01,2,9,"]
    rule = "  consistency: {monotone: increasing, within: year, change: 3}\n"
    found = find(in_time(*rows), COUNTED + rule)
    assert places(found) == [("not-monotone", "data/members.csv:5:18")]


def test_a_step_too_large_is_a_warning_unless_its_row_says_why(find: Finder) -> None:
    rule = "  consistency: {change: {factor: 3, floor: 50, explained_in: note}}\n"
    rows = ["ASH,2024-01-01,1,100,", "ASH,2024-02-01,1,301,", "ASH,2024-03-01,1,100,"]
    [problem] = find(in_time(*rows), COUNTED + rule)  # the way back is no second step
    assert (problem.severity, str(problem.location)) == ("warning", "data/members.csv:3:18")
    assert not find(in_time(*(row.replace("301,", "301,two towns joined") for row in rows)), COUNTED + rule)
    assert not find(in_time(*(row.replace("301", "300") for row in rows)), COUNTED + rule)
    assert not find(in_time("ASH,2024-01-01,1,1,", "ASH,2024-02-01,1,49,"), COUNTED + rule)


# --- what declarations mix up -------------------------------------------------------------------------------


def with_unit(unit: str) -> dict[str, Any]:
    fields = [{"name": "year", "type": "year"}, {"name": "loans", "type": "integer", "unit": unit}]
    return {"schema": {"fields": fields}}


@pytest.mark.parametrize(("unit", "codes"), [("loans", []), ("thousands of loans", ["units-mixed"]), ("", [])])
def test_tables_of_one_measure_have_one_unit(find: Finder, unit: str, codes: list[str]) -> None:
    town = {"schema": {"fields": [{"name": "town"}, *with_unit("loans")["schema"]["fields"]]}}
    resources = {"town_loans": town, "land_loans": with_unit(unit)}
    found = find(loans("ASH,2024,8", "N,2024,90", "2024,90"), LOANS, resources)
    assert [problem.code for problem in found] == codes


RESIDENTS = """\
residents:
  from: residents
  value: residents
  entity: {town: town}
  unit: residents
  time: {at: date, type: stock}
"""


@pytest.mark.parametrize(
    ("year", "found"),
    [
        ("2024-01-01", None),
        ("2022-12-31", None),
        ("2020-01-01", ("periods-mixed", "warning")),
        ("2019-01-01", ("no-such-date", "error")),
    ],
)
def test_a_rate_divides_by_a_figure_of_its_time(find: Finder, year: str, found: tuple[str, str] | None) -> None:
    rate = f"  rates: {{per_head: {{by: residents, year: {year}}}}}\n"
    tables = loans("ASH,2024,80") | {
        "residents": "town,date:date,residents:integer\nASH,2020-01-01,5\nASH,2022-12-31,5\nASH,2024-01-01,6\n"
    }
    del tables["province_loans"], tables["land_loans"]
    told = find(tables, LOANS[: LOANS.index("  parts:")] + rate + RESIDENTS)
    assert [(problem.code, problem.severity) for problem in told] == ([found] if found else [])


def test_dates_outside_of_what_a_table_covers_are_told(find: Finder) -> None:
    tables = loans("ASH,2024,80 ASH,2042,80")
    coverage = {"town_loans": {"coverage": {"start": "2020-01-01", "end": "2025-06-30"}}}
    assert places(find(tables, LOANS, coverage)) == [("outside-coverage", "data/town_loans.csv:3:5")]


# --- formulas -----------------------------------------------------------------------------------------------

FIELDS = [
    Field(name="opened", type="date"),
    Field(name="closed", type="date"),
    Field(name="adults", type="integer", unit="readers"),
    Field(name="children", type="integer", unit="readers"),
    Field(name="total", type="integer", unit="readers"),
    Field(name="area", type="number", unit="metres"),
    Field(name="kind"),
]


@pytest.mark.parametrize(
    ("formula", "rows"),
    [
        ("adults + children == total", [1]),
        ("adults <= total", []),
        ("0 < adults < total", [2]),
        ("kind == 'main' or total - adults >= 2 * children", [1]),
        ("not kind == 'main' and total > 1", [0]),
        ("-adults < 0", []),
    ],
)
def test_a_formula_finds_the_rows_of_which_it_is_not_true(formula: str, rows: list[int]) -> None:
    columns = {
        "adults": (3, 3, 3, None),
        "children": (4, 4, 0, 1),
        "total": (7, 8, 3, 9),
        "kind": ("main", "branch", "branch", None),
    }
    if formula.startswith("not"):
        columns = {name: cells[:1] for name, cells in columns.items()}
    assert list(parse(formula, FIELDS).broken(columns)) == rows


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("adults ==", "not a formula"),
        ("adults + total", "compares nothing"),
        ("1 < 2", "compares nothing"),
        ("adult < 2", "did you mean 'adults'?"),
        ("opened < total", "'opened' is a date, 'total' a number: they do not compare"),
        ("adults + area < total", "'adults' is in readers, 'area' in metres"),
        ("adults + 1 < area", "'adults + 1' is in readers, 'area' in metres"),
        ("adults + opened < 3", "'opened' is not a number, but a date"),
        ("__import__('os').system('true') == 0", "is not understood"),
        ("adults ** 9 > 3", "is not understood"),
        ("(lambda: 1) == 1", "is not understood"),
        ("adults in kind", "is not understood"),
    ],
)
def test_a_formula_that_cannot_be_understood_says_why(formula: str, said: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(formula, FIELDS)
    assert said in str(caught.value)


def test_a_row_that_breaks_its_formula_is_told_at_the_first_column(tmp_path: Path) -> None:
    write_story(tmp_path, {"shops": 'name,opened:date,closed:date\n"a,\nb",2024-01-02,2024-01-01\n'})
    path = tmp_path / "data/datapackage.json"
    package = json.loads(path.read_text())
    package["resources"][-1]["checks"] = [{"formula": "closed >= opened"}]
    path.write_text(json.dumps(package))
    [problem] = problems_of(tmp_path)
    assert str(problem.location) == "data/shops.csv:3:15"
    assert "closed >= opened does not hold: closed is 2024-01-01, opened is 2024-01-02" in problem.message


# --- the real story -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real story's tables, without its documents."""
    folder = tmp_path_factory.mktemp("real")
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "content").mkdir()
    shutil.copy(ROOT / "content/site.yml", folder / "content")
    return folder


def test_the_real_tables_contradict_nothing(real: Path) -> None:
    assert not problems_of(real)


REAL = {
    "a state above the nation": (
        "removal_orders.csv",
        "state,California,CA,,2025-03-01,2025-03-31,,not found",
        "state,California,CA,,2025-03-01,2025-03-31,555523,exact",
        ("part-above-whole", "data/removal_orders.csv:8:44"),
    ),
    "a county above the nation": (
        "removal_orders.csv", "2025-03-31,2460,exact", "2025-03-31,246000,exact",
        ("part-above-whole", "data/removal_orders.csv:11:53"),
    ),
    "a city above the nation": (
        "removal_orders.csv", "2024-03-31,11000,just under", "2024-03-31,1100000,just under",
        ("part-above-whole", "data/removal_orders.csv:4:46"),
    ),
    "a swapped digit in a list's total": (
        "agreement_lists.csv", "2021-01-31,signed,web_page,148,72,0,76", "2021-01-31,signed,web_page,157,72,0,85",
        ("sum-mismatch", "data/agreement_lists.csv:2:28"),
    ),
    "a county of another size": (
        "population.csv", "county,AL,01001,2025-07-01,2025,", "county,AL,01001,2025-07-01,2025,1",
        ("sum-mismatch", "data/population.csv"),
    ),
    "a month that a mirror has not": (
        "detention_national_month.csv", "2022-10,28349.1", "2022-10,28439.1",
        ("sum-mismatch", "data/detention_national_month.csv:2:9"),
    ),
    "a county in another state": (
        "counties.csv", "01001,AL,Autauga", "01001,AK,Autauga",
        ("data-rule", "data/counties.csv:2:1"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_an_error_planted_in_the_real_tables_is_found_at_its_place(real: Path, name: str) -> None:
    file, right, wrong, (code, place) = REAL[name]
    path = real / "data" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1
    try:
        path.write_text(text.replace(right, wrong), encoding="utf-8")
        found = places(problems_of(real))
    finally:
        path.write_text(text, encoding="utf-8")
    assert any(code == found_code and at.startswith(place) for found_code, at in found), found
    assert len(found) <= 3
