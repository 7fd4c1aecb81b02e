"""The units of He et al., 2016, Identity mappings in deep residual networks, as its figures draw them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from torch import Tensor, nn

from archdsl import ArchError
from archdsl.api import open_spec
from tests.zoo.plain import Plain, Weights, bn, conv, hold, padded
from tests.zoo.support import SPECS

pytestmark = pytest.mark.torch
SPEC = SPECS / "preact_cifar.arch"

#: Fig. 4 with two weight layers: what stands in the residual branch, and what behind the addition
ACTIVATIONS = {
    "original": ("weight bn relu weight bn", "relu"),
    "bn_after_addition": ("weight bn relu weight", "bn relu"),
    "relu_before_addition": ("weight bn relu weight bn relu", ""),
    "relu_only": ("relu weight bn relu weight bn", ""),
    "full": ("bn relu weight bn relu weight", ""),
}
#: and with three, as in a bottleneck
DEEP = {
    "original": ("weight bn relu weight bn relu weight bn", "relu"),
    "bn_after_addition": ("weight bn relu weight bn relu weight", "bn relu"),
    "relu_before_addition": ("weight bn relu weight bn relu weight bn relu", ""),
    "relu_only": ("relu weight bn relu weight bn relu weight bn", ""),
    "full": ("bn relu weight bn relu weight bn relu weight", ""),
}


class Unit:
    """A residual unit at a place in the module, whose layers are numbered in the order in which they run."""

    def __init__(self, weights: Weights, place: str, stride: int) -> None:
        self.weights, self.place, self.stride = weights, place, stride
        self.count: Counter[str] = Counter()

    def name(self, kind: str) -> str:
        self.count[kind] += 1
        return f"{self.place}.{kind}{self.count[kind]}"

    def run(self, steps: str, x: Tensor) -> Tensor:
        for step in steps.split():
            if step == "relu":
                x = x.relu()
            elif step == "bn":
                kind = "norm" if f"{self.place}.norm2.weight" in self.weights else "bn"
                x = bn(self.weights, self.name(kind), x)
            else:
                name = self.name("conv")  # the first one strides
                x = conv(self.weights, name, x, self.stride if name.endswith("conv1") else 1)
        return x


def units(weights: Weights) -> Iterator[Unit]:
    for stage in (1, 2, 3):
        places = {".".join(key.split(".")[:2]) for key in weights if key.startswith(f"layer{stage}.")}
        for place in sorted(places):
            yield Unit(weights, place, 2 if stage > 1 and place.endswith(".0") else 1)


def network(
    weights: Weights, image: Tensor, unit: Callable[[Unit, Tensor], Tensor], last: str = ""
) -> Tensor:
    x = bn(weights, "bn1", conv(weights, "conv1", image)).relu()
    for one in units(weights):
        x = unit(one, x)
    if "bn" in last:
        x = bn(weights, "bn2", x)
    if "relu" in last:
        x = x.relu()
    return x.mean(dim=(2, 3)) @ weights["fc.weight"].T + weights["fc.bias"]


def activated(activation: str, deep: bool) -> Plain:
    """A network of the units of Fig. 4."""
    branch, behind = (DEEP if deep else ACTIVATIONS)[activation]
    before = branch.split("weight")[0]

    def unit(one: Unit, x: Tensor) -> Tensor:
        if one.place == "layer1.0":  # the first convolution is followed by the activation
            one.count["norm"] = 1
            head = x
        else:
            head = one.run(before, x)
        body = one.run(branch.removeprefix(before), head)
        if body.shape == x.shape:
            skip = x
        elif not deep:
            skip = padded(head[:, :, :: one.stride, :: one.stride], body.shape[1])
        elif activation == "full":
            skip = conv(one.weights, f"{one.place}.downsample.conv", head, one.stride)
        else:
            skip = conv(one.weights, one.name("conv"), head, one.stride)
            skip = bn(one.weights, one.name("bn"), skip)
        return one.run(behind, skip + body)

    return lambda w, image: network(w, image, unit, before)


def connected(shortcut: str) -> Plain:
    """A network of the units of Fig. 2."""

    def unit(one: Unit, x: Tensor) -> Tensor:
        body = one.run(ACTIVATIONS["original"][0], x)
        skip = padded(x[:, :, :: one.stride, :: one.stride], body.shape[1])
        if shortcut == "constant":
            return (0.5 * skip + 0.5 * body).relu()
        if shortcut == "conv":
            skip = bn(one.weights, one.name("bn"), conv(one.weights, one.name("conv"), x, one.stride))
        if shortcut in ("exclusive", "gated"):
            gate = conv(one.weights, f"{one.place}.gate1.conv1", x, one.stride).sigmoid()
            return (skip * (1 - gate) + (body * gate if shortcut == "exclusive" else body)).relu()
        return (skip + body).relu()

    return lambda w, image: network(w, image, unit)


def build(**settings: object) -> nn.Module:
    return open_spec(SPEC).architecture("resnet110_original", settings, {}).build()


@pytest.mark.parametrize("deep", [False, True], ids=["basic", "deep"])
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_activations(activation: str, deep: bool) -> None:
    """Fig. 4 and Table 2."""
    net = build(depth=20 if deep else 14, deep=deep, activation=activation)
    hold(net, activated(activation, deep), (3, 16, 16))


@pytest.mark.parametrize("shortcut", ["original", "constant", "exclusive", "gated", "conv", "dropout"])
def test_shortcuts(shortcut: str) -> None:
    """Fig. 2 and Table 1."""
    net = build(depth=14, shortcut=shortcut)
    hold(net, connected(shortcut), (3, 16, 16))
    drops = [part.p for part in net.modules() if isinstance(part, nn.Dropout)]
    assert drops == ([0.5] * 6 if shortcut == "dropout" else [])


def test_gates_begin_almost_closed() -> None:
    """Table 1: a bias of -6 is the best."""
    net = build(depth=8, shortcut="gated")
    biases = [part.conv1.bias for part in net.modules() if type(part).__name__ == "Gate"]
    assert len(biases) == 3 and all(bool((bias == -6).all()) for bias in biases)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shortcut": "none"}, "a shortcut of Fig. 2"),
        ({"activation": "none"}, "an activation of Fig. 4"),
        ({"activation": "full", "shortcut": "conv"}, "Fig. 2 has the original activation"),
        ({"activation": "relu_only", "shortcut": "conv"}, "Fig. 2 has the original activation"),
    ],
)
def test_no_such_unit(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ArchError, match=message):
        build(**settings)
