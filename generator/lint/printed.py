"""The texts in an expression that a reader may see: ``{{ n | plural("town", "towns") }}``, ``"tied " if …``.

Not those that select (``at="2025-06-06"``), compare, or name something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import string_re

Printed = tuple[int, str]
"""Where in the expression a text begins, and the text as it is written."""

_PRINTED_ARGUMENTS = {
    "or_say": slice(None), "plural": slice(None), "direction": slice(None), "rank_phrase": slice(None),
    "link": slice(None), "default": slice(0, 1), "d": slice(0, 1), "join": slice(0, 1), "replace": slice(1, 2),
    "and_list": slice(None), "comparison": slice(1, None),
}  # fmt: skip
"""Filter → which of its arguments it prints; those with a name are printed where the filter prints any."""
_READING = ("date",)
"""Filters that print another text than they are given."""


def written_texts(expression: str) -> Iterator[str]:
    """Every text in an expression, as it is written, whether it is printed or not."""
    return (found.group()[1:-1] for found in string_re.finditer(expression))


def prints_bare_numbers(expression: str) -> bool:
    """Whether it may print a number that is no text: only where pieces are joined."""
    return "~" in expression


@lru_cache(maxsize=4096)
def printed_texts(expression: str) -> tuple[Printed, ...]:
    """Each text with its offset. Nothing of an expression that is not understood: others say so."""
    return tuple(_printed_texts(expression)) if re.search("[\"'0-9]", expression) else ()


def _printed_texts(expression: str) -> Iterator[Printed]:
    source = "{{ " + expression + " }}"
    for sign, at in (("-", 3), ("+", 3)):
        source = source[:at] + " " + source[at + 1 :] if source[at : at + 1] == sign else source
    stripped = source[:-3].rstrip()
    if stripped[-1:] in ("-", "+"):
        source = f"{stripped[:-1]} {source[len(stripped) :]}"
    try:
        tree = _environment().parse(source)
        written = list(_constants(source))
    except TemplateSyntaxError:
        return
    constants = list(_in_order(tree))
    if len(constants) != len(written):  # texts side by side, which Jinja makes one of
        return
    shown = {id(node) for output in tree.find_all(nodes.Output) for node in output.nodes for node in _printed(node)}
    for node, (start, text) in zip(constants, written, strict=True):
        if id(node) in shown:
            yield start - 3, text


@cache
def _environment() -> Environment:
    """It only parses; with the signs of documents, since Jinja then has one lexer for both."""
    return Environment(
        comment_start_string="<!--",
        comment_end_string="-->",
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )


def _constants(source: str) -> Iterator[Printed]:
    """The texts and numbers of a template, as written, with their offsets."""
    offset = 0
    for _, kind, raw in _environment().lexer.tokeniter(source, None):
        if kind == "string":
            yield offset + 1, raw[1:-1]
        elif kind in ("integer", "float"):
            yield offset, raw
        offset += len(raw)


def _in_order(node: nodes.Node) -> Iterator[nodes.Const]:
    """The same as nodes, in the order in which they are written."""
    if isinstance(node, nodes.Const):
        if isinstance(node.value, str | int | float) and not isinstance(node.value, bool):
            yield node
        return
    children = list(node.iter_child_nodes())
    if isinstance(node, nodes.CondExpr):
        children = [part for part in (node.expr1, node.test, node.expr2) if part is not None]
    for child in children:
        yield from _in_order(child)


def _printed(node: nodes.Node | None, *, joined: bool = False) -> Iterator[nodes.Const]:
    """Those constants below a node that may come out of it. A number by itself is refused when it is printed."""
    if isinstance(node, nodes.Const):
        if isinstance(node.value, str) or joined:
            yield node
    elif isinstance(node, nodes.CondExpr):
        yield from _all(node.expr1, node.expr2, joined=joined)
    elif isinstance(node, nodes.Or | nodes.And | nodes.Add | nodes.Mul):
        yield from _all(node.left, node.right, joined=joined)
    elif isinstance(node, nodes.Concat):
        yield from _all(*node.nodes, joined=True)
    elif isinstance(node, nodes.List | nodes.Tuple):
        yield from _all(*node.items, joined=joined)
    elif isinstance(node, nodes.Dict):
        yield from _all(*(pair.value for pair in node.items), joined=joined)
    elif isinstance(node, nodes.Filter):
        yield from _of_filter(node, joined=joined)
    elif isinstance(node, nodes.Call | nodes.Getattr | nodes.Getitem):
        yield from _printed(node.node, joined=joined)


def _all(*found: nodes.Node | None, joined: bool) -> Iterator[nodes.Const]:
    for node in found:
        yield from _printed(node, joined=joined)


def _of_filter(node: nodes.Filter, *, joined: bool) -> Iterator[nodes.Const]:
    if node.name not in _READING:
        yield from _printed(node.node, joined=joined)
    chosen = _PRINTED_ARGUMENTS.get(node.name)
    if chosen is not None:
        yield from _all(*node.args[chosen], *(each.value for each in node.kwargs), joined=False)
