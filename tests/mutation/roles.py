"""What a name of a spec stands for: a layer, a block, a parameter, a tensor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from archdsl.elaborate.builtins import FUNCTIONS
from archdsl.layers import INITIALISERS, REGISTRY, SIGNATURES, WORDS
from archdsl.syntax import ast
from tests.mutation.page import Node, Page

Declared = ast.Block | ast.Network | ast.Extern | ast.Function

#: what a declaration binds, by the kind of statement
_STATEMENTS = (
    ast.Assign,
    ast.Let,
    ast.ForElement,
    ast.ForClause,
    ast.InputStatement,
    ast.Share,
    ast.Dimension,
)


def names_of(target: ast.Target) -> Iterator[str]:
    if target.name is not None:
        yield target.name
    for part in target.parts:
        yield from names_of(part)


def bound(value: Any) -> Iterator[tuple[str, str]]:
    """The names that one statement or clause binds, each with its role."""
    if isinstance(value, ast.Assign):
        yield from ((name, "tensor") for target in value.targets for name in names_of(target))
    elif isinstance(value, ast.Let):
        yield from ((name, "value") for name in names_of(value.target))
    elif isinstance(value, (ast.ForElement, ast.ForClause)):
        yield from ((name, "loop") for name in names_of(value.target))
    elif isinstance(value, ast.InputStatement):
        yield value.name, "tensor"
    elif isinstance(value, ast.Share):
        yield value.name, "shared"
    elif isinstance(value, ast.Dimension) and value.symbol:
        yield value.symbol, "symbol"
    elif isinstance(value, Declared):
        yield from ((p.name, "parameter") for p in value.parameters)
        yield from ((t.name, "tensor") for t in getattr(value, "takes", None) or ())


class Roles:
    """The roles of the names of one spec."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._inside: dict[int, dict[str, str]] = {}
        self.declared: dict[str, Declared] = {}
        self.file: dict[str, str] = {}
        #: how often each name is bound anywhere in the text, and how often read
        self.bindings: Counter[str] = Counter()
        self.reads: Counter[str] = Counter(name.id for name in page.each(ast.Name))
        for node in page.nodes:
            for name, role in bound(node.value):
                self.bindings[name] += 1
                owner = node.value if isinstance(node.value, Declared) else node.inside(*Declared.__args__)
                if owner is None:
                    self.file[name] = role
                else:
                    self._inside.setdefault(id(owner), {}).setdefault(name, role)
        for declaration in page.tree.declarations:
            if isinstance(declaration, Declared):
                self.declared[declaration.name] = declaration
                self.bindings[declaration.name] += 1
                self.file[declaration.name] = {ast.Function: "function", ast.Network: "network"}.get(
                    type(declaration), "block"
                )
            elif isinstance(declaration, ast.Import):
                for item in declaration.names:
                    self.file[item.alias or item.name] = "block"
                    self.bindings[item.alias or item.name] += 1

    def of(self, node: Node) -> str:
        """The role of a name that is read."""
        name = node.value.id
        if isinstance(node.around[0], ast.Model) or (
            (isinstance(node.around[0], ast.Call) and isinstance(node.around[1], ast.Model))
            and node.around[0].callee is node.value
        ):
            return "network"
        for part in node.around:
            role = self._inside.get(id(part), {}).get(name)
            if role is not None:
                return role
        if node.inside(ast.Expect) and not node.inside(ast.Block) and name not in self.file:
            if name not in REGISTRY and name not in FUNCTIONS:
                return "figure"
        return self.file.get(name) or self.built_in(name)

    def built_in(self, name: str) -> str:
        if name in REGISTRY:
            return "layer"
        if name in FUNCTIONS:
            return "function"
        return "word" if name in WORDS or name in INITIALISERS else "unknown"

    def reading(self, *roles: str) -> Iterator[Node]:
        """The places where a name of one of the roles is read."""
        return (node for node in self.page.each_node(ast.Name) if self.of(node) in roles)

    def parameters(self, call: Node) -> list[tuple[str, bool, str | None]] | None:
        """Name, whether it must be given, and annotation of what a call's callee takes; None if that is not known."""
        callee = call.value.callee
        if not isinstance(callee, ast.Name):
            return None
        role = self.of(Node(callee, (call.value, *call.around)))
        if callee.id in self.declared and role in ("function", "block", "network"):
            found = self.declared[callee.id].parameters
            return [(p.name, p.default is None, p.annotation) for p in found]
        if role == "layer":
            return [(n, p.required, None) for n, p in SIGNATURES[callee.id].items()]
        return None

    def given(self, call: Node) -> Iterator[tuple[str, str | None, ast.Argument]]:
        """The arguments of a call with the parameters that they are for, and those's annotations."""
        parameters = self.parameters(call)
        if parameters is None:
            return
        by_name = {name: annotation for name, _, annotation in parameters}
        for at, argument in enumerate(call.value.arguments):
            if argument.star:
                return
            if argument.name is not None:
                if argument.name in by_name:
                    yield argument.name, by_name[argument.name], argument
            elif at < len(parameters):
                yield parameters[at][0], parameters[at][2], argument
