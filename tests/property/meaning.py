"""What a program means, as its writer says it while it writes: layers at work in the order of the text.

A second account of the program, which knows nothing of names, scopes or syntax; it is held against the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from archdsl.graph.model import Graph, Node
from archdsl.layers import Extern, Layer, LayerError, Shape
from archdsl.layers.applied import apply

#: Larger tensors, and longer programs, take time and show nothing more.
MOST_VALUES, MOST_USES = 4000, 400


class TooMuch(Exception):
    """The program grows beyond what is worth its time."""


@dataclass(frozen=True, eq=False)
class Made:
    """A tensor: output `index` of a use, or of an input where `use` is None."""

    shape: Shape
    use: Use | None
    index: int


@dataclass(frozen=True, eq=False)
class Use:
    """A layer at work; equal keys are the same weights."""

    layer: Layer | str  # the name of an extern block
    takes: tuple[Made, ...]
    key: object
    gives: list[Made] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.layer if isinstance(self.layer, str) else self.layer.name


Bundle = tuple[Made, ...]
Does = Callable[["Run", Bundle], Bundle]
#: Text of the language, and what it does to what arrives.
Element = tuple[str, Does]


class Run:
    """One evaluation of a program by its writer."""

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self.frame: dict[str, Any] = {}
        self.key: Callable[[], object] = object

    def apply(self, layer: Layer, takes: Bundle) -> Bundle:
        """Raises LayerError and TooMuch."""
        if layer.is_identity or (layer.is_join and len(takes) == 1):
            return takes
        leaving = apply(layer, tuple(t.shape for t in takes)).outputs
        return self.use(layer, takes, leaving)

    def use(self, layer: Layer | str, takes: Bundle, leaving: tuple[Shape, ...]) -> Bundle:
        if len(self.uses) >= MOST_USES or any(shape.numel > MOST_VALUES for shape in leaving):
            raise TooMuch
        made = Use(layer, takes, self.key())
        made.gives.extend(Made(shape, made, i) for i, shape in enumerate(leaving))
        self.uses.append(made)
        return tuple(made.gives)

    def call(self, body: Does, takes: Bundle, values: dict[str, Any]) -> Bundle:
        """A body with names of its own."""
        outer, self.frame = self.frame, dict(values)
        try:
            return body(self, takes)
        finally:
            self.frame = outer


class Shared:
    """One layer for several uses: what the first draws, the others take again."""

    def __init__(self, does: Does) -> None:
        self.does = does
        self.kept: list[object] | None = None

    def __call__(self, run: Run, takes: Bundle) -> Bundle:
        outer = run.key
        if self.kept is None:
            kept: list[object] = []

            def drawn() -> object:
                kept.append(outer())
                return kept[-1]

            run.key = drawn
        else:
            again: Iterator[object] = iter(self.kept)
            run.key = lambda: next(again)
        try:
            result = self.does(run, takes)
        finally:
            run.key = outer
        self.kept = kept if self.kept is None else self.kept
        return result


@dataclass
class Stated:
    """A network as its writer means it."""

    inputs: dict[str, Made]
    outputs: list[tuple[str, Bundle, bool]]  # name, tensors, whether for training alone
    uses: list[Use]

    def reached(self) -> list[Use]:
        """Those that some output needs, in their order."""
        todo = [made.use for _, tensors, _ in self.outputs for made in tensors]
        found: set[int] = set()
        while todo:
            use = todo.pop()
            if use is not None and id(use) not in found:
                found.add(id(use))
                todo += [made.use for made in use.takes]
        return [use for use in self.uses if id(use) in found]

    def params(self) -> int:
        """Trained weights of all that is reached, each key once. Extern blocks have none here."""
        counted: dict[int, int] = {}
        for use in self.reached():
            if isinstance(use.layer, Layer):
                weights = apply(use.layer, tuple(t.shape for t in use.takes)).weights
                counted[id(use.key)] = sum(Shape(dims).numel for dims in weights.values())
        return sum(counted.values())


def pairs(stated: Stated, graph: Graph) -> list[tuple[Use, Node]]:
    """Each use with its node. Raises AssertionError where the graph is another network."""
    nodes = [node for node in graph.nodes if node.layer is not None]
    uses = stated.reached()
    assert [use.name for use in uses] == [node.operation for node in nodes]
    place = {(None, name): made for name, made in stated.inputs.items()}
    known = {id(made): graph.inputs[name] for (_, name), made in place.items()}
    modules: dict[int, Any] = {}
    for use, node in zip(uses, nodes, strict=True):
        if isinstance(use.layer, Layer):
            assert node.layer is not None and type(node.layer) is type(use.layer)
            assert repr(node.layer.values()) == repr(use.layer.values())
        assert [known[id(made)] for made in use.takes] == list(node.inputs), f"what {use.name} takes"
        assert [made.shape for made in use.gives] == [t.shape for t in node.outputs]
        known.update(zip(map(id, use.gives), node.outputs, strict=True))
        if node.module is not None:
            assert modules.setdefault(id(use.key), node.module) is node.module, f"{use.name} is not shared"
    assert len({id(module) for module in modules.values()}) == len(modules), "what is not shared is"
    assert [(o.name, o.training) for o in graph.outputs] == [(n, t) for n, _, t in stated.outputs]
    for output, (_, tensors, _) in zip(graph.outputs, stated.outputs, strict=True):
        assert list(output.tensors) == [known[id(made)] for made in tensors]
    return list(zip(uses, nodes, strict=True))


def compute(stated: Stated, graph: Graph, net: Any, given: list[Any]) -> list[list[Any]]:
    """The outputs in evaluation: each layer made anew by what it says of PyTorch, with the weights of the module."""
    from tests.layers.real import Real, as_list

    values = dict(zip(map(id, stated.inputs.values()), given, strict=True))
    for use, node in pairs(stated, graph):
        inputs = [values[id(made)] for made in use.takes]
        if isinstance(node.layer, Extern):
            results = as_list(net.get_submodule(node.path)(*inputs))
        else:
            assert isinstance(use.layer, Layer)
            shapes = tuple(made.shape for made in use.takes), tuple(made.shape for made in use.gives)
            real = Real(use.layer, *shapes).eval()
            if real.module is not None:
                real.module.load_state_dict(net.get_submodule(node.path).state_dict())
            elif real.weight is not None:
                real.weight.data.copy_(net.get_parameter(node.path))
            results = as_list(real(*inputs))
        values.update(zip(map(id, use.gives), results, strict=True))
    return [[values[id(made)] for made in tensors] for _, tensors, training in stated.outputs if not training]


__all__ = [
    "Bundle",
    "Does",
    "Element",
    "LayerError",
    "Made",
    "Run",
    "Shared",
    "Stated",
    "TooMuch",
    "compute",
    "pairs",
]
