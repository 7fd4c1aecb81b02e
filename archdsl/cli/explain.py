"""`archdsl explain`: the page of a diagnostic."""

from __future__ import annotations

import click

from archdsl.cli.program import fail
from archdsl.diagnostics.codes import CODES
from archdsl.resources import page_text


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain the code of a diagnostic, as E502; without one, list them all."""
    if code is None:
        click.echo("\n".join(f"{known}  {text}" for known, text in CODES.items()))
        return
    code = code.strip().strip("[]").upper()
    if code not in CODES:
        fail(f"there is no diagnostic `{code}`", "`archdsl explain` lists them")
    click.echo(page_text(code) or f"{code}: {CODES[code]}")
