"""What the merging of templates asks of their parts: what they are called, and which could be one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from archdsl.emit.levels import Ref
from archdsl.emit.template import (
    Applied,
    Entry,
    Expression,
    Hole,
    Joined,
    Number,
    Operand,
    StepTemplate,
    Template,
)
from archdsl.emit.unify import Apart
from archdsl.emit.wording import reads
from archdsl.graph.model import Module

#: Calls under one condition.
TOGETHER = 4


def check(template: Template, drafts: Iterable[Sequence[Number | None]]) -> None:
    """What is taken in some instances alone is one expression, and the others have something else instead of it.

    `drafts` are the numbers of all instances.
    """
    readers: Counter[Ref] = Counter(ref for ref, _ in template.outputs)
    for step in template.steps:
        readers.update(step.inputs)
    rows = list(drafts)
    begun: list[int] = []  # steps under one condition
    for s, step in enumerate(template.steps):
        if step.when is None:
            if begun:
                raise Apart
            continue
        begun.append(s)
        if step.instead is None:
            continue
        whens = [when.index for at in begun if (when := template.steps[at].when) is not None]
        alike = all(bool(row[when]) == bool(row[whens[0]]) for when in whens for row in rows)
        alone = all(readers[at, 0] == 1 for at in begun[:-1]) and not any(
            (at, 0) in step.inputs and step.expression is not None and reads(step.expression, i) > 1
            for at in begun
            for step in (template.steps[other] for other in begun)
            for i, ref in enumerate(step.inputs)
            if ref == (at, 0)
        )
        if not alike or not alone or len(begun) > TOGETHER or nested(template.steps, begun) != begun:
            raise Apart
        begun = []
    if begun:
        raise Apart


def by_place(one: Sequence[Entry], two: Sequence[Entry], chain: bool) -> list[tuple[int | None, int | None]]:
    """Numbered children, each with the one at its place. In a chain, runs that only one of the two has may be empty."""
    if len(one) == len(two):
        return [(i, i) for i in range(len(one))]
    longer, shorter = (one, two) if len(one) > len(two) else (two, one)
    single = [i for i, entry in enumerate(longer) if entry.run is None]
    if not chain or len(single) != len(shorter) or any(entry.run is not None for entry in shorter):
        raise Apart
    pairs = [(i, single.index(i) if i in single else None) for i in range(len(longer))]
    return [(i, j) if longer is one else (j, i) for i, j in pairs]


def nested(steps: Sequence[StepTemplate], those: Sequence[int]) -> list[int]:
    """Steps in the order in which they are taken where they stand within each other, as the last of them reads."""
    found: list[int] = []
    stack = [those[-1]]
    while stack:
        at = stack.pop()
        found.append(at)
        stack += [ref[0] for ref in steps[at].inputs if ref[0] in those]
    return found[::-1]


def factor(expression: Expression | None) -> Hole | None:
    """The number that what arrives is multiplied by, if that is all."""
    if isinstance(expression, Joined) and expression.op == "*" and len(expression.operands) == 2:
        arrived, factor = expression.operands
        if isinstance(arrived, Operand) and isinstance(factor, Hole):
            return factor
    return None


def hands_on(step: StepTemplate) -> bool:
    """Whether a step gives what arrives."""
    return (
        isinstance(step.expression, Operand) and step.place is None and step.outputs == len(step.inputs) == 1
    )


def paired(
    pairs: Sequence[tuple[int | None, int | None]], one: Sequence[StepTemplate], two: Sequence[StepTemplate]
) -> list[tuple[int | None, int | None]]:
    """Where one has a function and the other has another one at its place, these are one step."""
    found: list[tuple[int | None, int | None]] = []
    for i, j in pairs:
        if j is not None and i is None and found and found[-1][1] is None:
            k = found[-1][0]
            assert k is not None
            a, b = one[k], two[j]
            functions = a.place is None and b.place is None and len(a.inputs) == len(b.inputs) > 1
            if functions and a.outputs == b.outputs == 1:
                found[-1] = (k, j)
                continue
        found.append((i, j))
    return found


def shape(part: object) -> Hashable:
    """An expression without its numbers."""
    if isinstance(part, Applied):
        parts = [*map(shape, part.args), *((k, shape(v)) for k, v in part.kwargs), shape(part.target)]
        return part.function, tuple(parts)
    if isinstance(part, Joined):
        return part.op, tuple(map(shape, part.operands))
    return type(part).__name__


def title(module: Module) -> str:
    """What a child is called, by its label or kind, without the numbers at its end."""
    kind = module.layer.name if module.layer is not None else module.stem
    return (module.label or module.stem).rstrip("0123456789_") or kind


def function(expression: Expression) -> str:
    if isinstance(expression, Joined):
        return {"+": "residual", "*": "scale"}.get(expression.op, "joined")
    if isinstance(expression, Applied):
        return expression.function.rsplit(".", 1)[-1]
    return "flag"


def wiring(step: StepTemplate) -> tuple[object, ...]:
    """What steps that become one have in common."""
    passed = len(step.passed)
    return step.outputs, step.training, step.run, step.listed, step.carried, passed, step.recomputed
