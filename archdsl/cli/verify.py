"""`archdsl verify`: hold the generated module against the static figures, and against another module."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

import click

from archdsl.cli.common import Request, all_option, check_one_choice, spec_options
from archdsl.cli.program import ERRORS, fail, one_of
from archdsl.cli.streams import is_terminal
from archdsl.diagnostics.as_json import dumps
from archdsl.diagnostics.cells import printable

#: How a check came out: held, not held, could not be held.
_SIGNS = {True: "ok", False: "DIFFERS", None: "skipped"}


@click.command("verify")
@click.argument("spec")
@spec_options
@all_option
@click.option(
    "--against",
    metavar="LIBRARY:NAME",
    help="Another module to hold it against, with its weights: torchvision:NAME or timm:NAME.",
)
@click.option(
    "--device", default="cpu", show_default=True, metavar="NAME", help="Where to run, as PyTorch names it."
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, min_open=True),
    metavar="X",
    help="What may differ, relative to the largest value.  [default: 1e-5]",
)
@click.option("--format", type=one_of(["text", "json"]), default="text", show_default=True)
def command(
    request: Request,
    spec: str,
    all_models: bool,
    against: str | None,
    device: str,
    tolerance: float | None,
    format: str,
) -> int:
    """Build the generated module, run it, and hold shapes, parameters and MACs against the static figures.

    With `--against` it gets the weights of a module of torchvision or timm, and its outputs and gradients are compared.
    Exit status 1 says that something differs.
    """
    check_one_choice(request, all_models)
    if all_models and against is not None:
        fail("`--against` is for one model", "choose it with `--model`")
    architectures = request.architectures(
        spec, all_models
    )  # mistakes of the text are told before torch is loaded
    if find_spec("torch") is None:
        fail("torch is not installed, and `verify` runs the generated module", "pip install torch")
    from archdsl.verify import PeerError, Settings, find_peer, usable, verify

    if tolerance is not None and not math.isfinite(tolerance):
        fail("`--tolerance` is a number more than 0, and not infinite")
    if problem := usable(device):
        fail(f"there is no device `{device}` to run on: {problem}")
    given = {} if tolerance is None else {"tolerance": tolerance}
    settings = Settings(device, say=_progress, **given)
    reports = []
    try:
        peer = None if against is None else find_peer(against)
        for architecture in architectures:
            reports.append(verify(architecture, peer, settings))
            if format == "text":
                _progress("")
                click.echo("\n" * (len(reports) > 1) + _text(reports[-1]))
    except PeerError as error:
        _progress("")
        fail(error.message, error.help)
    except MemoryError as error:
        _progress("")
        fail(f"there is not enough memory on {device}: {error}")
    _progress("")
    if format == "json":
        data = [report.as_data() for report in reports]
        click.echo(dumps(data if all_models else data[0]))
    return 0 if all(report.holds for report in reports) else ERRORS


def _progress(text: str) -> None:
    """What is going on, in one line that the next one replaces; nothing in a pipe."""
    if is_terminal(sys.stderr):
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


def _text(report: Any) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    lines = [f"{printable(report.model)} of {printable(report.spec)} on {report.device} ({versions})"]
    lines += _lines(report.module)
    if report.peer is not None:
        lines += [f"against {report.peer}", *_lines(report.against)]
    failed = len(report.failures)
    if failed:
        verdict = f"{failed} of {len(report.module) + len(report.against)} differ"
    elif report.difference is None:
        verdict = "holds"
    else:
        largest = f"{report.difference:.1e}" if report.difference else "0"
        verdict = f"holds; the largest relative difference is {largest}"
    if report.skipped:
        verdict += f" ({len(report.skipped)} skipped)"
    return "\n".join([*lines, f"{printable(report.model)}: {verdict}"])


def _lines(checks: Iterable[Any]) -> list[str]:
    rows = []
    for check in checks:
        found = check.found
        if check.expected and (check.holds is False or check.difference is not None):
            found += f" ({check.expected})" if check.difference is not None else f", not {check.expected}"
        rows.append((_SIGNS[check.holds], *map(printable, (check.what, found, check.note))))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    return [
        "  " + "  ".join(part.ljust(width) for part, width in zip(row, [*widths, 0], strict=True)).rstrip()
        for row in rows
    ]
