"""What a site says to machines: link previews, sitemap, feed, linked data, the data package; where mistakes go."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from test_cases import BASE

from generator.build import build, check
from generator.pages.linked import embedded
from generator.pages.reporting import report_address
from generator.problems import SourceError
from generator.serve.preview import Preview

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HOSTILE = 'Lo</script><script>alert(1)</script>"&amp;]]>'

ABOUT = "description: How loans are counted."
"""A line of the front matter of method.md."""

UPDATES = """\
updates:
  - date: 2026-03-04
    title: Loans of {{ towns.ALD.name }} & others
    text: |
      Columns were swapped in [Aldford](/towns/aldford/). It lent {{ towns.ALD.loans }}, *not* fewer.
    pages: [towns/aldford/, ""]
  - date: 2026-05-18
    title: Newer
"""
SOURCES = (
    "---\ntitle: Sources\ndescription: Tables.\n---\n{% for set in datasets %}\n"
    "## {{ set.title }} {: #{{ set.name }} }\n\n{% endfor %}\n"
)
PAGE_OF_UPDATES = "---\ntitle: Updates\ndescription: What changed.\n---\nNewest first.\n"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "story")
    return tmp_path / "story"


def edit(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def with_updates(story: Path, updates: str = UPDATES) -> Path:
    (story / "content/updates.yml").write_text(updates, encoding="utf-8")
    (story / "content/updates.md").write_text(PAGE_OF_UPDATES, encoding="utf-8")
    edit(story / "content/site.yml", ("claims_page: claims/", "claims_page: claims/\nupdates_page: updates/"))
    return story


def built(story: Path, **more: Any) -> Path:
    out = story.parent / "site"
    build(story, out, **more)
    return out


def meta(html: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', html)
    return {name: unescape(content) for name, content in found}


def graph(html: str) -> list[dict[str, Any]]:
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert len(blocks) == 1
    data = json.loads(blocks[0])
    assert data["@context"] == "https://schema.org"
    things: list[dict[str, Any]] = data["@graph"]
    return things


def read(site: Path, url: str) -> str:
    return (site / url / "index.html").read_text(encoding="utf-8")


# --- link previews --------------------------------------------------------------------------------------


def test_a_link_shows_the_card_of_its_page(story: Path) -> None:
    site = built(story)
    told = meta(read(site, "towns/aldford"))
    assert told["og:image"] == "https://example.org/borrowed/towns/aldford/card.png"
    assert (told["og:image:width"], told["og:image:height"], told["twitter:card"]) == (
        "1200", "630", "summary_large_image",
    )  # fmt: skip
    assert told["og:image:alt"].startswith("Aldford. Aldford lent 201,877 books")
    assert (site / "towns/aldford/card.png").read_bytes().startswith(b"\x89PNG")
    assert all(path.stat().st_size < 60_000 for path in site.rglob("card.png"))


def test_a_site_without_an_address_has_no_cards_feed_or_linked_data(story: Path) -> None:
    site = built(with_updates(story), base_url="")
    html = read(site, "towns/aldford")
    assert "og:image" not in html
    assert "og:url" not in html
    assert "canonical" not in html
    assert "ld+json" not in html
    assert "atom" not in read(site, "updates")
    assert not list(site.rglob("card.png"))
    assert not (site / "updates.xml").exists()
    assert not (site / "sitemap.xml").exists()


def test_a_page_that_is_not_to_be_found_shows_the_card_of_the_place_above(story: Path) -> None:
    edit(story / "content/towns/[town].md", ("neighbours:", "noindex: town.key != 'ALD'\nneighbours:"))
    site = built(story)
    told = meta(read(site, "towns/corwen"))
    above = next(url for url in ("northmark", "southfen") if f"/{url}/card.png" in told["og:image"])
    assert told["og:image:alt"] == f"{above.title()}. Borrowed"
    assert not (site / "towns/corwen/card.png").exists()
    assert (site / "towns/aldford/card.png").exists()
    assert "ld+json" not in read(site, "towns/corwen")


def test_a_document_may_do_without_a_card(story: Path) -> None:
    edit(story / "content/method.md", (ABOUT, f"card: none\n{ABOUT}"))
    site = built(story)
    assert meta(read(site, "method"))["og:image"] == "https://example.org/borrowed/card.png"
    assert not (site / "method/card.png").exists()
    # and pages that go by it are made anew when it changes, like everything
    edit(story / "content/index.md", ("---\n\n", "card: none\n---\n\n"))
    site = built(story)
    assert "og:image" not in meta(read(site, "method"))
    assert "og:image" not in meta((site / "404.html").read_text(encoding="utf-8"))


def test_a_document_says_what_its_card_shows(story: Path) -> None:
    edit(
        story / "content/method.md",
        (
            ABOUT,
            'card:\n  heading: "{{ towns.ALD.name }} leads"\n  lead: By far.\n  number: towns.ALD.loans\n'
            "  label: Loans\n  note: in 2025\n  of: towns.sorted('loans')\n  value: row.loans\n"
            f"  caption: Loans of towns\n{ABOUT}",
        ),
    )
    told = meta(read(built(story), "method"))["og:image:alt"]
    assert told.startswith("Aldford leads. By far. Loans: 201,877 (in 2025). Loans of towns: Aldford 201,877, ")


def test_a_figure_for_the_card_is_named_by_its_id(story: Path) -> None:
    edit(story / "content/towns/[town].md", ("neighbours:", "card: {figure: over-tiem}\nneighbours:"))
    assert {p.code for p in check(story).problems} == {"unknown-figure"}


def test_the_preview_draws_a_card_for_who_asks(story: Path) -> None:
    preview = Preview(story)
    assert b"og:image" not in preview.page("towns/aldford/").body
    shown = preview.page("towns/aldford/card.png")
    assert (shown.status, shown.type) == (200, "image/png")
    assert shown.body.startswith(b"\x89PNG")
    preview.close()


def test_cards_are_drawn_once(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = built(story)
    before = {path: path.read_bytes() for path in site.rglob("card.png")}
    monkeypatch.setattr("generator.pages.maker.rasterised", lambda *_: pytest.fail("it is kept"))
    edit(story / "content/method.md", ("How loans are counted", "How loans are really counted"))
    with pytest.raises(pytest.fail.Exception):
        built(story)
    edit(story / "content/method.md", ("How loans are really counted", "How loans are counted"))
    edit(story / "content/method.md", ("\n---\n\n", "\n---\n\nSome more words.\n\n"))
    assert {path: path.read_bytes() for path in built(story).rglob("card.png")} == before


# --- sitemap and feed -----------------------------------------------------------------------------------


def test_the_sitemap_says_when_a_page_changed_where_that_is_known(story: Path) -> None:
    edit(story / "content/method.md", (ABOUT, f"updated: 2026-01-02\n{ABOUT}"))
    site = built(with_updates(story))
    root = ElementTree.fromstring((site / "sitemap.xml").read_bytes())
    changed = {
        url.findtext(f"{SITEMAP}loc"): url.findtext(f"{SITEMAP}lastmod") for url in root.iter(f"{SITEMAP}url")
    }
    base = "https://example.org/borrowed/"
    assert changed[f"{base}method/"] == "2026-01-02"
    assert changed[f"{base}towns/aldford/"] == changed[base] == "2026-03-04"
    assert changed[f"{base}towns/corwen/"] is None
    assert "Updated 2 January 2026" in read(site, "method")
    assert "Updated 4 March 2026" in read(site, "towns/aldford")
    assert meta(read(site, "method"))["article:modified_time"] == "2026-01-02"


def test_a_date_in_words_stays_as_it_is(story: Path) -> None:
    edit(story / "content/method.md", (ABOUT, f"updated: in spring\n{ABOUT}"))
    site = built(story)
    assert "Updated in spring" in read(site, "method")
    assert "lastmod" not in (site / "sitemap.xml").read_text(encoding="utf-8")


def test_updates_are_shown_and_are_a_feed(story: Path) -> None:
    site = built(with_updates(story))
    html = read(site, "updates")
    assert html.index('id="2026-05-18"') < html.index('id="2026-03-04"')
    assert "Loans of Aldford &amp; others" in html
    assert '<a href="../towns/aldford/">Aldford</a>' in html
    assert '<link rel="alternate" type="application/atom+xml" href="../updates.xml"' in html
    assert re.search(r'<a class="bound" href="#receipt-\d+"[^>]*><data value="201877">201,877</data></a>', html)

    root = ElementTree.fromstring((site / "updates.xml").read_bytes())
    assert root.tag == f"{ATOM}feed"
    assert_valid_feed(root)
    newer, older = root.findall(f"{ATOM}entry")
    assert newer.findtext(f"{ATOM}title") == "Newer"
    assert older.findtext(f"{ATOM}id") == "tag:example.org,2026-03-04:updates/2026-03-04"
    assert older.findtext(f"{ATOM}title") == "Loans of Aldford & others"
    content = older.findtext(f"{ATOM}content") or ""
    assert '<a href="https://example.org/borrowed/towns/aldford/">Aldford</a>' in content
    assert "<em>not</em>" in content
    assert "receipt" not in content
    related = [link.get("href") for link in older.findall(f"{ATOM}link") if link.get("rel") == "related"]
    assert related == ["https://example.org/borrowed/towns/aldford/", "https://example.org/borrowed/"]


def assert_valid_feed(root: ElementTree.Element) -> None:
    """What RFC 4287 demands."""
    for holder in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"{ATOM}{name}")) == 1, name
        assert re.fullmatch(r"(https?|tag):\S+", holder.findtext(f"{ATOM}id") or "")
        assert dt.datetime.fromisoformat(holder.findtext(f"{ATOM}updated") or "").tzinfo is not None
        alternates = [link for link in holder.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [each.text for each in root.findall(f"{ATOM}entry/{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert len([link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]) == 1


def test_a_feed_of_hostile_words_is_still_a_feed(story: Path) -> None:
    updates = f"updates:\n  - date: 2026-03-04\n    title: {json.dumps(HOSTILE)}\n    text: '`]]>` <b>&'\n"
    site = built(with_updates(story, updates))
    root = ElementTree.fromstring((site / "updates.xml").read_bytes())
    assert_valid_feed(root)
    assert "<script>" not in read(site, "updates").replace('<script src="', "")
    assert "<b>" not in (root.findtext(f"{ATOM}entry/{ATOM}content") or "")


def test_an_update_that_cannot_be_shown_stops_the_build(story: Path) -> None:
    with_updates(story, UPDATES.replace("Columns", "[Seven towns]{= towns }"))
    with pytest.raises(SourceError) as raised:
        built(story)
    assert {problem.location.path for problem in raised.value.problems} == {"content/updates.yml"}


# --- linked data ----------------------------------------------------------------------------------------


def test_a_page_is_an_article_that_names_its_tables(story: Path) -> None:
    article, crumbs = graph(read(built(story), "towns/aldford"))
    assert article["@type"] == "NewsArticle"
    assert article["headline"] == "Aldford"
    assert article["image"]["url"].endswith("/towns/aldford/card.png")
    assert {
        "@type": "Dataset",
        "@id": "https://example.org/borrowed/data/loans.csv",
        "name": "Loans by year",
    } in article["isBasedOn"]
    assert "datePublished" not in article, "nobody said when"
    assert crumbs["@type"] == "BreadcrumbList"
    assert [item["position"] for item in crumbs["itemListElement"]] == [1, 2]
    assert crumbs["itemListElement"][1]["item"] == "https://example.org/borrowed/towns/aldford/"


def test_a_ranking_is_a_dataset(story: Path) -> None:
    site = built(story)
    dataset, _ = graph(read(site, "rankings/loans"))
    assert dataset["@type"] == "Dataset"
    [file] = dataset["distribution"]
    assert file["contentUrl"] == "https://example.org/borrowed/rankings/loans/ranking.csv"
    assert (site / "rankings/loans/ranking.csv").is_file()
    assert "Loans" in [variable["name"] for variable in dataset["variableMeasured"]]


def test_tables_are_described_where_the_sources_are(story: Path) -> None:
    (story / "content/sources.md").write_text(SOURCES)
    edit(story / "content/site.yml", ("claims_page: claims/", "claims_page: claims/\nsources_page: sources/"))
    site = built(story)
    things = graph(read(site, "sources"))
    tables = [thing for thing in things if thing["@type"] == "Dataset"]
    described = json.loads((story / "data/datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert [table["name"] for table in tables] == [each.get("title", each["name"]) for each in described]
    for table in tables:
        assert table["@id"].startswith("https://example.org/borrowed/sources/#")
        for file in table["distribution"]:
            assert (site / file["contentUrl"].removeprefix("https://example.org/borrowed/")).is_file()
    based = graph(read(site, "towns/aldford"))[0]["isBasedOn"]
    assert {each["@id"] for each in based} <= {table["@id"] for table in tables}


def test_nothing_ends_a_data_block() -> None:
    hostile = f"{HOSTILE}\u2028\u2029"
    text = embedded({"name": hostile})
    assert json.loads(text) == {"name": hostile}
    assert not set(text) & set("<>&\u2028\u2029")


def test_hostile_titles_stay_words_in_a_browser(story: Path, browser: Any, serve: Callable[..., str]) -> None:
    """The policy lets a data block be, the console says nothing, and what machines read is what was written."""
    edit(story / "content/method.md", ("title: Method", f"title: {json.dumps(HOSTILE)}"))
    site = built(story)
    address = serve(site)
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append("a dialog"))
    for url in ("", "towns/aldford/", "method/"):
        page.goto(address + url)
        blocks = page.eval_on_selector_all(
            'script[type="application/ld+json"]', "found => found.map(each => JSON.parse(each.textContent))"
        )
        assert len(blocks) == 1
    assert blocks[0]["@graph"][0]["headline"].startswith("Lo</script><script>alert(1)</script>")
    assert page.locator('meta[property="og:image:alt"]').get_attribute("content", timeout=1000)
    assert said == []
    context.close()


# --- tables ---------------------------------------------------------------------------------------------


def test_the_published_package_has_size_and_checksum_of_each_table(story: Path) -> None:
    site = built(story)
    package = json.loads((site / "data/datapackage.json").read_text(encoding="utf-8"))
    assert_valid_package(package)
    assert package["homepage"] == "https://example.org/borrowed/"
    for resource in package["resources"]:
        data = (site / "data" / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    # it is a descriptor that a story can be made of, and says the same of itself again
    (story / "data/datapackage.json").write_bytes((site / "data/datapackage.json").read_bytes())
    again = json.loads((built(story) / "data/datapackage.json").read_text(encoding="utf-8"))
    assert again == package


def test_the_preview_shows_the_package_as_it_is_published(story: Path) -> None:
    site = built(story, base_url="")
    preview = Preview(story)
    assert preview.page("data/datapackage.json").body == (site / "data/datapackage.json").read_bytes()
    preview.close()


FIELD_TYPES = {
    "string", "number", "integer", "boolean", "object", "array", "list", "datetime", "date", "time", "year", "yearmonth",
    "duration", "geopoint", "geojson", "any",
}  # fmt: skip


def assert_valid_package(package: Mapping[str, Any]) -> None:
    """What Data Package v2 demands of what we use of it: datapackage.org/standard/data-package."""
    assert package["$schema"].startswith("https://datapackage.org/profiles/2.")
    assert package["resources"]
    names = [resource["name"] for resource in package["resources"]]
    assert len(names) == len(set(names))
    for holder in (package, *package["resources"]):
        assert all(licence.get("name") or licence.get("path") for licence in holder.get("licenses", ()))
        for licence in holder.get("licenses", ()):
            assert re.fullmatch(r"[-a-zA-Z0-9._]+", licence.get("name", "x"))
        assert all(source for source in holder.get("sources", ()))
        assert "licenses" not in holder or holder["licenses"]
    if "created" in package:
        assert dt.datetime.fromisoformat(package["created"]).tzinfo is not None
    for resource in package["resources"]:
        assert not resource["path"].startswith((".", "/", "~"))
        assert resource.get("type", "table") == "table"
        assert re.fullmatch(r".+/.+", resource.get("mediatype", "text/csv"))
        assert re.fullmatch(r"[^:]+:[a-fA-F0-9]+", resource["hash"])
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        assert len(fields) == len(resource["schema"]["fields"])
        for field in fields.values():
            assert field.get("type", "string") in FIELD_TYPES
            rules = field.get("constraints", {})
            assert all(isinstance(rules.get(key, True), bool) for key in ("required", "unique"))
        keys = resource["schema"].get("primaryKey", [])
        assert set([keys] if isinstance(keys, str) else keys) <= set(fields)
        for foreign in resource["schema"].get("foreignKeys", ()):
            assert set(foreign) >= {"fields", "reference"}
            assert foreign["reference"].get("resource", names[0]) in ("", *names)


def test_the_package_of_the_story_is_a_valid_one(root: Path, tmp_path: Path) -> None:
    from generator.outputs.downloads import download
    from generator.story import load

    story = load(root, base_url="https://example.org/story/")
    assert_valid_package(json.loads(download(story, "data/datapackage.json")))


# --- mistakes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("report", "address"),
    [
        ("", ""),
        ("https://example.org/corrections/", "https://example.org/corrections/"),
        ("https://example.org/r?p={page}&t={title}", "https://example.org/r?p=https%3A%2F%2Fx.org%2Fa%2F&t=A%26B"),
        ("mailto:desk@example.org", "mailto:desk@example.org?subject=A%26B%20%C2%B7%20S&body=https%3A%2F%2Fx.org%2Fa%2F%0D%0A%0D%0A"),
        ("mailto:desk@example.org?subject=Hello", "mailto:desk@example.org?subject=Hello"),
        ("https://github.com/o/r/issues/new", "https://github.com/o/r/issues/new?title=A%26B%20%C2%B7%20S&body=https%3A%2F%2Fx.org%2Fa%2F%0A%0A"),
        ("https://gitlab.com/o/r/-/issues/new", "https://gitlab.com/o/r/-/issues/new?issue%5Btitle%5D=A%26B%20%C2%B7%20S&issue%5Bdescription%5D=https%3A%2F%2Fx.org%2Fa%2F%0A%0A"),
    ],
)  # fmt: skip
def test_the_page_is_filled_in(report: str, address: str) -> None:
    assert report_address(report, page="https://x.org/a/", title="A&B", site="S") == address


def test_every_page_says_where_mistakes_go(story: Path) -> None:
    edit(story / "content/site.yml", ("https://example.org/corrections/", "mailto:desk@example.org"))
    edit(story / "content/method.md", ("title: Method", 'title: "Method\\" onclick=\\"alert(1)"'))
    site = built(story)
    for path in site.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        if path.name.endswith(".embed.html"):  # it leads to its page, which has a way
            continue
        footer = html[html.index("<footer") :]
        assert 'href="mailto:desk@example.org?subject=' in footer
        assert not re.search(r"<[^>]* onclick=", re.sub(r'"[^"]*"', "", html))
    receipts = read(site, "towns/aldford").partition('class="receipts"')[2]
    assert receipts.count("mailto:") > receipts.count('<div class="receipt">') >= 1
