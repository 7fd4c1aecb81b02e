"""The models of torchvision and timm that `peers.csv` names."""

from __future__ import annotations

import inspect
import json
from typing import Any

import torch
from torch import nn

from tests.zoo.oracles import Levels, timm_models, torchvision_models
from tests.zoo.tables import Row


def create(row: Row) -> nn.Module:
    """The peer of a row of `peers.csv`, freshly initialised."""
    library, name = row["peer"].split(":")
    settings = json.loads(row["settings"] or "{}")
    torch.manual_seed(0)
    if library == "timm" and "." not in name:
        return timm_models().create_model(name, pretrained=False, **settings)
    found: Any = {"timm": timm_models, "torchvision": torchvision_models}[library]()
    for part in name.split("."):
        found = getattr(found, part)
    if "weights" in inspect.signature(found).parameters:
        settings["weights"] = None
    module = found(**settings)
    return Levels(module) if hasattr(module, "anchor_generator") else module
