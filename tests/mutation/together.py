"""Several mistakes in one text: k that are independent of each other are k errors.

Independent are mistakes in different statements and on different lines, of which none hides another by nature. What a
tensor is, is not known behind another mistake in the flow: a mistake of shapes is taken only where it stands before all
others, and these stand in the same network. Figures are those of a whole network, and are not taken. Every other
mistake (of syntax, names, values and the form of the flow) shows in the text itself, whatever stands beside it.
"""

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

#: Errors of what arrives somewhere, which is known where nothing is wrong before it.
_OF_TENSORS = frozenset(
    (
        "E304",
        "E403",
        "E404",
        "E405",
        "E501",
        "E502",
        "E503",
        "E504",
        "E505",
        "E506",
        "E507",
        "E508",
        "E509",
        "E602",
    )
)
#: Errors of what a whole network comes to.
_OF_NETWORKS = frozenset(("E801", "E809"))


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


def _known(zoo: Zoo, parts: list[Outcome], places: dict[int, tuple[int, int]]) -> bool:
    """Whether a mistake of shapes among these, if there is one, is met before the others."""
    first, *others = sorted(parts, key=lambda part: places[id(part)])
    if any(part.said[0].code in _OF_TENSORS for part in others):
        return False
    if first.said[0].code not in _OF_TENSORS:
        return True
    begin = places[id(first)][0]
    networks = [node.value.span for node in zoo.page.nodes if isinstance(node.value, ast.Network)]
    around = next((span for span in networks if span.start <= begin <= span.end), None)
    return around is not None and all(places[id(part)][1] <= around.end for part in others)


def combinations(zoo: Zoo, outcomes: list[Outcome], times: int, seed: int) -> Iterator[Together]:
    """So many pairs and so many triples of mutants that give one error each, on the line of the edit."""
    single = [o for o in outcomes if o.verdict == "errors" and o.alone and o.on_line]
    single = [o for o in single if o.said[0].code not in _OF_NETWORKS]
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
            if any(zoo.page.line(first[1]) == zoo.page.line(second[0]) for first, second in pairwise(reach)):
                continue
            if not _known(zoo, parts, places):
                continue
            found += 1
            cuts = tuple(cut for part in parts for cut in part.edit.cuts)
            openers = tuple(opener for part in parts for opener in part.edit.openers)
            outcome = judge(zoo, _TOGETHER, Edit(cuts, openers))
            yield Together(tuple(parts), outcome)


_TOGETHER = Kind("together", "syntax", True, "several at once", lambda page: iter(()))
