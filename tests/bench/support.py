"""What the tests of the room share."""

from __future__ import annotations

from typing import Any

import pytest

import archdsl
from archdsl.api import Architecture


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure less than is sound: small matrices, a small copy, samples of one run."""
    from archdsl.bench import machine, timing

    monkeypatch.setattr(machine, "_SIDES", (64, 64))
    monkeypatch.setattr(machine, "_COPIED", {"cpu": 2**16, "cuda": 2**16})
    monkeypatch.setattr(timing, "SHORTEST", 0.0)
    monkeypatch.setattr(timing, "_WARM", 0.0)


TINY = """\
network tiny(width = 4, classes = 10) {
  input image: [3, 8, 8]
  conv(width, 3, bias=false) -> bn -> relu -> conv(width, 3, bias=false) -> bn -> relu
  gap -> linear(classes)
  output logits
}
"""
#: The same function in other words, so that weights are mapped by their order.
RENAMED = TINY.replace("conv(width", "first: conv(width", 1).replace("tiny", "renamed")


def tiny(text: str = TINY, **settings: Any) -> Architecture:
    return archdsl.loads(text, **settings)
