"""Tables of constants over numbered blocks are written with loops, and say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.api import open_spec
from archdsl.emit.code import Bracket, Code, layout
from archdsl.emit.folding import renamed, tables
from archdsl.emit.repeated import repeated
from archdsl.graph.plan import Plan
from tests.emit.generated import each_model


def text(rows: list[tuple[object, ...]]) -> str:
    lines = layout(Bracket(repeated([(Code("fold"), *row) for row in rows]), "()"), 0)
    found = eval("\n".join(lines), {"fold": "fold"})
    assert found == tuple(("fold", *row) for row in rows)
    return "\n".join(lines)


def test_numbered_layers_are_a_loop() -> None:
    rows: list[tuple[object, ...]] = [(f"a.{i}.conv", f"a.{i}.bn", 1e-5) for i in range(1, 5)]
    assert text(rows) == '(*((fold, f"a.{i}.conv", f"a.{i}.bn", 1e-5) for i in range(1, 5)),)'


def test_loops_in_loops() -> None:
    rows: list[tuple[object, ...]] = [
        (f"layer{i}.{j}.conv{k}", f"layer{i}.{j}.bn{k}", 1e-5)
        for i in range(2, 9)
        for j in range(3)
        for k in (1, 2, 3)
    ]
    assert text(rows).split("\n")[2:6] == [
        '        (fold, f"layer{i}.{j}.conv{k}", f"layer{i}.{j}.bn{k}", 1e-5)',
        "        for i in range(2, 9)",
        "        for j in range(3)",
        "        for k in range(1, 4)",
    ]


def test_several_rows_a_turn() -> None:
    rows: list[tuple[object, ...]] = [
        row for i in range(12) for row in ((f"b{i}.pre", 0, 32 * i + 64), (f"b{i}.post", 0, 7))
    ]
    assert text(rows).split("\n")[2:6] == [
        "        step",
        "        for i in range(12)",
        '        for step in ((fold, f"b{i}.pre", 0, 32 * i + 64), (fold, f"b{i}.post", 0, 7))',
        "    ),",
    ]


def test_numbers_that_grow_together() -> None:
    rows: list[tuple[object, ...]] = [(f"f.{i}", f"f.{i - 1}", (f"g.{2 * i}",)) for i in range(3, 24, 4)]
    assert 'f"f.{i}", f"f.{i - 1}", (f"g.{2 * i}",)) for i in range(3, 24, 4)' in text(rows)


def test_stages_with_letters() -> None:
    stages = ("3a", "3b", "4a", "5c", "5d", "5e", "6a")
    rows: list[tuple[object, ...]] = [
        (f"stage{s}.{i}.conv", f"stage{s}.{i}.bn", 1e-5) for s in stages for i in range(3)
    ]
    assert 'for s in ("3a", "3b", "4a", "5c", "5d", "5e", "6a")\n        for j in range(3)' in text(rows)


def test_stages_with_letters_and_several_rows() -> None:
    rows: list[tuple[object, ...]] = [
        (f"mixed{s}.{branch}", 1) for s in ("3a", "3b", "4a", "5c") for branch in ("one", "two", "1x1")
    ]
    assert 'for s in ("3a", "3b", "4a", "5c")' in text(rows)
    assert text(rows).count("mixed{s}") == 3


@pytest.mark.parametrize(
    "rows",
    [
        [("a.0", 1), ("a.1", 2)],  # two are no run
        [("a.0",), ("a.1",), ("a.3",)],
        [("a.01",), ("a.02",), ("a.03",)],  # no number of Python's is written so
        [("a", 1), ("a", 2), ("a", 3)],  # nothing is numbered
        [("a.3",), ("a.2",), ("a.1",)],
        [("a.0", True), ("a.1", False), ("a.2", True)],
        [("a.0", ("b.0",)), ("a.1", ("b.0", "b.1")), ("a.2", ("b.0", "b.1", "b.2"))],
        [("a.0", 1.0), ("a.1", 2.0), ("a.2", 3.0)],
        [("4a.1", 1), ("4b.2", 2), ("4c.3", 3), ("4d.4", 4)],  # letters and numbers at once
        [("3a", "3a"), ("4a", "3b"), ("5a", "3c"), ("6a", "3d")],
    ],
    ids=str,
)
def test_others_stand_one_by_one(rows: list[tuple[object, ...]]) -> None:
    assert "for" not in text(rows)


def test_braces_and_quotes() -> None:
    rows: list[tuple[object, ...]] = [(f'a{{"}}.{i}', 'b{"}') for i in range(4)]
    assert "for i in range(4)" in text(rows)


@pytest.mark.parametrize(("path", "model"), each_model())
def test_tables_of_the_zoo(path: Path, model: str) -> None:
    """What the tables say is what they were made of; no line is longer than others of the file."""
    graph, _ = open_spec(path).architecture(model).rewritten(Plan())
    lines = tables(graph)
    functions = {fold.function: fold.function for fold in graph.folds}
    found: dict[str, object] = dict(functions)
    exec("\n".join(["from typing import Any", *lines]), found)
    assert found.get("FOLDS", ()) == tuple((fold.function, *fold.arguments) for fold in graph.folds)
    assert found.get("NAMES", {}) == renamed(graph)
    assert list(found.get("NAMES", {})) == list(renamed(graph))  # type: ignore[call-overload]
    assert max(map(len, lines), default=0) <= 100
