from __future__ import annotations

import networkx as nx

from archdsl.graph.naming import assign_names
from archdsl.graph.prune import prune
from archdsl.graph.view import Level, to_networkx
from tests.graph.builder import Builder


def example() -> Builder:
    b = Builder("tiny")
    x = b.input("image", 3, 8, 8)
    with b.block("unit", "stem"):
        y = b("bn", x, label="norm")
        with b.group("body"):
            y = b("relu", y)
    y.names.append("y")
    y = b("add", y, y)
    shared = b.share("bn", "shared")
    y = b("bn", y, module=shared)
    y = b("bn", y, module=shared)
    aux = b("sigmoid", y)
    b.output("aux", aux, training=True)
    b.output("out", y)
    assert prune(b.graph) == [] and assign_names(b.graph) == []
    return b


def test_nodes() -> None:
    g = to_networkx(example().graph)
    assert list(g) == list(range(7))
    assert [g.nodes[n]["op"] for n in g] == ["input", "bn", "relu", "add", "bn", "bn", "sigmoid"]
    relu = g.nodes[2]
    assert relu["path"] == relu["module"] == "stem.body.0"
    assert relu["scope"] == ("", "stem", "stem.body") and relu["blocks"] == ("unit",)
    assert relu["names"] == ["y"] and relu["inputs"] == [[3, 8, 8]]
    assert relu["output"] == [3, 8, 8] and relu["outputs"] == [[3, 8, 8]]
    assert relu["activations"] == 192 and relu["macs"] == 0 and relu["params"] == 0
    assert (relu["line"], relu["column"]) == (relu["span"].line, relu["span"].column)
    assert g.nodes[3]["module"] is None and g.nodes[3]["path"] == ""
    assert g.nodes[0]["layer"] is None and g.nodes[0]["activations"] == 0
    assert g.nodes[1]["layer"].name == "bn" and g.nodes[1]["label"] == "norm"
    assert [g.nodes[n]["params"] for n in g] == [0, 6, 0, 0, 6, 0, 0]
    assert [n for n in g if g.nodes[n]["training"]] == [6]


def test_edges_are_kept_apart() -> None:
    g = to_networkx(example().graph)
    assert sorted(g[2][3]) == [0, 1]
    assert g.edges[2, 3, 1] == {"shape": (3, 8, 8), "source_port": 0, "target_port": 1}
    assert nx.is_directed_acyclic_graph(g)


def test_the_graph_itself() -> None:
    g = to_networkx(example().graph)
    assert g.graph["model"] == "tiny" and g.graph["inputs"] == {"image": 0}
    assert g.graph["outputs"] == {"aux": [(6, 0)], "out": [(5, 0)]}
    assert g.graph["training_outputs"] == ["aux"]
    top: Level = g.graph["hierarchy"]
    assert (top.kind, top.path, top.nodes) == ("network", "", (0, 3, 4, 5, 6))
    (stem,) = top.levels
    assert (stem.name, stem.kind, stem.block, stem.nodes) == ("stem", "block", "unit", (1,))
    assert stem.levels[0].path == "stem.body" and stem.levels[0].block is None
