"""Calls of neighbours in a list that are wired alike: one loop, whatever the members are constructed with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from archdsl.emit.expand import LOOP
from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.rows import StepRow, Tensors
from archdsl.source import Span

#: For each argument of a call, the output of the call before that it is; None for what all calls are given.
Wiring = tuple[int | None, ...]


def rounded(steps: Sequence[StepRow], outputs: Sequence[Ref]) -> tuple[list[StepRow], list[Ref]]:
    """The calls of a class that is a list, with loops, and what leaves it."""
    readers: Counter[int] = Counter(dict.fromkeys((step for step, _ in outputs), 2))
    for step in steps:
        readers.update({s for s, _ in step.inputs})
    read = {ref for step in steps for ref in step.inputs} | set(outputs)
    found: list[StepRow] = []
    place: dict[int, int] = {ARGUMENT: ARGUMENT}
    at = 0
    while at < len(steps):
        count, wiring = _round(steps, at, readers, read)
        members = steps[at : at + count]
        inputs = tuple((place[s], k) for s, k in members[0].inputs)
        made = replace(members[0], inputs=inputs)
        if wiring:
            gives = tuple(_together([m.gives[k] for m in members]) for k in range(made.outputs))
            made = replace(made, loop=True, members=count, carried=wiring, gives=gives)
        place[at + count - 1] = len(found)
        found.append(made)
        at += count
    return found, [(place[s], k) for s, k in outputs]


def _round(steps: Sequence[StepRow], start: int, readers: Counter[int], read: set[Ref]) -> tuple[int, Wiring]:
    """How many calls from one on are a loop, and their wiring; one and nothing where they are too few."""
    wiring: Wiring = ()
    end = start + 1
    while end < len(steps) and readers[end - 1] == 1:
        found = _wiring(steps, end)
        if not found or (wiring and found != wiring):
            break
        if not wiring and not _starts(steps[start], found):
            break
        wiring = found
        end += 1
    if any(k is not None and (end - 1, k) not in read for k in wiring):
        end -= 1  # what a loop carries has a name, and nothing needs this one
    return (end - start, wiring) if end - start >= LOOP else (1, ())


def _wiring(steps: Sequence[StepRow], at: int) -> Wiring:
    """How a call hangs on the one before it; nothing where they are not of one loop."""
    before, step = steps[at - 1], steps[at]
    if not (
        _may_loop(before)
        and _may_loop(step)
        and step.row == before.row + 1
        and element(before) == element(step)
        and before.training == step.training
        and before.outputs == step.outputs
        and len(before.inputs) == len(step.inputs)
    ):
        return ()
    wiring = tuple(k if s == at - 1 else None for s, k in step.inputs)
    constant = all(
        carried is not None or one == two
        for carried, one, two in zip(wiring, before.inputs, step.inputs, strict=True)
    )
    return wiring if constant and any(k is not None for k in wiring) else ()


def _may_loop(step: StepRow) -> bool:
    return (
        step.row >= 0
        and step.expression is None
        and not (step.passed or step.listed or step.loop or step.recomputed)
    )


def element(step: StepRow) -> Span | None:
    """The element of the text that makes what is called."""
    return None if step.step.module is None else step.step.module.span


def _starts(first: StepRow, wiring: Wiring) -> bool:
    """Whether arguments that are one tensor in later calls are one in the first."""
    initial: dict[int, Ref] = {}
    return all(
        carried is None or initial.setdefault(carried, ref) == ref
        for carried, ref in zip(wiring, first.inputs, strict=True)
    )


def _together(members: Sequence[Tensors]) -> Tensors:
    """What all members give: for each instance, the tensors of all their calls."""
    return tuple(tuple(t for calls in of for t in calls) for of in zip(*members, strict=True))
