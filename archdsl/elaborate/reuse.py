"""Whether a shared layer can be one module in two uses, and what is said where it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.layers import ArgumentError, Layer, LayerError, Shape
from archdsl.layers.applied import Applied, apply
from archdsl.layers.form import Call, Expr, Lit, ModuleForm


@dataclass(frozen=True, slots=True)
class Use:
    """A layer where it is applied: the shapes that arrive, and what follows from them."""

    layer: Layer
    shapes: tuple[Shape, ...]
    rule: Applied

    @property
    def held(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights and buffers by name; the one parameter of a layer is its `weight`."""
        return {name or "weight": shape for name, shape in (self.rule.weights | self.rule.buffers).items()}

    @property
    def call(self) -> Call | None:
        """What makes its module; None if that is no class of a module."""
        form = self.layer.form(self.shapes, self.rule.outputs)
        return form.call if isinstance(form, ModuleForm) else None


class Reuse(Exception):
    """A shared layer would be another module than at its first use. `note` says why; `first` and `here` are the two
    uses of the layer to blame, if it is a single one."""

    def __init__(self, note: str, first: Use | None = None, here: Use | None = None) -> None:
        super().__init__(note)
        self.note = note
        self.first = first
        self.here = here

    def ends_with_channels(self, first: Sequence[Shape], here: Sequence[Shape]) -> bool:
        """Whether it would be the same module if what arrives at the shared layer had the channels of its first use."""
        brought = _brought(here, first)
        if brought is None or brought == tuple(here):
            return False
        if brought == tuple(first):
            return True  # no other difference is left
        if self.first is None or self.here is None or _kinds(self.here.shapes) != _kinds(here):
            return False
        shapes = _brought(self.here.shapes, self.first.shapes)
        try:
            if shapes is None or shapes == self.here.shapes:
                return False
            return not _difference(self.first, Use(self.here.layer, shapes, apply(self.here.layer, shapes)))
        except (LayerError, ArgumentError):
            return False


def check_reuse(first: Use, here: Use) -> None:
    """Raises Reuse unless one module does for both."""
    if first.layer is here.layer and first.shapes == here.shapes:
        return
    note = _difference(first, here)
    if note:
        raise Reuse(note, first, here)


def _difference(first: Use, here: Use) -> str:
    """What the two modules differ in, as a note; "" if they are one."""
    name = here.layer.name
    held, other = first.held, here.held
    for key in {**held, **other}:
        if key not in other or key not in held:
            return f"`{key}` of `{name}` is there {'at first' if key in held else 'here'} only"
        if held[key] != other[key]:
            return f"`{key}` of `{name}` is {list(held[key])} at first and {list(other[key])} here"
    if first.layer.unnamed != here.layer.unnamed:
        return f"`params` of `{name}` is {first.layer.unnamed} at first and {here.layer.unnamed} here"
    call, wanted = first.call, here.call
    if (
        call is not None and wanted is not None and repr(call) != repr(wanted)
    ):  # 1, 1.0 and True are three things
        return _call_difference(call, wanted)
    return "" if here.layer.is_module_of(first.layer) else f"`{name}` has other arguments at first than here"


def _call_difference(first: Call, here: Call) -> str:
    if first.function != here.function:
        return f"the module is `{first.function}` at first and `{here.function}` here"
    was, now = _arguments(first), _arguments(here)
    key = next(key for key in {**was, **now} if repr(was.get(key)) != repr(now.get(key)))
    named = f"`{key}`" if isinstance(key, str) else f"argument {key}"
    old, new = _shown(was.get(key)), _shown(now.get(key))
    if not (old and new):
        return f"{named} of `{first.function}` has another value at first than here"
    return f"{named} of `{first.function}` is {old} at first and {new} here"


def _arguments(call: Call) -> dict[int | str, Expr]:
    """By position, from 1, and by name."""
    return {**dict(enumerate(call.args, 1)), **dict(call.kwargs)}


def _shown(value: Expr | None) -> str:
    """A constant as Python writes it; "" for other values."""
    if value is None:
        return "left out"
    text = repr(value.value) if isinstance(value, Lit) else ""
    return text if len(text) <= 40 else text[:39] + "…"


def _brought(shapes: Sequence[Shape], like: Sequence[Shape]) -> tuple[Shape, ...] | None:
    """The shapes with the channels of others; None if there are more or fewer of these."""
    if len(shapes) != len(like):
        return None
    return tuple(shape.with_channels(other.channels) for shape, other in zip(shapes, like, strict=True))


def _kinds(shapes: Sequence[Shape]) -> list[tuple[int, bool]]:
    return [(len(shape.dims), shape.tokens) for shape in shapes]
