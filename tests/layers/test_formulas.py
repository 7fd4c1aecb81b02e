"""What a declaration states for its page: there for every layer, and its formulas are what the layer does."""

from __future__ import annotations

import re
from collections import Counter
from math import prod

import pytest

pytest.importorskip("torch")  # the table of cases has oracles in it

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archdsl.layers import REGISTRY, ArgumentError, Layer, LayerError, Shape, Word
from archdsl.layers.base import layer
from archdsl.layers.kinds import Bool
from tests.layers.formulas import Names, stated
from tests.layers.table import TABLE, Case

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_stated(name: str) -> None:
    """A docstring, the shape rule in words, and an example."""
    declared = REGISTRY[name]
    assert declared.__doc__ and declared.__doc__[0].isupper(), (
        "the docstring is the layer's entry in the list"
    )
    assert re.fullmatch(r"[A-Z][^\n]*\.", declared.rule), "the shape rule is a sentence or two"
    assert declared.examples, "an example shows the layer in use"
    if declared.formula is None:
        assert (declared.trained, declared.cost) == ("0", "0"), (
            "costs are told in the names of the shape rule"
        )


@pytest.mark.parametrize("missing", ["__doc__", "rule", "examples"])
def test_stated_at_the_declaration(missing: str) -> None:
    said = {"__doc__": "A layer.", "rule": "The shape stays.", "examples": REGISTRY["relu"].examples}
    silent = type("Silent", (Layer,), {**said, missing: None})
    with pytest.raises(TypeError, match=f"`silent` states no `{missing}`"):
        layer("silent", "activation")(silent)
    assert "silent" not in REGISTRY


WITH_FORMULA = sorted(name for name, cls in REGISTRY.items() if cls.formula is not None)


@st.composite
def cases(draw: st.DrawFn, name: str) -> Case:
    """A case of the table. Half of the time, a choice that the formula asks for is drawn anew."""
    values, xs = draw(TABLE[name].cases)
    declared = REGISTRY[name]
    assert declared.formula is not None
    asked = {word for let in declared.formula.where for word in re.findall(r"\w+", let.when)}
    for key in sorted(asked & set(declared.params)):
        kind = declared.params[key].kind
        choices = [False, True] if isinstance(kind, Bool) else [Word(word) for word in kind.words]
        if choices and draw(st.booleans()):
            values = {**values, key: draw(st.sampled_from(choices))}
    return values, xs


@pytest.mark.parametrize("name", WITH_FORMULA)
def test_formulas(name: str) -> None:
    """For many arguments and shapes, the formulas are what the layer does; each definition is met often."""
    formula = REGISTRY[name].formula
    assert formula is not None
    met = Counter[object]()

    @settings(
        max_examples=100 + 60 * len(formula.where),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(name))
    def check(case: Case) -> None:
        values, xs = case
        try:
            layer = REGISTRY[name](values)
            ys = layer.outputs(xs)
        except (ArgumentError, LayerError):
            return
        names = Names(layer, xs)
        leaves, trained, cost = stated(names, ys)
        assert leaves == [list(y.dims) for y in ys]
        assert trained == sum(map(prod, layer.weights(xs).values()))
        assert cost == layer.macs(xs, ys)
        met.update([formula, *names.used])

    check()
    for part in (formula, *formula.where):
        assert met[part] >= 5, f"{part} is met {met[part]} times"


@pytest.mark.parametrize("name", WITH_FORMULA)
def test_nothing_idle(name: str) -> None:
    """Each definition is needed: some formula uses it, and of several for one name the last has no condition."""
    formula = REGISTRY[name].formula
    assert formula is not None
    by_name: dict[str, list[str]] = {}
    for let in formula.where:
        for defined in re.split(" = |, ", let.names):
            by_name.setdefault(defined, []).append(let.when)
    texts = [formula.leaves, *(let.value for let in formula.where)]
    texts += [REGISTRY[name].trained, REGISTRY[name].cost]
    texts += [param.shown for param in REGISTRY[name].params.values()]
    for defined, conditions in by_name.items():
        assert all(conditions[:-1]) and not conditions[-1], f"{name}: {defined}"
        assert any(re.search(rf"\b{defined}\b", text) for text in texts), f"{name}: {defined} is not used"


def test_names_along_an_axis() -> None:
    """The evaluation itself, on a case that can be followed by hand."""
    layer = REGISTRY["conv"]({"channels": 8, "kernel": [3, 5], "stride": 2, "pad": [0, 1, 2, 2]})
    names = Names(layer, (Shape((4, 9, 12)),))
    assert (names("before"), names("after"), names("m")) == ([0, 2], [1, 2], [4, 6])
    assert names("channels * c + stride[1]") == 34
