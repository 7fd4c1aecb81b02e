"""Dense blocks in one storage, and what is computed again in the backward pass."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from archdsl.graph.plan import Plan
from tests.passes.helpers import SPECS, tensors
from tests.passes.stepping import Pair, assert_alike, pair

RUNNING = """
from std.dense import dense_block, transition
network tiny(classes = 5) {
  input image: [3, 16, 16]
  conv(8, 3) -> dense_block(5, 6) -> transition() -> dense_block(4, 6, 0) -> bn -> relu -> gap -> linear(classes)
  output logits
}
"""
LISTED = """
network listed {
  input image: [3, 16, 16]
  x0 = conv(8, 3)
  x1 = x0 -> bn -> relu -> conv(16, 1)
  x2 = (x0 | x1) -> concat -> bn -> silu -> conv(12, 1)
  x3 = (x0 | x1 | x2) -> concat -> bn -> relu -> conv(8, 1)
  (x0 | x1 | x2 | x3) -> concat -> gn(4) -> relu -> conv(8, 1) -> gap -> linear(5)
  output logits
}
"""


@pytest.fixture(scope="module")
def running() -> Pair:
    return pair(RUNNING)


def test_running_concatenations_grow_in_one_storage(running: Pair) -> None:
    assert_alike(running)
    assert "return concatenated(x, y, self.room)" in running.source
    assert "torch.cat([x, y]" not in running.source.split("class DenseLayer")[1]
    assert running.share < 0.55


def test_lists_of_maps_are_joined_again() -> None:
    both = pair(LISTED)
    assert_alike(both)
    assert "recomputed([self.bn3, self.relu2, self.conv4], x0, x1, x2)" in both.source
    assert both.share < 0.5


@pytest.mark.parametrize(
    ("spec", "model", "sizes", "share"),
    [
        ("densenet", "densenet121", {"image": 64}, 0.42),
        ("densenet", "densenet201", {"image": 64}, 0.36),
        ("densenet_cifar", "densenet_40_12", {}, 0.14),
        pytest.param("srdensenet", "srdensenet_all", {}, 0.56, marks=[pytest.mark.slow, pytest.mark.zoo]),
        ("dpn", "dpn68", {"image": 64}, 0.83),
        ("resnet", "resnet18", {"image": 64}, 1.0),
    ],
)
def test_networks_train_alike_in_less_memory(
    spec: str, model: str, sizes: dict[str, int], share: float
) -> None:
    both = pair(SPECS / f"{spec}.arch", model=model, **sizes)
    assert both.share <= share
    assert_alike(both)


def test_batch_of_two_forwards_before_one_backward(running: Pair) -> None:
    both = copy.deepcopy(running)
    a, b = both.images(1), both.images(2)
    losses = [(net(*a).square().sum() + net(*b).sum()) for net in (both.plain, both.net)]
    for loss in losses:
        loss.backward()
    for ours, theirs in zip(both.net.parameters(), both.plain.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-11, atol=1e-12)


def test_gradients_of_gradients(running: Pair) -> None:
    both = copy.deepcopy(running)
    found = []
    for net in (both.plain, both.net):
        (x,) = both.images(3)
        x.requires_grad_()
        (gradient,) = torch.autograd.grad(net(x).square().sum(), x, create_graph=True)
        gradient.square().sum().backward()
        found.append([x.grad, *(weight.grad for weight in net.parameters())])
    for theirs, ours in zip(*found, strict=True):
        assert (theirs is None) == (ours is None)
        if theirs is not None:
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_channels_last(running: Pair) -> None:
    both = copy.deepcopy(running)
    both.net.to(memory_format=torch.channels_last)
    found = [net(image).square().sum() for net in (both.plain, both.net) for image in both.images()]
    torch.testing.assert_close(found[1], found[0], rtol=1e-12, atol=0)
    seen: list[bool] = []
    layer = (
        both.net.get_submodule("denseblock1.denselayer2.conv2") if hasattr(both.net, "denseblock1") else None
    )
    modules = (
        [layer] if layer is not None else [m for m in both.net.modules() if isinstance(m, nn.Conv2d)][2:6]
    )
    for module in modules:
        module.register_forward_hook(
            lambda m, x, y: seen.append(x[0].is_contiguous(memory_format=torch.channels_last))
        )
    (image,) = both.images()
    both.net(image.contiguous(memory_format=torch.channels_last)).sum().backward()
    assert seen and all(seen)


def test_copies_and_files(running: Pair) -> None:
    (image,) = running.images()
    copied = copy.deepcopy(running.net).eval()
    file = io.BytesIO()
    torch.save(running.net.state_dict(), file)
    file.seek(0)
    copied.load_state_dict(torch.load(file))
    assert torch.equal(copied(image), running.net.eval()(image))
    running.net.train()


def test_autocast(running: Pair) -> None:
    both = copy.deepcopy(running)
    found = []
    for net in (both.plain.float(), both.net.float()):
        with torch.autocast("cpu", torch.bfloat16):
            loss = net(both.images()[0].float()).float().square().sum()
        loss.backward()
        found.append([loss, *(weight.grad for weight in net.parameters())])
    for theirs, ours in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-2, atol=1e-3)


def test_appending_twice_to_one_tensor(running: Pair) -> None:
    concatenated = _function(running, "concatenated")
    x, y, z = (torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True) for _ in range(3))
    xy = concatenated(x, y, 9)
    one, two = concatenated(xy, z, 9), concatenated(xy, 2 * z, 9)  # the second has a storage of its own
    assert torch.equal(one, torch.cat([x, y, z], 1))
    assert torch.equal(two, torch.cat([x, y, 2 * z], 1))
    assert one.untyped_storage().data_ptr() == xy.untyped_storage().data_ptr()
    assert two.untyped_storage().data_ptr() != xy.untyped_storage().data_ptr()
    assert torch.autograd.gradcheck(
        lambda x, y, z: concatenated(concatenated(x, y, 9).sin(), z, 9), (x, y, z)
    )
    assert torch.autograd.gradgradcheck(
        lambda x, y, z: concatenated(concatenated(x, y, 9), z, 9).sin(), (x, y, z)
    )


def test_a_change_in_place_is_noticed(running: Pair) -> None:
    concatenated = _function(running, "concatenated")
    x, y = (torch.randn(2, 3, 4, 4, requires_grad=True) for _ in range(2))
    xy = concatenated(x, y, 9)
    loss = xy.exp().sum() + xy.square().sum()
    longer = concatenated(xy, y, 9)
    with torch.no_grad():
        longer.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_compiled(running: Pair) -> None:
    both = copy.deepcopy(running)
    compiled = torch.compile(both.net, backend="aot_eager", fullgraph=True)
    (image,) = both.images()
    loss, expected = compiled(image).square().sum(), both.plain(image).square().sum()
    torch.testing.assert_close(loss, expected, rtol=1e-12, atol=0)
    loss.backward(), expected.backward()
    for (name, ours), theirs in zip(both.net.named_parameters(), both.plain.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-9, atol=1e-12, msg=name)
    for ours, theirs in zip(both.net.buffers(), both.plain.buffers(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=0)


def test_passes_are_chosen_by_name() -> None:
    both = pair(RUNNING, plan=Plan("training", passes=("append",)))
    assert "concatenated(" in both.source and "recomputed(" not in both.source
    assert_alike(
        both, tolerance=1e-9
    )  # norms of PyTorch sum in another order where maps are not side by side
    both = pair(RUNNING, plan=Plan("training", passes=("recompute",)))
    assert "concatenated(" not in both.source and "recomputed(" in both.source
    assert_alike(both)
    assert pair(RUNNING, plan=Plan("training", passes=("none",))).share == 1.0


def test_the_partitioner_of_torch_compile_is_left_to_choose() -> None:
    both = pair(RUNNING, plan=Plan("training", "compile"))
    assert "concatenated(" not in both.source and "recomputed(" not in both.source
    assert both.share == 1.0
    told = {one.name: one for one in both.arch.explained(Plan("training", "compile")).told}
    for name in ("append", "recompute"):
        assert told[name].why == "it does not pay for the target compile"
    both = pair(RUNNING, plan=Plan("training", "compile", passes=("recompute",)))  # by name all the same
    assert "recomputed(" in both.source


def test_outputs_share_no_storage() -> None:
    both = pair(
        """
network outputs {
  input image: [3, 8, 8]
  conv(4, 3)
  (identity | conv(4, 3)) -> concat
  output y
  (identity | conv(4, 3)) -> concat
  output z
}
"""
    )
    assert "concatenated(" not in both.source
    y, z = tensors(both.net(*both.images()))
    assert y.untyped_storage().data_ptr() != z.untyped_storage().data_ptr()


def _function(both: Pair, name: str) -> Callable[..., Tensor]:
    """A function of the generated module."""
    scope: dict[str, Callable[..., Tensor]] = {"__name__": "generated"}
    exec(compile(both.source, "generated", "exec"), scope)
    return scope[name]
