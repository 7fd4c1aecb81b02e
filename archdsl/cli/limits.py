"""`archdsl limits`: how large what a text makes may become; and the option that all commands on a spec have for it."""

from __future__ import annotations

import click

from archdsl.cli import table
from archdsl.cli.program import did_you_mean, one_of
from archdsl.limits import LIMITS, Limits

_HEAD = ("limit", "default", "of")


@click.command("limits")
@click.option("--format", type=one_of(["table", "md"]), default="table", show_default=True)
def command(format: str) -> None:
    """List the limits of what a text makes. `--limit NAME=NUMBER` sets one, in every command on a spec."""
    rows = [(limit.name, f"{limit.default:,}", limit.meaning) for limit in LIMITS]
    if format == "md":
        rows = [(f"`{name}`", default, meaning) for name, default, meaning in rows]
        click.echo(table.markdown(_HEAD, rows, (1,)))
    else:
        click.echo(table.plain(_HEAD, rows, (1,), None))


def _limits(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> Limits:
    """`NAME=NUMBER`, each; `1_000_000` is a number as well."""
    known = {limit.name: limit for limit in LIMITS}
    found: dict[str, int] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value[:100]!r} is not NAME=NUMBER")
        if name not in known:
            near = did_you_mean(name, list(known)) if len(name) < 100 else ""
            raise click.BadParameter(f"there is no limit {name[:100]!r}: {near}".rstrip(": "))
        digits = text.replace("_", "").replace(",", "")
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else 0
        if not 1 <= number <= known[name].most:
            raise click.BadParameter(f"{name} is a number from 1 to {known[name].most:,}, not {text[:100]!r}")
        found[name] = number
    return Limits(**found)


limit_option = click.option(
    "--limit",
    "limits",
    metavar="NAME=NUMBER",
    multiple=True,
    callback=_limits,
    help="Another limit of what the text makes; `archdsl limits` lists them.",
)
