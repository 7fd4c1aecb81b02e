"""Every form of expression, and what binds what."""

from __future__ import annotations

import pytest

from tests.syntax.sexpr import expression

ATOMS = [
    ("x", "x"),
    ("_x9", "_x9"),
    ("_", "_"),
    ("it", "it"),
    ("in", "in"),
    ("true", "true"),
    ("false", "false"),
    ('"a b"', '"a b"'),
    ("1x7", "1x7"),
    ("(x)", "(group x)"),
    ("[]", "[]"),
    ("[1]", "[1]"),
    ("[1,]", "[1]"),
    ("[1, 2,]", "[1 2]"),
    ("[1, [2, x], *xs]", "[1 [2 x] *xs]"),
    ("[_, 56, 56]", "[_ 56 56]"),
    ("[*a if c else b]", "[*(if c a b)]"),
    ("[a -> b, c]", "[(-> a b) c]"),
]

POSTFIX = [
    ("f()", "(f of)"),
    ("f(1)", "(f of 1)"),
    ("f(1,)", "(f of 1)"),
    ("f(1, x, stride=2)", "(f of 1 x stride=2)"),
    ("f(*row, k=1)", "(f of *row k=1)"),
    ("f(a == b)", "(f of (a == b))"),
    ("f(a -> b, act=c -> d)", "(f of (-> a b) act=(-> c d))"),
    ("f(stem: a)", '(f of ("stem": a))'),
    ("f(x)(y)", "((f of x) of y)"),
    ("x[0]", "(index x 0)"),
    ("x[-1]", "(index x (- 1))"),
    ("x[1:]", "(slice x 1 . .)"),
    ("x[:1]", "(slice x . 1 .)"),
    ("x[:]", "(slice x . . .)"),
    ("x[1:2]", "(slice x 1 2 .)"),
    ("x[::2]", "(slice x . . 2)"),
    ("x[1:2:3]", "(slice x 1 2 3)"),
    ("x[:2:3]", "(slice x . 2 3)"),
    ("x[1::3]", "(slice x 1 . 3)"),
    ("x[::]", "(slice x . . .)"),
    ("c[:i + 2]", "(slice c . (+ i 2) .)"),
    ("x[a if b else c:]", "(slice x (if b a c) . .)"),
    ("t.shape", "t.shape"),
    ("in.channels", "in.channels"),
    ("it.shape[1:]", "(slice it.shape 1 . .)"),
    ("f(x).shape[0](y).z", "((index (f of x).shape 0) of y).z"),
    ("(x).y", "(group x).y"),
    ("[1, 2][0]", "(index [1 2] 0)"),
]

# each with every bracket that its reading implies
PRECEDENCE = [
    ("a -> b if c else d", "(-> a (if c b d))"),
    ("a -> b * 3", "(-> a (* b 3))"),
    ("a or b if c or d else e or f", "(if (or c d) (or a b) (or e f))"),
    ("a if b else c if d else e", "(if b a (if d c e))"),
    ("a or b and c or d", "(or a (and b c) d)"),
    ("a and b and c", "(and a b c)"),
    ("not a and b", "(and (not a) b)"),
    ("not not a", "(not (not a))"),
    ("not a == b", "(not (a == b))"),
    ("not a in b", "(not (a in b))"),
    ("a < b <= c", "(a < b <= c)"),
    ("a == b != c > d >= e", "(a == b != c > d >= e)"),
    ("a in b", "(a in b)"),
    ("a not in b", "(a not in b)"),
    ("a in in", "(a in in)"),
    ("in in in", "(in in in)"),
    ("not in", "(not in)"),
    ("a not in in.shape", "(a not in in.shape)"),
    ("a + b < c * d", "((+ a b) < (* c d))"),
    ("a + b - c", "(- (+ a b) c)"),
    ("a - b * c // d", "(- a (// (* b c) d))"),
    ("a / b % c", "(% (/ a b) c)"),
    ("-a * b", "(* (- a) b)"),
    ("a * -b", "(* a (- b))"),
    ("- + a", "(- (+ a))"),
    ("-a ** b", "(- (** a b))"),
    ("a ** -b", "(** a (- b))"),
    ("a ** b ** c", "(** a (** b c))"),
    ("2 ** i.x[0]", "(** 2 (index i.x 0))"),
    ("64 * 2 ** i", "(* 64 (** 2 i))"),
    ("-f(x)", "(- (f of x))"),
    ("a + b if c else d", "(if c (+ a b) d)"),
    ("(a + b) * c", "(* (group (+ a b)) c)"),
]

COMPREHENSIONS = [
    ("[x for x in xs]", "(list x (for x xs))"),
    ("[x for x in xs if x > 1 if y]", "(list x (for x xs) (if (x > 1)) (if y))"),
    ("[x for r in rs for x in r if x]", "(list x (for r rs) (for x r) (if x))"),
    ("[a for i, (a, b) in xs]", "(list a (for (i (a b)) xs))"),
    ("[a for (i, a) in xs]", "(list a (for (i a) xs))"),
    ("[a for (a) in xs]", "(list a (for a xs))"),
    ("[0 for _ in xs]", "(list 0 (for _ xs))"),
    ("[a if c else b for x in xs]", "(list (if c a b) (for x xs))"),
    ("[x for x in a or b if c and d]", "(list x (for x (or a b)) (if (and c d)))"),
    ("[a -> b for x in xs]", "(list (-> a b) (for x xs))"),
    ("[[i for i in r] for r in xs]", "(list (list i (for i r)) (for r xs))"),
    ("(f(g) for g in xs)", "(fork (f of g) (for g xs))"),
    ("(a -> b for x in xs if c)", "(fork (-> a b) (for x xs) (if c))"),
    ('("{i}": f for i in xs)', "(fork ((text i): f) (for i xs))"),
    ("({ a } for x in xs)", "(fork {a} (for x xs))"),
    ("(for x in xs { a } for y in ys)", "(fork (for x xs {a}) (for y ys))"),
    ("(if c { a } for y in ys)", "(fork (when c {a}) (for y ys))"),
]


@pytest.mark.parametrize(("text", "tree"), ATOMS + POSTFIX + PRECEDENCE + COMPREHENSIONS)
def test_expression(text: str, tree: str) -> None:
    assert expression(text) == tree


@pytest.mark.parametrize(("text", "tree"), ATOMS + POSTFIX + PRECEDENCE + COMPREHENSIONS)
def test_blanks_between_words_say_nothing(text: str, tree: str) -> None:
    assert expression(f"  {text}  # {text}") == tree
