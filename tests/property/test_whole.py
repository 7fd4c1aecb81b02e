"""Whole files that are drawn, each construct of the grammar and each layer among them, held against their meaning.

What a program means its writer says while it writes (tests/property/meaning.py). The other tests change the text
in ways that must not tell.
"""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from archdsl.api import ArchError, Architecture, SettingText, Spec
from archdsl.graph.model import Graph
from archdsl.layers import REGISTRY, Extern
from tests.property.alternatives import counted
from tests.property.meaning import compute, pairs
from tests.property.oracles import made, rendered, runs, told
from tests.property.whole import Program, opened, program

torch = pytest.importorskip("torch")

#: As many programs as it takes to see everything of the language.
ALL = 400
#: What only programs with a mistake have: a path that leads out of the folder, an input without channels, an extern
#: block without its entries, a file without a declaration.
IN_NO_PROGRAM = {
    "__module_star_2: __module_star_2 DOT",
    "extern_body: LBRACE RBRACE",
    "extern_body: LBRACE extern_item RBRACE",
    "file: ",
    "input: INPUT NAME COLON LSQB RSQB",
}
NAME = re.compile(r"\b([a-z]+|H)_(\d+)\b")
RELAXED = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.filter_too_much])
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, wrap: bool = False) -> Program:
    found = program(Random(seed), wrap)
    assume(found is not None)
    assert found is not None
    return found


def signature(graph: Graph) -> list[Any]:
    """All of a graph but names and places of the text."""
    number = {tensor: i for i, tensor in enumerate(t for node in graph.nodes for t in node.outputs)}
    modules: dict[Any, int] = {}
    nodes = [
        (
            None if node.layer is None else repr(node.layer.values()),
            "extern" if isinstance(node.layer, Extern) else node.operation,
            [number[t] for t in node.inputs],
            [t.shape for t in node.outputs],
            node.macs,
            node.training,
            node.module and modules.setdefault(node.module, len(modules)),
        )
        for node in graph.nodes
    ]
    return [nodes, [([number[t] for t in o.tensors], o.training, o.bundle) for o in graph.outputs]]


def architectures(spec: Spec) -> dict[str, Architecture]:
    return {model: spec.architecture(model) for model in spec.models}


@RELAXED
@given(seeds)
@example(1002642)  # a branch for each of some numbers, which a default's groups do not divide
def test_graph_is_what_the_writer_means(seed: int) -> None:
    """Layer by layer, wire by wire, weight by weight; the module has the shapes, the parameters and the MACs."""
    program = drawn(seed)
    spec = opened(program)
    found = told(spec, models=9)
    assert not [d for d in found if d.is_error or d.code == "W001"]
    rendered(found)
    assert set(spec.models) == set(program.models)
    for model, architecture in architectures(spec).items():
        pairs(program.models[model], architecture._graph)
        assert architecture.params == program.models[model].params()
        runs(architecture, made(architecture)["module"])


@RELAXED
@given(seeds)
def test_module_computes_what_the_writer_means(seed: int) -> None:
    """With the same weights, in evaluation."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    program = drawn(seed)
    for model, architecture in architectures(opened(program)).items():
        net = architecture.build().eval()
        for key, value in net.state_dict().items():
            if key.endswith("running_var"):
                torch.nn.init.uniform_(value, 0.5, 1.5)
            elif value.dtype.is_floating_point:
                torch.nn.init.normal_(value, std=0.4)
        given = [torch.randn(2, *sizes) for sizes in architecture.inputs.values()]
        with torch.no_grad():
            expected = compute(program.models[model], architecture._graph, net, given)
            result = net(*given)
        there = [output for output in architecture._graph.outputs if not output.training]
        results = list(result)[: len(there)] if hasattr(result, "_fields") else [result]
        got = [v if o.bundle else [v] for o, v in zip(there, results, strict=True)]
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4, equal_nan=True)


@RELAXED
@given(seeds)
def test_names_tell_nothing(seed: int) -> None:
    program = drawn(seed)
    renamed = opened(program, change=lambda text: NAME.sub(r"q\2_\1", text))
    before, after = architectures(opened(program)), architectures(renamed)
    for model, architecture in before.items():
        other = after[NAME.sub(r"q\2_\1", model)]
        assert signature(architecture._graph) == signature(other._graph)
        assert (architecture.params, architecture.macs) == (other.params, other.macs)


@RELAXED
@given(seeds)
def test_order_of_declarations_tells_nothing(seed: int) -> None:
    program = drawn(seed)
    assume(program.movable)
    before = architectures(opened(program))
    Random(seed).shuffle(program.declarations)
    after = architectures(opened(program))
    for model, architecture in before.items():
        assert architecture.source() == after[model].source()


@RELAXED
@given(seeds)
def test_braces_tell_nothing(seed: int) -> None:
    """Each chain in braces of its own: the same layers, wires and weights, and the same figures."""
    before, after = architectures(opened(drawn(seed))), architectures(opened(drawn(seed, wrap=True)))
    for model, architecture in before.items():
        assert signature(architecture._graph) == signature(after[model]._graph)
        assert (architecture.params, architecture.macs) == (after[model].params, after[model].macs)


@RELAXED
@given(seeds)
def test_settings_and_sizes_that_change_nothing(seed: int) -> None:
    """A parameter set to the value that it has, an input to the size that it has."""
    program = drawn(seed)
    spec = opened(program)
    for model, architecture in architectures(spec).items():
        values = {name: SettingText(text) for name, text in program.settings[model].items()}
        inputs = {name: tuple(sizes) for name, sizes in architecture.inputs.items()}
        other = spec.architecture(model, values, inputs)
        assert signature(architecture._graph) == signature(other._graph)


@RELAXED
@given(seeds)
def test_other_sizes_run_or_are_refused(seed: int) -> None:
    """The same network for another input: what is accepted runs."""
    program = drawn(seed)
    chance = Random(seed)
    for architecture in architectures(opened(program)).values():
        sizes = {
            name: (dims[0], *(max(1, n + chance.randint(-3, 9)) for n in dims[1:]))
            for name, dims in architecture.inputs.items()
        }
        try:
            other = architecture.with_inputs(**sizes)
        except ArchError:
            continue
        runs(other, made(other)["module"])


@RELAXED
@given(seeds)
def test_same_text_same_bytes(seed: int) -> None:
    first, second = architectures(opened(drawn(seed))), architectures(opened(drawn(seed)))
    for model, architecture in first.items():
        assert made(architecture) == made(second[model])


@cache
def all_programs() -> tuple[Program, ...]:
    found = (program(Random(seed)) for seed in range(ALL))
    return tuple(each for each in found if each is not None)


def test_every_construct_is_drawn() -> None:
    """Each alternative of each rule of the grammar, but those that only a mistake has, as `broken`."""
    parser = counted()
    parser.seen.clear()
    for each in all_programs():
        for text in (each.text, *each.files.values()):
            parser.read(text)
        for values in each.settings.values():
            for text in values.values():
                parser.read(text, "expression")
    unseen = {name for name in parser.all if not parser.seen[name] and "broken" not in name.lower()}
    assert unseen == IN_NO_PROGRAM


def test_every_layer_is_drawn() -> None:
    used = {
        use.name for each in all_programs() for stated in each.models.values() for use in stated.reached()
    }
    silent = {name for name, cls in REGISTRY.items() if cls.is_identity}
    texts = "\n".join(each.text for each in all_programs())
    written = {name for name in silent if re.search(rf"\b{name}\b", texts)}
    assert used | written >= set(REGISTRY)
