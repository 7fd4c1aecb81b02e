"""All mutants of some specs, on several processes; what came of them in a fixed order."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby

from tests.mutation import measure
from tests.mutation.catalogue import catalogue
from tests.mutation.kinds import KINDS
from tests.mutation.measure import SPECS, Outcome, judge
from tests.mutation.together import Together, combinations

Task = tuple[str, str, int, int]


#: A spec, read once in each process.
zoo = cache(measure.zoo)


def specs() -> list[str]:
    """The files of the zoo and of the library."""
    return sorted(path.relative_to(SPECS).as_posix() for path in SPECS.rglob("*.arch"))


def mutants(task: Task) -> list[Outcome]:
    """Those of one kind in one spec."""
    name, kind, places, seed = task
    return [judge(zoo(name), KINDS[kind], edit) for edit in zoo(name).edits(KINDS[kind], places, seed)]


def several(task: tuple[str, list[Outcome], int, int]) -> list[Together]:
    """Several of a spec's mutants at once."""
    name, outcomes, times, seed = task
    return list(combinations(zoo(name), outcomes, times, seed))


def run(
    names: Iterable[str], kinds: Iterable[str], places: int, times: int, seed: int, processes: int = 1
) -> Iterator[tuple[list[Outcome], list[Together]]]:
    """Spec by spec, what came of its mutants and of several of them together."""
    tasks = [(name, kind, places, seed) for name in names for kind in kinds]
    if processes == 1:
        yield from _run(tasks, map(mutants, tasks), times, seed)
        return
    with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=400) as pool:
        yield from _run(tasks, pool.imap(mutants, tasks, chunksize=4), times, seed)


def _run(
    tasks: list[Task], results: Iterator[list[Outcome]], times: int, seed: int
) -> Iterator[tuple[list[Outcome], list[Together]]]:
    for name, of_spec in groupby(zip(tasks, results, strict=True), key=lambda found: found[0][0]):
        outcomes = [outcome for _, found in of_spec for outcome in found]
        yield outcomes, several((name, outcomes, times, seed))


def all_kinds() -> list[str]:
    return [kind.name for kind in catalogue()]
