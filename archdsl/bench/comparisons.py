"""Which rows are held against which: like against like, and the best of ours against the best of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archdsl.bench.forms import AS_WRITTEN, CHANNELS_LAST
from archdsl.bench.report import Comparison, Row
from archdsl.bench.statistics import Estimate, estimate, judge, ratios


def compare(rows: list[Row], noise: Estimate | None) -> list[Comparison]:
    """For each other network our eager form, and our best one, against it as written, in channels-last, and in its best
    form; alone, the rewritten forms against those of the module as written."""
    measured = [row for row in rows if row.samples]
    ours = [row for row in measured if row.ours]
    others = dict.fromkeys(row.network for row in measured if not row.ours)
    if not others:
        pairs = _pairs([r for r in ours if r.rewritten], [r for r in ours if not r.rewritten])
    else:
        pairs = (pair for name in others for pair in _pairs(ours, [r for r in measured if r.network == name]))
    found = []
    for mine, other in dict.fromkeys((id(a), id(b)) for a, b in pairs):
        a, b = (next(row for row in rows if id(row) == one) for one in (mine, other))
        speed = estimate(ratios(b.samples, a.samples))
        found.append(Comparison(a.name, b.name, speed, judge(speed, noise)))
    return found


def _pairs(ours: list[Row], theirs: list[Row]) -> Iterator[tuple[Row, Row]]:
    eager = fastest(row for row in ours if row.target == "eager" and row.rewritten) or fastest(
        row for row in ours if row.target == "eager"
    )
    best = fastest(ours)
    for other in (_named(theirs, AS_WRITTEN.name), _named(theirs, CHANNELS_LAST.name)):
        for mine in (eager, best):
            if mine is not None and other is not None:
                yield mine, other
    quickest = fastest(theirs)
    if best is not None and quickest is not None:
        yield best, quickest


def fastest(rows: Iterable[Row]) -> Row | None:
    """By the median, if there is one at all."""
    return min(rows, key=lambda row: row.seconds or 0.0, default=None)


def _named(rows: list[Row], form: str) -> Row | None:
    return next((row for row in rows if row.form == form), None)
