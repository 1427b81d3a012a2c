"""docs/reference.md and the pictures of the kinds of figure: complete, up to date, and their links lead somewhere."""

from __future__ import annotations

import re

import pytest
from kind_pictures import PICTURES, pictures
from name_index import REFERENCE, Group, groups, reference
from test_docs import DOCUMENTED, EDITORS, ROOT, _section, _tables

from generator.charts import KINDS

LARGEST = 30_000  # bytes of a picture


def test_the_index_is_up_to_date() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(), "docs/reference.md is out of date: run `make docs`"


@pytest.mark.parametrize("what", DOCUMENTED)
def test_every_name_that_is_documented_is_in_the_index(what: str) -> None:
    names = {name.removeprefix("broadsheet ") for group in groups() for name in group.names}
    assert set(map(str, DOCUMENTED[what][1]())) <= names


@pytest.mark.parametrize("group", groups(), ids=lambda group: group.title)
def test_a_name_is_described_where_the_index_says(group: Group) -> None:
    section = _section(group.path, group.heading).replace(r"\|", "|")
    words = [re.sub(r" \(.*\)$", "", name).removesuffix(" %}") for name in group.names]
    assert words
    assert [word for word in words if f"`{word}" not in section] == []


@pytest.mark.parametrize(
    "document", ["docs/reference.md", "docs/problems.md", EDITORS, "README.md", "data/README.md"]
)
def test_links_to_headings_lead_to_one(document: str) -> None:
    """Links with a fragment, to a heading of the same document or of another."""
    text = re.sub(
        r"^(`{3,}).*?^\1$", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    links = re.findall(r"\]\(([^)\s]*)#([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text))
    for path, fragment in links:
        if not path.startswith("http"):
            target = ((ROOT / document).parent / path).resolve() if path else ROOT / document
            assert fragment in _anchors(target.read_text(encoding="utf-8")), f"{document}: {path}#{fragment}"


def _anchors(text: str) -> set[str]:
    text = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- pictures -------------------------------------------------------------------------------------------------


def test_every_kind_has_a_picture_and_shows_it() -> None:
    assert sorted(path.stem for path in PICTURES.glob("*.svg")) == sorted(KINDS)
    for row in _tables(_section(EDITORS, "## Figures"))[0]:
        kind = row[0].strip("`")
        assert row[3] == f"![{kind}](../docs/pictures/kinds/{kind}.svg)"


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_needs_nothing_around_it(kind: str) -> None:
    svg = (PICTURES / f"{kind}.svg").read_text(encoding="utf-8")
    assert len(svg.encode()) < LARGEST
    assert "var(" not in svg
    assert "href" not in svg
    assert set(re.findall(r"url\((.)", svg)) <= {"#", "d"}, "parts of its own, and its type"
    assert svg.count("<svg") == svg.count("</svg>") == 1


def test_the_pictures_are_what_is_drawn() -> None:
    kept = {path.stem: path.read_text(encoding="utf-8") for path in PICTURES.glob("*.svg")}
    assert _drawn(kept) == _drawn(pictures()), "the pictures of the kinds are out of date: run `make docs`"


def _drawn(svgs: dict[str, str]) -> dict[str, str]:
    """Without the letters' outlines, whose compression may differ from machine to machine."""
    return {kind: re.sub(r"base64,[^)]*", "", svg) for kind, svg in svgs.items()}
