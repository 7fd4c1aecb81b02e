"""Whether a merged template is wired, in each instance, as that instance was before."""

from __future__ import annotations

from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.matching import hands_on
from archdsl.emit.structure import Draft
from archdsl.emit.template import Hole
from archdsl.emit.unify import Apart
from archdsl.graph.model import Tensor


def hold(before: Draft, after: Draft, places: dict[int, int]) -> None:
    """Each step takes what it took, and is taken if it was; `places` are those of the steps, now and before.

    Raises Apart where that is not so: the two stay classes of their own.
    """
    one, two = before.template, after.template
    names = {child.name for child in before.level.module.children}
    for entry, members in zip(two.entries, after.family.members, strict=True):
        if not members and entry.name in names:  # what stands in for it would take the place of another child
            raise Apart
    for at, step in enumerate(two.steps):
        there = after.family.groups[at].count > 0
        if isinstance(step.when, Hole) and after.values[step.when.index] is not there:
            raise Apart
        if there:
            taken = [_tensors(before, ref) for ref in one.steps[places[at]].inputs]
            if taken != [_tensors(after, ref) for ref in step.inputs]:
                raise Apart
    outputs = [_tensors(before, ref) for ref, _ in one.outputs]
    if outputs != [_tensors(after, ref) for ref, _ in two.outputs]:
        raise Apart


def _tensors(draft: Draft, ref: Ref) -> tuple[Tensor, ...]:
    """What a reference is in an instance, in each of its calls."""
    level, family, steps = draft.family.level, draft.family, draft.template.steps
    while ref[0] != ARGUMENT:
        step, group = steps[ref[0]], family.groups[ref[0]]
        if group.count and not hands_on(step):
            return level.steps[group.start + group.count - 1].results[ref[1]]
        before = step.instead if step.when is not None else step.inputs[0]
        if before is None:
            return ()
        ref = before
    return level.arguments[ref[1]]
