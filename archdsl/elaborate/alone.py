"""Blocks by themselves: what is wrong in them whatever their parameters are and whatever arrives.

A block that no model reaches is never elaborated with a shape. It is read here with nothing known: parameters and the
flow are as after a mistake, so that all that depends on them stays silent, and the rest is checked.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from archdsl.diagnostics import Collector, Full
from archdsl.elaborate.blocks import Elaborator
from archdsl.elaborate.build import Builder
from archdsl.elaborate.environment import Environment, Frame
from archdsl.elaborate.extern_rules import ExternRules
from archdsl.elaborate.faults import Fault, Silence, Stop
from archdsl.elaborate.files import FileScope
from archdsl.elaborate.flow import FRAMES
from archdsl.elaborate.program import Unit
from archdsl.elaborate.session import Session
from archdsl.elaborate.values import POISON
from archdsl.limits import Limits
from archdsl.syntax import ast

#: Steps that one block takes, the nesting of its elements, and the depth of calls in it.
MOST_STEPS, MOST_NESTING, MOST_DEPTH = 100_000, 200, 20


def check_alone(unit: Unit, limits: Limits, rules: ExternRules, collector: Collector) -> None:
    """Report what is wrong in the blocks of a file by themselves, beside what the collector has."""
    blocks = [d for d in unit.tree.declarations if isinstance(d, ast.Block)] if unit.tree is not None else []
    found = Collector(limits)
    bounds = replace(
        limits,
        steps=min(limits.steps, MOST_STEPS),
        nesting=min(limits.nesting, MOST_NESTING),
        depth=min(limits.depth, MOST_DEPTH),
    )
    session = Session(found, bounds, rules)
    elaborator = Elaborator(session)
    scope = FileScope(unit, elaborator, {})
    recursion = sys.getrecursionlimit()
    sys.setrecursionlimit(max(recursion, FRAMES * bounds.nesting))
    try:
        for block in blocks:
            session.steps, session.most_steps = 0, bounds.steps
            _read(block, elaborator, scope.environment(block.span))
    except Full:  # many limits of this reading
        pass
    finally:
        sys.setrecursionlimit(recursion)
    for diagnostic in found.diagnostics:
        if not diagnostic.code.startswith("E9"):  # a limit of this reading is no mistake
            collector.add(diagnostic)


def _read(block: ast.Block, elaborator: Elaborator, outer: Environment) -> None:
    definition = elaborator.definition(block)
    frame = Frame(block.name, POISON, definition=definition)
    frame.statements = block.statements
    scope = Environment(outer.outer, frame, outer.defaults)
    scope.variables.update({parameter.name: POISON for parameter in block.parameters})
    scope.variables.update({taken.name: POISON for taken in block.takes or ()})
    elaborator.begin(Builder(elaborator.session, block.name, block.name_span, definition))
    try:
        elaborator.run(block.statements, scope, POISON)
    except (Fault, Silence) as problem:
        elaborator.session.report(problem, frame)
    except Stop:
        pass
