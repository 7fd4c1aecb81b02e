"""`archdsl check`: parse, elaborate, check shapes and `expect` lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module

import click

from archdsl.cli.common import Request, spec_options
from archdsl.cli.program import exit_status, fail, one_of
from archdsl.diagnostics import ArchError, Collector, Diagnostic

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
    for path in dict.fromkeys(specs):
        try:
            spec = request.open(path)
            models += 1 if request.model is not None else len(spec.models)
            found.extend(spec.check(request.model, request.settings, request.inputs))
        except ArchError as error:
            found.extend(error.diagnostics)
    diagnostics = found.diagnostics
    if format == "text":
        request.report(diagnostics)
        click.echo(_verdict(diagnostics, len(set(specs)), models), err=True)
    else:
        if text := _for_programs(format, diagnostics):
            click.echo(text)
    return exit_status(diagnostics)


def _for_programs(format: str, diagnostics: list[Diagnostic]) -> str:
    if format == "sarif":
        from archdsl.diagnostics import sarif
        from archdsl.diagnostics.codes import CODES
        from archdsl.resources import page

        return sarif.render_all(diagnostics, {code: page(code) for code in CODES})
    render: Callable[[Iterable[Diagnostic]], str]
    render = import_module(f"archdsl.diagnostics.{_FORMATS[format]}").render_all
    return render(diagnostics)


def _verdict(diagnostics: list[Diagnostic], files: int, models: int) -> str:
    errors = sum(d.is_error for d in diagnostics)
    counts = [_count(errors, "error")] if errors else []
    counts += [_count(len(diagnostics) - errors, "warning")] if len(diagnostics) > errors else []
    checked = f"{_count(files, 'file')}, {_count(models, 'model')}"
    return f"{checked}: {', '.join(counts) or 'clean'}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
