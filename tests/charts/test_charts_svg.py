"""What the engine wrote is trusted for nothing."""

from __future__ import annotations

import pytest

from generator.charts import ChartError
from generator.charts.style import sentinel
from generator.charts.svg import LINK_PREFIX, NO_LINK, clean

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10" height="10">'


def cleaned(inner: str, links: tuple[tuple[str, str], ...] = ()) -> str:
    return clean(f"{HEAD}{inner}</svg>", id="f", title="T", description="D", links=links)


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<foreignObject/>",
        '<image href="x.png"/>',
        "<style>a{}</style>",
        '<path d="M0,0" onclick="x()"/>',
        '<path d="M0,0L1,1" style="fill:red"/>',
        '<path d="M0,0L1,1" fill="red"/>',
        '<path d="M0,0L1,1" fill="url(https://example.org/#a)"/>',
        '<path d="M0,0L1,1" clip-path="url(x.svg#a)"/>',
        '<path d="M0,0L1,1 url(x)"/>',
        '<path d="M0,0" transform="matrix(1 0 0 1 0 0) javascript"/>',
        '<a xlink:href="https://example.org/"><path d="M0,0L1,1"/></a>',
        f'<a xlink:href="{LINK_PREFIX}7"><path d="M0,0L1,1"/></a>',
        '<animate attributeName="x"/>',
        '<use href="#a"/>',
        "<?xml-stylesheet href='x'?>",
        "<path",
    ],
)
def test_unknown_things_are_refused(inner: str) -> None:
    with pytest.raises(ChartError):
        cleaned(inner)


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(ChartError, match="document type"):
        clean(f"{bomb}{HEAD}<text>&b;</text></svg>", id="f", title="", description="")


def test_ids_and_references_are_rewritten() -> None:
    grey = sentinel("grey")
    svg = cleaned(
        f'<defs><clipPath id="clip17"><rect width="9" height="9"/></clipPath><linearGradient id="gradient_0">'
        f'<stop offset="0" stop-color="{grey}"/></linearGradient></defs>'
        '<g clip-path="url(#clip17)"><path d="M0,0L1,1" fill="url(#gradient_0)"/></g>'
    )
    assert 'clip-path="url(#f-1)"' in svg
    assert '<clipPath id="f-1">' in svg
    assert 'fill="url(#f-2)"' in svg
    assert 'stop-color="var(--chart-grey)"' in svg
    assert "clip17" not in svg


def test_noise_goes_and_shared_attributes_are_written_once() -> None:
    ink = sentinel("ink")
    text = '<text text-anchor="end" font-family="x" font-size="12px" fill="{0}" opacity="1" transform="translate(1.234,2)">{1}</text>'
    svg = cleaned(
        '<g class="mark-group role-frame" role="graphics-object" aria-roledescription="group"><g transform="translate(0,0)">'
        '<path class="background" aria-hidden="true" d="M0,0h10v10h-10Z"/><g></g>'
        f"<g>{text.format(ink, 'a')}{text.format(ink, 'b')}</g></g></g>"
    )
    body = svg.partition("</desc>")[2]
    assert (
        body
        == '<g fill="var(--chart-ink)" text-anchor="end"><text x="1.2" y="2">a</text><text x="1.2" y="2">b</text></g></svg>'
    )


def test_names_of_marks_become_titles() -> None:
    svg = cleaned('<path aria-label="Ambridge: 3 &lt; 4" d="M0,0L1,1"/>')
    assert "<title>Ambridge: 3 &lt; 4</title>" in svg


def test_links_are_restored_and_blank_ones_dropped() -> None:
    inner = f'<a xlink:href="{LINK_PREFIX}0"><rect width="1" height="1"/></a><a xlink:href="{NO_LINK}"><rect width="2" height="1"/></a>'
    svg = cleaned(inner, (("towns/a/", "A & B"),))
    assert '<a href="towns/a/"><title>A &amp; B</title><rect width="1" height="1"/></a>' in svg
    assert svg.count("<a ") == 1


def test_long_polygons_become_short_and_stay_in_place() -> None:
    points = [(i * 1.04, (i * 7) % 5 + 0.26) for i in range(12)]
    path = "M" + "L".join(f"{x},{y}" for x, y in points) + "Z"
    svg = cleaned(f'<path d="{path}" fill="{sentinel("s1")}"/>')
    assert "z" in svg
    assert "L" not in svg.partition("</desc>")[2]
