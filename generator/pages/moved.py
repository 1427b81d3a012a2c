"""Pages that stand where others were."""

from __future__ import annotations

from collections.abc import Iterator

from generator.languages import Message
from generator.moved import ways
from generator.pages.addresses import absolute
from generator.pages.maker import PageMaker
from generator.problems import SourceError
from generator.routes import Route
from generator.values import QuantityError

_MOVED = Message("This page has moved")
_GONE = Message("This page is gone")


def moved_pages(maker: PageMaker) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the page at each old address of ``redirects``."""
    config, style = maker.story.config, maker.shop.style
    for old, way in ways(maker.story, maker.routes).items():
        here, (target, mark, part) = Route(old, ""), (way.to or "").partition("#")
        route = maker.routes.get(target) if way.to is not None else None
        resolve = maker.shop.addresses.resolver(here, checked=False)
        moved = {
            "url": resolve(f"/{target}{mark}{part}") if route else "",
            "title": _title(maker, route) if route else "",
            "canonical": absolute(config, target) if route and config.base_url else "",
            "words": way.words,
        }
        yield here.file, maker.aside("moved", old, style.say(_MOVED if route else _GONE), {"moved": moved})


def _title(maker: PageMaker, route: Route) -> str:
    """What is wrong with the page itself is told where that is made."""
    try:
        return maker.title(route) if maker.compiled(route) else route.url
    except (QuantityError, SourceError):
        return route.url
