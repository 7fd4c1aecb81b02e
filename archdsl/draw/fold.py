"""The network as a diagram shows it: blocks in blocks, each repetition once."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.draw.progression import growth, merged
from archdsl.draw.runs import Run, find_runs
from archdsl.draw.signature import Item, Level, Signatures
from archdsl.graph.model import Graph, ModuleKind, Node, Scope, Tensor


@dataclass(eq=False, slots=True)
class Leaf:
    """A layer or input, drawn once for all copies of it; the first node stands for them."""

    nodes: list[Node]
    texts: list[str]  # what is said of the copies, each text once

    @property
    def node(self) -> Node:
        return self.nodes[0]

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return self.nodes[0].inputs

    @property
    def training(self) -> bool:
        return self.nodes[0].training


@dataclass(eq=False, slots=True)
class Frame:
    """A block, a labelled group, or some neighbours that repeat: what a diagram puts into one frame."""

    scopes: list[Scope]  # all copies of a block or group; none if the frame is there for its repetition alone
    count: int = 1  # copies one after another, or side by side
    parallel: bool = False
    growth: str = ""  # "64 → 256, +32 each"
    name: str = ""  # of a frame that is of no block
    around: list[Frame] = field(default_factory=list)  # frames that hold this one and nothing else
    items: list[Leaf | Frame] = field(default_factory=list)

    @property
    def copies(self) -> int:
        """Copies in all, those of the frames around included."""
        if self.scopes:
            return len(self.scopes)
        first = self.items[0]
        if isinstance(first, Leaf):
            return len(first.nodes)
        return first.copies // first.count

    @property
    def label(self) -> str:
        """The label in the text, with the numbers of all copies."""
        labels = [scope.module.label for scope in self.scopes if scope.module.label is not None]
        return merged(labels) if labels else ""

    @property
    def block(self) -> str:
        """The name of the block in the text."""
        module = self.scopes[0].module if self.scopes else None
        return module.stem if module is not None and module.kind is ModuleKind.BLOCK else ""


@dataclass(eq=False, slots=True)
class Collapsed:
    """A frame drawn as one box: the nodes of all copies, and the tensors that the first copy reads."""

    frame: Frame
    nodes: list[Node]
    inputs: tuple[Tensor, ...]

    @property
    def layers(self) -> int:
        """Layers in one copy."""
        return len(self.nodes) // self.frame.copies

    @property
    def training(self) -> bool:
        return all(node.training for node in self.nodes)


@dataclass(eq=False, slots=True)
class Entry:
    """A tensor that enters a block which is drawn alone."""

    tensor: Tensor
    name: str

    @property
    def nodes(self) -> list[Node]:
        return [self.tensor.node]

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return ()

    @property
    def training(self) -> bool:
        return self.tensor.node.training


#: What a diagram draws as one thing.
Part = Leaf | Collapsed | Entry


def fold(graph: Graph, scope: Scope | None = None) -> Frame:
    """The tree of frames of a network, or of one scope in it. Every node of that is in one leaf of the tree."""
    signatures = Signatures(graph)
    root = Frame([scope or graph.scope])
    stack = [root]
    while stack:
        frame = stack.pop()
        level = signatures.levels[frame.scopes[0]]
        copies = [signatures.levels[scope].items for scope in frame.scopes]
        for run in find_runs(signatures, level):
            inner = _run(run, level, copies, signatures)
            stack.extend(_frames(inner))
            frame.items.extend(inner)
    return root


def _run(run: Run, level: Level, copies: list[list[Item]], signatures: Signatures) -> list[Leaf | Frame]:
    """What a run is drawn as; frames of blocks are still empty."""
    made: list[Leaf | Frame] = []
    for at in range(run.start, run.start + run.period):
        alike = [items[at + k * run.period] for items in copies for k in range(run.count)]
        nodes = [item for item in alike if isinstance(item, Node)]
        if nodes:
            made.append(Leaf(nodes, list(dict.fromkeys(signatures.text[node] for node in nodes))))
        else:
            made.append(Frame([item for item in alike if isinstance(item, Scope)]))
    if run.count == 1:
        return made
    only = made[0]
    frame = only if run.period == 1 and isinstance(only, Frame) else Frame([], items=made)
    frame.count = run.count
    frame.parallel = not run.links
    frame.growth = _growth(run, level, signatures)
    return [frame]


def _frames(items: list[Leaf | Frame]) -> list[Frame]:
    """The frames among items that have still to be filled."""
    found: list[Frame] = []
    for item in items:
        if isinstance(item, Frame):
            found.extend([item] if item.scopes else [i for i in item.items if isinstance(i, Frame)])
    return found


def _growth(run: Run, level: Level, signatures: Signatures) -> str:
    """How the channels that are passed from copy to copy grow, in words."""
    for outer, (at, place) in run.links:
        first = signatures.tensor(level, outer)
        passed = [
            signatures.tensor(level, (run.start + k * run.period + at, place)) for k in range(run.count)
        ]
        if first.shape.dims and (
            text := growth(first.shape.channels, [tensor.shape.channels for tensor in passed])
        ):
            return text
    return ""
