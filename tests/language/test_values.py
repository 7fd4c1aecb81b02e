"""Numbers, strings, lists, arithmetic, functions: what is known when a spec is read."""

import pytest
from language_support import Bad, Good, accept, each, net, reject

TRUE = """
7_978_856 == 7978856
1e-3 == 0.001
1.5e3 == 1500
3.8G == 3_800_000_000
25.6M == 25_600_000
4K == 4000
0.5K == 500
range(0.004K) == [0, 1, 2, 3]
1x7 == [1, 7]
2x3x4 == [2, 3, 4]
7 / 2 == 3.5
8 / 2 == 4
7 // 2 == 3
-7 // 2 == -4
-7 % 3 == 2
7.5 // 2 == 3
2 ** 10 == 1024
2 ** -1 == 0.5
-2 ** 2 == -4
2 ** 3 ** 2 == 512
1 + 2 * 3 == 7
(1 + 2) * 3 == 9
10 - 3 - 2 == 5
1 < 2 < 3
not 1 < 3 < 2
1 != 2
2 >= 2
3 in [1, 2, 3]
4 not in [1, 2, 3]
"pre" in ["pre", "post"]
true or false and false
not false and true
(1 if 2 > 1 else 3) == 1
(1 if false else 2 if false else 3) == 3
[1, 2, 3][0] == 1
[1, 2, 3][-1] == 3
[1, 2, 3, 4][1:] == [2, 3, 4]
[1, 2, 3, 4][:-1] == [1, 2, 3]
[1, 2, 3, 4][1:3] == [2, 3]
[1, 2, 3, 4][::2] == [1, 3]
[1, 2, 3][::-1] == [3, 2, 1]
[1, 2][5:] == []
[[1, 2], [3]][0][1] == 2
[1] + [2, 3] == [1, 2, 3]
[i * j for i in range(3) for j in range(i)] == [0, 0, 2]
[i for i in range(6) if i % 2 == 0] == [0, 2, 4]
[i + a * b for i, (a, b) in enumerate([[1, 2], [3, 4]])] == [2, 13]
[i for i, _ in [[1, 2], [3, 4]]] == [1, 3]
min(3, 1, 2) == 1
max(3, 1, 2) == 3
max([1, 5, 2]) == 5
floor(2.7) == 2
floor(-0.5) == -1
ceil(2.1) == 3
round(2.5) == 2
round(3.5) == 4
round(0.5) == 0
sqrt(9) == 3
log2(8) == 3
abs(-3) == 3
sum([1, 2, 3]) == 6
sum([]) == 0
len([1, 2, 3]) == 3
range(3) == [0, 1, 2]
range(1, 3) == [1, 2]
range(6, 0, -2) == [6, 4, 2]
enumerate([5, 6]) == [[0, 5], [1, 6]]
zip([1, 2], [3, 4], [5, 6]) == [[1, 3, 5], [2, 4, 6]]
zip([1, 2, 3], [4]) == [[1, 4]]
reversed([1, 2, 3]) == [3, 2, 1]
int(3.9) == 3
int(-3.9) == -3
float(3) == 3
[7, 8, 9][4 // 2] == 9
max(*[1, 4, 2]) == 4
x.shape == [4, 8, 8]
x.channels == 4 and x.height == 8 and x.width == 8
x.numel == 256
x.rank == 3
in.channels == it.channels
""".strip().splitlines()


@pytest.mark.parametrize("expression", TRUE)
def test_true(expression: str) -> None:
    text = f"network n {{\ninput x: [4, 8, 8]\nexpect {expression}\nrelu\noutput y\n}}"
    accept(Good(expression, text))


FALSE = ["1 == 2", "3 in [1, 2]", "not true", "1 < 2 > 3", "x.shape == [4, 8]", '"a" == "b"', "4 > 4"]


@pytest.mark.parametrize("expression", FALSE)
def test_false(expression: str) -> None:
    reject(Bad(expression, f"network n {{\ninput x: [4, 8, 8]\nexpect {expression}  #! E801\nrelu\noutput y\n}}"))


GOOD = [
    Good(
        "a function is one expression with defaults",
        net(
            "expect divisible(37) == 40 and divisible(37, by=16) == 32 and divisible(1) == 8\nrelu",
            "def divisible(v, by = 8) = max(by, floor(v + by / 2) // by * by)",
        ),
    ),
    Good(
        "functions call each other in any order, and themselves",
        net(
            "expect twice(3) == 6 and fact(5) == 120\nrelu",
            "def twice(x) = plus(x, x)\ndef plus(a, b) = a + b\ndef fact(n) = 1 if n == 0 else n * fact(n - 1)",
        ),
    ),
    Good(
        "a value of the file",
        net(
            "for w in widths { conv(w, 1) }",
            "let width = 0.5\nlet widths = [round(w * width) for w in [64, 128, 256]]",
        ),
        shape=[128, 8, 8],
    ),
    Good(
        "a list spreads into arguments",
        net(
            "for row in [[64, 3], [32, 1, 2]] { conv(*row) }",
        ),
        shape=[32, 4, 4],
        params=4 * 64 * 9 + 64 + 64 * 32 + 32,
    ),
    Good("a list spreads among arguments", net("let rest = [3, 2]\nconv(8, *rest, bias=false)"), shape=[8, 4, 4]),
    Good("nested targets of let", net("let a, (b, c) = [1, [2, 3]]\nexpect [a, b, c] == [1, 2, 3]\nrelu")),
    Good("an int is accepted where a float is wanted", net("dropout(0) -> b(1)", "block b(p: float) { dropout(p) }")),
    Good("floor makes the int that a division does not", net("conv(floor(8 / 2), 3)"), shape=[4, 8, 8]),
    Good("an extent may be a list", net("conv(4, [1, 3]) -> conv(4, 3x1)"), params=2 * (4 * 4 * 3 + 4)),
    Good("one number is every direction", net("conv(4, 3) -> conv(4, 3x3)"), params=2 * (4 * 4 * 9 + 4)),
    Good("an even kernel pads nothing", net("conv(4, 2)"), shape=[4, 7, 7]),
    Good("pad=0 and pad=valid turn padding off", net("conv(4, 3, pad=0) -> conv(4, 3, pad=valid)"), shape=[4, 4, 4]),
    Good("an odd dilated kernel keeps the size", net("conv(4, 3, dilation=2) -> conv(4, 5)"), shape=[4, 8, 8]),
    Good("pad before and after", net("conv(4, 2, pad=[1, 0, 1, 0])"), shape=[4, 8, 8]),
    Good("pad by direction", net("conv(4, 3, pad=1x0)"), shape=[4, 8, 6]),
    Good("pad as in TensorFlow", net("conv(4, 2, pad=same) -> conv(4, 3, 2, pad=same)"), shape=[4, 4, 4]),
    Good("a word is a value", net("b(valid)", "block b(p) { conv(4, 3, pad=p) }"), shape=[4, 6, 6]),
    Good(
        "a word wins over a name where a choice is wanted",
        net("let valid = 1\nconv(4, 3, pad=valid) -> b(valid)", "block b(p) { conv(4, 3, pad=p) }"),
        shape=[4, 6, 6],
    ),
    Good("a name of the block before the file's", net("let k = 3\nconv(k, 1)", "let k = 7"), shape=[3, 8, 8]),
    Good("a later binding replaces an earlier one", net("let k = 3\nlet k = k + 1\nconv(k, 1)"), shape=[4, 8, 8]),
    Good("comments and blank lines", net("# one\n\nrelu  # two\n   # three\n -> conv(2, 1)"), shape=[2, 8, 8]),
    Good("semicolons", "network n { input x: [4, 8, 8]; conv(2, 1); relu; output y }", shape=[2, 8, 8]),
    Good(
        "newlines are blanks inside brackets and behind an arrow",
        net("conv(\n 2,\n 1\n) ->\n\n # then\n relu\n-> conv(3,\n 1)"),
        shape=[3, 8, 8],
    ),
    Good("a newline before `else`", net("if false { conv(2, 1) }\n\n# no\nelse { conv(3, 1) }"), shape=[3, 8, 8]),
    Good(
        "newlines end statements again inside braces",
        net("( {\nconv(2, 1)\nconv(3, 1)\n}\n| conv(3, 1)\n) -> add"),
        shape=[3, 8, 8],
    ),
    Good("newlines behind `=`, `,` and operators", net("let k =\n  2 +\n\n  # two\n  1\na,\n_ =\n split([k,\n 1])\na"), shape=[3, 8, 8]),
    Good("an arrow before the next line, comments between", net("relu\n\n# then\n\n  -> conv(2, 1)\n"), shape=[2, 8, 8]),
    Good("docstrings", '"file"\nblock b { "block"; conv(2, 1) }\nnetwork n { "network"\ninput x: [4, 8, 8]; b; output y }', shape=[2, 8, 8]),
    Good("a docstring keeps its braces", 'block b { "f({x})"; conv(2, 1) }\nnetwork n { input x: [4, 8, 8]; b; output y }', shape=[2, 8, 8]),
    Good("a function in a body keeps its values", net("let k = 3\ndef f(x) = x + k\nlet k = 100\nconv(f(2), 1)"), shape=[5, 8, 8]),
    Good("initialisers", net('conv(4, 3, init=normal(0.01), bias_init=constant(3)) -> conv(4, 1, init=kaiming_normal(mode="fan_out")) -> conv(4, 1, init=zeros)'), shape=[4, 8, 8]),
    Good("the last branch in a comprehension may be a condition", net("( conv(w, 1) for w in [1, 2, 3] if w > 1 ) -> concat"), shape=[5, 8, 8]),
]


@each(GOOD)
def test_good(case: Good) -> None:
    accept(case)


BAD = [
    Bad("division by zero", net("let a = 1 // 0  #! E303\nconv(a, 1)")),
    Bad("remainder by zero", net("conv(1 % 0, 1)  #! E303")),
    Bad("index out of range", net("let a = [1, 2][2]  #! E304\nconv(a, 1)")),
    Bad("index of an int", net("conv(3[0], 1)  #! E301|E302")),
    Bad("a float where an int is wanted", net("conv(8 / 2, 1)  #! E601"), ("int",)),
    Bad("a bool where an int is wanted", net("conv(true, 1)  #! E601")),
    Bad("a string where an int is wanted", net('conv("8", 1)  #! E601')),
    Bad("condition on an int", net("if 1 { relu }  #! E305\nrelu")),
    Bad("conditional on a list", net("conv(1 if [1] else 2, 1)  #! E305")),
    Bad("not of an int", net("if not 1 { relu }  #! E305\nrelu")),
    Bad("and of ints", net("if 1 and true { relu }  #! E305\nrelu")),
    Bad("int plus string", net('conv(1 + "a", 1)  #! E301|E302')),
    Bad("bool plus int", net("conv(true + 1, 1)  #! E301|E302")),
    Bad("bool compared with an int", net("if true < 2 { relu }  #! E301|E302\nrelu")),
    Bad("layers cannot be compared", net("if relu == relu { relu }  #! E301|E302\nrelu")),
    Bad("tensors cannot be compared", net("a = relu\nif a == a { relu }  #! E301|E302\nrelu")),
    Bad("square root of a negative number", net("conv(floor(sqrt(-1)), 1)  #! E309|E302")),
    Bad("logarithm of zero", net("conv(floor(log2(0)), 1)  #! E309|E302|E303")),
    Bad("a number that grows without end", net("let a = 10 ** 10 ** 10  #! E903\nconv(a, 1)")),
    Bad("too many names", net("let a, b = [1, 2, 3]  #! E307\nconv(a + b, 1)")),
    Bad("too few names in a loop", net("for a, b in [[1, 2], [3]] { conv(a + b, 1) }  #! E307")),
    Bad("a function wants a number", net('conv(floor("a"), 1)  #! E301|E302')),
    Bad("a loop over an int", net("for i in 3 { relu }  #! E301")),
    Bad("a function with a wrong argument name", net("conv(f(y=1), 1)  #! E203", "def f(x) = x"), ("x",)),
    Bad("a function with too many arguments", net("conv(f(1, 2), 1)  #! E205", "def f(x) = x")),
    Bad("a function without its argument", net("conv(f(), 1)  #! E204", "def f(x) = x")),
    Bad("calling a value", net("let a = 3\nconv(a(1), 1)  #! E308")),
    Bad("expectation with a message", net('expect 1 == 2, "one is not two"  #! E801\nrelu'), ("one is not two",)),
    Bad("an expectation of an int", net("expect 1  #! E305\nrelu")),
    Bad("two docstrings", '"one"\n"two"  #! E106\nnetwork n { input x: [4, 8, 8]; relu; output y }'),
    Bad("an unknown word", net("conv(4, 3, pad=halff)  #! E201|E601"), ("half",)),
    Bad("a bare string", net('relu\n"not a docstring"  #! E106')),
    Bad("two statements on one line", net("relu conv(3, 3)  #! E101")),
    Bad("a statement behind a brace", net("if true { relu } relu  #! E101")),
    Bad("an open string", net('conv1: conv(3, 3)\n"abc: relu  #! E104')),
    Bad("a bracket that is not closed", "network n {\ninput x: [4, 8, 8]\nconv(3, 3  #! E102|E101\noutput y\n}\n"),
    Bad("a brace that closes nothing", net("relu\n") + "}  #! E102|E101\n"),
    Bad("a character that is no word", net("relu ? relu  #! E103")),
    Bad("a reserved word as a name", net("let in = 3  #! E101\nrelu")),
    Bad("a number that is none", net("conv(3q, 1)  #! E105")),
    Bad("`_` is read", net("let _ = 3\nconv(_, 1)  #! E209")),
    Bad("~ wants a number", net("expect params ~ 1 + 1  #! E101\nrelu")),
    Bad("a number that is none behind `~`", net("relu") + "model m = n {\nexpect macs ~ 2.83it#! E105\n}", model="m"),
]


@each(BAD)
def test_bad(case: Bad) -> None:
    reject(case)
