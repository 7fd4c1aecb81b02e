"""A folded network, with what its pictures have in common, from however far away it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from archdsl.analysis.costs import count as count_costs
from archdsl.draw.chains import Chains
from archdsl.draw.fold import Collapsed, Entry, Frame, Leaf, fold
from archdsl.draw.groups import gather
from archdsl.draw.options import DrawOptions
from archdsl.draw.picture import Facts
from archdsl.draw.readings import origin
from archdsl.draw.rows import Link
from archdsl.draw.select import Selection, block_named
from archdsl.draw.sharing import badges
from archdsl.draw.trim import collapsed, leaves_of
from archdsl.graph.boundary import boundaries
from archdsl.graph.model import Graph, Node, Output, Scope, Tensor
from archdsl.source import Span


class Tree:
    """The frames of a network, or of the block that is to be drawn alone.

    In a `short` one also blocks that are a plain chain are frames; in a `grouped` one, what stands in no block is.
    Raises DrawError if the options name blocks that are not there.
    """

    def __init__(
        self, graph: Graph, options: DrawOptions, short: bool = False, grouped: bool = False
    ) -> None:
        self.graph = graph
        self.scope = graph.scope if options.block is None else block_named(graph, options.block)
        self.is_block = self.scope is not graph.scope
        self.root = fold(graph, self.scope)
        self.entries: list[Entry] = []
        self.outputs = graph.outputs
        if self.is_block:
            self.entries, self.outputs = ends(graph, self.scope)
        self.badges = badges(graph)
        self._costs = count_costs(graph)
        self._digests = options.digests
        self._facts: dict[Frame | Leaf, Facts] = {}
        self._chained: dict[tuple[Leaf, ...], Facts] = {}
        self._collapsed: dict[Frame, Collapsed] = {}
        self.chains = Chains(self._readers())
        self.selection = Selection(self.root, options)
        frames = list(_frames(self.root))
        kept = self.selection.closed | {f for f in frames if short and f.block}
        for frame in reversed(frames):
            self.chains.tidy(frame, kept)
        self._kept = kept
        asked = self.selection.open  # a frame stands also for those that hold nothing else
        asked.update(frame for frame in _frames(self.root) if not asked.isdisjoint(frame.around))
        if grouped:
            gather(self.root)
        self.inside: dict[Frame, list[Frame]] = {}  # what is a frame of its own in each, not rows of a box
        self.depth: dict[Frame, int] = {self.root: 0}  # blocks in blocks
        self.nesting: dict[Frame, int] = {self.root: 0}  # frames in frames
        part = {self.root: self.is_block}  # what stands in a block, labels in it with it
        for frame in self.depth_first():
            for inner in self.inside[frame]:
                block = any(f.block for f in (inner, *inner.around))
                part[inner] = part[frame] or block
                self.depth[inner] = self.depth[frame] + (block or not part[frame])
                self.nesting[inner] = self.nesting[frame] + 1

    def depth_first(self) -> Iterator[Frame]:
        """All frames, an outer one before those inside it, in the order of the text."""
        stack = [self.root]
        while stack:
            frame = stack.pop()
            if frame not in self.inside:
                self.inside[frame] = [i for i in frame.items if isinstance(i, Frame) and not self.is_link(i)]
            yield frame
            stack.extend(reversed(self.inside[frame]))

    def is_link(self, item: Leaf | Frame | Collapsed) -> TypeGuard[Link]:
        """Does this stand in a box with others, as layers one after another, perhaps repeated?"""
        return item not in self._kept and self.chains.is_link(item)

    def _readers(self) -> dict[Leaf, set[Leaf | Output]]:
        """What reads each layer."""
        leaves = list(leaves_of(self.root))
        made = {node: leaf for leaf in leaves for node in leaf.nodes}
        readers: dict[Leaf, set[Leaf | Output]] = {}
        for leaf in leaves:
            for tensor in leaf.inputs:
                source = made.get(origin(tensor).node)
                if source is not None:
                    readers.setdefault(source, set()).add(leaf)
        for output in self.outputs:
            for tensor in output.tensors:
                source = made.get(origin(tensor).node)
                if source is not None:
                    readers.setdefault(source, set()).add(output)
        return readers

    def collapsed(self, frame: Frame) -> Collapsed:
        """A frame as one box."""
        if frame not in self._collapsed:
            self._collapsed[frame] = collapsed(frame)
        return self._collapsed[frame]

    # facts

    def facts(self, item: Frame | Leaf) -> Facts:
        """What is known of all copies of a frame or layer."""
        found = self._facts.get(item)
        if found is None:
            if isinstance(item, Leaf):
                found = self._count(item.nodes, item.node)
            else:
                nodes = [node for leaf in leaves_of(item) for node in leaf.nodes]
                first: Node | Scope = item.scopes[0] if item.scopes else nodes[0]
                found = self._count(nodes, first)
            self._facts[item] = found
        return found

    def facts_of(self, chain: Sequence[Leaf]) -> Facts:
        """What is known of layers one after another."""
        key = tuple(chain)
        if key not in self._chained:
            self._chained[key] = self._count([node for leaf in chain for node in leaf.nodes], chain[0].node)
        return self._chained[key]

    def _count(self, nodes: Sequence[Node], first: Node | Scope) -> Facts:
        """What is known of some nodes, told by the path and the line of the first."""
        costs = [self._costs.of(node) for node in nodes if node.layer is not None]
        path = first.path if isinstance(first, Node) else first.module.path
        operation = first.operation if isinstance(first, Node) else ""
        params, macs = sum(cost.params for cost in costs), sum(cost.macs for cost in costs)
        found = replace(said(path or operation, first.span), layers=len(costs), params=params, macs=macs)
        return replace(found, digest=_digest(nodes)) if self._digests else found


def _digest(nodes: Sequence[Node]) -> int:
    """The same for other numbers of copies."""
    return hash(
        tuple(dict.fromkeys(node.operation if node.layer is None else repr(node.layer) for node in nodes))
    )


def said(path: str, span: Span) -> Facts:
    return Facts(path, span.source.name, span.line)


def _frames(root: Frame) -> Iterator[Frame]:
    """All frames, an outer one before those inside it."""
    order = [root]
    for frame in order:  # grows while it is walked
        yield frame
        order.extend(item for item in frame.items if isinstance(item, Frame))


def ends(graph: Graph, scope: Scope) -> tuple[list[Entry], list[Output]]:
    """What enters a block and leaves it, by the names that the text gives."""
    border = boundaries(graph)[scope]
    takes = scope.module.definition.takes if scope.module.definition is not None else ()
    named = dict(zip(scope.arriving, takes, strict=False))
    entering: dict[Tensor, str] = {}
    arriving = [tensor for tensor in scope.arriving if tensor in border.entering]
    for tensor in dict.fromkeys((*arriving, *border.entering)):
        entering.setdefault(origin(tensor), _entry_name(tensor, scope, named))
    entries = [Entry(tensor, name) for tensor, name in entering.items()]
    several = len(border.leaving) > 1
    outputs = [
        Output(
            (tensor.names[-1] if tensor.names else "") or (f"out {at}" if several else "out"),
            (tensor,),
            scope.span,
            tensor.node.training,
        )
        for at, tensor in enumerate(border.leaving, 1)
    ]
    return entries, outputs


def _entry_name(tensor: Tensor, scope: Scope, named: dict[Tensor, str]) -> str:
    if tensor in named:
        return named[tensor].lstrip("*")
    if tensor in scope.arriving:
        return "in"
    return tensor.names[-1] if tensor.names else tensor.node.input or "in"
