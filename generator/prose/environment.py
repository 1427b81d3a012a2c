"""The expression language of documents: Jinja, sandboxed, strict, and told where it stands.

Every output, condition and loop is wrapped so that an error knows its line and column, and so that a
template which loops too long stops.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, MutableMapping
from types import CodeType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes, pass_context, pass_environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError
from jinja2.filters import make_attrgetter, sync_do_slice
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.problems import Problems
from generator.prose.filters import FILTERS, KEPT_BUILTINS, TESTS
from generator.prose.slots import Slots
from generator.prose.sources import Place, Source, Start
from generator.prose.views import View
from generator.values import NumberStyle, QuantityError

MOST_STEPS = 200_000
"""Loop steps one rendering may take; the length of a range counts, too."""
MOST_TEXT = 100_000
"""Length of a text or list that an operator or filter may make."""
MOST_PRINTED = 20_000_000
"""Length of all that the expressions of one rendering print."""
MOST_NUMBER = 10**18

_ATTRIBUTES: dict[type, frozenset[str]] = {
    str: frozenset(
        (
            "capitalize", "casefold", "count", "endswith", "find", "isalpha", "isdigit", "islower", "isupper",
            "lower", "lstrip", "partition", "removeprefix", "removesuffix", "rpartition", "rsplit", "rstrip",
            "split", "splitlines", "startswith", "strip", "title", "upper",
        )
    ),
    list: frozenset(("count", "index")),
    tuple: frozenset(("count", "index")),
    dict: frozenset(("get", "items", "keys", "values")),
    int: frozenset(),
    float: frozenset(),
}  # fmt: skip
"""What documents may ask of Python's own values; nothing in it makes a long text of a short one."""


class Raw(str):
    """Text that goes through unmarked: a piece of the document itself."""

    __slots__ = ()


class Muted(Raw):
    """Stands for an expression whose problem is known; whatever is asked of it, it stays out of the way."""

    __slots__ = ()
    muted = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def _itself(self, *_: Any, **__: Any) -> Any:
        return self

    __call__ = __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __truediv__ = _itself

    def _yes(self, *_: Any) -> bool:
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = _yes
    __hash__ = str.__hash__

    def __iter__(self) -> Iterator[Any]:
        return iter(())


class Trace:
    """Where a rendering is, what it has printed, and how many steps it may still take.

    ``muted`` holds the places that failed in an earlier attempt: they are passed over, so that one run
    shows every problem of a document.
    """

    __slots__ = ("column", "found", "line", "muted", "path", "places", "printed", "slots", "start", "steps")

    def __init__(self, slots: Slots, path: str, muted: set[tuple[str, int, int]]) -> None:
        self.slots = slots
        self.found = Problems()
        """What is wrong and stops nothing: words that the data does not bear out."""
        self.muted = muted
        self.path, self.line, self.column = path, 0, 0
        self.start = Start(1)
        """Where the section begins that is being rendered: sections count their lines from there."""
        self.steps = self.printed = 0
        self.places: dict[int, tuple[str, int, int]] = {}
        """Where each slot was printed."""

    @property
    def place(self) -> tuple[str, int, int]:
        return self.path, self.line, self.column

    def at(self, line: int, column: int) -> Muted | None:
        line += self.start.line - 1
        if (self.path, line, column) in self.muted:
            return Muted("0")
        self.line, self.column = line, column
        return None

    def loop(self, line: int, column: int, items: Any) -> Iterator[Any]:
        if isinstance(items, Muted):
            return
        for item in items:
            if self.steps >= MOST_STEPS:
                self.at(line, column)
            self.count(1)
            yield item
            self.at(line, column)

    def count(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MOST_STEPS:
            raise QuantityError(
                "endless-loop", f"more than {MOST_STEPS:,} steps in loops", "Loop over fewer things, or once."
            )

    def print(self, text: str) -> str:
        self.printed += len(text)
        if self.printed > MOST_PRINTED:
            raise QuantityError("endless-loop", f"more than {MOST_PRINTED:,} letters from one text")
        return text


class Undefined(StrictUndefined):
    """Strict, and open to the reporter: what was asked for, of what."""

    @property
    def asked(self) -> tuple[str, Any]:
        return str(self._undefined_name), self._undefined_obj


class Environment(ImmutableSandboxedEnvironment):
    """Autoescape is off: documents print marks, which are escaped where they land."""

    intercepted_binops = frozenset(("*", "**", "%", "+"))

    def __init__(self, style: NumberStyle) -> None:
        super().__init__(
            undefined=Undefined,
            finalize=_finalize,
            comment_start_string="<!--",
            comment_end_string="-->",
            keep_trailing_newline=True,
            cache_size=0,
            auto_reload=False,
        )
        kept = {name: self.filters[name] for name in KEPT_BUILTINS}
        self.filters = kept | {name: LIMITED[name] for name in LIMITED if name in kept} | FILTERS
        self.tests = dict(self.tests) | TESTS
        self.globals = {"_style": style, "range": _range}
        self._safe: dict[tuple[type, str], bool] = {}
        """Whether things of a type may be asked for a name; as many as the documents of a story ask for."""
        self._looked_up: dict[tuple[type, str], bool] = {}
        """Whether it is a view that says itself what the name gives."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain mapping: each rendering copies it, and Jinja's chain of two is slow to copy."""
        return {**self.globals, **(d or {})}

    def ready(self, code: CodeType) -> Template:
        """A compiled section, to be rendered."""
        return Template.from_code(self, code, self.make_globals(None))

    def compile_value(self, text: str) -> CodeType:
        """A bare expression, as Jinja's own ``compile_expression`` compiles it. Raises TemplateSyntaxError."""
        parser = Parser(self, text, state="variable")
        expression = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError("chunk after expression", parser.stream.current.lineno)
        expression.set_environment(self)
        result = nodes.Assign(nodes.Name("result", "store"), expression, lineno=1)
        return self.compile(nodes.Template([result], lineno=1))

    def value(self, code: CodeType) -> TemplateExpression:
        """A compiled expression, to be asked for its value."""
        return TemplateExpression(self.ready(code), undefined_to_none=False)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            raise SecurityError("powers are not calculated here")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("texts are not formatted with %")
        if operator in ("*", "+"):
            _check_size(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def joined(self, parts: tuple[Any, ...]) -> str:
        """What ``a ~ b`` gives."""
        texts = [str(part) for part in parts]
        _limit(sum(map(len, texts)))
        return "".join(texts)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As in the sandbox, but a view says itself what it does not have."""
        key = (type(obj), attribute)
        looked_up = self._looked_up.get(key)
        if looked_up is None:
            foreign = not attribute.startswith("_") and not hasattr(type(obj), attribute)
            looked_up = self._looked_up[key] = isinstance(obj, View) and foreign
        if looked_up:
            return obj._look(attribute)
        try:
            value = getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)
        safe = self.is_safe_attribute(obj, attribute, value)
        return value if safe else self.unsafe_undefined(obj, attribute)

    def wrap_str_format(self, value: Any) -> None:
        """No ``format``, not even a safe one: ``"{:>99999999}".format(1)`` makes a long text of a short one."""
        del value

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        key = (type(obj), attr)
        safe = self._safe.get(key)
        if safe is None:  # nothing in the verdict depends on more than the type
            allowed = next((names for kind, names in _ATTRIBUTES.items() if isinstance(obj, kind)), None)
            refused = allowed is not None and not isinstance(obj, Muted) and attr not in allowed
            safe = self._safe[key] = not refused and super().is_safe_attribute(obj, attr, value)
        return safe


_DIRECT = "direct"
"""Marks a method that ``instrument`` calls; Jinja's parser knows no such context."""


class _Generator(CodeGenerator):
    """Jinja's compiler, with a ``~`` that has a limit, and the generator's own calls outside the sandbox."""

    def visit_Call(  # noqa: N802
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        target = node.node
        if not isinstance(target, nodes.Getattr) or target.ctx != _DIRECT:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(target.node, frame)
        self.write(f".{target.attr}(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


Environment.code_generator_class = _Generator


def _limit(size: float) -> None:
    if size > MOST_TEXT:
        raise SecurityError("that would make a very long text or list")


def _check_size(operator: str, left: Any, right: Any) -> None:
    """Texts and lists do not grow without bound, neither do numbers."""
    sizes = [len(part) if isinstance(part, str | list | tuple) else None for part in (left, right)]
    if operator == "+" and None not in sizes:
        _limit(sum(size or 0 for size in sizes))
    elif operator == "*" and sizes != [None, None]:
        times = right if sizes[0] is not None else left
        if isinstance(times, int):
            _limit((sizes[0] or sizes[1] or 0) * times)
    elif isinstance(left, int) and isinstance(right, int):
        size = abs(left * right) if operator == "*" else abs(left + right)
        if size > MOST_NUMBER:
            raise SecurityError("that would make a very large number")


@pass_context
def _range(context: Context, *bounds: int) -> range:
    """Python's; its length counts as steps of a loop."""
    made = range(*bounds)
    if len(made) > MOST_TEXT:
        raise SecurityError("that would make a very long text or list")
    trace = context.get("_trace")
    if trace is not None:
        trace.count(len(made))
    return made


def _replace(text: Any, old: str, new: str, count: int | None = None) -> str:
    text = str(text)
    _limit(len(text) + (text.count(old) if count is None else count) * len(new))
    made: str = text.replace(old, new, -1 if count is None else count)
    return made


@pass_environment
def _join(environment: Environment, things: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
    found = things if attribute is None else map(make_attrgetter(environment, attribute), things)
    texts = [str(thing) for thing in found]
    _limit(sum(map(len, texts)) + len(d) * len(texts))
    return d.join(texts)


def _slice(things: Collection[Any], slices: int, fill_with: Any = None) -> Any:
    _limit(slices)
    return sync_do_slice(things, slices, fill_with)


LIMITED: dict[str, Any] = {"replace": _replace, "join": _join, "slice": _slice}
"""Jinja's filters that can make much of little, with a limit."""


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    if isinstance(value, Raw):  # a muted one too
        return value
    trace = context.resolve_or_missing("_trace")
    if not isinstance(trace, Trace):  # Jinja tries to fold constants at compile time, without a context
        return value
    if isinstance(value, Undefined):
        return str(value)  # raises, with the name
    found = trace.slots.found
    before = len(found)
    filled = trace.slots.fill(value)
    if before < len(found):
        for number in range(before, len(found)):
            trace.places[number] = trace.place
    trace.print(value if isinstance(value, str) else filled)
    return filled


def instrument(template: nodes.Template, source: Source) -> None:
    """Wrap every output, condition, assignment and loop of a parsed section with its place in it."""
    _Instrument(iter(source.outputs), iter(source.statements)).visit(template)


class _Instrument:
    def __init__(self, outputs: Iterator[Place], statements: Iterator[Place]) -> None:
        self.outputs = outputs
        self.statements = statements

    def visit(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Output):
            node.nodes = [self.output(part) for part in node.nodes]
        elif isinstance(node, nodes.If):
            node.test = self.wrap(node.test, *self.tag(node))
        elif isinstance(node, nodes.Assign):
            node.node = self.wrap(node.node, *self.tag(node))
        elif isinstance(node, nodes.For):
            line, column = self.tag(node)
            arguments = [*self.place(line, column), self.wrap(node.iter, line, column)]
            node.iter = self.call("loop", arguments, node.iter)
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Stmt):
                self.visit(child)

    def output(self, node: nodes.Node) -> Any:
        if isinstance(node, nodes.TemplateData):
            return node
        line, column = next(self.outputs, (node.lineno, 1))
        assert isinstance(node, nodes.Expr)
        return self.wrap(node, line, column)

    def tag(self, node: nodes.Node) -> Place:
        return next(self.statements, (node.lineno, 1))

    def place(self, line: int, column: int) -> list[nodes.Expr]:
        return [nodes.Const(line), nodes.Const(column)]

    def wrap(self, node: Any, line: int, column: int) -> Any:
        place = self.call("at", self.place(line, column), node)
        return nodes.Or(place, node, lineno=node.lineno, environment=node.environment)

    def call(self, method: str, arguments: list[nodes.Expr], near: Any) -> Any:
        target = nodes.Getattr(nodes.Name("_trace", "load"), method, _DIRECT)
        for part in (target, target.node, *arguments[:2]):
            part.lineno, part.environment = near.lineno, near.environment
        return nodes.Call(target, arguments, [], None, None, lineno=near.lineno, environment=near.environment)
