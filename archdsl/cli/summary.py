"""`archdsl summary`: the layers with their shapes and costs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import click

from archdsl.analysis.figures import human, share
from archdsl.cli import table
from archdsl.cli.common import Request, all_option, check_one_choice, files_of, force_option, spec_options
from archdsl.cli.output import STDOUT, write
from archdsl.cli.program import fail, one_of
from archdsl.cli.streams import is_terminal
from archdsl.diagnostics.as_json import dumps
from archdsl.diagnostics.cells import printable
from archdsl.marks import CSV_HEADER, mark

Summary = dict[str, Any]

_HEAD = ("path", "layer", "output", "params", "MACs", "share")
_RIGHT = (3, 4, 5)


@dataclass(slots=True)
class Line:
    """A layer, or all layers below one place of the tree of modules."""

    path: str
    layer: str
    output: list[int]
    params: int
    macs: int
    evaluated: int  # MACs without those of what exists in training only
    line: int
    column: int
    uncounted: set[str]  # figures that some of its layers do not state


@click.command("summary")
@click.argument("spec")
@spec_options
@all_option
@click.option("--format", type=one_of(["table", "json", "csv", "md"]), default="table", show_default=True)
@click.option(
    "--depth", type=click.IntRange(1), metavar="N", help="Fold what lies deeper in the tree of modules."
)
@click.option(
    "-o", "--output", metavar="PATH", default=STDOUT, help="The file to write, not standard output."
)
@force_option
def command(
    request: Request, spec: str, all_models: bool, format: str, depth: int | None, output: str, force: bool
) -> None:
    """Show each layer of a model: output shape, parameters, MACs and their share of the total."""
    check_one_choice(request, all_models)
    if format == "json" and depth is not None:
        fail("`--depth` folds tables, and JSON has every layer")
    architectures = request.architectures(spec, all_models)
    summaries = [a.summary() for a in architectures]
    if format == "json":
        text = dumps(summaries if all_models else summaries[0])
    elif format == "csv":
        text = _csv(summaries, depth)
    else:
        render = _table if format == "table" else _markdown
        text = "\n\n".join(render(summary, depth) for summary in summaries)
    data = f"{text}\n".encode()
    if format == "md" or (format == "table" and output != STDOUT):
        data = mark(data, "md" if format == "md" else "txt")
    write(output, data, force=force, keep=files_of(architectures))


def _lines(summary: Summary, depth: int | None) -> list[Line]:
    """The layers in the order of the text; with a depth, those below one place of the tree together."""
    paths = [tuple(row["path"].split(".")) for row in summary["layers"]]
    levels = {parts[:depth] for parts in paths if depth is not None and len(parts) > depth}
    found: dict[tuple[str, ...] | int, Line] = {}
    counts: dict[tuple[str, ...] | int, int] = {}
    for number, (parts, row) in enumerate(zip(paths, summary["layers"], strict=True)):
        folds = parts[:depth] in levels
        key = parts[:depth] if folds else number
        counts[key] = counts.get(key, 0) + 1
        if key not in found:
            path = ".".join(parts[:depth]) if folds else row["path"]
            found[key] = Line(path, row["layer"], row["output"], 0, 0, 0, row["line"], row["column"], set())
        line = found[key]
        line.output = row["output"]
        line.params += row["params"]
        line.macs += row["macs"]
        line.uncounted.update(row.get("uncounted", ()))
        line.evaluated += 0 if row.get("training") else row["macs"]
        if folds:
            line.layer = "1 layer" if counts[key] == 1 else f"{counts[key]} layers"
    return list(found.values())


def _rows(summary: Summary, depth: int | None) -> list[list[str]]:
    total = summary["macs"]
    rows = [
        [
            line.path,
            line.layer,
            _shape(line.output),
            _figure(line.params, "params" in line.uncounted),
            _figure(line.macs, "macs" in line.uncounted),
            "training" if line.macs and not line.evaluated else share(line.evaluated, total),
        ]
        for line in _lines(summary, depth)
    ]
    uncounted = summary.get("uncounted", {})
    whole = [
        _figure(summary["params"], "params" in uncounted),
        _figure(total, "macs" in uncounted),
        share(total, total),
    ]
    return [*rows, ["total", "", "", *whole]]


def _figure(number: int, open_: bool) -> str:
    """A number for people; `?` stands for what is not stated."""
    if not open_:
        return human(number)
    return f"{human(number)} + ?" if number else "?"


def _table(summary: Summary, depth: int | None) -> str:
    limit = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
    rows = table.plain(_HEAD, _rows(summary, depth), _RIGHT, limit)
    return f"{_title(summary)}\n\n{rows}\n\n{_totals(summary)}"


def _markdown(summary: Summary, depth: int | None) -> str:
    rows = table.markdown(_HEAD, _rows(summary, depth), _RIGHT)
    return f"## {summary['model']}\n\n{table.escaped(_title(summary))}\n\n{rows}\n\n{_totals(summary)}"


def _csv(summaries: Iterable[Summary], depth: int | None) -> str:
    rows = [
        [
            summary["model"],
            line.path,
            line.layer,
            "x".join(map(str, line.output)),
            "" if not line.params and "params" in line.uncounted else str(line.params),
            "" if not line.macs and "macs" in line.uncounted else str(line.macs),
            f"{line.evaluated / summary['macs']:.6f}" if summary["macs"] else "0",
            str(line.line),
            str(line.column),
        ]
        for summary in summaries
        for line in _lines(summary, depth)
    ]
    return table.comma_separated(CSV_HEADER.split(","), rows)


def _title(summary: Summary) -> str:
    inputs = ", ".join(f"{name} {_shape(dims)}" for name, dims in summary["inputs"].items())
    outputs = ", ".join(f"{name} {_shape(dims)}" for name, dims in summary["outputs"].items())
    return f"{summary['model']} of {printable(summary['spec'])}: {inputs} -> {outputs}"


def _totals(summary: Summary) -> str:
    figures = {"params": "parameters", "macs": "MACs", "activations": "activations"}
    totals = ", ".join(f"{summary[key]:,} {name}" for key, name in figures.items())
    for key, blocks in summary.get("uncounted", {}).items():
        state = "which state" + "s" * (len(blocks) == 1)
        totals += f"\n{figures[key]} without those of {', '.join(blocks)}, {state} none"
    return totals


def _shape(dims: list[Any]) -> str:
    """`64×56×56`; a bundle is a list of such shapes."""
    if dims and isinstance(dims[0], list):
        return "[" + ", ".join(map(_shape, dims)) + "]"
    return "×".join(map(str, dims)) if dims else "scalar"
