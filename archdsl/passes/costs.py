"""What a change saves, from shapes alone: whether it pays for what runs the module."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.graph.plan import Done, Plan

#: Bytes of a value: networks run in single precision by default.
VALUE = 4


@dataclass(frozen=True, slots=True)
class Weights:
    """What costs how much for a target, in bytes of memory traffic."""

    mac: float
    pointwise: float  # a value that only element-wise kernels read or write
    call: float


#: Multiply-accumulates that take as long as a byte from memory.
RIDGE = 8
#: Bytes that move while an operator is dispatched.
CALL = 50_000

WEIGHTS = {
    "eager": Weights(1 / RIDGE, VALUE, CALL),
    "compile": Weights(1 / RIDGE, 0, 0),
    "cuda-graph": Weights(1 / RIDGE, VALUE, 0),
}


class Judge:
    """Says of each change of a pass whether it pays, and keeps those that do not."""

    def __init__(self, name: str = "", plan: Plan | None = None) -> None:
        self._plan = plan or Plan()
        self._named = name in (self._plan.passes or ())
        self.left: list[Done] = []

    def pays(self, path: str, what: str, macs: int, values: int, pointwise: int, calls: int) -> bool:
        """Whether a change saves more than it costs. Each figure is what it saves for one sample, or costs if negative.

        `macs` are multiply-accumulates, `values` elements read and written by convolutions, pools and copies,
        `pointwise` those of element-wise layers alone, `calls` kernels. A pass that the plan names does all it can.
        """
        weights = WEIGHTS[self._plan.target]
        saved = macs * weights.mac + values * VALUE + pointwise * weights.pointwise + calls * weights.call
        if self._named or saved > 0:
            return True
        self.left.append(Done(path, what, macs, values + pointwise, calls))
        return False
