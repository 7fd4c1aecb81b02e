"""Words of PyTorch, Keras and their kin for what the layers declare. The words themselves stand at each layer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from archdsl.layers.base import REGISTRY, Param

#: arguments of other libraries that no layer takes, and why
ABSENT = {
    "activation": "an activation is a layer of its own: `conv(64, 3) -> relu`",
    "data_format": "tensors have their channels first",
    "device": "where a module lives is said in PyTorch: `module.to(device)`",
    "dtype": "data types are said in PyTorch: `module.to(dtype)`",
    "inplace": "leave it out: what happens in place is no part of an architecture",
    "input_shape": "the shape of an input is stated once: `input image: [3, 224, 224]`",
    "name": "a label names a module: `conv1: conv(64, 7)`",
    "padding_mode": "a layer of its own pads otherwise: `pad(1, axis=[1, 2], mode=reflect) -> conv(64, 3, pad=0)`",
    "return_indices": "a layer gives no indices",
    "training": "what differs in training follows from the mode of the module",
}


@cache
def _layers() -> dict[str, str]:
    """Layers of the language by every word that is known for them."""
    found = {_stem(name): name for name in REGISTRY}
    for name, declared in REGISTRY.items():
        for word in declared.elsewhere:
            found.setdefault(word, name)
    return found


def _stem(word: str) -> str:
    return re.sub(r"(?<=.)[123](d|D)$", "", word).lower().replace("_", "")


def layer_called(word: str) -> str | None:
    """The layer that another library calls so: `bn` for `BatchNorm2d`."""
    if len(word) >= 40:
        return None
    return _layers().get(word.lower()) or _layers().get(_stem(word))


def words_of_layers() -> dict[str, str]:
    """Layers by the words of other libraries, in their plain form: `batchnorm` is `bn`."""
    return dict(_layers())


def parameters_called(params: Mapping[str, Param[Any]]) -> dict[str, str]:
    """Parameters of a layer by the words that other libraries have for them."""
    found: dict[str, str] = {}
    for name, param in params.items():
        for word in param.elsewhere:
            if word not in params:
                found.setdefault(word, name)
    return found
