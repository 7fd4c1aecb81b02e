"""Classes that are computed again in the backward pass: a decorated forward."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from textwrap import dedent

from archdsl.emit.classes import LevelClass
from archdsl.emit.names import Namespace
from archdsl.emit.views import ClassView, FunctionView

#: The pasted decorator.
CHECKPOINTED = "checkpointed"
_FORWARD = "    def forward("


def name_again(classes: Iterable[LevelClass], names: Namespace) -> list[str]:
    """Name the classes of those instances that are computed again, where others of their class are not."""
    claimed = []
    for found in classes:
        if found.checkpointed:
            found.again = found.name
        elif any(draft.level.module.checkpointed for draft in found.drafts):
            found.again = names.claim(f"Checkpointed{found.name}")
            claimed.append(found.again)
    return claimed


def with_checkpoints(found: LevelClass, view: ClassView) -> list[ClassView]:
    """A class, with its forward computed again if all instances are, or followed by one of those that are."""
    if not found.again:
        return [view]
    forward = next((m.lines for m in view.methods if m.lines[0].startswith(_FORWARD)), None)
    if found.checkpointed and forward is not None:
        decorated = FunctionView((f"    @{CHECKPOINTED}", *forward))
        methods = (decorated if method.lines is forward else method for method in view.methods)
        return [replace(view, methods=tuple(methods))]
    if forward is None:  # that of nn.Sequential
        lines = [
            f"{_FORWARD}self, x: Tensor) -> Tensor:",
            "        y: Tensor = super().forward(x)  # type: ignore[no-untyped-call]",
            "        return y",
        ]
    else:
        lines = _handed_on(forward)
    method = FunctionView((f"    @{CHECKPOINTED}", *lines))
    if found.checkpointed:
        return [replace(view, methods=(*view.methods, method))]
    text = f'    """`{found.name}`, computed again in the backward pass."""'
    return [view, ClassView(found.again, (f"class {found.again}({found.name}):",), (text,), (method,))]


def _handed_on(forward: tuple[str, ...]) -> list[str]:
    """A forward of the same signature that calls the one of the class above."""
    end = 0
    while not forward[end].endswith(":"):
        end += 1
    signature = list(forward[: end + 1])
    (function,) = ast.parse(dedent("\n".join([*signature, "        ..."]))).body
    assert isinstance(function, ast.FunctionDef)
    arguments = ", ".join(argument.arg for argument in function.args.args[1:])
    return [*signature, f"        return super().forward({arguments})"]
