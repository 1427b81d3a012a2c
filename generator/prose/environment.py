"""The expression language of documents: Jinja, sandboxed, strict, and told where it stands.

Every output, condition and loop is wrapped so that an error knows its line and column, and so that a
template which loops too long stops.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.prose.filters import FILTERS, KEPT_BUILTINS, TESTS
from generator.prose.slots import Slots
from generator.prose.views import View
from generator.values import NumberStyle, QuantityError

MOST_STEPS = 200_000
"""Loop steps one rendering may take."""
MOST_TEXT = 100_000
"""Length of a text that '*' may make."""


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

    __slots__ = ("column", "line", "muted", "path", "slots", "steps")

    def __init__(self, slots: Slots, muted: set[tuple[str, int, int]]) -> None:
        self.slots = slots
        self.muted = muted
        self.path, self.line, self.column = "", 0, 0
        self.steps = 0

    def at(self, path: str, line: int, column: int) -> Muted | None:
        if (path, line, column) in self.muted:
            return Muted("0")
        self.path, self.line, self.column = path, line, column
        return None

    def loop(self, path: str, line: int, column: int, items: Any) -> Iterator[Any]:
        if isinstance(items, Muted):
            return
        for item in items:
            self.steps += 1
            if self.steps > MOST_STEPS:
                self.at(path, line, column)
                raise QuantityError(
                    "endless-loop", f"more than {MOST_STEPS:,} steps in loops", "Loop over fewer things, or once."
                )
            yield item
            self.at(path, line, column)


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
        self.filters = kept | FILTERS
        self.tests = dict(self.tests) | TESTS
        self.globals = {"_style": style, "range": self.globals["range"]}

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**":
            raise SecurityError("powers are not calculated here")
        texts = isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple)
        if operator == "*" and texts:
            size = max(len(part) if hasattr(part, "__len__") else abs(part) for part in (left, right))
            other = min(len(part) if hasattr(part, "__len__") else abs(part) for part in (left, right))
            if size * other > MOST_TEXT:
                raise SecurityError("that would make a very long text")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("texts are not formatted with %")
        if operator == "+" and isinstance(left, str) and isinstance(right, str) and len(left) > MOST_TEXT:
            raise SecurityError("that would make a very long text")
        return super().call_binop(context, operator, left, right)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As in the sandbox, but a view says itself what it does not have."""
        if isinstance(obj, View) and not attribute.startswith("_") and not hasattr(type(obj), attribute):
            return obj._look(attribute)
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str) and attr in ("format", "format_map"):
            return False
        return super().is_safe_attribute(obj, attr, value)


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    if isinstance(value, Raw):  # a muted one too
        return value
    trace = context.get("_trace")
    if trace is None:  # Jinja tries to fold constants at compile time, without a context
        return value
    if isinstance(value, Undefined):
        return str(value)  # raises, with the name
    return trace.slots.fill(value)


def instrument(
    template: nodes.Template, path: str, places: dict[int, list[int]], outputs: list[tuple[int, int]]
) -> None:
    """Wrap every output, condition, assignment and loop of a parsed template with its place.

    ``outputs`` gives line and column of each ``{{`` in order; ``places`` the columns of the ``{%`` by line.
    """
    _Instrument(path, places, iter(outputs)).visit(template)


class _Instrument:
    def __init__(self, path: str, places: dict[int, list[int]], outputs: Iterator[tuple[int, int]]) -> None:
        self.path = path
        self.places = places
        self.outputs = outputs

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

    def tag(self, node: nodes.Node) -> tuple[int, int]:
        columns = self.places.get(node.lineno, [])
        return node.lineno, columns[0] if columns else 1

    def place(self, line: int, column: int) -> list[nodes.Expr]:
        return [nodes.Const(self.path), nodes.Const(line), nodes.Const(column)]

    def wrap(self, node: Any, line: int, column: int) -> Any:
        made = nodes.Or(self.call("at", self.place(line, column), node), node)
        return made.set_lineno(node.lineno).set_environment(node.environment)

    def call(self, method: str, arguments: list[nodes.Expr], near: Any) -> Any:
        target = nodes.Getattr(nodes.Name("_trace", "load"), method, "load")
        made = nodes.Call(target, arguments, [], None, None)
        return made.set_lineno(near.lineno).set_environment(near.environment)
