"""The segments of a text as Jinja sources, one for each of its sections.

A section begins with a heading that stands in no condition and no loop. Each is compiled by itself, and knows
nothing of where it stands, so that a change in one leaves the others as they were, wherever they move; what is set
in one is known in those after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from generator.prose.scanner import Segment
from generator.prose.statements import CONDITIONS, word_of

Place = tuple[int, int]
"""Line and column, both from 1."""

_HEADING = re.compile(r"(?<=\n)(?=#{1,6} )")
_BRACE = re.compile(r"\{(?=[{%])")
"""One that a backslash has taken its meaning, or that stands alone: to Jinja it is no sign either."""
_DEEPER = {"if": 1, "for": 1, "endif": -1, "endfor": -1}


class Source(Struct, frozen=True):
    """Jinja source of one section. Its lines are the file's, counted from 1 where it begins.

    ``outputs`` are the places of each ``{{`` in order, ``statements`` those of each ``{%`` with an expression.
    """

    text: str
    outputs: tuple[Place, ...] = ()
    statements: tuple[Place, ...] = ()


class Start(Struct, frozen=True):
    """Where a section begins: its line in the file, its first segment and block among those of the text."""

    line: int
    segment: int = 0
    block: int = 0


def sources(segments: Sequence[Segment], line: int) -> tuple[tuple[Source, Start], ...]:
    """At least one; ``line`` is the first of the text in the file.

    Code and blocks are put in from outside, by ``_piece`` and ``_block`` with their numbers in the section.
    """
    maker = _Maker(Start(line))
    depth = blocks = 0
    for index, segment in enumerate(_own_lines(segments)):
        breaks = "\n" * segment.text.count("\n")
        number = index - maker.start.segment
        if segment.kind == "text":
            text = _BRACE.sub("{% raw %}{{% endraw %}", segment.text)
            first, *more = _HEADING.split(text) if depth == 0 else [text]
            maker.write(first)
            for section in more:
                maker.begin(index, blocks)
                maker.write(section)
        elif segment.kind == "comment":
            maker.write(segment.text)
        elif segment.kind == "expression":
            maker.write(segment.text, output=(segment.line, segment.column))
        elif segment.kind == "statement":
            depth += _DEEPER.get(word_of(segment), 0)
            maker.write(segment.text, statement=segment)
        elif segment.kind == "block":
            # on lines of its own, so that Markdown makes a paragraph of it
            body = breaks.removesuffix("\n") or ""
            block = blocks - maker.start.block
            text = "{{ _block(" + str(block) + ")" + body + " }}" + ("\n" if breaks else "")
            maker.write(text, output=(segment.line, segment.column))
            blocks += 1
        elif segment.kind == "assertion":
            before = "\n" * segment.words.count("\n")
            text = "{{ _hold(" + str(number) + ", " + before + "(" + segment.inner + ")) }}"
            maker.write(text, output=inner_place(segment))
        else:
            text = "{{ _piece(" + str(number) + ")" + breaks + " }}"
            maker.write(text, output=(segment.line, segment.column))
    return maker.finished()


class _Maker(Struct):
    start: Start
    done: list[tuple[Source, Start]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    outputs: list[Place] = field(default_factory=list)
    statements: list[Place] = field(default_factory=list)

    def write(self, text: str, *, output: Place | None = None, statement: Segment | None = None) -> None:
        self.parts.append(text)
        if output:
            self.outputs.append(self.place(*output))
        if statement and word_of(statement) in CONDITIONS:
            self.statements.append(self.place(statement.line, statement.column))

    def place(self, line: int, column: int) -> Place:
        return line - self.start.line + 1, column

    def begin(self, segment: int, block: int) -> None:
        """A new section, when there is anything in the one before."""
        text = "".join(self.parts)
        line = self.start.line + text.count("\n")
        if text:
            self.done.append((Source(text, tuple(self.outputs), tuple(self.statements)), self.start))
        self.start = Start(line, segment, block)
        self.parts, self.outputs, self.statements = [], [], []

    def finished(self) -> tuple[tuple[Source, Start], ...]:
        first = self.start
        self.begin(0, 0)
        return tuple(self.done) or ((Source(""), first),)


def inner_place(segment: Segment) -> Place:
    """Line and column at which an assertion's expression begins, after the blanks."""
    lead = segment.inner[: len(segment.inner) - len(segment.inner.lstrip())]
    if not segment.inner.strip() or "\n" in lead:
        return segment.inner_line, segment.inner_column
    return segment.inner_line, segment.inner_column + len(lead)


def _own_lines(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Statements and comments that have a line to themselves leave no line behind.

    The line break goes inside the tag, so that all lines keep their numbers; indentation is dropped. A tag at
    the end of a line of text keeps its break: the words after it must not run into those before.
    """
    made = list(segments)
    tags: list[int] = []  # the statements and comments on the current line, so far nothing else
    spaces: list[tuple[int, int, int]] = []  # blank stretches of texts on it: segment, start, end
    removed: dict[int, list[tuple[int, int]]] = {}
    alone = True
    for index, segment in enumerate(segments):
        if segment.kind in ("statement", "comment"):
            tags.append(index)
            continue
        if segment.kind != "text":
            alone = segment.text.endswith("\n") and segment.kind in ("block", "code")
            tags, spaces = [], []
            continue
        start = 0
        for piece in segment.text.splitlines(keepends=True):
            end = start + len(piece)
            if piece.strip():
                alone = False
            spaces.append((index, start, end))
            if piece.endswith("\n"):
                if alone and tags:
                    for at, first, last in spaces:
                        removed.setdefault(at, []).append((first, last))
                    tag = made[tags[-1]]
                    closing = 3 if tag.kind == "comment" else 3 if tag.text.endswith("-%}") else 2
                    made[tags[-1]] = replace(tag, text=f"{tag.text[:-closing]}\n{tag.text[-closing:]}")
                alone, tags, spaces = True, [], []
            start = end
    for index, stretches in removed.items():
        text = segments[index].text
        for first, last in sorted(set(stretches), reverse=True):
            text = text[:first] + text[last:]
        made[index] = replace(segments[index], text=text)
    return tuple(made)
