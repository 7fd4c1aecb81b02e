"""Several mistakes of syntax in one text: each is told once, the rest is read, and nothing is told that follows."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.api import Options, Spec
from archdsl.diagnostics.core import Collector
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse
from archdsl.syntax.recovery import MAX_MISTAKES
from tests.syntax.sexpr import faults, sexpr

SPECS = Path(__file__).parents[2] / "specs"
EXAMPLES = sorted((Path(__file__).parent / "data").glob("*.arch"))


def checked(text: str) -> list[str]:
    """What `check` says of a text, as `CODE line`."""
    found = Spec(Source("test", text), None, Options()).check()
    return [f"{diagnostic.code} {diagnostic.span.line}" for diagnostic in found]


def network(*lines: str) -> str:
    return "\n".join(["network n {", "  input x: [3, 32, 32]", *(f"  {line}" for line in lines), "}"])


# --- every mistake, and no other ------------------------------------------------------------------------

#: a statement with one mistake
WRONG = [
    "conv(64 3)",
    "conv(64, 3",
    "conv 64, 3)",
    "conv(64, 3)) -> bn",
    "conv(64, 3) => bn",
    "conv(64, 3) -> -> bn",
    "conv(64, 3) bn",
    "let a = = 3",
    "let b 3",
    "let = 3",
    "let c = (1, 2)",
    "let model = 3",
    "y = ( bn | relu ] -> add",
    "( bn , relu ) -> add",
    "conv(64, pad='same')",
    "conv(64, 3) ? bn",
    '"layer{1}: conv(64, 3)',
    "for i inn range(3) { relu }",
    "for i in range(3) relu }",
    "if 3 { relu } else relu",
    "x += 3",
    "default conv",
    "expect 3 = 3",
    "share = conv(64, 3)",
    "output",
    "conv(64, 3, **kwargs)",
    "// relu",
    "- conv: 64",
    "maxpool{2}",
]


@pytest.mark.parametrize("line", WRONG)
def test_one_mistake_is_one_error(line: str) -> None:
    text = network("conv(8, 3) -> bn", line, "let k = 2", "relu -> maxpool(k)", "output z")
    (found,) = [said for said in checked(text) if said.startswith("E")]
    assert found.endswith(" 4")


@given(st.lists(st.sampled_from(WRONG), min_size=2, max_size=6), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_as_many_errors_as_mistakes(lines: list[str], seed: int) -> None:
    chance = random.Random(seed)
    good = [f"conv({n}, 3) -> relu" for n in range(1, len(lines) + 2)]
    mixed = [line for pair in zip(good, lines, strict=False) for line in pair] + good[-1:]
    blocks = [f"block b{n} {{\n  {line}\n  relu\n}}" for n, line in enumerate(lines) if chance.random() < 0.5]
    blocks = [block for block in blocks if "output" not in block]
    text = "\n".join([network(*mixed, "output z"), *blocks])
    assert len([said for said in checked(text) if said.startswith("E")]) == len(lines) + len(blocks)


def test_mistakes_of_all_stages_in_one_run() -> None:
    text = """block a(c) { conv(c 3) }
block b(c) { conv(c, 3) -> rellu }
network n {
  input x: [3, 8, 8]
  conv(4, 11, pad=0)
  conv(4, 3, strid=2)
  let k = [1, 2
  output y
}
network m {
  input x: [3, 8, 8]
  a(3) -> b(3)
  conv(4, 3) => relu
  output y
}
"""
    assert checked(text) == ["E101 1", "E201 2", "E503 5", "E203 6", "E102 7", "E103 13"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # a declaration whose header is broken is known, and so is what its body binds
        ("block a(c {\n  conv(c, 3) -> d\n}\n" + network("a(3)", "a", "output y"), ["E102 1"]),
        (
            "block a(c,, reduce: layer) {\n  conv(c, 3) -> reduce\n}\n" + network("a(3, relu)", "output y"),
            ["E101 1"],
        ),
        ("block (c) { relu }\n" + network("a(3)", "output y"), ["E101 1"]),
        ("let k == 3\n" + network("conv(k, 3)", "output y"), ["E101 1"]),
        ("import std.dense\n" + network("dense_block(3, 4)", "output y"), ["E101 1"]),
        (
            "from std.dense import dense_block transition\n" + network("transition(0.5)", "output y"),
            ["E101 1"],
        ),
        # outputs, inputs, parameters and models that cannot be read are not missed
        (network("relu", "output y z"), ["E101 4"]),
        (network("relu", "output", "expect y.shape == [3, 32, 32]"), ["E101 4"]),
        ("network n {\n  input x [3, 8, 8]\n  conv(in.channels, 3)\n  output y\n}", ["E101 2"]),
        ("network n(k) {\n  input x: [3, 8, 8]\n  conv(, 3)\n  output y\n}\nmodel m = n(3)", ["E101 3"]),
        ("network n(k) {\n  input x: [3, 8, 8]\n  conv(k, 3)\n  output y\n}\nmodel m = n(3 4)", ["E101 6"]),
        (network("relu", "output y") + "\nmodel m = n( {\n  expect params == 3\n}", ["E102 6"]),
        ("extern block e { python = 3 4; shape = in.shape }\n" + network("e", "output y"), ["E101 1"]),
        ("default conv(bias)\n" + network("conv(3, 3) -> bn", "output y"), ["E101 1"]),
        # the flow behind a broken statement is unknown, behind a broken value it is not
        (network("conv(64 3)", "[_, 8, 8]", "linear(3)", "output y"), ["E101 3"]),
    ],
)
def test_nothing_is_told_that_follows(text: str, said: list[str]) -> None:
    assert checked(text) == said


def test_a_broken_value_leaves_the_flow_as_it_was() -> None:
    assert checked(network("let k = [3 4]", "linear(3)", "output y")) == ["E101 3", "E504 4"]


def test_a_broken_model_can_be_asked_for() -> None:
    spec = Spec(Source("test", network("relu", "output y") + "\nmodel m = n(]"), None, Options())
    assert [found.code for found in spec.check("m")] == ["E102"]


# --- what is left of the text ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("block a { b; c d; e }", "(block a () {b (broken 'c d') e})"),
        (
            "block a { for x on xs { b; c d }; e }",
            "(block a () {(broken 'for x on xs { b; c d }' b (broken 'c d')) e})",
        ),
        ("block a { if b { c } elsee { d } }", "(block a () {(broken 'if b { c } elsee { d }' c d)})"),
        ("block a {\n  b\n  if c:\n    d\n  e\n}", "(block a () {b (when c {d}) e})"),
        ("block a:\n  b\n  c\nlet x = 1", "(block a () {b c}) (let x 1)"),
        ("block a\n{\n  b\n}", "(block a () {b})"),
        ("block a {\n  b => c\n}", "(block a () {(-> b c)})"),
        ("block a { b }\n)\nblock c { d }", "(block a () {b}) (block c () {d})"),
    ],
)
def test_the_rest_of_the_tree(text: str, tree: str) -> None:
    found = parse(Source("test", text), Collector())
    assert found is not None
    assert sexpr(found) == tree


def test_a_body_that_is_not_closed_ends_where_it_is_indented_no_more() -> None:
    text = "block a {\n  if b {\n    c\n  d\n}\nblock e { f }"
    collector = Collector()
    tree = parse(Source("test", text), collector)
    assert tree is not None
    assert [found.span.line for found in collector.diagnostics] == [2]
    assert [type(declaration) for declaration in tree.declarations] == [ast.Block, ast.Block]


def test_what_a_broken_statement_binds_and_reads() -> None:
    for text, binds in [
        ("x = a b", ("x",)),
        ("x, y = a b", ("x", "y")),
        ("let (x, y) = a b", ("x", "y")),
        ("share x = a b", ("x",)),
        ("for x in a b { c }", ("x",)),
        ("input x [3]", ("x",)),
        ("x a(3)", ("x", "a")),
    ]:
        tree = parse(Source("test", f"network n {{ {text} }}"), Collector())
        assert tree is not None
        (declared,) = tree.declarations
        assert isinstance(declared, ast.Network)
        (broken,) = declared.statements
        assert isinstance(broken, ast.Broken)
        assert broken.binds == binds, text
        assert {"a", *binds} - {"c"} <= {*broken.reads, "a"}


# --- how many, and how long -----------------------------------------------------------------------------


def test_no_more_than_so_many_are_told() -> None:
    found = faults("block a {\n" + "  b c\n" * (MAX_MISTAKES + 1) + "}")
    assert len(found) == MAX_MISTAKES
    assert "further mistakes" in found[-1].notes[0]
    assert not any(diagnostic.notes for diagnostic in found[:-1])
    assert not any(d.notes for d in faults("block a {\n" + "  b c\n" * MAX_MISTAKES + "}"))


@pytest.mark.parametrize(
    "line", ["  b c\n", "  b(c\n", "  b )\n", "  b => c\n", "  'b\n", "  if b:\n", "  b {\n"]
)
def test_time_grows_with_the_mistakes_and_no_faster(line: str) -> None:
    from time import process_time

    def seconds(count: int) -> float:
        start = process_time()
        assert faults("block a {\n" + line * count + "}")
        return process_time() - start

    seconds(10)
    small, large = (min(seconds(count) for _ in range(2)) for count in (500, 4000))
    assert large < 8 * small * 2.5 + 0.1


# --- at random ------------------------------------------------------------------------------------------

WORD = re.compile(r'"[^"\n]*"|#[^\n]*|\w+|->|[^\w\s]')


@given(st.sampled_from(EXAMPLES), st.integers(0, 10_000), st.sampled_from(["drop", "double", "swap"]))
@settings(max_examples=80, deadline=None)
def test_any_word_dropped_doubled_or_swapped_ends_in_diagnostics(path: Path, at: int, how: str) -> None:
    text = path.read_text(encoding="utf-8")
    words = list(WORD.finditer(text))
    first, second = words[at % (len(words) - 1)], words[at % (len(words) - 1) + 1]
    other = {"drop": "", "double": f"{first[0]} {first[0]}", "swap": f"{second[0]} {first[0]}"}[how]
    end = second.end() if how == "swap" else first.end()
    changed = text[: first.start()] + other + text[end:]
    found = Spec(Source("test", changed), None, Options()).check()
    errors = [diagnostic for diagnostic in found if diagnostic.is_error]
    syntax = [diagnostic for diagnostic in errors if diagnostic.code.startswith("E10")]
    assert len(syntax) <= 3  # two words at most are touched


# --- mistakes of other kinds beside one of syntax -------------------------------------------------------


def test_a_model_without_a_name_hides_no_mistake_elsewhere() -> None:
    """Nothing in a text reads the name of a model."""
    text = """network n(width = 8) {
  input x: [3, 32, 32]
  conv(widht, 3) -> [width, 31, 32]
  output y = it -> linear(5)
}
model = n(width=9)
model other = n(width=9, depth=4)
"""
    assert checked(text) == ["E201 3", "E101 6", "E203 7"]


def test_networks_are_worked_out_beside_a_declaration_without_a_name() -> None:
    text = """block (c) {
  conv(c, 3)
}
network n {
  input x: [3, 32, 32]
  conv(8, 3) -> [8, 31, 32]
  output y = unit(4) -> linear(5)
}
"""
    assert checked(text) == ["E101 1", "E501 6"]


def test_what_the_text_shows_is_told_where_a_network_is_not_worked_out() -> None:
    """Nothing flows behind `convv`; what does not depend on it is told all the same, each once."""
    text = """block unit(c) {
  conv(c, 3)
}
network n {
  input x: [3, 32, 32]
  convv(8, 3)
  [8, 31 // 0, _]
  [8, 32 // "2", _]
  unit(_)
  "forward": unit(8)
  last: unit(4) -> 64
  last: relu
  if 1 { relu }
  output y = linear(5) when training
}
model m = n { expect mcas ~ 3M }
model k = n { expect y.shap == [5] }
"""
    assert checked(text) == [
        "E201 6", "E303 7", "E302 8", "E209 9", "E410 10", "E401 11", "E409 12", "E305 13", "E805 14",
        "E201 16", "E207 17",
    ]  # fmt: skip


def test_labels_of_two_arms_and_of_joins_are_no_mistakes_beside_another() -> None:
    text = """network n(deep = true) {
  input x: [3, 32, 32]
  convv(8, 3)
  if deep { a: relu } else { a: tanh }
  for i in range(2) { "b{i}": relu }
  "the sum": ( it | x ) -> add
  "c": relu -> "d": { "c": relu }
  output y
}
"""
    assert checked(text) == ["E201 3"]


def test_a_name_that_a_header_lost_is_one_name() -> None:
    """`double` may be the block; `doyble` and `uunet` cannot be as well."""
    text = """block (c) {
  conv(c, 3)
}
network unet {
  input x: [3, 32, 32]
  double(8) -> double(8) -> doyble(8)
  output y = linear(5)
}
model m = uunet
"""
    assert checked(text) == ["E101 1", "E201 6", "E201 9"]


def test_a_network_without_an_input_is_one_mistake() -> None:
    """Its symbols and its tensor are not known because of it."""
    text = """network n {
  conv(8, 3) -> [8, H, W]
  image -> relu
  output y = linear(5)
}
"""
    assert checked(text) == ["E412 1"]
