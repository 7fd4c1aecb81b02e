"""The feature maps of a figure, and the arrows between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from archdsl.draw.figure.frames import MAKERS, is_minor
from archdsl.draw.figure.model import Flow, Map, Maps
from archdsl.draw.figure.resolution import cuts
from archdsl.draw.figure.squeeze import squeezed
from archdsl.draw.figure.units import Source, Unit, homes, maker
from archdsl.draw.fold import Entry, Frame, Leaf
from archdsl.draw.progression import merged
from archdsl.draw.trim import DrawError
from archdsl.graph.model import Output
from archdsl.layers import Shape
from archdsl.limits import Limits

#: Maps up to which blocks are opened that were closed.
_FEW = 4
#: Maps from which on those of one resolution are drawn as one.
_MANY = 80
#: Tensors of one unit that are drawn side by side.
_ABREAST = 3
#: Joins that give what one of their tensors would, were it alone.
_SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "div": "÷"}
_MOST_SLICES = 512
#: Parts that a repetition without a name is named by.
_NAMED = 3
#: The colour of vectors that layers with weights make.
LINEAR = "linear"


def maps_of(source: Source, limits: Limits) -> Maps:
    """The maps of a network. Raises DrawError if they are too many."""
    for loose in (0, 1, 2):
        found = _Finder(source.units(loose), source.outputs).find()
        if len(found.maps) > _FEW or source.options.depth is not None:
            break
    if len(found.maps) > _MANY:
        found = squeezed(found)
    most = limits.drawing_boxes
    if len(found.maps) > most:
        raise DrawError(
            f"the figure would have {len(found.maps):,} maps, more than {most:,}: put what belongs together into "
            "blocks, and what repeats into loops",
            limits.mend("drawing_boxes"),
        )
    return found


class _Finder:
    def __init__(self, units: list[Unit], outputs: list[Output]) -> None:
        self.outputs = outputs
        self.units = units
        self.home = homes(units)
        self.readers: dict[Unit, list[Unit | Output]] = {unit: [] for unit in units}
        for unit in units:
            for source in self._sources(unit):
                self.readers[source].append(unit)
        for output in outputs:
            for tensor in output.tensors:
                self.readers[maker(self.home, tensor)].append(output)
        self.growing = {_name(u) for u in units if isinstance(u.item, Frame) and u.item.growth} - {""}
        self.made: dict[Unit, Map] = {}
        self.maps: dict[Map, None] = {}
        self.flows: dict[tuple[Map, Map], Flow] = {}
        self.entering: dict[Map, list[Map]] = {}  # the tails of the arrows to a map

    def find(self) -> Maps:
        for unit in self.units:
            self._take(unit)
        for output in self.outputs:
            for tensor in output.tensors:
                names = self.made[maker(self.home, tensor)].outputs
                if output.name not in names:
                    names.append(output.name)
        return Maps(list(self.maps), list(self.flows.values()))

    def _sources(self, unit: Unit) -> list[Unit]:
        return list(dict.fromkeys(maker(self.home, tensor) for tensor in unit.reads))

    def _take(self, unit: Unit) -> None:
        """Make a map of a unit, or let another one's map stand for it."""
        sources = self._sources(unit)
        before = list(dict.fromkeys(self.made[source] for source in sources))
        leaf = unit.item if isinstance(unit.item, Leaf) else None
        shape = unit.tensor.shape
        if not unit.makes and leaf is None and len(before) == 1 and before[0].units[0].reads:
            if shape == before[0].shape or cuts(before[0].shape, shape):
                self._stand_for(unit, before[0], shape)
                return
        if leaf is not None and leaf.node.layer is not None and before:
            if (
                len(before) == 1
                and leaf.node.layer.is_join
                and self._ends(before[0], unit)
                and before[0].count == 1
            ):
                before[0].shape, before[0].abreast, before[0].parts = (
                    shape,
                    (),
                    [],
                )  # what a block gives in parts
                self._stand_for(unit, before[0], shape)
                return
            if len(before) == 1 and self._passes(unit, before[0], shape):
                self._stand_for(unit, before[0], shape)
                return
            sign = _SYMBOLS.get(leaf.node.operation)
            main = self._main(before, shape)
            if sign and len(before) > 1 and main.shape == shape and self._ends(main, unit):
                self._stand_for(unit, main, shape)
                for other in before:
                    self._flow(other, main, sign)
                return
            if leaf.node.operation == "concat" and len(before) > 1:
                self._concat(unit, before, shape)
                return
        self._new(unit, before, shape)

    def _passes(self, unit: Unit, before: Map, shape: Shape) -> bool:
        """Is what a layer makes not worth a box of its own?"""
        assert isinstance(unit.item, Leaf) and unit.item.node.layer is not None
        if not before.units[0].reads and unit.item.node.layer.group == "shape":
            return shape == before.shape
        group = unit.item.node.layer.group
        if group == "shape":
            return shape.numel == before.shape.numel or cuts(before.shape, shape)
        return is_minor(unit.item) or (shape == before.shape and (group == "pooling" or group not in MAKERS))

    def _ends(self, before: Map, unit: Unit) -> bool:
        """Is a map read by this unit alone?"""
        return self.readers[before.units[-1]] == [unit] and bool(before.units[-1].reads)

    def _stand_for(self, unit: Unit, before: Map, shape: Shape) -> None:
        self.made[unit] = before
        self.readers[before.units[-1]] = self.readers[unit]

    def _main(self, before: list[Map], shape: Shape) -> Map:
        """The map that a new one continues: of the same resolution if there is one, the last in the text."""
        alike = [m for m in before if m.shape.spatial == shape.spatial]
        return max(alike or before, key=lambda m: m.tensor.node.id)

    def _concat(self, unit: Unit, before: list[Map], shape: Shape) -> None:
        """A box of the parts that are joined. What was made for this alone is drawn as a part and not before."""
        main = self._main(before, shape)
        alone = main.plain and main.count == 1 and self._ends(main, unit) and main.main is not None
        new = self._new(unit, before, shape)
        new.group, new.name = main.group, ""
        total = 0
        for tensor in unit.reads:
            part = self.made[maker(self.home, tensor)]
            total += tensor.shape.channels
            new.parts.append((total, part.group if part is main else "joins"))
        if not unit.reads or total != shape.channels or len(new.parts) > _MOST_SLICES:
            new.parts = []
        if alone:
            self._drop(main, new)

    def _drop(self, old: Map, new: Map) -> None:
        """Let a new map take the place of an old one."""
        del self.maps[old]
        new.main = old.main
        del self.flows[old, new]
        for tail in self.entering.pop(old, []):
            flow = self.flows.pop((tail, old))
            self._flow(tail, new, flow.symbol, flow.main)
        for unit in old.units:
            self.made[unit] = new
        new.units = [*old.units, *new.units]

    def _new(self, unit: Unit, before: list[Map], shape: Shape) -> Map:
        main = self._main(before, shape) if before else None
        new = _map_of(unit, shape)
        new.main = main
        if main is not None and self._grows(main, new):
            _grow(main, new)
            self.made[unit] = main
            new = main
        elif main is not None and self._continues(main, new):
            main.units.append(unit)
            main.count += new.count
            self.made[unit] = main
            new = main
        else:
            self.maps[new] = None
            self.made[unit] = new
        for other in before:
            self._flow(other, new, "", other is main)
        return new

    def _continues(self, main: Map, new: Map) -> bool:
        """Is a map one more of the kind of the one before it?"""
        return (
            main is next(reversed(self.maps))
            and (main.shape, main.abreast) == (new.shape, new.abreast)
            and (main.name, main.group, main.plain) == (new.name, new.group, new.plain)
            and main.training == new.training
            and not (main.dense or new.dense or main.growth or new.growth)
            and (bool(new.abreast) or not (main.parts or new.parts))
            and len(self.readers[main.units[-1]]) == 1
            and bool(main.units[0].reads)
        )

    def _grows(self, main: Map, new: Map) -> bool:
        """Is a map one more of a kind that grows from block to block, as in a pyramid?"""
        return (
            main is next(reversed(self.maps))
            and new.name in self.growing
            and not (main.dense or new.dense or main.abreast or new.abreast)
            and (main.name, main.group, main.training) == (new.name, new.group, new.training)
            and main.shape.spatial == new.shape.spatial
            and 0 < main.shape.channels <= new.shape.channels
            and len(self.readers[main.units[-1]]) == 1
            and bool(main.units[0].reads)
        )

    def _flow(self, tail: Map, head: Map, symbol: str = "", main: bool = False) -> None:
        if tail is not head and (tail, head) not in self.flows:
            self.flows[tail, head] = Flow(tail, head, symbol, main)
            self.entering.setdefault(head, []).append(tail)


def _map_of(unit: Unit, shape: Shape) -> Map:
    """The map of one unit."""
    item = unit.item
    if isinstance(item, Entry):
        return Map([unit], shape, "", item.name, plain=True, training=unit.training)
    plain = _plain(unit)
    if isinstance(item, Leaf):
        layer = item.node.layer
        group = layer.group if layer is not None else ""
        name = item.node.input if layer is None else (_said(item.node.label) or _said(unit.label))
        return Map([unit], shape, _coloured(group, shape), name, plain=True, training=unit.training)
    made = Map(
        [unit], shape, _coloured(_group(unit.leaves), shape), _name(unit), item.count, training=unit.training
    )
    made.growth, made.plain = item.growth, plain is not None
    channels = _channels(unit, item)
    if item.count > 1 and len(channels) > 1 and all(a < b for a, b in itertools.pairwise(channels)):
        made.dense = any(leaf.node.operation == "concat" for leaf in unit.leaves)
        if len(channels) <= _MOST_SLICES:
            made.parts = [(c, made.group) for c in channels]
    if plain is not None:
        made.name = ""
    given = [
        tensor for tensor in unit.gives if tensor.shape.spatial == shape.spatial and not tensor.shape.tokens
    ]
    if 1 < len(given) <= _ABREAST and shape.spatial:
        made.abreast = tuple(tensor.shape.channels for tensor in given)
        made.shape = shape.with_channels(sum(made.abreast))
        made.parts = [(sum(made.abreast[: at + 1]), made.group) for at in range(len(given))]
    return made


def _grow(main: Map, new: Map) -> None:
    """Let a map go on as another one, which has more channels."""
    first = main.parts[0][0] if main.parts else main.shape.channels
    group = main.group
    main.parts = (main.parts or [(first, group)]) + [p for p in new.parts if p[0] > main.shape.channels]
    if main.parts[-1][0] < new.shape.channels:
        main.parts.append((new.shape.channels, group))
    main.shape = new.shape
    main.units.extend(new.units)
    main.count += new.count
    main.growth = f"{first} → {new.shape.channels}" if first < new.shape.channels else ""


def _plain(unit: Unit) -> Leaf | None:
    """The only layer of a unit that makes maps, if its other layers only pass them on."""
    major = unit.makes
    joins = any(leaf.node.layer is not None and leaf.node.layer.is_join for leaf in unit.leaves)
    return major[0] if len(major) == 1 and not joins else None


def _channels(unit: Unit, frame: Frame) -> list[int]:
    """The channels that leave each copy of a repetition, with those that enter the first one."""
    node = unit.tensor.node
    for leaf in unit.leaves:
        if node in leaf.nodes and len(leaf.nodes) == frame.count:
            left = [n.outputs[unit.tensor.index].shape.channels for n in leaf.nodes]
            entering = [t.shape for t in unit.reads if t.shape.spatial == unit.tensor.shape.spatial]
            first = [entering[0].channels] if entering and entering[0].channels < left[0] else []
            return [*first, *left]
    return []


def _group(leaves: Iterable[Leaf]) -> str:
    """The group of layers that a block is coloured by: attention where it has some, else what costs most."""
    weight: dict[str, int] = {}
    for leaf in leaves:
        if leaf.node.layer is not None:
            group = leaf.node.layer.group
            weight[group] = weight.get(group, 0) + leaf.node.macs
    if "attention" in weight:
        return "attention"
    joined = weight.pop("joins", None)
    return max(weight, key=lambda group: weight[group]) if weight else "" if joined is None else "joins"


def _coloured(group: str, shape: Shape) -> str:
    return LINEAR if group == "convolution" and not shape.spatial else group


def _said(label: str | None) -> str:
    """A label, where it is a word and no mere number."""
    return label if label and not label.isdigit() else ""


def _name(unit: Unit) -> str:
    """What the text calls a block: its name, or the label of a group."""
    item = unit.item
    assert isinstance(item, Frame)
    if item.block or item.label:
        return item.block or _said(item.label)
    names: list[str] = []
    for inner in item.items:
        if isinstance(inner, Frame):
            names.append(inner.block or _said(inner.label))
        elif isinstance(inner, Leaf) and not is_minor(inner):
            names.append(inner.node.operation)
    told = [name for name in dict.fromkeys(names) if name and name not in _SYMBOLS and name != "concat"]
    return " + ".join(told[:_NAMED]) if told else merged([leaf.node.operation for leaf in unit.leaves][:1])
