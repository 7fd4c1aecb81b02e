"""Networks: their inputs, outputs and expectations, as the model that is made and as blocks of others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archdsl.diagnostics import Label
from archdsl.elaborate.build import Bundle
from archdsl.elaborate.bundles import MOST_MEMBERS, member_labels, no_flow, none
from archdsl.elaborate.ends import output_names
from archdsl.elaborate.environment import Environment, Frame
from archdsl.elaborate.expectations import Causes
from archdsl.elaborate.expectations import check as check_expectation
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.flow import Flow
from archdsl.elaborate.free import bound_names, broken_inside, free_names, used_names
from archdsl.elaborate.matching import uses_flow
from archdsl.elaborate.names import METRICS
from archdsl.elaborate.session import Session
from archdsl.elaborate.statements import Current
from archdsl.elaborate.values import POISON, Value, show, type_name
from archdsl.graph.model import Output, Tensor
from archdsl.layers import Aspect, Shape
from archdsl.layers.kinds import LIMIT
from archdsl.source import Span
from archdsl.syntax import ast

#: steps that it takes to run a network as a block, and to keep an expectation, what it reads apart
_RUN, _EXPECTED = 30, 8


@dataclass(slots=True, eq=False)
class NetworkRun:
    """A network at work: what arrives at its inputs, and the outputs that it gave so far."""

    declaration: ast.Network
    frame: Frame
    arriving: list[Tensor] | None  # None: it is the model, and its inputs are made
    inputs: dict[str, Tensor] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    symbols: dict[str, tuple[int, Span]] = field(default_factory=dict)
    expects: list[tuple[ast.Expect, Environment, Current]] = field(default_factory=list)
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict)  # of `--input`
    single: bool = True
    broken: bool = False


class Networks(Flow):
    """Runs networks: `runs` are those at work, the innermost last."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.runs: list[NetworkRun] = []
        #: for each expectation, the names that it reads from outside, and whether it reads the flow
        self._reads: dict[int, tuple[frozenset[str], bool]] = {}

    def run_inner_network(
        self, target: ast.Network, frame: Frame, scope: Environment, current: Current, span: Span
    ) -> Current:
        """A network used as a block: inputs in order, outputs in order but those for training."""
        self.session.step(span, _RUN)
        if current is POISON:
            return POISON
        named = {s.name: s for s in reversed(target.statements) if isinstance(s, ast.InputStatement)}
        inputs = list(named.values())[::-1]  # the first of each name
        if len(inputs) != len(current) and broken_inside(target):
            return POISON
        if len(inputs) != len(current):
            one = len(inputs) == 1
            raise Fault(
                "E404",
                f"the network `{target.name}` has {len(inputs)} input{'s' * (not one)}, and {len(current)} "
                f"tensor{'s' * (len(current) != 1)} arrive{'s' * (len(current) == 1)}",
                span,
                labels=(
                    *(Label(statement.span, "an input of it") for statement in inputs[:MOST_MEMBERS]),
                    *member_labels(current, self.places(current, span)),
                ),
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

    def no_flow(self, span: Span) -> Fault:
        run = self.runs[-1] if self.runs else None
        if run is None:
            return no_flow(span, [])
        inputs = [s for s in run.declaration.statements if isinstance(s, ast.InputStatement)]
        below = inputs[0] if inputs and inputs[0].span.start > span.start else None
        return no_flow(span, list(run.inputs), below if below and below.span.source is span.source else None)

    def input_statement(self, statement: ast.InputStatement, env: Environment, current: Current) -> Current:
        run = self.runs[-1] if self.runs else None
        if run is None or statement not in run.declaration.statements:  # E107, reported by the parser
            for name in bound_names((statement,)):
                env.variables[name] = POISON
            return POISON
        first = len(run.inputs)
        try:
            if statement.name in run.inputs:
                self._twice(run, statement, env)
                return current
            if run.arriving is None:
                tensor = self._make_input(run, statement, env)
            else:
                tensor = run.arriving[first]
                self._check_input(run, statement, env, tensor)
        except (Fault, Silence) as problem:
            self.session.report(problem, env.frame)
            env.variables[statement.name] = POISON
            for dimension in statement.dimensions:
                if dimension.symbol is not None:
                    env.variables.setdefault(dimension.symbol, POISON)
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

    def _twice(self, run: NetworkRun, statement: ast.InputStatement, env: Environment) -> None:
        """E108: the input is the first one; of the sizes that this line names nothing is known."""
        first = next(s for s in run.declaration.statements if getattr(s, "name", None) == statement.name)
        fault = Fault(
            "E108",
            f"the input `{statement.name}` is declared twice",
            statement.name_span,
            labels=(Label(first.span, "declared here before"),),
        )
        self.session.report(fault, env.frame)
        for dimension in statement.dimensions:
            if dimension.symbol is not None:
                env.variables.setdefault(dimension.symbol, POISON)

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
            if not 1 <= size <= LIMIT:
                raise Fault(
                    "E808",
                    f"the dimensions of `{statement.name}` are from 1 to {LIMIT}, and `--input` gives {size}",
                    dimension.span,
                )
            self._symbol(run, dimension, size, env)
            dims.append(size)
        if not dims:
            raise Fault("E808", "an input has at least one dimension, its channels", statement.span)
        shape = Shape(tuple(dims))
        return self.builder.input(statement.name, shape, statement.span)

    def _dimension(self, dimension: ast.Dimension, env: Environment) -> int:
        value = self.value(dimension.value, env, None)
        if value is POISON:
            raise Silence
        if type(value) is not int or not 1 <= value <= LIMIT:
            found = show(value) if type(value) in (int, float) else type_name(value)
            bound = f"at most {LIMIT}" if type(value) is int and value > LIMIT else "at least 1"
            raise Fault("E808", f"a dimension is an int of {bound}, not {found}", dimension.value.span)
        return value

    def _symbol(self, run: NetworkRun, dimension: ast.Dimension, size: int, env: Environment) -> None:
        """Give a symbol its size. Raises Fault if it has another one already."""
        name = dimension.symbol
        if name is None:
            return
        first = run.symbols.setdefault(name, (size, dimension.span))
        if first[0] != size:
            raise Fault(
                "E808",
                f"the dimension `{name}` is {first[0]} already, and here it is {size}",
                dimension.span,
                labels=(Label(first[1], f"{first[0]} here"),),
            )
        env.variables[name] = size
        self.session.sized = self.session.sized or name in used_names(run.declaration)

    def _check_input(
        self, run: NetworkRun, statement: ast.InputStatement, env: Environment, tensor: Tensor
    ) -> None:
        """What arrives at a network used as a block has the shape that its `input` says; symbols take any size."""
        self.session.sized = True
        wanted: list[str] = []
        dims = tensor.shape.dims
        good = len(dims) == len(statement.dimensions)
        for i, dimension in enumerate(statement.dimensions):
            if dimension.symbol is not None:
                if i < len(dims):
                    self._symbol(run, dimension, dims[i], env)
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
                labels=(
                    Label(tensor.span, f"this gives {tensor.shape}"),
                    Label(statement.span, "declared here"),
                ),
                help=_bring(dims, wanted),
            )

    def output_statement(self, statement: ast.OutputStatement, env: Environment, current: Current) -> None:
        run = None if env.frame is None else env.frame.network
        if run is None:  # E107, reported by the parser
            return
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
            raise self.no_flow(statement.span)
        if result is POISON:
            run.broken = True
            run.outputs[statement.name] = Output(statement.name, (), statement.span, statement.training)
            return
        members: Bundle = result
        if not members:
            raise none(f"the output `{statement.name}`", statement.span, self.made(members))
        run.outputs[statement.name] = Output(
            statement.name, tuple(members), statement.span, statement.training, len(members) != 1
        )

    def expect_statement(self, statement: ast.Expect, env: Environment, current: Current) -> None:
        frame = env.frame
        run: Any = frame.network if frame is not None else None
        reads = self._reads.get(id(statement))
        if reads is None:
            condition = statement.condition
            reads = self._reads[id(statement)] = free_names(condition), uses_flow(condition)
        names, flows = reads
        self.session.step(statement.span, _EXPECTED + len(names))
        if run is not None and not output_names(run.declaration):
            if any(env.find(name) is None for name in names):  # E805 says that there is no output to read
                return
        if run is None or (not flows and _is_guard(names, run, env)):
            check_expectation(self, statement, env, current, FlowCauses(self))
        elif run.arriving is None:
            variables: dict[str, Value] = {}
            scope: Environment | None = env
            while scope is not None:
                variables = {**scope.variables, **variables}
                scope = scope.parent
            self.session.step(statement.span, len(variables))
            run.expects.append((statement, env.with_variables(variables), current))


def _bring(dims: tuple[int, ...], wanted: list[str]) -> str:
    """What takes a shape to that of an input, as far as one layer does; `wanted` are sizes and names of symbols."""
    if len(dims) != len(wanted):
        return ""
    fits = [not want.isdigit() or int(want) == size for want, size in zip(wanted, dims, strict=True)]
    if all(fits[1:]):
        layer = f"linear({wanted[0]})" if len(dims) == 1 else f"conv({wanted[0]}, 1)"
        return f"`{layer}` before it makes the channels fit"
    return "sizes that the network takes as they come have names in its `input`: `[3, H=224, W=224]`"


class FlowCauses(Causes):
    """What a flow knows of the tensors in it."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow

    def tensor(self, tensor: Tensor, place: Span) -> tuple[str, ...]:
        origins = self.flow.builder.origins(place)
        return origins.story(tensor, "how the shape came about") or origins.comes(tensor, place, Aspect.SHAPE)


def _is_guard(names: frozenset[str], run: NetworkRun, env: Environment) -> bool:
    """Whether an expectation reads parameters and sizes of its network alone: then it holds whatever they are.

    Any other is about one network: its figures, its outputs, a shape on the way.
    """
    outputs = output_names(run.declaration)
    given = {parameter.name for parameter in run.declaration.parameters} if names else set()
    return all(
        name not in METRICS
        and name not in outputs
        and (name in given or name in run.symbols or env.local(name) is None)
        for name in names
    )
