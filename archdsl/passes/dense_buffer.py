"""A block of dense connections writes its maps into one buffer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from archdsl.graph.model import Node, Scope, Tensor
from archdsl.graph.plan import Plan
from archdsl.layers import Layer, Shape
from archdsl.layers.axes import feature_axis
from archdsl.layers.base import UnaryLayer
from archdsl.layers.form import Call, FunctionForm, Input, Lit
from archdsl.layers.join import Concat
from archdsl.passes.done import Done, place
from archdsl.passes.operations import Operation
from archdsl.passes.rewriting import Rewriting


class WithRoom(Operation, UnaryLayer):
    """The same maps, with room for so many channels behind them."""

    name = "with_room"
    is_module = False

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Call("with_room", (Input(), Lit(self.channels, "room"))))


class Appended(Operation):
    """Maps behind those that have room for them."""

    name = "appended"
    is_module = False

    def __init__(self, concat: Layer) -> None:
        super().__init__()
        self.concat = concat

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return self.concat.outputs(xs)

    def moved(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        return 2 * sum(x.numel for x in xs[1:])

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> FunctionForm:
        return FunctionForm(Call("appended", tuple(map(Input, range(len(xs))))))


@dataclass(eq=False, slots=True)
class _Chain:
    """Concatenations each of which begins with all that the one before it gives."""

    start: Tensor
    links: list[tuple[Node, tuple[Tensor, ...]]] = field(default_factory=list)  # and what each one adds
    members: list[Tensor] = field(default_factory=list)  # where the members are listed each time

    @property
    def last(self) -> Tensor:
        return self.links[-1][0].outputs[0] if self.links else self.start


def dense_buffer(work: Rewriting, plan: Plan) -> list[Done]:
    """Write the maps that a dense block puts behind each other into one buffer, each once (Pleiss et al., 2017).

    Law: none is needed, the same values lie in memory; what was there is not copied again for each concatenation.
    What a concatenation gives is a view of the buffer up to its last channel, so that it stays as it is when more
    is written behind it.

    It holds for images, where each concatenation is gone on with once, and two follow each other at least.
    """
    done: list[Done] = []
    chains = _chains(work)
    links = {node for chain in chains for node, _ in chain.links}
    for chain in chains:
        added = sum(y.shape.channels for _, more in chain.links for y in more)
        saved = 2 * sum(node.outputs[0].shape.numel for node, _ in chain.links[:-1])
        first = chain.links[0][0]
        what = f"{len(chain.links)} concatenations write into one buffer"
        if not work.pays(first, what, values=saved, calls=-1):
            continue
        item = _begin(work, chain)
        room = work.enter(work.made(WithRoom, added), chain.start, item, but=links)
        before = room.outputs[0]
        for node, more in chain.links:
            work.set_inputs(node, (before, *more))
            work.set_layer(node, work.made(Appended, node.layer))
            before = node.outputs[0]
        done.append(Done(place(room), what, values=saved, calls=-1))
    return done


def _chains(work: Rewriting) -> list[_Chain]:
    """Those of two links and more."""
    found: list[_Chain] = []
    ends: dict[Tensor, _Chain] = {}  # by what leaves the last link
    lists: dict[Tensor, list[_Chain]] = {}  # by the first member
    for node in work:
        if not _is_link(work, node):
            continue
        xs = node.inputs
        chain = ends.pop(xs[0], None)
        if chain is not None:
            more = xs[1:]
        else:
            for chain in lists.get(xs[0], ()):
                if xs[: len(chain.members)] == tuple(chain.members) and chain.links[-1][0].scope in _around(
                    node.scope
                ):
                    more = xs[len(chain.members) :]
                    ends.pop(chain.last, None)
                    break
            else:
                chain, more = _Chain(xs[0]), xs[1:]
                found.append(chain)
                lists.setdefault(xs[0], []).append(chain)
                chain.members = [xs[0]]
        if not more:
            continue
        chain.links.append((node, more))
        chain.members += more
        ends[chain.last] = chain
    return [chain for chain in found if len(chain.links) > 1]


def _is_link(work: Rewriting, node: Node) -> bool:
    layer, xs = node.layer, node.inputs
    if not isinstance(layer, Concat) or len(xs) < 2 or node.idle or work.is_shared(node):
        return False
    shape = node.outputs[0].shape
    return len(shape.dims) == 3 and not shape.tokens and feature_axis(layer, layer.axis, shape) == 0


def _around(scope: Scope | None) -> Iterator[Scope]:
    """A scope and all around it."""
    while scope is not None:
        yield scope
        scope = scope.parent


def _begin(work: Rewriting, chain: _Chain) -> Node | Scope:
    """What the room is made in front of: the first that reads the maps it begins with, in the innermost call that has
    all links in it or makes those maps."""
    first = chain.links[0][0]
    fitting = set(_around(chain.start.node.scope))
    fitting.update(set.intersection(*(set(_around(node.scope)) for node, _ in chain.links)))
    home = next(scope for scope in _around(first.scope) if scope in fitting)
    inside = [node for node in work.readers(chain.start) if home in _around(node.scope)]
    node = min([*inside, first], key=work.place_of)
    item: Node | Scope = node
    above: Scope | None = node.scope
    while above is not None and above is not home:
        item, above = above, above.parent
    return item
