"""HTML read by one expression says the same as HTML read by Python's parser, or is left to that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.checks import facts
from generator.checks.facts import PageFacts, _Scanner, scan
from generator.checks.tags import OddError


def parsed(html: str) -> PageFacts:
    scanner = _Scanner()
    scanner.parse(html)
    return scanner.facts()


def read(html: str) -> PageFacts | None:
    """None for what is odd."""
    scanner = _Scanner()
    try:
        scanner.read(html)
    except OddError:
        return None
    return scanner.facts()


PLAIN = [
    "<!doctype html>",
    '<html lang="en"><head><title>A &amp; B</title>\n<meta charset="utf-8"></head><body>',
    "<h1>Two\nlines <em>of</em> it</h1>",
    '<p class="a b">Text &lt; text <a href="../x/?a=1&amp;b=2#c">there</a></p>',
    '<A HREF="#Up">up</A>',
    '<img src="a.png" alt>',
    '<br/><hr /><input type="search" disabled>',
    '<svg viewBox="0 0 1 1"><title>Named</title><linearGradient id="g"/><path fill="url(#g)"/></svg>',
    '<span aria-hidden="true"><svg><path d="M0 0"/></svg></span>',
    '<div role="img"><img src="b.png"></div>',
    "<!-- said aside --><script src='s'></script>".replace("'", '"'),
    '<style></style><p style="color: red" onclick="no()">inline</p>',
    "<p>never closed<ul><li>one<li>two</ul></section>",
    '<label for="q">Find</label ><h2\n  id="q"\n>Below</h2>',
    '<link rel="stylesheet" href="style.css">',
    '<iframe src="elsewhere"></iframe>',
]
ODD = [
    "<p title='single'>",
    "<p title=bare>",
    '<p title="a"class="b">',
    '<p title="never closed>',
    '<a href="?a&b=1">half a reference</a>',
    "a < b",
    "<",
    "</",
    "<p",
    "<script>if (a < b) c</script>",
    "<script><!-- <p> --></script>",
    "<style>p > a {}</style>",
    "<title><b>bold</b></title>",
    "<textarea><p></textarea>",
    "<!-- a > b -->",
    "<!-->",
    "<!--->",
    "<!-- -- -->",
    "<!-- a --!> b -->",
    "<![CDATA[x]]>",
    "<?xml version='1.0'?>",
    "</ p>",
    "</p class='x'>",
    '<a/href="x">',
    "<p =x>",
    "<1>",
    "<p\u00a0id=x>",
    "<p\x0bid>",
    "&#0;",
]


@pytest.mark.parametrize("html", PLAIN)
def test_what_templates_write_is_read(html: str) -> None:
    assert read(html) == parsed(html)


@given(
    st.lists(st.sampled_from([*PLAIN, *ODD, "\n", " words ", "&eacute;", "é—\u2028", "<p>", "</p>"]), max_size=12)
)
def test_whatever_it_is_the_same_is_found(pieces: list[str]) -> None:
    html = "".join(pieces)
    found = read(html)
    assert found is None or found == parsed(html)


@given(st.text(alphabet="<>/!-=\"'& \nabp?[", max_size=40))
def test_whatever_is_typed_the_same_is_found(html: str) -> None:
    found = read(html)
    assert found is None or found == parsed(html)


def test_long_tags_that_never_end_take_no_time() -> None:
    assert read("<a" + " a=b" * 50_000) is None
    assert read('<a x="' * 50_000) is None
    assert read("<!--" * 50_000) is None


@pytest.mark.story
def test_nothing_on_the_story_s_pages_is_odd(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = sorted(site.rglob("*.html"))
    for page in [path for path in pages if path.stat().st_size > 100_000] + pages[::40]:
        html = page.read_text(encoding="utf-8")
        assert read(html) == parsed(html), page
    monkeypatch.setattr(facts._Scanner, "parse", None)
    assert scan(pages[0].read_text(encoding="utf-8")).title
