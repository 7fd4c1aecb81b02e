"""The programs of this folder as modules: the same names, the same number of weights, the same shapes."""

from __future__ import annotations

from typing import Any

import pytest
import test_flow
import test_names
import test_values
from language_support import Good, each, load, weights

pytestmark = pytest.mark.torch

PROGRAMS = [
    Good(f"{module.__name__} {case.name}", case.text, model=case.model, settings=case.settings)
    for module in (test_flow, test_names, test_values)
    for group in ("GOOD", "LABELS", "SCOPE", "WARNINGS")
    for case in getattr(module, group, [])
]


def shapes(result: Any) -> Any:
    """Shapes without the batch, in the structure of the result."""
    if isinstance(result, (list, tuple)) and not hasattr(result, "shape"):
        return [shapes(part) for part in result]
    return list(result.shape[1:])


@each(PROGRAMS)
def test_module(case: Good) -> None:
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    arch = load(case)
    net = arch.build()
    assert sorted(name for name, _ in net.named_parameters()) == sorted(weights(arch))
    assert sum(p.numel() for p in net.parameters()) == arch.params
    inputs = [torch.rand(2, *shape) for shape in arch.inputs.values()]
    for mode in (True, False):
        result = net.train(mode)(*inputs)
        expected = [
            arch.outputs[output.name] for output in arch._graph.outputs if mode or not output.training
        ]
        flat = shapes(result)
        assert flat in (expected, expected[0]) or sorted(map(str, flat)) == sorted(map(str, expected))
