"""The text behind a graph: which element a module comes from, what stands around it, and what its names mean."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from archdsl.elaborate.free import children, target_names
from archdsl.elaborate.program import Unit
from archdsl.graph.model import Definition
from archdsl.records import record
from archdsl.source import Source, Span
from archdsl.syntax import ast

Declaration = ast.Block | ast.Network | ast.Function | ast.Extern | ast.Let


#: How many expressions are read again in all.
_READ = 2_000_000
#: How many statements that bind a name are looked at, back from where it is read.
_LOOKED = 20


@record(eq=False)
class Bound:
    """What binds a name, and the file that it stands in."""

    node: ast.AstNode
    unit: Unit


class _Index:
    """One file: its nodes by their place, and what each stands in."""

    def __init__(self, unit: Unit) -> None:
        self.calls: dict[tuple[int, int], ast.Call | ast.Name] = {}
        self.parents: dict[int, ast.AstNode] = {}
        self.binds: dict[int, dict[str, list[ast.AstNode]]] = {}  # names bound in a declaration, by its id
        self.names: dict[str, list[ast.Name]] = {}  # where each is read
        self.called: dict[int, list[ast.Call]] = {}  # the calls in a declaration
        self.asked: dict[int, list[ast.Expr]] = {}  # the conditions in a declaration
        self.defaults: dict[
            tuple[int, str], list[ast.Default]
        ] = {}  # of a declaration, or the file (0), and a name
        stack: list[tuple[ast.AstNode, ast.AstNode | None]] = []
        if unit.tree is not None:
            stack = [(declaration, None) for declaration in reversed(unit.tree.declarations)]
        while stack:
            node, home = stack.pop()
            if isinstance(node, (ast.Call, ast.Name)):
                self.calls.setdefault((node.span.start, node.span.end), node)
                if isinstance(node, ast.Name):
                    self.names.setdefault(node.id, []).append(node)
                if isinstance(node, ast.Call) and home is not None:
                    self.called.setdefault(id(home), []).append(node)
            elif isinstance(node, (ast.Labelled, ast.Group)):
                inside: ast.AstNode = node
                while isinstance(inside, (ast.Labelled, ast.Group)):
                    inside = inside.element if isinstance(inside, ast.Labelled) else inside.inner
                if isinstance(inside, (ast.Call, ast.Name)):
                    self.calls.setdefault((node.span.start, node.span.end), inside)
            elif isinstance(node, (ast.IfArm, ast.Conditional)) and home is not None:
                self.asked.setdefault(id(home), []).append(node.condition)
            elif isinstance(node, ast.Default):
                self.defaults.setdefault((0 if home is None else id(home), node.callee.id), []).append(node)
            elif home is not None:
                for name in _bound(node):
                    self.binds.setdefault(id(home), {}).setdefault(name, []).append(node)
            inner = node if isinstance(node, (ast.Block, ast.Network, ast.Function)) else home
            below = children(node)
            for child in below:
                self.parents[id(child)] = node
            stack.extend((child, inner) for child in reversed(below))


def _bound(node: ast.AstNode) -> Iterator[str]:
    if isinstance(node, (ast.Let, ast.ForElement, ast.ForClause)):
        yield from target_names(node.target)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from target_names(target)
    elif isinstance(node, (ast.Share, ast.Function, ast.InputStatement, ast.Taken)):
        yield node.name
    elif isinstance(node, ast.Dimension) and node.symbol is not None:
        yield node.symbol


class Texts:
    """The files of a spec; without one, nothing is known."""

    def __init__(self, unit: object) -> None:
        #: how many expressions may be read again: the texts of hostile programs have no end
        self.left = _READ
        self._units: dict[Source, Unit] = {}
        self._indices: dict[Source, _Index] = {}
        found = [unit] if isinstance(unit, Unit) else []
        while found:
            one = found.pop()
            if one.source not in self._units:
                self._units[one.source] = one
                found += [other for other in one.imports.values() if other is not None]

    def unit(self, source: Source) -> Unit | None:
        return self._units.get(source)

    def _index(self, source: Source) -> _Index | None:
        if source not in self._indices:
            unit = self._units.get(source)
            if unit is None:
                return None
            self._indices[source] = _Index(unit)
        return self._indices[source]

    def element(self, span: Span) -> ast.Call | ast.Name | None:
        """The call, or the name of a layer, that stands at a place."""
        index = self._index(span.source)
        return None if index is None else index.calls.get((span.start, span.end))

    def around(self, node: ast.AstNode) -> Iterator[ast.AstNode]:
        """What a node stands in, the innermost first."""
        index = self._index(node.span.source)
        above = None if index is None else index.parents.get(id(node))
        while above is not None and index is not None:
            yield above
            above = index.parents.get(id(above))

    def home(self, node: ast.AstNode) -> ast.Block | ast.Network | ast.Function | None:
        """The declaration in whose body a node stands; None in that of a file."""
        return next(
            (n for n in self.around(node) if isinstance(n, (ast.Block, ast.Network, ast.Function))), None
        )

    def calls(self, home: ast.Block | ast.Network | ast.Function) -> list[ast.Call]:
        """The calls in the body of a declaration, in the order of the text."""
        index = self._index(home.span.source)
        return [] if index is None else index.called.get(id(home), [])

    def conditions(self, home: ast.Block | ast.Network | ast.Function) -> list[ast.Expr]:
        """What the body of a declaration asks, in the order of the text."""
        index = self._index(home.span.source)
        return [] if index is None else index.asked.get(id(home), [])

    def names(self, home: ast.AstNode, name: str) -> Iterator[ast.Name]:
        """Where a name stands in a declaration."""
        index = self._index(home.span.source)
        for node in () if index is None else index.names.get(name, ()):
            if home.span.start <= node.span.start < home.span.end:
                yield node

    def defaults(
        self, callee: ast.Name
    ) -> Iterator[tuple[ast.Default, ast.Block | ast.Network | ast.Function | None]]:
        """The `default` statements for a name before the place where it stands, the last first, with their body."""
        index = self._index(callee.span.source)
        home = self.home(callee)
        while index is not None:
            found = index.defaults.get((0 if home is None else id(home), callee.id), [])
            for statement in reversed(found):
                if statement.span.start < callee.span.start:
                    yield statement, home
            if home is None:
                return
            home = self.home(home)

    def declaration(self, definition: Definition | None) -> ast.Block | ast.Network | None:
        """The text of a block or network."""
        unit = None if definition is None else self._units.get(definition.span.source)
        found = None if unit is None or definition is None else unit.declared.get(definition.name)
        return found if isinstance(found, (ast.Block, ast.Network)) else None

    def binding(self, name: ast.Name) -> Bound | None:
        """What binds a name where it stands: a statement before it, a loop around it, a declaration of the file."""
        unit, index = self._units.get(name.span.source), self._index(name.span.source)
        if unit is None or index is None:
            return None
        inside = {id(node) for node in self.around(name)}
        home = self.home(name)
        while home is not None:
            found: ast.AstNode | None = None
            bound = index.binds.get(id(home), {}).get(name.id, [])
            before = bisect_left(bound, name.span.start, key=lambda node: node.span.start)
            for node in reversed(bound[max(0, before - _LOOKED) : before + 1]):
                if isinstance(node, (ast.ForElement, ast.ForClause)):
                    over = index.parents[id(node)] if isinstance(node, ast.ForClause) else node
                    found = node if id(over) in inside else None
                elif node.span.start < name.span.start and id(node) not in inside:
                    found = node
                if found is not None:
                    break
            if found is None:
                found = next((p for p in home.parameters if p.name == name.id), None)
            if found is not None:
                return Bound(found, unit)
            home = self.home(home)
        return self.declared(unit, name.id)

    def declared(self, unit: Unit, name: str) -> Bound | None:
        """What a file, or one that it imports from, declares under a name."""
        at: Unit | None = unit
        for _ in range(50):
            if at is None or name in at.declared or name not in at.imported:
                break
            declaration, item = at.imported[name]
            at, name = at.imports.get(id(declaration)), item.name
        node = None if at is None else at.declared.get(name)
        return None if node is None or at is None else Bound(node, at)


def counted(iterable: ast.Expr) -> ast.Expr | None:
    """The `n` of `range(n)`."""
    if (
        isinstance(iterable, ast.Call)
        and isinstance(iterable.callee, ast.Name)
        and iterable.callee.id == "range"
    ):
        if len(iterable.arguments) == 1 and not iterable.arguments[0].star:
            return iterable.arguments[0].value
    return None
