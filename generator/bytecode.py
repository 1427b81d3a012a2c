"""What was compiled in earlier runs, of texts by Jinja and of the shapes of charts by Altair and Vega.

It is run as it is found. So it is not kept with the story, into whose folder whoever sends a change may put things,
but among the caches of the user, where nobody else may write. It serves all stories of theirs.
"""

from __future__ import annotations

import marshal
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from generator.inputs import digest, generator
from generator.store import NOT_OURS, Store

T = TypeVar("T")

LIMIT = 64 * 1024 * 1024
"""Bytes of all code that is kept."""
_ALL_BUT_THE_OWNER = 0o022
"""Who else might write."""


class Bytecode:
    """Code, and other things that :mod:`marshal` writes, by what they were made from. It may be used by threads."""

    def __init__(self, store: Store | None = None, maker: str = "") -> None:
        """``maker`` is the digest of what makes code of a text: another one may make other code of it."""
        self._store = store
        self._maker = maker

    def kept(self, parts: Sequence[str], make: Callable[[], T]) -> T:
        """What ``make`` made of these parts in an earlier run, else what it makes now; None is not kept."""
        known = self.found(parts)
        if known is not None:
            return known  # type: ignore[no-any-return]
        made = make()
        self.keep(parts, made)
        return made

    def found(self, parts: Sequence[str]) -> Any:
        """What an earlier run kept; None when there is nothing."""
        data = self._store.get("code", self._key(parts)) if self._store else None
        try:
            return None if data is None else marshal.loads(data)  # noqa: S302 - nobody else can have written it
        except (*NOT_OURS, EOFError):
            return None

    def keep(self, parts: Sequence[str], made: Any) -> None:
        if self._store and made is not None:
            self._store.put("code", self._key(parts), marshal.dumps(made), sure=True)

    def _key(self, parts: Sequence[str]) -> str:
        return digest(self._maker, *parts)

    def close(self) -> None:
        """Write what is to be kept."""
        if self._store is not None:
            self._store.close()


def of_the_user(*, writing: bool = True) -> Bytecode:
    """What is kept for whoever runs this; nothing where there is no folder that is theirs alone."""
    folder = _folder(make=writing)
    if folder is None:
        return Bytecode()
    return Bytecode(Store(folder.parent, name=folder.name, limit=LIMIT, writing=writing), generator())


def _folder(*, make: bool) -> Path | None:
    from platformdirs import user_cache_path

    try:
        folder = user_cache_path("broadsheet", appauthor=False)
        if make:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except (OSError, ValueError, RuntimeError):  # no home, or one that may not be written
        return None
    others = hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & _ALL_BUT_THE_OWNER)
    return folder if stat.S_ISDIR(found.st_mode) and not others else None
