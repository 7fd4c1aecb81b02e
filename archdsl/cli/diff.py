"""`archdsl diff`: what changed between two networks."""

from __future__ import annotations

import click

from archdsl.cli.common import Request, spec_options
from archdsl.cli.pair import Before, before_options
from archdsl.cli.program import fail, one_of
from archdsl.diagnostics.as_json import dumps
from archdsl.diagnostics.cells import printable


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@before_options
@spec_options
@click.option("--format", type=one_of(["text", "json"]), default="text", show_default=True)
@click.option("--exit-code", is_flag=True, help="End with status 1 where the networks differ.")
def command(
    request: Request, before: Before, old: str, new: str | None, format: str, exit_code: bool
) -> int | None:
    """Tell what changed from one network to another, with the change in parameters and MACs.

    NEW is OLD itself where it is left out: then `--from-model`, `--from-set` or `--from-input` say what was before.
    `--model`, `--set` and `--input` are for both.
    """
    if new is None and not before.is_asked:
        fail(
            "there is nothing to compare with",
            "name a second spec, or say what was before: `--from-model`, `--from-set`, `--from-input`",
        )
    if old == new == "-":
        fail("standard input can be read once only", "name a file")
    former = before.architecture(request, old)
    (latter,) = request.architectures(old if new is None else new, False)
    from archdsl.diff import as_dict, compare, words  # there is something to compare
    from archdsl.version import __version__

    difference = compare(former._graph, latter._graph)
    if format == "json":
        click.echo(dumps(as_dict(difference, __version__)))
    else:
        for line in words(difference).split("\n"):
            click.echo(printable(line))
    return 1 if exit_code and difference.changes else None
