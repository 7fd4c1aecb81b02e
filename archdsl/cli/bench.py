"""`archdsl bench`: time the generated module, as written and rewritten, beside others with the same weights."""

from __future__ import annotations

import math
import os
import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from archdsl.api import Architecture
from archdsl.cli import table
from archdsl.cli.common import Request, count, files_of, force_option, spec_options
from archdsl.cli.output import STDOUT, progress, write
from archdsl.cli.program import ERRORS, fail, one_of
from archdsl.cli.purpose import checkpoint_option, passes_option
from archdsl.diagnostics.as_json import dumps
from archdsl.diagnostics.cells import printable
from archdsl.graph.plan import TARGETS, Plan, PlanError
from archdsl.marks import mark

#: More than so many samples at once, or threads, is a slip.
_MOST = 65_536
_LIBRARY = re.compile(r"(torchvision|timm):(?!.*\.arch)")


def _numbers(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """`1,8`: numbers from 1, each once."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch("[0-9]{1,9}", part) and 1 <= int(part) <= _MOST for part in parts):
        raise click.BadParameter(f"{text!r} is not a list of numbers from 1 to {_MOST} such as 1,8")
    return tuple(dict.fromkeys(map(int, parts)))


@click.command("bench")
@click.argument("spec")
@spec_options
@click.option(
    "--against",
    metavar="WHAT",
    multiple=True,
    help="Another module: torchvision:NAME, timm:NAME, or a spec, SPEC or SPEC:MODEL. May be repeated.",
)
@click.option(
    "--device", default="cpu", show_default=True, metavar="NAME", help="Where to run: cpu, cuda or cuda:1."
)
@click.option(
    "--batch",
    "batches",
    default="1",
    show_default=True,
    metavar="LIST",
    callback=_numbers,
    help="Samples at once.",
)
@click.option(
    "--for", "purpose", type=one_of(["inference", "training"]), default="inference", show_default=True
)
@click.option(
    "--target",
    type=one_of(["eager", "compile", "cuda-graph", "all"]),
    default="eager",
    show_default=True,
    help="What runs the modules. Compiling takes about a minute for each.",
)
@passes_option
@checkpoint_option
@click.option(
    "--dtype", type=one_of(["float32", "bfloat16", "float16"]), default="float32", show_default=True
)
@click.option(
    "--threads", metavar="LIST", callback=_numbers, help="Threads of the processor.  [default: PyTorch's]"
)
@click.option(
    "--rounds", type=click.IntRange(1, 10_000), metavar="N", help="Runs of each.  [default: by time]"
)
@click.option(
    "--seconds",
    type=click.FloatRange(0, 86_400, min_open=True),
    metavar="S",
    help="Time for the rounds of each batch.  [default: 20]",
)
@click.option("--format", type=one_of(["text", "json"]), default="text", show_default=True)
@click.option(
    "-o", "--output", metavar="PATH", default=STDOUT, help="The file to write, not standard output."
)
@force_option
def command(
    request: Request,
    spec: str,
    against: tuple[str, ...],
    device: str,
    batches: tuple[int, ...],
    purpose: str,
    target: str,
    passes: tuple[str, ...] | None,
    checkpoint: tuple[str, ...],
    dtype: str,
    threads: tuple[int, ...] | None,
    rounds: int | None,
    seconds: float | None,
    format: str,
    output: str,
    force: bool,
) -> int:
    """Time the generated module, as written and rewritten, beside others with the same weights.

    Everyone runs once in each round, and the ratios of times within a round count: their median and an interval of 95 %
    confidence. Results are compared before. Exit status 1 says that they differ, or that something could not be run.
    """
    targets = tuple(one for one in TARGETS if target in (one, "all"))
    _check_plans(purpose, targets, passes, checkpoint)
    processors = os.cpu_count() or 1
    if threads is not None and max(threads) > processors:
        fail(f"there are {count(processors, 'processor')} here for {max(threads)} threads")
    if seconds is not None and not math.isfinite(seconds):
        fail("`--seconds` is a number more than 0, and not infinite")
    (architecture,) = request.architectures(
        spec, False
    )  # mistakes of the text are told before torch is loaded
    specs = {text: _against(request, architecture, text) for text in against if not _LIBRARY.match(text)}
    if find_spec("torch") is None:
        fail("torch is not installed, and `bench` runs the generated module", "pip install torch")
    from archdsl.bench import BenchError, Settings, bench
    from archdsl.verify import PeerError, find_peer

    kind = _usable(device)
    if target == "cuda-graph" and kind != "cuda":
        fail(f"there are no CUDA graphs on `{device}`", "`--device cuda` runs on a GPU")
    settings = Settings(
        device, batches, purpose, targets, passes, checkpoint, dtype, threads, rounds, seconds, _say
    )
    try:
        others = [specs.get(text) or find_peer(text) for text in dict.fromkeys(against)]
        report = bench(architecture, others, settings)
    except (PeerError, BenchError, PlanError) as error:
        progress("")
        fail(error.message, error.help)
    except MemoryError as error:
        progress("")
        fail(f"there is not enough memory on {device}: {error}", "a smaller `--batch` takes less")
    progress("")
    if format == "json":
        data = f"{dumps(report.as_data())}\n".encode()
    else:
        data = f"{_text(report)}\n".encode()
        data = data if output == STDOUT else mark(data, "txt")
    keep = files_of([architecture, *specs.values()])
    write(output, data, force=force, keep=keep)
    return 0 if report.holds else ERRORS


def _check_plans(
    purpose: str, targets: tuple[str, ...], passes: tuple[str, ...] | None, checkpoint: tuple[str, ...]
) -> None:
    """Refuse passes that there are not, and blocks to compute again where nothing is computed backwards."""
    from archdsl.passes import chosen

    if checkpoint and purpose != "training":
        fail(f"`--checkpoint` is for training, and this is for {purpose}", "`--for training` takes it")
    try:
        for target in targets:
            chosen(Plan(purpose, target, passes, checkpoint))
    except PlanError as error:
        fail(error.message, error.help)


def _say(text: str) -> None:
    progress(printable(text))


def _against(request: Request, ours: Architecture, text: str) -> Architecture:
    """The model of another spec: `SPEC:MODEL`, or in `SPEC` that of our model's name, or its only one."""
    path, colon, model = text.rpartition(":")
    if not colon or Path(text).exists() or not model.isidentifier():
        path, model = text, ""
    if not path.endswith(".arch") and not Path(path).exists():
        fail(
            f"`{text}` names nothing to time the network against",
            "write torchvision:NAME, timm:NAME, or a spec: SPEC or SPEC:MODEL",
        )
    asked = replace(request, settings={})
    if model:
        asked = replace(asked, model=model)
    else:
        models = request.open(path).models
        asked = replace(asked, model=ours.model if ours.model in models else None)
    (found,) = asked.architectures(path, False)
    return found


def _usable(device: str) -> str:
    """The kind of a device that can be run on."""
    import torch

    from archdsl.verify import usable

    if problem := usable(device):
        fail(f"there is no device `{device}` to run on: {problem}")
    kind = torch.device(device).type
    if kind not in ("cpu", "cuda"):
        fail(f"`bench` measures on cpu and cuda, not on `{device}`")
    return kind


def _text(report: Any) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    inputs = ", ".join("×".join(map(str, shape)) for shape in report.inputs.values())
    head = [
        f"{report.model} of {printable(report.spec)}, {report.purpose}, {report.dtype}, {inputs}",
        f"{printable(report.device_name)} ({report.device}), archdsl {report.archdsl}, {versions}",
    ]
    return "\n".join([*head, *(part for run in report.runs for part in ("", *_run(report, run)))])


def _run(report: Any, run: Any) -> list[str]:
    training = report.purpose == "training"
    head = ["network", "form", "ms", "speed", "95 % interval", "peak MB", "of limit", "difference"]
    if training:
        head.insert(6, "saved MB")
    rows = []
    for row in run.rows:
        if row.problem:
            rows.append([printable(row.network), row.form, *["-"] * (len(head) - 2)])
            continue
        low, high = row.speed.low, row.speed.high
        cells = [
            printable(row.network),
            row.form,
            _digits(1000 * row.seconds),
            f"{row.speed.middle:.2f}",
            "-" if low is None or row is run.rows[0] else f"{low:.2f}–{high:.2f}",
            "-" if row.peak is None else _digits(row.peak / 1e6),
            "-" if row.share is None else f"{100 * row.share:.0f}%",
            (f"{row.difference:.1e}" if row.difference else "0") + " DIFFERS" * row.differs,
        ]
        if training:
            cells.insert(6, "-" if row.saved is None else _digits(row.saved / 1e6))
        rows.append(cells)
    lines = [
        f"{count(run.threads, 'thread')}, batch {run.batch}, {count(run.rounds, 'round')}",
        table.plain(head, rows, range(2, len(head)), None),
        f"speed is that of {printable(run.rows[0].name)}, as 1; beside itself it came out at {_noise(run.noise)}",
        _machine(run),
    ]
    if run.recompiled:
        lines.append(f"{count(run.recompiled, 'graph')} compiled during the rounds, which makes these longer")
    lines += [
        f"{printable(row.name)} cannot be run: {printable(row.problem)}" for row in run.rows if row.problem
    ]
    said = {
        f"{printable(one.ours)}, against {printable(one.theirs)}": one.verdict.said for one in run.comparisons
    }
    return [*lines, *(f"{who}: {what}" for who, what in said.items())]


def _machine(run: Any) -> str:
    product, copied = run.limits.flops / 1e9, run.limits.bandwidth / 1e9
    found = f"the machine: {product:,.0f} GFLOP/s in a matrix product, {copied:,.1f} GB/s in a copy"
    if run.bound is None:
        return found
    return f"{found}; {run.bound} bounds the network at {_digits(1000 * run.attainable)} ms"


def _noise(noise: Any) -> str:
    if noise.low is None:
        return f"{noise.middle:.2f}"
    return f"{noise.middle:.2f} ({noise.low:.2f}–{noise.high:.2f})"


def _digits(number: float) -> str:
    """Three digits, or all before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
