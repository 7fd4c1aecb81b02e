"""The layers of the language, each declared once. `REGISTRY` holds them by name.

`WORDS` are the choices that layers and initialisers offer. Some are names of layers or functions too
(`linear`, `tanh`, `mean`, `max`): in scope those win, and only where a choice is wanted the word does.
"""

from typing import Any

from archdsl.layers import (  # noqa: F401  each declares its layers
    activation,
    attention,
    conv,
    deconv,
    join,
    linear,
    norm,
    padding,
    pooling,
    regularisation,
    scaling,
    shaping,
    slicing,
    tokens,
)
from archdsl.layers.base import REGISTRY, ArgumentError, Aspect, Layer, LayerError, Param
from archdsl.layers.extern import Extern
from archdsl.layers.init import INITIALISERS, make_init
from archdsl.layers.kinds import Init, Word
from archdsl.layers.shape import Shape

#: parameters of each layer and of each initialiser, by its name
SIGNATURES: dict[str, dict[str, Param[Any]]] = {
    **{name: cls.params for name, cls in REGISTRY.items()},
    **{name: kind.params for name, kind in INITIALISERS.items()},
}
WORDS = frozenset(
    word for params in SIGNATURES.values() for param in params.values() for word in param.kind.words
)

__all__ = [
    "INITIALISERS",
    "REGISTRY",
    "SIGNATURES",
    "WORDS",
    "ArgumentError",
    "Aspect",
    "Extern",
    "Init",
    "Layer",
    "LayerError",
    "Param",
    "Shape",
    "Word",
    "make_init",
]
