"""What pages load only when their readers ask for it: live charts, Vega, and the names to compare with.

The script that asks for them is the theme's; see :attr:`generator.theme.Theme.live`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from posixpath import commonpath

from generator.charts.vega import licences
from generator.figures.live import LICENCES, may_compare, places_file
from generator.pages import PageMaker
from generator.pages.programs import Figure
from generator.routes import Route

Having = Mapping[str, Collection[str]]
"""A page's address → the names of the files beside it."""


def requested(maker: PageMaker, having: Having | None = None) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each. ``having`` tells which figures a page has; without it all may have all."""
    if not maker.theme.live[1]:
        return
    blocks = maker.shop.blocks
    figures = list(_figures(maker, maker.routes.values()))
    charts = [chart for kind, spec in figures if (chart := blocks.live_chart(kind, spec))]
    yield from sorted(dict(charts).items())
    own = any(kind in blocks.functions and spec.explore for kind, spec in figures)
    if (charts or own) and blocks.vega[1]:
        yield blocks.vega
        yield LICENCES, licences()
    yield from _places(maker, having)


def _figures(maker: PageMaker, routes: Iterable[Route]) -> Iterator[Figure]:
    """The figures of all documents that make these pages, each document once."""
    paths = dict.fromkeys(path for route in routes for path in (route.document, route.override) if path)
    for path in paths:
        yield from maker.programs.figures.get(path, ())


def _places(maker: PageMaker, having: Having | None) -> Iterator[tuple[str, bytes]]:
    """The entities of each collection whose figures can be compared."""
    of: dict[str, list[Route]] = {}
    for route in maker.routes.values():
        if route.entity is not None:
            of.setdefault(route.entity.collection, []).append(route)
    for name, routes in of.items():
        one = maker.story.collections[name].one
        shared = {route.document: Route(route.url, route.document) for route in routes}.values()
        if len(routes) > 1 and any(may_compare(kind, spec, one) for kind, spec in _figures(maker, shared)):
            yield places_file(name), _listed(maker, routes, having)


def _listed(maker: PageMaker, routes: list[Route], having: Having | None) -> bytes:
    """``base``: what all addresses begin with. ``places``: name, the rest of the address, and what it lies in where
    that tells two of one name apart. ``without``: a figure's id → the numbers of the places that do not have it.
    """
    base = commonpath([route.url for route in routes])
    base = f"{base}/" if base else ""
    places = [_place(maker, route, base) for route in routes]
    without: dict[str, list[int]] = {}
    if having is not None:
        files = [having.get(route.url, ()) for route in routes]
        names = sorted({name for each in files for name in each if name.endswith(".csv")})
        for name in names:
            without[name.removesuffix(".csv")] = [n for n, each in enumerate(files) if name not in each]
    made = {"base": base, "places": places, "without": without}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def _place(maker: PageMaker, route: Route, base: str) -> list[str]:
    entity = route.entity
    assert entity is not None
    above = maker.story.collections[entity.collection].parent
    parent = maker.story.collections[above] if above else ()
    within = [each.name for each in parent if each.key == entity.parent] if len(parent) > 1 else []
    return [entity.name, route.url.removeprefix(base).removesuffix("/"), *within]
