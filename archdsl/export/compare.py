"""What a file computes, held against the module at other sizes than those it was traced with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from archdsl.export.faults import ExportError, guarded
from archdsl.export.ports import Ports
from archdsl.records import record
from archdsl.verify.running import arriving, plain_attention, tensors

#: The batches at which outputs are compared.
BATCHES = (1, 3)
#: What may differ, relative to the largest value: other kernels add in another order.
TOLERANCE = 1e-4

#: Of the tensors that arrive, those that leave.
Run = Callable[[list[Tensor]], list[Tensor]]
#: A module, and the shapes of what it takes.
Case = tuple[nn.Module, list[tuple[int, ...]]]


@record
class Comparison:
    """The largest relative `difference` of the outputs from those of the modules. `constant` are outputs that are the
    same whatever arrives, as with weights that are too small, so that they say little."""

    difference: float
    constant: tuple[str, ...]


def hold(run: Run, cases: Sequence[Case], ports: Ports, what: str) -> Comparison:
    """Compare the outputs at all sizes. Raises ExportError where they differ."""
    worst = 0.0
    moved: set[str] = set()
    for net, shapes in cases:
        for batch in BATCHES:
            arrived = arriving(shapes, batch, "cpu", torch.float32, seed=batch)
            sizes = ", ".join("×".join(map(str, shape)) for shape in shapes)
            with guarded(f"{what} does not run with {sizes} at a batch of {batch}"):
                found = run(arrived)
            with guarded("the module cannot be run"), torch.no_grad(), plain_attention():
                expected = tensors(net.eval()(*arrived))
            for name, one, other in zip(ports.outputs, found, expected, strict=True):
                difference = _difference(one, other)
                if not difference <= TOLERANCE:
                    raise ExportError(
                        f"{what} gives another `{name}` than the module",
                        (_told(one, other, difference, batch),),
                        "`--no-check` writes it all the same",
                    )
                worst = max(worst, difference)
                if batch > 1 and not torch.allclose(other[0], other[1], rtol=0, atol=0, equal_nan=True):
                    moved.add(name)
    return Comparison(worst, tuple(name for name in ports.outputs if name not in moved))


def _difference(found: Tensor, expected: Tensor) -> float:
    """Relative to the largest value; what is not finite must be the same."""
    if found.shape != expected.shape:
        return float("inf")
    one, other = found.double(), expected.double()
    finite = torch.isfinite(other)
    if not torch.allclose(one[~finite], other[~finite], rtol=0, atol=0, equal_nan=True):
        return float("inf")
    one, other = one[finite], other[finite]
    if not other.numel():
        return 0.0
    furthest, largest = float((one - other).abs().max()), float(other.abs().max())
    return furthest / largest if furthest else 0.0


def _told(found: Tensor, expected: Tensor, difference: float, batch: int) -> str:
    if found.shape != expected.shape:
        return f"at a batch of {batch} it is {list(found.shape)}, and not {list(expected.shape)}"
    return f"at a batch of {batch} the largest relative difference is {difference:.1e}"
