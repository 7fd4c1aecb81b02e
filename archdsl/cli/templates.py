"""`archdsl templates`: which templates there are, and copies of them to start from."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archdsl.cli import table
from archdsl.cli.common import force_option
from archdsl.cli.output import write_all
from archdsl.cli.program import did_you_mean, fail, one_of
from archdsl.manual.templates import markdown, outline
from archdsl.resources import OutputError, shipped_template, template_names

_HEAD = ("template", "gets", "is")


@click.command("templates")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--copy",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Copy them, or those named, to a folder, which is made if it is not there.",
)
@click.option("--format", type=one_of(["table", "md"]), default="table", show_default=True)
@force_option
def command(names: tuple[str, ...], folder: Path | None, format: str, force: bool) -> None:
    """List the templates of modules, print those named, or copy them for `compile --templates`."""
    known = template_names()
    for name in names:
        if name not in known:
            fail(f"there is no template `{name}`", did_you_mean(name, known))
    if folder is not None:
        _copy(names or known, folder, force)
    elif names:
        sys.stdout.write("\n".join(shipped_template(name).text for name in names))
    elif format == "md":
        click.echo(markdown(), nl=False)
    else:
        click.echo(table.plain(_HEAD, outline(), (), None))


def _copy(names: tuple[str, ...], folder: Path, force: bool) -> None:
    for place in dict.fromkeys((folder / name).parent for name in names):
        try:
            place.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise OutputError(f"`{place}` cannot be made: {reason[:1].lower()}{reason[1:]}") from None
    write_all(
        [(str(folder / name), shipped_template(name).text.encode("utf-8")) for name in names], force=force
    )
