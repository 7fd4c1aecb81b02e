"""Concatenations of concatenations become one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from archdsl.graph.model import Node, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers.axes import feature_axis
from archdsl.layers.join import Concat
from archdsl.passes.done import Done, place
from archdsl.passes.reading import All
from archdsl.passes.rewriting import Rewriting


def flatten_concat(work: Rewriting, plan: Plan) -> list[Done]:
    """Put the members of a concatenation that is a member of another one into that one.

    Law: concatenation along one axis is associative.

    It holds where both stand in the same call and nothing else reads the inner one, in all calls of a block.
    """
    done: list[Done] = []
    all_of = All()
    outers: dict[Node, None] = {}
    parts: dict[Node, None] = {}
    for node in work:
        copies = work.in_all_calls(node)
        if copies[0] is not node or not all_of(_is_concat, copies):
            continue
        for at in reversed(range(len(node.inputs))):
            if not all_of(partial(_is_part, work, at), copies):
                continue
            for outer in copies:
                inner = outer.inputs[at].node
                outers[outer] = None
                parts[inner] = None
                saved = 2 * inner.outputs[0].shape.numel
                done.append(Done(place(outer), "takes the members of another one", values=saved, calls=1))
    for outer in outers:  # each once, with all that is inside it: chains of them may be long
        if outer not in parts:
            work.set_inputs(outer, list(_members(outer, parts)))
    for part in parts:
        work.remove(part)
    return done


def _members(outer: Node, parts: Collection[Node]) -> Iterator[Tensor]:
    """What a concatenation joins, the members of its parts in their places."""
    waiting = list(reversed(outer.inputs))
    while waiting:
        tensor = waiting.pop()
        if tensor.node in parts:
            waiting += reversed(tensor.node.inputs)
        else:
            yield tensor


def _is_concat(node: Node) -> bool:
    return isinstance(node.layer, Concat)


def _is_part(work: Rewriting, at: int, outer: Node) -> bool:
    """Whether a member of a concatenation is another one, for it alone."""
    if at >= len(outer.inputs):
        return False
    inner = outer.inputs[at].node
    if work.only_reader(outer.inputs[at]) is not outer or inner.scope is not outer.scope:
        return False
    if inner.idle or work.is_measured(outer.inputs[at]):
        return False
    axes = {_axis(one) for one in (inner, outer)}
    return len(axes) == 1 and None not in axes


def _axis(node: Node) -> int | None:
    layer = node.layer
    return feature_axis(layer, layer.axis, node.outputs[0].shape) if isinstance(layer, Concat) else None
