"""Finding a place by its name: what the build writes for it, and the field in the masthead of every page."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from small_stories import write_story

from generator.build import build
from generator.outputs.places import folded, places_file
from generator.routes import find_routes
from generator.story import load, slugify

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PROVINCES = """\
    code,name,also
    FL,Florida,
    LA,Louisiana,
    MD,Maryland,
    NM,New Mexico,Nuevo México; Tierra del Encanto
    TX,Texas,
"""
TOWNS = """\
    code,name,province,slug
    1,Flagler County,FL,flagler-county
    2,St. Mary Parish,LA,st-mary-parish
    3,St. Mary's County,MD,st-marys-county
    4,Doña Ana County,NM,dona-ana-county
    5,Washington County,FL,washington-county
    6,Washington Parish,LA,washington-parish
    7,Washington County,TX,washington
    8,Straße,TX,strasse
    9,LaSalle Parish,LA,lasalle-parish
"""
SETTINGS = """\
title: Places
description: A story in a test.
places_page: list/
collections:
  provinces: {one: province, from: provinces, key: code, name: name, path: "{slug}/", other_names: [code, also]}
  towns:
    one: town
    from: towns
    key: code
    name: name
    slug: slug
    path: "in/{parent}/{slug}/"
    parent: {collection: provinces, field: province}
"""
DOCUMENTS = {
    "index.md": "---\ntitle: Front\n---\nThe front page.\n",
    "list.md": "---\ntitle: All places\n---\nFrom A to Z.\n",
    "404.md": "---\ntitle: Nothing here\n---\nNothing.\n",
    "provinces/[province].md": '---\ntitle: "{{ province.name }}"\n---\nA province.\n',
    "towns/[town].md": '---\ntitle: "{{ town.name }}"\nnoindex: "true"\n---\nA town.\n',
}


def story(root: Path, settings: str = SETTINGS, **changed: str) -> Path:
    root.mkdir(exist_ok=True)
    write_story(root, {"provinces": PROVINCES, "towns": TOWNS}, settings=settings)
    for path, text in {**DOCUMENTS, **changed}.items():
        target = root / "content" / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
    return root


def groups(root: Path) -> list[list[Any]]:
    """The places as the script finds them."""
    loaded = load(root)
    data = places_file(loaded, find_routes(loaded), "/* script */").data.decode()
    first, script, _ = data.split("\n")
    assert script == "/* script */"
    return json.loads(first.removeprefix("const GROUPS=").removesuffix(";"))


# --- what the build writes ------------------------------------------------------------------------------


def test_places_stand_by_where_they_are_with_their_other_names(tmp_path: Path) -> None:
    provinces, florida, louisiana, maryland, mexico, texas = groups(story(tmp_path))
    assert provinces[:2] == ["*/", []]
    assert provinces[2][:2] == [["Florida", 0, "FL"], ["Louisiana", 0, "LA"]]
    assert provinces[2][3] == ["New Mexico", 0, "NM", "Nuevo México", "Tierra del Encanto"]
    assert florida == ["in/florida/*/", ["Florida", "FL"], ["Flagler County", "Washington County"]]
    assert louisiana[2] == ["St. Mary Parish", "Washington Parish", "LaSalle Parish"]
    assert maryland[2] == ["St. Mary's County"]
    assert mexico == [
        "in/new-mexico/*/",
        ["New Mexico", "NM", "Nuevo México", "Tierra del Encanto"],
        ["Doña Ana County"],
    ]
    assert texas[2] == [["Washington County", "washington"], "Straße"], "an address that is not the name"


def test_a_single_place_above_tells_nobody_apart(tmp_path: Path) -> None:
    root = story(tmp_path)
    (root / "data/provinces.csv").write_text("code,name,also\nFL,Florida,\n")
    (root / "data/towns.csv").write_text("code,name,province,slug\n1,Flagler,FL,flagler\n")
    assert groups(root) == [["*/", [], [["Florida", 0, "FL"]]], ["in/florida/*/", [], ["Flagler"]]]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Doña Ana County", "dona ana county"),
        ("St. Mary's", "st marys"),
        ("O’Brien", "obrien"),
        ("  Prince_George  ", "prince george"),
        ("Łódź–Śródmieście 2", "łodz srodmiescie 2"),
        ("ﬁord", "fiord"),
        ("Straße", "strasse"),
        ("–", ""),
    ],
)
def test_names_are_folded(name: str, words: str) -> None:
    assert folded(name) == words


def test_an_address_made_of_a_name_can_mostly_be_left_out() -> None:
    for name in ("Doña Ana County", "St. Mary's County", "Prince of Wales-Hyder", "O’Brien", "Juneau & Co."):
        assert folded(name).replace(" ", "-") == slugify(name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("places")
    build(story(root / "story"), root / "site", cache=False)
    return root / "site"


def test_every_page_leads_to_the_list_and_names_the_file(site: Path) -> None:
    (file,) = (site / "assets").glob("places-*.js")
    for path, prefix in (("index.html", ""), ("in/texas/washington/index.html", "../../../"), ("404.html", "/")):
        html = (site / path).read_text()
        assert f'data-places="{prefix}assets/{file.name}"' in html, path
        assert f'<a href="{prefix}list/">Find your place</a>' in html, path


def test_pages_that_are_left_out_of_indexes_are_found_and_drafts_are_not(tmp_path: Path) -> None:
    root = story(tmp_path / "story")
    assert "Flagler County" in _built(root)
    town = root / "content/towns/[town].md"
    town.write_text(town.read_text().replace("noindex:", "draft: true\nnoindex:"))
    file = _built(root)
    assert "Flagler County" not in file
    assert "New Mexico" in file


def test_without_a_page_of_places_there_is_no_field(tmp_path: Path) -> None:
    root = story(tmp_path / "story", SETTINGS.replace("places_page: list/\n", ""))
    build(root, tmp_path / "site", cache=False)
    assert not list((tmp_path / "site/assets").glob("places-*"))
    assert 'class="find"' not in (tmp_path / "site/index.html").read_text()


def _built(root: Path) -> str:
    build(root, root.parent / "site", cache=False)
    (file,) = (root.parent / "site/assets").glob("places-*.js")
    return file.read_text(encoding="utf-8")


# --- the field ------------------------------------------------------------------------------------------


@pytest.fixture
def front(site: Path, serve: Callable[..., str], page: Page) -> Iterator[Page]:
    """The page of a town, below a prefix; what goes wrong in its scripts fails the test."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(serve(site, "/story/") + "in/texas/washington/")
    yield page
    assert wrong == []


def typed(page: Page, text: str) -> list[str]:
    """What is found when a reader types it."""
    field = page.get_by_role("searchbox", name="Find your place")
    field.press_sequentially(text)
    status = page.locator(".find [role=status]")
    status.filter(has_text=re.compile(".")).wait_for()
    return page.locator(".find li").all_inner_texts()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Florida", ["Florida"]),
        ("FL", ["Florida", "Flagler County, Florida"]),
        ("florda", ["Florida"]),
        ("Lousiana", ["Louisiana"]),
        ("Txeas", ["Texas"]),
        ("dona ana", ["Doña Ana County, New Mexico"]),
        ("Doña", ["Doña Ana County, New Mexico"]),
        ("St. Mary", ["St. Mary Parish, Louisiana", "St. Mary's County, Maryland"]),
        ("marys", ["St. Mary's County, Maryland"]),
        ("la salle", ["LaSalle Parish, Louisiana"]),
        ("newmexico", ["New Mexico"]),
        ("nuevo mexico", ["New Mexico"]),
        ("tierra", ["New Mexico"]),
        ("strasse", ["Straße, Texas"]),
        ("Straße", ["Straße, Texas"]),
        ("washington tx", ["Washington County, Texas"]),
        ("wasington parish", ["Washington Parish, Louisiana"]),
        (
            "wash",
            ["Washington County, Florida", "Washington Parish, Louisiana", "Washington County, Texas"],
        ),
    ],
)
def test_places_are_found(front: Page, text: str, found: list[str]) -> None:
    assert typed(front, text) == found


def test_the_file_is_fetched_when_the_field_is_first_entered(front: Page) -> None:
    asked: list[str] = []
    front.on("request", lambda request: asked.append(request.url))
    front.reload()
    front.wait_for_load_state()
    assert not [url for url in asked if "places-" in url]
    typed(front, "tex")
    assert len([url for url in asked if "places-" in url]) == 1


def test_enter_opens_the_best(front: Page) -> None:
    typed(front, "dona ana")
    front.keyboard.press("Enter")
    front.wait_for_url("**/in/new-mexico/dona-ana-county/")


def test_arrow_keys_go_through_the_list_and_escape_back(front: Page) -> None:
    typed(front, "wash")
    front.keyboard.press("ArrowDown")
    assert focused(front).inner_text() == "Washington County, Florida"
    front.keyboard.press("ArrowDown")
    assert focused(front).inner_text() == "Washington Parish, Louisiana"
    front.keyboard.press("ArrowUp")
    front.keyboard.press("ArrowUp")
    assert focused(front).get_attribute("type") == "search"
    front.keyboard.press("ArrowUp")
    assert focused(front).inner_text() == "All places"
    front.keyboard.press("Escape")
    assert focused(front).get_attribute("type") == "search"
    assert not front.locator(".find li").first.is_visible()
    front.keyboard.press("ArrowDown")  # leads nowhere now
    assert focused(front).get_attribute("type") == "search"


def test_an_entry_opens_with_the_keyboard_alone(front: Page) -> None:
    front.goto(front.url.replace("in/texas/washington/", ""))
    while focused(front).get_attribute("type") != "search":
        front.keyboard.press("Tab")
    front.keyboard.type("wash")
    front.locator(".find li").first.wait_for()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        front.keyboard.press(key)
    front.wait_for_url("**/in/louisiana/washington-parish/")


def test_leaving_the_field_closes_the_list(front: Page) -> None:
    typed(front, "wash")
    front.locator("h1").click()
    assert not front.locator(".find li").first.is_visible()


def test_no_place_of_that_name_is_said_with_a_way_on(front: Page) -> None:
    assert typed(front, "qqqq") == []
    assert front.locator(".find [role=status]").inner_text() == "No place is called that."
    front.get_by_role("link", name="All places").click()
    front.wait_for_url("**/list/")


def test_without_scripts_it_is_a_link(site: Path, serve: Callable[..., str], browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serve(site, "/story/"))
    assert page.locator(".find input").count() == 0
    page.get_by_role("link", name="Find your place").click()
    assert page.url.endswith("/story/list/")
    context.close()


def test_the_field_takes_the_links_place_without_moving_anything(
    site: Path, serve: Callable[..., str], browser: Browser
) -> None:
    boxes = []
    for scripts in (False, True):
        context = browser.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 800})
        page = context.new_page()
        page.goto(serve(site, "/story/"))
        boxes.append([page.locator(what).bounding_box() for what in (".find > :first-child", "h1")])
        context.close()
    assert boxes[0] == boxes[1]


def focused(page: Page) -> Locator:
    return page.locator(":focus").first if page.locator(":focus").count() else page.locator("body")
