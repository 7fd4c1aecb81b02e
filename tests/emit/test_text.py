"""A spec is data: nothing in it gets out of the quotes, and names are names."""

from __future__ import annotations

import ast
import random

import pytest

import archdsl
from archdsl.emit import emit_module
from archdsl.emit.code import Apply, Bracket, Code, Infix, Keyword, constant, double_quoted, flat, layout
from archdsl.emit.docstrings import docstring
from archdsl.emit.names import Namespace, camel, class_name

ALPHABET = "ab'\"\\\n {}é\u202e\x00\t#%"


@pytest.mark.parametrize("seed", range(3))
def test_strings_stay_data(seed: int) -> None:
    letters = random.Random(seed)
    for _ in range(2000):
        text = "".join(letters.choice(ALPHABET) for _ in range(letters.randint(0, 9)))
        assert ast.literal_eval(double_quoted(text)) == text
        lines = "\n".join(docstring(text, 4))
        (made,) = ast.parse(f"class A:\n{lines}\n").body
        assert isinstance(made, ast.ClassDef) and len(made.body) == 1
        assert lines.isprintable() or set(lines) - {"\n"} == {c for c in lines if c.isprintable()}


@pytest.mark.parametrize("length", range(86, 100))
def test_docstrings_that_just_fit(length: int) -> None:
    """The quotes stand alone behind several lines only."""
    text = ("word " * 20)[: length - 1].rstrip().ljust(length, "x")
    lines = docstring(text, 4)
    assert max(map(len, lines)) <= 100
    assert len(lines) == 1 or (
        len(lines) > 2 and " ".join(line.strip(' "') for line in lines).strip() == text
    )


def test_long_docstrings_are_wrapped() -> None:
    lines = docstring("word " * 60 + "x" * 300, 4)
    assert max(map(len, lines)) <= 100
    assert "".join(lines).count("word") == 60


@pytest.mark.parametrize(
    "doc",
    [
        '"""\nimport os\n"""',
        'ends with a quote"',
        "ends with a backslash\\",
        '\\"""; print(1)',
        "{{ 7 * 7 }} {% raw %}",
        "\u202eevil\u2066",
    ],
)
def test_docs_of_a_spec(doc: str) -> None:
    graph = archdsl.loads(
        'network net { "doc"\n input image: [3, 4, 4]; unit; output y }\nblock unit { "doc"\n conv(3, 1) -> relu }'
    )._graph
    graph.doc = doc
    graph.source_name = doc
    graph.overrides = {"x": doc}
    for module in (graph.root, graph.root.children[0]):
        assert module.definition is not None
        module.definition.doc = doc
    source = emit_module(graph, "0.0.0")
    tree = ast.parse(source)
    kinds = {type(node).__name__ for node in tree.body}
    assert kinds == {"Expr", "ImportFrom", "Assign", "ClassDef", "FunctionDef"}
    assert all(c.isprintable() or c == "\n" for c in source)
    assert "os" not in {n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}


def test_numbers() -> None:
    assert flat(constant(-6)) == "-6"
    assert flat(constant((1, 0.5))) == "(1, 0.5)"
    assert flat(constant(float("inf"))) == 'float("inf")'
    assert flat(Infix("*", (Code("x"), constant(-1)))) == "x * -1"
    assert flat(Infix("**", (constant(-2), Code("x")))) == "(-2) ** x"


def test_parentheses() -> None:
    a, b, c = Code("a"), Code("b"), Code("c")
    assert flat(Infix("*", (Infix("+", (a, b)), c))) == "(a + b) * c"
    assert flat(Infix("+", (Infix("*", (a, b)), c))) == "a * b + c"
    assert flat(Infix("-", (a, Infix("-", (b, c))))) == "a - (b - c)"
    assert flat(Infix("-", (Infix("-", (a, b)), c))) == "a - b - c"
    assert flat(Apply("size", (constant(1),), Infix("+", (a, b)))) == "(a + b).size(1)"


def test_layout_opens_brackets() -> None:
    names = tuple(Code(f"argument_number_{i}") for i in range(6))
    assert layout(Apply("f", (Bracket(names), Keyword("dim", constant(1)))), 4, "x = ") == [
        "    x = f(",
        "        [",
        *(f"            argument_number_{i}," for i in range(6)),
        "        ],",
        "        dim=1,",
        "    )",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("dense_layer", "DenseLayer"),
        ("densenet", "DenseNet"),
        ("resnet110", "ResNet110"),
        ("unet", "Unet"),
        ("myunet", "MyUnet"),
        ("tinydensenet2", "TinyDenseNet2"),
        ("se_preresnet", "SEPreResNet"),
        ("se", "SE"),
        ("attention92", "Attention92"),
        ("_x", "X"),
        ("conv_bn_relu", "ConvBNRelu"),
    ],
)
def test_camel(text: str, name: str) -> None:
    assert camel(text) == name


def test_class_names_begin_with_a_letter() -> None:
    assert class_name("3a") == "Part3a"
    assert class_name("__") == "Part"


def test_namespaces() -> None:
    names = Namespace(["x"])
    assert [names.claim(wish) for wish in ("x", "x", "y", "lambda", "list", "lambda")] == [
        "x2",
        "x3",
        "y",
        "lambda_",
        "list_",
        "lambda2",
    ]
    assert names.claim("a", "b") == "a"
    assert names.claim("a", "b") == "b"
    assert names.claim("not a name!") == "not_a_name"
    assert names.claim("7") == "n7"


def test_names_of_python_are_given_way_to() -> None:
    """A tensor that cannot have its name gets another, and soon."""
    text = "network n { input __init__: [3, 4, 4]; __class__ = conv(3, 1); output __class__ = relu; output y = relu }"
    source = archdsl.loads(text).source()
    assert {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)} & {"class2", "init"}
    assert "__class__" not in source.split("\n\n\n")[-2]
