"""What is computed twice is computed once."""

from __future__ import annotations

from archdsl.graph.model import Node, Scope
from archdsl.graph.plan import Plan
from archdsl.layers import Layer
from archdsl.passes.done import Done, gone, place
from archdsl.passes.rewriting import Rewriting


def common(work: Rewriting, plan: Plan) -> list[Done]:
    """Compute equal layers of the same tensors once.

    Law: a layer without weights is a function: equal arguments and equal tensors give equal values. The order of the
    members of a sum, a product, a maximum or a minimum of two is none.

    It holds for layers that the language declares (what an extern block does is not known), where the first of two
    equal ones stands in the same call or around it, in all calls of a block or in none.
    """
    done: list[Done] = []
    found: dict[tuple[object, ...], list[Node]] = {}
    for node in work:
        key = _key(node)
        if key is None:
            continue
        same = [first for first in found.get(key, ()) if _replaces(work, first, node)]
        if not same:
            found.setdefault(key, []).append(node)
            continue
        others = work.in_all_calls(node)
        firsts = work.in_all_calls(same[0]) if same[0].scope is node.scope else [same[0]] * len(others)
        for first, other in zip(firsts, others, strict=True):
            done.append(gone(other, f"computed once, with {place(first) or first.operation}"))
            for mine, its in zip(other.outputs, first.outputs, strict=True):
                work.redirect(mine, its)
            work.remove(other)
    return done


def _key(node: Node) -> tuple[object, ...] | None:
    layer = node.layer
    if layer is None or node.measures or not (layer.makes_new or layer.is_view):
        return None
    xs = tuple(t.shape for t in node.inputs)
    if layer.weights(xs) or layer.buffers(xs) or layer.unnamed:
        return None
    tensors = tuple(map(id, node.inputs))
    if layer.commutes and len(tensors) == 2:
        tensors = tuple(sorted(tensors))
    return type(layer), *_values(layer), tensors


def _values(layer: Layer) -> tuple[object, ...]:
    """What two equal layers have alike, beside their class."""
    own = layer.__dict__.items()
    return tuple((name, repr(value)) for name, value in sorted(own) if name != "given")


def _replaces(work: Rewriting, first: Node, node: Node) -> bool:
    """Whether what one layer gives is what the other one would, wherever that is called."""
    others = work.in_all_calls(node)
    if first.scope is not node.scope:
        scope: Scope | None = node.scope.parent
        while scope is not None and scope is not first.scope:
            scope = scope.parent
        return scope is not None and len(others) == 1 and not work.is_shared(node)
    firsts = work.in_all_calls(first)
    return len(firsts) == len(others) and all(
        _key(one) == _key(other) for one, other in zip(firsts, others, strict=True)
    )
