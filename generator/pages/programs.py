"""The documents of a story, each compiled when a page first needs it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.config import Config
from generator.documents import Compiler, Program
from generator.lint.unbound import Found
from generator.memory import Memory
from generator.problems import Problem, Problems, SourceError, as_plain, from_plain
from generator.source import Document


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a document that compiles: numbers that are typed, and which allowances they have met."""

    typed: tuple[Problem, ...]
    met: frozenset[int]


class Programs(Mapping[str, Program]):
    """Path → compiled document. Those that do not compile are not there; why is among the ``problems``."""

    def __init__(
        self, compiler: Compiler, documents: Mapping[str, Document], memory: Memory, surroundings: str = ""
    ) -> None:
        """``surroundings`` is the digest of all that compiling depends on besides the document; '' when unknown."""
        self.problems = Problems()
        self.typed: list[Problem] = []
        """Numbers that are typed and bound to nothing, once all documents have been looked at."""
        self.unused: tuple[Problem, ...] = ()
        """Allowances that nothing in the story needs, once all documents have been looked at."""
        self._compiler = compiler
        self._documents = documents
        self._memory = memory
        self._surroundings = surroundings
        self._done: dict[str, Program | None] = {}

    def __getitem__(self, path: str) -> Program:
        if path not in self._done:
            document = self._documents[path]
            if document.unread:  # why is told elsewhere
                raise KeyError(path)
            try:
                self._done[path] = self._compiler.compile(document)
            except SourceError as error:
                self.problems.absorb(error)
                self._done[path] = None
        program = self._done[path]
        if program is None:
            raise KeyError(path)
        return program

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._documents if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def found(self) -> list[Found]:
        """The same as they were read, of what has been compiled so far."""
        return self._compiler.typed

    def look(self, config: Config) -> None:
        """At every document and at the settings, so that all problems and all typed numbers are known."""
        met: set[int] = set()
        for path, document in self._documents.items():
            looked = self._looked(path, document)
            if looked is not None:
                self.typed += looked.typed
                met |= looked.met
        before = len(self._compiler.typed)
        self._compiler.look_at_settings(config)
        self.typed += [found.problem for found in self._compiler.typed[before:]]
        self._compiler.allow.met |= met
        unread = any(document.unread for document in self._documents.values())
        if not self.problems and not unread:  # known only when every document has been looked at
            self.unused = tuple(self._compiler.allow.unused())

    def _looked(self, path: str, document: Document) -> Looked | None:
        """None for a document that does not compile."""
        if not self._surroundings:
            return self._look(path)
        parts = [self._surroundings, path, document.text]
        return self._memory.stored("look", parts, lambda: self._look(path), _packed, _unpacked)

    def _look(self, path: str) -> Looked | None:
        typed = self._compiler.typed
        before = len(typed)
        with self._compiler.allow.apart() as met:
            if path not in self:
                return None
        return Looked(tuple(found.problem for found in typed[before:]), frozenset(met))


def _packed(looked: Looked | None) -> bytes | None:
    if looked is None:
        return None
    return json.dumps([as_plain(looked.typed), sorted(looked.met)], ensure_ascii=False).encode()


def _unpacked(data: bytes) -> Looked:
    typed, met = json.loads(data)
    return Looked(from_plain(typed), frozenset(met))
