"""Small programs with what is expected of them, and how to hold them against the compiler.

A program that must be accepted is a `Good`. In one that must not, the line to blame carries the mark `#! E501`
(several codes with `|` where the reference leaves the choice open); every error must be marked and no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import archdsl

MARK = re.compile(r"#! *((?:[EW][0-9]{3}\|?)+)")


@dataclass(frozen=True)
class Good:
    """A program, and its parameters, output shapes, names of weights and warnings (codes) where they are stated."""

    name: str
    text: str
    params: int | None = None
    shape: list[int] | None = None
    outputs: dict[str, list[int]] | None = None
    keys: list[str] | None = None
    warnings: list[str] | None = None
    macs: int | None = None
    model: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bad:
    """A program with marks at the lines to blame. `says` are words that the message, its notes or help must have."""

    name: str
    text: str
    says: tuple[str, ...] = ()
    model: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


def net(body: str, before: str = "", shape: str = "[4, 8, 8]") -> str:
    """A network of one input `x` and one output `y` around a body."""
    return f"{before}\nnetwork n {{\ninput x: {shape}\n{body}\noutput y\n}}\n"


def each(cases: list[Any]) -> Any:
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), sorted(n for n in names if names.count(n) > 1)
    return pytest.mark.parametrize("case", cases, ids=[re.sub(r"\W+", "-", name) for name in names])


def conv(inward: int, outward: int, kernel: int = 1, bias: bool = True) -> int:
    """Parameters of a square 2-D convolution."""
    return inward * outward * kernel**2 + outward * bias


def load(case: Good | Bad) -> Any:
    return archdsl.loads(case.text, filename="<test>", model=case.model, **case.settings)


def weights(arch: Any) -> list[str]:
    """Names of the trained parameters, as the graph has them."""

    def walk(module: Any) -> Iterator[str]:
        for name in module.weights:
            if module.layer is not None and module.layer.is_parameter:
                yield module.path
            else:
                yield f"{module.path}.{name}"
        for child in module.children:
            yield from walk(child)

    return list(walk(arch._graph.root))


def accept(case: Good) -> Any:
    arch = load(case)
    if case.params is not None:
        assert arch.params == case.params
    if case.macs is not None:
        assert arch.macs == case.macs
    if case.shape is not None:
        assert [list(shape) for shape in arch.outputs.values()] == [case.shape]
    if case.outputs is not None:
        assert {name: list(shape) for name, shape in arch.outputs.items()} == case.outputs
    if case.keys is not None:
        assert sorted(weights(arch)) == sorted(case.keys)
    if case.warnings is not None:
        assert [d.code for d in arch.warnings] == case.warnings
    return arch


def marks(text: str) -> list[tuple[int, tuple[str, ...]]]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        found += [(number, tuple(mark.split("|"))) for mark in MARK.findall(line)]
    return found


def reject(case: Bad) -> None:
    expected = marks(case.text)
    assert expected, "a wrong program has a mark"
    with pytest.raises(archdsl.ArchError) as caught:
        load(case)
    errors = [d for d in caught.value.diagnostics if d.is_error]
    found = [(d.span.line, d.code) for d in errors]
    told = "\n".join(f"{d.span.line}: {d.code} {d.message}" for d in errors)
    assert len(found) == len(expected), told
    for line, codes in expected:
        match = next((one for one in found if one[0] == line and one[1] in codes), None)
        assert match is not None, told
        found.remove(match)
    words = " ".join(
        text
        for d in errors
        for text in (
            d.message,
            d.label,
            *(label.text for label in d.labels),
            *d.notes,
            d.help,
            *(call.sentence("here") for call in d.calls),
        )
    )
    for word in case.says:
        assert word in words, told
    assert "Traceback" not in str(caught.value)
