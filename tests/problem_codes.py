"""Every code that the generator can report a problem with, read from its source.

A function or class takes a code when one of its parameters or fields is named so. What stands there in a call is
a text, a choice of texts, a name that was given one, or a code that is handed on; anything else is an error here,
so that no code escapes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

GENERATOR = Path(__file__).resolve().parents[1] / "generator"

MADE: Mapping[str, tuple[str, ...]] = {
    "f'unknown-{what}'": ("unknown-filter", "unknown-test"),
    "f'value-{self.status}'": ("value-unknown", "value-suppressed", "value-disputed"),
}
"""Codes that are put together, by the expression that does it."""

ELSEWHERE = frozenset({"Quantity", "has_code", "_rule", "drop"})
"""What takes a code that is none of a problem (an entity's), or one that was reported elsewhere."""


@dataclass(frozen=True, slots=True)
class Taker:
    """Something that is called: where its code stands (None if it takes none), and how many arguments it needs."""

    at: int | None
    needed: int


@dataclass(slots=True)
class Module:
    tree: ast.Module
    own: dict[str, Taker] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    given: dict[str, list[ast.expr]] = field(default_factory=dict)

    def read(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                self._class(node)
            elif isinstance(node, ast.ImportFrom) and node.module:
                source = f"{node.module.replace('.', '/')}.py"
                self.imported.update({alias.asname or alias.name: source for alias in node.names})
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    self._give(target, node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self._give(node.target, node.value)
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                self._function(node.name, node, 0)

    def _class(self, node: ast.ClassDef) -> None:
        fields = [s for s in node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
        names = {s.target.id: s.annotation for s in fields if isinstance(s.target, ast.Name)}
        if fields:
            self._enter(node.name, names, sum(s.value is None for s in fields))
        for method in node.body:
            if isinstance(method, ast.FunctionDef):
                static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in method.decorator_list)
                self._function(node.name if method.name == "__init__" else method.name, method, 0 if static else 1)

    def _function(self, name: str, node: ast.FunctionDef, bound: int) -> None:
        names = {argument.arg: argument.annotation for argument in node.args.args[bound:]}
        self._enter(name, names, len(names) - len(node.args.defaults))

    def _enter(self, name: str, names: Mapping[str, ast.expr | None], needed: int) -> None:
        kind = names.get("code")
        takes = isinstance(kind, ast.Name) and kind.id == "str"
        self.own[name] = Taker(list(names).index("code") if takes else None, needed)

    def _give(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.given.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple):
            for way in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                if isinstance(way, ast.Tuple):
                    for inner, part in zip(target.elts, way.elts, strict=True):
                        self._give(inner, part)


def sources() -> dict[str, str]:
    """The generator's modules: path → source."""
    return {
        path.relative_to(GENERATOR.parent).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(GENERATOR.rglob("*.py"))
    }


def codes(of: Mapping[str, str]) -> dict[str, set[str]]:
    """Code → the modules that report it, of modules by path. Raises AssertionError when a code cannot be read."""
    modules = {path: Module(ast.parse(source)) for path, source in of.items()}
    for module in modules.values():
        module.read()
    everywhere = _everywhere(modules)
    found: dict[str, set[str]] = {}
    unread = []
    for path, module in modules.items():
        for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
            argument = _argument(call, module, modules, everywhere)
            for code in _read(argument, module.given) if argument is not None else ():
                if code is None:
                    unread.append(f"{path}:{call.lineno}: {ast.unparse(call)[:120]}")
                elif code:  # what holds has an empty one
                    found.setdefault(code, set()).add(path)
    assert not unread, "\n".join(["codes that cannot be read from the source:", *unread])
    return found


def _everywhere(modules: Mapping[str, Module]) -> dict[str, Taker]:
    """What takes a code, by name; an exception that only bears another name takes what its base takes."""
    takers = {
        name: taker for module in modules.values() for name, taker in module.own.items() if taker.at is not None
    }
    for module in modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.name not in module.own:
                for base in node.bases:
                    if isinstance(base, ast.Name) and base.id in takers:
                        takers[node.name] = takers[base.id]
    return takers


def _argument(
    call: ast.Call, module: Module, modules: Mapping[str, Module], everywhere: Mapping[str, Taker]
) -> ast.expr | None:
    """Where a call says its code; None when it says none."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    source = modules.get(module.imported.get(name, ""), module)
    taker = module.own.get(name) or source.own.get(name) or everywhere.get(name)
    if name in ELSEWHERE or taker is None or taker.at is None:
        return None
    if len(call.args) + len(call.keywords) < taker.needed:  # another thing of that name, such as a set's `add`
        return None
    named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    return named[0] if named else call.args[taker.at] if taker.at < len(call.args) else None


def _read(node: ast.expr, given: Mapping[str, list[ast.expr]]) -> Iterator[str | None]:
    """The codes an expression may be; None when it cannot be told. Nothing for one that is handed on."""
    written = ast.unparse(node)
    if written in MADE:
        yield from MADE[written]
    elif isinstance(node, ast.Constant):
        yield node.value if isinstance(node.value, str) else None
    elif isinstance(node, ast.IfExp):
        yield from _read(node.body, given)
        yield from _read(node.orelse, given)
    elif isinstance(node, ast.Attribute | ast.Name) and written.split(".")[-1] == "code" and written not in given:
        return
    elif isinstance(node, ast.Name) and node.id in given:
        for value in given[node.id]:
            yield from _read(value, given)
    else:
        yield None
