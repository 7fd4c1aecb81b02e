"""Names and argument names, checked everywhere: also in branches not taken and blocks that nobody calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archdsl.diagnostics import Collector, Diagnostic, Label
from archdsl.elaborate.files import BUILTIN_NAMES
from archdsl.elaborate.free import bound_names, broken_inside, children, target_names
from archdsl.elaborate.matching import Given, suggestion, unknown_argument, unknown_name
from archdsl.elaborate.program import Program, Unit
from archdsl.layers import INITIALISERS, SIGNATURES
from archdsl.source import Span
from archdsl.syntax import ast

#: the figures that `expect` may read
METRICS = frozenset(("params", "macs"))


def check_names(program: Program, collector: Collector) -> None:
    """Report E201 and E203 in every file of a program but the library's."""
    for unit in program.all_units:
        if not unit.is_library and unit.tree is not None:
            _Checker(unit, collector).file(unit.tree)


class _Checker:
    """Walks one file. A scope is the set of names that are bound in it or around it."""

    def __init__(self, unit: Unit, collector: Collector) -> None:
        self.unit = unit
        self.collector = collector
        self.outer = frozenset((*unit.declared, *unit.imported, *BUILTIN_NAMES))
        self.unknown: dict[str, list[Span]] = {}
        self.first: dict[str, Diagnostic] = {}
        self.chosen: set[ast.Name] = set()  # words that no layer offers, already reported
        #: what stands in statements that cannot be read: it may be bound there
        self.excused = frozenset(name for hole in unit.holes for name in hole.reads)
        self.lenient = unit.nameless  # may any name be bound by what cannot be read?

    def file(self, tree: ast.File) -> None:
        for declaration in tree.declarations:
            excused, lenient = self.excused, self.lenient
            if broken_inside(declaration):
                self._excuse(declaration)
            if isinstance(declaration, (ast.Block, ast.Network)):
                self._block(declaration)
            elif isinstance(declaration, ast.Extern):
                self._extern(declaration)
            elif isinstance(declaration, ast.Model):
                self._walk([declaration.expr], frozenset())
                outputs = self._outputs_of(declaration)
                for expect in declaration.expects:
                    if outputs is not None:
                        self._walk(children(expect), outputs | METRICS)
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
                self.lenient = self.lenient or node.nameless
            stack.extend(children(node))

    def _outputs_of(self, model: ast.Model) -> frozenset[str] | None:
        """Names of a model's outputs; None where they are not known from this file."""
        callee = model.expr.callee if isinstance(model.expr, ast.Call) else model.expr
        if not isinstance(callee, ast.Name):
            return None
        unit: Unit | None = self.unit
        name = callee.id
        for _ in range(50):
            if unit is None or name not in unit.imported:
                break
            declaration, item = unit.imported[name]
            unit, name = unit.imports.get(id(declaration)), item.name
        network = None if unit is None else unit.declared.get(name)
        if not isinstance(network, ast.Network) or broken_inside(network):
            return None
        return output_names(network)

    def _distinct(self, names: Sequence[ast.Parameter | ast.Taken]) -> None:
        seen: dict[str, Span] = {}
        for item in names:
            if item.name in seen and item.name != "_":
                first = Label(seen[item.name], "declared here before")
                self.collector.add(
                    Diagnostic("E108", f"`{item.name}` is declared twice", item.span, labels=(first,))
                )
            seen.setdefault(item.name, item.span)

    def _parameters(self, parameters: tuple[ast.Parameter, ...]) -> None:
        seen: frozenset[str] = frozenset()
        for parameter in parameters:
            if parameter.default is not None:
                self._walk([parameter.default], seen)
            seen |= {parameter.name}

    def _block(self, declaration: ast.Block | ast.Network) -> None:
        self._unused(declaration)
        taken = declaration.takes or () if isinstance(declaration, ast.Block) else ()
        self._distinct([*declaration.parameters, *taken])
        self._parameters(declaration.parameters)
        scope = frozenset(p.name for p in declaration.parameters) | bound_names(declaration.statements)
        if isinstance(declaration, ast.Block):
            scope |= {t.name for t in taken}
            self._walk(declaration.statements, scope)
        else:
            self._walk(declaration.statements, scope, output_names(declaration) | METRICS)

    def _extern(self, declaration: ast.Extern) -> None:
        self._unused(declaration)
        names: list[ast.Parameter | ast.Taken] = [*declaration.parameters, *(declaration.takes or ())]
        self._distinct(names)
        self._parameters(declaration.parameters)
        scope = frozenset(item.name for item in names)
        for entry in declaration.entries:
            value = entry.value
            if entry.name == "python" and not isinstance(value, ast.Text):
                continue  # E612 says that it is a string, whatever stands there
            inside = value.parts if isinstance(value, ast.Text) else (value,)
            self._walk([part for part in inside if not isinstance(part, str)], scope)

    def _unused(self, declaration: ast.Block | ast.Network | ast.Extern) -> None:
        """W002 for parameters, values and shared layers that are never read, unless their name begins with `_`.

        A tensor's name documents the flow, and what reaches no output has W001. A tensor that is given to an extern
        block reaches its module, whether an entry names it or not.
        """
        if broken_inside(declaration):
            return  # what cannot be read may read them
        read: set[str] = set()
        bound: dict[str, tuple[Span, str]] = {}
        stack: list[ast.AstNode] = [declaration]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Name):
                read.add(node.id)
            elif isinstance(node, ast.Text):
                stack.extend(part for part in node.parts if not isinstance(part, str))
            elif isinstance(node, ast.Parameter):
                if node.annotation == "tensor" and isinstance(declaration, ast.Extern):
                    read.add(node.name)
                bound.setdefault(node.name, (node.span, "parameter"))
            elif isinstance(node, ast.Share):
                bound.setdefault(node.name, (node.name_span, "shared layer"))
            elif isinstance(node, ast.Let):
                for name in target_names(node.target):
                    bound.setdefault(name, (node.target.span, "value"))
            if not isinstance(node, ast.Text):
                stack.extend(children(node))
        for name, (span, what) in bound.items():
            if name not in read and not name.startswith("_"):
                self.collector.add(Diagnostic("W002", f"the {what} `{name}` is never used", span))

    def _unknown(self, node: ast.Name, scope: frozenset[str]) -> None:
        """E201 where a name stands first; all its places together are one mistake."""
        self.unit.unknown.add((node.span.start, node.span.end))
        if self.lenient or node.id in self.excused:
            return
        places = self.unknown.setdefault(node.id, [])
        places.append(node.span)
        if len(places) == 1:
            self.first[node.id] = unknown_name(node.id, node.span, {*scope, *self.outer}).diagnostic

    def _report_unknown(self) -> None:
        for name, found in self.first.items():
            places = sorted(self.unknown[name], key=lambda span: span.start)
            others = sorted({span.line for span in places[1:]} - {places[0].line})
            note: tuple[str, ...] = ()
            if others:
                shown = ", ".join(map(str, others[:8])) + (", …" if len(others) > 8 else "")
                note = (f"it stands on line{'s' * (len(others) > 1)} {shown} too",)
            self.collector.add(Diagnostic(found.code, found.message, places[0], notes=note, help=found.help))

    def _walk(
        self, nodes: Iterable[ast.AstNode], scope: frozenset[str], results: frozenset[str] = frozenset()
    ) -> None:
        """`results` are the names that `expect` lines of a network see beside those in scope."""
        stack = [(node, scope) for node in nodes][::-1]
        while stack:
            node, scope = stack.pop()
            if isinstance(node, ast.Name):
                if node.id not in scope and node.id not in self.outer and node not in self.chosen:
                    self._unknown(node, scope)
                continue
            if isinstance(node, ast.Expect) and results:
                stack.extend((child, scope | results) for child in children(node))
                continue
            if isinstance(node, ast.Body):
                scope = scope | bound_names(node.statements)
            elif isinstance(node, (ast.ListComprehension, ast.ForkComprehension)):
                for clause in node.clauses:
                    if isinstance(clause, ast.ForClause):
                        stack.append((clause.iterable, scope))
                        scope = scope | set(target_names(clause.target))
                    else:
                        stack.append((clause.condition, scope))
                stack.append((node.element, scope))
                continue
            elif isinstance(node, ast.Function):
                self._distinct(node.parameters)
                self._parameters_inside(node.parameters, scope, stack)
                stack.append((node.expr, scope | {p.name for p in node.parameters}))
                continue
            elif isinstance(node, (ast.Call, ast.Default)):
                self._arguments(node, scope)
                stack.extend((argument, scope) for argument in reversed(node.arguments))
                if not self._is_word_call(node):
                    stack.append((node.callee, scope))
                continue
            elif isinstance(node, ast.Text):
                continue
            elif isinstance(node, ast.Broken):
                lenient, self.lenient = self.lenient, True
                self._walk(node.statements, scope | bound_names((node,)))
                self.lenient = lenient
                continue
            elif isinstance(node, ast.Labelled):
                stack.append((node.element, scope))
                stack.extend((part, scope) for part in node.label.parts if not isinstance(part, str))
                continue
            stack.extend((child, scope) for child in reversed(list(children(node))))

    def _parameters_inside(
        self,
        parameters: tuple[ast.Parameter, ...],
        scope: frozenset[str],
        stack: list[tuple[ast.AstNode, frozenset[str]]],
    ) -> None:
        for parameter in parameters:
            if parameter.default is not None:
                stack.append((parameter.default, scope))
            scope = scope | {parameter.name}

    def _is_word_call(self, node: ast.Call | ast.Default) -> bool:
        return isinstance(node.callee, ast.Name) and node.callee.id in INITIALISERS

    def _arguments(self, node: ast.Call | ast.Default, scope: frozenset[str]) -> None:
        """Names of arguments, where the callee is known from the text."""
        callee = node.callee
        if not isinstance(callee, ast.Name) or callee.id in scope:
            return
        names = self._parameter_names(callee.id)
        if names is None:
            return
        self._words(node, callee.id, names, scope)
        for argument in node.arguments:
            if argument.name is not None and argument.name not in names:
                given = Given(argument.name, None, argument.value.span, argument.name_span)
                self.collector.add(unknown_argument(callee.id, given, names).diagnostic)

    def _words(
        self, node: ast.Call | ast.Default, callee: str, names: list[str], scope: frozenset[str]
    ) -> None:
        """E601 for an unknown name where a layer or an initialiser offers words to choose from."""
        if callee in self.unit.declared or callee in self.unit.imported or callee not in SIGNATURES:
            return
        position = 0
        for argument in node.arguments:
            if argument.star:
                return
            name = argument.name
            if name is None:
                name = names[position] if position < len(names) else ""
                position += 1
            value, param = argument.value, SIGNATURES[callee].get(name)
            if param is None or not param.kind.words or not isinstance(value, ast.Name):
                continue
            if value.id not in scope and value.id not in self.outer:
                words = set(param.kind.words)
                offered = ", ".join(f"`{w}`" for w in param.kind.words)
                message = f"`{name}` of `{callee}` offers {offered}, and not `{value.id}`"
                self.unit.unknown.add((value.span.start, value.span.end))
                self.chosen.add(value)
                if self.lenient or value.id in self.excused:
                    continue
                self.collector.add(Diagnostic("E601", message, value.span, help=suggestion(value.id, words)))

    def _parameter_names(self, name: str) -> list[str] | None:
        unit: Unit | None = self.unit
        for _ in range(50):
            if unit is None or name not in unit.imported:
                break
            declaration, item = unit.imported[name]
            unit, name = unit.imports.get(id(declaration)), item.name
        if unit is None:
            return None
        declared = unit.declared.get(name)
        if isinstance(declared, (ast.Block, ast.Network, ast.Extern, ast.Function)):
            return [p.name for p in declared.parameters]
        if declared is None and name in SIGNATURES:
            return list(SIGNATURES[name])
        return None


def output_names(network: ast.Network) -> frozenset[str]:
    """What a network calls its outputs, also those in branches."""
    found: set[str] = set()
    stack: list[ast.AstNode] = list(network.statements)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.OutputStatement):
            found.add(node.name)
        stack.extend(children(node))
    return frozenset(found)
