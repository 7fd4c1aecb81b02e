"""The abstract syntax: what a text says, with the place of each part. Nothing is evaluated here."""

from __future__ import annotations

from dataclasses import field

from archdsl.records import record
from archdsl.source import Span


@record(eq=False)
class AstNode:
    """A part of a text."""

    span: Span = field(repr=False)


# --- expressions ---------------------------------------------------------------------------------------


@record(eq=False)
class Number(AstNode):
    """`64`, `7_978_856`, `0.5`, `3.8G`; `text` keeps the digits as written, which `~` needs."""

    value: int | float
    text: str


@record(eq=False)
class Boolean(AstNode):
    """`true`, `false`"""

    value: bool


@record(eq=False)
class Text(AstNode):
    """A string. `value` is what stands between the quotes, escapes resolved, braces as written.

    `parts` is the string cut at its braces: literal pieces (`{{` already one brace) and expressions. Only
    labels and `extern` use them; elsewhere `value` is the string. `parts` is empty if a brace does not hold
    an expression, and `fault` says why (message, place).
    """

    value: str
    parts: tuple[str | Expr, ...]
    fault: tuple[str, Span] | None = None


@record(eq=False)
class Extents(AstNode):
    """`1x7`"""

    sizes: tuple[int, ...]


@record(eq=False)
class Name(AstNode):
    """A name that is read."""

    id: str


@record(eq=False)
class It(AstNode):
    """`it`: what arrives at the call in which it is written."""


@record(eq=False)
class In(AstNode):
    """`in`: the input of the block or network in whose text it stands."""


@record(eq=False)
class Blank(AstNode):
    """`_`"""


@record(eq=False)
class Star(AstNode):
    """`*xs` in a list or among arguments."""

    value: Expr


@record(eq=False)
class ListExpr(AstNode):
    """`[a, *b]`"""

    items: tuple[Expr | Star, ...]


@record(eq=False)
class Target(AstNode):
    """What `for` and `let` bind: one name (`_` included), or several, nested: `i, (a, b)`."""

    name: str | None
    parts: tuple[Target, ...] = ()


@record(eq=False)
class ForClause(AstNode):
    """`for target in iterable`, of a comprehension"""

    target: Target
    iterable: Expr


@record(eq=False)
class IfClause(AstNode):
    """`if condition`, of a comprehension"""

    condition: Expr


@record(eq=False)
class ListComprehension(AstNode):
    """`[element for … if …]`"""

    element: Expr
    clauses: tuple[ForClause | IfClause, ...]


@record(eq=False)
class Unary(AstNode):
    """`-a`, `+a`, `not a`"""

    op: str
    operand: Expr


@record(eq=False)
class Binary(AstNode):
    """`+ - * / // % **`. `layer * n` is a repetition; which one it is shows at evaluation."""

    op: str
    left: Expr
    right: Expr


@record(eq=False)
class Logical(AstNode):
    """`a and b and c` or `a or b`"""

    op: str
    operands: tuple[Expr, ...]


@record(eq=False)
class Compare(AstNode):
    """`a < b <= c`; `ops` has one entry less than `operands`. Operators: == != < <= > >= in `not in`."""

    ops: tuple[str, ...]
    operands: tuple[Expr, ...]


@record(eq=False)
class Conditional(AstNode):
    """`then if condition else otherwise`"""

    then: Expr
    condition: Expr
    otherwise: Expr


@record(eq=False)
class Index(AstNode):
    """`xs[i]`"""

    target: Expr
    index: Expr


@record(eq=False)
class Slice(AstNode):
    """`xs[1:]`, `xs[::2]`"""

    target: Expr
    start: Expr | None
    stop: Expr | None
    step: Expr | None


@record(eq=False)
class Attribute(AstNode):
    """`t.shape`; `name_span` is the place of the name alone."""

    target: Expr
    name: str
    name_span: Span


@record(eq=False)
class Argument(AstNode):
    """`value`, `name=value` or `*value` (star)."""

    value: Expr
    name: str | None = None
    name_span: Span | None = None
    star: bool = False


@record(eq=False)
class Call(AstNode):
    """`conv(64, 3)`"""

    callee: Expr
    arguments: tuple[Argument, ...]


# --- the algebra of layers -----------------------------------------------------------------------------


@record(eq=False)
class Pipeline(AstNode):
    """`a -> b -> c`: two elements or more."""

    elements: tuple[Expr, ...]


@record(eq=False)
class Group(AstNode):
    """`( a )`"""

    inner: Expr


@record(eq=False)
class Fork(AstNode):
    """`( a | b )`: two branches or more."""

    branches: tuple[Expr, ...]


@record(eq=False)
class ForkComprehension(AstNode):
    """`( f(g) for g in xs )`"""

    element: Expr
    clauses: tuple[ForClause | IfClause, ...]


@record(eq=False)
class Labelled(AstNode):
    """`conv1: conv(64, 7)`, `"layer{i}": { … }`; `label` is a Text also where it was written as a name."""

    label: Text
    element: Expr


@record(eq=False)
class Body(AstNode):
    """`{ … }` as an element: a scope of its own."""

    statements: tuple[Statement, ...]


@record(eq=False)
class IfArm(AstNode):
    """`if condition { … }`, `elif condition { … }`"""

    condition: Expr
    statements: tuple[Statement, ...]


@record(eq=False)
class IfElement(AstNode):
    """`if c { … } elif d { … } else { … }`"""

    arms: tuple[IfArm, ...]
    otherwise: tuple[Statement, ...] | None


@record(eq=False)
class ForElement(AstNode):
    """`for x in xs { … }`"""

    target: Target
    iterable: Expr
    statements: tuple[Statement, ...]


# --- what is not in order ------------------------------------------------------------------------------


@record(eq=False)
class Broken(AstNode):
    """A statement, declaration or call with a mistake of syntax, which is reported.

    It stands for anything: whoever reads the tree must report nothing that may be a consequence. The names that it
    `binds` are known and have any value, those that it `reads` are used and known too, and what flows on behind it is
    unknown where it `flows`. Where it is `nameless`, it may bind names that nobody knows, so that no name behind it
    is certain to be unknown. `statements` are those in its bodies, in the order of the text, themselves in order or
    broken; what arrives at them is unknown, and their names may be bound by what could not be read. `word` is what
    it begins with: `model`, `input`, …
    """

    word: str
    binds: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    nameless: bool = False
    flows: bool = True


Expr = (
    Number | Boolean | Text | Extents | Name | It | In | Blank | ListExpr | ListComprehension | Unary
    | Binary | Logical | Compare | Conditional | Index | Slice | Attribute | Call | Pipeline | Group
    | Fork | ForkComprehension | Labelled | Body | IfElement | ForElement | Broken
)  # fmt: skip


# --- statements ----------------------------------------------------------------------------------------


@record(eq=False)
class Flow(AstNode):
    """An element or pipeline applied to the current tensor."""

    expr: Expr


@record(eq=False)
class Assign(AstNode):
    """`e1 = …`, `a, b = …`"""

    targets: tuple[Target, ...]
    expr: Expr


@record(eq=False)
class Let(AstNode):
    """`let target = …`"""

    target: Target
    expr: Expr


@record(eq=False)
class Share(AstNode):
    """`share name = …`"""

    name: str
    name_span: Span
    expr: Expr


@record(eq=False)
class Default(AstNode):
    """`default conv(bias=false)`"""

    callee: Name
    arguments: tuple[Argument, ...]


@record(eq=False)
class Expect(AstNode):
    """`expect condition, "message"`; with `about`, `expect condition ~ about`."""

    condition: Expr
    about: Number | None = None
    message: Text | None = None


@record(eq=False)
class Dimension(AstNode):
    """A dimension of an input: `3`, `H=224` (symbolic)."""

    value: Expr
    symbol: str | None = None


@record(eq=False)
class InputStatement(AstNode):
    """`input image: [3, H=224, W=224]`"""

    name: str
    name_span: Span
    dimensions: tuple[Dimension, ...]


@record(eq=False)
class OutputStatement(AstNode):
    """`output name`, `output name = … when training`"""

    name: str
    name_span: Span
    expr: Expr | None
    training: bool


@record(eq=False)
class BareText(AstNode):
    """A string that is no docstring, where a statement is wanted: always an error, reported by the parser."""

    text: Text


@record(eq=False)
class Parameter(AstNode):
    """`depth: int = 3`"""

    name: str
    annotation: str | None
    default: Expr | None


@record(eq=False)
class Taken(AstNode):
    """A name of `takes`: `x`, `*rest`."""

    name: str
    star: bool


@record(eq=False)
class Function(AstNode):
    """`def f(x) = …`"""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    expr: Expr


Statement = (
    Flow | Assign | Let | Share | Default | Expect | InputStatement | OutputStatement | Function | Broken
)  # fmt: skip


# --- declarations of a file ----------------------------------------------------------------------------


@record(eq=False)
class ImportedName(AstNode):
    """`name`, `name as alias`"""

    name: str
    alias: str | None


@record(eq=False)
class Import(AstNode):
    """`from .a.b import x as y`; `module` is ("a", "b"), `dots` the number of leading dots."""

    module: tuple[str, ...]
    dots: int
    module_span: Span
    names: tuple[ImportedName, ...]


@record(eq=False)
class Block(AstNode):
    """`takes` is None where the block takes one tensor without naming it."""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    takes: tuple[Taken, ...] | None
    doc: str
    statements: tuple[Statement, ...]


@record(eq=False)
class Network(AstNode):
    """`network name(…) { … }`"""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    doc: str
    statements: tuple[Statement, ...]


@record(eq=False)
class Model(AstNode):
    """`model resnet50 = resnet(bottleneck, [3, 4, 6, 3]) { expect … }`; `expr` is a Name or a Call."""

    name: str
    name_span: Span
    expr: Expr
    expects: tuple[Expect, ...]


@record(eq=False)
class Entry(AstNode):
    """`shape = […]` in an `extern` block"""

    name: str
    name_span: Span
    value: Expr


@record(eq=False)
class Extern(AstNode):
    """`extern block name(…) { python = "…"; shape = […] }`"""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    takes: tuple[Taken, ...] | None
    doc: str
    entries: tuple[Entry, ...]


Declaration = Import | Block | Network | Model | Extern | Function | Let | Default | Broken


@record(eq=False)
class File(AstNode):
    """A whole text."""

    doc: str
    declarations: tuple[Declaration, ...]
