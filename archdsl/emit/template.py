"""The structure of a level with holes where instances may differ in numbers.

Templates are values: instances whose templates are equal share one class. A hole is the index of a slot; the
slots of an instance are its numbers in the order of the holes.
"""

from __future__ import annotations

from archdsl.emit.levels import Ref
from archdsl.graph.model import Module, Node, Tensor
from archdsl.records import record

Number = int | float | tuple[int | float, ...]


@record
class Hole:
    index: int


@record
class Fixed:
    """A constant that is part of the structure: a truth value, a word, None."""

    value: bool | str | None


@record
class Operand:
    """The i-th tensor that arrives."""

    index: int


@record
class OperandSpace:
    """The spatial sizes of the i-th tensor that arrives."""

    index: int


@record
class Operands:
    """A list of all tensors that arrive."""


@record
class OwnWeight:
    """The bare parameter of the step."""


@record
class Applied:
    function: str
    args: tuple[Expression, ...]
    kwargs: tuple[tuple[str, Expression], ...]
    target: Expression | None = None


@record
class Joined:
    op: str
    operands: tuple[Expression, ...]


@record
class Listed:
    """Members in brackets: a list, a tuple, or the pairs of a dict."""

    items: tuple[Expression, ...]
    pair: str = "[]"


@record
class Paired:
    """`key: value` in a dict."""

    key: Expression
    value: Expression


@record
class Cell:
    """A hole with what fills it: the numbers of all instances, and their growth in the loops around it."""

    vector: tuple[Number | None, ...]
    slot: Slot
    growth: tuple[tuple[tuple[Number | None, ...], int, Slot], ...] = ()  # with the depth of the loop
    courses: tuple[tuple[Power, int], ...] = ()  # likewise


@record
class Chosen:
    """One of two expressions."""

    when: Hole | Cell
    then: Expression
    other: Expression


Expression = (
    Hole
    | Cell
    | Fixed
    | Operand
    | OperandSpace
    | Operands
    | OwnWeight
    | Applied
    | Joined
    | Listed
    | Paired
    | Chosen
)


@record
class Initialised:
    """`nn.init.function(weight, …)`; the weight of a bare parameter is ""."""

    weight: str
    function: str
    kwargs: tuple[tuple[str, Expression], ...]


@record
class MadeLayer:
    call: Applied
    init: tuple[Initialised, ...]


@record
class MadeParameter:
    create: Expression
    init: tuple[Initialised, ...]


@record
class MadeLevel:
    """An instance of a generated class, by the number of the class."""

    number: int
    args: tuple[Hole | Cell, ...]
    checkpointed: bool = False


@record
class MadeChain:
    """An `nn.Sequential`; `numbered` if its keys are 0, 1, 2, …"""

    entries: tuple[Entry, ...]
    numbered: bool


@record
class MadeGroup:
    """One round of a loop that makes several children in turn."""

    entries: tuple[Entry, ...]


@record
class MadeChoice:
    """One of two children of a name; without the other one, what hands on what arrives."""

    when: Hole
    then: Made
    other: Made | None


Made = MadeLayer | MadeParameter | MadeLevel | MadeChain | MadeGroup | MadeChoice


@record
class Pattern:
    """Names that count: `prefix{i + start}suffix`."""

    prefix: str
    start: int
    suffix: str

    def name(self, i: int) -> str:
        return f"{self.prefix}{self.start + i}{self.suffix}"


@record
class Power:
    """Numbers of a run that are multiplied from each to the next: `start * base ** i`."""

    base: int

    def at(self, start: Number | None, turn: int) -> Number | None:
        """The number of a turn."""
        return start * self.base**turn if isinstance(start, int) else start


@record
class Run:
    """The holes of a run: its length, and how much each hole of `first` to `last` grows from one to the next.

    `courses` are those of holes that go on in another way.
    """

    first: int
    last: int
    count: Hole
    growth: tuple[Hole, ...]
    courses: tuple[Power | None, ...] = ()

    def course(self, hole: int) -> Power | None:
        """How a hole goes on, if it does not grow by the same."""
        inside = self.first <= hole < self.last and bool(self.courses)
        return self.courses[hole - self.first] if inside else None


@record
class Entry:
    """A child, or a run of equal ones. `name` is "" where position is the name. `when`: not all instances have it."""

    name: str | Pattern
    made: Made
    run: Run | None = None
    when: Hole | None = None


@record
class Place:
    """A module as a level sees it: its own entry, or one that it is given to call."""

    entry: int = -1
    given: int = -1


@record
class StepTemplate:
    """A call. `expression` is that of a function or a bare parameter, None for a module."""

    place: Place | None
    expression: Expression | None
    inputs: tuple[Ref, ...]
    outputs: int
    passed: tuple[Place, ...]  # modules that the inner level is given to call
    training: bool
    run: bool
    listed: bool  # what it gives is a list or tuple of one
    carried: tuple[int | None, ...] = ()  # of a run: for each input, the output that it is from the second on
    when: Hole | None = None  # not all instances take the step
    instead: Ref | None = None  # what those have that do not
    recomputed: bool = False  # for the backward pass of the step that reads it


@record
class Template:
    """What instances of one class have in common."""

    base: str  # "Module", "Sequential" or "ModuleList"
    numbered: bool  # the names of the children are their places
    entries: tuple[Entry, ...]
    steps: tuple[StepTemplate, ...]
    arguments: int
    given: int
    outputs: tuple[tuple[Ref, bool], ...]
    conditional: bool = False  # not all instances have all of it


@record
class Slot:
    """What a hole is called, for a constructor argument that must be made for it, and its usual value."""

    name: str
    owner: str  # the child that it belongs to
    default: Number | None = None
    forward: bool = False  # it stands in forward
    of_run: bool = False  # the length of a run, or a growth in it
    item: Module | Node | None = None  # what the text has there: of a run, the first member
    parameter: str = ""  # of an inner block: its parameter in the text
    tensor: Tensor | None = None  # of an inner block: what arrives, of which these are the channels
    before: Slot | None = None  # of a growth: the number in the member before
    after: Slot | None = None  # of the first member of a run: the number in the next one
    flag: bool = False  # a truth value
