from __future__ import annotations

import json

from archdsl.analysis.summary import summarize
from archdsl.graph.naming import assign_names
from archdsl.graph.prune import prune
from tests.graph.builder import SOURCE, Builder


def test_the_object() -> None:
    b = Builder("tiny")
    x = b.input("image", 4, 8, 8)
    with b.block("unit", "stem"):
        x = b("conv", x, channels=6, kernel=3, label="conv")
    shared = b.share("bn", "norm")
    x = b("bn", x, module=shared)
    x = b("bn", x, module=shared)
    parts = b.bundle("split", x, parts=2, label="halves")
    x = b("concat", *parts)
    b.output("out", x)
    b.output("halves", *parts)
    b.output("aux", b("relu", x), training=True)
    assert prune(b.graph) == [] and assign_names(b.graph) == []
    summary = summarize(b.graph, "1.2.3")
    assert list(summary) == [
        "archdsl", "spec", "model", "inputs", "outputs", "training_outputs", "params", "macs", "activations", "layers",
    ]  # fmt: skip
    assert json.loads(json.dumps(summary)) == summary
    assert (summary["archdsl"], summary["spec"], summary["model"]) == ("1.2.3", SOURCE.name, "tiny")
    assert summary["inputs"] == {"image": [4, 8, 8]}
    assert summary["outputs"] == {"out": [6, 8, 8], "halves": [[3, 8, 8], [3, 8, 8]]}
    assert summary["training_outputs"] == {"aux": [6, 8, 8]}
    assert summary["params"] == 4 * 6 * 9 + 6 + 12
    conv, first, again, split, concat, aux = summary["layers"]
    assert conv == {
        "path": "stem.conv", "layer": "conv", "inputs": [[4, 8, 8]], "output": [6, 8, 8],
        "params": 222, "macs": 216 * 64, "line": 4, "column": 1,
    }  # fmt: skip
    assert list(conv) == ["path", "layer", "inputs", "output", "params", "macs", "line", "column"]
    assert (first["params"], again["params"]) == (12, 0)
    assert "shared" not in first and again["shared"] is True and again["path"] == "norm"
    assert split["output"] == [3, 8, 8] and split["outputs"] == [[3, 8, 8], [3, 8, 8]]
    assert split["label"] == "halves" and split["path"] == ""
    assert concat["inputs"] == [[3, 8, 8], [3, 8, 8]]
    assert aux["training"] is True


def test_a_plain_network_has_no_extra_keys() -> None:
    b = Builder()
    b.output("y", b("bn", b.input("image", 4, 8, 8)))
    summary = summarize(b.graph, "1")
    assert "training_outputs" not in summary
    assert list(summary["layers"][0]) == [
        "path",
        "layer",
        "inputs",
        "output",
        "params",
        "macs",
        "line",
        "column",
    ]
