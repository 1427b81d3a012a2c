"""What a figure offers: its files, its heading, its bar, and its embed in a page of another site."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from test_cases import BASE

from generator.build import build, check

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Serve = Callable[..., str]
FIGURE = "towns/aldford/over-time"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the small story, at the address in its settings."""
    out = tmp_path_factory.mktemp("bar") / "site"
    build(BASE, out, cache=False)
    return out


@pytest.fixture
def story(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def figure_of(html: str) -> str:
    match = re.search(r"<figure .*?</figure>", html, re.DOTALL)
    assert match is not None
    return match[0]


# --- files ---------------------------------------------------------------------------------------------------


def test_a_figure_has_every_file_and_a_table_two(folder: Path) -> None:
    names = {path.name.removeprefix("over-time.") for path in (folder / "towns/aldford").glob("over-time.*")}
    assert names == {"csv", "json", "svg", "png", "embed.html", "oembed.json"}
    assert {path.name for path in (folder / "towns/aldford").glob("libraries.*")} == {
        "libraries.csv",
        "libraries.json",
    }


def test_the_json_of_a_figure(folder: Path) -> None:
    data = json.loads(read(folder, f"{FIGURE}.json"))
    assert data["title"] == "Loans in Aldford rose"
    assert data["note"] == "A renewal is not a loan."
    assert data["page"] == "towns/aldford/#over-time"
    assert data["url"] == "https://example.org/borrowed/towns/aldford/#over-time"
    assert data["licence"] == "Text CC BY 4.0."
    assert data["sources"][0]["publisher"] == "Library Board"
    assert data["tables"]["loans"]["file"] == "data/loans.csv"
    assert (folder / data["tables"]["loans"]["file"]).is_file()
    assert [column["name"] for column in data["columns"]] == ["x", "y", "rows"]
    assert data["rows"][-1] == ["2025", 201877, {"loans": "4"}]


def test_the_images_of_a_figure(folder: Path) -> None:
    root = ET.fromstring(read(folder, f"{FIGURE}.svg"))
    said = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert said[0] == "Loans in Aldford rose"
    assert said[-3:] == [
        "A renewal is not a loan.",
        "Source: Library Board, Annual returns, 31 December 2025.",
        "example.org/borrowed/towns/aldford/",
    ]
    with Image.open(io.BytesIO((folder / f"{FIGURE}.png").read_bytes())) as image:
        assert image.size == tuple(2 * int(root.attrib[side]) for side in ("width", "height"))


def test_the_embed_is_the_figure_alone_and_leads_back(folder: Path) -> None:
    html = read(folder, f"{FIGURE}.embed.html")
    page = read(folder, "towns/aldford/index.html")
    assert '<meta name="robots" content="noindex">' in html
    assert '<link rel="canonical" href="https://example.org/borrowed/towns/aldford/#over-time">' in html
    assert re.findall(r"<h\d", html) == ["<h1"]
    assert "figure-bar" not in html
    assert re.search(r'class="embed-from"><a href="\./#over-time">Aldford</a>, Borrowed<', html)
    drawings = re.findall(r"<svg.*?</svg>", figure_of(html), re.DOTALL)
    assert drawings == re.findall(r"<svg.*?</svg>", figure_of(page), re.DOTALL)
    assert len(drawings) == 2


def test_programs_find_what_to_embed(folder: Path) -> None:
    address = "https://example.org/borrowed/towns/aldford/over-time"
    for name in (f"{FIGURE}.embed.html", "towns/aldford/index.html"):
        assert f'type="application/json+oembed" href="{address}.oembed.json"' in read(folder, name)
    assert f'<iframe src="{address}.embed.html"' in json.loads(read(folder, f"{FIGURE}.oembed.json"))["html"]
    assert "json+oembed" not in read(folder, "method/index.html")


def test_embeds_are_in_no_sitemap(folder: Path) -> None:
    assert "embed" not in read(folder, "sitemap.xml")


def test_without_an_address_there_are_images_and_no_embeds(story: Path) -> None:
    build(story, story / "site", base_url="")
    page = read(story / "site", "towns/aldford/index.html")
    names = {path.name for path in (story / "site/towns/aldford").glob("over-time.*")}
    assert names == {f"over-time.{kind}" for kind in ("csv", "json", "svg", "png")}
    assert not {"oembed", "Embed"} & set(re.findall(r"\w+", page))
    assert "url" not in json.loads(read(story / "site", f"{FIGURE}.json"))
    assert "example.org/borrowed" not in read(story / "site", f"{FIGURE}.svg")


def test_a_story_may_do_without_pngs(story: Path) -> None:
    settings = story / "content/site.yml"
    settings.write_text(f"png: false\n{settings.read_text(encoding='utf-8')}", encoding="utf-8")
    report = build(story, story / "site")
    assert not report.warnings, "no link leads to one"
    names = {path.name.removeprefix("over-time.") for path in (story / "site/towns/aldford").glob("over-time.*")}
    assert names == {"csv", "json", "svg", "embed.html", "oembed.json"}
    bar = read(story / "site", "towns/aldford/index.html")
    assert ">SVG</a></span>" in bar
    assert ">PNG<" not in bar
    assert not [name for name in json.loads(read(story / "site", f"{FIGURE}.oembed.json")) if "thumbnail" in name]
    assert (story / "site/towns/aldford/card.png").exists(), "which is no figure's"


def test_a_page_that_is_not_to_be_found_offers_data_alone(story: Path) -> None:
    town = story / "content/towns/[town].md"
    text = town.read_text(encoding="utf-8")
    town.write_text(text.replace("numbers:\n", 'noindex: town.name == "Aldford"\nnumbers:\n', 1), encoding="utf-8")
    build(story, story / "site")
    for name, kinds in (
        ("aldford", {"csv", "json"}),
        ("birchmere", {"csv", "json", "svg", "png", "embed.html", "oembed.json"}),
    ):
        found = {
            path.name.removeprefix("over-time.") for path in (story / f"site/towns/{name}").glob("over-time.*")
        }
        assert found == kinds
    assert ">CSV<" in read(story / "site", "towns/aldford/index.html")


def test_a_figure_called_values_leaves_the_pages_own_file_alone(story: Path) -> None:
    town = story / "content/towns/[town].md"
    town.write_text(town.read_text(encoding="utf-8").replace("id: over-time", "id: values"), encoding="utf-8")
    build(story, story / "site")
    assert "subjects" in json.loads(read(story / "site", "towns/aldford/values.json"))
    assert "columns" in json.loads(read(story / "site", "towns/aldford/values-data.json"))
    assert 'href="values-data.json"' in read(story / "site", "towns/aldford/index.html")


def test_links_of_embeds_are_checked(story: Path) -> None:
    """A template of the story's own whose embed leads nowhere is told, also when the pages are kept."""
    template = story / "templates/embed.html"
    template.parent.mkdir()
    shutil.copy(Path(__file__).parents[1] / "templates/embed.html", template)
    text = template.read_text(encoding="utf-8")
    template.write_text(
        text.replace("</body>", '<a href="nowhere.html">x</a><p id="a"><p id="a"></body>'), encoding="utf-8"
    )
    for _ in range(2):
        found = {problem.code: problem for problem in check(story, rendered=True).problems}
        assert {"link-dead", "html-id"} <= set(found)
        assert found["html-id"].location.path.endswith(".embed.html")


def test_a_check_makes_no_images_and_misses_none(story: Path) -> None:
    assert check(story, rendered=True).problems == ()


def test_a_kept_page_has_all_its_files(story: Path, folder: Path) -> None:
    build(story, story / "site")
    shutil.rmtree(story / "site")
    build(story, story / "site")
    for kind in ("svg", "png", "json", "embed.html"):
        assert (story / f"site/{FIGURE}.{kind}").read_bytes() == (folder / f"{FIGURE}.{kind}").read_bytes()


# --- the bar -------------------------------------------------------------------------------------------------


def test_headings_of_figures_follow_their_place(folder: Path) -> None:
    assert re.search(r'<h3 class="figure-title" id="loans-heading">', read(folder, "index.html"))
    assert re.search(r'<h2 class="figure-title" id="over-time-heading">', read(folder, "towns/aldford/index.html"))


def test_the_bar_names_what_it_offers(folder: Path) -> None:
    bar = figure_of(read(folder, "towns/aldford/index.html")).partition('class="figure-bar"')[2]
    links = dict(re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', bar))
    assert links == {
        "over-time.csv": "CSV",
        "over-time.json": "JSON",
        "over-time.svg": "SVG",
        "over-time.png": "PNG",
        "#over-time": "Link",
        "over-time.embed.html": "How it will look",
    }
    assert "&lt;iframe src=" in bar


def opened(browser: Browser, address: str, **options: Any) -> Page:
    context = browser.new_context(viewport={"width": 1000, "height": 900}, **options)
    return context.new_page() if not address else _at(context.new_page(), address)


def _at(page: Page, address: str) -> Page:
    page.goto(address)
    return page


def test_without_a_script_the_table_opens_below_the_chart(folder: Path, serve: Serve, browser: Browser) -> None:
    page = opened(browser, f"{serve(folder, '/borrowed/')}towns/aldford/", java_script_enabled=False)
    figure = page.locator("figure")
    assert not figure.locator("button").first.is_visible()
    figure.get_by_text("Table", exact=True).first.click()
    assert figure.locator("table").is_visible()
    assert figure.locator(".drawing-wide").is_visible()
    figure.get_by_text("Embed", exact=True).click()
    assert "<iframe" in figure.locator("textarea").input_value()
    page.context.close()


def test_chart_and_table_take_each_others_place_by_keyboard(folder: Path, serve: Serve, page: Page) -> None:
    page.goto(f"{serve(folder, '/borrowed/')}towns/aldford/")
    chart, table = (page.get_by_role("button", name=name, exact=True) for name in ("Chart", "Table"))
    drawing, rows = page.locator(".figure-chart"), page.locator(".figure-table table")
    assert (drawing.is_visible(), rows.is_visible()) == (True, False)
    before = table.evaluate("button => button.getBoundingClientRect().top + scrollY")
    chart.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-view="table"][aria-pressed="true"]')
    assert (drawing.is_visible(), rows.is_visible()) == (False, True)
    assert chart.get_attribute("aria-pressed") == "false"
    assert table.evaluate("button => button === document.activeElement")
    after = table.evaluate("button => button.getBoundingClientRect().top + scrollY")
    assert abs(after - before) < 2  # nothing moves
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.wait_for_selector('[data-view="chart"][aria-pressed="true"]')
    assert (drawing.is_visible(), rows.is_visible()) == (True, False)


def test_a_long_table_scrolls_in_the_room_of_the_chart(folder: Path, serve: Serve, page: Page) -> None:
    page.goto(f"{serve(folder, '/borrowed/')}towns/aldford/")
    body = page.locator(".figure-table tbody")
    body.evaluate("body => { for (let n = 0; n < 40; n++) body.append(body.rows[0].cloneNode(true)) }")
    height = page.locator(".figure-chart").evaluate("chart => chart.offsetHeight")
    page.get_by_role("button", name="Table", exact=True).click()
    assert page.locator(".figure-table").evaluate("table => table.offsetHeight") == pytest.approx(height, abs=2)
    region = page.locator(".figure-table .table-scroll")
    assert region.evaluate("region => region.scrollHeight > region.clientHeight + 400")
    region.evaluate("region => region.scrollTop = 300")
    assert (
        region.evaluate(
            "region => region.querySelector('th').getBoundingClientRect().top - region.getBoundingClientRect().top"
        )
        < 4
    )


def test_a_printed_page_has_its_charts(folder: Path, serve: Serve, page: Page) -> None:
    page.goto(f"{serve(folder, '/borrowed/')}towns/aldford/")
    page.get_by_role("button", name="Table", exact=True).click()
    page.emulate_media(media="print")
    assert page.locator(".figure-chart").is_visible()
    assert not page.locator("figure .figure-bar").is_visible()
    assert not page.locator(".figure-table").is_visible()


def test_the_address_and_the_code_are_copied(folder: Path, serve: Serve, page: Page) -> None:
    address = f"{serve(folder, '/borrowed/')}towns/aldford/"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)
    page.get_by_role("link", name="Link", exact=True).click()
    page.get_by_role("status").get_by_text("Link copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}#over-time" == page.url
    page.get_by_text("Embed", exact=True).click()
    page.get_by_role("button", name="Copy the code").click()
    page.get_by_role("status").get_by_text("Code copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("textarea").input_value()


def test_where_nothing_can_be_copied_the_link_is_a_link(folder: Path, serve: Serve, page: Page) -> None:
    address = f"{serve(folder, '/borrowed/')}towns/aldford/"
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(address)
    page.get_by_role("link", name="Link", exact=True).click()
    page.wait_for_url(f"{address}#over-time")
    page.get_by_text("Embed", exact=True).click()
    page.get_by_role("button", name="Copy the code").click()
    page.wait_for_function(
        "getSelection().toString().startsWith('<iframe') || document.activeElement.selectionEnd > 50"
    )


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_bar_fits(folder: Path, serve: Serve, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{serve(folder, '/borrowed/')}towns/aldford/")
    page.get_by_text("Embed", exact=True).click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for target in page.locator(".figure-bar :is(a, button, summary)").all():
        if target.is_visible():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 24


# --- a page of another site ----------------------------------------------------------------------------------


def host(tmp_path: Path, site: str, body: str) -> Path:
    """A page that embeds, as the code says, from the site as it is served."""
    folder = tmp_path / "host"
    folder.mkdir()
    code = body.replace("https://example.org/borrowed/", site)
    (folder / "index.html").write_text(
        f"<!doctype html><title>A host</title><p>Above</p>{code}<p>Below</p>", encoding="utf-8"
    )
    return folder


def frame_heights(page: Page) -> tuple[float, float]:
    """Of the frame, and of what is in it."""
    inner = page.frames[1].evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)")
    return page.locator("iframe").first.evaluate("frame => frame.clientHeight"), inner


def fits(page: Page) -> None:
    page.wait_for_function("document.querySelector('iframe').style.height !== ''")
    page.wait_for_timeout(150)
    outer, inner = frame_heights(page)
    assert outer == inner


def test_a_frame_has_the_height_of_its_figure(folder: Path, serve: Serve, page: Page, tmp_path: Path) -> None:
    site = serve(folder, "/borrowed/")
    html = read(folder, "towns/aldford/index.html")
    code = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)
    assert code is not None
    from html import unescape

    page.goto(serve(host(tmp_path, site, unescape(code[1]))))
    fits(page)
    wide = frame_heights(page)[0]
    page.set_viewport_size({"width": 340, "height": 800})
    page.wait_for_function(f"document.querySelector('iframe').clientHeight !== {wide}")
    fits(page)
    before = frame_heights(page)[0]
    page.frames[1].get_by_text("Table", exact=True).click()
    page.wait_for_function(f"document.querySelector('iframe').clientHeight > {before}")
    fits(page)
    assert page.frames[1].evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_frame_that_was_there_first_is_asked(folder: Path, serve: Serve, page: Page, tmp_path: Path) -> None:
    site = serve(folder, "/borrowed/")
    page.goto(
        serve(host(tmp_path, site, f'<iframe src="{site}{FIGURE}.embed.html" width="100%" height="100"></iframe>'))
    )
    page.frames[1].wait_for_load_state()
    page.wait_for_timeout(200)
    assert frame_heights(page)[0] == 100
    page.add_script_tag(url=f"{site}assets/embed.js")
    fits(page)


def test_nobody_else_is_believed(folder: Path, serve: Serve, page: Page, tmp_path: Path) -> None:
    """Neither a frame from elsewhere nor the page itself, nor heights that are none."""
    site = serve(folder, "/borrowed/")
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("<!doctype html><p>Other</p>", encoding="utf-8")
    frames = f'<iframe id="ours" src="{site}{FIGURE}.embed.html" height="100"></iframe><iframe id="theirs" src="{serve(other)}" height="100"></iframe>'
    page.goto(serve(host(tmp_path, site, frames + f'<script src="{site}assets/embed.js"></script>')))
    page.wait_for_function("document.querySelector('#ours').style.height !== ''")
    page.wait_for_timeout(200)
    height = page.evaluate("document.querySelector('#ours').style.height")
    theirs = next(frame for frame in page.frames if frame.url == serve(other))
    ours = next(frame for frame in page.frames if frame.url.endswith(".embed.html"))
    theirs.evaluate("parent.postMessage({ broadsheet: 'height', height: 4000 }, '*')")
    page.evaluate("postMessage({ broadsheet: 'height', height: 4000 }, '*')")
    for odd in ("-5", "1e9", "NaN", "'40vh; position: fixed'", "null"):
        ours.evaluate(f"parent.postMessage({{ broadsheet: 'height', height: {odd} }}, '*')")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('#ours').style.height") == height
    assert page.evaluate("document.querySelector('#theirs').style.height") == ""


def test_the_height_that_is_guessed_is_about_right(folder: Path, serve: Serve, page: Page) -> None:
    page.set_viewport_size({"width": 680, "height": 700})
    for name in (FIGURE, "loans"):
        said = json.loads(read(folder, f"{name}.oembed.json"))["height"]
        page.goto(f"{serve(folder, '/borrowed/')}{name}.embed.html")
        assert said == pytest.approx(
            page.evaluate("document.documentElement.getBoundingClientRect().height"), abs=60
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_embed_follows_the_system_and_breaks_no_rule(
    folder: Path, serve: Serve, browser: Browser, scheme: str
) -> None:
    page = opened(browser, "", color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{serve(folder, '/borrowed/')}{FIGURE}.embed.html")
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == {"light": "rgb(251, 249, 244)", "dark": "rgb(23, 21, 19)"}[scheme]
    assert said == []
    page.context.close()
