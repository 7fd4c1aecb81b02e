"""What a generated module is to stand: each a function of a network that fails where it does not."""

from __future__ import annotations

import copy
import io
import pickle
import re
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from tests.ecosystem.halves import hold
from tests.ecosystem.networks import Network, assert_equal, flat

Property = Callable[[Network], None]


def compiled(network: Network, backend: str) -> None:
    """One graph, without falling back to Python, and no second one for a second call; in training one more."""
    from torch._dynamo.testing import CompileCounterWithBackend

    net, x = network.new(), network.input()
    torch.compiler.reset()
    counter = CompileCounterWithBackend(backend)
    made = torch.compile(net, fullgraph=True, backend=counter)
    with torch.no_grad():
        assert_equal(made(x), net(x))
        made(network.input(seed=2))
    assert counter.frame_count == 1
    if backend == "eager":
        net.train()
        y = training_input(network)
        made(y)
        made(y)
        assert counter.frame_count == 2
    torch.compiler.reset()


def training_input(network: Network, seed: int = 1) -> torch.Tensor:
    """A small batch, at the network's own size where it has outputs for training, whose heads take no small maps."""
    if any(output.training for output in network.architecture._graph.outputs):
        return torch.randn(2, *network.shape, generator=torch.Generator().manual_seed(seed))
    return network.input(seed=seed)


def eager(network: Network) -> None:
    """torch.compile(fullgraph=True): the graph that Dynamo takes."""
    compiled(network, "eager")


def aot_eager(network: Network) -> None:
    """torch.compile(fullgraph=True) with AOTAutograd behind it."""
    compiled(network, "aot_eager")


def exported(network: Network, strict: bool = False) -> None:
    """torch.export with a batch of any size, and height and width where the network has others."""
    net, x = network.new(), network.input()
    dynamic = {0: torch.export.Dim("batch", min=1, max=64)}
    if len(network.sizes) > 1:
        dynamic |= dict.fromkeys(range(2, x.dim()), torch.export.Dim.DYNAMIC)
    program = torch.export.export(net, (x,), dynamic_shapes=(dynamic,), strict=strict)
    with torch.no_grad():
        for batch, size in [(3, 0), (1, 0), (2, len(network.sizes) - 1)]:
            y = network.input(batch, size)
            assert_equal(program.module()(y), net(y))


def exported_strictly(network: Network) -> None:
    """The same through Dynamo."""
    exported(network, strict=True)


def onnx(network: Network) -> None:
    """torch.onnx.export(dynamo=True), run by onnxruntime with batches of other sizes."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package)
    import onnxruntime

    net, x = network.new(), network.input()
    program = torch.onnx.export(net, (x,), dynamo=True, dynamic_shapes=({0: "batch"},), verbose=False)
    with tempfile.TemporaryDirectory() as place:
        program.save(f"{place}/net.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            f"{place}/net.onnx", options, providers=["CPUExecutionProvider"]
        )
        (arriving,) = session.get_inputs()
        for batch in (2, 3):
            y = network.input(batch)
            found = session.run(None, {arriving.name: y.numpy()})
            with torch.no_grad():
                assert_equal([torch.from_numpy(value) for value in found], net(y), 1e-3)


def traced(network: Network) -> None:
    """torch.fx.symbolic_trace, in evaluation and in training; other batches and sizes run through the graph."""
    net = network.new()
    graph = torch.fx.symbolic_trace(net)
    with torch.no_grad():
        for size in range(len(network.sizes)):
            y = network.input(3, size)
            assert_equal(graph(y), net(y), 1e-6)
    torch.fx.symbolic_trace(net.train())


def copied(network: Network) -> None:
    """copy.deepcopy: equal, and with weights of its own."""
    net, x = network.new(), network.input()
    twin = copy.deepcopy(net)
    with torch.no_grad():
        wanted = net(x)
        assert_equal(twin(x), wanted, 0)
        for parameter in net.parameters():
            parameter.zero_()
        assert_equal(twin(x), wanted, 0)


def pickled(network: Network) -> None:
    """pickle and torch.save of the module and of its factory, found again by the name of the file."""
    net, x = network.new(), network.input()
    factory = getattr(network.module, network.model)
    assert pickle.loads(pickle.dumps(factory)) is factory
    assert factory.__doc__ and all(hasattr(network.module, name) for name in network.module.__all__)
    file = io.BytesIO()
    torch.save(net, file)
    file.seek(0)
    with torch.no_grad():
        wanted = net(x)
        result = pickle.loads(pickle.dumps(net))(x)
        assert_equal(result, wanted, 0)
        assert_equal(torch.load(file, weights_only=False)(x), wanted, 0)
    assert type(pickle.loads(pickle.dumps(result))) is type(result)


def restored(network: Network) -> None:
    """state_dict() into a fresh module, key by key, through a file that is read with weights_only=True."""
    net, x = network.new(), network.input()
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    file.seek(0)
    other = getattr(network.module, network.model)().eval()
    other.load_state_dict(torch.load(file, weights_only=True), strict=True)
    with torch.no_grad():
        assert_equal(other(x), net(x), 0)


def half(network: Network) -> None:
    """float16 on the CPU: each operation is off by its rounding, the whole by twice what such roundings make."""
    hold(network.new().half(), network.input().half(), network.graph)


def bfloat16(network: Network) -> None:
    """bfloat16 on the CPU, likewise."""
    hold(network.new().bfloat16(), network.input().bfloat16(), network.graph)


def channels_last(network: Network) -> None:
    """The output is equal, and every convolution, norm and pool on the way gets and gives that memory format."""
    net, x = network.new(), network.input()
    if x.dim() != 4:
        pytest.skip("channels_last is of maps with a height and a width")
    with torch.no_grad():
        wanted = net(x)
        kept: list[bool] = []

        def see(part: nn.Module, arriving: tuple[torch.Tensor, ...], leaving: torch.Tensor) -> None:
            for tensor in (*arriving, leaving):
                kept.append(tensor.is_contiguous(memory_format=torch.channels_last))

        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        for part in net.modules():
            if isinstance(part, (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d, nn.AvgPool2d, nn.ConvTranspose2d)):
                part.register_forward_hook(see)
        found = net(x.to(memory_format=torch.channels_last))
        assert_equal(found, wanted)
        assert kept and all(kept)
        for tensor in flat(found):
            assert tensor.dim() != 4 or tensor.is_contiguous(memory_format=torch.channels_last)


def checkpointed(network: Network) -> None:
    """Activation checkpointing of the class of a block: gradients are equal, those behind dropout and norms too."""
    from torch.distributed.algorithms._checkpoint import checkpoint_wrapper as library

    net = network.new().train()
    block = network.block()
    if block is type(net):
        pytest.skip("no block with weights")
    twin = copy.deepcopy(net)
    library.apply_activation_checkpointing(
        twin,
        partial(library.checkpoint_wrapper, checkpoint_impl=library.CheckpointImpl.NO_REENTRANT),
        lambda part: type(part) is block,
    )
    wrapped = [part for part in twin.modules() if isinstance(part, library.CheckpointWrapper)]
    assert len(wrapped) == sum(type(part) is block for part in net.modules())
    x = training_input(network)
    wanted = gradients(net, x)
    found = {name.replace("_checkpoint_wrapped_module.", ""): g for name, g in gradients(twin, x).items()}
    assert found.keys() == wanted.keys()
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-6, msg=name)


def gradients(net: nn.Module, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """Of the mean square of all that leaves; what is dropped is the same each time."""
    torch.manual_seed(2)
    net.zero_grad()
    torch.stack([tensor.square().mean() for tensor in flat(net(x))]).sum().backward()  # type: ignore[no-untyped-call]
    return {name: p.grad.clone() for name, p in net.named_parameters() if p.grad is not None}


def features(network: Network) -> None:
    """create_feature_extractor finds what every module gives, by the name that the spec gives it.

    torchvision takes `_1` at the end of the name of a layer for a count of its own, and counts anew: what the graph has
    as `up0_1`, `up0_2`, ... it calls `up0`, `up0_1`, ...: these are asked for by the names that get_graph_node_names gives.
    """
    from tests.zoo.oracles import torchvision_models

    torchvision_models()
    extraction = pytest.importorskip("torchvision.models.feature_extraction")
    net, x = network.new(), network.input()
    seen: dict[str, Any] = {}
    for name, part in net.named_children():
        part.register_forward_hook(lambda _, args, out, name=name: seen.update({name: out}))
    with torch.no_grad():
        net(x)
        wanted = {name: out for name, out in seen.items() if isinstance(out, torch.Tensor)}
        fresh = network.new()
        names = numbered(fresh, extraction)
        asked = {names.get(name, name): name for name in wanted}
        found = extraction.create_feature_extractor(fresh, asked)(x)
    assert found.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert_equal(found[name], tensor, 1e-6)


def numbered(net: nn.Module, extraction: Any) -> dict[str, str]:
    """torchvision's names of the layers whose own names end in a number behind `_`."""
    tracer = extraction.NodePathTracer()
    tracer.trace(net)
    names = {
        str(node.target): name for node, name in tracer.node_to_qualname.items() if node.op == "call_module"
    }
    return {layer: name for layer, name in names.items() if re.search(r"_\d+$", layer)}


def leaves_no_trace(network: Network) -> None:
    """Importing changes no state of PyTorch, building and running keep none outside of the module."""
    import subprocess
    import sys

    text = f"""
import sys, torch
before = (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), torch.initial_seed())
state = torch.get_rng_state()
loaded = set(sys.modules)
sys.path.insert(0, {str(network.file.parent)!r})
import {network.file.stem} as made
assert before == (torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(), torch.initial_seed())
assert torch.equal(state, torch.get_rng_state())
more = {{name.partition(".")[0] for name in set(sys.modules) - loaded}} - {{made.__name__}}
assert more <= {{"torch", *sys.stdlib_module_names}}, more
exec("from {network.file.stem} import *")
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    net, x = network.new(), network.input()
    with torch.no_grad():
        first = net(x)
        kept = {key: value for part in net.modules() for key, value in vars(part).items() if key[0] != "_"}
        net(network.input(1))
        assert_equal(net(x), first, 0)
    assert not any(isinstance(value, torch.Tensor) for value in kept.values())


#: Cheap ones, which all of the six stand in every run.
CHEAP: dict[str, Property] = {
    "fx": traced,
    "deepcopy": copied,
    "pickle": pickled,
    "state_dict": restored,
    "half": half,
    "bfloat16": bfloat16,
    "channels_last": channels_last,
    "feature extractor": features,
}
#: Those that take seconds: a sample in every run, all on demand.
COSTLY: dict[str, Property] = {
    "compile": eager,
    "compile with AOTAutograd": aot_eager,
    "export": exported,
    "export, strict": exported_strictly,
    "ONNX": onnx,
    "checkpointing": checkpointed,
    "import": leaves_no_trace,
}
PROPERTIES = {**CHEAP, **COSTLY}

_LRN = "PyTorch's LocalResponseNorm has none on the processor"
#: What does not hold, and why.
EXCEPTIONS: dict[tuple[str, str], str] = {
    (
        "mobilevit_xxs",
        "channels_last",
    ): "windows give contiguous maps: the output is equal, the format is not kept",
    (
        "lenet5",
        "channels_last",
    ): "slices of the channels are views, which have the order of the format with gaps between",
    ("googlenet_paper", "half"): _LRN,
    ("googlenet_paper", "bfloat16"): _LRN,
}
