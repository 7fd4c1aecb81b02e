"""Sizes that tensors have where the inputs of a network are larger than the text says."""

from __future__ import annotations

from archdsl.graph.measures import measures_of, resized
from archdsl.graph.model import Graph, Node, Tensor
from archdsl.layers import ArgumentError, Extern, LayerError, Shape

#: What the sizes of inputs are multiplied by, one axis after the other: those along two axes grow apart.
_FACTORS = (2, 3)


class Larger:
    """A network at larger inputs. It holds for one pass, which leaves shapes as they are.

    A module may run at other sizes than those of the text. Maps of 1×1 there broadcast at others, where they are no
    1×1 any more and their neighbours still are.
    """

    def __init__(self, graph: Graph) -> None:
        self._nodes = set(graph.nodes)
        self._numbers = {tensor.node: 1 << i for i, tensor in enumerate(graph.inputs.values())}
        self._shapes: dict[Tensor, Shape | None] = {}  # None where they are not known
        self._fixed = False  # a layer takes none but those of the text
        self._inputs: dict[Node, int] = {}  # those that a layer depends on, a bit for each

    def alike(self, one: Tensor, other: Tensor) -> bool:
        """Whether two tensors have the same sizes, whatever those of the inputs are."""
        if one.shape.dims != other.shape.dims:
            return False
        if 1 not in one.shape.dims:
            return True  # what differs elsewhere does not broadcast
        self._follow(one.node, other.node)
        shape = self._shapes[one]
        return self._fixed or (shape is not None and shape == self._shapes[other])

    def has_batch_of(self, one: Tensor, *others: Tensor) -> bool:
        """Whether one tensor has as many samples as each of others, also where inputs of one sample meet those of
        several."""
        if len(self._numbers) == 1:
            return True
        self._follow(one.node, *(other.node for other in others))
        return all(
            self._inputs[one.node] | self._inputs[other.node] == self._inputs[one.node] for other in others
        )

    def _follow(self, *nodes: Node) -> None:
        """Work out what is known of some layers, from those before them."""
        waiting = list(nodes)
        while waiting:
            node = waiting[-1]
            if node in self._inputs:
                waiting.pop()
                continue
            measures = measures_of(node, self._nodes)
            read = [tensor.node for tensor in (*node.inputs, *(m.tensor for m in measures))]
            missing = [one for one in read if one not in self._inputs]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            found = 0 if node.layer is not None else self._numbers.get(node, 0)
            for one in node.inputs:
                found |= self._inputs[one.node]
            self._inputs[node] = found
            self._shapes.update(zip(node.outputs, self._outputs(node), strict=True))

    def _outputs(self, node: Node) -> tuple[Shape | None, ...]:
        """The shapes that leave a layer."""
        unknown = (None,) * len(node.outputs)
        if node.layer is None:
            return tuple(_larger(tensor.shape) for tensor in node.outputs)
        measures = measures_of(node, self._nodes)
        taken = [self._shapes[tensor] for tensor in node.inputs]
        measured = [self._shapes[measure.tensor] for measure in measures]
        known = tuple(shape for shape in taken if shape is not None)
        if isinstance(node.layer, Extern) or len(known) < len(taken) or None in measured:
            return unknown
        shapes = {m.tensor: shape for m, shape in zip(measures, measured, strict=True) if shape is not None}
        try:
            found = resized(node.layer, measures, shapes.__getitem__).outputs(known)
        except (LayerError, ArgumentError):
            self._fixed = True
            return unknown
        return found if len(found) == len(node.outputs) else unknown


def _larger(shape: Shape) -> Shape:
    first, *sizes = shape.dims
    return Shape((first, *(size * _FACTORS[axis % 2] for axis, size in enumerate(sizes))), shape.tokens)
