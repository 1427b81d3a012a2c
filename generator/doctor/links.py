"""Links to other hosts that are not encrypted: whoever is on the way can read and change what a reader gets.

Only those that an author writes are looked at. Where a table comes from, or who said something where, is a record
of what was read, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from generator.config import SETTINGS
from generator.inputs import is_document, read_inputs
from generator.problems import Location, Problem, SourceError
from generator.source import read_text

_LINK = re.compile(r"\bhttp://(?P<host>[A-Za-z0-9][\w.-]*)")
_NO_HOSTS = re.compile(r"localhost|127\.[\d.]+|www\.w3\.org|json-schema\.org", re.IGNORECASE)
"""This machine, and names that only look like addresses."""


def plain_http(root: Path) -> Iterator[Problem]:
    """The first link to each host in each file."""
    for path in sorted(read_inputs(root).files):
        if not is_document(path) and path != SETTINGS:
            continue
        try:
            text = read_text(root, path)
        except SourceError:  # the check tells
            continue
        told: set[str] = set()
        for number, line in enumerate(text.split("\n"), start=1):
            for match in _LINK.finditer(line):
                host = match["host"].lower()
                if host in told or _NO_HOSTS.fullmatch(host):
                    continue
                told.add(host)
                place = Location(path, number, match.start() + 1, len(match[0]))
                message = f"the link to {host} is http: whoever is on the way can change what readers get"
                hint = f"Try whether it is there as https://{host}, and write that."
                yield Problem("plain-http", message, place, hint, severity="warning")
