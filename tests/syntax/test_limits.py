"""Texts that are deep, long or large."""

from __future__ import annotations

import gc
import sys
import time

import pytest

from archdsl.diagnostics.core import Collector
from archdsl.limits import DEFAULT_LIMITS
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse, parse_expression
from tests.syntax.sexpr import fault, file

MAX_BRACKETS, MAX_OPERATORS = DEFAULT_LIMITS.brackets, DEFAULT_LIMITS.operators

NEST = {
    "parentheses": ("(", "x", ")"),
    "brackets": ("[", "x", "]"),
    "braces": ("{", "x", "}"),
    "calls": ("f(", "x", ")"),
    "indices": ("x[", "0", "]"),
    "forks": ("(a | ", "x", ")"),
    "ifs": ("if c {", "x", "}"),
    "fors": ("for i in xs {", "x", "}"),
    "else": ("if c { } else {", "x", "}"),
    "comprehensions": ("[", "x", " for i in xs]"),
    "labels": ("a: (", "x", ")"),
}


def deepest(tree: ast.AstNode) -> int:
    from tests.syntax.test_spans import children

    depth = 0
    level = [tree]
    while level:
        depth += 1
        level = [child for node in level for child in children(node)]
    return depth


@pytest.mark.parametrize(("before", "inside", "behind"), NEST.values(), ids=NEST.keys())
def test_nesting_up_to_the_limit(before: str, inside: str, behind: str) -> None:
    text = before * MAX_BRACKETS + inside + behind * MAX_BRACKETS
    tree = parse_expression(Source("test", text), collector := Collector())
    assert tree is not None, collector.diagnostics
    assert deepest(tree) <= 4 * MAX_BRACKETS


@pytest.mark.parametrize(("before", "inside", "behind"), NEST.values(), ids=NEST.keys())
@pytest.mark.parametrize("levels", [MAX_BRACKETS, MAX_BRACKETS + 1, 10_000, 100_000])
def test_nesting_beyond_the_limit(before: str, inside: str, behind: str, levels: int) -> None:
    found = fault("block a {" + before * levels + inside + behind * levels + "}")
    assert found.code == "E904"
    assert str(MAX_BRACKETS) in found.message
    assert found.span.text in ("(", "[", "{")


def test_unclosed_brackets_beyond_the_limit() -> None:
    assert fault("let x = " + "(" * 100_000).code == "E904"
    assert fault("let x = " + ")" * 100_000).code == "E102"


CHAINS = {
    "sum": " + x",
    "difference": " - x",
    "product": " * x",
    "power": " ** x",
    "or": " or x",
    "and": " and x",
    "comparison": " < x",
    "in": " in x",
    "not in": " not in x",
    "choice": " if x else x",
    "attribute": ".x",
    "index": "[0]",
    "slice": "[1:]",
    "call": "(x)",
    "sum on lines": " +\n x",
}


@pytest.mark.parametrize("step", CHAINS.values(), ids=CHAINS.keys())
def test_chains_of_operators(step: str) -> None:
    assert file(f"let x = x{step * (MAX_OPERATORS // 2)}")
    for length in (MAX_OPERATORS + 1, 100_000):
        found = fault(f"let x = x{step * length}")
        assert found.code == "E904"
        assert str(MAX_OPERATORS) in found.message


@pytest.mark.parametrize("prefix", ["-", "not ", "- + "])
def test_chains_of_signs(prefix: str) -> None:
    assert file(f"let x = {prefix * (MAX_OPERATORS // 2)}x")
    assert fault(f"let x = {prefix * 100_000}x").code == "E904"


def test_operators_count_along_the_deepest_path() -> None:
    assert file(f"let x = [{', '.join(['a + b'] * 5000)}]")
    assert file(f"let x = f({', '.join(['g(a)[0] + b'] * 5000)})")
    assert file("block a {" + "b(1 + 2) * 3\n" * 5000 + "}")
    assert file("let x = 1 + 2\n" * 5000)
    deep = "x"
    for _ in range(100):
        deep = f"({deep}{' + 1' * 100})"
    assert fault(f"let x = {deep}").code == "E904"
    assert fault(f"let x = [0, {deep}]").code == "E904"
    assert fault(f"block a {{ b; ({{ a; {deep[1:-1]} }}) }}").code == "E904"


def test_the_tree_is_never_deeper_than_the_limits() -> None:
    parts = ["x" + " + 1" * 60, "-" * 60 + "x", "f" + "(x)" * 60, "x" + " if y else z" * 60]
    for inner in parts:
        text = inner
        while True:
            grown = f"[{text}] + {inner}"
            collector = Collector()
            tree = parse_expression(Source("test", grown), collector)
            if tree is None:
                assert [found.code for found in collector.diagnostics] == ["E904"]
                break
            assert deepest(tree) <= MAX_OPERATORS + 3 * MAX_BRACKETS
            text = grown


def test_long_pipelines_and_forks_are_flat() -> None:
    arrows = parse_expression(Source("test", " -> ".join(["x"] * 100_000)), Collector())
    assert isinstance(arrows, ast.Pipeline)
    assert len(arrows.elements) == 100_000
    fork = parse_expression(Source("test", f"({' | '.join(['x'] * 20_000)})"), Collector())
    assert isinstance(fork, ast.Fork)
    assert len(fork.branches) == 20_000
    arms = "if c { x }" + " elif c { x }" * 20_000
    assert isinstance(parse_expression(Source("test", arms), Collector()), ast.IfElement)


def seconds(text: str) -> float:
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        assert parse(Source("test", text), Collector()) is not None
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize(
    "line",
    [
        '  "layer{i + 1}": conv(64, 3, stride=2) -> bn -> relu\n',
        "  ( identity | conv(64, 3) ) -> add -> relu\n",
        "\n",
        "  # nothing but a comment\n",
        "  if a < b { x = f(y) }\n  else { output x }\n",
    ],
)
def test_time_grows_with_the_text_and_no_faster(line: str) -> None:
    seconds("network a {}")
    small, large = (seconds("network a {\n" + line * count + "}") for count in (300, 2400))
    assert large < 8 * small * 2.5 + 0.1


def test_a_long_line_is_as_good_as_many() -> None:
    assert file("block a {" + "b(1); " * 20_000 + "}")
    assert file(f'let x = "{"y" * 1_000_000}"')
    assert file(f"let x = [{'1, ' * 20_000}]")
    assert fault("let x = " + "1" * 1_000_000).code == "E105"
    for text in ("y" * 1_000_000, "é" * 1_000_000, f"'{'y' * 1_000_000}'", f"{'y' * 1_000_000} = 3"):
        found = fault(text)
        assert len(found.message) + len(found.help) < 200
    assert file(f"let {'x' * 1_000_000} = 1")


def test_the_state_of_the_interpreter_is_left_as_it_was() -> None:
    limit = sys.getrecursionlimit()
    for enabled in (True, False):
        (gc.enable if enabled else gc.disable)()
        try:
            for text in ("let x = 1", "let x = (", "let x = ?"):
                parse(Source("test", text), Collector())
                assert gc.isenabled() is enabled
        finally:
            gc.enable()
    assert sys.getrecursionlimit() == limit


@pytest.mark.slow
def test_a_file_of_eight_thousand_lines() -> None:
    line = '  "layer{i + 1}": conv(64, 3, stride=2) -> bn -> relu\n'
    small, large = (seconds("network a {\n" + line * count + "}") for count in (800, 8_000))
    assert large < 10 * small * 2 + 0.1
