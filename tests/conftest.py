"""What tests of the whole share: the real story built once, a browser, a server, a slice of the story.

A test that asks for the built story is marked ``story``, one that asks for the browser ``browser``, so that
``pytest -m "not story and not browser"`` runs what is quick.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from repositories import NO_SETTINGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from generator.build import Report

ROOT = Path(__file__).resolve().parents[1]

BASE_URL = "https://example.org/story/"
"""Where the built story says it is published: below a folder, as a project site is."""

NO_BROWSER = "no Chromium on this machine: install the package chromium"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # nothing but this machine can be reached, whatever a page asks for
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def pytest_configure(config: pytest.Config) -> None:
    """Nothing of the tests is kept for the user, and nothing of the user's is used in them."""
    folder = TemporaryDirectory(prefix="broadsheet-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["XDG_CACHE_HOME"] = folder.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "built" in names:
            item.add_marker("story")
        if "browser" in names:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout, which is the folder of the real story too."""
    return ROOT


# --- the real story ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """The real story, built: its folder, and what the build said."""

    folder: Path
    report: Report
    base_url: str
    prefix: str
    """The path below which the site lives on its host; to be handed to ``serve``."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The whole real story, built once a session for ``BASE_URL``. Fails with the story's own problems."""
    from generator.build import build
    from generator.problems import SourceError

    out = tmp_path_factory.mktemp("story") / "site"
    try:
        report = build(ROOT, out, base_url=BASE_URL)
    except SourceError as error:
        pytest.fail(f"the story does not build:\n{error}", pytrace=False)
    return Built(out, report, BASE_URL, "/story/")


@pytest.fixture(scope="session")
def site(built: Built) -> Path:
    """The folder of the built real story."""
    return built.folder


@pytest.fixture
def story_slice(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Makes a story of the real story's data and settings and of the documents given (path → text).

    Settings that lead to documents which the slice does not have are left out; a front page is added if none is
    given.
    """

    def make(documents: Mapping[str, str]) -> Path:
        folder = tmp_path / "slice"
        shutil.copytree(ROOT / "data", folder / "data")
        (folder / "content").mkdir()
        shutil.copy(ROOT / "content/claims.yml", folder / "content/claims.yml")
        settings = (ROOT / "content/site.yml").read_text(encoding="utf-8")
        keys = "navigation|claims_page|sources_page|updates_page|places_page|search_page|allow"
        leading = rf"^(?:{keys}):.*\n(?:[ \t].*\n|\n)*"
        settings = re.sub(leading, "", settings, flags=re.MULTILINE)
        if not any("[county]" in path for path in documents):  # nor do its counties have pages then
            settings = settings.replace("    path: states/{parent}/{slug}/\n", "")
        front = "---\ntitle: A slice\ndescription: A part of the story.\n---\nA part of the story.\n"
        for path, text in {"content/site.yml": settings, "content/index.md": front, **documents}.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def no_git_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """git runs without the settings of whoever runs the tests."""
    for name, text in NO_SETTINGS.items():
        monkeypatch.setenv(name, text)


# --- a browser and a server ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Without one a test is skipped, or fails where CI is set."""
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=list(FLAGS), chromium_sandbox=False)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a context of its own: no cookies, no storage, English, 1280 by 800."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder below a prefix, and its 404.html for what is not there, as GitHub Pages does."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        if ".." in path or not path.startswith(self.prefix):
            return str(Path(self.directory, "nothing is here"))
        return super().translate_path("/" + path.removeprefix(self.prefix))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        missing = Path(self.directory) / "404.html"
        if code != 404 or not missing.is_file():
            super().send_error(code, message, explain)
            return
        body = missing.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle of an answer is no error."""


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """``serve(folder, prefix="/")`` → the address of the folder's root on 127.0.0.1, ending in '/'.

    A folder is served once for each prefix, on a free port, until the session ends.
    """
    running: dict[tuple[Path, str], str] = {}
    with ExitStack() as stack:

        def start(folder: Path, prefix: str = "/") -> str:
            key = (folder, prefix)
            if key not in running:
                handler = partial(_Handler, directory=str(folder), prefix=prefix)
                server = stack.enter_context(_Server(("127.0.0.1", 0), handler))
                thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
                thread.start()
                stack.callback(_stop, server, thread)
                running[key] = f"http://127.0.0.1:{server.server_port}{prefix}"
            return running[key]

        yield start


def _stop(server: ThreadingHTTPServer, thread: threading.Thread) -> None:
    server.shutdown()
    thread.join()
