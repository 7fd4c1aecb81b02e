"""A rewritten module takes the weights of its network as it is trained, and no others; what it packs follows them."""

from __future__ import annotations

import copy
import io
import pickle
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import archdsl  # noqa: E402
from archdsl.graph.plan import Plan  # noqa: E402
from tests.passes.helpers import difference, network, randomise, tensors, values  # noqa: E402

pytestmark = pytest.mark.torch

TWO = """
network two {
  input x: [3, 8, 8]
  y = x -> a: conv(8, 3, pad=1, bias=true) -> n: bn -> relu -> b: conv(8, 3, pad=1, bias=false) -> m: bn -> relu
  output out = y -> flatten -> fc: linear(5)
  output hint = y -> gap -> aux: linear(7) when training
}
model two = two
"""
AUXILIARY = TWO.replace(
    "output hint = y -> gap -> aux: linear(7) when training",
    """output hint = y -> aux: { conv(4, 1) -> bn -> gap -> linear(7) } when training
  output more = y -> gap -> last: linear(3) when training""",
)
PLAIN = network("y = x -> c: conv(8, 3) -> n: bn(affine=false, eps=1e-3) -> relu -> c2: conv(4, 1)")
SHIFTED = network("y = x -> dropout(0.5) -> conv(8, 3) -> bn -> dropout(0.5) -> relu -> conv(4, 1)")


COUNTING = """
import torch
from torch import nn


class Count(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = {}
        self.register_buffer("table", torch.arange(4))

    def forward(self, x):
        return x + self.table.sum()

    def get_extra_state(self):
        return self.seen

    def set_extra_state(self, state):
        self.seen = state
"""


@cache
def _arch(text: str) -> Any:
    return archdsl.loads(text)


def trained(text: str = TWO, seed: int = 0) -> Any:
    module = _arch(text).build().eval()
    randomise(module, seed)
    return module


def rewritten(text: str = TWO, target: str = "eager") -> Any:
    return _arch(text).build(Plan(target=target))


def same(text: str, module: Any, other: Any, dtype: Any = None, bound: float = 1e-12) -> None:
    image = values((3, 8, 8), torch.float64)
    with torch.no_grad():
        (found,), (expected, *_) = (
            tensors(module(image.to(dtype or torch.float64))),
            tensors(other.double()(image)),
        )
    assert difference(expected, found.double()) <= bound


@pytest.mark.parametrize("text", [TWO, PLAIN, SHIFTED], ids=["two", "plain", "shifted"])
def test_outputs_are_equal(text: str) -> None:
    whole, module = trained(text).double(), rewritten(text).double()
    assert module.load_trained(whole.state_dict()) is module
    same(text, module, whole)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_folds_are_made_in_double_precision(dtype: str) -> None:
    """Weights in half precision are exact numbers too: what is folded is rounded once, for the module."""
    whole = trained().to(getattr(torch, dtype))
    before = {name: weight.clone() for name, weight in whole.state_dict().items()}
    module = rewritten().double().load_trained(whole.state_dict())
    assert all(torch.equal(weight, before[name]) for name, weight in whole.state_dict().items())
    same(TWO, module, whole)
    exact = module.state_dict()
    for kind in (torch.float32, torch.float16, torch.bfloat16):
        own = rewritten().to(kind).load_trained(whole.state_dict()).state_dict()
        assert all(torch.equal(own[name], weight.to(kind)) for name, weight in exact.items())


def test_a_module_elsewhere() -> None:
    whole = trained()
    copied = copy.deepcopy(rewritten()).double().load_trained(whole.state_dict())
    same(TWO, copied, whole)
    rewritten().to("meta")
    with torch.inference_mode():
        module = rewritten().double().load_trained(trained().state_dict())
        same(TWO, module, trained())
        module.load_trained(trained(seed=1).state_dict())
        same(TWO, module, trained(seed=1))
    module = rewritten().double()
    module.load_trained(dict(whole.named_parameters()) | dict(whole.named_buffers()))
    assert not any(weight.requires_grad for weight in module.parameters())
    same(TWO, module, whole)


def without(*names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda state: {name: weight for name, weight in state.items() if name not in names}


def having(**more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda state: {**state, **{name.replace("__", "."): weight for name, weight in more.items()}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("n.running_var"), "missing: n.running_var"),
        (without("n.weight"), "missing: n.weight"),
        (without("a.weight", "m.running_mean"), "missing: a.weight, m.running_mean"),
        (without("fc.bias"), "missing: fc.bias"),
        (without("a.bias"), "14 tensors, not 15"),
        (without("aux.bias"), "14 tensors, not 15"),
        (having(b__bias=torch.zeros(8)), "16 tensors, not 15"),
        (having(other__weight=torch.zeros(8)), "unexpected: other.weight"),
        (having(fc__scale=torch.zeros(8)), "unexpected: fc.scale"),
        (having(epoch=3), "unexpected: epoch"),
        (having(fc__weight=torch.zeros(6, 512)), "fc.weight is [6, 512], not [5, 512]"),
        (having(b__weight=torch.zeros(8, 4, 3, 3)), "b.weight is [8, 4, 3, 3], not [8, 8, 3, 3]"),
        (having(n__weight=torch.ones(1)), "n.weight [1], n.bias [8], n.running_mean [8], n.running_var [8]"),
        (having(n__running_mean=torch.ones(9)), "n.running_mean [9]"),
        (having(a__weight=torch.ones(())), "a.weight []"),
        (without("aux.weight"), "14 tensors, not 15"),
        (lambda state: without("aux.weight", "aux.bias", "a.bias")(state), "12 tensors, not 13"),
        (lambda state: without("aux.weight", "aux.bias", "n.bias")(state), "missing: n.bias"),
        (
            lambda state: {f"module.{name}": weight for name, weight in state.items()},
            "missing: n.weight, m.weight, fc.weight and 1 more; unexpected: module.a.weight",
        ),
        (lambda state: {}, "missing: "),
    ],
)  # fmt: skip
def test_other_weights_are_refused(change: Callable[[dict[str, Any]], dict[str, Any]], message: str) -> None:
    module = rewritten().load_trained(trained().state_dict())
    before = {name: weight.clone() for name, weight in module.state_dict().items()}
    with pytest.raises(RuntimeError) as caught:
        module.load_trained(change(trained(seed=1).state_dict()))
    assert str(caught.value).startswith("not the weights of Two as it is trained: ")
    assert message in str(caught.value)
    assert all(torch.equal(weight, before[name]) for name, weight in module.state_dict().items())


@pytest.mark.parametrize("counters", [True, False])
def test_what_only_training_needs_may_be_missing(counters: bool) -> None:
    """As in a checkpoint of the network without its auxiliary classifiers."""
    arch = archdsl.loads(AUXILIARY)
    whole = arch.build().eval()
    randomise(whole)
    state = {n: w for n, w in whole.state_dict().items() if counters or "num_batches" not in n}
    for names in (("aux.",), ("last.",), ("aux.", "last.")):
        module = arch.build(Plan()).double()
        module.load_trained({n: w for n, w in state.items() if not n.startswith(names)})
        same(AUXILIARY, module, copy.deepcopy(whole))
    with pytest.raises(RuntimeError, match="tensors, not"):
        module.load_trained(without("aux.1.weight")(state))


def arrays(state: dict[str, Any]) -> dict[str, Any]:
    return {name: weight.numpy() for name, weight in state.items()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: "trained.pth", "not a str: torch.load reads one from a file"),
        (lambda state: Path("trained.pth"), "Path: torch.load reads one from a file"),
        (lambda state: None, "not a NoneType"),
        (lambda state: list(state.items()), "not a list"),
        (lambda state: trained(), "not a module: that of Two may be one"),
        (lambda state: {"state_dict": state}, "not a dict of dicts: one of state_dict may be that"),
        (lambda state: {"epoch": 3, "net": state, "ema": state}, "one of net, ema may be that"),
        (lambda state: {"net": {"state_dict": state}}, "one of net may be that"),
        (lambda state: dict(enumerate(state.values())), "whose keys are texts, not 0"),
        (arrays, "takes tensors, and a.weight is of the type numpy.ndarray"),
        (lambda state: {**state, "a.bias": state["a.bias"].numpy()}, "a.bias is of the type numpy.ndarray"),
        (lambda state: {**state, "aux.bias": None}, "aux.bias is of the type builtins.NoneType"),
        (having(fc__weight=[[1.0]]), "fc.weight is of the type builtins.list"),
        (having(n__bias=torch.eye(8).to_sparse()), "n.bias is sparse or quantised"),
        (having(m__bias=torch.ones(8, device="meta")), "m.bias is on the device meta, without values"),
    ],
)  # fmt: skip
def test_what_is_no_state_is_a_wrong_type(change: Callable[[dict[str, Any]], Any], message: str) -> None:
    module = rewritten().load_trained(trained().state_dict())
    before = {name: weight.clone() for name, weight in module.state_dict().items()}
    with pytest.raises(TypeError, match=re.escape(message)) as caught:
        module.load_trained(change(trained(seed=1).state_dict()))
    assert str(caught.value).startswith("load_trained takes ")
    assert all(torch.equal(weight, before[name]) for name, weight in module.state_dict().items())


def test_what_is_folded_is_not_folded_again() -> None:
    module = rewritten().load_trained(trained().state_dict())
    for other in (rewritten(), rewritten(PLAIN)):
        with pytest.raises(RuntimeError, match="folded already: load_state_dict takes it"):
            other.load_trained(module.state_dict())


def test_counters_of_batches_are_no_matter() -> None:
    """Checkpoints of PyTorch before 0.4.1 have none, and load_state_dict does without."""
    state = trained().state_dict()
    bare = {name: weight for name, weight in state.items() if "num_batches" not in name}
    assert len(bare) < len(state)
    same(TWO, rewritten().double().load_trained(bare), trained())


def in_place(module: Any) -> None:
    for weight in module.parameters():
        weight.mul_(0.75)


def there_and_back(module: Any) -> None:
    module.double()
    in_place(module)
    module.float()


def exchanged(module: Any) -> None:
    for part in module.modules():
        for name, weight in list(part.named_parameters(recurse=False)):
            setattr(part, name, torch.nn.Parameter(weight * 0.75, requires_grad=False))


@pytest.mark.parametrize(
    "change",
    [
        in_place,
        there_and_back,
        exchanged,
        lambda module: module.half().float(),
        lambda module: module.share_memory(),
        lambda module: module.load_trained(trained(seed=1).state_dict()),
        lambda module: module.load_state_dict(rewritten().state_dict()),
        lambda module: module.load_state_dict(
            {n: w * 0.75 if w.is_floating_point() else w for n, w in module.state_dict().items()}, assign=True
        ),
        lambda module: module.to(memory_format=torch.contiguous_format),
    ],
    ids=[
        "in-place",
        "there-and-back",
        "exchanged",
        "half",
        "share",
        "trained",
        "state",
        "assign",
        "contiguous",
    ],
)
def test_packed_weights_follow(change: Callable[[Any], Any]) -> None:
    module = rewritten().load_trained(trained().state_dict())
    image = values((3, 8, 8), torch.float32)
    with torch.no_grad():
        for _ in range(2):
            module(image)
            change(module)
            expected = copy.deepcopy(module).double()(image.double())
            assert difference(expected, module(image).double()) <= 1e-5


def saved(module: Any) -> Any:
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("copied", [copy.deepcopy, saved, lambda module: pickle.loads(pickle.dumps(module))])
def test_copies_pack_for_themselves(copied: Callable[[Any], Any]) -> None:
    module = rewritten().load_trained(trained().state_dict())
    image = values((3, 8, 8), torch.float32)
    with torch.no_grad():
        expected = module(image)
        other = copied(module)
        assert len(pickle.dumps(other)) <= len(pickle.dumps(rewritten())) + 100
        assert torch.equal(other(image), expected)
        in_place(other)
        assert not torch.equal(other(image), expected)
        assert torch.equal(module(image), expected)


def test_state_dict_of_its_own() -> None:
    """What a module has taken is saved and loaded as any other module's."""
    module = rewritten().load_trained(trained().state_dict())
    other = rewritten()
    other.load_state_dict(module.state_dict(), strict=True)
    image = values((3, 8, 8), torch.float32)
    assert torch.equal(other(image), module(image))
    assert not module.training and not any(weight.requires_grad for weight in module.parameters())


def test_classes_of_others_keep_what_they_keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that are no weights, and state that is no tensor, go with them."""
    (tmp_path / "counting.py").write_text(COUNTING, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    arch = archdsl.loads(
        'extern block count {\n  python = "counting.Count()"\n  shape = in.shape\n  params = 0\n  macs = 0\n}\n'
        + network("c: conv(4, 3) -> n: bn -> k: count -> m: bn -> relu -> d: conv(4, 1)")
    )
    whole = arch.build().eval()
    randomise(whole)
    whole.k.seen = {"images": 7}
    whole.k.table.add_(3)
    module = arch.build(Plan()).double().load_trained(whole.state_dict())
    assert module.k.seen == {"images": 7} and torch.equal(module.k.table, whole.k.table)
    same("", module, whole)
    other = arch.build(Plan())
    other.load_state_dict(module.state_dict())
    assert other.k.seen == {"images": 7}
