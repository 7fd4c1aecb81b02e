"""What the templates print: finished strings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A method or function: the lines of its signature, docstring and body, indented as they stand."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class, or what is pasted whole."""

    header: str
    docstring: tuple[str, ...]
    methods: tuple[FunctionView, ...]


@dataclass(frozen=True, slots=True)
class ModuleView:
    """The whole file."""

    docstring: tuple[str, ...]
    imports: tuple[tuple[str, ...], ...]  # blocks, with a blank line between
    exported: tuple[str, ...]  # the assignment of __all__
    support: tuple[str, ...]  # sources of support classes
    classes: tuple[ClassView, ...]
    factory: FunctionView
