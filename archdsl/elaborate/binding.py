"""Parameters of blocks get their values, and the names of `takes` what arrives."""

from __future__ import annotations

from archdsl.elaborate.bundles import wrong_number
from archdsl.elaborate.endless import around, rough, through
from archdsl.elaborate.environment import Environment, Frame
from archdsl.elaborate.faults import Fault, Silence, together
from archdsl.elaborate.matching import Given, check_annotation, match_arguments, signature_of
from archdsl.elaborate.networks import Networks
from archdsl.elaborate.statements import Current
from archdsl.elaborate.values import POISON, BlockValue
from archdsl.graph.model import Definition
from archdsl.source import Span
from archdsl.syntax import ast

#: Steps that it takes to call a block, its parameters apart.
_ENTERED = 15


class Binding(Networks):
    """What happens to the names of a declaration when it is applied."""

    def enter(
        self,
        value: BlockValue,
        target: ast.Block | ast.Network | ast.Extern,
        given: list[Given],
        current: Current,
        span: Span,
        caller: Frame | None,
        definition: Definition | None,
    ) -> tuple[Environment, Frame, dict[str, Given]]:
        """The scope of a call, with its names bound; its frame; and the arguments by the parameter that takes them."""
        depth = 1 if caller is None else caller.depth + 1
        frame = Frame(target.name, current, span, caller, definition, depth)
        if depth > self.session.limits.depth:
            message = f"blocks call each other more than {self.session.limits.depth} deep"
            raise self.session.stop("E901", message, span, "depth", frame)
        self.session.step(span, _ENTERED + len(target.parameters))
        outer = value.environment
        assert outer is not None
        scope = Environment(outer.outer, frame, outer.defaults)
        bound = frame.given = match_arguments(signature_of(target), given, span, value.defaults).check()
        self.bind_parameters(target, bound, value, scope, span)
        if current is None:
            raise self.no_flow(span)
        frame.target, frame.values = target, dict(scope.variables)
        frame.rough = rough((frame.input, *frame.values.values()))
        self._check_recursion(frame, span)
        if not isinstance(target, ast.Network):
            self._bind_taken(target, current, scope, span)
        return scope, frame, bound

    def _check_recursion(self, frame: Frame, span: Span) -> None:
        """Raises E901 if the same call is under way already; it is told once of all blocks that take part."""
        calls = around(frame, lambda count: self.session.step(span, count))
        if calls is None:
            return
        told = self.session.endless
        known = any(id(call.target) in told for call in calls)
        told.update(id(call.target) for call in calls)
        if known:
            raise Silence
        names = [calls[-1].name, *(call.name for call in calls[:-1])]
        raise Fault(
            "E901",
            f"`{frame.name}` calls itself{through(names)} with the same arguments and the same input, without end",
            span,
            help="an argument must change from call to call, and an `if` must end it: `if depth > 0 { … }`",
        )

    def bind_parameters(
        self,
        target: ast.Block | ast.Network | ast.Extern,
        bound: dict[str, Given],
        value: BlockValue,
        scope: Environment,
        span: Span,
    ) -> None:
        """Give the parameters their values: arguments, then defaults, which see `in` and earlier parameters.

        Raises all E306 of the call as one Fault.
        """
        faults: list[Fault] = []
        for parameter in target.parameters:
            name = parameter.name
            argument = bound.get(name)
            if argument is not None:
                scope.variables[name] = argument.value
                try:
                    check_annotation(parameter, argument.value, argument.span)
                except Fault as fault:
                    faults.append(fault)
                    scope.variables[name] = POISON
            elif name in value.defaults:
                scope.variables[name] = value.defaults[name]
                check_annotation(parameter, value.defaults[name], span)
            else:
                assert parameter.default is not None
                try:
                    result = self.value(parameter.default, scope, None)
                    check_annotation(parameter, result, parameter.default.span)
                except (Fault, Silence) as problem:
                    self.session.report(problem, scope.frame)
                    result = POISON
                scope.variables[name] = result
        if faults:
            raise together(faults)

    def _bind_taken(
        self, target: ast.Block | ast.Extern, current: Current, scope: Environment, span: Span
    ) -> None:
        """Give the names of `takes` the tensors that arrive."""
        takes = target.takes
        if takes is None:
            if current is not POISON and len(current) != 1:
                raise self.one_taken(current, f"`{target.name}`", span)
            return
        if current is POISON:
            for taken in takes:
                scope.variables[taken.name] = POISON
            return
        single = [t for t in takes if not t.star]
        rest = len(current) - len(single)
        has_rest = len(single) != len(takes)
        if rest < 0 or (rest and not has_rest):
            places = self.places(current, span)
            raise wrong_number(target.name, takes, current, span, places, self.made(current))
        at = 0
        for taken in takes:
            if taken.star:
                members = current[at : at + rest]
                scope.variables[taken.name] = members[0] if len(members) == 1 else members
                at += rest
            else:
                scope.variables[taken.name] = current[at]
                at += 1
