"""`archdsl layers`: the reference of the layers, made from their declarations."""

from __future__ import annotations

import inspect
import json
from typing import Any

import click

from archdsl.cli import table
from archdsl.cli.program import did_you_mean, fail, one_of
from archdsl.layers import REGISTRY, Init, Layer, Param, Word
from archdsl.layers.kinds import Mismatch

_HEAD = ("parameter", "takes", "default", "meaning")


@click.command("layers")
@click.argument("name", required=False)
@click.option("--format", type=one_of(["text", "json", "md"]), default="text", show_default=True)
def command(name: str | None, format: str) -> None:
    """List the layers, or describe one of them."""
    if name is not None and name not in REGISTRY:
        fail(f"there is no layer `{name}`", did_you_mean(name, list(REGISTRY)))
    chosen = [REGISTRY[name]] if name is not None else list(REGISTRY.values())
    if format == "json":
        described = [describe(layer) for layer in chosen]
        click.echo(json.dumps(described if name is None else described[0], indent=2))
    elif format == "md":
        click.echo("\n\n".join(_markdown(layer) for layer in chosen))
    else:
        click.echo(_text(chosen[0]) if name is not None else _list(chosen))


def describe(layer: type[Layer]) -> dict[str, Any]:
    """A layer as plain data."""
    return {
        "name": layer.name,
        "group": layer.group,
        "signature": _signature(layer),
        "doc": inspect.getdoc(layer) or "",
        "join": layer.is_join,
        "parameters": [
            {
                "name": name,
                "takes": _takes(param),
                "required": param.required,
                "default": None if param.required else _default(param),
                "doc": param.doc,
            }
            for name, param in layer.params.items()
        ],
    }


def _list(layers: list[type[Layer]]) -> str:
    groups: dict[str, list[type[Layer]]] = {}
    for layer in layers:
        groups.setdefault(layer.group, []).append(layer)
    size = max((len(layer.name) for layer in layers), default=0)
    parts = [
        "\n".join([group, *(f"  {layer.name:<{size}}  {_first_line(layer)}" for layer in members)])
        for group, members in groups.items()
    ]
    return "\n\n".join(parts)


def _text(layer: type[Layer]) -> str:
    parts = [f"{_signature(layer)}    ({layer.group})", inspect.getdoc(layer) or ""]
    if layer.params:
        parts.append(table.plain(_HEAD, _rows(layer), (), None))
    return "\n\n".join(part for part in parts if part)


def _markdown(layer: type[Layer]) -> str:
    parts = [f"### {layer.name}", f"`{_signature(layer)}`", inspect.getdoc(layer) or ""]
    if layer.params:
        parts.append(table.markdown(_HEAD, _rows(layer), ()))
    return "\n\n".join(part for part in parts if part)


def _rows(layer: type[Layer]) -> list[list[str]]:
    return [
        [
            name,
            _takes(param),
            "required" if param.required else _default(param) or "from the input",
            param.doc,
        ]
        for name, param in layer.params.items()
    ]


def _signature(layer: type[Layer]) -> str:
    written = [
        name if param.required else f"{name}={_default(param) or '…'}" for name, param in layer.params.items()
    ]
    return f"{layer.name}({', '.join(written)})" if written else layer.name


def _first_line(layer: type[Layer]) -> str:
    return (inspect.getdoc(layer) or "").split("\n")[0]


def _takes(param: Param[Any]) -> str:
    """What a parameter accepts, in the words of its own error message."""
    try:
        param.kind.convert(object())
    except Mismatch as mismatch:
        return mismatch.expected
    return "anything"


def _default(param: Param[Any]) -> str:
    """A default as the language writes it; "" for one that follows from the input."""
    return _value(param.default) if param.default is not None else ""


def _value(value: Any) -> str:
    if isinstance(value, (Word, Init)):
        return value.name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)
