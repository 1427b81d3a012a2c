"""Whatever a table or a document holds, a page holds it as text."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from test_cases import CASES, lay_over

from generator.build import build

SCRIPT = "<script>alert(1)</script>"
TRICKS = (
    SCRIPT,
    "</title><script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "</textarea><!--",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "<b>bold</b> & &amp; &#60;i&#62;",
    "*a* **b** _c_ `d` [e](f) ![g](h) ~~i~~",
    "# head | cell | cell",
    "1. one\\",
    "=SUM(A1:A9)",
    "@x +1 -1",
    "村 🏞️ ‏עיר‏ \u202eabc",
)
ELEMENTS = frozenset(("del", "embed", "form", "i", "iframe", "img", "object", "style"))
"""What no template of the theme writes."""


class Page(HTMLParser):
    """The elements, attributes and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.data: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        (self.data if self.elements and self.cdata_elem == "script" else self.texts).append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def safe(page: Page) -> None:
    """No element that no template writes, no handler, no inline style, no address that runs.

    A script is a file of the site, or a block of data that is whole; a field of many lines is one to copy from.
    """
    assert not ELEMENTS & set(page.elements)
    assert page.elements.count("textarea") == page.attributes.count(("textarea", "readonly", ""))
    files = sum(tag == "script" and name == "src" for tag, name, _ in page.attributes)
    data = page.attributes.count(("script", "type", "application/ld+json"))
    assert page.elements.count("script") == files + data
    assert data == len(page.data) <= 1
    for block in page.data:
        assert json.loads(block)["@context"] == "https://schema.org"
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name, value)
        assert name != "style", (tag, value)
        if name in ("href", "src", "xlink:href"):
            cleaned = "".join(value.split()).lower()
            assert not cleaned.startswith(("javascript:", "vbscript:", "data:", "//", "file:")), (tag, value)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the story whose towns have names of every kind."""
    folder = tmp_path_factory.mktemp("names")
    lay_over(CASES / "entity-names-of-every-kind", folder / "story")
    build(folder / "story", folder / "site")
    return folder / "site"


def rows(site: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((site / name).read_text(encoding="utf-8"))))


def test_names_are_text_on_every_page(names: Path) -> None:
    for path in sorted(names.rglob("*.html")):
        safe(Page(path.read_text(encoding="utf-8")))


def test_names_stand_as_they_are_in_heading_title_and_ranking(names: Path) -> None:
    towns = [row["name"] for row in rows(names, "data/towns.csv")]
    ranking = Page((names / "rankings/loans/index.html").read_text(encoding="utf-8")).text
    pages = {path.parent.name: Page(path.read_text(encoding="utf-8")) for path in names.glob("towns/*/index.html")}
    assert len(pages) == len(towns) == 6
    for town in towns:
        assert town in ranking
        own = [page for page in pages.values() if f"{town} · Borrowed" in page.texts]
        assert len(own) == 1, town
        assert town in [text.strip() for text in own[0].texts]


def test_addresses_of_names_lead_to_their_pages(names: Path) -> None:
    index = Page((names / "rankings/loans/index.html").read_text(encoding="utf-8"))
    linked = {value for tag, name, value in index.attributes if name == "href" and "towns/" in value}
    assert {unquote(link).rstrip("/").rpartition("/")[2] for link in linked} == {
        path.parent.name for path in names.glob("towns/*/index.html")
    }


@pytest.fixture(scope="module")
def tricked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with one page for each trick, which stands wherever data can reach on it."""
    story = tmp_path_factory.mktemp("tricks") / "story"
    lay_over(CASES / "bom-accepted", story)
    claims = io.StringIO()
    writer = csv.writer(claims, lineterminator="\n")
    writer.writerow(("id", "said", "who", "verdict"))
    writer.writerow(("c01", "Words", "x", "y"))
    writer.writerows((f"t{number}", trick, trick, trick) for number, trick in enumerate(TRICKS, start=1))
    (story / "data/claims.csv").write_text(claims.getvalue(), encoding="utf-8")
    (story / "content/claims.md").write_text(CLAIMS, encoding="utf-8")
    for number in range(1, len(TRICKS) + 1):
        text = DOCUMENT.replace("data.claims[0]", f"data.claims[{number}]")
        (story / f"content/trick-{number}.md").write_text(text, encoding="utf-8")
    build(story, story / "site")
    return story / "site"


CLAIMS = """---
title: Claims
toc: false
---

{% for row in data.claims %}
## {{ row.said }} {#{{ row.id }}}

{{ row.who }}
{% endfor %}
"""

DOCUMENT = """---
title: "Said: {{ data.claims[0].said }}"
heading: "Said {{ data.claims[0].said }}"
kicker: "{{ data.claims[0].said }}"
lead: "It is said: {{ data.claims[0].said }}."
description: "{{ data.claims[0].said }}"
numbers:
  - {label: "{{ data.claims[0].said }}", value: "data.claims[0].said", note: "{{ data.claims[0].said }}"}
---

Somebody said {{ data.claims[0].said }}, and *{{ data.claims[0].said }}* again, **{{ data.claims[0].said }}**.

## A heading {{ data.claims[0].said }}

> {{ data.claims[0].said }}

- {{ data.claims[0].said }}

| Said | Who |
|------|-----|
| {{ data.claims[0].said }} | x |

[{{ data.claims[0].said }}](/method/ "{{ data.claims[0].said }}") and [words]{claim=c01}

```table
id: said
title: "Table {{ data.claims[0].said }}"
note: "{{ data.claims[0].said }}"
of: data.claims
columns:
  - {value: row.said, label: Said}
  - {value: row.id, label: Id}
```

```figure bars
id: drawn
title: "Drawn {{ data.claims[0].said }}"
subtitle: "{{ data.claims[0].said }}"
description: "Bars: {{ data.claims[0].said }}"
note: "{{ data.claims[0].said }}"
of: towns
label: data.claims[0].said
value: row.loans
```
"""


@pytest.mark.parametrize("number", range(1, len(TRICKS) + 1), ids=TRICKS)
def test_data_is_text_wherever_it_lands(tricked: Path, number: int) -> None:
    page = Page((tricked / f"trick-{number}/index.html").read_text(encoding="utf-8"))
    safe(page)
    wanted = " ".join(TRICKS[number - 1].split())
    assert " ".join(page.text.split()).count(wanted) >= 15
    attributes = {(tag, name): " ".join(value.split()) for tag, name, value in page.attributes}
    assert wanted in attributes["meta", "content"] or any(wanted in value for value in attributes.values())
    assert any(wanted in " ".join(text.split()) and "Said:" in text for text in page.texts), "the title"


@pytest.mark.parametrize("number", range(1, len(TRICKS) + 1), ids=TRICKS)
def test_a_spreadsheet_takes_no_cell_for_a_formula(tricked: Path, number: int) -> None:
    cell = rows(tricked, f"trick-{number}/said.csv")[number]["Said"]
    assert cell.removeprefix("'") == TRICKS[number - 1].removeprefix("'")
    assert cell[0] not in "=+-@"


HTML = """---
title: Extra
lead: "<script>alert(1)</script> and <b>bold</b>"
---

<script>alert(1)</script>

<div onclick="alert(1)" style="color: red">Words <b>bold</b></div>

Inline <img src=x onerror=alert(1)> and <a href="javascript:alert(1)">link</a>.

## <script>alert(1)</script>

[<script>alert(1)</script>](/method/) and *<i>words</i>*

Words *here*{: class="quiet" }.

[^1]: <script>alert(1)</script>

A note[^1].
"""


def test_html_in_markdown_is_text(tmp_path: Path) -> None:
    lay_over(CASES / "bom-accepted", tmp_path / "story")
    (tmp_path / "story/content/extra.md").write_text(HTML, encoding="utf-8")
    build(tmp_path / "story", tmp_path / "site")
    page = Page((tmp_path / "site/extra/index.html").read_text(encoding="utf-8"))
    safe(page)
    assert page.text.count(SCRIPT) >= 5
    assert "<b>bold</b>" in page.text
