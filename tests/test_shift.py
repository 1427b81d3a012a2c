"""Nothing moves under a reader's eyes: what web fonts and scripts do to a page that is already painted, on a phone."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from conftest import Built
    from playwright.sync_api import Browser, Route

FONTS = {
    "iOS": ("liberation/LiberationSerif-*", "liberation/LiberationSans-*"),
    "Android": ("roboto/unhinted/RobotoTTF/Roboto-*", "noto/NotoSerif-*"),
    "Linux": ("dejavu/DejaVuSans*", "dejavu/DejaVuSerif*"),
}
"""Whose fonts a reader's system has, and files of the same widths, below ``/usr/share/fonts/truetype``."""

PAGES = ("", "states/texas/", "states/texas/harris-county/", "rankings/agreements/", "methodology/")
MOST = 0.05
"""A shift of 0.1 is called good, and a score of 99 leaves room for about 0.05: https://web.dev/articles/cls"""

SUM = """() => {
  window.shifted = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifted += entry.value; }))
    .observe({ type: "layout-shift", buffered: true });
}"""


def fonts(system: str) -> list[Path]:
    """The files on this machine that are like a system's."""
    return [file for glob in FONTS[system] for file in Path("/usr/share/fonts/truetype").glob(glob)]


@pytest.mark.parametrize("system", ["this machine", *filter(fonts, FONTS)])
def test_nothing_moves_when_the_fonts_come(
    system: str, tmp_path: Path, browser: Browser, built: Built, serve: Callable[..., str]
) -> None:
    environment = dict(os.environ)
    if system in FONTS:  # those alone
        for file in fonts(system):
            shutil.copy(file, tmp_path)
        configuration = tmp_path / "fonts.conf"
        configuration.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>")
        environment["FONTCONFIG_FILE"] = str(configuration)
    there = serve(built.folder, built.prefix)
    # a screen as dense as a phone's, where widths of letters are not rounded to whole pixels
    running = browser.browser_type.launch(
        executable_path=next(filter(None, map(shutil.which, CHROMIUM))),
        args=[*FLAGS, "--force-device-scale-factor=2"],
        env=environment,
        chromium_sandbox=False,
    )
    shifted: dict[str, float] = {}
    try:
        for path in (*PAGES, *PAGES, *PAGES):
            if shifted.get(path, 1) <= MOST:  # a page that moves moves each time; a busy machine moves any once
                continue
            page = running.new_context(viewport={"width": 412, "height": 823}).new_page()
            page.add_init_script(f"({SUM})()")
            page.route("**/*.woff2", late)
            page.goto(there + path)
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(200)
            shifted[path] = page.evaluate("window.shifted")
    finally:
        running.close()
    assert {path: value for path, value in shifted.items() if value > MOST} == {}


def late(route: Route) -> None:
    time.sleep(0.2)
    route.continue_()
