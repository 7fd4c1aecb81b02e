"""Wrong values: of a wrong type, too many, too few, out of range."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from archdsl.syntax import ast
from tests.mutation.kinds import kind
from tests.mutation.page import Cut, Edit, Node, Page, cut, edit, insert
from tests.mutation.roles import Roles

wrong = partial(kind, "values", illegal=True)
other = partial(kind, "values", illegal=False)

#: parameters of layers that are sizes: an int of 1 or more, or an extent
SIZES = {"channels", "features", "kernel", "stride", "groups", "dilation"}
SIZED = {"conv", "depthwise", "deconv", "linear", "maxpool", "avgpool"}


def sizes(page: Page) -> Iterator[ast.Number]:
    """The ints that a layer takes as sizes."""
    roles = Roles(page)
    for call in page.each_node(ast.Call):
        if getattr(call.value.callee, "id", None) in SIZED and roles.parameters(call) is not None:
            for name, _, argument in roles.given(call):
                if name in SIZES and isinstance(argument.value, ast.Number):
                    yield argument.value


@wrong()
def text_for_size(page: Page) -> Iterator[Edit]:
    """a string where a layer takes a size"""
    yield from (edit(number, f'"{number.text}"') for number in sizes(page))


@wrong()
def bool_for_size(page: Page) -> Iterator[Edit]:
    """`true` where a layer takes a size"""
    yield from (edit(number, "true") for number in sizes(page))


@wrong()
def float_for_size(page: Page) -> Iterator[Edit]:
    """`64.0` where a layer takes a size"""
    yield from (edit(number, f"{number.text}.0") for number in sizes(page))


@wrong()
def negative_size(page: Page) -> Iterator[Edit]:
    """a negative size"""
    yield from (edit(number, f"-{number.text}") for number in sizes(page))


@wrong()
def size_of_zero(page: Page) -> Iterator[Edit]:
    """a size of 0"""
    yield from (edit(number, "0") for number in sizes(page))


@wrong()
def huge_size(page: Page) -> Iterator[Edit]:
    """a size of 10 ** 12"""
    yield from (edit(number, "10 ** 12") for number in sizes(page))


@wrong()
def layer_for_size(page: Page) -> Iterator[Edit]:
    """a layer where a layer takes a size"""
    yield from (edit(number, "relu") for number in sizes(page))


@wrong()
def list_for_size(page: Page) -> Iterator[Edit]:
    """a list of four where a layer takes a size"""
    yield from (edit(number, "[1, 2, 3, 4]") for number in sizes(page))


@wrong()
def missing_argument(page: Page) -> Iterator[Edit]:
    """an argument that must be given is missing"""
    roles = Roles(page)
    for call in page.each_node(ast.Call):
        parameters, arguments = roles.parameters(call), call.value.arguments
        if parameters is None or any(a.star for a in arguments) or not arguments:
            continue
        last = arguments[-1]
        by_position = [a for a in arguments if a.name is None]
        needed = {name for name, required, _ in parameters if required}
        if last.name in needed or (
            last.name is None
            and len(by_position) <= len(parameters)
            and parameters[len(by_position) - 1][0] in needed
        ):
            start = arguments[-2].span.end if len(arguments) > 1 else last.span.start
            yield Edit((Cut(start, last.span.end, ""),))


@wrong()
def argument_too_many(page: Page) -> Iterator[Edit]:
    """an argument by position too many"""
    roles = Roles(page)
    for call in page.each_node(ast.Call):
        parameters, arguments = roles.parameters(call), call.value.arguments
        if parameters is not None and arguments and len(arguments) == len(parameters):
            if all(a.name is None and not a.star for a in arguments):
                yield insert(arguments[-1].span.end, ", 1")


@other()
def input_channels_written(page: Page) -> Iterator[Edit]:
    """PyTorch's way: the channels that arrive are written first"""
    for call in page.each(ast.Call):
        if getattr(call.callee, "id", None) in ("conv", "linear") and call.arguments:
            yield insert(call.arguments[0].span.start, "64, ")


@other()
def swapped_arguments(page: Page) -> Iterator[Edit]:
    """two arguments by position have changed places"""
    for call in page.each(ast.Call):
        by_position = [a for a in call.arguments if a.name is None and not a.star]
        for first, second in pairwise(by_position):
            yield Edit((cut(first, second.span.text), cut(second, first.span.text)))


@other()
def number_changed(page: Page) -> Iterator[Edit]:
    """another number as an argument"""
    for argument in page.each(ast.Argument):
        if isinstance(argument.value, ast.Number):
            yield edit(argument.value, page.random.choice(["0", "1", "2", "5", "-1", "0.5", "7"]))


@other()
def argument_dropped(page: Page) -> Iterator[Edit]:
    """an argument by name is missing"""
    for call in page.each(ast.Call):
        for before, argument in zip(call.arguments, call.arguments[1:], strict=False):
            if argument.name is not None:
                yield Edit((Cut(before.span.end, argument.span.end, ""),))


@other()
def shorter_list(page: Page) -> Iterator[Edit]:
    """a list is one member shorter"""
    for found in page.each(ast.ListExpr):
        if len(found.items) > 1:
            yield Edit((Cut(found.items[-2].span.end, found.items[-1].span.end, ""),))


BROKEN = {
    "int": '"four"',
    "float": '"half"',
    "bool": "1",
    "str": "3",
    "list": "3",
    "layer": "3",
    "block": "3",
    "tensor": "3",
}


@wrong()
def annotation_broken(page: Page) -> Iterator[Edit]:
    """an argument that is not of the type that its parameter is annotated with"""
    roles = Roles(page)
    for call in page.each_node(ast.Call):
        for _, annotation, argument in roles.given(call):
            if annotation is not None:
                yield edit(argument.value, BROKEN[annotation])


@wrong()
def default_of_wrong_type(page: Page) -> Iterator[Edit]:
    """a default that is not of the type of the annotation"""
    for parameter in page.each(ast.Parameter):
        if parameter.annotation is not None and parameter.default is not None:
            yield edit(parameter.default, BROKEN[parameter.annotation])


@wrong()
def condition_of_int(page: Page) -> Iterator[Edit]:
    """a condition that is a number"""
    for node in page.each_node(ast.IfArm, ast.Conditional, ast.IfClause):
        yield edit(node.value.condition, "1")


@wrong()
def division_by_zero(page: Page) -> Iterator[Edit]:
    """a division by 0"""
    for binary in page.each(ast.Binary):
        if binary.op in ("/", "//", "%"):
            yield edit(binary.right, "0")


@wrong()
def text_in_arithmetic(page: Page) -> Iterator[Edit]:
    """a string in a sum or a quotient of numbers"""
    for binary in page.each(ast.Binary):
        if binary.op in ("+", "-", "/", "//") and isinstance(binary.right, ast.Number):
            yield edit(binary.right, f'"{binary.right.text}"')


@wrong()
def index_out_of_range(page: Page) -> Iterator[Edit]:
    """an index behind the end"""
    for index in page.each(ast.Index):
        yield edit(index.index, "99")


@wrong()
def loop_over_int(page: Page) -> Iterator[Edit]:
    """`for i in n` for `for i in range(n)`"""
    for node in page.each_node(ast.ForElement, ast.ForClause):
        call = node.value.iterable
        if (
            isinstance(call, ast.Call)
            and getattr(call.callee, "id", None) == "range"
            and len(call.arguments) == 1
        ):
            yield edit(call, call.arguments[0].span.text)


@wrong()
def one_name_too_many(page: Page) -> Iterator[Edit]:
    """a `for` or an assignment with more names than values"""
    for node in page.each_node(ast.ForElement, ast.ForClause):
        if len(node.value.target.parts) > 1:
            yield insert(node.value.target.span.end, ", more")
    for assign in page.each(ast.Assign):
        if len(assign.targets) > 1:
            yield insert(assign.targets[-1].span.end, ", more")


def is_element(node: Node) -> bool:
    """Whether a part of the tree is taken as an element of a flow."""
    around = node.around[0]
    return isinstance(around, (ast.Flow, ast.Assign, ast.Pipeline, ast.Fork)) or (
        isinstance(around, ast.Labelled) and around.element is node.value
    )


@wrong()
def layer_called_again(page: Page) -> Iterator[Edit]:
    """a parameter that is a layer is called"""
    roles = Roles(page)
    layers = {
        id(d): {p.name for p in d.parameters if p.annotation == "layer"} for d in roles.declared.values()
    }
    for node in page.each_node(ast.Name):
        owner = node.inside(ast.Block, ast.Network)
        if owner is not None and node.value.id in layers.get(id(owner), ()) and is_element(node):
            yield insert(node.value.span.end, "(1)")


@wrong()
def number_before_layer(page: Page) -> Iterator[Edit]:
    """`4 * layer` for `layer * 4`"""
    for node in page.each_node(ast.Binary):
        found = node.value
        if found.op == "*" and is_element(node) and isinstance(found.left, (ast.Call, ast.Group)):
            yield edit(found, f"{found.right.span.text} * {found.left.span.text}")


@wrong()
def odd_repetition(page: Page) -> Iterator[Edit]:
    """a layer so many times as cannot be"""
    for node in page.each_node(ast.Binary):
        if node.value.op == "*" and is_element(node):
            yield edit(node.value.right, page.random.choice(["-1", "1.5", '"2"', "true", "relu"]))


@wrong()
def blank_read(page: Page) -> Iterator[Edit]:
    """`_` where a value is wanted"""
    for argument in page.each(ast.Argument):
        if isinstance(argument.value, (ast.Number, ast.Name)):
            yield edit(argument.value, "_")


@wrong()
def model_of_a_layer(page: Page) -> Iterator[Edit]:
    """a model made of a layer"""
    for model in page.each(ast.Model):
        callee = model.expr.callee if isinstance(model.expr, ast.Call) else model.expr
        yield edit(callee, "relu")


@wrong()
def input_in_letters(page: Page) -> Iterator[Edit]:
    """a dimension of an input that is no size"""
    for dimension in page.each(ast.Dimension):
        yield edit(dimension.value, page.random.choice(["0", "-3", "2.5", '"3"', "true", "relu"]))
