"""Linear maps of the same tensor become one, which is then split."""

from __future__ import annotations

from archdsl.graph.model import Node, Scope, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers.conv import Conv
from archdsl.layers.linear import Linear
from archdsl.layers.slicing import Split
from archdsl.passes.done import Done, place
from archdsl.passes.operations import fused_activation
from archdsl.passes.rewriting import Rewriting


def merge_siblings(work: Rewriting, plan: Plan) -> list[Done]:
    """Merge 1×1 convolutions, or linear layers, that read the same tensor.

    Law: the channels of Vx + b and Wx + c, one behind the other, are those of [V; W]x + [b; c]. An activation that
    follows each of them alone may follow the whole.

    It holds where they have no groups and are not shared. What is read once less is written in pieces that do not lie
    together, and most kernels copy these: on a CPU of one thread nothing is gained, so no target chooses it by itself.
    """
    done: list[Done] = []
    seen: set[Tensor] = set()
    for node in work:
        tensor = node.inputs[0] if node.inputs else None
        if tensor is None or tensor in seen:
            continue
        seen.add(tensor)
        for kind in (Conv, Linear):
            siblings = [one for one in work.readers(tensor) if _can_be_merged(work, one, kind)]
            siblings.sort(key=work.place_of)
            if len(siblings) < 2:
                continue
            calls, values = len(siblings) - 1, (len(siblings) - 1) * tensor.shape.numel
            what = f"merged with {', '.join(map(place, siblings[1:]))}"
            if work.pays(siblings[0], what, values=values, calls=calls):
                after = _activations(work, siblings)
                saved = len(siblings) - 1 if after else 0
                done.append(Done(place(siblings[0]), what, values=values, calls=calls + saved))
                _merge(work, siblings, after)
                work.settle()
    return done


def _can_be_merged(work: Rewriting, node: Node, kind: type[Conv] | type[Linear]) -> bool:
    layer = node.layer
    if type(layer) is not kind or node.module is None or work.is_shared(node):
        return False
    if work.is_output(node.outputs[0]) or work.is_measured(node.outputs[0]):
        return False
    return layer.is_pointwise((node.inputs[0].shape,)) and getattr(layer, "groups", 1) == 1


def _activations(work: Rewriting, siblings: list[Node]) -> list[Node]:
    """The activation behind each of them, if they are the same."""
    found: list[Node] = []
    for node in siblings:
        after = work.only_reader(node.outputs[0])
        if after is None or after.layer is None or not fused_activation(after.layer) or work.is_shared(after):
            return []
        found.append(after)
    return found if len({repr(node.layer) for node in found}) == 1 else []


def _merge(work: Rewriting, siblings: list[Node], after: list[Node]) -> None:
    first = siblings[0]
    layer, tensor = first.layer, first.inputs[0]
    assert layer is not None and first.module is not None
    sizes = tuple(node.outputs[0].shape.channels for node in siblings)
    origins = tuple(node.module.origin for node in siblings if node.module is not None)
    name = "channels" if isinstance(layer, Conv) else "features"
    bias = any(getattr(node.layer, "bias", True) for node in siblings)
    work.fold("merge_siblings", origins)
    item = _place(siblings)
    merged = work.insert(
        work.altered(layer, bias=bias, **{name: sum(sizes)}),
        [tensor],
        before=item,
        module=work.new_module(layer.name, item, origins[0]),
    )
    if after:
        activation = after[0].layer
        assert activation is not None
        module = work.new_module(activation.name, item, "") if activation.is_module else None
        merged = work.insert(activation, merged.outputs, before=item, module=module)
    parts = work.insert(work.made(_split, sizes), merged.outputs, before=item)
    for node in after:
        work.bypass(node)
    for node, part in zip(siblings, parts.outputs, strict=True):
        work.redirect(node.outputs[0], part)
        work.remove(node)


def _split(sizes: tuple[int, ...]) -> Split:
    return Split({"parts": list(sizes)})


def _place(nodes: list[Node]) -> Node | Scope:
    """The first of some layers, or the call that it is in, in the innermost call that has all of them."""
    around = [_chain(node) for node in nodes]
    shared = [scope for scope in around[0] if all(scope in chain for chain in around)]
    item: Node | Scope = nodes[0]
    for scope in around[0]:
        if scope is shared[0]:
            return item
        item = scope
    return item


def _chain(node: Node) -> list[Scope]:
    """The calls that a layer is part of, the innermost first."""
    found = []
    scope: Scope | None = node.scope
    while scope is not None:
        found.append(scope)
        scope = scope.parent
    return found
