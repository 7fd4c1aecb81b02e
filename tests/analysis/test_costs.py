from __future__ import annotations

import time

from archdsl.analysis.costs import by_module, count
from archdsl.graph.naming import assign_names
from archdsl.graph.prune import prune
from tests.graph.builder import Builder


def finish(b: Builder) -> Builder:
    assert prune(b.graph) == [] and assign_names(b.graph) == []
    return b


def shared_and_training() -> Builder:
    b = Builder("tiny")
    x = b.input("image", 4, 8, 8)
    head = b.share("conv", "head")
    with b.block("unit"):
        x = b("conv", x, channels=4, kernel=3)
        x = b("relu", x)
    x = b("conv", x, channels=4, kernel=3, module=head)
    with b.group("again"):
        x = b("conv", x, channels=4, kernel=3, module=head)
    aux = b("conv", x, channels=2, kernel=1)
    x = b("add", x, x)
    b.output("aux", aux, training=True)
    b.output("out", x)
    return finish(b)


def test_totals() -> None:
    graph = shared_and_training().graph
    costs = count(graph)
    conv, aux = 4 * 4 * 9 + 4, 4 * 2 + 2
    assert costs.params == 2 * conv + aux
    assert costs.macs == 3 * 4 * 4 * 9 * 64
    assert costs.activations == 5 * 256
    assert [costs.of(n).params for n in graph.nodes] == [0, conv, 0, conv, 0, aux, 0]
    assert [costs.of(n).activations for n in graph.nodes] == [0, 256, 256, 256, 256, 128, 256]


def test_by_module() -> None:
    b = shared_and_training()
    costs = count(b.graph)
    rows = {row.module.path: row for row in by_module(b.graph)}
    assert list(rows) == ["", "head", "unit1", "unit1.conv1", "unit1.relu1", "conv1"]
    total = rows[""]
    assert (total.params, total.macs, total.activations) == (costs.params, costs.macs, costs.activations)
    assert (total.depth, total.layers, total.output) == (0, 6, None)
    assert rows["head"].macs == 2 * rows["unit1"].macs and rows["head"].layers == 2
    assert (rows["unit1"].depth, rows["unit1.conv1"].depth) == (1, 2)
    assert rows["unit1"].output == (4, 8, 8)
    assert rows["conv1"].macs == 0 and rows["conv1"].params == 10  # training only


def test_linear_time() -> None:
    b = Builder()
    x = b.input("image", 4, 8, 8)
    for _ in range(10000):
        with b.block("unit"):
            y = b("bn", x)
            x = b("add", x, y)
    b.output("y", x)
    finish(b)
    start = time.process_time()
    rows = list(by_module(b.graph))
    assert len(rows) == 20001 and rows[1].output == (4, 8, 8)
    assert time.process_time() - start < 30
