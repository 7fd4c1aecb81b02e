"""Every statement of a body."""

from __future__ import annotations

import pytest

from archdsl.syntax import ast
from tests.syntax.sexpr import body, file

STATEMENTS = [
    ("", ""),
    ("conv(64, 3) -> bn", "(-> (conv of 64 3) bn)"),
    ("e1 = double(64)", "(e1 = (double of 64))"),
    ("a, b = split(2)", "(a b = (split of 2))"),
    ("_, b, _ = split(3)", "(_ b _ = (split of 3))"),
    ("_ = a", "(_ = a)"),
    ("x = in -> a", "(x = (-> in a))"),
    ("let k = 4 * growth", "(let k (* 4 growth))"),
    ("let i, (a, b) = f(x)", "(let (i (a b)) (f of x))"),
    ("let seen = seen + [it]", "(let seen (+ seen [it]))"),
    ("share head = conv(64, 3)", "(share head (conv of 64 3))"),
    ("default conv(bias=false)", "(default conv bias=false)"),
    ("default conv(bias=false, pad=0,)", "(default conv bias=false pad=0)"),
    ("default conv()", "(default conv )"),
    ("expect c % groups == 0", "(expect ((% c groups) == 0))"),
    ('expect c > 0, "must be"', '(expect (c > 0) "must be")'),
    ("expect params ~ 3.80G", "(expect params ~ 3.80G)"),
    ('expect params ~ 25.6M, "as in Table 1"', '(expect params ~ 25.6M "as in Table 1")'),
    ("expect a + b ~ 3", "(expect (+ a b) ~ 3)"),
    ("input image: [3, 224, 224]", "(input image [3 224 224])"),
    ("input image: [3, H=224, W=224,]", "(input image [3 H=224 W=224])"),
    ("input wave: [levels, T=2 * n]", "(input wave [levels T=(* 2 n)])"),
    ("input nothing: []", "(input nothing [])"),
    ("output logits", "(output logits)"),
    ("output logits when training", "(output logits training)"),
    ("output aux = head(10)", "(output aux (head of 10))"),
    ("output aux = a -> b when training", "(output aux (-> a b) training)"),
    ("output aux = aux: a", '(output aux ("aux": a))'),
    ("def f() = 1", "(def f () 1)"),
    ("def f(a, b = 8) = max(a, b)", "(def f (a b=8) (max of a b))"),
    ("def f(a: int, b: float = 0.5,) = a", "(def f (a:int b:float=0.5) a)"),
    ("if c { a }", "(when c {a})"),
    ("for x in xs { a; y = b }", "(for x xs {a (y = b)})"),
    ("if c { output x }", "(when c {(output x)})"),
    ("a; b; c", "a ; b ; c"),
    ("{ a }; { b }", "{a} ; {b}"),
    ("features: { a }", '("features": {a})'),
]


@pytest.mark.parametrize(("text", "tree"), STATEMENTS)
def test_statement(text: str, tree: str) -> None:
    assert body(text) == tree


def test_forms_that_share_their_first_words() -> None:
    assert body("a\na(b)\na.b\na[0]\na: b\na = b\na, c = b\na -> b") == (
        'a ; (a of b) ; a.b ; (index a 0) ; ("a": b) ; (a = b) ; (a c = b) ; (-> a b)'
    )


def test_docstring_of_a_body() -> None:
    (block, network) = file('block a { "What it is."; b }\nnetwork n { "One."\n a }').declarations
    assert isinstance(block, ast.Block)
    assert isinstance(network, ast.Network)
    assert (block.doc, len(block.statements)) == ("What it is.", 1)
    assert (network.doc, len(network.statements)) == ("One.", 1)


def test_a_string_before_a_colon_is_a_label() -> None:
    (block,) = file('block a { "x": b }').declarations
    assert isinstance(block, ast.Block)
    assert block.doc == ""
    assert isinstance(block.statements[0], ast.Flow)
    assert isinstance(block.statements[0].expr, ast.Labelled)


def test_a_docstring_keeps_its_braces() -> None:
    (block,) = file('block a { "one {x} and {{y}}" }').declarations
    assert isinstance(block, ast.Block)
    assert block.doc == "one {x} and {{y}}"
