"""What happens when a layer, a block or a network is applied."""

from __future__ import annotations

from archdsl.diagnostics import Label
from archdsl.elaborate.build import Builder
from archdsl.elaborate.bundles import from_nothing
from archdsl.elaborate.complaints import misused
from archdsl.elaborate.environment import Environment
from archdsl.elaborate.externs import Externs
from archdsl.elaborate.faults import Fault, Silence, together
from archdsl.elaborate.matching import Given, Matched, by_arrow, match_arguments, mistaken, signature_of
from archdsl.elaborate.reuse import Reuse
from archdsl.elaborate.session import Session
from archdsl.elaborate.statements import Current
from archdsl.elaborate.values import (
    POISON,
    BlockValue,
    LabelledLayer,
    SharedLayer,
    Value,
    is_bundle,
)
from archdsl.graph.model import Definition, Measure, ModuleKind, Tensor
from archdsl.layers import ArgumentError, Layer
from archdsl.source import Span
from archdsl.syntax import ast

#: steps that it takes to find the place of a shared layer
_SHARED = 6


class Elaborator(Externs):
    """Elaborates one model into its builder."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._definitions: dict[int, Definition] = {}

    def begin(self, builder: Builder) -> None:
        self.builder = builder

    def definition(self, declaration: ast.Block | ast.Network) -> Definition:
        found = self._definitions.get(id(declaration))
        if found is None:
            takes: tuple[str, ...] = ()
            if isinstance(declaration, ast.Block) and declaration.takes is not None:
                takes = tuple("*" * t.star + t.name for t in declaration.takes)
            elif isinstance(declaration, ast.Network):
                takes = tuple(s.name for s in declaration.statements if isinstance(s, ast.InputStatement))
            found = Definition(
                declaration.name,
                declaration.doc,
                declaration.name_span,
                tuple(p.name for p in declaration.parameters),
                takes,
                isinstance(declaration, ast.Network),
            )
            self._definitions[id(declaration)] = found
        return found

    # --- application -------------------------------------------------------------------------------------------------

    def call_block(
        self,
        value: BlockValue,
        given: list[Given],
        current: Current,
        span: Span,
        env: Environment,
        label: str | None,
    ) -> Current:
        target = value.target
        if isinstance(target, type):
            return self._call_layer(value, target, given, current, span, label)
        if isinstance(target, ast.Block):
            return self._call_declared(value, target, given, current, span, env, label)
        if isinstance(target, ast.Network):
            return self._call_declared(value, target, given, current, span, env, label)
        return self.call_extern(value, target, given, current, span, env, label)

    def _call_layer(
        self,
        value: BlockValue,
        target: type[Layer],
        given: list[Given],
        current: Current,
        span: Span,
        label: str | None,
    ) -> Current:
        matched = match_arguments(signature_of(target), given, span, value.defaults)
        layer = self._made(value, target, matched, span)
        if current is POISON:
            return POISON
        if current is None:
            raise self.no_flow(span)
        if target.is_join:
            if not current:
                raise Fault(
                    "E405",
                    f"no tensor reaches `{value.name}`, which joins at least one",
                    span,
                    labels=from_nothing(self.made(current)),
                )
            if len(current) == 1 and target.passes_one:
                return current
        elif not current or (len(current) > 1 and not target.takes_bundle):
            raise self.one_taken(current, f"`{value.name}`", span)
        if target.is_identity:
            return current
        spans = {name: argument.span for name, argument in matched.bound.items()}
        result = self.builder.apply(layer, current, span, label, spans, self.branches)
        sizes = [
            (name, argument.size) for name, argument in matched.bound.items() if argument.size is not None
        ]
        result[0].node.measures = tuple(Measure(name, *size) for name, size in sizes)
        return result

    def _made(self, value: BlockValue, target: type[Layer], matched: Matched, span: Span) -> Layer:
        """The layer with its arguments. Raises all that is wrong with them as one Fault."""
        bound, faults = matched.bound, matched.faults
        values: dict[str, Value] = {}
        for name, param in target.params.items():
            argument = bound.get(name)
            if argument is None:
                if name in value.defaults:
                    values[name] = value.defaults[name]
            elif argument.name is None and type(argument.value) is int and param.by_name:
                faults.append(mistaken(value.name, name, argument, param))
            else:
                values[name] = argument.value
        known = {name: each for name, each in values.items() if each is not POISON}
        sound = not faults and len(known) == len(values)
        try:
            if sound:
                return self.builder.layer(target, known)
            errors = target.misfits(known)
        except ArgumentError as error:
            errors = target.misfits(known) or [error]
        spans = {name: argument.span for name, argument in bound.items()}
        for each in errors:
            if each.parameter in bound and _is_tensor(bound[each.parameter].value):
                texts = [argument.span.text for argument in bound.values() if _is_tensor(argument.value)]
                each.help = by_arrow(value.name if len(bound) == 1 else f"{value.name}(…)", texts)
            faults.append(misused(each, value.name, values, span, spans))
        raise together(faults) if faults else Silence

    def _call_declared(
        self,
        value: BlockValue,
        target: ast.Block | ast.Network,
        given: list[Given],
        current: Current,
        span: Span,
        env: Environment,
        label: str | None,
    ) -> Current:
        definition = self.definition(target)
        caller = self.session.frame
        scope, frame, _ = self.enter(value, target, given, current, span, caller, definition)
        frame.statements = target.statements
        arguments = {name: v for name, v in scope.variables.items() if type(v) in (int, float, bool, str)}
        builder = self.builder
        before = builder.open(ModuleKind.BLOCK, target.name, label, span, definition, arguments)
        if current is not POISON:
            builder.place.scope.arriving = tuple(current)
        self.session.frame = frame
        try:
            if isinstance(target, ast.Block):
                result = self.run(target.statements, scope, current)
            else:
                result = self.run_inner_network(target, frame, scope, current, span)
        except BaseException:
            builder.place = before
            raise
        finally:
            self.session.frame = caller
        builder.close(before)
        return result

    # --- shared layers -----------------------------------------------------------------------------------------------

    def use_shared(self, layer: SharedLayer, current: Current, span: Span, env: Environment) -> Current:
        if layer.in_use:
            raise Fault("E401", f"the shared layer `{layer.name}` is used inside itself", span)
        self.session.step(span, _SHARED)
        builder = self.builder
        layer.in_use = True
        before = builder.place
        arrives = [] if current is None or current is POISON else [tensor.shape for tensor in current]
        try:
            labelled = LabelledLayer(layer.name, layer.layer, layer.span)
            if layer.module is None:
                holder = builder.first_use(layer.place)
                result = self.apply(labelled, current, span, env, False, None)
                layer.module = builder.adopt(layer.place, holder)
                layer.first_use, layer.first_shapes = span, arrives
                return result
            place = builder.reuse(layer.module)
            result = self.apply(labelled, current, span, env, False, None)
            if place.cursor != 1 and result is not POISON:
                raise Reuse(f"`{layer.module.stem}` is there at first only")
            return result
        except Reuse as reuse:
            labels = () if layer.first_use is None else (Label(layer.first_use, "first used here"),)
            mends = reuse.ends_with_channels(layer.first_shapes, arrives)
            mend = "bring what arrives to the same number of channels, or " if mends else ""
            raise Fault(
                "E408",
                f"the shared layer `{layer.name}` would be another module here than at its first use",
                span,
                labels=(Label(layer.span, "declared here"), *labels),
                notes=(reuse.note,),
                help=f"{mend}use two layers",
            ) from None
        finally:
            layer.in_use = False
            builder.place = before


def _is_tensor(value: Value) -> bool:
    return type(value) is Tensor or (type(value) is list and bool(value) and is_bundle(value))
