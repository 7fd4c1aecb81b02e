"""Names of files at elaboration: declarations, imports, and beyond them the built-in ones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise

from archdsl.diagnostics import Label
from archdsl.elaborate.builtins import FUNCTIONS
from archdsl.elaborate.calls import Calls
from archdsl.elaborate.environment import DefaultArguments, Environment
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.free import target_names
from archdsl.elaborate.matching import find_name
from archdsl.elaborate.program import Unit
from archdsl.elaborate.unknown import Sort
from archdsl.elaborate.values import POISON, BlockValue, FunctionValue, Value
from archdsl.layers import INITIALISERS, REGISTRY, WORDS, Word
from archdsl.source import Span
from archdsl.syntax import ast

#: the outermost scope; a function hides a layer of its name, and this a word
BUILTIN_NAMES: Mapping[str, Sort] = {
    **dict.fromkeys((*WORDS, *INITIALISERS), Sort.WORD),
    **dict.fromkeys(REGISTRY, Sort.LAYER),
    **dict.fromkeys(FUNCTIONS, Sort.FUNCTION),
}


def file_names(unit: Unit) -> dict[str, Sort]:
    """What the text of a file may name outside its blocks."""
    found = dict(BUILTIN_NAMES)
    for name, (declaration, item) in unit.imported.items():
        other = unit.imports.get(id(declaration))
        declared = None if other is None else other.declared.get(item.name)
        found[name] = Sort.VALUE if declared is None else sort_of(declared)
    found.update({name: sort_of(declared) for name, declared in unit.declared.items()})
    return found


def sort_of(declared: ast.AstNode) -> Sort:
    if isinstance(declared, ast.Function):
        return Sort.FUNCTION
    return Sort.VALUE if isinstance(declared, ast.Let) else Sort.LAYER


def builtin(name: str) -> Value | None:
    """The outermost scope: functions, then layers, then words."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if name in REGISTRY:
        return BlockValue(REGISTRY[name], name)
    return Word(name) if name in WORDS or name in INITIALISERS else None


class FileScope:
    """Names of a file at elaboration. Its values are evaluated when first asked for."""

    def __init__(self, unit: Unit, evaluator: Calls, scopes: dict[int, FileScope]) -> None:
        self.unit = unit
        self.evaluator = evaluator
        self.scopes = scopes
        scopes[id(unit)] = self
        if unit.is_library:
            evaluator.session.library.add(unit.source)
        self.values: dict[str, Value] = {}
        self._evaluating: list[str] = []
        self._defaults: list[tuple[int, Mapping[str, DefaultArguments]]] | None = None

    def names(self) -> Mapping[str, Sort]:
        return file_names(self.unit)

    def reported(self, span: Span) -> bool:
        return span.source is self.unit.source and (span.start, span.end) in self.unit.unknown

    def find(self, name: str) -> Value | None:
        value = self.values.get(name)
        if value is not None:
            return value
        if name in self.unit.declared:
            return self._declared(name)
        if name in self.unit.imported:
            value = self._imported(name)
        else:
            value = builtin(name)
        if value is not None:
            self.values[name] = value
        return value

    def _imported(self, name: str) -> Value:
        declaration, item = self.unit.imported[name]
        other = self.unit.imports.get(id(declaration))
        if other is None or other.tree is None:
            return POISON
        scope = self.scopes.get(id(other)) or FileScope(other, self.evaluator, self.scopes)
        if item.name not in other.declared and item.name not in other.imported:
            return POISON  # reported as E704
        return scope.find(item.name) or POISON

    def _declared(self, name: str) -> Value:
        declaration = self.unit.declared[name]
        if isinstance(declaration, ast.Broken):
            return POISON
        if isinstance(declaration, ast.Let):
            return self._let(name, declaration)
        environment = self.environment(declaration.span)
        value: Value
        if isinstance(declaration, ast.Function):
            value = FunctionValue(declaration, environment)
        else:
            value = BlockValue(declaration, declaration.name, environment)
        self.values[name] = value
        return value

    def _let(self, name: str, declaration: ast.Let) -> Value:
        if name in self._evaluating:
            raise self._needs_itself(name)
        self._evaluating.append(name)
        environment = self.environment(declaration.span).inner()
        try:
            self.evaluator.bind(
                declaration.target, self.evaluator.value(declaration.expr, environment, None), environment
            )
        except (Fault, Silence) as problem:
            self.evaluator.session.report(problem)
            self.evaluator.poison(declaration.target, environment)
        finally:
            self._evaluating.pop()
        for bound in target_names(declaration.target):
            if self.unit.declared.get(bound) is declaration:
                self.values[bound] = environment.variables[bound]
        return self.values[name]

    def _needs_itself(self, name: str) -> Fault:
        """E202 at the place where the circle of `let` closes, with the places where each needs the next."""
        chain = [*self._evaluating[self._evaluating.index(name) :], name]
        places: list[tuple[Span, str]] = []
        for one, needed in pairwise(chain):
            declaration = self.unit.declared[one]
            assert isinstance(declaration, ast.Let)
            place = find_name(declaration.expr, needed) or declaration.span
            places.append((place, f"`{one}` needs `{needed}`"))
        (last, text), others = places[-1], places[:-1]
        return Fault(
            "E202",
            f"the value of `{name}` needs itself",
            last,
            text if others else "",
            labels=tuple(Label(place, words) for place, words in others[:8]),
        )

    def environment(self, span: Span) -> Environment:
        """What a declaration at a place of the file sees: all names, and the defaults stated above it."""
        known = self._default_steps()
        above = bisect_right(known, span.start, key=lambda step: step[0])
        return Environment(self, None, known[above - 1][1] if above else {})

    def _default_steps(self) -> list[tuple[int, Mapping[str, DefaultArguments]]]:
        if self._defaults is None:
            self._defaults = []
            environment = Environment(self, None, {})
            for declaration in self.unit.tree.declarations if self.unit.tree else ():
                if isinstance(declaration, ast.Default):
                    try:
                        self.evaluator.default(declaration, environment, None)
                    except (Fault, Silence) as problem:
                        self.evaluator.session.report(problem)
                    self._defaults.append((declaration.span.start, environment.defaults))
        return self._defaults
