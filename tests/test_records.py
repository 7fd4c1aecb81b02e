"""Records behave as the frozen dataclasses that they are."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field
from typing import Any

import pytest

from archdsl.records import record


@record
class Point:
    """With a default, one that is made for each, and what comparison and `repr` pass over."""

    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)
    note: str = field(default="", compare=False, repr=False)


@record
class Deep(Point):
    z: int = 3

    def __post_init__(self) -> None:
        if self.z < 0:
            raise ValueError(self.z)


@record(eq=False)
class Thing:
    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


@record
class Nothing:
    pass


def test_fields_come_by_position_by_name_or_by_default() -> None:
    assert dataclasses.astuple(Point(1)) == (1, 2, [], "")
    assert dataclasses.astuple(Point(1, tags=["a"])) == (1, 2, ["a"], "")
    assert dataclasses.astuple(Point(y=5, x=4, note="n")) == (4, 5, [], "n")
    assert dataclasses.astuple(Deep(1, 2, [], "", 9)) == (1, 2, [], "", 9)
    assert Point(1).tags is not Point(1).tags
    assert [f.name for f in dataclasses.fields(Deep)] == ["x", "y", "tags", "note", "z"]


@pytest.mark.parametrize(
    "args, named, message",
    [
        ((), {}, "Point needs its field x"),
        ((), {"y": 1}, "Point needs its field x"),
        ((1, 2, [], "", 5), {}, "Point has 4 fields, not 5"),
        ((1,), {"x": 1}, "Point has no field x left to set"),
        ((1,), {"w": 1}, "Point has no field w left to set"),
    ],
)
def test_what_does_not_fit_is_refused(args: tuple[Any, ...], named: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Point(*args, **named)


def test_comparison() -> None:
    assert Point(1) == Point(1, note="another")
    assert Point(1) != Point(2)
    assert Point(1) != (1, 2, [])
    assert Deep(1) != Point(1)  # another class
    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing()}) == 1
    assert hash(Thing("a")) != hash(Thing("a"))
    assert Thing("a") != Thing("a")
    with pytest.raises(TypeError):
        hash(Point(1))  # a list


def test_nothing_can_be_changed() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="a Point cannot be changed: x"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="a Point cannot be changed: x"):
        del point.x
    with pytest.raises(AttributeError):
        point.more = 2  # type: ignore[attr-defined]
    assert not hasattr(point, "__dict__")


def test_what_a_class_defines_stays() -> None:
    assert repr(Thing("a")) == "<a>"
    assert repr(Deep(1)) == "Deep(x=1, y=2, tags=[], z=3)"
    with pytest.raises(ValueError, match="-1"):
        Deep(1, z=-1)


def test_copies() -> None:
    point = Deep(1, tags=["a"], note="n")
    for made in (pickle.loads(pickle.dumps(point)), copy.deepcopy(point), dataclasses.replace(point)):
        assert made is not point
        assert (made, made.note) == (point, "n")
    assert dataclasses.replace(point, z=7).z == 7
    match point:
        case Deep(x, y):
            assert (x, y) == (1, 2)
