"""Whether the address that the site is built for is the one at which it will be found.

GitHub Pages serves ``OWNER.github.io/REPOSITORY/``, the repository ``OWNER.github.io`` at ``OWNER.github.io/``, and
a site with a domain of its own at the root of that domain, which a file ``CNAME`` on the branch names:
https://docs.github.com/en/pages/getting-started-with-github-pages/what-is-github-pages
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from generator.config import SETTINGS, Config, read_config
from generator.problems import Location, Problem
from generator.source import read_text

_HOSTS = ("github.com", "www.github.com", "ssh.github.com")
_SHARED = (".github.io", ".gitlab.io", ".codeberg.page", ".pages.dev", ".netlify.app", ".vercel.app")
"""Hosts below which many sites are: nobody's own domain."""
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.IGNORECASE)


def settings(root: Path, base_url: str | None) -> Config:
    """The settings alone. Raises SourceError."""
    return read_config(read_text(root, SETTINGS), base_url=base_url, root=root)


def on_github(url: str) -> tuple[str, str] | None:
    """Owner and repository of a remote on GitHub; None for any other."""
    match = re.fullmatch(r"(?:[^@/\s]+@)?([\w.-]+):(?!//)/?(.+)", url)  # git@github.com:owner/repository.git
    if match:
        host, path = match[1], match[2]
    else:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
    named = path.strip("/").removesuffix(".git").split("/")
    if host.lower() not in _HOSTS or len(named) != 2 or not all(re.fullmatch(r"[\w.-]+", part) for part in named):
        return None
    return named[0], named[1]


def pages_address(owner: str, repository: str) -> str:
    """Where GitHub Pages serves the site of a repository that has no domain of its own."""
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if repository.lower() == host else f"https://{host}/{repository}/"


def own_domain(base_url: str) -> str:
    """The domain that a site has for itself; '' when it is below another's, or has no address."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    if parts.path not in ("", "/") or parts.port or not _DOMAIN.fullmatch(host) or host.endswith(_SHARED):
        return ""
    return host


def domain_in(cname: bytes) -> str:
    """The domain that a file ``CNAME`` names; '' when it names none."""
    named = cname.decode("utf-8", "replace").strip().lower()
    return named if _DOMAIN.fullmatch(named) else ""


def misfits(config: Config, url: str, *, given: bool, domain: str = "") -> Iterator[Problem]:
    """A warning when a base URL is not that at which a remote's site will be, as far as that can be told.

    ``given``: it was given to the command. ``domain`` is what the branch's ``CNAME`` says now.
    """
    place = Location("--base-url") if given else config.place(("base_url",))
    base, named = config.base_url, on_github(url)
    usual = pages_address(*named) if named else ""
    where = f"https://{domain}/" if domain else usual
    if not where:
        return
    if not base:
        message = f"the site is built without an address, and will be at {where}"
        hint = f"Set it in {SETTINGS}, base_url: {where}, or give it: --base-url {where}"
        yield Problem("wrong-base-url", message, place, hint, severity="warning")
    elif named and own_domain(base):
        return  # the CNAME is written from it
    elif urlsplit(base)._replace(scheme="").geturl() != urlsplit(where)._replace(scheme="").geturl():
        message = f"the site is built for {base}, and will be at {where}"
        hint = f"Set base_url: {where}; the address of a domain of its own has nothing after the host."
        yield Problem("wrong-base-url", message, place, hint, severity="warning")
