"""The parameters that the text gives a block or network, with their values in each instance of a class."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from archdsl.emit.formulas import Vector, constant_of
from archdsl.emit.hints import Hints
from archdsl.emit.names import AMBIGUOUS, Namespace
from archdsl.emit.scopes import Scopes
from archdsl.emit.structure import Draft
from archdsl.emit.template import Number
from archdsl.emit.texts import Texts
from archdsl.graph.model import Module, ModuleKind, Node, Tensor
from archdsl.syntax import ast


class Known:
    """Those of the block in the text that the levels of a class are in.

    `numbers` and `flags` (true or false) are by the name that Python has for them, `texts` gives that of the text for
    it, `usual` the defaults in the text that are numbers.
    """

    def __init__(
        self, drafts: Sequence[Draft], names: Namespace, texts: Texts, varying: Collection[int]
    ) -> None:
        """`varying` are the parameters that keep their names though they are a network's, by their id."""
        self._texts = texts
        homes = [_home(draft.level.module) for draft in drafts]
        definition = homes[0].definition
        self._homes = homes
        self.numbers: list[tuple[str, Vector]] = []
        self.flags: list[tuple[str, Vector]] = []
        self.texts: dict[str, str] = {}
        self.usual: dict[str, Number] = {}
        self.free: set[str] = set()
        self.origins: dict[str, int] = {}  # the parameter in the text, by its id
        if definition is None or any(home.definition is not definition for home in homes):
            return
        declaration = texts.declaration(definition)
        given_by = () if declaration is None else declaration.parameters
        defaults = {p.name: p.default for p in given_by}
        for name in definition.parameters:
            given = [home.arguments.get(name) for home in homes]
            values = [_number(value) for value in given]
            numbers = tuple(value for value in values if value is not None)
            if len(numbers) < len(values):
                continue
            flags = all(type(value) is bool for value in numbers)
            python = names.claim(*([f"{name}_"] if name in AMBIGUOUS else [name, f"{name}_"]))
            self.texts[python] = name
            (self.flags if flags else self.numbers).append((python, numbers))
            default = defaults.get(name)
            self.origins[python] = next((id(p) for p in given_by if p.name == name), 0)
            if definition.is_network and self.origins[python] in varying:
                self.free.add(name)
                if drafts[0].level.module.kind is ModuleKind.NETWORK:
                    self.usual[python] = numbers[0]
            if isinstance(default, (ast.Number, ast.Boolean)) and definition.is_network is False:
                self.usual[python] = default.value

    def hints(
        self,
        sample: int,
        first: Mapping[Tensor, str],
        arriving: Sequence[tuple[str, Vector]],
        level: Module,
        nodes: Mapping[Module, Node],
    ) -> Hints:
        """What the text says; `first` are the tensors that arrive in the instance whose text is read."""
        scopes = Scopes(self._texts, self._homes[sample], level, nodes)
        given = ((python, vector[0]) for python, vector in [*self.numbers, *self.flags])
        constants = {
            self.texts[python]: value
            for python, value in given
            if value is not None and self.texts[python] not in self.free
        }
        network = self._homes[sample].kind is ModuleKind.NETWORK
        varying = {name for name, vector in arriving if constant_of(vector) is None}
        if len(first) > 1 or level.kind is not ModuleKind.BLOCK:
            first = {tensor: name for tensor, name in first.items() if name in varying}
        vectors = dict([*self.numbers, *self.flags, *arriving])
        parameters = {text: python for python, text in self.texts.items()}
        return Hints(scopes, parameters, first, vectors, constants if network else None, sample, self.usual)


def _home(module: Module) -> Module:
    """The block instance, or the network, that a module is part of."""
    while module.definition is None and module.parent is not None:
        module = module.parent
    return module


def _number(value: object) -> Number | None:
    """The argument of a block as a number of PyTorch, or a truth value: lists are tuples there."""
    if isinstance(value, (list, tuple)) and value and all(type(v) in (int, float) for v in value):
        return tuple(value)
    return value if isinstance(value, (int, float)) else None
