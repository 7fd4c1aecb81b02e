"""Models of torchvision and timm beside ours, with the same weights."""

from __future__ import annotations

import ast
import inspect
import json
from typing import Any

import torch
from torch import Tensor, nn

from archdsl import ArchError
from tests.zoo.oracles import Levels, close, move_statistics, timm_models, torchvision_models
from tests.zoo.support import architecture, tensors
from tests.zoo.tables import Row

#: classes that leave something to chance, here and there
RANDOM = {"Dropout", "Dropout2d", "DropPath", "StochasticDepth"}


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


def hold_equal(row: Row) -> None:
    """Ours computes what the peer does.

    In evaluation, for two sizes of the batch, and of the image if the network takes any. In a step of training with
    nothing left to chance: outputs, gradients of all weights, running statistics. Where modules differ, rounding
    does, which adds up in gradients: such a step is in double precision.
    """
    ours, theirs = pair(row)
    side = int(row["input"])
    hold_outputs(ours.eval(), theirs.eval(), torch.randn(1, 3, side, side))
    size = smaller(row)
    ours = at(row, size, ours)
    hold_outputs(ours.eval(), theirs.eval(), torch.randn(2, 3, *size))

    kind = torch.double if row["keys"] == "order" else torch.float
    ours, theirs, image = ours.to(kind), theirs.to(kind), torch.randn(2, 3, *size, dtype=kind)
    for found, expected in matched(tensors(train(ours)(image)), tensors(train(theirs)(image))):
        weights = torch.randn_like(expected)
        for output in found, expected:
            (output * weights).sum().backward(retain_graph=True)
    hold_states(row, ours, theirs)


def pair(row: Row) -> tuple[nn.Module, nn.Module]:
    """Ours and theirs, with the same weights; their 1×1 convolution of a vector may be a linear layer here."""
    theirs = move_statistics(create(row))
    ours = architecture(row["spec"], row["model"]).build()
    state, given = ours.state_dict(), theirs.state_dict()
    assert len(state) == len(given)
    for our, their in partners(row, ours, theirs):
        a, b = state[our], given[their]
        assert a.numel() == b.numel() and b.shape[: a.dim()] == a.shape, (our, their)
        state[our] = b.reshape(a.shape)
    ours.load_state_dict(state, strict=True)
    return ours, theirs


def partners(row: Row, ours: nn.Module, theirs: nn.Module) -> list[tuple[str, str]]:
    """Names of weights and buffers: ours, and theirs."""
    if row["keys"] != "order":
        return [(name, name) for name in ours.state_dict()]
    return list(zip(ours.state_dict(), theirs.state_dict(), strict=True))


def smaller(row: Row) -> tuple[int, int]:
    """Sides of an image smaller than that of the row, if the network takes it with the same weights."""
    side = int(row["input"])
    size = (side - 64, side - 128)
    try:
        same = architecture(row["spec"], row["model"], image=(3, *size)).params == int(row["params"])
    except ArchError:
        same = False
    return size if same else (side, side)


def at(row: Row, size: tuple[int, int], module: nn.Module) -> nn.Module:
    """The module itself where it takes images of any size, else the one for this size with the same weights."""
    arch, other = (architecture(row["spec"], row["model"], **image) for image in ({}, {"image": (3, *size)}))
    if code(arch.source()) == code(other.source()):
        return module
    built = other.build()
    built.load_state_dict(module.state_dict())
    return built


def code(source: str) -> str:
    """What runs: docstrings and comments apart."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and ast.get_docstring(node) is not None
        ):
            del node.body[0]
    return ast.dump(tree)


def hold_outputs(ours: nn.Module, theirs: nn.Module, image: Tensor) -> None:
    with torch.no_grad():
        matched(tensors(ours(image)), tensors(theirs(image)))


def train(module: nn.Module) -> nn.Module:
    """The module in training, but for dropout and its like."""
    module.train()
    for part in module.modules():
        if type(part).__name__ in RANDOM:
            part.eval()
    return module


def matched(ours: list[Tensor], theirs: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Pairs of equal outputs; training outputs may come in another order."""
    assert len(ours) == len(theirs)
    pairs, left = [], list(ours)
    for expected in theirs:
        found = next((i for i, tensor in enumerate(left) if close(tensor, expected)), None)
        assert found is not None, (
            f"no output of {len(theirs)} equals the peer's of shape {tuple(expected.shape)}"
        )
        pairs.append((left.pop(found), expected))
    return pairs


def hold_states(row: Row, ours: nn.Module, theirs: nn.Module) -> None:
    """Gradients and buffers are equal, and every weight has its gradient."""
    (weights, buffers), (their_weights, their_buffers) = (
        (dict(module.named_parameters()), dict(module.named_buffers())) for module in (ours, theirs)
    )
    for our, their in partners(row, ours, theirs):
        if our in weights:
            a, b = weights[our].grad, their_weights[their].grad
            assert a is not None and b is not None and close(a, b.reshape(a.shape), 1e-4), our
        else:
            assert torch.allclose(buffers[our], their_buffers[their], rtol=1e-5, atol=1e-6), our
