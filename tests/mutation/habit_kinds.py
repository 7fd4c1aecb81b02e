"""Habits of other languages and of papers, which are mistakes of syntax here; and of Python's names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archdsl.syntax import ast
from tests.mutation.kinds import kind
from tests.mutation.page import Cut, Edit, Page, cut, edit, insert
from tests.mutation.syntax_kinds import syntax

names = kind("names", illegal=True)


@syntax()
def fat_arrow(page: Page) -> Iterator[Edit]:
    """`=>` for `->`"""
    yield from (edit(token, "=>") for token in page.signs("->"))


@syntax()
def pipe_operator(page: Page) -> Iterator[Edit]:
    """`|>` for `->`"""
    yield from (edit(token, "|>") for token in page.signs("->"))


@syntax()
def printed_arrow(page: Page) -> Iterator[Edit]:
    """`→` for `->`"""
    yield from (edit(token, "→") for token in page.signs("->"))


@syntax()
def double_bar(page: Page) -> Iterator[Edit]:
    """`||` between two branches"""
    yield from (edit(token, "||") for token in page.signs("|"))


@syntax()
def single_quotes(page: Page) -> Iterator[Edit]:
    """a string in single quotes"""
    for token in page.tokens:
        if token.kind == "string" and "'" not in token.text:
            yield edit(token, f"'{token.text[1:-1]}'")


@syntax()
def printed_quotes(page: Page) -> Iterator[Edit]:
    """a string in “printed” quotes"""
    yield from (edit(t, f"“{t.text[1:-1]}”") for t in page.tokens if t.kind == "string")


@syntax()
def printed_times(page: Page) -> Iterator[Edit]:
    """`×` for `*`"""
    yield from (edit(token, "×") for token in page.signs("*"))


@syntax()
def colon_behind_header(page: Page) -> Iterator[Edit]:
    """a header with a `:` before its brace"""
    for token in page.signs("{"):
        before = page.tokens[token.index - 1]
        if (not token.newline_before and before.text != ":" and before.kind != "sign") or before.text == ")":
            yield insert(before.end, ":")


@syntax()
def indented_body(page: Page) -> Iterator[Edit]:
    """a body without braces: a `:` behind its header, and indentation"""
    for token in page.signs("{"):
        before, partner = page.tokens[token.index - 1], token.partner
        assert partner is not None
        if partner.newline_before and before.text not in (":", "=", "->", "|", "("):
            yield Edit((Cut(before.end, token.end, ":"), cut(partner)))


@syntax()
def def_for_block(page: Page) -> Iterator[Edit]:
    """`def` or `function` or `class` where a block is declared"""
    for block in page.each(ast.Block):
        yield edit(page.token_at(block.span.start), page.random.choice(["def", "function", "class"]))


@syntax()
def import_of_python(page: Page) -> Iterator[Edit]:
    """`import module` and `import module.name` for `from module import name`"""
    for declaration in page.each(ast.Import):
        yield edit(declaration, "import " + ".".join(declaration.module))


@syntax()
def other_operators(page: Page) -> Iterator[Edit]:
    """`&&`, `||` and `!` for `and`, `or` and `not`"""
    wrong = {"and": "&&", "or": "||", "not": "!"}
    yield from (edit(token, wrong[token.text]) for token in page.signs(*wrong))


@syntax()
def else_if(page: Page) -> Iterator[Edit]:
    """`else if` for `elif`, and `elif` for an `else`"""
    for token in page.signs("elif"):
        yield edit(token, "else if")
    for token, after in page.pairs():
        if token.text == "else" and after.text == "{":
            yield edit(token, "elif")


@syntax()
def other_comment(page: Page) -> Iterator[Edit]:
    """`//` before a comment"""
    for match in re.finditer(r"^ *(#)", page.text, re.MULTILINE):
        yield Edit((Cut(match.start(1), match.end(1), "//"),))


@syntax()
def other_let(page: Page) -> Iterator[Edit]:
    """`var` and `const` for `let`"""
    for token, after in page.pairs():
        if token.text == "let" and after.kind == "word":
            yield edit(token, page.random.choice(["var", "const", "val"]))


@syntax()
def braces_of_a_call(page: Page) -> Iterator[Edit]:
    """a call with `{ }` for `( )`"""
    for call in page.each(ast.Call):
        opener = page.token_at(page.token_at(call.span.end - 1).partner.start)  # type: ignore[union-attr]
        if call.arguments:
            yield Edit((cut(opener, "{"), Cut(call.span.end - 1, call.span.end, "}")))


@syntax()
def return_statement(page: Page) -> Iterator[Edit]:
    """`return` before the last statement of a block"""
    for block in page.each(ast.Block):
        if block.statements:
            yield insert(block.statements[-1].span.start, "return ")


@syntax()
def grouped_digits(page: Page) -> Iterator[Edit]:
    """`7,978,856` for `7_978_856`, where no list is"""
    for expect in page.each(ast.Expect):
        for token in page.tokens:
            if (
                expect.span.start <= token.start < expect.span.end
                and token.kind == "number"
                and "_" in token.text
            ):
                if token.around is not None and token.around.text == "{":
                    yield edit(token, token.text.replace("_", ","))


@syntax()
def keyword_parameters(page: Page) -> Iterator[Edit]:
    """`**kwargs` as the last argument of a call"""
    for call in page.each(ast.Call):
        if call.arguments:
            yield insert(call.span.end - 1, ", **kwargs")


@names
def python_constant(page: Page) -> Iterator[Edit]:
    """`True`, `False` and `None` for values"""
    for boolean in page.each(ast.Boolean):
        yield edit(boolean, "True" if boolean.value else "False")
    for argument in page.each(ast.Argument):
        if argument.name is not None and not isinstance(argument.value, ast.Boolean):
            yield edit(argument.value, "None")


TORCH = {
    "conv": ["Conv2d", "nn.Conv2d", "Conv2D"],
    "bn": ["BatchNorm2d", "BatchNorm", "batchnorm"],
    "relu": ["ReLU", "nn.ReLU"],
    "linear": ["Linear", "nn.Linear", "Dense", "fc"],
    "maxpool": ["MaxPool2d", "max_pool2d"],
    "avgpool": ["AvgPool2d"],
    "gap": ["AdaptiveAvgPool2d", "GlobalAveragePooling2D"],
    "dropout": ["Dropout"],
    "flatten": ["Flatten"],
    "concat": ["cat", "Concatenate", "torch.cat"],
    "sigmoid": ["Sigmoid"],
    "ln": ["LayerNorm"],
    "depthwise": ["DepthwiseConv2D"],
    "deconv": ["ConvTranspose2d"],
    "gelu": ["GELU"],
    "identity": ["Identity"],
}


@names
def python_layer(page: Page) -> Iterator[Edit]:
    """a layer by its name in PyTorch or Keras: `Conv2d`"""
    for name in page.each(ast.Name):
        for wrong in TORCH.get(name.id, ()):
            if wrong not in page.names:
                yield edit(name, wrong)
