"""Activations, sums and products write over a tensor that nothing else reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from archdsl.graph.model import Node, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers.join import Add, Mul
from archdsl.passes.done import Done, place
from archdsl.passes.larger import Larger
from archdsl.passes.operations import Fused
from archdsl.passes.reading import All
from archdsl.passes.rewriting import Rewriting

#: Layers that are looked at between two, to see whether one needs the other.
_REACH = 500


def in_place(work: Rewriting, plan: Plan) -> list[Done]:
    """Write over a tensor that is dead: what an activation takes, a member of a sum or of a product.

    Law: none is needed, the same values are computed; they take the place of others, so that no memory is asked for
    and a part of it is still in the cache.

    It holds where the tensor is one of its layer's own (no input, no weight, no view of another), as large as what is
    written at every size of the inputs, is not given out, and all else that reads it or a view of it is needed for the
    layer that writes, and so is done before. What a gradient of what arrives is worked out from is not written over.
    """
    done: list[Done] = []
    all_of = All()
    larger = Larger(work.graph)
    for nodes in _places(work):
        at = next(
            (at for at in _members(nodes[0]) if all(_can(work, larger, at, node) for node in nodes)), None
        )
        for node in nodes:
            if node.layer is None or node.layer.in_place:
                continue
            mine = (
                at
                if at is not None
                else next((at for at in _members(node) if _can(work, larger, at, node)), None)
            )
            others = work.counterparts(node)
            if mine is None or not all_of(partial(_can, work, larger, mine), others):
                continue
            for other in others:
                done.append(_write_over(work, other, mine))
    return done


def _places(work: Rewriting) -> Iterable[Sequence[Node]]:
    """Layers that can write over what they read: copies of one place of the text together, to be treated alike."""
    found: dict[tuple[object, ...], list[Node]] = {}
    for node in work:
        if node.layer is not None and node.layer.writes_over():
            span = node.span
            key = (span.source.name, span.start, span.end, node.operation, len(node.inputs))
            found.setdefault(key, []).append(node)
    return found.values()


def _members(node: Node) -> Sequence[int]:
    """What of its inputs a layer can write over."""
    if isinstance(node.layer, Fused):
        return (1,) if len(node.inputs) > 1 else ()
    return range(len(node.inputs))


def _can(work: Rewriting, larger: Larger, at: int, node: Node) -> bool:
    """Whether a layer can write over its input `at`."""
    if at not in _members(node):
        return False
    tensor = node.inputs[at]
    if node.inputs.count(tensor) > 1 or not _keeps_size(larger, node, tensor):
        return False
    maker = tensor.node
    if maker.layer is None or not _is_new(maker):
        return False
    others = _other_readers(work, tensor, node)
    if others is None:
        return False
    # what is fused runs so only where no gradients are asked for
    if not isinstance(node.layer, Fused) and (
        maker.layer.keeps_output
        or any(other.layer is not None and other.layer.keeps_input for other in others)
    ):
        return False
    return not others or _needs(work, node, others)


def _keeps_size(larger: Larger, node: Node, tensor: Tensor) -> bool:
    """Whether what leaves a layer is as large as what arrives, whatever the size of the inputs."""
    if tensor.shape.dims != node.outputs[0].shape.dims:
        return False
    if len(node.inputs) == 1 or isinstance(node.layer, Fused):  # which asks for equal sizes by itself
        return True
    return larger.alike(tensor, node.outputs[0]) and larger.has_batch_of(tensor, *node.inputs)


def _is_new(node: Node) -> bool:
    """Whether what leaves a layer shares no memory with what arrives, nor with a weight."""
    layer = node.layer
    return layer is not None and layer.makes_new and not (layer.is_join and len(node.inputs) == 1)


def _other_readers(work: Rewriting, tensor: Tensor, node: Node) -> set[Node] | None:
    """All that read a tensor or a view of it, but `node`; None where it is given out, one of them runs behind `node`,
    or `node` reads a view too."""
    found: set[Node] = set()
    if work.count_readers(tensor) > _REACH:  # more than are looked at
        return None
    waiting = [tensor]
    while waiting:
        one = waiting.pop()
        if work.is_output(one):
            return None
        for reader in reversed(work.readers(one)):  # those that run last are most often last
            if reader is node:
                if one is not tensor:
                    return None
            elif work.is_before(node, reader):
                return None
            elif reader not in found:
                found.add(reader)
                if not _is_new(reader):
                    waiting += reader.outputs
    return found


def _needs(work: Rewriting, node: Node, others: set[Node]) -> bool:
    """Whether a layer takes what follows from all the others."""
    missing = set(others)
    first = min(map(work.place_of, others))
    seen: set[Node] = set()
    waiting = [t.node for t in node.inputs]
    while waiting and missing and len(seen) < _REACH:
        one = waiting.pop()
        if one in seen or work.place_of(one) < first:
            continue
        seen.add(one)
        missing.discard(one)
        waiting += [t.node for t in one.inputs]
    return not missing


def _write_over(work: Rewriting, node: Node, at: int) -> Done:
    layer = node.layer
    assert layer is not None
    work.set_layer(node, work.altered(layer, in_place=True))
    if isinstance(layer, (Add, Mul)):
        work.set_inputs(node, (node.inputs[at], *node.inputs[:at], *node.inputs[at + 1 :]))
    return Done(place(node), f"{layer.name} writes over what it reads")
