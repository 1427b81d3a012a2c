"""Makes the pictures of the documents: ``make pictures``, or ``python docs/pictures/make.py SITE``.

SITE is this story, built. Its kinds of page are in ``pages.py``; the pictures of the guides are of a story that
is made for them, see ``guide.py``. Needs Chromium, and Playwright and Pillow from the development dependencies.
"""

from __future__ import annotations

import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import guide
import pages
from PIL import Image
from playwright.sync_api import sync_playwright

PICTURES = {
    "index": ("", 1280, 1500, "light"),
    "state": ("states/florida/", 1280, 1500, "light"),
    "state-phone-dark": ("states/vermont/", 360, 940, "dark"),
}
"""Name → address, width and height in px, colour scheme."""

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


def main(site: Path) -> None:
    here = Path(__file__).parent
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("no Chromium on this machine: install the package chromium")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        for name, (url, width, height, scheme) in PICTURES.items():
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/{url}", wait_until="networkidle")
            picture = Image.open(BytesIO(page.screenshot()))
            # a palette is enough for paper and ink, and a third of the bytes
            picture.convert("RGB").quantize(96).save(here / f"{name}.png", optimize=True)
            context.close()
        pages.take(browser, f"http://127.0.0.1:{server.server_port}/")
        guide.take(browser)
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "site"))
