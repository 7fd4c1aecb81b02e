"""Names and arguments, checked everywhere: also in branches not taken and blocks that nobody calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from archdsl.diagnostics import Collector, Diagnostic, Label
from archdsl.diagnostics.near import nearest
from archdsl.elaborate.attributes import is_attribute
from archdsl.elaborate.ends import has_input, output_names
from archdsl.elaborate.files import file_names
from archdsl.elaborate.free import (
    Binding,
    begins,
    bindings,
    bound_names,
    broken_inside,
    children,
    loops_in,
    target_names,
    target_places,
)
from archdsl.elaborate.program import Program, Unit
from archdsl.elaborate.unknown import Role, Sort, elsewhere, is_misspelt_layer, unbound_name, unknown_name
from archdsl.elaborate.written import WrittenCalls
from archdsl.layers import INITIALISERS
from archdsl.source import Span
from archdsl.syntax import ast

#: names that are compared with others: each takes milliseconds
MOST_SUGGESTED = 100
#: the figures that `expect` may read
METRICS = frozenset(("params", "macs"))


def check_names(program: Program, collector: Collector) -> None:
    """Report what is wrong with names and calls in every file of a program but the library's."""
    for unit in program.all_units:
        if not unit.is_library and unit.tree is not None:
            _Checker(unit, collector).file(unit.tree)


class _Scope(NamedTuple):
    """The names that are bound in a scope or around it. `inner` are those that more than the block binds; `role` is
    where what is looked at stands."""

    names: AbstractSet[str]
    inner: AbstractSet[str] = frozenset()
    role: Role = Role.VALUE

    def plus(self, names: Iterable[str]) -> _Scope:
        more = frozenset(names)
        return _Scope(self.names | more, self.inner | more)

    def at(self, role: Role) -> _Scope:
        return self if self.role is role else self._replace(role=role)


class _Checker:
    """Walks one file."""

    def __init__(self, unit: Unit, collector: Collector) -> None:
        self.unit = unit
        self.collector = collector
        self.outer = file_names(unit)
        self.calls = WrittenCalls(unit, collector)
        self.unknown: dict[str, list[Span]] = {}
        self.first: dict[str, Diagnostic] = {}
        self.sorts: dict[str, Sort] = {}  # of the names of the block
        self.bound: dict[str, list[Binding]] = {}  # what binds each name of the block
        self.begins: dict[str, int] = {}  # before which place a name of the block is certainly not bound
        self.given: dict[str, Span] = {}  # parameters, and the names of `takes`
        self.early: dict[str, list[Span]] = {}  # places before that
        self.behind: set[str] = set()  # parameters that a default does not see
        #: what stands in statements that cannot be read, which may bind it, and what a misspelt import may bring
        self.excused = frozenset(name for hole in unit.binding_holes for name in hole.reads) | unit.missing
        self.owners: dict[str, str] = {}  # names that blocks bind, and one such block
        self.lenient = False  # may any name be bound by what cannot be read?
        self.lost = 0  # declarations and statements that bind one name each, which nobody knows
        for hole in unit.binding_holes:
            self._lose(hole)

    def file(self, tree: ast.File) -> None:
        for declaration in tree.declarations:
            self.sorts, self.bound, self.begins, self.early, self.given = {}, {}, {}, {}, {}
            excused, lenient = self.excused, self.lenient
            if broken_inside(declaration):
                self._excuse(declaration)
            elif isinstance(declaration, ast.Network) and not has_input(declaration):
                self.lenient = True  # E412 says so, and it would bind names
            if isinstance(declaration, (ast.Block, ast.Network)):
                self._block(declaration)
            elif isinstance(declaration, ast.Extern):
                self._extern(declaration)
            elif isinstance(declaration, ast.Model):
                self.calls.completed.update({id(declaration.expr)})
                self._walk([declaration.expr], frozenset())
                outputs = self._outputs_of(declaration)
                for expect in declaration.expects:
                    if outputs is not None:
                        self._walk(children(expect), outputs | METRICS)
                    else:
                        self._nearly(expect)
            else:
                self._walk([declaration], frozenset())
            self.excused, self.lenient = excused, lenient
        self._report_unknown()

    def _excuse(self, declaration: ast.AstNode) -> None:
        """No name is unknown for certain that a broken statement of the declaration may bind."""
        stack = [declaration]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Broken):
                self.excused |= frozenset(node.reads)
                if node is declaration:
                    self.lenient = self.lenient or node.nameless
                else:
                    self._lose(node)
            stack.extend(children(node))

    def _lose(self, hole: ast.Broken) -> None:
        if hole.nameless and hole.word in _OF_ONE_NAME:
            self.lost += 1
        else:
            self.lenient = self.lenient or hole.nameless

    def _nearly(self, expect: ast.Expect) -> None:
        """What is wrong in an `expect` whatever the outputs are: a figure that is misspelt, an attribute."""
        stack: list[ast.AstNode] = [expect]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Attribute):
                self.calls.attribute(node)
            elif isinstance(node, ast.Name) and node.id not in METRICS and node.id not in self.outer:
                if nearest(node.id, METRICS):
                    self._mark(node.span)
                    self._unknown(node.id, node.span, _Scope(METRICS), certain=True)
            stack.extend(children(node))

    def _outputs_of(self, model: ast.Model) -> frozenset[str] | None:
        """Names of a model's outputs; None where they are not known from this file, or where there are none."""
        callee = model.expr.callee if isinstance(model.expr, ast.Call) else model.expr
        network = self.unit.declaration(callee.id) if isinstance(callee, ast.Name) else None
        if not isinstance(network, ast.Network) or broken_inside(network):
            return None
        return output_names(network) or None

    def _distinct(self, names: Sequence[ast.Parameter | ast.Taken]) -> None:
        seen: dict[str, Span] = {}
        for item in names:
            if item.name in seen and item.name != "_":
                first = Label(seen[item.name], "declared here before")
                self.collector.add(
                    Diagnostic("E108", f"`{item.name}` is declared twice", item.span, labels=(first,))
                )
            seen.setdefault(item.name, item.span)

    def _parameters(self, parameters: tuple[ast.Parameter, ...], around: _Scope) -> None:
        """The defaults, each of which sees the parameters before it."""
        names, inner = set(around.names), set(around.inner)
        self.behind = {p.name for p in parameters} - names
        for parameter in parameters:
            if parameter.default is not None:
                self._walk([parameter.default], names, inner=inner)
            names.add(parameter.name)
            inner.add(parameter.name)
            self.behind.discard(parameter.name)
        self.behind = set()

    def _block(self, declaration: ast.Block | ast.Network) -> None:
        taken = declaration.takes or () if isinstance(declaration, ast.Block) else ()
        names: list[ast.Parameter | ast.Taken] = [*declaration.parameters, *taken]
        self._distinct(names)
        self.given = {item.name: item.span for item in names}
        given = {p.name: Sort.VALUE for p in declaration.parameters}
        given.update({t.name: Sort.TENSOR for t in taken})
        self.sorts.update(given)
        self._parameters(declaration.parameters, _Scope(frozenset()))
        self.bound = bindings(declaration.statements)
        self.sorts.update({name: _sort(places[-1][0]) for name, places in self.bound.items()})
        loops = loops_in(declaration.statements)
        for name, places in self.bound.items():
            if name not in given and name not in self.outer and not broken_inside(declaration):
                self.begins[name] = min(begins(node, loops) for node, _ in places)
        scope = frozenset(given) | bound_names(declaration.statements)
        statements, results = declaration.statements, frozenset[str]()
        if isinstance(declaration, ast.Network):
            results = output_names(declaration) | METRICS
            if results == METRICS:  # E805 says that there is no output, and these may read one
                statements = tuple(s for s in statements if not isinstance(s, ast.Expect))
        self._walk(statements, scope, results)
        for name, early in self.early.items():
            first, *others = sorted(early, key=lambda span: span.start)
            found = unbound_name(name, first, self.bound[name]).diagnostic
            self.collector.add(replace(found, notes=(*found.notes, *elsewhere(first, others))))

    def _extern(self, declaration: ast.Extern) -> None:
        names: list[ast.Parameter | ast.Taken] = [*declaration.parameters, *(declaration.takes or ())]
        self._distinct(names)
        self._parameters(declaration.parameters, _Scope(frozenset()))
        scope = frozenset(item.name for item in names)
        for entry in declaration.entries:
            value = entry.value
            if entry.name == "python" and not isinstance(value, ast.Text):
                continue  # E612 says that it is a string, whatever stands there
            inside = value.parts if isinstance(value, ast.Text) else (value,)
            self._walk([part for part in inside if not isinstance(part, str)], scope)

    # --- names -------------------------------------------------------------------------------------------------------

    def _name(self, node: ast.Name, scope: _Scope) -> None:
        name = node.id
        if name in scope.names:
            if name not in scope.inner and node.span.start < self.begins.get(name, 0):
                self._mark(node.span)
                self.early.setdefault(name, []).append(node.span)
        elif name not in self.outer and node not in self.calls.words:
            self._unknown(name, node.span, scope)

    def _mark(self, span: Span) -> None:
        """The name at a place is reported: whoever evaluates it says nothing more."""
        self.unit.unknown.add((span.start, span.end))

    def _unknown(self, name: str, span: Span, scope: _Scope, certain: bool = False) -> None:
        """E201 where a name stands first; all its places together are one mistake."""
        if name.split(".")[0] in self.excused:
            return
        if self.lenient and not certain and not is_misspelt_layer(name):
            return  # a layer that is misspelt is one all the same
        places = self.unknown.setdefault(name, [])
        places.append(span)
        if len(places) > 1:
            return
        if len(self.first) > MOST_SUGGESTED:
            self.first[name] = unknown_name(name, span, {}).diagnostic
            return
        known: Mapping[str, Sort] = {
            **self.outer,
            **{other: self.sorts.get(other, Sort.VALUE) for other in scope.names},
        }
        found = unknown_name(name, span, known, scope.role).diagnostic
        if name in self.behind:
            help = f"a default sees the parameters before it, and `{name}` does not stand there"
            found = Diagnostic(found.code, found.message, span, help=help)
        meant = [self._place(other) for other in re.findall(r"`(\w+)`", found.help)]
        labels = tuple(Label(place, "declared here") for place in meant if place is not None)
        self.first[name] = replace(found, labels=labels)

    def _place(self, name: str) -> Span | None:
        """Where a name is declared that a help line offers, if this file does."""
        if name in self.given:
            return self.given[name]
        if name in self.bound:
            node = self.bound[name][0][0]
            if isinstance(node, ast.Assign):
                targets = {n: place for target in node.targets for n, place in target_places(target)}
                return targets.get(name)
            if isinstance(node, (ast.Let, ast.ForElement)):
                return dict(target_places(node.target)).get(name)
            return getattr(node, "name_span", node.span)
        declared = self.unit.declared.get(name)
        if isinstance(declared, ast.Let):
            return dict(target_places(declared.target)).get(name)
        return getattr(declared, "name_span", None)

    def _report_unknown(self) -> None:
        if self.lost:  # names that are used most and are near to no other are thought to be those
            lost = sorted(
                self.first, key=lambda name: (bool(self.first[name].help), -len(self.unknown[name]))
            )
            for name in lost[: self.lost]:
                del self.first[name]
        for name, found in self.first.items():
            place, *others = sorted(self.unknown[name], key=lambda span: span.start)
            notes = (*self._of_another_block(name), *elsewhere(place, others))
            self.collector.add(replace(found, span=place, notes=notes))

    def _of_another_block(self, name: str) -> tuple[str, ...]:
        """A note that a block of the file binds the name, for itself alone."""
        if not self.owners:
            for block in self.unit.tree.declarations if self.unit.tree is not None else ():
                if isinstance(block, (ast.Block, ast.Network)):
                    self.owners.update((bound, block.name) for bound in bound_names(block.statements))
        owner = self.owners.get(name)
        what = f"`{owner}` has a name `{name}` of its own, which ends with it"
        return (f"{what}: what a block gives is what its last statement leaves",) if owner else ()

    def _dotted(self, node: ast.Attribute, scope: _Scope) -> bool:
        """Whether this is `nn.Conv2d`: a name behind one that is not known. Reports it as one name."""
        root: ast.Expr = node
        while isinstance(root, ast.Attribute):
            root = root.target
        if not isinstance(root, ast.Name) or root.id in scope.names or root.id in self.outer:
            return False
        if is_attribute(node.name):
            return False  # of a tensor whose name is not known
        self._mark(root.span)
        self._unknown("".join(node.span.text.split()), node.span, scope)
        return True

    # --- the walk ----------------------------------------------------------------------------------------------------

    def _walk(
        self,
        nodes: Iterable[ast.AstNode],
        names: AbstractSet[str],
        results: frozenset[str] = frozenset(),
        inner: AbstractSet[str] = frozenset(),
    ) -> None:
        """`results` are the names that `expect` lines of a network see beside those in scope."""
        stack = [(node, _Scope(names, inner)) for node in nodes][::-1]
        while stack:
            node, scope = stack.pop()
            if isinstance(node, ast.Name):
                if node.id not in scope.names and node.id not in self.outer:
                    self._mark(node.span)
                self._name(node, scope)
                if scope.role is Role.ELEMENT and node.id not in scope.names:
                    self.calls.element(node)
                continue
            if isinstance(node, ast.Attribute):
                if self._dotted(node, scope):
                    continue
                self.calls.attribute(node)
            elif isinstance(node, ast.Expect) and results:
                scope = _Scope(scope.names | results, scope.inner | results)
            elif isinstance(node, ast.Body):
                scope = scope.plus(bound_names(node.statements))
            elif isinstance(node, (ast.ListComprehension, ast.ForkComprehension)):
                inside = scope.at(Role.VALUE)
                for clause in node.clauses:
                    if isinstance(clause, ast.ForClause):
                        stack.append((clause.iterable, inside))
                        inside = inside.plus(target_names(clause.target))
                    else:
                        stack.append((clause.condition, inside))
                role = Role.ELEMENT if isinstance(node, ast.ForkComprehension) else Role.VALUE
                stack.append((node.element, inside.at(role)))
                continue
            elif isinstance(node, ast.Function):
                self._distinct(node.parameters)
                around = _Scope(scope.names, scope.names)  # what is bound when it is called counts
                self._parameters(node.parameters, around)
                stack.append((node.expr, around.plus(p.name for p in node.parameters)))
                continue
            elif isinstance(node, (ast.Call, ast.Default)):
                bound = scope.names | self.excused if self.excused else scope.names
                self.calls.call(node, bound, self.outer, self.lenient)
                stack.extend((argument, scope.at(Role.VALUE)) for argument in reversed(node.arguments))
                if not _is_word_call(node):
                    stack.append((node.callee, scope.at(Role.CALLEE)))
                continue
            elif isinstance(node, ast.Text):
                continue
            elif isinstance(node, ast.Broken):
                lenient, self.lenient = self.lenient, True
                names = scope.names | bound_names((node,))
                if node in self.unit.holes:  # its parameters stand somewhere in its header
                    names = names | set(node.reads)
                self._walk(node.statements, names)
                self.lenient = lenient
                continue
            elif isinstance(node, ast.Labelled):
                stack.append((node.element, scope))
                stack.extend(
                    (part, scope.at(Role.VALUE)) for part in node.label.parts if not isinstance(part, str)
                )
                continue
            elif isinstance(node, ast.Binary) and node.op == "*":
                stack += [(node.right, scope.at(Role.VALUE)), (node.left, scope)]
                continue
            elif isinstance(node, ast.Conditional):
                stack += [(node.otherwise, scope), (node.condition, scope.at(Role.VALUE)), (node.then, scope)]
                continue
            scope = scope.at(_ROLES.get(type(node), scope.role if type(node) is ast.Group else Role.VALUE))
            stack.extend((child, scope) for child in reversed(children(node)))


#: What a statement begins with that binds one name, as a rule.
_OF_ONE_NAME = frozenset(("block", "network", "def", "let", "share"))
_FLOWS = (ast.Flow, ast.Assign, ast.Share, ast.Pipeline, ast.Fork, ast.OutputStatement)
_ROLES = {**dict.fromkeys(_FLOWS, Role.ELEMENT), ast.Dimension: Role.SIZE}


def _is_word_call(node: ast.Call | ast.Default) -> bool:
    return isinstance(node.callee, ast.Name) and node.callee.id in INITIALISERS


def _sort(node: ast.AstNode) -> Sort:
    """What a name is that this binds."""
    if isinstance(node, (ast.Assign, ast.InputStatement)):
        return Sort.TENSOR
    if isinstance(node, ast.Function):
        return Sort.FUNCTION
    return Sort.LAYER if isinstance(node, ast.Share) else Sort.VALUE
