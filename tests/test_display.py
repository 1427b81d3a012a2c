"""Every kind of page as its readers have it: dark, narrow, enlarged, spaced, still, and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from test_accessibility import PAGES

SHEETS = (
    "states/texas/",
    "states/florida/",
    "states/california/",
    "states/vermont/",
    "states/district-of-columbia/",
)
SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""
"""What WCAG 1.4.12 lets a reader set."""
CUT = """() => [...document.querySelectorAll("body *")].filter((e) => {
  const style = getComputedStyle(e);
  if (e.closest(".visually-hidden, .figure-table .caption, svg, [hidden]") || !e.clientWidth) return false;
  const cut = (how, whole, seen) => ["hidden", "clip"].includes(how) && whole > seen + 1;
  return cut(style.overflowX, e.scrollWidth, e.clientWidth) || cut(style.overflowY, e.scrollHeight, e.clientHeight);
}).map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`)"""
"""Elements that hold more than they show, and do not scroll."""
OVER_THE_EDGE = """() => [...document.querySelectorAll(".drawing svg text")].filter((text) => {
  const own = text.getBoundingClientRect(), all = text.ownerSVGElement.getBoundingClientRect();
  return own.width && (own.left < all.left - 2 || own.right > all.right + 2);
}).map((text) => text.textContent)"""
"""Words that a drawing has no room for."""
WIDER = "() => document.documentElement.scrollWidth - innerWidth"
PAPER = "() => getComputedStyle(document.documentElement).backgroundColor"
LIGHT, DARK, WHITE = "rgb(251, 249, 244)", "rgb(23, 21, 19)", "rgb(255, 255, 255)"


@pytest.fixture
def address(built: Any, serve: Callable[..., str]) -> str:
    return serve(built.folder, built.prefix)


@contextmanager
def opened(browser: Any, **options: Any) -> Iterator[Any]:
    """A page in a context of its own, as wide as a desk or as ``viewport`` says."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    yield context.new_page()
    context.close()


# --- narrow, enlarged, spaced, still ------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_and_nothing_is_cut_off(browser: Any, address: str, name: str) -> None:
    """At 320 and 640 px, which a window of 1280 is when it is enlarged to 400 and 200 %; with spaced text, too."""
    with opened(browser, bypass_csp=True) as page:
        page.goto(address + PAGES[name])
        for widths, style in (((320, 640), "/* as it is */"), ((360, 1280), SPACED)):
            page.add_style_tag(content=style)
            for width in widths:
                page.set_viewport_size({"width": width, "height": 512})
                assert page.evaluate(WIDER) <= 0, f"{width} px"
                assert page.evaluate(CUT) == [], f"{width} px"
                assert page.evaluate(OVER_THE_EDGE) == [], f"{width} px"


@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_for_those_who_want_it_still(browser: Any, address: str, name: str) -> None:
    with opened(browser, reduced_motion="reduce") as page:
        page.goto(address + PAGES[name])
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        moving = page.evaluate(
            """() => [...document.querySelectorAll("*")].filter((e) => {
              const style = getComputedStyle(e);
              return style.animationName != "none" || style.transitionDuration.split(",").some((t) => parseFloat(t) > 0);
            }).map((e) => `${e.tagName}.${e.className}`)"""
        )
        assert moving == []


# --- light and dark -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in PAGES if not name.startswith("embed")])
def test_the_switch_is_on_every_page_and_works(browser: Any, address: str, name: str) -> None:
    with opened(browser, viewport={"width": 320, "height": 800}) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(address + PAGES[name])
        switch = page.get_by_role("button", name="Dark page" if name != "in Spanish" else "Página oscura")
        assert page.evaluate(PAPER) == LIGHT
        switch.click()
        assert page.evaluate(PAPER) == DARK
        assert page.evaluate("document.querySelector('[name=theme-color]').content") == DARK
        box = page.locator(".theme-switch").bounding_box()
        assert box["x"] + box["width"] <= 320
        assert min(box["width"], box["height"]) >= 24
        assert [line for line in said if "404" not in line] == []


def test_what_was_chosen_is_there_before_anything_is_painted(browser: Any, address: str) -> None:
    with opened(browser) as page:
        page.goto(address)
        page.locator(".theme-switch").press("Enter")
        page.add_init_script(
            """new MutationObserver(() => {
              const { dataset } = document.documentElement ?? {};
              if (dataset?.theme) window.found ??= [dataset.theme, !!document.body];
            }).observe(document, { attributes: true, childList: true, subtree: true });"""
        )
        page.goto(address + "states/texas/")
        assert page.evaluate("window.found") == ["dark", False]
        assert page.evaluate(PAPER) == DARK


@pytest.mark.parametrize(("device", "paper", "other"), [("light", LIGHT, DARK), ("dark", DARK, LIGHT)])
def test_who_chooses_what_the_device_has_follows_it_again(
    browser: Any, address: str, device: str, paper: str, other: str
) -> None:
    with opened(browser, color_scheme=device) as page:
        page.goto(address)
        assert page.evaluate(PAPER) == paper
        page.locator(".theme-switch").click()
        assert page.evaluate(PAPER) == other
        page.reload()
        assert page.evaluate(PAPER) == other
        page.locator(".theme-switch").click()
        assert page.evaluate("[...document.documentElement.attributes].map((a) => a.name)") == ["lang", "class"]
        assert page.evaluate("localStorage.length") == 0
        page.emulate_media(color_scheme="dark" if device == "light" else "light")
        assert page.evaluate(PAPER) == other
        page.emulate_media(media="print")
        assert page.evaluate(PAPER) == WHITE


def test_without_scripts_there_is_no_switch_and_the_device_decides(browser: Any, address: str) -> None:
    with opened(browser, java_script_enabled=False, color_scheme="dark") as page:
        page.goto(address)
        assert not page.locator(".theme-switch").is_visible()
        assert page.evaluate(PAPER) == DARK


def test_storage_may_be_switched_off(browser: Any, address: str) -> None:
    with opened(browser) as page:
        failed: list[str] = []
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('off'); } })")
        page.goto(address)
        page.locator(".theme-switch").click()
        assert page.evaluate(PAPER) == DARK
        assert failed == []


# --- paper --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHEETS)
def test_a_state_prints_on_two_sheets_at_most(browser: Any, address: str, path: str) -> None:
    with opened(browser, color_scheme="dark") as page:
        page.goto(address + path)
        for paper in ("A4", "Letter"):
            pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format=paper)))
            assert 1 <= pages <= 2, f"{paper}: {pages}"


def test_paper_is_black_on_white_with_the_addresses(browser: Any, address: str) -> None:
    with opened(browser, color_scheme="dark", viewport={"width": 688, "height": 1000}) as page:
        page.goto(address + "states/texas/")
        page.locator(".theme-switch").click()  # light; and whatever was chosen
        page.locator(".theme-switch").click()
        page.emulate_media(media="print")
        colours = page.evaluate(
            """() => ["html", "h1", ".lead", ".numbers .value", ".prose p", ".prose a"].map((name) => {
              const style = getComputedStyle(document.querySelector(name));
              return name == "html" ? style.backgroundColor : style.color;
            })"""
        )
        assert colours == [WHITE, *["rgb(0, 0, 0)"] * 5]
        assert "https://www.ice.gov/identify-and-arrest/287g" in page.locator(".sources").inner_text()
        for left_out in (".theme-switch", ".receipts", "nav", ".figure-bar", "#agencies tbody"):
            assert not page.locator(left_out).first.is_visible(), left_out
        assert "/story/states/texas/" in page.locator(".footer").inner_text()
