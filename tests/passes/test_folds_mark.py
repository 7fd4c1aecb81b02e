"""Weights of a module for inference bear a mark of how they are folded, and others are refused."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import archdsl  # noqa: E402
from archdsl.graph.plan import Plan  # noqa: E402
from tests.passes.helpers import network, randomise, tensors, values  # noqa: E402

pytestmark = pytest.mark.torch
#: Keys and shapes are those of the training, and the weights are others: a factor is folded into them.
SCALED = archdsl.loads(network("a: conv(4, 3, bias=true) -> scale(0.5) -> relu -> b: conv(4, 3, bias=true)"))
#: Its other half: the same keys and shapes, and another factor.
OTHER = archdsl.loads(network("a: conv(4, 3, bias=true) -> scale(0.25) -> relu -> b: conv(4, 3, bias=true)"))
#: What only training needs counts in the names of what is behind it.
RENAMED = archdsl.loads(
    "network net {\n  input x: [3, 8, 8]\n  t = conv(3, 3)\n  output aux = t -> conv(3, 3) when training\n"
    "  y = t -> conv(3, 3) -> relu -> conv(3, 3)\n  output y\n}\nmodel net = net\n"
)
PLAIN = archdsl.loads(network("a: conv(4, 3) -> relu -> dropout(0.5) -> b: conv(4, 3)"))
TARGETS = ("eager", "compile", "cuda-graph")


def trained(arch: Any = SCALED) -> Any:
    module = arch.build().eval()
    randomise(module)
    return module


def folded(arch: Any = SCALED, target: str = "eager") -> Any:
    return arch.build(Plan(target=target)).load_trained(trained(arch).state_dict())


def fresh(arch: Any = SCALED, target: str = "eager") -> Any:
    return arch.build(Plan(target=target))


def given(module: Any) -> Any:
    module._compiled_call_impl = None
    with torch.no_grad():
        (found,) = tensors(module(values((3, 8, 8), torch.float32)))
    return found


def refused(module: Any, state: dict[str, Any], words: str, **options: Any) -> None:
    before = {name: weight.clone() for name, weight in module.state_dict().items()}
    with pytest.raises(RuntimeError, match=words) as caught:
        module.load_state_dict(state, **options)
    assert "load_trained takes those of the network as it is trained" in str(caught.value)
    assert all(torch.equal(weight, before[name]) for name, weight in module.state_dict().items())


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("target", TARGETS)
def test_weights_of_a_training_are_refused(target: str, strict: bool) -> None:
    module, state = fresh(target=target), trained().state_dict()
    assert {name: w.shape for name, w in state.items()}.items() <= {
        name: w.shape for name, w in module.state_dict().items()
    }.items()
    refused(module, state, "Net cannot load these weights: they are not folded", strict=strict)
    refused(module, {"b.weight": state["b.weight"]}, "they are not folded", strict=False)


@pytest.mark.parametrize("strict", [True, False])
def test_weights_folded_in_another_way_are_refused(strict: bool) -> None:
    refused(fresh(), folded(OTHER).state_dict(), "they are folded in another way", strict=strict)
    plain = SCALED.build(Plan(passes=("none",)))
    plain.load_state_dict(trained().state_dict())
    assert "folds_mark" not in plain.state_dict()


def test_names_that_mean_others_are_refused() -> None:
    """What is conv2 of the module is conv3 of the network as it is trained, and both have keys that fit."""
    module, state = fresh(RENAMED), trained(RENAMED).state_dict()
    assert set(module.state_dict()) - {"folds_mark"} < set(state)
    refused(module, state, "they are not folded", strict=False)
    assert torch.allclose(given(folded(RENAMED)), given(trained(RENAMED)), atol=1e-5)


def test_modules_of_the_same_weights_take_them() -> None:
    state = folded().state_dict()
    for target in TARGETS:
        module = fresh(target=target)
        assert str(module.load_state_dict(state)) == "<All keys matched successfully>"
        assert torch.equal(given(module), given(folded(target=target)))


def test_where_nothing_is_folded_there_is_no_mark() -> None:
    module, state = fresh(PLAIN), trained(PLAIN).state_dict()
    assert set(module.state_dict()) == set(state)
    module.load_state_dict(state)
    assert torch.allclose(given(module), given(trained(PLAIN)), atol=1e-5)
    assert "mark_folded" not in PLAIN.source(plan=Plan())


def test_a_network_as_it_is_trained_takes_no_folded_weights() -> None:
    with pytest.raises(RuntimeError, match=r'Unexpected key.*"folds_mark"'):
        trained().load_state_dict(folded().state_dict())


def test_inside_another_module() -> None:
    def whole(part: Any) -> Any:
        return torch.nn.ModuleDict({"net": part, "head": torch.nn.Linear(2, 2)})

    outer = whole(fresh())
    outer.load_state_dict(whole(folded()).state_dict())
    assert torch.equal(given(outer["net"]), given(folded()))
    with pytest.raises(RuntimeError, match="they are not folded"):
        outer.load_state_dict(whole(trained()).state_dict())
    with pytest.raises(RuntimeError, match="they are folded in another way"):
        outer.load_state_dict(whole(folded(OTHER)).state_dict(), strict=False)
    head = {"head.weight": torch.zeros(2, 2)}
    assert "net.folds_mark" in outer.load_state_dict(head, strict=False).missing_keys


def test_keys_of_others_are_told_by_pytorch() -> None:
    for state in ({}, {f"module.{name}": w for name, w in folded().state_dict().items()}):
        with pytest.raises(RuntimeError, match="Missing key"):
            fresh().load_state_dict(state)
        fresh().load_state_dict(state, strict=False)


@pytest.mark.parametrize("wrap", [torch.nn.DataParallel, torch.compile], ids=["parallel", "compiled"])
def test_wrappers(wrap: Callable[[Any], Any]) -> None:
    module = fresh()
    wrapped = wrap(module)
    wrapped.load_state_dict(wrap(folded()).state_dict())
    assert torch.equal(given(module), given(folded()))
    with pytest.raises(RuntimeError, match="they are not folded"):
        wrapped.load_state_dict(wrap(trained()).state_dict())


def through_file(module: Any) -> Any:
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("copied", [copy.deepcopy, through_file, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_refuse_too(copied: Callable[[Any], Any]) -> None:
    module = copied(fresh())
    refused(module, trained().state_dict(), "they are not folded")
    module.load_state_dict(folded().state_dict())
    assert torch.equal(given(module), given(folded()))


def test_files(tmp_path: Path) -> None:
    files = pytest.importorskip("safetensors.torch")
    state = {name: weight.contiguous() for name, weight in folded().state_dict().items()}
    torch.save(state, tmp_path / "net.pth")
    files.save_file(state, tmp_path / "net.safetensors")
    read = torch.load(tmp_path / "net.pth", weights_only=True)
    for found in (read, files.load_file(tmp_path / "net.safetensors")):
        module = fresh()
        module.load_state_dict(found)
        assert torch.equal(given(module), given(folded()))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_the_mark_is_no_weight(dtype: str) -> None:
    """It stays what it is in other types, and is known where all tensors of a file were brought into one."""
    kind = getattr(torch, dtype)
    module = folded()
    mark = module.state_dict()["folds_mark"]
    assert mark.dtype == torch.uint8 and mark.numel() == 8
    for other in (module.to(kind), module.to(dtype=kind), module.float(), copy.deepcopy(module).half()):
        assert torch.equal(other.state_dict()["folds_mark"], mark)
    cast = {name: weight.to(kind) for name, weight in folded().state_dict().items()}
    for assign in (False, True):
        module = fresh()
        module.load_state_dict(cast, assign=assign)
        module.load_state_dict(module.state_dict())
    assert not any(parameter is module.folds_mark for parameter in module.parameters())


def test_modules_without_memory() -> None:
    """On the device meta there are names and shapes; what is loaded, or folded, comes later."""
    with torch.device("meta"):
        nets = [fresh() for _ in range(3)]
    assert all(weight.is_meta for net in nets for weight in net.state_dict().values())
    nets[0].load_state_dict(folded().state_dict(), assign=True)
    nets[1].to_empty(device="cpu").load_state_dict(folded().state_dict())
    nets[2].to_empty(device="cpu").load_trained(trained().state_dict())
    for net in nets:
        assert torch.equal(given(net), given(folded()))
        assert torch.equal(net.state_dict()["folds_mark"], folded().state_dict()["folds_mark"])
    with torch.device("meta"):
        net = fresh()
        net.load_state_dict(fresh().state_dict())
    with pytest.raises(RuntimeError, match="they are not folded"):
        net.load_state_dict(trained().state_dict(), assign=True)


@pytest.mark.parametrize("target", ["eager", "compile"])
def test_programs_do_without(target: str) -> None:
    module = folded(target=target)
    module._compiled_call_impl = None
    image = values((3, 8, 8), torch.float32)
    with torch.no_grad():
        for program in (torch.export.export(module, (image,)).module(), torch.jit.trace(module, (image,))):
            assert torch.allclose(program(image), given(module), atol=1e-5)
        assert torch.allclose(torch.compile(module, backend="aot_eager")(image), given(module), atol=1e-5)


def test_the_mark_is_the_same_each_time() -> None:
    """It follows from the folds alone: a process, a target and a version of PyTorch are no matter."""
    marks = [fresh(target=target).state_dict()["folds_mark"].tolist() for target in TARGETS]
    assert marks == [marks[0]] * len(TARGETS)
    assert marks[0] != fresh(OTHER).state_dict()["folds_mark"].tolist()


@pytest.mark.parametrize("label", ["folds_mark", "load_trained", "recorded"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_layer_of_that_name_has_another(label: str, target: str) -> None:
    arch = archdsl.loads(network(f"{label}: conv(4, 3) -> {label}_: bn -> relu -> conv(4, 3)"))
    whole = trained(arch)
    module = fresh(arch, target).load_trained(whole.state_dict())
    assert torch.allclose(given(module), given(whole), atol=1e-4)
    fresh(arch, target).load_state_dict(module.state_dict())


def test_scripts_carry_it_along() -> None:
    module = SCALED.build(Plan(passes=("fold-scale",))).load_trained(trained().state_dict())
    script, image = torch.jit.script(module), values((3, 8, 8), torch.float32)
    assert torch.equal(script(image), module(image))
    assert script.state_dict().keys() == module.state_dict().keys()
