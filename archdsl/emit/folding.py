"""How a rewritten module takes the weights of the network as it is written: the table of steps, and the method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from archdsl.emit.code import Apply, Bracket, Code, Keyword, Py, Star, layout
from archdsl.emit.repeated import repeated
from archdsl.graph.model import Graph, Module, ModuleKind
from archdsl.layers import Extern

COUNTER = ".num_batches_tracked"
_METHOD = '''
    def load_trained(self, state_dict: Mapping[str, Any]) -> Self:
        """Take the weights of the network as it is trained, folded in double precision.

        Raises RuntimeError, and changes nothing, where they are those of another network, and
        TypeError where they are no weights.
        """
CALL
        return self
'''

_STAYING = '''
    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation, which alone the weights are made for."""
        return super().train(False)
'''


def is_rewritten(graph: Graph) -> bool:
    """Whether the module is for inference: it has weights of its own, which follow from those of the text's network."""
    return graph.plan is not None and graph.plan.purpose == "inference"


def functions(graph: Graph) -> list[str]:
    """The pasted functions that fold."""
    if not is_rewritten(graph):
        return []
    marking = ["mark_folded"] * bool(_plan_of(graph))
    return sorted({"trained_weights", *marking, *(fold.function for fold in graph.folds)})


def tables(graph: Graph) -> tuple[str, ...]:
    """The steps, the names that differ, and what is left out, as constants at the top of a file."""
    if not is_rewritten(graph):
        return ()
    found: list[list[str]] = []
    if graph.folds:
        steps = repeated([(Code(fold.function), *fold.arguments) for fold in graph.folds])
        before = "FOLDS: tuple[tuple[Any, ...], ...] = "
        found.append(["#: How the weights follow from those of the network as it is trained, step by step."])
        found[-1] += layout(_alone(steps) or Bracket(steps, "()"), 0, before)
    if names := renamed(graph):
        found.append(["#: Modules that have another name in the network as it is trained."])
        found[-1] += layout(_dict(names), 0, "NAMES = ")
    if gone := unused(graph):
        found.append(
            ["#: What this module does without of the network as it is trained: tensors in each part."]
        )
        found[-1] += layout(_dict(gone), 0, "UNUSED = ")
    lines = [line for part in found for line in ("", "", *part)]
    return tuple(lines[2:])


def _alone(members: tuple[Py, ...]) -> Py | None:
    """The tuple of a single loop."""
    (first, *others) = members
    return Apply("tuple", (first.value,)) if isinstance(first, Star) and not others else None


def _dict(members: Mapping[str, Any]) -> Py:
    pairs = repeated(list(members.items()), "**")
    return pairs[0].value if len(pairs) == 1 and isinstance(pairs[0], Star) else Bracket(pairs, "{}")


def methods(graph: Graph) -> Iterator[tuple[str, ...]]:
    """The methods of the network's class, line by line."""
    if not is_rewritten(graph):
        return
    yield _loading(graph)
    if any(node.layer is not None and node.layer.has_modes for node in graph.nodes):
        yield tuple(_STAYING.strip("\n").split("\n"))


def _loading(graph: Graph) -> tuple[str, ...]:
    known = not any(isinstance(module.layer, Extern) for module in _modules(graph.root))
    count = sum(not key.endswith(COUNTER) for key in graph.trained)
    given: list[Py] = [Code("self"), Code("state_dict"), Code(str(count) if known else "None")]
    given += _plan_of(graph)
    if unused(graph):
        given.append(_named("unused"))
    call = Apply("self.load_state_dict", (Apply("trained_weights", tuple(given)),))
    return tuple(_METHOD.strip("\n").replace("CALL", "\n".join(layout(call, 8))).split("\n"))


def _plan_of(graph: Graph) -> list[Py]:
    """The tables of how weights are folded and renamed, as arguments; none where those of the training fit."""
    tables = (("folds", graph.folds), ("names", renamed(graph)))
    return [_named(name) for name, there in tables if there]


def _named(table: str) -> Keyword:
    return Keyword(table, Code(table.upper()))


def base(graph: Graph) -> str:
    """The pasted class that the network extends instead of nn.Module; empty if it is that."""
    return "CudaGraphed" if is_rewritten(graph) and graph.plan and graph.plan.target == "cuda-graph" else ""


def compiles(graph: Graph) -> bool:
    """Whether the factory has `torch.compile` compile the network, on its first call."""
    return is_rewritten(graph) and graph.plan is not None and graph.plan.target == "compile"


def closing(graph: Graph) -> list[str]:
    """The last statements of the network's constructor."""
    lines = ["        self.eval()", "        self.requires_grad_(False)"]
    if plan := _plan_of(graph):
        lines += layout(Apply("mark_folded", (Code("self"), *plan)), 8)
    if any(node.operation == "channels_last" for node in graph.nodes):
        lines.append("        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]")
    return lines


def renamed(graph: Graph) -> dict[str, str]:
    """By the path of a module with weights, the one that it has in the network as it is trained; those that differ."""
    return {m.path: m.origin for m in _weighted(graph.root) if m.path != m.origin}


def unused(graph: Graph) -> dict[str, int]:
    """The modules of the network as it is trained that no weight follows from; of those in one module, only that.

    With each, how many tensors it holds, counters of batches apart.
    """
    used = {path for fold in graph.folds for path in fold.paths}
    used |= {module.origin for module in _weighted(graph.root)}
    above: set[str] = set()
    for path in used:
        while path and path not in above:
            above.add(path)
            path = path.rpartition(".")[0]
    around: dict[
        str, str | None
    ] = {}  # of a module: the outermost one that is left out; None where it is not
    found: Counter[str] = Counter()
    for key in graph.trained:
        if key.endswith(COUNTER) or key in used:
            continue
        module = key.rpartition(".")[0]
        if module not in around:
            paths = _prefixes(module)
            kept = any(path in used for path in paths)
            around[module] = None if kept else next((path for path in paths if path not in above), "")
        outermost = around[module]
        if outermost is not None:
            found[outermost or key] += 1
    return dict(found)


def _prefixes(path: str) -> list[str]:
    """A path and those of the modules around it, outer ones first."""
    parts = path.split(".")
    return [".".join(parts[: size + 1]) for size in range(len(parts))]


def _modules(root: Module) -> Iterator[Module]:
    stack = [root]
    while stack:
        module = stack.pop()
        yield module
        stack.extend(reversed(module.children))


def _weighted(root: Module) -> Iterator[Module]:
    """Layers that have weights, or may have some."""
    for module in _modules(root):
        if module.kind is ModuleKind.LAYER:
            if module.weights or module.buffers or isinstance(module.layer, Extern):
                yield module
