"""From a parsed program to the graphs of its models."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath
from typing import cast

from archdsl.analysis.costs import Costs, count
from archdsl.diagnostics import Collector, Full
from archdsl.diagnostics.near import did_you_mean
from archdsl.elaborate.blocks import Elaborator
from archdsl.elaborate.build import Builder
from archdsl.elaborate.ends import has_input, no_input, no_output, no_output_in_evaluation
from archdsl.elaborate.environment import Environment, Frame
from archdsl.elaborate.expectations import check as check_expectation
from archdsl.elaborate.expectations import check_counted
from archdsl.elaborate.extern_rules import ExternRules
from archdsl.elaborate.faults import Fault, Silence, Stop
from archdsl.elaborate.figures import explain
from archdsl.elaborate.files import FileScope
from archdsl.elaborate.flow import FRAMES
from archdsl.elaborate.matching import Given, match_arguments, signature_of
from archdsl.elaborate.networks import FlowCauses, NetworkRun
from archdsl.elaborate.program import Unit, is_model, networks_of_models
from archdsl.elaborate.session import Session
from archdsl.elaborate.smallest import MOST_NODES, MOST_STEPS, Sizes, Starved, smallest
from archdsl.elaborate.values import BlockValue, Value, type_name, written
from archdsl.graph.advice import advise
from archdsl.graph.model import Graph
from archdsl.graph.naming import assign_names
from archdsl.graph.prune import prune
from archdsl.limits import Budget
from archdsl.memory import growing
from archdsl.records import record
from archdsl.source import Source, Span
from archdsl.syntax import ast

#: steps that any model takes
_BEGUN = 700


@record
class Settings:
    """What the command line or the caller says beyond the text.

    `values` are parameters of the network, expressions of the language or ready values; `sizes` the shapes of
    inputs, channels first and without the batch.
    """

    values: dict[str, Value | ast.Expr]
    sizes: dict[str, tuple[int, ...]]
    shown: dict[str, str]

    def told(self) -> Iterator[str]:
        """What is said, as notes to a mistake."""
        for name, value in self.values.items():
            by = "`--set`" if isinstance(value, ast.AstNode) else "the caller"
            yield f"`{name}` is set to {self.shown[name]} by {by}"
        for name, sizes in self.sizes.items():
            yield f"`{name}` is set to {'x'.join(map(str, sizes))} by `--input`"

    @property
    def changed(self) -> bool:
        return bool(self.values or self.sizes)


def models_of(unit: Unit) -> dict[str, ast.Model | ast.Network]:
    """Models by name: the `model` lines, and networks whose parameters all have defaults and that no line uses."""
    if unit.tree is None:
        return {}
    if unit.models is not None:
        return unit.models
    found = unit.models = {}
    used = networks_of_models(unit.tree)
    for declaration in unit.tree.declarations:
        if isinstance(declaration, ast.Model) or (
            isinstance(declaration, ast.Network) and is_model(declaration, used)
        ):
            found.setdefault(declaration.name, declaration)
    return found


def elaborate(
    unit: Unit,
    model: str,
    declaration: ast.Model | ast.Network,
    settings: Settings,
    used: Budget,
    rules: ExternRules,
    collector: Collector,
) -> Graph | None:
    """The graph of one model, pruned and named; None if there are errors, which go to the collector.

    `used` is what several models take up together, this one from now on.
    """
    clean = not collector.has_errors

    def attempt(sizes: Sizes, found: Collector, used: Budget) -> tuple[Graph | None, Starved | None]:
        changed = Settings(settings.values, {**settings.sizes, **sizes}, settings.shown)
        return _elaborate(unit, model, declaration, changed, used, rules, found)

    graph, starved = attempt({}, collector, used)
    if graph is None and starved is not None and clean:
        errors = [d for d in collector.diagnostics if d.is_error]
        if len(errors) == 1 and errors[0].code == starved.code:
            limits = used.limits
            again = Budget(
                replace(limits, nodes=min(limits.nodes, MOST_NODES)), steps=max(0, limits.steps - MOST_STEPS)
            )

            found = smallest(starved, lambda sizes: attempt(sizes, Collector(), again)[0])
            if found is not None:
                name, shape = found
                collector.amend(
                    starved.code,
                    errors[0].span,
                    note=f"the smallest `{name}` that the network takes is {shape}",
                )
    return graph


def _elaborate(
    unit: Unit,
    model: str,
    declaration: ast.Model | ast.Network,
    settings: Settings,
    used: Budget,
    rules: ExternRules,
    collector: Collector,
) -> tuple[Graph | None, Starved | None]:
    """The same, and the layer that what arrived was too small for, if one was met."""
    limits = used.limits
    session = Session(collector, limits, rules, used.steps + _BEGUN)
    elaborator = Elaborator(session)
    scope = FileScope(unit, elaborator, {})
    run = _Run(elaborator, scope, model, declaration, settings)
    recursion = sys.getrecursionlimit()
    sys.setrecursionlimit(max(recursion, FRAMES * limits.nesting))
    try:
        with growing():
            graph = run.graph()
        return graph, run.starved if graph is None else None
    except (Fault, Silence) as problem:
        session.report(problem)
    except Stop:
        pass
    except RecursionError:
        message = "values, layers and calls are too deep in each other to be worked out"
        with suppress(Full):
            session.stop("E901", message, session.place or declaration.name_span, "nesting")
    finally:
        session.finish()
        used.steps = session.steps
        sys.setrecursionlimit(recursion)
    return None, run.starved


class _Run:
    """The elaboration of one model."""

    def __init__(
        self,
        elaborator: Elaborator,
        scope: FileScope,
        model: str,
        declaration: ast.Model | ast.Network,
        settings: Settings,
    ) -> None:
        self.elaborator = elaborator
        self.session = elaborator.session
        self.scope = scope
        self.model = model
        self.declaration = declaration
        self.settings = settings

    @property
    def starved(self) -> Starved | None:
        """The layer that what arrived was too small for, if one was met."""
        builder: Builder | None = getattr(self.elaborator, "builder", None)
        return None if builder is None else builder.starved

    def graph(self) -> Graph | None:
        declaration = self.declaration
        environment = self.scope.environment(declaration.span)
        value, given, span = self._callee(declaration, environment)
        network = value.target
        assert isinstance(network, ast.Network) and value.environment is not None
        definition = self.elaborator.definition(network)
        frame = Frame(network.name, None, span, None, definition, is_model=True)
        frame.statements = network.statements
        scope = Environment(value.environment.outer, frame, value.environment.defaults)
        builder = Builder(self.session, network.name, network.name_span, definition)
        self.elaborator.begin(builder)
        run = self._start(network, value, given, frame, scope, span)
        builder.root.arguments = {
            n: v for n, v in scope.variables.items() if type(v) in (int, float, bool, str)
        }
        parameters = {name: written(value) for name, value in scope.variables.items()}
        self.elaborator.run_network(run, scope)
        if not run.outputs and not run.broken and not self.session.collector.has_errors:
            raise no_output(network)
        if run.outputs and not run.broken and all(output.training for output in run.outputs.values()):
            raise no_output_in_evaluation(network, next(iter(run.outputs.values())).span)
        graph = Graph(
            self.model,
            network.doc or (self.scope.unit.tree.doc if self.scope.unit.tree else ""),
            builder.root,
            builder.nodes,
            run.inputs,
            list(run.outputs.values()),
            PurePath(self.scope.unit.source.name).name,
            dict(self.settings.shown),
            parameters,
            self.scope.unit,
            self.session.sized,
        )
        if run.broken or self.session.collector.has_errors:
            self.session.collector.extend(assign_names(graph))
            return None
        unknown = [name for name in self.settings.sizes if name not in run.inputs]
        if unknown:
            raise Fault(
                "E807",
                f"the network `{network.name}` has no input `{unknown[0]}`",
                network.name_span,
                help=did_you_mean(unknown[0], run.inputs)
                or f"its inputs: {', '.join(f'`{n}`' for n in run.inputs)}",
            )
        self.session.collector.extend(prune(graph))
        self.session.collector.extend(assign_names(graph))
        self.session.collector.extend(advise(graph))
        if (
            not self.settings.changed
            and not self.session.collector.has_errors
            and self.session.defaults_known
        ):
            self._check_expectations(graph, run, environment)
        return None if self.session.collector.has_errors else graph

    def _callee(
        self, declaration: ast.Model | ast.Network, environment: Environment
    ) -> tuple[BlockValue, list[Given], Span]:
        """The network of a model line and its arguments."""
        if isinstance(declaration, ast.Network):
            return BlockValue(declaration, declaration.name, environment), [], declaration.name_span
        expr = declaration.expr
        callee = expr.callee if isinstance(expr, ast.Call) else expr
        value = self.elaborator.value(callee, environment, None)
        if type(value) is not BlockValue or not isinstance(value.target, ast.Network):
            raise Fault("E301", f"a model is made of a network, and this is {type_name(value)}", callee.span)
        given = (
            self.elaborator.arguments(expr.arguments, environment, None) if isinstance(expr, ast.Call) else []
        )
        return value, given, expr.span

    def _start(
        self,
        network: ast.Network,
        value: BlockValue,
        given: list[Given],
        frame: Frame,
        scope: Environment,
        span: Span,
    ) -> NetworkRun:
        names = [p.name for p in network.parameters]
        bound = match_arguments(signature_of(network), given, span, self.settings.values).check()
        for name, setting in self.settings.values.items():
            if name not in names:
                known = ", ".join(f"`{n}`" for n in names) or "none"
                raise Fault(
                    "E806",
                    f"the network `{network.name}` has no parameter `{name}`",
                    network.name_span,
                    help=did_you_mean(name, names) or f"its parameters: {known}",
                )
            if isinstance(setting, ast.AstNode):
                around = self.scope.environment(self.declaration.span)
                result = self._set(name, cast(ast.Expr, setting), around)
                bound[name] = Given(name, result, setting.span, None)
            else:
                text = f"{name} = {self.settings.shown.get(name, setting)}"
                place = Source(f"<setting {name}>", text)
                bound[name] = Given(name, setting, Span(place, 0, len(text)), None)
        frame.given = bound
        self.session.frame = frame
        self.session.outside = tuple(self.settings.told())
        self.elaborator.bind_parameters(network, bound, value, scope, span)
        inputs = [s for s in network.statements if isinstance(s, ast.InputStatement)]
        if not has_input(network):
            raise no_input(network)
        return NetworkRun(
            network,
            frame,
            None,
            sizes=self.settings.sizes,
            single=len({statement.name for statement in inputs}) == 1,
        )

    def _set(self, name: str, setting: ast.Expr, around: Environment) -> Value:
        """The value of what `--set` says. A word that is no name may be a text without its quotes."""
        try:
            return self.elaborator.value(setting, around, None)
        except Fault as fault:
            found = fault.diagnostic
            if found.code != "E201" or not isinstance(setting, ast.Name) or found.help:
                raise
            help = f"a text stands in quotes: `--set '{name}=\"{setting.id}\"'`"
            raise Fault(found.code, found.message, found.span, help=help) from None

    def _check_expectations(self, graph: Graph, run: NetworkRun, environment: Environment) -> None:
        declaration = self.declaration
        if not run.expects and not (isinstance(declaration, ast.Model) and declaration.expects):
            return
        total = count(graph)
        results: dict[str, Value] = {"params": total.params, "macs": total.macs}
        for output in graph.outputs:
            tensors = list(output.tensors)
            results[output.name] = tensors[0] if len(tensors) == 1 else tensors
        named = {output.name for output in graph.outputs}  # an output may have the name of a figure
        uncounted = {name: blocks for name, blocks in total.uncounted.items() if name not in named}
        causes = _NetworkCauses(self.elaborator, graph, total)
        waiting = list(run.expects)
        if isinstance(declaration, ast.Model):
            waiting += [(expect, environment, None) for expect in declaration.expects]
        for statement, env, current in waiting:
            inner = env.inner()
            inner.variables.update(results)
            try:
                check_counted(statement, uncounted)
                check_expectation(self.elaborator, statement, inner, current, causes)
            except (Fault, Silence) as problem:
                self.session.report(problem)


class _NetworkCauses(FlowCauses):
    """What is known of a whole network."""

    def __init__(self, elaborator: Elaborator, graph: Graph, costs: Costs) -> None:
        super().__init__(elaborator)
        self.graph = graph
        self.costs = costs

    def figure(self, name: str, wanted: int, exact: bool) -> tuple[str, ...]:
        return explain(self.graph, self.costs, name, wanted, exact)
