"""Lines that all forms of the reference share: formulas, costs, examples."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.layers import Shape
from archdsl.layers.page import Formula
from archdsl.manual.entry import Entry, Sample, Use
from archdsl.records import record


@record
class Line:
    """A line of a formula: how deep it is indented, and the condition that stands behind it."""

    text: str
    depth: int = 0
    condition: str = ""

    def __str__(self) -> str:
        return "  " * self.depth + self.text + (f"  {self.condition}" if self.condition else "")


def formula_lines(formula: Formula) -> Iterator[Line]:
    """The lines of a formula."""
    yield Line(f"{formula.arrives} -> {formula.leaves}")
    before, each = "", None
    for let in formula.where:
        if let.each != each:
            yield Line("along each spatial axis:" if let.each else "where")
            each = let.each
        name = let.names.split(" =")[0].split(",")[0]
        condition = f"when {let.when}" if let.when else "otherwise" if name == before else ""
        yield Line(f"{let.names} = {let.value}", 1, condition)
        before = name


def costs(entry: Entry) -> list[tuple[str, str]]:
    """What is counted, and its formula; nothing for a layer that costs nothing."""
    every = [("parameters", entry.trained), ("MACs", entry.cost)]
    return [] if all(formula == "0" for _, formula in every) else every


NO_COST = "No parameters, no MACs."


def used_by(use: Use) -> str:
    """Where a word goes: "`pad` of `conv`, `depthwise`"."""
    return f"`{use.parameter}` of {', '.join(f'`{owner}`' for owner in use.owners)}"


def flow(sample: Sample) -> str:
    """The example between what arrives and what leaves: `[3, 224, 224] -> conv(64, 7) -> [64, 224, 224]`."""
    return f"{_bundle(sample.arriving)} -> {sample.text} -> {_bundle(sample.leaving)}"


def counts(sample: Sample) -> str:
    """Its cost, as far as there is one."""
    parts = [
        f"{number:,} {noun}{'s' if number != 1 and noun == 'parameter' else ''}"
        for number, noun in ((sample.params, "parameter"), (sample.macs, "MACs"))
        if number
    ]
    return ", ".join(parts)


def support(sample: Sample) -> str:
    """A remark on names that PyTorch does not have."""
    if not sample.support:
        return ""
    names = " and ".join(sample.support)
    return f"archdsl writes {names} into the module"


def _bundle(shapes: tuple[Shape, ...]) -> str:
    return _shape(shapes[0]) if len(shapes) == 1 else f"( {' | '.join(map(_shape, shapes))} )"


def _shape(shape: Shape) -> str:
    return f"{'tokens ' if shape.tokens else ''}{shape}"
