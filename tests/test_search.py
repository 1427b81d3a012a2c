"""The page that searches the text of all others: its index, what switches it on, and how it is used."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator import searching
from generator.build import build, check
from generator.memory import Memory
from generator.problems import SourceError
from generator.store import Store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STORY = Path(__file__).parent / "story"
PAGE = '---\ntitle: Search\nnoindex: "true"\n---\nAll pages but the drafts.\n'


def story(folder: Path, *, on: bool = True) -> Path:
    made = Path(shutil.copytree(STORY, folder / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))
    (made / "content/search.md").write_text(PAGE)
    settings = made / "content/site.yml"
    if on:
        settings.write_text(
            settings.read_text().replace(
                "claims_page:", "search_page: search/\nplaces_page: method/\n\nclaims_page:"
            )
        )
    return made


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def digests(site: Path) -> dict[str, str]:
    return {
        path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(site.rglob("*"))
        if path.is_file() and ".broadsheet" not in path.parts
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    made = story(folder)
    method = made / "content/method.md"
    method.write_text(method.read_text().replace("---\n", "---\nsearch: false\n", 1) + "\nA wombat is not found.\n")
    add(made / "content/index.md", "\n## All {{ towns.count }} of them\n\nEach has a page.\n")
    build(made, folder / "site", cache=False)
    return folder / "site"


# --- the index ------------------------------------------------------------------------------------------


def test_the_index_is_part_of_the_site(site: Path) -> None:
    there = {path.name for path in (site / "pagefind").iterdir()}
    assert {"pagefind.js", "pagefind-entry.json", "index", "fragment", "LICENSE.txt"} <= there
    assert not [name for name in there if "-ui" in name or "highlight" in name]
    assert "Copyright" in (site / "pagefind/LICENSE.txt").read_text()


def test_headings_are_found_with_their_numbers(site: Path) -> None:
    """Which are links to their receipts; Pagefind leaves out the words of those."""
    packed = (gzip.decompress(path.read_bytes()) for path in (site / "pagefind/fragment").iterdir())
    fragments = [json.loads(data[data.index(b"{") :]) for data in packed]
    (home,) = (fragment for fragment in fragments if fragment["url"] == "/")
    assert "All six of them" in [anchor["text"] for anchor in home["anchors"]]


def test_only_the_page_that_searches_has_the_exception_to_the_policy(site: Path) -> None:
    loose = [path for path in site.rglob("*.html") if "wasm-unsafe-eval" in path.read_text()]
    assert loose == [site / "search/index.html"]


def test_the_same_pages_give_the_same_bytes_and_are_looked_into_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[object] = []
    whole = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **named: runs.append(given) or whole(*given, **named))
    made = story(tmp_path)
    build(made, tmp_path / "a")
    assert len(runs) == 1
    build(made, tmp_path / "b", cache=False)
    assert len(runs) == 2
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    build(made, tmp_path / "c")
    assert len(runs) == 2, "it was kept"
    (made / "content/search.md").write_text(PAGE + "\nMore.\n")
    build(made, tmp_path / "a")
    assert len(runs) == 2, "none of the pages it looks into has changed"
    add(made / "content/method.md", "\nIt was counted.\n")
    build(made, tmp_path / "a")
    assert len(runs) == 3


def test_pages_in_several_languages_give_the_same_bytes(tmp_path: Path) -> None:
    """Pagefind names the languages in an order of chance."""
    made = story(tmp_path)
    for language in ("es", "fr", "de", "it", "pt"):
        text = f'---\ntitle: "{language}"\ndescription: A page.\nlanguage: {language}\n---\nLibro, livre, Buch.\n'
        (made / f"content/{language}.md").write_text(text, encoding="utf-8")
    for name in ("a", "b", "c"):
        build(made, tmp_path / name, cache=False)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") == digests(tmp_path / "c")
    listed = list(json.loads((tmp_path / "a/pagefind/pagefind-entry.json").read_bytes())["languages"])
    assert listed == sorted(listed)
    assert len(listed) == 6


def test_nothing_runs_for_a_story_that_does_not_ask_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(searching, "search_files", never)
    monkeypatch.setattr("generator.build.search_files", never)
    made = story(tmp_path, on=False)
    build(made, tmp_path / "site", cache=False)
    assert not (tmp_path / "site/pagefind").exists()
    assert not list((tmp_path / "site/assets").glob("search-*"))
    assert "wasm" not in (tmp_path / "site/search/index.html").read_text()


def test_check_makes_no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("generator.build.search_files", never)
    assert check(story(tmp_path), rendered=True, cache=False).problems == ()


def test_switched_off_it_leaves_nothing_behind(tmp_path: Path) -> None:
    made = story(tmp_path)
    build(made, tmp_path / "site", cache=False)
    settings = made / "content/site.yml"
    settings.write_text(settings.read_text().replace("search_page: search/\n", ""))
    build(made, tmp_path / "site", cache=False)
    assert not (tmp_path / "site/pagefind").exists()


def test_without_the_extra_it_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching.importlib.util, "find_spec", lambda _: None)
    made = story(tmp_path)
    told = check(made, cache=False).problems
    assert [(problem.code, problem.location.path, problem.hint) for problem in told] == [
        ("search-not-installed", "content/site.yml", 'Run: pip install "broadsheet[search]"')
    ]
    with pytest.raises(SourceError, match="search-not-installed"):
        build(made, tmp_path / "site", cache=False)
    assert not (tmp_path / "site/index.html").exists()


def failing(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of Pagefind stands a program of a few lines."""
    program = folder / "pagefind"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("pagefind_bin.get_executable", lambda: program)


def answering(**payload: object) -> str:
    """The lines of a program that answers whatever it is asked with the same."""
    answer = base64.b64encode(json.dumps({"message_id": 1, "payload": payload}).encode()).decode()
    asked = "import sys\nfor line in iter(lambda: sys.stdin.read(1), ''):\n"
    return f"{sys.executable} -c \"{asked}    line == ',' and print('{answer}', end=',', flush=True)\""


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo Out of memory >&2; exit 1", "Out of memory"),
        ("printf 'only a beginning'; echo Out of ink >&2", "Out of ink"),
        ("printf 'no JSON,'; cat > /dev/null", "it did not say why"),
        ("exit 0", "it did not say why"),
        (answering(type="Error", message="No such index"), "No such index"),
        (answering(type="NewIndex"), "it answered with something else"),
        (answering(index_id=0, page_url="/", files=[{"path": 1}]), "it answered with something else"),
        ("printf 'MQ==,'; cat > /dev/null", "it did not say why"),
    ],
)
def test_when_it_fails_the_last_good_site_stays(
    script: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = story(tmp_path)
    build(made, tmp_path / "site", cache=False)
    before = digests(tmp_path / "site")
    failing(tmp_path, script, monkeypatch)
    add(made / "content/method.md", "\nIt was counted.\n")
    with pytest.raises(SourceError, match=told):
        build(made, tmp_path / "site", cache=False)
    assert digests(tmp_path / "site") == before


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = story(tmp_path)
    failing(tmp_path, "", monkeypatch)
    (tmp_path / "pagefind").chmod(0o644)
    with pytest.raises(SourceError, match="Permission denied"):
        build(made, tmp_path / "site", cache=False)


def test_settings_that_happen_to_lie_around_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pagefind.yml").write_text("root_selector: [", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    build(story(tmp_path), tmp_path / "site", cache=False)
    assert (tmp_path / "site/pagefind/pagefind.js").exists()


def test_no_page_is_written_for_it_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.setattr("tempfile.TemporaryDirectory", None)
    build(story(tmp_path), tmp_path / "site", cache=False)
    assert not list(scratch.iterdir())


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    files = {"pagefind/a": b"one\ntwo", "pagefind/ü": b"", "pagefind/b": b"\0\1"}
    with Store(tmp_path) as store:
        assert Memory(store).files("search", ["x"], lambda: files) == files
        assert Memory(store).files("search", ["x"], lambda: pytest.fail("made again")) == files


# --- the page -------------------------------------------------------------------------------------------


@pytest.fixture
def searching_page(site: Path, serve: Callable[..., str], page: Page) -> Iterator[Page]:
    """The page below a prefix; what goes wrong in its scripts, the policy included, fails the test."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(serve(site, "/borrowed/") + "search/")
    yield page
    assert wrong == []


def found(page: Page, text: str) -> list[str]:
    page.get_by_role("searchbox", name="Search the text of all pages").fill(text)
    page.locator(".search [role=status]").filter(has_text=re.compile(r"found")).wait_for()
    return page.locator(".search li a").all_inner_texts()


def test_a_word_of_a_page_leads_there(searching_page: Page) -> None:
    page = searching_page
    assert "Aldford" in found(page, "aldford")
    assert page.locator(".search mark").first.inner_text().strip().lower().startswith("aldford")
    assert page.url.endswith("/borrowed/search/?q=aldford")
    page.get_by_role("link", name="Aldford", exact=True).first.click()
    page.wait_for_url("**/borrowed/**/aldford/")
    page.go_back()
    page.locator(".search li").first.wait_for()
    assert page.get_by_role("searchbox", name="Search the text of all pages").input_value() == "aldford", (
        "the address keeps it"
    )


def test_places_that_are_called_so_stand_first(searching_page: Page) -> None:
    page = searching_page
    assert found(page, "dunmo")[:2] == ["Dunmoor, Southfen", "Dunmoor"], "the place, then its page's text"
    pages = page.locator(".search ol li").count()
    assert page.locator(".search [role=status]").inner_text() == f"Places found: 1 · Pages found: {pages}"
    page.get_by_role("searchbox", name="Search the text of all pages").fill("dumnoor")
    page.locator(".search [role=status]").filter(has_text=re.compile("^Pages|Nothing")).wait_for()
    assert page.locator(".search ul li").count() == 0, "only what is typed right: it may be about anything"
    found(page, "dunmoor")
    page.locator(".search ul a").click()
    page.wait_for_url("**/borrowed/towns/dunmoor/")


def test_more_than_a_few_places_lead_to_the_list(tmp_path: Path, serve: Callable[..., str], page: Page) -> None:
    made = story(tmp_path)
    towns = made / "data/towns.csv"
    towns.write_text(
        re.sub("Birchmere|Corwen|Dunmoor|Eskdale|Fairhaven", lambda of: f"Ald {of[0]}", towns.read_text())
    )
    build(made, tmp_path / "site", cache=False)
    page.goto(serve(tmp_path / "site", "/borrowed/") + "search/")
    found(page, "ald")
    named = page.locator(".search ul a")
    assert named.all_inner_texts() == [
        "Aldford, Northmark", "Ald Corwen, Northmark", "Ald Dunmoor, Southfen", "Ald Eskdale, Southfen",
        "Ald Birchmere, Northmark", "All places",
    ]  # fmt: skip
    named.last.click()
    page.wait_for_url("**/borrowed/method/")


def test_without_a_list_of_places_the_text_alone_is_searched(
    tmp_path: Path, serve: Callable[..., str], page: Page
) -> None:
    made = story(tmp_path)
    settings = made / "content/site.yml"
    settings.write_text(settings.read_text().replace("places_page: method/\n", ""))
    build(made, tmp_path / "site", cache=False)
    page.goto(serve(tmp_path / "site", "/borrowed/") + "search/")
    assert found(page, "dunmo")[0] == "Dunmoor"
    assert (
        page.locator(".search [role=status]").inner_text()
        == f"Pages found: {page.locator('.search ol li').count()}"
    )


def test_pages_that_say_so_are_left_out(searching_page: Page) -> None:
    assert found(searching_page, "wombat") == []
    assert searching_page.locator(".search [role=status]").inner_text() == "Nothing was found."


def test_nothing_of_it_is_fetched_before_it_is_used(site: Path, serve: Callable[..., str], page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(serve(site, "/borrowed/") + "search/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/pagefind/" in url]


def test_where_the_index_is_missing_it_says_so(site: Path, serve: Callable[..., str], page: Page) -> None:
    page.route("**/pagefind/**", lambda route: route.fulfill(status=404))
    page.goto(serve(site, "/borrowed/") + "search/?q=towns")
    page.get_by_text("The search cannot be loaded.").wait_for()


def test_without_scripts_it_says_what_it_needs(site: Path, serve: Callable[..., str], browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serve(site, "/borrowed/") + "search/")
    assert page.get_by_text("The search needs JavaScript.").is_visible()
    assert page.locator("#search").is_disabled()
    context.close()
