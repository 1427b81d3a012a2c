"""What the text search looks into of a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from generator.checks.tags import OddError
from generator.searched import searched


def _odd(html: str) -> Iterator[str]:
    raise OddError
    yield html


@pytest.mark.parametrize("odd", [False, True], ids=["as templates write", "as anybody writes"])
@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<html lang="es"><title>A &amp; B</title>', '<html lang="es"><title>A &amp; B</title>'),
        ('<p class="lead" data-x="1">One<br>two<img src="a.png"></p>', "<p>One<br>two<img></p>"),
        ('<h2 id="a&quot;b">Held</h2><p id="x">On</p>', '<h2 id="a&quot;b">Held</h2><p>On</p>'),
        ("<p>a<svg><title>A map</title><g><text>9</text></g></svg>b</p>", "<p>ab</p>"),
        ("<script>if (a < b) {}</script><style>p {}</style><p>on</p>", "<p>on</p>"),
        ("<table><thead><tr><th>State</th></tr></thead><tbody><tr><td>Ohio</td></tr></tbody></table>",
         "<table><tbody><tr><td>Ohio</td></tr></tbody></table>"),
        ('<figure><div class="wide figure-table"><p>9</p><hr></div><p>Note</p></figure>', "<figure><p>Note</p></figure>"),
        ('<ol class="receipts"><li><p>row 5</p></ol><p>on</p>', "<p>on</p>"),
        ('<h3 id="a">From <a href="#r"><data value="4">four</data></a> to <b>12</b></h3>', '<h3 id="a">From four to 12</h3>'),
        ('<p>3<sup>rd</sup>, <span class="receipts">row</span><em>much</em></p>', "<p>3rd, much</p>"),
        ("<dl><dt>Held</dt><dd>586</dd><dd>20th of 50</dd></dl>", "<dl><p>Held</p><p>586</p><p>20th of 50</p></dl>"),
        ("<p>on</p><nav><ul><li><a>Smith County</a><span>6</span></li></ul></nav><footer>By us</footer>", "<p>on</p>"),
        ('<head><meta charset="utf-8"><link rel="icon"><title>A</title></head>', "<head><title>A</title></head>"),
        ("<table><tr><th>A</th><td>town</td><td></td></tr><tr><th>A</th><td>city</td><td>town</td><td></td></tr></table>"
         "<table><tr><td>town</td></tr></table>",
         "<table><tr><th>A</th><td>town</td><td></td></tr><tr><td>city</td></tr></table>"
         "<table><tr><td>town</td></tr></table>"),
        ('<table><tr><td class="number"><data value="4">4</data></td><td><time datetime="2026-05">May 2026</time></td>'
         '<td>since <time datetime="2025">2025</time></td></tr></table>',
         "<table><tr><td>since 2025</td></tr></table>"),
        ('<figure><p class="source-line">Source: a census</p></figure><p>on</p>', "<figure></figure><p>on</p>"),
        ('<ul><li><a href="../towns/a/">A</a></li><li>\n<p><a href="b/" lang="es">B</a></p>\n</li><li><a href="a.csv">C</a></li>'
         '<li><a href="#d/">D</a></li><li><a href="https://e.example/">E</a></li><li><a href="f/">F</a>, once G</li></ul>',
         "<ul><li>C</li><li>D</li><li>E</li><li>F, once G</li></ul>"),
        ("<p>one<p>two", "<p>one<p>two"),
        ("</div><p>on</p></section>", "<p>on</p>"),
        ("<p>&lt;b&gt; &#8211;<!-- not this --></p>", "<p>&lt;b&gt; &#8211;</p>"),
    ],
)  # fmt: skip
def test_its_words_and_where_they_stand(html: str, found: str, odd: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if odd:
        monkeypatch.setattr("generator.searched._read", _odd)
    assert searched(html) == found


@pytest.mark.parametrize(
    "html",
    ["<p>a <b>b</p></b>", "<p class='x'>a</p>", "<p>a < b</p>", "<title>a<b></title><p>c</p>", "a<p>b</p", "<TD>a</td>", "", "a"],
)  # fmt: skip
def test_html_that_no_template_writes(html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = searched(html)
    monkeypatch.setattr("generator.searched._read", _odd)
    assert searched(html) == found
