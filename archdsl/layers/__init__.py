"""The layers of the language, each declared once. `REGISTRY` holds them by name."""

from archdsl.layers import activation, conv, join, norm, pooling, regularisation, shaping
from archdsl.layers.base import REGISTRY, ArgumentError, Layer, LayerError, Param
from archdsl.layers.kinds import Init, Word
from archdsl.layers.shape import Shape

__all__ = ["REGISTRY", "ArgumentError", "Init", "Layer", "LayerError", "Param", "Shape", "Word"]
