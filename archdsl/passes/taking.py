"""Which layers take a factor and a constant of each channel into their weights."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.graph.model import Node, Tensor
from archdsl.passes.rewriting import Rewriting


def takers(work: Rewriting, tensor: Tensor) -> list[Node] | None:
    """The linear layers that read a tensor, if all that reads it can take s x + t for each of its channels x.

    Law: W(sx + t) + b is (Ws)x + (b + Wt) where W is the same at every position: without padding. In between may stand
    maps of the positions that keep constants: P(sx + t) = s P(x) + t.
    """
    found: list[Node] = []
    waiting = [tensor]
    while waiting:
        tensor = waiting.pop()
        readers = work.readers(tensor)
        if work.is_output(tensor) or not readers:
            return None
        for reader in readers:
            layer = reader.layer
            assert layer is not None
            if len(reader.inputs) > 1 or not layer.keeps_constants((tensor.shape,)):
                return None
            if layer.maps_positions:
                waiting.append(reader.outputs[0])
            elif layer.weight_axis == 0 and not work.is_shared(reader):
                found.append(reader)
            else:
                return None
    return found


def givers(work: Rewriting, nodes: Sequence[Node]) -> list[Node] | None:
    """The linear layers that give what some layers read, if each can give s y + t for each channel y instead.

    `nodes` are all that one module or place does. Law: s(Wx + b) + t is (sW)x + (sb + t). In between may stand maps of
    the positions that keep constants.
    """
    found = [giver(work, node.inputs[0], node) for node in nodes]
    given = [node for node in found if node is not None]
    return given if len(given) == len(found) and work.are_counterparts(given) else None


def giver(work: Rewriting, tensor: Tensor, reader: Node) -> Node | None:
    """The linear layer from which a tensor comes, perhaps through maps of the positions that keep constants, if nothing
    but `reader` depends on it."""
    while work.only_reader(tensor) is reader:
        reader = tensor.node
        layer = reader.layer
        if layer is None or len(reader.inputs) != 1:
            return None
        if layer.weight_axis is not None:
            return reader if reader.module is not None else None
        (tensor,) = reader.inputs
        if not layer.maps_positions or not layer.keeps_constants((tensor.shape,)):
            return None
    return None


def give_bias(work: Rewriting, *nodes: Node) -> None:
    """Let a linear layer, in all its calls, have a bias."""
    layer = nodes[0].layer
    assert layer is not None
    if not getattr(layer, "bias", True):
        wider = work.altered(layer, bias=True)
        for node in nodes:
            work.set_layer(node, wider)
