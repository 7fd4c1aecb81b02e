"""The rewrites, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archdsl.graph.plan import TARGETS, Plan
from archdsl.passes.done import Done
from archdsl.passes.fold_norm import fold_norm
from archdsl.passes.fuse import fuse
from archdsl.passes.memory_format import channels_last
from archdsl.passes.rewriting import Rewriting
from archdsl.passes.training_only import training_only

Run = Callable[[Rewriting, Plan], list[Done]]


@dataclass(frozen=True, slots=True)
class Pass:
    """A rewrite: its name for `--passes`, and for which purpose and targets it is chosen by itself."""

    name: str
    run: Run
    purpose: str = "inference"
    targets: tuple[str, ...] = TARGETS
    always: bool = False  # the purpose means no less: `--passes` cannot leave it out


PASSES = (
    Pass("training-only", training_only, always=True),
    Pass("fold-norm", fold_norm),
    Pass("fuse", fuse, targets=("eager", "cuda-graph")),
    Pass("channels-last", channels_last),
)
NAMES = tuple(entry.name for entry in PASSES)


def chosen(plan: Plan) -> list[Pass]:
    """The passes of a plan, in order. Raises ValueError for a name that there is not."""
    for name in plan.passes or ():
        if name not in NAMES:
            raise ValueError(f"there is no pass {name!r}: {', '.join(NAMES)}")
    return [
        entry
        for entry in PASSES
        if entry.purpose == plan.purpose
        and (
            entry.always
            or (plan.target in entry.targets if plan.passes is None else entry.name in plan.passes)
        )
    ]
