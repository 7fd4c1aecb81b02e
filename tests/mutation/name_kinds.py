"""Names that are not there: misspelt, removed, declared twice, read too early."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from archdsl.layers import REGISTRY
from archdsl.syntax import ast
from tests.mutation.kinds import kind
from tests.mutation.page import Cut, Edit, Page, cut, edit, insert
from tests.mutation.roles import Declared, Roles, bound, names_of

names = partial(kind, "names", illegal=True)


def misread(page: Page, *roles: str) -> Iterator[Edit]:
    """Each reading of a name of these roles, misspelt."""
    for node in Roles(page).reading(*roles):
        wrong = page.misspelt(node.value.id)
        if wrong is not None:
            yield edit(node.value, wrong)


@names()
def misspelt_layer(page: Page) -> Iterator[Edit]:
    """a layer is misspelt"""
    yield from misread(page, "layer")


@names()
def misspelt_block(page: Page) -> Iterator[Edit]:
    """a block, of the file or imported, is misspelt where it is used"""
    yield from misread(page, "block")


@names()
def misspelt_network(page: Page) -> Iterator[Edit]:
    """the network of a `model` is misspelt"""
    yield from misread(page, "network")


@names()
def misspelt_function(page: Page) -> Iterator[Edit]:
    """a function is misspelt where it is called"""
    yield from misread(page, "function")


@names()
def misspelt_word(page: Page) -> Iterator[Edit]:
    """an initialiser or a choice such as `same` is misspelt"""
    yield from misread(page, "word")


@names()
def misspelt_parameter(page: Page) -> Iterator[Edit]:
    """a parameter is misspelt where it is read"""
    yield from misread(page, "parameter")


@names()
def misspelt_tensor(page: Page) -> Iterator[Edit]:
    """a tensor is misspelt where it is read"""
    yield from misread(page, "tensor")


@names()
def misspelt_value(page: Page) -> Iterator[Edit]:
    """a value of `let`, or a shared layer, is misspelt where it is read"""
    yield from misread(page, "value", "shared")


@names()
def misspelt_loop_variable(page: Page) -> Iterator[Edit]:
    """the variable of a `for` is misspelt where it is read"""
    yield from misread(page, "loop")


@names()
def misspelt_symbol(page: Page) -> Iterator[Edit]:
    """the symbol of a dimension is misspelt where it is read"""
    yield from misread(page, "symbol")


@names()
def misspelt_figure(page: Page) -> Iterator[Edit]:
    """`params`, `macs` or an output is misspelt in an `expect`"""
    yield from misread(page, "figure")


@names()
def misspelt_argument(page: Page) -> Iterator[Edit]:
    """the name of an argument is misspelt"""
    for argument in page.each(ast.Argument):
        wrong = argument.name and page.misspelt(argument.name)
        if wrong and argument.name_span is not None:
            yield edit(argument.name_span, wrong)


@names()
def misspelt_import(page: Page) -> Iterator[Edit]:
    """an imported name is misspelt, and used as it should be"""
    for item in page.each(ast.ImportedName):
        wrong = page.misspelt(item.name)
        if wrong is not None:
            yield Edit((Cut(item.span.start, item.span.start + len(item.name), wrong),))


@names()
def misspelt_module(page: Page) -> Iterator[Edit]:
    """the file of an import is misspelt"""
    for declaration in page.each(ast.Import):
        wrong = page.misspelt(declaration.module[-1])
        if wrong is not None:
            end = declaration.module_span.end
            yield Edit((Cut(end - len(declaration.module[-1]), end, wrong),))


@names()
def misspelt_attribute(page: Page) -> Iterator[Edit]:
    """the attribute of a tensor is misspelt"""
    for attribute in page.each(ast.Attribute):
        wrong = page.misspelt(attribute.name)
        if wrong is not None:
            yield edit(attribute.name_span, wrong)


@names()
def misspelt_annotation(page: Page) -> Iterator[Edit]:
    """the annotation of a parameter is misspelt"""
    for parameter in page.each(ast.Parameter):
        wrong = parameter.annotation and page.misspelt(parameter.annotation)
        if wrong:
            colon = next(t for t in page.signs(":") if t.start >= parameter.span.start)
            yield edit(page.tokens[colon.index + 1], wrong)


@names()
def misspelt_default(page: Page) -> Iterator[Edit]:
    """the layer of a `default` is misspelt"""
    for default in page.each(ast.Default):
        wrong = page.misspelt(default.callee.id)
        if wrong is not None:
            yield edit(default.callee, wrong)


@names()
def capital_letter(page: Page) -> Iterator[Edit]:
    """a layer in capitals"""
    for node in Roles(page).reading("layer"):
        wrong = page.random.choice([node.value.id.capitalize(), node.value.id.upper()])
        if wrong not in page.names:
            yield edit(node.value, wrong)


def _used_once_bound(roles: Roles, name: str) -> bool:
    """Whether a name is read somewhere, and nothing else in the text or the language has it."""
    return roles.bindings[name] == 1 and roles.reads[name] > 0 and roles.built_in(name) == "unknown"


@names()
def misspelt_declaration(page: Page) -> Iterator[Edit]:
    """a block, network or function is misspelt where it is declared"""
    roles = Roles(page)
    for declared in roles.declared.values():
        wrong = page.misspelt(declared.name)
        if wrong is not None and _used_once_bound(roles, declared.name):
            yield edit(declared.name_span, wrong)


@names()
def misspelt_target(page: Page) -> Iterator[Edit]:
    """a tensor, a value or a variable is misspelt where it is bound"""
    roles = Roles(page)
    for target in page.each(ast.Target):
        if target.name is not None and _used_once_bound(roles, target.name):
            wrong = page.misspelt(target.name)
            if wrong is not None:
                yield edit(target, wrong)


@names()
def misspelt_parameter_name(page: Page) -> Iterator[Edit]:
    """a parameter is misspelt where it is declared"""
    roles = Roles(page)
    for parameter in page.each(ast.Parameter):
        wrong = page.misspelt(parameter.name)
        if wrong is not None and _used_once_bound(roles, parameter.name):
            yield Edit((Cut(parameter.span.start, parameter.span.start + len(parameter.name), wrong),))


@names()
def removed_value(page: Page) -> Iterator[Edit]:
    """a `let` is missing, its values are read"""
    roles = Roles(page)
    for let in page.each(ast.Let):
        if any(_used_once_bound(roles, name) for name in names_of(let.target)):
            yield edit(let)


@names()
def removed_declaration(page: Page) -> Iterator[Edit]:
    """a block, network or function that is used is missing"""
    roles = Roles(page)
    for declared in roles.declared.values():
        if _used_once_bound(roles, declared.name):
            yield edit(declared)


@names()
def removed_import(page: Page) -> Iterator[Edit]:
    """an import is missing"""
    roles = Roles(page)
    for declaration in page.each(ast.Import):
        if any(_used_once_bound(roles, item.alias or item.name) for item in declaration.names):
            yield edit(declaration)


@names()
def removed_name(page: Page) -> Iterator[Edit]:
    """the name before a `=` is missing, and read"""
    roles = Roles(page)
    for assign in page.each(ast.Assign):
        if len(assign.targets) == 1 and any(_used_once_bound(roles, n) for n in names_of(assign.targets[0])):
            yield Edit((Cut(assign.span.start, assign.expr.span.start, ""),))


@names()
def read_too_early(page: Page) -> Iterator[Edit]:
    """a statement that binds a name has changed places with the one that reads it"""
    roles = Roles(page)
    for node in page.nodes:
        statements: Any = getattr(node.value, "statements", ())
        for first, second in pairwise(statements):
            new = {name for name, _ in bound(first)}
            read = {n.value.id for n in page.each_node(ast.Name) if second in n.around}
            if any(_used_once_bound(roles, name) for name in new & read):
                yield Edit((cut(first, second.span.text), cut(second, first.span.text)))


@names()
def declared_twice(page: Page) -> Iterator[Edit]:
    """a declaration stands twice"""
    for declaration in page.tree.declarations:
        if isinstance(declaration, (*Declared.__args__, ast.Model, ast.Import)):
            yield insert(declaration.span.end, "\n" + declaration.span.text)


@names()
def parameter_twice(page: Page) -> Iterator[Edit]:
    """a parameter stands twice"""
    for parameter in page.each(ast.Parameter):
        yield insert(parameter.span.end, ", " + parameter.span.text)


@names()
def output_twice(page: Page) -> Iterator[Edit]:
    """an output stands twice"""
    for output in page.each(ast.OutputStatement):
        yield insert(output.span.end, f"\n  output {output.name}")


@names()
def input_twice(page: Page) -> Iterator[Edit]:
    """an input stands twice"""
    for input in page.each(ast.InputStatement):
        yield insert(input.span.end, "\n  " + input.span.text)


@names()
def argument_twice(page: Page) -> Iterator[Edit]:
    """an argument is given twice"""
    for call in page.each(ast.Call):
        for argument in call.arguments:
            if argument.name is not None:
                yield insert(argument.span.end, ", " + argument.span.text)


@names()
def unknown_argument(page: Page) -> Iterator[Edit]:
    """an argument that the callee does not know"""
    for call in page.each(ast.Call):
        if call.arguments:
            yield insert(call.arguments[-1].span.end, ", thickness=1")


@names()
def label_twice(page: Page) -> Iterator[Edit]:
    """two modules of one level have one label"""
    for node in page.nodes:
        labels: list[ast.Text] = []
        for statement in getattr(node.value, "statements", ()):
            if isinstance(statement, ast.Flow):
                parts = (
                    statement.expr.elements if isinstance(statement.expr, ast.Pipeline) else (statement.expr,)
                )
                labels += [part.label for part in parts if isinstance(part, ast.Labelled)]
        for first, second in pairwise(labels):
            if "{" not in first.value + second.value:
                yield edit(second, first.span.text)


@names()
def label_that_cannot_be(page: Page) -> Iterator[Edit]:
    """a label that PyTorch's modules have themselves, or that no module can have"""
    for labelled in page.each(ast.Labelled):
        wrong = page.random.choice(["forward", "train", '"a b"', '"x.y"', '"for"'])
        if not isinstance(labelled.element, ast.IfElement):
            yield edit(labelled.label, wrong)


@names()
def layer_as_attribute(page: Page) -> Iterator[Edit]:
    """a method of a tensor, as in Python: `it.relu`"""
    for attribute in page.each(ast.Attribute):
        yield edit(attribute.name_span, page.random.choice(sorted(REGISTRY)))
