"""The files of a site by path: those that are there, and those of the next one; maybe hundreds of thousands."""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from heapq import merge
from itertools import chain, compress
from operator import le
from typing import NamedTuple

from generator.write.folder import GONE, SIZE_IN, Left, Signature, sizes_in

_DIGEST = 32  # bytes
_SIGNATURE = len(GONE)
_SIZE = 8

Make = Callable[[], Mapping[str, bytes]]
"""Gives the bytes of a file by its path, and of others that are made with it."""


class Before(Collection[str]):
    """The files that builds made in a folder, each with the SHA-256 of what was written there.

    And with the state in which the last build left it, as far as that is known. Raises ValueError for what is no
    SHA-256 in hex.
    """

    def __init__(self, digests: Mapping[str, str], known: Left | None = None) -> None:
        digests = _in_order(digests)
        self.rows = dict(zip(digests, range(len(digests)), strict=True))
        """The number of each path, in order of the paths."""
        if not all(len(digest) == 2 * _DIGEST for digest in digests.values()):
            raise ValueError("not the digests of files")
        self._digests = bytes.fromhex("".join(digests.values()))
        if len(self._digests) != _DIGEST * len(digests):  # spaces are passed over
            raise ValueError("not the digests of files")
        self._states = _states(digests, known or Left("", b""))

    def __contains__(self, path: object) -> bool:
        return path in self.rows

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def digests(self) -> Iterator[str]:
        """Of each, in hex."""
        return (digest.hex() for (digest,) in struct.iter_unpack(f"{_DIGEST}s", self._digests))

    @property
    def states(self) -> Iterator[Signature]:
        """Of each; that of a file which is gone where nobody knows."""
        return chain.from_iterable(struct.iter_unpack(f"{_SIGNATURE}s", self._states))

    @property
    def sizes(self) -> Iterator[int]:
        """Of each in bytes, in that state."""
        return sizes_in(self._states)

    def digest(self, path: str) -> str:
        """In hex; empty for a file that no build made."""
        row = self.rows.get(path)
        return "" if row is None else self.digest_of(row).hex()

    def digest_of(self, row: int) -> bytes:
        return self._digests[row * _DIGEST : (row + 1) * _DIGEST]

    def state(self, path: str) -> Signature:
        """Empty where nobody knows."""
        row = self.rows.get(path)
        return b"" if row is None else self.state_of(row)

    def state_of(self, row: int) -> Signature:
        state = self._states[row * _SIGNATURE : (row + 1) * _SIGNATURE]
        return b"" if state == GONE else state


def _in_order(files: Mapping[str, str]) -> Mapping[str, str]:
    """The same in order of the paths, as they mostly are."""
    paths = list(files)
    return files if all(map(le, paths, paths[1:])) else dict(sorted(files.items()))


def _states(paths: Collection[str], known: Left) -> bytes:
    """The state of each, one after the other."""
    if known.lists(paths):
        return known.signatures
    states = dict(known)
    return b"".join([states.get(path, GONE) for path in paths])


class Staged(NamedTuple):
    """One file of the next site. ``number`` says where its bytes wait: 0 when they are in place already.

    ``seen`` is then the state of the file in place.
    """

    digest: str
    size: int
    number: int = 0
    seen: Signature = b""

    @property
    def name(self) -> str:
        """Of the staged file; empty when there is none."""
        return f"n{self.number}" if self.number else ""


class Files(Collection[str]):
    """The files of the next site: those that are expected to be in place as they were before, which take no more
    room than that they are, and all others, each as few bytes.
    """

    _ROW = struct.Struct(f"<{_DIGEST}sQQ")
    """Digest, size and number; behind them the state of a file that is in place."""

    def __init__(self, before: Before) -> None:
        self._before = before
        self._expected: list[Make | None] = [None] * len(before)
        """By number of the path: what makes the file should it not be there, of each that is expected."""
        self._count = 0
        self._given: dict[str, bytes] = {}

    # --- which there are ----------------------------------------------------------------------------------

    def __contains__(self, path: object) -> bool:
        if path in self._given:
            return True
        row = self._before.rows.get(path) if isinstance(path, str) else None
        return row is not None and self._expected[row] is not None

    def __iter__(self) -> Iterator[str]:
        return chain(self._given, compress(self._before, self._expected))

    def __len__(self) -> int:
        return len(self._given) + self._count

    @property
    def coming(self) -> set[str]:
        """Those that were not there before."""
        return self._given.keys() - self._before.rows.keys()

    @property
    def leaving(self) -> list[str]:
        """Of those that were there before, in order of their paths, which are not to be there."""
        pairs = zip(self._before.rows, self._expected, strict=True)
        return [path for path, make in pairs if make is None and path not in self._given]

    # --- those that are expected --------------------------------------------------------------------------

    def expect(self, paths: Iterable[str], digests: bytes, sizes: bytes, make: Make) -> list[int]:
        """Take those that were left with these digests and sizes; the numbers of the others."""
        before, expected, given = self._before, self._expected, self._given
        others = []
        for number, path in enumerate(paths):
            row = before.rows.get(path)
            digest = digests[number * _DIGEST : (number + 1) * _DIGEST]
            size = sizes[number * _SIZE : (number + 1) * _SIZE]
            if (
                row is None
                or expected[row] is not None
                or before.digest_of(row) != digest
                or before.state_of(row)[SIZE_IN] != size  # nobody knows, or it is of another build than the digest
                or path in given
            ):
                others.append(number)
            else:
                expected[row] = make
                self._count += 1
        return others

    @property
    def expected(self) -> Iterator[tuple[str, Signature]]:
        """Each with the state it should be in."""
        return compress(zip(self._before, self._before.states, strict=True), self._expected)

    def give_up(self, path: str) -> tuple[Staged, Make]:
        """Expect a file no more: what it should have been, and what makes it. Raises LookupError for another."""
        row = self._before.rows[path]
        make = self._expected[row]
        if make is None:
            raise LookupError(path)
        file = self[path]
        self._expected[row] = None
        self._count -= 1
        return file, make

    # --- what they are ------------------------------------------------------------------------------------

    def __setitem__(self, path: str, file: Staged) -> None:
        self._given[path] = self._ROW.pack(bytes.fromhex(file.digest), file.size, file.number) + file.seen

    def __getitem__(self, path: str) -> Staged:
        if row := self._given.get(path):
            digest, size, number = self._ROW.unpack_from(row)
            return Staged(digest.hex(), size, number, row[self._ROW.size :])
        if path not in self:
            raise KeyError(path)
        state = self._before.state(path)
        return Staged(self._before.digest(path), next(sizes_in(state)), seen=state)

    @property
    def waiting(self) -> list[str]:
        """The paths of those whose bytes wait."""
        return [path for path, row in self._given.items() if len(row) == self._ROW.size]

    @property
    def in_place(self) -> Iterator[tuple[str, Signature]]:
        """Of those that were found in place, not expected there: in which state."""
        return ((path, row[self._ROW.size :]) for path, row in self._given.items() if len(row) > self._ROW.size)

    @property
    def states(self) -> Iterator[tuple[str, Signature]]:
        """Of all, in order of the paths: the state of each that is in place, empty for one whose bytes wait."""
        start = self._ROW.size
        return merge(((path, self._given[path][start:]) for path in sorted(self._given)), self.expected)

    @property
    def digests(self) -> Iterator[tuple[str, str]]:
        """Of all, in order of the paths."""
        given = ((path, self._given[path][:_DIGEST].hex()) for path in sorted(self._given))
        return merge(given, compress(zip(self._before, self._before.digests, strict=True), self._expected))

    @property
    def sizes(self) -> Iterator[tuple[str, int]]:
        given = ((path, self._ROW.unpack_from(row)[1]) for path, row in self._given.items())
        return chain(given, compress(zip(self._before, self._before.sizes, strict=True), self._expected))
