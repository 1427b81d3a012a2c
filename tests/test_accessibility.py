"""What axe finds on every kind of page: nothing, WCAG 2.2 AA included."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from itertools import product
from typing import Any

import pytest

PAGES = {
    "front": "",
    "state": "states/texas/",
    "state without agreements": "states/vermont/",
    "county with figures": "states/texas/harris-county/",
    "county without": "states/texas/loving-county/",
    "list of states": "states/",
    "list of counties": "counties/",
    "list of rankings": "rankings/",
    "ranking": "rankings/agreements/",
    "claims": "claims/",
    "methodology": "methodology/",
    "sources": "sources/",
    "downloads": "downloads/",
    "search": "search/",
    "updates": "updates/",
    "in Spanish": "es/",
    "not found": "404.html",
    "embed": "states/texas/held.embed.html",
    "embed of a map": "arrests-map.embed.html",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def found(page: Any, within: str = "html") -> list[str]:
    """What axe has to say of the page or a part of it, one line for each element: rule, element, why."""
    page.evaluate(AXE)  # by the browser's own door, which the page's policy does not govern
    run = "([within, tags]) => axe.run(within, { runOnly: tags, resultTypes: ['violations'] })"
    result = page.evaluate(run, [within, TAGS])
    return [
        f"{rule['id']}: {node['target'][-1]}: {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(built: Any, browser: Any, serve: Callable[..., str], name: str) -> None:
    address = serve(built.folder, built.prefix) + PAGES[name]
    for scheme, width in product(("light", "dark"), (360, 1280)):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
        page = context.new_page()
        page.goto(address)
        problems = found(page)
        context.close()
        assert not problems, f"{scheme}, {width} px:\n" + "\n".join(problems)


def test_axe_would_find_something(page: Any) -> None:
    page.set_content('<html lang="en"><title>x</title><main><img src="x.png"><p style="color:#ccc">pale</p></main>')
    rules = {line.partition(":")[0] for line in found(page)}
    assert {"image-alt", "color-contrast"} <= rules
