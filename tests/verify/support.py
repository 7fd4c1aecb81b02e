"""What the tests of `verify` share: small networks, and modules to hold them against."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

import archdsl
from archdsl.verify import Check, Peer, Report, verify


def load(body: str, before: str = "", shape: str = "[3, H=16, W=16]") -> archdsl.Architecture:
    """A network of one input."""
    return archdsl.loads(f"{before}\nnetwork net {{\n  input x: {shape}\n{body}\n  output y\n}}")


def against(arch: archdsl.Architecture, build: Callable[[], nn.Module]) -> Report:
    return verify(arch, Peer("someone:else", "1.0", build))


def check(report: Report, what: str) -> Check:
    """The one check whose name begins so."""
    found = [one for one in (*report.module, *report.against) if one.what.startswith(what)]
    assert len(found) == 1, [one.what for one in (*report.module, *report.against)]
    return found[0]


class Branches(nn.Module):
    """Two branches of equal shapes behind a stem, computed in the order that `order` says, and added or joined."""

    def __init__(self, order: tuple[int, ...] = (0, 1), pool: bool = False) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 1)
        self.parts = nn.ModuleList(nn.Conv2d(4, 4, 1) for _ in order)
        self.tail = nn.Conv2d(4 * len(order), 2, 1)
        self.order, self.pool = order, pool

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        found = {}
        for branch in self.order:
            given = torch.max_pool2d(x, 3, 1, 1) if self.pool and branch else x
            found[branch] = self.parts[branch](given)
        return self.tail(torch.cat([found[branch] for branch in sorted(found)], 1))
