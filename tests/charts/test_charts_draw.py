"""What every kind promises: safe, small, deterministic, themable, linked, labelled."""

from __future__ import annotations

import gzip
import pickle
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from chart_samples import KEY, LABEL, LOANS, MONTH, SERIES, STYLE, VALUE, drawn, frame, month, over_time, sample

from generator.charts import KINDS, ChartError, Shape, compile_shape, draw
from generator.charts.style import ROLES
from generator.frames import Column, Frame

SVG = "{http://www.w3.org/2000/svg}"
ALL = sorted(KINDS)


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_the_ten_kinds_of_the_design_are_there() -> None:
    names = {"line", "area", "bars", "stacked", "dots", "scatter", "slope", "tiles", "map", "multiples"}
    assert names <= set(ALL)


def test_a_kind_says_what_it_is() -> None:
    for name, kind in KINDS.items():
        assert kind.name == name
        assert kind.doc.endswith(".")
        assert set(kind.widths) <= {340, 680}


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("width", [340, 680])
def test_the_drawing_is_clean(kind: str, width: int) -> None:
    data, options = sample(kind)
    svg = drawn(kind, data, options, width=width)
    root = ET.fromstring(svg)
    assert root.get("width") == str(width)
    assert root.get("viewBox") == f"0 0 {width} {root.get('height')}"
    assert root.get("class") == "chart"
    assert root.get("role") == "img"
    labelled = (root.get("aria-labelledby") or "").split()
    assert [node.text for node in root if node.get("id") in labelled] == ["Loans a month", "A chart."]
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("fig") for name in ids)
    for node in root.iter():
        assert not {"style", "onclick", "onload"} & set(node.attrib)
        assert node.tag.removeprefix(SVG) not in {"style", "script", "image", "foreignObject", "use"}
        for paint in ("fill", "stroke"):
            value = node.get(paint, "none")
            assert re.fullmatch(r"none|var\(--chart-[a-z0-9-]+\)|url\(#fig-[a-z0-9-]+\)", value), value
    roles = set(re.findall(r"var\(--chart-([a-z0-9-]+)\)", svg)) - {"font"}
    assert roles <= set(ROLES)
    assert "#fe" not in svg
    assert "aria-roledescription" not in svg
    assert "http" not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "")


@pytest.mark.parametrize("kind", ALL)
def test_numbers_have_one_decimal(kind: str) -> None:
    data, options = sample(kind)
    svg = drawn(kind, data, options)
    for path in re.findall(r' (?:d|x|y|transform|width|height)="([^"]*)"', svg):
        assert not re.search(r"\.\d\d", path), path


@pytest.mark.parametrize("kind", ALL)
def test_drawing_twice_gives_the_same_bytes(kind: str) -> None:
    data, options = sample(kind)
    compiled = compile_shape(KINDS[kind], Shape(data.columns, options, 340, STYLE), name=kind)
    first = draw(compiled, data, id="fig", title="T", description="D")
    draw(compiled, data, id="other", title="T", description="D")
    assert draw(pickle.loads(pickle.dumps(compiled)), data, id="fig", title="T", description="D") == first


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "from chart_samples import drawn, sample\n"
        "for kind in ('line', 'tiles', 'map'):\n"
        "    print(drawn(kind, *sample(kind)))\n"
    )
    here = str(Path(__file__).parent)
    root = str(Path(__file__).parents[2])
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": f"{here}:{root}", "TZ": zone, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout.decode()
        for zone, seed in (("UTC", "1"), ("Pacific/Auckland", "2"))
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].splitlines()[0] == drawn("line", *sample("line"))


def test_compile_keys_differ_by_shape_only() -> None:
    data, _ = sample("line")
    one = compile_shape(KINDS["line"], Shape(data.columns), name="line")
    assert one.key() == compile_shape(KINDS["line"].function, Shape(data.columns), name="line").key()
    assert one.key() != compile_shape(KINDS["line"], Shape(data.columns, {"step": True}), name="line").key()
    assert one.key() != compile_shape(KINDS["line"], Shape(data.columns, width=340), name="line").key()


HOSTILE = "</svg><script>alert(\"1\")</script> & 'x' ]]> \x07"


@pytest.mark.parametrize(
    "kind", ["line", "bars", "dots", "scatter", "slope", "tiles", "map", "multiples", "stacked"]
)
def test_hostile_words_stay_words(kind: str) -> None:
    data, options = sample(kind)
    index = data.names.index("label" if "label" in data.names else "series")
    rows = tuple((*row[:index], HOSTILE, *row[index + 1 :]) if i == 2 or kind in ("line", "map") else row
                 for i, row in enumerate(data.rows))  # fmt: skip
    if kind in ("multiples", "stacked"):
        rows = tuple((*row[:index], HOSTILE, *row[index + 1 :]) for row in data.rows if row[2] == "Travel")
    links = {str(row[data.names.index("key")]): "towns/x/" for row in rows} if "key" in data.names else {}
    svg = drawn(kind, Frame(data.columns, rows), options, title=HOSTILE, links=links)
    root = ET.fromstring(svg)
    assert svg.count("<svg") == 1
    assert svg.count("</svg>") == 1
    assert "<script" not in svg
    assert not [node for node in root.iter() if node.tag.endswith("script")]
    assert (root[0].text or "").startswith("</svg><script>")


@pytest.mark.parametrize("kind", ALL)
def test_an_empty_frame_is_refused(kind: str) -> None:
    data, options = sample(kind)
    with pytest.raises(ValueError, match="there are no rows to draw"):
        drawn(kind, Frame(data.columns, ()), options)


@pytest.mark.parametrize("kind", ALL)
def test_one_row_is_drawn(kind: str) -> None:
    data, options = sample(kind)
    assert drawn(kind, Frame(data.columns, data.rows[:1]), options, width=340).startswith("<svg")


@pytest.mark.parametrize("kind", ["tiles", "map", "bars", "dots", "scatter", "slope"])
def test_links_stay_as_given_and_have_names(kind: str) -> None:
    data, options = sample(kind)
    key = str(data.rows[0][data.names.index("key")])
    svg = drawn(kind, data, options, links={key: "../towns/ambridge/?a=1&b=2#loans", "elsewhere": "x/"})
    root = ET.fromstring(svg)
    links = list(root.iter(f"{SVG}a"))
    assert {link.get("href") for link in links} == {"../towns/ambridge/?a=1&b=2#loans"}
    assert all((link.find(f"{SVG}title").text or "").startswith("Ambridge: ") for link in links)  # type: ignore[union-attr]
    assert root.get("role") == "group"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://example.org/", "//example.org", "a b", 'x"y', ""]
)
def test_addresses_of_other_sites_are_refused(address: str) -> None:
    data, options = sample("tiles")
    with pytest.raises(ChartError, match="relative address"):
        drawn("tiles", data, options, links={"am": address})


def test_other_columns_are_refused() -> None:
    data, _ = sample("bars")
    compiled = compile_shape(KINDS["bars"], Shape(data.columns), name="loans")
    with pytest.raises(ChartError, match="was made for the columns"):
        draw(compiled, frame((LABEL, VALUE), ("a", 1)), id="f", title="", description="")


@pytest.mark.parametrize("id", ["", "1a", 'a"b', "a b"])
def test_ids_are_checked(id: str) -> None:
    with pytest.raises(ChartError, match="is no id"):
        drawn("bars", sample("bars")[0], id=id)


def test_missing_values_are_gaps_not_zero() -> None:
    rows = [(month(i), None if i in (4, 5) else 100 + i) for i in range(12)]
    svg = drawn("line", Frame((MONTH, LOANS), tuple(rows)), width=340)
    assert len(re.findall(r'<path d="M[^"]*"', svg)) == 2
    without_rows = Frame((MONTH, LOANS), tuple(row for row in rows if row[1] is not None))
    assert len(re.findall(r'<path d="M[^"]*"', drawn("line", without_rows, width=340))) == 2


def test_a_missing_tile_is_hatched_and_named() -> None:
    data, _ = sample("tiles")
    rows = (("zz", "Nowhere", None, 5, 1, False), *data.rows)
    svg = drawn("tiles", Frame(data.columns, rows))
    assert 'fill="url(#fig-hatch)"' in svg
    assert "no data" in texts(svg)
    assert "Nowhere: no data" in svg


def test_a_missing_bar_is_said_in_words() -> None:
    svg = drawn("bars", frame((LABEL, VALUE), ("Ambridge", 3), ("Borchester", None)))
    assert "no data" in texts(svg)


def test_a_place_of_the_geometry_without_a_row_is_hatched() -> None:
    svg = drawn("map", *sample("map"))
    assert "c: no data" in svg
    assert "url(#fig-hatch)" in svg


def test_incomplete_months_are_dashed() -> None:
    columns = (MONTH, LOANS, type(MONTH)("partial", "Partial"))
    rows = tuple((month(i), 10 + i, i == 9) for i in range(10))
    assert 'stroke-dasharray="3,3"' in drawn("line", Frame(columns, rows))
    assert "stroke-dasharray" not in drawn("line", Frame(columns, rows), {"incomplete": False})


@pytest.mark.parametrize("width", [340, 680])
def test_labels_of_many_series_do_not_overlap(width: int) -> None:
    names = [f"Library number {i}" for i in range(40)]
    rows = [(month(i), 100.0 + n % 3, name) for n, name in enumerate(names) for i in range(3)]
    svg = drawn("line", Frame((MONTH, LOANS, SERIES), tuple(rows)), width=width)
    root = ET.fromstring(svg)
    labels = [node for node in root.iter(f"{SVG}text") if "".join(node.itertext()).startswith("Library")]
    heights = sorted(float(node.get("y", "0")) for node in labels)
    assert len(heights) >= 3
    assert all(b - a >= 13.5 for a, b in pairwise(heights))
    assert "var(--chart-c1)" not in svg


def test_the_own_series_is_the_accent_and_the_rest_grey() -> None:
    svg = drawn("line", over_time("Ambridge", "Borchester", "Felpersham", own="Felpersham"))
    assert 'stroke="var(--chart-accent)"' in svg
    assert 'stroke="var(--chart-grey)"' in svg
    assert "var(--chart-c1)" not in svg


def test_numbers_follow_the_site() -> None:
    from generator.charts import Separators

    data = frame((LABEL, VALUE), ("Ambridge", 1234567), ("Borchester", -12))
    shape = Shape(data.columns, separators=Separators("\u202f", ","))
    svg = draw(compile_shape(KINDS["bars"], shape, name="b"), data, id="f", title="", description="")
    assert "1\u202f234\u202f567" in texts(svg)
    assert "−12" in texts(svg)


@pytest.mark.parametrize("kind", ALL)
def test_drawings_are_small(kind: str) -> None:
    data, options = sample(kind)
    assert len(gzip.compress(drawn(kind, data, options).encode())) < 3_000


def test_text_is_never_small() -> None:
    for kind in ALL:
        data, options = sample(kind)
        sizes = re.findall(r'font-size="([\d.]+)"', drawn(kind, data, options, width=340))
        assert all(float(size) >= 11 for size in sizes)


def test_importing_the_package_is_cheap() -> None:
    program = (
        "import sys, generator.charts; print([m for m in ('altair', 'vl_convert', 'pandas') if m in sys.modules])"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": root}, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == "[]"


def test_keys_are_the_links_not_labels() -> None:
    data = frame((LABEL, VALUE, KEY), ("Ambridge", 3, "am"))
    assert 'href="towns/am/"' in drawn("bars", data, links={"am": "towns/am/"})


# --- never colour alone ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [340, 680])
def test_every_line_that_has_a_colour_of_its_own_has_a_name(width: int) -> None:
    names = [f"The municipal library of {town}" for town in ("Ambridge", "Borchester", "Darrington", "Edgeley")]
    names += ["The library of the harbour master and of his family", "The library of the hill"]
    svg = drawn("line", over_time(*names), width=width)
    labelled = {
        node.get("fill") or parent.get("fill")
        for parent in ET.fromstring(svg).iter()
        for node in parent
        if node.tag == f"{SVG}text" and "600" in (node.get("font-weight"), parent.get("font-weight"))
    }
    assert labelled == {f"var(--chart-c{index})" for index in range(1, 7)}


def test_the_own_panel_is_told_by_weight_too() -> None:
    svg = drawn("multiples", over_time("Fiction", "Travel", "Children", own="Travel"))
    bold = {
        "".join(node.itertext())
        for parent in ET.fromstring(svg).iter()
        for node in parent
        if node.tag == f"{SVG}text" and "600" in (node.get("font-weight"), parent.get("font-weight"))
    }
    assert {text for text in bold if not text.isdigit()} == {"Travel"}
    widths = {float(width) for width in re.findall(r'<path [^>]*stroke-width="([\d.]+)"', svg)}
    assert widths == {1.6, 2.6}


RULE = Column("value", "Rule", "category")


def categorised(kind: str) -> tuple[Frame, dict[str, object]]:
    data, options = sample(kind)
    words = ("open", "closed", None, "by day", "open", "open", "closed")
    index = data.names.index("value")
    rows = tuple((*row[:index], word, *row[index + 1 :]) for row, word in zip(data.rows, words, strict=False))
    return Frame(tuple(RULE if c.name == "value" else c for c in data.columns), rows), options


@pytest.mark.parametrize("kind", ["tiles", "map"])
def test_categories_are_told_by_a_sign_too_the_same_in_the_legend(kind: str) -> None:
    data, options = categorised(kind)
    svg = drawn(kind, data, options)
    signs = next(
        node
        for node in ET.fromstring(svg).iter()
        if node.get("fill") == "var(--chart-paper)" and node.get("stroke-width") == "0"
    )
    shown = [value for row in data.rows if (value := row[data.names.index("value")])]
    looks = Counter((node.tag, node.get("d") or "") for node in signs)
    assert sorted(looks.values()) == sorted(count + 1 for count in Counter(shown).values())  # one in the legend


def test_steps_have_no_signs() -> None:
    assert "<circle" not in drawn("tiles", *sample("tiles"))


def test_what_lies_upon_a_linked_tile_lets_clicks_through() -> None:
    data, options = categorised("tiles")
    svg = drawn("tiles", data, options, links={str(row[0]): f"towns/{row[0]}/" for row in data.rows})
    names = {node for node in ET.fromstring(svg).iter() if node.get("pointer-events") == "none"}
    let_through = {part for node in names for part in node.iter()}
    links = list(ET.fromstring(svg).iter(f"{SVG}a"))
    assert len(links) == len(data.rows)
    assert not any(part.get("pointer-events") for link in links for part in link.iter())
    assert {part.tag.removeprefix(SVG) for part in let_through} >= {"text", "circle", "path"}
    assert not {part.tag.removeprefix(SVG) for part in let_through} & {"a", "title"}
