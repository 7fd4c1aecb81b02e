"""From a model to the report: for each number of threads and size of the batch, everyone beside everyone."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from statistics import median

import torch
from torch import Tensor

from archdsl.api import Architecture
from archdsl.bench.comparisons import compare
from archdsl.bench.contestants import Contestant, contestants, networks
from archdsl.bench.machine import Limits, attainable, name_of, probes
from archdsl.bench.memory import held, peak
from archdsl.bench.report import Report, Row, Run
from archdsl.bench.settings import BenchError, Settings
from archdsl.bench.statistics import estimate, ratios
from archdsl.bench.steps import Step, graphs, prepare
from archdsl.bench.timing import rounds
from archdsl.bench.weights import farthest, tolerance
from archdsl.graph.plan import PlanError
from archdsl.verify.peers import Peer
from archdsl.verify.running import arriving
from archdsl.version import __version__


def bench(arch: Architecture, others: Sequence[Peer | Architecture], settings: Settings) -> Report:
    """Measure a model, beside others where there are some.

    Raises BenchError where that cannot be done as it was asked for, PeerError where a peer cannot be built, ArchError
    where a package of an extern block is missing, and MemoryError where there is not enough of it.
    """
    versions = {"torch": str(torch.__version__)}
    for other in others:
        if isinstance(other, Peer):
            versions[other.name.partition(":")[0]] = other.version
    report = Report(
        __version__,
        arch.source_name,
        arch.model,
        settings.purpose,
        settings.dtype,
        settings.device,
        name_of(settings.device),
        versions,
        arch.inputs,
        settings.passes,
        settings.checkpoint,
    )
    with _as_it_was(settings), _memory():
        found = networks(arch, others, settings)
        for threads in settings.threads or (torch.get_num_threads(),):
            torch.set_num_threads(threads)  # before anything is made ready: what is packed depends on it
            for batch in settings.batches:
                report.runs.append(_run(arch, list(contestants(found, settings)), threads, batch, settings))
    return report


def _run(arch: Architecture, who: list[Contestant], threads: int, batch: int, settings: Settings) -> Run:
    where = f"{arch.model}: {threads} thread{'s' * (threads > 1)}, batch {batch}"
    settings.say(f"{where}: the machine")
    machine = probes(settings)
    inputs = arriving(list(arch.inputs.values()), batch, settings.device, settings.number, seed=1)
    rows: list[Row] = []
    steps: list[Step] = []
    first: dict[int, list[Tensor]] = {}
    again = replace(who[0])
    for contestant in [*who, again]:
        settings.say(f"{where}: preparing {contestant.name}")
        row = _row(contestant)
        step = _prepared(contestant, row, inputs, settings)
        if contestant is again:
            if step is not None:
                steps.append(step)
            break
        rows.append(row)
        if step is None:
            if contestant is who[0]:
                raise BenchError(f"{contestant.name} cannot be run: {row.problem}")
            continue
        reference = first.setdefault(contestant.network.function, step.first)
        row.difference = farthest(step.first, reference)
        row.differs = not row.difference <= tolerance(settings)
        row.graphs = step.graphs
        step.first = []
        steps.append(step)
    measured = [row for row in rows if not row.problem]
    compiled = graphs()
    everyone = [*steps, *(probe.step for probe in machine)]
    *samples, products, copies = rounds(everyone, settings, lambda text: settings.say(f"{where}: {text}"))
    product, copied = (probe.work for probe in machine)
    each = [Limits(product / a, copied / b) for a, b in zip(products, copies, strict=True)]
    limits = Limits(median(one.flops for one in each), median(one.bandwidth for one in each))
    run = Run(threads, batch, limits, rows, rounds=len(each), recompiled=graphs() - compiled)
    run.attainable, run.bound = attainable(arch, batch, settings, limits) or (None, None)
    specs = {one.network.name: one.network.arch or arch for one in who}
    run.noise = estimate(ratios(samples[0], samples[-1]))
    for row, step, seconds in zip(
        measured, steps, samples, strict=False
    ):  # the last are those of the first again
        settings.say(f"{where}: memory of {row.name}")
        row.samples = seconds
        row.seconds = estimate(seconds).middle
        row.speed = estimate(ratios(samples[0], seconds))
        shares = [
            bound[0] / taken
            for taken, now in zip(seconds, each, strict=True)
            if (bound := attainable(specs[row.network], batch, settings, now)) is not None
        ]
        row.share = median(shares) if shares else None
        row.peak = peak(step, settings.device)
        kept = held(step, settings.device)
        row.saved = None if kept is None else kept / batch
    run.comparisons = compare(rows, run.noise)
    return run


def _row(contestant: Contestant) -> Row:
    network, form = contestant.network, contestant.form
    return Row(network.name, form.name, network.number == 0, form.rewritten, form.target)


def _prepared(contestant: Contestant, row: Row, inputs: list[Tensor], settings: Settings) -> Step | None:
    """The contestant made ready, or nothing, where its row says why."""
    arrived = [one.clone() for one in inputs]  # no one spoils those of the others
    try:
        step = prepare(contestant.form, contestant.build(), arrived, settings.purpose)
        if not all(map(torch.equal, arrived, inputs)):
            row.problem = "it writes over its input"
            return None
        return step
    except (BenchError, PlanError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:  # compilers and other people's modules fail in ways of their own
        row.problem = f"{type(error).__name__}: {error}".split("\n")[0]
        return None


@contextmanager
def _as_it_was(settings: Settings) -> Iterator[None]:
    """PyTorch's own settings for the time of measuring, and those of before afterwards. Its advice is not heard."""
    threads, tuned = torch.get_num_threads(), torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True  # the best of its algorithms, for everyone
    here = torch.cuda.device(settings.device) if settings.kind == "cuda" else nullcontext()
    try:
        with here, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cudnn.benchmark = tuned
        gc.collect()


@contextmanager
def _memory() -> Iterator[None]:
    """What PyTorch raises where there is not enough memory, as Python names it."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error):
            raise MemoryError(str(error).split("\n")[0]) from None
        raise
