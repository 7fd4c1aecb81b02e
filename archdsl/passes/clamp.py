"""Batch norm and ReLU before convolutions become a clamp."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.layers.norm import BatchNorm
from archdsl.passes.channelwise import ChannelClamp
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting
from archdsl.passes.taking import give_bias, takers


def clamp(work: Rewriting, plan: Plan) -> list[Done]:
    """Turn a batch norm and the ReLU behind it into a clamp, if the layers that follow take the rest of the norm.

    Law: in evaluation the norm is sx + t with s = γ / √(v + ε) and t = β - ms, for each channel, and ReLU holds it
    between a = 0 and b = ∞ (ReLU6: b = 6). Then min(max(sx + t, a), b) = s min(max(x, (a - t) / s), (b - t) / s) + t
    for s > 0, and with the two bounds exchanged for s < 0; for s = 0 it is a constant. The factor and the constant go
    into the weights and the biases of what reads it; see archdsl.passes.taking.

    A channel of which s is nearly 0 would have bounds that are infinite in half precision. It is taken for a constant
    where that is one, but for the rounding of double precision, for each x that the type of the module has and that is
    within 2¹⁵ standard deviations of m: of n values at most n / 2³⁰ are not, however they are distributed (Chebyshev).

    It holds where the norm keeps running statistics and is not shared, the ReLU alone reads it and stands in no block
    that is called several times, and all that reads it is a convolution without padding or a linear layer, perhaps
    behind a mean over windows.
    """
    done: list[Done] = []
    for node in work:
        layer = node.layer
        if not isinstance(layer, BatchNorm) or not layer.track or node.module is None or work.is_shared(node):
            continue
        shape = node.inputs[0].shape
        after = work.only_reader(node.outputs[0])
        if after is None or len(shape.dims) != 3 or not work.are_in_all_calls([after]):
            continue  # it pays for images with the channels last
        assert after.layer is not None
        found = takers(work, after.outputs[0]) if after.layer.bounds is not None else None
        if found is None:
            continue
        if not work.pays(node, f"with {after.operation} a clamp", pointwise=2 * shape.numel, calls=1):
            continue
        _fold(work, node, layer, after.layer.bounds, found)
        work.bypass(after)
        done.append(Done(place(node), f"with {after.operation} a clamp", values=2 * shape.numel, calls=1))
    return done


def _fold(
    work: Rewriting, node: Node, norm: BatchNorm, bounds: tuple[float, float] | None, readers: list[Node]
) -> None:
    assert node.module is not None
    names = []
    for reader in readers:
        assert reader.module is not None
        give_bias(work, reader)
        names.append(reader.module.origin)
    given = bounds if bounds is not None and bounds != (0.0, float("inf")) else ()
    work.fold("fold_clamp", node.module.origin, tuple(names), norm.eps, *given)
    work.set_layer(node, work.made(ChannelClamp))
