"""Modules that fit other libraries, as files that are imported."""

from __future__ import annotations

import importlib
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from archdsl.api import Architecture, open_spec

ROOT = Path(__file__).parents[2]
#: The networks that every library has to take, with their specs.
SIX = {
    "densenet121": "densenet",
    "resnet50": "resnet",
    "googlenet": "googlenet",
    "mobilenet_100": "mobilenet",
    "se_resnet50": "se_resnet",
    "unet256": "unet",
}
_kept: list[Any] = []


@cache
def architecture(model: str, spec: str = "") -> Architecture:
    return open_spec(ROOT / "specs" / f"{spec or SIX[model]}.arch").architecture(model)


@cache
def folder() -> Path:
    """Where they lie, on the path of imports."""
    made = tempfile.TemporaryDirectory(prefix="archdsl-integrations-")
    _kept.append(made)
    sys.path.insert(0, made.name)
    return Path(made.name)


@cache
def module(model: str, *with_: str, spec: str = "") -> ModuleType:
    """The module of a model, which fits some libraries."""
    return imported(architecture(model, spec), *with_)


def imported(found: Architecture, *with_: str) -> ModuleType:
    name = "_".join(["made", found.model, *with_])
    (folder() / f"{name}.py").write_text(found.source(with_=with_), encoding="utf-8")
    importlib.invalidate_caches()
    return importlib.import_module(name)
