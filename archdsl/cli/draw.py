"""`archdsl draw`: write the diagram."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

import click

from archdsl.cli.common import Request, all_option, check_one_choice, files_of, force_option, spec_options
from archdsl.cli.drawing import draw_options
from archdsl.cli.output import STDOUT, targets, write_all
from archdsl.cli.pair import Before, before_options
from archdsl.cli.program import fail, one_of
from archdsl.cli.streams import is_terminal
from archdsl.marks import mark
from archdsl.resources import OutputError

#: Suffixes of each format, the usual one first; those of `archdsl.draw.FORMATS`, which only drawing imports.
SUFFIXES = {
    "svg": (".svg",),
    "png": (".png",),
    "pdf": (".pdf",),
    "dot": (".dot", ".gv"),
    "tikz": (".tex", ".tikz"),
    "mermaid": (".mmd", ".mermaid"),
    "html": (".html",),
}
_FORMATS = {suffix: name for name, suffixes in SUFFIXES.items() for suffix in suffixes}
BINARY = ("png", "pdf")
KINDS = ("diagram", "figure")
#: Those of `archdsl.draw.figure.SCALES`.
SCALES = ("sqrt", "log", "linear")


@click.command("draw")
@click.argument("spec")
@spec_options
@all_option
@click.option("-o", "--output", metavar="PATH", help="The file to write; `-` is standard output.")
@click.option(
    "--format",
    type=one_of(tuple(SUFFIXES)),
    help="By default what the suffix of the output says, otherwise svg.",
)
@click.option(
    "--kind",
    type=one_of(KINDS),
    default="diagram",
    help="`diagram`: layers and blocks with their arrows (the default). `figure`: the paper's schematic, feature maps "
    "as boxes to scale.",
)
@click.option(
    "--scale",
    type=one_of(SCALES),
    help="What the sides of a figure's boxes are as: `sqrt` of the sizes (the default), `log` or `linear`.",
)
@click.option(
    "--link-base",
    metavar="URL",
    help="Where the boxes of an SVG lead to: the address of the current folder on a server. "
    "By default to the files here.",
)
@click.option(
    "--diff",
    "former",
    metavar="OLD",
    help="Draw what changed from the spec OLD to SPEC, which may be the same file: then `--from-model`, `--from-set` "
    "or `--from-input` say what was before.",
)
@before_options
@draw_options
@force_option
def command(
    request: Request,
    before: Before,
    spec: str,
    former: str | None,
    all_models: bool,
    output: str | None,
    format: str | None,
    kind: str,
    scale: str | None,
    link_base: str | None,
    force: bool,
    seen: dict[str, Any],
) -> None:
    """Write the diagram of a model, by default to MODEL.svg in the current folder."""
    check_one_choice(request, all_models)
    chosen = format or _format_of(output, all_models)
    if output == STDOUT and chosen in BINARY and is_terminal(sys.stdout):
        fail(f"a {chosen.upper()} is nothing for a terminal", "`-o` names a file")
    if scale is not None and kind != "figure":
        fail("`--scale` is of `--kind figure`, whose boxes have sides")
    if former is None and before.is_asked:
        fail(
            "`--from-model`, `--from-set` and `--from-input` are of `--diff`",
            "`--diff OLD` names the spec before",
        )
    if former is not None and (all_models or kind == "figure"):
        fail(
            f"`--diff` draws two networks as one, and takes no `{'--all' if all_models else '--kind figure'}`"
        )
    if former == spec == "-":
        fail("standard input can be read once only", "name a file")
    old = before.architecture(request, former) if former is not None else None
    architectures = request.architectures(spec, all_models)
    files = targets([a.model for a in architectures], SUFFIXES[chosen][0], output, all_models=all_models)
    from archdsl.draw import DrawError, DrawOptions, EngineMissing, render  # there is something to draw

    def drawn(format: str) -> list[bytes]:
        limits = request.options.limits
        made = []
        for architecture, file in zip(architectures, files, strict=True):
            options = DrawOptions(**seen, links=partial(_link, link_base, "." if file == STDOUT else file))
            graph = architecture._graph
            if old is not None:
                from archdsl.diff.picture import render_difference

                data = render_difference(old._graph, graph, format, options, limits)
            elif kind == "figure":
                from archdsl.draw.figure import render_figure

                data = render_figure(graph, format, scale or "sqrt", options, limits)
            else:
                data = render(graph, format, options, limits)
            made.append(mark(data, format))
        return made

    keep = files_of([*architectures, *([old] if old is not None else [])])
    try:
        write_all(list(zip(files, drawn(chosen), strict=True)), force=force, keep=keep)
    except EngineMissing as error:
        kept = [str(Path(file).with_suffix(".dot")) for file in files if file != STDOUT]
        try:
            if kept:
                write_all(list(zip(kept, drawn("dot"), strict=True)), force=force, keep=keep)
        except OutputError as other:  # the engine is what is to be told
            fail(f"{error}; {other}", error.help or other.help)
        fail(str(error), error.help)
    except DrawError as error:
        fail(str(error), error.help)


def _link(base: str | None, output: str, name: str) -> str:
    """The address of a source file: below `base`, or from the folder of the drawing to the file, where it is one."""
    if base is not None:
        return f"{base.rstrip('/')}/{quote(PurePath(name).as_posix())}"
    if not Path(name).is_file():
        return ""  # of the library, or standard input
    try:
        return quote(Path(os.path.relpath(name, Path(output).parent)).as_posix())
    except ValueError:  # on another drive
        return ""


def _format_of(output: str | None, all_models: bool) -> str:
    suffix = Path(output).suffix.lower() if output is not None and not all_models else ""
    if not suffix or output == STDOUT:
        return "svg"
    if suffix not in _FORMATS:
        fail(
            f"`{suffix}` is no format of diagrams", f"there are {', '.join(_FORMATS)}; `--format` chooses one"
        )
    return _FORMATS[suffix]
