"""Makes the pictures of the documents: ``make pictures``, or ``python docs/pictures/make.py SITE``.

SITE is this story, built. Its kinds of page are in ``pages.py``; the pictures of the guides are of a story that
is made for them, see ``guide.py``. Needs Chromium, and Playwright and Pillow from the development dependencies.
"""

from __future__ import annotations

import shutil
import sys
from io import BytesIO
from pathlib import Path

import guide
import pages
from PIL import Image
from playwright.sync_api import sync_playwright

PICTURES: dict[str, tuple[str, int, int, guide.Scheme]] = {
    "index": ("", 1280, 1500, "light"),
    "state": ("states/florida/", 1280, 1500, "light"),
    "state-phone-dark": ("states/vermont/", 360, 940, "dark"),
}
"""Name → address, width and height in px, colour scheme."""


def main(site: Path) -> None:
    here = Path(__file__).parent
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("no Chromium on this machine: install the package chromium")
    with guide.served(site) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=guide.FLAGS.split())
        for name, (url, width, height, scheme) in PICTURES.items():
            with guide.page_of(browser, address + url, width, height, 1, scheme) as page:
                picture = Image.open(BytesIO(page.screenshot()))
            # a palette is enough for paper and ink, and a third of the bytes
            picture.convert("RGB").quantize(96).save(here / f"{name}.png", optimize=True)
        pages.take(browser, address)
        guide.take(browser)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "site"))
