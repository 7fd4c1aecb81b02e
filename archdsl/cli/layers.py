"""`archdsl layers`: the reference of the layers, made from their declarations."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from archdsl.cli import table
from archdsl.cli.program import did_you_mean, fail, one_of
from archdsl.layers import INITIALISERS, REGISTRY, Init, Param, Word
from archdsl.layers.kinds import Mismatch

_HEAD = ("parameter", "takes", "default", "meaning")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A layer, or an initialiser, as the reference shows it."""

    name: str
    group: str
    doc: str
    params: Mapping[str, Param[Any]]
    join: bool = False


def _entries() -> dict[str, _Entry]:
    layers = {
        name: _Entry(name, layer.group, inspect.getdoc(layer) or "", layer.params, layer.is_join)
        for name, layer in REGISTRY.items()
    }
    inits = {name: _Entry(name, "initialiser", kind.doc, kind.params) for name, kind in INITIALISERS.items()}
    return {**layers, **inits}


@click.command("layers")
@click.argument("name", required=False)
@click.option("--format", type=one_of(["text", "json", "md"]), default="text", show_default=True)
def command(name: str | None, format: str) -> None:
    """List the layers and the initialisers of their weights, or describe one of them."""
    entries = _entries()
    if name is not None and name not in entries:
        fail(f"there is no layer `{name}`", did_you_mean(name, list(entries)))
    chosen = [entries[name]] if name is not None else list(entries.values())
    if format == "json":
        described = [_described(entry) for entry in chosen]
        click.echo(json.dumps(described if name is None else described[0], indent=2))
    elif format == "md":
        click.echo("\n\n".join(_markdown(entry) for entry in chosen))
    else:
        click.echo(_text(chosen[0]) if name is not None else _list(chosen))


def _described(entry: _Entry) -> dict[str, Any]:
    """An entry as plain data."""
    return {
        "name": entry.name,
        "group": entry.group,
        "signature": _signature(entry),
        "doc": entry.doc,
        "join": entry.join,
        "parameters": [
            {
                "name": name,
                "takes": _takes(param),
                "required": param.required,
                "default": None if param.required else _default(param),
                "doc": param.doc,
            }
            for name, param in entry.params.items()
        ],
    }


def _list(entries: list[_Entry]) -> str:
    groups: dict[str, list[_Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    size = max((len(entry.name) for entry in entries), default=0)
    parts = [
        "\n".join([group, *(f"  {entry.name:<{size}}  {_first_line(entry)}" for entry in members)])
        for group, members in groups.items()
    ]
    return "\n\n".join(parts)


def _text(entry: _Entry) -> str:
    parts = [f"{_signature(entry)}    ({entry.group})", entry.doc]
    if entry.params:
        parts.append(table.plain(_HEAD, _rows(entry), (), None))
    return "\n\n".join(part for part in parts if part)


def _markdown(entry: _Entry) -> str:
    parts = [f"### {entry.name}", f"`{_signature(entry)}`", entry.doc]
    if entry.params:
        parts.append(table.markdown(_HEAD, _rows(entry), ()))
    return "\n\n".join(part for part in parts if part)


def _rows(entry: _Entry) -> list[list[str]]:
    return [
        [
            name,
            _takes(param),
            "required" if param.required else _default(param) or "from the input",
            param.doc,
        ]
        for name, param in entry.params.items()
    ]


def _signature(entry: _Entry) -> str:
    written = [
        name if param.required else f"{name}={_default(param) or '…'}" for name, param in entry.params.items()
    ]
    return f"{entry.name}({', '.join(written)})" if written else entry.name


def _first_line(entry: _Entry) -> str:
    return entry.doc.split("\n")[0]


def _takes(param: Param[Any]) -> str:
    """What a parameter accepts, in the words of its own error message."""
    try:
        param.kind.convert(object())
    except Mismatch as mismatch:
        return mismatch.expected
    return "anything"


def _default(param: Param[Any]) -> str:
    """A default as the language writes it; for one that follows from the input what it follows from, or ""."""
    return _value(param.default) if param.default is not None else param.shown


def _value(value: Any) -> str:
    if isinstance(value, (Word, Init)):
        return value.name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)
