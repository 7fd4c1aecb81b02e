"""Scope, labels and the keys of `state_dict()`, defaults, models, warnings."""

import pytest
from language_support import Bad, Good, accept, conv, each, net, reject

import archdsl

C = conv

B = "block b(c = 4) { conv(c, 1) -> relu }"


def keys(*modules: str) -> list[str]:
    """Names of the weights of modules that have a weight and a bias."""
    return [f"{module}.{name}" for module in modules for name in ("weight", "bias")]


LABELS = [
    Good("without labels: name and counter", net("conv(4, 1) -> relu -> conv(4, 1) -> bn"), keys=keys("conv1", "conv2", "bn1")),
    Good("a label", net("stem: conv(4, 1) -> conv(4, 1)"), keys=keys("stem", "conv1")),
    Good("a label is no counter's business", net("conv(4, 1) -> a: conv(4, 1) -> conv(4, 1)"), keys=keys("conv1", "a", "conv2")),
    Good("a block call is a level", net("b -> b", B), keys=keys("b1.conv1", "b2.conv1")),
    Good("a label on a block call", net("stem: b -> b", B), keys=keys("stem.conv1", "b1.conv1")),
    Good("a label from a string", net('for i in range(2) { "layer{i + 1}": conv(4, 1) }'), keys=keys("layer1", "layer2")),
    Good("a label on a body", net("f: { conv(4, 1) -> relu -> conv(4, 1) }"), keys=keys("f.0", "f.2")),
    Good("a label on a chain in parentheses", net("f: (conv(4, 1) -> relu -> conv(4, 1))"), keys=keys("f.0", "f.2")),
    Good("a label covers one element", net("f: conv(4, 1) -> conv(4, 1)"), keys=keys("f", "conv1")),
    Good("parentheses around one layer", net("f: (conv(4, 1))"), keys=keys("f")),
    Good("a body of one layer is a level", net("f: { conv(4, 1) }"), keys=keys("f.0")),
    Good("a label on a repetition", net("f: conv(4, 1) * 2"), keys=keys("f.0", "f.1")),
    Good("a label on a repetition of blocks", net("f: b * 2", B), keys=keys("f.0.conv1", "f.1.conv1")),
    Good("a label on a repetition of one", net("f: conv(4, 1) * 1"), keys=keys("f.0")),
    Good("a label on a repetition of none", net("f: conv(4, 1) * 0 -> conv(4, 1)"), keys=keys("conv1")),
    Good("a label on an if", net("f: if true { conv(4, 1) -> bn }"), keys=keys("f.0", "f.1")),
    Good("a label on an if that is not taken", net("f: if false { conv(4, 1) } -> f: conv(4, 1)"), keys=keys("f")),
    Good("a label on a for", net("f: for i in range(2) { conv(4, 1) -> relu }"), keys=keys("f.0", "f.2")),
    Good("a label on a fork", net("f: ( conv(4, 1) | b | conv(4, 1) ) -> add", B), keys=keys("f.0", "f.1.conv1", "f.2")),
    Good("a label on a comprehension", net('f: ( "b{i}": conv(4, 1) for i in range(2) ) -> add'), keys=keys("f.b0", "f.b1")),
    Good("without a label braces add no level", net("{ conv(4, 1) -> bn }"), keys=keys("conv1", "bn1")),
    Good("without a label a fork adds no level", net("( conv(4, 1) | identity | conv(4, 1) ) -> add"), keys=keys("conv1", "conv2")),
    Good("without a label if and for add no level", net("if true { conv(4, 1) }\nfor _ in range(2) { conv(4, 1) }"), keys=keys("conv1", "conv2", "conv3")),
    Good("an unlabelled repetition is one module", net("conv(4, 1) * 2 -> conv(4, 1) * 2"), keys=keys("conv1.0", "conv1.1", "conv2.0", "conv2.1")),
    Good("an unlabelled repetition of a block", net("b * 2", B), keys=keys("b1.0.conv1", "b1.1.conv1")),
    Good("in a group the position counts, that of labelled ones too", net("f: { conv(4, 1) -> a: conv(4, 1) -> relu -> conv(4, 1) }"), keys=keys("f.0", "f.a", "f.3")),
    Good("in a group joins and waypoints are no modules", net("f: { ( conv(4, 1) | conv(4, 1) ) -> add -> [4, 8, 8] -> identity -> scale(2) -> conv(4, 1) }"), keys=keys("f.0", "f.1", "f.2")),
    Good("in a group flatten is a module", net("f: { gap -> flatten -> linear(2) }"), keys=keys("f.2")),
    Good("in a group an upsampling is none", net("f: { conv(4, 1) -> upsample(2) -> conv(4, 1) }"), keys=keys("f.0", "f.1")),
    Good("in a group an unlabelled repetition melts", net("f: { relu -> conv(4, 1) * 2 -> (conv(4, 1) -> relu) * 2 }"), keys=keys("f.1", "f.2", "f.3", "f.5")),
    Good("in a group an unlabelled body melts", net("f: { relu -> { conv(4, 1) -> relu } -> conv(4, 1) }"), keys=keys("f.1", "f.3")),
    Good("in a group a part that is nothing takes no number", net("f: { conv(4, 1) * 0 -> if false { relu } -> identity -> conv(4, 1) }"), keys=keys("f.0")),
    Good("a group in a group", net("f: { relu -> g: { conv(4, 1) } -> conv(4, 1) }"), keys=keys("f.g.0", "f.2")),
    Good("a block in a group has its own counters", net("f: { b -> b }", B), keys=keys("f.0.conv1", "f.1.conv1")),
    Good("torchvision's stage", net('for i in range(2) { "layer{i + 1}": { u(4, 2 - i) -> u(4) * 2 } }', "default conv(bias=false)\nblock u(c, s = 1) { ( downsample: if s != 1 { conv(c, 1, stride=s) -> bn(affine=false) } | conv1: conv(c, 3, stride=s) ) -> add }"), keys=[f"layer{i}.{j}.conv1.weight" for i in (1, 2) for j in (0, 1, 2)] + ["layer1.0.downsample.0.weight"]),
    Good("a label travels with a value", net("let f = (a: conv(4, 1))\nf -> conv(4, 1)"), keys=keys("a", "conv1")),
    Good("the label where a value is used wins", net("let f = (a: conv(4, 1))\ng: f"), keys=keys("g")),
    Good("a label travels into a block", net("b((a: conv(4, 1)))", "block b(body: layer) { body -> relu }"), keys=keys("b1.a")),
    Good("a share is named where it is declared", net("share head = conv(4, 1)\nhead -> head"), keys=keys("head")),
    Good("a share of a chain", net("share head = conv(4, 1) -> relu -> conv(4, 1)\nhead -> head"), params=2 * C(4, 4)),
    Good("a share in a block", net("b", "block b { share f = conv(4, 1); f -> f }"), keys=keys("b1.f")),
    Good("a label in a label", net('f: ( "{i}": (relu -> conv(4, 1)) for i in range(2) ) -> add'), keys=keys("f.0.1", "f.1.1")),
    Good("a bare parameter has the label for its name", net("gamma: layerscale(0.1) -> b", "block b { layerscale(0.1) }"), keys=["gamma", "b1.layerscale1"]),
    Good("a shared chain in a group", net("f: { share s = conv(4, 1) -> relu; s -> s -> conv(4, 1) }"), keys=keys("f.s.0", "f.1")),
    Good("a shared block", net("share s = b(4) * 2\ns -> s", B), keys=keys("s.0.conv1", "s.1.conv1")),
    Good("a label inside a label of one layer", net("f: (g: conv(4, 1))"), keys=keys("f")),
    Good("a counter steps over a label", net("conv(4, 1) -> conv1: conv(4, 1) -> conv(4, 1)"), keys=keys("conv1", "conv2", "conv3")),
    Good("values in a label", net('let k = 3\n"a{k}b{k + 1}": conv(4, 1)'), keys=keys("a3b4")),
]  # fmt: skip


@each(LABELS)
def test_labels(case: Good) -> None:
    accept(case)


SCOPE = [
    Good("shadowing a layer", net("conv(4, 1)", "block conv(c, k) { depthwise(k) }"), params=4 * 1 + 4),
    Good("a parameter hides a value of the file", net("b(2)", "let c = 5\nblock b(c) { conv(c, 1) }"), shape=[2, 8, 8]),
    Good("declarations are free of order", net("b", "block b { a }\nblock a { conv(k, 1) }\nlet k = 7"), shape=[7, 8, 8]),
    Good("a block does not see the caller's names", net("let k = 2\nb", "let k = 7\nblock b { conv(k, 1) }"), shape=[7, 8, 8]),
    Good("a loop variable ends with the loop", net("let i = 5\nfor i in range(2) { relu }\nconv(2, 1)"), shape=[2, 8, 8]),
    Good("a label is no name", net("let a = 2\na: conv(4, 1)\nconv(a, 1)"), shape=[2, 8, 8]),
    Good("defaults", net("default conv(bias=false)\nconv(2, 1) -> conv(3, 1, bias=true)"), params=4 * 2 + 2 * 3 + 3),
    Good("defaults from there on", net("conv(2, 1)\ndefault conv(bias=false)\nconv(2, 1)"), params=4 * 2 + 2 + 2 * 2),
    Good("defaults reach nested bodies", net("default conv(bias=false)\n( { conv(2, 1) } | for _ in [1] { conv(2, 1) } ) -> add"), params=2 * 4 * 2),
    Good("defaults end with the braces of an if", net("if true { default conv(bias=false); conv(2, 1) }\nconv(2, 1)"), params=8 + 6),
    Good("defaults end with their braces", net("( { default conv(bias=false); conv(2, 1) } | conv(2, 1) ) -> add\nconv(2, 1)"), params=8 + 10 + 6),
    Good("defaults of the file", net("conv(2, 1)", "default conv(bias=false)"), params=8),
    Good("defaults of the file begin where they stand", net("b -> conv(2, 1)", "block b { conv(2, 1) }\ndefault conv(bias=false)"), params=10 + 4),
    Good("defaults do not reach into blocks", net("default conv(bias=false)\nb", "block b { conv(2, 1) }"), params=10),
    Good("defaults of conv are not those of depthwise or deconv", net("default conv(bias=false)\ndepthwise(1) -> deconv(4, 1)"), params=8 + 20),
    Good("a later default overrides argument by argument", net("default conv(bias=false, stride=2)\ndefault conv(stride=1)\nconv(2, 1)"), params=8, shape=[2, 8, 8]),
    Good("defaults of a block", net("default b(c=2)\nb -> b(3)", B), shape=[3, 8, 8]),
    Good("a block as a value carries the defaults of its mention", net("default conv(bias=false)\ntwice(conv)", "block twice(unit: block) { unit(2, 1) -> unit(2, 1) }"), params=8 + 4),
    Good("a layer as an argument carries the defaults of its text", net("default conv(bias=false)\nb(conv(2, 1))", "block b(body: layer) { body -> conv(2, 1) }"), params=8 + 6),
    Good("the value of a default is evaluated once", net("let k = 2\ndefault conv(stride=k)\nlet k = 4\nconv(2, 1)"), shape=[2, 4, 4]),
    Good("a model with parameters", "network n(c, k = 1) { input x: [4, 8, 8]; conv(c, k); output y }\nmodel m = n(2, k=3)", params=C(4, 2, 3)),
    Good("a network is a model", "network n(c = 2) { input x: [4, 8, 8]; conv(c, 1); output y }", params=C(4, 2)),
    Good("a network that a model uses is none itself", "network n(c = 2) { input x: [4, 8, 8]; conv(c, 1); output y }\nmodel m = n", params=C(4, 2)),
    Good("one of several models", "network n(c = 2) { input x: [4, 8, 8]; conv(c, 1); output y }\nmodel a = n(3)\nmodel b = n(5)", model="b", params=C(4, 5)),
    Good("a network's parameter is set", "network n(c = 2) { input x: [4, 8, 8]; conv(c, 1); output y }", settings={"c": 6}, params=C(4, 6)),
    Good("expectations are not for other settings", "network n(c = 2) { input x: [4, 8, 8]; conv(c, 1); output y; expect params == 10 }", settings={"c": 6}, params=C(4, 6)),
    Good("expectations", net("conv(2, 1)\nexpect params == 10\nexpect macs == 512\nexpect params ~ 10\nexpect macs ~ 0.5K").replace("output y\n", "output y\nexpect y.shape == [2, 8, 8]\n")),
    Good("~ rounds to the digits written", net("conv(41, 5)\nexpect params ~ 4.1K\nexpect params ~ 4.14K\nexpect params ~ 4141\nexpect params ~ 4K"), params=4141),
    Good("expectations of a model", "network n(c = 2) { input x: [4, 8, 8]; conv(c, 1); output y }\nmodel m = n(3) { expect params == 15; expect y.shape == [3, 8, 8] }"),
]  # fmt: skip


@each(SCOPE)
def test_scope(case: Good) -> None:
    accept(case)


WARNINGS = [
    Good("nothing to warn of", net("conv(2, 1) -> relu"), warnings=[]),
    Good("a result that reaches no output", net("g = in -> conv(4, 1)\nx -> conv(2, 1)"), warnings=["W001"]),
    Good("a value that is never used", net("let k = 3\nconv(2, 1)"), warnings=["W002"]),
    Good("a parameter that is never used", net("b(1)", "block b(c) { relu }"), warnings=["W002"]),
    Good("a shared layer that is never used", net("share s = relu\nconv(2, 1)"), warnings=["W002"]),
    Good("a tensor's name that nothing reads", net("a = relu\nconv(2, 1)"), warnings=["W002"]),
    Good("a name that begins with _ is silent", net("_a = relu\nlet _k = 3\nconv(2, 1)"), warnings=[]),
    Good("a bias before a batch norm", net("conv(2, 1) -> bn"), warnings=["W003"]),
    Good("a bias that is meant", net("conv(2, 1, bias=true) -> bn"), warnings=[]),
    Good("no bias before a batch norm", net("conv(2, 1, bias=false) -> bn"), warnings=[]),
    Good("a bias that has an effect elsewhere", net("e = conv(4, 1)\ne -> bn\n( e | it ) -> add"), warnings=[]),
    Good("a bias that one use of a shared layer needs", net("share c = conv(4, 3)\n( c -> bn | c -> relu ) -> add"), warnings=[]),
    Good("a bias that no use of a shared layer needs", net("share c = conv(4, 3)\n( c -> bn | relu -> c -> bn ) -> add"), warnings=["W003"]),
    Good("a bias before a batch norm in a shared chain", net("share c = conv(4, 3) -> bn\nc -> c"), warnings=["W003"]),
    Good("a bias that the first of several copies needs", net("conv(4, 3) * 2 -> bn"), warnings=[]),
    Good("a bias that a `default` states", net("default conv(bias=true)\nconv(4, 3) -> bn"), warnings=[]),
    Good("a side branch that the flow leaves", net("conv(2, 1)\nx -> conv(3, 1)"), warnings=["W001"]),
    Good("a tensor that reaches no output has one warning", net("e = conv(4, 1)\nx -> relu"), warnings=["W001"]),
    Good("a block that no model needs", net("relu", "block b { c }\nblock c { relu }"), warnings=["W002"]),
    Good("blocks that need each other alone", net("relu", "block b(n) { if n > 0 { c(n - 1) } }\nblock c(n) { b(n) }"), warnings=["W002"]),
    Good("functions, values and imports that nothing needs", net("relu", "from std.se import se\ndef f(x) = x\nlet k = 3"), warnings=["W002", "W002", "W002"]),
    Good("a value that only a default needs", net("conv(2, 1)", "let off = false\ndefault conv(bias=off)"), warnings=[]),
    Good("a default that no call takes", net("relu", "default conv(bias=false)"), warnings=["W002"]),
    Good("a default behind its last call", net("conv(2, 1)\ndefault conv(bias=false)\nrelu"), warnings=["W002"]),
    Good("a default of a layer that is passed on", net("default conv(bias=false)\nb(conv)", "block b(unit: block) { unit(2, 1) }"), warnings=[]),
    Good("a name of `takes` that is left out", net("( it | it ) -> b", "block b takes a, c { a -> relu }"), warnings=["W002"]),
    Good("names of `takes` that say what arrives", net("( it | it ) -> b", "block b takes a, c { add }"), warnings=[]),
    Good("a value that is replaced unread", net("let k = 3\nlet k = 2\nconv(k, 1)"), warnings=["W005"]),
    Good("a value that is replaced in an arm", net("let k = 3\nif x.channels > 2 { let k = 2 }\nconv(k, 1)"), warnings=[]),
    Good("a value that is replaced by one made of it", net("let k = 3\nlet k = k - 1\nconv(k, 1)"), warnings=[]),
    Good("a value that a loop changes", net("let k = 3\nfor _ in range(2) { conv(k, 1); let k = 2 }\nconv(k, 1)"), warnings=[]),
    Good("a parameter that is replaced unread", net("b(3)", "block b(c) { let c = 2; conv(c, 1) }"), warnings=["W005"]),
    Good("an arm that is never taken", net("if false { conv(8, 1) } else { relu }"), warnings=["W006"]),
    Good("all behind an arm that is always taken", net("if 2 > 1 { relu } elif x.rank == 3 { bn } else { gelu }"), warnings=["W006"]),
    Good("a loop through nothing", net("for c in [] { conv(c, 1) }\nrelu"), warnings=["W006"]),
    Good("no copy at all", net("conv(2, 1) * 0"), warnings=["W006"]),
    Good("a number that is times 0", net("conv(2 + 3 * 0, 1)"), warnings=[]),
    Good("a block that hides a layer", net("relu -> gelu", "block relu { gelu }"), warnings=["W004"]),
    Good("a parameter that hides a layer", net("b(gelu)", "block b(relu: layer) { relu }"), warnings=[]),
    Good("a value that hides a layer and is applied", net("let gelu = relu\nconv(2, 1) -> gelu"), warnings=["W004"]),
    Good("a value that hides a layer and is a number", net("let scale = 2\nconv(scale, 1)"), warnings=[]),
    Good("a body that hides a value that is read behind it", net("let c = 2\n{ let c = 3; conv(c, 1) }\nconv(c, 1)"), warnings=["W004"]),
    Good("a body that hides a value that nobody reads again", net("let c = 2\nconv(c, 1)\n{ let c = 3; conv(c, 1) }"), warnings=[]),
]


@each(WARNINGS)
def test_warnings(case: Good) -> None:
    accept(case)


BAD = [
    Bad("two modules of one name", net("a: conv(4, 1)\na: conv(4, 1)  #! E409")),
    Bad("two modules of one name in a loop", net("for i in range(2) { a: conv(4, 1) }  #! E409"), ("a{i}",)),
    Bad("a label that is another part's position", net('f: { conv(4, 1) -> "0": conv(4, 1) }  #! E409')),
    Bad("a label on a tensor", net("e = relu\na: e -> conv(2, 1)  #! E401|E410")),
    Bad("a layer hidden by a value", net("let conv = 3\nconv(3, 3)  #! E308")),
    Bad("a label that is no name", net('"a.b": conv(4, 1)  #! E410')),
    Bad("an empty label", net('"": conv(4, 1)  #! E410')),
    Bad("a label that PyTorch's modules have taken", net("forward: conv(4, 1)  #! E410")),
    Bad("braces that hold no expression", net('"a{1 +}": conv(4, 1)  #! E109')),
    Bad("an unknown name in a label", net('"a{j}": conv(4, 1)  #! E201')),
    Bad("an unknown name", net("conv(k, 1)  #! E201")),
    Bad("an unknown name in a branch that is not taken", net("if false { conv(k, 1) }  #! E201\nrelu")),
    Bad("an unknown name in a block that nobody calls", net("relu", "block b { conv(k, 1) }  #! E201")),
    Bad("an unknown argument in a block that nobody calls", net("relu", "block b { conv(3, 1, strid=2) }  #! E203")),
    Bad("a name of another branch", net("if false { let k = 2 }\nconv(k, 1)  #! E202")),
    Bad("a loop variable behind its loop", net("for i in [2, 3] { relu }\nconv(i, 1)  #! E201|E202")),
    Bad("a name of a body outside it", net("( { let k = 2; conv(k, 1) } | relu ) -> concat\nconv(k, 1)  #! E201")),
    Bad("a name before it is bound", net("conv(k, 1)  #! E201|E202\nlet k = 2\nconv(k, 1)")),
    Bad("the caller's names are not seen", net("let k = 2\nb", "block b { conv(k, 1) }  #! E201")),
    Bad("a default of an unknown layer", net("default conf(bias=false)  #! E201\nrelu")),
    Bad("a default of an unknown argument", net("default conv(biass=false)  #! E203\nrelu"), ("bias",)),
    Bad("a declaration twice", net("b", "block b { relu }\nblock b { relu }  #! E108")),
    Bad("a parameter twice", net("b(1, 2)", "block b(c, c) { relu }  #! E108")),
    Bad("no model", "block b { relu }  #! E804"),
    Bad("a name that is not known, in many places", net("conv(widht, 1)  #! E201\nconv(widht, 1)\nlet width = widht\nconv(width, 1)"), ("did you mean `width`", "it stands on lines 5, 6 too")),
    Bad("a name that is read before it is bound, in a block that nobody calls", net("relu", "block b {  \nconv(k, 1) -> conv(k, 1)  #! E202\nlet k = 3\n}"), ("at line 3",)),
    Bad("a name that an untaken path binds, read often", net("if false { let k = 2 }\nconv(k, 1)  #! E202\nconv(k, 1)")),
    Bad("a value that needs itself", net("conv(a, 1)", "let a = b\nlet b = a  #! E202"), ("`a` needs `b`", "`b` needs `a`")),
    Bad("a default that needs a parameter behind it", net("b", "block b(c = d, d = 2) { conv(c, d) }  #! E201"), ("the parameters before it",)),
    Bad("classes of PyTorch", net("nn.Conv2d(3, 8, 3) -> nn.ReLU()  #! E201 #! E201"), ("did you mean `conv`", "did you mean `relu`")),
    Bad("words of PyTorch for arguments", net("conv(out_channels=8, kernel_size=3, padding=1)  #! E203 #! E203 #! E203"), ("`channels`", "`kernel`", "`pad`")),
    Bad("channels that arrive are not written", net("bn(num_features=4)  #! E203"), ("leave it out",)),
    Bad("every mistake of a call", net("conv(0, 3.5, strid=2, pad=smae)  #! E601 #! E601 #! E601 #! E203")),
    Bad("mistakes behind a mistake", net("conv(foo, 3) -> conv(8, 0) -> linear(-1)  #! E201 #! E601 #! E601")),
    Bad("two arguments are missing, in one message", net("conv()  #! E204"), ("`channels` and `kernel`",)),
    Bad("a misspelt argument is not missing too", net("conv(chanels=8, kernel=3)  #! E203"), ("did you mean `channels`",)),
    Bad("literals in a block that nobody calls", net("relu", "block b { conv(0, 3) -> dropout(2) }  #! E601 #! E601")),
    Bad("a call in a block that nobody calls", net("relu", "block b { conv(8) -> c(1, 2) }  #! E204 #! E205\nblock c(k) { conv(k, 1) }")),
    Bad("a block that calls itself with the same arguments", net("b(3)", "block b(n) { conv(4, 1) -> b(n) }  #! E901"), ("with the same arguments",)),
    Bad("blocks that call each other with the same layer", net("b(conv(4, 1) -> relu)", "block b(body: layer) { body -> c(body) }\nblock c(body: layer) { b(body) }  #! E901"), ("through `c`",)),
    Bad("functions that call each other with the same arguments", net("conv(f(3), 1)", "def f(x) = g(x) + 1\ndef g(x) = f(x)  #! E901"), ("through `g`",)),
    Bad("a default that calls its function", net("conv(f(3), 1)", "def f(x, y = f(x)) = y  #! E901"), ("with the same arguments",)),
    Bad("what is set from outside", "network n(c = 2) { input x: [4, 8, 8]; relu * (c - 3); output y }  #! E406", ("`c` is set to 1 by the caller",), settings={"c": 1}),
    Bad("no warning beside the mistake that it comes from", net("let kernel = 1\nconv(2, kernl)  #! E201"), ("did you mean `kernel`",)),
    Bad("several models", "network n(c = 2) { input x: [4, 8, 8]; conv(c, 1); output y }\nmodel a = n(3)  #! E803\nmodel b = n(5)"),
    Bad("no such model", "network n(c = 2) { input x: [4, 8, 8]; conv(c, 1); output y }\nmodel a = n(3)  #! E802", model="z"),
    Bad("no such parameter", "network n {  #! E806\ninput x: [4, 8, 8]\nrelu\noutput y\n}", settings={"z": 3}),
    Bad("a model of nothing known", "model a = n(3)  #! E201"),
    Bad("a model of a block", "block b { relu }\nmodel a = b  #! E301|E401|E802|E306"),
    Bad("a model without an argument", "network n(c) { input x: [4, 8, 8]; conv(c, 1); output y }\nmodel a = n  #! E204"),
    Bad("params do not hold", net("conv(2, 1)\nexpect params == 11  #! E801"), ("10",)),
    Bad("params are not about", net("conv(41, 5)\nexpect params ~ 4.2K  #! E801\nexpect params ~ 4.1M  #! E801")),
    Bad("the last digit counts", net("conv(41, 5)\nexpect params ~ 4.100K  #! E801")),
    Bad("a shape does not hold", net("conv(2, 1)").replace("output y\n", "output y\nexpect y.shape == [2, 8]  #! E801\n")),
    Bad("an expectation of a model", "network n { input x: [4, 8, 8]; conv(2, 1); output y }\nmodel m = n {\nexpect params == 11  #! E801\n}"),
    Bad("a model and a network that is one", "network a(k = 1) {\ninput x: [4]\nlinear(k)\noutput y }\nmodel b = a\nnetwork b {#! E108\ninput x: [4]\noutput y }", model="b"),
]  # fmt: skip


@each(BAD)
def test_bad(case: Bad) -> None:
    reject(case)


def test_no_warning_beside_the_mistake_that_it_may_come_from() -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(net("let kernel = 1\ne = relu\nconv(2, kernl)"))
    assert [d.code for d in caught.value.diagnostics] == ["E201"]
