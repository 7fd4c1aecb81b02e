"""The abstract syntax: what a text says, with the place of each part. Nothing is evaluated here."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.source import Span


@dataclass(frozen=True, slots=True, eq=False)
class AstNode:
    span: Span


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Number(AstNode):
    """`64`, `7_978_856`, `0.5`, `3.8G`; `text` keeps the digits as written, which `~` needs."""

    value: int | float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Boolean(AstNode):
    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class Text(AstNode):
    """A string. `value` is what stands between the quotes, escapes resolved, braces as written.

    `parts` is the string cut at its braces: literal pieces (`{{` already one brace) and expressions. Only labels and
    `extern` use them; elsewhere `value` is the string. `parts` is empty if a brace does not hold an expression, and
    `fault` says why (message, place).
    """

    value: str
    parts: tuple[str | Expr, ...]
    fault: tuple[str, Span] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Extents(AstNode):
    """`1x7`"""

    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Name(AstNode):
    id: str


@dataclass(frozen=True, slots=True, eq=False)
class It(AstNode):
    """`it`: what arrives at the call in which it is written."""


@dataclass(frozen=True, slots=True, eq=False)
class In(AstNode):
    """`in`: the input of the block or network in whose text it stands."""


@dataclass(frozen=True, slots=True, eq=False)
class Blank(AstNode):
    """`_`"""


@dataclass(frozen=True, slots=True, eq=False)
class Star(AstNode):
    """`*xs` in a list or among arguments."""

    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class ListExpr(AstNode):
    items: tuple[Expr | Star, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Target(AstNode):
    """What `for` and `let` bind: one name (`_` included), or several, nested: `i, (a, b)`."""

    name: str | None
    parts: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ForClause(AstNode):
    target: Target
    iterable: Expr


@dataclass(frozen=True, slots=True, eq=False)
class IfClause(AstNode):
    condition: Expr


@dataclass(frozen=True, slots=True, eq=False)
class ListComprehension(AstNode):
    element: Expr
    clauses: tuple[ForClause | IfClause, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Unary(AstNode):
    """`-a`, `+a`, `not a`"""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Binary(AstNode):
    """`+ - * / // % **`. `layer * n` is a repetition; which one it is shows at evaluation."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Logical(AstNode):
    """`a and b and c` or `a or b`"""

    op: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Compare(AstNode):
    """`a < b <= c`; `ops` has one entry less than `operands`. Operators: == != < <= > >= in `not in`."""

    ops: tuple[str, ...]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Conditional(AstNode):
    """`then if condition else otherwise`"""

    then: Expr
    condition: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Index(AstNode):
    target: Expr
    index: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Slice(AstNode):
    target: Expr
    start: Expr | None
    stop: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Attribute(AstNode):
    """`t.shape`; `name_span` is the place of the name alone."""

    target: Expr
    name: str
    name_span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Argument(AstNode):
    """`value`, `name=value` or `*value` (star)."""

    value: Expr
    name: str | None = None
    name_span: Span | None = None
    star: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Call(AstNode):
    callee: Expr
    arguments: tuple[Argument, ...]


# --- the algebra of layers -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Pipeline(AstNode):
    """`a -> b -> c`: two elements or more."""

    elements: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Group(AstNode):
    """`( a )`"""

    inner: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Fork(AstNode):
    """`( a | b )`: two branches or more."""

    branches: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ForkComprehension(AstNode):
    """`( f(g) for g in xs )`"""

    element: Expr
    clauses: tuple[ForClause | IfClause, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled(AstNode):
    """`conv1: conv(64, 7)`, `"layer{i}": { … }`; `label` is a Text also where it was written as a name."""

    label: Text
    element: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Body(AstNode):
    """`{ … }` as an element: a scope of its own."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class IfArm(AstNode):
    condition: Expr
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class IfElement(AstNode):
    """`if c { … } elif d { … } else { … }`"""

    arms: tuple[IfArm, ...]
    otherwise: tuple[Statement, ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class ForElement(AstNode):
    """`for x in xs { … }`"""

    target: Target
    iterable: Expr
    statements: tuple[Statement, ...]


Expr = (
    Number | Boolean | Text | Extents | Name | It | In | Blank | ListExpr | ListComprehension | Unary | Binary | Logical
    | Compare | Conditional | Index | Slice | Attribute | Call | Pipeline | Group | Fork | ForkComprehension | Labelled
    | Body | IfElement | ForElement
)  # fmt: skip


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Flow(AstNode):
    """An element or pipeline applied to the current tensor."""

    expr: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Assign(AstNode):
    """`e1 = …`, `a, b = …`"""

    targets: tuple[Target, ...]
    expr: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Let(AstNode):
    target: Target
    expr: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Share(AstNode):
    name: str
    name_span: Span
    expr: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Default(AstNode):
    """`default conv(bias=false)`"""

    callee: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Expect(AstNode):
    """`expect condition, "message"`; with `about`, `expect condition ~ about`."""

    condition: Expr
    about: Number | None = None
    message: Text | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Dimension(AstNode):
    """A dimension of an input: `3`, `H=224` (symbolic)."""

    value: Expr
    symbol: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class InputStatement(AstNode):
    name: str
    name_span: Span
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OutputStatement(AstNode):
    name: str
    name_span: Span
    expr: Expr | None
    training: bool


@dataclass(frozen=True, slots=True, eq=False)
class BareText(AstNode):
    """A string that is no docstring, where a statement is wanted: always an error, reported by the parser."""

    text: Text


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(AstNode):
    """`depth: int = 3`"""

    name: str
    annotation: str | None
    default: Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Taken(AstNode):
    """A name of `takes`: `x`, `*rest`."""

    name: str
    star: bool


@dataclass(frozen=True, slots=True, eq=False)
class Function(AstNode):
    """`def f(x) = …`"""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    expr: Expr


Statement = Flow | Assign | Let | Share | Default | Expect | InputStatement | OutputStatement | Function


# --- declarations of a file ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class ImportedName(AstNode):
    name: str
    alias: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Import(AstNode):
    """`from .a.b import x as y`; `module` is ("a", "b"), `dots` the number of leading dots."""

    module: tuple[str, ...]
    dots: int
    module_span: Span
    names: tuple[ImportedName, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Block(AstNode):
    """`takes` is None where the block takes one tensor without naming it."""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    takes: tuple[Taken, ...] | None
    doc: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Network(AstNode):
    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    doc: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Model(AstNode):
    """`model resnet50 = resnet(bottleneck, [3, 4, 6, 3]) { expect … }`; `expr` is a Name or a Call."""

    name: str
    name_span: Span
    expr: Expr
    expects: tuple[Expect, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Extern(AstNode):
    """`extern block name(…) { python = "…"; shape = […] }`"""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    takes: tuple[Taken, ...] | None
    doc: str
    entries: tuple[tuple[str, Expr], ...]


Declaration = Import | Block | Network | Model | Extern | Function | Let | Default


@dataclass(frozen=True, slots=True, eq=False)
class File(AstNode):
    doc: str
    declarations: tuple[Declaration, ...]
