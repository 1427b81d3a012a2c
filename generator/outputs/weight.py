"""How much a site weighs, and where that is too much for the places that publish it.

GitHub Pages publishes at most 1 GB, and no git host takes a file of more than 100 MB. A site for another host
may be larger, when its settings say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from generator.problems import Location, Problem

MOST = 900_000_000
MOST_OF_A_FILE = 100_000_000
"""In bytes."""


def overweight(
    sizes: Mapping[str, int], *, most: int = MOST, most_of_a_file: int = MOST_OF_A_FILE
) -> Iterator[Problem]:
    """What is too large, of a site whose files have these sizes in bytes, by path."""
    for path in sorted(path for path, size in sizes.items() if size > most_of_a_file):
        limit = in_words(most_of_a_file)
        message = f"the file has {in_words(sizes[path])}, and hosts take none of more than {limit}"
        yield Problem("file-too-large", message, Location(path), "Publish less of it, or split the table.")
    whole = sum(sizes.values())
    if whole > most:
        largest = max(sizes, key=lambda path: (sizes[path], path))
        why = "that leave room on GitHub Pages" if most == MOST else "of its 'size_limit'"
        message = f"the site has {in_words(whole)}, more than the {in_words(most)} {why}"
        hint = f"Most of it: {heaviest(sizes)}. The largest file: {largest}, {in_words(sizes[largest])}."
        hint += " For a host that takes more, write 'size_limit: 5 GB' in content/site.yml."
        yield Problem("site-too-large", message, Location("site"), hint)


def heaviest(sizes: Mapping[str, int], count: int = 4) -> str:
    """ "pages 512 MB, values.json 80.2 MB, files in data/ 4.1 MB"."""
    weights = Counter[str]()
    for path, size in sizes.items():
        weights[_kind(PurePosixPath(path))] += size
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:count]
    return ", ".join(f"{kind} {in_words(weight)}" for kind, weight in ranked)


def _kind(path: PurePosixPath) -> str:
    if path.parts[0] in ("data", "assets") and len(path.parts) > 1:
        return f"files in {path.parts[0]}/"
    if path.suffix == ".html":
        return "embeds" if path.name.endswith(".embed.html") else "pages"
    if path.name in ("values.json", "card.png", "claims.json"):
        return path.name
    if path.suffix in (".csv", ".json"):
        return f"{path.suffix[1:].upper()} of figures and tables"
    if path.suffix in (".svg", ".png"):
        return f"{path.suffix[1:].upper()} of figures"
    return f"{path.suffix or path.name} files"


def in_words(size: int) -> str:
    """ "79.7 MB", "640 kB"; of 1,000 bytes, as hosts count."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 100 * unit else f"{size / unit:.0f} {name}"
    return f"{size} bytes"
