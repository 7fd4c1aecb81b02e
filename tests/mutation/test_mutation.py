"""A sample of the mutation test: some specs, every kind, one place. `make mutation` makes all of `docs/mutation.md`."""

from __future__ import annotations

from tests.mutation import lists, run, table
from tests.mutation.measure import Outcome

#: One that imports nothing, one with blocks that take several tensors, one of units of the library, one of tokens.
SAMPLE = ("unet.arch", "wavenet.arch", "resnext.arch", "vit.arch")


def told(outcomes: list[Outcome]) -> str:
    return "\n\n" + "\n\n".join(map(lists.told, outcomes))


def test_sample() -> None:
    """One test, so that the mutants are made once."""
    outcomes, together = [], []
    for found, several in run.run(SAMPLE, run.all_kinds(), places=1, times=5, seed=1):
        outcomes += found
        together += several
    crashed = [o for o in (*outcomes, *(t.outcome for t in together)) if o.verdict == "crash"]
    assert not crashed, told(crashed)
    accepted = [o for o in outcomes if table.accepted(o)]
    assert not accepted, told(accepted)
    asked = table.of_groups(outcomes, "syntax", "names")
    alone, on_line = table.shares(asked)
    assert alone >= table.ALONE, told([o for o in asked if o.counts and not o.alone])
    assert on_line >= table.ON_LINE, told([o for o in asked if o.counts and not o.on_line])
