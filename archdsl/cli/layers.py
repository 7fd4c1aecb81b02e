"""`archdsl layers`: the reference of the layers, made from their declarations."""

from __future__ import annotations

import json
import sys

import click

from archdsl.cli.color import color_option, colored, columns
from archdsl.cli.program import fail, one_of


@click.command("layers")
@click.argument("name", required=False)
@click.option("--format", type=one_of(["text", "json", "md"]), default="text", show_default=True)
@color_option
def command(name: str | None, format: str, color: str) -> None:
    """List the layers and initialisers, or describe one of them, or say what takes a word."""
    from archdsl.manual.entry import entry, names, outline

    if name is not None and name not in names():
        fail(f"there is no layer `{name}`", _help(name, names()))
    if format == "text":
        from archdsl.manual.as_text import TextPage

        paint = colored(color, sys.stdout)
        page = TextPage(columns(), paint)
        text = page.listing(outline()) if name is None else page.page(entry(name))
        click.echo(text, color=paint or None)
        return
    chosen = [entry(each.name) for each in outline()] if name is None else [entry(name)]
    if format == "json":
        from archdsl.manual.as_data import as_data

        data = [as_data(each) for each in chosen]
        click.echo(json.dumps(data if name is None else data[0], indent=2))
    else:
        from archdsl.manual.as_markdown import markdown_entry, markdown_page

        click.echo(markdown_page(chosen) if name is None else markdown_entry(chosen[0]))


def _help(name: str, known: list[str]) -> str:
    from archdsl.elaborate.unknown import Role, Sort, meant

    return meant(name, dict.fromkeys(known, Sort.LAYER), Role.ELEMENT) or "`archdsl layers` lists them"
