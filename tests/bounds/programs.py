"""The hostile programs, a line each."""

from __future__ import annotations

from tests.bounds.hostile import Files, Table, let, network, numbered

MEGA = 1_000_000
#: Those that any test run holds: each limit, in little time. The others are slow.
QUICK = frozenset([
    "power of powers", "factorial", "range of a million millions", "doubling lists", "doubling strings", "a list of ranges",
    "slices kept", "recursion without end", "a thousand million copies", "layers kept deep", "bundles that double",
    "parentheses in a network", "sums", "nots", "a name of a megabyte", "ten megabytes in a line", "backslashes",
    "diamond of depth 30 without calls", "imports too deep", "a file too large", "one comment", "--set many copies",
    "--input too large", "wrong statements", "a list turned round by functions", "a list turned round by blocks",
])  # fmt: skip
table = Table(QUICK)
add = table.add

# --- numbers ------------------------------------------------------------------------------------------------------------

add("power of powers", let("2 ** 10 ** 10"), "E903", "integer_bits")
add("power of a negative number", let("(-3) ** 10 ** 9"), "E903", "integer_bits")
add("power to a huge negative number", let("2 ** -(10 ** 18)"))
add("root of a huge power", let("(10 ** 400) ** 0.5"), "E309")
add("squares of squares", let("v30", "let v0 = 3\n" + numbered(30, "let v{i} = v{p} * v{p}")), "E903", "integer_bits")
add("factorial", let("f(10000)", "def f(n) = 1 if n < 2 else n * f(n - 1)"), "E901", "function_depth")
add("factorial by loop", network("  let a = 1\n  for i in range(1, 100000) { let a = a * i }"), "E903", "integer_bits")
add("fibonacci", let("f(60)", "def f(n) = n if n < 2 else f(n - 1) + f(n - 2)"), "E905", "steps")
add("ackermann", let("a(3, 90)", "def a(m, n) = n + 1 if m == 0 else (a(m - 1, 1) if n == 0 else a(m - 1, a(m, n - 1)))"), "E901", "function_depth")
add("number of a megabyte", lambda: let("9" * MEGA), "E105")
add("digits and suffixes", let("9" * 90 + "G"))
add("exponent of a megabyte", lambda: let("1e" + "9" * MEGA), "E105")
add("exponent with a suffix", let("1e-99999999999999999999G"), "E105")
add("float beyond", let("1e308 * 10"), "E309")
add("float minus infinity", let("-1e308 - 1e308"), "E309")
add("round to nothing", let("round(1.5, 10 ** 9)"), "E903")
add("round of a huge int", let("round(10 ** 1000, -(10 ** 9))"), "E903")
add("float of a huge int", let("float(10 ** 1200)"), "E309")
add("shown huge int", network('  "a{10 ** 1200}": relu'), "E410")
add("repeated huge int", network("  relu * 10 ** 1200"), "E902", "nodes")
add("huge int as a float", network("  dropout(10 ** 1200)"), "E601")
add("huge int in a waypoint", network("  [10 ** 1200, 8, 8]"), "E501")

# --- strings and lists --------------------------------------------------------------------------------------------------

add("range of a million millions", let("range(10 ** 12)"), "E903", "list_length")
add("range beyond a machine word", let("range(10 ** 30)"), "E903", "list_length")
add("range backwards", let("range(10 ** 12, 0, -1)"), "E903", "list_length")
add("doubling lists", let("v40", "let v0 = [1]\n" + numbered(40, "let v{i} = v{p} + v{p}")), "E903", "list_length")
add("doubling by stars", let("v40", "let v0 = [1]\n" + numbered(40, "let v{i} = [*v{p}, *v{p}]")), "E903", "list_length")
add("doubling strings", let("v40", 'let v0 = "x"\n' + numbered(40, "let v{i} = v{p} + v{p}")), "E903", "text_length")
add("doubling labels", network('  let s = "x"\n  for i in range(40) { let s = s + s }'), "E903", "text_length")
add("many ranges", let("len(v100)", "let v0 = range(10 ** 6)\n" + numbered(100, "let v{i} = range(10 ** 6)")), "")
add("a list of ranges", let("[range(10 ** 6) for i in range(10 ** 6)]"), "E905", "steps")
add("a list of lists that share", let("v60", "let v0 = [1, 1]\n" + numbered(60, "let v{i} = [v{p}, v{p}]")), "")
add("comparison of lists that share", network("  expect v40 == w40", "let v0 = [1]\nlet w0 = [1]\n" + numbered(40, "let v{i} = [v{p}, v{p}]\nlet w{i} = [w{p}, w{p}]")), "E905", "steps")
add("a shown list that shares", network("  v60", "let v0 = [1, 1]\n" + numbered(60, "let v{i} = [v{p}, v{p}]")), "E401")
add("an argument that shares", network("  conv(v60, 3)", "let v0 = [1, 1]\n" + numbered(60, "let v{i} = [v{p}, v{p}]")), "E601")
add("membership again and again", let("[1 for i in range(10 ** 6) if i in xs]", "let xs = range(10 ** 6)"), "E905", "steps")
add("sums again and again", let("[sum(xs) for i in range(10 ** 6)]", "let xs = range(10 ** 6)"), "E905", "steps")
add("slices again and again", let("[len(xs[::-1]) for i in range(10 ** 6)]", "let xs = range(10 ** 6)"), "E905", "steps")
add("slices kept", let("[xs[::-1] for i in range(10 ** 6)]", "let xs = range(10 ** 6)"), "E905", "steps")
add("joined again and again", network("  let xs = []\n  for i in range(10 ** 6) { let xs = xs + [i] }"), "E905", "steps")
add("strings joined again and again", let('[s + s for i in range(10 ** 6)]', 'let s = "' + "x" * 40000 + '"'), "E905", "steps")
add("zip of many", let("[len(zip(xs, xs, xs, xs)) for i in range(10 ** 6)]", "let xs = range(10 ** 6)"), "E905", "steps")
add("max of huge lists", let("max([[xs, i] for i in range(1000)])", "let xs = range(10 ** 6)"), "E905", "steps")
add("product of comprehensions", let("[a for a in r for b in r for c in r for d in r]", "let r = range(1000)"), "E905", "steps")
add("product without results", let("[a for a in r for b in r for c in r if false]", "let r = range(1000)"), "E905", "steps")
add("arguments by star", network("  conv(*range(10 ** 6))"), "E205")
add("function with arguments by star", let("f(*range(10 ** 6))", "def f(x) = x"), "E205")
add("max of a million stars", let("max(*range(10 ** 6))"), "E205")
add("string with a million braces", network('  "' + "{1}" * 30000 + '": relu'), "")
add("label of a megabyte", lambda: network(f"  {'x' * MEGA}: relu"), "E903", "text_length")
add("string of a megabyte", lambda: network(f'  "{"x" * MEGA}": relu'), "E903", "text_length")
add("label from strings", network("  for i in range(1000) { \"{s}{i}\": relu6 -> conv(1, 1) }", 'let s = "' + "x" * 90000 + '"'), "E905", "steps")

# --- calls and repetitions ----------------------------------------------------------------------------------------------

add("recursion without end", network("  b(0)", "block b(n) { b(n + 1) }"), "E901", "depth")
add("mutual recursion", network("  a", "block a { b }\nblock b { a }"), "E901")
add("function without end", let("f(1)", "def f(n) = f(n)"), "E901")
add("layers in layers", network("  let f = relu\n  for i in range(10 ** 5) { let f = f -> relu }"), "")
add("layers that double", network("  let f = relu\n  for i in range(60) { let f = f -> f }\n  f"), "E905", "steps")
add("layers that double nothing", network("  let f = identity\n  for i in range(60) { let f = f -> f }\n  f"), "E905", "steps")
add("layers kept deep", network("  let f = relu\n  for i in range(10 ** 4) { let f = (f -> relu) }\n  f"), "E901", "nesting")
add("exponential calls", network("  b60", "block b0 { relu }\n" + numbered(60, "block b{i} {{ b{p} -> b{p} }}")), "E905", "steps")
add("exponential calls of nothing", network("  b60", "block b0 { identity }\n" + numbered(60, "block b{i} {{ b{p} -> b{p} }}")), "E905", "steps")
add("exponential recursion", network("  b(60)", "block b(n) { if n > 0 { b(n - 1) -> b(n - 1) } }"), "E905", "steps")
add("exponential recursion of labels", network("  b(60)", "block b(n) { if n > 0 { x: b(n - 1) -> y: b(n - 1) } else { relu } }"), "E905", "steps")
add("exponential functions", let("f60(1)", "def f0(x) = x\n" + numbered(60, "def f{i}(x) = f{p}(x) + f{p}(x)")), "E905", "steps")
add("exponential functions of a number", let("f(60)", "def f(n) = 1 if n == 0 else f(n - 1) + f(n - 1)"), "E905", "steps")
add("a list handed down by functions", let("f(range(30000), 90)", "def f(l, n) = 0 if n == 0 else f(l + [], n - 1)"), "")
add("a list turned round by functions", let("f([0 * i for i in range(20000)] + [1])", "def f(l) = 0 if l == [] else f(l[1:] + [l[0]])"), "E905", "steps")
add("a list handed down by blocks", network("  b(range(30000), 90)", "block b(l, n) { if n > 0 { b(l + [], n - 1) } else { relu } }"), "")
add("a list turned round by blocks", network("  b([0 * i for i in range(20000)] + [1])", "block b(l) { if l == [] { relu } else { b(l[1:] + [l[0]]) } }"), "E905", "steps")
add("exponential lists of layers", network("  for f in v40 { f }", "let v0 = [relu]\n" + numbered(40, "let v{i} = v{p} + v{p}")), "E903", "list_length")
add("a thousand million copies", network("  relu * 10 ** 9"), "E902", "nodes")
add("nested repetitions", network("  relu * 1000 * 1000 * 1000"), "E902", "nodes")
add("nested repetitions of nothing", network("  identity * 1000 * 1000 * 1000"), "E905", "steps")
add("repetitions of convolutions", network("  conv(8, 3) * 1000 * 1000"), "E905", "steps")
add("nested loops", network("  for i in range(1000) { for j in range(1000) { for k in range(1000) { relu } } }"), "E905", "steps")
add("nested loops of nothing", network("  for i in range(1000) { for j in range(1000) { for k in range(1000) { let a = i } } }"), "E905", "steps")
add("a loop that expects", network("  for i in range(10 ** 6) { for j in range(10 ** 6) { expect i >= 0 } }"), "E905", "steps")
add("defaults in a loop", network("  for i in range(10 ** 6) { for j in range(10 ** 6) { default conv(bias=false) } }"), "E905", "steps")
add("blocks without layers", network("  for i in range(10 ** 6) { for j in range(10 ** 6) { e } }", "block e { }"), "E905", "steps")
add("deep blocks", network("  b99", "block b0 { relu }\n" + numbered(99, "block b{i} {{ b{p} }}")), "")
add("too deep blocks", network("  b1000", "block b0 { relu }\n" + numbered(1000, "block b{i} {{ b{p} }}")), "E901", "depth")
add("parameters handed down", network("  b90(1)", "block b0(x) { relu * x }\n" + numbered(90, "block b{i}(x, y = x) {{ b{p}(x + y - x) }}")), "")
add("mistakes in a loop", network("  for i in range(10 ** 6) { conv(i, 3) -> add -> [1, 1, 1] }"), "E601")
add("mistakes of exponential calls", network("  b60", "block b0 { [1, 1] }\n" + numbered(60, "block b{i} {{ b{p} -> b{p} }}")), "E501")
add("mistakes of many copies", network("  (identity | [1]) * 10 ** 6 * 10 ** 3"), "E902", "nodes")
add("shapes that never come back", network("  for i in range(10 ** 6) { pad(1) }"), "E905", "steps")
add("shared a million times", network("  share f = relu\n  for i in range(10 ** 7) { f }"), "E903", "list_length")
add("shared convolution", network("  share f = conv(3, 3)\n  f * 5 * 10 ** 4"), "")
add("shared in shared", network("  share f0 = conv(3, 3)\n" + numbered(60, "  share f{i} = f{p} -> f{p}") + "\n  f60"), "E905", "steps")
add("networks in networks", network("  m40", "network m0 { input x: [3, 8, 8]; relu; output y }\n" + numbered(40, "network m{i} {{ input x: [3, 8, 8]; m{p} -> m{p}; output y }}")), "E905", "steps")

# --- bundles --------------------------------------------------------------------------------------------------------------

add("a million branches", network("  ( conv(1, 1) for i in range(10 ** 6) ) -> concat"), "E905", "steps")
add("a million branches of nothing", network("  ( identity for i in range(10 ** 6) ) -> add"), "E905", "steps")
add("a million branches in the text", lambda: network("  ( " + " | ".join(["relu"] * MEGA) + " ) -> add"), "E904", "words")
add("bundles that double", network("  ( identity | identity )\n" + "  ( it | it )\n" * 40 + "  add"), "E903", "list_length")
add("bundles that double in a loop", network("  for i in range(60) { ( identity | identity ) }\n  add"), "E403")
add("bundles of bundles", network("  ( ( ( identity for i in r ) for j in r ) for k in r ) -> add", "let r = range(1000)"), "E905", "steps")
add("forks that double", network("  " + "( " * 30 + "relu" + " | relu )" * 30 + " -> add"), "")
add("forks that double layers", network("  " + "( it -> relu | it -> relu ) -> add -> " * 100 + "relu"), "")
add("forks nested to the limit", network("  " + "( identity | " * 190 + "relu" + " )" * 190 + " -> add"), "")
add("forks that take bundles", network("  " + "b(" * 0 + "b40", "block b0 { ( identity | identity ) }\n" + numbered(40, "block b{i} {{ ( b{p} | b{p} ) }}")), "E905", "steps")
add("a join of joins", network("  for i in range(10 ** 4) { ( identity | it ) -> add }"), "")
add("dense connections", network("  let all = [it]\n  for i in range(1500) { all -> concat -> conv(4, 1); let all = all + [it] }"), "E905", "steps")
add("split in many", network("  split(10 ** 6) -> concat", image="[1000000, 1, 1]"), "E602")
add("split in too many", network("  split(10 ** 9) -> concat", image="[1000000000, 1, 1]"), "E602")

# --- shapes and costs -----------------------------------------------------------------------------------------------------

add("a tensor of a million axes", network("  reshape(range(10 ** 6))"), "E601")
add("an input of many axes", lambda: network("  relu", image="[" + ", ".join(["1"] * 2 * 10 ** 4) + "]"), "")
add("an input too large", network("  relu", image="[2000000000, 2000000000, 2000000000]"), "E602")
add("channels without end", network("  conv(10 ** 12, 3)"), "E601")
add("kernel without end", network("  conv(3, 10 ** 9)"), "E503")
add("a large kernel", network("  conv(3, 10 ** 4)", image="[3, 20000, 20000]"), "")
add("costs without end", network("  conv(2 ** 20, 1) * 50000"), "")
add("padding without end", network("  pad(2 ** 30) -> pad(2 ** 30)"), "E602")
add("upsampled without end", network("  upsample(2) * 100"), "E602")
add("groups of millions", network("  conv(10 ** 6, 3, groups=10 ** 6)", image="[1000000, 8, 8]"), "")
add("heads of millions", network("  tokens -> attention(10 ** 6)", image="[1000000, 8, 8]"), "")
add("permutation of many", network("  permute(range(10 ** 6))"), "E602")
add("a waypoint of many", network("  range(10 ** 6)"), "E501")
add("an expectation of many", lambda: network("  relu\n  expect [" + "y.shape[0], " * 10 ** 5 + "1] == []"), "E904", "words")
add("many expectations", lambda: network("  relu\n" + "  expect params == 0\n" * 50000), "E904", "words")
add("expectations that fail", lambda: network("  relu\n" + "  expect params == 1\n" * 2 * 10 ** 4), "E801", "diagnostics")

# --- texts ----------------------------------------------------------------------------------------------------------------

M16 = 16 * 1024 * 1024
add("empty", "", "E804")
add("newlines", lambda: "\n" * M16, "E804")
add("comments", lambda: "#\n" * (M16 // 2), "E804")
add("one comment", lambda: "#" * M16, "E804")
add("blanks", lambda: " " * M16, "E804")
add("null characters", lambda: "\0" * M16, "E705")
add("marks of order", lambda: "\ufeff" * (M16 // 3), "E804")
add("parentheses", lambda: "(" * M16, "E904")
add("parentheses in a network", lambda: network("  " + "(" * MEGA + "relu" + ")" * MEGA), "E904", "brackets")
add("brackets in a network", lambda: network("  " + "[" * MEGA + "1" + "]" * MEGA), "E904", "brackets")
add("braces in a network", lambda: network("  " + "{" * MEGA + "relu" + "}" * MEGA), "E904", "brackets")
add("closing brackets", lambda: network("  " + ")" * MEGA), "E904", "words")
add("braces", lambda: "{" * M16, "E904", "words")
add("quotes", lambda: '"' * (M16 - 1), "E904", "words")
add("an open string", lambda: '"' * 1 + "x" * (M16 - 2), "E104")
add("backslashes", lambda: '"' + "\\" * (M16 - 3), "E104")
add("minus signs", lambda: let("-" * MEGA + "1"), "E904", "operators")
add("nots", lambda: network("  expect " + "not " * MEGA + "true"), "E904", "operators")
add("sums", lambda: let("1 + " * MEGA + "1"), "E904", "operators")
add("powers", lambda: let("1 ** " * MEGA + "1"), "E904", "operators")
add("choices", lambda: let("1 if true else " * MEGA + "1"), "E904", "operators")
add("ands", lambda: network("  expect " + "true and " * MEGA + "true"), "E904", "operators")
add("comparisons", lambda: network("  expect " + "0 < 1 == " * MEGA + "1"), "E904", "operators")
add("attributes", lambda: network("  expect it" + ".shape" * MEGA + " == 1"), "E904", "operators")
add("indices", lambda: network("  expect it" + "[0]" * MEGA + " == 1"), "E904", "operators")
add("calls of calls", lambda: network("  relu" + "()" * MEGA), "E904", "operators")
add("labels of labels", lambda: network("  " + "a: " * MEGA + "relu"), "E904", "words")
add("elifs", lambda: network("  if false { relu } " + "elif false { relu } " * 10 ** 5), "E904", "words")
add("nested ifs", lambda: network("  " + "if true { " * 10 ** 5 + "relu" + " }" * 10 ** 5), "E904", "brackets")
add("nested fors", lambda: network("  " + "for i in [1] { " * 10 ** 5 + "relu" + " }" * 10 ** 5), "E904", "brackets")
add("fors of a comprehension", lambda: let("[1 " + "for i in [1] " * 10 ** 4 + "]"), "E904", "operators")
add("ifs of a comprehension", lambda: let("[1 for i in [1] " + "if true " * 10 ** 5 + "]"), "E904", "operators")
add("a name of a megabyte", lambda: let("x" * MEGA), "E201")
add("a declared name of a megabyte", lambda: network("  " + "b" * MEGA, "block " + "b" * MEGA + " { conv(1, 1) }"), "")
add("an attribute of a megabyte", lambda: network("  expect it." + "x" * MEGA + " == 1"), "E207")
add("an argument of a megabyte", lambda: network("  conv(1, 1, " + "x" * MEGA + "=1)"), "E203")
add("a parameter of a megabyte", lambda: network("  b", "block b(" + "x" * MEGA + ") { relu }"), "E204")
add("a model of a megabyte", lambda: network("  relu").replace("network n", "network " + "n" * MEGA), "")
add("an input of a megabyte", lambda: network("  relu").replace("image", "i" * MEGA), "")
add("an extent of a megabyte", lambda: network("  conv(1, " + "1x" * MEGA + "1)"), "E602")
add("a docstring of 10 megabytes", lambda: network('  relu', '"' + "word " * (2 * MEGA) + '"'), "")
add("a docstring of a block", lambda: network("  b", 'block b { "' + "word " * (2 * MEGA) + '"\n conv(1, 1) }'), "")
add("ten megabytes in a line", lambda: network("  relu" + " -> relu" * MEGA), "E904", "words")
add("a chain of a thousand", network("  relu" + " -> relu" * 1000), "")
add("a chain of convolutions", lambda: network("  conv(3, 3)" + " -> conv(3, 3)" * 10 ** 5), "E904", "words")
add("distinct convolutions", network("  for i in range(10 ** 5) { conv(1 + i % 1000, 1, bias=(i % 7 == 0)) }"), "E905", "steps")
add("many statements", lambda: network("  relu\n" * 10 ** 5), "E904", "words")
add("many names", lambda: network(numbered(10 ** 5, "  x{i} = relu")), "E904", "words")
add("many values", lambda: network(numbered(10 ** 5, "  let x{i} = {i}")), "E904", "words")
add("values within the limit", lambda: network(numbered(3 * 10 ** 4, "  let x{i} = {i}")))
add("blocks within the limit", lambda: network("  b1", numbered(2 * 10 ** 4, "block b{i} {{ relu }}")))
add("many blocks", lambda: network("  b1", numbered(10 ** 5, "block b{i} {{ relu }}")), "E904", "words")
add("many used blocks", lambda: network(numbered(2 * 10 ** 4, "  b{i}"), numbered(2 * 10 ** 4, "block b{i} {{ conv({i}, 1) }}")), "E904", "words")
add("many models", lambda: network("  relu") + numbered(10 ** 4, "model m{i} = n"), "E905", "steps")
add("many networks", lambda: numbered(10 ** 4, "network n{i} {{ input x: [1]; relu; output y }}"), "E905", "steps")
add("many inputs", lambda: "network n {\n" + numbered(10 ** 4, "  input x{i}: [1]") + "\n  x1 -> relu\n  output y\n}\n", "")
add("many outputs", lambda: "network n {\n  input x: [1]\n" + numbered(10 ** 4, "  relu; output y{i}") + "\n}\n", "")
add("many parameters", lambda: network("  b", "block b(" + numbered(3 * 10 ** 4, "p{i} = {i}", ", ") + ") { relu }"), "")
add("many arguments", lambda: network("  b(" + ", ".join(["1"] * 5 * 10 ** 4) + ")", "block b(x) { relu }"), "E205")
add("many keyword arguments", lambda: network("  b(" + numbered(2 * 10 ** 4, "p{i}={i}", ", ") + ")", "block b(" + numbered(2 * 10 ** 4, "p{i} = 0", ", ") + ") { relu }"), "")
add("many names that are not known", lambda: network(numbered(3 * 10 ** 4, "  u{i}")), "E201", "diagnostics")
add("many misspelt names", lambda: network(numbered(2 * 10 ** 4, "  blocc{i}x"), numbered(2 * 10 ** 4, "block block{i} {{ relu }}")), "E201", "diagnostics")
add("misspelt arguments", lambda: network(numbered(2 * 10 ** 4, "  b(q{i}=1)"), "block b(" + numbered(10 ** 4, "p{i} = 0", ", ") + ") { relu }"), "E203", "diagnostics")
add("a misspelt name of many", lambda: network("  block1x", numbered(2 * 10 ** 4, "block block{i} {{ relu }}")), "E201")
add("one name that is not known", lambda: network("  u\n" * 4 * 10 ** 4), "E201")
add("unused values of many", lambda: network("  b", "block b {\n" + numbered(3 * 10 ** 4, "let x{i} = {i}") + "\n}"), "")
add("declared twice", lambda: network("  b", "block b { relu }\n" * 2 * 10 ** 4), "E108", "diagnostics")
add("many lets", lambda: numbered(3 * 10 ** 4, "let a{i} = {i}") + network("  relu"), "")
add("a chain of lets", lambda: let("a20000", "let a0 = 1\n" + numbered(2 * 10 ** 4, "let a{i} = a{p} + 1")), "E901", "nesting")
add("a chain of defs", lambda: let("a10000(1)", "def a0(x) = 1\n" + numbered(10 ** 4, "def a{i}(x) = a{p}(x)")), "E901", "function_depth")
add("a ring of lets", lambda: let("a1000", "let a0 = a1000\n" + numbered(1000, "let a{i} = a{p} + 1")), "E202")
add("many defaults", lambda: network("  relu", "default conv(bias=false)\n" * 20000), "")
add("an extern of many entries", lambda: network("  e", "extern block e {\n python = \"a.B()\"\n shape = [1]\n" + " params = 0\n" * 3 * 10 ** 4 + "}"), "E611", "diagnostics")
add("an extern of many arguments", lambda: network("  e", 'extern block e {\n python = "a.B(' + "1, " * 10 ** 5 + '1)"\n shape = [1]\n params = 0\n macs = 0\n}'), "E612")
add("an extern deep", lambda: network("  e", 'extern block e {\n python = "a.B(' + "[" * 900 + "]" * 900 + ')"\n shape = [1]\n params = 0\n macs = 0\n}'), "E612")
add("an extern of many shapes", lambda: network("  e", 'extern block e {\n python = "a.B()"\n shape = [[1] for i in range(10 ** 6)]\n params = 0\n macs = 0\n}'), "E905", "steps")
add("an extern of huge figures", network("  e", 'extern block e {\n python = "a.B()"\n shape = [1]\n params = 10 ** 1200\n macs = 10 ** 1200\n}'), "E613")
add("junk", lambda: ("@#$%^&" * (M16 // 6)), "E103")
add("junk in statements", lambda: network("  relu $ relu\n" * 10 ** 4), "E103")
add("wrong statements", lambda: network("  relu relu\n" * 2000), "E101")
add("unclosed blocks", lambda: "block b {\n" * 10 ** 5, "E904", "words")
add("tabs and wide letters", lambda: network("  \t\u4e2d" * MEGA), "E904", "words")
add("bytes that are not UTF-8", lambda: b"\xff" * M16, "E705")
add("a file too large", lambda: " " * (M16 + 1), "E904", "source_bytes")

# --- files ----------------------------------------------------------------------------------------------------------------


def diamond(depth: int) -> Files:
    files: Files = {"main.arch": network("  l0")}
    last = {"l0": f"block l{depth} {{ relu }}\n"}
    del last
    for i in range(depth):
        body = f"from l{i + 1} import x\nfrom r{i + 1} import x as z\nblock x {{ x -> z }}\n"
        body = f"from l{i + 1} import a as b\nfrom r{i + 1} import a as c\nblock a {{ b -> c }}\n"
        files[f"l{i}.arch"] = files[f"r{i}.arch"] = body
    files[f"l{depth}.arch"] = files[f"r{depth}.arch"] = "block a { relu }\n"
    files["main.arch"] = "from l0 import a\n" + network("  a")
    return files


def chain(length: int) -> Files:
    files: Files = {f"f{i}.arch": f"from f{i + 1} import a\n" for i in range(length)}
    files[f"f{length}.arch"] = "block a { relu }\n"
    files["main.arch"] = "from f0 import a\n" + network("  a")
    return files


def star(count: int) -> Files:
    files: Files = {f"f{i}.arch": f"block a{i} {{ relu }}\n" for i in range(1, count + 1)}
    files["main.arch"] = numbered(count, "from f{i} import a{i}") + "\n" + network("  a1")
    return files


def large(count: int) -> Files:
    """Each file is allowed, all together are not."""
    files: Files = {f"f{i}.arch": f"block a{i} {{ relu }}\n" + "#" * (M16 - 100) for i in range(1, count + 1)}
    files["main.arch"] = numbered(count, "from f{i} import a{i}") + "\n" + network("  a1")
    return files


add("diamond of depth 30", lambda: diamond(30), "E905", "steps")
add("diamond of depth 30 without calls", lambda: {**diamond(30), "main.arch": "from l0 import a\n" + network("  relu")})
add("imports too deep", lambda: chain(1000), "E904", "import_depth")
add("imports of a cycle", lambda: {"main.arch": "from a import x\n" + network("  x"), "a.arch": "from b import x\n", "b.arch": "from a import x\n"}, "E703")
add("many files", lambda: star(2000), "E904", "files")
add("huge files", lambda: large(40), "E904", "source_bytes")
add("a file again and again", lambda: {"main.arch": "from a import x\n" * 10 ** 5 + network("  x"), "a.arch": "block x { relu }\n"}, "E904", "words")
add("missing files", lambda: numbered(10 ** 4, "from f{i} import a{i}") + "\n" + network("  relu"), "E701", "diagnostics")
add("missing names", lambda: {"main.arch": "from a import " + numbered(10 ** 5, "x{i}", ", ") + "\n" + network("  relu"), "a.arch": numbered(10 ** 4, "block y{i} {{ relu }}")}, "E904", "words")
add("a path of a megabyte", lambda: "from " + "a" * MEGA + " import x\n" + network("  relu"), "E701")
add("a path of many folders", lambda: "from " + "a." * MEGA + "a import x\n" + network("  relu"), "E904")

# --- the command line -----------------------------------------------------------------------------------------------------

ONE = "network n(k = 1) {\n  input image: [3, H=8, W=8]\n  relu * k\n  output y\n}\n"
add("--set a huge power", ONE, "E903", "integer_bits", ("--set", "k=2 ** 10 ** 10"))
add("--set many brackets", ONE, "E904", "brackets", ("--set", "k=" + "(" * 50000 + "1" + ")" * 50000))
add("--set many copies", ONE, "E902", "nodes", ("--set", "k=10 ** 9"))
add("--set many ranges", ONE, "E905", "steps", ("--set", "k=len([1 for i in range(10 ** 6) for j in range(10 ** 6) if false])"))
add("--set a long name", ONE, "E806", "", ("--set", "x" * 100000 + "=1"))
add("--set a long value", ONE, "E201", "", ("--set", "k=" + "x" * 100000))
add("--set a long number", ONE, "E105", "", ("--set", "k=" + "9" * 100000))
add("--input too large", ONE, "E808", "", ("--input", "image=3x999999999999999999x999999999999999999"))
add("--input large", ONE, "E602", "", ("--input", "image=3x2000000000x2000000000"))
add("--input of many axes", ONE, "E808", "", ("--input", "image=" + "x".join(["1"] * 50000)))
add("--input a long name", ONE, "E807", "", ("--input", "x" * 100000 + "=1x1x1"))
add("--model a long name", ONE, "E802", "", ("--model", "x" * 100000))
