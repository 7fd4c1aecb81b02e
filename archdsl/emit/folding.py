"""How a rewritten module takes the weights of the network as it is written: the table of steps, and the method."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.emit.code import Bracket, Code, Pair, constant, layout
from archdsl.graph.folds import Fold
from archdsl.graph.model import Graph, Module, ModuleKind

_METHOD = '''
    def load_trained(self, state_dict: Mapping[str, Tensor]) -> Self:
        """Take the weights of the network as it is trained, folded in double precision.

        Raises KeyError where one is missing, and RuntimeError where one is of another shape.
        """
        weights = {name: w.double() if w.is_floating_point() else w for name, w in state_dict.items()}
STEPS        self.load_state_dict(OWN)
        return self
'''


def is_rewritten(graph: Graph) -> bool:
    """Whether the module is for inference: it has weights of its own, which follow from those of the text's network."""
    return graph.plan is not None and graph.plan.purpose == "inference"


def functions(graph: Graph) -> list[str]:
    """The pasted functions that the steps are."""
    return sorted({fold.function for fold in graph.folds})


def table(graph: Graph) -> tuple[str, ...]:
    """The steps, and the names that differ, as constants at the top of a file."""
    lines: list[str] = []
    if not is_rewritten(graph):
        return ()
    if graph.folds:
        lines.append("#: How the weights follow from those of the network as it is trained, step by step.")
        lines += layout(
            Bracket(tuple(map(_step, graph.folds)), "()"), 0, "FOLDS: tuple[tuple[Any, ...], ...] = "
        )
    names = renamed(graph)
    if names:
        lines += ["", ""] if lines else []
        lines.append("#: Modules that have another name in the network as it is trained.")
        pairs = tuple(Pair(constant(new), constant(old)) for new, old in names.items())
        lines += layout(Bracket(pairs, "{}"), 0, "NAMES = ")
    return tuple(lines)


def method(graph: Graph) -> tuple[str, ...]:
    """The method of the network's class."""
    steps = ""
    if graph.folds:
        steps = "        for fold, *given in FOLDS:\n            fold(weights, *given)\n"
    own = "{name: weights[name] for name in self.state_dict()}"
    if renamed(graph):
        steps += "        own = {}\n        for name in self.state_dict():\n"
        steps += '            module, dot, weight = name.rpartition(".")\n'
        steps += (
            "            own[name] = weights[NAMES.get(name, NAMES.get(module, module) + dot + weight)]\n"
        )
        own = "own"
    return tuple(_METHOD.strip("\n").replace("STEPS", steps).replace("OWN", own).split("\n"))


def closing(graph: Graph) -> list[str]:
    """The last statements of the network's constructor."""
    lines = ["        self.eval()", "        self.requires_grad_(False)"]
    if any(node.operation == "channels_last" for node in graph.nodes):
        lines.append("        self.to(memory_format=torch.channels_last)")
    return lines


def renamed(graph: Graph) -> dict[str, str]:
    """By the path of a module with weights, the one that it has in the network as it is trained; those that differ."""
    return {m.path: m.origin for m in _weighted(graph.root) if m.path != m.origin}


def _weighted(root: Module) -> Iterator[Module]:
    stack = [root]
    while stack:
        module = stack.pop()
        if module.kind is ModuleKind.LAYER and (module.weights or module.buffers):
            yield module
        stack.extend(reversed(module.children))


def _step(fold: Fold) -> Bracket:
    return Bracket((Code(fold.function), *map(constant, fold.arguments)), "()")
