"""The index of the text search: made by Pagefind, an extra, of the pages as they are, whenever one has changed.

It is a subprocess that is given a folder and leaves another; what it makes of the same pages is the same, whatever
their order and however many threads it has. Nothing runs for a story that has no ``search_page``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

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
    from pagefind_bin import get_executable

    with tempfile.TemporaryDirectory(prefix="broadsheet-") as folder:
        site, made = Path(folder, "site"), Path(folder, "made")
        for parent in {(site / path).parent for path in pages}:
            os.makedirs(parent, exist_ok=True)  # noqa: PTH103 - Path.mkdir begins at the wrong end
        for path, html in pages.items():
            (site / path).write_bytes(html())
        program = str(get_executable())
        command = [program, "--site", str(site), "--output-path", str(made), "--root-selector", "main"]
        done = subprocess.run(  # noqa: S603 - the program comes with the extra
            command, cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode or not made.is_dir():
            said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
            raise SourceError(
                Problem(
                    "search-failed",
                    f"search_page: Pagefind could not make the index: {said[-1] if said else 'it did not say why'}",
                    config.place(("search_page",)),
                    "Publish without it: leave out 'search_page'.",
                )
            )
        files = sorted(path for path in made.rglob("*") if path.is_file() and not path.name.endswith(NOT_NEEDED))
        found = {f"{FOLDER}/{path.relative_to(made).as_posix()}": path.read_bytes() for path in files}
    languages = f"{FOLDER}/{ENTRY}"
    found[languages] = _in_order(found[languages])
    return {**found, f"{FOLDER}/LICENSE.txt": LICENCE.encode()}


def _in_order(entry: bytes) -> bytes:
    """The same JSON with its names sorted: Pagefind lists languages in another order each time."""
    return json.dumps(json.loads(entry), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _environment() -> dict[str, str]:
    """Without settings of Pagefind's that happen to be there."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")}
