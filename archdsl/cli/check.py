"""`archdsl check`: parse, elaborate, check shapes and `expect` lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module

import click

from archdsl.cli.common import Request, count, spec_options
from archdsl.cli.program import exit_status, fail, one_of
from archdsl.diagnostics import ArchError, Collector, Diagnostic
from archdsl.resources import place_of

#: The formats for programs, which go to standard output, and the modules that write them.
_FORMATS = {"concise": "concise", "json": "as_json", "sarif": "sarif", "github": "github"}


@click.command("check")
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
@spec_options
@click.option(
    "--format",
    type=one_of(["text", *_FORMATS]),
    default="text",
    show_default=True,
    help="How diagnostics are written; all but text go to standard output.",
)
def command(request: Request, specs: tuple[str, ...], format: str) -> int:
    """Check specs: names, values, shapes, and what is expected of each model."""
    if specs.count("-") > 1:
        fail("standard input can be read only once")
    found, models = Collector(), 0
    paths = _once(specs)
    for path in paths:
        try:
            spec = request.open(path)
            models += 1 if request.model is not None else len(spec.models)
            found.extend(spec.check(request.model, request.settings, request.inputs))
        except ArchError as error:
            found.extend(error.diagnostics)
    diagnostics = found.diagnostics
    if format == "text":
        request.report(diagnostics, f"{count(len(paths), 'file')}, {count(models, 'model')}")
    else:
        if text := _for_programs(format, diagnostics):
            click.echo(text)
    return exit_status(diagnostics)


def _once(specs: tuple[str, ...]) -> list[str]:
    """The specs in their order, without other names of one file."""
    found: dict[object, str] = {}
    for path in specs:
        found.setdefault(path if path == "-" else place_of(path) or path, path)
    return list(found.values())


def _for_programs(format: str, diagnostics: list[Diagnostic]) -> str:
    if format == "sarif":
        from archdsl.diagnostics import sarif
        from archdsl.diagnostics.codes import CODES
        from archdsl.resources.pages import page

        return sarif.render_all(diagnostics, {code: page(code) for code in CODES})
    render: Callable[[Iterable[Diagnostic]], str]
    render = import_module(f"archdsl.diagnostics.{_FORMATS[format]}").render_all
    return render(diagnostics)
