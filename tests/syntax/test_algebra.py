"""The algebra of layers: pipelines, forks, labels, and bodies as elements."""

from __future__ import annotations

import pytest

from tests.syntax.sexpr import body, expression

PIPELINES = [
    ("a -> b", "(-> a b)"),
    ("a -> b -> c", "(-> a b c)"),
    ("(a -> b) -> c", "(-> (group (-> a b)) c)"),
    ("a -> [256, 56, 56]", "(-> a [256 56 56])"),
    ("a -> e3.shape", "(-> a e3.shape)"),
    ("a * 4 -> b", "(-> (* a 4) b)"),
    ("(a -> b) * 2", "(* (group (-> a b)) 2)"),
    ("in -> f", "(-> in f)"),
    ("(a | b)", "(fork a b)"),
    ("(a | b -> c | d)", "(fork a (-> b c) d)"),
    ("((a | b) | c)", "(fork (fork a b) c)"),
    ("(a | b) -> add", "(-> (fork a b) add)"),
    ("(identity | body) -> add -> relu", "(-> (fork identity body) add relu)"),
]

LABELS = [
    ("conv1: conv(64)", '("conv1": (conv of 64))'),
    ('"conv1": conv(64)', '("conv1": (conv of 64))'),
    ('"layer{i + 1}": a * 3', "((text 'layer' (+ i 1)): (* a 3))"),
    ("a: b -> c: d", '(-> ("a": b) ("c": d))'),
    ("a: (b -> c)", '("a": (group (-> b c)))'),
    ("a: (b | c)", '("a": (fork b c))'),
    ("a: x if c else y", '("a": (if c x y))'),
    ("a: { b }", '("a": {b})'),
    ("a: if c { b }", '("a": (when c {b}))'),
    ("a: for x in xs { b }", '("a": (for x xs {b}))'),
    ("(a: b | c: d)", '(fork ("a": b) ("c": d))'),
]

BODIES = [
    ("{ }", "{}"),
    ("{}", "{}"),
    ("{ a }", "{a}"),
    ("{ a; b }", "{a b}"),
    ("{ let x = 1; a }", "{(let x 1) a}"),
    ("{ a } -> b", "(-> {a} b)"),
    ("a -> { b } -> c", "(-> a {b} c)"),
    ("if c { a }", "(when c {a})"),
    ("if c { }", "(when c {})"),
    ("if c { a } else { b }", "(when c {a} else {b})"),
    ("if c { a } else { }", "(when c {a} else {})"),
    ("if c { a } elif d { b }", "(when c {a} d {b})"),
    ("if c { a } elif d { b } elif e { f } else { g }", "(when c {a} d {b} e {f} else {g})"),
    ("if c { a } -> b", "(-> (when c {a}) b)"),
    ("a -> if c { b } else { d } -> e", "(-> a (when c {b} else {d}) e)"),
    ("if a if b else c { d }", "(when (if b a c) {d})"),
    ("(if c { a } | b)", "(fork (when c {a}) b)"),
    ("(s -> if c { a } for s in xs)", "(fork (-> s (when c {a})) (for s xs))"),
    ("for x in xs { a }", "(for x xs {a})"),
    ("for i, x in xs { a; b }", "(for (i x) xs {a b})"),
    ("for i, (a, (b, _)) in xs { c }", "(for (i (a (b _))) xs {c})"),
    ("for x in a if c else b { d }", "(for x (if c a b) {d})"),
    ("for x in in.shape { a }", "(for x in.shape {a})"),
    ("f({ a }, act={ b })", "(f of {a} act={b})"),
    ("[{ a }, if c { b }]", "[{a} (when c {b})]"),
]


@pytest.mark.parametrize(("text", "tree"), PIPELINES + LABELS + BODIES)
def test_element(text: str, tree: str) -> None:
    assert expression(text) == tree


@pytest.mark.parametrize(("text", "tree"), PIPELINES + LABELS + BODIES)
def test_element_as_a_statement(text: str, tree: str) -> None:
    assert body(text) == tree


@pytest.mark.parametrize(("text", "tree"), PIPELINES + LABELS + BODIES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = ", "(x = {})"),
        ("let x = ", "(let x {})"),
        ("share x = ", "(share x {})"),
        ("output x = ", "(output x {})"),
    ],
)
def test_element_as_the_right_side_of_a_statement(text: str, tree: str, before: str, after: str) -> None:
    assert body(before + text) == after.replace("{}", tree, 1)
