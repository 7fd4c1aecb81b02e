"""Jinja for templates of a user: they reach only what they are given, and end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from jinja2 import BaseLoader, nodes, pass_eval_context
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from archdsl.emit.library import MOST_CHARACTERS, settings

_STEP, _JOINED = "archdsl_step", "archdsl_joined"
#: Texts that a template multiplies, joins or pads are not longer.
_MOST_TEXT = 1_000_000
_PADDING = frozenset(
    [
        "center",
        "ljust",
        "rjust",
        "zfill",
        "expandtabs",
        "format",
        "format_map",
        "join",
        "replace",
        "translate",
    ]
)


class TooMuch(Exception):
    """A template runs or writes without end."""


class _Joins(NodeTransformer):
    """`a ~ b` is a call that looks at what it makes."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - the visitor's way
        parts = nodes.List([self.visit(part) for part in node.nodes])
        return nodes.Call(nodes.Name(_JOINED, "load"), [parts], [], None, None)


def _refuse(operation: str) -> NoReturn:
    raise SecurityError(f"`{operation}` would give something too large")


def _joined(parts: list[Any]) -> str:
    texts = list(map(str, parts))
    if sum(map(len, texts)) > _MOST_TEXT:
        _refuse("~")
    return "".join(texts)


@pass_eval_context
def _replaced(context: Any, text: Any, old: str, new: str, count: int | None = None) -> Any:
    if len(str(text)) + (str(text).count(str(old)) + 1) * len(str(new)) > _MOST_TEXT:
        _refuse("replace")
    return FILTERS["replace"](context, text, old, new, count)


@pass_eval_context
def _list_joined(context: Any, items: Any, d: str = "", attribute: str | int | None = None) -> Any:
    parts = list(items)
    if sum(len(str(part)) + len(str(d)) for part in parts) > _MOST_TEXT:
        _refuse("join")
    return FILTERS["join"](context, parts, d, attribute)


def _indented(text: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> Any:
    each = len(width) if isinstance(width, str) else width
    if len(str(text)) + (str(text).count("\n") + 1) * each > _MOST_TEXT:
        _refuse("indent")
    return FILTERS["indent"](text, width, first, blank)


def _concat(parts: Iterable[str]) -> str:
    """What a part of a template writes, a `{% set %}` with a body or a macro."""
    found: list[str] = []
    left = MOST_CHARACTERS
    for part in parts:
        left -= len(part)
        if left < 0:
            raise TooMuch(f"it gives more than {MOST_CHARACTERS:,} characters")
        found.append(part)
    return "".join(found)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Each round of a loop and each call of a macro is a step."""

    concat = staticmethod(_concat)
    intercepted_binops = frozenset(["*", "**", "%", "+"])

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock)):
            assert isinstance(node, (nodes.For, nodes.Macro, nodes.CallBlock))
            step = nodes.Call(nodes.Name(_STEP, "load"), [], [], None, None)
            statement = nodes.ExprStmt(step).set_lineno(node.lineno).set_environment(self)
            node.body.insert(0, statement)
        found: nodes.Template = _Joins().visit(tree)
        found.set_environment(self)
        return found

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "*":
            long = max((len(x) for x in (left, right) if isinstance(x, (str, list, tuple))), default=0)
            times = max((x for x in (left, right) if isinstance(x, int)), default=0)
            huge = long * times > _MOST_TEXT or times.bit_length() > 1000
        elif operator == "**":
            huge = not isinstance(left, (int, float)) or abs(left) > 10**6 or not abs(right) < 100
        elif operator == "+":
            huge = sum(len(x) for x in (left, right) if isinstance(x, (str, list, tuple))) > _MOST_TEXT
        else:
            huge = isinstance(left, str) and any(c.isdigit() or c == "*" for c in left)
        if huge:
            _refuse(operator)
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

    environment.globals |= {_STEP: step, _JOINED: _joined}
    environment.filters |= {"replace": _replaced, "join": _list_joined, "indent": _indented}
    for name in ("lipsum", "cycler", "joiner"):
        environment.globals.pop(name, None)
    for name in (
        "center",
        "format",
        "random",
        "wordwrap",
    ):  # what pads without end, and what is not the same each time
        environment.filters.pop(name, None)
    return environment
