"""The group of commands: loads them late, and turns whatever goes wrong into a line and an exit status."""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from archdsl.cli import streams
from archdsl.diagnostics import ArchError, Diagnostic, near
from archdsl.diagnostics.cells import printable
from archdsl.memory import growing
from archdsl.resources import OutputError
from archdsl.version import __version__

#: Set in the environment, an internal error shows its traceback.
DEBUG = "ARCHDSL_DEBUG"

ERRORS, USAGE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141

#: Not mistakes of a text, but of who asks for what is not there.
_ASKED_WRONG = frozenset(("E708", "E802", "E803", "E806", "E807", "E810"))


def exit_status(diagnostics: list[Diagnostic]) -> int:
    """1 if a text has mistakes; 2 if only the question is wrong, and asks for what is not there."""
    errors = [d for d in diagnostics if d.is_error]
    if not errors:
        return 0
    return USAGE if all(map(_asked_wrong, errors)) else ERRORS


def _asked_wrong(found: Diagnostic) -> bool:
    source = found.span.source
    missing = found.code in ("E701", "E707") and not source.text
    return found.code in _ASKED_WRONG or missing or source.name.startswith("<--set ")


class Program(click.Group):
    """Commands that are files beside this one. Exit status: 0 clean, 1 errors in a spec, 2 anything else."""

    def __init__(self, name: str, commands: Mapping[str, str], **extra: Any) -> None:
        settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        super().__init__(name, context_settings=settings, **extra)
        folder = Path(__file__).parent
        self.about = {name: text for name, text in commands.items() if (folder / f"{name}.py").is_file()}
        self.params.append(_version_option())

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.about)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.about:
            return None
        with growing():  # what is imported stays, and needs no collection now or later
            command: click.Command = import_module(f"archdsl.cli.{cmd_name}").command
            gc.freeze()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):  # without loading them
            formatter.write_dl(list(self.about.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.about and not args[0].startswith("-"):
            fail(f"there is no command `{args[0]}`", did_you_mean(args[0], list(self.about)))
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, **extra)
        streams.prepare()
        try:
            with streams.ended_by_signals():
                status = self._status(args, prog_name, complete_var, extra)
        except OSError:  # not even what went wrong can be told
            streams.drop(sys.stderr)
            status = USAGE
        gc.freeze()  # or Python walks all of it again before it ends
        sys.exit(status)

    def _status(
        self, args: Sequence[str] | None, name: str | None, variable: str | None, extra: dict[str, Any]
    ) -> int:
        """Run a command, tell what goes wrong, and give the exit status. Raises OSError where that cannot be told."""
        try:
            status = super().main(args, name or self.name, variable, False, **extra)
        except click.ClickException as error:
            shown = io.StringIO()
            error.show(shown)
            click.echo(printable(shown.getvalue(), newlines=True), nl=False, err=True)
            return error.exit_code
        except (click.Abort, KeyboardInterrupt):
            return INTERRUPTED
        except OutputError as error:
            complain(error.message, error.help)
            return USAGE
        except ArchError as error:
            click.echo(str(error), err=True)
            return exit_status(error.diagnostics)
        except Exception as error:
            if isinstance(error, OSError) and (told := streams.refused(error)):
                streams.drop(sys.stdout)
                complain(told)
                return USAGE
            if os.environ.get(DEBUG):
                traceback.print_exc()
            what = f"{type(error).__name__}: {error}".rstrip(": ")
            complain(f"internal error: {what}", f"`{DEBUG}=1` in the environment shows where")
            return USAGE
        return status if isinstance(status, int) else 0

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has seen enough
            streams.drop(sys.stdout)
            return BROKEN_PIPE


def complain(message: str, help: str = "") -> None:
    """An error that is of no place in a text, in a line of standard error."""
    click.echo(f"error: {printable(message)}", err=True)
    if help:
        click.echo(f"help: {printable(help)}", err=True)


def fail(message: str, help: str = "") -> NoReturn:
    """Wrong usage: say so and stop with status 2."""
    complain(message, help)
    raise click.exceptions.Exit(USAGE)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """The nearest of the known words, or all of them, as a help text."""
    return near.did_you_mean(word, known) or f"there are: {', '.join(known)}"


def one_of(formats: Iterable[str]) -> click.Choice[str]:
    """A choice of formats, in any case."""
    return click.Choice(list(formats), case_sensitive=False)


def _version_option() -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(f"archdsl {__version__}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help="Show the version.",
    )
