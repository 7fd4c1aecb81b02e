"""Every declaration of a file."""

from __future__ import annotations

import pytest

from tests.syntax.sexpr import file, sexpr

DECLARATIONS = [
    ("", ""),
    ("\n # nothing\n", ""),
    ('"Doc."', "doc 'Doc.' "),
    ('"Doc."\nlet x = 1', "doc 'Doc.' (let x 1)"),
    ('# first\n\n"Doc."; let x = 1', "doc 'Doc.' (let x 1)"),
    ("from a import x", "(from a x)"),
    ("from std.residual import x, y as z", "(from std.residual x y as z)"),
    ("from .blocks import x", "(from .blocks x)"),
    ("from ..a.b import x", "(from ..a.b x)"),
    ("from . a import x,\n  y", "(from .a x y)"),
    ("block a { }", "(block a () {})"),
    ("block a() { }", "(block a () {})"),
    ("block a(x) { b }", "(block a (x) {b})"),
    ("block a(x, y = 1, z: int, w: layer = relu,) { }", "(block a (x y=1 z:int w:layer=relu) {})"),
    ("block a(b: block, t: tensor, f: float, s: str, o: bool, l: list) { }",
     "(block a (b:block t:tensor f:float s:str o:bool l:list) {})"),
    ("block a(f = b -> c) { }", "(block a (f=(-> b c)) {})"),
    ("block a takes x { }", "(block a () takes x {})"),
    ("block a takes x, *rest { }", "(block a () takes x *rest {})"),
    ("block a(c) takes *paths { }", "(block a (c) takes *paths {})"),
    ("network a { }", "(network a () {})"),
    ("network a(n = 3) { }", "(network a (n=3) {})"),
    ("model a = b", "(model a b {})"),
    ("model a = b { }", "(model a b {})"),
    ("model a = b(1, n=2) { expect params == 3; expect macs ~ 2K }",
     "(model a (b of 1 n=2) {(expect (params == 3)) (expect macs ~ 2K)})"),
    ("extern block a { }", "(extern a () {})"),
    ('extern block a(s = 2) takes x { "Doc."; python = "F({s})"; shape = [1]; params = 0 }',
     "(extern a (s=2) takes x doc 'Doc.' {python=(text 'F(' s ')') shape=[1] params=0})"),
    ("def f(x) = x", "(def f (x) x)"),
    ("let x = [1, 2]", "(let x [1 2])"),
    ("let x, (y, _) = z", "(let (x (y _)) z)"),
    ("default conv(bias=false)", "(default conv bias=false)"),
    ("let x = 1; let y = 2", "(let x 1) (let y 2)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tree"), DECLARATIONS)
def test_declaration(text: str, tree: str) -> None:
    assert sexpr(file(text)) == tree


def test_names_like_reserved_words_are_names() -> None:
    text = "block blocks(inputs, its, training_, If) { ins -> lets; whenever = x_1 }"
    assert sexpr(file(text)) == "(block blocks (inputs its training_ If) {(-> ins lets) (whenever = x_1)})"
