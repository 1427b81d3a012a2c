"""The kinds of page as their readers have them: each at three widths, light above and dark below, and one on paper.

One picture a kind in ``pages/``; ``docs/pages.md`` shows them. They are looked at whenever a template or a style
changes: what a test cannot say of a page, whether it is ugly, is seen here.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from guide import Scheme, page_of
from PIL import Image
from playwright.sync_api import Browser

PAGES = {
    "front": "",
    "state": "states/florida/",
    "county": "states/texas/harris-county/",
    "list": "states/",
    "rankings": "rankings/",
    "ranking": "rankings/arrests/",
    "claims": "claims/",
    "methodology": "methodology/",
    "sources": "sources/",
    "search": "search/",
    "not-found": "404.html",
    "spanish": "es/",
    "embed": "states/texas/held.embed.html",
}
"""Name → address in this story."""
WIDTHS = (360, 768, 1280)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
HEIGHT = 1200
PAPER = (688, 1950)
"""What is printable of two sheets of A4, in px."""
GAP = 12
_GROUND = (128, 128, 128)


def take(browser: Browser, address: str) -> None:
    folder = Path(__file__).parent / "pages"
    folder.mkdir(exist_ok=True)
    for name, url in PAGES.items():
        rows = [[_seen(browser, address + url, width, scheme) for width in WIDTHS] for scheme in SCHEMES]
        _save(_together(rows), folder / f"{name}.png")
    _save(_seen(browser, address + PAGES["state"], PAPER[0], "light", PAPER[1], paper=True), folder / "paper.png")


def _seen(
    browser: Browser, address: str, width: int, scheme: Scheme, height: int = HEIGHT, *, paper: bool = False
) -> Image.Image:
    """The top of a page, at half its size."""
    with page_of(browser, address, width, height, 1, scheme) as page:
        if paper:
            page.emulate_media(media="print")
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def _together(rows: list[list[Image.Image]]) -> Image.Image:
    width = sum(each.width for each in rows[0]) + GAP * (len(rows[0]) - 1)
    height = sum(row[0].height for row in rows) + GAP * (len(rows) - 1)
    made, top = Image.new("RGB", (width, height), _GROUND), 0
    for row in rows:
        left = 0
        for each in row:
            made.paste(each, (left, top))
            left += each.width + GAP
        top += row[0].height + GAP
    return made


def _save(picture: Image.Image, path: Path) -> None:
    picture.quantize(160).save(path, optimize=True)
