"""Makes the graph: nodes where layers are applied, modules and scopes where blocks are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archdsl.elaborate.complaints import complaint, misused
from archdsl.elaborate.faults import Fault, Silence
from archdsl.elaborate.origin import Origins
from archdsl.elaborate.reuse import Reuse, Use, check_reuse
from archdsl.elaborate.session import Session
from archdsl.elaborate.smallest import Starved
from archdsl.graph.model import Definition, Module, ModuleKind, Node, Scope, Tensor
from archdsl.layers import ArgumentError, Aspect, Extern, Layer, LayerError, Shape
from archdsl.layers.applied import MOST_VALUES, Applied, apply
from archdsl.source import Span

Bundle = list[Tensor]
#: the branches of a fork that gave the members of a bundle; None of those that come from elsewhere
Branches = Callable[[Bundle], list[Span | None]]


#: Steps that it takes to make a node, and to work out the shape and weights of a layer that is new.
_APPLIED, _WORKED_OUT = 8, 40


@dataclass(slots=True, eq=False)
class Place:
    """Where modules are put and nodes live. In `replay`, a shared layer is used again: its modules are there; in
    `shared`, it is used first."""

    module: Module
    scope: Scope
    replay: bool = False
    cursor: int = 0
    shared: bool = False
    bare: bool = False  # in replay: a level that held no module at first, and was no level then


class Builder:
    """Holds the graph under construction and the place in it."""

    def __init__(self, session: Session, name: str, span: Span, definition: Definition) -> None:
        self.session = session
        self.root = Module(ModuleKind.NETWORK, name, None, None, span, definition)
        scope = Scope(self.root, None, span)
        self.root.scopes.append(scope)
        self.place = Place(self.root, scope)
        self.nodes: list[Node] = []
        self._layers: dict[Any, Layer] = {}
        self._rules: dict[Any, Applied] = {}
        self._first: dict[Module, Use] = {}
        #: the tensors whose layers made sizes that were too small
        self._exhausted: set[Tensor] = set()
        #: the last layer that what arrived was too small for
        self.starved: Starved | None = None
        #: what was begun in each level of a shared layer, in order; None for what was no level in the end
        self._begun: dict[Module, list[Module | None]] = {}

    # --- layers ------------------------------------------------------------------------------------------------------

    def layer(self, target: type[Layer], values: Mapping[str, Any]) -> Layer:
        """The layer with these arguments; equal ones are one object. Raises ArgumentError."""
        try:
            key = (target, tuple((name, _frozen(value)) for name, value in values.items()))
            found = self._layers.get(key)
        except TypeError:  # not hashable: the layer itself says what is wrong with the value
            return target(values)
        if found is None:
            found = self._layers[key] = target(values)
        return found

    def extern(self, layer: Extern) -> Extern:
        """The layer, or one before it that states the same."""
        key = (layer.place, layer.stated)
        found: Layer = self._layers.setdefault(key, layer)
        assert isinstance(found, Extern)
        return found

    def rule(self, layer: Layer, shapes: tuple[Shape, ...], span: Span) -> Applied:
        """What the layer does to these shapes, worked out once. Raises LayerError."""
        key = (id(layer), shapes)
        found = self._rules.get(key)
        if found is None:
            self.session.step(span, _WORKED_OUT + len(shapes))
            found = self._rules[key] = apply(layer, shapes)
        return found

    def apply(
        self,
        layer: Layer,
        inputs: Bundle,
        span: Span,
        label: str | None,
        arguments: Mapping[str, Span],
        branches: Branches,
    ) -> Bundle:
        """Apply a layer. Raises Fault at the element, or at the argument to blame."""
        shapes = tuple(tensor.shape for tensor in inputs)
        try:
            rule = self.rule(layer, shapes, span)
        except LayerError as error:
            fault = complaint(error, layer, inputs, span, arguments, branches(inputs), self.origins(span))
            if error.code == "E503":
                self._exhaust(inputs, self.origins(span))
                self.starved = Starved(error.code, tuple(inputs))
            raise fault from None
        except ArgumentError as error:
            raise misused(error, layer.name, layer.given, span, arguments) from None
        module = self._leaf(Use(layer, shapes, rule), span, label) if layer.is_module else None
        return self._node(layer, tuple(inputs), rule.outputs, span, module, label, rule.macs)

    def _exhaust(self, inputs: Bundle, origins: Origins) -> None:
        """Say once that sizes ran out: what comes of sizes that were too small meets the same. Raises Silence."""
        steps = [step for tensor in inputs for step in origins.history(tensor, Aspect.SIZES)]
        if not self._exhausted.isdisjoint(steps):
            raise Silence
        last = (origins.maker(tensor, Aspect.SIZES) for tensor in inputs)
        self._exhausted |= {tensor for tensor in last if tensor.node.layer is not None}

    def origins(self, span: Span) -> Origins:
        """Who made what arrives at a place, as seen from there."""
        return Origins(self.place.scope, span, self.session)

    def input(self, name: str, shape: Shape, span: Span) -> Tensor:
        """An input of the network. Raises Fault (E602)."""
        if shape.numel > MOST_VALUES:
            raise Fault("E602", f"`{name}` has {shape.numel:,} values, more than PyTorch can count", span)
        (tensor,) = self._node(None, (), (shape,), span, None, None, 0)
        tensor.node.input = name
        tensor.names.append(name)
        return tensor

    def _node(
        self,
        layer: Layer | None,
        inputs: tuple[Tensor, ...],
        shapes: tuple[Shape, ...],
        span: Span,
        module: Module | None,
        label: str | None,
        macs: int,
    ) -> Bundle:
        limit = self.session.limits.nodes
        if len(self.nodes) >= limit:
            message = f"the network has more than {limit:,} nodes (layers and inputs)"
            raise self.session.stop("E902", message, span, "nodes")
        self.session.step(span, _APPLIED + 2 * len(inputs))
        scope = self.place.scope
        node = Node(len(self.nodes), layer, inputs, scope, span, module, label, "", macs)
        node.outputs = tuple(Tensor(node, i, shape, span) for i, shape in enumerate(shapes))
        self.nodes.append(node)
        scope.items.append(node)
        return list(node.outputs)

    # --- modules -----------------------------------------------------------------------------------------------------

    def _leaf(self, use: Use, span: Span, label: str | None) -> Module:
        place = self.place
        layer, rule = use.layer, use.rule
        if place.replay:
            module = self._same(ModuleKind.LAYER, layer.name)
            check_reuse(self._first[module], use)
            return module
        module = Module(
            ModuleKind.LAYER,
            layer.name,
            label,
            place.module,
            span,
            layer=layer,
            weights=rule.weights,
            buffers=rule.buffers,
        )
        self._add(module)
        if place.shared:
            self._first[module] = use
        return module

    def _add(self, module: Module) -> None:
        """Put a module into the level."""
        place = self.place
        place.module.children.append(module)
        if place.shared:
            self._begun.setdefault(place.module, []).append(module)

    def _next_is_bare(self) -> bool:
        """In replay: whether the first use began a level here that was none in the end."""
        place = self.place
        begun = self._begun.get(place.module, [])
        bare = place.cursor < len(begun) and begun[place.cursor] is None
        place.cursor += bare
        return bare

    def _next(self, stem: str) -> Module:
        """In replay: the module that the first use began here."""
        while self._next_is_bare():
            pass
        place = self.place
        begun = self._begun.get(place.module, [])
        module = begun[place.cursor] if place.cursor < len(begun) else None
        if module is None:
            raise Reuse(f"`{stem}` is there here only")
        place.cursor += 1
        return module

    def _same(self, kind: ModuleKind, stem: str) -> Module:
        """The same, of a kind and a name."""
        module = self._next(stem)
        # a repetition was named for what is in it, which is compared by itself
        if module.kind is not kind or (module.stem != stem and kind is not ModuleKind.REPEAT):
            raise Reuse(f"it has `{module.stem}` at first where it has `{stem}` here")
        return module

    def open(
        self,
        kind: ModuleKind,
        stem: str,
        label: str | None,
        span: Span,
        definition: Definition | None = None,
        arguments: dict[str, Any] | None = None,
    ) -> Place:
        """Begin a level; gives the place to return to."""
        before = self.place
        module = Module(kind, stem, label, before.module, span, definition, arguments or {})
        bare = False
        if not before.replay:
            self._add(module)
        elif before.bare or self._next_is_bare():
            bare = True
        else:
            module = self._same(kind, stem)
            if module.definition is not definition:
                raise Reuse(f"`{stem}` is another block at first than here")
        scope = Scope(module, before.scope, span)
        module.scopes.append(scope)
        before.scope.items.append(scope)
        self.place = Place(module, scope, before.replay, shared=before.shared, bare=bare)
        return before

    def close(self, before: Place) -> None:
        """End a level. One in which nothing was built takes no name and no number."""
        place = self.place
        self.place = before
        if place.replay:
            left = [
                module for module in self._begun.get(place.module, [])[place.cursor :] if module is not None
            ]
            if left:
                raise Reuse(f"`{left[0].stem}` is there at first only")
            if place.bare:
                self._dissolve(place, before)
        elif not place.scope.items and not place.module.children:
            before.scope.items.pop()
            self._drop(place, before)

    def close_repetition(self, before: Place, count: int) -> None:
        """End an unlabelled repetition: it is named for what it repeats, and no level if that is no module."""
        place = self.place
        children = place.module.children
        if not place.replay:
            if children:
                stems = list(
                    dict.fromkeys(child.stem for child in children[: max(1, len(children) // count)])
                )
                place.module.stem = "_".join(stems) if len(stems) <= 3 else f"{stems[0]}_to_{stems[-1]}"
            elif place.scope.items:
                self.place = before
                self._dissolve(place, before)
                self._drop(place, before)
                return
        self.close(before)

    def _drop(self, place: Place, before: Place) -> None:
        """A level that holds no module is none."""
        before.module.children.pop()
        if before.shared:
            self._begun[before.module][-1] = None

    def declare_shared(self, name: str, span: Span) -> tuple[Module, Module | None]:
        """The place of a shared layer among its level's modules, filled at its first use, and what fills it."""
        place = self.place
        if place.replay:
            if self._next_is_bare():
                return Module(ModuleKind.GROUP, name, name, place.module, span, shared=True), None
            module = self._next(name)
            return module, module
        module = Module(ModuleKind.GROUP, name, name, place.module, span, shared=True)
        self._add(module)
        return module, None

    def first_use(self, placeholder: Module) -> Module:
        """Begin to build a shared layer where it was declared; its nodes live where it is used."""
        before = self.place
        parent = placeholder.parent
        assert parent is not None
        holder = Module(parent.kind, parent.stem, None, parent.parent, placeholder.span)
        self.place = Place(holder, before.scope, shared=True)
        return holder

    def adopt(self, placeholder: Module, holder: Module) -> Module | None:
        """The shared layer is built: it takes its declared place. None if it built no module."""
        parent = placeholder.parent
        assert parent is not None
        begun = self._begun.get(parent, [])
        if not holder.children:
            if placeholder in begun:
                begun[begun.index(placeholder)] = None
            return None
        if placeholder not in parent.children:
            raise Reuse(f"`{placeholder.stem}` is there here only")
        (module,) = holder.children
        module.parent = parent
        module.shared = True
        for modules in (parent.children, begun):
            if placeholder in modules:
                modules[modules.index(placeholder)] = module
        return module

    def reuse(self, module: Module) -> Place:
        """Begin to use a shared layer again."""
        before = self.place
        holder = Module(ModuleKind.GROUP, "", None, None, module.span, children=[module])
        self._begun[holder] = [module]
        place = self.place = Place(holder, before.scope, replay=True)
        return place

    def _dissolve(self, place: Place, before: Place) -> None:
        """Undo a level without modules: its nodes belong to the level around."""
        at = before.scope.items.index(place.scope)
        for item in place.scope.items:
            if isinstance(item, Node):
                item.scope = before.scope
            else:
                item.parent = before.scope
        before.scope.items[at : at + 1] = place.scope.items


def _frozen(value: Any, depth: int = 0) -> Any:
    """A key for a value. Raises TypeError for lists deeper than any argument: they may share members without end."""
    if type(value) is not list:
        return type(value), value
    if depth == 3:
        raise TypeError
    return tuple([_frozen(item, depth + 1) for item in value])
