"""What must hold among the columns of one row, written as a formula: ``opened <= closed``.

The language is a small part of Python's: names of columns, numbers, texts in quotes, ``+ - *``, comparisons,
``and``, ``or``, ``not`` and parentheses; the same formulas are understood by Frictionless as ``row-constraint``.
What is not of one kind or one unit is not compared.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

from generator.datasets.descriptor import Field
from generator.problems import did_you_mean, one_of

_KINDS = {"integer": "number", "number": "number", "year": "number", "yearmonth": "date", "boolean": "truth"}


_Function = Callable[[Sequence[Any]], Any]


class FormulaError(Exception):
    """A formula that cannot be understood; the message says why, ``hint`` what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Formula(Struct, frozen=True):
    """A formula that has been understood."""

    text: str
    names: tuple[str, ...]
    """The columns it is about, in the order written."""
    _holds: _Function
    _sides: tuple[tuple[str, _Function], ...]
    """What is computed on the way, to be told: ``adults + children``."""

    def broken(self, columns: Mapping[str, Sequence[Any]]) -> Iterator[int]:
        """The rows of which it is not true. A row that lacks one of the cells is not looked at."""
        rows = zip(*(columns[name] for name in self.names), strict=True)
        for row, cells in enumerate(rows):
            if None not in cells and not self._holds(cells):
                yield row

    def said(self, columns: Mapping[str, Sequence[Any]], row: int) -> str:
        """What the columns hold there: ``adults is 3, children is 4, adults + children is 7``."""
        cells = [columns[name][row] for name in self.names]
        shown = [f"{name} is {cell}" for name, cell in zip(self.names, cells, strict=True)]
        shown += [f"{text} is {side(cells)}" for text, side in self._sides]
        return ", ".join(shown)


def parse(text: str, fields: Sequence[Field]) -> Formula:
    """Raises FormulaError."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError(f"{text!r} is not a formula", "Write one like 'opened <= closed'.") from None
    reader = _Reader({field.name: field for field in fields})
    if reader.kind(tree)[0] != "truth" or not reader.names:
        raise FormulaError(f"{text!r} compares nothing", "Write what must hold, like 'opened <= closed'.")
    names = tuple(dict.fromkeys(reader.names))
    sides = tuple((ast.unparse(side), _function(side, names)) for side in reader.sides)
    return Formula(text.strip(), names, _function(tree, names), sides)


def _function(node: ast.expr, names: Sequence[str]) -> _Function:
    """What a part of a formula comes to in a row, given the cells of ``names``.

    The tree holds nothing but what :class:`_Reader` lets through.
    """
    match node:
        case ast.Name(id=name):
            return operator.itemgetter(names.index(name))
        case ast.Constant(value=value):
            return lambda _cells: value
        case ast.UnaryOp(op=op, operand=inner):
            only, change = _function(inner, names), _OPERATORS[type(op)]
            return lambda cells: change(only(cells))
        case ast.BinOp(left=left, op=op, right=right):
            first, second, join = _function(left, names), _function(right, names), _OPERATORS[type(op)]
            return lambda cells: join(first(cells), second(cells))
        case ast.BoolOp(op=op, values=values):
            parts, among = [_function(value, names) for value in values], all if isinstance(op, ast.And) else any
            return lambda cells: among(part(cells) for part in parts)
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [_function(side, names) for side in (left, *others)]
            signs = [_OPERATORS[type(op)] for op in ops]
            return lambda cells: all(
                sign(one(cells), other(cells)) for sign, (one, other) in zip(signs, pairwise(sides), strict=True)
            )
    raise AssertionError(ast.dump(node))


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.USub: operator.neg,
    ast.Not: operator.not_, ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


class _Reader:
    """Finds the kind and the unit of each part; whatever is no part of the language raises FormulaError."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.names: list[str] = []
        self.sides: list[ast.expr] = []

    def kind(self, node: ast.expr) -> tuple[str, str]:
        """``number``, ``date``, ``text`` or ``truth``; and the unit, "" where none is known."""
        match node:
            case ast.Name():
                return self._column(node.id)
            case ast.Constant(value=bool()):
                return "truth", ""
            case ast.Constant(value=int() | float()):
                return "number", ""
            case ast.Constant(value=str()):
                return "text", ""
            case ast.UnaryOp(op=ast.USub()):
                return "number", self._same([node.operand], "number")
            case ast.UnaryOp(op=ast.Not()):
                return "truth", self._same([node.operand], "truth")
            case ast.BoolOp():
                return "truth", self._same(node.values, "truth")
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return "number", self._same([node.left, node.right], "number")
            case ast.BinOp(op=ast.Mult()):
                self._same([node.left], "number")
                self._same([node.right], "number")
                return "number", ""
            case ast.Compare() if all(isinstance(op, _COMPARISONS) for op in node.ops):
                sides = [node.left, *node.comparators]
                self._same(sides)
                self.sides += [side for side in sides if isinstance(side, ast.BinOp)]
                return "truth", ""
        raise FormulaError(
            f"{ast.unparse(node)!r} is not understood in a formula",
            "A formula has columns, numbers, texts in quotes, + - *, == != < <= > >=, and, or, not.",
        )

    def _column(self, name: str) -> tuple[str, str]:
        field = self.fields.get(name)
        if field is None:
            message = f"there is no field {name!r}{did_you_mean(name, self.fields)}"
            raise FormulaError(message, f"The fields: {one_of(self.fields, most=30)}.")
        self.names.append(name)
        kind = _KINDS.get(field.type, "text" if field.type == "string" else field.type)
        return kind, field.unit

    def _same(self, nodes: Sequence[ast.expr], wanted: str = "") -> str:
        """The unit that all have; they must be of one kind and, as far as they have units, of one unit."""
        (kind, unit), measured = self.kind(nodes[0]), nodes[0]
        for node in nodes:
            own_kind, own = (kind, unit) if node is nodes[0] else self.kind(node)
            if wanted and own_kind != wanted:
                raise FormulaError(f"{ast.unparse(node)!r} is not a {wanted}, but a {own_kind}")
            if own_kind != kind:
                one, other = ast.unparse(nodes[0]), ast.unparse(node)
                raise FormulaError(f"{one!r} is a {kind}, {other!r} a {own_kind}: they do not compare")
            if own and unit and own != unit:
                one, other = ast.unparse(measured), ast.unparse(node)
                raise FormulaError(
                    f"{one!r} is in {unit}, {other!r} in {own}: they do not compare",
                    "If both are the same, write the same 'unit' for both fields.",
                )
            if own and not unit:
                unit, measured = own, node
        return unit


_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
