"""What a page says about itself, and what is wrong with it."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.checks.facts import Found, PageFacts, Reference, scan
from generator.checks.html import check_page, joined
from generator.problems import Problem

SITE = Path(__file__).with_name("site")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)


def page(body: str = "<h1>Aldford</h1>", *, head: str = "", policy: str = POLICY, lang: str = "en") -> str:
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    return f'<!doctype html><html lang="{lang}"><head>{meta}<title>Aldford</title>{head}</head>\n<body>{body}</body></html>'


def problems(html: str) -> list[Problem]:
    return list(check_page(scan(html), "towns/aldford/index.html"))


def codes(html: str) -> list[str]:
    return [problem.code for problem in problems(html)]


@pytest.mark.parametrize("path", sorted(SITE.rglob("*.html")), ids=lambda path: path.relative_to(SITE).as_posix())
def test_good_pages_have_no_problems(path: Path) -> None:
    assert list(check_page(scan(path.read_text(encoding="utf-8")), path.name)) == []


def test_facts_of_a_page() -> None:
    facts = scan((SITE / "towns/aldford/index.html").read_text(encoding="utf-8"))
    assert (facts.lang, facts.title, facts.policy, facts.policy_first) == ("en", "Aldford", POLICY, True)
    assert facts.h1_count == 1
    assert [(level, heading.text) for level, heading in facts.headings] == [
        (1, "Aldford"), (2, "Map"), (3, "Streets"), (2, "Sources")
    ]  # fmt: skip
    assert facts.ids == {"main", "rows", "map", "map-name", "map-clip", "find"}
    assert [each.text for each in facts.named_ids] == ["map-name", "find"]
    assert {reference.url for reference in facts.loads} == {
        "../../style.css", "../../sort.js", "#map-clip", "../../map.png", "../../map@2x.png",
        "data:image/gif;base64,R0lGOD lhAQ",
    }  # fmt: skip
    assert facts.links[0] == Reference("https://example.org/story/towns/aldford/index.html", "link", 7, 1)
    assert facts.links[2] == Reference("../../", "a", 16, 4)


def test_a_page_may_say_where_its_links_open() -> None:
    assert codes(page(head="<base target=_blank>")) == []


def test_facts_travel_between_processes() -> None:
    facts = scan(page("<h1>A</h1><img src=a.png>"))
    assert pickle.loads(pickle.dumps(facts)) == facts


def test_title_and_headings_are_plain_text() -> None:
    facts = scan(
        "<title>Towns &amp;\n rivers</title><h1>The <em>Dane</em>\n river</h1><svg><title>Map</title></svg>"
    )
    assert facts.title == "Towns & rivers"
    assert facts.headings == ((1, Found("The Dane river", 2, 16)),)


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<meta charset=utf-8>" + page(lang=""), "html-lang"),
        (page(lang="not a language"), "html-lang"),
        (page().replace("<title>Aldford</title>", ""), "html-title"),
        (page().replace("<title>Aldford</title>", "<title> </title>"), "html-title"),
        (page(policy=""), "html-policy"),
        (page(policy="").replace("<title>", "<script src=a.js></script><title>") , "html-policy"),
        (page("no heading"), "html-h1"),
        (page("<h1>One</h1><h1>Two</h1>"), "html-h1"),
        (page("<h1>One</h1><h2>Two</h2><h4>Four</h4>"), "html-heading"),
        (page("<h1>A</h1><img src=map.png>"), "html-alt"),
        (page("<h1>A</h1><svg><path/></svg>"), "html-svg"),
        (page("<h1>A</h1><svg role=img><g><title>A part</title></g></svg>"), "html-svg"),
        (page("<h1>A</h1><svg><title> </title></svg>"), "html-svg"),
        (page("<h1>A</h1><svg aria-label=' '/>"), "html-svg"),
        (page("<h1>A</h1><svg><title>never closed"), "html-svg"),
        (page("<h1 id=a>A</h1><p id=a>"), "html-id"),
        (page("<h1>A</h1><svg aria-labelledby=gone></svg>"), "html-idref"),
        (page("<h1>A</h1><p style='color: red'>"), "html-inline"),
        (page("<h1>A</h1><style>p {}</style>"), "html-inline"),
        (page("<h1>A</h1><script>run()</script>"), "html-inline"),
        (page("<h1>A</h1><script type=module>run()</script>"), "html-inline"),
        (page("<h1>A</h1><p onclick='run()'>"), "html-inline"),
        (page("<h1>A</h1><svg aria-hidden=true><path style='x'/></svg>"), "html-inline"),
        (page("<h1>A</h1><iframe src=a.html></iframe>"), "html-inline"),
        (page("<h1>A</h1><base href=/>"), "html-inline"),
        (page("<h1>A</h1><base href=/ target=_blank>"), "html-inline"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_page(html: str, code: str) -> None:
    assert codes(html) == [code]


@pytest.mark.parametrize(
    "body",
    [
        "<h1>A</h1><img src=a.png alt=''>",
        "<h1>A</h1><img src=a.png alt>",
        "<h1>A</h1><span aria-hidden=true><img src=a.png><svg></svg></span>",
        "<h1>A</h1><svg role=presentation></svg>",
        "<h1>A</h1><svg aria-label='A map'><svg></svg></svg>",
        "<h1>A</h1><svg><title>A map</title></svg>",
        "<h1>A</h1><script type=application/ld+json>{}</script>",
        "<h2>Before</h2><h1>A</h1><h2>B</h2><h3>C</h3><h2>D</h2>",
    ],
)
def test_what_is_right(body: str) -> None:
    assert codes(page(body)) == []


def test_hiding_ends_with_its_element() -> None:
    assert codes(page("<h1>A</h1><p><b aria-hidden=true>x</b><i>never closed</p><svg></svg>")) == ["html-svg"]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"), "script-src 'unsafe-inline'"),
        (POLICY.replace("img-src 'self' data:", "img-src *"), "img-src *"),
        (POLICY.replace("default-src 'none'", "default-src 'self'"), "default-src 'self'"),
        (POLICY + "; frame-src https://example.com", "frame-src https://example.com"),
        (POLICY.replace("base-uri 'none'; ", ""), "no rule base-uri"),
    ],
)
def test_policies_that_allow_too_much(policy: str, words: str) -> None:
    [problem] = problems(page(policy=policy))
    assert problem.code == "html-policy"
    assert words in problem.message


def test_a_policy_may_allow_webassembly_and_less() -> None:
    assert codes(page(policy=POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"))) == []
    assert codes(page(policy=POLICY.replace("img-src 'self' data:", "img-src 'none'"))) == []


def test_a_policy_that_comes_too_late() -> None:
    html = page(
        policy="",
        head=f'<link rel=stylesheet href=a.css><meta http-equiv="Content-Security-Policy" content="{POLICY}">',
    )
    [problem] = problems(html)
    assert (problem.code, "comes after" in problem.message) == ("html-policy", True)


@pytest.mark.parametrize(
    ("body", "shown", "column"),
    [
        ("{{ town.name }}", "{{ town.name }}", 4),
        ("{% if x %}", "{% if x %}", 4),
        ("[more]{= towns.share }", "]{= towns.share }", 9),
        ("[5]{claim=c01}", "{claim=c01}", 7),
        ("a\ue000b", "U+E000b", 5),
        ("&#123;&#123; x", "{{ x", 4),
        ("&lcub;&lcub; x", "{{ x", 4),
        ("a &#xE123;", "U+E123", 6),
    ],
)
def test_syntax_that_is_left_over(body: str, shown: str, column: int) -> None:
    [problem] = problems(page(f"<h1>A</h1>\n<p>{body}</p>"))
    assert problem.code == "html-leftover"
    assert shown in problem.message
    assert (problem.location.line, problem.location.column) == (3, column)


def test_left_over_syntax_several_lines_into_a_text() -> None:
    [problem] = problems(page("<h1>A</h1><p>one\ntwo\n  {{ x"))
    assert (problem.location.line, problem.location.column) == (4, 3)


@pytest.mark.parametrize("attribute", ['title="{{ x }}"', 'href="a/%7B%7B%20x"', 'data-n="\ue001"', 'alt="{%"'])
def test_left_over_syntax_in_attributes(attribute: str) -> None:
    assert codes(page(f"<h1>A</h1><p><a {attribute}>x</a>")) == ["html-leftover"]


@pytest.mark.parametrize(
    "body",
    [
        "<code>{{ x }}</code>",
        "<pre><span title='{{ x }}'>{% x</span></pre>",
        "<script type=application/json>{{</script>",
        "a {b} {c}} [d] = {e=f}",
        "&#34;&#39;",
    ],
)
def test_what_is_not_left_over(body: str) -> None:
    assert codes(page(f"<h1>A</h1>{body}")) == []
    assert codes(page(f"<h1>A</h1>{body}<p>{{{{ x")) == ["html-leftover"]


def test_things_of_one_kind_are_one_problem() -> None:
    [problem] = problems(page("<h1>A</h1><img src=a><img src=b>"))
    assert "2 pictures" in problem.message
    found = problems(page("<h1>A</h1><p style=a><p style=b><p onclick=c>"))
    assert [problem.message.split(",")[0] for problem in found] == [
        "the page has 2 style attributes", "the page has an event handler"
    ]  # fmt: skip


def test_what_pages_have_in_common_is_one_problem() -> None:
    facts = scan(page(policy=""))
    [problem] = joined(
        problem
        for path, each in {"a.html": facts, "b.html": facts, "c.html": scan(page())}.items()
        for problem in check_page(each, path)
    )
    assert problem.location.path == "a.html"
    assert problem.entities == ("a.html", "b.html")


def test_what_browsers_fetch_and_what_readers_follow() -> None:
    facts = scan(
        "<link rel='alternate stylesheet' href=1><link rel=alternate href=2><link href=3><link rel=icon href=4>"
        "<meta http-equiv=refresh content='0; url=5'><form action=6><area href=7>"
        "<svg><a xlink:href=8></a><image href=9 /><rect fill='url(#10)'/></svg><video poster=11>"
    )
    assert [reference.url for reference in facts.links] == ["2", "5", "6", "7", "8"]
    assert [reference.url for reference in facts.loads] == ["1", "3", "4", "9", "#10", "11"]


@example("<![1")
@given(st.text("<>/=\"' &;!-[]{}#aphscriptvg1\n\ue000", max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_scanned(html: str) -> None:
    facts = scan(html)
    assert isinstance(facts, PageFacts)
    list(check_page(facts, "a.html"))


def test_hundred_pages_take_less_than_a_second() -> None:
    row = '<tr><th scope="row"><a href="../dane/">Dane</a></th><td>2,850</td><td>km</td></tr>\n'
    shape = '<path class="mark" d="M10.5,20.25L30,40L50,60" fill="none" stroke="var(--ink)"/>\n'
    html = page(f"<h1>Rivers</h1><table>{row * 90}</table><svg aria-label='Chart'>{shape * 85}</svg>")
    assert 14_000 < len(html) < 16_000
    begun = time.process_time()
    for _ in range(100):
        scan(html)
    assert time.process_time() - begun < 1
