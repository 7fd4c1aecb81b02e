"""What templates get: the table of `archdsl templates`, and docs/templates.md, from the declarations of the views."""

from __future__ import annotations

import ast
import types
import typing
from dataclasses import fields
from textwrap import wrap

from archdsl.emit.views import TEMPLATES, Template
from archdsl.manual.templates_text import PREFACE, WORKED
from archdsl.resources import shipped_template, template_names

_WIDTH = 118


def outline() -> list[tuple[str, str, str]]:
    """A row for each template and pasted piece: its name, the view that it gets, and what it writes or is."""
    rows = [(t.name, f"{t.variable}: {t.view.__name__}", t.about.replace("`", "")) for t in TEMPLATES]
    return [
        *rows,
        *((name, "", _first_line(name)) for name in template_names() if name.startswith("support/")),
    ]


def markdown() -> str:
    """docs/templates.md."""
    out = [PREFACE, "## The templates\n\n| template | gets | writes |\n| --- | --- | --- |"]
    out += [_row(template) for template in TEMPLATES]
    out += ["\n## What they get\n"]
    for view in _views():
        out.append(f"### {view.__name__}\n\n{_paragraph(view.__doc__ or '')}\n")
        out.append("| field | type | |\n| --- | --- | --- |")
        hints = typing.get_type_hints(view, include_extras=True)
        for field in fields(view):
            kind, doc = typing.get_args(hints[field.name])
            out.append(f"| `{field.name}` | `{_type(kind)}` | {doc} |".replace(" | None", " \\| None"))
        out.append("")
    return "\n".join([*out, WORKED])


def _row(template: Template) -> str:
    view = template.view.__name__
    return f"| `{template.name}` | `{template.variable}`, a [{view}](#{view.lower()}) | {template.about} |"


def _views() -> list[type]:
    """The views of all templates and those inside of them, each once."""
    found: dict[type, None] = {}

    def add(view: type) -> None:
        if view in found:
            return
        found[view] = None
        hints = typing.get_type_hints(view)
        for field in fields(view):
            for inner in _inner(hints[field.name]):
                add(inner)

    for template in TEMPLATES:
        add(template.view)
    return list(found)


def _inner(kind: object) -> list[type]:
    """The views in a type."""
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__"):
        return [kind]
    return [view for part in typing.get_args(kind) for view in _inner(part)]


def _type(kind: object) -> str:
    if isinstance(kind, types.UnionType):
        return " | ".join(map(_type, typing.get_args(kind)))
    if typing.get_origin(kind) is tuple:
        return f"tuple[{_type(typing.get_args(kind)[0])}, ...]"
    return "None" if kind is type(None) else getattr(kind, "__name__", str(kind))


def _paragraph(text: str) -> str:
    return "\n".join(wrap(" ".join(text.split()), _WIDTH))


def _first_line(name: str) -> str:
    """The first line of the docstring of a pasted piece."""
    statements = ast.parse(shipped_template(name).text).body
    defined = [s for s in statements if isinstance(s, (ast.ClassDef, ast.FunctionDef))]
    doc = ast.get_docstring(defined[-1]) if defined else None
    return (doc or "").split("\n")[0]
