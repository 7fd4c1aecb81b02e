"""Warnings that the text alone gives: what is legal and hardly meant."""

from __future__ import annotations

from archdsl.diagnostics import Collector, Diagnostic
from archdsl.elaborate.constant import unreachable
from archdsl.elaborate.hiding import hidden_by_file, hidden_in_block
from archdsl.elaborate.program import Program, is_model, networks_of_models
from archdsl.elaborate.reach import idle_defaults, unreached
from archdsl.elaborate.usage import replaced_names, unused_names
from archdsl.source import Span
from archdsl.syntax import ast


class Doubts:
    """The warnings of a text. `tensors` are those for names of tensors, each with its statement."""

    def __init__(self) -> None:
        self.found = Collector()
        self.tensors: list[tuple[Diagnostic, Span]] = []

    def tell(self, collector: Collector) -> None:
        """Add them to what is told of the text: not beside its mistakes, from which they may come, and nothing of a
        tensor of which W001 says that it reaches no output."""
        told = collector.diagnostics
        if any(d.is_error and not d.code.startswith("E8") for d in told):
            return
        collector.extend(self.found.diagnostics)
        dead = [d.span for d in told if d.code == "W001"]
        for warning, made in self.tensors:
            if not any(d.source is made.source and made.start <= d.start and d.end <= made.end for d in dead):
                collector.add(warning)


def doubts_of(program: Program) -> Doubts:
    """W002, W004, W005 and W006 in every file of a program but the library's.

    What a file declares for others is judged where the file itself is checked, and has models.
    """
    doubts = Doubts()
    collector = doubts.found
    for number, unit in enumerate(program.all_units):
        tree = unit.tree
        if unit.is_library or tree is None:
            continue
        collector.extend(hidden_by_file(unit))
        collector.extend(unreachable([tree]))
        for declaration in tree.declarations:
            if isinstance(declaration, (ast.Block, ast.Network, ast.Extern, ast.Function)):
                for warning, made in unused_names(declaration):
                    if made is None:
                        collector.add(warning)
                    else:
                        doubts.tensors.append((warning, made))
            if isinstance(declaration, (ast.Block, ast.Network)):
                collector.extend(replaced_names(declaration))
                collector.extend(hidden_in_block(declaration, unit))
                collector.extend(idle_defaults(declaration.statements))
        if number == 0 and _has_model(tree):
            collector.extend(unreached(unit))
            collector.extend(idle_defaults(tree.declarations))
    return doubts


def _has_model(tree: ast.File) -> bool:
    used = networks_of_models(tree)
    return any(
        isinstance(d, ast.Model) or (isinstance(d, ast.Network) and is_model(d, used))
        for d in tree.declarations
    )
