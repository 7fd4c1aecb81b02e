"""Several mistakes in one text: k that have nothing to do with each other are k errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from archdsl.syntax import ast
from tests.mutation.kinds import KINDS, Kind
from tests.mutation.measure import Outcome, Zoo, judge
from tests.mutation.page import Edit

_STATEMENTS = (
    ast.Flow, ast.Assign, ast.Let, ast.Share, ast.Default, ast.Expect, ast.InputStatement, ast.OutputStatement,
    ast.Function, ast.Import, ast.Model, ast.Block, ast.Network, ast.Extern,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Together:
    """Mutants of one spec that were made at once, and what came of that."""

    parts: tuple[Outcome, ...]
    outcome: Outcome

    @property
    def groups(self) -> str:
        return " + ".join(sorted({KINDS[part.kind].group for part in self.parts}))

    @property
    def exact(self) -> bool:
        """Whether there are as many errors as mistakes."""
        return len(self.outcome.said) == len(self.parts)

    @property
    def on_line(self) -> bool:
        """Whether each error blames a line that was touched."""
        return self.exact and all(
            s.file == self.outcome.spec and s.line in self.outcome.lines for s in self.outcome.said
        )


def place(zoo: Zoo, edit: Edit) -> tuple[int, int]:
    """From where to where the statements reach that an edit is in."""
    starts, ends = [], []
    for cut in edit.cuts:
        around = [
            node.value.span
            for node in zoo.page.nodes
            if isinstance(node.value, _STATEMENTS)
            and node.value.span.start <= cut.start <= node.value.span.end
        ]
        inner = min(around, key=lambda span: span.end - span.start, default=None)
        starts += [cut.start if inner is None else inner.start]
        ends += [cut.end if inner is None else max(inner.end, cut.end)]
    return min(starts, default=0), max(ends, default=0)


def combinations(zoo: Zoo, outcomes: list[Outcome], times: int, seed: int) -> Iterator[Together]:
    """So many pairs and so many triples of mutants that give one error each, on the line of the edit."""
    single = [o for o in outcomes if o.verdict == "errors" and o.alone and o.on_line]
    places = {id(o): place(zoo, o.edit) for o in single}
    random = Random(f"{seed} together {zoo.name}")
    for size in (2, 3):
        found = tries = 0
        while found < times and tries < 50 * times and len(single) >= size:
            tries += 1
            parts = random.sample(single, size)
            reach = sorted(places[id(part)] for part in parts)
            if any(first[1] >= second[0] for first, second in pairwise(reach)):
                continue
            found += 1
            cuts = tuple(cut for part in parts for cut in part.edit.cuts)
            openers = tuple(opener for part in parts for opener in part.edit.openers)
            outcome = judge(zoo, _TOGETHER, Edit(cuts, openers))
            yield Together(tuple(parts), outcome)


_TOGETHER = Kind("together", "syntax", True, "several at once", lambda page: iter(()))
