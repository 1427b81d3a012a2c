"""Figures that compare and figures that are explored: what a page offers, what is loaded when, and what a reader sees."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from small_stories import VISITS_BY_KIND, write_story
from test_accessibility import found

from generator.build import build
from generator.charts.vega import vega_module
from generator.problems import SourceError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Serve = Callable[..., str]

TOWNS = """\
    code,name,province
    ASH,Ashby,N
    BIR,Birch,N
    CED,Çedar <b>&</b> “Söns”,S
    DOV,Dover,S
    ELM,Elm,S
"""
VISITS = """\
    town,month:yearmonth,kind,visits:integer,partial:boolean
    ASH,2025-01,adult,1000,false
    ASH,2025-01,child,500,false
    ASH,2025-02,adult,1200,false
    ASH,2025-02,child,500,false
    ASH,2025-03,adult,300,true
    ASH,2025-03,child,100,true
    BIR,2025-01,adult,1000,false
    BIR,2025-01,child,500,false
    BIR,2025-02,adult,,false
    BIR,2025-02,child,200,false
    CED,2024-12,adult,700,false
    CED,2024-12,child,70,false
    CED,2025-01,adult,4000,false
    CED,2025-01,child,200,false
    CED,2025-02,adult,900,false
    CED,2025-02,child,0,false
    DOV,2025-01,adult,10,false
    DOV,2025-01,child,5,false
    DOV,2025-02,adult,20,false
    DOV,2025-02,child,5,false
"""
HEADS = "town,heads:integer,how\nASH,1000,exact\nBIR,300,at least\nCED,4000,exact\nDOV,50,exact\nELM,,suppressed\n"
MEANWHILE = "date:date,label\n2025-02-14,Opened\n"
KINDS = "kind,name\nadult,Adults\nchild,Children\n"
MEASURES = (
    VISITS_BY_KIND
    + """\
    heads: {label: residents, from: heads, value: heads, precision: how, entity: {town: town}, unit: residents, at: "2025-01-01"}
"""
)
TOWN = """\
---
title: "{{ town.name }}"
description: A town.
---
```figure line
id: visits
when: town.visits is known
measure: visits
title: Visits
description: A line.
events: data.meanwhile
```

```figure stacked
id: by-kind
when: town.key != "DOV" and town.visits is known
measure: visits
by: kind
title: Visits by kind
description: Areas.
```

```figure bars
id: kinds
when: town.visits is known
of: data.kinds
label: row.name
value: town.visits(kind=row.kind)
title: Visits of January
description: Bars.
```

```figure dots
id: heads
of: towns
value: row.heads
title: Residents
description: Dots.
```

```figure scatter
id: both
of: "[towns.ASH, towns.BIR, towns.CED, towns.DOV]"
x: row.heads
y: row.visits
title: Residents and visits
description: Points.
```

```figure bars
id: ranked
of: towns
value: row.heads
title: Residents in order
description: Bars.
```

```figure line
id: alone
when: town.visits is known
measure: visits
title: Not to be compared
description: A line.
compare: false
explore: false
```

```figure line
id: together
entities: "[towns.ASH, towns.BIR]"
measure: visits
title: Both towns
description: Lines.
```

```table
id: list
of: towns
title: Towns
columns: [row.name]
```
"""
OWN = """\
---
title: Ashby
body: after
---
```figure line
id: only-here
measure: visits
title: Here alone
description: A line.
```
"""
CHARTS = """\
import altair as alt


def steps(data, shape):
    return alt.Chart(data).mark_line(interpolate="step").encode(x="day:T", y="value:Q", tooltip="value:Q")
"""
INDEX = """\
---
title: Front
description: The front.
---
```figure steps
id: steps
of: data.visits.where(town="ASH", kind="adult")
columns: [{value: row.month, name: day, label: Month}, {value: row.visits, name: value, label: Visits}]
title: Own chart
description: Steps.
```

```figure tiles
id: nothing
of: towns
value: row.heads
title: Tiles
description: Tiles.
```
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    towns = TOWNS.replace("code,name,province", "code,name,province,tile_row:integer,tile_col:integer")
    lines = [f"{line},0,{at}" if at else line for at, line in enumerate(towns.splitlines())]
    tables = {"towns": "\n".join(lines), "visits": VISITS, "heads": HEADS, "kinds": KINDS, "meanwhile": MEANWHILE}
    write_story(folder, tables, MEASURES)
    pages = {
        "index.md": INDEX, "towns/[town].md": TOWN, "towns/ashby.md": OWN,
        "provinces/[province].md": '---\ntitle: "{{ province.name }}"\ndescription: A province.\n---\nText.\n',
    }  # fmt: skip
    for name, text in pages.items():
        (folder / "content" / name).parent.mkdir(exist_ok=True)
        (folder / "content" / name).write_text(text, encoding="utf-8")
    (folder / "content/charts.py").write_text(CHARTS, encoding="utf-8")
    build(folder, folder / "site", cache=False)
    return folder / "site"


def _ways(html: str) -> dict[str, str]:
    """A figure's id → the way in which it offers to compare."""
    figures = re.findall(r'<figure [^>]*id="([^"]+)"(.*?)</figure>', html, re.DOTALL)
    return {id: way[1] for id, inner in figures if (way := re.search(r'data-way="(\w+)"', inner))}


# --- what a build makes ------------------------------------------------------------------------------------


def test_a_figure_offers_to_compare_where_others_have_the_same(site: Path) -> None:
    html = (site / "north/ashby/index.html").read_text()
    assert _ways(html) == {
        "visits": "lines", "by-kind": "stack", "kinds": "bars", "heads": "marks", "both": "marks", "ranked": "rows",
    }  # fmt: skip
    explored = [(kind, address) for address, kind in re.findall(r'data-chart="([^"]+)" data-kind="(\w+)"', html)]
    assert [kind for kind, _ in explored] == ["line", "stacked", "scatter", "line", "line"]
    assert (
        len({address for kind, address in explored if kind == "line"}) == 1
    )  # one for all lines with these options
    assert all((site / "north/ashby" / address).resolve().is_file() for _, address in explored)


def test_a_page_that_cannot_be_made_is_told_and_is_nobody_to_compare_with(site: Path, tmp_path: Path) -> None:
    shutil.copytree(site.parent, tmp_path, ignore=shutil.ignore_patterns("site", ".broadsheet"), dirs_exist_ok=True)
    with (tmp_path / "content/towns/[town].md").open("a", encoding="utf-8") as document:
        document.write("\n{{ town.heads }} people.\n")
    with pytest.raises(SourceError) as caught:
        build(tmp_path, tmp_path / "site")
    assert [(problem.code, problem.entities) for problem in caught.value.problems] == [
        ("value-suppressed", ("Elm",))
    ]
    assert not (tmp_path / "site").exists()


def test_other_pages_offer_nothing_that_makes_no_sense(site: Path) -> None:
    front = (site / "index.html").read_text()
    assert _ways(front) == {}
    assert re.findall(r'data-chart="([^"]+)"', front) == ["steps.live.json"]  # a function of the story's own
    assert "data-later" not in (site / "north/index.html").read_text()


def test_the_names_to_compare_with_say_which_figures_a_place_has_not(site: Path) -> None:
    made = json.loads((site / "assets/compare/towns.json").read_text())
    assert made["base"] == ""
    assert made["places"][0] == ["Ashby", "north/ashby", "North"]
    assert [made["places"][n][0] for n in made["without"]["by-kind"]] == ["Dover", "Elm"]
    assert made["without"]["heads"] == []
    assert sorted(made["without"]) == ["both", "by-kind", "heads", "kinds", "ranked", "visits"]
    assert sorted(path.name for path in (site / "assets/compare").iterdir()) == ["towns.json"]


def test_an_own_chart_has_its_columns_and_no_rows(site: Path) -> None:
    made = json.loads((site / "steps.live.json").read_text())
    assert made["columns"] == [["day", "month"], ["value", "number"]]
    assert all("values" not in data and "url" not in data for data in made["spec"]["data"])
    assert "$schema" not in made["spec"]


def test_vega_is_there_once_with_its_licences(site: Path) -> None:
    names = sorted(path.name for path in (site / "assets/charts").iterdir())
    assert [name.partition("-")[0] for name in names] == ["line", "scatter", "stacked", "vega", "vega"]
    terms = (site / "assets/charts/vega-licences.txt").read_text()
    assert "Interactive Data Lab" in terms
    assert "Mike Bostock" in terms
    assert len(vega_module()) < 500_000


def test_rows_that_are_incomplete_say_so_in_the_table(site: Path) -> None:
    html = (site / "north/ashby/index.html").read_text()
    assert html.count('data-partial="incomplete"') >= 1
    assert re.search(r'data-partial="incomplete"><th scope="row"><time datetime="2025-03">', html)


def test_a_theme_whose_script_is_empty_offers_nothing(tmp_path: Path) -> None:
    write_story(tmp_path, {"visits": VISITS}, MEASURES.partition("    heads:")[0])
    for name, text in {
        "index.md": "---\ntitle: F\ndescription: F.\n---\nText.\n",
        "provinces/[province].md": '---\ntitle: "{{ province.name }}"\ndescription: A.\n---\nText.\n',
        "towns/[town].md": TOWN.partition("```figure stacked")[0].replace("events: data.meanwhile\n", ""),
    }.items():
        (tmp_path / "content" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "content" / name).write_text(text)
    (tmp_path / "templates/scripts/later/live").mkdir(parents=True)
    (tmp_path / "templates/scripts/later/live/ask.js").write_text("// none\n")
    build(tmp_path, tmp_path / "site", cache=False)
    assert "data-later" not in (tmp_path / "site/north/ashby/index.html").read_text()
    assert not list((tmp_path / "site/assets").glob("live-*"))
    assert not (tmp_path / "site/assets/charts").exists()


# --- what a reader sees ------------------------------------------------------------------------------------


class Visit:
    """A page in a browser, with all that it asked for and everything that went wrong."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.root = address
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
        self.tab: Page = self.context.new_page()
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.tab.on("request", lambda request: self.asked.append(request.url.removeprefix(address)))
        self.tab.on("console", lambda message: self.wrong.append(message.text))
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))

    def go(self, url: str) -> Visit:
        self.tab.goto(self.root + url)
        return self

    def button(self, figure: str, what: str = "compare") -> Locator:
        return self.tab.locator(
            f"#{figure} .figure-more button[{'data-way' if what == 'compare' else 'data-chart'}]"
        )

    def compared(self, figure: str, *names: str) -> None:
        """Waits until exactly these are compared, the page's own first."""
        script = "([id, names]) => [...document.querySelectorAll(`#${id} .compare-names li`)].map((li) => li.innerText.replace('×', '').trim()).join('|') === names"
        self.tab.wait_for_function(script, arg=[figure, "|".join(names)])

    def gone(self, what: str) -> None:
        """Waits until there is nothing of it on the page."""
        self.tab.wait_for_function("what => !document.querySelector(what)", arg=what, timeout=5_000)

    def rows(self, figure: str) -> list[list[str]]:
        script = "table => [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
        found: list[list[str]] = self.tab.locator(f"#{figure} .compare-table table").evaluate(script)
        return found

    def twin(self, figure: str) -> list[list[str]]:
        script = "table => [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
        found: list[list[str]] = self.tab.locator(f"#{figure}-table table").evaluate(script)
        return found


@pytest.fixture
def visit(browser: Browser, serve: Serve, site: Path) -> Iterator[Visit]:
    made = Visit(browser, serve(site, "/below/"))
    yield made
    made.context.close()
    assert made.wrong == []


def test_nothing_is_fetched_before_it_is_asked_for(visit: Visit) -> None:
    visit.go("north/ashby/")
    visit.tab.wait_for_load_state("networkidle")
    assert not [url for url in visit.asked if "live" in url or "charts/" in url or "compare/" in url]
    visit.button("visits").click()
    visit.compared("visits", "Ashby")
    assert [url for url in visit.asked if "compare/" in url] == ["assets/compare/towns.json"]
    assert not [url for url in visit.asked if "charts/" in url]


def test_without_scripts_there_is_nothing_of_it(browser: Browser, serve: Serve, site: Path) -> None:
    visit = Visit(browser, serve(site, "/below/"), java_script_enabled=False).go("north/ashby/")
    assert not visit.button("visits").is_visible()
    assert not visit.button("visits", "explore").is_visible()
    assert visit.tab.locator(".compare").count() == 0
    visit.context.close()


def test_others_are_added_by_name_and_their_numbers_are_those_of_their_pages(visit: Visit) -> None:
    visit.go("north/ashby/")
    visit.button("visits").click()
    field = visit.tab.locator("#visits .compare input")
    for typed in ("cedar", "bir", "dov"):  # letters without their marks will do
        field.fill(typed)
        visit.tab.locator("#visits [role=option]").first.click()
    visit.compared("visits", "Ashby", "Çedar <b>&</b> “Söns”", "Birch", "Dover")
    assert field.is_disabled()
    assert "Three at most" in visit.tab.locator("#visits .compare-status").inner_text()
    assert visit.tab.url.endswith("north/ashby/?with=south/cedar-b-b-sons,north/birch,south/dover#visits")
    rows = visit.rows("visits")
    assert rows[0] == [
        "Month",
        *(f"{name} Visits" for name in ("Ashby", "Çedar <b>&</b> “Söns”", "Birch", "Dover")),
    ]
    own = dict(visit.twin("visits")[1:])
    assert [row[1] for row in rows[1:] if row[1] != "no figure"] == list(own.values())
    others = {2: "south/cedar-b-b-sons/", 3: "north/birch/", 4: "south/dover/"}
    assert [row[0] for row in rows[1:]] == ["December 2024", "January 2025", "February 2025", "March 2025"]
    for column, url in others.items():
        visit.go(url)
        theirs = dict(visit.twin("visits")[1:])
        for row in rows[1:]:
            assert row[column] == theirs.get(row[0], "no figure")
    assert rows[3][3] == "not known"  # a part of Birch's February is missing, so its sum is not known


def test_the_choice_comes_back_from_the_address_and_goes_with_it(visit: Visit) -> None:
    visit.go("north/ashby/?page=2&with=north/birch,south/dover#by-kind")
    visit.compared("by-kind", "Ashby", "Birch", "Dover")
    assert visit.tab.locator("#visits .compare").count() == 0  # it is about the figure that the address leads to
    assert "Dover has no such figure." in visit.tab.locator("#by-kind .compare-status").inner_text()
    assert visit.tab.locator("#by-kind .compare-chart svg").is_visible()
    assert not visit.tab.locator("#by-kind .drawing-wide").is_visible()
    visit.tab.get_by_role("button", name="Remove Dover").click()
    visit.compared("by-kind", "Ashby", "Birch")
    assert visit.tab.url.endswith("?page=2&with=north/birch#by-kind")
    visit.tab.reload()
    visit.compared("by-kind", "Ashby", "Birch")
    visit.tab.get_by_role("button", name="Remove Birch").click()
    visit.compared("by-kind", "Ashby")
    assert visit.tab.url.endswith("north/ashby/?page=2#by-kind")
    assert visit.tab.locator("#by-kind .drawing-wide").is_visible()
    visit.button("by-kind").click()
    visit.gone(".compare")


def test_an_address_with_names_that_nobody_has_is_told_and_does_no_harm(visit: Visit) -> None:
    visit.go("north/ashby/?with=atlantis,north/ashby,%3Cimg%20src=x%3E,,north/birch")
    visit.compared("visits", "Ashby", "Birch")  # no figure is named: all of them compare
    visit.compared("kinds", "Ashby", "Birch")
    said = visit.tab.locator("#visits .compare-status").inner_text()
    assert "There is no page “atlantis” to compare with." in said
    assert "<img src=x>" in said
    visit.go("north/birch/?with=")
    visit.tab.wait_for_load_state("networkidle")
    assert visit.tab.locator(".compare").count() == 0


def test_parts_stand_side_by_side_and_together(visit: Visit) -> None:
    visit.go("north/ashby/?with=south/cedar-b-b-sons#by-kind")
    visit.compared("by-kind", "Ashby", "Çedar <b>&</b> “Söns”")
    rows = visit.rows("by-kind")
    assert [row[1] for row in rows[1:]] == ["Together"] * 4 + ["Adults"] * 4 + ["Children"] * 4
    assert rows[2][2:] == ["1,500", "4,200"]
    titles = visit.tab.locator("#by-kind .compare-chart text[font-weight='600']").all_text_contents()
    assert {"Together", "Adults", "Children"} <= set(titles)


def test_bars_and_marks_and_rows_compare_each_in_its_way(visit: Visit) -> None:
    visit.go("north/ashby/?with=north/birch,south/elm#kinds")
    visit.compared("kinds", "Ashby", "Birch", "Elm")
    assert visit.rows("kinds")[1:] == [["Adults", "1,000", "1,000"], ["Children", "500", "500"]]
    assert visit.tab.locator("#kinds .compare-chart rect").count() == 4
    visit.button("heads").click()
    visit.compared("heads", "Ashby", "Birch", "Elm")
    assert visit.rows("heads")[1:] == [["Ashby", "1,000"], ["Birch", "at least 300"], ["Elm", "suppressed"]]
    picked = visit.tab.locator("#heads .drawing-wide .picked-mark")
    assert picked.count() == 1  # who is suppressed has no dot
    assert visit.tab.locator("#heads .drawing-wide .picked-name").text_content() == "Birch at least 300"
    visit.button("ranked").click()
    visit.compared("ranked", "Ashby", "Birch", "Elm")
    assert visit.tab.locator("#ranked .compare-chart rect").count() == 2
    visit.button("heads").click()
    visit.gone(".picked-mark, .picked-name")


def test_a_place_is_picked_out_where_it_is_however_its_table_is_sorted(visit: Visit) -> None:
    visit.go("north/ashby/")
    drawing = visit.tab.locator("#heads .drawing-wide svg")
    left, top = ((drawing.get_attribute("data-at") or "").split(";")[axis].split(" ")[3] for axis in (0, 1))
    visit.tab.locator("#heads [data-view=table]").click()
    visit.tab.locator("#heads-table thead button").first.click()
    assert visit.twin("heads")[1][0] == "Elm"
    visit.button("heads").click()
    visit.compared("heads", "Ashby")
    visit.tab.locator("#heads .compare input").fill("dover")
    visit.tab.locator("#heads [role=option]").first.click()
    visit.compared("heads", "Ashby", "Dover")
    assert visit.tab.locator("#heads .picked-mark").count() == 0  # the drawing is not seen
    visit.tab.locator("#heads [data-view=chart]").click()
    visit.tab.wait_for_selector("#heads .drawing-wide .picked-mark")
    assert drawing.locator(".picked-mark").get_attribute("transform") == f"translate({float(left)} {float(top)})"


def test_what_happened_meanwhile_stands_in_a_comparison_and_in_a_live_chart(visit: Visit) -> None:
    visit.go("north/ashby/?with=north/birch#visits")
    visit.compared("visits", "Ashby", "Birch")
    assert visit.tab.locator("#visits .compare-chart text", has_text=re.compile("^1$")).count() == 1
    visit.button("visits", "explore").click()
    chart = visit.tab.locator("#visits .live-chart svg.marks")
    chart.wait_for()
    assert chart.locator("text", has_text=re.compile("^1$")).count() == 1
    assert chart.locator("text", has_text=re.compile("^2$")).count() == 0


def test_the_keyboard_does_all_of_it(visit: Visit) -> None:
    visit.go("north/ashby/")
    visit.button("visits").focus()
    visit.tab.keyboard.press("Enter")
    visit.compared("visits", "Ashby")
    field = visit.tab.locator("#visits .compare input")
    assert field.evaluate("field => field === document.activeElement")
    visit.tab.keyboard.press("ArrowDown")
    visit.tab.wait_for_selector("#visits [role=option][aria-selected=true]")
    visit.tab.keyboard.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    assert visit.tab.locator(f"[id='{active}']").inner_text().startswith("Çedar")
    visit.tab.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    visit.tab.keyboard.type("dov")
    visit.tab.wait_for_selector("#visits [role=option][aria-selected=true]")
    visit.tab.keyboard.press("Enter")
    visit.compared("visits", "Ashby", "Dover")
    visit.tab.wait_for_selector("#visits .compare-chart svg")
    visit.tab.keyboard.press("Tab")
    visit.tab.keyboard.press("Home")
    visit.tab.keyboard.press("ArrowRight")
    reader = visit.tab.locator("#visits .compare-chart .reader")
    assert reader.get_attribute("aria-valuetext") == "January 2025. Ashby: 1,500; Dover: 15"
    visit.tab.keyboard.press("End")
    assert reader.get_attribute("aria-valuetext") == "March 2025. Ashby: 400, incomplete; Dover: not known"
    visit.tab.get_by_role("button", name="Remove Dover").focus()
    visit.tab.keyboard.press("Enter")
    visit.compared("visits", "Ashby")
    visit.tab.wait_for_function("document.activeElement.matches('#visits .compare input')")


def test_what_is_not_there_any_more_is_told(visit: Visit) -> None:
    visit.tab.route("**/north/birch/", lambda route: route.abort())
    visit.go("north/ashby/?with=north/birch#visits")
    visit.compared("visits", "Ashby", "Birch")
    assert "Birch could not be loaded." in visit.tab.locator("#visits .compare-status").inner_text()
    assert visit.tab.locator("#visits .drawing-wide").is_visible()
    visit.wrong.clear()


@pytest.mark.parametrize("figure", ["visits", "by-kind", "both"])
def test_a_live_chart_opens_under_the_policy(visit: Visit, figure: str) -> None:
    visit.go("north/ashby/")
    visit.button(figure, "explore").click()
    chart = visit.tab.locator(f"#{figure} .live-chart svg.marks")
    chart.wait_for()
    assert not visit.tab.locator(f"#{figure} .drawing-wide").is_visible()
    assert sum("vega-" in url for url in visit.asked) == 1
    words = chart.locator("text").all_text_contents()
    visit.tab.locator(f"#{figure} [data-do=in]").click()
    visit.tab.wait_for_function(
        "([id, before]) => [...document.querySelectorAll(`#${id} svg.marks text`)].map((each) => each.textContent).join() !== before",
        arg=[figure, ",".join(words)],
    )
    if figure == "by-kind":  # names of lines stay in sight
        visit.tab.wait_for_function(
            "() => ['Adults', 'Children'].every((name) => [...document.querySelectorAll('#by-kind svg.marks text')].some("
            "(text) => text.textContent === name && text.getBoundingClientRect().right <= text.closest('svg').getBoundingClientRect().right + 1))"
        )
    visit.button(figure, "explore").click()
    visit.gone(".live-chart")
    assert visit.tab.locator(f"#{figure} .drawing-wide").is_visible()


def test_a_live_chart_follows_the_comparison_and_reads_out_what_tables_print(visit: Visit) -> None:
    visit.go("north/ashby/?with=south/dover#visits")
    visit.compared("visits", "Ashby", "Dover")
    visit.button("visits", "explore").click()
    chart = visit.tab.locator("#visits .live-chart svg.marks")
    chart.wait_for()
    assert {"Ashby", "Dover"} <= set(chart.locator("text").all_text_contents())
    chart.hover(position={"x": 60, "y": 100})
    readout = visit.tab.locator("#visits .live-chart .readout")
    readout.wait_for()
    assert readout.inner_text().split("\n") == ["January 2025", "Ashby: 1,500", "Dover: 15"]


def test_an_own_chart_is_live_with_the_tooltips_of_its_author(visit: Visit) -> None:
    visit.go("")
    visit.button("steps", "explore").click()
    visit.tab.locator("#steps .live-chart svg.marks path[stroke]").first.wait_for()
    assert not visit.tab.locator("#steps .live-tools").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_an_open_comparison(
    visit: Visit, scheme: Literal["light", "dark"], width: int
) -> None:
    visit.tab.emulate_media(color_scheme=scheme)
    visit.tab.set_viewport_size({"width": width, "height": 800})
    visit.go("north/ashby/?with=north/birch,south/elm,south/dover")
    for figure in ("visits", "by-kind", "kinds", "heads", "ranked"):
        visit.compared(figure, "Ashby", "Birch", "Elm", "Dover")
        visit.tab.locator(f"#{figure} [data-view=table]").click()
    assert not found(visit.tab)
    visit.button("by-kind", "explore").click()
    visit.tab.locator("#by-kind .live-chart svg.marks").wait_for()
    visit.tab.get_by_role("button", name="Remove Dover").first.click()
    visit.tab.locator("#visits .compare input").press("ArrowDown")
    visit.tab.wait_for_selector("#visits [role=option]")
    assert not found(visit.tab)
    assert visit.tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_colours_follow_the_dark_page_without_drawing_again(visit: Visit) -> None:
    visit.go("north/ashby/?with=north/birch#visits")
    visit.compared("visits", "Ashby", "Birch")
    line = visit.tab.locator("#visits .compare-chart path[stroke-linejoin]").last
    light = line.evaluate("line => getComputedStyle(line).stroke")
    visit.tab.emulate_media(color_scheme="dark")
    assert line.evaluate("line => getComputedStyle(line).stroke") != light


def test_the_script_that_every_page_loads_stays_small(site: Path) -> None:
    import gzip

    page = (site / "north/ashby/index.html").read_text()
    assert len(page.encode()) < 60_000
    loaded = [*site.glob("assets/script-*.js"), *site.glob("assets/early-*.js")]
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in loaded) < 6_000
    (asked,) = site.glob("assets/live-*.js")
    assert len(gzip.compress(asked.read_bytes(), 9)) < 16_000
