"""`archdsl fmt`: write specs in canonical layout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from archdsl.api import Options
from archdsl.canonical import Unfaithful, canonical
from archdsl.cli.color import color_option, colored
from archdsl.cli.common import count, report, search_option, stdin_option
from archdsl.cli.limits import limit_option
from archdsl.cli.program import USAGE, complain, exit_status, fail
from archdsl.diagnostics import ArchError
from archdsl.diagnostics.cells import printable
from archdsl.formatting.unified import unified
from archdsl.limits import Budget, Limits
from archdsl.resources import OutputError, holds, place_of, read_source, read_stdin, specs_in, write_files
from archdsl.source import Source

STDIN = "-"
_COLORS = {"-": "red", "+": "green", "@": "cyan"}


@click.command("fmt")
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; status 1 if a spec would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, on standard output.")
@search_option
@stdin_option
@limit_option
@color_option
def command(
    specs: tuple[str, ...],
    check: bool,
    diff: bool,
    search: tuple[Path, ...],
    stdin_filename: str | None,
    limits: Limits,
    color: str,
) -> int:
    """Write specs in canonical layout: files, the .arch files of folders, and - for standard input, which goes to
    standard output.

    The result is held against the spec before it is written: the same syntax tree, comments and graphs.
    """
    if specs.count(STDIN) > 1:
        fail("standard input can be read only once")
    options = Options(search_paths=search, limits=limits)
    run = _Run(options, check, diff, colored(color), colored(color, sys.stdout), stdin_filename or "<stdin>")
    for path in _files(specs):
        run.take(path)
    click.echo(run.summary(), err=True)
    return run.status


def _files(specs: tuple[str, ...]) -> Iterator[str]:
    """The files to format, each once."""
    seen: set[object] = set()
    for spec in specs:
        if spec != STDIN and Path(spec).is_dir():
            found = specs_in(spec)
            if not found:
                fail(f"there is no .arch file in `{printable(spec)}`")
        else:
            found = [spec]
        for path in found:
            place = path if path == STDIN else place_of(path) or path
            if place not in seen:
                seen.add(place)
                yield path


@dataclass
class _Run:
    """What has become of the files so far."""

    options: Options
    check: bool
    diff: bool
    color: bool
    diff_color: bool
    stdin_name: str
    changed: int = 0
    left: int = 0
    failed: int = 0
    status: int = 0

    def take(self, path: str) -> None:
        """Format a file, or say why not."""
        try:
            source = self._read(path)
            text = canonical(source, place_of(source.name if path == STDIN else path), self.options)
            self._give(path, source, text)
        except ArchError as error:
            report(error.diagnostics, self.color)
            self._fail(exit_status(error.diagnostics))
        except Unfaithful as error:
            what = "it is left as it is; please report this, with the spec"
            complain(f"internal error: `{path}` cannot be formatted: {error}", what)
            self._fail(USAGE)
        except OutputError as error:
            complain(error.message, error.help)
            self._fail(USAGE)

    def _fail(self, status: int) -> None:
        self.failed += 1
        self.status = max(self.status, status)

    def _read(self, path: str) -> Source:
        used = Budget(self.options.limits)
        return read_stdin(self.stdin_name, used) if path == STDIN else read_source(path, used=used)

    def _give(self, path: str, source: Source, text: str) -> None:
        data = text.encode("utf-8")
        changed = text != source.text if path == STDIN else not holds(path, data)
        if self.diff:
            for line in unified(source.text, text, source.name):
                shown = printable(line)
                style = _COLORS.get(line[0]) if self.diff_color else None
                click.echo(click.style(shown, fg=style) if style else shown, color=True)
        if self.check and changed:
            self.status = max(self.status, 1)
        if self.check or self.diff:
            if changed:
                click.echo(f"would reformat {printable(source.name)}", err=True)
        elif path == STDIN:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        elif changed:
            if self._read(path).text != source.text:
                raise OutputError(f"`{path}` has been changed meanwhile")
            write_files([(path, data)], force=True)
            click.echo(f"reformatted {printable(path)}", err=True)
        self.changed += changed
        self.left += not changed

    def summary(self) -> str:
        """`3 files reformatted, 36 left as they are`"""
        would = "would be " if self.check or self.diff else ""
        parts = []
        if self.changed:
            parts.append(f"{count(self.changed, 'file')} {would}reformatted")
        if self.left:
            one = self.left == 1
            number = str(self.left) if parts else count(self.left, "file")
            parts.append(f"{number} left as {'it is' if one else 'they are'}")
        if self.failed:
            parts.append(f"{self.failed if parts else count(self.failed, 'file')} not formatted")
        return ", ".join(parts)
