"""torchvision and timm as test oracles, also without torchvision's compiled operators.

pip install --no-deps torchvision==0.28.0 timm==1.0.31
pip install pillow numpy huggingface_hub safetensors pyyaml
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

_library: list[torch.library.Library] = []  # lives as long as the process, as its operators do


def torchvision_models() -> Any:
    """`torchvision.models`, or the test is skipped."""
    _declare_operators()
    return pytest.importorskip("torchvision", exc_type=(ImportError, RuntimeError)).models


def timm_models() -> Any:
    """`timm`, or the test is skipped."""
    _declare_operators()
    return pytest.importorskip("timm", exc_type=(ImportError, RuntimeError))


def _declare_operators() -> None:
    """A wheel beside a CPU build of PyTorch lacks its operators; two of them are looked up at import."""
    if _library or hasattr(torch.ops.torchvision, "nms"):
        return
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _library.append(library)


class Levels(nn.Module):
    """A detector up to what its heads give for each level: the weights are its own, boxes are not made."""

    def __init__(self, detector: Any) -> None:
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        levels = self.backbone(image).values()
        classes, boxes = self.head.classification_head, self.head.regression_head
        return [
            *(classes.cls_logits(classes.conv(level)) for level in levels),
            *(boxes.bbox_reg(boxes.conv(level)) for level in levels),
        ]


def move_statistics(module: nn.Module, seed: int = 0) -> nn.Module:
    """Weights at random and running statistics off their defaults, so that every one of them has an effect."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in module.named_parameters():
        if name.endswith("layer_scale") or not parameter.any():  # too small to be seen
            parameter.data.normal_(std=0.2, generator=generator)
    for part in module.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            if part.track_running_stats:
                part.running_mean.uniform_(-0.1, 0.1, generator=generator)
                part.running_var.uniform_(0.5, 1.5, generator=generator)
            if part.affine:
                with torch.no_grad():
                    part.weight.uniform_(0.5, 1.5, generator=generator)
                    part.bias.uniform_(-0.1, 0.1, generator=generator)
    return module


def macs(module: nn.Module, *shapes: tuple[int, ...]) -> int:
    """Multiply-accumulates of one sample as PyTorch counts them, without computing anything."""
    module = module.to("meta").eval()
    inputs = [torch.empty(1, *shape, device="meta") for shape in shapes]
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one operator that the counter does not know
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            module(*inputs)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    total: int = counter.get_total_flops()
    assert total % 2 == 0
    return total // 2


def close(ours: torch.Tensor, theirs: torch.Tensor, relative: float = 1e-5) -> bool:
    """Equal to `relative` of the largest value."""
    return ours.shape == theirs.shape and bool((ours - theirs).abs().max() <= relative * theirs.abs().max())
