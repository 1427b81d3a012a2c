"""A document, compiled once, → text with marks → HTML, for one entity after another."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import partial
from types import CodeType
from typing import Any

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError, TemplateError, UndefinedError
from msgspec import Struct, field

from generator.bytecode import Bytecode
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean, one_of
from generator.prose.assertions import Assertions
from generator.prose.computing import computed
from generator.prose.environment import Environment, Muted, Raw, Trace, Undefined, instrument
from generator.prose.filters import KEPT_BUILTINS, explain_filters
from generator.prose.scanner import Segment, scan
from generator.prose.slots import MARK, Slot, Slots
from generator.prose.sources import Source, Start, inner_place, sources
from generator.prose.statements import check_statements, expression_of
from generator.values import NumberStyle, Numeric, QuantityError
from generator.words import UNDERSTOOD, Verdict

Render = Callable[[int], str]
"""What makes the HTML of the document's n-th block."""

_WORD_TESTS = ("known", "zero", "defined", "even", "odd", "divisibleby", "in", "none", "string", "number")

MOST_SECTIONS = 2000
"""Compiled sections that are remembered."""
MOST_ATTEMPTS = 25
"""Renderings of one document that only look for further problems."""


class Block(Struct, frozen=True):
    """A fenced ``figure`` or ``table``: its kind and its YAML, with places."""

    what: str
    kind: str
    segment: Segment


class Compiled(Struct, frozen=True):
    """A body (or a line of front matter) ready to render."""

    path: str
    parts: tuple[tuple[Template | str, Start], ...]
    """Its sections, and where each begins; a text for one in which nothing is worked out."""
    segments: tuple[Segment, ...]
    blocks: tuple[Block, ...]
    folded: bool = False


class Expression(Struct, frozen=True):
    """A bare expression, compiled, and where it stands."""

    text: str
    where: Location
    function: Callable[[Mapping[str, Any]], Any]


class Rendered(Struct):
    """Marked text and the slots it refers to."""

    text: str
    slots: list[Slot] = field(default_factory=list)
    unborne: tuple[Problem, ...] = ()
    """Asserted words that the data does not bear out. They are printed all the same: a draft may have them."""
    places: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    """Where each slot was printed: file, line and column."""


class Language:
    """Compiles and renders documents of one site."""

    def __init__(
        self,
        style: NumberStyle,
        claim: Callable[[str, str, Location], Slot],
        assertions: Assertions | None = None,
        bytecode: Bytecode | None = None,
    ) -> None:
        self.style = style
        self.environment = Environment(style)
        self.claim = claim
        """id, words, place → the slot of an attributed number; raises SourceError for an unknown id."""
        self.assertions = assertions or Assertions(style)
        self._bytecode = bytecode or Bytecode()
        self._sections: OrderedDict[Source, Template | str] = OrderedDict()
        """Those that were compiled: what stands unchanged is not compiled again, wherever it has moved."""
        self._sound: set[str] = set()
        """Expressions that were parsed before, and have nothing wrong with them."""

    def speaking(self, style: NumberStyle) -> Language:
        """The same for pages in another language; what is compiled serves both."""
        made = copy(self)
        made.style, made.assertions = style, self.assertions.speaking(style)
        return made

    # --- compiling --------------------------------------------------------------------------------------

    def compile(
        self, body: str, path: str, line: int = 1, column: int | Sequence[int] = 1, *, folded: bool = False
    ) -> Compiled:
        """A text whose first line is ``line`` of the file; ``column`` is where its lines begin in the file.

        ``folded``: the line breaks are YAML's, and come out as spaces. Raises SourceError with every problem of
        syntax found.
        """
        segments = tuple(scan(body, path, line, (column,) if isinstance(column, int) else column))
        problems = Problems()
        check_statements(segments, path, problems)
        made = sources(segments, line)
        parts = None if problems else self._parts(made)
        for segment in segments:
            self._check_segment(segment, path, problems, parsed=parts is not None)
        problems.raise_if_any()
        if parts is None:
            raise self._why_not(segments, made, path, line)
        blocks = tuple(_block(segment) for segment in segments if segment.kind == "block")
        return Compiled(path, parts, segments, blocks, folded)

    def _parts(self, made: Sequence[tuple[Source, Start]]) -> tuple[tuple[Template | str, Start], ...] | None:
        """Each section compiled; None where syntax or names are wrong, so that each expression is looked at."""
        parts = []
        for source, start in made:
            part = self._section(source)
            if part is None:
                return None
            parts.append((part, start))
        return tuple(parts)

    def _section(self, source: Source) -> Template | str | None:
        known = self._sections.get(source)
        if known is not None:
            return known
        parts = ("section", source.text, repr(source.outputs), repr(source.statements))
        code = self._bytecode.kept(parts, lambda: self._code(source))
        if code is None:
            return None
        made = self._sections[source] = code if isinstance(code, str) else self.environment.ready(code)
        while len(self._sections) > MOST_SECTIONS:
            self._sections.popitem(last=False)
        return made

    def _code(self, source: Source) -> CodeType | str | None:
        """What gives a section; itself, when nothing in it is worked out."""
        tree = self._parsed(source.text)
        if tree is None:
            return None
        constant = _constant(tree)
        if constant is not None:
            return constant
        instrument(tree, source)
        return self.environment.compile(tree)

    def _why_not(
        self, segments: Sequence[Segment], made: Sequence[tuple[Source, Start]], path: str, line: int
    ) -> SourceError:
        """What is wrong with a text of which every expression is right by itself."""
        for source, start in made:
            try:
                self.environment.parse(source.text)
            except TemplateSyntaxError as error:
                found = start.line + error.lineno - 1
                there = [s for s in segments if s.line == found and s.kind in ("expression", "statement")]
                column = there[0].column if there else 1
                return SourceError(_syntax_problem(error, Location(path, found, column)))
        return SourceError(Problem("template-syntax", "this text cannot be read", Location(path, line)))

    def _parsed(self, source: str) -> nodes.Template | None:
        """The tree of a text whose syntax and names are right; None where each expression must be looked at."""
        try:
            tree = self.environment.parse(source)
        except TemplateSyntaxError:
            return None
        known = self._tables()
        named = tree.find_all((nodes.Filter, nodes.Test))
        return tree if all(node.name in known[type(node)] for node in named) else None

    def _check_segment(self, segment: Segment, path: str, problems: Problems, *, parsed: bool) -> None:
        """``parsed``: the text that it is a part of could be parsed, and with it what stands in plain braces."""
        where = Location(path, segment.line, segment.column)
        if segment.kind in ("expression", "assertion"):
            inner = segment.inner.strip().strip("-+").strip()
            begins = where if segment.kind == "expression" else Location(path, *inner_place(segment))
            if inner and parsed and segment.kind == "expression" and not _OURS.search(inner):
                self._check_date(inner, begins, problems)
            elif inner:
                self._check_expression(inner, begins, problems)
            else:
                hint = (
                    "Write what the page is to print, {{ … }}, or what the words are held against, [words]{= … }."
                )
                problems.add("empty-expression", "there is no expression between the braces", begins, hint=hint)
        elif segment.kind == "statement" and expression_of(segment):
            self._check_expression(expression_of(segment), where, problems)
        if segment.kind == "assertion" and not segment.words.strip():
            hint = "Write the words between the brackets: [nearly half]{= … }."
            problems.add("assertion-empty", "there are no words to hold against the data", where, hint=hint)

    def _check_expression(self, text: str, where: Location, problems: Problems) -> None:
        """One expression by itself, so that every one of a document is told, each at its place."""
        if text in self._sound or self._bytecode.found(("sound", text)):
            return
        before = len(problems)
        if self._check_date(text, where, problems):
            return
        try:
            tree = self.environment.parse("{{ " + text + " }}")
        except TemplateSyntaxError as error:
            problems.extend([_syntax_problem(error, where, text)])
            return
        self._check_names(tree, where, problems)
        if len(problems) == before:
            self._sound.add(text)
            self._bytecode.keep(("sound", text), True)

    def _check_date(self, text: str, where: Location, problems: Problems) -> bool:
        """Whether there is a date without quotes, which Jinja reads as a subtraction."""
        bare = _bare_date(text)
        if bare:
            problems.extend([_without_quotes(bare, where)])
        return bool(bare)

    def _tables(self) -> Mapping[type[nodes.Node], Mapping[str, Any]]:
        return {nodes.Filter: self.environment.filters, nodes.Test: self.environment.tests}

    def _check_names(self, tree: nodes.Node, where: Location, problems: Problems) -> None:
        """Filters and tests exist (Jinja itself says so only when it meets them, one at a time)."""
        for named in tree.find_all(nodes.Name):
            if named.name.startswith("_") or named.name == "self":
                message = f"the name {named.name!r} is not for documents"
                problems.add("undefined-name", message, where)
        for node in tree.find_all((nodes.Filter, nodes.Test)):
            table = self._tables()[type(node)]
            what = "filter" if isinstance(node, nodes.Filter) else "test"
            name = str(getattr(node, "name", ""))
            if name not in table:
                hint = explain_filters(name) if what == "filter" else f"Tests: {one_of(_WORD_TESTS, most=40)}."
                message = f"there is no {what} {name!r}{did_you_mean(name, table)}"
                problems.add(f"unknown-{what}", message, where, hint=hint)

    def expression(self, text: str, where: Location) -> Expression:
        """A bare expression (no braces). Raises SourceError when it is not understood."""
        code = self._bytecode.kept(("expression", text), lambda: self._code_of(text, where))
        function = self._field(*code) if isinstance(code, tuple) else self.environment.value(code)
        return Expression(text, where, function)

    def _code_of(self, text: str, where: Location) -> CodeType | tuple[str, str]:
        """What gives an expression; name and field of ``name.field``, the commonest by far."""
        problems = Problems()
        try:
            tree = self.environment.parse("{{ (" + text + ") }}")
            self._check_names(tree, where, problems)
            problems.raise_if_any()
            match tree.body:
                case [nodes.Output(nodes=[nodes.Getattr(node=nodes.Name(name=name), attr=attribute)])]:
                    if name not in self.environment.globals:
                        return name, attribute
            return self.environment.compile_value(text)
        except TemplateSyntaxError as error:
            raise SourceError(_syntax_problem(error, where, text)) from None

    def _field(self, name: str, attribute: str) -> Callable[[Mapping[str, Any]], Any]:
        """What gives ``name.field`` without a context."""
        ask, nothing = self.environment.getattr, self.environment.undefined
        return lambda names: ask(names[name] if name in names else nothing(name=name), attribute)

    @property
    def _foreign(self) -> bool:
        """Whether it is of pages in another language than the site's."""
        return self.style is not self.environment.globals["_style"]

    def evaluate(self, expression: Expression, names: Mapping[str, Any]) -> Any:
        """Raises SourceError at the expression's place."""
        try:
            found = expression.function({**names, "_style": self.style} if self._foreign else names)
            if isinstance(found, Undefined):
                str(found)  # raises, with the name
            if isinstance(found, Numeric):
                _ = found.quantity  # looks it up, here where its place is known
        except SourceError:
            raise
        except Exception as error:  # as in render
            where = expression.where
            trace = Trace(Slots(self.style), where.path, set())
            trace.at(where.line, where.column)
            raise SourceError(_problem(error, trace, names)) from None
        return found

    # --- rendering --------------------------------------------------------------------------------------

    def render(
        self, compiled: Compiled, names: Mapping[str, Any], block: Render | None = None, *, prose: bool = True
    ) -> Rendered:
        """Marked text. Raises SourceError with every problem of the document for this entity."""
        match compiled.parts:
            case [(str(text), _)]:
                return Rendered(_finished(text, compiled))
        problems = Problems()
        muted: set[tuple[str, int, int]] = set()
        while True:
            slots = Slots(self.style, prose=prose)
            trace = Trace(slots, compiled.path, muted)
            context = {
                **names,
                "_trace": trace,
                "_style": self.style,
                "_block": partial(_marked_block, block, trace),
                "_piece": partial(self._piece, compiled, trace),
                "_hold": partial(self._hold, compiled, trace),
            }
            try:
                text = _rendered(compiled.parts, context, trace)
            except SourceError as error:
                problems.absorb(error)
            except Exception as error:  # whatever a template does is the author's problem, told in their words
                problems.extend([_problem(error, trace, names)])
            else:
                problems.extend(_doubled_units(text, trace, self.style))
                if problems.errors:
                    raise SourceError(*problems, *trace.found)
                return Rendered(_finished(text, compiled), slots.found, tuple(trace.found), trace.places)
            if trace.place in muted or len(muted) > MOST_ATTEMPTS:
                raise SourceError(*problems)
            muted.add(trace.place)

    def _hold(self, compiled: Compiled, trace: Trace, number: int, found: Any) -> Raw:
        """The words of an assertion, held against what its expression gave."""
        if isinstance(found, Muted):
            return found
        if isinstance(found, Undefined):
            str(found)  # raises, with the name
        number += trace.start.segment
        segment = compiled.segments[number]
        after = compiled.segments[number + 1].text[:40] if number + 1 < len(compiled.segments) else ""
        verdict = self.assertions.hold(segment.words, found, after)
        if verdict.outcome != "holds":
            trace.found.extend([_unborne(verdict, segment, compiled.path, found)])
        slot = self.assertions.slot(" ".join(segment.words.split()), found)
        trace.places[len(trace.slots.found)] = (compiled.path, segment.line, segment.column)
        return Raw(trace.slots.mark(slot))

    def _piece(self, compiled: Compiled, trace: Trace, number: int) -> Raw:
        segment = compiled.segments[trace.start.segment + number]
        if segment.kind == "claim":
            where = Location(compiled.path, segment.line, segment.column)
            return Raw(trace.slots.mark(self.claim(segment.inner, segment.words, where)))
        return Raw(segment.text)


def _on_every_page(verdict: Verdict, segment: Segment, found: Any) -> str:
    """What to do where no fixed words can be right for all places of a document."""
    if verdict.code == "claim-noun" or (verdict.outcome == "refused" and verdict.code != "claim-words"):
        return ""
    made = computed(segment.inner, segment.words, found, verdict.means)
    known = f" Understood: {UNDERSTOOD}." if verdict.code == "claim-words" else ""
    return f"What differs from page to page is computed: {made}; or it stands in {{% if … %}}.{known}"


def _unborne(verdict: Verdict, segment: Segment, path: str, found: Any) -> Problem:
    words = segment.words
    lead = len(words) - len(words.lstrip())
    line, column = segment.line, segment.column + 1 + lead
    if "\n" in words[:lead]:
        line, column = line + words[:lead].count("\n"), len(words[:lead]) - words[:lead].rfind("\n")
    width = len(words.strip().partition("\n")[0])
    shown = " ".join(words.split())
    if verdict.outcome == "refused":
        message, detail = verdict.says, ""
        if verdict.code in ("claim-rank", "claim-unit", "claim-unknown"):
            message = f"the words “{shown}” cannot be held against the data: {verdict.says}"
    else:
        message, detail = f"the words say “{shown}”", f"the data says {verdict.says}"
    return Problem(
        verdict.code, message, Location(path, line, column, width), verdict.advice, detail=detail,
        notes=verdict.more, varying=_on_every_page(verdict, segment, found),
    )  # fmt: skip


_OURS = re.compile(r"\b(?:_|self\b)")
"""Names that are not for documents, or what may be one."""
_AFTER = re.compile(MARK.pattern + r"[ \u00a0]?(%|percent\b|per cent\b)")


def _doubled_units(text: str, trace: Trace, style: NumberStyle) -> Iterator[Problem]:
    """A share prints its own unit; the same word behind it is one too many."""
    for match in _AFTER.finditer(text):
        slot, place = trace.slots.found[int(match[1])], trace.places.get(int(match[1]))
        if place and slot.kind == "data" and slot.text.endswith(style.percent):
            hint = f"Leave out the {match[2]!r} behind it."
            yield Problem("doubled-unit", "a share prints its own unit", Location(*place), hint)


def _constant(tree: nodes.Template) -> str | None:
    """What a template always gives; None when there is anything to work out."""
    parts: list[str] = []
    for node in tree.body:
        for part in node.nodes if isinstance(node, nodes.Output) else (node,):
            if not isinstance(part, nodes.TemplateData):
                return None
            parts.append(part.data)
    return "".join(parts)


def _finished(text: str, compiled: Compiled) -> str:
    """On one line when YAML folds it."""
    return text.replace("\n", " ") if compiled.folded else text


def _rendered(parts: Iterable[tuple[Template | str, Start]], names: dict[str, Any], trace: Trace) -> str:
    """Section after section. What one sets is among the ``names`` of those after it."""
    made = []
    for part, trace.start in parts:
        if isinstance(part, str):
            made.append(part)
        else:
            context = part.new_context(names)
            made += part.root_render_func(context)
            names |= context.vars
    return "".join(made)


def _marked_block(block: Render | None, trace: Trace, number: int) -> Raw:
    if block is None:
        raise QuantityError(
            "no-blocks-here",
            "figures and tables belong in the body of a document",
            "Move it below the second '---'.",
        )
    # blank lines around it keep it a paragraph of its own, whatever stands beside it
    made = block(trace.start.block + number)
    return Raw("\n\n" + trace.slots.mark(Slot("block", made)) + "\n\n")


def _block(segment: Segment) -> Block:
    what, _, kind = segment.words.partition(" ")
    return Block(what, kind.strip(), segment)


_TOKENS = {"name": "a name", "integer": "a number", "string": "a text", "assign": "'='", "begin": "'('"}
_ENDS = ("end of print statement", "end of statement block", "end of template", "}")


def _bare_date(expression: str) -> str:
    """A date that stands in an expression without quotes around it."""
    outside = re.sub(r"\"[^\"]*\"|'[^']*'", '""', expression)
    found = re.search(r"(?<![\"'\d-])\d{4}-\d{2}(?:-\d{2})?(?![\"'\d-])", outside)
    return found.group() if found else ""


def _without_quotes(date: str, where: Location) -> Problem:
    return Problem("template-syntax", f"the date {date} stands without quotes", where, f'Write "{date}".')


def _syntax_problem(error: TemplateSyntaxError, where: Location, expression: str = "") -> Problem:
    """Jinja's message, in an editor's words."""
    if bare := _bare_date(expression):
        return _without_quotes(bare, where)
    if expression.lstrip().startswith(("{{", "{%")):
        said = "braces stand within the braces"
        inner = expression.strip().strip("{}%").strip()
        return Problem(
            "template-syntax", f"this expression is not understood: {said}", where, f"Write {inner} alone."
        )
    said, hint = (error.message or "not understood").rstrip("."), ""
    if match := re.match(r"expected token '(.+?)', got '(.+?)'$|unexpected '(.+?)'(?:, expected '(.+?)')?$", said):
        wanted, got = match[1] or match[4] or "", match[2] or match[3]
        shown = _TOKENS.get(got, repr(got))
        if wanted in _ENDS or not wanted:
            said = "something is missing at the end" if got in _ENDS else f"{shown} is not expected here"
            hint = "" if got in _ENDS else "Between two names stands a point, an operator, or '|' before a filter."
        elif got in _ENDS:
            said = f"{_TOKENS.get(wanted, repr(wanted))} is missing"
        else:
            said = f"{shown} stands where {_TOKENS.get(wanted, repr(wanted))} should"
    elif match := re.match(r"unexpected char '(.+)' at", said):
        said = f"{match[1]!r} means nothing here"
        hint = "A text within an expression stands in straight quotes." if match[1] in "“”„‘’‚«»" else ""
    elif said == "expected name or number":
        said = "after a point stands a name"
    return Problem("template-syntax", f"this expression is not understood: {said}", where, hint)


def _problem(error: Exception, trace: Trace, names: Mapping[str, Any]) -> Problem:
    where = Location(trace.path, trace.line, trace.column)
    if isinstance(error.__cause__, QuantityError):  # what a view does not have
        error = error.__cause__
    if isinstance(error, QuantityError):
        return Problem(error.code, error.message, where, error.hint)
    if isinstance(error, SecurityError):
        said, hint = str(error), "Use values, filters and loops only."
        if match := re.match(r"access to attribute '(\w+)'", said):
            said = f"{match[1]!r} is not for documents"
            if match[1] in KEPT_BUILTINS:
                hint = f"Use the filter: {{{{ … | {match[1]} }}}}."
        return Problem("sandbox", said, where, hint)
    if isinstance(error, UndefinedError):
        return _undefined(error, where, names)
    if isinstance(error, RecursionError):
        return Problem("endless-loop", "this calls itself without end", where)
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
    said = str(error)
    for pattern, words in _CALLED_WRONGLY:
        if match := pattern.match(said):
            return match.expand(words)
    return said or type(error).__name__


_CALLED_WRONGLY = (
    (re.compile(r"(?:\w+\.)*(\w+\(\)) missing \d+ required positional arguments?: (.+)"), r"\1 needs \2"),
    (re.compile(r"(?:\w+\.)*(\w+\(\)) got an unexpected keyword argument (.+)"), r"\1 has no option \2"),
    (re.compile(r"(?:\w+\.)*(\w+\(\)) takes .* but (\d+) (?:was|were) given"), r"\1 is given too much"),
    (re.compile(r".*division (?:or modulo )?by zero"), "it divides by zero"),
)
"""What Python says of a call → the same in plain words."""
