"""Images lie in memory as convolutions like them."""

from __future__ import annotations

from archdsl.graph.plan import Plan
from archdsl.passes.done import Done
from archdsl.passes.operations import ChannelsLast
from archdsl.passes.rewriting import Rewriting


def channels_last(work: Rewriting, plan: Plan) -> list[Done]:
    """Lay images that convolutions read out with the channels last, once, where they enter.

    Law: the values are the same, only their order in memory is another. Layers of PyTorch keep the order.
    """
    graph = work.graph
    if not any(
        node.layer is not None and node.layer.weight_axis == 0 and _is_image(node.inputs[0].shape)
        for node in graph.nodes
        if node.layer is not None
    ):
        return []
    done: list[Done] = []
    layer = ChannelsLast()
    for name, tensor in graph.inputs.items():
        if _is_image(tensor.shape) and work.readers(tensor):
            node = work.insert(layer, [tensor], behind=tensor.node)
            readers = [reader for reader in work.readers(tensor) if reader is not node]
            for reader in readers:
                work.set_inputs(reader, [node.outputs[0] if t is tensor else t for t in reader.inputs])
            done.append(
                Done(name, "laid out with the channels last", values=-2 * tensor.shape.numel, calls=-1)
            )
    return done


def _is_image(shape: object) -> bool:
    return len(shape.dims) == 3 and not shape.tokens  # type: ignore[attr-defined]
