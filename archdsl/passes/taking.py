"""Which layers take a factor and a constant of each channel into their weights."""

from __future__ import annotations

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


def give_bias(work: Rewriting, node: Node) -> None:
    """Let a linear layer have a bias."""
    assert node.layer is not None
    if not getattr(node.layer, "bias", True):
        work.set_layer(node, work.altered(node.layer, bias=True))
