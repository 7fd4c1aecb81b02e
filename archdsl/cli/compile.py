"""`archdsl compile`: write the PyTorch module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

import click

from archdsl.cli.common import Request, all_option, check_one_choice, files_of, force_option, spec_options
from archdsl.cli.output import targets, write_all
from archdsl.cli.program import fail


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
    if output is None:
        _check_shadows(modules)
    files = targets([name for name, _ in modules], ".py", output, all_models=all_models)
    texts = [text.encode("utf-8") for _, text in modules]
    write_all(list(zip(files, texts, strict=True)), force=force, keep=files_of(architectures))


def _check_shadows(modules: Iterable[tuple[str, str]]) -> None:
    """A file beside the one that runs hides what is installed: none takes the name of a module that it imports."""
    for name, text in modules:
        if re.search(rf"^(import|from) {name}\b", text, re.MULTILINE) and name in _imported(text):
            fail(
                f"`{name}.py` would import `{name}`, and find itself",
                f"`-o` gives the file another name: -o {name}_model.py",
            )


def _imported(text: str) -> set[str]:
    """The modules and packages that Python looks for to run a text."""
    found: set[str] = set()
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            found.add(statement.module.partition(".")[0])
    return found
