"""Every layer of the registry, drawn from its declaration: what is taken runs in PyTorch, what is not is told.

On the meta device, so that shapes are all that is computed.
"""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from archdsl.diagnostics.codes import CODES  # noqa: E402
from archdsl.layers import REGISTRY, ArgumentError, LayerError  # noqa: E402
from archdsl.layers.applied import apply  # noqa: E402
from tests.layers.drawn import Case, cases  # noqa: E402
from tests.layers.real import Real, as_list, well_said  # noqa: E402

pytestmark = pytest.mark.torch

#: of the cases of a layer, so many are legal at least: the others would prove nothing of PyTorch
SHARE = 0.15


def hold(name: str, case: Case) -> bool:
    """Whether the case is legal."""
    cls, (values, xs) = REGISTRY[name], case
    try:
        layer = cls(values)
        applied = apply(layer, xs)
    except (ArgumentError, LayerError) as error:
        well_said(error)
        assert error.code in CODES
        assert error.parameter is None or error.parameter in cls.params
        return False
    assert layer.describe(xs) and repr(layer)
    with torch.device("meta"):
        real = Real(layer, xs, applied.outputs)
        assert real.state_shapes() == [*applied.weights.items(), *applied.buffers.items()]
        assert [tuple(parameter.shape) for parameter in real.parameters()] == list(applied.weights.values())
        for training in (True, False):
            real.train(training)
            least = layer.least_batch(xs, training=training)
            for size in {max(1, least), 3}:
                run(real, [torch.empty(size, *x.dims) for x in xs], size, applied)
            for size in range(1, least):
                with pytest.raises(ValueError):
                    real(*(torch.empty(size, *x.dims) for x in xs))
    return True


def run(real: Real, batch: list[Any], size: int, applied: Any) -> None:
    """Shapes, and multiply-accumulates: a flop counter counts each as two."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        outputs = as_list(real(*batch))
    assert [tuple(output.shape) for output in outputs] == [(size, *y.dims) for y in applied.outputs]
    assert counter.get_total_flops() == 2 * size * applied.macs


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_drawn(name: str, cases_each: int) -> None:
    taken = []
    for case in cases(REGISTRY[name], cases_each):
        try:
            taken.append(hold(name, case))
        except Exception as error:
            error.add_note(f"{name}: {case}")
            raise
    assert sum(taken) >= len(taken) * SHARE, "the cases are seldom legal"
