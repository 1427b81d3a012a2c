"""Maps on a page: what is listed beside them, and those that are files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from test_cases import lay_over

from generator.charts import places
from generator.pages.maker import Page
from generator.prepare import prepare

OUTLINES = Path(__file__).parents[2] / "docs/pictures/kinds/story"
DOCUMENT = """\
---
title: Maps
description: A map.
---

```figure map
id: loans
of: towns
value: row.loans
options: {geometry: towns, missing: not counted}
title: Loans by town
description: Each "town" in its outline.
```
"""


def page(story: Path, document: str = DOCUMENT, *, without: tuple[str, ...] = (), style: str = "") -> Page:
    """The page of the document in the story of the tests, whose geometry lacks some towns."""
    lay_over(OUTLINES, story)
    (story / "content/kinds.md").unlink()
    (story / "content/maps.md").write_text(document, encoding="utf-8")
    if style:
        (story / "templates/assets").mkdir(parents=True)
        (story / "templates/assets/style.css").write_text(style, encoding="utf-8")
    outlines = story / "data/outlines.json"
    geometry = json.loads(outlines.read_text(encoding="utf-8"))
    geometry["features"] = [one for one in geometry["features"] if one["id"] not in without]
    outlines.write_text(json.dumps(geometry), encoding="utf-8")
    maker = prepare(story)
    return maker.page(maker.routes["maps/"])


def beside(html: str) -> str:
    """The words of what is listed under the drawing; '' when nothing is."""
    found = re.search(r'<p class="figure-note figure-beside">(.*?)</p>', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split()) if found else ""


def test_all_places_have_their_shape(tmp_path: Path) -> None:
    html = page(tmp_path / "story").html
    assert beside(html) == ""
    assert "Aldford: " in html


def test_a_place_without_a_shape_is_listed_with_its_value_and_its_link(tmp_path: Path) -> None:
    made = page(tmp_path / "story", without=("ALD", "BIR"))
    assert re.fullmatch(r"Not in the drawing: Aldford: [\d,]+; Birchmere: [\d,]+\.", beside(made.html))
    list_ = re.search(r'<p class="figure-note figure-beside">.*?</p>', made.html, re.DOTALL)
    assert list_ is not None
    assert re.findall(r'href="([^"]+)"', list_[0]) == ["../towns/aldford/", "../towns/birchmere/"]
    assert b"Aldford" in made.files["loans.csv"]
    drawing = re.search(r'<svg[^>]*id="loans-w".*?</svg>', made.html, re.DOTALL)
    assert drawing is not None
    assert "Aldford" not in drawing[0]
    assert b"Not in the drawing: Aldford: " in made.files["loans.svg"]


def test_places_of_one_value_are_listed_together_and_missing_by_its_name(tmp_path: Path) -> None:
    document = DOCUMENT.replace("value: row.loans", 'value: \'None if row.key in ("ALD", "BIR") else row.loans\'')
    html = page(tmp_path / "story", document, without=("ALD", "BIR")).html
    assert beside(html) == "Not in the drawing: Aldford, Birchmere: not counted."


def test_a_key_that_is_empty_is_no_mistake(tmp_path: Path) -> None:
    document = DOCUMENT.replace("of: towns\n", "of: towns\nkey: 'None if row.key == \"ALD\" else row.key'\n")
    assert beside(page(tmp_path / "story", document).html).startswith("Not in the drawing: Aldford: ")


def test_the_file_has_the_colours_of_the_story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In browsers that do not know light-dark() those of light pages."""
    monkeypatch.setattr(places, "MOST_SHAPES", 2)
    style = ":root { --strong: #123456; --chart-s5: light-dark(var(--strong), #abcdef) }\np { margin: 0 }\n"
    svg = page(tmp_path / "story", style=style).files["loans-w.svg"].decode().replace(" ", "")
    assert "--strong:#123456" in svg
    assert "--chart-s5:var(--strong)" in svg
    assert "@supports(color:light-dark(#000,#fff)){:root{--chart-s5:light-dark(var(--strong),#abcdef)}}" in svg
    assert "margin" not in svg


def test_a_map_of_many_shapes_is_a_file_beside_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST_SHAPES", 2)
    made = page(tmp_path / "story")
    pictures = re.findall(r"<img [^>]+>", made.html)
    assert len(pictures) == 2
    for picture, name in zip(pictures, ("loans-n.svg", "loans-w.svg"), strict=True):
        svg = ET.fromstring(made.files[name])
        assert f'src="{name}"' in picture
        assert f'width="{svg.get("width")}" height="{svg.get("height")}"' in picture
        assert 'alt="Each &quot;town&quot; in its outline."' in picture
        assert 'loading="lazy"' in picture
        assert not list(svg.iter("{http://www.w3.org/2000/svg}a"))
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="chart" id="loans' not in made.html
    assert "Aldford" in made.html  # in the table
    alone = made.files["loans.svg"].decode()  # for other sites
    assert "<text" in alone
    assert "var(" not in alone
    assert made.files["loans.png"].startswith(b"\x89PNG")
