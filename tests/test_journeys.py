"""What readers came for, in the real story, with nothing but a keyboard."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SEEN = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const ring = style.outlineStyle != "none" && parseFloat(style.outlineWidth) > 0;
  const there = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const under = there && document.elementFromPoint(
    Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2),
    Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 2),
  );
  return [ring, there, !!under && (e.contains(under) || under.contains(e) || e.parentNode.contains(under) || e.getClientRects().length > 1)];
}"""
"""Of what has the focus: whether it shows that, is in the window, and lies under nothing."""


class Keys:
    """A reader who presses keys, and sees at each stop where the focus is."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.address = address
        self.pressed = 0

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def to(self, selector: str, *, most: int) -> Any:
        """Tabs on to what the selector names, which takes at most so many stops."""
        for _ in range(most):
            self.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                self.page.wait_for_timeout(50)
                assert self.page.evaluate(SEEN) == [True, True, True], selector
                return self.page.locator(":focus")
        raise AssertionError(f"{selector} is not among the next {most} stops")


@pytest.fixture(params=[360, 1280])
def keys(request: pytest.FixtureRequest, built: Any, browser: Any, serve: Callable[..., str]) -> Iterator[Keys]:
    options = {"viewport": {"width": request.param, "height": 800}, "reduced_motion": "reduce"}
    context = browser.new_context(**options, locale="en-GB", accept_downloads=True)
    yield Keys(context.new_page(), serve(built.folder, built.prefix))
    context.close()


def test_finds_florida(keys: Keys) -> None:
    keys.open("")
    keys.to(".find input", most=12)
    keys.page.keyboard.type("flor")
    keys.page.locator(".find li").first.wait_for()
    keys.press("ArrowDown")
    assert keys.page.locator(":focus").inner_text().startswith("Florida")
    keys.press("Enter")
    keys.page.wait_for_url("**/states/florida/")
    assert keys.page.locator("h1").inner_text() == "Florida"


def test_sorts_a_ranking(keys: Keys) -> None:
    keys.open("rankings/arrests/")
    heading = keys.to("th[scope=col] button", most=40)
    column = heading.evaluate("e => e.closest('th').cellIndex")
    table = heading.locator("xpath=ancestor::table[1]")
    cells = f"tbody tr > *:nth-child({column + 1})"

    def state() -> tuple[str | None, list[str]]:
        sort = heading.evaluate("e => e.closest('th').getAttribute('aria-sort')")
        return sort, table.locator(cells).all_inner_texts()

    before = state()[1]
    keys.press("Enter")
    sort, once = state()
    keys.press("Enter")
    again, twice = state()
    assert {sort, again} == {"ascending", "descending"}
    assert sorted(once) == sorted(twice) == sorted(before)
    assert once != twice
    assert keys.page.evaluate(SEEN) == [True, True, True]  # the focus is where it was


def test_reads_three_points_of_a_line_chart_and_takes_its_data_along(keys: Keys, built: Any) -> None:
    keys.open("states/florida/")
    figure = keys.page.locator("figure#held")
    slider = keys.to("#held [role=slider]", most=120)
    said = []
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        keys.press(key)
        said.append(slider.get_attribute("aria-valuetext") or "")
        assert keys.page.locator(".tip").is_visible()
    assert len(set(said)) == 3
    printed = figure.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(c => c.textContent.trim()))"
    )
    for text, row in zip(said, reversed(printed), strict=False):
        assert all(cell in text for cell in row[:2] if cell), (text, row)
    keys.to("#held .figure-bar a[download]", most=8)
    with keys.page.expect_download() as waiting:
        keys.press("Enter")
    data = Path(waiting.value.path()).read_bytes()
    assert data == (built.folder / "states/florida/held.csv").read_bytes()
    assert len(list(csv.reader(data.decode().splitlines()))) == len(printed) + 1


def test_goes_to_a_neighbour(keys: Keys) -> None:
    """To the state above or below in a ranking, and from there to the next one of the alphabet."""
    keys.open("states/vermont/")
    link = keys.to(".ranks a", most=120)
    name = link.inner_text()
    keys.press("Enter")
    keys.page.wait_for_url(re.compile(r"/states/(?!vermont/)[a-z-]+/$"))
    assert keys.page.locator("h1").inner_text() == name
    keys.open("states/vermont/")
    following = keys.to(".onward a[rel=next]", most=250)
    name = following.locator("b").inner_text()
    keys.press("Enter")
    keys.page.wait_for_url("**/states/virginia/")
    assert keys.page.locator("h1").inner_text() == name == "Virginia"


def test_the_first_stop_leads_to_the_text(keys: Keys) -> None:
    keys.open("states/florida/")
    keys.press("Tab")
    assert keys.page.evaluate(SEEN)[:2] == [True, True]
    keys.press("Enter")
    assert keys.page.evaluate("location.hash") == "#main"
    keys.press("Tab")
    assert keys.page.evaluate("document.querySelector('main').contains(document.activeElement)")


# --- what readers come for takes two actions, on a phone ------------------------------------------------------


@pytest.fixture
def phone(built: Any, browser: Any, serve: Callable[..., str]) -> Iterator[Callable[[str], Any]]:
    """A path → that page of the story, on a phone that taps."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    address = serve(built.folder, built.prefix)

    def arrive(path: str) -> Any:
        page = context.new_page()
        page.goto(address + path, wait_until="networkidle")
        return page

    yield arrive
    context.close()


def test_how_many_agreements_are_in_my_county(phone: Callable[[str], Any]) -> None:
    page = phone("")
    page.locator(".find input").fill("harris co")  # one
    page.locator(".find li a", has_text="Harris County, Texas").or_(
        page.locator(".find li a", has_text="Harris County").first
    ).first.wait_for()
    found = page.locator(".find li a", has_text="Texas").first
    found.tap()  # two
    page.wait_for_url("**/states/texas/harris-county/")
    assert re.search(r"\d+", page.locator(".lead").inner_text())
    assert "agreement" in page.locator("main").inner_text()


def test_does_my_states_law_bar_them(phone: Callable[[str], Any]) -> None:
    page = phone("states/california/")
    page.get_by_role("link", name="State law", exact=True).first.tap()  # one
    heading = page.get_by_role("heading", name="State law")
    assert heading.bounding_box()["y"] < 740
    assert "bar" in heading.evaluate("e => e.nextElementSibling.textContent")


def test_which_state_has_most_arrests_per_head(phone: Callable[[str], Any]) -> None:
    page = phone("states/vermont/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Rankings").tap()  # one
    page.get_by_role("link", name="ICE arrests by state").tap()  # two
    page.wait_for_url("**/rankings/arrests/")
    most = page.locator("#table tbody tr").first.locator("th").inner_text()
    assert most == "Texas"
    assert most in page.locator(".lead, h1").all_inner_texts()[0] + page.locator(".lead").inner_text()


def test_is_the_articles_number_of_california_right(phone: Callable[[str], Any]) -> None:
    page = phone("states/california/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="The article’s claims").tap()  # one
    claim = page.locator("#c01")
    assert claim.inner_text() == "California had 555,523 removals in March 2025"
    assert "contradicted" in claim.evaluate("e => e.nextElementSibling.textContent")
    page.get_by_role("link", name="c01").first.tap()  # two
    assert 0 <= claim.bounding_box()["y"] < 740


def test_give_me_the_data_behind_this_chart(phone: Callable[[str], Any], built: Any) -> None:
    page = phone("states/texas/")
    with page.expect_download() as waiting:
        page.locator("#held .figure-bar").get_by_role("link", name="CSV").tap()  # one
    data = Path(waiting.value.path()).read_bytes()
    assert data == (built.folder / "states/texas/held.csv").read_bytes()
