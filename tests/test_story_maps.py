"""The maps of the real story: every place is on them or beside them, and they weigh little."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

DRAWINGS = ("county-map-n", "county-map-w")
STATES = {"florida": ("FL", 67), "texas": ("TX", 254), "new-hampshire": ("NH", 10)}


@pytest.fixture(scope="module")
def site(built: Any) -> Path:
    folder: Path = built.folder
    return folder


@pytest.fixture(scope="module")
def counties(root: Path) -> list[dict[str, str]]:
    with (root / "data/counties.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def drawing(html: str, name: str) -> ET.Element:
    found = re.search(rf'<svg[^>]*id="{name}".*?</svg>', html, re.DOTALL)
    assert found, name
    return ET.fromstring(found[0])


@pytest.mark.parametrize("slug", STATES)
def test_a_state_shows_each_of_its_counties(site: Path, counties: list[dict[str, str]], slug: str) -> None:
    code, count = STATES[slug]
    html = (site / f"states/{slug}/index.html").read_text(encoding="utf-8")
    names = sorted(county["name"] for county in counties if county["state"] == code)
    assert len(names) == count
    for name in DRAWINGS:
        links = [node for node in drawing(html, name).iter() if node.tag.endswith("}a")]
        said = [next(node.text or "" for node in link if node.tag.endswith("}title")) for link in links]
        assert sorted(text.partition(":")[0] for text in said) == names
        assert all(re.fullmatch(r".+: (not named|1 agreement|\d+ agreements)", text) for text in said)
        assert all((site / f"states/{slug}" / link.get("href", "") / "index.html").is_file() for link in links)
        assert all(link.get("tabindex") == "-1" for link in links)


def test_states_whose_counties_no_agreement_names_have_no_map(site: Path) -> None:
    for slug in ("connecticut", "vermont", "district-of-columbia"):
        assert "county-map" not in (site / f"states/{slug}/index.html").read_text(encoding="utf-8")


def test_what_does_not_fit_is_listed_beside_the_map_of_all_counties(
    site: Path, counties: list[dict[str, str]]
) -> None:
    html = (site / "counties/index.html").read_text(encoding="utf-8")
    beside = re.search(r'<p class="figure-note figure-beside">(.*?)</p>', html, re.DOTALL)
    assert beside
    listed = re.findall(r"<a [^>]*>([^<]+)</a>", beside[1])
    regions = [county["name"] for county in counties if not county["boundary_2017"]]
    assert sorted(listed) == sorted(f"{name}, Connecticut" for name in regions)
    assert len(regions) == 9


def test_the_map_of_all_counties_is_fetched_when_a_reader_comes_near(site: Path) -> None:
    html = (site / "counties/index.html").read_text(encoding="utf-8")
    assert html.count('loading="lazy"') == 2
    for name, most in (("map-w.svg", 60_000), ("map-n.svg", 45_000)):
        assert len(gzip.compress((site / "counties" / name).read_bytes(), 9)) <= most
    assert len(gzip.compress(html.encode(), 9)) <= 50_000


def test_every_crosswalk_leads_to_a_shape(root: Path, counties: list[dict[str, str]]) -> None:
    from generator.charts import Geometry
    from generator.charts.geometry import Layer
    from generator.source import read_json

    for name in ("counties", "nation"):
        path = f"data/geo/{name}.json"
        shapes = Geometry(read_json((root / path).read_text(encoding="utf-8"), path)).shapes(Layer("counties"))
        missing = [c["fips"] for c in counties if c["boundary_2017"] and c["boundary_2017"] not in shapes]
        assert not missing, name


def test_the_picture_is_shown_under_the_policy(built: Any, serve: Callable[..., str], browser: Any) -> None:
    """In light and in dark colours, and only the one for the width."""
    address = serve(built.folder, built.prefix) + "counties/"
    grounds = set()
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.goto(address)
        page.locator("#map").scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('#map .drawing-wide img').naturalWidth === 680")
        assert not page.evaluate("document.querySelector('#map .drawing-narrow img').naturalWidth")
        assert not said
        grounds.add(page.locator("#map .drawing-wide img").screenshot())
        context.close()
    assert len(grounds) == 2
