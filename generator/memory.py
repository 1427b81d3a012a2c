"""What was worked out before, so that it need not be again: in this process as it is, in earlier ones as bytes.

Everything is kept under a digest of all that it was made from, so that nothing in it can be out of date.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from generator.inputs import digest
from generator.store import NOT_OURS, Store

T = TypeVar("T")


class Memory:
    """Things by kind and digest. Without a store it lasts as long as the process. Threads may share one."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store
        self._now: dict[tuple[str, str], Any] = {}
        self._before: dict[tuple[str, str], Any] = {}

    def turn(self, store: Store | None) -> None:
        """A new round begins, with this store: what the last one did not ask for is let go of."""
        self.store = store
        self._before, self._now = self._now, {}

    def let_go(self) -> None:
        """All is worked out again, or found in the store, when it is asked for."""
        self._now, self._before = {}, {}

    def thing(self, kind: str, parts: Iterable[str | bytes], make: Callable[[], T]) -> T:
        """What ``make`` makes of these parts. It lasts as long as the process and must never be changed."""
        key = kind, digest(*parts)
        return self._known(key, make)

    def stored(
        self,
        kind: str,
        parts: Iterable[str | bytes],
        make: Callable[[], T],
        pack: Callable[[T], bytes | None],
        unpack: Callable[[bytes], T],
        *,
        sure: bool = False,
    ) -> T:
        """The same, kept from one process to the next. ``pack`` gives None for what is not to be kept.

        ``sure``: the parts are what it is made from, and not digests of files that may have changed since.
        """
        key = kind, digest(*parts)
        return self._known(key, lambda: self._stored(key, make, pack, unpack, sure))

    def recalled(self, kind: str, parts: Iterable[str | bytes], unpack: Callable[[bytes], T]) -> T | None:
        """What :meth:`stored` or :meth:`keep` left under this; None when nobody knows."""
        return self.stored(kind, parts, lambda: None, lambda _: None, unpack)

    def keep(self, kind: str, parts: Iterable[str | bytes], made: T, pack: Callable[[T], bytes | None]) -> None:
        """What was not :meth:`recalled`."""
        key = kind, digest(*parts)
        self._now[key] = made
        self._put(key, made, pack, sure=False)

    def on_disk(
        self, kind: str, parts: Iterable[str | bytes], make: Callable[[], bytes], *, sure: bool = False
    ) -> bytes:
        """Bytes that are kept in the store alone: there may be more of them than memory has room for."""
        if self.store is None:
            return make()
        return self._stored((kind, digest(*parts)), make, lambda made: made, lambda data: data, sure)

    def files(
        self, kind: str, parts: Iterable[str | bytes], make: Callable[[], Mapping[str, bytes]]
    ) -> Mapping[str, bytes]:
        """The same of several files at once: path → bytes."""
        return make() if self.store is None else _unpacked(self.on_disk(kind, parts, lambda: _packed(make())))

    def _stored(
        self,
        key: tuple[str, str],
        make: Callable[[], T],
        pack: Callable[[T], bytes | None],
        unpack: Callable[[bytes], T],
        sure: bool,
    ) -> T:
        data = self.store.get(*key) if self.store else None
        if data is not None:
            try:
                return unpack(data)
            except NOT_OURS:
                pass  # not what we put there: made anew
        made = make()
        self._put(key, made, pack, sure)
        return made

    def _put(self, key: tuple[str, str], made: T, pack: Callable[[T], bytes | None], sure: bool) -> None:
        if self.store and (data := pack(made)) is not None:
            self.store.put(*key, data, sure=sure)

    def _known(self, key: tuple[str, str], make: Callable[[], T]) -> T:
        for known in (self._now, self._before):
            found = known.get(key)
            if found is not None:
                self._now[key] = found
                return found  # type: ignore[no-any-return]
        made = make()
        if made is not None:  # nothing came of it, and why must be told each time
            self._now[key] = made
        return made


def _packed(files: Mapping[str, bytes]) -> bytes:
    """As one piece, to be kept."""
    listed = json.dumps([[path, len(data)] for path, data in files.items()]).encode()
    return listed + b"\n" + b"".join(files.values())


def _unpacked(data: bytes) -> dict[str, bytes]:
    listed, _, rest = data.partition(b"\n")
    found, at = {}, 0
    for path, size in json.loads(listed):
        found[path] = rest[at : at + size]
        at += size
    return found
