"""What autograd keeps for the backward pass, worked out from shapes.

A tensor is kept where a gradient is worked out from it, as PyTorch's derivatives say: of a convolution from what it
takes, of a ReLU from what it gives, of a sum from neither. Views share a storage, which is kept as a whole, and once.
Weights and inputs of the network are there anyway: they do not count, nor does what a batch has once for each channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod

from archdsl.graph.model import Graph, Node, Scope, Tensor
from archdsl.graph.plan import Done, Plan
from archdsl.layers.axes import feature_axis
from archdsl.layers.form import ModuleForm
from archdsl.passes.costs import VALUE
from archdsl.passes.operations import Append

#: By the name of a layer, what its gradients are worked out from: what arrives (`x`), what leaves (`y`), or both. Of
#: layers that are not here it is what arrives.
_FROM = {
    **dict.fromkeys(("relu", "sigmoid", "tanh", "softmax", "log_softmax"), "y"),
    **dict.fromkeys(("add", "sub", "mean", "concat", "stack", "append", "scale", "gap"), ""),
    **dict.fromkeys(("pad", "crop", "upsample", "pixel_shuffle", "shuffle", "select"), ""),
    **dict.fromkeys(("tokens", "untokens", "class_token", "position_embedding"), ""),
    **dict.fromkeys(("dropout", "dropout_spatial", "drop_path"), ""),
    "gmp": "xy",
}
_FROM_OF = {"mean": "", "sum": "", "max": "xy", "min": "xy", "sqrt": "y", "exp": "y"}  # by `op` or `function`
#: Of these each member is kept for the gradients of the others, where these have any.
_PRODUCTS = ("mul", "div", "matmul")

#: A storage by the tensor that it was made for; with True what a layer keeps beside, by what it gives.
Key = tuple[Tensor, bool]
Kept = dict[Key, int]


def kept_bytes(graph: Graph) -> int:
    """Bytes that autograd keeps for one sample in single precision, with the rewrites of the graph."""
    return VALUE * sum(kept(graph).values())


def kept(graph: Graph) -> Kept:
    """The values that are kept in each storage, in units of single precision."""
    found: Kept = {}
    storages = _Storages(graph)
    again = _computed_again(graph)

    def keep(tensor: Tensor) -> None:
        found[storages.of(tensor), False] = storages.size(tensor)

    for node in graph.nodes:
        if node.layer is None or node.idle:
            continue
        call = again.get(node)
        if call is None and not storages.has_gradient(node.outputs[0]):
            continue
        if call is not None or node.recomputed:  # only what arrives from elsewhere
            for tensor in node.inputs:
                if not tensor.node.recomputed and (call is None or again.get(tensor.node) is not call):
                    keep(tensor)
            continue
        copied = _is_padded(node)
        for tensor in _read_again(node, storages):
            if not tensor.node.recomputed and not (copied and tensor in node.inputs):
                keep(tensor)
        if own := _beside(node) + (node.inputs[0].shape.numel if copied else 0):
            found[node.outputs[0], True] = own
    return {key: size for key, size in found.items() if key[0].node.layer is not None}


def saved(
    before: Kept, graph: Graph, plan: Plan, changes: Iterable[tuple[str, str, Sequence[Node]]]
) -> list[Done]:
    """What changes save together, told for each by its place, what was done, and the layers that it is about.

    Under `torch.compile` its partitioner chooses what is kept, and nothing is told of it.
    """
    after, storages = kept(graph), _Storages(graph)
    told: set[Key] = set()
    done = []
    for path, what, nodes in changes:
        tensors = dict.fromkeys(tensor for node in nodes for tensor in (*node.outputs, *node.inputs))
        roots = dict.fromkeys(root for tensor in tensors for root in (tensor, storages.of(tensor)))
        keys = {key for root in roots for key in ((root, False), (root, True))} - told
        told |= keys
        values = sum(before.get(key, 0) - after.get(key, 0) for key in keys)
        done.append(Done(path, what, values=0 if plan.target == "compile" else values))
    return done


class _Storages:
    """Which tensors share a storage, and which have gradients."""

    def __init__(self, graph: Graph) -> None:
        self._roots: dict[Tensor, Tensor] = {}
        self._sizes: dict[
            Tensor, int
        ] = {}  # of storages with more in them than the tensor that they were made for
        self._with: set[Tensor] = set()
        grown: set[Tensor] = set()
        for node in graph.nodes:
            layer = node.layer
            if layer is None:
                continue
            if any(tensor in self._with for tensor in node.inputs) or _is_trained(node):
                self._with.update(node.outputs)
            if isinstance(layer, Append):
                first, (y,) = node.inputs[0], node.outputs
                if isinstance(first.node.layer, Append) and first not in grown:
                    grown.add(first)
                    self._roots[y] = self.of(first)
                else:
                    self._sizes[y] = layer.channels * prod(y.shape.spatial)
            elif _is_view(node):
                self._roots.update(dict.fromkeys(node.outputs, self.of(node.inputs[0])))

    def of(self, tensor: Tensor) -> Tensor:
        """The tensor that the storage of another one was made for."""
        return self._roots.get(tensor, tensor)

    def size(self, tensor: Tensor) -> int:
        """How many values its storage has."""
        root = self.of(tensor)
        return self._sizes.get(root, root.shape.numel)

    def has_gradient(self, tensor: Tensor) -> bool:
        """Whether it depends on a weight."""
        return tensor in self._with


def _is_trained(node: Node) -> bool:
    return bool(node.layer is not None and node.layer.unnamed) or bool(node.module and node.module.weights)


def _is_view(node: Node) -> bool:
    layer = node.layer
    assert layer is not None
    if layer.is_view or layer.is_identity or (layer.is_join and layer.passes_one and len(node.inputs) == 1):
        return True
    if layer.is_training_only:
        return getattr(layer, "p", None) == 0
    if layer.name == "select":
        return isinstance(getattr(layer, "indices", None), int)
    return layer.name in ("tokens", "untokens") and getattr(layer, "window", None) is None


def _is_padded(node: Node) -> bool:
    """Whether a layer pads by itself what arrives, and reads that copy alone."""
    assert node.layer is not None
    if node.layer.group not in ("convolution", "pooling"):
        return False
    form = node.layer.form(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))
    return isinstance(form, ModuleForm) and form.call.function.startswith(("Padded", "Same"))


def _is_stacked(node: Node) -> bool:
    """Whether the largest or the smallest of several members is that along an axis that they are stacked on."""
    alike = len({tensor.shape.dims for tensor in node.inputs}) == 1
    return node.operation in ("maximum", "minimum") and len(node.inputs) > 2 and alike


def _read_again(node: Node, storages: _Storages) -> Iterator[Tensor]:
    """Of what arrives at a layer and leaves it, that which its gradients are worked out from."""
    layer = node.layer
    assert layer is not None
    if _is_view(node):
        return
    if layer.name in _PRODUCTS:
        for tensor in node.inputs:
            others = [other for other in node.inputs if other is not tensor] or [tensor]
            if any(map(storages.has_gradient, others)):
                yield tensor
        return
    told = getattr(layer, "op", None) or getattr(layer, "function", None)
    read = _FROM.get(layer.name, "x")
    if layer.name in ("reduce", "pointwise"):
        read = _FROM_OF.get(str(told), "x")
    elif _is_stacked(node):
        read = "y"
    elif layer.name == "adaptive_avgpool":
        read = "x" if layer.keeps_input else ""
    if "x" in read:
        yield from node.inputs
    if "y" in read:
        yield from node.outputs


def _beside(node: Node) -> int:
    """What a layer keeps that neither arrives nor leaves."""
    layer, x, y = node.layer, node.inputs[0].shape, node.outputs[0].shape
    assert layer is not None
    if layer.name in ("maxpool", "adaptive_maxpool"):
        return 2 * y.numel  # where the largest values stood, of eight bytes
    if layer.name == "ln":
        return 2 * x.numel // x.channels  # mean and deviation
    if layer.name == "lrn":
        size: int = getattr(layer, "size", 1)
        return 2 * x.numel + x.numel // x.channels * (
            x.channels + size - 1
        )  # sums of squares, their power; squares
    if layer.name == "dropout":
        return 0 if _is_view(node) else x.numel
    if layer.name == "mul":
        return max(0, len(node.inputs) - 2) * y.numel  # the products of the first two, three, …
    if layer.name in ("maximum", "minimum"):
        return len(node.inputs) * y.numel if _is_stacked(node) else max(0, len(node.inputs) - 2) * y.numel
    if layer.name == "normalize":
        axis = feature_axis(layer, getattr(layer, "axis", None), x)
        return 2 * x.numel // x.dims[axis]  # the norm, and what is divided by
    if layer.name == "attention":
        key = node.inputs[min(1, len(node.inputs) - 1)].shape
        tokens, others = x.numel // x.channels, key.numel // key.channels
        width = getattr(layer, "dim", None) or x.channels
        heads: int = getattr(layer, "heads", 1)
        return int(
            2 * width * (tokens + others) + heads * tokens
        )  # query, key, value, what they give; sums of weights
    return 0


def _computed_again(graph: Graph) -> dict[Node, Scope]:
    """By each layer in a block that runs again in the backward pass, the outermost call of such a block."""
    found: dict[Node, Scope] = {}
    outermost: dict[Scope, Scope | None] = {}

    def around(scope: Scope) -> Scope | None:
        if scope not in outermost:
            outer = None if scope.parent is None else around(scope.parent)
            outermost[scope] = outer or (scope if scope.module.checkpointed else None)
        return outermost[scope]

    for node in graph.nodes:
        call = around(node.scope)
        if call is not None:
            found[node] = call
    return found
