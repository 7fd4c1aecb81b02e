"""Batch norms of concatenations are split over the members."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.layers.join import Concat
from archdsl.layers.norm import BatchNorm
from archdsl.passes.done import Done, place
from archdsl.passes.rewriting import Rewriting
from archdsl.passes.taking import giver


def split_norm(work: Rewriting, plan: Plan) -> list[Done]:
    """Split a batch norm of a concatenation, and the ReLU behind it, into one for each member.

    Law: in evaluation they work on each channel by itself, so on the channels of each member by themselves.

    It holds where members are joined along the channels, the norm keeps running statistics, and it alone reads what
    they are joined to. It pays where each member comes from a linear map alone, into which `fold-norm` then folds its
    part, and is done there; it is not done in blocks that are called several times.
    """
    done: list[Done] = []
    for node in work:
        layer = node.layer
        if not isinstance(layer, BatchNorm) or not layer.track or node.module is None or work.is_shared(node):
            continue
        concat = node.inputs[0].node
        if not _can_be_split(work, concat, node):
            continue
        parts = tuple(member.shape.channels for member in concat.inputs)
        origin = node.module.origin
        work.fold("split_norm", origin, parts)
        after = _activation(work, node)
        members = []
        for number, member in enumerate(concat.inputs):
            module = work.new_module("bn", node, f"{origin}.{number}")
            part = work.insert(layer, [member], before=concat, module=module)
            if after is not None:
                assert after.layer is not None
                own = work.new_module(after.operation, after, "") if after.module is not None else None
                part = work.insert(after.layer, part.outputs, before=concat, module=own)
            members.append(part.outputs[0])
        work.set_inputs(concat, members)
        if after is not None:
            work.bypass(after)
        work.bypass(node)
        calls = (1 - len(parts)) * (1 if after is None else 2)
        done.append(Done(place(node), f"one for each of {len(parts)} members", calls=calls))
    return done


def _activation(work: Rewriting, norm: Node) -> Node | None:
    """The ReLU behind a norm, if it can go with it."""
    after = work.only_reader(norm.outputs[0])
    if after is None or after.layer is None or after.layer.bounds is None:
        return None
    return after if work.are_in_all_calls([after]) else None


def _can_be_split(work: Rewriting, concat: Node, norm: Node) -> bool:
    if not isinstance(concat.layer, Concat) or work.only_reader(concat.outputs[0]) is not norm:
        return False
    y = concat.outputs[0].shape
    if sum(member.shape.channels for member in concat.inputs) != y.channels or len(concat.inputs) < 2:
        return False  # along another axis
    for member in concat.inputs:
        node = giver(work, member, concat)
        if node is None or work.is_shared(node):
            return False
    return True
