"""The index of the text search: made by Pagefind, an extra, of the pages as they are, whenever one has changed.

It is a subprocess that is given one page after the other; what it makes of the same pages in the same order is the
same. Nothing runs for a story that has no ``search_page``.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from generator.config import Config
from generator.problems import Problem, SourceError

FOLDER = "pagefind"
"""Where the index is in the site."""
ENTRY = "pagefind-entry.json"
"""The file in it that names the index of each language."""
NOT_NEEDED = ("-ui.js", "-ui.css", "-highlight.js")
"""Ends of the names of what Pagefind brings for those who have no page of their own for it."""

LICENCE = """\
What is in this folder was made by Pagefind, and the scripts in it are part of Pagefind:

Copyright 2022 CloudCannon

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without
limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the
Software, and to permit persons to whom the Software is furnished to do so, subject to the following
conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions
of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED
TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
DEALINGS IN THE SOFTWARE.
"""


def lacking(config: Config) -> Iterator[Problem]:
    """What keeps the search that the settings ask for from being made."""
    if config.spec.search_page and importlib.util.find_spec("pagefind_bin") is None:
        yield Problem(
            "search-not-installed",
            "search_page: the text search is made by Pagefind, which is not installed",
            config.place(("search_page",)),
            'Run: pip install "broadsheet[search]"',
        )


def search_files(pages: Mapping[str, Callable[[], bytes]], config: Config) -> dict[str, bytes]:
    """Path in the site → bytes of the index of some pages: path in the site → what gives its HTML, or as much of
    that as is looked into.

    Raises SourceError when Pagefind fails.
    """
    with _Pagefind(config) as pagefind:
        index = pagefind.ask("NewIndex", "index_id", config={"root_selector": "main"})
        for path, html in pages.items():
            pagefind.ask("AddFile", "page_url", index_id=index, file_path=path, file_contents=html().decode())
        made = pagefind.ask("GetFiles", "files", index_id=index)
        try:
            files = {str(each["path"]): base64.b64decode(each["content"]) for each in made}
            files[ENTRY] = _in_order(files[ENTRY])
        except (ValueError, LookupError, TypeError):
            raise pagefind.failed(_ELSE) from None
    found = {f"{FOLDER}/{path}": files[path] for path in sorted(files) if not path.endswith(NOT_NEEDED)}
    return {**found, f"{FOLDER}/LICENSE.txt": LICENCE.encode()}


_ELSE = "it answered with something else"


class _Pagefind:
    """Pagefind at work, asked as its own libraries for Node and Python ask it: no page and no index is on disk.

    Use it in a ``with`` statement. What is asked and what it answers are JSON in Base64, each followed by a comma.
    """

    def __init__(self, config: Config) -> None:
        self._config = config

    def __enter__(self) -> Self:
        from pagefind_bin import get_executable

        self._errors = tempfile.TemporaryFile()  # has no name, so that it never stays
        program = Path(get_executable())
        try:
            self._program = subprocess.Popen(  # noqa: S603 - the program comes with the extra
                [str(program), "--service"],
                cwd=program.parent,  # where no settings of it lie
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=_environment(),
            )
        except OSError as error:
            self._errors.close()
            raise self.failed(f"it cannot be started ({error.strerror})") from None
        self._into, self._out = cast(IO[bytes], self._program.stdin), cast(IO[bytes], self._program.stdout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.kill()  # it has no more to say, or nobody listens
        self._program.wait()
        for pipe in (self._into, self._out):
            with suppress(OSError):  # something is left in it
                pipe.close()
        self._errors.close()

    def ask(self, what: str, key: str, **more: object) -> Any:
        """What it answers under ``key``. Raises SourceError when it answers with an error, or with nothing."""
        asked = json.dumps({"message_id": 1, "payload": {"type": what, **more}}).encode()
        try:
            self._into.write(base64.b64encode(asked) + b",")
            self._into.flush()
            pieces = []
            while not (piece := os.read(self._out.fileno(), _PIECE)).endswith(b","):
                if not piece:
                    raise self.failed(self._last_words())
                pieces.append(piece)
            answer = json.loads(base64.b64decode(b"".join(pieces) + piece[:-1]))["payload"]
            if key in answer:
                return answer[key]
            said = str(answer.get("message", _ELSE))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            raise self.failed(self._last_words()) from None
        raise self.failed(said)

    def _last_words(self) -> str:
        """What it printed last."""
        self._program.kill()
        self._program.wait()
        self._errors.seek(0)
        said = [line.strip() for line in self._errors.read().decode(errors="replace").splitlines() if line.strip()]
        return said[-1] if said else ""

    def failed(self, why: str) -> SourceError:
        return SourceError(
            Problem(
                "search-failed",
                f"search_page: Pagefind could not make the index: {why or 'it did not say why'}",
                self._config.place(("search_page",)),
                "Publish without it: leave out 'search_page'.",
            )
        )


_PIECE = 1 << 20
"""Bytes that are read at once."""


def _in_order(entry: bytes) -> bytes:
    """The same JSON with its names sorted: Pagefind lists languages in another order each time."""
    return json.dumps(json.loads(entry), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _environment() -> dict[str, str]:
    """Without settings of Pagefind's that happen to be there."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
