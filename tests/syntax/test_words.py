"""Numbers, extents, strings, comments."""

from __future__ import annotations

import pytest

from archdsl.diagnostics.core import Collector
from archdsl.source import Source
from archdsl.syntax import ast
from archdsl.syntax.parser import parse_expression
from tests.syntax.sexpr import expression, sexpr

NUMBERS = [
    ("0", 0),
    ("64", 64),
    ("7_978_856", 7978856),
    ("0.5", 0.5),
    ("1.0", 1.0),
    ("0.10", 0.1),
    ("1e-3", 0.001),
    ("1e3", 1000.0),
    ("2.5E+2", 250.0),
    ("4K", 4000),
    ("3.8G", 3800000000),
    ("25.6M", 25600000),
    ("4.10G", 4100000000),
    ("0.5K", 500),
    ("1.5e1K", 15000),
    ("0.0005K", 0.5),
    ("1.2345K", 1234.5),
    ("0.1M", 100000),
    ("0.0G", 0),
    ("1_000.000_1", 1000.0001),
    ("123456789012345678901234567890", 123456789012345678901234567890),
    ("1.234567890123456789012345678901234567890G", 1234567890.1234567),
    ("12345678901234567890.12345K", 12345678901234567890123.45),
    ("1e-400K", 0),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_number(text: str, value: float) -> None:
    tree = parse_expression(Source("test", text), Collector())
    assert isinstance(tree, ast.Number)
    assert (tree.value, type(tree.value), tree.text) == (value, type(value), text)


BAD_NUMBERS = [
    ("3x", "this is not a number"),
    ("3x3x", "this is not a number"),
    ("3abc", "this is not a number"),
    ("1__0", "this is not a number"),
    ("1_", "this is not a number"),
    ("1.2.3", "this is not a number"),
    ("1e", "this is not a number"),
    ("0xff", "this is not a number"),
    ("1.5x2", "this is not a number"),
    ("1e3e4", "this is not a number"),
    ("4k", "the suffixes of numbers are `K`, `M` and `G`"),
    ("1.5T", "the suffixes of numbers are `K`, `M` and `G`"),
    ("7B", "the suffixes of numbers are `K`, `M` and `G`"),
    ("007", "a number does not begin with 0"),
    ("1e999", "the number is too large"),
    ("1e999999999999999999999G", "the number is too large"),
    ("1" * 200, "a number has at most 100 digits"),
    ("03x3", "this is not an extent"),
    ("3x9999999999", "this is not an extent"),
]


@pytest.mark.parametrize(("text", "message"), BAD_NUMBERS)
def test_bad_number(text: str, message: str) -> None:
    collector = Collector()
    assert parse_expression(Source("test", f"f({text})"), collector) is not None
    (found,) = collector.diagnostics
    assert (found.code, found.message, found.span.text) == ("E105", message, text)


@pytest.mark.parametrize(
    ("text", "at", "help"),
    [
        (".5", ".5", "write `0.5`"),
        ("5.", "5.", "write `5.0`"),
        ("5. + 1", "5.", "write `5.0`"),
        ("1 + .5e3", ".5e3", "write `0.5e3`"),
    ],
)
def test_number_without_a_digit(text: str, at: str, help: str) -> None:
    collector = Collector()
    assert parse_expression(Source("test", f"f({text})"), collector) is None
    (found,) = collector.diagnostics
    assert (found.code, found.span.text, found.help) == ("E105", at, help)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1x7", "1x7"),
        ("3x3x3", "3x3x3"),
        ("0x1", "0x1"),
        ("10x224", "10x224"),
        ("f(3x3)", "(f of 3x3)"),
        ("x1x7", "x1x7"),
        ("[1x7][0]", "(index [1x7] 0)"),
        ("1x7 -> a", "(-> 1x7 a)"),
    ],
)
def test_extents(text: str, tree: str) -> None:
    assert expression(text) == tree


STRINGS = [
    ('""', '""'),
    ('"a"', '"a"'),
    (r'"a \"b\" \\ c"', '"a "b" \\ c"'),
    (r'"a\nb\tc"', '"a\nb\tc"'),
    ('"# -> {{"', "(text '# -> {')"),
    ('"ü → 日"', '"ü → 日"'),
    ('"{i}"', "(text i)"),
    ('"a{i}"', "(text 'a' i)"),
    ('"a{i + 1}b{f(x)[0]}"', "(text 'a' (+ i 1) 'b' (index (f of x) 0))"),
    ('"{{{i}}}"', "(text '{' i '}')"),
    ('"{{i}}"', "(text '{i}')"),
    ('"}}{{"', "(text '}{')"),
    ('"{ i }"', "(text i)"),
    ('"{in.channels}x{it.height // 2}"', "(text in.channels 'x' (// it.height 2))"),
    (r'"\"{i}\""', "(text '\"' i '\"')"),
    ('"{a if b else c}"', "(text (if b a c))"),
    ('"{[x for x in xs][0]}"', "(text (index (list x (for x xs)) 0))"),
]


@pytest.mark.parametrize(("text", "tree"), STRINGS)
def test_string(text: str, tree: str) -> None:
    assert expression(text) == tree


BRACE_FAULTS = [
    ('"a{"', "this `{` is not closed; as a character it is written `{{`", "{"),
    ('"a{i"', "this `{` is not closed; as a character it is written `{{`", "{"),
    ('"a}"', "a `}` that closes nothing is written `}}`", "}"),
    ('"{{i}"', "a `}` that closes nothing is written `}}`", "}"),
    ('"{}"', "an expression is wanted in the braces", "{}"),
    ('"x{ }"', "an expression is wanted in the braces", "{ }"),
    (r'"{f(\"a\")}"', "an escape cannot stand in braces", r"\"a\")"),
    ('"a {i j} b"', "`j` stands where `->` or the end of the text is wanted", "j"),
    ('"{i +}"', "the text ends where an expression is wanted", ""),
    ('"{let}"', "`let` begins a statement, and an element is wanted here", "let"),
    ('"{3x}"', "this is not a number", "3x"),
    ('"{a;}"', "", ""),
    ('"{(a}"', "this `(` is not closed", "("),
    ('"{a?}"', "`?` is no operator of the language", "?"),
]


@pytest.mark.parametrize(("text", "message", "at"), BRACE_FAULTS)
def test_braces_that_hold_no_expression_are_no_error_here(text: str, message: str, at: str) -> None:
    collector = Collector()
    tree = parse_expression(Source("test", f"f(x, {text})"), collector)
    assert not collector.diagnostics
    assert isinstance(tree, ast.Call)
    string = tree.arguments[1].value
    assert isinstance(string, ast.Text)
    if not message:
        assert string.fault is None
        return
    assert string.parts == ()
    assert string.fault is not None
    assert (string.fault[0], string.fault[1].text) == (message, at)


def test_value_of_a_string_has_its_braces() -> None:
    tree = parse_expression(Source("test", r'"a {i}\n{{b}}"'), Collector())
    assert isinstance(tree, ast.Text)
    assert tree.value == "a {i}\n{{b}}"


@pytest.mark.parametrize("escape", [r"\q", r"\'", r"\x", r"\0", r"\{"])
def test_unknown_escape(escape: str) -> None:
    collector = Collector()
    tree = parse_expression(Source("test", f'f("ab{escape}c")'), collector)
    (found,) = collector.diagnostics
    assert (found.code, found.message, found.span.text) == ("E104", f"`{escape}` is no escape", escape)
    assert tree is not None


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a # -> b", "a"),
        ("# x\na", "a"),
        ('"#" # "x"', '"#"'),
        ("f(a, # one\n  b) # two", "(f of a b)"),
        ("a # '\"", "a"),
        ("\ufeffa", "a"),
        ("a\r\n", "a"),
        ("\ta\f", "a"),
    ],
)
def test_blanks_and_comments(text: str, tree: str) -> None:
    assert expression(text) == tree


def test_sexpr_shows_places_of_faults() -> None:
    tree = parse_expression(Source("test", '"{}"'), Collector())
    assert sexpr(tree) == "(fault an expression is wanted in the braces at {})"
