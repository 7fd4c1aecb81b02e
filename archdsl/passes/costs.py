"""What a network takes and a change saves, from shapes alone: whether the change pays for what runs the module.

Three things are weighed against each other, in bytes of memory traffic. The weights are ratios of a machine, not times
of one, and decide only where the three disagree:

- Multiply-accumulates: `RIDGE` of them take as long as a byte from memory, the ridge of the roofline (Williams,
  Waterman, Patterson: Roofline, 2009). A core with two AVX-512 units does 32 multiply-accumulates in single precision
  a cycle, 80 G a second at 2.5 GHz, and reads 10 GB/s: 8. From the data sheets of an A100 (19.5 TFLOPS, 1,555 GB/s)
  and an H100 (67 TFLOPS, 3,350 GB/s) follow 6 and 10.
- Values that are read or written, four bytes each. Those of element-wise kernels alone count nothing where
  `torch.compile` fuses these into their neighbours.
- Calls: a kernel costs its dispatch. PyTorch's own benchmark of operators has 3.4 µs for `split` of 8 x 8 numbers, on
  the CPU and on a GPU alike (pytorch/pytorch#32194): at 10 GB/s, 34 kB. A graph of CUDA launches its kernels at once.
"""

from __future__ import annotations

from archdsl.graph.model import Graph
from archdsl.graph.plan import Done, Plan, Spent
from archdsl.records import record

#: Bytes of a value: networks run in single precision by default.
VALUE = 4
#: Multiply-accumulates in the time of a byte.
RIDGE = 8
#: Bytes in the time of a call.
CALL = 34_000


@record
class Weights:
    """What counts for a target, in bytes: a value that only element-wise kernels read or write, and a call."""

    pointwise: int = VALUE
    call: int = CALL


WEIGHTS = {"eager": Weights(), "compile": Weights(pointwise=0), "cuda-graph": Weights(call=0)}


def spent(graph: Graph) -> Spent:
    """What a network takes."""
    macs = values = calls = 0
    for node in graph.nodes:
        layer = node.layer
        if layer is None or node.training or node.idle or layer.is_training_only or layer.is_view:
            continue
        macs += node.macs
        values += layer.moved(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))
        calls += 1
    return Spent(macs, values, calls)


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
        saved = macs / RIDGE + VALUE * values + weights.pointwise * pointwise + weights.call * calls
        if self._named or saved > 0:
            return True
        self.left.append(Done(path, what, macs, values + pointwise, calls))
        return False
