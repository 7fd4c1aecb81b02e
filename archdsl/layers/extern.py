"""Modules from elsewhere: what an `extern block` says of one, as a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archdsl.layers.base import Layer
from archdsl.layers.form import Call, ModuleForm
from archdsl.layers.shape import Shape
from archdsl.source import Span

#: Arguments that a drawing names.
_SHOWN = 3


class Extern(Layer):
    """An `extern block` at one application: all that it states is evaluated already.

    It is in no registry. `call` makes the module; its function is a dotted name, of which all but the last part
    is imported. `gives` are the shapes that leave, `listed` says that the module gives a list or tuple of them.
    `unnamed` and `operations` are what the block says of its cost, None where it says nothing. `place` is that of
    the `python` entry.
    """

    name: str
    group = "extern"
    params = {}
    defaults = {}
    required = ()

    def __init__(
        self,
        name: str,
        arguments: Mapping[str, Any],
        call: Call,
        gives: tuple[Shape, ...],
        listed: bool,
        unnamed: int | None,
        operations: int | None,
        place: Span,
    ) -> None:
        self.name = name
        self.given = frozenset(arguments)
        self.function = call.function
        self.package = call.function.rpartition(".")[0]
        self.unnamed = unnamed or 0
        stated = {"params": unnamed, "macs": operations}
        self.uncounted = tuple(figure for figure, value in stated.items() if value is None)
        self.place = place
        self._arguments = dict(arguments)
        self._form = ModuleForm(call, listed=listed)
        self._gives = gives
        self._operations = operations or 0
        #: all of it as a key: 1, 1.0 and True are three things
        self.stated = repr((self._arguments, call, gives, listed, unnamed, operations))

    @property
    def has_modes(self) -> bool:
        return True  # for all that is known

    def outputs(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        return self._gives

    def macs(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> int:
        return self._operations

    def form(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> ModuleForm:
        return self._form

    def is_module_of(self, other: Layer) -> bool:
        """The same call makes the same module; sizes and operations may differ from use to use."""
        return (
            isinstance(other, Extern)
            and self.place == other.place
            and self.unnamed == other.unnamed
            and repr(self._form.call) == repr(other._form.call)  # 1, 1.0 and True are three things
        )

    def describe(self, xs: tuple[Shape, ...]) -> str:
        shown = [
            f"{key}={str(value).lower() if type(value) is bool else value}"
            for key, value in self._arguments.items()
            if type(value) is not list
        ]
        return " ".join([self.name, ", ".join(shown[:_SHOWN])]).rstrip()

    def values(self) -> dict[str, Any]:
        """The values of the block's parameters: numbers, strings, bools and lists."""
        return dict(self._arguments)
