"""The rewrites, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archdsl.diagnostics.near import did_you_mean
from archdsl.graph.plan import TARGETS, Plan, PlanError
from archdsl.passes.affine_norm import affine_norm
from archdsl.passes.append import append
from archdsl.passes.checkpoint import checkpoint
from archdsl.passes.clamp import clamp
from archdsl.passes.common import common
from archdsl.passes.constants import constants
from archdsl.passes.dead import dead
from archdsl.passes.dense_buffer import dense_buffer
from archdsl.passes.done import Done
from archdsl.passes.flatten_concat import flatten_concat
from archdsl.passes.fold_forward import fold_forward
from archdsl.passes.fold_norm import fold_norm
from archdsl.passes.fold_scale import fold_scale
from archdsl.passes.fuse import fuse
from archdsl.passes.identities import identities
from archdsl.passes.in_place import in_place
from archdsl.passes.maxpool_first import maxpool_first
from archdsl.passes.memory_format import channels_last
from archdsl.passes.merge_linear import merge_linear
from archdsl.passes.merge_siblings import merge_siblings
from archdsl.passes.pool_first import pool_first
from archdsl.passes.recompute import recompute
from archdsl.passes.rewriting import Rewriting
from archdsl.passes.split_norm import split_norm
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
    beside: str = ""  # it pays only beside this one


PASSES = (
    Pass("training-only", training_only, always=True),
    Pass("identities", identities),
    Pass("common", common),
    Pass("constants", constants),
    Pass("flatten-concat", flatten_concat),
    Pass("pool-first", pool_first),
    Pass("split-norm", split_norm, beside="fold-norm"),
    Pass("fold-norm", fold_norm),
    Pass("fold-scale", fold_scale),
    Pass("merge-linear", merge_linear),
    Pass("merge-siblings", merge_siblings, targets=()),
    Pass("clamp", clamp, beside="channels-last"),
    Pass("fold-forward", fold_forward),
    Pass("affine-norm", affine_norm, targets=("eager", "cuda-graph")),
    Pass("maxpool-first", maxpool_first),
    Pass("dead", dead),
    Pass("fuse", fuse, targets=("eager", "cuda-graph")),
    Pass("dense-buffer", dense_buffer, targets=("eager", "cuda-graph")),
    Pass("in-place", in_place, targets=("eager", "cuda-graph")),
    Pass("channels-last", channels_last),
    Pass("append", append, "training", targets=("eager", "cuda-graph")),
    Pass("recompute", recompute, "training", targets=("eager", "cuda-graph")),
    Pass("checkpoint", checkpoint, "training", always=True),
)
NAMES = tuple(entry.name for entry in PASSES)
#: Words of `Plan.passes` that are no names: every pass of the purpose, and none but those that it means anyway.
ALL, NONE = "all", "none"
_NOT_NAMED = "not among those named"


def chosen(plan: Plan) -> dict[str, str]:
    """By the name of each pass why it does not run, or "" if it does. Raises PlanError for one that there is not."""
    own = {entry.name: _unwanted(entry, plan) for entry in PASSES}
    words = [(word.removeprefix("-"), word.startswith("-")) for word in plan.passes or ()]
    fitting = [entry.name for entry in PASSES if entry.purpose == plan.purpose]
    for name, without in words:
        _check(name, without, plan, fitting)
    if plan.passes is not None and not (
        words and words[0][1]
    ):  # otherwise the list begins with what is left out
        own.update(dict.fromkeys(fitting, _NOT_NAMED))
    for name, without in words:
        if name in (ALL, NONE):
            own.update(dict.fromkeys(fitting, "" if name == ALL else _NOT_NAMED))
        else:
            own[name] = "left out as asked" if without else ""
    for entry in PASSES:
        if entry.always and entry.name in fitting:
            own[entry.name] = ""
        elif not own[entry.name] and own.get(entry.beside) and (entry.name, False) not in words:
            own[entry.name] = f"it pays beside {entry.beside} alone"
    return own


def _unwanted(entry: Pass, plan: Plan) -> str:
    if entry.purpose != plan.purpose:
        return f"it is for {entry.purpose}"
    return "" if plan.target in entry.targets else f"it does not pay for the target {plan.target}"


def _check(name: str, without: bool, plan: Plan, fitting: list[str]) -> None:
    """Raises PlanError for a word of `Plan.passes` that means nothing."""
    if name in (ALL, NONE) and not without:
        return
    if name not in NAMES:
        raise PlanError(
            f"there is no pass `{name}`", did_you_mean(name, NAMES) or f"there are: {', '.join(fitting)}"
        )
    if name not in fitting:
        raise PlanError(f"the pass `{name}` is not for {plan.purpose}", f"there are: {', '.join(fitting)}")
    if without and next(entry for entry in PASSES if entry.name == name).always:
        raise PlanError(f"the pass `{name}` cannot be left out: {plan.purpose} means no less")
