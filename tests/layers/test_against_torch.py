"""Every layer, as it is declared, against what PyTorch really does."""

from __future__ import annotations

import re
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from hypothesis import event  # noqa: E402
from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from archdsl.layers import REGISTRY, ArgumentError, LayerError, Shape  # noqa: E402
from archdsl.layers.applied import apply  # noqa: E402
from tests.layers.drawing import in_runs  # noqa: E402
from tests.layers.real import Real, as_list, well_said  # noqa: E402
from tests.layers.table import TABLE, Case, Entry, Refused  # noqa: E402

pytestmark = pytest.mark.torch

torch.set_num_threads(1)

#: of the cases of a layer, so many are legal at least
SHARE = 0.2


def batch_of(xs: tuple[Shape, ...], size: int) -> list[Any]:
    """Positive numbers, so that roots and logarithms are numbers too."""
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(size, *x.dims, generator=generator) + 0.1 for x in xs]


REFUSALS = (Refused, RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError)


def sample_by_sample(entry: Entry, case: Case, batch: list[Any]) -> list[Any] | None:
    """What the oracle makes of each sample, stacked again; None where it refuses."""
    values, xs = case
    assert entry.oracle is not None
    try:
        samples = [as_list(entry.oracle(values, xs, [x[i] for x in batch])) for i in range(len(batch[0]))]
    except REFUSALS:
        return None
    outputs = [torch.stack(parts) for parts in zip(*samples, strict=True)]
    return None if any(output.numel() == 0 for output in outputs) else outputs


def built(entry: Entry, case: Case, batch: list[Any]) -> Any:
    """The entry's module, if it runs in training and in evaluation, the latter on a single sample."""
    assert entry.module is not None
    try:
        module = entry.module(case[0], *case[1])
        output = module.train()(*batch)
        module.eval()(*(x[:1] for x in batch))
    except REFUSALS:
        return None
    return module if output.numel() else None


def refused(entry: Entry, case: Case) -> bool:
    """Does PyTorch refuse the case, in training or for a single sample?"""
    batch = batch_of(case[1], 2)
    if entry.module is not None:
        return built(entry, case, batch) is None
    return sample_by_sample(entry, case, batch) is None


def hold(name: str, case: Case) -> str:
    """Hold one case; what the layer is in PyTorch, without its rank, or "" where it is refused."""
    values, xs = case
    entry = TABLE[name]
    try:
        layer = REGISTRY[name](values)
        ys = apply(layer, xs).outputs
    except (ArgumentError, LayerError) as error:
        event("refused")
        well_said(error)
        assert refused(entry, case), f"refused, and PyTorch takes it: {error}"
        return ""
    event("taken")
    real = Real(layer, xs, ys)
    assert layer.describe(xs)
    static = [*layer.weights(xs).items(), *layer.buffers(xs).items()]
    assert static == real.state_shapes()
    assert list(layer.weights(xs).values()) == [tuple(parameter.shape) for parameter in real.parameters()]

    least = layer.least_batch(xs, training=True)
    batch = batch_of(xs, max(least, 2))
    single = [x[: layer.least_batch(xs, training=False)] for x in batch]
    if entry.module is not None:
        beside(entry.module(values, *xs), real, batch, single)
    elif entry.oracle is not None:
        expected = sample_by_sample(entry, case, batch)
        assert expected is not None, f"taken as {real.source}, and PyTorch refuses it"
        with torch.no_grad():
            for output, one in zip(as_list(real.eval()(*single)), expected, strict=True):
                assert_same(output, one[: len(output)])

    real.train()
    with torch.no_grad():
        outputs = as_list(real(*batch))
        assert [tuple(output.shape) for output in outputs] == [(len(batch[0]), *y.dims) for y in ys]
        if least > 1:
            with pytest.raises(ValueError):
                real(*(x[: least - 1] for x in batch))
    real.eval()
    # the counter does not know the fused attention of CPUs
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        outputs = as_list(real(*single))
    assert [tuple(output.shape) for output in outputs] == [(len(single[0]), *y.dims) for y in ys]
    assert layer.macs(xs, ys) * 2 * len(single[0]) == counter.get_total_flops()
    return re.sub(r"\d?d?\(.*", "", real.source) or real.source


def beside(module: Any, real: Real, batch: list[Any], single: list[Any]) -> None:
    """A module of PyTorch's own with the same weights, all of them drawn, gives and keeps the same."""
    generator = torch.Generator().manual_seed(1)
    tensors = [[*m.parameters(), *m.buffers()] for m in (real, module)]
    with torch.no_grad():
        for mine, its in zip(*tensors, strict=True):
            if mine.is_floating_point():
                its.copy_(mine.copy_(torch.rand(mine.shape, generator=generator) + 0.5))
        for x, training in ((batch, True), (single, False)):
            assert_same(real.train(training)(*x), module.train(training)(*x))
    for mine, its in zip(*tensors, strict=True):
        assert_same(mine, its)


def assert_same(output: Any, expected: Any) -> None:
    torch.testing.assert_close(output, expected, rtol=1e-4, atol=1e-5)


def test_every_layer_is_in_the_table() -> None:
    assert set(TABLE) == set(REGISTRY)
    for name, entry in TABLE.items():
        assert (entry.oracle is None) != (entry.module is None), f"{name} is held against one of both"


@pytest.mark.parametrize("name", sorted(TABLE))
def test_layer(name: str, cases_each: int) -> None:
    taken: list[str] = []

    def check(case: Case) -> None:
        taken.append(hold(name, case))

    in_runs(TABLE[name].cases, check, cases_each)
    assert sum(map(bool, taken)) >= len(taken) * SHARE, "the cases are seldom legal"
    assert {*TABLE[name].reaches} <= {*taken}


@pytest.mark.parametrize(("name", "case"), [(n, c) for n, entry in TABLE.items() for c in entry.refuses])
def test_refused(name: str, case: Case) -> None:
    values, xs = case
    with pytest.raises((ArgumentError, LayerError)) as raised:
        REGISTRY[name](values).outputs(xs)
    well_said(raised.value)
