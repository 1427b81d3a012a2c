"""Addresses as authors write them → addresses as a page prints them, relative to itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urljoin, urlsplit

from generator.config import Config
from generator.problems import did_you_mean
from generator.prose.markdown import safe_address
from generator.routes import Route, relative

Resolve = Callable[[str], str]


def absolute(config: Config, path: str) -> str:
    """The full address of a page or file below the site's root, which has an address."""
    return config.base_url + quote(path, safe="/#:@!$&'()*+,;=~%")


class Addresses:
    """Knows every page and every file of the site before any of them is made."""

    def __init__(self, config: Config, routes: Mapping[str, Route], files: set[str]) -> None:
        self.config = config
        self.routes = routes
        self.files = files
        self._by_document = {route.document: route.url for route in routes.values() if route.entity is None}

    def resolver(self, route: Route, *, checked: bool = True) -> Resolve:
        """For one page: ``/towns/`` (from the site's root), ``other.md``, ``#id`` and web addresses.

        The function raises ValueError for an address that may not be printed, and, when ``checked``, for one
        within the site that leads nowhere.
        """

        def resolve(written: str) -> str:
            if written.startswith("/") and not written.startswith("//"):
                if checked:
                    self._check(written)
                return self._from(route, written[1:])
            path, mark, fragment = written.partition("#")
            if path.endswith(".md") and ":" not in path:
                return self._from(route, self._document(route.document, path) + mark + fragment)
            if written.startswith("www."):
                raise ValueError(f"a web address begins with https://; write https://{written}")
            address = safe_address(written)
            if checked and path and not urlsplit(address).scheme and not path.endswith(".csv"):
                self._check_relative(route, path)
            return address

        return resolve

    def _from(self, route: Route, target: str) -> str:
        if route.url.endswith(".html"):  # shown at any address, so it needs the whole path
            return self.config.base_path + target
        return safe_address(relative(target, route.url))

    def _check(self, written: str) -> None:
        target = written[1:].partition("#")[0]
        if target in self.routes or target in self.files or target.startswith("assets/"):
            return
        if f"{target}/" in self.routes:
            raise ValueError(f"there is no page at {written!r}; write '/{target}/', with a slash at the end")
        known = [f"/{url}" for url in (*self.routes, *self.files)]
        raise ValueError(f"there is no page or file at {written!r}{did_you_mean(written, known)}")

    def _check_relative(self, route: Route, path: str) -> None:
        target = urljoin(f"/{route.url}", path).removeprefix("/")
        if target not in self.routes and target not in self.files:
            known = [f"/{url}" for url in (*self.routes, *self.files)]
            wanted = "/" + path.strip("./").removesuffix("/") + "/"
            shown = f"there is no page at {path!r}, and addresses within the site begin with '/'"
            raise ValueError(f"{shown}{did_you_mean(wanted, known)}")

    def _document(self, document: str, path: str) -> str:
        folder = document.rpartition("/")[0].split("/")
        for part in path.split("/"):
            if part == "..":
                folder = folder[:-1]
            elif part != ".":
                folder = [*folder, part]
        name = "/".join(folder)
        if name not in self._by_document:
            raise ValueError(f"there is no document {path!r}{did_you_mean(name, self._by_document)}")
        return self._by_document[name]
