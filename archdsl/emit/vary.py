"""Parameters of a network that may vary without changing what was checked: arguments of its class.

Such a parameter is either the number of features of layers whose outputs reach the outputs of the network through
layers that do not mind it, or the rate of layers that drop. Nothing else in the text may read it, and nothing may read
what it changes. Where that is not certain, it stays what it was compiled with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archdsl.elaborate.free import children
from archdsl.emit.classes import LevelClass
from archdsl.emit.formulas import Param, parameters
from archdsl.emit.scopes import own_channels, parameter_of
from archdsl.emit.template import Slot
from archdsl.emit.texts import Texts
from archdsl.graph.model import Graph, Node, Tensor
from archdsl.layers import REGISTRY, ArgumentError, Extern, LayerError, Shape
from archdsl.layers.base import Layer
from archdsl.source import Span
from archdsl.syntax import ast

#: Numbers of features that are tried in place of the compiled one: what divides, bounds or broadcasts shows there.
_TRIED = (1, 2, 3, 5, 7, 30, 1001)
#: Parameters beyond are not looked at.
_MOST = 50
_Home = ast.Block | ast.Network


class Variation:
    """A parameter that may vary: what it was compiled with, and the layers that it reaches, by their calls."""

    def __init__(self, name: str, value: int | float) -> None:
        self.name = name
        self.value = value
        self.features: set[Span] = set()
        self.rates: set[Span] = set()
        self.parameters: set[int] = set()  # of the text, by their id: those of blocks that hand it on too
        self.homes: dict[
            int, tuple[_Home, int]
        ] = {}  # what it passes through, and where it first stands there

    def add(self, home: _Home, call: ast.Call, loops: bool) -> None:
        """Note a call that takes it; in `loops`, what stands before it comes behind it too."""
        start = home.span.start if loops else call.span.start
        before = self.homes.get(id(home))
        self.homes[id(home)] = (home, start if before is None else min(before[1], start))

    @property
    def places(self) -> set[Span]:
        return self.features | self.rates


def variations(graph: Graph, texts: Texts) -> list[Variation]:
    """The parameters of a network that may vary, in the order of the text."""
    network = texts.declaration(graph.root.definition)
    found: list[Variation] = []
    spans = {node.span for node in graph.nodes}
    for parameter in () if network is None else network.parameters[:_MOST]:
        value = graph.root.arguments.get(parameter.name)
        if network is None or not isinstance(value, (int, float)) or isinstance(value, bool):
            continue
        one = Variation(parameter.name, value)
        if not _collect(texts, network, parameter, one) or not one.places or not one.places <= spans:
            continue
        if one.features and (one.rates or not isinstance(value, int) or not _flows(graph, texts, one)):
            continue
        found.append(one)
    return found


def _collect(texts: Texts, home: _Home, parameter: ast.Parameter, one: Variation) -> bool:
    """Whether all that reads a parameter are calls that take it as it is: of layers, or of blocks that do so."""
    if id(parameter) in one.parameters:
        return True
    one.parameters.add(id(parameter))
    for name in texts.names(home, parameter.name):
        bound = texts.binding(name)
        if bound is None or bound.node is not parameter:
            continue
        argument, call = _argument(texts, name)
        if argument is None or call is None or not isinstance(call.callee, ast.Name):
            return False
        loops = (ast.ForElement, ast.ForkComprehension, ast.ListComprehension, ast.Function)
        one.add(home, call, any(isinstance(node, loops) for node in texts.around(call)))
        callee = texts.binding(call.callee)
        if callee is None:
            layer = REGISTRY.get(call.callee.id)
            taken = None if layer is None else _taken(call, argument, list(layer.params))
            if layer is None or taken is None:
                return False
            words = layer.params[taken].elsewhere
            if "drop_prob" in words:
                one.rates.add(call.span)
            elif "out_channels" in words or "out_features" in words:
                one.features.add(call.span)
            else:
                return False
        elif isinstance(callee.node, ast.Block):
            inner = callee.node
            taken = _taken(call, argument, [p.name for p in inner.parameters])
            takes = next((p for p in inner.parameters if p.name == taken), None)
            if takes is None or not _collect(texts, inner, takes, one):
                return False
        else:
            return False
    return True


def _argument(texts: Texts, name: ast.Name) -> tuple[ast.Argument | None, ast.Call | None]:
    """The argument that a name is by itself, and the call that takes it."""
    around = texts.around(name)
    argument, call = next(around, None), next(around, None)
    good = isinstance(argument, ast.Argument) and not argument.star and isinstance(call, ast.Call)
    return (argument, call) if good else (None, None)  # type: ignore[return-value]


def _taken(call: ast.Call, argument: ast.Argument, names: Sequence[str]) -> str | None:
    """The parameter that takes an argument; None where a list is spread."""
    if any(other.star for other in call.arguments):
        return None
    at = call.arguments.index(argument)
    return argument.name or (names[at] if at < len(names) else None)


# --- what it changes -------------------------------------------------------------------------------------------------


def _flows(graph: Graph, texts: Texts, one: Variation) -> bool:
    """Whether another number of features reaches outputs alone, through layers that take any."""
    trials = [dict[Tensor, Shape]() for _ in _TRIED]
    changed = trials[0]
    for node in graph.nodes:
        layer = node.layer
        if layer is None:
            continue
        begins = node.span in one.features
        reads = any(tensor in changed for tensor in node.inputs)
        if begins and reads:
            return False
        if begins:
            own = own_channels(layer)
            if own is None or getattr(layer, own) != one.value or not _alone(layer):
                return False
            for tried, shapes in zip(_TRIED, trials, strict=True):
                shapes.update((tensor, tensor.shape.with_channels(tried)) for tensor in node.outputs)
        elif reads:
            element = texts.element(node.span)
            home = None if element is None else texts.home(element)
            if element is None or id(home) not in one.homes or _reads_flow(element):
                return False
            if not all(_takes(node, shapes) for shapes in trials):
                return False
    stated = {tensor.shape.dims for tensor in changed}
    return all(_silent(texts, home, start, stated) for home, start in one.homes.values())


def _alone(layer: Layer) -> bool:
    """Whether the number of features is held against nothing else: groups would have to divide it."""
    return getattr(layer, "groups", 1) == 1


def _takes(node: Node, shapes: dict[Tensor, Shape]) -> bool:
    """Whether a layer is the same with other shapes; those that leave are noted."""
    layer = node.layer
    if layer is None or isinstance(layer, Extern):
        return False
    before = tuple(tensor.shape for tensor in node.inputs)
    after = tuple(shapes.get(tensor, tensor.shape) for tensor in node.inputs)
    try:
        given = layer.outputs(after)
        same = layer.form(after, given) == layer.form(before, tuple(t.shape for t in node.outputs))
    except (LayerError, ArgumentError):
        return False
    if not same or layer.weights(after) or layer.buffers(after) or len(given) != len(node.outputs):
        return False
    shapes.update(zip(node.outputs, given, strict=True))
    return True


def _silent(texts: Texts, home: _Home, start: int, shapes: set[tuple[int, ...]]) -> bool:
    """Whether the text from a place on reads no shape that may have changed, nor states one."""
    stack: list[ast.AstNode] = [home]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Expect) and not _only_parameters(texts, node):
            return False
        if node.span.start >= start and _may_read(texts, node, shapes):
            return False
        stack += children(node)
    return True


def _may_read(texts: Texts, node: ast.AstNode, shapes: set[tuple[int, ...]]) -> bool:
    if isinstance(node, (ast.It, ast.In, ast.Attribute, ast.Index)):
        return True
    if isinstance(node, ast.ListExpr):
        return any(_may_be(node, shape) for shape in shapes)
    if isinstance(node, ast.Name):  # a waypoint may have a name, or come from a function
        bound = texts.binding(node)
        around = next(texts.around(node), None)
        if bound is not None and isinstance(bound.node, ast.Function):
            return True
        if isinstance(around, (ast.Flow, ast.Pipeline, ast.Fork, ast.OutputStatement)) and bound is not None:
            value = bound.node
            if isinstance(value, ast.Parameter):
                return value.annotation not in ("layer", "block")
            return isinstance(value, ast.Let) and not isinstance(
                value.expr, (ast.Call, ast.Pipeline, ast.Body)
            )
    return False


def _only_parameters(texts: Texts, expect: ast.Expect) -> bool:
    """Whether an expectation is about parameters alone."""
    stack: list[ast.AstNode] = [expect.condition]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.It, ast.In)):
            return False
        if isinstance(node, ast.Name):
            bound = texts.binding(node)
            if bound is None or not isinstance(bound.node, (ast.Parameter, ast.Dimension)):
                if bound is not None or node.id not in ("len", "min", "max", "sum", "abs"):
                    return False
        stack += children(node)
    return True


def _may_be(waypoint: ast.ListExpr, shape: tuple[int, ...]) -> bool:
    """Whether a list may be a waypoint that states a shape."""
    items = waypoint.items
    if any(isinstance(item, ast.Star) for item in items):
        return True
    if len(items) != len(shape) or all(isinstance(item, ast.Blank) for item in items):
        return False
    return all(
        not isinstance(item, ast.Number) or item.value == size
        for item, size in zip(items, shape, strict=True)
    )


def _reads_flow(element: ast.AstNode) -> bool:
    stack = [element]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.It, ast.In, ast.Attribute)):
            return True
        stack += children(node)
    return False


# --- what the classes say --------------------------------------------------------------------------------------------


def is_literal(one: Variation, texts: Texts, classes: Iterable[LevelClass]) -> bool:
    """Whether some class has a number that the parameter changes otherwise than by the parameter itself."""
    return not all(_hands_on(level, texts, one) for level in classes)


def _hands_on(level: LevelClass, texts: Texts, one: Variation) -> bool:
    solver = level.solver
    for slot, formula in solver.formulas():
        named = any(solver.origins.get(name) in one.parameters for name in parameters(formula))
        wanted = slot is not None and _is_wanted(slot, texts, one)
        if wanted != named or (named and not isinstance(formula, Param)):
            return False
    return True


def _is_wanted(slot: Slot, texts: Texts, one: Variation) -> bool:
    """Whether the number of a slot is the parameter."""
    item = slot.item
    if item is None or slot.of_run:
        return False
    if item.layer is not None:
        name = parameter_of(item.layer, slot.name) if item.span in one.places else None
        return name is not None and (
            name == own_channels(item.layer) or "drop_prob" in type(item.layer).params[name].elsewhere
        )
    if isinstance(item, Node) or not slot.parameter:
        return False
    home = item
    while home.definition is None and home.parent is not None:
        home = home.parent
    declaration = texts.declaration(home.definition)
    given = () if declaration is None else declaration.parameters
    return any(p.name == slot.parameter and id(p) in one.parameters for p in given)
