"""Tables and measures.yml → figures: what each row says, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_stories import small

from generator.problems import SourceError

VISITS = """\
    town,date:date,visits:integer
    ASH,2025-01-01,10
    BIR,2025-01-01,20
    CED,2025-01-01,
    ASH,2026-01-01,11
"""
MEASURE = """\
    visits:
      from: visits
      value: visits
      entity: {town: town}
      unit: visits
      time: {at: date, type: stock}
"""


def problems(root: Path, tables: dict[str, str], measures: str) -> str:
    with pytest.raises(SourceError) as caught:
        small(root, tables, measures)
    return str(caught.value)


def test_a_row_gives_a_figure_that_knows_its_line(tmp_path: Path) -> None:
    story = small(tmp_path, {"visits": VISITS}, MEASURE)
    quantity = story.ask('town.visits(at="2025-01-01")', "BIR").quantity
    assert (quantity.number, quantity.unit, str(quantity.period)) == (20, "visits", "2025-01-01")
    assert [(rows.dataset, rows.lines) for rows in quantity.rows] == [("visits", (3,))]


def test_an_empty_cell_is_unknown_and_not_zero(tmp_path: Path) -> None:
    quantity = small(tmp_path, {"visits": VISITS}, MEASURE).ask('town.visits(at="2025-01-01")', "CED").quantity
    assert (quantity.number, quantity.status) == (None, "unknown")
    assert quantity.rows[0].lines == (4,)


@pytest.mark.parametrize(
    ("word", "status", "precision", "printed"),
    [
        ("exact", "known", "exact", "42"),
        ("", "known", "exact", "42"),
        ("rounded", "known", "rounded", "about 42"),
        ("approximate", "known", "approximate", "about 42"),
        ("at least", "known", "at least", "at least 42"),
        ("more than", "known", "more than", "more than 42"),
        ("at most", "known", "at most", "at most 42"),
        ("just under", "known", "just under", "just under 42"),
        ("unknown", "unknown", "exact", None),
        ("suppressed", "suppressed", "exact", None),
        ("disputed", "disputed", "exact", None),
    ],
)
def test_precision_is_said_by_the_row(
    tmp_path: Path, word: str, status: str, precision: str, printed: str | None
) -> None:
    table = f"town,date:date,visits:integer,how\nASH,2025-01-01,42,{word}\n"
    story = small(tmp_path, {"visits": table}, MEASURE + "      precision: how\n")
    quantity = story.ask("town.visits").quantity
    assert (quantity.status, quantity.precision) == (status, precision)
    if printed is None:
        with pytest.raises(SourceError, match=f"value-{status}.* is {status}"):
            story.text("{{ town.visits }}")
    else:
        assert story.text("{{ town.visits }}") == printed


def test_an_unknown_word_for_precision_is_an_error(tmp_path: Path) -> None:
    table = "town,date:date,visits:integer,how\nASH,2025-01-01,42,at leest\n"
    said = problems(tmp_path, {"visits": table}, MEASURE + "      precision: how\n")
    assert "data/visits.csv:2:19: error[bad-precision]: visits: precision 'at leest' is not understood" in said


def test_a_withheld_category_is_not_an_unknown_one(tmp_path: Path) -> None:
    measures = """\
        law:
          from: law
          value: effect
          kind: category
          precision: how
          entity: {town: town}
          at: "2026-01-01"
          categories: {free: {label: Free entry, phrase: lets all in}, paid: Paid entry}
    """
    table = "town,effect,how\nASH,free,\nBIR,free,disputed\nCED,,\n"
    story = small(tmp_path, {"law": table}, measures)
    assert story.text("{{ town.law }}") == "lets all in"
    assert story.ask("town.law.label") == "Free entry"
    assert story.ask("town.law", "BIR").quantity.status == "disputed"
    assert story.ask("town.law", "CED").quantity.status == "unknown"
    assert story.ask("town.law", "DOV").quantity.status == "unknown"


# --- whose it is ------------------------------------------------------------------------------------------

PLACES = """\
    town,date:date,visits:integer
    ASH,2025-01-01,10
    BIR,2025-01-01,20
    CED,2025-01-01,30
    DOV,2025-01-01,40
    XX,2025-01-01,3
    ??,2025-01-01,4
    ??,2025-01-01,5
"""


def test_an_undeclared_code_is_an_error(tmp_path: Path) -> None:
    said = problems(tmp_path, {"visits": PLACES}, MEASURE)
    assert "'XX' in visits.town (line 6) is no entity" in said
    assert "'??' in visits.town (2 rows, first on line 7) is no entity" in said


def test_a_row_of_nobody_is_an_error_too(tmp_path: Path) -> None:
    table = "town,date:date,visits:integer\nASH,2025-01-01,1\n,2025-01-01,5\n"
    assert "an empty visits.town (line 3) is no entity" in problems(tmp_path, {"visits": table}, MEASURE)
    declared = MEASURE.replace("{town: town}", '{town: town, unallocated: [""]}')
    assert small(tmp_path, {"visits": table}, declared + "      no_row: zero\n").ask("land.visits") == 6


def test_declared_codes_count_in_the_whole_and_have_no_page(tmp_path: Path) -> None:
    measures = MEASURE.replace("{town: town}", "{town: town, outside: [XX], unallocated: ['??']}")
    story = small(tmp_path, {"visits": PLACES}, measures)
    assert story.ask("land.visits") == 112
    assert story.ask("land.visits").quantity.rows[0].lines == (2, 3, 4, 5, 6, 7, 8)
    assert story.ask("town.visits.share").number == pytest.approx(100 * 10 / 112)
    assert story.ask("provinces.S.visits") == 70


LEVELS = """\
    level,code,date:date,visits:integer
    land,L,2025-01-01,100
    town,ASH,2025-01-01,10
    town,BIR,2025-01-01,20
    town,CED,2025-01-01,25
    town,DOV,2025-01-01,40
    town,XX,2025-01-01,5
    valley,V1,2025-01-01,50
"""
BY_LEVEL = """\
    visits:
      from: visits
      value: visits
      entity: {by: level, land: code, town: code, outside: [valley, XX]}
      unit: visits
      time: {at: date, type: stock}
"""


def test_rows_of_several_levels(tmp_path: Path) -> None:
    story = small(tmp_path, {"visits": LEVELS}, BY_LEVEL)
    assert story.ask("land.visits") == 100
    assert story.ask("town.visits") == 10
    assert story.ask("provinces.S.visits") == 65


def test_rows_of_another_level_are_part_of_no_whole(tmp_path: Path) -> None:
    """A valley's visits are its towns' visits: counted twice, every share would be too small."""
    without_land = LEVELS.replace("    land,L,2025-01-01,100\n", "")
    story = small(tmp_path, {"visits": without_land}, BY_LEVEL)
    assert story.ask("town.visits.share").number == pytest.approx(10.0)


def test_an_unknown_code_of_a_known_level_is_named(tmp_path: Path) -> None:
    said = problems(tmp_path, {"visits": LEVELS}, BY_LEVEL.replace(", XX]", "]"))
    assert "'XX' in visits.code (line 7) is no entity" in said
    said = problems(tmp_path, {"visits": LEVELS}, BY_LEVEL.replace("[valley, XX]", "[XX]"))
    assert "'valley' in visits.level" in said


def test_a_level_that_names_its_only_entity(tmp_path: Path) -> None:
    table = "level,code,date:date,visits:integer\nall,,2025-01-01,100\n"
    measures = (
        "visits: {from: visits, value: visits, entity: {land: l}, unit: visits, time: {at: date, type: stock}}\n"
    )
    assert small(tmp_path, {"visits": table}, measures).ask("land.visits") == 100


def test_parts_come_from_tables_of_their_own(tmp_path: Path) -> None:
    tables = {"visits": PLACES.replace("XX", "DOV", 0), "national": "date:date,all:integer\n2025-01-01,150\n"}
    measures = (
        MEASURE.replace("{town: town}", "{town: town, outside: [XX, '??']}")
        + """\
      parts:
        - {from: national, value: all, entity: {land: l}, time: {at: date, type: stock}}
"""
    )
    story = small(tmp_path, tables, measures)
    assert story.ask("land.visits") == 150
    assert story.ask("town.visits.share").number == pytest.approx(100 * 10 / 150)
    assert story.ask("provinces.N.visits") == 30
    assert {rows.dataset for rows in story.ask("town.visits.share").rows} == {"visits", "national"}


def test_two_rows_for_one_figure_are_an_error(tmp_path: Path) -> None:
    table = "town,date:date,visits:integer\nASH,2025-01-01,1\nASH,2025-01-01,2\n"
    assert "lines 2 and 3 of visits both give ASH, 2025-01-01" in problems(tmp_path, {"visits": table}, MEASURE)


def test_rows_are_counted(tmp_path: Path) -> None:
    table = "town,date:date,name\nASH,2025-01-01,A\nASH,2025-01-01,B\nBIR,2025-01-01,C\n"
    measures = MEASURE.replace("value: visits", "value: name\n      count: true\n      no_row: zero")
    story = small(tmp_path, {"visits": table}, measures)
    assert (story.ask("town.visits"), story.ask("town.visits", "DOV")) == (2, 0)
    assert story.ask("town.visits").quantity.rows[0].lines == (2, 3)


def test_rows_can_be_left_out(tmp_path: Path) -> None:
    table = "town,date:date,visits:integer,kind\nASH,2025-01-01,1,day\nASH,2025-01-01,2,night\n"
    story = small(tmp_path, {"visits": table}, MEASURE + "      where: {kind: night}\n")
    assert story.ask("town.visits") == 2


# --- what measures.yml may not say -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("from: visits", "from: visitz"), "there is no dataset 'visitz'; did you mean 'visits'?"),
        (("value: visits", "value: visit"), "visits has no field 'visit'; did you mean 'visits'?"),
        (("{town: town}", "{tow: town}"), "no collection calls its entities 'tow'; did you mean 'town'?"),
        (("{at: date, type: stock}", "{at: town, type: stock}"), "has no date in town: give the field the type date"),
        (("{at: date, type: stock}", "{from: date, to: town, type: flow}"), "has no date in date and town"),
        (("{at: date, type: stock}", "{month: date, type: stock}"), "a stock has dates"),
        (("{at: date, type: stock}", "{at: date, month: date, type: mean}"), "name the column as one of"),
        (("{at: date, type: stock}", "{at: date, type: stock}\n      default: {at: lately}"), "default at: 'lately' is no date"),
        (("{at: date, type: stock}", "{at: date, type: stock}\n      default: {kind: a}"), "default names 'kind', which is no dimension"),
        (("time: {at: date, type: stock}", 'at: "when"'), "at: 'when' is no date"),
        (("time: {at: date, type: stock}", ""), "neither 'time' nor 'at' says when this was so"),
        (("unit: visits", "kind: category"), "a measure of categories needs 'categories'"),
        (("unit: visits\n", "\n"), "needs a 'unit'"),
        (("{at: date, type: stock}", "{at: date, type: stock}\n      where: {town: ZZ}"), "no row of visits is left to measure"),
        (("{at: date, type: stock}", "{at: date, type: mean, weight: town}"), "town is no number above zero to weigh with"),
        (("{at: date, type: stock}", "{at: date, type: mean, weight: towns}"), "visits has no field 'towns'; did you mean 'town'?"),
        (("{at: date, type: stock}", "{at: date, type: stock}\n      incomplete: town"), "town says neither true nor false"),
        (("{at: date, type: stock}", "{at: date, type: stock}\n      rank: {reported: town}"), "town is no whole number"),
        (("value: visits", "value: town"), "town is no number"),
        (("{at: date, type: stock}", "{at: date, type: stock}\n      no_row: {zero_if: {in: lists, keys: [date]}}"), "there is no dataset 'lists'"),
        (("{at: date, type: stock}", "{at: date, type: stock}\n      no_row: {zero_if: {in: visits, keys: [town]}}"), "needs the measure's date 'date' and dimensions"),
        (("{at: date, type: stock}", "{at: date, type: stock}\n      no_row: {zero_if: {in: visits, keys: [date, town]}}"), "needs the measure's date 'date' and dimensions"),
    ],
)  # fmt: skip
def test_a_measure_that_cannot_be(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in MEASURE
    assert message in problems(tmp_path, {"visits": VISITS}, MEASURE.replace(*change, 1))


def test_a_default_level_that_no_row_has(tmp_path: Path) -> None:
    table = "town,date:date,kind,visits:integer\nASH,2025-01-01,day,1\n"
    measures = MEASURE + "      dimensions: {kind: {additive: true}}\n      default: {kind: dya}\n"
    assert "default kind: no row has 'dya'; did you mean 'day'?" in problems(tmp_path, {"visits": table}, measures)


def test_a_period_that_ends_before_it_begins(tmp_path: Path) -> None:
    table = "town,since:date,until:date,visits:integer\nASH,2025-02-01,2025-01-01,1\n"
    measures = MEASURE.replace("{at: date, type: stock}", "{from: since, to: until, type: flow}")
    assert "the row on line 2 of visits ends before it begins" in problems(tmp_path, {"visits": table}, measures)
