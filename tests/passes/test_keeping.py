"""What is said to be kept for the backward pass is what autograd keeps."""

from __future__ import annotations

import pytest
import torch

import archdsl
from archdsl.api.architecture import Architecture
from archdsl.graph.plan import Plan
from archdsl.passes.costs import VALUE
from archdsl.passes.keeping import kept_bytes
from tests.passes.helpers import SPECS, network
from tests.passes.stepping import stored

NETWORKS = [
    ("densenet", "densenet121", "dense_layer"),
    ("resnet", "resnet50", "bottleneck"),
    ("mobilenet", "mobilenet_100", "separable"),
    ("dpn", "dpn68", ""),
    ("shufflenet", "shufflenet_g3", ""),
    ("mobilevit", "mobilevit_s", ""),
    ("convnext", "convnext_tiny", ""),
]


def measured(arch: Architecture, plan: Plan | None = None) -> float:
    """Bytes that autograd keeps for one sample more in a batch."""
    net = (arch.build() if plan is None else arch.build(plan)).train()
    torch.manual_seed(0)
    sizes = [stored(net, [torch.randn(batch, *shape) for shape in arch.inputs.values()]) for batch in (2, 4)]
    return (sizes[1] - sizes[0]) / 2


def assert_true(arch: Architecture, plan: Plan, tolerance: float) -> None:
    """The totals are those that are measured, and the changes together are their difference."""
    found = arch.explained(plan)
    assert found.kept is not None
    before, after = found.kept
    assert (before, after) == (kept_bytes(arch._graph), kept_bytes(arch.rewritten(plan)[0]))
    assert before == pytest.approx(measured(arch), rel=tolerance)
    assert after == pytest.approx(measured(arch, plan), rel=tolerance)
    assert VALUE * sum(done.values for told in found.told for done in told.done) == before - after


@pytest.mark.parametrize(("spec", "model", "block"), NETWORKS)
def test_networks(spec: str, model: str, block: str) -> None:
    arch = archdsl.load(SPECS / f"{spec}.arch", model=model).with_inputs(image=(3, 64, 64))
    assert_true(arch, Plan("training"), 0.005)
    if block:
        assert_true(arch, Plan("training", checkpoint=(block,)), 0.005)


@pytest.mark.parametrize(
    "body",
    [
        *(
            f"conv(4, 3) -> {activation} -> conv(4, 3)"
            for activation in (
                *("relu", "relu6", "selu", "silu", "mish", "sigmoid", "tanh", "hardsigmoid", "hardswish"),
                *("leaky_relu", "prelu", "elu", "gelu", "softplus", "softmax", "log_softmax"),
                *("pointwise(abs)", "pointwise(square)", "pointwise(exp)"),
            )
        ),
        *(
            f"conv(4, 3) -> {layer} -> flatten -> linear(2)"
            for layer in (
                *(
                    "maxpool(2)",
                    "avgpool(2)",
                    "adaptive_avgpool(2)",
                    "adaptive_avgpool(1)",
                    "adaptive_maxpool(2)",
                ),
                *("gap", "gmp", "reduce(mean, 1)", "reduce(max, [1, 2], keep=true)", "upsample(2)", "pad(1)"),
                *("affine", "scale(2)", "layerscale", "bn", "gn(2)", "ln", "instancenorm", "lrn(3)"),
                *(
                    "dropout(0.5)",
                    "dropout(0)",
                    "pixel_shuffle(2)",
                    "shuffle(2)",
                    "slice(0, 2)",
                    "crop(4)",
                    "normalize(0)",
                    "normalize",
                    "deconv(2, 2)",
                ),
            )
        ),
        "relu -> maxpool(2) -> conv(4, 3)",  # nothing is trained before them
        "conv(4, 3)\n  t = it\n  ( t | conv(4, 3) ) -> mul -> conv(4, 1)",
        "conv(4, 3)\n  t = it\n  ( t | x -> avgpool(3, stride=1, pad=1) -> select(0) ) -> mul -> conv(4, 1)",
        "( conv(4, 3) | conv(4, 1) | conv(4, 1) ) -> mul -> conv(4, 1)",
        "( conv(4, 3) | conv(4, 1) ) -> maximum -> conv(4, 1)",
        "( conv(4, 3) | conv(4, 1) | conv(4, 1) ) -> minimum -> conv(4, 1)",
        "( conv(4, 3) | conv(4, 1) ) -> sub -> relu",
        "conv(4, 3)\n  a, b = split(2)\n  ( a -> conv(2, 3) | b -> conv(2, 1) ) -> concat -> conv(2, 1)",
        "conv(8, 2, stride=2) -> tokens -> ln -> attention(2) -> linear(4)",
    ],
)
def test_layers(body: str) -> None:
    arch = archdsl.loads(network(body))
    assert kept_bytes(arch._graph) == pytest.approx(measured(arch), rel=0.04)


def test_a_storage_is_kept_once() -> None:
    body = """t = conv(4, 3) -> relu
  a = t -> conv(4, 3)
  b = t -> slice(0, 2) -> conv(4, 3)
  ( a | b | t ) -> add"""
    assert kept_bytes(archdsl.loads(network(body))._graph) == VALUE * 4 * 64


def test_blocks_in_blocks() -> None:
    text = "block inner { conv(4, 3) -> bn -> relu }\nblock outer { inner -> inner -> relu }\n"
    arch = archdsl.loads(text + network("conv(4, 3) -> outer -> outer -> gap"))
    for chosen in (("inner",), ("outer",), ("outer", "inner")):
        assert_true(arch, Plan("training", checkpoint=chosen), 0)


def test_what_a_block_takes_is_kept_though_nothing_before_it_is_trained() -> None:
    text = "block unit { relu -> conv(4, 3) }\n"
    assert_true(
        archdsl.loads(text + network("relu -> unit -> relu")), Plan("training", checkpoint=("unit",)), 0
    )


def test_under_torch_compile_nothing_is_told() -> None:
    arch = archdsl.load(SPECS / "densenet.arch", model="densenet121")
    found = arch.explained(Plan("training", "compile", checkpoint=("dense_layer",)))
    assert found.kept is None and found.told[-1].done
    assert not any(done.values for told in found.told for done in told.done)
