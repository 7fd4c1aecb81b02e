"""What commands on specs have in common: their options, colors, and how they report."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from archdsl.api import Architecture, Options, SettingText, Spec, open_spec
from archdsl.cli.color import color_option, colored, terminal_columns
from archdsl.cli.limits import limit_option
from archdsl.cli.program import exit_status, fail
from archdsl.diagnostics import ArchError, Collector, Diagnostic
from archdsl.diagnostics.text import render
from archdsl.limits import Budget, Limits
from archdsl.records import record

F = TypeVar("F", bound=Callable[..., Any])

#: Codes that the line about `archdsl explain` names.
_MOST_CODES = 4


@record
class Request:
    """The options that every command on a spec takes."""

    model: str | None
    settings: dict[str, SettingText]
    inputs: dict[str, tuple[int, ...]]
    options: Options
    stdin_filename: str | None
    color: bool

    def open(self, spec: str) -> Spec:
        """Read and parse a spec. Raises ArchError."""
        return open_spec(spec, stdin_filename=self.stdin_filename, options=self.options)

    def architectures(self, path: str, all_models: bool) -> list[Architecture]:
        """The model asked for, or all of the spec. Reports what is wrong, and stops at errors."""
        found = Collector()
        architectures: list[Architecture] = []
        try:
            spec = self.open(path)
            used = Budget(self.options.limits)
            for name in spec.models if all_models and spec.models else [self.model]:
                try:
                    architecture = spec.architecture(name, self.settings, self.inputs, used)
                    found.extend(architecture.warnings)
                    architectures.append(architecture)
                except ArchError as error:
                    found.extend(error.diagnostics)
        except ArchError as error:
            found.extend(error.diagnostics)
        self.report(found.diagnostics)
        if found.has_errors:
            raise click.exceptions.Exit(exit_status(found.diagnostics))
        return architectures

    def report(self, diagnostics: Sequence[Diagnostic], about: str = "") -> None:
        """Show diagnostics on standard error, as `report` does."""
        report(diagnostics, self.color, about)


def report(diagnostics: Sequence[Diagnostic], color: bool, about: str = "") -> None:
    """Show diagnostics on standard error. The last line counts them, with what was read before the numbers.

    Without `about` there is such a line only after errors. A terminal is told how to learn more.
    """
    width = terminal_columns(sys.stderr)
    for diagnostic in diagnostics:
        click.echo(render(diagnostic, color, width) + "\n", err=True, color=True)
    if about or any(d.is_error for d in diagnostics):
        click.echo(f"{about}{': ' if about else ''}{_counts(diagnostics)}", err=True)
    if width is not None and diagnostics:
        codes = list(dict.fromkeys(d.code for d in diagnostics))[:_MOST_CODES]
        click.echo(f"`archdsl explain {' '.join(codes)}` says more", err=True)


def _counts(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or `clean`."""
    errors = sum(d.is_error for d in diagnostics)
    found = ((errors, "error"), (len(diagnostics) - errors, "warning"))
    return ", ".join(count(number, what) for number, what in found if number) or "clean"


def count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def spec_options(function: F) -> F:
    """Add the options of a Request to a command, which gets it as `request`."""

    @functools.wraps(function)
    def command(
        *,
        model: str | None,
        settings: dict[str, SettingText],
        inputs: dict[str, tuple[int, ...]],
        search: tuple[Path, ...],
        limits: Limits,
        no_extern: bool,
        stdin_filename: str | None,
        color: str,
        **rest: Any,
    ) -> Any:
        options = Options(search_paths=search, allow_extern=not no_extern, limits=limits)
        request = Request(model, settings, inputs, options, stdin_filename, colored(color))
        try:
            return function(request=request, **rest)
        except ArchError as error:  # that only making something of an architecture brings to light
            request.report(error.diagnostics)
            return exit_status(error.diagnostics)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command  # type: ignore[return-value]


def settings_of(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, SettingText]:
    """`NAME=VALUE`, each."""
    pairs = [value.partition("=") for value in values]
    for value, (name, equals, _text) in zip(values, pairs, strict=True):
        if not (equals and name.strip()):
            raise click.BadParameter(f"{value!r} is not NAME=VALUE")
    return {name.strip(): SettingText(text.strip()) for name, _equals, text in pairs}


def inputs_of(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    """`NAME=3x320x320`, each."""
    found = {}
    for name, text in settings_of(ctx, param, values).items():
        if not re.fullmatch(r"[0-9]{1,18}(x[0-9]{1,18})*", text):
            raise click.BadParameter(f"{text!r} is not a shape such as 3x320x320")
        found[name] = tuple(map(int, text.split("x")))
    return found


search_option = click.option(
    "-I",
    "search",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder where imports look as well.",
)
stdin_option = click.option(
    "--stdin-filename", metavar="NAME", help="What to call the spec `-`, standard input."
)

_OPTIONS: list[Callable[[Any], Any]] = [
    click.option("-m", "--model", metavar="NAME", help="The model, where the spec has several."),
    click.option(
        "--set",
        "settings",
        metavar="NAME=VALUE",
        multiple=True,
        callback=settings_of,
        help="Another value for a parameter of the network.",
    ),
    click.option(
        "--input",
        "inputs",
        metavar="NAME=3x320x320",
        multiple=True,
        callback=inputs_of,
        help="Another shape for an input of the network.",
    ),
    search_option,
    stdin_option,
    limit_option,
    click.option("--no-extern", is_flag=True, help="Refuse `extern` blocks, which bring in Python classes."),
    color_option,
]

force_option = click.option("--force", is_flag=True, help="Overwrite a file that archdsl did not write.")
all_option = click.option("--all", "all_models", is_flag=True, help="Every model of the spec.")


def files_of(architectures: Iterable[Architecture]) -> set[Path]:
    """The specs that a command has read, none of which it may write over."""
    return {file for architecture in architectures for file in architecture.files}


def check_one_choice(request: Request, all_models: bool) -> None:
    """`--model` and `--all` exclude each other."""
    if all_models and request.model is not None:
        fail("`--model` chooses one model and `--all` takes every one", "leave one of them out")
