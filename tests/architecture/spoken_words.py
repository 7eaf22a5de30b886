"""What gateways say to operators, read from their sources without running them: words as patterns, and codes.

A pattern has `{}` where a gateway puts in what it learns while it runs. What is passed on as it came, and
words that an integrator wrote, have no fixed part and are no pattern.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Final, TypeAlias

Patterns: TypeAlias = frozenset[str]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

ANY: Final = frozenset({"{}"})
"""Known only when it runs."""
NOTHING: Final[Patterns] = frozenset()
_WRAPPERS: Final = ("clean_line", "_with_details")
"""Calls that say what their first argument says."""


@dataclass(frozen=True)
class Module:
    """One source: its tree, the values of its constants, where its imported names come from."""

    path: Path
    tree: ast.Module
    house: "House"
    constants: Mapping[str, ast.expr] = field(default_factory=dict)
    imports: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def places(self) -> list[tuple[ast.AST, Function | None]]:
        """Every node with the innermost function around it."""
        found: list[tuple[ast.AST, Function | None]] = []
        open_: list[tuple[ast.AST, Function | None]] = [(self.tree, None)]
        while open_:
            node, around = open_.pop()
            for child in ast.iter_child_nodes(node):
                within = child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else around
                found.append((child, within))
                open_.append((child, within))
        return found

    @cached_property
    def locals(self) -> dict[Function, dict[str, list[ast.expr]]]:
        """What the names of each function are set to."""
        found: dict[Function, dict[str, list[ast.expr]]] = {}
        for node, within in self.places:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if within is not None:
                    found.setdefault(within, {}).setdefault(name, []).append(value)
        return found

    def table(self, name: str) -> ast.expr:
        """The value of a constant, out of its `MappingProxyType`."""
        value = self.constants[name]
        return value.args[0] if isinstance(value, ast.Call) else value

    def returned(self, name: str) -> Iterator[tuple[ast.expr, Function]]:
        """What a function of this name returns."""
        for node, within in self.places:
            if isinstance(node, ast.Return) and node.value and within and within.name == name:
                yield node.value, within

    def patterns(self, node: ast.expr | None, within: Function | None = None) -> Patterns:
        """All that an expression may say."""
        match node:
            case ast.Constant(value=str(text)):
                return frozenset({text})
            case ast.Constant(value=None) | None:
                return NOTHING
            case ast.JoinedStr(values=values):
                return self._joined(values, within)
            case ast.FormattedValue(value=value):
                return self.patterns(value, within) or ANY
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._joined([left, right], within)
            case ast.IfExp(body=body, orelse=other):
                return self.patterns(body, within) | self.patterns(other, within)
            case ast.BoolOp(values=values):
                return NOTHING.union(*(self.patterns(one, within) for one in values))
            case ast.Name(id=name):
                return self.named(name, within)
            case ast.Call():
                return self._called(node, within)
        return self._of_module(node)

    def _joined(self, values: Iterable[ast.expr], within: Function | None) -> Patterns:
        pieces = [self.patterns(one, within) or ANY for one in values]
        return frozenset("".join(one) for one in product(*pieces))

    def named(self, name: str, within: Function | None = None) -> Patterns:
        """What a name stands for: in a function, in the module, or where it is imported from."""
        if within is not None and (local := self.locals.get(within, {}).get(name)):
            return NOTHING.union(*(self.patterns(one, within) for one in local))
        if name in self.constants:
            return self.patterns(self.constants[name])
        if name in self.imports:
            source, original = self.imports[name]
            module = self.house.module(source)
            return ANY if module is None else module.named(original)
        return ANY

    def _of_module(self, node: ast.expr) -> Patterns:
        """A constant of a module that is imported whole."""
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return ANY
        package, original = self.imports.get(node.value.id, ("", ""))
        module = self.house.module(f"{package}.{original}")
        return ANY if module is None else module.named(node.attr)

    def _called(self, call: ast.Call, within: Function | None) -> Patterns:
        match call.func:
            case ast.Name(id=name) if name in _WRAPPERS:
                return self.patterns(call.args[0], within)
            case ast.Attribute(attr="format", value=pattern):
                return frozenset(emptied(one) for one in self.patterns(pattern, within))
            case ast.Attribute(attr="get") if len(call.args) == 2:
                return ANY | frozenset(one for one in self.patterns(call.args[1], within) if one.strip(" ?"))
        return ANY


class House:
    """The sources of some packages, each read once, and only when it is asked for."""

    def __init__(self, root: Path, packages: Iterable[str]) -> None:
        self._root = root
        self._sources = {
            path: path.read_text(encoding="utf-8")
            for package in packages
            for path in sorted(root.joinpath(*package.split(".")).glob("*.py"))
        }
        self._modules: dict[Path, Module] = {}

    def calling(self, names: Iterable[str]) -> list[Module]:
        """The modules in which one of these is called by its plain name."""
        called = re.compile(rf"(?<!def )\b(?:{'|'.join(names)})\(")
        return [self._read(path) for path, text in self._sources.items() if called.search(text)]

    def module(self, name: str) -> Module | None:
        """By its dotted name; none of another package."""
        path = self._root.joinpath(*name.split(".")).with_suffix(".py")
        return self._read(path) if path in self._sources else None

    def _read(self, path: Path) -> Module:
        if path not in self._modules:
            self._modules[path] = self._parsed(path)
        return self._modules[path]

    def _parsed(self, path: Path) -> Module:
        tree = ast.parse(self._sources[path])
        constants: dict[str, ast.expr] = {}
        imports: dict[str, tuple[str, str]] = {}
        for node in tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    constants[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    constants[name] = value
                case ast.ImportFrom(module=str(source), names=names):
                    imports |= {one.asname or one.name: (source, one.name) for one in names}
        return Module(path, tree, self, constants, imports)


def emptied(pattern: str) -> str:
    """`{why}` and `{megabytes:.1f}` as `{}`."""
    head, *rest = pattern.split("{")
    return head + "".join("{}" + one.partition("}")[2] for one in rest)
