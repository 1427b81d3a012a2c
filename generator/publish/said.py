"""What was published, or would be, in words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from generator.outputs.weight import in_words
from generator.publish import Published
from generator.reports.excerpts import safe


def said(made: Published, *, dry: bool) -> str:
    """For people: with every file of a dry run, in one line otherwise."""
    if made.message and not made.changes:
        return safe(f"{made.where} holds this site already: nothing to publish")
    if not dry:
        at = f", now at {made.commit[:10]}" if made.commit else ""
        return safe(f"published {made.source[:10]} to {made.where}{at}: {_counts(made)}")
    lines = [safe(f"would publish {made.source[:10]} to {made.where}:"), *_listed(made), _counts(made)]
    if made.message:
        lines += ["", "with the message:", textwrap.indent("\n".join(map(safe, made.message.splitlines())), "    ")]
    return "\n".join([*lines, "", "nothing was written"])


def _listed(made: Published) -> Iterator[str]:
    changes = made.changes
    for what, files in (("added", changes.added), ("changed", changes.changed), ("removed", changes.removed)):
        for path, size in sorted(files.items()):
            yield f"    {what:8}{in_words(size):>10}  {safe(path.replace(chr(10), chr(0)))}"


def _counts(made: Published) -> str:
    """ "2 files added, 1 changed, 0 removed; 85 files, 1.2 MB in all"."""
    changes = made.changes
    counts = f"{len(changes.added):,} added, {len(changes.changed):,} changed, {len(changes.removed):,} removed"
    return f"{counts}; {made.files:,} files, {in_words(made.bytes)} in all"
