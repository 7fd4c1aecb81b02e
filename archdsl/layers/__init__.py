"""The layers of the language, each declared once. `REGISTRY` holds them by name.

`WORDS` are the choices that layers and initialisers offer. Some are names of layers or functions too
(`linear`, `tanh`, `mean`, `max`): in scope those win, and only where a choice is wanted the word does.
"""

from archdsl.layers import (  # noqa: F401  each declares its layers
    activation,
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
)
from archdsl.layers.base import REGISTRY, ArgumentError, Layer, LayerError, Param
from archdsl.layers.init import INITIALISERS, make_init
from archdsl.layers.kinds import Init, Word
from archdsl.layers.shape import Shape

_signatures = [*(cls.params for cls in REGISTRY.values()), *INITIALISERS.values()]
WORDS = frozenset(word for params in _signatures for param in params.values() for word in param.kind.words)

__all__ = [
    "INITIALISERS",
    "REGISTRY",
    "WORDS",
    "ArgumentError",
    "Init",
    "Layer",
    "LayerError",
    "Param",
    "Shape",
    "Word",
    "make_init",
]
