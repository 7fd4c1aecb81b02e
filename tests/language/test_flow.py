"""The flow: elements, bundles, joins, several inputs, `it` and `in`, waypoints, sharing."""

import pytest
from language_support import Bad, Good, accept, conv, each, net, reject

import archdsl

C = conv  # parameters of a convolution: channels in, out, kernel

GOOD = [
    Good("a shared block that repeats without a label", net("share s = b\ns -> s", "block b { conv(4, 1) * 2 }"), params=2 * 20, macs=4 * 64 * 16, keys=["s.conv1.0.weight", "s.conv1.0.bias", "s.conv1.1.weight", "s.conv1.1.bias"]),
    Good("a shared block with levels that hold nothing", net("share s = b\ns -> s", "block b { scale(2) * 2; g: { if false { relu } }; (bn -> relu) * 2; h: conv(4, 1) }"), params=2 * 8 + 20, keys=["s.bn_relu1.0.weight", "s.bn_relu1.0.bias", "s.bn_relu1.2.weight", "s.bn_relu1.2.bias", "s.h.weight", "s.h.bias"]),
    Good("a shared block in a shared block, used twice", net("share s = b\ns -> s", "block a { conv(4, 1) * 2 }\nblock b { share t = a; t -> t }"), params=2 * 20, macs=8 * 64 * 16),
    # --- elements ---
    Good("copies of a body", net("{ conv(4, 1) } * 2\na: { conv(4, 1); relu } * 2"), params=4 * 20, keys=["conv1.0.weight", "conv1.0.bias", "conv1.1.weight", "conv1.1.bias", "a.0.weight", "a.0.bias", "a.2.weight", "a.2.bias"]),
    Good("an arrow", net("conv(2, 3) -> conv(3, 1)"), params=C(4, 2, 3) + C(2, 3), shape=[3, 8, 8]),
    Good("statements are arrows", net("conv(2, 3)\nconv(3, 1)"), params=C(4, 2, 3) + C(2, 3), shape=[3, 8, 8]),
    Good("an empty block is identity", net("b -> b()", "block b { }"), params=0, shape=[4, 8, 8]),
    Good("parentheses group", net("conv(2, 1) -> (relu -> conv(3, 1))"), shape=[3, 8, 8]),
    Good("repetition is of fresh copies", net("conv(4, 1) * 3"), params=3 * C(4, 4)),
    Good("repetition binds closer than an arrow", net("conv(4, 1) -> conv(4, 3) * 2"), params=C(4, 4) + 2 * C(4, 4, 3)),
    Good("repetition of a chain", net("(conv(4, 1) -> conv(4, 3)) * 2"), params=2 * (C(4, 4) + C(4, 4, 3))),
    Good("repetition by 0 is identity", net("conv(9, 3) * 0"), params=0, shape=[4, 8, 8]),
    Good("repetition by an expression", net("let n = 3\nconv(4, 1) * (n - 1)"), params=2 * C(4, 4)),
    Good("repetition of repetition", net("(conv(4, 1) * 2) * 3"), params=6 * C(4, 4)),
    Good("an arrow binds looser than a condition", net("conv(2, 1) -> relu if true else conv(3, 1)"), shape=[2, 8, 8]),
    Good("a choice between layers", net("(conv(2, 1) if it.channels == 4 else conv(3, 1)) * 2"), shape=[2, 8, 8]),
    Good("a block without arguments, with and without parentheses", net("b -> b()", "block b { conv(it.channels + 1, 1) }"), shape=[6, 8, 8]),
    Good("a layer without arguments, with and without parentheses", net("bn -> bn() -> relu -> relu()"), params=16),
    Good("a waypoint that holds", net("conv(2, 3, stride=2) -> [2, 4, 4] -> relu"), shape=[2, 4, 4]),
    Good("a waypoint as a statement", net("conv(2, 3, stride=2)\n[2, 4, 4]"), shape=[2, 4, 4]),
    Good("a waypoint with a blank", net("conv(2, 3, stride=2) -> [_, 4, _]"), shape=[2, 4, 4]),
    Good("a waypoint from a shape", net("e = relu\nconv(4, 3) -> e.shape"), shape=[4, 8, 8]),
    Good("a waypoint from values", net("let k = 2\nconv(k, 1) -> [k, 16 // 2, in.width]"), shape=[2, 8, 8]),
    Good("an if that is taken", net("if it.channels == 4 { conv(2, 1) }"), shape=[2, 8, 8]),
    Good("an if that is not taken", net("if it.channels == 5 { conv(2, 1) }"), shape=[4, 8, 8]),
    Good("elif", net("if false { conv(1, 1) } elif true { conv(2, 1) } else { conv(3, 1) }"), shape=[2, 8, 8]),
    Good("if as an element", net("conv(2, 1) -> if it.channels == 2 { conv(3, 1) } -> relu"), shape=[3, 8, 8]),
    Good("if as a branch", net("( if true { conv(2, 1) } | conv(2, 3) ) -> add"), params=C(4, 2) + C(4, 2, 3)),
    Good("an if without an else is identity in a branch", net("( if false { conv(2, 1) } | conv(4, 3) ) -> add"), shape=[4, 8, 8]),
    Good("for", net("for c in [2, 3, 5] { conv(c, 1) }"), params=C(4, 2) + C(2, 3) + C(3, 5)),
    Good("for over pairs", net("for i, (c, k) in enumerate([[2, 1], [3, 3]]) { conv(c + i, k) }"), shape=[4, 8, 8]),
    Good("for over nothing", net("for c in [] { conv(c, 1) }"), shape=[4, 8, 8]),
    Good("for as an element", net("relu -> for c in [2, 3] { conv(c, 1) } -> relu"), shape=[3, 8, 8]),
    Good("a body in line", net("( { conv(2, 1)\nrelu\nconv(3, 1) } | conv(3, 1) ) -> add"), shape=[3, 8, 8]),
    Good("a body has a scope of its own", net("let k = 2\n( { let k = 3; conv(k, 1) } | conv(3, 1) ) -> add\nconv(k, 1)"), shape=[2, 8, 8]),
    Good("if and for are no scopes", net("if true { let k = 2 }\nfor i in [5, 6] { let j = i }\nconv(k, 1) -> conv(j, 1)"), shape=[6, 8, 8]),
    # --- names for tensors ---
    Good("a name, and the flow goes on", net("e = conv(2, 1)\nconv(3, 1)\n( it | e ) -> concat"), shape=[5, 8, 8]),
    Good("a tensor at the head is the source", net("e = conv(2, 1)\nconv(3, 1)\ne -> conv(7, 1)"), shape=[7, 8, 8], warnings=["W001"]),
    Good("a tensor alone moves the flow", net("e = conv(4, 1)\nf = e -> conv(4, 3)\n( e | f ) -> add\ne = it\ne"), shape=[4, 8, 8]),
    Good("the input is a tensor", net("conv(4, 1)\n( x | it ) -> add"), shape=[4, 8, 8]),
    Good("`in` is the input, wherever it stands", net("conv(4, 1)\n( in | it ) -> add"), shape=[4, 8, 8]),
    Good("a statement that starts over from the input", net("g = in -> conv(4, 1)\nh = in -> conv(4, 3)\n( g | h ) -> add"), shape=[4, 8, 8]),
    Good("split names its members", net("a, b = split(2)\n( b -> conv(2, 1) | a ) -> concat"), params=C(2, 2), shape=[4, 8, 8]),
    Good("split by sizes", net("a, b = split([1, 3])\n( b -> conv(2, 1) | a ) -> concat"), params=C(3, 2), shape=[3, 8, 8]),
    Good("a member that is not wanted", net("a, _ = split([1, 3])\na"), shape=[1, 8, 8]),
    # --- bundles ---
    Good("a fork", net("( identity | conv(2, 1) | conv(3, 1) ) -> concat"), shape=[9, 8, 8]),
    Good("a fork of a comprehension", net("( conv(c, 1) for c in [1, 2, 3] ) -> concat"), shape=[6, 8, 8]),
    Good("copies of one branch", net("( conv(2, 1) for _ in range(32) ) -> add"), params=32 * C(4, 2)),
    Good("a comprehension of one is a bundle", net("( conv(2, 1) for _ in range(1) ) -> concat -> relu"), shape=[2, 8, 8]),
    Good("a bundle of one is a tensor", net("( conv(2, 1) for _ in range(1) ) -> relu"), shape=[2, 8, 8]),
    Good("a join of one passes it", net("add -> concat -> mul"), shape=[4, 8, 8], params=0),
    Good("a branch that ends in a bundle is spread", net("( conv(1, 1) | ( conv(2, 1) | conv(3, 1) ) | relu -> ( conv(4, 1) | conv(5, 1) ) ) -> concat"), shape=[15, 8, 8]),
    Good("a block that ends in a bundle gives it", net("b -> concat", "block b { ( conv(2, 1) | conv(3, 1) ) }"), shape=[5, 8, 8]),
    Good("a bundle is a list", net("h = ( conv(1, 1) | conv(2, 1) | conv(3, 1) )\nexpect len(h) == 3 and h[1].channels == 2\nh[1:] -> concat"), shape=[5, 8, 8], warnings=["W001"]),
    Good("bundles are joined", net("h = ( conv(1, 1) | conv(2, 1) )\ng = x -> ( conv(3, 1) | conv(4, 1) )\nh + g + [x] -> concat"), shape=[14, 8, 8]),
    Good("bundles of one are joined, too", net("h = ( conv(1, 1) for _ in [1] )\ng = x -> ( conv(3, 1) for _ in [1] )\nh + g -> concat -> b", "block b { ( relu | relu ) -> c }\nblock c takes x, *rest { x + rest -> concat }"), shape=[8, 8, 8]),
    Good("a list of tensors is a bundle", net("a = conv(1, 1)\nb = x -> conv(2, 1)\n[a, b, x] -> concat"), shape=[7, 8, 8]),
    Good("a loop over a bundle", net("h = ( conv(1, 1) | conv(2, 1) )\n( t -> conv(t.channels * 10, 1) for t in h ) -> concat"), shape=[30, 8, 8]),
    Good("a decoder walks up its skips", net("a = conv(2, 3, 2)\nb = conv(3, 3, 2)\nconv(4, 3, 2)\nfor e, c in [[b, 3], [a, 2]] { ( deconv(c, 2, stride=2) | e ) -> concat }"), shape=[4, 4, 4], params=C(4, 2, 3) + C(2, 3, 3) + C(3, 4, 3) + C(4, 3, 2) + C(6, 2, 2)),
    Good("a dense net collects", net("let seen = [it]\nfor i in range(3) { seen -> concat -> conv(2, 1)\nlet seen = seen + [it] }\nseen -> concat"), shape=[10, 8, 8], params=C(4, 2) + C(6, 2) + C(8, 2)),
    Good("the same tensor twice", net("( x | x ) -> add"), shape=[4, 8, 8]),
    Good("copies of which one is used stay alike", net("let out = []\nfor i in range(3) {\nz = x -> relu\ns = z -> conv(2, 1)\nlet out = out + [s]\nx = z -> conv(4, 1)\n}\nout -> concat"), shape=[6, 8, 8], params=3 * (C(4, 2) + C(4, 4)), warnings=[]),
    # --- joins ---
    Good("a vector is set on the channel axis", net("( identity | gap -> linear(4) -> sigmoid ) -> mul"), shape=[4, 8, 8], params=20),
    Good("one channel broadcasts", net("( identity | conv(1, 1) -> sigmoid ) -> mul"), shape=[4, 8, 8]),
    Good("sub, div, maximum, minimum, mean", net("( ( ( relu | x ) -> sub | x ) -> div | ( x | x ) -> maximum | ( x | x ) -> minimum ) -> mean"), shape=[4, 8, 8]),
    Good("a join of many", net("( relu | sigmoid | tanh | identity ) -> add"), shape=[4, 8, 8]),
    # --- several inputs ---
    Good("takes names its members", net("( conv(2, 1) | conv(3, 1) ) -> b", "block b takes high, low { ( low -> conv(2, 1) | high ) -> concat }"), shape=[4, 8, 8], params=C(4, 2) + C(4, 3) + C(3, 2)),
    Good("the flow of takes is the whole bundle", net("( conv(2, 1) | conv(3, 1) ) -> b", "block b takes a, c { concat -> conv(a.channels * c.channels, 1) }"), shape=[6, 8, 8]),
    Good("takes the rest", net("( conv(1, 1) | conv(2, 1) | conv(3, 1) ) -> b", "block b takes a, *rest { expect len(rest) == 2; rest -> concat -> conv(a.channels, 1) }"), shape=[1, 8, 8]),
    Good("the rest may be empty", net("b", "block b takes a, *rest { expect len(rest) == 0; a -> conv(2, 1) }"), shape=[2, 8, 8]),
    Good("takes all", net("( conv(1, 1) | conv(2, 1) ) -> b", "block b takes *paths { paths -> concat }"), shape=[3, 8, 8]),
    Good("takes with parameters", net("( conv(2, 1) | relu ) -> b(5)", "block b(c) takes a, d { ( a | d ) -> concat -> conv(c, 1) }"), shape=[5, 8, 8]),
    Good("a tensor as an argument", net("e = conv(2, 1)\nconv(3, 1) -> b(e)", "block b(skip: tensor) { ( it | skip ) -> concat }"), shape=[5, 8, 8]),
    Good("a network of two inputs", "network n {\ninput a: [2, 8, 8]\ninput b: [3, 8, 8]\n( a | b ) -> concat -> conv(4, 1)\noutput y\n}", shape=[4, 8, 8]),
    # --- it and in ---
    Good("`it` in a call is what arrives there", net("conv(6, 1) -> conv(2 * it.channels, 1)"), shape=[12, 8, 8]),
    Good("`it` is evaluated for each copy", net("conv(it.channels + 1, 1) * 3"), shape=[7, 8, 8]),
    Good("`it` of a block call grows", net("dense(it.channels) * 3", "block dense(k) { ( identity | conv(k, 1) ) -> concat }"), shape=[32, 8, 8]),
    Good("`it` in a statement is the current tensor", net("conv(6, 1)\nlet k = it.channels\nconv(2, 1) -> conv(k, 1)"), shape=[6, 8, 8]),
    Good("`it` inside an argument waits", net("conv(6, 1) -> b(conv(it.channels, 1))", "block b(body: layer) { conv(3, 1) -> body }"), shape=[3, 8, 8]),
    Good("functions bind no `it`", net("conv(6, 1) -> conv(f(it.channels), 1)", "def f(c) = 2 * c"), shape=[12, 8, 8]),
    Good("`in` is the block's input", net("conv(2, 1) -> b -> b", "block b { conv(7, 1) -> conv(in.channels, 1) }"), shape=[2, 8, 8]),
    Good("`in` is unchanged by braces, forks and loops", net("conv(5, 1) -> ( { conv(6, 1) -> conv(in.channels, 1) } | conv(7, 1) -> for _ in [1] { conv(in.channels, 1) } ) -> add"), shape=[4, 8, 8]),
    Good("a default sees `in` and earlier parameters", net("b -> b(3)", "block b(c = 2 * in.channels, d = c + 1) { conv(c, 1) -> conv(d, 1) }"), shape=[4, 8, 8]),
    Good("`in` in an argument is the caller's", net("conv(5, 1) -> b(conv(in.channels, 1))", "block b(body: layer) { body }"), shape=[4, 8, 8]),
    Good("attributes of one dimension", "network n { input x: [4, 8]; conv(x.length, 1) -> conv(it.rank, 1); output y }", shape=[2, 8]),
    Good("attributes of three dimensions", "network n { input x: [4, 5, 6, 7]; expect x.depth == 5 and x.height == 6 and x.width == 7; relu; output y }", shape=[4, 5, 6, 7]),
    Good("`it` in a choice is what arrives there", net("conv(6, 1) -> (conv(2, 1) if it.channels == 6 else relu)"), shape=[2, 8, 8]),
    Good("`it` in a comprehension is the current tensor", net("conv(2, 1)\nlet ks = [it.channels * i for i in range(1, 4)]\nconv(ks[2], 1)"), shape=[6, 8, 8]),
    Good("`in` as the default of a tensor", net("b", "block b(skip: tensor = in) { conv(4, 1); ( it | skip ) -> add }"), params=C(4, 4)),
    Good("a bundle as `it`", net("( conv(1, 1) | conv(2, 1) )\nit[1:] -> add"), shape=[2, 8, 8], warnings=["W001"]),
    # --- layers as values ---
    Good("a layer as an argument", net("residual(conv(4, 3) -> relu)", "block residual(body: layer) { ( identity | body ) -> add }"), params=C(4, 4, 3)),
    Good("a chain kept in a value", net("let f = conv(4, 1) -> relu\nf -> f"), params=2 * C(4, 4)),
    Good("layers in a list keep their values", net("let fs = [conv(c, 1) for c in [2, 3]]\nlet c = 9\nfor f in fs { f }"), params=C(4, 2) + C(2, 3)),
    Good("a kept layer in a kept layer", net("b(conv(2 * it.channels, 1))", "block b(f: layer) { let g = f -> relu; g -> g }"), params=C(4, 8) + C(8, 16)),
    Good("a list of layers", net("for f in [conv(2, 1), relu, conv(3, 1)] { f }"), params=C(4, 2) + C(2, 3)),
    Good("a block as an argument", net("twice(b)", "block b(c = 3) { conv(c, 1) }\nblock twice(unit: block) { unit(2) -> unit }"), shape=[3, 8, 8]),
    Good("a layer value keeps the values of its names", net("let k = 2\nlet f = conv(k, 1)\nlet k = 5\nf"), shape=[2, 8, 8]),
    Good("built-in layers are blocks, too", net("b(relu) -> b(conv)", "block b(unit: block) { if in.channels == 4 { conv(2, 1) } }"), shape=[2, 8, 8]),
    Good("an optional layer", net("b -> b(relu)", "block b(act: layer = identity) { conv(4, 1) -> act }"), params=2 * C(4, 4)),
    # --- recursion ---
    Good("a block calls itself", net("tower(3)", "block tower(n) { conv(n, 1)\nif n > 1 { tower(n - 1) } }"), shape=[1, 8, 8], params=C(4, 3) + C(3, 2) + C(2, 1)),
    # --- sharing ---
    Good("a shared layer has one set of weights", net("share f = conv(4, 3)\nf -> f -> f"), params=C(4, 4, 3), macs=3 * 4 * 4 * 9 * 64),
    Good("copies of a shared layer share", net("share f = conv(4, 3) -> relu\nf * 3"), params=C(4, 4, 3), macs=3 * 4 * 4 * 9 * 64),
    Good("sizes may differ", net("share f = conv(4, 3)\nf -> maxpool(2) -> f"), params=C(4, 4, 3), shape=[4, 4, 4]),
    Good("siamese", "network n {\ninput a: [1, 8, 8]\ninput b: [1, 8, 8]\nshare f = conv(2, 3) -> relu -> gap\n( a -> f | b -> f ) -> sub\noutput y\n}", params=C(1, 2, 3), shape=[2]),
    Good("a share in a block is one for each instance", net("b -> b", "block b { share f = conv(4, 1); f -> f }"), params=2 * C(4, 4)),
    Good("a shared layer as an argument", net("share f = conv(4, 1)\nb(f) -> b(f)", "block b(body: layer) { body -> relu }"), params=C(4, 4)),
    # --- networks ---
    Good("an output that is a bundle", net("( conv(2, 1) | conv(3, 1) )"), params=C(4, 2) + C(4, 3)),
    Good("the input is an output", net("output a = x\nconv(2, 1)"), outputs={"a": [4, 8, 8], "y": [2, 8, 8]}),
    Good("several outputs", net("output a = conv(2, 1)\nconv(3, 1)"), outputs={"a": [2, 8, 8], "y": [3, 8, 8]}),
    Good("a side branch leaves the flow alone", net("conv(5, 1)\noutput a = gap -> linear(2)\nexpect it.channels == 5"), outputs={"a": [2], "y": [5, 8, 8]}),
    Good("outputs have a space of their own", net("a = conv(2, 1)\noutput a\nconv(3, 1)"), outputs={"a": [2, 8, 8], "y": [3, 8, 8]}),
    Good("an output within braces", net("{ conv(2, 1)\noutput a\nconv(3, 1) }"), outputs={"a": [2, 8, 8], "y": [3, 8, 8]}),
    Good("weights of a training output count, its operations do not", net("output aux = gap -> linear(2) when training\nconv(3, 1)"), params=10 + C(4, 3), macs=4 * 3 * 64),
    Good("a network in a flow is a block", "network inner { input x: [4, 8, 8]; conv(5, 1); output y }\nnetwork n { input x: [3, 8, 8]; conv(4, 1) -> inner -> conv(2, 1); output y }\nmodel m = n", model="m", shape=[2, 8, 8], params=C(3, 4) + C(4, 5) + C(5, 2)),
    Good("outputs of a network in a flow are a bundle", "network inner { input x: [4, 8, 8]; output a = conv(5, 1); output b = conv(6, 1); output c = conv(7, 1) when training }\nnetwork n { input x: [4, 8, 8]; inner -> concat; output y }\nmodel m = n", model="m", shape=[11, 8, 8]),
    Good("inputs of a network in a flow, in order", "network inner { input a: [2, 8, 8]; input b: [3, 8, 8]; ( a | b ) -> concat; output y }\nnetwork n { input x: [4, 8, 8]; ( conv(2, 1) | conv(3, 1) ) -> inner; output y }\nmodel m = n", model="m", shape=[5, 8, 8]),
    Good("a symbolic size is an int in the body", "network n { input x: [3, H=8, W=6]; conv(2, 3, stride=2) -> [2, H // 2, W // 2]; output y }", shape=[2, 4, 3]),
    Good("1-D and 3-D follow from what arrives", "network n { input x: [3, 16]; input v: [2, 4, 8, 8]; x -> conv(2, 3) -> bn -> maxpool(2); output a; v -> conv(2, 3) -> bn -> maxpool(2); output b }", outputs={"a": [2, 8], "b": [2, 2, 4, 4]}, params=3 * 2 * 3 + 2 + 4 + 2 * 2 * 27 + 2 + 4),
]


@each(GOOD)
def test_good(case: Good) -> None:
    accept(case)


BAD = [
    Bad("channels where they are inferred", net("bn(4)  #! E205\ngn(2, 4)  #! E205\nlayerscale(4)  #! E205\nln(4)  #! E205"), says=("inferred",)),
    Bad("an argument of a default", net("default maxpool(ceil=true)\nmaxpool(2, pad=same)  #! E602"), says=("`ceil` comes from a `default maxpool(…)`",)),
    Bad("an argument of a default that does not fit", net("default conv(groups=3)\nconv(9, 3)  #! E602"), says=("`groups` comes from a `default conv(…)`",)),
    Bad("an input that nobody can count", "network n {\ninput x: [2147483647, 2147483647, 2147483647]  #! E602\noutput x\n}", says=("more than PyTorch can count",)),
    # --- elements ---
    Bad("a number as an element", net("relu -> 3  #! E401")),
    Bad("a bool as an element", net("relu -> true  #! E401")),
    Bad("a list of strings as an element", net('relu -> ["a"]  #! E401')),
    Bad("a function as an element", net("relu -> f  #! E401", "def f(x) = x")),
    Bad("a tensor inside a pipeline", net("e = conv(4, 1)\nrelu -> e -> relu  #! E402")),
    Bad("a list of tensors inside a pipeline", net("e = conv(4, 1)\nrelu -> [e, e] -> add  #! E402")),
    Bad("an int times a layer", net("4 * relu  #! E301|E302|E406"), ("layer * 4",)),
    Bad("a negative number of copies", net("relu * -1  #! E406")),
    Bad("a half copy", net("relu * 1.5  #! E406")),
    Bad("calling a layer value", net("b(leaky_relu(0.2))", "block b(act: layer) { act(0.1) }  #! E308")),
    Bad("calling a tensor", net("e = relu\ne(3)  #! E308")),
    Bad("an unknown layer", net("conf(3, 3)  #! E201"), ("conv",)),
    Bad("a missing argument", net("conv(3)  #! E204"), ("kernel",)),
    Bad("an unknown argument", net("conv(3, 3, strid=2)  #! E203"), ("stride",)),
    Bad("an argument twice", net("conv(3, 3, kernel=3)  #! E206")),
    Bad("too many arguments", net("relu(1, 2, 3)  #! E205")),
    Bad("a block's missing argument", net("b  #! E204", "block b(c) { conv(c, 1) }")),
    Bad("a block's unknown argument", net("b(c=1, d=2)  #! E203", "block b(c) { conv(c, 1) }")),
    Bad("an annotation at the call", net("b(0.5)  #! E306", "block b(c: int) { conv(c, 1) }")),
    Bad("a bool is no int", net("b(true)  #! E306", "block b(c: int) { conv(4, 1) * c }")),
    Bad("a layer is no block", net("b(conv(3, 3))  #! E306", "block b(unit: block) { unit(3) }")),
    Bad("an int is no layer", net("b(3)  #! E306", "block b(body: layer) { body }")),
    Bad("a layer is no tensor", net("b(relu)  #! E306", "block b(skip: tensor) { ( it | skip ) -> add }")),
    Bad("a float is no list", net("b(0.5)  #! E306", "block b(c: list) { relu }")),
    # --- bundles ---
    Bad("a bundle reaches a layer of one", net("( identity\n| conv(4, 1) ) -> relu  #! E403")),
    Bad("a bundle reaches a block of one", net("( identity | relu ) -> b  #! E403|E404", "block b { relu }")),
    Bad("two for three", net("( identity | relu ) -> b  #! E404", "block b takes a, c, d { a }")),
    Bad("too few for a and the rest", net("( identity | relu ) -> b  #! E404", "block b takes a, c, d, *rest { a }")),
    Bad("a join of nothing", net("( relu for _ in range(0) ) -> add  #! E405")),
    Bad("a bundle has no shape", net("h = ( relu | relu )\nexpect h.shape == [4, 8, 8]  #! E207|E301\nh -> add")),
    Bad("two names for three", net("a, b = split([1, 1, 2])  #! E307\n( a | b ) -> concat")),
    Bad("a member out of range", net("h = ( relu | relu )\nh[2]  #! E304")),
    # --- shapes ---
    Bad("a waypoint that does not hold", net("conv(2, 3) -> [3, 8, 8]  #! E501"), ("[2, 8, 8]",)),
    Bad("a waypoint of another rank", net("gap -> [4, 1, 1]  #! E501")),
    Bad("a sum of different channels", net("( identity | conv(5, 1) ) -> add  #! E502")),
    Bad("a concatenation of different sizes", net("( identity | maxpool(2) ) -> concat  #! E502")),
    Bad("a kernel larger than its input", net("conv(2, 9, pad=0)  #! E503")),
    Bad("linear on a map", net("linear(3)  #! E504"), ("flatten", "gap")),
    Bad("groups that do not divide", net("conv(4, 3, groups=3)  #! E602")),
    Bad("an extent of another rank", net("conv(4, 1x2x3)  #! E602")),
    Bad("one mistake silences what depends on it", net("conv(4, 9, pad=0)  #! E503\nlet k = it.channels\nconv(k, 3) -> [9, 9, 9]")),
    Bad("two mistakes are both reported", net("( conv(4, 9, pad=0) | conv(4, 3, stride=2) -> [3, 3, 3] ) -> add  #! E503 #! E501")),
    # --- it, in ---
    Bad("an unknown attribute", net("conv(it.chanels, 1)  #! E207"), ("channels",)),
    Bad("a vector has no height", net("gap\nlet h = it.height  #! E207\nlinear(h)")),
    Bad("`it` in a file", net("conv(c, 1)", "let c = it.channels  #! E208")),
    Bad("`it` in a function", net("conv(f(), 1)", "def f() = it.channels  #! E208")),
    Bad("`in` in a network of several inputs", "network n {\ninput a: [2, 8, 8]\ninput b: [3, 8, 8]\n( a | b ) -> concat -> conv(in.channels, 1)  #! E208\noutput y\n}"),
    Bad("a flow before it begins", "network n {\ninput a: [2, 8, 8]\ninput b: [3, 8, 8]\nrelu  #! E412\noutput y\n}"),
    Bad("a flow without an input", "network n {  #! E412\nrelu\noutput y\n}"),
    Bad("`it` before a flow begins", "network n {\ninput a: [2, 8, 8]\ninput b: [3, 8, 8]\nlet k = it.channels  #! E208|E412\n( a | b ) -> concat -> conv(k, 1)\noutput y\n}"),
    Bad("a kept layer names a tensor", net("e = conv(4, 1)\nlet f = ( identity | e ) -> add  #! E407\nf")),
    Bad("an argument names a tensor", net("e = conv(4, 1)\nb(( identity | e ) -> add)  #! E407", "block b(body: layer) { body }")),
    # --- sharing ---
    Bad("a shared layer with different weights", net("share f = conv(5, 1)\nf -> f  #! E408")),
    Bad("a shared layer with different statistics", net("share f = bn(affine=false)\nf -> conv(3, 1) -> f  #! E408")),
    # --- networks ---
    Bad("a network used with another input", "network inner { input x: [4, 8, 8]; relu; output y }\nnetwork n { input x: [3, 8, 8]\ninner  #! E505\noutput y }\nmodel m = n", model="m"),
    Bad("outputs stand in networks only", net("b", "block b {\nrelu\noutput z  #! E107\n}")),
    Bad("inputs stand in networks only", net("b", "block b {\ninput z: [3]  #! E107\nrelu\n}")),
    Bad("an output twice", "network n {\ninput x: [4, 8, 8]\nrelu\noutput y\nrelu\noutput y  #! E805\n}"),
    Bad("a network without an output", "network n {  #! E805\ninput x: [4, 8, 8]\nrelu\n}"),
    Bad("a block that calls itself without end", net("b", "block b { relu -> b }  #! E901"), ("b",)),
    Bad("too many layers", net("relu * 100_000_000  #! E902")),
    Bad("an expectation in a block", net("conv(6, 1) -> b(4)", 'block b(groups) {\nexpect in.channels % groups == 0, "groups must divide"  #! E801\nconv(8, 1, groups=groups)\n}'), ("groups must divide",)),
    Bad("a negative input", "network n { input x: [4, -8, 8]  #! E808\nrelu\noutput y }"),
    Bad("an input of no int", "network n { input x: [4, 0.5, 8]  #! E808|E301\nrelu\noutput y }"),
    Bad("a layer where a number is wanted", net("conv(relu, 1)#! E601\nconv({ relu }, 1)#! E601\nconv(4, kernel=max)#! E601\nconv(in, 1)#! E601"), ("not a layer", "not a function", "not a tensor")),
    Bad("share in a loop", net("for i in range(2) { share s = conv(4, 3)#! E409\ns -> s }"), ("outside the loop",)),
    Bad("a symbol of two sizes", "network n {\ninput x: [4, H=8, H=9]#! E808\noutput y }", ("8 already",)),
    Bad("a symbol of two sizes, in two inputs", "network n {\ninput x: [4, H=8, W=8]\ninput z: [4, H=9, W=8]#! E808\n( x | z ) -> concat\noutput y }"),
    Bad("a symbol of two sizes in a network used as a block", "network b {\ninput x: [4, S=8, S=8]#! E808\noutput y }\nnetwork n {\ninput x: [4, 8, 9]\nb\noutput y }", ("in `b`, called here",), model="n"),
    Bad("a dimension beyond the limit", "network n {\ninput x: [4, 99999999999]#! E808\noutput y }", ("at most",)),
    Bad("steps that build nothing", net("f(50)", "block f(n) { if n > 0 { f(n - 1) -> f(n - 1) } }#! E905"), ("steps to work out",)),
    Bad("a mistake in many copies", net("f(50)", "block f(n) { if n > 0 { f(n - 1) -> f(n - 1) } else {\nconv(0, 1)  #! E601\n} }")),
    Bad("names that are missing in a long body", net("\n".join(f"x{i}  #! E201" for i in range(1000)))),
]


@each(BAD)
def test_bad(case: Bad) -> None:
    reject(case)


BRING = "bring what arrives to the same number of channels, or use two layers"
OTHERS = [
    ("conv(5, 3)", "f -> maxpool(2) -> f", "`weight` of `conv` is [5, 4, 3, 3] at first and [5, 5, 3, 3] here", BRING),
    ("{ conv(5, 3); relu }", "f -> maxpool(2) -> f", "`weight` of `conv` is [5, 4, 3, 3] at first and [5, 5, 3, 3] here", BRING),
    ("bn(affine=false)", "f -> conv(3, 1) -> f", "`running_mean` of `bn` is [4] at first and [3] here", BRING),
    ("layerscale(0.1)", "f -> gap -> f", "`weight` of `layerscale` is [4, 1, 1] at first and [4] here", "use two layers"),
    ("position_embedding", "tokens -> f -> class_token -> f", "`weight` of `position_embedding` is [1, 64, 4] at first and [1, 65, 4] here", "use two layers"),
    ("{ flatten -> linear(9) }", "f\nx -> maxpool(2) -> f", "`weight` of `linear` is [9, 256] at first and [9, 64] here", "use two layers"),
    ("{ flatten -> linear(9) }", "f\nx -> conv(2, 1) -> maxpool(2) -> f", "`weight` of `linear` is [9, 256] at first and [9, 32] here", "use two layers"),
    ("maxpool(2)", "f -> flatten -> reshape([4, 16]) -> f", "the module is `nn.MaxPool2d` at first and `nn.MaxPool1d` here", "use two layers"),
    ("conv(4, 1, bias=it.height > 4)", "f -> maxpool(2) -> f", "`bias` of `conv` is there at first only", "use two layers"),
    ("conv(4, 1, stride=it.height // 4)", "f -> f", "`stride` of `nn.Conv2d` is 2 at first and left out here", "use two layers"),
    ("{ if it.height > 4 { conv(4, 1) } else { bn } }", "f -> maxpool(2) -> f", "it has `conv` at first where it has `bn` here", "use two layers"),
    ("{ conv(4, 1); if it.height > 4 { bn } }", "f -> maxpool(2) -> f", "`bn` is there at first only", "use two layers"),
    ("{ conv(4, 1); if it.height < 8 { bn } }", "f -> maxpool(2) -> f", "`bn` is there here only", "use two layers"),
]  # fmt: skip


@pytest.mark.parametrize(("shared", "body", "note", "help"), OTHERS)
def test_what_makes_a_shared_layer_another(shared: str, body: str, note: str, help: str) -> None:
    """The weight with its two shapes, or what else differs; what is advised would mend it."""
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(net(f"share f = {shared}\n{body}"))
    (found,) = (d for d in caught.value.diagnostics if d.is_error)
    assert (found.code, found.notes, found.help) == ("E408", (note,), help)
    assert found.message == "the shared layer `f` would be another module here than at its first use"
