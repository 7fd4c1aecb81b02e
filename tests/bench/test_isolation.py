"""Traps of `torch.compile`: what is compiled of one module is no one else's."""

from __future__ import annotations

import copy
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from archdsl.bench.forms import FORMS, REWRITTEN, Form, chosen
from archdsl.bench.isolation import isolate
from archdsl.bench.steps import prepare

pytestmark = pytest.mark.torch


class Base(nn.Module):
    def scale(self, x: Tensor, by: float = 2.0) -> Tensor:
        return x * by


class Net(Base):
    """Its forward reads a constant of the module, and goes through super and a part of its own."""

    def __init__(self, depth: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.inner = Net(depth - 1) if depth else None

    def scale(self, x: Tensor, by: float = 3.0, *, more: float = 1.0) -> Tensor:
        return super().scale(x, by) + more

    @property
    def width(self) -> int:
        return 4

    def forward(self, x: Tensor) -> Tensor:
        y = self.scale(self.conv(x)).relu()
        return y if self.inner is None else y + self.inner(x)


def compiled_for(modules: list[nn.Module]) -> list[list[nn.Module]]:
    """Which modules' weights each of the graphs took that Dynamo made, running one module after another."""
    torch._dynamo.reset()
    made: list[Any] = []

    def backend(graph: Any, inputs: Any) -> Any:
        made.append(graph)
        return graph.forward

    found = []
    with torch.no_grad():
        for module in modules:
            before = len(made)
            torch.compile(module, backend=backend, dynamic=False)(torch.ones(1, 3, 4, 4))
            found.append(made[before:])
    return found


def test_modules_of_one_class_would_share_what_is_compiled() -> None:
    """The trap itself: if this no longer holds, Dynamo has changed and `isolate` may go."""
    torch.manual_seed(0)
    net = Net()
    first, second = compiled_for([net, copy.deepcopy(net)])
    assert len(first) == 1 and len(second) == 0


def test_isolated_modules_share_nothing() -> None:
    torch.manual_seed(0)
    net = Net()
    expected = net(torch.ones(1, 3, 4, 4))
    copies = [isolate(copy.deepcopy(net)) for _ in range(10)]  # more than Dynamo compiles of one code
    assert [len(made) for made in compiled_for(copies)] == [1] * 10
    for one in copies:
        assert torch.equal(one(torch.ones(1, 3, 4, 4)), expected)


def test_what_an_isolated_module_keeps() -> None:
    net = isolate(Net())
    assert isinstance(net, Net) and type(net) is not Net
    assert type(net).__name__ == "Net" and type(net).forward.__code__ is not Net.forward.__code__
    assert type(net.inner) is type(net), "a class is made anew once"
    assert type(net.conv) is nn.Conv2d, "PyTorch's own classes stay"
    assert net.width == 4
    assert float(net.scale(torch.ones(1), more=2.0)) == 5.0


class Late(nn.Sequential, Base):
    """PyTorch's forward hides the one behind it."""


def test_what_is_hidden_stays_hidden() -> None:
    net = isolate(Late(nn.ReLU()))
    assert type(net).forward is nn.Sequential.forward
    assert net(torch.tensor([-1.0])) == 0


def test_a_batch_of_one_size_does_not_change_what_is_compiled_for_another() -> None:
    """After a second size Dynamo would compile for any."""
    torch._dynamo.reset()
    shapes: list[Any] = []

    def backend(graph: Any, inputs: Any) -> Any:
        shapes.extend(
            one.shape[0] for one in inputs if one.dim() == 4 and one.shape[1] == 3 and one.shape[2] == 4
        )
        return graph.forward

    net = Net()
    with torch.no_grad():
        for batch in (1, 2, 3):
            torch.compile(isolate(copy.deepcopy(net)), backend=backend, dynamic=False)(
                torch.ones(batch, 3, 4, 4)
            )
    assert all(type(one) is int for one in shapes) and shapes == [1, 2, 3]


@pytest.mark.slow
@pytest.mark.parametrize("freezing", [False, True])
def test_a_compiled_form_has_a_graph_of_its_own(freezing: bool) -> None:
    """With frozen weights of its own too: another module of the class gives its own results."""
    torch._dynamo.reset()
    form = Form("compiled", "compile", compiled=True, freezing=freezing)
    inputs = [torch.ones(1, 3, 8, 8)]
    for seed in (0, 1):
        torch.manual_seed(seed)
        net = Net().eval()
        expected = net(*inputs).detach()
        step = prepare(form, copy.deepcopy(net), inputs, "inference")
        assert step.graphs == 1
        assert torch.allclose(step.first[0], expected, atol=1e-5)
        with step.around():
            assert torch.allclose(step.run(), expected, atol=1e-5)


def test_freezing_makes_weights_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dynamo gives the weights as attributes of the graph and not as what arrives."""
    torch._dynamo.reset()
    taken: list[int] = []
    plain = torch.compile

    def with_backend(module: nn.Module, **options: Any) -> Any:
        def backend(graph: Any, inputs: Any) -> Any:
            taken.append(len(inputs))
            return graph.forward

        return plain(module, backend=backend, **options)

    monkeypatch.setattr(torch, "compile", with_backend)
    for freezing in (False, True):
        prepare(
            Form("", "compile", compiled=True, freezing=freezing),
            Net(0),
            [torch.ones(1, 3, 8, 8)],
            "inference",
        )
    assert taken == [3, 1]


def test_forms_by_device_and_purpose() -> None:
    def names(forms: tuple[Form, ...], *what: Any) -> list[str]:
        return [form.name for form in chosen(forms, *what)]

    every = ("eager", "compile", "cuda-graph")
    assert names(FORMS, ("eager",), "cpu", "training") == ["as written", "channels-last"]
    assert names(FORMS, ("compile",), "cpu", "inference") == [
        "compile",
        "compile, channels-last",
        "compile, freezing",
    ]
    assert "compile, freezing" not in names(FORMS, every, "cpu", "training")
    assert names(FORMS, ("cuda-graph",), "cpu", "inference") == []
    assert "cuda graph" in names(FORMS, every, "cuda", "training")
    assert all(form.rewritten for form in REWRITTEN) and not any(form.rewritten for form in FORMS)
