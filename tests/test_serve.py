"""The preview: what it answers and to whom, what it does when files change, and what a browser shows of it."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.build import build
from generator.serve import Preview, Server, serve
from generator.serve.annotate import Mark, Typed, annotate
from generator.serve.watch import Watcher, concerns

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
INDEX, TOWN, STYLE = "content/index.md", "content/towns/[town].md", "templates/assets/style.css"


@pytest.fixture
def story(tmp_path: Path) -> Path:
    folder = tmp_path / "story"
    shutil.copytree(ROOT / "tests/story", folder, ignore=shutil.ignore_patterns("site", ".broadsheet"))
    return folder


def _edit(story: Path, path: str, old: str, new: str) -> None:
    file = story / path
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8")


class Edited:
    """A story with its preview, and no server: files are changed, and taken up at once."""

    def __init__(self, story: Path) -> None:
        self.story = story
        self.preview = Preview(story)

    def edit(self, path: str, old: str, new: str) -> Any:
        _edit(self.story, path, old, new)
        return self.preview.refresh([path])

    def html(self, url: str = "") -> str:
        return self.preview.page(url).body.decode()

    def panel(self, url: str = "") -> str:
        """The words of what is told beside the page."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.html(url).partition("<aside id=")[2]).split())


@pytest.fixture
def edited(story: Path) -> Edited:
    return Edited(story)


# --- what a site would answer -------------------------------------------------------------------------------


def test_answers_every_file_of_the_built_site(story: Path, tmp_path: Path) -> None:
    """Pages as they are built but for the preview's marks and files; all else byte for byte."""
    address = "http://127.0.0.1:8000/"
    out = tmp_path / "site"
    build(story, out, base_url=address)
    preview = Preview(story, base_url=address)
    files = [path for path in sorted(out.rglob("*")) if path.is_file() and ".broadsheet" not in path.parts]
    assert len(files) > 30
    for path in files:
        name = path.relative_to(out).as_posix()
        shown = preview.page(name)
        assert shown.status == 200, name
        if path.suffix == ".html":
            assert _unmarked(shown.body.decode()) == path.read_text(encoding="utf-8"), name
        else:
            assert shown.body == path.read_bytes(), name


def _unmarked(html: str) -> str:
    html = re.sub(r'<aside id="broadsheet-preview".*?</aside>(?=</body>)', "", html, flags=re.DOTALL)
    html = re.sub(r'<link rel="stylesheet" href="/_broadsheet/.*?</script>', "", html)
    return re.sub(r' data-preview="\w+" data-preview-why="[^"]*"( tabindex="0")?', "", html)


@pytest.mark.parametrize(
    "url", ["nowhere/", "towns/nowhere/", "../data/loans.csv", "..", "/etc/hostname", "content/index.md"]
)
def test_answers_nothing_else(edited: Edited, url: str) -> None:
    assert edited.preview.page(url).status == 404


def test_what_is_not_there_is_the_page_of_the_story(edited: Edited) -> None:
    assert "<h1" in edited.html("nowhere/")
    assert "/_broadsheet/preview.js" in edited.html("nowhere/")
    assert edited.preview.page("nowhere.css").type.startswith("text/plain")


def test_leads_to_the_address_with_its_slash(edited: Edited) -> None:
    shown = edited.preview.page("towns/aldford")
    assert (shown.status, shown.address) == (301, "/towns/aldford/")


def test_makes_only_the_page_that_is_asked_for(edited: Edited, monkeypatch: pytest.MonkeyPatch) -> None:
    from generator.pages import PageMaker

    made: list[str] = []
    attempt = PageMaker.attempt
    monkeypatch.setattr(PageMaker, "attempt", lambda self, route: made.append(route.url) or attempt(self, route))
    edited.html("towns/aldford/")
    edited.html("towns/aldford/")
    edited.edit(TOWN, "A renewal is not a loan.", "A renewal is no loan.")
    edited.html("towns/aldford/")
    assert made == ["towns/aldford/", "towns/aldford/"]


# --- changes ------------------------------------------------------------------------------------------------


def test_a_sentence_changes_its_page_and_nothing_is_read_again(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = edited.preview.page("").digest
    monkeypatch.setattr("generator.serve.preview.prepare", None)  # would fail
    change = edited.edit(INDEX, "alone accounts for", "alone makes up")
    assert (change.kind, change.whole) == ("pages", False)
    assert "alone makes up" in edited.html()
    assert edited.preview.page("").digest != before


def test_a_title_changes_on_the_pages_that_name_it(story: Path) -> None:
    front = "---\ntitle: All towns\ndescription: A list.\n---\nWords.\n"
    (story / "content/towns/index.md").write_text(front, encoding="utf-8")
    edited = Edited(story)
    assert "All towns" in edited.html("towns/aldford/")
    edited.edit("content/towns/index.md", "All towns", "Every town")
    assert "Every town" in edited.html("towns/aldford/")
    assert "All towns" not in edited.html("towns/aldford/")


def test_a_figure_changes_with_its_words_and_not_without(edited: Edited) -> None:
    figure = re.compile(r"<figure.*?</figure>", re.DOTALL)
    before = figure.findall(edited.html())
    edited.edit(INDEX, "A bus[^1]", "A van[^1]")
    assert figure.findall(edited.html()) == before
    edited.edit(
        INDEX,
        "title: \"{{ towns.top('loans', 1)[0].name }} lends more",
        "title: \"{{ towns.top('loans', 1)[0].name }} lends far more",
    )
    assert figure.findall(edited.html()) != before
    assert "lends far more" in edited.html()


def test_styles_change_without_the_page(edited: Edited) -> None:
    before, style = edited.preview.page("").digest, edited.preview.stylesheet
    (edited.story / "templates/assets").mkdir(parents=True)
    shutil.copy(ROOT / STYLE, edited.story / STYLE)
    (edited.story / STYLE).write_text("body { color: red }\n", encoding="utf-8")
    assert edited.preview.refresh([STYLE]).kind == "styles"
    assert edited.preview.stylesheet != style
    assert edited.preview.stylesheet in edited.html()
    assert edited.preview.page("").digest == before
    assert b"color:" in edited.preview.page(edited.preview.stylesheet).body


def test_a_template_changes_pages(edited: Edited) -> None:
    own = edited.story / "templates/partials/footer.html"
    own.parent.mkdir(parents=True)
    own.write_text("<footer>Ours</footer>\n", encoding="utf-8")
    assert edited.preview.refresh(["templates/partials/footer.html"]).kind == "pages"
    assert "<footer>Ours</footer>" in edited.html()


def test_data_changes_what_pages_say(edited: Edited) -> None:
    assert "408,654" in edited.html()
    edited.edit("data/loans.csv", "201877", "201878")
    assert "408,655" in edited.html()


def test_documents_come_and_go(edited: Edited) -> None:
    path = edited.story / "content/new.md"
    path.write_text("---\ntitle: New\ndescription: A page.\n---\nWords.\n", encoding="utf-8")
    edited.preview.refresh(["content/new.md"])
    assert edited.preview.page("new/").status == 200
    path.unlink()
    edited.preview.refresh(["content/new.md"])
    assert edited.preview.page("new/").status == 404


def test_what_is_no_part_of_the_story_changes_nothing(edited: Edited) -> None:
    paths = ["content/README.md", "content/.index.md.swp", "content/index.md~", "data/__pycache__/checks.pyc"]
    assert edited.preview.refresh(paths).kind == "nothing"
    assert not any(map(concerns, paths))


# --- problems -----------------------------------------------------------------------------------------------


def test_a_broken_expression_is_told_over_the_last_good_page(edited: Edited) -> None:
    good = edited.html()
    edited.edit(INDEX, "{{ towns | length }} towns", "{{ twons | length }} towns")
    assert "content/index.md:4:20 there is no 'twons' here; did you mean 'towns'?" in edited.panel().replace(
        "&#x27;", "'"
    )
    assert "Below is the page as it was before." in edited.panel()
    assert '<details class="bp-problems" open role="alert">' in edited.html()
    assert "408,654" in edited.html()
    edited.edit(INDEX, "twons", "towns")
    assert edited.html() == good


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (INDEX, "title:", "title: [", "content/index.md:2:8"),
        (INDEX, "```figure bars", "```figure bers", "content/index.md"),
        ("content/site.yml", "title: Borrowed", "titel: Borrowed", "content/site.yml:1:1"),
        ("data/loans.csv", "ALD,2025,201877", "ALD,2025,many", "data/loans.csv:4"),
        ("data/measures.yml", "loans:", "loans: [", "data/measures.yml"),
        ("content/claims.yml", "- id: c01", "- idd: c01", "content/claims.yml"),
    ],
)
def test_what_is_broken_is_told_and_mended(edited: Edited, path: str, old: str, new: str, told: str) -> None:
    good = edited.html()
    text = (edited.story / path).read_text(encoding="utf-8")
    (edited.story / path).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert edited.preview.refresh([path]).errors
    assert told in edited.panel()
    assert "408,654" in edited.html(), "the last good page is still there"
    (edited.story / path).write_text(text, encoding="utf-8")
    assert not edited.preview.refresh([path]).errors
    assert edited.html() == good


def test_pages_are_shown_before_the_data_is_looked_at(edited: Edited) -> None:
    """What takes long to find out holds nobody up; it is told in the next pause, and gone when it is mended."""
    checks = edited.story / "data/checks.py"
    checks.write_text('def check(tables):\n    yield "loans", 1, "that cannot be"\n', encoding="utf-8")
    assert edited.preview.refresh(["data/checks.py"]).kind == "pages"
    assert "that cannot be" not in edited.panel()
    found = edited.preview.settle()
    assert (found.kind, found.errors) == ("pages", 1)
    assert "that cannot be" in edited.panel()
    assert "408,654" in edited.html()
    assert edited.preview.settle().kind == "nothing"
    edited.edit(INDEX, "alone accounts for", "alone makes up")
    assert "that cannot be" in edited.panel(), "it is as wrong as before"
    checks.unlink()
    edited.preview.refresh(["data/checks.py"])
    assert edited.preview.settle().kind == "nothing"
    assert "that cannot be" not in edited.panel()


def test_texts_are_taken_up_while_the_data_is_broken(edited: Edited) -> None:
    edited.edit("data/loans.csv", "ALD,2025,201877", "ALD,2025,many")
    edited.edit(INDEX, "alone accounts for", "alone makes up")
    assert "alone makes up" in edited.html()
    assert "data/loans.csv:4" in edited.panel()


def test_what_is_shown_after_a_warm_start_is_the_data_as_it_was_read(story: Path) -> None:
    """With a warm cache, tables are made when a page needs them, and not from what has become of their files."""
    with_cache = Edited(story)
    with_cache.preview.close()
    edited = Edited(story)
    edited.edit("data/loans.csv", "ALD,2025,201877", "ALD,2025,many")
    assert "201,877" in edited.html("towns/aldford/")
    assert "data/loans.csv:4" in edited.panel("towns/aldford/")


def test_a_document_broken_while_the_data_was_is_read_with_the_data(edited: Edited) -> None:
    """Two are broken at once; whichever is mended last, the story is that of all files."""
    _edit(edited.story, INDEX, "---\ntitle:", "---\ntitle: [")
    edited.edit("data/loans.csv", "201877", "201878")
    assert "content/index.md:2" in edited.panel()
    assert "Errors on other pages: content/index.md (1)" in edited.panel("towns/aldford/")
    edited.edit(INDEX, "title: [", "title:")
    assert "408,655" in edited.html()
    assert "Below is" not in edited.panel("towns/aldford/")


def test_other_pages_hear_of_a_broken_document_in_few_words(edited: Edited) -> None:
    edited.edit(INDEX, "```figure bars", "```figure bers")
    edited.edit(TOWN, "{{ town.loans }} books", "{{ town.laons }} books")
    told = edited.panel("towns/aldford/")
    assert "laons" in told
    assert "Errors on other pages: content/index.md (1)" in told
    assert "figure bers" not in told


def test_begins_with_a_broken_story_and_recovers(story: Path) -> None:
    _edit(story, "content/site.yml", "title: Borrowed", "titel: Borrowed")
    edited = Edited(story)
    assert edited.preview.page("").status == 500
    assert "content/site.yml:1:1" in edited.panel("towns/aldford/")
    assert edited.preview.page("_broadsheet/preview.js").status == 200
    edited.edit("content/site.yml", "titel", "title")
    assert edited.preview.page("towns/aldford/").status == 200


def test_problems_are_text_and_no_markup(edited: Edited) -> None:
    edited.edit(INDEX, "{{ towns | length }} towns", '{{ nobody("<img src=x>") }} towns')
    panel = edited.html().partition("<aside id=")[2]
    assert "<img" not in panel
    assert "&lt;img src=x&gt;" in panel


# --- drafts, and what becomes of numbers ----------------------------------------------------------------------


def test_contradicted_words_are_shown_and_marked(edited: Edited) -> None:
    edited.edit(INDEX, "[nearly half]", "[a quarter]")
    html = edited.html()
    assert edited.preview.page("").status == 200
    marked = re.search(r'data-preview="contradicted" data-preview-why="([^"]*)"><data[^>]*>a quarter<', html)
    assert marked is not None
    assert "the words say “a quarter”, the data says 49.4 percent" in marked[1]
    assert "1 contradicted" in edited.panel()
    assert 'role="alert"' in html


def test_a_draft_is_there_and_says_so(edited: Edited) -> None:
    edited.edit("content/method.md", "---\ntitle", "---\ndraft: true\ntitle")
    assert "Draft: this page is not published" in edited.panel("method/")
    assert "Draft" not in edited.panel()
    assert "method/" not in edited.preview.page("sitemap.xml").body.decode()


def test_a_draft_with_contradicted_words_is_told_in_notes(edited: Edited) -> None:
    edited.edit(INDEX, "[nearly half]", "[a quarter]")
    edited.edit(INDEX, "---\ntitle", "---\ndraft: true\ntitle")
    assert 'data-preview="contradicted"' in edited.html()
    assert 'role="alert"' not in edited.html()
    assert "1 note in drafts, which are not published" in edited.panel()


def test_every_number_of_a_page_is_told_apart(edited: Edited) -> None:
    edited.edit(INDEX, "alone accounts for", "alone, with its 14 buses, accounts for")
    html = edited.html()
    kinds = re.findall(r'data-preview="(\w+)" data-preview-why="(\w+)', html)
    assert kinds.count(("verified", "Computed")) == 3
    assert kinds.count(("verified", "Asserted")) == 3
    assert kinds.count(("unverified", "Attributed")) == 1
    assert (
        '<span data-preview="unverified" data-preview-why="Typed: no row of the data stands behind it." tabindex="0">14</span> buses'
        in html
    )
    assert "3 computed · 3 asserted · 1 attributed · 1 typed" in edited.panel()
    assert "14 is typed here" in edited.panel()
    assert 'role="alert"' not in html, "a typed number keeps nobody from reading on"


HTML = """<html><head><title>12 towns</title></head><body>
<p>There are <a class="bound" href="#receipt-1"><data value="12">12</data></a> towns and 12 rivers, says the
list; <svg><text>12 rivers</text></svg><em>12 rivers</em> &amp; more.</p></body></html>"""


def test_a_typed_number_is_found_by_the_words_around_it() -> None:
    typed = [Typed("12", "{{ n }} towns and ", " rivers, says the list", "typed")]
    html, total = annotate(HTML, {"receipt-1": Mark("verified", "a > b")}, {}.get, typed)
    assert (
        'and <span data-preview="unverified" data-preview-why="typed" tabindex="0">12</span> rivers, says' in html
    )
    assert html.count("<span") == 1
    assert 'href="#receipt-1" data-preview="verified" data-preview-why="a &gt; b">' in html
    assert str(total) == "1 computed · 0 asserted · 1 typed"


def test_a_typed_number_that_is_not_printed_marks_no_other() -> None:
    typed = [Typed("12", "in some years ", " lakes froze", "typed")]
    assert annotate(HTML, {}, {}.get, typed)[0] == HTML


# --- the server ---------------------------------------------------------------------------------------------


@dataclass
class Running:
    story: Path
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def ask(
        self, path: str = "/", method: str = "GET", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


def _until(condition: Callable[[], object], seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "nothing came of it"
        time.sleep(0.01)


@pytest.fixture
def running(story: Path) -> Iterator[Running]:
    stop, lines = threading.Event(), list[str]()
    others = set(threading.enumerate())
    thread = threading.Thread(target=serve, args=(story,), kwargs={"port": 0, "say": lines.append, "stop": stop})
    thread.start()
    _until(lambda: lines)
    yield Running(story, int(lines[0].split("/")[2].split(":")[1]), lines)
    stop.set()

    thread.join(10)
    # of which some may have ended meanwhile; what draws lives as long as the process
    assert {one for one in threading.enumerate() if "run_event_loop" not in one.name} <= others


def test_says_where_it_is_and_what_it_does(running: Running) -> None:
    assert re.fullmatch(rf"{running.address} \(read in [\d.]+ s; Ctrl-C ends it\)", running.lines[0])
    _edit(running.story, INDEX, "alone accounts for", "alone makes up")
    _until(lambda: len(running.lines) > 1)
    assert re.fullmatch(r"content/index\.md: story made again in \d+ ms", running.lines[1])


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LocalHost"])
def test_answers_under_its_own_names(running: Running, name: str) -> None:
    assert running.ask(Host=f"{name}:{running.port}")[0] == 200


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:{port}", "127.0.0.1", "localhost:1", "127.0.0.1.example.org:{port}", ""]
)
@pytest.mark.parametrize("path", ["/", "/_broadsheet/events", "/data/loans.csv"])
def test_answers_under_no_other_name(running: Running, host: str, path: str) -> None:
    status, _, body = running.ask(path, Host=host.format(port=running.port))
    assert status == 421
    assert len(body) < 100


def test_refuses_what_is_no_request_of_its_own(running: Running) -> None:
    for request in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda c=connection: c.recv(65536), b""))
        assert b"200 OK" not in answer
        assert b"<html" not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_is_for_reading(running: Running, method: str) -> None:
    status, headers, _ = running.ask("/", method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_head_is_get_without_the_body(running: Running) -> None:
    _, get, body = running.ask("/")
    status, head, nothing = running.ask("/", "HEAD")
    assert (status, nothing) == (200, b"")
    assert int(head["Content-Length"]) == len(body) == int(get["Content-Length"])


@pytest.mark.parametrize("path", ["/", "/data/loans.csv", "/nowhere/", "/_broadsheet/preview.js", "/towns/aldford"])
def test_headers_are_careful(running: Running, path: str) -> None:
    headers = running.ask(path)[1]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert not [name for name in headers if name.lower().startswith("access-control-")]
    assert headers["Content-Type"]


@pytest.mark.parametrize(
    "path", ["/../content/site.yml", "/%2e%2e/content/site.yml", "/assets/../../content/site.yml", "/assets/%2e%2e%2f%2e%2e%2fcontent/site.yml",
             "//etc/hostname", "/content/site.yml", "/_broadsheet/../server.py", "/_broadsheet/", "/data/%00", "/data/..%5cloans.csv"],
)  # fmt: skip
def test_no_address_is_a_path(running: Running, path: str) -> None:
    status, _, body = running.ask(path)
    assert status == 404
    assert b"numbers:" not in body


def test_a_connection_serves_many_requests(running: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    for path in ("/", "/towns/aldford/", "/nowhere/"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert not answer.will_close
    connection.close()


def _events(running: Running, page: str) -> Iterator[dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    connection.request("GET", f"/_broadsheet/events?page={page}")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream"
    try:
        while line := answer.readline():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])
    finally:
        connection.close()


def _digest(html: bytes) -> str:
    found = re.search(rb'data-digest="(\w+)"', html)
    assert found
    return found[1].decode()


def test_an_open_page_hears_of_changes(running: Running) -> None:
    before = _digest(running.ask("/")[2])
    events = _events(running, "/")
    assert next(events) == {"kind": "pages", "digest": before, "stylesheet": _style(running)}
    _edit(running.story, INDEX, "alone accounts for", "alone makes up")
    told = next(events)
    assert told["digest"] == _digest(running.ask("/")[2]) != before
    _edit(running.story, INDEX, "[nearly half]", "[a quarter]")
    assert next(events)["digest"] != told["digest"]
    _until(lambda: len(running.lines) > 2)
    assert re.fullmatch(r"content/index\.md: / made again in \d+ ms; 1 error", running.lines[2])
    (running.story / "templates/assets").mkdir(parents=True)
    (running.story / STYLE).write_text("body { color: red }\n", encoding="utf-8")
    told = next(events)
    assert (told["kind"], told["stylesheet"]) in (("styles", _style(running)), ("pages", _style(running)))
    events.close()  # type: ignore[attr-defined]
    assert re.search(r"content/index\.md: / made again in", running.lines[1])


def _style(running: Running) -> str:
    found = re.search(rb'data-stylesheet="([^"]+)"', running.ask("/")[2])
    assert found
    return found[1].decode()


def test_a_taken_port_is_told_and_another_one_found(story: Path) -> None:
    lines, stop = list[str](), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        thread = threading.Thread(
            target=serve, args=(story,), kwargs={"port": port, "say": lines.append, "stop": stop}
        )
        thread.start()
        _until(lambda: len(lines) > 1)
        stop.set()
        thread.join(10)
    assert lines[0] == f"Port {port} is taken; this is another one."
    assert f":{port}/" not in lines[1]


def test_is_bound_to_this_machine_alone() -> None:
    server = Server(0)
    try:
        assert server.server_address[0] == "127.0.0.1"
    finally:
        server.stop()


HEARING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
"""Whoever runs these tests in the background has made them deaf to the keyboard."""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it(story: Path, number: signal.Signals) -> None:
    """With a page open: no traceback, status 0, the port free again, what was worked out is kept."""
    script = HEARING + "from generator.cli import main; main()"
    command = [sys.executable, "-c", script, "serve", str(story), "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command,
        cwd=story,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().split("/")[2].split(":")[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        request = f"GET /_broadsheet/events?page=/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        connection.sendall(request.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        process.send_signal(number)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert (story / ".broadsheet/cache.sqlite3").is_file()
    with pytest.raises(OSError, match=r"(?i)refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_what_changes_before_the_watch_begins_is_not_missed(story: Path) -> None:
    watcher, stop = Watcher(story), threading.Event()
    _edit(story, INDEX, "alone accounts for", "alone makes up")
    for changed in watcher.changes(stop):
        assert changed == {INDEX}  # before any pause
        stop.set()


def test_files_in_a_new_folder_are_seen(story: Path) -> None:
    watcher, stop, seen = Watcher(story), threading.Event(), set[str]()

    def follow() -> None:
        for changed in watcher.changes(stop):
            seen.update(changed)

    thread = threading.Thread(target=follow)
    thread.start()
    time.sleep(0.5)
    (story / "templates/assets").mkdir(parents=True)
    (story / STYLE).write_text("body { color: red }\n", encoding="utf-8")
    _until(lambda: STYLE in seen)
    stop.set()
    thread.join(5)


# --- in a browser -------------------------------------------------------------------------------------------


@pytest.fixture
def opened(running: Running, page: Page) -> Page:
    """A town's page, scrolled, with something unfolded; it knows whether it is loaded anew."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{running.address}towns/aldford/")
    page.set_viewport_size({"width": 900, "height": 400})
    page.evaluate(
        "() => { window.same = true; document.querySelector('main details').open = true; scrollTo({ top: 300, behavior: 'instant' }) }"
    )
    page.evaluate("() => document.fonts.ready.then(() => { window.was = scrollY })")
    page.errors = errors  # type: ignore[attr-defined]
    return page


def _wait(page: Page, expression: str) -> None:
    """Until it is true on the page, whose policy forbids to ask for it from within."""
    from playwright.sync_api import Error

    def holds() -> bool:
        try:
            return bool(page.evaluate(expression))
        except Error:  # in the middle of being loaded anew
            return False

    _until(holds)


def test_a_sentence_changes_where_it_stands(running: Running, opened: Page) -> None:
    _edit(running.story, TOWN, "borrowed something", "took something home")
    _wait(opened, "document.body.textContent.includes('took something home')")
    kept = opened.evaluate("() => [window.same, scrollY - window.was, document.querySelector('main details').open]")
    assert kept == [True, 0, True]
    assert opened.errors == []  # type: ignore[attr-defined]


def test_styles_change_without_loading(running: Running, opened: Page) -> None:
    (running.story / "templates/assets").mkdir(parents=True)
    (running.story / STYLE).write_text(
        (ROOT / STYLE).read_text(encoding="utf-8") + "h1 { color: rgb(1, 2, 3) }\n", encoding="utf-8"
    )
    _wait(opened, "getComputedStyle(document.querySelector('h1')).color === 'rgb(1, 2, 3)'")
    _edit(running.story, STYLE, "rgb(1, 2, 3)", "rgb(4, 5, 6)")
    _wait(opened, "getComputedStyle(document.querySelector('h1')).color === 'rgb(4, 5, 6)'")
    assert opened.evaluate("() => [window.same, Math.abs(scrollY - window.was) < 10]") == [True, True]
    assert opened.locator('link[rel="stylesheet"]').count() == 2
    assert opened.errors == []  # type: ignore[attr-defined]


def test_problems_come_up_and_go_away(running: Running, opened: Page) -> None:
    _edit(running.story, TOWN, "{{ town.loans }} books", "{{ town.laons }} books")
    problem = opened.locator(".bp-problems")
    problem.wait_for(timeout=5000)
    assert "did you mean 'loans'?" in problem.inner_text()
    assert "{{ town.laons }} books" in problem.inner_text()
    assert problem.bounding_box()["height"] > 60  # type: ignore[index]
    _edit(running.story, TOWN, "town.laons", "town.loans")
    problem.wait_for(state="detached", timeout=5000)
    assert opened.evaluate("() => [window.same, Math.abs(scrollY - window.was) < 10]") == [True, True]
    assert opened.errors == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("verified", "solid rgb(26, 127, 75)"),
        ("unverified", "dotted rgb(178, 106, 0)"),
        ("contradicted", "wavy rgb(196, 38, 46)"),
    ],
)
def test_numbers_are_underlined_in_their_colours(running: Running, page: Page, kind: str, line: str) -> None:
    _edit(running.story, INDEX, "[nearly half]", "[a quarter]")
    _until(lambda: len(running.lines) > 1)
    page.goto(running.address)
    page.wait_for_selector(f"[data-preview={kind}]", state="attached")  # it may have been asked for too soon
    style = f"getComputedStyle(document.querySelector('[data-preview={kind}]'))"
    assert page.evaluate(f"{style}.textDecorationStyle + ' ' + {style}.textDecorationColor") == line
    assert page.evaluate(f"{style}.textDecorationLine") == "underline"


def test_the_reason_is_shown_on_focus(running: Running, opened: Page) -> None:
    opened.locator('a.bound[data-preview="verified"]').first.focus()
    note = opened.locator("#broadsheet-preview-why")
    note.wait_for(timeout=2000)
    assert note.inner_text().startswith("Computed: ")
    _edit(running.story, TOWN, "borrowed something", "took something home")
    _wait(opened, "document.body.textContent.includes('took something home')")
    assert opened.evaluate("window.same")
    assert opened.errors == []  # type: ignore[attr-defined]


def test_what_a_script_of_the_theme_did_elsewhere_stays(running: Running, opened: Page) -> None:
    opened.evaluate(
        "() => { const p = document.createElement('p'); p.id = 'theirs'; document.querySelector('main figure').append(p) }"
    )
    _edit(running.story, TOWN, "borrowed something", "took something home")
    _wait(opened, "document.body.textContent.includes('took something home')")
    assert opened.evaluate("() => [window.same, !!document.getElementById('theirs')]") == [True, True]
    _edit(running.story, TOWN, "A renewal is not a loan.", "A renewal is no loan.")  # the very figure
    _wait(opened, "document.body.textContent.includes('A renewal is no loan.')")
    assert opened.evaluate("() => [window.same ?? null, document.getElementById('theirs')]") == [None, None]
