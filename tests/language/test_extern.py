"""`extern block`: what it states, where it may stand, and what is wrong with it. No class is ever imported here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from language_support import Bad, Good, accept, conv, each, net, reject

import archdsl
from archdsl.api import Options, Spec, open_spec
from archdsl.elaborate import extern_rules
from archdsl.source import Source

BLUR = """
extern block blur(stride = 2) {
  python = "nowhere.at.Blur({in.channels}, stride={stride})"
  shape = [in.channels, in.height // stride, in.width // stride]
  params = 5
  macs = in.numel
}
"""
PAIR = """
extern block pair(k = 1) takes a, b {
  python = "nowhere.Pair({a.channels}, {b.channels}, {k})"
  shape = a.shape
  params = 0
  macs = 0
}
"""
HALVES = """
extern block halves {
  python = "nowhere.Halves()"
  shape = [[in.channels // 2, *in.shape[1:]], [in.channels - in.channels // 2, *in.shape[1:]]]
  params = 0
  macs = 0
}
"""


def extern(entries: str, head: str = "e(k = 2, m = \"a\")") -> str:
    """An extern block with its required entries, or others instead of these."""
    for name, usual in (("python", '"nowhere.E({in.channels})"'), ("shape", "in.shape")):
        if f"{name} =" not in entries:
            entries += f"\n{name} = {usual}"
    return f"extern block {head} {{\n{entries}\n}}"


GOOD = [
    Good("a shape rule", net("blur", BLUR), params=5, macs=256, shape=[4, 4, 4], warnings=[]),
    Good("arguments", net("blur(4) -> blur(stride=1)", BLUR), params=10, shape=[4, 2, 2], macs=256 + 16),
    Good("a default", net("default blur(stride=1)\nblur -> conv(2, 1) -> blur", BLUR), params=10 + conv(4, 2), shape=[2, 8, 8]),
    Good("labels", net('a: blur\n"b{1}": blur(1)\nc: { blur(1); relu }', BLUR), params=15),
    Good("copies", net("blur * 3", BLUR), params=15, shape=[4, 1, 1]),
    Good("a share counts its weights once, and its operations each time", net("share s = blur\n( s | relu -> s ) -> add\ns", BLUR), params=5, macs=256 + 256 + 64, shape=[4, 2, 2]),
    Good("a value that is kept", net("let f = blur(stride=1)\nf -> f", BLUR), params=10, shape=[4, 8, 8]),
    Good("an argument of a block", net("b(blur) -> b(blur(1))", BLUR + "block b(f: layer) { f -> relu }"), params=10, shape=[4, 4, 4]),
    Good("a block to call", net("b(blur)", BLUR + "block b(f: block) { f(1) -> f(4) }"), params=10, shape=[4, 2, 2]),
    Good("in a choice and a loop", net("for s in [1, 2] { if s == 2 { blur(s) } else { blur(s) } }", BLUR), params=10, shape=[4, 4, 4]),
    Good("a docstring", net("e", extern('"What it does."\nparams = 0\nmacs = 0', "e")), shape=[4, 8, 8]),
    Good("several inputs", net("( relu | blur(1) ) -> pair", BLUR + PAIR), params=5, shape=[4, 8, 8]),
    Good("one input more, by an argument", net("x = relu\nblur(1) -> e(x)", BLUR + extern('python = "nowhere.E({t.channels})"\nparams = 0\nmacs = 0', "e(t: tensor)")), shape=[4, 8, 8], warnings=[]),
    Good("the rest", net("( relu | tanh | identity ) -> e", extern("shape = [len(rest), first.channels]\nparams = 0\nmacs = 0", "e takes first, *rest").replace("{in.channels}", "")), shape=[2, 4]),
    Good("a bundle leaves", net("a, b = halves\n( b | a ) -> concat", HALVES), shape=[4, 8, 8]),
    Good("a bundle of one is a tensor", net("e -> relu", extern("shape = [in.shape]\nparams = 0\nmacs = 0", "e")), shape=[4, 8, 8]),
    Good("a vector leaves", net("e(10) -> linear(3)", extern("shape = [k]\nparams = 0\nmacs = 0", "e(k)")), shape=[3]),
    Good("values of the file and functions", net("e", "let c = 3\ndef twice(n) = 2 * n\n" + extern("shape = [twice(c), 8, 8]\nparams = twice(c)\nmacs = 0", "e")), params=6, shape=[6, 8, 8]),
    Good("a default that sees what arrives", net("e", extern("shape = [k]\nparams = 0\nmacs = 0", "e(k = 2 * in.channels)")), shape=[8]),
    Good("`it` is what arrives", net("e", extern("shape = it.shape\nparams = it.channels\nmacs = 0", "e")), params=4),
    Good("nothing is said of its cost", net("e -> conv(2, 1)", extern("", "e")), params=conv(4, 2), shape=[2, 8, 8], warnings=[]),
    Good("what is expected of a figure that it states", net("e\nexpect params == 7\nexpect y.channels == 4", extern("params = 7", "e"))),
    Good("an output that has the name of a figure", net("e\noutput params\nexpect params.shape == [4, 8, 8]\nexpect y.rank == 3", extern("", "e"))),
    Good("a name of its own in an expectation", net("e\nexpect [params for params in [1]] == [1]", extern("", "e"))),
    Good("a bundle as an argument", net("a = relu\nb = relu\ne([a, b])", extern("params = 0\nmacs = 0", "e(ts)").replace("in.channels", "ts[1].channels")), shape=[4, 8, 8], warnings=[]),
    Good("lists of lists that share members", net("let a = [1, 1]\nlet b = [a, a]\nlet c = [b, b, b, b]\nlet d = [c, c, c, c]\ne([d, d, d, d])", extern("shape = [len(k)]\nparams = 0\nmacs = 0", "e(k)")), shape=[4]),
    Good("literals of Python", net("e", extern("python = \"nowhere.E(1, -2, +0.5, 'a', None, [1, (2,)], x=True, d={{'k': {k}, 2: -{k}}})\"\nparams = 0\nmacs = 0", "e(k = 3)"))),
    Good("a plus before a value", net("e", extern('python = "nowhere.E(+{k}, -(+{k}))"\nparams = 0\nmacs = 0', "e(k = 3)"))),
    Good("the smallest int", net("e(-2 ** 63)", extern('python = "nowhere.E(-9223372036854775808, {k}, +{k})"\nparams = 0\nmacs = 0', "e(k)"))),
    Good("within quotes", net("e", extern("python = \"nowhere.E('{k}-{m}', \\\"{m}\\\", '{{}}')\"\nparams = 0\nmacs = 0", 'e(k = 3, m = "a")'))),
    Good("a number that stays out of Python", net("e(2 ** 4000) -> e(0.5)", extern("shape = in.shape if k > 0 else [k]\nparams = 0\nmacs = 0"))),
    Good("before its declaration", "network n {\ninput x: [4, 8, 8]\nblur\noutput y\n}" + BLUR, shape=[4, 4, 4]),
    Good("in a network in a flow", "network m { input x: [4, 8, 8]; blur; output y }\nnetwork n { input x: [4, 8, 8]; m -> blur; output y }\nmodel q = n" + BLUR, params=10, shape=[4, 2, 2], model="q"),
]  # fmt: skip


@each(GOOD)
def test_accepted(case: Good) -> None:
    accept(case)


BAD = [
    # --- entries ---
    Bad("an entry that is not known", net("e", 'extern block e {\nshapes = [1] #! E611\npython = "a.B()"\nshape = in.shape }'), says=("did you mean `shape`?",)),
    Bad("an entry far from any", net("e", 'extern block e {\ncost = [1] #! E611\npython = "a.B()"\nshape = in.shape }'), says=("its entries are `python`, `shape`, `params`, `macs`",)),
    Bad("an entry twice", net("e", 'extern block e {\nshape = [1]\npython = "a.B()"\nshape = in.shape #! E611\n}'), says=("given here before",)),
    Bad("without a shape", 'extern block e { python = "a.B()" } #! E611\n' + net("relu"), says=("has no `shape`", "shape = in.shape")),
    Bad("without anything", "extern block e { } #! E611\n" + net("relu"), says=("no `python` and no `shape`",)),
    Bad("one mistake, however often it is used", 'extern block e { python = "a.B()" } #! E611\n' + net("e -> e\nconv(in.nope, 1) #! E207")),
    # --- python ---
    Bad("no string", net("e", extern("python = 3 #! E612"))),
    Bad("a name that is not known in its place", net("e", extern("python = foo #! E612"))),
    Bad("not written out", net("e", 'let p = "a.B()"\n' + extern("python = p #! E612")), says=("a string that stands here",)),
    Bad("no call", net("e", extern('python = "a.B" #! E612')), says=("arguments in parentheses",)),
    Bad("no module", net("e", extern('python = "B()" #! E612')), says=("`B` stands alone",)),
    Bad("no name", net("e", extern('python = "a.1b.C()" #! E612')), says=("`1b` cannot be part of one",)),
    Bad("a keyword in the name", net("e", extern('python = "a.class.C()" #! E612'))),
    Bad("a name that Python mangles", net("e", extern('python = "a.__x()" #! E612'))),
    Bad("a letter that only looks like one", net("e", extern('python = "a.\N{FULLWIDTH LATIN CAPITAL LETTER B}()" #! E612'))),
    Bad("a value in the name", net("e", extern('python = "a.{m}()" #! E612')), says=("written out, without values",)),
    Bad("a value before the name", net("e", extern('python = "{m}.B()" #! E612'))),
    Bad("a value as part of an argument", net("e", extern('python = "a.B({k}0)" #! E612')), says=("a whole argument, or within quotes",)),
    Bad("a value as the name of an argument", net("e", extern('python = "a.B({m}=1)" #! E612'))),
    Bad("a value in a comment", net("e", extern('python = "a.B() # {m}" #! E612'))),
    Bad("a name of Python", net("e", extern('python = "a.B(k)" #! E612')), says=("`{k}`",)),
    Bad("a call inside", net("e", extern('python = "a.B(len([1]))" #! E612'))),
    Bad("arithmetic", net("e", extern('python = "a.B({k} + 1)" #! E612')), says=("computed in braces",)),
    Bad("a comprehension", net("e", extern('python = "a.B([i for i in (1, 2)])" #! E612'))),
    Bad("stars", net("e", extern('python = "a.B(*[1])" #! E612'))),
    Bad("two stars", net("e", extern('python = "a.B(**{{}})" #! E612'))),
    Bad("a formatted string", net("e", extern("python = \"a.B(f'{k}')\" #! E612"))),
    Bad("an argument twice", net("e", extern('python = "a.B(x=1, x=2)" #! E612')), says=("given twice",)),
    Bad("two calls", net("e", extern('python = "a.B(1)(2)" #! E612')), says=("one call",)),
    Bad("a statement", net("e", extern('python = "a.B(); import os" #! E612'))),
    Bad("an infinite number", net("e", extern('python = "a.B(1e999)" #! E612'))),
    Bad("too long", net("e", extern(f'python = "a.B({"1, " * 1000})" #! E612')), says=("2,000",)),
    Bad("too deep", net("e", extern(f'python = "a.B({"-" * 1900}1)" #! E612')), says=("too deep",)),
    Bad("too many values", net("e", extern(f"python = \"a.B('{'{k}{m}' * 30000}')\" #! E612")), says=("up to 200 values",)),
    Bad("below the smallest int", net("e", extern('python = "a.B(-9223372036854775809)" #! E612')), says=("at least -9223372036854775808",)),
    Bad("braces", net("e", extern('python = "a.B({k)" #! E109'))),
    Bad("where nobody calls it", extern('python = "a.B(k)" #! E612') + net("relu")),
    # --- names ---
    Bad("a name that is not known", net("e", extern('python = "a.B({strid})" #! E201', "e(stride = 2)")), says=("did you mean `stride`?",)),
    Bad("a name in a shape", net("e", extern("shape = [c] #! E201"))),
    Bad("a parameter twice", net("e(1)", extern("", "e(k, k)").replace("{\n", "{ #! E108\n", 1))),
    Bad("an argument that is not known", net("e(strid=1) #! E203", extern(""))),
    Bad("a missing argument", net("e #! E204", extern("shape = [k]", "e(k)"))),
    Bad("an annotation", net("e(1.5) #! E306", extern("shape = [k]", "e(k: int)"))),
    # --- values ---
    Bad("a float in a shape", net("e", extern("shape = [\nin.channels / 2, #! E613\n8]")), says=("not 2.0", "`//` divides")),
    Bad("no size", net("e(2)", extern("shape = [in.height // 2 - 2 * k, 8] #! E613")), says=("at least 1, not 0",)),
    Bad("a size beyond all", net("e", extern("shape = [2 ** 31] #! E613")), says=("at most 2147483647",)),
    Bad("no list", net("e", extern("shape = in.channels #! E613")), says=("this is an int",)),
    Bad("an empty list", net("e", extern("shape = [] #! E613")), says=("an empty list",)),
    Bad("shapes and sizes", net("e", extern("shape = [[1], 2] #! E613"))),
    Bad("lists in lists", net("e", extern("shape = [[[1]]] #! E613"))),
    Bad("a layer as a shape", net("e", extern("shape = conv(3, 1) #! E613")), says=("a layer",)),
    Bad("too many dimensions", net("e", extern("shape = [1 for _ in range(65)] #! E613"))),
    Bad("too many tensors", net("e", extern("shape = [[1] for _ in range(1001)] #! E613"))),
    Bad("negative parameters", net("e", extern("params = 1 - k #! E613")), says=("`params` is an int of at least 0, not -1",)),
    Bad("a float of operations", net("e", extern("macs = in.numel / 2 #! E613"))),
    Bad("operations beyond all", net("e", extern("macs = 10 ** 30 #! E613"))),
    Bad("a layer as a value", net("e(relu)", extern('python = "a.B({f})" #! E613', "e(f)")), says=("the layer `relu`",)),
    Bad("a tensor as a value", net("e", extern('python = "a.B({in})" #! E613')), says=("a tensor",)),
    Bad("a word as a value", net("e(nearest)", extern('python = "a.B({m})" #! E613', "e(m)")), says=('"nearest"',)),
    Bad("a list within quotes", net("e", extern("python = \"a.B('{in.shape}')\" #! E613"))),
    Bad("a minus before a string", net("e", extern('python = "a.B(-{m})" #! E613'))),
    Bad("lists that share members without end", net("e", "let a = [1, 1]\nlet b = [a, a]\nlet c = [b, b, b, b]\nlet d = [c, c, c, c]\nlet f = [d, d, d, d]\nlet g = [f, f, f, f]\n" + extern('python = "a.B({g})" #! E613')), says=("1,000 members",)),
    Bad("each entry that is wrong", net("e", extern('python = "a.B({f})" #! E613\nshape = [0] #! E613\nparams = in.channels / 2 #! E613\nmacs = -1 #! E613', "e(f = relu)"))),
    Bad("tensors beside other values", net("c = conv(8, 1)\nx -> e([c, 3]) #! E613", extern('python = "a.B(1)"', "e(ts)")), says=("`ts` has tensors beside other values", "a list of their own")),
    Bad("tensors in a nested list", net("c = conv(8, 1)\nx -> e([[c], [x]]) #! E613", extern('python = "a.B(1)"', "e(ts)"))),
    Bad("an int beyond all", net("e(2 ** 4000) -> e(0.5)", extern('python = "a.B({k})" #! E613')), says=("at most 9223372036854775807",)),
    Bad("the sign of an int beyond all", net("e(2 ** 4000)", extern('python = "a.B(-{k})" #! E613')), says=("at most 9223372036854775807",)),
    Bad("a plus before a bool", net("e(true)", extern('python = "a.B(+{k})" #! E613', "e(k)")), says=("`+` stands before a number, and this is a bool",)),
    Bad("a list as a key", net("e([1])", extern('python = "a.B({{ {k}: 1 }})" #! E613', "e(k)")), says=("a key of a dict", "this is a list")),
    Bad("a literal beyond all", net("e", extern('python = "a.B(10000000000000000000)" #! E612'))),
    Bad("a division by zero, with the call", net("e(0)", extern("shape = [in.height // k] #! E303")), says=("in `e(0)`, called here",)),
    Bad("an attribute that is not there", net("gap -> e", extern("shape = [in.height] #! E207"))),
    # --- the flow ---
    Bad("two tensors", net("( relu | relu ) -> e #! E403", extern(""))),
    Bad("one tensor of two", net("pair #! E404", PAIR)),
    Bad("no tensor", net("let none = []\nnone -> e #! E404", extern("shape = [1]", "e takes *xs").replace("{in.channels}", ""))),
    Bad("no flow", "network n {\ninput x: [4]\ninput z: [4]\ne #! E412\noutput y\n}\n" + extern("shape = [1]", "e").replace("{in.channels}", "")),
    Bad("shared, and another call", net("share s = e\ns -> conv(2, 1) -> s #! E408", extern("")), says=("argument 1 of `nowhere.E` is 4 at first and 2 here", "same number of channels")),
    Bad("shared, and other parameters", net("share s = e\ns -> maxpool(2) -> s #! E408", extern("params = in.height")), says=("`params` of `e` is 8 at first and 4 here",)),
    Bad("what it gives does not fit", net("blur -> [4, 8, 8] #! E501", BLUR)),
    Bad("a silent consequence", net("e -> conv(2, 1) -> [3, 1]", extern("shape = [k, 8, 8, 0] #! E613"))),
    # --- expectations ---
    Bad("params that are not known", net("e\nexpect params == 0 #! E809", extern("macs = 0")), says=("`params` leaves out `e`", "`params = 0` if it has none")),
    Bad("macs that are not known", net("e\nexpect macs ~ 1K #! E809", extern("params = 0"))),
    Bad("of a model", net("e", extern("", "e")) + "model m = n { expect params < 3 } #! E809\n", model="m"),
    Bad("in arithmetic", net("e\nexpect 2 * (params + 1) == 2 #! E809", extern("macs = 0"))),
]  # fmt: skip


@each(BAD)
def test_rejected(case: Bad) -> None:
    reject(case)


def told(text: str) -> str:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(text, filename="net.arch")
    return str(caught.value)


def test_places() -> None:
    """A mistake in the string is shown at its part, behind escapes and doubled braces too."""
    text = net("e", extern("python = \"a.B({{'x': \\\"y\\\"}}, {k}, stride=k)\"", "e(k = 2)"))
    assert told(text) == (
        "error[E612]: `k` is a name of Python, where a literal or a value in braces is wanted\n"
        " --> net.arch:2:43\n"
        "  |\n"
        "2 | python = \"a.B({{'x': \\\"y\\\"}}, {k}, stride=k)\"\n"
        "  |                                           ^\n"
        "  |\n"
        "  = help: the value of the block stands in braces: `{k}`"
    )


def test_chain_of_calls() -> None:
    text = net("b(0)", "block b(s) { blur(s) }" + BLUR, "[4, 8, 8]")
    found = told(text)
    assert "error[E303]" in found
    assert "1 | block b(s) { blur(s) }\n   |              ------- in `blur(s)`, called here, with stride = 0\n" in found
    assert found.endswith("11 | b(0)\n   | ---- in `b(0)`, called here")


def test_imported(tmp_path: Path) -> None:
    """Declared in another file, under another name; the names in it are those of its own file."""
    (tmp_path / "parts.arch").write_text("let c = 3\n" + extern("shape = [c]\nparams = c\nmacs = 0", "e"), encoding="utf-8")
    main = tmp_path / "main.arch"
    main.write_text("from parts import e as other\nlet c = 9\n" + net("other"), encoding="utf-8")
    arch = archdsl.load(main)
    assert arch.outputs == {"y": [3]} and arch.params == 3
    assert [row["layer"] for row in arch.summary()["layers"]] == ["e"]


def test_wrong_in_an_imported_file(tmp_path: Path) -> None:
    (tmp_path / "parts.arch").write_text(extern('python = "a.B(k)"', "e"), encoding="utf-8")
    main = tmp_path / "main.arch"
    main.write_text("from parts import e\n" + net("e"), encoding="utf-8")
    (found,) = open_spec(main).check()
    assert (found.code, Path(found.span.source.name).name, found.span.text) == ("E612", "parts.arch", "k")


def test_nothing_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that leaves a trace when it is imported leaves none, whatever is made of the spec."""
    trace = tmp_path / "trace"
    (tmp_path / "leaves_a_trace.py").write_text(f"open({str(trace)!r}, 'w').close()", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    text = net("e -> b\nlet f = e", extern('python = "leaves_a_trace.E({in.channels})"', "e") + "\nblock b { e }")
    arch = archdsl.loads(text)
    arch.source(), arch.dot().source, arch.summary(), arch.graph, arch.warnings
    assert "import leaves_a_trace\n" in arch.source()
    assert not trace.exists() and "leaves_a_trace" not in sys.modules


def refused(text: str) -> list[Any]:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(text, options=Options(allow_extern=False))
    return [(d.code, d.span.text) for d in caught.value.diagnostics if d.is_error]


def test_refused() -> None:
    assert refused(net("blur", BLUR + PAIR)) == [("E614", "blur"), ("E614", "pair")]
    assert refused(net("relu", BLUR)) == [("E614", "blur")]  # whether it is used or not
    assert archdsl.loads(net("relu"), options=Options(allow_extern=False)).params == 0


def test_refused_in_an_imported_file(tmp_path: Path) -> None:
    (tmp_path / "parts.arch").write_text(BLUR, encoding="utf-8")
    main = tmp_path / "main.arch"
    main.write_text("from parts import blur\n" + net("blur"), encoding="utf-8")
    (found,) = open_spec(main, options=Options(allow_extern=False)).check()
    assert (found.code, found.span.text) == ("E614", "blur")


def test_tokens_stay_tokens() -> None:
    """What leaves is of the kind of what arrived first; a single axis is a map."""
    from archdsl.layers import Shape

    text = net("e -> relu", extern("shape = [[5, in.channels], [7]]", "e"))
    arch = archdsl.loads(text.replace("e -> relu", "e").replace("output y", "output y = it[0]; output z = it[1]"))
    assert [t.shape for o in arch._graph.outputs for t in o.tensors] == [Shape((5, 4)), Shape((7,))]


def test_text_that_looks_like_a_mark() -> None:
    """What the text itself spells, by escapes of Python too, is no value."""
    call = "a.B('\\\\x56\\\\x56V{k}V', '\\\\x56{k}\\\\x560_', 'VV', {k})"
    source = archdsl.loads(net("e(7)", extern(f'python = "{call}"\nparams = 0\nmacs = 0', "e(k)"))).source()
    assert 'a.B("VVV7V", "V7V0_", "VV", 7)' in source


def test_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many models use it, a declaration is read when the text is."""
    spec = Spec(Source("<test>", net("blur -> blur", BLUR) + "network m { input x: [4, 8, 8]; blur; output y }"), None, Options())
    monkeypatch.setattr(extern_rules, "read_call", None)
    assert [spec.architecture(name).params for name in spec.models] == [10, 5]
