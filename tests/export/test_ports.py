"""What goes into a program and comes out has the names of the text, whatever else has them."""

from __future__ import annotations

import io

import pytest

pytest.importorskip("torch")

import torch

import archdsl
from archdsl.export import Exported, ExportError, Settings, export
from archdsl.export.ports import ports_of

pytestmark = pytest.mark.torch

TWO = """
network net {
  input left: [3, 8, 12]
  input right: [3, 8, 12]
  input vector: [5]
  output bundle = ( left | right )
  output bundle_1 = ( left | right ) -> add
  output vector = vector -> linear(2)
  output aux = left -> conv(2, 3) when training
}
"""

#: Names that torch.export, ONNX or Python have for something else.
TAKEN = """
network net {
  input self: [3, 8, 8]
  input torch: [3, 8, 8]
  input lambda: [3, 8, 8]
  input conv2d: [3, 8, 8]
  output linear = self -> conv(4, 3) -> gap
  output conv2d_1 = torch -> conv(4, 1)
  output class = lambda -> conv(4, 1)
  output p_conv1_weight = conv2d -> gap -> linear(4)
}
"""

#: Tensors that leave twice, and as they came.
SAME = """
network net {
  input x: [3, 8, 8]
  y = x -> relu
  output a = y
  output b = x
  output c = ( y | y | x )
}
"""


def onnx_ports(data: bytes) -> tuple[list[str], list[str]]:
    onnx = pytest.importorskip("onnx")
    graph = onnx.load_from_string(data).graph
    return [value.name for value in graph.input], [value.name for value in graph.output]


def made(text: str, form: str) -> Exported:
    if form == "onnx":
        pytest.importorskip("onnxscript")
    return export(archdsl.loads(text), Settings(form))


def test_names() -> None:
    ports = ports_of(archdsl.loads(TWO), ["batch", "width"])
    assert list(ports.inputs) == ["left", "right", "vector"]
    assert ports.outputs == ("bundle_0", "bundle_1_", "bundle_1", "vector_out")
    assert ports.free == {
        "left": {0: "batch", 3: "left_width"},
        "right": {0: "batch", 3: "right_width"},
        "vector": {0: "batch"},
    }
    with pytest.raises(ExportError) as raised:
        ports_of(archdsl.loads(TWO), ["length"])
    assert raised.value.help == "axes that may vary are `batch`, `height`, `width`"


@pytest.mark.parametrize("text", [TWO, TAKEN, SAME], ids=["two", "taken", "same"])
def test_onnx(text: str) -> None:
    pytest.importorskip("onnxruntime")
    ports = ports_of(archdsl.loads(text))
    found = made(text, "onnx")
    assert onnx_ports(found.data) == (list(ports.inputs), list(ports.outputs))
    assert found.held.startswith("onnxruntime ")


@pytest.mark.parametrize("text", [TWO, TAKEN, SAME], ids=["two", "taken", "same"])
def test_torch(text: str) -> None:
    arch = archdsl.loads(text)
    ports = ports_of(arch)
    program = torch.export.load(io.BytesIO(made(text, "torch").data))
    arrived = [torch.randn(3, *shape) for shape in ports.inputs.values()]
    assert list(program.module()(*arrived)) == list(ports.outputs)
    renamed = {"self": "self_", "torch": "torch_", "lambda": "lambda_", "class": "conv2d_3"}
    signature = program.graph_signature
    assert signature.user_inputs == tuple(renamed.get(name, name) for name in ports.inputs)
    assert signature.user_outputs == tuple(renamed.get(name, name) for name in ports.outputs)


def test_weights_for_training_alone_are_left_out() -> None:
    program = torch.export.load(io.BytesIO(made(TWO, "torch").data))
    assert list(program.state_dict) == ["linear1.weight", "linear1.bias"]


def test_two_inputs_of_which_sizes_vary() -> None:
    """Sizes that must be equal are, and the batch is one."""
    pytest.importorskip("onnxscript")
    onnxruntime = pytest.importorskip("onnxruntime")
    found = export(archdsl.loads(TWO), Settings("onnx", free=("width",)))
    assert (
        "left [batch, 3, 8, left_width], right [batch, 3, 8, right_width], vector [batch, 5]" in found.about
    )
    session = onnxruntime.InferenceSession(found.data)
    left, right, vector = torch.randn(2, 3, 8, 20), torch.randn(2, 3, 8, 20), torch.randn(2, 5)
    given = {"left": left.numpy(), "right": right.numpy(), "vector": vector.numpy()}
    (total,) = session.run(["bundle_1"], given)
    torch.testing.assert_close(torch.from_numpy(total), left + right)
