"""Which files of a story change, as a stream of sets of paths."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from generator.theme import default_theme

FOLDERS = ("content", "data", "templates")
DEBOUNCE, STEP, PAUSE = 50, 10, 400
"""Milliseconds: how long changes are gathered at most; how long it must be quiet; how often it is asked to stop."""

Snapshot = dict[Path, tuple[int, int]]
"""File → when it was changed, and how long it is."""


def concerns(path: str) -> bool:
    """Whether a file, by its path below the story, may be part of it: no README, nothing hidden, no copy."""
    parts = PurePosixPath(path).parts
    name = parts[-1] if parts else ""
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    copies = name.endswith(("~", ".swp", ".swx", ".tmp", ".bak", ".pyc")) or name.startswith("#") or name == "4913"
    return bool(name) and not hidden and not copies and name != "README.md"


class Watcher:
    """Watches a story from the moment it is made, and the default theme with it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.theme = default_theme().resolve()
        self._known: Snapshot | None = self._snapshot(self._folders())
        """How the files were before there was a watch; None when the watch has taken over."""

    def changes(self, stop: threading.Event) -> Iterator[frozenset[str]]:
        """Paths below the story's folder, those of the default theme as ``templates/…``; none of them in a pause.

        Ends when stopped."""
        from watchfiles import watch

        while not stop.is_set():
            folders = self._folders()
            for found in watch(
                *folders,
                watch_filter=None,
                debounce=DEBOUNCE,
                step=STEP,
                stop_event=stop,
                rust_timeout=PAUSE,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                changed = frozenset(filter(None, (self._name(Path(path)) for _, path in found)))
                changed = changed or (frozenset() if found else self._missed())
                if changed or not found:
                    yield changed
                now = self._folders()
                if now != folders:  # what is in a new folder has changed, whatever it is
                    self._known = self._snapshot([folder for folder in now if folder in folders])
                    break

    def _folders(self) -> list[Path]:
        there = [self.root / name for name in FOLDERS if (self.root / name).is_dir()]
        return there if self.theme in there else [*there, self.theme]

    def _name(self, path: Path) -> str:
        for folder, prefix in ((self.root, ""), (self.theme, "templates/")):
            if path.is_relative_to(folder):
                name = prefix + path.relative_to(folder).as_posix()
                return name if concerns(name) else ""
        return ""

    def _missed(self) -> frozenset[str]:
        """What changed before the watch had begun, asked in its first pause."""
        before, self._known = self._known, None
        if before is None:
            return frozenset()
        after = self._snapshot(self._folders())
        differing = (path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        return frozenset(map(self._name, differing))

    def _snapshot(self, folders: Sequence[Path]) -> Snapshot:
        found: Snapshot = {}
        for folder in folders:
            for at, _, names in os.walk(folder):
                for path in (Path(at, name) for name in names):
                    with suppress(OSError):
                        state = path.stat() if self._name(path) else None
                        found |= {path: (state.st_mtime_ns, state.st_size)} if state else {}
        return found
