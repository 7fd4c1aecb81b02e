"""Jinja for templates of a user: they reach only what they are given, and end."""

from __future__ import annotations

from typing import Any

from jinja2 import BaseLoader, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from archdsl.emit.library import settings

_STEP = "archdsl_step"
#: Texts that a template multiplies or pads are not longer.
_MOST_TEXT = 1_000_000
_PADDING = frozenset(["center", "ljust", "rjust", "zfill", "expandtabs", "format", "format_map"])


class TooMuch(Exception):
    """A template runs or writes without end."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Each round of a loop and each call of a macro is a step."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock)):
            assert isinstance(node, (nodes.For, nodes.Macro, nodes.CallBlock))
            step = nodes.Call(nodes.Name(_STEP, "load"), [], [], None, None)
            statement = nodes.ExprStmt(step).set_lineno(node.lineno).set_environment(self)
            node.body.insert(0, statement)
        return tree

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "*":
            long = max((len(x) for x in (left, right) if isinstance(x, (str, list, tuple))), default=0)
            times = max((x for x in (left, right) if isinstance(x, int)), default=0)
            huge = long * times > _MOST_TEXT or times.bit_length() > 1000
        elif operator == "**":
            huge = not isinstance(left, (int, float)) or abs(left) > 10**6 or not abs(right) < 100
        else:
            huge = isinstance(left, str) and any(c.isdigit() or c == "*" for c in left)
        if huge:
            raise SecurityError(f"`{operator}` would give something too large")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not (isinstance(obj, str) and attr in _PADDING) and super().is_safe_attribute(obj, attr, value)


def sandbox(loader: BaseLoader, steps: int) -> ImmutableSandboxedEnvironment:
    """An environment of which the templates take so many steps at most."""
    environment = _Sandbox(loader=loader, **settings())
    taken = 0

    def step() -> None:
        nonlocal taken
        taken += 1
        if taken > steps:
            raise TooMuch(f"its loops take more than {steps:,} rounds")

    environment.globals[_STEP] = step
    for name in ("lipsum", "cycler", "joiner"):
        environment.globals.pop(name, None)
    for name in ("center", "format", "random"):  # what pads without end, and what is not the same each time
        environment.filters.pop(name, None)
    return environment
