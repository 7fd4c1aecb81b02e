"""Nodes are frozen dataclasses, made by position or by name."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from archdsl.source import Source, Span
from archdsl.syntax import ast

SPAN = Span(Source("test", "x"), 0, 1)


def test_fields_by_position_and_by_name() -> None:
    name = ast.Name(SPAN, "x")
    argument = ast.Argument(SPAN, name, star=True)
    assert (argument.value, argument.name, argument.name_span, argument.star) == (name, None, None, True)
    assert ast.Name(id="x", span=SPAN).id == "x"
    assert ast.Target(SPAN, "x").parts == ()


@pytest.mark.parametrize(
    ("args", "named"),
    [((), {}), ((SPAN,), {}), ((SPAN, "x", "y"), {}), ((SPAN, "x"), {"id": "y"}), ((SPAN,), {"name": "x"})],
)
def test_wrong_fields(args: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        ast.Name(*args, **named)  # type: ignore[arg-type]


def test_a_node_does_not_change() -> None:
    name = ast.Name(SPAN, "x")
    with pytest.raises(AttributeError):
        name.id = "y"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del name.id
    with pytest.raises(AttributeError):
        name.other = 1  # type: ignore[attr-defined]
    assert not hasattr(name, "__dict__")


def test_nodes_are_compared_by_identity() -> None:
    name = ast.Name(SPAN, "x")
    assert name == name
    assert name != ast.Name(SPAN, "x")
    assert len({name, name, ast.Name(SPAN, "x")}) == 2


def test_dataclass_tools_work() -> None:
    name = ast.Name(SPAN, "x")
    assert dataclasses.is_dataclass(name)
    assert [field.name for field in dataclasses.fields(name)] == ["span", "id"]
    assert dataclasses.replace(name, id="y").id == "y"
    assert copy.deepcopy(name).id == pickle.loads(pickle.dumps(name)).id == "x"
    assert repr(ast.Unary(SPAN, "-", name)) == "Unary(op='-', operand=Name(id='x'))"
    match name:
        case ast.Name(_, identifier):
            assert identifier == "x"


def test_every_class_says_what_it_is() -> None:
    for kind in vars(ast).values():
        if isinstance(kind, type) and issubclass(kind, ast.AstNode):
            assert kind.__doc__
            assert not kind.__doc__.startswith(f"{kind.__name__}(")
