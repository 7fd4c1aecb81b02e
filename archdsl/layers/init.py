"""Initialisers of weights: what `init=` and `bias_init=` accept, and their form in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archdsl.layers.base import ArgumentError, Param
from archdsl.layers.form import InitCall, Lit
from archdsl.layers.kinds import Choice, Float, Init, Kind, Mismatch, Word
from archdsl.layers.page import Example

Signature = dict[str, Param[Any]]


@dataclass(frozen=True)
class InitKind:
    """One initialiser: what it draws, its parameters, and whether it needs the fans or the columns of a matrix.

    `renamed` are PyTorch's names of parameters where they differ; `ascending` are two that lie in this order.
    """

    doc: str
    params: Signature = field(default_factory=dict)
    of_matrices: bool = False
    renamed: Mapping[str, str] = field(default_factory=dict)
    ascending: tuple[str, str] | None = None
    examples: tuple[Example, ...] = ()


def _signature(**params: Param[Any]) -> Signature:
    for name, param in params.items():
        param.name = name
    return params


def _kaiming() -> Signature:
    return _signature(
        a=Param(Float(-1e6, 1e6), "slope of the leaky rectifier that follows", 0),
        mode=Param(
            Choice("fan_in", "fan_out"), "keep the variance of the forward or of the backward pass", "fan_in"
        ),
        nonlinearity=Param(
            Choice("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"), "what follows", "leaky_relu"
        ),
    )


def _gain() -> Signature:
    return _signature(gain=Param(Float(least=0, most=1e37), "factor on the deviation", 1))


#: Stands where an initialiser does, and leaves the weight as the constructor of its module makes it.
PYTORCH = "pytorch"

#: each initialiser by its name
INITIALISERS: dict[str, InitKind] = {
    "kaiming_normal": InitKind(
        "Normal, for layers behind a rectifier (He et al., 2015, equations 10 and 14).\n\n"
        "The deviation is `gain / sqrt(fan)`. The fan is that of `mode`, as PyTorch counts it from the shape of the\n"
        "weight; the gain is √2 behind `relu`, `sqrt(2 / (1 + a ** 2))` behind `leaky_relu`, and for the others what\n"
        "`nn.init.calculate_gain` gives.",
        _kaiming(),
        of_matrices=True,
        examples=(
            Example("conv(64, 3, init=kaiming_normal(mode=fan_out, nonlinearity=relu))", [32, 56, 56]),
        ),
    ),
    "kaiming_uniform": InitKind(
        "Uniform, with the deviation of `kaiming_normal`.\n\nThe bounds are ±`gain * sqrt(3 / fan)`.",
        _kaiming(),
        of_matrices=True,
        examples=(Example("conv(64, 3, init=kaiming_uniform(a=0.2))", [32, 56, 56]),),
    ),
    "xavier_normal": InitKind(
        "Normal, for layers without a rectifier (Glorot and Bengio, 2010, equation 12).\n\n"
        "The deviation is `gain * sqrt(2 / (fan_in + fan_out))`.",
        _gain(),
        of_matrices=True,
        examples=(Example("linear(10, init=xavier_normal)", [512]),),
    ),
    "xavier_uniform": InitKind(
        "Uniform, with the deviation of `xavier_normal` (Glorot and Bengio, 2010, equation 16).\n\n"
        "The bounds are ±`gain * sqrt(6 / (fan_in + fan_out))`.",
        _gain(),
        of_matrices=True,
        examples=(Example("linear(10, init=xavier_uniform, bias_init=zeros)", [512]),),
    ),
    "normal": InitKind(
        "Normal, with a deviation as it is given.",
        _signature(
            std=Param(Float(least=0), "standard deviation"),
            mean=Param(Float(), "mean of the distribution", 0),
        ),
        examples=(Example("linear(10, init=normal(0.01))", [512]),),
    ),
    "trunc_normal": InitKind(
        "Normal, without what falls outside `a` to `b`: values, not multiples of the deviation.",
        _signature(
            std=Param(Float(least=0, above=True), "standard deviation before it is cut"),
            mean=Param(Float(), "mean before it is cut", 0),
            a=Param(Float(), "the least value", -2),
            b=Param(Float(), "the largest value", 2),
        ),
        ascending=("a", "b"),
        examples=(Example("linear(10, init=trunc_normal(0.02))", [512]),),
    ),
    "uniform": InitKind(
        "Uniform from `low` to `high`.",
        _signature(
            low=Param(Float(-1e38, 1e38), "the least value"),
            high=Param(Float(-1e38, 1e38), "the largest value"),
        ),
        renamed={"low": "a", "high": "b"},
        ascending=("low", "high"),
        examples=(Example("linear(10, init=uniform(-0.1, 0.1))", [512]),),
    ),
    "constant": InitKind(
        "One value everywhere.",
        _signature(value=Param(Float(), "the value")),
        renamed={"value": "val"},
        examples=(Example("linear(1, bias_init=constant(-4.6))", [512]),),
    ),
    "zeros": InitKind("0 everywhere.", examples=(Example("bn(init=zeros)", [64, 56, 56]),)),
    "ones": InitKind("1 everywhere.", examples=(Example("layerscale(init=ones)", [96, 56, 56]),)),
    "orthogonal": InitKind(
        "Orthogonal rows of the length `gain`, or columns if there are fewer of them (Saxe et al., 2014).",
        _gain(),
        of_matrices=True,
        examples=(Example("conv(64, 3, init=orthogonal(1.41))", [32, 56, 56]),),
    ),
    PYTORCH: InitKind(
        "As the layer starts where no initialiser is given: PyTorch's way.",
        examples=(Example("conv(64, 3, init=pytorch)", [32, 56, 56]),),
    ),
}


def make_init(name: str, given: Mapping[str, Any]) -> Init:
    """An initialiser with its arguments, checked, without what equals its default. Raises ArgumentError."""
    kind = INITIALISERS[name]
    values: dict[str, int | float | str] = {}
    for key, param in kind.params.items():
        if key not in given:
            values[key] = param.default
            continue
        try:
            values[key] = param.kind.convert(given[key])
        except Mismatch as mismatch:
            raise ArgumentError(
                key, f"`{key}` of `{name}` is {mismatch.expected}, not {mismatch.found}", mismatch.help
            ) from None
    if kind.ascending is not None:
        _ascend(name, *kind.ascending, values)
    stated = tuple(
        (key, values[key])
        for key, param in kind.params.items()
        if param.required or values[key] != param.default
    )
    return Init(name, stated)


def _ascend(name: str, low: str, high: str, values: Mapping[str, Any]) -> None:
    if values[low] >= values[high]:
        raise ArgumentError(
            high,
            f"`{high}` of `{name}` lies above `{low}`, and {values[high]} does not lie above {values[low]}",
            code="E602",
        )


class Initialiser(Kind[Init | None]):
    """An initialiser, called or bare (`zeros`); `vector` refuses those that need a matrix. None is PyTorch's way."""

    is_init = True

    def __init__(self, *, vector: bool = False) -> None:
        self.words = tuple(name for name, kind in INITIALISERS.items() if not vector or not kind.of_matrices)
        self.vector = vector

    def convert(self, value: Any) -> Init | None:
        if isinstance(value, Word) and value.name in INITIALISERS:
            missing = [key for key, param in INITIALISERS[value.name].params.items() if param.required]
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
        return value if value.name != PYTORCH else None


class NumberOrInit(Kind[float | Init]):
    """A number to fill a vector with, or an initialiser of vectors; PyTorch's way is the number `usual`."""

    is_init = True

    def __init__(self, usual: float) -> None:
        self._init, self._number, self._usual = Initialiser(vector=True), Float(), usual
        self.words = self._init.words

    def convert(self, value: Any) -> float | Init:
        if type(value) in (int, float):
            return self._number.convert(value)
        if not isinstance(value, (Word, Init)):
            raise Mismatch("a number or an initialiser", value, ", ".join(f"`{word}`" for word in self.words))
        init = self._init.convert(value)
        return self._usual if init is None else init


class VectorInit(Kind[Init]):
    """An initialiser of vectors; PyTorch has no way of its own, and `usual` is taken for it."""

    is_init = True

    def __init__(self, usual: Init) -> None:
        self._init, self.usual = Initialiser(vector=True), usual
        self.words = self._init.words

    def convert(self, value: Any) -> Init:
        return self._init.convert(value) or self.usual


def init_param(*, vector: bool = False) -> Param[Init | None]:
    """The parameter `init` of a layer with weights."""
    return Param(
        Initialiser(vector=vector),
        "how the weight starts",
        None,
        shown=PYTORCH,
        elsewhere="kernel_initializer weight_init gamma_initializer",
    )


def bias_init_param() -> Param[Init | None]:
    """The parameter `bias_init` of a layer with a bias."""
    return Param(
        Initialiser(vector=True),
        "how the bias starts",
        None,
        shown=PYTORCH,
        elsewhere="bias_initializer beta_initializer",
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
    renamed = INITIALISERS[init.name].renamed
    kwargs = tuple((renamed.get(key, key), Lit(value)) for key, value in init.arguments)
    return InitCall(weight, init.name + "_", kwargs)
