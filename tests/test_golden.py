"""What is made of the models of the sample, as text: the module, the diagram, the graph and the summary.

`--update` rewrites them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from tests.zoo.support import SPECS
from tests.zoo.tables import sample

GOLDEN = Path(__file__).parent / "golden"
MODELS = [(SPECS / spec, model) for spec, model in sample()]


def graph_text(arch: archdsl.Architecture) -> str:
    """One line for each node: what it is, where it lives, what arrives and what leaves."""
    graph = arch.graph
    lines = []
    for number, node in graph.nodes(data=True):
        arriving = sorted(
            graph.in_edges(number, keys=True, data=True), key=lambda edge: edge[3]["target_port"]
        )
        inputs = ", ".join(f"{source}:{data['source_port']}" for source, _, _, data in arriving)
        shapes = " ".join("x".join(map(str, shape)) for shape in node["outputs"])
        marks = " training" if node["training"] else ""
        lines.append(
            f"{number:4} {node['op']:12} ({inputs}) -> {shapes}  {node['path']}  :{node['line']}{marks}"
        )
    return "\n".join(lines) + "\n"


def summary_text(arch: archdsl.Architecture) -> str:
    summary = arch.summary()
    rows = [
        f"{row['path']:60} {row['layer']:12} {row['output']!s:18} {row['params']:>10,} {row['macs']:>14,}"
        for row in summary["layers"]
    ]
    total = {key: value for key, value in summary.items() if key not in ("layers", "archdsl")}
    return "\n".join([*(f"{key}: {value}" for key, value in total.items()), "", *rows]) + "\n"


def hold(path: Path, text: str, update: bool) -> None:
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{path.name} is missing: run `make golden` and read what it writes"
    assert text == path.read_text(encoding="utf-8"), (
        f"{path.name} has changed: read the difference, then `make golden`"
    )


@pytest.mark.parametrize(("spec", "model"), MODELS, ids=[f"{s.stem}-{m}" for s, m in MODELS])
def test_golden(spec: Path, model: str, update: bool) -> None:
    arch = archdsl.load(spec, model=model)
    folder = GOLDEN / spec.stem
    version = archdsl.__version__
    hold(folder / f"{model}.py", arch.source().replace(f"archdsl {version} ", "archdsl VERSION "), update)
    hold(folder / f"{model}.dot", arch.dot().source, update)
    hold(folder / f"{model}.graph.txt", graph_text(arch), update)
    hold(folder / f"{model}.summary.txt", summary_text(arch), update)


def test_nothing_is_left_over() -> None:
    """Every golden file belongs to a model of the sample."""
    known = {(spec.stem, model) for spec, model in MODELS}
    left = [
        p for p in GOLDEN.rglob("*") if p.is_file() and (p.parent.name, p.name.split(".")[0]) not in known
    ]
    assert not left
