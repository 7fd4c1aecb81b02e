"""`archdsl draw`: write the diagram."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archdsl.cli.common import Request, all_option, check_one_choice, files_of, force_option, spec_options
from archdsl.cli.output import STDOUT, targets, write_all
from archdsl.cli.program import fail, one_of
from archdsl.cli.streams import is_terminal
from archdsl.marks import mark

FORMATS = ("svg", "png", "pdf", "dot")
_SUFFIXES = {f".{name}": name for name in FORMATS} | {".gv": "dot"}


@click.command("draw")
@click.argument("spec")
@spec_options
@all_option
@click.option("-o", "--output", metavar="PATH", help="The file to write; `-` is standard output.")
@click.option(
    "--format",
    type=one_of(FORMATS),
    help="By default what the suffix of the output says, otherwise svg.",
)
@force_option
def command(
    request: Request, spec: str, all_models: bool, output: str | None, format: str | None, force: bool
) -> None:
    """Write the diagram of a model, by default to MODEL.svg in the current folder."""
    check_one_choice(request, all_models)
    chosen = format or _format_of(output, all_models)
    if output == STDOUT and chosen in ("png", "pdf") and is_terminal(sys.stdout):
        fail(f"a {chosen.upper()} is nothing for a terminal", "`-o` names a file")
    architectures = request.architectures(spec, all_models)
    from archdsl.draw import DrawError, render  # not before it is known that there is something to draw

    try:
        pictures = [
            (a.model, mark(render(a._graph, chosen, limits=request.options.limits), chosen))
            for a in architectures
        ]
    except DrawError as error:
        fail(str(error), error.help)
    files = targets([name for name, _ in pictures], f".{chosen}", output, all_models=all_models)
    drawn = [data for _, data in pictures]
    write_all(list(zip(files, drawn, strict=True)), force=force, keep=files_of(architectures))


def _format_of(output: str | None, all_models: bool) -> str:
    suffix = Path(output).suffix.lower() if output is not None and not all_models else ""
    if not suffix or output == STDOUT:
        return "svg"
    if suffix not in _SUFFIXES:
        fail(
            f"`{suffix}` is no format of diagrams", f"there are {', '.join(FORMATS)}; `--format` chooses one"
        )
    return _SUFFIXES[suffix]
