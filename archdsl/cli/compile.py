"""`archdsl compile`: write the PyTorch module."""

from __future__ import annotations

import click

from archdsl.cli.common import Request, all_option, check_one_choice, force_option, spec_options
from archdsl.cli.output import targets, write


@click.command("compile")
@click.argument("spec")
@spec_options
@all_option
@click.option("-o", "--output", metavar="PATH", help="The file to write; `-` is standard output.")
@force_option
def command(request: Request, spec: str, all_models: bool, output: str | None, force: bool) -> None:
    """Write the PyTorch module of a model, by default to MODEL.py in the current folder."""
    check_one_choice(request, all_models)
    architectures = request.architectures(spec, all_models)
    modules = [(a.model, a.source()) for a in architectures]
    files = targets([name for name, _ in modules], ".py", output, all_models=all_models)
    for file, (_, text) in zip(files, modules, strict=True):
        write(file, text.encode("utf-8"), force=force)
