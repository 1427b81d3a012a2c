"""Tables as they are read: sorted, filtered, unfolded, with headings that stay; and as plain HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from small_stories import write_story

from generator.build import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ["Alabama", "Ávila", "alaska", "Texas", "Zürich", "Berlin", "Doña Ana", "Oslo", "Öland"]
COUNTED = [(2024, 12), (2025, 2), (2023, 7)]


def _tables() -> dict[str, str]:
    towns, visits = ["code,name,province"], ["town,visitors:integer,share:number,counted:date,kind"]
    for number in range(300):
        name = NAMES[number] if number < len(NAMES) else f"Town {number}"
        towns.append(f"{number},{name},N")
        visitors = "" if number % 5 == 4 else (number * 7919) % 10_000
        year, month = COUNTED[number % 3]
        visits.append(
            f"{number},{visitors},{number % 9}.5,{year}-{month:02}-{1 + number % 28:02},{'ab'[number % 2]}"
        )
    provinces = "code,name\nN,North\n"
    return {"towns": "\n".join(towns) + "\n", "provinces": provinces, "visits": "\n".join(visits) + "\n"}


SETTINGS = """\
title: Tables
description: A story in a test.
collections:
  provinces: {one: province, from: provinces, key: code, name: name}
  towns: {one: town, from: towns, key: code, name: name, path: "towns/{slug}/", parent: provinces}
"""


def _table(name: str, of: str, more: str = "", first: str = "") -> str:
    return f"""\
```table
id: {name}
title: What is in {name}
of: {of}
{more}columns:
{first}  - {{value: "towns[row.town]", label: Town}}
  - {{value: row.visitors, label: Visitors, unit: people}}
  - {{value: row.share, label: Share}}
  - {{value: row.counted, label: Counted}}
  - {{value: row.kind, label: Kind, labels: {{a: town, b: city}}}}
```
"""


PAGES = {
    "index": "Text before.\n\n" + _table("few", "data.visits[:9]") + "\nText after.\n",
    "tall": _table("tall", "data.visits[:60]"),
    "long": _table("long", "data.visits", first="  - {value: row.share, label: First}\n"),
    "options": _table("plain", "data.visits[:90]", "sortable: false\nfilter: false\nshow: 0\n")
    + "\n"
    + _table("short", "data.visits[:30]", "filter: false\nshow: 10\n"),
    "towns/[town]": "A town.\n\n```table\nid: all\ntitle: All\nof: towns\nshow: 5\ncolumns:\n  - {value: row, label: Town}\n```\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tables")
    (root / "story").mkdir()
    story = write_story(root / "story", _tables(), settings=SETTINGS)
    for name, body in PAGES.items():
        path = story / f"content/{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\ntitle: Tables\n---\n{textwrap.dedent(body)}", encoding="utf-8")
    build(story, root / "site", cache=False)
    return root / "site"


@pytest.fixture
def go(site: Path, serve: Callable[..., str], page: Page) -> Iterator[Callable[[str], Page]]:
    """Opens a page; what goes wrong in its scripts fails the test."""
    wrong: list[str] = []
    page.emulate_media(reduced_motion="reduce")  # nothing scrolls smoothly
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)

    def opened(path: str) -> Page:
        page.goto(serve(site) + path)
        return page

    yield opened
    assert wrong == []


def column(page: Page, number: int, table: str = ".table") -> list[str]:
    return page.locator(f"{table} tbody tr > :nth-child({number})").all_inner_texts()


def sort(page: Page, heading: str) -> str | None:
    """Sorts by a heading; what it then says of itself."""
    page.get_by_role("button", name=heading).click()
    return page.get_by_role("columnheader", name=heading).get_attribute("aria-sort")


# --- sorting --------------------------------------------------------------------------------------------


def test_names_are_sorted_as_readers_expect(go: Callable[[str], Page]) -> None:
    page = go("")
    assert sort(page, "Town") == "ascending"
    assert column(page, 1) == sorted(
        NAMES, key=lambda name: "Avila Zurich Oland Dona Ana".find(name) and _plain(name)
    )
    assert sort(page, "Town") == "descending"
    assert column(page, 1)[0] == "Zürich"
    assert column(page, 1)[1] == "Texas"


def _plain(name: str) -> str:
    return name.lower().translate(str.maketrans("áüñö", "auno"))


def test_numbers_are_sorted_by_value_with_unknown_ones_last_both_ways(go: Callable[[str], Page]) -> None:
    page = go("")
    assert sort(page, "Visitors") == "descending"
    down = column(page, 2)
    assert down[-1] == "–"
    assert [int(cell.replace(",", "")) for cell in down[:-1]] == [9595, 7919, 7514, 5838, 5433, 3757, 3352, 0]
    assert sort(page, "Visitors") == "ascending"
    assert column(page, 2) == [*reversed(down[:-1]), "–"]
    assert page.get_by_role("columnheader", name="Town").get_attribute("aria-sort") is None


def test_dates_are_sorted_as_dates(go: Callable[[str], Page]) -> None:
    page = go("")
    assert sort(page, "Counted") == "ascending"
    assert [cell[-4:] for cell in column(page, 4)] == ["2023"] * 3 + ["2024"] * 3 + ["2025"] * 3
    assert column(page, 4)[0] == "3 July 2023"


def test_equal_rows_keep_their_order(go: Callable[[str], Page]) -> None:
    page = go("")
    sort(page, "Visitors")
    before = column(page, 1)
    assert sort(page, "Kind") == "ascending"
    kinds = column(page, 5)
    assert kinds == sorted(kinds)
    after = column(page, 1)
    assert [name for name in before if name in after[:4]] == after[:4]
    assert [name for name in before if name in after[4:]] == after[4:]


def test_what_is_in_order_already_is_turned_round(go: Callable[[str], Page]) -> None:
    page = go("tall/")
    sort(page, "Town")
    page.get_by_role("button", name="Visitors").click()
    assert sort(page, "Town") == "ascending"
    page.evaluate("document.querySelector('[aria-sort]').removeAttribute('aria-sort')")
    assert sort(page, "Town") == "descending"


def test_a_heading_is_a_button_for_the_keyboard(go: Callable[[str], Page]) -> None:
    page = go("")
    page.get_by_role("button", name="Town").focus()
    page.keyboard.press("Enter")
    assert column(page, 1)[0] == "Alabama"
    page.keyboard.press("Space")
    assert column(page, 1)[0] == "Zürich"
    assert page.evaluate("document.activeElement.textContent") == "Town"


def test_headings_look_the_same_before_scripts_run(site: Path, serve: Callable[..., str], browser: Browser) -> None:
    boxes = []
    for scripts in (False, True):
        context = browser.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 800})
        page = context.new_page()
        page.goto(serve(site) + "tall/")
        cells = page.locator("thead th, tbody tr:nth-child(2) > *")
        boxes.append([cells.nth(number).bounding_box() for number in range(cells.count())])
        context.close()
    assert boxes[0] == boxes[1]


# --- filtering ------------------------------------------------------------------------------------------


def test_a_field_leaves_only_rows_that_hold_every_word(go: Callable[[str], Page]) -> None:
    page = go("tall/")
    status = page.locator(".table [role=status]")
    assert status.inner_text() == ""
    field = page.get_by_role("searchbox", name="Filter")
    field.fill("dona")
    assert column(page, 1) == ["Doña Ana"]
    assert status.inner_text() == "1 of 60 rows"
    field.fill("town city")
    assert set(column(page, 5)) == {"city"}
    assert all(name.startswith("Town") for name in column(page, 1))
    field.fill("nothing like it")
    assert column(page, 1) == []
    assert status.inner_text() == "0 of 60 rows"
    field.fill("")
    assert len(column(page, 1)) == 60
    assert status.inner_text() == ""


def test_what_is_filtered_can_be_sorted(go: Callable[[str], Page]) -> None:
    page = go("tall/")
    page.get_by_role("searchbox", name="Filter").fill("city")
    sort(page, "Town")
    names = column(page, 1)
    assert len(names) == 30
    assert names[0] == "Ávila"
    page.get_by_role("searchbox", name="Filter").fill("")
    assert column(page, 1)[:2] == ["Alabama", "alaska"]


# --- long tables ----------------------------------------------------------------------------------------


def test_a_long_table_shows_its_first_rows_and_all_when_asked(go: Callable[[str], Page]) -> None:
    page = go("long/")
    assert len(column(page, 2)) == 25
    sort(page, "Town")
    assert column(page, 2)[:2] == ["Alabama", "alaska"], "all rows are sorted, those that are not seen too"
    page.get_by_role("searchbox", name="Filter").fill("city")
    page.get_by_role("button", name="Show all 150 rows").wait_for()
    page.get_by_role("searchbox", name="Filter").fill("")
    page.get_by_role("button", name="Show all 300 rows").click()
    page.locator("tbody tr:nth-child(300)").wait_for(state="attached")
    assert page.get_by_role("button", name="Show all").count() == 0
    assert page.evaluate("document.activeElement.className") == "table-scroll fits", "the focus is not lost"


@pytest.mark.parametrize("key", ["Control+f", "F3"])
def test_the_browsers_search_finds_every_row(go: Callable[[str], Page], key: str) -> None:
    page = go("long/")
    page.keyboard.press(key)
    page.locator("tbody tr:nth-child(300)").wait_for(state="attached")


def test_paper_has_every_row(go: Callable[[str], Page]) -> None:
    page = go("long/")
    page.pdf()
    assert len(column(page, 2)) == 300


def test_the_pages_own_row_is_seen_whatever_its_place(go: Callable[[str], Page]) -> None:
    page = go("towns/town-250/")
    assert column(page, 1) == [*NAMES[:5], "Town 250"]
    assert page.locator("tr.own").inner_text() == "Town 250"


def test_a_vast_table_is_told_to_be_a_table(go: Callable[[str], Page], site: Path) -> None:
    page = go("towns/town-250/")
    page.evaluate(
        """() => {
          const body = document.querySelector("tbody"), row = body.rows[0];
          for (let n = 0; n < 400; n++) body.append(row.cloneNode(true));
        }"""
    )
    html = page.content()
    page.route(
        "**/vast/",
        lambda route: route.fulfill(
            body=html.replace("<button", "<i").replace("</button", "</i"), content_type="text/html"
        ),
    )
    page.goto(page.url.replace("town-250", "vast"))
    page.locator(".table-more").click()
    page.locator("tbody tr:nth-child(406)").wait_for(state="attached")
    assert page.get_by_role("table").count() == 1
    assert page.get_by_role("row").count() == 407
    assert page.get_by_role("rowheader").count() == 406
    head, cell = (page.locator(what).first.bounding_box() for what in ("thead th", "tbody th"))
    assert head is not None
    assert cell is not None
    assert head["width"] == cell["width"]


def test_without_scripts_every_row_is_there_and_nothing_that_needs_one(
    site: Path, serve: Callable[..., str], browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serve(site) + "long/")
    assert len(column(page, 2)) == 300
    for what in ("thead button", ".table-more", ".table-filter"):
        assert not page.locator(what).first.is_visible(), what
    context.close()


# --- what stays in sight --------------------------------------------------------------------------------


def _top(page: Page, what: str) -> float:
    box = page.locator(what).first.bounding_box()
    assert box is not None
    return box["y"]


def test_on_a_phone_headings_and_names_stay_in_their_region(go: Callable[[str], Page]) -> None:
    page = go("tall/")
    page.set_viewport_size({"width": 320, "height": 700})
    region = page.locator(".table-scroll")
    region.scroll_into_view_if_needed()
    before = _top(page, "thead th")
    names = page.locator("tbody th").first.bounding_box()
    region.evaluate("region => region.scrollTo({left: 100, top: 600, behavior: 'instant'})")
    assert page.locator("tbody tr").first.evaluate("row => row.getBoundingClientRect().bottom") < before
    assert _top(page, "thead th") == before
    later = page.locator("tbody th").first.bounding_box()
    assert names is not None
    assert later is not None
    assert names["x"] == later["x"]
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_name_stays_where_it_is_not_the_first_column(go: Callable[[str], Page]) -> None:
    page = go("long/")
    page.set_viewport_size({"width": 320, "height": 700})
    region = page.locator(".table-scroll")
    region.evaluate("region => region.scrollTo({left: 200, behavior: 'instant'})")
    left = region.evaluate("region => region.getBoundingClientRect().left")
    for what in ("tbody th", "thead .name"):
        assert page.locator(what).first.evaluate("cell => cell.getBoundingClientRect().left") == left, what


def test_headings_of_a_table_that_fits_stay_at_the_top_of_the_window(go: Callable[[str], Page]) -> None:
    page = go("tall/")
    page.locator(".table-scroll.fits").wait_for()
    page.locator("tbody tr:nth-child(40)").evaluate("row => row.scrollIntoView({behavior: 'instant'})")
    assert _top(page, "thead th") == 0
    page.keyboard.press("Tab")
    page.locator("tbody tr:nth-child(30) a").focus()
    link, head = (page.locator(what).first.bounding_box() for what in ("tbody tr:nth-child(30) a", "thead th"))
    assert link is not None
    assert head is not None
    assert link["y"] >= head["height"], "what has the focus is not behind the headings"


# --- what an author may say -----------------------------------------------------------------------------


def test_options_of_a_table(site: Path, go: Callable[[str], Page]) -> None:
    page = go("options/")
    assert page.locator("#plain thead button, #plain input, #plain .table-more").count() == 0
    assert len(column(page, 1, "#plain")) == 90
    assert len(column(page, 1, "#short")) == 10
    assert page.locator("#short input").count() == 0
    page.locator("#short").get_by_role("button", name="Show all 30 rows").click()
    assert len(column(page, 1, "#short")) == 30


def test_a_short_table_has_no_field_and_a_row_alone_no_order(site: Path) -> None:
    html = (site / "index.html").read_text(encoding="utf-8")
    assert 'type="search"' not in html
    assert "table-more" not in html
    assert re.search(r'<div class="table sortable" id="few">', html)
