"""What happens when a layer, a block or a network is applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archdsl.diagnostics import Label
from archdsl.elaborate.build import Builder, Bundle, Reuse
from archdsl.elaborate.environment import Environment, Frame
from archdsl.elaborate.expectations import check as check_expectation
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.flow import Current, Flow, no_flow, several
from archdsl.elaborate.matching import Given, check_annotation, match_arguments, missing_argument
from archdsl.elaborate.session import Session
from archdsl.elaborate.values import (
    POISON,
    BlockValue,
    LabelledLayer,
    SharedLayer,
    Value,
    show,
    type_name,
)
from archdsl.graph.model import Definition, ModuleKind, Output, Tensor
from archdsl.layers import ArgumentError, Layer, Shape
from archdsl.source import Span
from archdsl.syntax import ast


@dataclass(slots=True, eq=False)
class NetworkRun:
    """A network at work: what arrives at its inputs, and the outputs that it gave so far."""

    declaration: ast.Network
    frame: Frame
    arriving: list[Tensor] | None  # None: it is the model, and its inputs are made
    inputs: dict[str, Tensor] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    symbols: dict[str, Span] = field(default_factory=dict)
    expects: list[tuple[ast.Expect, Environment, Current]] = field(default_factory=list)
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict)  # of `--input`
    single: bool = True
    broken: bool = False


class Elaborator(Flow):
    """Elaborates one model into its builder."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.runs: list[NetworkRun] = []
        self._definitions: dict[int, Definition] = {}

    def begin(self, builder: Builder) -> None:
        self.builder = builder

    def definition(self, declaration: ast.Block | ast.Network) -> Definition:
        found = self._definitions.get(id(declaration))
        if found is None:
            takes: tuple[str, ...] = ()
            if isinstance(declaration, ast.Block) and declaration.takes is not None:
                takes = tuple("*" * t.star + t.name for t in declaration.takes)
            found = Definition(
                declaration.name,
                declaration.doc,
                declaration.name_span,
                tuple(p.name for p in declaration.parameters),
                takes,
            )
            self._definitions[id(declaration)] = found
        return found

    # --- application -------------------------------------------------------------------------------------------------

    def call_block(
        self, value: BlockValue, given: list[Given], current: Current, span: Span, env: Environment, label: str | None
    ) -> Current:
        target = value.target
        if isinstance(target, type):
            return self._call_layer(value, target, given, current, span, label)
        if isinstance(target, ast.Block):
            return self._call_declared(value, target, given, current, span, env, label)
        if isinstance(target, ast.Network):
            return self._call_declared(value, target, given, current, span, env, label)
        raise Fault("E108", "`extern` blocks are not built yet", span)

    def _call_layer(
        self, value: BlockValue, target: type[Layer], given: list[Given], current: Current, span: Span, label: str | None
    ) -> Current:
        names = list(target.params)
        bound = match_arguments(value.name, names, given, span)
        values: dict[str, Value] = {}
        spans: dict[str, Span] = {}
        for name in names:
            argument = bound.get(name)
            if argument is not None:
                if argument.value is POISON:
                    raise Silence
                values[name] = argument.value
                spans[name] = argument.span
            elif name in value.defaults:
                values[name] = value.defaults[name]
            elif target.params[name].required:
                raise missing_argument(value.name, name, span)
        try:
            layer = self.builder.layer(target, values)
        except ArgumentError as error:
            place = spans.get(error.parameter, span)
            raise Fault(error.code, error.message, place, help=error.help) from None
        if current is POISON:
            return POISON
        if current is None:
            raise no_flow(span)
        if target.is_join:
            if not current:
                raise Fault("E405", f"no tensor reaches `{value.name}`, which joins at least one", span)
            if len(current) == 1:
                return current
        elif len(current) != 1:
            raise several(current, f"`{value.name}`", span)
        if target.is_identity:
            return current
        return self.builder.apply(layer, current, span, label, spans)

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
        caller = env.frame
        depth = 1 if caller is None else caller.depth + 1
        frame = Frame(target.name, current, span, caller, self.definition(target), depth)
        frame.statements = target.statements
        if depth > self.session.limits.depth:
            raise self.session.stop(
                "E901",
                f"blocks call each other more than {self.session.limits.depth} deep",
                span,
                frame,
                help="`--max-depth` raises the limit",
            )
        assert value.environment is not None
        outer = value.environment
        scope = Environment(outer.outer, frame, outer.defaults)
        bound = match_arguments(target.name, [p.name for p in target.parameters], given, span)
        self.bind_parameters(target, bound, value, scope, span)
        if current is None:
            raise no_flow(span)
        if isinstance(target, ast.Block):
            self._bind_taken(target, current, scope, span)
        arguments = {name: v for name, v in scope.variables.items() if type(v) in (int, float, bool, str)}
        builder = self.builder
        before = builder.open(ModuleKind.BLOCK, target.name, label, span, frame.definition, arguments)
        try:
            if isinstance(target, ast.Block):
                result = self.run(target.statements, scope, current)
            else:
                result = self._run_inner_network(target, frame, scope, current, span)
        except BaseException:
            builder.place = before
            raise
        builder.close(before)
        return result

    def bind_parameters(
        self,
        target: ast.Block | ast.Network,
        bound: dict[str, Given],
        value: BlockValue,
        scope: Environment,
        span: Span,
    ) -> None:
        """Give the parameters their values: arguments, then defaults, which see `in` and earlier parameters."""
        for parameter in target.parameters:
            name = parameter.name
            argument = bound.get(name)
            if argument is not None:
                check_annotation(parameter, argument.value, argument.span)
                scope.variables[name] = argument.value
            elif name in value.defaults:
                scope.variables[name] = value.defaults[name]
                check_annotation(parameter, value.defaults[name], span)
            elif parameter.default is not None:
                try:
                    result = self.value(parameter.default, scope, None)
                    check_annotation(parameter, result, parameter.default.span)
                except (Fault, Silence) as problem:
                    self.session.report(problem, scope.frame)
                    result = POISON
                scope.variables[name] = result
            else:
                raise missing_argument(target.name, name, span)

    def _bind_taken(self, target: ast.Block, current: Current, scope: Environment, span: Span) -> None:
        """Give the names of `takes` the tensors that arrive."""
        takes = target.takes
        if takes is None:
            if current is not POISON and len(current) != 1:
                raise several(current, f"`{target.name}`", span)
            return
        if current is POISON:
            for taken in takes:
                scope.variables[taken.name] = POISON
            return
        single = [t for t in takes if not t.star]
        rest = len(current) - len(single)
        has_rest = len(single) != len(takes)
        if rest < 0 or (rest and not has_rest):
            wants = f"{len(single)}{' or more' if has_rest else ''} tensor{'s' * (len(single) != 1 or has_rest)}"
            arrive = f"{len(current)} arrive{'s' * (len(current) == 1)}"
            raise Fault(
                "E404",
                f"`{target.name}` takes {wants}, and {arrive}",
                span,
                labels=(
                    Label(takes[0].span.to(takes[-1].span), "what it takes"),
                    *(Label(t.span, f"member {i + 1}: {t.shape}") for i, t in enumerate(current[:6])),
                ),
            )
        at = 0
        for taken in takes:
            if taken.star:
                members = current[at : at + rest]
                scope.variables[taken.name] = members[0] if len(members) == 1 else members
                at += rest
            else:
                scope.variables[taken.name] = current[at]
                at += 1

    # --- shared layers -----------------------------------------------------------------------------------------------

    def use_shared(self, layer: SharedLayer, current: Current, span: Span, env: Environment) -> Current:
        if layer.in_use:
            raise Fault("E401", f"the shared layer `{layer.name}` is used inside itself", span)
        builder = self.builder
        layer.in_use = True
        before = builder.place
        try:
            labelled = LabelledLayer(layer.name, layer.layer, layer.span)
            if layer.module is None:
                holder = builder.first_use(layer.place)
                result = self.apply(labelled, current, span, env, False, None)
                layer.module = builder.adopt(layer.place, holder)
                layer.first_use = span
                return result
            place = builder.reuse(layer.module)
            result = self.apply(labelled, current, span, env, False, None)
            if place.cursor != 1 and result is not POISON:
                raise Reuse
            return result
        except Reuse:
            labels = () if layer.first_use is None else (Label(layer.first_use, "first used here"),)
            raise Fault(
                "E408",
                f"the shared layer `{layer.name}` would need other weights here than at its first use",
                span,
                labels=(Label(layer.span, "declared here"), *labels),
                help="bring what arrives to the same number of channels, or use two layers",
            ) from None
        finally:
            layer.in_use = False
            builder.place = before

    # --- networks ----------------------------------------------------------------------------------------------------

    def _run_inner_network(
        self, target: ast.Network, frame: Frame, scope: Environment, current: Current, span: Span
    ) -> Current:
        """A network used as a block: inputs in order, outputs in order but those for training."""
        if current is POISON:
            return POISON
        inputs = [s for s in target.statements if isinstance(s, ast.InputStatement)]
        if len(inputs) != len(current):
            one = len(inputs) == 1
            raise Fault(
                "E404",
                f"the network `{target.name}` has {len(inputs)} input{'s' * (not one)}, and {len(current)} "
                f"tensor{'s' * (len(current) != 1)} arrive{'s' * (len(current) == 1)}",
                span,
            )
        run = NetworkRun(target, frame, list(current), single=len(inputs) == 1)
        if not run.single:
            frame.input = None
        self.run_network(run, scope)
        if run.broken:
            return POISON
        return [tensor for output in run.outputs.values() if not output.training for tensor in output.tensors]

    def run_network(self, run: NetworkRun, scope: Environment) -> None:
        run.frame.network = run
        self.runs.append(run)
        try:
            self.run(run.declaration.statements, scope, None)
        finally:
            self.runs.pop()

    def input_statement(self, statement: ast.InputStatement, env: Environment, current: Current) -> Current:
        run = self.runs[-1]
        first = len(run.inputs)
        try:
            if statement.name in run.inputs:
                raise Fault("E108", f"the input `{statement.name}` is declared twice", statement.name_span)
            if run.arriving is None:
                tensor = self._make_input(run, statement, env)
            else:
                tensor = run.arriving[first]
                self._check_input(run, statement, env, tensor)
        except (Fault, Silence) as problem:
            self.session.report(problem, env.frame)
            env.variables[statement.name] = POISON
            run.broken = True
            if run.single:
                run.frame.input = POISON
                return POISON
            return current
        run.inputs[statement.name] = tensor
        env.variables[statement.name] = tensor
        if run.single:
            run.frame.input = [tensor]
            return [tensor]
        return current

    def _make_input(self, run: NetworkRun, statement: ast.InputStatement, env: Environment) -> Tensor:
        given = run.sizes.get(statement.name)
        count = len(statement.dimensions)
        if given is not None and len(given) != count:
            raise Fault(
                "E808",
                f"the input `{statement.name}` has {count} dimensions, and `--input` gives {len(given)}",
                statement.span,
            )
        dims: list[int] = []
        for i, dimension in enumerate(statement.dimensions):
            size = self._dimension(dimension, env) if given is None or dimension.symbol is None else None
            if given is not None:
                size = given[i]
            assert size is not None
            if dimension.symbol is not None:
                env.variables[dimension.symbol] = size
            dims.append(size)
        if not dims:
            raise Fault("E808", "an input has at least one dimension, its channels", statement.span)
        shape = Shape(tuple(dims))
        return self.builder.input(statement.name, shape, statement.span)

    def _dimension(self, dimension: ast.Dimension, env: Environment) -> int:
        value = self.value(dimension.value, env, None)
        if value is POISON:
            raise Silence
        if type(value) is not int or not 1 <= value < 2**31:
            found = show(value) if type(value) in (int, float) else type_name(value)
            raise Fault("E808", f"a dimension is an int of at least 1, not {found}", dimension.value.span)
        return value

    def _check_input(self, run: NetworkRun, statement: ast.InputStatement, env: Environment, tensor: Tensor) -> None:
        """What arrives at a network used as a block has the shape that its `input` says; symbols take any size."""
        wanted: list[str] = []
        dims = tensor.shape.dims
        good = len(dims) == len(statement.dimensions)
        for i, dimension in enumerate(statement.dimensions):
            if dimension.symbol is not None:
                if i < len(dims):
                    env.variables[dimension.symbol] = dims[i]
                wanted.append(dimension.symbol)
                continue
            size = self._dimension(dimension, env)
            wanted.append(str(size))
            good = good and dims[i] == size
        if not good:
            raise Fault(
                "E505",
                f"the input `{statement.name}` of `{run.declaration.name}` is [{', '.join(wanted)}], "
                f"and {tensor.shape} arrives",
                run.frame.call or statement.span,
                labels=(Label(tensor.span, f"this gives {tensor.shape}"), Label(statement.span, "declared here")),
            )

    def output_statement(self, statement: ast.OutputStatement, env: Environment, current: Current) -> None:
        run = self.runs[-1]
        if run.arriving is not None and statement.training:
            return
        if statement.name in run.outputs:
            raise Fault(
                "E805",
                f"the output `{statement.name}` is given twice",
                statement.name_span,
                labels=(Label(run.outputs[statement.name].span, "given here before"),),
                help="each output is given once; loops need a name for each, so write them out",
            )
        result = current if statement.expr is None else self.element(statement.expr, env, current, True)
        if result is None:
            raise no_flow(statement.span)
        if result is POISON:
            run.broken = True
            run.outputs[statement.name] = Output(statement.name, (), statement.span, statement.training)
            return
        members: Bundle = result
        if not members:
            raise Fault("E404", f"no tensor reaches the output `{statement.name}`", statement.span)
        run.outputs[statement.name] = Output(
            statement.name, tuple(members), statement.span, statement.training, len(members) != 1
        )

    def expect_statement(self, statement: ast.Expect, env: Environment, current: Current) -> None:
        frame = env.frame
        run: Any = frame.network if frame is not None else None
        if run is None:
            check_expectation(self, statement, env, current)
        elif run.arriving is None:
            variables: dict[str, Value] = {}
            scope: Environment | None = env
            while scope is not None:
                variables = {**scope.variables, **variables}
                scope = scope.parent
            run.expects.append((statement, env.with_variables(variables), current))
