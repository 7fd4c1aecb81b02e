"""Every layer, as it is declared, against what PyTorch really does."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from hypothesis import HealthCheck, event, given, settings  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from archdsl.layers import REGISTRY, ArgumentError, LayerError, Shape  # noqa: E402
from tests.layers.real import Real  # noqa: E402
from tests.layers.table import TABLE, Case, Entry, Refused  # noqa: E402

pytestmark = pytest.mark.torch

torch.set_num_threads(1)


def batch_of(xs: tuple[Shape, ...], size: int) -> list[Any]:
    """Positive numbers, so that roots and logarithms are numbers too."""
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(size, *x.dims, generator=generator) + 0.1 for x in xs]


def wanted(entry: Entry, values: dict[str, Any], xs: tuple[Shape, ...], batch: list[Any]) -> list[Any] | None:
    """What the oracle makes of each sample, stacked again; None where it refuses."""
    assert entry.oracle is not None
    try:
        samples = [entry.oracle(values, xs, [x[i] for x in batch]) for i in range(len(batch[0]))]
    except (Refused, RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError):
        return None
    if not isinstance(samples[0], (tuple, list)):
        samples = [[sample] for sample in samples]
    outputs = [torch.stack(parts) for parts in zip(*samples, strict=True)]
    return None if any(output.numel() == 0 for output in outputs) else outputs


def as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def hold(name: str, case: Case) -> None:
    values, xs = case
    entry = TABLE[name]
    batch = batch_of(xs, 2)
    try:
        layer = REGISTRY[name](values)
        ys = layer.outputs(xs)
    except (ArgumentError, LayerError) as error:
        event("refused")
        well_said(error)
        assert entry.oracle is not None, f"refused: {error}"
        assert wanted(entry, values, xs, batch) is None, f"refused, and PyTorch takes it: {error}"
        return
    event("taken")

    real = Real(layer, xs, ys)
    if entry.oracle is not None:
        expected = wanted(entry, values, xs, batch)
        assert expected is not None, f"taken as {real.source}, and PyTorch refuses it"
        assert [tuple(output.shape[1:]) for output in expected] == [y.dims for y in ys]

    real.train()
    with torch.no_grad():
        outputs = as_list(real(*batch))
    assert [tuple(output.shape) for output in outputs] == [(2, *y.dims) for y in ys], real.source

    real.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        single = as_list(real(*(x[: entry.evaluated] for x in batch)))
    assert [tuple(output.shape) for output in single] == [(entry.evaluated, *y.dims) for y in ys]
    assert layer.macs(xs, ys) * 2 * entry.evaluated == counter.get_total_flops()

    static = [*layer.weights(xs).items(), *layer.buffers(xs).items()]
    assert static == real.state_shapes()
    trained = [tuple(parameter.shape) for parameter in real.parameters()]
    assert list(layer.weights(xs).values()) == trained

    if entry.oracle is not None and entry.equal:
        for output, one in zip(single, expected, strict=True):
            torch.testing.assert_close(output, one[: entry.evaluated], rtol=1e-4, atol=1e-5)
    assert layer.describe(xs)


def well_said(error: ArgumentError | LayerError) -> None:
    """One lower-case sentence, no dot, and nothing about Python."""
    message = error.message
    assert message[0] in "`0123456789" or message[0].islower(), message
    assert not message.endswith(".") and " you" not in message and "None" not in message, message
    for note in getattr(error, "notes", ()):
        assert "None" not in note, note


def test_every_layer_is_in_the_table() -> None:
    assert set(TABLE) == set(REGISTRY)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_layer(name: str) -> None:
    @settings(deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(TABLE[name].cases)
    def check(case: Case) -> None:
        hold(name, case)

    check()


@pytest.mark.parametrize(("name", "case"), [(n, c) for n, entry in TABLE.items() for c in entry.refuses])
def test_refused(name: str, case: Case) -> None:
    values, xs = case
    with pytest.raises((ArgumentError, LayerError)) as raised:
        REGISTRY[name](values).outputs(xs)
    well_said(raised.value)
