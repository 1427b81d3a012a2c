"""Reading a chart in the browser: pointer, finger and keys are told what the table says, under the page's policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.sync_api import TimeoutError
from test_accessibility import found
from test_cases import lay_over

from generator.build import build
from generator.charts import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

KINDS_STORY = Path(__file__).parents[1] / "docs/pictures/kinds/story"
OWN = """
import altair as alt

def own_bars(data, shape):
    return alt.Chart(data).mark_bar(color=shape.colour("accent")).encode(x="loans:Q", y=alt.Y("town:N", sort=None))

def sums(data, shape):
    return alt.Chart(data).mark_bar(color=shape.colour("accent")).encode(x="sum(loans):Q")
"""
OWN_FIGURES = "".join(
    f"""
```figure {name}
of: towns
columns: [{{value: row.name, name: town, label: Town}}, {{value: row.loans, name: loans, label: Loans}}]
id: {name}
title: Loans
description: Bars.
```
"""
    for name in ("own_bars", "sums")
)
READ = [*sorted(KINDS), "own_bars"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., str]) -> str:
    """The page with a figure of each kind and two of functions of the story's own."""
    folder = tmp_path_factory.mktemp("kinds")
    lay_over(KINDS_STORY, folder / "story")
    (folder / "story/content/charts.py").write_text(OWN)
    page = folder / "story/content/kinds.md"
    page.write_text(page.read_text(encoding="utf-8") + OWN_FIGURES, encoding="utf-8")
    build(folder / "story", folder / "site")
    return serve(folder / "site") + "kinds/"


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """``opened(width, touch=False)`` → the page; fails when anything was said on its console."""
    said: list[str] = []
    contexts = []

    def open_(width: int, *, touch: bool = False) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 700}, has_touch=touch)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == []


def drawing(page: Page, figure: str) -> Locator:
    """The one of a figure's drawings that is seen."""
    return page.locator(f"#{figure} svg[data-at]:visible")


def tip(page: Page) -> str:
    shown = page.locator(".tip")
    return shown.inner_text() if shown.count() else ""


def places(svg: Locator) -> list[list[float]]:
    """Where each row is in the window: the place its numbers are told at."""
    found: list[list[float]] = svg.evaluate(
        """(svg) => {
            svg.scrollIntoView({block: "center", behavior: "instant"});
            const lists = svg.dataset.at.split(";").map((list) => list.split(" "));
            const to = svg.getScreenCTM();
            return lists[0].map((_, row) => {
                const [x, y, x2 = x, y2 = y] = lists.map((list) => list[row]).filter(Boolean).map(Number);
                // of a line, its middle
                const place = new DOMPoint((x + x2) / 2, (y + y2) / 2).matrixTransform(to);
                return [place.x, place.y];
            });
        }"""
    )
    return found


def rows(page: Page, figure: str) -> list[list[str]]:
    """The cells of the table below a figure, as printed."""
    found: list[list[str]] = page.locator(f"#{figure} table").evaluate(
        "(table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return found


def inside(page: Page) -> bool:
    """Whether the tip is wholly in the window, once the page has come to rest, and nothing scrolls sideways."""
    try:
        page.wait_for_function(
            """() => {
                const tip = document.querySelector(".tip").getBoundingClientRect(), root = document.documentElement;
                return tip.left >= 0 && tip.right <= innerWidth && tip.top >= 0 && tip.bottom <= innerHeight
                    && root.scrollWidth <= innerWidth;
            }""",
            timeout=3000,
        )
    except TimeoutError:
        return False
    return True


# --- the pointer ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("kind", READ)
def test_each_mark_tells_the_cells_of_its_row(opened: Callable[..., Page], kind: str, width: int) -> None:
    page = opened(width)
    svg, told = drawing(page, kind), rows(page, kind)
    spots = places(svg)
    assert len(spots) == len(told)
    for (x, y), cells in zip(spots, told, strict=True):
        page.mouse.move(x, y)
        said = tip(page)
        if kind in ("line", "slope", "area", "dots"):  # others may lie on the same place
            assert said
        else:
            assert all(cell in said for cell in cells), (cells, said)
        assert inside(page), said
        assert page.locator(".pointed").count() == 1
    page.mouse.move(1, 1)
    assert tip(page) == ""
    assert page.locator(".pointed").count() == 0


def test_a_line_is_read_by_time_first_then_by_nearness(opened: Callable[..., Page]) -> None:
    page = opened(1280)
    svg = drawing(page, "line")
    box = svg.bounding_box()
    assert box
    spots, told = places(svg), rows(page, "line")
    box = svg.bounding_box()
    assert box
    first = [cells for cells in told if cells[0] == told[0][0]]
    assert len(first) > 1
    page.mouse.move(spots[0][0] + 3, box["y"] + 2)  # at the top, just behind the first year
    highest = min(range(len(told)), key=lambda row: (told[row][0] != told[0][0], spots[row][1]))
    assert all(cell in tip(page) for cell in told[highest])


def test_bars_are_read_by_their_row_even_beside_them(opened: Callable[..., Page]) -> None:
    page = opened(1280)
    svg, told = drawing(page, "bars"), rows(page, "bars")
    spots = places(svg)
    box = svg.bounding_box()
    assert box
    for (_, y), cells in zip(spots, told, strict=True):
        page.mouse.move(box["x"] + box["width"] - 4, y)
        assert all(cell in tip(page) for cell in cells)


def test_an_area_is_read_where_it_is_pointed_at_and_not_by_its_middle(opened: Callable[..., Page]) -> None:
    page = opened(1280)
    svg, told = drawing(page, "map"), rows(page, "map")
    svg.scroll_into_view_if_needed()
    for path in svg.locator("[data-row], a").all():
        place = path.evaluate(
            """(mark) => {
                const path = mark.querySelector("path") ?? mark, box = path.getBoundingClientRect();
                for (let share = 0.05; share < 1; share += 0.05) {
                    const [x, y] = [box.x + box.width * share, box.y + box.height * 0.12];
                    if (document.elementFromPoint(x, y) == path) return [x, y];
                }
            }"""
        )
        if place:
            page.mouse.move(*place)
            address, row = path.get_attribute("href"), path.get_attribute("data-row")
            link = page.locator(f"#map table th a[href='{address}']")
            assert tip(page).split("\n")[0] == (told[int(row)][0] if row else link.text_content())


def test_a_chart_that_sums_its_rows_up_is_read_in_its_table(opened: Callable[..., Page]) -> None:
    page = opened(1280)
    assert page.locator("#sums svg").count() == 2
    assert page.locator("#sums svg[data-at]").count() == 0
    assert page.locator("#sums .reader").count() == 0
    page.locator("#sums svg:visible").hover()
    assert tip(page) == ""


def test_the_browser_s_own_tips_do_not_come_up_beside_ours(opened: Callable[..., Page]) -> None:
    page = opened(1280)
    assert page.locator("figure svg[data-at] title").count() == 0
    for svg in page.locator("figure svg[data-at]").all():
        name = svg.evaluate("(svg) => svg.ariaLabel")
        assert name


# --- keys ----------------------------------------------------------------------------------------------------------


def focus(page: Page, figure: str) -> Locator:
    """The focus on what stands for a figure's numbers, come to by the Tab key."""
    page.locator(f"#{figure} [data-view='chart']").focus()
    page.keyboard.press("Shift+Tab")
    while page.evaluate("document.activeElement.matches('.source-line a')"):
        page.keyboard.press("Shift+Tab")
    found = page.locator(f"#{figure} .reader:focus, #{figure} svg a:focus")
    assert found.count() == 1
    return found


@pytest.mark.parametrize("width", [360, 1280])
def test_arrow_keys_go_along_a_series_and_from_series_to_series(opened: Callable[..., Page], width: int) -> None:
    page = opened(width)
    slider = focus(page, "stacked")
    told = rows(page, "stacked")  # year, amount, kind
    years, kinds = sorted({row[0] for row in told}), list(dict.fromkeys(row[2] for row in told))
    assert slider.get_attribute("role") == "slider"

    def at(year: str, kind: str) -> None:
        said = tip(page).split("\n")
        assert said[:2] == [year, kind]
        assert next(row[1] for row in told if row[0] == year and row[2] == kind) in said[2]
        assert slider.get_attribute("aria-valuetext") == ", ".join(said)
        assert inside(page)

    at(years[-1], kinds[-1])
    page.keyboard.press("ArrowLeft")
    at(years[-2], kinds[-1])
    page.keyboard.press("ArrowDown")
    at(years[-2], kinds[-2])
    page.keyboard.press("Home")
    at(years[0], kinds[-2])
    page.keyboard.press("ArrowLeft")
    at(years[0], kinds[-2])
    page.keyboard.press("ArrowUp")
    at(years[0], kinds[-1])
    page.keyboard.press("End")
    at(years[-1], kinds[-1])


@pytest.mark.parametrize("kind", [kind for kind in READ if kind not in ("tiles", "map", "bars")])
def test_every_row_is_reached_by_keys_and_announced(opened: Callable[..., Page], kind: str) -> None:
    page = opened(1280)
    slider = focus(page, kind)
    told = rows(page, kind)
    session = page.context.new_cdp_session(page)

    def announced() -> str:
        """What assistive technology is told of what has the focus. (The protocol leaves the text of a value out.)"""
        tree = session.send("Accessibility.getFullAXTree")["nodes"]
        node = next(n for n in tree if _property(n, "focused") and n["role"]["value"] == "slider")
        assert node["name"]["value"] == "Read the numbers"
        assert node["value"]["value"] == int(slider.get_attribute("aria-valuenow") or -1)
        return slider.get_attribute("aria-valuetext") or ""

    seen = set()
    for _ in told:
        page.keyboard.press("ArrowUp")
    for _ in range(len(told)):
        page.keyboard.press("Home")
        for _ in range(len(told)):
            seen.add(slider.get_attribute("aria-valuetext") or "")
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
    for cells in told:
        assert any(all(cell in text for cell in cells) for text in seen), cells
    assert announced() == ", ".join(tip(page).split("\n"))


def _property(node: Any, name: str) -> Any:
    return next((p["value"].get("value") for p in node.get("properties", ()) if p["name"] == name), None)


def test_escape_closes_and_tab_goes_on(opened: Callable[..., Page]) -> None:
    page = opened(1280)
    slider = focus(page, "line")
    assert tip(page)
    assert slider.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
    page.keyboard.press("Escape")
    assert tip(page) == ""
    page.keyboard.press("ArrowLeft")
    assert tip(page)
    page.keyboard.press("Tab")
    assert tip(page) == ""
    assert page.locator("#line .reader:focus").count() == 0
    # nor are keys with Alt, Control or Command taken from the browser
    focus(page, "line")
    before = tip(page)
    page.keyboard.press("Control+ArrowLeft")
    assert tip(page) == before
    x, y = places(drawing(page, "bars"))[0]
    page.mouse.move(x, y)
    assert tip(page)
    page.keyboard.press("Escape")
    assert tip(page) == ""


def test_links_are_one_stop_and_arrows_go_from_one_to_the_next(opened: Callable[..., Page]) -> None:
    page = opened(1280)
    svg = drawing(page, "tiles")
    link = focus(page, "tiles")
    assert svg.locator("a[tabindex='0']").count() == 1
    assert page.locator("#tiles .reader").count() == 0
    first = link.get_attribute("aria-label")
    assert first
    assert tip(page).split("\n")[0] in first
    seen = {first}
    page.keyboard.press("Home")
    for _ in range(svg.locator("a").count()):
        seen.add(page.locator("#tiles svg a:focus").get_attribute("aria-label") or "")
        page.keyboard.press("ArrowRight")
    assert len(seen) == svg.locator("a").count()
    page.keyboard.press("Home")
    at = page.locator("#tiles svg a:focus").get_attribute("href")
    page.keyboard.press("ArrowDown")
    assert page.locator("#tiles svg a:focus").get_attribute("href") != at
    page.keyboard.press("Enter")
    page.wait_for_url("**/towns/**") if "/towns/" in (at or "") else page.wait_for_load_state()
    assert "/kinds/" not in page.url


# --- a finger ------------------------------------------------------------------------------------------------------


def test_a_tap_shows_the_numbers_and_one_beside_closes_them(opened: Callable[..., Page]) -> None:
    page = opened(360, touch=True)
    spots, told = places(drawing(page, "stacked")), rows(page, "stacked")
    for (x, y), cells in zip(spots[:3], told, strict=False):
        page.touchscreen.tap(x, y)
        assert all(cell in tip(page) for cell in cells)
        assert inside(page)
    page.locator("#stacked .figure-title").tap()
    assert tip(page) == ""


def test_the_first_tap_on_a_link_shows_the_numbers_the_second_follows_it(opened: Callable[..., Page]) -> None:
    page = opened(360, touch=True)
    spots, told = places(drawing(page, "tiles")), rows(page, "tiles")
    for (x, y), cells in zip(spots, told, strict=True):
        page.touchscreen.tap(x, y)
        assert all(cell in tip(page) for cell in cells)
        assert "Tap again" in tip(page)
        assert page.url.endswith("/kinds/")
    page.touchscreen.tap(*spots[-1])
    page.wait_for_url(lambda url: not url.endswith("/kinds/"))


# --- without scripts -----------------------------------------------------------------------------------------------


def test_without_scripts_the_drawing_has_its_names_and_the_table_its_links(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator(".reader, .tip, .pointed").count() == 0
    links = page.locator("#tiles svg a").count()
    assert links == page.locator("#tiles svg a > title").count() > 0
    assert page.locator("#tiles svg a[tabindex='-1']").count() == links, "the table has the same links"
    assert 2 * page.locator("#tiles table a").count() == links, "each of two drawings has them"
    context.close()


# --- what axe says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_figure_that_is_read(
    browser: Browser, address: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    for kind in READ:
        focus(page, kind)
        assert tip(page)
        problems = found(page, f"#{kind}")
        assert not problems, f"{kind}:\n" + "\n".join(problems)
    context.close()
