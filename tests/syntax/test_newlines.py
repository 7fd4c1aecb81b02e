"""Which newlines end a statement, case by case."""

from __future__ import annotations

import pytest

from tests.syntax.sexpr import body, fault, file, sexpr

# the text of a body, and its statements
CASES = {
    "newline ends": ("a\nb", "a ; b"),
    "semicolon ends": ("a; b", "a ; b"),
    "runs are one": ("\n\n;a;;\n;\n\nb\n;\n", "a ; b"),
    "comments between": ("a # x\n # y\n\n # z\nb", "a ; b"),
    "after an arrow": ("a ->\n b", "(-> a b)"),
    "after an arrow, a comment": ("a -> # x\n\n # y\n b", "(-> a b)"),
    "before an arrow": ("a\n -> b\n -> c", "(-> a b c)"),
    "before an arrow, blank lines and comments": ("a\n\n # x\n\n  -> b", "(-> a b)"),
    "after =": ("x =\n a", "(x = a)"),
    "after = of let": ("let x =\n a", "(let x a)"),
    "after a comma": ("x,\n y = a", "(x y = a)"),
    "after a comma of expect": ('expect a,\n "b"', '(expect a "b")'),
    "after +": ("let x = a +\n b", "(let x (+ a b))"),
    "after -": ("let x = a -\n b", "(let x (- a b))"),
    "before -": ("a\n-b", "a ; (- b)"),
    "after *": ("a *\n 2", "(* a 2)"),
    "before *": ("(a\n* 2)", "(group (* a 2))"),
    "after /": ("let x = a /\n b", "(let x (/ a b))"),
    "after //": ("let x = a //\n b", "(let x (// a b))"),
    "after %": ("let x = a %\n b", "(let x (% a b))"),
    "after **": ("let x = a **\n b", "(let x (** a b))"),
    "after ==": ("expect a ==\n b", "(expect (a == b))"),
    "after !=": ("expect a !=\n b", "(expect (a != b))"),
    "after <": ("expect a <\n b", "(expect (a < b))"),
    "after <=": ("expect a <=\n b", "(expect (a <= b))"),
    "after >": ("expect a >\n b", "(expect (a > b))"),
    "after >=": ("expect a >=\n b", "(expect (a >= b))"),
    "after ~": ("expect a ~\n 3", "(expect a ~ 3)"),
    "after and": ("expect a and\n b", "(expect (and a b))"),
    "after or": ("expect a or\n b", "(expect (or a b))"),
    "after not": ("expect not\n b", "(expect (not b))"),
    "after in, the operator": ("expect a in\n b", "(expect (a in b))"),
    "after not in": ("expect a not in\n b", "(expect (a not in b))"),
    "between not and in": ("expect a not\n in b", "(expect (a not in b))"),
    "after in of for": ("for x in\n xs { a }", "(for x xs {a})"),
    "after in of for, a pattern": ("for (x, _) in\n xs { a }", "(for (x _) xs {a})"),
    "after in, the input": ("x = in\n y", "(x = in) ; y"),
    "after in, the input, behind not": ("let x = not in\n y", "(let x (not in)) ; y"),
    "after in, the input, behind an operator": ("expect a == in\n b", "(expect (a == in)) ; b"),
    "after in, the input, at the head": ("in\n y", "in ; y"),
    "after in in, the second the input": ("expect a in in\n y", "(expect (a in in)) ; y"),
    "after it": ("x = it\n y", "(x = it) ; y"),
    "after _": ("a -> _\n y", "(-> a _) ; y"),
    "in parentheses": ("f(\na\n,\nb\n)\nc", "(f of a b) ; c"),
    "in brackets": ("let x = [\n1\n,\n2\n]\nc", "(let x [1 2]) ; c"),
    "in a fork": ("(\na\n|\nb\n)\n-> c", "(-> (fork a b) c)"),
    "in an index": ("x[\n1\n:\n2\n]", "(slice x 1 2 .)"),
    "in brackets, before an operator": ("let x = (a\n+ b)", "(let x (group (+ a b)))"),
    "in brackets, before if": ("let x = (a\nif b\nelse c)", "(let x (group (if b a c)))"),
    "braces in parentheses end statements again": ("( {\na\nb\n} | c )", "(fork {a b} c)"),
    "parentheses in braces in parentheses": ("( { a\n f(\nb\n) } |\n c )", "(fork {a (f of b)} c)"),
    "after the braces it is parentheses again": ("( { a }\n| c\n)", "(fork {a} c)"),
    "before else": ("if c { a }\nelse { b }", "(when c {a} else {b})"),
    "before else, blank lines and comments": ("if c { a }\n\n # x\n else { b }", "(when c {a} else {b})"),
    "before elif": ("if c { a }\nelif d { b }\n\nelse { e }", "(when c {a} d {b} else {e})"),
    "before else of a choice": ("x = a if b\n else c", "(x = (if b a c))"),
    "two ifs": ("if c { a }\nif d { b }", "(when c {a}) ; (when d {b})"),
    "before an arrow, after a brace": ("if c { a }\n-> b", "(-> (when c {a}) b)"),
    "no separator before }": ("if c { a; b }", "(when c {a b})"),
    "separators around a body": ("if c {;\n\n a \n;}", "(when c {a})"),
    "an empty body of newlines": ("if c {\n\n # x\n}", "(when c {})"),
    "semicolon after a brace": ("if c { a }; b", "(when c {a}) ; b"),
    "carriage returns": ("a\r\n  -> b\r\n\r\nc\r\n", "(-> a b) ; c"),
    "a label and its element": ("x: a\ny: b", '("x": a) ; ("y": b)'),
    "a number at the end": ("let x = 1\nlet y = 2.5\na", "(let x 1) ; (let y 2.5) ; a"),
    "after a string": ('let x = "->"\na', '(let x "->") ; a'),
    "after true": ("let x = true\na", "(let x true) ; a"),
}


@pytest.mark.parametrize(("text", "tree"), CASES.values(), ids=CASES.keys())
def test_newlines(text: str, tree: str) -> None:
    assert body("\n" + text + "\n") == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("let x = 1\nlet y = 2", "(let x 1) (let y 2)"),
        ("\n\n;let x = 1;;\n\nlet y = 2;\n", "(let x 1) (let y 2)"),
        ("block a { }\nblock b { }", "(block a () {}) (block b () {})"),
        ("block a { }; block b { }", "(block a () {}) (block b () {})"),
        ("block a(\nx\n,\ny\n) takes b,\n c {\n}", "(block a (x y) takes b c {})"),
        ("from a import b,\n  c\nlet x = 1", "(from a b c) (let x 1)"),
        ("model m = n {\n\nexpect a == b\n\n}\n", "(model m n {(expect (a == b))})"),
        ("extern block a {\n shape =\n [1]\n\n params = 0 }", "(extern a () {shape=[1] params=0})"),
        ("def f(x) =\n x\nlet y = in\nlet z = 1", "(def f (x) x) (let y in) (let z 1)"),
    ],
)
def test_newlines_of_a_file(text: str, tree: str) -> None:
    assert sexpr(file(text)) == tree


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a b", "b"),
        ("if c { a } b", "b"),
        ("{ a } { b }", "{ b"),
        ("a; -> b", "->"),
        ("if c { a }; else { b }", "else"),
        ("f(a; b)", ";"),
        ("[1; 2]", ";"),
        ("a: \nb", ""),
        ("if c\n{ a }", ""),
        ("for x\nin xs { a }", ""),
        ("if c { a } else\n{ b }", ""),
        ("x = a if b\nelse\nc", ""),
        ("a\n| b", "|"),
        ("x\n(b) = a", "="),
        ("x.\ny", ""),
        ("{\n-> a }", "->"),
        ("a ->; b", ";"),
    ],
)
def test_newlines_that_do_not_do(text: str, at: str) -> None:
    found = fault(f"block a {{ {text} }}")
    assert found.code == "E101"
    assert found.span.text == at.split(" ")[0]
