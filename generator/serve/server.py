"""The preview's web server: on this machine only, for reading only, and for nobody but its own pages.

It answers what a :class:`~generator.serve.preview.Preview` answers, and tells open pages of changes by server-sent
events. No address is ever made into the path of a file.
"""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct, field

from generator.serve.panel import PRIVATE
from generator.serve.preview import Kind, Preview, Shown

HOST = "127.0.0.1"
EVENTS = f"{PRIVATE}events"
SILENCE = 15.0
"""Seconds after which an open stream says that it is still there; a browser that has left is noticed by it."""
IDLE = 120
"""Seconds after which a connection without requests is closed."""


class Listener(Struct, eq=False):
    """An open page: its address below the site's root, and what it is still to be told; None ends it."""

    url: str
    events: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)


class Server(ThreadingHTTPServer):
    """Bound when it is made: to the port asked for, or to a free one when it is taken (or 0)."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, port: int) -> None:
        self.preview: Preview | None = None
        self._listeners: set[Listener] = set()
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError):
            super().__init__((HOST, 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}/"

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which it answers: any other is another site's that was made to lead here."""
        return frozenset(f"{name}:{self.server_port}" for name in (HOST, "localhost", "[::1]"))

    # --- life -------------------------------------------------------------------------------------------

    def start(self, preview: Preview) -> None:
        """Answers from now on, in threads of its own."""
        self.preview = preview
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, name="preview")
        self._thread.start()

    def stop(self) -> None:
        """Ends every answer, closes every connection, and waits for the threads."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        with self._guard:
            for listener in self._listeners:
                listener.events.put(None)
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle of an answer is no error."""

    def opened(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._guard:
            self._open.discard(connection)

    # --- open pages -------------------------------------------------------------------------------------

    @property
    def pages(self) -> tuple[str, ...]:
        """The addresses that are open in browsers, each once."""
        with self._guard:
            return tuple(sorted({listener.url for listener in self._listeners}))

    def tell(self, kind: Kind) -> None:
        """Open pages learn what has changed; what they show is made ready before they are told."""
        assert self.preview is not None
        shown = {url: self.preview.page(url).digest for url in self.pages} if kind == "pages" else {}
        with self._guard:
            for listener in self._listeners:
                listener.events.put(self._event(kind, shown.get(listener.url, "")))

    def _event(self, kind: Kind, digest: str) -> str:
        told = {"kind": kind, "digest": digest, "stylesheet": self.preview.stylesheet if self.preview else ""}
        return f"data: {json.dumps(told)}\n\n"

    def listen(self, url: str) -> Iterator[str]:
        """The events of one page; the first says what it should show, in case that it has missed something."""
        assert self.preview is not None
        listener = Listener(url)
        with self._guard:
            self._listeners.add(listener)
        try:
            yield "retry: 300\n\n"
            yield self._event("pages", self.preview.page(url).digest)
            while True:
                try:
                    event = listener.events.get(timeout=SILENCE)
                except queue.Empty:
                    event = ": still here\n\n"
                if event is None:
                    return
                yield event
        finally:
            with self._guard:
                self._listeners.discard(listener)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "Broadsheet"
    sys_version = ""
    timeout = IDLE
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.closed(self.connection)

    def do_GET(self) -> None:
        self._guarded(self._answer)

    do_HEAD = do_GET  # noqa: N815

    def _refused(self) -> None:
        self.close_connection = True  # a body may follow, which nobody reads
        self._say(405, "This server is for reading: GET and HEAD only.", {"Allow": "GET, HEAD"})

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = _refused  # noqa: N815

    def _guarded(self, answer: Callable[[], None]) -> None:
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or hosts[0].strip().lower() not in self.server.hosts:
            self.close_connection = True
            self._say(421, "This server answers under its own name only.")
        elif not self.path.startswith("/"):
            self._say(400, "An address begins with '/'.")
        else:
            answer()

    def _answer(self) -> None:
        parts = urlsplit(f"http://{HOST}{self.path}")
        url = unquote(parts.path, errors="replace")[1:]
        if url == EVENTS and self.command == "GET":
            page = parse_qs(parts.query).get("page", [""])[0]
            self._stream(unquote(page, errors="replace").removeprefix("/"))
            return
        assert self.server.preview is not None
        try:
            shown = self.server.preview.page(url)
        except Exception as error:  # what nobody foresaw is told in the browser, and the preview goes on
            shown = Shown(500, f"This cannot be shown: {error!r}".encode(), "text/plain; charset=utf-8")
        self._send(shown.status, shown.body, shown.type, {"Location": shown.address} if shown.address else {})

    def _stream(self, page: str) -> None:
        self.close_connection = True
        self._begin(200, "text/event-stream", {"Connection": "close"})
        with suppress(OSError):
            for event in self.server.listen(page):
                self.wfile.write(event.encode())
                self.wfile.flush()

    # --- writing ----------------------------------------------------------------------------------------

    def _say(self, status: int, words: str, headers: dict[str, str] | None = None) -> None:
        self._send(status, f"{words}\n".encode(), "text/plain; charset=utf-8", headers or {})

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
        closing = {"Connection": "close"} if self.close_connection else {}
        self._begin(status, kind, {"Content-Length": str(len(body)), **headers, **closing})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _begin(self, status: int, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        fixed = {
            "Content-Type": kind,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
        }
        for name, value in {**fixed, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What cannot be read as a request, in plain text."""
        self.close_connection = True
        if not hasattr(self, "headers"):
            self.headers = Message()
        self._say(code, message or "This is no request that is understood.")

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are nothing to tell of."""
