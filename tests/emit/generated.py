"""Generated modules for tests: where specs are, how a module comes to life, what it must be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archdsl.api import open_spec
from archdsl.emit import emit_module
from archdsl.graph.model import Graph
from tests.zoo.tables import sample

ROOT = Path(__file__).parent.parent.parent
OWN = sorted((Path(__file__).parent / "specs").glob("*.arch"))
ZOO = sorted((ROOT / "specs").glob("*.arch"))


def models(paths: list[Path]) -> list[tuple[Path, str]]:
    return [(path, model) for path in paths for model in open_spec(path).models]


def each_model() -> list[Any]:
    """Parameters of a test, a path and a model each: our own, and of the zoo the sample; its others are for `make zoo`."""
    known = sample()
    rest = (pytest.mark.slow, pytest.mark.zoo)
    return [
        pytest.param(
            path,
            model,
            marks=rest if path in ZOO and (path.name, model) not in known else (),
            id=f"{path.stem}-{model}",
        )
        for path, model in models(OWN) + models(ZOO)
    ]


def label(value: Any) -> str:
    return value.stem if isinstance(value, Path) else str(value)


def graph_of(path: Path, model: str) -> Graph:
    return open_spec(path).architecture(model)._graph


def source_of(path: Path, model: str) -> str:
    return emit_module(graph_of(path, model), "0.0.0")


def build(source: str) -> Any:
    """The network of a generated module."""
    namespace: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "<generated>", "exec"), namespace)
    return namespace[namespace["__all__"][-1]]()


def expected_state(graph: Graph) -> dict[str, tuple[int, ...]]:
    """Keys of state_dict() with shapes, from the graph."""
    found: dict[str, tuple[int, ...]] = {}
    stack = [graph.root]
    while stack:
        module = stack.pop()
        for name, shape in [*module.weights.items(), *module.buffers.items()]:
            found[f"{module.path}.{name}" if name else module.path] = tuple(shape)
        stack.extend(reversed(module.children))
    return found


def class_text(source: str, name: str) -> str:
    """The text of one class."""
    start = source.index(f"\nclass {name}(") + 1
    end = source.find("\n\n\n", start)
    return source[start : end + 1]
