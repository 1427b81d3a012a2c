"""Links over a whole site, and what pages fetch."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.checks.facts import PageFacts, scan
from generator.checks.links import all_lead, brief, check_links, leads_of
from generator.problems import Problem

SITE = Path(__file__).with_name("site")
FILES = ("style.css", "sort.js", "map.png", "map@2x.png", "café.csv", "towns/aldford/libraries.csv", "icon.svg")


def site(base: str = "/story/", **changed: str) -> list[Problem]:
    """The problems of the small site with one page's main part changed: index, aldford, dane or missing."""
    paths = {
        "index": "index.html", "aldford": "towns/aldford/index.html", "dane": "rivers/dane.html", "missing": "404.html"
    }  # fmt: skip
    pages: dict[str, PageFacts] = {}
    for name, path in paths.items():
        html = (SITE / path).read_text(encoding="utf-8")
        pages[path] = scan(html.replace("</main>", changed.get(name, "") + "</main>"))
    return list(check_links(pages, FILES, base_path=base))


def one(**changed: str) -> Problem:
    [problem] = site(**changed)
    return problem


@pytest.mark.parametrize("base", ["/story/", "/story", "story/"])
def test_a_good_site(base: str) -> None:
    assert site(base) == []


@pytest.mark.parametrize(
    ("href", "code"),
    [
        ("towns/aldfrod/", "link-dead"),
        ("towns/Aldford/", "link-dead"),
        ("towns/aldford", "link-dead"),
        ("towns/", "link-dead"),
        ("style.css/", "link-dead"),
        ("index", "link-dead"),
        ("#gone", "link-fragment"),
        ("?a=b#gone", "link-fragment"),
        ("rivers/dane.html#Length", "link-fragment"),
        ("/story/towns/aldford/", "link-absolute"),
        ("/", "link-absolute"),
        ("../", "link-outside"),
        ("../story/", "link-outside"),
        ("towns/../../x", "link-outside"),
        ("javascript:alert(1)", "link-scheme"),
        ("JavaScript:alert(1)", "link-scheme"),
        ("data:text/html,x", "link-scheme"),
        ("file:///x", "link-scheme"),
        ("ftp://example.org/", "link-scheme"),
        ("//example.org/", "link-scheme"),
        ("https://", "link-address"),
        ("https:///x", "link-address"),
        ("http:example.org", "link-address"),
        ("mailto:", "link-address"),
        ("https://user:secret@example.org/", "link-address"),
        ("https://example.org/a b", "link-address"),
        ("java\tscript:alert(1)", "link-address"),
        ("towns\\aldford", "link-address"),
    ],
)
def test_links_that_lead_nowhere(href: str, code: str) -> None:
    problem = one(index=f'\n<p><a href="{href}">x</a>')
    assert problem.code == code
    assert problem.severity == "error"
    assert (problem.location.path, problem.location.line, problem.location.column) == ("index.html", 20, 4)


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org", "http://example.org:8000?x#y", "HTTPS://example.org/", "mailto:a@example.org", "#main", "#top", "#",
        "towns/aldford/#map:~:text=Where", "towns/./aldford/", "towns/aldford/../aldford/", "icon.svg#part", "?", "caf%C3%A9.csv",
        "  towns/aldford/  ",
    ],
)  # fmt: skip
def test_links_that_lead_somewhere(href: str) -> None:
    assert site(index=f'<p><a href="{href}">x</a>') == []


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ('<img src="https://example.com/a.png" alt="">', "load-foreign"),
        ('<img src="//example.com/a.png" alt="">', "load-foreign"),
        ('<script src="https://example.com/a.js"></script>', "load-foreign"),
        ('<script src="data:text/javascript,x"></script>', "load-foreign"),
        ('<link rel="stylesheet" href="https://example.com/a.css">', "load-foreign"),
        ('<link rel="preload" as="font" href="https://example.com/a.woff2">', "load-foreign"),
        ('<link rel="preconnect" href="https://example.com">', "load-foreign"),
        ('<svg><image href="https://example.com/a.png"/></svg>', "load-foreign"),
        ('<svg><rect fill="url(https://example.com/a.svg#x)"/></svg>', "load-foreign"),
        ('<img src="a.png" srcset="https://example.com/a.png 2x" alt="">', "load-foreign"),
        ('<img src="map.jpg" alt="">', "load-dead"),
        ('<img src="/story/map.png" alt="">', "link-absolute"),
        ('<svg><rect fill="url(#gone)"/></svg>', "link-fragment"),
        ('<svg><use href="#gone"/></svg>', "link-fragment"),
    ],
)
def test_what_pages_may_not_fetch(tag: str, code: str) -> None:
    assert code in [problem.code for problem in site(index=tag)]


def test_the_closest_target_is_suggested() -> None:
    assert "'towns/aldford/'" in one(index='<a href="towns/aldfrod/">').message.rpartition("did you mean")[2]
    assert "'towns/aldford/'" in one(index='<a href="towns/aldford">').message.rpartition("did you mean")[2]
    assert "'towns/aldford/'" in one(dane='<a href="aldford/">').message.rpartition("did you mean")[2]
    assert "'rivers/dane.html'" in one(dane='<a href="Dane.html">').message.rpartition("did you mean")[2]
    assert "'length'" in one(index='<a href="rivers/dane.html#lenght">').message.rpartition("did you mean")[2]
    assert "did you mean" not in one(index='<a href="xyzzy/">').message


def test_a_dead_target_says_how_it_was_written() -> None:
    problem = one(aldford='<a href="../brent/">')
    assert problem.message.startswith("'towns/brent/' is linked to (as '../brent/'), but the site has no such")
    assert problem.entities == ()


def test_one_dead_target_on_many_pages_is_one_problem() -> None:
    problem = one(
        index='<a href="lakes/"><a href="lakes/#a">', aldford='<a href="../../lakes/">', dane='<a href="../lakes/">'
    )
    assert (problem.code, problem.location.path) == ("link-dead", "index.html")
    assert problem.entities == ("index.html", "rivers/dane.html", "towns/aldford/index.html")


def test_an_absolute_link_is_answered_with_the_relative_one() -> None:
    assert "'../'" in one(dane='<a href="/story/">').hint
    assert "'../towns/aldford/'" in one(dane='<a href="/story/towns/aldford/">').hint
    assert "'../caf%C3%A9.csv'" in one(dane='<a href="/story/caf%C3%A9.csv">').hint


@pytest.mark.parametrize(
    ("href", "code"),
    [
        ("towns/aldford/", "link-relative"),
        ("/elsewhere/", "link-outside"),
        ("/story/towns/", "link-dead"),
        ("/story", "link-outside"),
    ],
)
def test_the_page_for_unknown_addresses(href: str, code: str) -> None:
    assert one(missing=f'<a href="{href}">').code == code


def test_a_site_at_the_top_of_its_host() -> None:
    html = '<title>x</title><a href="/">home</a><a href="/towns/">towns</a><a href="/story/">gone</a>'
    pages = {"404.html": scan(html), "index.html": scan(""), "towns/index.html": scan("")}
    for base in ("/", ""):
        [problem] = check_links(pages, (), base_path=base)
        assert problem.message.startswith("'story/' is linked to")


def test_thousands_of_dead_links_do_not_take_long() -> None:
    links = "".join(f'<a href="towns/gone-{n}/">' for n in range(2000))
    pages = {"index.html": scan(links)} | {f"towns/town-{n}/index.html": scan("") for n in range(2000)}
    assert len(list(check_links(pages, (), base_path="/"))) == 2000


@pytest.mark.parametrize("together", [1, 2, 4], ids=["each by itself", "two at once", "all at once"])
@pytest.mark.parametrize(
    "href",
    [
        "", "#top", "#gone", "towns/aldford/", "towns/aldfrod/", "rivers/dane.html#gone", "style.css#gone", "?a=b#gone",
        "../", "https://example.org/", "https://", "towns/aldford/#:~:text=x",
    ],
)  # fmt: skip
def test_pages_are_looked_through_together_as_each_by_itself(href: str, together: int) -> None:
    paths = ["index.html", "towns/aldford/index.html", "rivers/dane.html", "404.html"]
    pages = {path: scan((SITE / path).read_text(encoding="utf-8")) for path in paths}
    html = (SITE / "index.html").read_text(encoding="utf-8")
    pages["index.html"] = scan(html.replace("</main>", f'<a href="{href}">There</a></main>'))
    wrong = list(check_links(pages, FILES, base_path="/story/"))
    briefs = [brief(facts, path, base_path="/story/") for path, facts in pages.items()]
    groups = [leads_of(briefs[start : start + together]) for start in range(0, len(briefs), together)]
    ids = {path: facts.ids for path, facts in pages.items()}
    assert all_lead(groups, {*FILES, *pages}, ids.get) is not bool(wrong)


def test_what_is_wrong_with_a_page_by_itself_is_seen_together() -> None:
    facts = scan((SITE / "index.html").read_text(encoding="utf-8").replace("</h1>", "</h1><h4>Too deep</h4>"))
    known = brief(facts, "index.html", base_path="/")
    assert known.problems
    assert not leads_of([known]).fine
