"""A document, compiled once, → text with marks → HTML, for one entity after another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError

from generator.problems import Location, Problem, Problems, SourceError, did_you_mean, one_of
from generator.prose.environment import Environment, Raw, Trace, Undefined, instrument
from generator.prose.filters import explain_filters
from generator.prose.scanner import Segment, scan
from generator.prose.slots import Slot, Slots
from generator.values import NumberStyle, QuantityError

Render = Callable[[int], str]
"""What makes the HTML of the document's n-th block."""

MOST_ATTEMPTS = 25
"""Renderings of one document that only look for further problems."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced ``figure`` or ``table``: its kind and its YAML, with places."""

    what: str
    kind: str
    segment: Segment


@dataclass(frozen=True, slots=True)
class Compiled:
    """A body (or a line of front matter) ready to render."""

    path: str
    template: Template
    segments: tuple[Segment, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A bare expression, compiled, and where it stands."""

    text: str
    where: Location
    function: Callable[..., Any]


@dataclass(slots=True)
class Rendered:
    """Marked text and the slots it refers to."""

    text: str
    slots: list[Slot] = field(default_factory=list)


class Language:
    """Compiles and renders documents of one site."""

    def __init__(self, style: NumberStyle, claim: Callable[[str, str, Location], Slot]) -> None:
        self.style = style
        self.environment = Environment(style)
        self.claim = claim
        """id, words, place → the slot of an attributed number; raises SourceError for an unknown id."""

    # --- compiling --------------------------------------------------------------------------------------

    def compile(self, body: str, path: str, line: int = 1, column: int = 1) -> Compiled:
        """Raises SourceError with every problem of syntax found."""
        segments = tuple(scan(body, path, line))
        if column > 1:
            segments = tuple(replace(segment, column=segment.column + column - 1) for segment in segments)
        problems = Problems()
        source, outputs, places = self._source(segments, line)
        for segment in segments:
            if segment.kind in ("expression", "assertion"):
                self._check_expression(segment, path, problems)
            if segment.kind == "assertion":
                problems.add(
                    "assertion-unchecked",
                    "asserted words cannot be held against the data yet, so they may not be printed",
                    Location(path, segment.line, segment.column),
                    hint="Compute the number: {{ … }}, or attribute it: [words]{claim=ID}.",
                )
        problems.raise_if_any()
        blocks = tuple(_block(segment) for segment in segments if segment.kind == "block")
        try:
            tree = self.environment.parse(source, path, path)
            self._check_tree(tree, path, places, problems)
            problems.raise_if_any()
            instrument(tree, path, places, outputs)
            code = self.environment.compile(tree, path, path)
        except TemplateSyntaxError as error:
            where = Location(path, error.lineno, (places.get(error.lineno) or [1])[0])
            raise SourceError(_syntax_problem(error, where)) from None
        template = Template.from_code(self.environment, code, self.environment.make_globals(None))
        return Compiled(path, template, segments, blocks)

    def _source(
        self, segments: tuple[Segment, ...], line: int
    ) -> tuple[str, list[tuple[int, int]], dict[int, list[int]]]:
        """The Jinja source: lines are the file's; code and blocks are put in from outside."""
        parts = ["\n" * (line - 1)]
        segments = _own_lines(segments)
        outputs: list[tuple[int, int]] = []
        places: dict[int, list[int]] = {}
        blocks = 0
        for index, segment in enumerate(segments):
            breaks = "\n" * segment.text.count("\n")
            places.setdefault(segment.line, [])
            if segment.kind in ("text", "comment"):
                parts.append(segment.text)
            elif segment.kind in ("expression", "statement"):
                parts.append(segment.text)
                places[segment.line].append(segment.column)
                if segment.kind == "expression":
                    outputs.append((segment.line, segment.column))
            elif segment.kind == "block":
                # on lines of its own, so that Markdown makes a paragraph of it
                body = breaks.removesuffix("\n") or ""
                parts.append("{{ _block(" + str(blocks) + ")" + body + " }}" + ("\n" if breaks else ""))
                outputs.append((segment.line, segment.column))
                blocks += 1
            else:
                parts.append("{{ _piece(" + str(index) + ")" + breaks + " }}")
                outputs.append((segment.line, segment.column))
        # the padding is dropped again after rendering
        return "".join(parts), outputs, places

    def _check_expression(self, segment: Segment, path: str, problems: Problems) -> None:
        inner = segment.inner.strip().strip("-+").strip()
        where = Location(path, segment.line, segment.column)
        if not inner:
            problems.add("empty-expression", "there is no expression between the braces", where)
            return
        try:
            tree = self.environment.parse("{{ " + segment.inner.strip().strip("-+") + " }}")
        except TemplateSyntaxError as error:
            problems.extend([_syntax_problem(error, where)])
            return
        self._check_names(tree, where, problems)

    def _check_tree(
        self, tree: nodes.Template, path: str, places: dict[int, list[int]], problems: Problems
    ) -> None:
        refused = {
            nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from", nodes.Extends: "extends",
            nodes.FilterBlock: "filter", nodes.AssignBlock: "set … endset", nodes.Macro: "macro",
            nodes.CallBlock: "call",
        }  # fmt: skip
        for kind, name in refused.items():
            for node in tree.find_all(kind):
                where = Location(path, node.lineno, (places.get(node.lineno) or [1])[0])
                problems.add("not-in-documents", f"{{% {name} %}} is not for documents", where)
        for statement in tree.find_all((nodes.If, nodes.For, nodes.Assign)):
            where = Location(path, statement.lineno, (places.get(statement.lineno) or [1])[0])
            for part in ("test", "iter", "node"):
                expression = getattr(statement, part, None)
                if isinstance(expression, nodes.Expr):
                    self._check_names(nodes.ExprStmt(expression), where, problems)

    def _check_names(self, tree: nodes.Node, where: Location, problems: Problems) -> None:
        """Filters and tests exist (Jinja itself says so only when it meets them, one at a time)."""
        for node in tree.find_all((nodes.Filter, nodes.Test)):
            table = self.environment.filters if isinstance(node, nodes.Filter) else self.environment.tests
            what = "filter" if isinstance(node, nodes.Filter) else "test"
            name = str(getattr(node, "name", ""))
            if name not in table:
                hint = explain_filters() if what == "filter" else f"Tests: {one_of(sorted(table), most=40)}."
                message = f"there is no {what} {name!r}{did_you_mean(name, table)}"
                problems.add(f"unknown-{what}", message, where, hint=hint)

    def expression(self, text: str, where: Location) -> Expression:
        """A bare expression (no braces). Raises SourceError when it is not understood."""
        problems = Problems()
        try:
            tree = self.environment.parse("{{ (" + text + ") }}")
            self._check_names(tree, where, problems)
            problems.raise_if_any()
            compiled = self.environment.compile_expression(text, undefined_to_none=False)
        except TemplateSyntaxError as error:
            raise SourceError(_syntax_problem(error, where)) from None
        return Expression(text, where, compiled)

    def evaluate(self, expression: Expression, names: Mapping[str, Any]) -> Any:
        """Raises SourceError at the expression's place."""
        where = expression.where
        trace = Trace(Slots(self.style), set())
        trace.at(where.path, where.line, where.column)
        try:
            found = expression.function(**names)
            if isinstance(found, Undefined):
                str(found)  # raises, with the name
        except SourceError:
            raise
        except Exception as error:  # as in render
            raise SourceError(_problem(error, trace, names)) from None
        return found

    # --- rendering --------------------------------------------------------------------------------------

    def render(
        self, compiled: Compiled, names: Mapping[str, Any], block: Render | None = None, *, prose: bool = True
    ) -> Rendered:
        """Marked text. Raises SourceError with every problem of the document for this entity."""
        problems = Problems()
        muted: set[tuple[str, int, int]] = set()
        while True:
            slots = Slots(self.style, prose=prose)
            trace = Trace(slots, muted)
            context = dict(names) | {
                "_trace": trace,
                "_block": partial(_marked_block, block, slots),
                "_piece": partial(self._piece, compiled, slots),
            }
            try:
                text = compiled.template.render(context)
            except SourceError as error:
                problems.absorb(error)
            except Exception as error:  # whatever a template does is the author's problem, told in their words
                problems.extend([_problem(error, trace, names)])
            else:
                problems.raise_if_any()
                return Rendered(text.removeprefix("\n" * (_first_line(compiled) - 1)), slots.found)
            place = (trace.path, trace.line, trace.column)
            if place in muted or len(muted) > MOST_ATTEMPTS:
                raise SourceError(*problems)
            muted.add(place)

    def _piece(self, compiled: Compiled, slots: Slots, number: int) -> Raw:
        segment = compiled.segments[number]
        if segment.kind == "claim":
            where = Location(compiled.path, segment.line, segment.column)
            return Raw(slots.mark(self.claim(segment.inner, segment.words, where)))
        return Raw(segment.text)


def _own_lines(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
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


def _first_line(compiled: Compiled) -> int:
    return compiled.segments[0].line if compiled.segments else 1


def _marked_block(block: Render | None, slots: Slots, number: int) -> Raw:
    if block is None:
        raise QuantityError("no-blocks-here", "figures and tables belong in the body of a document")
    # blank lines around it keep it a paragraph of its own, whatever stands beside it
    return Raw("\n\n" + slots.mark(Slot("block", block(number))) + "\n\n")


def _block(segment: Segment) -> Block:
    what, _, kind = segment.words.partition(" ")
    return Block(what, kind.strip(), segment)


def _syntax_problem(error: TemplateSyntaxError, where: Location) -> Problem:
    said = (error.message or "not understood").rstrip(".")
    said = re.sub(r"^(unexpected|expected)", r"\1", said)
    hint = "A template that is opened must be closed: {% if … %} with {% endif %}, {% for … %} with {% endfor %}."
    return Problem(
        "template-syntax", f"this expression is not understood: {said}", where, hint if "end" in said else ""
    )


def _problem(error: Exception, trace: Trace, names: Mapping[str, Any]) -> Problem:
    where = Location(trace.path, trace.line, trace.column)
    if isinstance(error, QuantityError):
        return Problem(error.code, error.message, where, error.hint)
    if isinstance(error, SecurityError):
        return Problem(
            "sandbox", f"templates may not do this: {error}", where, "Use values, filters and loops only."
        )
    if isinstance(error, UndefinedError):
        return _undefined(error, where, names)
    if isinstance(error, RecursionError):
        return Problem("endless-loop", "this template calls itself without end", where)
    kind = "template-error" if isinstance(error, TemplateError | TypeError | ValueError) else "expression-error"
    return Problem(kind, f"this cannot be calculated: {_plain_words(error)}", where)


def _undefined(error: UndefinedError, where: Location, names: Mapping[str, Any]) -> Problem:
    match = re.match(r"'(?P<name>\w+)' is undefined", str(error))
    if match:
        known = [name for name in names if not name.startswith("_")]
        return Problem(
            "undefined-name",
            f"there is no {match['name']!r} here{did_you_mean(match['name'], known)}",
            where,
            f"Names that are known here: {one_of(sorted(known), most=30)}.",
        )
    return Problem("undefined-name", str(error), where)


def _plain_words(error: Exception) -> str:
    return str(error) or type(error).__name__
