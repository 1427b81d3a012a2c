"""What pages load only when their readers ask for it: live charts, Vega, and the names to compare with.

The script that asks for them is the theme's, see :class:`generator.figures.live_files.LiveFiles`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from posixpath import commonpath

from generator.charts.vega import licences
from generator.figures.files import Files
from generator.figures.live import LICENCES, SPECS, Asking, places_file
from generator.pages import PageMaker
from generator.routes import Route

Having = Callable[[Route], Container[str]]
"""The ids of the figures of a page."""


def requested(maker: PageMaker, having: Having, surroundings: Sequence[str] = ()) -> Files:
    """All of it by its path in the site; what costs something is made when somebody asks for it.

    ``surroundings`` are the digests of everything that is no document; without them nothing is remembered.
    """
    files = Files()
    if not maker.theme.live:
        return files
    names = dict(_names(maker, having))
    asked = _asked(maker)

    def make() -> Mapping[str, bytes]:
        return _charts(maker, asked, bool(names))

    key = [*surroundings, repr(asked), str(bool(names))]
    made = maker.memory.files("requested", key, make) if surroundings else make()
    for path, data in made.items():
        files.add(path, data)
    live = maker.shop.blocks.live
    charts = any(path.startswith(f"{SPECS}/") for path in made)
    every = [figure for figures in asked.values() for figure in figures]
    own = any(figure.explore and figure.kind in maker.shop.blocks.functions for figure in every)
    if charts or (own and live.vega):  # where there is a chart there is Vega, and it need not be asked
        files.add(live.vega_path, lambda: live.vega)
        files.add(LICENCES, licences())
    for path, listed in names.items():
        files.add(path, listed)
    return files


def _charts(maker: PageMaker, asked: Mapping[str, Sequence[Asking]], compared: bool) -> dict[str, bytes]:
    """The live charts of the figures of each language, and the script that shows them in it."""
    charts: dict[str, bytes] = {}
    scripts: dict[str, bytes] = {}
    for language, figures in asked.items():
        blocks = maker.shop.speaking(language).blocks
        found = [chart for figure in figures if (chart := blocks.live_chart(figure))]
        charts.update(found)
        own = any(figure.explore and figure.kind in blocks.functions for figure in figures)
        if found or own or compared:
            scripts.update([blocks.live.script])
    return {**scripts, **dict(sorted(charts.items()))}


def _asked(maker: PageMaker) -> dict[str, list[Asking]]:
    """Language → the figures of all documents that make pages in it, each document once."""
    found: dict[str, list[Asking]] = {}
    seen: set[tuple[str, str]] = set()
    for route in maker.routes.values():
        paths = [path for path in (route.override, route.document) if path]
        looked = {path: look for path in paths if (look := maker.programs.looked(path))}
        language = next((look.language for look in looked.values() if look.language), "")
        for path, look in looked.items():
            if (language, path) not in seen:
                seen.add((language, path))
                found.setdefault(language, []).extend(look.asking)
    return found


def _names(maker: PageMaker, having: Having) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The entities of each collection whose figures can be compared."""
    for name, collection in maker.story.collections.items():
        routes = [route for route in maker.routes.values() if route.entity and route.entity.collection == name]
        looks = [maker.programs.looked(path) for path in sorted({route.document for route in routes})]
        figures = [figure for look in looks if look for figure in look.asking]
        ids = [figure.id for figure in figures if figure.may_compare(collection.one)]
        if len(routes) > 1 and ids:
            yield places_file(name), partial(_listed, maker, routes, sorted({*ids}), having)


def _listed(maker: PageMaker, routes: list[Route], ids: Sequence[str], having: Having) -> bytes:
    """``base``: what all addresses begin with. ``places``: name, the rest of the address, and what it lies in where
    that tells two of one name apart. ``without``: a figure's id, where one is written → the numbers of the places
    that do not have it. Places that have none of them are left out.
    """
    known = [(route, having(route)) for route in routes]
    if all(ids):
        known = [(route, figures) for route, figures in known if any(id in figures for id in ids)]
    routes = [route for route, _ in known]
    base = commonpath([route.url for route in routes]) if len(routes) > 1 else ""
    base = f"{base}/" if base else ""
    places = [_place(maker, route, base) for route in routes]
    without = {id: [n for n, (_, figures) in enumerate(known) if id not in figures] for id in ids if id}
    made = {"base": base, "places": places, "without": without}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def _place(maker: PageMaker, route: Route, base: str) -> list[str]:
    entity = route.entity
    assert entity is not None
    above = maker.story.collections[entity.collection].parent
    several = above and len(maker.story.collections[above]) > 1
    parent = maker.shop.views.find(above, entity.parent) if several else None
    within = [parent.name] if parent else []
    return [entity.name, route.url.removeprefix(base).removesuffix("/"), *within]
