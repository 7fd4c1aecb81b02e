"""Nothing that an `extern` block or its values hold becomes code: a call of its class with literals, or a diagnostic."""

from __future__ import annotations

import ast
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

import archdsl

SPEC = """
extern block e(v, w) {
  python = "some.where.Thing({v}, [{v}, ({w},)], key={w}, told='<{w}>', both={{'{w}': {v}}})"
  shape = in.shape
}
network n(v = 0, w = 0) {
  input x: [3, 8, 8]
  e(v, w)
  output y
}
"""
#: What might end a string, begin an expression, or look like something else.
HOSTILE = [
    "'); import os; os.system('true'); ('",
    '"); import os; ("',
    "'''",
    '"""',
    "\\",
    "\\'",
    "{in}",
    "{{}}",
    "\n)\nimport os\n(",
    "\r\n\x00\x0b\x0c\x1c\x85\u2028\u2029",
    "\u202eabc\u2066",
    "\N{FULLWIDTH LEFT PARENTHESIS}\N{FULLWIDTH APOSTROPHE}\N{GREEK QUESTION MARK}",
    "\ud800",
    "V0_V1_VV0_",
    "# coding: rot13",
]
texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=20), st.text(alphabet="'\"\\{}()[],=#V0_\n", max_size=12)
)
scalars = st.one_of(
    texts, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4), max_leaves=8)


def constructed(source: str) -> ast.Call:
    """The one call of a class of the package, and nothing else of it but its import."""
    tree = ast.parse(source)
    told = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "Thing"]
    assert [ast.unparse(node) for node in told] == ["some.where.Thing"]
    (call,) = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.func is told[0]]
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported - {"torch", "torch.nn.functional"} == {"some.where"}
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert (classes, functions) == (["N"], ["n"])
    assert {type(node) for node in tree.body} <= {
        ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.ClassDef, ast.FunctionDef
    }  # fmt: skip
    return call


def same(a: Any, b: Any) -> bool:
    """Equal, and of one type throughout."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


@settings(deadline=None, max_examples=150)
@given(values, scalars)
@example([], "")
@example([[], [""]], -0.0)
@example(True, 1)
@example(1, True)
def test_values_stay_values(v: Any, w: Any) -> None:
    call = constructed(archdsl.loads(SPEC, v=v, w=w).source())
    args = [ast.literal_eval(arg) for arg in call.args]
    kwargs = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert same(args, [v, [v, (w,)]])
    assert list(kwargs) == ["key", "told", "both"]
    assert same(kwargs["key"], w)
    assert kwargs["told"] == f"<{w}>"
    assert list(kwargs["both"]) == [str(w)] and same(kwargs["both"][str(w)], v)


PIECES = [
    "some.where.Thing", "(", ")", "{v}", "{w}", "'", "\\\"", ",", "=", "k", "[", "]", "{{", "}}", ":", "1", "-", "+", "*", "**", ".",
    " ", "\\n", "\\\\", "#", ";", "f", "b", "r", "u", "lambda", "import os", "__import__", "os.system", "None", "True", "not", "if",
    "for", "in", "V0_", "VV", "\\\\x56", "\\\\N", "\N{FULLWIDTH COMMA}", "\u200b", "@", "...", "1e999", "1j", ":=", "yield", "await",
]  # fmt: skip
calls = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map(lambda pieces: f"some.where.Thing({''.join(pieces)})"),
)


@settings(deadline=None, max_examples=400)
@given(calls)
@example("some.where.Thing({v})")
@example("some.where.Thing('{v}' \\\"{w}\\\")")
@example("some.where.Thing('\\\\x560_', {v})")
def test_calls_of_all_kinds(python: str) -> None:
    text = f'extern block e(v, w) {{\n  python = "{python}"\n  shape = in.shape\n}}\n'
    text += 'network n { input x: [3]; e(3, "\'"); output y }\n'
    try:
        source = archdsl.loads(text).source()
    except archdsl.ArchError as error:
        assert {d.code for d in error.diagnostics if d.is_error} <= {
            "E101",
            "E103",
            "E104",
            "E109",
            "E612",
            "E613",
        }
        assert str(error)
        return
    for argument in (call := constructed(source)).args + [keyword.value for keyword in call.keywords]:
        ast.literal_eval(argument)
