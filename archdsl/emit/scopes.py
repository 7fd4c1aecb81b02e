"""Texts in which the names of an expression are looked up, down from the block that a class stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archdsl.emit.texts import Texts
from archdsl.graph.model import Module, ModuleKind, Node, Tensor
from archdsl.layers import Layer
from archdsl.records import record
from archdsl.syntax import ast

#: How many calls of one function in the text of a block are looked at.
_CALLS = 8
#: How many calls of functions are looked at in the text of a class.
_LOOKED = 20_000
#: How deep functions may call each other.
_DEPTH = 8


@record(eq=False)
class Scope:
    """The body of a declaration at work, or a file.

    `call` and `caller` say with which arguments a function works, or a block inside the one that the class stands
    for; that one itself has neither: its parameters are those of the class.
    """

    owner: ast.Block | ast.Network | ast.Function | None
    module: Module | None = None  # the instance, of a block
    call: ast.Call | ast.Name | None = None
    caller: Scope | None = None


@record(eq=False)
class Written:
    """An expression as it stands in the text, with what its names mean and what arrives there (`it`)."""

    expr: ast.Expr
    scope: Scope
    arrives: Tensor | None = None


class Scopes:
    """Those of the text of one class: `top` is the block instance, or the network, that its parameters are of."""

    def __init__(self, texts: Texts, top: Module, level: Module, nodes: Mapping[Module, Node]) -> None:
        """`nodes` are where layers work first."""
        self._nodes = nodes
        self._left = _LOOKED
        self.texts = texts
        self.top = top
        self.level = level
        self._blocks: dict[Module, Scope | None] = {}
        self._functions: dict[tuple[int, int], list[Scope]] = {}

    def of_block(self, module: Module) -> Scope | None:
        """The text of a block instance."""
        if module not in self._blocks:
            self._blocks[module] = self._of_block(module)
        return self._blocks[module]

    def _of_block(self, module: Module) -> Scope | None:
        declaration = self.texts.declaration(module.definition)
        if declaration is None:
            return None
        if module is self.top:
            return Scope(declaration, module)
        call = self.texts.element(module.span)
        if call is None or not self.inside(module):
            return None
        caller = next(self.around(module), None)
        return None if caller is None else Scope(declaration, module, call, caller)

    def inside(self, module: Module) -> bool:
        """Whether a module is in the level, or the level itself."""
        at: Module | None = module
        while at is not None and at is not self.level:
            at = at.parent
        return at is not None

    def around(self, item: Module | Node) -> Iterator[Scope]:
        """What the text of an element may stand in: where a function has it, once for each call of the function."""
        element = self.texts.element(item.span)
        if element is None:
            return
        home: Module | None = item.parent if isinstance(item, Module) else item.scope.module
        while home is not None and home.definition is None:
            home = home.parent
        base = None if home is None else self.of_block(home)
        owner = self.texts.home(element)
        if owner is None:
            yield Scope(None)
        elif base is not None and owner is base.owner:
            yield base
        elif base is not None and isinstance(owner, ast.Function):
            yield from self._of_function(owner, base, _DEPTH)

    def _of_function(self, function: ast.Function, base: Scope, depth: int) -> list[Scope]:
        """A function, called in the text of a scope, or by functions that are called there."""
        key = id(function), id(base)
        found = self._functions.get(key)
        if found is None:
            found = self._functions[key] = []
            for call, callee in self._calls(base):
                self._left -= 1
                if len(found) >= _CALLS or self._left < 0:
                    break
                if callee is function:
                    found.append(Scope(function, base.module, call, base))
                elif depth and callee is not base.owner:
                    found += self._of_function(function, Scope(callee, base.module, call, base), depth - 1)
        return found

    def _calls(self, scope: Scope) -> Iterator[tuple[ast.Call, ast.Function]]:
        if scope.owner is None:
            return
        for call in self.texts.calls(scope.owner):
            if isinstance(call.callee, ast.Name):
                bound = self.texts.binding(call.callee)
                if bound is not None and isinstance(bound.node, ast.Function):
                    yield call, bound.node

    def arriving(self, item: Module | Node) -> Tensor | None:
        """The tensor that arrives, if it is one: at a module, in its first call."""
        if isinstance(item, Module) and item.kind is ModuleKind.BLOCK:
            found = item.scopes[0].arriving if item.scopes else ()
        else:
            node = item if isinstance(item, Node) else self._nodes.get(item)
            found = () if node is None else node.inputs
        return found[0] if len(found) == 1 else None

    # --- what is written ---------------------------------------------------------------------------------------------

    def arguments(self, item: Module | Node, name: str) -> Iterator[Written]:
        """The argument that a layer or block is given in the text, or its default."""
        element = self.texts.element(item.span)
        if element is None:
            return
        arrives = self.arriving(item)
        for scope in self.around(item):
            yield from self.given(element, scope, item, name, arrives)

    def given(
        self,
        element: ast.Call | ast.Name,
        scope: Scope,
        item: Module | Node,
        name: str,
        arrives: Tensor | None,
    ) -> Iterator[Written]:
        if item.layer is not None:
            names = list(type(item.layer).params)
            found = _argument(element, names, name)
            if found is not None:
                yield Written(found, scope, arrives)
            else:
                yield from self._by_default(element, scope, name)
        elif isinstance(item, Module):
            inner = self.of_block(item)
            if inner is not None and inner.call is not None:
                assert isinstance(inner.owner, (ast.Block, ast.Network))
                found = _argument(element, [p.name for p in inner.owner.parameters], name)
                if found is not None:
                    yield Written(found, scope, arrives)
                else:
                    yield from self._by_default(element, scope, name)
                    yield from (
                        Written(p.default, inner)
                        for p in inner.owner.parameters
                        if p.name == name and p.default is not None
                    )

    def _by_default(self, element: ast.Call | ast.Name, scope: Scope, name: str) -> Iterator[Written]:
        """What `default` statements before the element say, the last one first."""
        callee = element.callee if isinstance(element, ast.Call) else element
        if not isinstance(callee, ast.Name):
            return
        for statement, home in self.texts.defaults(callee):
            for argument in statement.arguments:
                if argument.name == name:
                    yield Written(argument.value, scope if home is scope.owner else Scope(None))

    def parameter(self, scope: Scope, name: str) -> Written | None:
        """What a parameter of a function, or of a block inside, is given."""
        assert scope.call is not None and scope.caller is not None and scope.owner is not None
        parameters = scope.owner.parameters
        found = _argument(scope.call, [p.name for p in parameters], name)
        if found is not None:
            inner = scope.module if scope.caller.module is not scope.module else None
            return Written(found, scope.caller, None if inner is None else self.arriving(inner))
        default = next((p.default for p in parameters if p.name == name), None)
        return None if default is None else Written(default, scope)


def _argument(element: ast.Call | ast.Name, names: list[str], wanted: str) -> ast.Expr | None:
    """The argument of a call that a parameter takes; None where that is not given, or a list is spread."""
    if isinstance(element, ast.Name):
        return None
    for i, argument in enumerate(element.arguments):
        if argument.star:
            return None
        if argument.name == wanted or (argument.name is None and i < len(names) and names[i] == wanted):
            return argument.value
    return None


def own_channels(layer: Layer) -> str | None:
    """The parameter of a layer that says how many channels leave; None if that follows from what arrives."""
    for name, param in type(layer).params.items():
        if "out_channels" in param.elsewhere or "out_features" in param.elsewhere:
            return name
    return None


def parameter_of(layer: Layer, word: str) -> str | None:
    """The parameter of a layer that PyTorch calls by a word."""
    params = type(layer).params
    if word in params:
        return word
    return next((name for name, param in params.items() if word in param.elsewhere), None)
