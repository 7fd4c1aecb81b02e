"""Each example of a declaration, run: the generated module and the PyTorch form that the page shows."""

from __future__ import annotations

import re
from typing import Any

import pytest

import archdsl
from archdsl.layers import INITIALISERS, REGISTRY, WORDS, Shape
from archdsl.layers.page import Example
from archdsl.manual.sample import input_names, program, sample
from archdsl.manual.torch_form import MODULE, WEIGHT

torch = pytest.importorskip("torch")

from tests.layers.real import NAMESPACE  # noqa: E402

pytestmark = pytest.mark.torch

EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name, examples in {
        **{name: cls.examples for name, cls in REGISTRY.items()},
        **{name: kind.examples for name, kind in INITIALISERS.items()},
    }.items()
    for number, example in enumerate(examples)
]


def batch(x: Shape, size: int) -> Any:
    """Positive numbers, so that roots and logarithms are numbers too."""
    return torch.rand(size, *x.dims) + 0.1


def sizes(result: Any) -> list[tuple[int, ...]]:
    return [tuple(part.shape) for part in (result if isinstance(result, (list, tuple)) else [result])]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_example_is_of_its_layer(name: str, example: Example) -> None:
    """It checks clean, warnings included, and is of the layer that it stands at."""
    architecture = archdsl.loads(program(example))
    assert architecture.warnings == []
    assert name in re.findall(r"\w+", example.text)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_generated_module(name: str, example: Example) -> None:
    shown = sample(example)
    net = archdsl.loads(program(example)).build()
    assert sum(parameter.numel() for parameter in net.parameters()) == shown.params
    for size in (2, 3):
        arriving = [batch(x, size) for x in example.arriving]
        # inputs of a network are maps: those of tokens have their features in front
        maps = [t.movedim(-1, 1) if x.tokens else t for t, x in zip(arriving, example.arriving, strict=True)]
        with torch.no_grad():
            assert sizes(net(*maps)) == [(size, *y.dims) for y in shown.leaving]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_torch_form(name: str, example: Example) -> None:
    """The lines that the page shows are Python that gives the same shapes and as many parameters."""
    shown = sample(example)
    names = input_names(example)
    *lines, last = shown.torch
    scope: dict[str, Any] = dict(NAMESPACE)
    for size in (2, 3):
        scope |= {key: batch(x, size) for key, x in zip(names, example.arriving, strict=True)}
        exec("\n".join(lines), scope)
        if last.startswith("nn.init."):
            exec(last, scope)
            result = scope[MODULE]
        else:
            result = eval(last, scope)
        if isinstance(result, torch.nn.Module):
            trained = list(result.parameters())
            result = result(*(scope[key] for key in names))
        else:
            trained = [scope[WEIGHT]] if lines else []
        assert sizes(result) == [(size, *y.dims) for y in shown.leaving]
        assert sum(parameter.numel() for parameter in trained) == shown.params


def test_every_word_is_taken() -> None:
    from archdsl.manual.entry import entry

    for word in WORDS:
        assert entry(word).uses, word


@pytest.mark.parametrize("name", INITIALISERS)
def test_initialisers_have_examples(name: str) -> None:
    assert INITIALISERS[name].examples
