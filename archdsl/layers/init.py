"""Initialisers of weights: what `init=` and `bias_init=` accept, and their form in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archdsl.layers.base import ArgumentError, Param
from archdsl.layers.form import InitCall, Lit
from archdsl.layers.kinds import Choice, Float, Init, Kind, Mismatch, Word

Signature = dict[str, Param[Any]]


def _signature(**params: Param[Any]) -> Signature:
    for name, param in params.items():
        param.name = name
    return params


def _kaiming() -> Signature:
    return _signature(
        a=Param(Float(), "slope of the leaky rectifier that follows", 0),
        mode=Param(
            Choice("fan_in", "fan_out"), "keep the variance of the forward or of the backward pass", "fan_in"
        ),
        nonlinearity=Param(
            Choice("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"), "what follows", "leaky_relu"
        ),
    )


def _gain() -> Signature:
    return _signature(gain=Param(Float(least=0), "factor on the deviation", 1))


#: parameters of each initialiser by its name
INITIALISERS: dict[str, Signature] = {
    "kaiming_normal": _kaiming(),
    "kaiming_uniform": _kaiming(),
    "xavier_normal": _gain(),
    "xavier_uniform": _gain(),
    "normal": _signature(
        std=Param(Float(least=0), "standard deviation"), mean=Param(Float(), "mean of the distribution", 0)
    ),
    "constant": _signature(value=Param(Float(), "the value")),
    "zeros": {},
    "ones": {},
    "orthogonal": _gain(),
}

#: those that need the fans or the columns of a matrix
_OF_MATRICES = frozenset(
    {"kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform", "orthogonal"}
)
#: PyTorch's names where they differ
_RENAMED = {"value": "val"}


def make_init(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Init:
    """A call of an initialiser, checked, without what equals its default. Raises ArgumentError."""
    signature = INITIALISERS[name]
    names = list(signature)
    if len(args) > len(names):
        most = f"at most {len(names)} argument{'s' * (len(names) != 1)}" if names else "no arguments"
        raise ArgumentError(names[-1] if names else "", f"`{name}` takes {most}, not {len(args)}")
    given = dict(zip(names, args, strict=False))
    for key, value in kwargs.items():
        if key not in signature:
            raise ArgumentError(key, f"`{name}` has no parameter `{key}`")
        if key in given:
            raise ArgumentError(key, f"`{key}` of `{name}` is given twice")
        given[key] = value
    arguments: list[tuple[str, int | float | str]] = []
    for key, param in signature.items():
        if key not in given:
            if param.required:
                raise ArgumentError(key, f"`{name}` needs `{key}`", f"`{name}(0.02)`" if key == "std" else "")
            continue
        try:
            value = param.kind.convert(given[key])
        except Mismatch as mismatch:
            raise ArgumentError(
                key, f"`{key}` of `{name}` is {mismatch.expected}, not {mismatch.found}", mismatch.help
            ) from None
        if param.required or value != param.default:
            arguments.append((key, value))
    return Init(name, tuple(arguments))


class Initialiser(Kind[Init]):
    """An initialiser, called or bare (`zeros`); `vector` refuses those that need a matrix."""

    is_init = True

    def __init__(self, *, vector: bool = False) -> None:
        self.words = tuple(name for name in INITIALISERS if not vector or name not in _OF_MATRICES)
        self.vector = vector

    def convert(self, value: Any) -> Init:
        if isinstance(value, Word) and value.name in INITIALISERS:
            missing = [key for key, param in INITIALISERS[value.name].items() if param.required]
            if missing:
                raise Mismatch(
                    "an initialiser with its arguments",
                    value,
                    f"`{value.name}` needs `{'`, `'.join(missing)}`",
                )
            value = Init(value.name)
        if not isinstance(value, Init):
            raise Mismatch("an initialiser", value, ", ".join(f"`{word}`" for word in self.words))
        if value.name not in self.words:
            raise Mismatch("an initialiser of a vector", value, ", ".join(f"`{word}`" for word in self.words))
        return value


class NumberOrInit(Kind[float | Init]):
    """A number to fill a vector with, or an initialiser of vectors."""

    is_init = True

    def __init__(self) -> None:
        self._init, self._number = Initialiser(vector=True), Float()
        self.words = self._init.words

    def convert(self, value: Any) -> float | Init:
        return self._number.convert(value) if type(value) in (int, float) else self._init.convert(value)


def init_param(*, vector: bool = False) -> Param[Init]:
    """The parameter `init` of a layer with weights."""
    return Param(
        Initialiser(vector=vector), "how the weight starts; PyTorch's way if not given", None, shown="default"
    )


def bias_init_param() -> Param[Init]:
    """The parameter `bias_init` of a layer with a bias."""
    return Param(
        Initialiser(vector=True), "how the bias starts; PyTorch's way if not given", None, shown="default"
    )


def init_calls(weight: Init | None, bias: Init | None = None) -> tuple[InitCall, ...]:
    """The calls of `nn.init` for the weight and the bias of a module."""
    calls = []
    for key, init in (("weight", weight), ("bias", bias)):
        if init is not None:
            calls.append(init_call(key, init))
    return tuple(calls)


def init_call(weight: str, init: Init) -> InitCall:
    """One call of `nn.init`."""
    kwargs = tuple((_RENAMED.get(key, key), Lit(value)) for key, value in init.arguments)
    return InitCall(weight, init.name + "_", kwargs)
