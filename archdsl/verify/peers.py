"""Other people's modules to hold a network against: `torchvision:NAME`, `timm:NAME`."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn

from archdsl.records import record

#: Builders are asked for no weights: these arguments are given where a builder has them.
_NO_WEIGHTS: dict[str, Any] = {"weights": None, "weights_backbone": None}
#: Operators that torchvision looks up when it is imported. Beside a PyTorch of another kind than it was compiled for
#: they are missing, and its classification models do without them.
_LOOKED_UP = ("nms", "qnms")
_declared: list[torch.library.Library] = []


class PeerError(Exception):
    """There is no such peer, or it cannot be built. `help` says what to do."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@record
class Peer:
    """A module to hold a network against: `build` makes it anew, with random weights."""

    name: str
    version: str
    build: Callable[[], nn.Module]


def find_peer(text: str, settings: Mapping[str, Any] | None = None) -> Peer:
    """The peer that `torchvision:NAME` or `timm:NAME` names; `settings` go to its builder. Raises PeerError."""
    library, colon, name = text.partition(":")
    if not colon or library not in _LIBRARIES or not name:
        raise PeerError(
            f"`{text}` names no module to hold the network against",
            "write torchvision:NAME or timm:NAME, such as torchvision:resnet50",
        )
    if find_spec(library) is None:
        raise PeerError(f"{library} is not installed", f"pip install {library}")
    package = _imported(library)
    known, build = _LIBRARIES[library](package)
    if name not in known:
        untagged = name.partition(".")[0]  # timm's names of weights are `model.tag`
        near = [untagged] if untagged in known else get_close_matches(name, known, 3)
        raise PeerError(
            f"{library} has no model `{name}`",
            f"did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else "",
        )
    return Peer(f"{library}:{name}", str(package.__version__), lambda: build(name, dict(settings or {})))


def _imported(library: str) -> Any:
    if library == "torchvision" or find_spec("torchvision") is not None:  # timm imports it too
        _declare_operators()
    try:
        return import_module(library)
    except Exception as error:  # whatever goes wrong in a package that does not fit the one beside it
        first = f"{type(error).__name__}: {error}".split("\n")[0]
        raise PeerError(
            f"{library} cannot be imported: {first}", f"it must fit torch {torch.__version__}"
        ) from None


def _declare_operators() -> None:
    if _declared:
        return
    try:
        import_module("torchvision")
        return
    except Exception as error:
        if "torchvision::" not in str(error):
            return  # the import that counts says it
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in _LOOKED_UP:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
    _declared.append(library)
    import sys

    for module in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[module]  # the halves that the failed import has left


def _torchvision(package: Any) -> tuple[list[str], Callable[[str, dict[str, Any]], nn.Module]]:
    models = import_module("torchvision.models")

    def build(name: str, settings: dict[str, Any]) -> nn.Module:
        builder = models.get_model_builder(name)
        accepted = inspect.signature(builder).parameters
        given = {key: value for key, value in _NO_WEIGHTS.items() if key in accepted}
        return _built(name, lambda: builder(**given, **settings))

    return list(models.list_models()), build


def _timm(package: Any) -> tuple[list[str], Callable[[str, dict[str, Any]], nn.Module]]:
    def build(name: str, settings: dict[str, Any]) -> nn.Module:
        return _built(name, lambda: package.create_model(name, pretrained=False, **settings))

    return list(package.list_models()), build


_LIBRARIES: dict[str, Callable[[Any], tuple[list[str], Callable[[str, dict[str, Any]], nn.Module]]]] = {
    "torchvision": _torchvision,
    "timm": _timm,
}


def _built(name: str, make: Callable[[], nn.Module]) -> nn.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make()
    except Exception as error:
        first = f"{type(error).__name__}: {error}".split("\n")[0]
        raise PeerError(f"`{name}` cannot be built: {first}") from None
