"""Mistakes of the flow: joins, branches, outputs and inputs, elements that are none, imports in a circle."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from archdsl.syntax import ast
from tests.mutation.kinds import kind
from tests.mutation.page import Cut, Edit, Page, cut, edit, insert
from tests.mutation.roles import Roles
from tests.mutation.value_kinds import is_element

wrong = partial(kind, "flow", illegal=True)
other = partial(kind, "flow", illegal=False)

JOINS = {"add", "sub", "mul", "div", "maximum", "minimum", "mean", "concat", "stack", "matmul"}


def callee(element: ast.AstNode) -> str:
    """The name of the layer that an element is, as far as the text says."""
    while isinstance(element, (ast.Labelled, ast.Call)):
        element = element.element if isinstance(element, ast.Labelled) else element.callee
    return element.id if isinstance(element, ast.Name) else ""


def joins(page: Page) -> Iterator[tuple[ast.Pipeline, int]]:
    """Each join behind a fork, as a place in its pipeline."""
    for pipeline in page.each(ast.Pipeline):
        for at, element in enumerate(pipeline.elements[1:], 1):
            before = pipeline.elements[at - 1]
            if callee(element) in JOINS and isinstance(before, (ast.Fork, ast.ForkComprehension)):
                yield pipeline, at


def without(pipeline: ast.Pipeline, at: int) -> Edit:
    """A pipeline without one of its elements, which is not the first."""
    return Edit((Cut(pipeline.elements[at - 1].span.end, pipeline.elements[at].span.end, ""),))


@wrong()
def drop_join(page: Page) -> Iterator[Edit]:
    """the join behind a fork is missing before a layer that takes one tensor"""
    roles = Roles(page)
    for pipeline, at in joins(page):
        behind = pipeline.elements[at + 1 : at + 2]
        if (
            behind
            and roles.built_in(callee(behind[0])) == "layer"
            and callee(behind[0]) not in {*JOINS, "attention"}
        ):
            yield without(pipeline, at)


@other()
def drop_last_join(page: Page) -> Iterator[Edit]:
    """the join behind a fork is missing at the end of a pipeline"""
    for pipeline, at in joins(page):
        if at + 1 == len(pipeline.elements):
            yield without(pipeline, at)


@other()
def other_join(page: Page) -> Iterator[Edit]:
    """`concat` for `add`, and `add` for `concat`"""
    for node in page.each_node(ast.Name):
        if node.value.id in ("add", "concat") and is_element(node):
            yield edit(node.value, "concat" if node.value.id == "add" else "add")


@other()
def drop_branch(page: Page) -> Iterator[Edit]:
    """a branch of a fork is missing"""
    for fork in page.each(ast.Fork):
        for before, branch in zip(fork.branches, fork.branches[1:], strict=False):
            yield Edit((Cut(before.span.end, branch.span.end, ""),))


@other()
def statement_deleted(page: Page) -> Iterator[Edit]:
    """a statement of a flow is missing"""
    yield from (edit(flow) for flow in page.each(ast.Flow))


@other()
def statement_twice(page: Page) -> Iterator[Edit]:
    """a statement of a flow stands twice"""
    for flow in page.each(ast.Flow):
        yield insert(flow.span.end, f"; {flow.span.text}")


@other()
def statements_swapped(page: Page) -> Iterator[Edit]:
    """two statements have changed places"""
    for node in page.nodes:
        statements = getattr(node.value, "statements", ())
        for first, second in pairwise(statements):
            yield Edit((cut(first, second.span.text), cut(second, first.span.text)))


@other()
def element_deleted(page: Page) -> Iterator[Edit]:
    """an element of a pipeline is missing"""
    for pipeline in page.each(ast.Pipeline):
        yield from (without(pipeline, at) for at in range(1, len(pipeline.elements)))


@wrong()
def number_in_flow(page: Page) -> Iterator[Edit]:
    """a number where an element is wanted"""
    for node in page.each_node(ast.Name, ast.Call):
        if is_element(node):
            yield edit(node.value, "64")


@wrong()
def text_in_flow(page: Page) -> Iterator[Edit]:
    """a string where an element is wanted"""
    for node in page.each_node(ast.Name):
        if isinstance(node.around[0], ast.Pipeline) and is_element(node):
            yield edit(node.value, f'"{node.value.id}"')


@wrong()
def tensor_in_pipeline(page: Page) -> Iterator[Edit]:
    """a tensor behind an arrow"""
    for node in page.nodes:
        known: list[str] = []
        for statement in getattr(node.value, "statements", ()):
            if (
                known
                and isinstance(statement, ast.Flow)
                and not isinstance(statement.expr, (ast.IfElement, ast.ForElement))
            ):
                yield insert(statement.span.end, f" -> {page.random.choice(known)}")
            if (
                isinstance(statement, ast.Assign)
                and len(statement.targets) == 1
                and statement.targets[0].name
            ):
                known.append(statement.targets[0].name)


@wrong()
def drop_output(page: Page) -> Iterator[Edit]:
    """the only output of a network is missing"""
    for network in page.each(ast.Network):
        outputs = [s for s in network.statements if isinstance(s, ast.OutputStatement)]
        if len(outputs) == 1:
            yield edit(outputs[0])


@wrong()
def drop_input(page: Page) -> Iterator[Edit]:
    """the only input of a network is missing"""
    for network in page.each(ast.Network):
        inputs = [s for s in network.statements if isinstance(s, ast.InputStatement)]
        if len(inputs) == 1:
            yield edit(inputs[0])


@wrong()
def output_in_training_alone(page: Page) -> Iterator[Edit]:
    """the only output of a network is there in training alone"""
    for network in page.each(ast.Network):
        outputs = [s for s in network.statements if isinstance(s, ast.OutputStatement)]
        if len(outputs) == 1:
            yield insert(outputs[0].span.end, " when training")


@wrong()
def output_in_block(page: Page) -> Iterator[Edit]:
    """a block with an output"""
    for block in page.each(ast.Block):
        if block.statements:
            yield insert(block.statements[-1].span.end, "\n  output result")


@wrong()
def input_in_block(page: Page) -> Iterator[Edit]:
    """a block with an input"""
    for block in page.each(ast.Block):
        if block.statements:
            yield insert(block.statements[0].span.start, "input image: [3, 224, 224]\n  ")


@wrong()
def flow_outside(page: Page) -> Iterator[Edit]:
    """a layer outside any block"""
    for declaration in page.tree.declarations:
        yield insert(declaration.span.end, "\nconv(64, 3) -> relu")


@wrong()
def model_inside(page: Page) -> Iterator[Edit]:
    """a model inside a network"""
    for network in page.each(ast.Network):
        yield insert(network.statements[-1].span.end, "\n  model inner = resnet")


@wrong()
def text_among_statements(page: Page) -> Iterator[Edit]:
    """a string behind the first statement of a body"""
    for node in page.each_node(ast.Block, ast.Network, ast.ForElement):
        if node.value.statements:
            yield insert(node.value.statements[0].span.end, '\n  "a remark"')


@wrong()
def endless_recursion(page: Page) -> Iterator[Edit]:
    """a block that calls itself, whatever its parameters are"""
    for block in page.each(ast.Block):
        if block.takes is None and block.statements:
            given = ", ".join(p.name for p in block.parameters)
            yield insert(block.statements[0].span.start, f"{block.name}{f'({given})' if given else ''}\n  ")


@wrong()
def import_of_itself(page: Page) -> Iterator[Edit]:
    """a file that imports itself"""
    at = page.tree.declarations[0].span.start
    yield insert(at, f"from {page.path.stem} import anything\n")


@wrong()
def import_from_outside(page: Page) -> Iterator[Edit]:
    """an import that leads out of the folder"""
    for declaration in page.each(ast.Import):
        yield edit(declaration.module_span, "..secrets.blocks")


@wrong()
def join_of_nothing(page: Page) -> Iterator[Edit]:
    """a join of no branches"""
    for pipeline, at in joins(page):
        fork = pipeline.elements[at - 1]
        if isinstance(fork, ast.ForkComprehension) and isinstance(fork.clauses[0], ast.ForClause):
            if len(fork.clauses) == 1:
                yield edit(fork.clauses[0].iterable, "[]")
