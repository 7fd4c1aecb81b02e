"""`export --for inference`: programs of the rewritten network, with the results of the network as written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

import onnx
import torch

import archdsl
from archdsl.api import Plan
from archdsl.checkpoints import Checkpoint, CheckpointError, read_checkpoint
from archdsl.export import Settings, export

pytestmark = pytest.mark.torch
SPECS = Path(__file__).parents[2] / "specs"
#: Two inputs, two outputs and one of training, pre-activation norms, a dense block, pools before 1×1.
TEXT = """
block layer { bn -> relu -> conv(8, 1) -> bn -> relu -> conv(4, 3) }
network net {
  input image: [3, 16, 16]
  input other: [3, 16, 16]
  a = image -> conv(8, 3) -> bn -> relu
  b = other -> conv(8, 3) -> bn
  c = ( a | b ) -> add -> relu
  d = c -> ( identity | layer ) -> concat
  e = d -> ( identity | layer ) -> concat -> bn -> relu -> conv(8, 1) -> avgpool(2)
  output scores = e -> gap -> dropout(0.5) -> linear(5)
  output maps = e -> silu
  output early = c -> gap -> linear(5) when training
}
model net = net
"""
TARGETS = ("compile", "eager", "cuda-graph")


def nodes(data: bytes) -> list[str]:
    return [node.op_type for node in onnx.load_from_string(data).graph.node]


@pytest.mark.parametrize(
    "target",
    [
        TARGETS[0],
        *(pytest.param(t, marks=[pytest.mark.slow, pytest.mark.ecosystem]) for t in TARGETS[1:]),
    ],
)
def test_onnx(target: str) -> None:
    """Norms before convolutions are gone too; nothing is laid out anew, and nothing is written in place."""
    arch = archdsl.loads(TEXT)
    made = export(arch, Settings("onnx", plan=Plan(target=target)))
    found = nodes(made.data)
    graph = onnx.load_from_string(made.data).graph
    assert not any("folds_mark" in one.name for one in (*graph.initializer, *graph.input))
    assert not {"Transpose", "BatchNormalization", "ScatterND", "Dropout", "Identity"} & set(found)
    plain = nodes(export(arch, Settings("onnx")).data)
    assert found.count("Conv") == plain.count("Conv")
    assert len(found) <= len(plain)
    assert made.metadata["for"] == f"inference, {target}"
    assert made.about == "image [batch, 3, 16, 16], other [batch, 3, 16, 16] -> scores, maps; opset 20"


@pytest.mark.parametrize("target", TARGETS)
def test_torch_export(target: str) -> None:
    made = export(archdsl.loads(TEXT), Settings("torch", plan=Plan(target=target)))
    program = torch.export.load(io.BytesIO(made.data))
    called = {str(node.target) for node in program.graph.nodes if node.op == "call_function"}
    assert not [name for name in called if "mkldnn" in name or "batch_norm" in name or "dropout" in name]
    assert not any("early" in key or "running" in key for key in program.state_dict)
    assert "folds_mark" not in program.state_dict and "folds_mark" not in str(program.graph_signature)
    assert made.held


def test_sizes_that_vary() -> None:
    arch = archdsl.loads(TEXT)
    made = export(arch, Settings("torch", free=("height", "width"), plan=Plan(target="compile")))
    assert "image_height" in made.about
    assert "and with" in made.held


@pytest.mark.slow
@pytest.mark.zoo
@pytest.mark.parametrize(
    ("spec", "model", "side", "norms"),
    [
        ("densenet.arch", "densenet121", 64, 0),
        ("resnet.arch", "resnet18", 64, 0),
        ("googlenet.arch", "googlenet", 64, 0),
        # 299² is the least with auxiliaries; nine norms stand behind pools that count zeros around the map
        ("inception_v3.arch", "inception_v3", 0, 9),
        ("mobilevit.arch", "mobilevit_xxs", 64, 0),
        ("vit.arch", "vit_b_32", 0, 0),
        ("unet.arch", "unet256", 32, 0),
    ],
)
def test_models_of_the_zoo(spec: str, model: str, side: int, norms: int) -> None:
    arch = archdsl.load(SPECS / spec, model=model)
    if side:
        arch = arch.with_inputs(**{name: (shape[0], side, side) for name, shape in arch.inputs.items()})
    plan = Plan(target="compile")
    found = nodes(export(arch, Settings("onnx", plan=plan)).data)
    assert found.count("BatchNormalization") == norms
    plain = nodes(export(arch, Settings("onnx")).data)
    assert found.count("Transpose") <= plain.count("Transpose")
    assert len(found) <= len(plain) + norms
    export(arch, Settings("torch", plan=plan))


def checkpoint(folder: Path, module: torch.nn.Module, *less: str) -> Checkpoint:
    """A file of the weights of a module, without those whose names begin with some words."""
    state = {key: value for key, value in module.state_dict().items() if not key.startswith(less or ("-",))}
    torch.save(state, folder / "weights.pth")
    return read_checkpoint(folder / "weights.pth")


@pytest.mark.parametrize("plan", [None, Plan(target="compile")], ids=["as written", "inference"])
def test_weights_that_only_training_needs_may_be_missing(tmp_path: Path, plan: Plan | None) -> None:
    arch = archdsl.loads(TEXT.replace("linear(5) when", "early: linear(5) when"))
    module = arch.build()
    made = [
        export(arch, Settings("torch", plan=plan), checkpoint(tmp_path, module, *less))
        for less in ((), ("early.",), ("early.bias",))
    ]
    assert made[0].data == made[1].data == made[2].data
    for key in ("linear1.bias", "conv1.weight", "bn1.running_mean"):
        with pytest.raises(CheckpointError, match=f"the module's `{key}` are not in it"):
            export(arch, Settings("torch", plan=plan), checkpoint(tmp_path, module, "early.", key))


@pytest.mark.parametrize("plan", [None, Plan(target="compile")], ids=["as written", "inference"])
def test_weights_that_are_folded_are_refused(tmp_path: Path, plan: Plan | None) -> None:
    arch = archdsl.loads(TEXT)
    folded = arch.build(Plan(target="compile")).load_trained(arch.build().state_dict())
    with pytest.raises(CheckpointError, match=r"weights.pth` is folded for inference already") as caught:
        export(arch, Settings("torch", plan=plan), checkpoint(tmp_path, folded))
    assert "`--weights` names the checkpoint of the training" in caught.value.help
