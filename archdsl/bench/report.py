"""What was measured, of whom, and what follows from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from archdsl.bench.machine import Limits
from archdsl.bench.statistics import Estimate, Verdict


@dataclass(slots=True)
class Row:
    """One network in one form.

    `seconds` is the median of a run, `speed` how many times as fast it is as the first row, `difference` the largest
    relative one of its results from those of the first that computes the same function; `peak` are bytes at once beside
    weights and inputs, `saved` bytes that training holds for the pass backwards, for one sample; `share` is the part of
    the machine's limit that is reached. `problem` says why there are none of these.
    """

    network: str
    form: str
    ours: bool
    rewritten: bool
    target: str
    samples: list[float] = field(default_factory=list)
    seconds: float | None = None
    speed: Estimate | None = None
    difference: float | None = None
    peak: int | None = None
    saved: float | None = None
    share: float | None = None
    graphs: int | None = None
    problem: str = ""
    #: results differ by more than rounding
    differs: bool = False

    @property
    def name(self) -> str:
        return f"{self.network}, {self.form}"

    def as_data(self) -> dict[str, Any]:
        off = self.difference
        return {
            "network": self.network,
            "form": self.form,
            "ours": self.ours,
            "target": self.target,
            "seconds": self.seconds,
            "speed": None if self.speed is None else self.speed.as_data(),
            "difference": off if off is not None and math.isfinite(off) else None,
            "differs": self.differs,
            "peak_bytes": self.peak,
            "saved_bytes_per_sample": self.saved,
            "share_of_limit": self.share,
            "graphs": self.graphs,
            "problem": self.problem or None,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """One of ours against one of theirs: how many times as fast, and what follows.

    `of` is which one of ours that is, `eager` or `best`; `to` which of theirs, `as written`, `channels-last` or `best`.
    One pair may be both.
    """

    of: str
    to: str
    ours: str
    theirs: str
    speed: Estimate
    verdict: Verdict

    def as_data(self) -> dict[str, Any]:
        return {
            "of": self.of,
            "to": self.to,
            "ours": self.ours,
            "theirs": self.theirs,
            "speed": self.speed.as_data(),
            "verdict": self.verdict.kind,
            "said": self.verdict.said,
        }


@dataclass(slots=True)
class Run:
    """All contestants with so many threads and so many samples at once.

    `noise` is how many times as fast the first row is as itself, measured like another contestant; `bound` what keeps
    the machine from more, `arithmetic` or `memory`.
    """

    threads: int
    batch: int
    limits: Limits
    rows: list[Row]
    noise: Estimate | None = None
    attainable: float | None = None
    bound: str | None = None
    rounds: int = 0
    #: graphs that were compiled while rounds were under way, which makes them longer
    recompiled: int = 0
    comparisons: list[Comparison] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        return {
            "threads": self.threads,
            "batch": self.batch,
            "rounds": self.rounds,
            "recompiled": self.recompiled,
            "machine": {"flops": self.limits.flops, "bytes_per_second": self.limits.bandwidth},
            "attainable_seconds": self.attainable,
            "bound": self.bound,
            "noise": None if self.noise is None else self.noise.as_data(),
            "contestants": [row.as_data() for row in self.rows],
            "comparisons": [one.as_data() for one in self.comparisons],
        }


@dataclass(slots=True)
class Report:
    """All runs of a model. `holds` says that everyone ran and that results agree."""

    archdsl: str
    spec: str
    model: str
    purpose: str
    dtype: str
    device: str
    device_name: str
    versions: dict[str, str]
    inputs: dict[str, list[int]]
    passes: tuple[str, ...] | None = None
    checkpoint: tuple[str, ...] = ()
    runs: list[Run] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not any(row.differs or row.problem for run in self.runs for row in run.rows)

    def as_data(self) -> dict[str, Any]:
        return {
            "archdsl": self.archdsl,
            "spec": self.spec,
            "model": self.model,
            "for": self.purpose,
            "dtype": self.dtype,
            "device": self.device,
            "device_name": self.device_name,
            "versions": self.versions,
            "inputs": self.inputs,
            "passes": None if self.passes is None else list(self.passes),
            "checkpoint": list(self.checkpoint),
            "holds": self.holds,
            "runs": [run.as_data() for run in self.runs],
        }
