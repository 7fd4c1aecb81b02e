"""Whether two modules of Python differ in nothing but names of their own and the words of strings."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from typing import Any

from torch import nn

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
#: What the generated code may say with two underscores before.
_DUNDERS = {"__init__", "__all__", "__future__"}
_MODULE = set(dir(nn.Module()))
_SCOPES = (ast.ClassDef, ast.FunctionDef, ast.Lambda, ast.ListComp, ast.GeneratorExp)
#: Fields in the order in which they are computed, where that is not the order of the text.
_ORDER: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Assign: ("value", "targets"),
    ast.AnnAssign: ("value", "annotation", "target"),
    ast.For: ("iter", "target", "body", "orelse"),
    ast.ListComp: ("generators", "elt"),
    ast.GeneratorExp: ("generators", "elt"),
    ast.comprehension: ("iter", "target", "ifs"),
}


def same_but_names(one: ast.Module, two: ast.Module) -> None:
    """Asserts that the second is the first with other names of its own, each one name throughout where it holds."""
    _Comparison(one, two).module()


class Names:
    """Which name of the second module stands for which of the first, in one scope: one for one."""

    def __init__(self) -> None:
        self.there: dict[str, str] = {}
        self.back: dict[str, str] = {}

    def pair(self, one: str, two: str) -> None:
        assert self.there.setdefault(one, two) == two, (one, self.there[one], two)
        assert self.back.setdefault(two, one) == one, (two, self.back[two], one)


class Locals:
    """The variables of a function or class in both modules: each value has a number, whatever it is called."""

    def __init__(self, one: Iterable[str], two: Iterable[str]) -> None:
        self.known = (set(one), set(two))
        self.values: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self.count = 0

    def bind(self, one: str, two: str) -> None:
        self.count += 1
        self.values[0][one] = self.values[1][two] = self.count

    def read(self, one: str, two: str) -> bool:
        """Whether both are variables here; they stand for one value then."""
        assert (one in self.known[0]) == (two in self.known[1]), (one, two)
        if one in self.known[0]:
            assert self.values[0][one] == self.values[1][two], (one, two)
        return one in self.known[0]


class _Comparison:
    def __init__(self, one: ast.Module, two: ast.Module) -> None:
        self.one, self.two = one, two
        self.top = Names()
        self.scopes: list[Locals] = []
        self.attributes: list[Names] = []

    def module(self) -> None:
        for one, two in zip(self.one.body, self.two.body, strict=True):
            for a, b in zip(_bound(one), _bound(two), strict=True):
                self.top.pair(a, b)
        self._same(self.one, self.two)
        free = {node.id for node in ast.walk(self.two) if isinstance(node, ast.Name)} & set(dir(builtins))
        assert not free & set(self.top.back), free & set(self.top.back)

    def _same(self, one: Any, two: Any) -> None:
        assert type(one) is type(two), (one, two)
        if isinstance(one, list):
            assert len(one) == len(two)
            for a, b in zip(one, two, strict=True):
                self._same(a, b)
        elif isinstance(one, ast.AST):
            self._node(one, two)
        elif not isinstance(one, str):
            assert one == two, (one, two)

    def _node(self, one: Any, two: Any) -> None:
        if isinstance(one, ast.Constant):
            assert isinstance(one.value, str) or one.value == two.value, (one.value, two.value)
            return
        scoped = isinstance(one, _SCOPES)
        if scoped:
            self.scopes.append(Locals(_locals(one), _locals(two)))
        if isinstance(one, ast.ClassDef):
            self.attributes.append(Names())
        self._own(one, two)
        for field in _ORDER.get(type(one), one._fields):
            self._same(getattr(one, field, None), getattr(two, field, None))
        if isinstance(one, ast.ClassDef):
            self.attributes.pop()
        if scoped:
            self.scopes.pop()

    def _own(self, one: Any, two: Any) -> None:
        """Names that a node itself has."""
        if isinstance(one, ast.arg):
            self.scopes[-1].bind(one.arg, two.arg)
        elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and self.scopes:
            self.scopes[-1].bind(one.id, two.id)
        elif isinstance(one, ast.Name):
            if any(scope.read(one.id, two.id) for scope in reversed(self.scopes)):
                return
            if one.id in self.top.there or two.id in self.top.back:
                self.top.pair(one.id, two.id)
            else:
                assert one.id == two.id, (one.id, two.id)
        elif isinstance(one, ast.Attribute):
            if one.attr != two.attr:
                assert two.attr not in _MODULE, two.attr
            if self.attributes and isinstance(one.value, ast.Name) and one.value.id == "self":
                self.attributes[-1].pair(one.attr, two.attr)
        elif isinstance(one, ast.alias):
            assert one.name == two.name, (one.name, two.name)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement of a module binds."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(statement, ast.Assign):
        yield from (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))


def _locals(scope: Any) -> Iterator[str]:
    """Names that a class, function or comprehension binds; of inner ones too, which do not matter here."""
    if isinstance(scope, ast.ClassDef):  # the fields of a named tuple
        targets = (getattr(statement, "target", None) for statement in scope.body)
        yield from (target.id for target in targets if isinstance(target, ast.Name))
        return
    for node in ast.walk(scope):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def sane(tree: ast.Module) -> None:
    """Asserts that all names are plain ones, and none of those by which Python gets at its own inside."""
    for node in ast.walk(tree):
        for name in _names(node):
            for part in name.split("."):
                assert _NAME.fullmatch(part), part
                assert not part.startswith("__") or part in _DUNDERS, part


def _names(node: ast.AST) -> Iterator[str]:
    for field in ("id", "attr", "arg", "name", "asname", "module"):
        value = getattr(node, field, None)
        if isinstance(value, str):
            yield value


def text_only(source: str) -> None:
    """Asserts that there is nothing but what is seen: no control characters, no marks of direction."""
    hidden = {char for char in source if not (char.isprintable() or char == "\n")}
    assert not hidden, hidden
