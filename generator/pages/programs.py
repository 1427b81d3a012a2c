"""The documents of a story, each compiled when a page first needs it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import copy
from functools import partial

from msgspec import Struct

from generator.config import Config
from generator.documents import Compiler, Program
from generator.figures.live import Asking
from generator.figures.spec import FigureSpec
from generator.lint.unbound import Found
from generator.memory import Memory
from generator.problems import Problem, Problems, SourceError, as_plain, from_plain
from generator.prose.render import Compiled
from generator.source import Document
from generator.updates import Updates


class Looked(Struct, frozen=True):
    """What was found in a document that compiles: numbers that are typed, which allowances they have met, the
    language that it says its pages are in, and what its figures ask for."""

    typed: tuple[Problem, ...]
    met: frozenset[int]
    language: str
    asking: tuple[Asking, ...]


Made = tuple[Program, tuple[Found, ...], frozenset[int]]
"""A compiled document, the numbers that are typed in it, and which allowances they have met."""


class Programs(Mapping[str, Program]):
    """Path → compiled document. Those that do not compile are not there; why is among the ``problems``."""

    def __init__(
        self,
        compiler: Compiler,
        documents: Mapping[str, Document],
        memory: Memory,
        words: str = "",
        updates: Updates | None = None,
    ) -> None:
        """``words`` is the digest of all that compiling depends on besides the document; '' when unknown."""
        self.problems = Problems()
        self.typed: tuple[Problem, ...] = ()
        """Numbers that are typed and bound to nothing, once all documents have been looked at."""
        self.unused: tuple[Problem, ...] = ()
        """Allowances that nothing in the story needs, once all documents have been looked at."""
        self.settings: tuple[Found, ...] = ()
        """The numbers that are typed in site.yml and updates.yml, once they have been looked at."""
        self.updates: Mapping[tuple[str | int, ...], Compiled] = {}
        """The texts of updates.yml, once they have been looked at."""
        self._updates = updates
        self._compiler = compiler
        self._documents = documents
        self._memory = memory
        self._words = words
        self._done: dict[str, Program | None] = {}
        self._found: dict[str, tuple[Found, ...]] = {}
        self._met: dict[str, frozenset[int]] = {}
        self._looks: dict[str, Looked | None] = {}

    def __getitem__(self, path: str) -> Program:
        if path not in self._done:
            self._compile(path, self._documents[path])
        program = self._done[path]
        if program is None:
            raise KeyError(path)
        return program

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._documents if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _compile(self, path: str, document: Document) -> None:
        self._done[path], self._found[path] = None, ()
        if document.unread:  # why is told elsewhere
            return
        try:
            made = self._made(path, document)
        except SourceError as error:
            self.problems.absorb(error)
            return
        self._done[path], self._found[path], self._met[path] = made

    def _made(self, path: str, document: Document) -> Made:
        """Raises SourceError for a document that does not compile."""
        if not self._words:
            return self._made_anew(path, document)
        parts = [self._words, path, document.text]
        return self._memory.thing("program", parts, lambda: self._made_anew(path, document))

    def _made_anew(self, path: str, document: Document) -> Made:
        with self._compiler.allow.apart() as met:
            try:
                program = self._compiler.compile(document)
            finally:
                self._found[path] = self._taken()
        return program, self._found[path], frozenset(met)

    def _taken(self) -> tuple[Found, ...]:
        """What the compiler has found since it was last asked."""
        found = tuple(self._compiler.typed)
        self._compiler.typed.clear()
        return found

    # --- typed numbers ----------------------------------------------------------------------------------

    def found_in(self, path: str) -> tuple[Found, ...]:
        """The numbers that are typed in a document."""
        return self._found[path] if path in self._documents and (path in self or path in self._found) else ()

    @property
    def found(self) -> list[Found]:
        """The numbers that are typed anywhere."""
        return [*self.settings, *(each for path in self._documents for each in self.found_in(path))]

    def look(self, config: Config) -> None:
        """At every document and at the settings, so that all problems and all typed numbers are known."""
        allow = self._compiler.allow
        self._compiler.look_at_settings(config)
        if self._updates is not None:
            self.updates = self.problems.attempt(partial(self._compiler.updates, self._updates), {})
        self.settings = self._taken()
        typed = [found.problem for found in self.settings]
        for path, document in self._documents.items():
            looked = self._looked(path, document)
            if looked is not None:
                typed += looked.typed
                allow.met |= looked.met
            else:  # it does not compile, but numbers were met on the way
                typed += [found.problem for found in self._found.get(path, ())]
        self.typed = tuple(typed)
        unread = any(document.unread for document in self._documents.values())
        if not self.problems and not unread:  # known only when every document has been looked at
            self.unused = tuple(allow.unused())

    def looked(self, path: str) -> Looked | None:
        """What was found in a document, which need not be compiled for it; None where it does not compile."""
        return self._looked(path, self._documents[path])

    def _looked(self, path: str, document: Document) -> Looked | None:
        if path not in self._looks:
            self._looks[path] = self._found_in(path, document)
        return self._looks[path]

    def _found_in(self, path: str, document: Document) -> Looked | None:
        if not self._words:
            return self._look(path)
        parts = [self._words, path, document.text]
        return self._memory.stored("look", parts, lambda: self._look(path), _packed, _unpacked)

    def _look(self, path: str) -> Looked | None:
        if path not in self:
            return None
        program = self[path]
        return Looked(
            tuple(found.problem for found in self._found[path]),
            self._met[path],
            program.front.language,
            tuple(
                Asking.of(block.kind, block.spec) for block in program.blocks if isinstance(block.spec, FigureSpec)
            ),
        )

    # --- other texts ------------------------------------------------------------------------------------

    def with_documents(
        self, documents: Mapping[str, Document], changed: Mapping[str, Document | SourceError]
    ) -> Programs:
        """The same with another text, or what is wrong with it, in some documents; they are compiled at once."""
        made = copy(self)
        made._documents = documents
        made._done = {path: known for path, known in self._done.items() if path not in changed}
        made._found = {path: known for path, known in self._found.items() if path not in changed}
        made._met = dict(self._met)
        made._looks = {path: known for path, known in self._looks.items() if path not in changed}
        made.problems = Problems()
        made.problems.extend(problem for problem in self.problems if problem.location.path not in changed)
        for path, given in changed.items():
            if isinstance(given, SourceError):
                made.problems.absorb(given)
                made._done[path], made._found[path] = None, ()
            else:
                made._compile(path, given)
        typed = [problem for problem in self.typed if problem.location.path not in changed]
        made.typed = (*typed, *(found.problem for path in changed for found in made._found[path]))
        return made


def _packed(looked: Looked | None) -> bytes | None:
    if looked is None:
        return None
    asking = [[each.kind, each.id, each.compare, each.explore, each.entity, each.options] for each in looked.asking]
    made = [as_plain(looked.typed), sorted(looked.met), looked.language, asking]
    return json.dumps(made, ensure_ascii=False).encode()


def _unpacked(data: bytes) -> Looked:
    typed, met, language, asking = json.loads(data)
    return Looked(from_plain(typed), frozenset(met), language, tuple(Asking(*each) for each in asking))
