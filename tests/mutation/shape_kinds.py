"""Shapes that do not fit: waypoints, expectations, branches, kernels, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archdsl.syntax import ast
from tests.mutation.flow_kinds import callee, joins, without
from tests.mutation.kinds import kind
from tests.mutation.page import Cut, Edit, Page, edit, insert
from tests.mutation.roles import Roles
from tests.mutation.value_kinds import is_element

wrong = partial(kind, "shapes", illegal=True)
other = partial(kind, "shapes", illegal=False)


def waypoints(page: Page) -> Iterator[ast.ListExpr]:
    for node in page.each_node(ast.ListExpr):
        if is_element(node) and not isinstance(node.around[0], ast.Assign) and not node.inside(ast.Argument):
            yield node.value


@wrong()
def wrong_waypoint(page: Page) -> Iterator[Edit]:
    """a size of a waypoint is one more"""
    for waypoint in waypoints(page):
        yield from (
            insert(item.span.end, " + 1")
            for item in waypoint.items
            if not isinstance(item, (ast.Blank, ast.Star))
        )


@wrong()
def longer_waypoint(page: Page) -> Iterator[Edit]:
    """a waypoint has an axis too many"""
    for waypoint in waypoints(page):
        yield insert(waypoint.span.end - 1, ", 1")


@wrong()
def shorter_waypoint(page: Page) -> Iterator[Edit]:
    """a waypoint has an axis too few"""
    for waypoint in waypoints(page):
        if len(waypoint.items) > 1:
            yield Edit((Cut(waypoint.items[-2].span.end, waypoint.items[-1].span.end, ""),))


@wrong()
def wrong_figure(page: Page) -> Iterator[Edit]:
    """the number that `params` or `macs` is expected to equal is one more"""
    for expect in page.each(ast.Expect):
        compare = expect.condition
        if (
            isinstance(compare, ast.Compare)
            and compare.ops == ("==",)
            and isinstance(compare.operands[1], ast.Number)
        ):
            yield insert(compare.span.end, " + 1")


@wrong()
def wrong_rounded_figure(page: Page) -> Iterator[Edit]:
    """the number that a figure is expected to round to has another first digit"""
    for expect in page.each(ast.Expect):
        if expect.about is not None:
            first = expect.about.text[0]
            at = expect.about.span.start
            yield Edit((Cut(at, at + 1, str(int(first) % 9 + 1)),))


@wrong()
def wrong_expected_shape(page: Page) -> Iterator[Edit]:
    """the shape that an output is expected to have is another"""
    for expect in page.each(ast.Expect):
        if isinstance(expect.condition, ast.Compare) and isinstance(
            expect.condition.operands[-1], ast.ListExpr
        ):
            yield from (insert(item.span.end, " + 1") for item in expect.condition.operands[-1].items)


@other()
def other_input_channels(page: Page) -> Iterator[Edit]:
    """an input of one channel more"""
    for node in page.each(ast.InputStatement):
        yield insert(node.dimensions[0].span.end, " + 1")


@other()
def axis_of_input_missing(page: Page) -> Iterator[Edit]:
    """an input without its last axis"""
    for node in page.each(ast.InputStatement):
        if len(node.dimensions) > 1:
            yield Edit((Cut(node.dimensions[-2].span.end, node.dimensions[-1].span.end, ""),))


@other()
def small_input(page: Page) -> Iterator[Edit]:
    """an input of 5 by 5: sizes run out"""
    for node in page.each(ast.InputStatement):
        for dimension in node.dimensions[1:]:
            yield edit(dimension.value, "5")


def calls(page: Page, *layers: str) -> Iterator[tuple[ast.Call, dict[str, ast.Argument]]]:
    """Calls of layers, with their arguments by parameter."""
    roles = Roles(page)
    for node in page.each_node(ast.Call):
        if callee(node.value) in layers:
            yield node.value, {name: argument for name, _, argument in roles.given(node)}


@other()
def other_channels(page: Page) -> Iterator[Edit]:
    """a convolution of one channel more"""
    for _, given in calls(page, "conv", "deconv"):
        if "channels" in given:
            yield insert(given["channels"].value.span.end, " + 1")


@other()
def other_stride(page: Page) -> Iterator[Edit]:
    """a convolution or pooling of another stride"""
    for call, given in calls(page, "conv", "depthwise", "maxpool", "avgpool"):
        if "stride" in given:
            yield edit(given["stride"].value, "3")
        elif call.arguments:
            yield insert(call.arguments[-1].span.end, ", stride=2")


@other()
def other_kernel(page: Page) -> Iterator[Edit]:
    """a convolution of another kernel"""
    for _, given in calls(page, "conv", "depthwise"):
        if "kernel" in given:
            yield edit(given["kernel"].value, "4")


def in_branches(page: Page) -> Iterator[tuple[ast.Call, dict[str, ast.Argument]]]:
    """The last convolution of each branch of a fork that is joined."""
    inside: dict[int, tuple[ast.Call, dict[str, ast.Argument]]] = {
        id(c): (c, g) for c, g in calls(page, "conv")
    }
    for pipeline, at in joins(page):
        fork = pipeline.elements[at - 1]
        for branch in fork.branches if isinstance(fork, ast.Fork) else ():
            elements = branch.elements if isinstance(branch, ast.Pipeline) else (branch,)
            found = [inside[id(part)] for part in map(_bare, elements) if id(part) in inside]
            if found:
                yield found[-1]


def _bare(element: ast.AstNode) -> ast.AstNode:
    return element.element if isinstance(element, ast.Labelled) else element


@other()
def channels_of_a_branch(page: Page) -> Iterator[Edit]:
    """the last convolution of one branch has a channel more"""
    for _, given in in_branches(page):
        if "channels" in given:
            yield insert(given["channels"].value.span.end, " + 1")


@other()
def stride_of_a_branch(page: Page) -> Iterator[Edit]:
    """the last convolution of one branch has a stride"""
    for call, given in in_branches(page):
        if "stride" not in given and call.arguments:
            yield insert(call.arguments[-1].span.end, ", stride=2")


@other()
def projection_dropped(page: Page) -> Iterator[Edit]:
    """the shortcut of a residual unit is `identity`, whatever the shapes are"""
    for fork in page.each(ast.Fork):
        for branch in fork.branches:
            plain = isinstance(branch, (ast.Call, ast.Name, ast.IfElement)) and callee(branch) != "identity"
            if plain or (isinstance(branch, ast.Labelled) and isinstance(branch.element, ast.IfElement)):
                yield edit(branch, "identity")


@wrong()
def kernel_too_large(page: Page) -> Iterator[Edit]:
    """a pooling window larger than any map"""
    for _, given in calls(page, "maxpool", "avgpool"):
        if "kernel" in given:
            yield edit(given["kernel"].value, "99_999")


@other()
def unpadded_kernel(page: Page) -> Iterator[Edit]:
    """a large convolution without padding"""
    for call, given in calls(page, "conv"):
        if "kernel" in given and "pad" not in given:
            yield Edit((Cut(given["kernel"].value.span.start, call.span.end - 1, "301, pad=0"),))


@other()
def odd_groups(page: Page) -> Iterator[Edit]:
    """groups that do not divide the channels"""
    for call, given in calls(page, "conv"):
        if "groups" in given:
            yield edit(given["groups"].value, "7")
        elif call.arguments:
            yield insert(call.arguments[-1].span.end, ", groups=7")


def before_linear(page: Page, layer: str) -> Iterator[Edit]:
    """Without a layer that stands before a `linear`."""
    for pipeline in page.each(ast.Pipeline):
        for at in range(1, len(pipeline.elements) - 1):
            if callee(pipeline.elements[at]) == layer and callee(pipeline.elements[at + 1]) == "linear":
                yield without(pipeline, at)


@wrong()
def drop_gap(page: Page) -> Iterator[Edit]:
    """`gap` before a `linear` is missing"""
    yield from before_linear(page, "gap")


@other()
def drop_flatten(page: Page) -> Iterator[Edit]:
    """`flatten` before a `linear` is missing"""
    yield from before_linear(page, "flatten")


@other()
def other_split(page: Page) -> Iterator[Edit]:
    """`split`, `shuffle`, `attention` or `gn` in 7 parts"""
    for call, _ in calls(page, "split", "shuffle", "attention", "gn"):
        if call.arguments:
            yield edit(call.arguments[0].value, "7")


@other()
def other_sizes(page: Page) -> Iterator[Edit]:
    """`upsample` or `deconv` to another size"""
    for call, given in calls(page, "upsample", "deconv"):
        if "stride" in given:
            yield edit(given["stride"].value, "3")
        elif call.arguments and callee(call) == "upsample":
            yield edit(call.arguments[0].value, "3")
