"""Which rows are held against which: like against like, and the best of ours against the best of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.bench.forms import AS_WRITTEN, CHANNELS_LAST
from archdsl.bench.report import Comparison, Row
from archdsl.bench.statistics import Estimate, estimate, judge, ratios

#: What stands in a comparison: the form that runs without a compiler, and the fastest of all that were measured.
EAGER, BEST = "eager", "best"


def compare(rows: list[Row], noise: Estimate | None) -> list[Comparison]:
    """For each other network our eager form, and our best one, against it as written, in channels-last, and in its best
    form; alone, the rewritten forms against those of the module as written."""
    measured = [row for row in rows if row.samples]
    ours = [row for row in measured if row.ours]
    others = [
        [row for row in measured if row.network == name]
        for name in dict.fromkeys(row.network for row in measured if not row.ours)
    ]
    if not others:
        ours, others = [r for r in ours if r.rewritten], [[r for r in ours if not r.rewritten]]
    found = []
    for theirs in others:
        for of, mine in _mine(ours):
            for to, other in _theirs(theirs):
                if (of, to) != (EAGER, BEST):  # unlike
                    speed = estimate(ratios(other.samples, mine.samples))
                    found.append(Comparison(of, to, mine.name, other.name, speed, judge(speed, noise)))
    return found


def _mine(rows: list[Row]) -> Iterator[tuple[str, Row]]:
    """The eager form is the rewritten one, where there is one."""
    eager = [row for row in rows if row.target == "eager"]
    first = fastest(row for row in eager if row.rewritten) or fastest(eager)
    best = fastest(rows)
    if first is not None:
        yield EAGER, first
    if best is not None:
        yield BEST, best


def _theirs(rows: list[Row]) -> Iterator[tuple[str, Row]]:
    for form in (AS_WRITTEN.name, CHANNELS_LAST.name):
        yield from ((form, row) for row in rows if row.form == form)
    best = fastest(rows)
    if best is not None:
        yield BEST, best


def fastest(rows: Iterable[Row]) -> Row | None:
    """By the median, if there is one at all."""
    return min(rows, key=lambda row: row.seconds or 0.0, default=None)
