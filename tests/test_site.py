"""The built real story, as a reader, a browser and a crawler meet it."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from typing import Any

import pytest

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
SEARCH_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
"""That of the one page whose search is WebAssembly."""
OWN_SCRIPT = re.compile(
    r'<script (?:src="[^":]*assets/early-\w+\.js"|src="[^":]*assets/(?:script-\w+|embed)\.js" defer'
    r'|type="module" src="[^":]*assets/search-\w+\.js")>'
)
DATA_BLOCK = '<script type="application/ld+json">'


class Words(HTMLParser):
    """The text of a page, without what only machines read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("head", "svg")
        if tag in ("p", "td", "th", "li", "dd", "dt", "h1", "h2", "h3", "div", "tr"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("head", "svg")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def words(path: Path) -> str:
    reader = Words()
    reader.feed(path.read_text(encoding="utf-8"))
    return re.sub(r"\s+", " ", "".join(reader.parts))


def page(site: Path, url: str) -> str:
    return words(site / url / "index.html")


def pages(site: Path) -> Iterator[Path]:
    return site.rglob("*.html")


# --- what the story must show --------------------------------------------------------------------------


def test_florida_shows_its_agreements_law_arrests_and_detention(site: Path) -> None:
    text = page(site, "states/florida")
    assert "277" in text
    assert "6 June 2025" in text
    assert "348" in text
    assert "18 May 2026" in text
    assert "reported to require agreements" in text
    assert "60,247" in text
    assert "2nd of 51" in text
    assert "257 for every 100,000 residents" in text
    assert "people held on an average night in February 2026" in text
    rows = (site / "states/florida/agencies.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 348


def test_vermont_says_what_can_be_said(site: Path) -> None:
    text = page(site, "states/vermont")
    assert "No list we hold, since January 2021, names an agreement" in text
    assert "no proof that the law forbids one" in text


def test_the_impossible_figure_is_only_ever_a_claim(site: Path) -> None:
    found = []
    for path in pages(site):
        html = path.read_text(encoding="utf-8")
        if "555,523" in html or "555523" in html:
            found.append(path.relative_to(site).as_posix())
            if path.parent.name == "claims":
                continue
            stripped = re.sub(r'<a [^>]*class="claim"[^>]*>555,523</a>', "", html)
            assert "555,523" not in stripped, path
            assert "555523" not in stripped, path
    assert "claims/index.html" in found
    assert "states/california/index.html" in found
    for ranking in (site / "rankings").rglob("*.csv"):
        assert "555523" not in ranking.read_text(encoding="utf-8")


def test_every_state_and_county_has_a_page_and_a_crumb_to_its_parent(site: Path, root: Path) -> None:
    with (root / "data/counties.csv").open(encoding="utf-8") as file:
        counties = len(list(csv.DictReader(file)))
    states = [path for path in (site / "states").iterdir() if path.is_dir()]
    assert len(states) == 51
    assert sum(1 for state in states for path in state.iterdir() if path.is_dir()) == counties == 3144


def test_states_do_not_open_with_one_sentence(site: Path) -> None:
    leads = []
    for state in (site / "states").iterdir():
        if state.is_dir():
            html = (state / "index.html").read_text(encoding="utf-8")
            lead = re.search(r'<p class="lead">(.*?)</p>', html, re.DOTALL)
            assert lead, state.name
            text = re.sub(r"<[^>]+>", "", lead[1])
            leads.append(re.sub(r"[\d,.]+", "#", text.replace(state.name.replace("-", " ").title(), "X")).strip())
    assert len(leads) == 51
    shapes = {re.sub(r"\s+", " ", lead) for lead in leads}
    assert len(shapes) >= 30
    assert max(sum(lead[:40] == other[:40] for other in leads) for lead in leads) <= 8


def test_counties_without_figures_never_say_none(site: Path) -> None:
    text = page(site, "states/texas/loving-county")
    assert "ICE’s list of 18 May 2026 does not name Loving County" in text
    assert "name no county" in text
    assert not re.search(r"\bhas no(ne| agreements?)\b", text)
    html = (site / "states/texas/loving-county/index.html").read_text(encoding="utf-8")
    assert '<meta name="robots" content="noindex">' in html
    sitemap = (site / "sitemap.xml").read_text(encoding="utf-8")
    assert "states/texas/loving-county/" not in sitemap
    assert "states/texas/harris-county/" in sitemap


def test_every_figure_and_table_has_a_source_with_a_date(site: Path) -> None:
    for path in pages(site):
        html = path.read_text(encoding="utf-8")
        for figure in re.findall(r"<figure .*?</figure>", html, re.DOTALL):
            line = re.search(r'class="source-line">(.*?)</p>', figure, re.DOTALL)
            assert line, path
            assert re.search(r"\b20\d\d\b", re.sub("<[^>]+>", "", line[1])), path


def test_a_figure_names_only_the_publications_its_rows_came_from(site: Path) -> None:
    florida = (site / "states/florida/index.html").read_text(encoding="utf-8")
    growth = florida[florida.index('id="growth"') :]
    line = re.sub("<[^>]+>", "", growth[growth.index('class="source-line">') :][:600]).split("\n")[0]
    assert "participating agencies, workbooks, 18 May 2026" in line
    assert "pending" not in line
    harris = words(site / "states/texas/harris-county/index.html")
    assert "quick facts, as of March 2024" in harris
    assert "Korea Daily" not in harris


def test_a_mark_without_a_value_is_called_what_the_legend_calls_it(site: Path) -> None:
    html = (site / "index.html").read_text(encoding="utf-8")
    assert "<title>Wyoming: none reported" in html
    assert "<title>Wyoming: no data" not in html


def test_every_number_in_prose_is_bound_to_a_row(site: Path) -> None:
    """In a state's own sentences no digit stands outside <data>, <time>, a claim or a name of the subject."""
    for state in ("florida", "vermont", "district-of-columbia", "wyoming"):
        html = (site / f"states/{state}/index.html").read_text(encoding="utf-8")
        for lead in re.findall(r'<p class="lead">(.*?)</p>', html, re.DOTALL):
            bare = re.sub(r"<(data|time|a)\b.*?</\1>", "", lead, flags=re.DOTALL)
            bare = bare.replace("287(g)", "").replace("100,000", "").replace("January 2021", "")
            bare = bare.replace("June 2025", "")
            assert not re.search(r"\d", bare), (state, bare)


# --- what every page must be ---------------------------------------------------------------------------


def test_every_page_carries_the_policy_and_nothing_inline(site: Path) -> None:
    for path in pages(site):
        html = path.read_text(encoding="utf-8")
        assert html.count('http-equiv="Content-Security-Policy"') == 1, path
        policy = SEARCH_POLICY if path == site / "search/index.html" else POLICY
        assert f'content="{policy}"' in html, path
        scripts = re.findall(r"<script[^>]*>", html)
        assert [tag for tag in scripts if not OWN_SCRIPT.fullmatch(tag) and tag != DATA_BLOCK] == [], path
        assert html.count(DATA_BLOCK) <= 1, path
        text = re.sub(r"(<textarea[^>]*>)[^<]*", r"\1", html)  # what is to be copied into pages elsewhere
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), path


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    home = re.search(r'<link rel="canonical" href="([^"]+)"', (site / "index.html").read_text(encoding="utf-8"))
    assert home
    for path in pages(site):
        html = path.read_text(encoding="utf-8")
        for tag in re.findall(r"<(?:link|img|script|source|use|image|iframe)\b[^>]*>", html):
            if re.search(rf'rel="(?:canonical|alternate)"[^>]* href="{re.escape(home[1])}', tag):
                continue  # an address of its own, which nothing is loaded from
            assert not re.search(r"(?:href|src)=\"(?:https?:)?//", tag), (path, tag)
    for path in (site / "assets").rglob("*.css"):
        assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", path.read_text(encoding="utf-8"))


def test_no_damaged_character_and_no_template_syntax(site: Path) -> None:
    for path in pages(site):
        html = path.read_text(encoding="utf-8")
        assert not re.search("[\ufffd\ue000-\uf8ff]", html), path
        text = re.sub(rf"{re.escape(DATA_BLOCK)}.*?</script>", "", html, flags=re.DOTALL)  # where braces are JSON's
        assert not re.search(r"\{\{|\}\}|\{%|\{=|\{claim", text), path


def compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def whole(site: Path, url: str) -> int:
    """All that a browser fetches to show a page, fonts aside, compressed."""
    path = site / url / "index.html"
    html = path.read_text(encoding="utf-8")
    fetched = set(re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', html))
    fetched |= set(re.findall(r'<(?:img|script)[^>]+src="([^"]+)"', html))
    return compressed(path) + sum(compressed((path.parent / name).resolve()) for name in fetched)


def test_weights(site: Path) -> None:
    states = [f"states/{path.name}" for path in (site / "states").iterdir() if path.is_dir()]
    weights = [whole(site, url) for url in states]
    assert median(weights) <= 50_000
    assert max(weights) <= 85_000
    assert whole(site, "") <= 90_000
    rankings = [f"rankings/{path.name}" for path in (site / "rankings").iterdir() if path.is_dir()]
    assert rankings
    assert max(whole(site, url) for url in rankings) <= 25_000
    counties = [f"states/{c.parent.name}/{c.name}" for c in (site / "states").glob("*/*") if c.is_dir()]
    assert max(whole(site, url) for url in counties) <= 22_000
    scripts = [*site.glob("assets/script-*.js"), *site.glob("assets/early-*.js")]
    assert len(scripts) == 2
    assert sum(map(compressed, scripts)) <= 6_000
    assert sum(path.stat().st_size for path in (site / "assets/fonts").glob("*.woff2")) <= 60 * 1024


# --- in a browser --------------------------------------------------------------------------------------

SOME = (
    "", "states/", "states/florida/", "states/vermont/", "states/district-of-columbia/", "states/texas/harris-county/",
    "states/texas/loving-county/", "rankings/", "rankings/agreements/", "claims/", "methodology/", "sources/",
    "updates/", "downloads/", "404.html",
)  # fmt: skip


@pytest.mark.parametrize("prefix", ["/story/", "/"])
def test_pages_work_in_a_browser_without_javascript(built: Any, browser: Any, serve: Any, prefix: str) -> None:
    """Nothing is refused by the policy, nothing fails, nothing is asked of another host."""
    address = serve(built.folder, prefix)
    asked: list[str] = []
    said: list[str] = []
    for script in (False, True):
        context = browser.new_context(java_script_enabled=script, viewport={"width": 360, "height": 800})
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.on(
            "response",
            lambda answer: said.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
        )
        for url in SOME:
            if url == "404.html" and prefix != "/story/":
                continue  # it knows where the site was said to be published
            answer = tab.goto(address + url)
            assert answer.status == 200, url
            text = tab.inner_text("main")
            assert len(text) > 80, url
        context.close()
    assert [url for url in asked if not url.startswith(address)] == []
    assert said == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_scrolls_sideways(built: Any, browser: Any, serve: Any, width: int) -> None:
    address = serve(built.folder, "/story/")
    context = browser.new_context(viewport={"width": width, "height": 800})
    tab = context.new_page()
    for url in SOME:
        tab.goto(address + url)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, url
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chart_text_is_legible_on_a_phone(built: Any, browser: Any, serve: Any, scheme: str) -> None:
    """At 360 px no text of a chart that is shown is under 11 px, and charts follow light and dark."""
    address = serve(built.folder, "/story/")
    context = browser.new_context(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    tab = context.new_page()
    tab.goto(address + "states/florida/")
    sizes = tab.evaluate(
        """[...document.querySelectorAll('.drawing svg')].filter(svg => svg.getBoundingClientRect().width > 0).flatMap(svg => {
          const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
          return [...svg.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize) * scale);
        })"""
    )
    assert sizes
    assert min(sizes) >= 11
    ink = tab.evaluate("getComputedStyle(document.querySelector('.drawing text')).fill")
    context.close()
    assert (int(re.findall(r"\d+", ink)[0]) > 0x88) == (scheme == "dark")
