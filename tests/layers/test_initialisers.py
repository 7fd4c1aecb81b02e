"""Weights of generated modules against the distributions that the papers state.

He et al., 2015, "Delving deep into rectifiers": equation 10 (forward) and 14 (backward), and section 2.2 for a leaky
rectifier. Glorot and Bengio, 2010: equation 12 (normal) and 16 (uniform). A sample is held against its distribution
by Kolmogorov and Smirnov's test, and its deviation by the error that a sample of its size has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from hypothesis import HealthCheck, given, settings  # noqa: E402

import archdsl  # noqa: E402
from archdsl.layers import INITIALISERS, REGISTRY, ArgumentError, Init, LayerError, make_init  # noqa: E402
from archdsl.layers.form import Lit  # noqa: E402
from archdsl.layers.init import init_calls  # noqa: E402
from archdsl.layers.kinds import FLOAT_LIMIT, Float  # noqa: E402
from tests.layers.distributions import Distribution, Normal, Uniform, drawn_from  # noqa: E402
from tests.layers.real import Real  # noqa: E402
from tests.layers.table import TABLE, Case  # noqa: E402

pytestmark = pytest.mark.torch

torch.set_num_threads(1)


def hold(weights: Any, wanted: Distribution) -> None:
    """Mean and deviation within five times the error of the sample; nothing beyond the bounds."""
    assert drawn_from(weights, wanted)
    sample, size = weights.detach().double(), weights.numel()
    mean, std = wanted.moments()
    assert abs(sample.mean() - mean) < 5 * std / sqrt(size)
    assert abs(sample.std() / std - 1) < 5 / sqrt(2 * size)  # of a normal; others here have less
    low, high = wanted.bounds()
    span = torch.finfo(weights.dtype).eps * max(abs(low), abs(high)) if high < inf else 0
    assert sample.min() >= low - span and sample.max() <= high + span


def build(layer: str, shape: str, before: str = "") -> Any:
    """The module of one layer in a network."""
    text = f"{before}\nnetwork n {{\ninput x: {shape}\nlayer: {layer}\noutput y\n}}\n"
    torch.manual_seed(0)
    return archdsl.loads(text).build().layer


@dataclass(frozen=True)
class Made:
    """A layer, what arrives, and the fans of its weight as PyTorch counts them."""

    text: str
    shape: str
    fan_in: int
    fan_out: int

    def build(self, **inits: str) -> Any:
        given = "".join(f", {key}={value}" for key, value in inits.items())
        return build(f"{self.text}{given})", self.shape)


# The papers' n is kernel positions times channels that one unit sees (forward), or that see one unit (backward).
LAYERS = {
    "conv 1-D": Made("conv(96, 5", "[32, 64]", 5 * 32, 5 * 96),
    "conv 2-D": Made("conv(96, 3", "[32, 8, 8]", 9 * 32, 9 * 96),
    "conv 2-D oblong": Made("conv(96, 1x7, stride=2", "[32, 8, 8]", 7 * 32, 7 * 96),
    "conv 3-D": Made("conv(64, 3", "[16, 4, 4, 4]", 27 * 16, 27 * 64),
    "conv padded unevenly": Made("conv(96, 3, pad=[0, 1, 1, 2]", "[32, 8, 8]", 9 * 32, 9 * 96),
    "conv same": Made("conv(96, 3, stride=2, pad=same", "[32, 8, 8]", 9 * 32, 9 * 96),
    "linear": Made("linear(300", "[100]", 100, 300),
    # fan_out: all channels that leave, where the paper's n would be those of one group
    "conv grouped": Made("conv(128, 3, groups=4", "[64, 8, 8]", 9 * 64 // 4, 9 * 128),
    "depthwise": Made("depthwise(5, multiplier=2", "[512, 8, 8]", 25, 25 * 512 * 2),
    # the weight has the channels that arrive first: what PyTorch calls fan_in is the paper's n of the backward pass
    "deconv 1-D": Made("deconv(96, 5", "[32, 64]", 5 * 96, 5 * 32),
    "deconv 2-D": Made("deconv(96, 3", "[32, 8, 8]", 9 * 96, 9 * 32),
    "deconv 3-D": Made("deconv(64, 3", "[16, 4, 4, 4]", 27 * 64, 27 * 16),
    "deconv grouped": Made("deconv(128, 3, groups=4", "[64, 8, 8]", 9 * 128 // 4, 9 * 64),
}


def he(n: int, a: float = 0) -> float:
    """The deviation of He et al."""
    return sqrt(2 / ((1 + a * a) * n))


def glorot(fan_in: int, fan_out: int) -> float:
    """The deviation of Glorot and Bengio."""
    return sqrt(2 / (fan_in + fan_out))


def flat(std: float, mean: float = 0) -> Uniform:
    """Uniform, with a deviation."""
    return Uniform(mean - sqrt(3) * std, mean + sqrt(3) * std)


Rule = Callable[[int, int], Distribution]

#: what an initialiser draws from, by the fans
DRAWN: dict[str, Rule] = {
    "kaiming_normal": lambda i, o: Normal(he(i)),
    "kaiming_normal(nonlinearity=relu)": lambda i, o: Normal(he(i)),
    'kaiming_normal(mode="fan_out")': lambda i, o: Normal(he(o)),
    "kaiming_normal(mode=fan_out, nonlinearity=relu)": lambda i, o: Normal(he(o)),
    "kaiming_normal(0.5)": lambda i, o: Normal(he(i, 0.5)),
    "kaiming_normal(a=sqrt(5), mode=fan_out)": lambda i, o: Normal(he(o, sqrt(5))),
    "kaiming_normal(nonlinearity=linear)": lambda i, o: Normal(sqrt(1 / i)),
    "kaiming_normal(nonlinearity=tanh)": lambda i, o: Normal(5 / 3 * sqrt(1 / i)),
    "kaiming_uniform": lambda i, o: flat(he(i)),
    "kaiming_uniform(mode=fan_out)": lambda i, o: flat(he(o)),
    "kaiming_uniform(a=0.5, mode=fan_out)": lambda i, o: flat(he(o, 0.5)),
    "xavier_normal": lambda i, o: Normal(glorot(i, o)),
    "xavier_normal(gain=2)": lambda i, o: Normal(2 * glorot(i, o)),
    "xavier_uniform": lambda i, o: Uniform(-sqrt(6 / (i + o)), sqrt(6 / (i + o))),
    "xavier_uniform(0.5)": lambda i, o: flat(0.5 * glorot(i, o)),
    "normal(0.02)": lambda i, o: Normal(0.02),
    "normal(0.02, mean=1)": lambda i, o: Normal(0.02, 1),
    "trunc_normal(1)": lambda i, o: Normal(1, 0, -2, 2),
    "trunc_normal(0.01)": lambda i, o: Normal(0.01, 0, -2, 2),
    "trunc_normal(1, mean=0.5, a=-0.5, b=1)": lambda i, o: Normal(1, 0.5, -0.5, 1),
    "uniform(-0.1, 0.3)": lambda i, o: Uniform(-0.1, 0.3),
    "pytorch": lambda i, o: flat(he(i, sqrt(5))),  # the reset_parameters of its modules
}

each_layer = pytest.mark.parametrize("made", LAYERS.values(), ids=LAYERS)


@each_layer
@pytest.mark.parametrize(("init", "rule"), DRAWN.items(), ids=DRAWN)
def test_distribution(made: Made, init: str, rule: Rule) -> None:
    hold(made.build(init=init).weight, rule(made.fan_in, made.fan_out))


@each_layer
@pytest.mark.parametrize(("init", "rule"), DRAWN.items(), ids=DRAWN)
def test_what_is_wrong_is_told_apart(made: Made, init: str, rule: Rule) -> None:
    """The other fan, a gain without its √2 or with one more, the other shape with the same moments."""
    weights = made.build(init=init).weight
    mean, std = rule(made.fan_in, made.fan_out).moments()
    wrong = [
        Normal(std * sqrt(2), mean),
        Normal(std / sqrt(2), mean),
        flat(std * sqrt(2), mean),
        flat(std / sqrt(2), mean),
    ]
    wrong.append(flat(std, mean) if isinstance(rule(1, 1), Normal) else Normal(std, mean))
    exchanged = rule(made.fan_out, made.fan_in)
    if "kaiming" in init or init == "pytorch":
        wrong.append(exchanged)
    else:
        assert exchanged == rule(made.fan_in, made.fan_out)
    for other in wrong:
        assert not drawn_from(weights, other), other


@each_layer
@pytest.mark.parametrize("gain", [1, 0.5])
def test_orthogonal(made: Made, gain: float) -> None:
    matrix = made.build(init=f"orthogonal({gain})").weight.detach().flatten(1)
    rows, columns = matrix.shape
    product = matrix @ matrix.T if rows <= columns else matrix.T @ matrix
    torch.testing.assert_close(product, gain**2 * torch.eye(min(rows, columns)), atol=1e-5, rtol=0)


@each_layer
@pytest.mark.parametrize(("init", "value"), [("zeros", 0), ("ones", 1), ("constant(-0.5)", -0.5)])
def test_constants(made: Made, init: str, value: float) -> None:
    module = made.build(init=init, bias_init=init)
    assert torch.equal(module.weight, torch.full_like(module.weight, value))
    assert torch.equal(module.bias, torch.full_like(module.bias, value))


@pytest.mark.parametrize(
    ("init", "wanted"),
    [
        ("normal(0.3, -1)", Normal(0.3, -1)),
        ("trunc_normal(1, b=0)", Normal(1, 0, -2, 0)),
        ("uniform(0, 2)", Uniform(0, 2)),
        ("pytorch", Uniform(-1 / 5, 1 / 5)),
    ],
)
def test_biases(init: str, wanted: Distribution) -> None:
    hold(build(f"linear(20000, bias_init={init})", "[25]").bias, wanted)


VECTORS = ["bn", "ln", "gn(4)", "instancenorm(affine=true)", "affine", "prelu(per_channel=true)"]


@pytest.mark.parametrize("layer", VECTORS)
def test_vectors(layer: str) -> None:
    """Weights without fans: what draws without them goes, and the bias is told from the weight."""
    name = layer.split("(")[0]
    biased = "" if name == "prelu" else f"default {name}(bias_init=uniform(-1, 3))"
    module = build(layer, "[20000, 2, 1]", f"default {name}(init=normal(0.5, 2))\n{biased}")
    hold(module.weight, Normal(0.5, 2))
    if biased:
        hold(module.bias, Uniform(-1, 3))


def test_layerscale() -> None:
    hold(build("layerscale(init=normal(0.1))", "[20000, 2, 2]"), Normal(0.1))


class TestVariance:
    """What the papers are about: the second moment behind many layers, over that of the input."""

    DEPTH = 20

    def gain(self, init: str, act: str) -> float:
        text = f"network n {{ input x: [400]; (linear(400, bias=false, init={init}) -> {act}) * {self.DEPTH}; output y }}"
        torch.manual_seed(0)
        x = torch.randn(200, 400)
        with torch.no_grad():
            y = archdsl.loads(text).build()(x)
        return float((y**2).mean() / (x**2).mean())

    def test_rectifier(self) -> None:
        assert 0.3 < self.gain("kaiming_normal", "relu") < 3
        assert self.gain("xavier_normal", "relu") < 4 * 0.5**self.DEPTH  # half is lost in each layer

    def test_leaky(self) -> None:
        assert 0.3 < self.gain("kaiming_uniform(0.5)", "leaky_relu(0.5)") < 3
        assert self.gain("kaiming_uniform", "leaky_relu(0.5)") > 0.3 * 1.25**self.DEPTH

    def test_linear(self) -> None:
        assert 0.3 < self.gain("xavier_uniform", "identity") < 3


@pytest.mark.parametrize("name", sorted(TABLE))
def test_reaches_every_weight(name: str) -> None:
    """A layer with weights has `init`, one with a bias `bias_init`; they fill all of them, and only them."""
    values = {"init": 0.25, "bias_init": 0.75}
    seen: set[str] = set()

    @settings(
        deadline=None,
        database=None,
        derandomize=True,
        max_examples=40,
        suppress_health_check=list(HealthCheck),
    )
    @given(TABLE[name].cases)
    def check(case: Case) -> None:
        given_, xs = case
        offered = REGISTRY[name].params
        inits = {key: Init("constant", (("value", v),)) for key, v in values.items() if key in offered}
        try:
            layer = REGISTRY[name]({**given_, **inits})
            ys = layer.outputs(xs)
        except (ArgumentError, LayerError):
            return
        real = Real(layer, xs, ys)
        trained = {key.split(".", 1)[-1]: parameter for key, parameter in real.named_parameters()}
        assert len(trained) == len(layer.weights(xs))
        for key, parameter in trained.items():
            which = "bias_init" if "bias" in key else "init"
            seen.add(which)
            assert which in offered, f"`{name}` has no `{which}`"
            assert bool((parameter == values[which]).all()), key

    check()
    assert seen == {"init", "bias_init"} & set(REGISTRY[name].params), "weights that no case has"


NUMBERS = [
    (name, key, param.kind)
    for name, kind in INITIALISERS.items()
    for key, param in kind.params.items()
    if isinstance(param.kind, Float)
]


@pytest.mark.parametrize(("name", "key", "kind"), NUMBERS, ids=[f"{name}-{key}" for name, key, _ in NUMBERS])
def test_largest_numbers(name: str, key: str, kind: Float) -> None:
    """PyTorch takes the largest numbers that an initialiser takes, and none beyond single precision is taken."""
    others = {"low": -1e38, "high": 1e38, "a": -2, "b": 2}
    signature = INITIALISERS[name].params
    for value in (kind.least, kind.most, FLOAT_LIMIT, -FLOAT_LIMIT, FLOAT_LIMIT * 1.001, 1e300):
        if value is None:
            continue
        given = {k: others.get(k, 1) for k, param in signature.items() if param.required or k in others}
        given[key] = value
        try:
            init = make_init(name, given)
        except ArgumentError:
            continue
        assert abs(value) <= FLOAT_LIMIT
        for form in init_calls(init):
            arguments = {k: v.value for k, v in form.kwargs if isinstance(v, Lit)}
            getattr(torch.nn.init, form.function)(torch.empty(4, 3), **arguments)
    with pytest.raises(ArgumentError, match=r"single precision|a number from"):
        make_init(name, {**dict.fromkeys((k for k, p in signature.items() if p.required), 1), key: 1e39})
