"""`archdsl explain`: the pages of diagnostics."""

from __future__ import annotations

import json
import sys

import click

from archdsl.cli.color import color_option, colored, columns
from archdsl.cli.program import fail, one_of
from archdsl.diagnostics.codes import CODES
from archdsl.diagnostics.near import nearest
from archdsl.diagnostics.page import Page, group
from archdsl.diagnostics.page_markdown import markdown_catalogue, markdown_page
from archdsl.diagnostics.page_text import PageText
from archdsl.resources.pages import page


@click.command("explain")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@click.option("--format", type=one_of(["text", "json", "md"]), default="text", show_default=True)
@color_option
def command(codes: tuple[str, ...], format: str, color: str) -> None:
    """Explain the codes of diagnostics, as E502; without one, list them all."""
    chosen = list(dict.fromkeys(_known(code) for code in codes))
    if format == "text":
        paint = colored(color, sys.stdout)
        text = PageText(columns(), paint)
        shown = [text.page(page(code)) for code in chosen] or [text.listing()]
        click.echo("\n\n\n".join(shown), color=paint or None)
    elif format == "json":
        click.echo(json.dumps([_as_data(page(code)) for code in chosen or CODES], indent=2))
    elif chosen:
        click.echo("\n".join(markdown_page(page(code)) for code in chosen), nl=False)
    else:
        click.echo(markdown_catalogue(page(code) for code in CODES), nl=False)


def _known(text: str) -> str:
    """The code of the catalogue that a text is: in any case, with what stands around it in a message."""
    code = text.strip().upper().removeprefix("ERROR").removeprefix("WARNING").strip("[]:")
    if code not in CODES and f"E{code}" in CODES:
        code = f"E{code}"
    if code not in CODES:
        fail(f"there is no diagnostic `{text.strip()}`", _nearest(code))
    return code


def _nearest(code: str) -> str:
    """The code that was meant, one of the same group first, as a help text."""
    for known in ([other for other in CODES if other[:2] == code[:2]], list(CODES)):
        if found := nearest(code, known):
            return f"did you mean `{found[0]}`, {CODES[found[0]]}?"
    return "`archdsl explain` lists them"


def _as_data(told: Page) -> dict[str, object]:
    """The JSON object of a told."""
    return {
        "code": told.code,
        "severity": "warning" if told.code.startswith("W") else "error",
        "group": group(told.code),
        "title": told.title,
        "meaning": list(told.meaning),
        "markdown": markdown_page(told),
    }
